"""Formulas compiled by LLVM, held against the Python engine, and against balls where the two differ."""

from __future__ import annotations

import math
import pickle
import warnings
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from gc import collect

import numpy as np
import pytest
from hypothesis import given, settings
from strategies import formulas
from test_compiled import ROWS, _call

import gradcalc as gc
from gradcalc.engine import llvm, native
from gradcalc.engine.columns import over_columns
from gradcalc.engine.outputs import OutsideDomainWarning
from gradcalc.engine.program import program_of
from gradcalc.engine.rewrite import prepare

pytest.importorskip("llvmlite", reason="llvmlite is not installed: pip install '.[jit]'")

EDGES = np.array([
    0.0, -0.0, 1e-320, 1e-300, -1e-300, 1e-160, 1e-20, -1e-8, 0.5, -0.5, 1.0, -1.0, 2.0, 3.0, math.pi, -2 * math.pi,
    1000 * math.pi, -20.0, 37.0, 500.0, -500.0, 705.0, 709.7, -709.7, -744.0, 720.0, 1e5, -999999.0, 1e6 + 1, 1e22,
    -1e100, 1e154, 1e160, -1e300, 1.7e308, 0.9999999999999999, 1.0000000000000002, math.inf, -math.inf, math.nan,
])  # fmt: skip
CLASS = 4  # ulp


def both(formula, names=None, **how):
    return (gc.compile(formula, names, names=names, engine=engine, **how) for engine in ("native", "python"))


def columns_of(compiled, columns):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", gc.OutsideDomainWarning)
        value, gradient = compiled.value_and_grad(*columns)
    return np.array([value, *gradient.values()])


def of_row(row, count=30):
    rng = np.random.default_rng(7)
    names = [f"x{i}" for i in range(3 if row.variadic else len(row.params))]
    boxes = row.sample if len(row.sample) == len(names) else [row.sample[0]] * len(names)
    edges = [rng.permutation(EDGES) if len(names) > 1 else EDGES for _ in names]
    return gc.parse(_call(row, names)), names, [
        np.concatenate([rng.uniform(*box, count), edge]) for box, edge in zip(boxes, edges, strict=True)
    ]  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.signature)
def test_every_row_over_columns_is_that_of_python_or_as_near_to_balls(row):
    formula, names, columns = of_row(row)
    ours, python = both(formula, names)
    if "columns by python" in ours.engine or ours.engine.startswith("python"):
        assert "C's functions" in ours.engine
        return
    found, expected = columns_of(ours, columns), columns_of(python, columns)
    assert (np.isnan(found) == np.isnan(expected)).all()
    with np.errstate(invalid="ignore"):
        near = np.isnan(found) | (found == expected) | (abs(found - expected) <= CLASS * np.spacing(abs(expected)))
    for k, i in zip(*np.nonzero(~near), strict=True):
        at = {name: float(column[i]) for name, column in zip(names, columns, strict=True)}
        value, gradient = gc.value_and_grad(formula, at, names, certified=True)
        exact = [value, *gradient.values()][k]
        off = abs(expected[k, i] - exact)
        size = max(abs(exact), 0.25 * row.rounded)  # beside a zero of their sum, terms keep absolute digits alone
        assert abs(found[k, i] - exact) <= CLASS * math.ulp(size) + 2 * off, (row.signature, at, found[k, i], exact)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.signature)
def test_every_row_of_numbers_is_that_of_the_float_engine(row):
    formula, names, columns = of_row(row, 5)
    ours, python = both(formula, names)
    if ours.engine != "native":
        assert "balls" in ours.engine or "C's functions" in ours.engine
        return
    for point in zip(*map(np.ndarray.tolist, columns), strict=True):
        try:
            expected, by_name = python.value_and_grad(*point)
        except gc.FormulaError as error:
            with pytest.raises(type(error)):
                ours.value_and_grad(*point)
            continue
        found, *slopes = ours.flat(*point)
        gradient = dict(zip(names, slopes, strict=True))
        for got, want in [(found, expected), *((gradient[name], by_name[name]) for name in names)]:
            assert got == want or abs(got - want) <= CLASS * math.ulp(want), (row.signature, point, got, want)


@pytest.mark.parametrize(
    ("text", "x"),
    [
        ("if(x > 0, sqrt(x), 0)", [-4.0, 0.25, 9.0]),
        ("if(x > 0, log(x), x^3)", [-1.0, 0.5, 2.0]),
        ("if(x == 1, 1, log(abs(x))/(x - 1))", [0.5, 3.0, 8.0, 1.0]),
        ("if(x > 1, if(x > 2, 1/(x - 2), acosh(x)), asin(x))", [0.5, 1.5, 3.0, -2.0, math.nan]),
        ("if(x > 0 and not (x > 2) or x == -1, 1/x, 0)", [-1.0, 0.0, 0.5, 2.5]),
        ("max(x, 0, -2) + abs(x) + relu(-x) + min(x, 1)", [-1.0, 0.0, 1.0, 2.0]),
        ("atan2(x, x - 1)*mod(x, 2) + mod(x, -3)", [0.5, 3.0, -1.0, -2.5]),
        ("1/log(x) + sqrt(x)", [1.0, 0.0, 2.0, -1.0]),
        ("exp(x)*exp(-x^2)", [700.0, 800.0, 1e200]),
        ("x^0.5 + x^3 + x^-1 + x^-2 + x^1.5", [4.0, 0.0, -2.0, 2.0]),
        ("3^x + x^x", [2.0, 0.0, -1.0, 1e-310]),
        ("if(x > 1, 2, 3)", [0.0, 2.0]),
    ],
)
def test_branches_domains_and_kinks_are_those_of_python(text, x):
    ours, python = both(text)
    column = np.array(x)
    found, expected = columns_of(ours, [column]), columns_of(python, [column])
    assert np.allclose(found, expected, rtol=1e-15, atol=0, equal_nan=True)
    for each in x:
        try:
            want = python.value_and_grad(each)
        except gc.FormulaError as error:
            with pytest.raises(type(error)):
                ours.value_and_grad(each)
        else:
            assert ours.value_and_grad(each)[1] == pytest.approx(want[1], rel=1e-15, abs=0)


def test_drawn_formulas_are_those_of_python():
    native_ones = []

    @settings(max_examples=25, deadline=None, derandomize=True)
    @given(formulas())
    def held(drawn):
        formula, point = drawn
        ours, python = both(formula, tuple(point))
        if "columns" in ours.engine or "python" in ours.engine[:6]:
            return
        columns = [np.full(3, float(value)) for value in point.values()]
        found, expected = columns_of(ours, columns), columns_of(python, columns)
        size = np.nanmax(abs(expected), initial=1.0)
        assert np.allclose(found, expected, rtol=1e-12, atol=1e-12 * size, equal_nan=True)
        native_ones.append(formula)

    held()
    assert len(native_ones) > 10


def test_vectors_of_any_length_and_step_and_numbers_beside_them():
    ours, python = both("a*sin(x) + log(y)/x", ("x", "y", "a"))
    rng = np.random.default_rng(3)
    wide = rng.uniform(0.5, 2.0, (2, 100))
    for count in (0, 1, 7, 8, 9, 50):
        x, y = wide[0, : 2 * count : 2], wide[1, :count]
        found, expected = (each.value_and_grad(x, y, 2.5) for each in (ours, python))
        assert np.allclose(found[0], expected[0], rtol=1e-15)
        assert all(np.allclose(found[1][name], expected[1][name], rtol=1e-15) for name in "xya")
    found = ours.value_and_grad(wide[0][:, None], wide[1], 1)[0]
    assert np.allclose(found, np.sin(wide[0][:, None]) + np.log(wide[1]) / wide[0][:, None])


@pytest.mark.parametrize("count", [count for count in (2, 4, 8) if count <= llvm.lanes()])  # wider ones end in a signal
def test_all_widths_of_vectors_give_the_same_within_the_class(count, monkeypatch):
    monkeypatch.setattr(llvm, "lanes", lambda: count)
    if count < 4:
        monkeypatch.setattr(llvm, "fuses", lambda: False)
    program = program_of("exp(x)*tan(x) + x^x + cos(1e7*x) + floor(x)*tanh(x)")
    made = native.NativeColumns(program, ("x",), ("x",))
    x = np.random.default_rng(5).uniform(0.5, 3.0, 21)
    outs = [np.empty(21), np.empty(21)]
    assert len(made([x], outs)) == 0
    value = gc.compile(program.formula).value(x)
    assert np.allclose(outs[0], value, rtol=2e-15)


@pytest.mark.parametrize(
    ("text", "function", "x"),
    [
        ("sin(x) + 0*cos(x)", math.sin, [1e22, 0.5, -1e300, 1e6, 4e5 * math.pi, -math.pi, 1e-300, 5e-324]),
        ("exp(x)", math.exp, [-745.0, -720.0, 709.7, -1.0]),
        ("log(x)", math.log, [5e-324, 1e-310, 1e308, 1.0, 0.99999999, 1e-300]),
        ("tanh(x)", math.tanh, [5e-324, -1e-300, 19.9, -800.0]),
    ],
)
def test_large_arguments_of_our_own_functions_are_done_by_c(text, function, x, monkeypatch):
    monkeypatch.setattr(gc.Compiled, "_careful", lambda *_: pytest.fail("by Python"))
    value = gc.compile(text, engine="native").value
    expected = [function(each) for each in x]
    assert np.allclose([value(each) for each in x], expected, rtol=5e-16, atol=0)
    monkeypatch.undo()
    found = gc.compile(text, engine="native").value(np.array(x))
    assert np.allclose(found, expected, rtol=5e-16, atol=0)


@pytest.mark.parametrize(("text", "function", "quarter"), [("sin(x)", math.sin, 0), ("cos(x)", math.cos, 1)])
def test_beside_their_zeros_circular_functions_keep_all_digits(text, function, quarter):
    wholes = [*range(1, 400), *range(5000, 318000, 97)]
    x = [(2 * whole + quarter) * math.pi / 2 for whole in wholes]
    compiled = gc.compile(text, engine="native")
    expected = [function(each) for each in x]
    assert max(map(abs, expected)) < 1e-9
    assert np.allclose([compiled.value(each) for each in x], expected, rtol=5e-16, atol=0)
    assert np.allclose(compiled.value(np.array(x)), expected, rtol=5e-16, atol=0)


def test_a_method_that_is_kept_before_the_first_call_is_the_machine_code():
    compiled = gc.compile("x^2*y", engine="native")
    for name in ("value", "value_and_grad", "flat"):
        kept = getattr(compiled, name)
        assert isinstance(kept, type(len))
        assert kept is getattr(compiled, name)
        assert getattr(gc.Compiled, name).__doc__ == getattr(gc.compile("x"), name).__doc__
    assert compiled(3.0, 2.0) == 18.0 == compiled(x=3, y=2)


def test_numbers_are_taken_as_by_python():
    ours, python = both("x^2*sin(y) + 3", ("x", "y"))
    for given_ in ((2, 3.0), (2.0, np.float64(3)), (True, 1.0)):
        assert ours.value_and_grad(*given_) == python.value_and_grad(*given_)
    assert ours.value_and_grad(y=1.0, x=2.0) == ours.value_and_grad(2.0, 1.0)
    assert ours.grad(2.0, y=1.0) == python.grad(2.0, 1.0)
    assert ours.flat(2.0, 1.0) == python.flat(2.0, 1.0) == (ours.value(2.0, 1.0), *ours.grad(2.0, 1.0).values())
    assert ours.flat(y=1.0, x=2) == ours.flat(2.0, 1.0)
    for a, b in zip(ours.flat(np.ones(3), 1.0), python.flat(np.ones(3), 1.0), strict=True):
        assert (abs(a - b) <= 4 * np.spacing(abs(a))).all()
    for wrong in ((1.0,), (1.0, 2.0, 3.0), ("a", 1.0)):
        with pytest.raises((TypeError, gc.FormulaError)) as by_python:
            python.value_and_grad(*wrong)
        with pytest.raises(by_python.type):
            ours.value_and_grad(*wrong)
    with pytest.raises(TypeError, match="z is not in the formula"):
        ours.value(1.0, 2.0, z=3.0)
    assert gc.compile("2 + 3", engine="native").value() == 5.0
    value, gradient = gc.compile("x", ("y", "x"), names=("x", "y"), engine="native").value_and_grad(3.0, 4.0)
    assert (value, list(gradient.items())) == (3.0, [("y", 0.0), ("x", 1.0)])
    assert math.copysign(1, gc.compile("-0*x", engine="native").grad(1.0)["x"]) == 1
    assert ours.hessian(2.0, 1.0)["x"]["x"] == pytest.approx(2 * math.sin(1))


def test_what_is_left_to_python_is_said():
    assert gc.compile("x^2").engine == "python"
    assert gc.compile("x^2*sin(x)", engine="native").engine == "native"
    left = gc.compile("gamma(x)", engine="native")
    assert left.engine == "python: gamma is not among C's functions"
    assert left.value(5.0) == 24.0
    assert left.value(np.array([5.0])) == pytest.approx(24.0)
    rounded = gc.compile("erf(x)", engine="native")
    assert rounded.engine == "numbers by python: the derivative of erf is rounded from balls"
    assert rounded.grad(0.0) == gc.compile("erf(x)").grad(0.0)
    assert "graph" in gc.compile("if(x == 1, x, x^2)", engine="native").engine
    assert "no value" in gc.compile("if(x > 0, x, log(-1))", engine="native").engine
    own = gc.Function(name="cube", value=lambda x: x**3, partials=("3*x^2",), definition="x^3")
    assert gc.compile(gc.parse("cube(x)", functions=[own]), engine="native").engine.startswith("python: cube")
    with pytest.raises(ValueError, match="'python' or 'native'"):
        gc.compile("x", engine="fast")


def test_without_llvmlite_python_computes_and_says_why(monkeypatch):
    def absent():
        raise ImportError

    monkeypatch.setattr(llvm, "library", absent)
    compiled = gc.compile("x^2*sin(x) + 17", engine="native")
    assert compiled.engine == "python: llvmlite is not installed: pip install '.[jit]'"
    assert compiled.value_and_grad(2.0) == gc.compile("x^2*sin(x) + 17").value_and_grad(2.0)
    assert compiled.value(np.ones(3)).shape == (3,)


def test_rows_without_a_value_are_counted_or_refused():
    x = np.array([1.0, -2.0, 0.0, 4.0, -1.0, 1.0, 1.0, 1.0, 1.0, -3.0])
    with pytest.warns(gc.OutsideDomainWarning, match="3 of 10 rows") as told:
        value = gc.compile("sqrt(x)", engine="native").value(x)
    assert told[0].message.first == 1
    assert np.isnan(value[[1, 4, 9]]).all()
    assert value[2] == 0
    with pytest.raises(gc.FormulaError, match="row 1: sqrt"):
        gc.compile("sqrt(x)", engine="native", domain="raise").value(x)


def test_pickles_threads_and_collected_ones():
    compiled = gc.compile("a*exp(-x^2)", ("x",), names=("x", "a"), engine="native")
    again = pickle.loads(pickle.dumps(compiled))
    assert again.engine == "native"
    assert again.value_and_grad(0.5, 2.0) == compiled.value_and_grad(0.5, 2.0)
    x = np.linspace(-1, 1, 10_000)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda a: compiled.value(x, float(a)), range(8)))
    assert all(np.allclose(each, a * np.exp(-(x**2))) for a, each in enumerate(found))
    for i in range(3):  # the machine code lives as long as the function alone
        function = gc.compile(f"x + {i}", engine="native").value
        assert function(1.0) == 1.0 + i


def test_a_formula_beyond_the_optimizer_is_compiled_all_the_same():
    terms = " + ".join(f"sin(x*{i})" for i in range(1, 1500))
    ours, python = both(terms)
    assert ours.value_and_grad(0.25) == python.value_and_grad(0.25)
    x = np.linspace(0.1, 0.2, 5)
    assert np.allclose(ours.value(x), python.value(x), rtol=1e-12)


def test_the_text_for_llvm_holds_no_name_of_the_formula():
    program = program_of("rate*exp(-energy)")
    made = native._Made(program, program.names, program.names, llvm.COLUMN)
    columns = native.NativeColumns(program, program.names, program.names)
    text = columns._text(made)
    assert "rate" not in text
    assert "energy" not in text
    assert "exp" in text


def test_results_are_written_into_arrays_that_are_given():
    for compiled in both("x*y", ("x", "y")):
        x, y = np.arange(20.0), np.arange(20.0) + 1
        value, slope = np.empty(20), np.empty(20)
        answer = compiled.value_and_grad(x, y, out=(value, {"x": slope}))
        assert answer[0] is value
        assert answer[1]["x"] is slope
        assert (value == x * y).all()
        assert (slope == y).all()
        assert (answer[1]["y"] == x).all()
        assert compiled.value(x, y, out=value) is value
        assert compiled.grad(x, y, out={"y": slope})["y"] is slope
        for wrong in (np.empty(19), np.empty(20, np.float32), np.empty(40)[::2], [0.0] * 20, x):
            with pytest.raises(ValueError, match=r"array to write into|is needed to write into"):
                compiled.value(x, y, out=wrong)
        with pytest.raises(ValueError, match="z"):
            compiled.grad(x, y, out={"z": slope})
        with pytest.raises(ValueError, match="columns"):
            compiled.value(1.0, 2.0, out=value)
    assert gc.compile("out + 1").value(out=2.0) == 3.0


def test_results_that_are_held_are_never_written_again():
    compiled = gc.compile("x + 1")
    x = np.arange(1000.0)
    first = compiled.value(x)
    part = compiled.value(x + 1)[3:]
    view = memoryview(compiled.value(x + 2))
    compiled.value(x + 3)
    assert (first == x + 1).all()
    assert (part == x[3:] + 2).all()
    assert (np.asarray(view) == x + 3).all()


def test_machine_code_can_be_called_while_a_cycle_is_collected():
    """The compiled formula is older than what calls it as it goes, so that it has its own finalizers called before."""

    class Last:
        def __init__(self, called, x):
            self.called, self.x, self.itself = called, x, self

        def __del__(self):
            seen.extend([self.called(3.0, 2.0), self.called.flat(3.0, 2.0), *self.called(self.x, self.x)])

    seen = []
    square = gc.compile("x^2*y", names=("x", "y"), engine="native")
    x = np.array([1.0, 2.0])
    square(1.0, 1.0), square.flat(1.0, 1.0), square(x, x)
    Last(square, x)
    del square
    collect()
    assert seen == [18.0, (18.0, 12.0, 9.0), 1.0, 8.0]


@pytest.mark.parametrize("engine", ["python", "native"])
def test_partials_whose_terms_cancel_are_right_beside_a_number_for_all_rows(engine):
    """The derivative by x of a*x*y - a*x*z is a*(y - z), of which two products keep no digit."""
    x = np.array([1.0, 2.0, 3.0, 0.1] * 5)
    y = np.array([1 + 1e-13, 0.3, 1 - 1e-12, 1 + 3e-15] * 5)
    _, gradient = gc.compile("a*x*y - a*x*z", names=("a", "x", "y", "z"), engine=engine).value_and_grad(0.1, x, y, 1.0)
    for found, each in zip(gradient["x"], y, strict=True):
        assert abs(float(Fraction(found) / (Fraction(0.1) * (Fraction(each) - 1)) - 1)) < 1e-15


@pytest.mark.parametrize("engine", ["python", "native"])
@pytest.mark.parametrize(
    "formula", ["gamma(x)", "besseli(0, x)", "exp(-erfi(x))", "1/gamma(x)", "atan(gamma(x))", "sinh(x)"]
)
def test_rows_whose_value_is_too_large_have_none(engine, formula):
    with pytest.warns(OutsideDomainWarning, match="2 of 4"):
        value, gradient = gc.compile(formula, names=("x",), engine=engine).value_and_grad(
            np.array([0.5, 800.0, 1.0, 900.0])
        )
    for found in (value, gradient["x"]):
        assert np.isnan(found).tolist() == [False, True, False, True]


def test_there_is_a_column_for_each_name_asked_and_no_more():
    program = program_of(prepare(gc.parse("x^2*y")))
    found = over_columns(program, {"x": np.array([1.0, 2.0]), "y": np.array([3.0, 4.0])}, ("y",))
    assert [each.tolist() for each in (found.value, *found.gradient)] == [[3, 16], [1, 4]]


@pytest.mark.parametrize("far", "xyz")
def test_a_far_argument_is_seen_in_whichever_function_it_is(far: str) -> None:
    found = gc.compile("sin(x) + sin(y)^2 + sin(z)^3", engine="native")
    at = {name: np.full(37, 1.0) for name in "xyz"}
    at[far][5] = 1e300
    right = sum(math.sin(at[name][5]) ** power for power, name in enumerate("xyz", 1))
    assert found(**at)[5] == pytest.approx(right, rel=1e-14)


def test_a_sine_of_minus_nothing_keeps_its_sign_and_no_slope_has_one():
    ours, python = both("sin(x) + 0*y", ("x", "y"))
    for given_ in ((-0.0, -1.0), (0.0, 1.0)):
        for name in ("value", "flat"):
            python_ = [getattr(python, name)(*given_) for _ in range(20)]
            assert len({str(each) for each in (*python_, getattr(ours, name)(*given_))}) == 1
    assert math.copysign(1, gc.compile("sin(x)", engine="native").value(-0.0)) == -1
    assert np.signbit(gc.compile("sin(x)", engine="native").value(np.array([-0.0, 0.0]))).tolist() == [True, False]
    for engine in ("native", "python"):
        quotient = gc.compile("x/y", engine=engine)
        assert {str(quotient.flat(0.0, 2.0)) for _ in range(20)} == {"(0.0, 0.5, 0.0)"}


def test_a_kept_method_has_its_text_and_can_be_pickled():
    compiled = gc.compile("x^2*sin(y)", engine="native")
    for name in ("value", "flat", "value_and_grad"):
        kept = getattr(compiled, name)
        assert kept.__doc__ == getattr(gc.Compiled, name).__doc__
        assert pickle.loads(pickle.dumps(kept))(2.0, 3.0) == kept(2.0, 3.0)


@pytest.mark.parametrize("engine", ["native", "python"])
def test_names_of_our_own_and_none_are_taken_as_what_they_are(engine):
    compiled = gc.compile("self*out", names=("self", "out"), engine=engine)
    for _ in range(10):
        assert compiled.value(self=2.0, out=3.0) == compiled(2.0, out=3.0) == 6.0
        assert compiled.grad(self=2.0, out=3.0) == {"self": 3.0, "out": 2.0}
        assert compiled.flat(out=3.0, self=2.0) == (6.0, 3.0, 2.0)
        with pytest.raises(TypeError, match="3 values are given for 2 names"):
            compiled.value(None, 2.0, 3.0)
        with pytest.raises(TypeError, match="self must be a real number, not None"):
            compiled.value(None, 2.0)
    assert compiled.hessian(self=2.0, out=3.0)["self"]["out"] == 1
