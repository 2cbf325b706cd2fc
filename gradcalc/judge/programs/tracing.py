"""A Python function as a formula: it is run on numbers that write down what is done to them.

`trace` runs the function at one point. What came out is the formula of that run, so that everything we can say of a
formula, certified and at any precision, can be said of the function. A comparison is decided by the point and kept as
a `Guard`; where the two sides are equal the function is run both ways, and the formula gets an `if`.

It sees other functions in the place of those of `math`, `numpy`, ..., in copies of all that uses them: the modules of
the user stay as they are. Nobody has to believe a trace: its value is held against what the function itself answers.
"""

from __future__ import annotations

import builtins
import copy
import functools
import sys
import sysconfig
import types
from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from functools import cache, lru_cache
from typing import Any

from gradcalc.engine.formulas import in_chain
from gradcalc.language.formula import Call, Formula, Name
from gradcalc.language.functions import TABLE
from gradcalc.language.identity import ByIdentity
from gradcalc.language.literals import number, shortened
from gradcalc.record import dataclass, replace

from .replacements import TracedFloat, replacements
from .solvers import is_solver, quiet, tightened
from .tracer import MOST_NODES, REFUSALS, GoesOn, Guard, NotHereError, TracedRun, Tracer, UntraceableError, variable

Run = Callable[["Rebinding", list[Any]], Sequence[Any]]
MOST_BRANCHES = 32  # of one comparison after another between equal sides


@dataclass(frozen=True, slots=True)
class Trace:
    """The run of a function at a point and, as far as the guards hold, near it.

    `formulas` has one formula for each number that came out. `at` has the values of the variables and of the constants
    met on the way that are doubles near to some real number, which are names of their own: `constants`. `hidden` says
    what the function did with its argument that no formula shows, and `anywhere` whether the run was the same at all
    points: it decided nothing.
    """

    formulas: tuple[Formula, ...]
    at: Mapping[str, float]
    constants: tuple[str, ...]
    guards: tuple[Guard, ...]
    hidden: str = ""
    anywhere: bool = False
    size: int = 0  # steps of all runs that it took
    together: Formula = number(0)  # in which all the formulas stand, which share most of what they compute

    def moved(self, numbers: Mapping[str, float]) -> Trace:
        """The trace at another point, for one that is good anywhere."""
        return replace(self, at={**self.at, **{variable(name): x for name, x in numbers.items()}})


def trace(
    run: Run, at: Mapping[str, float], branches: bool = True, most: int = MOST_NODES, further: GoesOn | None = None
) -> Trace:
    """The function's formulas.

    Args:
        run: rebinds the function, calls it with the tracers given, one for each name of `at`, and answers with the
            numbers that came out.
        branches: whether to follow both branches where the sides of a comparison are equal.
        most: how many steps a run may take.
        further: a loop that goes on where it would end.

    Raises:
        UntraceableError: the run cannot be written as formulas; NotHereError if that is so at this point alone.
    """
    paths: dict[tuple[bool, ...], tuple[Formula, ...]] = {}
    asked: dict[tuple[bool, ...], Call] = {}
    tapes = []
    todo: list[tuple[bool, ...]] = [()]
    while todo:
        tape = TracedRun(at, todo.pop(), branches, most, further)
        outputs = _run(run, tape)
        taken = tuple(guard.outcome for guard in tape.ties)
        paths[taken] = outputs
        asked |= {taken[:i]: guard.condition for i, guard in enumerate(tape.ties)}
        todo += [(*taken[:i], not taken[i]) for i in range(len(tape.forced), len(taken))]
        tapes.append(tape)
        if len(paths) + len(todo) > MOST_BRANCHES:
            raise NotHereError(f"more than {MOST_BRANCHES} branches meet at the point")
    for prefix in sorted(asked, key=len, reverse=True):
        pairs = zip(paths.pop((*prefix, True)), paths.pop((*prefix, False)), strict=True)
        paths[prefix] = tuple(Call(TABLE["if"], (asked[prefix], yes, no)) for yes, no in pairs)
    known = {name: value for tape in tapes for name, value in tape.at.items()}
    constants = dict.fromkeys(name for tape in tapes for name in tape.constants)
    guards = tuple(guard for tape in tapes for guard in tape.guards)
    hidden = "it turns its argument into text" if any(tape.as_text for tape in tapes) else ""
    anywhere = not (hidden or guards or len(tapes) > 1 or any(tape.looked_at for tape in tapes))
    together = in_chain("+", paths[()])
    size = sum(tape.steps for tape in tapes)
    return Trace(paths[()], known, tuple(constants), guards, hidden, anywhere, size, together)


def _run(run: Run, tape: TracedRun) -> tuple[Formula, ...]:
    inputs = [Tracer(tape, Name(name), value) for name, value in tape.at.items()]
    refusals: list[str] = []
    token = REFUSALS.set(refusals)
    try:
        results = tuple(tape.formula(result) for result in run(Rebinding(), inputs))
    except UntraceableError:
        raise
    except Exception as error:  # any line of the user's program may be the one that cannot live with a tracer
        in_c = str(error).partition("ufunc '")[2].partition("'")[0]
        told = f"it runs in C: {in_c}" if in_c else f"{type(error).__name__}: {shortened(str(error), 100)}"
        raise UntraceableError(refusals[0] if refusals else told) from error
    finally:
        REFUSALS.reset(token)
    if refusals:  # and the function went on as if nothing had been
        raise UntraceableError(refusals[0])
    return results


# ---- the names that a function sees


class Rebinding:
    """Copies of functions, and of what they use, that see replacements for the functions of `math`, `numpy`, ..., or
    solvers that come nearer.

    Followed are functions of the user: those of the same package as the first one, and those that are not installed.
    """

    def __init__(self, tighter: bool = False) -> None:
        self._made: ByIdentity[Any, Any] = ByIdentity()
        self._root = ""
        self.tighter = tighter
        self.solvers: dict[str, None] = {}  # what the function uses that stops at a tolerance, or at a tighter one

    def __call__(self, value: Any) -> Any:
        known = self._made.get(value) if self.tighter else replacements().get(value, self._made.get(value))
        if known is not None:
            if is_solver(value):
                self.solvers[value.__name__] = None
            return known
        if is_solver(value):
            made = tightened(value) if self.tighter else quiet(value)
            if made is not None:
                self.solvers[getattr(value, "__name__", "a solver")] = None
            return self._keep(value, made or value)
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
        if type(value) in _CONTAINERS:
            return self._container(value)
        if callable(value) or (self._made and hasattr(value, "__dict__")):
            return self._object(value)
        return value

    def _keep(self, value: Any, made: Any) -> Any:
        self._made[value] = made
        return made

    def _follows(self, module: str, code: types.CodeType) -> bool:
        top = module.partition(".")[0]
        self._root = self._root or top
        return top == self._root or not code.co_filename.startswith((*installed(), "<frozen"))

    def _function(self, function: types.FunctionType) -> Any:
        if touched := _MEMORY.intersection(_names_in(function.__code__)):
            raise UntraceableError(f"it hands the memory of arrays to somebody else: {', '.join(sorted(touched))}")
        cells = tuple(types.CellType() for _ in function.__closure__ or ())
        names = self._made.get(function.__globals__)
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

    def _container(self, value: Any) -> Any:
        """A copy of a container, what it holds rebound if it is not much: what the run keeps there is no number."""
        made = self._keep(value, copy.copy(value))
        if len(value) > _MOST_ITEMS:
            return made
        if isinstance(value, dict):
            made.update({key: self(item) for key, item in value.items()})
        elif isinstance(value, list):
            made[:] = map(self, value)
        return made

    def _object(self, value: Any) -> Any:
        """A copy of an object whose methods and attributes are rebound.

        An object without methods in Python is left alone: C has no names to rebind, and not every object of C survives
        being copied.
        """
        kind = type(value)
        module = sys.modules.get(kind.__module__)
        path = getattr(module, "__file__", None) or ""
        if kind.__module__ == "builtins" or path.startswith(installed()) or isinstance(value, type):
            return value
        own = {name: one for base in reversed(kind.__mro__[:-1]) for name, one in vars(base).items()}
        own = {name: one for name, one in own.items() if type(one) in (types.FunctionType, *_CONTAINERS)}
        if types.FunctionType not in map(type, own.values()):
            return value
        try:
            made = copy.copy(value)
        except Exception:  # whatever its class raises
            return value
        if made is value:
            return value
        self._keep(value, made)
        rebound = {name: self(one) for name, one in own.items()}
        try:
            made.__class__ = type(kind.__name__, (kind,), {**rebound, "__slots__": ()})
        except TypeError:
            return value
        for name, attribute in getattr(value, "__dict__", {}).items():
            object.__setattr__(made, name, self(attribute))
        return made


_CONTAINERS = (dict, list, set, OrderedDict, defaultdict, deque)
_MOST_ITEMS = 1000
# by which a program gets at the memory of an array: there objects are no doubles, and C that writes to it crashes
_MEMORY = frozenset(
    ("ctypes", "data_as", "tobytes", "tofile", "frombuffer", "from_buffer", "memoryview", "__array_interface__")
)


@lru_cache(1024)
def _names_in(code: types.CodeType) -> frozenset[str]:
    """The names in a function and in those written inside it."""
    names: set[str] = set()
    codes = [code]
    for one in codes:
        names.update(one.co_names)
        codes += [constant for constant in one.co_consts if isinstance(constant, types.CodeType)]
    return frozenset(names)


@cache
def installed() -> tuple[str, ...]:
    """The folders of what is not the user's; this package is not, wherever it lies."""
    paths = sysconfig.get_paths()
    (own,) = sys.modules[__name__.partition(".")[0]].__path__
    return tuple({own, *(paths[name] for name in ("stdlib", "platstdlib", "purelib", "platlib"))})


class _Globals(dict[str, Any]):
    """The global names of a module, each rebound when it is first looked up, as what functions import is."""

    def __init__(self, names: Mapping[str, Any], rebinding: Rebinding):
        own = {**vars(builtins), "__import__": self._import}
        super().__init__({"__builtins__": own, "__name__": names.get("__name__", "")})
        self._names = names
        self._rebinding = rebinding

    def _import(self, name: str, _: Any = None, *more: Any) -> Any:
        return self._rebinding(__import__(name, {**self._names}, *more))

    def __missing__(self, name: str) -> Any:
        if name in self._names:
            value = self._rebinding(self._names[name])
        elif name == "float" and not self._rebinding.tighter:
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
