"""What other programs write, in our notation: every phrase is a formula, and means what it means there."""

from __future__ import annotations

import cmath
import contextlib
import math
import types
import warnings
from itertools import product

import mpmath
import numpy
import pytest
import scipy.special
import sympy

import gradcalc as gc
from gradcalc.language.elsewhere import PHRASES, WORDS, readings, usage, without_modules
from gradcalc.language.errors import FormulaSyntaxError
from gradcalc.language.formula import expression, free_names
from gradcalc.language.from_latex import from_latex
from gradcalc.language.functions import CONSTANTS, TABLE
from gradcalc.language.matching import nearest, slips
from gradcalc.language.parser import parse
from gradcalc.language.reading import BUILT_IN, juxtaposed
from gradcalc.language.unknown import NO_SLIPS

LINES = [line.split(" = ", 1) for line in PHRASES.strip().splitlines()]
SAMPLES = [-2.5, -1.0, -0.5, 0.0, 0.3, 0.5, 1.5, 2.5, 3.5]


@pytest.mark.parametrize(("left", "right"), LINES, ids=[left for left, _ in LINES])
def test_a_phrase_is_a_formula_in_its_parameters(left: str, right: str) -> None:
    params = left.partition("(")[2].removesuffix(")").split(", ")
    for reading in right.split(" | "):
        assert free_names(parse(reading)).keys() - CONSTANTS <= set(params)


@pytest.mark.parametrize(
    "name", sorted({n for left, _ in LINES for n in left.partition("(")[0].split() if "." not in n})
)
def test_no_phrase_stands_in_the_way_of_a_row(name: str) -> None:
    assert name not in BUILT_IN


@pytest.mark.parametrize("name", sorted(NO_SLIPS))
def test_only_names_that_would_be_taken_for_a_slip_are_kept_from_it(name: str) -> None:
    assert name not in BUILT_IN
    assert not usage(name)
    assert name not in WORDS
    assert nearest(name, BUILT_IN)


@pytest.mark.parametrize(
    ("module", "name", "count"),
    [(numpy, "sinc", 1), (numpy, "round", 1), (numpy, "rint", 1), (numpy, "heaviside", 2), (numpy, "fmod", 2),
     (numpy, "exp2", 1), (numpy, "float_power", 2), (numpy, "copysign", 2), (numpy, "logaddexp2", 2),
     (numpy, "fmax", 2), (numpy, "fix", 1),
     (numpy, "remainder", 2), (numpy, "floor_divide", 2), (numpy, "deg2rad", 1), (numpy, "square", 1),
     (math, "remainder", 2), (scipy.special, "sinc", 1), (scipy.special, "round", 1), (scipy.special, "xlogy", 2),
     (scipy.special, "xlog1py", 2), (scipy.special, "entr", 1), (scipy.special, "rel_entr", 2),
     (scipy.special, "exprel", 1), (scipy.special, "cosm1", 1), (scipy.special, "rgamma", 1),
     (scipy.special, "sindg", 1)],
)  # fmt: skip
def test_a_phrase_means_what_it_means_there(module: object, name: str, count: int) -> None:
    family = module.__name__.partition(".")[0]  # type: ignore[attr-defined]
    tried = 0
    for args in product(SAMPLES, repeat=count):
        with numpy.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # numpy.fix, which people still write
            try:
                expected = float(getattr(module, name)(*args))
            except ValueError:
                continue
        if math.isfinite(expected):
            written = readings(name, [repr(arg) for arg in args], family)[0]
            assert gc.evaluate(written) == pytest.approx(expected, abs=1e-12), written
            tried += 1
    assert tried > 5


ELSEWHERE = {  # of a negative whole number 0, where the gamma function goes on
    "scipy.special": {"factorial", "perm", "comb"},
    "mpmath": {"phi", "root", "nthroot"},  # a constant, which Python can call; roots of whole degree alone
}


@pytest.mark.parametrize("module", [numpy, math, mpmath, scipy.special, sympy], ids=lambda module: module.__name__)
def test_no_name_of_a_module_is_answered_by_another_function(module: types.ModuleType) -> None:
    """All public functions of one and two numbers, where both have a value."""
    name, differ, tried = module.__name__, set(), 0
    for word in sorted(set(dir(module)) - ELSEWHERE.get(name, set())):
        function = getattr(module, word)
        if word.startswith("_") or not callable(function):
            continue
        for args in [(x,) for x in SAMPLES] + [(x, y) for x in (-2.5, 0.5, 2.0) for y in (0.3, 1.5, 3.0)]:
            ours = without_modules(f"{name}.{word}({', '.join(map(repr, args))})", BUILT_IN)
            if not ours:
                break
            with contextlib.suppress(Exception), numpy.errstate(all="ignore"):
                there = complex(function(*(sympy.Rational(x) if module is sympy else x for x in args)))
                if cmath.isfinite(there) and abs(there.imag) < 1e-12:
                    tried += 1
                    if gc.evaluate(ours) != pytest.approx(there.real, rel=1e-9, abs=1e-9):
                        differ.add((word, args))
    assert not differ
    assert tried > 200


def test_what_is_written_is_what_is_meant_and_can_be_read() -> None:
    rounded = "if(frac(x) == 1/2, 2*round(x/2), round(x))"  # banker's rounding, of Mathematica and of C#
    for text, ours in [("Round[x]", rounded), ("Math.Round(x)", rounded), ("BESSELJ(x, 1)", "besselj(1, x)"),
                       ("np.where(x, 1, 2)", "if(condition, a, b) for where(condition, a, b)")]:  # fmt: skip
        with pytest.raises(gc.FormulaError) as raised:
            parse(text)
        assert raised.value.help == f"write {ours}"


@pytest.mark.parametrize(
    ("text", "note"),
    [("np.cbrt(x)", ""), ("np.hypot(x, 1)", ""), ("np.sinc(x)", "np.sinc is not what sinc is here"),
     ("math.hypot(x, 1, 2)", "math.hypot is not what hypot is here")],
)  # fmt: skip
def test_only_what_differs_with_these_arguments_is_said_to_be_another_function(text: str, note: str) -> None:
    with pytest.raises(gc.FormulaError) as raised:
        parse(text)
    assert note in str(raised.value)
    assert ("is not what" in str(raised.value)) == bool(note)


LONG = "+".join(f"x^{k}" for k in range(1, 30))


@pytest.mark.parametrize(
    ("text", "help"),
    [(f"sympy.sinc({LONG})", "write sinc(x)"), (f"np.sinc({LONG})", "write sinc(pi*x) for sinc(x)"),
     (f"Math.round({LONG})", "write floor(x + 1/2) for round(x)"), (f"math.floor({LONG})", "write floor(x)"),
     (f"math.atan({LONG})", "write atan(x)"), (f"math.sqrt({LONG})", "write sqrt(x)"),
     ("math.remainder(x,0.3)",
      "write x - y*if(frac(x/y) == 1/2, 2*round(x/(2*y)), round(x/y)) for remainder(x, y)")],
)  # fmt: skip
def test_what_is_too_long_to_be_put_here_is_told_of_in_general_and_of_that_module(text: str, help: str) -> None:
    with pytest.raises(gc.FormulaError) as raised:
        parse(text)
    assert str(raised.value.help).partition(": ")[0] == help


@pytest.mark.parametrize(
    ("text", "ours"),
    [("remainder(x,z)", ("mod(x, z)", "x - z*if(frac(x/z) == 1/2, 2*round(x/(2*z)), round(x/z))")),
     ("remainder(x,0.3)", ("mod(x, y)", "x - y*if(frac(x/y) == 1/2")), (f"sqr({LONG})", ("x^2 or sqrt(x)",)),
     ("Log(2,x)", ("log(x, 2)", "log(2, x)")), ("ArcTan(x,2)", ("atan2(2, x)",))],
)  # fmt: skip
def test_every_order_and_meaning_that_a_bare_name_has_is_offered(text: str, ours: tuple[str, ...]) -> None:
    with pytest.raises(gc.FormulaError) as raised:
        parse(text)
    assert all(reading in str(raised.value.help) for reading in ours)


@pytest.mark.parametrize(
    ("text", "ours"),
    [("np.sin(np.pi*x)", "sin(pi*x)"), ("np.where(np.abs(x) > 1, np.square(x), 0)", "if(abs(x) > 1, x^2, 0)"),
     ("np.maximum(np.minimum(a, b), Math.PI)", "max(min(a, b), pi)"),
     ("torch.nn.functional.softplus(x)", "softplus(x)"),
     ("jax.numpy.sinc(x)", "sinc(pi*x)"), ("torch.frac(x)", "x - trunc(x)"),
     ("std::sqrt(std::pow(x, 2))", "sqrt(x^2)"), ("math.log(x, 3)", "log(x, 3)"),
     ("np.foo(x)", ""), ("np.sin(np.foo(x))", ""), (f"{'np.round(' * 8}{'a' * 50}{')' * 8}", "")],  # as it doubles
)  # fmt: skip
def test_modules_are_taken_out(text: str, ours: str) -> None:
    found = without_modules(text, BUILT_IN)
    assert (expression(parse(found)) if found else "") == ours


@pytest.mark.parametrize(
    ("word", "near"),
    [("sn", ["sin"]), ("Sin", ["sin"]), ("sinn", ["sign", "sin"]), ("grad", []), ("log3", []), ("cosec", []),
     ("asecc", ["asec"]), ("sigmiod", ["sigmoid"]), ("solve", []), ("x", []), ("q" * 60, [])],
)  # fmt: skip
def test_near_words(word: str, near: list[str]) -> None:
    assert nearest(word, BUILT_IN) == near


@pytest.mark.parametrize(
    ("one", "other", "distance"),
    [("abc", "abc", 0), ("abc", "acb", 1), ("abc", "ab", 1), ("", "xy", 2), ("kitten", "sitting", 3)],
)
def test_slips(one: str, other: str, distance: int) -> None:
    assert slips(one, other) == slips(other, one) == distance


@pytest.mark.parametrize(
    "row", [row for row in TABLE.values() if row.listed and len(row.params) == 1], ids=lambda row: row.name
)
def test_a_slip_is_never_answered_by_a_proposal_that_cannot_be_read(row: gc.Function) -> None:
    for name in (row.spelling[:-1] + "qz", f"np.{row.spelling}q"):
        with pytest.raises(FormulaSyntaxError) as caught:
            parse(f"{name}(x)")
        if proposal := caught.value.help.partition("for a product write ")[2].partition(";")[0]:
            parse(proposal)


@pytest.mark.parametrize(
    ("text", "help"),
    [("POWER(x, 2)", "write x^2"), ("J0(x)", "write besselj(0, x)"), ("AVERAGE(x, y)", "write mean(a, b, c)"),
     ("PI()", "write pi"), ("pi()", "write pi"), ("x.^2", "write ^"), ("x./y", "write /"),
     ("xsin(x)", "write x*sin(x)"), ("sin2(x)", "write  sin(x)^2  or  sin(2*x)"), ("log1(x)", "did you mean 'log1p'?"),
     ("log_3(x)", "write log(x, 3)"), ("phi(x)", "write  normpdf(x)  or  normcdf(x)"), ("Γ(x)", "write gamma(x)"),
     ("round(x, 2)", "write round(x*10^2)/10^2"), ("np.round(x, 2)", "write round(x*10^2)/10^2"),
     ("solve x^2", "it gives values and derivatives"),
     ("derivative of x^2", "a formula alone is answered with all its derivatives: leave 'derivative of' out"),
     ("int(x^2)", "write trunc(x^2); integrals are not for this tool; it gives values and derivatives"),
     ("int(x^2, x)", "integrals are not for this tool; it gives values and derivatives"),
     ("partial(x^2, x)", "write diff(x^2, x)"), ("hypot(a, b, c)", "write sqrt(a^2 + b^2 + c^2)"),
     ("iif(a > 1, a, 1)", "write if(a > 1, a, 1)"), ("log_e(t)", "write log(t)"), ("surd(t, 5)", "write root(t, 5)"),
     ("special.zeta(t, 3)", "write zeta(x): Riemann's zeta function"),
     ("median(a, 1, b)", "write max(min(a, 1), min(max(a, 1), b))"),
     ("1 + Piecewise((t, t > 1), (t**2, t > 0), (0, True))", "write if(t > 1, t, if(t > 0, t^2, 0))"),
     ("sympy.Piecewise((sympy.sin(t), t > 0), (t, True))", "write if(t > 0, sin(t), t)"),
     ("2 3 + Piecewise((t, t > 1), (0, True))", "write 23 for one number, 2*3 for a product"),
     ("Piecewise((t, t > 0))", "write if(condition, a, b)"), ("||t| - 2|", "write abs(x) for an absolute value"),
     ("tan t/3", "write  tan(t/3)  or  tan(t)/3"), ("cos 3 t", "write cos(3*t)"),
     ("sin 45 deg", "write sin(rad(45))"), ("t cosh", "write t*cosh(x) for a product"),
     ("median(a, b, c, d, t)", "write max(min(a, b), min(max(a, b), c)) for median(a, b, c)"),
     ("10 nPr 3", "write 10!/(10 - 3)!"), ("10 nCr 3", "write binomial(10, 3)"),
     ("t choose k", "write binomial(t, k)"), ("a dot b", "write a*b"), ("atan(a, b)", "write atan2(a, b)"),
     ("atan2d(a, b)", "write deg(atan2(a, b))"), ("trunc(t, 2)", "write trunc(t*10^2)/10^2"),
     ("sqrt(t, 3)", "write root(t, 3)"), ("mag(t)", "write abs(t)"), ("root[3](t)", "write root(t, 3)"),
     ("sin[3](t)", "write sin(x)"), ("tan^(-1)(t)", "write tan(t)^(-1), or atan(t) for the inverse")],
)  # fmt: skip
def test_what_to_write_for_calls_of_other_programs(text: str, help: str) -> None:
    with pytest.raises(FormulaSyntaxError) as told:
        parse(text)
    assert told.value.help == help


@pytest.mark.parametrize(
    ("name", "meant"),
    [("cos2x", "cos(2*x)"), ("sin2pi", "sin(2*pi)"), ("rsinθ", "r*sin(θ)"), ("lnx", "ln(x)"), ("tanh", ""),
     ("logp", ""), ("cosa", "cos(a)"), ("πa", "pi*a")],
)  # fmt: skip
def test_functions_glued_to_their_arguments(name: str, meant: str) -> None:
    assert juxtaposed(name, {"a"}) == meant


@pytest.mark.parametrize(
    ("text", "ours"),
    [(r"\sqrt[3]{x}", "root(x, 3)"), (r"\left|x\right|", "abs(x)"), (r"|x-1|^3", "abs(x - 1)^3"),
     (r"$2x\sin x + x^2\cos x$", "2*x*sin(x) + x^2*cos(x)"), (r"\frac12 x^{10}", "(1/2)*x^10"),
     (r"\sin^2 x+\cos^{2}(x)", "sin(x)^2 + cos(x)^2"), (r"\sin^{-1}x", "asin(x)"), (r"\log_{2}(x)", "log(x, 2)"),
     (r"\exp\left(-\frac{t}{\tau}\right)", "exp(-(t/tau))"), (r"\tanh\theta\cdot 3", "tanh(theta)*3"),
     (r"\frac{\sqrt{x+1}}{x_1 y_{max}}", "sqrt(x + 1)/(x_1*y_max)"), (r"\operatorname{sech} x", "sech(x)"),
     ("a_{12}b", "a_12*b"), ("x(x+1)", "x*(x + 1)"), (r"\frac{d^2}{dx^2} x^4 + 1", "diff(x^4, x, 2) + 1"),
     (r"\sum_{k=1}^{3} k x^k - 1", "1*x^1 + 2*x^2 + 3*x^3 - 1"), (r"\prod_{k=1}^3 x", "x*x*x"),
     (r"\cos x e^x", "cos(x)*e^x"), (r"\sin \omega t", "sin(omega*t)"), (r"\sin 2\pi x", "sin(2*pi*x)"),
     (r"\sin x * y", "sin(x)*y"), (r"\sin x^2", "sin(x^2)"), (r"\sin(x)^{2}", "sin(x)^2"),
     ("log_{2}(x)^{3} + abs(sin(x))^{2}", "log(x, 2)^3 + abs(sin(x))^2"), ("ab^{2}(x)", "a*b^2*x"),
      (r"\frac{\partial^3 z}{\partial x^2 \, \partial y}",
      "diff(diff(z, y), x, 2)"), (r"\binom{n}{k} p^k", "binomial(n, k)*p^k"), (r"{n \choose k} p", "binomial(n, k)*p"),
     (r"\left\lfloor \frac{x}{2}\right\rfloor + \lceil x\rceil", "floor(x/2) + ceil(x)"),
     (r"\begin{cases} x^2, & \text{if } x > 0 \\ y & x < -1 \\ 0 & \text{else} \end{cases}",
      "if(x > 0, x^2, if(x < -1, y, 0))"), (r"\max\{x, \frac12\}", "max(x, 1/2)"), (r"\Gamma(x)", "gamma(x)"),
     (r"\operatorname{sgn}(x)", "sign(x)"), (r"\left[ x + 1 \right]^2", "(x + 1)^2"),
     (r"\sin\frac{x}{2} y", "sin(x/2)*y"), (r"\ln\sqrt[3]{x}", "log(root(x, 3))")],
)  # fmt: skip
def test_latex_in_our_notation(text: str, ours: str) -> None:
    assert expression(parse(from_latex(text, advised=True))) == expression(parse(ours))


@pytest.mark.parametrize(
    "text",
    [r"\int x dx", r"\frac{d}{dx} x^2", r"\frac{d^2}{dx} x", r"\sum_{k=1}^3 x", r"f(x)",
     "x^10", r"\sin x/2", r"\begin{cases}x\end{cases}",
     r"\cos x e^x", r"\cos t e^{-t}", r"\sin x (x + 1)", r"\sin \omega t", r"\ln x 2", r"1/2\sqrt{x}", r"\pi/2x",
     r"\frac{x}{y", r"\sqrt", r"\sin", "x^", "a_", "{}" * 300, r"\frac", r"\infty", r"\partial_x (x^2)", r"\mathrm{d}x",
     r"f^{(2)}(x)", r"\phi(x)", r"\sin\frac{\pi}{2}x", r"\begin{cases} x & x > 0 \\ -x & x < 0 \end{cases}"],
)  # fmt: skip
def test_latex_that_says_more_or_less_is_not_rewritten(text: str) -> None:
    with pytest.raises(FormulaSyntaxError):
        parse(from_latex(text))


@pytest.mark.parametrize(
    ("text", "help"),
    [("Sin[x]^2 + Exp[-x]", "write sin(x)^2 + exp(-x)"), ("ArcTan[x]", "write atan(x)"),
     ("If[x > 0, x, 0]", "write if(x > 0, x, 0)"), ("ArcTan[x, y]", "write atan2(y, x)"),
     ("Log[2, x]", "write log(x, 2)"),
     ("\\frac{x}{y", "write for example a/b, sqrt(x), sin(x)"), ("\\int x dx", "it gives values and derivatives")],
)  # fmt: skip
def test_what_to_write_for_a_typeset_formula(text: str, help: str) -> None:
    with pytest.raises(FormulaSyntaxError) as told:
        parse(text)
    assert told.value.help == help


@pytest.mark.parametrize(
    ("text", "written"),
    [("sin^{2}x", ["sin(x)^2"]), ("cos^{-1}(x)", ["acos(x)"]), (r"\frac{tan^{2}x}{x}", ["tan(x)^2/x"]),
     ("x MOD 3", ["mod(x, 3)"]), ("7 DIV x", ["floor(7/x)"]), ("if(x>0 AND x<3, 1, 2)", ["a and b"]),
     ("Log[2,x]", ["log(x, 2)"]), ("Sin[Log[b,x]]", ["sin(log(x, b))"]), ("ArcTan[x,y]", ["atan2(y, x)"]),
     ("D[Sin[x],x]", ["diff(sin(x), x)"]), ("Sqrt[x] Exp[-x]", ["sqrt(x)*exp(-x)"]),
     ("INT(x)", ["floor(x)", "trunc(x)"]), ("LOG(x)", ["log10(x)", "log(x)"]), ("LOG(x, 10)", ["log(x, 10)"]),
     ("ATAN2(x, y)", ["atan2(x, y)", "atan2(y, x)"]), ("besselJ(x, 0)", ["besselj(0, x)"]),
     ("lg x", ["log10(x)", "log2(x)"]), ("tg 2x", ["tan(2*x)"]), ("Pi x", ["pi*x"]), ("x PI", ["x*pi"]),
     ("E x", ["E*x for a product"])],
)  # fmt: skip
def test_what_others_write_has_its_meaning_here(text: str, written: list[str]) -> None:
    with pytest.raises(FormulaSyntaxError) as told:
        parse(text)
    assert told.value.help
    assert told.value.help.removeprefix("write").strip().split("  or  ") == written
