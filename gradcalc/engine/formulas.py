"""Formulas as a kind of scalar, in which the table's partial derivatives become formulas."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache, partial, reduce
from typing import Any

from gradcalc.language.formula import Call, Formula, Name, Number, rebuilt
from gradcalc.language.functions import TABLE, Function
from gradcalc.language.literals import ZERO, number

from .scalars import Scalars


def simple_call(row: Function, args: tuple[Formula, ...]) -> Formula:
    """A call, but for the sums and products with 0 and 1 that the chain rule makes in great number."""
    exact = [arg.value if isinstance(arg, Number) else None for arg in args]
    if row.name == "+" and 0 in exact:
        return args[1 - exact.index(Fraction(0))]
    if row.name == "-" and exact[1] == 0:
        return args[0]
    if row.name == "*":
        if 0 in exact:
            return args[exact.index(Fraction(0))]
        if 1 in exact:
            return args[1 - exact.index(Fraction(1))]
    if row.name in ("/", "^") and exact[1] == 1:
        return args[0]
    return Call(row, args)


FORMULA = Scalars("formula", number, Name, lambda _, row: lambda *args: simple_call(row, args), native=frozenset())


def _operation(row: Function, x: Formula, y: Formula) -> Formula:
    return simple_call(row, (x, y))


plus, minus, times, over = (partial(_operation, TABLE[name]) for name in ("+", "-", "*", "/"))


def added(total: Formula, term: Formula, sign: int) -> Formula:
    """A sum with one more term, which has this sign."""
    if total is ZERO:
        return term if sign > 0 else Call(TABLE["neg"], (term,))
    return plus(total, term) if sign > 0 else minus(total, term)


def in_chain(operator: str, parts: Iterable[Formula]) -> Formula:
    """Formulas joined from the left by one operator."""
    return reduce(lambda left, right: Call(TABLE[operator], (left, right)), parts)


def total(terms: Iterable[Formula]) -> Formula:
    """The sum of terms."""
    return reduce(plus, terms, ZERO)


CONTROL = frozenset(("if", "and", "or", "not"))


def controlled(row: Function, args: tuple[Any, ...]) -> Any:
    """A call of a row of `CONTROL` at formulas and truth values, as far as these decide it."""
    if row.name == "if" and isinstance(args[0], bool):
        return args[1] if args[0] else args[2]
    if row.name == "not" and isinstance(args[0], bool):
        return not args[0]
    if row.name in ("if", "not"):
        return Call(row, args)
    decisive = row.name == "or"
    rest = tuple(arg for arg in args if arg is not (not decisive))
    if any(arg is decisive for arg in rest):
        return decisive
    return Call(row, rest) if len(rest) > 1 else rest[0] if rest else not decisive


def with_letters(
    law: Formula, letters: Mapping[str, Formula], make: Callable[[Function, tuple[Formula, ...]], Formula]
) -> Formula:
    """A law with formulas in the place of its letters, its calls as `make` makes them."""
    return rebuilt(
        law, lambda node, args: make(node.function, tuple(args)), lambda node, _: letters.get(node.name, node)
    )


def written(text: str, letters: Mapping[str, Formula]) -> Formula:
    """A text in our notation with formulas in the place of its letters."""
    return _maker(text, tuple(letters))(*letters.values())


@lru_cache(1024)
def _maker(text: str, letters: tuple[str, ...]) -> Callable[..., Formula]:
    return FORMULA.compile(text, letters)


MINUS_ONE = number(-1)


def operands(
    formula: Formula, operator: str, *inverses: str, inside: Callable[[Formula], Sequence[Formula]] = lambda _: ()
) -> Iterator[tuple[Formula, bool]]:
    """The operands of a chain of operators from left to right, and whether each stands on the side of the `inverses`:
    the terms of `a - (b - c)` with the signs +, -, +. `inside` gives what else an operand is made of."""
    turns = {TABLE[name]: name in inverses for name in (operator, *inverses)}
    stack = [(formula, False)]
    while stack:
        part, inverted = stack.pop()
        if isinstance(part, Call) and part.function in turns:
            stack.append((part.args[-1], inverted != turns[part.function]))
            stack += [(each, inverted) for each in part.args[:-1]]
        elif within := inside(part):
            stack += [(each, inverted) for each in reversed(within)]
        else:
            yield part, inverted


def terms_of(whole: Formula) -> Iterator[tuple[Formula, int]]:
    """The terms of a sum, each with its sign."""
    return ((term, -1 if minus else 1) for term, minus in operands(whole, "+", "-", "neg"))


def factors(formula: Formula, last_branch: bool = False) -> Iterator[tuple[Formula, bool]]:
    """The factors of a formula from left to right, and whether each stands below the fraction bar; a minus is the
    factor MINUS_ONE. With `last_branch`, a choice is its last branch."""

    def inside(part: Formula) -> Sequence[Formula]:
        name = part.function.name if isinstance(part, Call) and part is not MINUS_ONE else ""
        if isinstance(part, Call) and name == "neg":
            return MINUS_ONE, part.args[0]
        return part.args[2:] if isinstance(part, Call) and name == "if" and last_branch else ()

    return operands(formula, "*", "/", inside=inside)
