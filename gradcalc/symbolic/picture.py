"""Formulas in two dimensions, in the shape in which they were typed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import sympy

from gradcalc.language.errors import SymbolicError
from gradcalc.language.formula import Call, Formula, Name, Number, fold, tree_size
from gradcalc.language.functions import Function

from .back import border
from .opaque import Expr

_MOST_DRAWN = 2_000  # nodes; nobody reads more


def to_pretty(formula: Formula, ascii: bool = False) -> str:
    """The formula in two dimensions, over several lines.

    Raises:
        SymbolicError: too large or too deep.
    """
    with border():
        return str(sympy.pretty(_drawn(formula), order="none", use_unicode=not ascii, wrap_line=False))


def _drawn(formula: Formula) -> Expr:
    title, body = None, formula
    if isinstance(formula, Name) and formula.definition is not None:
        title, body = formula.name, formula.definition
    if tree_size(body) > _MOST_DRAWN:
        raise SymbolicError("too large to draw")
    drawn = _unevaluated(body)
    return drawn if title is None else sympy.Eq(_symbol(title), drawn, evaluate=False)


def _symbol(name: str) -> Expr:
    return sympy.Symbol(str(name))


def _unevaluated(formula: Formula) -> Expr:
    """The formula for sympy's printers, which are given nothing to calculate."""

    def number(node: Number) -> Expr:
        if node.value.denominator == 1 and node.text.isdigit():
            return sympy.Integer(node.value.numerator)
        mantissa, _, exponent = node.text.lower().partition("e")
        if not exponent:
            return _symbol(mantissa)
        return _product(_symbol(mantissa), sympy.Pow(_symbol("10"), _symbol(str(int(exponent))), evaluate=False))

    def name(node: Name, _: Expr) -> Expr:
        return sympy.pi if node.name == "pi" else _symbol(node.name)

    def call(node: Call, args: list[Expr]) -> Expr:
        draw = _DRAWN.get(node.function.name)
        return draw(*args) if draw else _function(node.function)(*args)

    return fold(formula, number, name, call)


def _sum(*terms: Expr) -> Expr:
    flat = [t for term in terms[:1] for t in (term.args if isinstance(term, sympy.Add) else (term,))]
    return sympy.Add(*flat, *terms[1:], evaluate=False)


def _signed(y: Expr) -> Expr:
    """An operand on the right, in brackets where it begins with a minus."""
    begins = (y.is_Integer and y < 0) or (y.is_Mul and y.args[0] == -1)
    text = sympy.pretty(y, order="none", use_unicode=False, wrap_line=False) if begins else ""
    return _symbol(f"({text})") if begins and "\n" not in text else y


def _product(*factors: Expr) -> Expr:
    flat = [f for factor in factors[:1] for f in (factor.args if isinstance(factor, sympy.Mul) else (factor,))]
    return sympy.Mul(*flat, *factors[1:], evaluate=False)


def _negative(x: Expr) -> Expr:
    return -x if x.is_Integer else _product(sympy.S.NegativeOne, x)


def _quotient(x: Expr, y: Expr) -> Expr:
    if x.is_Integer and y.is_Integer and sympy.gcd(x, y) == 1 and y > 1:
        return x / y
    below = sympy.Pow(y, -1, evaluate=False)
    return below if x == 1 else _product(x, below)


def _unevaluated_call(function: Any) -> Callable[..., Expr]:
    return lambda *args: function(*args, evaluate=False)


_DRAWN: Mapping[str, Callable[..., Expr]] = {
    "+": lambda x, y: _sum(x, _signed(y)),
    "-": lambda x, y: _sum(x, _negative(_signed(y))),
    "*": _product,
    "/": _quotient,
    "neg": _negative,
    "if": lambda condition, a, b: sympy.Piecewise((a, condition), (b, True), evaluate=False),
    "root": lambda x, n: sympy.Pow(x, sympy.Pow(n, -1), evaluate=False),
    "diff": lambda f, x: sympy.Derivative(f, x),
    "diff_n": lambda f, x, n: sympy.Derivative(f, (x, n)),
    "<": _unevaluated_call(sympy.Lt),
    "<=": _unevaluated_call(sympy.Le),
    ">": _unevaluated_call(sympy.Gt),
    ">=": _unevaluated_call(sympy.Ge),
    "==": _unevaluated_call(sympy.Eq),
    "!=": _unevaluated_call(sympy.Ne),
    "and": _unevaluated_call(sympy.And),
    "or": _unevaluated_call(sympy.Or),
    "not": _unevaluated_call(sympy.Not),
    "floor": _unevaluated_call(sympy.floor),
    "ceil": _unevaluated_call(sympy.ceiling),
}


class _Named(sympy.Function):  # type: ignore[misc]
    """A function that sympy does not have, its name the first argument. A class of that name, which is sympy's way,
    would be taken by the printers for whatever else is called so."""

    def _pretty(self, printer: Any) -> Any:
        name, *args = self.args
        return printer._helper_print_function(self.func, args, func_name=name.name)


@cache
def _function(row: Function) -> Callable[..., Expr]:
    """Sympy's own function, told to leave its arguments alone, or one by name."""
    if row.sympy:
        return _unevaluated_call(getattr(sympy, row.sympy))
    return lambda *args: _Named(_symbol(row.spelling), *args)
