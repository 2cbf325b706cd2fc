"""Sympy's derivative of an expression, away from jumps."""

from __future__ import annotations

from math import prod
from typing import Any

import sympy

from gradcalc.language.errors import LIMITS, SymbolicError, check_order

from . import joined
from .back import DIGITS_OF_A_CONSTANT, TOO_LARGE, as_constant, from_sympy, nodes
from .opaque import COMPARISONS, JUMPS, NAMED, Choice, Comparison, Expr, Sign, is_constant, rebuilt, split, with_args


def nth_derivative(expr: Expr, symbol: Expr, order: Any = 1, more: int = 0, before: int = 0) -> Expr:
    """Sympy's derivative, away from jumps; of so many orders `before` it, where `more` are to follow.

    A jump function is constant between its jumps, where sympy would leave a Dirac delta or an unknown derivative; and
    `abs(u)` is `sign(u)*u`, where sympy would look for the real part of a `u` it cannot see to be real. A branch that
    stands at single points tells no derivative there: that of `if(x == 0, 1, sin(x)/x)` is that of the other branch.
    """
    if not symbol.is_Symbol:
        raise SymbolicError(f"{symbol} is no variable to differentiate by")
    if getattr(order, "free_symbols", ()) or order != int(order):
        raise SymbolicError("the order of a derivative must be a whole number")
    check_order(order)
    expr = _beside_points(expr, symbol)
    high = before + order + more > _AS_THEY_COME
    for left in reversed(range(more, int(order) + more)):
        if nodes(expr, LIMITS.nodes) > LIMITS.nodes:
            raise SymbolicError(TOO_LARGE)
        frozen, jumps = _frozen(expr)
        # else sympy would differentiate each factor of a long product
        constant, factor = frozen.as_independent(symbol, as_Add=False)
        found = (constant * factor.diff(symbol)).xreplace(jumps)
        found = joined.kept_inside(found, expr) if expr.has(*joined.JOINED) else found
        expr = tidied(found, powers=not (high and left))
        if high:
            expr = _collected(expr)
    return expr


_EQUAL, _UNEQUAL = COMPARISONS["=="], COMPARISONS["!="]
_MOST_COMPARED, _HIGHEST = 40, 12  # nodes of what is compared, and powers in it


def _beside_points(expr: Expr, symbol: Expr) -> Expr:
    """The expression where nothing is equal that is so at single values of a symbol alone, whatever all others are."""
    told = {
        each: sympy.true if isinstance(each, _UNEQUAL) else sympy.false
        for each in expr.atoms(_EQUAL, _UNEQUAL)
        if zero_at_points(each.args[0] - each.args[1], symbol)
    }
    return expr.xreplace(told) if told else expr


def zero_at_points(expr: Expr, symbol: Expr) -> bool:
    """Whether it is a polynomial in the symbol whose highest power, which is not 0, is multiplied by a number."""
    powers = (each.exp for each in expr.atoms(sympy.Pow) if each.has(symbol))
    if nodes(expr, _MOST_COMPARED) > _MOST_COMPARED or not all(n.is_Integer and n <= _HIGHEST for n in powers):
        return False
    found = expr.as_poly(symbol)
    return found is not None and found.degree() > 0 and bool(found.LC().is_Rational)


_AS_THEY_COME = 4  # orders up to which the terms of a derivative stay as the rules leave them
_MOST_TERMS = 500  # of a product that is multiplied out


def _collected(expr: Expr) -> Expr:
    """The terms multiplied out and collected, where that is shorter: of tan they are a polynomial, which the product
    rule alone would double with every order."""
    terms = sympy.Add.make_args(expr)
    if any(prod(len(f.args) for f in term.args if f.is_Add) > _MOST_TERMS for term in terms if term.is_Mul):
        return expr
    found = sympy.Add(*(sympy.expand_mul(term, deep=False) for term in terms))
    return found if nodes(found, LIMITS.nodes) < 0.9 * nodes(expr, LIMITS.nodes) else expr


def _frozen(expr: Expr) -> tuple[Expr, dict[Expr, Expr]]:
    """The expression with symbols for its jump functions, and what they stand for."""
    if not expr.has(sympy.Abs, *JUMPS):
        return expr, {}
    unseen = {a: Sign(a.args[0]) * a.args[0] for a in expr.atoms(sympy.Abs) if not a.args[0].is_extended_real}
    if unseen:
        expr = expr.xreplace(unseen)
    symbols = {jump: sympy.Dummy(real=True) for jump in expr.atoms(*JUMPS)}
    return expr.xreplace(symbols), {symbol: jump for jump, symbol in symbols.items()}


def tidied(expr: Expr, powers: bool = True) -> Expr:
    """The derivative with what the rules of sums and products leave: `x^y/x`, if `powers`, `u*sign(u)`, a product with
    a choice of which a case is 0."""
    return rebuilt(expr, lambda part, args: _tidied(with_args(part, args), powers) if args else part)


def _tidied(part: Expr, powers: bool) -> Expr:
    if type(part) is sympy.sign:
        return Sign(*part.args)
    if isinstance(part, sympy.Function) and is_constant(part):  # as log(2) from 2^x
        return as_constant(from_sympy(part, ("e",), DIGITS_OF_A_CONSTANT))
    if isinstance(part, Comparison):
        return split(part)
    if isinstance(part, joined.JOINED):
        return joined.tidied(part)
    if isinstance(part, sympy.Derivative | sympy.Subs):
        return _left_alone(part)
    if part.is_Pow and isinstance(part.base, sympy.sign) and part.exp.is_Integer:
        return part.base if part.exp.is_odd else sympy.S.One  # away from its jump
    if part.is_Mul:
        if any(isinstance(factor, sympy.sign) for factor in part.args):
            part = _sign_times(part)
        return _into_choice(_one_power(part) if powers else part) if part.is_Mul else part
    return part


def _left_alone(part: Expr) -> Expr:
    """A derivative that sympy does not take, as of `zeta`, by the row that is defined to be it."""
    if isinstance(part, sympy.Subs):
        return part.expr.xreplace(dict(zip(part.variables, part.point, strict=True)))
    symbol, order = part.variable_count[0]
    defined = f"diff({part.expr.func.__name__}(x), x, n)"
    made = next((made for made in NAMED.values() if made.row.definition == defined), None)
    return made(order, symbol) if made and part.expr.args == (symbol,) and len(part.variable_count) == 1 else part


def _one_power(product: Expr) -> Expr:
    """`x^y/x` as `x^(y - 1)`, which has a value at 0 where the derivative has."""
    powers = [f for f in product.args if f.is_Pow and not f.exp.is_Rational and not f.base.is_number]
    for power in powers:
        for factor in product.args:
            base, exponent = factor.as_base_exp()
            if base == power.base and exponent.is_Integer:
                rest = [f for f in product.args if f is not power and f is not factor]
                return sympy.Mul(*rest, sympy.Pow(base, power.exp + exponent))
    return product


def _into_choice(product: Expr) -> Expr:
    choices = [factor for factor in product.args if isinstance(factor, Choice)]
    if len(choices) != 1 or all(value != 0 for value, _ in choices[0].args):
        return product
    rest = sympy.Mul(*(factor for factor in product.args if factor is not choices[0]))
    return Choice(*((value * rest, condition) for value, condition in choices[0].args))


def _sign_times(product: Expr) -> Expr:
    for factor in product.args:
        if isinstance(factor, sympy.sign):
            u, rest = factor.args[0], product / factor
            for power in sympy.Mul.make_args(rest):
                base, exponent = power.as_base_exp()
                if base == u and exponent.is_Integer and exponent > 0:
                    return rest / u * sympy.Abs(u)
    return product
