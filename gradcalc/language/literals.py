"""Exact numbers as formulas, and as texts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal, Inexact
from fractions import Fraction
from functools import lru_cache
from typing import Any

from .errors import NOWHERE, FormulaError, Span
from .formula import Call, Formula, Name, Number, brief, children_first, expression
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


def signed(text: str, value: Fraction) -> Formula:
    """The formula of a number whose size `text` writes: a literal, behind a minus where it is negative."""
    size = Number(text, abs(value))
    return size if value >= 0 else Call(TABLE["neg"], (size,))


@lru_cache(1024)
def _exactly(most: int) -> Context:
    return Context(prec=most, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[Inexact])


def decimal(size: Fraction, most: int) -> str | None:
    """The text of a number that is not negative, of so many digits at most; None where these do not write it exactly,
    and of integers below 1e9, which need no point."""
    if size.denominator == 1 and size < 10**9:
        return None
    context = _exactly(most)
    try:
        exact = context.divide(Decimal(size.numerator), Decimal(size.denominator)).normalize(context)
    except Inexact:
        return None
    figures, _, power = f"{exact:e}".partition("e")
    figures = figures.replace(".", "")
    return placed(figures, int(power), plain=-5 < int(power) < len(figures) + 3)


def placed(figures: str, places: int, plain: bool) -> str:
    """`figures` with the decimal point after the first and so many places more, or if not `plain` with an exponent."""
    if not plain:
        return f"{figures[0]}{'.' * (len(figures) > 1)}{figures[1:]}e{places}"
    if places < 0:
        return f"0.{'0' * (-places - 1)}{figures}"
    whole, rest = figures[: places + 1].ljust(places + 1, "0"), figures[places + 1 :]
    return f"{whole}.{rest}" if rest else whole


SHORT = 15  # digits of a decimal that is easy to read


def short(value: Fraction, most: int = SHORT) -> Formula:
    """The formula of a number: a decimal of so many digits at most where one writes it, else as `number`."""
    text = decimal(abs(value), most)
    return number(value) if text is None else signed(text, value)


def in_digits(x: float, digits: int = 10) -> str:
    """A double in so many digits, 17 at most, as it can be typed: `-8`, `0.3333333333`, `1e20`."""
    mantissa, e, exponent = f"{x + 0.0:.{min(digits, 17)}g}".partition("e")
    return f"{mantissa}e{int(exponent)}" if e else mantissa


def place_text(place: Mapping[str, Any], between: str = " ", written: Callable[[Any], str] = expression) -> str:
    """A point as it is typed: `x=2 y=-1/2`."""
    return between.join(f"{name}={written(value)}" for name, value in place.items())


def shortened(text: str, most: int = 60) -> str:
    """A text in one line; of a long one the beginning."""
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 3]}..."


def how_many(count: int, what: str) -> str:
    """`1 row`, `2 rows`."""
    return f"{count} {what}{'s' * (count != 1)}"


def not_in(name: str, formula: Formula, free: Collection[str], span: Span | None = None) -> FormulaError:
    """That a name is none of the `free` ones of a formula, in which it may have a definition: `its names are x, y`."""
    nodes = children_first(formula)
    meant = next((node.definition for node in nodes if isinstance(node, Name) and node.name == name), None)
    told = f"{name} is not in the formula" if meant is None else f"{name} stands for {brief(meant)} in the formula"
    which = f"its {'only name is' if len(free) == 1 else 'names are'} {', '.join(free)}" if free else "it has no names"
    return FormulaError(told, formula.span if span is None else span, which)


def unsigned(formula: Formula) -> Formula:
    """The formula without a minus before it."""
    return formula.args[0] if isinstance(formula, Call) and formula.function is TABLE["neg"] else formula


def exact_number(formula: Formula) -> Fraction | None:
    """The number that a literal, a quotient of two, or minus one of them is."""
    size = unsigned(formula)
    parts = size.args if isinstance(size, Call) and size.function is TABLE["/"] else (size,)
    known = [part.value for part in parts if isinstance(part, Number)]
    if len(known) < len(parts) or 0 in known[1:]:
        return None
    exact = known[0] / known[1] if known[1:] else known[0]
    return exact if size is formula else -exact


ZERO, ONE = number(0), number(1)
