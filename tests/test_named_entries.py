"""Answers, tangents and cotangents whose entries have names go by these, in whatever form they have them."""

from __future__ import annotations

import dataclasses
from collections import namedtuple

import numpy as np
import pandas as pd
import pytest

import gradcalc as gc

# f = x^2 y at (3, 2): gradient (12, 9), Hessian ((4, 6), (6, 0)); u = x y and v = x^2 have ((2, 3), (6, 0))
AT = {"x": 3.0, "y": 2.0}
YX = namedtuple("YX", "y x")
VU = namedtuple("VU", "v u")
AB = namedtuple("AB", "a b")
Row = [("y", float), ("x", float)]
COLUMN = pd.Series({"x": 3.0, "y": 2.0})


@dataclasses.dataclass
class Fields:
    y: float
    x: float


def f(p):
    return p["x"] ** 2 * p["y"]


def uv(p):
    return {"u": p["x"] * p["y"], "v": p["x"] ** 2}


def both(p):
    return [p["x"] * p["y"], p["x"] ** 2]


def column(p):
    return pd.Series(uv(p))


BY_NAME = [
    {"y": 9.0, "x": 12.0},
    YX(9.0, 12.0),
    Fields(9.0, 12.0),
    np.array((9.0, 12.0), Row),
    np.array((9.0, 12.0), Row)[()],
    pd.Series({"y": 9.0, "x": 12.0}),
    pd.DataFrame({"y": [9.0], "x": [12.0]}),
]


@pytest.mark.parametrize("at", [AT, COLUMN], ids=["mapping", "column"])
@pytest.mark.parametrize("answer", BY_NAME, ids=lambda answer: type(answer).__name__)
def test_gradients_and_tangents_go_by_names(answer, at):
    assert gc.check_gradient(f, lambda p: answer, at).verdict == "agrees"
    assert gc.check_gradient(f, lambda p: (18.0, answer), at).verdict == "agrees"
    along = 12.0 * 12.0 + 9.0 * 9.0
    assert gc.check_jvp(f, lambda p: along, at, answer).verdict == "agrees"
    product = {"x": 4.0 * 12.0 + 6.0 * 9.0, "y": 6.0 * 12.0}
    assert gc.check_hvp(f, lambda p: product, at, answer).verdict == "agrees"


@pytest.mark.parametrize("answer", [YX(9.0, 12.0), pd.Series({"y": 9.0, "x": 12.0})])
def test_names_that_are_not_asked_for_may_be_there(answer):
    assert gc.check_gradient(f, lambda p: answer, AT, wrt=["x"]).verdict == "agrees"


@pytest.mark.parametrize("answer", [AB(12.0, 9.0), pd.Series([12.0, 9.0]), [12.0, 9.0]])
def test_other_names_go_by_their_order(answer):
    assert gc.check_gradient(f, lambda p: answer, AT).verdict == "agrees"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (pd.Series({"x": 12.0, "z": 9.0}), "no entry for y: it has x, z"),
        (pd.Series({"x": 12.0, "y": 9.0, "z": 0.0}), "an entry for z, which is not asked for"),
        (pd.Series([12.0, 9.0, 1.0], index=["x", "y", "x"]), "two entries of one name: it has x, y, x"),
        (pd.Series([12.0, 9.0], index=["x", "x"]), "no entry for y: it has x, x"),
        (namedtuple("XZ", "x z")(12.0, 9.0), "no entry for y: it has x, z"),
    ],
)
def test_names_that_do_not_match_are_refused(answer, said):
    with pytest.raises(TypeError, match=said):
        gc.check_gradient(f, lambda p: answer, AT)
    with pytest.raises(TypeError, match="the tangent has"):
        gc.check_jvp(f, lambda p: 12.0, AT, answer)


@pytest.mark.parametrize("at", [AT, YX(2.0, 3.0), COLUMN])
def test_rows_with_other_names_are_refused(at):
    rows = [{"a": 2.0, "b": 3.0}, {"a": 6.0, "b": 0.0}]
    with pytest.raises(TypeError, match="no entry for"):
        gc.check_jacobian(lambda p: both(p._asdict() if isinstance(p, YX) else p), lambda p: rows, at)


ROWS = {"u": {"y": 3.0, "x": 2.0}, "v": {"y": 0.0, "x": 6.0}}
TABLE = pd.DataFrame([[0.0, 6.0], [3.0, 2.0]], index=["v", "u"], columns=["y", "x"])


@pytest.mark.parametrize("at", [AT, COLUMN], ids=["mapping", "column"])
@pytest.mark.parametrize("of", [uv, column])
@pytest.mark.parametrize(
    "answer", [ROWS, VU(YX(0.0, 6.0), YX(3.0, 2.0)), {"v": YX(0.0, 6.0), "u": Fields(3.0, 2.0)}, TABLE]
)
def test_matrices_go_by_the_names_of_rows_and_columns(answer, of, at):
    assert gc.check_jacobian(of, lambda p: answer, at).verdict == "agrees"


@pytest.mark.parametrize("form", [list, tuple])
@pytest.mark.parametrize("row", [lambda y, x: {"y": y, "x": x}, YX, Fields])
def test_rows_in_order_have_entries_by_name(form, row):
    assert gc.check_jacobian(both, lambda p: form([row(3.0, 2.0), row(0.0, 6.0)]), AT).verdict == "agrees"
    assert gc.check_hessian(f, lambda p: form([row(6.0, 4.0), row(0.0, 6.0)]), AT).verdict == "agrees"
    assert gc.check_hessian(f, lambda p: YX(row(0.0, 6.0), row(6.0, 4.0)), AT).verdict == "agrees"


@pytest.mark.parametrize("of", [uv, column])
@pytest.mark.parametrize("cotangent", [{"v": 1.0, "u": 0.0}, VU(1.0, 0.0), pd.Series({"v": 1.0, "u": 0.0})])
def test_cotangents_go_by_the_names_of_values(cotangent, of):
    assert gc.check_vjp(of, lambda p: YX(0.0, 6.0), AT, cotangent).verdict == "agrees"
    assert gc.check_jvp(of, lambda p: VU(6.0, 2.0), AT, {"x": 1.0, "y": 0.0}).verdict == "agrees"


def test_what_is_nested_goes_by_names_too():
    at = [{"w": 3.0, "b": 2.0}, {"w": 1.0, "b": 5.0}]

    def g(p):
        return p[0]["w"] ** 2 * p[0]["b"] + p[1]["w"] * p[1]["b"]

    tangent = [{"b": 0.0, "w": 1.0}, {"b": 0.0, "w": 0.0}]
    assert gc.check_gradient(g, lambda p: [{"b": 9.0, "w": 12.0}, {"b": 1.0, "w": 5.0}], at).verdict == "agrees"
    assert gc.check_jvp(g, lambda p: 12.0, at, tangent).verdict == "agrees"
    assert gc.check_hvp(g, lambda p: [{"b": 6.0, "w": 4.0}, {"b": 0.0, "w": 0.0}], at, tangent).verdict == "agrees"
    assert (
        gc.check_vjp(lambda p: [uv(p)], lambda p: {"y": 0.0, "x": 6.0}, AT, [{"v": 1.0, "u": 0.0}]).verdict == "agrees"
    )

    inside = {"s": COLUMN, "c": 1.0}  # a column among the parts of a point
    answer = {"c": 0.0, "s": pd.Series({"y": 9.0, "x": 12.0})}
    assert gc.check_gradient(lambda p: f(p["s"]), lambda p: answer, inside).verdict == "agrees"


def test_labels_that_are_numbers():
    at = pd.Series([3.0, 2.0], index=[1, 0])

    def g(p):
        return p.loc[1] ** 2 * p.loc[0]

    assert gc.check_gradient(g, lambda p: pd.Series([9.0, 12.0], index=[0, 1]), at).verdict == "agrees"
    assert gc.check_gradient(g, lambda p: np.array([12.0, 9.0]), at).verdict == "agrees"
    two = pd.MultiIndex.from_tuples([("a", 1), ("a", 2)])
    at = pd.Series([3.0, 2.0], index=two)
    answer = pd.Series([9.0, 12.0], index=two[::-1])
    assert gc.check_gradient(lambda p: p.iloc[0] ** 2 * p.iloc[1], lambda p: answer, at).verdict == "agrees"
