"""Verdicts on gradient functions and on functions of users as documents."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from gradcalc.engine.lowering import shown
from gradcalc.judge.programs.result import VALUE, GradientCheck, Way
from gradcalc.judge.result import Finding, digits_kept
from gradcalc.judge.rows import FunctionCheck
from gradcalc.language.literals import in_digits, place_text
from gradcalc.verdict import Verdict

from .document import Block, Document, Line, Lines, Role, Table, hint, labelled, line, row, tone
from .numbers import UNKNOWN, Style

_Told = list[Line | Table]


def gradient_check(found: GradientCheck, style: Style) -> Document:
    """The verdict on a gradient function first, then what it rests on."""
    notes = [labelled("note", note, Role.HINT) for note in found.notes]
    return _document([*_VERDICTS[found.verdict](found), *notes])


def _document(told: _Told) -> Document:
    """Lines and tables under each other."""
    blocks: list[Block] = []
    for part in told:
        if isinstance(part, Table):
            blocks.append(part)
        elif blocks and isinstance(blocks[-1], Lines):
            blocks[-1] = Lines((*blocks[-1].lines, part))
        else:
            blocks.append(Lines((part,)))
    return Document(tuple(blocks), tight=True)


def _agrees(found: GradientCheck) -> _Told:
    if found.box:
        others = found.points - found.agreeing
        left_out = f", {others} without a verdict" if others else ""
        scope = f"at {found.agreeing} of {found.points} points{left_out} (seed {found.seed})"
    else:
        scope = f"at {short_place(found.at)}"
    said = labelled("agrees", f"{found.phrase} of {found.subject} {scope}", tone(found.verdict))
    return [said, *(line(f"  {text}") for text in _seen(found))]


def _seen(found: GradientCheck) -> list[str]:
    """How fine a fault would have been seen."""
    finest = in_digits(found.finest, 2)
    noise = f", the noise of {found.subject}" if found.of_function else ""
    to = f"{finest}{noise}{f' in {found.precision} precision' if found.precision else ''}"
    exact = found.finest < _NOTHING  # of a derivative that is 0, as are all quotients of what stays the same
    if found.way is Way.DIFFERENCES:
        return [
            f"it agrees {_agreed(found, to, exact)}; smaller faults cannot be seen without a traceable f",
            "nor can corners and ripples that are finer than that",
            found.method,
        ]
    if found.traced:
        lost = max((row.relative for row in found.findings if row.relative), default=0.0)
        kept = f"; its numbers keep {digits_kept(lost)} of 16 digits" if lost > _BADLY and not found.of_function else ""
        rounding = "rounding plays no part"
        if found.of_function:
            rounding = f"it agrees to {to}"
        elif found.finest > _BADLY:
            rounding = f"it agrees to {finest}, which is as far as constants with so few digits tell"
        return [f"both were traced and held against each other in balls: {rounding}{kept}"]
    partly = [found.method] if found.way is Way.IN_PART else []
    if partly and not found.finest:
        return partly
    smaller = "" if found.of_function else ", smaller faults are rounding here"
    agreed = "exactly" if exact else f"to {to}{smaller}"
    return [f"{found.phrase} was judged by its numbers; it agrees {agreed}", *partly]


def _agreed(found: GradientCheck, to: str, exact: bool) -> str:
    """To what, by difference quotients: of those that are as good as 0 no digit is known."""
    known = [(abs(row.expected), row.allowed) for row in found.findings if row.expected is not None]
    if exact or not any(size for size, _ in known):
        return "exactly with 0" if exact else f"with 0 to within {to}"
    largest = all(size > allowed for size, allowed in known)
    return f"to {to}" if largest else f"to {to} of the largest {'component' if found.word == 'gradient' else 'entry'}"


_BADLY = 1e-13  # a relative error that is worth a word
_NOTHING = 1e-300  # one that is none: some units of the smallest double


def _wrong(found: GradientCheck) -> _Told:
    values, total = (sum(row.what.startswith(VALUE) for row in rows) for rows in (found.wrong, found.findings))
    parts = "components" if found.word == "gradient" else "entries"
    count, told = len(found.wrong) - values, f"{found.phrase} of {found.subject}"
    said = f"{count} of {len(found.findings) - total} {parts} of {told}"
    if values:
        beside = "the value" if values == 1 else f"{values} values"
        said = f"{said}, and {beside} beside it" if count else f"{beside} beside {told}"
    return [labelled("WRONG", said, Role.BAD), line(f"  at {short_place(found.at)}"), *_refuted(found, "  ")]


def _not_differentiable(found: GradientCheck) -> _Told:
    reasons = dict.fromkeys(row.reason for row in found.findings if row.verdict is Verdict.NOT_DIFFERENTIABLE)
    return [labelled("not differentiable", f"{reason}: neither right nor wrong", Role.UNSURE) for reason in reasons]


def _imprecise(found: GradientCheck) -> _Told:
    rows = [row for row in found.findings if row.verdict is Verdict.IMPRECISE]
    said = f"{found.phrase} of {found.subject} at {short_place(found.at)}: {rows[0].reason}"
    lines: _Told = [labelled("imprecise", said, tone(found.verdict)), *_table(rows)]
    where = f"  it agrees at {found.agreeing} of {found.points} points (seed {found.seed})"  # others may have no value
    return [*lines, line(where)] if found.box else lines


def _other(found: GradientCheck) -> _Told:
    said, place = found.reason or "no reason known", short_place(found.at)
    said = said if place in said else f"{said} (at {place})"
    lines: _Told = [labelled(found.verdict.value, said, tone(found.verdict))]
    return [*lines, line(f"  {found.method}")] if found.way is Way.DIFFERENCES else lines


_VERDICTS: Mapping[Verdict, Callable[[GradientCheck], _Told]] = {
    Verdict.AGREES: _agrees,
    Verdict.WRONG: _wrong,
    Verdict.IMPRECISE: _imprecise,
    Verdict.NOT_DIFFERENTIABLE: _not_differentiable,
    Verdict.UNDEFINED: _other,
    Verdict.UNDECIDED: _other,
}


def failure(found: GradientCheck) -> Document:
    """The message of an assertion that fails: the component, the point, the numbers and the hint."""
    first, place = found.findings[0], f"at {short_place(found.at)}"
    of_value = first.what.startswith(VALUE)
    subject = f"the {first.what} of {found.subject}" if of_value else _entry(first.what, found)
    if not found.wrong:
        if found.verdict is Verdict.IMPRECISE:
            return _document([labelled(subject, f"imprecise: {first.reason}", Role.BAD), line(place), *_table([first])])
        kink = found.verdict is Verdict.NOT_DIFFERENTIABLE
        beside = [line("neither right nor wrong: ask beside this point")] if kink else []
        said = f"{found.verdict}: {first.reason or found.reason}"
        return _document([labelled(subject, said, Role.UNSURE), line(place), *beside])
    actual, expected = _told_apart(first)
    unknown = first.actual is None and first.expected is None
    differ = labelled(subject, first.reason if unknown else f"actual {actual}, expected {expected}", Role.BAD)
    mismatched = line(f"{place}    mismatched {len(found.wrong)} of {len(found.findings)}")
    return _document([differ, mismatched, *_refuted(found, "")])


def _entry(name: str, found: GradientCheck) -> str:
    return f"d/d{name} {found.subject}" if found.word == "gradient" else f"{found.word} of {found.subject}, {name}"


# ---- parts


def _refuted(found: GradientCheck, margin: str) -> _Told:
    """The lines against a gradient: its components, where in the box, and the mistake that it or they look like."""
    lines = [*_table(found.wrong), *([line(f"{margin}{region_line(found)}")] if found.box else [])]
    lines += [line(f"{margin}{row.reason}") for row in found.wrong[:1] if row.reason]
    if found.hint:
        return [*lines, hint(found.hint)]
    return [*lines, *(hint(f"{row.what}: {row.hint}") for row in found.wrong if row.hint)]


def short_place(at: Mapping[str, float]) -> str:
    """A point as text; of many numbers the first few."""
    pairs = [f"{name}={shown(x)}" for name, x in at.items()]
    if len(pairs) > _LONG:
        pairs = [*pairs[: _LONG // 2], f"... ({len(pairs)} numbers)"]
    return " ".join(pairs)


_MOST_ROWS = 12
_LONG = 10  # numbers of a point that are written out


def region_line(found: GradientCheck) -> str:
    """Which part of the box fails, of how many points drawn with which seed."""
    part = 100 * found.failing or 100 / max(1, found.drawn)
    share = f"{'about' if found.failing else 'less than'} {float(f'{part:.2g}'):g} %"
    drawn = f"{found.drawn} point{'s' * (found.drawn != 1)} drawn"
    return f"wrong in {share} of the box ({drawn}, seed {found.seed})"


def _table(findings: Sequence[Finding]) -> Iterator[Table | Line]:
    """The first components, both numbers of each and how far they are apart; and how many more there are. None where
    no number is known."""
    if all(each.actual is None and each.expected is None for each in findings):
        return
    rows = (
        row(each.what, *_told_apart(each), *(_number(x, 3) for x in (each.error, each.relative, each.ulps)))
        for each in findings[:_MOST_ROWS]
    )
    titles = ("name", "actual", "expected", "abs diff", "rel diff", "ulps")
    yield Table(titles, tuple(rows), frozenset(range(1, 6)), indent=2)
    if len(findings) > _MOST_ROWS:
        yield line(f"  and {len(findings) - _MOST_ROWS} more")


def _told_apart(row: Finding) -> tuple[str, str]:
    """Both numbers in ten digits, or in as many as it takes to tell them apart."""
    for digits in range(10, 18):
        actual, expected = _number(row.actual, digits), _number(row.expected, digits)
        if actual != expected:
            break
    return actual, expected


def _number(x: float | None, digits: int) -> str:
    return UNKNOWN if x is None else f"{x:.{digits}g}"


# ---- functions of users


def function_check(found: FunctionCheck, style: Style) -> Document:
    """One line for each promise of a row."""
    lines: _Told = [
        labelled(found.verdict.value, f"{found.function.signature} (seed {found.seed})", tone(found.verdict))
    ]
    for each in found.findings:
        if each.verdict is Verdict.WRONG and each.actual is not None and each.expected is not None:
            at = place_text(each.at, written=in_digits)
            what = f"actual {in_digits(each.actual)}, expected {in_digits(each.expected)} at {at}"
        elif each.verdict:
            what = f"agrees at {each.points} points"
        else:
            what = f"undecided: {each.reason}"
        lines.append(line(f"  {each.what}: {what}"))
    return _document(lines)
