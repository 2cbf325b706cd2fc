"""The two things that every judgement is made of: a `Finding` on one quantity, and the `Result` of a question."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from gradcalc.certified.components import finite
from gradcalc.helper import OutOfTime, within
from gradcalc.language.errors import UndecidedError
from gradcalc.language.formula import Formula
from gradcalc.record import dataclass, field, replace
from gradcalc.shown import shows, written
from gradcalc.verdict import Verdict, worst
from gradcalc.work import OUT_OF_TIME, time_of

_P = ParamSpec("_P")
_T = TypeVar("_T")
_Judged = TypeVar("_Judged", bound="Finding | Result")

OF_FUNCTION = "the noise of the function itself"
BY_CONVENTION = "it goes by the conventions for kinks"


def _said(judged: _Judged, verdict: Verdict, reason: str | None = None, **more: Any) -> _Judged:
    """The same finding or result with another verdict; and with another reason, if one is given."""
    if reason is not None:
        more["reason"] = reason
    return replace(judged, verdict=verdict, **more)


@dataclass(frozen=True, slots=True)
class Finding:
    """One quantity that was judged.

    Attributes:
        what: the quantity: a variable whose derivative it is, an entry such as `df[2]/dx[1]`, `d/dx`, or `value`.
        verdict: with its `reason`, where there is one to give.
        actual, expected: what was judged, and the truth, as doubles; None where there is none or it is not known.
        error: |actual - expected|, from balls where there are any, so that it is no difference of doubles.
        allowed: the absolute error that was not held against it; `cause` is why, if it is not rounding.
        left, right: the one-sided derivatives at a kink.
        symbolic: sympy's derivative.
        at: the point, if it is one of its own; `points` is at how many it was judged.
        hint: the mistake that gives it.
        kinks: whether a proof excepts points at which there is no derivative.
    """

    what: str
    verdict: Verdict
    reason: str = ""
    actual: float | None = None
    expected: float | None = None
    error: float | None = None
    allowed: float = 0.0
    cause: str = ""
    left: float | None = None
    right: float | None = None
    symbolic: Formula | None = None
    at: Mapping[str, Any] = field(default_factory=dict)
    points: int = 1
    hint: str = ""
    kinks: bool = False

    said = _said

    @property
    def proved(self) -> bool:
        return self.verdict is Verdict.PROVED

    @property
    def relative(self) -> float | None:
        """The relative error: infinite where 0 is right and something else was said."""
        if self.error is None or self.expected is None:
            return None
        size = abs(self.expected)
        return self.error / size if size else math.inf if self.error else 0.0

    @property
    def ulps(self) -> float | None:
        """The error in units of the last digit of the truth."""
        if self.error is None or self.expected is None or not math.isfinite(self.expected):
            return None
        return self.error / math.ulp(self.expected)

    @property
    def digits(self) -> int | None:
        """How many of 16 digits are right; None where the truth is not known, or beyond doubles."""
        if self.expected is None or not math.isfinite(self.expected):
            return None
        if self.relative is None:
            return 0 if self.verdict and not math.isfinite(math.nan if self.actual is None else self.actual) else None
        return digits_kept(self.relative)

    def data(self) -> dict[str, Any]:
        """The numbers and the verdict as JSON can hold them."""
        return {
            "name": self.what,
            "verdict": self.verdict.value,
            "actual": finite(self.actual),
            "expected": finite(self.expected),
            "error": finite(self.error),
            "allowed": finite(self.allowed),
        }


def digits_kept(relative: float) -> int:
    """How many of the 16 digits of a double a relative error leaves."""
    return math.floor(-math.log10(min(1.0, max(relative, 1e-16))))  # nan leaves none, in this order


@shows("__str__", "__repr__", "_repr_html_")
@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Result:
    """The verdict on a question; true where nothing is held against what was judged.

    Attributes:
        question: what was asked, and all that it takes to ask again; its `data()` is that for JSON.
        verdict: with its `reason`, where there is one to give.
        findings: on each quantity, those to look at first coming first.
        notes: worth knowing, whatever the verdict.
    """

    question: Any = None
    verdict: Verdict
    findings: tuple[Finding, ...] = ()
    reason: str = ""
    notes: tuple[str, ...] = ()

    said = _said

    def __bool__(self) -> bool:
        return bool(self.verdict)

    @property
    def wrong(self) -> tuple[Finding, ...]:
        """The findings on what is wrong."""
        return tuple(found for found in self.findings if found.verdict is Verdict.WRONG)

    def data(self) -> dict[str, Any]:
        """The question and what was found, as JSON can hold it."""
        return {
            **self.question.data(),
            "verdict": self.verdict.value,
            "rows": [found.data() for found in self.findings],
            "reason": self.reason,
        }

    def document(self) -> Any:
        """The result in lines and tables, a `gradcalc.show.Document`, which its writers write."""
        return written(self, "document")

    def held(self) -> None:
        """Raise AssertionError, with the text of the failure, unless the verdict is a good one."""
        __tracebackhide__ = True
        if not self:
            raise AssertionError(written(self, "failure"))


def asserting(check: Callable[_P, Result]) -> Callable[_P, None]:
    """The `assert_...` of a `check_...`: it takes the same arguments and raises AssertionError unless it is good."""

    @wraps(check)
    def asserted(*args: _P.args, **options: _P.kwargs) -> None:
        __tracebackhide__ = True
        check(*args, **options).held()

    asserted.__name__ = asserted.__qualname__ = check.__name__.replace("check", "assert")
    asserted.__doc__ = (
        f"Raise AssertionError unless `{check.__name__}`, with the same arguments, finds the claim right."
    )
    return asserted


def all_in_time(results: Iterable[_T], count: int) -> Iterator[tuple[_T, ...]]:
    """All of them, so many, together.

    Raises:
        OutOfTime: after those for which there was time, of which the last may say so.
    """
    found: list[_T] = []
    try:
        for one in results:
            found.append(one)
            if getattr(one, "reason", "") == OUT_OF_TIME and len(found) < count:
                raise OutOfTime
    except OutOfTime:
        if found:
            yield tuple(found)
        raise
    yield tuple(found)


def by_the_clock(seconds: float | None, answer: Callable[[], _T]) -> _T:
    """The answer within so many seconds, with what was found by then; without them, whatever time it takes.

    Raises:
        UndecidedError: nothing was found.
    """
    if seconds is None:
        return answer()
    try:
        with within(time_of(seconds)):
            return answer()
    except OutOfTime:
        message, more = f"out of time after {seconds:g} s", "seconds=... gives it more"
        raise UndecidedError(message, help=more) from None


def worst_of(findings: Any) -> Verdict:
    """The verdict of a whole from those of its findings; `agrees` of none."""
    return worst([Verdict.AGREES, *(found.verdict for found in findings)])
