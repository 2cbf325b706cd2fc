"""From Values, or from a formula at a point, to what is drawn: nodes, and their numbers as text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from gradcalc.certified.orders import has_diffs
from gradcalc.engine.lowering import Point, with_ends
from gradcalc.engine.rewrite import as_formula, prepare
from gradcalc.engine.tidy import plain
from gradcalc.engine.value import Value, innermost
from gradcalc.gradients import trace
from gradcalc.language.formula import Call, Formula, Function, brief, flattened
from gradcalc.language.kept import kept
from gradcalc.language.literals import how_many, in_digits, shortened
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
        return how_many(self.total, "node")

    @property
    def cut(self) -> str:
        """A line that says how many nodes are left out; empty where none is."""
        return f"cut: {self.summary}, those nearest to the result" if self.total > len(self.nodes) else ""


Nodes = tuple[tuple[Node, ...], int]  # the root first, as many as a picture takes; and how many there are in all


def of_value(root: Value) -> Nodes:
    """The nodes of what a Value was computed from."""
    return _nearest_first(root, _from_values)


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


def of_formula(formula: str | Formula, at: Point, wrt: Sequence[str] | None) -> Nodes:
    """The nodes of a formula at a point, with constants among the operands. Raises what `trace` raises."""
    prepared = prepare(with_ends(formula, at, wrt))
    graph = trace(prepared, at, wrt)
    if has_diffs(as_formula(formula)):  # whose rules leave something behind
        prepared, _ = plain(prepared)
        graph = trace(prepared, at, wrt)
    flat = kept(prepared, flattened)
    items: list[Item] = [
        made if isinstance(made, Value) else _Constant(node, made)
        for node, made in zip(flat.nodes, graph.nodes, strict=True)
    ]
    calls: dict[Item, tuple[Function, list[Item]]] = {}
    for item, (node, below) in zip(items, flat, strict=True):
        if isinstance(node, Call) and isinstance(item, Value):
            args = [items[i] for i in below]
            # not so where `if` hands on one of its arguments, or a row is written out by its definition
            if [arg for arg in args if isinstance(arg, Value)] == [*item.arguments]:
                calls.setdefault(item, (node.function, args))

    def made(item: Item) -> Made:
        if item not in calls or not isinstance(item, Value):
            return _from_values(item)
        (row, args), partials = calls[item], iter(item.partials)
        operands = [(arg, next(partials) if isinstance(arg, Value) else None) for arg in args]
        return row.symbol or row.spelling, operands

    return _nearest_first(items[-1], made)


def _nearest_first(root: Item, made: Callable[[Item], Made]) -> Nodes:
    position = {root: 0}
    items = [root]
    nodes: list[Node] = []
    for item in items:
        operation, operands = made(item)
        for operand, _ in operands:
            if operand not in position:
                position[operand] = len(items)
                items.append(operand)
        if len(nodes) < MOST:
            shown = [(position[operand], partial) for operand, partial in operands if position[operand] < MOST]
            positions, partials = zip(*shown, strict=True) if shown else ((), ())
            label, grad = (brief(item.formula), None) if isinstance(item, _Constant) else (item.label, item.grad)
            cut = len(shown) < len(operands)
            nodes.append(Node(_line(label), _line(operation), item.data, grad, positions, partials, cut))
    return tuple(nodes), len(items)


# ---- texts


def _line(text: str) -> str:
    """A text that may be a user's, in one line that is not too long and steers no terminal."""
    return shortened("".join(c if c.isprintable() else " " for c in text), LONGEST)


def _number(x: Any, write: Callable[[float], str]) -> str:
    """A scalar as text; whatever else than a number a Value may hold as it prints itself."""
    x = innermost(x)
    return write(x) if isinstance(x, float | int) else _line(str(x))


def ten_digits(x: Any) -> str:
    return _number(x, in_digits)


def four_places(x: Any) -> str:
    """As micrograd's pictures, but for numbers of which nothing would be left, or too much."""
    return _number(x, lambda x: f"{x + 0.0:.4f}" if x == 0 or 1e-3 <= abs(x) < 1e6 else in_digits(x, 4))


def four_digits(x: Any) -> str:
    return _number(x, lambda x: in_digits(x, 4))
