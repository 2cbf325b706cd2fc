"""Verdicts: do our chain rule and sympy's derivative agree, at a point and everywhere?

At a point both are computed in balls at rising precision. Disjoint balls are a proof that they differ; overlapping
balls of relative width 2^-64 or less are agreement. Everywhere: our chain rule over symbols minus sympy's derivative,
shown to be zero, and both held against each other in balls at drawn points, for sympy's own mistakes are in both.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gradcalc.certified import Certified, Certifier, Component, Limit, compared, diffs_there, known_to, limits
from gradcalc.certified.posed import in_balls
from gradcalc.engine.lowering import Failure, Lowering, Point, as_constant, shown, with_ends
from gradcalc.engine.program import lacking, program_of
from gradcalc.engine.rewrite import as_formula, our_derivative, prepare, shows_kinks
from gradcalc.engine.scalars import BALL, exact_ball, precision
from gradcalc.gradients import value_and_grad
from gradcalc.judge.result import BY_CONVENTION, Finding, Result
from gradcalc.language.ends import names_in_ends, no_derivative_by_end
from gradcalc.language.errors import LIMITS, FormulaError, LimitError, SymbolicError, UndefinedError
from gradcalc.language.formula import Formula, children_first, to_text
from gradcalc.language.functions import is_diff
from gradcalc.language.substitution import substitute
from gradcalc.record import dataclass, replace
from gradcalc.verdict import Verdict, worst
from gradcalc.work import DONE, OUT_OF_TIME, Work

if TYPE_CHECKING:
    from gradcalc.proofs.equality import Equality
    from gradcalc.symbolic import Held

AGREE_BITS = 64


@dataclass(frozen=True, slots=True)
class Sides:
    """The question whether our rule and sympy's derivative agree: by which names, and where (None: everywhere)."""

    formula: Formula
    names: tuple[str, ...]
    at: Point | None = None

    def data(self) -> dict[str, Any]:
        """The question as JSON can hold it: the point in exact texts."""
        at = None if self.at is None else {name: to_text(as_constant(x, name)) for name, x in self.at.items()}
        return {"question": "agreement", "formula": to_text(self.formula), "names": list(self.names), "at": at}


@dataclass(frozen=True, slots=True)
class TypedFormula:
    """A formula as it was typed, whose derivative of an order is asked at a point, along one name alone."""

    formula: Formula
    at: Mapping[str, Formula]
    order: int
    seconds: float

    def along(self, name: str) -> Formula:
        """The formula with the numbers of the other names."""
        return substitute(self.formula, {other: value for other, value in self.at.items() if other != name})

    def derivative(self, name: str) -> Formula | None:
        """Sympy's derivative of that, if there are others."""
        if len(self.at) == 1 or any(map(is_diff, children_first(self.formula))):
            return None
        return symbolic_gradient(self.along(name), (name,), self.seconds, self.order)[0].get(name)

    def is_constant(self, name: str) -> bool:
        """Whether the formula has one value all around the point along a name, as `x^y` at x = 0 along y, in balls."""
        values = in_balls(self.at)
        values[name] += type(values[name])(0, _STEP)
        value = Lowering(prepare(self.formula), BALL, ()).value(values)
        return value is not None and bool(value.is_exact())


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Agreement(Result):
    """True where every partial derivative agrees; `proved` for all values where every one is.

    Of a finding, `actual` is the float engine's number, `expected` the double nearest to the truth: None where the two
    sides disagree, and who is right is not known.
    """

    question: Sides

    @property
    def proved(self) -> bool:
        return bool(self.findings) and self.verdict is Verdict.PROVED

    @property
    def cut(self) -> str:
        """That the budget was met before there was a proof, in words, if it was so."""
        reasons = (found.reason for found in self.findings)
        return next((reason for reason in reasons if reason in (DONE, OUT_OF_TIME)), "")

    @property
    def known(self) -> dict[str, bool]:
        """The names of the derivatives that are proved, each with whether kinks are excepted."""
        return {found.what: found.kinks for found in self.findings if found.proved}


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
    parsed = as_formula(formula) if at is None else with_ends(formula, at, wrt)
    if at is None:
        ends = names_in_ends(parsed)
        names = tuple(name for name in parsed.names if name not in ends) if wrt is None else tuple(wrt)
        return everywhere(parsed, names, seconds)
    certifier = Certifier(prepare(diffs_there(parsed, at)), at, wrt)
    certified = certifier.run(digits_of_ball=AGREE_BITS)
    symbolic, why = symbolic_gradient(parsed, certifier.wrt, seconds)
    findings = compare(certifier, certified, symbolic, why, TypedFormula(parsed, certifier.at, 1, seconds))
    if prove and symbolic:
        findings = proved_too(findings, parsed, seconds, symbolic)
    return verdict_of(findings, Sides(parsed, certifier.wrt, at))


def verdict_of(findings: tuple[Finding, ...], question: Sides) -> Agreement:
    """The verdict at a point; where the two sides disagree, with the node that is to blame as the reason."""
    verdict, reason = worst(found.verdict for found in findings), ""
    if verdict is Verdict.WRONG and question.at is not None:
        from .rows import blame

        reason = str(blame(question.formula, question.at) or "")
    return Agreement(question=question, verdict=verdict, findings=findings, reason=reason)


def symbolic_gradient(
    formula: Formula,
    names: Sequence[str],
    seconds: float,
    order: int = 1,
    short: bool = True,
    bound: Collection[str] = (),
) -> tuple[dict[str, Formula], str]:
    """Sympy's derivatives of a formula as it was parsed, in a `short` form or as they come, and where there are none,
    why. `bound` are variables besides the names, as `e` may be one."""
    from gradcalc import symbolic

    why = _lacking(formula, names)
    taken = tuple(name for name in names if name not in why)
    if not taken:
        return {}, next(iter(why.values()), "")
    try:
        variables = (*names, *bound)
        made = symbolic.derivatives(formula, taken, order=order, seconds=seconds, bound=variables, short=short)
        return made, next(iter(why.values()), "")
    except (SymbolicError, LimitError) as error:
        return {}, error.message


def _lacking(formula: Formula, names: Sequence[str]) -> dict[str, str]:
    """By name, a sentence on what has no derivative on the way from it, as an order has none; of names of which all
    have one, nothing."""
    if ends := names_in_ends(formula):
        return {name: no_derivative_by_end(name) for name in names if name in ends}
    program = program_of(formula)
    if all(row is None or None not in row.partials for row in program.rows):
        return {}
    return {name: reason for name in names if (reason := lacking(program, name))}


def everywhere(
    formula: Formula,
    names: Sequence[str],
    seconds: float,
    derivatives: Mapping[str, Formula] | None = None,
    asked: Formula | None = None,
) -> Agreement:
    """The verdict for all values: `proved`, `wrong` where the two differ at a drawn point, or `undecided` with the
    reason. The findings have no numbers.

    `derivatives` are sympy's, where the caller has them already; `asked` is the formula that was typed, if that is
    another: a proof may except its kinks without a word, as not every step of a floor is a part of the domain.
    """
    from gradcalc import symbolic

    why = ""
    if derivatives is None:
        derivatives, why = symbolic_gradient(formula, names, seconds)
    taken = {name: derivatives[name] for name in names if name in derivatives}
    proofs = symbolic.prove(formula, [*taken], seconds=seconds, bound=names) if taken else {}
    held = symbolic.hold(formula, taken)
    kinks = shows_kinks(asked or formula)
    findings = tuple(
        _for_all_values(name, derivatives.get(name), proofs.get(name), held.get(name), why, kinks) for name in names
    )
    verdict = worst(found.verdict for found in findings)
    reason = "" if verdict else next(found.reason for found in findings if found.verdict is verdict)
    return Agreement(question=Sides(formula, tuple(names)), verdict=verdict, findings=findings, reason=reason)


def _for_all_values(
    name: str, theirs: Formula | None, proof: Equality | None, held: Held | None, why: str, kinks: bool
) -> Finding:
    from gradcalc.proofs.equality import NOWHERE

    if theirs is None or proof is None or held is None:
        return Finding(name, Verdict.UNDECIDED, why, symbolic=theirs)
    if proof.reason == NOWHERE:  # what sympy writes is the derivative of nothing
        return Finding(name, Verdict.UNDECIDED, NOWHERE)
    if held.difference:
        return Finding(name, Verdict.WRONG, held.difference, symbolic=theirs)
    if proof.proved and not held.points:
        return Finding(name, Verdict.UNDECIDED, "no point was found at which both have a value", symbolic=theirs)
    verdict = Verdict.PROVED if proof.proved else Verdict.UNDECIDED
    return Finding(name, verdict, proof.reason, symbolic=theirs, kinks=proof.kinks or kinks)


def proved_too(
    findings: Sequence[Finding], formula: Formula, seconds: float, symbolic: Mapping[str, Formula]
) -> tuple[Finding, ...]:
    """The findings at a point, those that agree proved for all values as far as that can be shown."""
    right = tuple(found.what for found in findings if found.verdict is Verdict.AGREES)  # of others it is not told
    proofs = everywhere(formula, right, seconds, symbolic)
    return with_proofs(findings, proofs.known, proofs.cut)


def with_proofs(findings: Sequence[Finding], proved: Mapping[str, bool], cut: str = "") -> tuple[Finding, ...]:
    """The findings at a point, those proved that agree and are of a name in `proved`, for all values.

    Args:
        proved: with whether kinks are excepted.
        cut: why others that agree may have no proof, if it is that the budget was met.
    """

    def told(found: Finding) -> Finding:
        if found.verdict is not Verdict.AGREES:
            return found
        if found.what not in proved:
            return replace(found, reason=cut)
        return found.said(Verdict.PROVED, kinks=proved[found.what])

    return tuple(map(told, findings))


def compare(
    certifier: Certifier, certified: Certified, symbolic: Mapping[str, Formula], why: str, line: TypedFormula
) -> tuple[Finding, ...]:
    """The findings at a point: our gradient against sympy's derivatives, of `line`, both in balls."""
    findings, floats, cause = [], dict[str, float](), ""
    try:
        floats = value_and_grad(certifier.formula, certifier.at, certifier.wrt)[1]
    except FormulaError as error:
        cause = error.message
    if certified.at_kink or certified.value.status == "overflow":
        cause = BY_CONVENTION if certified.at_kink else _OVERFLOWS
    for name in certifier.wrt:
        component, number = certified.gradient[name], floats.get(name)
        truth = None if math.isnan(component.number) else component.number
        row = Finding(
            name,
            component.verdict,
            component.message,
            actual=number,
            expected=truth,
            error=error_of(number, component),
            cause=cause,
            symbolic=symbolic.get(name),
        )
        if component.status in ("certified", "zero", "overflow"):
            theirs = symbolic.get(name)
            found = (Verdict.UNDECIDED, why) if theirs is None else _against(certifier, certified, name, theirs, line)
            row = row.said(found[0], found[1])
            if row.verdict is Verdict.WRONG:  # then who is right is not known
                row = replace(row, expected=None, error=None)
        findings.append(row)
    return tuple(findings)


_Word = tuple[Verdict, str]


def _against(certifier: Certifier, certified: Certified, name: str, theirs: Formula, line: TypedFormula) -> _Word:
    """`agrees` or `wrong` by balls at rising precision, or `undecided` with the reason; where pieces meet, by what
    sympy's form goes to on the way to the point."""
    if certified.at_kink:
        return _beside(certifier, certified, name, theirs, line)
    lowering, start = Lowering(prepare(theirs), BALL, ()), certified.bits

    def attempt(bits: int, last: bool) -> _Word | None:
        nonlocal certified
        if bits > start and not known_to(certified.gradient[name].ball, AGREE_BITS):
            certified = certifier.run(bits, AGREE_BITS)
        ours = certified.gradient[name].ball
        result = lowering.graph(certifier.balls()).root
        if isinstance(result, Failure):
            if not (last or isinstance(result.error, UndefinedError)):
                return None
            return _beside(certifier, certified, name, theirs, line)
        verdict = compared(result, ours, AGREE_BITS, last) if result.is_finite() else None
        if verdict is not None:
            differ = f"chain rule {shown(ours)}, sympy {shown(result)}"
            return verdict, differ if verdict is Verdict.WRONG else ""
        return (Verdict.UNDECIDED, f"not settled with {bits} bits") if last else None

    return certifier.rising(attempt, start)


def _beside(certifier: Certifier, certified: Certified, name: str, theirs: Formula, line: TypedFormula) -> _Word:
    """The verdict by the limits of sympy's form; where these do not tell, by those of sympy's derivative of the formula
    along the name alone, which may have values where the other one has none."""
    work = Work(line.seconds)
    found = _by_limits(certifier, certified, name, theirs, work)
    if found[0] is not Verdict.UNDECIDED:
        return found
    if line.is_constant(name):
        return (Verdict.AGREES, "") if certified.gradient[name].ball.contains(0) else (Verdict.WRONG, _CONSTANT)
    alone = line.derivative(name)
    return found if alone is None else _by_limits(certifier, certified, name, alone, work)


def _by_limits(certifier: Certifier, certified: Certified, name: str, theirs: Formula, work: Work) -> _Word:
    """The verdict where sympy's form may say nothing at the point itself: by its limits, along the name, on each side
    and for each piece that meets there, which are the derivative if there is one."""
    ours = certified.gradient[name].ball
    formula = prepare(theirs)
    unknown = ""
    with precision(LIMITS.precision):
        found = list(limits(formula, certifier.numbers(), name, certifier.goes_to_zero, work=work))
        for limit in found:
            side = "left" if limit.direction < 0 else "right"
            if limit.within is not None and not limit.within.overlaps(ours):  # Darboux's theorem
                return Verdict.WRONG, f"chain rule {shown(ours)}, sympy within {shown(limit.within)} on the {side}"
            if limit.swing is not None and _swings_alike(certifier, name, limit, work):
                continue
            if limit.outside and limit.tied and any(o.direction == limit.direction and not o.outside for o in found):
                continue  # a piece that lies beside the way, and has no value on it
            if limit.ball is None or limit.ball.is_nan():
                what = "has no value" if limit.outside else "has no limit that could be told"
                unknown = unknown or f"sympy's form {what} on the {side} of the point"
            elif (verdict := compared(limit.ball, ours, AGREE_BITS)) is Verdict.WRONG:
                if not limit.tied:
                    return (
                        Verdict.WRONG,
                        f"chain rule {shown(ours)}, sympy {shown(limit.ball)} on the way from the {side}",
                    )
                unknown = unknown or f"sympy's form is another one on each side of a comparison that ties along {name}"
            elif verdict is None:
                unknown = unknown or f"not settled with {LIMITS.precision} bits"
    return (Verdict.UNDECIDED, work.ended if work.over() else unknown) if unknown else (Verdict.AGREES, "")


def _swings_alike(certifier: Certifier, name: str, theirs: Limit, work: Work) -> bool:
    """Whether our chain rule's form, beside a point at which it has no limit either, is what another one is."""
    for ours in limits(our_derivative(certifier.formula, name), certifier.numbers(), name, work=work):
        if ours.direction == theirs.direction and ours.swing is not None and theirs.swing is not None:
            pairs = zip(ours.swing.seen, theirs.swing.seen, strict=True)
            if ours.swing.of == theirs.swing.of and all(
                compared(*pair, AGREE_BITS) is Verdict.AGREES for pair in pairs
            ):
                return True
    return False


_OVERFLOWS = "the value is beyond doubles"
_CONSTANT = "the formula does not change with the name there"


_STEP = 2.0**-20


def error_of(number: float | None, component: Component) -> float | None:
    """How far a float is from the truth; None where there is no float, or the truth is beyond doubles."""
    if component.ball is None or not component.ball.is_finite() or math.isinf(component.number):
        return None
    if number is None or not math.isfinite(number):
        return None
    with precision(2 * LIMITS.precision):
        return float(abs(component.ball.mid() - exact_ball(number)))
