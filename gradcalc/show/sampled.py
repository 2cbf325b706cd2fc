"""Tables of values as text, Markdown, HTML, CSV and JSON."""

from __future__ import annotations

import csv
import html
import io
import math

from gradcalc.language.formula import to_text
from gradcalc.plot import Table, TableRow

from .numbers import Style, columns, component, finite, full, json_line


def _titles(table: Table) -> list[str]:
    return [table.name, "value", f"d/d{table.name}"]


def _cells(row: TableRow, style: Style) -> list[str]:
    return [component(part, style) for part in (row.x, row.value, row.derivative)]


def _notes(table: Table, style: Style) -> list[str]:
    return [f"{table.name}={component(row.x, style)}: {row.note}" for row in table.rows if row.note]


def values_text(table: Table, style: Style) -> str:
    """The columns x, value, d/dx; and below them, why a number is missing or is only a convention."""
    lines = columns([_titles(table), *(_cells(row, style) for row in table.rows)], right=(0, 1, 2))
    notes = _notes(table, style)
    return "".join(f"{line}\n" for line in [*lines, *([""] if notes else []), *notes])


def values_markdown(table: Table, style: Style) -> str:
    rows = [_titles(table), ["---:"] * 3, *(_cells(row, style) for row in table.rows)]
    notes = [f"\n{note}\n" for note in _notes(table, style)]
    return "".join([*(f"| {' | '.join(row)} |\n" for row in rows), *notes])


def values_html(table: Table, style: Style) -> str:
    """A table without colours of its own; the notes below it."""

    def line(cells: list[str], tag: str) -> str:
        return f"<tr>{''.join(f'<{tag}>{html.escape(cell)}</{tag}>' for cell in cells)}</tr>"

    body = "".join(f"{line(_cells(row, style), 'td')}\n" for row in table.rows)
    notes = "".join(f"<p>{html.escape(note)}</p>\n" for note in _notes(table, style))
    return f"<table>\n<thead>{line(_titles(table), 'th')}</thead>\n<tbody>\n{body}</tbody>\n</table>\n{notes}"


def values_csv(table: Table, style: Style) -> str:
    """Numbers with all digits of a double; a cell without a number is empty, and `note` says why."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*_titles(table), "note"])
    for row in table.rows:
        parts = (row.x, row.value, row.derivative)
        writer.writerow([*(full(part, style) if math.isfinite(part.number) else "" for part in parts), row.note])
    return out.getvalue()


def values_json(table: Table, style: Style) -> str:
    """One object in one line; what is not finite is null."""
    rows = [
        {
            table.name: finite(row.x.number),
            "value": finite(row.value.number),
            "derivative": finite(row.derivative.number),
            "note": row.note,
        }
        for row in table.rows
    ]
    return json_line({"formula": to_text(table.formula), "name": table.name, "rows": rows})
