"""A claim with one slip of the pen mended: parentheses that were left out, a square that is missing or too much, a
hyperbolic function for a circular one or the other way round."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from itertools import islice

from gradcalc.language.formula import Call, Formula, brief, children_first, rebuilt, with_arguments
from gradcalc.language.functions import TABLE, Function
from gradcalc.language.literals import exact_number, number
from gradcalc.language.substitution import replaced

_TIGHTNESS = {"+": 1, "-": 1, "*": 2, "/": 2, "neg": 2, "^": 3}
_AS_TIGHT = {("/", "*"), ("/", "/"), ("-", "+"), ("-", "-")}  # a/b*c was meant as a/(b*c)
_LONG = 40  # nodes of a claim, in which one looks for no slips
_MOST = 60  # repairs that are tried
_POWER, _TWO = TABLE["^"], number(2)


Repair = tuple[str, str, Formula]
"""The kind of a slip, what is wrong in words, and the claim without it."""


def repairs(claim: Formula) -> Iterator[Repair]:
    """Every slip that may have been made in a claim.

    None is looked for in conditions: one that holds elsewhere hides where the claim is wrong, and mends nothing.
    """
    first = [*islice(children_first(claim), _LONG + 1)]
    asked = {
        part for node in first if isinstance(node, Call) and node.function.condition for part in children_first(node)
    }
    nodes = [node for node in first if isinstance(node, Call) and not (asked and node in asked)]
    if len(first) <= _LONG:
        yield from islice(_grouped(claim, nodes), _MOST)
        yield from islice(_squared(claim, nodes), _MOST)
        yield from _circular(claim, nodes)


def _grouped(claim: Formula, nodes: list[Call]) -> Iterator[Repair]:
    for node in nodes:
        if node.function.name in _TIGHTNESS and len(node.args) == 2:
            ways = (*_towards_left(node.function, *node.args), *_towards_right(node.function, *node.args))
            for what, otherwise in ways:
                yield "parentheses", what, replaced(claim, node, otherwise)


_MISSING, _EARLY = "parentheses are missing", "a parenthesis closes too early"
Way = tuple[str, Formula]  # what is wrong with the parentheses, and the operation with those that were meant


def _towards_left(row: Function, left: Formula, right: Formula) -> Iterator[Way]:
    """`a/b + c^2` as `a/(b + c^2)` or `a/(b + c)^2`, `f(a) + b` as `f(a + b)`: into the last operand on the left."""
    if not isinstance(left, Call) or not left.args:
        return
    *before, last = left.args
    called = not left.function.symbol and not before
    if called or _tighter(left.function, row) or (left.function.name, row.name) in _AS_TIGHT:
        what = _EARLY if called else _MISSING
        ways = [(what, Call(row, (last, right))), *((what, way) for _, way in _towards_right(row, last, right))]
    else:
        ways = []
    if called or left.function.name in _TIGHTNESS:
        ways += _towards_left(row, last, right)
    yield from ((what, Call(left.function, (*before, inside))) for what, inside in ways)


def _towards_right(row: Function, left: Formula, right: Formula) -> Iterator[Way]:
    """`a + b^c` as `(a + b)^c`: into the first operand on the right."""
    if isinstance(right, Call) and len(right.args) == 2 and _tighter(right.function, row):
        first, behind = right.args
        for what, inside in ((_MISSING, Call(row, (left, first))), *_towards_right(row, left, first)):
            yield what, Call(right.function, (inside, behind))


def _tighter(inner: Function, outer: Function) -> bool:
    return _TIGHTNESS.get(inner.name, 0) > _TIGHTNESS[outer.name]


def _squared(claim: Formula, nodes: list[Call]) -> Iterator[Repair]:
    powers = [node for node in nodes if node.function is _POWER]
    for node in powers:
        base = node.args[0]
        if exact_number(node.args[1]) == 2:
            yield "power", f"the square of {brief(base)} is too much", replaced(claim, node, base)
    for node in nodes:
        if not node.function.condition and all(node is not power and node is not power.args[0] for power in powers):
            squared = Call(_POWER, (node, _TWO))
            yield "power", f"the square of {brief(node)} is missing", replaced(claim, node, squared)


def _circular(claim: Formula, nodes: list[Call]) -> Iterator[Repair]:
    """The functions that have an h too much, or lack one: each of them everywhere, then all together."""
    pairs = {node.function: other for node in nodes if (other := _hyperbolic(node.function)) is not None}
    for meant in [*({row: other} for row, other in pairs.items()), *([pairs] if len(pairs) > 1 else [])]:
        what = " and ".join(f"{row.name} is written for {other.name}" for row, other in meant.items())
        yield "function", what, rebuilt(claim, partial(_renamed, meant))


def _renamed(meant: Mapping[Function, Function], node: Call, args: list[Formula]) -> Formula:
    return with_arguments(node, args, meant.get(node.function))


def _hyperbolic(row: Function) -> Function | None:
    """The circular function of a hyperbolic one, or the other way round."""
    name = row.name
    return TABLE.get(f"{name}h") or (TABLE.get(name[:-1]) if name.endswith("h") else None)
