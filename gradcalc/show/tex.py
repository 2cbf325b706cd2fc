"""Documents in LaTeX."""

from __future__ import annotations

from collections.abc import Iterator

from .document import Block, Cell, Document, Line, Lines, Piece, Table, text_of


def latex(document: Document) -> str:
    """For LaTeX's mathematics mode: an `array`, an `align*`, lines; what is no mathematics is a comment.

    Raises:
        SymbolicError: a formula is too large or too deep to draw.
    """
    gathered = sum(isinstance(block, Table) for block in document.blocks) > 1  # one formula, without empty lines
    found = [r"\begin{gathered}"] * gathered
    for i, block in enumerate(document.blocks):
        found += [*([r"\\[2ex]" * gathered] if i and not isinstance(block, Lines) else []), *_latex(block)]
    return "\n".join([*found, *[r"\end{gathered}"] * gathered, ""])


def _latex(block: Block) -> Iterator[str]:
    if isinstance(block, Lines):
        for each in block.lines:
            yield "".join(map(_tex, each)) if any(piece.tex is not None for piece in each) else _remark(each)
    elif isinstance(block, Table):
        yield rf"\begin{{array}}{{{''.join('r' if i in block.right else 'l' for i in range(len(block.titles)))}}}"
        yield " & ".join(rf"\text{{{tex_of_words(title)}}}" for title in block.titles) + r" \\ \hline"
        for row in block.rows:
            yield " & ".join(map(_tex_of_cell, row)) + r" \\[1ex]"
        yield r"\end{array}"
    else:
        yield r"\begin{align*}"
        for i, (formula, reason) in enumerate(block.rows):
            yield rf"{_tex(block.title) * (i == 0)} &= {_tex(formula)} && {_tex(reason)}" + (
                r" \\" if i < len(block.rows) - 1 else ""
            )
        yield r"\end{align*}"


def _remark(words: Line) -> str:
    return "\n".join(f"% {each}" for each in text_of(words).split("\n"))


def _tex_of_cell(words: Cell) -> str:
    lines = ["".join(map(_tex, each)) for each in words]
    rows = r" \\ ".join(lines)
    return rows if len(lines) == 1 else rf"\begin{{array}}{{@{{}}l@{{}}}} {rows} \end{{array}}"


def _tex(piece: Piece) -> str:
    tex = piece.tex() if callable(piece.tex) else piece.tex
    return rf"\text{{{tex_of_words(piece.text)}}}" if tex is None else tex


_WORDS = {"\\": "backslash", "~": "asciitilde", "<": "less", ">": "greater", "|": "bar"}
_SPECIAL = {c: rf"\text{word}{{}}" for c, word in _WORDS.items()} | {c: f"\\{c}" for c in "_&%#${}"} | {"^": r"\^{}"}


def tex_of_words(text: str) -> str:
    """Words with what LaTeX would take for its own, or has other signs for, written otherwise."""
    return "".join(_SPECIAL.get(c, c) for c in text)
