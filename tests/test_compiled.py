"""Compiled formulas over numbers and over columns, held against balls and against the float engine point by point."""

from __future__ import annotations

import math
import pickle
import sys
import types
import warnings
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import permutations
from pathlib import Path

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from strategies import formulas

import gradcalc as gc
from gradcalc.compiled import of_library
from gradcalc.engine import beside, outputs
from gradcalc.engine.columns import Columns, over_columns
from gradcalc.engine.native import columns_of
from gradcalc.engine.program import Program, program_of
from gradcalc.engine.rewrite import prepare
from gradcalc.engine.scalars import Scalars, nearest_double
from gradcalc.language.formula import Call, free_names, to_text
from gradcalc.language.functions import TABLE
from gradcalc.language.parser import parse

sys.path.insert(0, str(Path(__file__).parent.parent / "benchmarks"))
from columns_accuracy import errors, points

ROWS = [row for row in TABLE.values() if row.partials and not row.condition and None not in row.partials]


def at_each(formula, columns, names):
    """Values and gradients by the float engine, row by row; nan where it has an error."""
    rows = []
    for numbers in zip(*columns, strict=True):
        try:
            value, gradient = gc.value_and_grad(formula, dict(zip(names, map(float, numbers), strict=True)), names)
            rows.append([value, *gradient.values()])
        except gc.FormulaError:
            rows.append([math.nan] * (1 + len(names)))
    return np.array(rows).T


def close(found, expected, ulps=64.0):
    both_nan = np.isnan(found) & np.isnan(expected)
    return both_nan | (found == expected) | (abs(found - expected) <= ulps * np.spacing(abs(expected)))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.signature)
def test_every_row_over_columns_is_as_right_as_balls(row):
    rng = np.random.default_rng(7)
    count = 3 if row.variadic else len(row.params)
    names = [f"x{i}" for i in range(count)]
    boxes = row.sample if len(row.sample) == count else [row.sample[0]] * count
    columns = [rng.uniform(low, high, 40) for low, high in boxes]
    text = gc.parse(_call(row, names))
    value, gradient = gc.compile(text, names).value_and_grad(*columns)
    for i, numbers in enumerate(zip(*columns, strict=True)):
        point = dict(zip(names, map(float, numbers), strict=True))
        if row.name in ("ellipk", "ellipe") and abs(numbers[0]) < 0.1:
            continue  # the partial is the difference of two terms that are equal at 0, over m: digits are lost
        exact, exact_gradient = gc.value_and_grad(text, point, names, certified=True)
        for got, want in [
            (value[i], exact),
            *zip([g[i] for g in gradient.values()], exact_gradient.values(), strict=True),
        ]:
            # beside a zero, double arithmetic keeps absolute digits alone: of the value, and of 1
            beside = 0.25 * max(1.0, abs(exact)) * (row.rounded or row.value is None)
            size = max(abs(want), beside)
            assert abs(got - want) <= 16 * math.ulp(size), (row.signature, point, got, want)


@pytest.mark.parametrize("row", [row for row in ROWS if not row.variadic], ids=lambda row: row.signature)
def test_rows_over_columns_have_the_digits_that_their_help_states(row):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = [each for columns in points(row, 8, seed=3) for each in errors(row, columns)]
    assert max(worst for worst, _, _ in found) <= 10.0**-row.digits * 2**52, (row.signature, found)


def test_partials_over_columns_are_those_of_balls_where_terms_cancel():
    for text, x in (
        ("ellipk(x)", [1e-100, -1e-9, 0.0]), ("ellipe(x)", [1e-100, -1e-9, 0.0]), ("erfcx(x)", [1e7, 1e200]),
        ("dawson(x)", [1e7, 1e200, 0.9241388730045916]), ("fresnels(x)", [1e300, -40.25]), ("gelu(x)", [-0.7517915246]),
        ("lbeta(x, 1e-20)", [1e20, 0.5]), ("binomial(x, 1e-15)", [1e3, 1e-15]), ("mish(x)", [-1.19240821]),
    ):  # fmt: skip
        slopes = gc.compile(text).grad(np.array(x))["x"]
        for found, each in zip(slopes, x, strict=True):
            exact = gc.grad(text, {"x": each})["x"]
            assert abs(found - exact) <= 1e-13 * abs(exact), (text, each, found, exact)


def _call(row, names):
    if row.notation == "prefix":
        return f"{row.symbol}{names[0]}"
    if row.notation == "postfix":
        return f"{names[0]}{row.symbol}"
    return f" {row.symbol} ".join(names) if row.symbol else f"{row.spelling}({', '.join(names)})"


@pytest.mark.parametrize(
    ("text", "x"),
    [
        ("if(x > 0, sqrt(x), 0)", [-4.0, 0.25, 9.0]),
        ("if(x > 0, log(x), x^3)", [-1.0, 0.5, 2.0]),
        ("if(x == 1, 1, log(abs(x))/(x - 1))", [0.5, 3.0, 8.0]),
        ("if(x > 1, if(x > 2, 1/(x - 2), acosh(x)), asin(x))", [0.5, 1.5, 3.0, -2.0]),
        ("x*if(x < 0, exp(-1/x^2), gamma(x))", [-1.0, 0.5, 180.0]),
        ("max(x, 0) + abs(x) + relu(-x)", [-1.0, 0.0, 2.0]),
        ("atan2(x, x - 1)*mod(x, 2)", [0.5, 3.0, -1.0]),
        ("1/log(x)", [1.0, 0.0, 2.0]),
        ("exp(x)", [700.0, 800.0]),
        ("x^0.5 + x^3 + x^-1", [4.0, 0.0, -2.0, 2.0]),
    ],
)
def test_branches_domains_and_kinks_are_those_of_the_float_engine(text, x):
    column = np.array(x)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", gc.OutsideDomainWarning)
        value, gradient = gc.compile(text).value_and_grad(column)
    expected = at_each(text, [column], ("x",))
    assert close(value, expected[0]).all(), (value, expected)
    assert close(gradient["x"], expected[1]).all(), (gradient, expected)


def test_columns_say_what_the_float_engine_says():
    """Balls are the referee of single rows above, the float engine that of whole formulas. At kinks columns give the
    convention, and compare doubles, where 0.3 is the double nearest to it; few of the draws may stand there."""
    answers = Counter[str]()

    @settings(max_examples=150, deadline=None, derandomize=True)
    @given(formulas())
    def held(drawn):
        answers[against_the_float_engine(*drawn)] += 1

    held()
    assert answers["kink"] <= 0.05 * answers.total()
    assert answers["equal"] >= 0.8 * answers.total()


def against_the_float_engine(formula, point):
    """Whether the columns' answer is `equal`, at a `kink`, or `none` as there is none."""
    names = tuple(point)
    columns = [np.full(3, float(point[name])) for name in names]
    compiled = gc.compile(formula, names=names)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", gc.OutsideDomainWarning)
        value, gradient = compiled.value_and_grad(*columns)
    lost = not all(np.all(np.isfinite(column)) for column in (value, *gradient.values()))
    try:
        expected, by_name = gc.value_and_grad(formula, dict(zip(names, map(float, point.values()), strict=True)), names)
    except (gc.UndecidedError, gc.NotDifferentiableError):
        assert lost or np.all(compiled.kinks(*columns))
        return "none" if lost else "kink"
    except gc.FormulaError:
        assert lost
        return "none"
    scale = max(abs(expected), *map(abs, by_name.values()), 1.0) if by_name else max(abs(expected), 1.0)
    pairs = [(value, expected), *((gradient[name], by_name[name]) for name in names)]
    if all(np.all(abs(found - wanted) <= 1e-9 * scale) or (found == wanted).all() for found, wanted in pairs):
        return "equal"
    assert np.all(compiled.kinks(*columns))
    return "kink"


@pytest.mark.parametrize("constant", ["1/0", "0^-1", "mod(2, 0)", "pi/0", "log(0)", "1e400", "asin(2)", "gamma(0)"])
def test_a_constant_without_a_value_matters_where_it_is_needed_alone(constant):
    compiled = gc.compile(f"if(x > 0, x, {constant})")
    with pytest.warns(gc.OutsideDomainWarning, match="1 of 2 rows"):
        value, gradient = compiled.value_and_grad(np.array([3.0, -2.0]))
    assert np.array_equal(value, [3, np.nan], equal_nan=True)
    assert np.array_equal(gradient["x"], [1, np.nan], equal_nan=True)
    assert not compiled.kinks(np.array([3.0, -2.0])).any()


def test_a_condition_without_a_value_takes_no_branch():
    with pytest.warns(gc.OutsideDomainWarning):
        assert np.isnan(gc.compile("if(gamma(0) < y, 1, x)").value(y=np.array([1.0]), x=np.array([2.0])))


@pytest.mark.parametrize(
    "text", ["erfcinv(x)", "normcdfinv(x)", "gammainc(x, 2)", "gammaincc(3, x)", "lbeta(x, 1)", "gelu(-x)"]
)
def test_columns_keep_their_digits_far_from_where_definitions_do(text):
    x = np.array([1e-30, 4.33e-13, 1e-4, 0.7])
    value = gc.compile(text).value(x)
    expected = [gc.evaluate(text, {"x": float(each)}, certified=True) for each in x]
    assert close(value, np.array(expected), 4).all()


def test_a_kink_in_a_branch_of_constants_that_is_not_taken_is_none():
    assert not gc.compile("atan2(0.0, 1.0)").kinks()


def test_numbers_are_answered_as_by_the_float_engine_with_its_errors():
    compiled = gc.compile("x^2*sin(y) + log(x)")
    at = {"x": 1.5, "y": 0.3}
    assert compiled.names == ("x", "y")
    assert compiled.value_and_grad(1.5, 0.3) == gc.value_and_grad("x^2*sin(y) + log(x)", at)
    assert compiled.value(y=0.3, x=1.5) == compiled.value(1.5, 0.3)
    with pytest.raises(gc.UndefinedError, match="log needs x > 0"):
        compiled.value(-1.0, 0.3)
    with pytest.raises(gc.MissingValueError, match="y"):
        compiled.value(1.0)
    with pytest.raises(TypeError, match="as keywords"):
        gc.compile("x^2").value({"x": 1.0})
    with pytest.raises(TypeError, match="z is not in the formula"):
        compiled.value(1.0, 2.0, z=3.0)


@pytest.mark.parametrize(("text", "slope"), [("if(x == 1, 1, x^2)", 2.0), ("if(x != 0, x, 0)*x + x", 1.0)])
def test_a_branch_for_a_single_number_has_the_slope_of_the_formula(text, slope):
    x = 1.0 if slope == 2 else 0.0
    compiled = gc.compile(text)
    assert compiled.grad(x) == gc.grad(text, {"x": x}) == {"x": slope}
    assert compiled.value_and_grad_array([x])[1].tolist() == [slope]
    with pytest.raises(gc.NotDifferentiableError, match="jumps at x=0"):
        gc.compile("if(x == 0, 5, x^2)").grad(0.0)


def test_columns_are_broadcast():
    compiled = gc.compile("a*x^2 + b")
    x = np.linspace(-1, 1, 7)
    value, gradient = compiled.value_and_grad(np.array([[1.0], [2.0]]), x, 0.5)
    assert value.shape == gradient["b"].shape == (2, 7)
    assert np.array_equal(gradient["x"], np.array([[2.0], [4.0]]) * x)


@pytest.mark.parametrize("text", ["a*y", "a + b*y", "if(y > 0, a*y, b*y)", "a*b + y", "mod(y, a)"])
def test_a_partial_derivative_may_be_a_number_that_is_given_beside_columns(text):
    formula, at, column = gc.compile(text), {"a": 2.0, "b": 3.0}, [0.5, -1.5]
    given = {name: at.get(name, np.array(column)) for name in formula.names}
    value, gradient = formula.value_and_grad(**given)
    for i, y in enumerate(column):
        one, slopes = gc.value_and_grad(text, {name: at.get(name, y) for name in formula.names})
        assert value[i] == one
        assert {name: float(column[i]) for name, column in gradient.items()} == slopes


def at_large_numbers() -> list[tuple[str, float, mpmath.mpf]]:
    mp = mpmath.mp
    return [
        ("tanh(log(gamma(x))/1000)", 200.0, mp.tanh(mp.loggamma(200) / 1000)),
        ("exp(-log(gamma(x))/500)", 200.0, mp.exp(-mp.loggamma(200) / 500)),
        ("1/(1 + gamma(x)*1e-300*exp(-x))", 175.0, 1 / (1 + mp.gamma(175) * mp.mpf("1e-300") * mp.exp(-175))),
        ("atan(log(erfcx(x))/1000)", -30.0, mp.atan((900 + mp.log(mp.erfc(-30))) / 1000)),
        ("if(gamma(x) > 1e300*1e10, 1, 2)", 180.0, mp.mpf(1)),
        ("1/polygamma(200, x)", -3.5, 1 / mp.psi(200, -3.5)),
        ("exp(-x) + 1", math.inf, mp.nan), ("1/x + 1", -math.inf, mp.nan), ("tanh(x)", math.inf, mp.nan),
        ("if(x < 5, x, 2)", math.inf, mp.nan), ("if(x > 0, 1, log(0)*x)", 2.0, mp.mpf(1)),
        ("if(x > 0, 1, log(0)*x)", -2.0, mp.nan),
    ]  # fmt: skip


@pytest.mark.parametrize(("text", "x", "right"), at_large_numbers())
def test_columns_have_no_wrong_number_where_doubles_end(text: str, x: float, right: mpmath.mpf) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        value = gc.compile(text)(np.array([x, x]))
    for found in value:  # infinity is no point, and no row has a value there
        assert math.isnan(found) or found == pytest.approx(float(right), rel=1e-12)
    assert right == 1 or np.isnan(value).all()


OF_ONE = [to_text(Call(row, (parse("x"),))) for row in ROWS if len(row.params) == 1]


@pytest.mark.parametrize("engine", ["python", "native"])
@pytest.mark.parametrize("text", [*OF_ONE, "min(x, 3)", "if(x > 0, 1, x)", "1/x"])
def test_at_one_point_infinity_and_nan_have_no_value_and_no_slope_either(text: str, engine: str) -> None:
    formula = gc.compile(text, engine=engine)
    for calls in range(30):  # of which the last are by code
        for method in (formula, formula.flat, formula.value_and_grad):
            for x in (math.inf, -math.inf, math.nan) if calls in (0, 29) else ():
                with pytest.raises(gc.FormulaError):
                    method(x)
            with suppress(gc.UndefinedError):  # as acosh(0.7)
                method(0.7)


@pytest.mark.parametrize("engine", ["python", "native"])
@pytest.mark.parametrize("name", ["sqrt", "cbrt", "asin", "acos", "asec", "acsc", "acosh"])
def test_where_a_domain_ends_an_infinite_slope_has_the_sign_of_secants(name: str, engine: str) -> None:
    ends = np.array([0.0, -0.0, 1.0, -1.0])
    for text in (f"{name}(x)", f"{name}(-x)", f"2 - {name}(x)"):
        formula, infinite = gc.compile(text, engine=engine), 0
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            value, gradient = formula.value_and_grad(ends)
            beside = {step: (formula(ends + step) - value) / step for step in (1e-9, -1e-9)}
        for i in np.flatnonzero(np.isinf(gradient["x"])):
            infinite += 1
            secants = [rise[i] for rise in beside.values() if not np.isnan(rise[i])]
            assert secants
            assert all(np.sign(rise) == np.sign(gradient["x"][i]) for rise in secants)
        assert infinite == (1 if name == "acosh" else 2)


def test_a_constant_without_a_value_is_missed_where_it_is_needed_alone() -> None:
    for engine in ("python", "native"):
        with pytest.warns(gc.OutsideDomainWarning, match="2 of 4 rows"):
            value = gc.compile("if(x > 0, x, log(0)*x)", engine=engine)(np.array([2.0, -2.0, 3.0, 0.0]))
        assert value == pytest.approx([2.0, math.nan, 3.0, math.nan], nan_ok=True)
        with pytest.warns(gc.OutsideDomainWarning, match="1 of 3 rows"):
            value = gc.compile("if(x > 0, log(x - 1), 3*x)", engine=engine)(np.array([0.5, -2.0, 2.0]))
        assert value == pytest.approx([math.nan, -6.0, 0.0], nan_ok=True)


def test_only_a_gradient_lacks_derivatives() -> None:
    with pytest.warns(gc.OutsideDomainWarning, match="1 of 2 rows have no value;"):
        gc.compile("log(x)")(np.array([1.0, -1.0]))
    with pytest.warns(gc.OutsideDomainWarning, match="1 of 2 rows have no value, or no derivatives;"):
        gc.compile("log(x)").value_and_grad(np.array([1.0, -1.0]))


def test_rows_without_a_value_are_counted_or_refused():
    x = np.array([1.0, -1.0, 4.0, -2.0])
    with pytest.warns(gc.OutsideDomainWarning, match="2 of 4 rows") as told:
        value, gradient = gc.compile("log(x)").value_and_grad(x)
    assert (told[0].message.count, told[0].message.first) == (2, 1)
    assert np.isnan([value[1], value[3], gradient["x"][1]]).all()
    with pytest.raises(gc.UndefinedError, match="row 1: log needs x > 0"):
        gc.compile("log(x)", domain="raise").value(x)


@pytest.mark.parametrize("text", ["relu(x)", "step(x)", "if(x > 0, x, 1)", "if(x == 2, 5, 3)", "sign(x)", "max(x, 0)"])
def test_rows_of_nan_have_no_value(text):
    x = np.array([2.0, np.nan, -1.0])
    with pytest.warns(gc.OutsideDomainWarning, match="1 of 3 rows"):
        value, gradient = gc.compile(text, ["x"]).value_and_grad(x)
    assert np.isnan(value).tolist() == np.isnan(gradient["x"]).tolist() == [False, True, False]


def test_columns_of_names_that_the_formula_lacks_are_not_looked_at():
    found = gc.compile("x + 1", names=["x", "z"]).value(np.ones(2), np.array([np.nan, 1.0]))
    assert found.tolist() == [2.0, 2.0]


def test_rows_on_kinks():
    x = np.array([-1.0, 0.0, 0.5, 2.0])
    assert gc.compile("abs(x) + max(x, 2)").kinks(x).tolist() == [False, True, False, True]
    assert gc.compile("if(x > 0, abs(x - 0.5), x)").kinks(x).tolist() == [False, True, True, False]
    assert gc.compile("floor(x)").kinks(1.0) is True
    assert gc.compile("x^2").kinks(x).any() == False  # noqa: E712


def test_second_derivatives():
    text = "x^3*y + exp(x*y)"
    compiled, at = gc.compile(text), {"x": 0.5, "y": -1.5}
    exact = gc.hessian(text, at)
    for name, row in compiled.hessian(**at).items():
        assert row == pytest.approx(exact[name], rel=1e-14)
    assert compiled.hvp(**at, v={"x": 2.0, "y": 1.0}) == pytest.approx(
        gc.hvp(text, at, {"x": 2.0, "y": 1.0}), rel=1e-14
    )
    columns = compiled.hessian(np.array([0.5, 1.0]), np.array([-1.5, 2.0]))
    assert columns["x"]["y"][0] == pytest.approx(exact["x"]["y"], rel=1e-14)


def test_an_array_of_points_for_minimizers():
    optimize = pytest.importorskip("scipy.optimize")
    compiled = gc.compile("(1 - x)^2 + 100*(y - x^2)^2")
    found = optimize.minimize(compiled.value_and_grad_array, [-1.2, 1.0], jac=True, method="BFGS")
    assert found.x == pytest.approx([1.0, 1.0], abs=1e-6)
    _, gradient = compiled.value_and_grad_array(np.ones((2, 5)))
    assert gradient.shape == (2, 5)


def test_pickles_and_threads():
    compiled = gc.compile("x*exp(-y^2)", ["y"])
    again = pickle.loads(pickle.dumps(compiled))
    assert again.wrt == ("y",)
    x, y = np.linspace(0, 1, 40_000), np.linspace(-2, 2, 40_000)
    expected = compiled.value_and_grad(x, y)
    with ThreadPoolExecutor(4) as pool:
        for value, gradient in pool.map(lambda _: again.value_and_grad(x, y), range(8)):
            assert np.array_equal(value, expected[0])
            assert np.array_equal(gradient["y"], expected[1]["y"])


def test_the_public_functions_take_columns():
    x = np.linspace(0, 1, 5)
    assert gc.evaluate("x^2*sin(x)", {"x": x}) == pytest.approx(x**2 * np.sin(x), rel=1e-15)
    _, gradient = gc.value_and_grad("a*x^2", {"x": x, "a": "1/4", "b": 1}, ("x", "b"))
    assert np.array_equal(gradient["x"], x / 2)
    assert not gradient["b"].any()


def test_sines_and_cosines_that_are_needed_together_keep_their_digits():
    x = [0.0, -0.0, 5e-324, -1e-300, 1e-9, 0.3, *(k * math.pi / 2 for k in range(-9, 10) if k), 1e5, -1e15, 1e300]
    sine, cosine, slope = gc.compile("a*sin(x) + b*cos(x)", ["a", "b", "x"]).grad(a=1.0, b=0.0, x=np.array(x)).values()
    for found, row in ((sine, "sin"), (cosine, "cos"), (slope, "cos")):
        truth = np.array([nearest_double(TABLE[row], (each,)) for each in x])
        assert (abs(found - truth) <= 4 * np.spacing(abs(truth))).all()


def test_arrays_of_other_libraries_give_results_of_their_kind():
    class Space:
        @staticmethod
        def asarray(array):
            return Other(array)

    class Other:
        ndim = 1

        def __init__(self, array):
            self.array = array

        def __array__(self, dtype=None, copy=None):
            return self.array

        def __array_namespace__(self):
            return Space

    value, gradient = gc.compile("x*y").value_and_grad(2.0, Other(np.arange(3.0)))
    assert isinstance(value, Other)
    assert (value.array == [0, 2, 4]).all()
    assert (gradient["x"].array == [0, 1, 2]).all()


def test_blocks_get_shorter_where_a_formula_is_long():
    """So that what is held in between does not grow with the formula."""
    long = program_of(gc.parse(" + ".join(f"sin({i}*x)" for i in range(1, 1500))))
    blocks = Columns(long, ("x",), ("x",)).quick
    assert blocks.length * (blocks.rows + 3) < 2_000_000
    assert gc.evaluate(long.formula, {"x": np.zeros(3000)}).tolist() == [0.0] * 3000


@pytest.mark.parametrize(
    "text", ["exp(-a*x)*sin(b) + tanh(a)/b", "if(x > a, log(x - a)*b, x^3/b)", "max(x, a, b) + a/b"]
)
def test_numbers_beside_columns_and_the_length_of_blocks_change_no_bit(text):
    x = np.linspace(-1, 1, 40_001)
    compiled = gc.compile(text, names=["x", "a", "b"])
    beside = compiled.value_and_grad(x, 0.25, 0.5)
    columns = compiled.value_and_grad(x, np.full(x.shape, 0.25), np.full(x.shape, 0.5))
    few = compiled.value_and_grad(x[-77:], 0.25, 0.5)
    for name in ("", "x", "a", "b"):
        one, other, last = (found[1][name] if name else found[0] for found in (beside, columns, few))
        assert np.array_equal(one, other)
        assert np.array_equal(one[-77:], last)


def test_its_source_is_readable():
    source = gc.compile("x^2*y").source
    assert source.startswith("def ")
    assert "x^2*y" in source
    assert gc.compile("if(x == 0, 0, 1/x)").source == ""


@pytest.mark.parametrize("part", ["log(-1)", "gamma(-1)", "polygamma(-3, 1.7)", "1/0"])
def test_there_is_no_source_where_a_part_has_no_value(part):
    compiled = gc.compile(f"{part}*x")
    assert compiled.source == ""
    with pytest.raises(gc.UndefinedError):
        compiled.value(1.0)


@pytest.mark.parametrize(
    "row", [row for row in TABLE.values() if row.smooth and row.partials and not row.symbol], ids=lambda row: row.name
)
def test_a_row_over_what_is_computed(row):
    """What stands in a scratch row of an argument or of a partial derivative is used again, but not too soon."""
    boxes = [row.sample[min(k, len(row.sample) - 1)] for k in range(len(row.params))]
    args = [repr(low) if low == high else f"({(low + high) / 2!r} + {(high - low) / 8!r}*cos({name}))"
            for (low, high), name in zip(boxes, "xyz", strict=False)]  # fmt: skip
    formula = f"{row.spelling}({', '.join(args)})"
    compiled = gc.compile(formula)
    columns = {name: np.array([0.3, -0.7, 1.9, 2.6]) for name in compiled.names}
    found = compiled.grad(**columns)
    for i in range(4):
        exact = gc.grad(formula, {name: column[i] for name, column in columns.items()}, certified=True)
        for name, partial in exact.items():
            assert found[name][i] == pytest.approx(partial, rel=1e-9, abs=1e-12), name


@pytest.mark.parametrize(
    "text",
    [
        "sqrt(x^2 + y^2 + z^2)", "((x*y + z)/2)^2/(4*y)", "-x/(2*y)*(-4*z)", "-(2*x)*(3*y)/(-4*z)",
        "log(x^2 + y^2)/sqrt(x*x*y*y)*0.25", "x^2/(2*y^2) + z/(0.5*x)", "exp(-(x*y)^2/2)*tanh(z)", "x*(-3) - y*(-5)",
        "(2*x)*(2*y)*(2*z) - 8*x*y*z", "abs(x)*(-2)*cos(-2*y)", "-2*x*y/(-2*z) - atan2(y, -x)*(-0.5)",
    ],
)  # fmt: skip
def test_factors_of_2_and_signs_cost_no_bit_where_they_meet(text):
    """The first calls go step by step, those after them by code in which factors have met."""
    rng = np.random.default_rng(3)
    points = [dict(zip("xyz", row, strict=True)) for row in rng.uniform(-3, 3, (10, 3)).tolist()]
    compiled = gc.compile(text, names="x, y, z")
    first, *_, last = [[compiled.value_and_grad(**at) for at in points] for _ in range(5)]
    assert first == last


def test_what_an_array_function_is_not_for_is_computed_one_by_one():
    """SciPy's adds up as many terms as an argument lies below 0. The numbers are mpmath's."""
    compiled = gc.compile("polygamma(1, x)")
    value, gradient = compiled.value_and_grad(np.array([-2798674279.163208, -100.5, 2.5]))
    assert value == pytest.approx([41.012310813672574, 9.859703491870086, 0.4903577561002349], rel=1e-13)
    assert gradient["x"] == pytest.approx([457.7437376940006, -9.80272026197e-05, -0.236204051641728], rel=1e-11)


@pytest.mark.parametrize("row", ["max", "min"])
def test_the_largest_of_many_wherever_it_stands(row):
    """No column is written over that is still to be compared."""
    values = dict(zip("xyzw", np.array(list(permutations([1.0, 2.0, 3.0, 4.0]))).T, strict=True))
    program = program_of(f"{row}(x + 1, 2*y - 0.25, z - 1.25, w/2)*x")
    found = over_columns(program, values, ("x",))
    chosen = getattr(np, row)([values["x"] + 1, 2 * values["y"] - 0.25, values["z"] - 1.25, values["w"] / 2], axis=0)
    assert found.value.tolist() == (chosen * values["x"]).tolist()
    assert found.gradient[0].tolist() == (chosen + values["x"] * (chosen == values["x"] + 1)).tolist()
    assert over_columns(program, values, ()).value.tolist() == (chosen * values["x"]).tolist()


@pytest.mark.parametrize("x", [100.7, 700.0, -300.3, -40.0])
def test_powers_of_e_are_exponentials(x):
    """A power of the double nearest to e is 170 ulps off at 700."""
    truth = float(mpmath.exp(mpmath.mpf(x)))
    ours = gc.compile("e^x + 0*y"), gc.compile("e^x + 0*y", engine="native")
    numbers = [gc.evaluate("e^x", {"x": x}), gc.grad("e^x", {"x": x})["x"], gc.hessian("e^x", {"x": x})["x"]["x"]]
    numbers += [gc.grad("e^x + abs(y)", {"x": x, "y": 0})["x"], *(each.flat(x, 1.0)[1] for each in ours)]
    numbers += [each.value(np.array([x]), 1.0)[0] for each in ours]
    assert all(abs(number - truth) <= 2 * math.ulp(truth) for number in numbers)
    assert gc.evaluate("e^x", {"x": 3, "e": 2}) == gc.compile("e^x", names=["e", "x"]).value(2.0, 3.0) == 8


def test_memory_is_used_again_only_where_nobody_has_a_row_of_it(monkeypatch):
    memory = outputs._Memory()

    def rows(shape=(2, 4)):
        made = list(memory.rows(3, shape))
        return made, made[0].ctypes.data

    first, place = rows()
    first[1][:] = 7.0
    other, elsewhere = rows()
    assert elsewhere != place
    for row in other:
        row[:] = 1.0
    assert (first[1] == 7.0).all()
    assert [row.shape for row in first] == [(2, 4)] * 3
    del first, other, row
    again, last = rows()
    assert last == elsewhere
    one = again[2]
    del again
    held, somewhere = rows()
    assert somewhere != last
    one[:] = 5.0
    del held
    assert len(rows((5,))[0]) == 3
    monkeypatch.setattr(outputs, "_MOST_KEPT", 3 * 8 * 8 - 1)
    rows()
    assert memory._last is None
    rows((7,))
    assert memory._last.size == 21


def test_values_are_columns_of_one_length_or_floats():
    x = np.array([[1.0, 2.0, 3.0]])
    values, shape = outputs.flattened({"x": x, "y": 2, "z": [[1], [2]], "w": np.ma.masked_equal([1, 2, 3], 2)})
    assert shape == (2, 3)
    assert [type(value) for value in values] == [np.ndarray, float, np.ndarray, np.ndarray]
    assert [list(value) for value in values[::2]] == [[1, 2, 3] * 2, [1] * 3 + [2] * 3]
    np.testing.assert_array_equal(values[3], [1, math.nan, 3] * 2)
    (same,), _ = outputs.flattened({"x": x})
    assert np.shares_memory(same, x)
    with pytest.raises(ValueError, match=r"x \(2,\), y \(3,\)"):
        outputs.flattened({"x": [1, 2], "y": [1, 2, 3]})
    for wrong in (["a"], [1j], [[1], [1, 2]], [None, object()]):
        with pytest.raises(TypeError, match="the values of x"):
            outputs.flattened({"x": wrong})


def test_a_row_is_computed_by_one_beside_it_where_that_is_made_of_vectors(monkeypatch):
    introspect = pytest.importorskip("numpy.lib.introspect")
    made = {"tan": "AVX512_SKX", "cos": "AVX512_SKX"}

    def told(func_name, signature):
        name = func_name.strip("^$")
        return {name: {"d": {"current": made[name]}}} if name in made else {}

    monkeypatch.setattr(introspect, "opt_func_info", told)
    shorter = beside._shorter.__wrapped__
    assert shorter(TABLE["sin"]) == "cos(x)*tan(x)"
    assert [shorter(TABLE[name]) for name in ("cos", "sinh", "tanh")] == [""] * 3
    asked = []
    alone = Scalars("alone", float, lambda name: 0.0, lambda scalars, row: asked.append(row.name) or np.negative)
    monkeypatch.setattr(beside, "_shorter", shorter)
    together = beside.with_rows_beside(alone)
    assert together.function(TABLE["sin"])(0.5) == 0.25  # -x by -x
    assert together.function(TABLE["exp"])(0.5) == -0.5
    assert sorted(asked) == ["cos", "exp", "tan"]
    for how in ({"tan": "baseline(SSE2)"}, {}):
        made.clear()
        made.update(how)
        assert shorter(TABLE["sin"]) == ""


def test_arrays_to_write_into_are_held_to_what_is_needed():
    x = np.zeros(3)
    outputs.check([None, x, np.zeros(3)], (3,), [np.ones(3), 2.0])
    for out, values, message in (
        (np.zeros(3, dtype=int), [], r"float64 \(3,\) is needed to write into, not int64 \(3,\)"),
        (np.zeros(4), [], r"not float64 \(4,\)"),
        ([0.0] * 3, [], "not list"),
        (np.zeros(6)[::2], [], "contiguous"),
        (np.broadcast_to(1.0, (3,)), [], "contiguous"),
        (np.frombuffer(bytes(24)), [], "writeable"),
        (x, [2.0, x], "shares memory"),
    ):
        with pytest.raises(ValueError, match=message):
            outputs.check([out], (3,), values)
    with pytest.raises(ValueError, match="with another"):
        outputs.check([x, x], (3,), [])


def test_a_warning_of_rows_names_the_line_that_asked():
    with pytest.warns(gc.OutsideDomainWarning, match="2 of 5 rows have no slope; the first is row 3") as told:
        outputs.tell(np.array([3, 4]), 5, "slope")
    assert told[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        outputs.tell(np.array([], dtype=int), 5)


@pytest.mark.parametrize("kind", [Columns, columns_of])
@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("exp(-(x*1e300)*1e-300/1e10)", math.exp(-1)),
        ("1e300/(x*1e300)", 1e-10), ("atan(x*1e300*1e-300)", math.atan(1e10)), ("min(x*1e300, 3)", 3.0),
        ("tanh(log(x*1e300)/1e5)", math.tanh((math.log(1e10) + math.log(1e300)) / 1e5)),
        ("if(y > 0, x*1e300 + 1, 2) + 1e300/(x*1e300)", 2 + 1e-10), ("if(y > 0, x*1e300, 2)", 2.0),
        ("if(y < 0, 1e300/(x*1e300), x)", 1e-10), ("if(1e300/(x*1e300) > 1e-11, x, y)", 1e10),
    ],
)  # fmt: skip
def test_what_is_infinite_on_the_way_gives_no_wrong_number(kind, text, right):
    formula = prepare(parse(text))
    names = sorted(free_names(formula))
    run = kind(Program(formula), names, [], ())
    out, at = np.empty(2), {"x": np.full(2, 1e10), "y": np.full(2, -1.0)}
    missing = run([at[name] for name in names], [out])
    for row, value in enumerate(out):
        assert (np.isnan(value) and row in missing) or value == pytest.approx(right, rel=1e-14)


def test_what_makes_arrays_of_torch_is_found_for_its_parameters_too(monkeypatch):
    library = types.ModuleType("torch")
    library.from_numpy = np.negative
    monkeypatch.setitem(sys.modules, "torch", library)
    for module in ("torch", "torch.nn.parameter"):
        kind = type("Tensor", (), {"__module__": module})
        assert of_library(kind()) is np.negative
    assert of_library(np.ones(2)) is None
    assert of_library(1.0) is None


def test_a_name_that_is_not_among_those_given_is_told_by_these():
    with pytest.raises(gc.FormulaError, match=r"no value for a(.|\n)*help: names is x$"):
        gc.compile("x^2*a", names=["x"])
