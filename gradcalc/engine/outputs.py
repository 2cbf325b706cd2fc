"""The arrays over which columns are computed: the values of names, and those that results are written into, of users,
held to what is needed, or new; and the warning of rows that lack a result."""

from __future__ import annotations

import math
import sys
import threading
import warnings
from collections.abc import Iterator, Mapping, Sequence
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
    """Memory for results: that of the last ones, if nobody has these any more, as new pages cost half the time."""

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


def flattened(values: Mapping[str, Any]) -> tuple[list[Any], tuple[int, ...]]:
    """Columns of one length, or floats, and the shape that they have together.

    Raises:
        TypeError: a name's values are no real numbers.
        ValueError: the shapes do not go together.
    """
    arrays = [_doubles(value, name) for name, value in values.items()]
    try:
        shape = np.broadcast_shapes(*(array.shape for array in arrays))
    except ValueError:
        shapes = ", ".join(f"{name} {array.shape}" for name, array in zip(values, arrays, strict=True))
        raise ValueError(f"the shapes of the values do not go together: {shapes}") from None
    return [np.broadcast_to(array, shape).reshape(-1) if array.ndim else float(array) for array in arrays], shape


def _doubles(value: Any, name: str) -> Column:
    """A name's values as doubles, nan where they are masked."""
    try:
        array = value if isinstance(value, np.ma.MaskedArray) else np.asarray(value)
        if array.dtype.kind in "biufO":
            return np.ma.filled(array.astype(float, copy=False), np.nan)
    except (TypeError, ValueError, OverflowError):  # rows of several lengths, or objects that are no numbers
        raise TypeError(f"the values of {name} are no array of real numbers") from None
    raise TypeError(f"the values of {name} must be real numbers, not of type {array.dtype}")


class OutsideDomainWarning(RuntimeWarning):
    """Some rows lack `what` is asked for: `count` of `size`, the `first` at this index. Their results are nan."""

    def __init__(self, count: int, size: int, first: int, what: str = "value"):
        super().__init__(count, size, first, what)
        self.count, self.size, self.first, self.what = count, size, first, what

    def __str__(self) -> str:
        return f"{self.count:,} of {self.size:,} rows have no {self.what}; the first is row {self.first}"


def tell(missing: Column, size: int, what: str = "value") -> None:
    """Warn of rows, given by their indices, that lack something."""
    if len(missing):
        told = OutsideDomainWarning(len(missing), size, int(missing[0]), what)
        frame, level = sys._getframe(), 1
        while frame.f_back and frame.f_globals.get("__name__", "gradcalc").startswith("gradcalc"):
            frame, level = frame.f_back, level + 1
        warnings.warn(told, stacklevel=level)
