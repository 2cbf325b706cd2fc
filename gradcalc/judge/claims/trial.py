"""A claim held against candidates in balls at several points, and the numbers found there as texts."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from gradcalc.certified import compared, known_to
from gradcalc.certified.posed import in_balls
from gradcalc.engine.formulas import simple_call
from gradcalc.engine.lowering import Failure, Lowering
from gradcalc.engine.scalars import BALL, precision
from gradcalc.language.formula import Formula
from gradcalc.language.functions import TABLE
from gradcalc.language.literals import number
from gradcalc.verdict import Verdict
from gradcalc.work import Work

from .points import Place

MOST_SECONDS = 1.0
_BITS = 256
_SAME_BITS = 96  # to which a candidate and the claim must agree
_FEWEST = 3  # places at which something other than 0 must agree
_LARGEST, _SMALLEST = 2**30, Fraction(1, 2**2000)  # factors to name
_SLIP = 1e-5  # what is closer to 1 is written 1 + 3e-12
_SHORT = 1000  # the denominator of a fraction that people read


class Trial:
    """The claim's values, which a candidate must have too."""

    def __init__(self, claim: Formula, places: Iterable[Place], work: Work):
        self.lowering = Lowering(claim, BALL, ())
        self.work = work
        self.places: list[Place] = []
        self.claimed: list[Any] = []
        self.faulty: set[int] = set()
        for place in places:
            if self.enough and work.over(1 / 2):
                break
            value = self._value(self.lowering, place)
            if value is not None:
                self.places.append(place)
                self.claimed.append(value)

    @property
    def enough(self) -> bool:
        """Whether something can be told: where the claim is 0, much else is."""
        return sum(not value.contains(0) for value in self.claimed) >= _FEWEST

    def _value(self, lowering: Lowering, place: Place) -> Any:
        with precision(_BITS):
            graph = lowering.graph(in_balls(place))
        self.work.spend(1 + len(graph.nodes) / 4)  # without derivatives
        return None if isinstance(graph.root, Failure) or not graph.root.is_finite() else graph.root

    def matches(self, candidate: Formula) -> bool:
        """Whether the candidate has the claim's values wherever it has one, and that at enough places, one of which
        shows the claim's fault."""
        lowering = Lowering(candidate, BALL, ())
        seen, telling = 0, False
        for i, (place, claimed) in enumerate(zip(self.places, self.claimed, strict=True)):
            value = self._value(lowering, place)
            if value is not None:
                verdict = compared(value, claimed, _SAME_BITS, last=False)
                if verdict is Verdict.WRONG:
                    return False
                seen += verdict is Verdict.AGREES and not claimed.contains(0)
                telling = telling or not self.faulty or i in self.faulty
        return seen >= _FEWEST and telling

    def faults(self, truth: Formula) -> set[int]:
        """The places at which the claim is not the truth, by number; a mistake shows itself at one of them."""
        lowering = Lowering(truth, BALL, ())
        values = [self._value(lowering, place) for place in self.places]
        pairs = enumerate(zip(values, self.claimed, strict=True))
        self.faulty = {i for i, (value, claimed) in pairs if value is not None and not value.overlaps(claimed)}
        return self.faulty

    def factor(self, whole: Formula, part: Formula) -> Any:
        """The number c for which `whole - part + c*part` is the claim at all places, or None."""
        rest, of_part = Lowering(simple_call(TABLE["-"], (whole, part)), BALL, ()), Lowering(part, BALL, ())
        found = None
        for place, claimed in zip(self.places, self.claimed, strict=True):
            others, value = self._value(rest, place), self._value(of_part, place)
            if others is None or value is None:
                return None
            with precision(_BITS):
                if value.contains(0) and others.overlaps(claimed):  # any factor would do
                    continue
                ratio = (claimed - others) / value
            alike = found is None or compared(ratio, found, _SAME_BITS, last=False) is Verdict.AGREES
            if not (alike and _nameable(ratio)):
                return None
            found = ratio
        return found

    def excess(self, truth: Formula) -> Any:
        """The number by which the claim is larger than the truth at all places, or None."""
        lowering = Lowering(truth, BALL, ())
        found = None
        for place, claimed in zip(self.places, self.claimed, strict=True):
            value = self._value(lowering, place)
            if value is not None:
                with precision(_BITS):
                    excess = claimed - value
                if excess.contains(0) or not (found is None or excess.overlaps(found)):
                    return None
                found = excess if found is None or excess.rad() < found.rad() else found
        return found if found is not None and _nameable(found) else None


def _nameable(x: Any) -> bool:
    """Whether a factor is known so well, and of such a size, that it can be written down."""
    with precision(_BITS):
        return known_to(x, _SAME_BITS) and bool(x.is_zero() or BALL.number(_SMALLEST) < abs(x) < _LARGEST)


# ---- numbers found at points


def factor_text(factor: Any) -> str:
    with precision(_BITS):
        slip = factor - 1
        if not slip.is_zero() and abs(slip) < _SLIP:
            return f"(1 {'+' if slip > 0 else '-'} {float(abs(slip)):.3g})"
    return number_text(factor)


def number_text(found: Any) -> str:
    """A number found at points: exactly, if it is a short decimal or fraction."""
    exact = _fraction(found)
    if exact is not None:
        text = f"{float(exact):.12g}"
        if Fraction(text) == exact:
            return text
        if exact.denominator < _SHORT:
            return str(exact)
    return f"{float(found):.10g}"


def _fraction(found: Any) -> Fraction | None:
    man, exp = (int(part) for part in found.mid().man_exp())
    if abs(exp) > 4 * _BITS:
        return None
    short = (Fraction(man) * Fraction(2) ** exp).limit_denominator(10**30)
    with precision(_BITS):
        return short if found.overlaps(BALL.number(short)) else None


def exactly(found: Any) -> Formula:
    exact = _fraction(found)
    if exact is None:
        man, exp = (int(part) for part in found.mid().man_exp())
        exact = Fraction(man) * Fraction(2) ** exp
    return number(exact)


def scaled(formula: Formula, factor: Any) -> Formula:
    return simple_call(TABLE["*"], (exactly(factor), formula))
