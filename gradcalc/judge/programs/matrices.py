"""`numpy.linalg` for matrices of tracers: elimination and Cholesky's method, written out on numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy

from .tracer import Tracer, UntraceableError, applied, glance

LARGEST = 12  # rows; the formulas of larger ones are slower to judge than difference quotients


def _square(matrix: Any, beside: Any = ()) -> list[list[Any]]:
    """The rows of a matrix, its numbers written down too, as elimination in doubles would round them; `beside` may be
    where the tracers are."""
    found = numpy.asarray(matrix, dtype=object)
    if found.ndim != 2 or len(found) != found.shape[1] or len(found) > LARGEST:
        raise UntraceableError(f"numpy.linalg of an array of shape {found.shape}")
    tapes = [x.tape for rows in (found, beside) for row in rows for x in row if isinstance(x, Tracer)]
    return [[tapes[0].written(x) if tapes and glance(x) != 0 else x for x in row] for row in found]


def _eliminated(matrix: Any, beside: Any) -> tuple[Any, Any]:
    """The solution of `matrix @ x = beside`, and the determinant; the largest pivot is taken, as it is at the point."""
    rows, right = _square(matrix, beside), [list(row) for row in beside]
    size, determinant = len(rows), 1
    for k in range(size):
        pivot = max(range(k, size), key=lambda i: abs(glance(rows[i][k])))
        if glance(rows[pivot][k]) == 0:
            raise UntraceableError("the matrix is singular")
        if pivot != k:
            rows[k], rows[pivot], right[k], right[pivot] = rows[pivot], rows[k], right[pivot], right[k]
            determinant = -determinant
        determinant = determinant * rows[k][k]
        for i in range(size):
            if i == k or (i < k and not right[i]):
                continue
            factor = rows[i][k] / rows[k][k]
            rows[i][k:] = [x - factor * y for x, y in zip(rows[i][k:], rows[k][k:], strict=True)]
            right[i] = [x - factor * y for x, y in zip(right[i], right[k], strict=True)]
    solved = [[x / rows[i][i] for x in row] for i, row in enumerate(right)]
    return numpy.array(solved, dtype=object), determinant


def det(matrix: Any) -> Any:
    return _eliminated(matrix, [[] for _ in matrix])[1]


def slogdet(matrix: Any) -> tuple[Any, Any]:
    found = det(matrix)
    sign = math.copysign(1.0, glance(found))
    return sign, applied("log", sign * found)


def inv(matrix: Any) -> Any:
    return _eliminated(matrix, numpy.eye(len(matrix), dtype=int).tolist())[0]


def solve(matrix: Any, right: Any) -> Any:
    beside = numpy.asarray(right, dtype=object)
    if beside.ndim not in (1, 2):
        raise UntraceableError(f"numpy.linalg.solve with a right side of shape {beside.shape}")
    return _eliminated(matrix, beside.reshape(len(beside), -1))[0].reshape(beside.shape)


def cholesky(matrix: Any) -> Any:
    """The lower triangle L of `matrix = L @ L.T`, of which NumPy reads the lower triangle alone."""
    rows = _square(matrix)
    lower = numpy.zeros((len(rows), len(rows)), dtype=object)
    for i, row in enumerate(rows):
        for j in range(i + 1):
            rest = row[j] - sum(lower[i, k] * lower[j, k] for k in range(j))
            if i == j and not glance(rest) > 0:
                raise UntraceableError("the matrix is not positive definite")
            lower[i, j] = applied("sqrt", rest) if i == j else rest / lower[j, j]
    return lower


MEANINGS: Mapping[str, Callable[..., Any]] = {each.__name__: each for each in (det, slogdet, inv, solve, cholesky)}
