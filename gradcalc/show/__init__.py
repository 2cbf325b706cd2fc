"""Results as text. Every view is a function of a result and a `Style`."""

from .answers import (
    PENDING,
    View,
    csv_view,
    json_error,
    json_view,
    latex_view,
    line_view,
    plain_view,
    pretty_view,
    table_view,
    value_view,
    verdict_lines,
)
from .diagnostics import diagnostic, paint
from .numbers import Style, columns, component, number

__all__ = [
    "PENDING",
    "Style",
    "View",
    "columns",
    "component",
    "csv_view",
    "diagnostic",
    "json_error",
    "json_view",
    "latex_view",
    "line_view",
    "number",
    "paint",
    "plain_view",
    "pretty_view",
    "table_view",
    "value_view",
    "verdict_lines",
]
