"""Sums of polynomials by binomials and powers. The referee is Python's own arithmetic."""

from __future__ import annotations

from fractions import Fraction
from random import Random

import pytest

import gradcalc as gc
from gradcalc.language.literals import number
from tests.test_summed import POINTS, added, form_of

BESIDE = ["k", "k^2", "(k - 1)", "(k + 1)", "(k*x + y)", "(2*k - 3)^2", "k^3", "(k^2 - y)", "k/3", "(k - x)"]
POWERS = [
    "x^k",
    "x^(n - k)",
    "(y + 1)^(n - k)",
    "(-1)^k",
    "2^(n - k)",
    "y^(2*k)",
    "3^k",
    "(-1)^(n - k)",
    "x",
    "(1 - x)^k",
]
FALLING = ["k", "k*(k - 1)", "k*(k - 1)*(k - 2)"]


@pytest.mark.parametrize("seed", range(2))
def test_the_form_has_the_values_of_the_sum(seed: int) -> None:
    random, told = Random(seed), 0
    for _ in range(12):
        low = random.choice((0, 0, 1, 2, 3))
        chosen = random.choice((f"binomial(n, k{random.choice(('', '', ' + 1 - 1'))})", "binomial(n, n - k)"))
        factors = [chosen, *random.choices(BESIDE, k=random.choice((1, 2))), *random.choices(POWERS, k=2)]
        factors += [FALLING[low - 1], f"x^(k - {low})"] if low else []
        term = "*".join(factors)
        found = form_of(f"sum({term}, k={low}..n)")
        if found is None or "sum(" in str(found[0]):
            continue
        told += 1
        form, least = found
        for n in {least, low, low + 1, low + 2, low + 4}:
            for x, y in random.sample(POINTS, 3):
                value = added("sum", term, low, {"x": x, "y": y, "n": Fraction(n)})
                if value is not None:
                    at = {name: number(part) for name, part in (("x", x), ("y", y), ("n", Fraction(n)))}
                    assert gc.evaluate(form, at) == pytest.approx(float(value), rel=1e-9, abs=1e-11), (term, n, x, y)
    assert told > 3


@pytest.mark.parametrize("beside", [
    *(f"*2^({power})" for power in ("k*sin(k)", "k*2^k", "k/(k + 1)", "k^2", "1/(k + 1)")),
    "^2", "/(k + 1)", "*(1 + 1/(k + 1))", "*sin(k)", "*k^(1/2)", "/binomial(n, k)",
])  # fmt: skip
def test_what_is_no_polynomial_beside_powers_of_one_base_has_no_form(beside: str) -> None:
    assert form_of(f"sum(binomial(n, k){beside}, k=0..n)") is None


RIGHT = [
    ("x*sum(k*binomial(n, k), k=0..n)", "n*2^(n - 1)"), ("x*sum(k*binomial(n, k), k=1..n)", "n*2^(n - 1)"),
    ("x*sum(k^2*binomial(n, k), k=0..n)", "n*(n + 1)*2^(n - 2)"),
    ("x*sum((k + 1)*binomial(n, k), k=0..n)", "(n + 2)*2^(n - 1)"),
    ("x*sum(k*binomial(n, k)*(-1)^k, k=0..n)", "-if(n == 1, 1, 0)"),
    ("(1 + x)^n", "sum(k*binomial(n, k)*x^(k - 1), k=1..n)"),
    ("(y + x)^n", "sum(k*binomial(n, k)*x^(k - 1)*y^(n - k), k=1..n)"),
    ("sum(k*binomial(n, k)*x^k*(1 - x)^(n - k), k=0..n)", "n"),
    ("sum(k^2*binomial(n, k)*x^k*(1 - x)^(n - k), k=0..n)", "n + 2*n*(n - 1)*x"),
    ("sum(x^2*k*binomial(n, k), k=0..n)", "x*n*2^n"),  # a power without the index, of what may be less than 0
]  # fmt: skip


@pytest.mark.parametrize(("formula", "claim"), RIGHT)
def test_what_books_say_of_them_is_proved(formula: str, claim: str) -> None:
    found = gc.check_derivative(formula, "x", claim)
    assert found.verdict == "proved"
    assert found.conditions == ("n >= 0",)


@pytest.mark.parametrize(("formula", "claim"), [
    *((formula, f"{claim} + if(n == 137, 1, 0)") for formula, claim in RIGHT[:2]),
    ("x*sum(k*binomial(n, k), k=0..n)", "n*2^n"), ("x*sum(k*binomial(n, k), k=2..n)", "n*2^(n - 1)"),
    ("x*sum(k^2*binomial(n, k), k=0..n)", "n^2*2^(n - 1)"), ("(1 + x)^n", "sum(k*binomial(n, k)*x^k, k=1..n)"),
    ("x*sum(k*binomial(n, k)*(-1)^k, k=0..n)", "0"),
    ("x*sum(k*(k - 1)*binomial(n, k)*(-1)^k, k=0..n)", "if(n == 3, 2, 0)"),
    ("(1 + x)^n", "sum(k*binomial(n, k)*abs(x)^(k - 1), k=1..n)"),
    ("(1 + x)^n", "sum(binomial(n, k)*x^(k - 1), k=1..n)"),
    ("x*sum(k*binomial(n, k - 1), k=1..n)", "n*2^(n - 1)"), ("x*sum(k*binomial(n + 1, k), k=0..n)", "(n + 1)*2^n"),
    ("x*sum(k*binomial(n + 1/2, k + 1/2), k=0..n)", "n*2^(n - 1)"),
])  # fmt: skip
def test_what_is_wrong_is_not(formula: str, claim: str) -> None:
    assert gc.check_derivative(formula, "x", claim).verdict == "wrong"
