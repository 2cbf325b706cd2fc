"""The outcomes of the statements of a session."""

from __future__ import annotations

from gradcalc.language.formula import Formula, Function
from gradcalc.record import dataclass

from .questions import Question
from .state import LastResult, State


@dataclass(frozen=True, slots=True)
class Assigned:
    """`name = formula`: a variable where that is a constant, else a definition; `before` is the meaning until then."""

    name: str
    formula: Formula
    constant: bool
    before: Formula | None = None


@dataclass(frozen=True, slots=True)
class Defined:
    """`g(x) = formula`; `before` is the function that had the name until then."""

    function: Function
    before: Function | None = None


@dataclass(frozen=True, slots=True)
class Deleted:
    """`:delete a, g`: names of variables, definitions and functions that mean nothing any more."""

    names: tuple[str, ...]


Outcome = Assigned | Defined | Deleted | Question


@dataclass(frozen=True, slots=True)
class Undone:
    """A change that was taken back, or done again: the line, and the names it is about."""

    text: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """A line that gave names another meaning, and the states around it."""

    text: str
    before: State
    after: State

    @property
    def size(self) -> int:
        return len(self.before.names) + len(self.before.log) + len(self.before.results)


@dataclass(frozen=True, slots=True)
class Done:
    """A statement of the last line, by its text, with the question and the result that came of it."""

    text: str
    outcome: Outcome
    result: LastResult | None = None
