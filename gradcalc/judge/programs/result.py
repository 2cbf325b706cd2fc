"""The result of a check of derivatives of a program: `GradientCheck`, and its question."""

from __future__ import annotations

import operator
from collections.abc import Mapping
from typing import Any

from gradcalc.certified.components import finite
from gradcalc.judge.result import OF_FUNCTION, Result
from gradcalc.language.errors import FormulaError
from gradcalc.record import dataclass, field

from .components import AGREE_BITS
from .forms import Layout
from .programs import digest, file_of
from .questions import Question
from .rounding import Numbers
from .subject import Settings


@dataclass(frozen=True, slots=True)
class Asked:
    """The question whether a gradient is right, without the functions: `f` and `grad` name them, as formula text or
    `FILE.py:name`, where it is to be asked again.

    Attributes:
        subject: the formula, or the name of the function.
        form: of the points.
        at: the point asked for, if any.
        box: the ends of the box by name, if there is one.
    """

    question: Question
    subject: str
    form: Layout
    at: Numbers | None
    box: Mapping[str, tuple[float, float]]
    settings: Settings
    f: str = ""
    grad: str = ""

    def data(self) -> dict[str, Any]:
        """The question as JSON can hold it.

        Raises:
            ValueError: there is no place for a part of it, or nothing says what was judged.
        """
        if not self.f or not self.grad:
            raise ValueError("say what was judged: f and grad, as formula text or FILE.py:name")
        if self.question.word != "gradient" or self.form.tree is not None:
            raise ValueError("a certificate is of a gradient, at a number, an array or a mapping of these")
        settings = self.settings
        if settings.noise is not None:
            raise ValueError("a certificate has no place for noise=: write a function that is as exact as a double")
        if settings.kwargs:
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
            "wrt": None if settings.wrt is None else list(settings.wrt),
            "n": settings.n,
            "seed": settings.seed if self.box else None,
            "ulps": settings.ulps,
        }

    @classmethod
    def read(cls, written: Mapping[str, Any]) -> Asked:
        """The question of a certificate.

        Raises:
            FormulaError: its points have no form.
            KeyError, TypeError, ValueError: it is none.
        """
        parts = tuple((key, None if shape is None else tuple(shape)) for key, shape in written["form"]["parts"])
        form = Layout(written["form"]["kind"], parts)
        at, box = written["asked"], written["box"]
        if box is not None and set(box) != set(form.names):
            raise FormulaError(f"the certificate's points do not have the form of {', '.join(form.names)}")
        if (at is None and box is None) or (at is not None and len(at) != len(form.names)):
            raise FormulaError("the certificate does not say at which point")
        settings = Settings(
            n=operator.index(written["n"]),
            seed=operator.index(written["seed"] or 0),
            ulps=written["ulps"] + 0,
            wrt=None if written["wrt"] is None else tuple(written["wrt"]),
        )
        ends = {} if box is None else {name: tuple(box[name]) for name in form.names}
        point = None if at is None else tuple(at)
        return cls(Question("gradient"), "", form, point, ends, settings, written["f"], written["grad"])


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class GradientCheck(Result):
    """The verdict on a gradient function; true where it agrees. `findings` are its components, the worst first.

    Attributes:
        verdict: `agrees`, `imprecise` (right, but for more noise than double arithmetic makes), `wrong`,
            `not-differentiable`, `undefined` or `undecided`.
        at: the point shown: for a wrong gradient the simplest point found at which it is wrong.
        method: how the truth was found: `formula` or `traced` (certified), or `differences` and why.
        traced: whether the gradient was judged by its meaning, not by its numbers, wherever it agrees or is wrong.
        precision: `single` or `half` if the gradient was computed in that, and judged as such; nothing for double.
        points: how many points were judged, `agreeing` how many of them agree; `drawn` how many were looked at in all.
        failing: the part of the box, from 0 to 1, in which it is wrong, as far as the points drawn can tell.
        finest: the largest relative error that was not held against the gradient: a smaller fault may have gone unseen.
            For a component that is 0 it is relative to the largest one, and absolute where all are 0.
        hint: the mistake it looks like, or nothing.
    """

    question: Asked
    at: Mapping[str, float] = field(default_factory=dict)
    method: str = ""
    traced: bool = False
    precision: str = ""
    points: int = 1
    agreeing: int = 1
    drawn: int = 1
    failing: float = 0.0
    finest: float = 0.0
    hint: str = ""

    @property
    def subject(self) -> str:
        """The formula, or the name of the function."""
        return self.question.subject

    @property
    def word(self) -> str:
        """The word for what was claimed: `gradient`, `jacobian`, `hessian`, `jvp`, `vjp` or `hvp`."""
        return self.question.question.word

    @property
    def phrase(self) -> str:
        """The claim in words."""
        return self.question.question.phrase

    @property
    def seed(self) -> int | None:
        """Of the points; None without a box."""
        return self.question.settings.seed if self.question.box else None

    @property
    def box(self) -> Mapping[str, tuple[float, float]]:
        return self.question.box

    @property
    def of_function(self) -> bool:
        """Whether it agrees as far as the function itself is exact, which stops at a tolerance."""
        return any(row.cause == OF_FUNCTION for row in self.findings)

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
