"""Are derivatives of functions right, at a point or over a box? Gradients, Jacobians, Hessians and their products with
vectors; each `check_...` has an `assert_...` for tests.

All of them are one question: `_examined` reads it, and `answered` answers it. The points of it are judged one by one by
`judge`, those of a box are found by `box`.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, Unpack

from gradcalc.engine.lowering import shown
from gradcalc.helper import OutOfTime, timed
from gradcalc.judge.result import OF_FUNCTION, Finding, asserting, by_the_clock
from gradcalc.language.errors import check_options
from gradcalc.language.formula import Formula
from gradcalc.language.kept import uncollected
from gradcalc.language.literals import place_text, shortened
from gradcalc.record import replace
from gradcalc.verdict import Verdict, worst
from gradcalc.work import OUT_OF_TIME, points_of, time_of

from .box import search, simplest, tries_for
from .calling import calling, double, form_of, gradient_of, is_pair, parameter_of
from .components import NEXT_TO_NOTHING
from .forms import Layout, Numbers, flat, has_names, layout, library_of
from .hints import common_hint, factor_hint, offset_hint, row_hints
from .judge import Judgement, judged, out_of_time
from .result import CheckOptions, CheckQuestion, GradientCheck as GradientCheck
from .subject import PATIENCE, ClaimedFunction, Subject

_AGAINST = (Verdict.WRONG, Verdict.IMPRECISE)
_DECIDED = (Verdict.AGREES, *_AGAINST)
_VECTORS = {"jvp": ("tangent", "the point"), "vjp": ("cotangent", "the values of f"), "hvp": ("vector", "the point")}


def check_gradient(
    f: Callable[..., Any] | str | Formula,
    grad: Callable[..., Any] | None = None,
    at: Any = None,
    *,
    box: Any = None,
    **options: Unpack[CheckOptions],
) -> GradientCheck:
    """Whether `grad` is the gradient of `f`, at a point or over a box.

    A point given as a number reaches both as a number, an array or a list of numbers as a NumPy array, arrays of
    PyTorch, JAX and others with the array interface as such arrays of doubles, and a mapping as a mapping or, if they
    have parameters of those names, as keyword arguments. Tuples and lists of arrays, namedtuples, dataclasses and
    mappings of such reach them as they are; a function that needs as many arguments as a sequence has parts gets these
    in order. `grad` answers in the form of the point, with a sequence, or with `(value, gradient)`; what names its
    entries, as a mapping or a column of pandas does, goes by the names of the point, in any order and with none else.

    Args:
        f: a formula or a Python function of one value. A function that answers with `(value, gradient)` is judged
            alone, without `grad`.
        at: the point.
        box: for each number of the point a pair (lower, upper), in the form of the point: `{"x": (0, 2)}`.
        options: n, seed, ulps, wrt, kwargs, noise, seconds: what `CheckOptions` says of them.

    Raises:
        TypeError: `grad` does not answer in the form of the point, or `f` not with a number; or there is no `grad`, and
            `f` does not answer with `(value, gradient)`; or the point is nothing a point can be.
        MissingValueError: a formula needs names that the point lacks.
        ValueError: neither `at` nor `box` is given, or a pair of the box is not in order.
        UndecidedError: not even the functions were read within the `seconds`.
    """
    return _examined("gradient", f, grad, at, box, **options)


def check_jacobian(
    f: Any, jac: Any, at: Any = None, *, box: Any = None, **options: Unpack[CheckOptions]
) -> GradientCheck:
    """Whether `jac` is the matrix of the partial derivatives of `f`, a row for each value of `f`.

    Args:
        f: a Python function of many values, or a list of formulas.
        jac: a function of the same point: the answer's shape is that of the values of `f` before that of the point; for
            a point of parts, such an array for each part; or it is `(values, matrix)`.
        at: as for `check_gradient`, like the rest.

    Raises what `check_gradient` raises.
    """
    return _examined("jacobian", f, jac, at, box, **options)


def check_hessian(
    f: Any, hess: Any, at: Any = None, *, box: Any = None, **options: Unpack[CheckOptions]
) -> GradientCheck:
    """Whether `hess` is the matrix of the second derivatives of `f`, a function of one value or a formula.

    `hess` answers with a matrix in the order of the numbers of the point, or in blocks, by part and part; or with
    `(value, matrix)`. There is no second derivative where there is no first. The rest is as for `check_gradient`.
    """
    return _examined("hessian", f, hess, at, box, **options)


def check_jvp(
    f: Any, jvp: Any, at: Any = None, tangent: Any = None, *, box: Any = None, **options: Unpack[CheckOptions]
) -> GradientCheck:
    """Whether `jvp` is the derivative of the values of `f` along `tangent`, which has the form of the point.

    `jvp` is called with the point and, if it takes two arguments, the tangent. It answers in the form of the values of
    `f`, or with `(values, product)`. The rest is as for `check_jacobian`.
    """
    return _examined("jvp", f, jvp, at, box, tangent, **options)


def check_vjp(
    f: Any, vjp: Any, at: Any = None, cotangent: Any = None, *, box: Any = None, **options: Unpack[CheckOptions]
) -> GradientCheck:
    """Whether `vjp` is `cotangent`, which has the form of the values of `f`, times the Jacobian of `f`.

    `vjp` is called with the point and, if it takes two arguments, the cotangent. It answers in the form of the point,
    or with `(values, product)`.
    The rest is as for `check_jacobian`.
    """
    return _examined("vjp", f, vjp, at, box, cotangent, **options)


def check_hvp(
    f: Any, hvp: Any, at: Any = None, vector: Any = None, *, box: Any = None, **options: Unpack[CheckOptions]
) -> GradientCheck:
    """Whether `hvp` is the Hessian of `f`, a function of one value, times `vector`, which has the form of the point.

    `hvp` is called with the point and, if it takes two arguments, the vector. It answers in the form of the point, or
    with `(value, product)`; what comes first and is not the value is undecided for one number, as it may be the
    derivative, and for several an error. The rest is as for `check_hessian`.
    """
    return _examined("hvp", f, hvp, at, box, vector, **options)


assert_gradient = asserting(check_gradient)
assert_jacobian = asserting(check_jacobian)
assert_hessian = asserting(check_hessian)
assert_jvp = asserting(check_jvp)
assert_vjp = asserting(check_vjp)
assert_hvp = asserting(check_hvp)


# ---- from the question to its answer


def _examined(
    word: str, f: Any, claim: Any, at: Any = None, box: Any = None, vector: Any = None, **options: Unpack[CheckOptions]
) -> GradientCheck:
    """Judge what is claimed of a function (None: it answers with its gradient), at a point or over a box.

    Args:
        word: which derivative it is, as `CheckQuestion` has it; `vector` is what it is multiplied by.

    Raises:
        TypeError: there is an option of another name, or the claim is no function.
        ValueError: there is neither a point nor a box, or `seconds` is no time, or `n` no number of points.
    """
    check_options(options, CheckOptions)
    if not (callable(claim) or (claim is None and word == "gradient")):
        what, more = "what is claimed", ""
        if word == "gradient":
            what, more = "grad", ", or None where f answers with both"
        if isinstance(claim, str):
            more = "; gradcalc.check_derivative('x^2', 'x', '2*x') judges a formula"
        raise TypeError(f"{what} must be a function, not {shortened(repr(claim))}{more}")
    if at is None and box is None:
        raise ValueError("give a point, such as at=3.0, or a box, such as box=(0, 2)")
    if word in _VECTORS and vector is None:
        raise TypeError("give a {0}, {0}=..., in the form of {1}".format(*_VECTORS[word]))
    form, point, bounds = _where(f, at, box)
    given: dict[str, Any] = dict(options)
    wrt, kwargs = given.pop("wrt", None), dict(given.pop("kwargs", None) or {})
    if (seconds := given.pop("seconds", None)) is not None:
        given["seconds"] = time_of(seconds) / (1 + PATIENCE)
    given |= {"wrt": None if wrt is None else tuple(wrt), "kwargs": kwargs}
    question = CheckQuestion(word, form, point, bounds, **given)
    if vector is not None:
        question = replace(question, vector=_vector(question, f, vector))
    if claim is None and word == "gradient":
        if not callable(f):
            raise TypeError("a formula needs a gradient function to be judged")
        if not is_pair(calling(f, form, question.first, kwargs)(f, question.first)):
            raise TypeError("no grad was given, and f does not answer with (value, gradient)")
    return by_the_clock(seconds, lambda: answered(question, f, claim))


def answered(question: CheckQuestion, f: Any, given: Any) -> GradientCheck:
    """The answer to a question of a function and of what is claimed of it."""
    points_of(question.n)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # NumPy's, outside a domain: the verdict speaks of it
        function = Subject(f, question, given is None)
        claim = ClaimedFunction(f if given is None else given, function)
        found = [] if question.at is None else [_at(claim, question.at)]
        drawn, failing, unfinished = len(found), 0.0, ""
        if question.box:
            region = search(claim)
            found += region.judgements
            drawn, failing, unfinished = region.drawn, region.failing, region.unfinished
        late = unfinished == OUT_OF_TIME  # so that no clock runs any more
        shown_at = _to_show(claim, found, not late)
    agreeing = [one for one in found if one.verdict is Verdict.AGREES]
    verdict = Verdict.AGREES if agreeing and shown_at.verdict not in _AGAINST and question.box else shown_at.verdict
    coarsest = max(agreeing, key=_finest, default=None)
    decided = [one for one in found if one.verdict in _DECIDED]
    check = GradientCheck(
        question=question,
        subject=function.name,
        verdict=verdict,
        at=dict(zip(question.form.names, shown_at.numbers, strict=True)),
        findings=_worst_first(shown_at.findings),
        way=shown_at.way,
        why=shown_at.why,
        traced=bool(decided) and all(one.traced for one in decided),
        precision=next((one.precision for one in found if one.precision), ""),
        points=len(found),
        agreeing=len(agreeing),
        drawn=drawn,
        failing=failing if question.box else float(verdict is Verdict.WRONG),
        finest=0.0 if coarsest is None else _finest(coarsest),
        of_function=coarsest is not None and any(row.cause == OF_FUNCTION for row in coarsest.findings),
        reason=shown_at.reason if verdict is not Verdict.AGREES else "",
        notes=tuple(_notes(claim, found if verdict is Verdict.AGREES else (), unfinished)),
    )
    if shown_at.verdict is Verdict.WRONG and not late:
        check.hinted_by(_hints(question.word, check.findings, shown_at, found, function))
        if timed():  # and would not be when they are read
            check.hint  # noqa: B018
    return check


def _notes(claim: ClaimedFunction, found: Sequence[Judgement], unfinished: str) -> Iterator[str]:
    """Notes on what a right gradient was not judged at: a part of the box, and the first point without a verdict; and
    on arrays that are others after a call."""
    sides = {claim.of.name: claim.of} if claim.of.alone else {claim.of.name: claim.of, claim.question.phrase: claim}
    for name, side in sides.items() if found else ():
        with suppress(Exception):  # what was asked for is answered
            if side.python is not None and side.call.changes(side.python, claim.question.first):
                yield f"{name} changes the arrays that it is given"
    if unfinished:
        yield f"not all of the box was tried: {unfinished}"
    without = [one for one in found if one.verdict is not Verdict.AGREES and one.reason]
    for one in sorted(without, key=lambda one: one.verdict is not Verdict.NOT_DIFFERENTIABLE)[:1]:
        place = place_text(dict(zip(claim.of.form.names, one.numbers, strict=True)), ", ", shown)
        yield f"without a verdict: {one.reason}{'' if place in one.reason else f' (at {place})'}"


def _hints(
    word: str, rows: tuple[Finding, ...], shown_at: Judgement, found: Sequence[Judgement], function: Subject
) -> Callable[[], tuple[tuple[Finding, ...], str]]:
    """A function that answers with the rows of a wrong claim, each with its hint, and the hint of all together. It
    keeps no function of the user's."""
    answer, entries, done = function.answer, function.entries, function.work.done

    def general(found: Sequence[Judgement]) -> str:
        return factor_hint(found) or (offset_hint(found, answer) if word == "gradient" else "")

    def made() -> tuple[tuple[Finding, ...], str]:
        if hint := common_hint(shown_at, found, answer, word == "gradient"):
            return rows, hint
        hints = row_hints(shown_at, entries, rows, done) if word in ("gradient", "jacobian") else {}
        return tuple(replace(row, hint=hints.get(row.what, "")) for row in rows), "" if hints else general(found)

    def unless_late() -> tuple[tuple[Finding, ...], str]:
        with suppress(OutOfTime), uncollected(), warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            return made()
        return rows, ""  # a fault that was found is one without a hint, too

    return unless_late


# ---- the point, the box and the vector


def _vector(question: CheckQuestion, f: Any, vector: Any) -> Numbers:
    """The numbers of a tangent, a cotangent or a vector, in the order of what it belongs to."""
    what, form = _VECTORS[question.word][0], question.form
    named = has_names(vector) and (question.word != "vjp" or callable(f))
    if named and question.word == "vjp":
        form = form_of(calling(f, form, question.first, question.kwargs)(f, question.first))
    found = gradient_of(vector, form, what) if named else flat(vector)
    try:
        numbers = tuple(map(double, found))
    except TypeError:
        raise TypeError(f"a {what} is made of real numbers, not {shortened(repr(vector))}") from None
    if not all(map(math.isfinite, numbers)):
        raise ValueError(f"a {what} is made of finite numbers, not {shortened(repr(vector))}")
    return numbers


def _where(f: Any, at: Any, box: Any) -> tuple[Layout, Numbers | None, dict[str, tuple[float, float]]]:
    """The form of the points, the point asked for, and the ends of the box by name."""
    name, arguments = parameter_of(f, at)
    if box is None:
        return *layout(at, name, arguments), {}
    lower, upper = (
        {key: _end(part, which) for key, part in box.items()} if isinstance(box, Mapping) else _end(box, which)
        for which in (0, 1)
    )
    (form, lows), (_, highs) = layout(lower, name), layout(upper, name)
    bounds = dict(zip(form.names, zip(lows, highs, strict=True), strict=True))
    for one, (low, high) in bounds.items():
        if not (math.isfinite(low) and math.isfinite(high) and low <= high):
            raise ValueError(f"the box of {one} is no pair (lower, upper): ({low}, {high})")
    if at is None:
        return form, None, bounds
    given, point = layout(at, name, arguments)
    if given.names != form.names:
        raise ValueError(f"the point has {', '.join(given.names)}, the box {', '.join(form.names)}")
    return given, point, bounds


def _end(part: Any, which: int) -> Any:
    """The lower or the upper end of a pair, or of an array of pairs."""
    if isinstance(part, str) or not hasattr(part, "__len__"):
        raise TypeError(f"a box has a pair (lower, upper) for each number, such as {{'x': (0, 2)}}, not {part!r}")
    if len(part) == 2 and not hasattr(part[0], "__len__"):
        return float(part[which])
    import numpy

    if len(part) == 2 and all(getattr(row, "shape", None) == (2,) for row in part) and isinstance(part, tuple | list):
        said = "all lower ends and all upper ones: write [(lower, upper), ...]"
        raise TypeError(f"two arrays of two numbers may be two pairs or {said}, not {part!r}")
    if numpy.shape(part)[-1:] != (2,):
        raise TypeError(f"a box has a pair (lower, upper) for each number, such as {{'x': (0, 2)}}, not {part!r}")
    end, library = numpy.asarray(part, dtype=float)[..., which], library_of(part)
    return end if library is None else library(end)


# ---- what to show


def _at(claim: ClaimedFunction, point: Numbers) -> Judgement:
    try:
        return judged(claim, point)
    except OutOfTime:
        return out_of_time(point)


def _to_show(claim: ClaimedFunction, found: Sequence[Judgement], simpler: bool) -> Judgement:
    """The judgement to show: the simplest that is wrong, or one found if no `simpler` may be looked for; else that of
    the point asked for, or the first that agrees."""
    own = found[0] if claim.question.at is not None else None
    worst_of_all = worst(one.verdict for one in found if one.verdict in _AGAINST)
    against = [one for one in found if one.verdict is worst_of_all]
    if not against:
        return own or next((one for one in found if one.verdict is Verdict.AGREES), found[0])
    if own and own.verdict is worst_of_all:
        return own
    chosen = max(against, key=lambda one: max(row.relative or 0.0 for row in one.findings))
    if worst_of_all is not Verdict.WRONG or not simpler:
        return chosen
    with suppress(OutOfTime):
        return judged(claim, simplest(claim, chosen.numbers, tries_for(chosen)))
    return chosen


def _worst_first(rows: Sequence[Finding]) -> tuple[Finding, ...]:
    """By the relative error, where what is next to nothing beside the others is as large as that."""
    least = NEXT_TO_NOTHING * max((abs(row.expected) for row in rows if row.expected is not None), default=0.0)

    def rank(row: Finding) -> tuple[int, float]:
        if row.error is None or row.expected is None:
            return row.verdict.rank, -math.inf
        size = max(abs(row.expected), least)
        return row.verdict.rank, -row.error / size if size else -math.inf

    return tuple(sorted(rows, key=rank))


def _finest(one: Judgement) -> float:
    """The relative error that one judgement may have let pass; quotients may be as far from the truth, on the other
    side, as the claim is from them."""
    rows = [
        (row.allowed + (0.0 if one.traced else abs(row.error or 0.0)), abs(row.expected))
        for row in one.findings
        if row.expected is not None
    ]
    largest = max((size for _, size in rows), default=0.0) or 1.0
    return max((allowed / (size if size > allowed else largest) for allowed, size in rows), default=0.0)
