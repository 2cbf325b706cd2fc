"""An option of the command, and what its value may be."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from gradcalc.language.errors import FormulaError
from gradcalc.record import dataclass, field
from gradcalc.settings import SETTINGS, whole_from


class UsageError(FormulaError):
    """The command line, or the user's settings, cannot be understood."""


@dataclass(frozen=True, slots=True)
class Option:
    """One option: its spellings, its line of the help, argparse's settings."""

    names: str
    help: str
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Its long spelling, without the dashes."""
        return self.names.split()[-1].removeprefix("--")

    @property
    def dest(self) -> str:
        return self.name.replace("-", "_")


FLAG: Mapping[str, Any] = {"action": "store_true"}


class Once(argparse.Action):
    """A value that cannot be given twice, as the first would be lost in silence."""

    def __call__(
        self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, value: Any, option: Any = None
    ) -> None:
        if getattr(namespace, self.dest) not in (None, self.default):
            help = "several scripts: cat a.grad b.grad | gradcalc" if self.dest == "file" else "give one of them"
            raise UsageError(f"{option} is given twice", help=help)
        setattr(namespace, self.dest, value)


def one_file(read: Callable[[str], str], default: str | None = None) -> Mapping[str, Any]:
    """Settings of an option for the name of a file."""
    return value(read, "FILE", default=default, action=Once)


# ---- the kinds of value. A value that starts with a minus arrives with a space before it.


def text(text: str) -> str:
    """The text as it was typed."""
    return text.removeprefix(" ") if text.startswith(" -") else text


def file(name: str) -> str:
    """The name of a file."""
    if not name.strip():
        raise argparse.ArgumentTypeError("the name of the file is empty")
    return text(name)


def whole(text: str) -> int:
    """A whole number."""
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is not a whole number") from None


def typed(read: Callable[[str], Any]) -> Callable[[str], Any]:
    """A reader that raises ValueError as one for argparse."""

    def found(text: str) -> Any:
        try:
            return read(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return found


positive = typed(whole_from(1))


def of_setting(name: str, **settings: Any) -> Option:
    """The option of a setting; `settings` go before its own."""
    setting = SETTINGS[name]
    if not setting.metavar:
        return Option(f"--{name}", setting.doc, FLAG)
    own = value(typed(setting.read), setting.metavar, default=setting.default)
    return Option(f"--{name}", setting.doc, {**own, **settings})


def names(text: str) -> tuple[str, ...]:
    """Names with commas between, in their normal form."""
    found = tuple(_name(name.strip()) for name in text.split(",") if name.strip())
    if not found:
        raise argparse.ArgumentTypeError("at least one name is needed, as in -w a,b")
    return found


def _name(text: str) -> str:
    """In its normal form, as in formulas."""
    from gradcalc.language.formula import Formula, Name
    from gradcalc.language.parser import parse

    formula: Formula | None = None
    with suppress(FormulaError):
        formula = parse(text)
    if not isinstance(formula, Name) or formula.definition is not None:
        raise argparse.ArgumentTypeError(f"'{text}' is not a name")
    return formula.name


def value(type: Callable[[str], Any], metavar: str, **more: Any) -> Mapping[str, Any]:
    """Settings of an option with a value."""
    return {"type": type, "metavar": metavar, **more}
