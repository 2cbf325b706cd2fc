"""Sympy's derivatives as formulas, in a short form."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache

import sympy

from gradcalc.engine.rewrite import as_formula
from gradcalc.language.errors import LIMITS, LimitError, SymbolicError
from gradcalc.language.formula import Formula, Number, children_first, tree_size

from .translate import Expr, border, from_sympy, nth_derivative, to_sympy, variable
from .weigh import degree, weight
from .worker import WORKER, OutOfTime

HERE = 600  # nodes to differentiate in this process, some 0.2 s


def derivative(
    formula: str | Formula, name: str, order: int = 1, seconds: float = LIMITS.seconds, bound: Collection[str] = ()
) -> Formula:
    """d^order formula / d name^order as a formula, by sympy. See `derivatives`."""
    return derivatives(as_formula(formula), (name,), order, seconds, bound)[name]


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
    if order > LIMITS.order:
        raise LimitError("order", f"a derivative of order {order} is beyond {LIMITS.order}", formula.span)
    return dict(_derivatives(_Itself(formula), tuple(names), order, seconds, frozenset({*bound, *names})))


@dataclass(frozen=True, slots=True, eq=False)
class _Itself:
    """A formula as a key: equal formulas may be typed differently, `2` and `2.0`, and are then answered differently."""

    formula: Formula

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Itself) and other.formula is self.formula

    def __hash__(self) -> int:
        return id(self.formula)


@lru_cache(maxsize=16)
def _derivatives(
    itself: _Itself, names: tuple[str, ...], order: int, seconds: float, bound: frozenset[str]
) -> dict[str, Formula]:
    formula, deadline = itself.formula, time.monotonic() + seconds
    raw = sympy_derivatives(formula, names, order, seconds, bound)
    decimals = any(isinstance(n, Number) and not n.text.isdigit() for n in children_first(formula))
    results = {name: from_sympy(raw[name], bound, decimals) for name in names}
    for name, expr in _shortened(raw, min(_SHORTENING, deadline - time.monotonic())).items():
        try:
            results[name] = from_sympy(expr, bound, decimals)
        except SymbolicError:
            continue
    return results


def sympy_derivatives(
    formula: Formula, names: Sequence[str], order: int, seconds: float, bound: Collection[str]
) -> dict[str, Expr]:
    """Sympy's derivatives as it makes them."""
    return _sympy_derivatives(_Itself(formula), tuple(names), order, seconds, frozenset(bound))


@lru_cache(maxsize=16)  # the same formula, the object itself, is differentiated to be shown and then to be proved
def _sympy_derivatives(
    itself: _Itself, names: tuple[str, ...], order: int, seconds: float, bound: frozenset[str]
) -> dict[str, Expr]:
    formula, deadline = itself.formula, time.monotonic() + seconds
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


# ---- shorter forms


_SHORT = 12  # operations
_LONG = 24  # what is longer still after the cheap steps is worth sympy.simplify
_TOO_LONG = 200  # and what is longer than this would keep it busy for minutes
_LIGHT = 60  # weight of what the cheap steps may be tried on in this process
_HIGH, _HIGHEST = 12, 1_000  # the degree of what may be multiplied out and factored in this process, or at all
_SHORTENING = 1.5  # seconds at most


def _shortened(raw: Mapping[str, Expr], seconds: float) -> dict[str, Expr]:
    """Equal expressions for those for which there is one so much shorter that it is worth it."""
    shorter: dict[str, Expr] = {}
    hard: dict[str, Expr] = {}
    for name, expr in raw.items():
        with border():
            length = int(expr.count_ops())
            if length > _TOO_LONG or not expr.has(sympy.Add) or degree(expr) > _HIGHEST:
                continue
            if weight(expr) > _LIGHT or degree(expr) > _HIGH:
                hard[name] = expr
                continue
            found = _shortest([expr, *_cheaply(expr)])
            shorter[name] = found
            if expr.is_Add and found.count_ops() > _LONG:
                hard[name] = expr
    if hard and seconds > 0:
        with suppress(SymbolicError):  # then they stay long
            shorter |= WORKER.ask(_shorten_hard, hard, seconds=seconds)
    return {name: expr for name, expr in shorter.items() if _is_worth_it(raw[name], expr)}


def _is_worth_it(raw: Expr, shorter: Expr) -> bool:
    """What sympy's rules made looks as people write it; a third of it must go, or a fifth if it is long."""
    length = int(raw.count_ops())
    return bool(shorter.count_ops() <= length * (2 / 3 if length <= _SHORT else 4 / 5))


def _shorten_hard(exprs: Mapping[str, Expr]) -> dict[str, Expr]:
    """In the worker: what there is when the time is up counts."""
    found: dict[str, list[Expr]] = {name: [expr] for name, expr in exprs.items()}
    try:
        for name, expr in exprs.items():
            found[name] += _cheaply(expr)
        for name, expr in exprs.items():
            # a product comes factored from the chain rule
            if expr.is_Add and _shortest(found[name]).count_ops() > _LONG:
                found[name].append(sympy.simplify(expr))
    except OutOfTime:
        pass
    return {name: _shortest(candidates) for name, candidates in found.items()}


def _shortest(exprs: Sequence[Expr]) -> Expr:
    """The first of those with the fewest operations."""
    return min(exprs, key=lambda expr: int(expr.count_ops()))


def _cheaply(expr: Expr) -> Iterator[Expr]:
    if expr.has(sympy.Piecewise):
        yield sympy.piecewise_fold(expr)
    else:
        one_fraction = sympy.factor(sympy.cancel(sympy.together(expr)))
        yield sympy.factor_terms(sympy.powsimp(one_fraction, deep=True, combine="exp"))
    yield sympy.factor_terms(expr)
