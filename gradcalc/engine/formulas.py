"""Formulas as a kind of scalar, in which the table's partial derivatives become formulas."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from gradcalc.language.formula import Call, Formula, Name, Number
from gradcalc.language.functions import Function
from gradcalc.language.literals import number

from .scalars import Scalars


def _formula_function(_: Scalars, row: Function) -> Callable[..., Formula]:
    return lambda *args: simple_call(row, args)


FORMULA = Scalars("formula", number, Name, _formula_function, native=frozenset())


def simple_call(row: Function, args: tuple[Formula, ...]) -> Formula:
    """A call, but for the sums and products with 0 and 1 that the chain rule makes in great number."""
    exact = [arg.value if isinstance(arg, Number) else None for arg in args]
    if row.name == "+" and 0 in exact:
        return args[1 - exact.index(Fraction(0))]
    if row.name == "-" and exact[1] == 0:
        return args[0]
    if row.name == "*":
        if 0 in exact:
            return args[exact.index(Fraction(0))]
        if 1 in exact:
            return args[1 - exact.index(Fraction(1))]
    if row.name in ("/", "^") and exact[1] == 1:
        return args[0]
    return Call(row, args)
