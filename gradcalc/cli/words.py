"""The words of the command line: formulas, definitions and values."""

from __future__ import annotations

import re
from collections.abc import Iterable

from gradcalc.language.elsewhere import split
from gradcalc.language.errors import FormulaError
from gradcalc.language.formula import Formula, free_names
from gradcalc.language.functions import CONSTANTS
from gradcalc.language.grammar import read_bindings, tokens
from gradcalc.record import dataclass, field

from .options import UsageError

_STATEMENT = re.compile(r"NAME (LPAR ((?!LPAR|RPAR)\w+ )*RPAR )?EQUAL( |$)")
_LIST = re.compile(r"NAME EQUAL( |$)")
_NOT_FINITE = re.compile(r"[+-]?(?:nan|inf|infinity|∞)", re.I)


@dataclass(slots=True)
class Task:
    """A reading of the words: a program, the values given beside it, and of the definitions among the words those that
    look like values, with the names they need."""

    program: str = ""
    values: dict[str, Formula] = field(default_factory=dict)
    definitions: dict[str, tuple[str, ...]] = field(default_factory=dict)


def task(words: Iterable[str], at: Iterable[str]) -> Task:
    """
    Raises:
        UsageError: a value is none, or given twice.
        FormulaSyntaxError: a value is no formula.
    """
    found = Task()
    definitions: list[str] = []
    formula: list[str] = []
    for text in at:
        if not _is_list(text):
            raise UsageError(f"--at needs NAME=VALUE, not '{text.strip()}'", help="write for example --at x=2,y=pi/4")
        if _bind(text, found.values):
            help = "a definition is part of the program: 'y = x^2; y + 1'"
            raise UsageError(f"--at needs numbers as values, not '{text.strip()}'", help=help)
    for word in words:
        if not _STATEMENT.match(_kinds(word)):
            formula.append(word)
        elif not _is_list(word):
            definitions.append(word)
        elif needed := _bind(word, found.values):
            definitions.append(word)
            found.definitions[word] = needed
    found.program = "\n".join([*definitions, " ".join(formula)] if formula else definitions)
    return found


def is_definition(word: str) -> bool:
    """Whether it is `x=y^2`: a name for a formula that has names in it."""
    try:
        return _is_list(word) and bool(_bind(word, {}))
    except FormulaError:
        return False


def _is_list(word: str) -> bool:
    """Whether it is `x=2` or `x=2,y=3`, whatever stands for the numbers."""
    return _LIST.match(_kinds(word)) is not None and "SEPARATOR" not in _kinds(word)


def _kinds(word: str) -> str:
    """The kinds of the tokens of a word, with spaces between."""
    return " ".join(kind for kind, _, _ in tokens(word) if kind not in ("SPACE", "COMMENT"))


def _bind(word: str, values: dict[str, Formula]) -> tuple[str, ...]:
    """Take `x=2` or `x=2,y=3` into the values; nothing is taken where they need names, which are returned."""
    for piece in split(word):
        if _NOT_FINITE.fullmatch(piece.partition("=")[2].strip()):
            raise UsageError(f"'{piece.strip()}' gives no number", help="a value is a finite number, such as 1e308")
    statements = read_bindings(word)
    needed = dict.fromkeys(name for statement in statements for name in free_names(statement.formula))
    if any(name not in CONSTANTS for name in needed):
        return tuple(name for name in needed if name not in CONSTANTS)
    for statement in statements:
        if statement.name in values:
            raise UsageError(f"{statement.name} is given twice", help="give each name one value")
        values[str(statement.name)] = statement.formula
    return ()


_VECTOR = re.compile(r"\s*([^\W\d]\w*)\s*=\s*(\[.*\])\s*")


def vectors(texts: Iterable[str]) -> tuple[dict[str, str], list[str]]:
    """The names that are given lists, such as `x=[1, 2]`, with the lists; and what else stands in the texts."""
    found: dict[str, str] = {}
    rest = []
    for text in texts:
        others = []
        for piece in _outside_lists(text):
            vector = _VECTOR.fullmatch(piece)
            if vector:
                found[vector[1]] = vector[2]
            else:
                others.append(piece)
        rest += [",".join(others)] if others else []
    return found, rest


def items(vector: str) -> list[str]:
    """The texts between the brackets of a list."""
    return _outside_lists(vector.strip()[1:-1])


def _outside_lists(text: str) -> list[str]:
    """Split on commas outside brackets."""
    pieces, depth, start = [], 0, 0
    for place, character in enumerate(text):
        depth += (character in "([") - (character in ")]")
        if character == "," and depth <= 0:
            pieces.append(text[start:place])
            start = place + 1
    return [*pieces, text[start:]]
