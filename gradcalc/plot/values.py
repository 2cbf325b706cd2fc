"""A table of values: x, f and f' at equal steps, each number certified."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from gradcalc.certified import Certifier, Component
from gradcalc.certified.digits import to_digits
from gradcalc.engine.lowering import Point, Real
from gradcalc.engine.rewrite import prepare
from gradcalc.language.errors import FormulaError, UndecidedError, UndefinedError
from gradcalc.language.formula import Formula, free_names
from gradcalc.language.functions import RESERVED
from gradcalc.shown import shows

from .ranges import Range

MOST_ROWS = 10_000
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
    formula: Formula
    name: str
    rows: tuple[TableRow, ...]


def table(formula: str | Formula, over: Range, at: Point | None = None) -> Table:
    """The formula and its derivative by `over.name` at `low`, `low + step`, ... up to `high`; without a step, at the
    tenths of the range.

    Raises:
        FormulaError: the range makes more than 10,000 rows, or its name is not in the formula.
        MissingValueError: another name has no value in `at`.
    """
    prepared = prepare(formula)
    check_names(prepared, over)
    over = over if over.step is not None else over.in_tenths()
    steps = over.steps()
    if steps >= MOST_ROWS:
        raise FormulaError(f"a table of {steps + 1:,} rows is longer than {MOST_ROWS:,}", help="take a larger step")
    rows = tuple(_row(prepared, over.name, over.point(k), at or {}) for k in range(steps + 1))
    return Table(prepared, over.name, rows)


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
