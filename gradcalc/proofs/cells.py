"""A cell: the points at which some quantities have given signs, told by rational arithmetic, of constants by balls."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from gradcalc.engine.scalars import rising
from gradcalc.engine.switches import ALL, Signs
from gradcalc.record import dataclass, field

from .algebra import (
    Generators,
    Poly,
    Ratio,
    Relation,
    coefficients,
    constant_of,
    factors,
    generator,
    poly_ball,
    polynomial,
    reduced,
    used,
)
from .separation import separation_bits
from .univariate import satisfiable, sign_of

_BITS, _MOST_BITS = 128, 4096
_MOST_SEPARATED = 16_384  # bits to which a constant is computed that may be 0
_MOST_SQUARED = 64  # terms
_DEEPEST = 12  # generators within generators


class Empty(Exception):
    """No point has all these signs."""


class Split(Exception):
    """The sign of a quantity must be known: the cell falls into those with each of its signs."""

    def __init__(self, factor: Poly, signs: Signs):
        super().__init__()
        self.factor = factor
        self.signs = signs


def product(one: Signs, other: Signs) -> Signs:
    return frozenset(a * b for a in one for b in other)


@dataclass(slots=True)
class Cell:
    """`facts` are irreducible polynomials and the signs they may have; `relations` come from those that are 0.

    `values` are what names stand for, where they are known. `steps` say how the cell was cut out. `thin`: it lies in
    the zeros of a quantity that is 0 on no open set.
    """

    generators: Generators
    facts: dict[str, tuple[Poly, Signs]] = field(default_factory=dict)
    relations: list[Relation] = field(default_factory=list)
    values: dict[str, Ratio] = field(default_factory=dict)
    steps: tuple[tuple[Poly, int], ...] = ()
    thin: bool = False
    asking: list[int] = field(default_factory=list)  # generators whose signs are being told from their arguments

    def copy(self) -> Cell:
        return Cell(self.generators, dict(self.facts), list(self.relations), dict(self.values), self.steps, self.thin)

    @property
    def on_zeros(self) -> bool:
        return any(sign == 0 for _, sign in self.steps)

    # -- reducing

    def poly(self, p: Poly) -> Poly:
        return reduced(p, [*self.generators.relations, *self.relations])

    def ratio(self, r: Ratio) -> Ratio:
        top, bottom = self.poly(r.top), self.poly(r.bottom)
        return r if top == r.top and bottom == r.bottom else Ratio(top, bottom)

    # -- signs

    def signs(self, r: Ratio) -> Signs:
        """The signs that a quantity may have where it has a value."""
        r = self.ratio(r)
        return product(self._of_product(r.top), self._of_product(r.bottom) - {0})

    def _of_product(self, p: Poly) -> Signs:
        if p.is_zero():
            return frozenset({0})
        scale, parts = factors(p)
        found: Signs = frozenset({sign_of(scale)})
        for part, n in parts:
            signs = self.of_factor(part)
            found = product(found, signs if n % 2 else frozenset(s * s for s in signs))
        return found

    def unknown(self, r: Ratio) -> tuple[Poly, Signs] | None:
        """A factor of the quantity that may have several signs, and these; of the bottom line, none is 0. For that of
        atan(u), a factor of u."""
        found = self._unknown(self.ratio(r))
        for _ in range(_DEEPEST):
            part = found[0] if found is not None else None
            indexes = [] if part is None else used(part)
            inner = None
            if part is not None:
                inner = self._followed(indexes[0], part) if len(indexes) == 1 else self._further(indexes, part)
            deeper = None if inner is None else self._unknown(self.ratio(inner))
            if deeper is None:
                break
            found = deeper
        return found

    def _unknown(self, r: Ratio) -> tuple[Poly, Signs] | None:
        for p, never in ((r.top, frozenset()), (r.bottom, frozenset({0}))):
            if not p.is_zero():
                for part, _ in factors(p)[1]:
                    signs = self.of_factor(part) - never
                    if len(signs) > 1:
                        return part, signs
        return None

    def of_factor(self, p: Poly) -> Signs:
        """The signs of an irreducible polynomial with the leading coefficient 1."""
        known = self.facts.get(str(p), (p, ALL))[1]
        indexes = used(p)
        if len(known) == 1:
            return known
        if self.generators.is_constant(p):
            return known & self._of_constant(p)
        if len(indexes) == 1:
            known &= self._of_one(p, indexes[0])
        further = self._further(indexes, p)
        if further is not None:
            known &= self.signs(further)
        if len(known) > 1:
            known &= self._by_terms(p)
        if not known:
            raise Empty
        return known

    def _of_constant(self, p: Poly) -> Signs:
        """By balls; that a constant is 0, by algebra, or where roots alone stand in it, by how near it is to 0."""
        bits = separation_bits(self.generators, p)
        bits = None if bits is None or bits > _MOST_SEPARATED else bits

        def attempt(_: int, last: bool) -> Signs | None:
            try:
                value = poly_ball(p, self.generators.balls(used(p), {}))
            except (ArithmeticError, ValueError):
                return ALL
            if not value.is_finite():
                return ALL
            if bits is not None and abs(value) < type(value)(2) ** -bits:
                return frozenset({0})
            return frozenset({sign_of(value)}) if value > 0 or value < 0 else ALL if last else None

        return rising(attempt, _BITS, max(_MOST_BITS, 4 * (bits or 0)))

    def _of_one(self, p: Poly, index: int) -> Signs:
        """By the real roots of all polynomials in one generator whose signs are known."""
        conditions = [(q, signs) for q, signs in self.facts.values() if used(q) == [index]]
        conditions += self._of_its_kind(index)
        for relation in (*self.relations, *self.generators.relations):
            conditions += self._of_relation(relation, index)
        return frozenset(s for s in ALL if satisfiable(((p, frozenset({s})), *conditions), index))

    def _of_relation(self, relation: Relation, index: int) -> list[tuple[Poly, Signs]]:
        """A relation as conditions on one generator: g^n is a constant, or a polynomial in one other has the sign of
        an even power. That what stands under a root is not negative holds in the cells in which the root was read,
        which know it, and in no other."""
        instead = self.poly(relation.instead)
        if relation.index == index and not used(instead):
            return [(generator(index) ** relation.degree - instead, frozenset({0}))]
        root = self.generators.made[relation.index].kind == "root" and relation not in self.relations
        if used(instead) != [index] or relation.degree % 2 or root:
            return []
        signs = self.facts.get(str(generator(relation.index)), (None, ALL))[1]
        return [(instead, product(signs, signs) & {0, 1})]

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
            return [(g, frozenset({1})), (g - 1, self.signs(self.generators.made[index].args[0]))]
        if kind == "root":
            (base,) = self.generators.made[index].args
            return [(g, self.signs(base) & {0, 1})]
        if kind in ("sin", "cos"):
            return [(g - 1, frozenset({-1, 0})), (g + 1, frozenset({0, 1}))]
        followed = self._followed(index)
        return [] if followed is None else [(g, self.signs(followed))]

    def _followed(self, index: int, part: Poly | None = None) -> Ratio | None:
        """A quantity of the same sign as a generator, or as a polynomial in it, in what that is made of."""
        made, g = self.generators.made[index], generator(index)
        if made.kind == "exp":
            return made.args[0] if part is not None and part == g - 1 else None
        if part is not None and part != g:
            return None
        if made.kind == "log":
            return made.args[0] - Ratio(polynomial(1))
        return made.args[0] if made.kind == "root" or made.odd else None

    def _further(self, indexes: Sequence[int], part: Poly) -> Ratio | None:
        """Of the difference of two values of a function that increases, what its arguments differ by."""
        if len(indexes) != 2 or len(self.asking) > _DEEPEST:
            return None
        one, other = map(self.generators.made.__getitem__, indexes)
        if not one.injective or (one.kind, one.what) != (other.kind, other.what):
            return None
        difference, (a, b) = one.args[0] - other.args[0], map(generator, indexes)
        return difference if part == a - b else -difference if part == b - a else None

    def _by_terms(self, p: Poly) -> Signs:
        """By the signs of its terms, or of what it is more than something of a known sign."""
        known = self._of_terms(p)
        for q, signs in self.facts.values():
            if len(known) == 1:
                break
            if signs <= {0, 1} or signs <= {0, -1}:
                known &= self._beyond(p, q, signs)
            if len(known) > 1 and len(q) * len(q) <= _MOST_SQUARED:
                known &= self._beyond(p, q * q, product(signs, signs) & {0, 1})
        return known if len(known) == 1 else known & self._by_squares(p)

    def _by_squares(self, p: Poly) -> Signs:
        """Of `a*g^(2*k) + b*g^k + c`, as `a*(g^k + b/(2*a))^2 + rest` with a number for `a`, and of the rest again."""
        total: Signs = frozenset({0})
        for i in used(p):
            powers = coefficients(p, i)
            most = max(powers)
            a, b = powers[most], powers.get(most // 2)
            if most % 2 == 0 and most and a.is_constant() and powers.keys() <= {0, most // 2, most}:
                scale = constant_of(a)
                total = _sum(total, frozenset({0, sign_of(scale)}))
                p = powers.get(0, polynomial(0)) - (polynomial(0) if b is None else b * b / polynomial(4 * scale))
                found = total if p.is_zero() else _sum(total, self._of_terms(p))
                if found != ALL or total == ALL:
                    return found
        return ALL

    def _beyond(self, p: Poly, q: Poly, signs: Signs) -> Signs:
        """Of `p = c*q + rest`, with c so that the leading terms cancel."""
        shared = p.to_dict().get(q.monoms()[0])
        if shared is None:
            return ALL
        rest = p - q * shared
        of_rest = frozenset({0}) if rest.is_zero() else self._of_terms(rest)
        return _sum(product(signs, frozenset({sign_of(Fraction(int(shared.p), int(shared.q)))})), of_rest)

    def _of_terms(self, p: Poly) -> Signs:
        total: Signs = frozenset({0})
        for exponents, value in p.to_dict().items():
            found: Signs = frozenset({1 if value > 0 else -1})
            for i, n in enumerate(exponents):
                if n:
                    signs = self._of_generator(i)
                    found = product(found, signs if n % 2 else frozenset(s * s for s in signs))
            total = _sum(total, found)
            if total == ALL:
                break
        return total

    def _of_generator(self, i: int) -> Signs:
        p = generator(i)
        known = self.facts.get(str(p), (p, ALL))[1]
        if self.generators.made[i].constant and len(known) > 1:
            return known & self._of_constant(p)
        return known & self._of_one(p, i) if len(known) > 1 else known

    # -- facts

    def assume(self, p: Poly, signs: Signs, may_split: bool = True) -> None:
        """Keep to the points at which a polynomial has one of these signs.

        Raises:
            Empty: there are none.
            Split: which they are depends on the signs of its factors, and `may_split`.
        """
        p = self.poly(p)
        if p.is_zero():
            if 0 not in signs:
                raise Empty
            return
        scale, parts = factors(p)
        signs = product(signs, frozenset({sign_of(scale)}))
        several: list[tuple[Poly, int, Signs]] = []
        for part, n in parts:
            known = self.of_factor(part)
            if known == {0}:
                if 0 not in signs:
                    raise Empty
                return
            if len(known) == 1:
                signs = product(signs, known) if n % 2 else signs
            else:
                several.append((part, n, known))
        if not several:
            if 1 not in signs:
                raise Empty
        elif len(several) == 1:
            ((part, n, known),) = several
            self._fact(part, frozenset(s for s in known if (s if n % 2 else s * s) in signs))
        elif 0 not in signs and {-1, 1} <= signs:
            for part, _, known in several:
                self._fact(part, known - {0})
        elif may_split:
            raise Split(several[0][0], several[0][2])

    def _fact(self, part: Poly, signs: Signs) -> None:
        if not signs:
            raise Empty
        self.facts[str(part)] = (part, signs)
        self.of_factor(part)  # is there such a point?
        if part.total_degree() == 1:
            self._chain(part, signs)

    def _chain(self, part: Poly, signs: Signs) -> None:
        """From `x > y` and `y > z` follows `x > z`."""
        for other, known in list(self.facts.values()):
            if other.total_degree() == 1 and other.monoms()[0] == part.monoms()[0] and other != part:
                rest, found = part - other, _sum(signs, product(known, frozenset({-1})))
                lead = rest.leading_coefficient()
                found = product(found, frozenset({sign_of(Fraction(int(lead.p), int(lead.q)))}))
                rest = rest / lead
                if rest.is_constant() and 1 not in found:
                    raise Empty
                before = self.facts.get(str(rest), (rest, ALL))[1]
                if used(rest) and not before <= found:
                    self._fact(rest, before & found)

    def side(self, part: Poly, sign: int, thin: bool = False) -> Cell:
        """The part of the cell where an irreducible polynomial has this sign.

        Raises:
            Empty: there is none.
        """
        cell = self.copy()
        cell.steps = (*self.steps, (part, sign))
        cell._fact(part, frozenset({sign}))
        if sign == 0:
            cell.thin = self.thin or thin
            cell._vanishes(part)
        return cell

    def sides(self, part: Poly, *signs: int) -> list[Cell]:
        """Those parts of the cell, by the sign of a polynomial, that there are."""
        found = []
        for sign in signs:
            try:
                found.append(self.side(part, sign))
            except Empty:
                continue
        return found

    def _vanishes(self, part: Poly) -> None:
        """Put in what follows for a variable, or relate a generator to the others."""
        mains = {r.index for r in (*self.relations, *self.generators.relations)}
        found: list[tuple[tuple[bool, int, bool], int, dict[int, Poly]]] = []
        inside = self.generators.inside(used(part))
        for index in used(part):
            if index not in mains and index not in inside:
                powers = coefficients(part, index)
                lead = powers[max(powers)]
                is_name = self.generators.made[index].kind == "name"
                if lead.is_constant():
                    found.append(((not is_name, max(powers), False), index, powers))
                elif is_name and max(powers) == 1 and self._of_product(lead) <= {-1, 1}:
                    found.append(((not is_name, 1, True), index, powers))
        if not found:
            return
        (_, degree, quotient), index, powers = min(found, key=lambda item: item[0])
        if degree == 1 and self.generators.made[index].kind == "name":
            value = -Ratio(powers.get(0, polynomial(0)), powers[1])
            self.values[self.generators.made[index].what] = value
        if not quotient:
            lead = constant_of(powers[degree])
            rest = sum((p * generator(index) ** n for n, p in powers.items() if n < degree), polynomial(0))
            self.relations.append(Relation(index, degree, rest * polynomial(-1 / lead)))
            kept = list(self.facts.values())
            self.facts = {str(part): (part, frozenset({0}))}
            for p, signs in kept:
                if p != part:
                    self.assume(p, signs, may_split=False)


def _sum(one: Signs, other: Signs) -> Signs:
    return frozenset(s for a in one for b in other for s in ((a or b,) if a * b >= 0 else (-1, 0, 1)))
