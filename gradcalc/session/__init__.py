"""Names, definitions and functions, and the formulas asked under them. No terminal here.

`Session` holds what a user has named. It reads programs (`run`), scripts (`script`) and lines of the prompt (`line`),
and gives an outcome for each statement. A formula's outcome is a `Question`, whose `answers` come in two steps, so that
a caller can show the numbers before the symbolic side has begun.
"""

from .answer import Answer, Options
from .lines import RecordedLine, is_result, lines, open_in, read, renumbered, written
from .outcomes import Assigned, Defined, Deleted, Outcome, Undone
from .questions import Question
from .sheet import Session
from .state import LastResult, State

__all__ = [
    "Answer", "Assigned", "Defined", "Deleted", "LastResult", "Options", "Outcome", "Question", "RecordedLine",
    "Session", "State", "Undone", "is_result", "lines", "open_in", "read", "renumbered", "written",
]  # fmt: skip
