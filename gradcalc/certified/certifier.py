"""The engine of `numeric` over balls, at rising precision, until the nearest doubles are known."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from gradcalc.engine.lowering import (
    Failure,
    Graph,
    Interning,
    Lowering,
    Point,
    Switches,
    as_constant,
    constant_value,
    leaves,
    shown,
)
from gradcalc.engine.rationals import Exact, rational_values
from gradcalc.engine.rewrite import expand, has_kinks, prepare
from gradcalc.engine.scalars import BALL, precision
from gradcalc.engine.value import Value, data_of
from gradcalc.language.errors import LIMITS, FormulaError, UndecidedError, UndefinedError
from gradcalc.language.formula import Call, Formula, Number, brief

from .components import Certified, Component, settle, zero
from .kinks import Approach, Edge, Kink, edges, finite, singular_calls

START_BITS = 64


def certify(
    formula: str | Formula, at: Point, wrt: Sequence[str] | None = None, bits: int = START_BITS, digits_of_ball: int = 0
) -> Certified:
    """Value and gradient from balls, correctly rounded.

    Args:
        bits: the first precision to try.
        digits_of_ball: keep on until the balls are known to so many bits (0: until the nearest double is known).

    Raises:
        UndefinedError: the formula has no real value here, or one larger than any double.
        UndecidedError: its value could not be told within `Limits.precision` bits.
    """
    prepared = prepare(formula)
    return Certifier(prepared, at, wrt).run(bits, digits_of_ball)


class Certifier:
    """Computes one prepared formula at one point in balls.

    Raises:
        FormulaError: for a name in `wrt` that is not in the formula and has no value either.
    """

    def __init__(self, formula: Formula, at: Point, wrt: Sequence[str] | None = None):
        self.formula = formula
        self.at = leaves(formula, at)
        for name in wrt or ():
            if name not in self.at and name not in at:
                raise FormulaError(f"no value for {name}, which a derivative is wanted for", formula.span)
        self.wrt = tuple(self.at) if wrt is None else tuple(wrt)
        self.at |= {name: as_constant(at[name], name) for name in self.wrt if name not in self.at}
        self.expanded = expand(formula) if has_kinks(formula) else formula
        self.lowering = Lowering(self.expanded, BALL, self.wrt)
        self.intern = Interning()

    def values(self) -> dict[str, Any]:
        """The point in balls at the precision in force."""
        return {name: constant_value(value, BALL) for name, value in self.at.items()}

    @cached_property
    def exact(self) -> dict[int, Exact]:
        """What is known in rational numbers at the point, on whatever side of it."""
        return rational_values(self.expanded, self.at)

    def run(self, bits: int = START_BITS, digits_of_ball: int = 0) -> Certified:
        bits = max(bits, START_BITS)
        first = True
        while True:
            with precision(bits):
                graph = self.lowering.graph(self.values(), Switches(self.intern, {}), None if first else self.exact)
                last = 2 * bits > LIMITS.precision
                if isinstance(graph.root, Failure):
                    if graph.root.switch is not None and (graph.root.certain or last):
                        return self._study
                    if last or isinstance(graph.root.error, UndefinedError):
                        raise graph.root.error
                else:
                    found = self.read(graph, last, digits_of_ball)
                    if found is not None:
                        return Certified(found[0], found[1], bits)
            first = False
            bits *= 2

    def read(self, graph: Graph, last: bool, digits: int = 0) -> tuple[Component, dict[str, Component]] | None:
        """The components of a graph, or None where more precision is needed and there is more."""
        root = graph.root
        value = settle(data_of(root), last, digits)
        if value is None:
            return None
        if isinstance(root, Value):
            root.backward()
        gradient: dict[str, Component] = {}
        grads = {name: zero() + graph.leaves[name].grad for name in self.wrt}
        singular = [] if all(grad.is_finite() for grad in grads.values()) else self._singular_nodes(graph)
        on_edge = edges(self.expanded, graph) if self.wrt else []
        for name, grad in grads.items():
            if grad.is_finite():
                component = settle(grad, last, digits)
                if component is not None and on_edge and self._may_end(name, on_edge):
                    component = self._study.gradient[name]
            else:
                component = self._singular(graph, name, singular, last)
            if component is None:
                return None
            gradient[name] = component
        self.check_value(value)
        return value, gradient

    @cached_property
    def _study(self) -> Certified:
        return Kink(self).study()

    def _may_end(self, name: str, on_edge: list[Edge]) -> bool:
        return not all(Approach(self, name, direction).ends(on_edge, {}) is False for direction in (-1, 1))

    def check_value(self, value: Component) -> None:
        """Raise what a value without a number means."""
        if value.status == "overflow":
            raise UndefinedError(f"the value is {value.message}", self.formula.span)
        if value.status == "undecided":
            raise UndecidedError(f"the value is {value.message}", self.formula.span)

    def _singular_nodes(self, graph: Graph) -> list[_Singular]:
        """The nodes with a partial derivative that is not finite, with their adjoints."""
        return [(node, made, zero() + made.grad) for node, made in singular_calls(self.expanded, graph)]

    def _singular(self, graph: Graph, name: str, singular: list[_Singular], last: bool) -> Component | None:
        """What there is where the chain rule gives nothing finite: what the study of both sides finds. Else that there
        is no derivative is claimed only where one node alone is to blame, its argument is exact and moves with the
        variable, and the result moves with it."""
        exact = all(arg.data.is_exact() for _, made, _ in singular for arg in made.arguments)
        if not exact and not last:
            return None
        studied = self._study.gradient[name]
        if studied.left is not None or studied.right is not None:
            return studied
        where = ""
        for formula, made, adjoint in singular:
            for argument, partial in zip(made.arguments, made.partials, strict=True):
                if finite(partial):
                    continue
                inner = self._inner(argument, graph, name)
                if inner.is_finite() and inner.is_zero():
                    continue
                if not where:
                    where = f"{formula.function.spelling} has no finite derivative at {self._where(formula, graph)}"
                moves = inner.is_finite() and not inner.contains(0) and adjoint.is_finite() and not adjoint.contains(0)
                if exact and len(singular) == 1 and moves:
                    return Component(math.nan, "not-differentiable", where)
        if studied.status != "undecided":
            return studied
        why = f"{where}, so the chain rule does not apply" if where and exact else "the derivative could not be bounded"
        return Component(math.nan, "undecided", why)

    def _inner(self, argument: Value, graph: Graph, name: str) -> Any:
        """The derivative of one node by a variable."""
        for leaf in graph.leaves.values():
            if isinstance(leaf, Value):
                leaf.grad = 0
        argument.backward()
        return zero() + graph.leaves[name].grad

    def _where(self, node: Call, graph: Graph) -> str:
        parts = []
        for arg in node.args:
            made = graph.nodes[id(arg)]
            x = data_of(made)
            parts.append(f"{brief(arg, 30)} = {shown(x)}" if not isinstance(arg, Number) else "")
        return ", ".join(part for part in dict.fromkeys(parts) if part)


_Singular = tuple[Call, Value, Any]
