"""Formulas that two names stand in only by their difference or their sum are formulas of that."""

from __future__ import annotations

import pytest
from mpmath import mp

import gradcalc as gc
from gradcalc.engine.rewrite import prepare
from gradcalc.judge.claims.court import _Court
from gradcalc.judge.claims.result import asserted
from gradcalc.judge.claims.statements import named_statement, statements
from gradcalc.language.formula import Call, Name, expression
from gradcalc.language.functions import TABLE
from gradcalc.language.parser import parse
from gradcalc.proofs.summands import prove_by_summands
from gradcalc.proofs.together import with_the_difference_named
from gradcalc.work import Work

GROWS_ALIKE = [
    ("(x - y)^2", "x - y"), ("sin((x - y)/2)*z", "x - y"), ("log(2*x - y - x)", "x - y"),
    ("if(x < y, z, y - x)", "x - y"),
    ("x*(1/3) + floor(y + x) + y/3 - (x + y)/3", "x + y"), ("exp(-(y + x))", "x + y"), ("abs(x - z) + e", "x - z"),
    ("y + -x", "x - y"), ("x/2 - y*(1/2)", "x - y"), ("2*x + 2*y", "x + y"),
    ("2*(3*x) - 6*y", "x - y"), ("x*0 + y*0", "x - y"), ("x/0 - y/0", None),
    ("x + y", "x + y"), ("x*0 + z", None), ("x - 2*y", None), ("(x - y)*y", None), ("max(x, y)", None),
    ("x*(x - y)", None),
    ("floor(x) - floor(y)", None), ("(x - y)*(x - z)", None), ("x - e", None), ("if(x < y, x, y)", None),
    ("1/x - 1/y", None), ("2/(x + 1) - 2/(y + 1)", None),
    ("(x - y)*sin(x)", None), ("x^2 - y^2", None), ("x*y", None), ("(x - y) + (x + y)", None),
]  # fmt: skip
RIGHT = [
    ("2*asin(sqrt(sin((x - y)/2)^2))", "sin(x - y)/sqrt(sin(x - y)^2)", lambda t: 2 * mp.asin(abs(mp.sin(t / 2)))),
    ("abs(x - y)^3", "3*(x - y)*abs(x - y)", lambda t: abs(t) ** 3),
    ("floor(x/2 - y/2)*(x - y)", "floor((x - y)/2)", lambda t: mp.floor(t / 2) * t),
    ("exp(-(x - y)^2/2)", "(y - x)*exp(-(x - y)^2/2)", lambda t: mp.exp(-(t**2) / 2)),
]
HOSTILE = {
    "abs(x - y)^3": ["3*(x - y)^2", "-3*(x - y)*abs(x - y)"],
    "(x - y)^2": ["2*x", "2*(x + y)", *(f"2*(x - y) + if({c}, 1, 0)" for c in ("y == 3", "x == 3", "x - y == 3"))],
    "(x + y)^2": ["2*(x - y)"], "(x - y)^2*y": ["2*(x - y)"], "(x - y)^2*sin(y)": ["0*2*(x - y)"],
    "log(x + y)": ["1/x", "1/abs(x + y) + if(x - y == -400, 1, 0)"], "sqrt((x - y)^2)": ["sign(x + y)"],
    "(x - y)*floor(x - y)": ["floor(x) - floor(y)", "floor(x - y) + if(floor(x) == 100, 1, 0)"],
    "floor(x) - floor(y) + (x - y)*floor(x - y)": ["floor(x) - floor(y)"], "exp(x - 2*y)": ["2*exp(x - 2*y)"],
    "sin(x*1.0 - y)": ["cos(x + y)"], "(x - y)*(x - z)": ["2*x - y + z", "2*(x - y)"],
    "max(x, y)": ["if(x - y > 1/10^30, 1, 0)", "1"], "max(x, y) - y": ["if(x > 0, 1, 0)"],
    "min(x + y, 0)": ["if(x < y, 1, 0)", "if(x + y < -1/10^30, 1, 0)"], "if(x < y, x - y, y - x)": ["1"],
    "if(x < y, x - y, 2*(y - x))": ["if(x < y, 1, -1)"], "(x - y)^3/3": ["x^2 - y^2"], "(x - y)*e": ["x", "x - y"],
    "atan2(x - y, 1)": ["1/(1 + x^2)"], "atan2(x - y, x + y)": ["1"],
    "(x - max(log(y), q))^2": ["2*(x - max(log(y), q)) + if(y == 5, 1, 0)"],
    "mod(x - y, 2)*(x - y)": ["mod(x, 2) - mod(y, 2) + x - y"],
}  # fmt: skip


@pytest.mark.parametrize(("formula", "whole"), GROWS_ALIKE)
def test_a_difference_gets_a_name_where_there_is_nothing_else(formula: str, whole: str | None) -> None:
    found = with_the_difference_named([prepare(parse(formula))], "x", ["x", "y", "z"])
    assert (found and found[1]) == whole
    if found:  # by numbers: the difference may be any, and the other name any
        for x, y in ((3, 1), (-2, 5), (7, 7)):
            t = x + (-y if whole and "-" in whole else y)
            at = {"x": x, "y": y, "z": 4} if whole != "x - z" else {"x": x, "y": 4, "z": y}
            moved = parse(expression(found[0][0]).replace(whole, "t"))
            try:
                value = gc.evaluate(formula, {n: at[n] for n in at if n in formula})
            except gc.UndefinedError:
                continue
            assert gc.evaluate(moved, {"t": t, "z": 4}) == pytest.approx(value)


@pytest.mark.parametrize(("meant", "whole"), [("x - y", "x - y"), ("x*y", None), ("z", None)])
def test_a_defined_name_grows_as_what_it_is(meant: str, whole: str | None) -> None:
    formula = Call(TABLE["*"], (Name("d", definition=parse(meant)), parse("z")))
    found = with_the_difference_named([formula], "x", ["x", "y"])
    assert (found and found[1]) == whole


@pytest.mark.parametrize(("formula", "claim", "of"), RIGHT)
def test_what_is_shown_of_a_difference_is_so(formula: str, claim: str, of) -> None:
    found = gc.check_derivative(formula, "x", claim)
    assert found.verdict == "proved", found.reason
    for x, y in ((1.3, -0.4), (-2.2, 0.7), (0.1, 2.5)):
        assert gc.evaluate(claim, {"x": x, "y": y}) == pytest.approx(float(mp.diff(of, mp.mpf(x) - mp.mpf(y))))


@pytest.mark.parametrize(("formula", "claim"), [(f, c) for f, claims in HOSTILE.items() for c in claims])
def test_nothing_else_is_shown(formula: str, claim: str) -> None:
    question = asserted(formula, "x", claim)
    names = _Court(question).names
    named = named_statement(question, names, ())
    assert named is None or not prove_by_summands(named, Work(2)) or prove_by_summands(named, Work(2)).open
    assert not all(map(bool, (prove_by_summands(each, Work(2)) for each in statements(question, names, ()))))


def test_a_step_of_the_proof_speaks_of_the_difference() -> None:
    found = gc.check_derivative("abs(x - y)*sin(z)", "x", "sign(x - y)*sin(z)")
    assert found.verdict == "proved"
    assert any("x - y = 0" in step for step in found.steps)
