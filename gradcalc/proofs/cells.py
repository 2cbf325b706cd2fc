"""A cell: the points at which some quantities have given signs, told by rational arithmetic, of constants by balls."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gradcalc.engine.switches import ALL, Signs
from gradcalc.record import dataclass, field

from .algebra import Ratio, Relation, ratio
from .arithmetic import product, sum_of
from .inverses import inside
from .polynomials import Poly, coefficients, constant_of, fraction, from_terms, generator, polynomial, used
from .signs import Empty as Empty, Known
from .univariate import sign_of

APART = 2  # the sign of what is not 0

_MOST_CHAINED = 12


class Split(Exception):
    """The sign of a quantity must be known: the cell falls into those with each of its signs, or, if that is enough,
    into that where it is 0 and the rest."""

    def __init__(self, factor: Poly, signs: Signs, apart: bool = False):
        super().__init__()
        self.factor = factor
        self.signs = signs
        self.apart = signs if not apart or signs != ALL else frozenset({0, APART})


@dataclass(slots=True)
class Cell(Known):
    """Facts and what follows from them.

    `values` are what names stand for, where they are known. `steps` say how the cell was cut out. `thin`: it lies in
    the zeros of a quantity that is 0 on no open set.
    """

    values: dict[str, Ratio] = field(default_factory=dict)
    steps: tuple[tuple[Poly, int], ...] = ()
    thin: bool = False
    found: dict[Any, Signs] = field(default_factory=dict)  # signs that were told by these facts
    chained: int = 0  # facts that followed of two: log(x) > 3*x and x > exp(3*x) lead to ever further ones

    def copy(self) -> Cell:
        facts, values = dict(self.facts), dict(self.values)
        relations, wholes = list(self.relations), set(self.wholes)
        cell = Cell(self.generators, facts, relations, wholes, values=values, steps=self.steps, thin=self.thin)
        cell.found = self.found
        return cell

    def of_factor(self, p: Poly) -> Signs:
        key = p, len(self.relations), len(self.generators.relations)
        found = self.found.get(key)
        if found is None:
            found = Known.of_factor(self, p)
            if not self.asking and not self.told:  # else not all ways were gone
                self.found[key] = found
        return found

    def _of_constant(self, p: Poly) -> Signs:
        signs, key = self.generators.signs, (p, len(self.generators.relations))
        if key not in signs:
            signs[key] = Known._of_constant(self, p)
        return signs[key]

    @property
    def on_zeros(self) -> bool:
        return any(sign == 0 for _, sign in self.steps)

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
        scale, parts = self.generators.factors(p)
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
        elif 0 not in signs and ({-1, 1} <= signs or not may_split):
            for part, _, known in several:
                self._fact(part, known - {0})
        elif may_split:
            raise Split(several[0][0], several[0][2])

    def cut_by(self, r: Ratio, apart: bool = False) -> None:
        """Have the cell cut by a factor of a quantity that may have several signs, or be 0, where `apart` is enough.

        Raises:
            Split: if there is one.
        """
        unknown = self.unknown(r, apart)
        if unknown is not None:
            raise Split(*unknown)

    def assume_whole(self, n: Ratio) -> None:
        """Keep to the points at which a quantity is whole.

        Raises:
            Empty: there are none, as between two neighbours, where it is one term beside a whole number.
        """
        terms = [(c, m) for c, m in n.terms() if m.rational() is None or c.denominator > 1]
        side = sign_of(terms[0][0]) if terms else 1
        rest = sum((ratio(side * c) * m for c, m in terms), ratio(0))
        if not terms or rest in self.wholes:
            return
        self.wholes.add(rest)
        self.found = {}
        if any(self._is_whole(index) and not self._of_one(rest.top, index) for index in rest.generators()):
            raise Empty

    def _fact(self, part: Poly, signs: Signs) -> None:
        if not signs:
            raise Empty
        self._drop_weaker(part, signs)
        self.facts[part], self.found = signs, {}
        self.of_factor(part)  # is there such a point?
        if part.total_degree() == 1:
            self._chain(part, signs)
        if (inner := self._further(used(part), part) or inside(self, part)) is not None:
            self.assume(inner.top * inner.bottom, signs, may_split=False)

    def _drop_weaker(self, part: Poly, signs: Signs) -> None:
        """Forget what follows from `x > 5` alone, as `x > 3` does: many steps along one quantity are two facts."""
        for other, known in list(self.facts.items()):
            rest = other - part
            if known == signs and len(signs) == 1 and rest.is_constant() and sign_of(constant_of(rest)) in signs:
                del self.facts[other]

    def _chain(self, part: Poly, signs: Signs) -> None:
        """From `x > y` and `y > z` follows `x > z`."""
        for other, known in list(self.facts.items()):
            if other.total_degree() == 1 and other.leading == part.leading:
                factor = part.leading_coefficient() / other.leading_coefficient()
                (one, of_one), (two, of_two) = self._of_wholes(part, signs), self._of_wholes(other, known)
                rest, found = one - factor * two, sum_of(of_one, product(of_two, frozenset({-sign_of(factor)})))
                if rest.is_zero():
                    continue
                lead = rest.leading_coefficient()
                found, rest = product(found, frozenset({sign_of(lead)})), rest / lead
                if rest.is_constant() and 1 not in found:
                    raise Empty
                before = self.facts.get(rest, ALL)
                if used(rest) and not before <= found and self.chained < _MOST_CHAINED:
                    self.chained += 1
                    self._fact(rest, self.of_factor(rest) & found)

    def _of_wholes(self, part: Poly, signs: Signs) -> tuple[Poly, Signs]:
        """A polynomial and its signs, with `p > 0` as `p - 1 >= 0` where it is a whole number."""
        is_whole = all(map(self._is_whole, used(part))) and all(fraction(c).denominator == 1 for _, c in part.terms)
        if not is_whole or signs not in ({1}, {-1}):
            return part, signs
        return part - max(signs), signs | {0}

    def side(self, part: Poly, sign: int, thin: bool = False) -> Cell:
        """The part of the cell where an irreducible polynomial has this sign.

        Raises:
            Empty: there is none.
        """
        cell, signs = self.copy(), frozenset({-1, 1} if sign == APART else {sign})
        if sign == 0 and (all_zero := self._all_zero(part)):
            for each in all_zero:
                cell = cell.side(each, 0, thin)
            return cell
        cell.steps = (*(step for step in self.steps if step != (part, APART)), (part, sign))
        cell._fact(part, signs)
        if len(used(part)) == 1 and (inner := cell._followed(used(part)[0], part)) is not None:
            cell.assume(inner.top * inner.bottom, signs, may_split=False)
        if sign == 0:
            cell.thin = self.thin or thin
            cell._vanishes(part)
        return cell

    def _all_zero(self, part: Poly) -> list[Poly]:
        """The generators that are all 0 exactly where a sum is: where its terms are powers of one each, and not of
        different signs, as those of `x^2 + y^4`."""
        found, signs = list[Poly](), frozenset[int]()
        for powers, value in part.terms:
            signs |= self._of_terms(from_terms({powers: value}))
            if len(powers) != 1 or {-1, 1} <= signs:
                return []
            found.append(generator(powers[0][0]))
        return found if len(found) > 1 else []

    def sides(self, part: Poly, *signs: int, thin: bool = False) -> list[Cell]:
        """Those parts of the cell, by the sign of an irreducible polynomial, that there are."""
        found = []
        for sign in signs:
            try:
                found.append(self.side(part, sign, thin))
            except Empty:
                continue
        return found

    def _vanishes(self, part: Poly) -> None:
        """Put in what follows for a variable, or relate a generator to the others."""
        mains = {r.index for r in (*self.relations, *self.generators.relations)}
        found: list[tuple[tuple[bool, int, bool], int, Mapping[int, Poly]]] = []
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
            self._is_known(part)
            return
        (_, degree, quotient), index, powers = min(found, key=lambda item: item[0])
        if degree == 1 and self.generators.made[index].kind == "name":
            value = -Ratio(powers.get(0, polynomial(0)), powers[1])
            self.values[self.generators.made[index].what] = value
        if not quotient:
            scale = polynomial(-1 / constant_of(powers[degree]))
            rest = sum((p * generator(index) ** n for n, p in powers.items() if n < degree), polynomial(0))
            self.relations.append(Relation(index, degree, rest * scale))
            if self._is_whole(index):
                self.assume_whole(Ratio(rest * scale))
            self._untangle(self.relations[-1])
            self._read_again(part)

    def _is_known(self, part: Poly) -> None:
        """Put in the number that a sine or a root is, and what that says of what it is tied to."""
        if len(used(part)) != 1 or part.total_degree() != 1:
            return
        (index,) = used(part)
        made = Relation(index, 1, generator(index) - part)
        tied = [relation for relation in self.generators.relations if relation.index == index]
        self.relations.append(made)
        self._read_again(part)
        for relation in tied:
            rest = self.poly(made.instead**relation.degree - relation.instead)
            if not rest.is_constant():
                self._vanishes(rest)

    def _read_again(self, part: Poly) -> None:
        """All that was known, as it is where a polynomial is 0."""
        kept = list(self.facts.items())
        self.facts, self.found = {part: frozenset({0})}, {}
        for p, signs in kept:
            if p != part:
                self.assume(p, signs, may_split=False)

    def _untangle(self, made: Relation) -> None:
        """Solve for `s^2` what `c = -s` makes of `s^2 = 1 - c^2`."""
        for relation in self.generators.relations:
            powers = dict(coefficients(made.reduced(relation.instead), relation.index))
            if max(powers, default=0) != relation.degree:
                continue
            above = powers.pop(relation.degree)
            if above.is_constant() and above != 1:
                rest = sum((p * generator(relation.index) ** n for n, p in powers.items()), polynomial(0))
                scale = polynomial(1 / (1 - constant_of(above)))
                self.relations.append(Relation(relation.index, relation.degree, rest * scale))
