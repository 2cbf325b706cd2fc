"""A formula's value and gradient in mpmath, read by Python's own parser: nothing of gradcalc is asked.

The formula notation of the recorded formulas is Python's but for `^`, `if(...)` and definitions ended by `;`. The
gradient is by central differences at raised precision, so no rule of differentiation is asked either.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mpmath import mp

Mp = Any
"""An mpmath number (mpmath carries no types)."""

DIGITS = 150
"""Decimal digits carried: enough for the worst cancellation of the recorded formulas, which eats 37."""

OPERATORS: dict[type, Callable[..., Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
    ast.USub: operator.neg,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}

SAME_NAME = (
    "exp log log10 expm1 log1p sqrt factorial gamma digamma erf erfc erfi erfinv sin cos tan sec csc cot asin acos "
    "atan hypot sinh cosh tanh sech csch coth asinh acosh atanh asec acsc sinpi cospi floor ceil sign fresnels "
    "fresnelc airyai airybi"
)

FUNCTIONS: dict[str, Callable[..., Mp]] = {
    **{name: getattr(mp, name) for name in SAME_NAME.split(" ")},
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "neg": operator.neg,
    "^": lambda x, y: _power(x, y),
    "ln": mp.log,
    "log_base": lambda x, base: mp.log(_inside(x > 0, x)) / mp.log(_inside(base > 0, base)),
    "cbrt": lambda x: _root(x, mp.mpf(3)),
    "root": lambda x, n: _root(x, n),
    "lgamma": lambda x: mp.log(abs(mp.gamma(x))),
    "normcdf": mp.ncdf,
    "normpdf": mp.npdf,
    "deg": mp.degrees,
    "rad": mp.radians,
    "abs": abs,
    "min": min,
    "max": max,
    "atan2": lambda y, x: mp.atan2(_inside(x != 0 or y != 0, y), x),
    "acot": lambda x: mp.acot(x) if x else mp.pi / 2,
    "log2": lambda x: mp.log(x) / mp.log(2),
    "sinc": lambda x: mp.sin(x) / x if x else mp.mpf(1),
    "mod": lambda x, y: x - y * mp.floor(x / y),
    "frac": lambda x: x - mp.floor(x),
    "trunc": lambda x: mp.sign(x) * mp.floor(abs(x)),
    "round": lambda x: mp.sign(x) * mp.floor(abs(x) + mp.mpf(1) / 2),
    "step": lambda x: mp.mpf(x >= 0),
    "clamp": lambda x, low, high: min(max(x, low), high),
    "sigmoid": lambda x: 1 / (1 + mp.exp(-x)),
    "logit": lambda p: mp.log(p / (1 - p)),
    "softplus": lambda x: mp.log(1 + mp.exp(x)),
    "logaddexp": lambda x, y: mp.log(mp.exp(x) + mp.exp(y)),
    "relu": lambda x: max(x, mp.mpf(0)),
    "leaky_relu": lambda x: x if x > 0 else x / 100,
    "elu": lambda x: x if x > 0 else mp.expm1(x),
    "gelu": lambda x: x * mp.ncdf(x),
    "silu": lambda x: x / (1 + mp.exp(-x)),
    "mish": lambda x: x * mp.tanh(mp.log(1 + mp.exp(x))),
    "hardtanh": lambda x: min(max(x, mp.mpf(-1)), mp.mpf(1)),
    "softsign": lambda x: x / (1 + abs(x)),
    "erfcx": lambda x: mp.exp(x * x) * mp.erfc(x),
    "erfcinv": lambda x: mp.erfinv(1 - x),
    "normcdfinv": lambda x: mp.sqrt(2) * mp.erfinv(2 * x - 1),
    "dawson": lambda x: mp.exp(-x * x) * mp.sqrt(mp.pi) / 2 * mp.erfi(x),
    "polygamma": lambda n, x: mp.psi(int(_inside(n >= 0 and n == int(n), n)), x),
    "beta": lambda a, b: mp.beta(_inside(a > 0 and b > 0, a), b),
    "lbeta": lambda a, b: mp.log(mp.beta(_inside(a > 0 and b > 0, a), b)),
    "binomial": lambda n, k: mp.binomial(_inside(n > -1 and -1 < k < n + 1, n), k),
    "lambertw": mp.lambertw,
    "besselj": lambda n, x: mp.re(mp.besselj(n, _inside(x > 0 or mp.isint(n), x))),
    "bessely": lambda n, x: mp.bessely(n, _inside(x > 0, x)),
    "besseli": lambda n, x: mp.re(mp.besseli(abs(n) if mp.isint(n) else n, _inside(x > 0 or mp.isint(n), x))),
    "besselk": lambda n, x: mp.besselk(n, _inside(x > 0, x)),
    "Ei": mp.ei,
    "li": lambda x: mp.li(_inside(x > 0 and x != 1, x)),
    "Si": mp.si,
    "Ci": lambda x: mp.ci(_inside(x > 0, x)),
    "airyaiprime": lambda x: mp.airyai(x, derivative=1),
    "airybiprime": lambda x: mp.airybi(x, derivative=1),
    "ellipk": mp.ellipk,
    "ellipe": lambda m: mp.ellipe(_inside(m < 1, m)),
    "gammalower": lambda a, x: mp.gammainc(_inside(a > 0 and x > 0, a), 0, x),
    "gammaupper": lambda a, x: mp.gammainc(a, _inside(x > 0, x)),
    "gammainc": lambda a, x: mp.gammainc(_inside(a > 0 and x > 0, a), 0, x, regularized=True),
    "gammaincc": lambda a, x: mp.gammainc(a, _inside(x > 0, x)) / mp.gamma(a),
    "betainc": lambda a, b, x: mp.betainc(_inside(a > 0 and b > 0 and 0 < x < 1, a), b, 0, x, regularized=True),
    "lambertw_k": lambda x, k: mp.lambertw(_inside(k == 0 or (k == -1 and x < 0), x), int(k)),
    "zeta": lambda x: mp.zeta(_inside(x != 1, x)),
    "zeta_derivative": lambda n, x: mp.zeta(_inside(x != 1, x), derivative=int(_inside(n >= 0 and n == int(n), n))),
    "sinc_derivative": lambda n, x: _sinc_derivative(int(_inside(n >= 0 and n == int(n), n)), x),
}


def real_value(function: Callable[..., Mp], args: Sequence[Mp]) -> Mp | None:
    """The function's value, or None where it has no finite real one."""
    try:
        value = function(*args)
    except (ValueError, ZeroDivisionError):
        return None
    return None if mp.im(value) or not mp.isfinite(value) else mp.re(value)


def _inside(condition: bool, x: Mp) -> Mp:
    """The argument, where the convention of the field gives a real value."""
    if not condition:
        raise ValueError("no real value")
    return x


def _power(x: Mp, y: Mp) -> Mp:
    if x == 0:
        return mp.mpf(_inside(y >= 0, y) == 0)
    if x > 0 and abs(y) > 100:
        return mp.exp(y * mp.log(x))
    if x < 0 and abs(y) > 100:
        odd = 2 * mp.floor(_inside(mp.isint(y), y) / 2) != y
        return (-1 if odd else 1) * mp.exp(y * mp.log(-x))
    return x**y


def _root(x: Mp, n: Mp) -> Mp:
    """The real n-th root, for x < 0 that of an odd n."""
    if x == 0:
        return mp.mpf(_inside(n > 0, 0))
    if x > 0:
        return mp.exp(mp.log(x) / n)
    return -mp.exp(mp.log(-x) / _inside(mp.isint(n) and mp.floor(n / 2) * 2 != n, n))


def _sinc_derivative(n: int, x: Mp) -> Mp:
    """Near 0 by the power series of sin(x)/x, else by Leibniz's rule for the product of sin(x) and 1/x."""
    if abs(x) > 30 + n:
        return mp.fsum(
            mp.binomial(n, k) * mp.sin(x + k * mp.pi / 2) * (-1) ** (n - k) * mp.factorial(n - k) / x ** (n - k + 1)
            for k in range(int(n) + 1)
        )
    terms = int(20 + 4 * abs(x) + mp.dps)
    return mp.fsum(
        (-1) ** k * x ** (2 * k - n) * mp.rf(2 * k - n + 1, n) / mp.factorial(2 * k + 1)
        for k in range((int(n) + 1) // 2, terms)
    )


CONSTANTS: dict[str, Callable[[], Mp]] = {"pi": lambda: +mp.pi, "tau": lambda: 2 * mp.pi, "e": lambda: +mp.e}


def value_in_mpmath(text: str, at: Mapping[str, Mp]) -> Mp:
    """The value of the formula `text` where its names are `at`, at the precision that `mp` is set to."""
    *definitions, result = text.replace("^", "**").split(";")
    names = dict(at)
    for definition in definitions:
        name, _, body = definition.partition("=")
        names[name.strip()] = _value(_parsed(body), names)
    return _value(_parsed(result), names)


def true_function(name: str, params: Sequence[str], definition: object) -> Callable[..., Mp]:
    """The function of that name, or where it is not among `FUNCTIONS`, what its definition says of its parameters."""
    return FUNCTIONS.get(name) or (lambda *args: value_in_mpmath(str(definition), dict(zip(params, args, strict=True))))


def gradient_in_mpmath(text: str, at: Mapping[str, str]) -> tuple[Mp, dict[str, Mp]]:
    """Value and partials of the formula `text` at the decimals `at`, to 50 digits."""
    with mp.workdps(DIGITS):
        point = {name: mp.mpf(number) for name, number in at.items()}
        value = value_in_mpmath(text, point)
        partials = {name: _partial(text, point, name) for name in point}
    with mp.workdps(50):
        return +value, {name: +partial for name, partial in partials.items()}


def _partial(text: str, point: Mapping[str, Mp], name: str) -> Mp:
    def along(x: Mp) -> Mp:
        return mp.mpf(value_in_mpmath(text, {**point, name: x}))

    return mp.diff(along, point[name], relative=point[name] != 0)


def _parsed(text: str) -> tuple[str, ast.expr]:
    source = re.sub(r"\bif(?=\()", "choose", text.strip())
    return source, ast.parse(source, mode="eval").body


def _value(parsed: tuple[str, ast.expr], names: Mapping[str, Mp]) -> Any:
    source, tree = parsed

    def of(node: ast.expr) -> Any:
        match node:
            case ast.Constant():
                return mp.mpf(ast.get_source_segment(source, node))  # the decimal as written, which no double holds
            case ast.Name():
                return names[node.id] if node.id in names else CONSTANTS[node.id]()
            case ast.UnaryOp():
                return OPERATORS[type(node.op)](of(node.operand))
            case ast.BinOp():
                return OPERATORS[type(node.op)](of(node.left), of(node.right))
            case ast.BoolOp():
                return (all if isinstance(node.op, ast.And) else any)(of(part) for part in node.values)
            case ast.Compare(ops=[how], comparators=[right]):
                return OPERATORS[type(how)](of(node.left), of(right))
            case ast.Call(func=ast.Name("choose"), args=[condition, then, other]):
                return of(then) if of(condition) else of(other)
            case ast.Call(func=ast.Name(name)):
                return FUNCTIONS[name](*map(of, node.args))
        raise ValueError(f"the referee does not know {ast.unparse(node)}")

    return of(tree)
