"""Quantities that depend on others through one of them alone: how they go on where that one leaves its value."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from fractions import Fraction
from heapq import heappop, heappush

from gradcalc.engine.program import Program
from gradcalc.language.formula import Call, Formula, Name, with_arguments
from gradcalc.record import dataclass

from .onesided import first_known, moved
from .series import Outside, one_sided
from .terms import Coefficient, Series, Term, Unknown, constant, is_equal, plus, scaled

_LARGEST = 200  # entries between the two quantities
_CUTS = (2, 4, 8)
_STEP = Name("'")
_LINEAR: Term = (Fraction(1), 0)
_LESS = Fraction(1, 2**10)  # by which a logarithm takes an order down


@dataclass(frozen=True, slots=True)
class Onward:
    """A quantity that depends on some u alone, around u = u0: `limit` + `slope`*(u - u0) + O(|u - u0|^order), where the
    rest may be none (None). `positive` if it is nowhere negative. If the limit is 0, it is no less than a multiple of
    |u - u0|^`least`, where that is known."""

    limit: Fraction
    slope: Coefficient
    order: Fraction | None
    positive: bool
    least: Fraction | None


def funnels(program: Program, place: int, moves: Sequence[bool]) -> Iterator[int]:
    """The entries through which alone an entry moves, the nearest ones first, where it is known which entries do."""
    frontier, seen = [-place], {place}
    for _ in range(_LARGEST):
        inner = [below for below in program.args[-heappop(frontier)] if moves[below]]
        if not inner:  # a name
            return
        for below in inner:
            if below not in seen:
                seen.add(below)
                heappush(frontier, -below)
        if len(frontier) == 1:
            yield -frontier[0]


def moving(program: Program, names: Collection[str]) -> Sequence[bool]:
    """Whether the entries move, where these names do."""
    moves: list[bool] = []
    for node, below in zip(program.nodes, program.args, strict=True):
        own = isinstance(node, Name) and not below and node.name in names
        moves.append(own or any(moves[i] for i in below))
    return moves


def onward(
    program: Program, place: int, through: int, fixed: Mapping[str, Coefficient], value: Fraction
) -> Onward | None:
    """How an entry goes on where another, through which alone it moves, leaves its value; None where that is not known.

    Args:
        fixed: the names that do not move, and their values.
    """
    between = _between(program, place, through)
    ways = [moved({**fixed, _STEP.name: value}, _STEP.name, direction) for direction in (0, -1, 1)]
    try:
        return first_known(_CUTS, lambda cut: _read(*(one_sided(between, way, cut) for way in ways)))
    except Outside:
        return None


def _between(program: Program, place: int, through: int) -> Program:
    """The program of an entry in terms of another."""
    made: dict[int, Formula] = {through: _STEP}
    wanted, todo = {place}, [place]
    while todo:
        for below in program.args[todo.pop()]:
            if below > through and below not in wanted:
                wanted.add(below)
                todo.append(below)
    for i in sorted(wanted):
        node: Formula = program.nodes[i]
        args: list[Formula] = [made.get(j, program.nodes[j]) for j in program.args[i]]
        made[i] = with_arguments(node, args) if isinstance(node, Call) else args[0] if args else node
    return Program(made[place])


def _read(there: Series, left: Series, right: Series) -> Onward | None:
    limit = there.constant
    if not isinstance(limit, Fraction) or not all(is_equal(side.constant, limit) for side in (left, right)):
        return None
    rests = [plus(side, constant(-limit)) for side in (left, right)]
    if any(rest.cut is not None and rest.cut <= 1 for rest in rests):
        raise Unknown
    slopes = [rest.terms.get(_LINEAR, Fraction(0)) for rest in rests]
    slopes[0] = scaled(Fraction(-1), slopes[0])
    straight = is_equal(*slopes)
    orders = [e - (_LESS if k else 0) for rest in rests for e, k in rest.terms if not straight or (e, k) != _LINEAR]
    orders += [rest.cut for rest in rests if rest.cut is not None]
    order = min(orders, default=None)
    if order is not None and order <= 0:
        return None
    signs = [_sign(side) for side in (left, right)]
    firsts = [_first(rest) for rest in rests]
    return Onward(
        limit,
        slopes[1] if straight else Fraction(0),
        order,
        limit >= 0 and all(sign is not None and sign >= 0 for sign in signs),
        None if limit or None in firsts else max(first for first in firsts if first is not None),
    )


def _sign(side: Series) -> int | None:
    try:
        return side.sign
    except Unknown:
        return None


def _first(rest: Series) -> Fraction | None:
    try:
        return None if rest.first is None else rest.first[0][0]
    except Unknown:
        return None
