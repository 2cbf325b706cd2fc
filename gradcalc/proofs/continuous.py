"""Where formulas go on continuously: then what is equal beside a point at which they have values is equal there.

A formula of rows that are continuous, and have a value on an open set, is continuous and has its values on one. A cell
that is the zeros of a quantity which is 0 on no open set lies between others. Where two such formulas have values on
it, they have them on both sides, and if they are equal there, they are equal on it. Beside a whole number there is
none: where names stand for these, the cell must lie between others with each of their values.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from fractions import Fraction

from gradcalc.engine.domains import partial_calls
from gradcalc.engine.formulas import CONTROL
from gradcalc.engine.rationals import rational_value
from gradcalc.language.formula import Call, Formula, Name, Number, children_first, free_names
from gradcalc.language.functions import TABLE
from gradcalc.language.grammar import read_text
from gradcalc.language.substitution import substitute

from .algebra import NoValue
from .cells import Cell, Empty, Split
from .laws import plain
from .polynomials import TooLarge
from .reading import Reader
from .thin import is_point

_ENDS = ("==", ">=", "<=")  # of which a domain has what bounds it


def are_continuous(formulas: Iterable[Formula], reader: Reader) -> bool:
    """Whether formulas, written out, were shown continuous around all points of a cell at which they have values."""
    calls = [node for formula in formulas for node in children_first(formula) if isinstance(node, Call)]
    wholes = dict.fromkeys(reader.generators.wholes, ())
    zeros = (part for part, sign in reader.cell.steps if sign == 0)
    if not all(map(_is_analytic, calls)) or not all(is_point(reader.cell, part, wholes) for part in zeros):
        return False
    try:
        return all(_is_inside(node, reader) for node in calls)
    except (Split, NoValue, Empty, TooLarge):
        return False


def _is_analytic(node: Call) -> bool:
    row = node.function
    return row.smooth and TABLE.get(row.name) is row and row.ball is not None and not row.condition


def _is_inside(node: Call, reader: Reader) -> bool:
    """Whether the arguments are in the domain of a row and not where that ends."""
    row, given = node.function, dict(zip(node.function.params, node.args, strict=False))
    if row.name == "^":
        n = _known(node.args[1], reader)
        return (n is not None and n.denominator == 1) or reader.cell.signs(reader.read(node.args[0])) == {1}
    for end, bounded in _ends(node):
        beyond = substitute(plain(Call(TABLE["-"], end.args)), given)
        if any(_known(arg, reader) is None for arg in bounded) and 0 in reader.cell.signs(reader.read(beyond)):
            return False
    return True


def may_end(formula: Formula, wholes: Collection[str] = ()) -> bool:
    """Whether a formula, written out, in which some names are whole numbers, may have values where a domain ends."""
    for node in children_first(formula):
        if not isinstance(node, Call):
            continue
        if node.function.name == "^":
            if not is_whole(node.args[1], wholes):
                return True
        elif any(free_names(arg) for _, bounded in _ends(node) for arg in bounded) or (
            node.function.name in CONTROL and any(map(partial_calls, node.args[1:]))
        ):
            return True
    return False


def is_whole(exponent: Formula, wholes: Collection[str]) -> bool:
    """Whether an exponent is a whole number by how it is written, of names that are."""
    n = rational_value(exponent)
    if n is not None:
        return bool(n == n.__floor__())
    calls = {node.function.name for node in children_first(exponent) if isinstance(node, Call)}
    parts = (node for node in children_first(exponent) if not isinstance(node, Call))
    return calls <= {"+", "-", "*", "neg"} and all(
        node.name in wholes if isinstance(node, Name) else isinstance(node, Number) and node.value.denominator == 1
        for node in parts
    )


def _ends(node: Call) -> Iterator[tuple[Call, list[Formula]]]:
    """The comparisons in the domain of a row at which that ends and has its end, with the arguments they bound."""
    given = dict(zip(node.function.params, node.args, strict=False))
    for end in children_first(read_text(node.function.domain)) if node.function.domain else ():
        if isinstance(end, Call) and end.function.name in _ENDS:
            yield end, [given[name] for name in free_names(end)]


def _known(formula: Formula, reader: Reader) -> Fraction | None:
    """The number that a formula is on every cell."""
    return Reader(Cell(reader.generators), reader.intern).read(formula).rational()
