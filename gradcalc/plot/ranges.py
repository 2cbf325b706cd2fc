"""Ranges as they are typed: `x=-3..3`, `x=0:2*pi`, `x=0:1:0.1`, several with commas between; and tables of values over
them: x, f and f' at equal steps, each number certified."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gradcalc.certified import Certifier, Component
from gradcalc.certified.digits import to_digits
from gradcalc.engine.lowering import Point, Real, as_constant, constant_value, with_ends
from gradcalc.engine.rationals import rational_value
from gradcalc.engine.rewrite import prepare
from gradcalc.engine.scalars import BALL, precision
from gradcalc.helper import OutOfTime
from gradcalc.language.errors import FormulaError, FormulaSyntaxError, UndecidedError, UndefinedError
from gradcalc.language.formula import Call, Formula, free_names
from gradcalc.language.functions import RESERVED, TABLE
from gradcalc.language.grammar import read_intervals
from gradcalc.language.literals import not_in, number
from gradcalc.language.reading import Interval
from gradcalc.language.substitution import substitute
from gradcalc.language.values import unique_whole
from gradcalc.record import dataclass, replace
from gradcalc.shown import shows

HELP = "write for example x=-3..3, or x=0:1:0.1 for a table with steps of 0.1"
_BITS = 256


@dataclass(frozen=True, slots=True)
class Range:
    """The numbers from `low` to `high`, as the formulas they were typed as; a `step` if one was given."""

    name: str
    low: Formula
    high: Formula
    step: Formula | None = None

    @property
    def bounds(self) -> tuple[float, float]:
        """As doubles, where nothing goes by steps.

        Raises:
            FormulaError: one of them is beyond doubles, or they are too near each other for a picture; or there is a
                step.
        """
        if self.step is not None:
            span = self.step.span
            raise FormulaError("a step is for a table", span, f"leave it out: {span.source[: span.start].rstrip(' :')}")
        with precision(_BITS):
            found = float(_ball(self.low).mid()), float(_ball(self.high).mid())
        for bound, given in zip(found, (self.low, self.high), strict=True):
            if math.isinf(bound):
                raise FormulaError(f"a bound of {self.name} is beyond doubles", given.span, HELP)
        if not found[1] / 2 - found[0] / 2 >= sys.float_info.min:
            raise FormulaError(f"the range of {self.name} is too narrow for doubles", self.low.span, HELP)
        return found

    def in_tenths(self) -> Range:
        """The range with a step of a tenth of it."""
        return replace(self, step=Call(TABLE["/"], (Call(TABLE["-"], (self.high, self.low)), number(10))))

    def point(self, k: int) -> Formula:
        """`low + k*step`, exactly."""
        assert self.step is not None
        if not k:
            return self.low
        low, step = (rational_value(each, ties=False) for each in (self.low, self.step))
        if low is not None and step is not None:
            return number(low + k * step)
        return Call(TABLE["+"], (self.low, Call(TABLE["*"], (number(k), self.step))))

    def steps(self) -> int:
        """How many steps lead from `low` as far as possible, at most to `high`.

        Raises:
            FormulaError: there are more than any double.
        """
        assert self.step is not None
        with precision(_BITS):
            ratio = (_ball(self.high) - _ball(self.low)) / _ball(self.step)
            nearest = unique_whole((ratio + 0.5).floor())
            if nearest is not None and ratio.overlaps(type(ratio)(nearest)):
                return int(nearest)
            count = float(ratio.mid())
        if math.isinf(count):
            raise FormulaError(f"the step of {self.name} is too small to count the rows", self.step.span, HELP)
        return math.floor(count)


def _ball(constant: Formula) -> Any:
    return constant_value(constant, BALL)


def read_ranges(text: str) -> list[Range]:
    """The ranges in a text, as `ranges_of` takes them.

    Raises:
        FormulaSyntaxError: for what is no range.
    """
    return ranges_of(read_intervals(text), {})


def ranges_of(typed: Sequence[Interval], names: Mapping[str, Formula]) -> list[Range]:
    """The ranges that were typed, whose bounds may have `names`, each for a formula.

    Raises:
        FormulaError: for bounds that are not numbers or not in order, or a step that is not above 0; two ranges of one
            name.
    """
    found: dict[str, Range] = {}
    for one in typed:
        if one.name in found:
            raise FormulaSyntaxError(f"{one.name} has two ranges", one.span, "give each name one range")
        found[one.name] = _checked(one, names)
    return list(found.values())


def _checked(typed: Interval, names: Mapping[str, Formula]) -> Range:
    name, span = typed.name, typed.span
    low, high, *step = (as_constant(_meant(part, names), f"a bound of {name}") for part in typed.bounds)
    with precision(_BITS):
        if not _ball(low) < _ball(high):
            raise FormulaError(f"the range of {name} is empty: its first number is not below its second", span, HELP)
        if step and not _ball(step[0]) > 0:
            raise FormulaError(f"the step of {name} is not above 0", span, HELP)
    return Range(name, low, high, *step)


def _meant(bound: Formula, names: Mapping[str, Formula]) -> Formula:
    """A bound with the formulas of the names in it, and of those in them."""
    for _ in names:
        known = {name: names[name] for name in free_names(bound) if name in names}
        if not known:
            break
        bound = substitute(bound, known)
    return bound


# ---- tables

PIECE = 1_000  # rows of a table that are computed before they are shown
DIGITS = 10  # to which the numbers are known at least


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row; without a value, `value` and `derivative` are nan. `note` says why, also of a derivative alone."""

    x: Component
    value: Component
    derivative: Component
    note: str = ""


@shows("__str__", "__repr__", "_repr_html_")
@dataclass(frozen=True, slots=True)
class RangeTable:
    """A formula's values, or a piece of a table that is too long for one: it may go on another, and others on it."""

    formula: Formula
    name: str
    rows: tuple[TableRow, ...]
    goes_on: bool = False
    ends: bool = True


def table(formula: str | Formula, over: Range, at: Point | None = None) -> RangeTable:
    """The formula and its derivative by `over.name` at `low`, `low + step`, ... up to `high`; without a step, at the
    tenths of the range.

    Raises:
        FormulaError: its name is not in the formula.
        MissingValueError: another name has no value in `at`.
    """
    found = [*pieces(formula, over, at)]
    return RangeTable(found[0].formula, over.name, tuple(row for piece in found for row in piece.rows))


MOST_ROWS = 100_000  # of a table that is written as one piece


def one_piece(formula: str | Formula, over: Range, at: Point | None) -> RangeTable:
    """The table, if it is none of those that take hours.

    Raises:
        FormulaError: also where it has more than `MOST_ROWS` rows.
    """
    rows = 0 if over.step is None else over.steps() + 1
    if rows > MOST_ROWS:
        message = f"a table of {rows:,} rows is more than {MOST_ROWS:,}, the most that are written as one piece"
        raise FormulaError(message, help="--table -o t.csv, .json or .txt has each row as it comes")
    return table(formula, over, at)


def pieces(formula: str | Formula, over: Range, at: Point | None = None) -> Iterator[RangeTable]:
    """The table in pieces of 1,000 rows, each when it is computed.

    Raises:
        OutOfTime: after a last piece of the rows that there was time for.
    """
    prepared = prepare(with_ends(formula, at or {}))
    check_names(prepared, over)
    over = over if over.step is not None else over.in_tenths()
    count = over.steps() + 1
    for start in range(0, count, PIECE):
        places = range(start, min(start + PIECE, count))
        rows: list[TableRow] = []
        try:
            rows.extend(_row(prepared, over.name, over.point(k), at or {}) for k in places)
        except OutOfTime:
            if rows or start:
                yield RangeTable(prepared, over.name, tuple(rows), start > 0, True)
            raise
        yield RangeTable(prepared, over.name, tuple(rows), start > 0, places[-1] == count - 1)


def check_names(prepared: Formula, *ranges: Range) -> None:
    """Raises FormulaError for a range whose name is not in the formula."""
    names = free_names(prepared)
    for over in ranges:
        if over.name not in names or over.name in RESERVED:
            raise not_in(over.name, prepared, names)


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
