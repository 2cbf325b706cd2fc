"""Derivatives of formulas, numeric and symbolic, with proof that they are right.

    import gradcalc as gc

    f = gc.parse("(a*b + c)*f")
    at = {"a": 2, "b": -3, "c": 10, "f": -2}
    gc.value_and_grad(f, at)    # (-8.0, {"a": 6.0, "b": -4.0, "c": -2.0, "f": 4.0})
    gc.derivative(f, "a")       # the formula b*f
    bool(gc.agreement(f, at))   # True: both are the same, in balls and as symbols
    gc.check_derivative("sin(x^2)", "x", "cos(x^2)").hint    # which mistake was made

Formulas and points: `parse`, `Formula`. Numbers: `evaluate`, `grad`, `value_and_grad`, `hessian`, `jacobian`, `jvp`,
`vjp`, `hvp`, `trace`, `certify`; over columns, `compile`; with uncertainties, `propagate`; to data, `fit`. Symbols:
`derivative`, `to_sympy`, `from_sympy`. Our own two sides: `agreement`. Yours: `check_derivative` a formula,
`check_gradient` a function, `check_jacobian`, `check_hessian`, `check_jvp`, `check_vjp` and `check_hvp` functions of
many values, `assert_derivative`, `assert_gradient`, ... in tests, `blame` a node, `check_function` a row,
`certificate` and `verify`. How it comes about: `explain`, `steps`, `draw_formula`, `draw_dot`, `plot`. Graphs by hand:
`Value`, `nn`. A function of your own: `Function`. Errors are `FormulaError` and its kinds.

Of the code, `language/functions` is the heart: one row a function. `ARCHITECTURE.md` is the map.
"""

from __future__ import annotations

import sys

from .version import __version__ as __version__

TYPE_CHECKING = False  # `typing` takes as long as Python itself
if TYPE_CHECKING:  # the table below once more, for those who check types
    from . import nn as nn
    from .certified import Certified as Certified, Component as Component, certify as certify
    from .compiled import Compiled as Compiled, compile as compile
    from .draw import Drawing as Drawing, draw_dot as draw_dot, draw_formula as draw_formula
    from .engine.outputs import OutsideDomainWarning as OutsideDomainWarning
    from .engine.value import Value as Value
    from .explain.steps import Derivation as Derivation, steps as steps
    from .explain.table import Explanation as Explanation, explain as explain
    from .fitting import Fit as Fit, fit as fit
    from .gradients import (
        evaluate as evaluate,
        grad as grad,
        hessian as hessian,
        hvp as hvp,
        jacobian as jacobian,
        jvp as jvp,
        trace as trace,
        value_and_grad as value_and_grad,
        vjp as vjp,
    )
    from .judge.agreement import Agreement as Agreement, agreement as agreement
    from .judge.certificates import certificate as certificate, verify as verify
    from .judge.claims.court import assert_derivative as assert_derivative, check_derivative as check_derivative
    from .judge.claims.result import Check as Check, ClaimOptions as ClaimOptions, Counterexample as Counterexample
    from .judge.programs.gradient import (
        assert_gradient as assert_gradient,
        assert_hessian as assert_hessian,
        assert_hvp as assert_hvp,
        assert_jacobian as assert_jacobian,
        assert_jvp as assert_jvp,
        assert_vjp as assert_vjp,
        check_gradient as check_gradient,
        check_hessian as check_hessian,
        check_hvp as check_hvp,
        check_jacobian as check_jacobian,
        check_jvp as check_jvp,
        check_vjp as check_vjp,
    )
    from .judge.programs.result import CheckOptions as CheckOptions, GradientCheck as GradientCheck
    from .judge.result import Finding as Finding, Result as Result
    from .judge.rows import (
        Blame as Blame,
        FunctionCheck as FunctionCheck,
        blame as blame,
        check_function as check_function,
    )
    from .language.errors import (
        LIMITS as LIMITS,
        Diagnostic as Diagnostic,
        FormulaError as FormulaError,
        FormulaSyntaxError as FormulaSyntaxError,
        LimitError as LimitError,
        Limits as Limits,
        MissingLibraryError as MissingLibraryError,
        MissingValueError as MissingValueError,
        NotDifferentiableError as NotDifferentiableError,
        Span as Span,
        SymbolicError as SymbolicError,
        UndecidedError as UndecidedError,
        UndefinedError as UndefinedError,
    )
    from .language.formula import Formula as Formula
    from .language.functions import TABLE as TABLE, Function as Function
    from .language.parser import parse as parse
    from .measured import Propagated as Propagated, propagate as propagate, uncertain as uncertain
    from .plot import plot as plot
    from .printed.printer import code as code
    from .session import Session as Session
    from .symbolic import derivative as derivative, from_sympy as from_sympy, to_sympy as to_sympy
    from .verdict import Verdict as Verdict

if TYPE_CHECKING:
    from typing import Any

# what is public, by the module it is in: imported when it is asked for, because sympy takes longer than all the rest
_EXPORTS = {
    "certified": "Certified Component certify",
    "compiled": "Compiled compile",
    "draw": "Drawing draw_dot draw_formula",
    "engine.outputs": "OutsideDomainWarning",
    "engine.value": "Value",
    "explain.steps": "Derivation steps",
    "explain.table": "Explanation explain",
    "fitting": "Fit fit",
    "gradients": "evaluate grad hessian hvp jacobian jvp trace value_and_grad vjp",
    "judge.agreement": "Agreement agreement",
    "judge.certificates": "certificate verify",
    "judge.claims.court": "assert_derivative check_derivative",
    "judge.claims.result": "Check ClaimOptions Counterexample",
    "judge.programs.gradient": (
        "assert_gradient assert_hessian assert_hvp assert_jacobian assert_jvp assert_vjp "
        "check_gradient check_hessian check_hvp check_jacobian check_jvp check_vjp"
    ),
    "judge.programs.result": "CheckOptions GradientCheck",
    "judge.result": "Finding Result",
    "judge.rows": "Blame FunctionCheck blame check_function",
    "language.errors": (
        "LIMITS Diagnostic FormulaError FormulaSyntaxError LimitError Limits MissingLibraryError MissingValueError "
        "NotDifferentiableError Span SymbolicError UndecidedError UndefinedError"
    ),
    "language.formula": "Formula",
    "language.functions": "TABLE Function",
    "language.parser": "parse",
    "measured": "Propagated propagate uncertain",
    "plot": "plot",
    "printed.printer": "code",
    "session": "Session",
    "symbolic": "derivative from_sympy to_sympy",
    "verdict": "Verdict",
}
_HOMES = {name: module for module, names in _EXPORTS.items() for name in names.split()}

_FOLDERS = ("explain", "plot")  # that have the name of the function in them
_FOUND: dict[str, Any] = {}

__all__ = sorted(["__version__", "nn", *_HOMES])


def __getattr__(name: str) -> Any:
    """A public name, imported when it is asked for."""
    from importlib import import_module

    if name == "nn":
        return import_module(f".{name}", __name__)
    if name in _FOUND:
        return _FOUND[name]
    attributes = import_module(".language.attributes", __name__)
    if name not in _HOMES:
        attributes.refuse_attribute(f"module {__name__!r}", name, _HOMES)
    found = getattr(import_module(f".{_HOMES[name]}", __name__), name)
    found = attributes.called(found) if isinstance(found, type(__dir__)) else found
    found = _FOUND.setdefault(name, found)  # the one that another thread has found in between
    if name not in _FOLDERS:
        globals()[name] = found  # asked for once
    return found


def __dir__() -> list[str]:
    return __all__


def _of_folder(name: str) -> property:
    """The function of this name, also when the folder of that name has been imported, which then is set here."""

    def found(package: Any) -> Any:
        return vars(package)[name] if name in vars(package) else __getattr__(name)

    def imported(package: Any, other: object) -> None:
        """The folder is found in `sys.modules`; anything else stands in the place of the function, as in a test."""
        if not isinstance(other, type(sys)):
            vars(package)[name] = other

    def restored(package: Any) -> None:
        vars(package).pop(name, None)

    return property(found, imported, restored)


class _Package(type(sys)):  # type: ignore[misc]
    """A module of which `explain` and `plot` are functions."""

    explain, plot = map(_of_folder, _FOLDERS)


sys.modules[__name__].__class__ = _Package
