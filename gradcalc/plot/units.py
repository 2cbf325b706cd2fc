"""Curves in other units, ticks and levels: numbers that pictures can be drawn with, and people can read."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable
from itertools import pairwise

from gradcalc.language.formula import derived
from gradcalc.record import replace

from .curves import Break, Curve, Points, Tangent, title

_ORDINARY = (1e-100, 1e100)  # sizes of numbers that the libraries of pictures can be given


def unit(bounds: tuple[float, float]) -> float:
    """The power of ten in which numbers between two bounds are drawn: 1 for those of ordinary size."""
    largest = max(map(abs, bounds))
    if largest == 0 or _ORDINARY[0] <= largest <= _ORDINARY[1]:
        return 1.0
    return float(f"1e{max(math.floor(math.log10(largest)), -323)}")  # the least power of ten that is a double


def in_units(curve: Curve) -> tuple[Curve, tuple[str, str, str]]:
    """The curve in units that it can be drawn in, and the titles of its axis, of itself and of its derivative; a
    tangent's slope is one of the picture of the curve."""
    x, y, slope = map(unit, (curve.bounds, curve.heights, curve.slope_heights))
    derivative = named_in_units(f"d/d{curve.name} {derived(curve.formula)}", slope)
    titles = named_in_units(curve.name, x), named_in_units(title(curve.formula), y), derivative
    if x == y == slope == 1.0:
        return curve, titles

    def points(pieces: Iterable[Points], height: float) -> tuple[Points, ...]:
        return tuple(tuple((a / x, b / height) for a, b in piece) for piece in pieces)

    def gap(one: Break) -> Break:
        slopes = (one.slopes[0] / slope, one.slopes[1] / slope)
        return Break(one.x / x, one.kind, one.left / y, one.right / y, slopes, one.value / y)

    tangent = curve.tangent
    if tangent is not None:
        left, right = (each / y * x for each in (tangent.left, tangent.right))
        tangent = Tangent(tangent.x / x, tangent.y / y, left, right, tangent.note)
    scaled = replace(
        curve,
        bounds=(curve.bounds[0] / x, curve.bounds[1] / x),
        pieces=points(curve.pieces, y),
        slopes=points(curve.slopes, slope),
        heights=(curve.heights[0] / y, curve.heights[1] / y),
        slope_heights=(curve.slope_heights[0] / slope, curve.slope_heights[1] / slope),
        breaks=tuple(map(gap, curve.breaks)),
        tangent=tangent,
    )
    return scaled, titles


def named_in_units(text: str, of: float) -> str:
    """A title with the unit in which its numbers are: `exp(x)   in 1e304`."""
    return text if of == 1.0 else f"{text}   in {of:.0e}".replace("e+", "e")


def even_levels(heights: tuple[float, float], count: int) -> list[float]:
    """Round numbers between two heights, some `count` of them."""
    low, high = heights
    rough = high / count - low / count
    power = float(f"1e{math.floor(math.log10(rough))}")
    step = next(power * nice for nice in (1, 2, 5, 10) if power * nice >= rough)
    first, last = math.ceil(low / step), math.floor(high / step)
    return [k * step for k in range(first, last + 1)]


_CROWDED = 0.5  # the share of all values between two even levels, from which on levels follow the values


def levels(values: Iterable[float], heights: tuple[float, float], count: int) -> list[float]:
    """Heights for contour lines: even round numbers, or, where most values would lie between two of them, numbers
    between which there are equally many values."""
    known = sorted(value for value in values if math.isfinite(value))
    even = even_levels(heights, count)
    ends = [0, *(bisect_left(known, height) for height in even), len(known)]
    if max(b - a for a, b in pairwise(ends)) <= _CROWDED * len(known):
        return even
    quantiles = [known[(len(known) - 1) * i // (count + 1)] for i in range(1, count + 1)]
    return sorted({float(f"{value:.2g}") for value in quantiles}) if len({*quantiles}) > 1 else even
