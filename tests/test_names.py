"""Notes on names that may have been meant as something else."""

from __future__ import annotations

import re

import pytest

import gradcalc
from gradcalc.language.functions import YIELDING
from gradcalc.language.names import notes
from gradcalc.language.parser import parse


@pytest.mark.parametrize(
    ("text", "bound", "said"),
    [("dL/da", "", "dL/da is read as a quotient of two names; for a derivative write diff(L, a)"),
     ("d2y/dx2", "", "d2y/dx2 is read as a quotient of two names; for a derivative write diff(y, x, 2)"),
     ("d/dx", "", "d/dx is read as a quotient of two names; for a derivative write diff(formula, x)"),
     ("help", "", "help is read as a name; gradcalc --help tells about the command"), ("help", "help", ""),
     ("exit", "", "exit is read as a name; there is nothing to leave here"), ("help + 1", "", ""),
     ("sin - 1", "", "sin is read as a name; the function is called, as in sin(x)"), ("gamma - 1", "", ""),
     ("1.5d3*x", "", "1.5d3 is read as 1.5*d3; a power of ten is written 1.5e3"), ("2*d3", "", ""),
     ("1D-3", "", "1D is read as 1*D; a power of ten is written 1e-3"), ("3D + 1", "", ""), ("2d*x - 3", "x", ""),
     ("2x3^2*y", "", "2x3 is read as 2*x3; for a product write 2*x*3, for a power 2*x^3"), ("2*x3 + 2x31", "", ""),
     ("2x1 + 3x2", "", ""), ("2x3", "x3", ""), ("x_2 + 2x_3", "", ""),
     ("1.0f*x", "x", "1.0f is read as 1.0*f; if the number is meant, write 1.0"), ("2f", "", ""),
     ("E^x", "x", "E is read as a name; if e is meant, write that"), ("E^2*x", "x", ""), ("x^E", "x", ""),
     ("ex", "x", "ex is read as one name; if e*x is meant, write that"), ("ex*x", "x", ""), ("ex", "", ""),
     ("2\u03c0r", "r", "\u03c0r is read as one name; if pi*r is meant, write that"),
     ("sqrt3*a", "a", "sqrt3 is read as one name; if sqrt(3) is meant, write that"), ("gamma2 + a1", "", ""),
     ("2*piθ", "", "piθ is read as one name; if pi*θ is meant, write that"), ("pivot*pi1", "", ""),
     ("3 m + 2 cm", "", "cm is read as a name; numbers have no units here"), ("3 m + 2 cm", "cm", ""),
     ("e^(i*pi)", "", "i is read as a name; numbers are real here, and it is no root of -1"), ("2 i", "i", ""),
     ("2*PI*a", "a", "PI is read as a name; if pi is meant, write that"), ("E*a", "a", ""),
     ("log10x", "", "log10x is read as one name; if log10(x) is meant, write that"),
     ("30*deg", "", "deg is read as a name; angles are in radians: 30 degrees are rad(30)"), ("2*deg", "deg", ""),
     ("sin(x)^1/2 + x^2/3 + (x^1)/4", "", "sin(x)^1/2 is read as (sin(x)^1)/2; a root is written sin(x)^(1/2)"),
     ("5*a*x^1/2", "", "x^1/2 is read as (x^1)/2; a root is written x^(1/2)"),
     ("log(2, x)", "x", "the base of log(2, x) is x; if 2 is meant, write log(x, 2)"), ("log(x, 2)", "x", ""),
     ("log(2, 8)", "", "the base of log(2, 8) is 8; if 2 is meant, write log(8, 2)"), ("log(8, 2)", "", ""),
     ("root(3, x)", "x", "the n of root(3, x) is x; if 3 is meant, write root(x, 3)"), ("log(2, 10)", "", ""),
     ("log(100)", "", "log(100) has the base e; to the base 10 it is log10(100)"), ("ln(100) + log(10)", "", ""),
     ("sin(90)", "", "sin(90) is of 90 radians; of degrees it is sin(rad(90))"), ("cos(2) + log10(100)", "", ""),
     ("tan(45)", "", "tan(45) is of 45 radians; of degrees it is tan(rad(45))"), ("tan(2) + log1p(45)", "", ""),
     ("cos(rad(60)) + sinpi(90) + exp(10)", "", ""), ("log(100)/log(10) + log(1000)/log(2)", "", ""),
     ("sum(log(2, k) + sin(k), k=2..30) + sum(log(k), k=99..101)", "", ""),
     ("sin(90)*x + sin(90)", "", "sin(90) is of 90 radians; of degrees it is sin(rad(90))"),
     ("log(100)/x", "", "log(100) has the base e; to the base 10 it is log10(100)"),
     ("max(2, x) + mod(2, x) + atan2(1, x)", "x", ""),
     ("lnx", "", "lnx is read as one name; if ln(x) is meant, write that"), ("a*b/c", "", ""), ("dx*dy", "", "")],
)  # fmt: skip
def test_notes(text: str, bound: str, said: str) -> None:
    formula = parse(text)
    values = {bound} - {""}
    assert "; ".join(notes(formula, values)) == said


# ---- letters that are names of one's own: what is asked of `e` and `tau` is answered as of any other name

_ASKED = (
    ("floor(q)*x", {"q": 3, "x": 2}), ("sign(q)*x", {"q": 0, "x": 1}), ("if(q > 0, x, -x)", {"q": 0, "x": 1}),
    ("if(q == 0, x, x^2)", {"q": 0, "x": 1}), ("max(q, 2)*x", {"q": -1, "x": 2}), ("q^x", {"q": 0, "x": 1}),
    ("abs(q)*x", {"q": 0, "x": 2}), ("log(q^x)", {"q": 3, "x": 2}),
)  # fmt: skip


@pytest.mark.parametrize("letter", YIELDING)
@pytest.mark.parametrize(("formula", "at"), _ASKED)
def test_a_letter_of_ones_own_is_a_name_as_any_other(formula: str, at: dict[str, int], letter: str) -> None:
    def renamed(text: str) -> str:
        return re.sub(r"\bq\b", letter, text)

    point = {renamed(name): value for name, value in at.items()}
    ours, own = gradcalc.certify(formula, at), gradcalc.certify(renamed(formula), point)
    for name, component in ours.gradient.items():
        other = own.gradient[renamed(name)]
        assert (other.number, other.status, other.why) == (component.number, component.status, renamed(component.why))
    one, two = gradcalc.agreement(formula, at), gradcalc.agreement(renamed(formula), point)
    assert one.verdict is two.verdict
    for name in at:
        expected, found = gradcalc.steps(formula, name, at), gradcalc.steps(renamed(formula), renamed(name), point)
        assert found.verdict == expected.verdict
        assert [step.exception for step in found.steps] == [renamed(step.exception) for step in expected.steps]


def test_rules_leave_out_what_euler_s_number_excludes() -> None:
    assert not any(step.exception for step in gradcalc.steps("e^x", "x").steps)
    assert gradcalc.steps("x^e", "x").steps[-1].exception == ""
    assert gradcalc.steps("x^e", "x", {"e": 3}).steps[-1].exception == "where e == 0 and x == 0"


@pytest.mark.parametrize(("claim", "verdict"), [("e^x*log(e)", "proved"), ("e^x", "wrong"), ("3^x*log(3)", "wrong")])
@pytest.mark.parametrize("at", [{"e": 3}, {"e": 3, "x": 2}])
def test_a_value_of_a_letter_alone_makes_it_a_name_of_a_claim(claim: str, verdict: str, at: dict[str, int]) -> None:
    check = gradcalc.check_derivative("e^x", "x", claim, at=at)
    assert check.verdict.value == verdict
    assert "proved for all x" not in str(check)
    assert gradcalc.verify(gradcalc.certificate(check))


def test_a_hint_does_not_take_ones_own_letter_for_one_number() -> None:
    assert "one number" not in str(gradcalc.check_derivative("x^2*e", "x", "e", at={"e": 3, "x": 2}))
