"""One record for what can be asked, one for what can be set: the command and the prompt say the same."""

import os
import re
import shlex
import sys

import pytest

from gradcalc import cli
from gradcalc.cli import arguments, config
from gradcalc.language.claims import read_claims
from gradcalc.language.errors import FormulaError
from gradcalc.prompt import COMMANDS, SETTINGS, Console, enter
from gradcalc.settings import SETTINGS as ALL_SETTINGS
from gradcalc.studies import STUDIES, Takes

FORMULA, POINT = "x^2*sin(y) + abs(x)", "x=2 y=3"
ASKED = {  # words for the option, and the argument of the command
    "gradient": ("", ""),
    "check": ("--check 'x=2*x*sin(y) + 1'", "diff({}, x) = 2*x*sin(y) + 1 at x=2, y=3"),
    "explain": ("--explain", ""),
    "steps": ("--steps", ""),
    "graph": ("--graph", ""),
    "plot": ("--plot x=0:3", "{} x=0:3"),
    "code": ("--code c", "c {}"),
    "table": ("--table x=0:3:1", "{} x=0:3:1"),
}


@pytest.fixture
def command(capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)

    def run(line):
        status = cli.main(shlex.split(line))
        out, err = capsys.readouterr()
        return status, out, err

    return run


def at_the_prompt(text):
    console = Console()
    "".join(enter(console, "x = 2; y = 3"))
    return "".join(enter(console, text))


OF_FORMULAS = [study for study in STUDIES if study.takes is not Takes.DATA]  # fits are in test_fitting


@pytest.mark.parametrize("study", OF_FORMULAS, ids=lambda study: study.name)
def test_the_option_and_the_command_say_the_same(command, study):
    words, argument = ASKED[study.name]
    if study.takes is Takes.RANGES:
        pytest.importorskip("plotext")
    _, told, _ = command(f"'{FORMULA}' {POINT} {words}")
    asked = at_the_prompt(f":{study.name} {argument.format(FORMULA) or FORMULA}")
    assert asked
    assert told.removeprefix("value = 2.564480032\n\n" if study.name == "explain" else "") == asked


@pytest.mark.parametrize("study", [s for s in STUDIES if s.takes is Takes.NAMES], ids=lambda study: study.name)
def test_names_are_heeded_by_both(command, study):
    words, _ = ASKED[study.name]
    _, told, _ = command(f"'{FORMULA}' {POINT} {words} -w y")
    assert told.removeprefix("value = 2.564480032\n\n" if study.name == "explain" else "") == at_the_prompt(
        f":{study.name} {FORMULA}, y"
    )


@pytest.mark.parametrize(
    "study", [s for s in OF_FORMULAS if s.name not in ("graph", "plot", "code")], ids=lambda study: study.name
)
def test_both_write_the_same_file(command, tmp_path, study):
    words, argument = ASKED[study.name]
    command(f"'{FORMULA}' {POINT} {words} -o one.md")
    told = at_the_prompt(f":{study.name} {argument.format(FORMULA) or FORMULA} -o two.md")
    assert told == "wrote two.md\n"
    one, two = ((tmp_path / name).read_text() for name in ("one.md", "two.md"))
    assert one.removeprefix("```\nvalue = 2.564480032\n```\n\n") == two.removeprefix(
        "```\nvalue = 2.564480032\n```\n\n"
    )


def test_help_and_commands_come_from_the_records(command):
    _, told, _ = command("--help")
    for study in STUDIES:
        assert COMMANDS[study.name].doc == study.doc
        assert not study.optional or f"--{study.name}" in told
    assert all(f"--{setting.name} " in told for setting in ALL_SETTINGS.values() if setting.metavar is not None)


# ---- several claims, several ranges


@pytest.mark.parametrize(
    ("text", "claims"),
    [
        ("x=2*x", [("x", "2*x")]),
        ("x=y; y=x", [("x", "y"), ("y", "x")]),
        ("x = max(y, 1), y=x", [("x", "max(y, 1)"), ("y", "x")]),
        ("x=if(x >= 0, 1, 2), y=3", [("x", "if(x >= 0, 1, 2)"), ("y", "3")]),
        ("-sin(x)", [("", "-sin(x)")]),  # by the only name that the formula has
        ("if(x == 1, 2, 3)", [("", "if(x == 1, 2, 3)")]),
        ("x=t = 2*x; t*y", [("x", "t = 2*x; t*y")]),  # a program, whose last formula is the claim
    ],
)
def test_claims_in_one_text(text, claims):
    assert [(claim.name, str(claim.formula)) for claim in read_claims([text])] == claims


@pytest.mark.parametrize(
    ("text", "message", "place"),
    [
        ("=2", "'=' has nothing on its left", "="),
        ("x=", "'=' has nothing on its right", ""),
        ("2*x=3", "--check needs NAME=FORMULA", "2*x"),
        ("x=2, y", "a claim is needed", "y"),
        ("x=2, y, 3,14", "a claim is needed", "y"),
        ("x=2, y, 1,2,3", "a claim is needed", "y"),
        ("d^2/dx^3=2", "--check needs NAME=FORMULA", "d^2/dx^3"),
        ("x=sn(2)", "unknown function 'sn'", "sn"),
    ],
)
def test_what_is_no_claim(text, message, place):
    with pytest.raises(FormulaError) as caught:
        read_claims([text])
    assert (caught.value.message, caught.value.diagnostic.span.text) == (message, place)


def test_every_claim_of_a_text_is_judged(command):
    status, told, _ = command("'sin(x^2)*y' --check 'x=2*x*cos(x^2)*y; y=sin(x^2)'")
    assert (status, told.count("correct: d/d")) == (0, 2)
    status, told, _ = command("'sin(x^2)*y' --check 'x=2*x*cos(x^2)*y, y=sin(x)'")
    assert status == 1
    assert told.splitlines()[1] == "WRONG: d/dy sin(x^2)*y is not sin(x)"


def test_a_function_alone_is_asked(command):
    assert command("'f(x)=x^2' x=3")[1].startswith("value = 9\n")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("'x^2' --grade answers.csv", "--grade does not go with 'x^2'"),
        ("--grade answers.csv --explain", "--grade does not go with --explain"),
        ("'x^2' --code python -o f.js", "a file .js does not hold python"),
        ("'a*x' --fit y --data d.csv --start a=1±0.1", "a begins at a number, which has no uncertainty"),
        ("'x^2' 'x=2±5%'", "an uncertainty is a number, no percentage"),
    ],
)
def test_what_nothing_would_go_by_is_refused(command, words, said):
    status, _, complaint = command(words)
    assert (status, complaint.splitlines()[0]) == (2, f"error: {said}")


def test_several_functions_of_code_stand_in_one_file(command):
    _, told, _ = command("'erfinv(x); erfinv(x)*y' --code javascript")
    assert re.findall(r"function (erfinv\w*|value_and_gradient\w*)", told) == [
        "erfinv", "value_and_gradient", "erfinv_2", "value_and_gradient_2",
    ]  # fmt: skip


def test_an_uncertainty_is_missed_only_where_it_counts(command):
    assert command("'x^2' x=2±0.1 --table x=0:1:1")[2] == ""
    assert command("'x^2' x=2±0.1 --code c")[2] == ""
    assert "without the uncertainty of y" in command("'x*y' x=2±0.1 y=1±0.1 --table x=0:1:1")[2]


def test_a_claim_may_leave_out_the_only_name(command):
    status, told, _ = command("'cos(x)' --check '-sin(x)'")
    assert (status, told) == (0, "correct: d/dx cos(x) = -sin(x), proved for all x\n")
    assert command("'a*cos(x)' --check '-a*sin(x)'")[0] == 2
    assert command("'3' --check '0'")[0] == 2


@pytest.mark.parametrize("words", ["--plot x=-2..2 y=-1..3", "--plot x=-2..2,y=-1..3", "--plot x=-2..2 --plot y=-1..3"])
def test_ranges_stand_side_by_side(command, tmp_path, words):
    pytest.importorskip("matplotlib")
    assert command(f"'x^2 + y' {words} -o p.png") == (0, "", "wrote p.png\n")
    assert (tmp_path / "p.png").read_bytes().startswith(b"\x89PNG")


def test_a_range_that_nothing_takes_says_what_would(command):
    status, _, err = command("x^2 x=0..1")
    assert (status, err) == (2, "error: 'x=0..1' is a range\nhelp: write --plot x=0..1, --table or --box\n")
    assert "one range or two" in command("x*y*z --plot x=0..1 y=0..1 z=0..1")[2]
    assert "a table has one range" in command("x*y --table x=0:1:1 y=0:1:1")[2]


# ---- settings


@pytest.mark.parametrize("setting", ALL_SETTINGS.values(), ids=lambda setting: setting.name)
def test_a_setting_is_written_as_it_is_read(setting):
    assert setting.read(setting.write(setting.default)) == setting.default or setting.name == "time-limit"


@pytest.mark.parametrize(
    ("name", "text", "dest"),
    [("keys", "vi", "vi"), ("symbolic", "off", "numeric"), ("ascii", "on", "ascii"), ("digits", "4", "digits")],
)
def test_a_setting_means_the_same_everywhere(monkeypatch, tmp_path, name, text, dest):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    expected = ALL_SETTINGS[name].read(text)
    (tmp_path / "gradcalc").mkdir()
    (tmp_path / "gradcalc" / "config.toml").write_text(f'{name} = "{text}"\n')
    assert getattr(arguments.read(["x"])[0], dest) == expected
    (tmp_path / "gradcalc" / "config.toml").unlink()
    monkeypatch.setenv(ALL_SETTINGS[name].variable, text)
    assert getattr(arguments.read(["x"])[0], dest) == expected
    console = Console()
    assert "".join(enter(console, f":set {name} {text}")) == f"{name} = {text}\n"
    holder = console if hasattr(console, dest) else console.session.options
    assert getattr(holder, dest) == expected
    assert name in SETTINGS
    assert os.path.basename(config.path()) == "config.toml"


def test_a_wrong_value_is_the_same_mistake_everywhere(command, monkeypatch):
    with pytest.raises(FormulaError, match="'maybe' is neither on nor off"):
        "".join(enter(Console(), ":set ascii maybe"))
    monkeypatch.setenv("GRADCALC_ASCII", "maybe")
    assert command("x")[2].startswith("error: GRADCALC_ASCII: 'maybe' is neither on nor off")


# ---- what is said of the command itself


def test_what_the_command_says_of_itself_needs_nothing_heavy():
    import subprocess

    for word in ("--version", "-h", "--help"):
        code = f"import sys\nfrom gradcalc.cli import main\nmain([{word!r}])\nprint(*sys.modules)"
        shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
        loaded = {*shown.splitlines()[-1].split()}
        assert not loaded & {"sympy", "flint", "lark", "numpy", "gradcalc.session", "gradcalc.show", "gradcalc.engine"}
        assert not loaded & {"typing", "re", "argparse", "gradcalc.language"}


def test_a_numeric_answer_imports_nothing_that_it_does_not_need():
    import subprocess

    code = "import sys\nfrom gradcalc.cli import main\nmain(['-n', 'x*y', 'x=2', 'y=3'])\nprint(*sys.modules)"
    others = {"sympy", "numpy", "lark", "dataclasses", "inspect", "subprocess", "pathlib", "shutil", "flint"}
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {*run.stdout.splitlines()[-1].split()} & others


# ---- what is typed at the prompt


def test_a_claim_may_be_of_a_function_of_ones_own():
    console = Console()
    "".join(enter(console, "f(x) = x^2*exp(-x)"))
    for claim in ("f'(x) = (2x - x^2)*exp(-x)", "diff(f(x), x) == (2x - x^2)*exp(-x)"):
        assert "".join(enter(console, f":check {claim}")).startswith("correct: d/dx f(x) = ")
    assert "".join(enter(console, ":check f''(x) = 2")).startswith("WRONG: d^2/dx^2 f(x) is not 2")
    "".join(enter(console, "g(t) = a*t^3"))
    for claim in ("g'(x) = 3*a*x^2", "g'(t) = 3*a*t^2", "g''(z) = 6*a*z", "dg/dx = 3*a*x^2"):
        assert "".join(enter(console, f":check {claim}")).startswith("correct: d"), claim
    assert "".join(enter(console, ":check dg/da = t^3")).startswith("correct: d/da g(t) = t^3")
    assert "".join(enter(console, ":check g' = 3*a*t^2")).startswith("correct: d/dt g(t) = ")
    assert "".join(enter(console, ":check dg/da = 3*a*t^2")).startswith("WRONG: d/da g(t) is not")
    with pytest.raises(FormulaError, match=r"g'\(a\) is g'\(t\) at t = a") as caught:
        "".join(enter(console, ":check g'(a) = 3*a^3"))  # which is so
    assert caught.value.help == "claim it as g'(t) = ..."


def test_ranges_know_what_is_named():
    console = Console()
    "".join(enter(console, "a = 2; b = a*pi"))
    rows = "".join(enter(console, ":table cos(x) x=0:b:b/2")).splitlines()
    assert [row.split()[:2] for row in rows[1:]] == [["0", "1"], ["3.141592654", "-1"], ["6.283185307", "1"]]


def test_a_tangent_is_drawn_where_the_name_has_a_value():
    pytest.importorskip("plotext")
    console = Console()
    "".join(enter(console, "x = 1"))
    assert "tangent at x=1: slope 2" in "".join(enter(console, ":plot x^2 x=0:3"))
