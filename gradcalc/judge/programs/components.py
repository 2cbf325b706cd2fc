"""One partial derivative under judgement: the truth in balls, the gradient's number, and what the number means.

A gradient that can be traced is a formula itself: then its meaning is held against the truth, and rounding plays no
part but for constants that differ on the two sides. One that is numbers alone may be off by what honest rounding of the
formula explains. What is off by more, but no more than its own noise or its constants make of it, is imprecise.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import cache, cached_property
from typing import Any

from gradcalc.certified import Certified, Certifier, Component, compared
from gradcalc.certified.posed import in_balls
from gradcalc.engine.lowering import Failure, Graph, Lowering, leaves
from gradcalc.engine.scalars import BALL, exact_ball, precision
from gradcalc.judge.agreement import AGREE_BITS
from gradcalc.judge.result import Finding, digits_kept
from gradcalc.language.formula import Formula
from gradcalc.record import dataclass, replace
from gradcalc.verdict import Verdict

from . import rounding
from .noise import Noise, narrow
from .result import Entry
from .tracer import Guard
from .tracing import Trace

ALWAYS = 4.0  # ulps that no evaluation in doubles can be blamed for
CONSTANT_ULPS = 8.0  # units of roundoff within which a constant in a program stands for a real number
NEXT_TO_NOTHING = 2.0**-44  # relative
NOISE = 2.0**-30  # relative noise of a claim's numbers that may be rounding where nothing shows it
TRACE_ULPS = 64.0  # times an ulp, or the spread, within which a function's own answer must be that of its trace


@dataclass(frozen=True)
class Truth:
    """The gradient in balls, and the formula it is that of. `trace` is what it was read from, if from a function."""

    certifier: Certifier
    certified: Certified
    formula: Formula
    at: Mapping[str, Any]
    constants: tuple[str, ...] = ()
    guards: tuple[Guard, ...] = ()

    @cached_property
    def rounding(self) -> rounding.Rounding:
        return rounding.Rounding(self.certifier.expanded, self.at)


class Meaning:
    """A traced gradient. Its components share most of what they compute, so that they are evaluated together."""

    def __init__(self, found: Trace):
        self.trace = found
        together = found.together
        self._given = leaves(together, found.at)
        self.is_constant = self._given.keys() <= {*found.constants}
        self._lowering = Lowering(together, BALL, ())
        self._graph = cache(self._computed)
        self._moved = cache(lambda names: rounding.of_constants(found.formulas, together, found.at, names))

    def moved(self, index: int, names: frozenset[str], sharp: bool) -> float:
        """How far one component moves at most, in units of roundoff, when these of its constants are rounded."""
        if sharp:
            return rounding.of_value(self.trace.formulas[index], self.trace.at, names)
        return self._moved(names)[index]

    def _computed(self, bits: int) -> Graph:
        with precision(bits):
            return self._lowering.graph(in_balls(self._given))

    def ball(self, index: int, bits: int) -> Any:
        """One component in balls; None where it has no value."""
        result = self._graph(bits).of(self.trace.formulas[index])
        return None if isinstance(result, Failure) or not result.is_finite() else result


@dataclass
class Partial:
    """One partial derivative under judgement."""

    entry: Entry
    index: int
    truth: Truth
    meaning: Meaning | None
    actual: float
    unit: float  # roundoff of the arithmetic that the number comes from
    ulps: float
    noise: Noise  # of the gradient's numbers
    fixed: bool = False  # whether they are the same at every point, so that no noise of theirs can show

    @property
    def component(self) -> Component:
        """The truth."""
        return self.truth.certified.gradient[self.entry.variable]

    def measured(self, row: Finding) -> Finding:
        """The row with its error."""
        if not math.isfinite(self.actual) or self.component.ball is None:
            return row
        with precision(4 * AGREE_BITS):
            return replace(row, error=_distance(exact_ball(self.actual), self.component.ball))

    @cached_property
    def is_its_meaning(self) -> bool:
        """Whether the number is what the traced formula gives, but for rounding; of one that does not look at the
        point, whether it is the truth, as else it was computed elsewhere, and rounded there."""
        assert self.meaning is not None
        value = self.meaning.ball(self.index, 4 * AGREE_BITS)
        if value is None:
            return False
        truth = self.component.ball
        if self.meaning.is_constant and truth is not None:
            return compared(value, truth, AGREE_BITS) is Verdict.AGREES
        with precision(4 * AGREE_BITS):
            error = _distance(exact_ball(self.actual), value)
        if error <= TRACE_ULPS * math.ulp(self.actual):
            return True
        found = self.meaning.trace
        spread = rounding.of_value(found.formulas[self.index], found.at)
        return error <= TRACE_ULPS * self.unit * spread + 2.0**-1000

    def judged_by_meaning(self, row: Finding) -> Finding | None:
        """The row, judged by what the traced gradient means; None where it could not be told."""
        meaning = self.meaning
        assert meaning is not None

        def attempt(bits: int, last: bool) -> tuple[Finding | None] | None:
            known = self.truth.certified
            known = known if bits <= known.bits else self.truth.certifier.run(bits, AGREE_BITS)
            ours = known.gradient[self.entry.variable].ball
            theirs = meaning.ball(self.index, bits)
            verdict = None if theirs is None or ours is None else compared(theirs, ours, AGREE_BITS)
            if verdict is None:
                return (None,) if last else None
            if verdict is Verdict.WRONG:
                return (self._beside(row, _distance(theirs, ours)),)
            return (self._computed(row.said(verdict)),)

        return self.truth.certifier.rising(attempt, self.truth.certified.bits)[0]

    def _beside(self, row: Finding, off: float) -> Finding:
        """The row of a gradient that means something else than the truth: because of its constants?"""
        explained = max(self._constants(off), ALWAYS * math.ulp(self._size))  # as Python makes 1 of 0.01*100
        bound = self._bound(off)
        if off > max(explained, bound) or off > max(explained, self._cancelled()):
            return row.said(Verdict.WRONG)
        if math.isinf(explained):
            return row.said(Verdict.UNDECIDED, _UNBOUNDED)
        allowed = min(max(explained, self._cancelled()), bound)
        if off <= allowed:
            if self._is_lost(off, allowed):
                return row.said(Verdict.UNDECIDED, _NOTHING_LEFT, allowed=allowed)
            return self._computed(row.said(Verdict.AGREES, allowed=allowed))
        reason = self._imprecise(off, "the rounding of its constants takes the rest")
        return row.said(Verdict.IMPRECISE, reason, allowed=allowed)

    def _computed(self, row: Finding) -> Finding:
        """The row of a gradient that means the truth, imprecise where its numbers lose more than rounding explains."""
        error = row.error or 0.0
        if error <= row.allowed or error <= self._bound(error):
            return row
        allowed = row.allowed + self._bound(error) + self.ulps * self.unit * self._other_ways
        if error <= allowed:
            return row
        reason = self._imprecise(error, "the rounding of its own steps takes the rest")
        return row.said(Verdict.IMPRECISE, reason, allowed=allowed)

    def _constants(self, off: float) -> float:
        """The difference that rounded constants explain, sharp where `off` is less: those that stand on one side alone,
        which may be there for a number that the other side has exactly. One that stands on both is the same there."""
        assert self.meaning is not None
        here, there = frozenset(self.meaning.trace.constants), frozenset(self.truth.constants)
        apart = here ^ there
        if not apart:
            return 0.0
        explained = math.inf
        for sharp in (False, True):
            if off <= explained:
                moved = self.meaning.moved(self.index, apart, sharp)
                moved += self.truth.rounding.constants(self.entry.variable, apart, sharp)
                explained = CONSTANT_ULPS * rounding.ROUNDOFF * (moved + self._size)
        return explained

    def _is_lost(self, error: float, allowed: float) -> bool:
        """Whether rounding takes all digits of a derivative that is not what is left of larger numbers: where the value
        is steeper than all on the way to it, an iteration has carried it so far."""
        if error <= NO_DIGIT * self._size and allowed <= self._size:
            return False
        return self._size * abs(float(self.truth.at[self.entry.variable])) > self.truth.rounding.largest

    def _cancelled(self) -> float:
        """The difference that constants of the function explain, where the claim has the rest that they leave: next to
        nothing beside all that the derivative is made of, as the mean of numbers that are centred."""
        return (
            NEXT_TO_NOTHING * self.truth.rounding.multiplied_out(self.entry.variable) if self.truth.constants else 0.0
        )

    @property
    def _size(self) -> float:
        return abs(self.component.number)

    def within_rounding(self, row: Finding) -> Finding:
        """The row, agreeing if no more is wrong than rounding explains: of a program that decides on numbers that are
        rounded, as when a loop has come near enough, no more is known than that."""
        error = row.error if row.error is not None else math.inf
        allowed = self._bound(error)
        if row.verdict != Verdict.WRONG or error > allowed or math.isinf(allowed):
            return row
        return row.said(Verdict.AGREES, allowed=allowed)

    def _bound(self, error: float) -> float:
        """The error that rounding of the formula explains; sharp where `error` is near it."""
        known = ALWAYS * math.ulp(self._size) * self.unit / rounding.ROUNDOFF + 2.0**-1070
        if error <= known:
            return known
        allowed = known + self.ulps * self.unit * self.truth.rounding.bound(self.entry.variable)
        if error > allowed:
            return allowed
        return known + self.ulps * self.unit * self.truth.rounding.spread(self.entry.variable)

    def judged_by_numbers(self, row: Finding, all_numbers: Sequence[float]) -> Finding:
        """The row, judged by what rounding of the formula explains, or of other ways where its numbers are noisy."""
        error = row.error or 0.0
        allowed, of_formula = self._bound(error), self.truth.rounding
        flat = self.ulps * self.unit * of_formula.saturated(self.entry.variable) if error > allowed else 0.0
        if self.actual == 0:
            allowed = max(allowed, flat)
        if error <= allowed:
            if math.isinf(allowed):
                return row.said(Verdict.UNDECIDED, _UNBOUNDED)
            least = max(self._size, of_formula.multiplied_out(self.entry.variable), 2.0**-1000)
            if error > least or self._is_lost(error, allowed):
                return row.said(Verdict.UNDECIDED, _NOTHING_LEFT, allowed=allowed)
            if self.fixed and error > NOISE * self.unit / rounding.ROUNDOFF * self._size:
                return row.said(Verdict.UNDECIDED, _UNSEEN, allowed=allowed)
            return row.said(Verdict.AGREES, allowed=allowed)
        if max(error, self._size) <= flat:
            return row.said(Verdict.UNDECIDED, _FLAT)
        noise = self.noise.explains(self.index, error)
        if not noise:
            return row.said(Verdict.WRONG, allowed=allowed)
        allowed = max(allowed, min(noise, self.ulps * self.unit * self._other_ways))
        if error <= allowed:
            return row.said(Verdict.AGREES, allowed=allowed)
        if error > NO_DIGIT * max(self._size, self._other_ways):
            return row.said(Verdict.WRONG, GARBAGE, allowed=allowed)
        return row.said(
            Verdict.IMPRECISE,
            self._imprecise(error, looks_like(all_numbers, error / self._size if self._size else math.inf)),
            allowed=allowed,
        )

    def with_a_digit(self, row: Finding, largest: float) -> Finding:
        """The row, undecided where no digit is right, not beside the `largest` component either, though the derivative
        is more than next to nothing beside the value: rounding explains that, and so would a fault."""
        error = row.error or 0.0
        if row.verdict is not Verdict.AGREES or row.allowed < error or error <= NO_DIGIT * largest:
            return row
        nothing = NEXT_TO_NOTHING * self.unit / rounding.ROUNDOFF * self.truth.rounding.largest
        lost = error * abs(float(self.truth.at[self.entry.variable])) > nothing
        return row.said(Verdict.UNDECIDED, _NO_DIGIT_LEFT) if lost else row

    @property
    def _other_ways(self) -> float:
        """The spread of the derivative, in units of roundoff, if it is computed in the worst way that is in use."""
        other = self.truth.rounding
        return other.multiplied_out(self.entry.variable) + other.saturated(self.entry.variable, rounding.NEARLY_FLAT)

    def _imprecise(self, error: float, why: str) -> str:
        size = self._size
        kept = digits_kept(error / size) if size else 0
        least = self.truth.rounding.bound(self.entry.variable) * self.unit / size if size else math.inf
        possible = min(15 if self.unit <= rounding.ROUNDOFF else 7, digits_kept(least))
        return imprecise(kept, possible, why)


def values_off(claimed: Mapping[str, float], own: Sequence[float], allowed: Sequence[float]) -> list[Finding]:
    """A row for each value by name that is further from the function's own than allowed."""
    rows = (
        Finding(name, Verdict.WRONG, actual=x, expected=y, error=abs(x - y), allowed=most)
        for (name, x), y, most in zip(claimed.items(), own, allowed, strict=True)
    )
    return [row for row in rows if row.error is not None and not row.error <= row.allowed]


NO_DIGIT = 0.1  # part of all that a derivative is made of: an error that is larger leaves no digit, and is no noise
_FLAT = "the function is so flat here that the rounding of its value is larger than the derivative"
_UNBOUNDED = "how far rounding carries it could not be bounded"
_NOTHING_LEFT = "rounding carries it further here than all that the derivative is made of"
_NO_DIGIT_LEFT = "no digit of it is right, which rounding explains here as well as a fault"
_UNSEEN = "it does not look at the point, so that nothing tells a fault from rounding, which may be as large"
GARBAGE = "its numbers jump from one double to the next, and no digit of them is right"


def imprecise(kept: int, possible: int, why: str) -> str:
    """The sentence on a gradient that is right but for noise."""
    better = f"; double arithmetic would keep {possible}" if possible > kept else ""
    return f"the gradient keeps {kept} of 16 digits{better}: {why}"


def looks_like(numbers: Sequence[float], relative: float) -> str:
    """Where the noise of a gradient's numbers may come from."""
    if precision := narrow(numbers):
        return f"it looks like {precision} precision"
    if _SINGLE[0] < relative < _SINGLE[1]:
        return "it looks like single precision, a quotient or a tolerance"
    return "its numbers jump from one double to the next"


_SINGLE = (1e-9, 1e-6)  # relative error


def _distance(x: Any, y: Any) -> float:
    return float(abs(x - y).mid())
