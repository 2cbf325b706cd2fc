"""What is being read: a text's statements, names and numbers, and the functions that are known while it is read."""

from __future__ import annotations

import re
import threading
import unicodedata
from collections import deque
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from lark import Token

from .errors import BITS_PER_DIGIT, LIMITS, NOWHERE, FormulaSyntaxError, LimitError, Span
from .formula import Formula, Function
from .functions import TABLE


@dataclass(frozen=True, slots=True, eq=False)
class Statement:
    """One statement of a program: a formula, or with a `name` its definition, or the definition of a `function`."""

    formula: Formula
    name: str = ""
    function: Function | None = None
    span: Span = field(default=NOWHERE)


# ---- names and numbers


_TYPESET_NAMES = {"π": "pi", "τ": "tau"}
WORDS = ("and", "or", "not")
PLAIN_NAME = re.compile(r"[^\W\d][\w\u0300-\u036f]*")
_ESCAPE = r"\\(?:x[\da-fA-F]{2}|u[\da-fA-F]{4}|U00[01][\da-fA-F]{5})"
NAME = rf"(?:(?!\d)(?:[\w\u0300-\u036f]|{_ESCAPE})+)"  # a pattern for what looks like a name

SUPERSCRIPTS = str.maketrans("⁺⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "+-0123456789")


def name_of(token: str, span: Span) -> str:
    """The name in its normal form, so that the ways to type µ, one of them `\\u00b5`, are one name."""
    if len(token) > LIMITS.name:
        raise LimitError("name", f"a name has {len(token):,} characters, more than {LIMITS.name:,}", span)
    if token.isascii() and "\\" not in token:
        return str(token)
    typed = re.sub(_ESCAPE, lambda found: chr(int(found[0][2:], 16)) if int(found[0][2:], 16) < 0x110000 else "", token)
    name = unicodedata.normalize("NFKC", typed)
    if not PLAIN_NAME.fullmatch(name) or name in WORDS:
        raise FormulaSyntaxError(f"{quoted(token)} is not a name", span, "write letters, digits and _")
    return _TYPESET_NAMES.get(name, name)


def number_of(text: str, span: Span) -> Fraction:
    """The exact value. `Decimal` reads any number of digits, where `int` refuses more than 4300."""
    if len(text) > LIMITS.digits:
        raise LimitError("digits", f"a number has {len(text):,} digits, more than {LIMITS.digits:,}", span)
    exponent = text.lower().partition("e")[2].lstrip("+-0")
    if exponent and (len(exponent) > 9 or int(exponent) * BITS_PER_DIGIT > LIMITS.exponent):
        raise LimitError("exponent", "the exponent of a number is too large", span)
    return Fraction(Decimal(text))


LITERALS = (
    (re.compile(r"[\d.]+(?:_+[\d.]*)+"), "digits cannot be grouped with '_'", lambda found: found.replace("_", "")),
    (re.compile(r"0(?:x[0-9a-fA-F]+|o[0-7]+|b[01]+)\b"), "numbers are decimal", lambda found: str(int(found, 0))),
)


# ---- functions


def rows_by_name(rows: Iterable[Function]) -> dict[str, tuple[Function, ...]]:
    found: dict[str, tuple[Function, ...]] = {}
    for row in rows:
        if not row.symbol or row.notation == "postfix":  # of the operators, n! alone has a name that is called
            for name in (row.spelling, *row.aliases):
                found[name] = (*found.get(name, ()), row)
    return found


BUILT_IN = rows_by_name(TABLE.values())
DIFF, DIFF_N, FACTORIAL = TABLE["diff"], TABLE["diff_n"], TABLE["factorial"]


def is_built_in(name: str) -> bool:
    return name in BUILT_IN or name in TABLE


@dataclass(frozen=True, slots=True)
class UnknownCall:
    """A call `name(args)` that no row answers."""

    name: str
    args: Sequence[Formula]
    head: Span
    whole: Span


class Reading(threading.local):
    """What is being read in this thread: its text, the functions known, and the tokens that explain a mistake."""

    source: str
    functions: dict[str, tuple[Function, ...]]
    derivatives: dict[tuple[Function, int], Function]
    unresolved: list[UnknownCall]  # calls of unknown functions, the first of which may turn out to be a definition
    open: list[Token]  # parentheses
    recent: deque[Token]  # the last tokens

    def begin(self, source: str, functions: Iterable[Function]) -> None:
        self.source, self.functions, self.derivatives = source, dict(BUILT_IN), {}
        self.unresolved, self.open, self.recent = [], [], deque(maxlen=4)
        for row in functions:
            self.know(row)

    def know(self, row: Function) -> None:
        for name in (row.spelling, *row.aliases):
            others = (r for r in self.functions.get(name, ()) if len(r.params) != len(row.params))
            self.functions[name] = (*others, row)

    def find(self, name: str, count: int) -> Function | None:
        for row in self.functions.get(name, ()):
            if count == len(row.params) or (row.variadic and count >= 2):
                return row
        return None

    def span(self, first: Token, last: Token) -> Span:
        return Span(self.source, first.start_pos, last.end_pos)  # type: ignore[arg-type]  # Lark's tokens have places

    def resolve(self, name: str, args: Sequence[Formula], head: Span, whole: Span) -> Function:
        """The row that `name(args)` calls. If there is none, a stand-in; the statement's end raises the error."""
        row = self.find(name, len(args))
        if row is None:
            self.unresolved.append(UnknownCall(name, args, head, whole))
            return Function(name=name, params=("",) * len(args))
        return row


def juxtaposed(name: str, known: Set[str]) -> str:
    """How to write `name` if it was meant as the product of known names (`xy` as `x*y`), or as a function and its
    argument (`lnx` as `ln(x)`); empty where it cannot be."""
    for cut in range(2, len(name)):
        head, rest = name[:cut], name[cut:]
        if any(len(row.params) == 1 for row in BUILT_IN.get(head, ())) and (rest in known or rest == "x"):
            return f"{head}({rest})"
    parts: dict[int, tuple[str, ...]] = {0: ()}  # of the name up to there, in the fewest known names
    for end in range(1, min(len(name), 50) + 1):
        ways = [(*parts[start], name[start:end]) for start in parts if name[start:end] in known]
        if ways:
            parts[end] = min(ways, key=len)
    return "*".join(parts.get(len(name), ()))


def either(rows: Iterable[Function]) -> str:
    return " or ".join(row.signature for row in rows)


# ---- how a text is shown in a message


def short(text: str) -> str:
    return text if len(text) <= 60 else text[:40] + "..."


def quoted(text: str) -> str:
    return f"'{short(text)}'"


def in_one_line(span: Span) -> str:
    return " ".join(span.text[:200].split())


def start_of(token: Token) -> int:
    assert token.start_pos is not None  # Lark's own tokens have one
    return token.start_pos


def end_of(token: Token) -> int:
    assert token.end_pos is not None
    return token.end_pos
