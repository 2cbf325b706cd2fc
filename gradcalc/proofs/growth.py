"""The signs of a quantity of one variable by those of its derivatives: `exp(x) - x` is 1 at 0, and grows from there on
both sides, as its derivative `exp(x) - 1` has the sign of x.

If f is differentiable on the whole line, and its derivative has one of the signs S for all x > c, then f(x) - f(c) has
one of S there, by the mean value theorem; for x < c it has one of their opposites. So f has the sign of a sum of f(c)
and of that; between two places it has both. What is asked for is that f and its derivative have a value everywhere, and
that f is made of smooth rows, by whose derivatives the chain rule holds then. The signs of the derivative are told by
algebra, or in the same way, once factors of one sign are gone. Nor does f change its sign where it is divided by an
exponential: of `x*exp(-x^2) - 1` the zeros of the derivative are known, of `x - exp(x^2)` they are not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import lru_cache
from itertools import islice, pairwise
from math import prod

from flint import arb

from gradcalc.engine.rewrite import has_kinks, our_derivative
from gradcalc.engine.scalars import precision
from gradcalc.engine.switches import ALL, Signs
from gradcalc.language.errors import FormulaError
from gradcalc.language.formula import Call, Formula, Name
from gradcalc.language.functions import TABLE
from gradcalc.language.kept import tree_size
from gradcalc.language.literals import ZERO
from gradcalc.language.substitution import substitute

from .algebra import Generators, Ratio, ratio
from .arithmetic import product, sum_of
from .cells import Cell
from .exact import EXACT_TROUBLE, as_formula, possible_signs, roots
from .laws import has_value_everywhere, plain
from .polynomials import coefficients, generator, used
from .reading import Reader

_LOOKED_AT = (-30, -3, -1, -0.25, 0.25, 1, 3, 30)
_MOST_PLACES, _MOST_FORMS, _DEEPEST, _LARGEST = 3, 3, 3, 40  # from which it is told, derivatives, and nodes of one


@lru_cache(1024)  # the same is asked with a claim and without
def signs_by_growth(quantity: Formula, name: str) -> Signs:
    """The signs that a quantity of one variable has anywhere; all where that was not shown."""
    found = ALL
    for form in islice(_forms(quantity, name), _MOST_FORMS) if not has_kinks(quantity) else ():
        found &= _signs(form, name)
        if len(found) == 1:
            break
    return found


def _forms(quantity: Formula, name: str) -> Iterator[Formula]:
    """A quantity, and what has its sign everywhere: its numerator, divided by the powers of an exponential in it,
    or of what else is positive. Nothing where it has both signs at a few points."""
    try:
        cell, read = _signed(quantity, name)
        balls = cell.generators.balls
        with precision(128):
            met = [cell.generators.ball(read, balls(read.generators(), {name: arb(x)})) for x in _LOOKED_AT]
        if any(ball > 0 for ball in met) and any(ball < 0 for ball in met):
            return
    except (ValueError, *EXACT_TROUBLE):
        yield quantity
        return
    yield quantity
    for i in used(read.top) if read.bottom == 1 else ():
        for n in coefficients(read.top, i) if cell.signs(Ratio(generator(i))) == {1} else ():
            yield as_formula(cell.generators, read / Ratio(generator(i) ** n))


def _signed(quantity: Formula, name: str) -> tuple[Cell, Ratio]:
    """A ratio with the sign of a quantity wherever that has a value: its factors of which the sign is not known."""
    cell = Cell(Generators(frozenset({name})))
    read = Reader(cell).read(plain(quantity))
    left = prod(
        (
            Ratio(part) ** (-n if below else n)
            for below, side in enumerate((read.top, read.bottom))
            for part, n in cell.generators.factors(side)[1]
            if len(cell.of_factor(part)) > 1
        ),
        start=ratio(1),
    )
    (sign,) = {*cell.signs(read / left)} or {0}
    return cell, ratio(sign) * left


def _signs(quantity: Formula, name: str) -> Signs:
    try:
        slopes = _slopes(quantity, name)
    except FormulaError:
        return ALL
    found = ALL
    zeros = [*roots(slopes[1], name, {}), ZERO][:_MOST_PLACES] if len(slopes) > 1 else []
    places = _in_order([place for place in zeros if has_value_everywhere(place, ())])
    for cuts in (*([place] for place in places), *([places] if places[1:] else ())):
        at = (_at(quantity, name, place) for place in cuts)
        found &= frozenset[int]().union(*at, *(_between(slopes, name, ends) for ends in pairwise((None, *cuts, None))))
    return found


def _in_order(places: Sequence[Formula]) -> list[Formula]:
    """Those places of which it is known how they lie to one another, each once."""
    found: list[Formula] = []
    for place in places:
        sides = [possible_signs(Call(TABLE["-"], (place, each))) for each in found]
        if all(side in ({1}, {-1}) for side in sides):
            found.insert(sides.count(frozenset({1})), place)
    return found


def _slopes(quantity: Formula, name: str) -> list[Formula]:
    """The quantity and those that have the signs of the derivative of the one before, as far as these have a value
    everywhere and the derivatives are those."""
    found = [quantity]
    while len(found) <= _DEEPEST and tree_size(found[-1]) <= _LARGEST and not has_kinks(found[-1]):
        slope = our_derivative(found[-1], name)
        if not (has_value_everywhere(found[-1], {name}) and has_value_everywhere(slope, {name})):
            break
        with suppress(ValueError, *EXACT_TROUBLE):
            cell, read = _signed(slope, name)
            shorter = as_formula(cell.generators, read)
            slope = shorter if has_value_everywhere(shorter, {name}) else slope
        found.append(slope)
    return found


def _between(slopes: Sequence[Formula], name: str, ends: tuple[Formula | None, Formula | None]) -> Signs:
    """The signs of the first of some quantities, of which each has those of the derivative of the one before, between
    two places, of which one may be missing."""
    sides = [(end, side) for end, side in zip(ends, (1, -1), strict=True) if end is not None]
    branch = tuple((Call(TABLE[">" if side > 0 else "<"], (Name(name), end)), True) for end, side in sides)
    found = ALL
    for i, quantity in enumerate(reversed(slopes)):
        told = possible_signs(quantity, {name}, branch)
        for end, side in sides if i else ():
            told &= sum_of(_at(quantity, name, end), product(found, frozenset({side})))
        found = told
    return found


def _at(quantity: Formula, name: str, place: Formula) -> Signs:
    return possible_signs(substitute(quantity, {name: place}))
