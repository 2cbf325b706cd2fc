"""Statements on a claim, as equations for `proofs`: that it is the derivative, in a region, by every definition."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import lru_cache, partial, reduce

from gradcalc.certified import has_diffs
from gradcalc.engine.lowering import shown
from gradcalc.engine.rewrite import at_span, expand, our_derivative, prepare, prepare_open
from gradcalc.engine.switches import UNIT, Interning
from gradcalc.language.formula import (
    Call,
    Formula,
    Name,
    children_first,
    children_of_all,
    free_names,
    rebuilt,
    users_functions,
    with_arguments,
)
from gradcalc.language.functions import DIFF_N, TABLE, Function, is_diff
from gradcalc.language.kept import calls_in
from gradcalc.language.literals import ZERO, number, place_text
from gradcalc.language.spelled import fresh
from gradcalc.proofs.equality import Claimed
from gradcalc.proofs.extremes import with_the_free_named, with_the_rest_named
from gradcalc.proofs.laws import in_laws
from gradcalc.proofs.sides import Studied
from gradcalc.proofs.together import with_the_difference_named
from gradcalc.verdict import Verdict

from .points import Place
from .region import Region
from .result import Assertion


def truth_of(question: Assertion) -> Formula:
    """The formula that is differentiated once more, prepared."""
    formula, order = question.formula, question.order
    below = Call(DIFF_N, (formula, Name(question.name), number(order - 1)), formula.span)
    return prepare(formula if order == 1 else below)


def statements(question: Assertion, names: Sequence[str], region: Region) -> Iterator[Claimed]:
    """That the claim is the derivative of the truth, one order below, in a region: by the table, and where there are
    users' rows, by what these are defined to be as well."""
    truth = in_laws(truth_of(question))
    written = [truth, *_below(in_laws(prepare(question.formula)), question.name, question.order)]
    own = _users_rows(truth)
    for formula, *below in (written, *([[expand(each, own) for each in written]] if own else [])):
        studied = Studied(question.name, [*below, our_derivative(formula, question.name)])
        yield Claimed(formula, studied.formulas[-1], prepare(question.claim), names, region, studied, thinly=True)


def named_statement(question: Assertion, names: Sequence[str], region: Region) -> Claimed | None:
    """The first statement, if that is all there is, with names for what is free of the name in `max` and `min`, or has
    its own domain in formula and claim, and for a difference of names."""
    asked = [in_laws(prepare(question.formula)), prepare(question.claim), *(quantity for quantity, _ in region)]
    rest, lacking = with_the_rest_named(asked, question.name) or (asked, set[str]())
    (formula, claim, *quantities), free = with_the_free_named(rest, question.name) or (rest, set[str]())
    all_named = with_the_difference_named([formula, claim, *quantities], question.name, names)
    if _users_rows(truth_of(question)) or (rest is asked and not free and all_named is None):
        return None
    (formula, claim, *quantities), name = all_named or ([formula, claim, *quantities], question.name)
    below = _below(formula, name, question.order)
    studied = Studied(name, [*below, our_derivative(below[-1], name)])
    where = [(quantity, side) for quantity, (_, side) in zip(quantities, region, strict=True)]
    return Claimed(
        below[-1], studied.formulas[-1], claim, [*names, name], where, studied, named=lacking | free, thinly=True
    )  # fmt: skip


def statement_of_diffs(question: Assertion, names: Sequence[str], region: Region) -> Claimed:
    """That the formula, with each `diff` written out, lacks values on thin sets alone where all that stands in a `diff`
    has one, and all that stands around it: a derivative may be there though its rule has no value."""
    inside, taken = list[Formula](), list[str]()
    known = dict[Function, tuple[Formula, list[Formula]]]()
    rows = users_functions(question.formula)
    used = {*names, *(name for row in rows for name in row.params)}

    def call(node: Call, args: list[Formula]) -> Formula:
        row = node.function
        if row in known:
            around, parts = known[row]
            inside.extend(at_span(part, row.params, args, node.span) for part in parts)
            return at_span(around, row.params, args, node.span)
        if not is_diff(node):
            return with_arguments(node, args)
        inside.append(args[0])
        taken.append(fresh("t", {*used, *taken}))
        return Name(taken[-1], None, node.span)

    for row in rows:
        if not row.indexed and has_diffs(row.body):
            before = len(inside)
            known[row] = rebuilt(row.body, call), inside[before:]
            del inside[before:]
    around = rebuilt(question.formula, call)
    value = reduce(partial(_joined, "+"), (_joined("*", ZERO, part) for part in (around, *inside)))
    claim = _joined("*", ZERO, question.formula)
    return Claimed(prepare(value), ZERO, prepare(claim), [*names, *taken], region, thinly=True)


def zero_of(quantity: Formula, question: Assertion, names: Sequence[str]) -> Place:
    """The one point at which a quantity of one name is 0; of a difference of names, where formula and claim have these
    in no other way, one point of those where it is, at which all is alike; none where it is 0 elsewhere too."""
    x, own, at = "", [*free_names(quantity)], dict[str, Formula]()
    if len(own) == 1:
        x = y = own[0]
    else:
        whole = statement_of_diffs(question, names, ()).formula, prepare(question.formula), prepare(question.claim)
        (*asked, quantity), x = with_the_difference_named([*whole, quantity], y := question.name, names) or (
            [quantity],
            "",
        )
        if any(name in free_names(each) for each in (*asked, quantity) for name in names):
            return {}
        at = dict.fromkeys(names, ZERO)
    intern = Interning()
    form, at_x = {UNIT: Fraction(0), **intern.linear(quantity)}, intern(Name(x))
    return {**at, y: number(-form[UNIT] / form[at_x])} if form.keys() == {UNIT, at_x} and form[at_x] else {}


def _joined(row: str, one: Formula, other: Formula) -> Formula:
    return Call(TABLE[row], (one, other), one.span)


def _users_rows(truth: Formula) -> set[Function]:
    rows = {node.function for node in children_first(truth) if isinstance(node, Call)}
    return {row for row in rows if TABLE.get(row.name) is not row and row.partials and row.definition}


def _below(formula: Formula, name: str, order: int) -> list[Formula]:
    """A formula and its derivatives below the one in question."""
    found = [formula]
    for _ in range(1, order):
        found.append(our_derivative(found[-1], name))
    return found


def untrusted(question: Assertion) -> str:
    """Why nothing is proved or refuted by the partials of the rows of users that vary: one is not the derivative of its
    row's value, or nothing tells that value in balls. An empty text where there is nothing."""
    written_out = (expand(prepare_open(each)) for each in (question.formula, question.claim))
    calls = (node for each in written_out for node in calls_in(each, children_of_all) if not _is_ours(node.function))
    rows = dict.fromkeys(node.function for node in calls if question.name in free_names(node))
    return next(filter(None, map(_untrusted, rows)), "")


def _is_ours(row: Function) -> bool:
    named = row.name.isidentifier()  # what is there for a domain alone has a name that nobody can type
    return not named or TABLE.get(row.name) is row or row.indexed or isinstance(row.definition, Formula)


@lru_cache(256)
def _untrusted(row: Function) -> str:
    from gradcalc.judge.rows import check_function, has_balls

    if not has_balls(row):
        return f"{row.spelling} has no definition to compute in balls"
    for one in check_function(row, n=_FEW).findings:
        if one.verdict is Verdict.WRONG and one.what != "value":
            said = f"{one.what} is {shown(one.actual)}, right is {shown(one.expected)}"
            return f"the row of {row.spelling} is wrong: at {place_text(one.at or {}, ' and ', shown)} {said}"
        if one.verdict is Verdict.UNDECIDED and not row.definition:  # by which else it is proved
            return f"whether {one.what} of {row.spelling} is right could not be told: {one.reason}"
    return ""


_FEW = 20  # points at which a row that a user wrote is looked at before its partials are believed
