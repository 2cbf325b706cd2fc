"""A fit as it is typed: the texts of starts, bounds and columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from gradcalc.gradients import evaluate
from gradcalc.language.errors import FormulaError
from gradcalc.language.formula import Formula
from gradcalc.language.grammar import read_bindings, read_bounds as bounds_in
from gradcalc.language.uncertain import parts
from gradcalc.record import dataclass, field, replace

from .fits import Fit, fit


@dataclass(frozen=True)
class Wanted:
    """A fit but for its formula. `pictured` tells that data, curve and band are to be drawn below the answer;
    `progress` is told how it goes, and closed in the end."""

    y: str
    data: str
    start: Mapping[str, Formula]
    sigma: str = ""
    bounds: Mapping[str, tuple[float | None, float | None]] = field(default_factory=dict)
    pictured: bool = False
    progress: Any = None

    def of(self, formula: Formula, values: Mapping[str, Formula]) -> Fit:
        """The formula fitted; names among the `values` are fixed."""
        try:
            found = fit(
                formula, self.data, y=self.y, start=self.start, sigma=self.sigma or None,
                bounds=self.bounds, fixed=values, progress=self.progress,
            )  # fmt: skip
            return replace(found, pictured=self.pictured)
        finally:
            if self.progress is not None:
                self.progress.close()


def read_start(texts: Iterable[str]) -> dict[str, Formula]:
    """The numbers that parameters begin at, in texts such as `b1=500,b2=1e-4`.

    Raises:
        FormulaSyntaxError: a text is none.
        FormulaError: a parameter is given twice.
    """
    found: dict[str, Formula] = {}
    for statement in (statement for text in texts for statement in read_bindings(text)):
        if statement.name in found:
            raise FormulaError(f"{statement.name} starts twice", statement.span, "give each parameter one start")
        value, size = parts(statement.formula)
        if size is not None:
            message = f"{statement.name} begins at a number, which has no uncertainty"
            raise FormulaError(message, statement.span, "leave it out: the fit finds that of the parameter")
        found[statement.name] = value
    return found


def read_bounds(texts: Iterable[str]) -> dict[str, tuple[float | None, float | None]]:
    """The bounds of parameters, in texts such as `b1=0:,b2=-1:1`.

    Raises:
        FormulaError: a text is none, or a parameter is given twice.
    """
    found: dict[str, tuple[float | None, float | None]] = {}
    for each in (each for text in texts for each in bounds_in(text)):
        if each.name in found:
            raise FormulaError(f"{each.name} has bounds twice", each.span, "give them once")
        low, high = (None if end is None else evaluate(end) for end in (each.low, each.high))
        found[each.name] = (low, high)
    return found
