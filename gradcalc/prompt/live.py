"""The line under the prompt: value and gradient of what is typed so far.

It is computed in a process of its own. A key never waits for it, a long computation is killed and dropped, and what the
prompt itself computes is not disturbed (the precision of balls belongs to a whole process).
"""

from __future__ import annotations

import pickle
import threading
from collections.abc import Callable
from contextlib import suppress

from gradcalc import show
from gradcalc.helper import Ended, Helper, Late
from gradcalc.record import dataclass, replace
from gradcalc.session import Options, Session

from .remarks import Remark, remark

_FIRST, _BUDGET = 10.0, 0.5  # seconds for a process to start, and for one remark
_EVERYTHING = Options()
_TOO_LONG = Remark("... takes longer than the line below waits")


@dataclass(frozen=True, slots=True)
class _Typed:
    """A text to be remarked on; `state` is what is named meanwhile, empty where the process has it already."""

    text: str
    style: show.Style
    place: int | None = None  # of the cursor, where it is not at the end
    options: Options = _EVERYTHING
    state: bytes = b""


class Live:
    """Asks for remarks. Only the newest text counts; `done` is called from a thread of its own."""

    def __init__(self, done: Callable[[str, Remark], None]) -> None:
        self._done = done
        self._state = b""
        self._options = _EVERYTHING
        self._wanted: _Typed | None = None
        self._news = threading.Condition()
        self._helper = Helper()
        self._sent: tuple[int | None, bytes] = (None, b"")  # the process, and the state that it has
        self._thread: threading.Thread | None = None
        self._closed = False

    def about(self, session: Session) -> None:
        """From now on, remarks are about texts typed in this session as it is."""
        self._options = session.options
        try:
            self._state = pickle.dumps(replace(session.state, log=()))
        except (RecursionError, pickle.PicklingError):
            self._state = b""  # too deep to send: then nothing is said

    def ask(self, text: str, style: show.Style, place: int | None = None) -> None:
        """Want a remark on a text; on the empty one, get the process ready for the first key."""
        with self._news:
            self._wanted = _Typed(text, style, place, self._options)
            if not self._closed and (self._thread is None or not self._thread.is_alive()):
                self._thread = threading.Thread(target=self._work, daemon=True)
                self._thread.start()
            self._news.notify()

    def close(self) -> None:
        """End the process, also in the middle of a remark."""
        with self._news:
            self._closed = True
            self._news.notify()
        self._helper.stop()
        if self._thread is not None:
            self._thread.join(2)
        self._helper.stop()  # one that was started in between

    def _work(self) -> None:
        while True:
            with self._news:
                while self._wanted is None and not self._closed:
                    self._news.wait()
                if self._wanted is None or self._closed:
                    return
                typed, self._wanted = self._wanted, None
            with suppress(Exception):  # whatever befalls one remark, the next is another
                found = self._remark(typed)
                if self._wanted is None and not self._closed:
                    self._done(typed.text, found)

    def _remark(self, typed: _Typed) -> Remark:
        state = self._state
        if not state:
            return Remark()
        try:
            if self._helper.pid is None:
                self._helper.ask(remarked, _Typed("x at x=1", typed.style), seconds=_FIRST)  # loads all that is needed
            process = self._helper.pid
            known = self._sent == (process, state)
            question = typed if known else replace(typed, state=state)
            found = self._helper.ask(remarked, question, seconds=_BUDGET)
            self._sent = (process, state)
            return found
        except Late:
            return _TOO_LONG
        except (Ended, OSError):
            return Remark()


# ---- the other process


_SESSION = Session()  # as it was sent last


def remarked(typed: _Typed) -> Remark:
    """The remark on a text; none where there is a bug, or it is too deep."""
    if typed.state:
        _SESSION.state = pickle.loads(typed.state)
    _SESSION.options = replace(typed.options, samples=0)
    try:
        return remark(_SESSION, typed.text, typed.style, typed.place)
    except Exception:  # whatever it is, the process stays
        return Remark()
