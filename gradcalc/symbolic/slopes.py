"""The slopes of rows that are kept by name in sympy, entered in their classes."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import sympy

from gradcalc.language.errors import SymbolicError
from gradcalc.language.functions import Function

from .differentiate import nth_derivative
from .opaque import Expr, Named
from .symbols import SYMBOL, by_definition, written_out
from .translate import put_in
from .zero import is_zero


def slope(row: Function, position: int, args: Sequence[Expr]) -> Expr:
    """The row's derivative by one argument: sympy's, of its definition."""
    numbers = tuple(arg if arg.is_Rational else None for arg in args)
    symbols, found = _slope(row, position, numbers)
    return put_in(found, dict(zip(symbols, args, strict=True)))


@cache
def _slope(row: Function, position: int, numbers: tuple[Expr, ...]) -> tuple[list[Expr], Expr]:
    """Symbols for the arguments, and the derivative in them: as the table writes it, where that is sympy's own in
    fewer words, and equal to it by exact algebra."""
    symbols = [sympy.Dummy(p, real=True) if n is None else n for p, n in zip(row.params, numbers, strict=True)]
    if numbers[position] is not None:
        raise SymbolicError(f"{row.signature} has no derivative with respect to {row.params[position]}")
    if not row.smooth:
        return symbols, derived(row, symbols, symbols[position])
    found = nth_derivative(by_definition(row, symbols), symbols[position])
    for text in filter(None, (*row.taught[position : position + 1], row.partials[position])):
        if "if(" not in text:
            shown = SYMBOL.compile(text, (*row.params, "out"))(*symbols, SYMBOL.function(row)(*symbols))
            if is_zero(written_out(shown) - found):
                return symbols, shown
    return symbols, found


def derived(row: Function, args: Sequence[Expr], symbol: Expr) -> Expr:
    """The derivative by a symbol of the row at arguments as a whole: sympy's, of its definition."""
    return nth_derivative(SYMBOL.compile(str(row.definition), row.params)(*args), symbol)


Named.defined = staticmethod(by_definition)
Named.slope = staticmethod(slope)
Named.derived = staticmethod(derived)
