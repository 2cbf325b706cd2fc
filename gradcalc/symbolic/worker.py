"""One process for steps of sympy that may take for ever: it answers in time, or is killed."""

from __future__ import annotations

import pickle
import time
import warnings
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from gradcalc.helper import Ended, Helper, Late, OutOfTime, alarm
from gradcalc.language.errors import LIMITS, SymbolicError
from gradcalc.work import OUT_OF_TIME

T = TypeVar("T")


OUT_OF_MEMORY = "the symbolic step ran out of memory"
TOO_DEEP = "too deep for the symbolic side; the numeric result stands"
_MARGIN, _LAST_CALL = 0.1, 0.05  # seconds


class Worker:
    """Asks are answered one at a time; from several threads, one waits for the other within its own time."""

    def __init__(self) -> None:
        self.helper = Helper(lambda: LIMITS.memory)

    def ask(self, function: Callable[..., T], *args: Any, seconds: float) -> T:
        """The result of a module's function in the other process.

        Raises:
            SymbolicError: out of time, or what the function raised.
        """
        limits = {name: getattr(LIMITS, name) for name in LIMITS.__slots__}
        try:
            packed = self.helper.ask(answered, function, args, time.time() + seconds, limits, seconds=seconds)
            good, answer = pickle.loads(packed)
        except RecursionError:
            raise SymbolicError(TOO_DEEP) from None
        except Late:
            raise SymbolicError(OUT_OF_TIME) from None
        except Ended:
            raise SymbolicError(OUT_OF_MEMORY) from None
        except OSError as error:
            raise SymbolicError(f"no process for a long symbolic step: {error}") from None
        if not good:
            raise SymbolicError(answer)
        return answer  # type: ignore[no-any-return]


# ---- the other process


def answered(
    function: Callable[..., Any], args: tuple[Any, ...], deadline: float, limits: Mapping[str, float]
) -> bytes:
    """Whether all went well, and the result or what went wrong."""
    warnings.simplefilter("ignore")
    LIMITS.change(limits)
    try:
        with alarm(max(_LAST_CALL, deadline - time.time() - _MARGIN), _LAST_CALL):
            return pickle.dumps((True, function(*args)))
    except OutOfTime:
        return pickle.dumps((False, OUT_OF_TIME))
    except RecursionError:
        return pickle.dumps((False, TOO_DEEP))
    except MemoryError:
        return pickle.dumps((False, OUT_OF_MEMORY))
    except SymbolicError as error:
        return pickle.dumps((False, error.message))
    except Exception as error:  # whatever it is, it is sympy's, and the parent's to report
        return pickle.dumps((False, f"sympy gave up: {str(error) or type(error).__name__}"))


WORKER = Worker()
