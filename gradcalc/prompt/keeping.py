"""Where history and sessions are kept, and how files are named, written and found."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path

from gradcalc.files import read_whole, write_whole
from gradcalc.language.errors import LIMITS, FormulaError
from gradcalc.record import dataclass, field
from gradcalc.settings import folder

_MOST, _NEWEST = 40, 10  # sessions kept without being asked; so many of the newest stay however short they are


@dataclass(frozen=True, slots=True)
class KeptSession:
    """A session that was kept. `open` while another prompt goes on with it."""

    path: Path
    changed: float  # seconds since the epoch
    lines: tuple[str, ...]
    open: bool

    @property
    def name(self) -> str:
        return self.path.stem

    @property
    def when(self) -> str:
        return time.strftime("%Y-%m-%d %H:%M", time.localtime(self.changed))


@dataclass(slots=True)
class Folders:
    """The folders of the XDG convention. `own` is the file this session is kept in while it goes on."""

    state: Path = field(default_factory=lambda: Path(folder("XDG_STATE_HOME", ".local/state")))
    data: Path = field(default_factory=lambda: Path(folder("XDG_DATA_HOME", ".local/share")))
    config: Path = field(default_factory=lambda: Path(folder("XDG_CONFIG_HOME", ".config")))
    own: Path | None = None

    @property
    def startup(self) -> Path:
        """The file whose lines are carried out before the first prompt."""
        return self.config / "startup.grad"

    @property
    def history(self) -> Path:
        return self.state / "history"

    @property
    def sessions(self) -> Path:
        return self.data / "sessions"

    def keep(self, text: str) -> None:
        """Write the session that goes on, whole or not at all.

        Raises:
            OSError: there is no place for it.
        """
        if self.own is None:
            self.own = self._new()
        write_whole(self.own, text.encode())

    def _new(self) -> Path:
        self.sessions.mkdir(mode=0o700, parents=True, exist_ok=True)
        older = [kept for kept in self.kept()[_NEWEST - 1 :] if not kept.open]
        older.sort(key=lambda kept: (len(kept.lines), kept.changed))  # a short one never pushes out a long one
        for old in older[: max(0, len(older) + _NEWEST - _MOST)]:
            with suppress(OSError):
                old.path.unlink()
        return self.sessions / f"{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}.grad"

    def kept(self) -> list[KeptSession]:
        """The sessions that were kept, other than this one, the newest first."""
        found = []
        for path in self.sessions.glob("*.grad"):
            with suppress(OSError, UnicodeDecodeError):  # not a session, which we keep as UTF-8
                if path != self.own:
                    text = read_whole(path, 4 * LIMITS.text)
                    lines = tuple(line for line in text.split("\n") if line.strip() and not line.startswith("#"))
                    found.append(KeptSession(path, path.stat().st_mtime, lines, _is_running(path)))
        return sorted(found, key=lambda kept: (kept.changed, kept.name), reverse=True)

    def last(self) -> KeptSession | None:
        """The newest session that was kept and has ended."""
        return next((kept for kept in self.kept() if not kept.open), None)

    def find(self, name: str) -> Path:
        """The file to load: `last`, a path with or without `.grad`, or the name of a session that was kept.

        Raises:
            FormulaError: no file can be called so, or there is no earlier session.
        """
        if name == "last":
            last = self.last()
            if last is None:
                raise FormulaError("there is no earlier session", help=f"they are kept in {self.sessions}")
            return last.path
        given = path_of(name)
        kept = self.sessions / f"{name}.grad"
        return next((path for path in (given, with_suffix(given), kept) if path.is_file()), with_suffix(given))


def _is_running(path: Path) -> bool:
    """Whether the prompt that keeps a session in this file goes on, where that can be told."""
    number = path.stem.rpartition("-")[2]
    if os.name != "posix" or not number.isdecimal():
        return False
    try:
        os.kill(int(number), 0)
    except PermissionError:
        return True
    except (OSError, OverflowError):
        return False
    return True


# ---- files that users name


def path_of(name: str) -> Path:
    """The path that a user means, with `~` for a home, and without quotation marks about it.

    Raises:
        FormulaError: no file can be called so.
    """
    if not name.isprintable():
        shown = "".join(letter if letter.isprintable() else f"\\x{ord(letter):02x}" for letter in name)
        raise FormulaError(f"a file cannot be called {shown}", help="a name has no control characters")
    if len(name) > 2 and name[0] == name[-1] and name[0] in "\"'":
        name = name[1:-1]
    try:
        path = Path(name).expanduser()
    except RuntimeError:
        raise FormulaError(f"nobody here is called {name[1:].partition('/')[0]}", help="~/ is your own home") from None
    try:
        path.exists()
    except OSError as error:
        raise FormulaError(f"a file cannot be called {name[:40]}...: {error.strerror}") from None
    if not path.name or path.name == ".." or path.is_dir():
        raise FormulaError(f"{name} is a folder", help=f"a file in it is {name.rstrip('/')}/lesson1")
    return path


def with_suffix(path: Path) -> Path:
    return path if path.suffix else path.with_name(f"{path.name}.grad")
