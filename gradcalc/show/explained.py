"""Chain-rule tables and derivations as text, Markdown, HTML, LaTeX and JSON."""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from gradcalc.explain import Derivation, Explanation, Path, Row, Step
from gradcalc.language.formula import Call, Formula, Name, body_of, brief, derived, expression, to_text

from .numbers import Style, columns, component, finite, json_line, typeset

MOST_ROWS = 500  # of a table somebody reads
MOST_CHARACTERS = 60  # of one operation

# ---- the chain-rule table in cells


def _negative_in_brackets(text: str) -> str:
    return f"({text})" if text.startswith("-") else text


def operation(formula: Formula) -> str:
    """What a node is made by: `a * b`, `x^2`, `sin(v1)`; `input` for a variable."""
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


def _local(row: Row, path: Path, style: Style) -> str:
    """`dv2/dx = y = -4`; the formula is left out where it is the number itself."""
    number = component(path.local, style)
    return " = ".join(dict.fromkeys([f"d{path.above}/d{row.node}", _symbolic(path, style), number]))


def _symbolic(path: Path, style: Style) -> str:
    return component(path.local, style) if path.symbolic is None else brief(path.symbolic, MOST_CHARACTERS)


def _product(path: Path, style: Style) -> str:
    upstream, local = component(path.upstream, style), _negative_in_brackets(component(path.local, style))
    return f"{upstream} * {local} = {component(path.product, style)}"


def _sum(row: Row, style: Style) -> str:
    terms = (_negative_in_brackets(component(path.product, style)) for path in row.local_derivative)
    return f"{' + '.join(terms)} = {component(row.gradient, style)}"


def _cells(explanation: Explanation, row: Row, style: Style) -> Iterator[list[str]]:
    """The lines of one node: node, formula, local derivative, gradient."""
    head = [row.node, f"{operation(row.formula)} = {component(row.value, style)}"]
    paths = row.local_derivative
    if not paths:
        yield [*head, "seed" if row.node == explanation.root else "no path", component(row.gradient, style)]
    for i, path in enumerate(paths):
        yield [*(head if i == 0 else ["", ""]), _local(row, path, style), _product(path, style)]
    if len(paths) > 1:
        yield ["", "", f"sum of {len(paths)} paths", _sum(row, style)]


def written_out(explanation: Explanation, row: Row, style: Style) -> str:
    """The gradient of one node at length: `dL/db = dL/de * de/db = -2 * 2 = -4`."""
    parts = [f"d{explanation.root}/d{row.node}", component(row.gradient, style)]
    if paths := row.local_derivative:
        direct = len(paths) == 1 and paths[0].above == explanation.root
        numbers = _sum(row, style) if len(paths) > 1 else _product(paths[0], style)
        parts[1:] = [explanation.chain(row, lambda path: _symbolic(path, style)), parts[1] if direct else numbers]
    return " = ".join(dict.fromkeys(parts))


_TITLES = ["Node", "Formula", "Local derivative", "Gradient"]


def explain_table(explanation: Explanation, style: Style) -> str:
    """The table alone, in columns."""
    rows = [cells for row in explanation.rows[:MOST_ROWS] for cells in _cells(explanation, row, style)]
    return "".join(f"{line}\n" for line in [*columns([_TITLES, *rows]), *_cut(explanation)])


def _cut(explanation: Explanation) -> list[str]:
    more = len(explanation.rows) - MOST_ROWS
    return [f"... and {more} more nodes"] if more > 0 else []


def explain_text(explanation: Explanation, style: Style) -> str:
    """The value, the table, and what the chain rule does not say."""
    parts = [f"value = {component(explanation.value, style)}\n", explain_table(explanation, style)]
    if explanation.notes:
        parts.append("".join(f"{note}\n" for note in explanation.notes))
    return "\n".join(parts)


def explain_pretty(explanation: Explanation, style: Style) -> str:
    """As `explain_text`, with the gradients written out, one a line, in the place of the table."""
    shown = explanation.rows[:MOST_ROWS]
    lines = [f"value = {component(explanation.value, style)}", ""]
    lines += [written_out(explanation, row, style) for row in shown] + _cut(explanation)
    return "".join(f"{line}\n" for line in [*lines, *([""] if explanation.notes else []), *explanation.notes])


# ---- for documents: five columns, each gradient at length


def _long_cells(explanation: Explanation, row: Row, style: Style) -> list[list[str]]:
    """The cells of one node, of which each has one line or more."""
    local = [_local(row, path, style) for path in row.local_derivative] or ["seed"]
    if not row.local_derivative and row.node != explanation.root:
        local = ["no path"]
    value = component(row.value, style)
    return [[row.node], [operation(row.formula)], [value], local, [written_out(explanation, row, style)]]


_LONG_TITLES = ["Node", "Formula", "Value", "Local derivative", "Gradient"]


def _markdown_code(lines: Sequence[str]) -> str:
    return "<br>".join(f"`{line}`".replace("|", "\\|") for line in lines)


def _markdown_table(rows: Iterable[Sequence[str]]) -> str:
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def explain_markdown(explanation: Explanation, style: Style) -> str:
    cells = (_long_cells(explanation, row, style) for row in explanation.rows[:MOST_ROWS])
    rows = [_LONG_TITLES, ["---"] * 5, *([_markdown_code(lines) for lines in row] for row in cells)]
    after = [*_cut(explanation), *explanation.notes]
    return _markdown_table(rows) + "".join(f"\n{line}\n" for line in after)


def _html_table(titles: Sequence[str], rows: Iterable[Sequence[Sequence[str]]], after: Sequence[str]) -> str:
    head = "".join(f"<th>{title}</th>" for title in titles)
    body = "".join(f"<tr>{''.join(f'<td>{_html_code(lines)}</td>' for lines in row)}</tr>\n" for row in rows)
    notes = "".join(f"<p>{html.escape(note)}</p>\n" for note in after)
    return f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody>\n</table>\n{notes}"


def _html_code(lines: Sequence[str]) -> str:
    return "<br>".join(f"<code>{html.escape(line)}</code>" for line in lines if line)


def explain_html(explanation: Explanation, style: Style) -> str:
    """A table without colours of its own, so that it suits light pages and dark ones."""
    rows = (_long_cells(explanation, row, style) for row in explanation.rows[:MOST_ROWS])
    return _html_table(_LONG_TITLES, rows, [*_cut(explanation), *explanation.notes])


def explain_latex(explanation: Explanation, style: Style) -> str:
    """An `array`, for LaTeX's mathematics mode; the notes are comments.

    Raises:
        SymbolicError: an operation is too large or too deep to draw.
    """
    lines = [r"\begin{array}{lllll}", " & ".join(rf"\text{{{title}}}" for title in _LONG_TITLES) + r" \\ \hline"]
    shown = explanation.rows[:MOST_ROWS]
    lines += [" & ".join(_latex_cells(explanation, row, style)) + r" \\[1ex]" for row in shown]
    lines.append(r"\end{array}")
    return "".join(f"{line}\n" for line in [*lines, *(f"% {n}" for n in (*_cut(explanation), *explanation.notes))])


def _latex_cells(explanation: Explanation, row: Row, style: Style) -> list[str]:
    from gradcalc.symbolic import to_latex

    made_by = r"\text{input}" if isinstance(row.formula, Name) else to_latex(row.formula)
    locals_ = [r"\text{seed}" if row.node == explanation.root else r"\text{no path}"]
    gradient = [_quotient(explanation.root, row.node), typeset(component(row.gradient, style))]
    if paths := row.local_derivative:
        locals_ = [
            " = ".join(dict.fromkeys([_quotient(path.above, row.node), *_latex_local(path, style)])) for path in paths
        ]
        gradient[1:1] = [" + ".join(_latex_term(explanation, row, path, style) for path in paths)]
        gradient[2:2] = _latex_numbers(explanation, row, style)
    value = typeset(component(row.value, style))
    return [_latex_name(row.node), made_by, value, r",\; ".join(locals_), " = ".join(dict.fromkeys(gradient))]


def _latex_local(path: Path, style: Style) -> list[str]:
    """A local derivative as a formula, if there is a short one, and as a number."""
    from gradcalc.symbolic import to_latex

    number = typeset(component(path.local, style))
    return [number] if path.symbolic is None else [to_latex(path.symbolic), number]


def _latex_term(explanation: Explanation, row: Row, path: Path, style: Style) -> str:
    """What `Explanation.chain` has for one path."""
    if path.above != explanation.root:
        return rf"{_quotient(explanation.root, path.above)} \cdot {_quotient(path.above, row.node)}"
    local = _latex_local(path, style)[0]
    return _latex_bracketed(local) if len(row.local_derivative) > 1 else local


def _latex_numbers(explanation: Explanation, row: Row, style: Style) -> list[str]:
    """The products or the sum that make a gradient; nothing where it is one local derivative."""
    paths = row.local_derivative
    if len(paths) > 1:
        return [" + ".join(_latex_bracketed(typeset(component(path.product, style))) for path in paths)]
    upstream, local = (typeset(component(part, style)) for part in (paths[0].upstream, paths[0].local))
    return [] if paths[0].above == explanation.root else [rf"{upstream} \cdot {_latex_bracketed(local)}"]


def _latex_bracketed(text: str) -> str:
    return rf"\left({text}\right)" if text.startswith("-") else text


def _latex_name(name: str) -> str:
    from gradcalc.symbolic import to_latex

    return to_latex(Name(name))


def _quotient(above: str, below: str) -> str:
    return rf"\frac{{\partial {_latex_name(above)}}}{{\partial {_latex_name(below)}}}"


def explain_json(explanation: Explanation, style: Style) -> str:
    """One object in one line, with the rows in the order of the chain rule. What is not finite is null."""
    return json_line(
        {
            "formula": to_text(explanation.formula),
            "value": finite(explanation.value.number),
            "rows": [_json_row(row) for row in explanation.rows],
            "notes": list(explanation.notes),
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


def _reason(step: Step) -> str:
    law = f": {step.law}" if step.law else ""
    return f"{step.rule}{law}" + (f", except {step.exception}" if step.exception else "")


def _verdict(derivation: Derivation) -> str:
    count = len(derivation.points)
    if derivation.verdict == "agrees":
        return (
            f"verified: every line equals the derivative at {count} point{'s' if count > 1 else ''}, with error bounds"
        )
    return f"{'WRONG' if derivation.verdict == 'wrong' else 'not verified'}: {derivation.reason}"


def steps_text(derivation: Derivation, style: Style) -> str:
    """The lines with their rules beside them, and what verifies them."""
    shown = [f"  = {expression(step.formula)}" for step in derivation.steps]
    width = max((len(line) for line in shown if len(line) <= MOST_CHARACTERS), default=0)
    lines = [f"{line.ljust(width)}   {_reason(step)}" for line, step in zip(shown, derivation.steps, strict=True)]
    return "\n".join([_title(derivation), *lines, "", _verdict(derivation), ""])


def _step_cells(derivation: Derivation) -> list[list[str]]:
    rows = [[_title(derivation), ""]]
    return rows + [[f"= {expression(step.formula)}", _reason(step)] for step in derivation.steps]


def steps_markdown(derivation: Derivation, style: Style) -> str:
    rows = [["Derivative", "Rule"], ["---", "---"]]
    rows += [[_markdown_code([cell]) if cell else "" for cell in cells] for cells in _step_cells(derivation)]
    return _markdown_table(rows) + f"\n{_verdict(derivation)}\n"


def steps_html(derivation: Derivation, style: Style) -> str:
    rows = ([[cell] for cell in cells] for cells in _step_cells(derivation))
    return _html_table(["Derivative", "Rule"], rows, [_verdict(derivation)])


def steps_latex(derivation: Derivation, style: Style) -> str:
    """An `align*`; what verifies it is a comment.

    Raises:
        SymbolicError: a line is too large or too deep to draw.
    """
    from gradcalc.symbolic import to_latex

    left = rf"\frac{{d}}{{d {_latex_name(derivation.name)}}} \left({to_latex(body_of(derivation.formula))}\right)"
    lines = [r"\begin{align*}"]
    for i, step in enumerate(derivation.steps):
        rule = step.rule + (f", except {step.exception}" if step.exception else "")
        ending = r" \\" if i < len(derivation.steps) - 1 else ""
        lines.append(rf"{left if i == 0 else ''} &= {to_latex(step.formula)} && \text{{{_latex_text(rule)}}}{ending}")
    return "\n".join([*lines, r"\end{align*}", f"% {_verdict(derivation)}", ""])


def _latex_text(text: str) -> str:
    special = {"\\": r"\textbackslash{}", "^": r"\^{}", "~": r"\~{}"} | {c: f"\\{c}" for c in "_&%#$"}
    return "".join(special.get(c, c) for c in text)


def steps_json(derivation: Derivation, style: Style) -> str:
    return json_line(
        {
            "formula": to_text(derivation.formula),
            "name": derivation.name,
            "steps": [
                {"formula": expression(s.formula), "rule": s.rule, "law": s.law, "exception": s.exception}
                for s in derivation.steps
            ],
            "verdict": derivation.verdict,
            "points": list(derivation.points),
            "reason": derivation.reason,
        }
    )
