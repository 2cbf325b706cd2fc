"""Formulas and statements from the rules of the grammar, built while a text is read, so that nothing recurses."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from typing import Any, NoReturn

from gradcalc.record import replace

from .errors import LIMITS, FormulaSyntaxError, LimitError, Span
from .formula import Call, Formula, Function, Name, Number, free_names
from .functions import DIFF, DIFF_N, RESERVED, TABLE
from .lalr import Token
from .proposals import inverse_of, unbracketed
from .reading import (
    FACTORIAL,
    LITERALS,
    NO_DERIVATIVE,
    SUPERSCRIPTS,
    Array,
    Bounds,
    Correlation,
    Equation,
    Interval,
    Ranged,
    Reading,
    Statement,
    in_one_line,
    is_built_in,
    name_of,
    number_of,
    short,
    starred,
    two_ways,
)
from .spelled import SPELLED, closed, over_index, spelled_out
from .uncertain import uncertain, value_of
from .unknown import nested, why_unknown

_OPERATORS = {
    "**": "^", "×": "*", "·": "*", "⋅": "*", "÷": "/", "−": "-", "≤": "<=", "≥": ">=", "≠": "!=",
}  # fmt: skip
_ROWS = {**TABLE, **{sign: TABLE[plain] for sign, plain in _OPERATORS.items()}}
_NEG, _TIMES, _POWER, _ROOT = (TABLE[name] for name in ("neg", "*", "^", "sqrt"))


class Builder:
    """One method for each alternative of the grammar, under the name the grammar gives it."""

    def __init__(self, reading: Reading) -> None:
        self.now = reading

    # ---- lists of whatever it is

    def first(self, *one: Any) -> list[Any]:
        return list(one)

    def also(self, many: list[Any], *more: Any) -> list[Any]:
        many += [each for each in more if not isinstance(each, Token)]
        return many

    # ---- statements

    def evaluated(self, formula: Formula) -> Statement:
        self._no_unknown_functions()
        return Statement(formula, span=formula.span)

    def named(self, name: Token, equal: Token, formula: Formula) -> Statement:
        self._no_unknown_functions()
        own = self.now.span(name)
        formula = value_of(formula, alone=False)
        self.now.defined[free := self._free(name, own)] = formula
        return Statement(formula, free, span=own.to(formula.span))

    def function(self, head: Call, equal: Token, body: Formula) -> Statement:
        name = self._free(head.span.text.partition("(")[0].strip(), head.span)
        if head.function in (DIFF, DIFF_N, *self.now.derivatives.values()):
            raise FormulaSyntaxError("a derivative cannot be defined", head.span, NO_DERIVATIVE)
        if is_built_in(name):
            raise FormulaSyntaxError(f"{name} is built in and cannot be redefined", head.span, "choose another name")
        params: list[str] = []
        for arg in self.now.spelled.get(head.span, head.args):
            if not isinstance(arg, Name):
                raise FormulaSyntaxError("a parameter is a plain name", arg.span, f"write {short(name)}(x) = ...")
            if self._free(arg.name, arg.span) in params:
                raise FormulaSyntaxError("a parameter stands twice", arg.span, "choose another name")
            params.append(arg.name)
        if self.now.unresolved and self.now.unresolved[0].whole == head.span:
            del self.now.unresolved[0]  # that was the head itself, which need not be known
        if any(call.name == name for call in self.now.unresolved):
            raise FormulaSyntaxError(f"{name} is defined by itself", body.span, "it can use what is known before it")
        self._no_unknown_functions()
        span, sample = head.span.to(body.span), ((-2.0, 2.0),) * len(params)
        row = Function(name=name, params=tuple(params), definition=body, doc=short(in_one_line(span)), sample=sample)
        self.now.know(row)
        return Statement(body, function=row, span=span)

    # ---- lines and values

    def bound(self, name: Token, equal: Token, value: Formula) -> Statement:
        own = self.now.span(name)
        value = value_of(value, alone=True)
        return Statement(value, self._free(name, own), span=own.to(value.span))

    def uncertain(self, value: Formula, sign: Token, uncertainty: Formula) -> Formula:
        return uncertain(value, uncertainty, value.span.to(uncertainty.span))

    def uncertain_group(self, left: Token, value: Formula, sign: Token, size: Formula, right: Token) -> Formula:
        return uncertain(value, size, self.now.span(left, right))

    def stored(self, name: Token, operator: Token, formula: Formula) -> Statement:
        """`x := formula`, and `x += formula`, which is `x := x + formula`."""
        own = self.now.span(name)
        if operator != ":=":
            formula = Call(_ROWS[operator[0]], (Name(name_of(name, own), None, own), formula), own.to(formula.span))
        return replace(self.named(name, operator, formula), store=True)

    def there(self, asked: Statement, at: Token, values: list[Statement]) -> Statement:
        """`formula at x=2`, and `x := formula at y=2`."""
        where = self.now.span(at).to(values[-1].span)
        if asked.at:
            raise FormulaSyntaxError("'at' stands twice", where, "write at x=2, y=3")
        if not asked.store and (asked.name or asked.function is not None):
            help = "a definition takes the values of the moment; name := formula at x=2 stores a number"
            raise FormulaSyntaxError("only a formula can be asked at values of its own", where, help)
        return replace(asked, at=tuple(values), span=asked.span.to(where))

    def interval(self, name: Token, equal: Token, *bounds: Formula | Token) -> Interval:
        own, numbers = self.now.span(name), tuple(part for part in bounds if isinstance(part, Formula))
        return Interval(name_of(name, own), numbers, own.to(numbers[-1].span))

    def bounded(self, name: Token, equal: Token, *typed: Formula | Token) -> Bounds:
        own = self.now.span(name)
        low, high = (part if isinstance(part, Formula) else None for part in (typed[0], typed[-1]))
        last = typed[-1].span if isinstance(typed[-1], Formula) else self.now.span(typed[-1])
        return Bounds(name_of(name, own), low, high, own.to(last))

    def correlated(self, name: Token, comma: Token, other: Token, equal: Token, value: Formula) -> Correlation:
        one, two = self.now.span(name), self.now.span(other)
        return Correlation((name_of(name, one), name_of(other, two)), value, one.to(value.span))

    def array(self, left: Token, entries: list[Formula | Array], right: Token) -> Array:
        return Array(tuple(entries), self.now.span(left, right))

    def arrayed(self, name: Token, equal: Token, array: Array) -> Array:
        own = self.now.span(name)
        return replace(array, name=self._free(name, own), span=own.to(array.span))

    def ranges(self, intervals: list[Interval]) -> Ranged:
        return Ranged(intervals)

    def over(self, formula: Formula, comma: Token | None = None, intervals: Sequence[Interval] = ()) -> Ranged:
        return Ranged(list(intervals), formula)

    def over_at(
        self, formula: Formula, at: Token, values: list[Statement], comma: str = "", intervals: Sequence[Interval] = ()
    ) -> Ranged:
        return Ranged(list(intervals), formula, tuple(values))

    # ---- claims and answers

    def claimed_there(self, equation: Equation, at: Token, values: list[Statement]) -> list[Equation]:
        return [replace(equation, at=tuple(values))]

    def claimed(self, left: Formula, equal: Token, right: Formula) -> Equation:
        return Equation(left, right)

    def said(self, formula: Formula) -> Equation:
        if isinstance(formula, Call) and formula.function is TABLE["=="]:
            return Equation(formula.args[0], formula.args[1])
        from .foreign import no_claim

        raise no_claim(formula.span)

    def answered(self, formula: Formula) -> Equation:
        return Equation(None, formula)

    def _free(self, name: str, span: Span) -> str:
        """The name in its normal form, if it may be given a meaning."""
        name = name_of(name, span)
        if name in RESERVED:
            raise FormulaSyntaxError(f"{name} is a constant and keeps its value", span, "choose another name")
        return name

    def _no_unknown_functions(self) -> None:
        if self.now.unresolved:
            raise why_unknown(self.now, self.now.unresolved[0])

    # ---- operators

    def binary(self, left: Formula, operator: Token, right: Formula) -> Formula:
        if operator.type == "MINUS" and isinstance(left, Name) and left.name in self.now.functions:
            self._no_inverse(left, right)
        span = Span(self.now.source, left.span.start, right.span.end)
        return Call(_ROWS[str(operator)], (left, right), span)  # a plain text is found faster than a token

    def _no_inverse(self, function: Name, right: Formula) -> None:
        """Refuse `sin-1(x)`, which on calculators is the inverse and here would be a difference of two names."""
        text = in_one_line(right.span)
        if not isinstance(right, Call) or right.function is not _TIMES or not re.match(r"1\s*[(\w√]", text):
            return
        argument, name = in_one_line(right.args[1].span), function.name
        bare = unbracketed(argument)
        ways = [f"{inverse}({bare})"] if (inverse := inverse_of(name, self.now.functions)) else []
        ways += [f"1/{name}({bare})"] if self.now.find(name, 1) else []
        help = f"write  {'  or  '.join([*ways, f'{name} - 1*{argument}'])}"
        whole = function.span.to(right.span)
        raise FormulaSyntaxError(f"'{short(in_one_line(whole))}' can be read in two ways", whole, help)

    def chained_comparison(self, left: Call, operator: Token, right: Formula) -> NoReturn:
        first, middle, last = (in_one_line(part.span) for part in (left, left.args[1], right))
        help = f"write {short(f'{first} and {middle} {operator} {last}')}"
        raise FormulaSyntaxError("comparisons cannot be chained", left.span.to(right.span), help)

    def prefix(self, operator: Token, operand: Formula) -> Formula:
        if operator.type == "PLUS":
            return operand
        row = _NEG if operator.type == "MINUS" else TABLE[operator]
        return Call(row, (operand,), self.now.span(operator).to(operand.span))

    def factorial(self, operand: Formula, bang: Token) -> Formula:
        own = self.now.span(bang)
        if isinstance(operand, Call) and operand.function is FACTORIAL and self.now.source[operand.span.end - 1] == "!":
            once = in_one_line(operand.span)
            raise two_ways(operand.span.to(own), f"({once})!", "the double factorial as a product")
        return Call(FACTORIAL, (operand,), operand.span.to(own))

    def superscript(self, base: Formula, exponent: Token) -> Formula:
        own = self.now.span(exponent)
        digits = exponent.translate(SUPERSCRIPTS).lstrip("+")
        power: Formula = Number(digits.lstrip("-"), number_of(digits.lstrip("-"), own), own)
        if digits.startswith("-"):
            power = Call(_NEG, (power,), own)
        return Call(_POWER, (base, power), base.span.to(own))

    def root(self, sign: Token, operand: Formula) -> Formula:
        return Call(_ROOT, (operand,), self.now.span(sign).to(operand.span))

    # ---- factors side by side, kept in a list until it is known what stands before them

    def first_number(self, token: Token) -> list[Formula]:
        for pattern, message, plain in LITERALS:
            if found := pattern.match(self.now.source, token.start_pos):
                span = Span(self.now.source, *found.span())
                raise FormulaSyntaxError(message, span, f"write {short(plain(found[0]))}")
        return [self.number(token)]

    def signed_factors(self, sign: Token, factors: list[Formula]) -> list[Formula]:
        factors[0] = self.prefix(sign, factors[0])
        return factors

    def product(self, *parts: Any) -> Formula:
        """`2x`, and `a*2x`, which is `a*2*x`."""
        product, *factors = (parts[0], *parts[-1]) if len(parts) > 1 else parts[0]
        for factor in factors:
            product = Call(_TIMES, (product, factor), product.span.to(factor.span))
        return product  # type: ignore[no-any-return]

    def ambiguous_quotient(self, left: Formula, operator: Token, factors: list[Formula]) -> NoReturn:
        top, first, rest = in_one_line(left.span), in_one_line(factors[0].span), starred(factors[1:])
        whole = left.span.to(factors[-1].span)
        raise two_ways(whole, f"{top}{operator}({first}*{rest})", f"({top}{operator}{first})*{rest}")

    def ambiguous_power(self, base: Formula, operator: Token, factors: list[Formula]) -> NoReturn:
        from .foreign import leibniz  # with all its patterns

        if operator_ := leibniz(self.now, factors[0].span.end):
            raise operator_
        if (last := factors[-1].span).text == "at" and last.end == len(self.now.source.rstrip()):
            raise FormulaSyntaxError("after 'at' a name gets a value", last, "write for example at x=2")
        bottom, first, rest = in_one_line(base.span), in_one_line(factors[0].span), starred(factors[1:])
        whole = base.span.to(factors[-1].span)
        if bottom not in self.now.functions:
            raise two_ways(whole, f"{bottom}{operator}({first}*{rest})", f"{bottom}{operator}{first}*{rest}")
        argument = unbracketed(rest)
        help = f"write {bottom}({argument})^{first}"
        if unbracketed(first) == "-1" and (inverse := inverse_of(bottom, self.now.functions)):
            help += f", or {inverse}({argument}) for the inverse"
        raise FormulaSyntaxError(f"the power of {bottom} is written after its argument", whole, help)

    def ambiguous_root(self, sign: Token, factors: list[Formula]) -> NoReturn:
        first, rest = unbracketed(in_one_line(factors[0].span)), starred(factors[1:])
        whole = self.now.span(sign).to(factors[-1].span)
        raise two_ways(whole, f"√({first}*{rest})", f"√({first})*{rest}")

    # ---- atoms

    def number(self, token: Token) -> Number:
        text, span = token.replace("−", "-"), Span(self.now.source, token.start_pos, token.end_pos)
        return Number(text, number_of(text, span), span)

    def variable(self, token: Token) -> Name:
        span = Span(self.now.source, token.start_pos, token.end_pos)
        names = self.now.names
        name = names.get(token) or names.setdefault(token, name_of(token, span))
        if name in self.now.users:
            self.now.bare.append(span)
        return Name(name, None, span)

    def group(self, left: Token, inside: Formula, right: Token) -> Formula:
        """The same formula, standing at its parentheses."""
        span = self.now.span(left, right)
        if isinstance(inside, Call):
            return Call(inside.function, inside.args, span)
        if isinstance(inside, Number):
            return Number(inside.text, inside.value, span)
        assert isinstance(inside, Name)
        return Name(inside.name, None, span)

    def keyword(self, arguments: list[Formula], comma: Token, name: Token, equal: Token, value: Formula) -> NoReturn:
        own = self.now.span(equal)
        help = f"an index has a range, as in {short(name)}=1..10; to compare two numbers, write =="
        raise FormulaSyntaxError("'=' only gives a formula its name, as in y = x^2", own, help)

    def over_index(
        self, name: Token, left: Token, args: list[Formula], comma: Token, index: Token, equal: Token, *rest: Any
    ) -> Formula:
        low, _, high, right = rest
        own, whole = self.now.span(index), self.now.span(name, right)
        if len(args) != 1:
            help = "write sum(formula, k=1..n)"
            raise FormulaSyntaxError("an index runs over one formula", args[0].span.to(args[-1].span), help)
        made = over_index(name_of(name, whole), args[0], Name(self._free(index, own), None, own), (low, high), whole)
        terms = closed(made)
        return made if self.now.aside else terms  # a message proposes what people write

    def call(self, name: Token, left: Token, args: list[Formula], right: Token) -> Formula:
        head, whole = self.now.span(name), self.now.span(name, right)
        called = name_of(name, head)
        if called in SPELLED and called not in self.now.users and len(args) > 1:
            self.now.spelled[whole] = args
            return spelled_out(called, args, whole)
        row = self.now.resolve(called, args, head, whole)
        if row is DIFF or row is DIFF_N:
            _check_diff(args)
            if isinstance(args[0], Name) and args[0].name != str(args[1]) and self.now.find(args[0].name, 1):
                self.now.bare.append(args[0].span)
        return Call(row, tuple(args), whole)

    def derivative(self, name: Token, primes: Token, left: Token, args: list[Formula], right: Token) -> Formula:
        """`g'(x)` calls a function of its own, the derivative of `g`."""
        head, whole = self.now.span(name), self.now.span(name, right)
        order = len(primes)
        row = self.now.resolve(name_of(name, head), args, head, whole, order)
        if len(args) > 1:
            message = f"{name}{primes} could be the derivative by any of {len(args)} arguments"
            raise FormulaSyntaxError(message, whole, f"write diff({name}(...), x)")
        if order > LIMITS.order:
            raise _order_error(str(order), self.now.span(primes))
        if (row, order) not in self.now.derivatives:
            param = Name(row.params[0])
            by: tuple[Formula, ...] = (Call(row, (param,)), param)
            self.now.derivatives[row, order] = Function(
                name=row.spelling + "'" * order,
                params=row.params,
                definition=Call(DIFF, by) if order == 1 else Call(DIFF_N, (*by, Number(str(order), Fraction(order)))),
                doc=f"derivative of {row.signature}",
                sample=row.sample,
            )
        return Call(self.now.derivatives[row, order], tuple(args), whole)


def _check_diff(args: Sequence[Formula]) -> None:
    _, variable, *order = args
    if not isinstance(variable, Name) or variable.name in RESERVED:
        raise FormulaSyntaxError("diff needs a variable here", variable.span, "write a plain name, as in diff(x^2, x)")
    for times in order:
        if isinstance(times, Name) and times.name in free_names(args[0]):
            message = f"this could be the derivative by {variable.name} and {times.name}, or one of order {times.name}"
            help = f"write {short(nested(args[0], args[1:]))}, or the order as a number"
            raise FormulaSyntaxError(message, times.span, help)
        if isinstance(times, Name):
            continue  # a parameter, or a name of the user's: what it stands for shows when the derivative is taken
        if not (isinstance(times, Number) and times.value.denominator == 1 and times.value > 0):
            message = "the order of a derivative is a positive whole number"
            raise FormulaSyntaxError(message, times.span, "write it out, as in diff(x^4, x, 2)")
        if times.value > LIMITS.order:
            raise _order_error(times.text, times.span)


def _order_error(order: str, span: Span) -> LimitError:
    return LimitError("order", f"a derivative of order {short(order)}, more than {LIMITS.order}", span)
