"""Everything that can be wrong with an input, always with its place in the text.

Every error a user can cause is a `FormulaError`; its `str()` is the message, the line, a caret under the very
characters and what to do. Anything else that escapes is a bug of ours.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copyreg import __newobj__  # type: ignore[attr-defined]  # by which pickle makes objects without their `__init__`
from typing import Any

from gradcalc.record import dataclass, field, replace
from gradcalc.verdict import Verdict
from gradcalc.work import LONGEST


@dataclass(frozen=True, slots=True)
class Span:
    """The half-open range `start:end` of characters of `source`, the text a formula was read from."""

    source: str
    start: int
    end: int

    def to(self, other: Span) -> Span:
        """From the beginning of this span to the end of `other`."""
        return Span(self.source, self.start, other.end)

    @property
    def text(self) -> str:
        return self.source[self.start : self.end]

    @property
    def column(self) -> int:
        """The column of the first character in its line, from 1."""
        return self.start - self.source.rfind("\n", 0, self.start)


NOWHERE = Span("", 0, 0)
SEE_FUNCTIONS = "gradcalc --help lists the functions"


def _width(text: str) -> int:
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def harmless(text: str) -> str:
    """The text with every character that could steer a terminal, or turn its direction, written out as `\\x1b`."""
    return "".join(c if c.isprintable() or c in "\n\t" else c.encode("unicode_escape").decode() for c in text)


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One thing wrong: what (`message`), where (`span`), and what to do (`help`)."""

    message: str
    span: Span = NOWHERE
    help: str = ""
    notes: tuple[str, ...] = field(default=())

    def __str__(self) -> str:
        return self.shown()

    def shown(self, width: int = 100) -> str:
        """The message, the line with a caret, notes and help. Of a line longer than `width` a part is shown."""
        lines = [self.message]
        if self.span.source.strip():
            lines += _excerpt(self.span, max(width, 20))
        lines += [f"note: {note}" for note in self.notes]
        if self.help:
            lines.append(f"help: {self.help}")
        return harmless("\n".join(lines))


def _excerpt(span: Span, width: int) -> list[str]:
    source = span.source
    first = source.rfind("\n", 0, span.start) + 1
    last = source.find("\n", span.start)
    line = source[first : len(source) if last < 0 else last]
    start, end = span.start - first, min(span.end, first + len(line)) - first
    if len(line) > width:
        cut = max(0, min(start - width // 2, len(line) - width))
        head, tail = "..." if cut else "", "..." if cut + width < len(line) else ""
        line = head + line[cut : cut + width] + tail
        start += len(head) - cut
        end = min(end + len(head) - cut, len(head) + width)
    line = "".join(c if c.isprintable() else " " for c in line)  # nothing of the input steers a terminal
    return [line.rstrip(), " " * _width(line[:start]) + "^" * max(1, _width(line[start:end]))]


class FormulaError(ValueError):
    """An input that cannot be answered: `diagnostic` says what, where and what to do; `verdict` what is known then."""

    verdict = Verdict.UNDECIDED

    def __init__(self, message: str, span: Span = NOWHERE, help: str = "", notes: tuple[str, ...] = ()):
        self.diagnostic = Diagnostic(message, span, help, notes)
        super().__init__(message)

    def __str__(self) -> str:
        return str(self.diagnostic)

    def __reduce__(self) -> Any:
        return __newobj__, (type(self), *self.args), self.__dict__

    @property
    def message(self) -> str:
        return self.diagnostic.message

    @property
    def start(self) -> int:
        return self.diagnostic.span.start

    @property
    def end(self) -> int:
        return self.diagnostic.span.end

    @property
    def help(self) -> str:
        return self.diagnostic.help


class FormulaSyntaxError(FormulaError):
    """The text is not a formula, or names a function that does not exist."""


class NearMissError(FormulaSyntaxError):
    """A word is not known, and is near to one that is: `help` names that."""


class ArgumentCountError(FormulaSyntaxError):
    """A known function is called with another number of arguments than it takes."""


class MissingValueError(FormulaError):
    """Names of the formula have no value at this point; `missing` lists them."""

    def __init__(self, missing: tuple[str, ...], span: Span = NOWHERE, help: str = ""):
        self.missing = missing
        super().__init__(f"no value for {', '.join(missing)}", span, help or self._add)

    @property
    def _add(self) -> str:
        return f"add {', '.join(f'{name}=...' for name in self.missing)}"

    def helped_in_python(self) -> None:
        """Say how a point of the library has the values, unless the help is another than that of the command."""
        if self.help == self._add:
            point = dict.fromkeys(self.missing, 2)
            self.diagnostic = replace(self.diagnostic, help=f"add to the point, as in at={point}")


class LimitError(FormulaError):
    """The answer would cost more than a limit allows; `limit` is its name in `Limits`."""

    def __init__(self, limit: str, message: str, span: Span = NOWHERE):
        self.limit = limit
        super().__init__(message, span, f"--limits {limit}=N raises it; in Python gradcalc.LIMITS.{limit}")


class UndefinedError(FormulaError, ArithmeticError):
    """The formula has no real value here: outside a domain, at a pole, or larger than a double can hold."""

    verdict = Verdict.UNDEFINED


class NotDifferentiableError(FormulaError, ArithmeticError):
    """The formula has a value here but no derivative, and no convention gives one (a vertical tangent, a jump)."""

    verdict = Verdict.NOT_DIFFERENTIABLE


class UndecidedError(FormulaError, ArithmeticError):
    """It could not be decided within the precision or time allowed; the message says what."""


class SymbolicError(FormulaError):
    """The symbolic side cannot do this (unsupported, too deep, out of time); numeric results stand."""


class MissingLibraryError(FormulaError):
    """The answer needs a library that is not installed; `help` has the command that installs it."""

    def __init__(self, what: str, extra: str):
        super().__init__(
            f"{what} needs a library that is not installed",
            help=f"where gradcalc was installed from: pip install '.[{extra}]'",
        )


@contextmanager
def needing(what: str, extra: str) -> Iterator[None]:
    """Imports of what may not be installed, inside: the error then says that `what` needs the extra."""
    try:
        yield
    except ImportError:
        raise MissingLibraryError(what, extra) from None


@dataclass(slots=True)
class Limits:
    """The most that one answer may cost: an error that names the limit comes instead of a hang.

    `gradcalc.LIMITS.order = 40` raises one, for all that is asked afterwards; the command has `--limits order=40`.
    """

    text: int = 5_000_000  # characters of one input
    tokens: int = 1_000_000  # numbers, names and signs of one input, which take some 3 us each to be read
    name: int = 1_000  # characters of one name
    digits: int = 10_000  # digits of one number literal
    exponent: int = 100_000  # bits of an exact power such as 2^1000, and of the exponent of a literal
    factorial: int = 10_000  # the largest n of an exact n!
    nodes: int = 20_000  # of a formula for sympy, which takes some 0.3 ms a node to differentiate
    order: int = 20  # of a derivative
    precision: int = 8_192  # bits of a ball
    pieces: int = 64  # smooth pieces that meet at a kink
    samples: int = 100_000_000  # draws to compare an uncertainty with
    memory: int = 1 << 30  # bytes of the command, and of the process for long symbolic steps
    seconds: float = 5.0  # for one symbolic step

    def change(self, changed: Mapping[str, float]) -> None:
        """Set the limits of these names.

        Raises:
            ValueError: there is no such limit, or it is not above 0, or beyond all that there is.
        """
        for name, most in changed.items():
            if name not in self.__slots__:
                raise ValueError(f"there is no limit '{name}'; the limits are {', '.join(self.__slots__)}")
            if not most > 0:
                raise ValueError(f"the limit {name} must be above 0")
            if most > (largest := LONGEST if name == "seconds" else _LARGEST):
                raise ValueError(f"the limit {name} must be {largest:g} at most")
            setattr(self, name, type(getattr(self, name))(most))


_LARGEST = 1e15
LIMITS = Limits()


def check_options(given: Mapping[str, object], kind: type) -> None:
    """Raises TypeError where an option has a name that a TypedDict of options lacks, which at run time is none."""
    if unknown := [name for name in given if name not in kind.__annotations__]:
        raise TypeError(f"there is no option {unknown[0]}: the options are {', '.join(kind.__annotations__)}")


def check_order(order: int, span: Span = NOWHERE) -> None:
    """Raises LimitError where derivatives of an order are beyond `Limits.order`."""
    if order > LIMITS.order:
        raise LimitError("order", f"a derivative of order {order} is beyond {LIMITS.order}", span)


def out_of_memory() -> LimitError:
    """Instead of a MemoryError, which Python raises when the limit is met."""
    return LimitError("memory", f"the answer needs more than {LIMITS.memory:,} bytes")


BITS_PER_DIGIT = math.log2(10)
