"""`:copy`: an answer to the clipboard of the terminal, by the escape that terminals have for it (OSC 52)."""

from __future__ import annotations

from base64 import b64encode

from gradcalc.language.errors import FormulaError
from gradcalc.show import Painted

from .console import Console, Texts
from .records import COMMANDS, FORMULA, command

_MOST = 50_000  # bytes; terminals refuse what is much longer


@command("copy", f"[latex] {FORMULA}", "the answer, or its LaTeX, to the clipboard", ":copy latex", "formula", True)
def copy(console: Console, argument: str) -> Texts:
    """Put the numbers or the derivatives of an answer, or the answer typeset, on the clipboard."""
    word, _, formula = argument.partition(" ")
    latex = word == "latex" and "latex" not in console.session.names
    if not console.edits:
        raise FormulaError("there is no terminal here that has a clipboard", help=":latex shows the LaTeX")
    if latex:
        text = "".join(COMMANDS["latex"].run(console, formula.strip()))
    else:
        found: list[str] = []
        for _ in console.ask(console.session.question(argument or "ans"), found):
            pass
        text = "\n".join(found)
    data = text.strip().encode()
    if len(data) > _MOST:
        raise FormulaError("that is too long for the clipboard of a terminal", help="write it to a file with -o")
    yield Painted(f"\x1b]52;c;{b64encode(data).decode()}\x07")
    yield console.line("copied" if latex else f"copied: {text}")
