"""One point of a check: the truth there, what is claimed, and whether the two differ.

The truth is certified where the function is a formula or can be traced; else it is a difference quotient with an error
estimate. A claim that can be traced too is a formula itself: then its meaning is held against the truth in balls, and
rounding plays no part. One that is numbers alone may be off by what honest rounding explains.

Nobody believes a trace: its value must be the function's, and where the function's values follow another slope than
the traced one from piece to piece, as those of a bisection do, the trace is dropped.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import cached_property
from typing import Any

from gradcalc.engine.lowering import shown
from gradcalc.engine.rewrite import has_kinks
from gradcalc.gradients import evaluate
from gradcalc.judge.result import OF_FUNCTION, Finding, worst_of
from gradcalc.language.errors import FormulaError
from gradcalc.language.formula import Formula
from gradcalc.language.kept import kept
from gradcalc.record import dataclass, field, replace
from gradcalc.verdict import Verdict
from gradcalc.work import OUT_OF_TIME

from . import rounding
from .calling import TransposedError
from .components import ALWAYS, TRACE_ULPS, Meaning, Partial, Truth, values_off
from .forms import Numbers
from .nearby import Surroundings
from .noise import Noise, asked_again
from .quotients import Quotients, same
from .result import Entry, Way
from .rounding import ROUNDOFF
from .subject import ClaimedFunction, ClaimedNumbers
from .tracer import Guard, UntraceableError
from .tracing import Trace

_AGAINST = (Verdict.WRONG, Verdict.IMPRECISE)
_LARGE_NOISE = 1e-8  # of chance, of which difference quotients say nothing
_NOT_TWICE = "{} does not answer the same twice"
_WIDEST = 0.25  # step, in parts of the variable, for a function whose loops depend on it
_TRACED = 1e-6  # relative error of a quotient that follows the trace
_JOINED = "the pieces that meet here join but for rounding"
_EITHER = "what came first is not that; is it the first derivative, answer without, and ask check_gradient of it"
_STOPS = "it is about that of what a loop of {} comes to, which stops where it is {}: say noise="
_CARRIED = "the value of {} is carried by its comparisons: it goes by steps, between which a trace sees another slope"
_ALONE = "the comparisons of {} come out at this point as at none beside it, and its values follow another slope"


@dataclass(frozen=True, slots=True)
class Judgement:
    """The findings at one point. `guards` are the comparisons that programs made there, `formulas` what they then
    did, and `known` has the values of the names in both; `plain` where there is no comparison and nothing hidden."""

    numbers: Numbers
    verdict: Verdict
    findings: tuple[Finding, ...]
    reason: str = ""
    way: Way = Way.UNTOLD
    why: str = ""  # in no better way
    traced: bool = False  # the claim too
    precision: str = ""  # of the claim, if it is less than double: `single` or `half`
    plain: bool = False
    guards: tuple[Guard, ...] = ()
    formulas: tuple[Formula, ...] = ()
    known: Mapping[str, Any] = field(default_factory=dict)
    meanings: tuple[Formula, ...] = ()  # of the claim, an entry each
    constants: tuple[str, ...] = ()  # names of numbers, as they are written


def judged(claim: ClaimedFunction, numbers: Numbers) -> Judgement:
    """Judge one point."""
    return _Here(claim, numbers).judgement()


def out_of_time(numbers: Numbers) -> Judgement:
    """That of a point for which there was no time."""
    return Judgement(numbers, Verdict.UNDECIDED, (), OUT_OF_TIME)


class _Here:
    """The point: what the function and the claim say there, and what comes of it."""

    values: list[float]  # the function's own; none of a formula
    truths: Sequence[Truth]
    answer: ClaimedNumbers
    meaning: Meaning | None  # the claim as formulas, where it can be traced
    transposed = False  # the claim has the shape of its transpose

    def __init__(self, claim: ClaimedFunction, numbers: Numbers):
        self.claim, self.function, self.question = claim, claim.of, claim.question
        self.entries, self.numbers = claim.of.entries, numbers

    def judgement(self) -> Judgement:
        name, python = self.function.name, self.function.python is not None
        self.values = []
        if python:
            try:
                self.values = self.function.values(self.numbers)
            except (ArithmeticError, ValueError) as error:
                return self._without_truth(Verdict.UNDEFINED, f"{name} has no value here: {_in_a_line(error)}")
            if not all(map(math.isfinite, self.values)):
                return self._without_truth(Verdict.UNDEFINED, f"{name} is {', '.join(map(str, self.values))} here")
        try:
            self.truths = self.function.truths(self.numbers, self.values)
        except UntraceableError as error:
            return self._by_quotients(f"{name} cannot be traced: {error}")
        except FormulaError as error:
            if python:
                return self._by_quotients(f"its trace does not tell: {error.message}")
            return self._without_truth(error.verdict, error.message)
        way, why = Way.TRACED if python else Way.FORMULA, ""
        if self.function.hidden:
            way, why = Way.IN_PART, f"{self.function.hidden}, and what follows from that is not seen"
        if refused := self._asked():
            if self.transposed:
                return self._without_truth(Verdict.WRONG, refused)
            rows = [self._failed(i, refused) for i in range(len(self.entries))]
            return Judgement(self.numbers, worst_of(rows), tuple(rows), refused, way, why)
        rows = self._rows()
        unknown = [row.verdict is Verdict.UNDECIDED and not row.allowed for row in rows]
        if python and any(unknown):
            way, why = Way.DIFFERENCES, "the trace does not tell what there is at this point"
            quotients = Quotients(self.claim, self.numbers, self.answer)  # ask the function itself
            rows = [quotients.row(i) if unknown[i] else row for i, row in enumerate(rows)]
            self.meaning = None
        rows = self._second_thoughts(rows)
        if self._may_go_by_steps():
            by_steps = _CARRIED.format(name)
            stepped = [self._by_steps(entry, row) for entry, row in zip(self.entries, rows, strict=True)]
            carried = self._nearby.carried(rows) if stepped == rows else None
            if carried is not None:
                if carried.alone:
                    by_steps = _ALONE.format(name)
                else:
                    self.function.loops, self.function.untraceable = True, by_steps
                return self._by_quotients(by_steps, [row.expected for row in rows], carried.follows)
            if stepped != rows:
                way, why, rows = Way.DIFFERENCES, by_steps, stepped
        return self._traced([*rows, *self._told_apart(self._value_rows())], way, why)

    def _asked(self) -> str:
        """Ask for what is claimed; why there is no answer, if there is none."""
        try:
            self.answer = self.claim.at(self.numbers)
        except TransposedError as error:
            self.transposed = True
            return str(error)
        except (ArithmeticError, ValueError) as error:
            return f"{self.question.phrase} fails: {type(error).__name__}: {_in_a_line(error)}"
        return ""

    def _traced(self, rows: Sequence[Finding], way: Way, why: str) -> Judgement:
        meaning = None if self.meaning is None else self.meaning.trace
        seen: list[Truth | Trace] = [self.truths[0], *([] if meaning is None else [meaning])]
        guards = tuple(guard for each in seen for guard in each.guards)
        meanings = () if meaning is None else meaning.formulas
        ours = tuple(truth.formula for truth in self.truths)
        whole = meaning is not None and not self.function.hidden
        looked_at = ours if meaning is None else (*ours, meaning.together)
        return Judgement(
            self.numbers, worst_of(rows), tuple(rows), reason_of(rows), way, why,
            traced=whole, precision=precision_of(self.answer.unit),
            plain=whole and not guards and not any(kept(formula, has_kinks) for formula in looked_at),
            guards=guards, formulas=(*ours, *meanings), known={**seen[-1].at, **seen[0].at}, meanings=meanings,
            constants=tuple(name for each in seen for name in each.constants),
        )  # fmt: skip

    def _without_truth(self, verdict: Verdict, reason: str) -> Judgement:
        rows = tuple(Finding(entry.name, verdict, reason=reason) for entry in self.entries)
        return Judgement(self.numbers, verdict, rows, reason)

    # ---- a function that is known as a formula

    def _rows(self) -> list[Finding]:
        """A row for every entry, by the truth in balls."""
        answers, unit = self.answer.numbers, self.answer.unit
        try:
            self.meaning = Meaning(self.claim.trace(self.numbers))
        except UntraceableError:
            self.meaning = None
        noise = Noise(self.numbers, lambda point: self.claim.at(point).numbers, self.function.about)
        parts = [
            Partial(entry, i, self.truths[entry.row], self.meaning, x, unit, self.question.ulps, noise)
            for i, (entry, x) in enumerate(zip(self.entries, answers, strict=True))
        ]
        if self.meaning and not all(part.is_its_meaning for part in parts if math.isfinite(part.actual)):
            parts = [replace(part, meaning=None, fixed=self.meaning.is_constant) for part in parts]
            self.meaning = None
        rows = [self._component(part) for part in parts]
        if self.truths[0].guards:
            rows = [part.within_rounding(row) for part, row in zip(parts, rows, strict=True)]
        if self.meaning is None:
            largest = max(abs(part.component.number) for part in parts)
            rows = [part.with_a_digit(row, largest) for part, row in zip(parts, rows, strict=True)]
        return rows

    def _component(self, part: Partial) -> Finding:
        component, name = part.component, part.entry.name
        row = Finding(
            name, Verdict.AGREES, "", part.actual, component.number, left=component.left, right=component.right
        )
        if component.status not in ("certified", "zero"):
            if None in (component.left, component.right) and self._joins(part):
                return row.said(Verdict.UNDECIDED, _JOINED, left=None, right=None)
            return row.said(component.verdict, component.why)  # the convention is of formulas, of nobody's program
        row = part.measured(row)
        if not math.isfinite(part.actual):
            return row.said(Verdict.WRONG, f"{self.question.phrase} answers {part.actual}")
        judged = part.judged_by_meaning(row) if part.meaning is not None else None
        return judged if judged is not None else part.judged_by_numbers(row, self.answer.numbers)

    def _joins(self, part: Partial) -> bool:
        """Whether a program that compares goes on from both sides of the point but for rounding: pieces that meet in
        the reals do not in the numbers that its trace saw."""
        entry, truth = part.entry, part.truth
        if self.function.python is None or not truth.guards or entry.axis is None:
            return False
        most = TRACE_ULPS * ROUNDOFF * rounding.of_value(truth.formula, truth.at)
        here = self.question.values(self.values)[entry.row]
        beside = (self.function.quantities_beside(point)[entry.row] for point in self._beside(entry.axis))
        return all(abs(value - here) <= most for value in beside)

    def _beside(self, axis: int) -> list[Numbers]:
        """The points within rounding of this one along an axis."""
        steps = (side * ALWAYS * math.ulp(self.numbers[axis]) for side in (-1, 1))
        return [tuple(x + step if i == axis else x for i, x in enumerate(self.numbers)) for step in steps]

    def _failed(self, index: int, reason: str) -> Finding:
        """The row of an entry that the claim does not answer for."""
        entry = self.entries[index]
        gradient = self.truths[entry.row].certified.gradient
        component = gradient[entry.variable]
        if component.status == "certified":  # where another component does not exist, a gradient may well refuse
            component = next((part for part in gradient.values() if part.status == "not-differentiable"), component)
        verdict = Verdict.WRONG if component.status == "certified" else component.verdict
        said = reason if verdict == Verdict.WRONG else component.message
        return Finding(entry.name, verdict, said, expected=gradient[entry.variable].number)

    def _value_rows(self) -> list[Finding]:
        """A row for every value that came with what is claimed and is not the function's."""
        if not self.answer.values:
            return []
        found = self.function.trace(self.numbers)
        own = self.values or [float(evaluate(formula, found.at)) for formula in found.formulas]
        unit = self.question.ulps * self.answer.unit
        spreads = (rounding.of_value(formula, found.at) for formula in found.formulas)
        allowed = [unit * spread + ALWAYS * math.ulp(x) for spread, x in zip(spreads, own, strict=True)]
        return values_off(self.answer.values, own, allowed)

    def _told_apart(self, rows: list[Finding]) -> list[Finding]:
        """The rows of values, undecided where a number that came with a second derivative may be the first one."""
        either = self.question.second and len(self.function.answer.names) == 1
        return [row.said(Verdict.UNDECIDED, _EITHER) for row in rows] if either else rows

    # ---- what may excuse a claim

    @cached_property
    def _nearby(self) -> Surroundings:
        return Surroundings(self.function, self.numbers, self.truths)

    @cached_property
    def _again(self) -> list[tuple[float, float]]:
        return asked_again(self.function, self.numbers, self.values)

    def _is_random(self, unit: float = ROUNDOFF) -> bool:
        """Whether the function answers otherwise when it is asked again, by more than rounding to so large a unit."""
        return not all(same(x, y, unit) for x, y in self._again)

    def _second_thoughts(self, rows: list[Finding]) -> list[Finding]:
        """The rows after all that may excuse a claim."""
        if worst_of(rows) is Verdict.WRONG and self._nearby.tied:
            rows = self._beside_a_kink(rows)
        if self.meaning is None:
            rows = self._steady(rows)
        if worst_of(rows) is Verdict.WRONG and self.function.python is not None and self._is_random():
            return [row.said(Verdict.UNDECIDED, _NOT_TWICE.format(self.function.name)) for row in rows]
        if worst_of(rows) in _AGAINST and self.function.python is not None:
            rows = [self._within_noise(row, i) for i, row in enumerate(rows)]
        return rows

    def _within_noise(self, row: Finding, index: int) -> Finding:
        """The row, agreeing where its error is no larger than that of the function, which stops at a tolerance."""
        if row.verdict not in _AGAINST or row.error is None:
            return row
        noise = self._nearby.noise(index, row)
        if self.question.noise is not None:
            value = self.question.value(self.values, self.entries[index].row)
            noise = max(noise, self.question.noise * self._nearby.size(index, value))
        if row.error <= noise:
            return row.said(Verdict.AGREES, allowed=noise, cause=OF_FUNCTION)
        stops = self.question.noise is None and self._nearby.stops_before(index, row)
        return row.said(Verdict.UNDECIDED, _STOPS.format(self.function.name, shown(row.expected))) if stops else row

    def _beside_a_kink(self, rows: list[Finding]) -> list[Finding]:
        """The rows, those undecided that are right within rounding of the point, where another piece begins: `0.1` in
        a formula and the double 0.1 are not the same number."""
        moved: list[tuple[Any, ...]] = [point for axis in range(len(self.numbers)) for point in self._beside(axis)]
        if self.function.python is None:  # the piece may be that one point, as in if(x == 0.1, x, 0)
            moved.append(tuple(Fraction(repr(float(x))) for x in self.numbers))
        for point in moved:
            try:
                found = self.function.truths_at_all(point)
            except (ArithmeticError, ValueError, UntraceableError):
                continue
            for i, (entry, row) in enumerate(zip(self.entries, rows, strict=False)):
                if row.verdict != Verdict.WRONG or row.actual is None:
                    continue
                other = found[entry.row].certified.gradient[entry.variable].number
                if math.isclose(row.actual, other, rel_tol=1e-9) and not math.isclose(
                    row.expected or 0.0, other, rel_tol=1e-6
                ):
                    reason = f"within rounding of the point it changes from {shown(row.expected)} to {shown(other)}"
                    rows[i] = row.said(Verdict.UNDECIDED, reason)
        return rows

    def _may_go_by_steps(self) -> bool:
        """Whether comparisons may carry the function's value from piece to piece, on a slope that no piece has."""
        traced = self.function.python is not None and bool(self.truths[0].guards)
        return traced and not self.question.second

    def _by_steps(self, entry: Entry, row: Finding) -> Finding:
        if row.verdict is not Verdict.WRONG or not self._nearby.by_steps(entry, row):
            return row
        return self._between_steps(row, row.expected)

    def _between_steps(self, row: Finding, traced: float | None) -> Finding:
        reason = f"between the steps of {self.function.name} it is {shown(traced)}"
        return row.said(Verdict.UNDECIDED, reason, left=None, right=None)

    def _steady(self, rows: Sequence[Finding]) -> list[Finding]:
        """The rows, those undecided whose number, asked for again, is another one that would change the verdict."""
        again, found = self.claim.at(self.numbers).numbers, list(rows)
        for i, (x, y) in enumerate(zip(self.answer.numbers, again, strict=True)):
            expected = rows[i].expected
            right = expected is not None and abs(y - expected) <= rows[i].allowed
            excused = rows[i].verdict in (Verdict.AGREES, Verdict.IMPRECISE)
            if (excused or right) and not same(x, y, self.answer.unit):
                reason = f"{_NOT_TWICE.format(self.question.phrase)}: {shown(x)}, then {shown(y)}"
                found[i] = rows[i].said(Verdict.UNDECIDED, reason)
        return found

    # ---- a function that cannot be traced

    def _by_quotients(self, why: str, traced: Sequence[float | None] = (), follows: bool = False) -> Judgement:
        """The judgement by difference quotients.

        Args:
            traced: what a trace that was dropped says the truth is: who claims that is not refuted by quotients.
            follows: nor is who claims about the slope over wide steps, where quotients see the trace's.
        """
        if self._is_random():
            why = _NOT_TWICE.format(self.function.name)
        if refused := self._asked():
            return self._without_truth(Verdict.WRONG if self.transposed else Verdict.UNDECIDED, refused)
        quotients = Quotients(self.claim, self.numbers, self.answer, _WIDEST if self.function.loops else math.inf)
        rows = quotients.between_axes(quotients.beside_others([quotients.row(i) for i in range(len(self.entries))]))
        why = "; ".join(filter(None, (why, quotients.by_steps)))
        for i, (row, known) in enumerate(zip(rows, traced, strict=False)):
            seen = (row.actual, row.expected) if follows else (row.actual,)
            between = row.verdict is Verdict.WRONG and any(
                math.isclose(x or 0.0, known or 0.0, rel_tol=_TRACED) for x in seen
            )
            unclear = row.verdict in (Verdict.NOT_DIFFERENTIABLE, Verdict.UNDECIDED)  # which steps look like
            if known is not None and (between or unclear):
                rows[i] = self._between_steps(row, known)
        rows = self._steady(rows)
        if self._is_random(_LARGE_NOISE):
            rows = [row.said(Verdict.UNDECIDED, _NOT_TWICE.format(self.function.name)) for row in rows]
        rows += self._told_apart(quotients.value_rows())
        return Judgement(
            self.numbers, worst_of(rows), tuple(rows), reason_of(rows), Way.DIFFERENCES, why,
            precision=precision_of(self.answer.unit),
        )  # fmt: skip


def precision_of(unit: float) -> str:
    """The name of the precision of so large a unit, if it is less than double."""
    return "" if unit <= ROUNDOFF else "single" if unit <= rounding.ROUNDOFF_OF_SINGLE else "half"


def reason_of(rows: Sequence[Finding]) -> str:
    verdict = worst_of(rows)
    row = next((row for row in rows if row.verdict == verdict and row.reason), None)
    if row is None:
        return ""
    return f"{row.what}: {row.reason}" if len(rows) > 1 and verdict == Verdict.UNDECIDED else row.reason


def _in_a_line(error: Exception) -> str:
    return error.message if isinstance(error, FormulaError) else " ".join(str(error).split())
