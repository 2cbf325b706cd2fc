"""The prompt. `run` opens it and returns an exit status; `terminal` and `highlight` alone import prompt_toolkit."""

from __future__ import annotations

import gc
import os
import shutil
import sys
from io import TextIOWrapper
from typing import TextIO

from gradcalc.prompt import Console
from gradcalc.session import open_in
from gradcalc.show import draws
from gradcalc.version import __version__
from gradcalc.watcher import CAN_WATCH, Watcher

from .files import begun, remembered, saved
from .talk import Talk, prompt_of

__all__ = ["run"]


def run(
    console: Console | None = None, *, color: bool = True, out: TextIO | None = None, plain: bool | None = None
) -> int:
    """Open the prompt on the terminal, and return 0 when the user leaves.

    Args:
        console: has the session, with what is named already, and the settings; ASCII is set as well where the
            output's encoding knows no more.
        color: whether to use colours (the 16 of the terminal, no others).
        out: where answers go; None is stdout.
        plain: read lines without editing them; None: where there is no terminal, or a dumb one.
    """
    out = sys.stdout if out is None else out
    if isinstance(out, TextIOWrapper):
        out.reconfigure(errors="backslashreplace")  # of what the encoding does not know
    if isinstance(sys.stdin, TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")  # bytes that are no text are mistakes in their line, not the end
    console = Console() if console is None else console
    if not console.session.log:
        console.session.keep_names()
    console.ascii, console.color, console.width = (
        console.ascii or not draws(out),
        color,
        lambda: shutil.get_terminal_size().columns,
    )
    console.numbered = sys.stdin.isatty()
    if plain is None:
        plain = not (sys.stdin.isatty() and out.isatty()) or os.environ.get("TERM", "dumb") in ("dumb", "")
    talk = Talk(console, out, color, moving=not plain)
    if CAN_WATCH and sys.stdin.isatty():
        talk.watcher = Watcher()
    converse = _converse
    if not plain:
        gc.disable()  # a twentieth of the time to the first prompt; what is imported here is no garbage
        from .terminal import converse

        gc.enable()
    talk.write(console.line(f"gradcalc {__version__}   :help for help, :quit or Ctrl-D to leave"))
    if sys.stdin.isatty() and (earlier := remembered(console)):
        talk.write(console.line(earlier))
    for text in begun(console):
        talk.write(text)
    talk.kept = saved(console) if console.folders.startup.exists() else ""
    converse(talk)
    if talk.watcher is not None:
        talk.watcher.close()
    return 0


def _converse(talk: Talk) -> None:
    """Answer lines from stdin as they come, until it ends or the user leaves: on dumb terminals and in pipes."""
    prompts = sys.stdin.isatty()
    while not talk.console.ended:
        try:
            text = line = _read(talk, prompt_of(talk.console) if prompts else "")
            if not line:
                talk.write("\n" if prompts else "")
                return
            while open_in(text) and line.strip():
                line = _read(talk, " " * len(prompt_of(talk.console)) if prompts else "")
                text += line
            talk.answer(text.rstrip("\n"))
        except KeyboardInterrupt:
            talk.write("\n")


def _read(talk: Talk, prompt: str) -> str:
    """A line with its end, or nothing where there is no more."""
    talk.write(prompt)
    line = sys.stdin.readline()
    talk.midline = talk.midline and not line  # what is read has ended the line of the prompt
    return line
