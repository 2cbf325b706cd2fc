"""Answers typeset: as LaTeX, and as formulas are written by hand over several lines."""

from __future__ import annotations

from gradcalc.language.formula import Formula, Name, expression, free_names
from gradcalc.language.latex import to_latex
from gradcalc.language.substitution import substitute
from gradcalc.session import Answer
from gradcalc.session.answer import entry

from .answers import hessian, missing_seconds, second_derivatives, symbolic, verdict, verdict_lines, worth
from .document import Block, Document, Line, Lines, Piece, Role, line, prose
from .numbers import Style, component, typeset
from .writers import in_ascii


def equations(answer: Answer, style: Style) -> Document:
    """The formula and each derivative as an equation for LaTeX; the verdict is a comment.

    Raises:
        SymbolicError: a formula is too large or too deep to draw.
    """
    formula = to_latex(answer.formula)
    value = formula if answer.value is None else _worth(answer, style)
    lines = [formula if value == formula else f"{formula} = {value}"]
    for name in answer.names:
        right = [symbolic(answer, name, to_latex)] if answer.complete and not answer.options.numeric else []
        if name in answer.gradient:
            right.append(typeset(component(answer.gradient[name], style)))
        lines.append(" = ".join([_derivative(answer, (name,) * answer.options.order), *right]))
    if answer.hessian or answer.symbolic_hessian:
        cell = to_latex if answer.at is None else lambda part: typeset(component(part, style))
        for x, y, text in second_derivatives(answer, cell):
            lines.append(f"{_derivative(answer, (x, y))} = {text}")
    comments = verdict_lines(answer) + missing_seconds(answer)
    return Document((Lines((*(line(Piece(tex, tex=tex)) for tex in lines), *map(line, comments))),))


def _worth(answer: Answer, style: Style) -> str:
    value, sign, uncertainty = worth(answer, style).partition(" ± ")
    return typeset(value) + (rf" \pm {typeset(uncertainty)}" if sign else "")


def _derivative(answer: Answer, by: tuple[str, ...]) -> str:
    """The derivative of the answer's formula by names: of a named formula that of its name."""
    d = "d" if len(answer.names) == 1 else r"\partial"
    power = "" if len(by) == 1 else f"^{{{len(by)}}}"
    if len({*by}) == 1:
        below = f"{d} {to_latex(Name(by[0]))}{power}"
    else:
        below = r"\, ".join(f"{d} {to_latex(Name(name))}" for name in by)
    if isinstance(answer.formula, Name) and answer.formula.definition is not None:
        return rf"\frac{{{d}{power} {to_latex(Name(answer.formula.name))}}}{{{below}}}"
    return rf"\frac{{{d}{power}}}{{{below}}} \left({to_latex(answer.formula)}\right)"


def drawn(answer: Answer, style: Style) -> Document:
    """The formulas as they are written by hand, over several lines; in one line where that is too wide."""
    order = "" if answer.options.order == 1 else f"^{answer.options.order}"
    title = [] if answer.value is None else [line(Piece(f"value = {worth(answer, style)}", Role.TITLE))]
    blocks: list[Block] = [Lines((*title, *_drawn(answer.formula, style)))]
    formulas = {row.what: row.symbolic for row in answer.findings}
    for name in answer.names:
        formula, part = formulas.get(name), answer.gradient.get(name)
        label = f"d{order}/d{name}{order}" + ("" if part is None else f" = {component(part, style)}")
        blocks.append(Lines((line(label), *(_drawn(formula, style) if formula is not None else []))))
    if answer.hessian:
        blocks += hessian(answer, style)
    for x, row in answer.symbolic_hessian.items():
        blocks += [Lines((line(entry(x, y)), *_drawn(formula, style))) for y, formula in row.items()]
    return Document((*blocks, *prose(verdict(answer))))


def _drawn(formula: Formula, style: Style) -> list[Line]:
    from .drawn import to_pretty

    if style.ascii:
        names = [name for name in free_names(formula) if not name.isascii()]
        formula = substitute(formula, {name: Name(in_ascii(name)) for name in names})
    lines = [f"  {text}".rstrip() for text in to_pretty(formula, ascii=style.ascii).split("\n")]
    too_wide = style.width and any(len(text) > style.width for text in lines)
    return [line(f"  {expression(formula)}")] if too_wide else [*map(line, lines)]
