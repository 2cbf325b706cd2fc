"""One partial derivative under judgement: the truth in balls, the gradient's number, and what the number means.

A gradient that can be traced is a formula itself: then its meaning is held against the truth, and rounding plays no
part. One that is numbers alone may be off by what honest rounding explains.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, reduce
from typing import Any

from gradcalc.certified import Certified, Certifier, known_to, negligible
from gradcalc.engine.lowering import Failure, Lowering, constant_value, leaves
from gradcalc.engine.scalars import BALL, exact_ball, precision
from gradcalc.language.errors import LIMITS
from gradcalc.language.formula import Call, Formula
from gradcalc.language.functions import TABLE

from . import rounding
from .tracer import Guard, variable
from .tracing import Trace

AGREE_BITS = 64
ALWAYS = 4.0  # ulps that no evaluation in doubles can be blamed for
CONSTANT_ULPS = 8.0  # units of roundoff within which a constant in a program stands for a real number
TRACE_ULPS = 64.0  # times an ulp, or the spread, within which a function's own answer must be that of its trace


@dataclass(frozen=True, slots=True)
class GradientRow:
    """One partial derivative: what the gradient says (`actual`) and the truth (`expected`), as doubles.

    `verdict` is `agrees`, `wrong`, `not-differentiable`, `undefined` or `undecided`. `ulps` counts units of the last
    digit of the truth; `allowed` is the absolute error that was not held against the gradient. `left` and `right` are
    the one-sided derivatives at a kink.
    """

    name: str
    verdict: str
    actual: float | None = None
    expected: float | None = None
    error: float | None = None
    relative: float | None = None
    ulps: float | None = None
    allowed: float = 0.0
    reason: str = ""
    left: float | None = None
    right: float | None = None


@dataclass(frozen=True, slots=True)
class Truth:
    """The gradient in balls, and the formula it is that of. `trace` is what it was read from, if from a function."""

    certifier: Certifier
    certified: Certified
    formula: Formula
    at: Mapping[str, Any]
    constants: tuple[str, ...] = ()
    guards: tuple[Guard, ...] = ()

    def at_least(self, bits: int) -> Certified:
        return self.certified if bits <= self.certified.bits else self.certifier.run(bits, AGREE_BITS)


class Meaning:
    """A traced gradient. Its components share most of what they compute, so that they are evaluated together."""

    def __init__(self, found: Trace):
        self.trace = found
        together = reduce(lambda left, right: Call(TABLE["+"], (left, right)), found.formulas)
        self._given = leaves(together, found.at)
        self._lowering = Lowering(together, BALL, ())
        self._known: dict[int, Mapping[int, Any]] = {}

    def ball(self, index: int, bits: int) -> Any:
        """One component in balls; None where it has no value."""
        if bits not in self._known:
            with precision(bits):
                values = {name: constant_value(value, BALL) for name, value in self._given.items()}
                self._known[bits] = self._lowering.graph(values).nodes
        result = self._known[bits][id(self.trace.formulas[index])]
        return None if isinstance(result, Failure) or not result.is_finite() else result


@dataclass
class Partial:
    """One partial derivative under judgement."""

    name: str
    index: int
    numbers: tuple[float, ...]
    truth: Truth
    meaning: Meaning | None
    actual: float
    unit: float  # roundoff of the arithmetic that the number comes from
    ulps: float
    nearby: Callable[[tuple[float, ...]], tuple[Truth, float]]  # the truth and the gradient's number at other points

    @property
    def variable(self) -> str:
        return variable(self.name)

    def measured(self, row: GradientRow) -> GradientRow:
        """The row with its errors."""
        component = self.truth.certified.gradient[self.variable]
        if not math.isfinite(self.actual) or component.ball is None:
            return row
        with precision(4 * AGREE_BITS):
            error = _distance(exact_ball(self.actual), component.ball)
        size = abs(component.number)
        relative = error / size if size else math.inf if error else 0.0
        return replace(row, error=error, relative=relative, ulps=error / math.ulp(size))

    @cached_property
    def is_its_meaning(self) -> bool:
        """Whether the number is what the traced formula gives, but for rounding."""
        assert self.meaning is not None
        value = self.meaning.ball(self.index, 4 * AGREE_BITS)
        if value is None:
            return False
        with precision(4 * AGREE_BITS):
            error = _distance(exact_ball(self.actual), value)
        if error <= TRACE_ULPS * math.ulp(self.actual):
            return True
        spread = self._spread_of_meaning
        return spread is not None and error <= TRACE_ULPS * self.unit * spread.whole + 2.0**-1000

    @cached_property
    def _spread_of_meaning(self) -> rounding.Spread | None:
        assert self.meaning is not None
        found = self.meaning.trace
        return rounding.of_value(found.formulas[self.index], found.at, found.constants)

    @cached_property
    def _spread_of_truth(self) -> rounding.Spread | None:
        names = [self.variable]
        try:
            found = rounding.of_gradient(self.truth.certifier.expanded, self.truth.at, names, self.truth.constants)
        except ArithmeticError:  # a comparison too close to tell
            return None
        return None if found is None else found[self.variable]

    def differs(self) -> tuple[bool | None, float]:
        """Whether the meaning of the gradient differs from the truth by more than its constants explain, and what
        these explain. None where it could not be told."""
        assert self.meaning is not None
        bits = self.truth.certified.bits
        while bits <= LIMITS.precision:
            certified = self.truth.at_least(bits)
            ours = certified.gradient[self.variable].ball
            theirs = self.meaning.ball(self.index, bits)
            with precision(bits):
                if theirs is not None and ours is not None:
                    if not theirs.overlaps(ours):
                        slack = self._constants()
                        return bool(abs(theirs - ours) > exact_ball(slack)), slack
                    known = all(known_to(ball, AGREE_BITS) for ball in (theirs, ours))
                    if known or (negligible(theirs) and negligible(ours)):
                        return False, 0.0
            bits *= 2
        return None, 0.0

    def _constants(self) -> float:
        spreads = (self._spread_of_meaning, self._spread_of_truth)
        return CONSTANT_ULPS * rounding.ROUNDOFF * sum(spread.constants for spread in spreads if spread is not None)

    def allowed(self, error: float) -> tuple[float, bool]:
        """The error that honest rounding explains, of the order of the spread or of the gradient's own jitter; and
        whether there is a spread."""
        expected = self.truth.certified.gradient[self.variable].number
        allowed = ALWAYS * math.ulp(expected) * self.unit / rounding.ROUNDOFF + 2.0**-1070
        if error <= allowed:
            return allowed, True
        spread = self._spread_of_truth
        bounded = spread is not None and math.isfinite(spread.whole)
        if spread is not None and bounded:
            allowed += self.ulps * self.unit * spread.whole
        if error > allowed and self.actual == 0 and spread is not None:
            allowed = max(allowed, self.ulps * self.unit * spread.saturated)
        if error > allowed:
            allowed += rounding.jitter(self.numbers, self._error_at, error)
        return allowed, bounded

    def _error_at(self, point: tuple[float, ...]) -> tuple[float, float]:
        """The error at a point near by, and the truth."""
        truth, actual = self.nearby(point)
        component = truth.certified.gradient[self.variable]
        if component.ball is None or not math.isfinite(actual):
            return math.nan, math.nan
        with precision(4 * AGREE_BITS):
            return float((exact_ball(actual) - component.ball).mid()), component.number


def _distance(x: Any, y: Any) -> float:
    return float(abs(x - y).mid())
