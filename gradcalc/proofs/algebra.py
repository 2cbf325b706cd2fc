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
from math import prod
from operator import add, sub
from typing import Any

from flint import arb, fmpq

from gradcalc.record import dataclass, field
from gradcalc.work import Work

from .polynomials import (
    GENERATORS,
    Poly,
    TooLarge,
    checked,
    coefficients,
    constant_of,
    factors,
    fraction,
    generator,
    polynomial,
    power,
    times,
    used,
)

_MOST_DIVIDED = 20_000  # terms above times terms below the line, where common factors are looked for
_MOST_STEPS = 60  # of reducing by relations


class Spent(Exception):
    """The work that a proof is allowed was done."""


class NoValue(ArithmeticError):
    """Something has no value here: a divisor is 0, a logarithm's argument is not positive."""


class Unread(NoValue):
    """A derivative within a formula is asked for at a kink, where it may have a value that is not read."""


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

    def _with(self, does: Callable[[Poly, Poly], Poly], other: Ratio) -> Ratio:
        if self.bottom == other.bottom:
            return Ratio(checked(does(self.top, other.top)), self.bottom)
        top = does(times(self.top, other.bottom), times(other.top, self.bottom))
        return Ratio(checked(top), times(self.bottom, other.bottom))

    def __add__(self, other: Ratio) -> Ratio:
        return self._with(add, other)

    def __sub__(self, other: Ratio) -> Ratio:
        return self._with(sub, other)

    def __neg__(self) -> Ratio:
        return Ratio(-self.top, self.bottom)

    def __mul__(self, other: Ratio) -> Ratio:
        bottom = other.bottom if self.bottom is _ONE else times(self.bottom, other.bottom)
        return Ratio(times(self.top, other.top), bottom)

    def __truediv__(self, other: Ratio) -> Ratio:
        return Ratio(times(self.top, other.bottom), times(self.bottom, other.top))

    def __pow__(self, n: int) -> Ratio:
        if n < 0:
            return Ratio(power(self.bottom, -n), power(self.top, -n))
        return Ratio(power(self.top, n), power(self.bottom, n))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Ratio) and self.top == other.top and self.bottom == other.bottom

    def __hash__(self) -> int:
        return hash((self.top, self.bottom))

    def rational(self) -> Fraction | None:
        """The value where it is a rational number."""
        return constant_of(self.top) if self.top.is_constant() and self.bottom.is_constant() else None

    def generators(self) -> list[int]:
        return sorted({*used(self.top), *used(self.bottom)})

    def terms(self) -> Iterator[tuple[Fraction, Ratio]]:
        """The terms of the numerator over the denominator, each as a rational number and the rest."""
        for powers, value in self.top.terms:
            yield fraction(value), Ratio(prod((generator(i) ** n for i, n in powers), start=_ONE), self.bottom)


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
        while p.degrees.get(self.index, 0) >= self.degree:
            parts, p = coefficients(p, self.index), polynomial(0)
            for n, part in parts.items():
                times_over, rest = divmod(n, self.degree)
                part = part * g**rest if rest else part
                p += times(part, power(self.instead, times_over)) if times_over else part
            p = checked(p)
        return p


def reduced(p: Poly, relations: Sequence[Relation]) -> Poly:
    """The polynomial with every relation applied, those made last first, as long as one applies."""
    if not relations or p.is_constant():
        return p
    for _ in range(_MOST_STEPS):
        degrees = p.degrees
        found = next((r for r in reversed(relations) if degrees.get(r.index, 0) >= r.degree), None)
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
    than this constant or less than its negative, and nowhere either of them if it is not `reached`. `inverse`: of one
    that increases, the argument for which it has a value, on a cell, where that is known to be there. `zeros`: of one
    that increases, all its arguments for which a polynomial of the second degree in it is 0, where these are known.
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
    inverse: Callable[[Any, Ratio], Ratio | None] | None = None
    zeros: Callable[[Any, Ratio, Ratio, Ratio], list[Ratio] | None] | None = None


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
    signs: dict[Any, frozenset[int]] = field(default_factory=dict)  # of constants
    angles: list[tuple[int, int]] = field(default_factory=list)  # a sine and the cosine of the same
    refined: bool = False  # whether a finer unit was made
    work: Work | None = None  # what pays for the questions about signs

    def spend(self, units: float) -> None:
        """Count what is about to be done.

        Raises:
            Spent: the work that is allowed was done.
        """
        if self.work is not None:
            if self.work.over():
                raise Spent
            self.work.spend(units)

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

    def factors(self, p: Poly) -> tuple[Fraction, list[tuple[Poly, int]]]:
        """A rational number and the factors of a polynomial, with their powers, also a root of which there is the
        square: of `u + x*r`, where r is the root of u, they are r and r + x."""
        scale, todo = factors(p)
        found: list[tuple[Poly, int]] = []
        while todo:
            part, n = todo.pop()
            divided = (self._without_root(part, relation) for relation in (self.relations if len(part) > 1 else ()))
            if (rest := next(filter(None, divided), None)) is None:
                found.append((part, n))
                continue
            root, inner = rest
            more, parts = factors(inner)
            scale, todo = scale * more**n, [*todo, *((each, m * n) for each, m in parts)]
            found.append((root, n))
        return scale, found[::-1]

    def _without_root(self, p: Poly, of: Relation) -> tuple[Poly, Poly] | None:
        """A root, and what a polynomial is that many times over."""
        is_root = self.made[of.index].what == of.degree == 2
        if not is_root or p.degrees.get(of.index) != 1 or not used(of.instead):
            return None
        powers, root = coefficients(p, of.index), generator(of.index)
        rest = Ratio(powers[0], of.instead) if 0 in powers else ratio(0)
        return (root, powers[1] + rest.top * root) if rest.bottom == 1 and not rest.top.is_zero() else None

    def is_single(self, *ratios: Ratio) -> bool:
        return all(g.single for r in ratios for g in self.all_of(r))

    def inside(self, indexes: Iterable[int]) -> set[int]:
        """The generators that some are made of, and those that these are made of in turn."""
        return self.with_inside(j for i in indexes for arg in self.made[i].args for j in arg.generators())

    def with_inside(self, indexes: Iterable[int]) -> set[int]:
        """The same with these themselves."""
        found, stack = set[int](), [*indexes]
        while stack:
            i = stack.pop()
            if i not in found:
                found.add(i)
                stack += [j for arg in self.made[i].args for j in arg.generators()]
        return found

    def balls(self, indexes: Sequence[int], names: dict[str, Any]) -> dict[int, Any]:
        """The values of generators, at a point given by the values of names."""
        values: dict[int, Any] = {}
        for i in sorted(self.with_inside(indexes)):  # what a generator is made of was made before it
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
    for powers, value in p.terms:
        term = arb(value)
        for i, n in powers:
            term *= values[i] ** n
        total += term
    return total
