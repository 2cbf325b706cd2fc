"""Derivatives of formulas, numeric and symbolic, with proof that they are right.

    import gradcalc as gc

    f = gc.parse("(a*b + c)*f")
    at = {"a": 2, "b": -3, "c": 10, "f": -2}
    gc.value_and_grad(f, at)    # (-8.0, {"a": 6.0, "b": -4.0, "c": -2.0, "f": 4.0})
    gc.derivative(f, "a")       # the formula b*f
    bool(gc.agreement(f, at))   # True: both are the same, in balls and as symbols

Formulas and points: `parse`, `Formula`. Numbers: `evaluate`, `grad`, `value_and_grad`, `hessian`, `jacobian`, `jvp`,
`vjp`, `hvp`, `trace`, `certify`. Symbols: `derivative`. Verdicts: `agreement`. Graphs by hand: `Value`. A function of
your own: `Function`. Errors are `FormulaError` and its kinds.
"""

from typing import TYPE_CHECKING, Any

from . import notebook as notebook  # attaches the methods by which a notebook shows formulas, Values and results
from .certified import Certified, Component, certify
from .check import Agreement, AgreementRow, agreement
from .errors import (
    LIMITS,
    Diagnostic,
    FormulaError,
    FormulaSyntaxError,
    LimitError,
    Limits,
    MissingValueError,
    NotDifferentiableError,
    Span,
    SymbolicError,
    UndecidedError,
    UndefinedError,
)
from .formula import Formula
from .functions import TABLE, Function
from .gradients import evaluate, grad, hessian, hvp, jacobian, jvp, trace, value_and_grad, vjp
from .parser import parse
from .value import Value
from .version import __version__

if TYPE_CHECKING:
    from .symbolic import derivative


__all__ = [
    "LIMITS",
    "TABLE",
    "Agreement",
    "AgreementRow",
    "Certified",
    "Component",
    "Diagnostic",
    "Formula",
    "FormulaError",
    "FormulaSyntaxError",
    "Function",
    "LimitError",
    "Limits",
    "MissingValueError",
    "NotDifferentiableError",
    "Span",
    "SymbolicError",
    "UndecidedError",
    "UndefinedError",
    "Value",
    "__version__",
    "agreement",
    "certify",
    "derivative",
    "evaluate",
    "grad",
    "hessian",
    "hvp",
    "jacobian",
    "jvp",
    "parse",
    "trace",
    "value_and_grad",
    "vjp",
]


def __getattr__(name: str) -> Any:
    """`derivative` is looked up when it is wanted, because sympy takes longer to import than all the rest."""
    if name == "derivative":
        from .symbolic import derivative

        return derivative
    raise AttributeError(f"module 'gradcalc' has no attribute {name!r}")
