"""Answers as text: tables, lines, JSON, CSV, LaTeX. Every view is a function of an answer and a `Style`.

A view of an answer whose symbolic side is still at work has `PENDING` where a text is still to come; what stands before
the first one can be written at once.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gradcalc import __version__
from gradcalc.check import AgreementRow
from gradcalc.errors import FormulaError, MissingValueError, UndecidedError, UndefinedError
from gradcalc.formula import Formula, expression, to_text
from gradcalc.session import Answer

from .numbers import DIGITS, UNKNOWN, Style, columns, component, full, number, shortest

PENDING = "\0"

# ---- verdicts

_BADLY = 13  # a float result that keeps fewer of its 16 digits is called badly conditioned


def verdict_lines(answer: Answer) -> list[str]:
    """What was shown, and only that; empty where there was nothing to show."""
    return _VERDICTS[answer.verdict](answer)


def _agree(answer: Answer) -> list[str]:
    rows = _rows(answer)
    proved = sum(row.proved for row in rows)
    scope = ", proved for all values" if proved == len(rows) else " at this point"
    if 0 < proved < len(rows):
        scope += f", {proved} of them proved for all values"
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
        given = {name: part.message for name, part in answer.gradient.items() if part.message}
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
    if answer.value is not None:
        blocks.append([f"value = {component(answer.value, style)}"])
    if answer.names and not answer.options.value_only:
        blocks.append(_table(answer, style))
    if verdict := verdict_lines(answer):
        blocks.append(verdict)
    if answer.hessian or answer.symbolic_hessian:
        blocks.append(_hessian(answer, style))
    return "".join("\n".join(block) + "\n" + ("\n" if block is not blocks[-1] else "") for block in blocks)


def _table(answer: Answer, style: Style) -> list[str]:
    if answer.at is None:
        rows = [["name", _derivative_title(answer, "derivative")]]
        return columns(rows + [[name, _symbolic(answer, name)] for name in answer.names])
    rows = [["name", "at", _derivative_title(answer, "gradient")]]
    for name in answer.names:
        at = number(answer.at[name], style.digits or DIGITS)
        rows.append([name, at, component(answer.gradient[name], style)])
    if not answer.options.numeric:
        rows[0].append("symbolic")
        for row in rows[1:]:
            row.append(_symbolic(answer, row[0]))
    return columns(rows, right=(1, 2))


def _hessian(answer: Answer, style: Style) -> list[str]:
    names = answer.names
    rows = [["hessian", *names]]
    for name in names:
        if answer.at is None:
            second = answer.symbolic_hessian.get(name, {})
            rows.append([name, *(expression(second[other]) if other in second else UNKNOWN for other in names)])
        else:
            rows.append([name, *(component(answer.hessian[name][other], style) for other in names)])
    table = columns(rows, right=() if answer.at is None else range(1, len(names) + 1))
    missing = _missing_seconds(answer)
    return [*table, "", *missing] if missing else table


def _missing_seconds(answer: Answer) -> list[str]:
    return [f"{entry} is missing: {reason}" for reason, entry in answer.missing_seconds.items()]


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
    """Tab-separated: `value`, a `grad` row for each name (name, number, formula), `hessian` rows, `verdict`."""
    rows: list[list[str]] = []
    if answer.value is not None:
        rows.append(["value", full(answer.value, style)])
    if not answer.options.value_only:
        for name in answer.names:
            at_point = answer.gradient.get(name)
            numeric = "" if at_point is None else full(at_point, style)
            symbolic = "" if answer.options.numeric else _symbolic(answer, name)
            rows.append(["grad", name, numeric, symbolic])
        for name, second in answer.hessian.items():
            rows += [["hessian", name, other, full(part, style)] for other, part in second.items()]
        for name, partials in answer.symbolic_hessian.items():
            rows += [["hessian", name, other, expression(formula)] for other, formula in partials.items()]
        rows.append(["verdict", answer.verdict or PENDING])
    return "".join("\t".join(row) + "\n" for row in rows)


def csv_view(answer: Answer, style: Style) -> str:
    """A table with the columns name, at, gradient, symbolic, verdict; the value's row has no name."""
    import csv
    import io

    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["name", "at", "gradient", "symbolic", "verdict"])
    if answer.value is not None:
        writer.writerow(["", "", full(answer.value, style), expression(answer.formula), ""])
    verdicts = {row.name: row.verdict for row in _rows(answer)}
    for name in answer.names:
        at = "" if answer.at is None else shortest(answer.at[name])
        part = answer.gradient.get(name)
        gradient = "" if part is None else full(part, style)
        symbolic = "" if answer.options.numeric else _symbolic(answer, name)
        writer.writerow([name, at, gradient, symbolic, verdicts.get(name, answer.verdict)])
    return out.getvalue()


def json_view(answer: Answer, style: Style) -> str:
    """One JSON object in one line. What is not a finite number is null, and `reasons` says why."""
    rows = {row.name: row for row in _rows(answer)}
    found: dict[str, Any] = {
        "formula": to_text(answer.formula),
        "value": None if answer.value is None else _finite(answer.value.number),
        "at": answer.at,
        "gradient": {name: _finite(part.number) for name, part in answer.gradient.items()},
        "symbolic": {name: None if row.symbolic is None else expression(row.symbolic) for name, row in rows.items()},
        "verdict": answer.verdict,
        "proved": answer.agreement is not None and answer.agreement.proved,
        "reasons": _json_reasons(answer, rows),
        "notes": verdict_lines(answer) + _missing_seconds(answer),
        "ulps": {name: _finite(row.ulps) for name, row in rows.items()},
        "digits": {name: row.digits for name, row in rows.items()},
        "order": answer.options.order,
        "hessian": _json_hessian(answer),
        "precision": style.bits or None,
        "certified": _json_certified(answer, style) if style.bits else None,
        "version": __version__,
    }
    return _json(found)


def _json_hessian(answer: Answer) -> dict[str, dict[str, Any]] | None:
    if answer.symbolic_hessian:
        return {x: {y: expression(f) for y, f in row.items()} for x, row in answer.symbolic_hessian.items()}
    return {x: {y: _finite(part.number) for y, part in row.items()} for x, row in answer.hessian.items()} or None


def _json_certified(answer: Answer, style: Style) -> dict[str, Any]:
    return {
        "value": None if answer.value is None else component(answer.value, style),
        "gradient": {name: component(part, style) for name, part in answer.gradient.items()},
    }


def _json_reasons(answer: Answer, rows: Mapping[str, AgreementRow]) -> dict[str, str]:
    reasons = {name: part.message for name, part in answer.gradient.items() if part.message}
    reasons.update({name: row.reason for name, row in rows.items() if row.reason and row.verdict != "agree"})
    return reasons


def _finite(x: float | None) -> float | None:
    return x if x is not None and math.isfinite(x) else None


def _json(found: Mapping[str, Any]) -> str:
    import json

    return json.dumps(found, allow_nan=False) + "\n"


def json_error(text: str, error: FormulaError) -> str:
    """What takes the place of an answer's JSON object where there is none."""
    kinds = ((UndefinedError, "undefined"), (UndecidedError, "undecided"), (MissingValueError, "missing"))
    verdict = next((name for kind, name in kinds if isinstance(error, kind)), "error")
    about = {"message": error.message, "start": error.start, "end": error.end, "help": error.help}
    return _json({"formula": text, "verdict": verdict, "error": about, "version": __version__})


# ---- typeset


def latex_view(answer: Answer, style: Style) -> str:
    """LaTeX: the formula, each derivative, and the verdict as a comment."""
    from gradcalc.symbolic import to_latex

    formula = to_latex(answer.formula)
    order = answer.options.order
    power = "" if order == 1 else f"^{{{order}}}"
    d = "d" if len(answer.names) == 1 else r"\partial"
    lines = [formula if answer.value is None else f"{formula} = {_typeset(component(answer.value, style))}"]
    for name in answer.names:
        below = f"{d} {to_latex(_name(name))}{power}"
        right = [_symbolic(answer, name, to_latex)] if answer.complete and not answer.options.numeric else []
        if name in answer.gradient:
            right.append(_typeset(component(answer.gradient[name], style)))
        lines.append(rf"\frac{{{d}{power}}}{{{below}}} \left({formula}\right) = " + " = ".join(right))
    lines += [f"% {line}" for line in verdict_lines(answer)]
    return "\n".join(lines) + "\n"


def _typeset(text: str) -> str:
    mantissa, e, exponent = text.partition("e")
    if mantissa[-1:].isdigit():
        return rf"{mantissa} \cdot 10^{{{exponent}}}" if e else text
    return rf"\text{{{text}}}"


def _name(name: str) -> Formula:
    from gradcalc.formula import Name

    return Name(name)


def pretty_view(answer: Answer, style: Style) -> str:
    """The formulas as they are written by hand, over several lines."""
    from gradcalc.symbolic import to_pretty

    def drawn(formula: Formula) -> list[str]:
        return [f"  {line}".rstrip() for line in to_pretty(formula, ascii=style.ascii).split("\n")]

    order = "" if answer.options.order == 1 else f"^{answer.options.order}"
    title = "" if answer.value is None else f"value = {component(answer.value, style)}"
    blocks = [[title, *drawn(answer.formula)] if title else drawn(answer.formula)]
    symbolic = {row.name: row.symbolic for row in _rows(answer)}
    for name in answer.names:
        formula, part = symbolic.get(name), answer.gradient.get(name)
        label = f"d{order}/d{name}{order}" + ("" if part is None else f" = {component(part, style)}")
        blocks.append([label, *(drawn(formula) if formula is not None else [])])
    if verdict := verdict_lines(answer):
        blocks.append(verdict)
    return "\n".join("\n".join(block) + "\n" for block in blocks)


View = Callable[[Answer, Style], str]
