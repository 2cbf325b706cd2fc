"""Text to formula, for everyone: users' rows are validated before the text is read."""

from __future__ import annotations

from collections.abc import Iterable

from . import algebra as algebra  # so that formulas have their operators
from .formula import Formula, Function
from .grammar import read_formula
from .rows import validated


def parse(text: str, functions: Iterable[Function] = ()) -> Formula:
    """The last formula of a program, its names linked to the program's definitions.

    `functions` are rows known besides the table.

    Raises:
        FormulaSyntaxError: with the place in the text and what to write instead.
        LimitError: the text is larger than `gradcalc.Limits` allows.
        FormulaError: a row breaks the laws of the table.
    """
    return read_formula(text, [validated(row) for row in functions])
