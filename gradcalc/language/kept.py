"""Results that are made once for a formula and kept on it, such as its nodes in order: formulas never change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from .formula import Call, Formula, Name

T = TypeVar("T")


def kept(formula: Formula, make: Callable[[Formula], T]) -> T:
    """`make(formula)`, made once and kept on the formula, which never changes. It is no part of a pickle or a copy."""
    memory: dict[object, T] | None = getattr(formula, "_kept", None)
    if memory is None:
        memory = {}
        object.__setattr__(formula, "_kept", memory)
    try:
        return memory[make]
    except KeyError:
        made = memory[make] = make(formula)
        return made


class Itself(Generic[T]):
    """An object as a key that only it fits: equal formulas may be typed differently, `2` and `2.0`, and are then
    answered differently."""

    __slots__ = ("it",)

    def __init__(self, it: T) -> None:
        self.it = it

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Itself) and other.it is self.it

    def __hash__(self) -> int:
        return id(self.it)


def in_order(root: Formula) -> list[Formula]:
    """`list(children_first(root))`; to be kept with the formula, by `kept(root, in_order)`."""
    found: list[Formula] = []
    opened: set[int] = set()
    done: set[int] = set()
    stack = [root]
    while stack:
        node = stack.pop()
        key = id(node)
        if key in opened:
            if key not in done:
                done.add(key)
                found.append(node)
            continue
        opened.add(key)
        if isinstance(node, Call):
            stack.append(node)
            stack += node.args[::-1]
        elif isinstance(node, Name) and node.definition is not None:
            stack.append(node)
            stack.append(node.definition)
        else:
            done.add(key)
            found.append(node)
    return found
