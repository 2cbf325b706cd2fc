"""The words of every verdict, in one order: `Verdict`."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Verdict(StrEnum):
    """The verdicts, the worst first. A verdict is true where nothing is held against what was judged.

    The value is the word in JSON. `tone` is how it is coloured: `bad`, `unsure` or `good`; `status` is the exit
    status of the command.
    """

    WRONG = "wrong"
    NOT_DIFFERENTIABLE = "not-differentiable"
    UNDEFINED = "undefined"
    UNDECIDED = "undecided"
    IMPRECISE = "imprecise"
    CONDITIONAL = "conditional"
    AGREES = "agrees"
    PROVED = "proved"

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
    def tone(self) -> str:
        return _TONES[self]

    @property
    def status(self) -> int:
        return _STATUSES[self.tone]

    @property
    def of_engines(self) -> str:
        """The word for what our chain rule and sympy's derivative say of each other."""
        return _OF_ENGINES.get(self, self.value)


_RANKS = {verdict: rank for rank, verdict in enumerate(Verdict)}
_TONES = {
    Verdict.WRONG: "bad",
    Verdict.NOT_DIFFERENTIABLE: "unsure",
    Verdict.UNDEFINED: "unsure",
    Verdict.UNDECIDED: "unsure",
    Verdict.IMPRECISE: "bad",
    Verdict.CONDITIONAL: "bad",
    Verdict.AGREES: "good",
    Verdict.PROVED: "good",
}
_STATUSES = {"good": 0, "bad": 1, "unsure": 3}
_OF_ENGINES = {Verdict.WRONG: "disagree", Verdict.AGREES: "agree", Verdict.PROVED: "agree"}


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The worst of several verdicts; `proved` of none."""
    return min(verdicts, key=lambda verdict: verdict.rank, default=Verdict.PROVED)
