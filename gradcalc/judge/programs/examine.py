"""A check from the point or the box to what comes of it."""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

from gradcalc.record import dataclass, replace
from gradcalc.verdict import Verdict, worst
from gradcalc.work import DONE

from .box import Box, search, simplest, tries_for
from .forms import ALONE, Layout, layout
from .hints import common_hint, row_hints
from .judge import Judge, Judgement
from .programs import file_of, function_of
from .questions import Question
from .result import Asked, GradientCheck
from .rounding import Numbers
from .subject import Claim, Function, Settings, no_gradient, parameter_of


@dataclass(frozen=True, slots=True)
class Case:
    """A question: a function, what is claimed of it (None: it answers with its gradient), where, and a vector."""

    f: Any
    claim: Any
    at: Any = None
    box: Any = None
    word: str = "gradient"
    vector: Any = None


def examine(case: Case, settings: Settings) -> GradientCheck:
    """Judge what a case claims."""
    if case.at is None and case.box is None:
        raise ValueError("give a point, at=..., or a box, box=...")
    where = _form(case)
    form, first, bounds = where
    if case.claim is None and case.word == "gradient":
        no_gradient(case.f, form, first, settings)
    elif not callable(case.claim):
        what, more = ("grad", "; check_derivative judges a formula") if case.word == "gradient" else (_CLAIMED, "")
        raise TypeError(f"{what} must be a function, not {case.claim!r}{more}")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # NumPy's, outside a domain: the verdict speaks of it
        question = Question(case.word, () if case.vector is None else layout(case.vector)[1])
        function = Function(case.f, form, first, settings, question, case.claim is None)
        given = _vector(case, function)
        claim = Claim(case.f if case.claim is None else case.claim, function, first, settings, given)
        judge = Judge(function, claim, settings)
        found = [judge(first)] if case.at is not None else []
        drawn, failing, unfinished = len(found), 0.0, False
        if bounds is not None:
            region = search(judge, bounds, settings)
            found += region.judgements
            drawn, failing, unfinished = region.drawn, region.failing, region.unfinished
        shown_at = _to_show(judge, found, bounds, case.at is not None)
    agreeing = [one for one in found if one.verdict == Verdict.AGREES]
    held_against = shown_at.verdict in _AGAINST
    hint = common_hint(shown_at, found, claim.answer) if shown_at.verdict == Verdict.WRONG else ""
    rows = shown_at.findings
    if shown_at.verdict == Verdict.WRONG and not hint and case.word in ("gradient", "jacobian"):
        hints = row_hints(shown_at, claim.entries)
        rows = tuple(replace(row, hint=hints.get(row.what, "")) for row in rows)
    verdict = Verdict.AGREES if agreeing and not held_against and bounds is not None else shown_at.verdict
    return GradientCheck(
        question=Asked(
            question=question,
            subject=function.name,
            form=form,
            at=None if case.at is None else first,
            box={} if bounds is None else dict(zip(form.names, bounds, strict=True)),
            settings=settings,
        ),
        verdict=verdict,
        at=dict(zip(form.names, shown_at.numbers, strict=True)),
        findings=tuple(
            sorted(rows, key=lambda row: (row.verdict.rank, -math.inf if row.relative is None else -row.relative))
        ),
        method=shown_at.method,
        traced=any(map(_decided, found)) and all(one.traced for one in found if _decided(one)),
        precision=next((one.precision for one in found if one.precision), ""),
        points=len(found),
        agreeing=len(agreeing),
        drawn=drawn,
        failing=failing if bounds is not None else float(verdict == Verdict.WRONG),
        finest=max((_finest(one) for one in agreeing), default=0.0),
        hint=hint,
        reason=shown_at.reason if verdict != Verdict.AGREES else "",
        notes=(f"not all of the box was tried: {DONE}",) if unfinished else (),
    )


_CLAIMED = "what is claimed"


def again(asked: Asked) -> GradientCheck:
    """Ask a question again, of the functions that its `f` and `grad` name.

    Raises:
        FormulaError: there are none.
    """
    f = function_of(asked.f) if file_of(asked.f) else asked.f
    at = None if asked.at is None else asked.form.pack(asked.at)
    box = _packed_box(asked.form, list(asked.box.values())) if asked.box else None
    found = examine(Case(f, function_of(asked.grad), at, box), asked.settings)
    return replace(found, question=replace(found.question, f=asked.f, grad=asked.grad))


def _packed_box(form: Layout, pairs: list[tuple[float, float]]) -> Any:
    if all(shape is None for _, shape in form.parts):
        return form.pack(pairs)
    import numpy

    lower, upper = form.pack([low for low, _ in pairs]), form.pack([high for _, high in pairs])
    if form.kind != "mapping":
        return numpy.stack([lower, upper], axis=-1)
    return {
        key: (lower[key], upper[key]) if shape is None else numpy.stack([lower[key], upper[key]], axis=-1)
        for key, shape in form.parts
    }


# ---- the vector


def _vector(case: Case, function: Function) -> Any:
    """The tangent, cotangent or vector in the form of what it belongs to."""
    question = function.question
    if case.vector is None:
        return None
    form = function.outputs if question.word == "vjp" else function.form
    if len(question.vector) != len(form.names):
        what = "values of the function" if question.word == "vjp" else "numbers of the point"
        raise TypeError(f"the vector has {len(question.vector)} numbers, for {len(form.names)} {what}")
    return form.pack(question.vector)


# ---- the point and the box


def _form(case: Case) -> tuple[Layout, Numbers, Box | None]:
    at, box = case.at, case.box
    name, arguments = parameter_of(case.f, at)
    if box is None:
        form, first = layout(at, name, arguments)
        return form, first, None
    parts = box if isinstance(box, Mapping) else {ALONE: box}
    lower = {key: _end(part, 0) for key, part in parts.items()}
    upper = {key: _end(part, 1) for key, part in parts.items()}
    alone = not isinstance(box, Mapping)
    form, lows = layout(lower[ALONE] if alone else lower, name)
    _, highs = layout(upper[ALONE] if alone else upper, name)
    bounds = list(zip(lows, highs, strict=True))
    for one, (low, high) in zip(form.names, bounds, strict=True):
        if not (math.isfinite(low) and math.isfinite(high) and low <= high):
            raise ValueError(f"the box of {one} is no pair (lower, upper): ({low}, {high})")
    middle = tuple((low + high) / 2 for low, high in bounds)
    if at is None:
        return form, middle, bounds
    given, first = layout(at, name, arguments)
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
    worst_one = max(against, key=lambda one: max(row.relative or 0.0 for row in one.findings))
    if worst_of_all != Verdict.WRONG:
        return worst_one
    point = simplest(
        lambda numbers: judge(numbers).verdict == Verdict.WRONG, worst_one.numbers, bounds, tries_for(worst_one)
    )
    return judge(point)


_AGAINST = (Verdict.WRONG, Verdict.IMPRECISE)


def _decided(one: Judgement) -> bool:
    return one.verdict in (Verdict.AGREES, *_AGAINST)


def _finest(one: Judgement) -> float:
    """The relative error that one judgement would have let pass."""
    rows = [(row.allowed, abs(row.expected)) for row in one.findings if row.expected is not None]
    largest = max((size for _, size in rows), default=0.0) or 1.0
    return max((allowed / (size if size > allowed else largest) for allowed, size in rows), default=0.0)
