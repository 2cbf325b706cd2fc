"""Quantities that are 0 by what inverse functions and roots are, which reduction of polynomials does not see.

A sum of arcs u with abs(u) < 2*pi is 0 where cos(u) = 1, a sum with logarithms where exp(u) = 1, and a*r + b for a root
r of degree q where (a*r)^q = (-b)^q and, for an even q, a*r and -b are on the same side of 0. Cosine, exponential and
powers are told by exact algebra again.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import gcd, lcm

from flint import arb

from gradcalc.engine.scalars import dyadic, precision
from gradcalc.engine.switches import Signs
from gradcalc.language.functions import TABLE

from .algebra import NoValue, Ratio, ratio
from .cells import Empty
from .polynomials import (
    Poly,
    Powers,
    TooLarge,
    coefficients,
    factors,
    fraction,
    from_terms,
    generator,
    polynomial,
    used,
)
from .special import Special

_DEEPEST = 3
_MOST_TERMS = 120
_MOST_MULTIPLE = 60  # of a logarithm or an arc that varies
_Group = dict[int, Fraction]  # generators and what they are multiplied by


class Vanishing(Special):
    """Reads quantities, and tells whether they are 0."""

    def signs(self, r: Ratio) -> Signs:
        """The signs that a quantity may have where it has a value."""
        signs = self.cell.signs(r)
        return frozenset({0}) if 0 in signs and self.vanishes(r) else signs

    def vanishes(self, r: Ratio, deepest: int = _DEEPEST) -> bool:
        """Whether a quantity was shown to be 0 wherever it has a value."""
        try:
            if self.cell.signs(r) == {0}:
                return True
            parts = factors(self.cell.ratio(r).top)[1]
            return deepest > 0 and any(self._is_zero(part, deepest - 1) for part, _ in parts)
        except (NoValue, TooLarge, Empty):
            return False

    def _is_zero(self, p: Poly, deepest: int) -> bool:
        by_roots = (self._is_root(*each, deepest) for each in self._roots(p))
        return len(p) <= _MOST_TERMS and (self._by_inverses(p, deepest) or any(by_roots))

    # -- arcs and logarithms

    def _by_inverses(self, p: Poly, deepest: int) -> bool:
        """Of a sum of terms with one arc or logarithm each, and of others."""
        kinds = {i: kind for i in used(p) if (kind := self._inverse(i))}
        if not kinds:
            return False
        groups: dict[tuple[str, Powers], _Group] = {}
        rest = dict(p.terms)
        for powers, value in p.terms:
            inverses = [(i, n) for i, n in powers if i in kinds]
            if not inverses:
                continue
            if len(inverses) > 1 or inverses[0][1] > 1:
                return False
            ((i, _),) = inverses
            groups.setdefault((kinds[i], tuple(each for each in powers if each[0] != i)), {})[i] = fraction(value)
            del rest[powers]
        turn = used(self.pi().top)[0]
        for (kind, others), group in groups.items():
            if kind == "arc":
                ((turned, _),) = (from_terms({others: 1}) * generator(turn)).terms
                pis = rest.pop(turned, None)
                turns = Fraction(0) if pis is None else fraction(pis)
                if not self._is_no_turn(group, turns, deepest):
                    return False
        logs = [(others, group) for (kind, others), group in groups.items() if kind == "log"]
        for others, group in logs:
            alone = not others
            if not self._is_log_of_one(group, from_terms(rest) if alone else polynomial(0), deepest):
                return False
            rest = {} if alone else rest
        return not rest or self.vanishes(Ratio(from_terms(rest)), deepest)

    def _inverse(self, i: int) -> str:
        made = self.generators.made[i]
        return "arc" if made.what in (TABLE["asin"], TABLE["atan"]) else "log" if made.kind == "log" else ""

    def _is_no_turn(self, arcs: _Group, turns: Fraction, deepest: int) -> bool:
        """Whether a sum of arcs and of turns, multiples of pi, is 0."""
        many = _least_whole(arcs)
        total = ratio(turns * many) * self.pi() + self._sum(arcs, many)
        if not self.generators.is_constant(total) and max(abs(c) * many for c in arcs.values()) > _MOST_MULTIPLE:
            return False
        if not self._is_below_two_turns(total, arcs, turns, many):
            return False
        return self.vanishes(self.angle(total)[1] - ratio(1), deepest)

    def _is_below_two_turns(self, total: Ratio, arcs: _Group, turns: Fraction, many: Fraction) -> bool:
        """Whether a sum is between -2*pi and 2*pi."""
        if self.generators.is_constant(total):
            with precision(256):
                return bool(abs(self.generators.constant(total)) < 6)
        low = high = turns * many
        open_low = open_high = False
        for i, c in arcs.items():
            ends = self._range_of_arc(i)
            (least, below), (most, above) = ends if c > 0 else ends[::-1]
            low, high = low + c * many * least, high + c * many * most
            open_low, open_high = open_low or below, open_high or above
        return (low > -2 or (low == -2 and open_low)) and (high < 2 or (high == 2 and open_high))

    def _range_of_arc(self, i: int) -> tuple[tuple[Fraction, bool], tuple[Fraction, bool]]:
        """Between what an arc is, in multiples of pi, and whether it is never that."""
        made, half = self.generators.made[i], Fraction(1, 2)
        if made.constant:
            with precision(64):
                value = self.generators.balls([i], {})[i] / arb.pi()
                if not value.is_finite():
                    raise NoValue
                return (dyadic(value.lower()), False), (dyadic(value.upper()), False)
        signs, is_open = self.cell.signs(made.args[0]), made.what is TABLE["atan"]
        least = (-half, is_open) if -1 in signs else (Fraction(0), 0 not in signs)
        return least, (half, is_open) if 1 in signs else (Fraction(0), 0 not in signs)

    def _is_log_of_one(self, logs: _Group, rest: Poly, deepest: int) -> bool:
        """Whether a sum of logarithms and of something else is 0."""
        many = _least_whole(logs)
        if max(abs(c) * many for c in logs.values()) > _MOST_MULTIPLE:
            return False
        total = self._sum(logs, many) + Ratio(rest) * ratio(many)
        return self.vanishes(self.exp(total) - ratio(1), deepest)

    def _sum(self, group: _Group, many: Fraction) -> Ratio:
        return Ratio(sum((polynomial(c * many) * generator(i) for i, c in group.items()), polynomial(0)))

    # -- roots

    def _roots(self, p: Poly) -> Iterator[tuple[int, Ratio, Ratio, Ratio]]:
        """The degree of a root r, what it is of, a and b where a polynomial is a*r + b."""
        for i in reversed(used(p)):
            made = self.generators.made[i]
            if made.kind == "root":
                powers = coefficients(p, i)
                if powers.keys() == {0, 1}:
                    yield made.what, made.args[0], Ratio(powers[1]), Ratio(powers[0])

    def _is_root(self, degree: int, base: Ratio, a: Ratio, b: Ratio, deepest: int) -> bool:
        if degree % 2 == 0:
            signs = {one * other for one in self.cell.signs(a) for other in self.cell.signs(b)}
            if 1 in signs:
                return False
        return self.vanishes(a**degree * base - (-b) ** degree, deepest)


def _least_whole(group: _Group) -> Fraction:
    """The least number that makes all factors whole."""
    below = lcm(*(c.denominator for c in group.values()))
    return Fraction(below, gcd(*(int(c * below) for c in group.values())))
