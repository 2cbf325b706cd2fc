"""The net under an answer with `--time-limit`: whatever it is at, it stops.

What is written in Python is stopped by an alarm, as `OutOfTime`, and the next formula is answered. A library's long
call in C hears no alarm, and no Ctrl-C either: a small process beside this one then says what happened and ends this
one. Where this one ends for any other reason, its pipe is closed, and it goes.
"""

from __future__ import annotations

import math
import os
import select
import signal
import struct
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import IO

from gradcalc.helper import alarm

_ALARM, _KILL = 0.25, 0.45  # seconds beyond the limit: steps that heed it by themselves have ended before
_HEAD = struct.Struct(">i")
_WHOLE = 4000  # bytes that a pipe takes as one


class Clock:
    """Args: the seconds that an answer may take; None for no limit."""

    def __init__(self, seconds: float | None):
        self.seconds = seconds if hasattr(os, "fork") else None
        self._watcher: IO[bytes] | None = None

    @contextmanager
    def answering(self, last: Callable[[], str]) -> Iterator[None]:
        """Limit what is done inside. What `last` gives is written to stdout where nothing else can stop it.

        Raises:
            OutOfTime: what is done inside takes longer.
        """
        if self.seconds is None:
            yield
            return
        if self._watcher is None:
            self._watcher = _watched(self.seconds)
        said = last().encode(errors="backslashreplace")
        self._tell(said if len(said) < _WHOLE else b"")
        try:
            with alarm(self.seconds + _ALARM):
                yield
        finally:
            self._tell(None)

    def close(self) -> None:
        """Let the process beside this one go."""
        if self._watcher is not None:
            self._watcher.close()

    def _tell(self, last: bytes | None) -> None:
        assert self._watcher is not None
        with suppress(OSError):  # the watcher is gone, and only the alarm is left
            self._watcher.write(_HEAD.pack(-1 if last is None else len(last)) + (last or b""))


def _watched(seconds: float) -> IO[bytes]:
    """Start the process beside this one; the end of the pipe that it listens to."""
    heard, told = os.pipe()
    watched = os.getpid()
    sys.stdout.flush()
    sys.stderr.flush()
    if os.fork():
        os.close(heard)
        return os.fdopen(told, "wb", buffering=0)
    with suppress(BaseException):
        os.close(told)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        with os.fdopen(heard, "rb", buffering=0) as pipe:
            _watch(pipe, watched, seconds)
    os._exit(0)


def _watch(pipe: IO[bytes], watched: int, seconds: float) -> None:
    end, last = math.inf, b""
    while True:
        left = None if end == math.inf else max(0.0, end - time.monotonic())
        if not select.select([pipe], [], [], left)[0]:
            os.write(1, last)
            os.write(2, f"error: out of time after {seconds:g} s, in a step that cannot be interrupted\n".encode())
            os.kill(watched, signal.SIGKILL)
            return
        head = pipe.read(_HEAD.size)
        if len(head) < _HEAD.size:
            return
        length = _HEAD.unpack(head)[0]
        end, last = (math.inf, b"") if length < 0 else (time.monotonic() + seconds + _KILL, pipe.read(length))
