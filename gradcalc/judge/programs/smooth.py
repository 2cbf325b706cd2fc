"""The derivative of a function that is smooth about the point, from some forty of its values.

A polynomial through values near the roots of one of Chebyshev's is held against further values: some between these, and
some over steps of all sizes down to rounding. Where it gives them all but for rounding, there is no corner, jump, step
or wave to be seen, and its derivative is the function's. Anything else is for the long way of `differences`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from operator import mul

from .differences import Difference
from .line import Line, odd_step
from .rounding import ROUNDOFF

_COUNT = 16
_GRID = 2.0**-20  # of the places, so that they and the point are exactly their sums


def _on_grid(place: float) -> float:
    return round(place / _GRID) * _GRID


_PLACES = tuple(_on_grid(math.cos((k + 0.5) * math.pi / _COUNT)) for k in range(_COUNT))
_BETWEEN = tuple(map(_on_grid, (-0.94, -0.61, -0.28, 0.0, 0.13, 0.44, 0.78)))
_WHOLE = 2**60  # times which every place is a whole number
_SMALL = tuple(odd_step(1.0, k) for k in (8, 13, 18, 23, 28, 33, 38, 43))
_WINDOWS = tuple(2.0**-k for k in (2, 5, 8, 11))  # the widest steps, in parts of the size
_ROUGHEST = 256.0  # units of roundoff of its values by which they may be off
_SAFE = 2.0  # times the error that noise is about to make, by the order
_NEAR = 4.0  # times what values over the smallest steps are off
_TINY = 1e-100  # below which, and beyond whose inverse, products leave the range of doubles
_FINE = 1e-11  # part of the slopes near by that a derivative may be off


def smooth(line: Line, order: int = 1, widest: float = math.inf) -> Difference | None:
    """The derivative at step 0 of a function that is smooth there; None where it is not seen to be.

    Args:
        order: 1, or 2 for the second derivative.
        widest: the largest step, in parts of the scale.
    """
    best: Difference | None = None
    scale = line.scale
    for size in dict.fromkeys((scale, max(scale, 1.0))) if _TINY < scale < 1 / _TINY else ():
        for window in _WINDOWS:
            values = [line.at(place * window * size) for place in _PLACES] if window * size <= widest * scale else []
            rough = _roughness(line, window, size, values) if values else math.inf
            if not math.isfinite(rough):
                continue
            weights, unit = _slopes(order), (window * size) ** order
            error = _SAFE * order * rough * math.hypot(*weights) / unit
            found = Difference(_product(weights, values) / unit, error, window=window * size / scale)
            if not _lasts(line, window, size, values):
                break
            if error <= _FINE * max(abs(found.derivative), _beyond(line.at(0.0), values, order) / unit):
                return found
            if order > 1 and error <= _FINE * (max(values) - min(values)) / unit and (not best or error < best.error):
                best = found  # which may be 0
            break
    return best


def _lasts(line: Line, window: float, size: float, values: list[float]) -> bool:
    """Whether the polynomial has the slope of the function over small steps, too, as far as these tell it: where the
    value at the point is next to nothing, they tell far more than wide ones."""
    wide, lost = window * size, _SAFE * ROUNDOFF * max(map(abs, values))
    slope, spread = _product(_slopes(1), values) / wide, math.hypot(*_slopes(1)) / wide
    steps = [side * step * size for step in _SMALL[-3:] for side in (1, -1)]
    near = [abs(line.left(slope, step)) for step in steps]
    for step in _SMALL:
        if (place := step / window) < 0.5:
            above, below = line.at(step * size), line.at(-step * size)
            gap = abs((above - below) / (2 * step * size) - _product(_slopes_over(place), values) / wide)
            least = (_NEAR * max(near) + _SAFE * ROUNDOFF * (abs(above) + abs(below))) / (step * size)
            if not gap <= lost * spread * _NEAR + least:
                return False
    return True


def _beyond(start: float, values: Sequence[float], order: int) -> float:
    """How far values go from that at the point, or from the straight line there."""
    slope = _product(_slopes(1), values) if order > 1 else 0.0
    return max(abs(value - start - slope * place) for place, value in zip(_PLACES, values, strict=True))


def _roughness(line: Line, window: float, size: float, values: list[float]) -> float:
    """How far the function is from the polynomial through its values; infinite where that is more than rounding, or the
    values are all the same."""
    largest = max(map(abs, values))
    most, off = _ROUGHEST * ROUNDOFF * largest, ROUNDOFF * largest
    told = _TINY < largest < 1 / _TINY and all(map(math.isfinite, values)) and min(values) < max(values)
    if not told:
        return math.inf
    for place in _held_at(window):
        off = max(off, abs(line.at(place * window * size) - _product(_weights(place), values)))
        if not off <= most:  # nor is nan
            return math.inf
    return off


def _product(weights: Sequence[float], values: Sequence[float]) -> float:
    return math.fsum(map(mul, weights, values))


@cache
def _held_at(window: float) -> tuple[float, ...]:
    """The places at which the polynomial is tried, in parts of the window."""
    small = (side * step / window for step in _SMALL for side in (1, -1) if step < window / 2)
    return (*_BETWEEN, *small)


@cache
def _weights(place: float) -> tuple[float, ...]:
    """Those of the values in the polynomial through them, at a place."""
    return tuple(math.prod((place - other) / (own - other) for other in _PLACES if other != own) for own in _PLACES)


@cache
def _slopes_over(place: float) -> tuple[float, ...]:
    """Those in the plain quotient of the polynomial over a step to either side."""
    step, *exact = (int(x * _WHOLE) for x in (place, *_PLACES))  # of which nothing is rounded, as small steps need
    found = []
    for own in exact:
        others = [other for other in exact if other != own]
        apart = math.prod(step - other for other in others) - math.prod(-step - other for other in others)
        found.append(apart * _WHOLE / (2 * step * math.prod(own - other for other in others)))
    return tuple(found)


@cache
def _slopes(order: int) -> tuple[float, ...]:
    """Those in its derivative of an order at 0."""
    found = []
    for own in _PLACES:
        terms = [1.0, 0.0, 0.0]  # the first coefficients of the product of (t - other)/(own - other)
        for other in (place for place in _PLACES if place != own):
            terms = [(below - other * term) / (own - other) for below, term in zip((0.0, *terms), terms, strict=False)]
        found.append(terms[order] * order)  # which is its factorial, for 1 and 2
    return tuple(found)
