"""Terms of sums and products taken apart into what they are products of."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from gradcalc.engine.formulas import simple_call, times
from gradcalc.engine.rationals import rational_value
from gradcalc.language.formula import Call, Formula, Number, free_names
from gradcalc.language.functions import TABLE
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
        if isinstance(node, Call) and node.function in (_TIMES, _OVER):
            second = row if node.function is _TIMES else _TIMES if row is _OVER else _OVER
            todo += [(node.args[1], second), (node.args[0], row)]
        elif index in free_names(node):
            rest = simple_call(row, (rest, node))
        else:
            free = simple_call(row, (free, node))
    return free, rest
