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
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import NamedTuple

import pytest

from gradcalc import __version__, cli, completion, session
from gradcalc.parser import parse


class Result(NamedTuple):
    status: int
    out: str
    err: str


@pytest.fixture
def run(capsys, monkeypatch):
    """Runs the command in this process, from a command line as typed into a shell."""
    for name in ("NO_COLOR", "FORCE_COLOR", "GRADCALC_DEBUG"):
        monkeypatch.delenv(name, raising=False)

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
        "error: no value for y\n  x*y\n    ^\nhelp: add y=..., or leave out --at for the symbolic answer\n",
    ),
    ("x^2 --jsn", 2, "error: unknown option --jsn\nhelp: did you mean --json?\n"),
    ("x^2 --zzzzz=3", 2, "error: unknown option --zzzzz\nhelp: gradcalc --help lists the options\n"),
    ("x^2 --at 3", 2, "error: --at needs NAME=VALUE, not '3'\nhelp: write for example --at x=2,y=pi/4\n"),
    ("x^2 x=1 x=2", 2, "error: x is given twice\nhelp: give each name one value\n"),
    ("x^2 -w z", 2, "error: z is not in the formula\n  x^2\n  ^^^\nhelp: its names are x\n"),
    ("x^2 --json --plain", 2, "error: --json and --plain are two ways to write an answer\nhelp: give one of them\n"),
    ("", 2, "error: there is no formula\nhelp: write one, such as x^2*sin(x)\n"),
    ("-n x*y", 2,
     "error: no value for x, y\n  x*y\n  ^\nhelp: add x=..., y=..., or leave out -n for the symbolic answer\n"),
    ("x -o /tmp/x.svg x=1", 2, "error: no view is written as .svg\nhelp: the formats are .json .csv .tex .txt\n"),
]  # fmt: skip


@pytest.mark.parametrize(("line", "status", "err"), MISTAKES, ids=[mistake[0] for mistake in MISTAKES])
def test_mistakes(run, line, status, err):
    assert run(line) == Result(status, "", err)


@pytest.mark.parametrize(
    "line",
    ["x=pi/", "x^2 x=2±0.1", "x^2 --at x=y", "x^2 pi=3", "x --digits 0", "x --digits", "x --time-limit nan",
     "x --precision 100000 x=1", "-f /nonexistent", "x -f /dev/null", "x --completion tcsh", "x;y=", "x -w ,",
     "'x = x + 1'", "x^2 x=1 -o /nonexistent/a.json"],
)  # fmt: skip
def test_other_mistakes_are_explained(run, line):
    status, out, err = run(line)
    assert (status, out) == (2, "")
    assert err.startswith("error: ")


def test_undefined_is_status_3_with_its_place(run):
    status, out, err = run("'log(x)/y' --at x=-1 y=2")
    assert (status, out) == (3, "")
    assert err.startswith("error: log needs x > 0, but its argument is -1\n  log(x)/y\n  ")
    assert run("x^2 x=1/0").status == 3


def test_disagreement_is_status_1(run, monkeypatch):
    wrong = {"x": parse("2*x"), "y": parse("x - y")}
    monkeypatch.setattr(session, "symbolic_gradient", lambda *_: (wrong, ""))
    status, out, err = run("'x^2 + x*y' x=3 y=-4 --time-limit 1")
    assert (status, err) == (1, "")
    assert out.endswith(
        "\nDISAGREE: 2 of 2 gradients differ from sympy\n  x: chain rule 2, sympy 6\n  y: chain rule 3, sympy 7\n"
    )


def test_missing_second_derivative_is_status_3(run):
    status, out, _ = run("'x*abs(x)' x=0 --hessian")
    assert status == 3
    assert out.endswith(
        "\nagree: 1 of 1 gradients, proved for all values\n\nhessian          x\nx        undefined\n\n"
        "d2/dx2 is missing: d/dx x*abs(x) has a corner at x=0: left -2, right 2\n"
    )


def test_unused_value_is_noted(run):
    status, out, err = run("x^2 x=1 zz=3")
    assert status == 0
    assert out.startswith("value = 1\n")
    assert err == "note: zz is not used in the formula\n"


def test_e_of_the_users_own_is_noted(run):
    assert run("e^2 -n -q e=3") == Result(0, "9\n", "note: e is your own name here, not Euler's number\n")
    assert run("e^0 -n -q") == Result(0, "1\n", "")


def test_badly_conditioned_is_said(run):
    out = run("'sin(1e5*x)' x=1/3").out
    assert re.search(r"^agree: 1 of 1 gradients.*; the float result keeps 1[0-2] of 16 digits \(badly cond", out, re.M)


def test_values_may_start_with_anything(run):
    assert run("-q -n 'x + y' x=-3 y=1e-3").out == "-2.999\n"
    assert run("-q -n -- -x x=-3").out == "3\n"
    assert run("-q -n -sin(x) x=0").out == "0\n"
    assert run("-q -n -3+2").out == "-1\n"
    assert run("-q -n 'max(x, y)' 'x=max(1, 2),y=1'").out == "2\n"


# ---- formats

JSON_FIELDS = [
    "formula", "value", "at", "gradient", "symbolic", "verdict", "proved", "reasons", "notes", "ulps", "digits",
    "order", "hessian", "precision", "certified", "version",
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


def test_json_of_an_error_keeps_the_line(run):
    status, out, err = run("--json", "log(0 - 1)\n2 + 3\n")
    first, second = map(strict, out.splitlines())
    assert (first["verdict"], second["value"]) == ("undefined", 5)
    assert "log needs x > 0" in first["error"]["message"]
    assert err.startswith("error: log")
    assert status == 3


def test_json_precision(run):
    found = strict(run("'exp(x)' x=1 --json -n --precision 100").out)
    assert found["precision"] == 100
    e = "2.71828182845904523536028747135"
    assert found["certified"] == {"value": e, "gradient": {"x": e}}


def test_files_by_suffix(run, tmp_path):
    starts = {".json": '{"formula"', ".csv": "name,at,gradient,symbolic,verdict\n", ".txt": "value = 9\n"}
    for suffix, start in starts.items():
        path = tmp_path / f"a{suffix}"
        assert run(f"x^2 x=3 -o {path}") == Result(0, "", f"wrote {path}\n")
        assert path.read_text().startswith(start)
    assert run("x^2 x=3 -q -o -").out == "9\n"


def test_latex_and_pretty(run):
    latex = run("'x^2/y' x=1 y=2 --latex")
    assert latex.status == 0
    assert r"\frac{\partial}{\partial x}" in latex.out
    assert "% agree: 2 of 2 gradients" in latex.out
    pretty = run("'x^2/y' x=1 y=2 --pretty --ascii")
    assert pretty.status == 0
    assert pretty.out.isascii()
    assert "agree: 2 of 2 gradients" in pretty.out


def test_ascii(run):
    assert run("-n 'α^2' α=3 --ascii").out.isascii()


# ---- scripts

SCRIPT = "x = 3\nx^2\nsin(x)/x   # sinc\n"
ANSWERS = "x^2 = 9   dx 6   agree\nsin(x)/x = 0.04704000269   dx -0.3456774998   agree\n"


def test_script_from_a_pipe_a_file_and_a_dash(run, tmp_path):
    path = tmp_path / "script.grad"
    path.write_bytes(b"\xef\xbb\xbf" + SCRIPT.replace("\n", "\r\n").encode())
    assert run("", SCRIPT) == Result(0, ANSWERS, "")
    assert run("-", SCRIPT) == Result(0, ANSWERS, "")
    assert run(f"-f {path}") == Result(0, ANSWERS, "")


def test_script_goes_on_after_an_error_and_reports_the_worst(run):
    status, out, err = run("-n", "x = 0\n1/x\nx + 1\n")
    assert status == 3
    assert out == "x + 1 = 1   dx 1   unchecked\n"
    assert err.startswith("error: division by zero\n  1/x\n")


def test_script_without_values_is_answered_in_symbols(run):
    assert run("", "x^2\n") == Result(0, "x^2   dx 2*x   agree\n", "")


def test_values_beside_a_script(run):
    assert run("-n y=2", "y^2\nx*y; x = 3\n").err.startswith("error: no value for x\n")
    assert run("-q y=2 zz=1", "y^2\ny + 1\n") == Result(0, "4\n3\n", "note: zz is not used in the formulas\n")


def test_several_formulas_in_one_argument(run):
    assert run("'x^2; x + 1' x=3").out == "x^2 = 9   dx 6   agree\nx + 1 = 4   dx 1   agree\n"


def test_script_that_is_not_text(run, tmp_path):
    path = tmp_path / "script"
    path.write_bytes(b"\xff\xfe\x00")
    assert run(f"-f {path}") == Result(2, "", f"error: {path} is not UTF-8 text\n")


# ---- the command about itself


def test_help_shows_what_runs(run):
    """Every example of --help prints what the help says."""
    text = run("--help").out
    assert run("-h").out == text
    examples = re.findall(r"^  \$ (.*)\n((?:(?:  .*)?\n)*?)(?=  \$|\S)", text, re.M)
    assert len(examples) == 6
    for line, shown in examples:
        before, _, command = line.rpartition(" | ")
        stdin = shlex.split(before)[1].replace("\\n", "\n") if before else ""
        expected = re.sub(r"^  ", "", shown, flags=re.M).strip("\n") + "\n"
        assert run(command.removeprefix("gradcalc"), stdin).out == expected


def test_help_lists_every_option_and_nothing_that_is_not_there(run):
    text = run("--help").out
    for later in ("--check", "--explain", "--graph", "--plot", "--table"):
        assert later not in text
    for option in cli._spelled(cli._arguments()):
        assert option in text


def test_version(run):
    assert run("-V") == run("--version") == Result(0, f"gradcalc {__version__}\n", "")


@pytest.mark.parametrize("shell", completion.SHELLS)
def test_completion_knows_every_option(run, shell):
    status, out, _ = run(f"--completion {shell}")
    assert status == 0
    for option in cli._spelled(cli._arguments()):
        spelled = f"-{'sl'[option[1] == '-']} {option.lstrip('-')}" if shell == "fish" else option
        assert re.search(rf"(?<![\w-]){spelled}\b", out)


@pytest.mark.parametrize("shell", completion.SHELLS)
def test_completion_scripts_load(shell):
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    script = completion.script(shell, cli._arguments())
    subprocess.run([shell, "-n"], input=script, text=True, check=True)


def test_internal_error_is_status_70_without_a_traceback(run, monkeypatch):
    def broken(*_):
        raise KeyError("oops")

    monkeypatch.setattr(cli, "_task", broken)
    assert run("x^2") == Result(70, "", "internal error: KeyError: 'oops', please report\n")


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
    return {**{name: value for name, value in os.environ.items() if name not in unwanted}, **more}


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
    for size in ({"rows": 8}, {"columns": 24}):
        _, written = on_terminal("(a*b + c)*f", "a=2", "b=-3", "c=10", "f=-2", NO_COLOR="1", **size)
        assert written == MAIN


def test_dumb_terminal_gets_plain_text():
    assert on_terminal("(a*b + c)*f", "a=2", "b=-3", "c=10", "f=-2", TERM="dumb")[1] == MAIN


def test_terminal_has_colour_unless_refused():
    assert "\x1b[33munchecked\x1b[0m" in on_terminal("-n", "x^2", "x=1")[1]
    assert "\x1b" not in on_terminal("-n", "x^2", "x=1", NO_COLOR="1")[1]


def test_terminal_without_a_formula_gets_a_usage():
    status, written = on_terminal()
    assert status == 2
    assert written.startswith("usage: gradcalc ")


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
    with subprocess.Popen([*COMMAND, "-f", str(fifo)], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
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


def test_output_that_cannot_be_encoded(tmp_path):
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
