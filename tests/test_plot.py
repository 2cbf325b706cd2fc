"""Ranges, tables of values, and curves that are joined where they are continuous and nowhere else."""

from __future__ import annotations

import csv
import io
import json
import math
import subprocess
import sys
from itertools import pairwise
from xml.etree import ElementTree

import mpmath
import pytest

import gradcalc as gc
from gradcalc.plot import curve, field, picture, pictures, pieces, ranges, read_ranges, table, terminal
from gradcalc.plot.units import levels
from gradcalc.show import Style, explained as sampled, markdown, painted, text

PLAIN = Style()


def over(text):
    (found,) = read_ranges(text)
    return found


def drawn(formula, text, at=None):
    return curve(formula, over(text), at)


# ---- ranges


@pytest.mark.parametrize(
    ("text", "bounds"),
    [
        ("x=-3..3", (-3, 3)),
        ("x = -3 : 3", (-3, 3)),
        ("t=0:2*pi", (0, 2 * math.pi)),
        ("x=max(1, 2)..(3 + 1)", (2, 4)),
        ("x=0.5..1e2", (0.5, 100)),
    ],
)
def test_ranges(text, bounds):
    assert over(text).bounds == bounds


def test_several_ranges():
    assert [(one.name, *one.bounds) for one in read_ranges("x=-2..2, y=0:1")] == [("x", -2, 2), ("y", 0, 1)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "x=1",
        "x=1..",
        "x=2..1",
        "x=1..1",
        "x=a..b",
        "x=0:1:-1",
        "x=0:1:0",
        "x=1..2,x=3..4",
        "x=0..1)",
        "2=0..1",
    ],
)
def test_what_is_no_range(text):
    with pytest.raises(gc.FormulaError):
        read_ranges(text)


# ---- tables of values


def test_a_table_at_exact_decimals():
    found = table("x^2*y", over("x=-0.2:0.2:0.1"), {"y": 3})
    assert (
        text(sampled.values(found, PLAIN))
        == """\
   x  value  d/dx
-0.2   0.12  -1.2
-0.1   0.03  -0.6
   0      0     0
 0.1   0.03   0.6
 0.2   0.12   1.2
"""
    )


def test_a_table_with_an_irrational_step_ends_at_its_end():
    found = table("sin(x)", over("x=0:2*pi:pi/4"))
    assert len(found.rows) == 9
    assert [row.value.number for row in found.rows] == pytest.approx(
        [float(mpmath.sin(k * mpmath.pi / 4)) for k in range(9)], abs=1e-15
    )
    assert found.rows[4].value.number == 0
    assert len(table("x", over("x=0:1:0.3")).rows) == 4


def test_missing_values_and_kinks_say_why():
    found = table("log(x) + abs(x - 1)", over("x=0:2:1"))
    assert [row.value.number for row in found.rows][1:] == [0, pytest.approx(math.log(2) + 1)]
    shown = text(sampled.values(found, PLAIN))
    assert "0    undefined  undefined" in shown
    assert "x=0: log needs x > 0, but its argument is 0" in shown
    assert "x=1: " in shown
    assert "left 0, right 2" in shown
    rows = list(csv.DictReader(io.StringIO(sampled.values_as_csv(found, PLAIN))))
    assert rows[0]["value"] == ""
    assert float(rows[2]["d/dx"]) == 1.5
    assert json.loads(sampled.values_as_json(found, PLAIN))["rows"][0]["value"] is None
    assert markdown(sampled.values(found, PLAIN)).startswith("| x | value | d/dx |\n| ---: |")


def test_tables_that_cannot_be():
    assert [row.x.number for row in table("x", over("x=0..1")).rows] == [k / 10 for k in range(11)]
    with pytest.raises(gc.FormulaError, match="not in the formula"):
        table("x", over("z=0:1:1"))
    with pytest.raises(gc.MissingValueError):
        table("x*y", over("x=0:1:1"))


def test_a_long_table_is_written_piece_by_piece(monkeypatch):
    monkeypatch.setattr(ranges, "PIECE", 2)
    found = [*pieces("log(x) + abs(x - 1)", over("x=0:2:0.5"))]
    whole = table("log(x) + abs(x - 1)", over("x=0:2:0.5"))
    assert [len(piece.rows) for piece in found] == [2, 2, 1]
    for write in (sampled.values_as_csv, sampled.values_as_json):
        assert "".join(write(piece, PLAIN) for piece in found) == write(whole, PLAIN)
    head, *lines = "".join(text(sampled.values(piece, PLAIN)) for piece in found).splitlines()
    assert head.split() == ["x", "value", "d/dx", "note"]
    assert lines[0].split(maxsplit=3) == ["0", "undefined", "undefined", "log needs x > 0, but its argument is 0"]
    assert "corner" in lines[2]
    assert head.index("note") == lines[0].index("log") == 3 * 18 + 3 * 2
    assert len(lines[1]) == 3 * 18 + 2 * 2
    assert [line.split()[0] for line in lines] == ["0", "0.5", "1", "1.5", "2"]
    assert next(iter(pieces("x", over("x=0:1e9:1")))).rows[1].value.number == 1


# ---- curves


def test_a_smooth_curve_is_one_piece_and_right():
    found = drawn("x^2*sin(x)", "x=-3..3", {"x": 2})
    assert (len(found.pieces), len(found.slopes), found.breaks) == (1, 1, ())
    assert repr(found) == "<Curve of x^2*sin(x) over x=-3..3>"
    for x, y in found.pieces[0][::50]:
        assert y == pytest.approx(x * x * math.sin(x), abs=1e-14)
    for x, dy in found.slopes[0][::50]:
        assert dy == pytest.approx(float(mpmath.diff(lambda t: t**2 * mpmath.sin(t), x)), abs=1e-9)
    assert found.tangent.left == found.tangent.right == pytest.approx(4 * math.sin(2) + 4 * math.cos(2))


@pytest.mark.parametrize(
    ("formula", "text", "kind", "places"),
    [
        ("1/x + tan(x)", "x=-6..6", "pole", [-1.5 * math.pi, -math.pi / 2, 0, math.pi / 2, 1.5 * math.pi]),
        ("1/(x - 1/3)^2", "x=-1..1", "pole", [1 / 3]),
        ("floor(x)/2 + x", "x=-1.5..1.5", "jump", [-1, 0, 1]),
        ("if(x > 0.1, x, -1)", "x=-2..2", "jump", [0.1]),
        ("abs(x^2 - 2)", "x=-2..2", "kink", [-math.sqrt(2), math.sqrt(2)]),
        ("max(x, 1 - x) + cbrt(x - 1)", "x=-2..2", "kink", [0.5, 1]),
        ("sin(x)/x", "x=-10..10", "hole", [0]),
        ("log(x)*sqrt(3 - x)", "x=-1..4", "edge", [0, 3]),
    ],
)
def test_breaks_are_found_where_they_are(formula, text, kind, places):
    found = drawn(formula, text)
    assert {one.kind for one in found.breaks} == {kind}
    assert [one.x for one in found.breaks] == pytest.approx(places, abs=1e-4)
    for place in places:
        across = [piece for piece in found.pieces if piece[0][0] < place - 1e-4 and piece[-1][0] > place + 1e-4]
        assert bool(across) == (kind in ("kink", "hole"))
        slopes = [piece for piece in found.slopes if piece[0][0] < place - 1e-4 and piece[-1][0] > place + 1e-4]
        assert bool(slopes) == (kind == "hole")


@pytest.mark.parametrize(("formula", "text", "place"), [
    ("sin(x)/x", "x=0..10", 0), ("sin(x)/x", "x=-10..0", 0), ("(x^2 - 1)/(x - 1)", "x=1..3", 1),
])  # fmt: skip
def test_a_hole_at_an_end_is_one(formula, text, place):
    found = drawn(formula, text)
    assert [(one.x, one.kind) for one in found.breaks] == [(place, "hole")]
    assert [one.kind for one in drawn("x*log(x)", "x=0..2").breaks] == ["edge"]


@pytest.mark.parametrize("formula", ["gamma(x)", "digamma(x)", "gamma(x)*exp(x)", "digamma(x)^2"])
def test_the_poles_of_gamma_are_all_there_is_between_its_branches(formula):
    """By hand: at 0, -1, -2, ...; between them all of these are analytic."""
    found = drawn(formula, "x=-3.6..3.7")
    assert [one.kind for one in found.breaks] == ["pole"] * 4
    assert [one.x for one in found.breaks] == pytest.approx([-3, -2, -1, 0], abs=1e-4)


@pytest.mark.parametrize(
    ("formula", "text"),
    [("log(x^2)", "x=0..2"), ("log(abs(x))", "x=-1..1"), ("lgamma(x)", "x=-4..2"), ("Ei(x)", "x=0..1")],
)
def test_what_grows_without_end_has_no_hole(formula, text):
    """By hand: log of what goes to 0 goes to minus infinity, however slowly, on both sides alike."""
    assert "hole" not in {one.kind for one in drawn(formula, text).breaks}


@pytest.mark.parametrize(
    ("formula", "values"), [("floor(x)", [0, 1]), ("ceil(x)", [0, 1]), ("if(x > 1, x^2, -x)", [-1])]
)
def test_a_jump_knows_its_own_value(formula, values):
    assert [one.value for one in drawn(formula, "x=-0.5..1.5").breaks] == values


def test_plot_is_a_function_whatever_has_been_imported():
    assert gc.plot.__wrapped__ is sys.modules["gradcalc.plot"].plot  # the folder of that name is no attribute
    assert gc.plot("x^2", "x=-3..3").pieces == curve("x^2", over("x=-3..3")).pieces
    assert gc.plot("a*x^2", "x=0..1", {"a": 2, "x": 1}).tangent.left == 4
    assert gc.plot("x*y", "x=-2..2, y=-1..1").names == ("x", "y")
    with pytest.raises(TypeError, match="'over'"):
        gc.plot("x^2")
    with pytest.raises(gc.FormulaError, match="one range, or two"):
        gc.plot("x*y*z", "x=0..1, y=0..1, z=0..1")


def test_a_derivative_that_swings_has_no_open_ends():
    (gap,) = curve("x^2*sin(1/x)", over("x=-0.5..0.5")).breaks
    assert set(gap.slopes) <= pictures.swinging(curve("x^2*sin(1/x)", over("x=-0.5..0.5")))
    for formula in ("abs(x)", "floor(x) + x^2", "x*abs(x)/x", "clamp(x^2, 0.01, 0.02)", "max(x^2, x^4 + x/9)"):
        assert not pictures.swinging(curve(formula, over("x=-0.5..0.5")))


def test_titles_are_folded_to_the_width():
    picture = terminal(curve("0.123456789*sin(x)/x + 0.987654321*x^2", over("x=0..10"), {"x": 3}), 40)
    lines = painted(picture, 40).split("\n")
    assert max(map(len, lines)) <= 40
    assert lines[:2] == ["0.123456789*sin(x)/x + 0.987654321*x^2", "  · tangent at x=3: slope 5.883249692"]
    assert "d/dx (0.123456789*sin(x)/x +\n  0.987654321*x^2)" in painted(picture, 40)


def test_a_narrow_peak_is_no_pole():
    found = drawn("exp(-x^2)", "x=-60..60.1")
    assert found.heights[1] > 0.9
    assert found.slope_heights[1] > 0.8
    assert field("exp(-x^2 - y^2)", *read_ranges("x=-2..2,y=-40..40")).heights[1] > 0.9
    assert drawn("1/x", "x=-3..3").heights[1] < 20


def test_a_corner_is_drawn_to_its_point():
    found = drawn("abs(x - 0.3)", "x=-1..1")
    assert min(y for _, y in found.pieces[0]) < 1e-9


def test_what_a_float_would_get_wrong_is_drawn_right():
    found = drawn("(1 - cos(x))/x^2", "x=-1e-7..1e-7")
    assert {round(y, 9) for piece in found.pieces for _, y in piece} == {0.5}


def test_many_breaks_do_not_take_for_ever():
    found = drawn("floor(1e5*x)", "x=0..1")
    assert found.pieces
    assert "kink" not in {one.kind for one in found.breaks}


def test_tangents_at_corners_and_jumps():
    corner = drawn("abs(x)", "x=-1..1", {"x": 0}).tangent
    assert (corner.left, corner.right) == (-1, 1)
    jump = drawn("floor(x)", "x=-1..1", {"x": 0}).tangent
    assert math.isnan(jump.left)
    assert math.isnan(jump.right)
    assert drawn("log(x)", "x=-1..1", {"x": -1}).tangent is None


def test_a_curve_that_is_nowhere():
    with pytest.raises(gc.UndefinedError):
        drawn("log(-1 - x^2)", "x=-1..1")
    with pytest.raises(gc.MissingValueError):
        drawn("x*y", "x=-1..1")


# ---- fields


def test_a_field_and_its_gradient():
    found = field("x^2 - k*y^2", *read_ranges("x=-2..2,y=-1..1"), {"k": 3, "x": 1, "y": 0.5})
    assert found.point == (1, 0.5)
    assert repr(found) == "<Field of x^2 - k*y^2 over x and y>"
    assert found.values[0][0] == 4 - 3
    for x, y, across, up in found.arrows:
        assert (across, up) == pytest.approx((2 * x, -6 * y))


def test_a_field_has_gaps_at_jumps_and_poles():
    jumps = field("floor(x) + y", *read_ranges("x=-1.5..1.5,y=-1..1"))
    gaps = {round(jumps.xs[i], 1) for row in jumps.values for i, value in enumerate(row) if math.isnan(value)}
    assert gaps == {-1.0, 0.0, 1.0}
    smooth = field("x*y + abs(x)", *read_ranges("x=-1.5..1.5,y=-1..1"))
    assert not any(math.isnan(value) for row in smooth.values for value in row)


# ---- pictures


def test_pictures_in_every_format():
    for thing in (
        drawn("tan(x) + abs(x)", "x=-3..3", {"x": 0}),
        field("log(x)*y", *read_ranges("x=-1..2,y=-1..1"), {"x": 1, "y": 0}),
    ):
        assert picture(thing, "png").startswith(b"\x89PNG")
        assert ElementTree.fromstring(picture(thing, "svg")).tag.endswith("svg")
        assert picture(thing, "pdf").startswith(b"%PDF")
        with pytest.raises(gc.FormulaError):
            picture(thing, "gif")


def test_the_terminal():
    found = drawn("1/x", "x=-2..2", {"x": 1})
    text = terminal(found, width=60, height=20)
    assert "\x1b" not in text
    assert all(len(line) <= 60 for line in text.splitlines())
    assert "tangent at x=1: slope -1" in text
    assert "\x1b[" in terminal(found, color=True)
    lines = terminal(drawn("x^2", "x=-3..3")).splitlines()
    assert (lines[0], lines[-1].strip()) == ("x^2", "x")
    assert [line.partition("┤")[0].strip() for line in lines if "┤" in line and line[0] != "│"][-1] == "-5"  # not cut
    low = terminal(drawn("x^3 - 2*x", "x=-3..3"), width=60, height=8).splitlines()
    assert len(low) <= 14
    assert [line.partition("┤")[0].strip() for line in low if "┤" in line] == [
        "20",
        "0",
        "-20",
        "0",
    ]  # each on its own line
    contour = field("x^2 - y^2", *read_ranges("x=-2..2,y=-1..1"))
    for thing in (found, contour):
        assert terminal(thing, ascii=True).isascii()
        assert len(terminal(thing, height=20).splitlines()) <= 21
    assert "→" in terminal(contour)


def test_nothing_heavy_is_imported_before_it_is_needed():
    heavy = "{'matplotlib', 'numpy', 'plotext', 'contourpy', 'sympy'}"
    code = f"import sys, gradcalc.plot, gradcalc.explain.practice; sys.exit(bool({heavy} & sys.modules.keys()))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(("module", "draw"), [("matplotlib", picture), ("plotext", terminal)])
def test_what_is_not_installed_is_named(monkeypatch, module, draw):
    for name in [*sys.modules]:
        if name.partition(".")[0] == module:
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(gc.FormulaError, match=r"pip install '.\[pictures\]'"):
        draw(drawn("x", "x=0..1"))


# ---- numbers as large and as small as doubles


@pytest.mark.parametrize(
    ("formula", "text", "kinds"),
    [
        ("exp(x)", "x=700..720", set()),
        ("exp(x)", "x=0..1000", set()),  # beyond doubles is no pole
        ("sinh(x)", "x=-800..800", set()),
        ("gamma(x)", "x=1..200", set()),
        ("1e308*x", "x=0..10", set()),
        ("x^3*1e307", "x=-3..3", set()),
        ("x", "x=1e308..1.7e308", set()),
        ("cos(x/1e308)", "x=-1.7e308..1.7e308", set()),
        ("1e-320*x", "x=0..1", set()),
        ("tan(x)", "x=-2..2", {"pole"}),
        ("1/(x - 1)", "x=0..2", {"pole"}),
    ],
)
def test_a_curve_is_drawn_as_far_as_doubles_go(formula, text, kinds):
    found = drawn(formula, text)
    assert {one.kind for one in found.breaks} == kinds
    assert all(math.isfinite(y) for piece in found.pieces for _, y in piece)
    assert all(map(math.isfinite, (*found.heights, *found.slope_heights)))
    assert len(terminal(found, width=60, height=14).splitlines()) <= 14
    assert picture(found).startswith(b"\x89PNG")


def test_exp_goes_up_to_where_doubles_end():
    (piece,) = drawn("exp(x)", "x=700..720").pieces
    assert 709.7 < piece[-1][0] < math.log(1.7976931348623157e308)
    assert "in 1e308" in terminal(drawn("exp(x)", "x=700..720"))


def test_a_field_of_large_numbers_is_drawn():
    found = field("1e308*x*y", *read_ranges("x=-3..3,y=-3..3"))
    assert picture(found).startswith(b"\x89PNG")
    assert terminal(found)


def test_contours_follow_the_values_where_even_ones_would_show_nothing():
    even = levels([i / 100 for i in range(101)], (0, 1), 4)
    assert even == pytest.approx([0, 0.5, 1]) or len(even) >= 3
    valley = field("(1 - x)^2 + 100*(y - x^2)^2", *read_ranges("x=-2..2,y=-1..3"))
    values = [value for row in valley.values for value in row]
    steps = levels(values, valley.heights, 14)
    counts = [sum(low <= value < high for value in values) for low, high in pairwise([-1, *steps, 1e9])]
    assert max(counts) < 0.2 * len(values)


def test_ticks_are_round_and_nothing_stands_over_the_curve():
    lines = terminal(drawn("sin(x)/x", "x=-10..10"), width=70).splitlines()
    assert lines[0] == "sin(x)/x"
    upper = lines[1 : lines.index("d/dx sin(x)/x")]
    assert not any(c.isalpha() for line in upper for c in line)
    ticks = [line.partition("┤")[0].strip() for line in upper if "┤" in line]
    assert [tick for tick in ticks if tick] == ["1", "0.5", "0"]
    assert lines[-1].strip() == "x"


def test_bounds_beyond_doubles_are_a_mistake_and_values_there_are_said():
    for typed in ("x=0:1e400", "x=-1e400:0"):
        with pytest.raises(gc.FormulaError, match="a bound of x is beyond doubles"):
            curve("x^2", read_ranges(typed)[0])
    with pytest.raises(gc.UndefinedError, match="has values beyond doubles alone between -1e308 and 1e308"):
        curve("x^2", read_ranges("x=-1e308:1e308")[0])
    for typed in ("x=0:1e-30000", "x=5e-324:1e-323", "x=1e16:1e16+1/2"):
        with pytest.raises(gc.FormulaError, match="the range of x is too narrow for doubles"):
            curve("x^2", read_ranges(typed)[0])
    with pytest.raises(gc.FormulaError, match="the step of x is too small to count the rows"):
        table("x^2", read_ranges("x=0:1:1e-30000")[0])
    assert terminal(curve("5e-324*x", read_ranges("x=-1:1")[0]), 60, 20)
    (exact,) = read_ranges("x=0:1e400:1e399")
    assert [row.value.ball is not None for row in table("x", exact).rows] == [True] * 11


@pytest.mark.parametrize(("formula", "over_x"), [("sin(x)/x", "x=-10..10"), ("x^2", "x=0..3"), ("exp(x)", "x=0..1")])
@pytest.mark.parametrize("height", [18, 20, 24])
def test_both_panels_have_a_scale(formula, over_x, height):
    text = terminal(drawn(formula, over_x), 60, height)
    upper, _, lower = text.partition("d/dx")
    for panel in (upper, lower):
        ticks = [line.partition("┤")[0].strip() for line in panel.splitlines() if "┤" in line]
        assert len({*ticks} - {""}) > 1
