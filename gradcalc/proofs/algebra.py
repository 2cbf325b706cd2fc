"""Quotients of polynomials over generators, in which equal is shown by exact arithmetic.

A generator stands for a number that is not rational in the others: a variable, pi, `exp(x)`, `sqrt(x - 1)`, `sin(x)`, a
call of which nothing is known but that equal arguments give equal values. Relations tie some of them to others:
`r^2 = x - 1` for r = sqrt(x - 1), `s^2 = 1 - c^2` for sine and cosine. A quotient whose numerator these relations
reduce to the polynomial 0 is 0 wherever all that stands in it has a value, since no denominator is 0 there. The
converse is not claimed: what is not reduced to 0 may be 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from functools import cache
from itertools import compress
from math import comb, factorial, perm, prod
from typing import Any

from flint import Ordering, arb, fmpq, fmpq_mpoly_ctx

from gradcalc.record import dataclass, field

from .texts import text_of

Poly = Any  # python-flint has no types
Powers = tuple[tuple[int, int], ...]  # generators and their powers, which are not 0

GENERATORS = 96
_MOST_TERMS = 4_000
_MOST_PRODUCTS = 400_000
_MOST_DIVIDED = 20_000  # terms above times terms below the line, where common factors are looked for
_MOST_FACTORED, _HIGHEST = 400, 120  # terms and degree of what is factored
_HIGHEST_POWER = 10**9
_MOST_BITS = 100_000  # of the numbers in a power
_MOST_STEPS = 60  # of reducing by relations
_MOST_SLOPES = 6  # beyond, terms are collected one by one

_CONTEXT = fmpq_mpoly_ctx.get([f"g{i}" for i in range(GENERATORS)], Ordering.lex)
_GENS = _CONTEXT.gens()
_PLACES = range(GENERATORS)
_APART, _FEW = str.maketrans("+-*", "   "), 12


class TooLarge(ArithmeticError):
    """The polynomials grow beyond what is worth the time."""


class NoValue(ArithmeticError):
    """Something has no value here: a divisor is 0, a logarithm's argument is not positive."""


class Unread(NoValue):
    """A derivative within a formula is asked for at a kink, where it may have a value that is not read."""


def polynomial(value: int | Fraction | fmpq) -> Poly:
    if isinstance(value, float):  # what Python makes of 5**-1, and 0.2 is not 1/5
        raise TypeError("exact algebra takes no doubles")
    return _CONTEXT.constant(fmpq(value.numerator, value.denominator))


def generator(index: int) -> Poly:
    return _GENS[index]


def from_terms(terms: dict[tuple[int, ...], Any]) -> Poly:
    return _CONTEXT.from_dict(terms)


def used(p: Poly) -> list[int]:
    """The generators in a polynomial."""
    if len(p) > _FEW:
        return list(compress(_PLACES, p.degrees()))
    pieces = text_of(p).translate(_APART).split()  # all degrees take three times as long to be had
    return sorted({int(piece[1:].partition("^")[0]) for piece in pieces if piece[0] == "g"})


def powers_in(monomial: str) -> Powers:
    parts = (part.removeprefix("-") for part in monomial.split("*"))
    return tuple([(int(part[1:].partition("^")[0]), int(part.partition("^")[2] or 1)) for part in parts if "g" in part])


def terms_of(p: Poly) -> Iterator[tuple[Powers, Any]]:
    """The terms of a polynomial, the leading one first: what it has powers of, and its number. The powers of all
    generators, of which most are 0, take ten times as long to be had as the text."""
    return zip(map(powers_in, text_of(p).replace(" - ", " + ").split(" + ")), p.coeffs(), strict=False)  # "0" has none


def constant_of(p: Poly) -> Fraction:
    """The value of a polynomial without generators."""
    values = p.coeffs()
    if not values:
        return Fraction(0)
    (value,) = values
    return fraction(value)


def fraction(value: fmpq) -> Fraction:
    """A number of flint's."""
    return Fraction(int(value.p), int(value.q))


def _checked(p: Poly) -> Poly:
    if len(p) > _MOST_TERMS:
        raise TooLarge
    return p


def times(p: Poly, q: Poly) -> Poly:
    if len(p) * len(q) > _MOST_PRODUCTS:
        raise TooLarge
    return _checked(p * q)


def power(p: Poly, n: int) -> Poly:
    if len(p) > 1 and comb(len(p) - 1 + n, n) > _MOST_TERMS:
        raise TooLarge
    if n > _HIGHEST_POWER or n * max((_bits(value) for value in p.coeffs()), default=0) > _MOST_BITS:
        raise TooLarge
    return p**n


def _bits(value: Any) -> int:
    return max(abs(int(value.p)).bit_length(), int(value.q).bit_length()) - 1


def coefficients(p: Poly, index: int) -> dict[int, Poly]:
    """The polynomial by powers of one generator, by its derivatives: the highest is a number times the last part."""
    slopes = [p]
    while len(slopes) <= _MOST_SLOPES and not (slope := slopes[-1].derivative(index)).is_zero():
        slopes.append(slope)
    if len(slopes) > _MOST_SLOPES:
        return _collected(p, index)
    parts: dict[int, Poly] = {}
    for n in reversed(range(len(slopes))):
        rest = slopes[n]
        for m, part in parts.items():
            rest -= part * (_GENS[index] ** (m - n) * perm(m, n))
        if not rest.is_zero():
            parts[n] = rest / factorial(n)
    return parts


def _collected(p: Poly, index: int) -> dict[int, Poly]:
    parts: dict[int, dict[tuple[int, ...], Any]] = {}
    for exponents, value in p.to_dict().items():
        n = int(exponents[index])
        parts.setdefault(n, {})[(*exponents[:index], 0, *exponents[index + 1 :])] = value
    return {n: from_terms(terms) for n, terms in parts.items()}


def factors(p: Poly) -> tuple[Fraction, list[tuple[Poly, int]]]:
    """A rational number and the irreducible factors, each with the leading coefficient 1, with their powers."""
    key = text_of(p)
    if key not in _FACTORED:
        if len(_FACTORED) >= _MOST_KEPT:
            _FACTORED.clear()
        _FACTORED[key] = _factors(p)
    scale, found = _FACTORED[key]
    return scale, list(found)


_FACTORED: dict[str, tuple[Fraction, list[tuple[Poly, int]]]] = {}
_MOST_KEPT = 4096


def _factors(p: Poly) -> tuple[Fraction, list[tuple[Poly, int]]]:
    """Over the generators that are there alone: what factoring costs grows with their number."""
    indexes = used(p)
    if len(p) > 1 and (len(p) > _MOST_FACTORED or p.total_degree() > _HIGHEST):
        raise TooLarge
    small = _small_context(len(indexes))
    terms = {tuple(exponents[i] for i in indexes) or (0,): value for exponents, value in p.to_dict().items()}
    content, parts = small.from_dict(terms).factor()
    scale = fraction(content)
    found = []
    for part, n in parts:
        lead = part.leading_coefficient()
        scale *= fraction(lead) ** int(n)
        wide: dict[tuple[int, ...], Any] = {}
        for exponents, value in part.to_dict().items():
            powers = [0] * GENERATORS
            for i, e in zip(indexes, exponents, strict=False):
                powers[i] = int(e)
            wide[tuple(powers)] = value / lead
        found.append((from_terms(wide), int(n)))
    return scale, found


@cache
def _small_context(size: int) -> Any:
    return fmpq_mpoly_ctx.get([f"s{i}" for i in range(max(1, size))], Ordering.lex)


class Ratio:
    """`top/bottom`, without common factors, the leading coefficient of `bottom` 1."""

    __slots__ = ("bottom", "top")

    def __init__(self, top: Poly, bottom: Poly | None = None):
        if bottom is None or bottom == _ONE:
            self.top, self.bottom = top, _ONE
            return
        if bottom.is_zero():
            raise NoValue
        if not bottom.is_constant():
            if len(top) * len(bottom) > _MOST_DIVIDED:
                raise TooLarge
            common = top.gcd(bottom)
            if not common.is_constant():
                top, bottom = top / common, bottom / common
        lead = bottom.leading_coefficient()
        self.top, self.bottom = (top, bottom) if lead == 1 else (top / lead, bottom / lead)

    def __add__(self, other: Ratio) -> Ratio:
        if self.bottom == other.bottom:
            return Ratio(_checked(self.top + other.top), self.bottom)
        top = times(self.top, other.bottom) + times(other.top, self.bottom)
        return Ratio(_checked(top), times(self.bottom, other.bottom))

    def __neg__(self) -> Ratio:
        return Ratio(-self.top, self.bottom)

    def __sub__(self, other: Ratio) -> Ratio:
        return self + -other

    def __mul__(self, other: Ratio) -> Ratio:
        return Ratio(times(self.top, other.top), times(self.bottom, other.bottom))

    def __truediv__(self, other: Ratio) -> Ratio:
        return Ratio(times(self.top, other.bottom), times(self.bottom, other.top))

    def __pow__(self, n: int) -> Ratio:
        if n < 0:
            return Ratio(power(self.bottom, -n), power(self.top, -n))
        return Ratio(power(self.top, n), power(self.bottom, n))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Ratio) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)

    @property
    def key(self) -> tuple[str, str]:
        return text_of(self.top), text_of(self.bottom)

    def rational(self) -> Fraction | None:
        """The value where it is a rational number."""
        return constant_of(self.top) if self.top.is_constant() and self.bottom.is_constant() else None

    def generators(self) -> list[int]:
        return sorted({*used(self.top), *used(self.bottom)})

    def terms(self) -> Iterator[tuple[Fraction, Ratio]]:
        """The terms of the numerator over the denominator, each as a rational number and the rest."""
        for powers, value in terms_of(self.top):
            yield fraction(value), Ratio(prod((_GENS[i] ** n for i, n in powers), start=_ONE), self.bottom)


_ONE = polynomial(1)


def ratio(value: int | Fraction | fmpq) -> Ratio:
    return Ratio(polynomial(value))


@dataclass(frozen=True, slots=True)
class Relation:
    """`g^degree = instead`, where `instead` has lower powers of g."""

    index: int
    degree: int
    instead: Poly

    def reduced(self, p: Poly) -> Poly:
        g = generator(self.index)
        while p.degrees()[self.index] >= self.degree:
            parts, p = coefficients(p, self.index), polynomial(0)
            for n, part in parts.items():
                times_over, rest = divmod(n, self.degree)
                part = part * g**rest if rest else part
                p += times(part, power(self.instead, times_over)) if times_over else part
            p = _checked(p)
        return p


def reduced(p: Poly, relations: Sequence[Relation]) -> Poly:
    """The polynomial with every relation applied, those made last first, as long as one applies."""
    if not relations or p.is_constant():
        return p
    for _ in range(_MOST_STEPS):
        degrees = p.degrees()
        found = next((r for r in reversed(relations) if degrees[r.index] >= r.degree), None)
        if found is None:
            return p
        p = found.reduced(p)
    raise TooLarge


@dataclass(slots=True)
class Generator:
    """`compute` is its value in balls from those of `args`.

    `kind` is name, constant, exp, root, log, sin, cos, floor or call. `single`: it is single-valued and analytic but
    for isolated points in the complex plane, as exp and sin are and log is not, and so is all that stands in it.
    `injective`: it takes each value for one argument only. `odd`: it has the sign of its argument.
    `slope` is its derivative by its argument, from itself and that, where it is known. `bound`: nowhere is it larger
    than this constant or less than its negative, and nowhere either of them if it is not `reached`.
    """

    kind: str
    what: Any  # the row, or the name
    args: tuple[Ratio, ...]
    compute: Callable[..., Any]
    constant: bool = False
    single: bool = False
    injective: bool = False
    odd: bool = False
    slope: Callable[[Ratio, Ratio], Ratio] | None = None
    bound: Poly | None = None
    reached: bool = True


@dataclass(slots=True)
class Generators:
    """All generators of one proof and what ties them. `variables` are variables whatever their names mean else, of
    which `wholes` are whole numbers."""

    variables: frozenset[str] = frozenset()
    wholes: frozenset[str] = frozenset()
    made: list[Generator] = field(default_factory=list)
    relations: list[Relation] = field(default_factory=list)
    known: dict[Any, int] = field(default_factory=dict)
    units: dict[Any, tuple[Fraction, Any]] = field(default_factory=dict)  # the finest exp(c*m), root, angle made so far
    angles: list[tuple[int, int]] = field(default_factory=list)  # a sine and the cosine of the same
    refined: bool = False  # whether a finer unit was made

    def index(self, key: Any, make: Callable[[], Generator]) -> int:
        if key not in self.known:
            if len(self.made) >= GENERATORS:
                raise TooLarge
            made = make()  # which may make others
            self.known[key] = len(self.made)
            self.made.append(made)
        return self.known[key]

    def all_of(self, r: Ratio | Poly) -> list[Generator]:
        indexes = r.generators() if isinstance(r, Ratio) else used(r)
        return [self.made[i] for i in indexes]

    def is_constant(self, r: Ratio | Poly) -> bool:
        return all(g.constant for g in self.all_of(r))

    def are_whole(self, r: Ratio | Poly) -> bool:
        """Whether all generators are whole numbers."""
        return all(g.kind == "floor" or (g.kind == "name" and g.what in self.wholes) for g in self.all_of(r))

    def is_single(self, *ratios: Ratio) -> bool:
        return all(g.single for r in ratios for g in self.all_of(r))

    def inside(self, indexes: Iterable[int]) -> set[int]:
        """The generators that some are made of, and those that these are made of in turn."""
        found: set[int] = set()
        stack = [j for i in indexes for arg in self.made[i].args for j in arg.generators()]
        while stack:
            i = stack.pop()
            if i not in found:
                found.add(i)
                stack += [j for arg in self.made[i].args for j in arg.generators()]
        return found

    def balls(self, indexes: Sequence[int], names: dict[str, Any]) -> dict[int, Any]:
        """The values of generators, at a point given by the values of names."""
        wanted = {*indexes, *self.inside(indexes)}
        values: dict[int, Any] = {}
        for i in sorted(wanted):  # what a generator is made of was made before it
            made = self.made[i]
            if made.kind == "name":
                values[i] = names[made.what]
            else:
                values[i] = made.compute(*(self.ball(arg, values) for arg in made.args))
        return values

    def constant(self, r: Ratio) -> Any:
        """The value of a constant in balls."""
        return self.ball(r, self.balls(r.generators(), {}))

    def ball(self, r: Ratio, values: dict[int, Any]) -> Any:
        return poly_ball(r.top, values) / poly_ball(r.bottom, values)


def poly_ball(p: Poly, values: dict[int, Any]) -> Any:
    total = arb(0)
    for powers, value in terms_of(p):
        term = arb(value)
        for i, n in powers:
            term *= values[i] ** n
        total += term
    return total
