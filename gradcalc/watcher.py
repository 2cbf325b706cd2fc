"""A small process beside this one, which ends it where a library's long call in C hears neither an alarm nor Ctrl-C.

It says what happened, and leaves the terminal as it was. Where this one ends for any other reason, its pipe is closed,
and it goes.
"""

from __future__ import annotations

import math
import os
import select
import signal
import struct
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from typing import IO

CAN_WATCH = hasattr(os, "fork")
_PATIENCE = 1.0  # seconds in which a Ctrl-C is heard by what hears any
_HEAD = struct.Struct(">dHHHH")
_WHOLE = 4000  # bytes that a pipe takes as one


class Watcher:
    """Watches this process, in which there is no other thread yet."""

    def __init__(self) -> None:
        heard, told = os.pipe()
        watched = os.getpid()
        sys.stdout.flush()
        sys.stderr.flush()
        if os.fork():
            os.close(heard)
            self._pipe: IO[bytes] = os.fdopen(told, "wb", buffering=0)
            return
        with suppress(BaseException):
            os.close(told)
            with os.fdopen(heard, "rb", buffering=0) as pipe:
                _watch(pipe, watched)
        os._exit(0)

    def watch(
        self, seconds: float = math.inf, late: str = "", answer: str = "", stopped: str = "", warning: str = ""
    ) -> None:
        """End this process, should it still be at what comes now: after so many seconds, with `late` on stderr and
        `answer` on stdout; or where it does not hear Ctrl-C, with `stopped`, if there is a `warning` only at another
        Ctrl-C after that."""
        texts = [text.encode(errors="backslashreplace") for text in (late, answer, stopped, warning)]
        if sum(map(len, texts)) > _WHOLE:
            texts[1] = b""
        with suppress(OSError):  # it is gone, and only signals are left
            self._pipe.write(_HEAD.pack(seconds, *map(len, texts)) + b"".join(texts))

    def rest(self) -> None:
        """Watch no longer, until asked again."""
        self.watch()

    def close(self) -> None:
        """Let it go."""
        self._pipe.close()


# ---- the other process


def _watch(pipe: IO[bytes], watched: int) -> None:
    pressed, put_back = _ctrl_c(), _terminal()
    end = unheard = math.inf  # when the time is up; when a Ctrl-C should have been heard
    late = answer = stopped = warning = b""
    warned = False
    while True:
        due = min(end, unheard)
        left = None if due == math.inf else max(0.0, due - time.monotonic())
        ready = select.select([pipe.fileno(), pressed], [], [], left)[0]
        if pipe.fileno() in ready:
            head = pipe.read(_HEAD.size)
            if len(head) < _HEAD.size:
                return
            seconds, *lengths = _HEAD.unpack(head)
            late, answer, stopped, warning = map(pipe.read, lengths)
            end, unheard, warned = time.monotonic() + seconds, math.inf, False
        elif pressed in ready:
            os.read(pressed, _WHOLE)
            if warned:
                break
            unheard = min(unheard, time.monotonic() + _PATIENCE) if stopped else math.inf
        elif due == end:
            stopped = late
            os.write(1, answer)
            break
        elif warning:
            os.write(2, warning)
            unheard, warned = math.inf, True
        else:
            break
    os.write(2, stopped)
    put_back()
    os.kill(watched, signal.SIGKILL)


def _ctrl_c() -> int:
    """A pipe that has a byte for each Ctrl-C, unless these are ignored, as in what a shell runs in the background."""
    pressed, pressing = os.pipe()
    os.set_blocking(pressing, False)
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, lambda *_: None)
        signal.set_wakeup_fd(pressing)
    return pressed


def _terminal() -> Callable[[], None]:
    """Has the terminal again as it is now."""
    import termios

    try:
        now = termios.tcgetattr(0)
    except termios.error:  # it is none
        return lambda: None
    return lambda: termios.tcsetattr(0, termios.TCSADRAIN, now)
