"""Where values are needed, and where there is none: conditions over the places of a tape."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from gradcalc.language.formula import Function
from gradcalc.language.functions import TABLE

from .rules import SMALL
from .scalars import FLOAT
from .straight import Atom, Straight

if TYPE_CHECKING:
    from .tape import Tape

ARITHMETIC = frozenset(TABLE[name] for name in ("+", "-", "*", "neg"))
_DIVIDED = TABLE["/"]


_JOINS = (TABLE["and"], TABLE["or"])


class Use(NamedTuple):
    """A use of a place: by one with this mask and, unless it is -1, where the condition at a place has this sense."""

    mask: int
    condition: int = -1
    sense: bool = True


class Masks:
    """The conditions under which the places of a tape are needed: always, or where one of several branches is taken.

    `values` are what is known of the places, `made` a row of the table, by its name, at such values, and `line` makes
    one condition of what was made. `plan` has the number of the mask of every live place; 0 is that of a place that is
    always needed.
    """

    def __init__(
        self,
        tape: Tape,
        values: Mapping[int, Any],
        made: Callable[..., Any],
        line: Callable[[Any], Any] = lambda condition: condition,
    ):
        self.tape, self.values, self.made, self.line = tape, values, made, line
        self.plan: dict[int, int] = {}
        self._alternatives: list[tuple[Use, ...]] = [()]
        self._made: dict[int, Any] = {0: True}
        known: dict[tuple[Use, ...], int] = {}
        uses: dict[int, list[Use]] = {tape.root: [Use(0)]}
        for place, _, args, _ in reversed(tape.steps):
            if place in uses:  # else only a branch that is never taken has it
                mask = self.plan[place] = self._number(uses[place], known)
                for i, use in self._uses(place, args, mask):
                    uses.setdefault(i, []).append(use)
        for place in uses.keys() - self.plan.keys():  # inputs and constants
            self.plan[place] = self._number(uses[place], known)

    def _uses(self, place: int, args: Sequence[int], mask: int) -> list[tuple[int, Use]]:
        """The arguments that a place needs, each with when it does."""
        row = self.tape.rows[place]
        if row in _JOINS:
            return [(args[0], Use(mask)), (args[1], Use(mask, args[0], row is _JOINS[0]))]
        if row is not TABLE["if"]:
            return [(i, Use(mask)) for i in args]
        holds = self.values.get(args[0])
        if isinstance(holds, bool):
            return [(args[1] if holds else args[2], Use(mask))]
        return [(args[0], Use(mask)), (args[1], Use(mask, args[0])), (args[2], Use(mask, args[0], False))]

    def _number(self, uses: Sequence[Use], known: dict[tuple[Use, ...], int]) -> int:
        """The number of the mask for these uses: an old one, if there is one."""
        found = dict.fromkeys(uses)
        for use in uses:
            if use.condition >= 0 and use._replace(sense=not use.sense) in found:  # both branches
                found[Use(use.mask)] = None
        least = tuple(use for use in found if use.condition < 0 or Use(use.mask) not in found)
        if Use(0) in least:
            return 0
        if len(least) == 1 and least[0].condition < 0:
            return least[0].mask
        if least not in known:
            known[least] = len(self._alternatives)
            self._alternatives.append(least)
        return known[least]

    def of(self, place: int) -> Any:
        """The condition under which a place is needed; True also where it is not known yet."""
        if place not in self.plan:
            return False
        found, stack = set[int](), [self.plan[place]]
        while stack:
            mask = stack.pop()
            if mask not in self._made and mask not in found:
                found.add(mask)
                stack += [use.mask for use in self._alternatives[mask]]
                if not all(use.condition < 0 or use.condition in self.values for use in self._alternatives[mask]):
                    return True
        for mask in sorted(found):  # each after those that it is made of
            self._made[mask] = self._condition(mask)
        return self._made[self.plan[place]]

    def _condition(self, mask: int) -> Any:
        either: Any = False
        for use in self._alternatives[mask]:
            holds = True if use.condition < 0 else self.values[use.condition]
            holds = holds if use.sense else self.made("not", holds)
            either = self.made("or", either, self.made("and", self._made[use.mask], holds))
        return self.line(either)

    def in_order(self) -> list[tuple[int, tuple[int, ...]]]:
        """The live places with their arguments: each after these and, but for a circle, the conditions of its mask."""
        steps = {place: args for place, _, args, _ in self.tape.steps if place in self.plan}
        order: list[int] = []
        closed: dict[int, bool] = {}
        for start in steps:
            stack = [start]
            while stack:
                item = stack[-1]  # a place, or minus the number of a mask
                if item in closed:
                    stack.pop()
                    if not closed[item]:
                        closed[item] = True
                        order.append(item)
                    continue
                closed[item] = False
                below = self._needs(item) if item < 0 else [-self.plan[item] or item, *steps[item]]
                below = [i for i in below if i != item and (i < 0 or i in steps)]
                if any(closed.get(i) is False for i in below):
                    return [*steps.items()]
                stack += [i for i in reversed(below) if i not in closed]
        return [(place, steps[place]) for place in order if place >= 0]

    def _needs(self, item: int) -> list[int]:
        """The places and masks that the mask of this number, with a minus, is made of."""
        uses = self._alternatives[-item]
        return [use.condition for use in uses if use.condition >= 0] + [-use.mask for use in uses if use.mask]


def masks(made: Straight) -> dict[int, Atom]:
    """By place that only branches need, the condition on which it is needed."""
    found, varying, known = Masks(made.tape, made.where, made.of), _varying(made), made.tape.known()
    # of constants, those without a value: wherever one is needed there is none
    lacking = [place for place in found.plan if place not in varying and not math.isfinite(known[place])]
    needs = {place: found.of(place) for place in (*varying, *lacking)}
    return {place: need for place, need in needs.items() if need is not True or place not in varying}


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
