"""Sums of terms c * t^e * log(t)^k for small t: `Series`, their sums and products, and the coefficients."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from math import floor, lcm
from typing import Any

from gradcalc.engine.scalars import BALL, anything, dyadic, sent, working_precision
from gradcalc.language.formula import Function
from gradcalc.language.functions import TABLE
from gradcalc.record import dataclass
from gradcalc.work import Work

from .components import negligible

Coefficient = Any  # a Fraction, or a ball
Term = tuple[Fraction, int]  # the exponents of t and of log(t)


_LONGEST = 65_536  # bits of a rational coefficient


class Unknown(Exception):
    """It cannot be told how the formula goes on."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How a series is made. Where a comparison cannot be told, what its branches share is taken, if they may be
    `joined`. Of a `tame` one nothing oscillates, so that its terms may be differentiated one by one. `believing`, what
    is not told apart from 0 with all bits is taken for 0. After the `work`, nothing more is known."""

    joined: bool = False
    tame: bool = False
    believing: bool = False
    work: Work | None = None


STRICT = Manner()


@dataclass(frozen=True, slots=True)
class Swing:
    """A quantity `at(u)` that is continuous and almost periodic, of some u that goes to infinity as t goes to 0: it has
    a limit there only where it is constant. `of` is what tells one u from others, None where none stands in it."""

    of: Any
    at: Callable[[Any], Any]

    @property
    def moves(self) -> bool:
        """Whether it is certainly not constant."""
        first, *others = self.seen
        return any(x.is_finite() and first.is_finite() and not x.overlaps(first) for x in others)

    @property
    def seen(self) -> list[Any]:
        """Some of its values."""
        return [self.at(as_ball(Fraction(u))) for u in range(_PHASES)]


_PHASES = 4


@dataclass(frozen=True, slots=True)
class Series:
    """The terms before t^`cut` and a rest; with a `cut` of None the terms are all there is.

    The rest is t^cut times a quantity whose limit points at 0 all lie in the ball `bound`, or where that is None, that
    grows no faster than powers of log(t). What goes to 0 aside, that quantity is the `swing`, if there is one.
    """

    terms: dict[Term, Coefficient]
    cut: Fraction | None = None
    bound: Any = None
    swing: Swing | None = None

    @property
    def swings(self) -> bool:
        """Whether the rest over t^cut certainly has no limit."""
        return self.swing is not None and self.swing.moves

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
        if self.cut is not None and self.cut <= 0 and not any(e < self.cut for e, _ in self.terms):
            raise Unknown
        if any(rank(term) < _HERE for term in self.terms):
            self.first  # noqa: B018  which raises where the term may be 0
            return None
        return self.terms.get(ORIGIN, Fraction(0))

    @property
    def limit(self) -> Any:
        """The limit at 0 as a ball, infinite with its sign where the quantity grows beyond all bounds."""
        known = self.constant
        return as_ball(known) if known is not None else infinite(self.sign)

    @property
    def sign(self) -> int:
        """The sign near 0."""
        if not self.terms and self.bound is not None and not self.bound.contains(0):
            return 1 if self.bound > 0 else -1
        first = self.first
        return 0 if first is None else (1 if first[1] > 0 else -1) * (-1) ** (first[0][1] % 2)

    def rest(self, cut: Fraction) -> Any:
        """A ball in which all but the terms before t^cut has its limit points, as a multiple of t^cut; or None."""
        if self.cut is not None and (self.cut < cut or (self.cut == cut and self.bound is None)):
            return None
        if any(e == cut and k > 0 for e, k in self.terms):
            return None
        total = as_ball(self.terms.get((cut, 0), Fraction(0)))
        return total + self.bound if self.cut == cut else total

    @property
    def enclosure(self) -> Any:
        """A ball in which the quantity has its limit points; that of all numbers where none is known."""
        found = None if any(e < 0 for e, _ in self.terms) else self.rest(Fraction(0))
        return anything() if found is None else found


@dataclass(frozen=True, slots=True)
class Huge:
    """A quantity that grows faster than any power of 1/t, by its sign."""

    sign: int


ORIGIN: Term = (Fraction(0), 0)
MINUS_ONE = Series({ORIGIN: Fraction(-1)})


def rank(term: Term) -> tuple[Fraction, int]:
    """Smaller for what is larger near 0."""
    return term[0], -term[1]


_HERE = rank(ORIGIN)


# ---- coefficients


def without_zero(x: Series, vanishes: Callable[[], bool]) -> Series:
    """The series without a limit that may be 0 and `vanishes`."""
    limit = x.terms.get(ORIGIN)
    if limit is None or isinstance(limit, Fraction) or not limit.contains(0) or not vanishes():
        return x
    return without_limit(x)


def without_limit(x: Series) -> Series:
    """The series less its limit, which there is: what the quantity gains."""
    return Series({term: c for term, c in x.terms.items() if term != ORIGIN}, x.cut, x.bound, x.swing)


def constant(value: Coefficient) -> Series:
    """The series of a number."""
    return Series({} if is_zero(value) else {ORIGIN: value})


def is_zero(coefficient: Coefficient) -> bool:
    """Whether it is known to be 0."""
    return coefficient == 0 if isinstance(coefficient, Fraction) else bool(coefficient.is_zero())


def is_nothing(coefficient: Coefficient) -> bool:
    """Whether it is not told apart from 0 with all bits."""
    return is_zero(coefficient) or (
        not isinstance(coefficient, Fraction) and bool(coefficient.contains(0)) and negligible(coefficient)
    )


def is_equal(x: Coefficient | None, y: Coefficient | None) -> bool:
    """Whether two coefficients are known to be equal."""
    return x is y or (isinstance(x, Fraction) and isinstance(y, Fraction) and x == y)


def infinite(sign: int) -> Any:
    """The ball that is infinity with this sign."""
    zero = as_ball(Fraction(0))
    return zero.pos_inf() if sign > 0 else zero.neg_inf()


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
            if max(exact.numerator.bit_length(), exact.denominator.bit_length()) <= _LONGEST:
                return exact
        except ArithmeticError:
            pass
    balls = [*map(as_ball, args)]
    key = row, working_precision(), *map(sent, balls)
    found = _COMPUTED.get(key)
    if found is None:
        if len(_COMPUTED) >= _MOST_COMPUTED:
            _COMPUTED.clear()
        found = _COMPUTED[key] = BALL.function(row)(*balls)
    if not found.is_finite():
        raise Unknown
    return settled(found)


_COMPUTED: dict[tuple[Any, ...], Any] = {}  # the derivatives of gamma ask for its polygammas again, order by order
_MOST_COMPUTED = 256


def settled(ball: Any) -> Coefficient:
    """The rational number that an exact ball is, or the ball."""
    return dyadic(ball) if ball.is_exact() and abs(int(ball.mid().man_exp()[1])) < _LONGEST else ball


def below(ball: Any) -> Fraction:
    """A rational number that is less than all in a ball, by little."""
    return Fraction(int((ball.lower() * 2**_FINE).floor().unique_fmpz()) - 1, 2**_FINE)


_FINE = 32  # bits


def plus(x: Series, y: Series) -> Series:
    """The sum of two series."""
    terms = dict(x.terms)
    for term, c in y.terms.items():
        terms[term] = added(terms[term], c) if term in terms else c
    cut = x.cut if y.cut is None else y.cut if x.cut is None else min(x.cut, y.cut)
    if cut is None:
        return _kept(terms, None)
    rests = x.rest(cut), y.rest(cut)
    bound = None if None in rests else rests[0] + rests[1]
    return _kept(terms, cut, bound, _combined(operator.add, _swing(x, cut, rests[0]), _swing(y, cut, rests[1])))


def times(x: Series, y: Series) -> Series:
    """The product of two series."""
    if (not x.terms and x.cut is None) or (not y.terms and y.cut is None):
        return Series({})
    cuts = [one.cut + least(other) for one, other in ((x, y), (y, x)) if one.cut is not None]
    cut = min(cuts, default=None)
    unit = lcm(*(e.denominator for e, _ in (*x.terms, *y.terms)))  # whole exponents, as of pairs there are many
    most = math.inf if cut is None else floor(cut * unit)
    found: dict[tuple[int, int], Coefficient] = {}
    others = [(int(f * unit), m, d) for (f, m), d in y.terms.items()]
    for (exponent, k), c in x.terms.items():
        e = int(exponent * unit)
        for f, m, d in others:
            if e + f <= most:
                product, known = scaled(c, d), found.get((e + f, k + m))
                found[e + f, k + m] = product if known is None else added(known, product)
    terms = {(Fraction(e, unit), k): c for (e, k), c in found.items()}
    if cut is None:
        return _kept(terms, None)
    bound = Series(terms).rest(cut)
    swing = _swing(Series(terms), cut, bound)
    for one, other in ((x, y), (y, x)):
        if one.cut is not None and one.cut + least(other) == cut:
            front = None if None in (bound, one.bound) else other.rest(least(other))
            bound = None if front is None else bound + one.bound * front
            part = _combined(operator.mul, one.swing, _swing(other, least(other), front))
            swing = _combined(operator.add, swing, part)
            if not other.terms:  # both are rests, whose product is counted once
                break
    return _kept(terms, cut, bound, swing)


def _swing(x: Series, cut: Fraction, rest: Any) -> Swing | None:
    """All but the terms before t^cut, as a multiple of t^cut, of which `rest` is the ball."""
    if x.cut == cut:
        return x.swing
    return None if rest is None else Swing(None, lambda u: rest)


def periodic(function: Callable[[Any], Any], arg: Series) -> Swing:
    """The swing of a sine of an argument that goes to infinity; those of multiples are of the same one."""
    lead = arg.terms[min(arg.terms, key=rank)]
    if not all(isinstance(c, Fraction) for c in arg.terms.values()):
        return Swing(arg, function)
    return Swing({term: c / lead for term, c in arg.terms.items()}, lambda u: function(u * as_ball(lead)))


def _combined(how: Callable[[Any, Any], Any], x: Swing | None, y: Swing | None) -> Swing | None:
    if x is None or y is None or (None not in (x.of, y.of) and x.of != y.of):
        return None
    return Swing(y.of if x.of is None else x.of, lambda u: how(x.at(u), y.at(u)))


def swung(x: Series, how: Callable[[Any], Any]) -> Swing | None:
    """The swing of a continuous function of a rest."""
    swing = x.swing
    return None if swing is None else Swing(swing.of, lambda u: how(swing.at(u)))


def _kept(
    terms: Mapping[Term, Coefficient], cut: Fraction | None, bound: Any = None, swing: Swing | None = None
) -> Series:
    kept = {term: c for term, c in terms.items() if not is_zero(c) and (cut is None or term[0] < cut)}
    return Series(kept, cut, bound, None if bound is None else swing)


def either(x: Series, y: Series) -> Series:
    """A quantity that is now one of two others, now the other: the terms that both have, and a ball for the rest."""
    differ = {term[0] for term in {*x.terms, *y.terms} if not is_equal(x.terms.get(term), y.terms.get(term))}
    cut = min([*differ, *(one.cut for one in (x, y) if one.cut is not None)], default=None)
    if cut is None:
        return x
    rests = x.rest(cut), y.rest(cut)
    return _kept(x.terms, cut, None if None in rests else rests[0].union(rests[1]))


def of_huge(name: str, args: Sequence[Any], vanishing: Series) -> Series | Huge:
    """Arithmetic with an argument that is Huge; `vanishing` is what goes to 0 faster than any power of t."""
    x, y = args[0], args[-1]
    if name == "neg":
        return Huge(-x.sign)
    if name in ("+", "-"):
        signs = {x.sign} if isinstance(x, Huge) else set()
        signs |= {y.sign if name == "+" else -y.sign} if isinstance(y, Huge) else set()
        if len(signs) == 1:
            return Huge(signs.pop())
    elif name == "*" and x.sign and y.sign:
        return Huge(x.sign * y.sign)
    elif name == "/" and not (isinstance(x, Huge) and isinstance(y, Huge)):
        return Huge(x.sign * y.sign) if isinstance(x, Huge) else vanishing
    elif name == "^" and x.sign > 0 and isinstance(y, Series) and y.constant != 0:
        return x if y.sign > 0 else vanishing
    raise Unknown


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


def least(x: Series) -> Fraction:
    """The smallest exponent, of a term or else of the rest."""
    exponents = [term[0] for term in x.terms]
    return min(exponents) if exponents else x.cut if x.cut is not None else Fraction(0)
