"""Work that a question may take. It is counted, so that the same question ends at the same place on an idle machine and
on a busy one; the clock is a net for what cannot be counted."""

from __future__ import annotations

import time

A_SECOND = 20_000  # units that a usual machine does; one is a node in balls of 192 bits, with its derivative
NET = 5.0  # times as long, by the clock, is all there is
_SHORTEST = 0.2  # seconds that the net is for at least: a first question has modules to import, which no unit counts
DONE = "the work that the time limit allows was done"
OUT_OF_TIME = "out of time"  # by the clock
MOST_POINTS = 10_000  # that a claim is tried at: beyond, they take memory before the first is judged
LONGEST = 1e9  # seconds, which clocks and timers of every system can tell


def time_of(seconds: float) -> float:
    """The seconds that something may take.

    Raises:
        ValueError: they are no time from 0 to `LONGEST`.
    """
    if isinstance(seconds, str) or not 0 <= seconds <= LONGEST:
        raise ValueError(f"seconds={seconds!r} is no time from 0 to {LONGEST:g}")
    return seconds


def points_of(n: int) -> int:
    """The number of points that a claim is tried at.

    Raises:
        ValueError: it is none from 0 to `MOST_POINTS`.
    """
    if isinstance(n, str) or not 0 <= n <= MOST_POINTS:
        raise ValueError(f"n={n!r} is no number of points from 0 to {MOST_POINTS:,}")
    return n


class Work:
    """An allowance of work.

    Args:
        seconds: as long as it takes a usual machine.
        of: a larger allowance, in which what is done counts too.
    """

    def __init__(self, seconds: float, of: Work | None = None):
        self.seconds = seconds
        self._of = of
        self._counted = 0.0
        self._start = 0.0 if of is None else of.done
        self._net = time.monotonic() + NET * max(seconds, _SHORTEST)

    @property
    def done(self) -> float:
        """Units that were done."""
        return self._counted if self._of is None else self._of.done - self._start

    def spend(self, units: float) -> None:
        """Count what is about to be done, or has been."""
        if self._of is None:
            self._counted += units
        else:
            self._of.spend(units)

    def leaves(self, units: float, part: float) -> bool:
        """Whether so many units more are less than a part of the allowance."""
        return self.done + units < part * self.seconds * A_SECOND

    def over(self, part: float = 1.0) -> bool:
        """Whether a part of the allowance, by default all of it, is used up."""
        return self.done >= part * self.seconds * A_SECOND or self.is_late

    @property
    def is_late(self) -> bool:
        """Whether the net of the clock was met, whatever was counted."""
        return time.monotonic() > self._net

    @property
    def ended(self) -> str:
        """Why it is over, in words: the work was done, or the net of the clock was met."""
        counted = self.done >= self.seconds * A_SECOND or not self.is_late
        return DONE if counted else OUT_OF_TIME

    def share(self, part: float) -> Work:
        """An allowance of a part of what is left."""
        return Work(part * max(0.0, self.seconds - self.done / A_SECOND), self)
