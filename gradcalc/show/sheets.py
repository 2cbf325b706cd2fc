"""Sheets of exercises to print, each with its key: LaTeX and HTML as whole files, Markdown, text."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from html import escape

from gradcalc.explain import Explanation, explain
from gradcalc.explain.exercises import Exercise
from gradcalc.language.formula import Name, to_text
from gradcalc.record import dataclass, replace

from .document import Document, Piece, Table, cell
from .explained import chain_table
from .numbers import Style
from .writers import html, latex, markdown, tex_of_words, text

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
    the `sheet` for its title, the task, the exercises `asked` and the `key`."""

    escape: Callable[[str], str]
    write: Callable[[Document], str]
    exercise: str
    sheet: str

    def __call__(self, title: str, exercises: Sequence[Exercise]) -> str:
        """The exercises under each other, then their key."""
        asked: list[str] = []
        key: list[str] = []
        for number, exercise in enumerate(exercises, 1):
            found = explain(exercise.formula, exercise.at)
            point = ", ".join(f"{name} = {to_text(value)}" for name, value in exercise.at.items())
            heading = self.escape(f"{number}. {to_text(exercise.formula)} at {point}")
            for part, blocks in ((asked, (_asked(found),)), (key, chain_table(found, Style()))):
                part.append(self.exercise.format(heading=heading, table=self.write(Document(blocks))))
        return self.sheet.format(title=self.escape(title), task=TASK, asked="\n".join(asked), key="\n".join(key))


_TEXT = Notation(str, lambda document: str(text(document)), "{heading}\n{table}", """{title}

{task}

{asked}
Key

{key}""")  # fmt: skip

_MARKDOWN = Notation(str, markdown, "## {heading}\n\n{table}", """# {title}

{task}

{asked}
# Key

{key}""")  # fmt: skip

_HTML = Notation(escape, html, "<section>\n<h2>{heading}</h2>\n{table}</section>", """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{title}</title>
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; margin: 2em auto; max-width: 50em; padding: 0 1em }}
table {{ border-collapse: collapse; width: 100% }}
th, td {{ border: 1px solid #888; padding: .4em .7em; text-align: left; height: 1.6em }}
section {{ break-inside: avoid }}
.key {{ break-before: page }}
</style>
</head>
<body>
<h1>{title}</h1>
<p>{task}</p>
{asked}
<h1 class="key">Key</h1>
{key}
</body>
</html>
""")  # fmt: skip

_LATEX = Notation(
    tex_of_words, lambda document: latex(document).strip(), "\\subsection*{{{heading}}}\n\\[\\displaystyle {table} \\]",
    r"""\documentclass[11pt]{{article}}
\usepackage[utf8]{{inputenc}}
\usepackage[a4paper,margin=2.2cm]{{geometry}}
\usepackage{{amsmath}}
\setlength{{\parindent}}{{0pt}}
\renewcommand{{\arraystretch}}{{1.4}}
\begin{{document}}
\section*{{{title}}}
{task}
{asked}
\newpage
\section*{{Key}}
{key}
\end{{document}}
""")  # fmt: skip

WRITERS: Mapping[str, Notation] = {
    "": _TEXT, ".txt": _TEXT, ".md": _MARKDOWN, ".html": _HTML, ".tex": _LATEX,
}  # fmt: skip
