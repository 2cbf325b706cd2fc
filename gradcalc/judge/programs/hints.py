"""What a wrong gradient looks like: a factor, a sign, two components exchanged."""

from __future__ import annotations

import math
from collections.abc import Sequence

from gradcalc.verdict import Verdict

from .calling import Layout
from .components import GradientRow
from .judge import Judgement


def common_hint(shown_at: Judgement, found: Sequence[Judgement], form: Layout) -> str:
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
        if shape is None or len(shape) != 2 or f"{key}[0, 0]" not in by_name:
            continue
        across = [by_name[f"{key}[{i}, {j}]"] for i in range(shape[0]) for j in range(shape[1])]
        down = [by_name[f"{key}[{i}, {j}]"] for j in range(shape[1]) for i in range(shape[0])]
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
