"""Did you mean: known words near to a word."""

from __future__ import annotations

from collections.abc import Iterable

_LONGEST = 50  # letters of a word that is compared


def near(word: str, known: Iterable[str]) -> str:
    """The known word most like this one, or an empty text."""
    return next(iter(nearest(word, known)), "")


def meant(word: str, known: Iterable[str], shown: str = "'{}'") -> str:
    """`did you mean 'sin'?` of the known word most like this one; an empty text where none is like it."""
    close = near(word, known)
    return f"did you mean {shown.format(close)}?" if close else ""


def nearest(word: str, known: Iterable[str]) -> list[str]:
    """The known words that are this one but for capitals, or else those that a slip of the fingers makes of it, at most
    two; none where that is not plain.

    A slip leaves out, adds, changes or swaps one letter, or two in words of six and more; it keeps the first letter and
    all digits. So `sn` is near to `sin`, and neither `grad` to `rad` nor `log3` to `log2`.
    """
    if not 1 < len(word) <= _LONGEST:
        return []
    words = sorted(set(known))
    if same := [other for other in words if other.lower() == word.lower()]:
        return same[:2]
    allowed = 1 if len(word) < 6 else 2
    found: dict[int, list[str]] = {}
    for other in words:
        close = len(other) > 2 and other[0] == word[0].lower() and abs(len(other) - len(word)) <= allowed
        if close and _digits(other) == _digits(word) and (distance := slips(word.lower(), other)) <= allowed:
            found.setdefault(distance, []).append(other)
    return found[min(found)][:2] if found else []


def _digits(word: str) -> str:
    return "".join(filter(str.isdigit, word))


def slips(one: str, other: str) -> int:
    """Letters left out, added, changed or swapped between two words: the optimal string alignment distance."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        before, last, row = row, before, [i]
        for j, b in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
    return row[-1]
