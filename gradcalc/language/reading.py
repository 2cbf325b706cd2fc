"""The state of reading: a text's statements, names and numbers, and the functions that are known while it is read."""

from __future__ import annotations

import re
import unicodedata
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from itertools import product
from types import MappingProxyType
from typing import Any

from gradcalc.record import dataclass, field

from .errors import BITS_PER_DIGIT, LIMITS, NOWHERE, FormulaError, FormulaSyntaxError, LimitError, Span
from .formula import Formula, Function, Name, expression
from .functions import OFTEN_VARIABLES, TABLE
from .lalr import Token
from .latex import GREEK


@dataclass(frozen=True, slots=True, eq=False)
class Statement:
    """One statement: a formula, or with a `name` its definition, or the definition of a `function`.

    In a line, `store` says that the name is given the number of the formula now, and `at` has values for this question
    alone, each with its name.
    """

    formula: Formula
    name: str = ""
    function: Function | None = None
    span: Span = field(default=NOWHERE)
    store: bool = False
    at: tuple[Statement, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Interval:
    """A range as it is typed: its first number, its last, and a step if one is given."""

    name: str
    bounds: tuple[Formula, ...]
    span: Span = field(default=NOWHERE)


@dataclass(frozen=True, slots=True, eq=False)
class Bounds:
    """The bounds of a parameter, as in `b=0:1`; None for one that is left out."""

    name: str
    low: Formula | None
    high: Formula | None
    span: Span


@dataclass(frozen=True, slots=True, eq=False)
class Correlation:
    """The correlation of two names, as in `x,y=0.3`."""

    names: tuple[str, str]
    value: Formula
    span: Span


@dataclass(frozen=True, slots=True, eq=False)
class Array:
    """Numbers in brackets, or rows of them, and so on; where it is the value of a name, with that."""

    entries: tuple[Formula | Array, ...]
    span: Span
    name: str = ""

    def nested(self, number: Callable[[Formula], float]) -> list[Any]:
        """The lists that it writes, of what `number` makes of each formula."""
        whole: list[Any] = []
        stack: list[tuple[Array, list[Any]]] = [(self, whole)]
        while stack:
            array, made = stack.pop()
            for entry in array.entries:
                made.append([] if isinstance(entry, Array) else number(entry))
                if isinstance(entry, Array):
                    stack.append((entry, made[-1]))
        return whole


@dataclass(frozen=True, slots=True, eq=False)
class Ranged:
    """Ranges, and the formula before them if there is one, as in `x*y at y=2, x=0..3`."""

    intervals: list[Interval]
    formula: Formula | None = None
    at: tuple[Statement, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Equation:
    """A statement of what something is, `diff(x^2, x) = 2*x at x=2`; an exercise's answer may have no left side."""

    left: Formula | None
    right: Formula
    at: tuple[Statement, ...] = ()


# ---- names and numbers


_TYPESET_NAMES = {"π": "pi", "τ": "tau"}
WORDS = ("and", "or", "not")
BEHIND = re.compile("squared|cubed|percent|deg(rees?)?")  # what people write behind an operand
