"""The values of rows for which one function or method will not do: over doubles, fractions and balls."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache
from operator import methodcaller
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


_LONGEST_WHOLE = 2**16  # bits of a whole number that is written out: flint ends the process where memory ends


def unique_whole(x: Any) -> int | None:
    """The only whole number in a ball; None where there is none, or several, or it is too long to write out."""
    if not abs(x) < type(x)(2) ** _LONGEST_WHOLE:
        return None
    if abs(x) < 2 or x.rad() > 1:  # flint ends the process at what is far nearer to 0 than any double
        least, most = x.lower().ceil(), x.upper().floor()
        return int(least.unique_fmpz()) if least == most and x.contains(least) else None
    whole = x.unique_fmpz()
    return None if whole is None else int(whole)


def _is_odd(n: Any) -> bool:
    return bool(n.is_integer()) and not (n / 2).is_integer()


def ball_floor(x: Any) -> Any:
    whole = x.floor()
    return whole if whole.is_integer() else type(x).nan()


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
    if _is_odd(y):
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
    if not _is_odd(n):
        return type(x).nan() if x < 0 else ball_pow(x, 1 / n)
    if x < 0:
        return -((-x) ** (1 / n))
    if x > 0 or x.is_zero():
        return ball_pow(x, 1 / n)
    return _odd_around_zero(x, lambda size: size ** (1 / n)) if n > 0 else type(x).nan()


def ball_hypot(x: Any, y: Any) -> Any:
    total = x * x + y * y
    return total.sqrt() if total > 0 or total.is_zero() else type(x)(0).union(abs(total).upper().sqrt())


def ball_atan2(y: Any, x: Any) -> Any:
    return type(x).nan() if x.is_zero() and y.is_zero() else type(y).atan2(y, x)


def between(low: int, high: int, name: str) -> Callable[[Any], Any]:
    """A method of balls that grows or falls from one limit to another, as a function also of what is unbounded."""
    of_finite = methodcaller(name)

    def function(x: Any) -> Any:
        if x.is_finite():
            return of_finite(x)
        ends = type(x)(low), type(x)(high)
        return ends[1] if x > 0 else ends[0] if x < 0 else ends[0].union(ends[1]) if not x.is_nan() else x

    return function


def ball_tanh_and_sech(x: Any) -> tuple[Any, Any]:
    sinh, cosh = x.sinh_cosh()
    return sinh / cosh, 1 / cosh


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


def ball_digamma(x: Any) -> Any:
    """Digamma, which grows between its poles; arb's, by reflection, knows nothing of a ball of some width below 0."""
    if x.rel_accuracy_bits() > _NARROW:
        return x.digamma()
    low, high = x.lower(), x.upper()
    apart = low > 0 or (low.floor() == high.floor() and low > low.floor())
    return low.digamma().union(high.digamma()) if apart else x.nan()


_NARROW = 30  # bits that are known of a number in a ball that its two ends tell little of


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


def ball_zeta(x: Any) -> Any:
    return _zeta(0, x)


def ball_zeta_derivative(n: Any, x: Any) -> Any:
    if not n.is_integer() or n < 0 or n > _MOST_POLYGAMMA:
        return type(x).nan()
    return _zeta(int(n.unique_fmpz()), x)


_REFLECTED, _NEAR_0 = -10, 30


def _zeta(n: int, x: Any) -> Any:
    from flint import arb_series

    if x.contains(1):  # the pole, which flint takes seconds to find
        return x.nan()
    if x > _REFLECTED:
        return _zeta_near_0(n, x) if abs(x) * 2**_NEAR_0 < 1 else _zeta_series(x, n)[n] * x.fac_ui(n)
    s = arb_series([x, 1], prec=n + 1)  # by the functional equation, whose factors are known beyond doubles, too
    beside = _zeta_series(1 - x, n)
    mirrored = arb_series([-c if k % 2 else c for k, c in enumerate(beside)], prec=n + 1)
    whole = 2 * ((s - 1) * (2 * x.pi()).log()).exp() * (s / 2).sin_pi() * (1 - s).gamma() * mirrored
    return whole[n] * x.fac_ui(n)


def _zeta_series(x: Any, n: int) -> list[Any]:
    """The coefficients of zeta about x. Far out all but the terms of 1 and 2 are less than twice that of 3: there
    `(log(k)/log(3))^n` is less than the root of `(k/3)^x`."""
    from flint import arb, arb_series

    if not x > 2000 + 10 * n:
        found = arb_series([x, 1], prec=n + 1).zeta()
        return [found[k] for k in range(n + 1)]
    log2, of3 = arb.const_log2(), (x * (arb(2) / 3).log()).exp()
    terms = [
        (-log2) ** k / arb.fac_ui(k) * (-x * log2).exp() * (1 + arb(0, 2) * (arb(3).log() / log2) ** k * of3)
        for k in range(n + 1)
    ]
    return [1 + terms[0], *terms[1:]]


@lru_cache(1024)
def _zeta_at_0(count: int, bits: int) -> list[Any]:
    from flint import arb

    return _zeta_series(arb(0), count)


def _zeta_near_0(n: int, x: Any) -> Any:
    """Where flint loses digits, by the coefficients at 0: those of `zeta(s) - 1/(s - 1)` are less than 1, by its
    maximum for abs(s) = 1, and those of zeta less than 2."""
    from flint import arb, ctx

    count = ctx.prec // _NEAR_0 + 2 + n
    known = _zeta_at_0(n + count, ctx.prec)
    terms = [known[k] * arb.fac_ui(k) / arb.fac_ui(k - n) * x ** (k - n) for k in range(n, n + count)]
    return sum(terms, arb(0, 4) * arb(n + count) ** n * abs(x) ** count)


def ball_sinc_derivative(n: Any, x: Any) -> Any:
    """`d^n/dx^n sinc(x)` is the real part of `i^n` times the integral of `t^n exp(i x t)` for t from 0 to 1."""
    from flint import acb

    if not n.is_integer() or n < 0 or unique_whole(n) is None:
        return type(x).nan()
    turn = (acb(1), acb(0, 1), acb(-1), acb(0, -1))[int(n.unique_fmpz()) % 4]
    return (turn * acb(0, x).hypgeom_1f1(n + 1, n + 2)).real / (n + 1)


def ball_beta(a: Any, b: Any) -> Any:
    return a.gamma() * b.gamma() * (a + b).rgamma() if a > 0 and b > 0 else type(a).nan()


def ball_gammalower(a: Any, x: Any, whole: Any, regularized: int) -> Any:
    """All of the gamma function, which is `whole`, below x. The series at 0 loses exp(x) and is slow for large x; the
    part above x is quick, and taken from the whole loses little unless a is much larger than x."""
    if not (a > 0 and x > 0):
        return type(x).nan()
    if x.mid() > 4000 or a.mid() < 3 * x.mid():
        return whole - x.gamma_upper(a, regularized)
    return x.gamma_lower(a, regularized)


def ball_binomial(n: Any, k: Any) -> Any:
    inside = n > -1 and k > -1 and n - k > -1
    return (n + 1).gamma() * (k + 1).rgamma() * (n - k + 1).rgamma() if inside else type(n).nan()


def ball_elliptic(m: Any, kind: str) -> Any:
    from flint import acb

    return getattr(acb(m), f"elliptic_{kind}")().real if m < 1 else type(m).nan()


def ball_elliptic_derivative(n: int, m: Any, kind: str) -> Any:
    """(pi/2) * (a)_n * (1/2)_n / n! * 2F1(a + n, 1/2 + n; 1 + n; m), which is the n-th derivative of the integrals as
    series in m, with a = 1/2 for the first kind and -1/2 for the second."""
    a, half = type(m)(0.5 if kind == "k" else -0.5), type(m)(0.5)
    front = a.rising(n) * half.rising(n) / m.fac_ui(n) * m.pi() / 2
    return front * m.hypgeom_2f1(a + n, half + n, type(m)(1 + n)) if m < 1 else m.nan()


def ball_lambertw(x: Any, k: Any) -> Any:
    if k.is_zero():
        return x.lambertw()
    return x.lambertw(-1) if (k + 1).is_zero() and x < 0 else x.nan()


def ball_betainc(a: Any, b: Any, x: Any) -> Any:
    """Beyond the middle by `I_x(a, b) = 1 - I_(1 - x)(b, a)`, as flint's series takes long beside 1 and says little."""
    from flint import acb

    if not (a > 0 and b > 0 and 0 < x < 1):
        return x.nan()
    if x * (a + b + 2) > a + 1:
        return 1 - acb(1 - x).beta_lower(acb(b), acb(a), regularized=True).real
    return acb(x).beta_lower(acb(a), acb(b), regularized=True).real


def ball_besselk(n: Any, x: Any) -> Any:
    """Of a small whole order from that of order 0, as the limit that flint takes for others takes it long: by
    `I0*K1 + I1*K0 = 1/x`, and upwards by the recurrence, in which all is positive. So beside such an order m, too,
    where `K_(m + d)` differs from `K_m` by no more than the factor `(K_(m + 1)/K_m)^abs(d)`, as its logarithm is convex
    in the order."""
    from flint import ctx

    if not x > 0:  # flint takes long to say that there is no value
        return x.nan()
    kind, size = type(x), abs(n)
    order = unique_whole((size + 0.5).floor())
    if order is None or order > _MOST_ORDER or not abs(size - order) < kind(2) ** -(ctx.prec // 2):
        return x.bessel_k(n)
    if order == 0 and n.is_zero():
        return x.bessel_k(n)
    before, low, high = x.bessel_k(kind(0)), x.bessel_i(kind(0)), x.bessel_i(kind(1))
    found, following = before, (1 / x - high * before) / low
    for k in range(1, order + 1):
        found, following = following, found + 2 * k / x * following
    if not (size - order).is_zero():
        found *= ((following / found).log() * kind(0, abs(size - order).upper())).exp()
    return found if found.is_finite() else x.bessel_k(n)


_MOST_ORDER = 30
