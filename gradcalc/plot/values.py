"""A table of values: x, f and f' at equal steps, each number certified."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from gradcalc.certified import Certifier, Component
from gradcalc.certified.digits import to_digits
from gradcalc.engine.lowering import Point, Real, with_ends
from gradcalc.engine.rewrite import prepare
from gradcalc.language.errors import FormulaError, UndecidedError, UndefinedError
from gradcalc.language.formula import Formula, free_names
from gradcalc.language.functions import RESERVED
from gradcalc.record import dataclass
from gradcalc.shown import shows

from .ranges import Range

PIECE = 1_000  # rows of a table that are computed before they are shown
DIGITS = 10  # to which the numbers are known at least


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row; where the formula has no value, `value` and `derivative` are not numbers and `note` says why. It also
    says why a derivative does not exist."""

    x: Component
    value: Component
    derivative: Component
    note: str = ""


@shows("__str__", "_repr_html_")
@dataclass(frozen=True, slots=True)
class Table:
    """A formula's values, or a piece of a table that is too long for one: it may go on another, and others on it."""

    formula: Formula
    name: str
    rows: tuple[TableRow, ...]
    goes_on: bool = False
    ends: bool = True


def table(formula: str | Formula, over: Range, at: Point | None = None) -> Table:
    """The formula and its derivative by `over.name` at `low`, `low + step`, ... up to `high`; without a step, at the
    tenths of the range.

    Raises:
        FormulaError: its name is not in the formula.
        MissingValueError: another name has no value in `at`.
    """
    found = [*pieces(formula, over, at)]
    return Table(found[0].formula, over.name, tuple(row for piece in found for row in piece.rows))


def pieces(formula: str | Formula, over: Range, at: Point | None = None) -> Iterator[Table]:
    """The table in pieces of 1,000 rows, each when it is computed."""
    prepared = prepare(with_ends(formula, at or {}))
    check_names(prepared, over)
    over = over if over.step is not None else over.in_tenths()
    count = over.steps() + 1
    for start in range(0, count, PIECE):
        places = range(start, min(start + PIECE, count))
        rows = tuple(_row(prepared, over.name, over.point(k), at or {}) for k in places)
        yield Table(prepared, over.name, rows, start > 0, places[-1] == count - 1)


def check_names(prepared: Formula, *ranges: Range) -> None:
    """Raises FormulaError for a range whose name is not in the formula."""
    names = free_names(prepared)
    for over in ranges:
        if over.name not in names or over.name in RESERVED:
            known = f"its names are {', '.join(names)}" if names else "it has no names"
            raise FormulaError(f"{over.name} is not in the formula", prepared.span, known)


def _row(prepared: Formula, name: str, x: Formula, at: Mapping[str, Real]) -> TableRow:
    place = to_digits(Certifier(prepare(x), {}, ()), DIGITS).value
    try:
        found = to_digits(Certifier(prepared, {**at, name: x}, (name,)), DIGITS)
    except (UndefinedError, UndecidedError) as error:
        nothing = Component(math.nan, "undefined", error.message)
        return TableRow(place, nothing, nothing, error.message)
    derivative = found.gradient[name]
    note = derivative.message if derivative.status in ("not-differentiable", "undecided") else ""
    return TableRow(place, found.value, derivative, note)
