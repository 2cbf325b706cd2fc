"""Needs: conditions for formulas and claims to have a value, as they are told beside a verdict."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice

from gradcalc.certified import has_diffs
from gradcalc.engine.domains import is_off_zero
from gradcalc.engine.rewrite import prepare
from gradcalc.engine.switches import Signs
from gradcalc.language.conditions import is_condition
from gradcalc.language.formula import Call, Formula, children_first, free_names
from gradcalc.language.functions import TABLE
from gradcalc.language.literals import ZERO
from gradcalc.proofs.growth import signs_by_growth
from gradcalc.record import replace
from gradcalc.work import Work

from .cases import Algebra, as_step, told
from .conditions import Assumption, assumptions
from .look import side_at
from .points import Place, simple_points
from .result import Need

_TRIED = 24  # simple points at which a condition is tried


def needed(typed: Sequence[Formula], names: Collection[str], work: Work) -> list[Assumption]:
    """The assumptions of formulas, with what is known of the signs of quantities in these variables, as far as there
    is work allowed for that."""
    formulas, parts, algebra = [*map(prepare, typed)], [*_with_diffs(typed)], Algebra(names, work)

    def always_holds(need: Assumption) -> bool:
        """Whether that is seen by derivatives, which are asked where it holds at simple points."""
        alone = {} if need.quantity is None or need.where else free_names(need.quantity)
        if len(alone) != 1 or not alone.keys() <= {*names}:
            return False
        if broken([need], [*islice(simple_points([*alone]), _TRIED)]):
            return False
        assert need.quantity is not None
        return algebra.allows(need.quantity) and signs_by_growth(need.quantity, *alone) <= need.signs

    found = assumptions(formulas, algebra)
    asked = (need for need in found if not always_holds(need))
    return [replace(need, sources=tuple(_in(parts, source) for source in need.sources)) for need in asked]


def _with_diffs(typed: Sequence[Formula]) -> Iterator[tuple[Formula, set[Formula]]]:
    """The parts of formulas that have derivatives written out, the smallest first, with what stands in these."""
    for formula in filter(has_diffs, typed):
        for part in children_first(formula):
            if isinstance(part, Call) and not is_condition(part):
                yield part, {*children_first(prepare(part))}


def _in(parts: Sequence[tuple[Formula, set[Formula]]], source: Formula) -> Formula:
    """The smallest part of what was typed that is, or is made into, what has this in it, if this does not tell it."""
    if isinstance(source, Call) and is_off_zero(source.function):
        return source
    return next((part for part, inside in parts if source in inside), source)


def beyond(
    formula: Formula, claim: Formula, names: Collection[str], work: Work, region: Iterable[tuple[Formula, Signs]] = ()
) -> list[Need]:
    """All that a claim needs in a region, but for what the formula does and what follows of both."""
    steps = [as_step(quantity, signs) for quantity, signs in region]
    inside = told(tuple(steps))
    for condition, _ in reversed(steps):
        claim = Call(TABLE["if"], (condition, claim, ZERO))
    own = {(each.condition, each.where) for each in needed((formula, ZERO), names, work)}
    found = [each for each in needed((formula, claim), names, work) if (each.condition, each.where) not in own]
    return [replace(each, where=each.where.removeprefix(inside).removeprefix(" and ")).need for each in found]


def broken(needs: Sequence[Assumption], places: Sequence[Place]) -> list[Assumption]:
    """Those assumptions on the sign of a quantity that are not met at some of the places: told by balls."""
    asked = ((need, need.quantity) for need in needs if not need.where)
    return [
        need for need, quantity in asked if quantity is not None
        and any(side_at(quantity, place) not in {*need.signs, None} for place in places)
    ]  # fmt: skip
