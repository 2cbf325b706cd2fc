"""Did you mean."""

from __future__ import annotations

from collections.abc import Iterable


def near(word: str, known: Iterable[str]) -> str:
    """The known word most like this one, or an empty text."""
    import difflib  # here, because it would cost every start 5 ms

    return next(iter(difflib.get_close_matches(word[:50], list(known), n=1)), "")
