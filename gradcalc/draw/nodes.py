"""From Values, or from a formula at a point, to what is drawn: nodes, and their numbers as text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from gradcalc.engine.lowering import Graph, Point, shown, with_ends
from gradcalc.engine.rewrite import prepare
from gradcalc.engine.value import Value
from gradcalc.gradients import trace
from gradcalc.language.formula import Call, Formula, brief, children_first
from gradcalc.record import dataclass

MOST = 100  # nodes of a picture: nobody reads more, and the time of a layout grows with their cube
LONGEST = 40  # characters of a label


@dataclass(frozen=True, slots=True)
class Node:
    """One value of a drawing.

    `operation` is empty for an input. `grad` is None for a constant. `operands` are positions in `Picture.nodes`, in
    order, `partials` the derivative of this node by each of them (None by a constant, and where it is not known).
    `cut` tells that operands are left out because the graph is too large.
    """

    label: str
    operation: str
    data: Any
    grad: Any
    operands: tuple[int, ...] = ()
    partials: tuple[Any, ...] = ()
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    """A graph as it is drawn. `nodes` begins with the result; `total` counts also those that are left out.

    `rankdir` is the direction in Graphviz's words; `partials` tells whether edges show the local derivative.
    """

    nodes: tuple[Node, ...]
    total: int
    rankdir: str
    partials: bool

    @property
    def summary(self) -> str:
        """How many nodes there are: `7 nodes`, or `100 of 5,000 nodes`."""
        if self.total > len(self.nodes):
            return f"{len(self.nodes)} of {self.total:,} nodes"
        return f"{self.total} node{'s' * (self.total != 1)}"

    @property
    def cut(self) -> str:
        """A line that says how many nodes are left out; empty where none is."""
        return f"cut: {self.summary}, those nearest to the result" if self.total > len(self.nodes) else ""


Nodes = tuple[tuple[Node, ...], int]  # the root first, as many as a picture takes; and how many there are in all


def of_value(root: Value) -> Nodes:
    """The nodes of what a Value was computed from."""
    return _nearest_first(root, _from_values)


def of_formula(formula: str | Formula, at: Point, wrt: Sequence[str] | None) -> Nodes:
    """The nodes of a formula at a point. Raises what `trace` raises."""
    prepared = prepare(with_ends(formula, at))
    graph = trace(prepared, at, wrt)
    root = graph.root if isinstance(graph.root, Value) else _Constant(prepared, graph.root)
    return _nearest_first(root, _FromFormula(prepared, graph))


@dataclass(frozen=True, slots=True, eq=False)
class _Constant:
    """A part of a formula that does not vary, and its value."""

    formula: Formula
    data: Any


Item = Value | _Constant
Made = tuple[str, list[tuple[Item, Any]]]  # the operation, the operands and the partial derivatives by them


def _from_values(item: Item) -> Made:
    if isinstance(item, _Constant):
        return "", []
    partials = item.partials or (None,) * len(item.arguments)
    return item._op, list(zip(item.arguments, partials, strict=True))


class _FromFormula:
    """How a Value was made, as its formula has it: with constants among the operands."""

    def __init__(self, prepared: Formula, graph: Graph):
        self.results = graph.nodes
        self.calls: dict[int, Call] = {}
        self.constants: dict[int, _Constant] = {}
        for node in children_first(prepared):
            made = graph.nodes[id(node)]
            if isinstance(node, Call) and isinstance(made, Value):
                varying = [arg for arg in self._args(node) if isinstance(arg, Value)]
                # not so where `if` hands on one of its arguments, or a row is written out by its definition
                if list(map(id, varying)) == list(map(id, made.arguments)):
                    self.calls.setdefault(id(made), node)

    def _args(self, call: Call) -> list[Any]:
        return [self.results[id(arg)] for arg in call.args]

    def __call__(self, item: Item) -> Made:
        call = self.calls.get(id(item))
        if call is None or not isinstance(item, Value):
            return _from_values(item)
        partials = iter(item.partials)
        return call.function.symbol or call.function.spelling, [
            (result, next(partials)) if isinstance(result, Value) else (self._constant(arg, result), None)
            for arg, result in zip(call.args, self._args(call), strict=True)
        ]

    def _constant(self, formula: Formula, data: Any) -> _Constant:
        return self.constants.setdefault(id(formula), _Constant(formula, data))


def _nearest_first(root: Item, made: Callable[[Item], Made]) -> Nodes:
    position = {id(root): 0}
    items = [root]
    nodes: list[Node] = []
    for item in items:
        operation, operands = made(item)
        for operand, _ in operands:
            if id(operand) not in position:
                position[id(operand)] = len(items)
                items.append(operand)
        if len(nodes) < MOST:
            kept = [(position[id(operand)], partial) for operand, partial in operands if position[id(operand)] < MOST]
            nodes.append(_node(item, operation, kept, len(kept) < len(operands)))
    return tuple(nodes), len(items)


def _node(item: Item, operation: str, operands: list[tuple[int, Any]], cut: bool) -> Node:
    if isinstance(item, _Constant):
        return Node(_line(brief(item.formula)), "", item.data, None)
    positions, partials = zip(*operands, strict=True) if operands else ((), ())
    return Node(_line(item.label), _line(operation), item.data, item.grad, positions, partials, cut)


# ---- texts


def _line(text: str) -> str:
    """A text that may be a user's, in one line that is not too long and steers no terminal."""
    text = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."


def _number(x: Any, write: Callable[[float], str]) -> str:
    """A scalar as text: numbers without a negative zero, whatever else a Value may hold as it prints itself."""
    while isinstance(x, Value):
        x = x.data
    if not isinstance(x, float | int):
        return _line(str(x))
    mantissa, e, exponent = write(x + 0.0).partition("e")
    return f"{mantissa}e{int(exponent)}" if e else mantissa


def ten_digits(x: Any) -> str:
    return _number(x, shown)


def four_places(x: Any) -> str:
    """As micrograd's pictures, but for numbers of which nothing would be left, or too much."""
    return _number(x, lambda x: f"{x:.4f}" if x == 0 or 1e-3 <= abs(x) < 1e6 else f"{x:.4g}")


def four_digits(x: Any) -> str:
    return _number(x, lambda x: f"{x:.4g}")
