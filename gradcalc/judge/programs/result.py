"""The result of a check of derivatives of a program: `GradientCheck`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gradcalc.certified.components import finite
from gradcalc.judge.result import OF_FUNCTION, Result
from gradcalc.record import dataclass, field

from .components import AGREE_BITS
from .questions import Question


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class GradientCheck(Result):
    """The verdict on a gradient function; true where it agrees. `findings` are its components, the worst first.

    Attributes:
        subject: the formula, or the name of the function.
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

    question: Question
    subject: str
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
    def word(self) -> str:
        """The word for what was claimed: `gradient`, `jacobian`, `hessian`, `jvp`, `vjp` or `hvp`."""
        return self.question.word

    @property
    def phrase(self) -> str:
        """The claim in words."""
        return self.question.phrase

    @property
    def seed(self) -> int | None:
        """Of the points; None without a box."""
        return self.question.seed if self.question.box else None

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
