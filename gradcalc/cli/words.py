"""The words of the command line: formulas, definitions and values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from gradcalc.language.formula import Formula, free_names
from gradcalc.language.functions import CONSTANTS
from gradcalc.language.parser import parse_program
from gradcalc.language.reading import NAME

from .options import UsageError

_STATEMENT = re.compile(rf"\s*{NAME}\s*(?:\([^()]*\)\s*)?=(?!=)")
_BINDING = re.compile(rf"\s*{NAME}\s*=(?!=)")
_UNCERTAIN = re.compile(r"±|\+/-")


@dataclass(slots=True)
class Task:
    """What the words ask for: a program, the values given beside it, and of the definitions among the words those that
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
        if not _STATEMENT.match(word):
            formula.append(word)
        elif not _is_list(word):
            definitions.append(word)
        elif needed := _bind(word, found.values):
            definitions.append(word)
            found.definitions[word] = needed
    found.program = "\n".join([*definitions, " ".join(formula)] if formula else definitions)
    return found


def _is_list(word: str) -> bool:
    """Whether it is `x=2` or `x=2,y=3`, whatever stands for the numbers."""
    return all(_BINDING.match(piece) for piece in _pieces(word)) and ";" not in word and "\n" not in word


def _bind(word: str, values: dict[str, Formula]) -> tuple[str, ...]:
    """Take `x=2` or `x=2,y=3` into the values; nothing is taken where they need names, which are returned."""
    pieces = _pieces(word)
    for piece in pieces:
        if _UNCERTAIN.search(piece):
            raise UsageError(f"'{piece.strip()}' has an uncertainty, which is not read", help="give the value alone")
    statements = [statement for piece in pieces for statement in parse_program(piece)]
    needed = dict.fromkeys(name for statement in statements for name in free_names(statement.formula))
    if any(name not in CONSTANTS for name in needed):
        return tuple(name for name in needed if name not in CONSTANTS)
    for statement in statements:
        if statement.name in values:
            raise UsageError(f"{statement.name} is given twice", help="give each name one value")
        values[str(statement.name)] = statement.formula
    return ()


def vectors(texts: Iterable[str]) -> tuple[dict[str, str], list[str]]:
    """The names that are given lists, such as `x=[1, 2]`, with the lists; and what else stands in the texts."""
    found: dict[str, str] = {}
    rest = []
    for text in texts:
        others = []
        for piece in _pieces(text):
            name, _, value = piece.partition("=")
            if value.strip().startswith("[") and value.strip().endswith("]") and _BINDING.match(piece):
                found[name.strip()] = value.strip()
            else:
                others.append(piece)
        rest += [",".join(others)] if others else []
    return found, rest


def items(vector: str) -> Sequence[str]:
    """The texts between the brackets of a list."""
    return _pieces(vector.strip()[1:-1])


def _pieces(text: str) -> Sequence[str]:
    """Split on commas outside brackets."""
    pieces, depth, start = [], 0, 0
    for i, character in enumerate(text):
        depth += (character in "([") - (character in ")]")
        if character == "," and depth <= 0:
            pieces.append(text[start:i])
            start = i + 1
    return [*pieces, text[start:]]
