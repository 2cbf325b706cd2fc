"""The arrays that results over columns are written into: those of users, held to what is needed, and new ones."""

from __future__ import annotations

import math
import sys
import threading
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

Column = np.ndarray[Any, np.dtype[Any]]


def check(outs: Sequence[Column | None], shape: tuple[int, ...], values: Sequence[Any]) -> None:
    """
    Raises:
        ValueError: an array that is to be written into has another shape, is of no doubles, or shares memory with a
            value or another.
    """
    seen = [value for value in values if not isinstance(value, float)]
    for out in outs:
        if out is None:
            continue
        if not isinstance(out, np.ndarray) or out.dtype != np.float64 or out.shape != shape:
            kind = f"{out.dtype} {out.shape}" if isinstance(out, np.ndarray) else type(out).__name__
            raise ValueError(f"an array of float64 {shape} is needed to write into, not {kind}")
        if not (out.flags.c_contiguous and out.flags.writeable):
            raise ValueError("an array to write into must be contiguous and writeable")
        if any(np.may_share_memory(out, other) for other in seen):
            raise ValueError("an array to write into shares memory with a value or with another")
        seen.append(out)


class _Memory:
    """Memory for results: that of the last ones, if nobody has these any more, as new pages cost half as much time as
    what is computed in them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last: Column | None = np.empty(1)
        self._alone = self._holders()

    def _holders(self) -> int:
        """How many references the memory has; Python's versions differ in those of the call itself."""
        return sys.getrefcount(self._last)

    def rows(self, count: int, shape: tuple[int, ...]) -> Iterator[Column]:
        size = count * math.prod(shape)
        with self._lock:
            if self._last is None or self._last.size != size or self._holders() != self._alone:
                self._last = np.empty(size)
            block = self._last
            made = block.reshape(count, *shape)  # it holds the block
            if block.nbytes > _MOST_KEPT:
                self._last = None
        return (made[i, ...] for i in range(count))


_MOST_KEPT = 2**27  # bytes
rows = _Memory().rows
