"""Claims on sums and products whose ends are names. With small whole numbers for these they are claims like any other,
and one that is wrong with some is wrong. Right for all ends is only what is shown equal term by term."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import chain, islice, product
from math import floor

from gradcalc.engine.domains import partial_calls
from gradcalc.engine.formulas import minus
from gradcalc.engine.rationals import rational_value
from gradcalc.engine.rewrite import expand, kinks_along, our_derivative, prepare, prepare_open, shows_kinks
from gradcalc.engine.switches import comparisons, domain_at, floors
from gradcalc.helper import OutOfTime
from gradcalc.judge.agreement import symbolic_gradient
from gradcalc.language.ends import names_in_ends, refuse_ends
from gradcalc.language.errors import NOWHERE
from gradcalc.language.formula import Call, Formula, Name, Number, children_first, free_names, users_functions
from gradcalc.language.functions import CONSTANTS, TABLE
from gradcalc.language.literals import ONE, number, place_text
from gradcalc.language.parser import parse
from gradcalc.language.spelled import begun_with, open_end, opened, put_in, tried
from gradcalc.proofs.equality import LACKS, Equality
from gradcalc.proofs.exact import roots
from gradcalc.proofs.summed import prove_summed
from gradcalc.proofs.termwise import prove_slopes_termwise, prove_termwise
from gradcalc.proofs.thin import is_seldom_zero
from gradcalc.record import replace
from gradcalc.verdict import Verdict
from gradcalc.work import OUT_OF_TIME, Work

from .look import LACKS_AT, Looked
from .mistakes import Mistake, find_mistake
from .needs import needed
from .points import boundaries, simple_points
from .result import ALSO_ELSEWHERE, Assertion, Check, Need, unfinished

_MOST, _FEW = 13, 5  # ends that are tried, and where there is a proof
_FARTHEST, _MOST_NAMED = 3_000, 8  # ends that comparisons name, which are tried where there is no proof
_PLACES = 40  # at which a mistake in the terms is looked for
_OF_ITS_TERMS = ("coefficient", "constant", "parentheses", "power")  # mistakes that may be so of one sum written out
_RIGHT = (Verdict.PROVED, Verdict.AGREES)
_WRONG = (Verdict.WRONG, Verdict.CONDITIONAL)

_Tried = tuple[Mapping[str, Formula], Check]


def judged_open(question: Assertion, judged: Callable[[Assertion], Check]) -> Check:
    """The verdict on a claim on sums and products, given the one on those that are written out.

    Raises:
        FormulaError: the name ends one of them, a point has no number for an end, or an end is whole for none.
    """
    checks: list[_Tried] = []
    try:
        return _judged(question, judged, checks)
    except OutOfTime:
        seen = ((values, check.counterexample) for values, check in checks if check.verdict is Verdict.WRONG)
        wrong = [replace(one, at={**one.at, **values}) for values, one in seen if one and one.claimed is not None]
        return unfinished(question, 0, wrong[:1])


def _judged(question: Assertion, judged: Callable[[Assertion], Check], checks: list[_Tried]) -> Check:
    """The verdict; what is found for some ends is added to `checks`."""
    ends = {**names_in_ends(question.claim), **names_in_ends(question.formula)}
    refuse_ends(ends, (question.name,))
    if question.at and (error := open_end(question.formula) or open_end(question.claim)):
        raise error
    proof = _proof(question)
    late = False
    most = _FEW if proof else _MOST
    ends_tried = (
        (values, judged(replace(question, formula=formula, claim=claim, seconds=question.seconds / most)))
        for values, (formula, claim) in tried(
            [question.formula, question.claim], most, () if proof else _named(question)
        )
        if not proof or _meets(values, proof.needs) or any(begun_with([question.formula, question.claim], values))
    )
    for values, check in ends_tried:
        wrong = check.verdict in _WRONG and not _lacks_points(check)
        if late := check.reason == OUT_OF_TIME and not wrong:
            break
        if wrong and any(_lacks_points(before) for _, before in checks) and _has_no_value(check):
            break  # that it is right elsewhere was shown for shorter ones, and would take more work
        if not proof and _has_no_value(check) and any(_is_right_elsewhere(before) for _, before in checks):
            continue  # where it has a value it may be wrong with another end
        checks.append((values, check))
        goes_on = not proof and _is_right_elsewhere(check)
        if len(checks) > 1 and wrong and not goes_on and _meets(values, proof.needs):
            break
    if late and not checks:
        raise OutOfTime
    right = [each for each in checks if each[1].verdict in _RIGHT or _lacks_points(each[1])]
    if faults := [each for each in checks if each[1].verdict in _WRONG and each not in right]:
        with_ends, fault = faults[-1]
        within = [each for each in faults if _meets(each[0], proof.needs)]  # all, where there is no proof
        if proof and right and not within:
            found, before = _right(question, right, proof), _with_ends(question, *faults[0])
            return found.said(Verdict.CONDITIONAL, ALSO_ELSEWHERE, findings=before.findings)
        nowhere = fault.verdict is Verdict.WRONG and _has_no_value(fault)
        if nowhere and right and len(with_ends) == 1 and faults == checks[:1]:
            return _from_next(question, faults[0], right, proof)
        if within and all(_is_right_elsewhere(check) for _, check in within):
            if proof:
                with_ends, fault = within[-1]
                beyond = ", where it has a value"  # where nothing is shown
                needs = tuple(need.told(beyond) for need in map(Need.of_end, proof.needs))
                fault = replace(
                    fault,
                    needs=(*needs, *_needs(question, within[-1:])),
                    notes=tuple(_notes(with_ends, fault)),
                    reason=ALSO_ELSEWHERE if needs else fault.reason,
                )
                return _with_ends(question, with_ends, fault)
            return _right(question, [each for each in checks if each in right or each in faults], proof)
        moves = fault.mistake is not None and fault.mistake.kind in _OF_ITS_TERMS
        if moves and next((check.hint for _, check in ends_tried), fault.hint) != fault.hint:
            fault = replace(fault, mistake=None)  # with one more term it is another
        return _wrong(question, with_ends, fault, right if len(faults) == 1 and faults[0] is checks[0] else [])
    found = _right(question, right, proof) if right else _whole(question, checks[-1][1])
    return replace(found, notes=(*found.notes, f"not all was tried: {OUT_OF_TIME}")) if late else found


def _named(question: Assertion) -> set[int]:
    """Whole numbers at and beside those that comparisons name, and those at which a quantity of ends and indexes alone
    comes to where a branch, a step or the edge of a domain is: something may change where a sum comes to these."""
    both = opened(question.formula), opened(question.claim)  # whose indexes are no constants, as e is one
    rows = [row for each in both for row in users_functions(each)]
    bodies = [*both, *(row.body for row in rows)]
    wholes = {*chain.from_iterable(row.params for row in rows if row.indexed), *chain(*map(names_in_ends, both))}
    compared = [node for body in bodies for node in comparisons(body)]
    found = {part.value for node in compared for part in children_first(node) if isinstance(part, Number)}
    written_out = [expand(prepare_open(body)) for body in bodies]
    steps = (minus(node.args[0], ONE) for body in written_out for node in floors(body))
    moved = {quantity: [*free_names(quantity)] or [""] for quantity in (*boundaries(written_out), *steps)}
    for quantity, (name, *others) in moved.items():
        told = isinstance(quantity, Call) and not users_functions(quantity) and name in wholes and not others
        for root in roots(quantity, name, {}) if told else ():
            value = rational_value(root)
            found |= {value} if isinstance(value, Fraction) else set()
    whole = {floor(value) + step for value in found if abs(value) <= _FARTHEST for step in (0, 1)}
    return {*sorted(whole)[-_MOST_NAMED:]}


def _proof(question: Assertion) -> Equality:
    whole = prepare_open(question.formula)  # whose kinks are there of every order
    below = our_derivative(whole, question.name, question.order - 1)
    bodies = [row.body for part in (whole, below) for row in users_functions(part)]
    work, name = Work(question.seconds), question.name
    if any(True for part in (whole, below, *bodies) for _ in kinks_along(part, name)):
        proof = prove_slopes_termwise(question.formula, question.claim, name, question.order, (name,), work)
        return proof or prove_summed(question.formula, name, question.order, question.claim, work) or proof
    proof = prove_termwise(our_derivative(below, name), question.claim, (name,), work, formula=question.formula)
    if proof.kinks:  # where the derivative has no value as it is written, there may be one
        proof = prove_slopes_termwise(question.formula, question.claim, name, question.order, (name,), work)
    proof = proof or prove_summed(question.formula, name, question.order, question.claim, work) or proof
    return proof if proof else replace(proof, reason=f"term by term {proof.reason}")


def _meets(values: Mapping[str, Formula], needs: Iterable[Formula]) -> bool:
    """Whether ends are not below those from which on something is proved."""
    return all(rational_value(need, values) is not False for need in needs)


def _lacks_points(check: Check) -> bool:
    """Whether the claim is right but where some quantity is 0, on no open set, and it has no value."""
    needs = (each.off_zero for each in check.needs)
    return _has_no_value(check) and bool(check.needs) and all(each and is_seldom_zero(each) for each in needs)


def _is_right_elsewhere(check: Check) -> bool:
    """Whether the claim is wrong nowhere, and lacks values."""
    return check.verdict is Verdict.CONDITIONAL and _has_no_value(check)


def _has_no_value(check: Check) -> bool:
    return check.counterexample is not None and check.counterexample.claimed is None


def _notes(values: Mapping[str, Formula], check: Check) -> list[str]:
    """Notes with some ends, of names if the formula has the one then; and where the claim alone has no value."""
    has_name = check.question.name in free_names(check.question.formula)
    notes = [note for note in check.notes if has_name or note == check.lacks]
    if (example := check.counterexample) is not None and example.claimed is None:
        place, correct = place_text(example.at or {}), example.correct.number
        notes.append(f"{LACKS_AT} {place}, where the derivative is {correct:.10g}")
    return [f"{note}, with {place_text(values)}" for note in dict.fromkeys(notes)]


def _wrong(question: Assertion, values: Mapping[str, Formula], check: Check, right: Sequence[_Tried]) -> Check:
    """`right` are those that it is right for, if all are but sums without a term: these tell of no wrong rule."""
    mistake = _mistake_in_terms(question, values)
    if mistake is None and check.mistake is not None and not right:
        mistake = replace(check.mistake, text=f"with {place_text(values)}: {check.mistake.text}", span=NOWHERE)
    notes = (f"it is right for {_told(right)}",) if right else (*_notes(values, check),)
    reason = "" if check.verdict is Verdict.CONDITIONAL else check.reason  # which is about the conditions
    wrong = check.said(Verdict.WRONG, reason, needs=(), mistake=mistake, notes=notes)
    return _with_ends(question, values, wrong)


def _with_ends(question: Assertion, values: Mapping[str, Formula], check: Check) -> Check:
    """A check for some ends, with these in what it found, and the question and the derivative for all."""
    findings = tuple(replace(each, at={**(each.at or {}), **values}) for each in check.findings)
    return replace(_whole(question, check), findings=findings)


def _mistake_in_terms(question: Assertion, values: Mapping[str, Formula]) -> Mistake | None:
    """The mistake that turns the derivative of each term of a sum, wrong for these ends, into that of the claimed."""
    formula, claim = question.formula, question.claim
    if not (isinstance(formula, Call) and isinstance(claim, Call) and formula.args == claim.args):
        return None
    row, claimed = formula.function, claim.function
    if not (row.indexed and row.spelling == claimed.spelling == "sum"):
        return None
    term = put_in(claimed.body, {claimed.params[0]: Name(row.params[0])})
    if names_in_ends(row.body) or names_in_ends(term):
        return None
    free = (each for each in (*free_names(row.body), *free_names(term)) if each not in CONSTANTS)
    names = tuple(dict.fromkeys([question.name, row.params[0], *free]))
    work = Work(question.seconds)
    truth = our_derivative(prepare(row.body), question.name, question.order - 1)
    tried_at = islice(_of_terms(formula, names, values), _PLACES)
    looks = [Looked(truth, question.name, prepare(term), each, work, thorough=False).look() for each in tried_at]
    places = [look.place for look in looks if look.right or look.wrong]
    found = find_mistake(row.body, question.name, term, places, question.order)
    return found and replace(found, text=f"in each term, {found.text}")


def _of_terms(whole: Call, names: Sequence[str], values: Mapping[str, Formula]) -> Iterator[dict[str, Formula]]:
    """Points at which a sum has terms: those of its first and last for these ends, and simple ones for some ends."""
    index = whole.function.params[0]
    low, high = map(rational_value, whole.args)
    simple = []
    for place in simple_points(names):
        k = rational_value(place[index])
        if isinstance(k, Fraction) and k.denominator == 1 and (low is None or k >= low) and (high is None or k <= high):
            simple.append(place)
    given = {name: value for name, value in values.items() if name in names}
    ends = [rational_value(end, values) for end in whole.args]
    for place, end in product(simple[:_FEW], ends):
        yield {**place, **given, index: number(end)}
    yield from simple


def _right(question: Assertion, right: Sequence[_Tried], proof: Equality) -> Check:
    from gradcalc import symbolic

    checks = [check for _, check in right]
    found = replace(
        _whole(question, checks[-1]),
        verdict=Verdict.AGREES,
        points=sum(check.points for check in checks),
        digits=min((check.digits for check in checks if check.digits is not None), default=None),
        needs=_needs(question, right),
        notes=tuple(next((notes for each in right if (notes := _notes(*each))), ())),
        findings=(),
        reason="",
        proof=(),
    )
    if found.sympy_form is not None:
        below = our_derivative(prepare_open(question.formula), question.name, question.order - 1)
        held = symbolic.hold(below, {question.name: found.sympy_form})[question.name]
        if held.difference:
            reason = f"our chain rule and sympy's derivative differ {held.difference}"
            return found.said(Verdict.UNDECIDED, reason)
    lacking = next((check.reason for check in checks if check.reason == LACKS), "")
    if proof and not lacking:
        ends = proof.needs or _from_where(question, right[0][0])
        needs = (*map(Need.of_end, ends), *found.needs, *_needs_beyond(question, right, ends))
        return found.said(Verdict.PROVED, proof=tuple(proof.steps), needs=tuple(dict.fromkeys(needs)))
    return replace(found, reason=f"tried for {_told(right)}; {lacking or proof.reason}")


def _from_next(question: Assertion, first: _Tried, right: Sequence[_Tried], proof: Equality) -> Check:
    """The verdict on a claim that has no value for the first of the ends alone, as a quotient of sums without a term:
    it is right from the next on, as one without sums is where a quantity is not 0."""
    found, (name,) = _right(question, right, proof), first[0]
    begins = Need.of_end(_begins(name, right[0][0]))
    known = TABLE[">="], Name(name)
    others = (each for each in found.needs if each.end is None or (each.end.function, each.end.args[0]) != known)
    return replace(found, needs=(begins, *others), notes=(*_notes(*first), *found.notes))


def _from_where(question: Assertion, first: Mapping[str, Formula]) -> tuple[Call, ...]:
    """The first ends that were tried, for names of which more may be needed than the formula needs: `sqrt(n)`."""
    known = set() if shows_kinks(question.formula) else set(map(_need, partial_calls(question.formula)))
    beyond = [node for node in partial_calls(question.claim) if _need(node) not in known]
    asked = {name for node in beyond for name in free_names(node)}
    return tuple(_begins(name, first) for name in first if name in asked)


def _begins(name: str, first: Mapping[str, Formula]) -> Call:
    return Call(TABLE[">="], (Name(name), first[name]))


def _need(node: Call) -> Formula:
    return domain_at(node) if node.function.domain else node


def _whole(question: Assertion, check: Check) -> Check:
    """A check for some ends, with the question and the derivative for all."""
    found, _ = symbolic_gradient(question.formula, (question.name,), question.seconds, question.order)
    form = found.get(question.name)
    return replace(check, question=question, correct=question.ours if form is None else form, sympy_form=form)


_WRITTEN_OUT = 4  # ends whose needs are told
_OF_NEEDS = 1 / 8  # of the work that a question may take, for what the claim needs whatever the ends are


def _needs(question: Assertion, right: Sequence[_Tried]) -> tuple[Need, ...]:
    """The needs of the values, as the claim has them whatever the ends are, or with the last of the first ends."""
    values, check = right[:_WRITTEN_OUT][-1]
    names = [name for name in free_names(question.claim) if name not in CONSTANTS]
    always = () if open_end(question.claim) else needed((question.claim,), names, Work(_OF_NEEDS * question.seconds))
    known = {found.condition: found.need for found in always}
    with_ends = f", with {place_text(values)}"
    return tuple(known.get(need.text.partition(", from ")[0]) or need.told(with_ends) for need in check.needs)


def _needs_beyond(question: Assertion, right: Sequence[_Tried], asked: Sequence[Call]) -> Iterator[Need]:
    """The needs of the claim that are broken with ends which were not tried, though they are as is asked, where the
    other names are 0 or 1: as by `x^(5000 - n)`, which has no value at x=0 from n=5001 on."""
    claim = question.claim
    ends = {**names_in_ends(claim), **names_in_ends(question.formula)}
    parts: tuple[Formula, ...] = (claim,)
    if open_end(claim):  # of which what stands outside of its sums is told
        in_branches = any(isinstance(node, Call) and node.function.name == "if" for node in children_first(claim))
        parts = () if in_branches else tuple(node for node in partial_calls(claim) if not open_end(node))
    names = [name for name in free_names(claim) if name not in CONSTANTS]
    others = [name for name in names if name not in ends]
    work = Work(_OF_NEEDS * question.seconds)
    of_formula = tuple(node for node in partial_calls(question.formula) if not open_end(node))
    known = {found.condition for found in needed(of_formula, names, work)} if of_formula else set()
    for found in needed(parts, names, work) if parts and others else ():
        if found.condition in known or free_names(parse(found.condition)).keys().isdisjoint(others):
            continue
        holds = parse(f"if({found.condition}, 1, 0)")
        bounds = {floor(node.value) for node in children_first(holds) if isinstance(node, Number)}
        for end in {bound + step for bound in bounds for step in (-1, 0, 1)}:
            values = dict.fromkeys(ends, number(end))
            untried = not any(rational_value(one) == end for values, _ in right for one in values.values())
            at = [{**values, **dict.fromkeys(others, number(x))} for x in (0, 1)]
            if untried and _meets(values, asked) and any(rational_value(holds, each) == 0 for each in at):
                yield found.need
                break


def _told(right: Sequence[_Tried]) -> str:
    """`n=0, n=1, ..., n=12`, and those behind these."""
    texts = [place_text(values) for values, _ in right]
    row, further = texts[:_MOST], texts[_MOST:]
    return ", ".join([*(row if len(row) < 4 else [*row[:2], "...", row[-1]]), *further])
