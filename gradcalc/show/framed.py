"""Results as whole files, which open and compile by themselves: what HTML and LaTeX need around them."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from gradcalc.language.latex import GREEK, LETTERS

from .tex import tex_of_words

_HTML = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark }}
body {{ font: 16px/1.5 system-ui, sans-serif; margin: 2em auto; max-width: 50em; padding: 0 1em; overflow-x: auto }}
pre {{ white-space: pre-wrap }}
table {{ border-collapse: collapse; margin: 1em 0 }}
th, td {{ border: 1px solid #888; padding: .4em .7em }}
section {{ break-inside: avoid }}
section table {{ width: 100% }}
section td {{ height: 1.6em }}
.key {{ break-before: page }}
</style>
</head>
<body>
{body}</body>
</html>
"""
_LATEX = r"""\documentclass[11pt]{{article}}
\usepackage[utf8]{{inputenc}}
\usepackage[a4paper,margin=2.2cm]{{geometry}}
\usepackage{{amsmath,graphicx}}
\setlength{{\parindent}}{{0pt}}
\renewcommand{{\arraystretch}}{{1.4}}
\newsavebox{{\wide}}
\newcommand{{\shown}}[1]{{\sbox{{\wide}}{{$\displaystyle #1$}}%
  \[\ifdim\wd\wide>\linewidth\resizebox{{\linewidth}}{{!}}{{\usebox{{\wide}}}}\else\usebox{{\wide}}\fi\]}}
\begin{{document}}
{body}
\end{{document}}
"""


def html_page(title: str, body: str) -> str:
    """A page of HTML."""
    return _HTML.format(title=escape(title), body=body)


def latex_page(body: str) -> str:
    r"""A document of LaTeX, in which `\shown` shows mathematics, smaller where it is too wide."""
    return _LATEX.format(body=body.translate(_LETTERS))


_SIGNS = {"∂": "partial", "≤": "le", "≥": "ge", "≠": "ne", "→": "to", "√": "surd", "∞": "infty", "−": "mathbin{-}"}


# the letters and signs that LaTeX's own fonts have in mathematics alone
_LETTERS = {ord(each): rf"\ensuremath{{\{name}}}" for each, name in ({LETTERS[n]: n for n in GREEK} | _SIGNS).items()}


def whole(content: str, suffix: str, title: str) -> str:
    """A text of `html`, of `latex` or of code in LaTeX as a file with such a suffix; a whole file stays as it is."""
    if suffix == ".html" and not content.startswith("<!"):
        return html_page(title, content)
    if suffix == ".tex" and not content.startswith(r"\documentclass"):
        return latex_page("\n".join(_paragraphs(content)))
    return content


_ROWS = 24  # of a table that goes onto a page
_APART = (r"\begin{gathered}", r"\\[2ex]", r"\end{gathered}")  # what holds the tables of one formula together


def _paragraphs(content: str) -> Iterator[str]:
    """The lines of LaTeX's mathematics mode, each shown, environments as a whole; and its comments as text."""
    block: list[str] = []
    depth = 0
    for line in content.splitlines():
        if line.startswith("%"):
            text = line[1:].removeprefix(" ")
            yield r"\quad " * text.startswith(" ") + tex_of_words(text.strip()) + "\n"
        elif line.strip() and line not in _APART:
            block.append(line)
            depth += line.count(r"\begin{") - line.count(r"\end{")
            if not depth:
                yield from _shown(block)
                block = []


def _shown(block: list[str]) -> Iterator[str]:
    if block[0].startswith(r"\begin{align"):
        yield "\n".join(block)
        return
    (*head, last), rows = (block[:2] + block[-1:], block[2:-1]) if len(block) > _ROWS else ((*block,), [])
    for first in range(0, max(1, len(rows)), _ROWS):
        shown = "\n".join([*head, *rows[first : first + _ROWS], last])
        yield rf"\shown{{{shown}}}"
