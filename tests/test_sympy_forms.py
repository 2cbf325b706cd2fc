"""What becomes of sympy's forms: shorter ones that are worth it, and comparisons that it is not asked about."""

from __future__ import annotations

from typing import Any

import pytest
import sympy

import gradcalc as gc
from gradcalc.language.errors import LimitError
from gradcalc.language.parser import parse
from gradcalc.symbolic import derive, to_sympy
from gradcalc.symbolic.derive import _factored, _frozen, _joined, derivatives, shortened
from gradcalc.symbolic.opaque import Choice
from gradcalc.symbolic.symbols import LONG_NUMBER, _brief, _sign, power_of

X, Y = sympy.symbols("x y", real=True)
E = sympy.exp


@pytest.mark.parametrize(
    "expr",
    [
        X * Y + X,
        X + X * Y + X**2,
        (X + 1) * (X - 1) + 1,
        X**2 + 2 * X + 1,
        X**2 / (X + 1) + 2 * X / (X + 1) + 1 / (X + 1),
        E(X) * sympy.sin(Y) + E(X) * sympy.cos(Y) + E(X),
        2 * X * (X**2 + 1) ** 5 * (Y + 3) ** 2 + 10 * X * (X**2 + 1) ** 4 * (Y + 3) ** 2 * (X**2 + 2),
        -2 * X * sympy.sin(X**2) + 3 * sympy.cos(X) ** 2 * sympy.sin(X) + 1 / X - 1 / X**2,
        (X**3 - Y**3) / (X - Y) + sympy.sqrt(X**2 - 2 * X + 1),
        1 / (1 + X) - X / (1 + X) ** 2,
        E(-X) / (1 + E(-X)) - E(-2 * X) / (1 + E(-X)) ** 2,
        sum((X ** (k + 1) * Y for k in range(9)), sympy.S.Zero),
    ],
)
def test_a_shorter_form_is_equal_and_worth_it(expr: Any) -> None:
    found, length = shortened(expr), int(expr.count_ops())
    at = {X: sympy.Rational(7, 5), Y: sympy.Rational(-3, 8)}
    assert abs((found - expr).xreplace(at).evalf(30)) < 1e-20
    if found != expr:
        assert found.count_ops() <= (2 * length / 3 if length <= 12 else 4 * length / 5)


@pytest.mark.parametrize(
    ("expr", "form"),
    [
        (X**2 / (X + 1) + 2 * X / (X + 1) + 1 / (X + 1), X + 1),
        (E(X - 1) / (E(X - 1) + Y) - 1 / (1 + Y * E(1 - X)) + X, X),
        (Choice((X, Y > 0), (sympy.S(1), sympy.true)) * 2 + Choice((X**2, Y > 0), (sympy.S(3), sympy.true)),
         Choice((X * (X + 2), Y > 0), (sympy.S(5), sympy.true))),
        (sympy.sin(X) * Y + sympy.cos(X), sympy.sin(X) * Y + sympy.cos(X)),
    ],
)  # fmt: skip
def test_forms_that_are_shorter(expr: Any, form: Any) -> None:
    assert shortened(expr) == form


@pytest.mark.parametrize(
    "expr",
    [
        (X + 1) ** 2 - X**2 - 2 * X - 1, (X * Y + X * sympy.pi) / (Y + sympy.pi), -(X + Y) / 2, sympy.S(3) / 2 - X,
        (X + Y) / 2 / (X - Y) * 3, (1 - X) / (1 - X**2), 2 / (X + 1) + 2 / (Y + 1), (Y - X) ** 3 / (X - Y) ** 2,
        (4 - X**2) / (6 * X + 12) ** 2, X**4 - Y**4, 1 / (X / 3 + 1) - 1 / (Y / 5 - 1), X / X**2,
    ],
)  # fmt: skip
def test_factors_over_one_denominator_are_those_that_sympy_finds(expr: Any) -> None:
    assert _factored(expr) == sympy.factor(sympy.cancel(sympy.together(expr)))


def test_a_sum_of_many_symbols_is_left_as_it_is() -> None:
    for count in (50, 120):  # more than are factored
        many = sympy.symbols(f"a:{count}")
        assert shortened(sympy.Add(*many)) == sympy.Add(*many)
        assert shortened(sympy.Mul(*many) + sympy.sin(X)) == sympy.Mul(*many) + sympy.sin(X)


def test_choices_by_the_same_conditions_are_one_and_others_stay() -> None:
    one, same, other = (
        Choice((a, condition), (b, sympy.true))
        for a, b, condition in ((X, sympy.S(1), Y > 0), (Y, sympy.S(2), Y > 0), (X, sympy.S(3), Y > 1))
    )
    assert _joined(one - 3 * same + X) == Choice((X - 3 * Y, Y > 0), (sympy.S(-5), sympy.true)) + X
    assert _joined(one + other + X) == one + other + X
    assert _joined(one + same + other) == Choice((X + Y, Y > 0), (sympy.S(3), sympy.true)) + other


def test_an_exponential_and_its_inverse_are_one_symbol() -> None:
    for expr in (E(X) + E(-X), E(1 - X) + E(X - 1), E(2 * X) * 3 + E(-3 * X)):
        frozen, parts = _frozen(expr)
        assert len(frozen.free_symbols) == len(parts) == 1
        assert sympy.expand(frozen.xreplace(parts) - expr) == 0


def test_a_long_derivative_is_as_sympy_makes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    formula = parse("x^2/(x + 1)")
    short, long = (derivatives(formula, ("x",), 1, 20, short=short)["x"] for short in (True, False))
    assert gc.evaluate(short, {"x": 2}) == gc.evaluate(long, {"x": 2}) == pytest.approx(8 / 9)
    assert len(str(short)) <= len(str(long))


@pytest.mark.parametrize("here", [0, 1])
def test_high_orders_are_the_same_wherever_they_are_differentiated(here: int, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def ask(function: Any, *args: Any, seconds: float) -> Any:
        asked.append(args[1:])
        return function(*args)

    many = iter([10**9 if here == 0 else 0, 10**9])
    monkeypatch.setattr(derive, "nodes", lambda *_: next(many))
    monkeypatch.setattr(derive.WORKER, "ask", ask)
    found = derivatives(parse(f"sin({here + 2}*x)*x"), ("x",), 4, 20)["x"]  # (x*sin(a*x))'''' = a^4*x*sin - 4*a^3*cos
    a, x = here + 2, 0.7
    right = a**4 * x * float(sympy.sin(a * x)) - 4 * a**3 * float(sympy.cos(a * x))
    assert gc.evaluate(found, {"x": x}) == pytest.approx(right)
    assert asked == [(4 - here, 0, here)]


def test_powers_of_numbers_are_exact_up_to_the_limit() -> None:
    assert power_of(sympy.Integer(2), sympy.Integer(LONG_NUMBER)) == 2**LONG_NUMBER
    assert not power_of(sympy.Integer(2), sympy.Integer(LONG_NUMBER + 1)).is_Integer
    before = gc.LIMITS.exponent
    try:
        gc.LIMITS.exponent = 50
        assert power_of(2 * X, sympy.Integer(50)) == 2**50 * X**50
        with pytest.raises(LimitError, match=r"the exact power \(2\*x\)\^51 has more than 50 bits"):
            power_of(2 * X, sympy.Integer(51))
    finally:
        gc.LIMITS.exponent = before


def test_numbers_in_messages_are_short() -> None:
    assert [_brief(x) for x in (sympy.Integer(2**64 - 1), sympy.Rational(1, 3), X)] == [str(2**64 - 1), "1/3", "x"]
    assert [_brief(x) for x in (sympy.Integer(2**64), sympy.Rational(1, 2**64))] == ["(a large number)"] * 2
    assert _brief(X + 1) == "(x + 1)"


def test_what_balls_do_not_tell_is_no_comparison_that_holds_or_not() -> None:
    assert [_sign(f"sin(1)^2 + cos(1)^2 - 1 {tiny}") for tiny in ("+ 1e-60", "- 1e-60", "+ 0")] == [1, -1, 0]
    one = "sin(1)^2 + cos(1)^2"
    assert to_sympy(parse(f"if({one} < 1 + 1e-60, x, 2*x)")) == to_sympy(parse("x"))
    for row in ("<", "<=", ">", ">=", "==", "!="):
        assert isinstance(to_sympy(parse(f"if({one} {row} 1, x, 2*x)")), Choice)
