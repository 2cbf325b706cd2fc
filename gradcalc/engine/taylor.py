"""Derivatives of high order as formulas: Taylor coefficients in one pass, with all that is common shared.

Of `out = f(u, v)` with `out' = p*u' + q*v'`, where p and q are formulas of the table, the coefficients follow from
`k*out[k] = sum of j*u[j]*p[k - j] + j*v[j]*q[k - j], j from 1 to k`; sums, products and quotients have their own rules
(Griewank, Walther, "Evaluating Derivatives", chapter 13). A derivative of order n takes some n^2 nodes for each node of
the formula, where differentiating n times takes 2^n.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from fractions import Fraction
from math import factorial
from typing import Any

from gradcalc.language.errors import FormulaError
from gradcalc.language.formula import Call, Formula, Name, Number, flattened, with_definition
from gradcalc.language.functions import TABLE
from gradcalc.language.literals import ONE, ZERO, number

from .formulas import FORMULA, minus, over, plus, times

_Request = tuple[int, int]
_Steps = Generator[_Request, Formula, Formula]


def taylor_derivative(formula: Formula, name: str, order: int, expand: Callable[[Formula], Formula]) -> Formula:
    """`d^order formula / d name^order` as a formula of shared nodes, from a formula of smooth rows, which `expand`
    makes of partial derivatives too.

    Raises:
        FormulaError: where a row has no partial derivative for what varies.
    """
    taylor = _Taylor(name, expand)
    coefficient = taylor.coefficient(taylor.interned(formula), order)
    return _times(number(factorial(order)), coefficient)


class _Taylor:
    def __init__(self, name: str, expand: Callable[[Formula], Formula]):
        self.name = name
        self.expand = expand
        self._known: dict[tuple[int, int], Formula] = {}  # coefficients, by the place of the node and the order
        self._nodes: list[Formula] = []  # one for all that are equal, each with the places of its children
        self._below: list[tuple[int, ...]] = []
        self._varies: list[bool] = []
        self._places: dict[Any, int] = {}
        self._partials: dict[tuple[int, int], int] = {}

    def interned(self, root: Formula) -> int:
        """The place of a formula among the nodes."""
        places: list[int] = []
        for node, parts in flattened(root):
            below = tuple([places[i] for i in parts])
            if isinstance(node, Call):
                key: Any = (node.function, below)
            else:
                key = (node.name, below) if isinstance(node, Name) else node.value
            place = self._places.setdefault(key, len(self._nodes))
            if place == len(self._nodes):
                args = [self._nodes[i] for i in below]
                if isinstance(node, Call):
                    node = Call(node.function, tuple(args), node.span)
                elif isinstance(node, Name):
                    node = with_definition(node, args[0] if args else None)
                self._nodes.append(node)
                self._below.append(below)
                own = isinstance(node, Name) and node.name == self.name
                self._varies.append(own or any(self._varies[i] for i in below))
            places.append(place)
        return places[-1]

    def coefficient(self, root: int, order: int) -> Formula:
        """One Taylor coefficient of a node. What it needs of others comes first, without recursion."""
        stack: list[tuple[_Request, _Steps]] = [((root, order), self._steps(root, order))]
        answer: Formula | None = None
        while stack:
            key, steps = stack[-1]
            try:
                wanted = steps.send(answer) if answer is not None else next(steps)
            except StopIteration as done:
                stack.pop()
                answer = self._known[key] = done.value
                continue
            answer = self._known.get(wanted)
            if answer is None:
                stack.append((wanted, self._steps(*wanted)))
        assert answer is not None
        return answer

    def _steps(self, place: int, k: int) -> _Steps:
        """Yields the coefficients it needs as pairs of place and order, is sent them, and returns the one asked for."""
        node, below = self._nodes[place], self._below[place]
        if k == 0:
            return node
        if not self._varies[place]:
            return ZERO
        if isinstance(node, Name):
            if node.name == self.name:
                return ONE if k == 1 else ZERO
            return (yield below[0], k)
        assert isinstance(node, Call)
        row = node.function
        if row.name in ("+", "-"):
            first = yield below[0], k
            second = yield below[1], k
            return plus(first, second) if row.name == "+" else _minus(first, second)
        if row.name == "neg":
            return _minus(ZERO, (yield below[0], k))
        if row.name == "if":
            first = yield below[1], k
            second = yield below[2], k
            return first if first is second else Call(row, (node.args[0], first, second), node.span)
        if row.name == "*":
            return (yield from self._product(below[0], below[1], k))
        if row.name == "/":
            return (yield from self._quotient(place, k))
        return (yield from self._by_partials(place, k))

    def _product(self, u: int, v: int, k: int) -> _Steps:
        total = ZERO
        for j in range(k + 1):
            first = yield u, j
            if first is not ZERO:
                total = plus(total, _times(first, (yield v, k - j)))
        return total

    def _quotient(self, place: int, k: int) -> _Steps:
        top, bottom = self._below[place]
        total = yield top, k
        for j in range(1, k + 1):
            below = yield bottom, j
            if below is not ZERO:
                total = _minus(total, _times(below, (yield place, k - j)))
        return total if total is ZERO else over(total, self._nodes[bottom])

    def _by_partials(self, place: int, k: int) -> _Steps:
        total = ZERO
        for i, arg in enumerate(self._below[place]):
            if not self._varies[arg]:
                continue
            partial = self._partial(place, i)
            for j in range(1, k + 1):
                inner = yield arg, j
                if inner is not ZERO:
                    total = plus(total, _times(_times(number(j), inner), (yield partial, k - j)))
        return total if total is ZERO else over(total, number(k))

    def _partial(self, place: int, position: int) -> int:
        key = place, position
        if key not in self._partials:
            node = self._nodes[place]
            assert isinstance(node, Call)
            row = node.function
            if row.condition or not row.partials or row.partials[position] is None:
                message = f"{row.signature} has no derivative with respect to {row.params[position]}"
                raise FormulaError(message, node.span)
            made = FORMULA.partial(row, position)(*node.args, node)
            self._partials[key] = self.interned(self.expand(made))
        return self._partials[key]


def _minus(a: Formula, b: Formula) -> Formula:
    if a is ZERO and b is not ZERO:
        return _folded(-b.value) if isinstance(b, Number) else Call(TABLE["neg"], (b,))
    return minus(a, b)


def _times(a: Formula, b: Formula) -> Formula:
    if isinstance(a, Number) and isinstance(b, Number):
        return _folded(a.value * b.value)
    return times(a, b)


def _folded(value: Fraction) -> Formula:
    return number(value) if value else ZERO
