"""Completion scripts for shells, made from the parser of the command line by shtab."""

from __future__ import annotations

import argparse

from gradcalc.language.errors import needing

SHELLS = ("bash", "zsh", "fish")


def script(shell: str, parser: argparse.ArgumentParser) -> str:
    """The script to put into the shell's start file, or into its folder of completions.

    Raises:
        MissingLibraryError: shtab is not installed.
    """
    with needing("a completion script", "completion"):
        import shtab
    for action in parser._actions:
        action.help = (action.help or "").partition(";")[0].partition(" (")[0]
        if action.metavar == "FILE" or (isinstance(action.metavar, tuple) and "F" in action.metavar):
            action.complete = shtab.FILE  # type: ignore[attr-defined]  # where shtab looks for it
    return str(shtab.complete(parser, shell))
