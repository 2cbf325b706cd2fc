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

from .witnesses import (
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
    from .claims import Check, Counterexample, assert_derivative, check_derivative
    from .components import GradientRow
    from .faults import Blame, FunctionCheck, FunctionRow, blame, check_function
    from .gradient import GradientCheck, assert_gradient, check_gradient
    from .mistakes import Mistake
    from .programs import function_of

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
    "Check": "claims",
    "Counterexample": "claims",
    "assert_derivative": "claims",
    "check_derivative": "claims",
    "Mistake": "mistakes",
    "Verification": "certificates",
    "certificate": "certificates",
    "verify": "certificates",
    "Blame": "faults",
    "FunctionCheck": "faults",
    "FunctionRow": "faults",
    "blame": "faults",
    "check_function": "faults",
    "GradientCheck": "gradient",
    "assert_gradient": "gradient",
    "check_gradient": "gradient",
    "GradientRow": "components",
    "function_of": "programs",
}


def __getattr__(name: str) -> Any:
    """Gradient functions are judged in sessions that ask for it; the other sessions start without."""
    if name in _LATER:
        return getattr(import_module(f".{_LATER[name]}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
