"""Parts of the text as messages propose them, written so that they can be read."""

from __future__ import annotations

import re
from collections.abc import Container
from itertools import accumulate

from .reading import SUPER, SUPERSCRIPTS


def inverse_of(name: str, functions: Container[str]) -> str:
    """The name of the inverse of a function, as asin and erfinv; empty if it has none."""
    return next((inverse for inverse in (f"a{name}", f"{name}inv") if inverse in functions), "")


def unbracketed(text: str) -> str:
    """The text without the parentheses around it."""
    return text[1:-1] if re.fullmatch(r"\([^()]*\)", text) else text


def balanced(text: str) -> bool:
    """Whether the parentheses in a text that will be proposed are those of groups in it."""
    depths = [0, *accumulate((each == "(") - (each == ")") for each in text)]
    return min(depths) == depths[-1] == 0


def plain_power(text: str) -> str:
    """With superscripts as powers: `v²` as `v^2`."""
    return re.sub(SUPER, lambda power: "^" + power[0].translate(SUPERSCRIPTS), text)
