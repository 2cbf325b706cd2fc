"""Laws of derivatives and of verdicts, over formulas drawn from the table.

A draw that decides nothing is counted, and a law that leaves more than one draw in twenty undecided fails.
"""

from __future__ import annotations

import math
from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from strategies import formulas

import gradcalc as gc
from gradcalc.language.formula import Call, Name, children_first, expression, fold
from gradcalc.language.functions import TABLE

DRAWS = settings(
    deadline=None, max_examples=60, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow]
)
UNKNOWN = "undecided"


def law(about, drawn):
    """Have `about` called on drawn formulas; what it returns is counted."""

    def test():
        found: Counter[str] = Counter()

        @DRAWS
        @given(drawn)
        def run(draw):
            found[about(draw)] += 1

        run()
        assert found[UNKNOWN] <= 0.05 * found.total(), found

    return test


def gradient(formula, at):
    """The certified gradient by the names of the point; None where there is none, and why."""
    try:
        found = gc.certify(formula, at, tuple(at))
    except gc.UndefinedError:
        return None, "no value"
    except gc.UndecidedError:
        return None, UNKNOWN
    statuses = {part.status for part in found.gradient.values()}
    if statuses <= {"certified", "zero"}:
        return {name: part.number for name, part in found.gradient.items()}, "known"
    return None, UNKNOWN if "undecided" in statuses else "not differentiable"


def mapped(formula, name=lambda node, _: node, args=lambda row, args: args):
    """The formula with its names, and the arguments of its calls, put through functions."""
    return fold(formula, lambda n: n, name, lambda node, found: Call(node.function, tuple(args(node.function, found))))


def same(found, expected):
    return math.isclose(found, expected, rel_tol=1e-14, abs_tol=5e-324) or found == expected


def linear(drawn):
    formula, at = drawn
    before, why = gradient(formula, at)
    after, why_after = gradient(3 * formula - formula / 4 + 7, at)
    if before is None or after is None:
        return UNKNOWN if UNKNOWN in (why, why_after) else why
    assert all(same(after[name], 2.75 * before[name]) for name in before), (formula, at, before, after)
    return "held"


def renamed(drawn):
    formula, at = drawn
    names = {name: f"renamed_{i}" for i, name in enumerate(at)}
    other = mapped(formula, lambda node, within: Name(names.get(node.name, node.name), within))
    before, why = gradient(formula, at)
    after, why_after = gradient(other, {names[name]: value for name, value in at.items()})
    assert why == why_after
    if before is not None:
        assert {names[name]: part for name, part in before.items()} == after
    return why


def substituted(drawn):
    """d f(2t + 1)/dt = 2 f'(2t + 1), for each name alone."""
    formula, at = drawn
    before, why = gradient(formula, at)
    for name in at:
        t = gc.parse("2*t + 1")
        others = {other: value for other, value in at.items() if other != name}
        after, why_after = gradient(formula.subs({name: t}), {**others, "t": (at[name] - 1) / 2})
        if (at[name] - 1) / 2 * 2 + 1 != at[name]:
            continue
        if before is None or after is None:
            return UNKNOWN if UNKNOWN in (why, why_after) else why
        assert same(after.get("t", 0.0), 2 * before.get(name, 0.0)), (formula, at, name)
    return why


def swapped(drawn):
    """The operands of sums, products and smooth functions of two arguments that may be exchanged."""
    formula, at = drawn
    rows = {"+", "*", "hypot", "max", "min"}

    other = mapped(
        formula,
        lambda node, within: Name(node.name, within),
        lambda row, args: args[::-1] if row.name in rows else args,
    )
    before, why = gradient(formula, at)
    after, why_after = gradient(other, at)
    if UNKNOWN in (why, why_after):
        return UNKNOWN
    assert why == why_after, (formula, at)
    assert before == after, (formula, at)
    return why


def without_definitions(drawn):
    formula, at = drawn
    written_out = mapped(formula, lambda node, within: node if within is None else within)
    found = gradient(formula, at), gradient(written_out, at)
    if UNKNOWN in (found[0][1], found[1][1]):
        return UNKNOWN
    assert found[0] == found[1], (formula, at)
    return found[0][1]


def reordered(drawn):
    formula, at = drawn
    backwards = dict(reversed(at.items()))
    assert gradient(formula, at) == gradient(formula, backwards)
    return gradient(formula, at)[1]


def forward(drawn):
    """The derivative along a vector, forwards, is the product with the gradient."""
    formula, at = drawn
    before, why = gradient(formula, at)
    if before is None or not at:
        return why
    vector = {name: 1.0 + i for i, name in enumerate(at)}
    try:
        _, along = gc.jvp(formula, at, vector)
    except gc.FormulaError:
        return "refused by floats"
    terms = [vector[name] * before.get(name, 0.0) for name in at]
    assert abs(along - math.fsum(terms)) <= 1e-8 * max(1.0, *map(abs, terms)), (formula, at)
    return why


def read_again(drawn):
    formula, _ = drawn
    again = gc.parse(str(formula))
    assert again == formula
    return "held"


test_linearity = law(linear, formulas())
test_names_mean_nothing = law(renamed, formulas())
test_the_chain_rule_by_substitution = law(substituted, formulas(max_leaves=5))
test_the_order_of_operands_means_nothing = law(swapped, formulas())
test_definitions_mean_what_they_stand_for = law(without_definitions, formulas())
test_the_order_of_the_point_means_nothing = law(reordered, formulas())
test_forward_is_reverse = law(forward, formulas())
test_what_is_printed_is_read_again = law(read_again, formulas())


CLAIMS = [
    ("sin(x)^2", "2*sin(x)*cos(x)"),
    ("x^3*exp(y*x)", "exp(y*x)*(3*x^2 + y*x^3)"),
    ("if(x > y, x^2, y*x)", "if(x > y, 2*x, y)"),
    ("sqrt(x^2 + y)", "x/sqrt(x^2 + y)"),
    ("sin(x)^2", "2*sin(x)"),
    ("max(x, y)*2", "2"),
    ("tan(x)", "1 + tan(x)^3"),
]


@pytest.mark.parametrize(("formula", "claim"), CLAIMS)
def test_a_verdict_does_not_depend_on_how_a_claim_is_written(formula, claim):
    verdicts = {}
    for what, (written, claimed, name) in {
        "as it is": (formula, claim, "x"),
        "renamed": (_renamed(formula), _renamed(claim), "u"),
        "operands exchanged": (_exchanged(formula), _exchanged(claim), "x"),
        "by a definition": (f"g = {formula}; g", f"h = {claim}; h", "x"),
        "scaled": (f"4*({formula})", f"4*({claim})", "x"),
        "with a sum": (f"({formula}) + y^2", claim, "x"),
    }.items():
        verdicts[what] = gc.check_derivative(written, name, claimed).verdict
    assert len(set(verdicts.values())) == 1, verdicts


def _renamed(text):
    return expression(mapped(gc.parse(text), lambda node, _: Name({"x": "u"}.get(node.name, node.name))))


def _exchanged(text):
    exchange = {"+", "*"}
    return expression(mapped(gc.parse(text), args=lambda row, args: args[::-1] if row.name in exchange else args))


def test_the_laws_draw_from_the_whole_table():
    """No row but those that the strategies leave out by their nature is never drawn."""
    drawn: set[str] = set()

    @settings(DRAWS, max_examples=400)
    @given(formulas(max_leaves=12))
    def run(draw):
        drawn.update(node.function.name for node in children_first(draw[0]) if isinstance(node, Call))

    run()
    numeric = {row.name for row in TABLE.values() if not row.condition and row.partials}
    assert len(numeric - drawn) <= 0.2 * len(numeric), sorted(numeric - drawn)
