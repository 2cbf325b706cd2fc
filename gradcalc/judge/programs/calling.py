"""How a point reaches a function of the user, and how its answers are read.

A number reaches it as a number, a sequence or array as a NumPy array, a mapping as a mapping or, where the function has
parameters of those names, as keyword arguments. The entries of a mapping are numbers or arrays.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

from .tracer import Tracer

Key = Any
Shape = tuple[int, ...]
ALONE = "x"  # what the variable is called where the point has no names


@dataclass(frozen=True, slots=True)
class Layout:
    """The form of a point: `number`, `array` or `mapping`, and for each of its parts the shape (None: a number)."""

    kind: str
    parts: tuple[tuple[Key, Shape | None], ...]

    @property
    def names(self) -> tuple[str, ...]:
        """A name for every number: `x`, `x[0]`, `w[1,2]`."""
        return tuple(name for key, shape in self.parts for name in _names(str(key), shape))

    def pack(self, numbers: Sequence[Any]) -> Any:
        """The point of so many numbers or tracers, made anew."""
        packed, rest = {}, list(numbers)
        for key, shape in self.parts:
            count = len(_names("", shape))
            own, rest = rest[:count], rest[count:]
            packed[key] = own[0] if shape is None else _array(own, shape)
        return packed if self.kind == "mapping" else packed[ALONE]


def layout(point: Any) -> tuple[Layout, tuple[float, ...]]:
    """The form of a point, and its numbers.

    Raises:
        ValueError: it has none.
    """
    kind = "mapping" if isinstance(point, Mapping) else "number" if _shape(point) is None else "array"
    parts = point if isinstance(point, Mapping) else {ALONE: point}
    shapes = tuple((key, _shape(part)) for key, part in parts.items())
    numbers = tuple(float(x) for part in parts.values() for x in flat(part))
    if not numbers:
        raise ValueError("the point has no numbers")
    return Layout(kind, shapes), numbers


def _shape(part: Any) -> Shape | None:
    if isinstance(part, str) or not hasattr(part, "__len__"):
        return None
    import numpy

    return tuple(numpy.shape(part))


def _names(key: str, shape: Shape | None) -> list[str]:
    if shape is None:
        return [key]
    return [f"{key}[{','.join(map(str, place))}]" for place in product(*map(range, shape))]


def _array(items: list[Any], shape: Shape) -> Any:
    import numpy

    made: Any = numpy.empty(len(items), dtype=object if any(isinstance(x, Tracer) for x in items) else float)
    made[:] = items
    return made.reshape(shape)


def flat(part: Any) -> list[Any]:
    """The numbers of a number, an array or nested sequences, in order."""
    if isinstance(part, Tracer) or getattr(part, "shape", None) == ():
        return [part if isinstance(part, Tracer) else part.item()]
    if hasattr(part, "tolist"):  # an array: a list of numbers or tracers
        part = part.tolist()
    if isinstance(part, Sequence) and not isinstance(part, str):
        return [number for item in part for number in flat(item)]
    return [part]


@dataclass(frozen=True, slots=True)
class Calling:
    """How a function wants its point: `whole`, by `keywords` or in `order`; with arguments that stay the same."""

    layout: Layout
    style: str = "whole"
    options: Mapping[str, Any] | None = None

    def __call__(self, function: Callable[..., Any], numbers: Sequence[Any]) -> Any:
        point, options = self.layout.pack(numbers), self.options or {}
        if self.style == "keywords":
            return function(**point, **options)
        return function(*point.values(), **options) if self.style == "order" else function(point, **options)


def calling(function: Callable[..., Any], layout: Layout, numbers: Sequence[float], options: Any) -> Calling:
    """The style in which a function takes the point, found from its parameters and, where these leave a choice, tried.

    Raises what the function raises in the likeliest of the styles, where it takes none.
    """
    plain = Calling(layout, "whole", options)
    if layout.kind != "mapping":
        return plain
    styles = _styles(function, tuple(str(key) for key, _ in layout.parts))
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


def _styles(function: Callable[..., Any], names: tuple[str, ...]) -> list[str]:
    try:
        params = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):  # a function of C without a signature
        return ["whole", "order", "keywords"]
    named = {p.name for p in params if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)}
    needed = [p for p in params if p.default is p.empty and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    if named.issuperset(names):
        return ["keywords", "whole"]
    if len(needed) == 1:
        return ["whole", "order"] if len(names) == 1 else ["whole"]
    return ["order", "whole", "keywords"]


# ---- answers


def value_of(answer: Any) -> Any:
    """The number in what a function, or one that answers with its gradient too, came back with.

    Raises:
        TypeError: it is no number.
    """
    if isinstance(answer, tuple) and len(answer) == 2 and not hasattr(answer[0], "__len__"):
        answer = answer[0]
    numbers = flat(getattr(answer, "data", answer) if type(answer).__name__ == "Value" else answer)
    if len(numbers) != 1:
        raise TypeError(f"the function must answer with one number, not {_brief(answer)}")
    return numbers[0]


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
    if isinstance(answer, Mapping):
        return [x for key, shape in layout.parts for x in _entry(answer, key, shape)]
    numbers = flat(answer)
    if len(numbers) != len(layout.names):
        given, wanted = len(numbers), len(layout.names)
        raise TypeError(f"the gradient has {_counted(given)}, the point {wanted}: it answered {_brief(answer)}")
    return numbers


def _entry(answer: Mapping[Key, Any], key: Key, shape: Shape | None) -> list[Any]:
    """The numbers of one part of a mapping's gradient."""
    if key not in answer:
        others = ", ".join(map(str, answer)) or "nothing"
        raise TypeError(f"the gradient has no entry for {key}: it has {others}")
    numbers, wanted = flat(answer[key]), len(_names("", shape))
    if len(numbers) != wanted:
        raise TypeError(f"the gradient's entry for {key} has {_counted(len(numbers))}, the point's {wanted}")
    return numbers


def _counted(count: int) -> str:
    return "1 component" if count == 1 else f"{count} components"


def _brief(answer: Any) -> str:
    text = " ".join(repr(answer).split())
    return text if len(text) <= _LONG else f"{text[:_LONG]}..."


_LONG = 60


def has_value(answer: Any, layout: Layout) -> bool:
    """Whether a gradient function answered with the value too: `(value, gradient)`."""
    if not (isinstance(answer, tuple) and len(answer) == 2) or hasattr(answer[0], "keys"):
        return False
    if len(flat(answer[0])) != 1:
        return False
    if isinstance(answer[1], Mapping):
        return True
    inner = hasattr(answer[1], "__len__") and getattr(answer[1], "shape", None) != ()
    return len(flat(answer[1])) == len(layout.names) and (inner or len(layout.names) == 1)
