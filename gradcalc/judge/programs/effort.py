"""How much work a call of the user's code is: lines and calls of one run are counted, and no clock takes part."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")

_IN_A_UNIT = 250  # lines and calls of Python in a unit of `Work`
_MOST = 200_000  # that are counted: counting is slower than running
_LEAST = 0.1  # units of any call


def effort(call: Callable[[], T]) -> tuple[T, float]:
    """The result of a call, and the units of work that it is; of long runs, at least so many."""
    count = 0

    def seen(frame: Any, event: str, arg: Any) -> Any:
        nonlocal count
        count += 1
        if count < _MOST:
            return seen
        sys.settrace(None)
        sys.setprofile(None)
        return None

    tracer, profiler = sys.gettrace(), sys.getprofile()
    sys.settrace(seen)
    sys.setprofile(seen)
    try:
        result = call()
    finally:
        sys.settrace(tracer)
        sys.setprofile(profiler)
    return result, max(_LEAST, count / _IN_A_UNIT)
