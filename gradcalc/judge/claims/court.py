"""Is a claimed derivative right? Proved, or refuted at the simplest point, or neither, and never more than was shown.

Cheap things come first. At simple points and at points of every branch the claim and our chain rule are computed in
balls: where the balls are disjoint, the claim is wrong, which is a theorem. Only when none are, the two are to be
shown equal for all values by exact algebra (`gradcalc.proofs`); where that fails, the zeros of all that is compared
are points to look at, as exact as `sqrt(2)` or the one root of an equation in a ball. A referee has the last word: more
points, beside every constant, on branches of periodic functions, of all magnitudes; disjoint balls turn the verdict.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import islice
from typing import Any, Unpack

from gradcalc.certified import derivative_name, diffs_there, has_diffs
from gradcalc.engine.domains import partial_calls
from gradcalc.engine.lowering import Point, as_constant
from gradcalc.engine.rewrite import has_kinks, prepare
from gradcalc.helper import OutOfTime
from gradcalc.judge.agreement import symbolic_gradient
from gradcalc.judge.result import Finding, asserting, by_the_clock
from gradcalc.language.errors import BITS_PER_DIGIT, LIMITS, FormulaError, MissingValueError
from gradcalc.language.formula import Formula, Name, brief, children_first, free_names
from gradcalc.language.functions import CONSTANTS
from gradcalc.language.kept import tree_size
from gradcalc.language.literals import place_text
from gradcalc.language.names import glued
from gradcalc.language.spelled import open_end
from gradcalc.proofs.equality import LACKS, NO_DERIVATIVE, Claimed, Equality, Step, prove_apart
from gradcalc.proofs.summands import prove_by_summands
from gradcalc.record import replace
from gradcalc.verdict import Verdict
from gradcalc.work import Work

from .conditions import Assumption
from .entered import entered
from .look import LACKS_AT, Look, Looked, side_at, truth_there
from .mistakes import Hand, find_mistake
from .needs import beyond, broken, needed
from .open_sums import judged_open
from .points import Place, around, beside, drawn, simple_points, zeros
from .region import Region, separating, widened
from .result import ALSO_ELSEWHERE, PROVED_THERE, Assertion, Check, ClaimOptions, Counterexample, asserted, unfinished
from .statements import named_statement, statement_of_diffs, statements, truth_of, untrusted, zero_of

_SIMPLE_AGREEING = 60  # simple points that agree are enough
_WITNESSED = 3  # points at which sympy's derivative must not differ from ours
_MOST_ZEROS, _MOST_KINKED, _MOST_ENTERED = 60, 12, 12  # points: of what is compared, simple, where nothing is shown
_CLOSELY, _CLOSELY_INSIDE, _CLOSE_BITS = 7, 2, 3000  # points looked at again where nothing is proved, to these bits


def check_derivative(
    formula: str | Formula, name: str, claim: str | Formula, at: Point | None = None, **options: Unpack[ClaimOptions]
) -> Check:
    """Whether `claim` is d^order formula / d name^order.

    Args:
        at: looked at first, the better counterexample; a kink there is the answer. With `e` alone, e is a name.
        options: order, seed, n, seconds, functions: what `ClaimOptions` says of them.

    Raises:
        FormulaSyntaxError: a text is no formula.
        FormulaError: `name` is no variable, the claim defines it, or a value in `at` is no number.
        MissingValueError: `at` lacks names.
        LimitError: an order beyond `Limits.order`.
        UndecidedError: nothing was found within the `seconds`.
    """
    return by_the_clock(options.get("seconds"), lambda: judged(asserted(formula, name, claim, at, **options)))


def judged(question: Assertion) -> Check:
    """The verdict on what is asserted.

    Raises:
        MissingValueError: its point lacks names.
    """
    is_open = open_end(question.formula) or open_end(question.claim)
    found = judged_open(question, judged) if is_open else _Court(question).verdict()
    reason = "" if found.verdict is Verdict.UNDECIDED else untrusted(question)
    return replace(unfinished(question, 0, ()), reason=reason, notes=()) if reason else found


assert_derivative = asserting(check_derivative)


# ---- the verdict


class _Court:
    """A claim before its judge: `looks` are those that were taken at points, `generic` those at points drawn, and
    `check` is what is known however the verdict turns out."""

    check: Check

    def __init__(self, question: Assertion):
        self.looks, self.generic, self.question = list[Look](), list[Look](), question
        self.formula, self.name, self.claim, self.at = question.formula, question.name, question.claim, question.at
        self.work, self.unfinished = Work(question.seconds), False
        self.truth, self.prepared = truth_of(question), prepare(self.claim)
        named = (*free_names(self.formula), *free_names(self.claim), self.name)
        self.names = tuple(dict.fromkeys(n for n in named if n not in CONSTANTS or n in {*self.at, self.name}))
        self._seen, self._kinked = dict[Any, Look](), list[Place]()  # simple points where nothing was told at a glance
        self._has_diffs = has_diffs(self.formula)  # which may say nothing there, written out
        self._unread = has_diffs(self.claim) and bool(partial_calls(self.prepared))  # nor may the claim then
        nodes = {**free_names(self.claim), **free_names(self.formula)}
        missing = [name for name in self.names if name not in self.at and name in nodes]
        if missing and not self.at.keys() <= {*CONSTANTS}:
            raise MissingValueError(tuple(missing), nodes[missing[0]].span)
        self.is_there = bool(self.at) and not missing  # letters alone are names then, and no point
        if self.is_there:
            self.at = {self.name: as_constant(0), **self.at}  # a name that nothing depends on may have any value

    def verdict(self) -> Check:
        """The verdict, which says so where not all was tried and no proof made up for that."""
        try:
            found = self._verdict()
        except OutOfTime:
            wrong = [look for look in self._seen.values() if look.wrong][:1]
            right = {tuple(place) for (*place, _), look in self._seen.items() if look.right}
            return unfinished(replace(self.question, at=self.at), len(right), map(self._example, wrong))
        cut = self.unfinished and found.verdict is not Verdict.PROVED
        return replace(found, notes=(*found.notes, f"not all was tried: {self.work.ended}")) if cut else found

    def _verdict(self) -> Check:
        if self.is_there:
            asked = self._look({name: self.at[name] for name in self.names})
            if asked.verdict in (Verdict.NOT_DIFFERENTIABLE, Verdict.UNDEFINED):
                self._sum_up()
                return self._no_derivative(asked)
            self.looks.append(asked)
        self._at_simple_points()
        self.generic = self._at_drawn_points()
        if not any(f.right for f in (*self.looks, *self.generic)):
            self.looks += [self._look(place) for place in self._kinked if not self._over()]
        own, self.looks = self.looks, self.looks + self.generic
        self._sum_up()
        if any(f.wrong for f in self.looks) or any(f.lacks and not self._lacks_thinly(f) for f in self.generic):
            return self._not_everywhere()
        if not self.check.points:
            return self._nothing_seen()
        return self._proved_or_not([f.place for f in self.generic + own if f.right])

    # ---- looks at points

    def _over(self, part: float = 1.0) -> bool:  # so large a part of the work is done: what asks is left unfinished
        self.unfinished = (over := self.work.over(part)) or self.unfinished
        return over

    def _look(self, place: Place, thorough: bool = True) -> Look:
        if (key := (*place.items(), thorough)) not in self._seen:
            self._seen[key] = self._seen_at(place, thorough)
        return self._seen[key]

    def _seen_at(self, place: Place, thorough: bool) -> Look:
        order = self.question.order - 1  # of the truth, which written out may say nothing there
        formula = diffs_there(self.formula, place) if thorough and self._has_diffs else self.formula
        truth = self.truth if order or formula is self.formula else prepare(formula)
        if order and thorough:
            if isinstance(seen := truth_there(formula, truth, self.name, order, place), Look):
                return seen
            truth = seen
        named = derivative_name(self.formula, self.name, order, truth) if order else truth
        looked = self._looked(place, named, thorough)
        return looked.by_orders(formula, order + 1, looked.look()) if order else looked.look()

    def _at_simple_points(self) -> None:
        """As far as the first that is wrong."""
        agreeing, done = 0, any(f.wrong for f in self.looks)
        for i, place in enumerate(simple_points(self.names, self.question.seed)):
            if done or agreeing >= _SIMPLE_AGREEING or (i and self._over(1 / 4)):
                break
            self.looks.append(found := self._look(place, thorough=self._has_diffs))
            if found.verdict is Verdict.UNDECIDED and len(self._kinked) < _MOST_KINKED:
                self._kinked.append(place)
            done, agreeing = found.wrong, agreeing + found.right

    def _at_drawn_points(self) -> list[Look]:
        found: list[Look] = []
        for place in drawn((self.truth, self.prepared), self.names, self.question.n, self.question.seed, self.work):
            if found and self._over(1 / 2):
                break
            found.append(self._look(place))
        return found

    def _sum_up(self) -> None:
        right = [f for f in self.looks if f.right]
        lacks = next((f.lack for f in self.looks if f.lacks), "")
        sympy_form = self._symbolic()
        self.check = Check(
            question=replace(self.question, at=self.at),
            verdict=Verdict.UNDECIDED,
            correct=self.question.ours if sympy_form is None else sympy_form,
            sympy_form=sympy_form,
            points=len(right),
            digits=int(min(f.bits for f in right) / BITS_PER_DIGIT) if right else None,
            notes=(*self._notes(), *([lacks] if lacks else [])) if self.looks else (),
            lacks=lacks,
        )

    def _notes(self) -> list[str]:
        notes = []
        in_formula = {*free_names(self.formula), *(n.name for n in children_first(self.formula) if isinstance(n, Name))}
        if self.name not in in_formula:
            notes.append(f"{self.name} is not in {brief(self.formula)}: its derivative is 0")
        known = {*in_formula, self.name}
        if unknown := [name for name in free_names(self.claim) if name in self.names and name not in known]:
            notes.append(f"{', '.join(unknown)} {'is' if len(unknown) == 1 else 'are'} not in the formula")
        notes += filter(None, (glued(name, known) for name in unknown))
        if self.is_there and self.looks[0].verdict is Verdict.UNDECIDED:
            notes.append(f"nothing is said about {place_text(self.at)}: {self.looks[0].reason}")
        return notes

    def _symbolic(self) -> Formula | None:
        """Sympy's derivative, where there is one that is not too large, as it is with users' functions written out."""
        if tree_size(self.truth) > LIMITS.nodes:
            return None
        seconds, order = self.question.seconds, self.question.order
        found, _ = symbolic_gradient(self.formula, (self.name,), seconds, order, bound=self.names)
        return found.get(self.name)

    # ---- what the points may have shown

    def _no_derivative(self, asked: Look) -> Check:
        if (sides := asked.component) is None:
            return self.check.said(asked.verdict, asked.reason)
        reason = sides.why if self.question.order > 1 else asked.reason  # conventions are about first derivatives
        kink = Finding(self.question.sign, asked.verdict, reason, left=sides.left, right=sides.right, at=self.at)
        return self.check.said(asked.verdict, reason, findings=(kink,))

    def _nothing_seen(self) -> Check:
        if any(f.lacks for f in self.looks):  # only where a quantity is 0, which is for `needs` to say
            return self.check.said(Verdict.UNDECIDED, "no point was found where both have a value")
        if undecided := [f.reason for f in self.looks if f.verdict is Verdict.UNDECIDED]:
            return self.check.said(Verdict.UNDECIDED, undecided[-1])  # of a close look, if there was one
        return self.check.said(Verdict.UNDEFINED, f"no point with a derivative was found: {self.looks[0].reason}")

    def _not_everywhere(self) -> Check:
        wrong = [f for f in self.looks if f.wrong]
        lacking = [f for f in self.generic if f.lacks]
        example = next(iter(wrong or [f for f in self.looks if f.lacks]))
        # where all is 0, as beside a branch that is not taken, agreeing says nothing
        right = [f.place for f in self.generic if f.right]
        telling = sum(f.right and not f.correct.contains(0) for f in self.generic)
        if telling >= 2 or (right and not wrong):
            formulas = [self.truth, self.prepared]
            with suppress(FormulaError):
                formulas.append(prepare(self.check.correct))
            region = separating(right, [f.place for f in (*wrong, *lacking)], formulas)
            if (found := self._conditional(example, region, lacks=not wrong)) is not None:
                return found
        if not wrong:  # nor is it right where it has a value: why may be seen where it is 0 that is compared
            example = self._first_wrong(self._compared(), thorough=True) or example
        return self._wrong(example, self.looks)

    def _compared(self) -> Iterator[Place]:
        return islice(zeros((self.prepared, self.truth), self.names), _MOST_ZEROS)

    def _lacks_thinly(self, look: Look) -> bool:
        """Whether the claim lacks a value there only because a quantity is 0, which is for `needs` to say."""
        missing = broken(needed((self.claim,), self.names, self.work), [look.place])
        at_zero = bool(missing) and all(a.is_at_zero(look.place) for a in missing)
        return at_zero and not self._lacks_beside(look)

    def _lacks_beside(self, look: Look) -> bool:
        return any(self._look(place, thorough=False).lacks for place in around(look.place))

    def _conditional(self, example: Look, region: Region, lacks: bool) -> Check | None:
        """The verdict on a claim that is right in a region, or, if it `lacks` values alone, wherever it has one. That
        it is right there and that it is right nowhere else are two statements; without the first there is none."""
        if not region and not lacks:
            return None
        both = self.formula, self.claim
        needs = beyond(*both, self.names, self.work.share(1 / 2)) if lacks else []
        region = () if needs else region
        proof = self._equal(region, partial=not region)
        if not proof or self._refuted(region) is not None:
            return None
        steps, reason = proof.steps, ALSO_ELSEWHERE if self._unread else PROVED_THERE
        if region:
            wide = widened(region, self._equal, self._apart)
            needs, steps = [wide.need, *beyond(*both, self.names, self.work, wide.quantities)], [*steps, *wide.steps]
            reason = reason if wide.only else ALSO_ELSEWHERE
        elif not needs:
            reason = f"{LACKS_AT} {place_text(example.place)}: {example.reason}"
        seen = (self._example(example),)
        return self.check.said(Verdict.CONDITIONAL, reason, needs=tuple(needs), findings=seen, proof=tuple(steps))

    def _wrong(self, example: Look, looks: Sequence[Look]) -> Check:
        if example.wrong and self._sympy_differs(example.place, example.apart is not None):
            return self._differ(example.place)
        found, places = (self._example(example),), [f.place for f in looks if f.wrong or f.right]
        if not example.wrong:
            return self.check.said(Verdict.WRONG, f"the claim has no value: {example.reason}", findings=found)
        mistake = find_mistake(self.formula, self.name, self.claim, places, self.question.order, Hand(self.work))
        return self.check.said(Verdict.WRONG, findings=found, mistake=mistake)

    def _differ(self, place: Place) -> Check:
        reason = f"our chain rule and sympy's derivative differ at {place_text(place)}"
        return self.check.said(Verdict.UNDECIDED, reason)

    def _sympy_differs(self, place: Place, exactly: bool = False) -> bool:
        """Whether sympy's derivative is as certainly not ours at this point: then nothing is said of the claim."""
        if self.check.sympy_form is None or has_kinks(self.truth):
            return False
        looked = Looked(self.truth, self.name, prepare(self.check.sympy_form), place, self.work)
        return looked.look().wrong or (exactly and looked.told_apart() is not None)

    def _example(self, look: Look) -> Counterexample:
        return self._looked(look.place).counterexample(self.question.sign, look)

    def _looked(self, place: Place, truth: Formula | None = None, thorough: bool = True) -> Looked:
        claim = prepare(diffs_there(self.claim, place)) if self._unread else self.prepared
        return Looked(self.truth if truth is None else truth, self.name, claim, place, self.work, thorough)

    # ---- for all values

    def _proved_or_not(self, right: Sequence[Place]) -> Check:
        if (differ := next(filter(self._sympy_differs, right[:_WITNESSED]), None)) is not None:
            return self._differ(differ)
        proof, inside = self._equal(), list[Place]()
        compared = [] if proof else [*self._compared()]
        wrong = self._first_wrong([] if proof else [*map(dict, proof.open), *self._kinked, *compared], thorough=True)
        if wrong is None and proof.unshown:
            share = self.work.share(1 / 8)
            inside += islice(entered(proof.unshown, (self.truth, self.prepared), self.names, share), _MOST_ENTERED)
            wrong = self._first_wrong(inside, thorough=True)
        closely = [*map(dict, proof.open), *inside[:_CLOSELY_INSIDE], *compared[:_CLOSELY_INSIDE], *right]
        if (wrong := wrong or self._refuted() or (None if proof else self._closer_look(closely))) is not None:
            return self._wrong(wrong, ())
        asked = needed((self.formula, self.claim), self.names, self.work)
        needs = tuple(each.need for each in asked if not self._is_filled(each))
        if proof:
            return self.check.said(Verdict.PROVED, needs=needs, proof=tuple(proof.steps))
        lacking = [look for look in self._seen.values() if look.lacks] if proof.reason == LACKS else []
        example = next(filter(self._lacks_beside, lacking), lacking[0]) if lacking else None
        found = None if example is None else self._conditional(example, (), lacks=True)
        reason = next((look.open for look in self._seen.values() if look.at_end and look.open), proof.reason)
        return self.check.said(Verdict.AGREES, reason, needs=needs) if found is None else found

    def _is_filled(self, need: Assumption) -> bool:
        """Whether that leaves out one point alone, or those that are like one, where a `diff` shows the claim right."""
        there = (
            need.quantity if need.signs == {-1, 1} and not need.where and (self._has_diffs or self._unread) else None
        )
        place = {} if there is None else zero_of(there, self.question, self.names)
        return place.keys() == {*self.names} and (it := self._look(place)).right and not self._looked(place).open(it)

    def _refuted(self, region: Region = ()) -> Look | None:
        """The referee: a point of the region at which claim and truth are disjoint."""
        sides = [(prepare(quantity), side) for quantity, side in region]
        places = beside((self.truth, self.prepared), self.names, self.question.seed)
        return self._first_wrong(place for place in places if all(side_at(of, place) == side for of, side in sides))

    def _first_wrong(self, places: Iterable[Place], thorough: bool = False) -> Look | None:
        for place in places:
            if self._over():
                break
            if (finding := self._look(place, thorough)).wrong:
                return finding
        return None

    def _closer_look(self, places: Sequence[Place]) -> Look | None:
        """The first of some places at which a fault is seen that is too small for the usual look."""
        half = self.work.share(1 / 2)
        for place in places[:_CLOSELY]:
            if half.over():
                break
            if (known := self._seen.get((*place.items(), True))) and known.component:  # which has taken all bits
                continue
            (looked := self._looked(place)).work = half
            self._seen[*place.items(), True] = finding = looked.told_apart() or looked.look(_CLOSE_BITS)
            if finding.wrong:
                return finding
        return None

    def _equal(self, region: Region = (), partial: bool = False) -> Equality:
        """Whether the claim is the derivative, for all values or in a region, by every definition there is of it."""
        steps: list[Step] = []
        if self._has_diffs and not self._shown(statement_of_diffs(self.question, self.names, region), partial=False):
            return Equality(False, "whether a derivative is there where its rule has no value was not decided")
        named = named_statement(self.question, self.names, region)
        if named and (proof := self._shown(named, partial)) and not proof.open:
            return proof
        for claimed in statements(self.question, self.names, region):
            proof = self._shown(claimed, partial)
            looks = [self._look({n: place.get(n, as_constant(0)) for n in self.names}) for place in proof.open]
            undecided = next(filter(None, (self._looked(look.place).open(look) for look in looks)), "")
            if not proof or undecided:
                return replace(proof, proved=False, reason=proof.reason or undecided)
            kinks = (look for look in looks if look.verdict is Verdict.NOT_DIFFERENTIABLE and not look.at_end)
            steps += [*proof.steps, *(NO_DERIVATIVE.within(place_text(look.place)) for look in kinks)]
        return replace(proof, steps=steps)

    def _apart(self, region: Region) -> Equality:
        return prove_apart(next(statements(self.question, self.names, region)), self.work.share(1 / 2))

    def _shown(self, claimed: Claimed, partial: bool) -> Equality:
        return prove_by_summands(claimed, self.work.share(1 / 2), partial)
