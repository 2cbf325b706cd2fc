"""The prompt's keys and what it shows while typing, by prompt_toolkit's pipe input; and the plain reader."""

import io
import signal
import sys
import threading
import time

import pytest
from prompt_toolkit.document import Document
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from gradcalc.helper import OutOfTime
from gradcalc.prompt import COMMANDS, Console, Folders, opening as repl
from gradcalc.prompt.highlight import FormulaLexer
from gradcalc.prompt.records import Command
from gradcalc.prompt.remarks import Remark
from gradcalc.prompt.talk import Talk
from gradcalc.prompt.terminal import Editor, converse
from gradcalc.session import Options, Session

WAIT = "\0"
ENTER, RIGHT, END, UP, TAB, ESC = "\r", "\x1b[C", "\x1b[F", "\x1b[A", "\t", "\x1b"
UNDO = "\x1f"  # Ctrl-_
CTRL_C, CTRL_D, CTRL_E, F4 = "\x03", "\x04", "\x05", "\x1bOS"


def paste(text):
    return f"\x1b[200~{text}\x1b[201~"


@pytest.fixture
def console(tmp_path, monkeypatch):
    monkeypatch.delenv("GRADCALC_DEBUG", raising=False)
    monkeypatch.chdir(tmp_path)
    folders = Folders(tmp_path / "state", tmp_path / "data")
    return Console(Session(Options(numeric=True)), width=lambda: 80, folders=folders)


def rest():
    """Until this process has nothing to do, on a busy machine too, where one that has something gets a little time."""
    quiet = 0
    for _ in range(80):
        before = time.process_time()
        time.sleep(0.1)
        quiet = quiet + 1 if time.process_time() - before < 0.005 else 0
        if quiet == 2:
            return


def typed(console, keys):
    """What is answered to keys, until the user leaves. At a WAIT the typist does, for history and menus to come up."""
    out = io.StringIO()
    with create_pipe_input() as pipe:

        def press():
            for part in f"{keys}{CTRL_C}{CTRL_D}".split(WAIT):
                pipe.send_bytes(part.encode("utf-8", "surrogateescape"))
                rest()

        typist = threading.Thread(target=press)
        typist.start()
        converse(Talk(console, out, color=False, moving=True), pipe, DummyOutput())
        typist.join()
    return out.getvalue()


@pytest.mark.parametrize(
    ("keys", "answers"),
    [
        (f"2+3{ENTER}", "5\n"),
        (f"a = 2{ENTER}a^2{ENTER}* 3{ENTER}-1{ENTER}", "a = 2\n4   da 4   unchecked\n12   da 12   unchecked\n-1\n"),
        (f"(1 +{ENTER}2){ENTER}", "3\n"),
        (f"(1 + 2{ENTER}{ENTER}", "error: '(' is never closed\n  (1 + 2\n  ^\nhelp: add ')' where the group ends\n"),
        (f"a = 1{ESC}{ENTER}a + 1{ENTER}", "a = 1\n2   da 1   unchecked\n"),
        (f"1 + {CTRL_C}2{ENTER}", "2\n"),
        (paste(">> a = 2\n>> a + 1\n") + ENTER, "a = 2\n3   da 1   unchecked\n"),
        (f"2*si{TAB}{WAIT}{TAB}{WAIT}{ENTER}0){ENTER}", "0\n"),
        (f"7 + 1{ENTER}{WAIT}7{WAIT}{RIGHT}0{ENTER}{WAIT}7 {WAIT}{END}{ENTER}", "8\n17\n17\n"),
        (f"1 + 1{ENTER}2 + 2{ENTER}{WAIT}1{UP}{ENTER}", "2\n4\n2\n"),
        (f"{F4}1 + 1{ESC}i{ENTER}", "2\n"),
        (f"p = 3{ENTER}:edit p{ENTER}1{ENTER}", "p = 3\np = 31   (was 3)\n"),
        (f"12 + 345{UNDO}1{ENTER}", "13\n"),  # a word at a time, with what stands behind it
        (f":quit{ENTER}", ""),
    ],
    ids=lambda part: repr(part[:25]),
)
def test_keys(console, keys, answers):
    assert typed(console, keys) == answers


def test_an_error_keeps_the_line_to_be_mended(console):
    for take in (RIGHT, END, CTRL_E):
        out = typed(console, f"1 + sqt(4){ENTER}{take}\x1b[C\x1b[Cr{ENTER}")  # the cursor stands where the mistake is
        assert out.endswith("help: did you mean 'sqrt'?\n3\n"), out
    assert typed(console, f"sqt(4){ENTER}1 + 1{ENTER}").endswith("\n2\n")  # and is not in the way


def test_the_rest_of_a_pasted_text_waits_behind_a_mistake(console):
    out = typed(console, paste("a = 1\nb = sn(2)\na + 1") + ENTER + RIGHT + "\x1b[3~" * 2 + "2*" + ENTER)
    assert out.endswith("help: did you mean 'sin'?\nb = 2*2 = 4\n2   da 1   unchecked\n")


def test_history_is_shared_and_not_clobbered(console):
    typed(console, f"1 + 1{ENTER}")
    typed(console, f"2 + 2{ENTER}")
    text = console.folders.history.read_text()
    assert [line for line in text.split("\n") if line.startswith("+")] == ["+1 + 1", "+2 + 2"]
    assert typed(console, f"{WAIT}{UP}{UP}{ENTER}") == "2\n"


def test_two_sessions_at_once_share_the_history(console):
    talk = Talk(console, io.StringIO(), False, True)
    with create_pipe_input() as pipe:
        editors = [Editor(talk, pipe, DummyOutput()) for _ in range(2)]
    for i in range(50):
        editors[i % 2]._prompt.history.append_string(f"{i} + {i}")
    stored = [line for line in console.folders.history.read_text().split("\n") if line.startswith("+")]
    assert stored == [f"+{i} + {i}" for i in range(50)]


def test_no_place_for_the_history_costs_only_the_history(console, tmp_path):
    (tmp_path / "file").write_text("")
    console.folders = Folders(tmp_path / "file", tmp_path / "file")
    out = typed(console, f"1 + 1{ENTER}{WAIT}{UP}{ENTER}")
    assert out.startswith("note: the history is not kept: File exists: ")
    assert "2 note: the session cannot be kept: Not a directory: " in " ".join(out.split())
    assert out.endswith("\n2\n")


def test_a_bug_is_reported_and_loses_nothing(console, monkeypatch):
    def broken(console, argument):
        raise RuntimeError("boom")
        yield

    monkeypatch.setitem(COMMANDS, "broken", Command("broken", "", "", "", broken))
    out = typed(console, f"a = 2{ENTER}:broken{ENTER}a{ENTER}")
    assert out.startswith("a = 2\ninternal error: RuntimeError: boom, please report\nthe session goes on; ")
    assert out.endswith("2   da 1   unchecked\n")
    assert "a = 2\n" in console.folders.own.read_text()


def test_ctrl_c_stops_a_computation_and_keeps_the_session(console, monkeypatch):
    def endless(console, argument):
        yield "begun\n"
        raise KeyboardInterrupt

    monkeypatch.setitem(COMMANDS, "endless", Command("endless", "", "", "", endless))
    assert typed(console, f"a = 2{ENTER}:endless{ENTER}a + 1{ENTER}").endswith("begun\nstopped\n3   da 1   unchecked\n")


def test_the_time_limit_ends_a_computation_and_keeps_the_session(console, monkeypatch):
    def endless(console, argument):
        yield "begun\n"
        try:
            while True:
                pass
        except OutOfTime:
            if argument != "patient":
                raise
            yield "so far\n"

    monkeypatch.setitem(COMMANDS, "endless", Command("endless", "[patient]", "", "", endless))
    lines = (":set time-limit 0.1", "a = 2", ":endless", ":endless patient", "a + 1")
    assert typed(console, "".join(line + ENTER for line in lines)).endswith(
        "begun\nerror: out of time after 0.1 s\nhelp: :set time-limit SECONDS gives it more\n"
        "begun\nso far\n3   da 1   unchecked\n"
    )


class Deaf:
    """Raises Ctrl-C where nothing hears it."""

    def __del__(self):
        raise KeyboardInterrupt


def test_ctrl_c_is_never_lost(console, monkeypatch, capsys):
    def endless(console, argument):
        yield "12.3"
        Deaf()
        while True:
            time.sleep(0.01)

    monkeypatch.setitem(COMMANDS, "endless", Command("endless", "", "", "", endless))
    out = io.StringIO()
    talk = Talk(console, out, color=False, moving=True)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # who runs the tests may have it ignored
    try:
        talk.answer(":endless")
    finally:
        signal.signal(signal.SIGINT, before)
    assert out.getvalue() == "12.3\nstopped\n"  # on a line of its own
    assert capsys.readouterr().err == ""
    hook = sys.unraisablehook
    talk.answer("1 + 1")
    assert sys.unraisablehook is hook


def test_nothing_but_ascii_is_shown_where_that_is_wanted(console):
    out = typed(console, f":set ascii on{ENTER}θ = 2{ENTER}θ^2{ENTER}:graph θ*été at été=3{ENTER}été +{ENTER}")
    assert out.isascii()
    assert "4   d\\u03b8 4   unchecked\n" in out


def test_bytes_that_are_no_text_are_a_mistake_in_their_line(console, monkeypatch, tmp_path):
    out = typed(console, f"1 + \udcff{ENTER}{CTRL_C}{paste(chr(0xDCFE))}{ENTER}{CTRL_C}1 + 1{ENTER}")
    assert out.count("error: ") == 2
    assert out.endswith("\n2\n")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"1 + \xff\n2 + 2\n"), encoding="utf-8"))
    plain = io.StringIO()
    assert repl.run(out=plain, plain=True, color=False) == 0
    assert plain.getvalue().endswith("\n4\n")


def test_a_formula_asked_on_the_command_line_is_the_last_result(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    session = Session(Options(numeric=True))
    list(session.run("x = 3; y = 2; x^2*y"))
    assert plainly(monkeypatch, "ans + 1\n", session=session) == "19   dx 12  dy 9   unchecked\n"


# ---- what is shown while typing


def styles(console, text):
    lines = FormulaLexer(console).lex_document(Document(text))
    return [(style.removeprefix("class:"), piece) for style, piece in lines(0) if piece.strip()]


def test_colours_come_from_the_grammar_and_the_session(console):
    console.session.line("a = 2; g(x) = x")
    assert styles(console, "2a + g(q)*sn(pi) ? # c") == [
        ("number", "2"), ("name", "a"), ("text", "+"), ("function", "g"), ("text", "("), ("unknown", "q"),
        ("text", ")"), ("text", "*"), ("unknown", "sn"), ("text", "("), ("constant", "pi"), ("text", ")"),
        ("unknown", "?"), ("comment", "# c"),
    ]  # fmt: skip
    assert ("name", "x") in styles(console, "h(x) = x^2")
    assert styles(console, ":hessian a")[0] == ("command", ":hessian")
    assert styles(console, ":nothing a")[0] == ("unknown", ":nothing")
    assert ("keyword", "at") in styles(console, "a at a=2")


def test_the_toolbar_shows_the_remark(console):
    with create_pipe_input() as pipe:
        editor = Editor(Talk(console, io.StringIO(), False, True), pipe, DummyOutput())
        try:
            editor._prompt.default_buffer.reset(Document("2 + 3"))
            editor._remarked("2 + 3", Remark("= 5"))
            assert editor._toolbar() == [("class:live", "= 5")]
            editor._prompt.default_buffer.reset(Document("2 + 4"))  # which the remark is not about
            assert editor._toolbar() == [("class:live", "")]
        finally:
            editor.live.close()


# ---- without a terminal


def plainly(monkeypatch, text, session=None):
    out = io.StringIO()
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))
    assert repl.run(Console(session or Session()), out=out, plain=True, color=False) == 0
    return out.getvalue().partition("\n")[2]


def test_the_plain_reader(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    session = Session(Options(numeric=True))
    text = "a = 2\n(a +\n1)\n* 2\nsn(a)\n:descend (a - 1)^2 --steps 2 --lr 0.5\n:quit\n1"
    answers = plainly(monkeypatch, text, session=session)
    assert answers.startswith("a = 2\n3   da 1   unchecked\n6   da 2   unchecked\nerror: unknown function 'sn'\n")
    assert answers.endswith("\na = 1   (was 2)\n")


def test_the_plain_reader_waits_for_no_parenthesis_for_ever(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    mistake = "error: '(' is never closed\n  (1 +\n  ^\nhelp: add ')' where the group ends\n"
    for text in ("(1 +", "(1 +\n\n2*3\n"):
        assert plainly(monkeypatch, text).startswith(mistake)


def test_an_encoding_without_blocks_is_written_to_in_ascii(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setattr(sys, "stdin", io.StringIO("a = 2\n:descend (a - 1)^2 --steps 9 --lr 0.1\n"))
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, encoding="latin-1")
    assert repl.run(Console(Session(Options(numeric=True))), out=out, plain=True, color=True) == 0
    out.flush()
    assert b"loss 1 -> " in raw.getvalue()
    assert raw.getvalue().isascii()


def test_a_mistake_names_the_help_that_the_prompt_has(console):
    out = typed(console, f"2x(x+1){ENTER}")
    assert "help: for a product write x*(x + 1); :help functions lists the functions\n" in out
