"""Errors as they are shown, and colour."""

from __future__ import annotations

import re

from gradcalc.language.errors import Diagnostic


def diagnostic(about: Diagnostic, where: str = "", width: int = 0) -> str:
    """An error as it is shown: `error: ` and the message, the line, the caret indented, notes and help.

    `where` stands between the two, as in `error in line 3: ...`; `width` is that of the screen, if there is one.
    """
    message, *rest = about.shown(min(width - 8, 100) if width else 100).split("\n")
    lines = [f"error{where}: {message}"]
    lines += [line if re.match(r"(note|help): ", line) else f"  {line}" for line in rest]
    return "\n".join(lines) + "\n"


_BOLD, _DIM, _RED, _GREEN, _YELLOW, _CYAN = "1", "2", "1;31", "32", "33", "36"
_PAINTS = (
    (re.compile(r"^(value) = .*", re.M), _BOLD),
    (re.compile(r"^name +(?:at  |\S*derivative\b|[0-9]+\w\w derivative).*|^hessian .*", re.M), _DIM),
    (re.compile(r"(?:^|(?<=   ))agree(?=:|$)", re.M), _GREEN),
    (re.compile(r"(?:^|(?<=   ))DISAGREE(?=:|$)|^error(?: in .*?line [0-9]+)?(?=:)", re.M), _RED),
    (re.compile(r"(?:^|(?<=   ))(?:undecided|unchecked|not differentiable)(?=:|$)", re.M), _YELLOW),
    (re.compile(r"^(?:correct|agrees|holds)(?=:)", re.M), _GREEN),
    (re.compile(r"^(?:WRONG|CONDITIONAL)(?=:)|^DOES NOT HOLD(?=:)", re.M), _RED),
    (re.compile(r"^(?:note|help|hint)(?=:)|^ +\^+$", re.M), _CYAN),
)


def paint(text: str) -> str:
    """The same text with colours for a terminal."""
    for pattern, code in _PAINTS:
        text = pattern.sub(lambda found, code=code: f"\x1b[{code}m{found[0]}\x1b[0m", text)  # type: ignore[misc]
    return text
