"""Text to formula. The language is in `grammar/formula.lark`; here is what its rules build, and the mistakes.

`_Builder` has one method for each alternative of the grammar, called while Lark reads, so that nothing recurses.
`_MISTAKES` is the table of what people type that is not in the language, with what to write instead.
"""

from __future__ import annotations

import keyword
import os
import re
import sys
import threading
import unicodedata
from collections import deque
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from functools import cache, lru_cache
from pathlib import Path
from typing import NoReturn

from lark import Lark, Token, Transformer, UnexpectedCharacters, UnexpectedToken, v_args

from gradcalc.language.errors import BITS_PER_DIGIT

from .errors import LIMITS, NOWHERE, FormulaError, FormulaSyntaxError, LimitError, Span
from .formula import (
    Call,
    Formula,
    Name,
    Number,
    check_kinds,
    children_first,
    expression,
    fold,
    free_names,
    is_condition,
    link,
    substitute,
    tree_size,
)
from .functions import CONSTANTS, RESERVED, TABLE, Function

# ---- what is read


@dataclass(frozen=True, slots=True, eq=False)
class Statement:
    """One statement of a program: a formula, or with a `name` its definition, or the definition of a `function`."""

    formula: Formula
    name: str = ""
    function: Function | None = None
    span: Span = field(default=NOWHERE)


def parse(text: str, functions: Iterable[Function] = ()) -> Formula:
    """The last formula of a program, its names linked to the program's definitions.

    `functions` are rows known besides the table.

    Raises:
        FormulaSyntaxError: with the place in the text and what to write instead.
        LimitError: the text is larger than `gradcalc.Limits` allows.
        FormulaError: a row breaks the laws of the table.
    """
    statements = parse_program(text, functions)
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
    return link(Name(last.name, None, last.span) if last.name else last.formula, definitions)


def parse_program(text: str, functions: Iterable[Function] = ()) -> list[Statement]:
    """All statements of a program in their order. A function defined in one is known in the next."""
    if not isinstance(text, str):
        raise TypeError(f"a formula is read from a text, not from {text!r}")
    if len(text) > LIMITS.text:
        raise LimitError("text", f"the input has {len(text):,} characters, more than {LIMITS.text:,}")
    lark, reading = _lark()
    rows = [validated(row) for row in functions]  # which reads their texts, before this one
    reading.begin(text, rows)
    try:
        statements: list[Statement] = lark.parse(text)  # type: ignore[assignment]  # Lark says Tree; our builder returns these
        return statements
    except UnexpectedToken as error:
        at_end = error.token.type == "$END"
        raise _mistake(reading, None if at_end else error.token.start_pos) from None
    except UnexpectedCharacters as error:
        raise _mistake(reading, error.pos_in_stream) from None
    finally:
        reading.begin("", ())


# ---- names and numbers

_TYPESET_NAMES = {"π": "pi", "τ": "tau"}
_WORDS = ("and", "or", "not")
_NAME = re.compile(r"[^\W\d][\w\u0300-\u036f]*")
_ESCAPE = r"\\(?:x[\da-fA-F]{2}|u[\da-fA-F]{4}|U00[01][\da-fA-F]{5})"
NAME = rf"(?:(?!\d)(?:[\w\u0300-\u036f]|{_ESCAPE})+)"  # a pattern for what looks like a name


def _name_of(token: str, span: Span) -> str:
    """The name in its normal form, so that the ways to type µ, one of them `\\u00b5`, are one name."""
    if len(token) > LIMITS.name:
        raise LimitError("name", f"a name has {len(token):,} characters, more than {LIMITS.name:,}", span)
    if token.isascii() and "\\" not in token:
        return str(token)
    typed = re.sub(_ESCAPE, lambda found: chr(int(found[0][2:], 16)) if int(found[0][2:], 16) < 0x110000 else "", token)
    name = unicodedata.normalize("NFKC", typed)
    if not _NAME.fullmatch(name) or name in _WORDS:
        raise FormulaSyntaxError(f"{_quoted(token)} is not a name", span, "write letters, digits and _")
    return _TYPESET_NAMES.get(name, name)


def _number_of(text: str, span: Span) -> Fraction:
    """The exact value. `Decimal` reads any number of digits, where `int` refuses more than 4300."""
    if len(text) > LIMITS.digits:
        raise LimitError("digits", f"a number has {len(text):,} digits, more than {LIMITS.digits:,}", span)
    exponent = text.lower().partition("e")[2].lstrip("+-0")
    if exponent and (len(exponent) > 9 or int(exponent) * BITS_PER_DIGIT > LIMITS.exponent):
        raise LimitError("exponent", "the exponent of a number is too large", span)
    return Fraction(Decimal(text))


_LITERALS = (
    (re.compile(r"[\d.]+(?:_+[\d.]*)+"), "digits cannot be grouped with '_'", lambda found: found.replace("_", "")),
    (re.compile(r"0(?:x[0-9a-fA-F]+|o[0-7]+|b[01]+)\b"), "numbers are decimal", lambda found: str(int(found, 0))),
)


# ---- functions


def _rows_by_name(rows: Iterable[Function]) -> dict[str, tuple[Function, ...]]:
    found: dict[str, tuple[Function, ...]] = {}
    for row in rows:
        if not row.symbol or row.notation == "postfix":  # of the operators, n! alone has a name that is called
            for name in (row.spelling, *row.aliases):
                found[name] = (*found.get(name, ()), row)
    return found


_BUILT_IN = _rows_by_name(TABLE.values())


def _is_built_in(name: str) -> bool:
    return name in _BUILT_IN or name in TABLE


_ELSEWHERE = {  # names that other programs use
    "pow": "x^y", "power": "x^y", "square": "x^2", "sqr": "x^2", "fact": "n!", "tg": "tan(x)", "ctg": "cot(x)",
    "sen": "sin(x)", "lg": "log10(x)", "lb": "log2(x)", "ld": "log2(x)", "sgn": "sign(x)",
    "where": "if(condition, a, b)", "derivative": "diff(formula, x)",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Unknown:
    """A call `name(args)` that no row answers."""

    name: str
    args: Sequence[Formula]
    head: Span
    whole: Span


class _Reading(threading.local):
    """What is being read in this thread: its text, the functions known, and the tokens that explain a mistake."""

    source: str
    functions: dict[str, tuple[Function, ...]]
    derivatives: dict[tuple[Function, int], Function]
    unresolved: list[_Unknown]  # calls of unknown functions, the first of which may turn out to be a definition
    open: list[Token]  # parentheses
    recent: deque[Token]  # the last tokens

    def begin(self, source: str, functions: Iterable[Function]) -> None:
        self.source, self.functions, self.derivatives = source, dict(_BUILT_IN), {}
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
            self.unresolved.append(_Unknown(name, args, head, whole))
            return Function(name=name, params=("",) * len(args))
        return row

    def why_unknown(self, call: _Unknown) -> FormulaSyntaxError:
        count = len(call.args)
        argument = Span(self.source, call.head.end, call.whole.end)
        if operator := _leibniz(self, call.head.end):
            return operator
        by = re.compile(r"\s*/\s*d([^\W\d]\w*)").match(self.source, call.whole.end) if call.name == "d" else None
        if by:
            help = f"write diff({_short(_in_one_line(argument)[1:-1])}, {by[1]})"
            whole = Span(self.source, call.whole.start, by.end())
            return FormulaSyntaxError("a derivative is written diff(formula, x)", whole, help)
        if rows := self.functions.get(call.name):
            number = "1 argument" if count == 1 else f"{count} arguments"
            return FormulaSyntaxError(f"{call.name} does not take {number}", call.whole, f"write {_either(rows)}")
        if call.name in _ELSEWHERE:
            help = f"write {_ELSEWHERE[call.name]}"
        elif near := _near(call.name, {known for known in self.functions if self.find(known, count)}):
            help = f"did you mean '{near}'?"
        elif count == 1:
            product = _short(f"{call.name}*{_in_one_line(argument)}")
            help = f"for a product write {product}; gradcalc --help lists the functions"
        else:
            params = ", ".join("xyzuvw"[:count]) if count <= 6 else "x, y, ..."
            help = f"define it first: {_short(call.name)}({params}) = ...; gradcalc --help lists the functions"
        return FormulaSyntaxError(f"unknown function {_quoted(call.name)}", call.head, help)


def _near(name: str, known: Set[str]) -> str:
    """The known name most like `name`. One letter is like nothing, and a very long name costs too much to compare."""
    import difflib  # here, because it would cost every start 5 ms

    if not 1 < len(name) <= 50:
        return ""
    if name.lower() in known:
        return name.lower()
    return next(iter(difflib.get_close_matches(name, known, n=1)), "")


def juxtaposed(name: str, known: Set[str]) -> str:
    """How to write `name` if it was meant as the product of known names (`xy` as `x*y`), or as a function and its
    argument (`lnx` as `ln(x)`); empty where it cannot be."""
    for cut in range(2, len(name)):
        head, rest = name[:cut], name[cut:]
        if any(len(row.params) == 1 for row in _BUILT_IN.get(head, ())) and (rest in known or rest == "x"):
            return f"{head}({rest})"
    parts: dict[int, tuple[str, ...]] = {0: ()}  # of the name up to there, in the fewest known names
    for end in range(1, min(len(name), 50) + 1):
        ways = [(*parts[start], name[start:end]) for start in parts if name[start:end] in known]
        if ways:
            parts[end] = min(ways, key=len)
    return "*".join(parts.get(len(name), ()))


def _either(rows: Iterable[Function]) -> str:
    return " or ".join(row.signature for row in rows)


# ---- rows that users write


@lru_cache(maxsize=1000)
def validated(row: Function) -> Function:
    """A user's row, checked by the laws of the table, its texts read.

    A definition without partials becomes a formula, as `g(x) = ...` makes it. Beside partials, texts stay texts, in the
    notation that Python reads too.

    Raises:
        FormulaError: naming what is wrong with the row.
    """
    if not isinstance(row, Function):
        raise TypeError(f"a function is a gradcalc.Function, not {row!r}")
    _check_names(row)
    if isinstance(row.definition, Formula) and not row.partials:
        return row
    _check_fields(row)
    domain = _text(row, "domain", row.domain, row.params)
    if row.definition and not row.partials:
        return replace(row, definition=_read(row, "definition", row.definition, row.params), domain=domain)
    definition = _text(row, "definition", row.definition, row.params)
    given = ("x", "out", "tie") if row.variadic else (*row.params, "out")
    partials = tuple(text if text is None else _text(row, "partials", text, given) for text in row.partials)
    unknown = (None,) * len(row.params)  # a value alone is a function of constants
    taught = tuple(_text(row, "taught", text, given) for text in row.taught)
    return replace(row, definition=definition, partials=partials or unknown, taught=taught, domain=domain)


def _refused(row: Function, message: str, help: str = "", span: Span = NOWHERE) -> FormulaError:
    return FormulaError(f"the function {row.name}: {message}", span, help)


def _check_names(row: Function) -> None:
    if not isinstance(row.params, tuple) or not row.params:
        raise _refused(row, "params must be a tuple of names", "write for example params=('x',)")
    if not isinstance(row.aliases, tuple):
        raise _refused(row, "aliases must be a tuple of names", "write for example aliases=('ln',)")
    for name in (row.name, row.spelling, *row.aliases, *row.params):
        if not isinstance(name, str) or not _NAME.fullmatch(name) or unicodedata.normalize("NFKC", name) != name:
            raise _refused(row, f"{name!r} is not a name", "write letters, digits and _")
        if name in _WORDS or name in RESERVED or len(name) > LIMITS.name:
            raise _refused(row, f"nothing can be called {_quoted(name)}", "choose another name")
    if any(map(_is_built_in, (row.name, row.spelling, *row.aliases))):
        raise _refused(row, "it is built in and cannot be redefined", "choose another name")
    if len(set(row.params)) < len(row.params):
        raise _refused(row, "a parameter stands twice", "choose another name")


def _check_fields(row: Function) -> None:
    kept = next((param for param in row.params if param in ("out", "tie")), "")
    if kept:
        raise _refused(row, f"a parameter cannot be called {kept}, which means something in partials")
    for what, function in (("value", row.value), ("ball", row.ball)):
        if function is not None and not callable(function):
            raise _refused(row, f"{what} must be a Python function")
    if row.symbol or row.condition:
        raise _refused(row, "operators and conditions cannot be added", "leave out symbol and condition")
    if not (row.definition or row.value or row.ball):
        raise _refused(row, "there is nothing to compute it by", "give it a definition, or a value and partials")
    if not (row.smooth or row.definition):
        raise _refused(row, "what is not smooth needs a definition", "write one by if(condition, a, b)")
    if not isinstance(row.partials, tuple) or not all(isinstance(text, str | None) for text in row.partials):
        raise _refused(row, "partials must be a tuple of texts", "write for example partials=('2*x',)")
    if row.variadic and (row.smooth or len(row.params) != 2 or len(row.partials) != 1 or row.partials[0] is None):
        raise _refused(row, "variadic needs two params, one text in partials and smooth=False", "look at TABLE['max']")
    if row.partials and len(row.partials) != len(row.params) and not row.variadic:
        message = f"partials has {len(row.partials)}, params {len(row.params)}"
        raise _refused(row, message, "write one text for each parameter, None for one that must be constant")
    strange = next((p for p in row.params if not p.isidentifier() or keyword.iskeyword(p) or p.startswith("_")), "")
    if strange and row.partials:
        raise _refused(row, f"beside partials, a parameter cannot be called {_quoted(strange)}", "choose another name")


def _read(row: Function, what: str, text: str | Formula, names: Sequence[str]) -> Formula:
    """One of a row's texts as a formula, which may use some names."""
    if not isinstance(text, str | Formula):
        raise _refused(row, f"{what} must be a text")
    try:
        formula = parse(text) if isinstance(text, str) else text
        for node in children_first(formula):
            if isinstance(node, Call):
                check_kinds(node)
    except FormulaError as error:
        span = error.diagnostic.span
        help = "a function cannot use itself" if span.text == row.name else error.help
        raise _refused(row, f"in its {what}, {error.message}", help, span) from None
    if is_condition(formula) != (what == "domain"):
        raise _refused(row, f"its {what} must be a {'condition' if what == 'domain' else 'number'}", span=formula.span)
    for name, node in free_names(formula).items():
        if name not in names and name not in CONSTANTS:
            message = f"its {what} uses {_quoted(name)}, which is no parameter"
            raise _refused(row, message, f"it can use {', '.join(names)}", node.span)
    return formula if "e" in names else substitute(formula, {"e": _EULER})


_EULER = Call(TABLE["exp"], (Number("1", Fraction(1)),))  # e, whatever it is where the function is called


_DEEPEST, _LARGEST = 100, 5_000  # of a formula that Python compiles
_CALLED_FACTORIAL = replace(TABLE["factorial"], symbol="")


def _text(row: Function, what: str, text: str | Formula, names: Sequence[str]) -> str:
    """One of a row's texts as both our parser and Python read it."""
    if text == "":
        return ""
    formula = _read(row, what, text, names)
    for node in children_first(formula):
        if isinstance(node, Call):
            plain = TABLE.get(node.function.name) is node.function and node.function not in (_DIFF, _DIFF_N)
        else:
            plain = not isinstance(node, Name) or node.definition is None
        if not plain:
            raise _refused(row, f"its {what} must be one formula of built-in functions, without diff", span=node.span)
    depth = fold(formula, lambda _: 1, lambda _, __: 1, lambda _, args: 1 + max(args))
    if tree_size(formula) > _LARGEST or depth > _DEEPEST:
        raise _refused(row, f"its {what} is too large", "leave out the partials: it can then be of any size")

    def number(node: Number) -> Formula:  # Python refuses zeros in front, and very long integers
        return Number(node.text + ".", node.value) if re.fullmatch(r"0\d+|\d{4000,}", node.text) else node

    def call(node: Call, args: list[Formula]) -> Formula:
        return Call(_CALLED_FACTORIAL if node.function is _FACTORIAL else node.function, tuple(args))

    return expression(fold(formula, number, lambda node, _: node, call))


# ---- how a text is shown in a message


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:40] + "..."


def _quoted(text: str) -> str:
    return f"'{_short(text)}'"


def _in_one_line(span: Span) -> str:
    return " ".join(span.text[:200].split())


def _start(token: Token) -> int:
    assert token.start_pos is not None  # Lark's own tokens have one
    return token.start_pos


def _end(token: Token) -> int:
    assert token.end_pos is not None
    return token.end_pos


# ---- what the rules of the grammar build

_OPERATORS = {
    "**": "^", "×": "*", "·": "*", "⋅": "*", "÷": "/", "−": "-", "≤": "<=", "≥": ">=", "≠": "!=",
}  # fmt: skip
_SUPERSCRIPTS = str.maketrans("⁺⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "+-0123456789")

_NEG, _TIMES, _POWER, _ROOT, _FACTORIAL = (TABLE[name] for name in ("neg", "*", "^", "sqrt", "factorial"))
_DIFF, _DIFF_N = TABLE["diff"], TABLE["diff_n"]


@v_args(inline=True)
class _Builder(Transformer[Token, list[Statement]]):
    """One method for each alternative of the grammar, under the name the grammar gives it."""

    def __init__(self, reading: _Reading) -> None:
        super().__init__()
        self.now = reading

    # ---- statements

    def first_statement(self, *statement: Statement) -> list[Statement]:
        return list(statement)

    def next_statement(self, program: list[Statement], separator: Token, *statement: Statement) -> list[Statement]:
        program += statement
        return program

    def evaluated(self, formula: Formula) -> Statement:
        self._no_unknown_functions()
        return Statement(formula, span=formula.span)

    def named(self, name: Token, equal: Token, formula: Formula) -> Statement:
        self._no_unknown_functions()
        own = self.now.span(name, name)
        return Statement(formula, self._free(name, own), span=own.to(formula.span))

    def function(self, head: Call, equal: Token, body: Formula) -> Statement:
        name = self._free(head.span.text.partition("(")[0].strip(), head.span)
        if _is_built_in(name):
            raise FormulaSyntaxError(f"{name} is built in and cannot be redefined", head.span, "choose another name")
        if head.function in self.now.derivatives.values():
            raise FormulaSyntaxError("a derivative cannot be defined", head.span, "define the function itself")
        params: list[str] = []
        for arg in head.args:
            if not isinstance(arg, Name):
                raise FormulaSyntaxError("a parameter is a plain name", arg.span, f"write {_short(name)}(x) = ...")
            if self._free(arg.name, arg.span) in params:
                raise FormulaSyntaxError("a parameter stands twice", arg.span, "choose another name")
            params.append(arg.name)
        if self.now.unresolved and self.now.unresolved[0].whole == head.span:
            del self.now.unresolved[0]  # that was the head itself, which need not be known
        if any(call.name == name for call in self.now.unresolved):
            raise FormulaSyntaxError(f"{name} is defined by itself", body.span, "it can use what is known before it")
        self._no_unknown_functions()
        span, sample = head.span.to(body.span), ((-2.0, 2.0),) * len(params)
        row = Function(name=name, params=tuple(params), definition=body, doc=_short(_in_one_line(span)), sample=sample)
        self.now.know(row)
        return Statement(body, function=row, span=span)

    def _free(self, name: str, span: Span) -> str:
        """The name in its normal form, if it may be given a meaning."""
        name = _name_of(name, span)
        if name in RESERVED:
            raise FormulaSyntaxError(f"{name} is a constant and keeps its value", span, "choose another name")
        return name

    def _no_unknown_functions(self) -> None:
        if self.now.unresolved:
            raise self.now.why_unknown(self.now.unresolved[0])

    # ---- operators

    def binary(self, left: Formula, operator: Token, right: Formula) -> Formula:
        return Call(TABLE[_OPERATORS.get(operator, operator)], (left, right), left.span.to(right.span))

    def chained_comparison(self, left: Call, operator: Token, right: Formula) -> NoReturn:
        first, middle, last = (_in_one_line(part.span) for part in (left, left.args[1], right))
        help = f"write {_short(f'{first} and {middle} {operator} {last}')}"
        raise FormulaSyntaxError("comparisons cannot be chained", left.span.to(right.span), help)

    def prefix(self, operator: Token, operand: Formula) -> Formula:
        if operator.type == "PLUS":
            return operand
        row = _NEG if operator.type == "MINUS" else TABLE[operator]
        return Call(row, (operand,), self.now.span(operator, operator).to(operand.span))

    def factorial(self, operand: Formula, bang: Token) -> Formula:
        own = self.now.span(bang, bang)
        if (
            isinstance(operand, Call)
            and operand.function is _FACTORIAL
            and self.now.source[operand.span.end - 1] == "!"
        ):
            once = _in_one_line(operand.span)
            raise _two_ways(operand.span.to(own), f"({once})!", "the double factorial as a product")
        return Call(_FACTORIAL, (operand,), operand.span.to(own))

    def superscript(self, base: Formula, exponent: Token) -> Formula:
        own = self.now.span(exponent, exponent)
        digits = exponent.translate(_SUPERSCRIPTS).lstrip("+")
        power: Formula = Number(digits.lstrip("-"), _number_of(digits.lstrip("-"), own), own)
        if digits.startswith("-"):
            power = Call(_NEG, (power,), own)
        return Call(_POWER, (base, power), base.span.to(own))

    def root(self, sign: Token, operand: Formula) -> Formula:
        return Call(_ROOT, (operand,), self.now.span(sign, sign).to(operand.span))

    # ---- factors side by side, kept in a list until it is known what stands before them

    def first_number(self, token: Token) -> list[Formula]:
        for pattern, message, plain in _LITERALS:
            if found := pattern.match(self.now.source, _start(token)):
                span = Span(self.now.source, *found.span())
                raise FormulaSyntaxError(message, span, f"write {_short(plain(found[0]))}")
        return [self.number(token)]

    def first_factor(self, factor: Formula) -> list[Formula]:
        return [factor]

    def next_factor(self, factors: list[Formula], factor: Formula) -> list[Formula]:
        factors.append(factor)
        return factors

    last_factor = next_factor

    def signed_factors(self, sign: Token, factors: list[Formula]) -> list[Formula]:
        factors[0] = self.prefix(sign, factors[0])
        return factors

    def first_product(self, factors: list[Formula]) -> Formula:
        return self._multiplied(factors[0], factors[1:])

    def next_product(self, left: Formula, operator: Token, factors: list[Formula]) -> Formula:
        """`a*2x` is `a*2*x`."""
        return self._multiplied(left, factors)

    def _multiplied(self, result: Formula, factors: Iterable[Formula]) -> Formula:
        for factor in factors:
            result = Call(_TIMES, (result, factor), result.span.to(factor.span))
        return result

    def ambiguous_quotient(self, left: Formula, operator: Token, factors: list[Formula]) -> NoReturn:
        top, first, rest = _in_one_line(left.span), _in_one_line(factors[0].span), _starred(factors[1:])
        whole = left.span.to(factors[-1].span)
        raise _two_ways(whole, f"{top}{operator}({first}*{rest})", f"({top}{operator}{first})*{rest}")

    def ambiguous_power(self, base: Formula, operator: Token, factors: list[Formula]) -> NoReturn:
        if operator_ := _leibniz(self.now, factors[0].span.end):
            raise operator_
        bottom, first, rest = _in_one_line(base.span), _in_one_line(factors[0].span), _starred(factors[1:])
        whole = base.span.to(factors[-1].span)
        if bottom not in self.now.functions:
            raise _two_ways(whole, f"{bottom}{operator}({first}*{rest})", f"{bottom}{operator}{first}*{rest}")
        argument = _bare(rest)
        help = f"write {bottom}({argument})^{first}"
        if first == "-1" and f"a{bottom}" in self.now.functions:
            help += f", or a{bottom}({argument}) for the inverse"
        raise FormulaSyntaxError(f"the power of {bottom} is written after its argument", whole, help)

    def ambiguous_root(self, sign: Token, factors: list[Formula]) -> NoReturn:
        first, rest = _bare(_in_one_line(factors[0].span)), _starred(factors[1:])
        whole = self.now.span(sign, sign).to(factors[-1].span)
        raise _two_ways(whole, f"√({first}*{rest})", f"√({first})*{rest}")

    # ---- atoms

    def number(self, token: Token) -> Number:
        text, span = str(token).replace("−", "-"), self.now.span(token, token)
        return Number(text, _number_of(text, span), span)

    def variable(self, token: Token) -> Name:
        span = self.now.span(token, token)
        return Name(_name_of(token, span), None, span)

    def group(self, left: Token, inside: Formula, right: Token) -> Formula:
        """The same formula, standing at its parentheses."""
        span = self.now.span(left, right)
        if isinstance(inside, Call):
            return Call(inside.function, inside.args, span)
        if isinstance(inside, Number):
            return Number(inside.text, inside.value, span)
        assert isinstance(inside, Name)
        return Name(inside.name, None, span)

    def first_argument(self, argument: Formula) -> list[Formula]:
        return [argument]

    def next_argument(self, arguments: list[Formula], comma: Token, argument: Formula) -> list[Formula]:
        arguments.append(argument)
        return arguments

    def call(self, name: Token, left: Token, args: list[Formula], right: Token) -> Formula:
        head, whole = self.now.span(name, name), self.now.span(name, right)
        row = self.now.resolve(_name_of(name, head), args, head, whole)
        if row is _DIFF or row is _DIFF_N:
            _check_diff(args)
        return Call(row, tuple(args), whole)

    def derivative(self, name: Token, primes: Token, left: Token, args: list[Formula], right: Token) -> Formula:
        """`g'(x)` calls a function of its own, the derivative of `g`."""
        head, whole = self.now.span(name, name), self.now.span(name, right)
        row = self.now.resolve(_name_of(name, head), args, head, whole)
        order = len(primes)
        if len(args) > 1:
            message = f"{name}{primes} could be the derivative by any of {len(args)} arguments"
            raise FormulaSyntaxError(message, whole, f"write diff({name}(...), x)")
        if order > LIMITS.order:
            raise _order_error(str(order), self.now.span(primes, primes))
        if (row, order) not in self.now.derivatives:
            param = Name(row.params[0])
            by: tuple[Formula, ...] = (Call(row, (param,)), param)
            self.now.derivatives[row, order] = Function(
                name=row.spelling + "'" * order,
                params=row.params,
                definition=Call(_DIFF, by) if order == 1 else Call(_DIFF_N, (*by, Number(str(order), Fraction(order)))),
                doc=f"derivative of {row.signature}",
                sample=row.sample,
            )
        return Call(self.now.derivatives[row, order], tuple(args), whole)


def _starred(factors: Iterable[Formula]) -> str:
    return "*".join(_in_one_line(factor.span) for factor in factors)


def _bare(text: str) -> str:
    """Without the parentheses around it."""
    return text[1:-1] if re.fullmatch(r"\([^()]*\)", text) else text


def _two_ways(span: Span, one: str, other: str) -> FormulaSyntaxError:
    text = _in_one_line(span)
    if len(text) > 60:
        return FormulaSyntaxError("this can be read in two ways", span, "add '*' and parentheses")
    return FormulaSyntaxError(f"'{text}' can be read in two ways", span, f"write  {one}  or  {other}")


def _check_diff(args: Sequence[Formula]) -> None:
    _, variable, *order = args
    if not isinstance(variable, Name) or variable.name in RESERVED:
        raise FormulaSyntaxError("diff needs a variable here", variable.span, "write a plain name, as in diff(x^2, x)")
    for times in order:
        if isinstance(times, Name):
            continue  # a parameter, or a name of the user's: what it stands for shows when the derivative is taken
        if not (isinstance(times, Number) and times.value.denominator == 1 and times.value > 0):
            message = "the order of a derivative is a positive whole number"
            raise FormulaSyntaxError(message, times.span, "write it out, as in diff(x^4, x, 2)")
        if times.value > LIMITS.order:
            raise _order_error(times.text, times.span)


def _order_error(order: str, span: Span) -> LimitError:
    return LimitError("order", f"a derivative of order {_short(order)}, more than {LIMITS.order}", span)


# ---- what is not in the language


@dataclass(frozen=True, slots=True)
class _Mistake:
    """A text that cannot go on: what stood before (a pattern of token types), what comes (a pattern), what to say.

    {here} is what comes, and what has a name in its pattern goes by that; {before}, {first} and {second} are the tokens
    before it, from right to left. The caret starts `back` tokens before what comes. A NAME that is a known function
    counts as FUNCTION. `reads` is a pattern for the text of {before}.
    """

    after: str
    here: str
    message: str
    help: str
    back: int = 0
    reads: str = ""


_OPERAND = "(NUMBER|NAME|FUNCTION|RPAR|BANG|SUPERSCRIPT)"  # tokens that may end one
_OPERATOR = "(PLUS|MINUS|STAR|SLASH|CARET|COMPARE|OR|AND|NOT|EQUAL|ROOT)"
_NOTHING = "(^|SEPARATOR|LPAR|COMMA)"
_WORD = r"√?(\.?\d[\w.]*|\w+)"
_SUPER = r"[⁺⁻]?[⁰¹²³⁴-⁹]+"
_POWERS = rf"(?:\s*(?:\^|\*\*)\s*-?[\w.]+|{_SUPER})"
_GROUP = r"\((?:[^()]|\([^()]*\))*\)"
_FRACTION = r"[¼-¾⅐-⅞↉]"
_MODULES = "np|numpy|math|Math|cmath|jnp|jax|sp|sympy|scipy|mp|mpmath|tf|torch|F|K"
_SIGN = r"\*\*|[*/^×·⋅÷]|[<>=!]=|[<>=≤≥≠]|(or|and)\b|[⁺⁻]?[⁰¹²³⁴-⁹]+"

_MISTAKES = (
    # ---- what other languages write
    _Mistake("", r"&&?|∧", "'{here}' is not an operator", "write and, as in a > 0 and b > 0"),
    _Mistake("", r"\|\||∨", "'{here}' is not an operator", "write or, as in a > 0 or b > 0"),
    _Mistake("", r"[~¬]", "'{here}' is not an operator", "write not, as in not a > 0"),
    _Mistake("", r"\|", "bars are not parentheses", "write abs(x) for an absolute value"),
    _Mistake("", r"%", "'%' is not an operator", "write mod(a, b) for a remainder, a/100 for a percentage"),
    _Mistake("SLASH", r"/", "'//' is not an operator", "write floor(a/b) for a whole quotient", 1),
    _Mistake("", r"[][{}]", "only round parentheses are read", "write ( and )"),
    _Mistake("", r"[–—‒―]", "'{here}' is a dash, not a minus", "write -"),
    _Mistake("", r"[∕⁄]", "'{here}' is not read as a division", "write /"),
    _Mistake("", r"[∗•∙]", "'{here}' is not read as a product", "write *"),
    _Mistake("", r"°", "angles are in radians", "write rad(90) for 90 degrees"),
    _Mistake("", r"∛", "'{here}' is not read", "write cbrt(x)"),
    _Mistake("", r"∞", "infinity is not a number", "take a large number, such as 1e300"),
    _Mistake("", r"±", "'±' belongs to the value of a variable", "write for example x=2±0.1 beside the formula"),
    _Mistake("", r"\?", "'?' does not choose", "write if(condition, a, b)"),
    _Mistake(_OPERAND, r"if\b", "a choice is written as a function", "write if(condition, a, b)"),
    _Mistake("", r"[∫∬∭∮]", "integrals are not for this tool", "it gives values and derivatives"),
    _Mistake("", r"[∑∏]", "sums and products over an index are not read", "write the terms out"),
    _Mistake("", r"[∂∇]", "'{here}' is not read", "write diff(formula, x) for a derivative"),
    _Mistake("", r"\$+(?=(?P<inside>[^$\n]*[^$\s]))", "dollar signs are not part of a formula", "write {inside}"),
    _Mistake("", r"\$", "'$' is not part of a formula", "remove it"),
    _Mistake("", r"\\[dt]?frac\s*\{(?P<top>\w+)\}\s*\{(?P<bottom>\w+)\}", "LaTeX is not read", "write {top}/{bottom}"),
    _Mistake("", r"\\[dt]?frac\s*\{(?P<top>[^{}]*)\}\s*\{(?P<bottom>[^{}]*)\}", "LaTeX is not read",
             "write ({top})/({bottom})"),
    _Mistake("", r"\\sqrt\s*\{(?P<inside>[^{}]*)\}", "LaTeX is not read", "write sqrt({inside})"),
    _Mistake("", r"\\(cdot|times)\b", "LaTeX is not read", "write *"),
    _Mistake("", r"\\(left|right)\b", "LaTeX is not read", "write ( and ) alone"),
    _Mistake("", r"\\(?P<word>[a-zA-Z]+)", "LaTeX is not read", "write {word} without the backslash"),
    _Mistake("", r"\\", "LaTeX is not read", "write for example a/b, sqrt(x), sin(x)"),
    _Mistake("NUMBER", _FRACTION, "'{before}{here}' is not read", "write ({before} + {fraction})", 1),
    _Mistake("", rf"{_FRACTION}(?=(?P<run>(\s*(\w+|{_SUPER}))*))", "'{here}' is not read",
             "write ({fraction}){starred}"),
    _Mistake("NAME|FUNCTION", rf"(\.[^\W\d]\w*)*\.(?P<name>[^\W\d]\w*)(?P<args>{_GROUP})?",
             "functions and constants have plain names here", "write {name}{args}", 1, _MODULES),
    _Mistake("", r"[ⁿⁱ]", "a superscript letter is not read", "write x^n"),
    _Mistake("", r":=", "':=' is not read here", "write name = formula"),
    _Mistake("EQUAL", r">", "'=>' is not a comparison", "write >=", 1),
    _Mistake("EQUAL", r"<", "'=<' is not a comparison", "write <=", 1),
    _Mistake("COMPARE", r"[=>]", "'{before}{here}' is not a comparison", "write ==, !=, <= or >=", 1),
    # ---- quotation marks and primes
    _Mistake("", r"[\"“”„«»‘’`]", "quotation marks are not needed", "write the formula alone"),
    _Mistake(f"{_NOTHING}|{_OPERATOR}", r"['′]", "quotation marks are not needed", "write the formula alone"),
    _Mistake(_OPERAND, r"['′]", "only the name of a function can have a prime", "write diff(formula, x)"),
    _Mistake("PRIME", r"(?!\()", "{first}{before} needs an argument",
             "write {first}{before}(x), or diff(formula, x)", 2),
    # ---- words of the language, and '='
    _Mistake("NOT|AND|OR", r"=", "'{before}' is a word of the language, not a name", "choose another name", 1),
    _Mistake("", r"(and|or)\b(?=\s*=(?!=))", "'{here}' is a word of the language, not a name", "choose another name"),
    _Mistake("(^|SEPARATOR)", r"=(?!=)", "'=' has nothing on its left", "write name = formula"),
    _Mistake(_OPERAND, r"=", "'=' only gives a formula its name, as in y = x^2", "to compare two numbers, write =="),
    # ---- parentheses and commas
    _Mistake("(NAME|FUNCTION) LPAR", r"\)", "{first} has no argument", "write {signature}", 2),
    _Mistake("PRIME LPAR", r"\)", "the argument is missing", "write for example {second}{first}(x)", 3),
    _Mistake("LPAR", r"\)", "there is nothing between the parentheses", "put a formula there, or remove them", 1),
    _Mistake("LPAR|COMMA", r",", "an argument is missing before ','", "write it, or remove the comma"),
    _Mistake("COMMA", r"\)", "an argument is missing after ','", "write it, or remove the comma", 1),
    _Mistake("NUMBER", r"(,\d{3}){2,}(\.\d*)?|,\d{3}\.\d*", "digits cannot be grouped with ','", "write {together}", 1),
    _Mistake("NUMBER", r",\d{3}(?![\d.])", "'{before}{here}' can be read in two ways",
             "write  {together}  or  {decimal}", 1, r"[1-9]\d{0,2}"),
    _Mistake("NUMBER", r",\d+", "',' is not a decimal point", "write {decimal}", 1),
    _Mistake(_OPERAND, r",", "a comma only separates the arguments of a function", "between formulas, write ';'"),
    # ---- missing operands
    _Mistake("ROOT", r"[-+−]", "a sign under '√' needs parentheses", "write √(-x)"),
    _Mistake(f"{_NOTHING}|{_OPERATOR}", r"!(?!=)", "'!' stands after its operand, as in n!",
             "for the opposite of a condition, write not"),
    _Mistake(_OPERATOR, r"\Z|[;),]", "'{before}' has nothing on its right", "write what comes after it"),
    _Mistake(_OPERATOR, _SIGN, "'{before}' cannot be followed by '{here}'",
             "write a number, a name or a group between them", 1),
    _Mistake(_NOTHING, _SIGN, "'{here}' has nothing on its left", "write what comes before it"),
    # ---- operands side by side
    _Mistake("FUNCTION SUPERSCRIPT", r"\([^()]*\)", "the power of {first} is written after its argument",
             "write {first}{here}{power}", 2),
    _Mistake("FUNCTION SUPERSCRIPT", r"[\w(]", "the power of {first} is written after its argument",
             "write {first}(x){power}", 2),
    _Mistake("FUNCTION", rf"(?P<base>{_WORD}?)(?P<power>{_POWERS})", "{before} is a function and needs parentheses",
             "write {calls}", 1),
    _Mistake("FUNCTION", _WORD, "{before} is a function and needs parentheses", "write {call}", 1),
    _Mistake("NUMBER", r"(?<=\d|\.)\.\d[\d.]*", "a number has one decimal point", "remove the others", 1),
    _Mistake("NUMBER", r"[\d.]+", "two numbers stand side by side",
             "write {before}{here} for one number, {before}*{here} for a product", 1),
    _Mistake("(NUMBER|NAME) (SLASH|CARET) (NUMBER|NAME)", _WORD,
             "'{second}{first}{before} {here}' can be read in two ways",
             "write  {second}{first}({before}*{here})  or  {second}{first}{before}*{here}", 3),
    _Mistake("(SLASH|CARET) (NUMBER|NAME)", _WORD, "this can be read in two ways", "add '*' and parentheses", 2),
    _Mistake("NAME", rf"√({_GROUP}|[\w.]+)", "'{before}' and '{here}' stand side by side", "write {before}*{here}", 1),
    _Mistake("NAME", _WORD, "'{before}' and '{here}' stand side by side",
             "write {before}*{here} for a product", 1),
    _Mistake("RPAR", r"[\d.]+", "a number cannot follow ')'", "put '*' between them for a product, '^' for a power"),
    _Mistake(_OPERAND, rf"{_WORD}|[√(]", "a product needs '*' here", "put '*' between '{before}' and '{here}'"),
    # ---- the rest
    _Mistake("", r"\)", "')' closes nothing", "remove it, or add '(' where the group begins"),
    _Mistake("", r";", "';' ends a statement, but '(' is still open", "between arguments, write ','"),
    _Mistake("", r"not\b", "'not' cannot stand here", "put the condition in parentheses: (not a > 0)"),
    _Mistake("", r"\.", "'.' only stands in numbers", "in names, write letters, digits and _"),
    _Mistake("", r"[ -~]", "'{here}' is not part of the language here", ""),
)  # fmt: skip


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str], _Mistake], ...]:
    return tuple(
        (re.compile(f"({mistake.after})$"), re.compile(mistake.here), re.compile(mistake.reads or ".*", re.S), mistake)
        for mistake in _MISTAKES
    )


def _mistake(now: _Reading, position: int | None) -> FormulaSyntaxError:
    """What is wrong at `position`, None for the end, where what was read so far cannot go on."""
    source, before = now.source, list(now.recent)
    if before and _start(before[-1]) == position:
        del before[-1]  # what comes, not what stood before
    reached = _end(before[-1]) if before else 0
    if now.open and (position is None or "\n" in source[reached:position]):
        bracket = now.open[-1]
        return FormulaSyntaxError("'(' is never closed", now.span(bracket, bracket), "add ')' where the group ends")
    if position is None or source[position] == "\n":
        source, position = source[:reached], reached  # a mistake at the end stands right after the text
    if operator := _leibniz(now, position):
        return operator
    types = " ".join("FUNCTION" if t.type == "NAME" and t in now.functions else t.type for t in before)
    last = before[-1] if before else ""
    for after, here, reads, mistake in _patterns():
        found = here.match(source, position)
        if found and after.search(types) and reads.fullmatch(last):
            texts = _texts(now, before, found)
            start = _start(before[-mistake.back]) if mistake.back else position
            span = Span(now.source, start, found.end())
            return FormulaSyntaxError(mistake.message.format_map(texts), span, mistake.help.format_map(texts))
    return _foreign(Span(now.source, position, position + 1))


def _texts(now: _Reading, before: list[Token], found: re.Match[str]) -> dict[str, str]:
    """What the messages mention."""
    second, first, last = (["", "", "", *map(str, before)])[-3:]
    rows = now.functions.get(last) or now.functions.get(first, ())
    here, named = found[0], {name: text or "" for name, text in found.groupdict().items()}
    base, power = named.get("base", ""), _plain_power(named.get("power", ""))
    calls = f" {last}({base}{power})  or  {last}({base}){power}"
    texts = {
        **named,
        "here": here,
        "before": last,
        "first": first,
        "second": second,
        "decimal": last + here.replace(",", "."),
        "together": last + here.replace(",", ""),
        "power": _plain_power(last),
        "call": f"{last}({here})" if now.find(last, 1) else _either(rows),
        "calls": calls if now.find(last, 1) else _either(rows),
        "signature": _either(rows) or f"{first}(x)",
        "fraction": unicodedata.normalize("NFKC", here).replace("\u2044", "/"),
        "starred": "".join(f"*{_plain_power(word)}" for word in named.get("run", "").split()),
    }
    return {name: _short(text) for name, text in texts.items()}


def _plain_power(text: str) -> str:
    """With superscripts as powers: `v²` as `v^2`."""
    return re.sub(_SUPER, lambda power: "^" + power[0].translate(_SUPERSCRIPTS), text)


_DERIVATIVE_OPERATOR = re.compile(
    r"(?<![\w.])d(?:\s*(?:\^|\*\*)\s*(?P<n>\d)|(?P<super>[²³]))?\s*/"
    r"\s*d(?P<x>[^\W\d]\w*?)(?:\s*(?:\^|\*\*)\s*\d|[²³])?\s*$"
)
_TERM = re.compile(rf"\s*(?P<inside>(√|[\d.]*)(\w+({_GROUP})?|{_GROUP}){_POWERS}*)")


def _leibniz(now: _Reading, position: int) -> FormulaSyntaxError | None:
    """`d/dx x^2` and `d²/dx² (x^3)`: what comes at `position` follows such an operator."""
    from_ = max(0, position - 100)
    operator = _DERIVATIVE_OPERATOR.search(now.source[from_:position])
    term = _TERM.match(now.source, position)
    if not operator or not term:
        return None
    inside = term["inside"]
    if re.fullmatch(_GROUP, inside):
        inside = inside[1:-1]
    order = operator["n"] or (operator["super"] or "").translate(_SUPERSCRIPTS)
    help = f"write diff({_short(inside)}, {operator['x']}{f', {order}' if order else ''})"
    span = Span(now.source, from_ + operator.start(), term.end())
    return FormulaSyntaxError("a derivative is written diff(formula, x)", span, help)


def _foreign(span: Span) -> FormulaSyntaxError:
    """A character of no use here, by its Unicode name where it may not be seen."""
    character = span.text
    if not character:
        return FormulaSyntaxError("the formula ends too early", span)
    name = unicodedata.name(character, f"U+{ord(character):04X}")
    plain = unicodedata.normalize("NFKC", character)
    shown = f"'{character}' ({name})" if character.isprintable() else name
    help = f"write {plain}" if plain != character and re.fullmatch(r"[-\w+*/^()<>=!,;]+", plain, re.A) else ""
    return FormulaSyntaxError(f"{shown} is not part of the language", span, help)


# ---- Lark


class _Layout:
    """Drops the newlines inside parentheses, and remembers what a message may need."""

    always_accept = ()

    def __init__(self, reading: _Reading) -> None:
        self.now = reading

    def process(self, tokens: Iterator[Token]) -> Iterator[Token]:
        open_, recent, before = self.now.open, self.now.recent, ""
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
                raise _mistake(self.now, token.start_pos)
            before = kind
            yield token


@cache
def _lark() -> tuple[Lark, _Reading]:
    """The parser, built when first needed, and what it reads."""
    here = Path(__file__).parent.parent
    path = next(p for p in (here / "grammar/formula.lark", here.parent / "grammar/formula.lark") if p.exists())
    reading = _Reading()
    grammar = path.read_text(encoding="utf-8")
    lark = Lark(
        grammar,
        start="program",
        parser="lalr",
        lexer="basic",
        transformer=_Builder(reading),
        postlex=_Layout(reading),
        cache=_cache_file(),
    )
    return lark, reading


def _cache_file() -> str | bool:
    """Where Lark keeps its tables between runs: 3 ms instead of 40.

    Only in a folder that nobody else can write to, because they are pickled. Lark builds them anew whenever the file is
    missing, damaged or of another version.
    """
    try:
        folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "gradcalc"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = folder.stat()
    except (OSError, RuntimeError):
        return False
    if hasattr(os, "getuid") and (status.st_uid != os.getuid() or status.st_mode & 0o022):
        return False
    return str(folder / f"grammar-{sys.version_info.major}.{sys.version_info.minor}")


def tokens(text: str) -> Iterator[tuple[str, int, int]]:
    """The kinds and places of the grammar's terminals in a text that need not be a formula, spaces and comments too.

    A character that begins no terminal has the kind ''.
    """
    pattern, words = _terminals()
    place = 0
    for found in pattern.finditer(text):
        if place < found.start():
            yield "", place, found.start()
        yield words.get(found[0], str(found.lastgroup)), *found.span()
        place = found.end()
    if place < len(text):
        yield "", place, len(text)


@cache
def _terminals() -> tuple[re.Pattern[str], dict[str, str]]:
    """What matches any terminal, the longer first, and the terminals that are words."""
    terminals = sorted(_lark()[0].terminals, key=lambda terminal: -terminal.pattern.max_width)
    words = {terminal.pattern.value: terminal.name for terminal in terminals if terminal.pattern.value.isalpha()}
    parts = [f"(?P<{t.name}>{t.pattern.to_regexp()})" for t in terminals if t.name not in words.values()]
    return re.compile("|".join(parts)), words
