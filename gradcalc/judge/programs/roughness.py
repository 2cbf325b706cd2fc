"""How far the values of a function are from a smooth curve: noise, rounding and steps, told from the values alone."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Sequence
from itertools import pairwise

from .remainders import Along
from .rounding import ROUNDOFF


def noise_of(along: Along, scale: float) -> float:
    """About how far a value of the function is from a smooth curve through its neighbours.

    Noise is as large over steps of one size as over the next ones, which curvature is not; a jump is on one side only.
    """
    start, calm, seen = along(0.0), False, []
    for k in _NOISE_STEPS:
        step = odd_step(scale, k)
        sides = list(_sides(along, step))
        least = min(_roughness(side) for side in sides)
        waves = least > _WAVES * max(abs(x - start) for side in sides for x in side)
        calm = calm or not waves
        seen.append(0.0 if waves and (k < WIDE or (calm and step > 2.0**-WIDE)) else least)
    if not math.isfinite(seen[0]):
        return math.inf
    near, far = seen[:1], seen[1:]
    threes = [three for three in zip(far, far[1:], far[2:], strict=False) if all(map(math.isfinite, three))]
    lasting = [min(three) for three in threes if three[1] <= _GROWS * three[0]]
    return max(_of_doubles(along, scale), *near, *lasting)


_NOISE_STEPS = (46, 24, 22, 20, 18, 16, 14, 12, 10, 8, 6)
# over steps of more than 2^-10, and 2^-10 of the scale, what is rough may be waves, which are as large as all the
# function does there
WIDE = 10
_WAVES = 1e-4
_GROWS = 2.0**10  # times that what is rough grows from steps to larger ones where it is no noise; curvature 2^20
_ORDER = 10


LEAST = 2.0**-1074  # the smallest double, to multiples of which values are rounded that are next to nothing


def _of_doubles(along: Along, scale: float) -> float:
    """By how much a value is off that is rounded to doubles, or to the steps that it goes by."""
    start = abs(along(0.0))
    small = (start or size_about(along, scale)) < sys.float_info.min
    return max(ROUNDOFF * start, LEAST * small, quantum(along, scale) / 2)


def size_about(along: Along, scale: float) -> float:
    """The largest value here and some way off, where there is one."""
    sizes = (abs(along(part * scale)) for part in (-0.25, 0.0, 0.25))
    return max((size for size in sizes if not math.isnan(size)), default=math.inf)


def quantum(along: Along, scale: float) -> float:
    """By how much the function changes when it first does, where it stays the same over some small steps on both
    sides: its values are rounded to so much, or to fewer digits than a double has."""
    start, found = along(0.0), []
    for direction in (-1, 1):
        steps = (direction * scale * 2.0**-k for k in range(52, 2, -1))
        changes = [abs(value - start) for value in map(along, steps)]
        first = next((i for i, change in enumerate(changes) if change), None)
        found.append(changes[first] if first is not None and first > 2 else 0.0)
    return min(found) if all(map(math.isfinite, found)) else 0.0


def _sides(along: Along, step: float) -> Iterator[list[float]]:
    """Values on either side of the point."""
    for first in (-_ORDER - 4, 0):
        yield [along(step * k) for k in range(first, first + _ORDER + 5)]


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


def rounded(along: Along, scale: float) -> float:
    """About how far values are off by rounding, or by the steps that they go by."""
    return max(rough(along, scale, 46), _of_doubles(along, scale))


def rough(along: Along, scale: float, k: int) -> float:
    """How far values at steps of about 2^-k of the scale are from a smooth curve, on the side where they are less.

    The steps are odd numbers of the last digits of the point: of those by powers of 2 rounding drops the same part each
    time, which looks like a slope.
    """
    return min(_roughness(side) for side in _sides(along, odd_step(scale, k)))


def odd_step(scale: float, k: int, halvings: int = 0) -> float:
    """A step of about 2^-k of the scale, an odd number of the last digits of a point of that size, also when it is
    halved so often."""
    return scale * 2.0 ** (halvings - 52) * (2 * int(_PART * 2.0 ** (51 - k - halvings)) + 1)


_PART = 0.618


def passes_over(along: Along, scale: float, slope: float, claimed: float) -> bool:
    """Whether steps may pass over waves that have the slope which is claimed: the values leave the line of the other
    `slope` at once, by more than rounding but far less than the claim does, and next to the point they follow the
    claim, or their neighbours are too far apart to tell, as those of `sin(x)` at 1e20."""
    last, gap = scale * 2.0**-52, abs(claimed - slope)
    steps = [side * odd_step(scale, k) for k in _AT_ONCE for side in (1, -1)]
    from_line, from_start = (max(_leaves(along, step, line) for step in steps) for line in (slope, 0.0))
    rest = min(from_line, from_start)  # a slope that waves only seem to have leaves them by more than they do
    above = _no_rounding(along, steps) < rest and 64 * abs(slope) * last < from_line
    if not (last and above and rest < gap * steps[0] / 16):
        return False
    whole = rest / gap / last  # neighbours over which the claim would change the value by all that it leaves the line
    near = [round(whole / part) * last for part in _PARTS]
    return not all(near) or all(abs((along(step) - along(-step)) / (2 * step) - claimed) <= gap / 8 for step in near)


def is_corner(along: Along, scale: float, left: float, right: float) -> bool:
    """Whether the values follow the slopes of both sides, but for rounding, over steps of all sizes down to the
    neighbours of the point, as they do at a corner: waves that larger steps pass over do not."""
    least = abs(right - left) / 4  # of their own slope one of the two is further
    steps = [odd_step(scale, k) for k in _DOWN]
    lost = _no_rounding(along, [*steps, *(-step for step in steps)])
    sides = ((side * step, slope) for step in steps for side, slope in ((1, right), (-1, left)))
    return all(_leaves(along, step, slope) <= least * abs(step) + lost for step, slope in sides)


def _leaves(along: Along, step: float, slope: float) -> float:
    return abs(along(step) - along(0.0) - slope * step)


def _no_rounding(along: Along, steps: Sequence[float]) -> float:
    """More than what rounding makes of the values over some steps."""
    return _NO_ROUNDING * ROUNDOFF * max(abs(along(step)) for step in (0.0, *steps))


def passes_over_bends(along: Along, second: float, claimed: float) -> bool:
    """The same of a second derivative, over steps in parts of 1: the values leave the parabola of the other one at
    once, by more than rounding, and next to the point they follow what is claimed, or their neighbours are too few."""
    start, last, gap = along(0.0), 2.0**-52, abs(claimed - second)

    def bend(step: float) -> float:
        return along(step) - 2 * start + along(-step)

    steps = [odd_step(1.0, k) for k in _AT_ONCE]
    rest = max(abs(bend(step) - second * step * step) for step in steps)
    slope = abs(along(steps[0]) - along(-steps[0])) / (2 * steps[0])
    if not gap or not max(_no_rounding(along, steps), 64 * slope * last) < rest < math.inf:
        return False
    whole = math.sqrt(rest / gap) / last
    near = [round(whole / part) * last for part in _PARTS_OF_BENDS]
    return near[-1] < _FEW * last or all(abs(bend(step) / step**2 - claimed) <= gap / 8 for step in near)


_AT_ONCE = (30, 33, 36, 42)  # sizes of steps
_DOWN = (34, 36, 38, 40, 42, 44, 46)  # below which a corner may be beside the point, by what is rounded
_NO_ROUNDING = 2.0**12  # units of roundoff
_PARTS = (128, 181, 256)  # over which a wave is straight, and still no rounding
_PARTS_OF_BENDS = (4, 6, 8)  # over which it is a parabola
_FEW = 64  # neighbours
