"""Numbers with uncertainties as people write them: two digits of the uncertainty, and the value as far as these go."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_EVEN, Context, Decimal

from gradcalc.language.literals import in_digits

_DIGITS = 2  # of an uncertainty
_KNOWN = 15  # digits of a double that are sure
_EXACTLY = Context(prec=2000, rounding=ROUND_HALF_EVEN)


def rounded(value: float, uncertainty: float, digits: int = _DIGITS) -> tuple[str, str]:
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
