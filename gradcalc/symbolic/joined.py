"""Sums and products over an index in sympy, between ends that are not known."""

from __future__ import annotations

from collections.abc import Mapping

import sympy

from gradcalc.language.errors import SymbolicError
from gradcalc.language.formula import Call, Formula
from gradcalc.language.spelled import SPELLED, fresh, row_over

from .opaque import Expr

_HEADS: Mapping[str, type[Expr]] = {"sum": sympy.Sum, "prod": sympy.Product}
JOINED = tuple(_HEADS.values())


def over(spelling: str, term: Expr, index: Expr, low: Expr, high: Expr) -> Expr:
    """The sum or the product; one of terms that change nothing is what an empty one is."""
    empty = sympy.Integer(SPELLED[spelling].empty or 0)
    return empty if term == empty else _HEADS[spelling](term, (index, low, high))


def tidied(joined: Expr) -> Expr:
    """A sum without its first term where that is 0, as of the derivative of `sum(x^k, k=0..n)`."""
    if not isinstance(joined, sympy.Sum):
        return joined
    (index, low, high), *outer = joined.limits
    term = joined.function
    if term == 0:
        return sympy.S.Zero
    starts_with_nothing = not outer and low.is_Integer and term.subs(index, low) == 0
    return sympy.Sum(term, (index, low + 1, high)) if starts_with_nothing else joined


def parts(joined: Expr) -> list[Expr]:
    """The term, the lower and the upper end, of the outermost index."""
    *inner, (_, low, high) = joined.limits
    return [joined.func(joined.function, *inner) if inner else joined.function, low, high]


def back(joined: Expr, term: Formula, low: Formula, high: Formula) -> Formula:
    """The sum or product in our notation, of its `parts`."""
    spelling = next(name for name, head in _HEADS.items() if isinstance(joined, head))
    return Call(row_over(spelling, term, joined.limits[-1][0].name), (low, high))


def with_names(expr: Expr) -> Expr:
    """The expression with names for the indices that are sympy's own."""
    own = {limit[0] for joined in expr.atoms(*JOINED) for limit in joined.limits if isinstance(limit[0], sympy.Dummy)}
    taken = {symbol.name for symbol in expr.atoms(sympy.Symbol) - own}
    named = {}
    for dummy in sorted(own, key=lambda dummy: dummy.dummy_index):
        named[dummy] = sympy.Symbol(fresh("j", taken), real=True)
        taken.add(named[dummy].name)
    return expr.xreplace(named)


def kept_inside(expr: Expr, before: Expr) -> Expr:
    """The expression, which is made of another one, if no index got out of its sum.

    Raises:
        SymbolicError: one did.
    """
    indices = {limit[0] for joined in before.atoms(*JOINED) for limit in joined.limits}
    if indices & expr.free_symbols - before.free_symbols:
        raise SymbolicError("sympy does not differentiate a product whose factors are chosen by its index")
    return expr
