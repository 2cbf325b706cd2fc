"""A formula's value and gradient in mpmath, read by Python's own parser: nothing of gradcalc is asked.

The formula notation of the recorded formulas is Python's but for `^`, `if(...)` and definitions ended by `;`. The
gradient is by central differences at raised precision, so no rule of differentiation is asked either.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Mapping
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
    "exp log log10 expm1 log1p sqrt cbrt factorial gamma digamma erf erfc sin cos tan sec csc cot asin acos atan atan2 "
    "hypot sinh cosh tanh sech csch coth asinh acosh atanh floor ceil sign"
)

FUNCTIONS: dict[str, Callable[..., Mp]] = {
    **{name: getattr(mp, name) for name in SAME_NAME.split(" ")},
    "ln": mp.log,
    "lgamma": mp.loggamma,
    "normcdf": mp.ncdf,
    "normpdf": mp.npdf,
    "deg": mp.degrees,
    "rad": mp.radians,
    "abs": abs,
    "min": min,
    "max": max,
    "log2": lambda x: mp.log(x, 2),
    "root": lambda x, n: x ** (1 / n),
    "sinc": lambda x: mp.sin(x) / x,
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
    "elu": lambda x: x if x > 0 else mp.exp(x) - 1,
    "gelu": lambda x: x * (1 + mp.erf(x / mp.sqrt(2))) / 2,
    "silu": lambda x: x / (1 + mp.exp(-x)),
}

CONSTANTS: dict[str, Callable[[], Mp]] = {"pi": lambda: +mp.pi, "tau": lambda: 2 * mp.pi, "e": lambda: +mp.e}


def value_in_mpmath(text: str, at: Mapping[str, Mp]) -> Mp:
    """The value of the formula `text` where its names are `at`, at the precision that `mp` is set to."""
    *definitions, result = text.replace("^", "**").split(";")
    names = dict(at)
    for definition in definitions:
        name, _, body = definition.partition("=")
        names[name.strip()] = _value(_parsed(body), names)
    return _value(_parsed(result), names)


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
