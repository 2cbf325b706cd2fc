"""The slopes of rows that are kept by name in sympy, entered in their classes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import lru_cache

import sympy

from gradcalc.engine.formulas import written
from gradcalc.language.errors import FormulaError, SymbolicError
from gradcalc.language.formula import Call, Formula, Name
from gradcalc.language.functions import Function
from gradcalc.language.literals import number
from gradcalc.proofs.equality import Claimed, prove_equal

from .back import from_sympy
from .differentiate import nth_derivative
from .opaque import Expr, Named
from .symbols import SYMBOL, by_definition
from .translate import put_in


def slope(row: Function, position: int, args: Sequence[Expr]) -> Expr:
    """The row's derivative by one argument: sympy's, of its definition."""
    if args[position].is_Rational:
        raise SymbolicError(f"{row.signature} has no derivative with respect to {row.params[position]}")
    numbers = tuple(arg if arg.is_Rational and abs(arg) < _MANY else None for arg in args)
    symbols, found = _slope(row, position, numbers)
    return put_in(found, dict(zip(symbols, args, strict=True)))


_MANY = 30  # terms that sympy may make of one, as of lowergamma(1000, x), whose derivative has one


@lru_cache(1024)
def _slope(row: Function, position: int, numbers: tuple[Expr, ...]) -> tuple[list[Expr], Expr]:
    """Symbols for the arguments, and the derivative in them: as the table writes it, where that is sympy's own in
    fewer words, and equal to it by exact algebra."""
    symbols = [sympy.Dummy(p, real=True) if n is None else n for p, n in zip(row.params, numbers, strict=True)]
    if not row.smooth:
        return symbols, derived(row, symbols, symbols[position])
    whole = by_definition(row, symbols)
    if isinstance(whole, Named) and whole.row is row:  # a derivative that sympy leaves alone, as that of zeta
        return symbols, type(whole)(whole.args[0] + 1, *whole.args[1:])
    found = nth_derivative(whole, symbols[position])
    meant = {
        param: Name(param) if n is None else number(Fraction(int(n.p), int(n.q)))
        for param, n in zip(row.params, numbers, strict=True)
    }
    for text in filter(None, (*row.taught[position : position + 1], row.partials[position])):
        if "if(" not in text and _equal(row, text, meant, found):
            shown = SYMBOL.compile(text, (*row.params, "out"))(*symbols, SYMBOL.function(row)(*symbols))
            return symbols, shown
    return symbols, found


def _equal(row: Function, text: str, meant: Mapping[str, Formula], found: Expr) -> bool:
    """Whether a text of the row equals sympy's derivative, by exact algebra."""
    whole = Call(row, tuple(meant.values()))
    try:
        claim = written(text, {**meant, "out": whole})
        return bool(prove_equal(Claimed(whole, from_sympy(found, row.params), claim, row.params)))
    except FormulaError:  # sympy's has no formula here
        return False


def derived(row: Function, args: Sequence[Expr], symbol: Expr) -> Expr:
    """The derivative by a symbol of the row at arguments as a whole: sympy's, of its definition."""
    return nth_derivative(SYMBOL.compile(str(row.definition), row.params)(*args), symbol)


Named.defined = staticmethod(by_definition)
Named.slope = staticmethod(slope)
Named.derived = staticmethod(derived)
