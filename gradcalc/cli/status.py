"""Exit statuses."""

from __future__ import annotations

from collections.abc import Iterable

from gradcalc.language.errors import FormulaError, NotDifferentiableError, UndecidedError, UndefinedError

FINE, DISAGREE, BAD_INPUT, UNDEFINED, INTERNAL, INTERRUPTED, BROKEN_PIPE = 0, 1, 2, 3, 70, 130, 141

_SEVEREST_FIRST = (BAD_INPUT, DISAGREE, UNDEFINED, FINE)


def severest(statuses: Iterable[int]) -> int:
    """Of several findings about one formula, the one its status tells."""
    return min(statuses, key=_SEVEREST_FIRST.index, default=FINE)


def of_error(error: FormulaError) -> int:
    return UNDEFINED if isinstance(error, UndefinedError | UndecidedError | NotDifferentiableError) else BAD_INPUT


def of_script(statuses: Iterable[int]) -> int:
    """That of the last error."""
    return next((status for status in reversed([*statuses]) if status != FINE), FINE)
