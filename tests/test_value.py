"""`Value`: that it takes the place of micrograd's, and that the engine is right over every kind of scalar."""

from __future__ import annotations

import copy
import gc
import math
import operator
import pickle
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import micrograd.engine
import numpy as np
import pytest
import sympy
from flint import arb
from hypothesis import assume, given, settings, strategies as st
from test_functions import ROWS, inside, sample, slope, variables

from gradcalc.engine.scalars import precision
from gradcalc.engine.told import Undecidable
from gradcalc.engine.value import Value
from gradcalc.language.functions import TABLE, Function

METHODS = [row for row in ROWS if row.spelling.isidentifier()]


# ---- micrograd


def test_micrograds_readme() -> None:
    a = Value(-4.0)
    b = Value(2.0)
    c = a + b
    d = a * b + b**3
    c += c + 1
    c += 1 + c + (-a)
    d += d * 2 + (b + a).relu()
    d += 3 * d + (b - a).relu()
    e = c - d
    f = e**2
    g = f / 2.0
    g += 10.0 / f
    assert f"{g.data:.4f}" == "24.7041"
    g.backward()
    assert f"{a.grad:.4f}" == "138.8338"
    assert f"{b.grad:.4f}" == "645.5773"


def test_micrograds_sanity_check() -> None:
    x = Value(-4.0)
    z = 2 * x + 2 + x
    q = z.relu() + z * x
    h = (z * z).relu()
    y = h + q + q * x
    y.backward()
    assert y.data == -20.0
    assert x.grad == 46.0


Op = tuple[str, int, int, float]
_NUMBERS = st.sampled_from([-2.0, -1.0, -0.5, 0.5, 1.0, 2.0, 3, -1])
_OPS = st.tuples(
    st.sampled_from(
        ["+", "-", "*", "/", "neg", "relu", "**", "n+", "+n", "n-", "-n", "n*", "*n", "/n", "n/", "sum", "+="]
    ),
    st.integers(0, 20),
    st.integers(0, 20),
    _NUMBERS,
)


def _build(make: Callable[[float], Any], leaves: list[float], ops: list[Op]) -> list[Any]:
    """All nodes of one graph. Division is by a leaf, which is a power of two, so that no arithmetic rounds."""
    nodes = [make(x) for x in leaves]
    for op, i, j, n in ops:
        x, y, leaf = nodes[i % len(nodes)], nodes[j % len(nodes)], nodes[j % len(leaves)]
        made = {
            "+": lambda x=x, y=y: x + y, "-": lambda x=x, y=y: x - y, "*": lambda x=x, y=y: x * y,
            "/": lambda x=x, leaf=leaf: x / leaf, "neg": lambda x=x: -x, "relu": lambda x=x: x.relu(),
            "**": lambda x=x: x**2, "n+": lambda x=x, n=n: n + x, "+n": lambda x=x, n=n: x + n,
            "n-": lambda x=x, n=n: n - x, "-n": lambda x=x, n=n: x - n, "n*": lambda x=x, n=n: n * x,
            "*n": lambda x=x, n=n: x * n, "/n": lambda x=x: x / 4, "n/": lambda leaf=leaf, n=n: n / leaf,
            "sum": lambda x=x, y=y: sum([x, y, x]), "+=": lambda x=x, y=y: operator.iadd(x, y),
        }[op]  # fmt: skip
        nodes.append(made())
    return nodes


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.sampled_from([-2.0, -1.0, -0.5, 0.25, 0.5, 1.0, 2.0, 4.0]), min_size=1, max_size=4),
    st.lists(_OPS, min_size=1, max_size=10),
)
def test_side_by_side_with_micrograd(leaves: list[float], ops: list[Op]) -> None:
    """The same data and gradients at every node, to the last bit: the numbers are such that nothing rounds."""
    theirs = _build(micrograd.engine.Value, leaves, ops)
    theirs[-1].backward()
    assume(all(abs(x) < 2.0**25 and (x * 2**25).is_integer() for v in theirs for x in (float(v.data), float(v.grad))))
    ours = _build(Value, leaves, ops)
    ours[-1].backward()
    assert [v.data for v in ours] == [v.data for v in theirs]
    assert [v.grad for v in ours] == [v.grad for v in theirs]


def test_constructor_and_attributes() -> None:
    a, b = Value(2.0, label="a"), Value(3.0)
    c = a * b
    assert (a.data, a.grad, a.label, a._op, a._prev) == (2.0, 0, "a", "", set())
    assert (c.label, c._op, c._prev) == ("", "*", {a, b})
    c.label = "c"
    assert c.label == "c"
    made = Value(1.5, (a, b), "mine")
    assert (made._prev, made._op) == ({a, b}, "mine")
    assert Value(1.0, (), "leaf")._op == "leaf"


@pytest.mark.parametrize(
    ("op", "expected"),
    [
        (lambda x, y: x + y, "+"),
        (lambda x, y: x - y, "-"),
        (lambda x, y: x * y, "*"),
        (lambda x, y: x / y, "/"),
        (lambda x, y: x**3, "**3"),
        (lambda x, y: x**-0.5, "**-0.5"),
        (lambda x, y: x.tanh(), "tanh"),
        (lambda x, y: x.relu(), "relu"),
    ],
)
def test_op_says_what_was_done(op: Callable[..., Value], expected: str) -> None:
    assert op(Value(1.0), Value(2.0))._op == expected


def test_repr() -> None:
    assert repr(Value(2.0)) == "Value(data=2.0, grad=0)"
    x = Value(3.0)
    (x * x).backward()
    assert repr(x) == "Value(data=3.0, grad=6.0)"
    assert repr(micrograd.engine.Value(2.0)) == repr(Value(2.0))


def test_an_operation_of_ones_own() -> None:
    """As micrograd's users write one: `_children`, `_op`, and a function assigned to `_backward`."""

    def cube(x: Value) -> Value:
        out = Value(x.data**3, (x,), "cube")

        def backward() -> None:
            x.grad += 3 * x.data**2 * out.grad

        out._backward = backward
        assert out._backward is backward
        out._op += " of one's own"
        return out

    a = Value(2.0)
    b = cube(a * 3) * a
    b.backward()
    assert (b.data, b.arguments[0]._op) == (432.0, "cube of one's own")
    assert a.grad == 216 + 2 * 3 * 36 * 3  # 27 a^4 has 108 a^3
    b._backward()  # may be called by hand, as in the lecture
    assert a.grad == 2 * 216 + 648


def test_an_operation_without_backward_has_no_gradient() -> None:
    a = Value(2.0)
    made = Value(5.0, (a,), "opaque")
    (made * 3).backward()
    assert made.grad == 3.0
    assert a.grad == 0


def test_a_backward_by_hand() -> None:
    """The lecture's manual pass: set the last gradient, call `_backward` from the end to the start."""
    a, b = Value(2.0), Value(-3.0)
    c = a * b
    d = c.tanh()
    d.grad = 1.0
    d._backward()
    c._backward()
    slope_of_tanh = 1 - math.tanh(-6.0) ** 2
    assert a.grad == pytest.approx(-3 * slope_of_tanh, rel=1e-9)
    assert b.grad == pytest.approx(2 * slope_of_tanh, rel=1e-9)


# ---- data


@pytest.mark.parametrize(
    "data",
    [3, 3.0, np.float64(3), np.float32(3), np.int64(3), np.array(3.0), Fraction(3), Decimal(3)],
    ids=lambda data: type(data).__name__,
)
def test_numbers_as_data_and_beside_a_value(data: Any) -> None:
    x = Value(data)
    y = x * x + x
    y.backward()
    assert (y.data, x.grad) == (12, 7)
    for op in (operator.add, operator.sub, operator.mul, operator.truediv, operator.pow):
        left, right = Value(2.0), Value(2.0)
        assert op(left, data).data == op(2.0, 3.0)
        after = op(data, right)
        assert isinstance(after, Value), (op, data)
        assert after.data == op(3.0, 2.0)
        op(left, data).backward()
        after.backward()
        assert (left.grad, right.grad) == pytest.approx(
            {
                operator.add: (1, 1), operator.sub: (1, -1), operator.mul: (3, 3), operator.truediv: (1 / 3, -3 / 4),
                operator.pow: (12, 9 * math.log(3)),
            }[op]
        )  # fmt: skip


@pytest.mark.parametrize("data", ["3", 3j, None, [3], (3,), {}, np.array([1.0, 2.0]), b"3", object()])
def test_what_is_no_number_is_refused(data: Any) -> None:
    with pytest.raises(TypeError, match="real number"):
        Value(data)


@pytest.mark.parametrize("other", ["3", 3j, None, {}], ids=str)
@pytest.mark.parametrize("op", [operator.add, operator.sub, operator.mul, operator.truediv, operator.pow])
def test_operators_refuse_what_is_no_number(op: Callable[..., Any], other: Any) -> None:
    with pytest.raises(TypeError):
        op(Value(2.0), other)
    with pytest.raises(TypeError):
        op(other, Value(2.0))


def test_numpy_functions_reach_the_methods() -> None:
    xs = np.array([Value(0.5), Value(1.5)], dtype=object)
    total = np.sum(np.sin(xs) * np.float64(2))
    assert isinstance(total, Value)
    total.backward()
    assert [x.grad for x in xs] == pytest.approx([2 * math.cos(0.5), 2 * math.cos(1.5)])
    one = Value(2.0)
    made = np.float64(2) * one
    assert isinstance(made, Value)
    assert (made.data, np.exp(one).data) == (4.0, math.exp(2.0))
    weights = np.array([[1.0, 2.0], [3.0, 4.0]])
    assert [v.data for v in weights @ xs] == [3.5, 7.5]


def test_sum_iadd_pos_abs() -> None:
    a, b = Value(-2.0), Value(3.0)
    total = sum([a, b, a])
    total += 1
    total = +total + abs(a)
    total.backward()
    assert (total.data, a.grad, b.grad) == (2.0, 1.0, 1.0)


# ---- the backward pass


def test_leaves_add_up_and_inner_nodes_start_fresh() -> None:
    """micrograd gets the second call wrong: it adds to the inner nodes' old gradients, which are then passed on."""
    x = Value(3.0)
    y = x * x
    z = y * 2
    z.backward()
    assert (x.grad, y.grad, z.grad) == (12, 2, 1)
    z.backward()
    assert (x.grad, y.grad, z.grad) == (24, 2, 1)
    z.zero_grad()
    assert (x.grad, y.grad, z.grad) == (0, 0, 0)


def test_inner_nodes_start_fresh_below_three_arguments() -> None:
    x = Value(3.0)
    y = x * x
    z = y.max(1, x, x * 2) + y
    z.backward()
    z.backward()
    assert (x.grad, y.grad) == (24, 2)
    x = Value(3.0)
    made = [x * 2, x * 3, x * 4]
    out = Value(0.0, made, "mine")

    def step() -> None:
        for child in made:
            child.grad += out.grad

    out._backward = step
    out.backward()
    out.backward()
    assert (x.grad, [child.grad for child in made]) == (18, [1, 1, 1])


def test_two_roots_share_leaves() -> None:
    x = Value(2.0)
    shared = x * 3
    one, two = shared + 1, shared * shared
    one.backward()
    assert x.grad == 3
    two.backward()
    assert x.grad == 3 + 2 * 6 * 3
    assert one.grad == 1, "a node that is not below the root is left alone"


def test_backward_of_a_leaf() -> None:
    x = Value(2.0)
    x.backward()
    x.backward()
    assert x.grad == 2


def test_every_path_counts() -> None:
    x = Value(1.5)
    y = x
    for _ in range(60):  # 2^60 paths
        y = y + y
    y.backward()
    assert x.grad == 2.0**60
    x = Value(3.0)
    x.max(x, x).backward()
    assert x.grad == 1
    x = Value(2.0)
    (x**x).backward()
    assert x.grad == pytest.approx(4 * (math.log(2) + 1))


def test_an_error_in_the_middle_leaves_the_graph_usable() -> None:
    x = Value(2.0)
    faulty = Value(4.0, (x,), "faulty")

    def fail() -> None:
        raise RuntimeError("mine")

    faulty._backward = fail
    out = (faulty + x) * faulty
    with pytest.raises(RuntimeError, match="mine"):
        out.backward()
    x.grad = 0

    def step() -> None:
        x.grad += faulty.grad

    faulty._backward = step
    out.backward()
    assert x.grad == 14


def test_a_chain_of_many_nodes() -> None:
    x = Value(1.0)
    y = x
    for _ in range(200_000):
        y = y + 5e-6
    y.backward()
    assert x.grad == 1
    assert y.data == pytest.approx(2.0)
    y.zero_grad()
    del y  # without recursion
    assert x.grad == 0


def test_no_reference_cycles() -> None:
    """A graph is freed when its last name goes, so that training does not wait for the garbage collector."""

    def train() -> None:
        x = Value(0.5)
        ((x * x + 3).tanh() ** 2 / x.max(x * 2, 1) - x.clamp(0, 1)).backward()

    train()  # the first call compiles rules
    gc.collect()
    gc.disable()
    try:
        train()
        assert gc.collect() == 0
    finally:
        gc.enable()


def test_values_can_be_pickled() -> None:
    x = Value(2.0, label="x")
    y = x * x + 1
    y.backward()
    again = pickle.loads(pickle.dumps(y))
    again.backward()
    assert (again.data, again.grad) == (5.0, 1.0)


def _long_chain(x: Value) -> Value:
    y = x
    for i in range(6_000):
        y = y * 0.9999 + x if i % 2 else y.tanh()
    return y


@pytest.mark.parametrize(
    "copied",
    [copy.deepcopy, *(lambda it, p=p: pickle.loads(pickle.dumps(it, p)) for p in (0, pickle.HIGHEST_PROTOCOL))],
)
def test_deep_graphs_are_copied_with_what_they_share(copied: Callable[[Any], Any]) -> None:
    x = Value(2.0, label="x")
    root = _long_chain(x)
    for there, middle, again in (copied((x, root.arguments[0], root)), copied([x, root.arguments[0], root])):
        assert middle is again.arguments[0]
        assert there is not x
        assert there.label == "x"
        again.backward()
        root.backward()
        assert (again.data, again.grad, there.grad) == (root.data, root.grad, x.grad)
        assert x.grad != 0
        x.grad = 0


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda it: pickle.loads(pickle.dumps(it))])
def test_copies_of_all_nodes_of_a_graph(copied: Callable[[Any], Any]) -> None:
    nodes = [Value(1.0)]
    for _ in range(5_000):
        nodes.append(nodes[-1].max(0.5, nodes[0] * 2, nodes[0] * 3) if len(nodes) % 3 else nodes[-1] * 0.5)
    again = copied(nodes)
    assert again[-1].arguments[0] is again[-2]
    assert [node.data for node in again] == [node.data for node in nodes]
    again = copied(nodes[-1])
    nodes[-1].backward()
    again.backward()
    assert again.grad == 1.0


def test_copies_of_values_over_values() -> None:
    x = Value(Value(3.0))
    y = copy.deepcopy(x * x * x)
    y.backward()
    leaf = y.arguments[1]
    leaf.grad.backward()
    assert (leaf.grad.data, leaf.data.grad) == (27.0, 18.0)
    assert (x.grad, x.data.grad) == (0, 0)  # of what was copied


def test_methods_say_how_many_numbers_they_take() -> None:
    with pytest.raises(TypeError, match=r"log\(x\) or log\(x, base\): not for 4 arguments"):
        Value(2.0).log(1, 2, 3)


def test_values_are_formatted_as_their_data() -> None:
    assert f"{Value(2.0):.3f} {Value(1) / 3:>8.2e}" == "2.000 3.33e-01"
    assert f"{Value(2.0)}" == repr(Value(2.0))


def test_data_changed_after_the_value_was_computed_changes_nothing_of_it() -> None:
    """Micrograd would mix the two: the value of one point with partial derivatives of another."""
    a, b = Value(2.0), Value(3.0)
    product, positive = a * b, a.relu()
    b.data = 50.0
    product.data = -1.0
    product.backward()
    assert (a.grad, b.grad) == (3.0, 2.0)
    a.data = -2.0
    positive.backward()
    assert a.grad == 4.0
    assert (a * b).data == -100.0
    c = Value(2.0)
    square, power = c * c, c**3
    c.data = 5.0  # of which micrograd makes 10 and 75
    (square + power).backward()
    assert c.grad == 4.0 + 12.0


# ---- every row is a method


@pytest.mark.parametrize("row", [row for row in METHODS if not row.smooth], ids=lambda row: row.name)
@pytest.mark.parametrize("nested", [False, True])
def test_nan_goes_through_kinks(row: Function, nested: bool) -> None:
    count = 3 if row.variadic else len(row.params)
    for place in range(count):
        args = [math.nan if i == place else 0.5 + i for i in range(count)]
        values = [Value(Value(x) if nested else x) for x in args]
        out = getattr(Value, row.spelling)(*values)
        out.backward()
        assert math.isnan(out.data.data if nested else out.data)
        slope = values[place].grad
        assert math.isnan(slope.data if isinstance(slope, Value) else slope)
        if count > 1 and place and not nested:
            assert math.isnan(getattr(Value(args[0]), row.spelling)(*args[1:]).data)


@pytest.mark.parametrize("row", [row for row in METHODS if len(row.params) == 1], ids=lambda row: row.name)
def test_nan_goes_through_every_row_of_one_argument(row: Function) -> None:
    x = Value(math.nan)
    out = getattr(x, row.spelling)()
    out.backward()
    assert math.isnan(out.data)


@pytest.mark.parametrize("row", METHODS, ids=lambda row: row.name)
def test_every_row_is_a_method(row: Function) -> None:
    for name in (row.spelling, *row.aliases):
        for args in sample(row, 5, "method"):
            values: list[Any] = [Value(x) if i in variables(row) else x for i, x in enumerate(args)]
            out = getattr(Value, name)(*values)
            out.backward()
            for i in variables(row):
                truth = slope(row, args, i)
                assert values[i].grad == pytest.approx(float(truth.mid()), rel=1e-14, abs=1e-300), (name, args)


@pytest.mark.parametrize("row", [row for row in METHODS if len(row.params) > 1], ids=lambda row: row.name)
def test_methods_take_numbers(row: Function) -> None:
    args = sample(row, 1, "numbers")[0]
    first = Value(args[0])
    try:
        plain = getattr(first, row.spelling)(*args[1:])
    except AssertionError as error:
        raise AssertionError(f"{row} over a Value and numbers") from error
    wrapped = getattr(Value(args[0]), row.spelling)(*map(Value, args[1:]))
    assert plain.data == wrapped.data
    assert plain._prev <= {first} or not row.partials
    with pytest.raises(TypeError):
        getattr(first, row.spelling)(*args[1:-1], "3")
    with pytest.raises(TypeError):
        getattr(first, row.spelling)(*args, None)


def test_no_method_for_conditions_and_the_languages_own() -> None:
    for name in ("and", "or", "not", "if", "diff"):
        assert not hasattr(Value, name)


def test_log_takes_a_base() -> None:
    x, base = Value(8.0), Value(2.0)
    y = x.log(base)
    y.backward()
    assert y.data == pytest.approx(3)
    assert x.grad == pytest.approx(1 / (8 * math.log(2)))
    assert base.grad == pytest.approx(-3 / (2 * math.log(2)))


def test_outside_the_domain() -> None:
    with pytest.raises(ValueError, match=r"log needs x > 0, but its argument is -1"):
        Value(-1.0).log()
    with pytest.raises(ValueError, match=r"x\^y needs x > 0, x < 0 and an integer y, or .* but x is -2 and y is 0\.5"):
        Value(-2.0) ** 0.5
    with pytest.raises(ZeroDivisionError):
        1 / Value(0.0)
    with pytest.raises(OverflowError):
        Value(1000.0).exp()


# ---- powers


@pytest.mark.parametrize("exponent", [0, 1, 2, 3, -1, -2, 0.5, -0.5, 2.5, 0.3, -0.7, 1e-3, Fraction(1, 2)])
@pytest.mark.parametrize("base", [0.3, 1.0, 2.0, 1e5])
def test_powers(base: float, exponent: Any) -> None:
    x, y = Value(base), Value(exponent)
    by_number, by_value = x**exponent, x**y
    assert by_number.data == by_value.data == math.pow(base, exponent)
    by_number.backward()
    expected = float(slope(TABLE["^"], [base, float(exponent)], 0).mid())
    assert x.grad == pytest.approx(expected, rel=4e-16, abs=0)
    x.zero_grad()
    by_value.backward()
    assert x.grad == pytest.approx(expected, rel=4e-16, abs=0)
    assert y.grad == pytest.approx(math.log(base) * base ** float(exponent), rel=4e-15, abs=0)


def test_powers_of_negative_bases_and_of_numbers() -> None:
    x = Value(-2.0)
    (x**3).backward()
    assert x.grad == 12
    x = Value(-2.0)
    (x**-1).backward()
    assert x.grad == -0.25
    x = Value(3.0)
    y = 2**x
    y.backward()
    assert (y.data, x.grad) == (8, pytest.approx(8 * math.log(2)))


# ---- other scalars


def test_hessian_by_values_over_values() -> None:
    """f = x^2 y + exp(x y): reverse mode over reverse mode."""
    x, y = Value(Value(1.2)), Value(Value(-0.7))
    f = x * x * y + (x * y).exp()
    f.backward()
    e = math.exp(1.2 * -0.7)
    mixed = 2 * 1.2 + (1 + 1.2 * -0.7) * e
    for first, expected in ((x, (2 * -0.7 + 0.49 * e, mixed)), (y, (mixed, 1.44 * e))):
        first.grad.zero_grad()
        first.grad.backward()
        assert (x.data.grad, y.data.grad) == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize("row", [r for r in METHODS if len(r.params) == 1], ids=lambda row: row.name)
def test_third_derivatives(row: Function) -> None:
    """Values over Values over Values, against third differences of balls."""
    from gradcalc.engine.scalars import BALL

    function = BALL.function(row)
    for (point,) in sample(row, 3, "third"):
        if not inside(row, [point]):
            continue
        x = Value(Value(Value(point)))
        getattr(x, row.spelling)().backward()
        got = 0.0
        if isinstance(x.grad, Value):
            x.data.zero_grad()
            x.grad.backward()
            second = x.data.grad
            if isinstance(second, Value):
                x.data.data.zero_grad()
                second.backward()
                got = x.data.data.grad
        with precision(600):
            h, here = arb(2) ** -80, arb(point)
            steps = [(1, 3), (-3, 1), (3, -1), (-1, -3)]
            third = float((sum((w * function(here + k * h) for w, k in steps), arb(0)) / (8 * h**3)).mid())
        assert got == pytest.approx(third, rel=1e-11, abs=1e-11)


def test_balls_contain_the_truth() -> None:
    """The whole gradient over balls: wide enough for the truth, narrow enough to be of use."""
    x, y = sympy.symbols("x y")
    truth = sympy.exp(sympy.sin(x * y)) / (x + y) ** 3
    with precision(200):
        a, b = Value(arb("1.1")), Value(arb("0.3"))
        ((a * b).sin().exp() / (a + b) ** 3).backward()
        for value, symbol in ((a, x), (b, y)):
            at = {x: sympy.Rational(11, 10), y: sympy.Rational(3, 10)}
            expected = arb(str(sympy.N(truth.diff(symbol).subs(at), 70)))
            assert value.grad.overlaps(expected)
            assert value.grad.rel_accuracy_bits() > 150


def test_balls_of_some_width() -> None:
    x = Value(arb(2, 0.25))
    (x * x * x).backward()
    assert x.grad.contains(3 * arb(1.75) ** 2)
    assert x.grad.contains(3 * arb(2.25) ** 2)


def test_a_condition_that_balls_cannot_decide() -> None:
    """Where 0 lies inside the ball: every slope there may be, or a refusal; never one branch in silence."""
    x = Value(arb(0, 0.1))
    x.abs().backward()
    assert x.grad.contains(-1)
    assert x.grad.contains(1)
    with pytest.raises(Undecidable):
        Value(arb(0, 0.1)).relu()
    with pytest.raises(Undecidable):
        Value(arb(0, 0.1)).max(0)


@pytest.mark.parametrize("number", [2, 2.0, Fraction(2), np.float64(2)], ids=lambda number: type(number).__name__)
def test_numbers_beside_balls(number: Any) -> None:
    x = Value(arb(3))
    (x**number + x.max(number) + x.log(number) * number + number**x).backward()
    assert x.grad.overlaps(7 + 2 / (3 * arb(2).log()) + 8 * arb(2).log())


def test_sympy_symbols_as_data() -> None:
    x, y = Value(sympy.Symbol("x")), Value(sympy.Symbol("y"))
    (x * x / y - 3 * y).backward()
    assert sympy.simplify(x.grad - 2 * x.data / y.data) == 0
    assert sympy.simplify(y.grad + (x.data / y.data) ** 2 + 3) == 0


def test_a_method_is_written_out_at_its_first_use_and_on_whatever_it_is_first_used() -> None:
    code = (
        "import pickle, sys, gradcalc as gc\n"
        "class Own(gc.Value):\n"
        "    def __mul__(self, other): return super().__mul__(other) + 1\n"
        "assert (Own(2.0) * 3.0).data == 7.0\n"
        "assert gc.Value.relu(gc.Value(-1.0)).data == 0.0 and (2 - gc.Value(5.0)).data == -3.0\n"
        "assert (gc.Value(2.0) ** 3).data == 8.0 and (-gc.Value(2.0)).arctan is not None\n"
        "assert 'lark' not in sys.modules\n"
        "sent = pickle.dumps(gc.Value(1.0).exp())\n"
    )
    again = "import pickle, sys\nassert pickle.loads(bytes.fromhex(sys.argv[1])).tanh().data < 1\n"
    sent = subprocess.run(
        [sys.executable, "-c", code + "print(sent.hex())"], check=True, capture_output=True, text=True
    )
    subprocess.run([sys.executable, "-c", again, sent.stdout.strip()], check=True)


@pytest.mark.parametrize(
    ("of", "first", "second"),
    [
        (lambda x: x.sqrt(), math.inf, math.nan),
        (lambda x: x**0.5, math.inf, math.nan),
        (lambda x: (x + 1).asin(), math.inf, math.nan),
        (lambda x: x**1.5, 0, math.inf),  # 3/2*sqrt(x), whose own slope is infinite
    ],
    ids=["sqrt", "power", "asin", "1.5"],
)
def test_second_derivatives_where_the_first_is_infinite(of, first, second):
    x = Value(Value(0.0))
    of(x).backward()
    assert x.grad.data == first
    x.grad.backward()
    assert x.data.grad == pytest.approx(second, nan_ok=True)
    deeper = Value(Value(Value(0.0)))
    of(deeper).backward()
    assert deeper.grad.data.data == first


def test_a_value_of_a_value_outside_a_domain_is_told_in_words():
    with pytest.raises(ValueError, match="log needs x > 0, but its argument is 0"):
        Value(Value(0.0)).log()
