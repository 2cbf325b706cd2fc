"""Exact numbers as formulas, and as texts."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from .errors import NOWHERE, Span
from .formula import Call, Formula, Number
from .functions import TABLE


def digits(value: int) -> str:
    """The integer in decimal, also with more than the 4300 digits at which `str` gives up."""
    return str(Decimal(value))


def number(value: int | Fraction, span: Span = NOWHERE) -> Formula:
    """The formula that writes `value` exactly: `2`, `-3`, `1/3`."""
    value = Fraction(value)
    if value < 0:
        return Call(TABLE["neg"], (number(-value, span),), span)
    if value.denominator == 1:
        return Number(digits(value.numerator), value, span)
    top = Number(digits(value.numerator), Fraction(value.numerator), span)
    bottom = Number(digits(value.denominator), Fraction(value.denominator), span)
    return Call(TABLE["/"], (top, bottom), span)


def exact_number(formula: Formula) -> Fraction | None:
    """The number that a literal, a quotient of two, or minus one of them is."""
    minus = isinstance(formula, Call) and formula.function is TABLE["neg"]
    size = formula.args[0] if isinstance(formula, Call) and minus else formula
    parts = size.args if isinstance(size, Call) and size.function is TABLE["/"] else (size,)
    known = [part.value for part in parts if isinstance(part, Number)]
    if len(known) < len(parts) or 0 in known[1:]:
        return None
    exact = known[0] / known[1] if known[1:] else known[0]
    return -exact if minus else exact


ZERO, ONE = number(0), number(1)
