"""Claim and truth at one point, in balls."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

from gradcalc.certified import Certifier, Component
from gradcalc.certified.components import settle
from gradcalc.certified.posed import edges
from gradcalc.engine.lowering import Failure, Lowering, constant_value
from gradcalc.engine.rationals import Exact, rational_values
from gradcalc.engine.scalars import BALL, precision
from gradcalc.engine.switches import Switches
from gradcalc.engine.value import Value
from gradcalc.language.errors import FormulaError, UndefinedError
from gradcalc.language.formula import Call, Formula, children_first
from gradcalc.proofs.exact import EXACT_TROUBLE, ExactPoint

from .points import Place

AGREE_BITS = 128  # of both balls: a fault of one part in 10^38 is seen
START_BITS, MOST_BITS = 192, 4096
_NOTHING = 2.0**-1000  # what is smaller, and may be 0, is what rounding leaves of an exact 0
_ZERO = Fraction(0)


@dataclass(frozen=True, slots=True)
class Finding:
    """The finding at one point.

    `status` is right, wrong, lacking (the claim has no value), outside (the formula has none), kink or unknown.
    """

    place: Place
    status: str
    correct: Any = None
    claimed: Any = None
    bits: int = 0  # that both balls agree to
    reason: str = ""
    component: Component | None = None


class ClaimAtPoint:
    """A claim, and the derivative that it claims to be, at one point."""

    def __init__(self, truth: Formula, name: str, claim: Lowering, place: Place, thorough: bool = True):
        """`thorough`: a kink is studied, and what is hard to tell is tried with many bits."""
        self.thorough = thorough
        self.most = MOST_BITS if thorough else 4 * START_BITS
        self.certifier = Certifier(truth, place, (name,))
        self.name = name
        self.claim = claim
        self.place = place

    def look(self, agree: int = AGREE_BITS) -> Finding:
        """`agree`: to how many bits both must agree."""
        bits = START_BITS
        while True:
            last = 2 * bits > self.most
            correct = self._correct(bits)
            if isinstance(correct, Finding):
                if correct.status != "unknown" or correct.component is not None or last:
                    return correct
            else:
                found = self._against(correct, bits, last, agree)
                if found is not None:
                    return found
            bits *= 2

    def _correct(self, bits: int) -> Any:
        """The true derivative as a ball, or why there is none."""
        with precision(bits):
            exact = None if bits == START_BITS else self.certifier.exact
            graph = self.certifier.lowering.graph(self.certifier.balls(), Switches(self.certifier.intern, {}), exact)
            root = graph.root
            if isinstance(root, Failure):
                if root.switch is None:
                    outside = isinstance(root.error, UndefinedError)
                    return Finding(self.place, "outside" if outside else "unknown", reason=root.error.message)
            else:
                if isinstance(root, Value):
                    root.backward()
                gradient = BALL.number(_ZERO) + graph.leaves[self.name].grad
                if edges(self.certifier.expanded, graph):
                    return self._studied(bits)
                if gradient.is_finite():
                    return gradient
        return self._studied(bits) if self.thorough else Finding(self.place, "unknown", reason="at a kink or a pole")

    def _studied(self, bits: int) -> Any:
        try:
            component = self.certifier.run(bits, AGREE_BITS).gradient[self.name]
        except UndefinedError as error:
            return Finding(self.place, "outside", reason=error.message)
        except FormulaError as error:
            return Finding(self.place, "unknown", reason=error.message, component=Component(math.nan, "undecided"))
        if component.status in ("certified", "zero") and component.ball is not None:
            return component.ball
        status = "kink" if component.status == "not-differentiable" else "unknown"
        return Finding(self.place, status, reason=component.message, component=component)

    def _against(self, correct: Any, bits: int, last: bool, agree: int) -> Finding | None:
        claimed = self.claimed(bits)
        if isinstance(claimed, Failure):
            if isinstance(claimed.error, UndefinedError):
                return Finding(self.place, "lacking", correct, reason=claimed.error.message)
            return Finding(self.place, "unknown", reason=claimed.error.message) if last else None
        with precision(bits):
            if not claimed.overlaps(correct):
                return Finding(self.place, "wrong", correct, claimed)
            known = min(_accuracy(claimed), _accuracy(correct))
            if known >= agree:
                return Finding(self.place, "right", correct, claimed, min(known, bits))
            both_zero = agree == AGREE_BITS and claimed.contains(0) and correct.contains(0)
            if both_zero and (abs(claimed) + abs(correct)).upper() < _NOTHING:
                return Finding(self.place, "right", correct, claimed, AGREE_BITS)
        return Finding(self.place, "unknown", reason="too close to tell") if last else None

    def claimed(self, bits: int) -> Any:
        with precision(bits):
            values = {name: constant_value(value, BALL, name) for name, value in self.place.items()}
            return self.claim.graph(values, exact=self.rational_claim if bits == START_BITS else self.exact_claim).root

    @cached_property
    def rational_claim(self) -> dict[int, Exact]:
        """Values of the claim's nodes in rational numbers, by their ids: that x == 0.3 at 3/10, which no ball says."""
        return rational_values(self.claim.formula, self.place, ties=True)

    @cached_property
    def exact_claim(self) -> dict[int, Exact]:
        """The same with values that powers and roots are needed to tell: that x^2 == 2 at sqrt(2)."""
        known = self.rational_claim
        asks = [node for node in children_first(self.claim.formula)
                if isinstance(node, Call) and not node.function.smooth and id(node) not in known]  # fmt: skip
        if not asks:
            return known
        try:
            return {**ExactPoint(self.place).decisions(self.claim.formula), **known}
        except EXACT_TROUBLE:
            return known

    def numbers(self, finding: Finding) -> tuple[Component, Component | None, float]:
        """Both values correctly rounded, and the relative error of the claim."""
        correct: Component | None = None
        claimed: Component | None = None
        relative = math.inf
        bits = START_BITS
        while True:
            last = 2 * bits > MOST_BITS
            truth, other = self._correct(bits), self.claimed(bits)
            with precision(bits):
                truth = finding.correct if isinstance(truth, Finding) else truth
                correct = settle(truth, last)
                if not isinstance(other, Failure):
                    claimed = settle(other, last)
                    if not truth.contains(0):
                        relative = float(abs(other - truth) / abs(truth))
                lacks = isinstance(other, Failure) and (last or isinstance(other.error, UndefinedError))
                settled = lacks or (claimed is not None and (last or not other.overlaps(truth)))
                if correct is not None and settled:
                    return correct, claimed, relative
            bits *= 2


def _accuracy(ball: Any) -> int:
    """Bits that are known; of an exact number, as many as were asked for."""
    return 10**6 if ball.is_exact() else int(ball.rel_accuracy_bits())
