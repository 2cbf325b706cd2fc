"""How large an expression would become, told from its shape: what is safe to do where nothing can interrupt it."""

from __future__ import annotations

from math import comb, prod

import sympy

from .opaque import Expr

_HEAVY = 10**9


def weight(expr: Expr) -> int:
    """About how many terms the expression has over one common denominator."""
    top, bottom, inner = _weights(expr)
    return top + bottom + inner


def _weights(expr: Expr) -> tuple[int, int, int]:
    """Terms above and below the line, and what the arguments of functions weigh."""
    if expr.is_Add or expr.is_Mul:
        parts = [_weights(arg) for arg in expr.args]
        bottom = min(prod(b for _, b, _ in parts), _HEAVY)
        top = sum(t * bottom // b for t, b, _ in parts) if expr.is_Add else prod(t for t, _, _ in parts)
        return min(top, _HEAVY), bottom, sum(inner for _, _, inner in parts)
    if expr.is_Pow and expr.exp.is_Integer:
        top, bottom, inner = _weights(expr.base)
        n = abs(int(expr.exp))
        grown = min(_multinomial(top, n), _HEAVY), min(_multinomial(bottom, n), _HEAVY)
        return (*(grown if expr.exp > 0 else grown[::-1]), inner)
    if expr.is_Atom:
        return 1, 1, 0
    return 1, 1, 1 + min(sum(weight(arg) for arg in expr.args), _HEAVY)


def _multinomial(count: int, n: int) -> int:
    return 1 if count <= 1 else comb(n + count - 1, n) if n < 50 and count < 50 else _HEAVY


def degree(expr: Expr) -> int:
    """The largest integer in an exponent. As a polynomial x^1.234 is of degree 617 in x^(1/500), and so is
    exp(1.234*x) in exp(x/500)."""
    largest = 1
    for power in expr.atoms(sympy.Pow, sympy.exp):
        exponent = power.args[0] if isinstance(power, sympy.exp) else power.exp
        for term in sympy.Add.make_args(exponent):
            coefficient = term.as_coeff_Mul()[0]
            if coefficient.is_Rational:
                largest = max(largest, abs(int(coefficient.p)), int(coefficient.q))
    return largest
