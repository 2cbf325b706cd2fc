"""Texts that attacked evaluators of expressions elsewhere, and what becomes of each here.

Formulas are read by our own grammar, so that the outcome of an attack is a mistake in words with a place in the text,
or a formula that is no more than a formula. What is written for people (terminal, SVG, HTML, Markdown, CSV, LaTeX) is
read back by a parser of that format.
"""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from dataclasses import asdict
from html.parser import HTMLParser
from pathlib import Path

import pytest

import gradcalc as gc
from gradcalc.cli import main
from gradcalc.cli.command import run
from gradcalc.settings import SETTINGS

AT = {"x": 0.5, "y": 2}

NOT_FORMULAS = [
    # attributes, subscripts and builtins of Python, as sympify and its like were led to evaluate
    "().__class__.__bases__[0].__subclasses__()",
    "x.__class__.__mro__[-1]",
    "x.func.__globals__['os']",
    "getattr(x, '__class__')",
    "__import__('os').system('touch TRACE')",
    "__builtins__['open']('TRACE', 'w')",
    "open('TRACE', 'w').write(x)",
    "exec('open(chr(84)+chr(82)+chr(65)+chr(67)+chr(69), chr(119))')",
    "eval(x)",
    "compile(x, x, x)",
    "globals()",
    "breakpoint()",
    "input()",
    "print(x)",
    "vars(x)",
    "x; import os",
    "from os import system",
    "lambda: x",
    "(lambda n: n)(x)",
    "[x for x in (1, 2)]",
    "{x: y}",
    "x if y else 0",
    "(x := 1)",
    "f'{x.__class__}'",
    "'{0.__class__}'.format(x)",
    "'%s' % x",
    "b'x'",
    "'x'*10^9",
    "x[0]",
    "x[::-1]",
    "*x",
    "**x",
    "@x",
    "yield x",
    "await x",
    "assert x",
    "del x",
    "raise x",
    "x\\\n+ 1",
    # names that computer algebra gives a meaning of its own
    "Symbol(x)",
    "sympify(x)",
    "Lambda(x, x)",
    "S.One",
    "x.subs(x, 2)",
    "N(x)",
    "Function(x)(x)",
    "parse_expr(x)",
    # JavaScript
    "cos.constructor('return process')()",
    "x.constructor.constructor(y)()",
    "import({x: 1})",
    "createUnit(x)",
    "x => x",
    "x ? y : 0",
    "`${x}`",
    "require(x)",
    "/*x*/ y",
    "x; // y",
    # templates, shells, spreadsheets, typesetting, pages
    "{{7*7}}",
    "{% x %}",
    "${7*7}",
    "#{7*7}",
    "<%= 7*7 %>",
    "$(id)",
    "`id`",
    "x | sh",
    "x && id",
    "x > TRACE",  # a comparison where a number is asked
    "=1+1",
    "=HYPERLINK(x)",
    "@SUM(x)",
    "\\input{/etc/passwd}",
    "\\write18{id}",
    "\\def\\x{y}\\x",
    "<script>alert(1)</script>",
    "<img src=x onerror=y>",
    "&lt;x&gt;",
    "x' OR '1'='1",
    "x; DROP TABLE y; --",
    "../../etc/passwd",
    "file:///etc/passwd",
    "%00",
    # bytes and marks
    "x\x00",
    "x\x1b[31m",
    "x\x1b]0;y\x07",
    "x\x9b31m",
    "x\b\by",
    "x\u202e+ 1",
    "x\u2066y",
    "\ud800",
]


ANSWERED_IN_A_SESSION = {"#{7*7}", "x > TRACE"}  # a remark, and whether it is so


@pytest.fixture(autouse=True)
def nothing_is_left(tmp_path, monkeypatch):
    """Where a test runs, no attack has made its file."""
    monkeypatch.chdir(tmp_path)
    yield
    assert not (tmp_path / "TRACE").exists()


def harmless(text: str) -> bool:
    return all(c.isprintable() or c in "\n\t" for c in text)


def refused(ask, text):
    with pytest.raises(gc.FormulaError) as error:
        ask(text)
    diagnostic = error.value.diagnostic
    assert 0 <= diagnostic.span.start <= diagnostic.span.end <= len(diagnostic.span.source)
    assert harmless(str(error.value)), str(error.value)


@pytest.mark.parametrize("text", NOT_FORMULAS, ids=ascii)
def test_it_is_refused_as_a_formula_a_claim_and_a_value(text):
    refused(lambda text: gc.evaluate(text, AT), text)
    refused(lambda text: gc.check_derivative("x*y", "x", text), text)
    refused(lambda text: gc.evaluate("x*y", {"x": text, "y": 1}), text)


@pytest.mark.parametrize("text", [text for text in NOT_FORMULAS if text not in ANSWERED_IN_A_SESSION], ids=ascii)
def test_a_line_of_a_session_is_refused_and_the_session_goes_on(text):
    session = gc.Session()
    session.line("x = 0.5; y = 2")
    with pytest.raises(gc.FormulaError) as error:
        session.line(text)
    assert harmless(str(error.value))
    assert session.line("x*y")[-1]
    assert set(session.names) == {"x", "y"}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("__class__ = 2; __class__ + 1", 3),
        ("__builtins__ = 2; __builtins__^2", 4),
        ("self = 2; None_ = 3; self*None_", 6),
        ("S = 2; N = 3; I = 4; zoo = 5; oo = 6; S + N + I + zoo + oo", 20),
        ("lambda = 2; lambda^2", 4),
        ("os = 2; os/2", 1),
        ("eval = 3; eval*1", 3),
    ],
)
def test_names_that_mean_something_elsewhere_are_names(text, value):
    assert gc.evaluate(text) == value
    assert gc.evaluate(text, certified=True) == value


TOO_MUCH = [
    *("9**9**9**9", "9^9^9^9", "(10^10)^10^10", "2^(2^(2^(2^(2^2))))", "0.1^9^9^9", "x^1e300*1e300^x*9^9^9"),
    *("1e999999999", "1e-999999999", "((1e308*10)*10)*10", "factorial(10^9)", "gamma(1e300)", "exp(exp(exp(x + 9)))"),
]


@pytest.mark.parametrize("certified", [False, True])
@pytest.mark.parametrize("text", TOO_MUCH)
def test_what_asks_for_too_much_is_answered(text, certified):
    try:
        answer = str(gc.evaluate(text, AT, certified=certified))
    except gc.FormulaError as error:
        answer = str(error)
    assert answer not in ("inf", "nan")
    assert harmless(answer)


# ---- what is written for people


@pytest.fixture
def asked(capsys, monkeypatch):
    """Runs the command in this process, as `test_nor_does_the_prompt` does in one of its own."""
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setattr(sys, "stdin", io.StringIO())

    def ask(*words, **environment):
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        status = main([*words])
        return (*capsys.readouterr(), status)

    return ask


RED = "\x1b[31m"
MARKED = f"s{RED}\u202e"


@pytest.mark.parametrize(
    "words",
    [
        [f"x{RED}"],
        ["-f", f"none{MARKED}"],
        ["--verify", f"none{MARKED}"],
        ["x", "-o", f"none{MARKED}/a.json"],
        ["x", "-o", f"a.{MARKED}"],
        ["x", "--at", f"x{RED}=1"],
        ["x", f"x={RED}"],
        ["--wrt", RED, "x"],
        [f"--f{RED}", "x"],
        ["--color", RED, "x"],
        ["--check-gradient", f"none{MARKED}.py:f", "none.py:g", "--at", "x=1"],
        ["--plot", f"x=0:1{RED}", "x"],
        ["--order", RED, "x"],
    ],
    ids=ascii,
)
def test_no_argument_steers_the_terminal(words, asked):
    out, err, status = asked(*words)
    assert status
    assert harmless(out + err), out + err
    assert "Traceback" not in err


def test_nor_does_a_file_its_name_or_the_configuration(tmp_path, asked):
    script = tmp_path / f"{MARKED}.txt"
    script.write_text(f"1 + 1\n# {MARKED}\nx{MARKED}\n:load {MARKED}\n", "utf-8")
    (tmp_path / "gradcalc").mkdir()
    out, err, status = asked("-f", str(script), XDG_CONFIG_HOME=str(tmp_path))
    assert status
    assert harmless(out + err), out + err
    for text in ('digits = "\\u001b[31m"\n', f"{RED} = \n", '"\\u001b[31m" = 1\n', "a = " + "[" * 5000):
        (tmp_path / "gradcalc" / "config.toml").write_text(text)
        out, err, _ = asked("x", "x=1", XDG_CONFIG_HOME=str(tmp_path))
        assert harmless(out + err), out + err


def test_settings_that_cannot_be_read_are_said(tmp_path, asked):
    (tmp_path / "gradcalc").mkdir()
    path = tmp_path / "gradcalc" / "config.toml"

    def said():
        out, err, status = asked("x", "x=1", XDG_CONFIG_HOME=str(tmp_path))
        assert status == 2
        assert not out
        return err

    path.write_text("digits = " + "9" * 5000)
    assert "thousands of digits" in said()
    path.write_text("digits = 1e400")
    assert "'1e400' is not a whole number" in said()
    path.unlink()
    path.symlink_to("/dev/zero")
    assert "it has more than 5,000,000 bytes" in said()
    path.unlink()
    os.mkfifo(path)
    assert "it is a pipe" in said()
    with pytest.raises(ValueError, match="is more than 1000000"):
        SETTINGS["digits"].read("9" * 5000)


def test_nor_does_the_prompt():
    commands = ["load", "save", "help", "set", "set digits", "delete", "plot x x=0:1 -o", "precision", "table", "check"]
    lines = [
        *(f":{command} none{MARKED}/x" for command in commands),
        f":{RED}",
        f"${RED}",
        f"x{MARKED}",
        f"{RED}?",
        "1+1",
    ]
    command = [sys.executable, "-m", "gradcalc", "-i"]
    done = subprocess.run(
        command, input=("\n".join(lines) + "\n").encode(), capture_output=True, timeout=120,
        env={**os.environ, "NO_COLOR": "1", "TERM": "dumb"},
    )  # fmt: skip
    out, err = (part.decode(errors="replace") for part in (done.stdout, done.stderr))
    assert harmless(out + err), out + err
    assert "internal error" not in out
    assert out.rstrip().endswith("2")


def test_certificates_claim_nothing_by_themselves(tmp_path, capsys, asked):
    path = tmp_path / "c.json"
    main(["--check", "x=cos(x)", "--json", "sin(x)"])
    honest = json.loads(capsys.readouterr().out.splitlines()[0])
    forged = [
        {**honest, "claims": [{**one, "claim": "x"} for one in honest.get("claims", [])], "claim": "x"},
        {**honest, "formula": f"x{RED}"},
        {"verdict": "proved"},
        [],
        None,
        "__import__('os')",
    ]
    for document in forged:
        path.write_text(json.dumps(document))
        status = main(["--verify", str(path)])
        out, err = capsys.readouterr()
        assert status, (document, out, err)
        assert harmless(out + err), out + err
        assert "internal" not in err
    path.write_text("[" * 100_000)
    out, err, status = asked("--verify", str(path))
    assert status
    assert "Traceback" not in err
    assert "internal" not in err


# ---- pictures, pages, tables

LABEL = '</title></svg><script>alert("1")</script> ]]> & "q" \\ {x|y} <b> %x -->'
CONDITION = "if(x < y and y > 0, x^2*y, -x)"


class Page(HTMLParser):
    """The elements of a page and its text."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.text, self.open = set(), "", []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        assert not any(name.startswith("on") or "javascript:" in (value or "") for name, value in attributes)

    def handle_data(self, data):
        self.text += data


def test_a_label_is_text_in_a_picture():
    value = gc.Value(2.0, label=LABEL)
    drawn = gc.draw_dot(value * value)
    picture = ElementTree.fromstring(drawn._repr_svg_())
    elements = {element.tag.rpartition("}")[2] for element in picture.iter()}
    assert not elements & {"script", "b", "a", "image", "foreignObject"}
    assert any("<script>" in (element.text or "") for element in picture.iter())
    assert '\\"1\\"' in drawn.source  # within a string of DOT
    assert not re.search(r"<script|<b>", drawn.mermaid())


def test_a_formula_is_text_in_a_picture_and_a_page():
    assert ElementTree.fromstring(gc.draw_formula(CONDITION, AT)._repr_svg_()) is not None
    results = (gc.explain(CONDITION, AT), gc.agreement(CONDITION, AT), gc.check_derivative(CONDITION, "x", CONDITION))
    for result in results:
        page = Page(result._repr_html_())
        assert not page.tags & {"script", "img", "a", "iframe", "x", "y"}
        assert "<" in page.text


@pytest.mark.parametrize("words", [["x", "y"], ["--table", "x=0:1:0.5", "y=2"]])
def test_no_cell_of_a_table_is_a_command(words, asked):
    """A spreadsheet computes cells that begin with = + - @: none does but numbers, and formulas without a quote."""
    options = words if words[0] == "--table" else ["x=0.5", "y=2"]
    _out, err, status = asked("-o", "t.csv", f"-{CONDITION}", *options)
    assert not status, err
    for row in csv.reader(io.StringIO(Path("t.csv").read_text())):
        for cell in row:
            assert cell[:1] not in ("=", "+", "@", "\t", "\r")
            assert not (cell[:1] == "-" and re.search(r"[\"'|!;]", cell)), cell


def test_latex_holds_no_command_of_the_formula(asked):
    written = asked("--latex", "cos(x_1)*été + if(x < y, input, write18)", "x_1=1", "x=1", "y=2", "été=1", "input=1",
                    "write18=2")[0]  # fmt: skip
    assert written
    assert not re.search(r"\\(input|write|def|include|catcode|csname|immediate|openout|read)\b", written)
    assert written.count("{") == written.count("}")


# ---- files


@pytest.mark.parametrize("option", ["-f", "--data", "--grade", "--verify"])
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("a\0b", "cannot read a"),
        ("/dev/zero", "more than|no certificate|a NUL|UTF-8|bytes"),
        ("x" * 300, "File name too"),
    ],
)
def test_a_file_that_is_none_or_never_ends_is_an_error_in_words(option, name, said, capsys):
    if name.startswith("/dev") and not Path(name).exists():
        pytest.skip("the system has no such file")
    words = [option, name] if option in ("--grade", "--verify") else ["x^2", "x=1", option, name]
    limits = asdict(gc.LIMITS)
    gc.LIMITS.text = 10_000
    try:
        assert run(words) == 2
    finally:
        gc.LIMITS.change(limits)
    assert re.search(said, capsys.readouterr().err)


def test_a_cell_may_be_longer_than_python_reads_at_once(tmp_path, capsys):
    table = tmp_path / "t.csv"
    table.write_text(f"{'n' * 200_000},x\n1,2\n")
    assert run(["x^2", "--data", str(table), "-o", str(tmp_path / "out.csv")]) == 0
    assert (tmp_path / "out.csv").read_text().endswith("1,2,4,4\n")


@pytest.mark.parametrize(
    "text", ["f = function(x) x }", "x = y if", "x = y ? z", "a if b", "x = if z then", "let x = "]
)
def test_a_run_of_spaces_takes_no_more_time_than_one(text: str) -> None:
    """A pattern that tries every way to share out 400 of them does not come to an end."""
    with pytest.raises(gc.FormulaError) as one:
        gc.parse(text)
    with pytest.raises(gc.FormulaError) as many:
        gc.parse(text.replace(" ", " " * (400 // text.count(" "))))
    assert " ".join(many.value.message.split()) == one.value.message
