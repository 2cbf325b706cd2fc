"""The signs that quantities may have in a part of the domain, told by rational arithmetic, of constants by balls."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

from gradcalc.engine.scalars import rising
from gradcalc.engine.switches import ALL, Signs
from gradcalc.record import dataclass, field

from .algebra import Generators, NoValue, Ratio, Relation, poly_ball, ratio, reduced
from .arithmetic import of_power, product, sum_of
from .inverses import inside
from .polynomials import Poly, Powers, coefficients, constant_of, generator, polynomial, squared, used
from .separation import separation_bits
from .squares import in_sine_alone, linear_in_angle, norms_in_angle, square_in_angle
from .univariate import in_one, sign_of, signs_met, signs_of_wholes

_BITS, _MOST_BITS = 128, 4096
_MOST_SEPARATED = 16_384  # bits to which a constant is computed that may be 0
_MOST_SQUARED, _MOST_ROOTED = 64, 12  # terms
_DEEPEST = 12  # generators within generators
_MOST_BOUNDED, _MOST_DEGREE = 4, 6  # generators in whose corners a polynomial is looked at; of a root beside others
_A_REDUCTION = 1  # units of work that a relation in another costs


class Empty(Exception):
    """No point has all these signs."""


@dataclass(slots=True)
class Known:
    """`facts` are irreducible polynomials and the signs they may have; `relations` come from those that are 0. `wholes`
    are the keys of what is a whole number, as an exponent of something negative is."""

    generators: Generators
    facts: dict[Poly, Signs] = field(default_factory=dict)
    relations: list[Relation] = field(default_factory=list)
    wholes: set[Any] = field(default_factory=set)
    asking: list[int] = field(default_factory=list)  # generators whose signs are being told from their arguments
    told: list[Poly] = field(default_factory=list)  # polynomials whose signs are being told from others

    def poly(self, p: Poly) -> Poly:
        return reduced(p, [*self.generators.relations, *self.relations])

    def ratio(self, r: Ratio) -> Ratio:
        top, bottom = self.poly(r.top), self.poly(r.bottom)
        return r if top == r.top and bottom == r.bottom else Ratio(top, bottom)

    def signs(self, r: Ratio) -> Signs:
        """The signs that a quantity may have where it has a value."""
        r = self.ratio(r)
        return product(self._of_product(r.top), self._of_product(r.bottom) - {0})

    def _of_product(self, p: Poly) -> Signs:
        if p.is_zero():
            return frozenset({0})
        scale, parts = self.generators.factors(p)
        found: Signs = frozenset({sign_of(scale)})
        for part, n in parts:
            found = product(found, of_power(self.of_factor(part), n))
        return found

    def unknown(self, r: Ratio, apart: bool = False) -> tuple[Poly, Signs, bool] | None:
        """A factor of the quantity that may have several signs, if it is to be told `apart` from 0 that one among them,
        these, and whether that is enough of it; of the bottom line, none is 0. For that of atan(u), a factor of u."""
        found = self._unknown(self.ratio(r), apart)
        for _ in range(_DEEPEST):
            if found is None:
                break
            part, indexes = found[0], used(found[0])
            inner = self._followed(indexes[0], part) if len(indexes) == 1 else self._further(indexes, part)
            square = square_in_angle(part, self.generators.angles)
            inner = (inner or inside(self, part)) if square is None else Ratio(square[1])
            inner, apart = (inner, apart) if inner else self._beside_root(part, indexes, apart)
            deeper = None if inner is None else self._unknown(self.ratio(inner), apart)
            if deeper is None:
                break
            found = deeper
        return found

    def _unknown(self, r: Ratio, apart: bool) -> tuple[Poly, Signs, bool] | None:
        for p, never in ((r.top, frozenset()), (r.bottom, frozenset({0}))):
            if not p.is_zero():
                for part, _ in self.generators.factors(p)[1]:
                    signs = self.of_factor(part) - never
                    if len(signs) > 1 and (0 in signs or not apart):
                        return part, signs, apart
        return None

    def of_factor(self, p: Poly) -> Signs:
        """The signs of an irreducible polynomial with the leading coefficient 1."""
        known = self.facts.get(p, ALL)
        indexes = used(p)
        if len(known) == 1:
            return known
        if self.generators.is_constant(p):
            return known & self._of_constant(p)
        if len(indexes) == 1:
            known &= self._of_one(p, indexes[0])
        known &= signs_of_wholes(p) if all(map(self._is_whole, indexes)) else ALL
        if len(known) > 1 and (square := square_in_angle(p, self.generators.angles)) is not None:
            known &= product(frozenset({sign_of(square[0])}), of_power(self._of_product(square[1]), 2))
        further = self._further(indexes, p)
        if further is not None:
            known &= self.signs(further)
        if len(known) > 1 and len(self.asking) <= _DEEPEST and (within := inside(self, p)) is not None:
            self.asking.append(-1)  # no generator's
            known &= self.signs(within)
            self.asking.pop()
        if len(known) > 1:
            known &= self._by_terms(p)
        if len(known) > 1 and (known := known & self._everywhere(p)) and len(known) > 1:
            known &= self._once(p, self._by_sines, p)
        if not known:
            raise Empty(p)
        return known

    def _once(self, p: Poly, tell: Callable[..., Signs], *of: Poly) -> Signs:
        """The signs of a polynomial that others `tell`, whose own are not told by it in turn."""
        if p in self.told:
            return ALL
        self.told.append(p)
        try:
            return tell(*of)
        finally:
            self.told.pop()

    def _by_sines(self, p: Poly) -> Signs:
        """With 1 - sin^2 for the square of a cosine, of which there are no other powers; not 0 where a norm is not; and
        of `a*sin(u) + b*cos(u) + c`, where c^2 >= a^2 + b^2, by the sign of c."""
        known = ALL
        for sine, cosine in self.generators.angles if len(p) <= _MOST_ROOTED else ():
            instead = in_sine_alone(p, sine, cosine)
            known &= ALL if instead is None else self._of_product(instead)
            norms = (self.generators.factors(norm)[1] for norm in norms_in_angle(p, sine, cosine))
            apart = any(all(0 not in self.facts.get(part, ALL) for part, _ in parts) for parts in norms)
            known -= {0} if apart else set()
            a, b, c = linear_in_angle(p, sine, cosine) or (p, p, polynomial(0))
            more = frozenset({-1}) if c.is_zero() else self._of_product(self.poly(c * c - a * a - b * b))
            known &= ALL if -1 in more else product(self._of_product(c), more | {1})
        return known

    def _everywhere(self, p: Poly) -> Signs:
        """Of what is linear in each of some bounded generators, whatever these are made of, by its values in corners.
        Where no bound is reached, it is 0 only if it is so in all of them: it is a mean of these with weights."""
        varying = [i for i in used(p) if not self.generators.made[i].constant]
        if len(varying) > _MOST_BOUNDED or any(p.degrees[i] > 1 for i in varying):
            return ALL
        corners, zero, reached = [p], polynomial(0), False
        for i in varying:
            bound, reached = self.generators.made[i].bound, reached or self.generators.made[i].reached
            if bound is None:
                return ALL
            parts = [coefficients(corner, i) for corner in corners]
            corners = [each.get(0, zero) + side * bound * each.get(1, zero) for each in parts for side in (1, -1)]
        signs = list(map(self._if_constant, corners))
        found: Signs = frozenset().union(*signs)
        if {-1, 1} <= found:
            return ALL
        return found if reached or all(0 in each for each in signs) else found - {0}

    def _if_constant(self, p: Poly) -> Signs:
        p = self.poly(p)
        return frozenset({0}) if p.is_zero() else self._of_constant(p) if self.generators.is_constant(p) else ALL

    def _of_constant(self, p: Poly) -> Signs:
        """By balls; that a constant is 0, by algebra, or where roots alone stand in it, by how near it is to 0."""
        bits = separation_bits(self.generators, p)
        bits = None if bits is None or bits > _MOST_SEPARATED else bits

        def attempt(_: int, last: bool) -> Signs | None:
            value = poly_ball(p, self.generators.balls(used(p), {}))
            if not value.is_finite():
                return ALL
            if bits is not None and abs(value) < type(value)(2) ** -bits:
                return frozenset({0})
            return frozenset({sign_of(value)}) if value > 0 or value < 0 else ALL if last else None

        return rising(attempt, _BITS, max(_MOST_BITS, 4 * (bits or 0)))

    def _of_one(self, p: Poly, index: int) -> Signs:
        """By the real roots of all polynomials in one generator whose signs are known."""
        self.generators.spend(_A_REDUCTION * (len(self.relations) + len(self.generators.relations)))
        beside = self._of_its_kind(index)
        for relation in (*self.relations, *self.generators.relations):
            beside += self._of_relation(relation, index)
        known = [(in_one(q, index), signs) for q, signs in (*self.facts.items(), *beside)]
        conditions, own, whole = tuple(each for each in known if each[0]), in_one(p, index), self._is_whole(index)
        if own:
            return signs_met(own, conditions, whole)
        return ALL if signs_met((Fraction(1),), conditions, whole) else frozenset()

    def _is_whole(self, index: int) -> bool:
        return self.generators.are_whole(generator(index)) or Ratio(generator(index)) in self.wholes

    def _of_relation(self, relation: Relation, index: int) -> list[tuple[Poly, Signs]]:
        """A relation as conditions on one generator: g^n is a constant, or a polynomial in one other has the sign of
        an even power. That what stands under a root is not negative holds in the cells in which the root was read,
        which know it, and in no other."""
        instead = self.poly(relation.instead)
        if relation.index == index and not used(instead):
            power = 1 if instead.is_zero() else relation.degree  # where the roots are looked for, none is double
            return [(generator(index) ** power - instead, frozenset({0}))]
        root = self.generators.made[relation.index].kind == "root" and relation not in self.relations
        if used(instead) != [index] or relation.degree % 2 or root:
            return []
        return [(instead, of_power(self.facts.get(generator(relation.index), ALL), 2))]

    def _of_its_kind(self, index: int) -> list[tuple[Poly, Signs]]:
        if index in self.asking or len(self.asking) > _DEEPEST:
            return []
        self.asking.append(index)
        try:
            return self._by_kind(index)
        finally:
            self.asking.pop()

    def _by_kind(self, index: int) -> list[tuple[Poly, Signs]]:
        g, kind = generator(index), self.generators.made[index].kind
        if kind == "exp":
            return [(g, frozenset({1})), (g - 1, self._signs_of_argument(self.generators.made[index].args[0]))]
        if kind == "root":
            (base,) = self.generators.made[index].args
            return [(g, self._signs_of_argument(base) & {0, 1})]
        if kind in ("sin", "cos"):
            return [(g - 1, frozenset({-1, 0})), (g + 1, frozenset({0, 1}))]
        return [] if (followed := self._followed(index)) is None else [(g, self._signs_of_argument(followed))]

    def _signs_of_argument(self, r: Ratio) -> Signs:
        """The signs that it may have; nothing is known of what is made of one that has no value."""
        try:
            return self.signs(r)
        except NoValue:
            return ALL

    def _followed(self, index: int, part: Poly | None = None) -> Ratio | None:
        """A quantity of the same sign as a generator, or as a polynomial in it, in what that is made of."""
        made, g = self.generators.made[index], generator(index)
        if made.kind == "exp":
            return made.args[0] if part == g - 1 else None
        if part is not None and part != g:
            return None
        if made.kind == "log":
            return made.args[0] - ratio(1)
        return made.args[0] if made.kind == "root" or made.odd else None

    def _further(self, indexes: Sequence[int], part: Poly) -> Ratio | None:
        """Of the difference of two values of a function that increases, what its arguments differ by."""
        if len(indexes) != 2 or len(self.asking) > _DEEPEST:
            return None
        one, other = map(self.generators.made.__getitem__, indexes)
        if not one.injective or (one.kind, one.what) != (other.kind, other.what):
            return None
        a, b = map(generator, indexes)
        return one.args[0] - other.args[0] if part == a - b else None

    def _beside_root(self, part: Poly, indexes: Sequence[int], apart: bool) -> tuple[Ratio | None, bool]:
        """Of `r - c` for one root r of q what has its sign, q - c^n, where c is not negative; else c, by each sign."""
        made = self.generators.made
        roots = [i for i in indexes if isinstance(made[i].what, int) and not made[i].constant]
        powers = coefficients(part, roots[0]) if len(roots) == 1 else {}
        if powers.keys() != {0, 1} or not powers[1].is_constant() or made[roots[0]].what > _MOST_DEGREE:
            return None, apart
        c, n = Ratio(-powers[0], powers[1]), made[roots[0]].what
        return (made[roots[0]].args[0] - c**n, apart) if self.signs(c) <= {0, 1} else (c, False)

    def _by_terms(self, p: Poly) -> Signs:
        """By the signs of its terms, or of what it is more than something of a known sign."""
        terms, told, place = dict(p.terms), dict[int, Signs](), self._linear_in(p)
        known = self._of_terms(p, told)
        for q, signs in self.facts.items():
            if len(known) == 1:
                break
            if signs <= {0, 1} or signs <= {0, -1}:
                known &= self._beyond(p, terms, q, signs, told)
                if len(known) > 1 and place is not None and q.degrees.get(place) == 1:
                    known &= self._beside(p, q, place, signs)
            if len(known) > 1 and len(q) * len(q) <= _MOST_SQUARED and squared(q.leading) in terms:
                known &= self._beyond(p, terms, q * q, of_power(signs, 2), told)
        known = known if len(known) == 1 else known & self._by_squares(p)
        known = known if len(known) == 1 or len(p) > _MOST_ROOTED else known & self._by_even_powers(p)
        return known if len(known) == 1 or len(p) > _MOST_ROOTED else known & self._by_root(p)

    def _by_root(self, p: Poly) -> Signs:
        """Of `a*r + b` for an n-th root r, by which of `a*r` and `b` is larger."""
        for i in reversed(used(p)):
            made = self.generators.made[i]
            if made.kind != "root" or made.what > _MOST_DEGREE or p.degrees[i] != 1 or i in self.asking:
                continue
            powers = coefficients(p, i)
            if 0 in powers:
                a, b, n = Ratio(powers[1]), Ratio(powers[0]), made.what
                self.asking.append(i)
                try:
                    by = {1: self.signs(a), -1: self.signs(b)}
                    by[0] = (by[1] & by[-1]) | {0}
                    if n % 2 and not all(len(by[side]) == 1 for side in (1, -1)):
                        continue
                    turned = [ratio(*by[side] if n % 2 else (1,)) for side in (1, -1)]
                    larger = self.signs((a * turned[0]) ** n * made.args[0] - (b * turned[1]) ** n)
                finally:
                    self.asking.pop()
                return frozenset(sign for each in larger for sign in by[each] if sign or not each)
        return ALL

    def _by_even_powers(self, p: Poly) -> Signs:
        """By the signs of what even powers of one generator are multiplied by."""
        for i in (i for i, most in p.degrees.items() if not most % 2):
            powers = coefficients(p, i)
            if not any(n % 2 for n in powers):
                total, square = frozenset({0}), of_power(self._of_generator(i), 2)
                for n, part in powers.items():
                    total = sum_of(total, product(self._of_product(part), square if n else frozenset({1})))
                if total != ALL:
                    return total
        return ALL

    def _by_squares(self, p: Poly) -> Signs:
        """Of `a*g^(2*k) + b*g^k + c`, as `a*(g^k + b/(2*a))^2 + rest`, and with a number for `a` of the rest again."""
        total: Signs = frozenset({0})
        for i in used(p):
            most = p.degrees.get(i, 0)  # of what is left
            if most % 2 or not most:
                continue
            powers = coefficients(p, i)
            a, b = powers[most], powers.get(most // 2)
            if not powers.keys() <= {0, most // 2, most}:
                continue
            if not a.is_constant() and b is not None and 0 in powers:
                found = sum_of(total, self._once(p, self._of_square, a, b, powers[0]))
                if found != ALL:
                    return found
            if a.is_constant():
                scale = constant_of(a)
                total = sum_of(total, frozenset({0, sign_of(scale)}))
                p = powers.get(0, polynomial(0)) - (polynomial(0) if b is None else b * b / polynomial(4 * scale))
                found = total if p.is_zero() else sum_of(total, self._of_terms(p))
                if found != ALL or total == ALL:
                    return found
        return ALL

    def _of_square(self, a: Poly, b: Poly, c: Poly) -> Signs:
        """The same, where `a` has a sign that is known."""
        if 0 in (signs := self._of_product(a)):
            return ALL
        rest = self._of_product(self.poly(a * c * polynomial(4) - b * b))
        return sum_of(signs | {0}, product(rest, signs))

    def _beyond(self, p: Poly, terms: dict[Powers, Any], q: Poly, signs: Signs, told: dict[int, Signs]) -> Signs:
        """Of `p = c*q + rest`, with c so that the leading terms cancel; `told` are the signs of generators."""
        shared = terms.get(q.leading)
        if shared is None:
            return ALL
        rest = p - q * shared
        of_rest = frozenset({0}) if rest.is_zero() else self._of_terms(rest, told)
        return sum_of(product(signs, frozenset({sign_of(shared)})), of_rest)

    def _linear_in(self, p: Poly) -> int | None:
        """The generator that stands in a polynomial with the power of 1, beside constants at most."""
        varying = (
            used(p) if p.total_degree() == 1 == len(p) else [i for i in used(p) if not self.generators.made[i].constant]
        )
        return varying[0] if len(varying) == 1 and p.degrees[varying[0]] == 1 else None

    def _beside(self, p: Poly, q: Poly, place: int, signs: Signs) -> Signs:
        """Of `p = a*g + b` by `q = c*g + d` with constants, or where p is g: as `c*p = a*q + (b*c - a*d)`."""
        alone = p.total_degree() == 1 == len(p)
        if not alone and any(i != place and not self.generators.made[i].constant for i in used(q)):
            return ALL
        parts = (coefficients(each, place) for each in (p, q))
        (a, b), (c, d) = ((powers[1], powers.get(0, polynomial(0))) for powers in parts)
        of_a, of_c, of_rest = map(self._of_terms if alone else self._if_constant, (a, c, b * c - a * d))
        return ALL if 0 in of_c else product(sum_of(product(of_a, signs), of_rest), of_c)

    def _of_terms(self, p: Poly, told: dict[int, Signs] | None = None) -> Signs:
        total, told = frozenset({0}), {} if told is None else told
        for powers, value in p.terms:
            found: Signs = frozenset({1 if value > 0 else -1})
            for i, n in powers:
                if i not in told:
                    told[i] = self._of_generator(i)
                found = product(found, of_power(told[i], n))
            total = sum_of(total, found)
            if total == ALL:
                break
        return total

    def _of_generator(self, i: int) -> Signs:
        p = generator(i)
        known = self.facts.get(p, ALL)
        if self.generators.made[i].constant and len(known) > 1:
            return known & self._of_constant(p)
        return known & self._of_one(p, i) if len(known) > 1 else known
