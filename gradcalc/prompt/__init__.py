"""The prompt without a terminal: what is answered to a line, and the commands as records.

`enter(console, line)` gives the texts of the answer. Help and completion are derived from `COMMANDS` and the table.
"""

from .changes_told import folded
from .commands import COMMANDS, SETTINGS, Command, Setting
from .console import Aside, Console, Progress, Texts
from .entering import continued, enter, unprompted
from .files import saved
from .keeping import Folders

__all__ = [
    "COMMANDS",
    "SETTINGS",
    "Aside",
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
