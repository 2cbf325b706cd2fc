"""What the prompt answers, without a terminal: the transcript of its documentation, and every command."""

import errno
import os
import random
import re
import threading
import time
from base64 import b64decode
from pathlib import Path

import pytest

from gradcalc import prompt as commands, show as render
from gradcalc.language.errors import FormulaError
from gradcalc.language.functions import TABLE
from gradcalc.prompt import COMMANDS, SETTINGS, Console, Folders, Progress, continued, enter, files, unprompted
from gradcalc.prompt.completing import candidates
from gradcalc.prompt.descend import picture
from gradcalc.prompt.files import remembered
from gradcalc.prompt.live import Live
from gradcalc.prompt.remarks import Remark, remark
from gradcalc.session import Options, Session
from gradcalc.show import folded


@pytest.fixture
def console(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return Console(width=lambda: 80, folders=Folders(tmp_path / "state", tmp_path / "data", tmp_path / "config"))


def told(console, text):
    """The whole answer to a line, and after it the mistake if there is one."""
    out = ""
    try:
        for piece in enter(console, continued(console, unprompted(text))):
            out += "" if isinstance(piece, Progress) else piece
    except FormulaError as error:
        out += render.diagnostic(error.diagnostic)
    return out


TRANSCRIPT = """\
>> a = 2; b = -3; c = 10; f = -2
a = 2   b = -3   c = 10   f = -2
>> p = a*b
p = a*b = -6
>> L = (p + c)*f
L = (p + c)*f = -8
>> L
-8   da 6  db -4  dc -2  df 4   agree
   da b*f  db a*f  dc f  df a*b + c
>> :explain L
Node  Formula      Local derivative  Gradient
L     v1 * f = -8  seed              1
f     input = -2   dL/df = v1 = 4    1 * 4 = 4
v1    p + c = 4    dL/dv1 = f = -2   1 * (-2) = -2
c     input = 10   dv1/dc = 1        -2 * 1 = -2
p     a * b = -6   dv1/dp = 1        -2 * 1 = -2
b     input = -3   dp/db = a = 2     -2 * 2 = -4
a     input = 2    dp/da = b = -3    -2 * (-3) = 6
>> * 2
-16   da 12  db -8  dc -4  df 8   agree
>> g(x) = x^2*sin(x)
g(x) = x^2*sin(x)
>> g(x) at x=2
3.637189707   dx 1.972602361   agree
>> diff(g(x), x)
x^2*cos(x) + 2*x*sin(x)
>> :check diff(sin(x^2), x) = cos(x^2) at x=1.5
WRONG: d/dx sin(x^2) is not cos(x^2)
  correct  2*x*cos(x^2)
  claimed  cos(x^2)
  at x=1.5: correct -1.884520868, claimed -0.6281736227
hint: chain rule: the inner derivative is missing: multiply by d/dx (x^2) = 2*x
>> a = 4
a = 4   (was 2; p = -12, L = 4)
>> :undo
undid `a = 4`: a = 2, p = -6, L = -8   (:redo to do it again)
>> sqt(4)
error: unknown function 'sqt'
  sqt(4)
  ^^^
help: did you mean 'sqrt'?
>> :save lesson1
saved 8 statements to lesson1.grad (plain text; results kept as #> comments)
>> :reset
cleared a b c f g p L   (:undo brings them back)
>> :load lesson1
loaded lesson1.grad: 8 statements, 6 of 6 recorded results reproduced
>> a += 1
a = 3   (was 2; p = -9, L = -2)
>> :redo
error: there is nothing to do again
>> x*a
dx a  da x   agree
for numbers, give values: x = ...
>> x = x + 1
error: 'x' is defined by itself: x -> x
  x = x + 1
  ^^^^^^^^^
help: write x = 1 first, then x := x + 1 to give x that number now
>> abs(q) at q=0
0   dq 0   not differentiable
not differentiable: abs(q) has a corner at q=0: left -1, right 1; 0 is the
  convention
>> r = 1/(a - 3)
r = 1/(a - 3)   (division by zero)
>> :delete a
deleted a; without a value now: p, L, r   (:undo brings back)
>> L
da b*f  db a*f  dc f  df a*b + c   agree
for numbers, give values: a = ...
>> quit
error: nothing is named quit
  quit
  ^^^^
help: the command is :quit, or press Ctrl-D
>> explain p
error: nothing is named explain
  explain p
  ^^^^^^^
help: the command is :explain
>> :hlp
error: there is no command :hlp
  :hlp
  ^^^^
help: did you mean :help?
"""


def test_transcript(console):
    shown = ""
    for line in re.findall(r"^>> (.*)", TRANSCRIPT, re.M):
        shown += f">> {line}\n{told(console, line)}"
    assert shown == TRANSCRIPT


@pytest.mark.parametrize("command", COMMANDS.values(), ids=lambda command: command.name)
def test_the_example_of_every_command_works(console, command):
    told(console, "a = 2; w = 1; x = 3; g(t) = t^2")
    told(console, "a*x")
    told(console, ":save lesson1")
    console.edits = command.name == "copy"
    if command.name == "redo":
        told(console, ":undo")
    if command.name == "fit":
        told(console, ":delete x")  # which is a column here
        Path("points.csv").write_text("x,y\n1,2.1\n2,8\n3,18.3\n")
    assert "error:" not in told(console, command.example)
    assert console.ended == (command.name == "quit")


def test_help_is_derived_and_its_examples_are_run(console):
    first, everything = told(console, ":help"), told(console, ":help commands")
    assert first.count("\n") < 24  # a screen
    assert all(f":{name}" in first for name in COMMANDS)
    assert all(command.usage in everything and command.doc in everything for command in COMMANDS.values())
    for row in TABLE.values():
        about = told(console, f":help {row.symbol or row.spelling}")
        assert row.doc in about
        assert row.condition or f"{row.example[0]} = {row.example[1]}" in about
    assert "  d/dx        1/x\n  domain      x > 0\n" in told(console, "log?")
    told(console, "sin = 3; h(t) = t*2")
    assert told(console, "sin?").startswith("sin = 3\nsin(x)   sine\n")
    assert told(console, "h?") == "h(t) = t*2\n"
    assert "did you mean 'floor'" in told(console, "flor?")
    assert "sinc_derivative" not in told(console, ":help functions")
    assert told(console, "pi?") == "pi = 3.141592654   a constant\n"
    assert told(console, "ans?") == "ans, _, _3   the last result, the third\n"
    assert told(console, ":help :=").startswith("x := x + 1")
    assert "now         5\n" in told(console, ":help time-limit")
    assert "did you mean 'atan'" in told(console, "atn?")


def test_views(console):
    told(console, "x = 2; y = 3")
    assert told(console, ":gradient x*y").startswith("value = 6\n\nname  at  gradient  symbolic\n")
    assert told(console, ":hess x*y^3").endswith("hessian   x   y\nx         0  27\ny        27  36\n")
    assert told(console, ":diff x^2*y, x") == "d/dx = 2*x*y\n"
    assert told(console, ":diff t^2") == "d/dt = 2*t\n"
    assert told(console, ":latex x^2").startswith("x^{2} = 4\n")
    assert "unknown function" in told(console, ":hessian sn(x)")
    assert "one formula is needed" in told(console, ":hessian x = 3")
    assert told(console, ":time x*y").count("\n") == 4
    assert told(console, ":check diff(if(x >= 1, x, x^2), x) = 2*x").startswith("WRONG")
    assert "a claim is needed" in told(console, ":check diff(x^2, x)")
    assert told(console, ":table w^2").startswith("  w  value  d/dw\n-10    100   -20\n -8     64   -16\n")
    assert "a range is needed" in told(console, ":table v*w")
    assert told(console, ":table x^2 x=0:1:0.5").endswith("  1      1     2\n")
    assert told(console, ":graph x*y").startswith("node  data  grad\n*        6     1\n")


def test_a_long_definition_is_seen_whole_and_changed(console):
    loss = " + ".join(f"log(1 + exp(-{i}*w))" for i in range(12))
    told(console, f"w = 1; loss = {loss}; g(t) = {loss.replace('w', 't')}")
    console.width = lambda: 0
    assert told(console, "loss?").startswith(f"loss = {loss} = ")
    assert told(console, "g?") == f"g(t) = {loss.replace('w', 't')}\n"
    assert told(console, ":edit loss") == f"loss = {loss}\n"
    assert "means nothing" in told(console, ":edit q")
    console.edits = True
    assert (told(console, ":edit g"), console.begun) == ("", f"g(t) = {loss.replace('w', 't')}")


def test_a_name_after_at_that_the_formula_lacks_is_said(console):
    told(console, "x = 3")
    assert told(console, "k = inf") == (
        "k = inf   (no value for inf)\nnote: inf is read as a name: infinity is no number here\n"
    )
    assert told(console, "x^2 at z=3") == "9   dx 6   agree\nnote: z is not used in the formula\n"
    assert "z is not in the formula" in told(console, ":graph x^2 at z=3")
    told(console, "x^2 at x=3")
    assert told(console, ":graph") == "node  data  grad\n^        9     1\n├─ x     3     6\n└─ 2     2\n"


def test_pictures(console, tmp_path):
    told(console, "x = 2; y = 3")
    assert told(console, ":graph x*y -o g.dot") == "wrote g.dot: 3 nodes\n"
    assert (tmp_path / "g.dot").read_text().startswith("digraph")
    assert "this view is not written as .x" in told(console, ":graph x*y -o g.x")
    assert "cannot write" in told(console, ":graph x*y -o nowhere/g.dot")
    assert told(console, ":graph x -o y").startswith("error: -o needs the name of a file")
    pytest.importorskip("matplotlib")
    assert told(console, ":plot a*x*y a=0:1 -o p.svg") == "wrote p.svg\n"
    assert told(console, ":plot u*v u = 0:1, v=0..y -o q.svg") == "wrote q.svg\n"  # y has a value here
    assert told(console, ":plot u*v u = 0:1, v=0..k -o p.svg").startswith("error")
    assert told(console, ":plot u*v u=0:1 v=0..1 -o f.svg") == "wrote f.svg\n"


def test_no_table_is_wider_than_the_screen(console):
    console.width = lambda: 40
    told(console, "a = 2; b = -3; L = (a*b + 10)*sin(a)")
    for line in (":set", ":vars", ":explain L", ":steps L, a", ":help", ":help functions", "L"):
        assert max(map(len, told(console, line).split("\n"))) <= 40, line


def test_settings(console):
    assert all(name in told(console, ":set") for name in SETTINGS)
    assert told(console, ":digits 4; ").startswith("error")
    assert (told(console, ":digits 4"), told(console, "pi")) == ("digits = 4\n", "3.142\n")
    assert (told(console, ":set digits auto"), told(console, "pi")) == ("digits = auto\n", "3.141592654\n")
    told(console, ":precision 100")
    assert told(console, "pi") == "3.14159265358979323846264338328\n"
    told(console, ":precision off")
    assert told(console, ":set digits=5") == told(console, ":set digits = 5") == "digits = 5\n"
    assert "doubles     rounded from balls\n  columns     12 digits, where" in told(console, "gamma?")
    told(console, ":set symbolic off")
    assert told(console, "t^2 at t=3") == "9   dt 6   unchecked\n"
    for wrong, right in {"digts": "digits", "dig": "digits", "time": "time-limit", "limit": "time-limit"}.items():
        assert f"help: did you mean '{right}'?\n" in told(console, f":set {wrong} 3")
    assert "help: color is set where gradcalc starts: --color WHEN, GRADCALC_COLOR or" in told(console, ":set color on")
    for wrong in (":precision 1000000", ":precision x", ":set time-limit -1", ":set ascii maybe", ":set keys nano"):
        assert told(console, wrong).startswith("error: ")


def test_saving_never_overwrites(console, tmp_path):
    (tmp_path / "mine.grad").write_text("precious")
    told(console, "a = 2")
    assert "what was there is in mine.grad~" in " ".join(told(console, ":save mine").split())
    assert (tmp_path / "mine.grad~").read_text() == "precious"
    assert told(console, ":save mine") == ("saved 1 statement to mine.grad (plain text; results kept as #> comments)\n")
    assert told(console, ":save /nowhere/at/all").startswith("error: cannot write")


def test_a_full_disk_costs_nothing_that_was_there(console, tmp_path, monkeypatch):
    def full(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    (tmp_path / "mine.grad").write_text("precious")
    told(console, "a = 2")
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        for _ in range(2):
            assert told(console, ":save mine") == "error: cannot write mine.grad: No space left on device\n"
    assert [path.name for path in tmp_path.iterdir()] == ["mine.grad"]
    assert (tmp_path / "mine.grad").read_text() == "precious"
    told(console, ":save mine")
    assert (tmp_path / "mine.grad~").read_text() == "precious"
    assert (tmp_path / "mine.grad").read_text().endswith("a = 2\n")


@pytest.mark.parametrize("command", [":save", ":load"])
@pytest.mark.parametrize(
    ("name", "said"),
    [
        (".", "is a folder"),
        ("..", "is a folder"),
        ("/", "is a folder"),
        ("~nosuch/x", "nobody here is called nosuch"),
        ("a" * 300, "a file cannot be called aaa"),
        ("s\x1b[31m", r"a file cannot be called s\x1b[31m"),
        ("a\0b", r"a file cannot be called a\x00b"),
    ],
)
def test_names_that_no_file_has(console, command, name, said):
    told(console, "a = 2")
    answer = told(console, f"{command} {name}")
    assert answer.startswith("error: ")
    assert said in answer
    assert answer.replace("\n", "").isprintable()


def test_short_sessions_never_push_out_a_long_one(tmp_path):
    folders = Folders(tmp_path / "state", tmp_path / "data")
    folders.sessions.mkdir(parents=True)
    for i, text in enumerate(["a = 1\nb = 2\nc = a*b\n"] + ["1 + 1\n"] * 60):
        folders.own = folders._new().with_name(f"{i:03}-ended.grad")
        folders.own.write_text(f"# gradcalc\n{text}")
        os.utime(folders.own, (i, i))
    names = [kept.name for kept in Folders(tmp_path / "state", tmp_path / "data").kept()]
    assert len(names) <= 41
    assert names[0] == "060-ended"
    assert names[-1] == "000-ended"


def test_a_session_that_goes_on_in_another_prompt_is_not_pushed_out(tmp_path):
    folders = Folders(tmp_path / "state", tmp_path / "data")
    folders.sessions.mkdir(parents=True)
    going_on = folders.sessions / f"20000101-000000-{os.getppid()}.grad"
    going_on.write_text("a = 1\n")
    os.utime(going_on, (0, 0))  # the oldest, and as short as any
    for i in range(50):
        (folders.sessions / f"20200101-0000{i:02}-x.grad").write_text("a = 1\nb = 2\n")
    folders.keep("a = 1\n")
    assert going_on.exists()
    assert len(folders.kept()) < 45


def test_kept_sessions_are_listed_completed_and_loaded(console):
    assert told(console, ":sessions") == "no earlier session was kept\n"
    assert remembered(console) == ""
    console.folders.sessions.mkdir(parents=True)
    (console.folders.sessions / "20260102-101112-999999999.grad").write_text("# gradcalc\nk = 7\nk + 1\n#> 8   dk 1\n")
    listed = told(console, ":sessions")
    assert re.search(r"20260102-101112-999999999 .* 2  k \+ 1\n", listed)
    assert offered(console, ":load 2026").keys() == {"20260102-101112-999999999"}
    assert remembered(console).endswith("2 statements: :load last")
    assert "1 of 1 recorded results reproduced" in told(console, ":load 20260102-101112-999999999")


def test_the_last_session_is_none_that_goes_on(console):
    console.folders.sessions.mkdir(parents=True)
    (console.folders.sessions / f"20260102-101112-{os.getppid()}.grad").write_text("a = 1\n")
    (console.folders.sessions / "20250102-101112-999999999.grad").write_text("a = 2\n")
    os.utime(console.folders.sessions / "20250102-101112-999999999.grad", (1, 1))
    told(console, ":load last")
    assert told(console, "a") == "2   da 1   agree\n"
    assert "open in another prompt" in told(console, ":sessions")


def test_the_words_of_the_command_are_understood(console, tmp_path):
    told(console, "x^2 at x=3")
    assert told(console, ":check x=2*x").startswith("correct: d/dx x^2 = 2*x")
    assert told(console, ":check 2x").startswith("correct: d/dx x^2 = 2*x")
    assert told(console, ":check 3x").startswith("WRONG: d/dx x^2 is not 3*x")
    assert "one formula is needed here" in told(console, ":check 2x; 3")
    assert told(console, ":check x=x").startswith("WRONG: d/dx x^2 is not x")
    assert "hint: chain rule" in told(console, ":check sin(x^2) x=cos(x^2)")
    assert "at x=3: correct" in told(console, ":check sin(x^2) x=cos(x^2) at x=3")
    both = told(console, ":check x*y --check x=y, y=y")
    assert "correct: d/dx x*y = y" in both
    assert "WRONG: d/dy x*y is not y" in both
    told(console, "cube(t) = t^3")
    assert told(console, ":check cube(x) x = 3*x^2").startswith("correct: d/dx cube(x)")
    assert "a value does not follow its formula" in told(console, ":check x^2 x == 2")
    assert told(console, ":code x*y c") == told(console, ":code c x*y")
    assert "no code is written in klingon" in told(console, ":code klingon x")
    assert "a file .js does not hold c" in told(console, ":code c x -o f.js")
    assert "gradcalc --grade, see gradcalc --help" in told(console, ":grade answers.csv")
    (tmp_path / "points.csv").write_text("x,y\n1,2\n2,4.1\n")
    fit = ":fit a*x --{} y --data points.csv --start a=1"
    assert told(console, fit.format("fit")) == told(console, fit.format("y"))
    assert told(console, fit.format("y")).startswith("y = a*x")


def test_a_quotient_of_differentials_of_named_things_is_none(console):
    told(console, "a = 2; L = a^2")
    assert told(console, "dL/da").endswith("help: for the derivative write diff(L, a)\n")
    assert "is read as a quotient of two names" in told(console, "dq/dr")


def test_the_end_of_a_sum_is_a_name(console):
    assert told(console, "n = 3; x = 2; S = sum(x^k, k=1..n)").endswith("S = sum(x^k, k=1..n) = 14\n")
    assert told(console, "n = 1") == "n = 1   (was 3; S = 2)\n"
    assert told(console, "S at n=2").startswith("6   dx 5")
    found = told(console, "sum(x^k, k=1..m)")
    assert found == "dx sum(k*x^(k - 1), k=1..m)   agree\nfor numbers, give values: m = ...\n"


def test_the_history_has_what_was_typed(console):
    for line in ("a = 1; b = 2", "a + b", ":undo", ":redo"):
        told(console, line)
    assert told(console, ":history") == "a = 1; b = 2\na + b\n#> 3   da 1  db 1\n"


def test_results_are_numbered(console):
    console.numbered = True
    numbers = "x = 3\n[1] 9   dx 6   agree\n[2] 6   dx 2   agree\nerror: "
    assert told(console, "x = 3; x^2; log(-x); 2*x").startswith(numbers)
    assert told(console, "y^2").startswith("[3] dy 2*y   agree\n")
    assert told(console, "diff(t^2, t)") == "[4] 2*t\n"
    assert told(console, "_1 + _2") == "[5] 15   dx 8   agree\n"
    told(console, ":undo")
    assert told(console, "2 + 3") == "[6] 5\n"


def test_loading_tells_what_differs_and_is_one_change(console, tmp_path):
    (tmp_path / "old.grad").write_text("a = 2\na^2\n#> 5   da 4\nb = sn(a)\na + 1\n#> 3   da 1\n")
    assert told(console, ":load old") == (
        "old.grad:2: a^2\n  recorded  5   da 4\n  now       4   da 4\n"
        "old.grad:4: error: unknown function 'sn'\n  b = sn(a)\n      ^^\nhelp: did you mean 'sin'?\n"
        "loaded old.grad: 4 statements, 1 could not be carried out, 1 of 2 recorded\n  results reproduced\n"
    )
    assert told(console, ":undo").startswith("undid `:load old.grad`: a means nothing")
    assert told(console, ":load nothing").startswith("error: cannot read nothing.grad")


REPLAYED = """\
a = 2|b = a + 1|a += 1|b := a^2|ans + 1|_2 * 2|_|a*b at a=3|f(x) = x^2 + b|f(x) = x*a|f(b)|g(x) = f(x) + 1|g'(a)
c = f(a)|c = ans|d := ans|:undo|:undo|:redo|:reset|:delete a|:delete f|x = 1; x; x = 2; x|1; log(-a); 2|q|e = 2|e
q at q=ans*a|log(0)|:descend (a - 1)^2 --steps 3|(1 +\\2)|c = 1; c = ans|h(x) = x + ans|h(2)|a := a + 1 at a=5
:load one|a = b|b = a"""


@pytest.mark.parametrize("seed", range(40))
def test_every_session_comes_back_as_it_was(tmp_path, monkeypatch, seed):
    """Names, functions and results, whatever was typed, undone, deleted, reset and loaded."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "one.grad").write_text("a = 7\na^2\n_1 + 1\nk = a*2\n")
    once, again = (Console(Session(Options(numeric=True))) for _ in range(2))
    for line in random.Random(seed).choices(re.split(r"[|\n]", REPLAYED), k=14):
        told(once, line.replace("\\", "\n"))
    told(once, ":save kept")
    text = told(again, ":load kept")
    assert text.startswith("loaded kept.grad"), text
    assert {name: told(once, name) for name in once.session.names} == {
        name: told(again, name) for name in again.session.names
    }
    assert once.session.functions.keys() == again.session.functions.keys()


def test_the_last_session(console, tmp_path):
    assert "there is no earlier session" in told(console, ":load last")
    earlier = Console(folders=Folders(tmp_path / "state", tmp_path / "data", tmp_path / "config"))
    earlier.folders.own = earlier.folders.sessions / "earlier.grad"
    earlier.folders.sessions.mkdir(parents=True)
    told(earlier, "k = 7")
    earlier.folders.keep(commands.saved(earlier))
    console.folders.keep("# this one")
    told(console, ":load last")
    assert told(console, "k").startswith("7 ")


def test_descent(console):
    told(console, "w = 0; b = 5; k = 2; loss = (w - 3)^2 + (b*w - 1)^2*0 + k")
    shown = told(console, ":descend loss --lr 0.1 --steps 50 --wrt w")
    assert shown.startswith("loss 11 -> 2 in 50 steps\n█")
    assert console.session.worth("w").number == pytest.approx(3, abs=1e-3)
    assert console.session.worth("b").number == 5
    told(console, ":undo")
    assert console.session.worth("w").number == 0
    assert "nothing has changed; try a smaller --lr" in told(console, ":descend loss --lr 5 --steps 3 --wrt w")
    assert "is no variable" in told(console, ":descend loss --wrt q")
    assert "no option --rate" in told(console, ":descend loss --rate 3")
    assert "has no value" in told(console, ":descend log(w + 0.001) --lr 0.001 --steps 9")
    assert "no value for z" in told(console, ":descend z^2")


def test_descent_ends_where_a_step_changes_nothing(console):
    told(console, "w = 0")
    shown = told(console, ":descend (w - 3)^2 --lr 0.5 --steps 100000000")
    assert "in 1 step, where a step changes nothing any more\n" in shown


def test_descent_stopped_keeps_the_best(console):
    told(console, "w = 0")
    answer = enter(console, ":descend (w - 3)^2 --lr 0.000001 --steps 100000000")
    assert isinstance(next(answer), Progress)
    rest = answer.throw(KeyboardInterrupt()) + "".join(answer)
    assert "steps, stopped\n" in rest
    assert 0 < console.session.worth("w").number < 3


def test_pictures_of_losses():
    assert picture([3, 2, 1, 0], ascii=False) == "█▆▃▁"
    assert picture([1000, 10, 0.1], ascii=True).isascii()


def test_lines_are_folded():
    text = "-8   da 6  db -4  dc -2  df 4   agree"
    assert folded(text, 20) == "-8   da 6  db -4\n  dc -2  df 4\n  agree"
    assert folded(text, 0) == folded(text, 80) == text
    assert folded("\n" + text, 20) == "\n" + folded(text, 20)
    assert max(map(len, folded("some words that go on and on and on", 12).split("\n"))) <= 12
    for cut in range(len(text)):  # what is shown first is the beginning of what is shown last
        if text[cut - 3 : cut] == "   ":
            assert folded(text, 20).startswith(folded(text[: cut - 3], 20))


def test_pasted_prompts_go():
    assert unprompted(">> a = 2\n>> a^2\n... + 1\n  >>> a") == "a = 2\na^2\n+ 1\na"
    assert unprompted("a > b") == "a > b"
    screen = ">> x = 3\nx = 3\n>> (x +\n   0 +\n   1)^2\n[1] 16   dx 8   agree\n>> x^2\n9   dx 6   agree\n"
    assert unprompted(screen) == "x = 3\n(x +\n   0 +\n   1)^2\nx^2\n"


def test_an_error_in_the_middle_of_a_line_shows_what_came_before(console):
    assert told(console, "x = 5; x + 1; log(-x)").startswith("x = 5\n6   dx 1   agree\nerror: log needs x > 0")
    assert told(console, "ans + 1") == "7   dx 1   agree\n"


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        (":explain x*y at x=2, y=3 --wrt y", "y     input = 3  dout/dy = x = 2   1 * 2 = 2\n"),
        (":gradient x^4 at x=2 --order=3", "3rd derivative"),
        (":gradient x^2 --numeric at x=3", "unchecked: -n leaves out the symbolic side\n"),
        (":gradient x --y", "2 of 2 derivatives"),
        (":gradient x*y --ordr 2", "error: :gradient has no option --ordr\nhelp: did you mean --order?\n"),
        (":gradient x*y --order 0", "error: --order needs a whole number above 0, not '0'\n"),
        (":explain x*y at x=2, y=3 --wrt", "error: --wrt needs a value\n"),
    ],
)
def test_options_of_studies(console, line, answer):
    assert answer in told(console, line)


# ---- completion


def offered(console, text):
    return {found.text: f"{found.shown} | {found.about}" for found in candidates(console, text)}


def test_completion(console, tmp_path):
    told(console, "sigma = 2; g(t) = t^2; g(3)")
    found = offered(console, "1 + si")
    assert found["sinh("] == "sinh(x) | hyperbolic sine   d/dx = cosh(x)"
    assert found["sigma"] == "sigma | = 2"
    assert offered(console, "g")["g("] == "g(t) | t^2"
    assert "ans" in offered(console, "2*an")
    assert offered(console, ":he").keys() == {":help ", ":hessian "}
    assert offered(console, ":und").keys() == {":undo"}
    assert offered(console, ":descend v^2 --l").keys() == {"--lr "}
    assert {"--order ", "--wrt ", "-o "} < offered(console, ":hessian v^2 --").keys()
    assert offered(console, ":explain v^2 --w").keys() == {"--wrt "}
    assert {"--numeric ", "-o "} == offered(console, ":plot v^2 --").keys()
    assert offered(console, ":plot v*w ").keys() == {"v=", "w="}
    assert offered(console, ":code ju").keys() == {"julia "}
    (tmp_path / "shown.svg").touch()
    assert offered(console, f":graph v -o {tmp_path}/sh").keys() == {f"{tmp_path}/shown.svg"}
    assert "sin(" in offered(console, "SI")
    assert offered(console, "1 + su")["sum("].startswith("sum(formula, k=1..n) | ")
    assert "mean" in offered(console, ":help me")
    assert "sinh(" in offered(console, ":hessian si")
    assert offered(console, ":delete s").keys() == {"sigma"}
    assert ":descend" in offered(console, ":help de")
    assert offered(console, ":set d").keys() == {"digits"}
    assert offered(console, ":set symbolic o").keys() == {"on", "off"}
    assert offered(console, "sigma*y at ").keys() == {"sigma=", "y="}
    assert offered(console, "sigma*y at sigma=3, ").keys() == {"sigma=", "y="}
    assert "sinh(" in offered(console, "sigma*y at sigma=3, y=si")
    assert "sigma" in offered(console, "y at " + "abcdefgh=1 " * 50 + "=")
    told(console, ":save lesson")
    assert offered(console, ":load l").keys() == {"last", "lesson.grad"}
    assert offered(console, "2*\\alph").keys() == {"α"}
    assert offered(console, "\\Ome").keys() == {"Ω"}
    assert offered(console, ":save l").keys() == {"lesson.grad"}


# ---- the live line

SUM, MEAN = "sum(formula, k=1..n)", "mean(x, y, ...)"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("(a*b + c)*f", "= -8   da 6  db -4  dc -2  df 4"),
        ("(a*b + c", "= 4   da -3  db 2  dc 1   '(' is open"),
        ("a*(b + ", "= -6   da -3  db 2   '(' is open"),
        ("a + + )", "... '+' has nothing on its right"),
        ("1/2a + ", "... '1/2a' can be read in two ways"),
        ("a = 1 + (", "= 1   L = -14   '(' is open"),
        ("a*si", "sin(x)   d/dx = cos(x)   also sign, sinh, silu, sinc"),
        ("log", "log(x)   d/dx = 1/x   also log2, log10, log1p, logit"),
        ("q*z", "dq z  dz q   needs q, z"),  # a letter is a name, and begins no function
        ("mea", f"{MEAN}   the sum of its arguments, by their number"),
        ("sum(sin(k), k=", f"dk cos(k) + 1   needs k ...   {SUM}"),
        ("sum(k*sin(k", f"{SUM}   the sum over k, from one whole number to another"),
        ("sum(k*sqt(k", "... unknown function 'sqt'; did you mean 'sqrt'?"),
        ("sum(k*q, k=1..n", f"dq sum(k, k=1..n)   needs n, q ...   {SUM}"),
        ("log(a, ", "log(x, base)   d/dx = 1/log(base)/x  d/dbase = -log(x, base)/log(base)/base"),
        ("atan2(a", "atan2(y, x)   d/dy = x/hypot(x, y)/hypot(x, y)  d/dx = -y/hypot(x, y)/hypot(x, y)"),
        ("f(t) = t^2", "f'(t) = 2*t"),
        ("h(s, t) = s*sin(t", "d/ds = sin(t)  d/dt = s*cos(t) ..."),
        ("h(u", "h(u) = ...   defines a function"),
        ("q^2*a", "dq 2*a*q  da q^2   needs q"),
        ("u = a + q^2", "da 1  dq 2*q   needs q"),
        ("diff(q^3, q)", "= 3*q^2   needs q"),
        ("a^2 at a=", "= 4   da 4 ..."),
        ("a^2 at qq=3", "= 4   da 4   qq not in the formula"),
        ("a = 4", "= 4   L = 4"),
        ("sqt(4)", "... unknown function 'sqt'; did you mean 'sqrt'?"),
        ("a + q", "da 1  dq 1   needs q"),
        ("(1e17 + a) - 1e17", "= 2   da 1"),  # which doubles make 0
        ("abs(z) at z=0", "= 0   dz 0   not differentiable"),
        ("a = L", "... 'a' is defined by itself: a -> L -> a"),
        ("a?", "help on a"),
        ("plot sin(a)", "... nothing is named plot; the command is :plot"),
        ("if(a > 0, a^2, -", "if(condition, a, b)"),
        ("diff(sin(a", "diff(formula, x)"),
        ("2*a*\\alp", "Tab: α \\alpha"),
        (":hes", ":hessian [FORMULA]   the second derivatives"),
        (":hepl", "... there is no command :hepl; did you mean :help?"),
        ("", ""),
    ],
)
def test_remarks(text, said):
    session = Session()
    session.line("a = 2; b = -3; c = 10; f = -2; L = (a*b + c)*f")
    assert remark(session, text, render.Style()).text == said


def test_the_parameter_at_the_cursor_stands_out():
    def strong(text, place=None):
        found = remark(Session(), text, render.Style(), place)
        return found.text[slice(*found.strong)]

    assert strong("log(") == "x"
    assert strong("2*log(3, ") == strong("2*log(3, sqrt(4)") == "base"
    assert strong("2*atan2(3, 2)", 9) == "y"
    assert strong("if(x > 1, ") == "a"
    assert strong("(1 + ") == strong("log(3, 2)") == ""


TYPED = """\
x^2*sin(y)+exp(-x/2)*foo|(a*b + c)*f|sin(x)/x|1/(1 + exp(-k*x))|sqrt(x^2 + y^2)|log(1 + exp(-y*(w*x + b)))
tanh(x1*w1 + x2*w2 + b)|f(x) = x^2*sin(x)|g(x, y) = x*exp(-y)|p = a*b + c|L = (y - w*x)^2|x := 3*a|ans + 1
x^2 + y at x=3, y=-4|diff(x^3, x, 2)|if(x > 0, x^2, -x)|max(0, w*x + b)|atan2(y, x)|log(x, 10)|a = 1e-3
2*pi*sqrt(l/9.81)|exp(-(x - m)^2/(2*s^2))/(s*sqrt(2*pi))|abs(x - 1) + floor(x)|x^n*log(x)|cos(t)^2 + sin(t)^2
erf(x/sqrt(2))|2x + 3y|(x + 1)*(x - 1)/(x^2 + 1)|sigmoid(3*w)*softplus(z)|gamma(x + 1)/x|-b + sqrt(b^2 - 4*a*c)"""


@pytest.mark.parametrize("named", ["a = 2; b = -3; c = 10; x = 1.5; a + 1", "n = 1; n"])
def test_nearly_every_key_has_a_line_that_says_something(named):
    session = Session()
    session.line(named)
    typed = [text[:end] for text in re.split(r"[|\n]", TYPED) for end in range(1, len(text) + 1)]
    said = {text: remark(session, text, render.Style()).text for text in typed}
    mute = [text for text in typed if not said[text] or said[text].startswith("...")]
    assert len(mute) < 0.05 * len(typed), mute


def test_a_remark_changes_nothing():
    session = Session()
    session.line("a = 2; a")
    before = (dict(session.names), list(session.results), [*session.log])
    for text in ("a = 4", "a += 1", "ans*2", ":reset", "x = x + 1"):
        remark(session, text, render.Style())
    assert before == (session.names, session.results, session.log)


def test_the_live_line_drops_what_takes_too_long():
    got: list[tuple[str, Remark]] = []
    arrived = threading.Event()

    def done(text, found):
        got.append((text, found))
        arrived.set()

    def asked(text):
        arrived.clear()
        live.ask(text, render.Style())
        assert arrived.wait(10)
        return got[-1][1].text

    live = Live(done)
    try:
        session = Session()
        session.line("a = 3; g(x) = x^2; g(a)")
        live.about(session)
        assert asked("ans + g(1)") == "= 10   da 6"
        assert asked("+".join(["sin(cos(tan(a)))"] * 60_000)).startswith("... takes longer")  # seconds of work
        session.line("a = 4")
        live.about(session)
        assert asked("ans + 1") == "= 17   da 8"
    finally:
        live.close()


def test_no_exception_ends_the_live_line():
    arrived = threading.Event()

    def done(text, found):
        if text != "a + 3":
            raise RuntimeError("no running event loop")
        assert found.text == "= 5   da 1"
        arrived.set()

    live, session = Live(done), Session()
    session.line("a = 2")
    try:
        live.about(session)
        for text in ("a + 1", "a + 2", "a + 3"):
            live.ask(text, render.Style())
            time.sleep(0.05)
        assert arrived.wait(10)
        live._helper.stop()  # as when it is killed from outside
        arrived.clear()
        live.ask("a + 3", render.Style())
        assert arrived.wait(10)
    finally:
        live.close()


def test_the_options_of_a_session_hold():
    console = Console(Session(Options(numeric=True)))
    assert told(console, "x^2 at x=3") == "9   dx 6   unchecked\n"
    assert told(console, "x^2") == "error: no value for x\n  x^2\n  ^^^\nhelp: for numbers, give values: x = ...\n"


def test_folders_follow_the_convention(monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", "/s")
    monkeypatch.setenv("XDG_DATA_HOME", "relative/is/ignored")
    monkeypatch.setenv("HOME", "/h")
    assert Folders().history == Path("/s/gradcalc/history")
    assert Folders().sessions == Path("/h/.local/share/gradcalc/sessions")
    monkeypatch.setattr("os.path.expanduser", lambda path: path)  # as where there is no home
    with pytest.raises(OSError, match="Not a directory"):
        Folders().keep("")


def test_practice_takes_every_line_until_it_is_left(console):
    assert "dout/dc = ?" in told(console, ":practice 1 3")
    assert "v1" in told(console, "hint")
    assert "-3" in told(console, "-3")
    assert told(console, "quit") == "0 of 1 right at once, 1 after a mistake or a hint\n"
    assert told(console, "1 + 1").startswith("2")
    assert "level" in told(console, ":practice 9")
    assert "level" in told(console, ":practice much")


# ---- commands in files, the start-up file, the clipboard


def test_commands_stand_in_files(console, tmp_path):
    (tmp_path / "lesson.grad").write_text("a = 3\na^2\n#> 9   da 6\n:table x^a x=1:2:1   # cubes\n:undo\n:delete a\n")
    answer = told(console, ":load lesson")
    assert "1      1     3\n2      8    12\n" in answer
    assert "lesson.grad:5: error: :undo is for the prompt, not for files" in answer
    assert (
        "loaded lesson.grad: 5 statements, 1 could not be carried out, 1 of 1 recorded\n  results reproduced" in answer
    )
    assert "a" not in console.session.names


def test_files_that_load_each_other_come_to_an_end(console, tmp_path):
    (tmp_path / "a.grad").write_text(":load b\n")
    (tmp_path / "b.grad").write_text("x = 2\n:load a\n")
    assert "files load each other without end" in told(console, ":load a")
    assert console.depth == 0


def test_the_start_up_file_is_carried_out_and_only_its_mistakes_are_told(console):
    console.folders.config.mkdir(parents=True)
    console.folders.startup.write_text("g(x) = x^2\n:set digits 4\nbad(\n")
    assert "".join(files.begun(console)).startswith("startup.grad:3: error: '(' is never closed")
    assert told(console, "g(1/3)") == "0.1111\n"


def test_without_a_start_up_file_nothing_is_told(console):
    assert "".join(files.begun(console)) == ""


@pytest.mark.parametrize(
    ("line", "copied"),
    [
        (":copy", "6   dx 3  dy 2"),
        (":copy diff(w^2*t, t)", "w^2"),
        (":copy latex", r"x y = 6" "\n" r"\frac{\partial}{\partial x} \left(x y\right) = y = 3"),
    ],
)
def test_an_answer_goes_to_the_clipboard_of_the_terminal(console, line, copied):
    console.edits = True
    told(console, "x = 2; y = 3; x*y")
    escape, _, said = told(console, line).partition("\x07")
    assert escape.startswith("\x1b]52;c;")
    assert b64decode(escape.removeprefix("\x1b]52;c;")).decode().startswith(copied)
    assert said.startswith("copied")


def test_without_a_terminal_there_is_no_clipboard(console):
    assert "there is no terminal here that has a clipboard" in told(console, ":copy 1 + 1")


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("plot(x^2)", "error: plot is a command, and no function\n  plot(x^2)\n  ^^^^\nhelp: write :plot x^2\n"),
        ("undo()", "help: write :undo\n"),
        ("x^2 at 3", "help: write for example at x=3\n"),
        ("x^2 where x=3", "error: values come after 'at', not after 'where'\n"),
        ("1; _9", "help: the last is _1\n"),
    ],
)
def test_what_is_asked_in_other_words(console, line, answer):
    assert answer in told(console, line)
    assert "command" not in told(console, "plot(t) = t^2; plot(3)")


def test_of_a_file_that_is_no_session_ten_mistakes_are_told(console, tmp_path):
    (tmp_path / "page.txt").write_text("<p>\n" * 50)
    said = told(console, ":load page.txt")
    assert said.count("error: ") == 10
    assert said.endswith("loaded page.txt: 50 statements, 50 could not be carried out\n")


def test_a_range_alone_is_about_the_last_result(console):
    told(console, "x^2")
    table = told(console, ":table x=0:1:0.5").splitlines()
    assert [line.split() for line in table[1:]] == [["0", "0", "0"], ["0.5", "0.25", "1"], ["1", "1", "2"]]
    assert told(console, ":table y=0:1:0.5") == (
        "error: y is not in the formula\n  x^2\n  ^^^\nhelp: its only name is x\n"
    )
    console.session = Session()
    assert told(console, ":plot x=0..1").startswith("error: no result is called ans: there is none yet\n")


@pytest.mark.parametrize("command", ["diff", "steps", "explain"])
def test_a_name_behind_a_formula_needs_a_comma(console, command):
    told(console, "x = 2; y = x^3")
    assert "help: for the derivative by x write y, x\n" in told(console, f":{command} y x")
    assert "help: write y*z for a product\n" in told(console, f":{command} y z")  # which y has not
    assert "error:" not in told(console, f":{command} y, x")


@pytest.mark.parametrize(
    ("line", "as_in"),
    [
        (":explain", "ans at x=..., y=..."),
        (":explain x*y", "x*y at x=..., y=..."),
        (":graph x*y at x=2", "x*y at x=2, y=..."),
    ],
)
def test_what_lacks_values_is_told_with_the_formula_at_hand(console, line, as_in):
    told(console, "x*y")
    command = line.split()[0]
    assert f"help: give values behind the formula, as in {command} {as_in}\n" in told(console, line)


def test_a_numbered_result_fits_beside_its_number(console):
    console.width, console.numbered = lambda: 60, True
    for line in (
        "sin(x^2)*exp(-x/3)/sqrt(1 + x^4)*log(x^2 + 1) + tanh(x*y*z)",
        "diff(exp(-x/3)*log(x^2 + 1)*sin(x^2)/x^4, x)",
    ):
        answer = told(console, line)
        assert answer.count("\n") > 1
        assert max(map(len, answer.splitlines())) <= 60


def test_a_function_that_is_defined_anew_tells_what_it_was(console):
    assert told(console, "f(x) = x^2") == "f(x) = x^2\n"
    assert told(console, "f(x, y) = x*y") == "f(x, y) = x*y   (was f(x) = x^2)\n"


def test_a_file_done_again_names_its_functions(console, tmp_path):
    (tmp_path / "own.grad").write_text("f(x) = x^2\na = 3\nL = f(a)\n")
    told(console, f":load {tmp_path / 'own.grad'}")
    assert "a, L, f mean nothing" in " ".join(told(console, ":undo").split())
    assert "a = 3, L = 9, f(x) = x^2" in " ".join(told(console, ":redo").split())


def test_a_mistake_in_a_definition_is_told_at_its_line_of_the_file(console, tmp_path):
    (tmp_path / "own.grad").write_text("a = (1 +\nlog(b))\nb = -1\na\n")
    answer = told(console, f":load {tmp_path / 'own.grad'}")
    assert answer.startswith(f"{tmp_path / 'own.grad'}:2: error: log needs x > 0, but its argument is -1\n  log(b))\n")


@pytest.mark.parametrize(
    ("line", "message", "help"),
    [
        (":derivative x^2", "there is no command :derivative",
         ":diff gives the derivative as a formula, :gradient value and derivatives"),
        (":integrate x^2", "there is no command :integrate",
         "integrals are not for this tool; it gives values and derivatives"),
        (":undo 2", ":undo takes nothing behind it", "write :undo alone"),
        (":vars x", ":vars takes nothing behind it", "write :vars alone"),
        ("clear", "nothing is named clear", "Ctrl-L clears the screen; :reset forgets all names"),
        ("del x", "nothing is named del", ":delete x forgets a name; :undo brings it back"),
        (":clear", "there is no command :clear", "Ctrl-L clears the screen; :reset forgets all names"),
        ("gradcalc 'x^2' x=3", "nothing is named gradcalc",
         "this is its prompt: write what stands behind that word, without quotation marks"),
        (":graph x^2 -o", "-o needs the name of a file", "as in -o graph.html: its ending says how it is written"),
        (":plot x^2 -o plot", "-o needs the name of a file", "as in -o plot.html: its ending says how it is written"),
        (":plot x=0..6 sin(x)", "the formula stands before its range", "as in :plot sin(x)/x x=-10:10"),
        (":plot sin(x) 0..6", "'sin(x) 0..6' is not a range", "write the name as well, as in x=0..6"),
        (":check 3 = 6", "on the left of = a derivative is needed",
         "ask 3 alone for its number; a claim is about all values: write diff(formula, x) = ..."),
        (":plot x^2 x=-2..2 at x=1", "'at' stands before the ranges", "write for example x^2 at x=1 x=-2..2"),
        (":check x^2 = 2x", "on the left of = a derivative is needed", "write diff(x^2, x) = ..."),
        (":descend (x - y)^2", "no value for x, y", "descent needs a start: x = 1; y = 1"),
    ],
)  # fmt: skip
def test_what_is_not_quite_a_command_is_told_how_it_goes(console, line, message, help):
    answer = told(console, line)
    assert answer.startswith(f"error: {message}\n")
    assert answer.endswith(f"help: {help}\n")


def test_a_formula_may_subtract_what_is_called_o(console):
    told(console, "o = 1")
    assert told(console, ":graph 3 -o").startswith("node  data  grad\n-        2")


def test_quotation_marks_are_no_part_of_the_name_of_a_file(console):
    told(console, "x = 2")
    assert "saved 1 statement to my file.grad" in told(console, ':save "my file"')
    assert "error" not in told(console, ":load 'my file'")


AT_80 = """\
Node  Formula                Local derivative                 Gradient
out   v1 * v2 = 3.637189707  seed                             1
v2    sin(x) = 0.9092974268  dout/dv2 = v1 = 4                1 * 4 = 4
v1    x^2 = 4                dout/dv1 = v2 = 0.9092974268
                                                 1 * 0.9092974268 = 0.9092974268
x     input = 2              dv2/dx = cos(x) = -0.4161468365
                                              4 * (-0.4161468365) = -1.664587346
                             dv1/dx = 2*x = 4
                                                  0.9092974268 * 4 = 3.637189707
                             sum of 2 paths
                                      (-1.664587346) + 3.637189707 = 1.972602361
"""


def test_what_is_too_wide_in_the_last_column_stands_below_it(console):
    assert told(console, ":explain x^2*sin(x) at x=2") == AT_80
    console.width = lambda: 120
    assert len(told(console, ":explain x^2*sin(x) at x=2").splitlines()) == 7
    console.width = lambda: 40
    assert max(map(len, told(console, ":explain x^2*sin(x) at x=2").splitlines())) <= 40


@pytest.mark.parametrize("width", [30, 40, 60, 80])
def test_the_fold_of_explain_loses_no_word(console, width):
    lines = [":explain x^2*sin(x) at x=2", ":explain (a*b + exp(c))*f/(1 + a^2) at a=2, b=-3, c=10, f=-2"]
    console.width = lambda: 0
    whole = [told(console, line).split() for line in lines]
    assert whole[0] == AT_80.split()
    console.width = lambda: width
    assert [told(console, line).split() for line in lines] == whole


def test_a_command_of_the_prompt_is_told_from_an_answer_of_practice(console):
    told(console, ":practice")
    assert told(console, ":set digits 3").startswith(":set is not understood here: 'quit' ends the practice\n")
    assert told(console, ":quit") == "nothing was answered\n"


def test_one_name_that_is_forgotten_can_be_brought_back(console):
    told(console, "x = 2")
    assert told(console, ":reset") == "cleared x   (:undo brings it back)\n"


@pytest.mark.parametrize(
    ("line", "note"),
    [
        ("sin(90)", "sin(90) is of 90 radians; of degrees it is sin(rad(90))"),
        ("log(100)", "log(100) has the base e; to the base 10 it is log10(100)"),
        ("x^1/2 at x=4", "x^1/2 is read as (x^1)/2; a root is written x^(1/2)"),
        ("exp(-t/tau) at t=1", "tau is read as 2*pi; if a variable is meant, give it a value, tau=..."),
    ],
)
def test_what_may_be_meant_otherwise_is_noted_beside_a_number_too(console, line, note):
    assert told(console, line).endswith(f"note: {note}\n")
    console.session.line("tau = 2")
    assert ("is read as 2*pi" in told(console, "exp(-t/tau) at t=1")) is False
