"""Where history and sessions are kept, and how a session becomes a file and comes back."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from gradcalc.language.errors import FormulaError

_MOST = 20  # sessions kept without being asked


@dataclass(slots=True)
class Folders:
    """The folders of the XDG convention. `own` is the file this session is kept in while it goes on."""

    state: Path = field(default_factory=lambda: _folder("XDG_STATE_HOME", ".local/state"))
    data: Path = field(default_factory=lambda: _folder("XDG_DATA_HOME", ".local/share"))
    own: Path | None = None

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
        partly = self.own.with_suffix(".part")
        partly.write_text(text, encoding="utf-8")
        partly.replace(self.own)

    def _new(self) -> Path:
        self.sessions.mkdir(mode=0o700, parents=True, exist_ok=True)
        for old in self._by_age()[_MOST - 1 :]:
            with suppress(OSError):
                old.unlink()
        return self.sessions / f"{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}.grad"

    def last(self) -> Path | None:
        """The newest session that was kept, other than this one."""
        return next((path for path in self._by_age() if path != self.own), None)

    def _by_age(self) -> list[Path]:
        """Newest first."""
        found = []
        for path in self.sessions.glob("*.grad"):
            with suppress(OSError):
                found.append((path.stat().st_mtime_ns, path))
        return [path for _, path in sorted(found, reverse=True)]

    def find(self, name: str) -> Path:
        """The file to load: `last`, or a path, with or without `.grad`."""
        if name == "last":
            path = self.last()
            if path is None:
                raise FormulaError("there is no earlier session", help=f"they are kept in {self.sessions}")
            return path
        given = Path(name).expanduser()
        return next((path for path in (given, with_suffix(given)) if path.is_file()), with_suffix(given))


def with_suffix(path: Path) -> Path:
    return path if path.suffix else path.with_name(f"{path.name}.grad")


def _folder(variable: str, default: str) -> Path:
    given = os.environ.get(variable, "")
    home = os.path.expanduser("~")
    if not os.path.isabs(given) and not os.path.isabs(home):
        return Path(os.devnull, "gradcalc")  # there is no home, and nothing can be kept there
    return Path(given if os.path.isabs(given) else os.path.join(home, default)) / "gradcalc"
