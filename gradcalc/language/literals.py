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


ZERO, ONE = number(0), number(1)
