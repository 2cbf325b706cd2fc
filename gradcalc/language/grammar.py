"""The grammar, `grammar/formula.lark`, as Lark reads it, and its terminals."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Collection, Iterable, Iterator
from functools import cache
from pathlib import Path

from lark import Lark, Token, UnexpectedCharacters, UnexpectedToken

from .builder import Builder
from .errors import LIMITS, FormulaSyntaxError, LimitError, Span
from .formula import Formula, Function, Name, link
from .mistakes import mistake_at
from .reading import Reading, Statement, either, name_of, short


class Layout:
    """Drops the newlines inside parentheses, and remembers what a message may need."""

    always_accept = ()

    def __init__(self, reading: Reading) -> None:
        self.now = reading

    def process(self, tokens: Iterator[Token]) -> Iterator[Token]:
        open_, recent, before = self.now.open, self.now.recent, ""
        for token in tokens:
            kind = token.type
            if kind == "LPAR":
                open_.append(token)
            elif kind == "RPAR":
                if open_:
                    open_.pop()
            elif kind == "SEPARATOR" and open_ and token == "\n":
                continue
            recent.append(token)
            if kind == "NUMBER" and before in ("NUMBER", "RPAR"):
                # the grammar reads 2(x) as a product; so that it stays small, 2 3 and (x)2 are refused here
                raise mistake_at(self.now, token.start_pos)
            before = kind
            yield token


@cache
def grammar() -> tuple[Lark, Reading]:
    """The parser, built when first needed, and what it reads."""
    here = Path(__file__).parent.parent
    path = next(p for p in (here / "grammar/formula.lark", here.parent / "grammar/formula.lark") if p.exists())
    reading = Reading(read_formula)
    grammar = path.read_text(encoding="utf-8")
    lark = Lark(
        grammar,
        start="program",
        parser="lalr",
        lexer="basic",
        transformer=Builder(reading),
        postlex=Layout(reading),
        cache=_cache_file(),
    )
    return lark, reading


def _cache_file() -> str | bool:
    """Where Lark keeps its tables between runs: 3 ms instead of 40.

    Only in a folder that nobody else can write to, because they are pickled. Lark builds them anew whenever the file is
    missing, damaged or of another version.
    """
    try:
        folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "gradcalc"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = folder.stat()
    except (OSError, RuntimeError):
        return False
    if hasattr(os, "getuid") and (status.st_uid != os.getuid() or status.st_mode & 0o022):
        return False
    return str(folder / f"grammar-{sys.version_info.major}.{sys.version_info.minor}")


def tokens(text: str) -> Iterator[tuple[str, int, int]]:
    """The kinds and places of the grammar's terminals in a text that need not be a formula, spaces and comments too.

    A character that begins no terminal has the kind ''.
    """
    pattern, words = _terminals()
    place = 0
    for found in pattern.finditer(text):
        if place < found.start():
            yield "", place, found.start()
        yield words.get(found[0], str(found.lastgroup)), *found.span()
        place = found.end()
    if place < len(text):
        yield "", place, len(text)


@cache
def _terminals() -> tuple[re.Pattern[str], dict[str, str]]:
    """What matches any terminal, the longer first, and the terminals that are words."""
    terminals = sorted(grammar()[0].terminals, key=lambda terminal: -terminal.pattern.max_width)
    words = {terminal.pattern.value: terminal.name for terminal in terminals if terminal.pattern.value.isalpha()}
    parts = [f"(?P<{t.name}>{t.pattern.to_regexp()})" for t in terminals if t.name not in words.values()]
    return re.compile("|".join(parts)), words


# ---- texts


def read_program(text: str, rows: Iterable[Function] = (), names: Collection[str] = ()) -> list[Statement]:
    """The statements of a program in their order. `rows` are functions known besides the table, already validated;
    `names` have a meaning outside the program."""
    if not isinstance(text, str):
        raise TypeError(f"a formula is read from a text, not from {text!r}")
    if len(text) > LIMITS.text:
        raise LimitError("text", f"the input has {len(text):,} characters, more than {LIMITS.text:,}")
    lark, reading = grammar()
    reading.begin(text, rows)
    try:
        statements: list[Statement] = lark.parse(text)  # type: ignore[assignment]  # Lark says Tree; our builder returns these
        _no_bare_functions(reading, {*names, *(statement.name for statement in statements)})
        return statements
    except UnexpectedToken as error:
        at_end = error.token.type == "$END"
        raise mistake_at(reading, None if at_end else error.token.start_pos) from None
    except UnexpectedCharacters as error:
        raise mistake_at(reading, error.pos_in_stream) from None
    finally:
        reading.begin("", ())


def _no_bare_functions(reading: Reading, named: Collection[str]) -> None:
    """Refuse `diff(f, x)` where `f` is a function of the user's and nothing else."""
    for span in reading.bare:
        if (name := name_of(span.text, span)) not in named:
            help = f"write {either(reading.functions[name])}"
            raise FormulaSyntaxError(f"{short(name)} is a function, not a name", span, help)


def read_formula(text: str, rows: Iterable[Function] = ()) -> Formula:
    """The last formula of a program, its names linked to the program's definitions; `rows` as for `read_program`."""
    statements = read_program(text, rows)
    if not statements:
        raise FormulaSyntaxError("there is no formula", Span(text, 0, 0), "write one, such as x^2*sin(x)")
    last = statements[-1]
    if last.function is not None:
        use = last.function.signature
        raise FormulaSyntaxError(
            "there is nothing to evaluate: the last statement only defines a function",
            last.span,
            f"add a formula that uses it, such as {use}",
        )
    definitions = {statement.name: statement.formula for statement in statements if statement.name}
    return link(Name(last.name, None, last.span) if last.name else last.formula, definitions)
