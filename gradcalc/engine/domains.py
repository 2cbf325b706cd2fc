"""Where a derivative that is written out has no value, although the chain rule gives one: where its formula has none,
and on the kinks of that."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

from gradcalc.language.errors import Span, UndecidedError
from gradcalc.language.formula import Call, Formula, brief, free_names, rebuilt, with_arguments
from gradcalc.language.functions import TABLE, Function
from gradcalc.language.kept import calls_in, functions_in
from gradcalc.language.literals import exact_number

_OFF_ZERO = "needs nonzero"
_KEPT = TABLE["/"], TABLE["^"]  # whose partial derivatives have no value where these have none
_ZERO_THERE = Function(
    name="needs value", params=("x",), value=lambda x: 0.0, ball=lambda x: type(x)(0), partials=("0",), definition="0*x"
)
# what a rule makes of a derivative, which there may be where the rule has no value: sqrt(x^4) is differentiable at 0
AS_WRITTEN = Function(
    name="as written", params=("x",), value=lambda x: x, ball=lambda x: x, partials=("1",), definition="x"
)


def where_there_is(derivative: Formula, of: Formula, kinks: Iterable[Formula], name: str, span: Span) -> Formula:
    """The derivative of a formula by a name, as what has a value only where both have one: 1/x is the derivative of
    log(x) for x > 0 alone. It has none where one of `kinks` is 0, as which branch stands there says nothing of the
    derivative."""
    row = _off_zero(f"diff({told(of)}, {name})", span)
    for kink in kinks:
        derivative = Call(TABLE["+"], (derivative, Call(row, (kink,), span)), span)
    left = partial_calls(derivative)
    if all(node in left or (node.function in _KEPT and name in free_names(node)) for node in partial_calls(of)):
        return derivative
    return Call(TABLE["+"], (derivative, Call(_ZERO_THERE, (of,), span)), span)


def asked_by(formula: Formula, call: Call) -> Formula:
    """A function's formula, put in for a call, where it is the call that asks for a derivative at a kink."""
    if not unknown_on_kinks(formula):
        return formula
    row = _off_zero(brief(call), call.span)
    return rebuilt(formula, lambda node, args: with_arguments(node, args, row if is_off_zero(node.function) else None))


def unknown_on_kinks(formula: Formula) -> bool:
    """Whether a derivative stands in a rewritten formula whose value along its kinks is not that of a branch."""
    return any(map(is_off_zero, functions_in(formula)))


def bare(node: Call, args: Sequence[Formula]) -> Formula | None:
    """A node that is there for its domain alone, without that: of a sum what is not 0 wherever it has a value."""
    if node.function is AS_WRITTEN:
        return args[0]
    left = [arg for arg in args if not (isinstance(arg, Call) and _is_needed(arg.function))]
    return left[0] if node.function is TABLE["+"] and len(left) == 1 else None


def told(formula: Formula) -> str:
    """The formula in brief, without what is there for its domain alone, which nobody typed."""
    if not any(map(_is_needed, functions_in(formula))):
        return brief(formula)
    return brief(rebuilt(formula, lambda node, args: bare(node, args) or with_arguments(node, args)))


def _is_needed(row: Function) -> bool:
    return row is _ZERO_THERE or is_off_zero(row)


def is_off_zero(row: Function) -> bool:
    """Whether a row says that nothing is known of a derivative where its argument is 0, which is a kink."""
    return row.name == _OFF_ZERO


def partial_calls(formula: Formula) -> set[Call]:
    """The calls that may have no value although their arguments have theirs."""
    return set(filter(_is_partial, calls_in(formula)))


def _is_partial(node: Call) -> bool:
    row = node.function
    second = exact_number(node.args[1]) if row in _KEPT else None
    if second is not None:
        return second == 0 if row is TABLE["/"] else second < 0 or second.denominator > 1
    return bool(row.domain) or _is_needed(row)


def _off_zero(asking: str, span: Span) -> Function:
    """A function that is 0, but has no value at 0, which the derivative of this text asks for."""
    kink = partial(UndecidedError, "diff is taken at a kink, where its value is not decided", span)

    def value(x: float) -> float:
        if x == 0:
            raise kink()
        return 0.0

    def ball(x: Any) -> Any:
        if x.is_zero():
            raise kink()
        return type(x).nan() if x.contains(0) else type(x)(0)

    return Function(name=_OFF_ZERO, value=value, ball=ball, partials=("0",), needs=asking, definition="0/x")
