"""Sympy's derivatives as formulas, in a short form."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Sequence
from typing import Any

import sympy

from ..errors import LIMITS, SymbolicError
from ..formula import Formula, Number, children_first
from .translate import Expr, border, from_sympy, nth_derivative, to_sympy, tree_size, variable
from .worker import WORKER

_SHORT = 12  # operations; what is no longer stays as sympy's rules made it, as people write it, unless a third goes
_LONG = 24  # what is longer still after cheap steps is worth sympy.simplify
_TOO_LONG = 200  # and what is longer than this would keep it busy for minutes
_SIMPLIFY = 1.0  # seconds at most for making one derivative shorter
HERE = 600  # nodes to differentiate in this process, some 0.2 s


def derivative(
    formula: Formula, name: str, order: int = 1, seconds: float = LIMITS.seconds, bound: Collection[str] = ()
) -> Formula:
    """d^order formula / d name^order as a formula. See `derivatives`."""
    return derivatives(formula, (name,), order, seconds, bound)[name]


def derivatives(
    formula: Formula,
    names: Sequence[str],
    order: int = 1,
    seconds: float = LIMITS.seconds,
    bound: Collection[str] = (),
) -> dict[str, Formula]:
    """Sympy's derivative of the formula with respect to each name, simplified as far as the time allows.

    They hold where the formula is differentiable: sign, floor and comparisons are constant between their jumps.

    Args:
        bound: names that are variables whatever they are otherwise, besides `names`.

    Raises:
        SymbolicError: no symbolic form, too deep, or out of time.
        LimitError: an order, power or factorial beyond the limits.
    """
    deadline = time.monotonic() + seconds
    bound = {*bound, *names}
    raw = sympy_derivatives(formula, names, order, seconds, bound)
    decimals = any(isinstance(n, Number) and not n.text.isdigit() for n in children_first(formula))
    results: dict[str, Formula] = {}
    for i, name in enumerate(names):
        share = (deadline - time.monotonic()) / (len(names) - i)
        results[name] = _shortest(raw[name], bound, decimals, min(_SIMPLIFY, share))
    return results


def sympy_derivatives(
    formula: Formula, names: Sequence[str], order: int, seconds: float, bound: Collection[str]
) -> dict[str, Expr]:
    """Sympy's derivatives as it makes them."""
    deadline = time.monotonic() + seconds
    expr = to_sympy(formula, bound)
    symbols = [variable(name) for name in names]
    with border():
        if tree_size(formula) * len(names) * order**2 <= HERE:
            found = _differentiate(expr, symbols, order)
        else:
            found = WORKER.ask(_differentiate, expr, symbols, order, seconds=deadline - time.monotonic())
    return dict(zip(names, found, strict=True))


def _differentiate(expr: Expr, symbols: list[Expr], order: int) -> list[Expr]:
    return [nth_derivative(expr, symbol, order) for symbol in symbols]


def _shortest(raw: Expr, bound: Collection[str], decimals: bool, seconds: float) -> Formula:
    result = from_sympy(raw, bound, decimals)
    with border():
        length = int(raw.count_ops())
        most = length - 1 if length > _SHORT else length * 2 // 3
        if length <= _TOO_LONG:
            for expr in _shorter(raw, seconds):
                ops = int(expr.count_ops())
                if ops <= most:
                    try:
                        result, most = from_sympy(expr, bound, decimals), ops - 1
                    except SymbolicError:
                        continue
    return result


def _shorter(raw: Expr, seconds: float) -> Iterator[Expr]:
    """Equal expressions, cheap ones first."""
    best = raw
    for step in (sympy.factor_terms, _cancelled):
        expr: Any = step(raw)
        yield expr
        best = min(best, expr, key=lambda e: int(e.count_ops()))
    if int(best.count_ops()) > _LONG and seconds > 0:
        try:
            yield WORKER.ask(sympy.simplify, raw, seconds=seconds)
        except SymbolicError:
            return


def _cancelled(expr: Expr) -> Expr:
    from .proof import weight

    if weight(expr) > 200 or expr.has(sympy.Piecewise):
        return expr
    return sympy.factor_terms(sympy.powsimp(sympy.factor(sympy.cancel(sympy.together(expr)))))
