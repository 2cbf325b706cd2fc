"""The functions of `math`, `numpy` and `scipy.special` with what takes their place in a trace."""

from __future__ import annotations

import math
import operator
import sys
import types
from collections.abc import Callable, Iterator
from functools import cache, reduce
from typing import Any

from gradcalc.engine.value import Value
from gradcalc.language.identity import ByIdentity
from gradcalc.language.parser import parse

from .tracer import Tracer, UntraceableError, applied, glance, meaning_of


class _Any(type):
    def __instancecheck__(cls, x: Any) -> bool:
        return isinstance(x, float | Tracer)


class TracedFloat(float, metaclass=_Any):
    """`float` that leaves a tracer what it is. As a type of array elements it means objects."""

    def __new__(cls, x: Any = 0.0) -> Any:
        return x if isinstance(x, Tracer) else float(x)


def _is_traced(x: Any) -> bool:
    """Whether there are tracers in it, or were: `where` may leave plain numbers alone in an array of objects."""
    if isinstance(x, Tracer):
        return True
    if getattr(getattr(x, "dtype", None), "kind", "") == "O":
        return any(isinstance(item, Tracer | float) for item in x.flat)
    return isinstance(x, list | tuple) and any(map(_is_traced, x))


def _instead(original: Callable[..., Any], meaning: Callable[..., Any]) -> Callable[..., Any]:
    """A function that has another meaning where there are tracers among its arguments."""

    def call(*args: Any, **options: Any) -> Any:
        traced = any(map(_is_traced, (*args, *options.values())))
        return (meaning if traced else original)(*args, **options)

    return call


def _elementwise(meaning: Callable[..., Any], original: Callable[..., Any]) -> Callable[..., Any]:
    """A function of numbers, here also of tracers and of arrays of them."""

    def one(*args: Any) -> Any:
        return meaning(*args) if any(isinstance(arg, Tracer) for arg in args) else original(*args)

    def each(*args: Any, out: Any = None, **options: Any) -> Any:
        if options:
            raise UntraceableError(f"{original.__name__} with {', '.join(options)}")
        if not any(hasattr(arg, "__len__") for arg in args):
            return one(*args)
        import numpy

        result = numpy.frompyfunc(one, len(args), 1)(*args)
        if out is None:
            return result
        out[...] = result
        return out

    def whole(method: str) -> Callable[..., Any]:
        def over(*args: Any, **options: Any) -> Any:
            import numpy

            return getattr(numpy.frompyfunc(one, 2, 1), method)(*args, **options)

        return _instead(getattr(original, method), over)

    call = _instead(original, each)
    for method in ("reduce", "accumulate", "outer"):  # of NumPy's functions
        if hasattr(original, method):
            setattr(call, method, whole(method))
    return call


def _plain(original: Callable[..., Any]) -> Callable[..., Any]:
    """A test such as `isfinite`, made of about what the tracers are."""

    def test(*args: Any) -> Any:
        if not any(hasattr(arg, "__len__") for arg in args):
            return original(*map(glance, args))
        import numpy

        return numpy.frompyfunc(lambda *items: bool(original(*map(glance, items))), len(args), 1)(*args).astype(bool)

    return _instead(original, test)


def _of_objects(original: Callable[..., Any], always: bool) -> Callable[..., Any]:
    """A maker of arrays whose elements can be tracers."""

    def made(*args: Any, **options: Any) -> Any:
        kept = [arg for i, arg in enumerate(args) if not (i and isinstance(arg, type | str))]
        return original(*kept, **{**options, "dtype": object})

    return made if always else _instead(original, made)


def _length(*coordinates: Any) -> Any:
    if not any(isinstance(x, Tracer) for x in coordinates):
        return math.hypot(*coordinates)
    return applied("sqrt", sum(x * x for x in coordinates))


def _norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    import numpy

    if ord not in (None, 2) or axis is not None or (ord == 2 and numpy.ndim(x) > 1):
        raise UntraceableError("numpy.linalg.norm of that kind")
    return applied("sqrt", (numpy.asarray(x) ** 2).sum())


def _shifted(original: Callable[..., Any], finish: Callable[..., Any]) -> Callable[..., Any]:
    """`logsumexp` and its like: of exponentials, moved by a number for which no result depends on it."""

    def call(x: Any, axis: Any = None, keepdims: bool = False, **options: Any) -> Any:
        if options:
            raise UntraceableError(f"scipy.special.{original.__name__} with {', '.join(options)}")
        import numpy

        items = numpy.asarray(x, dtype=object)
        shift = max((glance(item) for item in items.flat), default=0.0)
        return finish(items, shift, axis, keepdims)

    return _instead(original, call)


def _each(function: Callable[[Any], Any], items: Any) -> Any:
    import numpy

    return numpy.frompyfunc(function, 1, 1)(items)


def _exponentials(items: Any, shift: float) -> Any:
    return _each(lambda x: applied("exp", x - shift), items)


def _logsumexp(items: Any, shift: float, axis: Any, keepdims: bool) -> Any:
    total = _exponentials(items, shift).sum(axis=axis, keepdims=keepdims)
    return _each(lambda x: shift + applied("log", x), total)


def _softmax(items: Any, shift: float, axis: Any, _: bool) -> Any:
    parts = _exponentials(items, shift)
    return parts / parts.sum(axis=axis, keepdims=True)


def _log_softmax(items: Any, shift: float, axis: Any, _: bool) -> Any:
    return items - _logsumexp(items, shift, axis, True)


_OF_EXPONENTIALS = {"logsumexp": _logsumexp, "softmax": _softmax, "log_softmax": _log_softmax}


_TESTS = ("isnan", "isinf", "isfinite", "signbit")
_FOR_ARRAYS = ("array", "asarray", "asanyarray", "ascontiguousarray")
_FRESH_ARRAYS = ("zeros", "ones", "empty", "full", "zeros_like", "ones_like", "empty_like", "full_like")
_KINDS = ("float64", "double", "float_", "longdouble")


def replacements() -> ByIdentity[Any, Any]:
    """The replacements of functions, by the function itself, for the modules that are loaded."""
    return _replacements_for(tuple(name for name in _OF_MODULES if name in sys.modules))


@cache
def _replacements_for(modules: tuple[str, ...]) -> ByIdentity[Any, Any]:
    found = ByIdentity(_of_math())
    for name in modules:
        found.update(_of_ufuncs(sys.modules[name]))
        found.update(_OF_MODULES[name](sys.modules[name]))
    found[Value] = lambda x, *rest: x if isinstance(x, Tracer) else Value(x, *rest)
    return found


def _of_math() -> Iterator[tuple[Any, Any]]:
    special: dict[str, Callable[..., Any]] = {
        "fsum": lambda items: sum(list(items)),
        "prod": lambda items, *, start=1: reduce(operator.mul, items, start),
        "hypot": _length,
        "dist": lambda p, q: _length(*(a - b for a, b in zip(p, q, strict=True))),
        "sumprod": lambda p, q: sum(a * b for a, b in zip(p, q, strict=True)),
    }
    for name, function in vars(math).items():
        if not callable(function):
            continue
        if name in special:
            yield function, special[name]
        elif name in _TESTS:
            yield function, _plain(function)
        elif (meaning := meaning_of(name)) is not None:
            yield function, _elementwise(meaning, function)


def _of_ufuncs(module: types.ModuleType) -> Iterator[tuple[Any, Any]]:
    """NumPy's functions of numbers, and SciPy's: those of an array as a whole (`numpy.min`) are no ufuncs."""
    ufunc = sys.modules["numpy"].ufunc
    native = {"floor", "ceil", "trunc", "sign", "absolute", "power"}  # right for arrays of objects as they are
    for name, function in vars(module).items():
        if isinstance(function, ufunc) and name not in native and (meaning := meaning_of(name)) is not None:
            yield function, _elementwise(meaning, function)


def _of_numpy(numpy: Any) -> Iterator[tuple[Any, Any]]:
    from . import matrices  # which needs NumPy

    for name in _TESTS:
        yield getattr(numpy, name), _plain(getattr(numpy, name))
    for name in _FOR_ARRAYS + _FRESH_ARRAYS:
        yield getattr(numpy, name), _of_objects(getattr(numpy, name), name in _FRESH_ARRAYS)
    for name in _KINDS:
        if hasattr(numpy, name):
            yield getattr(numpy, name), TracedFloat
    yield numpy.linalg.norm, _instead(numpy.linalg.norm, _norm)
    for name, meaning in matrices.MEANINGS.items():
        yield getattr(numpy.linalg, name), _instead(getattr(numpy.linalg, name), meaning)
    pi_times = parse("sinc(pi*x)")
    sinc = _elementwise(lambda x: x.tape.write(pi_times, ("x",), (x,)), numpy.sinc)
    yield numpy.sinc, sinc


def _of_scipy(special: types.ModuleType) -> Iterator[tuple[Any, Any]]:
    for name, finish in _OF_EXPONENTIALS.items():
        yield getattr(special, name), _shifted(getattr(special, name), finish)


_OF_MODULES: dict[str, Callable[[Any], Iterator[tuple[Any, Any]]]] = {"numpy": _of_numpy, "scipy.special": _of_scipy}
