"""How large an expression would become, told from its shape: what is safe to do where nothing can interrupt it."""

from __future__ import annotations

from math import comb, prod

from .opaque import Expr

_HEAVY = 10**9


def weight(expr: Expr) -> int:
    """About how many terms a rational function of symbols has over one common denominator."""
    return sum(_weights(expr))


def _weights(expr: Expr) -> tuple[int, int]:
    """Terms above and below the line."""
    if expr.is_Add or expr.is_Mul:
        parts = [_weights(arg) for arg in expr.args]
        bottom = min(prod(b for _, b in parts), _HEAVY)
        top = sum(t * bottom // b for t, b in parts) if expr.is_Add else prod(t for t, _ in parts)
        return min(top, _HEAVY), bottom
    if expr.is_Pow:
        top, bottom = _weights(expr.base)
        n = abs(int(expr.exp))
        grown = min(_multinomial(top, n), _HEAVY), min(_multinomial(bottom, n), _HEAVY)
        return grown if expr.exp > 0 else grown[::-1]
    return 1, 1


def _multinomial(count: int, n: int) -> int:
    return 1 if count <= 1 else comb(n + count - 1, n) if n < 50 and count < 50 else _HEAVY
