"""Sums and products by the laws that hold for all whole ends from where there is no term, as `0^0` is 1.

1. What does not move with the index is taken out of a sum, after the term was read as a quotient of polynomials in
   generators: `sum(abs(x)*(-1)^k)` is `abs(x)*sum((-1)^k)`. Where that needs a sign that does not move with the index,
   there is one such form for each sign. What stays in the sum is a power of the index, whose sum is Faulhaber's, or
   gets a name: equal ones have one, and what is shown whatever they are holds for them.
2. Sums of `binomial(n, k)*a^k*b^(n - k)` for all k to n are `(a + b)^n`, with a polynomial in k as `binomials` says.
3. A product is one of products, with `exp(f)` as that of a sum, `a^f` too where a does not move with the index, and
   `k + 2` by the gamma function, if all factors are numbers above 0.

Each has a value wherever the sum or the product has one, so that nothing is lost that a claim could be wrong at; and
none where there is a term without one, so that a claim is not right beyond what it has: what a term needs that does not
move with the index, as `gamma(137 - n)` does, is asked for by 0 times it, and all else must be there for every index.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from contextlib import suppress
from fractions import Fraction
from functools import reduce
from math import ceil, comb, floor
from typing import Any

from flint import fmpq

from gradcalc.engine.domains import partial_calls
from gradcalc.engine.formulas import minus, plus, times
from gradcalc.engine.rationals import rational_value
from gradcalc.engine.rewrite import kinks_along, our_derivative, prepare_open
from gradcalc.engine.tidy import isolated
from gradcalc.language.ends import names_in_ends
from gradcalc.language.formula import Call, Formula, Name, brief, free_names, users_functions, with_arguments
from gradcalc.language.functions import CONSTANTS, TABLE
from gradcalc.language.literals import ONE, ZERO, number
from gradcalc.language.spelled import SPELLED, fresh, opened, put_in, row_over
from gradcalc.language.substitution import written_out
from gradcalc.record import replace
from gradcalc.work import Work

from .algebra import Generators, NoValue, Ratio, ratio
from .binomials import Choices
from .cells import Cell, Empty, Split
from .equality import NOT_SHOWN, Claimed, Equality, Step, prove_equal
from .exact import as_formula, possible_signs, simplified
from .laws import has_value_on, in_laws, plain
from .polynomials import Powers, coefficients, constant_of, factors, fraction, from_terms, generator, polynomial, used
from .reading import Reader
from .sides import Studied
from .taken_apart import apart, powers, with_partial_named
from .thin import names_in

_MOST_DEGREE = 12
_MOST_CUTS = 2  # signs that a term is read for
_INDEX = "index of a sum"  # a name that nobody can type
_PLUS, _MINUS, _TIMES, _OVER, _NEG, _POWER = (TABLE[name] for name in ("+", "-", "*", "/", "neg", "^"))
_HALF = Call(_OVER, (ONE, number(2)))
_OF_SIGN = {-1: TABLE["<"], 0: TABLE["=="], 1: TABLE[">"]}
_UNREAD = (NoValue, Split, Empty, ArithmeticError)


def prove_summed(formula: Formula, name: str, order: int, claim: Formula, work: Work) -> Equality:
    """Whether a claim equals a derivative of a formula by a name, where both have all their sums in such forms, for all
    ends from where these have no term."""
    ends = {end for each in (formula, claim) for end in names_in_ends(each)}
    free = {*free_names(formula), *free_names(claim)} - {*CONSTANTS}
    forms = _Forms({name, *free, *ends}, ends)
    ours = [in_laws(forms.of(formula, name))]
    is_closed = not _has_sums(ours[0])
    parts = [ours[0], *(row.body for row in users_functions(ours[0]))]
    if not is_closed and any(True for part in parts for _ in kinks_along(part, name)):
        return Equality(False, NOT_SHOWN)
    for _ in range(order):
        ours.append(our_derivative(ours[-1], name))
    theirs = forms.of(claim, name if is_closed else "")
    if not is_closed:
        ours = [ZERO, forms.of(ours[-1])]
    if not forms.known or any(map(_has_sums, (ours[-1], theirs))):
        return Equality(False, NOT_SHOWN)
    return forms.equal(ours, theirs, Studied(name, ours) if is_closed else None, work)


def _needs(ends: Iterable[tuple[Formula, Formula]], names: Collection[str]) -> list[Call]:
    """`n >= m - 1`, and `n >= 0` for `n >= -n - 1`; of `n >= 0` and `n >= -3` the first; not `n^2 >= 0`."""
    needs: dict[tuple[Formula, str, Formula | None], Fraction] = {}
    for end, least in ends:
        if free_names(end).keys() & free_names(least).keys():
            end, least = simplified(minus(end, least), names) or minus(end, least), ZERO
        if possible_signs(minus(end, least), names) <= {0, 1}:
            continue
        alone, turned = isolated(minus(end, least))
        left, bound = alone.args if isinstance(alone, Call) and alone.function is _MINUS else (alone, ZERO)
        value = rational_value(bound) if isinstance(left, Name) else None
        if value is None:
            needs[end, ">=", least] = Fraction()
        else:  # of a whole number
            key = left, "<=" if turned else ">=", None
            value = Fraction(floor(value) if turned else ceil(value))
            needs[key] = (min if turned else max)(value, needs.get(key, value))
    return [
        Call(TABLE[sign], (left, number(value) if bound is None else bound))
        for (left, sign, bound), value in needs.items()
    ]


def _has_sums(formula: Formula) -> bool:
    return any(row.indexed for row in users_functions(formula))


class _Forms:
    """The sums of one claim in such forms, and the quantities that have names in them."""

    def __init__(self, names: Collection[str], ends: Collection[str]):
        self.names, self.ends = {_INDEX, *names}, frozenset(ends)
        self.known: list[tuple[Call, Formula, Formula]] = []  # in closed form, from that end on
        self.sums: dict[object, tuple[Call, Name]] = {}
        self.generators = Generators(frozenset(self.names), self.ends | {_INDEX})
        (self.place,) = Reader(Cell(self.generators)).name(_INDEX).generators()

    def of(self, root: Formula, fixed: str = "") -> Formula:
        """The formula with its sums and products in such forms; without a name in what these are made of."""

        def call(node: Call, args: list[Formula]) -> Formula:
            made = with_arguments(node, args)
            if not node.function.indexed or not isinstance(made, Call):
                return made
            (low, high), (index,), term = made.args, node.function.params, node.function.definition
            assert isinstance(term, Formula)
            if any(row.indexed for row in users_functions(term)) or any(map(partial_calls, made.args)):
                return made
            moved = put_in(term, {index: plus(Name(_INDEX), low)})
            last = minus(high, low)
            is_sum = SPELLED[node.function.spelling].row is _PLUS
            form, least = _Long(self, last, fixed).form(moved, is_sum)
            if form is None:
                return made
            least_end = plus(low, number(least))
            self.known.append((made, form, simplified(least_end, self.names) or least_end))
            return form

        return written_out(opened(prepare_open(root)), call=call)

    def equal(self, ours: list[Formula], theirs: Formula, studied: Studied | None, work: Work) -> Equality:
        named = [(call, name.name) for call, name in self.sums.values()]
        above = [Call(_PLUS, (Call(_MINUS, (call.args[1], least)), ONE)) for call, _, least in self.known]
        found = prove_equal(
            Claimed(
                ours[-2], ours[-1], theirs, {*self.names, *(name for _, name in named)},
                [(each, 1) for each in above], studied,
                every=dict.fromkeys(self.ends, ()) | {name: free_names(call) for call, name in named},
                named=[name for call, name in named if any(partial_calls(f.body) for f in users_functions(call))],
                wholes=self.ends,
            ), work,
        )  # fmt: skip
        if not found or found.open or (studied is None and found.kinks):  # there may be a derivative as well
            return replace(found, proved=False, reason=found.reason or NOT_SHOWN)
        steps = [Step(f"{brief(call)} = {brief(form)}") for call, form, _ in self.known]
        needs = _needs(((call.args[1], least) for call, _, least in self.known), self.names)
        return Equality(True, steps=[*dict.fromkeys(steps), *found.steps], needs=needs)


class _Long:
    """The forms of one sum or product of terms from 0 to a last one."""

    def __init__(self, forms: _Forms, last: Formula, fixed: str):
        self.forms, self.generators, self.last, self.fixed = forms, forms.generators, last, fixed
        self.place = forms.place

    def form(self, term: Formula, is_sum: bool) -> tuple[Formula | None, int]:
        """The form, if there is one, and the least last place that it holds for."""
        if not is_sum:
            return self.product(term), -1
        return self.binomial(term) or (self.sum(term), -1)

    # -- sums

    def sum(self, term: Formula) -> Formula | None:
        """By what it is in generators, or what does not move with the index times the sum of the rest; that is 0 where
        there is no term, also where the first has no value."""
        if (found := self._as_read(term)) is not None:
            return found
        free, rest = apart(term, _INDEX)
        form = None if free is ONE else self._as_read(rest)
        return None if form is None else self._with_domain(Call(_TIMES, (free, form)), ZERO, term)

    def _as_read(self, term: Formula) -> Formula | None:
        with suppress(*_UNREAD):
            return self._on(self._cell(), plain(in_laws(term)), _MOST_CUTS)
        return None

    def _cell(self) -> Cell:
        """All terms that there are."""
        cell = Cell(self.generators)
        cell.assume(generator(self.place), frozenset({0, 1}))
        return cell

    def _on(self, cell: Cell, term: Formula, cuts: int) -> Formula | None:
        reader = Reader(cell.copy())
        try:
            value = reader.read(term)
        except Split as split:
            if not cuts or _INDEX in names_in(self.generators, split.factor) or _needs_more(reader, cell, term):
                return None
            return self._cut(cell, split, term, cuts)
        if _needs_more(reader, cell, term):
            return None
        moving = {i for i in value.generators() if self.place in self.generators.with_inside([i])}
        below = {True: polynomial(1), False: polynomial(1)}
        scale, parts = factors(value.bottom)
        for part, n in parts:
            below[bool(moving & {*used(part)})] *= part**n
        groups: dict[Powers, dict[Powers, Any]] = {}
        for exponents, c in value.top.terms:
            own, free = (tuple(each for each in exponents if (each[0] in moving) is moves) for moves in (True, False))
            groups.setdefault(own, {})[free] = c
        total: Formula = ZERO
        for own, others in groups.items():
            whole = self._whole(Ratio(from_terms({own: 1}), below[True]), cell)
            if whole is None:
                return None
            by = Ratio(from_terms(others), below[False] * polynomial(scale))
            total = plus(total, times(as_formula(self.generators, by), whole))
        return total

    def _cut(self, cell: Cell, split: Split, term: Formula, cuts: int) -> Formula | None:
        """One form for each sign of a quantity."""
        quantity = as_formula(self.generators, Ratio(split.factor))
        found: Formula | None = None
        for side in cell.sides(split.factor, *sorted(split.signs)):
            form = self._on(side, term, cuts - 1)
            if form is None:
                return None
            asked = Call(_OF_SIGN[side.steps[-1][1]], (quantity, ZERO))
            found = form if found is None else Call(TABLE["if"], (asked, form, found))
        return found

    def _whole(self, each: Ratio, cell: Cell) -> Formula | None:
        """The sum of what moves with the index alone."""
        power = coefficients(each.top, self.place)
        if each.generators() == [self.place] and each.bottom == 1:
            return _of_powers(max(power), self.last) if max(power) <= _MOST_DEGREE else None
        if not each.generators():
            return plus(self.last, ONE)
        term = as_formula(self.generators, each)
        if self.fixed in free_names(term):
            return None
        return self._geometric(term, each, cell) or self._named(term, each)

    def _geometric(self, term: Formula, each: Ratio, cell: Cell) -> Formula | None:
        """Of `a*q^k`, where q is known not to be 1."""
        reader = Reader(cell.copy())
        following = put_in(term, {_INDEX: Call(_PLUS, (Name(_INDEX), ONE))})
        by = reader.cell.ratio(reader.read(plain(following)) / each)
        if self.place in self.generators.with_inside(by.generators()) or not reader.cell.signs(by - ratio(1)) <= {
            -1,
            1,
        }:
            return None
        q, first = as_formula(self.generators, by), put_in(term, {_INDEX: ZERO})
        grown = Call(_MINUS, (Call(_POWER, (q, Call(_PLUS, (self.last, ONE)))), ONE))
        return times(first, Call(_OVER, (grown, Call(_MINUS, (q, ONE)))))

    def _named(self, term: Formula, each: Ratio) -> Formula:
        last = Reader(Cell(self.generators)).read(plain(self.last))
        index = fresh("k", {*self.forms.names, *free_names(term)})
        made = row_over("sum", put_in(term, {_INDEX: Name(index)}), index)
        name = Name(f"sum {len(self.forms.sums)}")
        return self.forms.sums.setdefault((each, last), (Call(made, (ZERO, self.last)), name))[1]

    def binomial(self, term: Formula) -> tuple[Formula | None, int] | None:
        """By the binomial theorem; with the domain of the term."""
        found = Choices(self._cell(), self.place, self.last).sum(term, _INDEX)
        if found is None:
            return None
        form = self._with_domain(found.form, ZERO, found.asked, found.cell)
        return None if form is None else (form, found.least)

    # -- products

    def product(self, term: Formula) -> Formula | None:
        """By the powers that it is made of; a product of no factors is 1 also where these would have no value."""
        count, whole = plus(self.last, ONE), ONE
        for base, power in powers(term):
            moves, turns = (_INDEX in free_names(each) for each in (base, power))
            if not moves and not turns:
                found = Call(_POWER, (Call(_POWER, (base, power)), count))
            else:
                inner = self._of_numbers(base) if moves else self.sum(power)
                if inner is None or moves is turns or not self._is_power(base, power):
                    return None
                found = Call(_POWER, (inner, power) if moves else (base, inner))
            whole = times(whole, found)
        return self._with_domain(whole, ONE, term)

    def _with_domain(self, whole: Formula, empty: Formula, term: Formula, cell: Cell | None = None) -> Formula | None:
        """A form, where there are terms only where all that they are made of has a value, if that does not move with
        the index or is known to have one. Without terms it is what there is then."""
        named = with_partial_named(term, _INDEX)
        if named is None or not self._is_total(cell or self._cell(), named[1]):
            return None
        if not named[0]:
            return whole
        whole = reduce(plus, (Call(_TIMES, (ZERO, part)) for part in named[0]), whole)
        return Call(TABLE["if"], (Call(TABLE[">"], (plus(self.last, ONE), ZERO)), whole, empty))

    def _is_total(self, cell: Cell, term: Formula) -> bool:
        return not partial_calls(term) or has_value_on(cell, plain(in_laws(term)))

    def _is_power(self, base: Formula, exponent: Formula) -> bool:
        """Whether a power of a product is that of its factors: of what is positive, or with a whole exponent."""
        reader = Reader(self._cell())
        with suppress(*_UNREAD):
            if reader.is_whole(reader.read(plain(exponent))):
                return True
            return reader.signs(reader.read(plain(base))) == {1}
        return False

    def _of_numbers(self, term: Formula) -> Formula | None:
        """Of `a*k + b` with numbers that make it more than 0."""
        with suppress(*_UNREAD):
            read = Reader(Cell(self.generators)).read(plain(term))
            powers = coefficients(read.top, self.place)
            if read.bottom == 1 and powers.keys() == {0, 1} and all(part.is_constant() for part in powers.values()):
                a, b = constant_of(powers[1]), constant_of(powers[0])
                if a > 0 and b > 0:
                    start = number(b / a)
                    count = Call(_PLUS, (self.last, ONE))
                    found = Call(
                        _OVER, (Call(TABLE["gamma"], (Call(_PLUS, (count, start)),)), Call(TABLE["gamma"], (start,)))
                    )
                    return times(Call(_POWER, (number(a), count)), found)
        return None


def _needs_more(reader: Reader, cell: Cell, term: Formula) -> bool:
    """Whether what was read of a term, also before a cut, may have no value somewhere on a cell."""
    if not partial_calls(term):
        return False
    known = Reader(cell)
    if reader.cell.facts != cell.facts or not all(map(known.is_whole, reader.cell.wholes)):
        return True
    return not has_value_on(cell, term)


def _of_powers(power: int, end: Formula) -> Formula:
    """`0^p + 1^p + ... + end^p`, as a polynomial in its end, for p > 0."""
    bernoulli = [fmpq.bernoulli(j) * (-1 if j == 1 else 1) for j in range(power + 1)]
    scales = [number(fraction(b) * comb(power + 1, j) / (power + 1)) for j, b in enumerate(bernoulli)]
    return times(reduce(lambda total, scale: plus(times(total, end), scale), scales), end)
