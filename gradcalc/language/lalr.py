"""Texts read by the tables that Lark makes of `grammar/formula.lark`.

The tables are kept between runs, so that Lark, whose import alone takes as long as a whole answer, is only imported
when there are none for this grammar yet. Which token goes where and which rule is read when is as Lark would have it.
"""

from __future__ import annotations

import json
import os
import re
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from importlib.machinery import PathFinder
from itertools import chain
from typing import Any

from gradcalc.record import dataclass, field
from gradcalc.version import __version__

_ENTRANCES = ["program", "line", "bindings", "value", "points", "ranges", "bounds", "correlations", "claim", "exercise"]
_END = "$END"


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
                raise Stopped(None if kind == _END else token.start_pos)
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
_END_TOKEN.type = _END


def _passed_on(tables: Tables, below: int, action: int, kind: str) -> int:
    """The state above the state `below` after all the rules that do no more than pass a part on, from `action` on."""
    to = below
    while _NONE < action < 0 and not tables.rules[~action][2]:
        to = tables.states[below][tables.rules[~action][0]]
        action = tables.states[to].get(kind, _NONE)
    return to


# ---- the tables, from Lark or from the last run


def tables(path: str) -> Tables:
    """The tables of the grammar in a file."""
    with open(path, encoding="utf-8") as file:
        grammar = file.read()
    key, kept = f"{zlib.crc32(grammar.encode()):x} {_lark_version()} {__version__}", _cache_file()
    try:
        with open(kept, encoding="utf-8") as file:
            head, _, text = file.read().partition("\n")
        if head == f"{key} {zlib.crc32(text.encode()):x}":
            return Tables(**json.loads(text))
    except (OSError, UnicodeDecodeError):
        pass
    made = _made(grammar)
    text = json.dumps({name: getattr(made, name) for name in Tables.__slots__ if name != "passed"})
    _keep(kept, f"{key} {zlib.crc32(text.encode()):x}\n{text}")
    return made


def _lark_version() -> str:
    """A number for the version of Lark that is installed, without importing it."""
    found = PathFinder.find_spec("lark")
    if found is None or found.origin is None:
        return ""
    with open(found.origin, "rb") as file:
        return f"{zlib.crc32(file.read()):x}"


def _made(grammar: str) -> Tables:
    from lark import Lark
    from lark.grammar import Rule
    from lark.lexer import PatternStr, TerminalDef

    lark = Lark(grammar, start=_ENTRANCES, parser="lalr", lexer="basic")
    terminals = sorted(lark.terminals, key=lambda t: (-t.priority, -t.pattern.max_width, -len(t.pattern.value), t.name))
    words = {
        t.pattern.value: t.name for t in terminals if isinstance(t.pattern, PatternStr) and t.pattern.value.isalpha()
    }
    pattern = "|".join(f"(?P<{t.name}>{t.pattern.to_regexp()})" for t in terminals if t.name not in words.values())
    data, memo = lark.memo_serialize([TerminalDef, Rule])
    table = data["parser"]["parser"]
    numbers = {number: place for place, number in enumerate(n for n, one in memo.items() if one["__type__"] == "Rule")}
    rules = [_rule(one) for one in memo.values() if one["__type__"] == "Rule"]
    places = {number: place for place, number in enumerate(table["states"])}
    states = [
        {table["tokens"][t]: ~numbers[to["@"]] if reduces else places[to] for t, (reduces, to) in actions.items()}
        for actions in table["states"].values()
    ]
    for number in table["end_states"].values():
        states[places[number]][_END] = 0  # goes on, so that the loop ends
    starts = {entrance: places[number] for entrance, number in table["start_states"].items()}
    return Tables(pattern, words, list(lark.ignore_tokens), states, rules, starts)


def _cache_file() -> str:
    """Where the tables are kept between runs: a folder that nobody else can write to; empty if there is none."""
    home = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    folder = os.path.join(home, "gradcalc")
    try:
        os.makedirs(folder, 0o700, exist_ok=True)
        status = os.stat(folder)
    except OSError:
        return ""
    if hasattr(os, "getuid") and (status.st_uid != os.getuid() or status.st_mode & 0o022):
        return ""
    return os.path.join(folder, "grammar.json")


def _keep(path: str, text: str) -> None:
    """Write the file whole, if it can be written."""
    from pathlib import Path

    from gradcalc.files import write_whole

    if path:
        with suppress(OSError):
            write_whole(Path(path), text.encode())


def _rule(rule: dict[str, Any]) -> tuple[str, int, str]:
    symbol, size = rule["origin"]["name"], len(rule["expansion"])
    passes = rule["options"]["expand1"] and size == 1 and not rule["alias"]
    return symbol, size, "" if passes else rule["alias"] or symbol
