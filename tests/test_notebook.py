"""What a notebook shows of formulas, Values and results."""

from __future__ import annotations

from xml.etree import ElementTree

import gradcalc as gc
from gradcalc.plot import curve, field, read_ranges, table as values
from gradcalc.show import html
from gradcalc.show.document import Document, Table, cell
from gradcalc.show.notebook import READABLE


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
    assert rows[1] == ["y", "0", "2*x*y", "agree, proved for all values but the kinks"]
    assert cells(gc.agreement("x^2")._repr_html_()) == [
        ["name", "derivative", "verdict"],
        ["x", "2*x", "agree, proved for all values"],
    ]


def test_certified_numbers_are_shown_in_full():
    rows = cells(gc.certify("x/3", {"x": 1})._repr_html_())
    assert rows[1] == ["value", "0.3333333333333333", "certified"]
    assert rows[2] == ["d/dx", "0.3333333333333333", "certified"]


def test_what_is_explained_is_a_table():
    rows = cells(gc.explain("(a*b + c)*f", {"a": 2, "b": -3, "c": 10, "f": -2})._repr_html_())
    assert len(rows) == 8
    assert "power rule" in gc.steps("x^2", "x")._repr_html_()


def test_verdicts_come_first_and_in_colour():
    wrong = gc.check_derivative("sin(x^2)", "x", "cos(x^2)")._repr_html_()
    right = gc.check_derivative("sin(x)", "x", "cos(x)")._repr_html_()
    assert wrong.startswith('<pre><span style="color: #dc4437')
    assert ">WRONG</span>: d/dx sin(x^2) is not cos(x^2)\n  correct  2*x*cos(x^2)" in wrong
    assert right.startswith('<pre><span style="color: #1f8f4a')
    assert right.count("correct") == 1
    table = gc.agreement("x + abs(y)", {"x": 1, "y": 0})._repr_html_()
    assert table.count("#1f8f4a") == table.count("#a8741a") == 1


def test_what_is_printed_is_what_the_command_prints():
    assert str(gc.check_derivative("x^2", "x", "2*x")) == "correct: d/dx x^2 = 2*x, proved for all x"
    assert (
        str(gc.agreement("x^2", {"x": 3})).splitlines()[1] == "x     6         2*x       agree, proved for all values"
    )
    assert str(gc.check_gradient("x^2", lambda x: 2 * x, {"x": 3})).startswith("agrees: the gradient of x^2 at x=3\n")
    assert str(gc.steps("x^2", "x")).startswith("d/dx x^2\n  = 2*x   power rule")
    assert str(gc.explain("x^2", {"x": 3})).splitlines()[-1] == "x     input = 3  dout/dx = 2*x = 6  1 * 6 = 6"


def test_what_is_imported_later_shows_itself_too():
    found = gc.check_gradient(lambda p: p["x"] ** 2, lambda p: {"x": 2 * p["x"]}, {"x": 3.0})
    assert found._repr_html_().startswith('<pre><span style="color: #1f8f4a')
    shown = gc.check_function(gc.Function(name="f", definition="x^3", partials=("2*x^2",)))._repr_html_()
    assert shown.startswith('<pre><span style="color: #dc4437')
    assert "d/dx: actual 2, expected 3 at x=1" in shown
    assert cells(values("x^2", *read_ranges("x=0:1:0.5"))._repr_html_())[-1] == ["1", "1", "2"]
    for plot in (curve("x", *read_ranges("x=0..1")), field("x*y", *read_ranges("x=0..1,y=0..1"))):
        assert plot._repr_png_().startswith(b"\x89PNG")


def test_texts_are_no_markup():
    page = html(Document((Table(("<b>",), ((cell("a < b & c"),),)),)))
    assert cells(page) == [["<b>"], ["a < b & c"]]
