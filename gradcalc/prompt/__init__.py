"""The prompt without a terminal: what is answered to a line, and the commands as records.

`enter(console, line)` gives the texts of the answer. Help and completion are derived from `COMMANDS` and the table.
"""

from . import commands, study_commands  # which fill the table, as do those below
from .console import Console, Progress, Texts
from .entering import continued, enter, entered_from_file, is_command, unprompted
from .files import saved
from .keeping import Folders
from .records import COMMANDS, Command
from .setting import SETTINGS

__all__ = [
    "COMMANDS", "SETTINGS", "Command", "Console", "Folders", "Progress", "Texts", "commands", "continued", "enter",
    "entered_from_file", "is_command", "saved", "study_commands", "unprompted",
]  # fmt: skip
