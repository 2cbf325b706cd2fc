"""The user's settings: defaults of options, from the environment and a file.

Option > `GRADCALC_*` > `config.toml` > the program's own default.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from .options import UsageError

_WORDS = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}


def path() -> Path:
    """Where the file would be. A base folder that is not absolute is not one, says the XDG specification."""
    base = Path(os.environ.get("XDG_CONFIG_HOME", ""))
    home = Path(os.path.expanduser("~/.config"))  # stays as it is where nobody knows the home
    return (base if base.is_absolute() else home) / "gradcalc" / "config.toml"


def apply(parser: argparse.ArgumentParser, names: Sequence[str]) -> list[str]:
    """Give the options `names` (`time-limit`) the user's defaults. What should be noted about the file is returned.

    Raises:
        UsageError: the file cannot be read, or a value is none for its option.
    """
    actions = {name: parser._option_string_actions[f"--{name}"] for name in names}
    file = path()
    notes = []
    for name, value in _read(file).items():
        if name in actions:
            parser.set_defaults(**{actions[name].dest: _value(actions[name], value, f"{name} in {file}")})
        else:
            notes.append(f"{name} in {file} is no setting; the settings are {', '.join(names)}")
    for name, action in actions.items():
        variable = f"GRADCALC_{name.upper().replace('-', '_')}"
        if text := os.environ.get(variable):
            value = _WORDS.get(text.lower(), text) if action.nargs == 0 else text
            parser.set_defaults(**{action.dest: _value(action, value, variable)})
    return notes


def _read(file: Path) -> Mapping[str, Any]:
    try:
        text = file.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise UsageError(f"cannot read {file}: {reason}") from None
    import tomllib

    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise UsageError(f"cannot read {file}: {error}", help="write for example digits = 6") from None


def _value(action: argparse.Action, value: Any, where: str) -> Any:
    """A setting as its option would have it."""
    if action.nargs == 0:
        if not isinstance(value, bool):
            raise UsageError(f"{where}: {value!r} is neither true nor false")
        return value
    read: Callable[[str], Any] = action.type if callable(action.type) else str
    try:
        found = read(str(value))
    except argparse.ArgumentTypeError as error:
        raise UsageError(f"{where}: {error}") from None
    if action.choices is not None and found not in action.choices:
        raise UsageError(f"{where}: '{value}' is not one of {', '.join(action.choices)}")
    return found
