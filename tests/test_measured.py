"""Uncertainties: read, propagated, and held against the literature and against the package `uncertainties`."""

from __future__ import annotations

import json
import math
import pickle
import random
import re
import statistics

import pytest

import gradcalc as gc
from gradcalc import cli
from gradcalc.language.formula import expression
from gradcalc.prompt import Console, enter
from gradcalc.show.numbers import rounded


@pytest.fixture
def command(capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))

    def run(*words):
        status = cli.main(list(words))
        out, err = capsys.readouterr()
        return status, out, err

    return run


# ---- read


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("2±0.1", "2 ± 0.1"),
        ("2+/-0.1", "2 ± 0.1"),
        ("2.00(10)", "2.00 ± 0.10"),
        ("-2.00(10)", "-2.00 ± 0.10"),
        ("2.00(0.10)", "2.00 ± 0.10"),
        ("100(3)", "100 ± 3"),
        ("6.67430(15)*10^-11", "6.67430e-11 ± 0.00015e-11"),
        ("6.67430(15)×10⁻¹¹", "6.67430e-11 ± 0.00015e-11"),
        ("9.1093837139(28)e-31", "9.1093837139e-31 ± 0.0000000028e-31"),
        ("(pi ± pi/100)", "pi ± pi/100"),
    ],
)
def test_ways_to_write_an_uncertainty(text, read):
    found = gc.uncertain(text)
    assert expression(found) == read
    assert expression(gc.uncertain(read)) == read  # what is printed can be typed
    assert expression(pickle.loads(pickle.dumps(found))) == read


@pytest.mark.parametrize(
    ("word", "message", "mark"),
    [
        ("x=2+-0.1", "'2+-0.1' can be read in two ways", "2+-0.1"),
        ("x=1.00e3(5)", "'1.00e3(5)' can be read in two ways", "1.00e3(5)"),
        ("x=2±", "'±' has nothing on its right", ""),
        ("x=±1", "'±' belongs to the value of a variable", "±"),
        ("x=2±0.1±3", "'±' belongs to the value of a variable", "±"),
        ("x=2±-0.1", "the uncertainty of x is negative", "-0.1"),
        ("x=2.00(10", "'(' is never closed", "("),
        ("x=2±y", "x with its uncertainty depends on y", "2±y"),
    ],
)
def test_mistakes_have_their_place(command, word, message, mark):
    status, out, err = command("x^2", word)
    assert (status, out) == (2, "")
    assert err.splitlines()[0] == f"error: {message}"
    line, caret = err.splitlines()[1:3]
    start = caret.index("^")
    assert line[start : start + len(mark)] == mark


def test_a_product_and_an_uncertainty_are_told_apart(command):
    assert command("a = 2(3); a^2")[2].splitlines()[0] == "error: '2(3)' can be read in two ways"
    assert command("a = 2*(3); a^2", "-q")[1] == "36\n"
    assert command("x^2", "x=2 + -0.1", "-q")[1] == "3.61\n"
    with pytest.raises(gc.FormulaSyntaxError, match="which no formula holds"):
        gc.parse("x = 2±0.1; x^2")


# ---- rounded as people write


@pytest.mark.parametrize(
    ("value", "uncertainty", "written"),
    [
        (58.87, 3.04, ("58.9", "3.0")),
        (6.0, 3.0, ("6.0", "3.0")),
        (123456.0, 345.6, ("123460", "350")),
        (1.0, 0.0996, ("1.00", "0.10")),
        (6.674e-11, 1.5e-15, ("6.67400e-11", "0.00015e-11")),
        (-0.001, 0.02, ("-0.001", "0.020")),
        (-1e-9, 0.5, ("0.00", "0.50")),
        (3.0, 0.0, ("3", "0")),
        (1.0, math.nan, ("1", "?")),
    ],
)
def test_two_digits_of_the_uncertainty(value, uncertainty, written):
    assert rounded(value, uncertainty) == written


# ---- the literature


def test_gum_h1_end_gauge():
    """JCGM 100:2008, annex H.1: 50.000838 mm, 32 nm to first order and 34 nm to second (H.1.7)."""
    found = gc.propagate(
        "ls + d - ls*(da*th + al*dt)",
        {"ls": "50000623±25", "d": "215±9.7", "da": "0±0.58e-6", "th": "-0.1±0.41", "al": "11.5e-6±1.2e-6",
         "dt": "0±0.029"},
    )  # fmt: skip
    assert found.value == pytest.approx(50_000_838)
    assert round(found.uncertainty) == 32
    assert found.second is not None
    assert round(found.second.deviation) == 34
    contributions = {name: math.sqrt(share) * found.uncertainty for name, share in found.shares.items()}
    assert {name: round(size, 1) for name, size in contributions.items()} == {
        "ls": 25.0, "d": 9.7, "da": 2.9, "th": 0.0, "al": 0.0, "dt": 16.7,
    }  # fmt: skip


# the readings of table H.2, in volts, milliamperes and radians
VOLTS = (5.007, 4.994, 5.005, 4.990, 4.999)
AMPERES = (19.663e-3, 19.639e-3, 19.640e-3, 19.685e-3, 19.678e-3)
PHASES = (1.0456, 1.0438, 1.0468, 1.0428, 1.0433)


@pytest.mark.parametrize(
    ("formula", "value", "uncertainty"),
    [("V/I*cos(p)", 127.732, 0.071), ("V/I*sin(p)", 219.847, 0.295), ("V/I", 254.260, 0.236)],
)
def test_gum_h2_resistance_and_reactance(formula, value, uncertainty):
    """JCGM 100:2008, annex H.2, tables H.2 to H.4: correlations from the readings."""
    series = {"V": VOLTS, "I": AMPERES, "p": PHASES}
    at = {n: gc.uncertain(statistics.fmean(x), statistics.stdev(x) / math.sqrt(5)) for n, x in series.items()}
    pairs = [("V", "I"), ("V", "p"), ("I", "p")]
    correlations = {pair: statistics.correlation(series[pair[0]], series[pair[1]]) for pair in pairs}
    assert [round(r, 2) for r in correlations.values()] == [-0.36, 0.86, -0.65]
    found = gc.propagate(formula, at, correlations)
    assert round(found.value, 3) == value
    assert found.uncertainty == pytest.approx(uncertainty, abs=0.001)
    assert sum(found.shares.values()) == pytest.approx(1)


def test_gum_supplement_1_mass_calibration():
    """JCGM 101:2008, 9.3: 1.2340 mg with 0.0539 mg to first order and 0.0750 mg with the terms of higher order."""
    found = gc.propagate(
        "(m + dm)*(1 + (ra - 1.2)*(1/rw - 1/rr)) - 100000",
        {"m": "100000.000±0.050", "dm": "1.234±0.020", "ra": "1.20±0.1/sqrt(3)", "rw": "8000±1000/sqrt(3)",
         "rr": "8000±50/sqrt(3)"},
        samples=200_000,
    )  # fmt: skip
    assert (round(found.value, 4), round(found.uncertainty, 4)) == (1.2340, 0.0539)
    assert found.second is not None
    assert found.sampled is not None
    assert (round(found.second.mean, 4), round(found.second.deviation, 4)) == (1.2340, 0.0750)
    assert found.second.matters
    assert found.sampled.agreement(found.value, found.uncertainty) == "differs"
    assert found.sampled.agreement(found.second.mean, found.second.deviation) == "agrees"


@pytest.mark.parametrize(
    ("x1", "correlation", "mean", "deviation"),
    [(0, 0, 50, 50), (0.010, 0, 150, 112), (0.050, 0, 2550, 502),
     (0, 0.9, 50, 67), (0.010, 0.9, 150, 121), (0.050, 0.9, 2550, 505)],
)  # fmt: skip
def test_gum_supplement_1_comparison_loss(x1, correlation, mean, deviation):
    """JCGM 101:2008, 9.4, tables 6 and 7: x1^2 + x2^2 with u = 0.005, in units of 1e-6, by the Monte Carlo method."""
    at = {"x1": gc.uncertain(x1, 0.005), "x2": "0±0.005"}
    found = gc.propagate("x1^2 + x2^2", at, {("x1", "x2"): correlation}, samples=200_000)
    assert found.second is not None
    assert found.sampled is not None
    assert round(found.second.mean * 1e6) == mean
    assert found.second.deviation * 1e6 == pytest.approx(deviation, abs=0.6)
    assert found.second.matters or x1 == 0.05  # where the change is 10 % to the last digit
    assert found.sampled.deviation == pytest.approx(found.second.deviation, rel=0.02)


@pytest.mark.parametrize(
    ("formula", "at", "value", "uncertainty"),
    [
        # NIST Uncertainty Machine, user's manual: thermal expansion coefficient (also NIST TN 1900, example E13)
        ("(L1 - L0)/(L0*(T1 - T0))",
         {"L0": "1.4999±0.0001", "T0": "288.15±0.02", "L1": "1.5021±0.0002", "T1": "373.10±0.05"},
         1.7266e-5, 1.76e-6),
        # the same manual: the Stefan-Boltzmann constant, 5.67037e-8 and 2.05e-13
        ("32*pi^5*h*R^4*K^4/(15*m^4*0.001^4*299792458^6*a^8)",
         {"h": "6.62606957(29)e-34", "R": "8.3144621(75)", "K": "10973731.568539(55)",
          "m": "5.4857990946(22)e-4", "a": "7.2973525698(24)e-3"}, 5.67037e-8, 2.05e-13),
    ],
)  # fmt: skip
def test_nist_examples(formula, at, value, uncertainty):
    found = gc.propagate(formula, at)
    assert found.value == pytest.approx(value, rel=2e-5)
    assert found.uncertainty == pytest.approx(uncertainty, rel=3e-3)


# ---- against the package `uncertainties`


def test_200_random_formulas_agree_with_uncertainties():
    uncertainties = pytest.importorskip("uncertainties")
    umath = pytest.importorskip("uncertainties.umath")
    names, drawn = ("a", "b", "c", "d"), random.Random(7)
    forms = (
        "({} + {})", "({} - {})", "{}*{}", "{}/(2 + {}^2)", "sin({})", "cos({})", "exp({}/5)", "atan({})", "tanh({})",
        "sqrt(1 + {}^2)", "log(3 + {}^2)", "{}^3/9",
    )  # fmt: skip

    def formula(depth: int) -> str:
        if depth == 0:
            return drawn.choice(names)
        form = drawn.choice(forms)
        return form.format(
            *(f"({formula(depth - drawn.choice((1, 1, 2)) if depth > 1 else 0)})" for _ in range(form.count("{}")))
        )

    for _ in range(200):
        text = formula(4)
        values = {name: round(drawn.uniform(-2, 2), 3) for name in names}
        sizes = {name: round(drawn.uniform(0.001, 0.2), 4) for name in names}
        theirs = {name: uncertainties.ufloat(values[name], sizes[name]) for name in names}
        expected = eval(text.replace("^", "**"), {"__builtins__": {}, **vars(umath), **theirs})
        used = {
            name
            for name in names
            if name in text.replace("tan", "").replace("cos", "").replace("sin", "").replace("atan", "")
        }
        at = {name: gc.uncertain(values[name], sizes[name]) for name in used}
        found = gc.propagate(text, at)
        assert found.value == pytest.approx(expected.nominal_value, rel=1e-12, abs=1e-14)
        assert found.uncertainty == pytest.approx(expected.std_dev, rel=1e-9, abs=1e-14)
        for name, part in expected.error_components().items():
            mine = next(n for n in names if theirs[n] is name)
            assert found.shares[mine] == pytest.approx(
                (part / expected.std_dev) ** 2 if expected.std_dev else 0, abs=1e-9
            )


@pytest.mark.parametrize(("x", "mean", "deviation"), [(0.001, 0.013, 0.007), (0.010, 0.015, 0.008)])
def test_gum_supplement_2_magnitude(x, mean, deviation):
    """JCGM 102:2011, 9.4: the magnitude of a complex number near 0, where the first order (0.010) is wrong."""
    found = gc.propagate("sqrt(re^2 + im^2)", {"re": gc.uncertain(x, 0.01), "im": "0±0.01"}, samples=100_000)
    assert found.uncertainty == pytest.approx(0.010)
    assert found.sampled is not None
    assert (round(found.sampled.mean, 3), round(found.sampled.deviation, 3)) == (mean, deviation)
    assert found.sampled.agreement(found.value, found.uncertainty) == "differs"
    assert found.second is not None
    assert found.second.matters


@pytest.mark.parametrize("ask", [gc.evaluate, gc.grad, gc.hessian, gc.certify])
def test_numbers_alone_take_no_uncertainty(ask):
    with pytest.raises(gc.FormulaError, match="x has an uncertainty, which is not propagated here"):
        ask("x^2", {"x": gc.uncertain("2±0.1")})


def test_an_uncertainty_stands_in_no_formula():
    value = gc.uncertain("2±0.1")
    assert (str(value), repr(value), value._repr_latex_()) == ("2 ± 0.1", "<Formula 2 ± 0.1>", r"$2 \pm 0.1$")
    for ask in (gc.evaluate, lambda formula: gc.compile(formula).value()):
        with pytest.raises(gc.FormulaError, match="stands in no formula"):
            ask(3 * value)


# ---- correlations


def test_correlated_values_can_cancel():
    found = gc.propagate("x - y", {"x": "5±0.1", "y": "3±0.1"}, {("x", "y"): 1})
    assert (found.value, found.uncertainty) == (2.0, 0.0)
    assert gc.propagate("x - y", {"x": "5±0.1", "y": "3±0.1"}, {("y", "x"): -1}).uncertainty == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("correlations", "message"),
    [
        ({("x", "y"): 1.2}, "is 1.2, not between -1 and 1"),
        ({("x", "w"): 0.2}, "w has none"),
        ({("x", "x"): 0.2}, "with itself"),
        ({("x", "y"): -0.9, ("y", "z"): -0.9, ("x", "z"): -0.9}, "not positive semidefinite"),
        ({("x", "y"): 1, ("y", "z"): 1, ("x", "z"): 0.999999999}, "the matrix of x, y, z is not positive semidefinite"),
    ],
)
def test_correlations_that_cannot_be(correlations, message):
    with pytest.raises(gc.FormulaError, match=message):
        gc.propagate("x*y*z", {"x": "1±1", "y": "1±1", "z": "1±1"}, correlations)


# ---- where the first order ends


@pytest.mark.parametrize(
    ("formula", "at", "found"),
    [
        ("abs(x)", {"x": "0.1±0.1"}, ["kink: abs(x) at x = 0, 1 standard deviation away"]),
        ("abs(x)", {"x": "0.3±0.1"}, []),
        ("x*abs(x)", {"x": "0.1±0.1"}, []),  # its derivative goes on
        ("x^2", {"x": "0.1±0.2"}, []),
        ("1/x", {"x": "0.1±0.2"}, ["edge: 1/x has no value at x = 0, 0.5 standard deviations away"]),
        ("log(x)", {"x": "1±0.6"}, ["edge: log(x) ends at x = 0, 1.7 standard deviations away"]),
        ("log(x - y)", {"x": "1±0.2", "y": "0.5±0.2"},
         ["edge: log(x - y) ends at x = 0.75, y = 0.75, 1.8 standard deviations away"]),
        ("log(x - y)", {"x": "1±0.1", "y": "0.5±0.1"}, []),
        ("floor(x)", {"x": "0.9±0.2"}, ["jump: floor(x) at x = 1, 0.5 standard deviations away"]),
        ("if(y > 0, 1, abs(x))", {"x": "0.1±0.1", "y": "1"}, []),  # a branch that is not taken
    ],
)  # fmt: skip
def test_kinks_and_edges_near_by_are_said(formula, at, found):
    assert [f"{each.kind}: {each}" for each in gc.propagate(formula, at).nearby] == found


def test_no_first_order_at_a_kink():
    found = gc.propagate("abs(x)", {"x": "0±0.1"}, samples=20_000)
    assert math.isnan(found.uncertainty)
    assert "corner" in found.reason
    assert found.sampled is not None
    assert found.sampled.mean == pytest.approx(0.1 * math.sqrt(2 / math.pi), rel=0.05)
    assert str(found).splitlines()[0] == "value = 0 ± ?"


def test_draws_without_a_value_are_counted():
    found = gc.propagate("log(x)", {"x": "1±1"}, samples=20_000)
    assert found.sampled is not None
    share = found.sampled.without / 20_000
    assert share == pytest.approx(0.1587, abs=0.01)  # of the normal distribution beyond one deviation
    assert found.sampled.agreement(found.value, found.uncertainty) == "differs"
    with pytest.raises(gc.FormulaError, match="no value has an uncertainty"):
        gc.propagate("log(x)", {"x": 1})


def test_too_few_draws_decide_nothing_and_a_seed_repeats_them():
    few, again = (gc.propagate("x^2", {"x": "2±0.1"}, samples=100, seed=3).sampled for _ in range(2))
    assert few == again
    assert few is not None
    assert few.agreement(4, 0.4) == "undecided"


@pytest.mark.parametrize(("value", "size"), [(1e308, 1e307), (1e150, 1e149), (1e-150, 1e-151), (3e-310, 1e-310)])
def test_draws_of_any_size_have_moments(value, size):
    found = gc.propagate("x", {"x": f"{value!r}±{size!r}"}, samples=20_000)
    assert found.sampled is not None
    assert found.sampled.mean == pytest.approx(value, rel=0.01)
    assert found.sampled.deviation == pytest.approx(size, rel=0.03)
    assert found.sampled.deviation_error == pytest.approx(size / math.sqrt(40_000), rel=0.1)  # of a normal distribution
    assert found.sampled.agreement(value, size) == "agrees"


# ---- what people see


def test_the_ends_of_an_interval_are_told_apart(command):
    _, out, _ = command("x", "x=9.80665±0.00001", "--samples", "1000")
    (ends,) = re.findall(r"95 % from (\S+) to (\S+);", out)
    assert float(ends[1]) - float(ends[0]) == pytest.approx(2 * 1.96e-5, rel=0.1)


def test_the_answer_has_the_uncertainty_and_the_shares(command):
    status, out, err = command("x^2*y", "x=2±0.1", "y=3.00(20)", "--correlation", "x,y=0.3", "--samples", "100000")
    assert (status, err) == (0, "")
    assert out.startswith("value = 12.0 ± 1.6\n\nname           at  gradient   share  symbolic\n")
    assert "\nx     2.00 ± 0.10        12  65.1 %  2*x*y\n" in out
    assert "it agrees with the first order" in out
    assert command("x^2", "x=2±0.1", "-q")[1] == "4.00 ± 0.40\n"
    assert "second order: 0.010 ± 0.014" in command("x^2", "x=0±0.1")[1]


def test_json_has_all_digits(command):
    found = json.loads(command("x^3", "x=2±0.1", "--json")[1])
    assert found["uncertainty"] == pytest.approx(1.2, rel=1e-15)
    assert found["shares"] == {"x": 1.0}
    assert found["second_order"]["mean"] == pytest.approx(8.06)
    assert json.loads(command("x^3", "x=2", "--json")[1])["uncertainty"] is None


def test_options_without_an_uncertainty_are_noted(command):
    assert "nothing has an uncertainty" in command("x", "x=1", "--samples", "10")[2]
    assert "y has no uncertainty" in command("x*y", "x=1±1", "y=2", "--correlation", "x,y=0.1")[2]
    assert "without the uncertainty of x" in command("x^2", "x=2±0.1", "--explain")[2]
    assert command("x", "x=1±1", "--correlation", "x=2")[0] == 2


def test_the_prompt_reads_and_keeps_uncertainties():
    console = Console()

    def told(line):
        return "".join(enter(console, line))

    assert told("x = 2±0.1") == "x = 2 ± 0.1\n"
    assert told("y = x^2 + 1") == "y = x^2 + 1 = 5.00 ± 0.40\n"
    assert told("y").startswith("5.00 ± 0.40   dx 4   agree\n")
    assert told("a*b at a=2.0(1), b=3+/-0.2").startswith("6.00 ± 0.50")
    assert told(":correlation a,b=1") == "correlation = a,b=1\n"
    assert told("a*b at a=2.0(1), b=3+/-0.2").startswith("6.00 ± 0.70")
    with pytest.raises(gc.FormulaSyntaxError, match="two ways"):
        told("z = 2+-0.1")
    assert told(":explain x^2").startswith("note: :explain goes by the values alone, without the uncertainty of x\n")
    assert console.session.line_of("x") == "x = 2 ± 0.1"


def test_a_pair_is_told_how_to_be_a_value_with_an_uncertainty() -> None:
    with pytest.raises(gc.FormulaError, match="x is a pair") as caught:
        gc.propagate("x*y", {"x": (2, 0.1), "y": 3})
    assert caught.value.help == "write gc.uncertain(2, 0.1)"


def test_an_uncertainty_that_no_double_holds_is_not_said_to_be_0(command):
    status, _, said = command("abs(x)", "x=1e-400±1e-401")
    assert status == 3
    assert "the uncertainty of x is smaller than any double" in said
    found = gc.propagate("x^2", {"x": "1e-200±1e-201"})  # 2e-401
    assert math.isnan(found.uncertainty)
    assert found.reason == "it is smaller than any double"
    assert gc.propagate("x*y", {"x": "1e-200±1e-201", "y": 1e100}).uncertainty == pytest.approx(1e-101)
    assert gc.propagate("x*0", {"x": "1±0.1"}).uncertainty == 0
    assert math.isnan(gc.propagate("x^3", {"x": "1e-200±1e-201"}).uncertainty)  # 3e-601, by a slope of 3e-400
    assert "value = 1e-600 ± ?" in command("x^3", "x=1e-200±1e-201")[1]
    small = gc.propagate("x*1e-323 + y", {"x": "1e308±1e307", "y": "1±1e-17"})  # 1e-16, and a tenth of that
    assert small.uncertainty == pytest.approx(math.sqrt(1.01) * 1e-16, rel=1e-14)
    assert small.shares["x"] == pytest.approx(1 / 1.01)
    assert gc.propagate("x*1e-330", {"x": "1e308±1e307"}).uncertainty == pytest.approx(1e-23)
