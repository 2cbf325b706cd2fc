"""A formula over a range: its values in a table, its curve with the derivative's, its field over two variables.

`ranges` reads `x=-3..3` and has certified numbers, `curves` and `fields` find what is to be drawn, `pictures` and
`terminal` draw it, by matplotlib and plotext from the extra `pictures`.
"""

from .curves import Break, Curve, curve
from .fields import Field, field
from .fitted import Fitted, fitted
from .pictures import picture
from .ranges import Range, RangeTable, TableRow, pieces, ranges_of, read_ranges, table
from .terminal import terminal

__all__ = [
    "Break", "Curve", "Field", "Fitted", "Range", "RangeTable", "TableRow", "curve", "field", "fitted", "picture",
    "pieces", "ranges_of", "read_ranges", "table", "terminal",
]  # fmt: skip
