"""Claims of derivatives, as they are typed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .errors import NOWHERE, FormulaSyntaxError
from .formula import Formula


@dataclass(frozen=True, slots=True)
class Claim:
    """A derivative that somebody claims: by `name`, or without one by the only variable; as a text or a formula, of an
    order where one is said."""

    name: str
    formula: str | Formula
    order: int | None = None


def read_claims(texts: Sequence[str]) -> tuple[Claim, ...]:
    """The claims in texts such as `x=2*x`, or `2*x`; several with names in one, with `,` or `;` between them.

    Raises:
        FormulaSyntaxError: a text is no claim.
    """
    return tuple(_claim(part) for text in texts for part in _parts(text))


def _claim(text: str) -> Claim:
    named = _NAMED.match(text)
    claim = text[named.end() :] if named else text
    if not claim.strip() or claim.lstrip().startswith("="):
        raise FormulaSyntaxError(
            f"--check needs NAME=FORMULA, not '{text.strip()}'", NOWHERE, "write for example --check x=2*x"
        )
    return Claim(named[1] if named else "", claim.strip())


def _parts(text: str) -> list[str]:
    """The claims of a text, if every part between `,` or `;` is one; else the whole."""
    parts = list(_split(text))
    return parts if all(_CLAIM.fullmatch(part) and part.partition("=")[2].strip() for part in parts) else [text]


_NAMED = re.compile(r"\s*([^\W\d]\w*)\s*=(?!=)")
_CLAIM = re.compile(r"\s*[^\W\d]\w*\s*=(?!=)(?:[^=<>!]|[<>!](?!=)|[<>=!]=)*")  # `x = 2*y`, without a second definition


def _split(text: str) -> Iterator[str]:
    """Pieces between `,` and `;` outside brackets."""
    depth = start = 0
    for i, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if character in ",;" and depth <= 0:
            yield text[start:i]
            start = i + 1
    yield text[start:]
