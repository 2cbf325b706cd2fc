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
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .formula import Formula

ATOM = 10  # binds tighter than every operator


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Function:
    """One row. Users make their own in the same way and pass them to `parse(text, functions=[...])`, which holds them
    to the laws of the table (`parser.validated`).

    `sample` gives for each parameter an interval (lower, upper) inside the domain, from which tests and checks draw.
    """

    name: str
    params: tuple[str, ...] = ("x",)
    doc: str = ""
    example: tuple[str, str] = ("", "")  # a formula and its value to 10 digits
    value: Callable[..., float] | None = None
    partials: tuple[str | None, ...] = ()
    taught: tuple[str, ...] = ()
    ball: Callable[..., Any] | None = None
    rational: Callable[..., Any] | None = None
    definition: str | Formula = ""
    sympy: str = ""
    domain: str = ""
    needs: str = ""  # the domain in words, where the condition itself is no good message
    sample: tuple[tuple[float, float], ...] = ((-2.0, 2.0),)
    smooth: bool = True
    rounded: bool = False
    pole: float | None = None  # the limit at 0 from above, where there is no value
    variadic: bool = False  # two or more arguments, one of which is the value
    condition: bool = False  # the value is true or false
    spelling: str = ""  # how a call is written, where it is not the name
    aliases: tuple[str, ...] = ()
    symbol: str = ""
    notation: str = ""  # of a symbol: left, right, none (how it associates), prefix or postfix
    binding: int = ATOM

    def __post_init__(self) -> None:
        if not self.spelling:
            object.__setattr__(self, "spelling", self.name)

    @property
    def signature(self) -> str:
        """`log(x, base)`, `x + y`."""
        if self.symbol:
            glue = f" {self.symbol} " if self.notation in ("left", "none") else self.symbol
            ends = {"prefix": f"{self.symbol}{self.params[0]}", "postfix": f"{self.params[0]}{self.symbol}"}
            return ends.get(self.notation) or glue.join(self.params)
        return f"{self.spelling}({', '.join(self.params)}{', ...' if self.variadic else ''})"

    @property
    def listed(self) -> bool:
        """Whether lists of functions show the row: those called by name, without the mere derivatives of others."""
        return not self.symbol and not str(self.definition).startswith("diff(")

    def __repr__(self) -> str:
        return f"<Function {self.signature}>"


# ---- doubles where `math` has no function, or only one that overflows


def _sech(x: float) -> float:
    grown = math.exp(-abs(x))
    return 2 * grown / (1 + grown * grown)


def _csch(x: float) -> float:
    return math.copysign(2 * math.exp(-abs(x)) / math.expm1(-2 * abs(x)), x)


def _sigmoid(x: float) -> float:
    if x >= 0:
        return 1 / (1 + math.exp(-x))
    grown = math.exp(x)
    return grown / (1 + grown)


def _silu(x: float) -> float:
    if x > -700:
        return x / (1 + math.exp(-x))
    half = math.exp(x / 2)  # exp(x) is subnormal long before x*exp(x) is
    return x * half * half


def _softplus(x: float) -> float:
    return math.log1p(math.exp(x)) if x <= 0 else x + math.log1p(math.exp(-x))


def _atan2(y: float, x: float) -> float:
    if x == 0 == y:
        raise ValueError("atan2(0, 0) has no value")
    return math.atan2(y + 0.0, x)  # a real number has one zero: -0.0 becomes it


def _hypot(x: float, y: float) -> float:
    length = math.hypot(x, y)
    if math.isinf(length):
        raise OverflowError("hypot is larger than any double")  # as every function of `math` but this one does
    return length


def _logit(x: float) -> float:
    return 2 * math.atanh(2 * x - 1) if 0.25 <= x <= 0.75 else math.log(x) - math.log1p(-x)


def _sign(x: float) -> float:
    return float((x > 0) - (x < 0))


def _round(x: float) -> float:
    whole = math.trunc(x)
    return float(whole + (1 if x > 0 else -1) if abs(x - whole) >= 0.5 else whole)


def _sinc(x: float) -> float:
    return math.sin(x) / x if x else 1.0


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
    """The values of an odd, increasing function on a ball that contains 0, given the function of what is not negative."""
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


def _ball_polygamma(n: Any, x: Any) -> Any:
    from flint import acb, arb_series

    if not n.is_integer() or n < 0:
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


_ANY = (-3.0, 3.0)
_POSITIVE = (0.1, 4.0)
_INSIDE = (-0.95, 0.95)
_PAIR = (_ANY, _ANY)

_ROWS = (
    # ---- operators
    Function(name="or", condition=True, params=("x", "y"), symbol="or", notation="left", binding=1, smooth=False, rational=lambda x, y: x or y, doc="either condition"),
    Function(name="and", condition=True, params=("x", "y"), symbol="and", notation="left", binding=2, smooth=False, rational=lambda x, y: x and y, doc="both conditions"),
    Function(name="not", condition=True, symbol="not ", notation="prefix", binding=3, smooth=False, rational=operator.not_, doc="the opposite condition"),
    Function(name="<", condition=True, params=("x", "y"), symbol="<", notation="none", binding=4, smooth=False, value=operator.lt, rational=operator.lt, doc="less"),
    Function(name="<=", condition=True, params=("x", "y"), symbol="<=", notation="none", binding=4, smooth=False, value=operator.le, rational=operator.le, doc="less or equal"),
    Function(name=">", condition=True, params=("x", "y"), symbol=">", notation="none", binding=4, smooth=False, value=operator.gt, rational=operator.gt, doc="greater"),
    Function(name=">=", condition=True, params=("x", "y"), symbol=">=", notation="none", binding=4, smooth=False, value=operator.ge, rational=operator.ge, doc="greater or equal"),
    Function(name="==", condition=True, params=("x", "y"), symbol="==", notation="none", binding=4, smooth=False, value=operator.eq, rational=operator.eq, doc="equal"),
    Function(name="!=", condition=True, params=("x", "y"), symbol="!=", notation="none", binding=4, smooth=False, value=operator.ne, rational=operator.ne, doc="not equal"),
    Function(
        name="+", params=("x", "y"), symbol="+", notation="left", binding=5,
        value=operator.add, ball=operator.add, rational=operator.add, sympy="Add", partials=("1", "1"), sample=_PAIR, doc="sum", example=("1 + 2", "3"),
    ),
    Function(
        name="-", params=("x", "y"), symbol="-", notation="left", binding=5,
        value=operator.sub, ball=operator.sub, rational=operator.sub, definition="x + (-1)*y", partials=("1", "-1"), sample=_PAIR, doc="difference", example=("1 - 2", "-1"),
    ),
    Function(
        name="*", params=("x", "y"), symbol="*", notation="left", binding=6,
        value=operator.mul, ball=operator.mul, rational=operator.mul, sympy="Mul", partials=("y", "x"), sample=_PAIR, doc="product", example=("2*3", "6"),
    ),
    Function(
        name="/", params=("x", "y"), symbol="/", notation="left", binding=6, domain="y != 0", needs="division by zero",
        value=operator.truediv, ball=operator.truediv, rational=operator.truediv, definition="x*y^(-1)", partials=("1/y", "-out/y"), taught=("1/y", "-x/y^2"), sample=(_ANY, _POSITIVE), doc="quotient", example=("1/4", "0.25"),
    ),
    Function(
        name="neg", symbol="-", notation="prefix", binding=7,
        value=operator.neg, ball=operator.neg, rational=operator.neg, definition="(-1)*x", partials=("-1",), doc="minus", example=("-(2)", "-2"),
    ),
    Function(
        name="^", params=("x", "y"), symbol="^", notation="right", binding=8, domain="y == floor(y) and (y >= 0 or x != 0) or x > 0 or x == 0 and y > 0",
        needs="a power x^y needs x > 0, an integer y, or x = 0 and y > 0",
        value=math.pow, ball=_ball_pow, rational=_rational_pow, pole=math.inf, sympy="Pow", partials=("if(y == 0, 0, y*x^(y - 1))", "if(x == 0 and y > 0, 0, out*log(x))"), rounded=True,
        sample=(_POSITIVE, _ANY), doc="power, 0^0 = 1", example=("2^10", "1024"),
    ),
    Function(
        name="factorial", symbol="!", notation="postfix", binding=9, domain="x > -1 or x != floor(x)", needs="x! needs an x that is not a negative integer",
        ball=lambda x: (x + 1).gamma(), sympy="factorial", partials=("out*digamma(x + 1)",), rounded=True, sample=((0.0, 5.0),),
        doc="factorial, gamma(x + 1)", example=("5!", "120"),
    ),
    Function(name="if", params=("condition", "a", "b"), smooth=False, doc="a where the condition holds, else b", example=("if(2 > 1, 3, 4)", "3")),
    Function(name="diff", params=("formula", "x"), doc="the derivative of the formula with respect to x", example=("diff(1^2, y)", "0")),
    Function(name="diff_n", params=("formula", "x", "n"), spelling="diff", doc="the n-th derivative", example=("diff(2, y, 3)", "0")),
    # ---- exponentials, logarithms, roots
    Function(name="exp", value=math.exp, ball=lambda x: x.exp(), sympy="exp", partials=("out",), doc="exponential", example=("exp(1)", "2.718281828")),
    Function(
        name="log", aliases=("ln",), value=math.log, ball=lambda x: x.log(), pole=-math.inf, sympy="log", partials=("1/x",),
        domain="x > 0", sample=(_POSITIVE,), doc="natural logarithm", example=("log(10)", "2.302585093"),
    ),
    Function(
        name="log2", value=math.log2, ball=lambda x: x.log() / x.const_log2(), definition="log(x)/log(2)", partials=("1/log(2)/x",), taught=("1/(x*log(2))",),
        domain="x > 0", sample=(_POSITIVE,), doc="logarithm to base 2", example=("log2(8)", "3"),
    ),
    Function(
        name="log10", value=math.log10, ball=lambda x: x.log() / x.const_log10(), definition="log(x)/log(10)", partials=("1/log(10)/x",), taught=("1/(x*log(10))",),
        domain="x > 0", sample=(_POSITIVE,), doc="logarithm to base 10", example=("log10(1000)", "3"),
    ),
    Function(
        name="log_base", params=("x", "base"), spelling="log", value=lambda x, base: math.log(x) / math.log(base), definition="log(x)/log(base)",
        partials=("1/log(base)/x", "-out/log(base)/base"), taught=("1/(x*log(base))", "-log(x)/(base*log(base)^2)"), domain="x > 0 and base > 0 and base != 1", sample=(_POSITIVE, (1.5, 12.0)),
        doc="logarithm to a base", example=("log(8, 2)", "3"),
    ),
    Function(
        name="log1p", value=math.log1p, ball=lambda x: x.log1p(), definition="log(1 + x)", partials=("1/(1 + x)",),
        domain="x > -1", sample=((-0.9, 4.0),), doc="log(1 + x), right near 0", example=("log1p(1e-20)", "1e-20"),
    ),
    Function(
        name="expm1", value=math.expm1, ball=lambda x: x.expm1(), definition="exp(x) - 1", partials=("exp(x)",),
        doc="exp(x) - 1, right near 0", example=("expm1(1e-20)", "1e-20"),
    ),
    Function(
        name="sqrt", value=math.sqrt, ball=lambda x: x.sqrt(), sympy="sqrt", definition="x^(1/2)", partials=("1/(2*out)",),
        domain="x >= 0", sample=(_POSITIVE,), doc="square root", example=("sqrt(2)", "1.414213562"),
    ),
    Function(
        name="cbrt", value=math.cbrt, ball=_ball_cbrt, definition="sign(x)*abs(x)^(1/3)", partials=("1/(3*out^2)",), rounded=True,
        sample=(_POSITIVE,), doc="cube root", example=("cbrt(-8)", "-2"),
    ),
    # 0*log(x): for x < 0 only odd n have a root, so that there is no derivative by n
    Function(
        name="root", params=("x", "n"), ball=_ball_root, definition="if(x >= 0, x^(1/n), -(-x)^(1/n))", partials=("if(x == 0, x^(1/n - 1)/n, out/n/x)", "if(x == 0, 0, -out*log(abs(x) + 0*log(x))/n/n)"), rounded=True,
        domain="n != 0 and (x > 0 or x == 0 and n > 0 or x < 0 and n == floor(n) and mod(n, 2) == 1)", needs="root(x, n) needs x > 0, or x < 0 and an odd n",
        sample=(_POSITIVE, (1.5, 5.0)), doc="n-th root", example=("root(32, 5)", "2"),
    ),
    # ---- absolute value, sign, rounding, choice
    Function(
        name="abs", value=math.fabs, ball=abs, sympy="Abs", definition="if(x >= 0, x, -x)", partials=("sign(x)",), smooth=False,
        aliases=("absolute", "fabs"), doc="absolute value", example=("abs(-3)", "3"),
    ),
    Function(
        name="sign", value=_sign, ball=_ball_sign, sympy="sign", definition="if(x > 0, 1, if(x < 0, -1, 0))", partials=("0",), smooth=False,
        doc="-1, 0 or 1", example=("sign(-3)", "-1"),
    ),
    Function(
        name="step", definition="if(x >= 0, 1, 0)", partials=("0",), smooth=False,
        aliases=("heaviside",), doc="0 below 0, else 1", example=("step(2)", "1"),
    ),
    Function(
        name="floor", value=lambda x: float(math.floor(x)), ball=_ball_floor, rational=math.floor, sympy="floor", partials=("0",), smooth=False,
        doc="largest integer not above x", example=("floor(-1.5)", "-2"),
    ),
    Function(
        name="ceil", value=lambda x: float(math.ceil(x)), definition="-floor(-x)", partials=("0",), smooth=False,
        doc="smallest integer not below x", example=("ceil(-1.5)", "-1"),
    ),
    Function(
        name="round", value=_round, definition="if(x >= 0, floor(x + 1/2), -floor(1/2 - x))", partials=("0",), smooth=False,
        doc="nearest integer, halves away from 0", example=("round(2.5)", "3"),
    ),
    Function(
        name="trunc", value=lambda x: float(math.trunc(x)), definition="if(x > -1 and x < 1, 0, if(x > 0, floor(x), -floor(-x)))",
        partials=("0",), smooth=False, doc="integer part, towards 0", example=("trunc(-1.5)", "-1"),
    ),
    Function(
        name="frac", value=lambda x: x - math.floor(x), definition="x - floor(x)", partials=("1",), smooth=False,
        doc="x - floor(x)", example=("frac(-1.25)", "0.75"),
    ),
    Function(
        name="mod", params=("x", "y"), value=operator.mod, definition="x - y*floor(x/y)", partials=("1", "(out - x)/y"), rounded=True, smooth=False,
        domain="y != 0", sample=(_ANY, _POSITIVE), doc="remainder with the sign of y", example=("mod(-7, 3)", "2"),
    ),
    Function(
        name="min", params=("x", "y"), value=min, definition="if(x <= y, x, y)", partials=("if(x == out, tie, 0)",),
        smooth=False, variadic=True, sample=_PAIR, doc="the smallest", example=("min(3, 1, 2)", "1"),
    ),
    Function(
        name="max", params=("x", "y"), value=max, definition="if(x >= y, x, y)", partials=("if(x == out, tie, 0)",),
        smooth=False, variadic=True, sample=_PAIR, doc="the largest", example=("max(3, 1, 2)", "3"),
    ),
    Function(
        name="clamp", params=("x", "lower", "upper"), definition="min(max(x, lower), upper)", smooth=False, aliases=("clip",),
        sample=(_ANY, (-1.0, -0.5), (0.5, 1.0)), doc="x kept between two bounds", example=("clamp(5, 0, 1)", "1"),
    ),
    # ---- trigonometry
    Function(name="sin", value=math.sin, ball=lambda x: x.sin(), sympy="sin", partials=("cos(x)",), doc="sine", example=("sin(pi/6)", "0.5")),
    Function(name="cos", value=math.cos, ball=lambda x: x.cos(), sympy="cos", partials=("-sin(x)",), doc="cosine", example=("cos(pi/3)", "0.5")),
    Function(
        name="tan", value=math.tan, ball=lambda x: x.tan(), sympy="tan", partials=("1 + out^2",), domain="cos(x) != 0", sample=((-1.4, 1.4),),
        doc="tangent", example=("tan(pi/4)", "1"),
    ),
    Function(
        name="sec", value=lambda x: 1 / math.cos(x), ball=lambda x: x.sec(), sympy="sec", partials=("out*tan(x)",), domain="cos(x) != 0", sample=((-1.4, 1.4),),
        doc="secant, 1/cos(x)", example=("sec(pi/3)", "2"),
    ),
    Function(
        name="csc", value=lambda x: 1 / math.sin(x), ball=lambda x: x.csc(), sympy="csc", partials=("-out*cot(x)",), domain="sin(x) != 0", sample=((0.1, 3.0),),
        doc="cosecant, 1/sin(x)", example=("csc(pi/6)", "2"),
    ),
    Function(
        name="cot", value=lambda x: 1 / math.tan(x), ball=lambda x: x.cot(), sympy="cot", partials=("-(1 + out^2)",), domain="sin(x) != 0", sample=((0.1, 3.0),),
        doc="cotangent, 1/tan(x)", example=("cot(pi/4)", "1"),
    ),
    Function(
        name="asin", aliases=("arcsin",), value=math.asin, ball=lambda x: x.asin(), sympy="asin", partials=("1/sqrt((1 - x)*(1 + x))",), taught=("1/sqrt(1 - x^2)",),
        domain="x >= -1 and x <= 1", sample=(_INSIDE,), doc="inverse sine", example=("asin(1)", "1.570796327"),
    ),
    Function(
        name="acos", aliases=("arccos",), value=math.acos, ball=lambda x: x.acos(), sympy="acos", partials=("-1/sqrt((1 - x)*(1 + x))",), taught=("-1/sqrt(1 - x^2)",),
        domain="x >= -1 and x <= 1", sample=(_INSIDE,), doc="inverse cosine", example=("acos(0)", "1.570796327"),
    ),
    Function(
        name="atan", aliases=("arctan",), value=math.atan, ball=lambda x: x.atan(), sympy="atan", partials=("(1/hypot(1, x))^2",), taught=("1/(1 + x^2)",),
        doc="inverse tangent", example=("atan(1)", "0.7853981634"),
    ),
    Function(
        name="atan2", params=("y", "x"), aliases=("arctan2",), value=_atan2, ball=_ball_atan2, sympy="atan2",
        partials=("x/hypot(x, y)/hypot(x, y)", "-y/hypot(x, y)/hypot(x, y)"), taught=("x/(x^2 + y^2)", "-y/(x^2 + y^2)"), rounded=True, domain="x != 0 or y != 0", needs="atan2(0, 0) has no value",
        definition="if(x > 0.618*abs(y), atan(y/x), if(-x > 0.618*abs(y), if(y >= 0, pi + atan(y/x), atan(y/x) - pi), if(y > 0, pi/2 - atan(x/y), -pi/2 - atan(x/y))))",
        smooth=False, sample=(_ANY, _POSITIVE), doc="angle of the point (x, y)", example=("atan2(1, -1)", "2.35619449"),
    ),
    # ---- hyperbolic functions
    Function(name="sinh", value=math.sinh, ball=lambda x: x.sinh(), sympy="sinh", partials=("cosh(x)",), doc="hyperbolic sine", example=("sinh(1)", "1.175201194")),
    Function(name="cosh", value=math.cosh, ball=lambda x: x.cosh(), sympy="cosh", partials=("sinh(x)",), doc="hyperbolic cosine", example=("cosh(1)", "1.543080635")),
    Function(name="tanh", value=math.tanh, ball=lambda x: x.tanh(), sympy="tanh", partials=("4*sigmoid(2*x)*sigmoid(-2*x)",), taught=("1 - out^2",), doc="hyperbolic tangent", example=("tanh(1)", "0.761594156")),
    Function(name="sech", value=_sech, ball=lambda x: x.sech(), sympy="sech", partials=("-out*tanh(x)",), doc="1/cosh(x)", example=("sech(0)", "1")),
    Function(
        name="csch", value=_csch, ball=lambda x: x.csch(), sympy="csch", partials=("-out*coth(x)",), rounded=True, domain="x != 0", sample=(_POSITIVE,),
        doc="1/sinh(x)", example=("csch(1)", "0.8509181282"),
    ),
    Function(
        name="coth", value=lambda x: 1 / math.tanh(x), ball=lambda x: x.coth(), sympy="coth", partials=("-csch(x)^2",), rounded=True, domain="x != 0", sample=(_POSITIVE,),
        doc="1/tanh(x)", example=("coth(1)", "1.313035285"),
    ),
    Function(
        name="asinh", aliases=("arcsinh",), value=math.asinh, ball=lambda x: x.asinh(), sympy="asinh", partials=("1/hypot(1, x)",), taught=("1/sqrt(1 + x^2)",),
        doc="inverse hyperbolic sine", example=("asinh(1)", "0.881373587"),
    ),
    Function(
        name="acosh", aliases=("arccosh",), value=math.acosh, ball=lambda x: x.acosh(), sympy="acosh", partials=("1/(sqrt(x - 1)*sqrt(x + 1))",), taught=("1/sqrt(x^2 - 1)",),
        domain="x >= 1", sample=((1.1, 5.0),), doc="inverse hyperbolic cosine", example=("acosh(2)", "1.316957897"),
    ),
    Function(
        name="atanh", aliases=("arctanh",), value=math.atanh, ball=lambda x: x.atanh(), sympy="atanh", partials=("1/((1 - x)*(1 + x))",), taught=("1/(1 - x^2)",),
        domain="x > -1 and x < 1", sample=(_INSIDE,), doc="inverse hyperbolic tangent", example=("atanh(0.5)", "0.5493061443"),
    ),
    Function(
        name="hypot", params=("x", "y"), value=_hypot, definition="sqrt(x^2 + y^2)", partials=("x/out", "y/out"), rounded=True, sample=(_POSITIVE, _POSITIVE),
        doc="sqrt(x^2 + y^2)", example=("hypot(3, 4)", "5"),
    ),
    # ---- machine learning
    Function(
        name="sigmoid", aliases=("expit",), value=_sigmoid, ball=_ball_sigmoid, definition="1/(1 + exp(-x))", partials=("out*sigmoid(-x)",), taught=("out*(1 - out)",),
        doc="1/(1 + exp(-x))", example=("sigmoid(0)", "0.5"),
    ),
    Function(
        name="relu", definition="if(x > 0, x, 0)", partials=("if(x > 0, 1, 0)",), smooth=False,
        doc="x above 0, else 0", example=("relu(2)", "2"),
    ),
    Function(
        name="leaky_relu", definition="if(x > 0, x, 0.01*x)", partials=("if(x > 0, 1, 0.01)",), smooth=False,
        doc="x above 0, else 0.01*x", example=("leaky_relu(-2)", "-0.02"),
    ),
    Function(
        name="elu", definition="if(x > 0, x, expm1(x))", partials=("if(x > 0, 1, exp(x))",), smooth=False,
        doc="x above 0, else exp(x) - 1", example=("elu(-1)", "-0.6321205588"),
    ),
    Function(
        name="softplus", value=_softplus, ball=_ball_softplus, definition="log(1 + exp(x))", partials=("sigmoid(x)",),
        doc="log(1 + exp(x))", example=("softplus(0)", "0.6931471806"),
    ),
    Function(
        name="gelu", definition="x*normcdf(x)", partials=("normcdf(x) + x*normpdf(x)",), rounded=True,
        doc="x*normcdf(x)", example=("gelu(1)", "0.8413447461"),
    ),
    Function(
        name="silu", aliases=("swish",), value=_silu, definition="x*sigmoid(x)", partials=("sigmoid(x)*(1 + x*sigmoid(-x))",), taught=("out + sigmoid(x)*(1 - out)",), rounded=True,
        doc="x*sigmoid(x)", example=("silu(1)", "0.7310585786"),
    ),
    Function(
        name="logit", value=_logit, definition="log(x/(1 - x))", partials=("1/(x*(1 - x))",), domain="x > 0 and x < 1", sample=((0.05, 0.95),),
        doc="log(x/(1 - x))", example=("logit(0.75)", "1.098612289"),
    ),
    Function(
        name="logaddexp", params=("x", "y"), ball=_ball_logaddexp, definition="log(exp(x) + exp(y))", partials=("sigmoid(x - y)", "sigmoid(y - x)"), rounded=True,
        sample=_PAIR, doc="log(exp(x) + exp(y))", example=("logaddexp(0, 0)", "0.6931471806"),
    ),
    # ---- special functions
    Function(name="erf", value=math.erf, ball=lambda x: x.erf(), sympy="erf", partials=("2/sqrt(pi)*exp(-x^2)",), rounded=True, doc="error function", example=("erf(1)", "0.8427007929")),
    Function(name="erfc", value=math.erfc, ball=lambda x: x.erfc(), sympy="erfc", partials=("-2/sqrt(pi)*exp(-x^2)",), rounded=True, doc="1 - erf(x)", example=("erfc(1)", "0.1572992071")),
    Function(
        name="gamma", ball=lambda x: x.gamma(), sympy="gamma", partials=("out*digamma(x)",), rounded=True, domain="x > 0 or x != floor(x)",
        needs="gamma has a pole at 0, -1, -2, ...", sample=(_POSITIVE,), doc="gamma function", example=("gamma(5)", "24"),
    ),
    Function(
        name="lgamma", aliases=("loggamma", "gammaln"), ball=_ball_lgamma, sympy="loggamma", partials=("digamma(x)",), domain="x > 0 or x != floor(x)",
        needs="lgamma has a pole at 0, -1, -2, ...", sample=(_POSITIVE,), doc="log(abs(gamma(x)))", example=("lgamma(10)", "12.80182748"),
    ),
    Function(
        name="digamma", aliases=("psi",), ball=lambda x: x.digamma(), sympy="digamma", partials=("polygamma(1, x)",), domain="x > 0 or x != floor(x)",
        needs="digamma has a pole at 0, -1, -2, ...", sample=(_POSITIVE,), doc="derivative of lgamma", example=("digamma(1)", "-0.5772156649"),
    ),
    Function(
        name="polygamma", params=("n", "x"), ball=_ball_polygamma, sympy="polygamma", partials=(None, "polygamma(n + 1, x)"),
        domain="n >= 0 and n == floor(n) and (x > 0 or x != floor(x))", needs="polygamma(n, x) needs an integer n >= 0 and has poles at x = 0, -1, -2, ...",
        sample=((1.0, 1.0), _POSITIVE), doc="n-th derivative of digamma", example=("polygamma(1, 1)", "1.644934067"),
    ),
    Function(
        name="normpdf", definition="exp(-x^2/2)/sqrt(2*pi)", partials=("-x*out",), rounded=True, doc="standard normal density", example=("normpdf(0)", "0.3989422804"),
    ),
    Function(
        name="normcdf", aliases=("Phi",), definition="erfc(-x/sqrt(2))/2", partials=("normpdf(x)",), doc="standard normal distribution", example=("normcdf(1)", "0.8413447461"),
    ),
    Function(
        name="sinc", value=_sinc, ball=lambda x: x.sinc(), sympy="sinc", partials=("sinc_derivative(1, x)",), doc="sin(x)/x, 1 at 0", example=("sinc(1)", "0.8414709848"),
    ),
    Function(
        name="sinc_derivative", params=("n", "x"), ball=_ball_sinc_derivative, definition="diff(sinc(x), x, n)", partials=(None, "sinc_derivative(n + 1, x)"),
        domain="n >= 0 and n == floor(n)", sample=((1.0, 1.0), _ANY), doc="n-th derivative of sinc", example=("sinc_derivative(2, 0)", "-0.3333333333"),
    ),
    # ---- angles
    Function(name="deg", aliases=("degrees",), definition="x*(180/pi)", partials=("180/pi",), value=math.degrees, doc="radians to degrees", example=("deg(pi)", "180")),
    Function(name="rad", aliases=("radians",), definition="x*(pi/180)", partials=("pi/180",), value=math.radians, doc="degrees to radians", example=("rad(180)", "3.141592654")),
)  # fmt: skip

TABLE: dict[str, Function] = {row.name: row for row in _ROWS}
RESERVED = ("pi", "tau")  # nothing else can be called so
CONSTANTS = (*RESERVED, "e")  # e is Euler's number unless the user gives e a meaning
