"""Rows that users write: what is accepted works everywhere, what is not is refused in words."""

from __future__ import annotations

import functools
import gc as garbage
import math
from dataclasses import replace
from typing import Any

import pytest

import gradcalc as gc
from gradcalc.judge.claims.result import asserted
from gradcalc.judge.claims.statements import statements
from gradcalc.proofs.summands import prove_by_summands
from gradcalc.work import Work

AT = {"x": 2, "y": 3}


def use(formula: str = "f(x)", **fields: Any) -> gc.Formula:
    return gc.parse(formula, functions=[gc.Function(**{"name": "f", **fields})])


# ---- rows that are right


@pytest.mark.parametrize(
    ("fields", "value", "slope"),
    [
        ({"definition": "x^3", "partials": ("3*x^2",)}, 8, 12),
        ({"definition": "x^3", "partials": ("3*x^2",), "value": lambda x: x**3}, 8, 12),
        ({"definition": gc.parse("x^3"), "partials": ("3*x^2",)}, 8, 12),
        ({"definition": gc.parse("x^3")}, 8, 12),
        ({"definition": "2x"}, 4, 2),
        ({"definition": "2x", "partials": ("2",)}, 4, 2),
        ({"definition": "x²", "partials": ("2x",)}, 4, 4),
        ({"definition": "(x + 1)!", "partials": ("out*digamma(x + 2)",)}, 6, 6 * 1.2561176684318005),
        ({"definition": "log(x, 2)", "partials": ("1/x/ln(2)",)}, 1, 0.5 / math.log(2)),
        ({"definition": "if(not x > 1, 1, x^2)"}, 4, 4),
        ({"definition": "if(not x > 1, 1, x^2)", "partials": ("if(not x > 1, 0, 2*x)",), "smooth": False}, 4, 4),
        ({"definition": "diff(x^3, x)"}, 12, 12),
        ({"definition": "g(t) = t^2; a = g(x); a + 1"}, 5, 4),
        ({"definition": "007*x", "partials": ("7",)}, 14, 7),
        ({"definition": "3.14159265358979323846*x - pi*x", "partials": ("1e-21",)}, 0, None),
        ({"definition": "lambda^2", "params": ("lambda",)}, 4, 4),
        ({"definition": "α^2", "params": ("α",), "partials": ("2α",)}, 4, 4),
        ({"definition": "+".join(["x"] * 100), "partials": ("100",)}, 200, 100),
        ({"definition": "+".join(["x"] * 1000)}, 2000, 1000),
    ],
)
def test_right_rows_work_over_floats_and_balls(fields: dict[str, Any], value: float, slope: float | None) -> None:
    formula = use(**fields)
    close = pytest.approx(value, rel=1e-14, abs=1e-15)
    assert gc.evaluate(formula, AT) == close
    assert gc.evaluate(formula, AT, certified=True) == close
    if slope is not None:
        expected = {"x": pytest.approx(slope, rel=1e-14)}
        assert gc.grad(formula, AT) == expected
        assert gc.grad(formula, AT, certified=True) == expected
        assert gc.agreement(formula, AT, prove=False)


def test_numbers_in_the_texts_of_a_row_are_exact() -> None:
    digits = "3.14159265358979323846264338327950288419716939937510582"
    formula = use("(f(x) - pi*x)*1e40", definition=f"{digits}*x", partials=(digits,))
    assert gc.evaluate(formula, {"x": 1}, certified=True) == pytest.approx(-9.74944592307816e-15, rel=1e-6)


def test_several_parameters() -> None:
    fields: dict[str, Any] = {"params": ("a", "b"), "definition": "a^2*b"}
    assert gc.grad(use("f(x, y)", **fields, partials=("2*a*b", "a^2")), AT) == {"x": 12, "y": 4}
    partial = use("f(x, 3)", **fields, partials=("2*a*b", None))
    assert gc.grad(partial, AT) == {"x": 12}
    with pytest.raises(gc.NotDifferentiableError):
        gc.grad(use("f(x, y)", **fields, partials=("2*a*b", None)), AT)


def test_a_row_that_takes_any_number_of_arguments() -> None:
    fields: dict[str, Any] = {"params": ("x", "y"), "variadic": True, "smooth": False, "value": max}
    formula = use("f(x, y, 1)", **fields, definition="if(x >= y, x, y)", partials=("if(x == out, tie, 0)",))
    assert gc.value_and_grad(formula, AT) == (3, {"x": 0, "y": 1})
    assert gc.value_and_grad(formula, AT, certified=True) == (3, {"x": 0, "y": 1})


@pytest.mark.parametrize("partials", [(), ("e*x^(e - 1)",)])
@pytest.mark.parametrize("formula", ["f(x)*e", "diff(f(x), x)*e"])
def test_e_in_a_row_is_eulers_number(formula: str, partials: tuple[str, ...]) -> None:
    parsed = use(formula, definition="x^e", partials=partials)
    plain = "x^exp(1)*e" if formula == "f(x)*e" else "diff(x^exp(1), x)*e"
    assert gc.evaluate(parsed, {"x": 2, "e": 3}) == pytest.approx(gc.evaluate(plain, {"x": 2, "e": 3}), rel=1e-15)


def test_a_row_is_read_once() -> None:
    row = gc.Function(name="f", definition="2x", partials=("2",))
    first, second = (gc.parse("f(x)", functions=[row]) for _ in range(2))
    assert first.function is second.function  # type: ignore[attr-defined]


# ---- rows that are refused

REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"definition": "x", "name": "a b"}, "not a name"),
    ({"definition": "x", "name": "2f"}, "not a name"),
    ({"definition": "x", "name": 5}, "not a name"),
    ({"definition": "x", "name": "and"}, "nothing can be called 'and'"),
    ({"definition": "x", "name": "pi"}, "nothing can be called 'pi'"),
    ({"definition": "x", "name": "sin"}, "built in"),
    ({"definition": "x", "name": "ln"}, "built in"),
    ({"definition": "x", "name": "if"}, "built in"),
    ({"definition": "x", "name": "diff"}, "built in"),
    ({"definition": "x", "name": "neg"}, "built in"),
    ({"definition": "x", "name": "diff_n"}, "built in"),
    ({"definition": "x", "spelling": "cos"}, "built in"),
    ({"definition": "x", "params": "x"}, "params must be a tuple"),
    ({"definition": "1", "params": ()}, "params must be a tuple"),
    ({"definition": "x", "params": ("x", "x")}, "stands twice"),
    ({"definition": "x", "params": ("x-y",)}, "not a name"),
    ({"definition": "out", "params": ("out",)}, "cannot be called out"),
    ({"definition": "tie", "params": ("tie",), "partials": ("1",)}, "cannot be called tie"),
    ({"definition": "lambda", "params": ("lambda",), "partials": ("1",)}, "cannot be called 'lambda'"),
    ({"definition": "_x1", "params": ("_x1",), "partials": ("1",)}, "cannot be called '_x1'"),
    ({"definition": "2*x", "partials": "2"}, "partials must be a tuple"),
    ({"definition": "2*x", "partials": ["2"]}, "partials must be a tuple"),
    ({"definition": "2*x", "partials": (2,)}, "partials must be a tuple"),
    ({"definition": "2*x", "partials": ("2", "2")}, "partials has 2, params 1"),
    ({"definition": "2*x", "partials": ("2*",)}, r"in its partials, '\*' has nothing on its right"),
    ({"definition": "2**", "partials": ("2",)}, "in its definition"),
    ({"definition": "2*x", "partials": ("y",)}, "its partials uses 'y'"),
    ({"definition": "x*y"}, "its definition uses 'y'"),
    ({"definition": "out", "partials": ("1",)}, "its definition uses 'out'"),
    ({"definition": "x", "partials": ("1",), "domain": "y > 0"}, "its domain uses 'y'"),
    ({"definition": "x", "domain": "x >"}, "in its domain"),
    ({"definition": "x", "domain": "x"}, "its domain must be a condition"),
    ({"definition": "x > 0"}, "its definition must be a number"),
    ({"definition": "if(x, 1, 2)", "partials": ("0",)}, "a condition is needed here"),
    ({"definition": "nosuch(x)"}, "unknown function 'nosuch'"),
    ({"definition": "f(x)"}, "a function cannot use itself"),
    ({"definition": "f(x)", "partials": ("1",)}, "a function cannot use itself"),
    ({"definition": "diff(x^2, x)", "partials": ("2",)}, "without diff"),
    ({"definition": gc.parse("a = x^2; a + 1"), "partials": ("2*x",)}, "built-in functions"),
    ({"definition": gc.parse("g(t) = t^2; g(x)"), "partials": ("2*x",)}, "built-in functions"),
    ({"definition": "+".join(["x"] * 1000), "partials": ("1000",)}, "too large"),
    ({"definition": 5}, "definition must be a text"),
    ({"definition": None}, "nothing to compute it by"),
    ({}, "nothing to compute it by"),
    ({"value": 5}, "value must be a Python function"),
    ({"value": math.sin, "ball": "sin"}, "ball must be a Python function"),
    ({"value": abs, "partials": ("1",), "smooth": False}, "not smooth"),
    ({"definition": "x", "symbol": "@"}, "operators and conditions"),
    ({"definition": "x", "condition": True}, "operators and conditions"),
    ({"definition": "abs(x)", "kinks": ("x",)}, "kinks are told of built-in functions alone"),
    ({"definition": "x + y", "params": ("x", "y"), "variadic": True}, "variadic needs"),
]


@pytest.mark.parametrize(("fields", "message"), REFUSED)
def test_wrong_rows_are_refused_in_words(fields: dict[str, Any], message: str) -> None:
    for formula in ("f(x)", "x"):
        with pytest.raises(gc.FormulaError, match=message):
            use(formula, **fields)


def test_what_is_no_row_is_a_type_error() -> None:
    with pytest.raises(TypeError, match=r"gradcalc\.Function"):
        gc.parse("x", functions=["f"])  # type: ignore[list-item]


def test_functions_of_a_program_are_not_built_in_either() -> None:
    assert gc.evaluate("g(out) = out^2; h(lambda) = lambda + 1; g(3) + h(1)") == 11
    with pytest.raises(gc.FormulaSyntaxError, match="built in"):
        gc.parse("diff_n(a, b, c) = a; diff_n(1, 2, 3)")


# ---- functions in Python


def test_a_value_without_a_definition_is_for_floats() -> None:
    formula = use("1 + f(x)", value=lambda x: x * x, partials=("2*x",))
    assert gc.value_and_grad(formula, AT) == (5, {"x": 4})
    assert gc.hessian(formula, AT) == {"x": {"x": 2}}
    for exact in (gc.certify, gc.agreement):
        with pytest.raises(gc.UndecidedError, match="f has no definition to compute in balls") as caught:
            exact(formula, AT)
        assert (caught.value.start, caught.value.end) == (4, 5)
    assert gc.agreement(formula).verdict == "undecided"


def test_a_value_alone_has_no_derivative() -> None:
    assert gc.value_and_grad(use("f(5)*x", value=math.gamma), AT) == (48, {"x": 24})
    assert gc.evaluate(use(value=math.gamma), {"x": 5}) == 24
    with pytest.raises(gc.NotDifferentiableError):
        gc.grad(use(value=math.gamma), AT)
    with pytest.raises(gc.FormulaError, match="no derivative with respect to x"):
        gc.evaluate(use("diff(f(x), x)", value=math.gamma), AT)


def _fails(error: Exception) -> Any:
    def value(x: float) -> float:
        raise error

    return value


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (_fails(KeyError("k")), "f failed: KeyError: 'k'"),
        (_fails(RuntimeError("no")), "f failed: RuntimeError: no"),
        (_fails(AssertionError()), "f failed: AssertionError"),
        (lambda: 1, "f failed: TypeError: .*positional"),
        (lambda x: None, "f failed: TypeError: its result is None"),
        (lambda x: 1j, "f failed: TypeError: its result is 1j"),
        (lambda x: "3", "f failed: TypeError: its result is '3'"),
        (lambda x: [x], "f failed: TypeError: its result is"),
        (lambda x: math.nan, "f failed: TypeError: its result is nan"),
        (lambda x: 10**400, "f overflows at 2"),
        (lambda x: math.inf, "larger than any double"),
    ],
)
def test_what_goes_wrong_in_a_users_value_names_the_function(value: Any, message: str) -> None:
    formula = use("1 + f(x)", value=value, partials=("1",))
    for function in (gc.evaluate, gc.grad, gc.hessian):
        with pytest.raises(gc.UndefinedError, match=message) as caught:
            function(formula, AT)
        assert caught.value.end > caught.value.start


@pytest.mark.parametrize("error", [ZeroDivisionError("0"), ValueError("domain"), ArithmeticError("?")])
def test_arithmetic_errors_of_a_users_value(error: Exception) -> None:
    formula = use(value=_fails(error), partials=("1",))
    with pytest.raises(gc.UndecidedError, match=r"the value of f\(x\) at x = 2"):
        gc.evaluate(formula, AT)
    for domain in ("x > 3", "log(-x) > 0"):
        with pytest.raises(gc.UndefinedError, match="f needs"):
            gc.evaluate(use(value=_fails(error), partials=("1",), domain=domain), AT)


def test_a_users_ball_gives_balls() -> None:
    formula = use(value=math.sin, ball=lambda x: x.sin(), partials=("cos(x)",))
    assert gc.grad(formula, AT, certified=True) == {"x": math.cos(2)}
    with pytest.raises(gc.UndefinedError, match=r"f failed: TypeError: its result is 1.0, not a ball"):
        gc.certify(use(value=math.sin, ball=lambda x: 1.0, partials=("cos(x)",)), AT)


def test_a_users_domain_and_aliases_are_kept() -> None:
    written_out = gc.Function(name="f", definition="sin(x)", domain="x > 0", aliases=("g",))
    row = replace(written_out, value=math.sin, partials=("cos(x)",))
    for f in (gc.parse("g(x) + f(x)", functions=[one]) for one in (row, written_out)):
        assert gc.evaluate(f, {"x": 1}) == 2 * math.sin(1)
        for certified in (False, True):
            with pytest.raises(gc.UndefinedError, match="f needs x > 0, but its argument is -1"):
                gc.grad(f, {"x": -1}, certified=certified)
    with pytest.raises(gc.FormulaError, match="built in"):
        gc.parse("h(1)", functions=[gc.Function(name="h", definition="x", aliases=("ln",))])
    with pytest.raises(gc.FormulaError, match="aliases must be a tuple of names"):
        gc.parse("h(1)", functions=[gc.Function(name="h", definition="x", aliases="g")])  # type: ignore[arg-type]


def test_a_name_that_sympy_does_not_have() -> None:
    row = gc.Function(name="f", value=math.sin, partials=("cos(x)",), definition="sin(x)", sympy="no_such_function")
    result = gc.agreement(gc.parse("f(x)", functions=[row]), {"x": 1})
    assert result.verdict == "undecided"
    assert "sympy.no_such_function" in result.findings[0].reason


def test_what_is_written_in_python_has_no_certificate() -> None:
    found = gc.check_derivative(use(ball=lambda x: x * x, partials=("2*x",)), "x", "2*x")
    assert found.verdict == "proved"
    with pytest.raises(ValueError, match="no place for functions written in Python"):
        found.data()


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"value": lambda x: x * x}, "f has no definition to compute in balls"),
        ({"ball": lambda x: x * x}, "the row of f is wrong: at x=1 d/dx is 3, right is 2"),
        ({"definition": "x^2", "sympy": "no_such"}, "the row of f is wrong: at x=1 d/dx is 3, right is 2"),
        ({"ball": lambda x: 3 * x * x / 2}, ""),
    ],
)
def test_nothing_is_proved_or_refuted_by_partials_that_are_no_derivatives(fields: dict[str, Any], reason: str) -> None:
    for text, claim in (("f(x)", "{}*x"), ("g(t) = f(t); sum(g(x)*k, k=1..n)", "sum({}*x*k, k=1..n)")):
        formula = use(text, partials=("3*x",), **fields)
        for factor in (3, 2):  # the partials have the one, and the value may have the other
            found = gc.check_derivative(formula, "x", claim.format(factor))
            verdict = "undecided" if reason else "proved" if factor == 3 else "wrong"
            assert (found.verdict, found.reason if reason else "") == (verdict, reason)


# ---- functions that are true or false


@pytest.mark.parametrize("text", ["f(x) + 1", "f(f(x))", "g(x)", "if(x > 0, f(x), x)", "sin(g(x))"])
def test_a_function_that_is_true_or_false_is_no_number(text):
    with pytest.raises(gc.FormulaError, match=r"a condition (is not a number|has no value)"):
        gc.grad(f"f(x) = x > 1; g(y) = f(2*y); {text}", {"x": 2})


@pytest.mark.parametrize(("text", "slope"), [("if(f(x), x^2, 5*x)", 4), ("if(g(x) and x < 1, x, 5*x)", 5)])
def test_a_function_that_is_true_or_false_chooses(text, slope):
    assert gc.grad(f"f(x) = x > 1; g(y) = f(2*y); {text}", {"x": 2}) == {"x": slope}


# ---- what is kept of them


def kept_for_good() -> dict[str, int]:
    """How much each cache without a bound keeps."""
    garbage.collect()
    found = (each for each in garbage.get_objects() if isinstance(each, functools._lru_cache_wrapper))
    ours = (each for each in found if each.__module__.startswith("gradcalc."))
    return {
        f"{each.__module__}.{each.__qualname__}": each.cache_info().currsize
        for each in ours
        if each.cache_parameters()["maxsize"] is None
    }


def test_no_functions_of_users_are_kept_for_good() -> None:
    s, c = math.sin(2), math.cos(2)

    def ask(k: int) -> None:
        formula = use(f"f(x)^2 + x/{k}", definition=f"x^2*sin(x) + {k}", partials=("2*x*sin(x) + x^2*cos(x)",))
        assert gc.check_derivative(formula, "x", gc.parse("x")).verdict == "wrong"
        assert gc.certify(formula, {"x": 2}).value is not None
        assert math.isclose(gc.grad(formula, {"x": 2})["x"], 2 * (4 * s + k) * (4 * s + 4 * c) + 1 / k)
        largest = ", ".join(f"x{i}" for i in range(k))
        assert gc.grad(f"max({largest})", {f"x{i}": i for i in range(k)})[f"x{k - 1}"] == 1
        of_python = (eval(f"lambda x: {text} + {k}*x", {"sin": math.sin}) for text in ("x*x", "x"))
        assert gc.check_gradient(*of_python, at={"x": 2}).verdict == "wrong"

    for k in (3, 4):
        ask(k)
    before = kept_for_good()
    for k in (5, 6):
        ask(k)
    assert {name: size for name, size in kept_for_good().items() if size > before.get(name, 0)} == {}


@pytest.mark.parametrize("off", ["if(x > 1e300, 1, 0)", "if(x > 137 and x < 137.001, x, 0)"])
def test_what_is_the_derivative_by_the_partials_is_to_be_so_by_the_definition(off: str) -> None:
    """Hardly any point shows that a claim is that of the wrong partials alone; no more so where other terms have kinks,
    and each is shown on its own."""
    for partial, right in (("3*x^2", True), (f"3*x^2 + {off}", False)):
        row = gc.Function(name="f", definition="x^3", partials=(partial,))
        for kinks, slopes in (("", ""), (" + abs(x - 1) + abs(x - 2)", " + sign(x - 1) + sign(x - 2)")):
            asked = asserted(f"f(x){kinks}", "x", f"{partial}{slopes}", functions=[row])
            proofs = [prove_by_summands(claimed, Work(5)) for claimed in statements(asked, ("x",), ())]
            assert [bool(proof) for proof in proofs] == [True, right]


def test_the_least_fault_of_a_rows_own_partials_is_held_against_no_claim() -> None:
    """Which is right by the definition: exact algebra alone tells the 1 beside 3e600 in either."""
    row = gc.Function(name="f", definition="x^3", partials=("3*x^2 + if(x > 1e300, 1, 0)",))
    found = gc.check_derivative("f(x)", "x", "3*x^2", functions=[row])
    assert found.verdict == "undecided"
    assert found.reason.startswith("our chain rule and sympy's derivative differ at x=1")


@pytest.mark.parametrize(
    ("formula", "claim", "verdict", "conditions"),
    [
        ("if(y > 3, x*asin(f(1/2)), x)", "if(y > 3, asin(f(1/2)), 1)", "proved", ()),
        ("if(y > 3, x*abs(f(1/2)), x)", "if(y > 3, abs(f(1/2)), 1)", "proved", ()),
        ("if(y > 3, x*abs(f(1/2)), x)", "if(y > 3, f(1/2), 1)", "agrees", ()),
        ("if(y > 3, x*(atan(f(2)) + atan(y)), 0)", "if(y > 3, atan(f(2)) + pi/2 - atan(1/y), 0)", "proved", ()),
        ("if(y > 3, x/(exp(y*f(2)) - 1), x)", "if(y > 3, 1/(exp(y*f(2)) - 1), 1)", "proved",
         ("exp(y*f(2)) != 1, from x/(exp(y*f(2)) - 1), where y > 3",)),
        ("if(x > 0, f(x), 0)", "if(x > 0, 2*x, 0)", "undecided", ()),
    ],
)  # fmt: skip
def test_nothing_is_known_of_a_row_that_is_not_computed_in_balls(
    formula: str, claim: str, verdict: str, conditions: tuple[str, ...]
) -> None:
    """Or raises there: what is said holds whatever it is."""
    for ball in (None, lambda x: [][x]):
        row = gc.Function(name="f", value=lambda x: x * x, ball=ball, partials=("2*x",))
        found = gc.check_derivative(formula, "x", claim, functions=[row])
        assert (found.verdict, found.conditions) == (verdict, conditions)


@pytest.mark.parametrize("raises", [ValueError, OverflowError, TypeError])
@pytest.mark.parametrize("formula", ["abs(f(3))*x", "abs(x + f(x) - 7)"])
def test_what_a_row_in_balls_raises_is_no_value(formula: str, raises: type[Exception]) -> None:
    def ball(x: Any) -> Any:
        raise raises

    row = gc.Function(name="f", value=lambda x: x * x, ball=ball, partials=("2*x",))
    assert gc.check_derivative(formula, "x", "x", functions=[row]).verdict in ("undecided", "undefined")
