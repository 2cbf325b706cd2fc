"""Texts read by the tables that Lark makes of `grammar/formula.lark`: `grammar/tables.py` writes them.

Lark itself, whose import alone takes as long as a whole answer, is not needed. Which token goes where and which rule is
read when is as Lark would have it.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from itertools import chain
from typing import Any

from gradcalc.record import dataclass, field

END = "$END"
TABLES = os.path.join(os.path.dirname(__file__), "tables.json")


class Token(str):
    """A piece of the text, from `start_pos` to `end_pos`, and the terminal that it is."""

    __slots__ = ("end_pos", "start_pos", "type")
    type: str
    start_pos: int
    end_pos: int

    def as_kind(self, kind: str, text: str) -> Token:
        """Another token in the place of this one."""
        token = Token(text)
        token.type, token.start_pos, token.end_pos = kind, self.start_pos, self.end_pos
        return token


class Stopped(Exception):
    """The text cannot go on at `position`; None is its end."""

    def __init__(self, position: int | None) -> None:
        self.position = position


@dataclass(frozen=True, slots=True)
class Tables:
    """The terminals as one `pattern`, of which the `words` are names, and which are `ignored`; for each state what
    follows a symbol: another state, or `~rule`; for each rule its symbol, its length, and the name of what builds it,
    empty where it passes its only part on; and the states in which the entrances start."""

    pattern: str
    words: dict[str, str]
    ignored: list[str]
    states: list[dict[str, int]]
    rules: list[tuple[str, int, str]]
    starts: dict[str, int]
    passed: dict[tuple[int, int, str], int] = field(default_factory=dict)  # what `_passed_on` has found


def lexed(tables: Tables, pattern: re.Pattern[str], text: str) -> Iterator[Token]:
    """The tokens of a text.

    Raises:
        Stopped: a character begins none.
    """
    words, ignored, place, match = tables.words, frozenset(tables.ignored), 0, pattern.scanner(text).match  # type: ignore[attr-defined]
    while found := match():
        start, place = found.span()
        kind = found.lastgroup
        if kind in ignored:
            continue
        piece = found[0]
        token = Token(piece)
        token.type, token.start_pos, token.end_pos = words.get(piece, kind), start, place
        yield token
    if place < len(text):
        raise Stopped(place)


def parsed(tables: Tables, build: Sequence[Callable[..., Any] | None], entrance: str, tokens: Iterable[Token]) -> Any:
    """The value that the rule called `entrance` builds from tokens; `build` has for each rule what makes it of its
    parts, None for a rule that passes its only part on.

    Raises:
        Stopped: a token cannot follow those before it.
    """
    states, rules, passed = tables.states, tables.rules, tables.passed
    values: list[Any] = []
    stack = [tables.starts[entrance]]
    state = states[stack[0]]
    for token in chain(tokens, (_END_TOKEN,)):
        kind = token.type
        while (action := state.get(kind, _NONE)) < 0:
            if action == _NONE:
                raise Stopped(None if kind == END else token.start_pos)
            make, (symbol, size, _) = build[~action], rules[~action]
            if make is None:
                to = passed.get((stack[-2], action, kind))
                if to is None:
                    to = passed[stack[-2], action, kind] = _passed_on(tables, stack[-2], action, kind)
                stack[-1] = to
            else:
                if size == 1:
                    values[-1] = make(values[-1])
                elif size == 3:  # as most are
                    right, middle = values.pop(), values.pop()
                    values[-1] = make(values[-1], middle, right)
                elif size:
                    values[-size:] = [make(*values[-size:])]
                else:
                    values.append(make())
                if size:
                    del stack[-size:]
                to = states[stack[-1]][symbol]
                stack.append(to)
            state = states[to]
        stack.append(action)
        values.append(token)
        state = states[action]
    return values[-2]


_NONE = -(1 << 30)
_END_TOKEN = Token()
_END_TOKEN.type = END


def _passed_on(tables: Tables, below: int, action: int, kind: str) -> int:
    """The state above the state `below` after all the rules that do no more than pass a part on, from `action` on."""
    to = below
    while _NONE < action < 0 and not tables.rules[~action][2]:
        to = tables.states[below][tables.rules[~action][0]]
        action = tables.states[to].get(kind, _NONE)
    return to


@cache
def tables() -> tuple[Tables, re.Pattern[str]]:
    """The tables of the grammar, and its terminals as one pattern."""
    with open(TABLES, encoding="utf-8") as file:
        found = Tables(**json.load(file))
    return found, re.compile(found.pattern)
