"""The flat program of a formula, and the tapes that compute it without a graph."""

from __future__ import annotations

import math
import random
import statistics
import threading

import pytest
from hypothesis import assume, given
from strategies import formulas
from test_properties import QUICK, terms

import gradcalc as gc
from gradcalc.engine.lowering import constant_value
from gradcalc.engine.program import Program, program_of
from gradcalc.engine.scalars import BALL, CONDITIONS, FLOAT, NATIVE, exact_ball, precision
from gradcalc.engine.straight import Exact, Op, Straight
from gradcalc.engine.tape import at_constants, tape_of
from gradcalc.language.formula import Call, Name, children_first
from gradcalc.language.functions import TABLE


def entries(text: str) -> list[str]:
    program = program_of(text)
    return [
        str(node) if row is None else f"{row.name} {' '.join(map(str, args))}"
        for node, row, args in zip(program.nodes, program.rows, program.args, strict=True)
    ]


def test_a_program_has_equal_subformulas_once():
    assert entries("x*y + sin(x*y) + 0.50*0.5") == ["x", "y", "* 0 1", "sin 2", "+ 2 3", "0.50", "* 5 5", "+ 4 6"]


def test_a_program_knows_where_each_node_went():
    formula = gc.parse("(a + b)^2 + (a + b)")
    program = program_of(formula)
    for node in children_first(formula):
        entry = program.nodes[program.place(node)]
        assert str(entry) == str(node)
    assert program.root == program.place(formula) == len(program) - 1
    assert program.names == ("a", "b")


def test_names_are_read_off_once():
    program = program_of("r = 2; area = pi*r^2*k; area + e*k + tau")
    assert program.names == ("k",)
    assert list(program.leaves({"k": 1})) == ["r", "k"]
    assert list(program.leaves({"k": 1, "e": 3, "area": 5})) == ["r", "k", "area", "e"]
    assert str(program.leaves({"k": 1})["r"]) == "2"
    with pytest.raises(gc.MissingValueError) as caught:
        program.leaves({"e": 3})
    assert caught.value.missing == ("k",)


def test_a_program_is_made_once_and_never_copied():
    formula = gc.parse("x*y")
    assert program_of(formula) is program_of(formula)


def test_smoothness_is_read_off():
    assert program_of("sin(x)/y").smooth
    assert not program_of("abs(x)").smooth
    assert not program_of("clamp(x, 0, 1)").smooth


@QUICK
@given(formulas())
def test_a_tape_computes_what_the_graph_does(drawn):
    formula, at = drawn
    program = program_of(formula)
    leaves = tuple(program.leaves(at))
    values = [at[name] for name in leaves if name in at]
    assume(len(values) == len(leaves))
    tape = tape_of(program, FLOAT, leaves, leaves)
    assert tape is not None
    try:
        value, gradient = tape.value_and_grad(values)
    except (ArithmeticError, ValueError):
        assume(False)
    by_code = tape.compiled()(values, tape.known(53))
    assert repr((value, gradient)) == repr(by_code)
    graph = gc.trace(formula, at)
    root = graph.root
    assert value == (root.data if hasattr(root, "data") else root)
    tolerance = 4 * math.ulp(terms(root)) * len(program)
    for name, partial in zip(leaves, gradient, strict=True):
        expected = getattr(graph.leaves[name], "grad", 0.0)
        assert partial == expected or abs(partial - expected) <= tolerance


@QUICK
@given(formulas(smooth_only=True))
def test_a_tape_over_balls_is_the_graph_over_balls(drawn):
    formula, at = drawn
    program = program_of(formula)
    known = program.leaves(at)
    leaves = tuple(known)
    tape = tape_of(program, BALL, leaves, leaves)
    assert tape is not None
    try:
        truth = gc.certify(formula, at)
    except gc.UndefinedError:
        assume(False)
    with precision(128):
        point = [
            exact_ball(at[name]) if definition is None else constant_value(definition, BALL)
            for name, definition in known.items()
        ]
        try:
            value, gradient = tape.value_and_grad(point, 128)
        except (ArithmeticError, ValueError):
            return  # too wide at this precision
        code = tape.compiled()(point, tape.known(128))
    for one, other in zip([value, *gradient], [code[0], *code[1]], strict=True):
        assert one.overlaps(other)
    for ball, part in zip([value, *gradient], [truth.value, *truth.gradient.values()], strict=True):
        if part.ball is not None:
            assert ball.overlaps(part.ball)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("log(x)", {"x": -1.0}),
        ("if(x > 0, log(x), 2*x)", {"x": -1.0}),
        ("if(x > 0, x^2, 1/x)", {"x": 0.5}),
        ("sqrt(x)", {"x": 0.0}),
        ("1/x", {"x": 0.0}),
        ("exp(x)", {"x": 1000.0}),
        ("x*1e308*10", {"x": 1.0}),
        ("x^y", {"x": -8.0, "y": 1 / 3}),
        ("sqrt(x^2 + y^2)", {"x": 0.0, "y": 0.0}),
        ("root(x, n)", {"x": 8.0, "n": 3.0}),
        ("polygamma(n, x)", {"n": 1.0, "x": 0.5}),
        ("max(x, y, 1)", {"x": 1.0, "y": 1.0}),
        ("max(x, y) + abs(x - y)", {"x": 1.0, "y": 1.0}),
        ("clamp(x, y, 3) + relu(x)", {"x": 0.0, "y": 0.0}),
        ("1e400*x", {"x": 1.0}),
    ],
)
def test_unusual_points_are_told_as_the_graph_tells_them(text, at):
    """By the first call and by the many after which there is code."""
    formula = gc.parse(text)
    answers = set()
    for _ in range(20):
        try:
            answers.add(repr(gc.value_and_grad(formula, at)))
        except gc.FormulaError as error:
            answers.add(str(error))
    assert len(answers) == 1
    assert "nan" in by_graph(formula, at) or answers == {by_graph(formula, at)}


def by_graph(formula: gc.Formula, at: dict[str, float]) -> str:
    try:
        graph = gc.trace(formula, at)
    except gc.FormulaError as error:
        return str(error)
    return repr((float(graph.root.data), {name: float(leaf.grad) for name, leaf in graph.leaves.items()}))


def test_only_what_is_asked_for_is_differentiated():
    formula = gc.parse("polygamma(n, x)*y + z")
    point = {"n": 1, "x": 0.5, "y": 2, "z": 0, "w": 1}
    assert gc.grad(formula, point, ["y", "w"]) == {"y": gc.evaluate("polygamma(1, 1/2)"), "w": 0.0}
    assert gc.grad("max(x, y)", {"x": 1, "y": 1}, ["x"]) == {"x": 0.0}
    assert gc.grad("a = x^2; 3*a*x", {"x": 1, "a": 5}) == {"x": 15.0, "a": 3.0}


def test_programs_are_made_by_threads_at_once():
    formula = gc.parse("+".join(f"sin(x*{i})" for i in range(1, 200)))
    found: list[object] = []

    def ask() -> None:
        found.extend(gc.grad(formula, {"x": 0.3})["x"] for _ in range(20))

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 120
    assert len(set(found)) == 1


def test_large_formulas_are_answered():
    deep = gc.parse("; ".join(["v0 = x", *(f"v{i} = v{i - 1} + x*{i}" for i in range(1, 4_000))]))
    assert gc.grad(deep, {"x": 2}) == {"x": 1 + sum(range(1, 4_000))}
    assert gc.grad("-" * 20_001 + "x", {"x": 2}) == {"x": -1.0}
    wide = gc.parse("+".join(f"x*{i}" for i in range(20_000)))
    assert gc.value_and_grad(wide, {"x": 2}) == (2 * sum(range(20_000)), {"x": sum(range(20_000))})


def test_a_users_function_takes_part():
    double = gc.Function("double(x)", value=lambda x: 2 * x, ball=lambda x: 2 * x, partials=("2",), domain="x > -1")
    formula = gc.parse("double(x)^2", functions=[double])
    assert gc.value_and_grad(formula, {"x": 3}) == (36.0, {"x": 24.0})
    assert gc.value_and_grad(formula, {"x": 3}, certified=True) == (36.0, {"x": 24.0})
    with pytest.raises(gc.UndefinedError):
        gc.grad(formula, {"x": -1})


def test_a_program_holds_no_formula_alive():
    import gc as collector
    import weakref

    formula = gc.parse("x*y + 1")
    gc.grad(formula, {"x": 1, "y": 2})
    row = gc.Function("own(x)", value=lambda x: x, ball=lambda x: x, partials=("1",))
    gc.grad(gc.parse("own(x)", functions=[row]), {"x": 1})
    program = weakref.ref(program_of(formula))
    del formula
    collector.collect()
    assert program() is None
    assert isinstance(Program(gc.parse("x")).formula, gc.Formula)
    assert not any(isinstance(kept, Call) for kept in collector.get_referrers(row))


WITH_PARTIALS = [row for row in TABLE.values() if row.partials and not row.condition and None not in row.partials]
ARITHMETIC = [TABLE[name] for name in "+-*/"]


def drawn_with(rows, seed):
    """A formula of fifteen calls with much in common, never computed: where its domains are does not matter."""
    draw = random.Random(seed)
    nodes = [Name(name) for name in "xyz"]
    for _ in range(15):
        row = draw.choice(rows)
        nodes.append(Call(row, tuple(draw.choices(nodes[-6:], k=3 if row.variadic else len(row.params)))))
    return nodes[-1]


def cost(results):
    """Operations: a sum or a product is one, a function ten, about what it takes."""
    code = next(result.code for result in results if isinstance(result, Op))
    steps = [op.what for op in code.live(results) if op.what is not None]
    cheap = [not isinstance(what, Exact) and what.name in {*NATIVE, *CONDITIONS, "if", "and", "or"} for what in steps]
    return sum(1 if one else 10 for one in cheap)


@pytest.mark.parametrize(("rows", "most", "usual"), [(WITH_PARTIALS, 4, 2), (ARITHMETIC, 5, 3.2)])
def test_a_gradient_costs_a_few_times_its_value(rows, most, usual):
    """Of sums, products and quotients alone at most 5 times, which is the bound of Baur and Strassen (1983)."""
    ratios = []
    for seed in range(150):
        program = program_of(drawn_with(rows, seed))
        straight = Straight(tape_of(program, FLOAT, program.names, program.names))
        ratios.append(cost([straight.value, *straight.gradient({})]) / cost([straight.value]))
    assert max(ratios) <= most
    assert statistics.median(ratios) <= usual


@pytest.mark.parametrize("text", ["sigmoid(x)*sigmoid(-x) + softplus(x)", "tanh(x) + sech(x)^2", "exp(x) + exp(x)*y"])
def test_a_value_and_its_gradient_have_one_exponential(text):
    program = program_of(text)
    straight = Straight(tape_of(program, FLOAT, program.names, program.names))
    ops = straight.code.live([straight.value, *straight.gradient({})])
    assert sum(op.what is TABLE["exp"] for op in ops) == 1


def test_by_a_name_that_does_not_stand_in_it_the_derivative_is_0():
    for scalars, value in ((FLOAT, 3.0), (BALL, exact_ball(3.0))):
        tape = tape_of(program_of("x^2 + 1"), scalars, ("x", "y"), ("x", "y"))
        for run in (tape.value_and_grad, lambda values, tape=tape: tape.compiled()(values, tape.known())):
            assert run([value, value]) == (10, [6, 0])


def test_what_only_one_branch_needs_is_computed_in_it():
    """Off the branch it would have no value, and a graph would have to be made."""
    program = program_of("if(x > 0, log(x)*y, exp(-y)/x)")
    run = tape_of(program, FLOAT, ("x", "y"), ("y",)).compiled()
    assert run([-2.0, 0.5], None) == (math.exp(-0.5) / -2.0, [math.exp(-0.5) / 2.0])


@pytest.mark.parametrize(("text", "x"), [("1/x^2", 1e200), ("exp(-x^3)", 1e150), ("if(y > 0, atan(x^2), x)", 1e200)])
def test_a_power_that_overflows_is_told_though_nothing_else_would_be(text, x):
    formula = gc.parse(text)
    compiled = gc.compile(formula, names=["x", "y"])
    for _ in range(20):
        with pytest.raises(gc.UndefinedError, match="overflows"):
            gc.value_and_grad(formula, {"x": x, "y": 1.0})
        with pytest.raises(gc.UndefinedError, match="overflows"):
            compiled.value(x, 1.0)


def test_a_row_at_constants_needs_only_what_it_takes():
    def found(row, *given):
        return at_constants(TABLE[row], lambda *_: 1 / 0, given)

    nan = math.nan
    assert (found("if", 1.0, 5.0, nan), found("if", 0.0, nan, 7.0)) == (5, 7)
    assert (found("and", 0.0, nan), found("or", 1.0, nan)) == (0, 1)
    for each in (("if", nan, 1.0, 1.0), ("and", 1.0, nan), ("or", 0.0, nan), ("*", nan, 2.0), ("*", 2.0, nan)):
        assert math.isnan(found(*each))
