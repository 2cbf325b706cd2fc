"""Are derivatives of many numbers right? Jacobians, Hessians and their products with vectors, of Python functions and
of formulas, judged as gradients are."""

from __future__ import annotations

from typing import Any, Unpack

from .examine import Case, examine
from .result import GradientCheck
from .subject import Options, settings_of


def check_jacobian(f: Any, jac: Any, at: Any = None, *, box: Any = None, **options: Unpack[Options]) -> GradientCheck:
    """Whether `jac` is the matrix of the partial derivatives of `f`, a row for each value of `f`.

    Args:
        f: a Python function of many values, or a list of formulas.
        jac: a function of the same point: the answer's shape is that of the values of `f` before that of the point; for
            a point of parts, such an array for each part.
        at, box, options: as for `check_gradient`.

    Raises what `check_gradient` raises.
    """
    return examine(Case(f, _function(jac), at, box, "jacobian"), settings_of(options))


def check_hessian(f: Any, hess: Any, at: Any = None, *, box: Any = None, **options: Unpack[Options]) -> GradientCheck:
    """Whether `hess` is the matrix of the second derivatives of `f`, a function of one value or a formula.

    `hess` answers with a matrix in the order of the numbers of the point, or in blocks, by part and part. There is no
    second derivative where there is no first. The rest is as for `check_gradient`.
    """
    return examine(Case(f, _function(hess), at, box, "hessian"), settings_of(options))


def check_jvp(f: Any, jvp: Any, at: Any, tangent: Any, **options: Unpack[Options]) -> GradientCheck:
    """Whether `jvp` is the derivative of the values of `f` along `tangent`, which has the form of the point.

    `jvp` is called with the point and, if it takes two arguments, the tangent. It answers in the form of the values of
    `f`, or with `(values, product)`. The rest is as for `check_jacobian`.
    """
    return examine(Case(f, _function(jvp), at, None, "jvp", tangent), settings_of(options))


def check_vjp(
    f: Any, vjp: Any, at: Any, cotangent: Any, *, box: Any = None, **options: Unpack[Options]
) -> GradientCheck:
    """Whether `vjp` is `cotangent`, which has the form of the values of `f`, times the Jacobian of `f`.

    `vjp` is called with the point and, if it takes two arguments, the cotangent. It answers in the form of the point.
    The rest is as for `check_jacobian`.
    """
    return examine(Case(f, _function(vjp), at, box, "vjp", cotangent), settings_of(options))


def check_hvp(f: Any, hvp: Any, at: Any, vector: Any, *, box: Any = None, **options: Unpack[Options]) -> GradientCheck:
    """Whether `hvp` is the Hessian of `f`, a function of one value, times `vector`, which has the form of the point.

    `hvp` is called with the point and, if it takes two arguments, the vector. It answers in the form of the point. The
    rest is as for `check_hessian`.
    """
    return examine(Case(f, _function(hvp), at, box, "hvp", vector), settings_of(options))


def assert_jacobian(f: Any, jac: Any, at: Any = None, **options: Any) -> None:
    """Raise AssertionError unless `jac` is the Jacobian of `f`. The arguments are those of `check_jacobian`."""
    __tracebackhide__ = True
    check_jacobian(f, jac, at, **options).held()


def assert_hessian(f: Any, hess: Any, at: Any = None, **options: Any) -> None:
    """Raise AssertionError unless `hess` is the Hessian of `f`. The arguments are those of `check_hessian`."""
    __tracebackhide__ = True
    check_hessian(f, hess, at, **options).held()


def assert_jvp(f: Any, jvp: Any, at: Any, tangent: Any, **options: Any) -> None:
    """Raise AssertionError unless `jvp` is right. The arguments are those of `check_jvp`."""
    __tracebackhide__ = True
    check_jvp(f, jvp, at, tangent, **options).held()


def assert_vjp(f: Any, vjp: Any, at: Any, cotangent: Any, **options: Any) -> None:
    """Raise AssertionError unless `vjp` is right. The arguments are those of `check_vjp`."""
    __tracebackhide__ = True
    check_vjp(f, vjp, at, cotangent, **options).held()


def assert_hvp(f: Any, hvp: Any, at: Any, vector: Any, **options: Any) -> None:
    """Raise AssertionError unless `hvp` is right. The arguments are those of `check_hvp`."""
    __tracebackhide__ = True
    check_hvp(f, hvp, at, vector, **options).held()


def _function(claim: Any) -> Any:
    if not callable(claim):
        raise TypeError(f"what is claimed must be a function, not {claim!r}")
    return claim
