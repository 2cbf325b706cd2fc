"""The values of rows for which one function or method will not do: over doubles, fractions and balls."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

# ---- doubles where `math` has no function, or only one that overflows


def atan2(y: float, x: float) -> float:
    if x == 0 == y:
        raise ValueError("atan2(0, 0) has no value")
    return math.atan2(y + 0.0, x)  # a real number has one zero: -0.0 becomes it


def hypot(x: float, y: float) -> float:
    length = math.hypot(x, y)
    if math.isinf(length):
        raise OverflowError("hypot is larger than any double")  # as every function of `math` but this one does
    return length


# ---- fractions


def rational_pow(x: Fraction, y: Fraction) -> Fraction:
    if y > 0 and x in (0, 1):
        return x
    whole = x.numerator.bit_length() + x.denominator.bit_length()
    if y.denominator > 1 or whole * abs(y) > 2**16:
        raise ArithmeticError("not rational, or too long")
    return Fraction(x ** int(y))


# ---- balls, where one method does not do. Which of two equal expressions is used may depend on the midpoint


def ball_floor(x: Any) -> Any:
    whole = x.floor()
    return whole if whole.unique_fmpz() is not None else type(x).nan()


def ball_sign(x: Any) -> Any:
    return x.sgn() if x.is_zero() or not x.contains(0) else type(x).nan()


def ball_pow(x: Any, y: Any) -> Any:
    if not x.contains(0) or (y.is_integer() and not y > 0):
        return x**y
    if not y > 0:
        return type(x).nan()
    if x.is_zero():
        return x
    # arb's power of a ball with the middle 0 is nan
    if y.is_integer() and y.unique_fmpz() % 2:
        return _odd_around_zero(x, lambda size: size**y)
    return type(x)(0).union(abs(x).upper() ** y)


def ball_cbrt(x: Any) -> Any:
    if x.contains(0):
        return _odd_around_zero(x, lambda size: size.root(3))
    return x.root(3) if x > 0 else -(-x).root(3)


def _odd_around_zero(x: Any, of_size: Callable[[Any], Any]) -> Any:
    """The values of an odd, increasing function on a ball that contains 0, given the function of a size."""
    low, high = -x.lower(), x.upper()
    return (-of_size(low) if low > 0 else type(x)(0)).union(of_size(high) if high > 0 else type(x)(0))


def ball_root(x: Any, n: Any) -> Any:
    if not n.is_integer() or n.unique_fmpz() % 2 == 0:
        return type(x).nan() if x < 0 else ball_pow(x, 1 / n)
    if x < 0:
        return -((-x) ** (1 / n))
    if x > 0 or x.is_zero():
        return ball_pow(x, 1 / n)
    return _odd_around_zero(x, lambda size: size ** (1 / n)) if n > 0 else type(x).nan()


def ball_atan2(y: Any, x: Any) -> Any:
    return type(x).nan() if x.is_zero() and y.is_zero() else type(y).atan2(y, x)


def between(low: int, high: int, function: Callable[[Any], Any], x: Any) -> Any:
    """A function over balls that grows or falls from one limit to another, also where `x` is unbounded."""
    if x.is_finite():
        return function(x)
    ends = type(x)(low), type(x)(high)
    return ends[1] if x > 0 else ends[0] if x < 0 else ends[0].union(ends[1]) if not x.is_nan() else x


def ball_sigmoid(x: Any) -> Any:
    if x.mid() >= 0:
        return 1 / (1 + (-x).exp())
    grown = x.exp()
    return grown / (1 + grown)


def ball_softplus(x: Any) -> Any:
    return x.exp().log1p() if x.mid() < 0 else x + (-x).exp().log1p()


def ball_logaddexp(x: Any, y: Any) -> Any:
    if x.mid() < y.mid():
        x, y = y, x
    return x + (y - x).exp().log1p()


def ball_lgamma(x: Any) -> Any:
    if x > 0:
        return x.lgamma()
    return (x.pi() / abs(x.sin_pi())).log() - (1 - x).lgamma()


_MOST_POLYGAMMA = 1_000  # beyond it takes flint seconds, which nothing can interrupt


def ball_polygamma(n: Any, x: Any) -> Any:
    from flint import acb, arb_series

    if not n.is_integer() or n < 0 or n > _MOST_POLYGAMMA:
        return type(x).nan()
    if x.mid() < 0:  # reflected: the series of cot(pi (x + t)) has the derivatives of the difference
        order = int(n.unique_fmpz())
        turned = arb_series([x, 1], prec=order + 1).cot_pi()[order] * x.pi() * x.fac_ui(order)
        return (-1) ** order * ball_polygamma(n, 1 - x) - turned
    return x.digamma() if n == 0 else acb(x).polygamma(acb(n)).real


def ball_sinc_derivative(n: Any, x: Any) -> Any:
    """`d^n/dx^n sinc(x)` is the real part of `i^n` times the integral of `t^n exp(i x t)` for t from 0 to 1."""
    from flint import acb

    if not n.is_integer() or n < 0:
        return type(x).nan()
    turn = (acb(1), acb(0, 1), acb(-1), acb(0, -1))[int(n.unique_fmpz()) % 4]
    return (turn * acb(0, x).hypgeom_1f1(n + 1, n + 2)).real / (n + 1)


def ball_beta(a: Any, b: Any) -> Any:
    return a.gamma() * b.gamma() * (a + b).rgamma() if a > 0 and b > 0 else type(a).nan()


def ball_binomial(n: Any, k: Any) -> Any:
    inside = n > -1 and k > -1 and n - k > -1
    return (n + 1).gamma() * (k + 1).rgamma() * (n - k + 1).rgamma() if inside else type(n).nan()


def ball_elliptic(m: Any, kind: str) -> Any:
    from flint import acb

    return getattr(acb(m), f"elliptic_{kind}")().real if m < 1 else type(m).nan()


def ball_lambertw(x: Any, k: Any) -> Any:
    if k.is_zero():
        return x.lambertw()
    return x.lambertw(-1) if (k + 1).is_zero() and x < 0 else x.nan()


def ball_betainc(a: Any, b: Any, x: Any) -> Any:
    from flint import acb

    return acb(x).beta_lower(acb(a), acb(b), regularized=True).real if a > 0 and b > 0 and 0 < x < 1 else x.nan()
