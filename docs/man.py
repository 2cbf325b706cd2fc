"""The manual page from the command's help: `python docs/man.py` writes `docs/gradcalc.1`, which wheels install, and the
help itself, which the command prints without its own options being imported."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Iterator
from pathlib import Path

from gradcalc.cli import about
from gradcalc.cli.arguments import epilog, parser
from gradcalc.version import __version__

PAGE = Path(__file__).parent / "gradcalc.1"
HELP = Path(about.__file__).parent / "help.txt"


def page() -> str:
    """The page in the notation of man."""
    return "\n".join([*_lines(), ""])


def _lines() -> Iterator[str]:
    command = parser(epilog())
    purpose = " ".join(about.PURPOSE.split())
    yield f'.TH GRADCALC 1 "" "gradcalc {__version__}"'
    yield from (".SH NAME", f"gradcalc \\- {_plain(purpose[:1].lower() + purpose[1:].rstrip('.'))}")
    yield from (".SH SYNOPSIS", ".nf", *(_plain(line.strip()) for line in about.USAGE.split("\n")), ".fi")
    yield ".SH OPTIONS"
    for group in command._action_groups:
        if group._group_actions:
            yield f".SS {_plain(group.title or '')}"
        for action in group._group_actions:
            yield from (".TP", _spelled(action), _plain(action.help or ""))
    for block in re.split(r"\n(?=[a-zA-Z][^\n]*:[^\n]*\n  )", f"\n{command.epilog}"):
        title, _, body = block.strip("\n").partition("\n")
        if title == "functions:":  # of which the table has the names, and with them the help
            yield from (".SH FUNCTIONS", "gradcalc \\-\\-help lists them.")
        elif body:
            yield from (".SH " + _plain(re.split(r"[:,]| \(", title)[0].upper()), ".nf")
            yield from (_plain(line.removeprefix("  ")) for line in body.split("\n"))
            yield ".fi"


def _spelled(action: argparse.Action) -> str:
    metavar = action.metavar if isinstance(action.metavar, str) else " ".join(action.metavar or ())
    value = "" if action.nargs == 0 else f" \\fI{_plain(metavar)}\\fR"
    return ", ".join(f"\\fB{_plain(option)}\\fR{value}" for option in action.option_strings) or value.strip()


def _plain(text: str) -> str:
    """A line that man takes for nothing but text."""
    own = {"\\": "\\e", "-": "\\-", "'": "\\(aq", "^": "\\(ha", "~": "\\(ti", "`": "\\(ga"}
    text = "".join(own.get(character, character) for character in text)
    return f"\\&{text}" if text.startswith(".") else text


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
    os.environ["COLUMNS"] = "80"
    HELP.write_text(parser(epilog()).format_help(), "utf-8")
