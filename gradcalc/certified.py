"""Certified results: the engine of `numeric` over balls, at rising precision, and the study of kinks."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from .errors import LIMITS, FormulaError, UndecidedError, UndefinedError
from .formula import Call, Formula, Number, brief, children_first
from .numeric import Failure, Graph, Lowering, Point, Switch, constant_value, leaves, shown
from .rewrite import expand, has_kinks, prepare
from .scalars import BALL, precision, rounded
from .value import Value


@dataclass(frozen=True, slots=True)
class Component:
    """One certified number: the value, or a partial derivative.

    `number` is the nearest double. `status` is `certified`; `zero` (not told apart from 0 with the most bits: what
    rounding leaves of an exact 0); `not-differentiable`, with `number` the convention and `left`, `right` the one-sided
    derivatives where they exist; or `undecided`, with `number` the best known. `message` says why.
    """

    number: float
    status: str = "certified"
    message: str = ""
    ball: Any = None
    left: float | None = None
    right: float | None = None


@dataclass(frozen=True, slots=True)
class Certified:
    value: Component
    gradient: dict[str, Component]
    bits: int


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
    """Computes one prepared formula at one point in balls."""

    def __init__(self, formula: Formula, at: Point, wrt: Sequence[str] | None = None):
        self.formula = formula
        self.at = leaves(formula, at)
        self.wrt = tuple(self.at) if wrt is None else tuple(name for name in wrt if name in self.at)
        self.expanded = expand(formula) if has_kinks(formula) else formula
        self.lowering = Lowering(self.expanded, BALL, self.wrt)

    def values(self) -> dict[str, Any]:
        """The point in balls at the precision in force."""
        return {name: constant_value(value, BALL) for name, value in self.at.items()}

    def run(self, bits: int = START_BITS, digits_of_ball: int = 0) -> Certified:
        while True:
            with precision(bits):
                graph = self.lowering.graph(self.values(), {})
                last = 2 * bits > LIMITS.precision
                if isinstance(graph.root, Failure):
                    if graph.root.switch is not None and (graph.root.certain or last):
                        return _Kink(self, bits).study()
                    if last or isinstance(graph.root.error, UndefinedError):
                        raise graph.root.error
                else:
                    found = self.read(graph, last, digits_of_ball)
                    if found is not None:
                        return Certified(found[0], found[1], bits)
            bits *= 2

    def read(self, graph: Graph, last: bool, digits: int = 0) -> tuple[Component, dict[str, Component]] | None:
        """The components of a graph, or None where more precision is needed and there is more."""
        root = graph.root
        value = settle(root.data if isinstance(root, Value) else root, last, digits)
        if value is None:
            return None
        if isinstance(root, Value):
            root.backward()
        gradient: dict[str, Component] = {}
        grads = {name: BALL.number(Fraction(0)) + graph.leaves[name].grad for name in self.wrt}
        for name, grad in grads.items():
            component = settle(grad, last, digits) if grad.is_finite() else self._singular(graph, name, last)
            if component is None:
                return None
            gradient[name] = component
        if value.status == "overflow":
            raise UndefinedError(f"the value is {value.message}", self.formula.span)
        return value, gradient

    def _singular(self, graph: Graph, name: str, last: bool) -> Component | None:
        """Why a gradient is not finite: the first node with an unbounded partial derivative; None to look closer."""
        found = ""
        for node in children_first(self.expanded):
            made = graph.nodes.get(id(node))
            if not isinstance(node, Call) or not isinstance(made, Value):
                continue
            for argument, partial in zip(made.arguments, made.partials, strict=True):
                if getattr(partial, "is_finite", lambda: True)():
                    continue
                exact = all(arg.data.is_exact() for arg in made.arguments)
                if not exact and not last:
                    return None
                where = f"{node.function.spelling} has no finite derivative at {self._where(node, graph)}"
                inner = self._inner(argument, graph, name)
                if exact and inner.is_finite() and not inner.contains(0):
                    return Component(math.nan, "not-differentiable", where)
                found = found or f"{where}, so the chain rule does not apply"
        return Component(math.nan, "undecided", found or "the derivative could not be bounded")

    def _inner(self, argument: Value, graph: Graph, name: str) -> Any:
        """The derivative of one node by a variable."""
        for leaf in graph.leaves.values():
            if isinstance(leaf, Value):
                leaf.grad = 0
        argument.backward()
        return BALL.number(Fraction(0)) + graph.leaves[name].grad

    def _where(self, node: Call, graph: Graph) -> str:
        parts = []
        for arg in node.args:
            made = graph.nodes[id(arg)]
            x = made.data if isinstance(made, Value) else made
            parts.append(f"{brief(arg, 30)} = {shown(x)}" if not isinstance(arg, Number) else "")
        return ", ".join(part for part in parts if part)


def settle(ball: Any, last: bool, bits: int = 0) -> Component | None:
    """A ball as a component, or None if it is still too wide."""
    if bits and not (ball.is_zero() or ball.rel_accuracy_bits() >= bits) and not last:
        return None
    nearest = rounded(ball)
    if nearest is None or (nearest == 0 and not ball.is_zero() and ball.contains(0)):
        if not last:
            return None
        if ball.contains(0):
            return Component(0.0, "zero", "not told apart from 0", ball)
        return Component(float(ball.mid()), "undecided", "halfway between two doubles", ball)
    if math.isinf(nearest):
        about = ball.str(5, radius=False)
        return Component(nearest, "overflow", f"about {about}, larger than any double", ball)
    return Component(nearest + 0.0, "certified", "", ball)  # + 0.0 makes of -0.0 the zero people write


_MOST_PIECES = 64
_KINK_BITS = 512


class _Kink:
    """Studies a point where a comparison is between equal quantities.

    Near the point the formula is, everywhere, one of finitely many smooth pieces: those in which each such comparison
    comes out one way or the other. If all pieces have one value and one gradient there, the formula is differentiable
    with that gradient. If not, the pieces met on the way to the point from the left and from the right tell the
    one-sided derivatives.
    """

    def __init__(self, certifier: Certifier, bits: int):
        self.of = certifier
        self.bits = max(bits, _KINK_BITS)

    def study(self) -> Certified:
        with precision(self.bits):
            values = self.of.values()
            pieces, failed = self._pieces(values)
            value, convention = self._convention(values, pieces)
            continuous = all(piece[0].overlaps(value) for piece in pieces)
            gradient = {}
            for name in self.of.wrt:
                grads = [piece[1][name] for piece in pieces]
                continuous = all(piece[0].overlaps(value) for piece in pieces)
                if (
                    failed is None
                    and continuous
                    and all(grad.is_finite() and grad.overlaps(grads[0]) for grad in grads)
                ):
                    component = settle(grads[0], last=True)
                    assert component is not None
                    gradient[name] = component
                else:
                    gradient[name] = self._one_sided(name, values, value, convention[name], failed)
            whole = settle(value, last=True)
            assert whole is not None
            if whole.status == "overflow":
                raise UndefinedError(f"the value is {whole.message}", self.of.formula.span)
            return Certified(whole, gradient, self.bits)

    def _read(self, graph: Graph) -> tuple[Any, dict[str, Any]]:
        if isinstance(graph.root, Value):
            graph.root.backward()
        zero = BALL.number(Fraction(0))
        value = graph.root.data if isinstance(graph.root, Value) else graph.root
        return value, {name: zero + graph.leaves[name].grad for name in self.of.wrt}

    def _pieces(self, values: Mapping[str, Any]) -> tuple[list[tuple[Any, dict[str, Any]]], FormulaError | None]:
        """Value and gradient of every piece; and why one has none, if so."""
        pieces: list[tuple[Any, dict[str, Any]]] = []
        failed: FormulaError | None = None
        todo: list[dict[Switch, int]] = [{}]
        while todo:
            sides = todo.pop()
            graph = self.of.lowering.graph(values, sides)
            if not isinstance(graph.root, Failure):
                pieces.append(self._read(graph))
            elif graph.root.switch is None:
                failed = graph.root.error
            else:
                todo += [{**sides, graph.root.switch: side} for side in (-1, 1)]
            if len(pieces) + len(todo) > _MOST_PIECES:
                return pieces, UndecidedError(f"more than {_MOST_PIECES} smooth pieces meet here", self.of.formula.span)
        return pieces, failed

    def _convention(self, values: Mapping[str, Any], pieces: list[Any]) -> tuple[Any, dict[str, Any]]:
        """The value at the point itself, and the gradient by the table's conventions for kinks."""
        graph = Lowering(self.of.formula, BALL, self.of.wrt).graph(values)
        if not isinstance(graph.root, Failure):
            return self._read(graph)
        if not isinstance(graph.root.error, UndecidedError) or not pieces:
            raise graph.root.error
        if not all(piece[0].overlaps(pieces[0][0]) for piece in pieces):
            raise graph.root.error
        return pieces[0][0], pieces[0][1]

    def _one_sided(
        self, name: str, values: Mapping[str, Any], value: Any, convention: Any, failed: FormulaError | None
    ) -> Component:
        number = float(convention.mid()) if convention.is_finite() else math.nan
        point = ", ".join(f"{n}={shown(v)}" for n, v in values.items())
        if isinstance(failed, UndecidedError):
            return Component(number, "undecided", f"{failed.message} (at {point})")
        left, left_joins = self._towards(name, values, value, -1)
        right, right_joins = self._towards(name, values, value, 1)
        if left is None or right is None:
            side = "below" if left is None else "above"
            why = (
                failed.message
                if failed is not None
                else f"{brief(self.of.formula)} has no one derivative for {name} {side}"
            )
            return Component(number, "undecided", f"{why} (at {point})")
        one_sided = float(left.mid()), float(right.mid())
        if not (left_joins and right_joins):
            message = f"{brief(self.of.formula)} jumps at {point}; {shown(number)} is the convention"
            return Component(number, "not-differentiable", message, None, *one_sided)
        if not left.overlaps(right):
            message = (
                f"{brief(self.of.formula)} has a corner at {point}: "
                f"left {shown(one_sided[0])}, right {shown(one_sided[1])}; {shown(number)} is the convention"
            )
            return Component(number, "not-differentiable", message, None, *one_sided)
        if len(self.of.at) == 1:
            return Component(one_sided[0], ball=left)
        return Component(
            number, "undecided", f"the pieces that meet at {point} have different gradients", None, *one_sided
        )

    def _towards(self, name: str, values: Mapping[str, Any], value: Any, direction: int) -> tuple[Any, bool]:
        """The derivative by `name` on one side of the point, if any, and whether the formula is continuous there."""
        step = BALL.number(Fraction(direction, 2 ** (self.bits // 3)))
        beside = dict(values)
        beside[name] = values[name] + step * abs(values[name]).max(BALL.number(Fraction(1)))
        found = None
        todo: list[dict[Switch, int]] = [{}]
        for _ in range(2 * _MOST_PIECES):
            if not todo:
                return found, True
            sides = todo.pop()
            near = self.of.lowering.graph(beside, sides)
            if isinstance(near.root, Failure):
                if near.root.switch is None:
                    return None, True
                todo += [{**sides, near.root.switch: side} for side in (-1, 1)]
                continue
            here = self.of.lowering.graph(values, {**near.sides, **sides})
            if isinstance(here.root, Failure):
                return None, True
            there, grads = self._read(here)
            if not there.overlaps(value):
                return grads[name], False
            if not grads[name].is_finite() or (found is not None and not found.overlaps(grads[name])):
                return None, True
            found = grads[name]
        return None, True
