"""Certified results: the engine of `numeric` over balls, at rising precision, and the study of kinks."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from .errors import LIMITS, FormulaError, LimitError, UndecidedError, UndefinedError
from .formula import Call, Formula, Number, brief, children_first
from .numeric import (
    Failure,
    Graph,
    Interning,
    Lowering,
    Point,
    Switch,
    Switches,
    as_constant,
    constant_value,
    leaves,
    shown,
)
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
    """The value and the gradient, the precision they took, and whether smooth pieces meet at the point."""

    value: Component
    gradient: dict[str, Component]
    bits: int
    at_kink: bool = False


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
        self.intern = Interning(self.expanded)

    def values(self) -> dict[str, Any]:
        """The point in balls at the precision in force."""
        return {name: constant_value(value, BALL) for name, value in self.at.items()}

    def run(self, bits: int = START_BITS, digits_of_ball: int = 0) -> Certified:
        bits = max(bits, START_BITS)
        while True:
            with precision(bits):
                graph = self.lowering.graph(self.values(), Switches(self.intern, {}))
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
        grads = {name: _zero() + graph.leaves[name].grad for name in self.wrt}
        singular = None if all(grad.is_finite() for grad in grads.values()) else self._singular_nodes(graph)
        for name, grad in grads.items():
            component = settle(grad, last, digits) if grad.is_finite() else self._singular(graph, name, singular, last)
            if component is None:
                return None
            gradient[name] = component
        self.check_value(value)
        return value, gradient

    def check_value(self, value: Component) -> None:
        """Raise what a value without a number means."""
        if value.status == "overflow":
            raise UndefinedError(f"the value is {value.message}", self.formula.span)
        if value.status == "undecided":
            raise UndecidedError(f"the value is {value.message}", self.formula.span)

    def _singular_nodes(self, graph: Graph) -> list[tuple[Call, Value, Any]]:
        """The nodes on the way to the root with a partial derivative that is not finite, with their adjoints."""
        on_the_way, nodes = {graph.root}, [graph.root]
        for node in nodes:
            fresh = [child for child in node.arguments if child not in on_the_way]
            on_the_way.update(fresh)
            nodes += dict.fromkeys(fresh)
        found = []
        for formula in children_first(self.expanded):
            made = graph.nodes.get(id(formula))
            if isinstance(formula, Call) and isinstance(made, Value) and made in on_the_way:
                on_the_way.discard(made)  # an `if` hands on the node of its branch
                if not all(_finite(partial) for partial in made.partials):
                    found.append((formula, made, made.grad))
        return found

    def _singular(
        self, graph: Graph, name: str, singular: list[tuple[Call, Value, Any]] | None, last: bool
    ) -> Component | None:
        """Why a gradient is not finite. That there is none is claimed only where one node alone is to blame, its
        argument is exact and moves with the variable, and the result moves with it."""
        where = ""
        for formula, made, _ in singular or ():
            for argument, partial in zip(made.arguments, made.partials, strict=True):
                if _finite(partial):
                    continue
                exact = all(arg.data.is_exact() for arg in made.arguments)
                if not exact and not last:
                    return None
                inner = self._inner(argument, graph, name)
                if inner.is_finite() and inner.is_zero():
                    continue
                where = (
                    where or f"{formula.function.spelling} has no finite derivative at {self._where(formula, graph)}"
                )
                alone = exact and len(singular or ()) == 1 and inner.is_finite() and not inner.contains(0)
                if alone and _moves(made, singular):
                    return Component(math.nan, "not-differentiable", where)
        why = f"{where}, so the chain rule does not apply" if where else "the derivative could not be bounded"
        return Component(math.nan, "undecided", why)

    def _inner(self, argument: Value, graph: Graph, name: str) -> Any:
        """The derivative of one node by a variable."""
        for leaf in graph.leaves.values():
            if isinstance(leaf, Value):
                leaf.grad = 0
        argument.backward()
        return _zero() + graph.leaves[name].grad

    def _where(self, node: Call, graph: Graph) -> str:
        parts = []
        for arg in node.args:
            made = graph.nodes[id(arg)]
            x = made.data if isinstance(made, Value) else made
            parts.append(f"{brief(arg, 30)} = {shown(x)}" if not isinstance(arg, Number) else "")
        return ", ".join(part for part in parts if part)


def _zero() -> Any:
    return BALL.number(Fraction(0))


def _finite(partial: Any) -> bool:
    return bool(getattr(partial, "is_finite", lambda: True)())


def _moves(made: Value, singular: list[tuple[Call, Value, Any]] | None) -> bool:
    """Whether the adjoint of a node, as it was after the backward pass of the whole, is certainly not zero."""
    adjoint = next(_zero() + adjoint for _, node, adjoint in singular or () if node is made)
    return bool(adjoint.is_finite() and not adjoint.contains(0))


_SURE_BITS = 60  # of relative accuracy: then the nearest double to the middle is within 0.51 ulp of the truth
_NOTHING = -2048  # what is less than 2^-2048 and may be 0 is taken for what rounding leaves of an exact 0


def settle(ball: Any, last: bool, bits: int = 0) -> Component | None:
    """A ball as a component, or None if it is still too wide."""
    if bits and not last and not (ball.is_zero() or ball.rel_accuracy_bits() >= bits):
        return None
    nearest = rounded(ball)
    if ball.contains(0) and not ball.is_zero():
        if not last:
            return None
        if negligible(ball):
            return Component(0.0, "zero", "not told apart from 0", ball)
        nearest = None
    if nearest is None:
        if not last:
            return None
        status, message = "undecided", f"known only as {ball.str(5)}"
        if ball.rel_accuracy_bits() >= _SURE_BITS:
            status, message = "certified", ""
        return Component(float(ball.mid()) + 0.0, status, message, ball)
    if math.isinf(nearest):
        about = ball.str(5, radius=False)
        about = f"about {about}, larger" if len(about) < 40 else "far larger"
        return Component(nearest, "overflow", f"{about} than any double", ball)
    return Component(nearest + 0.0, "certified", "", ball)  # + 0.0 makes of -0.0 the zero people write


def negligible(ball: Any) -> bool:
    """Whether everything in the ball is next to nothing."""
    return bool(abs(ball) < type(ball)(2) ** _NOTHING)


_KINK_BITS = 4096  # pieces that differ by one part in 10^1000 are told apart


@dataclass(frozen=True, slots=True)
class _Side:
    """The derivative on one side of a point and whether the formula is continuous from there (None: not known),
    whether comparisons were between equal quantities, and whether that they are equal is only a guess."""

    grad: Any
    joins: bool | None
    tied: bool
    guessed: bool
    why: str = ""


class _Kink:
    """Studies a point where a comparison is between equal quantities.

    Near the point the formula is, everywhere, one of finitely many smooth pieces: those in which each such comparison
    comes out one way or the other. If all pieces have one value and one gradient there, the formula is differentiable
    with that gradient. If not, the partial derivatives are studied one by one: the pieces met on the way to the point
    from the left and from the right give the one-sided derivatives.
    """

    def __init__(self, certifier: Certifier, bits: int):
        self.of = certifier
        self.bits = max(bits, _KINK_BITS)

    def study(self) -> Certified:
        with precision(self.bits):
            values = self.of.values()
            pieces, failed = self._pieces(values)
            value, convention = self._convention(values, pieces, failed)
            whole = settle(value, last=True)
            assert whole is not None
            self.of.check_value(whole)
            continuous = failed is None and all(_same(piece[0], value) for piece in pieces)
            gradient: dict[str, Component] = {}
            apart: list[str] = []
            for name in self.of.wrt:
                grads = [piece[1][name] for piece in pieces]
                if (
                    continuous
                    and all(_same(grad, grads[0]) for grad in grads)
                    and self._met(name, values, value, grads[0])
                ):
                    component = settle(grads[0], last=True)
                elif isinstance(failed, LimitError):
                    component = Component(math.nan, "undecided", failed.message)
                else:
                    component, tied = self._partial(name, values, value, convention[name])
                    if component.status != "not-differentiable" and tied:
                        apart.append(name)
                assert component is not None
                gradient[name] = component
            if len(apart) > 1 and not any(c.status == "not-differentiable" for c in gradient.values()):
                why = f"the pieces that meet at {self._point(values)} have different gradients"
                gradient |= {name: Component(gradient[name].number, "undecided", why) for name in apart}
            return Certified(whole, gradient, self.bits, at_kink=True)

    def _met(self, name: str, values: Mapping[str, Any], value: Any, grad: Any) -> bool:
        """Whether both sides along a variable have this gradient: a comparison that does not move with the variable
        stays between equal quantities there, which is none of the pieces."""
        sides = (self._towards(name, values, value, direction) for direction in (-1, 1))
        return all(side.grad is not None and side.joins and _same(side.grad, grad) for side in sides)

    def _read(self, graph: Graph, wrt: Sequence[str]) -> tuple[Any, dict[str, Any]]:
        if isinstance(graph.root, Value):
            graph.root.backward()
        value = graph.root.data if isinstance(graph.root, Value) else graph.root
        return value, {name: _zero() + graph.leaves[name].grad for name in wrt}

    def _pieces(self, values: Mapping[str, Any]) -> tuple[list[tuple[Any, dict[str, Any]]], FormulaError | None]:
        """Value and gradient of every piece; and why one has none, if so."""
        pieces: list[tuple[Any, dict[str, Any]]] = []
        failed: FormulaError | None = None
        todo: list[dict[Switch, int]] = [{}]
        while todo:
            sides = todo.pop()
            graph = self.of.lowering.graph(values, Switches(self.of.intern, sides))
            if not isinstance(graph.root, Failure):
                pieces.append(self._read(graph, self.of.wrt))
            elif graph.root.switch is None:
                failed = graph.root.error
            else:
                todo += [{**sides, graph.root.switch: side} for side in (-1, 1)]
            if len(pieces) + len(todo) > LIMITS.pieces:
                message = f"more than {LIMITS.pieces} smooth pieces meet here"
                return pieces, LimitError("pieces", message, self.of.formula.span)
        return pieces, failed

    def _convention(
        self, values: Mapping[str, Any], pieces: list[Any], failed: FormulaError | None
    ) -> tuple[Any, dict[str, Any]]:
        """The value at the point itself, and the gradient by the table's conventions for kinks."""
        graph = Lowering(self.of.formula, BALL, self.of.wrt).graph(values)
        if not isinstance(graph.root, Failure):
            return self._read(graph, self.of.wrt)
        # whether the two sides are equal cannot be told: then all pieces must have one value
        one_value = failed is None and pieces and all(_same(piece[0], pieces[0][0]) for piece in pieces)
        if not isinstance(graph.root.error, UndecidedError) or not one_value:
            raise graph.root.error
        return pieces[0]  # type: ignore[no-any-return]

    def _point(self, values: Mapping[str, Any]) -> str:
        return ", ".join(f"{name}={shown(value)}" for name, value in values.items())

    def _partial(self, name: str, values: Mapping[str, Any], value: Any, convention: Any) -> tuple[Component, bool]:
        """The partial derivative by one name, from both sides of the point; and whether anything is tied along it."""
        left, right = (self._towards(name, values, value, direction) for direction in (-1, 1))
        tied = left.tied or right.tied
        number = float(convention.mid()) + 0.0 if convention.is_finite() else math.nan
        what, point = brief(self.of.formula), self._point(values)
        if left.grad is None or right.grad is None:
            why = left.why or right.why
            return Component(number, "undecided", f"{why} (at {point})"), tied
        one_sided = float(left.grad.mid()) + 0.0, float(right.grad.mid()) + 0.0
        if (
            left.joins is None
            or right.joins is None
            or not (_same(left.grad, right.grad) or _apart(left.grad, right.grad))
        ):
            why = f"whether the pieces that meet at {point} join could not be told"
            return Component(number, "undecided", why, None, *one_sided), tied
        if (left.guessed or right.guessed) and not (left.joins and right.joins and _same(left.grad, right.grad)):
            why = f"whether there is a kink at {point} could not be told"
            return Component(number, "undecided", why, None, *one_sided), tied
        if not (left.joins and right.joins):
            message = f"{what} jumps at {point}; {shown(number)} is the convention"
            return Component(number, "not-differentiable", message, None, *one_sided), tied
        if _apart(left.grad, right.grad):
            sides = f"left {shown(one_sided[0])}, right {shown(one_sided[1])}"
            message = f"{what} has a corner at {point}: {sides}; {shown(number)} is the convention"
            return Component(number, "not-differentiable", message, None, *one_sided), tied
        component = settle(left.grad, last=True)
        assert component is not None
        return component, tied

    def _towards(self, name: str, values: Mapping[str, Any], value: Any, direction: int) -> _Side:
        """What there is on one side of the point, along one variable.

        Which side of a comparison is taken follows from the slope of the difference; where that is 0, from what is
        found close to the point, if it is the same twice as close.
        """
        lowering = Lowering(self.of.expanded, BALL, (name,))
        switches = Switches(self.of.intern, {}, name, direction)
        graph = lowering.graph(values, switches)
        if isinstance(graph.root, Failure) and graph.root.switch is not None:
            seen = [self._beside(lowering, name, values, direction, self.bits // part) for part in (8, 4)]
            twice = {switch: side for switch, side in seen[0].items() if seen[1].get(switch) == side}
            switches = Switches(self.of.intern, twice, name, direction)
            graph = lowering.graph(values, switches)
        tied, guessed = bool(switches.ties), bool(switches.guessed)
        if isinstance(graph.root, Failure):
            return _Side(None, None, tied, guessed, graph.root.error.message)
        there, grads = self._read(graph, (name,))
        if not grads[name].is_finite():
            return _Side(
                None, None, tied, guessed, f"{brief(self.of.formula)} has no finite derivative for {name} on one side"
            )
        joins = True if _same(there, value) else False if _apart(there, value) else None
        return _Side(grads[name], joins, tied, guessed)

    def _beside(
        self, lowering: Lowering, name: str, values: Mapping[str, Any], direction: int, bits: int
    ) -> Mapping[Switch, int]:
        """The sides of all comparisons a step of 2^-bits, relative to the variable, away from the point."""
        step = BALL.number(Fraction(direction, 2**bits)) * abs(values[name]).max(BALL.number(Fraction(1)))
        switches = Switches(self.of.intern, {})
        lowering.graph({**values, name: values[name] + step}, switches)
        return switches.seen


def _same(x: Any, y: Any) -> bool:
    """Whether two numbers are equal as far as half of the precision in force can tell."""
    return bool(x.is_finite() and y.is_finite() and (x - y).contains(0) and negligible(x - y))


def _apart(x: Any, y: Any) -> bool:
    """Whether two numbers are certainly different."""
    return bool(x.is_finite() and y.is_finite() and not x.overlaps(y))
