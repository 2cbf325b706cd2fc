"""Verdicts on claims as text and as JSON."""

from __future__ import annotations

from gradcalc.engine.rewrite import shows_kinks
from gradcalc.judge.certificates import certificate
from gradcalc.judge.claims.court import Check, derivative_sign, where_equal
from gradcalc.judge.claims.points import place_text
from gradcalc.language.formula import Formula, brief, derived, free_names
from gradcalc.language.functions import CONSTANTS

from .document import Document, Line, Lines, told, tone
from .numbers import Style, component, json_line, number

_CLAIM = 16  # the width of a short claim, after which a remark stands
_LONG = 10_000  # characters; what is shared in a formula is written out in its text, which may be without end


def _written(formula: Formula) -> str:
    return brief(formula, _LONG)


def claim(check: Check, style: Style) -> Document:
    """A verdict in lines, the first of which says it: `correct: ...`, `WRONG: ...`, `not differentiable: ...`."""
    return Document((Lines(_claim_lines(check, style)),))


def _claim_lines(check: Check, style: Style) -> tuple[Line, ...]:
    lines = _LINES[check.verdict](check, style)
    if check.counterexample is None or check.counterexample.claimed is not None:
        lines += [f"note: {note}" for note in check.notes]
    return told(lines, tone(check.verdict))


def claims(checks: tuple[Check, ...], style: Style) -> Document:
    """Several verdicts under each other."""
    lines = [each for check in checks for each in _claim_lines(check, style)]
    return Document((Lines(tuple(lines)),))


def claims_as_json(checks: tuple[Check, ...], style: Style) -> str:
    """Certificates of the verdicts, one a line."""
    return "".join(json_line(certificate(check)) for check in checks)


def _proved(check: Check, style: Style) -> list[str]:
    names = {*free_names(check.formula), *free_names(check.claim)} - {check.name, *CONSTANTS}
    what = "values" if names else check.name
    where = f"{what} in the domain" if check.conditions else what
    if shows_kinks(check.formula):
        where += " but the kinks"
    return [_right("correct", check, f"proved for all {where}"), *_needs(check)]


def _agrees(check: Check, style: Style) -> list[str]:
    seen = f"at {check.points} points to {check.digits} digits, not proved for all values: {check.reason}"
    return [_right("agrees", check, seen), *_needs(check), f"  seed     {check.seed}"]


def _right(verdict: str, check: Check, how: str) -> str:
    line = f"{verdict}: {_derivative(check)} = {_written(check.claim)}, {how}"
    if check.sympy_form is not None and _written(check.sympy_form) != _written(check.claim):
        line += f"   (sympy writes it {brief(check.sympy_form, 200)})"
    return line


def _needs(check: Check) -> list[str]:
    return [f"  needs    {condition}" for condition in check.conditions]


def _wrong(check: Check, style: Style) -> list[str]:
    remark = where_equal(check) if check.verdict == "conditional" else ""
    lines = [
        f"WRONG: {_derivative(check)} is not {_written(check.claim)}",
        f"  correct  {_written(check.correct)}",
        f"  claimed  {_written(check.claim):{_CLAIM}}  {remark}".rstrip(),
        *_example(check, style),
    ]
    return [*lines, f"hint: {check.hint}"] if check.hint else lines


def _conditional(check: Check, style: Style) -> list[str]:
    """Wrong somewhere; or without a value somewhere, and right where it has one."""
    if check.counterexample is None or check.counterexample.claimed is not None:
        return _wrong(check, style)
    where = where_equal(check).removeprefix("equal ") or "only where it has a value"
    lines = _wrong(check, style)
    lines[0] = f"CONDITIONAL: {_derivative(check)} is {_written(check.claim)} {where}"
    lines[2] = f"  claimed  {_written(check.claim)}"
    return lines


def _example(check: Check, style: Style) -> list[str]:
    example = check.counterexample
    if example is None:
        return []
    where = f"at {place_text(example.at)}: " if example.at else ""
    claimed = "has no value" if example.claimed is None else component(example.claimed, style)
    right = component(example.correct, style)
    line = f"  {where}correct {right}, claimed {claimed}"
    if example.claimed is None:
        return [f"{line} ({example.reason})" if example.reason else line]
    # a fault that the shown digits hide
    return [f"{line}, relative error {number(example.relative, 3)}" if claimed == right else line]


def _no_derivative(check: Check, style: Style) -> list[str]:
    what = "not differentiable" if check.verdict == "not-differentiable" else check.verdict
    if check.verdict == "undefined" and check.at:
        what = f"undefined at {place_text(check.at)}"
    return [f"{what}: {check.reason}", f"  claimed  {_derivative(check)} = {_written(check.claim)}"]


def _derivative(check: Check) -> str:
    return f"{derivative_sign(check)} {derived(check.formula, _LONG)}"


_LINES = {
    "proved": _proved,
    "agrees": _agrees,
    "conditional": _conditional,
    "wrong": _wrong,
    "not-differentiable": _no_derivative,
    "undefined": _no_derivative,
    "undecided": _no_derivative,
}
