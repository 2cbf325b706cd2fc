"""Roots, powers, exponentials and logarithms by the laws that hold where both sides have a value."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from math import gcd, lcm, prod
from typing import Any

from flint import fmpz

from gradcalc.language.formula import Call
from gradcalc.language.functions import TABLE

from .algebra import Generator, Ratio, Relation, ratio
from .cells import Cell
from .polynomials import Poly, TooLarge, coefficients, constant_of, factors, generator, polynomial, used
from .squares import square_in_angle
from .values import Values, inverse_by, leads_with_minus

_BITS_TO_FACTOR = 96


class Powers(Values):
    """Reads powers."""

    def _power(self, _: Call, base: Ratio, exponent: Ratio) -> Ratio:
        n = exponent.rational()
        if n is None:
            return self._general_power(base, exponent)
        if n < 0:
            self.need(base, frozenset({-1, 1}))
        if n.denominator == 1:
            return ratio(1) if n == 0 else base ** int(n)
        return self.root(base, n)

    def root(self, base: Ratio, exponent: Fraction) -> Ratio:
        """base^exponent, for base > 0 and where it can be base = 0."""
        self.need(base, frozenset({0, 1}) if exponent > 0 else frozenset({1}))
        base = self.cell.ratio(base)
        if base.top.is_zero():
            return ratio(0)
        result = ratio(1)
        for p, side in ((base.top, 1), (base.bottom, -1)):
            scale, parts = self._as_squares(p)
            result *= self._root_of_number(abs(scale), side * exponent)
            for part, n in self._with_sines(parts):
                result *= self._root_of_size(part, side * n * exponent)
        return result

    def _as_squares(self, p: Poly) -> tuple[Fraction, list[tuple[Poly, int]]]:
        """Factors, of which those are taken further that are squares of what stands in one angle."""
        scale, parts = factors(p)
        found: dict[Poly, int] = {}
        for part, n in parts:
            by, inner = square_in_angle(part, self.generators.angles) or (Fraction(1), None)
            more, within = (Fraction(1), [(part, 1)]) if inner is None else factors(inner * inner)
            scale *= (by * more) ** n
            for each, times in within:
                found[each] = found.get(each, 0) + n * times
        return scale, list(found.items())

    def _with_sines(self, parts: Sequence[tuple[Poly, int]]) -> list[tuple[Poly, int]]:
        """Factors of which `cos(u) - 1` and `cos(u) + 1` are together written `sin(u)^2`, which is as large."""
        powers = dict(parts)
        for sine, cosine in self.generators.angles:
            below, above = generator(cosine) - 1, generator(cosine) + 1
            if below in powers and above in powers:
                n = min(powers[below], powers[above])
                for part in (below, above):
                    powers[part] -= n
                powers[generator(sine)] = powers.get(generator(sine), 0) + 2 * n
        return [(part, n) for part, n in powers.items() if n]

    def _root_of_size(self, part: Poly, exponent: Fraction) -> Ratio:
        """abs(part)^exponent."""
        if exponent.denominator == 1 and exponent % 2 == 0:
            return Ratio(part) ** int(exponent)
        size = part * self._one_sign(part)
        if exponent.denominator == 1:
            return Ratio(size) ** int(exponent)
        return self._root_generator(size, exponent)

    def _root_of_number(self, scale: Fraction, exponent: Fraction) -> Ratio:
        result = ratio(1)
        for prime, n in _primes(scale):
            whole = (n * exponent).__floor__()
            rest = n * exponent - whole
            result *= ratio(prime) ** whole
            if rest:
                result *= self._root_generator(polynomial(prime), rest)
        return result

    def _root_generator(self, size: Poly, exponent: Fraction) -> Ratio:
        key = ("root", size)
        known = self.generators.units.get(key)
        q = exponent.denominator if known is None else lcm(int(known[0]), exponent.denominator)
        if known is None or q != known[0]:
            index = self.generators.index((*key, q), lambda: self._new_root(size, q))
            self.generators.relations.append(Relation(index, q, size))
            if known is not None:
                self.generators.refined = True
                self.generators.relations.append(Relation(known[1], 1, generator(index) ** (q // int(known[0]))))
            self.generators.units[key] = Fraction(q), index
        return Ratio(generator(self.generators.units[key][1])) ** int(exponent * q)

    def _new_root(self, size: Poly, q: int) -> Generator:
        constant = self.generators.is_constant(size)
        return Generator(
            "root", q, (Ratio(size),), lambda x: x.root(q), constant, injective=True, single=constant,
            slope=lambda g, x: g / (ratio(q) * x), inverse=lambda cell, c: c**q if cell.signs(c) <= {0, 1} else None,
        )  # fmt: skip

    def _general_power(self, base: Ratio, exponent: Ratio) -> Ratio:
        signs = self.cell.signs(base)
        if signs == {1}:
            return self.exp(exponent * self.log(base))
        if base.top.is_zero() or signs == {0}:
            self.need(exponent, frozenset({0, 1}))
            signs = self.cell.signs(exponent)
            if signs == {1}:
                return ratio(0)
            self.cell.cut_by(exponent)
            return ratio(1)
        if 1 in signs or 0 in signs:
            self.cell.cut_by(base)
            raise TooLarge
        whole, rest = whole_part(exponent)  # a negative base has powers with whole exponents only
        return base**whole * self._alternating(rest) * self.exp(rest * self.log(-base))

    def _alternating(self, n: Ratio) -> Ratio:
        """(-1)^n of a whole number, as the product of those of its terms where these are known to be whole."""
        terms = list(n.terms())
        self.hold_whole(n)
        if self.is_whole(n):
            signs = [self._sign_of_power(m) for c, m in terms if c % 2]
            return prod(signs, start=ratio(1))
        return self._sign_of_power(n)

    def _sign_of_power(self, n: Ratio) -> Ratio:
        found = self._opaque(TABLE["^"], [ratio(-1), -n if leads_with_minus(n) else n])
        (index,) = found.generators()
        square = Relation(index, 2, polynomial(1))
        if square not in self.generators.relations:
            self.generators.relations.append(square)
        return found

    def exp(self, x: Ratio) -> Ratio:
        result = ratio(1)
        for c, m in self.cell.ratio(x).terms():
            log = self._alone(m, "log")
            inverse = self._alone(m, "call", "lambertw") or self._alone(m, "call", "lambertw_k")
            if log is not None:
                result *= self.root(log.args[0], c)
            elif inverse is not None and c.denominator == 1:  # w*exp(w) = u
                result *= (inverse.args[0] / m) ** int(c)
            else:
                unit, index = self._unit("exp", c, m, self._new_exp)
                result *= Ratio(generator(index)) ** int(c / unit)
        return result

    def _unit(self, kind: str, c: Fraction, m: Ratio, make: Callable[[Fraction, Ratio], Any]) -> tuple[Fraction, Any]:
        """The c0 of which all multiples c0*m seen so far are whole multiples, and the generators for c0*m."""
        key = (kind, m)
        known = self.generators.units.get(key)
        if known is None:
            self.generators.units[key] = abs(c), make(abs(c), m)
        elif (c / known[0]).denominator > 1:
            unit = common_unit(c, known[0])
            made = make(unit, m)
            self.generators.units[key] = unit, made
            self.generators.refined = True
            self._retie(kind, known[1], made, int(known[0] / unit))
        return self.generators.units[key]

    def _retie(self, kind: str, old: Any, new: Any, n: int) -> None:
        """A generator made of a larger unit is written as so many of the new one."""
        self.generators.relations.append(Relation(old, 1, Ratio(generator(new)).__pow__(n).top))

    def _new_exp(self, unit: Fraction, m: Ratio) -> int:
        arg = ratio(unit) * m
        made = Generator("exp", None, (arg,), lambda x: x.exp(), self.generators.is_constant(m),
                         self.generators.is_single(m), True, slope=lambda g, _: g,
                         inverse=inverse_by(_logarithm), zeros=inverse_by(_zeros))  # fmt: skip
        return self.generators.index(("exp", arg), lambda: made)

    def log(self, x: Ratio) -> Ratio:
        self.need(x, frozenset({1}))
        return self.log_of_abs(x)

    def log_of_abs(self, x: Ratio) -> Ratio:
        x = self.cell.ratio(x)
        total = ratio(0)
        for p, side in ((x.top, 1), (x.bottom, -1)):
            scale, parts = self._as_squares(p)
            for prime, n in _primes(abs(scale)):
                total += ratio(side * n) * self._log_of_size(polynomial(prime))
            for part, n in parts:
                total += ratio(side * n) * self._log_of_size(part * self._one_sign(part))
        return total

    def _conjugate(self, size: Poly) -> Poly | None:
        """For `a + b*r` with a square root r of a number and a*b < 0 the other sign: what they come to is a number."""
        indexes = used(size)
        made = self.generators.made[indexes[0]] if len(indexes) == 1 else None
        if made is None or made.what != 2 or made.args[0].rational() is None:  # only of a root it is a number
            return None
        powers = coefficients(size, indexes[0])
        if powers.keys() != {0, 1} or constant_of(powers[0]) * constant_of(powers[1]) > 0:
            return None
        return size - polynomial(2) * powers[0]

    def _log_of_size(self, size: Poly) -> Ratio:
        exp = self._alone(Ratio(size), "exp")
        if exp is not None:
            return exp.args[0]
        root = self._alone(Ratio(size), "root")
        if root is not None:
            return self.log(root.args[0]) / ratio(root.what)
        if (other := self._conjugate(size)) is not None:
            return self.log_of_abs(Ratio(self.cell.poly(size * other))) - self.log_of_abs(Ratio(other))
        made = Generator("log", None, (Ratio(size),), lambda x: x.log(), self.generators.is_constant(size),
                         injective=True, single=self.generators.is_constant(size),
                         slope=lambda _, x: ratio(1) / x, inverse=inverse_by(_exponential))  # fmt: skip
        return Ratio(generator(self.generators.index(("log", size), lambda: made)))


def _logarithm(cell: Cell, c: Ratio) -> Ratio | None:
    return Powers(cell).log_of_abs(c) if cell.signs(c) == {1} else None


def _zeros(cell: Cell, a: Ratio, b: Ratio, c: Ratio) -> list[Ratio] | None:
    """The logarithms of the positive zeros of `a*g^2 + b*g + c`; None where it is not known to have two."""
    under, reader = b * b - ratio(4) * a * c, Powers(cell)
    if cell.signs(under) != {1}:
        return None
    root = reader.root(under, Fraction(1, 2))
    both = [(side - b) / (ratio(2) * a) for side in (root, -root)]
    return [reader.log_of_abs(each) for each in both if cell.signs(each) == {1}]


def _exponential(cell: Cell, c: Ratio) -> Ratio:
    return Powers(cell).exp(c)


def common_unit(a: Fraction, b: Fraction) -> Fraction:
    """The largest number of which both are whole multiples."""
    return Fraction(gcd(a.numerator * b.denominator, b.numerator * a.denominator), a.denominator * b.denominator)


def whole_part(x: Ratio) -> tuple[int, Ratio]:
    """The whole number in a sum, and the rest of it."""
    for c, m in x.terms():
        if m.rational() == 1:
            return c.__floor__(), x - ratio(c.__floor__())
    return 0, x


def _primes(scale: Fraction) -> list[tuple[int, int]]:
    """A positive number as a product of powers; what is long stays whole."""
    found: list[tuple[int, int]] = []
    for whole, side in ((scale.numerator, 1), (scale.denominator, -1)):
        if whole.bit_length() > _BITS_TO_FACTOR:
            found.append((whole, side))
        elif whole > 1:
            found += [(int(prime), side * int(n)) for prime, n in fmpz(whole).factor()]
    return found
