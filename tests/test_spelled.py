"""Calls that are written out when they are read, against sums and products worked out by Python's fractions."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest

import gradcalc as gc
from gradcalc.language.spelled import SPELLED


@pytest.mark.parametrize("count", [2, 3, 7])
def test_of_any_number_of_arguments(count):
    names = [f"x{i}" for i in range(count)]
    at = {name: Fraction(2 * i + 1, 4) for i, name in enumerate(names)}
    listed = ", ".join(names)
    total = sum(at.values())
    assert gc.evaluate(f"mean({listed})", at) == float(total / count)
    assert gc.evaluate(f"sum({listed})", at) == float(total)
    assert gc.evaluate(f"prod({listed})", at, certified=True) == float(math.prod(at.values()))
    truth = math.log(math.fsum(math.exp(x) for x in at.values()))
    assert math.isclose(gc.evaluate(f"logsumexp({listed})", at), truth, rel_tol=1e-15)
    assert set(gc.grad(f"mean({listed})", at).values()) == {1 / count}
    assert math.isclose(sum(gc.grad(f"logsumexp({listed})", at).values()), 1, rel_tol=1e-15)  # they are weights
    for call in (f"mean({listed})", f"logsumexp({listed})", f"prod({listed})"):
        assert gc.agreement(call, at)


def test_over_an_index():
    at = {"x": Fraction(3, 2)}
    truth = sum(k**2 * at["x"] ** k for k in range(-1, 6))
    slope = sum(k**3 * at["x"] ** (k - 1) for k in range(-1, 6))
    f = "sum(k^2*x^k, k=-1..5)"
    assert gc.evaluate(f, at, certified=True) == float(truth)
    assert gc.grad(f, at, certified=True)["x"] == float(slope)
    assert gc.agreement(f, at)
    assert gc.check_derivative(f, "x", "sum(k^3*x^(k - 1), k=-1..5)").verdict == "proved"
    assert gc.evaluate("prod(1 + x/k, k=1..4)", {"x": 1}) == 5
    assert gc.evaluate("sum(sum(j*k, j=1..3), k=1:2)") == 18


def test_the_index_is_the_sums_own():
    assert gc.evaluate("k*sum(x^k, k=1..2)", {"k": 5, "x": 2}) == 30
    assert gc.parse("sum(x^k, k=1..2)").names == ("x",)


def test_they_can_be_given_another_meaning():
    assert gc.evaluate("mean(x, y) = x*y; mean(3, 4)") == 12
    assert gc.evaluate("sum(x) = 2*x; sum(3)") == 6


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sum(j*x, j=1..n)", "an index runs from one whole number to another"),
        ("sum(j*x, j=1..2.5)", "an index runs from one whole number to another"),
        ("sum(x, y, k=1..2)", "an index runs over one formula"),
        ("sin(k, k=1..2)", "sin has no index"),
        ("sum(diff(x^k, k), k=1..2)", "k is an index, and has no derivative"),
        ("sum(x + k, k=1..1e9)", "sum has too many terms"),
        ("sum(x + k, pi=1..2)", "pi is a constant"),
        ("mean(x)", "unknown function 'mean'"),
        ("max(x, y=2)", "'=' only gives a formula its name"),
    ],
)
def test_what_is_no_such_call(text, message):
    with pytest.raises(gc.FormulaError, match=message):
        gc.parse(text)


def test_each_is_in_the_help(capsys):
    from gradcalc.cli import main

    main(["--help"])
    assert {*SPELLED} <= {*capsys.readouterr().out.split()}
