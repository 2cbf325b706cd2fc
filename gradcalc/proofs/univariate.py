"""Polynomials in one generator: whether a real or whole number gives each of them one of some signs, by their roots."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from math import floor, gcd, lcm
from typing import Any

from flint import fmpz_poly

from gradcalc.engine.scalars import dyadic, precision
from gradcalc.engine.switches import ALL, Signs

from .polynomials import Poly, fraction


def sign_of(value: Fraction | Any) -> int:
    return (value > 0) - (value < 0)


Coefficients = tuple[Fraction, ...]  # the constant first
Conditions = tuple[tuple[Coefficients, Signs], ...]


@lru_cache(4096)
def in_one(p: Poly, index: int) -> Coefficients:
    """The coefficients of a polynomial in one generator; none where there are others in it, or its degree is too high
    for its roots to be looked for."""
    degrees = p.degrees
    if len(degrees) > 1 or (degrees and not 0 < degrees.get(index, 0) <= _HIGHEST):
        return ()
    powers = {dict(found).get(index, 0): fraction(c) for found, c in p.terms}
    return tuple(powers.get(n, Fraction(0)) for n in range(max(powers, default=0) + 1))


@lru_cache(maxsize=4096)
def signs_met(p: Coefficients, conditions: Conditions, whole: bool = False) -> Signs:
    """The signs that a polynomial has where a real number, or a `whole` one, gives each of others one of its signs, as
    far as is looked for."""
    parts = tuple(dict.fromkeys(part for q in (p, *(q for q, _ in conditions)) for part in _irreducible(q)))
    roots = next(filter(_are_apart, (_sorted_roots(parts, bits) for bits in _ROOT_BITS)), None)
    if roots is None:  # nothing is known of what lies between
        return ALL
    if whole and all(root.rad() < 1 for root, _ in roots):
        near = {floor(dyadic(root)) + step for root, _ in roots for step in range(-2, 4)} or {0}
        return _at_any(p, conditions, map(Fraction, near))
    met = _at_any(p, conditions, _between([root for root, _ in roots]))
    for root, of in roots:
        if met == ALL:
            break
        own = _signs_at(p, root, of in _irreducible(p))
        if not own <= met and all(_signs_at(q, root, of in _irreducible(q)) & signs for q, signs in conditions):
            met |= own
    return met


def signs_of_wholes(p: Poly) -> Signs:
    """The signs of a polynomial in whole numbers, which is not 0 if what divides all terms but the constant one does
    not divide that."""
    terms = list(p.terms)
    scale = lcm(*(int(c.q) for _, c in terms))
    constant, rest = 0, 0
    for powers, c in terms:
        value = int(c.p) * scale // int(c.q)
        constant, rest = (constant, gcd(rest, value)) if powers else (value, rest)
    return ALL if constant % rest == 0 else ALL - {0}


def _at_any(p: Coefficients, conditions: Conditions, numbers: Iterable[Fraction]) -> Signs:
    """The signs that it has at those of some numbers where the conditions hold."""
    met: Signs = frozenset()
    for x in numbers:
        own = sign_of(_at(p, x))
        if own not in met and all(sign_of(_at(q, x)) in signs for q, signs in conditions):
            met |= {own}
    return met


def _sorted_roots(parts: Sequence[tuple[int, ...]], bits: int) -> list[tuple[Any, tuple[int, ...]]]:
    """The real roots of irreducible polynomials, as balls, in order, each with its polynomial."""
    roots = [(root, part) for part in parts for root in _real_roots(part, bits)]
    return sorted(roots, key=lambda item: dyadic(item[0]))


def _are_apart(roots: Sequence[tuple[Any, Any]]) -> bool:
    """Whether of balls in order none meets another, so that they are in the order of what is in them."""
    return all(_ends(a)[1] < _ends(b)[0] for (a, _), (b, _) in pairwise(roots))


def _at(p: Sequence[Fraction], x: Fraction) -> Fraction:
    total = Fraction(0)
    for c in reversed(p):
        total = total * x + c
    return total


def _signs_at(p: Sequence[Fraction], root: Any, zero: bool) -> Signs:
    if zero:
        return frozenset({0})
    with precision(_ROOT_BITS[0]):
        total = type(root)(0)
        for c in reversed(p):
            total = total * root + type(root)(c.numerator) / c.denominator
        return ALL if total.contains(0) else frozenset({sign_of(total)})


_ROOT_BITS = 256, 1024, 4096
_HIGHEST = 100  # degree of a polynomial whose roots are found


@lru_cache(maxsize=1024)
def _irreducible(p: tuple[Fraction, ...]) -> tuple[tuple[int, ...], ...]:
    """The irreducible factors, with whole coefficients."""
    scale = lcm(*(c.denominator for c in p))
    _, parts = fmpz_poly([int(c * scale) for c in p]).factor()
    return tuple(tuple(int(c) for c in part.coeffs()) for part, _ in parts)


@lru_cache(maxsize=1024)
def _real_roots(p: tuple[int, ...], bits: int) -> tuple[Any, ...]:
    """Of an irreducible polynomial, as balls."""
    with precision(bits):
        return tuple(root.real for root, _ in fmpz_poly(list(p)).complex_roots() if root.imag.is_zero())


def _between(roots: Sequence[Any]) -> list[Fraction]:
    """A number in each interval between the balls and beyond them."""
    ends = [_ends(root) for root in roots] or [(Fraction(), Fraction())]
    inside = [(upper + lower) / 2 for (_, upper), (lower, _) in pairwise(ends)]
    return [ends[0][0] - 1, *inside, ends[-1][1] + 1]


def _ends(root: Any) -> tuple[Fraction, Fraction]:
    middle, radius = dyadic(root), dyadic(root.rad())
    return middle - radius, middle + radius
