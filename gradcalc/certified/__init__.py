"""Certified results: values and gradients in balls, at rising precision, and the study of kinks."""

from .certifier import Certifier, certify
from .components import Certified, Component, known_to, negligible
from .higher import Higher
from .limits import Limit, limits
from .orders import Missing, derivative_there, diffs_there

__all__ = [
    "Certified",
    "Certifier",
    "Component",
    "Higher",
    "Limit",
    "Missing",
    "certify",
    "derivative_there",
    "diffs_there",
    "known_to",
    "limits",
    "negligible",
]
