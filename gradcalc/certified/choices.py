"""Steps, `if`, `and`, `or` and `not` over series, truth values, and the exceptions that stand for them.

A condition of None holds at some points and not at others: then what both branches have in common is known.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from gradcalc.engine.scalars import BALL
from gradcalc.language.formula import Function

from .terms import Series, Unknown, as_ball, constant, either, plus, settled


def _if(condition: Any, a: Any, b: Any) -> Any:
    if condition is None:  # now the one, now the other
        return a if a is b else either(a, b) if isinstance(a, Series) and isinstance(b, Series) else Unknown()
    chosen = condition if isinstance(condition, Exception) else a if condition else b
    if isinstance(chosen, Exception):
        raise chosen
    return chosen


def _and(x: Any, y: Any) -> Any:
    if y is False and (x is None or isinstance(x, Unknown)):
        return False
    return (None if y is None or y is True else y) if x is None else _if(x, y, False)


def _or(x: Any, y: Any) -> Any:
    if y is True and (x is None or isinstance(x, Unknown)):
        return True
    return (None if y is None or y is False else y) if x is None else _if(x, True, y)


def _not(x: Any) -> Any:
    return None if x is None else _if(x, False, True)


CONTROL: Mapping[str, Callable[..., Any]] = {"if": _if, "and": _and, "or": _or, "not": _not}


def stepped(row: Function, arg: Series, joined: bool) -> Series:
    """A function that is constant between jumps at integers. One that jumps again and again on the way to the point is
    known within 1, if values may be `joined`."""
    limit = arg.constant if arg.cut is None or arg.cut > 0 else None
    if limit is None:
        if not joined:
            raise Unknown
        return plus(arg, Series({}, Fraction(0), as_ball(Fraction(-1)).union(as_ball(Fraction(0)))))
    limit = limit if isinstance(limit, Fraction) else settled(limit)
    if not isinstance(limit, Fraction):
        found = BALL.function(row)(limit)
        if not found.is_finite():  # around a jump
            raise Unknown
        return constant(settled(found))
    sign = plus(arg, constant(-limit)).sign
    assert row.rational is not None
    return constant(Fraction(row.rational(limit + Fraction(sign, 2 * limit.denominator + 2))))
