"""Verdicts. Each module asks one question and answers it in balls, and where it can, for all values.

`witnesses`: do our chain rule and sympy's derivative agree?
"""

from .witnesses import Agreement, AgreementRow, agreement, compare, everywhere, symbolic_gradient, with_proofs, worst

__all__ = [
    "Agreement",
    "AgreementRow",
    "agreement",
    "compare",
    "everywhere",
    "symbolic_gradient",
    "with_proofs",
    "worst",
]
