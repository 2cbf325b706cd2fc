"""That two formulas with sums and products over an index are equal, whatever their ends are, term by term.

Each step is enough, and none is needed: sums that are equal need no equal terms.

1. Sums and products with the same ends and equal terms are one quantity; with names for these quantities the formulas
   are shown equal by the algebra of all others.
2. Else what a formula is linear in is brought inside: `y*sum(f, k=1..n)` is `sum(y*f, k=1..n)`. Sums whose ends lie
   apart by whole numbers are brought to one index, and first terms that not all of them have are looked at on their
   own. Then the terms are shown equal, for every real k > low - 1/2, of which the whole k are some.
3. Inside a sum over j, the product over the same range is that below j, the factor at j and that above it.
4. Where terms have kinks, each is studied with the one of the claim next to it. Where no two of them have a kink in
   one point, the sum has no derivative at a kink of one of them that has none, as all others have theirs; and no domain
   may end there. Kinks in one point do not cancel if the first derivatives that step there are different ones, of which
   the lowest steps for the sum, or all step up, or all down; and where the claim is what the slopes go to on both sides
   of all terms, the sum has no other derivative.
5. Else, where all ends are one name n, by induction (`induction`): for n of which no sum has more than no term.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from functools import reduce

from gradcalc.engine.domains import partial_calls
from gradcalc.engine.formulas import plus, times
from gradcalc.engine.rationals import rational_value
from gradcalc.engine.rewrite import expand, our_derivative, prepare_open
from gradcalc.engine.switches import Interning
from gradcalc.language.ends import names_in_ends
from gradcalc.language.formula import (
    Call,
    Formula,
    Name,
    Number,
    brief,
    children_first,
    children_of_all,
    fold,
    free_names,
    users_functions,
    with_arguments,
)
from gradcalc.language.functions import CONSTANTS, TABLE
from gradcalc.language.literals import ONE, ZERO, number
from gradcalc.language.spelled import SPELLED, fresh, opened, put_in, row_over
from gradcalc.language.substitution import substitute, written_out
from gradcalc.record import dataclass
from gradcalc.work import Work

from .algebra import Generators, NoValue, Spent
from .cells import Cell, Split
from .continuous import may_end
from .equality import NOT_SHOWN, Claimed, Equality, Met, Step, prove_apart, prove_equal
from .induction import prove_by_induction
from .laws import has_value_on, in_laws, on_branch, plain
from .reading import Reader
from .sides import Studied

_Region = tuple[tuple[Formula, int], ...]
_Part = tuple[tuple[Formula, Formula], str, _Region]  # of both sides, the name of an index if it has one, where that is
_Member = tuple[Call, int, tuple[int, int]]  # a sum, its side, and by how much its ends are above those of the first
_Kink = tuple[int, str, _Region, Met]  # which part of the formula it is in, the name of its index if it has one, where
_DEEPEST = 6  # sums within sums
_MOST_FIRST, _MOST_ALONE = 20, 1  # terms that not all sums have, and others that are no part of the rest
_COMPARISONS = [TABLE[name] for name in ("<", "<=", ">", ">=", "==", "!=")]
_HALF = Call(TABLE["/"], (ONE, number(2)))


def prove_termwise(
    truth: Formula, claim: Formula, variables: Collection[str], work: Work, but_kinks: str = "", formula: Formula = ZERO
) -> Equality:
    """Whether two formulas are equal for all values, and all whole ends, at which both have a value; where one of them
    has none for some ends or terms only, that is not shown.

    Args:
        variables: names that are variables whatever they are otherwise.
        but_kinks: a name; where terms of `truth` compare equals of which one moves steadily with it nothing is shown.
        formula: what else must have a value, as that of which one is the derivative.
    """
    asked = (opened(prepare_open(each)) for each in (truth, claim, formula))
    return _Termwise(frozenset(variables), work, but_kinks).run(*asked)


def prove_slopes_termwise(
    formula: Formula, claim: Formula, name: str, order: int, variables: Collection[str], work: Work
) -> Equality:
    """Whether a claim is a derivative of a formula of sums, of which terms have kinks, wherever both have a value."""
    studied = opened(prepare_open(formula)), opened(prepare_open(claim))
    return _Termwise(frozenset(variables), work, "").run_studied(*studied, name, order)


@dataclass(frozen=True, slots=True)
class _Linear:
    """A formula as a sum of sums over an index, and of the rest."""

    rest: Formula
    sums: tuple[Call, ...] = ()


class _Termwise:
    def __init__(self, variables: frozenset[str], work: Work, but_kinks: str):
        self.variables, self.work, self.but_kinks = variables, work, but_kinks
        self.intern = Interning()
        self.steps: list[Step] = []
        self.taken: set[str] = set()
        self.ends: frozenset[str] = frozenset()
        self.wholes: set[str] = set()
        self.reason = NOT_SHOWN

    def run(self, truth: Formula, claim: Formula, formula: Formula) -> Equality:
        self._take_names(truth, claim)
        if self._equal(truth, claim, (), 0):
            return Equality(True, steps=self.steps)
        known: list[tuple[Call, Name]] = []
        if self.but_kinks or self.work.over():
            return Equality(False, self.reason)
        self._take_names(formula)
        there = truth if formula == ZERO else Call(TABLE["+"], (truth, Call(TABLE["*"], (ZERO, formula))))
        named = self._named(there, known, (), 0), self._named(claim, known, (), 0)
        found = prove_by_induction((there, claim), named, known, {*self.variables, *self.taken}, self.work, formula)
        return found or Equality(False, self.reason)

    def _take_names(self, *both: Formula) -> None:
        self.taken |= {name for each in both for name in free_names(each) if name not in CONSTANTS}
        self.ends |= {name for each in both for name in names_in_ends(each)}
        self.wholes |= self.ends
        self.taken |= self.ends | {row.params[0] for each in both for row in users_functions(each) if row.indexed}

    # -- where terms have kinks

    def run_studied(self, formula: Formula, claim: Formula, name: str, order: int) -> Equality:
        """The first terms are looked at on their own if all together are not shown, as that of abs(x)^k for k = 1."""
        self._take_names(formula, claim)
        found = Equality(False, NOT_SHOWN)
        for alone in range(_MOST_ALONE + 1):
            found = found or self._studied(linear(formula), linear(claim), name, order, alone)
        return found

    def _studied(self, formula: _Linear, claim: _Linear, name: str, order: int, alone: int) -> Equality:
        self.steps = []
        kinks, may_be_one_sided = list[_Kink](), False
        for i, ((term, claimed), index, inside) in enumerate(self._parts(formula, claim, alone) or ()):
            if users_functions(term) or users_functions(claimed):
                return Equality(False, NOT_SHOWN)
            formulas = [in_laws(term)]
            for _ in range(order):
                formulas.append(our_derivative(formulas[-1], name))
            every = self.ends.union(*(free_names(quantity) for quantity, _ in inside))
            studied = Claimed(
                formulas[-2], formulas[-1], claimed, {*self.variables, *self.taken}, inside, Studied(name, formulas),
                every=dict.fromkeys(every, ()), wholes=self.wholes,
            )  # fmt: skip
            found = prove_equal(studied, self.work)
            if not found or found.open:
                return Equality(False, found.reason or NOT_SHOWN)
            self.steps += found.steps
            kinks += [(i, index, (*inside, *met.signs), met) for met in found.met if met.bare or not met.certain]
            may_be_one_sided = may_be_one_sided or may_end(plain(formulas[0]), self.wholes)
        if not self.steps or (kinks and may_be_one_sided) or not all(self._are_apart(*two) for two in _pairs(kinks)):
            return Equality(False, "kinks of terms may cancel each other")
        return Equality(True, steps=self.steps)

    def _are_apart(self, one: _Kink, other: _Kink) -> bool:
        """Whether two kinks, in one sum those of two terms, the first of which comes later, have no point in common, or
        do not cancel each other there."""
        (i, index, here, met), (j, own, there, others) = one, other
        if (i == j and not index) or not (met.bare or others.bare):
            return True
        if met.step and others.step and (met.step == others.step or met.step[0] != others.step[0]):
            return True
        new = fresh(own, self.taken) if own else ""
        moved = [(substitute(quantity, {own: Name(new)}), sign) for quantity, sign in there] if own else there
        later = Call(TABLE["-"], (Call(TABLE["-"], (Name(index), Name(new))), _HALF))
        where = [*here, *moved, *([(later, 1)] if i == j else [])]
        names = {*self.variables, *self.taken, new}
        return bool(prove_apart(Claimed(ZERO, ZERO, ZERO, names, where, wholes={*self.wholes, new}), self.work))

    # -- where they are equal

    def _equal(self, truth: Formula, claim: Formula, where: _Region, depth: int) -> bool:
        if depth > _DEEPEST or self.work.over():
            self.reason = self.work.ended if self.work.over() else "sums within sums within sums"
            return False
        known: list[tuple[Call, Name]] = []
        named = self._named(truth, known, where, depth), self._named(claim, known, where, depth)
        told = self.ends.union(*(free_names(quantity) for quantity, _ in where))
        found = prove_equal(
            Claimed(
                self._kinked(named[0], [name.name for _, name in known], where),
                *named,
                {*self.variables, *self.taken},
                where,
                every={name.name: free_names(call) for call, name in known} | dict.fromkeys(told, ()),
                named=[name.name for call, name in known if any(partial_calls(f.body) for f in users_functions(call))],
                wholes=self.wholes,
            ),
            self.work,
        )
        if found:
            self.steps += found.steps
            return True
        self.reason = found.reason
        return self._by_terms(linear(truth), linear(claim), where, depth)

    def _kinked(self, truth: Formula, opaque: Collection[str], where: _Region) -> Formula:
        """A formula of the kinks that are excepted: each comparison in it is between equals at single values."""
        kinks: Formula = ZERO
        for node in children_first(expand(truth)) if self.but_kinks else ():
            if isinstance(node, Call) and node.function in _COMPARISONS and not free_names(node).keys() & opaque:
                slope = our_derivative(Call(TABLE["-"], node.args), self.but_kinks)
                if prove_apart(
                    Claimed(ZERO, slope, ZERO, {*self.variables, *self.taken}, where, wholes=self.wholes), self.work
                ):
                    kinks = plus(kinks, Call(TABLE["if"], (node, ZERO, ZERO)))
        return kinks

    def _named(self, root: Formula, known: list[tuple[Call, Name]], where: _Region, depth: int) -> Formula:
        """The formula with one name for all sums and products that are equal."""

        def call(node: Call, args: list[Formula]) -> Formula:
            if not node.function.indexed:
                return with_arguments(node, args)
            same = (name for other, name in known if self._same(other, node, where, depth))
            if (name := next(same, None)) is None:
                name = Name(f"{node.function.spelling} {len(known) + 1}")
                known.append((node, name))
            return name

        return written_out(root, call=call)

    def _same(self, one: Call, other: Call, where: _Region, depth: int) -> bool:
        if one.function.spelling != other.function.spelling or self._apart(one, other) != (0, 0):
            return False
        index, inside = self._index(one)
        terms = _at(one, index), _at(other, index)
        before = len(self.steps)
        same = self.intern(terms[0]) == self.intern(terms[1]) or self._equal(*terms, (*where, *inside), depth + 1)
        self.steps[before:] = [step for step in self.steps[before:] if same and step.kink]
        return same

    def _by_terms(self, truth: _Linear, claim: _Linear, where: _Region, depth: int) -> bool:
        parts = self._parts(truth, claim) if truth.sums or claim.sums else None
        for totals, index, inside in parts or ():
            if not self._equal(*totals, (*where, *inside), depth + 1):
                return False
            self.steps += [Step(f"term by term: {brief(totals[0])} = {brief(totals[1])}")] if index else []
        return parts is not None

    def _parts(self, truth: _Linear, claim: _Linear, alone: int = 0) -> list[_Part] | None:
        """Both as sums of parts, side by side, with so many terms of all sums that are parts; None where too many first
        terms have nothing beside them."""
        parts: list[_Part] = [((truth.rest, claim.rest), "", ())]
        left = [(call, side) for side, whole in enumerate((truth, claim)) for call in whole.sums]
        while left:
            first, _ = left[0]
            group = [(call, side, apart) for call, side in left if (apart := self._apart(first, call))]
            left = [(call, side) for call, side in left if not self._apart(first, call)]
            starts = [low - high for _, _, (low, high) in group]  # once all end where the first does
            latest = max(starts) + alone
            if latest - min(starts) > _MOST_FIRST:
                return None
            for start in range(min(starts), latest):
                members = [each for each, own in zip(group, starts, strict=True) if own <= start]
                parts.append((self._totals(members, _plus(first.args[0], start)), "", ()))
            index, inside = self._index(Call(first.function, (_plus(first.args[0], latest), first.args[1])))
            parts.append((self._totals(group, Name(index)), index, inside))
        return parts

    def _totals(self, group: Sequence[_Member], place: Formula) -> tuple[Formula, Formula]:
        """Of both sides, the sum of all terms at one place."""
        totals: list[Formula] = [ZERO, ZERO]
        for call, side, (_, high) in group:
            here = _plus(place, high)
            totals[side] = plus(totals[side], self._split(_at(call, here), here, call.args))
        return totals[0], totals[1]

    def _split(self, term: Formula, here: Formula, ends: Sequence[Formula]) -> Formula:
        """A term with products over the range of its own index cut there."""

        def call(node: Call, args: list[Formula]) -> Formula:
            if not node.function.indexed or SPELLED[node.function.spelling].row is not TABLE["*"]:
                return with_arguments(node, args)
            if self._apart(node, Call(node.function, tuple(ends))) != (0, 0):
                return node
            before = Call(node.function, (ends[0], _plus(here, -1)))
            after = Call(node.function, (_plus(here, 1), ends[1]))
            return reduce(_times, (before, _at(node, here), after))

        return written_out(term, call=call)

    def _index(self, call: Call) -> tuple[str, _Region]:
        """A new name for the index of a sum, and where it is."""
        name = fresh(call.function.params[0], self.taken)
        self.taken.add(name)
        self.wholes.add(name)
        low, high = call.args
        minus, plus = TABLE["-"], TABLE["+"]
        return name, (
            (Call(plus, (Call(minus, (Name(name), low)), _HALF)), 1),
            (Call(plus, (Call(minus, (high, Name(name))), _HALF)), 1),
        )

    def _apart(self, one: Call, other: Call) -> tuple[int, int] | None:
        """By how much the lower and the upper end of another sum are higher, where that is a whole number."""
        found = [self._difference(end, of) for end, of in zip(other.args, one.args, strict=True)]
        return None if None in found else (found[0], found[1])  # type: ignore[return-value]

    def _difference(self, one: Formula, other: Formula) -> int | None:
        if self.intern(one) == self.intern(other):
            return 0
        if partial_calls(one) or partial_calls(other):
            return None
        reader = Reader(Cell(Generators(self.variables | self.taken)), self.intern, set(), False, self.work)
        try:
            found = reader.read(Call(TABLE["-"], (one, other))).rational()
        except (NoValue, Split, Spent, ArithmeticError):
            return None
        return int(found) if found is not None and found.denominator == 1 else None


def _pairs(kinks: Sequence[_Kink]) -> Iterator[tuple[_Kink, _Kink]]:
    """Each with each; of one sum, in both orders."""
    for k, one in enumerate(kinks):
        yield one, one
        for other in kinks[:k]:
            yield one, other
            yield other, one


def linear(root: Formula) -> _Linear:
    """The sums over an index that a formula is made of by `+`, `-` and by factors that have none."""
    add, subtract, over = TABLE["+"], TABLE["-"], TABLE["/"]

    def call(node: Call, parts: list[_Linear]) -> _Linear:
        row = node.function
        if row.indexed:
            return _Linear(ZERO, (node,)) if SPELLED[row.spelling].row is add else _Linear(node)
        if row in (add, subtract):
            one, other = parts[0], _each(parts[1], _negated) if row is subtract else parts[1]
            return _Linear(plus(one.rest, other.rest), (*one.sums, *other.sums))
        if row.name == "neg":
            return _each(parts[0], _negated)
        if row is TABLE["*"] and not (parts[0].sums and parts[1].sums):
            by, of = sorted(parts, key=lambda part: len(part.sums))
            return _each(of, lambda term: _times(by.rest, term))
        if row is over and not parts[1].sums:
            return _each(parts[0], lambda term: Call(over, (term, node.args[1])))
        return _Linear(node)

    def name(node: Name, meant: _Linear | None) -> _Linear:
        return meant or _Linear(node)

    def itself(node: Number) -> _Linear:
        return _Linear(node)

    return fold(root, itself, name, call)


def _each(whole: _Linear, change: Callable[[Formula], Formula]) -> _Linear:
    def changed(call: Call) -> Call:
        term = call.function.definition
        assert isinstance(term, Formula)
        return Call(row_over(call.function.spelling, change(term), call.function.params[0]), call.args)

    return _Linear(change(whole.rest), tuple(map(changed, whole.sums)))


def _negated(term: Formula) -> Formula:
    return ZERO if term is ZERO else Call(TABLE["neg"], (term,))


def _times(one: Formula, other: Formula) -> Formula:
    """The product, also by 0 where that takes what has no value with it."""
    return Call(TABLE["*"], (one, other)) if _may_lack(one) or _may_lack(other) else times(one, other)


def _may_lack(formula: Formula) -> bool:
    """Whether a formula may have no value, or a term of a sum or product in it."""
    return bool(partial_calls(formula)) or not all(map(_is_total, children_first(formula, children_of_all)))


def _is_total(node: Formula) -> bool:
    """Whether the body of a user's function has a value everywhere, or a term for all indexes from the first on."""
    if not isinstance(node, Call) or not isinstance((row := node.function).definition, Formula):
        return True
    has_first = row.indexed and rational_value(node.args[0]) is not None
    branch = ((Call(TABLE[">="], (Name(row.params[0]), node.args[0])), True),) if has_first else ()
    cell = Cell(Generators(frozenset(free_names(row.body)), frozenset(row.params)))
    return not partial_calls(row.body) or has_value_on(on_branch(branch, cell)[0], plain(in_laws(row.body)))


def _plus(formula: Formula, step: int) -> Formula:
    return Call(TABLE["+"], (formula, number(step))) if step else formula


def _at(call: Call, index: str | Formula) -> Formula:
    """A term of a sum or a factor of a product."""
    term = call.function.definition
    assert isinstance(term, Formula)
    return put_in(term, {call.function.params[0]: Name(index) if isinstance(index, str) else index})
