"""Candidates for the place of the cursor: commands, functions, names, settings, files."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from glob import escape, iglob
from itertools import islice

from gradcalc.language.errors import FormulaError
from gradcalc.language.formula import Formula, Function, brief
from gradcalc.language.functions import CONSTANTS, RESERVED, TABLE
from gradcalc.language.latex import LETTERS
from gradcalc.language.literals import how_many
from gradcalc.language.spelled import SPELLED
from gradcalc.record import dataclass
from gradcalc.session import Session

from .console import Console
from .help import rules
from .practising import WORDS
from .records import COMMANDS, Command
from .setting import SETTINGS, now
from .unfinished import word_at_end

_SPELLED = re.compile(r"\\([A-Za-z]+)\Z")
_LAST_AT = re.compile(r"\s+at\s+(?!.*\sat\s)", re.S)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`text` replaces the last `back` characters; `shown` and `about` are for the menu."""

    text: str
    back: int
    shown: str
    about: str = ""


Entry = tuple[str, str, str]  # what may be written, what is shown of it, and what it is


def _going_on(word: str, entries: Iterable[Entry], back: int | None = None) -> Iterator[Suggestion]:
    """The entries that a word begins, in capital letters or small ones, to replace the last `back` characters."""
    for text, shown, about in entries:
        if text.startswith(word) or text.lower().startswith(word.lower()):
            yield Suggestion(text, len(word) if back is None else back, shown, about)


def candidates(console: Console, before: str) -> Iterable[Suggestion]:
    """Candidates that may go on the text before the cursor."""
    if console.practice is not None:
        known = {**dict.fromkeys(console.practice.meanings, "of the exercise"), **WORDS}
        return _going_on(word_at_end(before), ((name, name, about) for name, about in known.items()))
    start = before.lstrip()
    command, space, argument = start[1:].partition(" ") if start.startswith(":") else ("", "", before)
    if start.startswith(":") and not space:
        return _going_on(
            start, ((f":{each.name} "[: None if each.args else -1], each.usage, each.doc) for each in COMMANDS.values())
        )
    record = COMMANDS.get(command)
    found = [*_of_command(console, record, argument)] if record else []
    takes = record.takes if record else "" if command else "formula"
    return found or (_KINDS[takes](console, argument) if takes else ())


_OPTION = re.compile(r"(?:^|\s)(--[a-z]*)\Z")
_OUTPUT = re.compile(r"(?:^|\s)-o\s+(\S*)\Z")
_RANGED = re.compile(r"(.*\S)\s+([^\W\d]\w*)?\Z", re.S)


def _of_command(console: Console, record: Command, argument: str) -> Iterator[Suggestion]:
    """Candidates that the usage of a command tells: a language, its options, a file after `-o`, names before ranges."""
    if record.args.startswith("LANGUAGE") and " " not in argument:
        from gradcalc.printed import LANGUAGES

        yield from _going_on(argument, ((f"{name} ", name, "") for name in LANGUAGES))
    elif option := _OPTION.search(argument):
        known = [*re.findall(r"--[a-z]+(?: [A-Z,.=]+)?", record.args), *record.options]
        start = "-" if option[1] == "--" else option[1]
        yield from _going_on(start, ((f"{each.partition(' ')[0]} ", each, "") for each in known), len(option[1]))
    elif output := _OUTPUT.search(argument):
        yield from _path(output[1], "")
    elif "LOW:HIGH" in record.args and (ranged := _RANGED.fullmatch(argument)):
        yield from _bindings(console, re.sub(r"\s+[^\W\d]\w*\s*=\S*", "", ranged[1]), ranged[2] or "")


def greek(text: str) -> list[tuple[str, str]]:
    """The letters whose names, as `\\alpha`, the end of a text begins."""
    found = _SPELLED.search(text)
    return [(f"\\{name}", letter) for name, letter in LETTERS.items() if found and name.startswith(found[1])]


def _formula(console: Console, text: str) -> Iterator[Suggestion]:
    if spelled := _SPELLED.search(text):
        yield from (Suggestion(letter, len(spelled[0]), f"{letter}   {name}") for name, letter in greek(text))
        return
    word, session = word_at_end(text), console.session
    formula, at, bindings = _LAST_AT.sub("\0", text).partition("\0")
    if at and "=" not in re.split(r"[\s,]", bindings)[-1]:
        yield from _bindings(console, formula, word)
        return
    yield from _going_on(word, _named(session))
    known = {"ans": "the last result"} if session.results else {}
    known |= dict.fromkeys(sorted({*RESERVED, *CONSTANTS}), "a constant")
    if word:
        own = session.names.keys()
        yield from _going_on(word, ((name, name, about) for name, about in known.items() if name not in own))
    yield from _going_on(word, ((f"{row.spelling}(", row.signature, body) for row, body in _functions(session)))
    for names, signature, about in _listed() if word else ():
        yield from islice(_going_on(word, ((f"{name}(", signature, about) for name in names)), 1)


def _listed() -> Iterator[tuple[tuple[str, ...], str, str]]:
    """The functions that everybody has: their names, how they are called, and what they and their derivatives are."""
    for row in filter(lambda row: row.listed, TABLE.values()):
        about = (row.doc, *(f"d/d{param} = {text}" for param, text in rules(row).items()))
        yield (row.spelling, *row.aliases), row.signature, "   ".join(about)
    yield from (((name,), each.written, each.doc) for name, each in SPELLED.items())


def _named(session: Session) -> Iterator[Entry]:
    return ((name, name, f"= {brief(formula)}") for name, formula in session.names.items())


def _functions(session: Session) -> Iterator[tuple[Function, str]]:
    """The functions of a session, and what they are defined as."""
    for row in session.functions.values():
        yield row, brief(row.definition) if isinstance(row.definition, Formula) else ""


def _bindings(console: Console, text: str, word: str) -> Iterator[Suggestion]:
    """The names of the formula before `at`, to be given values."""
    with suppress(FormulaError):
        known = {name: console.session.names.get(name) for name in console.session.question(text).free}
        now = {name: "" if value is None else f"now {brief(value)}" for name, value in known.items()}
        yield from _going_on(word, ((f"{name}=", f"{name}=", about) for name, about in now.items()))


def _deletable(console: Console, text: str) -> Iterator[Suggestion]:
    word, session = word_at_end(text), console.session
    yield from _going_on(word, _named(session))
    yield from _going_on(word, ((name, row.signature, "") for name, row in session.functions.items()))


def _topic(console: Console, text: str) -> Iterator[Suggestion]:
    word = text.lstrip()
    commands = ((f":{name}", f":{name}", record.doc) for name, record in COMMANDS.items())
    yield from _going_on(f":{word.removeprefix(':')}", commands, len(word))
    if not word.startswith(":"):
        yield from _deletable(console, word)
        known = ((names[0], signature, about) for names, signature, about in _listed() if word)
        yield from _going_on(word, known)


def _setting(console: Console, text: str) -> Iterator[Suggestion]:
    name, space, value = text.lstrip().partition(" ")
    if not space:
        settings = ((each.name, each.name, f"{each.doc}; now {now(console, each)}") for each in SETTINGS.values())
        yield from _going_on(name, settings)
    elif name in SETTINGS:
        yield from _going_on(value, ((word, word, "") for word in SETTINGS[name].words))


def _session(console: Console, text: str) -> Iterator[Suggestion]:
    word = text.lstrip()
    yield from _going_on(word, [("last", "last", "the session before this one")])
    yield from _file(console, text)
    for kept in console.folders.kept():
        about = f"{kept.when}   {how_many(len(kept.lines), 'statement')}{', open in another prompt' * kept.open}"
        yield from _going_on(word, [(kept.name, kept.name, about)])


def _file(console: Console, text: str) -> Iterator[Suggestion]:
    return _path(text.lstrip(), ".grad")


def _path(word: str, suffix: str) -> Iterator[Suggestion]:
    """Folders, and files with a suffix."""
    for path in sorted(iglob(f"{escape(os.path.expanduser(word))}*")):
        if os.path.isdir(path) or path.endswith(suffix):
            end = "/" * os.path.isdir(path)
            yield Suggestion(path + end, len(word), os.path.basename(path) + end)


_KINDS: Mapping[str, Callable[[Console, str], Iterator[Suggestion]]] = {
    "formula": _formula, "name": _deletable, "topic": _topic, "setting": _setting, "file": _file, "session": _session,
}  # fmt: skip
