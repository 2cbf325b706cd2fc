"""Sessions as files: saved, loaded with their results compared, and listed."""

from __future__ import annotations

from itertools import zip_longest

from gradcalc import show
from gradcalc.files import read_whole, write_whole
from gradcalc.language.errors import LIMITS, FormulaError
from gradcalc.language.literals import how_many, shortened
from gradcalc.session import read, renumbered, written
from gradcalc.version import __version__

from .console import Console, Texts
from .entering import entered_from_file, is_command
from .keeping import path_of, with_suffix
from .records import command


def saved(console: Console) -> str:
    """The session as the text of a file."""
    return written(console.session.log, f"gradcalc {__version__}")


@command("save", "FILE", "the session as a text file that can be edited", ":save lesson1", "file", True)
def save(console: Console, argument: str) -> Texts:
    """Write the session to a file. What was there before is moved aside when the new text is on the disk."""
    if not argument:
        raise FormulaError(":save needs the name of a file", help="as in :save lesson1")
    path, text = with_suffix(path_of(argument)), saved(console)
    try:
        other = path.exists() and path.read_text(encoding="utf-8", errors="replace") != text
        backup = path.with_name(f"{path.name}~") if other else None
        write_whole(path, text.encode(), backup)
    except OSError as error:
        raise FormulaError(f"cannot write {path}: {error.strerror}") from None
    count = how_many(len(console.session.log), "statement")
    kept = f"; what was there is in {backup}" if backup else ""
    yield console.line(f"saved {count} to {path} (plain text; results kept as #> comments){kept}")


@command("load", "FILE|last|SESSION", "run a saved session, compare its results", ":load lesson1", "session")
def load(console: Console, argument: str) -> Texts:
    if not argument:
        raise FormulaError(":load needs the name of a file, or last", help="as in :load lesson1")
    path = console.folders.find(argument)
    try:
        text = read_whole(path, 4 * LIMITS.text)
    except OSError as error:
        raise FormulaError(f"cannot read {path}: {error.strerror}", help="a file is loaded as :load lesson1") from None
    except UnicodeDecodeError:
        raise FormulaError(f"{path} is not UTF-8 text") from None
    yield from replayed(console, str(path) if argument != "last" else path.name, text)


def begun(console: Console) -> Texts:
    """Carry out the user's start-up file, if there is one, and tell what is wrong in it."""
    path = console.folders.startup
    try:
        text = read_whole(path, 4 * LIMITS.text)
    except (FileNotFoundError, NotADirectoryError):
        return
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", "it is not UTF-8 text")
        yield console.note(f"the start-up file is not read: {reason}: {path}")
        return
    yield from replayed(console, path.name, text, quiet=True)


_MISTAKES = 10  # of a file that are told one by one


def replayed(console: Console, name: str, text: str, quiet: bool = False) -> Texts:
    """Carry out the lines of a file as one change, and hold their results against the recorded ones. Where it is to be
    `quiet`, only what went wrong is told."""
    session = console.session
    entries = read(renumbered(text, len(session.results)))
    recorded = good = mistakes = 0
    places: dict[str, int] = {}  # a line that is asked may show a mistake in one before it
    with session.as_one(f":load {name}"):
        for number, entry in entries:
            results: list[str] = []
            places[entry.text] = number
            try:
                if is_command(entry.text):
                    for told in entered_from_file(console, entry.text):
                        yield "" if quiet else told
                else:
                    console.replay(entry.text, results)
            except FormulaError as error:
                if len(results) < len(entry.results) or not results:
                    mistakes += 1
                    if mistakes <= _MISTAKES:
                        span = error.diagnostic.span
                        place = places.get(span.source, number) + span.source.count("\n", 0, span.start)
                        yield f"{name}:{place}: {show.diagnostic(error.diagnostic)}"
            recorded += len(entry.results)
            for was, now in zip_longest(entry.results, results[: len(entry.results)], fillvalue=""):
                good += was == now
                if was != now:
                    line = " ".join(entry.text.split())
                    yield f"{name}:{number}: {line}\n  recorded  {was}\n  now       {now or 'nothing'}\n"
    if quiet:
        return
    parts = [how_many(len(entries), "statement")]
    parts += [f"{mistakes} could not be carried out"] if mistakes else []
    parts += [f"{good} of {recorded} recorded results reproduced"] if recorded else []
    yield console.line(f"loaded {name}: {', '.join(parts)}")


@command("sessions", "", "the sessions that were kept by themselves; :load takes their names")
def sessions(console: Console, argument: str) -> Texts:
    """The sessions that were kept, the newest first, each with how it ended."""
    rows = [["session", "last used", "statements", "ends with"]]
    for kept in console.folders.kept():
        end = kept.lines[-1] if kept.lines else ""
        ends = "open in another prompt" if kept.open else shortened(end)
        rows.append([kept.name, kept.when, str(len(kept.lines)), ends])
    if len(rows) == 1:
        yield "no earlier session was kept\n"
        return
    yield console.line("\n".join(show.columns(rows, right=(2,))))


def remembered(console: Console) -> str:
    """A line on what the last session left to bring back; empty where there is nothing."""
    last = console.folders.last()
    if last is None or not last.lines:
        return ""
    return f"from {last.when}, {how_many(len(last.lines), 'statement')}: :load last"
