"""A formula that is asked, and its answer, which comes in two steps: the numbers, then the symbolic side."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import takewhile
from typing import TYPE_CHECKING

from gradcalc.certified import Certified, Certifier, Component, Higher, diffs_there
from gradcalc.certified.digits import to_digits
from gradcalc.certified.higher import derivative_below, without_conventions
from gradcalc.certified.onesided import with_limits
from gradcalc.engine.lowering import Failure, Graph, leaves
from gradcalc.engine.program import lacking, program_of
from gradcalc.engine.rewrite import has_kinks, prepare, prepare_open, shows_kinks
from gradcalc.engine.scalars import FLOAT, fits
from gradcalc.engine.value import Value
from gradcalc.gradients import evaluate, leaf_grad, of_order, primal, second_partials, trace
from gradcalc.helper import OutOfTime
from gradcalc.judge.agreement import (
    Sides,
    TypedFormula,
    compare,
    error_of,
    everywhere,
    proved_too,
    symbolic_gradient,
    verdict_of,
    with_proofs,
)
from gradcalc.judge.result import Finding
from gradcalc.language.ends import names_in_ends, refuse_ends
from gradcalc.language.errors import LIMITS, FormulaError, LimitError, MissingValueError, UndefinedError, check_order
from gradcalc.language.formula import Formula, Number, free_names
from gradcalc.language.functions import CONSTANTS
from gradcalc.language.kept import calls_in
from gradcalc.language.literals import not_in
from gradcalc.language.substitution import with_values
from gradcalc.record import dataclass, field, replace
from gradcalc.verdict import Verdict
from gradcalc.work import OUT_OF_TIME

from .answer import Answer, Options

if TYPE_CHECKING:
    from gradcalc.measured import Correlations, Propagated

_Groups = Mapping[tuple[str, ...], Certifier]
_Results = Mapping[tuple[str, ...], Certified]


@dataclass(frozen=True, slots=True)
class Question:
    """A formula, its definitions linked, and the values its variables had when it was asked. `unused` are names that
    were given a value for this question alone and do not stand in it; `uncertainties` are those of the values."""

    formula: Formula
    values: Mapping[str, Formula]
    options: Options
    unused: tuple[str, ...] = ()
    uncertainties: Mapping[str, Formula] = field(default_factory=dict)
    ends: tuple[str, ...] = ()

    @property
    def not_used(self) -> str:
        """That the names in `unused` are not, in words; empty if there are none."""
        verb = "is" if len(self.unused) == 1 else "are"
        return f"{', '.join(self.unused)} {verb} not used in the formula" if self.unused else ""

    def answers(self) -> Iterator[Answer]:
        """The answer with its numbers alone, then complete; without a point, or with nothing symbolic, only the latter.

        Raises:
            MissingValueError: some names have a value and others none, or none has and numbers are asked for, or none
                has and other names are given values for this question.
            UndefinedError: the formula has no value at the point.
        """
        check_order(self.options.order)
        prepared = prepare_open(self.formula)
        free, missing = self._names(prepared)
        wrt = self._wrt(free)
        known = any(name in self.values for name in free) or not free or self.unused  # a point is asked about
        if missing and (known or self.options.value_only or self.options.numeric):
            prepare(self.formula)  # which says where an end is not known
            raise MissingValueError(tuple(missing), free_names(prepared)[missing[0]].span)
        if missing:
            yield from self._for_all_values(wrt)
        else:
            yield from self._at_point(prepare(diffs_there(self.formula, self.values)), wrt)

    def as_claimed(self, formula: Formula, claim: Formula, name: str) -> Formula:
        """A formula with the values of all names that end sums in the question or in a claim by a name; where one of
        them has none, also with those of letters that are constants without one: then e is not Euler's number."""
        letters = (each for each in CONSTANTS if self._waits(claim) and each != name)
        valued = (each for each in (*self.ends, *names_in_ends(claim), *letters) if each in self.values)
        return with_values(formula, {each: self.values[each] for each in valued})

    @property
    def free(self) -> tuple[str, ...]:
        """The names it can be differentiated by."""
        return tuple(self._names(prepare_open(self.formula))[0])

    @property
    def missing(self) -> tuple[str, ...]:
        """The names that have no value."""
        return tuple(self._names(prepare_open(self.formula))[1])

    def place(self, claim: Formula) -> dict[str, Formula]:
        """The point to look at, where all names have values; else the letters that are names by having one."""
        known = () if self._waits(claim) else CONSTANTS if self.missing else self.values
        return {name: self.values[name] for name in known if name in self.values}

    def _waits(self, claim: Formula) -> bool:
        """Whether a sum has an end without a value."""
        return bool({*names_in_ends(self.formula), *names_in_ends(claim)} - self.values.keys())

    @property
    def names(self) -> tuple[str, ...]:
        """The names that derivatives are wanted for.

        Raises:
            FormulaError: one of them is not in the formula.
        """
        return self._wrt(self.free)

    def _names(self, prepared: Formula) -> tuple[list[str], list[str]]:
        """The names that a prepared formula can be differentiated by, and those without a value."""
        free = [name for name in free_names(prepared) if name not in CONSTANTS or name in self.values]
        ends = names_in_ends(prepared)
        return [name for name in free if name not in ends], [name for name in free if name not in self.values]

    def _wrt(self, free: Sequence[str]) -> tuple[str, ...]:
        if self.options.wrt is None:
            return tuple(free)
        refuse_ends(names_in_ends(self.formula), self.options.wrt)
        for name in self.options.wrt:
            if name not in free:
                raise not_in(name, self.formula, free)
        return tuple(dict.fromkeys(self.options.wrt))

    # ---- without a point

    def _for_all_values(self, wrt: tuple[str, ...]) -> Iterator[Answer]:
        options = self.options
        agreement = everywhere(self.formula, wrt, options.seconds)
        if options.order > 1:
            symbolic, why = symbolic_gradient(self.formula, wrt, self.options.seconds, options.order)
            proved = self._proved(wrt, symbolic)
            findings = []
            for row in agreement.findings:
                whole = row.what in proved and row.what in symbolic
                reason = "" if whole else why or row.reason or f"not proved for order {options.order}"
                verdict = Verdict.PROVED if whole else Verdict.UNDECIDED
                kinks = proved.get(row.what, False)
                findings.append(Finding(row.what, verdict, reason, symbolic=symbolic.get(row.what), kinks=kinks))
            agreement = verdict_of(tuple(findings), agreement.question)
        second: dict[str, dict[str, Formula]] = {}
        if options.hessian:
            first = agreement if options.order == 1 else everywhere(self.formula, wrt, self.options.seconds)
            for row in first.findings:
                if row.symbolic is not None:
                    second[row.what] = symbolic_gradient(row.symbolic, wrt, self.options.seconds)[0]
        yield Answer(self.formula, options, wrt, symbolic_hessian=second, agreement=agreement)

    def _proved(self, wrt: Sequence[str], symbolic: Mapping[str, Formula]) -> dict[str, bool]:
        """The names whose derivatives of every order up to the one asked are proved, each from the one before; with
        whether kinks are excepted. Where neither the formula nor sympy's form shows any, both are continuous, and
        equal also where a partial derivative is filled in by a number, as that of `ellipk` at 0."""
        proved, asked = {}, self.formula
        for name in wrt:
            steps = (derivative_below(asked, name, k + 1) for k in range(self.options.order))
            orders = [
                *takewhile(bool, (everywhere(step, (name,), self.options.seconds, asked=asked) for step in steps))
            ]
            if len(orders) == self.options.order:
                shown = shows_kinks(asked) or (name in symbolic and shows_kinks(symbolic[name]))
                proved[name] = shown and any(order.known.get(name, False) for order in orders)
        return proved

    # ---- at a point

    def _at_point(self, prepared: Formula, wrt: tuple[str, ...]) -> Iterator[Answer]:
        options = self.options
        values = leaves(prepared, self.values)
        numeric = options.numeric and not options.bits
        at = {name: _as_float(name, value, numeric) for name, value in values.items()}
        bare = Answer(self.formula, options, wrt, at, propagated=self._propagated(prepared, values, numeric))
        for answer in self._answers_at(prepared, values, bare):
            yield self._sampled(answer) if answer.complete else answer

    def _answers_at(self, prepared: Formula, values: Mapping[str, Formula], bare: Answer) -> Iterator[Answer]:
        options, numeric = self.options, self.options.numeric and not self.options.bits
        if options.value_only:
            value = Component(evaluate(prepared, values)) if numeric else self._certify(prepared, values, ()).value
            yield replace(bare, value=value)
        elif numeric:
            yield self._floats(prepared, values, bare)
        else:
            yield from self._checked(prepared, values, bare)

    def _propagated(self, prepared: Formula, values: Mapping[str, Formula], numeric: bool) -> Propagated | None:
        """The uncertainty, if a value that the formula needs has one."""
        sizes = self.uncertainties
        if not any(name in values for name in sizes):
            return None
        from gradcalc.measured.propagation import through

        return through(prepared, values, sizes, self._correlations, not numeric)

    @property
    def _correlations(self) -> Correlations:
        return {pair: r for pair, r in self.options.correlations.items() if {*pair} <= self.uncertainties.keys()}

    def _sampled(self, answer: Answer) -> Answer:
        """The answer with what draws say of its uncertainty; last, as they may take all the time that is left."""
        if answer.propagated is None:
            return answer
        from gradcalc.measured import Draws
        from gradcalc.measured.propagation import with_samples

        draws = Draws(self.options.samples, self.options.seed)
        return replace(answer, propagated=with_samples(answer.propagated, self._correlations, draws))

    def _floats(self, prepared: Formula, values: Mapping[str, Formula], bare: Answer) -> Answer:
        """By the float engine."""
        order = self.options.order
        if order == 1:
            graph = trace(prepared, values, bare.names)
            value, partials = primal(graph.root), {name: leaf_grad(graph, name) for name in bare.names}
            gradient = {name: _float_component(name, partial, prepared) for name, partial in partials.items()}
            if not all(map(math.isfinite, partials.values())) or has_kinks(prepared) or _on_edge(prepared, graph):
                gradient |= self._kinks(prepared, values, gradient)
        else:
            value = evaluate(prepared, values)
            gradient = {name: of_order(prepared, values, name, order) for name in bare.names}
        parts = {"": Component(value), **(gradient if order == 1 else {})}
        if any(part.number == 0 for part in parts.values()):
            parts |= self._vanished(prepared, values, parts)
        second = second_partials(prepared, values, bare.names) if self.options.hessian else {}
        return replace(bare, value=parts.pop(""), gradient={**gradient, **parts}, hessian=second)

    def _vanished(
        self, prepared: Formula, values: Mapping[str, Formula], parts: Mapping[str, Component]
    ) -> dict[str, Component]:
        """By name, and of the value by none, the numbers that are 0 in doubles and not in truth: smaller than any
        double, or lost on a way through numbers larger than any."""
        try:
            found = self._certify(prepared, values, [name for name in parts if name])
        except FormulaError:
            return {}
        known = {n: part for n, part in {"": found.value, **found.gradient}.items() if part.status == "certified"}
        return {n: part for n, part in known.items() if parts[n].number == 0 and not part.ball.contains(0)}

    def _kinks(
        self, prepared: Formula, values: Mapping[str, Formula], gradient: Mapping[str, Component]
    ) -> dict[str, Component]:
        """The components that are no derivatives, only the convention for a kink, or nothing finite; and all of them
        where a branch for a single point says what the value is, and nothing of the slope."""
        try:
            found = self._certify(prepared, values, tuple(gradient))
        except FormulaError:
            return {}  # nothing is known of a kink where balls have no answer
        kinks = {name: part for name, part in found.gradient.items() if part.status == "not-differentiable"}
        by_study = found.at_kink and program_of(prepared).compares_equal
        studied = {
            name: p for name, p in found.gradient.items() if by_study or not math.isfinite(gradient[name].number)
        }
        for name, kink in kinks.items():
            number, slopes = gradient[name].number, {kink.left, kink.right}
            steep = math.isfinite(number) and math.isnan(kink.number) and not slopes.isdisjoint((math.inf, -math.inf))
            if not (steep or math.isnan(number)):
                kinks[name] = replace(kink, number=number)
        return {**studied, **kinks}

    def _checked(self, prepared: Formula, values: Mapping[str, Formula], bare: Answer) -> Iterator[Answer]:
        """By balls, then against sympy."""
        options, names = self.options, bare.names
        higher = Higher(prepared, values, self._run)
        if options.order == 1:
            whole = Certifier(prepared, values, names)
            groups, results = {names: whole}, {names: self._run(whole)}
        else:
            groups, results = {}, {}
            for name in names:
                groups[name,], results[name,] = higher.of_order(name, options.order)
            below = higher.missing(names, options.order - 1)
            results = {group: without_conventions(result) for group, result in results.items()}
            results = {
                group: replace(r, gradient=r.gradient | {n: below[n] for n in group if n in below})
                for group, r in results.items()
            }
        of_formula = results[names] if options.order == 1 else self._certify(prepared, values, names)
        gradient = {name: result.gradient[name] for group, result in results.items() for name in group}
        second = higher.second_partials(names, of_formula) if options.hessian else {}
        answer = replace(bare, value=of_formula.value, gradient=gradient, hessian=second)
        yield answer
        if answer.complete:  # there is nothing to check, or with a precision no symbolic side is wanted
            return
        try:
            rows = self._with_symbolic(names, groups, results)
        except OutOfTime:
            rows = tuple(Finding(name, Verdict.UNDECIDED, OUT_OF_TIME) for name in names)
            with suppress(OutOfTime):
                rows = self._held_against(groups, results, {}, OUT_OF_TIME)
        agreement, floats, cause = verdict_of(rows, Sides(self.formula, names, self.values)), math.nan, ""
        try:
            floats = evaluate(prepared, values)
        except FormulaError as failed:
            cause = failed.message
        number, error = of_formula.value.number, error_of(floats, of_formula.value)
        value = Finding("value", Verdict.AGREES, actual=floats, expected=number, error=error, cause=cause)
        yield replace(answer, agreement=agreement, floats=value)

    def _with_symbolic(self, names: tuple[str, ...], groups: _Groups, results: _Results) -> tuple[Finding, ...]:
        """The rows of the agreement with sympy's side, and with proofs."""
        order = self.options.order
        if self.options.brief:
            symbolic, why = symbolic_gradient(self.formula, names, self.options.seconds, order, short=False)
            rows = self._held_against(groups, results, symbolic, why)
            if all(row.verdict is Verdict.AGREES for row in rows):
                return rows
        symbolic, why = symbolic_gradient(self.formula, names, self.options.seconds, order)
        rows = self._held_against(groups, results, symbolic, why)
        if not symbolic:
            return rows
        try:
            if order == 1:
                return proved_too(rows, self.formula, self.options.seconds, symbolic)
            return with_proofs(rows, self._proved(names, symbolic))
        except OutOfTime:
            return with_proofs(rows, {}, OUT_OF_TIME)

    def _held_against(
        self, groups: _Groups, results: _Results, symbolic: Mapping[str, Formula], why: str
    ) -> tuple[Finding, ...]:
        line = TypedFormula(self.formula, self.values, self.options.order, self.options.seconds)
        each = ((of, results[names]) for names, of in groups.items())
        return tuple(row for of, found in each for row in compare(of, found, symbolic, why, line))

    def _run(self, certifier: Certifier) -> Certified:
        bits = self.options.bits
        if bits > LIMITS.precision:
            raise LimitError("precision", f"{bits} bits are more than {LIMITS.precision}")
        try:
            return to_digits(certifier, self.options.digits, bits)
        except UndefinedError as error:
            raise with_limits(certifier, error) from None

    def _certify(self, formula: Formula, values: Mapping[str, Formula], wrt: Sequence[str]) -> Certified:
        return self._run(Certifier(formula, values, wrt))


def _as_float(name: str, value: Formula, numeric: bool) -> float:
    try:
        if isinstance(value, Number):
            return float(value.value)
        return evaluate(value) if numeric else Certifier(prepare(value), {}, ()).run().value.number
    except OverflowError:
        assert isinstance(value, Number)
        if numeric:
            raise UndefinedError(f"the value of {name} is larger than any double", value.span) from None
        return math.inf if value.value > 0 else -math.inf


def _on_edge(prepared: Formula, graph: Graph) -> bool:
    """Whether a call may have no value beside the point, in doubles."""
    for node in calls_in(prepared):
        if node.function.domain:
            args = graph.args(node)
            for way in (-math.inf, math.inf):
                moved = tuple(math.nextafter(arg.data, way) if isinstance(arg, Value) else arg for arg in args)
                if not any(isinstance(arg, Failure) for arg in args) and not fits(node.function, moved, FLOAT):
                    return True
    return False


def _float_component(name: str, number: float, prepared: Formula) -> Component:
    reason = lacking(program_of(prepared), name) if math.isnan(number) else ""
    reason = reason or f"double arithmetic finds no finite derivative by {name} here"
    return Component(number) if math.isfinite(number) else Component(number, "undecided", reason)
