"""Lines as they are typed, at the prompt and in scripts: a little more than the language knows.

    x := formula            store the number now; also x += formula, and -= *= /=
    formula at x=2, y=3     ask with values of its own

The grammar reads both; here a text is cut into lines.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator

from gradcalc.language.grammar import tokens
from gradcalc.record import dataclass


def lines(text: str) -> Iterator[tuple[int, str]]:
    """The lines of a script that are not empty, with their numbers from 1.

    Lines are joined while a parenthesis is open. One that is never closed joins nothing, so that what follows is read.
    """
    physical = text.split("\n")
    ends = _ends(physical)
    i = 0
    while i < len(physical):
        end = ends[i]
        joined = "\n".join(physical[i : end + 1])
        if any(_code(line).strip() for line in physical[i : end + 1]):
            yield i + 1, joined
        i = end + 1


def _ends(physical: list[str]) -> list[int]:
    """For each line the one at whose end no parenthesis that it opened is open any more; itself if there is none."""
    depth, depths = 0, []
    for line in physical:
        depth += _code(line).count("(") - _code(line).count(")")
        depths.append(depth)
    ends = list(range(len(physical)))
    lower: list[int] = []  # depths below this line, each less than any before it: where a group can end,
    places: list[int] = []  # and the lines that have them, the nearest last
    for i in reversed(range(len(physical))):
        while lower and lower[-1] >= depths[i]:
            del lower[-1], places[-1]
        lower.append(depths[i])
        places.append(i)
        found = bisect_right(lower, depths[i - 1] if i else 0)
        if found:
            ends[i] = places[found - 1]
    return ends


def open_in(text: str) -> int:
    """How many parentheses wait to be closed."""
    depth = 0
    for character in "".join(map(_code, text.split("\n"))):
        depth = max(0, depth + (character == "(") - (character == ")"))
    return depth


def _code(line: str) -> str:
    """A line without its comment."""
    return line.partition("#")[0]


# ---- a session as a file: its lines in our own language, each with the results it had as comments

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
