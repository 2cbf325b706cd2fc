"""Results that are made once for a formula and kept on it, such as its nodes in order: formulas never change."""

from __future__ import annotations

import gc
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from .formula import Call, Formula, Function, Name, children, children_first, flattened, fold
from .identity import distinct

T = TypeVar("T")


def kept(formula: Formula, make: Callable[[Formula], T]) -> T:
    """`make(formula)`, made once and kept on the formula, which never changes. It is no part of a pickle or a copy."""
    try:
        return formula._kept[make]  # type: ignore[attr-defined, no-any-return]
    except AttributeError:
        object.__setattr__(formula, "_kept", {})
    except KeyError:
        pass
    made = formula._kept[make] = make(formula)  # type: ignore[attr-defined]
    return made


_MOST = 500  # of one formula, which may be asked about at any number of points


def kept_by(formula: Formula, make: Callable[..., T], key: Hashable, *args: Any) -> T:
    """`make(*args)`, kept on the formula by a key, until a great many are."""
    known: dict[Any, T] = kept(formula, _nothing)
    if (make, key) not in known:
        if len(known) >= _MOST:
            known.clear()
        known[make, key] = make(*args)
    return known[make, key]


def _nothing(_: Formula) -> dict[Any, Any]:
    return {}


def forget(formula: Formula) -> None:
    """Give back what is kept on a formula: it is made again where it is asked for."""
    object.__setattr__(formula, "_kept", {})


@contextmanager
def uncollected() -> Iterator[None]:
    """Without the search for circles of garbage, which a formula being built has none of: a quarter of the time."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def functions_in(root: Formula) -> list[Function]:
    """The functions that a formula calls, each once; to be kept with it."""
    with uncollected():
        nodes = kept(root, flattened).nodes
    return distinct(node.function for node in nodes if isinstance(node, Call))


def calls_in(root: Formula, below: Callable[[Formula], tuple[Formula, ...]] = children) -> Iterator[Call]:
    """The calls in a formula, each once, those inside others first."""
    return (node for node in children_first(root, below) if isinstance(node, Call))


def tree_size(root: Formula) -> int:
    """The nodes of a formula with what is shared counted every time it is used."""

    def name(_: Name, definition: int | None) -> int:
        return definition or 1

    return fold(root, lambda _: 1, name, lambda _, args: 1 + sum(args))
