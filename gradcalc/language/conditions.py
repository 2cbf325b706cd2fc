"""Numbers and conditions: which a formula is, and what stands where."""

from __future__ import annotations

from .errors import FormulaError
from .formula import Call, Formula, Function, body_of

CHOOSE = "choose between two numbers with if(condition, a, b)"


def is_condition(formula: Formula) -> bool:
    """Whether the value is true or false, by what names and users' functions stand for."""
    body = body_of(formula)
    while isinstance(body, Call) and isinstance(body.function.definition, Formula):
        body = body_of(body.function.definition)
    return isinstance(body, Call) and body.function.condition


def deals_with_conditions(row: Function) -> bool:
    """Whether a call of the row is a condition, or has one among its arguments."""
    return row.condition or row.name == "if"


def check_kinds(node: Call) -> None:
    """Raises FormulaError where a condition stands for a number or a number for a condition."""
    row = node.function
    for i, arg in enumerate(node.args):
        condition = is_condition(arg)
        wanted = row.name in ("and", "or", "not") or (row.name == "if" and i == 0)
        if condition and not wanted:
            raise FormulaError("a condition is not a number", arg.span, CHOOSE)
        if wanted and not condition:
            raise FormulaError("a condition is needed here", arg.span, "compare two numbers, as in x > 0")
