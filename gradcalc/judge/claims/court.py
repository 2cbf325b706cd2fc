"""Is a claimed derivative right? Proved, or refuted at the simplest point, or neither, and never more than was shown.

Cheap things come first. At simple points and at points of every branch the claim and our chain rule are computed in
balls: where the balls are disjoint, the claim is wrong, which is a theorem. Only when none are, the two are to be
shown equal for all values by exact algebra (`gradcalc.proofs`); where that fails, the zeros of all that is compared
are points to look at, as exact as `sqrt(2)`. A referee has the last word: more points, beside every constant, on
several branches of periodic functions, of all magnitudes; one at which the balls are disjoint turns the verdict.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain, islice
from typing import Unpack

from gradcalc.certified import Missing, derivative_there
from gradcalc.engine.lowering import Point, as_constant, shown
from gradcalc.engine.rewrite import has_kinks, our_derivative, prepare
from gradcalc.engine.scalars import precision
from gradcalc.judge.agreement import symbolic_gradient
from gradcalc.judge.result import Finding, asserting
from gradcalc.language.errors import (
    BITS_PER_DIGIT,
    LIMITS,
    FormulaError,
    MissingValueError,
)
from gradcalc.language.formula import Call, Formula, Name, children_first, free_names
from gradcalc.language.functions import CONSTANTS, TABLE
from gradcalc.language.kept import tree_size
from gradcalc.language.literals import number
from gradcalc.language.spelled import open_end
from gradcalc.proofs.equality import Claimed, Equality, prove_apart, prove_equal
from gradcalc.record import replace
from gradcalc.verdict import Verdict
from gradcalc.work import DONE, Work

from .assumptions import Assumption, needed
from .conditions import Region, region_text, separating
from .look import START_BITS, Look, Looked, is_on
from .mistakes import find_mistake
from .open_sums import judged_open
from .points import Place, beside, drawn, place_text, signs_of, simple_points, zeros
from .result import ALSO_ELSEWHERE, PROVED_THERE, Assertion, Check, Counterexample, Options, asserted
from .statements import statements

_SIMPLE_AGREEING = 60  # simple points that agree are enough
_WITNESSED = 3  # points at which sympy's derivative must not differ from ours
_MOST_ZEROS = 60  # of what is compared, that are looked at
_MOST_KINKED = 12
_CLOSELY, _CLOSE_BITS = 5, 3000  # points that are looked at again where nothing is proved, and to how many bits


def check_derivative(
    formula: str | Formula, name: str, claim: str | Formula, at: Point | None = None, **options: Unpack[Options]
) -> Check:
    """Whether `claim` is d^order formula / d name^order.

    Args:
        at: a point to look at first; a counterexample there is preferred, a kink there is the answer.
        options: what `Options` says of them; the `order` is 1 if it is not given.

    Raises:
        FormulaSyntaxError: a text is no formula.
        FormulaError: `name` is no variable, or a value in `at` no number.
        MissingValueError: `at` lacks names.
        LimitError: an order beyond `Limits.order`.
    """
    return judged(asserted(formula, name, claim, at, **options))


def judged(question: Assertion) -> Check:
    """The verdict on what is asserted.

    Raises:
        MissingValueError: its point lacks names.
    """
    if open_end(question.formula) or open_end(question.claim):
        return judged_open(question, judged)
    return _Court(question).verdict()


assert_derivative = asserting(check_derivative)


# ---- the verdict


class _Court:
    def __init__(self, question: Assertion):
        self.question = question
        self.formula, self.name, self.claim, self.at = question.formula, question.name, question.claim, question.at
        self.work, self.unfinished = Work(question.seconds), False
        order = question.order
        below = Call(TABLE["diff_n"], (self.formula, Name(self.name), number(order - 1)), self.formula.span)
        self.truth = prepare(self.formula if order == 1 else below)
        self.prepared = prepare(self.claim)
        named = chain(free_names(self.formula), free_names(self.claim))
        variables = (n for n in named if n not in CONSTANTS or n in self.at)
        self.names = tuple(dict.fromkeys([*variables, self.name]))
        self._kinked: list[Place] = []  # simple points at which nothing was told at a glance
        if self.at:
            self._complete_point()

    def _over(self, part: float = 1.0) -> bool:
        """Whether so large a part of the work is done, with which what asks is left unfinished."""
        over = self.work.over(part)
        self.unfinished = self.unfinished or over
        return over

    def verdict(self) -> Check:
        """The verdict, which says so where not all was tried."""
        found = self._verdict()
        return replace(found, notes=(*found.notes, f"not all was tried: {DONE}")) if self.unfinished else found

    def _verdict(self) -> Check:
        asked = self._look({name: self.at[name] for name in self.names}) if self.at else None
        if asked is not None and asked.verdict in (Verdict.NOT_DIFFERENTIABLE, Verdict.UNDEFINED):
            return self._no_derivative(asked)
        findings = [] if asked is None else [asked]
        findings += self._at_simple_points(done=bool(findings and findings[0].wrong))
        generic = self._at_drawn_points()
        everything = findings + generic
        right = [f for f in everything if f.right]
        bad = [f for f in everything if f.wrong] or [f for f in generic if f.lacks]
        check = replace(self._check(self._symbolic(), right), notes=self._notes(everything))
        if bad:
            return self._not_everywhere(check, everything, generic)
        if not right:
            return self._nothing_seen(check, everything)
        return self._proved_or_not(check, [f.place for f in generic + findings if f.right])

    def _complete_point(self) -> None:
        nodes = {**free_names(self.claim), **free_names(self.formula)}
        missing = [name for name in self.names if name not in self.at and name in nodes]
        if missing:
            raise MissingValueError(tuple(missing), nodes[missing[0]].span, f"add {'=..., '.join(missing)}=...")
        self.at = {self.name: as_constant(0), **self.at}  # a name that nothing depends on may have any value

    def _look(self, place: Place, thorough: bool = True) -> Look:
        truth: Formula | Missing = self.truth
        if thorough and self.question.order > 1 and has_kinks(self.truth):  # written out, it says nothing at a kink
            try:
                truth = derivative_there(self.formula, place, self.name, self.question.order - 1)
            except FormulaError as error:
                return Look(place, error.verdict, reason=error.message)
        if isinstance(truth, Missing):
            return Look(place, truth.found.verdict, reason=truth.found.message, component=truth.found)
        return Looked(truth, self.name, self.prepared, place, self.work, thorough).look()

    def _looked(self, place: Place, claim: Formula, thorough: bool = True) -> Looked:
        return Looked(self.truth, self.name, claim, place, self.work, thorough)

    def _at_simple_points(self, done: bool) -> list[Look]:
        """As far as the first that is wrong."""
        found: list[Look] = []
        agreeing = 0
        for place in simple_points(self.names, self.question.seed):
            if done or agreeing >= _SIMPLE_AGREEING or (found and self._over(1 / 4)):
                break
            found.append(self._look(place, thorough=False))
            if found[-1].verdict is Verdict.UNDECIDED and len(self._kinked) < _MOST_KINKED:
                self._kinked.append(place)
            done = found[-1].wrong
            agreeing += found[-1].right
        return found

    def _at_drawn_points(self) -> list[Look]:
        formulas = (self.truth, self.prepared)
        found: list[Look] = []
        for place in drawn(formulas, self.names, self.question.n, self.question.seed):
            if found and self._over(1 / 2):
                break
            found.append(self._look(place))
        return found

    def _check(self, sympy_form: Formula | None, right: Sequence[Look]) -> Check:
        bits = min((f.bits for f in right), default=0)
        return Check(
            question=replace(self.question, at=self.at),
            verdict=Verdict.UNDECIDED,
            correct=sympy_form if sympy_form is not None else our_derivative(self.truth, self.name),
            sympy_form=sympy_form,
            points=len(right),
            digits=int(bits / BITS_PER_DIGIT) if right else None,
        )

    def _notes(self, findings: Sequence[Look]) -> tuple[str, ...]:
        notes = []
        in_formula = {node.name for node in children_first(self.formula) if isinstance(node, Name)}
        in_formula.update(free_names(self.formula))
        if self.name not in in_formula:
            notes.append(f"{self.name} is not in the formula: its derivative is 0")
        unknown = [
            name for name in free_names(self.claim) if name in self.names and name not in {*in_formula, self.name}
        ]
        if unknown:
            notes.append(f"{', '.join(unknown)} {'is' if len(unknown) == 1 else 'are'} not in the formula")
        if self.at and findings and findings[0].verdict is Verdict.UNDECIDED:
            notes.append(f"nothing is said about {place_text(self.at)}: {findings[0].reason}")
        lacking = next((f for f in findings if f.lacks), None)
        if lacking is not None:
            with precision(START_BITS):
                value = shown(lacking.correct)
            notes.append(f"the claim has no value at {place_text(lacking.place)}, where the derivative is {value}")
        return tuple(notes)

    def _symbolic(self) -> Formula | None:
        """Sympy's derivative, where there is one that is not too large, as it is with users' functions written out."""
        if tree_size(self.truth) > LIMITS.nodes:
            return None
        asked = self.question
        found, _ = symbolic_gradient(self.formula, (self.name,), asked.seconds, asked.order, bound=self.names)
        return found.get(self.name)

    # -- what the points may have shown

    def _no_derivative(self, asked: Look) -> Check:
        check = replace(self._check(self._symbolic(), ()), reason=asked.reason)
        if asked.verdict is Verdict.UNDEFINED:
            return replace(check, verdict=Verdict.UNDEFINED)
        assert asked.component is not None
        left, right = asked.component.left, asked.component.right
        kink = Finding(self.question.sign, Verdict.NOT_DIFFERENTIABLE, asked.reason, left=left, right=right, at=self.at)
        return replace(check, verdict=Verdict.NOT_DIFFERENTIABLE, findings=(kink,))

    def _nothing_seen(self, check: Check, findings: Sequence[Look]) -> Check:
        lacking = next((f for f in findings if f.lacks), None)
        if lacking is not None:
            return self._wrong(check, lacking, findings)
        if all(f.verdict in (Verdict.UNDEFINED, Verdict.NOT_DIFFERENTIABLE) for f in findings):
            why = next((f.reason for f in findings if f.reason), "")
            reason = "no point was found where the derivative exists" + (f": {why}" if why else "")
            return replace(check, verdict=Verdict.UNDEFINED, reason=reason)
        return replace(check, reason=next(f.reason for f in findings if f.verdict is Verdict.UNDECIDED))

    def _not_everywhere(self, check: Check, findings: Sequence[Look], generic: Sequence[Look]) -> Check:
        wrong = [f for f in findings if f.wrong]
        lacking = [f for f in generic if f.lacks]
        example = next(iter(wrong or [f for f in findings if f.lacks]))
        if not wrong and self.at and findings[0].lacks:
            example = findings[0]
        # where all is 0, as beside a branch that is not taken, agreeing says nothing
        right = [f.place for f in generic if f.right]
        telling = sum(f.right and not f.correct.contains(0) for f in generic)
        if telling >= 2 or (right and not wrong):
            region = self._region(right, [f.place for f in (*wrong, *lacking)], check.correct)
            needs = self._missing(lacking) if not wrong else []
            found = self._conditional(check, example, region, needs, lacks=not wrong)
            if found is not None:
                return found
        return self._wrong(check, example, findings)

    def _region(self, right: Sequence[Place], bad: Sequence[Place], correct: Formula) -> Region:
        try:
            formulas = [self.truth, self.prepared, prepare(correct)]
        except FormulaError:
            formulas = [self.truth, self.prepared]
        return separating(right, bad, formulas)

    def _missing(self, lacking: Sequence[Look]) -> list[Assumption]:
        """Conditions that the claim needs and does not meet at findings where it lacks values."""
        needs = needed((self.prepared,), self.names, self.work)
        known = [a for a in needs if a.quantity is not None and not a.where]
        signs = signs_of([a.quantity for a in known if a.quantity is not None])
        seen = [signs(finding.place) for finding in lacking]
        broken = {a.condition for i, a in enumerate(known) if any(found[i] not in {*a.signs, None} for found in seen)}
        return [a for a in needs if a.condition in broken and not a.where]

    def _conditional(
        self, check: Check, example: Look, region: Region, needs: Sequence[Assumption], lacks: bool
    ) -> Check | None:
        """The verdict on a claim that is right in a region, or, if it `lacks` values alone, wherever it has one. That
        it is right there and that it is right nowhere else are two statements; without the first there is none."""
        if not region and not lacks:
            return None
        region = () if needs else region
        proof = self._equal(region, partial=not region)
        if not proof or self._refuted(region) is not None:
            return None
        shown = replace(
            check, verdict=Verdict.CONDITIONAL, findings=(self._example(example),), steps=tuple(proof.steps)
        )
        if not region:  # elsewhere it has no value at all
            lacking = f"the claim has no value at {place_text(example.place)}: {example.reason}"
            return replace(shown, conditions=tuple(map(str, needs)), reason=PROVED_THERE if needs else lacking)
        beyond: list[Region] = [((quantity, side * s),) for quantity, side in region for s in (-1, 0)]
        apart = [self._apart(part) for part in beyond]
        if all(apart):
            shown = replace(shown, steps=(*shown.steps, *(step for part in apart for step in part.steps)))
        return replace(shown, conditions=(region_text(region),), reason=PROVED_THERE if all(apart) else ALSO_ELSEWHERE)

    def _wrong(self, check: Check, example: Look, findings: Sequence[Look]) -> Check:
        if example.wrong and self._sympy_differs(check, example.place):
            reason = f"our chain rule and sympy's derivative differ at {place_text(example.place)}"
            return replace(check, verdict=Verdict.UNDECIDED, reason=reason)
        places = [f.place for f in findings if f.wrong or f.right]
        check = replace(check, verdict=Verdict.WRONG, findings=(self._example(example),))
        if not example.wrong:
            return replace(check, reason=f"the claim has no value: {example.reason}")
        mistake = find_mistake(self.formula, self.name, self.claim, places, self.question.order, self.work)
        return replace(check, mistake=mistake)

    def _sympy_differs(self, check: Check, place: Place) -> bool:
        """Whether sympy's derivative is as certainly not ours at this point: then nothing is said of the claim."""
        if check.sympy_form is None:
            return False
        look = self._looked(place, prepare(check.sympy_form)).look()
        return look.wrong and not has_kinks(self.truth)

    def _example(self, look: Look) -> Counterexample:
        return self._looked(look.place, self.prepared).counterexample(self.question.sign, look)

    def _proved_or_not(self, check: Check, right: Sequence[Place]) -> Check:
        differ = next((place for place in right[:_WITNESSED] if self._sympy_differs(check, place)), None)
        if differ is not None:
            reason = f"our chain rule and sympy's derivative differ at {place_text(differ)}"
            return replace(check, verdict=Verdict.UNDECIDED, reason=reason)
        proof = self._equal()
        wrong = None
        if not proof:
            compared = zeros((self.prepared, self.truth), self.names)
            places = chain(map(dict, proof.open), self._kinked, islice(compared, _MOST_ZEROS))
            wrong = self._first_wrong(places, thorough=True)
        wrong = wrong or self._refuted() or (None if proof else self._closer_look(right))
        if wrong is not None:
            return self._wrong(check, wrong, ())
        check = replace(check, conditions=tuple(map(str, needed((self.truth, self.prepared), self.names, self.work))))
        if proof:
            return replace(check, verdict=Verdict.PROVED, steps=tuple(proof.steps))
        return replace(check, verdict=Verdict.AGREES, reason=proof.reason)

    def _refuted(self, region: Region = ()) -> Look | None:
        """The referee: a point of the region at which claim and truth are disjoint."""
        sides = [(prepare(quantity), side) for quantity, side in region]
        places = beside((self.truth, self.prepared), self.names, self.question.seed)
        return self._first_wrong(place for place in places if all(is_on(side, of, place) for of, side in sides))

    def _first_wrong(self, places: Iterable[Place], thorough: bool = False) -> Look | None:
        for place in places:
            if self._over():
                break
            finding = self._look(place, thorough)
            if finding.wrong:
                return finding
        return None

    def _closer_look(self, places: Sequence[Place]) -> Look | None:
        """The first of some places at which a fault is seen that is too small for the usual look."""
        half = self.work.share(1 / 2)
        for place in places[:_CLOSELY]:
            if half.over():
                break
            finding = Looked(self.truth, self.name, self.prepared, place, half).look(_CLOSE_BITS)
            if finding.wrong:
                return finding
        return None

    def _equal(self, region: Region = (), partial: bool = False) -> Equality:
        """Whether the claim is the derivative, for all values or in a region, by every definition there is of it."""
        steps: list[str] = []
        for claimed in self._statements(region):
            proof = prove_equal(claimed, self.work.share(1 / 2), partial)
            undecided = next((why for place in proof.open if (why := self._undecided(dict(place)))), "")
            if not proof or undecided:
                return replace(proof, proved=False, reason=proof.reason or undecided)
            steps += proof.steps
        return replace(proof, steps=steps)

    def _undecided(self, place: Place) -> str:
        """Why nothing is known of the claim at a point, or nothing if it is right there, or there is no derivative."""
        look = self._look({name: place.get(name, as_constant(0)) for name in self.names})
        known = look.right or look.lacks or look.verdict in (Verdict.NOT_DIFFERENTIABLE, Verdict.UNDEFINED)
        return "" if known else look.reason or f"it is wrong at {place_text(place)}"

    def _apart(self, region: Region) -> Equality:
        found = prove_apart(self._statements(region)[0], self.work.share(1 / 2))
        return replace(found, proved=False) if found.open else found

    def _statements(self, region: Region) -> list[Claimed]:
        return statements(self.question, self.truth, self.prepared, self.names, region)
