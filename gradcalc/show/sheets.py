"""Sheets of exercises to print, each with its key: LaTeX and HTML as whole files, Markdown, text."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from html import escape

from gradcalc.explain import Explanation
from gradcalc.explain.exercises import Exercise, explained
from gradcalc.language.formula import Name, to_text
from gradcalc.record import dataclass, replace

from .document import Document, Piece, Table, cell
from .explained import chain_table
from .framed import html_page, latex_page
from .md import markdown, words
from .numbers import Style
from .tex import latex, tex_of_words
from .writers import html, text

TASK = "Find the value of every node, then, from the top down, the gradient of the result by each of them."


def _asked(found: Explanation) -> Table:
    """The table to fill in: the values of the variables are given, and that the gradient of the result is 1."""
    (table, *_) = chain_table(found, Style())
    assert isinstance(table, Table)
    heads = {row.node: row for row in found.rows}
    rows = []
    for node, formula, local, gradient in table.rows:
        row = heads.get("".join(piece.text for piece in node[0])) if node[0] else None
        if row is None:  # another path of the node above, or the sum of both
            continue
        given = formula if isinstance(row.formula, Name) else cell(*formula[0][:-1], _BLANK)
        root = row.node == found.root
        rows.append((node, given, local if root else (), gradient if root else ()))
    return replace(table, rows=tuple(tuple(part or cell() for part in row) for row in rows))


_BLANK = Piece("____", tex=r"\underline{\qquad}")


@dataclass(frozen=True, slots=True)
class Notation:
    """How a sheet is written: `escape` makes words of any text, `write` a table; an `exercise` has places for both, and
    the `sheet` for its title, the task, the exercises `asked` and the `key`; a `page` is made of the title and that."""

    escape: Callable[[str], str]
    write: Callable[[Document], str]
    exercise: str
    sheet: str
    page: Callable[[str, str], str] = lambda title, body: body

    def __call__(self, found: tuple[str, Sequence[Exercise]], style: Style) -> str:
        """A title, the exercises under each other, then their key."""
        title, exercises = found
        asked: list[str] = []
        key: list[str] = []
        for number, exercise in enumerate(exercises, 1):
            explanation = explained(exercise)
            point = ", ".join(f"{name} = {to_text(value)}" for name, value in exercise.at.items())
            heading = self.escape(f"{number}. {to_text(exercise.formula)} at {point}")
            for part, blocks in ((asked, (_asked(explanation),)), (key, chain_table(explanation, Style()))):
                part.append(self.exercise.format(heading=heading, table=self.write(Document(blocks))))
        return self.page(
            title, self.sheet.format(title=self.escape(title), task=TASK, asked="\n".join(asked), key="\n".join(key))
        )


_TEXT = Notation(str, lambda document: str(text(document)), "{heading}\n{table}", """{title}

{task}

{asked}
Key

{key}""")  # fmt: skip

_MARKDOWN = Notation(words, markdown, "## {heading}\n\n{table}", """# {title}

{task}

{asked}
# Key

{key}""")  # fmt: skip

_HTML = Notation(escape, html, "<section>\n<h2>{heading}</h2>\n{table}</section>", """<h1>{title}</h1>
<p>{task}</p>
{asked}
<h1 class="key">Key</h1>
{key}
""", html_page)  # fmt: skip

_LATEX = Notation(
    tex_of_words, lambda document: latex(document).strip(), "\\subsection*{{{heading}}}\n\\shown{{{table}}}",
    r"""\section*{{{title}}}
{task}
{asked}
\newpage
\section*{{Key}}
{key}""", lambda title, body: latex_page(body))  # fmt: skip

WRITERS: Mapping[str, Notation] = {"text": _TEXT, "markdown": _MARKDOWN, "html": _HTML, "latex": _LATEX}
