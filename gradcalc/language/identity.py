"""Keys that only one object fits, and walks over what hangs together: equal nodes may stand at different places of a
text, and not every object has a hash."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Generic, TypeVar, overload

K = TypeVar("K")
T = TypeVar("T")


class Itself(Generic[T]):
    """A key that only one object fits: equal formulas typed differently, `2` and `2.0`, are answered differently."""

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
        if pairs:
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


# ---- walks


def in_order(root: T, below: Callable[[T], Sequence[T]]) -> Iterator[T]:
    """Every object that `root` hangs on, and itself, each once, those that others hang on first."""
    seen: set[int] = set()
    stack: list[T | None] = [root]
    while stack:
        node = stack.pop()
        if node is None:  # all below the next one has been
            node = stack.pop()
            assert node is not None
            yield node
        elif (key := id(node) >> 4) not in seen:  # shifted, what was made together is together in the set
            seen.add(key)
            if parts := below(node):
                stack += (node, None, *parts[::-1])
            else:
                yield node


class Flat(Generic[T]):
    """The same as a list.

    Attributes:
        nodes: the objects; `root` is the last.
        below: for each the places of those that it hangs on.
    """

    __slots__ = ("_places", "below", "nodes")

    def __init__(self, root: T, below: Callable[[T], Sequence[T]]) -> None:
        self.nodes: list[T] = []
        self.below: list[tuple[int, ...]] = []
        self._places: dict[int, int] = {}
        nodes, all_below, places = self.nodes, self.below, self._places
        stack: list[T | None] = [root]
        opened: list[tuple[T, int]] = []  # those with parts that are on the way, and how many these are
        done: list[int] = []  # the places of those whose parents are open, the last of which is the innermost
        while stack:
            node = stack.pop()
            own: tuple[int, ...] = ()
            if node is None:  # all below the last that was opened have been
                node, count = opened.pop()
                if count == 2:
                    last = done.pop()
                    own = done.pop(), last
                else:
                    own = tuple(done[-count:])
                    del done[-count:]
            elif (place := places.get(id(node))) is not None:
                done.append(place)
                continue
            elif parts := below(node):
                opened.append((node, len(parts)))
                stack += (None, *parts[::-1])
                continue
            place = len(nodes)
            places[id(node)] = place
            done.append(place)
            nodes.append(node)
            all_below.append(own)

    def place(self, node: object) -> int:
        return self._places[id(node)]

    def __iter__(self) -> Iterator[tuple[T, tuple[int, ...]]]:
        return zip(self.nodes, self.below, strict=True)
