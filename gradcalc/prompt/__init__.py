"""The prompt without a terminal: what is answered to a line, and the commands as records.

`enter(console, line)` gives the texts of the answer. Help and completion are derived from `COMMANDS` and the table.
"""

from .changes_told import folded
from .commands import COMMANDS, SETTINGS, Command, Setting, saved
from .console import Console, Progress, Texts
from .entering import continued, enter, unprompted
from .keeping import Folders

__all__ = [
    "COMMANDS",
    "SETTINGS",
    "Command",
    "Console",
    "Folders",
    "Progress",
    "Setting",
    "Texts",
    "continued",
    "enter",
    "folded",
    "saved",
    "unprompted",
]
