"""Calls that are written out when they are read, against sums and products worked out by Python's fractions."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest

import gradcalc as gc
from gradcalc.engine.rewrite import our_derivative
from gradcalc.language.ends import names_in_ends
from gradcalc.language.parser import parse
from gradcalc.language.spelled import SPELLED, closed, tried
from gradcalc.work import Work


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


def test_an_end_is_a_name_with_a_whole_number():
    """What stands there is a number, whatever else the name stands for: there is no derivative by it."""
    f, at = "n*sum(k^2*x^k, k=1..n)", {"x": Fraction(3, 2), "n": 4}
    slope = 4 * sum(k**3 * at["x"] ** (k - 1) for k in range(1, 5))
    assert gc.grad(f, at) == gc.grad(f, at, certified=True) == {"x": float(slope)}
    assert gc.agreement(f, at).verdict == "proved"
    assert gc.hessian("sum(x^k, k=1..n)", {"x": 2, "n": 3})["x"]["x"] == 14
    assert list(gc.evaluate("sum(x^k, k=1..n)", {"x": [0.0, 1.0, 2.0], "n": 2})) == [0, 2, 6]
    taylor = "T(n, x) = sum(x^k/k!, k=0..n); "
    assert gc.evaluate(f"{taylor}T(2, k)", {"k": 3}) == 8.5
    assert gc.evaluate(f"{taylor}U(n, k) = T(n - 1, k*k); U(m, 2)", {"m": 3}) == 13
    assert gc.evaluate("sum(sum(j*k, j=1..k), k=1..n)", {"n": 3}) == 25
    p = gc.parse("sum(k*x^k, k=1..2*n)")
    assert (str(p), p.names, p == gc.parse(str(p))) == ("sum(k*x^k, k=1..2*n)", ("n", "x"), True)
    assert p._repr_latex_() == r"$\sum_{k=1}^{2 n} k x^{k}$"
    assert gc.derivative(p.subs(n=1), "x") == gc.derivative("x + 2*x^2", "x")
    with pytest.raises(gc.FormulaError, match="an index runs from one whole number to another"):
        gc.evaluate("m = 1.5; sum(j*x, j=1..m)", {"x": 1})
    for ask in (lambda: gc.evaluate(p, {"x": 1}), lambda: gc.grad(p, {"x": 1}), lambda: gc.compile(p)):
        with pytest.raises(gc.FormulaError, match="n ends a sum or a product, and needs a whole number"):
            ask()


def test_there_is_no_derivative_by_an_end():
    """Neither where the formula asks for it nor of one that stays open; by the same name outside its ends there is."""
    inside, users = "diff(sum(x^k, k=1..n), n)", "f(a) = sum(k, k=1..a); "
    for ask in (
        lambda: gc.evaluate(inside, {"x": 2, "n": 3}),
        lambda: gc.check_derivative(inside, "x", "x", {"x": 2, "n": 3}),
        lambda: gc.check_derivative("x^2", "x", inside),
        lambda: gc.evaluate(f"{users}diff(f(2*n), n)", {"n": 3}),
        lambda: gc.evaluate(f"{users}m = n; diff(n*f(m), n)", {"n": 3}),
        lambda: our_derivative(parse("x*sum(x^k, k=1..n)"), "n"),
        lambda: gc.grad("n*sum(x^k, k=1..n)", {"x": 2, "n": 3}, wrt=["n"]),
        lambda: gc.grad("sum(x^k, k=1..n)", {"x": [2, 3], "n": 3}, wrt="n"),
        lambda: gc.grad("sum(x^k, k=1..n)", {"x": 2, "n": 3}, wrt="n", certified=True),
        lambda: gc.hessian("sum(x^k, k=1..n)", {"x": 2, "n": 3}, wrt=["x", "n"]),
        lambda: gc.jacobian(["x", "sum(x^k, k=1..n)"], {"x": 2, "n": 3}, wrt=["n"]),
        lambda: gc.jvp("sum(x^k, k=1..n)", {"x": 2, "n": 3}, {"n": 1}),
        lambda: gc.jvp(["sum(x^k, k=1..n)"], {"x": 2, "n": 3}, {"n": 1}),
        lambda: gc.hvp("sum(x^k, k=1..n)", {"x": 2, "n": 3}, {"n": 1}),
        lambda: gc.explain("sum(x^k, k=1..n)", {"x": 2, "n": 3}, wrt=["n"]),
        lambda: gc.agreement("sum(x^k, k=1..n)", {"x": 2, "n": 3}, wrt=["n"]),
        lambda: gc.derivative("sum(x^k, k=1..n)", "n"),
    ):
        with pytest.raises(gc.FormulaError, match="n ends a sum or a product: there is no derivative with respect to"):
            ask()
    for text, at in ((f"{users}f'(n)", {"n": 3}), (f"{users}f'(2)", {})):
        with pytest.raises(gc.FormulaError, match="a ends a sum or a product"):
            gc.evaluate(text, at)
    f = "x*diff(n^2, n)*sum(x^k, k=1..n)"
    assert gc.evaluate(f, {"x": 2, "n": 3}) == 2 * 6 * (2 + 4 + 8)
    assert gc.check_derivative(f, "x", "2*n*sum((k + 1)*x^k, k=1..n)").verdict == "proved"
    assert gc.check_derivative(f, "x", "2*n*sum((k + 1)*x^k, k=1..n)", {"x": 2, "n": 3}).verdict == "proved"


@pytest.mark.parametrize("n", [-3, 0, 4])
def test_an_end_may_be_a_choice(n):
    f = "sum(x + k, k=1..if(n >= 0, floor(n/2), -n))"
    assert gc.evaluate(f, {"x": 0.5, "n": n}) == sum(0.5 + k for k in range(1, (n // 2 if n >= 0 else -n) + 1))


def test_an_end_that_is_no_fraction_is_told_what_to_write():
    with pytest.raises(gc.FormulaError) as caught:
        gc.evaluate("sum(x, k=1..abs(n))", {"x": 1, "n": 3})
    assert caught.value.help == "in an end write if(x >= 0, x, -x) for abs(x)"
    with pytest.raises(gc.FormulaError) as caught:
        gc.check_derivative("sum(x, k=1..abs(n - 1))", "x", "abs(n - 1)")
    assert caught.value.help == "in an end write if(x >= 0, x, -x) for abs(x)"
    with pytest.raises(gc.FormulaError, match="from one whole number to another"):
        gc.check_derivative("sum(x, k=1..n/2 + 1/3)", "x", "n/2 + 1/3")  # for no n
    with pytest.raises(gc.FormulaError) as caught:
        gc.parse("sum(x, k=1..sqrt(9))")
    assert caught.value.help == "write them out, as in k=1..10"


def test_an_end_follows_its_name_in_a_session():
    session = gc.Session()
    answers = [
        next(iter(session.line(line)[-1].answers())).value.number
        for line in ("n = 3; x = 2; S = sum(x^k, k=1..n); S", "n = 1; S", "S at n=2")
    ]
    assert answers == [14, 2, 6]


def test_they_can_be_given_another_meaning():
    assert gc.evaluate("mean(x, y) = x*y; mean(3, 4)") == 12
    assert gc.evaluate("sum(x) = 2*x; sum(3)") == 6


@pytest.mark.parametrize(
    ("text", "message"),
    [
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


@pytest.mark.parametrize(
    ("text", "message", "place"),
    [
        ("sum(x^k, k=1..n) + sum(x^k, k=1..n + 1/2)", "an index runs from one whole number to another", "n + 1/2"),
        ("f(a) = sum(x^k, k=1..a); f(n/2 + 1/4)", "an index runs from one whole number to another", "n/2 + 1/4"),
        ("sum(x^k, k=n..n + 10^7)", "sum has too many terms to write them out", "sum(x^k, k=n..n + 10^7)"),
    ],
)
def test_a_claim_on_ends_that_no_number_makes_right_is_told_which_end_it_is(text, message, place):
    with pytest.raises(gc.FormulaError) as told:
        gc.check_derivative(text, "x", "x")
    assert (told.value.message, told.value.diagnostic.span.text) == (message, place)


def test_each_is_in_the_help(capsys):
    from gradcalc.cli import main

    main(["--help"])
    assert {*SPELLED} <= {*capsys.readouterr().out.split()}


def test_claims_have_the_same_ends():
    f, claim = "sum(x^k, k=1..n)", "sum(k*x^(k - 1), k=1..n)"
    assert gc.check_derivative(f, "x", claim, {"x": 2, "n": 4}).verdict == "proved"
    assert gc.check_derivative(f, "x", "(4*x^5 - 5*x^4 + 1)/(x - 1)^2", {"n": 4, "x": 2}).verdict == "proved"
    assert gc.check_derivative(f, "x", "n*x^(n - 1) + sum(k*x^(k - 1), k=1..n-1)", {"n": 4, "x": 2}).verdict == "proved"
    assert gc.check_derivative("T(n, x) = sum(x^k/k!, k=0..n); T(3, x)", "x", "T(2, x)").verdict == "proved"
    with pytest.raises(gc.FormulaError, match="n ends a sum or a product"):
        gc.check_derivative(f, "x", claim, {"x": 2})
    with pytest.raises(gc.FormulaError, match="n ends a sum or a product: there is no derivative"):
        gc.check_derivative(f, "n", claim)


def test_the_index_reaches_no_function_and_no_intermediate():
    """They mean what they meant where they were defined."""
    assert gc.evaluate("g(x) = x + k; sum(g(x), k=1..2)", {"k": 5, "x": 0}) == 10
    assert gc.evaluate("y = k*x; sum(y*k, k=1..2)", {"k": 5, "x": 1}) == 15
    assert gc.evaluate("y = 2*x; T(x) = sum(y*x^k, k=1..2); T(3)", {"x": 1}) == 24


OPEN = [
    # a formula, a name, and the derivative with k as the index, a Python function of the name and of n
    ("sum(k^2*x^k, k=1..n)", "sum(k^3*x^(k - 1), k=1..n)",
     lambda x, n: sum(k**3 * x ** (k - 1) for k in range(1, n + 1))),
    ("sum(x^k/k, k=0+1..n)", "sum(x^(k - 1), k=1..n)", lambda x, n: sum(x ** (k - 1) for k in range(1, n + 1))),
    ("T(n, y) = sum(y^k, k=0..n); T(n, x)", "sum(k*x^(k - 1), k=1..n)",
     lambda x, n: sum(k * x ** (k - 1) for k in range(1, n + 1))),
    ("k*sum(x*k, k=1..n)", "k*sum(j, j=1..n)", lambda x, n: 7 * sum(range(1, n + 1))),
    ("sum(sum(j*x^2, j=1..k), k=1..n)", "sum(sum(2*j*x, j=1..k), k=1..n)",
     lambda x, n: sum(2 * j * x for k in range(1, n + 1) for j in range(1, k + 1))),
    ("sum(if(k > 3, x^2, x), k=1..n)", "sum(if(k > 3, 2*x, 1), k=1..n)",
     lambda x, n: sum(2 * x if k > 3 else 1 for k in range(1, n + 1))),
]  # fmt: skip


@pytest.mark.parametrize(("text", "shown", "truth"), OPEN)
def test_the_derivative_between_ends_that_are_names(text, shown, truth):
    found, x = gc.derivative(text, "x"), Fraction(5, 3)
    assert str(found) == shown
    assert gc.parse(shown) == found
    for n in (0, 1, 2, 5):
        assert gc.evaluate(found, {"x": x, "n": n, "k": 7}, certified=True) == float(truth(x, n))
    assert gc.agreement(text, wrt=("x",)).verdict == "proved"


def test_the_derivative_of_a_product_holds_where_factors_are_zero():
    found = gc.derivative("prod(x - k, k=1..n)", "x")
    for n, x in ((0, 1), (1, 1), (3, 2), (4, 2)):
        truth = sum(math.prod(x - k for k in range(1, n + 1) if k != j) for j in range(1, n + 1))
        assert gc.evaluate(found, {"x": x, "n": n}) == truth
    assert gc.agreement("prod(x - k, k=1..n)").verdict == "proved"
    assert gc.parse(str(found)) == found


@pytest.mark.parametrize(
    ("text", "claim", "verdict"),
    [
        ("sum(x^k/k, k=1..n)", "sum(x^(k - 1), k=1..n)", "proved"),
        ("sum(x^k/k, k=1..n)", "sum(x^j, j=0..n-1)", "proved"),  # the terms counted otherwise
        ("sum(x^k, k=0..n)", "sum(k*x^(k - 1), k=1..n)", "proved"),
        ("y*sum(x^k, k=m..n)", "sum(y*j*x^(j - 1), j=m..n)", "proved"),
        ("prod(1 + x/k, k=1..n)", "prod(1 + x/k, k=1..n)*sum(1/(x + k), k=1..n)", "proved"),
        ("exp(sum(x^k, k=1..n))", "exp(sum(x^j, j=1..n))*sum(k*x^(k - 1), k=1..n)", "proved"),
        ("sum(x^k/k, k=1..n)", "(x^n - 1)/(x - 1)", "proved"),  # not of the terms, by induction
        ("sum(abs(x - k), k=1..n)", "sum(sign(x - k), k=1..n)", "proved"),
        ("sum(if(k > 3, k*x^2, x), k=1..n)", "sum(if(k > 3, 2*k*x, if(k == 3, 5, 1)), k=1..n)", "wrong"),
        ("sum(x^k, k=1..n)", "sum(k*x^(k - 1), k=1..n) + if(n == 9, 1, 0)", "wrong"),
        ("sum(x^k, k=1..n)", "sum(k*x^(k - 1), k=1..n-1)", "wrong"),
        ("sum(if(k == 20, x^2, x), k=1..n)", "sum(1, k=1..n)", "wrong"),  # as it is at a number in the formula
        ("sum(sin(k*x), k=1..n)", "sum(cos(k*x), k=1..n)", "wrong"),
    ],
)
def test_claims_for_every_end(text, claim, verdict, allow):
    allow(1 / 5 if verdict == "agrees" else 1)
    found = gc.check_derivative(text, "x", claim)
    assert found.verdict == verdict
    if verdict == "wrong":
        at = {name: float(gc.evaluate(value)) for name, value in found.counterexample.at.items()}
        assert gc.grad(text, at, wrt=("x",))["x"] != gc.evaluate(claim, at)
    assert ("n=0, n=1, ..., n=12" in found.reason) == (verdict == "agrees")


def test_a_closed_form_that_lacks_a_point_is_not_wrong():
    """At x = 1."""
    closed = "(1 - (n + 1)*x^n + n*x^(n + 1))/(1 - x)^2"
    found = gc.check_derivative("sum(x^k, k=0..n)", "x", closed)
    assert found.verdict == "proved"
    assert any("has no value at x=1" in note for note in found.notes)


def test_terms_that_differ_make_no_sums_that_differ():
    """`k` and `n + 1 - k` have one sum."""
    assert gc.check_derivative("x*sum(k, k=1..n)", "x", "sum(n + 1 - k, k=1..n)").verdict == "proved"
    assert gc.check_derivative("x*sum(k, k=1..n)", "x", "1 + sum(k, k=2..n)").counterexample.at["n"] == gc.parse("0")


@pytest.mark.parametrize(
    "claim",
    [
        "n*(n - 137)/(n - 137)",
        "sum(1, k=1..n)*(n - 137)/(n - 137)",
        "sum((k - 137)/(k - 137), k=1..n)",
        "sum(1, k=1..n)*(sum(k, k=1..n) - 210)/(sum(k, k=1..n) - 210)",  # at n = 20
        "sum(1, k=1..n)*(sum(x - k, k=1..n) - 20*x + 210)/(sum(x - k, k=1..n) - 20*x + 210)",
    ],
)
def test_a_claim_without_a_value_at_an_end_beyond_those_tried_is_not_proved(claim, allow):
    allow(1 / 25)
    assert gc.check_derivative("sum(x, k=1..n)", "x", claim).verdict != "proved"


@pytest.mark.parametrize("claim", ["sum(1, k=1..n)", "prod(1, k=1..n)"])
def test_what_is_wrong_of_an_open_product_is_told_with_an_end(claim):
    found = gc.check_derivative("prod(x + k, k=1..n)", "x", claim)
    assert (found.verdict, found.counterexample.at["n"], found.counterexample.correct.number) == (
        "wrong",
        gc.parse("2"),
        3,
    )
    assert "with n=2: product rule" in found.mistake.text


def test_why_a_claim_is_wrong_with_some_end_is_told():
    found = gc.check_derivative("sum(x, k=1..n)", "x", "n*(n - 3)/(n - 3)")
    assert (found.verdict, found.reason) == ("wrong", "the claim has no value: division by zero")
    assert found.notes == ("the claim has no value at x=0, where the derivative is 3, with n=3",)


def test_a_sum_that_does_not_move_with_the_name_is_left_out_at_one_value_of_that():
    claim = "sum(k, k=1..n)*(x - sum(k, k=1..n))/(x - sum(k, k=1..n))"
    assert gc.check_derivative("sum(k*x, k=1..n)", "x", claim).verdict == "proved"


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        ("sum(k - 2*floor(k/2), k=1..n)", "proved"),  # which is what the remainder is
        ("sum(k - 2*floor(k/2), k=1..n)*if(floor(n/7) == 2, (n - 15)/(n - 15), 1)", "wrong"),  # no value with n = 15
    ],
)
def test_floors_have_values_wherever_what_they_are_of_has_one(claim, verdict):
    assert gc.check_derivative("sum(x*mod(k, 2), k=1..n)", "x", claim).verdict == verdict


def test_a_claim_on_sums_may_lack_a_value_where_the_formula_asks_for_none():
    """A sum of logarithms of what is negative has none, for y from -137 to -136."""
    from gradcalc.proofs.termwise import prove_termwise

    truth = gc.parse("if(y > 0, sum(log(y) + k, k=1..n), y)")
    for beyond, proved in (("y", True), ("if(floor(y) == -137, y + 0*sum(log(y) + k, k=1..n), y)", False)):
        claim = gc.parse(f"if(y > 0, sum(log(y) + k, k=1..n), {beyond})")
        assert bool(prove_termwise(truth, claim, ("x",), Work(20))) is proved


def test_a_claim_without_a_value_from_some_end_on_is_wrong():
    found = gc.check_derivative("sum(x, k=1..n)", "x", "sum((k - 20)/(k - 20), k=1..n)")
    assert (found.verdict, found.counterexample.claimed, str(found.counterexample.at["n"])) == ("wrong", None, "20")


def test_what_is_said_of_every_end(capsys):
    from gradcalc.cli import main

    assert main(["sum(k*x^2, k=1..n)"]) == 0
    said = capsys.readouterr().out
    assert "sum(2*k*x, k=1..n)" in said
    assert "proved for every whole n and all values" in said
    assert main(["sum(x, k=1..n)", "--check", "x=if(n == -3, 1, n)"]) == 0  # it is 0 for n=-3
    assert "proved for every whole n with n >= 0, and all values" in capsys.readouterr().out
    assert main(["sum(sin(k*x), k=1..n)", "--check", "x=sum(cos(k*x), k=1..n)"]) == 1
    said = capsys.readouterr().out
    assert "at x=0 n=2: correct 3, claimed 2" in said
    assert "in each term, chain rule" in said
    assert main(["sum(x^k, k=1..n)", "--pretty"]) == 0
    assert capsys.readouterr().out.startswith("   n   k\n   Σ  x\n  k=1\n")
    assert main(["sum(x^k, k=1..n)", "--steps"]) == 2
    assert "n ends a sum or a product, whose steps need a whole number" in capsys.readouterr().err
    assert main(["sum(x^k, k=1..n)", "x=2"]) == 2
    assert "n ends a sum or a product, and needs a whole number" in capsys.readouterr().err


def test_by_hand_it_is_a_sum_too():
    from gradcalc.explain.steps import by_hand

    assert str(by_hand("sum(z^k/k, k=1..n)", "z")) == "sum(k*z^(k - 1)/k, k=1..n)"
    assert str(by_hand("f(z) = prod(z + k, k=1..n); f(z)", "z")).startswith("sum(prod(z + k, k=1..j - 1)*prod(")


def test_notes_of_some_ends_say_which() -> None:
    right = gc.check_derivative("sum(k*x, k=m..n)", "x", "n*(n + 1)/2 - m*(m - 1)/2")
    assert right.verdict == "proved"
    assert right.conditions == ("n >= m - 1",)  # for n = m - 2 the claim is 1 - m, and the sum has no term
    empty = gc.check_derivative("sum(k*x, k=m..n)", "x", "n*(n + 1)/2 - m*(m + 1)/2")
    assert empty.verdict == "wrong"
    assert not empty.notes  # x is in the formula, though not in a sum without terms
    other = gc.check_derivative("sum(k*x, k=1..n)", "x", "sum(k, k=1..n) + 0*y")
    assert other.notes == ("y is not in the formula, with n=1",)  # nor is x in a sum without terms, which is no note
    off = gc.check_derivative("sum(x^k, k=0..n)", "x", "(n*x^(n + 1) - (n + 1)*x^n + 1)/(x - 1)^2 + 1e-30")
    assert off.notes == ("the claim has no value at x=1, where the derivative is 1, with n=1",)


@pytest.mark.parametrize(
    ("formula", "ends"),
    [
        ("sum(sum(sum(x, k=1..j), i=1..n), j=1..n)", ["n"]),  # j is an index, two sums further out
        ("sum(prod(x, k=1..j - 1)*sum(prod(x, k=j + 1..i - 1), i=j + 1..n), j=1..n)", ["n"]),
        ("sum(sum(sum(x, k=1..j), i=1..n), l=1..n)", ["n", "j"]),
        ("f(j) = sum(sum(x, k=1..j), i=1..n); f(m)", ["m", "n"]),
        ("f(j) = sum(sum(x, k=1..j), i=1..3); sum(f(j), j=1..n)", ["n"]),
        ("f(t) = sum(t, k=1..j); sum(f(x), j=1..n)", ["j", "n"]),  # the j of the function is no index
    ],
)
def test_an_index_is_no_name_of_an_end_however_deep(formula: str, ends: list[str]) -> None:
    assert sorted(names_in_ends(parse(formula))) == sorted(ends)


def test_derivatives_of_products_of_a_higher_order_are_held_against_each_other() -> None:
    found = gc.check_derivative("prod(x, k=1..n)", "x", "n*(n - 1)*x^(n - 2)", order=2)
    assert (found.verdict, found.conditions) == ("proved", ("n >= 0",))


def test_an_index_that_is_0_is_not_written_where_it_is_added() -> None:
    terms = gc.parse("sum(if(x + k + 1 > 0, log(x - k)*x^k, k - x) + (k + y), k=0..1)")
    first, second = "if(x + 1 > 0, log(x)*x^0, 0 - x) + y", "if(x + 1 + 1 > 0, log(x - 1)*x^1, 1 - x) + (1 + y)"
    assert str(closed(terms)) == f"{first} + ({second})"
    tries = tried([parse("sum(k*x, k=1..n)"), parse("digamma(x + n + 1)")], 1)
    assert str(next(tries)[1][1]) == "digamma(x + 1)"
