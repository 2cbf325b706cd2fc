"""The prompt on a real terminal (a pty): starting, typing, completion, the live line, Ctrl-C, resizing, leaving."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time

import pytest

ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z~]|\x1b[()][A-Z0-9]|\x1b[=>78]")


class Terminal:
    """A child on a pty, which answers the one question terminals are asked: where the cursor is."""

    def __init__(self, environment, *args, rows=24, columns=80, color=True):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            signal.signal(signal.SIGINT, signal.SIG_DFL)  # which is ignored in what a shell runs in the background
            os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # a prompt that is compiled anew is not soon up
            os.environ.update(environment)
            os.execv(
                sys.executable, [sys.executable, "-m", "gradcalc", "--color", "always" if color else "never", *args]
            )
        self.raw, self.place = b"", 0
        self.resize(rows, columns)

    def resize(self, rows, columns):
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        os.kill(self.pid, signal.SIGWINCH)

    def press(self, keys):
        os.write(self.fd, keys.encode())

    def wait_for(self, text, seconds=15):
        """What is shown after what was last waited for, up to a text."""
        deadline = time.monotonic() + seconds
        while (found := self.shown().find(text, self.place)) < 0:
            left = deadline - time.monotonic()
            assert left > 0, f"no {text!r} in {self.shown()[self.place :]!r}"
            if select.select([self.fd], [], [], left)[0]:
                self._read()
        start, self.place = self.place, found + len(text)
        return self.shown()[start : self.place]

    def _read(self):
        try:
            new = os.read(self.fd, 65536)
        except OSError:  # Linux, once the child has gone
            new = b""
        if not new:
            raise EOFError(self.shown())
        if b"\x1b[6n" in new:
            self.press("\x1b[1;1R")
        self.raw += new

    def shown(self):
        return ESCAPES.sub("", self.raw.decode(errors="replace"))

    def status(self, seconds=10):
        """The exit status, once the child has gone."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                if select.select([self.fd], [], [], 0.05)[0]:
                    self._read()
            except EOFError:
                pass
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.pid = 0
                return os.waitstatus_to_exitcode(status)
        raise AssertionError(f"still running: {self.shown()!r}")

    def close(self):
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.fd)


@pytest.fixture
def environment(tmp_path):
    return {
        "TERM": "xterm-256color", "XDG_STATE_HOME": str(tmp_path / "state"), "XDG_DATA_HOME": str(tmp_path / "data"),
        "PYTHONWARNINGS": "error",
    }  # fmt: skip


@pytest.fixture
def terminal(environment):
    opened = []

    def start(*args, **kwargs):
        opened.append(Terminal({**environment, **kwargs.pop("extra", {})}, *args, **kwargs))
        return opened[-1]

    yield start
    for one in opened:
        one.close()


def test_a_session(terminal, tmp_path):
    screen = terminal()
    screen.wait_for(":quit or Ctrl-D to leave")
    screen.wait_for(">> ")
    screen.press("a = 2; b = -3\r")
    screen.wait_for("a = 2   b = -3")
    screen.press("a*b")
    screen.wait_for("= -6   da -3  db 2")  # below, before Enter
    screen.press("\r")
    screen.wait_for("agree")
    screen.press("log(a, ")
    screen.wait_for("log(x, base)")
    screen.press("\x03")
    screen.press("sn(a)")
    screen.wait_for("did you mean 'sin'?")
    assert re.search(rb"\x1b\[0;2;4ms?n", screen.raw)  # marked where it stands
    screen.press("\x03")
    screen.press("2*sin\t\t")
    screen.wait_for("d/dx = cosh(x)")
    screen.press("\x03")
    screen.resize(24, 30)
    screen.press("a*b\r")
    assert "-6   da -3  db 2   agree" in screen.wait_for("agree")
    screen.wait_for(">> ")
    screen.press("\x04")
    assert screen.status() == 0
    assert "a*b\n#> -6   da -3  db 2\n" in next((tmp_path / "data/gradcalc/sessions").iterdir()).read_text()
    assert "+a*b\n" in (tmp_path / "state/gradcalc/history").read_text()
    again = terminal()
    again.wait_for(">> ")
    again.press(":load last\r")
    again.wait_for("3 statements, 2 of 2")
    again.press(":quit\r")
    assert again.status() == 0
    at_once = terminal()
    at_once.wait_for(">> ")
    at_once.press("\x04")  # while much is still being loaded
    assert at_once.status() == 0
    assert not any("Traceback" in one.shown() for one in (screen, again, at_once))


def test_ctrl_c_stops_a_computation(terminal):
    screen = terminal()
    screen.wait_for(">> ")
    screen.press("w = 0\r")
    screen.wait_for("w = 0\r\n")
    screen.press(":descend (w - 3)^2 --lr 0.0000001 --steps 100000000\r")
    screen.wait_for("Ctrl-C keeps the best")
    screen.press("\x03")
    screen.wait_for("steps, stopped")
    screen.press("2 + 3\r")
    screen.wait_for("[1] 5\r\n")


def test_ctrl_c_ends_what_hears_none_and_the_session_is_kept(terminal):
    screen = terminal()
    screen.wait_for(">> ")
    screen.press("\x1b[200~:set precision 8192\nb = 7\ngammainc(1e8, x) at x=1e8\x1b[201~\r")
    screen.wait_for("b = 7\r\n")
    time.sleep(1)  # until it is in C
    screen.press("\x03")
    screen.wait_for("this step hears no Ctrl-C; another one ends gradcalc, and :load last goes on\r\n")
    screen.press("\x03")
    screen.wait_for("ended, and :load last goes on\r\n")
    assert screen.status() == -signal.SIGKILL
    again = terminal()
    again.wait_for(":load last")
    again.press(":load last\rb\r")
    again.wait_for("[1] 7   db 1")


def test_ctrl_c_ends_a_command_that_hears_none(terminal):
    screen = terminal("gammainc(1e8, x)", "x=1e8", "--precision", "8192")
    time.sleep(1)  # until it is in C
    screen.press("\x03")
    screen.wait_for("stopped, in a step that cannot be interrupted\r\n")
    assert screen.status() == -signal.SIGKILL


def test_what_is_typed_ahead_is_not_echoed_into_an_answer(terminal):
    screen = terminal()
    screen.wait_for(">> ")
    screen.press("x = 3\rsin(x)^2*exp(x)/(x + 1)\rx^3 + 1\r")
    screen.wait_for("[2] 28   dx 27   agree")
    assert "[1] 0.1000001473   dx -1.328052466   agree\r\n" in screen.shown()


def test_typing_is_never_held_up(terminal):
    screen = terminal()
    screen.wait_for(">> ")
    screen.press("x = 0.5\r")
    screen.wait_for("x = 0.5\r\n")
    slow = "diff(" * 7 + "tanh(sin(x)*exp(x))^9" + ", x)" * 7
    screen.press(slow)
    screen.wait_for(slow[-8:])
    screen.press(" + 12345")
    assert "=" not in screen.wait_for("5")  # the keys stand there before anything is said of the formula


def test_no_colour_and_a_dumb_terminal(terminal):
    screen = terminal(color=False)
    screen.wait_for(">> ")
    screen.press("x^2 at x=3\r")
    screen.wait_for("agree")
    assert not re.search(rb"\x1b\[[0-9;]*3[0-9]m", screen.raw)
    dumb = terminal(color=False, extra={"TERM": "dumb"})
    dumb.wait_for(">> ")
    dumb.press("x^2 at x=3\n")
    dumb.wait_for("9   dx 6   agree")
    dumb.wait_for(">> ")
    dumb.press("sqt(4)\n")
    dumb.wait_for("did you mean")
    assert b">> sqt(4)\r\nerror:" in dumb.raw
    dumb.wait_for(">> ")
    dumb.press("\x04")
    assert dumb.status() == 0
    assert b"\x1b" not in dumb.raw


def test_two_prompts_lose_nothing_of_each_other(terminal, tmp_path):
    one, two = terminal(), terminal()
    for screen, name in ((one, "a"), (two, "b")):
        screen.wait_for(">> ")
        screen.press(f"{name} = 1\r")
        screen.wait_for(f"{name} = 1\r\n")
    for i in range(5):
        for screen, name in ((one, "a"), (two, "b")):
            screen.press(f"{name} = {i + 2}\r")
            screen.wait_for(f"{name} = {i + 2}   (was {i + 1})")
    for screen in (one, two):  # without a goodbye, where a prompt says that the line is done with
        screen.wait_for(">> ")
        os.kill(screen.pid, signal.SIGKILL)
        assert screen.status() == -signal.SIGKILL
    history = (tmp_path / "state/gradcalc/history").read_text()
    entered = [f"{name} = {i}" for i in range(1, 7) for name in "ab"]
    assert re.findall(r"^\+(.*)$", history, re.M) == entered
    kept = sorted((tmp_path / "data/gradcalc/sessions").glob("*.grad"))
    assert sorted(re.findall(r"^([ab]) = 6$", "".join(file.read_text() for file in kept), re.M)) == ["a", "b"]
