"""Is a gradient function right? `check_gradient` judges it at a point or over a box; `assert_gradient` is for tests."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gradcalc.engine.lowering import shown
from gradcalc.engine.rewrite import as_formula
from gradcalc.language.formula import Formula
from gradcalc.shown import shows
from gradcalc.verdict import Verdict, worst

from .box import Box, search, simplest
from .calling import ALONE, Layout, layout
from .components import GradientRow
from .judge import Judge, Judgement, Numbers

POINTS = 64
ULPS = 16.0
SECONDS = 2.0


@shows("__str__", "__repr__", "_repr_html_")
@dataclass(frozen=True, slots=True)
class GradientCheck:
    """The verdict on a gradient function; true where it agrees.

    Attributes:
        verdict: `agrees`, `imprecise` (right, but for more noise than double arithmetic makes), `wrong`,
            `not-differentiable`, `undefined` or `undecided`.
        subject: the formula, or the name of the function.
        at: the point shown: for a wrong gradient the simplest point found at which it is wrong.
        rows: its components at that point, the worst first.
        method: how the truth was found: `formula` or `traced` (certified), or `differences` and why.
        traced: whether the gradient was judged by its meaning, not by its numbers, wherever it agrees or is wrong.
        single: whether the gradient was computed in single precision, and judged as such.
        points: how many points were judged, `agreeing` how many of them agree; `drawn` how many were looked at in all.
        failing: the part of the box, from 0 to 1, in which it is wrong, as far as the points drawn can tell.
        finest: the largest relative error that was not held against the gradient: a smaller fault may have gone unseen.
            For a component that is 0 it is relative to the largest one, and absolute where all are 0.
        hint: the mistake it looks like, or nothing.
        reason: why there is no clear verdict, or nothing.
        seed, n, ulps: as they were asked for; seed is None without a box.
        layout, asked: the form of the points, and the point asked for, if any.
        wrt, kwargs: as they were given.
    """

    verdict: Verdict
    subject: str
    at: Mapping[str, float]
    rows: tuple[GradientRow, ...]
    method: str
    traced: bool
    single: bool = False
    points: int = 1
    agreeing: int = 1
    drawn: int = 1
    failing: float = 0.0
    finest: float = 0.0
    hint: str = ""
    reason: str = ""
    seed: int | None = None
    box: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    n: int = POINTS
    ulps: float = ULPS
    layout: Layout | None = None
    asked: Numbers | None = None
    wrt: tuple[Any, ...] | None = None
    kwargs: Mapping[str, Any] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.verdict)

    @property
    def wrong(self) -> tuple[GradientRow, ...]:
        """The components that are wrong, the worst first."""
        return tuple(row for row in self.rows if row.verdict == Verdict.WRONG)


def check_gradient(
    f: Callable[..., Any] | str | Formula,
    grad: Callable[..., Any] | None = None,
    at: Any = None,
    *,
    box: Any = None,
    n: int = POINTS,
    seed: int = 0,
    ulps: float = ULPS,
    wrt: Sequence[Any] | None = None,
    kwargs: Mapping[str, Any] | None = None,
    seconds: float = SECONDS,
) -> GradientCheck:
    """Whether `grad` is the gradient of `f`, at a point or over a box.

    A point given as a number reaches both as a number, a sequence or array as a NumPy array, and a mapping as a mapping
    or, if they have parameters of those names, as keyword arguments. `grad` answers in the form of the point, with a
    sequence, or with `(value, gradient)`.

    Args:
        f: a formula or a Python function of one value. A function that answers with `(value, gradient)` is judged
            alone, without `grad`.
        at: the point.
        box: for each number of the point a pair (lower, upper), in the form of the point: `{"x": (0, 2)}`.
        n: how many points of the box are judged in full; some thousand more are looked at.
        seed: of the points.
        ulps: how many times the rounding error that is to be expected is allowed, where `grad` cannot be traced and
            numbers are all there is. 1 is one unit of roundoff for every intermediate result.
        wrt: the names of a mapping that `grad` answers for; without it, all.
        kwargs: further arguments, the same for `f` and `grad`.
        seconds: how long to look at further points of a box. Of a slow function fewer than n points are judged: no
            more after five times as long.

    Raises:
        TypeError: `grad` does not answer in the form of the point, or `f` not with a number.
        MissingValueError: a formula needs names that the point lacks.
        ValueError: neither `at` nor `box` is given, or a pair of the box is not in order.
    """
    if at is None and box is None:
        raise ValueError("give a point, at=..., or a box, box=...")
    form, first, bounds = _form(at, box)
    if isinstance(f, str | Formula):
        f = as_formula(f)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # NumPy's, outside a domain: the verdict speaks of it
        judge = Judge(f, grad, form, first, ulps, dict(kwargs or {}), wrt)
        found = [judge(first)] if at is not None else []
        drawn, failing = len(found), 0.0
        if bounds is not None:
            region = search(judge, bounds, n, seed, seconds)
            found += region.judgements
            drawn, failing = region.drawn, region.failing
        shown_at = _to_show(judge, found, bounds, at is not None)
    agreeing = [one for one in found if one.verdict == Verdict.AGREES]
    held_against = shown_at.verdict in _AGAINST
    verdict = Verdict.AGREES if agreeing and not held_against and bounds is not None else shown_at.verdict
    return GradientCheck(
        verdict=verdict,
        subject=judge.subject,
        at=dict(zip(form.names, shown_at.numbers, strict=True)),
        rows=tuple(sorted(shown_at.rows, key=_badness)),
        method=shown_at.method,
        traced=any(map(_decided, found)) and all(one.traced for one in found if _decided(one)),
        single=any(one.single for one in found),
        points=len(found),
        agreeing=len(agreeing),
        drawn=drawn,
        failing=failing if bounds is not None else float(verdict == Verdict.WRONG),
        finest=max((_finest(one) for one in agreeing), default=0.0),
        hint=_common_hint(shown_at, found, judge.answer) if verdict == Verdict.WRONG else "",
        reason=shown_at.reason if verdict != Verdict.AGREES else "",
        seed=seed if bounds is not None else None,
        box={} if bounds is None else dict(zip(form.names, bounds, strict=True)),
        n=n,
        ulps=ulps,
        layout=form,
        asked=None if at is None else first,
        wrt=None if wrt is None else tuple(wrt),
        kwargs=dict(kwargs or {}),
    )


def assert_gradient(
    f: Callable[..., Any] | str | Formula, grad: Callable[..., Any] | None = None, at: Any = None, **options: Any
) -> None:
    """Raise AssertionError unless `grad` is the gradient of `f`. The arguments are those of `check_gradient`."""
    __tracebackhide__ = True
    found = check_gradient(f, grad, at, **options)
    if not found:
        raise AssertionError("\n".join(failure(found)))


# ---- the point and the box


def _form(at: Any, box: Any) -> tuple[Layout, Numbers, Box | None]:
    if box is None:
        form, first = layout(at)
        return form, first, None
    parts = box if isinstance(box, Mapping) else {ALONE: box}
    lower = {key: _end(part, 0) for key, part in parts.items()}
    upper = {key: _end(part, 1) for key, part in parts.items()}
    alone = not isinstance(box, Mapping)
    form, lows = layout(lower[ALONE] if alone else lower)
    _, highs = layout(upper[ALONE] if alone else upper)
    bounds = list(zip(lows, highs, strict=True))
    for name, (low, high) in zip(form.names, bounds, strict=True):
        if not (math.isfinite(low) and math.isfinite(high) and low <= high):
            raise ValueError(f"the box of {name} is no pair (lower, upper): ({low}, {high})")
    middle = tuple((low + high) / 2 for low, high in bounds)
    if at is None:
        return form, middle, bounds
    given, first = layout(at)
    if given.names != form.names:
        raise ValueError(f"the point has {', '.join(given.names)}, the box {', '.join(form.names)}")
    return given, first, bounds


def _end(part: Any, which: int) -> Any:
    """The lower or the upper end of a pair, or of an array of pairs."""
    if len(part) == 2 and not hasattr(part[0], "__len__"):
        return float(part[which])
    import numpy

    return numpy.asarray(part, dtype=float)[..., which]


# ---- what to show


def _to_show(judge: Judge, found: Sequence[Judgement], bounds: Box | None, own_point: bool) -> Judgement:
    """The judgement to show: the simplest that is wrong; else that of the point asked for, or the first that agrees."""
    worst_of_all = worst(one.verdict for one in found if one.verdict in _AGAINST)
    against = [one for one in found if one.verdict == worst_of_all]
    if not against:
        if own_point:
            return found[0]
        return next((one for one in found if one.verdict == Verdict.AGREES), found[0])
    if own_point and found[0].verdict == worst_of_all:
        return found[0]
    worst_one = max(against, key=lambda one: max(row.relative or 0.0 for row in one.rows))
    if worst_of_all != Verdict.WRONG:
        return worst_one
    point = simplest(lambda numbers: judge(numbers).verdict == Verdict.WRONG, worst_one.numbers, bounds)
    return judge(point)


_AGAINST = (Verdict.WRONG, Verdict.IMPRECISE)


def _decided(one: Judgement) -> bool:
    return one.verdict in (Verdict.AGREES, *_AGAINST)


def _badness(row: GradientRow) -> tuple[int, float]:
    return row.verdict.rank, -(row.relative if row.relative is not None else math.inf)


def _finest(one: Judgement) -> float:
    """The relative error that one judgement would have let pass."""
    rows = [(row.allowed, abs(row.expected)) for row in one.rows if row.expected is not None]
    largest = max((size for _, size in rows), default=0.0) or 1.0
    return max((allowed / (size if size > allowed else largest) for allowed, size in rows), default=0.0)


# ---- the mistake it looks like


def _common_hint(shown_at: Judgement, found: Sequence[Judgement], form: Layout) -> str:
    """The hint of the point that is shown, if it holds wherever the gradient is wrong: one point may be a coincidence,
    as the sign of -cos(y) in x^2 - cos(y) is at x=0. But what is 0 at the point is so there alone."""
    hint = _hint(shown_at, form)
    wrong = [one for one in found if one.verdict == Verdict.WRONG]
    return hint if hint == _ZERO or all(_hint(one, form) == hint for one in wrong) else ""


def _hint(one: Judgement, form: Layout) -> str:
    """What all wrong components have in common, or nothing."""
    wrong = [row for row in one.rows if row.verdict == Verdict.WRONG and row.name != "value"]
    pairs = [(row.actual, row.expected) for row in wrong if row.actual is not None and row.expected is not None]
    if not pairs or len(pairs) < len(wrong) or not all(map(math.isfinite, (x for pair in pairs for x in pair))):
        return ""
    for factor, text in _FACTORS:
        if all(y and _near(x, factor * y) for x, y in pairs):
            return text
    if all(x == 0 for x, _ in pairs):
        return _ZERO
    if flipped := _transposed(one.rows, form):
        return flipped
    if len(wrong) == 1:
        row = wrong[0]
        others = [
            o for o in one.rows if o.name != row.name and o.expected is not None and _near(row.actual, o.expected)
        ]
        return f"that is the derivative with respect to {others[0].name}" if len(others) == 1 and row.actual else ""
    swapped = {row.name for row in wrong if any(_near(row.actual, o.expected) for o in wrong if o is not row)}
    if len(wrong) == 2 and len(swapped) == 2:
        return f"the derivatives with respect to {wrong[0].name} and {wrong[1].name} are exchanged"
    return ""


def _transposed(rows: Sequence[GradientRow], form: Layout) -> str:
    """Whether the gradient by a matrix is its transpose."""
    by_name = {row.name: row for row in rows}
    for key, shape in form.parts:
        if shape is None or len(shape) != 2:
            continue
        across = [by_name[f"{key}[{i},{j}]"] for i in range(shape[0]) for j in range(shape[1])]
        down = [by_name[f"{key}[{i},{j}]"] for j in range(shape[1]) for i in range(shape[0])]
        turned = all(_near(x.actual, y.expected) for x, y in zip(across, down, strict=True))
        if turned and any(row.verdict == Verdict.WRONG for row in across):
            return f"the gradient by {key} is transposed"
    return ""


_ZERO = "it is zero here"
_FACTORS = (
    (-1.0, "the sign is flipped"),
    (2.0, "it is twice the derivative"),
    (0.5, "it is half the derivative"),
    (math.pi / 180, "it is the derivative by degrees: it is too small by pi/180"),
    (180 / math.pi, "it is too large by 180/pi: degrees for radians"),
)


def _near(x: float | None, y: float | None) -> bool:
    return x is not None and y is not None and math.isclose(x, y, rel_tol=1e-9)


# ---- the failure as text


def failure(found: GradientCheck) -> list[str]:
    """The lines of a failure: the verdict, the point, the components that are wrong, and the hint."""
    first = found.rows[0]
    subject = f"d/d{first.name} {found.subject}" if first.name != "value" else f"the value of {found.subject}"
    place = "at " + " ".join(f"{name}={shown(x)}" for name, x in found.at.items())
    if not found.wrong:
        if found.verdict == Verdict.IMPRECISE:
            return [f"{subject}: imprecise: {first.reason}", place, *table(found.rows[:1])]
        beside = (
            ["neither right nor wrong: ask beside this point"] if found.verdict == Verdict.NOT_DIFFERENTIABLE else []
        )
        return [f"{subject}: {found.verdict}: {first.reason or found.reason}", place, *beside]
    actual, expected = _told_apart(first)
    lines = [f"{subject}: actual {actual}, expected {expected}"]
    lines.append(f"{place}    mismatched {len(found.wrong)} of {len(found.rows)}")
    lines += table(found.wrong)
    if found.box:
        lines.append(region_line(found))
    lines += [row.reason for row in found.wrong[:1] if row.reason]
    return [*lines, f"hint: {found.hint}"] if found.hint else lines


def region_line(found: GradientCheck) -> str:
    """Which part of the box fails, of how many points drawn with which seed."""
    part = 100 * found.failing or 100 / found.drawn
    share = f"{'about' if found.failing else 'less than'} {float(f'{part:.2g}'):g} %"
    return f"wrong in {share} of the box ({found.drawn} points drawn, seed {found.seed})"


def table(rows: Sequence[GradientRow]) -> list[str]:
    """The components as a table of text."""
    cells = [["name", "actual", "expected", "abs diff", "rel diff", "ulps"]]
    for row in rows:
        sizes = [_number(row.error, 3), _number(row.relative, 3), _number(row.ulps, 3)]
        cells.append([row.name, *_told_apart(row), *sizes])
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = []
    for line in cells:
        numbers = "  ".join(cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True))
        lines.append(f"  {line[0]:<{widths[0]}}  {numbers}")
    return lines


def _told_apart(row: GradientRow) -> tuple[str, str]:
    """Both numbers in ten digits, or in as many as it takes to tell them apart."""
    for digits in range(10, 18):
        actual, expected = _number(row.actual, digits), _number(row.expected, digits)
        if actual != expected:
            break
    return actual, expected


def _number(x: float | None, digits: int) -> str:
    return "?" if x is None else f"{x:.{digits}g}"
