"""Sums of terms c * t^e * log(t)^k for small t: `Series`, their sums and products, and the coefficients."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from gradcalc.engine.scalars import BALL
from gradcalc.language.formula import Function
from gradcalc.language.functions import TABLE
from gradcalc.record import dataclass

Coefficient = Any  # a Fraction, or a ball
Term = tuple[Fraction, int]  # the exponents of t and of log(t)


_LONGEST = 65_536  # bits of a rational coefficient


class Unknown(Exception):
    """It cannot be told how the formula goes on."""


@dataclass(frozen=True, slots=True)
class Series:
    """The terms before t^`cut`; with a `cut` of None they are all there is."""

    terms: dict[Term, Coefficient]
    cut: Fraction | None = None

    @property
    def first(self) -> tuple[Term, Coefficient] | None:
        """The term that is largest near 0, or None where all that is known is 0.

        Raises:
            Unknown: where the coefficient may be 0.
        """
        if not self.terms:
            if self.cut is None:
                return None
            raise Unknown
        term = min(self.terms, key=rank)
        coefficient = self.terms[term]
        if not isinstance(coefficient, Fraction) and coefficient.contains(0):
            raise Unknown
        return term, coefficient

    @property
    def constant(self) -> Coefficient | None:
        """The limit at 0 where there is one, else None."""
        if self.cut is not None and self.cut <= 0:
            raise Unknown
        return None if any(rank(term) < _HERE for term in self.terms) else self.terms.get(ORIGIN, Fraction(0))

    @property
    def sign(self) -> int:
        """The sign near 0."""
        first = self.first
        return 0 if first is None else (1 if first[1] > 0 else -1) * (-1) ** first[0][1]


ORIGIN: Term = (Fraction(0), 0)
MINUS_ONE = Series({ORIGIN: Fraction(-1)})


def rank(term: Term) -> tuple[Fraction, int]:
    """Smaller for what is larger near 0."""
    return term[0], -term[1]


_HERE = rank(ORIGIN)


# ---- coefficients


def constant(value: Coefficient) -> Series:
    """The series of a number."""
    return Series({} if is_zero(value) else {ORIGIN: value})


def is_zero(coefficient: Coefficient) -> bool:
    """Whether it is known to be 0."""
    return coefficient == 0 if isinstance(coefficient, Fraction) else bool(coefficient.is_zero())


def as_ball(coefficient: Coefficient) -> Any:
    """The number as a ball at the precision in force."""
    return BALL.number(coefficient) if isinstance(coefficient, Fraction) else coefficient


def added(x: Coefficient, y: Coefficient) -> Coefficient:
    """The sum, exact where both are."""
    return x + y if isinstance(x, Fraction) and isinstance(y, Fraction) else as_ball(x) + as_ball(y)


def scaled(x: Coefficient, y: Coefficient) -> Coefficient:
    """The product, exact where both are."""
    return x * y if isinstance(x, Fraction) and isinstance(y, Fraction) else as_ball(x) * as_ball(y)


def raised(x: Coefficient, exponent: Fraction) -> Coefficient:
    """A power of a coefficient, exact where it is rational."""
    return value_of(TABLE["^"], [x, exponent])


def value_of(row: Function, args: Sequence[Coefficient | None]) -> Coefficient:
    """A row at numbers, exactly where that can be."""
    if None in args:
        raise Unknown
    if row.rational is not None and all(isinstance(arg, Fraction) for arg in args):
        try:
            exact = Fraction(row.rational(*args))
        except ArithmeticError:
            pass
        else:
            if max(exact.numerator.bit_length(), exact.denominator.bit_length()) <= _LONGEST:
                return exact
    found = BALL.function(row)(*map(as_ball, args))
    if not found.is_finite():
        raise Unknown
    return settled(found)


def settled(ball: Any) -> Coefficient:
    """The rational number that an exact ball is, or the ball."""
    if ball.is_exact():
        middle, exponent = map(int, ball.mid().man_exp())
        if abs(exponent) < _LONGEST:
            return Fraction(middle) * Fraction(2) ** exponent
    return ball


def plus(x: Series, y: Series) -> Series:
    """The sum of two series."""
    terms = dict(x.terms)
    for term, c in y.terms.items():
        terms[term] = added(terms[term], c) if term in terms else c
    cut = x.cut if y.cut is None else y.cut if x.cut is None else min(x.cut, y.cut)
    return Series({term: c for term, c in terms.items() if not is_zero(c) and (cut is None or term[0] < cut)}, cut)


def times(x: Series, y: Series) -> Series:
    """The product of two series."""
    if (not x.terms and x.cut is None) or (not y.terms and y.cut is None):
        return Series({})
    terms: dict[Term, Coefficient] = {}
    for (e, k), c in x.terms.items():
        for (f, m), d in y.terms.items():
            term = (e + f, k + m)
            product = scaled(c, d)
            terms[term] = added(terms[term], product) if term in terms else product
    cuts = [one.cut + _least(other) for one, other in ((x, y), (y, x)) if one.cut is not None]
    cut = min(cuts, default=None)
    return Series({term: c for term, c in terms.items() if not is_zero(c) and (cut is None or term[0] < cut)}, cut)


def derivative(x: Series) -> Series:
    """The derivative by t."""
    terms: dict[Term, Coefficient] = {}
    for (e, k), c in x.terms.items():
        for term, d in (((e - 1, k), e), ((e - 1, k - 1), Fraction(k))):
            if d:
                terms[term] = added(terms.get(term, Fraction(0)), scaled(c, d))
    return Series({term: c for term, c in terms.items() if not is_zero(c)}, None if x.cut is None else x.cut - 1)


def integral(x: Series) -> Series:
    """The series with this derivative that goes to 0, of powers of t."""
    cut = None if x.cut is None else x.cut + 1
    if any(k or e <= -1 for e, k in x.terms) or (cut is not None and cut <= 0):
        raise Unknown
    return Series({(e + 1, 0): scaled(c, 1 / (e + 1)) for (e, _), c in x.terms.items()}, cut)


def _least(x: Series) -> Fraction:
    exponents = [term[0] for term in x.terms]
    return min(exponents) if exponents else x.cut if x.cut is not None else Fraction(0)
