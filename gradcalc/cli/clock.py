"""The net under an answer with `--time-limit`: whatever it is at, it stops.

What is written in Python is stopped by an alarm, as `OutOfTime`, has a moment to give what it has found, and the next
formula is answered. Of a long call in C the process beside this one says what happened; on a terminal it watches for
Ctrl-C, too.
"""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext

from gradcalc.helper import OutOfTime, alarm
from gradcalc.language.errors import NOWHERE, Span, UndecidedError
from gradcalc.watcher import CAN_WATCH, Watcher

from .output import is_terminal

_ALARM, _AGAIN, _KILL = 0.15, 0.2, 0.45  # seconds: steps that heed the limit by themselves have ended before
_IN_C = "in a step that cannot be interrupted"
_DRAWING = 0.5
MORE_TIME = "--time-limit SECONDS gives it more"


class Clock:
    """
    Args:
        seconds: that an answer may take; None for no limit.
        own: whether the process is there for the command alone, which Ctrl-C may end.
    """

    def __init__(self, seconds: float | None, own: bool):
        self.seconds = seconds if CAN_WATCH else None
        self._needed = CAN_WATCH and (seconds is not None or (own and is_terminal(sys.stdin)))
        self._watcher: Watcher | None = None
        self._read = 0.0  # seconds that were spent on reading for the next answer

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Limit what is read for the next answer, which has the rest of the time.

        Raises:
            UndecidedError: it takes longer.
        """
        start, self._read = time.monotonic(), 0.0
        try:
            with self.answering(str):
                yield
        except OutOfTime:
            raise late(self.seconds) from None
        self._read = time.monotonic() - start

    @contextmanager
    def answering(self, last: Callable[[], str], drawn: bool = False) -> Iterator[None]:
        """Limit what is done inside, and sooner where its answer is to be `drawn`, which takes a moment. What `last`
        gives is written to stdout where nothing else can stop it.

        Raises:
            OutOfTime: what is done inside takes longer.
        """
        if not self._needed:
            yield
            return
        watcher = self._watcher = self._watcher or Watcher()
        seconds = math.inf if self.seconds is None else self.seconds
        late = f"error: out of time after {seconds:g} s, {_IN_C}\n"
        left, self._read = max(0.0, seconds - self._read), 0.0

        def watch(left: float) -> None:
            watcher.watch(left + _KILL, late, last(), f"stopped, {_IN_C}\n")

        watch(left)
        try:
            sooner = min(left / 2, _DRAWING) if drawn else 0.0
            rung = alarm(left + _ALARM - sooner, _AGAIN + sooner, lambda: watch(0.0))
            with rung if self.seconds is not None else nullcontext():
                yield
        finally:
            watcher.rest()

    def close(self) -> None:
        """Let the process beside this one go."""
        if self._watcher is not None:
            self._watcher.close()


def late(seconds: float | None, span: Span = NOWHERE) -> UndecidedError:
    """The error that says that the time was up."""
    return UndecidedError(f"out of time after {seconds or 0:g} s", span, MORE_TIME)
