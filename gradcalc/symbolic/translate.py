"""Formulas to sympy.

Sympy's side is the independent witness: it is built from sympy's own functions and the definitions of the table, never
from our partial derivatives.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from fractions import Fraction
from operator import is_
from typing import Any

import sympy

from gradcalc.engine.rewrite import at_span
from gradcalc.language.errors import LIMITS, SymbolicError
from gradcalc.language.formula import Call, Formula, Name, arguments, children_first, fold
from gradcalc.language.functions import RESERVED, Function, is_diff
from gradcalc.language.identity import ByIdentity
from gradcalc.language.kept import tree_size
from gradcalc.language.parser import parse
from gradcalc.language.spelled import opened

from .back import DIGITS, TOO_LARGE, as_constant, border, chain_of, from_sympy, nodes, row_of
from .differentiate import nth_derivative
from .joined import over
from .opaque import Expr, rebuilt
from .symbols import CONSTANTS_OF_SYMPY, SYMBOL, is_long, number_of, power_of, variable


def to_sympy(formula: str | Formula, bound: Collection[str] = ()) -> Expr:
    """The formula in sympy's own functions, over real symbols.

    Args:
        bound: names that are variables whatever they are otherwise: `e`, or a name with a definition.

    Raises:
        SymbolicError: too large or too deep, without a real value, or a function without a symbolic form.
        LimitError: an exact power or factorial beyond the limits.
    """
    if not isinstance(formula, Formula):
        formula = parse(formula)
    if tree_size(formula) > LIMITS.nodes:
        raise SymbolicError(TOO_LARGE)
    formula = opened(formula)
    with border():
        expr = _ToSympy(frozenset(bound), {}).translate(formula, {})
        if nodes(expr, LIMITS.nodes) > LIMITS.nodes:
            raise SymbolicError(TOO_LARGE)
        if expr.has(sympy.zoo, sympy.nan, sympy.oo, -sympy.oo):
            raise SymbolicError("the formula has no value: it divides by zero")
        if expr.has(sympy.I):
            raise SymbolicError("the formula has no real value")
        return expr


class _Chain:
    """A sum or product that is still growing: sympy takes all its terms at once, where one by one takes n^2 steps.

    `parts` are terms with 1 or -1: how often they are added, or the power they are a factor in.
    """

    __slots__ = ("head", "parts")

    def __init__(self, head: Any, parts: tuple[tuple[int, Any], ...]):
        self.head = head
        self.parts = parts

    def close(self) -> Expr:
        terms: list[tuple[int, Expr]] = []
        stack: list[tuple[int, Any]] = [(1, self)]
        while stack:
            sign, part = stack.pop()
            if isinstance(part, _Chain):
                stack.extend((sign * s, p) for s, p in reversed(part.parts))
            else:
                terms.append((sign, part))
        numbers = [(sign, term) for sign, term in terms if term.is_Rational]
        others = [(sign, term) for sign, term in terms if not term.is_Rational]
        if self.head is sympy.Add:
            constant = sympy.Add(*(sign * term for sign, term in numbers))
            if is_long(constant) and len(numbers) > 1:
                constant = as_constant(
                    chain_of([("+" if s > 0 else "-", from_sympy(n, (), DIGITS)) for s, n in numbers])
                )
            return sympy.Add(constant, *(sign * term for sign, term in others))
        constant = sympy.Mul(*(sympy.Pow(factor, sign) for sign, factor in numbers))
        if is_long(constant):
            constant = number_of(Fraction(int(constant.p), int(constant.q)))
        return sympy.Mul(constant, *(power_of(factor, sympy.Integer(sign)) for sign, factor in others))


_CHAINS: Mapping[str, tuple[Any, tuple[int, ...]]] = {
    "+": (sympy.Add, (1, 1)), "-": (sympy.Add, (1, -1)), "neg": (sympy.Add, (-1,)),
    "*": (sympy.Mul, (1, 1)), "/": (sympy.Mul, (1, -1)),
}  # fmt: skip


def _closed(part: Any) -> Expr:
    return part.close() if isinstance(part, _Chain) else part


class _ToSympy:
    def __init__(self, bound: frozenset[str], outer: Mapping[str, Expr]):
        """`outer` has what names stand for wherever they are, as the variable of a `diff` that has a definition."""
        self.bound = bound
        self.outer = outer
        self.known: dict[Any, Expr] = {}  # users' functions at arguments
        self.bodies: dict[Function, tuple[Formula, tuple[str, ...], list[Expr]]] = {}

    def translate(self, root: Formula, params: Mapping[str, Expr]) -> Expr:
        """`params` has what the parameters of `root`, a body, stand for, under the names from `_body`."""
        uses: ByIdentity[Formula, int] = ByIdentity()
        for node in children_first(root):
            for child in arguments(node):
                uses[child] = uses.get(child, 0) + 1

        def name(node: Name, definition: Any) -> Any:
            for known in (params, self.outer):
                if node.name in known:
                    return known[node.name]
            if node.name in self.bound and node.name not in RESERVED:
                return variable(node.name)
            if node.definition is not None:
                return _closed(definition)
            return CONSTANTS_OF_SYMPY[node.name] if node.name in CONSTANTS_OF_SYMPY else variable(node.name)

        def call(node: Call, args: list[Any]) -> Any:
            row = node.function
            if row.name in _CHAINS:
                head, signs = _CHAINS[row.name]
                kept = (a if isinstance(a, _Chain) and a.head is head else _closed(a) for a in args)
                chain = _Chain(head, tuple(zip(signs, kept, strict=True)))
                return chain.close() if uses.get(node, 0) > 1 else chain
            exprs = [_closed(arg) for arg in args]
            if row.indexed:
                index = variable(row.params[0])
                return over(row.spelling, self.translate(row.body, {**params, index.name: index}), index, *exprs)
            if is_diff(node):
                return self._differentiate(node, exprs, params)
            return self._apply(row, exprs) if isinstance(row.definition, Formula) else SYMBOL.function(row)(*exprs)

        return _closed(fold(root, lambda node: number_of(node.value), name, call))

    def _apply(self, row: Function, args: list[Expr]) -> Expr:
        """A user's function. A `diff` in its body comes before the arguments: they may have its variable in them."""
        key = (row, *args)
        if key not in self.known:
            body, names, symbols = self._body(row)
            if not symbols or args == symbols:
                self.known[key] = self.translate(body, dict(zip(names, args, strict=True)))
            else:
                self.known[key] = put_in(self._apply(row, symbols), dict(zip(symbols, args, strict=True)))
            if nodes(self.known[key], LIMITS.nodes) > LIMITS.nodes:
                raise SymbolicError(TOO_LARGE)
        return self.known[key]

    def _body(self, row: Function) -> tuple[Formula, tuple[str, ...], list[Expr]]:
        """The body with parameters that nobody can type, so that no name in a named intermediate is taken for one,
        their names, and symbols for them if there is a `diff` in the body."""
        if row not in self.bodies:
            names = tuple(f"{param} of {row.name}" for param in row.params)
            body = at_span(row.body, row.params, [Name(name) for name in names], row.body.span)
            own = children_first(body, arguments)
            has_diff = any(map(is_diff, own))
            symbols = [sympy.Dummy(param, real=True) for param in row.params] if has_diff else []
            self.bodies[row] = body, names, symbols
        return self.bodies[row]

    def _differentiate(self, node: Call, exprs: list[Expr], params: Mapping[str, Expr]) -> Expr:
        by, order = node.args[1], exprs[2] if len(exprs) == 3 else 1
        assert isinstance(by, Name)
        if by.name in params or by.name in self.outer or exprs[1] == variable(by.name):
            return nth_derivative(exprs[0], exprs[1], order)
        # the variable stands for an expression: differentiate by it first, put the expression in afterwards
        symbol = sympy.Dummy(by.name, real=True)
        expr = _ToSympy(self.bound, {**self.outer, by.name: symbol}).translate(node.args[0], params)
        return put_in(nth_derivative(expr, symbol, order), {symbol: exprs[1]})


def put_in(expr: Expr, values: Mapping[Expr, Expr]) -> Expr:
    """The expression with its symbols replaced, within the limits for powers and large arguments."""

    def made(part: Expr, args: list[Expr]) -> Expr:
        if all(map(is_, args, part.args)):
            return part
        found = row_of(part.func, args)
        return SYMBOL.function(found[0])(*found[1]) if found else part.func(*args)

    return rebuilt(expr, made, dict(values))
