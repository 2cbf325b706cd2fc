"""How objects show themselves: the classes are below, what writes them stands above all of them.

`shows` gives a class the methods that `print` and notebooks look for. The package itself, which is above everything,
says which module writes (`WRITER`); it is imported when something is shown for the first time.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any, TypeVar

WRITER = "gradcalc.show.notebook"

Class = TypeVar("Class", bound=type)


def shows(*hooks: str) -> Callable[[Class], Class]:
    """A decorator of classes: each of the methods `hooks`, such as `__str__` or `_repr_html_`, is what `WRITER` has."""

    def attach(cls: Class) -> Class:
        for hook in hooks:
            setattr(cls, hook, _method(hook))
        return cls

    return attach


def written(found: Any, hook: str) -> Any:
    """The text, picture or document that `WRITER` has for an object and one of the methods."""
    return import_module(WRITER).shown(found, hook)


def _method(hook: str) -> Callable[[Any], Any]:
    def method(self: Any) -> Any:
        return written(self, hook)

    method.__name__ = hook
    return method
