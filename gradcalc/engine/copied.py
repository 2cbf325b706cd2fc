"""Copies of graphs, by `copy` and by `pickle`, however deep they are: no recursion, and what is shared stays shared."""

from __future__ import annotations

from copy import deepcopy
from typing import Any
from weakref import WeakValueDictionary

from gradcalc.language.identity import in_order


def slots_of(node: Any) -> dict[str, Any]:
    """The values that are set of a node, by the names of its slots."""
    return {slot: getattr(node, slot) for slot in type(node).__slots__ if hasattr(node, slot)}


def below(root: Any, known: Any = ()) -> list[Any]:
    """The nodes that a node was made from, directly or not, arguments before what is made of them.

    Args:
        known: the ids of nodes that are left out, with what is below them.
    """
    return [*in_order(root, lambda node: [inner for inner in node.arguments if id(inner) not in known])][:-1]


# ---- copy.deepcopy


def deep_copy(root: Any, memo: dict[int, Any]) -> Any:
    """The copy that `copy.deepcopy` makes of a node, with copies of all below it that `memo` has none of yet."""
    for node in (*below(root, memo), root):
        copy = memo[id(node)] = object.__new__(type(node))
        for slot, held in slots_of(node).items():
            if slot in ("_left", "_right"):
                held = None if held is None else memo[id(held)]
            elif slot == "_rest":
                held = tuple(memo[id(child)] for child in held)
            elif held.__class__ is not float:
                held = deepcopy(held, memo)
            setattr(copy, slot, held)
    return memo[id(root)]


# ---- pickle


class _Before:
    """The nodes that are written before another one, so that each finds its arguments written already."""

    __slots__ = ("__weakref__", "nodes")

    def __init__(self, nodes: list[Any]):
        self.nodes = nodes

    def __reduce__(self) -> tuple[Any, ...]:
        return list, (self.nodes,)


# By the id of a node the list it is written in. A list lives as long as the pickler at work, and keeps its nodes alive.
_written: WeakValueDictionary[int, _Before] = WeakValueDictionary()


def reduced(node: Any) -> tuple[Any, ...]:
    """How `pickle` takes a node: by its slots, after all below it that is not leaves."""
    state = (None, slots_of(node))
    if id(node) in _written or not any(child.arguments for child in node.arguments):
        return empty, (type(node),), state
    before = _Before([inner for inner in below(node, _written) if inner.arguments])
    for inner in before.nodes:
        _written[id(inner)] = before
    return empty, (type(node), before), state


def empty(kind: type, _before: Any = None) -> Any:
    """A node without anything set, which a pickle fills."""
    return object.__new__(kind)
