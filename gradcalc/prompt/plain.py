"""A reader for dumb terminals and pipes: lines as they come, nothing moves."""

from __future__ import annotations

import sys

from gradcalc.session import open_in

from .talk import Talk, prompt_of


def converse(talk: Talk) -> None:
    """Answer lines from stdin until it ends or the user leaves."""
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
