"""How a point reaches a function of the user, and the numbers in what that comes back with.

A number reaches it as a number, nested lists of numbers as a NumPy array, arrays as those of their library; mappings,
tuples, lists, namedtuples and dataclasses of these, in whatever nesting, as what they are. A function with parameters
of the names of a mapping gets keyword arguments, one that needs as many arguments as a sequence has parts gets these in
order.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from gradcalc.language.literals import how_many
from gradcalc.record import dataclass, replace

from .forms import (
    ALONE,
    Branch,
    Layout,
    NamesError,
    brief_text,
    flat,
    in_order,
    is_named,
    layout,
    parts_by_name,
    shape_of,
)
from .result import VALUE
from .rounding import ROUNDOFF, ROUNDOFF_OF


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
        return self._called(function, self._given(numbers))

    def changes(self, function: Callable[..., Any], numbers: Sequence[float]) -> bool:
        """Whether a call changes the arrays that it is given."""
        given = self._given(numbers)
        before = flat(given)
        self._called(function, given)
        return flat(given) != before

    def _given(self, numbers: Sequence[Any]) -> Any:
        """The point, made anew; its parts where these are arguments."""
        return self.layout.pack(numbers) if self.style == "whole" else self.layout.arguments(numbers)

    def _called(self, function: Callable[..., Any], given: Any) -> Any:
        options = self.options or {}
        if self.style == "whole":
            return function(given, *self.further, **options)
        if self.style == "order":
            return function(*given, *self.further, **options)
        named = {
            **dict(zip(self.layout.keys, given, strict=True)),
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
    function: Callable[..., Any], layout: Layout, numbers: Sequence[float], options: Any, further: tuple[Any, ...] = ()
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
    for styled in (replace(plain, style=style) for style in styles):
        try:
            with suppress(ArithmeticError, ValueError):
                styled(function, numbers)
            return styled
        except (TypeError, LookupError, AttributeError) as error:
            first = first or error
    assert first is not None
    raise first


def _styles(
    function: Callable[..., Any], layout: Layout, numbers: Sequence[float], options: frozenset[str], further: int
) -> list[str]:
    found = signature(function)
    count = len(layout.arguments(numbers))
    if found is None:
        return ["whole", "order", "keywords"] if layout.keys else ["whole"]
    needed = len([name for name in found.needed if name not in options]) - further
    if not layout.keys:
        if not needed and found.places == math.inf and count > 1:  # as what wraps any other function does
            return ["order", "whole"]
        return ["order"] if needed > 1 and needed == count else ["whole"]
    if found.named.issuperset(map(str, layout.keys)):
        return ["keywords", "whole"]
    if needed == 1:
        return ["whole", "order"] if count == 1 else ["whole"]
    return ["order", "whole", "keywords"]


def takes_more(function: Callable[..., Any], form: Layout, numbers: Sequence[float], options: Any) -> bool:
    """Whether a function takes another argument after the point, or any number of them."""
    found = signature(function)
    if found is None:
        return True
    needed = len([name for name in found.needed if name not in options])
    return math.isinf(found.places) or needed in (2, len(form.arguments(numbers)) + 1)


def parameter_of(given: Any, point: Any) -> tuple[str, tuple[str, ...]]:
    """The name that a function has for a point without names, and the parts of a sequence that it takes in order."""
    found = signature(given) if callable(given) else None
    if found is None or not found.needed:
        return ALONE, ()
    in_order = found.needed if isinstance(point, tuple | list) and len(found.needed) == len(point) > 1 else ()
    return found.needed[0], in_order


# ---- the numbers in an answer


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
        raise TypeError(f"the function must answer with one number, not {brief_text(answer)}{many}")
    return numbers[0]


def is_pair(answer: Any) -> bool:
    """Whether an answer can be a number and something that belongs to it."""
    return isinstance(answer, tuple | list) and len(answer) == 2 and len(flat(answer[0])) == 1


def outputs_of(answer: Any) -> list[Any]:
    """The numbers that a function came back with."""
    return flat(answer.data if is_value(answer) else answer)


def form_of(answer: Any) -> Layout:
    """The form of the values that a function came back with.

    Raises:
        TypeError: there is none, or one that is no real number.
    """
    numbers = outputs_of(answer)
    if not [double(x) for x in numbers]:
        raise TypeError(f"the function answered {brief_text(answer)}, which has no numbers")
    return layout(numbers if is_value(answer) else answer, "f")[0]


def is_value(answer: Any) -> bool:
    """Whether it is a `Value`, of ours or of another library of that kind."""
    return type(answer).__name__ == "Value" and hasattr(answer, "data")


def double(x: Any, who: str = "the function") -> float:
    """A number that a function came back with, as a double.

    Args:
        who: what answered with it.

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
        raise TypeError(f"{who} answered {brief_text(x)}, which is no real number{forgotten}") from None


def gradient_of(answer: Any, layout: Layout, what: str = "gradient") -> list[Any]:
    """The numbers of a gradient, or of another vector with the form of the point, in the order of the layout's names.

    Raises:
        TypeError: it does not have the form of the point.
    """
    layout = layout.by_labels(answer)
    parts = _parts_of(answer, layout, what)
    if parts is None:
        numbers = flat(layout.in_order(answer))
        if len(numbers) != len(layout.names):
            given, wanted = how_many(len(numbers), "component"), len(layout.names)
            raise TypeError(f"the {what} has {given}, the point {wanted}: it answered {brief_text(answer)}")
        return numbers
    found = []
    for i, ((key, _), size, part) in enumerate(zip(layout.parts, layout.sizes, parts, strict=True)):
        numbers = flat(in_order(part, *layout.axes(i)))
        if len(numbers) != size:
            raise TypeError(
                f"the {what}'s entry for {key} has {how_many(len(numbers), 'component')}, the point's {size}"
            )
        found += numbers
    return found


def _parts_of(answer: Any, layout: Layout, what: str) -> list[Any] | None:
    """The answer's pieces, one for each part of the point; None where it does not come in parts."""
    tree = layout.tree
    try:
        if isinstance(tree, Branch) and layout.kind == "tree":
            found = dict(tree.read(answer))
            return [found[place] for place in range(len(layout.parts))]
        besides = tree.besides if isinstance(tree, Branch) else ()
        return parts_by_name(answer, [key for key, _ in layout.parts], besides)
    except NamesError as error:
        raise TypeError(f"the {what} has {error}") from None
    except (LookupError, AttributeError, TypeError):
        return None


class TransposedError(ValueError):
    """A matrix of derivatives has the shape of its transpose: a wrong answer, whatever its numbers are."""


def matrix_of(answer: Any, rows: Layout, columns: Layout) -> list[Any]:
    """The numbers of a matrix of derivatives, row by row: a row for each number of `rows`, by those of `columns`.

    Where the point has parts, it may come in blocks: for each part an array, in front of whose axes those of the row
    stand, or for each part of the rows such blocks.

    Raises:
        TransposedError: it has that of its transpose.
        TypeError: it does not have that many entries.
    """
    height, width = len(rows.names), len(columns.names)
    answer = in_order(answer, rows.labels, columns.labels)
    in_rows = isinstance(answer, list | tuple) and len(answer) == height and not is_named(answer, rows.labels)
    by_columns = bool(columns.labels) or isinstance(columns.tree, Branch)
    if in_rows and by_columns and all(isinstance(row, Mapping) or is_named(row, columns.labels) for row in answer):
        return [x for row in answer for x in _beside(row, 1, columns)]
    by_name = _is_by_rows(answer, rows.labels)
    rows = rows.by_labels(answer) if by_name else rows
    in_parts = by_name or (len(rows.parts) > 1 and rows.kind == "tree")
    if in_parts and (outer := _parts_of(answer, rows, "matrix")) is not None:
        return [x for block, size in zip(outer, rows.sizes, strict=True) for x in _beside(block, size, columns)]
    return _beside(answer, height, columns) if width else []


def _is_by_rows(answer: Any, names: Sequence[Any]) -> bool:
    """Whether a matrix has entries by the names of its rows; what is an array has them by those of its columns."""
    if getattr(answer, "shape", ()) or not is_named(answer, names):
        return False
    with suppress(*([] if len(names) > 1 else [NamesError])):
        parts_by_name(answer, names)
        return True
    return False


def _beside(answer: Any, height: int, columns: Layout) -> list[Any]:
    """The numbers of rows that come in blocks side by side, or as one array."""
    whole = getattr(answer, "shape", None) == (height, len(columns.names))  # an array of all the derivatives
    columns = columns.by_labels(answer)
    in_parts = not whole and (len(columns.parts) > 1 or isinstance(answer, Mapping) or is_named(answer, columns.labels))
    if in_parts and (parts := _parts_of(answer, columns, "matrix")) is not None:
        blocks = [flat(part) for part in parts]
        entries = [*zip(columns.parts, blocks, columns.sizes, strict=True)]
        off = [entry for entry in entries if len(entry[1]) != height * entry[2]]
        if not off:
            return [x for i in range(height) for _, block, size in entries for x in block[i * size : (i + 1) * size]]
        if isinstance(answer, Mapping):  # of which no order of rows can be meant
            (key, _), block, size = off[0]
            found = how_many(len(block), "component")
            raise TypeError(f"the matrix's entry for {key} has {found}, not {height} rows of {size}")
    numbers, width = flat(columns.in_order(answer) if height == 1 else answer), len(columns.names)
    wanted = f"{height} rows of {width}"
    if height != width and shape_of(answer) == (width, height) and 1 not in (height, width):
        raise TransposedError(f"it is the transpose: the shape {(width, height)}, where {(height, width)} is expected")
    if len(numbers) != height * width:
        raise TypeError(
            f"the matrix has {how_many(len(numbers), 'component')}, not {wanted}: it answered {brief_text(answer)}"
        )
    return numbers


def product_of(answer: Any, outputs: Layout) -> list[Any]:
    """The numbers of a product with a tangent, of which there is one for every output."""
    outputs = outputs.by_labels(answer)
    if _parts_of(answer, outputs, "product") is not None:
        return gradient_of(answer, outputs, "product")
    numbers, wanted = flat(outputs.in_order(answer)), len(outputs.names)
    if len(numbers) != wanted:
        raise TypeError(f"the product has {len(numbers)} numbers, the function {wanted}")
    return numbers


def parted(answer: Any, word: str, outputs: Layout, columns: Layout) -> tuple[Mapping[str, Any], Any]:
    """The function's values by name, where they came as a pair with what is claimed, and that alone.

    Args:
        word: what is claimed, as `CheckQuestion` has it, of so many `outputs` by so many `columns`.

    Raises:
        TypeError: what came with it has another number of them.
    """
    high, wide = len(outputs.names), len(columns.names)
    count = {"jvp": high, "jacobian": high * wide, "hessian": wide * wide}.get(word, wide)
    if not (isinstance(answer, tuple | list) and len(answer) == 2):
        return {}, answer
    if is_named(answer, (*columns.labels, *outputs.labels)):
        return {}, answer
    first_is_row = word in ("jacobian", "hessian") and is_named(answer[0], columns.labels)
    in_rows = first_is_row and (isinstance(answer, list) or not is_named(answer[0], outputs.labels))
    by_name = is_named(answer[1], columns.labels)  # which may lack some
    if in_rows or (not by_name and len(flat(answer[1])) != count):
        return {}, answer
    first = gradient_of(answer[0], outputs, "value") if is_named(answer[0], outputs.labels) else outputs_of(answer[0])
    if len(first) != high:
        given, wanted = how_many(len(first), "number"), how_many(high, "value")
        raise TypeError(
            f"{given} came first: before what is claimed there may be what f answers with, {wanted}, or none"
        )
    return dict(
        zip([f"{VALUE} {name}" for name in outputs.names] if high > 1 else [VALUE], first, strict=True)
    ), answer[1]


def roundoff_of(answer: Any) -> float:
    """The roundoff of the arithmetic an answer was computed in: that of single precision for a float32 of NumPy's or
    PyTorch's."""
    kind = getattr(answer, "dtype", None)
    name = getattr(kind, "name", str(kind)).rpartition(".")[2]  # which for '>f4' is in `name`
    if name in ROUNDOFF_OF:
        return ROUNDOFF_OF[name]
    parts = answer.values() if isinstance(answer, Mapping) else answer if isinstance(answer, tuple | list) else ()
    return max(map(roundoff_of, parts), default=ROUNDOFF)
