"""Derivatives of any order along one name, on both sides of a point, by the first terms of the formula there.

Beside the point, a formula of powers, exponentials, logarithms and functions that are analytic at their limits is an
element of a Hardy field (that of the reals with restricted analytic functions and exp: van den Dries, Macintyre and
Marker, 1994), by whose rule of l'Hopital the terms of its expansion may be differentiated one by one. A function that
is continuous at the point and whose derivative has a limit there has that limit for its derivative.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from fractions import Fraction
from functools import partial
from typing import Any

from gradcalc.engine.program import Program
from gradcalc.record import dataclass

from .choices import Vanishes
from .onesided import first_known, moved
from .series import Outside, one_sided
from .sides import Side
from .terms import Coefficient, Manner, Series, derivative

_TAME = Manner(tame=True)
_WAYS = (-1, 1)
_CUTS = (1, 2, 4, 8)  # of series, one after the other


@dataclass(frozen=True, slots=True)
class OnSide:
    """The limit of a derivative on one side, and that of the next one, which may be known exactly."""

    limit: Any
    side: Side
    exact: Fraction | None


def of_orders(
    program: Program, at: Mapping[str, Coefficient], name: str, highest: int, vanishes: Vanishes
) -> list[tuple[OnSide, OnSide]]:
    """For the orders from 1 on, what is known on the left and on the right: as far as the highest, or the first that
    is not finite on both sides; empty where the formula ends at the point, or its first terms cannot be told.

    Args:
        program: a program whose kinks are written out.
        at: the values of its variables, as rational numbers or balls.
        vanishes: whether a quantity goes to 0 at the point for certain.
    """
    ways = [moved(at, name, direction) for direction in _WAYS]

    def attempt(cut: int) -> list[tuple[OnSide, OnSide]]:
        left, right = (one_sided(program, way, cut, None, vanishes, _TAME) for way in ways)
        return _orders(left, right, highest)

    try:
        return first_known([cut * (highest + 1) for cut in _CUTS], attempt) or []
    except Outside:
        return []


def is_settled(program: Program, at: Mapping[str, Coefficient], name: str, vanishes: Vanishes) -> bool:
    """Whether there are no kinks next to the point along a name, but for the point: the sides of all comparisons, and
    what lies between jumps, are told."""
    for direction in _WAYS:
        way = moved(at, name, direction)
        with suppress(Outside):
            if first_known(_CUTS, partial(one_sided, program, way, vanishes=vanishes)) is None:
                return False
    return True


def _orders(left: Series, right: Series, highest: int) -> list[tuple[OnSide, OnSide]]:
    found: list[tuple[OnSide, OnSide]] = []
    for order in range(1, highest + 1):
        before = (-1) ** (order - 1) * left.limit, right.limit
        if not all(limit.is_finite() for limit in before):
            break
        left, right = derivative(left), derivative(right)
        after = (-1) ** order * left.limit, right.limit
        limits = left.constant, right.constant
        ways = zip(((-1) ** order, 1), limits, strict=True)
        exact = [sign * limit if isinstance(limit, Fraction) else None for sign, limit in ways]
        first, second = (OnSide(a, Side(b, True), c) for a, b, c in zip(before, after, exact, strict=True))
        found.append((first, second))
    return found
