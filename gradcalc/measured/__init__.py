"""Values with standard uncertainties: how these pass through a formula, to first and second order and by sampling."""

from .correlation import Correlations, read_correlations
from .nearby import Nearby
from .propagation import Propagated, SecondOrder, propagate, uncertain
from .sampling import Draws, Sampled

__all__ = [
    "Correlations", "Draws", "Nearby", "Propagated", "Sampled", "SecondOrder", "propagate", "read_correlations",
    "uncertain",
]  # fmt: skip
