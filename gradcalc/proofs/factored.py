"""A quantity as factors of which one is 0 exactly where it is."""

from __future__ import annotations

from collections.abc import Collection

from gradcalc.engine.switches import Signs
from gradcalc.language.formula import Formula
from gradcalc.language.kept import tree_size

from .algebra import Generators, NoValue, Ratio
from .cells import Cell, Empty, Split
from .exact import EXACT_TROUBLE, MOST_NODES, as_formula
from .laws import plain
from .polynomials import Poly, factors
from .reading import Reader


def zero_factors(quantity: Formula, variables: Collection[str]) -> list[Formula]:
    """Quantities of which one is 0 exactly where a quantity that has a value is 0."""
    if tree_size(quantity) > MOST_NODES:
        return [quantity]
    cell, written = Cell(Generators(frozenset(variables))), plain(quantity)

    try:
        try:
            found = _zeros_of(cell.generators, Reader(cell.copy()).read(written).top)
        except Split as split:  # as of abs(x), which is 0 where x is
            part = split.factor
            below, here, above = (_signs_beside(cell, part, side, written) for side in (-1, 0, 1))
            if here != {0} or 0 in below | above:
                return [quantity]
            found = [part]
    except EXACT_TROUBLE:
        return [quantity]
    return [as_formula(cell.generators, Ratio(part)) for part in found] if found else [quantity]


def told_by(quantity: Formula, signs: Signs, variables: Collection[str]) -> tuple[Formula, Signs]:
    """A quantity without kinks, and the signs of it with which one that has kinks has one of these signs: `x > 0` for
    `relu(x) != 0`; the quantity itself where that is not one alone."""
    cell, written = Cell(Generators(frozenset(variables))), plain(quantity)
    try:
        try:
            Reader(cell.copy()).read(written)
        except Split as split:
            there = {side: _signs_beside(cell, split.factor, side, written) for side in (-1, 0, 1)}
            if all(found and (found <= signs or not found & signs) for found in there.values()):
                sides = frozenset(side for side, found in there.items() if found <= signs)
                return as_formula(cell.generators, Ratio(split.factor)), sides
    except EXACT_TROUBLE:
        pass
    return quantity, signs


def _signs_beside(cell: Cell, part: Poly, side: int, written: Formula) -> Signs:
    """The signs of a quantity that is written out where a polynomial has one."""
    try:
        reader = Reader(cell.side(part, side))
        return reader.cell.signs(reader.read(written))
    except (NoValue, Empty):
        return frozenset()


def _zeros_of(generators: Generators, p: Poly) -> list[Poly]:
    """Factors of which one is 0 where a polynomial is, of roots those of what they are of; none if it is one factor."""
    scale, parts = generators.factors(p)
    found, todo = [], [part for part, _ in parts]
    while todo:
        part = todo.pop(0)
        made = generators.all_of(part)
        if len(made) == 1 and isinstance(made[0].what, int) and part.total_degree() == len(part) == 1:
            todo = [inner for inner, _ in factors(made[0].args[0].top)[1]] + todo
        elif part not in found and not generators.is_constant(part):
            found.append(part)
    as_it_stands = found == [part for part, n in parts if n == 1] and len(found) == abs(scale) == 1
    return [] if as_it_stands else found
