"""Rows of the table as programs: their texts, their derivatives, and whether they oscillate."""

from __future__ import annotations

from functools import lru_cache

from gradcalc.engine.formulas import over
from gradcalc.engine.program import Program
from gradcalc.engine.rewrite import expand, our_derivative
from gradcalc.language.errors import FormulaError
from gradcalc.language.formula import Call, Function, Name, free_names
from gradcalc.language.grammar import read_text

from .terms import Unknown

_NODES = 2_000  # of a derivative of a row


@lru_cache(1024)
def program_of_text(text: str) -> Program:
    """The program of a text of the table, its kinks written out."""
    return Program(expand(read_text(text)))


@lru_cache(1024)
def derivative_of(row: Function, place: int, order: int) -> Program:
    """A derivative of a row by one of its parameters, as a program in these."""
    call = Call(row, tuple(map(Name, row.params)))
    program = Program(expand(our_derivative(call, row.params[place], order)))
    if len(program) > _NODES:
        raise Unknown
    return program


def text_of(row: Function) -> str:
    """The row in terms of others, by its definition or by a law."""
    from gradcalc.proofs.laws import law_of

    return law_of(row)


@lru_cache(1024)
def oscillates(row: Function) -> bool:
    """Whether a row of one variable goes through the same values again and again: f'' = -k*f with k > 0, as of sin."""
    from gradcalc.proofs.exact import possible_signs, simplified

    if len(row.params) != 1 or not row.partials or row.domain or not row.smooth:
        return False
    call = Call(row, (Name(row.params[0]),))
    try:
        quotient = over(our_derivative(call, row.params[0], 2), call)
    except FormulaError:
        return False
    factor = simplified(quotient, row.params)
    return factor is not None and not free_names(factor) and possible_signs(factor) == {-1}
