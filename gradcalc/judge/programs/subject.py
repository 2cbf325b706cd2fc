"""The subject of a judgement: the user's function and the claim, how both are called, traced and held together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypedDict

from gradcalc.engine.lowering import leaves, shown
from gradcalc.engine.rewrite import prepare
from gradcalc.language.formula import Formula, brief
from gradcalc.record import dataclass, field, replace
from gradcalc.work import Work

from . import rounding
from .answers import double, gradient_of, has_value, is_pair, is_value, matrix_of, outputs_of, value_of
from .calling import Calling, calling, signature
from .effort import effort
from .forms import ALONE, Layout, flat, layout
from .questions import Entry, Question
from .rebinding import Rebinding
from .rounding import Numbers
from .tracer import CrowdedError, UntraceableError, variable
from .tracing import Run, Trace, trace

ULPS = 16.0
SECONDS = 2.0
POINTS = 64
PATIENCE = 4.0  # times the seconds may go into points that are judged in full
_STEPS_A_SECOND = 100_000  # that a program may take to be traced: what can be judged in ten times the seconds, or so
_TRACED = 0.1  # units of work of a step that is traced


class Options(TypedDict, total=False):
    """How a check is made.

    n: how many points of a box are judged in full, 64 if nothing is said; some thousand more are looked at.
    seed: of the points.
    ulps: how many times the rounding error that is to be expected is allowed, 16 if nothing is said, where a claim
        cannot be traced and numbers are all there is. 1 is one unit of roundoff for every intermediate result.
    wrt: the names of a mapping that the claim answers for; without it, all.
    kwargs: further arguments, the same for the function and the claim.
    noise: the relative error of the values of the function, as far as a solver or a loop that stops at a tolerance lets
        them be off: a derivative may be off by as much. Without it, it is measured where it shows.
    seconds: how long to look at further points of a box, 2 if nothing is said; four times as long may go into points
        that are judged in full. It is work that is counted, as a usual machine does it, and the clock ends what takes
        five times as long. A program is traced that takes no more than 100,000 steps for each of the seconds.
    """

    n: int
    seed: int
    ulps: float
    wrt: Sequence[Any] | None
    kwargs: Mapping[str, Any] | None
    noise: float | None
    seconds: float


def settings_of(options: Options) -> Settings:
    """The settings that some options are, those that are not among them as they are without.

    Raises:
        TypeError: there is an option of another name.
    """
    unknown = [name for name in options if name not in Options.__annotations__]
    if unknown:
        raise TypeError(f"there is no option {unknown[0]}: the options are {', '.join(Options.__annotations__)}")
    given: dict[str, Any] = dict(options)
    wrt, kwargs = given.pop("wrt", None), given.pop("kwargs", None)
    return Settings(wrt=None if wrt is None else tuple(wrt), kwargs=dict(kwargs or {}), **given)


@dataclass(frozen=True, slots=True)
class Settings:
    """How a check is made: what `Options` says of them."""

    n: int = POINTS
    seed: int = 0
    ulps: float = ULPS
    wrt: tuple[Any, ...] | None = None
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    seconds: float = SECONDS
    noise: float | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """A claim's answer at a point: a number for every entry, the function's value if that came with them, and the
    roundoff of the arithmetic."""

    numbers: list[float]
    value: float | None
    unit: float


class _Called:
    """A function of the user's at points of one form: its calls, which are counted as work, and its traces."""

    call: Calling

    def __init__(self, python: Callable[..., Any] | None, form: Layout, settings: Settings, work: Work):
        self.python = python
        self.form = form
        self.work = work
        self.cost = 0.0  # units of work of a call, once it was called
        self._most = max(1000, int(_STEPS_A_SECOND * settings.seconds))
        self._everywhere: Trace | None = None

    @contextmanager
    def named(self, numbers: Sequence[float]) -> Iterator[None]:
        """An exception of the user's functions says at which point: it may be one that we chose."""
        try:
            yield
        except Exception as error:
            place = ", ".join(f"{name}={shown(x)}" for name, x in zip(self.form.names, numbers, strict=True))
            error.add_note(f"at {place}")
            raise

    def _answer(self, numbers: Sequence[float]) -> Any:
        assert self.python is not None
        python = self.python
        if self.cost:
            answer = self.call(python, numbers)
        else:
            answer, self.cost = effort(lambda: self.call(python, numbers))
        self.work.spend(self.cost)
        return answer

    def _trace(self, run: Run, numbers: Numbers, branches: bool = True) -> Trace:
        at = dict(zip(self.form.names, numbers, strict=True))
        if self._everywhere is not None:
            return self._everywhere.moved(at)
        found = trace(run, at, branches, self._most)
        self.work.spend(found.size * _TRACED)
        if found.anywhere:
            self._everywhere = found
        return found


class Function(_Called):
    """The function, a formula or several or a Python function, at points of one form."""

    def __init__(self, given: Any, form: Layout, first: Numbers, settings: Settings, question: Question, alone: bool):
        super().__init__(None, form, settings, Work(PATIENCE * settings.seconds))
        self.question = question
        self.alone = alone  # it answers with its own gradient, too
        self.untraceable = ""  # why it is not traced
        self.loops = False  # how long it runs depends on the point
        self.hidden = ""  # what a trace does not show
        self.solvers: tuple[str, ...] = ()
        self.formulas: tuple[Formula, ...] | None = None
        texts = [given] if isinstance(given, str | Formula) else given
        if isinstance(texts, list | tuple) and texts and all(isinstance(one, str | Formula) for one in texts):
            self.formulas = tuple(map(prepare, texts))
            at = {variable(name): x for name, x in zip(form.names, first, strict=True)}
            for formula in self.formulas:
                leaves(formula, at)
            self.name = ", ".join(map(brief, self.formulas))
            self.outputs = (
                Layout("array", (("f", (len(texts),)),)) if texts is given else Layout("number", (("f", None),))
            )
        else:
            if not callable(given):
                raise TypeError(f"f must be a function or a formula, not {given!r}")
            self.python = given
            self.name = getattr(given, "__name__", type(given).__name__)
            self.name = "f" if self.name == "<lambda>" else self.name
            self.call = calling(given, form, first, settings.kwargs)
            self.outputs = self._outputs(first)
        if question.scalar and len(self.outputs.names) != 1:
            count = len(self.outputs.names)
            raise TypeError(f"{count} values have no {question.word}: check_jacobian judges functions of many values")

    def _outputs(self, first: Numbers) -> Layout:
        """The form of what the function answers with."""
        if self.question.scalar:
            return Layout("number", (("f", None),))
        with self.named(first):
            answer = self.call(self.python, first)  # type: ignore[arg-type]
        return layout(outputs_of(answer) if is_value(answer) else answer, "f")[0]

    def values(self, numbers: Sequence[float]) -> list[float]:
        """The function's own values: nan outside its domain."""
        with self.named(numbers):
            found = [double(x) for x in self._read(self._answer(numbers))]
            if len(found) != len(self.outputs.names):
                raise TypeError(
                    f"{self.name} answers with {len(found)} numbers here, with {len(self.outputs.names)} elsewhere"
                )
            return found

    def _read(self, answer: Any) -> list[Any]:
        return [value_of(answer, self.alone)] if self.question.scalar else outputs_of(answer)

    def trace(self, numbers: Numbers) -> Trace:
        """The function's trace at a point.

        Raises:
            UntraceableError: it cannot be told.
        """
        if self.formulas is not None:
            at = {variable(name): x for name, x in zip(self.form.names, numbers, strict=True)}
            return Trace(self.formulas, at, (), ())
        if self.untraceable:
            raise UntraceableError(self.untraceable)
        seen: list[Rebinding] = []

        def run(rebound: Rebinding, inputs: list[Any]) -> list[Any]:
            seen.append(rebound)
            return self._read(self.call(rebound(self.python), inputs))

        try:
            found = self._trace(run, numbers)
        except CrowdedError:
            raise
        except UntraceableError as error:
            self.untraceable = str(error)
            self.solvers = tuple(name for rebound in seen for name in rebound.solvers)
            raise
        self.hidden = self.hidden or found.hidden
        return found


class Claim(_Called):
    """A derivative as the user gives it."""

    def __init__(self, given: Callable[..., Any], of: Function, first: Numbers, settings: Settings, vector: Any):
        super().__init__(given, of.form, settings, of.work)
        form, self.question, self.outputs = of.form, of.question, of.outputs
        wrt = settings.wrt
        kept = [(key, shape) for key, shape in form.parts if wrt is None or key in wrt]
        if len(kept) < len(wrt if wrt is not None else kept) or not kept:
            raise ValueError(f"wrt={list(wrt or ())} names what the point does not have: {', '.join(form.names)}")
        self.answer = form if wrt is None else replace(form, parts=tuple(kept), tree=None, kind="mapping")
        self.entries: tuple[Entry, ...] = of.question.entries(form, self.answer, of.outputs)
        further = () if vector is None or not _takes_more(given, form, first, settings) else (vector,)
        self.call: Calling = calling(given, form, first, settings.kwargs, further)

    def at(self, numbers: Sequence[float]) -> Answer:
        with self.named(numbers):
            answer, value = self._answer(numbers), None
            if self.question.word == "gradient" and has_value(answer, self.answer):
                value = double(value_of(answer[0]))
            return Answer([double(x) for x in self._read(answer)], value, _roundoff(answer))

    def _read(self, answer: Any) -> list[Any]:
        word, rows = self.question.word, self.outputs
        if word == "jvp":
            return _product_of(answer, rows)
        if word in ("jacobian", "hessian"):
            return matrix_of(answer, rows if word == "jacobian" else self.answer, self.answer)
        return gradient_of(answer, self.answer)

    def trace(self, numbers: Numbers) -> Trace:
        """The claim's trace at a point, a formula for every entry.

        Raises:
            UntraceableError: it cannot be told.
        """
        found = self._trace(lambda rebound, xs: self._read(self.call(rebound(self.python), xs)), numbers, False)
        if found.hidden:
            raise UntraceableError(found.hidden)
        return found


def _takes_more(given: Callable[..., Any], form: Layout, first: Numbers, settings: Settings) -> bool:
    """Whether a function takes another argument after the point."""
    found = signature(given)
    if found is None:
        return True
    needed = len([name for name in found.needed if name not in settings.kwargs])
    point = 1 if form.kind == "number" else len(form.arguments(first))
    return needed in (2, point + 1)


def _product_of(answer: Any, outputs: Layout) -> list[Any]:
    """The numbers of a product with a tangent, of which there is one for every output; or of (outputs, product)."""
    numbers, wanted = flat(answer), len(outputs.names)
    if isinstance(answer, tuple | list) and len(answer) == 2 and len(numbers) == 2 * wanted:
        return numbers[wanted:]
    if len(numbers) != wanted:
        raise TypeError(f"the product has {len(numbers)} numbers, the function {wanted}")
    return numbers


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
    return max(map(_roundoff, parts), default=rounding.ROUNDOFF)


def no_gradient(given: Any, form: Layout, first: Numbers, settings: Settings) -> None:
    """Refuse a function that is judged alone and does not answer with its gradient.

    Raises:
        TypeError: it does not.
    """
    if not callable(given):
        raise TypeError("a formula needs a gradient function to be judged")
    answer = calling(given, form, first, settings.kwargs)(given, first)
    if not is_pair(answer):
        raise TypeError("no grad was given, and f does not answer with (value, gradient)")


def parameter_of(given: Any, point: Any) -> tuple[str, tuple[str, ...]]:
    """The name that a function has for a point without names, and the parts of a sequence that it takes in order."""
    found = signature(given) if callable(given) else None
    if found is None or not found.needed:
        return ALONE, ()
    in_order = found.needed if isinstance(point, tuple | list) and len(found.needed) == len(point) > 1 else ()
    return found.needed[0], in_order
