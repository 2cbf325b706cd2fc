"""Candidates for the place of the cursor: commands, functions, names, settings, files."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from glob import escape, iglob

from gradcalc.language.formula import Formula, brief
from gradcalc.language.functions import CONSTANTS, RESERVED, TABLE
from gradcalc.record import dataclass
from gradcalc.show.numbers import how_many

from .console import Console
from .help import rule
from .practising import WORDS
from .records import COMMANDS, Command
from .setting import SETTINGS, now
from .unfinished import word_at_end

_SPELLED = re.compile(r"\\([A-Za-z]+)\Z")
_SPELLINGS = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma tau upsilon phi chi"
    " psi omega"
)
_GREEK = dict(zip(_SPELLINGS.split(), "αβγδεζηθικλμνξοπρστυφχψω", strict=True))
_GREEK |= {name.capitalize(): letter.upper() for name, letter in _GREEK.items()}
_LAST_AT = re.compile(r"\s+at\s+(?!.*\sat\s)", re.S)


@dataclass(frozen=True, slots=True)
class Candidate:
    """`text` replaces the last `back` characters; `shown` and `about` are for the menu."""

    text: str
    back: int
    shown: str
    about: str = ""


def candidates(console: Console, before: str) -> Iterator[Candidate]:
    """Candidates that may go on the text before the cursor."""
    if console.practice is not None:
        word = word_at_end(before)
        for name, about in {**dict.fromkeys(console.practice.meanings, "of the exercise"), **WORDS}.items():
            if name.startswith(word):
                yield Candidate(name, len(word), name, about)
        return
    start = before.lstrip()
    command, space, argument = start[1:].partition(" ") if start.startswith(":") else ("", "", before)
    if start.startswith(":") and not space:
        for record in COMMANDS.values():
            if record.name.startswith(command):
                space = " " if record.args else ""
                yield Candidate(f":{record.name}{space}", len(start), record.usage, record.doc)
        return
    if command in COMMANDS:
        found = [*_of_command(console, COMMANDS[command], argument)]
        yield from found
        if found:
            return
    takes = COMMANDS[command].takes if command in COMMANDS else "" if command else "formula"
    yield from _KINDS.get(takes, _nothing)(console, argument)


_OPTION = re.compile(r"(?:^|\s)(--[a-z]*)\Z")
_OUTPUT = re.compile(r"(?:^|\s)-o\s+(\S*)\Z")
_RANGED = re.compile(r"(.*\S)\s+([^\W\d]\w*)?\Z", re.S)


def _of_command(console: Console, record: Command, argument: str) -> Iterator[Candidate]:
    """Candidates that the usage of a command tells: a language, its options, a file after `-o`, names before ranges."""
    if record.args.startswith("LANGUAGE") and " " not in argument:
        from gradcalc.printed import LANGUAGES

        for name in LANGUAGES:
            if name.startswith(argument):
                yield Candidate(f"{name} ", len(argument), name)
    elif option := _OPTION.search(argument):
        for spelled in re.findall(r"--[a-z]+", record.args):
            if spelled.startswith(option[1]):
                yield Candidate(f"{spelled} ", len(option[1]), spelled)
    elif output := _OUTPUT.search(argument):
        yield from _path(output[1], "")
    elif "LOW:HIGH" in record.args and (ranged := _RANGED.fullmatch(argument)):
        yield from _bindings(console, re.sub(r"\s+[^\W\d]\w*\s*=\S*", "", ranged[1]), ranged[2] or "")


def _nothing(console: Console, argument: str) -> Iterator[Candidate]:
    yield from ()


def _formula(console: Console, text: str) -> Iterator[Candidate]:
    if greek := _SPELLED.search(text):
        for name, letter in _GREEK.items():
            if name.startswith(greek[1]):
                yield Candidate(letter, len(greek[0]), f"{letter}   \\{name}")
        return
    word = word_at_end(text)
    formula, at, bindings = _LAST_AT.sub("\0", text).partition("\0")
    if at and "=" not in re.split(r"[\s,]", bindings)[-1]:
        yield from _bindings(console, formula, word)
        return
    yield from _names(console, text)
    for row in console.session.functions.values():
        if _begins(row.spelling, word):
            body = brief(row.definition) if isinstance(row.definition, Formula) else ""
            yield Candidate(f"{row.spelling}(", len(word), row.signature, body)
    for row in filter(lambda row: row.listed, TABLE.values()):
        spelled = next((name for name in (row.spelling, *row.aliases) if word and _begins(name, word)), "")
        if spelled:
            rules = [(param, rule(row, i)) for i, param in enumerate(row.params)]
            shown = "   ".join(f"d/d{param} = {text}" for param, text in rules if text)
            yield Candidate(
                f"{spelled}(", len(word), row.signature, "   ".join(part for part in (row.doc, shown) if part)
            )


def _names(console: Console, text: str) -> Iterator[Candidate]:
    word, session = word_at_end(text), console.session
    for name, formula in session.names.items():
        if _begins(name, word):
            yield Candidate(name, len(word), name, f"= {brief(formula)}")
    known = {"ans": "the last result"} if session.results else {}
    for name, about in {**known, **dict.fromkeys(sorted({*RESERVED, *CONSTANTS}), "a constant")}.items():
        if word and name.startswith(word) and name not in session.names:
            yield Candidate(name, len(word), name, about)


def _bindings(console: Console, text: str, word: str) -> Iterator[Candidate]:
    """The names of the formula before `at`, to be given values."""
    from gradcalc.language.errors import FormulaError

    try:
        question = console.session.question(text)
    except FormulaError:
        return
    for name in question.free:
        if name.startswith(word):
            value = console.session.names.get(name)
            yield Candidate(f"{name}=", len(word), f"{name}=", "" if value is None else f"now {brief(value)}")


def _deletable(console: Console, text: str) -> Iterator[Candidate]:
    word = word_at_end(text)
    for name, formula in console.session.names.items():
        if name.startswith(word):
            yield Candidate(name, len(word), name, f"= {brief(formula)}")
    for name, row in console.session.functions.items():
        if name.startswith(word):
            yield Candidate(name, len(word), row.signature)


def _topic(console: Console, text: str) -> Iterator[Candidate]:
    word = text.lstrip()
    plain = word.removeprefix(":")
    for record in COMMANDS.values():
        if record.name.startswith(plain):
            yield Candidate(f":{record.name}", len(word), f":{record.name}", record.doc)
    if not word.startswith(":"):
        yield from _deletable(console, word)
        for row in filter(lambda row: row.listed, TABLE.values()):
            if word and row.spelling.startswith(word):
                yield Candidate(row.spelling, len(word), row.signature, row.doc)


def _setting(console: Console, text: str) -> Iterator[Candidate]:
    name, space, value = text.lstrip().partition(" ")
    if not space:
        for setting in SETTINGS.values():
            if setting.name.startswith(name):
                yield Candidate(setting.name, len(name), setting.name, f"{setting.doc}; now {now(console, setting)}")
    elif name in SETTINGS:
        for choice in SETTINGS[name].values.split("|"):
            if choice.islower() and choice.startswith(value):
                yield Candidate(choice, len(value), choice)


def _session(console: Console, text: str) -> Iterator[Candidate]:
    word = text.lstrip()
    if "last".startswith(word):
        yield Candidate("last", len(word), "last", "the session before this one")
    yield from _file(console, text)
    for kept in console.folders.kept():
        if kept.name.startswith(word):
            names = f"{how_many(len(kept.lines), 'statement')}{', open in another prompt' if kept.open else ''}"
            yield Candidate(kept.name, len(word), kept.name, f"{kept.when}   {names}")


def _file(console: Console, text: str) -> Iterator[Candidate]:
    return _path(text.lstrip(), ".grad")


def _path(word: str, suffix: str) -> Iterator[Candidate]:
    """Folders, and files with a suffix."""
    for path in sorted(iglob(f"{escape(os.path.expanduser(word))}*")):
        if os.path.isdir(path) or path.endswith(suffix):
            end = "/" if os.path.isdir(path) else ""
            yield Candidate(path + end, len(word), os.path.basename(path) + end)


def _begins(name: str, word: str) -> bool:
    """Whether a name begins with a word, in capital letters or small ones."""
    return name.startswith(word) or name.lower().startswith(word.lower())


_KINDS: Mapping[str, Callable[[Console, str], Iterator[Candidate]]] = {
    "formula": _formula, "name": _deletable, "topic": _topic, "setting": _setting, "file": _file, "session": _session,
}  # fmt: skip
