"""Solvers as a program calls them: SciPy's with tighter tolerances and NumPy's of linear systems with a refined answer,
by which a program shows how far off they are."""

from __future__ import annotations

import functools
import inspect
import math
import sys
import types
import warnings
from collections.abc import Callable, Mapping
from typing import Any

_PACKAGES = ("scipy.integrate", "scipy.optimize")
_MIXED = "scipy.sparse.linalg"  # where some have no tolerance: they are exact but for rounding
_LINEAR = "numpy.linalg"
_TIGHTER = 2.0**-7
_FINEST = 1e-14  # tolerance that is left as it is
_UNSAID = 1e-13  # for None, which is a coarser one of the solver's own
_TOLERANCES = frozenset(("rtol", "atol", "tol", "xtol", "ftol", "gtol", "epsabs", "epsrel", "xatol", "fatol"))
_STOPS = ("tol", "iter", "opt", "eps", "acc", "finish", "estimates")  # parts of names that say how near or how often
_STEPS = frozenset(("max_step", "hmax"))
_BY_DEFAULT: Mapping[str, Mapping[str, Any]] = {  # which no signature shows
    "solve_ivp": {"rtol": 1e-3, "atol": 1e-6},
    "curve_fit": {"ftol": 1e-8, "xtol": 1e-8},
}


def has_steps_of_its_own(name: str) -> bool:
    """Whether a solver of that name takes difference quotients itself, of which no tolerance tells."""
    return name.startswith(("minimize", "fmin", "least", "curve"))


def rounds_alone(name: str) -> bool:
    """Whether a solver of that name is exact but for rounding."""
    return name in _REFINED


def is_solver(value: Any) -> bool:
    """Whether it is a function or class of SciPy's that stops when it is near enough, or of NumPy's that loses as many
    digits as a matrix takes."""
    module = str(getattr(value, "__module__", ""))
    if module == _LINEAR:
        return getattr(value, "__name__", "") in _REFINED
    if not callable(value) or not module.startswith((*_PACKAGES, _MIXED)):
        return False
    names = _defaults(value)
    if module.startswith(_MIXED):
        return bool(_TOLERANCES.intersection(names))
    return isinstance(value, type) or any(part in name for name in names for part in _STOPS)


def _defaults(solver: Callable[..., Any]) -> dict[str, Any]:
    try:
        known = inspect.signature(solver).parameters.items()
    except (TypeError, ValueError):
        return {}
    return {name: one.default for name, one in known} | dict(_BY_DEFAULT.get(getattr(solver, "__name__", ""), {}))


def quiet(solver: Any) -> Any:
    """The solver, whose C prints no exception of a callback that it also raises: tracers are no numbers to it."""
    if not isinstance(solver, types.FunctionType):
        return solver

    @functools.wraps(solver)
    def call(*args: Any, **options: Any) -> Any:
        hook, sys.excepthook = sys.excepthook, lambda *_: None
        try:
            return solver(*args, **options)
        finally:
            sys.excepthook = hook

    return call


def _with_less_left(solver: Callable[..., Any], matrix: Any, right: Any) -> Any:
    """The solution of a linear system, what it leaves taken with more digits and solved for once more."""
    import numpy

    found = solver(matrix, right)
    left = numpy.asarray(right) - numpy.asarray(matrix, numpy.longdouble) @ found
    return found + solver(matrix, left.astype(found.dtype))


def _nearer_inverse(solver: Callable[..., Any], matrix: Any) -> Any:
    """The inverse of a matrix after a step of Newton's method."""
    import numpy

    found = solver(matrix)
    left = numpy.eye(found.shape[-1]) - numpy.asarray(matrix, numpy.longdouble) @ found
    return found + (found @ left).astype(found.dtype)


_REFINED: Mapping[str, Callable[..., Any]] = {"solve": _with_less_left, "inv": _nearer_inverse}


def tightened(solver: Any) -> Any:
    """The solver with every tolerance a hundredth or so of what it is, or with a refined answer; None where it has
    none that we know."""
    if getattr(solver, "__module__", "") == _LINEAR:
        return functools.partial(_REFINED[solver.__name__], solver)
    defaults = _defaults(solver)
    names = [name for name, one in defaults.items() if one is not inspect.Parameter.empty]
    if not isinstance(solver, types.FunctionType) or not _TOLERANCES.intersection(names):
        return None

    @functools.wraps(solver)
    def call(*args: Any, **options: Any) -> Any:
        in_order = dict(zip(defaults, args, strict=False))
        for name in names:
            given = in_order.get(name, options.get(name, defaults[name]))
            finer = _finer(name, given)
            if name == "options" and isinstance(given, Mapping):
                finer = {key: _finer(key, one) for key, one in given.items()}
            if name in in_order:
                in_order[name] = finer
            elif finer is not given:
                options[name] = finer
        for name in options.keys() - defaults.keys():
            options[name] = _finer(name, options[name])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return solver(*in_order.values(), *args[len(in_order) :], **options)

    return call


def _finer(name: str, given: Any) -> Any:
    """A smaller value of an argument that is a tolerance; any other as it is."""
    if name in _STEPS:
        return given / 4 if isinstance(given, int | float) and math.isfinite(given) else given
    if name not in _TOLERANCES or isinstance(given, str | bool):
        return given
    if given is None:
        return given if name == "rtol" else _UNSAID
    if hasattr(given, "__len__"):
        import numpy

        return numpy.maximum(numpy.minimum(given, _FINEST), numpy.asarray(given) * _TIGHTER)
    return max(min(given, _FINEST), given * _TIGHTER)
