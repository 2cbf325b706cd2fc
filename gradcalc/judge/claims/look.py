"""Claim and truth at one point, in balls: `Looked` is a formula's derivative and a claim, `Look` what is seen."""

from __future__ import annotations

import math
from contextlib import suppress
from fractions import Fraction
from functools import cached_property
from typing import Any

from gradcalc.certified import Certifier, Component, Missing, derivative_there, order_there
from gradcalc.certified.components import settle
from gradcalc.certified.kinks import Kink
from gradcalc.certified.posed import Posed, edges
from gradcalc.certified.terms import settled
from gradcalc.engine.formulas import minus
from gradcalc.engine.lowering import Failure, shown
from gradcalc.engine.rationals import Known, rational_values
from gradcalc.engine.rewrite import has_kinks, our_derivative, prepare
from gradcalc.engine.scalars import precision
from gradcalc.engine.switches import Switches
from gradcalc.language.errors import FormulaError, NotDifferentiableError, UndefinedError
from gradcalc.language.formula import Formula
from gradcalc.language.kept import kept_by, tree_size
from gradcalc.language.literals import number, place_text
from gradcalc.language.substitution import substitute
from gradcalc.proofs.exact import ExactPoint, possible_signs
from gradcalc.record import dataclass, replace
from gradcalc.verdict import Verdict
from gradcalc.work import Work

from .points import Place, has_value
from .result import AGREE_BITS, Counterexample

START_BITS, MOST_BITS = 192, 4096
LACKS_AT = "the claim has no value at"
_AT_A_KINK = "at a kink or a pole"
_NOTHING = 2.0**-1000  # what is smaller, and may be 0, is what rounding leaves of an exact 0
_MOST_EXACT = 400  # nodes of a difference that exact algebra is asked about
_BEFORE = 20  # nodes that the preparation of a look is worth


@dataclass(frozen=True, slots=True)
class Look:
    """A look at one point.

    `verdict` is `agrees`, `wrong`, `undefined` (the formula has no value), `not-differentiable` or `undecided`.
    `correct` and `claimed` are balls that agree to `bits`; `component` is what the study of a kink found. Where the
    domain ends, `correct` is the derivative on the side that there is, and the claim `fits` if it is that, or has no
    value; of a higher order nothing is known there, and no claim does. `apart` is claim less truth in a ball, where it
    is too small for theirs.
    """

    place: Place
    verdict: Verdict
    correct: Any = None
    claimed: Any = None
    bits: int = 0
    reason: str = ""
    component: Component | None = None
    fits: bool = True
    apart: Any = None

    @property
    def right(self) -> bool:
        return self.verdict is Verdict.AGREES

    @property
    def lacks(self) -> bool:
        """Whether the claim has no value where the derivative has one."""
        return self.verdict is Verdict.WRONG and self.claimed is None

    @property
    def lack(self) -> str:
        """That the claim has no value there, and what the derivative is."""
        with precision(START_BITS):
            return f"{LACKS_AT} {place_text(self.place)}, where the derivative is {shown(self.correct)}"

    @property
    def wrong(self) -> bool:
        """Whether both have a value, and not the same."""
        return self.verdict is Verdict.WRONG and self.claimed is not None

    @property
    def at_end(self) -> bool:
        """Whether the domain ends there, with a derivative on the side that there is."""
        part = self.component
        return self.verdict is Verdict.NOT_DIFFERENTIABLE and part is not None and part.ball is not None

    @property
    def open(self) -> str:
        """Why nothing is known of the claim; empty where it is right or has no value, or there is no derivative."""
        none = self.verdict in (Verdict.NOT_DIFFERENTIABLE, Verdict.UNDEFINED) and self.fits
        if self.right or self.lacks or none:
            return ""
        off = self.claimed if self.at_end else None
        if off is not None and not off.overlaps(self.correct) and (claimed := settle(off, last=True)) is not None:
            return f"{self.reason}, claimed {claimed.number:.10g}"
        return self.reason or f"it is wrong at {place_text(self.place)}"


class Looked:
    """A prepared formula, to be differentiated by a name, and a prepared claim at one point.

    Args:
        work: what pays for the looks.
        thorough: a kink is studied, and what is hard to tell is tried with many bits.
    """

    def __init__(self, truth: Formula, name: str, claim: Formula, place: Place, work: Work, thorough: bool = True):
        self.thorough = thorough
        self.work = work
        self.most = MOST_BITS if thorough else 4 * START_BITS
        self.certifier = Certifier(truth, place, (name,))
        self.name = name
        self.claim = Posed(claim, place, ())
        self.place = place
        self._smooth = False  # whether the derivative was that of one piece
        self._size = _BEFORE + len(self.certifier.program) + len(self.claim.program)

    def look(self, agree: int = AGREE_BITS) -> Look:
        """`agree`: to how many bits both must agree."""

        def attempt(bits: int, last: bool) -> Look | None:
            self.work.spend(self._size * bits / START_BITS)
            correct = self._correct(bits)
            if not isinstance(correct, Look):
                return self._against(correct, bits, last, agree)
            if correct.at_end:
                return self._at_end(correct, bits, last, agree)
            told = correct.verdict is not Verdict.UNDECIDED or correct.component is not None
            return correct if told or last else None

        return self.certifier.rising(attempt, START_BITS, self.most)

    def _correct(self, bits: int) -> Any:
        """The true derivative as a ball, or why there is none: the same for every claim, and kept with the formula."""
        key = self.name, bits, self.thorough, *self.place.items()
        known, smooth = kept_by(self.certifier.formula, Looked._computed, key, self, bits)
        self._smooth |= smooth
        return replace(known, place=self.place) if isinstance(known, Look) else known

    def _computed(self, bits: int) -> tuple[Any, bool]:
        """The same, and whether it is that of one piece."""
        try:
            balls = self.certifier.balls()
        except FormulaError as error:  # it is no point, as where a proof takes a cell for one that has none
            return self._seen(error.verdict, error.message), False
        if bits == START_BITS and (flat := self.certifier.by_tape(bits)) is not None:
            return flat[1][0], True
        exact = None if bits == START_BITS else self.certifier.exact
        graph = self.certifier.lowering.graph(balls, Switches(self.certifier.intern, {}), exact)
        root = graph.root
        if isinstance(root, Failure):
            if root.switch is None:
                return self._seen(root.error.verdict, root.error.message), False
        else:
            gradient = graph.gradient([self.name])[self.name]
            if edges(self.certifier.expanded, graph):
                return self._studied(bits), False
            if gradient.is_finite():
                return gradient, True
        return self._studied(bits) if self.thorough else self._seen(Verdict.UNDECIDED, _AT_A_KINK), False

    def _seen(self, verdict: Verdict, reason: str, component: Component | None = None) -> Look:
        return Look(self.place, verdict, reason=reason, component=component)

    def _studied(self, bits: int) -> Any:
        try:
            component = self.certifier.run(bits, AGREE_BITS).gradient[self.name]
        except FormulaError as error:
            return self._seen(error.verdict, error.message, Component(math.nan, "undecided"))
        if component.status in ("certified", "zero") and component.ball is not None:
            return component.ball
        return self._seen(component.verdict, component.message, component)

    def _against(self, correct: Any, bits: int, last: bool, agree: int) -> Look | None:
        claimed = self._claimed(bits)
        if isinstance(claimed, Failure):
            if isinstance(claimed.error, UndefinedError | NotDifferentiableError):
                return Look(self.place, Verdict.WRONG, correct, reason=claimed.error.message)
            return self._seen(Verdict.UNDECIDED, claimed.error.message) if last else None
        if not claimed.overlaps(correct):
            return Look(self.place, Verdict.WRONG, correct, claimed)
        known = int(min(claimed.rel_accuracy_bits(), correct.rel_accuracy_bits()))
        if known >= agree:
            return Look(self.place, Verdict.AGREES, correct, claimed, min(known, bits))
        both_zero = agree == AGREE_BITS and claimed.contains(0) and correct.contains(0)
        if both_zero and abs(claimed.union(correct)).upper() < _NOTHING:
            return Look(self.place, Verdict.AGREES, correct, claimed, AGREE_BITS)
        return self._seen(Verdict.UNDECIDED, "too close to tell") if last else None

    def by_orders(self, formula: Formula, order: int, before: Look) -> Look:
        """The look at a derivative of an order of a formula, of which the one below may say nothing as it is written
        out; `before` where it is not told otherwise, which takes a thorough look."""
        if not self.thorough:
            lacks = before.verdict is Verdict.UNDEFINED and has_value(prepare(formula), self.place)
            return replace(before, verdict=Verdict.UNDECIDED, reason=_AT_A_KINK) if lacks else before
        part = order_there(formula, self.place, self.name, order) if before.verdict is Verdict.UNDECIDED else None
        if part is None or part.status == "undecided":
            return before
        if part.status not in ("certified", "zero") or part.ball is None:
            return self._seen(part.verdict, part.message, part)
        with precision(START_BITS):
            return self._against(part.ball, START_BITS, True, AGREE_BITS) or before

    def _at_end(self, correct: Look, bits: int, last: bool, agree: int) -> Look | None:
        assert correct.component is not None
        slope = correct.component.ball
        found = self._against(slope, bits, last, agree)
        return found and replace(correct, fits=found.right or found.lacks, correct=slope, claimed=found.claimed)

    def told_apart(self) -> Look | None:
        """A look at which exact algebra tells that the two differ, by however little, if it does and nothing is at a
        kink there."""
        self.work.spend(self._size)
        truth = prepare(our_derivative(self.certifier.formula, self.name))
        difference = minus(self.claim.formula, truth)
        if tree_size(difference) > _MOST_EXACT:
            return None
        with precision(START_BITS):
            correct, claimed = self._correct(START_BITS), self._claimed(START_BITS)
            if not self._smooth or isinstance(claimed, Failure):
                return None
            apart = ExactPoint(self.place).distance(difference)
        return None if apart is None else Look(self.place, Verdict.WRONG, correct, claimed, apart=apart)

    def open(self, look: Look) -> str:
        """Why nothing is known of the claim where this was seen. Balls that overlap show nothing: it is right there if
        that is shown by exact algebra."""
        if look.open or not (look.right or look.at_end) or look.claimed is None:
            return look.open
        slope = self._exact_slope(look)
        if slope is not None:
            difference = minus(substitute(self.claim.formula, self.place), number(slope))
            if possible_signs(difference) == {0}:
                return ""
        return f"that the two are equal at {place_text(self.place)} was seen, not shown"

    def _exact_slope(self, look: Look) -> Fraction | None:
        """The derivative where it is known to be a rational number, by the first terms on both sides."""
        if look.correct.is_exact():
            exact = settled(look.correct)
        else:
            exact = None
            with suppress(FormulaError):  # the value at the point itself is not known
                exact = next((part.exact for part in Kink(self.certifier).orders(self.name, 1)), None)
        return exact if isinstance(exact, Fraction) else None

    def _claimed(self, bits: int) -> Any:
        if bits == START_BITS and (flat := self.claim.by_tape(bits)) is not None and not flat[0].contains(0):
            return flat[0]  # what is exactly 0 is told by algebra
        exact = self._rational_claim if bits == START_BITS else self._decided_claim
        return self.claim.lowering.graph(self.claim.balls(), exact=exact).root

    @cached_property
    def _rational_claim(self) -> Known:
        """Values of the claim's nodes in rational numbers: that x == 0.3 at 3/10, which no ball says."""
        return rational_values(self.claim.expanded, self.place, ties=True)

    @cached_property
    def _decided_claim(self) -> Known:
        """The same with values that powers and roots are needed to tell: that x^2 == 2 at sqrt(2)."""
        return self.claim.decided(self.claim.expanded)

    def counterexample(self, what: str, look: Look) -> Counterexample:
        """Both values correctly rounded, of a look at this point that speaks against the claim."""

        def attempt(bits: int, last: bool) -> Counterexample | None:
            truth, other = self._correct(bits), self._claimed(bits)
            truth = look.correct if isinstance(truth, Look) else truth
            correct = settle(truth, last)
            if correct is None:
                return None
            example = Counterexample(
                what, Verdict.WRONG, look.reason, expected=correct.number, at=self.place, correct=correct
            )
            if isinstance(other, Failure):
                return example if last or isinstance(other.error, UndefinedError) else None
            claimed, apart = settle(other, last), abs(other - truth if look.apart is None else look.apart)
            if claimed is None or (look.apart is None and other.overlaps(truth) and not last):
                return None
            off = None if truth.contains(0) else settle(apart / abs(truth), last=True)
            return replace(example, actual=claimed.number, error=float(apart.mid()), claimed=claimed, off=off)

        return self.certifier.rising(attempt, START_BITS, MOST_BITS)


def truth_there(formula: Formula, truth: Formula, name: str, order: int, place: Place) -> Formula | Look:
    """The derivative of an order, written out as the prepared `truth`, as a formula that has its value at a point too,
    or what is seen where it is not known, or not there."""
    if not has_kinks(truth) and has_value(truth, place):
        return truth
    try:
        found = derivative_there(formula, place, name, order)
    except FormulaError as error:
        return Look(place, error.verdict, reason=error.message)
    if not isinstance(found, Missing):
        return found
    part = found.found
    return Look(place, part.verdict, reason=part.message, component=part, fits=part.ball is None)


def side_at(quantity: Formula, place: Place) -> int | None:
    """The sign of a quantity at a point, 0 where balls do not tell it from 0; None where it has no value."""
    posed = Posed(prepare(quantity), place, ())
    with precision(MOST_BITS):
        found = posed.lowering.value(posed.balls())
        return None if found is None else int(found > 0) - int(found < 0)
