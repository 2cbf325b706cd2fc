"""`if`, `and`, `or` and `not` over series, truth values, and the exceptions that stand for them.

A condition of None holds at some points and not at others: then what both branches have in common is known.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .terms import Series, Unknown, either


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
