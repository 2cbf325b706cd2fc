"""Derivatives of formulas, numeric and symbolic, with proof that they are right.

    import gradcalc as gc

    f = gc.parse("(a*b + c)*f")
    at = {"a": 2, "b": -3, "c": 10, "f": -2}
    gc.value_and_grad(f, at)    # (-8.0, {"a": 6.0, "b": -4.0, "c": -2.0, "f": 4.0})
    gc.derivative(f, "a")       # the formula b*f
    bool(gc.agreement(f, at))   # True: both are the same, in balls and as symbols
    gc.check_derivative("sin(x^2)", "x", "cos(x^2)").hint    # which mistake was made

Formulas and points: `parse`, `Formula`. Numbers: `evaluate`, `grad`, `value_and_grad`, `hessian`, `jacobian`, `jvp`,
`vjp`, `hvp`, `trace`, `certify`. Symbols: `derivative`. Our own two sides: `agreement`. Yours: `check_derivative` a
formula, `check_gradient` a function, `assert_derivative` and `assert_gradient` in tests, `blame` a node,
`check_function` a row, `certificate` and `verify`. How it comes about: `explain`, `steps`, `draw_formula`, `draw_dot`.
Graphs by hand: `Value`, `nn`. A function of your own: `Function`. Errors are `FormulaError` and its kinds.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .certified import Certified, Component, certify
from .engine.value import Value
from .explain import Derivation, Explanation, explain, steps
from .gradients import evaluate, grad, hessian, hvp, jacobian, jvp, trace, value_and_grad, vjp
from .judge import Agreement, AgreementRow, agreement
from .language.errors import (
    LIMITS,
    Diagnostic,
    FormulaError,
    FormulaSyntaxError,
    LimitError,
    Limits,
    MissingLibraryError,
    MissingValueError,
    NotDifferentiableError,
    Span,
    SymbolicError,
    UndecidedError,
    UndefinedError,
)
from .language.formula import Formula
from .language.functions import TABLE, Function
from .language.parser import parse
from .show import notebook as notebook  # attaches the methods by which a notebook shows formulas, Values and results
from .version import __version__

if TYPE_CHECKING:
    from . import nn
    from .draw import Drawing, draw_dot, draw_formula
    from .judge import (
        Blame,
        Check,
        Counterexample,
        FunctionCheck,
        GradientCheck,
        GradientRow,
        assert_derivative,
        assert_gradient,
        blame,
        certificate,
        check_derivative,
        check_function,
        check_gradient,
        verify,
    )
    from .session import Session
    from .symbolic import derivative


__all__ = [
    "LIMITS",
    "TABLE",
    "Agreement",
    "AgreementRow",
    "Blame",
    "Certified",
    "Check",
    "Component",
    "Counterexample",
    "Derivation",
    "Diagnostic",
    "Drawing",
    "Explanation",
    "Formula",
    "FormulaError",
    "FormulaSyntaxError",
    "Function",
    "FunctionCheck",
    "GradientCheck",
    "GradientRow",
    "LimitError",
    "Limits",
    "MissingLibraryError",
    "MissingValueError",
    "NotDifferentiableError",
    "Session",
    "Span",
    "SymbolicError",
    "UndecidedError",
    "UndefinedError",
    "Value",
    "__version__",
    "agreement",
    "assert_derivative",
    "assert_gradient",
    "blame",
    "certificate",
    "certify",
    "check_derivative",
    "check_function",
    "check_gradient",
    "derivative",
    "draw_dot",
    "draw_formula",
    "evaluate",
    "explain",
    "grad",
    "hessian",
    "hvp",
    "jacobian",
    "jvp",
    "nn",
    "parse",
    "steps",
    "trace",
    "value_and_grad",
    "verify",
    "vjp",
]

_LATER = {
    "Blame": "judge",
    "Check": "judge",
    "Counterexample": "judge",
    "assert_derivative": "judge",
    "check_derivative": "judge",
    "FunctionCheck": "judge",
    "GradientRow": "judge",
    "GradientCheck": "judge",
    "assert_gradient": "judge",
    "blame": "judge",
    "certificate": "judge",
    "check_function": "judge",
    "check_gradient": "judge",
    "verify": "judge",
    "Session": "session",
    "Drawing": "draw",
    "draw_dot": "draw",
    "draw_formula": "draw",
    "derivative": "symbolic",
}


def __getattr__(name: str) -> Any:
    """What needs more to be imported is looked up when it is wanted: sympy takes longer than all the rest."""
    if name == "nn":
        return import_module(".nn", __name__)
    if name in _LATER:
        notebook.attach_later(_LATER[name])
        return getattr(import_module(f".{_LATER[name]}", __name__), name)
    raise AttributeError(f"module 'gradcalc' has no attribute {name!r}")
