"""Where answers and messages go, and where scripts come from: files, pipes, terminals, with colour or without."""

from __future__ import annotations

import math
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from io import BytesIO, TextIOWrapper
from typing import TYPE_CHECKING, Any, TextIO

from gradcalc.language.errors import LIMITS, FormulaError, LimitError
from gradcalc.record import dataclass
from gradcalc.show import PENDING, Marked, Painted, diagnostic, note, on_screen

from .options import UsageError

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Screen:
    """Where answers go. Numbers are written before the symbolic side begins: on a terminal they are completed in
    place, elsewhere what comes before the first missing text is written at once."""

    out: TextIO
    color: bool
    live: bool

    def show(self, texts: Iterable[str | bytes], gap: str = "") -> None:
        """Write a text that arrives in ever more complete versions, of which the last is whole; or a picture.

        `gap` goes before the first. Where an error ends it, it ends with a line.
        """
        last = "\n"
        try:
            for written in self._shown(texts, gap):
                last = written[-1:] or last
        except BaseException:
            if last != "\n":
                self.out.write("\n")
            raise

    def _shown(self, texts: Iterable[str | bytes], gap: str) -> Iterator[str]:
        """Write the texts, and give back each part that was written."""
        done = rows = 0  # characters of the text that are written; lines that are to be replaced
        for text in texts:
            if isinstance(text, bytes):
                self.out.flush()
                self.out.buffer.write(text)
                continue
            if rows:
                self.out.write(f"\x1b[{rows}F\x1b[J")
            rows = 0
            end = len(text)
            pending = text.find(PENDING)
            if pending >= 0 and self.live and self._fits(text):
                rows = text.count("\n")
            elif pending >= 0:
                end = pending
                if self.live:  # how the table is laid out may depend on what is still to come
                    end = text.rfind("\n\n", 0, end) + 2 if "\n\n" in text[:end] else 0
            whole = isinstance(text, Painted)
            part = text if whole else text.part(done, end) if isinstance(text, Marked) else text[done:end]
            self.out.write(gap + on_screen(part, self.color))
            self.out.flush()
            yield part
            done = 0 if rows else end
            gap = ""

    def _fits(self, text: str) -> bool:
        width, height = _terminal_size()
        lines = text.split("\n")
        return len(lines) < height and all(len(line) + 3 < width for line in lines)

    @property
    def width(self) -> int:
        """Columns a text should fit into; 0 where there is no such limit."""
        return _terminal_size()[0] if self.live else 0


def _terminal_size() -> tuple[int, int]:
    from shutil import get_terminal_size

    return get_terminal_size()


def screen(out: TextIO, color: str) -> Screen:
    """Where answers go, in colour as `color` says."""
    return Screen(out, colored(color, out), is_live(out))


def open_closed() -> None:
    """Let what is written to a stream that the caller has closed go nowhere, and nothing be read from it."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115 (as long as the process lives)


def is_terminal(stream: TextIO) -> bool:
    """Whether somebody sits before it."""
    try:
        return stream.isatty()
    except ValueError:  # closed
        return False


def has_columns(stream: TextIO, names: Iterable[str]) -> bool:
    """Whether a file waits to be read whose next line has columns of these names. A pipe may be that of a loop of the
    shell, and cannot be looked at without taking from it."""
    import stat

    try:
        number = stream.fileno()
        if not stat.S_ISREG(os.fstat(number).st_mode):
            return False
        line = os.pread(number, LIMITS.text, os.lseek(number, 0, os.SEEK_CUR)).partition(b"\n")[0].decode("utf-8")
    except (AttributeError, OSError, ValueError):
        return False
    columns = {cell.strip() for cell in line.translate(str.maketrans(";\t", ",,")).split(",")}
    return len(columns) > 1 and {*names} <= columns


def is_live(stream: TextIO) -> bool:
    """Whether what is written to it can be replaced."""
    return is_terminal(stream) and os.environ.get("TERM") != "dumb"


def colored(choice: str, stream: TextIO) -> bool:
    """Option, NO_COLOR, FORCE_COLOR, TERM=dumb, and whether it is a terminal, in this order."""
    environment = os.environ
    rules = (
        (choice != "auto", choice == "always"),
        (bool(environment.get("NO_COLOR")), False),
        (bool(environment.get("FORCE_COLOR")), True),
        (environment.get("TERM", "unset") in ("dumb", ""), False),
    )
    return next((answer for applies, answer in rules if applies), is_terminal(stream))


@dataclass(frozen=True, slots=True)
class Complaints:
    """Messages for stderr."""

    err: TextIO
    color: bool

    def __call__(self, error: FormulaError, where: str = "") -> None:
        self.write(diagnostic(error.diagnostic, where, self._width))

    def note(self, text: str) -> None:
        """Say something beside the answer."""
        self.write(note(text, width=self._width))

    @property
    def _width(self) -> int:
        return _terminal_size()[0] if is_terminal(self.err) else 0

    def write(self, text: str) -> None:
        """Write a text at once, without what steers a terminal: names of files, and what the system says of them."""
        try:
            self.err.write(on_screen(text, self.color))
            self.err.flush()
        except OSError:  # nobody can be told, which changes no answer
            abandon(self.err)


class Ticker:
    """One line on stderr that says how something goes, replaced again and again where that is a terminal. `told` makes
    it of two numbers."""

    def __init__(self, told: Callable[[int, Any], str]):
        self._told, self._next = told, 0.0 if is_live(sys.stderr) else math.inf

    def __call__(self, count: int, of: Any) -> None:
        if time.monotonic() >= self._next:
            self._write(self._told(count, of))
            self._next = time.monotonic() + _EVERY

    def close(self) -> None:
        """Clear the line."""
        if 0 < self._next < math.inf:
            self._write("")

    def _write(self, text: str) -> None:
        sys.stderr.write(f"\r\x1b[K{text}")
        sys.stderr.flush()


_EVERY = 0.1  # seconds between two states of a line
_BAR = 30  # characters of a bar


def bar(done: int, total: int) -> str:
    """How much is done, as a number and as a bar; without that where it is not known of how much."""
    length = _BAR * done // total if total else 0
    return f"{done:,} of {total:,}  {'=' * length}{'-' * (_BAR - length)}" if total else f"{done:,}"


class Destination:
    """The file asked for, else stdout. What is written for a file is kept until `finish`, and goes to it whole."""

    def __init__(self, path: str | None, ascii: bool, part: bool):
        """
        Args:
            path: the file's name, if there is one.
            ascii: whether nothing but ASCII is written.
            part: whether what is written is for a part of a file, and not framed as a whole one.

        Raises:
            UsageError: the file cannot be written.
        """
        self.path: Path | None = None
        self._held, self._part = BytesIO(), part
        if not path or path == "-":
            if ascii and isinstance(sys.stdout, TextIOWrapper):
                sys.stdout.reconfigure(encoding="ascii", errors="backslashreplace")
            self.out: TextIO = sys.stdout
            return
        from pathlib import Path

        from gradcalc.files import check_writable

        self.path = Path(path)
        try:
            if path.endswith("/"):  # which a Path does not keep
                raise IsADirectoryError(21, "Is a directory")
            check_writable(self.path)
        except (OSError, ValueError) as error:
            raise self._unwritable(error) from None
        encoding = "ascii" if ascii else "utf-8"
        self.out = TextIOWrapper(self._held, encoding, errors="backslashreplace", newline="", write_through=True)

    def _unwritable(self, error: OSError | ValueError) -> UsageError:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        return UsageError(f"cannot write {self.path}: {reason}")

    def finish(self) -> bool:
        """Write the file, if there is one and something was answered; whether it was.

        Raises:
            UsageError: it cannot be written; then it is as it was.
        """
        if self.path is None or not self._held.getvalue():
            return False
        from gradcalc.files import write_whole

        data, suffix = self._held.getvalue(), self.path.suffix.lower()
        if suffix in (".tex", ".html") and not self._part:
            from gradcalc.show.framed import whole

            data = whole(data.decode(), suffix, self.path.stem).encode()
        try:
            write_whole(self.path, data)
        except OSError as error:
            raise self._unwritable(error) from None
        return True


def check_spared(read: Iterable[str | None], written: Iterable[str | None]) -> None:
    """Let no file be written that is read.

    Raises:
        UsageError: one would be.
    """
    sources = [path for path in read if path and os.path.isfile(path)]
    for path in written:
        if path and os.path.isfile(path) and any(os.path.samefile(path, source) for source in sources):
            raise UsageError(f"{path} would take the place of what is read", help="write to another file")


def abandon(stream: TextIO) -> None:
    """Let what is still in the stream's buffer go nowhere, or Python complains at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def script(path: str) -> str:
    """The text of a file, of stdin for `-`.

    Raises:
        UsageError: it cannot be read, or is not UTF-8.
        LimitError: it is longer than any script, such as one that never ends.
    """
    most, name = 4 * LIMITS.text, "the input" if path == "-" else path
    try:
        if path == "-":
            data = sys.stdin.buffer.read(most + 1)
        else:
            with open(path, "rb") as file:
                data = file.read(most + 1)
    except (OSError, ValueError) as error:  # ValueError: of a NUL
        raise UsageError(f"cannot read {path}: {getattr(error, 'strerror', error)}") from None
    if len(data) > most:
        raise LimitError("text", f"{name} has more than {most:,} bytes")
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError:
        raise UsageError(f"{name} is not UTF-8 text", help="save it as UTF-8; spreadsheets call it CSV UTF-8") from None
