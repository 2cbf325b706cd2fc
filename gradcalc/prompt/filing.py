"""The commands about files of sessions: writing one, carrying one out, looking back."""

from __future__ import annotations

from contextlib import suppress
from itertools import zip_longest
from pathlib import Path

from gradcalc.files import write_whole
from gradcalc.language.errors import FormulaError
from gradcalc.session import Entry, read, renumbered, written
from gradcalc.show import diagnostic
from gradcalc.version import __version__

from .console import Console, Texts
from .keeping import with_suffix
from .records import command


def _path(text: str) -> Path:
    """The path of a file as it was typed.

    Raises:
        FormulaError: it names none.
    """
    try:
        path = Path(text).expanduser()
    except RuntimeError as error:  # of a user whom nobody knows
        raise FormulaError(f"{printable(text)} is no file: {error}") from None
    if not text.isprintable() or not path.name or path.name == "..":
        raise FormulaError(f"{printable(text)} is no name of a file", help="as in :save lesson1")
    return path


def _found(path: Path) -> Path:
    """The path, with or without `.grad`, whichever is a file."""
    with suppress(OSError):
        return next((each for each in (path, with_suffix(path)) if each.is_file()), with_suffix(path))
    return path


def printable(text: str) -> str:
    """The text without what would steer a terminal."""
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)


def saved(console: Console) -> str:
    """The session as the text of a file."""
    return written(console.session.log, f"gradcalc {__version__}")


@command("save", "FILE", "the session as a text file that can be edited", ":save lesson1", "file")
def _save(console: Console, argument: str) -> Texts:
    if not argument:
        raise FormulaError(":save needs the name of a file", help="as in :save lesson1")
    path = with_suffix(_path(argument))
    text = saved(console)
    try:
        differs = path.exists() and path.read_bytes() != text.encode()
        backup = path.with_name(f"{path.name}~") if differs else None
        write_whole(path, text.encode(), backup)
    except OSError as error:
        raise FormulaError(f"cannot write {path}: {error.strerror}") from None
    kept = f"; what was there is in {backup}" if backup else ""
    count = _counted(len(console.session.log), "statement")
    yield f"saved {count} to {path} (plain text; results kept as #> comments){kept}\n"


@command("load", "FILE|last", "run a saved session, compare its results", ":load lesson1", "file")
def _load(console: Console, argument: str) -> Texts:
    if not argument:
        raise FormulaError(":load needs the name of a file, or last", help="as in :load lesson1")
    path = console.folders.find(argument) if argument == "last" else _found(_path(argument))
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise FormulaError(f"cannot read {path}: {error.strerror}", help="a file is loaded as :load lesson1") from None
    except UnicodeDecodeError:
        raise FormulaError(f"{path} is not UTF-8 text") from None
    yield from _replayed(console, str(path) if argument != "last" else path.name, text.replace("\r\n", "\n"))


def _replayed(console: Console, name: str, text: str) -> Texts:
    """Carry out the lines of a file as one change, and hold their results against the recorded ones."""
    session = console.session
    entries = read(renumbered(text, len(session.results)))
    recorded = good = mistakes = 0
    with session.as_one(f":load {name}"):
        for number, entry in entries:
            results: list[str] = []
            try:
                console.replay(entry.text, results)
            except FormulaError as error:
                if len(results) < len(entry.results) or not results:
                    mistakes += 1
                    yield f"{name}:{number}: {diagnostic(error.diagnostic)}"
            recorded += len(entry.results)
            for was, now in zip_longest(entry.results, results[: len(entry.results)], fillvalue=""):
                good += was == now
                if was != now:
                    line = " ".join(entry.text.split())
                    yield f"{name}:{number}: {line}\n  recorded  {was}\n  now       {now or 'nothing'}\n"
    parts = [_counted(len(entries), "statement")]
    parts += [f"{mistakes} could not be carried out"] if mistakes else []
    parts += [f"{good} of {recorded} recorded results reproduced"] if recorded else []
    yield f"loaded {name}: {', '.join(parts)}\n"


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


@command("history", "[N]", "the last lines and their results", ":history 5")
def _history(console: Console, argument: str) -> Texts:
    log = console.session.log
    most = _count(argument or "20")
    if not log:
        yield "nothing has been asked or named yet\n"
    for entry in log[-most:]:
        yield _with_results(entry)


def _with_results(entry: Entry) -> str:
    return f"{entry.text}\n" + "".join(f"#> {result}\n" for result in entry.results)


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) >= 1):
        raise FormulaError(f":history needs a whole number from 1, not '{text}'")
    return int(text)
