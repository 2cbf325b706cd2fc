"""Functions in files: `FILE.py:name` names one, by which a gradient check is asked for and replayed."""

from __future__ import annotations

import hashlib
import importlib.util
import sys
from collections.abc import Callable
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType
from typing import Any

from gradcalc.language.errors import FormulaError


def function_of(reference: str) -> Callable[..., Any]:
    """The function that `FILE.py:name` or `FILE.py:object.method` names. The file is run, as Python runs a module.

    Raises:
        FormulaError: there is no such file or function, or the file fails.
    """
    file, _, name = reference.rpartition(":")
    path = Path(file)
    if not file or not name:
        raise FormulaError(f"'{reference}' names no function in a file", help="write FILE.py:name")
    if not path.is_file():
        raise FormulaError(f"there is no file {file}", help="write FILE.py:name")
    found: Any = _module(path.resolve())
    for part in name.split("."):
        if not hasattr(found, part):
            has = [word for word, each in vars(found).items() if callable(each) and not word.startswith("_")]
            raise FormulaError(f"{path.name} has no {name}", help=f"it has {', '.join(has[:9])}" if has else "")
        found = getattr(found, part)
    if not callable(found):
        raise FormulaError(f"{name} in {path.name} is no function")
    return found  # type: ignore[no-any-return]


class _AsWritten(SourceFileLoader):
    """Reads a file at every import: what Python keeps of it is told from a changed file by seconds and size alone."""

    def get_code(self, fullname: str) -> CodeType:
        return self.source_to_code(self.get_data(self.path), self.path)


def _module(path: Path) -> Any:
    known = sys.modules.get(_name_of(path))
    if known is not None:
        return known
    loader = _AsWritten(_name_of(path), str(path))
    spec = importlib.util.spec_from_file_location(loader.name, path, loader=loader)
    if spec is None or path.suffix != ".py":
        raise FormulaError(f"{path.name} is no Python file", help="write FILE.py:name")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    sys.path.insert(0, str(path.parent))  # what stands beside the file can be imported by it
    try:
        loader.exec_module(module)
    except Exception as error:  # any line of the user's file
        del sys.modules[spec.name]
        raise FormulaError(f"{path.name} fails: {type(error).__name__}: {error}") from error
    finally:
        sys.path.remove(str(path.parent))
    return module


def _name_of(path: Path) -> str:
    """A file is a module, one of the same text elsewhere another, and it is a third when it has changed."""
    return f"{path.stem} {_short(bytes(path) + path.read_bytes())}"


def digest(file: str) -> str:
    """A short digest of what is in a file."""
    return _short(Path(file).read_bytes())


def _short(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()[:16]


def file_of(reference: str) -> str:
    """The file of `FILE.py:name`; nothing for a formula."""
    file, _, name = reference.rpartition(":")
    return file if file.endswith(".py") and name else ""
