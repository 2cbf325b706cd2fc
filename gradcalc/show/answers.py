"""Answers as text: tables, lines, JSON, CSV, LaTeX. Every view is a function of an answer and a `Style`.

A view of an answer whose symbolic side is still at work has `PENDING` where a text is still to come; what stands before
the first one can be written at once.
"""

from __future__ import annotations

import math
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from gradcalc.certified import Component, certify
from gradcalc.engine.rewrite import shows_kinks
from gradcalc.judge.agreement import AgreementRow
from gradcalc.language.errors import FormulaError, MissingValueError, UndecidedError, UndefinedError
from gradcalc.language.formula import Formula, Name, expression, free_names, substitute, to_text
from gradcalc.session import Answer
from gradcalc.version import __version__

from .numbers import (
    DIGITS,
    DOUBLE_DIGITS,
    UNKNOWN,
    Style,
    columns,
    component,
    finite,
    full,
    is_tiny,
    json_line,
    number,
    shortest,
    typeset,
)

PENDING = "\0"

# ---- verdicts

_BADLY = 13  # a float result that keeps fewer of its 16 digits is called badly conditioned


def verdict_lines(answer: Answer) -> list[str]:
    """What was shown, and only that; empty where there was nothing to show."""
    return _VERDICTS[answer.verdict](answer) + _left_over(answer)


_NO_FORMULA = "the symbolic side has no formula"


def _left_over(answer: Answer) -> list[str]:
    """Why derivatives are undecided or have no formula, where the verdict is about something worse."""
    if answer.verdict == "undecided":
        return []
    without = [f"d/d{row.name}" for row in _rows(answer) if row.symbolic is None]
    if _reasons(answer, "undecided"):
        return _undecided(answer)
    return [f"{', '.join(without)}: {_NO_FORMULA}"] if without else []


def _agree(answer: Answer) -> list[str]:
    rows = _rows(answer)
    proved = sum(row.proved for row in rows)
    values = "all values but the kinks" if shows_kinks(answer.formula) else "all values"
    scope = f", proved for {values}" if proved == len(rows) else " at this point"
    if 0 < proved < len(rows):
        scope += f", {proved} of them proved for {values}"
    return [f"agree: {len(rows)} of {len(rows)} {_noun(answer)}{scope}{_conditioning(rows)}"]


def _conditioning(rows: Sequence[AgreementRow]) -> str:
    kept = min((row.digits for row in rows if row.digits is not None and row.truth), default=16)
    return f"; the float result keeps {kept} of 16 digits (badly conditioned)" if kept < _BADLY else ""


def _disagree(answer: Answer) -> list[str]:
    rows = _rows(answer)
    wrong = [row for row in rows if row.verdict == "disagree"]
    differ = "differs" if len(rows) == 1 else "differ"
    return [
        f"DISAGREE: {len(wrong)} of {len(rows)} {_noun(answer)} {differ} from sympy",
        *(f"  {row.name}: {row.reason}" for row in wrong),
        *([f"  {answer.agreement.reason}"] if answer.agreement and answer.agreement.reason else []),
    ]


def _not_differentiable(answer: Answer) -> list[str]:
    return [f"not differentiable: {reason}" for reason in _reasons(answer, "not-differentiable")]


def _undecided(answer: Answer) -> list[str]:
    return [f"undecided: {reason}" for reason in _reasons(answer, "undecided") or ["no reason known"]]


def _unchecked(answer: Answer) -> list[str]:
    return ["unchecked: -n leaves out the symbolic side"]


_VERDICTS: Mapping[str, Callable[[Answer], list[str]]] = {
    "": lambda answer: [PENDING],
    "value": lambda answer: [],
    "agree": _agree,
    "disagree": _disagree,
    "not-differentiable": _not_differentiable,
    "undecided": _undecided,
    "unchecked": _unchecked,
}
_SHORT_VERDICTS = {
    "": PENDING, "value": "", "agree": "agree", "disagree": "DISAGREE", "not-differentiable": "not differentiable",
    "undecided": "undecided", "unchecked": "unchecked",
}  # fmt: skip


def _rows(answer: Answer) -> tuple[AgreementRow, ...]:
    return answer.agreement.rows if answer.agreement is not None else ()


def _reasons(answer: Answer, verdict: str) -> list[str]:
    rows = [row for row in _rows(answer) if row.verdict == verdict]
    given = {row.name: row.reason for row in rows if row.reason}
    if answer.agreement is None:
        parts = answer.gradient.items()
        given = {name: part.message for name, part in parts if part.message and part.status == verdict}
    reasons = list(dict.fromkeys(given.values()))
    return reasons if len(reasons) == 1 else [f"d/d{name}: {reason}" for name, reason in given.items()]


def _noun(answer: Answer) -> str:
    if answer.options.order > 1:
        return f"derivatives of order {answer.options.order}"
    return "derivatives" if answer.at is None else "gradients"


def _ordinal(n: int) -> str:
    ending = "th" if n % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    return f"{n}{ending}"


# ---- tables


def _derivative_title(answer: Answer, plain: str) -> str:
    return plain if answer.options.order == 1 else f"{_ordinal(answer.options.order)} derivative"


def _symbolic(answer: Answer, name: str, write: Callable[[Formula], str] = expression) -> str:
    if not answer.complete:
        return PENDING
    row = next((row for row in _rows(answer) if row.name == name), None)
    return UNKNOWN if row is None or row.symbolic is None else write(row.symbolic)


def table_view(answer: Answer, style: Style) -> str:
    """The default: value, a table with a row for each name, the verdict."""
    blocks: list[list[str]] = []
    title = [expression(answer.formula)] if style.named else []
    if answer.value is not None:
        title.append(f"value = {component(answer.value, style)}")
    if title:
        blocks.append(title)
    if answer.names and not answer.options.value_only:
        blocks.append(_table(answer, style))
    if verdict := verdict_lines(answer):
        blocks.append(_wrapped(verdict, style))
    if answer.hessian or answer.symbolic_hessian:
        blocks.append(_hessian(answer, style))
    return "".join("\n".join(block) + "\n" + ("\n" if block is not blocks[-1] else "") for block in blocks)


def _wrapped(lines: Iterable[str], style: Style) -> list[str]:
    """Prose that fits into the width."""
    if not style.width:
        return list(lines)
    wrap = textwrap.TextWrapper(
        max(style.width, 20), subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
    )
    return [part for line in lines for part in (wrap.wrap(line) if len(line) > style.width else [line])]


def _table(answer: Answer, style: Style) -> list[str]:
    if answer.at is None:
        rows = [["name", _derivative_title(answer, "derivative")]]
        return _fitting(rows + [[name, _symbolic(answer, name)] for name in answer.names], style)
    rows = [["name", "at", _derivative_title(answer, "gradient")]]
    for name in answer.names:
        rows.append([name, _at(answer, name, style), component(answer.gradient[name], style)])
    if answer.options.numeric:
        return columns(_typable(rows, style), right=(1, 2))
    rows[0].append("symbolic")
    for row in rows[1:]:
        row.append(_symbolic(answer, row[0]))
    return _fitting(rows, style, right=(1, 2))


def _at(answer: Answer, name: str, style: Style) -> str:
    """What a name was given as: a double, unless that has lost it and the computation has not."""
    assert answer.at is not None
    x = answer.at[name]
    exact = style.bits or not answer.options.numeric
    finer = (style.digits or 0) >= DOUBLE_DIGITS  # else 0.1 would be the digits of its double
    if (finer or abs(x) < sys.float_info.min) and name in style.point and exact:
        return component(certify(style.point[name], {}, ()).value, style if finer else replace(style, bits=0))
    return number(x, style.digits or DIGITS)


def _fitting(rows: Sequence[Sequence[str]], style: Style, right: Iterable[int] = ()) -> list[str]:
    """A table whose last column, the formulas, goes below each row where the table would be too wide."""
    rows = _typable(rows, style)
    lines = columns(rows, right)
    if not style.width or all(len(line) <= style.width for line in lines):
        return lines
    lines = columns([row[:-1] for row in rows], right)
    return [part for line, row in zip(lines, rows, strict=True) for part in (line, f"    {row[-1]}")]


def _typable(rows: Sequence[Sequence[str]], style: Style) -> list[list[str]]:
    """Cells in ASCII, if that is asked for, before they are lined up."""
    return [[_ascii(cell) if style.ascii else cell for cell in row] for row in rows]


def _ascii(text: str) -> str:
    """With escapes that our own language reads: `\\u03b1`."""
    return text.encode("ascii", "backslashreplace").decode("ascii")


def _second_derivatives(answer: Answer, cell: Callable[[Any], str]) -> Iterator[tuple[str, str, str]]:
    """The entries of the Hessian with their names: formulas without a point, else numbers."""
    for x in answer.names:
        row: Mapping[str, Any] = (answer.symbolic_hessian if answer.at is None else answer.hessian).get(x, {})
        for y in answer.names:
            yield x, y, cell(row[y]) if y in row and not _is_undecided(row[y]) else UNKNOWN


def _is_undecided(entry: Any) -> bool:
    """Whether it is a number that may not be the derivative, or there may be none."""
    return isinstance(entry, Component) and entry.status == "undecided" and math.isfinite(entry.number)


def _entry(x: str, y: str) -> str:
    return f"d2/d{x}2" if x == y else f"d2/d{x}d{y}"


def _hessian(answer: Answer, style: Style) -> list[str]:
    names = answer.names
    cell = expression if answer.at is None else lambda part: component(part, style)
    entries = list(_second_derivatives(answer, cell))
    rows = [["hessian", *names]]
    rows += [[x, *(text for name, _, text in entries if name == x)] for x in names]
    table = columns(_typable(rows, style), right=() if answer.at is None else range(1, len(names) + 1))
    if style.width and any(len(line) > style.width for line in table):
        table = columns(_typable([["hessian", ""], *([_entry(x, y), text] for x, y, text in entries)], style))
    missing = _wrapped(_missing_seconds(answer), style)
    return [*table, "", *missing] if missing else table


def _missing_seconds(answer: Answer) -> list[str]:
    missing = [f"{entry} is missing: {reason}" for reason, entry in answer.missing_seconds.items()]
    if answer.symbolic_hessian:
        unknown = [_entry(x, y) for x, y, text in _second_derivatives(answer, lambda _: "") if text == UNKNOWN]
        missing += [f"{', '.join(unknown)}: {_NO_FORMULA}"] if unknown else []
    return missing


def line_view(answer: Answer, style: Style) -> str:
    """One line, for scripts: `x^2 = 9   dx 6   agree`."""
    parts = [expression(answer.formula)]
    order = "" if answer.options.order == 1 else str(answer.options.order)
    if answer.value is not None:
        parts = [f"{parts[0]} = {component(answer.value, style)}"]
        parts.append("  ".join(f"d{order}{name} {component(part, style)}" for name, part in answer.gradient.items()))
    else:
        parts.append("  ".join(f"d{order}{name} {_symbolic(answer, name)}" for name in answer.names))
    parts.append(_SHORT_VERDICTS[answer.verdict])
    return "   ".join(part for part in parts if part) + "\n"


def value_view(answer: Answer, style: Style) -> str:
    """The value alone."""
    return f"{component(answer.value, style)}\n" if answer.value is not None else ""


# ---- for programs


def plain_view(answer: Answer, style: Style) -> str:
    """Tab-separated: `formula` where there are several, `value`, a `grad` row for each name (name, number, formula),
    `hessian` rows, `verdict`."""
    rows = [["formula", to_text(answer.formula)]] if style.named else []
    if answer.value is not None:
        rows.append(["value", full(answer.value, style)])
    if not answer.options.value_only:
        for name in answer.names:
            at_point = answer.gradient.get(name)
            numeric = "" if at_point is None else full(at_point, style)
            symbolic = "" if answer.options.numeric else _symbolic(answer, name)
            rows.append(["grad", name, numeric, symbolic])
        for name, second in answer.hessian.items():
            rows += [
                ["hessian", name, other, UNKNOWN if _is_undecided(part) else full(part, style)]
                for other, part in second.items()
            ]
        for name, partials in answer.symbolic_hessian.items():
            rows += [["hessian", name, other, expression(formula)] for other, formula in partials.items()]
        rows.append(["verdict", answer.verdict or PENDING])
    return "".join("\t".join(row) + "\n" for row in rows)


def csv_view(answer: Answer, style: Style) -> str:
    """A table with the columns name, at, gradient, symbolic, verdict, and with second derivatives one for each name;
    the value's row has no name. Of several formulas each has its text in a first column, and the titles come once."""
    import csv
    import io

    second: dict[str, list[str]] = {name: [] for name in answer.names}
    if answer.hessian or answer.symbolic_hessian:
        cell = expression if answer.at is None else lambda part: full(part, style)
        for x, _, text in _second_derivatives(answer, cell):
            second[x].append(text)
    titles = [f"hessian {name}" for name in answer.names if second[name]]
    rows = [["name", "at", "gradient", "symbolic", "verdict", *titles]]
    if answer.value is not None:
        rows.append(["", "", full(answer.value, style), expression(answer.formula), "", *[""] * len(titles)])
    verdicts = {row.name: row.verdict for row in _rows(answer)}
    for name in answer.names:
        at = "" if answer.at is None else _exact_at(answer, name, style)
        part = answer.gradient.get(name)
        gradient = "" if part is None else full(part, style)
        symbolic = "" if answer.options.numeric else _symbolic(answer, name)
        rows.append([name, at, gradient, symbolic, verdicts.get(name, answer.verdict), *second[name]])
    if style.named:
        rows = [
            [text, *row] for text, row in zip(["formula", *[to_text(answer.formula)] * len(rows)], rows, strict=False)
        ]
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows[1:] if style.continued and not titles else rows)
    return out.getvalue()


def _exact_at(answer: Answer, name: str, style: Style) -> str:
    assert answer.at is not None
    x = answer.at[name]
    return _at(answer, name, style) if abs(x) < sys.float_info.min else shortest(x)


def json_view(answer: Answer, style: Style) -> str:
    """One JSON object in one line. What is not a finite number is null, and `reasons` says why."""
    rows = {row.name: row for row in _rows(answer)}
    tiny = _tiny(answer, style)
    found: dict[str, Any] = {
        "formula": to_text(answer.formula),
        "value": None if answer.value is None else finite(answer.value.number),
        "at": answer.at,
        "gradient": {name: finite(part.number) for name, part in answer.gradient.items()},
        "symbolic": {name: None if row.symbolic is None else expression(row.symbolic) for name, row in rows.items()},
        "verdict": answer.verdict,
        "proved": answer.agreement is not None and answer.agreement.proved,
        "reasons": _json_reasons(answer, rows),
        "notes": verdict_lines(answer) + _missing_seconds(answer) + tiny,
        "ulps": {name: finite(row.ulps) for name, row in rows.items()},
        "digits": {name: row.digits for name, row in rows.items()},
        "order": answer.options.order,
        "hessian": _json_hessian(answer),
        "precision": style.bits or None,
        "certified": _json_certified(answer, style) if style.bits or tiny else None,
        "version": __version__,
    }
    return json_line(found)


def _json_hessian(answer: Answer) -> dict[str, dict[str, Any]] | None:
    if answer.symbolic_hessian:
        return {x: {y: expression(f) for y, f in row.items()} for x, row in answer.symbolic_hessian.items()}
    numbers = {
        x: {y: None if _is_undecided(part) else finite(part.number) for y, part in row.items()}
        for x, row in answer.hessian.items()
    }
    return numbers or None


def _json_certified(answer: Answer, style: Style) -> dict[str, Any]:
    return {
        "value": None if answer.value is None else full(answer.value, style),
        "gradient": {name: full(part, style) for name, part in answer.gradient.items()},
        "at": {name: _exact_at(answer, name, style) for name in answer.at or ()},
    }


def _tiny(answer: Answer, style: Style) -> list[str]:
    """A note on numbers that are not 0 and have no digits, or too few, as doubles."""
    parts = {"the value": answer.value, **{f"d/d{name}": part for name, part in answer.gradient.items()}}
    found = [what for what, part in parts.items() if part is not None and is_tiny(part)]
    found += [name for name, x in (answer.at or {}).items() if x == 0 and _at(answer, name, style) != "0"]
    return [f"too small for a double: {', '.join(found)}; the digits are in certified"] if found else []


def _json_reasons(answer: Answer, rows: Mapping[str, AgreementRow]) -> dict[str, str]:
    reasons = {name: part.message for name, part in answer.gradient.items() if part.message}
    reasons.update({name: row.reason for name, row in rows.items() if row.reason and row.verdict != "agree"})
    return reasons


def json_error(text: str, error: FormulaError, line: int = 1) -> str:
    """What takes the place of an answer's JSON object where there is none.

    `text` is what `error` counts in, `line` where it begins in a script.
    """
    kinds = ((UndefinedError, "undefined"), (UndecidedError, "undecided"), (MissingValueError, "missing"))
    verdict = next((name for kind, name in kinds if isinstance(error, kind)), "error")
    line += text.count("\n", 0, error.start)
    about = {"message": error.message, "start": error.start, "end": error.end, "help": error.help, "line": line}
    return json_line({"formula": text, "verdict": verdict, "error": about, "version": __version__})


# ---- typeset


def latex_view(answer: Answer, style: Style) -> str:
    """LaTeX: the formula, each derivative, and the verdict as a comment."""
    from gradcalc.symbolic import to_latex

    formula = to_latex(answer.formula)
    order = answer.options.order
    power = "" if order == 1 else f"^{{{order}}}"
    d = "d" if len(answer.names) == 1 else r"\partial"
    lines = [formula if answer.value is None else f"{formula} = {typeset(component(answer.value, style))}"]
    for name in answer.names:
        below = f"{d} {to_latex(Name(name))}{power}"
        right = [_symbolic(answer, name, to_latex)] if answer.complete and not answer.options.numeric else []
        if name in answer.gradient:
            right.append(typeset(component(answer.gradient[name], style)))
        lines.append(rf"\frac{{{d}{power}}}{{{below}}} \left({formula}\right) = " + " = ".join(right))
    if answer.hessian or answer.symbolic_hessian:
        cell = to_latex if answer.at is None else lambda part: typeset(component(part, style))
        for x, y, text in _second_derivatives(answer, cell):
            by = [f"{d} {to_latex(Name(name))}" for name in (x, y)]
            below = f"{by[0]}^{{2}}" if x == y else rf"{by[0]}\, {by[1]}"
            lines.append(rf"\frac{{{d}^{{2}}}}{{{below}}} \left({formula}\right) = {text}")
    lines += [f"% {line}" for line in verdict_lines(answer) + _missing_seconds(answer)]
    return "\n".join(lines) + "\n"


def pretty_view(answer: Answer, style: Style) -> str:
    """The formulas as they are written by hand, over several lines; in one line where that is too wide."""
    order = "" if answer.options.order == 1 else f"^{answer.options.order}"
    title = "" if answer.value is None else f"value = {component(answer.value, style)}"
    blocks = [[title, *_drawn(answer.formula, style)] if title else _drawn(answer.formula, style)]
    symbolic = {row.name: row.symbolic for row in _rows(answer)}
    for name in answer.names:
        formula, part = symbolic.get(name), answer.gradient.get(name)
        label = f"d{order}/d{name}{order}" + ("" if part is None else f" = {component(part, style)}")
        blocks.append([label, *(_drawn(formula, style) if formula is not None else [])])
    if answer.hessian:
        blocks.append(_hessian(answer, style))
    for x, row in answer.symbolic_hessian.items():
        blocks += [[_entry(x, y), *_drawn(formula, style)] for y, formula in row.items()]
    if verdict := verdict_lines(answer):
        blocks.append(_wrapped(verdict, style))
    return "\n".join("\n".join(block) + "\n" for block in blocks)


def _drawn(formula: Formula, style: Style) -> list[str]:
    from gradcalc.symbolic import to_pretty

    if style.ascii:
        names = [name for name in free_names(formula) if not name.isascii()]
        formula = substitute(formula, {name: Name(_ascii(name)) for name in names})
    lines = [f"  {line}".rstrip() for line in to_pretty(formula, ascii=style.ascii).split("\n")]
    too_wide = style.width and any(len(line) > style.width for line in lines)
    return [f"  {expression(formula)}"] if too_wide else lines


View = Callable[[Answer, Style], str]
