"""Is a gradient function right? `check_gradient` judges it at a point or over a box; `assert_gradient` is for tests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Unpack

from gradcalc.language.formula import Formula

from .examine import Case, examine
from .result import GradientCheck as GradientCheck
from .subject import Options, settings_of


def check_gradient(
    f: Callable[..., Any] | str | Formula,
    grad: Callable[..., Any] | None = None,
    at: Any = None,
    *,
    box: Any = None,
    **options: Unpack[Options],
) -> GradientCheck:
    """Whether `grad` is the gradient of `f`, at a point or over a box.

    A point given as a number reaches both as a number, an array or a list of numbers as a NumPy array, and a mapping as
    a mapping or, if they have parameters of those names, as keyword arguments. Tuples and lists of arrays, namedtuples,
    dataclasses and mappings of such reach them as they are; a function that needs as many arguments as a sequence has
    parts gets these in order. `grad` answers in the form of the point, with a sequence, or with `(value, gradient)`.

    Args:
        f: a formula or a Python function of one value. A function that answers with `(value, gradient)` is judged
            alone, without `grad`.
        at: the point.
        box: for each number of the point a pair (lower, upper), in the form of the point: `{"x": (0, 2)}`.
        options: n, seed, ulps, wrt, kwargs, noise, seconds: what `Options` says of them.

    Raises:
        TypeError: `grad` does not answer in the form of the point, or `f` not with a number; or there is no `grad`, and
            `f` does not answer with `(value, gradient)`; or the point is nothing a point can be.
        MissingValueError: a formula needs names that the point lacks.
        ValueError: neither `at` nor `box` is given, or a pair of the box is not in order.
    """
    return examine(Case(f, grad, at, box), settings_of(options))


def assert_gradient(
    f: Callable[..., Any] | str | Formula,
    grad: Callable[..., Any] | None = None,
    at: Any = None,
    *,
    box: Any = None,
    **options: Unpack[Options],
) -> None:
    """Raise AssertionError unless `grad` is the gradient of `f`. The arguments are those of `check_gradient`."""
    __tracebackhide__ = True
    check_gradient(f, grad, at, box=box, **options).held()
