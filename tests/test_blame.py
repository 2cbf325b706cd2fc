"""Whose fault is it: the node with the wrong local derivative, and what a user's row promises."""

from __future__ import annotations

import math
from typing import Any

import pytest

import gradcalc as gc
from gradcalc.judge.rows import blame, check_function
from gradcalc.language.functions import TABLE

ROWS = [row for row in TABLE.values() if not row.condition and row.name not in ("if", "diff", "diff_n")]


def row(**fields: Any) -> gc.Function:
    return gc.Function(**{"name": "f", **fields})


# ---- rows of users


RIGHT: list[dict[str, Any]] = [
    {"definition": "x^3", "partials": ("3*x^2",)},
    {"definition": "x^3", "partials": ("3*x^2",), "value": lambda x: x * x * x},
    {"definition": "x^3"},
    {"definition": "x^3", "value": lambda x: x * x * x},
    {"value": lambda x: math.sin(x) ** 2, "partials": ("sin(2*x)",)},
    {"params": ("a", "b"), "definition": "a^2*b", "partials": ("2*a*b", "a^2")},
    {"definition": "abs(x)", "partials": ("sign(x)",), "smooth": False},
    {"value": math.atan, "ball": lambda x: x.atan(), "partials": ("1/(1 + x^2)",)},
    {"definition": "log(x)", "partials": ("1/x",), "domain": "x > 0", "sample": ((0.1, 5.0),)},
]


@pytest.mark.parametrize("fields", RIGHT)
def test_right_rows(fields: dict[str, Any]) -> None:
    assert check_function(row(**fields))


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"definition": "x^3", "partials": ("2*x^2",)}, "d/dx"),
    ({"definition": "x^3", "partials": ("3*x^2*(1 + 1e-12)",)}, "d/dx"),
    ({"definition": "sin(pi*x)", "partials": ("3.14159*cos(pi*x)",)}, "d/dx"),
    ({"definition": "x^3", "value": lambda x: x**3 * (1 + 1e-9), "partials": ("3*x^2",)}, "value"),
    ({"definition": "x^3", "value": lambda x: x**3 * (1 + 1e-9)}, "value"),
    ({"value": lambda x: math.sin(x) ** 2, "partials": ("2*sin(x)",)}, "d/dx"),
    ({"value": lambda x: math.sin(x) ** 2, "partials": ("sin(2*x)*(1 + 1e-7)",)}, "d/dx"),
    ({"params": ("a", "b"), "definition": "a^2*b", "partials": ("2*a*b", "a*b")}, "d/db"),
    ({"definition": "if(x > 1, x^2, x)", "partials": ("if(x > 1, 2*x, 0)",), "smooth": False}, "d/dx"),
    ({"value": math.sin, "ball": lambda x: x.cos(), "partials": ("cos(x)",)}, "value"),
]


@pytest.mark.parametrize(("fields", "part"), WRONG)
def test_wrong_rows(fields: dict[str, Any], part: str) -> None:
    found = check_function(row(**fields))
    assert found.verdict == "wrong"
    assert part in [one.what for one in found.findings if one.verdict == "wrong"]


UNDECIDED: list[tuple[dict[str, Any], str]] = [
    ({"value": math.sin, "partials": ("cos(x)",), "domain": "x > 100"}, "no point of its domain was found"),
    ({"value": math.sin, "partials": ("cos(x)",), "domain": "1/(x - x) > 0"}, "no point of its domain was found"),
    ({"value": lambda x: 1 / 0, "partials": ("1",)}, "ValueError: division by zero"),
    ({"value": lambda x: 1 / 0, "definition": "x^2"}, "ValueError: division by zero"),
    ({"value": lambda x: float(int(1e7 * x) % 2), "partials": ("1",)}, "it could not be told here"),
    ({"value": math.sin, "definition": "log(x)", "domain": "x < -1", "sample": ((-5.0, -1.0),)},
     "it could not be told here"),
]  # fmt: skip


@pytest.mark.parametrize(("fields", "reason"), UNDECIDED)
def test_what_is_not_decided_of_a_row_says_why(fields: dict[str, Any], reason: str, monkeypatch: Any) -> None:
    monkeypatch.setattr("gradcalc.judge.rows._TRIES", 200)  # at points
    found = check_function(row(**fields), n=20)
    assert (found.verdict, {one.reason for one in found.findings}) == ("undecided", {reason})


def test_a_row_in_words() -> None:
    lines = str(check_function(row(definition="x^3", partials=("2*x^2",)))).split("\n")
    assert lines == ["wrong: f(x) (seed 0)", "  d/dx: actual 2, expected 3 at x=1"]
    nothing = check_function(row(value=math.gamma))
    assert nothing.verdict == "undecided"


@pytest.mark.parametrize("own", ROWS, ids=lambda own: own.name)
def test_our_rows(own: gc.Function) -> None:
    assert check_function(own, n=12).verdict == "agrees"


# ---- nodes


def test_the_first_wrong_node_is_named() -> None:
    wrong = row(definition="x^3", partials=("2*x^2",))
    formula = gc.parse("sin(y) + f(x*y)*2", functions=[wrong])
    found = blame(formula, {"x": 2, "y": 3})
    assert found is not None
    assert (found.part, found.actual, found.expected, found.arguments) == ("d/dx", 72, 108, (6,))
    assert (found.span.text, found.span.column) == ("f(x*y)", 10)
    assert str(found) == "d/dx of f(x) is wrong in f(x*y) (column 10): at x = 6 it gives 72, right is 108"


def test_no_node_of_a_branch_without_a_value_is_blamed() -> None:
    wrong = gc.Function(name="f", definition="x^2", partials=("3*x",))
    found = blame(gc.parse("if(x < 0, sin(log(-x)), f(x))", functions=[wrong]), {"x": 2})
    assert found is not None
    assert (found.function.name, found.part, found.actual, found.expected) == ("f", "d/dx", 6, 4)
    assert blame(gc.parse("if(x < 0, sin(exp(x)), f(x))", functions=[wrong]), {"x": 2}) is not None


def test_of_two_wrong_nodes_the_inner_one() -> None:
    f = row(definition="x^3", partials=("2*x^2",))
    g = row(name="g", value=lambda x: math.sin(x) ** 2, partials=("2*sin(x)",))
    found = blame(gc.parse("g(f(x))", functions=[f, g]), {"x": 0.7})
    assert found is not None
    assert found.function.name == "f"
    only = blame(gc.parse("g(x^2)", functions=[g]), {"x": 0.7})
    assert only is not None
    assert only.function.name == "g"


@pytest.mark.parametrize(
    ("formula", "at"),
    [
        ("sin(y)*max(x, y)^3 + if(x > 1, x, y)", {"x": 2, "y": 3}),
        ("abs(x) + floor(x) + log(x)", {"x": 1.5}),
        ("g(t) = t^2*exp(t); g(x)*atan2(x, y)", {"x": 1, "y": -2}),
        ("abs(x)", {"x": 0}),
    ],
)
def test_nothing_to_blame(formula: str, at: dict[str, float]) -> None:
    assert blame(formula, at) is None
