"""Hints at what made a gradient wrong: a factor, a sign, two components exchanged; and where both programs are
formulas, which mistake in the derivation makes one component."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from gradcalc.engine.rewrite import prepare
from gradcalc.judge.claims.derivation import as_taught
from gradcalc.judge.claims.mistakes import Hand, find_mistake
from gradcalc.judge.claims.points import AnyPlace
from gradcalc.judge.result import Finding
from gradcalc.language.errors import FormulaError
from gradcalc.language.formula import Formula, Number, expression, flattened
from gradcalc.language.kept import kept
from gradcalc.language.substitution import substitute
from gradcalc.verdict import Verdict
from gradcalc.work import A_SECOND, Work

from .forms import Layout
from .judge import Judgement
from .result import VALUE, Entry

MOST_NODES = 400  # of a formula whose derivation is searched for mistakes
MOST_SHORT = 60  # of one whose derivative may be short
MOST_ROWS = 3
MOST_SECONDS = 1.0  # of the search in all of them
TIMES = 3.0  # as much work as the judgement took may go into the search
_PLACES = (0.0, 0.011, -0.023)  # relative distances from the point
_PART = 7


def row_hints(one: Judgement, entries: Sequence[Entry], worst_first: Sequence[Finding], done: float) -> dict[str, str]:
    """By name of a wrong component: the mistake in the derivation that gives what is claimed, and what is right.

    Args:
        done: units of work that the judgement took: a wrong claim costs not much more than a right one.
    """
    if not one.plain or not one.meanings:
        return {}
    variables = {entry.variable for entry in entries} | set(one.known).difference(one.constants)
    odd = frozenset(one.constants) - variables
    places = _places({name: one.known[name] for name in sorted(variables)})
    wrong = [row.what for row in worst_first if row.verdict == Verdict.WRONG][:MOST_ROWS]
    claimed = {entry.name: (entry, meaning) for entry, meaning in zip(entries, one.meanings, strict=True)}
    found, truths, hand = {}, dict[int, Formula](), Hand(Work(min(MOST_SECONDS, TIMES * done / A_SECOND)))
    as_written = {name: Number(name, Fraction(name)) for name in odd}
    for entry, meaning in (claimed[name] for name in wrong if name in claimed):
        truth = one.formulas[entry.row]
        if hand.work.over():
            break
        if any(len(kept(f, flattened).nodes) > MOST_NODES for f in (truth, meaning)):
            continue
        if entry.row not in truths:
            truths[entry.row] = substitute(truth, as_written)
        formula = truths[entry.row]
        claim = substitute(meaning, as_written)
        mistake = find_mistake(formula, entry.variable, claim, places, hand=hand)
        if mistake is not None:
            right = "" if mistake.mended else _derivative_text(formula, entry.variable)
            found[entry.name] = f"{mistake.text}; right is {right}" if right else mistake.text
    return found


def _derivative_text(formula: Formula, name: str) -> str:
    """The derivative, if it is short; not as sympy writes it, whose import takes as long as many a check."""
    if len(kept(formula, flattened).nodes) > MOST_SHORT:
        return ""
    try:
        text = expression(as_taught(prepare(formula), name), _BRIEF)
    except FormulaError:
        return ""
    return text if len(text) < _BRIEF else ""


_BRIEF = 80  # characters


def _places(at: Mapping[str, Any]) -> list[AnyPlace]:
    """The point, one nearer to 0, where a function that is at its limit here, as erf(5) is, may be told from it, and
    more near by; no two numbers of them move alike."""
    numbers = [(i, name, float(x)) for i, (name, x) in enumerate(at.items())]
    near = [{name: x + part * (1 + 0.3 * i) * (abs(x) or 1.0) for i, name, x in numbers} for part in _PLACES]
    return [near[0], {name: x / (_PART + i) for i, name, x in numbers}, *near[1:]]


def common_hint(shown_at: Judgement, found: Sequence[Judgement], form: Layout, gradient: bool) -> str:
    """The hint of the point that is shown, if it holds wherever the gradient is wrong: one point may be a coincidence,
    as the sign of -cos(y) in x^2 - cos(y) is at x=0. But what is 0 at the point is so there alone.

    Args:
        gradient: whether each number is a derivative by a variable, or an entry of something else.
    """
    hint = _hint(shown_at, form, gradient)
    wrong = [one for one in found if one.verdict == Verdict.WRONG]
    return hint if hint == _ZERO or all(_hint(one, form, gradient) == hint for one in wrong) else ""


def factor_hint(found: Sequence[Judgement]) -> str:
    """The factor that all wrong components have in common, two at least, wherever the gradient is wrong."""
    pairs = [pair for one in found for pair in _pairs(_wrong(one))]
    if len(pairs) < 2 or not all(x and y for x, y in pairs):
        return ""
    factor = pairs[0][0] / pairs[0][1]
    if not all(_near(x, factor * y) for x, y in pairs):
        return ""
    simple = Fraction(factor).limit_denominator(_SIMPLE)
    is_simple = simple and _near(float(simple), factor) and abs(simple.numerator) <= _SIMPLE
    square = Fraction(factor * factor).limit_denominator(_SMALL_SIMPLE)
    root = square and _near(float(square), factor * factor) and square.numerator <= _SMALL_SIMPLE
    rooted = f"{'-' * (factor < 0)}sqrt({square})" if root else f"about {factor:.10g}"
    text = str(simple) if is_simple else rooted
    return f"it is {text} times the derivative" if text != "1" else ""


def offset_hint(found: Sequence[Judgement], form: Layout) -> str:
    """The addend of all wrong components of a gradient, two at least, wherever it is wrong: the same, or the same
    part of the point, as the derivative of a squared penalty is."""
    alike, parts, places = True, list[float](), set[float]()
    for one in found:
        if not (wrong := _wrong(one)) or len(form.names) != len(one.numbers):
            continue
        at = dict(zip(form.names, one.numbers, strict=True))
        pairs = _pairs(wrong)
        if len(pairs) < 2 or any(row.what not in at for row in wrong):
            return ""
        off = [(x - y, _NEAR * max(abs(x), abs(y))) for x, y in pairs]
        alike = alike and all(
            abs(gap - off[0][0]) <= least + off[0][1] and abs(gap) > _TOLD * least for gap, least in off
        )
        numbers = [at[row.what] for row in wrong]
        places.update(numbers)
        parts += [
            gap / x if x and abs(gap) > _TOLD * least else math.nan
            for (gap, least), x in zip(off, numbers, strict=True)
        ]
    if len(places) > 1 and all(math.isclose(part, parts[0], rel_tol=1 / _TOLD) for part in parts):
        size = f"{abs(parts[0]):.6g} times the point"
        return f"{size} {'is missing' if parts[0] < 0 else 'is too much'} in each: the derivative of a squared penalty?"
    return "all are off by the same: is a term missing that all have, as that of a mean?" if alike and parts else ""


def _wrong(one: Judgement) -> list[Finding]:
    return [row for row in one.findings if row.verdict == Verdict.WRONG and not row.what.startswith(VALUE)]


def _pairs(wrong: Sequence[Finding]) -> list[tuple[float, float]]:
    """The numbers claimed with the right ones, if both are known of all; else none."""
    pairs = [(row.actual, row.expected) for row in wrong if row.actual is not None and row.expected is not None]
    return pairs if len(pairs) == len(wrong) and all(math.isfinite(x) for pair in pairs for x in pair) else []


def _hint(one: Judgement, form: Layout, gradient: bool) -> str:
    """The hint that fits all wrong components of a judgement, or an empty text."""
    wrong = _wrong(one)
    pairs = _pairs(wrong)
    if not pairs:
        return ""
    for factor, text in _FACTORS:
        if all(y and _near(x, factor * y) for x, y in pairs):
            return text
    if all(x == 0 for x, _ in pairs):
        return _ZERO
    if flipped := _transposed(one.findings, form) or _exchanged(one.findings, gradient):
        return flipped
    if len(wrong) == 1:
        row = wrong[0]
        others = [
            o for o in one.findings if o.what != row.what and o.expected is not None and _near(row.actual, o.expected)
        ]
        entry = "derivative with respect to" if gradient else "entry"
        return f"that is the {entry} {others[0].what}" if len(others) == 1 and row.actual else ""
    return ""


def _exchanged(rows: Sequence[Finding], gradient: bool) -> str:
    """Whether two numbers are exchanged, or two rows or columns of a Jacobian, or these for those."""
    lines: dict[str, dict[str, list[Finding]]] = {"rows": {}, "columns": {}, "entries": {}}
    for row in rows:
        above, _, below = row.what.partition("/")
        for line, key in zip(lines.values(), (above, below, row.what), strict=True):
            line.setdefault(key, []).append(row)
    if "" in lines["columns"]:
        lines = {"derivatives with respect to" if gradient else "entries": lines["entries"]}
    elif len(lines["rows"]) == len(lines["columns"]):
        down = [row for line in lines["columns"].values() for row in line]
        if all(_near(x.actual, y.expected) for x, y in zip(rows, down, strict=True)):
            return "the Jacobian is transposed"
    for what, line in lines.items():
        wrong = [key for key, found in line.items() if any(row.verdict == Verdict.WRONG for row in found)]
        if len(wrong) == 2 and all(
            _near(x.actual, y.expected) for a, b in (wrong, wrong[::-1]) for x, y in zip(line[a], line[b], strict=True)
        ):
            return f"the {what} {' and '.join(wrong)} are exchanged"
    return ""


def _transposed(rows: Sequence[Finding], form: Layout) -> str:
    """Whether the gradient by a matrix is its transpose, or right but for the triangle that it is counted to."""
    by_name = {row.what: row for row in rows}
    for key, shape in form.parts:
        if shape is None or len(shape) != 2 or f"{key}[0, 0]" not in by_name:
            continue
        across = [by_name[f"{key}[{i}, {j}]"] for i in range(shape[0]) for j in range(shape[1])]
        down = [by_name[f"{key}[{i}, {j}]"] for j in range(shape[1]) for i in range(shape[0])]
        pairs = [(x, y) for x, y in zip(across, down, strict=True)]
        if not any(row.verdict == Verdict.WRONG for row in across):
            continue
        if all(_near(x.actual, y.expected) for x, y in pairs):
            return f"the gradient by {key} is transposed"
        sums = ((_sum(x.actual, y.actual), _sum(x.expected, y.expected)) for x, y in pairs)
        if shape[0] == shape[1] and all(_near(claimed, right) for claimed, right in sums):
            mirrored = f"the sums of the derivatives by {key}[i, j] and {key}[j, i] are right"
            return f"{mirrored}: is {key} symmetric, and one triangle read alone?"
    return ""


def _sum(x: float | None, y: float | None) -> float | None:
    return None if x is None or y is None else x + y


_NEAR = 1e-9  # relative difference of numbers that are the same
_TOLD = 1e4  # times that, that a difference of two must be to be compared with others
_SMALL_SIMPLE = 100
_SIMPLE = 1000  # the largest number of a fraction that is told as one
_ZERO = "it is zero here"
_FACTORS = (
    (-1.0, "the sign is flipped"),
    (2.0, "it is twice the derivative"),
    (0.5, "it is half the derivative"),
    (math.pi / 180, "it is the derivative by degrees: it is too small by pi/180"),
    (180 / math.pi, "it is too large by 180/pi: degrees for radians"),
)


def _near(x: float | None, y: float | None) -> bool:
    return x is not None and y is not None and math.isclose(x, y, rel_tol=_NEAR)
