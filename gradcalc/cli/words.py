"""The words of the command line: formulas, definitions and values."""

from __future__ import annotations

import os.path
import re
from collections.abc import Iterable
from itertools import pairwise
from typing import TypeVar

from gradcalc.language.errors import FormulaError
from gradcalc.language.formula import Formula, free_names
from gradcalc.language.functions import CONSTANTS, NOT_FINITE
from gradcalc.language.grammar import kinds, read_bindings, read_points
from gradcalc.language.reading import Array
from gradcalc.record import dataclass, field
from gradcalc.studies import FORMATS, STUDIES

from .options import UsageError

# of the kinds of tokens, not of what was typed
_STATEMENT = re.compile(r"NAME (LPAR ((?!LPAR|RPAR)\S+ )*RPAR )?EQUAL ")

_OTHERWISE = re.compile(r"NAME (COMPARE|COLON|UPDATE) (MINUS )?NUMBER |NUMBER EQUAL NAME ")  # x==2, x:2, x:=2, 2=x

_FUNCTION = re.compile(r"NAME LPAR ")
_WHOLE = re.compile(r"(\S+ )+(NAME|NUMBER|RPAR|BANG|SUPERSCRIPT) ")
_OPERAND = re.compile(r"(?!at\b)[\w(]")
_NO_FORMULA = re.compile("EQUAL|COLON|DOTS|SEPARATOR")
_D = re.compile(r"\s*d\S*\s*/\s*d")  # d/dx

_DATA = (".csv", ".tsv", ".parquet")
_SUFFIXES = {*_DATA, ".grad", *(suffix for format in FORMATS for suffix in format.suffixes if len(suffix) > 3)}
_PATH = re.compile(r"(?:.*/)?[\w.-]*[^\W\d][\w-]*\.\w+")

T = TypeVar("T")


@dataclass(slots=True)
class Request:
    """A reading of the words: a program, the values given beside it, and of the definitions among the words those that
    look like values, with the names they need."""

    program: str = ""
    values: dict[str, Formula] = field(default_factory=dict)
    definitions: dict[str, tuple[str, ...]] = field(default_factory=dict)


def task(words: Iterable[str], at: Iterable[str]) -> Request:
    """
    Raises:
        UsageError: a value is none, or given twice, or a word is the name of a file.
        FormulaSyntaxError: a value is no formula.
    """
    words = [*words]
    _refuse_file(words)
    found = Request()
    definitions: list[str] = []
    formula: list[str] = []
    for text in at:
        if not is_list(text):
            file = text.strip().removeprefix("@")
            values = f"-f {file} reads the values of a file, one a line, beside a formula"
            help = values if os.path.isfile(file) else "write for example --at x=2,y=pi/4"
            raise UsageError(f"--at needs NAME=VALUE, not '{text.strip()}'", help=help)
        if _bind(text, found.values):
            help = "a definition is part of the program: 'y = x^2; y + 1'"
            raise UsageError(f"--at needs numbers as values, not '{text.strip()}'", help=help)
    for i, word in enumerate(words):
        if word == "at" and formula and any(map(is_list, words[i + 1 : i + 2])):
            continue  # as it is said at the prompt
        if not _STATEMENT.match(kinds(word)):
            formula.append(word)
        elif not is_list(word):
            definitions.append(word)
        elif needed := _bind(word, found.values):
            definitions.append(word)
            found.definitions[word] = needed
    _refuse_subcommand(" ".join(formula))
    _refuse_nameless_value([*definitions, *formula])
    _refuse_several(formula)
    found.program = "\n".join([*definitions, " ".join(formula)] if formula else definitions)
    return found


def _refuse_file(words: list[str]) -> None:
    """
    Raises:
        UsageError: a word is the name of a file, without the option that says what is done with it.
    """
    for word in words:
        suffix = os.path.splitext(word)[1].lower()
        if (
            suffix in _SUFFIXES
            and _PATH.fullmatch(word)
            and (os.path.exists(word) or (words[1:] and suffix != ".grad"))
        ):
            there = os.path.exists(word)
            script = suffix == ".grad" or (there and suffix == ".txt")
            option = "-f" if script else "--data" if there and suffix in _DATA else "-o"
            help = f"write {option} {word}{', beside a formula' * (option != '-f')}"
            raise UsageError(f"'{word}' is the name of a file", help=help)


def _refuse_subcommand(formula: str) -> None:
    """
    Raises:
        UsageError: the words begin as those of other programs, with what is an option here, before an operand.
    """
    first, _, second = formula.strip().partition(" ")
    if any(study.name == first and study.optional for study in STUDIES) and _OPERAND.match(second.lstrip()):
        said = re.search(r"\sfrom\s+(\S+)\s+to\s+(\S+)$", second)
        help = f"write the formula, and behind it the option --{first}{f' x={said[1]}..{said[2]}' if said else ''}"
        raise UsageError(f"'{first}' before a formula is no command", help=help)


def _refuse_nameless_value(words: list[str]) -> None:
    """
    Raises:
        UsageError: the last word is a number, and the one before it a whole formula or a function: `x^2 3`; or it
            gives one to a name with another sign: `x^2 x:3`.
    """
    *_, formula, value = ["", "", *words]
    value, before = value.strip(), kinds(formula)
    if kinds(value) == "NUMBER " and _WHOLE.fullmatch(before) and ("EQUAL" not in before or _FUNCTION.match(before)):
        raise UsageError(f"'{value}' is a value without a name", help=f"write for example x={value}")
    if formula and _OTHERWISE.fullmatch(kinds(value)) and not re.search("[<>!]", value):
        name, number = sorted(filter(None, re.split("[:=\\s]+", value)), key=lambda text: kinds(text) != "NAME ")
        raise UsageError(f"'{value}' is not how a value is given", help=f"write {name}={number}")


def _refuse_several(words: list[str]) -> None:
    """
    Raises:
        UsageError: two words are whole formulas, which side by side would be a product: `x+2 x^2`.
    """
    for first, second in pairwise(words):
        whole = all(_WHOLE.fullmatch(found) and not _NO_FORMULA.search(found) for found in map(kinds, (first, second)))
        if whole and _OPERAND.match(second.lstrip()) and not second.lstrip().startswith("(") and not _D.match(first):
            help = f"write one text: '{first}; {second}' for both, '({first})*({second})' for their product"
            raise UsageError(f"'{first}' and '{second}' are two formulas", help=help)


def is_definition(word: str) -> bool:
    """Whether it is `x=y^2`: a name for a formula that has names in it."""
    try:
        return is_list(word) and bool(_bind(word, {}))
    except FormulaError:
        return False


def is_list(word: str) -> bool:
    """Whether it is `x=2` or `x=2,y=3`, whatever stands for the numbers."""
    found = kinds(word)
    return found.startswith("NAME EQUAL ") and "SEPARATOR" not in found


def is_range(word: str) -> bool:
    """Whether it is `x=0..1` or `x=0:1:0.1`, whatever stands for the numbers."""
    name, equal, *rest = [*kinds(word).split(), "", ""]
    if (name, equal) != ("NAME", "EQUAL"):
        return False
    depth = 0
    for kind, before in zip(rest, [equal, *rest], strict=False):
        if kind == before == "NAME":
            return False
        depth += (kind == "LPAR") - (kind == "RPAR")
        if depth == 0 and kind in ("COLON", "DOTS", "EQUAL", "SEPARATOR"):
            return kind in ("COLON", "DOTS")
    return False


def _bind(word: str, values: dict[str, Formula]) -> tuple[str, ...]:
    """Take `x=2` or `x=2,y=3` into the values; nothing is taken where they need names, which are returned."""
    statements = read_bindings(word)
    for each in statements:
        if str(each.formula).removeprefix("-").lower() in NOT_FINITE:
            raise UsageError(f"'{each.span.text}' gives no number", help="a value is a finite number, such as 1e308")
    needed = dict.fromkeys(name for statement in statements for name in free_names(statement.formula))
    if any(name not in CONSTANTS for name in needed):
        return tuple(name for name in needed if name not in CONSTANTS)
    _take(((each.name, each.formula) for each in statements), values)
    return ()


def point(texts: Iterable[str]) -> dict[str, Formula | Array]:
    """The values and arrays in texts such as `x=2, y=[1, 2]`.

    Raises:
        UsageError: one gives none, or a name is given twice.
        FormulaSyntaxError: a value is no formula.
    """
    found: dict[str, Formula | Array] = {}
    for text in texts:
        if not is_list(text):
            raise UsageError(f"--at needs NAME=VALUE, not '{text.strip()}'", help="write for example --at x=2,y=[1, 2]")
        _take(((each.name, each if isinstance(each, Array) else each.formula) for each in read_points(text)), found)
    return found


def _take(given: Iterable[tuple[str, T]], values: dict[str, T]) -> None:
    for name, value in given:
        if name in values:
            raise UsageError(f"{name} is given twice", help="give each name one value")
        values[name] = value
