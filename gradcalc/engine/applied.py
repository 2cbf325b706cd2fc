"""A row of the table applied to Values, over any kind of scalar, and Values as a kind of scalar themselves."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import cache, lru_cache, partial
from typing import Any

from gradcalc.language.functions import TABLE, Function

from .node import Value, checked, innermost, make
from .scalars import BALL, CONDITIONS, FLOAT, NATIVE, Scalars, domain_message, fits, nearest_double
from .told import Undecidable


def apply(scalars: Scalars, row: Function, *args: Any) -> Any:
    """The node for a row at arguments of which some are Values over `scalars` and the others plain scalars.

    A partial derivative that does not exist is a scalar that is not finite.
    """
    if not row.partials:
        return _definition(scalars, row)(*args)
    data = [arg.data if isinstance(arg, Value) else arg for arg in args]
    where = [i for i, arg in enumerate(args) if isinstance(arg, Value)]
    if not row.smooth and any(map(_is_nan, data)):  # which comparisons would make a number of
        return _unknown(row, args, where, data)
    try:
        out = scalars.function(row)(*data)
    except ValueError:  # some functions refuse nan
        if not any(map(_is_nan, data)):
            raise
        return _unknown(row, args, where, data)
    if not where:
        return out
    share = _share(scalars, args, data, out) if row.variadic else None
    partials = tuple([_local(scalars, row, i, data, out, share) for i in where])
    return make(out, row.symbol or row.name, tuple([args[i] for i in where]), partials)


def _unknown(row: Function, args: Sequence[Any], where: Sequence[int], data: Sequence[Any]) -> Any:
    """The node for a row at arguments of which one is nan: the value and all slopes are nan."""
    return make(sum(data), row.symbol or row.name, tuple(args[i] for i in where), (math.nan,) * len(where))


def _is_nan(data: Any) -> bool:
    data = innermost(data)
    return data.__class__ is float and data != data


@lru_cache(1024)
def _definition(scalars: Scalars, row: Function) -> Callable[..., Any]:
    return over(scalars).compile(str(row.definition), row.params)


def _local(scalars: Scalars, row: Function, position: int, data: list[Any], out: Any, share: Any) -> Any:
    if not row.variadic and row.partials[position] is None:
        return data[position] * math.nan
    rule = scalars.partial(row, position)
    try:
        if row.variadic:
            return rule(data[position], out, share)
        if row.rounded and scalars is FLOAT:
            return extreme(row, position, tuple(data), out)
        return rule(*data, out)
    except Undecidable:
        return data[position] * math.nan
    except (ArithmeticError, ValueError):
        if scalars is not FLOAT:
            raise
        return extreme(row, position, tuple(data), out)


def _share(scalars: Scalars, args: tuple[Any, ...], data: list[Any], out: Any) -> Any:
    """The partial of each argument of a tie: the minimum-norm subgradient, 0 if a number is among the tied."""
    equal = over(scalars).function(TABLE["=="])
    try:
        tied = [arg for arg, x in zip(args, data, strict=True) if equal(x, out)]
    except Undecidable:
        return out * math.nan
    constant = len(tied) > 1 and not all(isinstance(arg, Value) for arg in tied)
    return 0.0 if constant else 1.0 / max(1, len(tied))


def extreme(row: Function, position: int, data: tuple[float, ...], out: float) -> float:
    """A partial derivative where double arithmetic will not do: the nearest double; where there is none, nan or inf."""
    try:
        return nearest_double(row, data, position)
    except ValueError:
        return float(_IEEE.partial(row, position)(*data, out))


def _ieee(scalars: Scalars, row: Function) -> Callable[..., float]:
    function = FLOAT.function(row)

    def total(*args: float) -> float:
        try:
            return float(function(*args))
        except ZeroDivisionError:
            return math.copysign(math.inf, args[0]) if args[0] else math.nan
        except (OverflowError, ValueError):
            return row.pole if row.pole is not None and args[0] == 0 else math.nan

    return total


_IEEE = Scalars("ieee", FLOAT.number, FLOAT.constant, _ieee, FLOAT.native - {"/"})  # x/0 is infinite


# ---- Values as scalars themselves


@cache
def over(scalars: Scalars) -> Scalars:
    """The kind of scalar whose numbers are Values over `scalars`. `over(over(FLOAT))` gives second derivatives."""
    native = NATIVE | ({"if"} & scalars.native)
    name = f"Value over {scalars.name}"
    return Scalars(name, scalars.number, scalars.constant, _resolve_over(scalars), native, scalars.fixed)


def _resolve_over(scalars: Scalars) -> Callable[[Scalars, Function], Callable[..., Any]]:
    def resolve(_: Scalars, row: Function) -> Callable[..., Any]:
        if row.name in CONDITIONS:
            condition = scalars.function(row)
            return lambda *args: condition(*(arg.data if isinstance(arg, Value) else arg for arg in args))
        if scalars is FLOAT and row.value is not None and row.name in NATIVE:
            return FLOAT.function(row)
        if scalars is FLOAT and row.name == "^":
            return _raised
        return partial(apply, scalars, row)

    return resolve


def _raised(x: Any, y: Any) -> Any:
    """A power; of two numbers that of the table, where Python's own is complex for a negative base."""
    return x**y if isinstance(x, Value) or isinstance(y, Value) else FLOAT.function(TABLE["^"])(x, y)


def _kind_of(data: Any) -> Scalars:
    """The kind of scalar of a Value's data, when a method is called rather than a formula lowered."""
    depth = 0
    while isinstance(data, Value):
        data, depth = data.data, depth + 1
    scalars = BALL if type(data).__module__.startswith("flint") else FLOAT
    for _ in range(depth):
        scalars = over(scalars)
    return scalars


def call(row: Function, *args: Any) -> Any:
    """A row applied by a method: finds the kind of scalar, and reports what is outside the domain in words."""
    deepest = max((arg for arg in args if isinstance(arg, Value)), key=lambda arg: len(_kind_of(arg.data).name))
    scalars = _kind_of(deepest.data)
    args = tuple(_as_float(arg) if scalars is FLOAT else _as_scalar(scalars, arg) for arg in args)
    try:
        return apply(scalars, row, *args)
    except (ArithmeticError, ValueError):
        data = tuple(map(innermost, args))
        if not all(isinstance(x, float | int) for x in data):
            raise
        if not fits(row, data, FLOAT):
            raise ValueError(domain_message(row, data, lambda x, digits: f"{x:.{digits}g}")) from None
        if scalars is FLOAT:
            raise
    return _without_slopes_of_slopes(row, args)


def _without_slopes_of_slopes(row: Function, args: Sequence[Any]) -> Value:
    """The node for a row at Values of Values where a slope is not finite, as that of the root at 0: its own is nan."""
    out = call(row, *(arg.data if isinstance(arg, Value) else arg for arg in args))
    where = tuple(arg for arg in args if isinstance(arg, Value))
    known, unknown = iter(out.partials), (math.nan,) * len(out.arguments)
    of_data = (next(known) if isinstance(arg.data, Value) else math.nan for arg in where)
    slopes = (make(slope, row.name, out.arguments, unknown) for slope in of_data)
    return make(out, row.symbol or row.name, where, tuple(slopes))


def _as_float(arg: Any) -> Any:
    if isinstance(arg, Value):
        if not isinstance(arg.data, float):
            arg.data = float(arg.data)
        return arg
    return float(checked(arg))


def _as_scalar(scalars: Scalars, arg: Any) -> Any:
    arg = checked(arg)
    return scalars.number(Fraction(arg)) if isinstance(arg, float | int) and math.isfinite(arg) else arg
