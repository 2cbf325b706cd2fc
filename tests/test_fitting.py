"""Fits against NIST's certified results and closed solutions; enclosures that must hold the minimum."""

from __future__ import annotations

import csv
import json
import math
import pickle
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

import gradcalc as gc
from gradcalc import cli
from gradcalc.fitting.fits import read_bounds, read_start
from gradcalc.fitting.minimum import enclose
from gradcalc.fitting.problem import posed
from gradcalc.fitting.solver import solve
from gradcalc.helper import OutOfTime
from gradcalc.prompt import Console, enter

scipy = pytest.importorskip("scipy")
DATA = Path(__file__).parent / "data"


def rows(name):
    lines = (line for line in (DATA / name).read_text("utf-8").splitlines() if not line.startswith("#"))
    return list(csv.DictReader(lines, delimiter="\t"))


SETS = {row["id"]: row for row in rows("nist_strd.tsv")}
OBSERVATIONS = rows("nist_strd_data.tsv")
sets = pytest.mark.parametrize("name", SETS)


def numbers(text):
    return {name: float(value) for name, value in (part.split("=") for part in text.split(";"))}


def columns(name):
    """The columns of a set, under the names that its formula has."""
    first = "x1" if name == "Nelson" else "x"
    own = [row for row in OBSERVATIONS if row["id"] == name]
    found = {"y": [float(row["y"]) for row in own], first: [float(row["x"]) for row in own]}
    return found | ({"x2": [float(row["x2"]) for row in own]} if name == "Nelson" else {})


def digits(found, truth):
    return min(-math.log10(abs(found[name] / truth[name] - 1) + 1e-17) for name in truth)


@sets
def test_nist_from_the_nearer_start(name):
    row = SETS[name]
    fit = gc.fit(row["formula"], columns(name), y=row["response"], start=numbers(row["start2"]))
    assert digits(fit.parameters, numbers(row["refined"])) >= 15
    assert digits(fit.errors, numbers(row["certified_sd"])) >= 10  # of the 11 that are published
    assert fit.sum_of_squares == pytest.approx(float(row["refined_rss"]), rel=1e-14)  # that of Lanczos1 is 1.4e-25
    assert fit.residual_deviation == pytest.approx(float(row["certified_rsd"]), rel=1e-10)
    assert fit.enclosure.digits >= 17
    assert fit.enclosure.minimum
    for x in fit.errors:
        assert fit.covariance[x][x] == pytest.approx(fit.errors[x] ** 2)


@sets
def test_nist_from_the_far_start(name):
    row = SETS[name]
    problem = posed(row["formula"], columns(name), row["response"], numbers(row["start1"]))
    found = solve(problem)
    assert found.arrived
    assert digits(dict(zip(problem.names, found.parameters, strict=True)), numbers(row["refined"])) >= 6
    if problem.rows < 40:  # the enclosure is the one of the other start
        near = enclose(problem, found.parameters, [False] * len(problem.names))
        assert digits(dict(zip(problem.names, near.parameters, strict=True)), numbers(row["refined"])) >= 15


# ---- against closed solutions

XS = [0.1, 0.2, 0.4, 0.7, 1.1]
YS = [1.3, 1.1, 2.2, 2.1, 3.7]


def test_a_line_is_the_one_of_the_normal_equations():
    xs, ys = ([Fraction(str(x)) for x in column] for column in (XS, YS))
    n, sx, sy = len(xs), sum(xs), sum(ys)
    sxx, sxy = sum(x * x for x in xs), sum(x * y for x, y in zip(xs, ys, strict=True))
    slope = (n * sxy - sx * sy) / (n * sxx - sx**2)
    level = (sy - slope * sx) / n
    rss = sum((y - level - slope * x) ** 2 for x, y in zip(xs, ys, strict=True))
    fit = gc.fit("a + b*x", {"x": XS, "y": YS}, y="y", start={"a": 1, "b": "1/2"})
    assert fit.parameters == {"a": float(level), "b": float(slope)}
    assert fit.sum_of_squares == float(rss)
    assert fit.errors["b"] == pytest.approx(math.sqrt(rss / (n - 2) * n / (n * sxx - sx**2)), rel=1e-15)
    mean = sy / n
    assert fit.r_squared == pytest.approx(float(1 - rss / sum((y - mean) ** 2 for y in ys)), rel=1e-14)
    assert fit.degrees_of_freedom == n - 2
    assert repr(fit) == str(fit)
    assert pickle.loads(pickle.dumps(fit)).parameters == fit.parameters
    assert ">standard error</th>" in fit._repr_html_()


def test_sigma_weighs_and_a_fixed_parameter_stays():
    data = {"x": XS, "y": YS, "s": [0.1, 0.1, 0.2, 0.3, 0.5]}
    fit = gc.fit("a + b*x", data, y="y", start={"a": 1, "b": 1}, sigma="s")
    design = np.stack([np.ones(5), XS], 1) / np.array(data["s"])[:, None]
    expected, *_ = np.linalg.lstsq(design, np.array(YS) / data["s"], rcond=None)
    assert [*fit.parameters.values()] == pytest.approx([*expected], rel=1e-12)
    fixed = gc.fit("a + b*x", data, y="y", start={"a": 1}, fixed={"b": "2"})
    assert fixed.parameters == {"a": pytest.approx(np.mean(np.array(YS) - 2 * np.array(XS)))}
    with pytest.raises(gc.FormulaError, match="row 2 of the data: s is 0"):
        gc.fit("a*x", {**data, "s": [1, 0, 1, 1, 1]}, y="y", start={"a": 1}, sigma="s")


def test_a_response_may_be_a_formula():
    data = {"x": [1.0, 2.0, 3.0, 4.0], "y": [math.exp(0.5 * x + 1) for x in (1, 2, 3, 4)]}
    fit = gc.fit("a + b*x", data, y="log(y)", start={"a": 0, "b": 0})
    assert fit.parameters == {"a": pytest.approx(1, rel=1e-14), "b": pytest.approx(0.5, rel=1e-14)}


def test_a_data_frame_is_a_mapping_of_columns():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"x": XS, "y": YS, "label": [*"abcde"]}, index=[5, 3, 1, 9, 0])
    plain = gc.fit("a*x", {"x": XS, "y": YS}, y="y", start={"a": 1})
    assert gc.fit("a*x", frame, y="y", start={"a": 1}).parameters == plain.parameters
    table = np.array([*zip(XS, YS, strict=True)], dtype=[("x", float), ("y", float)])
    assert gc.fit("a*x", table, y="y", start={"a": 1}).parameters == plain.parameters
    with pytest.raises(gc.FormulaError, match="neither columns by name nor a path"):
        gc.fit("a*x", [{"x": 1, "y": 2}], y="y", start={"a": 1})
    with pytest.raises(gc.FormulaError, match="'a' at 0"):
        gc.fit("a*x", frame, y="label", start={"a": 1})


def test_a_bound_that_holds():
    data = {"x": XS, "y": YS}
    fit = gc.fit("a + b*x", data, y="y", start={"a": 1.5, "b": 1}, bounds={"a": (1.2, None), "b": (None, 5)})
    assert fit.at_bounds == ("a",)
    assert fit.parameters["a"] == 1.2
    expected = sum(x * (y - 1.2) for x, y in zip(XS, YS, strict=True)) / sum(x * x for x in XS)
    assert fit.parameters["b"] == pytest.approx(expected, rel=1e-14)
    assert fit.errors["a"] == 0
    assert fit.enclosure.minimum  # the sum of squares certainly grows inwards
    assert gc.fit("a + b*x", data, y="y", start={"a": 1, "b": 1}, bounds={"a": (-5, 5)}).at_bounds == ()


def test_all_parameters_at_a_bound_and_a_power_at_zero():
    held = gc.fit("a*x", {"x": XS, "y": YS}, y="y", start={"a": 1}, bounds={"a": (0, 2)})
    assert (held.parameters, held.at_bounds, held.errors) == ({"a": 2.0}, ("a",), {"a": 0.0})
    assert held.enclosure.minimum
    power = gc.fit("a*x^b", {"x": [0.0, 1.0, 2.0, 3.0], "y": [0.0, 2.0, 5.0, 9.0]}, y="y", start={"a": 1, "b": 1})
    assert power.enclosure.minimum  # though the derivative by b has a logarithm of 0 in a branch that is not taken


# ---- what is not certain is said


def test_parameters_that_are_not_told_apart():
    fit = gc.fit("a*b*x", {"x": XS, "y": YS}, y="y", start={"a": 1, "b": 1})
    assert fit.enclosure.digits == 0
    assert fit.enclosure.reason
    assert all(map(math.isnan, fit.errors.values()))
    assert "not certified" in str(fit)


def test_kinks_and_branches():
    data = {"x": XS, "y": YS}
    assert "kinks" in gc.fit("abs(a)*x", data, y="y", start={"a": 1}).enclosure.reason
    branches = gc.fit("if(x > 0.3, a, b)*x", data, y="y", start={"a": 1, "b": 1})
    assert branches.enclosure.minimum


def test_a_saddle_is_no_minimum():
    found = gc.fit("a^2*x", {"x": XS, "y": [-y for y in YS]}, y="y", start={"a": 0.5})
    assert found.parameters["a"] == pytest.approx(0, abs=1e-4)  # where y = -a^2 is flattest; both sides rise
    saddle = posed("a^2*x", {"x": XS, "y": YS}, "y", {"a": 1})
    assert not enclose(saddle, [0.0], [False]).minimum


def test_a_perfect_fit_and_one_without_freedom():
    exact = gc.fit("a + b*x", {"x": [1, 2, 3], "y": [3, 5, 7]}, y="y", start={"a": 0, "b": 0})
    assert exact.parameters == {"a": 1.0, "b": 2.0}
    assert exact.sum_of_squares == 0
    through = gc.fit("a + b*x", {"x": [1, 2, 3], "y": [2, 4, 6]}, y="y", start={"a": 1, "b": 0})
    assert through.parameters == {"a": 0.0, "b": 2.0}
    assert through.enclosure.minimum
    tight = gc.fit("a + b*x", {"x": [1, 2], "y": [3, 5]}, y="y", start={"a": 0, "b": 0})
    assert math.isnan(tight.residual_deviation)
    assert tight.degrees_of_freedom == 0


@pytest.mark.parametrize(
    ("formula", "more", "message"),
    [
        ("a*z", {}, "the data has no column z"),
        ("a*x", {"start": {}}, "nothing is to be fitted"),
        ("a*x", {"start": {"q": 1}}, "q has a start and is not in the formula"),
        ("a*x", {"fixed": {"a": 1}}, "a has a value, so it needs no start"),
        ("a*x", {"bounds": {"b": (0, 1)}}, "b has bounds and no start"),
        ("a*x", {"bounds": {"a": (2, 3)}}, "outside its bounds"),
        ("a*x", {"bounds": {"a": (3, 2)}}, "leave nothing between them"),
        ("a*log(x - 1)", {}, "row 1 of the data has no value: log needs x > 0"),
        ("a*x + b + c + d + f + g", {"start": dict.fromkeys("abcdfg", 1)}, "5 rows do not determine 6 parameters"),
    ],
)
def test_what_cannot_be_fitted(formula, more, message):
    asked = {"y": "y", "start": {"a": 1}, **more}
    with pytest.raises(gc.FormulaError, match=message):
        gc.fit(formula, {"x": XS, "y": YS}, **asked)


def test_data_that_are_no_numbers():
    with pytest.raises(gc.FormulaError, match=r"y\[1\] is nan"):
        gc.fit("a*x", {"x": [1, 2], "y": [1, math.nan]}, y="y", start={"a": 1})
    with pytest.raises(gc.FormulaError, match="no numbers: 'abc' at 1"):
        gc.fit("a*x", {"x": [1, 2], "y": [1, "abc"]}, y="y", start={"a": 1})
    with pytest.raises(gc.FormulaError, match="different lengths: y has 1, x has 2"):
        gc.fit("a*x", {"x": [1, 2], "y": [1]}, y="y", start={"a": 1})


def test_a_column_is_no_constant():
    with pytest.raises(gc.FormulaError, match="e is a constant here, not the column"):
        gc.fit("a*e", {"e": XS, "y": YS}, y="y", start={"a": 1})


@pytest.mark.parametrize("more", [{"start": {"a": 1, "x": 2}}, {"start": {"a": 1}, "fixed": {"x": 2}}])
def test_a_column_is_no_parameter(more):
    with pytest.raises(gc.FormulaError, match="x is a column"):
        gc.fit("a*x", {"x": XS, "y": YS}, y="y", **more)


def test_definitions_and_functions_in_the_formula():
    data = {"x": XS, "y": YS}
    plain = gc.fit("a*exp(b*x)", data, y="y", start={"a": 1, "b": 1}).parameters
    assert gc.fit("k = b*x; a*exp(k)", data, y="y", start={"a": 1, "b": 1}).parameters == plain
    assert gc.fit("g(t) = exp(b*t); a*g(x)", data, y="y", start={"a": 1, "b": 1}).parameters == plain


def test_starts_and_bounds_are_read():
    assert {name: str(value) for name, value in read_start(["b1=500,b2=1e-4", "c=pi/2"]).items()} == {
        "b1": "500", "b2": "1e-4", "c": "pi/2",
    }  # fmt: skip
    assert read_bounds(["b1=0:,b2=:pi/pi", "c=-1:1"]) == {"b1": (0, None), "b2": (None, 1), "c": (-1, 1)}
    for text in ("b1", "b1=5", "b1=:", "b1=0:1,b1=0:2"):
        with pytest.raises(gc.FormulaError):
            read_bounds([text])


# ---- the command and the prompt


@pytest.fixture
def command(capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)
    pairs = zip(columns("Misra1a")["x"], columns("Misra1a")["y"], strict=True)
    (tmp_path / "points.csv").write_text("x,y\n" + "".join(f"{x},{y}\n" for x, y in pairs))

    def run(*words):
        status = cli.main(list(words))
        out, err = capsys.readouterr()
        return status, out, err

    return run


MODEL = "b1*(1 - exp(-b2*x))"
ASKED = ("--fit", "y", "--data", "points.csv", "--start", "b1=500,b2=0.0001")


def test_the_command_and_the_prompt_say_the_same(command):
    status, out, err = command(MODEL, *ASKED)
    assert (status, err) == (0, "")
    assert out.startswith("y = b1*(1 - exp(-b2*x))\n\nname            value  standard error   start\n")
    assert "\nb1        238.9421292           2.707     500\n" in out
    assert "certified: a local minimum is enclosed, the parameters certain to " in out
    assert "residual standard deviation 0.1018787633" in out
    at_the_prompt = f":fit {MODEL} --y y --data points.csv --start b1=500,b2=0.0001"
    assert "".join(enter(Console(), at_the_prompt)) == out
    console = Console()
    "".join(enter(console, "b1 = 3; x = 2"))
    with pytest.raises(gc.FormulaError, match=r"x is a column of points\.csv and has a value"):
        "".join(enter(console, at_the_prompt))
    "".join(enter(console, ":delete x"))
    assert "".join(enter(console, at_the_prompt)) == out  # a start is meant, whatever the name is worth
    with pytest.raises(gc.FormulaError, match="a fit needs --start"):
        "".join(enter(Console(), f":fit {MODEL} --y y --data points.csv"))


def test_json_and_pictures(command, tmp_path):
    found = json.loads(command(MODEL, *ASKED, "--json")[1])
    assert found["parameters"]["b1"] == pytest.approx(238.9421291788617, rel=1e-15)
    assert found["certified"]["minimum"] is True
    name, value, error, start = command(MODEL, *ASKED, "--plain")[1].splitlines()[0].split("\t")
    assert (name, float(value), float(start)) == ("b1", found["parameters"]["b1"], 500)
    assert float(error) == found["standard_errors"]["b1"]
    command(MODEL, *ASKED, "-o", "fit.csv")
    assert (tmp_path / "fit.csv").read_text().startswith("name,value,standard_error,start\nb1,238.94")
    pytest.importorskip("matplotlib")
    assert command(MODEL, *ASKED, "-o", "fit.svg") == (0, "", "wrote fit.svg\n")
    assert "<svg" in (tmp_path / "fit.svg").read_text()
    pytest.importorskip("plotext")
    assert "● data   · 95 % band" in command(MODEL, *ASKED, "--plot")[1]


def test_a_name_bound_on_the_command_line_is_fixed(command):
    _, out, _ = command(MODEL, "b2=0.0005", "--fit", "y", "--data", "points.csv", "--start", "b1=500")
    assert out.startswith("y = b1*(1 - exp(-0.0005*x))\n")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("x,y\n1,2\n2,abc\n", "line 3: y is 'abc', no number"),
        ("x,y\n1,2\n2,nan\n", "line 3: y is nan, no finite number"),
        ("x,y\n1,2\n2,inf\n", "line 3: y is inf, no finite number"),
        ("x,y\n1,2\n3\n", "line 3: 1 cells for 2 columns"),
        ("", "is empty"),
        ("x,yield\n1,2\n", "has no column y"),
    ],
)
def test_bad_files_are_told_with_their_line(command, tmp_path, content, message):
    (tmp_path / "points.csv").write_text(content)
    status, out, err = command(MODEL, *ASKED)
    assert (status, out) == (2, "")
    assert message in err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--fit", "y", "--start", "b1=1,b2=1"), "--fit needs --data"),
        (("--fit", "y", "--data", "points.csv"), "--fit needs --start"),
        ((*ASKED, "--fit", "x"), "a formula is fitted to one column"),
        ((*ASKED, "--explain"), "are two views of a formula"),
        ((*ASKED, "-n"), "--fit does not go with --numeric"),
        (("--fit", "y", "--data", "points.csv", "--start", "b1=500"), "a parameter needs a start, or a value: b2=..."),
        (("--fit", "z", "--data", "points.csv", "--start", "b1=500,b2=1"), "the formula is fitted to one of them\n"),
        ((*ASKED, "--sigma", "s"), "the uncertainties are one of them\n"),
        (("--plot",), "--plot needs a range"),
    ],
)
def test_what_the_command_lacks(command, words, message):
    status, _, err = command(MODEL, *words)
    assert status == 2
    assert message in err


def test_where_the_time_ends_the_best_so_far_is_told():
    def late(count, _):
        if count == 3:
            raise OutOfTime

    x = [0.0, 1.0, 2.0, 3.0]
    data = {"x": x, "y": [3 * math.exp(-each) for each in x]}
    found = gc.fit("a*exp(-b*x)", data, y="y", start={"a": 2, "b": 0.5}, progress=late)
    assert not found.ended
    assert found.sum_of_squares < sum((2 * math.exp(-each / 2) - y) ** 2 for each, y in zip(x, data["y"], strict=True))
    told = str(found)
    assert "not certified: out of time" in told
    assert "did not come to an end in 3 evaluations" in told
    assert "do not tell the parameters apart" not in told
