"""The way to a point along one variable: where quantities go on it, and whether domains end there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from gradcalc.engine.lowering import Switch
from gradcalc.engine.program import Program
from gradcalc.engine.rewrite import expand, with_absolute_values
from gradcalc.engine.scalars import BALL, fits
from gradcalc.engine.value import Value, data_of
from gradcalc.language.errors import FormulaError, UndefinedError
from gradcalc.language.formula import Call, Formula

from .components import apart
from .posed import Edge, Posed
from .series import Outside, moved, one_sided
from .terms import ORIGIN, Coefficient, Series, Unknown, as_ball

_CUTS = (1, 2, 4, 8)
# what domains compare with are small numbers: from one of them, no other is so near
_NEXT_TO_NOTHING = Fraction(1, 2**32)


class Approach:
    """The way to the point along one variable: `direction` -1 from the left, 1 from the right."""

    def __init__(self, of: Posed, name: str, direction: int):
        self.of = of
        self.name = name
        self.direction = direction
        self.end = UndefinedError("there is no value on this side")

    def toward(self, difference: Formula, given: Mapping[Switch, int]) -> int | FormulaError | None:
        """The way a difference goes, for `Switches`; `end` where it has no value on this side."""
        try:
            found = self._beside(difference)
        except Outside:
            return self.end
        return None if found is None else found[1]

    def _beside(self, quantity: Formula) -> tuple[Coefficient, int] | None:
        """Where a quantity goes on the way to the point, and the sign of what it gains on leaving it, by its first
        terms; None where they do not tell.

        Raises:
            Outside: it has no value there.
        """
        program = Program(expand(with_absolute_values(quantity)))
        way = moved(self.of.numbers(), self.name, self.direction)
        for cut in _CUTS:
            try:
                found = one_sided(program, way, Fraction(cut), vanishes=self.of.goes_to_zero)
                limit, rest = found.constant, {term: c for term, c in found.terms.items() if term != ORIGIN}
                return None if limit is None else (limit, Series(rest, found.cut).sign)
            except Unknown:
                continue
        return None

    def leaves_domain(self, node: Call, args: Sequence[Any]) -> bool | None:
        """Whether a function that has a value at the point has none beside it; None if it cannot be told, or if the
        value there is another one, as that of 0^x at 0."""
        try:
            found = self._beside(node)
        except Outside:
            return True
        try:
            if found is None:
                return self._leaves_by_moving(node, args)
            return None if apart(as_ball(found[0]), BALL.function(node.function)(*map(data_of, args))) else False
        except ArithmeticError:
            return None

    def _leaves_by_moving(self, node: Call, args: Sequence[Any]) -> bool | None:
        """The same by the domain and the value next to the point, for what has no series, as x^pi at 0."""
        row, here, moved = node.function, [], []
        for formula, arg in zip(node.args, args, strict=True):
            found = self._beside(formula) if isinstance(arg, Value) else (None, 0)
            if found is None:
                return None
            here.append(data_of(arg))
            moved.append(here[-1] + found[1] * BALL.number(_NEXT_TO_NOTHING))
        fits(row, tuple(here), BALL)  # undecidable where only rounding may be what is left of the edge
        if not fits(row, tuple(moved), BALL):
            return True
        value = BALL.function(row)(*here)
        return False if abs(BALL.function(row)(*moved) - value) < (1 + abs(value)) / 2 else None

    def ends(self, edges: Sequence[Edge]) -> bool | None:
        """Whether the formula has no value on this side, because a call on the edge of its domain leaves it."""
        left = [self.leaves_domain(node, args) for node, args in edges]
        return True if True in left else None if None in left else False
