"""The entrances of the grammar besides programs: lines, values, ranges; and that a mistake has its place in each."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, strategies as st
from strategies import formulas

from gradcalc import evaluate
from gradcalc.language.errors import FormulaError, FormulaSyntaxError
from gradcalc.language.formula import Formula
from gradcalc.language.grammar import (
    read_answer,
    read_bindings,
    read_bounds,
    read_claims,
    read_correlations,
    read_intervals,
    read_line,
    read_points,
    read_program,
    read_ranged,
    split_name,
)
from gradcalc.language.parser import parse
from gradcalc.language.reading import Array

# ---- lines


@pytest.mark.parametrize(
    ("text", "name", "formula", "stored", "at"),
    [("x := 2", "x", "2", True, {}), ("x += y", "x", "x + y", True, {}), ("x -= 3", "x", "x - 3", True, {}),
     ("x *= a + b", "x", "x*(a + b)", True, {}),
     ("x /= 2", "x", "x/2", True, {}),
     ("x \u2212= 2", "x", "x - 2", True, {}),
     ("x^2 at x=2", "", "x^2", False, {"x": "2"}), ("x*y at x = 2, y=-3", "", "x*y", False, {"x": "2", "y": "-3"}),
     ("x*y at x=2 y=-3", "", "x*y", False, {"x": "2", "y": "-3"}), ("z := x at x=3", "z", "x", True, {"x": "3"}),
     ("at + 1", "", "at + 1", False, {}),
     ("at^2 at at=3", "", "at^2", False, {"at": "3"}),
     ("x == 2", "", "x == 2", False, {}),
     ("max(x,\n2) at x=1", "", "max(x, 2)", False, {"x": "1"}), ("y = x", "y", "x", False, {})],
)  # fmt: skip
def test_a_line(text: str, name: str, formula: str, stored: bool, at: dict[str, str]) -> None:
    (statement,) = read_line(text)
    assert (statement.name, statement.store) == (name, stored)
    assert statement.formula == parse(formula)
    assert {one.name: str(one.formula) for one in statement.at} == at
    assert statement.span.text == text
    assert statement.formula.span.source == text


def test_lines_of_several_statements() -> None:
    read = read_line("a = 2; f(x) = x^2  # a comment\nb := f(a) at a=3; b*f(1) at b=2, a=1")
    assert [(one.name, one.store, len(one.at)) for one in read] == [
        ("a", False, 0),
        ("", False, 0),
        ("b", True, 1),
        ("", False, 2),
    ]
    assert read[1].function is not None


@given(formulas())
def test_a_line_reads_what_a_program_reads(drawn: tuple[Formula, object]) -> None:
    text = str(drawn[0])
    assert [one.formula for one in read_line(text)] == [one.formula for one in read_program(text)]


# ---- values and ranges


@pytest.mark.parametrize(
    ("text", "values"),
    [("x=2", {"x": "2"}), ("x = 2, y = pi/4", {"x": "2", "y": "pi/4"}), ("x=2 y=-4", {"x": "2", "y": "-4"}),
     ("x=max(1, 2) y=2x", {"x": "max(1, 2)", "y": "2*x"}), ("\u00b5=3", {"\u03bc": "3"})],
)  # fmt: skip
def test_values(text: str, values: dict[str, str]) -> None:
    assert {one.name: str(one.formula) for one in read_bindings(text)} == values


@pytest.mark.parametrize(
    ("text", "ranges"),
    [("x=-3..3", {"x": ["-3", "3"]}), ("x=0:1:0.1", {"x": ["0", "1", "0.1"]}), ("x=1...5", {"x": ["1", ".5"]}),
     ("x=-2..2, y=0:2*pi", {"x": ["-2", "2"], "y": ["0", "2*pi"]}),
     ("x=-2..2 y=1e-3..1", {"x": ["-2", "2"], "y": ["1e-3", "1"]})],
)  # fmt: skip
def test_ranges(text: str, ranges: dict[str, list[str]]) -> None:
    assert {one.name: [str(bound) for bound in one.bounds] for one in read_intervals(text)} == ranges


@pytest.mark.parametrize(
    ("text", "formula", "values", "ranges"),
    [
        ("k*x at k=2 x=-3..3, y=0:1", "k*x", {"k": "2"}, {"x": ["-3", "3"], "y": ["0", "1"]}),
        ("k*x, x=-3..3 y=0:1", "k*x", {}, {"x": ["-3", "3"], "y": ["0", "1"]}),
        ("max(x, 1) x=0:1:0.1", "max(x, 1)", {}, {"x": ["0", "1", "0.1"]}),
        ("k*x at k=2", "k*x", {"k": "2"}, {}),
        ("x=0..1", "None", {}, {"x": ["0", "1"]}),
    ],
)
def test_a_formula_over_ranges(text: str, formula: str, values: dict[str, str], ranges: dict[str, list[str]]) -> None:
    read = read_ranged(text)
    assert str(read.formula) == formula
    assert {one.name: str(one.formula) for one in read.at} == values
    assert {one.name: [str(bound) for bound in one.bounds] for one in read.intervals} == ranges


# ---- claims and answers


@pytest.mark.parametrize(
    ("text", "equations", "values"),
    [
        ("x = 2*y; y=2*x", [("x", "2*y"), ("y", "2*x")], {}),
        ("x=max(y, 1), y = x", [("x", "max(y, 1)"), ("y", "x")], {}),
        ("diff(x*y, x) = y at x=2, y=3", [("diff(x*y, x)", "y")], {"x": "2", "y": "3"}),
        ("diff(x*y, x) == if(x >= 0, y, y)", [("diff(x*y, x)", "if(x >= 0, y, y)")], {}),
    ],
)
def test_claims(text: str, equations: list[tuple[str, str]], values: dict[str, str]) -> None:
    read = read_claims(text)
    assert [(str(one.left), str(one.right)) for one in read] == equations
    assert {one.name: str(one.formula) for one in read[0].at} == values


def test_answers() -> None:
    read = [read_answer(text) for text in ("-0.42", "dL/da = a*f")]
    assert [(str(one.left), str(one.right)) for one in read] == [("None", "-0.42"), ("dL/da", "a*f")]


@pytest.mark.parametrize(
    ("text", "formula", "name"),
    [("x^2*y, y", "x^2*y", "y"), ("f(x, y)", "f(x, y)", ""), ("x^2 at x=3, y=2", "x^2 at x=3, y=2", ""), ("", "", ""),
     ("x at x=1, µ # so", "x at x=1", "μ"), (", y", ", y", "")],
)  # fmt: skip
def test_a_formula_and_a_name(text: str, formula: str, name: str) -> None:
    assert split_name(text) == (formula, name)


# ---- mistakes


@pytest.mark.parametrize(("read", "text", "message", "place"), [
    (read_line, "x at x=1 at x=2", "'at' stands twice", "at x=2"), (read_line, "x at x=2)", "')' closes nothing", ")"),
    (read_line, "y = x at x=2", "only a formula can be asked at values of its own", "at x=2"),
    (read_line, "pi := 3", "pi is a constant and keeps its value", "pi"),
    (read_line, "f(x) = x at x=2", "only a formula can be asked at values of its own", "at x=2"),
    (read_line, "x at x=sn(2)", "unknown function 'sn'", "sn"),
    (read_line, "a; x := ", "':=' has nothing on its right", ""),
    (read_bindings, "x", "'x' is not a value", "x"),
    (read_bindings, "x=2,", "something is missing after the comma", ""),
    (read_bindings, "", "something is missing", ""),
    (read_bindings, "x=2, 3=y", "'3=y' is not a value", "3=y"),
    (read_bindings, "x  , y=2", "'x' is not a value", "x"),
    (read_bindings, "  ,x=1", "'' is not a value", ""),
    (read_bindings, "x=0.2,0.4", "'0.4' is not a value", "0.4"),
    (read_bindings, "x=3,14, y=2", "',' is not a decimal point", "3,14"),
    (read_bindings, "x=1,000", "'1,000' can be read in two ways", "1,000"),
    (read_bindings, "x=1,234.5", "digits cannot be grouped with ','", "1,234.5"),
    (read_bindings, "x=12,345,678, y=1", "digits cannot be grouped with ','", "12,345,678"),
    (read_bindings, "x=2 at $", "'$' is not part of a formula", "$"),
    (read_bindings, "x=1,2,3", "one number is needed", "1,2,3"),
    (read_bindings, "y=2, x=1.5,2.5,3.5", "one number is needed", "1.5,2.5,3.5"),
    (read_bindings, "x=2; y=3", "';' does not stand here", ";"),
    (read_bindings, "x=sn(2)", "unknown function 'sn'", "sn"),
    (read_bindings, "x=(2", "'(' is never closed", "("),
    (read_bindings, "pi=3", "pi is a constant and keeps its value", "pi"),
    (read_intervals, "x=1", "'x=1' is not a range", "x=1"),
    (read_intervals, "x=1,5..2,5", "',' is not a decimal point", "1,5"),
    (read_intervals, "x=1..2, y", "'y' is not a range", "y"),
    (read_intervals, "x=1,3", "'x=1,3' is not a range", "x=1,3"),
    (read_intervals, "1..2", "'1..2' is not a range", "1..2"),
    (read_intervals, "x=1..2 3", "two numbers stand side by side", "2 3"),
    (read_intervals, "x=1..2..3..4", "'..' only stands in ranges", ".."),
    (read_claims, "diff(x, x)", "a claim is needed", "diff(x, x)"), (read_claims, "", "a claim is needed", ""),
    (read_claims, "x=1; y", "a claim is needed", "y"), (read_claims, "x=2*", "'*' has nothing on its right", ""),
    (read_claims, "x=2,5*x", "',' is not a decimal point", "2,5"),
    (read_claims, "=2", "'=' has nothing on its left", "="), (read_claims, "x=sn(2)", "unknown function 'sn'", "sn"),
    (read_bounds, "b1=0:,b2", "'b2' gives no bounds", "b2"), (read_bounds, "b=:", "'b=:' gives no bounds", "b=:"),
    (read_bounds, "b=sn(2):", "unknown function 'sn'", "sn"),
    (read_bounds, "b=1:,", "something is missing after the comma", ""),
    (read_correlations, "x,y=1; x=2", "'x=2' is no correlation", "x=2"),
    (read_correlations, "x,y=", "'x,y=' is no correlation", "x,y="),
    (read_correlations, "x,y  ;", "'x,y' is no correlation", "x,y"),
    (read_correlations, "x,y=0.3 +  ;", "'+' has nothing on its right", ";"),
    (read_correlations, "x,y=sn(2)", "unknown function 'sn'", "sn"),
    (read_points, "x=[1, sn(2)]", "unknown function 'sn'", "sn"), (read_points, "x=[1, 2", "'[' is never closed", "["),
    (read_points, "x=[]", "there is nothing between the brackets", "[]"),
    (read_points, "x=[1]]", "']' closes nothing", "]"),
    (read_line, "[1, 2]", "only round parentheses are read", "["),
    (read_points, "x=[1; 2]", "';' does not stand here", ";"),
])  # fmt: skip
def test_mistakes(read: Callable[[str], object], text: str, message: str, place: str) -> None:
    with pytest.raises(FormulaSyntaxError) as caught:
        read(text)
    assert (caught.value.message, caught.value.diagnostic.span.text) == (message, place)


PIECES = st.sampled_from([*"x=2 ,:-();y'\n#.[]", "at", "..", ":=", "+=", "sin", "pi"])


@given(st.lists(PIECES, max_size=12).map("".join))
def test_whatever_is_typed_is_read_or_refused_with_a_place(text: str) -> None:
    for read in (
        read_line, read_bindings, read_points, read_intervals, read_ranged, read_bounds, read_correlations, read_claims,
        read_answer,
    ):  # fmt: skip
        refused = None
        try:
            read(text)  # type: ignore[operator]  # they take a text
        except FormulaError as error:
            refused = error
        assert refused is None or (refused.message and 0 <= refused.start <= refused.end <= len(text))


# ---- bounds, correlations, points


@pytest.mark.parametrize(
    ("text", "bounds"),
    [("b=0:", {"b": ("0", "None")}), ("b=:pi/4, c=-1:1", {"b": ("None", "pi/4"), "c": ("-1", "1")}),
     ("b=-2..max(1, 2), c=..3", {"b": ("-2", "max(1, 2)"), "c": ("None", "3")})],
)  # fmt: skip
def test_bounds(text: str, bounds: dict[str, tuple[str, str]]) -> None:
    assert {one.name: (str(one.low), str(one.high)) for one in read_bounds(text)} == bounds


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("x,y=0.3", {("x", "y"): "0.3"}),
        ("", {}),
        ("x, y = -1/2; \u00b5,z=1e-3;", {("x", "y"): "-1/2", ("μ", "z"): "1e-3"}),
    ],
)
def test_correlations(text: str, pairs: dict[tuple[str, str], str]) -> None:
    assert {one.names: str(one.value) for one in read_correlations(text)} == pairs


def test_points() -> None:
    whole, rows = read_points("x=2, y=[1, max(2, 3)]")[1], read_points("z=[[1, 2],\n [3, 2^2]] w=1")[0]
    assert isinstance(whole, Array)
    assert isinstance(rows, Array)
    assert (whole.name, whole.nested(str)) == ("y", ["1", "max(2, 3)"])
    assert rows.nested(evaluate) == [[1, 2], [3, 4]]
    assert rows.span.text == "z=[[1, 2],\n [3, 2^2]]"
    deep = read_points(f"x={'[' * 5000}1{']' * 5000}")[0]  # read and taken apart without recursion
    assert isinstance(deep, Array)


def test_a_value_in_latex_is_told_with_its_name():
    """Before, the advice for `y = \\frac{1}{2}` was to write y."""
    for text, help in ((r"y = \frac{1}{1+e^{-x}}", "y = 1/(1 + e^(-x))"), ("y = Sin[x] Cos[x]", "y = sin(x)*cos(x)")):
        with pytest.raises(FormulaError) as caught:
            read_bindings(text)
        assert caught.value.help == f"write {help}"
