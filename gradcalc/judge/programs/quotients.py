"""A claim about a function that cannot be traced, judged by difference quotients of the function's values."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import cached_property

from gradcalc.judge.result import OF_FUNCTION, Finding, digits_kept
from gradcalc.record import dataclass, replace
from gradcalc.verdict import Verdict

from . import rounding
from .components import ALWAYS, GARBAGE, NEXT_TO_NOTHING, NO_DIGIT, NOISE, imprecise, looks_like, values_off
from .differences import Difference, at_once, by_each_step, difference, of_piece, of_tolerance, of_wide_steps, steepness
from .forms import Numbers
from .line import Line
from .lines import Direction, Lines
from .noise import Noise, narrow
from .remainders import leaves_line, passes_over, passes_over_bends, remainder_slope, teeth
from .rounding import ROUNDOFF
from .smooth import smooth
from .solvers import has_steps_of_its_own, rounds_alone
from .subject import ClaimedFunction, ClaimedNumbers

_UNSETTLED = "difference quotients do not settle here"
_STEADY = 64.0  # units of roundoff by which two answers at one point may differ
_RESOLVED = 0.1  # relative error of a difference quotient that is still told from 0
_SMALL = 1e-6  # part of the function's slopes near by that is as good as 0
_KEPT = 1e-9  # part of a value by which it may be off, whatever way it is computed
_NEAR_VALUE = "it is off by {:.2g} of itself, which may be another way to compute it"
_OWN_ERROR = 1e-3  # relative error of a derivative for which a function that is approximate may be to blame
_OF_SOLVER = 1e-2  # the same, of a function that uses a solver, whose tolerance we do not know to be better
_LARGEST = 0.1  # relative error that any tolerance makes
_OF_STEPS = 1e-6  # what the quotients of a solver's own, which are not measured, may make of it
_OF_NO_STEPS = 1e-7
_ROUNDED = 1e-6  # part of a value by which rounding in steps that lose digits may move it from that of its trace
_LOST = 16.0  # times which the derivative may lose of its own
_STEP = 1024.0  # units of roundoff of a value: larger changes at once are no rounding
_ELSEWHERE = (-0.31, -0.17, -0.07, 0.07, 0.17, 0.31)  # in parts of the variable
_DOUBTFUL, _OF_ROUNDING = 16.0, 4.0  # times the error that is measured
_NARROW = (2.0**-12, 2.0**-24)  # parts of the variable, where a function changes its course within small ones
_SEVERAL = 3  # sizes of steps
_NEARER = 0.25  # part of what a claim is off
_WIDE = 2.0**-5  # parts of a variable over which a function that is smooth is what its values follow
_BETWEEN = (1.0, -0.5, 0.75, -0.25)  # a direction, in parts of the variables, that is no axis


@dataclass
class Quotients(Lines):
    """The rows of a claim at one point; `widest` is the largest step, in parts of a variable."""

    claim: ClaimedFunction
    numbers: Numbers
    answer: ClaimedNumbers
    widest: float = math.inf

    def __post_init__(self) -> None:
        self.function, self.question = self.claim.of, self.claim.question
        self.by_steps = ""  # that the value goes by steps, where it does, the largest of which is this part of it
        self._step = 0.0
        self._noise = Noise(self.numbers, lambda point: self.claim.at(point).numbers, None)
        self._values = self.function.values(self.numbers)

    @cached_property
    def _few_digits(self) -> Sequence[float]:
        """The claim's numbers where they have the digits of a narrow type; none where they are wide ones beside the
        point: then digits are lost here, as in a difference."""
        if not narrow(self.answer.numbers):
            return ()
        beside = [x + _ELSEWHERE[-1] * self._size(axis) for axis, x in enumerate(self.numbers)]
        with suppress(ArithmeticError, LookupError, TypeError, ValueError):
            return self.answer.numbers if narrow(self.claim.at(beside).numbers) else ()
        return self.answer.numbers

    # ---- one entry

    def row(self, index: int) -> Finding:
        """One entry, judged."""
        return self._second_row(index) if self.question.second else self._first_row(index)

    def _second_row(self, index: int) -> Finding:
        entry, actual = self.function.entries[index], self.answer.numbers[index]
        assert entry.axis is not None
        size = self._size(entry.axis)
        first, unit = self._first(entry.row)
        other, unit = self._axis(entry.axis, size), size * unit
        found = self._mixed(first, other)
        scaled = Difference(found.derivative / unit, found.error / unit)
        row = Finding(entry.name, Verdict.AGREES, actual=actual)
        if not math.isfinite(scaled.error):
            return row.said(Verdict.UNDECIDED, _UNSETTLED)

        def off() -> float:
            lines = self._sums(first, other) if self.function.solvers else ()
            return sum(of_tolerance(self._gap(line, 0), True) for line in lines) / 4 / unit

        row = self._held(row, scaled, abs(scaled.derivative), None)
        if row.verdict is not Verdict.AGREES and self._passes_over(first, other, actual * unit - found.derivative):
            return row.said(Verdict.UNDECIDED, _UNSETTLED)
        return self._excused(row, scaled, abs(self._values[0]) / unit, off)

    def _passes_over(self, first: Direction, other: Direction, gap: float) -> bool:
        """Whether the steps along one of two lines may pass over waves that have what is claimed, off by a gap."""
        lines = [pair for pair in zip(self._sums(first, other), (4 * gap, -4 * gap), strict=True) if any(pair[0])]
        found = [(self._line(way, 0), self._seconds(way).derivative, more) for way, more in lines]
        return any(passes_over_bends(line, second, second + more) for line, second, more in found)

    def _first_row(self, index: int) -> Finding:
        entry, actual = self.function.entries[index], self.answer.numbers[index]
        if entry.axis is None:
            direction, scale = self.question.vector, self._unit_of(self.question.vector)
        else:
            direction, scale = self._axis(entry.axis), self._size(entry.axis)
        line = self._line(direction, entry.row, scale)
        value = self.question.value(self._values, entry.row)
        if (plain := self._plain_row(index, line)) is not None:
            return plain
        found = difference(line, self.widest)
        self._look_for_steps(line, abs(value))
        row = Finding(entry.name, Verdict.AGREES, actual=actual)
        if found.left is not None and found.right is not None:
            reason = f"by differences, left about {found.left:.6g}, right about {found.right:.6g}"
            return row.said(Verdict.NOT_DIFFERENTIABLE, reason, left=found.left, right=found.right)
        near, known = at_once(line), math.isfinite(found.error)
        differ = not abs(near.derivative - found.derivative) <= found.error + near.error
        if math.isfinite(near.error) and differ and (known or math.isnan(found.derivative)):
            return self._unless_larger_steps(self._by_small_steps(row, found, near, line), line)
        if not known:
            return row.said(Verdict.UNDECIDED, _UNSETTLED)
        if near.error < found.error > _OWN_ERROR * abs(found.derivative):
            found = next(self._narrow(near, line), found)

        def off() -> float:
            known = of_tolerance(self._gap(direction, entry.row, scale)) if self.function.solvers else 0.0
            return known + of_wide_steps(line)

        row = self._excused(self._held(row, found, steepness(line), index), found, abs(value) / scale, off)
        if row.verdict in (Verdict.WRONG, Verdict.IMPRECISE):
            near = of_piece(line)
            if abs(near.derivative - found.derivative) > near.error >= abs(near.derivative - actual):
                return row.said(Verdict.UNDECIDED, _differ(found, near))
            if self.by_steps and actual == 0:
                return row.said(Verdict.UNDECIDED, self.by_steps)
        row = self._unless_larger_steps(row, line)
        if row.verdict is not Verdict.WRONG or row.reason or row.relative is None:
            return row
        slope = remainder_slope(line, actual)
        about = f"the Taylor remainder falls with slope {slope:.2g} where 2 is right" if slope and slope < 1.5 else ""
        if self.question.noise is None and row.relative < _OWN_ERROR:
            about = f"unless {self.function.name} itself is no better than that, as what a solver answers"
        return replace(row, reason=about)

    def _plain_row(self, index: int, line: Line) -> Finding | None:
        """The row of a function that is smooth about the point, in few of its values, if it agrees with that or is far
        from it; None where more must be asked."""
        found = smooth(line, 1, self.widest)
        if found is None:
            return None
        row = Finding(self.function.entries[index].name, Verdict.AGREES, actual=self.answer.numbers[index])
        row = self._held(row, found, steepness(line), index)
        if row.verdict is Verdict.AGREES:
            return row
        far = row.verdict is Verdict.WRONG and not row.reason and (row.relative or 0.0) > _OWN_ERROR
        excused = self.question.noise is not None or self.function.solvers or self.function.off
        if not far or excused or found.window < _WIDE:
            return None
        wide = [line.central(step) for step in (line.scale / 2, line.scale, math.sqrt(line.scale), 1.0)]
        nearer = any(abs(slope - (row.actual or 0.0)) < _NEARER * (row.error or 0.0) for slope in wide)
        return None if nearer else row  # what loses digits has another slope on each of its steps

    def _by_small_steps(self, row: Finding, found: Difference, near: Difference, line: Line) -> Finding:
        """A row where quotients over large steps, `found`, are not those over small ones, `near`, as where the function
        changes its course or has no value beside the point: a derivative that settles over small steps may agree.
        Against a claim is what is far from both alone."""
        none, claimed = math.isnan(found.derivative), row.actual or 0.0
        differ = row.said(Verdict.UNDECIDED, _UNSETTLED if none else _differ(found, near))
        for finer in self._narrow(near, line):
            size = abs(finer.derivative)
            held = self._held(row, finer, size, None)
            far = abs(claimed - found.derivative) > found.error + _OF_SOLVER * abs(found.derivative)
            if held.verdict is Verdict.AGREES or (
                (none or far) and abs(claimed - finer.derivative) > _OF_SOLVER * size
            ):
                return held
        apart = abs(found.derivative - near.derivative)
        off = min(abs(claimed - found.derivative), abs(claimed - near.derivative))
        if apart <= _LARGEST * abs(near.derivative) and off > _DOUBTFUL * (apart + found.error + near.error):
            return self._held(row, Difference(near.derivative, apart + near.error), 0.0, None)
        return differ

    def _narrow(self, near: Difference, line: Line) -> Iterator[Difference]:
        """The derivative where it settles over small steps, near to that of the smallest."""
        for part in _NARROW:
            finer = difference(line.by(part))
            size, apart = abs(finer.derivative), abs(finer.derivative - near.derivative)
            if finer.error <= _OWN_ERROR * size and apart <= finer.error + near.error + _OWN_ERROR * size:
                yield finer

    def _unless_larger_steps(self, row: Finding, line: Line) -> Finding:
        """A row that is wrong, undecided where larger steps of several sizes tell what is claimed and not what is held
        against it, as where rounding moves the value up and down between its neighbours: by jumps next to which what is
        claimed may be as good as 0; and where all these steps may pass over what the value does."""
        if row.verdict not in (Verdict.WRONG, Verdict.IMPRECISE) or row.expected is None or row.actual is None:
            return row
        held, claimed = Difference(row.expected, row.allowed), row.actual
        if passes_over(line, held.derivative, claimed):
            return row.said(Verdict.UNDECIDED, _UNSETTLED)
        jump = teeth(line, held.derivative)
        tables = by_each_step(line, jump)
        others = [each for each in tables if abs(each.derivative - held.derivative) > each.error + held.error]
        nearer = [each for each in others if abs(each.derivative - claimed) <= _OF_ROUNDING * each.error]
        best, size = min(others, key=lambda each: each.error, default=held), abs(claimed)
        if jump and (best in nearer or not others):
            by_claim, by_held = (leaves_line(line, slope) for slope in (claimed, held.derivative))
            if by_claim <= 2 * jump < 4 * jump < by_held:
                wide = Difference(line.central(line.scale / 2), math.inf)
                return row.said(Verdict.UNDECIDED, _differ(wide, held))
            size = max(size, abs(held.derivative))
        told = [each for each in nearer if _OF_ROUNDING * each.error <= _RESOLVED * size]
        return row.said(Verdict.UNDECIDED, _differ(told[-1], held)) if len(told) >= _SEVERAL else row

    def value_rows(self) -> list[Finding]:
        """A row for every value that came with what is claimed and is not the function's, of which nothing certain is
        known: by a part of what it is here or a little aside, where this one may be next to nothing. Undecided is one
        that may be the function's, computed in another way that loses digits."""
        if not self.answer.values:
            return []
        own = aside = self._values
        with suppress(ArithmeticError, LookupError, TypeError, ValueError):
            aside = self.function.values([x + _ELSEWHERE[-2] * self._size(i) for i, x in enumerate(self.numbers)])
        sizes = [max(abs(x), abs(y) if math.isfinite(y) else 0.0) for x, y in zip(own, aside, strict=True)]
        least = max(_OF_SOLVER * bool(self.function.solvers), self.question.noise or 0.0, _LOST * self.answer.unit)
        lost, off = (
            values_off(self.answer.values, own, [max(least, part) * size for size in sizes]) for part in (_SMALL, _KEPT)
        )
        wrong = {row.what for row in lost}
        return [
            row if row.what in wrong else row.said(Verdict.UNDECIDED, _NEAR_VALUE.format(row.relative)) for row in off
        ]

    def beside_others(self, rows: Sequence[Finding]) -> list[Finding]:
        """The rows, agreeing where a first derivative that is not told from 0 is next to nothing beside the others of
        its quantity, each times the size of its variable: as that of a class whose probability is. Undecided is what is
        off by no more than the steps that the value goes by along another variable, which may be a rounded one."""
        found, largest, entries = list(rows), dict[int, float](), self.function.entries
        if self.question.second:
            return found
        weights = [1.0 if entry.axis is None else self._size(entry.axis) for entry in entries]
        for entry, row, weight in zip(entries, rows, weights, strict=True):
            largest[entry.row] = max(largest.get(entry.row, 0.0), weight * abs(row.expected or 0.0))
        for i, row in enumerate(rows):
            off = math.inf if row.error is None else row.error + row.allowed
            coarse = row.verdict is Verdict.UNDECIDED and off <= (1 + _OF_ROUNDING) * row.allowed
            if coarse and weights[i] * off <= NEXT_TO_NOTHING * largest[entries[i].row]:
                found[i] = row.said(Verdict.AGREES, allowed=off)
            if row.verdict is Verdict.WRONG and (row.relative or 1.0) <= _LOST * self._step:
                found[i] = row.said(Verdict.UNDECIDED, self.by_steps)
        return found

    def between_axes(self, rows: Sequence[Finding]) -> list[Finding]:
        """The rows, undecided where a slope between the axes is not what they add up to, as that of `cbrt(x*y)` at 0:
        partial derivatives alone are no gradient. Nor are second differences along the axes and between two of them
        second derivatives where they do not add up, whatever is claimed."""
        found, entries, second = list(rows), self.function.entries, self.question.second
        for quantity in {entry.row for entry in entries}:
            axes = {
                i: entry.axis for i, entry in enumerate(entries) if entry.row == quantity and entry.axis is not None
            }
            if len(axes) < 2 or any(
                rows[i].expected is None if second else rows[i].verdict is not Verdict.AGREES for i in axes
            ):
                continue
            parts = dict(zip(axes, itertools.cycle(_BETWEEN), strict=False))
            moved = {i: parts[i] * self._size(axis) for i, axis in axes.items()}
            by_axis = {axis: moved[i] for i, axis in axes.items()}
            direction = tuple(by_axis.get(axis, 0.0) for axis in range(len(self.numbers)))
            if second:
                first, unit = self._first(quantity)
                slope = self._mixed(first, direction)
            else:
                unit, line = 1.0, self._line(direction, quantity)
                slope = smooth(line, 1, self.widest) or difference(line, self.widest)
                if not math.isfinite(slope.error):  # a domain may end beside the point
                    slope = next(self._narrow(at_once(line), line), slope)
            terms = [
                unit * step * ((rows[i].expected if second else rows[i].actual) or 0.0) for i, step in moved.items()
            ]
            allowed = unit * math.fsum(abs(step) * rows[i].allowed for i, step in moved.items())
            allowed += _SMALL * max(map(abs, terms))
            settled = math.isfinite(slope.error)
            if settled and abs(slope.derivative - math.fsum(terms)) <= slope.error + allowed:
                continue
            what = "second derivative" if second else "slope"
            about = f"the {what} is not what these add up to" if settled else "difference quotients do not settle"
            for i in axes:
                found[i] = rows[i].said(Verdict.UNDECIDED, f"between the axes {about}")
        return found

    def _look_for_steps(self, line: Line, size: float) -> None:
        """Whether the value goes by steps that are more than rounding, and not at the point alone, where digits may be
        lost."""
        step = line.quantum
        if not step > _STEP * ROUNDOFF * size or narrow(self._values):
            return
        flat = [line.at(part * line.scale) == line.at((part + 2.0**-40) * line.scale) for part in _ELSEWHERE]
        if sum(flat) > len(flat) / 2:
            self.by_steps = f"its value goes by steps of about {step:.2g}, between which the derivative is 0"
            self._step = max(self._step, step / size if size else 0.0)

    def _held(self, row: Finding, found: Difference, steep: float, index: int | None) -> Finding:
        """The row, held against a derivative that is known to some error."""
        actual, unit = row.actual or 0.0, self.answer.unit
        truth = found.derivative if abs(found.derivative) > found.error else 0.0
        allowed = found.error + abs(found.derivative - truth) + ALWAYS * math.ulp(truth)
        size = max(abs(truth), steep)
        if unit > ROUNDOFF:
            allowed += self.question.ulps * unit * size
        error = abs(actual - truth)
        jitter = self._noise.explains(index, error - allowed) if index is not None and not error <= allowed else 0.0
        allowed += min(jitter, NOISE * unit / ROUNDOFF * size)
        row = replace(row, expected=truth, error=error, allowed=allowed)
        coarse = found.error > _RESOLVED * abs(truth) and found.error > _SMALL * steep
        if coarse and actual and error <= 4 * found.error:
            reason = f"a difference quotient is good to {found.error:.2g} here, which does not tell {actual:.3g} from 0"
            return row.said(Verdict.UNDECIDED, reason)
        if error <= allowed:
            return row
        if self._few_digits:
            jitter = max(jitter, self.question.ulps * rounding.ROUNDOFF_OF_SINGLE * size)
        if error <= found.error + jitter and error > NO_DIGIT * size:
            return row.said(Verdict.WRONG, GARBAGE)
        if error <= found.error + jitter:
            relative = row.relative or 0.0
            kept = digits_kept(relative)  # how many could be kept, no formula tells
            return row.said(Verdict.IMPRECISE, imprecise(kept, kept, looks_like(self._few_digits, relative)))
        return row.said(Verdict.WRONG)

    def _excused(self, row: Finding, found: Difference, large: float, off: Callable[[], float]) -> Finding:
        """A row that is wrong, unless the function itself is no better than that.

        Args:
            large: its value over the size of what it is differentiated by.
            off: by how much a derivative of its own is off, as far as that can be told; nan where it cannot.
        """
        if row.verdict is not Verdict.WRONG or row.error is None or row.relative is None:
            return row
        given, solvers, size = self.question.noise, self.function.solvers, abs(found.derivative)
        exact = bool(solvers) and all(map(rounds_alone, solvers))
        if given is not None:
            own = given * max(size, large)
        else:
            own = off() if solvers or row.relative < _OWN_ERROR else 0.0
            if self.function.off < _ROUNDED and not exact:
                own += _LOST * self.function.off * max(size, large)
        told, own = own, min(own, _LARGEST * size) if given is None else own
        excused = row.error <= found.error + own
        if excused and (given is not None or own <= _OF_SOLVER * size):
            return row.said(Verdict.AGREES, allowed=found.error + own, cause=OF_FUNCTION)
        if given is None and solvers:
            least = _OF_STEPS if any(map(has_steps_of_its_own, solvers)) else _OF_NO_STEPS
            least = _OF_SOLVER if math.isnan(own) else 0.0 if exact else least
            if row.relative < least or row.error <= max(
                found.error + told / 2, min((_OF_ROUNDING if exact else _DOUBTFUL) * own, _LARGEST * size)
            ):
                what = "the rounding in" if exact else "the tolerance of"
                reason = f"it differs by {row.relative:.2g}, which may be {what} {next(iter(solvers))}: say noise="
                return row.said(Verdict.UNDECIDED, reason)
        return row


def _differ(large: Difference, small: Difference) -> str:
    """That quotients differ, with as many digits as show it."""
    pair = (large.derivative, small.derivative)
    texts = ([f"{x:.{digits}g}" for x in pair] for digits in range(3, 17))
    first, second = next((found for found in texts if found[0] != found[1]), map(repr, pair))
    return f"quotients over large and small steps differ: about {first} and {second}"


def same(x: float, y: float, unit: float) -> bool:
    """Whether two answers at one point are the same, but for what the order of a sum may change."""
    return abs(x - y) <= _STEADY * unit * abs(x) or not (math.isfinite(x) or math.isfinite(y))
