"""The words of every verdict, in one order: `Verdict`."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Verdict(StrEnum):
    """The verdicts, the worst first. A verdict is true where nothing is held against what was judged.

    The value is the word in JSON. `tone` is how it is coloured: `bad`, `unsure` or `good`. `of_engines` is the word for
    what our chain rule and sympy's derivative say of each other.
    """

    tone: str
    of_engines: str

    def __new__(cls, word: str, tone: str = "unsure", of_engines: str = "") -> Verdict:
        self = str.__new__(cls, word)
        self._value_, self.tone, self.of_engines = word, tone, of_engines or word
        return self

    WRONG = "wrong", "bad", "disagree"
    NOT_DIFFERENTIABLE = "not-differentiable"
    UNDEFINED = "undefined"
    UNDECIDED = "undecided"
    IMPRECISE = "imprecise", "bad"
    CONDITIONAL = "conditional", "bad"
    AGREES = "agrees", "good", "agree"
    PROVED = "proved", "good", "agree"

    @classmethod
    def _missing_(cls, word: object) -> Verdict | None:
        """The verdict of a word that two engines have: `agree`, `disagree`."""
        return next((verdict for verdict in cls if verdict.of_engines == word), None)

    def __bool__(self) -> bool:
        return self.tone == "good"

    @property
    def rank(self) -> int:
        """The place in the order, 0 for the worst."""
        return _RANKS[self]

    @property
    def status(self) -> int:
        """The exit status of the command."""
        return {"good": 0, "bad": 1, "unsure": 3}[self.tone]


_RANKS = {verdict: rank for rank, verdict in enumerate(Verdict)}


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The worst of several verdicts; `proved` of none."""
    return min(verdicts, key=lambda verdict: verdict.rank, default=Verdict.PROVED)
