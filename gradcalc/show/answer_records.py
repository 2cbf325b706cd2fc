"""Answers for programs: tab-separated, CSV and JSON."""

from __future__ import annotations

import math
import sys
from typing import Any

from gradcalc.certified.components import finite
from gradcalc.language.errors import FormulaError, MissingValueError, UndecidedError, UndefinedError
from gradcalc.language.formula import expression, to_text
from gradcalc.session import Answer
from gradcalc.session.answer import entry
from gradcalc.version import __version__

from .answers import given, is_undecided, missing_seconds, parts_of, second_derivatives, symbolic, verdict_lines
from .document import text_of
from .measured import as_fields, as_rows, remarks
from .numbers import PENDING, UNKNOWN, Style, csv_lines, full, json_line, shortest


def plain(answer: Answer, style: Style) -> str:
    """Tab-separated: `formula` of several, `value`, `grad` rows (name, number, formula), `hessian` rows, `verdict`."""
    rows = [["formula", to_text(answer.formula)]] if style.named else []
    if answer.value is not None:
        rows.append(["value", full(answer.value, style)])
        rows += [] if answer.propagated is None else as_rows(answer.propagated)
    if not answer.options.value_only:
        for name in answer.names:
            at_point = answer.gradient.get(name)
            numeric = "" if at_point is None else full(at_point, style)
            formula = "" if answer.options.numeric else symbolic(answer, name)
            rows.append(["grad", name, numeric, formula])
        for name, second in answer.hessian.items():
            rows += [
                ["hessian", name, other, UNKNOWN if is_undecided(part) else full(part, style)]
                for other, part in second.items()
            ]
        for name, partials in answer.symbolic_hessian.items():
            rows += [["hessian", name, other, expression(formula)] for other, formula in partials.items()]
        rows.append(["verdict", answer.verdict or PENDING])
    return "".join("\t".join(row) + "\n" for row in rows)


def as_csv(answer: Answer, style: Style) -> str:
    """A table with the columns name, at, gradient, symbolic, verdict, and with second derivatives one for each name;
    the value's row has no name. Of several formulas each has its text in a first column, and the titles come once."""
    second: dict[str, list[str]] = {name: [] for name in answer.names}
    if answer.hessian or answer.symbolic_hessian:
        cell = expression if answer.at is None else lambda part: full(part, style)
        for x, _, text in second_derivatives(answer, cell):
            second[x].append(text)
    titles = [f"hessian {name}" for name in answer.names if second[name]]
    rows = [["name", "at", "gradient", "symbolic", "verdict", *titles]]
    if answer.value is not None:
        rows.append(["", "", full(answer.value, style), expression(answer.formula), "", *[""] * len(titles)])
    verdicts = {row.what: row.verdict.of_engines for row in answer.findings}
    for name in answer.names:
        at = "" if answer.at is None else _exact_at(answer, name, style)
        part = answer.gradient.get(name)
        gradient = "" if part is None else full(part, style)
        formula = "" if answer.options.numeric else symbolic(answer, name)
        rows.append([name, at, gradient, formula, verdicts.get(name, answer.verdict), *second[name]])
    if style.named:
        rows = [
            [text, *row] for text, row in zip(["formula", *[to_text(answer.formula)] * len(rows)], rows, strict=False)
        ]
    return csv_lines(rows[1:] if style.continued and not titles else rows)


def _exact_at(answer: Answer, name: str, style: Style) -> str:
    assert answer.at is not None
    x = answer.at[name]
    return shortest(x) if sys.float_info.min <= abs(x) <= sys.float_info.max else given(answer, name, style)


def as_json(answer: Answer, style: Style) -> str:
    """One JSON object in one line. What is not a finite number is null, and `reasons` says why."""
    rows = {row.what: row for row in answer.findings}
    tiny = _tiny(answer, style)
    reasons = {name: part.message for name, part in answer.gradient.items() if part.message}
    reasons |= {name: row.reason for name, row in rows.items() if row.reason and not row.verdict}
    told = [] if answer.propagated is None else [text_of(each) for each in remarks(answer.propagated, style)]
    found: dict[str, Any] = {
        "formula": to_text(answer.formula),
        "value": None if answer.value is None else finite(answer.value.number),
        "at": None if answer.at is None else {name: finite(x) for name, x in answer.at.items()},
        "gradient": {name: finite(part.number) for name, part in answer.gradient.items()},
        "symbolic": {name: None if row.symbolic is None else expression(row.symbolic) for name, row in rows.items()},
        "verdict": answer.verdict,
        "proved": answer.agreement is not None and answer.agreement.proved,
        "reasons": reasons,
        "notes": verdict_lines(answer) + missing_seconds(answer) + tiny + told,
        "ulps": {name: finite(row.ulps) for name, row in rows.items()},
        "digits": {name: row.digits for name, row in rows.items()},
        "order": answer.options.order,
        "hessian": _json_hessian(answer),
        "precision": style.bits or None,
        "certified": _json_certified(answer, style) if style.bits or tiny else None,
        **as_fields(answer.propagated),
        "version": __version__,
    }
    return json_line(found)


def _json_hessian(answer: Answer) -> dict[str, dict[str, Any]] | None:
    if answer.symbolic_hessian:
        return {x: {y: expression(f) for y, f in row.items()} for x, row in answer.symbolic_hessian.items()}
    numbers = {
        x: {y: None if is_undecided(part) else finite(part.number) for y, part in row.items()}
        for x, row in answer.hessian.items()
    }
    return numbers or None


def _json_certified(answer: Answer, style: Style) -> dict[str, Any]:
    second = {x: {y: full(part, style) for y, part in row.items()} for x, row in answer.hessian.items()}
    return {
        "value": None if answer.value is None else full(answer.value, style),
        "gradient": {name: full(part, style) for name, part in answer.gradient.items()},
        **({"hessian": second} if second else {}),
        "at": {name: _exact_at(answer, name, style) for name in answer.at or ()},
    }


def _tiny(answer: Answer, style: Style) -> list[str]:
    """Notes on numbers that are not 0 and have no digits, or too few, as doubles, and on those that are too large."""
    parts = parts_of(answer) | {entry(x, y): part for x, row in answer.hessian.items() for y, part in row.items()}
    found = [what for what, part in parts.items() if part.is_tiny]
    found += [name for name, x in (answer.at or {}).items() if x == 0 and given(answer, name, style) != "0"]
    large = [what for what, part in parts.items() if part.status == "overflow"]
    large += [name for name, x in (answer.at or {}).items() if math.isinf(x)]
    notes = [("too small for a double", found), ("too large for a double", large)]
    return [f"{why}: {', '.join(names)}; the digits are in certified" for why, names in notes if names]


def error_as_json(text: str, error: FormulaError, line: int = 0) -> str:
    """The JSON object in the place of an answer where there is none.

    `text` is what `error` counts in, `line` the line of the error where that stands in a script.
    """
    kinds = ((UndefinedError, "undefined"), (UndecidedError, "undecided"), (MissingValueError, "missing"))
    verdict = next((name for kind, name in kinds if isinstance(error, kind)), "error")
    line = line or 1 + text.count("\n", 0, error.start)
    about = {"message": error.message, "start": error.start, "end": error.end, "help": error.help, "line": line}
    return json_line({"formula": text, "verdict": verdict, "error": about, "version": __version__})
