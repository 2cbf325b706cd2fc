"""Points of a part of the domain that quantities cut out by their signs, as a proof names the one that it stops at.

What is 0 there is solved for one variable after another. Where floors stand in it, it is 0 on a whole part or nowhere:
then each `floor(u)` is taken for `u - t` with a t from 0 to 1, and the number near by that has the fewest digits is
tried. A variable that nothing solves for goes through the middles between whole numbers, of two each in turn, and what
is left free through all branches. Where nothing is 0, the part may be narrow, or far out: then the middles between
zeros of two of the quantities are tried, and points on both sides of each, all with the whole numbers beside them. That
a point lies in that part is for whoever looks at it there.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import combinations, islice, zip_longest

from gradcalc.engine.formulas import minus, over, plus, times
from gradcalc.engine.lowering import Lowering
from gradcalc.engine.rationals import rational_value
from gradcalc.engine.rewrite import prepare
from gradcalc.engine.scalars import FLOAT
from gradcalc.engine.switches import floors
from gradcalc.language.formula import Call, Formula, free_names
from gradcalc.language.functions import TABLE
from gradcalc.language.literals import number, short
from gradcalc.language.substitution import replaced, substitute
from gradcalc.proofs.exact import roots
from gradcalc.proofs.isolated import isolated
from gradcalc.work import Work

from .look import side_at
from .points import Place, drawn, has_value

Part = Sequence[tuple[Formula, int]]  # quantities, and the sign that each has
Ends = Mapping[str, Sequence[Formula]]  # of names

_SHARES = tuple(Fraction(k, 4) for k in (2, 0, 1, 3, 4))  # of a step, by which u is more than floor(u)
_DENOMINATORS = (1, 2, 10, 1000, 10**6)
_NEAR = *range(3, 10), *(2 * 10**k for k in (*range(1, 7), 9, 12)), *range(10, 100)
_MIDDLES = tuple(side * Fraction(2 * n + 1, 2) for n in (1, 2, 0, *_NEAR) for side in (1, -1))
_TURNS = tuple(side * turn for turn in (10**9, 10**6, 4000, 200, 12, 2, 1) for side in (1, -1))
_FEW, _BOTH = 6, 2  # of the middles, where more than one variable goes through them; of two each does so in turn
_BESIDE = 4  # points for one solution, if variables are left free
_MOST_ENDS = 8  # zeros of quantities, between which points are tried
_OF_SOLVING = 60  # units of work


def entered(part: Part, formulas: Sequence[Formula], names: Sequence[str], work: Work) -> Iterator[Place]:
    """Points at which all quantities of a part have their signs, as far as balls tell.

    Args:
        formulas: prepared, whose branches count for what is left free.
        work: what pays for the search.
    """
    zeros = [quantity for quantity, sign in part if sign == 0]
    beyond = [(quantity, sign) for quantity, sign in part if sign]
    # in a part that is narrow all may be 0 to balls, as beside it, and in one that is far out there is no value
    wanted = [{sign, None} if zeros else {sign, 0, None} for _, sign in beyond]
    ends = {name: _ends(beyond, name) for name in names}
    for solved in _solved(zeros, names, ends, {}, work) if zeros else _between(ends):
        rest = [name for name in names if name not in solved]
        for free in drawn([substitute(formula, solved) for formula in formulas], rest, _BESIDE) if rest else [Place()]:
            place = {**solved, **free}
            if all(map(operator.contains, wanted, (side_at(quantity, place) for quantity, _ in beyond))):
                yield place


def _ends(beyond: Part, name: str) -> list[Formula]:
    """Zeros of the quantities of one name alone, of each in turn."""
    alone = [quantity for quantity, _ in beyond if [*free_names(quantity)] == [name] and not any(floors(quantity))]
    zeros = [dict.fromkeys(islice(_roots(quantity, name, (), {}), _MOST_ENDS)) for quantity in alone]
    return [*dict.fromkeys(root for line in zip_longest(*zeros) for root in line if root is not None)][:_MOST_ENDS]


def _between(ends: Ends) -> Iterator[Place]:
    for name, zeros in ends.items():
        for value in map(_shortest, _among(zeros)):
            yield {name: value}
            yield from ({name: whole} for whole in _wholes_beside(value))


def _among(ends: Sequence[Formula]) -> Iterator[Formula]:
    yield from ends
    for one, other in combinations(ends, 2):
        yield over(plus(one, other), number(2))
    for one in ends:
        further = plus(number(1), times(one, one))
        for side in "+-":
            yield Call(TABLE[side], (one, further))


def _wholes_beside(constant: Formula) -> Iterator[Formula]:
    """The whole numbers below and above a constant that is none, where something may need one."""
    if (near := _near(constant)) is not None:
        yield from (number(whole) for whole in dict.fromkeys((math.floor(near), math.ceil(near))) if whole != near)


def _near(constant: Formula) -> float | None:
    """A constant in doubles, if it is a number there."""
    near = Lowering(constant, FLOAT, ()).value({})
    return float(near) if near is not None and math.isfinite(near) else None


def _shortest(constant: Formula) -> Formula:
    exact = rational_value(constant, ties=False)
    return short(exact) if isinstance(exact, Fraction) else constant


def _solved(zeros: Sequence[Formula], names: Sequence[str], ends: Ends, place: Place, work: Work) -> Iterator[Place]:
    """Values for the names in quantities, of which some have theirs, so that all are 0."""
    open_ones: list[tuple[Formula, list[str]]] = []
    for quantity in zeros:
        if unknown := [name for name in free_names(quantity) if name in names and name not in place]:
            open_ones.append((quantity, unknown))
        elif rational_value(quantity, place) not in (None, 0):
            return
    if not open_ones:
        yield place
        return
    quantity, unknown = min(open_ones, key=lambda pair: len(pair[1]))
    if len(unknown) == 1:
        work.spend(_OF_SOLVING)
        values = ((name, value) for name in unknown for value in _roots(quantity, name, ends[name], place))
    else:
        moved, most = (unknown, None) if len(unknown) == _BOTH else (unknown[:1], _FEW)
        values = ((name, short(x)) for x in _MIDDLES[:most] for name in moved)
    for name, value in values:
        if work.over():
            return
        yield from _solved(zeros, names, ends, {**place, name: value}, work)


def _roots(quantity: Formula, name: str, ends: Sequence[Formula], place: Place) -> Iterator[Formula]:
    exact = [root for root in roots(quantity, name, place) if has_value(prepare(root), {})]
    yield from exact
    beside = [near for end in ends if (near := _near(end)) is not None]
    if not any(floors(quantity)):
        turns = (*_turns_to(beside, quantity, name, place), *_TURNS) if exact else ()
        yield from roots(quantity, name, place, turns) if exact else isolated(_is_zero(quantity), name, place)
        return
    seen = set[Fraction]()
    for smooth in (*_with_wholes(quantity, name, beside, place), *(_without_floors(quantity, t) for t in _SHARES)):
        for root in roots(smooth, name, place) or isolated(_is_zero(smooth), name, place):
            if (near := _near(root)) is None:
                continue
            for value in (Fraction(near).limit_denominator(most) for most in _DENOMINATORS):
                if value not in seen and rational_value(quantity, {**place, name: short(value)}) in (None, 0):
                    seen.add(value)
                    yield short(value)


def _turns_to(ends: Sequence[float], quantity: Formula, name: str, place: Place) -> list[int]:
    """The whole turns that zeros beside some ends are from the least."""
    first, second = (next(map(_near, roots(quantity, name, place, (turn,))), None) for turn in (0, 1))
    if first is None or second is None or first == second:
        return []
    turns = (math.floor((end - first) / (second - first)) for end in ends)
    return [turn + step for turn in turns for step in (0, 1, -1)]


def _with_wholes(quantity: Formula, name: str, ends: Sequence[float], place: Place) -> Iterator[Formula]:
    """The quantity with a floor as the whole numbers that it is beside some ends."""
    node = next(floors(quantity))
    values = (_near(substitute(node.args[0], {**place, name: number(Fraction(end))})) for end in ends)
    for whole in (math.floor(value) for value in values if value is not None):
        yield from (replaced(quantity, node, number(whole + step)) for step in (0, 1, -1))


def _is_zero(quantity: Formula) -> Call:
    return Call(TABLE["=="], (quantity, number(0)))


def _without_floors(quantity: Formula, share: Fraction) -> Formula:
    while (node := next(floors(quantity), None)) is not None:
        quantity = replaced(quantity, node, minus(node.args[0], number(share)))
    return quantity
