"""Verdicts. Each module asks one question and answers it in balls, and where it can, for all values.

`witnesses`: do our chain rule and sympy's derivative agree?
`claims`: is somebody's derivative right, and if not, which of the `mistakes` was made? `points` has the points that are
tried, `conditions` where a claim holds that fails elsewhere, `assumptions` what a formula needs to have a value.
"""

from .claims import Check, Counterexample, assert_derivative, check_derivative
from .mistakes import Mistake
from .witnesses import Agreement, AgreementRow, agreement, compare, everywhere, symbolic_gradient, with_proofs, worst

__all__ = [
    "Agreement",
    "AgreementRow",
    "Check",
    "Counterexample",
    "Mistake",
    "agreement",
    "assert_derivative",
    "check_derivative",
    "compare",
    "everywhere",
    "symbolic_gradient",
    "with_proofs",
    "worst",
]
