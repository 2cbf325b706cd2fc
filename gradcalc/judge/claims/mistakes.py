"""Which mistake gives exactly this claim? The derivation is done again with one rule broken at one place.

Every candidate is a formula, compared with the claim in balls at several points. What can be broken stands in rows, in
`wrong_rules`, or is read off the formula and off the rows' partial derivatives.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from fractions import Fraction
from functools import cache
from itertools import chain
from typing import Any

from gradcalc.certified import compared, known_to
from gradcalc.certified.posed import in_balls
from gradcalc.engine.formulas import minus, plus, times, total
from gradcalc.engine.lowering import Failure, Lowering
from gradcalc.engine.rewrite import our_derivative, prepare
from gradcalc.engine.scalars import BALL, dyadic, precision
from gradcalc.language.errors import NOWHERE, FormulaError, Span
from gradcalc.language.formula import Call, Formula, Name, brief, free_names
from gradcalc.language.functions import TABLE
from gradcalc.language.literals import number
from gradcalc.record import dataclass
from gradcalc.verdict import Verdict
from gradcalc.work import Work

from .derivation import Candidate, ForwardRules, located
from .points import AnyPlace
from .repairs import repairs
from .sieve import Sieve, WorkDone
from .wrong_rules import CHAIN, EXPONENTIAL, OPERATORS, OTHERS, Group

_MOST_SECONDS = 1.0
_RISING = _BITS, _SURE_BITS = 256, 4096  # of values, and of those of which it is said that they are right
_SAME_BITS = 96  # to which a candidate and the claim must agree
_FEWEST = 3  # places at which something other than 0 must agree
_LARGEST, _SMALLEST = 2**30, Fraction(1, 2**2000)  # factors to name
_SLIP = 1e-5  # what is closer to 1 is written 1 + 3e-12
_SHORT = 1000  # the denominator of a fraction that people read
_LIKE_INTEGRALS = ("sign", "chain")  # mistakes that may give the same: sin(x) for cos(x)


@dataclass(frozen=True, slots=True)
class Mistake:
    """A mistake that gives the claim: its kind, a line that says it, and the place in the formula, if it has one.

    `kind` is chain, sign, product, quotient, power, factor, constant, function, angle, coefficient, term, variable,
    integral, order or parentheses. The text of one that is `mended` says what is right.
    """

    kind: str
    text: str
    span: Span = NOWHERE
    mended: bool = False

    @property
    def column(self) -> int | None:
        """Where in the text of the formula, from 1."""
        return self.span.column if self.span.source else None


@dataclass
class Hand:
    """Who makes the claims: the work that may go into a search for mistakes in them, and the wrong rule that was found
    in one, if any, as who makes a mistake makes it again."""

    work: Work
    rule: Group | None = None


def find_mistake(
    formula: Formula, name: str, claim: Formula, places: Sequence[AnyPlace], order: int = 1, hand: Hand | None = None
) -> Mistake | None:
    """The mistake that turns the derivative into the claim, or None.

    Args:
        places: points at which the claim and the derivative have values; also such where they do not differ, because a
            mistake gives the claim everywhere.
        hand: whose claim it is.
    """
    hand = hand or Hand(Work(_MOST_SECONDS))
    allowed = Work(min(hand.work.share(1).seconds, _MOST_SECONDS), hand.work)
    try:
        trial, prepared = Trial(claim := prepare(claim), places, allowed), prepare(formula)
        derivation = ForwardRules(prepared, name) if order == 1 else None
        truth = our_derivative(prepared, name, order) if derivation is None else derivation.truth
        trial.against(truth)
        if not trial.enough or next(trial.faults(), None) is None:
            return None
        if derivation is not None:  # from now on, what cannot be the claim at its faults is told from these alone
            trial.sieve = Sieve(trial.faults(), claim, derivation, trial.work)
        off = [*_off_by_a_number(truth, trial)]
        own = () if hand.rule is None else (hand.rule,)
        found = trial.first(
            derivation.candidates(own, None if allowed.over() else trial.sieve) if derivation else (),
            _candidates(formula, name, truth, order, trial, off),
            _integration(truth, {name, *free_names(formula)}, trial),
            _square_root(truth, trial),
            _fixed(truth, trial),
        )
        trial.sieve = None  # it has answered
        if found is None and allowed.over():  # what numbers alone have told is known
            found = next((one for one in off if trial.matches(one.derivative)), None)
        if found is None:
            return None
        text = found.said
        if found.kind in _LIKE_INTEGRALS and any(_integral(formula, name, order, trial)):
            text += f"; it is also an integral of {brief(formula)}"
        hand.rule = found.rule
        return Mistake(found.kind, text, found.span, found.mended)
    except FormulaError:  # a derivation that cannot be written down has no mistakes to offer
        return None


def _candidates(
    formula: Formula, name: str, truth: Formula, order: int, trial: Trial, off: Sequence[Candidate]
) -> Iterator[Candidate]:
    """The mistakes that may have been made, the likeliest first."""
    prepared, sieve = prepare(formula), trial.sieve
    if sieve is not None:
        yield from sieve.derivation.candidates((CHAIN, EXPONENTIAL), sieve)
    others = [other for other in free_names(formula) if other != name and other in next(iter(trial.places), {})]
    for other in others:
        if sieve is None or sieve.is_by(other):
            text = f"that is the derivative with respect to {other}"
            yield Candidate("variable", text, our_derivative(prepared, other, order))
    if sieve is not None:
        yield from sieve.derivation.candidates(OPERATORS, sieve)
    yield Candidate("sign", "the sign is flipped", Call(TABLE["neg"], (truth,)))
    if sieve is not None:
        yield from sieve.derivation.candidates(OTHERS, sieve)
        yield from sieve.derivation.everywhere(sieve)
        yield from sieve.derivation.constants_differentiated(sieve)
    for other in others:
        if sieve is None or sieve.is_by(other, added=True):
            text = f"the derivative with respect to {other} is added: {other} is a constant here"
            yield Candidate("variable", text, plus(truth, our_derivative(prepared, other, order)))
    yield Candidate("order", "that is the formula itself, not its derivative", prepared)
    for other_order in (order - 1, order + 1):
        if other_order > 0 and (sieve is None or sieve.is_slope(truth)):
            text = f"that is the derivative of order {other_order}, not {order}"
            yield Candidate("order", text, our_derivative(prepared, name, other_order))
    yield from _integral(formula, name, order, trial)
    yield from _mended(truth, trial)
    yield from (one for one in off if one.kind == "coefficient")
    if sieve is not None:
        yield from _coefficients(sieve, trial)
    yield from (one for one in off if one.kind == "constant")


def _off_by_a_number(truth: Formula, trial: Trial) -> Iterator[Candidate]:
    """The derivative times a number, or with one added, where that gives the claim's numbers."""
    if (factor := trial.factor(truth, truth)) is not None:
        text = f"that is {factor_text(factor)} times the derivative"
        yield Candidate("coefficient", text, times(exactly(factor), truth), about=_fraction(factor) is None)
    if (excess := trial.excess(truth)) is not None:
        text = f"that is the derivative {'plus' if excess > 0 else 'minus'} {number_text(abs(excess))}"
        yield Candidate("constant", text, plus(truth, exactly(excess)), about=_fraction(excess) is None)


def _mended(truth: Formula, trial: Trial) -> Iterator[Candidate]:
    """The claim, where it is the derivative but for a slip of the pen."""
    claim = trial.lowering.formula
    back, sure = (Trial(truth, trial.places, trial.work, bits) for bits in _RISING)
    back.against(claim)
    for kind, what, mended in repairs(claim):
        if (trial.sieve is None or trial.sieve.mends(mended)) and back.matches(mended) and sure.matches(mended):
            yield Candidate(kind, f"{what}: {brief(mended)} is right", claim, mended=True)
        if trial.work.over():
            return


def _integration(truth: Formula, known: set[str], trial: Trial) -> Iterator[Candidate]:
    """The constants of integration that may have been added: names that are not `known` from the formula."""
    for constant in (each for each in free_names(trial.lowering.formula) if each not in known):
        text = f"{constant} is added, as to an integral: a derivative has no such constant"
        yield Candidate("constant", text, plus(truth, Name(constant)))


def _square_root(truth: Formula, trial: Trial) -> Iterator[Candidate]:
    """The claim, where the derivative is its square, or a number times that."""
    square = times(claim := trial.lowering.formula, claim)
    back, sure = (Trial(truth, trial.places, trial.work, bits) for bits in _RISING)
    back.against(square)
    factor = back.factor(square, square) if back.enough else None
    if factor is not None and (_fraction(factor) is None or sure.matches(times(exactly(factor), square))):
        a, of = ("the", "") if _fraction(factor) == 1 else ("a", f"{factor_text(factor)} times ")
        yield Candidate("power", f"{a} square is missing: the derivative is {of}the square of the claim", claim)


def _fixed(truth: Formula, trial: Trial) -> Iterator[Candidate]:
    """The claim, where it is one number and the derivative is not."""
    claim = trial.lowering.formula
    if any(name in trial.places[0] for name in free_names(claim)):
        return
    found = [value for _, _, value in trial.beside(truth)]
    if any(not value.overlaps(found[0]) for value in found):
        yield Candidate("constant", "that is one number: the derivative is not the same everywhere", claim)


def _coefficients(sieve: Sieve, trial: Trial) -> Iterator[Candidate]:
    """The terms of sums, each off by a constant factor."""
    derivation = sieve.derivation
    for node in derivation.nodes:
        terms = derivation.terms[node] if node.function.name in ("+", "-") else ()
        for term in terms:
            if not sieve.scales(node, term.whole):
                continue
            part = minus(derivation.truth, derivation.broken((node, total([t.whole for t in terms if t is not term]))))
            if (factor := trial.factor(derivation.truth, part)) is not None:
                text = f"the derivative of {located(term.argument)} is off by a factor {factor_text(factor)}"
                claimed = total([minus(derivation.truth, part), times(exactly(factor), part)])
                yield Candidate("coefficient", text, claimed, term.argument.span, about=_fraction(factor) is None)


def _integral(formula: Formula, name: str, order: int, trial: Trial) -> Iterator[Candidate]:
    claim = trial.lowering.formula
    if order != 1 or (trial.sieve is not None and not trial.sieve.is_slope(claim, prepare(formula))):
        return
    if all(Trial(prepare(formula), trial.places, trial.work, n).matches(our_derivative(claim, name)) for n in _RISING):
        yield Candidate("integral", f"that is an integral: its own derivative is {brief(formula)}", claim)


# ---- a candidate held against the claim


class Trial:
    """The claim's values, which a candidate must have too. No more of them are computed than are asked for."""

    def __init__(self, claim: Formula, places: Sequence[AnyPlace], work: Work, bits: int = _BITS):
        self.lowering = Lowering(claim, BALL, ())
        self.work, self.places, self.bits = work, places, bits
        self.sieve: Sieve | None = None
        self._ahead = iter(places)
        self._claimed: list[tuple[AnyPlace, Any]] = []  # the places at which the claim has a value, as far as is known
        self._telling = 0  # of which so many are not 0: where the claim is 0, much else is
        self._truth: Lowering | None = None
        self._right = cache(self._of_truth)  # by number

    @property
    def enough(self) -> bool:
        """Whether something can be told."""
        while self._telling < _FEWEST and self._one_more():
            pass
        return self._telling >= _FEWEST

    def _one_more(self) -> bool:
        if self._telling >= _FEWEST and self.work.over(1 / 2):
            return False
        for place in self._ahead:
            if (value := self._value(self.lowering, place)) is not None:
                self._claimed.append((place, value))
                self._telling += not value.contains(0)
                return True
        return False

    def claimed(self) -> Iterator[tuple[int, AnyPlace, Any]]:
        """The places at which the claim has a value, each with its number and that value."""
        i = 0
        while i < len(self._claimed) or self._one_more():
            yield i, *self._claimed[i]
            i += 1

    def _value(self, lowering: Lowering, place: AnyPlace) -> Any:
        with precision(self.bits):
            graph = lowering.graph(in_balls(place))
        self.work.spend(1 + len(graph.nodes) / 4)  # without derivatives
        return None if isinstance(graph.root, Failure) or not graph.root.is_finite() else graph.root

    def beside(self, formula: Formula) -> Iterator[tuple[int, Any, Any]]:
        """The places at which a formula has a value: the number of each, the claim's value and the formula's."""
        is_truth = self._truth is not None and formula is self._truth.formula
        lowering = None if is_truth else Lowering(formula, BALL, ())
        for i, place, claimed in self.claimed():
            value = self._right(i) if lowering is None else self._value(lowering, place)
            if value is not None:
                yield i, claimed, value

    def first(self, *candidates: Iterable[Candidate]) -> Candidate | None:
        """The first candidate that gives the claim, among those that there is work for."""
        of_a_number = not free_names(self.lowering.formula)  # that 2 is 2*x^0 says nothing of a power
        with suppress(WorkDone):
            for candidate in chain(*candidates):
                if not (of_a_number and candidate.kind == "power") and self._is_claim(candidate):
                    return candidate
                if self.work.over():
                    break
        return None

    def _is_claim(self, candidate: Candidate) -> bool:
        """Whether it matches, also at many more bits, which tell 1 + 1e-100 from 1, if it is not about that."""
        if not self.matches(candidate.derivative):
            return False
        places = [place for place, claimed in self._claimed if not claimed.contains(0)][: 2 * _FEWEST]
        sure = Trial(self.lowering.formula, places, Work(_MOST_SECONDS), _SURE_BITS)
        return candidate.about or sure.matches(candidate.derivative)

    def matches(self, candidate: Formula) -> bool:
        """Whether the candidate has the claim's values wherever it has one, at enough places, one of them a fault."""
        if self.sieve is not None and not self.work.over() and not self.sieve.passes(candidate):
            return False
        seen, telling = 0, False
        for i, claimed, value in self.beside(candidate):
            verdict = compared(value, claimed, _SAME_BITS, last=False)
            if verdict is Verdict.WRONG:
                return False
            seen += (told := verdict is Verdict.AGREES and not claimed.contains(0))
            telling = telling or (told and (self._truth is None or self._is_fault(i)))
        return seen >= _FEWEST and telling

    def _of_truth(self, i: int) -> Any:
        assert self._truth is not None
        return self._value(self._truth, self._claimed[i][0])

    def _is_fault(self, i: int) -> bool:
        value = self._right(i)
        return value is not None and not value.overlaps(self._claimed[i][1])

    def against(self, truth: Formula) -> None:
        """From now on, a mistake is to show itself at one of the claim's faults."""
        self._truth = Lowering(truth, BALL, ())
        self._right.cache_clear()

    def faults(self) -> Iterator[tuple[AnyPlace, Any]]:
        """The places at which the claim is not the truth, and its values."""
        return ((place, claimed) for i, place, claimed in self.claimed() if self._is_fault(i))

    def factor(self, whole: Formula, part: Formula) -> Any:
        """The number c for which `whole - part + c*part`, where it is told, is the claim; `whole` is the truth."""
        rest = None if part is whole else Lowering(minus(whole, part), BALL, ())
        of_part, found = Lowering(part, BALL, ()), None
        for i, place, claimed in self.claimed():
            others = BALL.number(Fraction(0)) if rest is None else self._value(rest, place)
            value = self._right(i) if rest is None else self._value(of_part, place)
            if others is None or value is None:  # as where branches meet: balls choose none
                continue
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
        found = None
        for _, claimed, value in self.beside(truth):
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
        slip = abs(factor - 1)
        if slip.is_zero() or not slip < _SLIP:
            return number_text(factor)
        text, sign = f"{float(slip):.3g}", "+" if factor > 1 else "-"
    return f"{'' if Fraction(text) == _fraction(slip) else 'about '}(1 {sign} {text})"


def number_text(found: Any) -> str:
    """A number found at points: exactly, if it is a short decimal or fraction."""
    if (exact := _fraction(found)) is not None:
        if Fraction(text := f"{float(exact):.12g}") == exact:
            return text
        if exact.denominator < _SHORT:
            return str(exact)
    return f"about {float(found):.10g}"


def _fraction(found: Any) -> Fraction | None:
    if abs(int(found.mid().man_exp()[1])) > 4 * _BITS:
        return None
    short = dyadic(found).limit_denominator(10**30)
    with precision(_BITS):
        return short if found.overlaps(BALL.number(short)) else None


def exactly(found: Any) -> Formula:
    return number(dyadic(found) if (exact := _fraction(found)) is None else exact)
