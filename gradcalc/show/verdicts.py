"""Verdicts on claims, on whether both engines agree, and on certificates, as documents."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from gradcalc.judge.agreement import Agreement
from gradcalc.judge.claims.result import ALSO_ELSEWHERE, Check, Counterexample
from gradcalc.judge.result import Finding
from gradcalc.language.formula import brief, derived, expression, free_names
from gradcalc.language.functions import CONSTANTS
from gradcalc.language.literals import in_digits, place_text
from gradcalc.verdict import Verdict

from .answers import BUT_KINKS, every_end
from .document import Document, Line, Lines, Piece, Role, Table, hint, labelled, line, row, tone
from .numbers import UNKNOWN, Style, component, json_line

if TYPE_CHECKING:
    from gradcalc.judge.certificates import Verification

_CLAIM = 16  # the width of a short claim, after which a remark stands
_LONG = 10_000  # characters; what is shared in a formula is written out in its text, which may be without end
_MOST_LINES = 4  # of the correct derivative, where there is a screen
_SHORT = 1_000  # characters of a formula in a message


# ---- claims


def claims(checks: tuple[Check, ...], style: Style) -> Document:
    """Verdicts in lines, the first of which says it: `correct: ...`, `WRONG: ...`, `not differentiable: ...`."""
    lines: list[Line] = []
    for check in checks:
        lines += _LINES[check.verdict](check, style)
        if check.counterexample is None or check.counterexample.claimed is not None:
            lines += [labelled("note", note, Role.HINT) for note in check.notes]
    return Document((Lines(tuple(lines)),))


def claims_as_json(checks: tuple[Check, ...], style: Style) -> str:
    """Certificates of the verdicts, one a line."""
    from gradcalc.judge.certificates import certificate  # which knows programs, too

    return "".join(json_line(certificate(check)) for check in checks)


def _verdict(check: Check, word: str, text: str) -> Line:
    return labelled(word, text, tone(check.verdict))


def _proved(check: Check, style: Style) -> list[Line]:
    question = check.question
    names = {*free_names(question.formula), *free_names(question.claim)} - {question.name}
    names -= {*CONSTANTS} - question.at.keys()
    what = "values" if names else question.name
    ends = every_end(question.formula, question.claim)  # of which none says where its terms have values
    from_where = [need.text for need in check.needs if need.end]
    if ends and from_where:
        ends = f"{ends.removesuffix(' and ')} with {' and '.join(from_where)}, and "
    where = f"{ends}all {what}{' in the domain' if check.conditions or ends else ''}"
    where += BUT_KINKS * check.kinks
    return [_verdict(check, "correct", _right(check, f"proved for {where}")), *_needs(check)]


def _agrees(check: Check, style: Style) -> list[Line]:
    seen = f"at {check.points} points to {check.digits} digits, not proved for all values: {check.reason}"
    return [_verdict(check, "agrees", _right(check, seen)), *_needs(check), line(f"  seed     {check.question.seed}")]


def _right(check: Check, how: str) -> str:
    text = f"{_derivative(check)} = {brief(check.question.claim, _LONG)}, {how}"
    if check.sympy_form is not None and brief(check.sympy_form, _LONG) != brief(check.question.claim, _LONG):
        text += f"   (sympy writes it {brief(check.sympy_form, 200)})"
    return text


def _needs(check: Check) -> list[Line]:
    return [line(f"  needs    {condition}") for condition in check.conditions]


def _wrong(check: Check, style: Style) -> list[Line]:
    claimed = brief(check.question.claim, _LONG)
    said = _verdict(check, "WRONG", f"{_derivative(check)} is not {claimed}")
    remark = where_equal(check) if check.verdict is Verdict.CONDITIONAL else ""
    if check.verdict is Verdict.CONDITIONAL and check.counterexample and check.counterexample.claimed is None:
        # without a value somewhere, and right where it has one
        where = remark.removeprefix("equal ") or "only where it has a value"
        said, remark = _verdict(check, "CONDITIONAL", f"{_derivative(check)} is {claimed} {where}"), ""
    return [
        said,
        line(f"  correct  {brief(check.correct, _MOST_LINES * style.width or _LONG)}"),
        line(f"  claimed  {claimed:{_CLAIM if remark else 0}}  {remark}".rstrip()),
        *_example(check, style),
        *([hint(check.hint)] if check.hint else []),
    ]


def where_equal(check: Check) -> str:
    """Where a conditional claim is right: `equal only for x > 0`, or only as far as was seen."""
    if not check.conditions:
        return ""
    only = "" if check.reason == ALSO_ELSEWHERE else "only "
    return f"equal {only}for {'; '.join(check.conditions)}"


def _example(check: Check, style: Style) -> list[Line]:
    example = check.counterexample
    if example is None:
        return []
    text = f"  {both_told(example, style, 'has no value')}"
    if example.claimed is None:
        return [line(f"{text} ({example.reason})" if example.reason else text)]
    hidden = component(example.claimed, style) == component(example.correct, style)  # by the digits that are shown
    return [line(f"{text}{_off(example)}" if hidden else text)]


def _off(example: Counterexample) -> str:
    return "" if example.off is None else f", relative error {component(example.off, Style(digits=3))}"


def both_told(example: Counterexample, style: Style, without: str = "no value") -> str:
    """The point and both numbers there: `at x=1: correct 2, claimed 3`."""
    where = f"at {place_text(example.at)}: " if example.at else ""
    claimed = without if example.claimed is None else component(example.claimed, style)
    return f"{where}correct {component(example.correct, style)}, claimed {claimed}"


def _no_derivative(check: Check, style: Style) -> list[Line]:
    word = "not differentiable" if check.verdict is Verdict.NOT_DIFFERENTIABLE else check.verdict.value
    if check.verdict is Verdict.UNDEFINED and check.question.at:
        word = f"undefined at {place_text(check.question.at)}"
    claimed = line(f"  claimed  {_derivative(check)} = {brief(check.question.claim, _LONG)}")
    return [_verdict(check, word, check.reason), claimed]


def _derivative(check: Check) -> str:
    return f"{check.question.sign} {derived(check.question.formula, _LONG)}"


_LINES = {
    Verdict.PROVED: _proved,
    Verdict.AGREES: _agrees,
    Verdict.CONDITIONAL: _wrong,
    Verdict.WRONG: _wrong,
    Verdict.NOT_DIFFERENTIABLE: _no_derivative,
    Verdict.UNDEFINED: _no_derivative,
    Verdict.UNDECIDED: _no_derivative,
}


def failed_claim(check: Check) -> Document:
    """The message of an assertion that fails: both formulas, the point, the numbers and the hint."""
    question, example = check.question, check.counterexample
    what = f"{question.sign} {brief(question.formula, _SHORT)}"
    claimed, correct = (brief(formula, _SHORT) for formula in (question.claim, check.correct))
    if check.verdict in (Verdict.WRONG, Verdict.CONDITIONAL):
        lines = [labelled(what, f"actual {claimed}, expected {correct}", Role.BAD)]
    else:
        lines = [labelled(what, f"{check.verdict}: {check.reason}", Role.UNSURE), line(f"actual {claimed}")]
    if check.verdict is Verdict.CONDITIONAL:
        lines.append(line(where_equal(check)))
    if example is not None:
        actual = "no value" if example.actual is None else f"{example.actual:.10g}"
        text = f"at {place_text(example.at) or 'all points'}: actual {actual}, expected {example.expected:.10g}"
        lines.append(line(text + _off(example)))
    lines.append(line(f"seed {question.seed}"))
    return Document((Lines((*lines, *([hint(check.hint)] if check.hint else []))),))


# ---- our chain rule and sympy


def agreement(found: Agreement, style: Style) -> Document:
    """A row for each derivative."""
    known = found.question.at is not None
    rows = tuple(
        row(
            each.what,
            *([_truth(each)] if known else []),
            UNKNOWN if each.symbolic is None else expression(each.symbolic),
            Piece(_agreeing(each, every_end(found.question.formula)), tone(each.verdict)),
        )
        for each in found.findings
    )
    titles = ("name", "gradient", "symbolic", "verdict") if known else ("name", "derivative", "verdict")
    only = Lines((line(Piece(found.verdict.of_engines, tone(found.verdict))),))
    return Document((Table(titles, rows) if rows else only,))


def _truth(found: Finding) -> str:
    if found.expected is None:
        return "undefined" if found.verdict is Verdict.NOT_DIFFERENTIABLE else UNKNOWN
    return in_digits(found.expected) if math.isfinite(found.expected) else "beyond doubles"


def _agreeing(found: Finding, ends: str) -> str:
    proved = f", proved for {ends}all values{BUT_KINKS * found.kinks}"
    verdict = found.verdict.of_engines + proved * found.proved
    return f"{verdict}: {found.reason}" if found.reason else verdict


# ---- certificates


def verification(found: Verification, style: Style) -> Document:
    """Whether a certificate holds, and what is different from when it was written."""
    both = f"it says {found.recorded}, found is {found.found}"
    said = labelled("holds", both, Role.GOOD) if found else labelled("DOES NOT HOLD", both, Role.BAD)
    if not found and found.recorded == found.found:
        said = (*said, Piece(", but not with all that is written"))
    faults = [line(f"  {fault}") for fault in found.faults]
    return Document((Lines((said, *faults, *(line(f"  note: {note}") for note in found.notes))),))
