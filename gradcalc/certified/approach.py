"""The way to a point along one variable: where quantities go on it, and whether domains end there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from gradcalc.engine.lowering import Failure, Lowering, Switch
from gradcalc.engine.rationals import rational_values
from gradcalc.engine.rewrite import has_kinks, our_derivative
from gradcalc.engine.scalars import BALL, fits
from gradcalc.engine.switches import Switches
from gradcalc.engine.value import Value, data_of
from gradcalc.language.errors import FormulaError, UndefinedError
from gradcalc.language.formula import Call, Formula, Number, children_first

from .posed import Edge, Posed, edges

_ORDERS = 8  # derivatives looked at for the way a quantity goes
_NODES = 5_000  # of such a derivative
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
        switches = Switches(self.of.intern, given, lambda difference, given: 0)
        graph = Lowering(difference, BALL, (self.name,)).graph(self.of.balls(), switches)
        ends = self.ends(edges(difference, graph), given) if not isinstance(graph.root, Failure) else False
        return self.end if ends else None if ends is None else self.departs(difference, given)

    def departs(self, quantity: Formula, given: Mapping[Switch, int]) -> int | None:
        """The sign of what a quantity gains on leaving the point. 0 if it stays as it is, None if it cannot be told.

        `given` are the sides of the comparisons inside.
        """
        found = self.leading(quantity, given)
        if found is None:
            return None
        order, slope = found
        return 0 if order == 0 else (1 if slope > 0 else -1) * (self.direction if order % 2 else 1)

    def leading(self, quantity: Formula, given: Mapping[Switch, int]) -> tuple[int, Any] | None:
        """The order of the first derivative that is not 0, and that derivative; (0, 0) for what stays as it is."""
        literal = not has_kinks(quantity)
        for order in range(1, _ORDERS + 1):
            quantity = our_derivative(quantity, self.name)
            if isinstance(quantity, Number) and quantity.value == 0:
                return 0, 0
            if sum(1 for _ in children_first(quantity)) > _NODES:
                return None
            slope = self._value(quantity, given, literal)
            if slope is None or not (slope > 0 or slope < 0 or slope == 0):
                return None
            if slope != 0:
                return order, slope
        return None

    def _value(self, formula: Formula, given: Mapping[Switch, int], literal: bool) -> Any:
        """The value at the point; `literal` where no comparison but those of the table's own partials is inside."""
        exact = rational_values(formula, self.of.at, ties=literal)
        if id(formula) in exact:
            return exact[id(formula)]
        switches = Switches(self.of.intern, given, lambda difference, given: 0)
        root = Lowering(formula, BALL, (self.name,)).graph(self.of.balls(), switches, exact).root
        if isinstance(root, Failure):
            return None
        return data_of(root)

    def leaves_domain(self, node: Call, args: Sequence[Any], given: Mapping[Switch, int]) -> bool | None:
        """Whether a function that has a value at the point has none beside it; None if it cannot be told, or if the
        value there is another one, as that of 0^x at 0."""
        here, moved = [], []
        for formula, arg in zip(node.args, args, strict=True):
            data = data_of(arg)
            sign = self.departs(formula, given) if isinstance(arg, Value) else 0
            if sign is None:
                return None
            here.append(data)
            moved.append(data + sign * BALL.number(_NEXT_TO_NOTHING))
        row = node.function
        try:
            fits(row, tuple(here), BALL)  # undecidable where only rounding may be what is left of the edge
            if not fits(row, tuple(moved), BALL):
                return True
            value = BALL.function(row)(*here)
            near = abs(BALL.function(row)(*moved) - value) < (1 + abs(value)) / 2
        except ArithmeticError:
            return None
        return False if near else None

    def ends(self, edges: Sequence[Edge], given: Mapping[Switch, int]) -> bool | None:
        """Whether the formula has no value on this side, because a call on the edge of its domain leaves it."""
        left = [self.leaves_domain(node, args, given) for node, args in edges]
        return True if True in left else None if None in left else False
