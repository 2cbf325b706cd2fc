"""Jacobians, Hessians and their products with vectors: what is right agrees, every planted fault is found."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import gradcalc as gc

AT = np.array([0.7, 1.3])
TANGENT = np.array([0.3, -0.5])
COTANGENT = np.array([0.2, 0.1, -0.4])


def f(x: Any) -> Any:
    return np.array([x[0] * x[1], np.sin(x[0]), x[1] ** 3])


def jacobian(x: Any) -> Any:
    return np.array([[x[1], x[0]], [np.cos(x[0]), 0.0], [0.0, 3 * x[1] ** 2]])


def bell(x: Any) -> Any:
    return np.exp(x[0] * x[1]) + x[0] ** 3


def hessian(x: Any) -> Any:
    e = np.exp(x[0] * x[1])
    mixed = e * (1 + x[0] * x[1])
    return np.array([[x[1] ** 2 * e + 6 * x[0], mixed], [mixed, x[0] ** 2 * e]])


def seen(function: Callable[..., Any]) -> Callable[..., Any]:
    return function


def walled(function: Callable[..., Any]) -> Callable[..., Any]:
    """The same numbers, but nothing to trace."""
    return lambda x: function(np.frombuffer(np.asarray(x, dtype=float).tobytes()))


# by name: the check, the function, what is right, and what belongs to it after the point
CHECKS: dict[str, tuple[Callable[..., Any], Any, Any, tuple[Any, ...]]] = {
    "jacobian": (gc.check_jacobian, f, jacobian, ()),
    "hessian": (gc.check_hessian, bell, hessian, ()),
    "jvp": (gc.check_jvp, f, lambda x: jacobian(x) @ TANGENT, (TANGENT,)),
    "vjp": (gc.check_vjp, f, lambda x: COTANGENT @ jacobian(x), (COTANGENT,)),
    "hvp": (gc.check_hvp, bell, lambda x: hessian(x) @ TANGENT, (TANGENT,)),
}


@pytest.mark.parametrize("word", CHECKS)
@pytest.mark.parametrize(
    ("of", "claim", "finest"), [(seen, seen, 1e-12), (seen, walled, 1e-12), (walled, walled, 1e-7)]
)
def test_faults_of_every_size(word: str, of: Any, claim: Any, finest: float) -> None:
    check, function, right, further = CHECKS[word]
    found = check(of(function), claim(right), AT, *further)
    assert found, found
    assert found.word == word
    missed = []
    for fault in (1e-1, 1e-3, 1e-6, 1e-9, 1e-12):

        def wrong(x: Any, fault: float = fault) -> Any:
            answer = np.array(right(x))
            answer.flat[0] *= 1 + fault
            return answer

        found = check(of(function), claim(wrong), AT, *further)
        if found.verdict == "wrong":
            assert len(found.wrong) == 1
        else:
            missed.append(fault)
    assert all(fault < finest for fault in missed)


def test_entries_are_named_by_row_and_column() -> None:
    def wrong(x: Any) -> Any:
        return jacobian(x) + np.array([[0, 0], [1e-3, 0], [0, 1.0]])

    found = gc.check_jacobian(f, wrong, AT)
    assert [row.what for row in found.wrong] == ["df[1]/dx[0]", "df[2]/dx[1]"] or [row.what for row in found.wrong] == [
        "df[2]/dx[1]",
        "df[1]/dx[0]",
    ]
    assert found.findings[0].what == "df[2]/dx[1]"  # the worst first
    assert str(found).split("\n")[0] == "WRONG: 2 of 6 entries of the Jacobian of f"
    with pytest.raises(AssertionError, match=r"jacobian of f, df\[2\]/dx\[1\]: actual 6.07, expected 5.07"):
        gc.assert_jacobian(f, wrong, AT)
    crossed = gc.check_hessian(bell, lambda x: hessian(x) + np.array([[0, 1e-3], [0, 0]]), AT)
    assert [row.what for row in crossed.wrong] == ["d2f/dx[0]dx[1]"]


def test_over_a_box(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gradcalc.work.A_SECOND", 1000)
    box = [(0, 1), (0, 1)]
    assert gc.check_jacobian(f, jacobian, box=box, n=4)
    in_corner = gc.check_jacobian(f, lambda x: jacobian(x) * (1.01 if x[0] < 0.05 else 1), box=box, n=4)
    assert in_corner.verdict == "wrong"
    assert gc.check_vjp(f, lambda x, u: u @ jacobian(x), None, COTANGENT, box=box, n=2)


def test_the_vector_is_handed_over() -> None:
    assert gc.check_jvp(f, lambda x, t: jacobian(x) @ t, AT, TANGENT)
    assert gc.check_jvp(f, lambda x, t: (f(x), jacobian(x) @ t), AT, TANGENT)
    assert gc.check_vjp(f, lambda x, u: u @ jacobian(x), AT, COTANGENT)
    assert gc.check_vjp(f, lambda x, u: (f(x), u @ jacobian(x)), AT, COTANGENT)
    assert gc.check_vjp(f, lambda x, u: (f(x), -u @ jacobian(x)), AT, COTANGENT).verdict == "wrong"
    assert gc.check_hvp(bell, lambda x, v: hessian(x) @ v, AT, TANGENT)
    assert gc.check_jvp(lambda a, b: a * b, lambda a, b, t: a * t["b"] + t["a"] * b, {"a": 2, "b": 3}, {"a": 1, "b": 5})
    for check, missing in (
        (gc.check_jvp, "a tangent, "),
        (gc.check_vjp, "a cotangent, "),
        (gc.check_hvp, "a vector, "),
    ):
        with pytest.raises(TypeError, match=f"give {missing}"):
            check(f, lambda x, v: v, AT)
    with pytest.raises(TypeError, match="the vector has 3 numbers, for 2 numbers of the point"):
        gc.check_jvp(f, lambda x, t: jacobian(x) @ t, AT, [1, 2, 3])
    for assertion, function, wrong, vector in (
        (gc.assert_jvp, f, lambda x, t: jacobian(x) @ t + 1, TANGENT),
        (gc.assert_vjp, f, lambda x, u: -u @ jacobian(x), COTANGENT),
        (gc.assert_hvp, bell, lambda x, v: 2 * hessian(x) @ v, TANGENT),
    ):
        with pytest.raises(AssertionError, match="actual"):
            assertion(function, wrong, AT, vector)
    with pytest.raises(AssertionError, match="actual"):
        gc.assert_hessian(bell, lambda x: -hessian(x), AT)


def along(p: Any, v: Any) -> Any:
    return 2 * p["x"] * p["y"] * v["x"] + p["x"] ** 2 * v["y"]


def weighted(p: Any, c: Any) -> Any:
    return {"x": 2 * p["x"] * p["y"] * c, "y": p["x"] ** 2 * c}


def bent(p: Any, v: Any) -> Any:
    return {"x": 2 * p["y"] * v["x"] + 2 * p["x"] * v["y"], "y": 2 * p["x"] * v["x"]}


@pytest.mark.parametrize(("point", "at"), [("at", {"x": 0.7, "y": 1.3}), ("box", {"x": (1, 2), "y": (1, 3)})])
@pytest.mark.parametrize(
    ("check", "product", "name", "vector"),
    [
        (gc.check_jvp, along, "tangent", {"x": 1.5, "y": -1.0}),
        (gc.check_vjp, weighted, "cotangent", 2.0),
        (gc.check_hvp, bent, "vector", {"x": 1.5, "y": -1.0}),
    ],
)
def test_products_of_a_formula(
    check: Any, product: Any, name: str, vector: Any, point: str, at: Any, allow: Any
) -> None:
    allow(1 / 100)
    given = {point: at, name: vector, "n": 2}
    assert check("x^2*y", product, **given)
    assert check(gc.parse("x^2*y"), product, **given)
    assert check("x^2*y", lambda p, v: product({**p, "x": 1.0001 * p["x"]}, v), **given).verdict == "wrong"


def test_a_formula_takes_no_array_as_point() -> None:
    with pytest.raises(TypeError, match="the point of a formula has a value for each name"):
        gc.check_gradient("x*y", lambda p: [1, 1], [1.0, 2.0])


def test_formulas() -> None:
    at = {"x": 0.7, "y": 1.3}
    assert gc.check_jacobian(["x*y", "sin(x)"], lambda x, y: [[y, x], [math.cos(x), 0]], at)
    assert gc.check_jacobian(["x*y", "sin(x)"], lambda x, y: {"x": [y, math.cos(x)], "y": [x, 0]}, at)
    assert gc.check_hessian("x^2*y", lambda x, y: {"x": {"x": 2 * y, "y": 2 * x}, "y": {"x": 2 * x, "y": 0}}, at)
    wrong = gc.check_hessian("x^2*y", lambda x, y: [[2 * y, 2 * x], [2 * x, 1]], at)
    assert [row.what for row in wrong.wrong] == ["d2f/dydy"]


def test_what_has_no_second_derivative() -> None:
    assert gc.check_hessian("floor(x)", lambda x: 0.0, {"x": 1.0}).verdict == "not-differentiable"
    assert gc.check_hessian(abs, lambda x: 0.0, 0.0).verdict == "not-differentiable"
    assert gc.check_hessian(lambda x: x * abs(x), lambda x: 0.0, 0.0).verdict == "not-differentiable"
    at_corner = gc.check_jacobian(lambda x: np.maximum(x, 0), lambda x: np.diag((x > 0) * 1.0), np.array([0.0, 1.0]))
    assert at_corner.verdict == "not-differentiable"


def test_shapes() -> None:
    assert gc.check_jacobian(lambda m: m @ np.ones(2), lambda m: np.einsum("ij,k->ijk", np.eye(2), np.ones(2)),
                             np.eye(2) + 0.2)  # fmt: skip
    assert gc.check_jacobian(
        lambda x: np.outer(x, x), lambda x: np.array([[[2 * x[0], 0], [x[1], x[0]]], [[x[1], x[0]], [0, 2 * x[1]]]]), AT
    )
    assert gc.check_jacobian(lambda x: np.array([x, x * x]), lambda x: [1, 2 * x], 0.7)
    assert gc.check_jacobian(
        lambda p: p["W"] @ p["b"],
        lambda p: {"W": np.einsum("ij,k->ijk", np.eye(2), p["b"]), "b": p["W"]},
        {"W": np.eye(2) + 0.1, "b": np.array([0.3, 0.4])},
    )
    with pytest.raises(TypeError, match="the matrix has 4 components, not 3 rows of 2"):
        gc.check_jacobian(f, lambda x: jacobian(x)[:2], AT)
    with pytest.raises(TypeError, match="the matrix's entry for x has 1 component, not 2 rows of 1"):
        gc.check_jacobian(["x*y", "sin(x)"], lambda x, y: {"x": [y], "y": [math.cos(x), x, 0]}, {"x": 0.7, "y": 1.3})
    with pytest.raises(TypeError, match="check_jacobian judges functions of many values"):
        gc.check_gradient(lambda x: x**2, lambda x: 2 * x, AT)
    with pytest.raises(TypeError, match="must be a function"):
        gc.check_jacobian(f, np.eye(2), AT)


@pytest.mark.usefixtures("few_points")
def test_a_jacobian_in_the_shape_of_its_transpose_is_wrong() -> None:
    said = "it is the transpose: the shape (2, 3), where (3, 2) is expected"
    for of in (f, lambda x: f(np.frombuffer(x.tobytes()))):
        found = gc.check_jacobian(of, lambda x: jacobian(x).T, AT)
        assert (found.verdict, found.reason) == ("wrong", said)
        assert said in str(found)
        assert "?" not in str(found)
        assert gc.check_jacobian(of, lambda x: jacobian(x).T, box=[(0.1, 1.0), (0.1, 1.0)]).verdict == "wrong"
        with pytest.raises(AssertionError, match="it is the transpose"):
            gc.assert_jacobian(of, lambda x: jacobian(x).T, AT)


def test_an_array_is_read_by_rows_and_a_tuple_by_arguments() -> None:
    def polar(x: Any, y: Any) -> Any:
        return np.array([np.hypot(x, y), np.arctan2(y, x)])

    def slopes(x: Any, y: Any) -> Any:
        square = x * x + y * y
        return np.array([[x / np.hypot(x, y), y / np.hypot(x, y)], [-y / square, x / square]])

    assert gc.check_jacobian(polar, slopes, (1.2, -0.5))
    assert gc.check_jacobian(polar, lambda x, y: tuple(slopes(x, y).T), (1.2, -0.5))
    assert gc.check_jacobian(polar, lambda x, y: slopes(x, y).T, (1.2, -0.5)).hint == "the Jacobian is transposed"


def test_certificates_are_of_gradients() -> None:
    from gradcalc.judge.certificates import certificate

    for found in (
        gc.check_jacobian(f, jacobian, AT),
        gc.check_gradient(lambda x, y: x * y, lambda x, y: (y, x), (2.0, 3.0)),
        gc.check_gradient(math.sin, math.cos, 0.7, noise=1e-3),
    ):
        with pytest.raises(ValueError, match="a certificate"):
            certificate(found, "f.py:f", "f.py:grad")
        with pytest.raises(ValueError, match="say what was judged: f and grad"):
            found.data()


def test_hints_at_rows_and_columns_that_are_exchanged() -> None:
    def arm(q: Any) -> Any:
        return np.array([np.cos(q[0]) + q[1] ** 2, np.sin(q[0]) * q[1]])

    def slopes(q: Any) -> Any:
        return np.array([[-np.sin(q[0]), 2 * q[1]], [np.cos(q[0]) * q[1], np.sin(q[0])]])

    at = np.array([0.3, 0.9])
    turned = {"the Jacobian is transposed": lambda q: slopes(q).T,
              "the rows df[0] and df[1] are exchanged": lambda q: slopes(q)[::-1],
              "the columns dq[0] and dq[1] are exchanged": lambda q: slopes(q)[:, ::-1]}  # fmt: skip
    assert gc.check_jacobian(arm, slopes, at)
    assert [gc.check_jacobian(arm, claim, at).hint for claim in turned.values()] == [*turned]
    found = gc.check_jvp(arm, lambda q, v: 1.5 * slopes(q) @ v, at, np.array([1.0, 2.0]))
    assert found.hint == "it is 3/2 times the derivative"


def test_a_matrix_may_be_sparse_or_a_table() -> None:
    sparse, pandas = pytest.importorskip("scipy.sparse"), pytest.importorskip("pandas")
    matrix = sparse.csr_array(np.array([[1.0, 2, 0], [0, 3, 0], [4, 0, 5]]))
    dense = matrix.toarray()
    at = np.array([1.0, 2, 3])
    for made in (sparse.csr_array, sparse.coo_array, pandas.DataFrame):
        assert gc.check_jacobian(lambda x: dense @ x**2, lambda x, made=made: made(dense * (2 * x)), at)
        turned = gc.check_jacobian(lambda x: dense @ x**2, lambda x, made=made: made((dense * (2 * x)).T), at)
        assert turned.hint == "the Jacobian is transposed"


@pytest.mark.parametrize(
    ("of", "second"),
    [(lambda x, y: x**2 + abs(y), {"x": 2.0, "y": 0.0}), (lambda x, y: abs(x) + y**2, {"x": 0.0, "y": 2.0})],
)
def test_without_a_gradient_there_is_no_product_with_the_hessian(of: Any, second: dict[str, float]) -> None:
    found = gc.check_hvp(of, lambda x, y: second, {"x": 0.0, "y": 0.0}, {"x": 1.0, "y": 1.0})
    assert [one.verdict for one in found.findings] == ["not-differentiable"] * 2


def test_where_one_partial_derivative_is_missing_those_of_the_other_stay() -> None:
    found = gc.check_hessian(lambda x, y: x**2 + abs(y), lambda x, y: [[2.0, 0.0], [0.0, 0.0]], {"x": 1.0, "y": 0.0})
    verdicts = {one.what: one.verdict for one in found.findings}
    assert verdicts.pop("d2f/dxdx") == "agrees"
    assert set(verdicts.values()) == {"not-differentiable"}


def test_a_hint_calls_an_entry_what_it_is() -> None:
    def f(x: Any) -> Any:
        return np.array([x[0] * x[1], np.sin(x[0])])

    def square(x: Any) -> Any:
        return x[0] ** 2 * x[1] + x[1] ** 3

    x, v = [0.3, 0.8], [0.5, -2.0]
    one = gc.check_jacobian(f, lambda x: [[x[1], x[1]], [np.cos(x[0]), 0]], x)
    assert one.hint == "that is the entry df[0]/dx[0]"
    one = gc.check_jvp(f, lambda x, v: [np.cos(x[0]) * v[0]] * 2, x, v)
    assert one.hint == "that is the entry f[1]"
    one = gc.check_vjp(f, lambda x, u: [u[0] * x[0]] * 2, x, v)
    assert one.hint == "that is the entry x[1]"
    one = gc.check_hvp(
        square, lambda x, v: [2 * x[0] * v[0] + 6 * x[1] * v[1], 2 * x[1] * v[0] + 2 * x[0] * v[1]], x, v
    )
    assert one.hint == "the entries x[0] and x[1] are exchanged"
    one = gc.check_gradient(square, lambda x: [x[0] ** 2 + 3 * x[1] ** 2, 2 * x[0] * x[1]], x)
    assert one.hint == "the derivatives with respect to x[0] and x[1] are exchanged"


@pytest.mark.parametrize("n", [1, 4])
def test_a_fault_of_a_product_in_a_small_part_is_found_where_nothing_is_traced(n: int) -> None:
    def opened(point: Any) -> tuple[float, float]:
        return struct.unpack("dd", struct.pack("dd", *point))

    def f(point: Any) -> Any:
        x, y = opened(point)
        return np.array([x * x * y, math.sin(y)])

    def jvp(point: Any, tangent: Any) -> Any:
        x, y = opened(point)
        wrong = 1.5 if 0.40 < x < 0.42 else 1.0
        return np.array([wrong * (2 * x * y * tangent[0] + x * x * tangent[1]), math.cos(y) * tangent[1]])

    box = np.array([(0.0, 1.0), (1.0, 2.0)])
    found = gc.check_jvp(f, jvp, tangent=np.array([1.0, 2.0]), box=box, n=n)
    assert found.verdict == "wrong"
    assert 0.40 < found.at["point[0]"] < 0.42
    assert 0.015 < found.failing < 0.025  # it is 0.02


@pytest.mark.parametrize("traced", [True, False])
def test_noise_of_a_large_output_excuses_no_fault_of_a_small_one(traced: bool) -> None:
    def f(point: Any) -> Any:
        x, y = point if traced else struct.unpack("dd", struct.pack("dd", *point))
        return np.array([1e9 * (2 + np.sin(x)), x * y])

    def jacobian(point: Any) -> Any:
        x, y = point if traced else struct.unpack("dd", struct.pack("dd", *point))
        return np.array([[1e9 * np.cos(x), 0.0], [1.3 * y, x]])

    at = np.array([1.0, 2.0])
    found = gc.check_jacobian(f, jacobian, at, noise=1e-6)
    assert [(row.what, row.verdict.value, row.expected) for row in found.wrong] == [
        ("df[1]/dpoint[0]", "wrong", pytest.approx(2.0))
    ]
    assert gc.check_jacobian(f, lambda p: jacobian(p) * [[1 + 1e-8, 1], [1 / 1.3, 1]], at, noise=1e-6)


def bisected(x: float) -> float:
    """The square root, of which every piece is constant."""
    low, high = 0.0, 4.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if middle * middle > x else (middle, high)
    return (low + high) / 2


@pytest.mark.parametrize("large", [1.0, 1e6, 1e12])
def test_comparisons_that_carry_a_small_output_are_seen_beside_a_large_one(large: float) -> None:
    def f(x: Any) -> Any:
        return np.array([large * np.sin(x), bisected(x)])

    assert gc.check_jacobian(f, lambda x: np.array([large * np.cos(x), 0.5 / np.sqrt(x)]), 2.0)
    found = gc.check_jacobian(f, lambda x: np.array([large * np.cos(x), 0.6 / np.sqrt(x)]), 2.0)
    assert [row.what for row in found.wrong] == ["df[1]/dx"]
    assert found.wrong[0].expected == pytest.approx(0.5 / math.sqrt(2))


def turned(x: Any) -> Any:
    return np.array([x[0] * x[1], np.sin(x[2]) + x[0]])


def of_turned(x: Any) -> Any:
    return np.array([[x[1], x[0], 0.0], [1.0, 0.0, np.cos(x[2])]])


@pytest.mark.parametrize("of", [turned, walled(turned)])
@pytest.mark.parametrize(
    ("check", "product", "vector"),
    [
        (gc.check_jvp, lambda x, v: of_turned(x) @ v, [1.0, 2.0, -1.0]),
        (gc.check_vjp, lambda x, c: c @ of_turned(x), [1.0, -2.0]),
    ],
)
def test_values_that_come_with_a_product_are_those_of_the_function(
    of: Any, check: Any, product: Any, vector: list[float]
) -> None:
    at, by = np.array([0.3, 0.8, -0.5]), np.array(vector)
    assert check(of, lambda *given: (turned(given[0]), product(*given)), at, by).verdict == "agrees"
    found = check(of, lambda x, v: (turned(x) * [1, 1.001], product(x, v)), at, by)
    assert found.verdict == "wrong"
    assert [row.what for row in found.wrong] == ["value f[1]"]
    assert f"the value beside {found.phrase} of " in str(found)
    both = check(of, lambda x, v: (-turned(x), -product(x, v)), at, by)
    assert len(both.wrong) - 2 == len([row for row in both.findings if not row.what.startswith("value")])
    assert "and 2 values beside it" in str(both)
    assert both.hint == "the sign is flipped"


def test_a_value_next_to_nothing_is_as_good_as_another() -> None:
    data = np.array([[1.0, 0.1], [1.0, 0.2], [1.0, 0.3]])
    right = np.array([0.1, 0.7])

    def squares(x: Any) -> Any:
        return float(np.sum((data @ x - data @ right) ** 2))

    def both(x: Any) -> Any:
        left = data @ (x - right) + 1e-17
        return float(left @ left), 2 * data.T @ left

    found = gc.check_gradient(walled(squares), both, right)
    assert "value" not in [row.what for row in found.wrong]


def test_two_arrays_of_two_are_no_box_that_can_be_read_in_one_way() -> None:
    def sum_of_squares(x: Any) -> Any:
        return np.sum(x**2)

    for two in ((np.array([0.0, 0.0]), np.array([1.0, 1.0])), [np.array([0.0, 1.0]), np.array([0.0, 1.0])]):
        with pytest.raises(TypeError, match="two pairs or all lower ends and all upper ones"):
            gc.check_gradient(sum_of_squares, lambda x: 2 * x, box=two)
    for pairs in ([(0, 1), (0, 1)], np.array([[0.0, 1.0], [0.0, 1.0]])):
        assert gc.check_gradient(sum_of_squares, lambda x: 2 * x, box=pairs, n=4)


def test_a_box_of_a_program_that_is_not_traced_is_looked_over_before_it_is_judged() -> None:
    """A judgement by quotients takes hundreds of values for every number; a look, two."""
    calls = 0

    def function(x: Any) -> float:
        nonlocal calls
        calls += 1
        return float(np.sum(np.tanh(x) * [1, 2, 3]) + x[0] * x[1])

    def slopes(x: Any) -> Any:
        right = [1, 2, 3] / np.cosh(x) ** 2 + np.array([x[1], x[0], 0])
        return right * (1.01 if x[0] < -0.94 else 1)

    found = gc.check_gradient(walled(function), slopes, box=[(-1, 1)] * 3)
    assert found.verdict == "wrong"
    assert found.hint == "it is 101/100 times the derivative"
    assert 0.02 < found.failing < 0.05
    assert calls < 60_000


PAIRED = {  # of x^2*y and of its Jacobian, in one number or two
    "gradient": (gc.check_gradient, lambda x: [2 * x[0] * x[1], x[0] ** 2], ()),
    "jacobian": (gc.check_jacobian, lambda x: [[2 * x[0] * x[1], x[0] ** 2]], ()),
    "hessian": (gc.check_hessian, lambda x: [[2 * x[1], 2 * x[0]], [2 * x[0], 0.0]], ()),
    "jvp": (gc.check_jvp, lambda x, v: 2 * x[0] * x[1] * v[0] + x[0] ** 2 * v[1], ([0.5, -2.0],)),
    "vjp": (gc.check_vjp, lambda x, u: [u * 2 * x[0] * x[1], u * x[0] ** 2], (1.5,)),
    "hvp": (gc.check_hvp, lambda x, v: [2 * x[1] * v[0] + 2 * x[0] * v[1], 2 * x[0] * v[0]], ([0.5, -2.0],)),
}


@pytest.mark.parametrize("word", PAIRED)
@pytest.mark.parametrize("opened", [lambda x: x, lambda x: struct.unpack("dd", struct.pack("dd", *x))])
def test_what_comes_before_any_derivative_is_the_value_and_judged(word: str, opened: Any) -> None:
    check, claim, further = PAIRED[word]

    def f(x: Any) -> Any:
        x, y = opened(x)
        return x * x * y

    for first, verdict in ((12.0, "agrees"), (12.5, "wrong")):
        found = check(f, lambda *x, first=first: (first, claim(*x)), [2.0, 3.0], *further)
        assert found.verdict == verdict, found
    with pytest.raises(TypeError, match=r"2 numbers came first: .* what f answers with, 1 value, or none"):
        check(f, lambda *x: ([12.0, 4.0], claim(*x)), [2.0, 3.0], *further)


@pytest.mark.parametrize(("first", "verdict"), [(8.0, "agrees"), (12.0, "undecided"), (9.0, "undecided")])
@pytest.mark.parametrize("opened", [lambda x: x, lambda x: struct.unpack("d", struct.pack("d", x))[0]])
def test_a_number_before_a_second_derivative_by_one_that_is_no_value_may_be_the_first(
    first: float, verdict: str, opened: Any
) -> None:
    product = gc.check_hvp(lambda x: opened(x) ** 3, lambda x, v: (first, 6 * x * v), 2.0, 1.5)
    second = gc.check_hessian(lambda x: opened(x) ** 3, lambda x: (first, 6 * x), 2.0)
    assert product.verdict == second.verdict == verdict
    assert product.reason == "" or "ask check_gradient of it" in product.reason


def test_a_name_that_a_gradient_lacks_is_told_beside_a_value() -> None:
    with pytest.raises(TypeError, match="no entry for y"):
        gc.check_gradient(lambda x, y: x * y, lambda x, y: (x * y, {"x": y}), {"x": 1.0, "y": 2.0})
