"""Is a gradient function right? `check_gradient` judges it at a point or over a box; `assert_gradient` is for tests."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gradcalc.language.formula import Formula

from .examine import Case, examine
from .result import GradientCheck as GradientCheck
from .subject import POINTS, SECONDS, ULPS, Settings


def check_gradient(
    f: Callable[..., Any] | str | Formula,
    grad: Callable[..., Any] | None = None,
    at: Any = None,
    *,
    box: Any = None,
    n: int = POINTS,
    seed: int = 0,
    ulps: float = ULPS,
    wrt: Sequence[Any] | None = None,
    kwargs: Mapping[str, Any] | None = None,
    seconds: float = SECONDS,
    noise: float | None = None,
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
        n: how many points of the box are judged in full; some thousand more are looked at.
        seed: of the points.
        ulps: how many times the rounding error that is to be expected is allowed, where `grad` cannot be traced and
            numbers are all there is. 1 is one unit of roundoff for every intermediate result.
        wrt: the names of a mapping that `grad` answers for; without it, all.
        kwargs: further arguments, the same for `f` and `grad`.
        noise: the relative error of the values of `f`, as far as a solver or a loop that stops at a tolerance lets them
            be off: a gradient may be off by as much. Without it, it is measured where it shows.
        seconds: how long to look at further points of a box; three times as long may go into points that are judged in
            full. It is work that is counted, as a usual machine does it, and the clock ends what takes five times as
            long. A program is traced that takes no more than 100,000 steps for each of the seconds.

    Raises:
        TypeError: `grad` does not answer in the form of the point, or `f` not with a number; or there is no `grad`, and
            `f` does not answer with `(value, gradient)`; or the point is nothing a point can be.
        MissingValueError: a formula needs names that the point lacks.
        ValueError: neither `at` nor `box` is given, or a pair of the box is not in order.
    """
    names = None if wrt is None else tuple(wrt)
    settings = Settings(n, seed, ulps, names, dict(kwargs or {}), seconds, noise)
    return examine(Case(f, grad, at, box), settings)


def assert_gradient(
    f: Callable[..., Any] | str | Formula, grad: Callable[..., Any] | None = None, at: Any = None, **options: Any
) -> None:
    """Raise AssertionError unless `grad` is the gradient of `f`. The arguments are those of `check_gradient`."""
    __tracebackhide__ = True
    check_gradient(f, grad, at, **options).held()
