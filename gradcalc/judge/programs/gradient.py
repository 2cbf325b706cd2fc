"""Are derivatives of functions right, at a point or over a box? Gradients, Jacobians, Hessians and their products with
vectors; each `check_...` has an `assert_...` for tests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Unpack

from gradcalc.judge.result import asserting
from gradcalc.language.formula import Formula

from .examine import examine
from .questions import Options
from .result import GradientCheck as GradientCheck


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
    return examine("gradient", f, grad, at, box, **options)


def check_jacobian(f: Any, jac: Any, at: Any = None, *, box: Any = None, **options: Unpack[Options]) -> GradientCheck:
    """Whether `jac` is the matrix of the partial derivatives of `f`, a row for each value of `f`.

    Args:
        f: a Python function of many values, or a list of formulas.
        jac: a function of the same point: the answer's shape is that of the values of `f` before that of the point; for
            a point of parts, such an array for each part.
        at, box, options: as for `check_gradient`.

    Raises what `check_gradient` raises.
    """
    return examine("jacobian", f, jac, at, box, **options)


def check_hessian(f: Any, hess: Any, at: Any = None, *, box: Any = None, **options: Unpack[Options]) -> GradientCheck:
    """Whether `hess` is the matrix of the second derivatives of `f`, a function of one value or a formula.

    `hess` answers with a matrix in the order of the numbers of the point, or in blocks, by part and part. There is no
    second derivative where there is no first. The rest is as for `check_gradient`.
    """
    return examine("hessian", f, hess, at, box, **options)


def check_jvp(f: Any, jvp: Any, at: Any, tangent: Any, **options: Unpack[Options]) -> GradientCheck:
    """Whether `jvp` is the derivative of the values of `f` along `tangent`, which has the form of the point.

    `jvp` is called with the point and, if it takes two arguments, the tangent. It answers in the form of the values of
    `f`, or with `(values, product)`. The rest is as for `check_jacobian`.
    """
    return examine("jvp", f, jvp, at, None, tangent, **options)


def check_vjp(
    f: Any, vjp: Any, at: Any, cotangent: Any, *, box: Any = None, **options: Unpack[Options]
) -> GradientCheck:
    """Whether `vjp` is `cotangent`, which has the form of the values of `f`, times the Jacobian of `f`.

    `vjp` is called with the point and, if it takes two arguments, the cotangent. It answers in the form of the point.
    The rest is as for `check_jacobian`.
    """
    return examine("vjp", f, vjp, at, box, cotangent, **options)


def check_hvp(f: Any, hvp: Any, at: Any, vector: Any, *, box: Any = None, **options: Unpack[Options]) -> GradientCheck:
    """Whether `hvp` is the Hessian of `f`, a function of one value, times `vector`, which has the form of the point.

    `hvp` is called with the point and, if it takes two arguments, the vector. It answers in the form of the point. The
    rest is as for `check_hessian`.
    """
    return examine("hvp", f, hvp, at, box, vector, **options)


assert_gradient = asserting(check_gradient)
assert_jacobian = asserting(check_jacobian)
assert_hessian = asserting(check_hessian)
assert_jvp = asserting(check_jvp)
assert_vjp = asserting(check_vjp)
assert_hvp = asserting(check_hvp)
