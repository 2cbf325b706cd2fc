"""A quantity as factors of which one is 0 exactly where it is."""

from __future__ import annotations

from collections.abc import Collection
from math import prod

from gradcalc.engine.switches import ALL, Signs
from gradcalc.language.conditions import is_condition
from gradcalc.language.formula import Call, Formula, Name, free_names
from gradcalc.language.kept import tree_size

from .algebra import Generators, NoValue, Ratio, ratio
from .arithmetic import product
from .cells import Cell, Empty, Split
from .exact import EXACT_TROUBLE, MOST_NODES, as_formula
from .inverses import inside
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
            reader, read = _where_there_is(cell, written)
            found = _zeros_of(reader.cell, read.top)
            scale, parts = cell.generators.factors(read.top)
            as_read = [part for part, n in parts if n == abs(scale) == 1]
        except Split as split:  # as of abs(x), which is 0 where x is
            part = split.factor
            below, here, above = (_signs_beside(cell, part, side, written) for side in (-1, 0, 1))
            if here != {0} or 0 in below | above:
                return _zeros_of_parts(quantity, variables)
            found, as_read = [part], []
        made = [as_formula(cell.generators, Ratio(part)) for part in found]
        inner = _zeros_of_parts(quantity, variables) if len(made) == 1 else []
        if len(inner) == 1 and inner != [quantity] and tree_size(inner[0]) <= tree_size(made[0]):
            return inner  # as it was typed: (1 - r^2)^2 + r^2
        as_it_stands = len(made) == 1 and found == as_read
        return [quantity] if not made or (as_it_stands and tree_size(made[0]) >= tree_size(quantity)) else made
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


def told_by(quantity: Formula, signs: Signs, variables: Collection[str]) -> list[tuple[Formula, Signs]]:
    """Quantities without kinks, or those factors that matter, and the signs with which, together, a quantity has one of
    these signs: `x > 0` for `relu(x) != 0` and for `1/x > 0`; the quantity itself where these are no shorter."""
    cell, written = Cell(Generators(frozenset(variables))), plain(quantity)
    try:
        try:
            return _factors_alone(quantity, *_where_there_is(cell, written), signs) or [(quantity, signs)]
        except Split as split:
            there = {side: _signs_beside(cell, split.factor, side, written) for side in (-1, 0, 1)}
            if all(found and (found <= signs or not found & signs) for found in there.values()):
                sides = frozenset(side for side, found in there.items() if found <= signs)
                return [(as_formula(cell.generators, Ratio(split.factor)), sides)]
    except EXACT_TROUBLE:
        pass
    return [(quantity, signs)]


def _where_there_is(cell: Cell, written: Formula) -> tuple[Reader, Ratio]:
    """A quantity that is written out, read where it has a value, if that is on one side of what has to be known."""
    while True:
        reader = Reader(cell.copy())
        try:
            return reader, reader.read(written)
        except Split as split:
            sides = [side for side in (-1, 0, 1) if _signs_beside(cell, split.factor, side, written)]
            if len(sides) != 1:
                raise
            cell = cell.side(split.factor, sides[0])


def _factors_alone(quantity: Formula, reader: Reader, read: Ratio, signs: Signs) -> list[tuple[Formula, Signs]]:
    """The factors of unknown sign of a quantity that was read, if they are shorter, and their signs with which it has
    one of these, where 0 is not the one that is left out: one has an odd power, or it is between the zeros of two."""
    cell, generators = reader.cell, reader.generators
    parts = [
        (part, n, below) for below, side in enumerate((read.top, read.bottom))
        for part, n in generators.factors(side)[1] if len(cell.of_factor(part)) > 1
    ]  # fmt: skip
    odd = [part for part, n, _ in parts if n % 2]
    rest = cell.signs(prod((Ratio(part) ** (n if below else -n) for part, n, below in parts), start=read))
    turns = [frozenset(side for side in (-1, 1) if product(rest, frozenset({side})) <= signs)]
    if len(odd) == 2 and turns == [{-1}]:
        turns = [cell.signs(Ratio(one - other)) for one, other in (odd, odd[::-1])]  # the larger one is positive
    is_told = (
        len(odd) == len(turns)
        and all(len(turn) < 2 for turn in turns)
        and (0 not in signs or all(n % 2 or below for _, n, below in parts))
    )
    if signs == {-1, 1} or rest not in ({1}, {-1}) or not is_told:
        return []
    sides = iter(turns)
    told = [
        (_plainer(cell, part), part, next(sides) | (frozenset() if below else signs & {0}) if n % 2 else ALL - {0})
        for part, n, below in parts
    ]
    made = [(as_formula(generators, plainer or Ratio(part)), allowed) for plainer, part, allowed in told]
    size = sum(tree_size(each) for each, _ in made)
    return made if size < tree_size(quantity) or any(plainer for plainer, *_ in told) else []


def _plainer(cell: Cell, part: Poly) -> Ratio | None:
    """The same sign through what increases, where that brings no constant but numbers: `x - 1` for `log(x)`."""
    generators, plainer = cell.generators, None
    while (found := inside(cell, part)) is not None:
        parts = generators.factors(found.top)[1]
        constant = prod((Ratio(each) ** n for each, n in parts if generators.is_constant(each)), start=ratio(1))
        if len(turn := cell.signs(constant)) != 1:
            break
        found = found / constant * ratio(*turn)
        before, after = (tree_size(as_formula(generators, each)) for each in (Ratio(part), found))
        if after > before + 1 or any(each.constant for each in generators.all_of(found)):
            break
        plainer, part = found, found.top
        if found.bottom != 1:
            break
    return plainer


def _signs_beside(cell: Cell, part: Poly, side: int, written: Formula) -> Signs:
    """The signs of a quantity that is written out where a polynomial has one."""
    try:
        reader = Reader(cell.side(part, side))
        return reader.cell.signs(reader.read(written))
    except (NoValue, Empty):
        return frozenset()


def _zeros_of(cell: Cell, p: Poly) -> list[Poly]:
    """Factors of which one is 0 where a polynomial is, of roots, and of what increases, those of what they are of."""
    found, todo = [], [part for part, _ in cell.generators.factors(p)[1]]
    while todo:
        part = todo.pop(0)
        made = cell.generators.all_of(part)
        if len(made) == 1 and isinstance(made[0].what, int) and part.total_degree() == len(part) == 1:
            todo = [inner for inner, _ in factors(made[0].args[0].top)[1]] + todo
        elif (plainer := _plainer(cell, part)) is not None:
            todo = [inner for inner, _ in factors(plainer.top)[1]] + todo
        elif part not in found and not cell.generators.is_constant(part):
            found.append(part)
    return found
