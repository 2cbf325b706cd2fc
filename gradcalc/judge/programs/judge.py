"""One point of a gradient check: the truth there, what the user's gradient says, and whether the two differ.

The truth is certified where the function is a formula or can be traced; else it is a difference quotient with an error
estimate. A gradient that can be traced too is a formula itself: then its meaning is held against the truth in balls,
and rounding plays no part. One that is numbers alone may be off by what honest rounding explains.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from gradcalc.certified import Certifier, Component
from gradcalc.engine.lowering import leaves, shown
from gradcalc.engine.rewrite import has_kinks, prepare
from gradcalc.gradients import value_and_grad
from gradcalc.language.errors import FormulaError, UndefinedError
from gradcalc.language.formula import Formula, brief
from gradcalc.verdict import Verdict, worst

from . import rounding
from .calling import Layout, calling, double, gradient_of, has_value, value_of
from .components import (
    AGREE_BITS,
    ALWAYS,
    TRACE_ULPS,
    GradientRow,
    Meaning,
    Partial,
    Truth,
    imprecise,
    looks_like,
)
from .differences import along_axis, at_once, difference, noise_of, remainder_slope, steepness
from .rounding import ROUNDOFF
from .tracer import CrowdedError, Guard, UntraceableError, variable
from .tracing import Trace, trace

Numbers = tuple[float, ...]

_SLOW = 2e-3  # seconds for a value
_ASKED_AGAIN = 4  # times, before a gradient of a function that may be random is called wrong
_STEADY = 64.0  # units of roundoff by which two answers at one point may differ


@dataclass(frozen=True, slots=True)
class Judgement:
    """What was found at one point. `guards` are the comparisons that programs made there, `formulas` what they then
    did, and `known` has the values of the names in both."""

    numbers: Numbers
    verdict: Verdict
    rows: tuple[GradientRow, ...]
    reason: str = ""
    method: str = ""
    traced: bool = False  # the gradient too
    single: bool = False  # the gradient is in single precision, or less
    guards: tuple[Guard, ...] = ()
    formulas: tuple[Formula, ...] = ()
    known: Mapping[str, Any] = field(default_factory=dict)


def _worst(rows: Sequence[GradientRow]) -> Verdict:
    return worst([Verdict.AGREES, *(row.verdict for row in rows)])


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
        if len(kept) < len(wrt if wrt is not None else kept) or not kept:
            raise ValueError(f"wrt={list(wrt or ())} names what the point does not have: {', '.join(form.names)}")
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
            if not callable(function):
                raise TypeError(f"f must be a function or a formula, not {function!r}")
            self.function = function
            self.subject = getattr(function, "__name__", type(function).__name__)
            self.subject = "f" if self.subject == "<lambda>" else self.subject
            self.call = calling(function, form, first, options)
        if grad is None and self.function is None:
            raise TypeError("a formula needs a gradient function to be judged")
        if grad is not None and not callable(grad):
            raise TypeError(f"grad must be a function, not {grad!r}; check_derivative judges a formula")
        self.gradient: Callable[..., Any] = grad if grad is not None else function  # type: ignore[assignment]
        self.call_gradient = calling(self.gradient, form, first, options)

    # ---- what the functions say

    def value(self, numbers: Sequence[float]) -> float:
        """The function's own value: nan outside its domain."""
        assert self.function is not None
        with self._named(numbers):
            return double(value_of(self.call(self.function, numbers)))

    def answers(self, numbers: Sequence[float]) -> tuple[list[float], float | None, float]:
        """The gradient's numbers; the value, if that came with them; and the roundoff of its arithmetic."""
        with self._named(numbers):
            answer = self.call_gradient(self.gradient, numbers)
            value = double(value_of(answer[0])) if has_value(answer, self.answer) else None
            return [double(x) for x in gradient_of(answer, self.answer)], value, _roundoff(answer)

    @contextmanager
    def _named(self, numbers: Sequence[float]) -> Iterator[None]:
        """Whatever the user's functions raise says at which point: it may be one that we chose."""
        try:
            yield
        except Exception as error:
            place = ", ".join(f"{name}={shown(x)}" for name, x in zip(self.layout.names, numbers, strict=True))
            error.add_note(f"at {place}")
            raise

    # ---- the truth

    def truth(self, numbers: Numbers, value: float | None = None) -> Truth:
        """The gradient in balls; `value` is the function's own, if it is known.

        Raises:
            FormulaError: there is none.
            UntraceableError: only differences will do.
        """
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
        self._hold_against(truth, self.value(numbers) if value is None else value)
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

    def about(self, numbers: Numbers) -> list[float]:
        """The gradient of the function as a formula, in double arithmetic.

        Raises:
            UntraceableError: it is not known as a formula.
        """
        formula, at = self.quick(numbers)
        if formula is None:
            raise UntraceableError(self.untraceable)
        names = tuple(map(variable, self.names))
        gradient = value_and_grad(formula, at, names)[1]
        return [gradient[name] for name in names]

    def _trace_of_function(self, at: Mapping[str, float]) -> Trace:
        if self.untraceable:
            raise UntraceableError(self.untraceable)
        try:
            return trace(lambda rebound, xs: [value_of(self.call(rebound(self.function), xs))], at)
        except CrowdedError:
            raise
        except UntraceableError as error:
            self.untraceable = str(error)
            raise

    def _hold_against(self, truth: Truth, value: float) -> None:
        """Nobody believes a trace: the formula's value must be the function's, but for rounding."""
        certain = truth.certified.value
        if not math.isfinite(value) or abs(value - certain.number) <= TRACE_ULPS * math.ulp(certain.number):
            return
        far = TRACE_ULPS * ROUNDOFF * rounding.of_value(truth.formula, truth.at)
        if not abs(value - certain.number) <= far + ALWAYS * math.ulp(certain.number):
            self.untraceable = f"its trace gives {certain.number!r} where it gives {value!r}"
            raise UntraceableError(self.untraceable)

    # ---- the verdict

    def __call__(self, numbers: Numbers) -> Judgement:
        """Judge one point."""
        value = math.nan
        if self.function is not None:
            try:
                value = self.value(numbers)
            except (ArithmeticError, ValueError) as error:
                return self._without_truth(numbers, Verdict.UNDEFINED, f"{self.subject} has no value here: {error}")
            if not math.isfinite(value):
                return self._without_truth(numbers, Verdict.UNDEFINED, f"{self.subject} is {value} here")
        try:
            truth = self.truth(numbers, value)
        except UntraceableError as error:
            return self._by_differences(numbers, value, str(error))
        except UndefinedError as error:
            return self._without_truth(numbers, Verdict.UNDEFINED, error.message)
        except FormulaError as error:
            return self._without_truth(numbers, Verdict.UNDECIDED, error.message)
        method = "formula" if self.function is None else "traced"
        try:
            answers, value_too, unit = self.answers(numbers)
        except (ArithmeticError, ValueError) as error:
            reason = f"the gradient fails: {type(error).__name__}: {error}"
            rows = [self._failed(name, truth, reason) for name in self.names]
            return Judgement(numbers, _worst(rows), tuple(rows), reason, method)
        meaning = self._meaning(numbers)
        noise = rounding.Noise(numbers, lambda point: self.answers(point)[0], self.about)
        parts = [Partial(self.names[i], i, truth, meaning, x, unit, self.ulps, noise) for i, x in enumerate(answers)]
        if meaning is not None and not all(part.is_its_meaning for part in parts if math.isfinite(part.actual)):
            meaning = None
            parts = [replace(part, meaning=None) for part in parts]
        rows = [self._component(part, answers) for part in parts]
        if _worst(rows) == Verdict.WRONG and (truth.guards or has_kinks(truth.formula)):
            rows = self._beside_a_kink(numbers, rows)
        if meaning is None:
            rows = self._steady(rows, numbers, answers, unit)
        if _worst(rows) == Verdict.WRONG and self.function is not None and not self._same_each_time(numbers, value):
            reason = f"{self.subject} does not answer the same twice"
            rows = [replace(row, verdict=Verdict.UNDECIDED, reason=reason) for row in rows]
        if value_too is not None and (row := self._value_row(truth, value_too)) is not None:
            rows.append(row)
        guards, known = truth.guards, dict(truth.at)
        formulas: tuple[Formula, ...] = (truth.formula,)
        if meaning is not None:
            guards, formulas = guards + meaning.trace.guards, formulas + meaning.trace.formulas
            known = {**meaning.trace.at, **known}
        verdict, reason = _worst(rows), _reason(rows)
        return Judgement(
            numbers, verdict, tuple(rows), reason, method, meaning is not None, unit > ROUNDOFF, guards, formulas, known
        )

    def _without_truth(self, numbers: Numbers, verdict: Verdict, reason: str) -> Judgement:
        return Judgement(
            numbers, verdict, tuple(GradientRow(name, verdict, reason=reason) for name in self.names), reason
        )

    def _failed(self, name: str, truth: Truth, reason: str) -> GradientRow:
        component = truth.certified.gradient[variable(name)]
        verdict = Verdict.WRONG if component.status == "certified" else _verdict_of(component)
        return GradientRow(
            name, verdict, None, component.number, reason=reason if verdict == Verdict.WRONG else component.message
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

    def _component(self, part: Partial, answers: Sequence[float]) -> GradientRow:
        component = part.truth.certified.gradient[part.variable]
        row = GradientRow(
            part.name, Verdict.AGREES, part.actual, component.number, left=component.left, right=component.right
        )
        if component.status not in ("certified", "zero"):
            if component.status == "overflow" and part.actual == component.number:
                return row
            kink = component.message.partition(";")[0]  # the convention is that of formulas, not of anybody's program
            return replace(row, verdict=_verdict_of(component), reason=kink)
        row = part.measured(row)
        if not math.isfinite(part.actual):
            return replace(row, verdict=Verdict.WRONG, reason=f"the gradient answers {part.actual}")
        judged = part.judged_by_meaning(row) if part.meaning is not None else None
        return judged if judged is not None else part.judged_by_numbers(row, answers)

    def _beside_a_kink(self, numbers: Numbers, rows: list[GradientRow]) -> list[GradientRow]:
        """The rows, those undecided that are right within rounding of the point, where another piece begins: `0.1` in
        a formula and the double 0.1 are not the same number."""
        moved: list[tuple[Any, ...]] = [
            tuple(x + side * ALWAYS * math.ulp(x) if i == axis else x for i, x in enumerate(numbers))
            for axis in range(len(numbers))
            for side in (-1, 1)
        ]
        if self.formula is not None:  # the piece may be that one point, as in if(x == 0.1, x, 0)
            moved.append(tuple(Fraction(repr(float(x))) for x in numbers))
        for point in moved:
            try:
                found = self.truth(point).certified.gradient
            except (ArithmeticError, ValueError, UntraceableError):
                continue
            for i, row in enumerate(rows):
                if row.verdict != Verdict.WRONG or row.actual is None:
                    continue
                other = found[variable(row.name)].number if row.name != "value" else math.nan
                if math.isclose(row.actual, other, rel_tol=1e-9) and not math.isclose(
                    row.expected or 0.0, other, rel_tol=1e-6
                ):
                    reason = f"within rounding of the point it changes from {shown(row.expected)} to {shown(other)}"
                    rows[i] = replace(row, verdict=Verdict.UNDECIDED, reason=reason)
        return rows

    def _value_row(self, truth: Truth, value: float) -> GradientRow | None:
        """A row for a value that came with the gradient and is not the function's."""
        certain = truth.certified.value
        error = abs(value - certain.number)
        spread = rounding.of_value(truth.formula, truth.at)
        allowed = self.ulps * ROUNDOFF * spread + ALWAYS * math.ulp(certain.number)
        if error <= allowed:
            return None
        relative = error / abs(certain.number) if certain.number else math.inf
        return GradientRow(
            "value", Verdict.WRONG, value, certain.number, error, relative, error / math.ulp(certain.number), allowed
        )

    def _same_each_time(self, numbers: Numbers, value: float) -> bool:
        return all(_same(value, self.value(numbers), ROUNDOFF) for _ in range(_ASKED_AGAIN))

    def _steady(
        self, rows: Sequence[GradientRow], numbers: Numbers, answers: Sequence[float], unit: float
    ) -> list[GradientRow]:
        """The rows, those undecided whose number, asked for again, is another one that would change the verdict."""
        again, found = self.answers(numbers)[0], list(rows)
        for i, (x, y) in enumerate(zip(answers, again, strict=True)):
            expected = rows[i].expected
            right = expected is not None and abs(y - expected) <= rows[i].allowed
            if (rows[i].verdict in (Verdict.AGREES, Verdict.IMPRECISE) or right) and not _same(x, y, unit):
                reason = f"the gradient does not answer the same twice: {shown(x)}, then {shown(y)}"
                found[i] = replace(rows[i], verdict=Verdict.UNDECIDED, reason=reason)
        return found

    # ---- functions that cannot be traced

    def _by_differences(self, numbers: Numbers, value: float, why: str) -> Judgement:
        method = f"differences: {self.subject} cannot be traced: {why}"
        start = time.perf_counter()
        if not _same(value, self.value(numbers), ROUNDOFF):
            method = f"differences: {self.subject} does not answer the same twice"
        sparing = time.perf_counter() - start > _SLOW
        try:
            answers, value_too, unit = self.answers(numbers)
        except (ArithmeticError, ValueError) as error:
            return self._without_truth(
                numbers, Verdict.UNDECIDED, f"the gradient fails: {type(error).__name__}: {error}"
            )
        noise = rounding.Noise(numbers, lambda point: self.answers(point)[0], None)
        rows = [self._by_difference(i, answers, numbers, noise, unit, sparing) for i in range(len(answers))]
        rows = self._steady(rows, numbers, answers, unit)
        if value_too is not None and abs(value_too - value) > _SAME_VALUE * abs(value):
            off = abs(value_too - value)
            rows.append(
                GradientRow("value", Verdict.WRONG, value_too, value, off, off / abs(value) if value else math.inf)
            )
        return Judgement(numbers, _worst(rows), tuple(rows), _reason(rows), method, single=unit > ROUNDOFF)

    def _by_difference(
        self,
        index: int,
        answers: Sequence[float],
        numbers: Numbers,
        noise: rounding.Noise,
        unit: float,
        sparing: bool,
    ) -> GradientRow:
        name, actual = self.names[index], answers[index]
        axis = self.layout.names.index(name)
        along = along_axis(self.value, numbers, axis)
        scale = abs(numbers[axis]) or 1.0
        found = difference(along, scale, sparing)
        if found.kink:
            left, right = found.left, found.right
            reason = f"by differences, left about {left:.6g}, right about {right:.6g}"
            return GradientRow(name, Verdict.NOT_DIFFERENTIABLE, actual, reason=reason, left=left, right=right)
        if not math.isfinite(found.error):
            return GradientRow(name, Verdict.UNDECIDED, actual, reason="difference quotients do not settle here")
        truth = found.derivative if abs(found.derivative) > found.error else 0.0
        steep = steepness(along, scale)
        allowed = found.error + abs(found.derivative - truth) + ALWAYS * math.ulp(truth)
        if unit > ROUNDOFF:
            allowed += self.ulps * unit * max(abs(truth), steep)
        error = abs(actual - truth)
        jitter = noise.explains(index, error - allowed) if not error <= allowed else 0.0
        allowed += min(jitter, _NOISE * unit / ROUNDOFF * max(abs(truth), steep))
        relative = error / abs(truth) if truth else math.inf if error else 0.0
        row = GradientRow(name, Verdict.AGREES, actual, truth, error, relative, None, allowed)
        coarse = found.error > _RESOLVED * abs(truth) and found.error > _SMALL * steep
        if coarse and actual and error <= 4 * found.error:
            reason = f"a difference quotient is good to {found.error:.2g} here, which does not tell {actual:.3g} from 0"
            return replace(row, verdict=Verdict.UNDECIDED, reason=reason)
        if error <= allowed:
            return row
        if rounding.is_single(answers):
            jitter = max(jitter, self.ulps * rounding.ROUNDOFF_OF_SINGLE * max(abs(truth), steep))
        if error <= found.error + jitter:
            said = imprecise(rounding.digits_kept(relative), 15, looks_like(answers, relative))
            return replace(row, verdict=Verdict.IMPRECISE, reason=said)
        at_hand = at_once(along, scale)
        contradicted = abs(at_hand.derivative - truth) > found.error + at_hand.error
        if contradicted and abs(at_hand.derivative - actual) < abs(at_hand.derivative - truth):
            reason = f"quotients over large and small steps differ: about {truth:.3g} and {at_hand.derivative:.3g}"
            return replace(row, verdict=Verdict.UNDECIDED, reason=reason)
        slope = remainder_slope(along, actual, scale, noise_of(along, scale))
        about = f"the Taylor remainder falls with slope {slope:.2g} where 2 is right" if slope and slope < 1.5 else ""
        if relative < _OWN_ERROR:
            about = f"unless {self.subject} itself is no better than that, as what a solver answers"
        return replace(row, verdict=Verdict.WRONG, reason=about)


_NOISE = 2.0**-30  # relative noise of a gradient's numbers that may be rounding, where no formula is known
_RESOLVED = 0.1  # relative error of a difference quotient that is still told from 0
_SMALL = 1e-6  # part of the function's slopes near by that is as good as 0
_OWN_ERROR = 1e-4  # relative error of a derivative for which a function that is approximate may be to blame
_SAME_VALUE = 1e-6  # relative error of a value beside a gradient, where nothing certain is known of it


def _same(x: float, y: float, unit: float) -> bool:
    return abs(x - y) <= _STEADY * unit * abs(x) or not (math.isfinite(x) or math.isfinite(y))


def _verdict_of(component: Component) -> Verdict:
    return Verdict.NOT_DIFFERENTIABLE if component.status == Verdict.NOT_DIFFERENTIABLE else Verdict.UNDECIDED


def _reason(rows: Sequence[GradientRow]) -> str:
    verdict = _worst(rows)
    row = next((row for row in rows if row.verdict == verdict and row.reason), None)
    if row is None:
        return ""
    return f"{row.name}: {row.reason}" if len(rows) > 1 and verdict == Verdict.UNDECIDED else row.reason


def _roundoff(answer: Any) -> float:
    """Of the arithmetic an answer was computed in: that of single precision for NumPy's float32."""
    kind = getattr(answer, "dtype", None)
    parts: list[Any] = []
    if isinstance(answer, Mapping):
        parts = list(answer.values())
    elif isinstance(answer, tuple | list):
        parts = list(answer)
    if kind is not None and getattr(kind, "kind", "") == "f" and kind.itemsize < 8:
        return rounding.ROUNDOFF_OF_SINGLE if kind.itemsize == 4 else 2.0**-11
    return max(map(_roundoff, parts), default=ROUNDOFF)
