"""Text to formula, for everyone: users' rows are validated before the text is read."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from . import algebra as algebra  # so that formulas have their operators
from .formula import Formula, Function
from .grammar import read_claims, read_formula, read_line, read_program, read_ranged
from .reading import Equation, Ranged, Statement
from .rows import validated

__all__ = ["Equation", "Statement", "parse", "parse_claims", "parse_line", "parse_program", "parse_ranged"]


def parse(text: str, functions: Iterable[Function] = ()) -> Formula:
    """The last formula of a program, its names linked to the program's definitions.

    `functions` are rows known besides the table.

    Raises:
        FormulaSyntaxError: with the place in the text and what to write instead.
        LimitError: the text is larger than `gradcalc.Limits` allows.
        FormulaError: a row breaks the laws of the table.
    """
    return read_formula(text, [validated(row) for row in functions])


def parse_program(text: str, functions: Iterable[Function] = (), names: Collection[str] = ()) -> list[Statement]:
    """All statements of a program in their order. A function defined in one is known in the next; `names` have a
    meaning outside the program."""
    return read_program(text, [validated(row) for row in functions], names)


def parse_line(text: str, functions: Iterable[Function] = (), names: Collection[str] = ()) -> list[Statement]:
    """All statements of a line of the prompt or of a script: also `x := formula`, `x += formula` and
    `formula at x=2, y=3`. See `parse_program`."""
    return read_line(text, [validated(row) for row in functions], names)


def parse_claims(text: str, functions: Iterable[Function] = (), names: Collection[str] = ()) -> list[Equation]:
    """All claims of a text, `diff(x*y, x) = y at x=2` or `x = y; y = x`. See `parse_program`."""
    return read_claims(text, [validated(row) for row in functions], names)


def parse_ranged(text: str, functions: Iterable[Function] = (), names: Collection[str] = ()) -> Ranged:
    """A formula and the ranges behind it, `k*x*y at k=2 x=-3..3 y=0:1`. See `parse_program`."""
    return read_ranged(text, [validated(row) for row in functions], names)
