"""Numbers and tables as text: how many digits, and which of them are certain."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any

from gradcalc.certified import Component
from gradcalc.certified.components import finite
from gradcalc.certified.digits import decimal, ends, middle
from gradcalc.engine.scalars import precision
from gradcalc.language.errors import BITS_PER_DIGIT
from gradcalc.language.formula import Formula, expression
from gradcalc.language.literals import in_digits, placed
from gradcalc.record import dataclass, field

UNKNOWN = "?"  # stands for what is not known
PENDING = "\0"  # for a text that is still to come


@dataclass(frozen=True, slots=True)
class Style:
    """How numbers and formulas are written. `digits` None means ten in tables and all of a double for programs."""

    digits: int | None = None
    ascii: bool = False
    bits: int = 0  # of balls whose certain digits are shown; 0: doubles
    width: int = 0  # columns that a text should fit into; 0: as many as it takes
    named: bool = False  # whether the formula is told too, as where there are several
    continued: bool = False  # whether something was written before it
    color: bool = False  # whether pictures of text may have colours
    bare: bool = False  # whether the value is left out of views, as where it was told before
    point: Mapping[str, Formula] = field(default_factory=dict)  # what the values were given as


DIGITS = 10
DOUBLE_DIGITS = 17  # that tell every double from the next


def json_text(found: Mapping[str, Any]) -> str:
    """One object, in no line of its own."""
    import json

    return json.dumps(found, allow_nan=False)


def json_line(found: Mapping[str, Any]) -> str:
    """One object in one line."""
    return json_text(found) + "\n"


def fields_of(record: Any, *names: str) -> dict[str, Any]:
    """Fields of a record by name, as JSON can hold them: a formula as its text, a number that is not finite as null."""
    found = {name: getattr(record, name) for name in names}
    return {name: finite(x) if isinstance(x, float) else expression(x) if isinstance(x, Formula) else x
            for name, x in found.items()}  # fmt: skip


def csv_lines(rows: Iterable[Sequence[Any]], delimiter: str = ",") -> str:
    """Rows of cells as a file of CSV has them, of which a spreadsheet runs none, or with tabs between them, which
    programs read."""
    import csv
    import io

    from gradcalc.files import guarded

    if delimiter == ",":
        rows = ([guarded(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows(rows)
    return out.getvalue()


def typeset(text: str) -> str:
    """A number as it is shown, for LaTeX's mathematics mode; where it is no number, its words."""
    mantissa, e, exponent = text.partition("e")
    if mantissa[-1:].isdigit():
        return rf"{mantissa} \cdot 10^{{{exponent}}}" if e else text
    return rf"\text{{{text}}}"


def component(part: Component, style: Style) -> str:
    """A certified number as tables show it: `~0` for what was not told from 0, else only digits that are certain."""
    if part.status == "zero":
        return "~0"
    if part.status == "overflow" and part.ball is not None:
        return _ball(part.ball, style.digits or int(style.bits / BITS_PER_DIGIT) or DIGITS, style.bits)
    if math.isnan(part.number):
        return "?" if part.status == "undecided" else "undefined"
    if math.isinf(part.number):
        return "infinite" if part.number > 0 else "-infinite"
    if style.bits and part.ball is not None:
        return _ball(part.ball, style.digits or int(style.bits / BITS_PER_DIGIT), style.bits)
    if part.ball is not None and part.status == "certified":  # the double may have been rounded to a tie
        return _ball(part.ball, style.digits or DIGITS)
    return in_digits(part.number, style.digits or DIGITS)


_READABLE = 80  # characters of a number


def _ball(ball: Any, digits: int, bits: int = 0) -> str:
    """The number in a ball to at most so many digits, as far as both ends of the ball round to the same ones. Where
    `bits` were asked for, zeros at the end are digits too."""
    with precision(2 * (bits or 64) + 64):
        if ball.is_zero():
            return "0"
        known, exact, found = int(ball.rel_accuracy_bits() / BITS_PER_DIGIT), bool(ball.is_exact()), ends(ball)
        if found is None:
            text = str(ball.str(max(1, min(digits, known) - 1), radius=False))
            return text if len(text) <= _READABLE else "far beyond doubles" if abs(ball) > 1 else "far below doubles"
        tie = middle(ball, digits)
        if tie is not None:
            return _written(tie, digits, exact or not bits)
        for count in range(digits if exact else min(digits, known + 2), 0, -1):
            low, high = (decimal(end, count) for end in found)
            if low == high:
                return _written(low, count, exact or not bits)
    return "~0" if ball.contains(0) else UNKNOWN


def _written(value: Decimal, digits: int, strip: bool) -> str:
    """A decimal number of so many digits, without zeros at the end if they are to be stripped."""
    sign, figures, _ = value.as_tuple()
    text = "".join(map(str, figures)).ljust(digits, "0")
    if strip:
        text = text.rstrip("0") or "0"
    return "-" * sign + placed(text, value.adjusted(), plain=-5 <= value.adjusted() < digits)  # as `%g` would


def full(part: Component, style: Style) -> str:
    """A number for a program: all digits of the double, unless told how many."""
    if style.digits or style.bits or not math.isfinite(part.number):
        return component(part, style)
    return _ball(part.ball, DOUBLE_DIGITS) if part.is_tiny else shortest(part.number)


def shortest(x: float) -> str:
    return str(int(x)) if x == int(x) and abs(x) < 1e15 else repr(x)


# ---- with uncertainties, as people write them: two digits of these, and the value as far as they go

_OF_UNCERTAINTY = 2  # digits
_KNOWN = 15  # digits of a double that are sure
_EXACTLY = Context(prec=2000, rounding=ROUND_HALF_EVEN)


def rounded(value: float, uncertainty: float, digits: int = _OF_UNCERTAINTY) -> tuple[str, str]:
    """The texts of a value and its uncertainty, this rounded to so many digits and the value to the same place.

    Both can be typed back. Very large and very small ones have the same exponent. An uncertainty that is not known is
    `?`, and the value then has ten digits.
    """
    if not math.isfinite(value) or not math.isfinite(uncertainty):
        return in_digits(value, 10), "?"
    exact = Decimal(value)
    if uncertainty == 0:
        return in_digits(value, 10), "0"
    size = Context(prec=digits, rounding=ROUND_HALF_EVEN).plus(Decimal(uncertainty))
    place = max(size.adjusted() - digits + 1, exact.adjusted() - _KNOWN + 1 if exact else -math.inf)
    if place > size.adjusted() - digits + 1:  # the digits of the value end before those of the uncertainty
        return in_digits(value, _KNOWN), in_digits(float(size), digits)
    exact, size = (each.quantize(Decimal(1).scaleb(int(place)), context=_EXACTLY) for each in (exact, size))
    largest = max(exact.adjusted() if exact else size.adjusted(), size.adjusted())
    if -5 <= largest < 10:
        return _plain(exact), _plain(size)
    return tuple(f"{_plain(number.scaleb(-largest, context=_EXACTLY))}e{largest}" for number in (exact, size))  # type: ignore[return-value]


def _plain(number: Decimal) -> str:
    text = f"{number:f}"
    return text.removeprefix("-") if not number else text
