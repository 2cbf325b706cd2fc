"""The signs of a quantity of one variable by those of its derivatives: `exp(x) - x` is 1 at 0, and grows from there on
both sides, as its derivative `exp(x) - 1` has the sign of x.

If f is differentiable on the whole line, and its derivative has one of the signs S for all x > c, then f(x) - f(c) has
one of S there, by the mean value theorem; for x < c it has one of their opposites. So f has the sign of a sum of f(c)
and of that. What is asked for is that f and its derivative have a value everywhere, and that f is made of smooth rows,
by whose derivatives the chain rule holds then. The signs of the derivative are told by algebra, or in the same way.
"""

from __future__ import annotations

from functools import lru_cache

from gradcalc.engine.rewrite import has_kinks, our_derivative
from gradcalc.engine.switches import ALL, Signs
from gradcalc.engine.tidy import tidied
from gradcalc.language.errors import FormulaError
from gradcalc.language.formula import Call, Formula, Name
from gradcalc.language.functions import TABLE
from gradcalc.language.kept import tree_size
from gradcalc.language.literals import ZERO
from gradcalc.language.substitution import substitute

from .arithmetic import product, sum_of
from .exact import possible_signs, roots
from .laws import has_value_everywhere

_MOST_PLACES, _DEEPEST, _LARGEST = 3, 3, 40  # from which it is told, derivatives, and nodes of one
_SIDES = {1: TABLE[">"], -1: TABLE["<"]}


@lru_cache(1024)  # the same is asked with a claim and without
def signs_by_growth(quantity: Formula, name: str) -> Signs:
    """The signs that a quantity of one variable has anywhere; all where that was not shown."""
    try:
        slopes = _slopes(quantity, name)
    except FormulaError:
        return ALL
    found = ALL
    places = [*roots(slopes[1], name, {}), ZERO][:_MOST_PLACES] if len(slopes) > 1 else []
    for place in (place for place in places if has_value_everywhere(place, ())):
        found &= _at(quantity, name, place).union(*(_beyond(slopes, name, place, side) for side in _SIDES))
    return found


def _slopes(quantity: Formula, name: str) -> list[Formula]:
    """The quantity and its derivatives, as far as they have a value everywhere and are those of the one before."""
    found = [quantity]
    while len(found) <= _DEEPEST and tree_size(found[-1]) <= _LARGEST and not has_kinks(found[-1]):
        slope = our_derivative(found[-1], name)
        if not (has_value_everywhere(found[-1], {name}) and has_value_everywhere(slope, {name})):
            break
        found.append(tidied(slope))
    return found


def _beyond(slopes: list[Formula], name: str, place: Formula, side: int) -> Signs:
    """The signs of the first of some derivatives, of which each is that of the one before, on one side of a place."""
    branch, found = ((Call(_SIDES[side], (Name(name), place)), True),), ALL
    for i, quantity in enumerate(reversed(slopes)):
        grown = sum_of(_at(quantity, name, place), product(found, frozenset({side}))) if i else ALL
        found = grown & possible_signs(quantity, {name}, branch)
    return found


def _at(quantity: Formula, name: str, place: Formula) -> Signs:
    return possible_signs(substitute(quantity, {name: place}))
