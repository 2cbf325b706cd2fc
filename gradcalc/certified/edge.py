"""A function at the edge of its domain, where it has no Taylor series, by the integral of its derivative."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, Protocol

from gradcalc.engine.program import Program
from gradcalc.language.formula import Function

from .rows import derivative_of
from .terms import Series, Unknown, constant, integral, least, plus, scaled, times, value_of


class Runs(Protocol):
    """A computation with series, up to a power `cut`."""

    cut: Fraction

    def run(self, program: Program, given: dict[str, Series]) -> Any:
        """The series of a program."""

    def power_of(self, x: Series, exponent: Fraction) -> Series:
        """A power of a series."""


def from_edge(side: Runs, row: Function, args: Sequence[Any]) -> Series:
    """A row of one argument that goes to the edge of its domain. With u for the distance of the argument from there,
    the derivative is a series in u, whose integral from 0 is what the row gains, and u is a series in t.

    Raises:
        Unknown: where that does not tell how it goes on.
    """
    (arg,) = args
    limit = arg.constant if isinstance(arg, Series) else None
    if limit is None or not row.domain or not row.smooth:
        raise Unknown
    distance = plus(arg, constant(scaled(Fraction(-1), limit)))
    sign = Fraction(distance.sign)
    slope = side.run(derivative_of(row, 0, 1), {row.params[0]: plus(constant(limit), Series({(Fraction(1), 0): sign}))})
    if not isinstance(slope, Series):
        raise Unknown
    gain, distance = integral(times(constant(sign), slope)), times(constant(sign), distance)
    total = constant(value_of(row, [limit]))
    for (e, _), c in gain.terms.items():
        total = plus(total, times(constant(c), side.power_of(distance, e)))
    return total if gain.cut is None else plus(total, Series({}, min(gain.cut * least(distance), side.cut)))
