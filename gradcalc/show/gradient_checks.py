"""Verdicts on gradient functions, on functions of users and on certificates, as text."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from gradcalc.judge.certificates import Verification
from gradcalc.judge.programs.result import GradientCheck, hint_lines, place_of, region_line, shortened_table
from gradcalc.judge.programs.rounding import digits_kept
from gradcalc.judge.rows import FunctionCheck
from gradcalc.verdict import Verdict

from .document import Document, Lines, Role, told, tone
from .numbers import Style, number


def gradient_check(found: GradientCheck, style: Style) -> Document:
    """The verdict on a gradient function."""
    return Document((Lines(told(gradient_check_lines(found), tone(found.verdict))),))


def function_check(found: FunctionCheck, style: Style) -> Document:
    """The verdict on a user's row."""
    return Document((Lines(told(function_check_lines(found), tone(found.verdict))),))


def verification(found: Verification, style: Style) -> Document:
    """Whether a certificate holds."""
    return Document((Lines(told(verification_lines(found), Role.GOOD if found else Role.BAD)),))


def gradient_check_lines(found: GradientCheck) -> list[str]:
    """The verdict first, then what it rests on."""
    return _VERDICTS[found.verdict](found)


def _agrees(found: GradientCheck) -> list[str]:
    if found.box:
        others = found.points - found.agreeing
        left_out = f", {others} without a verdict" if others else ""
        scope = f"at {found.agreeing} of {found.points} points{left_out} (seed {found.seed})"
    else:
        scope = f"at {place_of(found.at)}"
    return [f"agrees: {found.phrase} of {found.subject} {scope}", *_seen(found)]


def _seen(found: GradientCheck) -> list[str]:
    """How fine a fault would have been seen."""
    finest = number(found.finest, 2)
    noise = f", the noise of {found.subject}" if found.of_function else ""
    to = f"{finest}{noise}{f' in {found.precision} precision' if found.precision else ''}"
    if found.method.startswith("differences"):
        return [
            f"  it agrees to {to}; smaller faults cannot be seen without a traceable f",
            "  nor can corners and ripples that are finer than that",
            f"  {found.method}",
        ]
    if found.traced:
        lost = max((row.relative for row in found.rows if row.relative), default=0.0)
        kept = f"; its numbers keep {digits_kept(lost)} of 16 digits" if lost > _BADLY else ""
        rounding = "rounding plays no part"
        if found.of_function:
            rounding = f"it agrees to {to}"
        elif found.finest > _BADLY:
            rounding = f"it agrees to {finest}, which is as far as constants with so few digits tell"
        return [f"  both were traced and held against each other in balls: {rounding}{kept}"]
    partly = [f"  {found.method}"] if found.method.startswith("traced in part") else []
    if partly and not found.finest:
        return partly
    judged = f"{found.phrase} was judged by its numbers"
    return [f"  {judged}; it agrees to {to}, smaller faults are rounding here", *partly]


_BADLY = 1e-13  # a relative error that is worth a word


def _wrong(found: GradientCheck) -> list[str]:
    count, total = len(found.wrong), len(found.rows)
    parts = "components" if found.word == "gradient" else "entries"
    lines = [f"WRONG: {count} of {total} {parts} of {found.phrase} of {found.subject}"]
    lines += [f"  at {place_of(found.at)}", *shortened_table(found.wrong)]
    if found.box:
        lines.append(f"  {region_line(found)}")
    lines += [f"  {row.reason}" for row in found.wrong[:1] if row.reason]
    return [*lines, *hint_lines(found)]


def _not_differentiable(found: GradientCheck) -> list[str]:
    reasons = dict.fromkeys(row.reason for row in found.rows if row.verdict == Verdict.NOT_DIFFERENTIABLE)
    return [f"not differentiable: {reason}: neither right nor wrong" for reason in reasons]


def _imprecise(found: GradientCheck) -> list[str]:
    shown = [row for row in found.rows if row.verdict == Verdict.IMPRECISE]
    lines = [
        f"imprecise: {found.phrase} of {found.subject} at {place_of(found.at)}: {shown[0].reason}",
        *shortened_table(shown),
    ]
    others = found.points - found.agreeing
    return [*lines, f"  at {others} of {found.points} points (seed {found.seed})"] if found.box else lines


def _other(found: GradientCheck) -> list[str]:
    lines = [f"{found.verdict}: {found.reason or 'no reason known'} (at {place_of(found.at)})"]
    return [*lines, f"  {found.method}"] if found.method.startswith("differences") else lines


_VERDICTS: Mapping[Verdict, Callable[[GradientCheck], list[str]]] = {
    Verdict.AGREES: _agrees,
    Verdict.WRONG: _wrong,
    Verdict.IMPRECISE: _imprecise,
    Verdict.NOT_DIFFERENTIABLE: _not_differentiable,
    Verdict.UNDEFINED: _other,
    Verdict.UNDECIDED: _other,
}


def _point(at: Mapping[str, float]) -> str:
    return " ".join(f"{name}={number(x)}" for name, x in at.items())


def function_check_lines(found: FunctionCheck) -> list[str]:
    """One line for each promise of a row."""
    lines = [f"{found.verdict}: {found.function.signature} (seed {found.seed})"]
    for row in found.rows:
        if row.verdict == "wrong" and row.actual is not None and row.expected is not None:
            at = _point(dict(zip(found.function.params, row.at, strict=False)))
            what = f"actual {number(row.actual)}, expected {number(row.expected)} at {at}"
        elif row.verdict == "agrees":
            what = f"agrees at {row.points} points"
        else:
            what = f"undecided: {row.reason}"
        lines.append(f"  {row.part}: {what}")
    return lines


def verification_lines(found: Verification) -> list[str]:
    """Whether a certificate holds, and what is different from when it was written."""
    if found:
        verdict = f"holds: {found.found}"
    elif found.recorded != found.found:
        verdict = f"DOES NOT HOLD: it says {found.recorded}, found is {found.found}"
    else:
        verdict = f"DOES NOT HOLD: it is {found.found}, but not for what is written"
    return [verdict, *(f"  {fault}" for fault in found.faults), *(f"  note: {note}" for note in found.notes)]
