"""Pictures of graphs: DOT, SVG, PNG, Mermaid, and a tree of text.

`draw_dot(value)` draws what a `Value` was computed from, as micrograd's notebook does; `draw_formula(formula, at)`
draws a formula at a point, and knows its constants too.
"""

from .drawing import Drawing, draw_dot, draw_formula
from .nodes import Node

__all__ = ["Drawing", "Node", "draw_dot", "draw_formula"]
