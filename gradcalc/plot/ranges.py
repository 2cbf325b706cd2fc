"""Ranges as they are typed: `x=-3..3`, `x=0:2*pi`, `x=0:1:0.1`, several with commas between."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from gradcalc.engine.lowering import as_constant, constant_value
from gradcalc.engine.rationals import rational_values
from gradcalc.engine.scalars import BALL, precision
from gradcalc.language.errors import FormulaError, FormulaSyntaxError
from gradcalc.language.formula import Call, Formula, free_names
from gradcalc.language.functions import TABLE
from gradcalc.language.grammar import read_intervals
from gradcalc.language.literals import number
from gradcalc.language.reading import Interval
from gradcalc.language.substitution import substitute
from gradcalc.record import dataclass, replace

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
        with precision(_BITS):
            return float(_ball(self.low).mid()), float(_ball(self.high).mid())

    def in_tenths(self) -> Range:
        """The range with a step of a tenth of it."""
        return replace(self, step=Call(TABLE["/"], (Call(TABLE["-"], (self.high, self.low)), number(10))))

    def point(self, k: int) -> Formula:
        """`low + k*step`, exactly."""
        assert self.step is not None
        if not k:
            return self.low
        low, step = (rational_values(each, {}).get(id(each)) for each in (self.low, self.step))
        if low is not None and step is not None:
            return number(low + k * step)
        return Call(TABLE["+"], (self.low, Call(TABLE["*"], (number(k), self.step))))

    def steps(self) -> int:
        """How many steps lead from `low` as far as possible, at most to `high`."""
        assert self.step is not None
        with precision(_BITS):
            ratio = (_ball(self.high) - _ball(self.low)) / _ball(self.step)
            nearest = (ratio + 0.5).floor().unique_fmpz()
            if nearest is not None and ratio.overlaps(type(ratio)(nearest)):
                return int(nearest)
            return math.floor(float(ratio.mid()))


def _ball(constant: Formula) -> Any:
    return constant_value(constant, BALL)


def read_ranges(text: str, names: Mapping[str, Formula] | None = None) -> list[Range]:
    """The ranges in a text, as `ranges_of` takes them.

    Raises:
        FormulaSyntaxError: for what is no range.
    """
    return ranges_of(read_intervals(text), names or {})


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
