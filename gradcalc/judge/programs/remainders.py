"""Remainders of a function beside the line of a slope, and its quotients, as the step goes to 0."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise

from .line import AT_ONCE, Along, Line, odd_step
from .rounding import ROUNDOFF

_FINE = (30, 33, 36, 42)  # sizes of steps
_DOWN = (34, 36, 38, 40, 42, 44, 46)  # below which a corner may be beside the point, by what is rounded
_NO_ROUNDING = 2.0**12  # units of roundoff
_PARTS = (128, 181, 256)  # over which a wave is straight, and still no rounding
_PARTS_OF_BENDS = (4, 6, 8)  # over which it is a parabola
_FEW = 64  # neighbours
_WIDE_PARTS = (0.0625, 0.125, 0.21, 0.33, 0.5)
_HALVINGS, _STAYS = 12, 0.1
_SETTLED = 1e-4  # part of a quotient by which it may change
_STEPS_DOWN = range(46, 13, -1)  # from the smallest step on, as powers of 1/2
_ROUNDED = 1e-3  # part of the slopes by which rounding within the function may part them where its value is 0
_AS_MUCH = 0.3  # part of that
_FALLS = 0.6  # part of what parts the sides that is left over half a step
_STEPS = {1: ((20, 21, 22), (28, 29, 30), (34, 35, 36)), 2: ((6, 7, 8), (11, 12, 13), (14, 15, 16))}  # powers of 1/2


# ---- the line of a slope


def remainder_slope(line: Line, derivative: float) -> float | None:
    """The slope of `log |f(h) - f(0) - h f'|` against `log h`: 2 where the derivative is right, 1 where it is not.

    None where the remainder is lost in the noise: then no fault of the derivative could be seen this way.
    """
    seen = []
    for k in range(4, 24):
        step = line.scale * 2.0**-k
        remainder = abs(line.left(derivative, step))
        if remainder > 100 * line.noise and math.isfinite(remainder):
            seen.append((math.log(step), math.log(remainder)))
    if len(seen) < 3:
        return None
    (x0, y0), (x1, y1) = seen[-3], seen[-1]
    return (y1 - y0) / (x1 - x0)


def leaves_line(line: Line, slope: float) -> float:
    """How far values over wide steps on both sides are from the line of a slope through the point, at most; nan where
    some are no numbers."""
    gaps = [abs(line.left(slope, side * part * line.scale)) for part in _WIDE_PARTS for side in (-1, 1)]
    return max(gaps) if all(map(math.isfinite, gaps)) else math.nan


def teeth(line: Line, slope: float) -> float:
    """The size of the jumps by which the value leaves the line of a slope on either side, as one that lost digits does,
    whose slope between two jumps is another than that through them all; 0 where there are none."""
    sizes = []
    for size in (-line.scale, line.scale):
        steps = (size * 2.0**-k for k in range(AT_ONCE, 2, -1))
        far = next((step for step in steps if abs(line.left(slope, step)) > abs(slope * step) / 2), math.nan)
        jump = None if math.isnan(far) else jump_within(lambda step: line.left(slope, step), far / 2, far)
        sizes.append(abs(jump[1]) if jump is not None else 0.0)
    return min(sizes)


def jump_within(
    along: Along, below: float, above: float, halvings: int = _HALVINGS, stays: float = _STAYS
) -> tuple[float, float] | None:
    """At which step between two the value jumps, and by how much; None where less of the change than a part that
    `stays` is left after so many halvings."""
    start, end = along(below), along(above)
    least = stays * abs(end - start)
    for _ in range(halvings):
        if not abs(end - start) > least:
            return None
        step = (below + above) / 2
        middle = along(step)
        if abs(middle - start) > abs(end - middle):
            above, end = step, middle
        else:
            below, start = step, middle
    return (above, end - start) if abs(end - start) > least else None


def is_corner(line: Line, left: float, right: float) -> bool:
    """Whether the values follow the slopes of both sides, but for rounding, over steps of all sizes down to the
    neighbours of the point, as they do at a corner: waves that larger steps pass over do not."""
    least = abs(right - left) / 4  # of their own slope one of the two is further
    steps = [odd_step(line.scale, k) for k in _DOWN]
    lost = _no_rounding(line, [*steps, *(-step for step in steps)])
    sides = ((side * step, slope) for step in steps for side, slope in ((1, right), (-1, left)))
    return all(abs(line.left(slope, step)) <= least * abs(step) + lost for step, slope in sides)


def passes_over(line: Line, slope: float, claimed: float) -> bool:
    """Whether steps may pass over waves that have the slope which is claimed: the values leave the line of the other
    `slope` at once, by more than rounding but far less than the claim does, and next to the point they follow the
    claim, or their neighbours are too far apart to tell, as those of `sin(x)` at 1e20."""
    last, gap = line.scale * 2.0**-52, abs(claimed - slope)
    steps = [side * odd_step(line.scale, k) for k in _FINE for side in (1, -1)]
    from_line, from_start = (max(abs(line.left(each, step)) for step in steps) for each in (slope, 0.0))
    rest = min(from_line, from_start)  # a slope that waves only seem to have leaves them by more than they do
    above = _no_rounding(line, steps) < rest and 64 * abs(slope) * last < from_line
    if not (last and above and rest < gap * steps[0] / 16):
        return False
    whole = rest / gap / last  # neighbours over which the claim would change the value by all that it leaves the line
    near = [round(whole / part) * last for part in _PARTS]
    return not all(near) or all(abs(line.central(step) - claimed) <= gap / 8 for step in near)


def passes_over_bends(line: Line, second: float, claimed: float) -> bool:
    """The same of a second derivative, over steps in parts of 1: the values leave the parabola of the other one at
    once, by more than rounding, and next to the point they follow what is claimed, or their neighbours are too few."""
    start, last, gap = line.at(0.0), 2.0**-52, abs(claimed - second)

    def bend(step: float) -> float:
        return line.at(step) - 2 * start + line.at(-step)

    steps = [odd_step(1.0, k) for k in _FINE]
    rest = max(abs(bend(step) - second * step * step) for step in steps)
    if not gap or not max(_no_rounding(line, steps), 64 * abs(line.central(steps[0])) * last) < rest < math.inf:
        return False
    whole = math.sqrt(rest / gap) / last
    near = [round(whole / part) * last for part in _PARTS_OF_BENDS]
    return near[-1] < _FEW * last or all(abs(bend(step) / step**2 - claimed) <= gap / 8 for step in near)


def _no_rounding(line: Line, steps: Sequence[float]) -> float:
    """More than what rounding makes of the values over some steps."""
    return _NO_ROUNDING * ROUNDOFF * max(abs(line.at(step)) for step in (0.0, *steps))


# ---- quotients as the step goes to 0


def stay_apart(line: Line, order: int, error: float, beside: Iterable[int]) -> bool:
    """Whether the quotients of both sides come no closer over small steps than over larger ones, as those of
    `sqrt(abs(x))` and `x*sin(1/x)` at 0: central quotients are blind to what is even, and second ones to what is odd.

    Args:
        order: that of the derivative, 1 or 2.
        error: of the derivative by central quotients.
        beside: the small steps, as powers of 1/2, where a value that lost digits goes by steps of its own. These count
            where what parts the sides is no less there than over larger steps, as that of a cusp is.
    """

    def side(step: float) -> float:
        if order == 1:
            return line.forward(step)
        return (line.at(2 * step) - 2 * line.at(step) + line.at(0.0)) / step**2

    def apart(powers: tuple[int, ...]) -> tuple[list[float], float]:
        sides = [(side(step), side(-step)) for step in (line.scale * 2.0**-k for k in powers)]
        return [abs(a - b) for a, b in sides], max(abs(a) + abs(b) for a, b in sides)

    def moved(powers: tuple[int, ...]) -> float:
        return max(gap * 2.0 ** (-k * order) for gap, k in zip(apart(powers)[0], powers, strict=True))

    wide, middle, small = _STEPS[order]
    gaps, steep = apart(small)
    if all(b < _FALLS * a for a, b in pairwise(gaps)):
        return False  # by curvature alone
    step, gap = line.scale * 2.0 ** -small[-1], max(gaps)
    least = 10 * error + 100 * line.rounded / step**order + _ROUNDED * steep
    if not least < gap < math.inf or gap <= max(apart(wide)[0]) / 2:
        return False
    return moved(small) < _AS_MUCH * moved(middle) or gap > 100 * max(map(line.rough, beside)) / step**order


def drift(line: Line, quotient: Callable[[float], float], found: float, order: int) -> bool:
    """Whether a quotient, as a function of the step, changes from each small step to a smaller one about as much as
    before: the second one of `abs(x)^2.1` at 0 goes to 0 in the end, however near to another number it seems to stay.

    Args:
        found: what is taken for its limit.
        order: the power of the step in it.
    """
    lost, noise = _SETTLED * abs(found), line.rounded
    steps = (line.scale * 2.0**-k for k in _STEPS_DOWN)
    finest = next((step for step in steps if 100 * noise / step**order <= lost), math.nan)
    seen = [quotient(finest * 8.0**k) for k in (4, 3, 2, 1, 0)]
    changes = [b - a for a, b in pairwise(seen)]
    return all(a * b > 0 and lost + abs(a) / 3 < abs(b) for a, b in pairwise(changes))
