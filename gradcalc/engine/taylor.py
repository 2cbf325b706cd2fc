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
from gradcalc.language.formula import Call, Formula, Name, Number, children, children_first
from gradcalc.language.functions import TABLE
from gradcalc.language.literals import ONE, ZERO, number

from .formulas import FORMULA, simple_call

_Request = tuple[Formula, int]
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
        self._known: dict[tuple[int, int], Formula] = {}
        self._nodes: dict[Any, Formula] = {}  # by structure, so that what is equal is one
        self._varies: dict[int, bool] = {}
        self._partials: dict[tuple[int, int], Formula] = {}

    def interned(self, root: Formula) -> Formula:
        """The formula with one node for all that are equal."""
        made: dict[int, Formula] = {}
        for node in children_first(root):
            if id(node) in self._varies:  # interned already
                made[id(node)] = node
                continue
            below = [made[id(child)] for child in children(node)]
            if isinstance(node, Call):
                key: Any = (node.function, *map(id, below))
                node_again: Formula = Call(node.function, tuple(below), node.span)
            elif isinstance(node, Name):
                key = (node.name, *map(id, below))
                node_again = node if not below else Name(node.name, below[0], node.span)
            else:
                assert isinstance(node, Number)
                key, node_again = node.value, node
            found = made[id(node)] = self._nodes.setdefault(key, node_again)
            if id(found) not in self._varies:
                own = isinstance(found, Name) and found.name == self.name
                self._varies[id(found)] = own or any(self._varies[id(child)] for child in below)
        return made[id(root)]

    def coefficient(self, root: Formula, order: int) -> Formula:
        """One Taylor coefficient of an interned formula. What it needs of others comes first, without recursion."""
        stack: list[tuple[tuple[int, int], _Steps]] = [((id(root), order), self._steps(root, order))]
        answer: Formula | None = None
        while stack:
            key, steps = stack[-1]
            try:
                node, k = steps.send(answer) if answer is not None else next(steps)
            except StopIteration as done:
                stack.pop()
                answer = self._known[key] = done.value
                continue
            answer = self._known.get((id(node), k))
            if answer is None:
                stack.append(((id(node), k), self._steps(node, k)))
        assert answer is not None
        return answer

    def _steps(self, node: Formula, k: int) -> _Steps:
        """Yields the coefficients it needs as pairs of node and order, is sent them, and returns the one asked for."""
        if k == 0:
            return node
        if not self._varies[id(node)]:
            return ZERO
        if isinstance(node, Name):
            if node.name == self.name:
                return ONE if k == 1 else ZERO
            assert node.definition is not None
            return (yield node.definition, k)
        assert isinstance(node, Call)
        row, args = node.function, node.args
        if row.name in ("+", "-"):
            first = yield args[0], k
            second = yield args[1], k
            return _plus(first, second) if row.name == "+" else _minus(first, second)
        if row.name == "neg":
            return _minus(ZERO, (yield args[0], k))
        if row.name == "if":
            first = yield args[1], k
            second = yield args[2], k
            return first if first is second else Call(row, (args[0], first, second), node.span)
        if row.name == "*":
            return (yield from self._product(args[0], args[1], k))
        if row.name == "/":
            return (yield from self._quotient(node, k))
        return (yield from self._by_partials(node, k))

    def _product(self, u: Formula, v: Formula, k: int) -> _Steps:
        total = ZERO
        for j in range(k + 1):
            first = yield u, j
            if first is not ZERO:
                total = _plus(total, _times(first, (yield v, k - j)))
        return total

    def _quotient(self, node: Call, k: int) -> _Steps:
        top, bottom = node.args
        total = yield top, k
        for j in range(1, k + 1):
            below = yield bottom, j
            if below is not ZERO:
                total = _minus(total, _times(below, (yield node, k - j)))
        return total if total is ZERO else simple_call(TABLE["/"], (total, bottom))

    def _by_partials(self, node: Call, k: int) -> _Steps:
        total = ZERO
        for i, arg in enumerate(node.args):
            if not self._varies[id(arg)]:
                continue
            partial = self._partial(node, i)
            for j in range(1, k + 1):
                inner = yield arg, j
                if inner is not ZERO:
                    total = _plus(total, _times(_times(number(j), inner), (yield partial, k - j)))
        return total if total is ZERO else simple_call(TABLE["/"], (total, number(k)))

    def _partial(self, node: Call, position: int) -> Formula:
        key = id(node), position
        if key not in self._partials:
            row = node.function
            if row.condition or not row.partials or row.partials[position] is None:
                message = f"{row.signature} has no derivative with respect to {row.params[position]}"
                raise FormulaError(message, node.span)
            made = FORMULA.partial(row, position)(*node.args, node)
            self._partials[key] = self.interned(self.expand(made))
        return self._partials[key]


def _plus(a: Formula, b: Formula) -> Formula:
    if a is ZERO or b is ZERO:
        return b if a is ZERO else a
    return simple_call(TABLE["+"], (a, b))


def _minus(a: Formula, b: Formula) -> Formula:
    if b is ZERO:
        return a
    if a is ZERO:
        return _folded(-b.value) if isinstance(b, Number) else Call(TABLE["neg"], (b,))
    return simple_call(TABLE["-"], (a, b))


def _times(a: Formula, b: Formula) -> Formula:
    if a is ZERO or b is ZERO:
        return ZERO
    if isinstance(a, Number) and isinstance(b, Number):
        return _folded(a.value * b.value)
    return simple_call(TABLE["*"], (a, b))


def _folded(value: Fraction) -> Formula:
    return number(value) if value else ZERO
