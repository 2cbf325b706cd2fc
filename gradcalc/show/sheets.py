"""Sheets of exercises to print, each with its key: LaTeX and HTML as whole files, Markdown, text."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from html import escape

from gradcalc.explain import Explanation, explain
from gradcalc.explain.exercises import Exercise
from gradcalc.language.formula import Name, to_text
from gradcalc.record import replace

from .document import Document, Piece, Table, cell
from .explained import chain_table
from .numbers import Style
from .writers import html, latex, markdown, tex_of_words, text

TASK = "Find the value of every node, then, from the top down, the gradient of the result by each of them."
KEY = "Key"


def _explanations(exercises: Sequence[Exercise]) -> list[Explanation]:
    return [explain(exercise.formula, exercise.at) for exercise in exercises]


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


def _key(found: Explanation) -> Document:
    return Document(chain_table(found, Style()))


def _heading(number: int, exercise: Exercise) -> str:
    point = ", ".join(f"{name} = {to_text(value)}" for name, value in exercise.at.items())
    return f"{number}. {to_text(exercise.formula)} at {point}"


def as_text(title: str, exercises: Sequence[Exercise]) -> str:
    """Exercises under each other, then their key."""
    return _flat(title, exercises, lambda document: str(text(document)), "{}\n", "{}\n\n")


def as_markdown(title: str, exercises: Sequence[Exercise]) -> str:
    """The same with headings."""
    return _flat(title, exercises, markdown, "## {}\n\n", "# {}\n\n")


def _flat(title: str, exercises: Sequence[Exercise], write: Callable[[Document], str], one: str, part: str) -> str:
    found = _explanations(exercises)
    heads = [one.format(_heading(i, exercise)) for i, exercise in enumerate(exercises, 1)]
    sheet = [head + write(Document((_asked(each),))) for head, each in zip(heads, found, strict=True)]
    key = [head + write(_key(each)) for head, each in zip(heads, found, strict=True)]
    parts = (part.format(title) + f"{TASK}\n\n" + "\n".join(sheet), part.format(KEY) + "\n".join(key))
    return "\n".join(parts)


_PAGE = """<!DOCTYPE html>
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
{sheet}
<h1 class="key">{key_title}</h1>
{key}
</body>
</html>
"""


def as_html(title: str, exercises: Sequence[Exercise]) -> str:
    """A whole page; the key begins a new one where it is printed."""
    found = _explanations(exercises)
    heads = [f"<h2>{escape(_heading(i, exercise))}</h2>\n" for i, exercise in enumerate(exercises, 1)]

    def sections(documents: Sequence[Document]) -> str:
        parts = (head + html(document) for head, document in zip(heads, documents, strict=True))
        return "\n".join(f"<section>\n{part}</section>" for part in parts)

    sheet = sections([Document((_asked(each),)) for each in found])
    return _PAGE.format(
        title=escape(title), task=TASK, sheet=sheet, key_title=KEY, key=sections([_key(each) for each in found])
    )


_TEX = r"""\documentclass[11pt]{article}
\usepackage[utf8]{inputenc}
\usepackage[a4paper,margin=2.2cm]{geometry}
\usepackage{amsmath}
\setlength{\parindent}{0pt}
\renewcommand{\arraystretch}{1.4}
\begin{document}
"""


def as_latex(title: str, exercises: Sequence[Exercise]) -> str:
    """A whole file for LaTeX."""
    found = _explanations(exercises)

    def part(title: str, documents: Sequence[Document]) -> str:
        lines = [rf"\section*{{{tex_of_words(title)}}}"]
        for i, (exercise, document) in enumerate(zip(exercises, documents, strict=True), 1):
            heading = tex_of_words(_heading(i, exercise))
            lines += [rf"\subsection*{{{heading}}}", rf"\[\displaystyle {latex(document).strip()} \]"]
        return "\n".join(lines)

    sheet = part(title, [Document((_asked(each),)) for each in found])
    sheet = sheet.replace("\n", f"\n{TASK}\n", 1)
    return f"{_TEX}{sheet}\n\\newpage\n{part(KEY, [_key(each) for each in found])}\n\\end{{document}}\n"


WRITERS: Mapping[str, Callable[[str, Sequence[Exercise]], str]] = {
    "": as_text, ".txt": as_text, ".md": as_markdown, ".html": as_html, ".tex": as_latex,
}  # fmt: skip
