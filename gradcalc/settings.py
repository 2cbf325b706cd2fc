"""The settings of a user, one `Setting` a row: options, `GRADCALC_*`, `config.toml` and `:set` at the prompt.

A value is read from its text in one way, wherever it stands.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any

from gradcalc.language.errors import LIMITS, Limits
from gradcalc.record import dataclass, replace
from gradcalc.work import LONGEST

_ON = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}


@dataclass(frozen=True, slots=True)
class Setting:
    """`read` gives the value of a text, or raises ValueError with what is wrong; `write` is its inverse.

    `field` is the attribute that holds it, of the prompt or of the session's options; `values` says how it is
    written, `doc` what it does. `metavar` stands for the value of the option of this name: empty for a switch, None
    where there is no such option. `prompt` tells whether `:set` knows it.
    """

    name: str
    field: str
    values: str
    doc: str
    read: Callable[[str], Any]
    write: Callable[[Any], str]
    default: Any
    metavar: str | None
    prompt: bool = True

    @property
    def variable(self) -> str:
        """The environment's name for it."""
        return f"GRADCALC_{self.name.upper().replace('-', '_')}"

    @property
    def words(self) -> tuple[str, ...]:
        """Its values that are words, as far as it has such."""
        return tuple(filter(str.islower, self.values.split("|")))


def folder(variable: str, otherwise: str) -> str:
    """Our folder in the base folder that a variable of the XDG specification names, or in `otherwise` at home. A base
    that is not absolute is none, it says; where there is no home either, nothing can be kept or found there."""
    given, home = os.environ.get(variable, ""), os.path.expanduser("~")
    bases = (given, os.path.join(home, otherwise), os.devnull)
    return os.path.join(next(filter(os.path.isabs, bases)), "gradcalc")


# ---- kinds of value


def switch(text: str) -> bool:
    """`on` or `off`, and what else means that."""
    if text.lower() not in _ON:
        raise ValueError(f"'{text}' is neither on nor off")
    return _ON[text.lower()]


def whole_from(least: int, most: int = 10**15, other: str = "", otherwise: Any = None) -> Callable[[str], Any]:
    """A reader of whole numbers, and of one word for another value."""

    def read(text: str) -> Any:
        text = text.strip()
        if other and text == other:
            return otherwise
        number = float(text) if text.isascii() and text.isdigit() else 0.0  # inf for what Python reads as no int
        if number < least:
            raise ValueError(f"'{text}' is not a whole number {f'from {least}' if least > 1 else 'above 0'}")
        if number > most:
            raise ValueError(f"'{text}' is more than {most}")
        return int(number)

    return read


def seconds(text: str) -> float:
    """A time above 0."""
    try:
        found = float(text)
    except ValueError:
        found = 0.0
    if not 0 < found <= LONGEST:
        raise ValueError(f"'{text.strip()}' is not a number of seconds above 0{', at most 1e9' * (found > LONGEST)}")
    return found


def _limits(text: str) -> dict[str, float]:
    """`order=40,digits=20000` as the limits of these names."""
    found = {}
    for part in filter(None, text.replace(",", " ").split()):
        name, _, most = part.partition("=")
        try:
            found[name] = float(most)
        except ValueError:
            raise ValueError(f"'{part}' is not NAME=N") from None
    replace(LIMITS).change(found)  # which says what is wrong with them
    return found


def _one_of(values: Mapping[str, Any]) -> Callable[[str], Any]:
    def read(text: str) -> Any:
        if text not in values:
            raise ValueError(f"'{text}' is not one of {', '.join(values)}")
        return values[text]

    return read


def _on_off(on: bool) -> str:
    return "on" if on else "off"


_KEYS = {"emacs": False, "vi": True}
_COLOURS = {word: word for word in ("auto", "always", "never")}

SETTINGS = {
    setting.name: setting
    for setting in (
        Setting("digits", "digits", "N|auto", "digits shown (default 10; --json and --plain: all of a double)",
                whole_from(1, 10**6, "auto"), lambda digits: str(digits or "auto"), None, "N"),
        Setting("precision", "bits", "BITS|off", "compute to so many bits and show the digits that are certain",
                whole_from(2, 10**9, "off", 0), lambda bits: str(bits or "off"), 0, "BITS"),
        Setting("samples", "samples", "N|off", "compare an uncertainty with N draws from normal distributions",
                whole_from(1, 10**12, "off", 0), lambda samples: str(samples or "off"), 0, "N"),
        Setting("symbolic", "numeric", "on|off", "hold every answer against sympy's derivative",
                lambda text: not switch(text), lambda numeric: _on_off(not numeric), False, None),
        Setting("time-limit", "seconds", "SECONDS",  f"for each answer; else {LIMITS.seconds:g} for each symbolic step",
                seconds, lambda limit: f"{limit:g}", LIMITS.seconds, "SECONDS"),
        Setting("color", "color", "auto|always|never", "colour: auto, always or never (default auto: on a terminal)",
                _one_of(_COLOURS), str, "auto", "WHEN", prompt=False),
        Setting("ascii", "ascii", "on|off",
                "nothing but ASCII in the output; α is written \\u03b1, which can be typed back",
                switch, _on_off, False, ""),
        Setting("limits", "limits", "NAME=N,...", f"raise what an answer may cost: {' '.join(Limits.__slots__)}",
                _limits, lambda limits: ",".join(map("{}={:g}".format, limits, limits.values())), {}, "NAME=N,...",
                prompt=False),
        Setting("pager", "pager", "on|off", "at the prompt, what is longer than the screen goes to $PAGER",
                switch, _on_off, True, None),
        Setting("keys", "vi", "emacs|vi", "how the line is edited; F4 switches",
                _one_of(_KEYS), lambda vi: "vi" if vi else "emacs", False, None),
    )
}  # fmt: skip
