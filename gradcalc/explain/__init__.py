"""Derivatives as people work them out: `explain` node by node at a point, `steps` as formulas, one rule a line."""

from .steps import Derivation, Step, by_hand, steps
from .table import Explanation, Path, Row, explain

__all__ = ["Derivation", "Explanation", "Path", "Row", "Step", "by_hand", "explain", "steps"]
