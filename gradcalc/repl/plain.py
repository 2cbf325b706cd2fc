"""A reader for dumb terminals and pipes: lines as they come, nothing moves."""

from __future__ import annotations

import sys

from gradcalc.session import is_open

from .talk import PROMPT, Talk


def converse(talk: Talk) -> None:
    """Answer lines from stdin until it ends or the user leaves."""
    prompts = sys.stdin.isatty()
    while not talk.console.ended:
        try:
            text = _read(talk, PROMPT if prompts else "")
            while is_open(text):
                text += _read(talk, " " * len(PROMPT) if prompts else "")
        except EOFError:
            if prompts:
                talk.write("\n")
            return
        except KeyboardInterrupt:
            talk.write("\n")
            continue
        talk.answer(text.rstrip("\n"))


def _read(talk: Talk, prompt: str) -> str:
    talk.write(prompt)
    line = sys.stdin.readline()
    if not line:
        raise EOFError
    return line
