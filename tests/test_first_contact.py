"""What is said to who calls the library for the first time: what to write instead."""

import inspect
import math
import pickle
import subprocess
import sys
from unittest import mock

import numpy
import pytest
import sympy

import gradcalc as gc
from gradcalc.language.attributes import CALLS

X = sympy.Symbol("x")
LINES = [line for line in CALLS.splitlines() if line]
FUNCTIONS = [name for name in gc.__all__ if inspect.isfunction(getattr(gc, name))]


def square(x):
    return x**2


def double(x):
    return 2 * x


def row(**numbers):
    """A row of a data frame, made where it is asked for: pandas takes as long to import as sympy."""
    import pandas

    return pandas.Series(numbers)


@pytest.mark.parametrize("line", LINES)
def test_every_call_that_is_shown_is_one(line):
    found = eval(f"gradcalc.{line}", {"gradcalc": gc, "sympy": sympy})
    assert found is not None or line.startswith(("assert_", "blame"))


def test_there_is_a_call_for_every_function():
    assert [line.partition("(")[0] for line in LINES] == FUNCTIONS


@pytest.mark.parametrize("name", FUNCTIONS)
def test_arguments_that_do_not_fit_are_answered_with_a_call(name):
    line = next(line for line in LINES if line.startswith(f"{name}("))
    with pytest.raises(TypeError) as told:
        getattr(gc, name)(*["x^2"] * 12)
    assert str(told.value) == f"gradcalc.{name}: too many positional arguments: write gradcalc.{line}"


@pytest.mark.parametrize(
    ("ask", "told"),
    [
        (lambda: gc.derivative("x^2"),
         "gradcalc.derivative: missing a required argument: 'name': write gradcalc.derivative('x^2', 'x')"),
        (lambda: gc.grad("x^2", x=3), "got an unexpected keyword argument 'x': write gradcalc.grad('x^2', {'x': 3})"),
        (lambda: gc.grad("x^2", certifed=True),
         "got an unexpected keyword argument 'certifed', did you mean 'certified'?: write gradcalc.grad("),
        (lambda: gc.grad("x*y", {"x": 1, "y": 2}, [gc.parse("x")]), "<Formula x> is not in the formula"),
        (lambda: gc.grad("x*y", {"x": 1, "y": 2}, "x,"), "'' is not in the formula, and has no value"),
        (lambda: gc.derivative("x*y", "x, y"), "a derivative is by one name, such as 'x', not by 'x, y'"),
        (lambda: gc.grad("x^2", {"x": 3}, certifed=True),
         "got an unexpected keyword argument 'certifed', did you mean 'certified'?: write gradcalc.grad("),
        (lambda: gc.assert_gradient(), "gradcalc.assert_gradient: missing a required argument: 'f': write gradc"),
        (lambda: gc.grad(square, 3.0), "not a function in Python: write gradcalc.check_gradient(f, gradient, at)"),
        (lambda: gc.grad("x^2", 3.0), "such as {'x': 3.0}; 3.0 has no names"),
        (lambda: gc.grad("x*y", (1, 2)), "such as {'x': 1, 'y': 2}; (1, 2) has no names"),
        (lambda: gc.grad("x*y", 1), "such as {'x': 2, 'y': 2}; 1 has no names"),
        (lambda: gc.grad("x*pi", 1), "such as {'x': 1}; 1 has no names"),
        (lambda: gc.grad("x^2", row(x=3.0)), "write dict(row) for a row of a data frame"),
        (lambda: gc.explain("x^2", row(x=3.0)), "write dict(row) for a row of a data frame"),
        (lambda: gc.check_derivative("x^2", "x", "2*x", row(x=3.0)), "write dict(row) for a row"),
        (lambda: gc.grad("x^2", {X: 3}), "help: names are texts, such as 'x'"),
        (lambda: gc.grad("x^2", {"y": 3}), "help: add to the point, as in at={'x': 2}"),
        (lambda: gc.evaluate("x*y"), "help: add to the point, as in at={'x': 2, 'y': 2}"),
        (lambda: gc.compile("x*y")(1), "help: add y=..."),
        (lambda: gc.derivative(X**2, "x"), "not x**2: write gradcalc.from_sympy(x**2)"),
        (lambda: gc.derivative(3, "x"), "not 3: write '3'"),
        (lambda: gc.derivative("x^2", X), "which is a text such as 'x', not by x"),
        (lambda: gc.parse(None), "not None: write for example 'x^2'"),
        (lambda: gc.from_sympy("x"), "not 'x': write for example sympy.S('x')"),
        (lambda: gc.to_sympy(3), "not 3: write '3'"),
        (lambda: gc.plot("x^2", (0, 1)), "a range is a text such as 'x=0..10', not (0, 1)"),
        (lambda: gc.jvp("x*y", {"x": 1, "y": 2}, 1.0), "such as {'x': 1.0, 'y': 1.0}, not 1.0"),
        (lambda: gc.jvp("x", {"x": 1}, {"x": "1"}), "a direction has a number for each name, not '1' for x"),
        (lambda: gc.vjp(["x", "x"], {"x": 1})[1](1.0), "2 formulas need a list of 2 cotangents, not 1.0"),
        (lambda: gc.grad("x*y", {"x": 1, "y": 2}, wrt=3), "wrt is a name or several, such as wrt='x' or wrt=["),
        (lambda: gc.grad("x^2", {"x": 1}, "z"), "z is not in the formula, and has no value"),
        (lambda: gc.code("x^2", None), "no code is written in None"),
        (lambda: gc.check_function("sin"), "a function is a gradcalc.Function, not 'sin'"),
        (lambda: gc.fit("a*x", {"x": [1], "y": [1]}, y="y", start=[1]), "such as {'x': 2}; [1] has no names"),
        (lambda: gc.check_gradient(square, 3.0), "grad must be a function, not 3.0, or None where f answers"),
        (lambda: gc.check_gradient(square, "2*x", 3.0), "not '2*x'; gradcalc.check_derivative('x^2', "),
        (lambda: gc.check_gradient(square, double), "give a point, such as at=3.0, or a box, such as box=(0, 2)"),
        (lambda: gc.check_jacobian(square, 3.0), "what is claimed must be a function, not 3.0"),
        (lambda: gc.check_gradient(square, double, box={"x": 1}), "a pair (lower, upper) for each number, such as"),
        (lambda: gc.check_gradient(square, double, box="x=0:1"), "a pair (lower, upper) for each number, such as"),
        (lambda: gc.check_gradient(square, double, box=numpy.ones((2, 3))), "a pair (lower, upper) for each number"),
        (lambda: gc.check_gradient(square, double, 3.0, n="many"), "n='many' is no number of points"),
        (lambda: gc.check_gradient(square, double, 3.0, seconds="5"), "seconds='5' is no time"),
    ],
)  # fmt: skip
def test_a_mistake_is_answered_with_what_to_write(ask, told):
    with pytest.raises((TypeError, ValueError)) as said:
        ask()
    assert told in str(said.value)


@pytest.mark.parametrize("wrt", ["alpha", ["alpha"], ("alpha",)])
def test_a_name_may_stand_alone_for_several(wrt):
    f, at = "x*alpha", {"x": 3.0, "alpha": 2.0}
    assert gc.grad(f, at, wrt) == gc.grad(f, at, wrt=wrt) == gc.grad(f, at, wrt, certified=True) == {"alpha": 3}
    assert gc.grad(f, {"x": [3, 4], "alpha": 2}, wrt)["alpha"].tolist() == [3, 4]
    assert gc.hessian(f, at, wrt) == {"alpha": {"alpha": 0}}
    assert gc.compile(f, wrt).grad(3.0, 2.0) == {"alpha": 3}
    assert gc.compile("2*alpha", names=wrt)(3.0) == 6
    assert "alpha  3         x         agree" in str(gc.agreement(f, at, wrt))
    assert gc.check_gradient(f, lambda p: {"x": 0, "alpha": p["x"]}, at, wrt=wrt)


def test_names_may_come_one_by_one():
    at = {"x": 3.0, "alpha": 2.0}
    assert gc.grad("x*alpha", at, wrt=(name for name in at)) == {"x": 2, "alpha": 3}


def test_names_in_a_text_are_apart_by_commas_as_in_the_command():
    at = {"x": 3.0, "alpha": 2.0, "y": 1.0}
    assert gc.grad("x*alpha*y", at, "alpha, y") == {"alpha": 3, "y": 6}
    assert gc.grad("x*alpha*y", at, None) == {"x": 2, "alpha": 3, "y": 6}


def test_what_goes_wrong_within_a_call_that_fits_is_told_as_it_is():
    def broken(x):
        return x + "text"

    with pytest.raises(TypeError, match="unsupported operand") as said:
        gc.check_gradient(broken, double, 3.0)
    assert "write gradcalc" not in str(said.value)


def test_functions_are_pickled_and_described_as_themselves():
    for name in FUNCTIONS:
        function = getattr(gc, name)
        assert pickle.loads(pickle.dumps(function)) is function is getattr(gc, name)
        assert function.__doc__
        assert inspect.signature(function) == inspect.signature(function.__wrapped__)
    assert gc.to_sympy("x^2") == gc.parse("x^2").to_sympy()


def test_threads_that_ask_first_are_given_the_same_function():
    code = """
import threading, gradcalc as gc
start, found = threading.Barrier(8), []
def ask():
    start.wait()
    found.append((gc.grad, gc.explain))
threads = [threading.Thread(target=ask) for _ in range(8)]
[each.start() for each in threads], [each.join() for each in threads]
assert len(found) == 8 and set(found) == {(gc.grad, gc.explain)}, found
"""
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("name", ["grad", "explain", "plot"])
def test_a_function_can_be_replaced_for_a_while(name):
    function = getattr(gc, name)
    with mock.patch(f"gradcalc.{name}", return_value="another"):
        assert getattr(gc, name)() == "another"
    assert getattr(gc, name) is function


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (
            math.sin,
            "x^2 is a formula, not a number: functions are written into it, as in gradcalc.parse('sin(x^2)'), "
            "and f(x=2) is its value",
        ),
        (lambda f: f + "y", "a text is no formula until it is read: write gradcalc.parse('y') in the place of 'y'"),
        (lambda f: "2" * f, "a text is no formula until it is read: write gradcalc.parse('2') in the place of '2'"),
        (lambda f: f - None, "beside a formula stands a formula or a real number, not None"),
        (lambda f: f + gc.Value(2), "beside a formula stands a formula or a real number, not Value(data=2, grad=0)"),
        (lambda f: gc.Value(2) * f, "beside a formula stands a formula or a real number, not Value(data=2, grad=0)"),
        (lambda f: f + True, "beside a formula stands a formula or a real number, not True"),
        (lambda f: f + numpy.array([1.0, 2.0]), "array([1., 2.]) is neither a formula nor a real number"),
        (lambda f: f + type("Odd", (), {})(), "unsupported operand type(s) for +: 'Call' and 'Odd'"),
        (lambda f: f.subs(x=True), "True is neither a formula nor a real number"),
        (lambda f: gc.Function("", "of no name"), "a function needs a name"),
        (lambda f: f * [1], "beside a formula stands a formula or a real number, not [1]"),
        (lambda f: f**1j, "beside a formula stands a formula or a real number, not 1j"),
    ],
)
def test_what_stands_beside_a_formula_and_is_none_is_told_in_words(made, said):
    with pytest.raises(TypeError) as caught:
        made(gc.parse("x^2"))
    assert str(caught.value) == said
