"""Verdicts. Each module asks one question and answers it in balls, and where it can, for all values.

`witnesses`: do our chain rule and sympy's derivative agree?
`claims`: is somebody's derivative right, and if not, which of the `mistakes` was made? `points` has the points that are
tried, `conditions` where a claim holds that fails elsewhere, `assumptions` what a formula needs to have a value.
`gradient`: is somebody's gradient function right? `tracing` makes formulas of programs: it runs them on the numbers of
`tracer`, with the names that `rebinding` replaces (`matrices` for linear algebra). `calling` hands points to functions,
`judge` decides at a point, `components` each partial derivative, by `rounding` or `differences` where it must, and
`regions` looks for faults in a box.
`faults`: which node is to blame, and does a user's row keep its promises? `certificates` are verdicts to ask again,
`programs` the functions in files that they name.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .agreement import (
    Agreement,
    AgreementRow,
    agreement,
    compare,
    everywhere,
    symbolic_gradient,
    verdict_of,
    with_proofs,
    worst,
)

if TYPE_CHECKING:
    from .certificates import Verification, certificate, verify
    from .claims.court import Check, Counterexample, assert_derivative, check_derivative
    from .claims.mistakes import Mistake
    from .programs.components import GradientRow
    from .programs.gradient import GradientCheck, assert_gradient, check_gradient
    from .programs.programs import function_of
    from .rows import Blame, FunctionCheck, FunctionRow, blame, check_function

__all__ = [
    "Agreement",
    "AgreementRow",
    "Blame",
    "Check",
    "Counterexample",
    "FunctionCheck",
    "FunctionRow",
    "GradientCheck",
    "GradientRow",
    "Mistake",
    "Verification",
    "agreement",
    "assert_derivative",
    "assert_gradient",
    "blame",
    "certificate",
    "check_derivative",
    "check_function",
    "check_gradient",
    "compare",
    "everywhere",
    "function_of",
    "symbolic_gradient",
    "verdict_of",
    "verify",
    "with_proofs",
    "worst",
]

_LATER = {
    "Check": "claims.court",
    "Counterexample": "claims.court",
    "assert_derivative": "claims.court",
    "check_derivative": "claims.court",
    "Mistake": "claims.mistakes",
    "Verification": "certificates",
    "certificate": "certificates",
    "verify": "certificates",
    "Blame": "rows",
    "FunctionCheck": "rows",
    "FunctionRow": "rows",
    "blame": "rows",
    "check_function": "rows",
    "GradientCheck": "programs.gradient",
    "assert_gradient": "programs.gradient",
    "check_gradient": "programs.gradient",
    "GradientRow": "programs.components",
    "function_of": "programs.programs",
}


def __getattr__(name: str) -> Any:
    """Gradient functions are judged in sessions that ask for it; the other sessions start without."""
    if name in _LATER:
        return getattr(import_module(f".{_LATER[name]}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
