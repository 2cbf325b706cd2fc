"""Values of formulas in rational numbers, where those are all it takes: there, equal is equal at any precision."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import Any

from gradcalc.language.errors import LIMITS
from gradcalc.language.formula import Call, Formula, Number, flattened
from gradcalc.language.identity import ByIdentity
from gradcalc.language.kept import kept
from gradcalc.language.literals import unsigned

Exact = Fraction | bool
Known = ByIdentity[Formula, Exact]  # of nodes, their values
NOTHING = Known()


def rational_values(
    formula: Formula,
    at: Mapping[str, Formula],
    ties: bool = False,
    moving: Collection[str] | None = None,
    given: Known = NOTHING,
) -> Known:
    """The value of every node that has a rational one; a condition between such is true or false.

    Args:
        at: the point, as constant formulas.
        ties: whether to decide comparisons between equal numbers. Without that, neither they nor what rests on them
            is in the result: it holds on either side of a kink.
        moving: the names of the point that sides are taken along, all of them if None. A comparison of what does not
            depend on them has no sides, and is decided.
        given: values of nodes that are known from elsewhere.
    """
    flat = kept(formula, flattened)
    moves: list[bool] = []
    known: list[Exact | None] = []
    point: dict[str, Exact | None] = {}
    for node, below in flat:
        found: Exact | None = None
        moving_here = not ties and any(moves[i] for i in below)
        if isinstance(node, Call):
            found = _value(node, [known[i] for i in below], ties or not moving_here)
        elif isinstance(node, Number):
            found = node.value
        else:
            if node.name in at:
                if node.name not in point:
                    constant = at[node.name]
                    point[node.name] = rational_value(constant)
                found = point[node.name]
                moving_here = moving is None or node.name in moving
            elif below:
                found = known[below[0]]
        if given and node in given:
            found = given[node]
        moves.append(moving_here)
        known.append(found if found is not None and _is_small(found) else None)
    return ByIdentity((node, value) for node, value in zip(flat.nodes, known, strict=True) if value is not None)


def rational_value(formula: Formula, at: Mapping[str, Formula] = MappingProxyType({}), ties: bool = True) -> Any:
    """The rational value of a formula, the truth of a condition, or None: as `rational_values` has it."""
    size = unsigned(formula)
    if isinstance(size, Number):
        return None if not _is_small(size.value) else size.value if size is formula else -size.value
    return rational_values(formula, at, ties).get(formula)


def is_whole(node: Number) -> bool:
    """Whether a number is whole, and a ball without a radius at any precision."""
    return node.value.denominator == 1 and node.value.numerator.bit_length() <= 53


def _is_small(exact: Exact) -> bool:
    return max(map(int.bit_length, exact.as_integer_ratio())) <= LIMITS.precision


def _value(node: Call, args: list[Exact | None], ties: bool) -> Exact | None:
    row = node.function
    if row.name == "if":
        return None if args[0] is None else args[1] if args[0] else args[2]
    if row.rational is None or any(arg is None for arg in args):
        return None
    if not ties and not row.smooth and row.value is not None:
        tied = args[0] == args[1] if len(args) == 2 else args[0] == row.rational(*args)
        if tied:
            return None
    try:
        found = row.rational(*args)
    except ArithmeticError:
        return None
    if isinstance(found, float):
        raise TypeError(f"{row.name} has no rational value")
    return found if isinstance(found, bool | Fraction) else Fraction(found)
