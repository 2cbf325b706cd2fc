"""How a point reaches a function of the user, and how its answers are read.

A number reaches it as a number, an array or nested lists of numbers as a NumPy array; mappings, tuples, lists,
namedtuples and dataclasses of these, in whatever nesting, as what they are. A function with parameters of the names of
a mapping gets keyword arguments, one that needs as many arguments as a sequence has parts gets these in order.
"""

from __future__ import annotations

import copy
import dataclasses
import inspect
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

from .tracer import Tracer

Key = Any
Shape = tuple[int, ...]
ALONE = "x"  # what the variable is called where nothing gives it a name
POSSIBLE = "a number, an array, or a mapping, tuple, list, namedtuple or dataclass of such"


@dataclass(frozen=True, slots=True)
class Branch:
    """An inner node of a point: an object and, by key, its parts: other nodes, or the places of leaves."""

    like: Any
    keys: tuple[Key, ...]
    children: tuple[Branch | int, ...]

    def build(self, parts: Sequence[Any]) -> Any:
        """An object of this form with these leaves."""
        made = [child.build(parts) if isinstance(child, Branch) else parts[child] for child in self.children]
        if isinstance(self.like, Mapping):
            return dict(zip(self.keys, made, strict=True))
        if isinstance(self.like, tuple) and hasattr(self.like, "_fields"):
            return type(self.like)(*made)
        if isinstance(self.like, tuple | list):
            return type(self.like)(made)
        twin = copy.copy(self.like)
        for key, part in zip(self.keys, made, strict=True):
            object.__setattr__(twin, key, part)
        return twin

    def read(self, answer: Any) -> Iterator[tuple[int, Any]]:
        """The leaves of an answer of this form, with their places.

        Raises:
            LookupError, AttributeError, TypeError: it has another form.
        """
        for at, (key, child) in enumerate(zip(self.keys, self.children, strict=True)):
            by_name = isinstance(key, str) and hasattr(answer, key) and not isinstance(answer, Mapping)
            part = getattr(answer, key) if by_name else answer[key if isinstance(answer, Mapping) else at]
            yield from child.read(part) if isinstance(child, Branch) else [(child, part)]


@dataclass(frozen=True, slots=True)
class Layout:
    """The form of a point: `number`, `array`, `mapping` of these, or any other `tree`; and for each of its leaves its
    name and shape (None: a number)."""

    kind: str
    parts: tuple[tuple[Key, Shape | None], ...]
    tree: Branch | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """A name for every number: `x`, `w[0]`, `W[1, 2]`, `layer.b[0]`."""
        return tuple(name for key, shape in self.parts for name in _names(str(key), shape))

    @property
    def sizes(self) -> tuple[int, ...]:
        """How many numbers each of the parts has."""
        return tuple(1 if shape is None else math.prod(shape) for _, shape in self.parts)

    def leaves(self, numbers: Sequence[Any]) -> list[Any]:
        """The parts of the point of so many numbers or tracers, made anew."""
        made, rest = [], list(numbers)
        for (_, shape), size in zip(self.parts, self.sizes, strict=True):
            own, rest = rest[:size], rest[size:]
            made.append(own[0] if shape is None else _array(own, shape))
        return made

    def pack(self, numbers: Sequence[Any]) -> Any:
        """The point of so many numbers or tracers, made anew."""
        parts = self.leaves(numbers)
        if self.tree is not None:
            return self.tree.build(parts)
        return dict(zip((key for key, _ in self.parts), parts, strict=True)) if self.kind == "mapping" else parts[0]

    def arguments(self, numbers: Sequence[Any]) -> list[Any]:
        """The values that the point consists of at its top, in order, filled with the numbers."""
        if self.kind == "array":
            return list(self.pack(numbers))
        if self.tree is None:
            return self.leaves(numbers)
        parts = self.leaves(numbers)
        return [child.build(parts) if isinstance(child, Branch) else parts[child] for child in self.tree.children]

    @property
    def keys(self) -> tuple[Key, ...]:
        """The names of what the point consists of at its top, if it has names."""
        if self.kind == "mapping":
            return tuple(key for key, _ in self.parts)
        return self.tree.keys if self.tree is not None and isinstance(self.tree.like, Mapping) else ()


def layout(point: Any, name: str = ALONE, arguments: Sequence[str] = ()) -> tuple[Layout, tuple[float, ...]]:
    """The form of a point, and its numbers.

    Args:
        name: of a point that has no names of its own.
        arguments: names for the parts of a sequence.

    Raises:
        ValueError: it has no numbers.
        TypeError: it is nothing that a point can be.
    """
    if isinstance(point, Mapping) and all(map(_is_leaf, point.values())):
        kind, tree, leaves = "mapping", None, [(key, part) for key, part in point.items()]
    elif _is_leaf(point) and not (isinstance(point, tuple | list) and len(arguments) == len(point)):
        kind, tree, leaves = "number" if _shape(point) is None else "array", None, [(name, point)]
    else:
        leaves = []
        tree = _grown(point, name, leaves, tuple(arguments) if len(arguments) == _length(point) else ())
        kind = "tree"
    try:
        numbers = tuple(float(x) for _, part in leaves for x in flat(part))
    except (TypeError, ValueError):
        raise TypeError(f"a point is {POSSIBLE}, not {_brief(point)}") from None
    if not numbers:
        raise ValueError("the point has no numbers")
    return Layout(kind, tuple((key, _shape(part)) for key, part in leaves), tree), numbers


def _length(point: Any) -> int:
    return len(point) if isinstance(point, Sequence) and not isinstance(point, str) else -1


def _is_leaf(part: Any) -> bool:
    """A number, an array, or nested lists of numbers that make one."""
    if isinstance(part, Tracer) or hasattr(part, "shape") or not hasattr(part, "__len__"):
        return not _fields(part) and not isinstance(part, str)
    if isinstance(part, Mapping | str) or hasattr(part, "_fields"):
        return False
    if any(getattr(item, "shape", ()) != () for item in part):
        return False
    shapes = {_shape(item) if _is_leaf(item) else "none" for item in part}
    return len(shapes) <= 1 and "none" not in shapes


def _fields(part: Any) -> tuple[str, ...]:
    """The fields of a dataclass that hold numbers or what has them."""
    if not dataclasses.is_dataclass(part) or isinstance(part, type):
        return ()
    names = [field.name for field in dataclasses.fields(part)]
    return tuple(name for name in names if not isinstance(getattr(part, name), str | bool | None) and not callable(
        getattr(part, name)))  # fmt: skip


def _grown(
    point: Any, name: str, leaves: list[tuple[str, Any]], names: tuple[str, ...] = (), inside: str = ""
) -> Branch:
    """The tree of a point; its leaves and their names are added to `leaves`."""
    if isinstance(point, Mapping):
        keys: tuple[Key, ...] = tuple(point)
        paths, parts = [f"{inside}{key}" for key in keys], list(point.values())
    elif isinstance(point, tuple) and hasattr(point, "_fields"):
        keys, parts = point._fields, list(point)
        paths = [f"{inside}{key}" for key in keys]
    elif isinstance(point, tuple | list):
        keys, parts = tuple(range(len(point))), list(point)
        paths = list(names) or [f"{name}[{key}]" for key in keys]
    elif fields := _fields(point):
        keys, parts = fields, [getattr(point, field) for field in fields]
        paths = [f"{inside}{key}" for key in keys]
    else:
        raise TypeError(f"a point is {POSSIBLE}, not {_brief(point)}")
    children: list[Branch | int] = []
    for path, part in zip(paths, parts, strict=True):
        if _is_leaf(part):
            children.append(len(leaves))
            leaves.append((path, part))
        else:
            children.append(_grown(part, path, leaves, (), f"{path}."))
    return Branch(point, keys, tuple(children))


def _shape(part: Any) -> Shape | None:
    if isinstance(part, str) or not hasattr(part, "__len__"):
        return None
    if not hasattr(part, "shape") and isinstance(part, list | tuple) and len(part) and not hasattr(part[0], "__len__"):
        return (len(part),)
    import numpy

    return tuple(numpy.shape(part))


def _names(key: str, shape: Shape | None) -> list[str]:
    if shape is None:
        return [key]
    return [f"{key}[{', '.join(map(str, place))}]" for place in product(*map(range, shape))]


def _array(items: list[Any], shape: Shape) -> Any:
    import numpy

    made: Any = numpy.empty(len(items), dtype=object if any(isinstance(x, Tracer) for x in items) else float)
    made[:] = items
    return made.reshape(shape)


def flat(part: Any) -> list[Any]:
    """The numbers of a number, an array or whatever is made of such, in order."""
    if isinstance(part, Tracer) or getattr(part, "shape", None) == ():
        return [part if isinstance(part, Tracer) else part.item()]
    if hasattr(part, "tolist"):  # an array: a list of numbers or tracers
        part = part.tolist()
    if isinstance(part, Mapping):
        part = list(part.values())
    elif fields := _fields(part):
        part = [getattr(part, field) for field in fields]
    if isinstance(part, Sequence) and not isinstance(part, str):
        return [number for item in part for number in flat(item)]
    return [part]


@dataclass(frozen=True, slots=True)
class Calling:
    """How a function wants its point: `whole`, by `keywords` or in `order`; and arguments that stay the same: `options`
    by name and, after the point, `further`."""

    layout: Layout
    style: str = "whole"
    options: Mapping[str, Any] | None = None
    further: tuple[Any, ...] = ()
    further_names: tuple[str, ...] = ()

    def __call__(self, function: Callable[..., Any], numbers: Sequence[Any]) -> Any:
        options = self.options or {}
        if self.style == "whole":
            return function(self.layout.pack(numbers), *self.further, **options)
        parts = self.layout.arguments(numbers)
        if self.style == "order":
            return function(*parts, *self.further, **options)
        named = {
            **dict(zip(self.layout.keys, parts, strict=True)),
            **dict(zip(self.further_names, self.further, strict=False)),
        }
        return function(**named, **options)


@dataclass(frozen=True, slots=True)
class Signature:
    """The parameters of a function: `named` those that can be given by name, `needed` the names of those that must be
    given in order; None where it does not say."""

    named: frozenset[str]
    needed: tuple[str, ...]
    places: float  # how many arguments it takes in order


def signature(function: Callable[..., Any]) -> Signature | None:
    try:
        params = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):  # a function of C without a signature
        return None
    named = frozenset(p.name for p in params if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY))
    in_order = [p for p in params if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    places = math.inf if any(p.kind == p.VAR_POSITIONAL for p in params) else len(in_order)
    return Signature(named, tuple(p.name for p in in_order if p.default is p.empty), places)


def calling(
    function: Callable[..., Any],
    layout: Layout,
    numbers: Sequence[float],
    options: Any,
    further: tuple[Any, ...] = (),
) -> Calling:
    """The style in which a function takes the point, found from its parameters and, where these leave a choice, tried.

    Raises what the function raises in the likeliest of the styles, where it takes none.
    """
    found = signature(function)
    known = {*map(str, layout.keys), *(options or ())}
    others = tuple(name for name in found.needed if name not in known) if found is not None else ()
    plain = Calling(layout, "whole", options, further, others)
    styles = _styles(function, layout, numbers, frozenset(options or ()), len(further))
    if styles == ["whole"]:
        return plain
    first: Exception | None = None
    for style in styles:
        try:
            replace(plain, style=style)(function, numbers)
        except (TypeError, LookupError, AttributeError) as error:
            first = first or error
        except (ArithmeticError, ValueError):
            return replace(plain, style=style)
        else:
            return replace(plain, style=style)
    assert first is not None
    raise first


def _styles(
    function: Callable[..., Any], layout: Layout, numbers: Sequence[float], options: frozenset[str], further: int
) -> list[str]:
    found = signature(function)
    count = 1 if layout.kind == "number" else len(layout.arguments(numbers))
    if found is None:
        return ["whole", "order", "keywords"] if layout.keys else ["whole"]
    needed = len([name for name in found.needed if name not in options]) - further
    if not layout.keys:
        return ["order"] if needed > 1 and needed == count else ["whole"]
    if found.named.issuperset(map(str, layout.keys)):
        return ["keywords", "whole"]
    if needed == 1:
        return ["whole", "order"] if count == 1 else ["whole"]
    return ["order", "whole", "keywords"]


# ---- answers


def value_of(answer: Any, paired: bool = False) -> Any:
    """The number in what a function, or one that answers with its gradient too, came back with.

    Args:
        paired: whether it must be one that answers with its gradient.

    Raises:
        TypeError: it is no number.
    """
    if is_pair(answer) and (paired or isinstance(answer, tuple) or hasattr(answer[1], "__len__")):
        answer = answer[0]
    numbers = outputs_of(answer)
    if len(numbers) != 1:
        many = "; check_jacobian judges functions of many values" if len(numbers) > 1 else ""
        raise TypeError(f"the function must answer with one number, not {_brief(answer)}{many}")
    return numbers[0]


def is_pair(answer: Any) -> bool:
    """Whether an answer can be a number and something that belongs to it."""
    return isinstance(answer, tuple | list) and len(answer) == 2 and len(flat(answer[0])) == 1


def outputs_of(answer: Any) -> list[Any]:
    """The numbers that a function came back with."""
    return flat(getattr(answer, "data", answer) if type(answer).__name__ == "Value" else answer)


def double(x: Any) -> float:
    """A number that a function came back with, as a double.

    Raises:
        TypeError: it is no real number.
    """
    try:
        if isinstance(x, str | bytes):
            raise TypeError
        return float(x)
    except OverflowError:
        return math.copysign(math.inf, x)
    except TypeError:
        forgotten = ": is a return missing?" if x is None else ""
        raise TypeError(f"the function answered {_brief(x)}, which is no real number{forgotten}") from None


def gradient_of(answer: Any, layout: Layout) -> list[Any]:
    """The numbers of a gradient, in the order of the layout's names.

    Raises:
        TypeError: it does not have the form of the point.
    """
    if has_value(answer, layout):
        answer = answer[1]
    parts = _parts_of(answer, layout)
    if parts is None:
        numbers = flat(answer)
        if len(numbers) != len(layout.names):
            given, wanted = len(numbers), len(layout.names)
            raise TypeError(f"the gradient has {_counted(given)}, the point {wanted}: it answered {_brief(answer)}")
        return numbers
    found = []
    for (key, _), size, part in zip(layout.parts, layout.sizes, parts, strict=True):
        numbers = flat(part)
        if len(numbers) != size:
            raise TypeError(f"the gradient's entry for {key} has {_counted(len(numbers))}, the point's {size}")
        found += numbers
    return found


def _parts_of(answer: Any, layout: Layout) -> list[Any] | None:
    """The answer's pieces, one for each part of the point; None where it does not come in parts."""
    if layout.tree is not None:
        try:
            found = dict(layout.tree.read(answer))
        except (LookupError, AttributeError, TypeError):
            return None
        return [found[place] for place in range(len(layout.parts)) if place in found]
    if not isinstance(answer, Mapping):
        return None
    for key, _ in layout.parts:
        if key not in answer:
            others = ", ".join(map(str, answer)) or "nothing"
            raise TypeError(f"the gradient has no entry for {key}: it has {others}")
    return [answer[key] for key, _ in layout.parts]


def matrix_of(answer: Any, rows: Layout, columns: Layout) -> list[Any]:
    """The numbers of a matrix of derivatives, row by row: a row for each number of `rows`, by those of `columns`.

    Where the point has parts, it may come in blocks: for each part an array, in front of whose axes those of the row
    stand, or for each part of the rows such blocks.

    Raises:
        TypeError: it does not have that many entries.
    """
    height, width = len(rows.names), len(columns.names)
    if (outer := _blocks(answer, rows)) is not None:
        return [x for block, size in outer for x in _beside(block, size, columns)]
    return _beside(answer, height, columns) if width else []


def _blocks(answer: Any, rows: Layout) -> list[tuple[Any, int]] | None:
    """The blocks of rows, and how many each has; None where the rows are not in parts."""
    if len(rows.parts) < 2:
        return None
    parts = _parts_of(answer, rows) if isinstance(answer, Mapping) or rows.tree is not None else None
    return None if parts is None else list(zip(parts, rows.sizes, strict=True))


def _beside(answer: Any, height: int, columns: Layout) -> list[Any]:
    """The numbers of rows that come in blocks side by side, or as one array."""
    parts = _parts_of(answer, columns) if len(columns.parts) > 1 or isinstance(answer, Mapping) else None
    if parts is not None:
        blocks = [flat(part) for part in parts]
        if [len(block) for block in blocks] == [height * size for size in columns.sizes]:
            pairs = list(zip(blocks, columns.sizes, strict=True))
            return [x for i in range(height) for block, size in pairs for x in block[i * size : (i + 1) * size]]
    numbers, width = flat(answer), len(columns.names)
    if len(numbers) != height * width:
        wanted = f"{height} rows of {width}"
        raise TypeError(f"the matrix has {_counted(len(numbers))}, not {wanted}: it answered {_brief(answer)}")
    return numbers


def _counted(count: int) -> str:
    return "1 component" if count == 1 else f"{count} components"


def _brief(answer: Any) -> str:
    text = " ".join(repr(answer).split())
    return text if len(text) <= _LONG else f"{text[:_LONG]}..."


_LONG = 60


def has_value(answer: Any, layout: Layout) -> bool:
    """Whether a gradient function answered with the value too: `(value, gradient)`."""
    if not is_pair(answer) or hasattr(answer[0], "keys"):
        return False
    inner = answer[1]
    if isinstance(inner, Mapping) or _fields(inner):
        return True
    within = hasattr(inner, "__len__") and getattr(inner, "shape", None) != ()
    return len(flat(inner)) == len(layout.names) and (within or len(layout.names) == 1)
