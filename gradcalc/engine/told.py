"""Conditions on balls, which may hold, not hold, or not be told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any


class Undecidable(ArithmeticError):
    """Two balls overlap, so that which is larger cannot be told at this precision."""


# Comparing balls is true only where it is certain: of a condition and its opposite, both may be false
TOLD: Mapping[str, Callable[[Any, Any], bool | None]] = {
    "<": lambda x, y: True if x < y else False if x >= y else None,
    "<=": lambda x, y: True if x <= y else False if x > y else None,
    ">": lambda x, y: True if x > y else False if x <= y else None,
    ">=": lambda x, y: True if x >= y else False if x < y else None,
    "==": lambda x, y: True if x == y else False if x != y else None,
    "!=": lambda x, y: True if x != y else False if x == y else None,
}


def _decided(told: Callable[[Any, Any], bool | None]) -> Callable[[Any, Any], bool]:
    def condition(x: Any, y: Any) -> bool:
        found = told(x, y)
        if found is None:
            raise Undecidable
        return found

    return condition


DECIDED = {name: _decided(told) for name, told in TOLD.items()}


# ---- conditions joined


def any_holds(*told: bool | None) -> bool | None:
    return True if True in told else None if None in told else False


def all_hold(*told: bool | None) -> bool | None:
    return False if False in told else None if None in told else True


def none_holds(told: bool | None) -> bool | None:
    return None if told is None else not told


def _decided_by(decisive: bool, *conditions: Callable[[], bool]) -> bool:
    """Whether conditions joined by `or` (True decides) or `and` hold, in any order that decides; raises Undecidable."""
    undecided = False
    for condition in conditions:
        try:
            if bool(condition()) is decisive:
                return decisive
        except Undecidable:
            undecided = True
    if undecided:
        raise Undecidable
    return not decisive


either, both = partial(_decided_by, True), partial(_decided_by, False)
