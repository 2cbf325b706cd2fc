"""Terms of sums and products taken apart into what they are products of."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from gradcalc.engine.domains import partial_calls
from gradcalc.engine.formulas import CONTROL, times
from gradcalc.engine.rationals import rational_value
from gradcalc.language.formula import Call, Formula, Name, Number, free_names, rebuilt, with_arguments
from gradcalc.language.functions import TABLE, Function
from gradcalc.language.literals import ONE, number

_TIMES, _OVER, _NEG, _POWER = (TABLE[name] for name in ("*", "/", "neg", "^"))
_HALF = Call(_OVER, (ONE, number(2)))


def powers(term: Formula) -> Iterator[tuple[Formula, Formula]]:
    """The bases and exponents of what a term is a product of."""
    todo: list[tuple[Formula, int]] = [(term, 1)]
    while todo:
        node, n = todo.pop()
        row, args = (node.function, node.args) if isinstance(node, Call) else (None, ())
        power: Formula = ONE if n == 1 else number(n)
        if row in (_TIMES, _OVER):
            todo += [(args[1], n if row is _TIMES else -n), (args[0], n)]
            continue
        if row is _NEG and not isinstance(args[0], Number):
            todo += [(number(-1), n), (args[0], n)]
            continue
        if row in (_POWER, TABLE["sqrt"]):
            node, power = args[0], times(power, args[1] if row is _POWER else _HALF)
            exact = rational_value(power)
            if isinstance(exact, Fraction) and exact.denominator == 1:
                todo.append((node, int(exact)))
                continue
        if isinstance(node, Call) and node.function is TABLE["exp"]:
            node, power = Call(TABLE["exp"], (ONE,)), times(node.args[0], power)
        yield node, power


def apart(term: Formula, index: str) -> tuple[Formula, Formula]:
    """The factors of a term that do not have a name in them, and the others."""
    free, rest, todo = ONE, ONE, [(term, _TIMES)]
    while todo:
        node, row = todo.pop()
        if row is _TIMES and isinstance(node, Call) and node.function in (_TIMES, _OVER):
            todo += [(node.args[1], node.function), (node.args[0], _TIMES)]
        elif index in free_names(node):
            rest = _joined(row, rest, node)
        else:
            free = _joined(row, free, node)
    return free, rest


def _joined(row: Function, whole: Formula, node: Formula) -> Formula:
    return node if whole is ONE and row is _TIMES else Call(row, (whole, node))


def with_partial_named(term: Formula, index: str) -> tuple[list[Formula], Formula] | None:
    """Parts of a term that may have no value and do not have a name in them, and the term with new names for these;
    None where one is on a branch that does have it."""
    found: dict[str, Formula] = {}
    branches: list[Formula] = []

    def named(part: Formula) -> Formula:
        if index in free_names(part) or not partial_calls(part):
            return part
        name = f"part {len(found) + 1}"
        found[name] = part
        return Name(name)

    def call(node: Call, args: list[Formula]) -> Formula:
        made = with_arguments(node, [*map(named, args)] if index in free_names(node) else args)
        branches.extend([made] if node.function.name in CONTROL else ())
        return made

    rest = named(rebuilt(term, call))
    is_on_branch = any(found.keys() & free_names(branch).keys() for branch in branches)
    return None if is_on_branch else ([*found.values()], rest)
