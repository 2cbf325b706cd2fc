"""Which mistake gives exactly this claim? The derivation is done again with one rule broken at one place.

Every candidate is a formula, compared with the claim in balls at several points. What can be broken stands in rows, in
`wrong_rules`, or is read off the formula and off the rows' partial derivatives.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gradcalc.engine.formulas import simple_call
from gradcalc.engine.rewrite import our_derivative, prepare
from gradcalc.language.errors import NOWHERE, FormulaError, Span
from gradcalc.language.formula import Call, Formula, brief, free_names
from gradcalc.language.functions import CONSTANTS, TABLE
from gradcalc.record import dataclass
from gradcalc.work import Work

from .derivation import Candidate, Derivation
from .points import Place
from .trial import MOST_SECONDS, Trial, exactly, factor_text, number_text, scaled
from .wrong_rules import CHAIN, EXPONENTIAL, OPERATORS, OTHERS

_LIKE_INTEGRALS = ("sign", "chain")  # mistakes that may give the same: sin(x) for cos(x)


@dataclass(frozen=True, slots=True)
class Mistake:
    """A mistake that gives the claim: its kind, a line that says it, and the place in the formula, if it has one.

    `kind` is chain, sign, product, quotient, power, factor, constant, function, angle, coefficient, term, variable,
    integral or order.
    """

    kind: str
    text: str
    span: Span = NOWHERE

    @property
    def column(self) -> int | None:
        """Where in the text of the formula, from 1."""
        return self.span.column if self.span.source else None


def find_mistake(
    formula: Formula, name: str, claim: Formula, places: Sequence[Place], order: int = 1, work: Work | None = None
) -> Mistake | None:
    """The mistake that turns the derivative into the claim, or None.

    Args:
        places: points at which the claim and the derivative have values; also such where they do not differ, because a
            mistake gives the claim everywhere.
        work: what pays for the search, if there is less of it than a search may take.
    """
    allowed = Work(MOST_SECONDS if work is None else min(work.share(1).seconds, MOST_SECONDS), work)
    try:
        trial = Trial(prepare(claim), places, allowed)
        if not trial.enough or not trial.faults(our_derivative(prepare(formula), name, order)):
            return None
        for candidate in _candidates(formula, name, order, trial):
            if trial.matches(candidate.derivative):
                text = candidate.said
                if candidate.kind in _LIKE_INTEGRALS and any(_integral(formula, name, order, trial)):
                    text += f"; it is also an integral of {brief(formula)}"
                return Mistake(candidate.kind, text, candidate.span)
            if allowed.over():
                return None
    except FormulaError:  # a derivation that cannot be written down has no mistakes to offer
        return None
    return None


def _candidates(formula: Formula, name: str, order: int, trial: Trial) -> Iterator[Candidate]:
    """The mistakes that may have been made, the likeliest first."""
    prepared = prepare(formula)
    truth = our_derivative(prepared, name, order)
    derivation = Derivation(prepared, name) if order == 1 else None
    if derivation is not None:
        yield from derivation.candidates((CHAIN, EXPONENTIAL))
    others = [other for other in free_names(formula) if other != name and other not in CONSTANTS]
    with_respect_to = {other: our_derivative(prepared, other, order) for other in others}
    for other, derivative in with_respect_to.items():
        yield Candidate("variable", f"that is the derivative with respect to {other}", derivative)
    flipped = Candidate("sign", "the sign is flipped", Call(TABLE["neg"], (derivation.truth if derivation else truth,)))
    if derivation is not None:
        yield from derivation.candidates(OPERATORS)
        yield flipped
        yield from derivation.candidates(OTHERS)
        yield from derivation.everywhere()
        yield from derivation.constants_differentiated()
    else:
        yield flipped
    for other, added in with_respect_to.items():
        text = f"the derivative with respect to {other} is added: {other} is a constant here"
        yield Candidate("variable", text, simple_call(TABLE["+"], (truth, added)))
    yield Candidate("order", "that is the formula itself, not its derivative", prepared)
    for other_order in (order - 1, order + 1):
        if other_order > 0:
            text = f"that is the derivative of order {other_order}, not {order}"
            yield Candidate("order", text, our_derivative(prepared, name, other_order))
    yield from _integral(formula, name, order, trial)
    factor = trial.factor(truth, truth)
    if factor is not None:
        yield Candidate("coefficient", f"that is {factor_text(factor)} times the derivative", scaled(truth, factor))
    if derivation is not None:
        yield from derivation.coefficients(trial)
    excess = trial.excess(truth)
    if excess is not None:
        text = f"that is the derivative {'plus' if excess > 0 else 'minus'} {number_text(abs(excess))}"
        yield Candidate("constant", text, simple_call(TABLE["+"], (truth, exactly(excess))))


def _integral(formula: Formula, name: str, order: int, trial: Trial) -> Iterator[Candidate]:
    if order != 1:
        return
    back = Trial(prepare(formula), trial.places, trial.work)
    claim = trial.lowering.formula
    if back.enough and back.matches(our_derivative(claim, name)):
        yield Candidate("integral", f"that is an integral: its own derivative is {brief(formula)}", claim)
