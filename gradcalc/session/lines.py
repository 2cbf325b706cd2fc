"""Lines as they are typed, at the prompt and in scripts: a little more than the language knows.

    x := formula            store the number now; also x += formula, and -= *= /=
    formula at x=2, y=3     ask with values of its own

Both are rewritten, character by character, into a program of the language, so that every place in an error is right.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from gradcalc.language.errors import FormulaError, FormulaSyntaxError, Span
from gradcalc.language.formula import Call, Name, Number, fold
from gradcalc.language.functions import TABLE, Function
from gradcalc.language.parser import parse_program
from gradcalc.language.reading import Statement


@dataclass(frozen=True, slots=True)
class Typed:
    """One statement of a line, and its text; `store` where its number is wanted now; `at` has the values after `at`."""

    statement: Statement
    text: str
    store: bool = False
    at: tuple[Statement, ...] = ()


# ---- a text into lines


def lines(text: str) -> Iterator[tuple[int, str]]:
    """The lines of a script that are not empty, with their numbers from 1.

    Lines are joined while a parenthesis is open. One that is never closed joins nothing, so that what follows is read.
    """
    physical = text.split("\n")
    ends = _ends(physical)
    i = 0
    while i < len(physical):
        end = ends[i]
        joined = "\n".join(physical[i : end + 1])
        if _without_comments(joined).strip():
            yield i + 1, joined
        i = end + 1


def _ends(physical: list[str]) -> list[int]:
    """For each line the one at whose end no parenthesis that it opened is open any more; itself if there is none."""
    depth, depths = 0, []
    for line in physical:
        code = line.partition("#")[0]
        depth += code.count("(") - code.count(")")
        depths.append(depth)
    ends = list(range(len(physical)))
    lower: list[int] = []  # depths below this line, each less than any before it: where a group can end,
    places: list[int] = []  # and the lines that have them, the nearest last
    for i in reversed(range(len(physical))):
        while lower and lower[-1] >= depths[i]:
            del lower[-1], places[-1]
        lower.append(depths[i])
        places.append(i)
        found = bisect_right(lower, depths[i - 1] if i else 0)
        if found:
            ends[i] = places[found - 1]
    return ends


def is_open(text: str) -> bool:
    """Whether a parenthesis waits to be closed."""
    code = _without_comments(text)
    depth = 0
    for character in code:
        depth = max(0, depth + (character == "(") - (character == ")"))
    return depth > 0


def _without_comments(text: str) -> str:
    """The same length, with blanks for comments."""
    return re.sub(r"#[^\n]*", lambda found: " " * len(found[0]), text)


# ---- a line into statements

_NAME = r"[^\W\d][\w\u0300-\u036f]*"
_STORE = re.compile(rf"\s*{_NAME}\s*([:+\-*/])=(?!=)")
_AT = re.compile(rf"(?<!\w)at(?=\s+{_NAME}\s*=(?!=))")
_WITHOUT_COMPARISONS = re.compile(r"[<>=!]=")
_BINDING = re.compile(rf"(?<!\w){_NAME}\s*=(?!=)")


def read_line(text: str, functions: Iterable[Function] = ()) -> list[Typed]:
    """The statements of a line.

    Raises:
        FormulaSyntaxError: with its place in the line.
    """
    code = _without_comments(text)
    program, pieces = list(code), [_rewrite(code, start, end) for start, end in _pieces(code)]
    if not any(piece.operator or piece.bindings for piece in pieces):
        plain = parse_program(text, functions)
        return [Typed(statement, piece.text) for statement, piece in zip(plain, pieces, strict=True)]
    for piece in pieces:
        for place, character in piece.changes.items():
            program[place] = character
    try:
        statements = iter(parse_program("".join(program), functions))
    except FormulaError as error:
        raise _relocated(error, text) from None
    return [_typed(piece, statements, text) for piece in pieces]


@dataclass(frozen=True, slots=True)
class _Piece:
    """One statement in the text: what to write in it instead, and what that means."""

    text: str
    changes: dict[int, str]
    operator: str = ""  # of `x += 1`; ':' for `x := 1`
    bindings: int = 0


def _pieces(code: str) -> Iterator[tuple[int, int]]:
    """The places of the statements: what stands between semicolons and ends of lines outside parentheses."""
    depth = start = 0
    for found in re.finditer(r"[();\n]|\Z", code):
        if found[0] and found[0] in "()":
            depth += 1 if found[0] == "(" else -1
        elif depth <= 0 or not found[0]:
            if code[start : found.start()].strip():
                yield start, found.start()
            start = found.end()


def _rewrite(code: str, start: int, end: int) -> _Piece:
    changes: dict[int, str] = {}
    operator, text = "", code[start:end].strip()
    if store := _STORE.match(code, start, end):
        operator = store[1]
        changes[store.start(1)] = " "
    at = [found for found in _AT.finditer(code, start, end) if code[start : found.start()].strip()]
    if not at:
        return _Piece(text, changes, operator)
    word = at[-1]
    if len(at) > 1:
        raise FormulaSyntaxError("'at' stands twice", Span(code, word.start(), end), "write at x=2, y=3")
    if not operator and "=" in _WITHOUT_COMPARISONS.sub("", code[start : word.start()]):
        raise FormulaSyntaxError(
            "only a formula can be asked at values of its own",
            Span(code, word.start(), end),
            "a definition takes the values of the moment; name := formula at x=2 stores a number",
        )
    changes |= {word.start(): ";", word.start() + 1: " "}
    bindings = [found.start() for found in _BINDING.finditer(code, word.end(), end)]
    for place in bindings[1:]:
        before = len(code[:place].rstrip()) - 1
        changes[before if code[before] == "," else place - 1] = ";"
    return _Piece(text, changes, operator, len(bindings))


def _typed(piece: _Piece, statements: Iterator[Statement], text: str) -> Typed:
    statement = _respanned(next(statements), text)
    at = tuple(_respanned(next(statements), text) for _ in range(piece.bindings))
    if piece.operator in ("", ":"):
        return Typed(statement, piece.text, piece.operator == ":", at)
    changed = Call(
        TABLE[piece.operator], (Name(statement.name, None, statement.span), statement.formula), statement.span
    )
    return Typed(replace(statement, formula=changed), piece.text, True, at)


# ---- places, in the text as it was typed


def _relocated(error: FormulaError, text: str) -> FormulaError:
    """The same error, with its place in the text instead of in what was read."""
    about = error.diagnostic
    error.diagnostic = replace(about, span=_in(text, about.span))
    error.args = (str(error.diagnostic),)
    return error


def _in(text: str, span: Span) -> Span:
    return Span(text, span.start, span.end) if span.source else span


def _respanned(statement: Statement, text: str) -> Statement:
    formula = fold(
        statement.formula,
        lambda node: Number(node.text, node.value, _in(text, node.span)),
        lambda node, definition: Name(node.name, definition, _in(text, node.span)),
        lambda node, args: Call(node.function, tuple(args), _in(text, node.span)),
    )
    return replace(statement, formula=formula, span=_in(text, statement.span))
