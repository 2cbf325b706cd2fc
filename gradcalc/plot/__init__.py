"""A formula over a range: its values in a table, its curve with the derivative's, its field over two variables.

`ranges` reads `x=-3..3` and has certified numbers, `curves` and `fields` find what is to be drawn, `pictures` and
`terminal` draw it, by matplotlib and plotext from the extra `pictures`.
"""

from __future__ import annotations

from gradcalc.engine.lowering import Point
from gradcalc.language.errors import FormulaSyntaxError, Span
from gradcalc.language.formula import Formula

from .curves import Break, Curve, curve
from .fields import Field, field
from .fitted import Fitted, fitted
from .pictures import picture
from .ranges import HELP, Range, RangeTable, TableRow, pieces, ranges_of, read_ranges, table
from .terminal import terminal

__all__ = [
    "Break", "Curve", "Field", "Fitted", "Range", "RangeTable", "TableRow", "curve", "field", "fitted", "picture",
    "pieces", "plot", "ranges_of", "read_ranges", "table", "terminal",
]  # fmt: skip


def plot(formula: str | Formula, over: str, at: Point | None = None) -> Curve | Field:
    """The curve of a formula over a range as it is typed, such as `x=-3..3`, or its field over two, such as
    `x=-2..2, y=-1..1`; notebooks draw it.

    Args:
        over: the range, or both.
        at: values of the other names; with one for that of the range, also the tangent there.

    Raises:
        FormulaError: a range cannot be read, or the formula has no value in it.
    """
    across, *others = read_ranges(over)
    if len(others) > 1:
        raise FormulaSyntaxError("a plot has one range, or two", Span(over, 0, len(over)), HELP)
    return field(formula, across, others[0], at) if others else curve(formula, across, at)
