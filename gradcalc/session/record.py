"""A session as a file: its lines in our own language, each with the results it had as `#>` comments."""

from __future__ import annotations

from collections.abc import Iterable

from gradcalc.language.grammar import tokens
from gradcalc.record import dataclass

from .lines import lines

_MARK = "#>"


@dataclass(frozen=True, slots=True)
class RecordedLine:
    """One line that is kept, and its results as they were shown; one that nobody `typed` does what an undo did."""

    text: str
    results: tuple[str, ...] = ()
    typed: bool = True


def written(log: Iterable[RecordedLine], title: str) -> str:
    """The text of a file that `read` reads back and that a script runs."""
    out = [f"# {title}"]
    for entry in log:
        out.append(entry.text)
        out += [f"{_MARK} {line}" for result in entry.results for line in result.split("\n")]
    return "\n".join(out) + "\n"


def read(text: str) -> list[tuple[int, RecordedLine]]:
    """The lines of a file and where they stand, each with the results recorded below it."""
    physical = text.split("\n")
    found = list(lines(text))
    entries = []
    for i, (number, line) in enumerate(found):
        end = found[i + 1][0] if i + 1 < len(found) else len(physical) + 1
        below = physical[number + line.count("\n") : end - 1]
        results = [remark[len(_MARK) :].strip() for remark in map(str.strip, below) if remark.startswith(_MARK)]
        entries.append((number, RecordedLine(line, tuple(results))))
    return entries


def renumbered(text: str, before: int) -> str:
    """The text as it reads where there are that many results before its own: `_3` is `_5` behind two."""
    if not before:
        return text

    def renamed(name: str) -> str:
        number = int(name[1:]) if is_result(name) and name[1:].isdecimal() else 0
        return f"_{number + before}" if number else name

    return "".join(renamed(each.text) if each.kind == "NAME" else each.text for each in tokens(text))


def is_result(name: str) -> bool:
    """Whether a name is that of a result: `ans`, `_`, `_3`."""
    return name in ("ans", "_") or (name.startswith("_") and name[1:].isdecimal())
