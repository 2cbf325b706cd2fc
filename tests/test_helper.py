"""A process that answers in time or is killed."""

import os
import pickle
import subprocess
import sys
import threading
import time
import warnings
from contextlib import suppress

import pytest

from gradcalc.helper import Ended, Helper, Late, OutOfTime, within
from gradcalc.language.errors import LIMITS, SymbolicError
from gradcalc.symbolic.worker import OUT_OF_MEMORY, TOO_DEEP, Worker, answered
from gradcalc.work import OUT_OF_TIME


def echo(question):
    if question == "sleep":
        time.sleep(60)
    if question == "end":
        os._exit(1)
    if question == "eat":
        return len(bytes(1 << 29))
    return f"{question} {os.getpid()}"


@pytest.fixture
def helper():
    made = Helper(lambda: 1 << 28)
    yield made
    made.stop()


def test_it_stays_and_is_started_anew(helper):
    assert helper.pid is None
    first = helper.ask(echo, "a", seconds=20)
    assert first == f"a {helper.pid}"
    assert helper.ask(echo, "print", seconds=20) == "print" + first[1:]
    with pytest.raises(Late):
        helper.ask(echo, "sleep", seconds=0.2)
    assert helper.pid is None
    assert helper.ask(echo, "b", seconds=20) == f"b {helper.pid}"
    with pytest.raises(Ended):
        helper.ask(echo, "end", seconds=20)
    with pytest.raises(Ended):
        helper.ask(echo, "eat", seconds=20)
    assert helper.ask(echo, "c", seconds=20).startswith("c ")
    with pytest.raises(Late):
        helper.ask(echo, "d", seconds=0)


ORPHAN = """
import os, threading
from gradcalc.helper import Helper
helper = Helper()
helper.ask(print, seconds=20)
print(helper.pid, flush=True)
threading.Timer(0.1, os._exit, (0,)).start()
helper.ask(sum, range(10**13), seconds=0.5)  # in C, where no alarm is heard
"""


def test_it_ends_where_nobody_is_left_to_end_it():
    found = subprocess.run([sys.executable, "-c", ORPHAN], capture_output=True, text=True, check=True, timeout=30)
    pid, deadline = int(found.stdout), time.monotonic() + 20
    while subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True).stdout.strip("Z+sl\n "):
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_it_is_stopped_from_another_thread(helper):
    helper.ask(echo, "a", seconds=20)
    stopping = threading.Timer(0.1, helper.stop)
    stopping.start()
    with pytest.raises(Ended):
        helper.ask(echo, "sleep", seconds=20)
    stopping.join()
    assert helper.ask(echo, "b", seconds=20).startswith("b ")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (None, 42), (RecursionError(), TOO_DEEP), (MemoryError(), OUT_OF_MEMORY), (SymbolicError("no form"), "no form"),
        (KeyError("x"), "sympy gave up: 'x'"), (NotImplementedError(), "sympy gave up: NotImplementedError"),
    ],
)  # fmt: skip
def test_what_goes_wrong_with_a_symbolic_step_is_said(error, said):
    def step():
        if error is not None:
            raise error
        return 42

    with warnings.catch_warnings():
        packed = answered(step, (), time.time() + 60, {"order": LIMITS.order})
    assert pickle.loads(packed) == (error is None, said)


def test_a_symbolic_step_ends_in_time():
    with warnings.catch_warnings():
        packed = answered(time.sleep, (60,), time.time() - 1, {})
    assert pickle.loads(packed) == (False, OUT_OF_TIME)


@pytest.mark.parametrize(
    ("error", "said"),
    [(Ended("it"), OUT_OF_MEMORY), (OSError("none left"), "no process for a long symbolic step: none left")],
)
def test_without_its_process_there_is_no_symbolic_step(error, said, monkeypatch):
    worker = Worker()

    def ask(*_, **__):
        raise error

    monkeypatch.setattr(worker.helper, "ask", ask)
    with pytest.raises(SymbolicError) as caught:
        worker.ask(abs, 1, seconds=1)
    assert caught.value.message == said


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_limit_is_kept_that_was_lost_in_what_an_object_does_as_it_goes() -> None:
    heard = []

    class Goes:
        def __del__(self) -> None:
            try:
                while True:
                    pass
            except OutOfTime:
                heard.append(True)
                raise

    def go_on() -> None:
        Goes()
        while heard:  # Python has dropped what was raised there
            pass

    with pytest.raises(OutOfTime), within(0.0):
        go_on()


def test_lines_can_be_counted_after_a_limit_was_kept() -> None:
    # an interpreter that is left with word of an exception that is none never comes past a call which is traced
    from gradcalc.judge.programs.effort import effort

    for seconds in (10.0, 0.0):
        with suppress(OutOfTime), within(seconds):
            while True:  # Python 3.13 has no handler where a loop with a condition begins anew
                if seconds:
                    break
        assert effort(lambda: sum(range(3)))[0] == 3
