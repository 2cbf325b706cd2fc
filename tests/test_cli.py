"""The command as people use it: the samples of its documentation, its exit statuses, its manners as a process."""

import fcntl
import json
import os
import pty
import re
import shlex
import shutil
import signal
import struct
import subprocess
import sys
import termios
from functools import partial
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import NamedTuple

import mpmath
import pytest

from gradcalc import __version__, cli, studies
from gradcalc.cli import arguments, clock, words
from gradcalc.helper import OutOfTime
from gradcalc.language.parser import parse
from gradcalc.session import questions


class Result(NamedTuple):
    status: int
    out: str
    err: str


@pytest.fixture
def run(capsys, monkeypatch, tmp_path):
    """Runs the command in this process, from a command line as typed into a shell."""
    for name in [name for name in os.environ if name in ("NO_COLOR", "FORCE_COLOR") or name.startswith("GRADCALC_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))

    def run(line, stdin=""):
        monkeypatch.setattr(sys, "stdin", TextIOWrapper(BytesIO(stdin.encode()), encoding="utf-8"))
        status = cli.main(shlex.split(line))
        out, err = capsys.readouterr()
        return Result(status, out, err)

    return run


MAIN = """\
value = -8

name  at  gradient  symbolic
a      2         6  b*f
b     -3        -4  a*f
c     10        -2  f
f     -2         4  a*b + c

agree: 4 of 4 gradients, proved for all values
"""

SAMPLES = [
    ("'(a*b + c)*f' --at a=2 b=-3 c=10 f=-2", 0, MAIN),
    ("b=-3,c=10 '(a*b + c)*f' --at f=-2 --at a=2", 0, MAIN),
    ("a=2 b=-3 '(a*b + c)*f' c=10 f=-2", 0, MAIN),
    ("'p = a*b; d = p + c; L = d*f' a=2,b=-3,c=10,f=-2", 0, MAIN),
    ("'L = (a*b + c)*f' a=2,b=-3,c=10,f=-2", 0, MAIN),
    (
        "'(a*b + c)*f' --at a=2,b=-3,c=10,f=-2 -n", 0,
        "value = -8\n\nname  at  gradient\na      2         6\nb     -3        -4\nc     10        -2\n"
        "f     -2         4\n\nunchecked: -n leaves out the symbolic side\n",
    ),
    (
        "'x^2*sin(x)'", 0,
        "name  derivative\nx     x^2*cos(x) + 2*x*sin(x)\n\nagree: 1 of 1 derivatives, proved for all values\n",
    ),
    (
        "-x^2 x=3", 0,
        "value = -9\n\nname  at  gradient  symbolic\nx      3        -6  -2*x\n\n"
        "agree: 1 of 1 gradients, proved for all values\n",
    ),
    (
        "x + 1 -y --at x=2 y=5 -w y", 0,
        "value = -2\n\nname  at  gradient  symbolic\ny      5        -1  -1\n\n"
        "agree: 1 of 1 gradients, proved for all values\n",
    ),
    (
        "'x*y^3' x=2 y=3 --hessian", 0,
        "value = 54\n\nname  at  gradient  symbolic\nx      2        27  y^3\ny      3        54  3*x*y^2\n\n"
        "agree: 2 of 2 gradients, proved for all values\n\nhessian   x   y\nx         0  27\ny        27  36\n",
    ),
    ("'x*y' x=1.5 y=2 --plain", 0, "value\t3\ngrad\tx\t2\ty\ngrad\ty\t1.5\tx\nverdict\tagree\n"),
    ("-q 'sqrt(x^2 + y^2)' x=3 y=4", 0, "5\n"),
    ("--precision 128 'exp(x)' x=1 -n -q", 0, "2.7182818284590452353602874713526624978\n"),
    (
        "'abs(x)' x=0", 3,
        "value = 0\n\nname  at  gradient  symbolic\nx      0         0  sign(x)\n\n"
        "not differentiable: abs(x) has a corner at x=0: left -1, right 1; 0 is the convention\n",
    ),
    ("2 + 3", 0, "value = 5\n"),
    (
        "'x^4*y' --order 2", 0,
        "name  2nd derivative\nx     12*x^2*y\ny     0\n\n"
        "agree: 2 of 2 derivatives of order 2, proved for all values\n",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("line", "status", "out"), SAMPLES, ids=[sample[0] for sample in SAMPLES])
def test_samples(run, line, status, out):
    assert run(line) == Result(status, out, "")


MISTAKES = [
    ("'(a*b + c*f' a=1", 2, "error: '(' is never closed\n  (a*b + c*f\n  ^\nhelp: add ')' where the group ends\n"),
    ("'sn(x) + 1' x=1", 2, "error: unknown function 'sn'\n  sn(x) + 1\n  ^^\nhelp: did you mean 'sin'?\n"),
    ("1/2x x=1", 2, "error: '1/2x' can be read in two ways\n  1/2x\n  ^^^^\nhelp: write  1/(2*x)  or  (1/2)*x\n"),
    (
        "'x*y' x=2", 2,
        "error: no value for y\n  x*y\n    ^\nhelp: add y=..., or leave out the values for the symbolic answer\n",
    ),
    ("x^2 --jsn", 2, "error: unknown option --jsn\nhelp: did you mean --json?\n"),
    ("plot x^2 -1", 2, "error: 'plot' before a formula is no command\n"
        "help: write the formula, and behind it the option --plot\n"),
    ("plot 'sin(x)' from 0 to pi", 2, "error: 'plot' before a formula is no command\n"
        "help: write the formula, and behind it the option --plot x=0..pi\n"),
    ("'sin(x)' --plot 'x from 0 to pi'", 2, "error: 'x from 0 to pi' is not a range\n  x from 0 to pi\n"
        "  ^^^^^^^^^^^^^^\nhelp: write the name and both ends, as in x=0..pi\n"),
    ("x^2^3^4^5 x=2", 3, "error: the value of x^y at x = 2 and y = a number with an exponent of 489 digits is "
        "too large or too uncertain to compute\n  x^2^3^4^5\n  ^^^^^^^^^\n"),
    ("x^2 --code C++", 2, "error: no code is written in C++\n"
        "help: write c; the languages are python, numpy, c, javascript, julia, fortran, rust, latex\n"),
    ("'x*2e-324' x=1 -n", 3, "error: in doubles, 2e-324 is smaller than any double\n  x*2e-324\n    ^^^^^^\n"
        "help: the value is 2.000000000e-324, which balls find: gradcalc.certify, or without --numeric at the shell\n"),
    ("'sin(30)' --deg", 2, "error: unknown option --deg\nhelp: angles are in radians: write rad(30) for 30 degrees\n"),
    ("x^2 --zzzzz=3", 2, "error: unknown option --zzzzz\nhelp: gradcalc --help lists the options\n"),
    ("x^2 --at 3", 2, "error: --at needs NAME=VALUE, not '3'\nhelp: write for example --at x=2,y=pi/4\n"),
    ("x^2 x=1 x=2", 2, "error: x is given twice\nhelp: give each name one value\n"),
    ("'x = t^2; x^2' -w x", 2,
     "error: x stands for t^2 in the formula\n  x = t^2; x^2\n           ^^^\nhelp: its only name is t\n"),
    ("x^2 -w z", 2, "error: z is not in the formula\n  x^2\n  ^^^\nhelp: its only name is x\n"),
    ("x^2 --json --plain", 2, "error: --json and --plain are two ways to write an answer\nhelp: give one of them\n"),
    ("", 2, "error: there is no formula\nhelp: write one, such as x^2*sin(x)\n"),
    ("-n x*y", 2,
     "error: no value for x, y\n  x*y\n  ^\nhelp: add x=..., y=..., or leave out -n for the symbolic answer\n"),
    ("-q x*y", 2, "error: no value for x, y\n  x*y\n  ^\nhelp: add x=..., y=...\n"),
    ("x*y --explain", 2, "error: no value for x, y\n  x*y\n  ^\nhelp: add x=..., y=...\n"),
    ("x^2 --plot x=0:1:0.1", 2, "error: a step is for a table\n  x=0:1:0.1\n        ^^^\nhelp: leave it out: x=0:1\n"),
    ("x*y --plot x=0..1", 2, "error: no value for y\n  x*y\n    ^\nhelp: add y=...\n"),
    ("'x = 2; x*y'", 2, "error: no value for y\n  x = 2; x*y\n           ^\nhelp: add y=...\n"),
    (
        "xy+x x=2 y=3", 2,
        "error: no value for xy\n  xy+x\n  ^^\n"
        "help: xy is read as one name; write x*y, or add xy=..., or leave out the values for the symbolic answer\n"
        "note: y is not used in the formula\n",
    ),
    (
        "x^2*y x=abc y=2", 2,
        "note: abc has no value, so x=abc is a definition here\nerror: no value for abc\n  x=abc\n    ^^^\n"
        "help: add abc=..., or leave out the values for the symbolic answer\n",
    ),
    ("x^2 3", 2, "error: '3' is a value without a name\nhelp: write for example x=3\n"),
    ("f(x)=x^2 3", 2, "error: '3' is a value without a name\nhelp: write for example x=3\n"),
    ("x^2 x==-3", 2, "error: 'x==-3' is not how a value is given\nhelp: write x=-3\n"),
    ("x^2 x:3", 2, "error: 'x:3' is not how a value is given\nhelp: write x=3\n"),
    ("x^2 3=x", 2, "error: '3=x' is not how a value is given\nhelp: write x=3\n"),
    ("--order -1 x^2", 2, "error: --order: '-1' is not a whole number above 0\n"
     "help: --order N: the N-th derivative by each name\n"),
    ("x --check", 2, "error: --check needs a value\n"
     "help: --check NAME=FORMULA: judge a claimed derivative, with proof or counterexample; may be repeated\n"),
    ("x --hessian=3", 2, "error: --hessian takes no value\nhelp: --hessian: also all second derivatives\n"),
    ("--practice --level 9", 2,
     "error: --level: '9' is not one of 1, 2, 3, 4\nhelp: --level N: how hard, from 1 (default) to 4\n"),
    ("'f = lambda x: x**2'", 2, "error: a function gets a name: f(x) = formula\n"
     "  f = lambda x: x**2\n      ^^^^^^^^^^^^^^\nhelp: write f(x) = x^2\n"),
    ("x --at=-3", 2, "error: --at needs NAME=VALUE, not '-3'\nhelp: write for example --at x=2,y=pi/4\n"),
    ("x -o /tmp/x.svg x=1", 2,
     "error: this view is not written as .svg\n"
     "help: the formats are .txt .json .tex .csv .md .html; for .svg ask for graph, plot, fit\n"),
]  # fmt: skip


@pytest.mark.parametrize(("line", "status", "err"), MISTAKES, ids=[mistake[0] for mistake in MISTAKES])
def test_mistakes(run, line, status, err):
    assert run(line) == Result(status, "", err)


@pytest.mark.parametrize(
    "line",
    ["x=pi/", "x^2 x=2±", "x^2 --at x=y", "x^2 pi=3", "x --digits 0", "x --digits", "x --time-limit nan",
     "x --precision 100000 x=1", "-f /nonexistent", "x -f /nonexistent", "x --completion tcsh", "x;y=", "x -w ,",
     "x -w x+1", "'x = x + 1'", "x^2 x=1 -o /nonexistent/a.json"],
)  # fmt: skip
def test_other_mistakes_are_explained(run, line):
    status, out, err = run(line)
    assert (status, out) == (2, "")
    assert err.startswith("error: ")


def test_a_package_that_is_missing_is_named():
    asked = (
        "import sys; sys.modules['flint'] = None; from gradcalc.cli import main; sys.exit(main(['gamma(x)', 'x=1']))"
    )
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=False)
    told = (
        "error: Python does not find flint\nhelp: where gradcalc was installed from: pip install . has all it needs\n"
    )
    assert (done.returncode, done.stdout, done.stderr) == (2, "", told)


def test_undefined_is_status_3_with_its_place(run):
    status, out, err = run("'log(x)/y' --at x=-1 y=2")
    assert (status, out) == (3, "")
    assert err.startswith("error: log needs x > 0, but its argument is -1\n  log(x)/y\n  ")
    assert run("x^2 x=1/0").status == 3


def test_without_numpy_columns_say_what_installs_it(tmp_path):
    (tmp_path / "d.csv").write_text("t\n1\n")
    no = "import sys; sys.modules['numpy'] = None; "
    asked = [
        "import gradcalc as gc; gc.grad('x^2', {'x': [1, 2]})",
        f"from gradcalc.cli import main; main(['t^2', '--data', {str(tmp_path / 'd.csv')!r}])",
    ]
    for each in asked:
        done = subprocess.run([sys.executable, "-c", no + each], capture_output=True, text=True, check=False)
        assert (
            "needs a library that is not installed\nhelp: where gradcalc was installed from: pip install '.[data]'"
            in done.stderr
        )


def test_disagreement_is_status_1(run, monkeypatch):
    wrong = {"x": parse("2*x"), "y": parse("x - y")}
    monkeypatch.setattr(questions, "symbolic_gradient", lambda *_: (wrong, ""))
    status, out, err = run("'x^2 + x*y' x=3 y=-4 --time-limit 1")
    assert (status, err) == (1, "")
    assert out.endswith(
        "\nDISAGREE: 2 of 2 gradients differ from sympy\n  x: chain rule 2, sympy 6\n  y: chain rule 3, sympy 7\n"
    )


def test_what_was_seen_at_a_point_is_told_where_the_time_ends_in_the_proof(run, monkeypatch):
    def late(*_):
        raise OutOfTime

    monkeypatch.setattr(questions, "proved_too", late)
    assert run("'x^2 + y' x=3 y=1")[1].endswith("\nagree: 2 of 2 gradients at this point, not proved: out of time\n")
    monkeypatch.setattr(questions, "symbolic_gradient", lambda *_: ({"x": parse("2*x"), "y": parse("2")}, ""))
    status, out, _ = run("'x^2 + y' x=3 y=1")
    assert (status, out.splitlines()[-2:]) == (
        1,
        ["DISAGREE: 1 of 2 gradients differ from sympy", "  y: chain rule 1, sympy 2"],
    )


def test_missing_second_derivative_is_status_3(run):
    status, out, _ = run("'x*abs(x)' x=0 --hessian")
    assert status == 3
    assert out.endswith(
        "\nagree: 1 of 1 gradients, proved for all values but the kinks\n\nhessian          x\nx        undefined\n\n"
        "d2/dx2 is missing: d/dx x*abs(x) has a corner at x=0: left -2, right 2\n"
    )


def test_unused_value_is_noted(run):
    status, out, err = run("x^2 x=1 zz=3")
    assert status == 0
    assert out.startswith("value = 1\n")
    assert err == "note: zz is not used in the formula\n"


@pytest.mark.parametrize(
    ("line", "stdin", "late"),
    [
        ("'x^2; x = 3'", "", ["x"]),
        ("'x = 3; x^2'", "", []),
        ("'x^2; x = 3; x^2'", "", []),
        ("'x^2; y = 3'", "", []),
        ("", "x*y\nx = 3\n", ["x"]),
        ("", "x^2\nx = 3\nx^3\n", []),
    ],
)
def test_a_value_behind_its_formula_comes_too_late(run, line, stdin, late):
    notes = [f"note: {x} gets its value behind the formula, too late for it: write {x}=... before it\n" for x in late]
    assert run(line, stdin)[::2] == (0, "".join(notes))


@pytest.mark.parametrize(
    ("line", "option"),
    [
        ("p.csv", "--data p.csv, beside a formula"),
        ("x^2 p.csv", "--data p.csv, beside a formula"),
        ("x^2 q.csv", "-o q.csv, beside a formula"),
        ("x^2 x=2 page.html", "-o page.html, beside a formula"),
        ("l.grad", "-f l.grad"),
        ("x*y l.txt", "-f l.txt"),
        ("x^2 q.txt", "-o q.txt, beside a formula"),
    ],
)
def test_a_file_without_its_option_is_told(run, line, option, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "p.csv").write_text("x\n1\n")
    for each in ("l.grad", "l.txt"):
        (tmp_path / each).write_text("2^2\n")
    name = option.split(",")[0].split()[1]
    assert run(line) == Result(2, "", f"error: '{name}' is the name of a file\nhelp: write {option}\n")
    assert "write diff(formula, a)" in run("a.grad").err
    read = "help: -f l.txt reads the values of a file, one a line, beside a formula\n"
    for word in ("l.txt", "@l.txt"):
        assert run(f"x^2 --at {word}") == Result(2, "", f"error: --at needs NAME=VALUE, not '{word}'\n{read}")


def test_a_formula_may_stand_behind_the_option_of_a_range(run):
    table = run("x^2 --table x=0:1:0.5").out
    for line in ("--table x^2 x=0:1:0.5", "--table x=0:1:0.5 x^2", "--table x=0:1:0.5 -- x^2"):
        assert run(line) == Result(0, table, "")
    assert run("--table x^2") == Result(2, "", "error: --table needs a range\nhelp: write --table x=LO:HI:STEP\n")
    assert "there is no formula" in run("--table x=0:1:0.5").err
    assert "help: write x=-2..2\n" in run("x^2 --plot x=-2,2").err
    assert "help: write x=-2..2\n" in run("x^2 --plot x=[-2,2]").err


def test_at_before_values_is_read_as_at_the_prompt(run):
    assert run("-q x^2 at x=3").out == "9\n"
    assert run("-q x*at x=2 at=3").out == "6\n"
    assert run("-q at at=3").out == "3\n"


@pytest.mark.parametrize(
    ("line", "help"),
    [
        ("x^2 --format json", "write --json, --plain or --latex, or a file by -o FILE"),
        ("x^2 --diff x", "the derivatives come with the answer: leave it out"),
        ("x^2 --x 3", "write --at x=2"),
        ("x^2 --html", "write -o FILE.html"),
        ("x^2 --markdown", "write -o FILE.md"),
        ("x^2 --svg", "write --graph or --plot or --fit, -o FILE.svg"),
        ("x^2 --mermaid", "write --graph, -o FILE.mmd"),
    ],
)
def test_options_of_other_programs_are_told_by_their_names_here(run, line, help):
    assert run(line) == Result(2, "", f"error: unknown option {line.split()[1]}\nhelp: {help}\n")


@pytest.mark.parametrize("formula", ["tan(x)*li(0) + x^2", "acos(2)*x", "log(-x^2 - 1)", "log(x) + log(-x)"])
def test_what_has_a_value_nowhere_has_no_derivative_written(run, formula):
    shown = "name  derivative\nx     ?\n\nundecided: nowhere do both have a value\n"
    assert run(f"'{formula}'") == Result(3, shown, "")


@pytest.mark.parametrize("digits", [17, 38, 50, 120])
def test_the_point_is_shown_with_as_many_digits_as_the_rest(run, digits):
    with mpmath.workdps(digits + 10):
        third, root = (mpmath.nstr(x, digits, strip_zeros=False) for x in (mpmath.mpf(1) / 3, mpmath.sqrt(2)))
    out = run(f"x*y x=1/3 y=sqrt(2) --digits {digits}").out
    assert [line.split()[1] for line in out.splitlines()[3:5]] == [third, root]


def test_v_is_no_version(run):
    assert run("-v").err == "note: -v is read as a formula; gradcalc --version tells the version\n"


def test_two_equals_signs_give_no_two_values(run):
    assert run("'x*y' 'x = 2 y = 3' -q").out == "6\n"
    for line in ("'x*y' 'y = 2x = 4'", "'x*y' --at y=2x=4", "'y = 2x = 4'"):
        assert run(line).err.startswith("error: '=' only gives a formula its name, as in y = x^2\n")


def test_unused_values_of_a_line_are_noted(run, tmp_path):
    (script := tmp_path / "s.grad").write_text("loss = w^2\nloss at w=2 weight=7\nloss at w=3\n")
    status, out, err = run(f"-f {script}")
    assert (status, err) == (0, "note: weight is not used in the formula of line 2\n")
    assert out == "loss = 4   dw 4   agree\nloss = 9   dw 6   agree\n"


@pytest.mark.parametrize(
    ("line", "help"),
    [
        ("xy x=2 y=3", "xy is read as one name; write x*y, or add xy=..."),
        ("sinx x=1", "sinx is read as one name; write sin(x), or add sinx=..."),
        ("2πr r=3", "πr is read as one name; write pi*r, or add πr=..."),
        ("'y = x^2; dy/dx' x=3", "dy/dx is read as a quotient of two names; for a derivative write diff(y, x); or add"),
        ("2x10^3 x=1", "2x10 is read as 2*x10; for a product write 2*x*10, for a power 2*x^10; or add x10=..."),
        ("i^2 x=1", "i is read as a name; numbers are real here, and it is no root of -1; or add i=..."),
        ("x^2 y=1", "add x=..., or leave out the values for the symbolic answer"),
    ],
)
def test_a_point_that_the_formula_has_no_name_of_is_no_question_without_one(run, line, help):
    status, out, err = run(line)
    assert (status, out) == (2, "")
    assert f"help: {help}" in err
    assert "is not used in the formula" in err


def test_a_line_at_a_point_that_it_has_no_name_of_has_no_value(run):
    status, out, err = run("", "loss = w^2\nloss at weight=7\n")
    assert (status, out) == (2, "")
    assert "no value for w" in err


@pytest.mark.parametrize("formula", ["sum(x*k, k=1..e)", "log(e)*sum(x*k, k=1..e)", "prod(x, k=1..tau)"])
@pytest.mark.parametrize("asked", ["", "--check x=6", "--check 'x=sum(k, k=1..n)'", "--steps"])
def test_a_constant_is_no_whole_number_to_end_at(run, formula, asked):
    found = run(f"'{formula}' {asked}")
    assert (found.status, found.out) == (2, "")
    assert " ends a sum or a product" in found.err


def test_a_sum_to_pi_has_no_derivative_and_one_to_an_own_e_has(run):
    assert "ends at a whole number, not at pi\n" in run("'sum(x*k, k=1..pi)'").err
    assert run("'sum(x*k, k=1..e)' e=3 --check x=6").out.endswith(" = 6, proved for all x\n")  # e is in no term
    assert run("x*e e=3 --check x=e").out.endswith(" = e, proved for all values\n")
    assert run("'sum(sum(x*k, k=1..e), e=1..n)' --check 'x=sum(sum(k, k=1..e), e=1..n)'").out.startswith("correct: ")
    assert "help: give it one, as in e=10" in run("'x*sum(k, k=1..n)' --check 'x=sum(k, k=1..e)'").err


def test_e_of_the_users_own_has_its_own_draws_and_kinks(run):
    assert "sampled: 3.00 ± 0.3" in run("e*x e=3 x=1±0.1 --samples 10000").out  # and not 2.72
    assert "sampled: 3.00 ± 0.1" in run("e*x e=3±0.1 x=1 --samples 10000").out
    assert "kink" not in run("'abs(x - e)' e=3 x=2.75±0.1").out.partition("\n\n")[2].partition("but the kinks")[2]
    assert "kink: abs(x - e) at x = 3, 0.5 standard" in run("'abs(x - e)' e=3 x=2.95±0.1").out
    assert run("e^x e=3±0.1 x=1.7").status == 0


def test_e_of_the_users_own_is_noted(run):
    assert run("e^2 -n -q e=3") == Result(0, "9\n", "note: e is your own name here, not Euler's number\n")
    assert run("e^0 -n -q") == Result(0, "1\n", "")
    assert run("e^x e=3 --check x=e^x").out.startswith("WRONG: d/dx e^x is not e^x\n")
    assert run("e^x e=3 --check 'x=e^x*log(e)'").out.startswith("correct: d/dx e^x = e^x*log(e), proved")
    assert run("e^x e=3 --check 'e=x*e^(x - 1)'").out.startswith("correct: d/de e^x = ")
    assert run("'x*diff(e^2, e)' e=3 --check 'x=2*e'").out.startswith("correct: d/dx x*diff(e^2, e) = 2*e, proved")
    assert run("'x*diff(e^2, e)' e=3 --check 'x=2*exp(1)'").out.startswith("WRONG: ")
    assert run("'x*diff(e^2, e)' e=3 --steps").status == 0
    for line in ("e^x e=3 x=1 --steps", "e^x e=3 --steps"):
        found = run(line)
        assert (found.status, "exp(x)" in found.out) == (0, False)
        assert "verified: every line equals" in found.out


@pytest.mark.parametrize(
    ("line", "note"),
    [
        ("lnx", "lnx is read as one name; if ln(x) is meant, write that"),
        ("m*x+mx", "mx is read as one name; if m*x is meant, write that"),
        ("x^2 x=abc", "abc has no value, so x=abc is a definition here"),
    ],
)
def test_names_that_may_be_meant_otherwise_are_noted(run, line, note):
    status, out, err = run(line)
    assert (status, err) == (0, f"note: {note}\n")
    assert out.startswith("name  derivative\n")


@pytest.mark.parametrize("line", ["'cost + max*abc'", "xy+x x=2 xy=3", "x^2 x=abc abc=3", "'x*y' x=2*t y=t t=1"])
def test_names_that_are_meant_so_are_not_noted(run, line):
    assert run(line)[::2] == (0, "")


def test_badly_conditioned_is_said(run):
    out = run("'sin(1e5*x)' x=1/3").out
    assert re.search(r"^agree: 1 of 1 gradients.*; the float result keeps 1[0-2] of 16 digits \(badly cond", out, re.M)
    rump = "333.75*b^6 + a^2*(11*a^2*b^2 - b^6 - 121*b^4 - 2) + 5.5*b^8 + a/(2*b)"  # IFIP 1988: -54767/66192
    out = run(f"'{rump}' a=77617 b=33096").out
    assert out.startswith("value = -0.8273960599\n")
    assert out.endswith("all values; the float value keeps 0 of 16 digits (badly conditioned)\n")


def test_values_may_start_with_anything(run):
    assert run("-q -n 'x + y' x=-3 y=1e-3").out == "-2.999\n"
    assert run("-q -n -- -x x=-3").out == "3\n"
    assert run("-q -n -- x -n x=3 n=1").out == "2\n"
    for behind in ("--precision 50", "--precision=50"):
        assert "--precision stands behind --\n" in run(f"-n x=3 -- -x^2 {behind}").err
    assert run("-q -n -sin(x) x=0").out == "0\n"
    assert run("-q -n -3+2").out == "-1\n"
    assert run("-q -n 'max(x, y)' 'x=max(1, 2),y=1'").out == "2\n"


# ---- formats

JSON_FIELDS = [
    "formula", "value", "at", "gradient", "symbolic", "verdict", "proved", "reasons", "notes", "ulps", "digits",
    "order", "hessian", "precision", "certified",
    "uncertainty", "shares", "second_order", "sampled", "version",
]  # fmt: skip


def strict(text):
    def refuse(constant):
        raise AssertionError(constant)

    return json.loads(text, parse_constant=refuse)


def test_json(run):
    status, out, _ = run("'exp(-x^2/2)' --at x=1 --json")
    found = strict(out)
    assert status == 0
    assert out.count("\n") == 1
    assert list(found) == JSON_FIELDS
    assert out.startswith('{"formula": "exp(-x^2/2)", "value": 0.6065306597126334, "at": {"x": 1.0}, ')
    assert found["gradient"] == {"x": -0.6065306597126334}
    assert found["symbolic"] == {"x": "-x*exp(-x^2/2)"}
    assert (found["verdict"], found["proved"], found["version"]) == ("agree", True, __version__)


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        ("'x^2' --json", "agree"),
        ("'sqrt(x)' x=0 --json", "not-differentiable"),
        ("'sqrt(x)' x=0 --json -n", "not-differentiable"),
        ("'x^2' x=1 --json -n", "unchecked"),
        ("2+3 --json", "value"),
        ("x^2 -q --json x=1", "value"),
    ],
)
def test_json_has_the_same_fields_whatever_is_asked(run, line, verdict):
    found = strict(run(line).out)
    assert list(found) == JSON_FIELDS
    assert found["verdict"] == verdict


def test_json_says_why_a_number_is_missing(run):
    found = strict(run("'sqrt(x)' x=0 --json").out)
    assert found["gradient"] == {"x": None}
    assert "no finite derivative" in found["reasons"]["x"]


@pytest.mark.parametrize("formula", ["diff(cbrt(x^4), x)", "cbrt(x^2)"])
def test_the_fast_path_gives_no_number_for_a_slope_that_is_infinite(run, formula):
    found = run(f"-n '{formula}' x=0")  # both are steeper than any line at 0, from both sides
    assert found.status == 3
    assert re.search(r"^x +0 +undefined$", found.out, re.M)


def test_json_of_an_error_keeps_the_line(run):
    status, out, err = run("--json", "log(0 - 1)\n2 + 3\n")
    first, second = map(strict, out.splitlines())
    assert (first["verdict"], first["error"]["line"], second["value"]) == ("undefined", 1, 5)
    assert "log needs x > 0" in first["error"]["message"]
    assert err.startswith("error in line 1: log")
    assert status == 3


def test_json_precision(run):
    found = strict(run("'exp(x)' x=1 --json -n --precision 100").out)
    assert found["precision"] == 100
    e = "2.71828182845904523536028747135"
    assert found["certified"] == {"value": e, "gradient": {"x": e}, "at": {"x": "1"}}


def test_what_no_double_holds_is_told_alike_everywhere(run, tmp_path):
    """Where JSON has to say 0.0, it says so and gives the digits too."""
    table = "value = 1e-800\n\nname      at  gradient  symbolic\nx     1e-400    2e-400  2*x\n\n"
    assert run("x^2 x=1e-400").out == table + "agree: 1 of 1 gradients, proved for all values\n"
    assert run("x^2 x=10^-400 --plain").out == "value\t1e-800\ngrad\tx\t2e-400\t2*x\nverdict\tagree\n"
    found = strict(run("x^2 x=1e-400 --json").out)
    assert (found["value"], found["at"], found["gradient"]) == (0.0, {"x": 0.0}, {"x": 0.0})
    assert found["certified"] == {"value": "1e-800", "gradient": {"x": "2e-400"}, "at": {"x": "1e-400"}}
    assert found["notes"][1] == "too small for a double: the value, d/dx, x; the digits are in certified"
    path = tmp_path / "a.csv"
    run(f"x^2 x=1e-400 -o {path}")
    assert path.read_text().endswith("\nx,1e-400,2e-400,2*x,agree\n")
    assert strict(run("x^2 x=0 --json").out)["certified"] is None


def test_what_is_beyond_doubles_is_told_alike_everywhere(run, tmp_path):
    """The digits are of 1000/log(10) by mpmath."""
    found = run("'exp(x)' x=1000")
    table = "value = 1.970071114e434\n\nname    at         gradient  symbolic\nx     1000  1.970071114e434  exp(x)\n\n"
    agree = "agree: 1 of 1 gradients, proved for all values; beyond doubles: the value, d/dx"
    assert (found.status, found.out) == (0, f"{table}{agree}\n")
    assert "value = 1.97007111401704699388887935224e434" in run("'exp(x)' x=1000 --precision 100").out
    assert "1.970071114e434" in run("'exp(x)' x=1000 --order 3").out
    found = strict(run("'exp(x)' x=1000 --hessian --json").out)
    assert (found["value"], found["gradient"], found["hessian"]) == (None, {"x": None}, {"x": {"x": None}})
    e = "1.970071114e434"
    assert found["certified"] == {"value": e, "gradient": {"x": e}, "hessian": {"x": {"x": e}}, "at": {"x": "1000"}}
    assert found["notes"][1] == "too large for a double: the value, d/dx, d2/dx2; the digits are in certified"
    assert "value = -921.0340372" in run("'log(1/b)' b=1e400").out
    found = strict(run("'sqrt(b)' b=1e400 --json").out)
    assert (found["value"], found["at"], found["certified"]["at"]) == (1e200, {"b": None}, {"b": "1e400"})
    claim = run("'exp(x)' x=1000 --check 'x=2*exp(x)'").out
    assert "at x=1000: correct 1.970071114e434, claimed 3.940142228e434" in claim


def test_the_point_has_no_more_digits_than_were_given(run):
    assert re.search(r"^x +0\.10{10,} +0\.20{10,} +2\*x$", run("x^2 x=0.1 --digits 30").out, re.M)


def test_files_by_suffix(run, tmp_path):
    starts = {".json": '{"formula"', ".csv": "name,at,gradient,symbolic,verdict\n", ".txt": "value = 9\n",
              ".md": "```\nx^2\nvalue = 9\n```\n"}  # fmt: skip
    for suffix, start in starts.items():
        path = tmp_path / f"a{suffix}"
        assert run(f"x^2 x=3 -o {path}") == Result(0, "", f"wrote {path}\n")
        assert path.read_text().startswith(start)
    assert run("x^2 x=3 -q -o -").out == "9\n"


def test_files_of_html_and_latex_are_whole(run, tmp_path):
    page, tex = tmp_path / "a.html", tmp_path / "a.tex"
    run(f"'x*α' x=3 α=2 -o {page}")
    run(f"'x^2; 3*α' --steps -o {tex}")
    assert page.read_text().startswith("<!DOCTYPE html>")
    assert '<meta charset="utf-8">' in page.read_text()
    assert tex.read_text().count(r"\documentclass") == tex.read_text().count(r"\end{document}") == 1
    for asked in ("--explain", "--check 'x=2*α'", "--hessian", "--table x=-1..1"):
        assert run(f"'x^2*α' x=3 α=2 {asked} -o {tex}").status in (0, 1)
        _compiles(tex)
    run(f"'x^2' x=3 --latex -o {tex}")
    assert tex.read_text().startswith("x^{2} = 9\n")


def _compiles(path):
    text = path.read_text()
    assert text.isascii()
    assert text.count(r"\begin{") == text.count(r"\end{")
    if shutil.which("pdflatex"):
        command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", path.name]
        subprocess.run(command, cwd=path.parent, check=True, capture_output=True)


def test_latex_and_pretty(run):
    latex = run("'x^2/y' x=1 y=2 --latex")
    assert latex.status == 0
    assert r"\frac{\partial}{\partial x}" in latex.out
    assert "% agree: 2 of 2 gradients" in latex.out
    pretty = run("'x^2/y' x=1 y=2 --pretty --ascii")
    assert pretty.status == 0
    assert pretty.out.isascii()
    assert "agree: 2 of 2 gradients" in pretty.out


def test_hessian_in_every_format(run, tmp_path):
    latex = run("'x*y^3' x=2 y=3 --hessian --latex").out
    assert r"\frac{\partial^{2}}{\partial x\, \partial y} \left(x y^{3}\right) = 27" in latex
    assert r"\frac{d^{2}}{d x^{2}} \left(x^{3}\right) = 6 x" in run("x^3 --hessian --latex").out
    assert "\nhessian   x   y\nx         0  27\ny        27  36\n" in run("'x*y^3' x=2 y=3 --hessian --pretty").out
    assert "\nd2/dxdy\n     2\n  3*y\n" in run("'x*y^3' --hessian --pretty --ascii").out
    path = tmp_path / "a.csv"
    assert run(f"'x*y^3' x=2 y=3 --hessian -o {path}").status == 0
    assert path.read_text() == (
        "name,at,gradient,symbolic,verdict,hessian x,hessian y\n,,54,x*y^3,,,\n"
        "x,2,27,y^3,agree,0,27\ny,3,54,3*x*y^2,agree,27,36\n"
    )
    run(f"'x*y^3' --hessian -o {path}")
    assert path.read_text().endswith("\nx,,,y^3,agree,0,3*y^2\ny,,,3*x*y^2,agree,3*y^2,6*x*y\n")


def test_ascii_can_be_typed_back(run):
    out = run("'α^2 + été' α=3 été=2 --ascii").out
    assert out.isascii()
    assert "\n\\u03b1      3         6  2*\\u03b1\n\\xe9t\\xe9   2         1  1\n" in out
    assert run(r"-q '\u03b1^2 + \xe9t\xe9' '\u03b1=3' '\xe9té=2'").out == "11\n"
    assert run(r"-n 'α*µ' α=3 μ=2 -w '\u03b1,µ' --plain").out.count("grad") == 2
    assert run("'α/β' --ascii --pretty").out.isascii()


def test_why_a_formula_is_missing(run):
    out = run("'polygamma(n, x)' n=1 x=2").out
    assert "polygamma(n, x) has no derivative with respect to n" in out
    assert re.search(r"^x .*  polygamma\(n \+ 1, x\)$", out, re.M)
    assert run("'polygamma(n, 1)' n=1").out.endswith("undecided: polygamma(n, x) has no derivative with respect to n\n")


# ---- scripts

SCRIPT = "x = 3\nx^2\nsin(x)/x   # sinc\n"
ANSWERS = "x^2 = 9   dx 6   agree\nsin(x)/x = 0.04704000269   dx -0.3456774998   agree\n"


def test_script_from_a_pipe_a_file_and_a_dash(run, tmp_path):
    path = tmp_path / "script.grad"
    path.write_bytes(b"\xef\xbb\xbf" + SCRIPT.replace("\n", "\r\n").encode())
    assert run("", SCRIPT) == Result(0, ANSWERS, "")
    assert run("-", SCRIPT) == Result(0, ANSWERS, "")
    assert run(f"-f {path}") == Result(0, ANSWERS, "")


BROKEN = "x = 3\nx^2\nsn(x)\ny = 1/2x\nf(t) = (t +\n  1)^2\nf(x)*zz\nlog(0 - x)\n2*x; x y\nx\n"


def test_script_goes_on_after_mistakes(run, tmp_path):
    path = tmp_path / "script.grad"
    path.write_text(BROKEN)
    status, out, err = run(f"-n -f {path}")
    assert out == "x^2 = 9   dx 6   unchecked\nx = 3   dx 1   unchecked\n"
    assert re.findall("^error.*", err, re.M) == [
        f"error in {path}, line 3: unknown function 'sn'",
        f"error in {path}, line 4: '1/2x' can be read in two ways",
        f"error in {path}, line 7: no value for zz",
        f"error in {path}, line 8: log needs x > 0, but its argument is -3",
        f"error in {path}, line 9: 'x' and 'y' stand side by side",
    ]
    assert "\nhelp: add a line with zz=... before it\n" in err
    assert "--at" not in err
    assert status == 2


def test_a_mistake_in_a_definition_is_told_at_its_line_and_at_the_one_that_asks(run):
    script = "a = log(b)\nc = (1 +\n 1/b)\n\nb = -1\nb = a\na\nb = 0\nc\n"
    first = [line for line in run("", script).err.split("\n") if line.startswith("error")]
    assert first == [
        "error in line 6: 'b' is defined by itself: b -> a -> b",
        "error in line 1, asked in line 7: log needs x > 0, but its argument is -1",
        "error in line 3, asked in line 9: division by zero",
    ]
    records = [json.loads(line) for line in run("--json", script).out.splitlines()]
    assert [(each["formula"], each["error"]["line"]) for each in records] == [
        ("b = a", 6), ("a = log(b)", 1), ("c = (1 +\n 1/b)", 3),
    ]  # fmt: skip


def test_status_of_a_script_is_that_of_its_last_error(run):
    assert run("", "abs(0)\nx^\nlog(0 - 1)\n1\n").status == 3
    assert run("", "log(0 - 1)\nx^\n1\n").status == 2
    assert run("", "x = 0\nabs(x)\n2\n").status == 3
    assert run("1;2").status == 0


def test_mistakes_of_a_script_in_json(run):
    found = [strict(line) for line in run("--json -n", BROKEN).out.splitlines()]
    errors = [(each["formula"], each["error"]["line"]) for each in found if "error" in each]
    lines = BROKEN.splitlines()
    assert errors == [(lines[n - 1], n) for n in (3, 4, 7, 8, 9)]
    for each in found:
        if "error" in each:
            marked = each["formula"][each["error"]["start"] : each["error"]["end"]]
            assert marked in ("sn", "1/2x", "zz", "log", "0 - x", "x y")


def test_plain_blocks_of_a_script_name_their_formulas(run):
    assert run("--plain -n", "x = 2\nx^2\nx y\n2\n").out == (
        "formula\tx^2\nvalue\t4\ngrad\tx\t4\t\nverdict\tunchecked\n\nformula\t2\nvalue\t2\nverdict\tvalue\n"
    )


def test_script_without_values_is_answered_in_symbols(run):
    assert run("", "x^2\n") == Result(0, "x^2   dx 2*x   agree\n", "")


def test_values_beside_a_script(run):
    assert run("-n y=2", "y^2\nx*y; x = 3\n").err.startswith("error in line 2: no value for x\n")
    unused = "note: a is not used in the formula, which does not need p\n"
    assert run("'p = a*b; q^2' a=2 q=3 -q") == Result(0, "9\n", unused)
    assert run("-q y=2 zz=1", "y^2\ny + 1\n") == Result(0, "4\n3\n", "note: zz is not used in the formulas\n")


def test_csv_of_a_script_is_one_table(run, tmp_path):
    path = tmp_path / "a.csv"
    run(f"-n -o {path}", "x = 2\nx^2\nx y\nx + 1\n")
    assert path.read_text() == (
        "formula,name,at,gradient,symbolic,verdict\nx^2,,,4,x^2,\nx^2,x,2,4,,unchecked\n"
        "x + 1,,,3,x + 1,\nx + 1,x,2,1,,unchecked\n"
    )


@pytest.mark.parametrize("words", ["x+2 x^2 x=1", "x^2 x^3", "sin(x) cos(x)"])
def test_two_words_that_are_formulas_are_no_product(run, words):
    found = run(words)
    assert found.status == 2
    assert "are two formulas\nhelp: write one text: '" in found.err


def test_several_formulas_in_one_argument(run):
    assert run("'x^2; x + 1' x=3").out == "x^2 = 9   dx 6   agree\nx + 1 = 4   dx 1   agree\n"


def test_script_that_is_not_text(run, tmp_path):
    path = tmp_path / "script"
    path.write_bytes(b"\xff\xfe\x00")
    assert run(f"-f {path}") == Result(
        2, "", f"error: {path} is not UTF-8 text\nhelp: save it as UTF-8; spreadsheets call it CSV UTF-8\n"
    )


def test_what_waits_on_stdin_and_is_not_read_is_said(tmp_path):
    command, note = [sys.executable, "-m", "gradcalc"], "note: what comes in is not read: --data - takes its columns"

    def said(*words, **settings):
        return subprocess.run([*command, *words], capture_output=True, text=True, check=True, **settings).stderr

    assert said("x*y", input="x,y\nof a list that a loop reads\n") == ""
    rows, others = tmp_path / "rows.csv", tmp_path / "formulas"
    rows.write_text("x;y\n1;2\n", "utf-8")
    others.write_text("x*y, of a list that a loop reads\n", "utf-8")
    with rows.open() as given:
        assert said("x*y", stdin=given).startswith(note)
    with others.open() as given:
        assert said("x*y", stdin=given) == ""
    assert said("x*y", stdin=subprocess.DEVNULL) == ""
    assert said("x*y", "x=1", "y=2", input="x,y\n1,2\n") == ""
    assert said("2*3", input="x,y\n1,2\n") == ""


def test_what_was_begun_is_ended_before_an_error_is_said(tmp_path):
    (tmp_path / "sympy.py").write_text("raise ModuleNotFoundError('no sympy', name='sympy')")
    found = subprocess.run(
        [sys.executable, "-m", "gradcalc", "x^2", "x=3"], capture_output=True, text=True, stdin=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(Path(cli.__file__).parents[2])])},
    )  # fmt: skip
    assert found.stdout.endswith("\nx      3         6  \n")
    assert found.stderr.startswith("error: Python does not find sympy\nhelp: ")


# ---- the command about itself


def test_help_shows_what_runs(run):
    """Every example of --help prints what the help says."""
    text = run("--help").out
    brief = run("-h").out
    assert text.startswith(brief[: brief.index("gradcalc --help lists")])
    assert brief.count("\n") < 24  # a screen
    for shown in re.findall(r"^  gradcalc (\S.*?)  ", brief, re.M):
        assert run(shown).status == ("--check" in shown), shown
    examples = re.findall(r"^  \$ (.*)\n((?:(?:  .*)?\n)*?)(?=  \$|\S)", text, re.M)
    assert len(examples) == 6
    for line, shown in examples:
        before, _, command = line.rpartition(" | ")
        stdin = shlex.split(before)[1].replace("\\n", "\n") if before else ""
        expected = re.sub(r"^  ", "", shown, flags=re.M).strip("\n") + "\n"
        assert run(command.removeprefix("gradcalc"), stdin).out == expected


def test_help_lists_every_option(run):
    text = run("--help").out
    for option in arguments.spelled(arguments.parser()):
        assert option in text


def test_version(run):
    assert run("-V") == run("--version") == Result(0, f"gradcalc {__version__}\n", "")


@pytest.mark.parametrize("shell", arguments.SHELLS)
def test_completion_knows_every_option(run, shell):
    status, out, _ = run(f"--completion {shell}")
    assert status == 0
    for option in arguments.spelled(arguments.parser()):
        spelled = f"-{'sl'[option[1] == '-']} {option.lstrip('-')}" if shell == "fish" else option
        assert re.search(rf"(?<![\w-]){spelled}\b", out)


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")
@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("gradcalc --color ", ["auto", "always", "never"]),
        ("gradcalc 'x^2' --color n", ["never"]),
        ("gradcalc --code ju", ["julia"]),
        ("gradcalc --level ", ["1", "2", "3", "4"]),
        ("gradcalc --completion z", ["zsh"]),
        ("gradcalc --hes", ["--hessian"]),
    ],
)
def test_bash_completes_options_and_the_words_they_take(line, offered):
    ask = 'COMP_WORDS=($LINE$END); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _shtab_gradcalc; echo "${COMPREPLY[@]}"'
    ask = ask.replace("$END", " ''" if line.endswith(" ") else "").replace("$LINE", line)
    script = f"{arguments.completion('bash')}\n{ask}"
    asked = subprocess.run(["bash"], input=script, capture_output=True, text=True, check=True)
    assert asked.stdout.split() == offered


@pytest.mark.parametrize("shell", arguments.SHELLS)
def test_completion_scripts_load(shell):
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    script = arguments.completion(shell)
    subprocess.run([shell, "-n"], input=script, text=True, check=True)


def test_internal_error_is_status_70_without_a_traceback(run, monkeypatch):
    def broken(*_):
        raise KeyError("oops")

    monkeypatch.setattr(words, "task", broken)
    assert run("x^2") == Result(70, "", "internal error: KeyError: 'oops', please report\n")


# ---- settings


@pytest.fixture
def settings(tmp_path):
    def write(text):
        path = tmp_path / "config" / "gradcalc" / "config.toml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    return write


def test_option_before_environment_before_file(run, settings, monkeypatch):
    settings("digits = 4\nascii = true\n")
    monkeypatch.setenv("GRADCALC_ASCII", "0")
    assert run("-q 1/3").out == "0.3333\n"
    assert not run("-n α α=1").out.isascii()
    monkeypatch.setenv("GRADCALC_DIGITS", "6")
    monkeypatch.delenv("GRADCALC_ASCII")
    assert run("-q 1/3").out == "0.333333\n"
    assert run("-n α α=1").out.isascii()
    assert run("-q 1/3 --digits 2").out == "0.33\n"


def test_commands_of_the_prompt_stand_in_scripts(run):
    text = "x = 2\nx^3\n:explain   # how\n:set digits 3\n:undo\n1/7\n:delete x\n"
    done = run("-", text)
    assert done.status == 2
    assert done.out.startswith("x^3 = 8   dx 12   agree\nNode  Formula")
    assert done.out.endswith("digits = 3\n1/7 = 0.143\n")
    assert done.err.startswith("error in line 5: :undo is for the prompt, not for files\n  :undo\n  ^^^^^\n")
    refused = run("--json -", "x = 2\n:explain x\n")
    assert json.loads(refused.out)["error"]["message"] == "a command is not answered as json"


def test_unknown_setting_is_noted(run, settings):
    path = settings("digts = 4\n")
    known = "digits, precision, samples, symbolic, time-limit, color, ascii, limits, pager, keys"
    note = f"note: digts in {path} is no setting; the settings are {known}\n"
    assert run("-q 1/4") == Result(0, "0.25\n", note)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("digits = 0", "digits in {}: '0' is not a whole number above 0"),
        ("color = 'blue'", "color in {}: 'blue' is not one of auto, always, never"),
        ("ascii = 3", "ascii in {}: '3' is neither on nor off"),
        ("digits = true", "digits in {}: 'True' is not a whole number above 0"),
        ("digits =", "cannot read {}: Invalid value (at end of document)"),
    ],
)
def test_bad_setting_is_an_error_that_names_it(run, settings, text, message):
    path = settings(text)
    status, out, err = run("1/4")
    assert (status, out, err.splitlines()[0]) == (2, "", f"error: {message.format(path)}")


# ---- colour


def test_colour_only_when_asked_for(run, monkeypatch):
    assert "\x1b" not in run("x^2 x=1 -n").out
    assert "\x1b[33munchecked\x1b[0m" in run("x^2 x=1 -n --color always").out
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b" in run("x^2 x=1 -n").out
    assert "\x1b[1;31merror\x1b[0m" in run("x^").err
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in run("x^2 x=1 -n").out
    assert "\x1b" in run("x^2 x=1 -n --color=always").out
    monkeypatch.delenv("NO_COLOR")
    assert "\x1b" not in run("x^2 x=1 -n --color never").out


def test_colour_leaves_the_text_alone(run):
    plain = run("'(a*b + c)*f' a=2 b=-3 c=10 f=-2").out
    assert re.sub(r"\x1b\[[\d;]*m", "", run("'(a*b + c)*f' a=2 b=-3 c=10 f=-2 --color always").out) == plain


# ---- as a process

COMMAND = [sys.executable, "-m", "gradcalc"]


def environment(**more):
    unwanted = ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES", "GRADCALC_DEBUG")
    kept = {name: value for name, value in os.environ.items() if name not in unwanted}
    return {**kept, "XDG_CONFIG_HOME": os.devnull, **more}


def process(*argv, **options):
    options = {"env": environment(), "stdin": subprocess.DEVNULL, "timeout": 60, **options}
    return subprocess.run([*COMMAND, *argv], capture_output=True, text=True, **options)


@pytest.fixture
def imports(tmp_path):
    """An environment whose Pythons write to a file what they import of the heavy libraries, and how much of the answer
    was written by then."""
    (tmp_path / "sitecustomize.py").write_text(
        "import os, sys\n"
        "class Watch:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name in ('sympy', 'numpy', 'prompt_toolkit', 'flint'):\n"
        "            with open(os.environ['WATCH_LOG'], 'a') as log:\n"
        "                log.write(f\"{name} {os.path.getsize(os.environ['WATCH_OUT'])}\\n\")\n"
        "sys.meta_path.insert(0, Watch())\n"
    )
    log, out = tmp_path / "log", tmp_path / "out"

    def run(*argv):
        log.write_text("")
        env = environment(PYTHONPATH=str(tmp_path), WATCH_LOG=str(log), WATCH_OUT=str(out))
        with out.open("wb") as stdout:
            done = subprocess.run([*COMMAND, *argv], stdout=stdout, stdin=subprocess.DEVNULL, env=env, timeout=60)
        assert done.returncode == 0
        text = out.read_text()
        return text, [(name, text[: int(size)]) for name, size in map(str.split, log.read_text().splitlines())]

    return run


def test_numeric_imports_nothing_heavy(imports):
    text, imported = imports("-n", "(a*b + c)*f", "a=2", "b=-3", "c=10", "f=-2")
    assert text.startswith("value = -8\n")
    assert imported == []


def test_numbers_are_written_before_sympy_is_imported(imports):
    text, imported = imports("x^2", "x=3")
    written = [before for name, before in imported if name == "sympy"]
    assert text.endswith("agree: 1 of 1 gradients, proved for all values\n")
    assert written
    assert all(before.endswith("x      3         6  ") for before in written)
    assert not {"numpy", "prompt_toolkit"} & {name for name, _ in imported}


def test_line_of_a_script_is_written_before_sympy_is_imported(imports, tmp_path):
    path = tmp_path / "script"
    path.write_text(SCRIPT)
    _, imported = imports("-f", str(path))
    assert next(before for name, before in imported if name == "sympy") == "x^2 = 9   dx 6   "


def on_terminal(*argv, rows=24, columns=80, **more):
    """What the command writes to a terminal of that size."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    env = environment(**{"TERM": "xterm", **more})
    child = subprocess.Popen([*COMMAND, *argv], stdin=theirs, stdout=theirs, stderr=theirs, env=env)
    os.close(theirs)
    written = b""
    while True:
        try:
            part = os.read(ours, 4096)
        except OSError:
            break
        if not part:
            break
        written += part
    os.close(ours)
    return child.wait(), written.decode().replace("\r\n", "\n")


def test_terminal_shows_numbers_first_and_completes_them_in_place():
    status, written = on_terminal("(a*b + c)*f", "a=2", "b=-3", "c=10", "f=-2", NO_COLOR="1")
    first, back, whole = written.partition("\x1b[9F\x1b[J")
    assert status == 0
    assert back
    assert "c     10        -2  ...\n" in first
    assert first.count("\n") == 9
    assert whole == MAIN


def test_small_terminal_is_only_appended_to():
    _, written = on_terminal("(a*b + c)*f", "a=2", "b=-3", "c=10", "f=-2", NO_COLOR="1", rows=8)
    assert written == MAIN


def test_narrow_terminal_has_formulas_below_their_rows():
    _, written = on_terminal("(a*b + c)*f", "a=2", "b=-3", "c=10", "f=-2", NO_COLOR="1", columns=26)
    assert written.rpartition("\x1b[J")[2] == (
        "value = -8\n\nname  at  gradient\n    symbolic\na      2         6\n    b*f\nb     -3        -4\n    a*f\n"
        "c     10        -2\n    f\nf     -2         4\n    a*b + c\n\n"
        "agree: 4 of 4 gradients,\n  proved for all values\n"
    )


def test_pretty_is_one_line_where_it_would_be_too_wide():
    _, written = on_terminal("x^2*sin(x*y) + exp(x*y)", "--pretty", NO_COLOR="1", columns=26)
    assert "\n  x^2*y*cos(x*y) + 2*x*sin(x*y) + y*exp(x*y)\n" in written
    assert "\n   3               x⋅y\n  x ⋅cos(x⋅y) + x⋅e\n" in written


def test_dumb_terminal_gets_plain_text():
    assert on_terminal("(a*b + c)*f", "a=2", "b=-3", "c=10", "f=-2", TERM="dumb")[1] == MAIN


def test_terminal_has_colour_unless_refused():
    assert "\x1b[33munchecked\x1b[0m" in on_terminal("-n", "x^2", "x=1")[1]
    assert "\x1b" not in on_terminal("-n", "x^2", "x=1", NO_COLOR="1")[1]


def test_broken_pipe_is_quiet(tmp_path):
    path = tmp_path / "script"
    path.write_text("2 + 3\n" * 100)
    with subprocess.Popen([*COMMAND, "-n", "-f", str(path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        child.stdout.close()
        assert child.stderr.read() == b""
    assert child.returncode == 141


def test_ctrl_c_is_status_130_and_quiet(tmp_path):
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    heard = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)  # who runs the tests may have it ignored
    with subprocess.Popen(
        [*COMMAND, "-f", str(fifo)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=heard
    ) as child:
        with fifo.open("w"):  # opens when the command reads
            child.send_signal(signal.SIGINT)
            assert child.wait(30) == 130
        assert child.stdout.read() == child.stderr.read() == b""


def test_full_disk_is_an_error_in_words():
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full")
    with open("/dev/full", "w") as full:
        done = subprocess.run([*COMMAND, "-n", "-q", "2+3"], stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_output_that_cannot_be_encoded():
    done = process("-n", "α^2", "α=3", env=environment(PYTHONIOENCODING="ascii"))
    assert done.returncode == 0
    assert r"\u03b1" in done.stdout
    done = subprocess.run([*COMMAND, "-n", b"\xff^2"], capture_output=True, stdin=subprocess.DEVNULL)
    assert done.returncode == 2
    assert b"Traceback" not in done.stderr


def test_exit_status_of_the_process():
    assert process("-q", "-n", "2+3").stdout == "5\n"
    assert [process(*argv).returncode for argv in (("-n", "2+3"), ("(",), ("-n", "1/x", "x=0"))] == [0, 2, 3]


@pytest.mark.parametrize("formula", ["sn(x)", "x*", "1/2x"])
def test_json_of_a_text_that_is_no_formula(formula, capsys):
    assert cli.main(["--json", formula, "x=1"]) == 2
    found = json.loads(capsys.readouterr().out)
    assert found["verdict"] == "error"
    assert found["formula"] == formula
    assert found["error"]["message"]


# ---- the other views

BACKWARD = """\
value = -3

Node  Formula       Local derivative  Gradient
out   v1 + v2 = -3  seed              1
v2    x * y = -12   dout/dv2 = 1      1 * 1 = 1
y     input = -4    dv2/dy = x = 3    1 * 3 = 3
v1    x^2 = 9       dout/dv1 = 1      1 * 1 = 1
x     input = 3     dv2/dx = y = -4   1 * (-4) = -4
                    dv1/dx = 2*x = 6  1 * 6 = 6
                    sum of 2 paths    (-4) + 6 = 2
"""
TREE = """\
node        data  grad
*             -8     1
├─ +           4    -2
│  ├─ *       -6    -2
│  │  ├─ a     2     6
│  │  └─ b    -3    -4
│  └─ c       10    -2
└─ f          -2     4
"""
LESSON = ("(a*b + c)*f", "a=2", "b=-3", "c=10", "f=-2")


def test_explain(run):
    assert run("x^2 + x*y --at x=3 y=-4 --explain").out == BACKWARD
    corner = run("abs(x) x=0 --explain")
    assert corner.status == 3
    assert "corner" in corner.out
    missing = run("x*y x=3 --explain")
    assert missing.status == 2
    assert "no value for y" in missing.err


def test_steps(run):
    result = run("x^2*sin(x) --steps")
    assert result.status == 0
    assert "product rule" in result.out
    assert "verified" in result.out


def test_graph(run, tmp_path):
    assert run(shlex.join([*LESSON, "--graph"])).out == TREE
    for name in ("g.svg", "g.png", "g.dot", "g.mmd"):
        written = run(shlex.join([*LESSON, "--graph", "-o", str(tmp_path / name)]))
        assert written == Result(0, "", f"wrote {tmp_path / name}: 7 nodes\n")
    assert "</svg>" in (tmp_path / "g.svg").read_text()
    assert (tmp_path / "g.png").read_bytes().startswith(b"\x89PNG")
    assert run(shlex.join([*LESSON, "--graph", str(tmp_path / "h.svg")])).status == 0
    several = run(shlex.join(["x = 1; x; x^2", "--graph", "-o", str(tmp_path / "i.svg")]))
    assert several.status == 2
    assert "one formula" in several.err


def test_definitions_come_from_a_file_beside_a_formula(run, tmp_path):
    (tmp_path / "params.txt").write_text("k = 3   # of the spring\nu = k*x\n")
    assert run(f"-f {tmp_path}/params.txt u^2 x=2 -q") == Result(0, "36\n", "")
    assert run(f"-f {tmp_path}/params.txt u^2 x=2 k=5 -q") == Result(0, "100\n", "")


def test_ranges_know_the_names(run):
    table = "  x  value  d/dx\n  0      0     0\n0.5    0.5     2\n  1      2     4\n"
    assert run("a*x^2 a=2 n=0.5 --table x=0:a*n:n") == Result(0, table, "")
    script = "n = 1\nx^2\nn = 2\nx^2\n"
    assert run("--table x=0:n:1", script).out.count("\n") == 3 + 1 + 4
    assert "depends on m, which has no value" in run("x^2 --plot x=0..m").err


def test_what_is_loaded_to_draw_takes_no_time_of_the_answer(run, monkeypatch, tmp_path):
    pytest.importorskip("matplotlib", reason="matplotlib is not installed: pip install '.[pictures]'")
    from gradcalc.plot import pictures

    happened = []
    real, answering = pictures.figure, clock.Clock.answering
    monkeypatch.setattr(pictures, "figure", lambda: happened.append("loaded") or real())
    monkeypatch.setattr(
        clock.Clock, "answering", lambda *args, **more: happened.append("limited") or answering(*args, **more)
    )
    studies._plot.cache_clear()
    assert run(f"'x^2' --plot x=0..1 -o {tmp_path / 'p.svg'}").status == 0
    studies._plot.cache_clear()
    reading, drawing = ["limited"], ["limited", "loaded"]
    assert happened == [*reading, "loaded", *drawing]


def test_plot_and_table(run, tmp_path):
    assert "┤" in run("sin(x)/x --plot x=-10..10").out
    picture = run(f"x^2*y --plot x=-1..1,y=-1..1 -o {tmp_path / 'p.png'}")
    assert picture == Result(0, "", f"wrote {tmp_path / 'p.png'}\n")
    assert (
        run("x^2 --table x=0:1:0.5").out == "  x  value  d/dx\n  0      0     0\n0.5   0.25     1\n  1      1     2\n"
    )
    wrong = run("x^2 --plot x=3")
    assert wrong.status == 2
    assert "Traceback" not in wrong.err


def test_practice(run):
    drilled = run("--practice --seed 3", "1/0\nhint\nskip\nquit\n")
    assert drilled.status == 0
    assert "right at once" in drilled.out
    assert run("--practice --level 9").status == 2


# ---- judging derivatives

USERS = """\
import math

def f(p):
    return math.sin(p["x"] ** 2) * p["y"]

def right(p):
    return {"x": 2 * p["x"] * math.cos(p["x"] ** 2) * p["y"], "y": math.sin(p["x"] ** 2)}

def wrong(p):
    return right(p) | {"x": math.cos(p["x"] ** 2) * p["y"]}
"""


@pytest.mark.parametrize(
    ("line", "status", "words"),
    [
        ("'tanh(x)' --check 'x=1/cosh(x)^2'", 0, "correct: d/dx tanh(x) = 1/cosh(x)^2, proved for all x"),
        ("'sin(x^2)' --check 'x=cos(x^2)'", 1, "hint: chain rule: the inner derivative is missing"),
        ("'abs(x)' x=0 --check 'x=sign(x)'", 3, "not differentiable: abs(x) has a corner at x=0"),
        ("x*y --check x=y --check y=y", 1, "WRONG: d/dy x*y is not y"),
    ],
)
def test_claims_on_the_command_line(run, line, status, words):
    result = run(line)
    assert result.status == status
    assert words in result.out


def test_a_claim_that_is_no_claim(run):
    for claim in ("", "=2", "x=2*", "x=sn(x)"):
        result = run(shlex.join(["x^2", "--check", claim]))
        assert result.status == 2
        assert result.err.startswith("error: ")


def test_gradient_functions_and_their_certificates(run, tmp_path):
    users = tmp_path / "users.py"
    users.write_text(USERS)
    at = "--at x=1.5,y=2"
    assert run(f"--check-gradient {users}:f {users}:right {at}").status == 0
    found = run(f"--check-gradient {users}:f {users}:wrong --box x=0:2,y=1:2")
    assert found.status == 1
    assert found.out.startswith("WRONG: 1 of 2 components")
    by_formula = run(f"--check-gradient 'sin(x^2)*y' {users}:right {at} --json")
    certificate = tmp_path / "certificate.json"
    certificate.write_text(by_formula.out)
    assert run(f"--verify {certificate}") == Result(0, "holds: it says agrees, found is agrees\n", "")
    for bad in ("--check-gradient 'x^2' users.py:f", f"--check-gradient 'x^2' {users}:f", "--verify nothing.json"):
        refused = run(bad)
        assert refused.status == 2
        assert "Traceback" not in refused.err


BOTH = (
    "def both(x):\n    return x**2, 2*x\ndef listed(x):\n    return [x**2, 2.1*x]\ndef alone(x):\n    return x\n"
    "def f(x):\n    return x[0]*x[1]\ndef grad(x):\n    return [x[1], x[0]]\n"
)


def test_gradients_at_vectors_and_beside_values(run, tmp_path):
    users = tmp_path / "both.py"
    users.write_text(BOTH)
    for at in ("x=3", "--at x=3"):
        assert run(f"--check-gradient {users}:both {at}").out.startswith("agrees: the gradient of both at x=3\n")
    listed = run(f"--check-gradient {users}:listed x=3 --json")
    assert listed.status == 1
    (tmp_path / "c.json").write_text(listed.out)
    assert run(f"--verify {tmp_path}/c.json").out == "holds: it says wrong, found is wrong\n"
    for at in ("'x=[1, 2]'", "--at 'x=[1, 2*1]'"):
        assert run(f"--check-gradient {users}:f {users}:grad {at}").out.startswith(
            "agrees: the gradient of f at x[0]=1 x[1]=2\n"
        )
    assert run(f"{users}:f x=[1,2] --check-gradient {users}:grad").out.startswith("agrees: the gradient of f at x[0]=1")
    for order in (
        f"--check-gradient {users}:f --at x=[1,2] {users}:grad",
        f"--check-gradient {users}:f --seed 3 {users}:grad x=[1,2]",
        f"x=[1,2] {users}:f --check-gradient {users}:grad",
        f"{users}:f {users}:grad --check-gradient x=[1,2]",
        f"{users}:f --at x=[1,2] --check-gradient={users}:grad",
    ):  # the first one is the function, wherever it stands
        assert run(order).out.startswith("agrees: the gradient of f at x[0]=1"), order
    assert run(f"x^2 --check-gradient {users}:alone x=3").out.startswith(
        "WRONG: 1 of 1 components of the gradient of x^2"
    )
    for bad, said in (
        (f"{users}:alone x=3", "no grad was given"),
        ("x^2 x=3", "a formula needs a gradient function"),
        (f"{users}:f {users}:grad {users}:alone x=3", "are two gradient functions"),
        ("x^2 2*x x=3", "'2*x' is neither a gradient function nor a value"),
        (f"{users}:f {users}:grad 'x=[[1], 2]'", "is no array of numbers"),
        (f"{users}:both", "needs a point or a box"),
    ):
        refused = run(f"--check-gradient {bad}")
        assert refused.status == 2
        assert said in refused.err


def test_a_certificate_of_a_claim_is_asked_again(run, tmp_path):
    certificate = tmp_path / "claim.json"
    certificate.write_text(run("'sin(x)^2' --check 'x=sin(2x)' --json").out)
    assert run(f"--verify {certificate}") == Result(0, "holds: it says proved, found is proved\n", "")
    certificate.write_text(certificate.read_text().replace('"proved"', '"wrong"'))
    assert run(f"--verify {certificate}").status == 1
    certificate.write_text("{}")
    assert run(f"--verify {certificate}").status == 2


def test_the_prompt_after_an_answer(run):
    result = run("-n x^2 x=3 -i", "x = 5\nx^2\n")
    assert result.status == 0
    assert result.out.startswith("value = 9\n")
    assert "x = 5" in result.out
    assert "25" in result.out


def test_closed_streams_are_no_fault():
    """As a caller leaves them who wants the exit status alone."""
    command = [sys.executable, "-m", "gradcalc", "-q"]
    for line, status in [("exec {} '2*3' <&- >&- 2>&-", 0), ("exec {} '2*' <&- >&- 2>&-", 2), ("exec {} '2*3' >&-", 0)]:
        done = subprocess.run(["sh", "-c", line.format(shlex.join(command))], stderr=subprocess.PIPE)
        assert (done.returncode, done.stderr) == (status, b"")


@pytest.mark.parametrize(
    "line", ["--explain -q", "--explain --order 2", "--table x=0:1:0.5 --precision 90", "--plot x=0:1 -w x"]
)
def test_no_option_is_passed_over_by_a_view(run, line):
    status, out, err = run(f"x^2 x=1 {line}")
    assert (status, out) == (2, "")
    assert re.match(r"error: --\w+ does not go with --\w+\n", err)


def test_a_setting_is_no_option(run, monkeypatch):
    monkeypatch.setenv("GRADCALC_PRECISION", "90")
    assert run("x^2 x=1 --explain").status == 0


def test_a_second_derivative_that_is_not_known_is_not_shown(run):
    status, out, _ = run("abs(x*y) x=0 y=0 --hessian")
    assert status == 3
    assert "x        0  ?\n" in out
    found = json.loads(run("abs(x*y) x=0 y=0 --hessian --json").out)
    assert found["hessian"] == {"x": {"x": 0, "y": None}, "y": {"x": None, "y": 0}}


@pytest.mark.parametrize("formula", ["x*abs(y)", "x^2*abs(y)", "x*max(y,0)", "x*floor(y)"])
def test_a_convention_along_a_kink_has_no_derivative(run, formula):
    for option in ("", " -n"):
        found = json.loads(run(f"'{formula}' x=0 y=0 --hessian --json{option}").out)["hessian"]
        assert found["y"]["x"] is None  # beside (0, 0) there is no derivative by y on the line y = 0


def test_numeric_answers_do_not_take_a_branch_for_a_single_point_for_the_formula(run):
    found = json.loads(run("'if(x == 1, 1, x^2) + x*y' x=1 y=2 -n --json").out)
    assert found["gradient"] == {"x": 4, "y": 1}
    found = json.loads(run("'if(x == 1, 1, x^2)' x=1 -n --hessian --json").out)
    assert (found["gradient"], found["hessian"]) == ({"x": 2}, {"x": {"x": 2}})
    assert "jumps at x=0" in run("'if(x == 0, 5, x^2)' x=0 -n").out


def test_a_derivative_that_goes_on_along_a_kink_has_one(run):
    for formula in ("x*(max(y,0)-relu(-y))", "x*y+y*abs(y)", "x*y+abs(x)^3"):
        found = json.loads(run(f"'{formula}' x=0 y=0 --hessian --json").out)["hessian"]
        assert found["x"]["y"] == found["y"]["x"] == 1


def test_the_help_fits_80_columns(run):
    assert max(map(len, run("--help").out.splitlines())) <= 80


# ---- files are written whole or not at all


@pytest.mark.parametrize(
    "line",
    [
        "'log(x)' --plot x=-5..-1 -o {}.png",
        "'x*y' --plot x=-2..2 -o {}.png",
        "'sin(x)/x' --table y=0..100 -o {}.csv",
        "'sqrt(x)' x=-1 -o {}.tex",
        "'x*y' x=2 -o {}.md",
        "'sn(x)' x=1 -o {}.txt",
        "x^2 x=1 -o {}.nosuch",
        "'(x' --explain -o {}.html",
    ],
)
def test_a_failed_answer_leaves_the_file_alone(run, tmp_path, line):
    stem = tmp_path / "kept"
    line = line.format(stem)
    path = Path(line.rpartition(" ")[2])
    path.write_bytes(b"precious")
    status, out, err = run(line)
    assert status in (2, 3)
    assert (out, path.read_bytes()) == ("", b"precious")
    assert "wrote" not in err
    assert [*tmp_path.glob("*kept*")] == [path]


def test_formulas_can_be_read_from_a_file_and_answered_in_it(run, tmp_path):
    path = tmp_path / "x.txt"
    path.write_text("x = 3\nx^2\n")
    assert run(f"-f {path} -o {path}").err == f"wrote {path}\n"
    assert "value = 9" in path.read_text()


def test_a_full_disk_leaves_the_file_alone(run, tmp_path, monkeypatch):
    path = tmp_path / "kept.json"
    path.write_text("precious")

    def full(_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        status, _, err = run(f"x^2 x=1 -o {path}")
    assert (status, err) == (2, f"error: cannot write {path}: No space left on device\n")
    assert path.read_text() == "precious"
    assert [*tmp_path.glob("*kept*")] == [path]


def test_a_link_stays_one_and_rights_stay(run, tmp_path):
    path, link = tmp_path / "a.csv", tmp_path / "b.csv"
    path.write_text("")
    path.chmod(0o640)
    link.symlink_to(path)
    assert run(f"x^2 x=3 -o {link}").status == 0
    assert link.is_symlink()
    assert path.read_text().startswith("name,at")
    assert path.stat().st_mode & 0o777 == 0o640
    assert run("x^2 x=3 -q -o /dev/null").status == 0


def test_an_error_is_a_record_in_the_file_of_json_beside_answers_alone(run, tmp_path):
    path, script = tmp_path / "e.json", tmp_path / "script"
    assert run(f"'log(x)' x=-1 -o {path}").status == 3
    assert not path.exists()
    script.write_text("log(x) at x=-1\nlog(x) at x=1\n")
    assert run(f"-f {script} -o {path}").status == 3
    assert [json.loads(line)["verdict"] for line in path.read_text().splitlines()] == ["undefined", "agree"]


@pytest.mark.parametrize("line", ["--practice --json", "--practice -o {}", "--verify x.json --plain"])
def test_a_mode_passes_over_no_option(run, tmp_path, line):
    status, out, err = run(line.format(tmp_path / "sheet.txt"))
    assert (status, out) == (2, "")
    assert "does not go with" in err
    assert not [*tmp_path.glob("sheet*")]


def test_verdicts_on_functions_go_to_files_too(run, tmp_path):
    (tmp_path / "users.py").write_text("def grad(x): return 2*x\n")
    out = tmp_path / "v.json"
    assert run(f"--check-gradient 'x^2' {tmp_path}/users.py:grad --at x=1 -o {out}").status == 0
    assert json.loads(out.read_text())["verdict"] == "agrees"


@pytest.mark.parametrize("suffix", ["md", "html", "tex", "txt"])
def test_every_view_of_a_formula_is_a_page(run, tmp_path, suffix):
    for view in ("", "--check x=2*x", "--explain", "--steps", "--table x=0:1:1"):
        assert run(f"x^2 x=3 {view} -o {tmp_path}/p.{suffix}").status == 0, view
        assert "x" in (tmp_path / f"p.{suffix}").read_text()


# ---- parameters from a file


def test_a_formula_knows_what_a_file_names(run, tmp_path):
    path = tmp_path / "params.txt"
    path.write_text("L = 2\ng = 9.81  # m/s^2\n")
    assert run(f"-f {path} '2*pi*sqrt(L/g)' -q").out == "2.837006707\n"
    assert run(f"-f {path} '2*pi*sqrt(L/g)'").out.startswith("value = 2.837006707\n\nname    at ")
    assert run(f"-f {path} '2*pi*sqrt(L/g)' L=8 -q").out == "5.674013414\n"  # the command line has the last word
    path.write_text("L = 2\nL^2\n")
    assert run(f"-f {path} L+1").out == "L^2 = 4   dL 4   agree\nL + 1 = 3   dL 1   agree\n"
    path.write_text("L = (2\n")
    assert run(f"-f {path} x^2 x=1").status == 2
    assert "line 1" in run(f"-f {path} x^2 x=1").err


@pytest.mark.parametrize("value", ["nan", "-inf", "Infinity", "+NaN"])
def test_a_value_is_a_finite_number(run, value):
    status, out, err = run(f"x^2 x={value}")
    assert (status, out) == (2, "")
    assert err.startswith(f"error: 'x={value}' gives no number\n")
    assert run("'nan + 1' nan=2 -q").out == "3\n"


def test_brackets_without_end_are_a_mistake(run, tmp_path):
    (tmp_path / "users.py").write_text("def f(x): return x\n")
    deep = f"{tmp_path}/users.py:f {tmp_path}/users.py:f x={'[' * 20_000}1{']' * 20_000}"
    status, out, err = run(f"--check-gradient {deep}")
    assert (status, out) == (2, "")
    assert err.startswith("error: ")
    assert len(err) < 1000


def test_what_is_no_ordinary_file_is_written_to(tmp_path):
    out = tmp_path / "out.txt"
    with out.open("w") as stdout:
        subprocess.run(
            [*COMMAND, "-q", "x^2", "x=3", "-o", "/dev/stdout"], stdout=stdout, env=environment(), check=True
        )
    assert out.read_text() == "9\n"
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with subprocess.Popen([*COMMAND, "-q", "x^2", "x=3", "-o", str(pipe)], env=environment()):
        assert pipe.read_text() == "9\n"
    assert pipe.is_fifo()


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("'x*y' --check x=y y=x", "xy"),
        ("--check x=y y=x 'x*y' --at x=1 y=2", "xy"),
        ("'x*y' --check x=y --check y=x x=2 y=3", "xy"),
        ("'x*y' --check x=y y=2 x=3", "x"),  # a number is a value
        ("'x*y' --check 'dz/dx = y; ∂z/∂y = x'", "xy"),
        ("""'x^2' --check "f'(x) = 2x" --check dx=2x --check 'diff(x^2, x) = 2x'""", "xxx"),
    ],
)
def test_claims_side_by_side(run, line, names):
    done = run(line)
    assert done.status == 0
    assert [text[: len("correct: d/dx")] for text in done.out.splitlines()] == [f"correct: d/d{name}" for name in names]
    assert done.err == ""


def test_a_number_that_doubles_make_0_is_said_to_be_smaller(run):
    said = run("'exp(x)' x=-800 -n").out
    assert "value = 3.667874584e-348\n" in said
    assert "smaller than any double, and shown by balls: the value, d/dx\n" in said
    assert "smaller" not in run("'x^2' x=0 -n").out


@pytest.mark.parametrize(
    ("line", "value"), [("'1e300/(x*1e300)' x=1e10", "1e-10"), ("'(1 + x) - 1' x=1e-20", "1e-20"), ("'x - x' x=3", "0")]
)
def test_a_number_that_floats_lose_on_their_way_is_shown(run, line, value):
    assert f"value = {value}\n" in run(f"{line} -n").out


@pytest.mark.parametrize("line", ["x x=1 -o ''", "x=1 -f ' '"])
def test_an_empty_name_of_a_file_is_refused(run, line):
    status, out, err = run(line)
    assert (status, out) == (2, "")
    assert "the name of the file is empty" in err


def test_a_script_of_one_formula_is_written_as_that_formula_is(tmp_path, capsys):
    from gradcalc.cli import main

    script = tmp_path / "one.grad"
    script.write_text("u = a*b\nu^2\n")
    at = ["a=2", "b=3"]
    for suffix, view in (("svg", "--graph"), ("html", "--explain")):
        files = [tmp_path / f"{way}.{suffix}" for way in ("words", "script")]
        assert main(["u = a*b; u^2", *at, view, "-o", str(files[0])]) == 0
        assert main(["-f", str(script), *at, view, "-o", str(files[1])]) == 0
        assert files[0].read_text() == files[1].read_text()
    script.write_text("a*b\na + b\n")
    capsys.readouterr()
    assert main(["-f", str(script), *at, "--graph", "-o", str(tmp_path / "two.svg")]) == 2
    assert "a file .svg holds one formula" in capsys.readouterr().err


def test_a_file_is_given_once(run, tmp_path):
    (tmp_path / "a.grad").write_text("1 + 1")
    script = f"-f {tmp_path / 'a.grad'}"
    help = "help: several scripts: cat a.grad b.grad | gradcalc\n"
    assert run(f"{script} {script}") == Result(2, "", f"error: -f is given twice\n{help}")
    assert run(f"x x=1 -q -o={tmp_path / 'b.txt'}") == Result(0, "", f"wrote {tmp_path / 'b.txt'}\n")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("x^2 --table x=0..inf", "error: inf is not a number\n"),
        ("'sum(x^k, k=0..oo)' x=2", "error: a sum or a product ends at a whole number, not at oo\n"),
        ("x+oo", "note: oo is read as a name: infinity is no number here\n"),
        (
            "nan*x x=2",
            "error: no value for nan\n  nan*x\n  ^^^\nhelp: nan is read as a name: nan is no number here; or add",
        ),
        ("x^2 --table x=0:1e9:1 --latex", "error: a table of 1,000,000,001 rows is more than 100,000, the most"),
    ],
)
def test_what_is_not_finite(run, line, said):
    assert run(line).err.startswith(said)


def test_a_function_without_its_argument_is_noted_in_a_claim(run):
    said = run("'sin(x)' --check x=cos").out
    assert said.endswith(
        "note: cos is not in the formula\nnote: cos is read as a name; the function is called, as in cos(x)\n"
    )
    assert (
        run("--check-gradient f.py f.py:g x=1").err
        == "error: 'f.py' names no function in a file\nhelp: write FILE.py:name\n"
    )


def test_what_ends_as_a_folder_does_is_no_file(run, tmp_path):
    assert run(f"x^2 x=1 -o {tmp_path}/new/") == (2, "", f"error: cannot write {tmp_path}/new: Is a directory\n")
    assert not [*tmp_path.glob("new*")]


@pytest.mark.parametrize(
    "line",
    ["--grade FILE -o FILE", "a*x --fit y --data FILE --start a=1 -o FILE", "x --data FILE --bad FILE",
     "--verify FILE -o FILE", "--grade FILE -o LINK"],
)  # fmt: skip
def test_what_is_read_is_not_written_over(run, line, tmp_path):
    file, link = tmp_path / "kept.csv", tmp_path / "link.csv"
    file.write_text("x,y\n1,2\n")
    link.symlink_to(file)
    line = line.replace("FILE", str(file)).replace("LINK", str(link))
    status, out, err = run(line)
    assert (status, out) == (2, "")
    assert err.startswith(f"error: {line.split()[-1]} would take the place of what is read\n")
    assert file.read_text() == "x,y\n1,2\n"


@pytest.mark.parametrize(("formula", "status"), [("x^2+", 2), ("x^2", 0)])
def test_the_exit_status_is_right_where_nobody_can_be_told(formula, status):
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full")
    with open("/dev/full", "w") as full:
        done = subprocess.run([*COMMAND, formula, "x=1", "y=2"], stderr=full, stdout=subprocess.DEVNULL)
    assert done.returncode == status


def test_a_file_that_is_written_is_told(run, tmp_path):
    path, out = tmp_path / "pair.py", tmp_path / "out.html"
    path.write_text("def f(x): return x**2\ndef g(x): return 2*x\n")
    for line in (f"--check-gradient {path}:f {path}:g x=2", "x^2 --check x=2x", "--practice --sheet 1"):
        found = run(f"{line} -o {out}")
        assert (found.status, found.out) == (0, "")
        assert re.fullmatch(rf"wrote {re.escape(str(out))}(: 1 exercise with a key)?\n", found.err)
        assert out.read_text().startswith("<!DOCTYPE html>")


def test_what_fails_in_a_check_is_named(run, tmp_path):
    path = tmp_path / "pair.py"
    path.write_text("def f(x): return x**2\ndef g(x): return 2*x\ndef bad(x): raise KeyError('no')\n")
    assert f"error: {path}:bad fails: KeyError" in run(f"--check-gradient {path}:f {path}:bad x=2").err
    assert f"error: {path}:bad fails: " in run(f"--check-gradient {path}:bad {path}:g x=2").err
    other = tmp_path / "other.py"
    other.write_text("def late(x): raise RuntimeError('boom')\ndef none(x): x*2\n")
    said = run(f"--check-gradient {other}:late {path}:g x=2").err
    assert said.startswith(f"error: {other}:late fails: RuntimeError: boom\n")
    said = run(f"--check-gradient {path}:f {other}:none x=2").err
    assert said.startswith("error: the gradient answered None, which is no real number: is a return missing?\n")
    said = run(f"--check-gradient {path}:f x=2").err
    assert said.startswith("error: no grad was given, and f does not answer with (value, gradient)\n")
    assert said.endswith("help: write FILE.py:gradient after it\n")
    made = tmp_path / "made.py"
    made.write_text("space = {}\nexec('def inner(x): return [][3]', space)\ndef f(x): return space['inner'](x)\n")
    assert f"error: {made}:f fails: IndexError" in run(f"--check-gradient {made}:f {path}:g x=2").err
    found = run(f"--check-gradient {path}:f {path}:g x=0..3")
    assert (found.status, found.err) == (2, "error: 'x=0..3' is a range, not a point\nhelp: write --box x=0..3\n")
    assert run(f"--check-gradient {path}:f {path}:g --box x=0..3").status == 0
    found = run(f"--check-gradient {path}:f {path}:g --box x=0")
    assert (found.status, found.err) == (2, "error: 'x=0' is not a range\nhelp: write for example --box x=0:2,y=-1:1\n")


def test_a_derivative_of_one_call_is_read_as_on_paper(run):
    said = run("", stdin=":check d/dx sin(x^2) = 2x*cos(x^2)\n:check d/dx sin(x)*cos(x) = cos(2x)\n")
    assert said.out.startswith("correct: d/dx sin(x^2) = 2*x*cos(x^2), proved")
    assert "error in line 2: a derivative is written diff(formula, x)" in said.err


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "cp437"])
def test_pictures_of_text_are_drawn_with_what_the_output_can_hold(encoding):
    done = process("x^2*y", "x=1", "y=2", "--graph", env=environment(PYTHONIOENCODING=encoding))
    assert "|- ^" in done.stdout
    assert "\\u" not in done.stdout


def test_lines_may_end_as_they_once_did_on_a_mac(run):
    assert run("-n -q", "x = 3\rx^2\r") == Result(0, "9\n", "")


@pytest.mark.parametrize(
    ("line", "noted"),
    [
        ("exp(-t/tau) t=1", True), ("exp(-t/tau)", True), ("exp(-t/tau) t=1 tau=2", False), ("sin(tau*x) x=1", False),
        ("exp(-1/tau) --table tau=1:2:1", False), ("x/e x=1", False),
    ],
)  # fmt: skip
def test_a_time_constant_that_is_read_as_a_constant_is_noted(run, line, noted):
    assert ("tau is read as 2*pi; if a variable is meant" in run(line).err) is noted
