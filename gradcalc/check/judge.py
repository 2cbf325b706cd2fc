"""One point of a gradient check: the truth there, what the user's gradient says, and whether the two differ.

The truth is certified where the function is a formula or can be traced; else it is a difference quotient with an error
estimate. A gradient that can be traced too is a formula itself: then its meaning is held against the truth in balls,
and rounding plays no part. One that is numbers alone may be off by what honest rounding explains.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, reduce
from itertools import pairwise
from typing import Any

from gradcalc.certified import Certified, Certifier, Component, negligible
from gradcalc.errors import LIMITS, FormulaError, UndefinedError
from gradcalc.formula import Call, Formula, brief
from gradcalc.functions import TABLE
from gradcalc.numeric import Failure, Lowering, constant_value, leaves, shown
from gradcalc.rewrite import has_kinks, prepare
from gradcalc.scalars import BALL, exact_ball, precision

from . import rounding
from .calling import Layout, calling, gradient_of, has_value, value_of
from .differences import Difference, along_axis, difference, noise_of, remainder_slope
from .tracing import Guard, Trace, UntraceableError, trace, variable

Numbers = tuple[float, ...]

AGREE_BITS = 64
ROUNDOFF = 2.0**-53
ALWAYS = 4.0  # ulps that no evaluation in doubles can be blamed for
CONSTANT_ULPS = 8.0  # units of roundoff within which a constant in a program stands for a real number
JITTERS = 8.0  # times the jitter of a gradient's numbers, which is a mean, an honest number may be off
_SLOW = 2e-3  # seconds for a value
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
class Judgement:
    """What was found at one point. `guards` are the comparisons that programs made there, `formulas` what they then
    did, and `known` has the values of the names in both."""

    numbers: Numbers
    verdict: str
    rows: tuple[GradientRow, ...]
    reason: str = ""
    method: str = ""
    traced: bool = False  # the gradient too
    guards: tuple[Guard, ...] = ()
    formulas: tuple[Formula, ...] = ()
    known: Mapping[str, Any] = field(default_factory=dict)


_WORST_FIRST = ("wrong", "not-differentiable", "undefined", "undecided", "agrees")


def worst(rows: Sequence[GradientRow]) -> str:
    return min((row.verdict for row in rows), key=_WORST_FIRST.index, default="agrees")


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


class Judge:
    """Judges a gradient of one function at points of one layout."""

    def __init__(
        self,
        function: Callable[..., Any] | str | Formula,
        grad: Callable[..., Any] | None,
        form: Layout,
        first: Numbers,
        ulps: float,
        options: Mapping[str, Any],
        wrt: Sequence[Any] | None = None,
    ):
        self.layout = form
        self.ulps = ulps
        kept = [(key, shape) for key, shape in form.parts if wrt is None or key in wrt]
        self.answer = replace(form, parts=tuple(kept))
        self.names = self.answer.names
        self.untraceable = ""  # why the function is not traced
        self.formula: Formula | None = None
        self.function: Callable[..., Any] | None = None
        if isinstance(function, str | Formula):
            self.formula = prepare(function)
            leaves(self.formula, {variable(name): x for name, x in zip(form.names, first, strict=True)})
            self.subject = brief(self.formula)
        else:
            self.function = function
            self.subject = getattr(function, "__name__", type(function).__name__)
            self.subject = "f" if self.subject == "<lambda>" else self.subject
            self.call = calling(function, form, first, options)
        if grad is None and self.function is None:
            raise TypeError("a formula needs a gradient function to be judged")
        self.gradient: Callable[..., Any] = grad if grad is not None else function  # type: ignore[assignment]
        self.call_gradient = calling(self.gradient, form, first, options)

    # ---- what the functions say

    def value(self, numbers: Sequence[float]) -> float:
        """The function's own value: nan outside its domain."""
        assert self.function is not None
        return _float_of(value_of(self.call(self.function, numbers)))

    def answers(self, numbers: Sequence[float]) -> tuple[list[float], float | None, float]:
        """The gradient's numbers; the value, if that came with them; and the roundoff of its arithmetic."""
        answer = self.call_gradient(self.gradient, numbers)
        value = _float_of(answer[0]) if has_value(answer, self.answer) else None
        return [_float_of(x) for x in gradient_of(answer, self.answer)], value, _roundoff(answer)

    # ---- the truth

    def truth(self, numbers: Numbers) -> Truth:
        """Raises FormulaError where there is none, UntraceableError where only differences will do."""
        at: dict[str, Any] = dict(zip(self.layout.names, numbers, strict=True))
        wrt = tuple(map(variable, self.names))
        if self.formula is not None:
            at = {variable(name): x for name, x in at.items()}
            certifier = Certifier(self.formula, dict(at), wrt)
            return Truth(certifier, certifier.run(digits_of_ball=AGREE_BITS), self.formula, at)
        found = self._trace_of_function(at)
        formula = prepare(found.formulas[0])
        certifier = Certifier(formula, {**found.at}, wrt)
        truth = Truth(
            certifier,
            certifier.run(digits_of_ball=AGREE_BITS),
            formula,
            found.at,
            found.constants,
            found.guards,
        )
        self._hold_against(truth, self.value(numbers))
        return truth

    def quick(self, numbers: Numbers) -> tuple[Formula | None, Mapping[str, Any]]:
        """The function as a formula near a point, and its point; no formula where it cannot be traced."""
        at = dict(zip(self.layout.names, numbers, strict=True))
        if self.formula is not None:
            return self.formula, {variable(name): x for name, x in at.items()}
        try:
            found = self._trace_of_function(at)
        except UntraceableError:
            return None, at
        return found.formulas[0], found.at

    def _trace_of_function(self, at: Mapping[str, float]) -> Trace:
        if self.untraceable:
            raise UntraceableError(self.untraceable)
        try:
            return trace(lambda rebound, xs: [value_of(self.call(rebound(self.function), xs))], at)
        except UntraceableError as error:
            self.untraceable = str(error)
            raise

    def _hold_against(self, truth: Truth, value: float) -> None:
        """Nobody believes a trace: the formula's value must be the function's, but for rounding."""
        certain = truth.certified.value
        if not math.isfinite(value) or abs(value - certain.number) <= TRACE_ULPS * math.ulp(certain.number):
            return
        spread = rounding.of_value(truth.formula, truth.at, truth.constants)
        far = math.inf if spread is None else TRACE_ULPS * ROUNDOFF * spread.whole
        if not abs(value - certain.number) <= far + ALWAYS * math.ulp(certain.number) and spread is not None:
            self.untraceable = f"its trace gives {certain.number!r} where it gives {value!r}"
            raise UntraceableError(self.untraceable)

    # ---- the verdict

    def __call__(self, numbers: Numbers) -> Judgement:
        """Judge one point."""
        if self.function is not None:
            try:
                value = self.value(numbers)
            except (ArithmeticError, ValueError) as error:
                return self._without_truth(numbers, "undefined", f"{self.subject} has no value here: {error}")
            if not math.isfinite(value):
                return self._without_truth(numbers, "undefined", f"{self.subject} is {value} here")
        try:
            truth = self.truth(numbers)
        except UntraceableError as error:
            return self._by_differences(numbers, str(error))
        except UndefinedError as error:
            return self._without_truth(numbers, "undefined", error.message)
        except FormulaError as error:
            return self._without_truth(numbers, "undecided", error.message)
        method = "formula" if self.function is None else "traced"
        try:
            answers, value_too, unit = self.answers(numbers)
        except (ArithmeticError, ValueError) as error:
            reason = f"the gradient fails: {type(error).__name__}: {error}"
            rows = [self._failed(name, truth, reason) for name in self.names]
            return Judgement(numbers, worst(rows), tuple(rows), reason, method)
        meaning = self._meaning(numbers)
        parts = [_Component(self, numbers, truth, meaning, i, x, unit) for i, x in enumerate(answers)]
        if meaning is not None and not all(part.is_its_meaning for part in parts if math.isfinite(part.actual)):
            meaning = None
            parts = [replace(part, meaning=None) for part in parts]
        rows = [self._component(part) for part in parts]
        if worst(rows) == "wrong" and (truth.guards or has_kinks(truth.formula)):
            rows = self._beside_a_kink(numbers, rows)
        if value_too is not None and (row := self._value_row(truth, value_too)) is not None:
            rows.append(row)
        guards, known = truth.guards, dict(truth.at)
        formulas: tuple[Formula, ...] = (truth.formula,)
        if meaning is not None:
            guards, formulas = guards + meaning.trace.guards, formulas + meaning.trace.formulas
            known = {**meaning.trace.at, **known}
        verdict, reason = worst(rows), _reason(rows)
        return Judgement(numbers, verdict, tuple(rows), reason, method, meaning is not None, guards, formulas, known)

    def _without_truth(self, numbers: Numbers, verdict: str, reason: str) -> Judgement:
        return Judgement(
            numbers, verdict, tuple(GradientRow(name, verdict, reason=reason) for name in self.names), reason
        )

    def _failed(self, name: str, truth: Truth, reason: str) -> GradientRow:
        component = truth.certified.gradient[variable(name)]
        verdict = "wrong" if component.status == "certified" else _verdict_of(component)
        return GradientRow(
            name, verdict, None, component.number, reason=reason if verdict == "wrong" else component.message
        )

    def _meaning(self, numbers: Numbers) -> Meaning | None:
        """The gradient as formulas, where it can be traced."""
        at = dict(zip(self.layout.names, numbers, strict=True))
        try:
            found = trace(
                lambda rebound, xs: gradient_of(self.call_gradient(rebound(self.gradient), xs), self.answer),
                at,
                branches=False,
            )
        except UntraceableError:
            return None
        return Meaning(found)

    def _component(self, part: _Component) -> GradientRow:
        component = part.truth.certified.gradient[part.variable]
        row = GradientRow(
            part.name, "agrees", part.actual, component.number, left=component.left, right=component.right
        )
        if component.status not in ("certified", "zero"):
            if component.status == "overflow" and part.actual == component.number:
                return row
            kink = component.message.partition(";")[0]  # the convention is that of formulas, not of anybody's program
            return replace(row, verdict=_verdict_of(component), reason=kink)
        row = part.measured(row)
        if not math.isfinite(part.actual):
            return replace(row, verdict="wrong", reason=f"the gradient answers {part.actual}")
        if part.meaning is not None:
            differs, allowed = part.differs()
            if differs is not None:
                return replace(row, verdict="wrong" if differs else "agrees", allowed=allowed)
        allowed, bounded = part.allowed(row.error or 0.0)
        if (row.error or 0.0) <= allowed:
            return replace(row, allowed=allowed)
        if not bounded:
            return replace(row, verdict="undecided", reason="how far rounding can carry it could not be bounded")
        return replace(row, verdict="wrong", allowed=allowed)

    def _beside_a_kink(self, numbers: Numbers, rows: list[GradientRow]) -> list[GradientRow]:
        """The rows, those undecided that are right within rounding of the point, where another piece begins: `0.1` in
        a formula and the double 0.1 are not the same number."""
        moved = [
            tuple(x + side * ALWAYS * math.ulp(x) if i == axis else x for i, x in enumerate(numbers))
            for axis in range(len(numbers))
            for side in (-1, 1)
        ]
        for point in moved:
            try:
                found = self.truth(point).certified.gradient
            except (ArithmeticError, ValueError, UntraceableError):
                continue
            for i, row in enumerate(rows):
                if row.verdict != "wrong" or row.actual is None:
                    continue
                other = found[variable(row.name)].number if row.name != "value" else math.nan
                if math.isclose(row.actual, other, rel_tol=1e-9) and not math.isclose(
                    row.expected or 0.0, other, rel_tol=1e-6
                ):
                    reason = f"within rounding of the point it changes from {shown(row.expected)} to {shown(other)}"
                    rows[i] = replace(row, verdict="undecided", reason=reason)
        return rows

    def _value_row(self, truth: Truth, value: float) -> GradientRow | None:
        """A row for a value that came with the gradient and is not the function's."""
        certain = truth.certified.value
        error = abs(value - certain.number)
        spread = rounding.of_value(truth.formula, truth.at, truth.constants) or rounding.NONE
        allowed = self.ulps * ROUNDOFF * spread.whole + ALWAYS * math.ulp(certain.number)
        if error <= allowed:
            return None
        relative = error / abs(certain.number) if certain.number else math.inf
        return GradientRow(
            "value", "wrong", value, certain.number, error, relative, error / math.ulp(certain.number), allowed
        )

    # ---- functions that cannot be traced

    def _by_differences(self, numbers: Numbers, why: str) -> Judgement:
        method = f"differences: {self.subject} cannot be traced: {why}"
        try:
            answers, _, _ = self.answers(numbers)
        except (ArithmeticError, ValueError) as error:
            return self._without_truth(numbers, "undecided", f"the gradient fails: {type(error).__name__}: {error}")
        rows = []
        start = time.perf_counter()
        self.value(numbers)
        sparing = time.perf_counter() - start > _SLOW
        axes = {name: axis for axis, name in enumerate(self.layout.names)}
        for name, actual in zip(self.names, answers, strict=True):
            axis = axes[name]
            along = along_axis(self.value, numbers, axis)
            scale = abs(numbers[axis]) or 1.0
            row = _difference_row(name, actual, difference(along, scale, sparing))
            rows.append(replace(row, reason=_slope(along, actual, scale)) if row.verdict == "wrong" else row)
        return Judgement(numbers, worst(rows), tuple(rows), _reason(rows), method)


def _slope(along: Callable[[float], float], actual: float, scale: float) -> str:
    slope = remainder_slope(along, actual, scale, noise_of(along, scale))
    return "" if slope is None or slope > 1.5 else f"the Taylor remainder falls with slope {slope:.2g} where 2 is right"


def _difference_row(name: str, actual: float, found: Difference) -> GradientRow:
    if found.kink:
        left, right = found.left, found.right
        reason = f"by differences, left about {left:.6g}, right about {right:.6g}"
        return GradientRow(name, "not-differentiable", actual, reason=reason, left=left, right=right)
    error = abs(actual - found.derivative)
    coarse = found.error > 0.1 * abs(found.derivative) > 0
    if not math.isfinite(found.error) or (coarse and error <= 4 * found.error):
        return GradientRow(name, "undecided", actual, reason="difference quotients do not settle here")
    relative = error / abs(found.derivative) if found.derivative else math.inf if error else 0.0
    wrong = not error <= found.error + ALWAYS * math.ulp(found.derivative)
    verdict = "wrong" if wrong else "agrees"
    return GradientRow(name, verdict, actual, found.derivative, error, relative, None, found.error)


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
class _Component:
    """One partial derivative under judgement."""

    judge: Judge
    numbers: Numbers
    truth: Truth
    meaning: Meaning | None
    index: int
    actual: float
    unit: float

    @property
    def name(self) -> str:
        return self.judge.names[self.index]

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
                    if (_narrow(theirs) and _narrow(ours)) or (negligible(theirs) and negligible(ours)):
                        return False, 0.0
            bits *= 2
        return None, 0.0

    def _constants(self) -> float:
        spreads = (self._spread_of_meaning, self._spread_of_truth)
        return CONSTANT_ULPS * ROUNDOFF * sum(spread.constants for spread in spreads if spread is not None)

    def allowed(self, error: float) -> tuple[float, bool]:
        """The error that honest rounding explains, of the order of the spread or of the gradient's own jitter; and
        whether there is a spread."""
        expected = self.truth.certified.gradient[self.variable].number
        allowed = ALWAYS * math.ulp(expected) * self.unit / ROUNDOFF + 2.0**-1070
        if error <= allowed:
            return allowed, True
        spread = self._spread_of_truth
        bounded = spread is not None and math.isfinite(spread.whole)
        if spread is not None and bounded:
            allowed += self.judge.ulps * self.unit * spread.whole
        if error > allowed and self.actual == 0 and spread is not None:
            allowed = max(allowed, self.judge.ulps * self.unit * spread.saturated)
        if error > allowed:
            allowed += JITTERS * jitter(self.judge, self.numbers, self.index, error / JITTERS)
        return allowed, bounded


def _distance(x: Any, y: Any) -> float:
    return float(abs(x - y).mid())


def _narrow(ball: Any) -> bool:
    return bool(ball.is_zero() or ball.rel_accuracy_bits() >= AGREE_BITS)


def _verdict_of(component: Component) -> str:
    return "not-differentiable" if component.status == "not-differentiable" else "undecided"


def _reason(rows: Sequence[GradientRow]) -> str:
    verdict = worst(rows)
    return next((row.reason for row in rows if row.verdict == verdict and row.reason), "")


def _float_of(x: Any) -> float:
    try:
        return float(x)
    except OverflowError:
        return math.copysign(math.inf, x)


def _roundoff(answer: Any) -> float:
    """Of the arithmetic an answer was computed in: that of single precision for NumPy's float32."""
    kind = getattr(answer, "dtype", None)
    parts: list[Any] = []
    if isinstance(answer, Mapping):
        parts = list(answer.values())
    elif isinstance(answer, tuple | list):
        parts = list(answer)
    if kind is not None and getattr(kind, "kind", "") == "f" and kind.itemsize < 8:
        return float(2.0 ** -(24 if kind.itemsize == 4 else 11))
    return max(map(_roundoff, parts), default=ROUNDOFF)


_STEPS = tuple(2.0**-k for k in (50, 34, 20, 11, 6))
_SMOOTH = 1e-2


def jitter(judge: Judge, numbers: Numbers, index: int, enough: float) -> float:
    """How far the error of a gradient is from a smooth curve along a line through the point; no more than `enough`.

    The error of a wrong gradient is as smooth as the truth, but for the ends of the part where it is wrong; that of a
    right one is rounding, which changes from one double to the next. Steps over which the truth itself is not smooth
    tell nothing.
    """
    found = 0.0
    for step in _STEPS:
        line = [tuple(x + (-1) ** i * k * step * (abs(x) or 1.0) for i, x in enumerate(numbers)) for k in range(-8, 9)]
        try:
            pairs = [_error(judge, point, index) for point in line]
        except (ArithmeticError, ValueError, UntraceableError):
            break
        errors, truths = [error for error, _ in pairs], [truth for _, truth in pairs]
        if not all(map(math.isfinite, errors)) or _ruggedness(truths) > _SMOOTH * abs(truths[8]):
            break
        found = max(found, _ruggedness(errors))
        if found >= enough:
            break
    return found


def _ruggedness(values: Sequence[float]) -> float:
    """The standard deviation of noise with such third differences; their median, which a jump or two leave as it is."""
    row = list(values)
    for _ in range(3):
        row = [b - a for a, b in pairwise(row)]
    return sorted(map(abs, row))[len(row) // 2] / (0.6745 * math.sqrt(20))


def _error(judge: Judge, point: Numbers, index: int) -> tuple[float, float]:
    """The error of one component at a point near by, and the truth."""
    component = judge.truth(point).certified.gradient[variable(judge.names[index])]
    actual = judge.answers(point)[0][index]
    if component.ball is None or not math.isfinite(actual):
        return math.nan, math.nan
    with precision(4 * AGREE_BITS):
        return float((exact_ball(actual) - component.ball).mid()), component.number
