"""Decisions between constants: comparisons, floors and the like that no variable moves, and no rounding may."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gradcalc.language.errors import LIMITS, FormulaError
from gradcalc.language.formula import Call, Formula, Name, Number, flattened
from gradcalc.language.functions import RESERVED
from gradcalc.language.identity import ByIdentity
from gradcalc.language.kept import kept

from .rationals import Exact, Known, rational_value, rational_values
from .rewrite import expand
from .scalars import BALL, rising

_START_BITS = 96


def decided(formula: Formula) -> Known:
    """The values of the calls that are not smooth and depend on no name but pi: by rational numbers, and comparisons by
    balls where that will not do. What stays open is not in the result.

    Names with a definition, and those that yield to a variable, count as variables: a point may give them a value.
    """
    closed: list[bool] = []
    sharp: list[tuple[int, Call]] = []
    for node, below in kept(formula, flattened):
        closed.append((not isinstance(node, Name) or node.name in RESERVED) and all(closed[i] for i in below))
        if closed[-1] and isinstance(node, Call) and not node.function.smooth and node.args:
            sharp.append((len(closed) - 1, node))
    exact: Known = ByIdentity()
    if not sharp:
        return exact
    found = rational_values(formula, {}, ties=True)
    open_: list[tuple[int, Call]] = []
    for place, node in sharp:
        value = found.get(node)
        if value is None and not node.function.condition:
            value = rational_value(expand(node))
        if value is not None:
            exact[node] = value
        elif node.function.condition:
            open_.append((place, node))
    if open_:
        exact.update(_by_balls(formula, closed, open_))
    return exact


def _by_balls(
    formula: Formula, closed: Sequence[bool], wanted: Sequence[tuple[int, Call]]
) -> list[tuple[Formula, Exact]]:
    """Which of the wanted conditions, given with their places, hold, as far as balls tell."""
    flat = kept(formula, flattened)

    def attempt(_: int, last: bool) -> list[Any] | None:
        made: list[Any] = []
        for is_closed, (node, below) in zip(closed, flat, strict=True):
            made.append(_ball(node, [made[i] for i in below]) if is_closed else None)
        return made if last or all(made[place] is not None for place, _ in wanted) else None

    made = rising(attempt, _START_BITS, LIMITS.precision)
    return [(node, made[place]) for place, node in wanted if made[place] is not None]


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
