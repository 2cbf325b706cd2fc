"""When a place of a tape is needed: always, or where one of several branches is taken."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from gradcalc.engine.tape import Tape
from gradcalc.language.formula import Call, Formula, Name
from gradcalc.language.functions import TABLE

from .literal import literal

_JOINS = (TABLE["and"], TABLE["or"])


class Use(NamedTuple):
    """A use of a place: by one with this mask and, unless it is -1, where the condition at a place has this sense."""

    mask: int
    condition: int = -1
    sense: bool = True


class Masks:
    """The conditions under which the places of a tape are needed.

    `values` are what the places are called, as far as they are known, and `line` gives a condition a name. `plan` has
    the number of the mask of every live place; 0 is that of a place that is always needed.
    """

    def __init__(self, tape: Tape, values: Mapping[int, Any], line: Callable[[Formula], Formula]):
        self.tape, self.values, self.line = tape, values, line
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

    def _uses(self, place: int, args: Sequence[int], mask: int) -> list[tuple[int, Use]]:
        """The arguments that a place needs, each with when it does."""
        row = self.tape.program.rows[place]
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
            holds = holds if use.sense else literal(TABLE["not"], (holds,))
            either = literal(TABLE["or"], (either, literal(TABLE["and"], (self._made[use.mask], holds))))
        inner = either.args[0] if isinstance(either, Call) and len(either.args) == 1 else either
        return either if isinstance(inner, Name | bool) else self.line(either)

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
