"""The settings of a question, `Options`, and what is answered, `Answer`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradcalc.certified import Component
from gradcalc.judge.agreement import Agreement
from gradcalc.judge.result import Finding
from gradcalc.language.errors import LIMITS
from gradcalc.language.formula import Formula
from gradcalc.record import dataclass, field

if TYPE_CHECKING:
    from gradcalc.measured import Correlations, Propagated


@dataclass(frozen=True, slots=True)
class Options:
    """The studies to compute for each formula."""

    numeric: bool = False  # the float engine alone: no balls, no symbolic side
    value_only: bool = False
    wrt: tuple[str, ...] | None = None
    order: int = 1  # of the derivatives
    hessian: bool = False
    bits: int = 0  # to which the balls must be known; 0: until the nearest double is
    seconds: float = LIMITS.seconds  # for each symbolic step
    seed: int = 0  # of points that are drawn
    digits: int = 10  # to which numbers are shown: as far as that they are known
    correlations: Correlations = field(default_factory=dict)  # of values with uncertainties
    samples: int = 0  # drawn to compare with where there are uncertainties
    brief: bool = False  # at a point the verdict there is shown alone: no proofs for all values, no short forms


@dataclass(frozen=True, slots=True)
class Answer:
    """One formula's value and derivatives. `agreement` is None until the symbolic side has answered.

    Without a point (`at` is None) there are no numbers: the derivatives stand in the agreement's rows.
    """

    formula: Formula
    options: Options
    names: tuple[str, ...]
    at: dict[str, float] | None = None
    value: Component | None = None
    gradient: dict[str, Component] = field(default_factory=dict)
    hessian: dict[str, dict[str, Component]] = field(default_factory=dict)
    symbolic_hessian: dict[str, dict[str, Formula]] = field(default_factory=dict)
    agreement: Agreement | None = None
    floats: Finding | None = None  # the value by double arithmetic, beside the truth, once the agreement is known
    propagated: Propagated | None = None  # the uncertainty, where a value has one

    @property
    def verdict(self) -> str:
        """`agree`, `disagree`, `not-differentiable`, `undecided`; `unchecked`; or `value` where nothing was to check.
        Empty while the symbolic side is at work."""
        if not self.names or self.options.value_only:
            return "value"
        if self.agreement is None:
            if not self.options.numeric:
                return ""
            return next((part.status for part in self.gradient.values() if part.failed), "unchecked")
        return self.agreement.verdict.of_engines

    @property
    def complete(self) -> bool:
        return bool(self.verdict)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The rows of the agreement, as far as it is known."""
        return () if self.agreement is None else self.agreement.findings

    @property
    def missing_seconds(self) -> dict[str, str]:
        """Why second derivatives do not exist or are not known, by the reason, with the first entry it holds for."""
        found: dict[str, str] = {}
        for x, row in self.hessian.items():
            for y, part in row.items():
                if part.failed:
                    found.setdefault(part.message, entry(x, y))
        return found


def entry(x: str, y: str) -> str:
    """The name of an entry of the Hessian."""
    return f"d2/d{x}2" if x == y else f"d2/d{x}d{y}"
