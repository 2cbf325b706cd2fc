"""How a point reaches a function of the user.

A number reaches it as a number, an array or nested lists of numbers as a NumPy array; mappings, tuples, lists,
namedtuples and dataclasses of these, in whatever nesting, as what they are. A function with parameters of the names of
a mapping gets keyword arguments, one that needs as many arguments as a sequence has parts gets these in order.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gradcalc.record import dataclass, replace

from .forms import ALONE, Layout


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
    count = len(layout.arguments(numbers))
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


def takes_more(function: Callable[..., Any], form: Layout, numbers: Sequence[float], options: Any) -> bool:
    """Whether a function takes another argument after the point."""
    found = signature(function)
    if found is None:
        return True
    needed = len([name for name in found.needed if name not in options])
    return needed in (2, len(form.arguments(numbers)) + 1)


def parameter_of(given: Any, point: Any) -> tuple[str, tuple[str, ...]]:
    """The name that a function has for a point without names, and the parts of a sequence that it takes in order."""
    found = signature(given) if callable(given) else None
    if found is None or not found.needed:
        return ALONE, ()
    in_order = found.needed if isinstance(point, tuple | list) and len(found.needed) == len(point) > 1 else ()
    return found.needed[0], in_order
