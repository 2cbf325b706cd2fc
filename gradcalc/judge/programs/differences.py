"""Derivatives from function values alone, for functions that cannot be traced, with an estimate of their error.

Central differences extrapolated to step 0 (Richardson; the table and its stopping rule after Ridders, 1982), from
several first steps; the smallest estimated error wins. The estimate adds what extrapolation leaves to what the noise of
the function's own values makes of it (noise by high differences over tiny steps, after Hamming).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cache
from itertools import pairwise

from gradcalc.record import dataclass

from .line import AT_ONCE, LEAST, WIDE, Line, odd_step
from .remainders import drift, is_corner, jump_within, stay_apart
from .rounding import ROUNDOFF

Quotient = Callable[[Line, float], float]

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


def difference(line: Line, widest: float = math.inf) -> Difference:
    """The derivative at step 0, by steps for the line's scale and for size 1.

    Args:
        widest: the largest step, in parts of the scale: a loop of a program may have no end far away.
    """
    noise = line.noise
    if noise > max(LEAST, _ALL * line.largest):
        return Difference(0.0, math.inf)
    firsts = [step for step in _first_steps(line.scale) if step <= widest * line.scale]
    central, left, right = (_best(line, firsts, each) for each in (Line.central, Line.backward, Line.forward))
    apart = abs(left.derivative - right.derivative)
    one_sided = left.error + right.error
    sides_differ = math.isfinite(one_sided) and apart > 10 * one_sided
    if sides_differ and apart > _CORNER * abs(left.derivative + right.derivative):
        corner = Difference(central.derivative, math.inf, left.derivative, right.derivative)
        return _beside_corner(line, apart) or _unless_drifting(corner, line)
    if (jump := _jump(line)) is not None:
        return Difference(math.nan, math.inf, *jump)
    if not sides_differ and (sides := _sides_of_piece(line)) is not None:
        return _unless_drifting(Difference(central.derivative, math.inf, *sides), line)
    if sides_differ:
        return Difference(central.derivative, central.error + apart)
    parted = stay_apart(line, 1, central.error, range(AT_ONCE, 23, -2))
    return Difference(central.derivative, math.inf) if parted else central


_ALL = 0.1  # part of its values that is noise in a function of which nothing is told: its waves may be finer than steps
_CORNER = 1e-6  # part of the slope by which the sides differ at a corner that is seen


def _sides_of_piece(line: Line) -> tuple[float, float] | None:
    """The slopes on both sides where they differ by the same over the smallest steps that tell, which neither curvature
    nor a jump does: wide steps, over which a function has many corners, may hide the one at the point."""
    lost, gaps = 100 * line.rounded, list[float]()
    for step in (line.scale * 2.0**-k for k in range(AT_ONCE - 2, WIDE + 4, -2)):
        left, right = line.backward(step), line.forward(step)
        if abs(right - left) > lost / step + _CORNER * abs(left + right):
            gaps.append(right - left)
            if len(gaps) == 3:
                return (left, right) if max(gaps) - min(gaps) <= _ALIKE * abs(gaps[0]) else None
    return None


_ALIKE = 0.02  # relative difference of gaps that are the same


def _beside_corner(line: Line, apart: float) -> Difference | None:
    """The derivative where a corner only lies near by: over the smallest steps that tell, the sides are no longer
    `apart`. It is none where the values stay the same there and then jump, as those that are rounded do."""
    lost, least = 10 * line.rounded, _SAME_SIDES * apart
    steps = [step for k in range(46, WIDE, -1) if lost / (step := line.scale * 2.0**-k) <= least]
    alike = [abs(line.forward(step) - line.backward(step)) <= least for step in steps[:_NEARBY]]
    step = next((step for step, *both in zip(steps, alike, alike[1:], strict=False) if all(both)), math.nan)
    if math.isnan(step):
        return None
    left, right = line.backward(step), line.forward(step)
    if line.stays(step):
        for side in (step, -step):
            far = next((side * 2.0**k for k in range(46) if line.at(side * 2.0**k) != line.at(0.0)), 0.0)
            if far and jump_within(line.at, far / 2, far) is not None:
                return None
    return Difference((left + right) / 2, lost / step + abs(right - left) + ROUNDOFF * apart)


_NEARBY = 8  # of the smallest steps, over two of which the sides must be alike
_SAME_SIDES = 0.1  # part of the difference of two sides


def _unless_drifting(corner: Difference, line: Line) -> Difference:
    """A corner, or no derivative at all where what parts its sides does not settle, or is none next to the point."""
    left, right = corner.left or 0.0, corner.right or 0.0
    none = not is_corner(line, left, right) or drift(
        line, lambda step: line.forward(step) - line.backward(step), right - left, 1
    )
    return Difference(corner.derivative, math.inf) if none else corner


def second_difference(line: Line) -> Difference:
    """The second derivative at step 0; none where each side has its own, or where that of the piece that the point is
    on is another by far, as of a table, whose pieces are straight."""
    found = _best(line, _first_steps(line.scale)[2:], Line.second)
    size = abs(found.derivative)
    for step in (line.scale * 2.0**-k for k in _SHORT):
        near = line.second(step)
        error = 40 * line.rounded / step**2 + abs(near - line.second(step / 2))
        if error < size / 100 and abs(near - found.derivative) > size / 2 + found.error:
            return Difference(found.derivative, math.inf)
    none = stay_apart(line, 2, found.error, _SHORT) or drift(line, line.second, found.derivative, 2)
    return Difference(found.derivative, math.inf) if none else found


_SHORT = (8, 10, 12, 14)


def of_tolerance(gap: Line, second: bool = False) -> float:
    """The error of a derivative, or of a second one, by how far the function's values are from better ones, which may
    be a smooth curve; nan where there are none."""
    quotient, size = (gap.second, gap.scale * gap.scale) if second else (gap.central, gap.scale)
    seen = [abs(quotient(part * gap.scale)) for part in _GAPS]
    return _SAFE * max(filter(math.isfinite, (*seen, abs(gap.at(0.0)) / size)), default=math.nan)


_GAPS = tuple(2.0**-k for k in (2, 4, 6, 8, 10))  # steps, in parts of the variable


def of_wide_steps(line: Line) -> float:
    """The error of a derivative by noise that only shows over wide steps, as the answers of a solver have it, which
    takes a step more or less where its tolerance tells; 0 where the function is smooth there, or too rough to tell.

    How far values over the roots of a Chebyshev polynomial are from one of half the degree is noise if it is little,
    and if the values jump by more than they do over small steps, which a quotient's own error has in it: what is left
    of a spline, whose third derivative jumps, is no noise, and what rounding makes of eigenvalues is no solver's.
    """
    found, known = 0.0, _MORE * line.noise
    for wide in _WINDOWS:
        values = [line.at(wide * line.scale * math.cos(angle)) for angle in _ANGLES]
        if not all(map(math.isfinite, values)):
            continue
        terms = [2 / _ROOTS * math.fsum(v * math.cos(j * t) for v, t in zip(values, _ANGLES, strict=True))
                 for j in range(_ROOTS)]  # fmt: skip
        rest, size = math.sqrt(math.fsum(x * x for x in terms[_DEGREE:])), max(map(abs, values))
        little = _LEAST * ROUNDOFF * size < rest < _MOST * size
        if little and _jump_left(line, wide * line.scale, terms[:_DEGREE]) > known:
            found = max(found, _SAFE * _DEGREE * rest / (wide * line.scale))
    return found


def _jump_left(line: Line, wide: float, terms: Sequence[float]) -> float:
    """By how much what a polynomial leaves of the values changes at once, where it changes most; else 0."""

    @cache
    def left(angle: float) -> float:
        smooth = math.fsum(c * math.cos(j * angle) for j, c in enumerate(terms)) - terms[0] / 2
        return line.at(wide * math.cos(angle)) - smooth

    below, above = max(pairwise(_ANGLES), key=lambda pair: abs(left(pair[1]) - left(pair[0])))
    jump = jump_within(left, below, above)
    return 0.0 if jump is None else abs(jump[1])


_WINDOWS = (0.4, 0.1)  # in parts of the variable
_ROOTS = 33
_ANGLES = tuple((k + 0.5) * math.pi / _ROOTS for k in range(_ROOTS))
_DEGREE = 20
_LEAST, _MOST = 32.0, 1e-6  # in units of roundoff; in parts of the value
_MORE = 8.0  # times the noise over small steps


def by_each_step(line: Line, least: float) -> list[Difference]:
    """The derivative by each table alone, from small steps to large ones, with so much noise at least."""
    noise = max(line.noise, least)
    return [_extrapolated(line, first, noise, Line.central) for first in _first_steps(line.scale)]


def steepness(line: Line) -> float:
    """About how steep the function is near by: a derivative that is much smaller is as good as 0."""
    slopes = [abs(line.forward(side * line.scale * part)) for part in (0.25, 0.0625) for side in (-1, 1)]
    return max((slope for slope in slopes if math.isfinite(slope)), default=0.0)


def at_once(line: Line) -> Difference:
    """The plain quotient over a step too small for anything to happen in between, and how uncertain it is: infinitely
    where the values are the same, as those that lost all their digits are."""
    step = line.scale * 2.0**-AT_ONCE
    if line.stays(step):
        return Difference(0.0, math.inf)
    slope = line.central(step)
    lost = max(line.rounded, line.rough(AT_ONCE))  # nearer neighbours may be off alike
    return Difference(slope, 10 * lost / step + _EVERY_VALUE * ROUNDOFF * abs(slope))


_EVERY_VALUE = 64.0  # units of roundoff by which any value may be off, also one next to nothing


def of_piece(line: Line) -> Difference:
    """The slope of the piece that the point is on, as those of a table are: the plain quotient over the largest of the
    small steps from one to the next of which it stays the same."""
    noise, best = line.rounded, at_once(line)
    for k in range(AT_ONCE - 2, WIDE, -2):
        step = line.scale * 2.0**-k
        if line.stays(step):
            continue
        slope = line.central(step)
        error = 10 * max(noise, line.rough(k)) / step + abs(slope - line.central(step / 2))
        if not abs(slope - best.derivative) <= error + best.error:
            break
        best = min(best, Difference(slope, error), key=lambda found: found.error)
    return best


# ---- one table


def _best(line: Line, firsts: list[float], quotient: Quotient) -> Difference:
    """The best of the tables, from small steps to large ones, until one contradicts a smaller.

    If they are far apart, its steps jump over what the function does in between. If not, the function has noise that
    small steps do not show, and the difference is an error of all of them.
    """
    tables = [_extrapolated(line, first, line.noise, quotient) for first in firsts]
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


def _extrapolated(line: Line, first: float, noise: float, quotient: Quotient) -> Difference:
    """The entry of the table with the smallest estimated error. Beyond the size of the variable values may be much
    larger than beside the point, as those of `x^2` at 1e-200, and so is what rounding takes of them."""
    power = 1 if quotient in (Line.forward, Line.backward) else 2
    rows: list[list[float]] = []
    best = Difference(math.nan, math.inf)
    for level in range(_LEVELS):
        step = first / _SHRINK**level
        entry = quotient(line, step)
        if not math.isfinite(entry):
            rows.clear()
            continue
        lost = noise
        if step > line.scale:
            lost = max(noise, ROUNDOFF * max(abs(line.at(step)), abs(line.at(-step))))
        row, loss = [entry], lost / step if quotient is not Line.second else 4 * lost / step**2
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


def _jump(line: Line) -> tuple[float, float] | None:
    """Where the function jumps: the one-sided quotients, of which one is infinite."""
    start = line.at(0.0)
    sides = []
    for direction in (-1.0, 1.0):
        near, *nearer = (line.at(direction * line.scale * step) - start for step in _JUMPS)
        stays = abs(near) > 1e6 * line.noise and all(abs(near - each) <= 1e-3 * abs(near) for each in nearer)
        sides.append(direction * math.copysign(math.inf, near) if stays else 0.0)
    return (sides[0], sides[1]) if any(map(math.isinf, sides)) else None


_JUMPS = (2.0**-46, 2.0**-40, 2.0**-30)  # steps over which it stays, down to what is rounded
