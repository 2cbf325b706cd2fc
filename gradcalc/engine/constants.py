"""Decisions between constants: comparisons, floors and the like that no variable moves, and no rounding may."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from gradcalc.language.errors import LIMITS, FormulaError
from gradcalc.language.formula import Call, Formula, Name, Number, children
from gradcalc.language.functions import RESERVED
from gradcalc.language.kept import in_order, kept

from .rationals import Exact, rational_value, rational_values
from .rewrite import expand
from .scalars import BALL, rising

_START_BITS = 96


def decided(formula: Formula) -> dict[int, Exact]:
    """The values of the calls that are not smooth and depend on no name but pi, by the id of the node: by rational
    numbers, and comparisons by balls where that will not do. What stays open is not in the result.

    Names with a definition, and those that yield to a variable, count as variables: a point may give them a value.
    """
    order = kept(formula, in_order)
    closed: set[int] = set()
    sharp: list[Call] = []
    for node in order:
        if (not isinstance(node, Name) or node.name in RESERVED) and all(id(part) in closed for part in children(node)):
            closed.add(id(node))
            if isinstance(node, Call) and not node.function.smooth and node.args:
                sharp.append(node)
    if not sharp:
        return {}
    found = rational_values(formula, {}, ties=True)
    exact: dict[int, Exact] = {}
    for node in sharp:
        if id(node) not in found and not node.function.condition:
            value = rational_value(expand(node))
        else:
            value = found.get(id(node))
        if value is not None:
            exact[id(node)] = value
    open_ = [id(node) for node in sharp if node.function.condition and id(node) not in exact]
    return exact | _by_balls([node for node in order if id(node) in closed], open_) if open_ else exact


def _by_balls(order: list[Formula], wanted: Collection[int]) -> dict[int, Exact]:
    """Which of the wanted conditions hold, as far as balls tell."""

    def attempt(_: int, last: bool) -> dict[int, Any] | None:
        made: dict[int, Any] = {}
        for node in order:
            made[id(node)] = _ball(node, [made[id(part)] for part in children(node)])
        return made if last or all(made[node] is not None for node in wanted) else None

    made = rising(attempt, _START_BITS, LIMITS.precision)
    return {node: made[node] for node in wanted if made[node] is not None}


def _ball(node: Formula, args: list[Any]) -> Any:
    """The ball of a closed node, or whether a condition holds; None where it cannot be told."""
    if isinstance(node, Number):
        return BALL.number(node.value)
    if isinstance(node, Name):
        return BALL.constant(node.name)
    assert isinstance(node, Call)
    row = node.function
    if row.name == "if":
        return None if args[0] is None else args[1] if args[0] else args[2]
    if any(arg is None for arg in args):
        return None
    try:
        if row.condition and row.value is None:  # and, or, not
            return row.rational(*args) if row.rational is not None else None
        return BALL.function(row)(*args)
    except (ArithmeticError, ValueError, FormulaError):
        return None
