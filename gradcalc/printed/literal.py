"""Formulas as a kind of scalar in which what is exact among numbers is computed: `LITERAL`."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from gradcalc.engine.formulas import CONTROL, controlled, simple_call
from gradcalc.engine.scalars import Scalars
from gradcalc.language.formula import Call, Formula, Function, Name, Number
from gradcalc.language.functions import TABLE
from gradcalc.language.literals import exact_number, number


def literal(row: Function, args: tuple[Any, ...]) -> Any:
    """A call, of numbers alone computed where that is exact; a choice between numbers is made."""
    if row.name in CONTROL:
        return controlled(row, args)
    known = [arg if isinstance(arg, bool) else exact_number(arg) for arg in args]
    if None not in known and row.rational is not None:
        try:
            exact = row.rational(*known)
        except ArithmeticError:
            return Call(row, args)
        return exact if isinstance(exact, bool) else _shortest(Fraction(exact))
    return simple_call(row, args)


def _shortest(exact: Fraction) -> Formula:
    """A number as a decimal, where few digits write it; else as a quotient."""
    text = "" if exact.denominator == 1 else repr(abs(float(exact)))
    if not text or Fraction(text) != abs(exact):
        return number(exact)
    size = Number(text, abs(exact))
    return Call(TABLE["neg"], (size,)) if exact < 0 else size


LITERAL = Scalars("literal", number, Name, lambda _, row: lambda *args: literal(row, args), native=frozenset())


def typed(double: float) -> Formula:
    """The formula of a double, with the digits that tell it from the next."""
    size = Number(repr(abs(double)), Fraction(abs(double)))
    return Call(TABLE["neg"], (size,)) if double < 0 else size
