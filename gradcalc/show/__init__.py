"""Results as documents, and documents as text, Markdown, HTML and LaTeX.

`document` has the parts, `writers`, `md` and `tex` the notations, which `framed` makes whole files, `numbers` how
numbers are written. The other modules each show one kind of result: `answers` (`answer_records` for programs,
`typeset` as formulas, for which `drawn` sets LaTeX in characters), `verdicts`, `gradient_checks`, `graded`,
`explained`, `measured`, `fitted`; `sheets` are to be printed, and a `lesson` (its graph by `layout`) is a page to step
through. `notebook` has what print and notebooks ask for.
"""

from .document import Document
from .md import markdown
from .numbers import PENDING, Style, component
from .tex import latex
from .writers import Marked, Painted, columns, diagnostic, draws, folded, html, note, on_screen, painted, text

__all__ = [
    "PENDING", "Document", "Marked", "Painted", "Style", "columns", "component", "diagnostic", "draws", "folded",
    "html", "latex", "markdown", "note", "on_screen", "painted", "text",
]  # fmt: skip
