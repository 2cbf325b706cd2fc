"""The process beside this one, which ends it where it hears nothing."""

import signal
import subprocess
import sys

import pytest

DEAF = """
import os, signal, sys, time
from gradcalc.watcher import Watcher
signal.signal(signal.SIGINT, {handler})
watcher = Watcher()
watcher.watch({watched})
time.sleep(0.2)
{press}
time.sleep(1.7)
print("alive")
watcher.close()
"""
PRESS, NOBODY = "os.killpg(0, signal.SIGINT)", "lambda *_: None"


@pytest.mark.parametrize(
    ("handler", "watched", "press", "out", "err", "status"),
    [
        (NOBODY, "stopped='stopped\\n'", PRESS, "", "stopped\n", -signal.SIGKILL),
        (NOBODY, "stopped='stopped\\n'", f"{PRESS}; time.sleep(0.2); watcher.rest()", "alive\n", "", 0),  # it was heard
        (NOBODY, "stopped='stopped\\n', warning='again?\\n'", PRESS, "alive\n", "again?\n", 0),
        (NOBODY, "stopped='stopped\\n', warning='again?\\n'", f"{PRESS}; time.sleep(1.4); {PRESS}", "",
         "again?\nstopped\n", -signal.SIGKILL),
        (NOBODY, "", PRESS, "alive\n", "", 0),
        ("signal.SIG_IGN", "stopped='stopped\\n'", PRESS, "alive\n", "", 0),  # as in what runs in the background
        (NOBODY, "0.4, 'late\\n', 'answer\\n', 'stopped\\n'", "", "answer\n", "late\n", -signal.SIGKILL),
    ],
)  # fmt: skip
def test_who_hears_nothing_is_ended(handler, watched, press, out, err, status):
    program = DEAF.format(handler=handler, watched=watched, press=press)
    found = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=30, start_new_session=True, check=False
    )
    assert (found.stdout, found.stderr, found.returncode) == (out, err, status)
