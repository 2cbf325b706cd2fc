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

from .conditions import check_kinds
from .errors import BITS_PER_DIGIT, LIMITS, NOWHERE, FormulaError, FormulaSyntaxError, LimitError, Span
from .formula import Formula, Function, Name, expression
from .functions import OFTEN_VARIABLES, TABLE
from .kept import calls_in
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
POSTFIX = {"squared": "^2", "cubed": "^3", "percent": "/100"}  # what people write behind an operand, and what it is
DEGREES = "deg(rees?)?"
BEHIND = re.compile("|".join((*POSTFIX, DEGREES)))
PLAIN_NAME = re.compile(r"[^\W\d][\w\u0300-\u036f]*")
_ESCAPE = r"\\(?:x[\da-fA-F]{2}|u[\da-fA-F]{4}|U00[01][\da-fA-F]{5})"

# patterns of pieces of formulas, for messages about texts that cannot be read
OPERAND = "(NUMBER|NAME|FUNCTION|RPAR|BANG|SUPERSCRIPT)"  # tokens that may end one
WORD = r"√?(\.?\d[\w.]*|\w+)"
SUPER = r"[⁺⁻]?[⁰¹²³⁴-⁹]+"
POWERS = rf"(?:\s*(?:\^|\*\*)\s*-?[\w.]+|{SUPER})"
GROUP = r"\((?:[^()]|\([^()]*\))*\)"
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
    """The exact value."""
    if len(text) > LIMITS.digits:
        raise LimitError("digits", f"a number has {len(text):,} digits, more than {LIMITS.digits:,}", span)
    if not text.isdigit():
        exponent = text.lower().partition("e")[2].lstrip("+-0")
        if exponent and (len(exponent) > 9 or int(exponent) * BITS_PER_DIGIT > LIMITS.exponent):
            raise LimitError("exponent", "the exponent of a number is too large", span)
    return _exact(text)


@lru_cache(maxsize=1024)
def _exact(text: str) -> Fraction:
    short = text.isdigit() and len(text) < 600  # beyond, `int` may refuse, and `Decimal`, which takes longer, does not
    return Fraction(int(text) if short else Decimal(text))


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
FACTORIAL = TABLE["factorial"]


def is_built_in(name: str) -> bool:
    return name in BUILT_IN or name in TABLE


@dataclass(frozen=True, slots=True)
class UnknownCall:
    """A call `name(args)` that no row answers."""

    name: str
    args: Sequence[Formula]
    head: Span
    whole: Span
    primes: int = 0


class Reading:
    """The state of reading, which no other thread shares: the text, the functions known, and the tokens that explain a
    mistake.

    `formula_of(text, rows)` reads a formula: what a message proposes is read before it is said.
    """

    source: str
    entrance: str  # of the grammar: the rule by which the text is read
    functions: dict[str, tuple[Function, ...]]
    derivatives: dict[tuple[Function, int], Function]
    unresolved: list[UnknownCall]  # calls of unknown functions, the first of which may turn out to be a definition
    open: list[Token]  # parentheses
    recent: deque[Token]  # the last tokens
    names: dict[str, str]  # in their normal form, by how they are typed
    users: set[str]  # the names of functions that are not in the table
    bare: list[Span]  # functions of the user's that stand without parentheses, as names
    spelled: dict[Span, Sequence[Formula]]  # the arguments of calls that were written out
    meant: Mapping[str, Formula]  # names that have a meaning outside the text
    defined: dict[str, Formula]  # names that the text has given one
    aside: bool  # what is read is a proposal

    def __init__(self, formula_of: Callable[[str, Iterable[Function]], Formula]) -> None:
        self.formula_of = formula_of
        self.aside = False

    def begin(
        self,
        source: str,
        functions: Iterable[Function],
        entrance: str = "program",
        meant: Mapping[str, Formula] = MappingProxyType({}),
    ) -> None:
        self.entrance, self.meant, self.defined = entrance, meant, {}
        self.source, self.functions, self.derivatives = source, dict(BUILT_IN), {}
        self.unresolved, self.open, self.recent, self.bare = [], [], deque(maxlen=4), []
        self.names, self.users, self.spelled = {}, set(), {}
        for row in functions:
            self.know(row)

    def know(self, row: Function) -> None:
        for name in (row.spelling, *row.aliases):
            others = (r for r in self.functions.get(name, ()) if len(r.params) != len(row.params))
            self.functions[name] = (*others, row)
            self.users.add(name)

    def find(self, name: str, count: int) -> Function | None:
        for row in self.functions.get(name, ()):
            if count == len(row.params) or (row.variadic and count >= 2):
                return row
        return None

    def span(self, first: Token, last: Token | None = None) -> Span:
        return Span(self.source, first.start_pos, (last or first).end_pos)

    def before(self, position: int) -> list[Token]:
        """The last tokens that end before a place in the text."""
        return [token for token in self.recent if token.end_pos <= position]

    def resolve(self, name: str, args: Sequence[Formula], head: Span, whole: Span, primes: int = 0) -> Function:
        """The row that `name(args)` calls. If there is none, a stand-in; the statement's end raises the error."""
        row = self.find(name, len(args))
        if row is None:
            self.unresolved.append(UnknownCall(name, args, head, whole, primes))
            return Function(name=name, params=("",) * len(args))
        return row

    def proposal(self, text: str) -> str:
        """The text as it is printed, if it is a formula here and now, and short enough for a message; empty if not, or
        if it is a definition."""
        if self.aside or not text.strip() or len(text) > 500:
            return ""
        kept = dict(self.__dict__)
        rows = {row: None for name in self.users for row in self.functions[name] if TABLE.get(row.name) is not row}
        self.aside = True
        try:
            read = self.formula_of(text, rows)
            for node in calls_in(read):
                check_kinds(node)
        except FormulaError:
            return ""
        finally:
            self.__dict__.update(kept)
        if isinstance(read, Name) and read.definition is not None:
            return ""
        written = expression(read)
        return written if len(written) <= _SHOWN else ""

    def defines(self, text: str) -> bool:
        """Whether the text is a definition that can be read here and now."""
        head, _, body = text.partition("=")
        return PLAIN_NAME.match(head.strip()) is not None and bool(self.proposal(body) or self.proposal(text))


_ARGUMENT = re.compile(r"(\d+)?([^\W\d]\w*)")
_OFTEN_ARGUMENTS = frozenset({"x", "θ", "theta", "pi"})


def juxtaposed(name: str, known: Set[str]) -> str:
    """How to write `name` if it was meant as the product of known names (`xy` as `x*y`), of `pi` and such, or as a
    function and its argument (`lnx` as `ln(x)`, `rsin2t` as `r*sin(2*t)`, `sqrt2` as `sqrt(2)`); empty where it cannot
    be. `π` and `τ` in it are read as the numbers."""
    for start, cut in product((0, 1), range(len(name) - 1, 1, -1)):
        head, inside = name[start:cut], _ARGUMENT.fullmatch(name[cut:])
        if any(len(row.params) == 1 for row in BUILT_IN.get(head, ())) and name not in BUILT_IN and inside:
            arguments = [_TYPESET_NAMES.get(part, part) for part in inside.groups() if part]
            if arguments[-1] in known or arguments[-1] in _OFTEN_ARGUMENTS:
                return "*".join([*name[:start], f"{head}({'*'.join(arguments)})"])
    if (called := re.fullmatch(r"([^\W\d]+)(\d+)", name)) and name not in BUILT_IN and called_alone(called[1]):
        return f"{called[1]}({called[2]})"
    if name.startswith("pi"):
        known = known | _OFTEN_ARGUMENTS
    typeset = [part for part in re.split("([πτ])", name) if part]
    if len(typeset) > 1 and all(part in _TYPESET_NAMES or PLAIN_NAME.fullmatch(part) for part in typeset):
        return "*".join(_TYPESET_NAMES.get(part, part) for part in typeset)
    parts: dict[int, tuple[str, ...]] = {0: ()}  # of the name up to there, in the fewest known names
    for end in range(1, min(len(name), 50) + 1):
        ways = [(*parts[start], name[start:end]) for start in parts if name[start:end] in known]
        if ways:
            parts[end] = min(ways, key=len)
    return "*".join(parts.get(len(name), ()))


def number_elsewhere(product: Span) -> str:
    """A word on a product such as `1d5`, or `1D` before `-3`, which is a number in Fortran, and `1.0f`, one in C; empty
    for others."""
    text, behind = product.text, re.match(r"[-+]?\d*", product.source[product.end :])
    if re.fullmatch(r"\d*\.\d*[fF]", text):
        return f"if the number is meant, write {text[:-1]}"
    found = re.fullmatch(r"([\d.]+)[dD](\d*)", text)
    power = found and (found[2] or (behind and behind[0][1:] and behind[0]))
    return f"a power of ten is written {found[1]}e{power}" if found and power else ""


def called_alone(name: str) -> bool:
    """Whether a name is that of a function of one argument, and none that people give to variables."""
    return name not in GREEK | OFTEN_VARIABLES and any(len(row.params) == 1 for row in BUILT_IN.get(name, ()))


def either(rows: Iterable[Function]) -> str:
    return " or ".join(row.signature for row in rows)


def told(rows: Sequence[Function]) -> str:
    """How a function is called, and which it is, as others may have another of that name: `zeta(x), Riemann's ...`."""
    of_the_table = len(rows) == 1 and not isinstance(rows[0].definition, Formula)
    return f"{rows[0].signature}: {rows[0].doc}" if of_the_table and rows[0].doc else either(rows)


# ---- how a text is shown in a message


_SHOWN = 60  # characters


def short(text: str) -> str:
    return text if len(text) <= _SHOWN else text[:40] + "..."


def quoted(text: str) -> str:
    return f"'{short(text)}'"


def in_one_line(span: Span) -> str:
    return " ".join(span.text[:200].split())


def starred(factors: Iterable[Formula]) -> str:
    """Factors side by side as a product."""
    return "*".join(in_one_line(factor.span) for factor in factors)


NO_DERIVATIVE = "define the function itself; equations are not solved here, and :check judges a claim, at the prompt"
VALUE_BEHIND = (
    "a value does not follow its formula",
    "write it with '=', outside the quotation marks: 'x^2' x=2; at the prompt and in scripts, write at {here}=...",
)


def two_ways(span: Span, one: str, other: str) -> FormulaSyntaxError:
    """The error for a text that has two readings, unless its last name is one that gets a value."""
    name = re.search(r"[^\W\d]\w*$", span.text)
    if name and re.match(r"\s*(=(?!=)|(==|:=?)\s*[-+−]?[\d.])", span.source[span.end :]):
        place = Span(span.source, span.start + name.start(), span.end)
        return FormulaSyntaxError(VALUE_BEHIND[0], place, VALUE_BEHIND[1].format(here=name[0]))
    text = in_one_line(span)
    if len(text) > 60:
        return FormulaSyntaxError("this can be read in two ways", span, "add '*' and parentheses")
    return FormulaSyntaxError(f"'{text}' can be read in two ways", span, f"write  {one}  or  {other}")
