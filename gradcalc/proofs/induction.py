"""That two formulas with sums and products of which all end at one name n are equal, by induction over n.

With a name for each sum or product S, what comes of n + 1 is that of n where S is replaced by S + f(n + 1), or by
S*f(n + 1). If both formulas are equal at the first ends, and from n to n + 1 both grow by the same summand, or by the
same factor, for every real n from there on, they are equal for every whole n from there on. Where one of them has no
value for some n only, that is broken: nothing is excepted but what has no value for any n (`Claimed.along`).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from fractions import Fraction

from gradcalc.engine.rationals import rational_value
from gradcalc.language.formula import Call, Formula, Name, children_first, free_names
from gradcalc.language.functions import TABLE
from gradcalc.language.literals import ONE, ZERO, number
from gradcalc.language.spelled import SPELLED, opened, put_in
from gradcalc.language.substitution import substitute
from gradcalc.work import Work

from .equality import NOT_SHOWN, Claimed, Equality, prove_equal

Pair = tuple[Formula, Formula]

_MOST_BEGINNINGS = 8
_BEYOND = 2  # ends of which each is looked at, so that n - 1 is more than 0 where n is any
_PLUS, _MINUS, _TIMES = (TABLE[name] for name in ("+", "-", "*"))
_NOT = Equality(False, NOT_SHOWN)


def prove_by_induction(
    both: Pair, named: Pair, known: Sequence[tuple[Call, Name]], variables: Collection[str], work: Work
) -> Equality:
    """Whether two formulas are equal for all values, and all whole ends that are not below the first terms, at which
    both have a value.

    Args:
        both: the formulas.
        named: the same with a name for every sum and product, which `known` has.
        variables: names that are variables whatever they are otherwise.
    """
    end = _common_end(known)
    lows = [low for call, _ in known if isinstance(low := rational_value(call.args[0]), Fraction)]
    if end is None or len(lows) < len(known) or any(low.denominator > 1 for low in lows):
        return _NOT
    first = min(max(int(low) - 1, min(int(low), 0)) for low in lows)
    last = int(max(lows)) - 1
    names = {*variables, *(name.name for _, name in known)}
    steps: list[str] = []
    if last - first > _MOST_BEGINNINGS:
        return _NOT
    last = max(first, last) + _BEYOND
    for start in range(first, last + 1):
        begun = [opened(substitute(each, {end: number(start)})) for each in both]
        found = prove_equal(Claimed(ZERO, begun[0], begun[1], variables), work)
        if not found:
            return found
        steps += [f"{end} = {start}: {step}" for step in found.steps]
    region = [(Call(_MINUS, (Name(end), number(last - 1))), 1)]
    found = _step(named, known, end, names, region, work)
    if not found:
        return found
    steps += [f"from {end} to {end} + 1: {step}" for step in found.steps]
    return Equality(True, steps=steps, needs=(f"{end} >= {first}",))


def _common_end(known: Sequence[tuple[Call, Name]]) -> str | None:
    """The name that all sums and products end at, of which no term depends otherwise."""
    ends = {call.args[1].name if isinstance(call.args[1], Name) else "" for call, _ in known}
    end = ends.pop() if len(ends) == 1 else ""
    for call, _ in known:
        term = call.function.definition
        assert isinstance(term, Formula)
        if end in free_names(term) or any(isinstance(n, Call) and n.function.indexed for n in children_first(term)):
            return None
    return end or None


def _step(
    named: Pair, known: Sequence[tuple[Call, Name]], end: str, names: Collection[str],
    region: Sequence[tuple[Formula, int]], work: Work,
) -> Equality:  # fmt: skip
    following = Call(_PLUS, (Name(end), ONE))
    grown: dict[str, Formula] = {end: following}
    factor: Formula | None = None
    for call, name in known:
        row, term = SPELLED[call.function.spelling].row, call.function.definition
        assert isinstance(term, Formula)
        next_term = put_in(term, {call.function.params[0]: following})
        grown[name.name] = Call(row, (name, next_term))
        factor = next_term if row is _TIMES else factor
    after = [substitute(each, grown) for each in named]
    along = {end, *(name.name for _, name in known)}

    def equal(one: Formula, other: Formula) -> Equality:
        return prove_equal(Claimed(ZERO, one, other, names, region, along=along, wholes=(end,)), work)

    found = equal(*(Call(_MINUS, (new, old)) for new, old in zip(after, named, strict=True)))
    if found or factor is None:
        return found
    steps: list[str] = []
    for new, old in zip(after, named, strict=True):
        found = equal(new, Call(_TIMES, (old, factor)))
        if not found:
            return found
        steps += found.steps
    return Equality(True, steps=steps)
