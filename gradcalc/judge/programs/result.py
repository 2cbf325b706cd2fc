"""The result of a check: `GradientCheck`, and its failure as text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gradcalc.engine.lowering import shown
from gradcalc.shown import shows
from gradcalc.verdict import Verdict

from .calling import Layout
from .components import GradientRow
from .questions import Question
from .rounding import Numbers
from .subject import POINTS, ULPS


@shows("__str__", "__repr__", "_repr_html_")
@dataclass(frozen=True, slots=True)
class GradientCheck:
    """The verdict on a gradient function; true where it agrees.

    Attributes:
        verdict: `agrees`, `imprecise` (right, but for more noise than double arithmetic makes), `wrong`,
            `not-differentiable`, `undefined` or `undecided`.
        subject: the formula, or the name of the function.
        word: what was claimed: `gradient`, `jacobian`, `hessian`, `jvp`, `vjp` or `hvp`.
        at: the point shown: for a wrong gradient the simplest point found at which it is wrong.
        rows: its components at that point, the worst first.
        method: how the truth was found: `formula` or `traced` (certified), or `differences` and why.
        traced: whether the gradient was judged by its meaning, not by its numbers, wherever it agrees or is wrong.
        precision: `single` or `half` if the gradient was computed in that, and judged as such; nothing for double.
        points: how many points were judged, `agreeing` how many of them agree; `drawn` how many were looked at in all.
        failing: the part of the box, from 0 to 1, in which it is wrong, as far as the points drawn can tell.
        finest: the largest relative error that was not held against the gradient: a smaller fault may have gone unseen.
            For a component that is 0 it is relative to the largest one, and absolute where all are 0.
        hint: the mistake it looks like, or nothing.
        reason: why there is no clear verdict, or nothing.
        seed, n, ulps: as they were asked for; seed is None without a box.
        layout, asked: the form of the points, and the point asked for, if any.
        wrt, kwargs, noise: as they were given.
    """

    verdict: Verdict
    subject: str
    at: Mapping[str, float]
    rows: tuple[GradientRow, ...]
    method: str
    traced: bool
    precision: str = ""
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
    word: str = "gradient"
    noise: float | None = None

    @property
    def phrase(self) -> str:
        """The claim in words."""
        return Question(self.word).phrase

    @property
    def of_function(self) -> bool:
        """Whether it agrees as far as the function itself is exact, which stops at a tolerance."""
        return any(row.of_function for row in self.rows)

    def __bool__(self) -> bool:
        return bool(self.verdict)

    @property
    def wrong(self) -> tuple[GradientRow, ...]:
        """The components that are wrong, the worst first."""
        return tuple(row for row in self.rows if row.verdict == Verdict.WRONG)


# ---- the failure as text


def failure(found: GradientCheck) -> list[str]:
    """The lines of a failure: the verdict, the point, the components that are wrong, and the hint."""
    first = found.rows[0]
    subject = f"the value of {found.subject}" if first.name == "value" else _entry(first.name, found)
    place = f"at {place_of(found.at)}"
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
    lines += shortened_table(found.wrong)
    if found.box:
        lines.append(region_line(found))
    lines += [row.reason for row in found.wrong[:1] if row.reason]
    return [*lines, *hint_lines(found)]


def hint_lines(found: GradientCheck) -> list[str]:
    """The mistake that it looks like, or that single components look like."""
    if found.hint:
        return [f"hint: {found.hint}"]
    return [f"hint: {row.name}: {row.hint}" for row in found.wrong if row.hint]


def _entry(name: str, found: GradientCheck) -> str:
    return f"d/d{name} {found.subject}" if found.word == "gradient" else f"{found.word} of {found.subject}, {name}"


def place_of(at: Mapping[str, float]) -> str:
    """A point as text; of many numbers the first few."""
    pairs = [f"{name}={shown(x)}" for name, x in at.items()]
    if len(pairs) > _LONG:
        pairs = [*pairs[: _LONG // 2], f"... ({len(pairs)} numbers)"]
    return " ".join(pairs)


_MOST_ROWS = 12
_LONG = 16  # numbers of a point that are written out


def region_line(found: GradientCheck) -> str:
    """Which part of the box fails, of how many points drawn with which seed."""
    part = 100 * found.failing or 100 / found.drawn
    share = f"{'about' if found.failing else 'less than'} {float(f'{part:.2g}'):g} %"
    return f"wrong in {share} of the box ({found.drawn} points drawn, seed {found.seed})"


def shortened_table(rows: Sequence[GradientRow]) -> list[str]:
    """The first components as a table of text, and how many more there are."""
    more = len(rows) - _MOST_ROWS
    return [*table(rows[:_MOST_ROWS]), *([f"  and {more} more"] if more > 0 else [])]


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
