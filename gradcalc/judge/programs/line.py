"""A function along one line through the point, seen at steps of many sizes: its values, their quotients and noise."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Sequence
from functools import cache, cached_property
from itertools import pairwise

from .rounding import ROUNDOFF

Along = Callable[[float], float]  # the function's value a step away from the point

LEAST = 2.0**-1074  # the smallest double, to multiples of which values are rounded that are next to nothing
# over steps of more than 2^-10, and 2^-10 of the scale, what is rough may be waves, which are as large as all the
# function does there
WIDE = 10
AT_ONCE = 36  # the size of a step, as a power of 1/2, that is too small for anything to happen in between
_NOISE_STEPS = (46, 24, 22, 20, 18, 16, 14, 12, 10, 8, 6)
_WAVES = 1e-4
_GROWS = 2.0**10  # times that what is rough grows from steps to larger ones where it is no noise; curvature 2^20
_ORDER = 10
_PART = 0.618


class Line:
    """All that is read off the values on a line, each of which is asked for once.

    Args:
        along: the function's value as a function of the step; nan where it has none.
        scale: the size of the variable, by which steps are measured.
    """

    def __init__(self, along: Along, scale: float):
        self.at, self.scale = cache(along), scale

    def by(self, part: float) -> Line:
        """The same with steps that are so small a part of these."""
        return Line(self.at, part * self.scale)

    # ---- quotients over one step

    def central(self, step: float) -> float:
        """That over a step to either side."""
        return (self.at(step) - self.at(-step)) / (2 * step)

    def forward(self, step: float) -> float:
        return (self.at(step) - self.at(0.0)) / step

    def backward(self, step: float) -> float:
        return (self.at(0.0) - self.at(-step)) / step

    def second(self, step: float) -> float:
        return (self.at(step) - 2 * self.at(0.0) + self.at(-step)) / (step * step)

    def stays(self, step: float) -> bool:
        """Whether the value is the same on both sides."""
        return self.at(step) == self.at(0.0) == self.at(-step)

    def left(self, slope: float, step: float) -> float:
        """The change of the value, less that by a slope."""
        return self.at(step) - self.at(0.0) - slope * step

    # ---- how far the values are from a smooth curve

    @cached_property
    def noise(self) -> float:
        """About how far a value of the function is from a smooth curve through its neighbours.

        Noise is as large over steps of one size as over the next ones, which curvature is not; a jump is on one side
        only.
        """
        start, calm, seen = self.at(0.0), False, []
        for k in _NOISE_STEPS:
            step = odd_step(self.scale, k)
            sides = self._sides(step)
            least = min(map(_roughness, sides))
            waves = least > _WAVES * max(abs(x - start) for side in sides for x in side)
            calm = calm or not waves
            seen.append(0.0 if waves and (k < WIDE or (calm and step > 2.0**-WIDE)) else least)
        if not math.isfinite(seen[0]):
            return math.inf
        near, far = seen[:1], seen[1:]
        threes = [three for three in zip(far, far[1:], far[2:], strict=False) if all(map(math.isfinite, three))]
        lasting = [min(three) for three in threes if three[1] <= _GROWS * three[0]]
        return max(self._of_doubles, *near, *lasting)

    @cached_property
    def rounded(self) -> float:
        """About how far values are off by rounding, or by the steps that they go by."""
        return max(self.rough(46), self._of_doubles)

    def rough(self, k: int) -> float:
        """How far values at steps of about 2^-k of the scale are from a smooth curve, on the side where they are less.

        The steps are odd numbers of the last digits of the point: of those by powers of 2 rounding drops the same part
        each time, which looks like a slope.
        """
        return min(map(_roughness, self._sides(odd_step(self.scale, k))))

    def _sides(self, step: float) -> list[list[float]]:
        """Values on either side of the point."""
        return [[self.at(step * k) for k in range(first, first + _ORDER + 5)] for first in (-_ORDER - 4, 0)]

    @cached_property
    def _of_doubles(self) -> float:
        """By how much a value is off that is rounded to doubles, or to the steps that it goes by."""
        start = abs(self.at(0.0))
        small = (start or self.largest) < sys.float_info.min
        return max(ROUNDOFF * start, LEAST * small, self.quantum / 2)

    @cached_property
    def largest(self) -> float:
        """The largest value here and some way off, where there is one."""
        sizes = (abs(self.at(part * self.scale)) for part in (-0.25, 0.0, 0.25))
        return max((size for size in sizes if not math.isnan(size)), default=math.inf)

    @cached_property
    def quantum(self) -> float:
        """By how much the function changes when it first does, where it stays the same over some small steps on both
        sides: its values are rounded to so much, or to fewer digits than a double has."""
        start, found = self.at(0.0), []
        for direction in (-1, 1):
            steps = (direction * self.scale * 2.0**-k for k in range(52, 2, -1))
            changes = [abs(value - start) for value in map(self.at, steps)]
            first = next((i for i, change in enumerate(changes) if change), None)
            found.append(changes[first] if first is not None and first > 2 else 0.0)
        return min(found) if all(map(math.isfinite, found)) else 0.0


def differences_of(values: Sequence[float], order: int) -> list[float]:
    """The differences of values, of those again, and so on, of an order."""
    row = list(values)
    for _ in range(order):
        row = [b - a for a, b in pairwise(row)]
    return row


def _roughness(values: Sequence[float]) -> float:
    """About how far values at equal steps are from a polynomial of a degree below the order of their differences."""
    row = differences_of(values, _ORDER)
    return math.hypot(*row) / math.sqrt(len(row) * math.comb(2 * _ORDER, _ORDER))  # squares would overflow


def odd_step(scale: float, k: int, halvings: int = 0) -> float:
    """A step of about 2^-k of the scale, an odd number of the last digits of a point of that size, also when it is
    halved so often."""
    return scale * 2.0 ** (halvings - 52) * (2 * int(_PART * 2.0 ** (51 - k - halvings)) + 1)
