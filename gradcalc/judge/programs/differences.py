"""Derivatives from function values alone, for functions that cannot be traced, with an estimate of their error.

Central differences extrapolated to step 0 (Richardson; the table and its stopping rule after Ridders, 1982), from
several first steps; the smallest estimated error wins. The estimate adds what extrapolation leaves to what the noise of
the function's own values makes of it (noise by high differences over tiny steps, after Hamming).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from functools import cache, partial
from itertools import pairwise

from gradcalc.record import dataclass

from .remainders import Along, drift, stay_apart
from .roughness import LEAST, WIDE, is_corner, noise_of, odd_step, rough, rounded, size_about
from .rounding import ROUNDOFF

_SHRINK = 2.0
_LEVELS = 10
_FIRST = tuple(odd_step(1.0, 2 * k, _LEVELS) for k in range(9))  # first steps, for a variable of size 1
_FIRST_OF_LARGE = tuple(odd_step(1.0, 2 * k, _LEVELS) for k in range(9, 17))  # more, where there may be many waves
_SAFE = 4.0  # estimates of errors are themselves only good to a factor


@dataclass(frozen=True, slots=True)
class Difference:
    """A derivative and how far off it may be. `left` and `right` are given where the two sides differ: a corner; or
    are infinite at a jump. `error` is infinite where no derivative could be made out. `window` is the widest step, in
    parts of the scale, of values that all follow one smooth curve; 0 where they are not known to."""

    derivative: float
    error: float
    left: float | None = None
    right: float | None = None
    window: float = 0.0

    @property
    def kink(self) -> bool:
        return self.left is not None


def difference(along: Along, scale: float, widest: float = math.inf) -> Difference:
    """The derivative at step 0.

    Args:
        along: the function's value as a function of the step.
        scale: the size of the variable, by which steps are measured; those for size 1 are tried too.
        widest: the largest step, in parts of the scale: a loop of a program may have no end far away.
    """
    along = cache(along)
    noise = noise_of(along, scale)
    if noise > max(LEAST, _ALL * size_about(along, scale)):
        return Difference(0.0, math.inf)
    firsts = [step for step in _first_steps(scale) if step <= widest * scale]
    lost = _losses(along, scale, noise)
    central = _best(along, firsts, lost, plain_quotient)
    left, right = (_best(along, firsts, lost, side) for side in (_backward, _forward))
    apart = abs(left.derivative - right.derivative)
    one_sided = left.error + right.error
    sides_differ = math.isfinite(one_sided) and apart > 10 * one_sided
    if sides_differ and apart > _CORNER * abs(left.derivative + right.derivative):
        corner = Difference(central.derivative, math.inf, left.derivative, right.derivative)
        return _beside_corner(along, scale, apart) or _unless_drifting(corner, along, scale)
    jump = _jump(along, scale, noise)
    if jump is not None:
        return Difference(math.nan, math.inf, *jump)
    sides = None if sides_differ else _sides_of_piece(along, scale)
    if sides is not None:
        return _unless_drifting(Difference(central.derivative, math.inf, *sides), along, scale)
    if sides_differ:
        return Difference(central.derivative, central.error + apart)
    beside = partial(_roughest, along, scale, range(_AT_ONCE, 23, -2))
    parted = stay_apart(along, scale, 1, central.error, rounded(along, scale), beside)
    return Difference(central.derivative, math.inf) if parted else central


def _roughest(along: Along, scale: float, powers: Iterable[int]) -> float:
    return max(rough(along, scale, k) for k in powers)


_ALL = 0.1  # part of its values that is noise in a function of which nothing is told: its waves may be finer than steps
_CORNER = 1e-6  # part of the slope by which the sides differ at a corner that is seen


def _sides_of_piece(along: Along, scale: float) -> tuple[float, float] | None:
    """The slopes on both sides where they differ by the same over the smallest steps that tell, which neither curvature
    nor a jump does: wide steps, over which a function has many corners, may hide the one at the point."""
    lost, gaps = 100 * rounded(along, scale), list[float]()
    for step in (scale * 2.0**-k for k in range(_AT_ONCE - 2, WIDE + 4, -2)):
        left, right = _backward(along, step), _forward(along, step)
        if abs(right - left) > lost / step + _CORNER * abs(left + right):
            gaps.append(right - left)
            if len(gaps) == 3:
                return (left, right) if max(gaps) - min(gaps) <= _ALIKE * abs(gaps[0]) else None
    return None


_ALIKE = 0.02  # relative difference of gaps that are the same


def _beside_corner(along: Along, scale: float, apart: float) -> Difference | None:
    """The derivative where a corner only lies near by: over the smallest steps that tell, the sides are no longer
    `apart`. It is none where the values stay the same there and then jump, as those that are rounded do."""
    lost, least = 10 * rounded(along, scale), _SAME_SIDES * apart
    steps = [step for k in range(46, WIDE, -1) if lost / (step := scale * 2.0**-k) <= least]
    alike = [abs(_forward(along, step) - _backward(along, step)) <= least for step in steps[:_NEARBY]]
    step = next((step for step, *both in zip(steps, alike, alike[1:], strict=False) if all(both)), math.nan)
    if math.isnan(step):
        return None
    left, right = _backward(along, step), _forward(along, step)
    if along(step) == along(0.0) == along(-step):
        for side in (step, -step):
            far = next((side * 2.0**k for k in range(46) if along(side * 2.0**k) != along(0.0)), 0.0)
            if far and jump_within(along, far / 2, far, _HALVINGS, _STAYS) is not None:
                return None
    return Difference((left + right) / 2, lost / step + abs(right - left) + ROUNDOFF * apart)


_NEARBY = 8  # of the smallest steps, over two of which the sides must be alike
_SAME_SIDES = 0.1  # part of the difference of two sides


def _unless_drifting(corner: Difference, along: Along, scale: float) -> Difference:
    """A corner, or no derivative at all where what parts its sides does not settle, or is none next to the point."""
    left, right = corner.left or 0.0, corner.right or 0.0
    none = not is_corner(along, scale, left, right) or drift(
        lambda step: _forward(along, step) - _backward(along, step), right - left, scale, 1, rounded(along, scale)
    )
    return Difference(corner.derivative, math.inf) if none else corner


def second_difference(along: Along, scale: float) -> Difference:
    """The second derivative at step 0; none where each side has its own, or where that of the piece that the point is
    on is another by far, as of a table, whose pieces are straight."""
    along = cache(along)
    found = _best(along, _first_steps(scale)[2:], _losses(along, scale, noise_of(along, scale)), _second)
    lost, size = rounded(along, scale), abs(found.derivative)
    for step in (scale * 2.0**-k for k in _SHORT):
        near = _second(along, step)
        error = 40 * lost / step**2 + abs(near - _second(along, step / 2))
        if error < size / 100 and abs(near - found.derivative) > size / 2 + found.error:
            return Difference(found.derivative, math.inf)
    none = stay_apart(along, scale, 2, found.error, lost, partial(_roughest, along, scale, _SHORT)) or drift(
        partial(_second, along), found.derivative, scale, 2, lost
    )
    return Difference(found.derivative, math.inf) if none else found


_SHORT = (8, 10, 12, 14)


def of_tolerance(gap: Along, scale: float, second: bool = False) -> float:
    """The error of a derivative, or of a second one, by that of the function's values, which may be a smooth curve.

    Args:
        gap: how far the values are from better ones.

    Returns: nan where there are none.
    """
    quotient, size = (_second, scale * scale) if second else (plain_quotient, scale)
    seen = [abs(quotient(gap, part * scale)) for part in _GAPS]
    return _SAFE * max(filter(math.isfinite, (*seen, abs(gap(0.0)) / size)), default=math.nan)


_GAPS = tuple(2.0**-k for k in (2, 4, 6, 8, 10))  # steps, in parts of the variable


def of_wide_steps(along: Along, scale: float) -> float:
    """The error of a derivative by noise that only shows over wide steps, as the answers of a solver have it, which
    takes a step more or less where its tolerance tells; 0 where the function is smooth there, or too rough to tell.

    How far values over the roots of a Chebyshev polynomial are from one of half the degree is noise if it is little,
    and if the values jump by more than they do over small steps, which a quotient's own error has in it: what is left
    of a spline, whose third derivative jumps, is no noise, and what rounding makes of eigenvalues is no solver's.
    """
    found, known = 0.0, _MORE * noise_of(along, scale)
    for wide in _WINDOWS:
        values = [along(wide * scale * math.cos(angle)) for angle in _ANGLES]
        if not all(map(math.isfinite, values)):
            continue
        terms = [2 / _ROOTS * math.fsum(v * math.cos(j * t) for v, t in zip(values, _ANGLES, strict=True))
                 for j in range(_ROOTS)]  # fmt: skip
        rest, size = math.sqrt(math.fsum(x * x for x in terms[_DEGREE:])), max(map(abs, values))
        if _LEAST * ROUNDOFF * size < rest < _MOST * size and _jump_left(along, wide * scale, terms[:_DEGREE]) > known:
            found = max(found, _SAFE * _DEGREE * rest / (wide * scale))
    return found


def _jump_left(along: Along, wide: float, terms: Sequence[float]) -> float:
    """By how much what a polynomial leaves of the values changes at once, where it changes most; else 0."""

    @cache
    def left(angle: float) -> float:
        smooth = math.fsum(c * math.cos(j * angle) for j, c in enumerate(terms)) - terms[0] / 2
        return along(wide * math.cos(angle)) - smooth

    below, above = max(pairwise(_ANGLES), key=lambda pair: abs(left(pair[1]) - left(pair[0])))
    jump = jump_within(left, below, above, _HALVINGS, _STAYS)
    return 0.0 if jump is None else abs(jump[1])


def jump_within(along: Along, below: float, above: float, halvings: int, stays: float) -> tuple[float, float] | None:
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


def teeth(along: Along, slope: float, scale: float) -> float:
    """The size of the jumps by which the value leaves the line of a slope on either side, as one that lost digits does,
    whose slope between two jumps is another than that through them all; 0 where there are none."""
    sizes = []

    def left(step: float) -> float:
        return along(step) - along(0.0) - slope * step

    for size in (-scale, scale):
        steps = (size * 2.0**-k for k in range(_AT_ONCE, 2, -1))
        far = next((step for step in steps if abs(left(step)) > abs(slope * step) / 2), math.nan)
        jump = None if math.isnan(far) else jump_within(left, far / 2, far, _HALVINGS, _STAYS)
        sizes.append(abs(jump[1]) if jump is not None else 0.0)
    return min(sizes)


def leaves_line(along: Along, slope: float, scale: float) -> float:
    """How far values over wide steps on both sides are from the line of a slope through the point, at most; nan where
    some are no numbers."""
    steps = (side * part * scale for part in _WIDE_PARTS for side in (-1, 1))
    gaps = [abs(along(step) - along(0.0) - slope * step) for step in steps]
    return max(gaps) if all(map(math.isfinite, gaps)) else math.nan


_WIDE_PARTS = (0.0625, 0.125, 0.21, 0.33, 0.5)
_WINDOWS = (0.4, 0.1)  # in parts of the variable
_ROOTS = 33
_ANGLES = tuple((k + 0.5) * math.pi / _ROOTS for k in range(_ROOTS))
_DEGREE = 20
_LEAST, _MOST = 32.0, 1e-6  # in units of roundoff; in parts of the value
_MORE = 8.0  # times the noise over small steps
_HALVINGS, _STAYS = 12, 0.1


def by_each_step(along: Along, scale: float, least: float) -> list[Difference]:
    """The derivative by each table alone, from small steps to large ones, with so much noise at least."""
    along, noise = cache(along), max(noise_of(along, scale), least)
    return [_extrapolated(along, first, _losses(along, scale, noise), plain_quotient) for first in _first_steps(scale)]


def steepness(along: Along, scale: float) -> float:
    """About how steep the function is near by: a derivative that is much smaller is as good as 0."""
    start, steps = along(0.0), [side * scale * part for part in (0.25, 0.0625) for side in (-1, 1)]
    slopes = [abs((along(step) - start) / step) for step in steps]
    return max((slope for slope in slopes if math.isfinite(slope)), default=0.0)


def at_once(along: Along, scale: float) -> Difference:
    """The plain quotient over a step too small for anything to happen in between, and how uncertain it is: infinitely
    where the values are the same, as those that lost all their digits are."""
    step = scale * 2.0**-_AT_ONCE
    if along(step) == along(0.0) == along(-step):
        return Difference(0.0, math.inf)
    slope = plain_quotient(along, step)
    lost = max(rounded(along, scale), rough(along, scale, _AT_ONCE))  # nearer neighbours may be off alike
    return Difference(slope, 10 * lost / step + _EVERY_VALUE * ROUNDOFF * abs(slope))


_EVERY_VALUE = 64.0  # units of roundoff by which any value may be off, also one next to nothing


def of_piece(along: Along, scale: float) -> Difference:
    """The slope of the piece that the point is on, as those of a table are: the plain quotient over the largest of the
    small steps from one to the next of which it stays the same."""
    noise, best = rounded(along, scale), at_once(along, scale)
    for k in range(_AT_ONCE - 2, WIDE, -2):
        step = scale * 2.0**-k
        if along(step) == along(0.0) == along(-step):
            continue
        slope = plain_quotient(along, step)
        error = 10 * max(noise, rough(along, scale, k)) / step + abs(slope - plain_quotient(along, step / 2))
        if not abs(slope - best.derivative) <= error + best.error:
            break
        best = min(best, Difference(slope, error), key=lambda found: found.error)
    return best


_AT_ONCE = 36


# ---- one table


def plain_quotient(along: Along, step: float) -> float:
    """That over a step to either side."""
    return (along(step) - along(-step)) / (2 * step)


def _second(along: Along, step: float) -> float:
    return (along(step) - 2 * along(0.0) + along(-step)) / (step * step)


def _forward(along: Along, step: float) -> float:
    return (along(step) - along(0.0)) / step


def _backward(along: Along, step: float) -> float:
    return (along(0.0) - along(-step)) / step


def _losses(along: Along, scale: float, noise: float) -> Along:
    """How far values are off, by the step that they are over: beyond the size of the variable they may be much larger
    than beside the point, as those of `x^2` at 1e-200, and so is what rounding takes of them."""

    def over(step: float) -> float:
        return noise if step <= scale else max(noise, ROUNDOFF * max(abs(along(step)), abs(along(-step))))

    return over


def _best(along: Along, firsts: list[float], noise: Along, quotient: Callable[[Along, float], float]) -> Difference:
    """The best of the tables, from small steps to large ones, until one contradicts a smaller.

    If they are far apart, its steps jump over what the function does in between. If not, the function has noise that
    small steps do not show, and the difference is an error of all of them.
    """
    tables = [_extrapolated(along, first, noise, quotient) for first in firsts]
    best = tables[0]
    for i, found in enumerate(tables):
        apart = [abs(found.derivative - other.derivative) for other in tables[:i]]
        excess = max((d - found.error - other.error for d, other in zip(apart, tables[:i], strict=True)), default=0.0)
        if excess > 0:
            near = max(apart) <= _NEAR * abs(best.derivative)
            return Difference(best.derivative, _SAFE * max(apart)) if near else best
        best = min(best, found, key=lambda table: table.error)
    return best


_NEAR = 1e-2


def _first_steps(scale: float) -> list[float]:
    of_large = _FIRST_OF_LARGE if scale > _LARGE else ()
    return sorted({scale * first for first in (*_FIRST, *of_large)} | {first for first in _FIRST if scale < 1})


_LARGE = 1e3


def _extrapolated(along: Along, first: float, noise: Along, quotient: Callable[[Along, float], float]) -> Difference:
    """The entry of the table with the smallest estimated error."""
    power = 1 if quotient in (_forward, _backward) else 2
    rows: list[list[float]] = []
    best = Difference(math.nan, math.inf)
    for level in range(_LEVELS):
        step = first / _SHRINK**level
        entry = quotient(along, step)
        if not math.isfinite(entry):
            rows.clear()
            continue
        lost = noise(step)
        row, loss = [entry], lost / step if quotient is not _second else 4 * lost / step**2
        for order, before in enumerate(rows[-1] if rows else (), start=1):
            gain = _SHRINK ** (power * order)
            row.append(row[-1] + (row[-1] - before) / (gain - 1))
            loss = loss * (gain + 1) / (gain - 1) if order < 4 else loss
            truncation = max(abs(row[-1] - row[-2]), abs(row[-1] - before))
            error = _SAFE * (truncation + loss) if order > 1 or level > 1 else math.inf
            if error < best.error:
                best = Difference(row[-1], error)
        rows.append(row)
    return best


def _jump(along: Along, scale: float, noise: float) -> tuple[float, float] | None:
    """Where the function jumps: the one-sided quotients, of which one is infinite."""
    start = along(0.0)
    sides = []
    for direction in (-1.0, 1.0):
        near, *nearer = (along(direction * scale * step) - start for step in _JUMPS)
        stays = abs(near) > 1e6 * noise and all(abs(near - each) <= 1e-3 * abs(near) for each in nearer)
        sides.append(direction * math.copysign(math.inf, near) if stays else 0.0)
    return (sides[0], sides[1]) if any(map(math.isinf, sides)) else None


_JUMPS = (2.0**-46, 2.0**-40, 2.0**-30)  # steps over which it stays, down to what is rounded
