"""The command: arguments in, a session asked, results out, an exit status. Nothing else prints.

`options`, `arguments` and `words` read the command line, `config` the user's settings; `chosen` says which study and
which format are asked for; `output` writes; `hints` explains what is missing; `command` puts them together. `modes`
are what else the command can do, which `runs` does.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command on its arguments, those of the process if None, and return its exit status. Never raises."""
    argv = sys.argv[1:] if argv is None else argv
    if len(argv) == 1:  # what it says of itself needs nothing else to be imported
        from .arguments import about_itself

        try:
            if told := about_itself(argv[0]):
                sys.stdout.write(told)
                sys.stdout.flush()
                return 0
        except (OSError, AttributeError):
            pass  # nobody can read it, for which the command has an answer
    from .command import run

    return run(argv)
