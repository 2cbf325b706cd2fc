"""A quantity as factors of which one is 0 exactly where it is."""

from __future__ import annotations

from collections.abc import Collection

from gradcalc.engine.switches import Signs
from gradcalc.language.conditions import is_condition
from gradcalc.language.formula import Call, Formula, Name, free_names
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
                return _zeros_of_parts(quantity, variables)
            found = [part]
        return [as_formula(cell.generators, Ratio(part)) for part in found] if found else [quantity]
    except EXACT_TROUBLE:
        return _zeros_of_parts(quantity, variables)


def _zeros_of_parts(quantity: Formula, variables: Collection[str]) -> list[Formula]:
    """The same, where a row is 0 exactly where one of its arguments is, as a product, a quotient or a root is."""
    args = quantity.args if isinstance(quantity, Call) and not any(map(is_condition, quantity.args)) else ()
    if not isinstance(quantity, Call) or all(isinstance(arg, Name) or not free_names(arg) for arg in args):
        return [quantity]
    own = [Name(f"part {i}") if free_names(arg) else arg for i, arg in enumerate(quantity.args)]
    found = zero_factors(Call(quantity.function, tuple(own)), [f"part {i}" for i in range(len(own))])
    if not all(isinstance(each, Name) for each in found):
        return [quantity]
    parts = [part for part, name in zip(quantity.args, own, strict=True) if name in found]
    return [*dict.fromkeys(factor for part in parts for factor in zero_factors(part, variables))]


def told_by(quantity: Formula, signs: Signs, variables: Collection[str]) -> tuple[Formula, Signs]:
    """A quantity without kinks, or the one factor that matters, and the signs of it with which a quantity has one of
    these signs: `x > 0` for `relu(x) != 0` and for `1/x > 0`; the quantity itself where that is not one alone."""
    cell, written = Cell(Generators(frozenset(variables))), plain(quantity)
    try:
        try:
            reader = Reader(cell.copy())
            return _one_factor(quantity, reader, reader.read(written), signs) or (quantity, signs)
        except Split as split:
            there = {side: _signs_beside(cell, split.factor, side, written) for side in (-1, 0, 1)}
            if all(found and (found <= signs or not found & signs) for found in there.values()):
                sides = frozenset(side for side, found in there.items() if found <= signs)
                return as_formula(cell.generators, Ratio(split.factor)), sides
    except EXACT_TROUBLE:
        pass
    return quantity, signs


def _one_factor(quantity: Formula, reader: Reader, read: Ratio, signs: Signs) -> tuple[Formula, Signs] | None:
    """The one factor of unknown sign of a quantity that was read, if it is shorter, and its signs with which that has
    one of these, where 0 is not the one that is left out."""
    sides = [reader.generators.factors(side) for side in (read.top, read.bottom)]
    open_parts = [(part, n, i) for i, (_, parts) in enumerate(sides) for part, n in parts if _is_open(reader, part)]
    if len(open_parts) != 1 or signs == {-1, 1}:
        return None
    ((part, n, below),) = open_parts
    is_all = n == 1 and [len(parts) for _, parts in sides] == [1, 0]
    rest = reader.cell.signs(read * Ratio(part) ** n if below else read / Ratio(part) ** n)
    if is_all or n % 2 == 0 or len(rest) != 1 or rest == {0}:
        return None
    found = frozenset(side for side in (-1, 0, 1) if {side * turn for turn in rest} <= signs and (side or not below))
    alone = as_formula(reader.generators, Ratio(part))
    return (alone, found) if tree_size(alone) < tree_size(quantity) else None


def _is_open(reader: Reader, part: Poly) -> bool:
    return len(reader.cell.of_factor(part)) > 1


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
