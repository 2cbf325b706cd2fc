"""Formulas as objects: equality, arithmetic, calls, substitution; and that public objects can be sent and copied."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy
import pytest
import sympy
from hypothesis import given
from strategies import formulas

import gradcalc as gc
from gradcalc.language.formula import Call, Formula, Name
from gradcalc.language.functions import TABLE
from gradcalc.language.parser import parse

# ---- equality


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [("x^2+y", "x**2 + (y)", True), ("0.5", "0.50", True), ("x + y", "y + x", False), ("x - 1", "x + (-1)", False),
     ("a = x; a", "x", False), ("a = x; a", "a = x ; a", True), ("g(x) = x^2; g(3)", "g(x)=x^2; g(3)", True),
     ("g(x) = x^2; g(3)", "g(x) = x^3; g(3)", False), ("log(x)", "log(x, 2)", False)],
)  # fmt: skip
def test_formulas_are_equal_where_they_are_the_same_tree(one: str, other: str, equal: bool) -> None:
    left, right = parse(one), parse(other)
    assert (left == right) is equal
    assert (left != right) is not equal
    if equal:
        assert hash(left) == hash(right)
        assert len({left, right}) == 1


def test_a_formula_is_nothing_else() -> None:
    assert parse("2") != 2
    assert parse("x") != "x"


@given(formulas())
def test_what_is_printed_and_read_again_is_equal(drawn: tuple[Formula, object]) -> None:
    formula = drawn[0]
    again = parse(str(formula))
    assert again == formula
    assert hash(again) == hash(formula)


def test_equality_of_large_and_of_shared_formulas() -> None:
    long = "x" + " + x*y" * 20_000
    assert parse(long) == parse(long)
    doubled = "a0 = x; " + "; ".join(f"a{i + 1} = a{i} + a{i}" for i in range(60)) + "; a60"
    assert parse(doubled) == parse(doubled)
    assert hash(parse(doubled)) == hash(parse(doubled))


# ---- arithmetic


def test_operators_make_the_formula_that_would_be_typed() -> None:
    f, g = parse("x^2 + y"), parse("a*b")
    cases = {
        "x^2 + y + a*b": f + g, "x^2 + y - a*b": f - g, "(x^2 + y)*(a*b)": f * g, "(x^2 + y)/(a*b)": f / g,
        "(x^2 + y)^(a*b)": f**g, "-(x^2 + y)": -f, "x^2 + y": +f, "x^2 + y + 2": f + 2, "2 - (x^2 + y)": 2 - f,
        "0.1*(x^2 + y)": 0.1 * f, "(x^2 + y)*1e-20": f * 1e-20, "1/3*(x^2 + y)": Fraction(1, 3) * f,
        "(x^2 + y)*0.25": f * Decimal("0.25"), "2^(x^2 + y)": 2**f, "3*(x^2 + y)": numpy.float64(3) * f,
        "(x^2 + y)^(-2)": f**-2,
    }  # fmt: skip
    for text, made in cases.items():
        assert made == parse(text), text
        assert str(made) == text


def test_a_float_means_the_decimal_that_it_is_typed_as() -> None:
    assert gc.evaluate(parse("x") * 0.1, {"x": 10}, certified=True) == 1.0
    assert (parse("x") + 0.1) == parse("x + 0.1")


@pytest.mark.parametrize("other", ["y", None, [1], 1j, True])
def test_what_is_no_number_is_refused(other: Any) -> None:
    with pytest.raises(TypeError):
        parse("x") + other


def test_infinity_is_refused() -> None:
    with pytest.raises(gc.FormulaError, match="not a real number"):
        parse("x") * float("inf")


def test_a_name_keeps_one_meaning() -> None:
    f, g = parse("a = x^2; a + 1"), parse("a = y; a*2")
    assert str(f + g) == "x^2 + 1 + y*2"
    assert str(f + parse("a*3")) == "x^2 + 1 + a*3"
    assert str(f * f) == "a = x^2; (a + 1)*(a + 1)"
    assert str(parse("h(x) = x; h(t)") + parse("h(x) = x; h(s)")) == "h(x) = x; h(t) + h(s)"
    with pytest.raises(gc.FormulaError, match="two functions are called h"):
        parse("h(x) = x; h(t)") + parse("h(x) = 2*x; h(s)")


# ---- names, calls, substitution


def test_names_are_those_that_need_a_value() -> None:
    assert parse("b*sin(a)*pi + e*tau").names == ("b", "a")
    assert parse("c = a + b; c*d").names == ("a", "b", "d")
    assert parse("2*pi").names == ()


def test_a_formula_is_called_with_values() -> None:
    f = parse("x^2 - y")
    assert f(x=3, y=2) == f(3, 2) == f(3, y=2) == 7.0
    with pytest.raises(gc.MissingValueError):
        f(x=3)
    for args, values in (((1, 2, 3), {}), ((1,), {"x": 2})):
        with pytest.raises(TypeError):
            f(*args, **values)


def test_names_are_replaced_all_at_once() -> None:
    f = parse("x^2 + y")
    assert f.subs(x=2) == f.subs("x", 2) == f.subs({"x": 2}) == parse("2^2 + y")
    assert f.subs(x=parse("y"), y=parse("x")) == parse("y^2 + x")
    assert f.subs(z=3) == f
    assert parse("k = 2; g(t) = k*t*w; g(x)").subs(w=5) == parse("k = 2; g(t) = k*t*5; g(x)")
    with pytest.raises(gc.FormulaError, match="pi is a constant"):
        parse("pi*x").subs(pi=3)
    with pytest.raises(TypeError):
        f.subs(2)


def test_a_name_that_is_differentiated_by_keeps_its_place() -> None:
    f = parse("diff(x^2*y, x)")
    assert f.subs(x=3, y=2)() == 12.0
    with pytest.raises(gc.FormulaError, match="differentiates by x"):
        f.subs(x=parse("x + 1"))


def test_to_sympy_and_back() -> None:
    f = parse("sin(x)^2 + 1/y")
    x, y = sympy.symbols("x y", real=True)
    assert f.to_sympy() == sympy.sin(x) ** 2 + 1 / y == gc.to_sympy(f)
    assert Formula.from_sympy(f.to_sympy()) == gc.from_sympy(sympy.sin(x) ** 2 + 1 / y) == f


# ---- what is sent to other processes


TEXTS = [
    "x^2 + y", "a = x^2; a + a*2", "g(x) = x^2; h(y) = g(y) + 1; h(3)", "sin(x)!", "if(x > 0, x, 0)",
    "g(x) = x^3; g'(2)",
         "diff(x^3, x, 2)", "0.10*x"]  # fmt: skip


@pytest.mark.parametrize("text", TEXTS)
def test_a_formula_is_sent_with_its_places(text: str) -> None:
    formula = parse(text)
    gc.grad(formula, dict.fromkeys(formula.names, 1.5))  # which keeps things on it
    sent = pickle.loads(pickle.dumps(formula))
    assert sent == copy.deepcopy(formula) == formula
    assert str(sent) == text
    assert sent.span == formula.span


def test_deep_formulas_are_sent() -> None:
    formula: Formula = Name("x")
    for _ in range(20_000):
        formula = Call(TABLE["sin"], (formula,))
    assert pickle.loads(pickle.dumps(formula)) == formula
    functions = "f0(x) = x; " + "; ".join(f"f{i + 1}(x) = f{i}(x) + 1" for i in range(3_000)) + "; f3000(2)"
    assert pickle.loads(pickle.dumps(parse(functions))).span.text == "f3000(2)"


def test_rows_are_sent_by_name() -> None:
    for row in TABLE.values():
        assert pickle.loads(pickle.dumps(row)) is copy.deepcopy(row) is copy.copy(row) is row
    cube = gc.Function("cube(x)", "x cubed", definition="x^3", partials=("3*x^2",))
    assert pickle.loads(pickle.dumps(cube)) == cube


AT = {"x": 2.0, "y": 3.0}


def _loss(x: Any) -> Any:
    return x[0] ** 2 + x[1]


def _slope(x: Any) -> Any:
    return numpy.array([2 * x[0], 1.0])


PUBLIC: dict[str, Callable[[], Any]] = {
    "Agreement": lambda: gc.agreement("x^2*sin(y)", AT),
    "Certified": lambda: gc.certify("x^2*sin(y) + abs(x - 2)", AT),
    "Check": lambda: gc.check_derivative("sin(x^2)", "x", "cos(x^2)"),
    "Counterexample": lambda: gc.check_derivative("sin(x^2)", "x", "cos(x^2)").counterexample,
    "Component": lambda: gc.certify("x^2*sin(y)", AT).value,
    "Derivation": lambda: gc.steps("x^2*sin(x)", "x"),
    "Drawing": lambda: gc.draw_formula("x^2*sin(y)", AT),
    "Explanation": lambda: gc.explain("x^2*sin(y)", AT),
    "Formula": lambda: gc.parse("x^2*sin(y)"),
    "Function": lambda: gc.Function("cube(x)", definition="x^3"),
    "FunctionCheck": lambda: gc.check_function(gc.Function("cube(x)", definition="x^3", partials=("3*x^2",))),
    "GradientCheck": lambda: gc.check_gradient(_loss, _slope, [1.0, 2.0]),
    "Finding": lambda: gc.check_gradient(_loss, _slope, [1.0, 2.0]).findings[0],
    "Limits": gc.Limits,
    "Value": lambda: gc.Value(2.0) * 3,
    "Verdict": lambda: gc.Verdict.WRONG,
}
IDENTICAL = {"Certified", "Component", "Explanation", "Value"}  # equal to themselves alone, as balls are


@pytest.mark.parametrize("name", PUBLIC)
def test_public_objects_are_sent_and_copied(name: str) -> None:
    made = PUBLIC[name]()
    assert type(made).__name__ == name or isinstance(made, getattr(gc, name))
    for again in (pickle.loads(pickle.dumps(made)), copy.deepcopy(made)):
        assert str(again) == str(made)
        assert name in IDENTICAL or again == made


ERRORS: list[Callable[[], gc.FormulaError]] = [
    lambda: gc.FormulaError("a message", help="a help", notes=("a note",)),
    lambda: gc.MissingValueError(("x", "y")),
    lambda: gc.LimitError("text", "too long"),
    lambda: gc.MissingLibraryError("this", "that"),
    *(lambda kind=kind: kind("a message", parse("x + 1").span) for kind in (
        gc.FormulaSyntaxError, gc.NotDifferentiableError, gc.SymbolicError, gc.UndecidedError, gc.UndefinedError)),
]  # fmt: skip


def test_every_public_error_is_sent_and_copied() -> None:
    kinds = {type(make()) for make in ERRORS}
    public = {
        thing
        for name in gc.__all__
        if isinstance(thing := getattr(gc, name), type) and issubclass(thing, gc.FormulaError)
    }
    assert public <= kinds
    for make in ERRORS:
        error = make()
        for again in (pickle.loads(pickle.dumps(error)), copy.deepcopy(error)):
            assert type(again) is type(error)
            assert (str(again), again.args, again.__dict__) == (str(error), error.args, error.__dict__)


ZEROS = [
    "sqrt(5 + 2*sqrt(6)) - sqrt(2) - sqrt(3)",
    "cbrt(2 + sqrt(5)) + cbrt(2 - sqrt(5)) - 1",
    "(7 + 5*sqrt(2))^(1/3) - 1 - sqrt(2)",
    "sqrt(5) + sqrt(22 + 2*sqrt(5)) - sqrt(11 + 2*sqrt(29)) - sqrt(16 - 2*sqrt(29) + 2*sqrt(55 - 10*sqrt(29)))",
    "cos(pi/5) - (1 + sqrt(5))/4",
    "sin(pi/10)*sin(3*pi/10) - 1/4",
]


@pytest.mark.parametrize("zero", ZEROS)
def test_a_number_of_roots_that_is_0_is_known_to_be_0_and_one_beside_it_is_not(zero):
    assert gc.evaluate(f"if({zero} == 0, 1, 2)", certified=True) == 1
    assert gc.evaluate(f"floor(3 + ({zero}))", certified=True) == 3
    assert gc.evaluate(f"if({zero} + 10^-200 == 0, 1, 2)", certified=True) == 2
    kink = gc.certify(f"abs(x - ({zero}))", {"x": 0}).gradient["x"]
    assert (kink.status, kink.left, kink.right) == ("not-differentiable", -1, 1)


def test_a_claim_that_is_wrong_at_a_nested_root_alone_is_refuted():
    assert gc.check_derivative("x^2", "x", "if(x == sqrt(5 + 2*sqrt(6)), 7, 2*x)").verdict == "wrong"
    assert gc.check_derivative("x*(sqrt(5 + 2*sqrt(6)) - sqrt(2))", "x", "sqrt(3)").verdict == "proved"
