"""What a notebook shows of formulas, Values and results."""

from __future__ import annotations

from xml.etree import ElementTree

import gradcalc as gc
from gradcalc.notebook import READABLE, table


def cells(html):
    return [[cell.text or "" for cell in row] for row in ElementTree.fromstring(html).iter("tr")]


def test_formulas_are_typeset_unless_they_are_too_large():
    assert gc.parse("sqrt(x)/2")._repr_latex_() == r"$\frac{\sqrt{x}}{2}$"
    assert gc.parse("+".join(["x"] * 3_000))._repr_latex_() is None


def test_values_are_drawn_while_a_picture_is_readable():
    x = gc.Value(2.0, label="x")
    assert x._repr_svg_() is None  # its text says all
    assert "x" in (x * x + 1)._repr_svg_()
    y = x
    for _ in range(READABLE):
        y = y * x
    assert y._repr_svg_() is None
    assert gc.trace("x*y", {"x": 1, "y": 2})._repr_svg_().count("grad") == 3
    assert gc.trace("2", {})._repr_svg_() is None


def test_agreement_is_a_table():
    head, *rows = cells(gc.agreement("x*y^2 + abs(x)", {"x": 0, "y": 2})._repr_html_())
    assert head == ["name", "gradient", "symbolic", "verdict"]
    assert rows[0][:3] == ["x", "4", "y^2 + sign(x)"]
    assert rows[0][3].startswith("not-differentiable: x*y^2 + abs(x) has a corner")
    assert rows[1] == ["y", "0", "2*x*y", "agree, proved for all values"]
    assert cells(gc.agreement("x^2")._repr_html_()) == [
        ["name", "derivative", "verdict"],
        ["x", "2*x", "agree, proved for all values"],
    ]


def test_certified_numbers_are_shown_in_full():
    rows = cells(gc.certify("x/3", {"x": 1})._repr_html_())
    assert rows[1] == ["value", "0.3333333333333333", "certified"]
    assert rows[2] == ["d/dx", "0.3333333333333333", "certified"]


def test_texts_are_no_markup():
    assert cells(table(["<b>"], [["a < b & c"]])) == [["<b>"], ["a < b & c"]]
