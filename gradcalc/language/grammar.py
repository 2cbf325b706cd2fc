"""Texts read by the grammar, `grammar/formula.lark`, and its terminals."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import cached_property, lru_cache
from types import MappingProxyType
from typing import Any, Generic, NamedTuple, TypeVar

from .builder import Builder
from .errors import LIMITS, FormulaSyntaxError, LimitError, Span
from .formula import Formula, Function, Name
from .kept import uncollected
from .lalr import Stopped, Token, lexed, parsed, tables
from .reading import (
    BEHIND,
    Array,
    Bounds,
    Correlation,
    Equation,
    Interval,
    Ranged,
    Reading,
    Statement,
    either,
    name_of,
    short,
)
from .substitution import link
from .uncertain import parts, value_of
from .unknown import why_unknown

T = TypeVar("T")


def _laid_out(now: Reading, tokens: Iterator[Token]) -> Iterator[Token]:
    """Drops the newlines inside parentheses, and remembers what a message may need."""
    if now.entrance != "program":
        tokens = _told_apart(now, tokens)
    open_, recent, before = now.open, now.recent, ""
    for token in tokens:
        kind = token.type
        if kind == "LPAR":
            open_.append(token)
        elif kind == "RPAR":
            if open_:
                open_.pop()
        elif kind == "SEPARATOR" and open_ and token == "\n":
            continue
        recent.append(token)
        if kind == "NUMBER" and before in ("NUMBER", "RPAR"):
            # the grammar reads 2(x) as a product; so that it stays small, 2 3 and (x)2 are refused here
            raise Stopped(token.start_pos)
        if before in ("NUMBER", "RPAR") and BEHIND.fullmatch(token):  # no name by which (x + 1) is multiplied
            raise Stopped(token.start_pos)
        before = kind
        yield token


def _told_apart(now: Reading, tokens: Iterator[Token]) -> Iterator[Token]:
    """Tells the word `at` from a name, and puts commas into `x=2 y=-4`: by what follows the name."""
    values = now.entrance != "line"  # whether values are listed here
    ahead, before, depth, end = _Ahead(tokens), "", 0, 0
    for token in ahead:
        kind = token.type
        depth += (kind in _OPENING) - (kind in _CLOSING)
        if now.entrance == "points" and kind == "LBRACKET":
            now.open.append(token)
        elif now.entrance == "points" and kind == "RBRACKET" and now.open:
            now.open.pop()
        elif kind == "SEPARATOR" and depth <= 0:
            values = now.entrance != "line"
        elif kind == "NAME" and depth <= 0 and before in _MAY_END:
            if not values and token == "at" and ahead.next_are("NAME", "EQUAL"):
                token, values = token.as_kind("AT", "at"), True
            elif values and token == "at" and ahead.next_are("NAME", "EQUAL"):
                token = token.as_kind("AT", "at")
            elif values and end < token.start_pos and ahead.next_are("EQUAL"):  # which in y = 2x = 4 it is not
                yield token.as_kind("COMMA", ",")
        before, end = token.type, token.end_pos
        yield token


_MAY_END = ("NUMBER", "NAME", "RPAR", "BANG", "SUPERSCRIPT", "RBRACKET")  # tokens that may end a value
_OPENING, _CLOSING = ("LPAR", "LBRACKET"), ("RPAR", "RBRACKET")


class _Ahead:
    """Tokens of which the next can be looked at. What cannot be lexed is raised where it is reached."""

    def __init__(self, tokens: Iterator[Token]) -> None:
        self.tokens = tokens
        self.seen: deque[Token] = deque()
        self.error: Stopped | None = None

    def __iter__(self) -> Iterator[Token]:
        while self.seen or self._read():
            yield self.seen.popleft()
        if self.error is not None:
            raise self.error

    def next_are(self, *kinds: str) -> bool:
        while len(self.seen) < len(kinds) and self._read():
            pass
        return [token.type for token in self.seen][: len(kinds)] == list(kinds)

    def _read(self) -> bool:
        if self.error is not None:
            return False
        try:
            self.seen.append(next(self.tokens))
        except StopIteration:
            return False
        except Stopped as error:
            self.error = error
            return False
        return True


class _Own(threading.local):
    """Each thread's own state of reading, and for each rule of the grammar what builds it."""

    @cached_property
    def built(self) -> tuple[Reading, list[Callable[..., Any] | None]]:
        builder = Builder(Reading(read_formula))
        return builder.now, [getattr(builder, name) if name else None for _, _, name in tables()[0].rules]


_OWN = _Own()


class Terminal(NamedTuple):
    """A terminal of the grammar in a text, from `start` to `end`; the kind '' is what begins none."""

    kind: str
    start: int
    end: int
    text: str


def tokens(text: str) -> Iterator[Terminal]:
    """The terminals of a text that need not be a formula, spaces and comments too."""
    known, pattern = tables()
    place = 0
    for found in pattern.finditer(text):
        if place < found.start():
            yield Terminal("", place, found.start(), text[place : found.start()])
        yield Terminal(known.words.get(found[0], str(found.lastgroup)), *found.span(), found[0])
        place = found.end()
    if place < len(text):
        yield Terminal("", place, len(text), text[place:])


def words(text: str) -> list[Terminal]:
    """The terminals of a text besides spaces and comments."""
    return [each for each in tokens(text) if each.kind not in ("SPACE", "COMMENT")]


@lru_cache(maxsize=8)  # of each word of a command several things are asked
def kinds(text: str) -> str:
    """The kinds of a text's `words`, a space behind each: `NAME EQUAL NUMBER `."""
    return "".join(f"{each.kind or '?'} " for each in words(text))


def is_name(text: object) -> bool:
    """Whether something can stand in a formula as a name."""
    return isinstance(text, str) and [(each.kind, each.text) for each in words(text)] == [("NAME", text)]


def split_name(text: str) -> tuple[str, str]:
    """The formula and the name in `x^2*y, y`; the whole text and no name where it does not end so."""
    found = words(text)
    if len(found) < 3 or [each.kind for each in found[-2:]] != ["COMMA", "NAME"]:
        return text, ""
    comma, name = found[-2:]
    return text[: comma.start], name_of(name.text, Span(text, name.start, name.end))


# ---- texts


class Entrance(Generic[T]):
    """A way into the grammar, by the rule of this name."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(
        self, text: str, rows: Iterable[Function] = (), names: Mapping[str, Formula] = MappingProxyType({})
    ) -> T:
        """The result of the rule for a text. `rows` are functions known besides the table, already validated; `names`
        have a meaning outside the text.

        Raises:
            FormulaSyntaxError: with the place in the text and what to write instead.
            LimitError: the text is larger than `gradcalc.Limits` allows.
        """
        if not isinstance(text, str):
            if self.name == "ranges":
                raise TypeError(f"a range is a text such as 'x=0..10', not {text!r}")
            from .attributes import refuse_formula

            refuse_formula(text)
        if len(text) > LIMITS.text:
            raise LimitError("text", f"the input has {len(text):,} characters, more than {LIMITS.text:,}")
        (known, pattern), (reading, build) = tables(), _OWN.built
        if len(text) > LIMITS.tokens:
            count = sum(found.lastgroup not in known.ignored for found in pattern.finditer(text))
            if count > LIMITS.tokens:
                message = f"the input has {count:,} numbers, names and signs, more than {LIMITS.tokens:,}"
                raise LimitError("tokens", message)
        reading.begin(text, rows, self.name, names)
        try:
            with uncollected():
                made: T = parsed(known, build, self.name, _laid_out(reading, lexed(known, pattern, text)))
            if reading.unresolved:
                raise why_unknown(reading, reading.unresolved[0])
            if reading.bare:
                given = (one.name for one in made if isinstance(one, Statement)) if isinstance(made, list) else ()
                _no_bare_functions(reading, {*names, *given})
            return made
        except (Stopped, FormulaSyntaxError) as stopped:
            from .foreign import inside_a_call  # with all its patterns
            from .mistakes import mistake_at

            error = mistake_at(reading, stopped.position) if isinstance(stopped, Stopped) else stopped
            raise inside_a_call(reading, error.start) or error from None
        finally:
            reading.begin("", ())


read_program = Entrance[list[Statement]]("program")
"""The statements of a program in their order."""
read_line = Entrance[list[Statement]]("line")
"""The statements of a line of the prompt or of a script: those of a program, `x := formula`, `x += formula` and
`formula at x=2, y=3`."""
read_bindings = Entrance[list[Statement]]("bindings")
"""The values in `x=2, y=pi/4`, where spaces may stand for the commas."""
read_ranged = Entrance[Ranged]("ranges")
"""The ranges in `x=-3..3, y=0:1:0.1`, or also the formula before them, as in `k*x*y at k=2 x=-3..3 y=0:1`."""
read_points = Entrance[list[Statement | Array]]("points")
"""The values and arrays in `x=2, y=[1, 2], z=[[1, 2], [3, 4]]`."""
read_bounds = Entrance[list[Bounds]]("bounds")
"""The bounds in `b1=0:, b2=-1:1`."""
read_correlations = Entrance[list[Correlation]]("correlations")
"""The correlations in `x,y=0.3; x,z=-0.5`; there may be none."""
read_claims = Entrance[list[Equation]]("claim")
"""The equations in `x = 2*y; y = 2*x`, or the one in `diff(x*y, x) = y at x=2`."""
read_answer = Entrance[Equation]("exercise")
"""The equation in `dL/dx = 2*y`, or what is behind the `=` alone."""
_read_value = Entrance[Formula]("value")


def read_value(text: str) -> Formula:
    """The value of a name alone: a formula, or a number with its standard uncertainty, as in `2±0.1` and `2.00(10)`."""
    return value_of(_read_value(text), alone=True)


def read_intervals(text: str) -> list[Interval]:
    """The ranges in `x=-3..3, y=0:1:0.1`."""
    read = read_ranged(text)
    if read.formula is not None:
        from .foreign import no_range  # with all its patterns

        raise no_range(read.formula.span)
    return read.intervals


def _no_bare_functions(reading: Reading, named: Collection[str]) -> None:
    """Refuse `diff(f, x)` where `f` is a function of the user's and nothing else."""
    for span in reading.bare:
        if (name := name_of(span.text, span)) not in named:
            help = f"write {either(row for row in reading.functions[name] if len(row.params) < 3)}"
            raise FormulaSyntaxError(f"{short(name)} is a function, not a name", span, help)


def read_formula(text: str, rows: Iterable[Function] = ()) -> Formula:
    """The last formula of a program, its names linked to the program's definitions; `rows` as for `read_program`."""
    statements = read_program(text, rows)
    if not statements:
        raise FormulaSyntaxError("there is no formula", Span(text, 0, 0), "write one, such as x^2*sin(x)")
    last = statements[-1]
    if last.function is not None:
        use = last.function.signature
        raise FormulaSyntaxError(
            "there is nothing to evaluate: the last statement only defines a function",
            last.span,
            f"add a formula that uses it, such as {use}",
        )
    definitions = {statement.name: statement.formula for statement in statements if statement.name}
    for name, value in definitions.items():
        if parts(value)[1] is not None:
            raise FormulaSyntaxError(
                f"{name} has an uncertainty, which no formula holds", value.span, "leave it to the point: at={...}"
            )
    with uncollected():
        return link(Name(last.name, None, last.span) if last.name else last.formula, definitions)


@lru_cache(maxsize=4096)
def read_text(text: str) -> Formula:
    """The formula that a text of a row writes: one formula of rows of the table."""
    return read_formula(text)
