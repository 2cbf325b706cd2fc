"""One process for steps of sympy that may take for ever: it answers in time, or is killed.

It is a fresh interpreter on two pipes rather than one of `multiprocessing`: forking is unsafe once there are threads,
and spawning runs the user's `__main__` a second time. It starts when it is first needed and stays for the next step.
"""

from __future__ import annotations

import atexit
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from gradcalc.language.errors import SymbolicError
from gradcalc.processes import close_pipes, end, limit_memory

T = TypeVar("T")


class OutOfTime(BaseException):
    """Raised in the worker when its time is nearly up. Steps with something to show for it may catch it.

    It is no Exception, so that nothing in sympy swallows it.
    """


OUT_OF_TIME = "out of time"
TOO_DEEP = "too deep for the symbolic side; the numeric result stands"
_MARGIN, _LAST_CALL = 0.1, 0.05  # seconds
_START = "import sys; sys.path[:] = {path!r}; from {module} import serve; serve()"


class Worker:
    """Asks are answered one at a time; from several threads, one waits for the other within its own time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def ask(self, function: Callable[..., T], *args: Any, seconds: float) -> T:
        """The result of a module's function in the other process.

        Raises:
            SymbolicError: out of time, or what the function raised.
        """
        deadline = time.monotonic() + seconds
        try:
            question = pickle.dumps((function, args, time.time() + seconds))
        except RecursionError:
            raise SymbolicError(TOO_DEEP) from None
        if seconds <= 0 or not self._lock.acquire(timeout=seconds):
            raise SymbolicError(OUT_OF_TIME)
        try:
            good, answer = self._exchange(question, deadline)
        finally:
            self._lock.release()
        if not good:
            raise SymbolicError(answer)
        return answer  # type: ignore[no-any-return]

    def _exchange(self, question: bytes, deadline: float) -> tuple[bool, Any]:
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
            process.stdin.write(question)
            process.stdin.flush()
            answer: tuple[bool, Any] = pickle.load(process.stdout)
            done = True
            return answer
        except (EOFError, OSError, pickle.UnpicklingError):
            return False, OUT_OF_TIME if late.is_set() else "the symbolic step ran out of memory"
        finally:
            timer.cancel()
            timer.join()
            if late.is_set() or not done:
                self.stop()

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self.stop()
            try:
                self._process = subprocess.Popen(
                    [sys.executable, "-c", _START.format(path=sys.path, module=__name__)],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    start_new_session=True,  # Ctrl-C is for us alone; `_exchange` then stops the worker
                )
            except OSError as error:
                raise SymbolicError(f"no process for a long symbolic step: {error}") from None
        return self._process

    def stop(self) -> None:
        """End the process, if there is one, and wait for its end."""
        process, self._process = self._process, None
        if process is not None:
            end(process)

    def forget(self) -> None:
        """After a fork: the process is our parent's."""
        if self._process is not None:
            self._process.returncode = 0  # so that nobody here warns of it or waits for it
            close_pipes(self._process)
        self.__init__()  # type: ignore[misc]


WORKER = Worker()
atexit.register(WORKER.stop)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=WORKER.forget)


# ---- the other process


def serve() -> None:
    """Answer questions until the pipe closes."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # nothing that prints may disturb the answers
    warnings.simplefilter("ignore")
    limit_memory()
    while True:
        try:
            function, args, deadline = pickle.load(sys.stdin.buffer)
        except EOFError:
            os._exit(0)
        answers.write(_answer(function, args, deadline))
        answers.flush()


def _answer(function: Callable[..., Any], args: tuple[Any, ...], deadline: float) -> bytes:
    try:
        with _alarm(deadline):
            return pickle.dumps((True, function(*args)))
    except OutOfTime:
        return pickle.dumps((False, OUT_OF_TIME))
    except RecursionError:
        return pickle.dumps((False, TOO_DEEP))
    except MemoryError:
        return pickle.dumps((False, "the symbolic step ran out of memory"))
    except SymbolicError as error:
        return pickle.dumps((False, error.message))
    except Exception as error:  # whatever it is, it is sympy's, and the parent's to report
        return pickle.dumps((False, f"sympy gave up: {error or type(error).__name__}"))


@contextmanager
def _alarm(deadline: float) -> Iterator[None]:
    """Raise OutOfTime shortly before the deadline, where the system can: a worker that answers need not be killed."""
    if not hasattr(signal, "setitimer"):
        yield
        return

    def late(*_: Any) -> None:
        signal.setitimer(signal.ITIMER_REAL, _LAST_CALL)  # again, should the first be lost in a callback
        raise OutOfTime

    signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, max(_LAST_CALL, deadline - time.time() - _MARGIN))
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
