"""Where values are needed, and where there is none: conditions over the places of straight-line code."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from gradcalc.language.formula import Function
from gradcalc.language.functions import TABLE

from .rules import SMALL
from .scalars import FLOAT
from .straight import Atom, Straight

if TYPE_CHECKING:
    from .tape import Tape

ARITHMETIC = frozenset(TABLE[name] for name in ("+", "-", "*", "neg"))
_DIVIDED = TABLE["/"]


def masks(made: Straight) -> dict[int, Atom]:
    """By place that only branches need, the condition on which it is needed."""
    tape, where = made.tape, made.where
    uses: dict[int, Atom] = {tape.root: True}
    for place, _, args, _ in reversed(tape.steps):
        own = uses[place]
        name = tape.rows[place].name
        for k, i in enumerate(args):
            taken: Atom = True
            if k and name in ("if", "and", "or"):
                taken = where[args[0]] if name == "and" or (name == "if" and k == 1) else made.of("not", where[args[0]])
            uses[i] = made.either(uses.get(i, False), made.both(own, taken))
    varying, known = _varying(made), tape.known()
    # of constants, those without a value: wherever one is needed there is none
    return {
        place: use
        for place, use in uses.items()
        if (use is not True and place in varying) or (place not in varying and not math.isfinite(known[place]))
    }


def without_value(made: Straight, needs: Mapping[int, Atom], is_finite: Callable[[Any], Any]) -> Atom:
    """The condition on which there is no value: a needed number is not finite, or outside a domain. `needs` are the
    masks, `is_finite` the operation that tells."""
    where, bad = made.where, made.either(False, False)
    told = told_above(made.tape, needs)
    for place, _, args, _ in made.tape.steps:
        row = made.tape.rows[place]
        right: Atom = True if row.condition or place in told else made.call(is_finite, where[place])
        if row.domain:
            right = made.both(right, made.scalars.domain(row)(*[where[i] for i in args]))
        bad = made.either(bad, made.both(needs.get(place, True), made.of("not", right)))
    for place in (place for place, _ in made.tape.sources if place not in told):
        bad = made.either(bad, made.of("not", made.call(is_finite, where[place])))
    varying = _varying(made)
    for place, mask in needs.items():
        if place not in varying:
            bad = made.either(bad, mask)
    return bad


def told_above(
    tape: Tape, needs: Mapping[int, Atom] = MappingProxyType({}), of_row: Callable[[Function], bool] | None = None
) -> set[int]:
    """The places that need no look, as something that is always needed is not finite either where they are not."""
    return {
        i
        for place, _, args, _ in tape.steps
        if place not in needs
        for k, i in enumerate(args)
        if _spreads(tape.rows[place], k, of_row or _of_floats)
    }


def told_by_value(tape: Tape) -> set[int]:
    """The places that are not finite only where the value is not."""
    found = {tape.root}
    for place, _, args, _ in reversed(tape.steps):
        if place in found:
            found |= {i for k, i in enumerate(args) if _spreads(tape.rows[place], k, _of_floats)}
    return found


def _spreads(row: Function, position: int, of_row: Callable[[Function], bool]) -> bool:
    """Whether a row is not finite wherever its argument is not: sums, products, what is divided, and other rows by what
    `of_row` says."""
    return row in ARITHMETIC or (row is _DIVIDED and position == 0) or of_row(row)


@lru_cache(1024)
def _of_floats(row: Function) -> bool:
    """Of functions of C those that are not finite at both infinities."""
    of_c = getattr(row.value, "__module__", "") == "math" and len(row.params) == 1
    if not of_c and row not in SMALL:
        return False
    function = FLOAT.function(row)
    return not any(math.isfinite(_at(function, end)) for end in (math.inf, -math.inf))


def _at(function: Any, x: float) -> float:
    try:
        return float(function(x))
    except ValueError:
        return math.nan


def _varying(made: Straight) -> set[int]:
    return {place for place, _, _, _ in made.tape.steps} | {place for place, _ in made.tape.sources}
