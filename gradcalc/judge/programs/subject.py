"""The subject of a judgement: the user's function and the claim, how both are called, traced and held together.

A `Subject` knows its own derivatives, certified in balls (`truths`) or about, in double arithmetic (`about`), wherever
it is a formula or can be traced. A `ClaimedFunction` answers with numbers, and where it can be traced with formulas.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from fractions import Fraction
from functools import cached_property, partial
from typing import Any

from gradcalc.certified import Certifier, Component
from gradcalc.engine.lowering import leaves, shown, with_ends
from gradcalc.engine.program import program_of
from gradcalc.engine.rewrite import as_formula, prepare
from gradcalc.gradients import value_and_grad
from gradcalc.helper import OutOfTime
from gradcalc.judge.agreement import AGREE_BITS
from gradcalc.language.ends import names_in_ends
from gradcalc.language.formula import Formula, brief
from gradcalc.language.literals import place_text
from gradcalc.record import dataclass, replace
from gradcalc.work import Work

from . import rounding
from .calling import (
    Calling,
    calling,
    double,
    form_of,
    gradient_of,
    matrix_of,
    outputs_of,
    parted,
    product_of,
    roundoff_of,
    takes_more,
    value_of,
)
from .components import TRACE_ULPS, Truth
from .effort import AS_LONG, LINES, effort, ended
from .forms import Layout, Numbers
from .result import CheckQuestion
from .tracer import STEP, GoesOn, NotHereError, UntraceableError, variable
from .tracing import Rebinding, Run, Trace, trace

_SLIPS = (TypeError, NameError, AttributeError, LookupError, ImportError, MemoryError, NotImplementedError)
PATIENCE = 4.0  # times the seconds may go into points that are judged in full
_STEPS_A_SECOND = 100_000  # that a program may take to be traced: what can be judged in ten times the seconds, or so
_BESIDE = 2.0**-7  # step, in parts of the point
_GIVEN = "; a point is given as numbers and arrays of doubles, lists as arrays of NumPy"
_TRACED = 0.1  # units of work of a step that is traced
_CERTIFIED, _OF_NODE = 20, 0.4  # of a certified gradient, and of a node in it
_IN_DOUBLES = 0.05  # of one in double arithmetic, and of a node


@dataclass(frozen=True, slots=True)
class ClaimedNumbers:
    """A claim's answer at a point: a number for every entry, the function's values by name, if they came, and the
    roundoff."""

    numbers: list[float]
    values: Mapping[str, float]
    unit: float


class _Called:
    """A function of the user's at points of one form: its calls, which are counted as work, and its traces."""

    call: Calling

    def __init__(self, python: Callable[..., Any] | None, question: CheckQuestion, work: Work):
        self.python: Any = python
        self.question, self.form = question, question.form
        self.work = work
        self.cost = 0.0  # units of work of a call, once it was called
        self.steps = 0  # of the longest trace
        self._most = max(1000, int(_STEPS_A_SECOND * question.seconds))
        self._everywhere: Trace | None = None

    @contextmanager
    def named(self, numbers: Sequence[float]) -> Iterator[None]:
        """An exception of the user's functions says at which point: it may be one that we chose.

        Raises:
            ValueError: there is no value: what they raise that no slip of the programmer's does, as where they assert
                what they need.
        """
        try:
            yield
        except Exception as error:
            place = place_text(dict(zip(self.form.names, numbers, strict=True)), ", ", shown)
            error.add_note(f"at {place}{_GIVEN * isinstance(error, TypeError | AttributeError)}")
            if isinstance(error, (ArithmeticError, ValueError, *_SLIPS)):
                raise
            told = f"{type(error).__name__}: {error}".removesuffix(": ") + _GIVEN * bool(self.form.libraries)
            raise ValueError(told) from error

    def _answer(self, numbers: Sequence[float], beside: bool = False) -> Any:
        if self.work.is_late:  # by the clock, as a slow call may count as little work
            raise OutOfTime
        python = partial(ended, self.python, self.cost) if beside and self.cost else self.python
        called = partial(self.call, python, numbers)
        answer, self.cost = (called(), self.cost) if self.cost else effort(called)
        self.work.spend(self.cost)
        return answer

    def _elsewhere(self, rebinding: Rebinding, numbers: Numbers) -> Any:
        """The function as a trace sees it, called at another point: one that keeps its last point and what it found
        there would compare the tracers with that."""
        made = rebinding(self.python)
        with suppress(Exception):
            ended(self.call, self.cost, made, [x + _BESIDE * (abs(x) or 1.0) for x in numbers])
        return made

    def _trace(self, run: Run, numbers: Numbers, branches: bool = True, further: GoesOn | None = None) -> Trace:
        at = dict(zip(self.form.names, numbers, strict=True))
        if self._everywhere is not None:
            return self._everywhere.moved(at)
        found = trace(run, at, branches, self._most, further)
        self.work.spend(found.size * _TRACED)
        self.steps = max(self.steps, found.size)
        if found.anywhere:
            self._everywhere = found
        return found


class Subject(_Called):
    """The function, a formula or several or a Python function, at points of one form.

    Attributes:
        outputs: the form of what it answers with; `answer` that of the point as far as the claim answers for it.
        entries: what is claimed of it.
    """

    def __init__(self, given: Any, question: CheckQuestion, alone: bool = False):
        super().__init__(None, question, Work(PATIENCE * question.seconds))
        self.alone = alone  # it answers with its own gradient, too
        self.untraceable = ""  # why it is not traced
        self.loops = False  # how long it runs depends on the point
        self.hidden = ""  # what a trace does not show
        self.off = 0.0  # part of its value by which that is not its trace's, where it is not
        self.solvers: dict[str, None] = {}  # that it uses
        self.formulas: tuple[Formula, ...] | None = None
        self.ends: Mapping[str, float] = {}  # of their sums and products
        self._derived: tuple[tuple[Formula, ...], tuple[Formula, ...]] = ((), ())
        form, first, number = question.form, question.first, Layout((("f", None),))
        texts = [given] if isinstance(given, str | Formula) else given
        if isinstance(texts, list | tuple) and texts and all(isinstance(one, str | Formula) for one in texts):
            if form.kind == "array":
                raise TypeError("the point of a formula has a value for each name, such as {'x': 2}")
            self.formulas = tuple(prepare(with_ends(text, self._at(first))) for text in texts)
            ends = {name for text in texts for name in names_in_ends(as_formula(text))}
            self.ends = {name: x for name, x in self._at(first).items() if name in ends}
            for formula in self.formulas:
                leaves(formula, self._at(first))
            self.name = ", ".join(map(brief, self.formulas))
            self.outputs = Layout((("f", (len(texts),)),)) if texts is given else number
        else:
            if not callable(given):
                raise TypeError(f"f must be a function or a formula, not {given!r}")
            self.python = given
            self.name = getattr(given, "__name__", type(given).__name__).replace("<lambda>", "f")
            with self.named(first):
                self.call = calling(given, form, first, question.kwargs)
            self.outputs = number
            if not question.scalar:
                with self.named(first):
                    answer = self.call(given, first)
                self.outputs = form_of(answer)
        if question.scalar and len(self.outputs.names) != 1:
            count = len(self.outputs.names)
            raise TypeError(f"{count} values have no {question.word}: check_jacobian judges functions of many values")
        self.answer, wrt = form, question.wrt
        if wrt is None and self.ends:
            wrt = tuple(key for key, _ in form.parts if key not in self.ends)
        if wrt is not None:
            kept = tuple((key, shape) for key, shape in form.parts if key in wrt)
            if len(kept) < len(wrt) or not kept:
                raise ValueError(f"wrt={list(wrt)} names what the point does not have: {', '.join(form.names)}")
            self.answer = Layout.named(kept, tuple(key for key, _ in form.parts))
        self.entries = question.entries(self.answer, self.outputs)

    def _at(self, numbers: Numbers) -> dict[str, float]:
        return {variable(name): x for name, x in zip(self.form.names, numbers, strict=True)}

    def values(self, numbers: Sequence[float], beside: bool = False) -> list[float]:
        """The function's own values: nan outside its domain. `beside`: at a point that nobody asked for."""
        with self.named(numbers):
            found = [double(x) for x in self._read(self._answer(numbers, beside))]
            if len(found) != (count := sum(self.outputs.sizes)):
                raise TypeError(f"{self.name} answers with {len(found)} numbers here, with {count} elsewhere")
            return found

    def quantities_beside(self, numbers: Sequence[float], finer: bool = False) -> Sequence[float]:
        """The quantities asked for, or else the values, at a point that nobody asked for, where a loop may come to no
        end; nan where there are none. `finer`: where the tolerances of the solvers that it uses are tighter."""
        try:
            values = self._finer_values(numbers) if finer else self.values(numbers, beside=True)
        except (ArithmeticError, ValueError, *_SLIPS):
            values = [math.nan] * len(self.outputs.names)
        return self.question.values(values) or values

    def _finer_values(self, numbers: Sequence[float]) -> list[float]:
        self.work.spend(2 * self.cost)
        rebinding, finer = self._finer
        values = ended(lambda: [double(x) for x in self._read(self.call(finer, numbers))], self.cost)
        if not rebinding.solvers.keys() >= self.solvers.keys():
            raise ValueError("not all of the solvers have tolerances that we know")
        return values

    @cached_property
    def _finer(self) -> tuple[Rebinding, Any]:
        rebinding = Rebinding(tighter=True)
        return rebinding, rebinding(self.python)

    def _read(self, answer: Any) -> list[Any]:
        return [value_of(answer, self.alone)] if self.question.scalar else outputs_of(answer)

    def trace(self, numbers: Numbers, branches: bool = True, further: GoesOn | None = None) -> Trace:
        """The function's trace at a point, with both `branches` of ties, a loop going `further` than to its end.

        Raises:
            UntraceableError: it cannot be told.
        """
        if self.formulas is not None:
            at = self._at(numbers)
            if other := next((name for name, x in self.ends.items() if at[name] != x), ""):
                raise ValueError(f"{other} ends a sum or a product, which needs one whole number: n=(3, 3) in a box")
            return Trace(self.formulas, at, (), ())
        if self.untraceable:
            raise UntraceableError(self.untraceable)

        def run(rebound: Rebinding, inputs: list[Any]) -> list[Any]:
            rebound.solvers = self.solvers
            return self._read(self.call(self._elsewhere(rebound, numbers), inputs))

        try:
            found = self._trace(run, numbers, branches, further)
        except NotHereError:
            raise
        except UntraceableError as error:
            try:
                self.values(numbers)
            except (ArithmeticError, ValueError):
                raise NotHereError(f"{self.name} has no value here") from error
            self.untraceable = str(error)
            raise
        self.hidden = self.hidden or found.hidden
        return found

    def trace_beside(self, numbers: Numbers, branches: bool = True, further: GoesOn | None = None) -> Trace:
        """The same at a point that nobody asked for: what cannot be told there says nothing of other points."""
        most, why = self._most, self.untraceable
        self._most = min(most, LINES + AS_LONG * self.steps)
        try:
            return self.trace(numbers, branches, further)
        finally:
            self._most, self.untraceable = most, why

    # ---- its derivatives

    def truths(self, numbers: Numbers, values: Sequence[float]) -> list[Truth]:
        """For each quantity whose partial derivatives are claimed its gradient in balls; of second derivatives none
        where there is no first.

        Args:
            values: the function's own, if they are known.

        Raises: as `truths_at_all` does.
        """
        found = self.truths_at_all(numbers, values)
        if not self.question.second:
            return found
        traced = self.trace(numbers)
        wrt = tuple(map(variable, self.form.names))
        first = Certifier(prepare(traced.formulas[0]), traced.at, wrt).run().gradient
        return _where_first_exist(found, first, self.question.word == "hvp")

    def truths_at_all(self, numbers: Numbers, values: Sequence[float] = ()) -> list[Truth]:
        """The same, whatever there is of first derivatives.

        Raises:
            FormulaError: there is none.
            UntraceableError: only differences will do.
        """
        found, truths = self.trace(numbers), []
        for formula, at, wrt in self._quantities(found):
            certifier = Certifier(formula, at, wrt)
            self.work.spend(_CERTIFIED + _OF_NODE * len(certifier.program))
            certified = certifier.run(digits_of_ball=AGREE_BITS)
            truths.append(Truth(certifier, certified, formula, at, found.constants, found.guards))
        for truth, value in zip(truths, self.question.values(values), strict=False):
            self._hold_against(truth, value)
        return truths

    def _quantities(self, found: Trace) -> Iterator[tuple[Formula, dict[str, Any], tuple[str, ...]]]:
        """The formulas whose partial derivatives are claimed, each with the point and the names by which."""
        formulas, made = self._derived
        if formulas is not found.formulas:
            made = tuple(map(prepare, self.question.quantities(found.formulas, self.answer)))
            self._derived = found.formulas, made
        at: dict[str, Any] = {**found.at, STEP: Fraction(0)}
        for row, formula in enumerate(made):
            yield formula, at, tuple(entry.variable for entry in self.entries if entry.row == row)

    def _hold_against(self, truth: Truth, value: float) -> None:
        """The formula's value must be the function's, but for rounding."""
        certain = truth.certified.value
        if not math.isfinite(value) or abs(value - certain.number) <= TRACE_ULPS * math.ulp(certain.number):
            return
        far = TRACE_ULPS * rounding.ROUNDOFF * rounding.of_value(truth.formula, truth.at)
        if not abs(value - certain.number) <= far:
            self.untraceable = f"its trace gives {certain.number!r} where it gives {value!r}"
            self.off = abs(value - certain.number) / abs(value) if value else math.inf
            raise UntraceableError(self.untraceable)

    def about(self, numbers: Numbers) -> list[float]:
        """The truth for every entry in double arithmetic.

        Raises:
            UntraceableError: the function is not known as a formula.
        """
        return self.on_path(self.trace(numbers), numbers)[1]

    def on_path(self, path: Trace, numbers: Numbers) -> tuple[list[float], list[float]]:
        """The values, and the truth for every entry, in doubles, on a path that is taken there or elsewhere."""
        values, gradients = [], []
        for formula, at, wrt in self._quantities(path):
            value, gradient = value_and_grad(formula, {**at, **self._at(numbers)}, wrt)
            values.append(value)
            gradients.append(gradient)
            self.work.spend(_IN_DOUBLES * (1 + len(program_of(formula))))
        return values, [gradients[entry.row][entry.variable] for entry in self.entries]


def _where_first_exist(truths: Sequence[Truth], first: Mapping[str, Component], along: bool) -> list[Truth]:
    """The truths of second derivatives, none where the first does not exist."""
    bad = {name: part for name, part in first.items() if part.status not in ("certified", "zero", "overflow")}
    if not bad:
        return list(truths)
    found = []
    for row, truth in enumerate(truths):
        of_row = next(iter(bad.values())) if along else bad.get(list(first)[row])
        gradient = {name: of_row or bad.get(name, part) for name, part in truth.certified.gradient.items()}
        found.append(replace(truth, certified=replace(truth.certified, gradient=gradient)))
    return found


class ClaimedFunction(_Called):
    """A derivative as the user gives it."""

    def __init__(self, given: Callable[..., Any], of: Subject):
        question, first = of.question, of.question.first
        super().__init__(given, question, of.work)
        self.of = of
        further: tuple[Any, ...] = ()
        if question.word in ("jvp", "vjp", "hvp"):
            form, what = of.form, "numbers of the point"
            if question.word == "vjp":
                form, what = of.outputs, "values of the function"
            if len(question.vector) != len(form.names):
                raise TypeError(f"the vector has {len(question.vector)} numbers, for {len(form.names)} {what}")
            if takes_more(given, of.form, first, question.kwargs):
                further = (form.pack(question.vector),)
        self.call: Calling = calling(given, of.form, first, question.kwargs, further)

    def at(self, numbers: Sequence[float]) -> ClaimedNumbers:
        with self.named(numbers):
            answer, phrase = self._answer(numbers), self.question.phrase
            values, found = self._read(answer)
            named = {name: double(x) for name, x in values.items()}
            return ClaimedNumbers([double(x, phrase) for x in found], named, roundoff_of(answer))

    def _read(self, answer: Any) -> tuple[Mapping[str, Any], list[Any]]:
        """The function's values by name, where they came, and what is claimed."""
        word, columns, outputs = self.question.word, self.of.answer, self.of.outputs
        values, answer = parted(answer, word, outputs, columns)
        if word == "jvp":
            return values, product_of(answer, outputs)
        if word in ("jacobian", "hessian"):
            return values, matrix_of(answer, outputs if word == "jacobian" else columns, columns)
        return values, gradient_of(answer, columns, word if word == "gradient" else "product")

    def trace(self, numbers: Numbers) -> Trace:
        """The claim's trace at a point, a formula for every entry.

        Raises:
            UntraceableError: it cannot be told.
        """
        found = self._trace(
            lambda rebound, xs: self._read(self.call(self._elsewhere(rebound, numbers), xs))[1], numbers, False
        )
        if found.hidden:
            raise UntraceableError(found.hidden)
        return found
