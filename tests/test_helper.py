"""A process that answers in time or is killed."""

import os
import threading
import time

import pytest

from gradcalc.helper import Ended, Helper, Late


def echoing():
    def answer(question):
        if question == b"sleep":
            time.sleep(60)
        if question == b"end":
            os._exit(1)
        if question == b"eat":
            return bytes(1 << 29)
        if question == b"print":
            pass
        return question + b" " + str(os.getpid()).encode()

    return answer


@pytest.fixture
def helper():
    made = Helper(echoing, lambda: 1 << 28)
    yield made
    made.stop()


def test_it_stays_and_is_started_anew(helper):
    assert helper.pid is None
    first = helper.ask(b"a", 20)
    assert first == f"a {helper.pid}".encode()
    assert helper.ask(b"print", 20) == b"print" + first[1:]
    with pytest.raises(Late):
        helper.ask(b"sleep", 0.2)
    assert helper.pid is None
    assert helper.ask(b"b", 20) == f"b {helper.pid}".encode()
    with pytest.raises(Ended):
        helper.ask(b"end", 20)
    with pytest.raises(Ended):
        helper.ask(b"eat", 20)
    assert helper.ask(b"c", 20).startswith(b"c ")
    with pytest.raises(Late):
        helper.ask(b"d", 0)


def test_it_is_stopped_from_another_thread(helper):
    helper.ask(b"a", 20)
    stopping = threading.Timer(0.1, helper.stop)
    stopping.start()
    with pytest.raises(Ended):
        helper.ask(b"sleep", 20)
    stopping.join()
    assert helper.ask(b"b", 20).startswith(b"b ")
