"""Formulas as LaTeX: what is written for each row and sign, and that two formulas are never written alike."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from strategies import formulas

from gradcalc.language.errors import SymbolicError
from gradcalc.language.formula import Call, Name
from gradcalc.language.functions import TABLE
from gradcalc.language.latex import latex_name, to_latex
from gradcalc.language.parser import parse


@pytest.mark.parametrize(
    ("text", "latex"),
    [
        ("(a*b + c)*f", r"\left(a b + c\right) f"),
        ("slabs^2", r"\mathrm{slabs}^{2}"),
        ("xnorm*xprime", r"\mathrm{xnorm} \, \mathrm{xprime}"),
        ("x1*x_1", r"\mathrm{x1} \, x_{1}"),
        ("__x + _", r"\mathrm{\_\_x} + \mathrm{\_}"),
        ("x_max", r"x_{\mathrm{max}}"),
        ("lambda_1", r"\lambda_{1}"),
        ("x*2", r"x \cdot 2"),
        ("x^2*3", r"x^{2} \cdot 3"),
        ("2*3*x", r"2 \cdot 3 x"),
        ("2*(1/2)", r"2 \cdot \frac{1}{2}"),
        ("1.38e-23*T", r"1.38 \cdot 10^{-23} T"),
        ("a - (-b)", r"a - \left(-b\right)"),
        ("6 - (-8)", r"6 - \left(-8\right)"),
        ("a - (b - c)", r"a - \left(b - c\right)"),
        ("-(-x)", r"-\left(-x\right)"),
        ("x*(-y)", r"x \left(-y\right)"),
        ("(-2)^3", r"\left(-2\right)^{3}"),
        ("-x^2", "-x^{2}"),
        ("-x*y/2", r"-\frac{x y}{2}"),
        ("a/(b/c)", r"\frac{a}{\frac{b}{c}}"),
        ("(a/b)^2", r"\left(\frac{a}{b}\right)^{2}"),
        ("4/2", r"\frac{4}{2}"),
        ("x^y^z", "x^{y^{z}}"),
        ("(x^y)^z", r"\left(x^{y}\right)^{z}"),
        ("exp(-x^2/2)", r"e^{-\frac{x^{2}}{2}}"),
        ("e*exp(x)", r"e \exp\left(x\right)"),
        ("sqrt(x^2 + 1)", r"\sqrt{x^{2} + 1}"),
        ("root(x, 3)", r"\sqrt[3]{x}"),
        ("log(x, 2)", r"\log_{2}\left(x\right)"),
        ("sin(x)^2", r"\sin^{2}\left(x\right)"),
        ("sin(x)^-1", r"\sin\left(x\right)^{-1}"),
        ("sigmoid(x)^2", r"\operatorname{sigmoid}^{2}\left(x\right)"),
        ("leaky_relu(x)", r"\operatorname{leaky\_relu}\left(x\right)"),
        ("abs(x)!", r"\left|x\right|!"),
        ("L = a*b; L", "L = a b"),
        ("diff(sin(x)*y, x)", r"\frac{\partial}{\partial x} \left(\sin\left(x\right) y\right)"),
        ("sin(x)*diff(x^2, x)*x", r"\left(\sin\left(x\right) \frac{d}{d x} x^{2}\right) x"),
        ("diff(x^2, x, 2)", r"\frac{d^{2}}{d x^{2}} x^{2}"),
        (
            "if(x > 0, 1, if(x <= -1, 2, 3))",
            r"\begin{cases} 1 & \text{for}\: x > 0 \\ 2 & \text{for}\: x \leq -1 \\ 3 & \text{otherwise} \end{cases}",
        ),
    ],
)
def test_latex(text: str, latex: str) -> None:
    assert to_latex(parse(text)) == latex


def test_names_that_differ_look_different() -> None:
    names = ["x1", "x_1", "x__1", "_x_1", "x_1_", "x11", "x_11", "alpha", "Alpha", "a", "_", "__", "xi", "x_i", "x_xi"]
    assert len({latex_name(name) for name in names}) == len(names)


@pytest.mark.parametrize("row", [row for row in TABLE.values() if not row.condition], ids=lambda row: row.name)
def test_every_row_is_written_with_its_arguments(row) -> None:
    """Each argument once, and what opens closes."""
    if row.name == "if" or row.name.startswith("diff"):
        return
    args = tuple(Name(letter) for letter in "QRS"[: len(row.params)])
    text = to_latex(Call(row, args))
    for arg in args:
        assert text.count(arg.name) == 1, text
    assert is_balanced(text)


def is_balanced(text: str) -> bool:
    lefts, rights = len(re.findall(r"\\left(?![a-z])", text)), len(re.findall(r"\\right(?![a-z])", text))
    return lefts == rights and text.count("{") == text.count("}")


@settings(max_examples=150, deadline=None)
@given(formulas(max_leaves=8))
def test_what_is_written_is_balanced_and_has_no_two_signs_in_a_row(drawn) -> None:
    formula, _ = drawn
    text = to_latex(formula)
    assert is_balanced(text)
    assert not re.search(r"[-+] ?[-+]", text), text
    assert not re.search(r"(?<![\d.{^])\d+ \d", text), text


def test_what_is_too_large_to_read_is_not_written() -> None:
    with pytest.raises(SymbolicError, match="too large"):
        to_latex(parse(" + ".join(["x"] * 5000)))
    assert to_latex(parse("sin(" * 500 + "x" + ")" * 500)).count("sin") == 500
