"""The table: everything the program knows of a function is one row of `TABLE`.

The laws of the table:

1. `partials` are formulas in our own notation, one for each parameter. They may mention the parameters, `out` (the
   function's value) and any row. `None` stands for a parameter that must be constant.
2. `value` is the function over floats. A row without one is its definition if it is not smooth, and is else computed in
   balls and rounded. So are the partials of a row that says `rounded`: there double arithmetic would lose digits.
3. `ball` is the function over `flint.arb`. A row without one has a `definition` in our own notation. `rational` is the
   function over fractions, where it stays among them: by it, equal quantities are known to be equal.
4. `sympy` names sympy's own function. A row without one is handed to sympy by its definition.
5. A row that is not `smooth` has a definition by `if`, comparisons and `floor`, whose branches are smooth: it is
   what a kink is studied by. Its partials hold everywhere else; at a kink they give the minimum-norm subgradient.
6. A row without partials is nothing but its definition.
7. `domain` is a condition on the parameters, in our own notation; outside it there is no value.

The parser's names, `Value`'s methods, reverse mode, balls, the symbolic side, printing, help, and the tests all come
from here, so adding a function is adding a row.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from .formula import Function

__all__ = ["CONSTANTS", "RESERVED", "TABLE", "YIELDING", "Function"]

# ---- doubles where `math` has no function, or only one that overflows


def _atan2(y: float, x: float) -> float:
    if x == 0 == y:
        raise ValueError("atan2(0, 0) has no value")
    return math.atan2(y + 0.0, x)  # a real number has one zero: -0.0 becomes it


def _hypot(x: float, y: float) -> float:
    length = math.hypot(x, y)
    if math.isinf(length):
        raise OverflowError("hypot is larger than any double")  # as every function of `math` but this one does
    return length


# ---- fractions


def _rational_pow(x: Fraction, y: Fraction) -> Fraction:
    if y > 0 and x in (0, 1):
        return x
    whole = x.numerator.bit_length() + x.denominator.bit_length()
    if y.denominator > 1 or whole * abs(y) > 2**16:
        raise ArithmeticError("not rational, or too long")
    return Fraction(x ** int(y))


# ---- balls, where one method does not do. Which of two equal expressions is used may depend on the midpoint


def _ball_floor(x: Any) -> Any:
    whole = x.floor()
    return whole if whole.unique_fmpz() is not None else type(x).nan()


def _ball_sign(x: Any) -> Any:
    return x.sgn() if x.is_zero() or not x.contains(0) else type(x).nan()


def _ball_pow(x: Any, y: Any) -> Any:
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


def _ball_cbrt(x: Any) -> Any:
    if x.contains(0):
        return _odd_around_zero(x, lambda size: size.root(3))
    return x.root(3) if x > 0 else -(-x).root(3)


def _odd_around_zero(x: Any, of_size: Callable[[Any], Any]) -> Any:
    """The values of an odd, increasing function on a ball that contains 0, given the function of a size."""
    low, high = -x.lower(), x.upper()
    return (-of_size(low) if low > 0 else type(x)(0)).union(of_size(high) if high > 0 else type(x)(0))


def _ball_root(x: Any, n: Any) -> Any:
    if not n.is_integer() or n.unique_fmpz() % 2 == 0:
        return type(x).nan() if x < 0 else _ball_pow(x, 1 / n)
    if x < 0:
        return -((-x) ** (1 / n))
    if x > 0 or x.is_zero():
        return _ball_pow(x, 1 / n)
    return _odd_around_zero(x, lambda size: size ** (1 / n)) if n > 0 else type(x).nan()


def _ball_atan2(y: Any, x: Any) -> Any:
    return type(x).nan() if x.is_zero() and y.is_zero() else type(y).atan2(y, x)


def _ball_sigmoid(x: Any) -> Any:
    if x.mid() >= 0:
        return 1 / (1 + (-x).exp())
    grown = x.exp()
    return grown / (1 + grown)


def _ball_softplus(x: Any) -> Any:
    return x.exp().log1p() if x.mid() < 0 else x + (-x).exp().log1p()


def _ball_logaddexp(x: Any, y: Any) -> Any:
    if x.mid() < y.mid():
        x, y = y, x
    return x + (y - x).exp().log1p()


def _ball_lgamma(x: Any) -> Any:
    if x > 0:
        return x.lgamma()
    return (x.pi() / abs(x.sin_pi())).log() - (1 - x).lgamma()


_MOST_POLYGAMMA = 1_000  # beyond it takes flint seconds, which nothing can interrupt


def _ball_polygamma(n: Any, x: Any) -> Any:
    from flint import acb, arb_series

    if not n.is_integer() or n < 0 or n > _MOST_POLYGAMMA:
        return type(x).nan()
    if x.mid() < 0:  # reflected: the series of cot(pi (x + t)) has the derivatives of the difference
        order = int(n.unique_fmpz())
        turned = arb_series([x, 1], prec=order + 1).cot_pi()[order] * x.pi() * x.fac_ui(order)
        return (-1) ** order * _ball_polygamma(n, 1 - x) - turned
    return x.digamma() if n == 0 else acb(x).polygamma(acb(n)).real


def _ball_sinc_derivative(n: Any, x: Any) -> Any:
    """`d^n/dx^n sinc(x)` is the real part of `i^n` times the integral of `t^n exp(i x t)` for t from 0 to 1."""
    from flint import acb

    if not n.is_integer() or n < 0:
        return type(x).nan()
    turn = (acb(1), acb(0, 1), acb(-1), acb(0, -1))[int(n.unique_fmpz()) % 4]
    return (turn * acb(0, x).hypgeom_1f1(n + 1, n + 2)).real / (n + 1)


def _ball_beta(a: Any, b: Any) -> Any:
    return a.gamma() * b.gamma() * (a + b).rgamma() if a > 0 and b > 0 else type(a).nan()


def _ball_binomial(n: Any, k: Any) -> Any:
    inside = n > -1 and k > -1 and n - k > -1
    return (n + 1).gamma() * (k + 1).rgamma() * (n - k + 1).rgamma() if inside else type(n).nan()


def _ball_lambertw(x: Any, k: Any) -> Any:
    if k.is_zero():
        return x.lambertw()
    return x.lambertw(-1) if (k + 1).is_zero() and x < 0 else x.nan()


def _ball_betainc(a: Any, b: Any, x: Any) -> Any:
    from flint import acb

    return acb(x).beta_lower(acb(a), acb(b), regularized=True).real if a > 0 and b > 0 and 0 < x < 1 else x.nan()


def _ball_elliptic(m: Any, kind: str) -> Any:
    from flint import acb

    return getattr(acb(m), f"elliptic_{kind}")().real if m < 1 else type(m).nan()


_ANY = (-3.0, 3.0)
_POSITIVE = (0.1, 4.0)
_INSIDE = (-0.95, 0.95)
_PAIR = (_ANY, _ANY)

_ROWS = (
    # ---- operators
    Function("x or y", "either condition", latex=r"@x \vee @y",
        binding=1, condition=True, rational=lambda x, y: x or y, smooth=False),
    Function("x and y", "both conditions", latex=r"@x \wedge @y",
        binding=2, condition=True, rational=lambda x, y: x and y, smooth=False),
    Function("not x", "the opposite condition", latex=r"\neg @x",
        binding=3, condition=True, rational=operator.not_, smooth=False),
    Function("x < y", "less", latex=r"@x < @y",
        binding=4, condition=True, value=operator.lt, rational=operator.lt, smooth=False),
    Function("x <= y", "less or equal", latex=r"@x \leq @y",
        binding=4, condition=True, value=operator.le, rational=operator.le,
        smooth=False),
    Function("x > y", "greater", latex=r"@x > @y",
        binding=4, condition=True, value=operator.gt, rational=operator.gt, smooth=False),
    Function("x >= y", "greater or equal", latex=r"@x \geq @y",
        binding=4, condition=True, value=operator.ge, rational=operator.ge,
        smooth=False),
    Function("x == y", "equal", latex=r"@x = @y",
        binding=4, condition=True, value=operator.eq, rational=operator.eq, smooth=False),
    Function("x != y", "not equal", latex=r"@x \neq @y",
        binding=4, condition=True, value=operator.ne, rational=operator.ne, smooth=False),
    Function("x + y", "sum", binding=5, example=("1 + 2", "3"), value=operator.add, ball=operator.add,
        rational=operator.add, sympy="Add", partials=("1", "1"), sample=_PAIR),
    Function("x - y", "difference", binding=5, example=("1 - 2", "-1"), value=operator.sub, ball=operator.sub,
        rational=operator.sub, partials=("1", "-1"), definition="x + (-1)*y", sample=_PAIR),
    Function("x * y", "product", binding=6, example=("2*3", "6"), value=operator.mul, ball=operator.mul,
        rational=operator.mul, sympy="Mul", partials=("y", "x"), sample=_PAIR),
    Function("x / y", "quotient", binding=6, example=("1/4", "0.25"), value=operator.truediv, ball=operator.truediv,
        rational=operator.truediv, partials=("1/y", "-out/y"), taught=("1/y", "-x/y^2"), domain="y != 0",
        needs="division by zero", definition="x*y^(-1)", sample=(_ANY, _POSITIVE)),
    Function("-x", "minus", name="neg", binding=7, example=("-(2)", "-2"), value=operator.neg, ball=operator.neg,
        rational=operator.neg, partials=("-1",), definition="(-1)*x"),
    Function("x^y", "power, 0^0 = 1", binding=8, example=("2^10", "1024"), value=math.pow, ball=_ball_pow,
        rational=_rational_pow, sympy="Pow",
        partials=("if(y == 0 and x == 0, 0, y*x^(y - 1))", "if(x == 0 and y > 0, 0, out*log(x))"),
        domain="y == floor(y) and (y >= 0 or x != 0) or x > 0 or x == 0 and y > 0",
        needs="a power x^y needs x > 0, an integer y, or x = 0 and y > 0", rounded=True, pole=math.inf,
        sample=(_POSITIVE, _ANY)),
    Function("x!", "factorial, gamma(x + 1)", latex=r"@x!", name="factorial", binding=9, example=("5!", "120"),
        ball=lambda x: (x + 1).gamma(), sympy="factorial", partials=("out*digamma(x + 1)",),
        domain="x > -1 or x != floor(x)", needs="x! needs an x that is not a negative integer", rounded=True,
        sample=((0.0, 5.0),)),
    Function("if(condition, a, b)", "a where the condition holds, else b", example=("if(2 > 1, 3, 4)", "3"),
        smooth=False),
    Function("diff(formula, x)", "the derivative of the formula with respect to x", example=("diff(1^2, y)", "0")),
    Function("diff(formula, x, n)", "the n-th derivative", name="diff_n", example=("diff(2, y, 3)", "0")),
    # ---- exponentials, logarithms, roots
    Function("exp(x)", "exponential", latex=r"e^{@x}",
        example=("exp(1)", "2.718281828"), value=math.exp, ball=lambda x: x.exp(),
        sympy="exp", partials=("out",)),
    Function("log(x)", "natural logarithm", latex=r"\log",
        example=("log(10)", "2.302585093"), aliases=("ln",), value=math.log,
        ball=lambda x: x.log(), sympy="log", partials=("1/x",), domain="x > 0", pole=-math.inf, sample=(_POSITIVE,)),
    Function("log2(x)", "logarithm to base 2", latex=r"\log_{2}", example=("log2(8)", "3"), value=math.log2,
        ball=lambda x: x.log() / x.const_log2(), partials=("1/log(2)/x",), taught=("1/(x*log(2))",), domain="x > 0",
        definition="log(x)/log(2)", sample=(_POSITIVE,)),
    Function("log10(x)", "logarithm to base 10", latex=r"\log_{10}", example=("log10(1000)", "3"), value=math.log10,
        ball=lambda x: x.log() / x.const_log10(), partials=("1/log(10)/x",), taught=("1/(x*log(10))",), domain="x > 0",
        definition="log(x)/log(10)", sample=(_POSITIVE,)),
    Function("log(x, base)", "logarithm to a base", latex=r"\log_{@base}\left(@x\right)",
        name="log_base", example=("log(8, 2)", "3"),
        value=lambda x, base: math.log(x) / math.log(base), partials=("1/log(base)/x", "-out/log(base)/base"),
        taught=("1/(x*log(base))", "-log(x)/(base*log(base)^2)"), domain="x > 0 and base > 0 and base != 1",
        definition="log(x)/log(base)", sample=(_POSITIVE, (1.5, 12.0))),
    Function("log1p(x)", "log(1 + x), right near 0", example=("log1p(1e-20)", "1e-20"), value=math.log1p,
        ball=lambda x: x.log1p(), partials=("1/(1 + x)",), domain="x > -1", definition="log(1 + x)",
        sample=((-0.9, 4.0),)),
    Function("expm1(x)", "exp(x) - 1, right near 0", example=("expm1(1e-20)", "1e-20"), value=math.expm1,
        ball=lambda x: x.expm1(), partials=("exp(x)",), definition="exp(x) - 1"),
    Function("sqrt(x)", "square root", latex=r"\sqrt{@x}",
        example=("sqrt(2)", "1.414213562"), value=math.sqrt, ball=lambda x: x.sqrt(),
        sympy="sqrt", partials=("1/(2*out)",), domain="x >= 0", definition="x^(1/2)", sample=(_POSITIVE,)),
    Function("cbrt(x)", "cube root", latex=r"\sqrt[3]{@x}",
        example=("cbrt(-8)", "-2"), value=math.cbrt, ball=_ball_cbrt,
        partials=("1/(3*out^2)",), definition="sign(x)*abs(x)^(1/3)", rounded=True, sample=(_POSITIVE,)),
    # 0*log(x): for x < 0 only odd n have a root, so that there is no derivative by n
    Function("root(x, n)", "n-th root", latex=r"\sqrt[@n]{@x}", example=("root(32, 5)", "2"), ball=_ball_root,
        partials=("if(x == 0, x^(1/n - 1)/n, out/n/x)", "if(x == 0, 0, -out*log(abs(x) + 0*log(x))/n/n)"),
        domain="n != 0 and (x > 0 or x == 0 and n > 0 or x < 0 and n == floor(n) and mod(n, 2) == 1)",
        needs="root(x, n) needs x > 0, or x < 0 and an odd n", definition="if(x >= 0, x^(1/n), -(-x)^(1/n))",
        rounded=True, array="definition", sample=(_POSITIVE, (1.5, 5.0))),
    # ---- absolute value, sign, rounding, choice
    Function("abs(x)", "absolute value", latex=r"\left|@x\right|",
        example=("abs(-3)", "3"), aliases=("absolute", "fabs"), value=math.fabs, array="numpy.absolute",
        ball=abs, sympy="Abs", partials=("sign(x)",), definition="if(x >= 0, x, -x)", smooth=False),
    Function("sign(x)", "-1, 0 or 1", example=("sign(-3)", "-1"), value="if(x > 0, 1, if(x < 0, -1, 0))",
        array="numpy.sign", ball=_ball_sign, sympy="sign", partials=("0",), definition="if(x > 0, 1, if(x < 0, -1, 0))",
        smooth=False),
    Function("step(x)", "0 below 0, else 1", example=("step(2)", "1"), aliases=("heaviside",), partials=("0",),
        definition="if(x >= 0, 1, 0)", smooth=False),
    Function("floor(x)", "largest integer not above x", latex=r"\left\lfloor @x\right\rfloor",
        example=("floor(-1.5)", "-2"),
        value=lambda x: float(math.floor(x)), array="numpy.floor", ball=_ball_floor, rational=math.floor, sympy="floor",
        partials=("0",), smooth=False),
    Function("ceil(x)", "smallest integer not below x", latex=r"\left\lceil @x\right\rceil",
        example=("ceil(-1.5)", "-1"),
        value=lambda x: float(math.ceil(x)), array="numpy.ceil", partials=("0",), definition="-floor(-x)",
        smooth=False),
    Function("round(x)", "nearest integer, halves away from 0", example=("round(2.5)", "3"),
        value="if(abs(x - trunc(x)) >= 0.5, trunc(x) + sign(x), trunc(x))", partials=("0",),
        definition="if(x >= 0, floor(x + 1/2), -floor(1/2 - x))", smooth=False),
    Function("trunc(x)", "integer part, towards 0", example=("trunc(-1.5)", "-1"), value=lambda x: float(math.trunc(x)),
        array="numpy.trunc", partials=("0",), definition="if(x > -1 and x < 1, 0, if(x > 0, floor(x), -floor(-x)))",
        smooth=False),
    Function("frac(x)", "x - floor(x)", example=("frac(-1.25)", "0.75"), value="x - floor(x)",
        partials=("1",), definition="x - floor(x)", smooth=False),
    Function("mod(x, y)", "remainder with the sign of y", example=("mod(-7, 3)", "2"), value=operator.mod,
        array="numpy.mod", partials=("1", "(out - x)/y"), domain="y != 0", definition="x - y*floor(x/y)", rounded=True,
        smooth=False, sample=(_ANY, _POSITIVE)),
    Function("min(x, y, ...)", "the smallest", latex=r"\min",
        example=("min(3, 1, 2)", "1"), value=min, array="numpy.minimum",
        partials=("if(x == out, tie, 0)",), definition="if(x <= y, x, y)", smooth=False, sample=_PAIR),
    Function("max(x, y, ...)", "the largest", latex=r"\max",
        example=("max(3, 1, 2)", "3"), value=max, array="numpy.maximum",
        partials=("if(x == out, tie, 0)",), definition="if(x >= y, x, y)", smooth=False, sample=_PAIR),
    Function("clamp(x, lower, upper)", "x kept between two bounds", example=("clamp(5, 0, 1)", "1"), aliases=("clip",),
        definition="min(max(x, lower), upper)", smooth=False, sample=(_ANY, (-1.0, -0.5), (0.5, 1.0))),
    # ---- trigonometry
    Function("sin(x)", "sine", latex=r"\sin",
        example=("sin(pi/6)", "0.5"), value=math.sin, ball=lambda x: x.sin(), sympy="sin",
        partials=("cos(x)",)),
    Function("cos(x)", "cosine", latex=r"\cos",
        example=("cos(pi/3)", "0.5"), value=math.cos, ball=lambda x: x.cos(), sympy="cos",
        partials=("-sin(x)",)),
    Function("tan(x)", "tangent", latex=r"\tan",
        example=("tan(pi/4)", "1"), value=math.tan, ball=lambda x: x.tan(), sympy="tan",
        partials=("1 + out^2",), domain="cos(x) != 0", sample=((-1.4, 1.4),)),
    Function("sec(x)", "secant, 1/cos(x)", latex=r"\sec", example=("sec(pi/3)", "2"), value="1/cos(x)",
        ball=lambda x: x.sec(), sympy="sec", partials=("out*tan(x)",), domain="cos(x) != 0", sample=((-1.4, 1.4),)),
    Function("csc(x)", "cosecant, 1/sin(x)", latex=r"\csc", example=("csc(pi/6)", "2"), value="1/sin(x)",
        ball=lambda x: x.csc(), sympy="csc", partials=("-out*cot(x)",), domain="sin(x) != 0", sample=((0.1, 3.0),)),
    Function("cot(x)", "cotangent, 1/tan(x)", latex=r"\cot", example=("cot(pi/4)", "1"), value="1/tan(x)",
        ball=lambda x: x.cot(), sympy="cot", partials=("-(1 + out^2)",), domain="sin(x) != 0", sample=((0.1, 3.0),)),
    Function("asin(x)", "inverse sine", latex=r"\arcsin",
        example=("asin(1)", "1.570796327"), aliases=("arcsin",), value=math.asin,
        array="numpy.arcsin", ball=lambda x: x.asin(), sympy="asin", partials=("1/sqrt((1 - x)*(1 + x))",),
        taught=("1/sqrt(1 - x^2)",), domain="x >= -1 and x <= 1", sample=(_INSIDE,)),
    Function("acos(x)", "inverse cosine", latex=r"\arccos",
        example=("acos(0)", "1.570796327"), aliases=("arccos",), value=math.acos,
        array="numpy.arccos", ball=lambda x: x.acos(), sympy="acos", partials=("-1/sqrt((1 - x)*(1 + x))",),
        taught=("-1/sqrt(1 - x^2)",), domain="x >= -1 and x <= 1", sample=(_INSIDE,)),
    Function("atan(x)", "inverse tangent", latex=r"\arctan",
        example=("atan(1)", "0.7853981634"), aliases=("arctan",), value=math.atan,
        array="numpy.arctan", ball=lambda x: x.atan(), sympy="atan", partials=("(1/hypot(1, x))^2",),
        taught=("1/(1 + x^2)",)),
    Function("atan2(y, x)", "angle of the point (x, y)", example=("atan2(1, -1)", "2.35619449"), aliases=("arctan2",),
        value=_atan2, array="numpy.arctan2", ball=_ball_atan2, sympy="atan2",
        partials=("x/hypot(x, y)/hypot(x, y)", "-y/hypot(x, y)/hypot(x, y)"),
        taught=("x/(x^2 + y^2)", "-y/(x^2 + y^2)"), domain="x != 0 or y != 0", needs="atan2(0, 0) has no value",
        definition="if(x > 0.618*abs(y), atan(y/x), "
        "if(-x > 0.618*abs(y), if(y >= 0, pi + atan(y/x), atan(y/x) - pi), "
        "if(y > 0, pi/2 - atan(x/y), -pi/2 - atan(x/y))))",
        rounded=True, smooth=False, sample=(_ANY, _POSITIVE)),
    Function("asec(x)", "inverse secant, acos(1/x)", example=("asec(2)", "1.047197551"), aliases=("arcsec",),
        ball=lambda x: (1 / x).acos(), sympy="asec", partials=("1/x/x/sqrt((x - 1)/x*((x + 1)/x))",),
        taught=("1/(abs(x)*sqrt(x^2 - 1))",), domain="x >= 1 or x <= -1", rounded=True, sample=((1.1, 5.0),)),
    Function("acsc(x)", "inverse cosecant, asin(1/x)", example=("acsc(2)", "0.5235987756"), aliases=("arccsc",),
        ball=lambda x: (1 / x).asin(), sympy="acsc", partials=("-1/x/x/sqrt((x - 1)/x*((x + 1)/x))",),
        taught=("-1/(abs(x)*sqrt(x^2 - 1))",), domain="x >= 1 or x <= -1", rounded=True, sample=((1.1, 5.0),)),
    Function("acot(x)", "inverse cotangent, atan(1/x), pi/2 at 0", example=("acot(1)", "0.7853981634"),
        aliases=("arccot",), partials=("-(1/hypot(1, x))^2",), taught=("-1/(1 + x^2)",),
        value=lambda x: math.atan(1 / x) if x else math.pi / 2, sympy="acot",
        definition="if(x >= 0, pi/2 - atan(x), -pi/2 - atan(x))", smooth=False, sample=(_POSITIVE,)),
    Function("sinpi(x)", "sin(pi*x)", example=("sinpi(1/6)", "0.5"), ball=lambda x: x.sin_pi(), rounded=True,
        value="(1 - 2*mod(round(x), 2))*sin(pi*(x - round(x)))",
        partials=("pi*cospi(x)",), definition="sin(pi*x)"),
    Function("cospi(x)", "cos(pi*x)", example=("cospi(1/3)", "0.5"), ball=lambda x: x.cos_pi(), rounded=True,
        value="(1 - 2*mod(round(x), 2))*sin(pi*(0.5 - abs(x - round(x))))",
        partials=("-pi*sinpi(x)",), definition="cos(pi*x)"),
    # ---- hyperbolic functions
    Function("sinh(x)", "hyperbolic sine", latex=r"\sinh",
        example=("sinh(1)", "1.175201194"), value=math.sinh, ball=lambda x: x.sinh(),
        sympy="sinh", partials=("cosh(x)",)),
    Function("cosh(x)", "hyperbolic cosine", latex=r"\cosh", example=("cosh(1)", "1.543080635"), value=math.cosh,
        ball=lambda x: x.cosh(), sympy="cosh", partials=("sinh(x)",)),
    Function("tanh(x)", "hyperbolic tangent", latex=r"\tanh", example=("tanh(1)", "0.761594156"), value=math.tanh,
        ball=lambda x: x.tanh(), sympy="tanh", partials=("sech(x)^2",), taught=("1 - out^2",)),
    Function("sech(x)", "1/cosh(x)", example=("sech(0)", "1"), value="2*exp(-abs(x))/(1 + exp(-abs(x))*exp(-abs(x)))",
        ball=lambda x: x.sech(), sympy="sech", partials=("-out*tanh(x)",)),
    Function("csch(x)", "1/sinh(x)", example=("csch(1)", "0.8509181282"),
        value="-2*sign(x)*exp(-abs(x))/expm1(-2*abs(x))", ball=lambda x: x.csch(), sympy="csch",
        partials=("-out*coth(x)",), domain="x != 0", rounded=True, sample=(_POSITIVE,)),
    Function("coth(x)", "1/tanh(x)", latex=r"\coth", example=("coth(1)", "1.313035285"), value="1/tanh(x)",
        ball=lambda x: x.coth(), sympy="coth", partials=("-csch(x)^2",), domain="x != 0", rounded=True,
        sample=(_POSITIVE,)),
    Function("asinh(x)", "inverse hyperbolic sine", example=("asinh(1)", "0.881373587"), aliases=("arcsinh",),
        value=math.asinh, array="numpy.arcsinh", ball=lambda x: x.asinh(), sympy="asinh", partials=("1/hypot(1, x)",),
        taught=("1/sqrt(1 + x^2)",)),
    Function("acosh(x)", "inverse hyperbolic cosine", example=("acosh(2)", "1.316957897"), aliases=("arccosh",),
        value=math.acosh, array="numpy.arccosh", ball=lambda x: x.acosh(), sympy="acosh",
        partials=("1/(sqrt(x - 1)*sqrt(x + 1))",), taught=("1/sqrt(x^2 - 1)",), domain="x >= 1", sample=((1.1, 5.0),)),
    Function("atanh(x)", "inverse hyperbolic tangent", example=("atanh(0.5)", "0.5493061443"), aliases=("arctanh",),
        value=math.atanh, array="numpy.arctanh", ball=lambda x: x.atanh(), sympy="atanh",
        partials=("1/((1 - x)*(1 + x))",), taught=("1/(1 - x^2)",), domain="x > -1 and x < 1", sample=(_INSIDE,)),
    Function("hypot(x, y)", "sqrt(x^2 + y^2)", example=("hypot(3, 4)", "5"), value=_hypot, array="numpy.hypot",
        partials=("x/out", "y/out"), definition="sqrt(x^2 + y^2)", rounded=True, sample=(_POSITIVE, _POSITIVE)),
    # ---- machine learning
    Function("sigmoid(x)", "1/(1 + exp(-x))", example=("sigmoid(0)", "0.5"), aliases=("expit",),
        value="if(x >= 0, 1, exp(-abs(x)))/(1 + exp(-abs(x)))", ball=_ball_sigmoid, partials=("out*sigmoid(-x)",),
        taught=("out*(1 - out)",), definition="1/(1 + exp(-x))"),
    Function("relu(x)", "x above 0, else 0", example=("relu(2)", "2"), partials=("if(x > 0, 1, 0)",),
        definition="if(x > 0, x, 0)", smooth=False),
    Function("leaky_relu(x)", "x above 0, else 0.01*x", example=("leaky_relu(-2)", "-0.02"),
        partials=("if(x > 0, 1, 0.01)",), definition="if(x > 0, x, 0.01*x)", smooth=False),
    Function("elu(x)", "x above 0, else exp(x) - 1", example=("elu(-1)", "-0.6321205588"),
        partials=("if(x > 0, 1, exp(x))",), definition="if(x > 0, x, expm1(x))", smooth=False),
    Function("softplus(x)", "log(1 + exp(x))", example=("softplus(0)", "0.6931471806"),
        value="max(x, 0) + log1p(exp(-abs(x)))", ball=_ball_softplus, partials=("sigmoid(x)",),
        definition="log(1 + exp(x))"),
    Function("gelu(x)", "x*normcdf(x)", example=("gelu(1)", "0.8413447461"), partials=("normcdf(x) + x*normpdf(x)",),
        definition="x*normcdf(x)", rounded=True, array="definition"),
    Function("silu(x)", "x*sigmoid(x)", example=("silu(1)", "0.7310585786"), aliases=("swish",),
        value="if(x > -700, x/(1 + exp(-x)), x*exp(x/2)*exp(x/2))", partials=("sigmoid(x)*(1 + x*sigmoid(-x))",),
        taught=("out + sigmoid(x)*(1 - out)",), definition="x*sigmoid(x)", rounded=True),
    Function("logit(x)", "log(x/(1 - x))", example=("logit(0.75)", "1.098612289"),
        value="if(x >= 0.25 and x <= 0.75, 2*atanh(2*x - 1), log(x) - log1p(-x))", partials=("1/(x*(1 - x))",),
        domain="x > 0 and x < 1", definition="log(x/(1 - x))", sample=((0.05, 0.95),)),
    Function("logaddexp(x, y)", "log(exp(x) + exp(y))", example=("logaddexp(0, 0)", "0.6931471806"),
        array="numpy.logaddexp", ball=_ball_logaddexp, partials=("sigmoid(x - y)", "sigmoid(y - x)"),
        definition="log(exp(x) + exp(y))", rounded=True, sample=_PAIR),
    Function("mish(x)", "x*tanh(softplus(x))", example=("mish(1)", "0.8650983883"), rounded=True,
        partials=("tanh(softplus(x)) + x*sigmoid(x)*sech(softplus(x))^2",), definition="x*tanh(softplus(x))",
        array="definition"),
    Function("hardtanh(x)", "x kept between -1 and 1", example=("hardtanh(3)", "1"), smooth=False,
        partials=("if(x > -1 and x < 1, 1, 0)",), definition="if(x > 1, 1, if(x < -1, -1, x))"),
    Function("softsign(x)", "x/(1 + abs(x))", example=("softsign(3)", "0.75"), value=lambda x: x / (1 + abs(x)),
        partials=("(1/(1 + abs(x)))^2",), definition="if(x >= 0, x/(1 + x), x/(1 - x))", smooth=False),
    # ---- special functions
    Function("erf(x)", "error function", example=("erf(1)", "0.8427007929"), value=math.erf, ball=lambda x: x.erf(),
        sympy="erf", partials=("2/sqrt(pi)*exp(-x^2)",), rounded=True),
    Function("erfc(x)", "1 - erf(x)", example=("erfc(1)", "0.1572992071"), value=math.erfc, ball=lambda x: x.erfc(),
        sympy="erfc", partials=("-2/sqrt(pi)*exp(-x^2)",), rounded=True),
    Function("gamma(x)", "gamma function", latex=r"\Gamma", example=("gamma(5)", "24"), array="scipy.special.gamma",
        ball=lambda x: x.gamma(), sympy="gamma", partials=("out*digamma(x)",), domain="x > 0 or x != floor(x)",
        needs="gamma has a pole at 0, -1, -2, ...", rounded=True, sample=(_POSITIVE,)),
    Function("lgamma(x)", "log(abs(gamma(x)))", example=("lgamma(10)", "12.80182748"), aliases=("loggamma", "gammaln"),
        array="scipy.special.gammaln", ball=_ball_lgamma, sympy="loggamma", partials=("digamma(x)",),
        domain="x > 0 or x != floor(x)", needs="lgamma has a pole at 0, -1, -2, ...", sample=(_POSITIVE,)),
    Function("digamma(x)", "derivative of lgamma", latex=r"\psi",
        example=("digamma(1)", "-0.5772156649"), aliases=("psi",),
        array="scipy.special.digamma", ball=lambda x: x.digamma(), sympy="digamma", partials=("polygamma(1, x)",),
        domain="x > 0 or x != floor(x)", needs="digamma has a pole at 0, -1, -2, ...", sample=(_POSITIVE,)),
    Function("polygamma(n, x)", "n-th derivative of digamma", latex=r"\psi^{\left(@n\right)}\left(@x\right)",
        example=("polygamma(1, 1)", "1.644934067"),
        array="scipy.special.polygamma", ball=_ball_polygamma, sympy="polygamma",
        partials=(None, "polygamma(n + 1, x)"), domain="n >= 0 and n == floor(n) and (x > 0 or x != floor(x))",
        needs="polygamma(n, x) needs an integer n >= 0 and has poles at x = 0, -1, -2, ...",
        sample=((1.0, 1.0), _POSITIVE)),
    Function("normpdf(x)", "standard normal density", example=("normpdf(0)", "0.3989422804"), partials=("-x*out",),
        definition="exp(-x^2/2)/sqrt(2*pi)", rounded=True, array="definition"),
    Function("normcdf(x)", "standard normal distribution", example=("normcdf(1)", "0.8413447461"), aliases=("Phi",),
        partials=("normpdf(x)",), definition="erfc(-x/sqrt(2))/2"),
    Function("erfi(x)", "imaginary error function", example=("erfi(1)", "1.650425759"), ball=lambda x: x.erfi(),
        sympy="erfi", partials=("2/sqrt(pi)*exp(x^2)",), rounded=True),
    Function("erfcx(x)", "exp(x^2)*erfc(x)", example=("erfcx(1)", "0.4275835762"), partials=("2*x*out - 2/sqrt(pi)",),
        definition="exp(x^2)*erfc(x)", rounded=True, array="scipy.special.erfcx"),
    Function("erfinv(x)", "inverse of erf", example=("erfinv(0.5)", "0.4769362762"), ball=lambda x: x.erfinv(),
        sympy="erfinv", partials=("sqrt(pi)/2*exp(out^2)",), domain="x > -1 and x < 1", rounded=True,
        sample=(_INSIDE,), array="scipy.special.erfinv"),
    Function("erfcinv(x)", "inverse of erfc", example=("erfcinv(0.5)", "0.4769362762"), ball=lambda x: x.erfcinv(),
        partials=("-sqrt(pi)/2*exp(out^2)",), domain="x > 0 and x < 2", definition="erfinv(1 - x)", rounded=True,
        sample=((0.05, 1.95),), array="scipy.special.erfcinv"),
    Function("normcdfinv(x)", "inverse of normcdf", example=("normcdfinv(0.975)", "1.959963985"),
        aliases=("probit", "ndtri"), partials=("sqrt(2*pi)*exp(out^2/2)",), domain="x > 0 and x < 1",
        definition="-sqrt(2)*erfcinv(2*x)", rounded=True, sample=((0.05, 0.95),),
        array="scipy.special.ndtri"),
    Function("dawson(x)", "exp(-x^2)*sqrt(pi)/2*erfi(x)", example=("dawson(1)", "0.5380795069"), aliases=("dawsn",),
        partials=("1 - 2*x*out",), definition="exp(-x^2)*(sqrt(pi)/2)*erfi(x)", rounded=True,
        array="scipy.special.dawsn"),
    Function("beta(a, b)", "beta function", example=("beta(2, 3)", "0.08333333333"), ball=_ball_beta, sympy="beta",
        partials=("out*(digamma(a) - digamma(a + b))", "out*(digamma(b) - digamma(a + b))"),
        domain="a > 0 and b > 0", rounded=True, sample=(_POSITIVE, _POSITIVE)),
    Function("lbeta(a, b)", "log(beta(a, b))", example=("lbeta(2, 3)", "-2.48490665"), aliases=("betaln",),
        ball=lambda a, b: a.lgamma() + b.lgamma() - (a + b).lgamma(),
        partials=("digamma(a) - digamma(a + b)", "digamma(b) - digamma(a + b)"), domain="a > 0 and b > 0",
        definition="lgamma(a) + lgamma(b) - lgamma(a + b)", rounded=True, sample=(_POSITIVE, _POSITIVE)),
    Function("binomial(n, k)", "binomial coefficient", example=("binomial(5, 2)", "10"), aliases=("binom", "comb"),
        ball=_ball_binomial, sympy="binomial", rounded=True,
        partials=("out*(digamma(n + 1) - digamma(n - k + 1))", "out*(digamma(n - k + 1) - digamma(k + 1))"),
        domain="n > -1 and k > -1 and n - k > -1", needs="binomial(n, k) needs n > -1 and k between -1 and n + 1",
        sample=((3.0, 6.0), (0.5, 2.5))),
    Function("lambertw(x)", "the w > -1 with w*exp(w) = x", example=("lambertw(1)", "0.5671432904"),
        ball=lambda x: x.lambertw(), sympy="LambertW", domain="x >= -exp(-1)",
        partials=("if(x == 0, 1, out/(x*(1 + out)))",),
        rounded=True, sample=(_POSITIVE,)),
    Function("lambertw(x, k)", "the other branch too: of k = 0 the w >= -1, of k = -1 the w <= -1", name="lambertw_k",
        example=("lambertw(-0.2, -1)", "-2.542641358"), ball=_ball_lambertw, sympy="LambertW", rounded=True,
        partials=("if(x == 0, 1, out/(x*(1 + out)))", None),
        domain="x >= -exp(-1) and (k == 0 or k == -1 and x < 0)",
        needs="lambertw(x, k) needs x >= -exp(-1) and k = 0, or k = -1 and x < 0",
        sample=((-0.35, -0.05), (-1.0, -1.0))),
    Function("Ei(x)", "exponential integral", example=("Ei(1)", "1.895117816"), aliases=("expi",),
        ball=lambda x: x.ei(), sympy="Ei", partials=("exp(x)/x",), domain="x != 0", rounded=True, sample=(_POSITIVE,)),
    Function("li(x)", "logarithmic integral", example=("li(2)", "1.04516378"), sympy="li",
        ball=lambda x: x.li() if x > 0 else x.nan(),
        partials=("1/log(x)",), domain="x > 0 and x != 1", rounded=True, sample=((1.5, 5.0),)),
    Function("Si(x)", "sine integral", example=("Si(1)", "0.9460830704"), ball=lambda x: x.si(), sympy="Si",
        partials=("sinc(x)",)),
    Function("Ci(x)", "cosine integral", example=("Ci(1)", "0.3374039229"), ball=lambda x: x.ci(), sympy="Ci",
        partials=("cos(x)/x",), domain="x > 0", rounded=True, sample=(_POSITIVE,)),
    Function("fresnels(x)", "integral of sin(pi*t^2/2)", example=("fresnels(1)", "0.4382591474"),
        ball=lambda x: x.fresnel_s(), sympy="fresnels", partials=("sinpi(x^2/2)",), rounded=True),
    Function("fresnelc(x)", "integral of cos(pi*t^2/2)", example=("fresnelc(1)", "0.7798934004"),
        ball=lambda x: x.fresnel_c(), sympy="fresnelc", partials=("cospi(x^2/2)",), rounded=True),
    Function("besselj(n, x)", "Bessel function of the first kind", example=("besselj(0, 1)", "0.7651976866"),
        aliases=("jv",), ball=lambda n, x: x.bessel_j(n) if x > 0 or n.is_integer() else x.nan(), sympy="besselj",
        rounded=True,
        partials=(None, "(besselj(n - 1, x) - besselj(n + 1, x))/2"), domain="x > 0 or n == floor(n)",
        needs="besselj(n, x) needs x > 0 or an integer n", sample=((1.0, 1.0), _POSITIVE)),
    Function("bessely(n, x)", "Bessel function of the second kind", example=("bessely(0, 1)", "0.08825696422"),
        aliases=("yv",), ball=lambda n, x: x.bessel_y(n), sympy="bessely", rounded=True,
        partials=(None, "(bessely(n - 1, x) - bessely(n + 1, x))/2"), domain="x > 0",
        sample=((1.0, 1.0), _POSITIVE)),
    Function("besseli(n, x)", "modified Bessel function, first kind", example=("besseli(0, 1)", "1.266065878"),
        aliases=("iv",), ball=lambda n, x: x.bessel_i(n) if x > 0 or n.is_integer() else x.nan(), sympy="besseli",
        rounded=True,
        partials=(None, "(besseli(n - 1, x) + besseli(n + 1, x))/2"), domain="x > 0 or n == floor(n)",
        needs="besseli(n, x) needs x > 0 or an integer n", sample=((1.0, 1.0), _POSITIVE)),
    Function("besselk(n, x)", "modified Bessel function, second kind", example=("besselk(0, 1)", "0.4210244382"),
        aliases=("kv",), ball=lambda n, x: x.bessel_k(n), sympy="besselk", rounded=True,
        partials=(None, "-(besselk(n - 1, x) + besselk(n + 1, x))/2"), domain="x > 0",
        sample=((1.0, 1.0), _POSITIVE)),
    Function("airyai(x)", "Airy function Ai", example=("airyai(1)", "0.1352924163"), ball=lambda x: x.airy_ai(),
        sympy="airyai", partials=("airyaiprime(x)",)),
    Function("airyaiprime(x)", "derivative of airyai", example=("airyaiprime(1)", "-0.1591474413"),
        ball=lambda x: x.airy_ai(derivative=1), sympy="airyaiprime", partials=("x*airyai(x)",), rounded=True),
    Function("airybi(x)", "Airy function Bi", example=("airybi(1)", "1.207423595"), ball=lambda x: x.airy_bi(),
        sympy="airybi", partials=("airybiprime(x)",)),
    Function("airybiprime(x)", "derivative of airybi", example=("airybiprime(1)", "0.9324359334"),
        ball=lambda x: x.airy_bi(derivative=1), sympy="airybiprime", partials=("x*airybi(x)",), rounded=True),
    Function("ellipk(m)", "complete elliptic integral, first kind, of m = k^2", example=("ellipk(0.5)", "1.854074677"),
        ball=lambda m: _ball_elliptic(m, "k"), sympy="elliptic_k", rounded=True,
        partials=("if(m == 0, pi/8, (ellipe(m)/(1 - m) - out)/(2*m))",), domain="m < 1", sample=((-2.0, 0.9),)),
    Function("ellipe(m)", "complete elliptic integral, second kind, of m = k^2", example=("ellipe(0.5)", "1.350643881"),
        ball=lambda m: _ball_elliptic(m, "e"), sympy="elliptic_e", rounded=True,
        partials=("if(m == 0, -pi/8, (out - ellipk(m))/(2*m))",), domain="m < 1", sample=((-2.0, 0.9),)),
    Function("gammalower(a, x)", "lower incomplete gamma function", example=("gammalower(2, 1)", "0.2642411177"),
        ball=lambda a, x: x.gamma_lower(a) if a > 0 and x > 0 else x.nan(), sympy="lowergamma", partials=(None,
        "x^(a - 1)*exp(-x)"), domain="a > 0 and x > 0", rounded=True, sample=((2.0, 2.0), _POSITIVE)),
    Function("gammaupper(a, x)", "upper incomplete gamma function", example=("gammaupper(2, 1)", "0.7357588823"),
        ball=lambda a, x: x.gamma_upper(a) if x > 0 else x.nan(), sympy="uppergamma", partials=(None,
        "-x^(a - 1)*exp(-x)"), domain="x > 0", rounded=True, sample=((2.0, 2.0), _POSITIVE)),
    Function("gammainc(a, x)", "gammalower(a, x)/gamma(a)", example=("gammainc(2, 1)", "0.2642411177"),
        partials=(None, "x^(a - 1)*exp(-x)/gamma(a)"), domain="a > 0 and x > 0",
        definition="gammalower(a, x)/gamma(a)", rounded=True, sample=((2.0, 2.0), _POSITIVE)),
    Function("gammaincc(a, x)", "gammaupper(a, x)/gamma(a)", example=("gammaincc(2, 1)", "0.7357588823"),
        partials=(None, "-x^(a - 1)*exp(-x)/gamma(a)"), domain="x > 0 and (a > 0 or a != floor(a))",
        definition="gammaupper(a, x)/gamma(a)", rounded=True, sample=((2.0, 2.0), _POSITIVE)),
    Function("betainc(a, b, x)", "regularized incomplete beta function", example=("betainc(2, 3, 0.5)", "0.6875"),
        aliases=("btdtr",), ball=_ball_betainc, sympy="betainc_regularized(a, b, 0, x)",
        partials=(None, None, "x^(a - 1)*(1 - x)^(b - 1)/beta(a, b)"),
        domain="a > 0 and b > 0 and x > 0 and x < 1", rounded=True, array="scipy.special.betainc",
        sample=((2.0, 2.0), (3.0, 3.0), (0.05, 0.95))),
    Function("sinc(x)", "sin(x)/x, 1 at 0", example=("sinc(1)", "0.8414709848"), value="if(x == 0, 1, sin(x)/x)",
        ball=lambda x: x.sinc(), definition="sin(x)/x", partials=("sinc_derivative(1, x)",)),
    Function("sinc_derivative(n, x)", "n-th derivative of sinc", example=("sinc_derivative(2, 0)", "-0.3333333333"),
        ball=_ball_sinc_derivative, partials=(None, "sinc_derivative(n + 1, x)"), domain="n >= 0 and n == floor(n)",
        definition="diff(sinc(x), x, n)", sample=((1.0, 1.0), _ANY)),
    # ---- angles
    Function("deg(x)", "radians to degrees", example=("deg(pi)", "180"), aliases=("degrees",), value=math.degrees,
        partials=("180/pi",), definition="x*(180/pi)"),
    Function("rad(x)", "degrees to radians", example=("rad(180)", "3.141592654"), aliases=("radians",),
        value=math.radians, partials=("pi/180",), definition="x*(pi/180)"),
)  # fmt: skip

TABLE: dict[str, Function] = {row.name: row for row in _ROWS}
RESERVED = ("pi",)  # nothing else can be called so
YIELDING = {"e": "Euler's number", "tau": "2*pi"}  # constants until the user gives their names a meaning
CONSTANTS = (*RESERVED, *YIELDING)
