"""Functions and claims in forms that are seldom: each takes a way through `judge/programs` that no other test takes."""

from __future__ import annotations

import functools
import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pytest

import gradcalc as gc
from gradcalc.verdict import Verdict
from tests.test_programs import opaque, opaque_array


def agrees(f: Any, grad: Any, at: Any = None, **options: Any) -> bool:
    return gc.check_gradient(f, grad, at, **options).verdict is Verdict.AGREES


# ---- how a function takes its point, and what it answers with


def test_parameters_of_other_names_than_the_mapping_are_given_in_order() -> None:
    assert agrees(lambda p, q: p**2 * q, lambda p, q: {"x": 2 * p * q, "y": p**2}, {"x": 2.0, "y": 3.0})


def test_a_product_by_a_function_of_c_without_a_signature_is_given_the_vector() -> None:
    for vector, verdict in ((3.0, Verdict.AGREES), (1.0, Verdict.WRONG)):  # max(x, v) is v or x
        assert gc.check_jvp(lambda x: x, max, 2.0, vector).verdict is verdict


@pytest.mark.parametrize("answer", ["0.5", b"0.5", None, object()])
def test_what_is_no_number_is_no_value(answer: object) -> None:
    with pytest.raises(TypeError, match="no real number"):
        gc.check_gradient(lambda x: answer, lambda x: 1.0, 0.5)


def test_a_whole_number_beyond_doubles_is_infinite() -> None:
    assert gc.check_gradient(lambda x: 10**400, lambda x: 0.0, 0.5).verdict is Verdict.UNDEFINED


def test_a_value_may_come_with_a_gradient_of_parts() -> None:
    @dataclass
    class Pair:
        a: Any
        b: float

    def f(p: Pair) -> Any:
        return np.sum(p.a) * p.b

    for off in (0.0, 0.5):
        found = gc.check_gradient(
            f, lambda p, off=off: (f(p) + off, Pair(p.b + 0 * p.a, np.sum(p.a))), Pair(np.array([1.0, 2.0]), 3.0)
        )
        assert found.verdict is (Verdict.WRONG if off else Verdict.AGREES)
    mapping = gc.check_gradient(lambda x, y: x * y, lambda x, y: (x * y, {"x": y, "y": x + 0.1}), {"x": 2.0, "y": 3.0})
    assert [row.what for row in mapping.findings if row.verdict is Verdict.WRONG] == ["y"]


def test_a_product_of_too_many_numbers_is_no_product() -> None:
    with pytest.raises(TypeError, match="the product has 3 numbers, the function 2"):
        gc.check_jvp(lambda x: x[:2] ** 2, lambda x, v: 2 * x * v, np.ones(3), np.ones(3))


def test_many_values_have_no_gradient() -> None:
    with pytest.raises(TypeError, match="check_jacobian"):
        gc.check_gradient(lambda x: x**2, lambda x: 2 * x, np.ones(2))
    with pytest.raises(TypeError, match="check_jacobian"):
        gc.check_gradient(["x^2", "x"], lambda x: 2 * x, {"x": 2.0})


@pytest.mark.parametrize("box", ["ab", [1.0, 2.0, 3.0], {"x": 3.0}])
def test_a_box_that_is_no_pairs_is_told(box: Any) -> None:
    with pytest.raises((TypeError, ValueError), match="pair"):
        gc.check_gradient(lambda x: x**2, lambda x: 2 * x, box=box)


# ---- programs that are traced though they are odd


def test_defaults_by_keyword_and_empty_cells_are_traced() -> None:
    def made() -> Callable[[Any], Any]:
        if random.random() > 2:
            later = 1.0

        def f(x: Any, *, power: Callable[[Any], Any] = np.square) -> Any:
            return later if x is None else power(x) * np.sin(x)

        return f

    found = gc.check_gradient(made(), lambda x: 2 * x * np.sin(x) + x**2 * np.cos(x), 0.7)
    assert found.verdict is Verdict.AGREES
    assert found.traced


def test_a_large_table_and_objects_that_cannot_be_copied_are_traced_as_they_are() -> None:
    table = {i: float(i) for i in range(100_000)}

    class Once:
        factor = 3.0

        def __copy__(self) -> Any:
            raise RuntimeError("there is one alone")

        def of(self, x: Any) -> Any:
            return self.factor * x

    class Itself(Once):
        def __copy__(self) -> Any:
            return self

    once, itself = Once(), Itself()
    found = gc.check_gradient(lambda x: table[7] * once.of(x) * itself.of(x), lambda x: 126 * x, 0.5)
    assert found.verdict is Verdict.AGREES
    assert found.traced


def test_options_of_a_function_of_scipy_that_are_not_traced_are_told() -> None:
    special = pytest.importorskip("scipy.special")
    weights, at = np.array([1.0, 2.0]), np.array([0.3, 0.7])
    right = gc.check_gradient(
        lambda x: special.logsumexp(x, b=weights), lambda x: weights * np.exp(x) / np.sum(weights * np.exp(x)), at
    )
    assert right.verdict is Verdict.AGREES
    assert "logsumexp with b" in str(right)


# ---- what has no value, no end, no luck


def test_an_infinite_value_is_undefined() -> None:
    found = gc.check_gradient(opaque(lambda x: math.inf), lambda x: 0.0, 0.5)
    assert found.verdict is Verdict.UNDEFINED
    assert "is inf here" in str(found)


@pytest.mark.parametrize("claimed", [0.0, 1.0])
def test_a_function_by_chance_is_not_judged(claimed: float) -> None:
    found = gc.check_gradient(lambda x: x + random.random(), lambda x: claimed, 0.5)
    assert found.verdict in (Verdict.UNDECIDED, Verdict.AGREES)
    assert claimed == 1.0 or "does not answer the same twice" in str(found)


def test_a_boundary_whose_function_ends_beside_it_is_looked_for() -> None:
    def f(x: Any) -> Any:
        return 2 * x if math.sqrt(x - 0.5) < 1e-3 else x

    box = (0.5, 2.0)
    assert agrees(f, lambda x: 2.0 if x < 0.500001 else 1.0, box=box)
    assert gc.check_gradient(f, lambda x: 1.0, box=box).verdict is Verdict.WRONG


def test_a_wrong_hessian_of_an_untraced_function_is_found_in_a_box() -> None:
    f = opaque_array(lambda x: x[0] ** 2 * x[1])

    def hessian(x: Any, slip: float = 0.0) -> Any:
        return np.array([[2 * x[1], 2 * x[0] + slip], [2 * x[0], 0.0]])

    assert gc.check_hessian(f, hessian, box=[(0.5, 1.5)] * 2, n=4).verdict is Verdict.AGREES
    wrong = gc.check_hessian(f, functools.partial(hessian, slip=0.1), box=[(0.5, 1.5)] * 2, n=4)
    assert wrong.verdict is Verdict.WRONG


def test_the_part_of_a_box_that_fails_is_told_from_as_many_points_as_it_takes() -> None:
    def gradient(x: Any) -> Any:
        return 2 * x * np.where(x[0] > 1.7, 1.01, 1.0)

    found = gc.check_gradient(lambda x: np.sum(x**2), gradient, box=[(-3, 3)] * 2)
    assert found.verdict is Verdict.WRONG
    assert 0.12 < found.failing < 0.35  # 13/60 of it
    assert found.drawn < 500


# ---- what has names goes by these, in whatever order it has them


class Pair(NamedTuple):
    b: float
    a: float


_PLACE = {"a": 2.0, "b": 3.0}  # where a^2*b has the derivatives 12 and 4, and a*b has 3 and 2


def _series(a: float, b: float) -> Any:
    return pytest.importorskip("pandas").Series({"b": b, "a": a})


def _record(a: float, b: float) -> Any:
    return np.array((b, a), dtype=[("b", float), ("a", float)])


@pytest.mark.parametrize("made", [_series, _record, lambda a, b: Pair(a=a, b=b), lambda a, b: {"b": b, "a": a}])
def test_a_gradient_that_names_its_entries_goes_by_the_names(made: Callable[..., Any]) -> None:
    assert agrees(lambda p: p["a"] ** 2 * p["b"], lambda p: made(a=12.0, b=4.0), _PLACE)
    assert not agrees(lambda p: p["a"] ** 2 * p["b"], lambda p: made(a=4.0, b=12.0), _PLACE)


def test_a_column_as_point_and_as_gradient_goes_by_its_labels() -> None:
    point = pytest.importorskip("pandas").Series({"a": 2.0, "b": 3.0})
    assert agrees(lambda s: s["a"] ** 2 * s["b"], lambda s: _series(12.0, 4.0), point)
    assert agrees(lambda s: s["a"] ** 2 * s["b"], lambda s: np.array([12.0, 4.0]), point)


def _table(*rows: list[float]) -> Any:
    return pytest.importorskip("pandas").DataFrame([*reversed(rows)], index=["v", "u"], columns=["b", "a"])


@pytest.mark.parametrize(
    "jac",
    [
        lambda p: {"v": {"b": 0.0, "a": 1.0}, "u": {"b": 4.0, "a": 12.0}},
        lambda p: ({"v": 2.0, "u": 12.0}, {"v": {"b": 0.0, "a": 1.0}, "u": {"b": 4.0, "a": 12.0}}),
        lambda p: _table([4.0, 12.0], [0.0, 1.0]),
    ],
)
def test_rows_and_columns_of_a_jacobian_go_by_their_names(jac: Callable[..., Any]) -> None:
    assert gc.check_jacobian(lambda p: {"u": p["a"] ** 2 * p["b"], "v": p["a"]}, jac, _PLACE)


def test_rows_with_names_may_come_in_a_list_and_one_alone_by_its_name() -> None:
    rows = [{"b": 4.0, "a": 12.0}, {"b": 0.0, "a": 1.0}]
    assert gc.check_jacobian(["a^2*b", "a"], lambda p: rows, _PLACE)
    assert gc.check_jacobian(lambda p: {"u": p["a"] ** 2 * p["b"]}, lambda p: {"u": rows[0]}, _PLACE)


def test_products_and_their_vectors_go_by_names() -> None:
    def f(p: Any) -> Any:
        return {"u": p["a"] ** 2 * p["b"], "v": p["a"]}

    assert gc.check_jvp(f, lambda p: {"v": 5.0, "u": 12 * 5.0 + 4 * 7.0}, _PLACE, {"b": 7.0, "a": 5.0})
    assert gc.check_vjp(f, lambda p: {"b": 4 * 11.0, "a": 12 * 11.0 + 13}, _PLACE, {"v": 13.0, "u": 11.0})
    second = {"b": 4 * 5.0, "a": 6 * 5.0 + 4 * 7.0}  # of a^2*b: 2*b, 2*a and 0
    assert gc.check_hvp("a^2*b", lambda p: second, _PLACE, {"b": 7.0, "a": 5.0})


@pytest.mark.parametrize("point", [(2.0, 3.0), [2.0, 3.0]])
def test_arguments_in_order_are_answered_by_their_names(point: Any) -> None:
    def f(a: Any, b: Any) -> Any:
        return a**2 * b

    assert agrees(f, lambda a, b: {"b": 4.0, "a": 12.0}, point)
    assert agrees(f, lambda a, b: (12.0, {"b": 4.0, "a": 12.0}), point)
    assert not agrees(f, lambda a, b: {"b": 12.0, "a": 4.0}, point)
    assert gc.check_hessian(f, lambda a, b: {"b": {"a": 4.0, "b": 0.0}, "a": {"b": 4.0, "a": 6.0}}, point)
    rows = [{"b": 4.0, "a": 12.0}, {"b": 0.0, "a": 1.0}]
    assert gc.check_jacobian(lambda a, b: [a**2 * b, a], lambda a, b: rows, point)
    by_names, in_order = (gc.check_hvp(f, lambda a, b, v: [0, 0], point, v) for v in ({"b": 7.0, "a": 5.0}, (5.0, 7.0)))
    assert str(by_names) == str(in_order)  # with the right numbers in the table
    with pytest.raises(TypeError, match="no entry for a: it has da, db"):
        gc.check_gradient(f, lambda a, b: {"da": 12.0, "db": 4.0}, point)


class _Gas(NamedTuple):
    T: float
    p: float


def test_names_of_parts_that_arrays_have_too_are_not_taken_from_these() -> None:
    at = _Gas(2.0, 3.0)
    assert agrees(lambda s: s.T**2 * s.p, lambda s: np.array([12.0, 4.0]), at)
    assert gc.check_jvp(lambda s: [s.T**2 * s.p], lambda s: [12 * 5.0 + 4 * 7.0], at, {"p": 7.0, "T": 5.0})


@pytest.mark.parametrize(
    ("answer", "said"),
    [({"a": 12.0, "b": 4.0, "c": 0.0}, "an entry for c, which is not asked for"), ({"a": 12.0}, "no entry for b")],
)
def test_a_name_too_many_or_too_few_is_an_error(answer: dict[str, float], said: str) -> None:
    for claim in (lambda p: answer, lambda p: (12.0, answer)):
        with pytest.raises(TypeError, match=f"the gradient has {said}"):
            gc.check_gradient(lambda p: p["a"] ** 2 * p["b"], claim, _PLACE)
    with pytest.raises(TypeError, match=f"the gradient has {said}"):
        gc.check_gradient(lambda p: p["i"]["a"] ** 2 * p["i"]["b"], lambda p: {"i": answer}, {"i": _PLACE})
    with pytest.raises(TypeError, match=f"the matrix has {said}"):
        gc.check_jacobian(lambda p: {"u": p["a"] ** 2 * p["b"]}, lambda p: {"u": answer}, _PLACE)
    with pytest.raises(TypeError, match=f"the vector has {said}"):
        gc.check_hvp("a^2*b", lambda p: _PLACE, _PLACE, answer)


def test_what_is_not_asked_for_by_wrt_may_be_there() -> None:
    assert agrees("a^2*b", lambda p: {"a": 12.0, "b": 0.0}, _PLACE, wrt=("a",))
    with pytest.raises(TypeError, match="an entry for z"):
        gc.check_gradient("a^2*b", lambda p: {"a": 12.0, "z": 0.0}, _PLACE, wrt=("a",))


@pytest.mark.parametrize(("vector", "said"), [([math.nan, 1.0], "finite numbers"), ([1j, 1.0], "real numbers")])
def test_a_vector_is_of_numbers(vector: Any, said: str) -> None:
    with pytest.raises((TypeError, ValueError), match=f"a tangent is made of {said}"):
        gc.check_jvp(lambda x: x**2, lambda x, v: 2 * x * v, np.ones(2), vector)


@pytest.mark.parametrize(("answer", "said"), [([], "has no numbers"), ([1j], "is no real number")])
def test_values_that_a_jacobian_cannot_be_of_are_told(answer: Any, said: str) -> None:
    with pytest.raises(TypeError, match=f"the function answered .*{said}"):
        gc.check_jacobian(lambda x: answer, lambda x: np.eye(2), np.ones(2))


def test_a_certificate_is_of_an_answer() -> None:
    for other in ("sin(x)", gc.agreement("x", {"x": 1})):
        with pytest.raises(TypeError, match="a certificate is of an answer of check_derivative"):
            gc.certificate(other)  # type: ignore[arg-type]
