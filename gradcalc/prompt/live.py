"""The line under the prompt: value and gradient of what is typed so far.

It is computed in a process of its own. A key never waits for it, a long computation is killed and dropped, and what the
prompt itself computes is not disturbed (the precision of balls belongs to a whole process).
"""

from __future__ import annotations

import io
import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any

from gradcalc import show
from gradcalc.language.functions import TABLE, Function
from gradcalc.processes import end, limit_memory
from gradcalc.session import Session

from .remarks import Remark, remark

_START = "import sys; sys.path[:] = {path!r}; from gradcalc.prompt.live import serve; serve()"
_FIRST, _BUDGET = 10.0, 0.5  # seconds for a process to start, and for one remark


class Live:
    """Asks for remarks. Only the newest text counts; `done` is called from a thread of its own."""

    def __init__(self, done: Callable[[str, Remark], None]) -> None:
        self._done = done
        self._state = b""
        self._wanted: tuple[str, show.Style] | None = None
        self._news = threading.Condition()
        self._process: subprocess.Popen[bytes] | None = None
        self._sent: bytes | None = None  # the state that the process has
        self._thread: threading.Thread | None = None
        self._closed = False

    def about(self, session: Session) -> None:
        """From now on, remarks are about texts typed in this session as it is."""
        try:
            self._state = _packed((session.names, session.functions, session.results))
        except (RecursionError, pickle.PicklingError):
            self._state = b""  # too deep to send: then nothing is said

    def ask(self, text: str, style: show.Style) -> None:
        """Want a remark on a text."""
        with self._news:
            self._wanted = (text, style)
            if self._thread is None and not self._closed:
                self._thread = threading.Thread(target=self._work, daemon=True)
                self._thread.start()
            self._news.notify()

    def close(self) -> None:
        """End the process, also in the middle of a remark."""
        with self._news:
            self._closed = True
            self._news.notify()
        process = self._process
        if process is not None:
            process.kill()
        if self._thread is not None:
            self._thread.join(2)

    def _work(self) -> None:
        while True:
            with self._news:
                while self._wanted is None and not self._closed:
                    self._news.wait()
                if self._closed:
                    self._stop()
                    return
                assert self._wanted is not None
                (text, style), self._wanted = self._wanted, None
            found = self._remark(text, style)
            if self._wanted is None and not self._closed:
                self._done(text, found)

    def _remark(self, text: str, style: show.Style) -> Remark:
        state = self._state
        if not state:
            return Remark()
        try:
            process = self._started()
            news = None if state == self._sent else state
            answer = self._exchange(process, (news, text, style), _BUDGET)
            self._sent = state
            return answer
        except (OSError, EOFError, pickle.UnpicklingError):
            self._stop()
            return Remark()

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self._stop()
            process = subprocess.Popen(
                [sys.executable, "-c", _START.format(path=sys.path)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C is not for it
            )
            self._process = process
            if self._closed:  # in the meantime, by whoever did not see this process
                raise EOFError
            self._exchange(process, (None, "x at x=1", show.Style()), _FIRST)  # which loads all that remarks need
        return self._process

    def _exchange(self, process: subprocess.Popen[bytes], question: Any, seconds: float) -> Remark:
        timer = threading.Timer(seconds, process.kill)
        timer.daemon = True
        timer.start()
        try:
            assert process.stdin is not None
            assert process.stdout is not None
            pickle.dump(question, process.stdin)
            process.stdin.flush()
            found: Remark = pickle.load(process.stdout)
            return found
        finally:
            timer.cancel()

    def _stop(self) -> None:
        process, self._process, self._sent = self._process, None, None
        if process is not None:
            end(process)


class _Packer(pickle.Pickler):
    """Rows of the table go by name, since their functions cannot be sent."""

    def persistent_id(self, obj: Any) -> str | None:
        return obj.name if isinstance(obj, Function) and TABLE.get(obj.name) is obj else None


class _Unpacker(pickle.Unpickler):
    def persistent_load(self, pid: Any) -> Function:
        return TABLE[pid]


def _packed(state: Any) -> bytes:
    out = io.BytesIO()
    _Packer(out).dump(state)
    return out.getvalue()


def serve() -> None:
    """Answer until the pipe closes."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # nothing that prints may disturb the answers
    limit_memory()
    session = Session()
    while True:
        try:
            state, text, style = pickle.load(sys.stdin.buffer)
        except EOFError:
            os._exit(0)
        if state is not None:
            session = Session.going_on(*_Unpacker(io.BytesIO(state)).load())
        try:
            found = remark(session, text, style)
        except RecursionError:
            found = Remark()
        pickle.dump(found, answers)
        answers.flush()
