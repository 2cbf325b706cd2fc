"""A session as a file: its lines in our own language, each with the results it had as `#>` comments."""

from __future__ import annotations

import re
from collections.abc import Iterable

from gradcalc.record import dataclass

from .lines import lines

_MARK = "#>"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line that is kept, and its results as they were shown."""

    text: str
    results: tuple[str, ...] = ()


def written(log: Iterable[Entry], title: str) -> str:
    """The text of a file that `read` reads back and that a script runs."""
    out = [f"# {title}"]
    for entry in log:
        out.append(entry.text)
        out += [f"{_MARK} {line}" for result in entry.results for line in result.split("\n")]
    return "\n".join(out) + "\n"


def read(text: str) -> list[tuple[int, Entry]]:
    """The lines of a file and where they stand, each with the results recorded below it."""
    physical = text.split("\n")
    found = list(lines(text))
    entries = []
    for i, (number, line) in enumerate(found):
        end = found[i + 1][0] if i + 1 < len(found) else len(physical) + 1
        below = physical[number + line.count("\n") : end - 1]
        results = [remark[len(_MARK) :].strip() for remark in map(str.strip, below) if remark.startswith(_MARK)]
        entries.append((number, Entry(line, tuple(results))))
    return entries


def renumbered(text: str, before: int) -> str:
    """The text as it reads where there are that many results before its own: `_3` is `_5` behind two."""
    return re.sub(r"(?<!\w)_([1-9]\d*)(?!\w)", lambda found: f"_{int(found[1]) + before}", text) if before else text
