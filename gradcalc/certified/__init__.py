"""Certified results: the engine of `numeric` over balls, at rising precision, and the study of kinks."""

from .certifier import Certifier, certify
from .components import Certified, Component, known_to, negligible

__all__ = ["Certified", "Certifier", "Component", "certify", "known_to", "negligible"]
