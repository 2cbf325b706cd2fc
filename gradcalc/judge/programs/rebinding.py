"""The names that a function of the user sees, rebound for a trace: `math`, `numpy`, ... in copies of what uses them.

The modules of the user stay as they are.
"""

from __future__ import annotations

import builtins
import copy
import functools
import sys
import sysconfig
import types
from collections.abc import Mapping
from functools import cache
from typing import Any

from .replacements import TracedFloat, replacements
from .tracer import UntraceableError


class Rebinding:
    """Copies of functions, and of what they use, that see replacements for the functions of `math`, `numpy`, ...

    Followed are functions of the user: those of the same package as the first one, and those that are not installed.
    """

    def __init__(self) -> None:
        self._made: dict[int, Any] = {}
        self._kept: list[Any] = []  # an id is good for as long as the object lives
        self._root = ""
        self.solvers: dict[str, None] = {}  # what the function uses that stops at a tolerance

    def __call__(self, value: Any) -> Any:
        if str(getattr(value, "__module__", "")).startswith(_SOLVERS) and callable(value):
            self.solvers[getattr(value, "__name__", "a solver")] = None
        known = replacements().get(id(value), self._made.get(id(value)))
        if known is not None:
            return known
        if isinstance(value, types.FunctionType):
            return (
                self._function(value) if self._follows(value.__globals__.get("__name__", ""), value.__code__) else value
            )
        if isinstance(value, types.MethodType):
            return types.MethodType(self(value.__func__), self(value.__self__))
        if isinstance(value, functools.partial):
            keywords = {key: self(arg) for key, arg in value.keywords.items()}
            return functools.partial(self(value.func), *map(self, value.args), **keywords)
        if isinstance(value, types.ModuleType):
            return self._keep(value, _Module(value, self))
        if isinstance(getattr(value, "__wrapped__", None), types.FunctionType):  # functools.cache
            return self(value.__wrapped__)
        if callable(value) or (self._made and hasattr(value, "__dict__")):
            return self._object(value)
        return value

    def _keep(self, value: Any, made: Any) -> Any:
        self._kept.append(value)
        self._made[id(value)] = made
        return made

    def _follows(self, module: str, code: types.CodeType) -> bool:
        top = module.partition(".")[0]
        self._root = self._root or top
        return top == self._root or not code.co_filename.startswith((*_installed(), "<frozen"))

    def _function(self, function: types.FunctionType) -> Any:
        if touched := _MEMORY.intersection(_names_in(function.__code__)):
            raise UntraceableError(f"it hands the memory of arrays to somebody else: {', '.join(sorted(touched))}")
        cells = tuple(types.CellType() for _ in function.__closure__ or ())
        names = self._made.get(id(function.__globals__))
        if names is None:
            names = self._keep(function.__globals__, _Globals(function.__globals__, self))
        made = types.FunctionType(function.__code__, names, function.__name__, None, cells or None)
        self._keep(function, made)
        if function.__defaults__:
            made.__defaults__ = tuple(map(self, function.__defaults__))
        if function.__kwdefaults__:
            made.__kwdefaults__ = {key: self(value) for key, value in function.__kwdefaults__.items()}
        for cell, original in zip(cells, function.__closure__ or (), strict=True):
            try:
                cell.cell_contents = self(original.cell_contents)
            except ValueError:  # an empty cell
                continue
        return made

    def _object(self, value: Any) -> Any:
        """A copy of an object whose methods, and functions among its attributes, are rebound.

        An object without methods in Python is left alone: C has no names to rebind, and not every object of C survives
        being copied.
        """
        kind = type(value)
        module = sys.modules.get(kind.__module__)
        path = getattr(module, "__file__", None) or ""
        if kind.__module__ == "builtins" or path.startswith(_installed()) or isinstance(value, type):
            return value
        methods = {
            name: attribute
            for base in reversed(kind.__mro__[:-1])
            for name, attribute in vars(base).items()
            if isinstance(attribute, types.FunctionType)
        }
        if not methods:
            return value
        made = copy.copy(value)
        self._keep(value, made)
        own = {name: self(method) for name, method in methods.items()}
        try:
            made.__class__ = type(kind.__name__, (kind,), {**own, "__slots__": ()})
        except TypeError:
            return value
        for name, attribute in getattr(value, "__dict__", {}).items():
            if callable(attribute) or isinstance(attribute, types.ModuleType):
                object.__setattr__(made, name, self(attribute))
        return made


# by which a program gets at the memory of an array: there objects are no doubles, and C that writes to it crashes
_MEMORY = frozenset(
    ("ctypes", "data_as", "tobytes", "tofile", "frombuffer", "from_buffer", "memoryview", "__array_interface__")
)


@cache
def _names_in(code: types.CodeType) -> frozenset[str]:
    """The names in a function and in those written inside it."""
    names: set[str] = set()
    codes = [code]
    for one in codes:
        names.update(one.co_names)
        codes += [constant for constant in one.co_consts if isinstance(constant, types.CodeType)]
    return frozenset(names)


@cache
def _installed() -> tuple[str, ...]:
    paths = sysconfig.get_paths()
    return tuple({paths[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")})


_SOLVERS = ("scipy.integrate", "scipy.optimize")


class _Globals(dict[str, Any]):
    """The global names of a module, each rebound when it is first looked up."""

    def __init__(self, names: Mapping[str, Any], rebinding: Rebinding):
        super().__init__({"__builtins__": builtins, "__name__": names.get("__name__", "")})
        self._names = names
        self._rebinding = rebinding

    def __missing__(self, name: str) -> Any:
        if name in self._names:
            value = self._rebinding(self._names[name])
        elif name == "float":
            value = TracedFloat
        else:
            raise KeyError(name)
        self[name] = value
        return value


class _Module(types.ModuleType):
    """A module, what is taken from it rebound."""

    def __init__(self, module: types.ModuleType, rebinding: Rebinding):
        super().__init__(module.__name__)
        self.__dict__["_of"] = module
        self.__dict__["_rebinding"] = rebinding

    def __getattr__(self, name: str) -> Any:
        return self._rebinding(getattr(self._of, name))
