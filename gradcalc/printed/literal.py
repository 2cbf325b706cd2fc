"""Formulas as a kind of scalar in which what is exact among numbers is computed: `LITERAL`."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from gradcalc.engine.constants import decided
from gradcalc.engine.formulas import CONTROL, controlled, simple_call
from gradcalc.engine.scalars import Scalars
from gradcalc.language.formula import Call, Formula, Function, Name
from gradcalc.language.literals import exact_number, number, short, signed
from gradcalc.language.rows import MEANT
from gradcalc.language.substitution import replaced

CONSTANT = {name: Name(name) for name in MEANT}  # these very nodes are the constants: an input may be called so


def literal(row: Function, args: tuple[Any, ...]) -> Any:
    """A call, of numbers alone computed where that is exact; a choice between constants is made."""
    if row.name in CONTROL:
        return controlled(row, args)
    known = [arg if isinstance(arg, bool) else exact_number(arg) for arg in args]
    if None not in known and row.rational is not None:
        try:
            exact = row.rational(*known)
        except ArithmeticError:
            return Call(row, args)
        if isinstance(exact, bool):
            return exact
        same = [arg for arg, value in zip(args, known, strict=True) if value == exact]  # as it is written
        return same[0] if same else short(Fraction(exact), 17)
    if row.condition:
        condition = Call(row, args)
        closed: Formula = condition
        for name, node in CONSTANT.items():
            closed = replaced(closed, node, MEANT[name])
        told = decided(closed).get(closed)
        return condition if told is None else bool(told)
    return simple_call(row, args)


LITERAL = Scalars("literal", number, Name, lambda _, row: lambda *args: literal(row, args), native=frozenset())


def typed(double: float) -> Formula:
    """The formula of a double, with the digits that tell it from the next."""
    return signed(repr(abs(double)), Fraction(double))
