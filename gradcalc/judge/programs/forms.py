"""The forms that points have: numbers, arrays, and mappings, tuples, lists, namedtuples and dataclasses of these."""

from __future__ import annotations

import copy
import dataclasses
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import product, repeat
from typing import Any

from gradcalc.compiled import of_library
from gradcalc.language.literals import shortened
from gradcalc.record import dataclass

from .tracer import Tracer

Key = Any
Shape = tuple[int, ...]
Numbers = tuple[float, ...]  # a point: the numbers of its leaves, in order
ALONE = "x"  # what the variable is called where nothing gives it a name
POSSIBLE = "a number, an array, or a mapping, tuple, list, namedtuple or dataclass of such"


@dataclass(frozen=True, slots=True)
class Branch:
    """An inner node of a point: an object and, by key, its parts: other nodes, or the places of leaves. `besides` are
    names that answers may have too."""

    like: Any
    keys: tuple[Key, ...]
    children: tuple[Branch | int, ...]
    besides: tuple[Key, ...] = ()

    def made(self, leaves: Sequence[Any]) -> list[Any]:
        """The parts, of these leaves."""
        return [_built(child, leaves) for child in self.children]

    def read(self, answer: Any) -> Iterator[tuple[int, Any]]:
        """The leaves of an answer of this form, with their places.

        Raises:
            NamesError: it has other names.
            LookupError, AttributeError, TypeError: it has another form.
        """
        named = parts_by_name(answer, self.keys, self.besides)
        for at, (key, child) in enumerate(zip(self.keys, self.children, strict=True)):
            if named is not None:
                part = named[at]
            else:
                of_type = hasattr(type(answer), "__getitem__") and hasattr(type(answer), str(key))  # as an array's `T`
                part = getattr(answer, key) if not of_type and hasattr(answer, str(key)) else answer[at]
            yield from child.read(part) if isinstance(child, Branch) else [(child, part)]


class NamesError(TypeError):
    """An answer has other names than the point: which numbers are whose is not to be guessed by their order."""


def parts_by_name(answer: Any, keys: Sequence[Key], besides: Sequence[Key] = ()) -> list[Any] | None:
    """The parts of an answer in the order of such names; None where it goes by its order.

    Args:
        besides: names that it may have too.

    Raises:
        NamesError: it has other names.
    """
    if not (isinstance(answer, Mapping) or is_named(answer, keys)):
        return None
    entries = _entries(answer)
    found, has = dict(entries), ", ".join(str(key) for key, _ in entries) or "nothing"
    for key in keys:
        if key not in found:
            raise NamesError(f"no entry for {key}: it has {has}")
    if extra := [key for key in found if key not in keys and key not in besides]:
        raise NamesError(f"an entry for {extra[0]}, which is not asked for: it has {has}")
    if len(found) < len(entries):
        raise NamesError(f"two entries of one name: it has {has}")
    return [found[key] for key in keys]


def is_named(answer: Any, names: Sequence[Key]) -> bool:
    """Whether an answer's entries have names, some of which are these. Those that pandas counts are names where they
    are these in another order."""
    found = {key for key, _ in _entries(answer)} if names else set()
    counted = is_labelled(answer) and type(answer.axes[-1]).__name__ == "RangeIndex"
    return bool(found & set(names)) and (not counted or found == set(names))


def has_names(answer: Any) -> bool:
    """Whether there are names for entries in an answer, or in what it is made of."""
    return bool(_entries(answer)) or (isinstance(answer, tuple | list) and any(map(has_names, answer)))


def _entries(answer: Any) -> list[tuple[Key, Any]]:
    """The parts of an answer that has a name for each, with these; of any other none."""
    if isinstance(answer, Mapping):
        return [*answer.items()]
    if isinstance(answer, tuple) and hasattr(answer, "_fields"):
        return [*zip(answer._fields, answer, strict=True)]
    if names := getattr(getattr(answer, "dtype", None), "names", None):  # a record of NumPy's
        return [(name, answer[name]) for name in names]
    if is_labelled(answer):  # a column by its rows, a table by its columns
        return [*answer.items()]
    return [(field, getattr(answer, field)) for field in fields_of(answer)]


def in_order(answer: Any, *names: Sequence[Key]) -> Any:
    """A column or a table of pandas with its labels in the order of such names, if they are these."""
    if not is_labelled(answer):
        return answer
    for axis, wanted in enumerate(names[: len(answer.axes)]):
        labels = list(answer.axes[axis])
        if labels != list(wanted) and len(labels) == len(wanted) and set(labels) == set(wanted):
            answer = answer.reindex(list(wanted), axis=axis)
    return answer


def is_labelled(part: Any) -> bool:
    """Whether it is a column or a table of pandas, with its labels."""
    return hasattr(part, "axes") and hasattr(part, "to_numpy")


def _built(node: Branch | int, leaves: Sequence[Any]) -> Any:
    """The object of a node, of these leaves."""
    if isinstance(node, int):
        return leaves[node]
    made = node.made(leaves)
    if isinstance(node.like, Mapping):
        return dict(zip(node.keys, made, strict=True))
    if isinstance(node.like, tuple) and hasattr(node.like, "_fields"):
        return type(node.like)(*made)
    if isinstance(node.like, tuple | list):
        return type(node.like)(made)
    twin = copy.copy(node.like)
    for key, part in zip(node.keys, made, strict=True):
        object.__setattr__(twin, key, part)
    return twin


@dataclass(frozen=True, slots=True)
class Layout:
    """The form of a point: for each of its leaves its name and shape (None: a number), and the tree that they are on,
    which for one leaf alone is its place. `libraries` have for each leaf what makes an array of its own kind, as
    PyTorch's, of one of NumPy's, if some are of such a kind."""

    parts: tuple[tuple[Key, Shape | None], ...]
    tree: Branch | int = 0
    libraries: tuple[Callable[[Any], Any] | None, ...] = ()

    @classmethod
    def named(cls, parts: tuple[tuple[Key, Shape | None], ...], besides: tuple[Key, ...] = ()) -> Layout:
        """A mapping of such leaves."""
        return cls(parts, Branch({}, tuple(key for key, _ in parts), tuple(range(len(parts))), besides))

    @property
    def kind(self) -> str:
        """A word for the form: `number`, `array`, `mapping` of these, or any other `tree`."""
        if isinstance(self.tree, int):
            return "number" if self.parts[0][1] is None else "array"
        plain = isinstance(self.tree.like, Mapping) and not any(isinstance(each, Branch) for each in self.tree.children)
        return "mapping" if plain else "tree"

    @property
    def names(self) -> tuple[str, ...]:
        """A name for every number: `x`, `w[0]`, `W[1, 2]`, `layer.b[0]`."""
        return tuple(
            f"{key}[{', '.join(map(str, place))}]" if shape else str(key)
            for key, shape in self.parts
            for place in product(*map(range, shape or ()))
        )

    @property
    def sizes(self) -> tuple[int, ...]:
        """How many numbers each of the parts has."""
        return tuple([math.prod(shape or ()) for _, shape in self.parts])

    def _leaves(self, numbers: Sequence[Any]) -> list[Any]:
        made, start = [], 0
        for (_, shape), library in zip(self.parts, self.libraries or repeat(None), strict=False):
            if shape is None:
                made.append(numbers[start])
                start += 1
            else:
                size = math.prod(shape)
                made.append(_array(list(numbers[start : start + size]), shape, library))
                start += size
        return made

    def pack(self, numbers: Sequence[Any]) -> Any:
        """The point of so many numbers or tracers, made anew."""
        return _built(self.tree, self._leaves(numbers))

    def arguments(self, numbers: Sequence[Any]) -> list[Any]:
        """The values that the point consists of at its top, in order, filled with the numbers."""
        leaves = self._leaves(numbers)
        if isinstance(self.tree, Branch):
            return self.tree.made(leaves)
        return list(leaves[0]) if self.parts[0][1] else leaves

    def by_labels(self, answer: Any) -> Layout:
        """The form with a part for each label, for an answer that has such names, of a column of pandas; itself of
        anything else."""
        if isinstance(self.tree, Branch) or not is_named(answer, self.labels):
            return self
        return Layout.named(tuple((label, None) for label in self.labels))

    @property
    def labels(self) -> tuple[Key, ...]:
        """The names that answers may have for what the point consists of at its top."""
        if isinstance(self.tree, Branch):
            return () if self.tree.keys[:1] == (0,) and type(self.tree.like) in (tuple, list) else self.tree.keys
        axes = self.axes(0)
        return tuple(axes[0]) if len(axes) == 1 else ()

    @property
    def keys(self) -> tuple[Key, ...]:
        """The names of what the point consists of at its top, if it has names."""
        return self.tree.keys if isinstance(self.tree, Branch) and isinstance(self.tree.like, Mapping) else ()

    def in_order(self, answer: Any) -> Any:
        """A column or a table of pandas with its labels in the order of the point's, if they are these."""
        if not is_labelled(answer):
            return answer
        return in_order(answer, *([self.keys] if self.keys else self.axes(0)))

    def axes(self, place: int) -> Sequence[Any]:
        """The labels of a leaf that is a column or a table of pandas."""
        return getattr(self._leaves([0.0] * len(self.names))[place], "axes", ()) if self.libraries else ()


def layout(point: Any, name: str = ALONE, arguments: Sequence[str] = ()) -> tuple[Layout, Numbers]:
    """The form of a point, and its numbers.

    Args:
        name: of a point that has no names of its own.
        arguments: names for the parts of a sequence.

    Raises:
        ValueError: it has no numbers.
        TypeError: it is nothing that a point can be.
    """
    leaves: list[tuple[Key, Any]] = []
    named = isinstance(point, tuple | list) and len(arguments) == len(point)
    tree: Branch | int = 0
    if _is_leaf(point) and not named:
        leaves.append((name, point))
    else:
        tree = _grown(point, name, leaves, tuple(arguments) if named else ())
    try:
        numbers = tuple(float(x) for _, part in leaves for x in flat(part))
    except (TypeError, ValueError):
        raise TypeError(f"a point is {POSSIBLE}, not {brief_text(point)}") from None
    if not numbers:
        raise ValueError("the point has no numbers")
    parts = tuple((key, shape_of(part)) for key, part in leaves)
    libraries = tuple(library_of(part) for _, part in leaves)
    return Layout(parts, tree, libraries if any(libraries) else ()), numbers


def library_of(part: Any) -> Callable[[Any], Any] | None:
    """The function of a leaf's library for arrays of NumPy's; None for NumPy's own, and where it holds no doubles."""
    if is_labelled(part):
        return lambda array: type(part)(array, *part.axes)
    library = of_library(part)
    if library is None:
        return None
    import numpy

    return library if flat(library(numpy.array([1 / 3]))) == [1 / 3] else None


def _is_leaf(part: Any) -> bool:
    """A number, an array, or nested lists of numbers that make one."""
    if isinstance(part, Tracer) or hasattr(part, "shape") or not hasattr(part, "__len__"):
        return not fields_of(part) and not isinstance(part, str)
    if isinstance(part, Mapping | str) or hasattr(part, "_fields"):
        return False
    if any(getattr(item, "shape", ()) != () for item in part):
        return False
    shapes = {shape_of(item) if _is_leaf(item) else "none" for item in part}
    return len(shapes) <= 1 and "none" not in shapes


def fields_of(part: Any) -> tuple[str, ...]:
    """The fields of a dataclass that hold numbers or what has them."""
    if not dataclasses.is_dataclass(part) or isinstance(part, type):
        return ()
    names = [field.name for field in dataclasses.fields(part)]
    return tuple(name for name in names if not isinstance(getattr(part, name), str | bool | None) and not callable(
        getattr(part, name)))  # fmt: skip


def _grown(
    point: Any, name: str, leaves: list[tuple[Key, Any]], names: tuple[str, ...] = (), inside: str = ""
) -> Branch:
    """The tree of a point; its leaves and their names are added to `leaves`."""
    like, paths = point, list[Key]()
    if isinstance(point, Mapping):
        like, keys, parts = {}, tuple[Key, ...](point), list(point.values())
    elif isinstance(point, tuple) and hasattr(point, "_fields"):
        keys, parts = point._fields, list(point)
    elif isinstance(point, tuple | list):
        keys, parts = names or tuple(range(len(point))), list(point)
        paths = list(names) or [f"{name}[{key}]" for key in keys]
    elif keys := fields_of(point):
        parts = [getattr(point, field) for field in keys]
    else:
        raise TypeError(f"a point is {POSSIBLE}, not {brief_text(point)}")
    paths = paths or [f"{inside}{key}" if inside else key for key in keys]
    children: list[Branch | int] = []
    for path, part in zip(paths, parts, strict=True):
        if _is_leaf(part):
            children.append(len(leaves))
            leaves.append((path, part))
        else:
            children.append(_grown(part, path, leaves, (), f"{path}."))
    return Branch(like, keys, tuple(children))


def shape_of(part: Any) -> Shape | None:
    """The shape of an array or of nested lists, None for a number."""
    if isinstance(part, str) or not hasattr(part, "__len__"):
        return None
    if not hasattr(part, "shape") and isinstance(part, list | tuple) and len(part) and not hasattr(part[0], "__len__"):
        return (len(part),)
    import numpy

    return tuple(numpy.shape(part))


def _array(items: list[Any], shape: Shape, library: Callable[[Any], Any] | None) -> Any:
    import numpy

    made: Any = numpy.empty(len(items), dtype=object if Tracer in map(type, items) else float)
    made[:] = items
    made = made.reshape(shape)
    with suppress(TypeError):  # which libraries raise that hold nothing but numbers
        return made if library is None else library(made)
    return made


def flat(part: Any) -> list[Any]:
    """The numbers of a number, an array or whatever is made of such, in order."""
    if part.__class__ is float:  # what most are, and are asked for often
        return [part]
    if isinstance(part, Tracer) or getattr(part, "shape", None) == ():
        item = part if isinstance(part, Tracer) else part.item()
        return [*item] if isinstance(item, tuple) else [item]  # a record of NumPy's has several
    for whole in ("toarray", "tolist", "__array__"):  # sparse; of numbers or tracers; a table
        if hasattr(part, whole):
            part = getattr(part, whole)()
            break
    if hasattr(part, "tolist"):
        part = part.tolist()
    if isinstance(part, Mapping):
        part = list(part.values())
    elif fields := fields_of(part):
        part = [getattr(part, field) for field in fields]
    if isinstance(part, Sequence) and not isinstance(part, str | bytes):
        return [number for item in part for number in flat(item)]
    return [part]


def brief_text(answer: Any) -> str:
    """An answer as text, of a long one the beginning."""
    return shortened(repr(answer))
