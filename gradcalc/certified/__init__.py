"""Certified results: values and gradients in balls, at rising precision, and the study of kinks."""

from .certifier import Certifier, certify
from .components import Certified, Component, compared, known_to
from .higher import Higher
from .limits import Limit, limits
from .orders import Missing, derivative_there, diffs_there

__all__ = [
    "Certified", "Certifier", "Component", "Higher", "Limit", "Missing", "certify", "compared", "derivative_there",
    "diffs_there", "known_to", "limits",
]  # fmt: skip
