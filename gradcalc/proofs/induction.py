"""That two formulas with sums and products of which all end at one name n are equal, by induction over n.

With a name for each sum or product S, what comes of n + 1 is that of n where S is replaced by S + f(n + 1), or by
S*f(n + 1). What is shown of n is that at all points where the truth has a value the claim has one as well, and they are
equal. That is looked at for the first ends. From n to n + 1 it is shown for every real n from there on, in three steps:
where the truth has a value at n + 1, it has one at n, so that the claim has its value there; both grow by the same
summand, or by the same factor; and nothing is excepted but what has no value for any n (`Claimed.along`). What has its
values where something is whole, or is not, as gamma(x + n), is read as if it had them everywhere: that it has one at n
where all that is like it has one at n + 1 is shown on its own. Where it is asked what the derivative of a formula is,
the truth has a value only where the formula has one: 0 times it is added; and with the first ends it is shown that it
has one wherever the formula has, as there may be a derivative where only its rules have no value.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from fractions import Fraction

from gradcalc.engine.domains import partial_calls
from gradcalc.engine.formulas import CONTROL
from gradcalc.engine.rationals import rational_value
from gradcalc.language.formula import Call, Formula, Name, children_first, free_names, users_functions
from gradcalc.language.functions import TABLE
from gradcalc.language.literals import ONE, ZERO, number
from gradcalc.language.spelled import SPELLED, opened, put_in
from gradcalc.language.substitution import substitute
from gradcalc.record import dataclass, replace
from gradcalc.work import Work

from .continuous import is_whole
from .equality import NOT_SHOWN, Claimed, Equality, Step, prove_equal
from .exact import simplified
from .laws import asks_more, inside_of, plain_by_laws

Pair = tuple[Formula, Formula]

_MOST_BEGINNINGS = 8
_BEYOND = 2  # ends of which each is looked at, so that n - 1 is more than 0 where n is any
_PLUS, _MINUS, _TIMES = (TABLE[name] for name in ("+", "-", "*"))
_NOT = Equality(False, NOT_SHOWN)


def prove_by_induction(
    both: Pair, named: Pair, known: Sequence[tuple[Call, Name]], variables: Collection[str], work: Work,
    formula: Formula = ZERO,
) -> Equality:  # fmt: skip
    """Whether two formulas are equal for all values, and all whole ends that are not below the first terms, at which
    both have a value.

    Args:
        both: the truth and the claim.
        named: the same with a name for every sum and product, which `known` has.
        variables: names that are variables whatever they are otherwise.
        formula: that of which the truth is a derivative by its rules, if it is one.
    """
    found = [_first_end(call) for call, _ in known]
    ends = {each[0] for each in found if each is not None}
    if len(ends) != 1 or None in found or any(_has_more(call, *ends) for call, _ in known):
        return _NOT
    (end,) = ends
    lows = [each[1] for each in found if each is not None]
    first = min(max(low - 1, min(low, 0)) for low in lows)
    last = max(lows) - 1
    names = {*variables, *(name.name for _, name in known)}
    steps: list[Step] = []
    if last - first > _MOST_BEGINNINGS:
        return _NOT
    last = max(first, last) + _BEYOND
    for start in range(first, last + 1):
        truth, claim = (opened(substitute(each, {end: number(start)})) for each in both)
        shown = prove_equal(Claimed(ZERO, truth, claim, variables), work)
        if shown and formula != ZERO:
            here, everywhere = opened(substitute(formula, {end: number(start)})), Call(_TIMES, (ZERO, truth))
            shown = replace(
                shown, proved=bool(prove_equal(Claimed(here, ZERO, everywhere, variables, along=variables), work))
            )
        if not shown:
            return shown
        steps += [step.within(f"{end} = {start}") for step in shown.steps]
    begins = (term for each in both for term in _first_terms(each, end, last))
    region = [(Call(_MINUS, (Name(end), number(last - 1))), 1), *map(_with_value, begins)]
    shown = _step(named, known, end, names, region, work)
    if not shown:
        return shown
    steps += [step.within(f"from {end} to {end} + 1") for step in shown.steps]
    return Equality(True, steps=steps, needs=(Call(TABLE[">="], (Name(end), number(first))),))


def _with_value(formula: Formula) -> tuple[Formula, int]:
    """Where a formula has a value, as a quantity and its sign; 0 alone, without it, would have one everywhere."""
    return Call(_PLUS, (ONE, Call(_TIMES, (ZERO, formula)))), 1


def _first_end(call: Call) -> tuple[str, int] | None:
    """The name that the end of a sum is a whole number beside, and which number it is for the first term alone."""
    low, end = call.args
    name = "" if partial_calls(end) or partial_calls(low) else next(iter(free_names(end)), "")
    apart = simplified(Call(_MINUS, (low, Call(_MINUS, (end, Name(name))))), {name}) if name else None
    first = None if apart is None else rational_value(apart)
    return (name, int(first)) if isinstance(first, Fraction) and first.denominator == 1 else None


def _has_more(call: Call, end: str) -> bool:
    """Whether the term of a sum moves with an end, or has sums in it."""
    return end in free_names(call.function.body) or bool(users_functions(call.function.body))


def _first_terms(formula: Formula, end: str, last: int) -> Iterator[Formula]:
    """What has a value wherever the formula has one, if the end is not less than a number."""
    nodes = list(children_first(formula))
    if any(isinstance(node, Call) and not node.function.smooth for node in nodes):  # it may be on a branch
        return
    for call in (node for node in nodes if isinstance(node, Call) and node.function.indexed):
        found = _first_end(call)
        if found is not None and found[0] == end and found[1] <= last and not _has_more(call, end):
            yield put_in(call.function.body, {call.function.params[0]: call.args[0]})


@dataclass(frozen=True, slots=True)
class _Asked:
    """Calls that ask for what is whole, or is not: those that move along, and those without which there is no value."""

    along: Sequence[Call] = ()
    everywhere: Sequence[Call] = ()


def _asked(named: Pair, known: Sequence[tuple[Call, Name]], along: Collection[str], end: str) -> _Asked | None:
    """None where a term on a branch asks for that: what is on it may be left out for some ends."""
    calls = [call for each in named for call in _calls(each)]
    asking = list(_asking(calls, (end,)))
    moving = [call for call in asking if free_names(call).keys() & along]
    if not any(node.function.name in CONTROL for node in calls):
        return _Asked(moving, asking) if moving else _Asked()
    terms = ((_calls(call.function.body), call.function.params[0]) for call, _ in known)
    return None if any(True for inside, index in terms for _ in _asking(inside, (end, index))) else _Asked(moving)


def _calls(formula: Formula) -> list[Call]:
    return [node for node in children_first(plain_by_laws(formula)) if isinstance(node, Call)]


def _asking(calls: Iterable[Call], wholes: Collection[str]) -> Iterator[Call]:
    return (
        call for call in calls
        if asks_more(call.function) and not (call.function.name == "^" and is_whole(call.args[1], wholes))
    )  # fmt: skip


def _step(
    named: Pair, known: Sequence[tuple[Call, Name]], end: str, names: Collection[str],
    region: Sequence[tuple[Formula, int]], work: Work,
) -> Equality:  # fmt: skip
    grown: dict[str, Formula] = {end: Call(_PLUS, (Name(end), ONE))}
    factor: Formula | None = None
    for call, name in known:
        row, term = SPELLED[call.function.spelling].row, call.function.definition
        assert isinstance(term, Formula)
        next_term = put_in(term, {call.function.params[0]: Call(_PLUS, (call.args[1], ONE))})
        grown[name.name] = Call(row, (name, next_term))
        factor = next_term if row is _TIMES else factor
    after = [substitute(each, grown) for each in named]
    along = {end, *(name.name for _, name in known)}
    region = [*region, _with_value(after[0])]

    def equal(one: Formula, other: Formula, where: Sequence[tuple[Formula, int]] = ()) -> Equality:
        return prove_equal(Claimed(ZERO, one, other, names, (*region, *where), along=along, wholes=(end,)), work)

    asked = _asked(named, known, along, end)
    if asked is None:
        return _NOT
    there = [(substitute(inside_of(call), grown), 1) for call in asked.everywhere]
    before = equal(ZERO, Call(_TIMES, (ZERO, named[0])))
    lasting = (equal(ONE, inside_of(call), there) for call in asked.along)
    if not before or not all(lasting):
        return _NOT
    region.append(_with_value(named[1]))
    ours, theirs = (Call(_MINUS, (new, old)) for new, old in zip(after, named, strict=True))
    found = equal(ours, theirs)
    if found or factor is None:
        return found
    steps: list[Step] = []
    for new, old in zip(after, named, strict=True):
        found = equal(new, Call(_TIMES, (old, factor)))
        if not found:
            return found
        steps += found.steps
    return Equality(True, steps=steps)
