"""The command: arguments in, a session asked, results out, an exit status. Nothing else prints.

`options`, `arguments` and `words` read the command line, `config` the user's settings; `chosen` says which study and
which format are asked for; `output` writes; `hints` explains what is missing; `command` puts them together. `modes`
are what else the command can do, which `runs` does.
"""

from __future__ import annotations

import gc
import os
import sys

TYPE_CHECKING = False  # `typing` takes as long as Python itself
if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command on its arguments, those of the process if None, and return its exit status. Never raises."""
    if argv is not None:
        return _run(argv)
    gc.disable()  # nothing of what is imported is ever garbage, and looking for some was a quarter of the time
    try:
        return _run(sys.argv[1:], own=True)
    finally:
        gc.freeze()  # nor does the end of the process look


def _about_itself(word: str) -> str:
    if word in ("-V", "--version"):
        from gradcalc.version import TOLD

        return TOLD
    if word in ("-h", "--help") and _is_of_80_columns():
        from .about import of_the_help

        with open(f"{__file__.removesuffix('__init__.py')}help.txt", encoding="utf-8") as page:
            return of_the_help(word, page.read())
    from .arguments import about_itself

    return about_itself(word)


def _is_of_80_columns() -> bool:
    """Whether the help that is kept, for such a terminal and for none, is that of argparse, which breaks lines anew."""
    try:
        return (os.environ.get("COLUMNS") or str(os.get_terminal_size().columns)) == "80"
    except OSError:
        return True


def _run(argv: Sequence[str], own: bool = False) -> int:
    if len(argv) == 1:  # what it says of itself needs nothing else to be imported
        try:
            if told := _about_itself(argv[0]):
                sys.stdout.write(told)
                sys.stdout.flush()
                return 0
        except (OSError, AttributeError):
            pass  # nobody can read it, for which the command has an answer
    from .command import run

    if not gc.isenabled():
        gc.freeze()
        gc.enable()
    return run(argv, own)
