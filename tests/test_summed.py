"""The forms that sums and products are put in for all ends have their values, also where they have no term."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from itertools import product
from math import comb, prod
from random import Random
from typing import Any

import pytest

import gradcalc as gc
from gradcalc.engine.rewrite import our_derivative, prepare
from gradcalc.judge.claims.open_sums import _proof
from gradcalc.judge.claims.result import asserted
from gradcalc.language.formula import Formula, expression, free_names
from gradcalc.language.literals import number
from gradcalc.language.parser import parse
from gradcalc.language.spelled import open_end
from gradcalc.language.substitution import substitute
from gradcalc.proofs.equality import Claimed, prove_equal
from gradcalc.proofs.summed import _Forms, prove_summed
from gradcalc.proofs.taken_apart import apart, powers, with_partial_named
from gradcalc.verdict import Verdict
from gradcalc.work import Work

FACTORS = [
    *("k", "k^2", "x", "y", "(x + 1)", "(k + 1)", "x^k", "y^k", "2^k", "(-1)^k", "(x + y)^k", "(2*k + 1)", "x^2/3"),
    *("abs(x)", "(x - y)", "3^(k + 1)", "(k*x + y)", "x^(n - k)", "(x/2)^k", "(-x)^(2*k + 1)", "4^(k/2)", "x^(k/2)"),
    *("(k + 1/2)", "x/(k + 1)", "abs(k*y)", "1/(y^2 + 2)", "(2*x)^k/y", "1/(2*y^2 + 6)"),
    *("abs(2*k - 1)", "k/(2*k + 1)"),
]
OF_CHOICES = [
    *("x", "x^k", "x^(n - k)", "(y + 1)^(n - k)", "y^(2*n - 2*k)", "y^(2*k)", "(x - y)^k", "2^(n - k)", "x^(k + 1)"),
    *("(y + 2)", "3^(1 - k)", "2^(k/2)", "y^(n - k)/3^k", "(-1)^(n - k)", "2^(n + 1)", "x^(3 - n + k)"),
]
POINTS = [(Fraction(2), Fraction(-1, 3)), (Fraction(-1), Fraction(1)), (Fraction(0), Fraction(3)),
          (Fraction(1, 2), Fraction(0)), (Fraction(1), Fraction(1))]  # fmt: skip


def added(kind: str, term: str, low: int, at: dict[str, Fraction]) -> Any:
    """The value by Python's own arithmetic, None where a term has none."""
    code = compile(term.replace("^", "**"), "term", "eval")
    choices = {"binomial": lambda n, k: comb(int(n), int(k))}
    try:
        terms = [eval(code, {**choices, **at, "k": Fraction(k)}) for k in range(low, int(at["n"]) + 1)]
    except ZeroDivisionError:
        return None
    whole = prod(terms, start=Fraction(1)) if kind == "prod" else sum(terms, Fraction(0))
    return None if any(isinstance(each, complex) for each in terms) else whole


def form_of(text: str) -> tuple[Formula, int] | None:
    """The form, with the sums that only got a name in it written out again, and the end that it holds from."""
    forms = _Forms({"x", "y", "n"}, {"n"})
    found = forms.of(parse(text))
    if not forms.known:
        return None
    least = gc.evaluate(forms.known[0][2], {})
    return substitute(found, {name.name: call for call, name in forms.sums.values()}), int(least)


@pytest.mark.parametrize(
    ("formula", "claim"),
    [
        ("sum(sin(k*x), k=1..n)", "sum(cos(k*x), k=1..n)"),  # it is k times that
        ("x*sum(binomial(n, k)*2^(k*sin(k)), k=0..n)^2", "sum(binomial(2*n, k)*2^(k*sin(k)), k=0..2*n)"),
        ("x*prod(1 + 1/(k + 1), k=0..n)", "prod(k + 2, k=0..n)"),  # it is n + 2
    ],
)
def test_what_is_another_for_each_term_or_value_is_no_number(formula: str, claim: str) -> None:
    assert not prove_summed(parse(formula), "x", 1, parse(claim), Work(5))


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("kind", ["sum", "prod", "binomial"])
def test_a_form_for_all_ends_has_the_values_of_the_sum(kind: str, seed: int) -> None:
    random, told = Random(seed), Counter[str]()
    for _ in range(10):
        factors = random.choices(OF_CHOICES if kind == "binomial" else FACTORS, k=random.choice((2, 2, 3)))
        term = "*".join(["binomial(n, k)"] * (kind == "binomial") + factors)
        low = 0 if kind == "binomial" else random.choice((0, 1, 2))
        found = form_of(f"{'prod' if kind == 'prod' else 'sum'}({term}, k={low}..n)")
        told["form" if found else "none"] += 1
        if found is None:
            continue
        form, least = found
        assert least <= low
        for n in (least, low + 1, low + 3):
            x, y = random.choice(POINTS)
            value = added(kind, term, low, {"x": x, "y": y, "n": Fraction(n)})
            if value is not None:
                at = {name: number(part) for name, part in (("x", x), ("y", y), ("n", Fraction(n)))}
                assert gc.evaluate(form, at) == pytest.approx(float(value), rel=1e-9, abs=1e-12), (term, low, n, x, y)
    assert told["form"] > 3


@pytest.mark.parametrize("seed", range(4))
def test_a_form_for_two_open_ends_has_the_values_of_the_sum(seed: int) -> None:
    """From where there is no term, `n = m - 1`."""
    random, told = Random(seed), 0
    for _ in range(10):
        term = "*".join(random.choices([*FACTORS, "x^n", "(y/y)", "m^2", "(k - m)"], k=2))
        forms = _Forms({"x", "y", "n", "m"}, {"n", "m"})
        found = forms.of(parse(f"sum({term}, k=m..n)"))
        if not forms.known:
            continue
        told += 1
        form = substitute(found, {name.name: call for call, name in forms.sums.values()})
        for m, terms in product((-2, 0, 3), (0, 1, 4)):
            least = gc.evaluate(forms.known[0][2], {"m": m})
            assert least == m - 1
            x, y = random.choice(POINTS)
            ends = {"m": Fraction(m), "n": Fraction(m - 1 + terms)}
            value = added("sum", term, m, {"x": x, "y": y, **ends})
            if value is not None:
                at = {name: number(part) for name, part in (("x", x), ("y", y), *ends.items())}
                assert gc.evaluate(form, at) == pytest.approx(float(value), rel=1e-9, abs=1e-12), (term, m, terms, x, y)
    assert told > 3


# sums with two open ends, or of what does not move with the index: right from where there is no term, or wrong
OPEN_ENDS = [
    ("sum(x*k, k=m..n)", "(n*(n + 1) - m*(m - 1))/2", "n >= m - 1"), ("sum(x, k=m..n)", "n - m + 1", "n >= m - 1"),
    ("sum((x - k)^2, k=m..n)", "2*(n - m + 1)*x - (n - m + 1)*(n + m)", "n >= m - 1"),
    ("sum(x*k^2, k=m+1..n)", "n*(n + 1)*(2*n + 1)/6 - m*(m + 1)*(2*m + 1)/6", "n >= m"),
    ("sum(x*2^k, k=m..n)", "2^(n + 1) - 2^m", "n >= m - 1"), ("sum(x^2*k, k=n..2*n)", "3*x*n*(n + 1)", "n >= -1"),
    ("sum(x*k, k=-n..n)", "0", "n >= 0"), ("sum(x^n, k=1..n)", "n^2*x^(n - 1)", "n >= 0"),
    ("sum(x*k, k=n-1..1)", "1 - (n - 1)*(n - 2)/2", "n <= 3"), ("sum(x*k, k=n..3)", "6 - n*(n - 1)/2", "n <= 4"),
    ("sum(x^n*k, k=1..n)", "n^2*(n + 1)/2*x^(n - 1)", "n >= 0"),
    ("sum(x, k=1..n^2)", "n^2", ""), ("sum(x*k, k=1..n) + sum(x*k, k=0..n)", "n*(n + 1)", "n >= 0"),
    ("sum(x^(2^k), k=0..n)", "sum(2^k*x^(2^k - 1), k=0..n)", ""),
    ("sum(sin(pi*2^k)*x, k=0..n)", "0", ""),
]  # fmt: skip
NOT_OPEN_ENDS = {
    "sum(x*k, k=m..n)": ["(n + m)*(n - m)/2", "(n*(n + 1) - m*(m + 1))/2", "sum(k, k=1..n) - sum(k, k=1..m)"],
    "sum(x*k, k=m+1..n)": ["(n*(n + 1) - m*(m - 1))/2"],
    "sum(x, k=m..n)": ["n - m", "abs(n - m) + 1", "max(n - m + 1, 1)", "n - m + 1 + if(n - m == 77, 1, 0)",
                       "n - m + 1 + if(m == -5, 1, 0)", "n - m + 1 + if(n < m, 1, 0)",
                       "(n - m + 1)*if(m*n == 391, 0, 1)"],
    "sum(x*k^2, k=m..n)": ["n*(n + 1)*(2*n + 1)/6 - m*(m + 1)*(2*m + 1)/6"],
    "sum(x*2^k, k=m..n)": ["2^(n + 1) - 2^(m + 1)", "2^n - 2^m"],
    "sum(x*(-1)^k, k=m..n)": ["((-1)^m - (-1)^n)/2", "(-1)^m*(1 + (-1)^(n - m))/2 + if(n == m + 9, 1, 0)"],
    "sum(x*k, k=n..2*n)": ["n*(3*n + 1)/2"], "sum(x*k, k=-n..n)": ["n"], "sum(x, k=n+1..2*n)": ["n + 1"],
    "sum(abs(x)*k, k=m..n)": ["sign(x)*(n + m)*(n - m)/2", "(n + m)*(n - m + 1)/2"],
    "prod(x, k=m..n)": ["(n - m)*x^(n - m - 1)"], "prod(2*x, k=m..n)": ["(n - m + 1)*x^(n - m)"],
    "sum(x*m, k=m..n)": ["m*(n - m)"], "sum(x^m, k=m..n)": ["(n - m + 1)*m*x^m", "(n - m + 1)*x^(m - 1)"],
    "sum(x*k, k=m..l) + sum(x*k, k=l..n)": ["(n + m)*(n - m + 1)/2"],
    "sum(x^n, k=1..n)": ["n^2*x^n", "n*x^(n - 1)", "n^2*x^(n - 1) + if(n == 50, 1, 0)", "n^2*abs(x)^(n - 1)",
                         "if(n > 0, n^2*x^(n - 1), 1)"],
    "sum(x^n, k=0..n)": ["n^2*x^(n - 1)"], "sum(x^(n - 3), k=1..n)": ["n^2*x^(n - 4)"],
    "sum(x/n, k=1..n)": ["1"], "sum(log(x), k=1..n)": ["n/abs(x) + if(n == 0, 1, 0)"],
    "sum(x^n*2^k, k=1..n)": ["n*x^(n - 1)*2^(n + 1)"], "sum(abs(x)^n*k, k=1..n)": ["n^2*(n + 1)/2*x^(n - 1)"],
    "sum(sin(pi*2^k)*x, k=-1..n)": ["0"], "sum(cos(pi*2^k)*x, k=0..n)": ["n + 1"],
    "sum(sin(pi*(3/2)^k)*x, k=0..n)": ["0"], "sum(sin(pi*2^(-k))*x, k=0..n)": ["0"],
    "sum((-1)^(2^k)*x, k=0..n)": ["n + 1", "-n - 1"], "sum(floor(2^k)*x, k=-2..n)": ["sum(2^k, k=-2..n)"],
    "sin(pi*2^floor(y))*x": ["0"], "sin(pi*floor(y)^floor(y))*x": ["0"], "floor(2^floor(y))*x": ["2^floor(y)"],
    "sum(x^(2^k), k=0..n)": ["sum(2^k*abs(x)^(2^k - 1), k=0..n)", "sum(2^k*x^(2^k), k=0..n)"],
    "sum(sin(pi*2^k)*x, k=m..n)": ["0"], "sum(cos(pi*m^k)*x, k=0..n)": ["n + 1"],
}  # fmt: skip

# claims that have no value at n = 137, or beyond, where the truth has one, as their closed forms may have
NO_VALUE_AT = {
    "sum(x*k, k=1..n)": [
        "n*(n + 1)/2 + sum(0*gamma(137 - n)*k, k=1..n)", "n*(n + 1)/2 + sum(gamma(137 - n)*(k - k), k=1..n)",
        "n*(n + 1)/2 + sum((k - k)/(n - 137), k=1..n)", "n*(n + 1)/2*prod(1^(0*log(137 - n)*k), k=1..n)",
        "n*(n + 1)/2*prod(exp(0)^log(137 - n), k=1..n)", "sum(k, k=1..n + 0/(n - 137))",
        "n*(n + 1)/2 + 0*sum(k, k=0/(n - 137)..n)", "n*(n + 1)/2 + 0*sum(sin(k), k=1..n + 0/(n - 137))",
        "n*(n + 1)/2 + sum(k*if(k == -1, log(137 - n), 0)*log(138 - n)*0, k=1..n)",
    ],
    "sum(sin(k*x), k=1..n)": [
        "sum(k*cos(k*x), k=1..n) + 0*prod(1/(k - 137), k=1..n)", "sum(k*cos(k*x), k=1..n) + 0*prod(1/k, k=0..n)",
        "sum(k*cos(k*x), k=1..n) + 0*prod(log(137 - n), k=1..n)",
        "sum(k*cos(k*x), k=1..n) + 0*prod(acosh(n - 137), k=1..n)",
    ],
    "sum(x*k*log(y)*(n - 137), k=1..n)": ["sum(k*log(y)/(1/(n - 137)), k=1..n)"],
    "x*sum(sin(k), k=1..n)": ["sum(sin(k), k=1..n + 0/(n - 137))"],
    "x*prod(137 - n, k=1..n)": ["prod(sqrt(137 - n)^2, k=1..n)"],
    "x*prod(n - 137, k=1..n)": ["prod(1/(1/(n - 137)), k=1..n)"],
    "x*prod(2, k=1..n)": ["prod(2*(2^log(137 - n))^0, k=1..n)", "prod(2*(1/(n - 137))^0, k=1..n)"],
    "x*prod(k + 1, k=1..n)": ["prod(k + 1 + 0*log(137 - n), k=1..n)"],
    "x*(n - 3)^(n*(n + 1)/2 - 2*n) + sum(0*x, k=1..n)": ["prod((n - 3)^(k - 2), k=1..n)"],
    "x*sum(binomial(n, k)*y^k, k=0..n)": [
        "sum(binomial(n, k)*y^(k + 0*log(137 - n)), k=0..n)", "sum(binomial(n + 0*log(137 - n), k)*y^k, k=0..n)",
        "sum(binomial(n, k)*y^k*(1/(n - 137))^0, k=0..n)",
    ],
}  # fmt: skip


@pytest.mark.parametrize(("formula", "claim", "need"), OPEN_ENDS)
def test_sums_with_open_ends_are_told(formula: str, claim: str, need: str) -> None:
    found = gc.check_derivative(formula, "x", claim)
    assert found.verdict == "proved"
    assert [each for each in found.conditions if each[:1].isalpha() and "!=" not in each] == ([need] if need else [])


@pytest.mark.parametrize(
    ("formula", "claim"), [(f, c) for f, claims in (NOT_OPEN_ENDS | NO_VALUE_AT).items() for c in claims]
)
def test_nothing_else_is_told_of_open_ends(formula: str, claim: str) -> None:
    question = asserted(formula, "x", claim)
    if open_end(question.formula):
        assert not _proof(question)
    else:
        below = prepare(question.formula)
        assert not prove_equal(Claimed(below, our_derivative(below, "x"), prepare(question.claim), ["x", "y"]))


def test_a_sum_within_a_sum_that_ends_at_its_index_is_told_wrong() -> None:
    found = gc.check_derivative("sum(sum(x*k, k=1..j), j=-5..n)", "x", "sum(j*(j + 1)/2, j=-5..n)")
    assert found.verdict == "wrong"  # at n = -4 the truth is 0, as no inner sum has a term, and the claim 10 + 6


@pytest.mark.parametrize(
    ("text", "at", "value"),
    [
        ("sum(binomial(n, k)*x^k*y^(n - k), k=0..n)", (2, 3, 4), 5**4),
        ("sum(binomial(n, n - k)*x^(2*k)*2^(1 - k), k=0..n)", (2, 3, 3), 2 * 3**3),
        ("sum(k^3*x, k=1..n)", (2, 3, 4), 200),
        ("sum(2^k*x, k=0..n)", (2, 3, 3), 30),
        ("prod(3*k + 2, k=0..n)", (2, 3, 3), 2 * 5 * 8 * 11),
        ("sum(x*(-1)^k, k=0..n)", (2, 3, 4), 2),
        ("sum(x*(1/3)^k, k=1..n)", (27, 3, 3), 13),
        ("sum(abs(k + 1)*x, k=0..n)", (2, 3, 3), 20),
        ("sum(k^12/(2*y^2 + 2), k=0..n)", (2, 3, 2), (1 + 2**12) / 20),
        ("sum(abs(x*k), k=1..n)", (-2, 3, 3), 12),
        ("sum(abs(x)*abs(y)*k, k=1..n)", (-2, -3, 3), 36),
    ],
)
def test_forms_that_there_are(text: str, at: tuple[int, ...], value: float) -> None:
    found = form_of(text)
    assert found is not None
    assert "sum(" not in str(found[0])
    assert gc.evaluate(found[0], dict(zip("xyn", at, strict=True))) == pytest.approx(value)


@pytest.mark.parametrize(
    ("text", "at", "value"),
    [
        ("sum(k^13*x, k=0..n)", (2, 3, 2), 2 + 2**14),
        ("sum((k + 1)*2^k*x, k=0..n)", (2, 3, 3), 98),
        ("sum(x/(k + 1), k=0..n)", (6, 3, 2), 11),
        ("sum(x*k/(2*k + 1), k=1..n)", (15, 3, 2), 11),
        ("sum(abs(2*k - 1)*x, k=0..n)", (2, 3, 2), 10),
    ],
)
def test_sums_that_only_get_a_name(text: str, at: tuple[int, ...], value: float) -> None:
    found = form_of(text)
    if found is not None:
        assert "sum(" in str(found[0])
        assert gc.evaluate(found[0], dict(zip("xyn", at, strict=True))) == pytest.approx(value)


@pytest.mark.parametrize(
    "text",
    [
        "sum(binomial(n, k)*binomial(n, k)*x^k, k=0..n)",  # of two choices
        "sum(binomial(n + 1, k)*x^k, k=0..n)",
        "prod(k - 3, k=1..n)",  # of numbers below 0
        "prod(log(y), k=1..n)",
        "prod(abs(y)^(k/2), k=1..n)",
        "sum(x/(k - k), k=1..n)",
    ],
)
def test_no_law_is_taken_for_another(text: str) -> None:
    """Where there is a form, it only names the sum."""
    found = form_of(text)
    assert found is None or "sum(" in str(found[0]) or "if(" in str(found[0])


@pytest.mark.parametrize(
    ("term", "parts"),
    [
        ("-x*y/(2*z)", "x^1 (-1)^1 y^1 2^(-1) z^(-1)"),
        ("x^2*(y*x)^3", "x^2 y^3 x^3"),
        ("sqrt(x*y)", "(x*y)^(1/2)"),
        ("(x^(1/2))^4", "x^2"),
        ("-3*x", "(-3)^1 x^1"),
        ("(-3)^k", "(-3)^k"),
        ("(-x)^3", "x^3 (-1)^3"),
        ("-(x*y)^(-2)", "x^(-2) y^(-2) (-1)^1"),
        ("1/(x*y/z)", "1^1 x^(-1) y^(-1) z^1"),
        ("(x*y)^k", "(x*y)^k"),
        ("exp(2*x)^3/exp(y)", "e^(6*x) e^(-y)"),
    ],
)
def test_what_a_term_is_a_product_of(term: str, parts: str) -> None:
    """By hand, base by base; exponents are equal where they are so at a point."""
    at = {"x": 2, "y": 3, "z": 5, "k": 4}

    def value(formula: str | Formula) -> float:
        return gc.evaluate(formula, {name: x for name, x in at.items() if name in free_names(formula)})

    made = [(value(base), pytest.approx(value(exponent))) for base, exponent in powers(parse(term))]
    assert made == [(value(parse(base)), value(parse(n))) for base, n in (p.rsplit("^", 1) for p in parts.split())]
    assert prod(base**n.expected for base, n in made) == pytest.approx(value(parse(term)))


@pytest.mark.parametrize(
    ("term", "free", "rest"),
    [("x*k/y/2", "x/y/2", "k"), ("x", "x", "1"), ("k", "1", "k"), ("x/k*y", "x*y", "1/k"),
     ("3*k*(k + x)", "3", "k*(k + x)"), ("y/(k*x)", "y", "1/(k*x)")],
)  # fmt: skip
def test_what_is_free_of_an_index_stands_apart(term: str, free: str, rest: str) -> None:
    assert apart(parse(term), "k") == (parse(free), parse(rest))


@pytest.mark.parametrize(
    ("term", "parts", "rest"),
    [
        ("k*log(log(y))", ["log(log(y))"], "k*part 1"), ("log(y)", ["log(y)"], "part 1"), ("log(k)*x", [], "log(k)*x"),
        ("k*log(y)/x + sqrt(x)", ["log(y)", "sqrt(x)"], "k*part 1/x + part 2"),
        ("if(y > 0, log(y), 0)*k", ["if(y > 0, log(y), 0)"], "part 1*k"),
        ("if(k > 2, 1, x)*log(y)", ["log(y)"], "if(k > 2, 1, x)*part 1"),
    ],
)  # fmt: skip
def test_what_may_have_no_value_and_stays_gets_a_name(term: str, parts: list[str], rest: str) -> None:
    found = with_partial_named(parse(term), "k")
    assert found is not None
    assert ([*map(expression, found[0])], expression(found[1])) == (parts, rest)


@pytest.mark.parametrize(
    "term", ["if(k > 2, log(y), 1)", "if(k > 2 and log(y) > 1, 2, 3)", "sqrt(x)*if(k > 2, 1/y, k)"]
)
def test_what_only_some_indexes_ask_for_gets_none(term: str) -> None:
    assert with_partial_named(parse(term), "k") is None


@pytest.mark.parametrize(
    ("formula", "claim", "needs"),
    [
        ("sum(k*x, k=1..n)", "n*(n + 1)/2 + 0*x^(5000 - n)", "x == 0 and n <= 5000"),  # 0^-1 at x=0, n=5001
        ("sum(k*x, k=1..n)", "n*(n + 1)/2 + 0*(x - 1)^(300 - n)", "x == 1 and n <= 300"),
        ("sum(x^k/k, k=1..n)", "sum(x^(k - 1), k=1..n) + 0*x^(5000 - n)", "x == 0 and n <= 5000"),
        ("sum(x^2, k=m..n)", "2*x*(n - m + 1) + 0*x^(777 - n)", "x == 0 and n <= 777"),
        ("sum(k*x, k=1..n)", "n*(n + 1)/2 + if(n <= 5000, 0*x^(5000 - n), 0)", ""),
        ("sum(k*x, k=1..n)", "n*(n + 1)/2 + 0*x^(n + 1)", ""),
        ("sum(k*x^k, k=0..n)", "sum(k^2*x^(k - 1), k=1..n) + 0*x^n", ""),  # broken below n=0 alone
        ("prod(x, k=1..n)", "n*x^(n - 1)", ""),  # which lacks a value for n=0 alone, as a note says
    ],
)
def test_what_a_closed_form_needs_from_a_larger_end_on_is_told(formula: str, claim: str, needs: str) -> None:
    found = gc.check_derivative(formula, "x", claim)
    assert found.verdict is Verdict.PROVED
    others = [condition for condition in found.conditions if not condition.startswith("n >= ")]
    assert [needs in condition for condition in others] == ([True] if needs else [])
