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
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import combinations

from gradcalc.engine.formulas import minus, over, plus, times
from gradcalc.engine.lowering import Lowering
from gradcalc.engine.rationals import rational_value
from gradcalc.engine.scalars import FLOAT
from gradcalc.engine.switches import floors
from gradcalc.language.formula import Call, Formula, free_names
from gradcalc.language.functions import TABLE
from gradcalc.language.literals import number, short
from gradcalc.language.substitution import replaced, substitute
from gradcalc.proofs.exact import roots
from gradcalc.proofs.isolated import isolated
from gradcalc.work import Work

from .points import Place, drawn, has_value, signs_of

Part = Sequence[tuple[Formula, int]]  # quantities, and the sign that each has

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
    """Points at which all quantities of a part have their signs, as far as doubles tell.

    Args:
        formulas: prepared, whose branches count for what is left free.
        work: what pays for the search.
    """
    zeros = [quantity for quantity, sign in part if sign == 0]
    beyond = [(quantity, sign) for quantity, sign in part if sign]
    signs = signs_of([quantity for quantity, _ in beyond])
    # in a part that is narrow a double is 0, and in one that is far out there is none
    wanted = [{sign, None} if zeros else {sign, 0, None} for _, sign in beyond]
    for solved in _solved(zeros, names, {}, work) if zeros else _between(beyond, names):
        rest = [name for name in names if name not in solved]
        for free in drawn([substitute(formula, solved) for formula in formulas], rest, _BESIDE) if rest else [Place()]:
            place = {**solved, **free}
            if all(map(operator.contains, wanted, signs(place))):
                yield place


def _between(beyond: Part, names: Sequence[str]) -> Iterator[Place]:
    for name in names:
        alone = [quantity for quantity, _ in beyond if [*free_names(quantity)] == [name]]
        ends = [root for quantity in alone for root in _roots(quantity, name, {}) if not any(floors(quantity))]
        for value in map(_shortest, _among(ends[:_MOST_ENDS])):
            yield {name: value}
            yield from ({name: whole} for whole in _wholes_beside(value))


def _among(ends: Sequence[Formula]) -> Iterator[Formula]:
    for one, other in combinations(ends, 2):
        yield over(plus(one, other), number(2))
    for one in ends:
        further = plus(number(1), times(one, one))
        for side in "+-":
            yield Call(TABLE[side], (one, further))


def _wholes_beside(constant: Formula) -> Iterator[Formula]:
    """The whole numbers below and above a constant that is none, where something may need one."""
    near = Lowering(constant, FLOAT, ()).value({})
    if near is not None and math.isfinite(near):
        yield from (number(whole) for whole in dict.fromkeys((math.floor(near), math.ceil(near))) if whole != near)


def _shortest(constant: Formula) -> Formula:
    exact = rational_value(constant, ties=False)
    return short(exact) if isinstance(exact, Fraction) else constant


def _solved(zeros: Sequence[Formula], names: Sequence[str], place: Place, work: Work) -> Iterator[Place]:
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
        values = ((name, value) for name in unknown for value in _roots(quantity, name, place))
    else:
        moved, most = (unknown, None) if len(unknown) == _BOTH else (unknown[:1], _FEW)
        values = ((name, short(x)) for x in _MIDDLES[:most] for name in moved)
    for name, value in values:
        if work.over():
            return
        yield from _solved(zeros, names, {**place, name: value}, work)


def _roots(quantity: Formula, name: str, place: Place) -> Iterator[Formula]:
    exact = [root for root in roots(quantity, name, place) if has_value(root)]
    yield from exact
    if not any(floors(quantity)):
        yield from roots(quantity, name, place, _TURNS) if exact else isolated(_is_zero(quantity), name, place)
        return
    seen = set[Fraction]()
    for share in _SHARES:
        smooth = _without_floors(quantity, share)
        for root in roots(smooth, name, place) or isolated(_is_zero(smooth), name, place):
            near = Lowering(root, FLOAT, ()).value({})
            if near is None or not math.isfinite(near):
                continue
            for value in (Fraction(near).limit_denominator(most) for most in _DENOMINATORS):
                if value not in seen and rational_value(quantity, {**place, name: short(value)}) in (None, 0):
                    seen.add(value)
                    yield short(value)


def _is_zero(quantity: Formula) -> Call:
    return Call(TABLE["=="], (quantity, number(0)))


def _without_floors(quantity: Formula, share: Fraction) -> Formula:
    while (node := next(floors(quantity), None)) is not None:
        quantity = replaced(quantity, node, minus(node.args[0], number(share)))
    return quantity
