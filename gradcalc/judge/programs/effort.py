"""Calls of a user's function, whose lines are counted: no clock takes part."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, TypeVar

from .tracing import installed

T = TypeVar("T")

LINES, AS_LONG = 10_000, 30  # lines, and times as long as at the first point, which a call elsewhere may take
_IN_A_UNIT = 250  # lines and calls of Python in a unit of `Work`
_MOST = 200_000  # that are counted: counting is slower than running
_LEAST = 0.1  # units of any call


def effort(call: Callable[[], T]) -> tuple[T, float]:
    """The result of a call, and the units of work that it is; of long runs, at least so many. Lines and calls are
    counted, and no clock takes part."""
    count = 0

    def seen(frame: Any, event: str, arg: Any) -> Any:
        nonlocal count
        count += 1
        if count < _MOST:
            return seen
        sys.settrace(None)
        if profiler is None:
            sys.setprofile(None)
        return None

    tracer, profiler = sys.gettrace(), sys.getprofile()
    sys.settrace(seen)
    if profiler is None:  # that of C cannot be put back
        sys.setprofile(seen)
    try:
        result = call()
    finally:
        sys.settrace(tracer)
        if profiler is None:
            sys.setprofile(None)
    return result, max(_LEAST, count / _IN_A_UNIT)


class _EndlessError(BaseException):
    pass  # what a function of the user's does not catch


def ended(function: Callable[..., T], cost: float, /, *args: Any, **named: Any) -> T:
    """The answer of a function at a point that nobody asked for, where it may come to no end.

    Args:
        cost: the units of work of another call.
        args, named: what it is called with.

    Raises:
        ValueError: it runs far more lines of the user's than that one, or raises anything.
    """
    count, most, others = 0, LINES + AS_LONG * int(cost * _IN_A_UNIT), installed()

    def seen(frame: Any, event: str, arg: Any) -> Any:
        nonlocal count
        if event == "call" and frame.f_code.co_filename.startswith(others):
            return None
        count += 1
        if count > most:
            raise _EndlessError
        return seen

    tracer = sys.gettrace()
    sys.settrace(seen)
    try:
        return function(*args, **named)
    except _EndlessError:
        raise ValueError("it comes to no end") from None
    except Exception as error:
        raise ValueError(str(error)) from error
    finally:
        sys.settrace(tracer)
