"""The user's settings: defaults of options, from the environment and a file.

Option > `GRADCALC_*` > `config.toml` > the program's own default.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping
from typing import Any

from gradcalc.language.errors import LIMITS
from gradcalc.settings import SETTINGS, Setting, folder

from .options import UsageError


def path() -> str:
    """Where the file would be."""
    return os.path.join(folder("XDG_CONFIG_HOME", ".config"), "config.toml")


def apply(parser: argparse.ArgumentParser) -> list[str]:
    """Give the options the user's defaults. What should be noted about the file is returned.

    Raises:
        UsageError: the file cannot be read, or a value is none for its setting.
    """
    file = path()
    notes = []
    for setting in SETTINGS.values():
        if setting.metavar is None:
            parser.set_defaults(**{setting.field: setting.default})
    for name, value in _read(file).items():
        if name in SETTINGS:
            _set(parser, SETTINGS[name], str(value), f"{name} in {file}")
        else:
            notes.append(f"{name} in {file} is no setting; the settings are {', '.join(SETTINGS)}")
    for setting in SETTINGS.values():
        if text := os.environ.get(setting.variable):
            _set(parser, setting, text, setting.variable)
    return notes


def _read(path: str) -> Mapping[str, Any]:
    try:
        os.stat(path)
        from gradcalc.files import read_whole  # which most, who have no such file, do not need

        text = read_whole(path, LIMITS.text)
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise UsageError(f"cannot read {path}: {reason}") from None
    import tomllib

    try:
        return tomllib.loads(text, parse_float=str)  # which a `Setting` reads itself
    except (ValueError, RecursionError) as error:
        known = isinstance(error, tomllib.TOMLDecodeError)
        why = str(error) if known else "it has a number of thousands of digits, or thousands of brackets"
        raise UsageError(f"cannot read {path}: {why}", help="write for example digits = 6") from None


def _set(parser: argparse.ArgumentParser, setting: Setting, text: str, where: str) -> None:
    try:
        value = setting.read(text)
    except ValueError as error:
        raise UsageError(f"{where}: {error}") from None
    dest = setting.field if setting.metavar is None else setting.name.replace("-", "_")
    parser.set_defaults(**{dest: value})
