"""What a line has changed, so that it can be taken back: only the names it touched, whatever else there is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from gradcalc.language.formula import Formula, expression, users_functions
from gradcalc.language.functions import Function

from .record import Entry

T = TypeVar("T")
Moved = dict[str, tuple[T | None, T | None]]  # what a name meant before and after; None: nothing


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """How far the lines and the results of a session had come. `:reset` begins new lists."""

    log: list[Entry]
    results: list[Formula]
    lines: int
    found: int

    def here(self, log: list[Entry], results: list[Formula]) -> bool:
        """Whether nothing has come since."""
        return log is self.log and results is self.results and (len(log), len(results)) == (self.lines, self.found)


@dataclass(slots=True)
class Change:
    """A line that changed something. `cut` is what it had written, while it is undone as if never typed."""

    text: str
    names: Moved[Formula]
    functions: Moved[Function]
    before: Place
    after: Place
    cut: tuple[list[Entry], list[Formula]] | None = None

    @property
    def touched(self) -> tuple[str, ...]:
        moved = (*self.names.items(), *self.functions.items())
        return tuple(dict.fromkeys(name for name, (before, after) in moved if before is not after))


def as_one(changes: Iterable[Change], text: str) -> Change:
    """Changes that follow each other as a single one."""
    first, *rest = changes
    names, functions, last = dict(first.names), dict(first.functions), first
    for last in rest:
        _add(names, last.names)
        _add(functions, last.functions)
    return Change(text, names, functions, first.before, last.after)


def _add(moved: Moved[T], later: Moved[T]) -> None:
    for name, (before, after) in later.items():
        moved[name] = (moved[name][0] if name in moved else before, after)


def moved(was: Mapping[str, T | None], now: Mapping[str, T]) -> Moved[T]:
    """The names that mean something else now."""
    return {name: (before, now.get(name)) for name, before in was.items() if before is not now.get(name)}


def put(meanings: dict[str, T], wanted: Mapping[str, T | None]) -> None:
    """Give names their meanings, or none."""
    for name, meaning in wanted.items():
        if meaning is None:
            meanings.pop(name, None)
        else:
            meanings[name] = meaning


def statements(names: Mapping[str, Formula | None], functions: Mapping[str, Function | None]) -> Iterator[str]:
    """Lines that give names and functions these meanings; a function stands behind those that it calls."""
    for row in _callees_first([row for row in functions.values() if row is not None]):
        if isinstance(row.definition, Formula):
            yield f"{row.signature} = {expression(row.definition)}"
    for name, formula in names.items():
        if formula is not None:
            yield f"{name} = {expression(formula)}"


def _callees_first(rows: list[Function]) -> list[Function]:
    wanted = {row.spelling: row for row in rows}
    ordered: dict[str, Function] = {}
    for row in rows:
        called = users_functions(row.definition) if isinstance(row.definition, Formula) else ()
        for other in (*(wanted.get(one.spelling) for one in called), row):
            if other is not None:
                ordered.setdefault(other.spelling, other)
    return list(ordered.values())
