"""The options behind a command of the prompt, as the command line has them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from gradcalc.language.errors import FormulaError
from gradcalc.language.matching import meant

_OPTION = re.compile(r"(?:^|\s)--([a-z]+)(?:[ =]+(\S+))?")
VALUES: Mapping[str, str] = {"wrt": "NAMES", "numeric": "", "order": "N", "hessian": "", "precision": "BITS"}
"""The options of answers that a line can have of its own, and what their values are called."""


def without_options(command: str, argument: str, known: Mapping[str, str], strict: bool) -> tuple[str, dict[str, str]]:
    """An argument without the options in it, and their values by name; of those that are `known` to a command, some
    have a value. If not `strict`, what is no option, nor like one, is left where it stands: `x --y` is x + y.

    Raises:
        FormulaError: an option is not known, or lacks its value.
    """
    given: dict[str, str] = {}

    def take(found: re.Match[str]) -> str:
        name, value = found.groups()
        if name not in known:
            help = meant(name, known, "--{}")
            if not help and not strict:
                return found[0]
            options = ", ".join(f"--{option}" for option in known)
            raise FormulaError(f":{command} has no option --{name}", help=help or f"the options are {options}")
        if known[name] and not value:
            raise FormulaError(f"--{name} needs a value", help=f":help {command} shows an example")
        given[name] = value if known[name] else ""
        return "" if known[name] or not value else f" {value}"

    return _OPTION.sub(take, argument).strip(), given


def of_answers(given: Mapping[str, str]) -> dict[str, Any]:
    """The options of a question, as they were typed.

    Raises:
        FormulaError: a number is none.
    """
    wanted: dict[str, Any] = {name: True for name in given if not VALUES[name]}
    if "wrt" in given:
        wanted["wrt"] = names(given["wrt"])
    for option, field in (("order", "order"), ("precision", "bits")):
        if option in given:
            text = given[option]
            if not (text.isascii() and text.isdigit() and int(text[:9])):
                raise FormulaError(f"--{option} needs a whole number above 0, not '{text}'")
            wanted[field] = int(text)
    return wanted


def names(text: str) -> tuple[str, ...]:
    """Names with commas between."""
    return tuple(part for part in text.split(",") if part)
