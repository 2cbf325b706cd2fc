"""Conditions settled by the signs that are possible, and told: by cases, where quantities are compared more than once.

A condition falls into what is left of it for each sign of one quantity: `x^n` has a value where `x > 0`, where `x == 0`
and `n >= 0`, and where `x < 0` and n is whole. What is left is settled by the signs that are possible then.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from fractions import Fraction
from functools import lru_cache, partial, reduce

from flint import arb

from gradcalc.engine.formulas import controlled, in_chain, operands, terms_of, total
from gradcalc.engine.lowering import Lowering
from gradcalc.engine.rationals import rational_value
from gradcalc.engine.scalars import BALL, precision
from gradcalc.engine.switches import ALL, OUTCOME, Signs, difference, floors
from gradcalc.engine.tidy import isolated
from gradcalc.language.formula import Call, Formula, Name, children, expression, fold, free_names
from gradcalc.language.functions import TABLE
from gradcalc.language.kept import tree_size
from gradcalc.language.literals import ZERO, number
from gradcalc.language.substitution import substitute
from gradcalc.proofs.exact import possible_signs
from gradcalc.proofs.factored import told_by, zero_factors
from gradcalc.proofs.laws import Branch, has_value_everywhere
from gradcalc.work import Work

UNTOLD = "it is asked for"
MOST_STEPS = 3  # of the conditions that lead to a branch
_BITS = 128
_MOST_NODES = 40  # of these
_OF_SIGNS = 20  # units of work for a node of a quantity whose signs, or factors, are looked for
_SMALL, _MOST_SMALL = 12, 24  # nodes of a quantity that is asked about though the work is spent, and how many are
_MOST_CASES = 4  # quantities by whose signs a condition is told


# ---- what is known


class Algebra:
    """Answers about quantities in some variables, as far as there is work allowed for that; about a few small ones
    anyway, as people see that `x^2 > -1` is no condition.

    Args:
        names: that are variables whatever they are otherwise, such as `e`.
    """

    def __init__(self, names: Collection[str], work: Work):
        self.names, self._work, self._small = tuple(names), work, set[Formula]()

    def allows(self, quantity: Formula) -> bool:
        """Whether a quantity may be asked about."""
        work, small = self._work, self._small
        if not work.over():
            work.spend(_OF_SIGNS * tree_size(quantity))
        if work.over() and len(small) < _MOST_SMALL and tree_size(quantity) <= _SMALL:
            small.add(quantity)
        return quantity in small or not work.over()

    def signs(self, quantity: Formula, branch: Branch = ()) -> Signs:
        """The signs that a quantity may have, anywhere or on a branch."""
        asked = (quantity, *(condition for condition, _ in branch))
        return _signs(quantity, self.names, branch) if all(map(self.allows, asked)) else ALL

    def settled(self, condition: Formula, branch: Branch = ()) -> Formula | bool:
        """The condition without those parts that hold always, or never, on a branch."""
        return settle(condition, partial(self.signs, branch=branch))

    def is_empty(self, branch: Branch) -> bool:
        """Whether no point is on a branch: one of its conditions cannot come out so where those before it do."""
        return any(self.settled(condition, branch[:k]) is (not holds) for k, (condition, holds) in enumerate(branch))

    def is_total(self, quantity: Formula, branch: Branch) -> bool:
        """Whether a quantity has a value everywhere on a branch."""
        return self.allows(quantity) and _is_total(quantity, self.names, branch)

    def factors(self, quantity: Formula) -> list[Formula]:
        """Quantities of which one is zero where this one is."""
        return zero_factors(quantity, self.names) if self.allows(quantity) else [quantity]

    def instead(self, quantity: Formula, signs: Signs) -> list[tuple[Formula, Signs]]:
        """Quantities, and their signs, that together say the same as one and its signs, and more plainly."""
        return told_by(quantity, signs, self.names) if self.allows(quantity) else [(quantity, signs)]


_signs = lru_cache(1024)(possible_signs)  # the same is asked while the conditions become fewer, and without the claim
_is_total = lru_cache(1024)(has_value_everywhere)


# ---- put in words


def sign_condition(quantity: Formula, signs: Signs) -> str:
    """`x > 0`; `a < b` for the quantity a - b."""
    return expression(_comparison(quantity, signs))


def _comparison(quantity: Formula, signs: Signs) -> Formula:
    quantity, turned = isolated(of_what_is_whole(quantity))
    left, right, signs = quantity, ZERO, turned_signs(signs) if turned else signs
    if isinstance(quantity, Call) and quantity.function.name == "-":
        left, right = quantity.args
        if not free_names(left):
            left, right, signs = right, left, turned_signs(signs)
    operator = next(name for name, holds in OUTCOME.items() if holds == signs)
    return Call(TABLE[operator], (left, right))


def of_what_is_whole(quantity: Formula) -> Formula:
    """A quantity with `n - floor(n)` for that of `1 - n`, which is whole where `n` is."""
    whole, below = quantity.args if isinstance(quantity, Call) and quantity.function.name == "-" else (ZERO, ZERO)
    rounded = (each for each in floors(below) if each is below and each.args[0] is whole)
    floor = next((each for each in rounded if each.function.rational is math.floor), None)
    if floor is None:
        return quantity
    terms = [(term, sign) for term, sign in terms_of(whole) if (rational_value(term) or Fraction(1, 2)).denominator > 1]
    side = max((sign for _, sign in terms), default=1)
    signs = {side: TABLE["+"], -side: TABLE["-"]}
    terms.sort(key=lambda term: term[1] != side)
    rest = reduce(lambda left, term: Call(signs[term[1]], (left, term[0])), terms[1:], terms[0][0]) if terms else ZERO
    return Call(TABLE["-"], (rest, Call(floor.function, (rest,))))


def simple_first(condition: Formula) -> Formula:
    """The condition as it is best read: what is joined by size, and names alone on their side."""

    def call(node: Call, args: list[Formula]) -> Formula:
        name = node.function.name
        if name in ("and", "or"):
            parts = dict.fromkeys(part for part, _ in operands(Call(node.function, tuple(args)), name))
            return in_chain(name, sorted(parts, key=tree_size))
        return _comparison(difference(node), OUTCOME[name]) if name in OUTCOME else node

    return fold(condition, lambda node: node, lambda node, _: node, call)


def by_cases(
    condition: Formula | bool, possible: Callable[..., Signs], branch: Branch = (), deepest: int = _MOST_CASES
) -> Formula | bool:
    """A condition by the signs of those quantities that it compares more than once, as it is on a branch."""
    condition = settle(condition, partial(possible, branch=branch)) if isinstance(condition, Formula) else condition
    if isinstance(condition, bool):
        return condition
    asked = Counter(map(difference, joined(condition)))
    quantity, times = asked.most_common(1)[0] if asked else (ZERO, 0)
    if times < 2 or not deepest:
        return simple_first(condition)
    signs = possible(quantity, branch)
    left: dict[Formula | bool, Signs] = {}
    for sign in signs:
        one, within = frozenset({sign}), substitute(condition, {} if sign else _at_zero(quantity))
        rest = by_cases(within, _with_signs(possible, quantity, one), (*branch, as_step(quantity, one)), deepest - 1)
        left[rest] = left.get(rest, frozenset()) | {sign}
    if len(left) < 2:
        return next(iter(left), condition)  # none, where there is no point
    always, found = left.pop(True, frozenset()), list[Formula]()
    left.pop(False, None)
    found += [_comparison(quantity, always)] if always else []
    for rest, where in left.items():
        assert isinstance(rest, Formula)
        inside = always | where == signs  # what it is where the condition holds anyway is no matter
        guarded = rest if inside else Call(TABLE["and"], (_comparison(quantity, where), rest))
        found += (part for part, _ in operands(guarded, "or"))
    return in_chain("or", sorted(found, key=tree_size))


def _at_zero(quantity: Formula) -> dict[str, Formula]:
    """The number that a name is where a quantity is 0, by that name: 1 of `n - 1`; empty where it is none."""
    alone, _ = isolated(quantity)
    left, right = alone.args if isinstance(alone, Call) and alone.function.name == "-" else (alone, ZERO)
    return {left.name: right} if isinstance(left, Name) and rational_value(right) is not None else {}


def _with_signs(possible: Callable[..., Signs], known: Formula, signs: Signs) -> Callable[..., Signs]:
    """The signs that are possible where those of one quantity are known, whether these are told by algebra or not."""
    return lambda quantity, branch=(): signs if quantity == known else possible(quantity, branch)


def turned_signs(signs: Signs) -> Signs:
    return frozenset(-sign for sign in signs)


def told(branch: Branch | None) -> str:
    """The conditions of a branch, as far as somebody reads that."""
    if branch is None or len(branch) > MOST_STEPS:
        return UNTOLD
    if sum(tree_size(condition) for condition, _ in branch) > _MOST_NODES:
        return UNTOLD
    parts = [part for step in branch for part, _ in operands(one_of(*step), "and")]
    return expression(in_chain("and", parts)) if parts else ""


# ---- as formulas


def as_step(quantity: Formula, signs: Signs) -> tuple[Formula, bool]:
    """The signs of a quantity, as one step of a branch."""
    operator = next(name for name, holds in OUTCOME.items() if holds == signs)
    return Call(TABLE[operator], (quantity, ZERO)), True


def one_of(condition: Formula, holds: bool) -> Formula:
    """The condition, or its opposite."""
    while isinstance(condition, Call) and condition.function.name == "not":
        condition, holds = condition.args[0], not holds
    if holds:
        return condition
    if isinstance(condition, Call) and condition.function.name in _OPPOSITES:
        return Call(TABLE[_OPPOSITES[condition.function.name]], condition.args)
    return Call(TABLE["not"], (condition,))


_OPPOSITES = {"<": ">=", ">=": "<", ">": "<=", "<=": ">", "==": "!=", "!=": "=="}


def joined(condition: Formula) -> Iterator[Call]:
    """The comparisons that a condition is joined of; those within what is compared are none."""
    todo = [condition]
    while todo:
        part = todo.pop()
        if isinstance(part, Call) and part.function.name in OUTCOME:
            yield part
        else:
            todo += children(part)


# ---- settled


def settle(condition: Formula, possible: Callable[[Formula], Signs]) -> Formula | bool:
    """The condition without those parts that hold always, or never."""

    def call(node: Call, args: list[Formula | bool]) -> Formula | bool:
        if node.function.name in OUTCOME:
            return _compared(node, possible)
        if node.function.name not in ("and", "or", "not"):
            return node
        made: Formula | bool = controlled(node.function, tuple(args))
        parts = [part for part, _ in operands(made, "or")] if isinstance(made, Call) else []
        unequal = [difference(part) for part in parts if isinstance(part, Call) and part.function is TABLE["!="]]
        if len(unequal) < 2 or len(unequal) < len(parts):
            return made
        squares = [Call(TABLE["^"], (each, number(2))) for each in unequal]
        return 0 not in possible(total(squares)) or made  # which is 0 where all are

    return fold(condition, lambda node: node, lambda node, _: node, call)


def _compared(node: Call, possible: Callable[[Formula], Signs]) -> Formula | bool:
    with precision(_BITS):
        anywhere = arb(0, math.inf)
        holds = Lowering(node, BALL, ()).value(dict.fromkeys(free_names(node), anywhere))
    if holds is not None:  # sin(x) >= -1
        return bool(holds)
    signs, holds = possible(difference(node)), OUTCOME[node.function.name]
    if signs <= holds:
        return True
    return node if signs & holds else False
