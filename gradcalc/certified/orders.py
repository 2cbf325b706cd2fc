"""Derivatives of higher order: whether those below exist."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from fractions import Fraction
from typing import Any

from gradcalc.engine.domains import AS_WRITTEN
from gradcalc.engine.formulas import in_chain
from gradcalc.engine.lowering import Point, as_constant, leaves
from gradcalc.engine.program import program_of
from gradcalc.engine.rationals import rational_value
from gradcalc.engine.rewrite import as_formula, at_span, has_kinks, our_derivative, prepare, with_absolute_values
from gradcalc.language.errors import FormulaError, NotDifferentiableError, UndecidedError, UndefinedError
from gradcalc.language.formula import (
    Call,
    Formula,
    Function,
    Name,
    brief,
    children_first,
    children_of_all,
    expression,
    free_names,
    rebuilt,
    users_functions,
    with_arguments,
)
from gradcalc.language.functions import TABLE, is_diff
from gradcalc.language.identity import ByIdentity
from gradcalc.language.kept import kept
from gradcalc.language.literals import number
from gradcalc.language.substitution import substitute
from gradcalc.record import dataclass

from .branches import branches
from .certifier import Certifier
from .components import Certified, Component
from .kinks import Kink
from .posed import Posed
from .terms import settled


@dataclass(frozen=True, slots=True)
class Missing:
    """The first order of derivative that is not there, or not known to be, and what was found instead of it."""

    order: int
    found: Component


def derivative_there(formula: str | Formula, at: Point, name: str, order: int) -> Formula | Missing:
    """The derivative of an order by a variable, as a formula that has its value at a point too.

    Written out by the chain rule, the derivative of `sqrt(x^4)` is a quotient that has no value at 0, where the
    derivative is 0; that of a branch for one point alone, as in `if(x == 0, 0, sin(x)^2/x)`, is the branch's, and on a
    tie it may be a convention. Where that is so, what the study of both sides finds is filled in at the point, and the
    derivatives of that are found by their study in turn. What is written out may have no value beside it, where the
    derivative has one: see `believed`. A derivative that does not exist, or is not known, is `Missing`.

    Raises:
        UndefinedError: the formula has no value there, also where what is written out has one, as of `0*log(x)`.
    """
    current = kept(prepare(formula), with_absolute_values)
    first = _certify(current, at, (name,)).gradient[name]
    if first.status == "not-differentiable":
        return Missing(1, first)
    point = leaves(current, at)
    for k in range(1, order + 1):
        derivative = our_derivative(current, name)
        there = _value(derivative, at)
        if has_kinks(current) or there is None:
            whole = _certify(current, at, (name,))
            found = whole.gradient[name] if k == 1 else believed(whole.gradient[name])
            if k > 1 and found.status == "undecided" and (known := _orders(prepare(formula), at, name, k)):
                found = known[-1] if len(known) == k or known[-1].failed else found
            if found.failed:
                return Missing(k, found)
            by_study = whole.at_kink and (program_of(current).compares_equal or there != found.number)
            if there is None or by_study:
                value = _exact(found)
                if value is None:
                    return Missing(k + 1, Component(math.nan, "undecided", NOT_WRITTEN))
                if unsettled(prepare(formula), at, name):
                    return Missing(k + 1, Component(math.nan, "undecided", UNSETTLED.format(name)))
                derivative = _filled(point, number(value), derivative)
        current = derivative
    return current


def unsettled(formula: Formula, at: Point, name: str) -> bool:
    """Whether a prepared formula may have kinks next to a point along a name, where it then has no derivatives."""
    return has_kinks(formula) and not Kink(Posed(formula, at, (name,))).is_settled(name)


UNSETTLED = "whether there are kinks next to the point along {} could not be told"


def _certify(formula: Formula, at: Point, wrt: Sequence[str]) -> Certified:
    return Certifier(prepare(formula), at, wrt).run()


def _value(formula: Formula, at: Point) -> float | None:
    try:
        return _certify(formula, at, ()).value.number
    except UndefinedError:
        return None


def _is_plain(formula: Formula, at: Point) -> bool:
    """Whether a formula is smooth all around a point."""
    try:
        return _certify(formula, at, tuple(free_names(formula))).is_plain
    except FormulaError:
        return False


def _filled(point: Mapping[str, Formula], value: Formula, formula: Formula) -> Formula:
    """A derivative as it is written out, with a value of its own at the point."""
    here: list[Formula] = [Call(TABLE["=="], (Name(x), constant)) for x, constant in point.items()]
    return Call(TABLE["if"], (in_chain("and", here), value, Call(AS_WRITTEN, (formula,))), formula.span)


def diffs_there(formula: str | Formula, at: Point) -> Formula:
    """The formula as it was typed, with the value of each `diff` that is taken at a kink filled in at the point, where
    the study of the kink finds a derivative and knows it exactly; the formula itself where no `diff` needs that."""
    parsed = kept(as_formula(formula), _with_diffs)
    if not has_diffs(parsed):
        return parsed
    try:
        _certify(parsed, at, ())
    except (UndecidedError, UndefinedError):
        own = {row for row in users_functions(parsed) if not row.indexed and has_diffs(row.body)}
        return _with_values(parsed, at, own)
    except FormulaError:
        pass
    return parsed


def _with_values(parsed: Formula, at: Point, own: Collection[Function] | None = None) -> Formula:
    """The same where that is needed, also in the bodies of users' functions of its `own`; in such a body, where none
    are given, the values have no names, in which parameters would not be seen."""

    def named(node: Call, there: Formula) -> Formula:
        return there if own is None else Name(brief(node), there, node.span)

    def call(node: Call, args: list[Formula]) -> Formula:
        again = with_arguments(node, args)
        row = node.function
        if own and row in own:  # as `f'(2*x)`, of which the derivative is taken before 2*x is put in
            body, here = kept(row.body, _with_diffs), {name: as_constant(value) for name, value in at.items()}
            given = (substitute(prepare(arg), here) for arg in args)  # `diff(x^2, x)` with a number for x is none
            there = _with_values(body, {**here, **dict(zip(row.params, given, strict=True))})
            return again if there is body else named(node, at_span(prepare(there), row.params, args, node.span))
        if not is_diff(node):
            return again
        try:
            point = leaves(prepare(again), at)
            _certify(again, at, ())
        except (UndecidedError, UndefinedError):
            branch = next((b for b in branches(prepare(args[0])) if _is_plain(b, at)), None)
            if branch is not None:
                smooth = mentioning(prepare(with_arguments(node, [branch, *args[1:]])), [*free_names(again)])
                return named(node, _filled(point, smooth, smooth))  # which is still at a kink
            found = _by_study(args, at)
            if found is not None and found.status == "not-differentiable":
                return named(node, _filled(point, _nowhere(again, found), again))
            value = None if found is None or found.failed else _exact(found)
            return again if value is None else named(node, _filled(point, number(value), again))
        except FormulaError:
            return again
        return again

    return rebuilt(parsed, call)


def has_diffs(formula: Formula) -> bool:
    """Whether a `diff` stands in a formula as it was typed, or in a user's function that it calls."""
    return any(map(is_diff, children_first(formula, children_of_all)))


def _with_diffs(formula: Formula) -> Formula:
    """The formula with users' functions that have a `diff` written out, such as `f'(x)`. Those of others than distinct
    names that stand nowhere else in them stay: in `f'(x^2)` there is no name to differentiate by. Those that only call
    such functions are written out of anything."""
    known: ByIdentity[Function, Formula] = ByIdentity()

    def call(node: Call, args: list[Formula]) -> Formula:
        row = node.function
        if row in known and not any(map(is_diff, children_first(known[row]))):
            return at_span(known[row], row.params, args, node.span)
        if row in known and all(isinstance(arg, Name) and arg.definition is None for arg in args):
            others = free_names(with_arguments(node, [number(0) for _ in args]))  # of the function, whatever is put in
            given = {str(arg) for arg in args}
            if len(given) == len(args) and given.isdisjoint(others):
                return at_span(known[row], row.params, args, node.span)
        return with_arguments(node, args)

    for row in users_functions(formula):
        if not row.indexed and has_diffs(row.body):
            known[row] = rebuilt(row.body, call)
    return rebuilt(formula, call) if known else formula


def _by_study(args: Sequence[Formula], at: Point) -> Component | None:
    """The derivative that `diff` with these arguments asks for at a point, or the one below that is not there."""
    order = rational_value(args[2]) if len(args) > 2 else 1
    return order_there(args[0], at, expression(args[1]), int(order))


def order_there(formula: Formula, at: Point, name: str, order: int) -> Component | None:
    """The derivative of an order at a point by the study of both sides, or the one below that is not there; None where
    that is not told."""
    known = _orders(prepare(formula), at, name, order)
    return known[-1] if known and (known[-1].failed or len(known) == order) else None


def _nowhere(diff: Call, found: Component) -> Call:
    """A formula that has no value, as there is no such derivative."""
    why = NotDifferentiableError(f"{brief(diff)} has no value: {found.why}", diff.span)

    def raising(_: Any) -> Any:
        raise why

    return Call(Function(name="no derivative", value=raising, ball=raising, partials=("0",)), (number(0),))


def _orders(formula: Formula, at: Point, name: str, highest: int) -> list[Component]:
    """The derivatives from the first on, as far as the highest or one that does not exist, or that are known."""
    posed = Posed(formula, at, (name,))
    try:
        return (
            Kink(posed).orders(name, highest) if highest > 1 else [Certifier(formula, at, (name,)).run().gradient[name]]
        )
    except FormulaError:
        return []


def mentioning(formula: Formula, names: Sequence[str]) -> Formula:
    """The formula, with `0*name` added for a name that no longer stands in it: its derivative there is 0."""
    present = free_names(formula)
    for name in names:
        if name not in present:
            formula = Call(TABLE["+"], (formula, Call(TABLE["*"], (number(0), Name(name)))))
    return formula


def believed(found: Component) -> Component:
    """The component that the study of a filled-in derivative shows. That it has no value on a side shows nothing: it
    is the quotient that has none there."""
    if found.status != "not-differentiable" or None not in (found.left, found.right):
        return found
    return Component(math.nan, "undecided", NOT_WRITTEN)


def goes_on(formula: Formula, partial: Formula, at: Point, name: str, other: str) -> bool:
    """Whether the partial derivative by a name exists beside a kink, along another name, and is what is written out.

    Where the kink goes on along that name, what is written out may be the convention alone: `x*sign(y)` for `x*abs(y)`
    on the line y = 0, where there is no derivative by y, and so none of that by x. It is looked at on both sides.
    """
    point = leaves(formula, at)
    for step in (-_BESIDE, _BESIDE) if {name, other} <= point.keys() else ():
        beside = {**point, other: Call(TABLE["+"], (point[other], number(step)))}
        try:
            found = _certify(formula, beside, (name,))
            if not found.at_kink:
                continue
            slope = found.gradient[name]
            if slope.failed or slope.number != _certify(partial, beside, ()).value.number:
                return False
        except UndefinedError:
            continue  # an edge of the domain, of which the derivative of the derivative tells
        except FormulaError:
            return False
    return True


_BESIDE = Fraction(1, 2**30)
NOT_WRITTEN = "written out, the derivative is a quotient of zeros here, and its own derivative could not be told"


def _exact(found: Component) -> Fraction | None:
    """The rational number that a ball without width is."""
    if found.exact is not None:
        return found.exact
    if found.status == "zero" or (found.number == 0 and not found.is_tiny):
        return Fraction(0)
    if found.ball is None or not found.ball.is_exact():
        return None
    exact = settled(found.ball)
    return exact if isinstance(exact, Fraction) else None
