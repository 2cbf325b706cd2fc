"""Polynomials over the rational numbers in generators, which are known by their place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from fractions import Fraction
from functools import cache, lru_cache
from math import comb, factorial, perm
from operator import add, mul, sub, truediv
from typing import Any

from flint import Ordering, fmpq, fmpq_mpoly, fmpq_mpoly_ctx

Powers = tuple[tuple[int, int], ...]  # generators and their powers, which are not 0

GENERATORS = 96
_SIZES = (12, 32, GENERATORS)  # most proofs need the first generators alone; what a term costs grows with their number
_MOST_TERMS = 4_000
_MOST_PRODUCTS = 400_000
_MOST_FACTORED, _HIGHEST = 400, 120  # terms and degree of what is factored
_HIGHEST_POWER = 10**9
_MOST_BITS = 100_000  # of the numbers in a power
_MOST_SLOPES = 6  # beyond, terms are collected one by one
_MOST_KEPT = 4096


@cache
def _context(size: int) -> Any:
    return fmpq_mpoly_ctx.get([f"g{i}" for i in range(max(1, size))], Ordering.lex)


class TooLarge(ArithmeticError):
    """The polynomials grow beyond what is worth the time."""


class Poly:
    """A polynomial, equal to every other of the same terms.

    Nothing here asks flint for a text: for each that it writes, it takes memory that it never gives back.

    Attributes:
        degrees: the generators in it and how high their powers are.
        leading: what its leading term has powers of.
        terms: what each term has powers of and its number; the leading one is first.
    """

    __slots__ = ("_flint", "_hash", "_larger", "_size", "degrees", "leading", "terms")
    degrees: dict[int, int]
    leading: Powers
    terms: list[tuple[Powers, fmpq]]
    _hash: int
    _larger: Poly  # the same among more generators

    def __init__(self, made: Any, size: int) -> None:
        self._flint = made
        self._size = size  # the number of generators that it is one of

    def __getattr__(self, name: str) -> Any:
        """An attribute that few polynomials are asked for, made when it is."""
        if name not in _MADE:
            raise AttributeError(name)
        found = _MADE[name](self)
        setattr(self, name, found)
        return found

    # -- arithmetic

    def __add__(self, other: Poly | int | fmpq) -> Poly:
        return self._with(add, other)

    def __sub__(self, other: Poly | int | fmpq) -> Poly:
        return self._with(sub, other)

    def __mul__(self, other: Poly | int | fmpq) -> Poly:
        return self._with(mul, other)

    def __truediv__(self, other: Poly | int | fmpq) -> Poly:
        """The quotient, where there is no rest."""
        return self._with(truediv, other)

    def __rsub__(self, other: int | fmpq) -> Poly:
        return Poly(other - self._flint, self._size)

    def __neg__(self) -> Poly:
        return Poly(-self._flint, self._size)

    def __pow__(self, n: int) -> Poly:
        return Poly(self._flint**n, self._size)

    __radd__, __rmul__ = __add__, __mul__

    def gcd(self, other: Poly) -> Poly:
        return self._with(fmpq_mpoly.gcd, other)

    def derivative(self, index: int) -> Poly:
        return Poly(self._flint.derivative(index), self._size) if index in self.degrees else polynomial(0)

    def _with(self, does: Callable[[Any, Any], Any], other: Poly | int | fmpq) -> Poly:
        if not isinstance(other, Poly):
            return Poly(does(self._flint, other), self._size)
        one, other = (self, other) if self._size == other._size else _of_one_size(self, other)
        return Poly(does(one._flint, other._flint), one._size)

    # -- what it is

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Poly):
            return bool(self._flint == other)
        one, other = (self, other) if self._size == other._size else _of_one_size(self, other)
        return one._flint == other._flint  # type: ignore[no-any-return]

    def __hash__(self) -> int:
        return self._hash

    def __len__(self) -> int:
        return len(self._flint)

    def is_zero(self) -> bool:
        return not len(self._flint)

    def is_constant(self) -> bool:
        return len(self._flint) < 2 and bool(self._flint.is_constant())

    def total_degree(self) -> int:
        return int(self._flint.total_degree())

    def coefficients(self) -> list[fmpq]:
        """The numbers of its terms."""
        return list(self._flint.coeffs())

    def leading_coefficient(self) -> fmpq:
        return self._flint.leading_coefficient()


def _degrees_of(p: Poly) -> dict[int, int]:
    return {} if p.is_constant() else {i: int(n) for i, n in enumerate(p._flint.degrees()) if n}


def _powers(exponents: Iterable[Any]) -> Powers:
    return tuple([(i, int(n)) for i, n in enumerate(exponents) if n])


def _terms_of(p: Poly) -> list[tuple[Powers, fmpq]]:
    monomials = p._flint.monoms() if p.degrees else [()] * len(p)
    powers = (tuple([(i, int(n)) for i in p.degrees if (n := powers[i])]) for powers in monomials)
    return list(zip(powers, p.coefficients(), strict=True))


def _hash_of(p: Poly) -> int:
    last = p._flint.coefficient(len(p) - 1) if len(p) else fmpq(0)
    return hash((len(p), *p.degrees.items(), int(last.p), int(last.q)))


def _larger_of(p: Poly) -> Poly:
    size = _SIZES[_SIZES.index(p._size) + 1]
    more = (0,) * (size - p._size)
    terms = {(*powers, *more): value for powers, value in p._flint.to_dict().items()}
    return Poly(_context(size).from_dict(terms), size)


_MADE: dict[str, Callable[[Poly], Any]] = {
    "degrees": _degrees_of, "leading": lambda p: _powers(p._flint.monomial(0)), "terms": _terms_of, "_hash": _hash_of,
    "_larger": _larger_of,
}  # fmt: skip


def _of_one_size(p: Poly, q: Poly) -> tuple[Poly, Poly]:
    while p._size < q._size:
        p = p._larger
    while q._size < p._size:
        q = q._larger
    return p, q


def polynomial(value: int | Fraction | fmpq) -> Poly:
    if isinstance(value, float):  # what Python makes of 5**-1, and 0.2 is not 1/5
        raise TypeError("exact algebra takes no doubles")
    return Poly(_context(_SIZES[0]).constant(fmpq(value.numerator, value.denominator)), _SIZES[0])


def generator(index: int) -> Poly:
    return _GENERATORS[index]


def from_terms(terms: Mapping[Powers, Any] | Iterable[tuple[Powers, Any]]) -> Poly:
    terms = dict(terms)
    size = _size_with(max((i for powers in terms for i, _ in powers), default=0))
    full: dict[tuple[int, ...], Any] = {}
    for powers, value in terms.items():
        all_powers = [0] * size
        for i, n in powers:
            all_powers[i] = n
        full[tuple(all_powers)] = value
    return Poly(_context(size).from_dict(full), size)


def _size_with(index: int) -> int:
    return next(size for size in _SIZES if index < size)


_GENERATORS = [Poly(_context(_size_with(i)).gens()[i], _size_with(i)) for i in range(GENERATORS)]


def used(p: Poly) -> list[int]:
    """The generators in a polynomial."""
    return list(p.degrees)


def constant_of(p: Poly) -> Fraction:
    """The value of a polynomial without generators."""
    if p.is_zero():
        return Fraction(0)
    (value,) = p.coefficients()
    return fraction(value)


def fraction(value: fmpq) -> Fraction:
    """A number of flint's."""
    return Fraction(int(value.p), int(value.q))


def checked(p: Poly) -> Poly:
    if len(p) > _MOST_TERMS:
        raise TooLarge
    return p


def times(p: Poly, q: Poly) -> Poly:
    if len(p) * len(q) > _MOST_PRODUCTS:
        raise TooLarge
    return checked(p * q)


def power(p: Poly, n: int) -> Poly:
    if len(p) > 1 and comb(len(p) - 1 + n, n) > _MOST_TERMS:
        raise TooLarge
    if n > _HIGHEST_POWER or n * max(map(_bits, p.coefficients()), default=0) > _MOST_BITS:
        raise TooLarge
    return p**n


def _bits(value: Any) -> int:
    return max(abs(int(value.p)).bit_length(), int(value.q).bit_length()) - 1


def squared(powers: Powers) -> Powers:
    return tuple([(i, 2 * n) for i, n in powers])


@lru_cache(maxsize=1024)
def coefficients(p: Poly, index: int) -> Mapping[int, Poly]:
    """The polynomial by powers of one generator, by its derivatives: the highest is a number times the last part."""
    degree = p.degrees.get(index, 0)
    if not degree:
        return {} if p.is_zero() else {0: p}
    if degree > _MOST_SLOPES:
        return _collected(p, index)
    slopes = [p]
    for _ in range(degree):
        slopes.append(slopes[-1].derivative(index))
    parts: dict[int, Poly] = {}
    for n in reversed(range(len(slopes))):
        rest = slopes[n]
        for m, part in parts.items():
            rest -= part * (_GENERATORS[index] ** (m - n) * perm(m, n))
        if not rest.is_zero():
            parts[n] = rest / factorial(n) if n > 1 else rest
    return parts


def _collected(p: Poly, index: int) -> dict[int, Poly]:
    parts: dict[int, dict[Powers, Any]] = {}
    for powers, value in p.terms:
        n = dict(powers).get(index, 0)
        parts.setdefault(n, {})[tuple(each for each in powers if each[0] != index)] = value
    return {n: from_terms(terms) for n, terms in parts.items()}


def factors(p: Poly) -> tuple[Fraction, list[tuple[Poly, int]]]:
    """A rational number and the irreducible factors, each with the leading coefficient 1, with their powers."""
    if p not in _FACTORED:
        if len(_FACTORED) >= _MOST_KEPT:
            _FACTORED.clear()
        _FACTORED[p] = _factors(p)
    scale, found = _FACTORED[p]
    return scale, list(found)


_FACTORED: dict[Poly, tuple[Fraction, list[tuple[Poly, int]]]] = {}


def _factors(p: Poly) -> tuple[Fraction, list[tuple[Poly, int]]]:
    """Over the generators that are there alone: what factoring costs grows with their number."""
    indexes = used(p)
    if len(p) > 1 and (len(p) > _MOST_FACTORED or p.total_degree() > _HIGHEST):
        raise TooLarge
    terms = {tuple(dict(powers).get(i, 0) for i in indexes) or (0,): value for powers, value in p.terms}
    content, parts = _context(len(indexes)).from_dict(terms).factor()
    scale = fraction(content)
    found = []
    for part, n in parts:
        lead = part.leading_coefficient()
        scale *= fraction(lead) ** int(n)
        found.append((from_terms(_placed(part / lead, indexes)), int(n)))
    return scale, found


def _placed(part: fmpq_mpoly, indexes: list[int]) -> Iterator[tuple[Powers, Any]]:
    for powers, value in part.to_dict().items():
        yield tuple((i, int(n)) for i, n in zip(indexes, powers, strict=False) if n), value
