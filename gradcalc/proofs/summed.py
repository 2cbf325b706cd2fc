"""Sums and products in closed form, where there is one for all ends: sums of polynomials in the index, by Faulhaber's
formula, and powers. Both hold for whole ends from where there is no term, as `0^0` is 1."""

from __future__ import annotations

from collections.abc import Collection
from functools import reduce
from math import comb

from flint import fmpq

from gradcalc.engine.formulas import simple_call
from gradcalc.engine.rewrite import our_derivative, prepare_open
from gradcalc.engine.switches import Interning
from gradcalc.language.formula import Call, Formula, Number, brief, free_names, users_functions, with_arguments
from gradcalc.language.functions import TABLE
from gradcalc.language.literals import ZERO, number
from gradcalc.language.spelled import SPELLED, opened
from gradcalc.language.substitution import written_out
from gradcalc.record import replace
from gradcalc.work import Work

from .algebra import Generators, NoValue, Ratio
from .cells import Cell, Empty, Split
from .equality import NOT_SHOWN, Claimed, Equality, prove_equal
from .exact import as_formula
from .laws import plain
from .polynomials import coefficients, fraction
from .reading import Reader
from .sides import Studied

_MOST_DEGREE = 12
_PLUS, _MINUS, _TIMES, _POWER = (TABLE[name] for name in ("+", "-", "*", "^"))


def prove_summed(formula: Formula, name: str, order: int, claim: Formula, work: Work) -> Equality:
    """Whether a claim equals a derivative of a formula by a name, where both have all their sums in closed form, for
    all ends from where these have no term."""
    names = {name, *free_names(formula), *free_names(claim)}
    known: list[tuple[Call, Formula]] = []
    ours, theirs = (_summed(opened(prepare_open(each)), names, known) for each in (formula, claim))
    if not known or any(row.indexed for each in (ours, theirs) for row in users_functions(each)):
        return Equality(False, NOT_SHOWN)
    above = [Call(_PLUS, (Call(_MINUS, call.args[::-1]), number(2))) for call, _ in known]
    formulas = [ours]
    for _ in range(order):
        formulas.append(our_derivative(formulas[-1], name))
    ends = {end for call, _ in known for end in free_names(call.args[1])}
    found = prove_equal(
        Claimed(
            formulas[-2], formulas[-1], theirs, names, [(each, 1) for each in above], Studied(name, formulas),
            every=dict.fromkeys(ends, ()),
        ),
        work,
    )  # fmt: skip
    if not found or found.open:
        return replace(found, proved=False, reason=found.reason or NOT_SHOWN)
    steps = [f"{brief(call)} = {brief(closed)}" for call, closed in known]
    needs = dict.fromkeys(f"{brief(call.args[1])} >= {_below(call)}" for call, _ in known)
    return Equality(True, steps=[*dict.fromkeys(steps), *found.steps], needs=[*needs])


def _summed(root: Formula, names: Collection[str], known: list[tuple[Call, Formula]]) -> Formula:
    def call(node: Call, args: list[Formula]) -> Formula:
        made = with_arguments(node, args)
        if not node.function.indexed or not isinstance(made, Call):
            return made
        closed = _closed(made, names)
        if closed is None:
            return made
        known.append((made, closed))
        return closed

    return written_out(root, call=call)


def _below(node: Call) -> Formula:
    """The end of a sum or a product, which begins at a number, without terms."""
    low = node.args[0]
    assert isinstance(low, Number)
    return number(low.value - 1)


def _closed(node: Call, names: Collection[str]) -> Formula | None:
    """The closed form of a sum or a product, if it is known."""
    (index,), term, (low, high) = node.function.params, node.function.definition, node.args
    assert isinstance(term, Formula)
    if any(row.indexed for row in users_functions(term)) or not isinstance(low, Number):
        return None
    below = _below(node)
    if index not in free_names(term):
        row = _TIMES if SPELLED[node.function.spelling].row is _PLUS else _POWER
        count = Call(_MINUS, (high, below))
        return simple_call(row, (count, term) if row is _TIMES else (term, count))
    if SPELLED[node.function.spelling].row is not _PLUS:
        return None
    generators = Generators(frozenset({index, *names}))
    reader = Reader(Cell(generators), Interning())
    try:
        value, place = reader.read(plain(term)), reader.name(index).generators()[0]
    except (NoValue, Split, Empty, ArithmeticError):
        return None
    parts = coefficients(value.top, place)
    if place in generators.inside(value.generators()) or place in value.bottom.degrees or reader.cell.facts:
        return None  # no polynomial, or one that is not everywhere
    if max(parts) > _MOST_DEGREE:
        return None
    total: Formula = ZERO
    for power, part in parts.items():
        ends = (_of_powers(power, high), _of_powers(power, below))
        whole = simple_call(_TIMES, (as_formula(generators, Ratio(part, value.bottom)), simple_call(_MINUS, ends)))
        total = simple_call(_PLUS, (total, whole))
    return total


def _of_powers(power: int, end: Formula) -> Formula:
    """`1^p + 2^p + ... + end^p`, as a polynomial in its end."""
    bernoulli = [fmpq.bernoulli(j) * (-1 if j == 1 else 1) for j in range(power + 1)]
    factors = [number(fraction(b) * comb(power + 1, j) / (power + 1)) for j, b in enumerate(bernoulli)]

    def horner(total: Formula, factor: Formula) -> Formula:
        return simple_call(_PLUS, (simple_call(_TIMES, (total, end)), factor))

    return simple_call(_TIMES, (reduce(horner, factors), end))
