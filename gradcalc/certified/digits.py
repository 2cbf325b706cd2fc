"""Balls as decimal numbers: which digits both ends round to, and how far a computation goes on for the last of them."""

from __future__ import annotations

from decimal import MAX_EMAX, MIN_EMIN, ROUND_HALF_EVEN, Context, Decimal
from typing import Any

from gradcalc.engine.scalars import precision
from gradcalc.language.errors import BITS_PER_DIGIT, LIMITS, FormulaError

from .certifier import Certifier
from .components import Certified, Component

_HUGE = 1_000_000  # bits of an exponent that is too long to write out exactly
_LONG = 4096  # bits of an exponent from which powers of 2 are rounded first, as writing them out takes long
_TYPED = 17  # digits that tell every double from all others
_SPARE = 4  # digits beyond those wanted by which a ball is known where only the middle of two numbers can be in it


def decimal(end: Any, digits: int) -> Decimal:
    """The end of a ball, a dyadic number, correctly rounded to so many digits; ties go to the even digit."""
    man, exp = (int(part) for part in end.man_exp())
    if abs(exp) > _LONG:
        wide = _context(digits + 40)
        about = wide.multiply(Decimal(man), wide.power(2, exp))
        less = wide.multiply(about, Decimal((0, (9,) * (digits + 30), -digits - 30)))
        more = wide.add(about, wide.subtract(about, less))
        low, high = _context(digits).plus(less), _context(digits).plus(more)
        if low == high:
            return low
    return _context(digits).divide(Decimal(man << max(exp, 0)), Decimal(1 << max(-exp, 0)))


def _context(digits: int) -> Context:
    return Context(prec=digits, rounding=ROUND_HALF_EVEN, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[])


def ends(ball: Any) -> tuple[Any, Any] | None:
    """The two ends of a ball; None where one has too large an exponent to be written out exactly."""
    with precision(2 * LIMITS.precision):  # that none of its bits is lost
        low, high = ball.lower(), ball.upper()
    return None if any(abs(int(end.man_exp()[1])) > _HUGE for end in (low, high)) else (low, high)


def middle(ball: Any, digits: int) -> Decimal | None:
    """The number in the middle of two of so many digits that a narrow ball reaches over, rounded as a tie is.

    None where both ends round to the same digits, or the ball is wider.
    """
    found = None if ball.is_exact() or not ball.is_finite() else ends(ball)
    if found is None or int(ball.rel_accuracy_bits() / BITS_PER_DIGIT) < digits + _SPARE:
        return None
    low, high = (decimal(end, digits) for end in found)
    return None if low == high else _context(digits).plus(decimal(ball.mid(), digits + 1))


def typed(part: Component) -> str:
    """A certified number as one types it: the nearest double in its fewest digits, or where doubles have no number that
    is near, 17 digits of its own.

    Raises:
        FormulaError: its exponent is too long to be written out.
    """
    if part.status != "overflow" and not part.is_tiny:
        return repr(part.number).removesuffix(".0")
    if ends(part.ball) is None:
        raise FormulaError("this number is too far beyond doubles to be stored", help="write = in the place of :=")
    return str(_context(_TYPED).normalize(decimal(part.ball.mid(), _TYPED))).lower().replace("e+", "e")


def to_digits(certifier: Certifier, digits: int, bits: int = 0) -> Certified:
    """Value and gradient, each known well enough to be rounded to so many digits, or to so many `bits` (0: not asked).

    Where a ball reaches over the middle between two such numbers, more bits are taken; one that still does with the
    most bits is taken for the middle itself.
    """
    if bits:
        return certifier.run(bits + 32, bits)
    found = certifier.run()
    bits = 4 * found.bits
    while bits <= LIMITS.precision and _reaches_over(found, digits):
        found = certifier.run(bits)
        bits *= 4
    return found


def _reaches_over(found: Certified, digits: int) -> bool:
    parts = (part for part in (found.value, *found.gradient.values()) if part.status == "certified")
    return any(part.ball is not None and middle(part.ball, digits) is not None for part in parts)
