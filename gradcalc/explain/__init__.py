"""Derivatives as people work them out: `explain` node by node at a point, `steps` as formulas, one rule a line.

Both take their rules from the table, as it is taught: `tidy` is a kind of scalar over which the rows' own texts come
out as people write them. `table` runs the chain rule over the places of a program, in balls; `steps` replaces one
`diff` after the other, and holds every line against reverse mode. `practice` asks what `table` knows, of `exercises`.
"""

from .steps import Derivation, Step, by_hand, steps
from .table import Explanation, Path, Row, explain

__all__ = ["Derivation", "Explanation", "Path", "Row", "Step", "by_hand", "explain", "steps"]
