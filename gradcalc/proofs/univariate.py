"""Polynomials in one generator: whether a real or whole number gives each of them one of some signs, by their roots."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from math import floor, lcm
from typing import Any

from flint import fmpz_poly

from gradcalc.engine.scalars import precision
from gradcalc.engine.switches import ALL, Signs

from .algebra import Poly


def sign_of(value: Fraction | Any) -> int:
    return (value > 0) - (value < 0)


def satisfiable(conditions: Iterable[tuple[Poly, Signs]], index: int, whole: bool = False) -> bool:
    """Whether some real number, or `whole` one, gives every polynomial one of its signs, as far as is looked for."""
    conditions = [(p, signs) for p, signs in conditions if p.degrees()[index] <= _HIGHEST]
    in_one = tuple((_in_one(p, index), signs) for p, signs in conditions)
    return _meets(in_one, whole)


def _in_one(p: Poly, index: int) -> tuple[Fraction, ...]:
    """The coefficients, the constant first."""
    powers = {int(exponents[index]): Fraction(int(c.p), int(c.q)) for exponents, c in p.to_dict().items()}
    return tuple(powers.get(n, Fraction(0)) for n in range(max(powers) + 1))


@lru_cache(maxsize=4096)
def _meets(conditions: tuple[tuple[tuple[Fraction, ...], Signs], ...], whole: bool) -> bool:
    parts = tuple(dict.fromkeys(part for p, _ in conditions for part in _irreducible(p)))
    roots = next(filter(_are_apart, (_sorted_roots(parts, bits) for bits in _ROOT_BITS)), None)
    if roots is None:  # nothing is known of what lies between
        return True
    if whole and all(root.rad() < 1 for root, _ in roots):
        near = {floor(_middle(root)) + step for root, _ in roots for step in range(-2, 4)} or {0}
        return any(all(sign_of(_at(p, Fraction(x))) in signs for p, signs in conditions) for x in near)
    for root, of in roots:
        if all(_signs_at(p, root, of in _irreducible(p)) & signs for p, signs in conditions):
            return True
    for x in _between([root for root, _ in roots]):
        if all(sign_of(_at(p, x)) in signs for p, signs in conditions):
            return True
    return False


def _sorted_roots(parts: Sequence[tuple[int, ...]], bits: int) -> list[tuple[Any, tuple[int, ...]]]:
    """The real roots of irreducible polynomials, as balls, in order, each with its polynomial."""
    roots = [(root, part) for part in parts for root in _real_roots(part, bits)]
    return sorted(roots, key=lambda item: _middle(item[0]))


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
    middle, radius = _middle(root), _middle(root.rad())
    return middle - radius, middle + radius


def _middle(root: Any) -> Fraction:
    man, exp = (int(part) for part in root.mid().man_exp())
    return Fraction(man) * Fraction(2) ** exp
