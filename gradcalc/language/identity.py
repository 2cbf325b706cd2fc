"""Objects as keys that only they fit: equal nodes may stand at different places of a text, and not all has a hash."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Generic, TypeVar, overload

K = TypeVar("K")
T = TypeVar("T")


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


class ByIdentity(Generic[K, T]):
    """Values by the objects themselves, which it keeps alive."""

    __slots__ = ("_found",)

    def __init__(self, pairs: Iterable[tuple[K, T]] = ()) -> None:
        self._found: dict[int, tuple[K, T]] = {}
        self.update(pairs)

    def update(self, pairs: Iterable[tuple[K, T]]) -> None:
        self._found.update({id(key): (key, value) for key, value in pairs})

    def items(self) -> Iterable[tuple[K, T]]:
        return self._found.values()

    def values(self) -> list[T]:
        return [value for _, value in self._found.values()]

    def __len__(self) -> int:
        return len(self._found)

    def __contains__(self, key: K) -> bool:
        return id(key) in self._found

    def __getitem__(self, key: K) -> T:
        return self._found[id(key)][1]

    def __setitem__(self, key: K, value: T) -> None:
        self._found[id(key)] = key, value

    @overload
    def get(self, key: K) -> T | None: ...
    @overload
    def get(self, key: K, default: T) -> T: ...
    def get(self, key: K, default: T | None = None) -> T | None:
        found = self._found.get(id(key))
        return default if found is None else found[1]


def distinct(objects: Iterable[T]) -> list[T]:
    """The objects, each once, in the order in which they come first."""
    return list({id(each): each for each in objects}.values())
