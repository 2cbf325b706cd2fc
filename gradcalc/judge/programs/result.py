"""Which derivative of a function is claimed, where, and how closely to look, as a `CheckQuestion`; and the verdict on
it, `GradientCheck`.

Everything is a matrix of partial derivatives of some formulas. A Jacobian is that of the outputs; a product with a
tangent of the outputs as functions of the step along it; one with a cotangent of the weighted sum of the outputs; a
Hessian of the partial derivatives by our own chain rule, and times a vector of the derivative along the vector.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from fractions import Fraction
from itertools import product
from typing import Any, TypedDict

from gradcalc.certified.components import finite
from gradcalc.engine.formulas import plus, times
from gradcalc.engine.rewrite import our_derivative
from gradcalc.judge.agreement import AGREE_BITS
from gradcalc.judge.result import Finding, Result
from gradcalc.language.errors import FormulaError
from gradcalc.language.formula import Formula, Name
from gradcalc.language.literals import number
from gradcalc.language.substitution import substitute
from gradcalc.record import dataclass, field

from .files import digest, file_of
from .forms import Layout, Numbers
from .tracer import STEP, variable


class CheckOptions(TypedDict, total=False):
    """How a check is made.

    n: how many points of a box are judged in full, 64 if nothing is said; some thousand more are looked at.
    seed: of the points.
    ulps: how many times the rounding error that is to be expected is allowed, 16 if nothing is said, where a claim
        cannot be traced and numbers are all there is. 1 is one unit of roundoff for every intermediate result.
    wrt: the names of a mapping that the claim answers for; without it, all.
    kwargs: further arguments, the same for the function and the claim.
    noise: the relative error of the values of the function, as far as a solver or a loop that stops at a tolerance lets
        them be off: a derivative may be off by as much. Without it, it is measured where it shows.
    seconds: how long all of it may take. The clock ends it a moment after them, with what was found by then; before
        that it ends by work that is counted, as a usual machine does it, a fifth of it at other points of a box. If
        nothing is said, work of 10 seconds is, and the clock ends what takes five times as long. A program is traced
        that takes no more than 20,000 steps for each of the seconds.
    """

    n: int
    seed: int
    ulps: float
    wrt: Sequence[Any] | None
    kwargs: Mapping[str, Any] | None
    noise: float | None
    seconds: float


VALUE = "value"  # the name of what is no entry, but came with one; of many, each with the name of its own after it


@dataclass(frozen=True, slots=True)
class Entry:
    """One number that is claimed: the partial derivative of a quantity by a variable, which is the number at `axis` of
    the point, or the step along the vector (None). `row` is the number of the quantity."""

    name: str
    row: int
    variable: str
    axis: int | None = None


class Way(Enum):
    """How the truth was found; by all but `DIFFERENCES` it is certified."""

    UNTOLD = ""
    FORMULA = "formula"
    TRACED = "traced"
    IN_PART = "traced in part"
    DIFFERENCES = "differences"


@dataclass(frozen=True, slots=True)
class CheckQuestion:
    """All that is asked, but for the functions.

    Attributes:
        word: which derivative is claimed: `gradient`, `jacobian`, `hessian`, `jvp`, `vjp` or `hvp`.
        form: of the points.
        at: the point asked for, if any.
        box: the ends of the box by name, if there is one.
        vector: the numbers of the tangent, the cotangent or the vector.
        n, seed, ulps, wrt, kwargs, noise, seconds: what `CheckOptions` says of them.
        f, grad: what was judged, as formula text or `FILE.py:name`, where it is to be asked again.
    """

    word: str
    form: Layout
    at: Numbers | None = None
    box: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    vector: Numbers = ()
    n: int = 64
    seed: int = 0
    ulps: float = 16.0
    wrt: tuple[Any, ...] | None = None
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    noise: float | None = None
    seconds: float = 2.0
    f: str = ""
    grad: str = ""

    @property
    def first(self) -> Numbers:
        """The point asked for, or the middle of the box."""
        return tuple((low + high) / 2 for low, high in self.box.values()) if self.at is None else self.at

    @property
    def scalar(self) -> bool:
        """Whether the function must answer with one number."""
        return self.word in ("gradient", "hessian", "hvp")

    @property
    def second(self) -> bool:
        return self.word in ("hessian", "hvp")

    @property
    def phrase(self) -> str:
        return _PHRASES[self.word]

    def quantities(self, outputs: Sequence[Formula], answer: Layout) -> tuple[Formula, ...]:
        """The formulas whose partial derivatives are claimed, of the function's own."""
        if self.word == "vjp":
            total: Formula = number(0)
            for output, weight in zip(outputs, self.vector, strict=True):
                total = _plus_product(total, weight, output) if weight else total
            return (total,)
        if self.word == "hessian":
            return tuple(our_derivative(outputs[0], variable(name)) for name in answer.names)
        if self.word in ("jvp", "hvp"):
            pairs = [(variable(name), x) for name, x in zip(self.form.names, self.vector, strict=True) if x]
            moved = {name: _plus_product(Name(name), x, Name(STEP)) for name, x in pairs}
            along = tuple(substitute(output, moved) for output in outputs)
            return along if self.word == "jvp" else (our_derivative(along[0], STEP),)
        return tuple(outputs)

    def values(self, outputs: Sequence[float]) -> list[float]:
        """The values of the quantities asked for, from the outputs'; nothing where it does not follow."""
        if self.word == "vjp" and outputs:
            return [sum(weight * x for weight, x in zip(self.vector, outputs, strict=True))]
        return [] if self.second else list(outputs)

    def value(self, outputs: Sequence[float], row: int) -> float:
        """The value of the quantity of a row; of second derivatives that of the function."""
        found = self.values(outputs)
        return found[row] if found else outputs[0]

    def entries(self, answer: Layout, outputs: Layout) -> tuple[Entry, ...]:
        """The entries that are claimed, in the order in which they are read."""
        places = {name: i for i, name in enumerate(self.form.names)}
        by = [(name, variable(name), places[name]) for name in answer.names]
        if self.word == "jvp":
            return tuple(Entry(name, row, STEP) for row, name in enumerate(outputs.names))
        if self.word in ("jacobian", "hessian"):
            rows = [f"d{out}/d" for out in outputs.names]
            if self.word == "hessian":
                rows = [f"d2{outputs.names[0]}/d{first}d" for first in answer.names]
            pairs = product(enumerate(rows), by)
            return tuple(Entry(f"{above}{name}", row, inner, axis) for (row, above), (name, inner, axis) in pairs)
        return tuple(Entry(name, 0, inner, axis) for name, inner, axis in by)

    # ---- on paper

    def data(self) -> dict[str, Any]:
        """The question as JSON can hold it.

        Raises:
            ValueError: there is no place for a part of it, or nothing says what was judged.
        """
        if not self.f or not self.grad:
            raise ValueError("say what was judged: f and grad, as formula text or FILE.py:name")
        if self.word != "gradient" or self.form.kind == "tree":
            raise ValueError("a certificate is of a gradient, at a number, an array or a mapping of these")
        if self.noise is not None:
            raise ValueError("a certificate has no place for noise=: write a function that is as exact as a double")
        if self.kwargs:
            raise ValueError(
                "a certificate has no place for kwargs: write functions without, as functools.partial makes"
            )
        return {
            "question": "gradient",
            "f": self.f,
            "grad": self.grad,
            "files": {file: digest(file) for file in map(file_of, (self.f, self.grad)) if file},
            "form": {"kind": self.form.kind, "parts": [[key, shape] for key, shape in self.form.parts]},
            "asked": self.at,
            "box": {name: list(pair) for name, pair in self.box.items()} or None,
            "wrt": None if self.wrt is None else list(self.wrt),
            "n": self.n,
            "seed": self.seed if self.box else None,
            "ulps": self.ulps,
        }

    @classmethod
    def read(cls, written: Mapping[str, Any]) -> CheckQuestion:
        """The question of a certificate.

        Raises:
            FormulaError: its points have no form.
            KeyError, TypeError, ValueError: it is none.
        """
        parts = tuple((key, None if shape is None else tuple(shape)) for key, shape in written["form"]["parts"])
        form = Layout.named(parts) if written["form"]["kind"] == "mapping" else Layout(parts)
        at, box, wrt = (written[word] for word in ("asked", "box", "wrt"))
        if box is not None and set(box) != set(form.names):
            raise FormulaError(f"the certificate's points do not have the form of {', '.join(form.names)}")
        if (at is None and box is None) or (at is not None and len(at) != len(form.names)):
            raise FormulaError("the certificate does not say at which point")
        return cls(
            "gradient", form, None if at is None else tuple(at),
            {} if box is None else {name: tuple(box[name]) for name in form.names},
            n=operator.index(written["n"]), seed=operator.index(written["seed"] or 0), ulps=written["ulps"] + 0,
            wrt=None if wrt is None else tuple(wrt), f=written["f"], grad=written["grad"],
        )  # fmt: skip


_PHRASES = {
    "gradient": "the gradient",
    "jacobian": "the Jacobian",
    "hessian": "the Hessian",
    "jvp": "the Jacobian times the tangent",
    "vjp": "the cotangent times the Jacobian",
    "hvp": "the Hessian times the vector",
}


def _plus_product(formula: Formula, factor: float, other: Formula) -> Formula:
    return plus(formula, times(number(Fraction(factor)), other))


class _Hinted(Result):
    """A result whose `findings` and `hint` are made when one of the two is first read: looking for the mistake that was
    made takes longer than the verdict, and who asks for that alone waits for no more."""

    __slots__ = ("_hints",)

    def hinted_by(self, hints: Callable[[], tuple[tuple[Finding, ...], str]]) -> None:
        """Have the two made so, and not before they are read."""
        object.__setattr__(self, "_hints", hints)
        for name in _MADE_LATE:
            object.__delattr__(self, name)

    def __getattr__(self, name: str) -> Any:  # which is asked for what is not there
        if name not in _MADE_LATE:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}", name=name, obj=self)
        hints = self._hints
        if hints is not None:  # as it is where another thread has read the other one in between
            for late, made in zip(_MADE_LATE, hints(), strict=True):
                object.__setattr__(self, late, made)
            object.__setattr__(self, "_hints", None)
        return object.__getattribute__(self, name)


_MADE_LATE = ("findings", "hint")


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class GradientCheck(_Hinted):
    """The verdict on a gradient function; true where it agrees. `findings` are its components, the worst first.

    Attributes:
        subject: the formula, or the name of the function.
        verdict: `agrees`, `imprecise` (right, but for more noise than double arithmetic makes), `wrong`,
            `not-differentiable`, `undefined` or `undecided`.
        at: the point shown: for a wrong gradient the simplest point found at which it is wrong.
        way, why: how the truth was found, and why not in a better way.
        traced: whether the gradient was judged by its meaning, not by its numbers, wherever it agrees or is wrong.
        precision: `single` or `half` if the gradient was computed in that, and judged as such; nothing for double.
        points: how many points were judged, `agreeing` how many of them agree; `drawn` how many were looked at in all.
        failing: the part of the box, from 0 to 1, in which it is wrong, as far as the points drawn can tell.
        finest: the largest relative error that was not held against the gradient: a smaller fault may have gone unseen.
            For a component that is 0 it is relative to the largest one, and absolute where all are 0.
        of_function: whether that is how exact the function itself is, which stops at a tolerance.
        hint: the mistake it looks like, or nothing. It is looked for when it, or `findings`, is first read.
    """

    question: CheckQuestion
    subject: str
    at: Mapping[str, float] = field(default_factory=dict)
    way: Way = Way.UNTOLD
    why: str = ""
    traced: bool = False
    precision: str = ""
    points: int = 1
    agreeing: int = 1
    drawn: int = 1
    failing: float = 0.0
    finest: float = 0.0
    of_function: bool = False
    hint: str = ""

    @property
    def word(self) -> str:
        """The word for what was claimed: `gradient`, `jacobian`, `hessian`, `jvp`, `vjp` or `hvp`."""
        return self.question.word

    @property
    def phrase(self) -> str:
        """The claim in words."""
        return self.question.phrase

    @property
    def method(self) -> str:
        """How the truth was found: `formula` or `traced` (certified), or `differences` and why."""
        return f"{self.way.value}: {self.why}" if self.why else self.way.value

    @property
    def seed(self) -> int | None:
        """Of the points; None without a box."""
        return self.question.seed if self.question.box else None

    @property
    def box(self) -> Mapping[str, tuple[float, float]]:
        return self.question.box

    def data(self) -> dict[str, Any]:
        """The verdict, and all that it takes to ask again.

        Raises:
            ValueError: the question cannot be written down.
        """
        return {
            **self.question.data(),
            "verdict": self.verdict.value,
            "method": self.method,
            "traced": self.traced,
            "points": self.points,
            "agreeing": self.agreeing,
            "failing": self.failing,
            "finest": finite(self.finest),
            "precision": AGREE_BITS,
            "at": dict(self.at),
            "rows": [row.data() for row in self.findings],
            "hint": self.hint,
            "reason": self.reason,
            "notes": list(self.notes),
        }
