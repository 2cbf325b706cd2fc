"""Formulas with names for quantities that do not move with a given name, whatever these stand for.

What formula and claim both have and what has a value only in a domain of its own, as `binomial(n, k)` by p, gets a
name. The largest or least of many need not be put in order: of `max(u, v, p, q)`, with p and q free of the name, the
last two are one quantity, which gets the name that it has as a text: what is shown whatever that stands for holds for
it. Before that, `max(p*u, q*u)` is `u*max(p, q)` where u >= 0 and `u*min(p, q)` elsewhere, and `max(p + u, q + u)` is
`u + max(p, q)`, which hold point by point.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from gradcalc.engine.domains import partial_calls
from gradcalc.engine.formulas import operands, terms_of
from gradcalc.language.formula import (
    Call,
    Formula,
    Name,
    children_first,
    expression,
    free_names,
    rebuilt,
    with_arguments,
)
from gradcalc.language.functions import CONSTANTS, TABLE, Function
from gradcalc.language.literals import ONE, ZERO, number

_LARGEST, _LEAST = (row for row in TABLE.values() if row.variadic and not row.smooth)
_OTHER = {_LARGEST: _LEAST, _LEAST: _LARGEST}
_PLUS, _TIMES, _NEG = TABLE["+"], TABLE["*"], TABLE["neg"]
_CHAINS = {_PLUS: _PLUS, TABLE["-"]: _PLUS, _NEG: _PLUS, _TIMES: _TIMES}
_MANY = 8  # terms or factors: fewer are told better by what they are, as a sum of squares by its sign

Named = tuple[list[Formula], set[str]]  # formulas, and the names in them of what may have no value


def with_the_rest_named(formulas: Sequence[Formula], name: str) -> Named | None:
    """Formulas with those arguments of each `max` and `min` that are free of a name joined, and those of sums and
    products of many; None where there are no two of them."""
    joined, lacking = dict[str, Name](), set[str]()

    def named(row: Function, rest: Sequence[Formula]) -> Formula:
        if len(rest) == 1:
            return rest[0]
        texts = sorted(map(expression, rest))
        text = f"{row.name}({', '.join(dict.fromkeys(texts) if row in _OTHER else texts)})"
        lacking.update({text} if any(map(partial_calls, rest)) else ())
        return joined.setdefault(text, Name(text))

    def chained(part: Formula, above: Function | None = None) -> Formula:
        """A sum or a product of many, if it is no part of a larger one, with what is free of the name as one."""
        row = part.function if isinstance(part, Call) else None
        if row is None or row not in _CHAINS or (above is not None and _CHAINS[row] is _CHAINS.get(above)):
            return part
        by, terms = (
            _CHAINS[row],
            list(terms_of(part) if _CHAINS[row] is _PLUS else ((x, 1) for x, _ in operands(part, _TIMES.name))),
        )
        of_others = [(name not in (names := free_names(term)) and bool(names)) for term, _ in terms]
        if sum(of_others) < _MANY:
            return part
        rest = [x if sign > 0 else Call(_NEG, (x,)) for (x, sign), free in zip(terms, of_others, strict=True) if free]
        whole = named(by, rest)
        for (term, sign), free in zip(terms, of_others, strict=True):
            whole = whole if free else Call(by if sign > 0 else TABLE["-"], (whole, term))
        return whole

    def call(node: Call, args: list[Formula]) -> Formula:
        row = node.function
        args = [chained(arg, row) for arg in args]
        if row not in _OTHER:
            return with_arguments(node, args)
        moving = [part for arg in args if (part := _moving(arg, name)) is not None]
        rest = [arg for arg in args if _moving(arg, name) is None]
        found = [named(row, rest)] if rest else []
        for _, group in groupby(sorted(moving, key=_kind), key=_kind):
            parts = list(group)
            (by, of, fixed), free = parts[0], [free for *_, free in parts]
            several = len(parts) > 1
            found.append(
                _of_common(by, of, named(row, free), named(_OTHER[row], free)) if several else Call(by, (of, fixed))
            )
        return found[0] if len(found) == 1 else Call(row, tuple(found), node.span)

    changed = [chained(rebuilt(formula, call)) for formula in formulas]
    return (changed, lacking) if joined else None


def with_the_free_named(formulas: Sequence[Formula], name: str) -> Named | None:
    """Formulas with a name for each call that both of the first two have, that is free of a name, and that has no value
    everywhere: its domain need not be cut where both ask for it (`Claimed.named`). None where there is none."""
    texts = [{expression(node) for node in children_first(each) if _is_apart(node, name)} for each in formulas[:2]]
    named = set[str].intersection(*texts)

    def call(node: Call, args: list[Formula]) -> Formula:
        text = expression(node) if _is_apart(node, name) else ""
        return Name(text) if text in named else with_arguments(node, args)

    return ([rebuilt(formula, call) for formula in formulas], named) if named else None


def _is_apart(node: Formula, name: str) -> bool:
    if not isinstance(node, Call) or not node.function.domain or node.function is TABLE["/"]:
        return False
    names = free_names(node).keys()
    return bool(names - {*CONSTANTS}) and name not in names


_Part = tuple[Function, Formula, Formula]  # `+` or `*`, what moves, and what is added to it or multiplied by


def _moving(arg: Formula, name: str) -> _Part | None:
    """None where nothing moves."""
    if name not in free_names(arg):
        return None
    if isinstance(arg, Call) and len(arg.args) == 2:
        (one, other), is_free = arg.args, [name not in free_names(each) for each in arg.args]
        if arg.function in (_PLUS, _TIMES) and any(is_free):
            return (arg.function, other, one) if is_free[0] else (arg.function, one, other)
        if arg.function is TABLE["-"] and any(is_free):
            turned = Call(TABLE["neg"], (other,))
            return (_PLUS, turned, one) if is_free[0] else (_PLUS, one, turned)
        if arg.function is TABLE["/"] and is_free[1]:
            return _TIMES, one, Call(TABLE["/"], (ONE, other))
    if isinstance(arg, Call) and arg.function is TABLE["neg"]:
        return _TIMES, arg.args[0], number(-1)
    return _TIMES, arg, ONE


def _kind(part: _Part) -> tuple[str, str]:
    return part[0].name, expression(part[1])


def _of_common(by: Function, of: Formula, joined: Formula, turned: Formula) -> Formula:
    if by is _PLUS:
        return Call(by, (joined, of))
    return Call(TABLE["if"], (Call(TABLE[">="], (of, ZERO)), Call(by, (of, joined)), Call(by, (of, turned))))
