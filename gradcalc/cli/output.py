"""Where answers and messages go, and where scripts come from: files, pipes, terminals, with colour or without."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from typing import TextIO

from gradcalc import show
from gradcalc.language.errors import FormulaError, harmless

from .options import UsageError


@dataclass(frozen=True, slots=True)
class Screen:
    """Where answers go. Numbers are written before the symbolic side begins: on a terminal they are completed in
    place, elsewhere what comes before the first missing text is written at once."""

    out: TextIO
    color: bool
    live: bool

    def show(self, texts: Iterable[str | bytes]) -> None:
        """Write a text that arrives in ever more complete versions, of which the last is whole; or a picture."""
        done, rows = "", 0
        for text in texts:
            if isinstance(text, bytes):
                self.out.flush()
                self.out.buffer.write(text)
                continue
            if self.live and rows:
                self.out.write(f"\x1b[{rows}F\x1b[J")
                done = ""
            rows = 0
            ready, gap, _ = text.partition(show.PENDING)
            if gap and self.live:
                if self._fits(text):
                    ready = text.replace(show.PENDING, "...")
                    rows = ready.count("\n")
                else:  # how the table is laid out may depend on what is still to come
                    ready = ready[: ready.rfind("\n\n") + 2] if "\n\n" in ready else ""
            painted = show.paint(ready) if self.color else ready
            self.out.write(painted.removeprefix(done))
            self.out.flush()
            done = painted if gap else ""

    def _fits(self, text: str) -> bool:
        width, height = shutil.get_terminal_size()
        lines = text.split("\n")
        return len(lines) < height and all(len(line) + 3 < width for line in lines)

    @property
    def width(self) -> int:
        """Columns a text should fit into; 0 where there is no such limit."""
        return shutil.get_terminal_size().columns if self.live else 0


def screen(out: TextIO, color: str) -> Screen:
    return Screen(out, colored(color, out), is_terminal(out) and os.environ.get("TERM") != "dumb")


def open_closed() -> None:
    """Let what is written to a stream that the caller has closed go nowhere, and nothing be read from it."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115 (as long as the process lives)


def is_terminal(stream: TextIO) -> bool:
    try:
        return stream.isatty()
    except ValueError:  # closed
        return False


def colored(choice: str, stream: TextIO) -> bool:
    """Option, NO_COLOR, FORCE_COLOR, TERM=dumb, and whether it is a terminal, in this order."""
    environment = os.environ
    rules = (
        (choice != "auto", choice == "always"),
        (bool(environment.get("NO_COLOR")), False),
        (bool(environment.get("FORCE_COLOR")), True),
        (environment.get("TERM") == "dumb", False),
    )
    return next((answer for applies, answer in rules if applies), is_terminal(stream))


@dataclass(frozen=True, slots=True)
class Complaints:
    """Messages for stderr."""

    err: TextIO
    color: bool

    def __call__(self, error: FormulaError, where: str = "") -> None:
        width = shutil.get_terminal_size().columns if is_terminal(self.err) else 0
        self.write(show.diagnostic(error.diagnostic, where, width))

    def note(self, text: str) -> None:
        self.write(f"note: {text}\n")

    def write(self, text: str) -> None:
        text = harmless(text)  # names of files, and what the system says of them
        self.err.write(show.paint(text) if self.color else text)
        self.err.flush()


@contextmanager
def opened(path: str | None, ascii: bool) -> Iterator[TextIO]:
    """The file asked for, else stdout.

    Raises:
        UsageError: it cannot be written.
    """
    if not path or path == "-":
        if ascii and isinstance(sys.stdout, TextIOWrapper):
            sys.stdout.reconfigure(encoding="ascii", errors="backslashreplace")
        yield sys.stdout
        return
    encoding = "ascii" if ascii else "utf-8"
    try:
        with open(path, "w", encoding=encoding, errors="backslashreplace") as out:
            yield out
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}") from None


def abandon(stream: TextIO) -> None:
    """Let what is still in the stream's buffer go nowhere, or Python complains at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def script(path: str) -> str:
    """The text of a file, of stdin for `-`.

    Raises:
        UsageError: it cannot be read, or is not UTF-8.
    """
    try:
        data = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UsageError(f"{'the input' if path == '-' else path} is not UTF-8 text") from None
