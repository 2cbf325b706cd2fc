"""Values with a standard uncertainty: `2 ± 0.1`, and `2.00(10)`, which is 2.00 ± 0.10."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal

from .errors import Span
from .formula import COMPARISON, Call, Formula, Function, Name, Number
from .functions import TABLE
from .literals import unsigned
from .reading import SUPERSCRIPTS, number_of, two_ways

# no row of the table: it stands alone, as the value of a name, and is written out as its first argument
UNCERTAIN = Function(
    "x ± u", "x with the standard uncertainty u", latex=r"@x \pm @u", binding=COMPARISON, definition=Name("x")
)

_POWER_OF_TEN = r"\s*[*×·⋅]\s*10\s*(?:(?:\^|\*\*)\s*\(?\s*(?P<power>[-+−]?\d+)\s*\)?|(?P<raised>[⁺⁻]?[⁰¹²³⁴-⁹]+))"
_CONCISE = re.compile(
    rf"(?P<minus>[-−]?)\s*(?P<digits>\d+(?:\.\d*)?|\.\d+)(?:[eE](?P<early>[-+−]?\d+))?\s*\(\s*(?P<last>\d+(?:\.\d*)?)\s*\)"
    rf"(?:[eE](?P<exponent>[-+−]?\d+)|{_POWER_OF_TEN})?"
)


def uncertain(value: Formula, uncertainty: Formula, span: Span) -> Call:
    """A value with its standard uncertainty."""
    return Call(UNCERTAIN, (value, uncertainty), span)


def parts(value: Formula) -> tuple[Formula, Formula | None]:
    """The value that is meant, and its standard uncertainty; None where it has none."""
    if isinstance(value, Call) and value.function.name == UNCERTAIN.name:
        return value.args[0], value.args[1]
    return value, None


def by_parts(value: Formula, change: Callable[[Formula], Formula]) -> Formula:
    """A value with what `change` makes of it, and of its uncertainty where it has one."""
    nominal, size = parts(value)
    return change(nominal) if size is None else uncertain(change(nominal), change(size), value.span)


def value_of(read: Formula, alone: bool) -> Formula:
    """The value of a name as it was read, where `2.00(10)` is no product; `alone` where it stands beside a formula.

    Raises:
        FormulaSyntaxError: it is written in a way that has two readings.
    """
    _no_difference(read)
    found = _CONCISE.fullmatch(read.span.text)
    if found is None:
        return read
    digits, last, span = found["digits"], found["last"], read.span
    if early := found["early"]:
        raise two_ways(span, f"{found['minus']}{digits}({last})e{early}", f"{found['minus']}{digits}e{early}*{last}")
    decimals = len(digits.partition(".")[2])
    size = f"{Decimal(last) if '.' in last else Decimal(last).scaleb(-decimals):f}"
    if not alone and "." not in digits:
        raise two_ways(span, f"{digits}*{last}", f"{digits}±{size}")
    exponent = (found["exponent"] or found["power"] or (found["raised"] or "").translate(SUPERSCRIPTS)).replace(
        "−", "-"
    )
    tail = f"e{int(exponent)}" if exponent else ""
    value, uncertainty = (Number(text + tail, number_of(text + tail, span), span) for text in (digits, size))
    return uncertain(Call(TABLE["neg"], (value,), span) if found["minus"] else value, uncertainty, span)


def _no_difference(read: Formula) -> None:
    """Refuse `2+-0.1`, which is meant as `2±0.1` or is 1.9."""
    if not isinstance(read, Call) or read.function is not TABLE["+"]:
        return
    left, right = read.args
    size, base = unsigned(right), unsigned(left)
    beside = size is not right and read.span.source[right.span.start - 1] == "+"
    if beside and isinstance(size, Number) and isinstance(base, Number):
        raise two_ways(read.span, f"{left.span.text}±{size.text}", f"{left.span.text} - {size.text}")
