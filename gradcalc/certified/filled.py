"""Quotients that are 0/0 where a choice has another value instead: the smooth functions that they go on as.

In `if(a == b, value, N/D)`, let a = b where x = s(others), and u = x - s. Near there N and D are smooth in u. Where the
coefficients of N and D before u^m are 0 for all values of the others, N/D is (N_m + N_(m+1)*u + ...)/(D_m + ...) for u
other than 0, which is smooth also at u = 0 where D_m is not 0. Two coefficients of each give value and gradient there.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from math import factorial

from gradcalc.engine.formulas import minus, over, plus, times
from gradcalc.engine.rewrite import has_points_apart, our_derivative
from gradcalc.language.errors import FormulaError
from gradcalc.language.formula import Call, Formula, Name, children, children_first, free_names, rebuilt, with_arguments
from gradcalc.language.functions import TABLE
from gradcalc.language.identity import ByIdentity
from gradcalc.language.kept import functions_in, tree_size
from gradcalc.language.literals import number
from gradcalc.language.substitution import substitute
from gradcalc.proofs.exact import MOST_NODES, possible_signs, simplified

_MOST_ORDER = 4  # of a zero
_UNEQUAL = {"==": 2, "!=": 1}  # the branch for what is not equal


def filled(
    formula: Formula, names: Collection[str], vanishes: Callable[[Formula], bool], inside: Callable[[Formula], bool]
) -> Formula:
    """A formula with the same value and gradient off the places where quotients in it are 0/0, but with a value there
    too; the formula itself where there are no such quotients.

    Args:
        formula: of the table's rows.
        names: the variables.
        vanishes: whether a quantity is certainly 0 at the point.
        inside: whether a quantity certainly has values at the point and around it.
    """

    def call(node: Call, args: list[Formula]) -> Formula:
        condition, branch = args[0], 0
        if node.function.name == "if" and isinstance(condition, Call):
            branch = _UNEQUAL.get(condition.function.name, 0)
        if branch and isinstance(condition, Call) and vanishes(difference := Call(TABLE["-"], condition.args)):
            for along, place in _places(difference):
                args[branch] = _off(args[branch], along, place, names, vanishes, inside)
        return with_arguments(node, args)

    return rebuilt(formula, call)


def _places(difference: Formula) -> Iterator[tuple[str, Formula]]:
    """Names, and what they are where a quantity that is linear in them is 0."""
    for name in sorted(free_names(difference)):
        slope = our_derivative(difference, name)
        if name not in free_names(slope):
            rest = substitute(difference, {name: number(0)})
            yield name, over(Call(TABLE["neg"], (rest,)), slope)


def _off(
    branch: Formula,
    along: str,
    place: Formula,
    names: Collection[str],
    vanishes: Callable[[Formula], bool],
    inside: Callable[[Formula], bool],
) -> Formula:
    asked: ByIdentity[Formula, None] = ByIdentity()  # what comparisons and floors rest on: more than a gradient decides
    for node in reversed([*children_first(branch)]):
        if node in asked or (isinstance(node, Call) and not node.function.smooth and node.function.name != "if"):
            asked.update((part, None) for part in children(node))

    def call(node: Call, args: list[Formula]) -> Formula:
        if node.function.name == "/" and node not in asked and vanishes(node.args[1]):
            smooth = all(row.smooth for arg in node.args for row in functions_in(arg))
            told = smooth and not any(map(has_points_apart, node.args))
            found = _beyond(node, along, place, names, vanishes) if told else None
            if found is not None and all(map(inside, node.args)):
                return found
        return with_arguments(node, args)

    return rebuilt(branch, call)


def _beyond(
    node: Call, along: str, place: Formula, names: Collection[str], vanishes: Callable[[Formula], bool]
) -> Formula | None:
    there = {along: place}
    above, below = node.args
    tops, bottoms = list[Formula](), list[Formula]()
    try:
        while not bottoms or (possible_signs(bottoms[-1], names) == possible_signs(tops[-1], names) == {0}):
            tops.append(substitute(above, there))
            bottoms.append(substitute(below, there))
            above, below = our_derivative(above, along), our_derivative(below, along)
            if len(tops) > _MOST_ORDER or max(map(tree_size, (above, below))) > MOST_NODES:
                return None
    except FormulaError:
        return None
    if len(tops) < 2 or vanishes(bottoms[-1]):
        return None
    order, u = len(tops) - 1, minus(Name(along), place)
    top = _line(tops[-1], substitute(above, there), order, u)
    bottom = _line(bottoms[-1], substitute(below, there), order, u)
    lines = [simplified(line, names) for line in (top, bottom)]
    return None if None in lines else Call(TABLE["/"], (*filter(None, lines),), node.span)


def _line(first: Formula, second: Formula, order: int, u: Formula) -> Formula:
    """Two terms of a Taylor series, divided by u^order."""
    a, b = (over(part, number(factorial(n))) for n, part in ((order, first), (order + 1, second)))
    return plus(a, times(b, u))
