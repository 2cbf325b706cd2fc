"""How a gradient comes about, as documents and as JSON: chain-rule tables, derivations, tables of values."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from gradcalc.certified import Component
from gradcalc.certified.components import finite
from gradcalc.explain import Derivation, Explanation, Path, Row, Step
from gradcalc.language.formula import Call, Formula, Name, body_of, brief, derived, expression, to_text
from gradcalc.language.latex import to_latex
from gradcalc.language.literals import how_many
from gradcalc.plot import RangeTable, TableRow

from .document import (
    Block,
    Cell,
    Document,
    Equations,
    Line,
    Lines,
    Piece,
    Role,
    Table,
    cell,
    joined,
    labelled,
    line,
    prose,
    tone,
)
from .numbers import DIGITS, Style, component, csv_lines, fields_of, full, json_line, json_text, typeset
from .tex import tex_of_words
from .writers import html

MOST_ROWS = 500  # of a table somebody reads
MOST_CHARACTERS = 60  # of one operation

# ---- mathematics in pieces

_EQUALS, _PLUS, _TIMES = Piece(" = ", tex=" = "), Piece(" + ", tex=" + "), Piece(" * ", tex=r" \cdot ")


def _formula(formula: Formula, text: str = "") -> Piece:
    """A formula that is not too long, or as a text has it."""
    return Piece(text or brief(formula, MOST_CHARACTERS), Role.FORMULA, tex=partial(to_latex, formula))


def _number(part: Component, style: Style) -> Piece:
    text = component(part, style)
    return Piece(text, tex=typeset(text))


def _tex_of_name(name: str) -> str:
    tex = to_latex(Name(name))
    return rf"\mathrm{{{tex}}}" if len(tex) > 1 and tex.isalpha() else tex  # else a product of its letters


def _quotient(above: str, below: str) -> Piece:
    return Piece(
        f"d{above}/d{below}", tex=lambda: rf"\frac{{\partial {_tex_of_name(above)}}}{{\partial {_tex_of_name(below)}}}"
    )


def _bracketed(piece: Piece) -> Line:
    """In parentheses where it is negative."""
    if not piece.text.startswith("-"):
        return (piece,)
    return (Piece("(", tex=r"\left("), piece, Piece(")", tex=r"\right)"))


def _equal(*parts: Line) -> Line:
    """The parts with `=` between them, each text once."""
    return joined({"".join(piece.text for piece in part): part for part in parts}.values(), _EQUALS)


# ---- the chain-rule table


def operation(formula: Formula) -> str:
    """The operation that makes a node: `a * b`, `x^2`, `sin(v1)`; `input` for a variable."""
    if isinstance(formula, Name):
        return "input"
    if not isinstance(formula, Call) or formula.function.notation != "left":
        return brief(formula, MOST_CHARACTERS)
    row, (left, right) = formula.function, formula.args
    return f"{_operand(left, row.binding)} {row.symbol} {_operand(right, row.binding + 1)}"


def _operand(node: Formula, binding: int) -> str:
    text = brief(node, MOST_CHARACTERS // 2)
    looser = isinstance(node, Call) and node.function.symbol and node.function.binding < binding
    return f"({text})" if looser or text.startswith("-") else text


def _made_by(formula: Formula) -> Piece:
    if isinstance(formula, Name):
        return Piece("input", tex=r"\text{input}")
    return _formula(formula, operation(formula))


def _symbolic(path: Path, style: Style) -> Piece:
    return _number(path.local, style) if path.symbolic is None else _formula(path.symbolic)


def _local(row: Row, path: Path, style: Style) -> Line:
    """`dv2/dx = y = -4`; the formula is left out where it is the number itself."""
    parts = (_quotient(path.above, row.node), _symbolic(path, style), _number(path.local, style))
    return _equal(*((part,) for part in parts))


def _without_paths(explanation: Explanation, row: Row) -> Piece:
    text = "seed" if row.node == explanation.root else "no path"
    return Piece(text, tex=rf"\text{{{text}}}")


def _product(path: Path, style: Style) -> Line:
    """`-2 * (-3)`."""
    return (_number(path.upstream, style), _TIMES, *_bracketed(_number(path.local, style)))


def _sum(row: Row, style: Style) -> Line:
    """`6 + (-4)`."""
    return joined((_bracketed(_number(path.product, style)) for path in row.local_derivative), _PLUS)


def _chain(explanation: Explanation, row: Row, style: Style) -> Line:
    """`dL/de * de/db + ...`, a product for each path; of a direct one the local derivative alone, because its name
    would be that of the whole."""
    terms: list[Line] = []
    for path in row.local_derivative:
        if path.above == explanation.root:
            local = _symbolic(path, style)
            terms.append(_bracketed(local) if len(row.local_derivative) > 1 else (local,))
        else:
            terms.append((_quotient(explanation.root, path.above), _TIMES, _quotient(path.above, row.node)))
    return joined(terms, _PLUS)


def _at_length(explanation: Explanation, row: Row, style: Style) -> Line:
    """The gradient of one node: `dL/db = dL/de * de/db = -2 * 2 = -4`."""
    parts: list[Line] = [(_quotient(explanation.root, row.node),)]
    if paths := row.local_derivative:
        parts.append(_chain(explanation, row, style))
        if len(paths) > 1:
            parts.append(_sum(row, style))
        elif paths[0].above != explanation.root:
            parts.append(_product(paths[0], style))
    return _equal(*parts, (_number(row.gradient, style),))


def _rows(explanation: Explanation, row: Row, style: Style) -> Iterator[tuple[Cell, ...]]:
    """The lines of one node: node, formula, local derivative, gradient."""
    head = (cell(row.node), cell(_made_by(row.formula), _EQUALS, _number(row.value, style)))
    gradient, paths = _number(row.gradient, style), row.local_derivative
    if not paths:
        yield (*head, cell(_without_paths(explanation, row)), cell(gradient))
    for i, path in enumerate(paths):
        product = (*_product(path, style), _EQUALS, _number(path.product, style))
        yield (*(head if i == 0 else (cell(), cell())), (_local(row, path, style),), (product,))
    if len(paths) > 1:
        total = (*_sum(row, style), _EQUALS, gradient)
        yield (cell(), cell(), cell(f"sum of {len(paths)} paths"), (total,))


def _cut(explanation: Explanation) -> list[str]:
    more = len(explanation.rows) - MOST_ROWS
    return [f"... and {more} more nodes"] if more > 0 else []


def chain_table(explanation: Explanation, style: Style) -> tuple[Block, ...]:
    """The table in four columns, a line for each path."""
    rows = tuple(cells for row in explanation.rows[:MOST_ROWS] for cells in _rows(explanation, row, style))
    return Table(("Node", "Formula", "Local derivative", "Gradient"), rows, wraps=True), *prose(_cut(explanation))


def explanation(found: Explanation, style: Style) -> Document:
    """The value, the table, and what the chain rule does not say."""
    return Document((*_value(found, style), *chain_table(found, style), *prose(found.notes)))


def _value(explanation: Explanation, style: Style) -> tuple[Block, ...]:
    title = line(Piece(f"value = {component(explanation.value, style)}", Role.TITLE))
    return () if style.bare else (Lines((title,)),)


def explanation_by_hand(found: Explanation, style: Style) -> Document:
    """As `explanation`, with the gradients written out, one a line, in the place of the table."""
    lines = [_at_length(found, row, style) for row in found.rows[:MOST_ROWS]]
    return Document((*_value(found, style), Lines((*lines, *map(line, _cut(found)))), *prose(found.notes)))


def explanation_at_length(found: Explanation, style: Style) -> Document:
    """For pages: five columns, a row for each node, each gradient written out."""
    titles = ("Node", "Formula", "Value", "Local derivative", "Gradient")
    rows = tuple(_long_row(found, row, style) for row in found.rows[:MOST_ROWS])
    return Document((Table(titles, rows, code=True), *prose([*_cut(found), *found.notes])))


def on_page(told: Callable[[Any, Style], Document]) -> Callable[[Any, Style], Document]:
    """The document that is told of a result, below its formula: a page is read apart from what was typed."""

    def below(found: Any, style: Style) -> Document:
        formula = found.formula
        head = Lines((line(Piece(to_text(formula), tex=partial(to_latex, formula))),))
        return Document((head, *told(found, style).blocks))

    return below


def _long_row(explanation: Explanation, row: Row, style: Style) -> tuple[Cell, ...]:
    local = tuple(_local(row, path, style) for path in row.local_derivative)
    return (
        cell(Piece(row.node, tex=partial(_tex_of_name, row.node))),
        cell(_made_by(row.formula)),
        cell(_number(row.value, style)),
        local or cell(_without_paths(explanation, row)),
        (_at_length(explanation, row, style),),
    )


def page_of_explanation(found: Explanation, style: Style) -> str:
    """The page to step through; of several formulas, which share a file, the table alone."""
    return html(on_page(explanation_at_length)(found, style)) if style.named else found.page()


def explanation_as_json(found: Explanation, style: Style) -> str:
    """One object in one line, with the rows in the order of the chain rule. What is not finite is null."""
    return json_line(
        {
            "formula": to_text(found.formula),
            "value": finite(found.value.number),
            "rows": [_json_row(row) for row in found.rows],
            "notes": list(found.notes),
        }
    )


def _json_row(row: Row) -> dict[str, Any]:
    return {
        "node": row.node,
        "formula": operation(row.formula),
        "value": finite(row.value.number),
        "local_derivatives": [
            {
                "of": path.above,
                "symbolic": None if path.symbolic is None else expression(path.symbolic),
                "value": finite(path.local.number),
                "upstream": finite(path.upstream.number),
                "product": finite(path.product.number),
            }
            for path in row.local_derivative
        ],
        "gradient": finite(row.gradient.number),
    }


# ---- derivations


def _title(derivation: Derivation) -> str:
    """`d/dx e^2   where e = exp(x)`."""
    bare, whole = expression(derivation.formula), to_text(derivation.formula)
    where = whole.removesuffix(f"; {bare}") if whole != bare else ""
    return f"d/d{derivation.name} {derived(derivation.formula, len(bare) + 2)}" + (f"   where {where}" if where else "")


def _verdict(derivation: Derivation) -> Line:
    count = len(derivation.points)
    label = {"agrees": "verified", "wrong": "WRONG"}.get(derivation.verdict, "not verified")
    points = f"every line equals the derivative at {how_many(count, 'point')}, with error bounds"
    return labelled(label, points if derivation else derivation.reason, tone(derivation.verdict))


def derivation(found: Derivation, style: Style) -> Document:
    """The lines with their rules beside them, and what verifies them."""

    def tex() -> str:
        return rf"\frac{{d}}{{d {_tex_of_name(found.name)}}} \left({to_latex(body_of(found.formula))}\right)"

    rows = tuple((_formula(step.formula, expression(step.formula)), _rule(step)) for step in found.steps)
    return Document((Equations(Piece(_title(found), tex=tex), rows), *prose([_verdict(found)])))


def _rule(step: Step) -> Piece:
    """The reason of a line, in LaTeX without the law as a formula."""
    law, but = f": {step.law}" if step.law else "", f", except {step.exception}" if step.exception else ""
    return Piece(f"{step.rule}{law}{but}", tex=rf"\text{{{tex_of_words(step.rule + but)}}}")


def derivations(found: tuple[Derivation, ...], style: Style) -> Document:
    """Several derivations under each other."""
    return Document(tuple(block for each in found for block in derivation(each, style).blocks))


def derivations_as_json(found: tuple[Derivation, ...], style: Style) -> str:
    """One object a line for each derivation."""
    return "".join(json_line(_json_derivation(each)) for each in found)


def _json_derivation(found: Derivation) -> dict[str, Any]:
    return {
        "formula": to_text(found.formula),
        "name": found.name,
        "steps": [fields_of(step, "formula", "rule", "law", "exception") for step in found.steps],
        **fields_of(found, "verdict", "points", "reason"),
    }


# ---- tables of values


def values(table: RangeTable, style: Style) -> Document:
    """The columns x, value, d/dx; and below them, why a number is missing or is only a convention. Of several pieces
    this stands in the row, and all numbers have the same room."""
    parts = [tuple(cell(_number(part, style)) for part in _parts(row)) for row in table.rows]
    right = frozenset((0, 1, 2))
    if table.goes_on or not table.ends:
        rows = tuple((*cells, cell(row.note)) for cells, row in zip(parts, table.rows, strict=True))
        titles = () if table.goes_on else (*_titles(table), "note")
        return Document((Table(titles, rows, right, least=(style.digits or DIGITS) + 8),))
    notes = [f"{table.name}={component(row.x, style)}: {row.note}" for row in table.rows if row.note]
    return Document((Table(_titles(table), tuple(parts), right), *prose(notes)))


def _titles(table: RangeTable) -> tuple[str, ...]:
    return (table.name, "value", f"d/d{table.name}")


def _parts(row: TableRow) -> tuple[Component, ...]:
    return (row.x, row.value, row.derivative)


def values_as_csv(table: RangeTable, style: Style) -> str:
    """Numbers with all digits of a double; a cell without a number is empty, and `note` says why."""
    titles = [] if table.goes_on else [(*_titles(table), "note")]
    rows = (
        (*(full(part, style) if math.isfinite(part.number) else "" for part in _parts(row)), row.note)
        for row in table.rows
    )
    return csv_lines([*titles, *rows])


def values_as_json(table: RangeTable, style: Style) -> str:
    """One object in one line, of which a piece is a part; what is not finite is null."""
    rows = (
        {table.name: x, "value": value, "derivative": slope, "note": row.note}
        for row in table.rows
        for x, value, slope in [[finite(part.number) for part in _parts(row)]]
    )
    head = f'{json_text({"formula": to_text(table.formula), "name": table.name})[:-1]}, "rows": ['
    return (", " if table.goes_on else head) + ", ".join(map(json_text, rows)) + ("]}\n" if table.ends else "")
