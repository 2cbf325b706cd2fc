"""A formula that is asked, and its answer, which comes in two steps: the numbers, then the symbolic side."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from gradcalc.certified import Certified, Certifier, Component, Missing, believed, derivative_there, diffs_there
from gradcalc.certified.digits import to_digits
from gradcalc.certified.orders import goes_on
from gradcalc.engine.lowering import leaves, shown
from gradcalc.engine.program import program_of
from gradcalc.engine.rewrite import has_kinks, our_derivative, prepare
from gradcalc.gradients import evaluate, grad, hessian, leaf_grad, primal, trace
from gradcalc.helper import OutOfTime
from gradcalc.judge.agreement import Sides, compare, everywhere, symbolic_gradient, verdict_of, with_proofs
from gradcalc.judge.result import Finding
from gradcalc.language.errors import LIMITS, FormulaError, LimitError, MissingValueError, UndefinedError
from gradcalc.language.formula import Call, Formula, Name, Number, brief, derived, free_names
from gradcalc.language.functions import CONSTANTS, TABLE
from gradcalc.language.literals import number
from gradcalc.record import dataclass, field, replace
from gradcalc.verdict import Verdict
from gradcalc.work import OUT_OF_TIME

from .answer import FAILED, Answer, Options

if TYPE_CHECKING:
    from gradcalc.measured import Propagated

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

    def answers(self) -> Iterator[Answer]:
        """The answer with its numbers alone, then complete; without a point, or with nothing symbolic, only the latter.

        Raises:
            MissingValueError: some names have a value and others none, or none has and numbers are asked for.
            UndefinedError: the formula has no value at the point.
        """
        if self.options.order > LIMITS.order:
            raise LimitError("order", f"a derivative of order {self.options.order} is beyond {LIMITS.order}")
        prepared = prepare(self.formula)
        free, missing = self._names(prepared)
        wrt = self._wrt(free)
        if missing and (len(missing) < len(free) or self.options.value_only or self.options.numeric):
            add = ", ".join(f"{name}=..." for name in missing)
            raise MissingValueError(tuple(missing), free_names(prepared)[missing[0]].span, f"add {add}")
        if missing:
            yield from self._for_all_values(wrt)
        else:
            yield from self._at_point(prepare(diffs_there(self.formula, self.values)), wrt)

    @property
    def free(self) -> tuple[str, ...]:
        """The names it can be differentiated by."""
        return tuple(self._names(prepare(self.formula))[0])

    @property
    def only_name(self) -> str:
        """The only name it can be differentiated by.

        Raises:
            FormulaError: there are several, or none.
        """
        free = self.free
        if len(free) != 1:
            known = f"the formula's names are {', '.join(free)}" if free else "the formula has no names"
            raise FormulaError(f"by which name is not said: {known}", help="write NAME=FORMULA, for example x=2*x")
        return free[0]

    @property
    def missing(self) -> tuple[str, ...]:
        """The names that have no value."""
        return tuple(self._names(prepare(self.formula))[1])

    @property
    def names(self) -> tuple[str, ...]:
        """The names that derivatives are wanted for.

        Raises:
            FormulaError: one of them is not in the formula.
        """
        return self._wrt(self._names(prepare(self.formula))[0])

    def _names(self, prepared: Formula) -> tuple[list[str], list[str]]:
        """The names of a prepared formula, and those of them without a value."""
        free = [name for name in free_names(prepared) if name not in CONSTANTS or name in self.values]
        return free, [name for name in free if name not in self.values]

    def _wrt(self, free: Sequence[str]) -> tuple[str, ...]:
        if self.options.wrt is None:
            return tuple(free)
        for name in self.options.wrt:
            if name not in free:
                known = f"its names are {', '.join(free)}" if free else "it has no names"
                raise FormulaError(f"{name} is not in the formula", self.formula.span, known)
        return tuple(dict.fromkeys(self.options.wrt))

    # ---- without a point

    def _for_all_values(self, wrt: tuple[str, ...]) -> Iterator[Answer]:
        options = self.options
        agreement = everywhere(self.formula, wrt, options.seconds)
        if options.order > 1:
            symbolic, why = symbolic_gradient(self.formula, wrt, self.options.seconds, options.order)
            proved = self._proved(wrt)
            findings = []
            for row in agreement.findings:
                whole = row.what in proved and row.what in symbolic
                reason = "" if whole else why or row.reason or f"not proved for order {options.order}"
                verdict = Verdict.PROVED if whole else Verdict.UNDECIDED
                findings.append(Finding(row.what, verdict, reason, symbolic=symbolic.get(row.what)))
            agreement = verdict_of(tuple(findings), agreement.question)
        second: dict[str, dict[str, Formula]] = {}
        if options.hessian:
            first = agreement if options.order == 1 else everywhere(self.formula, wrt, self.options.seconds)
            for row in first.findings:
                if row.symbolic is not None:
                    second[row.what] = symbolic_gradient(row.symbolic, wrt, self.options.seconds)[0]
        yield Answer(self.formula, options, wrt, symbolic_hessian=second, agreement=agreement)

    def _proved(self, wrt: Sequence[str]) -> set[str]:
        """The names whose derivatives of every order up to the one asked are proved, each from the one before."""
        proved = set()
        for name in wrt:
            steps = (self._derivative(self.formula, name, k) for k in range(self.options.order))
            if all(everywhere(step, (name,), self.options.seconds) for step in steps):
                proved.add(name)
        return proved

    # ---- at a point

    def _at_point(self, prepared: Formula, wrt: tuple[str, ...]) -> Iterator[Answer]:
        options = self.options
        values = leaves(prepared, self.values)
        numeric = options.numeric and not options.bits
        at = {name: _as_float(name, value, numeric) for name, value in values.items()}
        bare = Answer(self.formula, options, wrt, at, propagated=self._propagated(prepared, values, numeric))
        if options.value_only:
            value = Component(evaluate(prepared, values)) if numeric else self._certify(prepared, values, ()).value
            yield replace(bare, value=value)
        elif numeric:
            yield self._floats(prepared, values, bare)
        else:
            yield from self._checked(prepared, values, bare)

    def _propagated(self, prepared: Formula, values: Mapping[str, Formula], numeric: bool) -> Propagated | None:
        """The uncertainty, if a value that the formula needs has one."""
        sizes, options = self.uncertainties, self.options
        if not any(name in values for name in sizes):
            return None
        from gradcalc.measured import Draws
        from gradcalc.measured.propagation import through

        known = {pair: r for pair, r in options.correlations.items() if all(name in sizes for name in pair)}
        return through(prepared, values, sizes, known, Draws(options.samples, options.seed), not numeric)

    def _floats(self, prepared: Formula, values: Mapping[str, Formula], bare: Answer) -> Answer:
        """By the float engine."""
        if self.options.order == 1:
            graph = trace(prepared, values, bare.names)
            value, partials = primal(graph.root), {name: leaf_grad(graph, name) for name in bare.names}
        else:
            value = evaluate(prepared, values)
            partials = {x: self._float_of_order(prepared, values, x) for x in bare.names}
        gradient = {name: _float_component(name, partial) for name, partial in partials.items()}
        if self.options.order > 1:
            gradient |= self._failed(prepared, values, bare.names, self.options.order)
        singular = not all(map(math.isfinite, partials.values()))
        if self.options.order == 1 and (singular or has_kinks(prepared)):
            gradient |= self._kinks(prepared, values, gradient)
        second = hessian(prepared, values, bare.names) if self.options.hessian else {}
        rows = {name: {other: _float_component(other, x) for other, x in row.items()} for name, row in second.items()}
        if rows and has_kinks(prepared):
            self._without_seconds(prepared, values, rows)
        return replace(bare, value=Component(value), gradient=gradient, hessian=rows)

    def _float_of_order(self, prepared: Formula, values: Mapping[str, Formula], name: str) -> float:
        try:
            return grad(self._derivative(prepared, name), values, (name,))[name]
        except UndefinedError:  # a quotient of zeros, which doubles make nothing of
            return self._higher(prepared, values, name)[1].gradient[name].number

    def _without_seconds(
        self, prepared: Formula, values: Mapping[str, Formula], rows: dict[str, dict[str, Component]]
    ) -> None:
        """Put what balls say in the place of second derivatives that do not exist or are not known."""
        names = tuple(rows)
        try:
            first = self._certify(prepared, values, names)
            for name, row in rows.items():
                found = self._seconds(prepared, values, name, names, first)
                by_study = first.at_kink and program_of(prepared).compares_equal
                row |= {other: part for other, part in found.items() if by_study or part.status in FAILED}
        except FormulaError:
            return  # nothing is known of a kink where balls have no answer

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
        studied = found.gradient if found.at_kink and program_of(prepared).compares_equal else {}
        return {**studied, **{name: replace(part, number=gradient[name].number) for name, part in kinks.items()}}

    def _checked(self, prepared: Formula, values: Mapping[str, Formula], bare: Answer) -> Iterator[Answer]:
        """By balls, then against sympy."""
        options, names = self.options, bare.names
        if options.order == 1:
            whole = Certifier(prepared, values, names)
            groups, results = {names: whole}, {names: self._run(whole)}
        else:
            groups, results = {}, {}
            for name in names:
                groups[name,], results[name,] = self._higher(prepared, values, name)
        if options.order > 1:
            below = self._failed(prepared, values, names, options.order - 1)
            results = {group: _without_conventions(result) for group, result in results.items()}
            results = {group: replace(r, gradient=r.gradient | _only(below, group)) for group, r in results.items()}
        of_formula = results[names] if options.order == 1 else self._certify(prepared, values, names)
        gradient = {name: result.gradient[name] for group, result in results.items() for name in group}
        second = {}
        if options.hessian:
            for name in names:
                second[name] = self._seconds(prepared, values, name, names, of_formula)
        answer = replace(bare, value=of_formula.value, gradient=gradient, hessian=second)
        yield answer
        if answer.complete:  # there is nothing to check, or with a precision no symbolic side is wanted
            return
        try:
            rows = self._with_symbolic(names, groups, results)
        except OutOfTime:
            rows = _held_against(groups, results, {}, OUT_OF_TIME)
        yield replace(answer, agreement=verdict_of(rows, Sides(self.formula, names, self.values)))

    def _with_symbolic(self, names: tuple[str, ...], groups: _Groups, results: _Results) -> tuple[Finding, ...]:
        """The rows of the agreement with sympy's side, and with proofs."""
        order = self.options.order
        symbolic, why = symbolic_gradient(self.formula, names, self.options.seconds, order)
        rows = _held_against(groups, results, symbolic, why)
        if not symbolic:
            return rows
        if order == 1:
            proofs = everywhere(self.formula, names, self.options.seconds, symbolic)
            return with_proofs(rows, proofs.known, proofs.cut)
        return with_proofs(rows, self._proved(names))

    def _derivative(self, formula: Formula, name: str, order: int | None = None) -> Formula:
        """Our derivative one order below the one asked, so that its gradient by `name` is the one asked."""
        order = self.options.order - 1 if order is None else order
        return _mentioning(our_derivative(prepare(formula), name, order), (name,)) if order else formula

    def _failed(
        self, prepared: Formula, values: Mapping[str, Formula], names: Sequence[str], highest: int
    ) -> dict[str, Component]:
        """By name the lowest derivative that does not exist or is not known, up to an order: above it there is none."""
        found: dict[str, Component] = {}
        if not has_kinks(prepared):
            return found
        for name in names:
            for order in range(highest):
                if order:
                    labelled = self._labelled(prepared, name, order)
                    known = self._there(prepared, values, labelled, name, order, (name,))[1]
                else:
                    known = self._certify(prepared, values, (name,))
                part = _without_conventions(known).gradient[name]
                if part.status in FAILED:
                    found[name] = replace(part, number=math.nan)
                    break
        return found

    def _higher(self, prepared: Formula, values: Mapping[str, Formula], name: str) -> tuple[Certifier, Certified]:
        """The derivative of the order asked, and what was found of it."""
        labelled = self._labelled(prepared, name)
        return self._there(prepared, values, labelled, name, self.options.order - 1, (name,))

    def _there(
        self,
        prepared: Formula,
        values: Mapping[str, Formula],
        derivative: Formula,
        name: str,
        order: int,
        wrt: Sequence[str],
    ) -> tuple[Certifier, Certified]:
        """The derivatives of a derivative, also where that is a quotient of zeros, or where a branch for one
        point alone says what the formula is there."""
        certifier = Certifier(derivative, values, wrt)
        if not program_of(prepared).compares_equal:
            try:
                return certifier, self._run(certifier)
            except UndefinedError:
                pass
        value = self._certify(prepared, values, ()).value  # which has a value, or nothing has
        filled = derivative_there(prepared, values, name, order)
        if isinstance(filled, Missing):
            none = replace(filled.found, number=math.nan)
            return certifier, Certified(value, dict.fromkeys(wrt, none), self.options.bits)
        label = derivative.name if isinstance(derivative, Name) else brief(derivative)
        certifier = Certifier(Name(label, _mentioning(filled, wrt), prepared.span), values, wrt)
        found = self._run(certifier)
        return certifier, replace(found, gradient={x: believed(part) for x, part in found.gradient.items()})

    def _labelled(self, prepared: Formula, name: str, order: int | None = None) -> Formula:
        """The same, under a name that messages about kinks can show."""
        order = self.options.order - 1 if order is None else order
        power = "" if order == 1 else f"^{order}"
        formula = self._derivative(prepared, name, order)
        return Name(f"d{power}/d{name}{power} {brief(prepared)}", formula, prepared.span)

    def _seconds(
        self, prepared: Formula, values: Mapping[str, Formula], name: str, names: tuple[str, ...], first: Certified
    ) -> dict[str, Component]:
        """One row of the Hessian. Where the first derivative does not exist there is no second one."""
        partial = _mentioning(our_derivative(_mentioning(prepared, names), name), names)
        labelled = Name(f"d/d{name} {derived(prepared)}", partial, prepared.span)
        row = _without_conventions(self._there(prepared, values, labelled, name, 1, names)[1]).gradient
        failed = {x: part for x, part in _without_conventions(first).gradient.items() if part.status in FAILED}
        for other in names:
            reason = failed.get(name) or failed.get(other)
            if reason is not None:
                row[other] = replace(reason, number=math.nan)
            elif first.at_kink and other != name and not goes_on(prepared, partial, values, name, other):
                why = f"{labelled.name} is not known beside the kink, along {other}"
                row[other] = Component(math.nan, "undecided", why)
        return row

    def _run(self, certifier: Certifier) -> Certified:
        bits = self.options.bits
        if bits > LIMITS.precision:
            raise LimitError("precision", f"{bits} bits are more than {LIMITS.precision}")
        return certifier.run(bits + 32, bits) if bits else to_digits(certifier, self.options.digits)

    def _certify(self, formula: Formula, values: Mapping[str, Formula], wrt: Sequence[str]) -> Certified:
        return self._run(Certifier(formula, values, wrt))


def _held_against(groups: _Groups, results: _Results, symbolic: Mapping[str, Formula], why: str) -> tuple[Finding, ...]:
    return tuple(row for names, of in groups.items() for row in compare(of, results[names], symbolic, why))


def _mentioning(formula: Formula, names: Sequence[str]) -> Formula:
    """The formula, with `0*name` added for a name that no longer stands in it: its derivative there is 0."""
    present = free_names(formula)
    for name in names:
        if name not in present:
            formula = Call(TABLE["+"], (formula, Call(TABLE["*"], (number(0), Name(name)))))
    return formula


def _only(parts: Mapping[str, Component], names: Sequence[str]) -> dict[str, Component]:
    return {name: part for name, part in parts.items() if name in names}


def _without_conventions(result: Certified) -> Certified:
    """The conventions for kinks are about first derivatives: without a higher one there is no number."""
    gradient = dict(result.gradient)
    for name, part in gradient.items():
        if part.status == "not-differentiable":
            message = part.message.removesuffix(f"; {shown(part.number)} is the convention")
            gradient[name] = replace(part, number=math.nan, message=message)
    return replace(result, gradient=gradient)


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


def _float_component(name: str, number: float) -> Component:
    if math.isfinite(number):
        return Component(number)
    return Component(number, "undecided", f"double arithmetic finds no finite derivative by {name} here")
