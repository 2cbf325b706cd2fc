"""Formulas drawn from the table: every way we have of differentiating one gives the same numbers."""

from __future__ import annotations

import math
from collections import Counter

import pytest
from hypothesis import HealthCheck, assume, given, settings
from strategies import at_exact_points, formulas

import gradcalc as gc
from gradcalc.certified import certify
from gradcalc.engine.rewrite import our_derivative, prepare
from gradcalc.engine.value import Value
from gradcalc.language.formula import Formula

SLOW = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
QUICK = settings(SLOW, max_examples=100)


def certified(formula: Formula, at: dict[str, float]) -> gc.Certified:
    """Drawn formulas may overflow, and sums of squashed arguments may cancel: such draws prove nothing."""
    try:
        result = certify(formula, at)
    except (gc.UndefinedError, gc.UndecidedError):
        assume(False)
    return result


def terms(root: object) -> float:
    """The largest number that was added to anything on the way back: what rounding errors are relative to."""
    largest, nodes, seen = 0.0, [root], set()
    while nodes:
        node = nodes.pop()
        if isinstance(node, Value) and id(node) not in seen:
            seen.add(id(node))
            largest = max([largest, abs(node.data), *(abs(node.grad * p) for p in node.partials)])
            nodes.extend(node.arguments)
    return largest


@QUICK
@given(at_exact_points(smooth_only=True))
def test_a_smooth_formula_inside_its_domain_is_never_undecided(drawn):
    formula, at = drawn
    try:
        result = certify(formula, at)
    except gc.UndefinedError as error:  # larger than any double
        assume("larger than any double" not in str(error))
        raise
    parts = (result.value, *result.gradient.values())
    assert all(part.status in ("certified", "zero") for part in parts), (str(formula), at, parts)


def test_little_is_undecided():
    """Over all that the table can make, kinks at irrational points included."""
    found: Counter[str] = Counter()

    @settings(SLOW, max_examples=120, derandomize=True, database=None)
    @given(at_exact_points() | formulas())
    def look(drawn):
        try:
            result = certify(*drawn)
        except gc.FormulaError as error:
            found[type(error).__name__] += 1
        else:
            statuses = {part.status for part in result.gradient.values()}
            found["undecided" if "undecided" in statuses else "told"] += 1

    look()
    undecided = found["undecided"] + found["UndecidedError"]
    print(f"undecided: {undecided} of {found.total()}; {dict(found)}")  # noqa: T201 (pytest -s shows it)
    assert undecided <= 0.05 * found.total()


@QUICK
@given(formulas(smooth_only=True))
def test_floats_are_near_balls(drawn):
    formula, at = drawn
    truth = certified(formula, at)
    graph = gc.trace(formula, at)
    tolerance = 1e-9 * max(1.0, terms(graph.root))  # dozens of roundings, amplified by chains a few rows deep
    assume(math.isfinite(tolerance))
    value, gradient = gc.value_and_grad(formula, at)
    assert abs(value - truth.value.number) <= tolerance
    for name, component in truth.gradient.items():
        if component.status in ("certified", "zero"):
            assert abs(gradient[name] - component.number) <= tolerance, name


@QUICK
@given(formulas())
def test_the_gradient_is_the_derivative_formula(drawn):
    """Reverse mode over balls, and reverse mode over formulas evaluated in balls: the same doubles."""
    formula, at = drawn
    truth = certified(formula, at)
    for name, component in truth.gradient.items():
        if component.status != "certified":
            continue
        try:
            again = certify(our_derivative(prepare(formula), name), at, ()).value
        except (gc.UndefinedError, gc.UndecidedError):
            continue  # at a kink the branches written out may have no value
        if again.status == "certified" and not _at_a_kink(formula, at):
            assert again.number == component.number, name


def _at_a_kink(formula: Formula, at: dict[str, float]) -> bool:
    return certify(formula, at).bits >= 512


@SLOW
@given(formulas(smooth_only=True, max_leaves=5))
def test_second_derivatives(drawn):
    """Value over Value, against balls on the formula of the first derivative; and the Hessian is symmetric."""
    formula, at = drawn
    certified(formula, at)
    try:
        hessian = gc.hessian(formula, at)
    except (gc.UndefinedError, ArithmeticError, ValueError):
        assume(False)
    for x in hessian:
        first = our_derivative(prepare(formula), x)
        truth = certified(first, at)
        graph = gc.trace(first, at)
        tolerance = 1e-7 * max(1.0, terms(graph.root))
        for y, second in hessian[x].items():
            assert math.isclose(second, hessian[y][x], rel_tol=1e-7, abs_tol=tolerance)
            if y in truth.gradient and truth.gradient[y].status == "certified":
                assert abs(second - truth.gradient[y].number) <= tolerance


@settings(SLOW, max_examples=15)
@given(formulas(max_leaves=5))
def test_our_chain_rule_and_sympy_never_disagree(drawn):
    formula, at = drawn
    certified(formula, at)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("gradcalc.work.NET", 5.0)  # as for users: not all of the work is counted
        result = gc.agreement(formula, at, seconds=0.3)
    for row in result.findings:
        assert row.verdict != "wrong", row
        assert row.verdict or row.reason


@QUICK
@given(formulas())
def test_balls_and_floats_are_the_same_engine(drawn):
    """Where the float engine has an answer, balls have one, and the other way round, short of overflow."""
    formula, at = drawn
    try:
        value = gc.evaluate(formula, at)
    except gc.UndefinedError:
        return
    result = certified(formula, at)
    assert math.isfinite(result.value.number)
    assert math.isfinite(value)
