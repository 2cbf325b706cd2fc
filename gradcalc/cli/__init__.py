"""The command: arguments in, a session asked, results out, an exit status. Nothing else prints.

`options` and `words` read the command line, `config` the user's settings; `views` says what can be shown and in which
formats; `output` writes it; `hints` explains what is missing; `command` puts them together.
"""

from .command import main

__all__ = ["main"]
