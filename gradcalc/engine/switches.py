"""Comparisons under study: which side of a kink a graph is on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from typing import Any

from gradcalc.language.errors import UndecidedError
from gradcalc.language.formula import Call, Formula, Name, Number, brief, children_first, fold
from gradcalc.language.functions import TABLE
from gradcalc.language.grammar import read_text
from gradcalc.language.identity import ByIdentity
from gradcalc.language.kept import calls_in
from gradcalc.language.values import unique_whole

from .lowering import Failure, Switch
from .rationals import Exact, Known
from .rewrite import at_span
from .value import data_of


class Interning:
    """Numbers nodes so that structurally equal ones have one number: the same comparison twice, in whatever formula, is
    one switch. `equal` are comparisons that are known to be between equals at the point in question."""

    def __init__(self) -> None:
        self.equal: ByIdentity[Call, bool] = ByIdentity()
        self._known: ByIdentity[Formula, int] = ByIdentity()
        self._numbers: dict[Any, int] = {}
        self._forms: dict[int, dict[int, Fraction]] = {}

    def __call__(self, node: Formula) -> int:
        if node not in self._known:
            for below in children_first(node):
                if below not in self._known:
                    self._known[below] = self._numbers.setdefault(self._key(below), len(self._numbers))
        return self._known[node]

    def _key(self, node: Formula) -> Any:
        if isinstance(node, Number):
            return node.value
        if isinstance(node, Name):
            return node.name
        assert isinstance(node, Call)
        return (node.function.name, *(self._known[arg] for arg in node.args))

    def comparison(self, node: Call) -> tuple[Switch, int]:
        """The switch of a comparison, and -1 where it is named the other way round. Comparisons whose differences are
        multiples of each other are one switch: `x >= y` and `2*(y - x) < 0`."""
        left, right = node.args
        switch = (self(left), self(right))
        form = dict(self.linear(left))
        for atom, factor in self.linear(right).items():
            form[atom] = form.get(atom, Fraction(0)) - factor
        terms = sorted((atom, factor) for atom, factor in form.items() if factor)
        if not terms or terms == [(UNIT, terms[0][1])]:
            return (switch, 1) if switch[0] <= switch[1] else ((switch[1], switch[0]), -1)
        scale = terms[-1][1]
        return tuple((atom, factor / scale) for atom, factor in terms), 1 if scale > 0 else -1

    def linear(self, root: Formula) -> dict[int, Fraction]:
        """A formula as a sum of multiples of others, by their numbers; `UNIT` stands for 1."""
        for node in children_first(root):
            place = self(node)
            if place not in self._forms:
                self._forms[place] = self._sum_of(node) or {place: Fraction(1)}
        return self._forms[self(root)]

    def _sum_of(self, node: Formula) -> dict[int, Fraction] | None:
        if isinstance(node, Number):
            return {UNIT: node.value}
        if isinstance(node, Name):
            return None if node.definition is None else self._forms[self(node.definition)]
        assert isinstance(node, Call)
        forms = [self._forms[self(arg)] for arg in node.args]
        name = node.function.name
        if name in ("+", "-", "neg") and sum(map(len, forms)) <= _TERMS:
            total = dict(forms[0]) if len(forms) == 2 else {}
            sign = 1 if name == "+" else -1
            for atom, factor in forms[-1].items():
                total[atom] = total.get(atom, Fraction(0)) + sign * factor
            return total
        factors = [form.get(UNIT, Fraction(0)) if not form.keys() - {UNIT} else None for form in forms]
        for by, form in zip(factors, reversed(forms), strict=True) if name == "*" else ():
            if by is not None:
                return {atom: factor * by for atom, factor in form.items()}
        if name == "/" and factors[1]:
            return {atom: factor / factors[1] for atom, factor in forms[0].items()}
        return None

    def comparisons(self, formula: Formula) -> dict[Switch, tuple[Formula, tuple[int, ...]]]:
        """For each comparison in a formula its difference, and the sides of it that come out differently."""
        asked: dict[Switch, dict[tuple[str, int], Call]] = {}
        for node in comparisons(formula):
            switch, flip = self.comparison(node)
            asked.setdefault(switch, {})[node.function.name, flip] = node
        found: dict[Switch, tuple[Formula, tuple[int, ...]]] = {}
        for switch, nodes in asked.items():
            distinct = {tuple(side * flip in OUTCOME[name] for name, flip in nodes): side for side in _SIDES}
            node = next(iter(nodes.values()))
            found[switch] = (Call(TABLE["-"], node.args, node.span), tuple(distinct.values()))
        return found

    def floors(self, formula: Formula) -> dict[int, Formula]:
        """The quantities in a formula that floors are of, by their numbers."""
        return {self(node.args[0]): node.args[0] for node in floors(formula)}


_SIDES = (0, -1, 1)
UNIT = -1  # no formula's number
_TERMS = 64
Signs = frozenset[int]
ALL: Signs = frozenset({-1, 0, 1})
OUTCOME: Mapping[str, Signs] = {  # the signs of left - right for which a comparison holds
    "<": frozenset({-1}), "<=": frozenset({-1, 0}), ">": frozenset({1}), ">=": frozenset({1, 0}),
    "==": frozenset({0}), "!=": frozenset({-1, 1}),
}  # fmt: skip


def floors(formula: Formula) -> Iterator[Call]:
    """The calls in a formula whose kinks are written out that round their argument."""
    sharp = (call for call in calls_in(formula) if not (call.function.smooth or call.function.condition))
    return (call for call in sharp if call.function.value)


def comparisons(formula: Formula) -> Iterator[Call]:
    """The comparisons in a formula, those inside others first; joined conditions are none."""
    return (call for call in calls_in(formula) if call.function.name in OUTCOME)


def difference(comparison: Call) -> Formula:
    """The quantity whose sign decides a comparison."""
    left, right = comparison.args
    return left if isinstance(right, Number) and right.value == 0 else Call(TABLE["-"], (left, right))


def holds(condition: Formula, sign: Callable[[Call], int]) -> bool:
    """Whether a condition holds, given the sign of left - right of each comparison in it."""

    def call(node: Call, args: list[bool]) -> bool:
        row = node.function
        if row.name in OUTCOME:
            return sign(node) in OUTCOME[row.name]
        return row.condition and row.rational is not None and bool(row.rational(*args))

    return fold(condition, lambda _: False, lambda *_: False, call)


def domain_at(node: Call) -> Formula:
    """The condition under which a call has a value: the domain of its row, at its arguments."""
    return at_span(read_text(node.function.domain), node.function.params, node.args, node.span)


class Switches:
    """Decides the comparisons of one graph that vary, also where the two quantities are equal.

    A switch is named by what it compares; its side is the sign of left - right, in the order of the name. Where the two
    are equal, `given` says the side.
    """

    def __init__(self, intern: Interning, given: Mapping[Switch, int]):
        self._given = given
        self._intern = intern

    def decide(self, node: Call, args: list[Any], exact: Known | None) -> Any:
        known = [None if exact is None else exact.get(arg) for arg in node.args]
        return self._compare(node, args, known) if node.function.condition else self._floor(node, args[0], known[0])

    def _compare(self, node: Call, args: list[Any], known: list[Exact | None]) -> Any:
        outcomes = OUTCOME[node.function.name]
        if args[0] is args[1]:  # equal wherever this branch is taken
            return 0 in outcomes
        x, y = (data_of(arg) for arg in args)
        if known[0] is not None and known[1] is not None:
            x, y = known
        if x < y or x > y:
            return (-1 if x < y else 1) in outcomes
        switch, flip = self._intern.comparison(node)
        if switch in self._given:
            return self._given[switch] * flip in outcomes
        message = f"whether {brief(node.args[0])} equals {brief(node.args[1])} could not be decided"
        certain = bool(x == y) or node in self._intern.equal
        return Failure(UndecidedError(message, node.span), switch, certain)

    def _floor(self, node: Call, arg: Any, known: Exact | None) -> Any:
        x = data_of(arg)
        whole, nearest = x.floor(), unique_whole((x + 0.5).floor())
        if nearest is None and whole.is_integer() and x > whole:
            return whole
        if nearest is None:
            return Failure(UndecidedError(f"{brief(node.args[0])} is not known well enough for floor", node.span))
        if x < nearest or x > nearest:
            return whole
        switch: Switch = ("floor", self._intern(node.args[0]), int(nearest))
        if switch in self._given:
            return type(x)(nearest - (1 if self._given[switch] < 0 else 0))
        message = f"whether {brief(node.args[0])} is an integer could not be decided"
        return Failure(UndecidedError(message, node.span), switch, bool(x == nearest) or known == int(nearest))
