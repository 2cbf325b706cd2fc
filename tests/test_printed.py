"""Code in other languages: run wherever there is a compiler, and held against balls."""

from __future__ import annotations

import math
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from strategies import NUMERIC, formulas

import gradcalc as gc
from gradcalc.language.errors import FormulaError
from gradcalc.language.formula import Name, expression, to_text
from gradcalc.printed import LANGUAGES, code
from gradcalc.printed.otherwise import OTHERWISE

RUST = shutil.which("rustc") or next(map(str, Path.home().glob(".cargo/bin/rustc")), None)
SPECIAL = [  # branches, kinks, ties, edges of domains inside a branch, names, constants
    ("if(x > 0, sqrt(x), x^2)*y", {"x": -2, "y": 3}),
    ("if(x > 0, log(x), 1/x)", {"x": -4}),
    ("if(x < 100, exp(x)*x, 1)", {"x": 1000}),
    ("t = log(x); if(x > 0, t, 0) + if(y > 0, t*y, 1)", {"x": -1, "y": -2}),
    ("t = log(x); if(x > 0, t, 0) + if(y > 0, t*y, 1)", {"x": 2, "y": -2}),
    ("if(x > 0 and not (y > 1 or x == 2), if(y > 0, sqrt(y), log(-y)), sqrt(x))", {"x": 3, "y": -2}),
    ("t = log(x); if(if(x > 0, t, 1) > 2, t, 2*x)", {"x": -1}),
    ("if(x > 0, log(-1)*x, x^3)", {"x": -2}),
    ("if(2 > 1, x^2, log(-x))", {"x": 3}),
    ("max(x, y, 3) + min(x, 5)*abs(x)", {"x": 4, "y": 4}),
    ("max(x, y)*max(x, 3)", {"x": 3, "y": 3}),
    ("abs(x) + relu(x) + sign(y)", {"x": 0, "y": 0}),
    ("x^2 + x^0.5 + x^-3 + 2^x + x^y + x^(1/3)", {"x": 2.5, "y": 0.7}),
    ("(x - 3)^3 + (x - 3)^y*0", {"x": 1, "y": 2}),
    ("lambda*int*class + for_ + None", {"lambda": 2, "int": 3, "class": 5, "for_": 1, "None": 1}),
    (
        "NULL + linux*errno*M_PI*value_and_gradient + Some*real64*each",
        dict.fromkeys(("NULL", "linux", "errno", "M_PI", "value_and_gradient", "Some", "real64", "each"), 3.0),
    ),
    ("A*a + a^A + θ*theta", {"A": 2, "a": 3, "θ": 0.5, "theta": 7}),
    ("sin*sin(exp) + v1*g_v1 + value*gradient", {"sin": 1, "exp": 2, "v1": 3, "g_v1": 4, "value": 5, "gradient": 6}),
    ("sigmoid*sigmoid(x) + math + Math*np*f64", {"sigmoid": 2, "x": 1, "math": 3, "Math": 2, "np": 1, "f64": 5}),
    ("1/3*x + 0.1*x^2 + 1e-300*x + 123456789012345678901*x", {"x": 3}),
    ("x*pi + tau*e^x + sqrt(2)/2*x + log(2)*x + gamma(0.5)*x + besselj(0, 1)*x", {"x": 0.5}),
    ("a + b + c + d + f + g + h + (a + a + a + a + a + a + a + a + a)*a", dict.fromkeys("abcdfgh", 2)),
    ("L = (a*b + c)*f; M = L^2; M*L", {"a": 2, "b": -3, "c": 10, "f": -2}),
    ("clamp(x, 0, 1)*x + mod(x, 3) + round(x) + floor(x)", {"x": 0.7}),
    ("expm1(x) + log1p(y)", {"x": 1e-9, "y": -3e-10}),
    ("erfc(x) + erfcx(x) + normcdf(-x)", {"x": 3.5}),
    ("gamma(x) + digamma(x) + lgamma(x)", {"x": -2.5}),
    ("diff(x^3*sin(x), x)*x", {"x": 2}),
    ("e*x + tau^e", {"e": 2, "x": 3, "tau": 1.5}),
]


def at_rows():
    """Every row of the table at the middle of its sample, moved a little."""
    for row in NUMERIC:
        names = "xyz"[: len(row.params)]
        middle = [round(low + 0.61 * (high - low), 3) for low, high in row.sample]
        point = dict(zip(names, middle * len(names), strict=False))
        params = [
            name if row.variadic or not row.partials or row.partials[k] else repr(point.pop(name))
            for k, name in enumerate(names)
        ]
        yield expression(gc.parse(_called(row, params))), point


def _called(row, params):
    if not row.symbol:
        return f"{row.spelling}({', '.join(params)})"
    return {"prefix": f"{row.symbol}{params[0]}", "postfix": f"{params[0]}{row.symbol}"}.get(
        row.notation, row.symbol.join(params)
    )


def drawn(count):
    found = []

    @settings(
        max_examples=count, derandomize=True, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(formulas(max_leaves=6))
    def collect(pair):
        if pair[1] and "==" not in to_text(pair[0]):  # which 0.1 is not to the double of that name
            found.append((to_text(pair[0]), pair[1]))

    collect()
    return found


@cache
def cases():
    """Formulas with their points, and what is certain of them: the value and the gradient."""
    found = []
    for text, point in [*SPECIAL, *at_rows(), *drawn(25)]:
        try:
            truth = gc.certify(text, point)
        except FormulaError:
            continue
        names = tuple(truth.gradient)
        numbers = [truth.value.number, *(truth.gradient[name].number for name in names)]
        of_point = {*names} <= point.keys()  # a name that the formula gives a constant has no place in it
        if of_point and all(map(math.isfinite, numbers)):
            found.append((text, names, [float(point[name]) for name in names], numbers))
    assert len(found) > len(SPECIAL) + 80
    return found


def written(language, every=1):
    """The cases that the language has functions for: their texts, and the numbers; behind the special ones, one of
    `every` so many."""
    texts, chosen, asked = [], [], [*cases()[: len(SPECIAL)], *cases()[len(SPECIAL) :: every]]
    for case in asked:
        try:
            texts.append(code(case[0], language, names=case[1], name=f"case{len(texts)}"))
            chosen.append(case)
        except FormulaError as error:
            if not re.match(rf"{language} has no function \w+$|.*no derivative", error.diagnostic.message):
                raise
    assert len(texts) > 0.65 * len(asked)
    return texts, chosen


def blocks(texts):
    """The functions of all texts, each once: helpers are the same wherever they stand."""
    bare = (re.sub(r"(?m)^(//|#) .*\n", "", text) for text in texts)
    return "\n\n".join(dict.fromkeys(block for text in bare for block in text.split("\n\n")))


def hold(found, chosen):
    wrong = []
    for (text, _, _, expected), numbers in zip(chosen, found, strict=True):
        scale = max(1e-3, *map(abs, expected))
        pairs = zip(numbers, expected, strict=True)
        if not all(abs(a - b) <= 1e-10 * max(abs(b), 1e-4 * scale) for a, b in pairs):
            wrong.append((text, numbers, expected))
    assert not wrong


def run(*command, cwd):
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[:2000]
    return [[float(x) for x in line.split()] for line in done.stdout.splitlines()]


def test_it_is_shown_as_it_is():
    text = code("x^2", "python")
    assert isinstance(text, str)
    assert repr(text) == str(text) == "".join(text)


def test_python():
    texts, chosen = written("python")
    known: dict = {}
    exec("\n\n".join(texts), known)
    found = [known[f"case{i}"](*point) for i, (_, _, point, _) in enumerate(chosen)]
    hold([[value, *gradient] for value, gradient in found], chosen)


def test_numpy():
    pytest.importorskip("scipy")
    texts, chosen = written("numpy")
    known: dict = {}
    exec("\n\n".join(texts), known)
    found = []
    for i, (_, _, point, _) in enumerate(chosen):
        value, gradient = known[f"case{i}"](*[[x, x] for x in point])
        assert value.shape == (2,)
        found.append([value[1], *(partial[0] for partial in gradient)])
    hold(found, chosen)


def test_c(tmp_path):
    if not (cc := shutil.which("cc")):
        pytest.skip("no C compiler is here")
    texts, chosen = written("c", 2)
    lines = []
    for i, (_, _, point, _) in enumerate(chosen):
        lines.append(f'{{ double g[99]; printf("%.17g", case{i}({", ".join(map(repr, point))}, g));')
        lines.append(f'for (int i = 0; i < {len(point)}; i++) printf(" %.17g", g[i]);\nputs(""); }}')
    main = "\n".join(["#include <stdio.h>", "int main(void) {", *lines, "return 0; }"])
    (tmp_path / "all.c").write_text(f"{blocks(texts)}\n\n{main}")
    warnings = ["-Wall", "-Wextra", "-Werror", "-Wno-unused-variable", "-pedantic", "-std=c99"]
    subprocess.run([cc, *warnings, "-o", "all", "all.c", "-lm"], cwd=tmp_path, check=True)
    hold(run("./all", cwd=tmp_path), chosen)


def test_javascript(tmp_path):
    if not (node := shutil.which("node")):
        pytest.skip("node is not here")
    texts, chosen = written("javascript")
    calls = [f"case{i}({', '.join(map(repr, point))})" for i, (_, _, point, _) in enumerate(chosen)]
    main = f"for (const f of [{', '.join(calls)}]) console.log([f.value, ...f.gradient].join(' '));"
    (tmp_path / "all.js").write_text(f"'use strict';\n{blocks(texts)}\n{main}")
    hold(run(node, "all.js", cwd=tmp_path), chosen)


def test_rust(tmp_path):
    if not RUST:
        pytest.skip("rustc is not here")
    texts, chosen = written("rust", 3)
    calls = [f"show(case{i}({', '.join(map(repr, point))}));" for i, (_, _, point, _) in enumerate(chosen)]
    show = 'fn show<const N: usize>(f: (f64, [f64; N])) { print!("{:e}", f.0); '
    show += 'for g in f.1 { print!(" {:e}", g); } println!(); }'
    (tmp_path / "all.rs").write_text(
        "\n".join(["#![allow(unused_variables, dead_code)]", blocks(texts), show, "fn main() {", *calls, "}"])
    )
    subprocess.run([RUST, "-D", "warnings", "-C", "debuginfo=0", "all.rs"], cwd=tmp_path, check=True)
    hold(run("./all", cwd=tmp_path), chosen)


def test_fortran(tmp_path):
    if not (fortran := shutil.which("gfortran")):
        pytest.skip("gfortran is not here")
    texts, chosen = written("fortran", 4)
    lines = []
    for i, (_, _, point, _) in enumerate(chosen):
        given = ", ".join(f"{x!r}_real64" for x in point)
        lines.append(f"call case{i}({given}, v, g)\nwrite (*, '(99(es26.17e3))') v, g(1:{len(point)})")
    uses = [f"use case{i}_module" for i in range(len(chosen))]
    main = ["program all", "use, intrinsic :: iso_fortran_env, only: real64", *uses, "implicit none"]
    main += ["real(real64) :: v, g(99)", *lines, "end program"]
    (tmp_path / "all.f90").write_text("\n".join([*texts, *main]))
    subprocess.run([fortran, "-std=f2008", "-O0", "-o", "all", "all.f90"], cwd=tmp_path, check=True)
    hold(run("./all", cwd=tmp_path), chosen)


def test_only_rows_of_the_table_are_written_otherwise():
    assert set(OTHERWISE) - {""} <= set(gc.TABLE)


def test_no_text_of_a_user_reaches_the_code():
    evil = gc.parse("x*y").subs(x=Name('*/ system("rm") /*\u2028evil\\'))
    for language in set(LANGUAGES) - {"latex"}:
        text = code(evil, language)
        comment, rest = text.split("\n", 1)
        assert comment.startswith(LANGUAGES[language].comment)
        assert "\u2028" not in text
        assert "\\" not in comment
        assert not re.search(r"rm\"|evil\\|\*/", rest)


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_names_are_names_of_the_language(language):
    text = code("lambda*θ*été*_a*A*a*if_*Δ", language)
    if language == "latex":
        assert r"\lambda" in text
        return
    names = re.search(r"value_and_gradient\w*\((.*?)(, value|, double g|\))", text)[1]
    assert "theta" in names
    assert "ete" in names
    assert "Delta" in names
    found = re.findall(r"\w+", names.replace("double ", "").replace("f64", ""))
    assert len({name.lower() if language == "fortran" else name for name in found}) == 8
    assert not set(found) & set(LANGUAGES[language].keywords.split())


def test_latex_and_julia():
    assert code("(a*b + c)*sigmoid(a)", "latex", ["a"]) == (
        "% (a*b + c)*sigmoid(a)\n"
        r"""\begin{align*}
    v_{1} &= a b \\
    v_{2} &= v_{1} + c \\
    v_{3} &= \operatorname{sigmoid}\left(a\right) \\
    v_{4} &= v_{2} v_{3} \\
    \bar{a} &= v_{2} \left(v_{3} \operatorname{sigmoid}\left(-a\right)\right) + v_{3} b \\
    \frac{\partial v_{4}}{\partial a} &= \bar{a} \\
\end{align*}
"""
    )
    assert code("if(x > 0, log(x), erf(x)^2)", "julia") == (
        """# if(x > 0, log(x), erf(x)^2)
using SpecialFunctions
function value_and_gradient(x)
    c1 = x > 0.0
    v1 = c1 ? log(x) : 0.0
    v2 = !c1 ? erf(x) : 0.0
    v3 = !c1 ? v2^2 : 0.0
    v4 = c1 ? v1 : v3
    g_v3 = c1 ? 0.0 : 1.0
    g_v2 = !c1 ? g_v3*(2.0*v2) : 0.0
    g_v1 = c1 ? 1.0 : 0.0
    g_x = (!c1 ? g_v2*(2.0/sqrt(pi)*exp(-x^2)) : 0.0) + (c1 ? g_v1*(1.0/x) : 0.0)
    return v4, [g_x]
end
"""
    )


@pytest.mark.parametrize(
    ("text", "language", "message"),
    [
        ("besselj(0, x)", "c", "c has no function besselj"),
        ("x", "cobol", "no code is written in cobol"),
        ("2 + 3", "c", "no names"),
        ("besselj(x, 1)", "numpy", "has no derivative with respect to n"),
        ("1e400*x", "rust", "no double"),
        ("x + y", "c", "y"),
    ],
)
def test_what_is_not_written_is_said_in_words(text, language, message):
    with pytest.raises(FormulaError, match=message):
        code(text, language, names=["x"] if text == "x + y" else None)


@pytest.mark.parametrize("x", [-1, 0])
def test_there_is_no_value_where_what_is_compared_has_none(tmp_path, x):
    if not (node := shutil.which("node")):
        pytest.skip("node is not here")
    for text in ("max(log(x), 1)", "if(1/x > 3, 1, 2)*x^0", "root(x - 8, 2)"):
        (tmp_path / "one.js").write_text(code(text, "javascript") + f"console.log(value_and_gradient({x}).value)")
        if (text, x) != ("if(1/x > 3, 1, 2)*x^0", -1):
            assert math.isnan(run(node, "one.js", cwd=tmp_path)[0][0])


def test_what_stands_for_a_function_is_right_to_twelve_digits(tmp_path):
    if not (node := shutil.which("node")):
        pytest.skip("node is not here")
    lines, expected = [], []
    for name in set(OTHERWISE) & {row.name for row in NUMERIC}:
        row = gc.TABLE[name]
        low, high = row.sample[-1]
        points = {low + (high - low) * k / 12 for k in range(13)} | {
            1e-9,
            1e-3,
            0.3,
            1.9,
            2.1,
            7.3,
            25.5,
            -0.2,
            -0.3,
            -3.7,
        }
        args = ["2.5" if name == "beta" else "6.5" if name == "binomial" else "1"] * (len(row.params) - 1)
        text = f"{row.spelling}({', '.join([*args, 'x'])})" if not row.symbol else "x!"
        try:
            text_of = code(text, "javascript", [], names=["x"], name=f"{name}_")
        except FormulaError:
            continue
        lines.append(f"{name}: (() => {{ {text_of}; return {name}_; }})()")
        for x in sorted(points):
            try:
                truth = gc.certify(text, {"x": x}, []).value.number
            except FormulaError:
                continue
            expected.append((name, x, truth))
    calls = ", ".join(f"f.{name}({x!r}).value" for name, x, _ in expected)
    (tmp_path / "all.js").write_text(f"const f = {{ {', '.join(lines)} }};\nfor (const x of [{calls}]) console.log(x);")
    for (name, x, truth), (found,) in zip(expected, run(node, "all.js", cwd=tmp_path), strict=True):
        assert math.isclose(found, truth, rel_tol=2e-12, abs_tol=1e-14), (name, x, found, truth)
    assert len(expected) > 150


def test_a_parameter_of_a_users_function_is_no_constant():
    row = gc.Function("share(e, tau)", definition="e/(e + tau)", partials=("tau/(e + tau)^2", "-e/(e + tau)^2"))
    known: dict = {}
    exec(code(gc.parse("share(x, 2)*x", functions=[row]), "python"), known)
    assert known["value_and_gradient"](3.0) == (pytest.approx(1.8), [pytest.approx(0.84)])


def test_a_compiled_formula_keeps_its_parameters():
    text = code(gc.compile("x*y", ["y"], names=["z", "y", "x"]), "c")
    assert "double value_and_gradient(double z, double y, double x, double gradient[1])" in text


def test_long_formulas_are_written_in_a_moment():
    wide = code(" + ".join(f"x*y{i}" for i in range(600)), "c")
    deep = code(f"{'sin(' * 600}x{')' * 600}", "c")
    assert wide.count("\n") > 1800
    assert deep.count("\n") > 1200


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("min(x, 0^(-2))", math.nan),  # a constant without a value is none in what is compared either
        ("atan2(0*x, -1)", math.pi),  # a real number has one zero
        ("if(x > 5 and log(x) < 1, x, 3)", 3),  # the second condition is not asked
        ("if(x < 5 or log(x) < 1, 2, x)", 2),
        ("x + if(log(-1) > 2, 1, 3)", math.nan),
        ("if(log(-1) > 2, 1, x)", math.nan),
    ],
)
def test_values_that_the_functions_of_a_language_do_not_tell(text, value):
    known = {}
    exec(code(text, "python"), known)
    assert known["value_and_gradient"](-1.0)[0] == pytest.approx(value, nan_ok=True)


@pytest.mark.parametrize("language", ["c", "javascript", "rust"])
def test_a_square_is_a_product(language):
    text = code("(x + y)^2 + x^3", language)
    assert "v1*v1" in text
    assert re.search(r"pow\w*\(x, 3", text)  # whose product is rounded twice


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("pi^x", ["v1 = math.pow(math.pi, x)", "g_x = v1*math.log(math.pi)"]),
        ("tau^x", ["v1 = math.pow(6.283185307179586, x)", "g_x = v1*math.log(6.283185307179586)"]),
        ("x^e", ["v1 = math.pow(x, 2.718281828459045)", "g_x = 2.718281828459045*math.pow(x, 2.718281828459045 - 1)"]),
        ("max(pi, 3)*x", ["v1 = 3.141592653589793*x", "return v1, [3.141592653589793]"]),
        ("if(pi < 3, 1, x)", ["v1 = x", "return v1, [1]"]),
        ("e^x", ["v1 = math.exp(x)", "return v1, [v1]"]),
        ("z = e^(2*x); z", ["v1 = 2*x", "z = math.exp(v1)", "g_x = z*2", "return z, [g_x]"]),
    ],
)
def test_what_is_known_of_constants_is_not_asked(text, lines):
    written = code(text, "python").splitlines()
    assert [line.strip() for line in written if line.startswith("    ")][: len(lines)] == lines


def test_where_tau_is_a_variable_it_may_be_0():
    known: dict = {}
    exec(code("tau^x", "python", names=["tau", "x"]), known)
    assert known["value_and_gradient"](0.0, 2.0) == (0.0, [0.0, 0.0])


def test_where_e_is_a_variable_its_powers_are_powers():
    known: dict = {}
    exec(code("e^x", "python", names=["e", "x"]), known)
    assert known["value_and_gradient"](2.0, 3.0) == (8.0, [12.0, 8 * math.log(2)])
    exec(code("e^x", "python"), known)  # by mpmath: exp of the double 100.7
    assert known["value_and_gradient"](100.7)[0] == pytest.approx(5.413203172330057043e43, rel=2e-16)
