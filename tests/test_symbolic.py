"""The symbolic side: the forms shown, every row there and back, proofs, limits, and the worker."""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import sys
import textwrap
import threading
import time
from fractions import Fraction
from itertools import pairwise, product
from operator import eq, ge, gt, le, lt, ne
from types import SimpleNamespace
from typing import Any

import mpmath
import pytest
import sympy
from hypothesis import given, settings
from strategies import NUMERIC, formulas
from work import calls

from gradcalc.engine.lowering import Failure, Lowering
from gradcalc.engine.rewrite import expand, our_derivative, prepare
from gradcalc.engine.scalars import BALL, ball, precision
from gradcalc.engine.value import Value
from gradcalc.gradients import evaluate, value_and_grad
from gradcalc.judge.agreement import agreement
from gradcalc.judge.claims.court import check_derivative
from gradcalc.language.algebra import same
from gradcalc.language.errors import LIMITS, FormulaError, LimitError, SymbolicError
from gradcalc.language.formula import Call, Formula, Name, Number, expression, free_names
from gradcalc.language.functions import TABLE, Function
from gradcalc.language.parser import parse
from gradcalc.language.substitution import substitute
from gradcalc.proofs.equality import Claimed, Equality, prove_equal
from gradcalc.record import replace
from gradcalc.symbolic import SYMBOL, derivative, derivatives, from_sympy, prove, referee, to_sympy
from gradcalc.symbolic.back import TOO_LARGE, nodes
from gradcalc.symbolic.derive import _frozen, shortened, weight
from gradcalc.symbolic.opaque import COMPARISONS, Choice, Constant, Floor, Sign
from gradcalc.symbolic.proof import _proved
from gradcalc.symbolic.referee import POINTS, hold
from gradcalc.symbolic.slopes import slope as slope_of_row
from gradcalc.symbolic.symbols import LONG_NUMBER, _sign, number_of, power_of
from gradcalc.symbolic.worker import Worker
from gradcalc.verdict import Verdict
from gradcalc.work import DONE, OUT_OF_TIME, Work

# ---- forms shown


@pytest.mark.parametrize(
    ("formula", "name", "shown"),
    [
        ("(a*b + c)*f", "a", "b*f"),
        ("(a*b + c)*f", "c", "f"),
        ("(a*b + c)*f", "f", "a*b + c"),
        ("x^2*sin(x)", "x", "x^2*cos(x) + 2*x*sin(x)"),
        ("-x^2", "x", "-2*x"),
        ("x + 1 - y", "y", "-1"),
        ("x + 1 - y", "z", "0"),
        ("exp(-x^2/2)", "x", "-x*exp(-x^2/2)"),
        ("tanh(x)", "x", "1 - tanh(x)^2"),
        ("sqrt(x^2)", "x", "sign(x)"),
        ("abs(x)", "x", "sign(x)"),
        ("x*abs(x)", "x", "2*abs(x)"),
        ("abs(log(x))", "x", "sign(log(x))/x"),
        ("abs(1/x)", "x", "-sign(x)/x^2"),
        ("sin(x^2)", "x", "2*x*cos(x^2)"),
        ("x*y^3", "x", "y^3"),
        ("x*y^3", "y", "3*x*y^2"),
        ("sin(x)/x", "x", "cos(x)/x - sin(x)/x^2"),
        ("1/x", "x", "-1/x^2"),
        ("sqrt(x)", "x", "1/(2*sqrt(x))"),
        ("x^(1/3)", "x", "1/(3*x^(2/3))"),
        ("cbrt(x)", "x", "1/(3*cbrt(x)^2)"),
        ("2^x", "x", "2^x*log(2)"),
        ("e^x", "x", "exp(x)"),
        ("relu(x)", "x", "if(x > 0, 1, 0)"),
        ("max(log(x), 0)", "x", "if(log(x) >= 0, 1/x, 0)"),
        ("max(x, y, z)", "x", "if(x >= max(y, z), 1, 0)"),
        ("clamp(x, 0, y)", "x", "if(max(x, 0) <= y, if(x >= 0, 1, 0), 0)"),
        ("mod(x, y)", "y", "-floor(x/y)"),
        ("clamp(y, y, 1/2)", "y", "if(y <= 1/2, 1, 0)"),
        ("x^y", "x", "y*x^(y - 1)"),
        ("x^y", "y", "x^y*log(x)"),
        ("sigmoid(x)", "x", "(1 - sigmoid(x))*sigmoid(x)"),
        ("softplus(x*y)", "x", "y*sigmoid(x*y)"),
        ("normpdf(x)", "x", "-x*normpdf(x)"),
        ("normcdf(2*x)", "x", "2*normpdf(2*x)"),
        ("gelu(x)", "x", "x*normpdf(x) + normcdf(x)"),
        ("gelu(x - 100)", "x", "(x - 100)*normpdf(x - 100) + normcdf(x - 100)"),
        ("logaddexp(x, y)", "y", "sigmoid(y - x)"),
        ("elu(x)", "x", "if(x > 0, 1, exp(x))"),
        ("relu(x)^2", "x", "if(x > 0, 2*relu(x), 0)"),
        ("relu(x)*y", "y", "relu(x)"),
        ("sinc(x)", "x", "sinc_derivative(1, x)"),
        ("log10(x)*y", "y", "log10(x)"),
        ("max(a, b, c, d, k, f, g)", "g", "if(g >= max(a, b, c, d, k, f), 1, 0)"),
        ("min(a, b, c, d, f)", "a", "if(a <= min(b, c, d, f), 1, 0)"),
        ("gamma(x + 20000)", "x", "gamma(x + 20000)*digamma(x + 20000)"),
        ("sin(y + 1e22)", "y", "cos(y + 1e22)"),
        ("erf(x - 20000)", "x", "2*exp(-(x - 20000)^2)/sqrt(pi)"),
        ("digamma(x + 10001)", "x", "polygamma(1, x + 10001)"),
        ("x*sign(acosh(1 + 1e-30))", "x", "sign(acosh(1.000000000000000000000000000001))"),
        ("if(log(1 + 1e-30) > 0, x, 3*x)", "x", "1"),
        ("if(atan(floor(x)) == 0, x, 3*x)", "x", "if(atan(floor(x)) == 0, 1, 3)"),
        ("x*1e-30000", "x", "1e-30000"),
        ("atan(1e-300 - 1e-3 - x)", "x", "-1/((-1e-300 + x + 0.001)^2 + 1)"),
        ("hypot(x, y)", "x", "x/hypot(x, y)"),
        ("atan2(y, x)", "x", "-y/(x^2 + y^2)"),
        ("logit(x)", "x", "1/(x*(1 - x))"),
        ("lgamma(x)", "x", "digamma(x)"),
        ("sec(x)", "x", "tan(x)*sec(x)"),
        ("log(1 + exp(-y*(w*x + b)))", "w", "-x*y/(exp(y*(b + w*x)) + 1)"),
        ("0.1*x^2", "x", "0.2*x"),
        ("x^2/10", "x", "x/5"),
        ("1.38e-23*T", "T", "1.38e-23"),
        ("0.001*x", "x", "0.001"),
        ("6.02e23*x", "x", "6.02e23"),
        ("12345678901.5*x", "x", "12345678901.5"),
        ("x/3 + 0.5", "x", "1/3"),
        ("x*digamma(1)", "x", "digamma(1)"),
        ("e*x*pi*tau", "x", "2*e*pi^2"),
        ("if(x > 0 and not (y < 1 or x == y), x, 2*x)", "y", "0"),
    ],
)
def test_forms(formula: str, name: str, shown: str) -> None:
    assert expression(derivative(formula, name)) == shown


@pytest.mark.parametrize(
    ("formula", "names"),
    [
        ("S^2*N + I*E + Q*O + lambda*zeta", ["S", "N", "I", "E", "Q", "O", "lambda", "zeta"]),
        ("beta*gamma + été*θ_1", ["beta", "gamma", "été", "θ_1"]),
        ("sin(Symbol) + Integer^class*pi + Add*Abs", ["Symbol", "Integer", "class", "Add", "Abs"]),
    ],
)
def test_any_word_is_a_variable(formula: str, names: list[str]) -> None:
    found = derivatives(parse(formula), names)
    for name, shown in found.items():
        back = parse(expression(shown))
        assert same(back, shown)
        assert set(free_names(back)) <= {*names, "pi"}
        assert name in names
    assert all(prove(parse(formula), names).values())


def test_euler_unless_the_user_takes_the_letter() -> None:
    assert expression(derivative("e^x", "x", bound=("e",))) == "e^x*log(e)"
    assert expression(derivative("e*x^2", "e")) == "x^2"
    assert expression(derivative("exp(1)*x + e", "x", bound=("e",))) == "exp(1)"
    assert expression(derivative("exp(1)*x", "x")) == "e"


@pytest.mark.parametrize(("formula", "name", "expected"), [
    ("if(x == 0, 1, sin(x)/x)", "x", "cos(x)/x - sin(x)/x^2"), ("if(x != 3, x^2, 5)", "x", "2*x"),
    ("if(x == y, x, y)", "x", "0"), ("if(x == y, x, y)", "y", "1"),
    ("if(x^2 + y == 1 or x > 5, 1, x^2)", "x", "if(x > 5, 0, 2*x)"),
    ("f(t) = if(t == 0, 0, t^2*sin(1/t)); f(2*x - 1)", "x", "4*(2*x - 1)*sin(1/(2*x - 1)) - 2*cos(1/(2*x - 1))"),
    # equal along the whole line, or perhaps
    ("if(x == 0, y, x*y)", "y", "if(x == 0, 1, x)"), ("if(x*y == 0, x, y)", "x", "if(x*y == 0, 1, 0)"),
    ("if(floor(x) == 2, x^2, x)", "x", "if(floor(x) == 2, 2*x, 1)"),
    ("if(abs(x) == x, x^2, x)", "x", "if(abs(x) == x, 2*x, 1)"),
    ("if(y*x^2 + x == 1, x^2, x)", "x", "if(x^2*y + x == 1, 2*x, 1)"),
])  # fmt: skip
def test_a_branch_at_single_points_tells_no_derivative(formula: str, name: str, expected: str) -> None:
    """Of `if(x == 0, 1, sin(x)/x)` it is 0 at 0 as well, of `if(x == y, x, y)` it is that of y, which it is."""
    assert expression(derivative(formula, name)) == expression(parse(expected))


def test_names_of_numbers_are_variables_where_they_are_asked_for() -> None:
    formula = parse("a = 2; L = a*b; L")
    assert expression(derivative(formula, "a")) == "b"
    assert expression(derivative(formula, "b")) == "2"
    assert expression(derivative(formula, "b", bound=("a", "b"))) == "a"
    assert all(prove(formula, ("a", "b")).values())


_NAMES = [f"x{i}" for i in range(14)]
_SQUARES = " + ".join(f"{x}^2" for x in _NAMES)
_EXPONENTIALS = " + ".join(f"exp({x})" for x in _NAMES)


@pytest.mark.parametrize(
    ("formula", "right", "wrong"),
    [
        (" + ".join(f"sin({x})*{i}" for i, x in enumerate(_NAMES)), "7*cos(x7)", "7*cos(x8)"),
        (" - ".join(f"{x}*{y}" for x, y in pairwise(_NAMES)), "-x6 - x8", "x6 - x8"),
        ("*".join(_NAMES), "*".join(x for x in _NAMES if x != "x7"), "*".join(x for x in _NAMES if x != "x8")),
        (f"sqrt({_SQUARES})", f"x7/sqrt({_SQUARES})", f"x8/sqrt({_SQUARES})"),
        (f"log({_EXPONENTIALS})", f"exp(x7)/({_EXPONENTIALS})", f"exp(x7)/({_EXPONENTIALS} + exp(x8))"),
        # twice the same term is twice as much
        (f"log(x7 + {' + '.join(_NAMES[8:] * 2)})", f"1/(x7 + 2*({' + '.join(_NAMES[8:]) + ')'})", "1/(x7 + x8)"),
    ],
)  # fmt: skip
def test_the_derivatives_by_many_names_are_proved_each_by_what_moves_with_it(
    formula: str, right: str, wrong: str
) -> None:
    found = agreement(formula)
    assert found.proved, found.reason
    assert check_derivative(formula, "x7", right).verdict in (Verdict.PROVED, Verdict.AGREES)
    assert check_derivative(formula, "x7", wrong).verdict is Verdict.WRONG


def test_a_sum_within_a_product_is_another_than_the_product_of_its_first_terms() -> None:
    many = " + ".join(_NAMES[8:])
    assert check_derivative(f"x7*({many})*x6", "x7", f"{many}*x6").verdict is Verdict.WRONG


@pytest.mark.parametrize(
    "formula", ["max(x, y^2, z^2)^1.5", "max(x*y, x*z)", "log(max(x, y^2, 1))", "abs(max(x*y, x*z))"]
)
def test_what_is_largest_is_proved_with_its_rest_as_one_and_without(formula: str) -> None:
    assert prove(parse(formula), ["x"])["x"]


def test_users_functions_and_diff() -> None:
    for text, name, shown in [
        ("g(u) = diff(u*x, u); g(2*x)", "x", "1"),  # u*x has the derivative x, whatever u is
        ("g(u) = u^2; g'(3*x)", "x", "6"),
        ("g(u) = u^3; diff(g(x^2), x)", "x", "30*x^4"),
        ("g(x, y) = x^2*y; g(y, x)", "x", "y^2"),
        ("g(x) = x^2*a; h(a) = g(a) + x; h(x)", "x", "2*a*x + 1"),
        ("diff(x^3*y, x, 2)", "x", "6*y"),
        ("g(u) = abs(u); g(log(x))", "x", "sign(log(x))/x"),
        ("g(u) = diff(abs(u), u); g(log(x))*x", "x", "sign(log(x))"),
    ]:
        assert expression(derivative(text, name)) == shown
        assert prove(parse(text), (name,))[name], text


@pytest.mark.parametrize(
    ("text", "name", "shown"),
    [
        ("p = a; g(a) = p + a; g(5)", "a", "1"),
        ("p = a*b; g(a) = p*a; g(x)", "x", "a*b"),  # the a of p is not the parameter
        ("q = a^2; p = q*b; g(a, b) = p*a - b; g(b, x)", "b", "2*a^2*b"),
        ("p = x; g(x) = diff(p*x, x); g(x)", "x", "1"),
        ("p = x^2; g(y) = diff(p*y, x); g(x)*x", "x", "6*x^2"),  # by the global x, of which p is made
        ("g(y) = diff(x*y, x); g(x)", "x", "1"),
        ("g(a) = diff(a*x, x); h(x) = g(x^2); h(x)*x", "x", "3*x^2"),
        ("g(y) = diff(x*y, x); h(y) = g(x*y); diff(h(x), x)", "x", "2"),
        ("g(x) = diff(x^3*y, x); g(2*y)", "y", "36*y^2"),
        ("g(x, y) = diff(diff(x^2*y^3, x), y); g(y, x)", "x", "12*x*y"),  # arguments that change places
        ("g(u) = u^3*x; g'(x^2)", "x", "15*x^4"),
        ("g(u) = u^4*x; h(x) = g''(x)*x; h'(2*x)", "x", "432*x^2"),
        ("y = x^2; g(a) = a*y; diff(g(x^3), y)", "x", "3*x^2"),  # y has a definition, and stands in the body alone
        ("y = x^2; p = y*3; g(y) = diff(p*y, y) + diff(p*x, x); g(x)", "x", "24*x"),
        ("g(e) = diff(e^2*x, e); g(x)", "x", "4*x"),
        ("g(u) = diff(abs(u)*x^u, x); g(x)", "x", None),
    ],
)
def test_names_are_not_captured(text: str, name: str, shown: str | None) -> None:
    formula, draw = parse(text), random.Random(text)
    if shown is not None:
        assert prove_equal(
            Claimed(prepare(formula), prepare(parse(shown)), prepare(derivative(formula, name)), (name,))
        )
    names = tuple(free_names(formula))
    for _ in range(3):
        at = {name: draw.uniform(0.2, 2) for name in names}
        gradient = value_and_grad(formula, at, certified=True)[1]
        for by in names:
            assert evaluate(derivative(formula, by), at) == pytest.approx(gradient[by], rel=1e-12)
        assert agreement(formula, at, seconds=20)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("g(n) = 7^n; g'(10^9)*x", "7^1e9*log(7)"),
        ("g(n) = diff(x*7^n, x); g(10^9)*x", "7^1e9"),
        ("g(n) = exp(n*log(7)); g(10^9)*x", "exp(1e9*log(7))"),
        ("9^9^9^9*x", "9^9^387420489"),
        ("x*(10^6)!", "1000000!"),
    ],
)
def test_large_constants_are_not_worked_out(text: str, shown: str) -> None:
    assert expression(derivative(text, "x")) == shown


def test_nested_functions_are_translated_once() -> None:
    lines = ["f0(x) = x*sin(x)", *(f"f{i}(x) = f{i - 1}(x) - f{i - 1}(x)/2" for i in range(1, 60)), "f59(x)"]
    assert to_sympy(parse("; ".join(lines))) == sympy.sin(SYMBOL_X) * SYMBOL_X / 2**59


SYMBOL_X = sympy.Symbol("x", real=True)


def test_a_function_of_the_users_own_needs_a_symbolic_form() -> None:
    bare = Function(name="bump", value=lambda x: x, partials=("1",))
    with pytest.raises(SymbolicError, match=r"bump\(x\) has no symbolic form"):
        derivative(parse("bump(x)", functions=[bare]), "x")
    named = Function(name="bump", value=lambda x: x, partials=("exp(x)",), sympy="exp")
    assert expression(derivative(parse("bump(x)", functions=[named]), "x")) == "exp(x)"
    assert prove(parse("bump(x)", functions=[named]), ("x",))["x"]


# ---- every row, there and back

PLAIN = [row for row in NUMERIC if row.name not in ("if", "diff", "diff_n")]


def call_of(row: Function) -> tuple[Formula, list[str]]:
    """A call of the row: numbers for the parameters that must be constant, variables for the others."""
    args: list[Formula] = []
    for i, (param, (low, _)) in enumerate(zip(row.params, row.sample, strict=True)):
        constant = bool(row.partials) and row.partials[0 if row.variadic else i] is None
        args.append(Number(str(int(low)), Fraction(int(low))) if constant else Name(param))
    return Call(row, tuple(args)), [arg.name for arg in args if isinstance(arg, Name)]


def at_random(row: Function, rng: random.Random) -> dict[str, Fraction]:
    boxes = row.sample
    return {
        param: Fraction(round(rng.uniform(low, high) * 4096) + 1, 4099)
        for param, (low, high) in zip(row.params, boxes, strict=False)
    }


def in_balls(formula: Formula, at: dict[str, Fraction], wrt: tuple[str, ...] = ()) -> Any:
    with precision(256):
        graph = Lowering(expand(prepare(formula)), BALL, wrt).graph({name: ball(x) for name, x in at.items()})
        assert not isinstance(graph.root, Failure), graph.root.error
        if not wrt:
            return graph.root
        if isinstance(graph.root, Value):  # else the branch taken is constant
            graph.root.backward()
        return {name: ball(Fraction(0)) + graph.leaves[name].grad for name in wrt}


@pytest.mark.parametrize("row", PLAIN, ids=lambda row: row.name)
def test_rows(row: Function) -> None:
    """Sympy's derivative comes back as a formula, parses back, and has the value of our chain rule's."""
    formula, names = call_of(row)
    rng = random.Random(row.name)
    for order in (1, 2):
        found = derivatives(formula, names, order=order)
        for name, shown in found.items():
            assert same(parse(expression(shown)), shown), expression(shown)
            if order == 1:
                for _ in range(5):
                    at = at_random(row, rng)
                    ours, theirs = in_balls(formula, at, (name,))[name], in_balls(shown, at)
                    with precision(256):
                        assert ours.overlaps(theirs), (name, at)
                        assert (theirs - ours).rad() < 1e-30


@pytest.mark.parametrize("row", [row for row in PLAIN if row.name != "sinc_derivative"], ids=lambda row: row.name)
def test_rows_are_proved(row: Function) -> None:
    formula, names = call_of(row)
    for inside in (formula, substitute(formula, {name: parse(f"{name}^2*w_ + 1") for name in names[:1]})):
        proofs = prove(inside, [*names])
        assert all(proofs.values()), proofs


@pytest.mark.parametrize("row", [row for row in PLAIN if row.partials and row.smooth], ids=lambda row: row.name)
def test_a_wrong_partial_is_not_proved(row: Function) -> None:
    """The proof rests on the texts of the table: with one of them wrong, there is none. Of rows that are not smooth
    our chain rule differentiates the definition."""
    formula, names = call_of(row)
    wrong = tuple(p and f"{p} + 1" for p in row.partials)
    fields = ("name", "params", "value", "ball", "definition", "sympy", "domain", "sample", "smooth", "spelling")
    mistaken = Function(**{field: getattr(row, field) for field in fields}, partials=wrong)
    assert isinstance(formula, Call)
    proofs = prove(Call(mistaken, formula.args), names, seconds=2)
    assert not any(proofs.values())
    assert all(proof.reason for proof in proofs.values())


@pytest.mark.parametrize(
    ("name", "found"),
    [  # by hand
        ("log_base", ["1/(x*log(base))", "-log(x)/(base*log(base)^2)"]),
        ("silu", ["(1 - silu(x))*sigmoid(x) + silu(x)"]),
        ("sigmoid", ["(1 - sigmoid(x))*sigmoid(x)"]),
        ("hypot", ["x/hypot(x, y)", "y/hypot(x, y)"]),
        ("expm1", ["exp(x)"]),
        ("normpdf", ["-x*normpdf(x)"]),
        ("cbrt", ["1/(3*cbrt(x)^2)"]),
    ],
)
def test_the_words_of_the_table_are_taken_only_where_they_are_right(name: str, found: list[str]) -> None:
    row, symbols = TABLE[name], [sympy.Symbol(param, positive=True) for param in TABLE[name].params]
    wrong = replace(row, partials=tuple(f"{text} + 1" for text in row.partials), taught=tuple(row.partials[::-1]))
    at = {param: 0.4 + 0.3 * i for i, param in enumerate(row.params)}
    for i, right in enumerate(found):
        assert expression(from_sympy(slope_of_row(row, i, symbols), row.params)) == right
        theirs = from_sympy(slope_of_row(wrong, i, symbols), row.params)
        assert evaluate(theirs, at) == pytest.approx(evaluate(right, at))


@settings(max_examples=40, deadline=None)
@given(formulas(max_leaves=5))
def test_there_and_back(drawn: tuple[Formula, dict[str, float]]) -> None:
    formula, at = drawn
    point = {name: Fraction(repr(value)) for name, value in at.items()}
    try:
        back = from_sympy(to_sympy(formula, at), at)
    except SymbolicError:
        return
    assert same(parse(expression(back)), back)
    with precision(256):
        values = {name: ball(x) for name, x in point.items()}
        before, after = (Lowering(prepare(f), BALL, ()).graph(values).root for f in (formula, back))
        if not isinstance(before, Failure) and not isinstance(after, Failure):
            assert before.overlaps(after)


# ---- proofs


@pytest.mark.parametrize(
    "text",
    [
        "(x*y)^(1/3)",
        "sqrt(x*y)*sqrt(x)",
        "log(x*y^2)",
        "sqrt(1 + sqrt(1 + x))",
        "tanh(x)^10",
        "coth(x)*sech(x^2)",
        "sin(2*x)*cos(x)^3*tan(x)",
        "softplus(sigmoid(x*y)*z)",
        "tanh(w2*tanh(w1*x + b1) + b2)^2",
        "sqrt(x^2 + y^2 + z^2)^3",
        "abs(x^2*y) + abs(1/x)",
        "relu(sqrt(x) - 1)",
        "max(x, y)*min(x, 1)",
        "clamp(x, 0, y)",
        "x!*gamma(x + 2)",
        "(1 + k*(x - m)/s)^(-1/k)",
        "2*h*c^2/(l^5*expm1(6.62607015e-34*c/(1.380649e-23*l*T)))",
        "8/(A + (37530/Re)^16)^1.5",
        "abs(x)^y",
        "S*normcdf((log(S/K) + (r + v^2/2)*T)/(v*sqrt(T))) - K*exp(-r*T)*normcdf((log(S/K) + r*T)/(v*sqrt(T)) - v)",
    ],
)
def test_proofs(text: str) -> None:
    formula = parse(text)
    names = list(free_names(formula))
    proofs = prove(formula, names)
    assert set(proofs) == set(names)
    assert all(proof.proved for proof in proofs.values()), proofs


def test_nothing_is_proved_once_the_work_is_done() -> None:
    assert prove(parse("x^2"), ["x"], seconds=1e-12) == {"x": Equality(False, DONE)}


def test_what_has_no_formula_of_the_table_is_not_proved(monkeypatch: pytest.MonkeyPatch) -> None:
    found = _proved(prepare("x^2"), "x", parse("2*x + 0*sum(k, k=0..n)"), ["x"], Work(5))
    assert not found.proved
    assert found.reason
    monkeypatch.setattr("gradcalc.symbolic.proof.LIMITS", SimpleNamespace(nodes=2))
    assert prove(parse("x^2"), ["x"], seconds=5) == {"x": Equality(False, TOO_LARGE)}


def test_both_sides_of_a_proof_are_apart() -> None:
    """Ours is written with the table's partials, theirs by sympy, in its own way."""
    formula = parse("tanh(x)^2")
    ours, theirs = our_derivative(prepare(formula), "x"), derivative(formula, "x")
    assert expression(ours) != expression(theirs)
    assert prove(formula, ("x",))["x"]


@pytest.mark.parametrize(
    "text",
    [
        "Si(x)",
        "sinc(x^2)",
        "exp(gammainc(3, x))",
        "log(gammalower(2, x))",
        "sin(gammaupper(1, x))",
        "gammaincc(4, x)^2",
        "besselj(1, -x)",
        "besseli(2, -x)",
        "abs(fresnels(x))",
        "abs(erfcinv(gelu(x)))",
        "atan2(y, besseli(1, x))",
        "besselk(1, x)^y",
        "ellipk(exp(x))^y",
    ],
)
def test_laws_of_special_functions_carry_proofs(text: str) -> None:
    formula = parse(text)
    proofs = prove(formula, list(free_names(formula)))
    assert all(proofs.values()), proofs


@pytest.mark.parametrize(
    ("formula", "claim", "equal"),
    [
        ("x^2/2", "x + 1e-30", False),
        ("x^2/2", "abs(x)", False),
        ("x^2/2", "x*(1 + exp(-100)*sin(x))", False),
        ("x^2/2", "if(x > 0, x, 0)", False),  # equal on one side alone
        ("x^2/2", "if(x > 0, x, x^2/x)", True),
        ("besselj(2, -x)", "(besselj(1, x) - besselj(3, x))/2", True),
        ("besselj(2, -x)", "-(besselj(1, x) - besselj(3, x))/2", False),
        ("gammaupper(3, x)^2", "-2*exp(-x)*(2 + 2*x + x^2)*x^2*exp(-x)", True),
        ("gammaupper(3, x)^2", "-2*exp(-x)*(2 + 2*x + x^2/2)*x^2*exp(-x)", False),
        ("Si(x)", "if(x == 0, 1, sin(x)/x)", True),
        ("Si(x)", "if(x == 0, 2, sin(x)/x)", False),
        ("sinc(x)", "if(x == 0, 0, cos(x)/x - sin(x)/x^2)", True),
        ("sinc_derivative(1, x)", "if(x == 0, -1/3, -sin(x)/x - 2*cos(x)/x^2 + 2*sin(x)/x^3)", True),
        ("sinc_derivative(1, x)", "if(x == 0, 1/3, -sin(x)/x - 2*cos(x)/x^2 + 2*sin(x)/x^3)", False),
    ],
)
def test_only_what_is_equal_is_proved(formula: str, claim: str, equal: bool) -> None:
    of = prepare(parse(formula))
    proof = prove_equal(Claimed(of, our_derivative(of, "x"), prepare(parse(claim)), ("x",)), Work(3))
    assert bool(proof) is equal
    assert proof.reason or equal


def test_a_proof_keeps_to_its_time() -> None:
    product = "*".join(f"tanh(x{i} + sin(y*x{i + 1}))/(1 + exp(y*x{i}))" for i in range(30))
    proofs = prove(parse(product), [f"x{i}" for i in range(30)], seconds=1)
    assert all(proof.proved or proof.reason for proof in proofs.values())


def test_trivial_proofs_cost_little() -> None:
    formula, names = parse("(a*b + c)*f"), ("a", "b", "c", "f")
    prove(parse("(a*b + c)*f"), names)
    assert calls(lambda: prove(formula, names)) < 40_000


# ---- limits


@pytest.mark.parametrize(("text", "limit"), [("(2*x)^(9^9)", "exponent"), ("diff(x^2, x, 20)*x", "")])
def test_limits(text: str, limit: str) -> None:
    if not limit:
        assert expression(derivative(text, "x")) == "0"
        return
    with pytest.raises(LimitError) as caught:
        derivative(text, "x")
    assert caught.value.limit == limit
    proof = prove(parse(text), ("x",))["x"]
    assert not proof
    assert proof.reason


def test_order_is_limited() -> None:
    assert expression(derivative("x^5", "x", order=5)) == "120"
    with pytest.raises(LimitError) as caught:
        derivative("x^5", "x", order=LIMITS.order + 1)
    assert caught.value.limit == "order"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("x*gamma(10^6)", "gamma(1000000)"),
        ("x*digamma(10^6)", "digamma(1000000)"),
        ("x*floor(exp(10^9))", "floor(exp(1e9))"),
        ("x*floor(pi)*floor(7/2)", "3*floor(pi)"),
        ("x^1000000", "1000000*x^999999"),
        ("x*floor(exp(10^9)) + x*sin(x)^2", "floor(exp(1e9)) + 2*x*sin(x)*cos(x) + sin(x)^2"),
    ],
)
def test_large_numbers_stay_as_they_are(text: str, shown: str) -> None:
    assert expression(derivative(text, "x")) == shown
    assert prove(parse(text), ("x",))["x"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x/0", "divides by zero"),
        ("x*log(0 - 1)", "not seen to be real"),
        ("x*sqrt(0 - 1)", "no real value"),
        ("sin(" * 1000 + "x" + ")" * 1000, "too deep"),
        (" + ".join(["x"] * 100_000), "too large"),
        ("; ".join(["x0 = x*sin(x)", *(f"x{i} = x{i - 1}*x{i - 1} + 1" for i in range(1, 61))]), "too large"),
    ],
    ids=["zero", "log", "sqrt", "deep", "wide", "doublings"],
)
def test_what_it_cannot_do_it_says(text: str, message: str) -> None:
    formula = parse(text)
    with pytest.raises(SymbolicError, match=message):
        derivatives(formula, ("x",))
    assert message in prove(formula, ("x",))["x"].reason


def test_wide_and_parenthesized_formulas() -> None:
    assert len(expression(derivative("*".join(f"x{i}" for i in range(100)), "x3"))) > 300
    assert expression(derivative(" + ".join(f"{i}*x" for i in range(1000)), "x")) == "499500"
    assert expression(derivative("(" * 10_000 + "x^2" + ")" * 10_000, "x")) == "2*x"


def test_out_of_time() -> None:
    with pytest.raises(SymbolicError, match=OUT_OF_TIME):
        derivative("exp(sin(x^2)*cos(x)/x)", "x", order=18, seconds=1)


@pytest.mark.parametrize(
    ("text", "name", "form"),
    [
        ("exp(-x^2/2)/sqrt(2*pi)", "x", "-x*exp(-x^2/2)/sqrt(2*pi)"),
        ("exp(-(x - m)^2/(2*s^2))/(s*sqrt(2*pi))", "m", "(x - m)*exp(-(x - m)^2/(2*s^2))/(sqrt(2*pi)*s^3)"),
        ("x*sqrt(pi/2)", "x", "sqrt(pi)/sqrt(2)"),
        ("x/sqrt(6*pi)", "x", "1/sqrt(6*pi)"),
        ("y*erf(x)", "x", "2*y*exp(-x^2)/sqrt(pi)"),
        ("x^y", "x", "y*x^(y - 1)"),
        ("log(x - 1)", "x", "1/(x - 1)"),
    ],
)
def test_forms_are_as_they_are_taught(text: str, name: str, form: str) -> None:
    assert str(derivative(text, name)) == form


def test_unsupported_expressions_are_named() -> None:
    with pytest.raises(SymbolicError, match="sympy writes it with dirichlet_eta, which is no function here"):
        from_sympy(sympy.dirichlet_eta(SYMBOL_X))
    with pytest.raises(SymbolicError, match="does not say what holds otherwise"):
        from_sympy(sympy.Piecewise((1, SYMBOL_X > 0)))
    with pytest.raises(SymbolicError, match="which is no function here"):
        from_sympy(sympy.Derivative(sympy.Function("f")(SYMBOL_X), SYMBOL_X))

    with pytest.raises(SymbolicError, match="a variable called pi"):
        from_sympy(sympy.Symbol("pi") * SYMBOL_X)
    with pytest.raises(SymbolicError, match="sympy gave up: \\nCan't calculate derivative wrt 2"):
        derivative("n = 2; diff(besselj(n, x), n)", "x")


def test_numbers_of_many_digits_go_both_ways() -> None:
    """Python alone writes none of more than 4300 digits, and sympy calculates with none of more than 60."""
    assert str(from_sympy(sympy.Integer(10) ** 5000 * SYMBOL_X)) == f"1{'0' * 5000}*x"
    with pytest.raises(SymbolicError, match="a number of more than 10000 digits"):
        from_sympy(sympy.Integer(10) ** 13000 * SYMBOL_X)
    a, b = 10**40 + 1, 10**39 + 7
    assert str(from_sympy(to_sympy(f"1/{a} + x - 1/{b}"))) == f"1/{a} - 1/{b} + x"
    assert str(from_sympy(to_sympy(f"x*{a}*{b}"))) == f"{a * b}*x"
    with pytest.raises(SymbolicError, match="a constant too long for the symbolic side"):
        derivative("x*(x + " + " + ".join(f"1/{a + k}" for k in range(300)) + ")", "x")


def test_eulers_constant_is_a_value_of_digamma() -> None:
    found = evaluate(from_sympy(sympy.EulerGamma * SYMBOL_X), {"x": 2}, certified=True)
    assert found == float(2 * mpmath.euler)


def test_every_sympy_function_of_the_table_has_a_way_back() -> None:
    for row in TABLE.values():
        if row.sympy and not row.symbol:
            args = [sympy.Symbol(f"x{i}", real=True) for i in range(len(row.params))]
            found = from_sympy(SYMBOL.function(row)(*args))
            assert isinstance(found, Call)
            assert found.function is row
            assert [str(arg) for arg in found.args] == [str(arg) for arg in args] or row.variadic


# ---- the worker


@pytest.fixture
def worker() -> Any:
    made = Worker()
    yield made
    made.helper.stop()


def test_the_worker_answers_and_stays(worker: Worker) -> None:
    assert worker.ask(sum, [1, 2], seconds=20) == 3
    process = worker.helper.pid
    assert worker.ask(os.getpid, seconds=20) == process
    with pytest.raises(SymbolicError, match=OUT_OF_TIME):
        worker.ask(time.sleep, 60, seconds=0.5)
    if hasattr(signal, "setitimer"):
        assert worker.helper.pid == process  # it gave up by itself


def test_the_worker_is_killed_where_it_does_not_give_up(worker: Worker) -> None:
    worker.ask(sum, [], seconds=20)
    process = worker.helper._process
    with pytest.raises(SymbolicError, match=OUT_OF_TIME):
        worker.ask(sum, range(10**13), seconds=1)  # in C, where no signal is seen
    assert process is not None
    assert process.returncode is not None  # and is no zombie
    assert worker.ask(sum, [4], seconds=20) == 4


def test_the_worker_reports_what_is_raised(worker: Worker) -> None:
    with pytest.raises(SymbolicError, match="by zero"):
        worker.ask(divmod, 1, 0, seconds=20)
    deep: Any = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(SymbolicError, match="too deep"):
        worker.ask(len, deep, seconds=20)
    while deep:
        deep = deep[0]  # taken apart by hand, which C would do by recursion
    with pytest.raises(SymbolicError, match=OUT_OF_TIME):
        worker.ask(len, [], seconds=0)


def test_the_worker_serves_threads(worker: Worker) -> None:
    answers: list[int] = []
    threads = [threading.Thread(target=lambda i=i: answers.append(worker.ask(abs, -i, seconds=30))) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == list(range(8))


_SCRIPT = """
import threading
from gradcalc.language.parser import parse
from gradcalc.symbolic import derive
from gradcalc.symbolic.worker import WORKER
derive.HERE = 0  # nodes to differentiate in this process
results = []
formula = parse("x^2*sin(x)")
thread = threading.Thread(target=lambda: results.append(derive.derivatives(formula, ("x",), seconds=30)))
thread.start()
thread.join()
assert WORKER.helper.pid is not None, "this formula is meant to need the worker"
print("derived" if results else "nothing")
"""


@pytest.mark.parametrize("how", ["stdin", "-c", "file"])
def test_the_worker_needs_no_main(how: str, tmp_path: Any) -> None:
    """From a pipe, from -c, from a script without `if __name__`, with warnings as errors and without a leftover."""
    command = [sys.executable, "-W", "error"]
    if how == "-c":
        command += ["-c", _SCRIPT]
    elif how == "file":
        path = tmp_path / "script.py"
        path.write_text(_SCRIPT)
        command.append(str(path))
    done = subprocess.run(command, input=_SCRIPT if how == "stdin" else "", capture_output=True, text=True, timeout=120)
    assert (done.stdout, done.stderr, done.returncode) == ("derived\n", "", 0)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_child_has_a_worker_of_its_own() -> None:
    script = textwrap.dedent("""
        import os
        from gradcalc.symbolic.worker import WORKER
        first = WORKER.ask(os.getpid, seconds=30)
        child = os.fork()
        if child == 0:
            second = WORKER.ask(os.getpid, seconds=30)
            WORKER.helper.stop()
            os._exit(0 if second != first else 1)
        assert os.waitpid(child, 0)[1] == 0
        assert WORKER.ask(os.getpid, seconds=30) == first
    """)
    done = subprocess.run([sys.executable, "-W", "error", "-c", script], capture_output=True, text=True, timeout=120)
    assert (done.stderr, done.returncode) == ("", 0)


@pytest.mark.parametrize(
    ("formula", "slopes"),
    [
        ("clamp(x, -1, x)", {-3: 1, -0.5: 1, 0.5: 1, 4: 1}),
        ("clamp(x, x, 3)", {-3: 1, 2: 1, 4: 0}),
        ("clamp(3, x, x)", {-3: 1, 2: 1, 4: 1}),
        ("clamp(2*x, x, 3*x)", {-2: 3, 2: 2}),
        ("max(x, x)", {-2: 1, 0: 1, 3: 1}),
        ("min(x, 2*x, x)", {-2: 2, 3: 1}),
        ("max(x, x^2, x)", {-2: -4, 0.5: 1, 3: 6}),
        ("max(x, min(x, 1), x)", {-2: 1, 1: 1, 3: 1}),
    ],
)
def test_a_variable_in_several_arguments_is_counted_once(formula, slopes):
    slope_of = derivative(formula, "x")
    for x, slope in slopes.items():
        assert evaluate(slope_of, {"x": x}) == slope
        assert value_and_grad(formula, {"x": x}, certified=True)[1] == {"x": slope}
        assert agreement(formula, {"x": x})


def test_a_high_derivative_inside_a_formula_is_given_up_at_a_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LIMITS, "nodes", 300)
    with pytest.raises(SymbolicError, match="too large for the symbolic side"):
        derivative("diff(x^(sin(x)^x), x, 6)", "x")
    monkeypatch.setattr(LIMITS, "nodes", 14)
    for text in ("x - y - z - t - u - v", "f(x) = x*x + x; f(f(f(x)))"):  # to sympy, -y is a product
        with pytest.raises(SymbolicError, match="too large for the symbolic side"):
            to_sympy(text)


@pytest.mark.parametrize(
    ("formula", "order", "error", "said"),
    [
        ("x^2", 0, FormulaError, "the order of a derivative is a positive whole number, not 0"),
        ("x^2", 1.5, FormulaError, "the order of a derivative is a positive whole number, not 1.5"),
        ("diff(y^2, y, x)", 1, SymbolicError, "the order of a derivative must be a whole number"),
    ],
)
def test_an_order_is_a_whole_number(formula: str, order: Any, error: type[FormulaError], said: str) -> None:
    with pytest.raises(error) as caught:
        derivative(formula, "x", order)
    assert caught.value.message == said


def test_a_derivative_is_by_a_name() -> None:
    with pytest.raises(TypeError, match="by a name, which is a text such as 'x', not by 3"):
        derivatives(parse("x"), (3,))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    ["max(a, b, c, d, f, g, h)", "min(p, q, r, s, t, u, v, w)", "max(min(a, b), min(c, d), min(f, g))",
     "exp(max(a, b, c, d, f, g))*min(g, f, d, c, b, a)", "max(log(a), sin(b), sqrt(c), d, f, g)"],
)  # fmt: skip
def test_the_arguments_of_max_that_stay_are_not_put_in_order(text: str) -> None:
    formula = parse(text)
    found = prove(formula, [*free_names(formula)])
    assert all(equality.proved and equality.cells <= 30 for equality in found.values())


@pytest.mark.parametrize("text", ["e^x", "e^(x*y) + 1", "x*sin(pi)", "cos(tau)^x*y"])
def test_constants_are_no_variables_in_a_proof(text: str) -> None:
    assert all(found.proved for found in prove(parse(text), ["x"]).values())


def test_the_rest_of_a_max_is_no_excuse_for_a_wrong_derivative() -> None:
    formula, wrong = parse("max(a, b, c, d)"), parse("if(a >= max(b, c), 1, 0)")
    work = Work(5)
    assert not _proved(formula, "a", wrong, free_names(formula), work).proved
    assert _proved(formula, "a", parse("if(a >= max(d, b, c), 1, 0)"), free_names(formula), work).proved


@pytest.mark.parametrize(
    ("text", "order", "at", "value"),
    [("tan(x)", 13, 0, 22368256), ("sec(x)", 12, 0, 2702765), ("tanh(x)", 15, 0, -1903757312),
     ("x^x", 10, 1, 47160), ("softplus(x)", 12, 0, Fraction(-691, 8))],
)  # fmt: skip
def test_terms_of_high_orders_are_collected(text: str, order: int, at: int, value: float) -> None:
    found = derivative(parse(text), "x", order)
    assert len(expression(found, 100_000)) < 4_000
    assert evaluate(found, {"x": at}, certified=True) == pytest.approx(float(value))


@pytest.mark.parametrize(
    ("text", "at", "slope"),
    [("exp(1000000*x)/(1 + exp(x))", 0, "499999.75"), ("x^1000000/(1 + x)", 1, "499999.75"),
     ("1/(x^99999 + 1) + x", 1, "-24998.75")],
)  # fmt: skip
def test_what_has_a_huge_degree_is_not_put_over_one_denominator(text: str, at: int, slope: str) -> None:
    """The slopes are a/2 - 1/4 and 1 - a/4, by hand."""
    assert evaluate(derivative(parse(text), "x"), {"x": at}, certified=True) == float(slope)


def test_a_power_with_a_constant_exponent_is_one_power() -> None:
    for text, wanted in (("t^pi", "pi*t^(pi - 1)"), ("(1 + t)^sqrt(3)", "sqrt(3)*(1 + t)^(sqrt(3) - 1)")):
        found = derivative(parse(text), "t")
        assert "/" not in expression(found)
        assert evaluate(found, {"t": 2}) == pytest.approx(evaluate(wanted, {"t": 2}))


@pytest.mark.parametrize(
    ("text", "order", "shown"),
    [
        ("max(x, 0)^2", 2, "if(x >= 0, 2, 0)"),
        ("relu(x)^3*sin(x)", 3, "if(x > 0, -9*relu(x)^2*sin(x) + 18*relu(x)*cos(x) + 6*sin(x), 0) - relu(x)^3*cos(x)"),
        ("relu(x) + relu(x)^2 + x", 1, "if(x > 0, 2*relu(x) + 1, 0) + 1"),
        ("if(x > 0, if(x > 0, x^2, y), if(x > 0, y, x^3))", 1, "if(x > 0, 2*x, 3*x^2)"),
        ("if(x > 0, if(y > 0, x^2, x), 1)", 1, "if(x > 0, if(y > 0, 2*x, 1), 0)"),
        ("if(x > 0, x*if(x <= 0, x, x^2), if(y > 0, x, 2*x))", 1, None),
    ],
)
def test_a_condition_is_asked_once(text: str, order: int, shown: str | None) -> None:
    found = derivatives(parse(text), ("x",), order)["x"]
    assert shown is None or expression(found) == shown
    ours = our_derivative(prepare(text), "x", order)
    for x in (-1.5, 0.75, 2.0):
        values = [evaluate(form, {"x": x, "y": 0.5}, certified=True) for form in (found, ours)]
        assert values[0] == values[1]


_MEANT = {"<": lt, "<=": le, ">": gt, ">=": ge, "==": eq, "!=": ne}


def test_comparisons_are_decided_between_numbers_and_between_the_same() -> None:
    x = sympy.Symbol("x", real=True)
    numbers = [sympy.Rational(-1, 3), sympy.Integer(0), sympy.Rational(5, 2)]
    for sign, made in COMPARISONS.items():
        meant = _MEANT[sign]
        assert made(x, x) == sympy.sympify(meant(0, 0))
        assert not isinstance(made(x, 0), sympy.logic.boolalg.BooleanAtom)
        for a, b in product(numbers, repeat=2):
            assert made(a, b) == sympy.sympify(bool(meant(a, b)))
            assert made(x, 0).given(int(sympy.sign(a - b))) == sympy.sympify(bool(meant(a, b)))


def test_what_sympy_is_not_told_of_jumps_and_choices() -> None:
    """All are real and none is known to be 0 or not, or whole: what sympy knew of them it would use at their jumps."""
    x, y = sympy.symbols("x y", real=True)
    less = COMPARISONS["<"](x, y)
    for part in (
        Choice((x, less), (y, sympy.true)),
        Floor(x),
        Sign(x),
        Choice((x - y, less), (sympy.S.Zero, sympy.true)),
    ):
        assert part.is_real
        assert part.is_zero is None
    assert Sign(x).is_integer is None


def test_numbers_and_constants_in_sympy() -> None:
    assert number_of(Fraction(-3, 7)) == sympy.Rational(-3, 7)
    tiny = Fraction(1, 10**300)
    assert isinstance(number_of(tiny), Constant)
    assert number_of(-tiny) == -number_of(tiny)
    assert number_of(Fraction(0)) == 0
    sine = SYMBOL.function(TABLE["sin"])
    assert [sine(sympy.pi / 6), isinstance(sine(sympy.Integer(2)), Constant)] == [sympy.Rational(1, 2), True]
    less = SYMBOL.function(TABLE["<"])
    assert [less(sympy.Integer(2), sympy.Integer(3)), less(sympy.pi, sympy.Integer(3))] == [sympy.true, sympy.false]


def test_where_numbers_are_too_long_for_sympy(monkeypatch: pytest.MonkeyPatch) -> None:
    assert number_of(Fraction(2 ** (LONG_NUMBER - 1))) == 2 ** (LONG_NUMBER - 1)
    assert isinstance(number_of(Fraction(2**LONG_NUMBER)), Constant)
    assert to_sympy(parse("sigmoid(0)*x")) == X / 2  # and which are worked out
    assert not to_sympy(parse("exp(20001)*x")).has(sympy.exp)  # by which sympy would take a part of it away
    with pytest.raises(LimitError, match="exact power"):
        power_of(2 * X, sympy.Integer(2 * LIMITS.exponent))
    monkeypatch.setattr("gradcalc.symbolic.symbols.LONGEST", 10)  # characters of a constant whose sign is looked at
    for number, told in (("sin(1)^2 - sin(3)", False), ("sin(1)", True)):
        assert isinstance(to_sympy(parse(f"if({number} > 0, x, 0)")), Choice) != told


def test_what_is_no_rational_function_is_one_symbol_in_it() -> None:
    for power, kept in ((12, []), (-12, []), (13, [(X + 1) ** 13])):
        made, parts = _frozen((X + 1) ** power)
        assert ([*parts.values()], made.subs(parts)) == (kept, (X + 1) ** power)
    made, parts = _frozen(sympy.exp(-12 * X) + sympy.exp(X))
    assert [*parts.values()] == [sympy.exp(X)]
    assert made.subs(parts) == sympy.exp(-12 * X) + sympy.exp(X)


def test_a_form_gives_way_to_one_that_is_so_much_shorter() -> None:
    a, b, c, d, h = sympy.symbols("a b c d h", real=True)
    each = (X * a + X * b + X * c + X * d) * h
    for outer, put_outside in ((sympy.sin(d + a * b + c * h), True), (sympy.sin(d + a), False)):  # 11 of 14, 8 of 11
        assert shortened(each * outer) == (X * h * (a + b + c + d) if put_outside else each) * outer


def test_what_grows_heavy_on_the_way_is_differentiated_on_from_there(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "x^2*sin(x)*exp(x)"
    light = nodes(to_sympy(parse(text)), 10**6)
    monkeypatch.setattr("gradcalc.symbolic.derive.HERE", light)
    orders = []

    def ask(call: Any, found: Any, order: int, *more: int, seconds: float) -> Any:
        orders.append(order)
        return call(found, order, *more)

    monkeypatch.setattr("gradcalc.symbolic.derive.WORKER.ask", ask)
    for order in (1, 2, 3):
        found = evaluate(derivative(parse(text), "x", order=order), {"x": 0.7})
        assert found == pytest.approx(float(mpmath.diff(lambda x: x**2 * mpmath.sin(x) * mpmath.exp(x), 0.7, order)))
    assert set(orders) == {1, 2}  # what is left after the first


@pytest.mark.parametrize(("text", "order"), [("x^y", 3), ("tan(x)", 5)])
def test_a_derivative_reads_the_same_wherever_it_was_made(
    text: str, order: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gradcalc.symbolic.derive.WORKER.ask", lambda call, *args, seconds: call(*args))
    made = set()
    for here in (0, nodes(to_sympy(parse(text)), 10**6), 10**6):  # nothing of it here, the first order, all
        monkeypatch.setattr("gradcalc.symbolic.derive.HERE", here)
        made.add(str(derivatives(parse(text), ("x",), order=order)["x"]))
    assert len(made) == 1


def test_both_derivatives_are_held_against_each_other_at_points(monkeypatch: pytest.MonkeyPatch) -> None:
    def held(formula: str, **derivatives: str) -> dict[str, tuple[int, str]]:
        found = hold(parse(formula), {name: parse(text) for name, text in derivatives.items()})
        return {name: (each.points, each.difference) for name, each in found.items()}

    assert held("sin(x)*y", x="y*cos(x)", y="sin(x)") == dict.fromkeys("xy", (POINTS, ""))
    assert held("x*y", x="y") == {"x": (POINTS, "")}
    assert held("sin(e)", e="cos(e)") == {"e": (POINTS, "")}  # a letter that is a variable where it is asked for
    for formula, slope in (("log(x)", "1/x"), ("x^3", "3*x^2 + 0*log(x)")):  # without a value at some
        assert held(formula, x=slope) == {"x": (POINTS, "")}
    assert held("max(2*x, x + x)", x="2") == {"x": (0, "")}  # where equals are compared, our partials are conventions
    assert held("sin(3*x) + x^5 + x^7 + x^8", x="3*cos(3*x) + 5*x^4 + 7*x^6 + 8*x^7") == {"x": (17, "")}  # and beside 3
    for formula, bits in (("pi*x^2", 128), ("if(log(1 + 1e-45) > 0, pi*x^2, 0)", 1024)):
        at, ours, theirs = re.fullmatch(
            r"at x=(\S+): chain rule (\S+), sympy (\S+)", held(formula, x="3*pi*x")["x"][1]
        ).groups()
        right = 2 * mpmath.pi * float(at)
        assert (float(ours), float(theirs)) == pytest.approx((right, 1.5 * right), rel=1e-6), bits
    assert held("sum(x^k, k=1..n)", x="sum(k*x^(k - 1) + x, k=1..n)")["x"][1].startswith("with n=1 at x=")
    assert held("sum(x^k, k=1..n)", x="sum(k*x^(k - 1), k=1..n)")["x"][1] == ""
    for work, points in ((0, POINTS // 4), (32, 8)):  # of 4 nodes at each point
        monkeypatch.setattr(referee, "_WORK", work)
        assert held("sin(x)", x="cos(x)") == {"x": (points, "")}


def test_the_signs_of_constants() -> None:
    signs = {"sqrt(2) - 1": 1, "sqrt(2) - 3": -1, "exp(-3000)": 1, "sin(1)^2 + cos(1)^2 - 1": 0, "log(-1)": 0, "0": 0}
    assert {constant: _sign.__wrapped__(constant) for constant in signs} == signs


X, Y = sympy.symbols("x y", real=True)


@pytest.mark.parametrize(
    ("row", "args", "shown"),
    [
        # as the row writes it, where that is equal to sympy's own
        (
            Function("f(x)", definition="sin(x)^2", partials=("2*sin(x)*cos(x)",), taught=("sin(2*x)",)),
            (X,),
            "sin(2*x)",
        ),
        (Function("f(x, y)", definition="sin(x)^2", partials=("sin(2*x)", "0")), (X, Y), "sin(2*x)"),
        # numbers among the arguments stand for themselves
        (
            Function("f(x, y)", definition="y*sin(x)^2", partials=("y*sin(2*x)", "sin(x)^2")),
            (X, sympy.Rational(2, 3)),
            "2*sin(2*x)/3",
        ),
        # sympy's own, where a row is wrong, or says it by cases
        (Function("f(x)", definition="x^3", partials=("2*x^2",)), (X,), "3*x**2"),
        (Function("f(x)", definition="x^3", partials=("if(x > 0, 3*x^2, 3*x^2)",)), (X,), "3*x**2"),
        (Function("f(x)", definition="abs(x)^3", partials=("2*x",)), (X,), "3*x*Abs(x)"),
    ],
)
def test_a_slope_is_what_a_row_writes_where_sympy_says_the_same(
    row: Function, args: tuple[Any, ...], shown: str
) -> None:
    assert str(slope_of_row(row, 0, args)) == shown


def test_the_weight_of_a_fraction_is_the_number_of_its_terms() -> None:
    a, b, c, d, h = sympy.symbols("a b c d h")
    powers = [(a + b) ** n for n in (1, 2, 5, -1, -3)] + [(a + b + c) ** n for n in (2, -5)]
    sums = [1 / (a + b) + 1 / (c + d), a / (b + 1) + c / (d + h), (a + b) ** 2 + c]
    products = [(a + b + 1) * (c + d), (a + b + 1) ** 2 * (c + d + h), (a + b) ** 3 / (c + d) ** 2]
    for expr in (a, 1 / a, *powers, *sums, *products):
        parts = map(sympy.expand, sympy.fraction(sympy.together(expr)))
        assert weight(expr) == sum(len(sympy.Add.make_args(part)) for part in parts), expr
    assert weight(a**60) == 2
    assert weight((a + b) ** 60) > 10**8  # which is not counted


def test_a_large_order_is_no_sum_of_so_many_terms() -> None:
    """mpmath: x^999*exp(-x)/gamma(1000) at 1000; sympy would write the function out in 1000 terms."""
    value = evaluate(derivative(parse("gammainc(1000, x)"), "x"), {"x": 1000}, certified=True)
    assert mpmath.almosteq(value, mpmath.exp(999 * mpmath.log(1000) - 1000 - mpmath.loggamma(1000)), 1e-12)


@pytest.mark.parametrize("number", ["300!", "gamma(300)", "gamma(150.5)", "binomial(3000, 1500)"])
def test_a_number_of_many_digits_is_shown_as_it_was_written(number: str) -> None:
    formula = parse(f"x^2*{number}")
    assert str(derivative(formula, "x")) == f"2*{number}*x"
    assert check_derivative(formula, "x", f"2*x*{number}").verdict == "proved"
    assert str(derivative(parse("x^2*20!"), "x")) == "4865804016353280000*x"


OF_CONSTANTS = {
    1: [(each,) for each in ("-2", "-1", "-1/2", "0", "1/2", "1", "2")],
    2: [*product(("0", "1/2", "1", "2"), repeat=2)],
    3: [("1/2", "1", "2"), ("1", "2", "1/2"), ("0", "1", "2"), ("2", "2", "0")],
}


def test_a_row_has_the_value_at_constants_that_it_has_in_numbers() -> None:
    """Before, `sinc(0)` had none, as `sin(0)/0` has none, and derivatives that rows stand for had none anywhere."""
    told = 0
    for row in (row for row in TABLE.values() if row.name.isidentifier() and not row.condition):
        for args in OF_CONSTANTS[len(row.params)] if row.name not in ("if", "diff", "neg") else ():
            text = f"{row.name}({', '.join(args)})"
            try:
                value = evaluate(text, {})
            except (FormulaError, ValueError):
                continue
            found = derivatives(parse(f"x*{text}"), ("x",))["x"]
            assert evaluate(found, dict.fromkeys(found.names, 1)) == pytest.approx(value, rel=1e-9), text
            told += 1
    assert told > 500


def test_what_is_met_exactly_is_within_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LIMITS, "factorial", 10)
    monkeypatch.setattr(LIMITS, "exponent", 100)
    assert [to_sympy(parse(text)) for text in ("10!", "2^100")] == [3628800, 2**100]
    assert to_sympy(parse("exp(100*log(2*x))")) == 2**100 * X**100  # of a larger one nobody waits for the digits
    for text in ("11!", "2^101", "exp(101*log(2*x))", "e^(y - 101*log(x/2))", "(2*x)^101"):
        with pytest.raises(LimitError):
            to_sympy(parse(text))
    longest = 2**LONG_NUMBER - 1
    assert number_of(Fraction(longest)) == longest
    assert not number_of(Fraction(longest + 1)).is_Rational


@pytest.mark.parametrize("text", ["x*atanh(-1)", "x + erfinv(-1)", "max(x, atanh(-1))", "x^atanh(-1)"])
def test_what_is_minus_infinity_has_no_derivative(text):
    with pytest.raises(SymbolicError, match="has no value"):
        derivative(text, "x")
