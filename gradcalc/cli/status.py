"""Exit statuses."""

from __future__ import annotations

from collections.abc import Iterable

from gradcalc.language.errors import FormulaError, NotDifferentiableError, UndecidedError, UndefinedError
from gradcalc.verdict import Verdict

FINE, DISAGREE, BAD_INPUT, UNDEFINED, INTERNAL, INTERRUPTED, BROKEN_PIPE = 0, 1, 2, 3, 70, 130, 141

_SEVEREST_FIRST = (BAD_INPUT, DISAGREE, UNDEFINED, FINE)


def of_verdicts(verdicts: Iterable[Verdict | None]) -> int:
    """That of the severest of several verdicts; where there is none, a line could not be read."""
    found = (BAD_INPUT if verdict is None else verdict.status for verdict in verdicts)
    return min(found, key=_SEVEREST_FIRST.index, default=FINE)


def of_error(error: FormulaError) -> int:
    """That of an answer that failed."""
    return UNDEFINED if isinstance(error, UndefinedError | UndecidedError | NotDifferentiableError) else BAD_INPUT


def of_script(statuses: Iterable[int]) -> int:
    """Of the statuses of a script's formulas the last that is not `FINE`."""
    return next((status for status in reversed([*statuses]) if status != FINE), FINE)
