"""Where a formula goes on the way to a point along one variable: what a derivative is held against at a kink.

A function that is continuous at a point, and whose derivative beside it has a limit, has that limit for its one-sided
derivative (mean value theorem). So the limits of any other form of the derivative are to be the derivative itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import product
from typing import Any

from gradcalc.engine.lowering import Switch
from gradcalc.engine.program import Program
from gradcalc.engine.rewrite import expand, with_absolute_values
from gradcalc.engine.switches import Interning
from gradcalc.language.errors import LIMITS
from gradcalc.language.formula import Call, Formula, free_names
from gradcalc.record import dataclass
from gradcalc.work import Work

from .choices import Ties, Vanishes
from .onesided import moved
from .series import Outside, one_sided
from .terms import Coefficient, Manner, Series, Swing, Unknown

_CUTS = (1, 2, 4, 8, 16)


@dataclass(frozen=True, slots=True)
class Limit:
    """Where a piece of a formula goes on one side: `ball` is finite or infinite, None where it cannot be told, or, with
    `outside`, where there is no value on this side. `tied` where a comparison was between what is equal all along the
    way: the piece then lies beside the way, and says nothing against the formula on it. Where
    it is known why it has no limit, it is a `swing` that stays `within` a ball."""

    direction: int
    ball: Any
    tied: bool = False
    outside: bool = False
    swing: Swing | None = None
    within: Any = None


def limits(
    formula: Formula, at: Mapping[str, Coefficient], name: str, vanishes: Vanishes | None = None, *, work: Work
) -> Iterator[Limit]:
    """The limits of a prepared formula from the left and the right along a variable, in balls at the precision in
    force, for each of the pieces that meet on the way. Where they are not told otherwise, what all bits do not tell
    apart from 0 is taken for 0: a limit is no proof of what it is.

    Args:
        at: the values of all variables, as rational numbers or balls.
        vanishes: whether a quantity goes to 0 at the point for certain.
        work: after which no more is told.
    """

    def run(given: Mapping[str, Series], cut: int, side: Ties, believing: bool) -> Series:
        return one_sided(program, given, cut, side, vanishes, Manner(believing=believing, work=work))

    program, intern = Program(expand(with_absolute_values(formula))), Interning()
    for direction in (-1, 1):
        todo: list[dict[Switch, int]] = [{}]
        count = 0
        while todo:
            sides = todo.pop()
            try:
                yield _limit(run, at, name, direction, sides, intern)
            except _Choose as asked:
                todo += [{**sides, asked.switch: side} for side in (-1, 1)]
            count += 1
            if count > LIMITS.pieces:
                yield Limit(direction, None)
                return


class _Choose(Exception):
    """A side of this comparison must be chosen first."""

    def __init__(self, switch: Switch):
        super().__init__(switch)
        self.switch = switch


def _limit(
    run: Callable[..., Series],
    at: Mapping[str, Coefficient],
    name: str,
    direction: int,
    sides: Mapping[Switch, int],
    intern: Interning,
) -> Limit:
    def side(node: Formula) -> int:
        if name not in free_names(node):
            return 0
        assert isinstance(node, Call)
        switch, flip = intern.comparison(node)
        if switch not in sides:
            raise _Choose(switch)
        return sides[switch] * flip

    swing = within = None
    for believing, cut in product((False, True), _CUTS):
        try:
            series = run(moved(at, name, direction), cut, side, believing)
            if series.cut == 0 and series.swings and not series.terms:
                swing, within = series.swing, series.enclosure
            limit = series.limit
        except Outside:
            return Limit(direction, None, bool(sides), outside=True)
        except Unknown:
            continue
        return Limit(direction, limit, bool(sides))
    return Limit(direction, None, bool(sides), False, swing, within)
