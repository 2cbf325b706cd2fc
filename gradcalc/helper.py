"""A process of our own for what may take long: it answers in time, or is killed and the next question starts another.

It is a fresh interpreter on two pipes rather than one of `multiprocessing`: forking is unsafe once there are threads,
and spawning runs the user's `__main__` a second time. A question is a function of a module and its arguments.
"""

from __future__ import annotations

import atexit
import math
import os
import pickle
import signal
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from types import FrameType
from typing import IO, TYPE_CHECKING, Any, TypeVar
from weakref import WeakSet

if TYPE_CHECKING:
    import subprocess

T = TypeVar("T")

_LENGTH = struct.Struct(">Q")
_START = "import sys; sys.path[:] = {path!r}; from {here} import serve; serve({memory})"
_MEMORY = 1 << 30  # bytes
_A_THREAD = 16 << 20
_ALONE = 1.0  # seconds
SOON = 0.02  # seconds, until it is looked again whether an import has ended


class Late(Exception):
    """The time was up before there was an answer."""


class Ended(Exception):
    """The process came to an end before it had answered; as a rule its memory was used up."""


class OutOfTime(BaseException):
    """The alarm: no Exception, so that nothing swallows it, but steps that have something to show may catch it."""


def imports(frame: FrameType | None) -> int:
    """How many imports a frame is inside of. One that is left halfway leaves modules that are taken for whole later, so
    what stops a computation waits for its end."""
    found = 0
    while frame is not None:
        code, frame = frame.f_code, frame.f_back
        found += code.co_name == "_find_and_load" and code.co_filename.startswith("<frozen importlib")
    return found


@contextmanager
def alarm(seconds: float, again: float = 0.0, loading: Callable[[], object] = lambda: None) -> Iterator[None]:
    """Raise `OutOfTime` in what is done inside, when it has taken so long, where the system can; and once more after
    `again` seconds, if that is not 0, should the first be lost in a callback. `loading` is called while the end of an
    import is waited for."""
    if not hasattr(signal, "setitimer"):
        yield
        return

    outside = imports(sys._getframe())

    def late(_: int, frame: FrameType | None) -> None:
        if imports(frame) > outside:
            loading()
            signal.setitimer(signal.ITIMER_REAL, SOON)
            return
        signal.setitimer(signal.ITIMER_REAL, again)
        raise OutOfTime

    before = signal.signal(signal.SIGALRM, late)
    try:
        signal.setitimer(signal.ITIMER_REAL, seconds)  # here, too, it may be raised
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


_END = ContextVar("end", default=math.inf)  # by the clock, of what this thread is at
_LATE = 0.25  # seconds: what is counted as `seconds` of work has ended before
_AGAIN = 0.2  # seconds after which it is raised once more: it is lost in what an object does as it goes


@contextmanager
def within(seconds: float, again: float = _AGAIN) -> Iterator[threading.Event]:
    """Raise `OutOfTime` in what this thread does inside, when it has taken a moment longer than so many seconds, and
    once more after every `again` seconds; the event is set then. Unlike an alarm it takes no signal, which may be the
    user's own, and is heard in every thread."""
    if seconds == math.inf:
        yield threading.Event()
        return
    import ctypes

    thread, raised = ctypes.c_ulong(threading.get_ident()), ctypes.pythonapi.PyThreadState_SetAsyncExc
    lock, inside, rung, left = threading.Lock(), True, threading.Event(), threading.Event()
    outside = imports(sys._getframe())

    def late() -> None:
        wait = max(0.0, seconds + _LATE)
        while not left.wait(None if wait == math.inf else wait):
            with lock:
                loading = imports(sys._current_frames().get(thread.value)) > outside
                if inside and not loading:
                    rung.set()
                    raised(thread, ctypes.py_object(OutOfTime))
            wait = SOON if loading else again

    timer = threading.Thread(target=late, daemon=True)
    end = _END.set(min(_END.get(), time.monotonic() + seconds + _LATE))
    try:
        timer.start()  # here, too, it may be raised
        yield rung
    finally:
        try:
            with suppress(OutOfTime):
                with lock:
                    inside = False
                for _ in range(2):  # at the end of a round it is heard that it was raised
                    pass
        finally:
            inside = False
            left.set()
            _END.reset(end)


def timed() -> bool:
    """Whether a clock ends what this thread does."""
    return _END.get() < math.inf


def in_time(function: Callable[..., T]) -> Callable[..., T]:
    """The function as it is called in another thread, where it ends when the time of this one does."""
    end = _END.get()

    def ended(*args: Any) -> T:
        with within(end - time.monotonic() - _LATE, math.inf):
            return function(*args)

    return ended


class Helper:
    """Asks a process, which starts with the first question and stays for the next. From several threads, one waits for
    the other within its own time."""

    def __init__(self, memory: Callable[[], int] = lambda: _MEMORY) -> None:
        """`memory` is asked for the bytes that a process may take, where the system can be told."""
        self._memory = memory
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        _HELPERS.add(self)

    @property
    def pid(self) -> int | None:
        """Of the process that is there now; None if there is none."""
        process = self._process
        return None if process is None or process.poll() is not None else process.pid

    def ask(self, function: Callable[..., T], *args: Any, seconds: float) -> T:
        """The result of a module's function in the process, which ends where that raises something.

        Raises:
            RecursionError: the arguments are too deep to be sent.
            Late: it took longer than this, and the process was killed.
            Ended: the process ended.
            OSError: no process could be started.
        """
        seconds = min(seconds, _END.get() - time.monotonic())
        question, deadline = pickle.dumps((function, args, seconds)), time.monotonic() + seconds
        if seconds <= 0 or not self._lock.acquire(timeout=seconds):
            raise Late
        try:
            answer: T = pickle.loads(self._exchange(question, deadline))
            return answer
        finally:
            self._lock.release()

    def _exchange(self, question: bytes, deadline: float) -> bytes:
        process = self._started()
        late = threading.Event()

        def kill() -> None:
            late.set()
            process.kill()

        timer = threading.Timer(max(0.0, deadline - time.monotonic()), kill)
        timer.daemon = True
        timer.start()
        done = False
        try:
            assert process.stdin is not None
            assert process.stdout is not None
            _send(process.stdin, question)
            answer = _received(process.stdout)
            done = True
            return answer
        except (EOFError, OSError, ValueError):  # ValueError: `stop` has closed the pipes
            raise (Late if late.is_set() else Ended) from None
        finally:
            timer.cancel()
            timer.join()
            if late.is_set() or not done:  # also where a user stops us: the answer would be taken for the next one
                self.stop()

    def _started(self) -> subprocess.Popen[bytes]:
        if self.pid is None:
            import subprocess

            self.stop()
            self._process = subprocess.Popen(
                [sys.executable, "-c", _START.format(path=sys.path, here=__name__, memory=self._memory())],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C is for us alone
            )
        assert self._process is not None
        return self._process

    def stop(self) -> None:
        """End the process, if there is one, and wait for its end; also from another thread than the one that asks."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            _close(process)
            process.wait()

    def forget(self) -> None:
        """After a fork: the process is our parent's."""
        process, self._process, self._lock = self._process, None, threading.Lock()
        if process is not None:
            process.returncode = 0  # so that nobody here warns of it or waits for it
            _close(process)


_HELPERS: WeakSet[Helper] = WeakSet()


def _all(do: Callable[[Helper], None]) -> None:
    for helper in list(_HELPERS):
        do(helper)


atexit.register(_all, Helper.stop)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=lambda: _all(Helper.forget))


def _close(process: subprocess.Popen[bytes]) -> None:
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            with suppress(OSError):  # what was not yet sent goes nowhere
                stream.close()


def _send(stream: IO[bytes], message: bytes) -> None:
    stream.write(_LENGTH.pack(len(message)))
    stream.write(message)
    stream.flush()


def _received(stream: IO[bytes]) -> bytes:
    """A message. Raises EOFError where there is none."""
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        raise EOFError
    length = _LENGTH.unpack(head)[0]
    message = stream.read(length)
    if len(message) < length:
        raise EOFError
    return message


# ---- the other process


def serve(memory: int) -> None:
    """Answer questions until the pipe closes. One that takes too long ends here where nobody is left to kill us."""
    import faulthandler

    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # nothing that prints may disturb the answers
    limit_memory(memory)
    while True:
        try:
            function, args, seconds = pickle.loads(_received(sys.stdin.buffer))
        except EOFError:
            os._exit(0)
        faulthandler.dump_traceback_later(seconds + _ALONE, exit=True, file=2)
        _send(answers, pickle.dumps(function(*args)))
        faulthandler.cancel_dump_traceback_later()


def limit_memory(most: int) -> None:
    """Let this process, and those that it starts, take no more bytes than this, where the system can be told; what
    libraries set aside for a thread a processor is added."""
    try:
        import resource
    except ImportError:  # not on Windows
        return
    most += _A_THREAD * (os.cpu_count() or 1)
    _, allowed = resource.getrlimit(resource.RLIMIT_DATA)
    with suppress(ValueError, OSError):  # a system that takes no such limit
        resource.setrlimit(resource.RLIMIT_DATA, (most if allowed < 0 else min(most, allowed), allowed))
