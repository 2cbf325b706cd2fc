"""Faults from outside, at every call that writes: what a user has is as it was, or whole and new."""

from __future__ import annotations

import errno
import os
import random
import signal
import subprocess
import sys
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

import gradcalc as gc
from gradcalc.files import write_whole
from gradcalc.prompt import Console
from gradcalc.prompt.keeping import Folders
from gradcalc.prompt.talk import Talk

CALLS = ("open", "fsync", "chmod", "replace")
FAULTS = (
    OSError(errno.ENOSPC, "No space left on device"),
    OSError(errno.EACCES, "Permission denied"),
    OSError(errno.EROFS, "Read-only file system"),
    OSError(errno.EDQUOT, "Disk quota exceeded"),
    KeyboardInterrupt(),
    MemoryError(),
)


def failing(monkeypatch, name, nth, fault):
    """Have the nth call of a function of the system raise; the counter of its calls."""
    calls, real = [0], getattr(os, name)

    def call(*args, **settings):
        calls[0] += 1
        if calls[0] == nth:
            raise fault
        return real(*args, **settings)

    monkeypatch.setattr(os, name, call)
    return calls


@pytest.mark.parametrize("backup", [None, "mine~"])
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: getattr(fault, "strerror", None) or type(fault).__name__)
@pytest.mark.parametrize("nth", [1, 2])
@pytest.mark.parametrize("name", CALLS)
def test_a_file_is_old_or_new_and_nothing_else_is_left(tmp_path, monkeypatch, name, nth, fault, backup):
    path = tmp_path / "mine"
    path.write_bytes(b"precious")
    with monkeypatch.context() as patched:
        calls = failing(patched, name, nth, fault)
        try:
            write_whole(path, b"new", backup and tmp_path / backup)
            failed = False
        except BaseException as raised:
            assert raised is fault  # noqa: PT017 (KeyboardInterrupt is none of pytest's exceptions)
            failed = True
    assert failed == (calls[0] >= nth)
    assert path.read_bytes() == (b"precious" if failed else b"new")
    assert {file.name for file in tmp_path.iterdir()} <= {"mine", backup}
    if backup and not failed:
        assert (tmp_path / backup).read_bytes() == b"precious"


def test_a_session_that_cannot_be_kept_goes_on(tmp_path, monkeypatch):
    out = Out()
    talk = talk_in(tmp_path, out)
    talk.answer("a = 2")
    (kept,) = (tmp_path / "data" / "sessions").glob("*.grad")
    before = kept.read_text()
    with monkeypatch.context() as patched:
        failing(patched, "fsync", 1, OSError(errno.ENOSPC, "No space left on device"))
        talk.answer("b = a + 1")
    assert kept.read_text() == before
    assert "No space left on device" in out.text
    out.text = ""
    talk.answer("b*5")
    assert "15" in out.text
    assert "b = a + 1" in kept.read_text()


class Out:
    """A stream that holds what was written."""

    def __init__(self):
        self.text = ""

    def write(self, text):
        self.text += text

    def flush(self):
        pass


def talk_in(folder, out):
    return Talk(Console(width=lambda: 80, folders=Folders(folder / "state", folder / "data")), out, False, False)


LINES = ["a = 2", "b := a^2", "f(x) = x*a", "f(b)", "b + 1", "a += 1", "g = sin(b)", "g at b=1", "h = f(3)"]


@pytest.mark.parametrize("fault", [KeyboardInterrupt, MemoryError])
@pytest.mark.parametrize("seed", range(8))
def test_stopped_anywhere_a_session_holds_what_was_carried_out(tmp_path, seed, fault):
    """In every line but the first, at a random step of the program: what is recorded reloads to the same names."""
    draw = random.Random(seed)
    out = Out()
    talk = talk_in(tmp_path, out)
    talk.answer(LINES[0])
    for line in LINES[1:]:
        with suppress(fault), stopped_after(int(10 ** draw.uniform(0, 4)), fault):
            talk.answer(line)
    talk.keep()
    (kept,) = (tmp_path / "data" / "sessions").glob("*.grad")
    again_out = Out()
    again = talk_in(tmp_path / "again", again_out)
    again.answer(f":load {kept}")
    assert "error" not in again_out.text
    assert set(again.console.session.names) == set(talk.console.session.names)


@contextmanager
def stopped_after(steps, fault):
    """Raise after so many lines of the program's own code."""
    left = [steps]

    def trace(frame, event, argument):
        if "gradcalc" not in frame.f_code.co_filename:
            return None
        if event == "line":
            left[0] -= 1
            if left[0] == 0:
                sys.settrace(None)
                raise fault
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        yield
    finally:
        sys.settrace(before)


KILLED = """
import os, signal, sys
from pathlib import Path
from gradcalc.files import write_whole
real = getattr(os, sys.argv[2])
def die(*args, **settings):
    os.kill(os.getpid(), signal.SIGKILL)
setattr(os, sys.argv[2], die)
write_whole(Path(sys.argv[1]), b"new" * 100000)
"""


@pytest.mark.parametrize("name", CALLS)
def test_killed_in_the_middle_of_writing_the_old_text_is_there(tmp_path, name):
    path = tmp_path / "mine"
    path.write_bytes(b"precious")
    done = subprocess.run([sys.executable, "-c", KILLED, str(path), name], check=False)
    assert done.returncode == -signal.SIGKILL
    assert path.read_bytes() == b"precious"


@pytest.mark.parametrize("write", ["answer.json", "answer.tex", "answer.csv", "graph.svg"])
def test_the_command_leaves_a_file_alone_where_it_fails(tmp_path, write):
    path = tmp_path / write
    path.write_text("precious")
    folder = tmp_path / "full"
    folder.mkdir()
    args = ["log(x)", "x=-1", "-o", str(path)]
    done = subprocess.run([sys.executable, "-m", "gradcalc", *args], capture_output=True, text=True, check=False)
    assert done.returncode in (2, 3)
    assert path.read_text() == "precious"
    assert "wrote" not in done.stdout + done.stderr


@pytest.mark.parametrize("signal_", [signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_a_session_survives_the_end_of_its_process(tmp_path, signal_):
    environment = {**os.environ, "XDG_DATA_HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path)}
    command = [sys.executable, "-m", "gradcalc", "-i", "-n"]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment,
        preexec_fn=lambda: signal_ == signal.SIGKILL or signal.signal(signal_, signal.SIG_DFL),  # not as nohup has it
    )  # fmt: skip
    process.stdin.write("a = 2\nb = a^2\nb + 1\n1/8\n")
    process.stdin.flush()
    while "0.125" not in process.stdout.readline():  # then what comes before is kept
        pass
    process.send_signal(signal_)
    process.wait(30)
    process.stdin.close()
    process.stdout.close()
    (kept,) = Path(tmp_path).glob("**/sessions/*.grad")
    lines = [line for line in kept.read_text().splitlines() if not line.startswith("#")]
    assert lines[:3] == ["a = 2", "b = a^2", "b + 1"]


def test_pictures_are_written_whole(tmp_path, monkeypatch):
    path = tmp_path / "graph.dot"
    path.write_text("precious")
    graph = gc.draw_dot(gc.Value(2.0) * 3)
    failing(monkeypatch, "fsync", 1, OSError(errno.ENOSPC, "No space left on device"))
    with pytest.raises(OSError, match="No space"):
        graph.save(path)
    assert path.read_text() == "precious"
