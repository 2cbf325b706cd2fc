"""Verdicts: do our chain rule and sympy's derivative agree, at a point and everywhere?

At a point both are computed in balls at rising precision. Disjoint balls are a proof that they differ; overlapping
balls of relative width 2^-64 or less are agreement. Everywhere: our chain rule over symbols minus sympy's derivative,
shown to be zero, and both held against each other in balls at drawn points, for sympy's own mistakes are in both.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gradcalc.certified import Certified, Certifier, Component, known_to, limits, negligible
from gradcalc.engine.lowering import Failure, Lowering, Point, shown
from gradcalc.engine.rewrite import as_formula, prepare
from gradcalc.engine.scalars import BALL, exact_ball, precision
from gradcalc.gradients import value_and_grad
from gradcalc.language.errors import LIMITS, FormulaError, LimitError, SymbolicError, UndefinedError
from gradcalc.language.formula import Formula
from gradcalc.shown import shows

if TYPE_CHECKING:
    from gradcalc.symbolic import Held, Proof

AGREE_BITS = 64


@dataclass(frozen=True, slots=True)
class AgreementRow:
    """One partial derivative.

    `verdict` is `agree`, `disagree`, `not-differentiable` or `undecided`, with its `reason`. `gradient` is the float
    engine's number (None where it has none), `truth` the double nearest to the truth (None where the two disagree),
    `ulps` and `digits` how far the first is from the second, of 16 digits. `symbolic` is sympy's derivative, `proved`
    whether the two are equal for all values, `at_kink` whether smooth pieces meet at the point, where the float engine
    goes by conventions.
    """

    name: str
    verdict: str
    reason: str = ""
    gradient: float | None = None
    truth: float | None = None
    ulps: float | None = None
    digits: int | None = None
    symbolic: Formula | None = None
    proved: bool = False
    at_kink: bool = False


@shows("__str__", "__repr__", "_repr_html_")
@dataclass(frozen=True, slots=True)
class Agreement:
    """True where every partial derivative agrees. `verdict` is the worst of the rows' verdicts; `proved` for all values
    where every row is."""

    verdict: str
    rows: tuple[AgreementRow, ...]
    reason: str = ""

    def __bool__(self) -> bool:
        return self.verdict in ("agree", "proved")

    @property
    def proved(self) -> bool:
        return bool(self.rows) and all(row.proved for row in self.rows)


_WORST_FIRST = ("disagree", "not-differentiable", "undecided", "agree")


def agreement(
    formula: str | Formula,
    at: Point | None = None,
    wrt: Sequence[str] | None = None,
    *,
    prove: bool = True,
    seconds: float = LIMITS.seconds,
) -> Agreement:
    """Whether our chain rule and sympy's derivative of the formula agree.

    Args:
        at: the point; None asks for all values alone.
        prove: with a point, whether to try for all values too.
        seconds: the budget for each symbolic step.

    Raises:
        UndefinedError: the formula has no value at the point.
        MissingValueError: the point lacks names.
    """
    parsed = as_formula(formula)
    if at is None:
        names = parsed.names if wrt is None else tuple(wrt)
        return everywhere(parsed, names, seconds)
    certifier = Certifier(prepare(parsed), at, wrt)
    certified = certifier.run(digits_of_ball=AGREE_BITS)
    symbolic, why = symbolic_gradient(parsed, certifier.wrt, seconds)
    rows = compare(certifier, certified, symbolic, why)
    if prove and symbolic:
        rows = with_proofs(rows, everywhere(parsed, certifier.wrt, seconds, symbolic))
    return verdict_of(rows, parsed, at)


def verdict_of(rows: tuple[AgreementRow, ...], formula: Formula, at: Point) -> Agreement:
    """The verdict at a point; where the two sides disagree, with the node that is to blame as the reason."""
    verdict = worst(rows)
    if verdict != "disagree":
        return Agreement(verdict, rows)
    from .rows import blame

    found = blame(formula, at)
    return Agreement(verdict, rows, "" if found is None else str(found))


def worst(rows: Sequence[AgreementRow]) -> str:
    """The verdict of a whole from those of its rows."""
    return min((row.verdict for row in rows), key=_WORST_FIRST.index, default="agree")


def symbolic_gradient(
    formula: Formula, names: Sequence[str], seconds: float, order: int = 1
) -> tuple[dict[str, Formula], str]:
    """Sympy's derivatives of a formula as it was parsed, and where there are none, why."""
    from gradcalc import symbolic

    try:
        return symbolic.derivatives(formula, names, order=order, seconds=seconds, bound=names), ""
    except (SymbolicError, LimitError) as error:
        return {}, error.message


def everywhere(
    formula: Formula, names: Sequence[str], seconds: float, derivatives: Mapping[str, Formula] | None = None
) -> Agreement:
    """The verdict for all values: `proved`, `disagree` where the two differ at a drawn point, or `undecided` with the
    reason. The rows have no numbers.

    `derivatives` are sympy's, where the caller has them already.
    """
    from gradcalc import symbolic

    why = ""
    if derivatives is None:
        derivatives, why = symbolic_gradient(formula, names, seconds)
    proofs = symbolic.prove(formula, names, seconds=seconds, bound=names) if derivatives else {}
    held = symbolic.hold(formula, {name: derivatives[name] for name in names if name in derivatives})
    rows = tuple(_for_all_values(name, derivatives.get(name), proofs.get(name), held.get(name), why) for name in names)
    verdict = "proved" if all(row.proved for row in rows) else worst(rows)
    reasons = (row.reason for row in rows if row.verdict == verdict)
    return Agreement(verdict, rows, "" if verdict == "proved" else next(reasons))


def _for_all_values(
    name: str, theirs: Formula | None, proof: Proof | None, held: Held | None, why: str
) -> AgreementRow:
    if theirs is None or proof is None or held is None:
        return AgreementRow(name, "undecided", why, symbolic=theirs)
    if held.difference:
        return AgreementRow(name, "disagree", held.difference, symbolic=theirs)
    if proof.proved and not held.points:
        return AgreementRow(name, "undecided", "no point was found at which both have a value", symbolic=theirs)
    return AgreementRow(
        name, "agree" if proof.proved else "undecided", proof.reason, symbolic=theirs, proved=proof.proved
    )


def with_proofs(rows: Sequence[AgreementRow], proofs: Agreement) -> tuple[AgreementRow, ...]:
    """The rows of a point, each told whether its equality is proved for all values too."""
    proved = {row.name for row in proofs.rows if row.proved}
    return tuple(replace(row, proved=row.name in proved and row.verdict == "agree") for row in rows)


def compare(
    certifier: Certifier, certified: Certified, symbolic: Mapping[str, Formula], why: str = ""
) -> tuple[AgreementRow, ...]:
    """The rows of a point: our certified gradient against sympy's derivatives, both in balls."""
    floats = _floats(certifier)
    rows = []
    for name in certifier.wrt:
        component = certified.gradient[name]
        ulps, digits = _distance(floats.get(name), component)
        row = AgreementRow(
            name,
            component.status,
            component.message,
            floats.get(name),
            component.number,
            ulps,
            digits,
            symbolic.get(name),
            at_kink=certified.at_kink,
        )
        if component.status in ("certified", "zero", "overflow"):
            theirs = symbolic.get(name)
            verdict, reason = ("undecided", why) if theirs is None else _against(certifier, certified, name, theirs)
            row = replace(row, verdict=verdict, reason=reason)
            if verdict == "disagree":  # then who is right is not known
                row = replace(row, truth=None, ulps=None, digits=None)
        rows.append(row)
    return tuple(rows)


def _against(certifier: Certifier, certified: Certified, name: str, theirs: Formula) -> tuple[str, str]:
    """`agree` or `disagree` by balls at rising precision, or `undecided` with the reason; where pieces meet, by what
    sympy's form goes to on the way to the point."""
    if certified.at_kink:
        return _beside(certifier, certified, name, theirs)
    lowering = Lowering(prepare(theirs), BALL, ())
    bits = certified.bits
    while True:
        last = 2 * bits > LIMITS.precision
        with precision(bits):
            ours = certified.gradient[name].ball
            result = lowering.graph(certifier.balls()).root
            if isinstance(result, Failure):
                if last or isinstance(result.error, UndefinedError):
                    if _is_constant(certifier, name):
                        return ("agree", "") if ours is not None and ours.contains(0) else ("disagree", _CONSTANT)
                    return _beside(certifier, certified, name, theirs)
            elif ours is None:
                return "undecided", certified.gradient[name].message
            elif result.is_finite():
                if not result.overlaps(ours):
                    return "disagree", f"chain rule {shown(ours)}, sympy {shown(result)}"
                both_zero = last and negligible(result) and negligible(ours)
                if (known_to(result, AGREE_BITS) and known_to(ours, AGREE_BITS)) or both_zero:
                    return "agree", ""
        if last:
            return "undecided", f"not settled with {bits} bits"
        bits *= 2
        if not known_to(ours, AGREE_BITS):
            certified = certifier.run(bits, AGREE_BITS)


def _beside(certifier: Certifier, certified: Certified, name: str, theirs: Formula) -> tuple[str, str]:
    """The verdict where sympy's form may say nothing at the point itself: by its limits, along the name, on each side
    and for each piece that meets there, which are the derivative if there is one."""
    ours = certified.gradient[name].ball
    formula = prepare(theirs)
    unknown = ""
    with precision(LIMITS.precision):
        found = list(limits(formula, certifier.numbers(), name))
        for limit in found:
            side = "left" if limit.direction < 0 else "right"
            if limit.ball is None or limit.ball.is_nan():
                what = "has no value" if limit.outside else "has no limit that could be told"
                unknown = unknown or f"sympy's form {what} on the {side} of the point"
            elif ours is None:
                return "undecided", certified.gradient[name].message
            elif not limit.ball.overlaps(ours):
                if not limit.tied:
                    return "disagree", f"chain rule {shown(ours)}, sympy {shown(limit.ball)} on the way from the {side}"
                unknown = unknown or f"sympy's form is another one on each side of a comparison that ties along {name}"
            elif not (
                (known_to(limit.ball, AGREE_BITS) and known_to(ours, AGREE_BITS))
                or (negligible(limit.ball) and negligible(ours))
            ):
                unknown = unknown or f"not settled with {LIMITS.precision} bits"
    return ("undecided", unknown) if unknown else ("agree", "")


_CONSTANT = "the formula does not change with the name there"


def _is_constant(certifier: Certifier, name: str) -> bool:
    """Whether the formula has one value all around the point along a name, as `x^y` at x = 0 along y: all of a ball is
    taken to one number."""
    values = dict(certifier.balls())
    middle = values[name]
    values[name] = middle.union(middle + _STEP).union(middle - _STEP)
    root = Lowering(certifier.formula, BALL, ()).graph(values).root
    return not isinstance(root, Failure) and bool(root.is_exact())


_STEP = 2.0**-20


def _floats(certifier: Certifier) -> dict[str, float]:
    try:
        return value_and_grad(certifier.formula, certifier.at, certifier.wrt)[1]
    except FormulaError:
        return {}


def _distance(number: float | None, component: Component) -> tuple[float | None, int | None]:
    """How far a float is from the truth: in ulps of the truth, and how many of 16 digits are right; None where the
    truth is beyond doubles."""
    if component.ball is None or not component.ball.is_finite() or math.isinf(component.number):
        return None, None
    if number is None or not math.isfinite(number):
        return None, 0
    truth = component.number
    with precision(2 * LIMITS.precision):
        error = abs(component.ball.mid() - exact_ball(number))
        if error.is_zero():
            return 0.0, 16
        ulps = float(error / exact_ball(math.ulp(truth)))
        if truth == 0:
            return ulps, 0
        relative = float(error / abs(component.ball.mid()))
    return ulps, max(0, min(16, math.floor(-math.log10(relative)) if relative > 0 else 16))
