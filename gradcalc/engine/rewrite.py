"""Formula -> formula: user functions written out, kinks written out, and derivatives by our own chain rule."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from functools import lru_cache, reduce
from typing import Any

from gradcalc.language.conditions import CHOOSE, check_kinds, deals_with_conditions, is_condition
from gradcalc.language.ends import WHOLE, no_derivative_by_end
from gradcalc.language.errors import FormulaError, Span, check_order
from gradcalc.language.formula import (
    Call,
    Formula,
    Name,
    Number,
    body_of,
    flattened,
    fold,
    free_names,
    rebuilt,
    users_functions,
    with_arguments,
)
from gradcalc.language.functions import DIFF, DIFF_N, TABLE, Function, is_diff
from gradcalc.language.grammar import is_name, read_text
from gradcalc.language.identity import ByIdentity, Itself
from gradcalc.language.kept import calls_in, functions_in, kept
from gradcalc.language.literals import ONE, ZERO, exact_number, number
from gradcalc.language.parser import parse
from gradcalc.language.spelled import SPELLED, closed, fresh, in_sums, open_end, opened, put_in, row_over
from gradcalc.language.uncertain import UNCERTAIN
from gradcalc.language.unknown import nested

from .domains import asked_by, where_there_is
from .formulas import FORMULA, plus, times
from .rationals import rational_value
from .taylor import taylor_derivative

# ---- a formula made ready: user functions written out, `diff` differentiated


def as_formula(formula: str | Formula) -> Formula:
    if isinstance(formula, str):
        formula = parse(formula)
    elif not isinstance(formula, Formula):
        from gradcalc.language.attributes import refuse_formula

        refuse_formula(formula)
    return kept(formula, closed)


def prepare(formula: str | Formula) -> Formula:
    """The formula in rows of the table alone: users' functions are written out and every `diff` is differentiated.

    Raises:
        FormulaError: where a condition stands for a number or a number for a condition.
    """
    return kept(as_formula(formula), _prepared)


def _prepared(parsed: Formula) -> Formula:
    if is_condition(parsed):
        raise FormulaError("a condition has no value", parsed.span, CHOOSE)
    rows = kept(parsed, functions_in)
    if not any(isinstance(row.definition, Formula) or row in (DIFF, DIFF_N) for row in rows):
        for node in kept(parsed, flattened).nodes if any(map(deals_with_conditions, rows)) else ():
            if isinstance(node, Call):
                check_kinds(node)
        return parsed
    if error := open_end(parsed):
        raise error
    return _of_table_rows(parsed)


def prepare_open(formula: str | Formula) -> Formula:
    """The formula as `prepare` makes it, but that sums and products stay as they are where their ends are not known."""
    return kept(as_formula(formula), _prepared_open)


def _prepared_open(parsed: Formula) -> Formula:
    return in_sums(opened(parsed), _of_table_rows) if open_end(parsed) else prepare(parsed)


def _of_table_rows(parsed: Formula) -> Formula:
    known: ByIdentity[Function, _Body] = ByIdentity()
    for row in users_functions(parsed):  # those that others call come first
        if row.indexed:
            continue
        if row.name == UNCERTAIN.name:
            help = "it is the value of a name, as in x=2±0.1"
            raise FormulaError("an uncertainty stands in no formula", parsed.span, help)
        # parameters get names nobody can type, so that no name of a caller is taken for one
        own = tuple(f"{param} of function {len(known)}" for param in row.params)
        body = at_span(row.body, row.params, [*map(Name, own)], row.body.span)
        known[row] = own, _written_out(body, known, shared=True)
    return _written_out(parsed, known)


_Body = tuple[tuple[str, ...], Formula]  # the names of its parameters, and the formula


def _identity(node: Formula) -> Any:
    """A key for a node: equal for two that are the same number or name, or one object."""
    if isinstance(node, Number):
        return node.value
    return node.name if isinstance(node, Name) and node.definition is None else Itself(node)


def _written_out(root: Formula, known: ByIdentity[Function, _Body], shared: bool = False) -> Formula:
    """`shared`: with one node for all calls that are equal, which have one place in the text anyway."""
    calls: dict[Any, Formula] = {}

    def call(node: Call, args: list[Formula]) -> Formula:
        check_kinds(node)
        if node.function in known and not node.function.partials:
            key = (Itself(node.function), *map(_identity, args))
            if key not in calls:  # the same call twice is one node, or calls in calls would double at every level
                own, body = known[node.function]
                body = asked_by(at_span(body, own, args, node.span), node)
                calls[key] = _bounded(node.function, body, args, node.span)
            return calls[key]
        if is_diff(node):
            order = _order(args[2], node) if len(args) == 3 else 1
            variable = node.args[1]
            assert isinstance(variable, Name)
            derivative = our_derivative(args[0], variable.name, order)
            return where_there_is(derivative, args[0], kinks_along(args[0], variable.name), variable.name, node.span)
        if not shared:
            return with_arguments(node, args)
        return calls.setdefault((Itself(node.function), *map(_identity, args)), with_arguments(node, args))

    return rebuilt(root, call)


def _order(formula: Formula, derivative: Call) -> int:
    formula = body_of(formula)
    if isinstance(formula, Number) and formula.value.denominator == 1 and formula.value > 0:
        return int(formula.value)
    help = "write it out, as in diff(x^4, x, 2)"
    if isinstance(formula, Name) and is_name(formula.name):  # no parameter of a function that is written out
        help = f"write {nested(derivative.args[0], derivative.args[1:])} for the derivative by both"
    raise FormulaError("the order of a derivative is a positive whole number", formula.span, help)


def at_span(body: Formula, params: Sequence[str], args: Sequence[Formula], span: Span) -> Formula:
    """A definition's body with its parameters replaced. Its own nodes get the place of the call."""
    given = dict(zip(params, args, strict=True))

    def name(node: Name, _: Formula | None) -> Formula:
        # a named intermediate is not the function's own: the parameters do not reach into it
        return given.get(node.name, node) if node.definition is None else node

    return fold(
        body,
        lambda node: Number(node.text, node.value, span),
        name,
        lambda node, args: Call(node.function, tuple(args), span),
    )


def kinks_along(root: Formula, name: str) -> Iterator[Formula]:
    """Quantities that are 0 where a formula may have kinks along a name: those that rows tell, and the differences of
    both sides of every comparison."""
    for node in calls_in(expand(root, but=_tells_kinks)):
        row, sides = node.function, node.args
        if row.smooth or not sides or name not in free_names(node):
            continue
        if row.kinks:
            kink, *where = (at_span(expand(read_text(text)), row.params, sides, node.span) for text in row.kinks)
            known = [met for each in where if (met := rational_value(each)) is not None]
            if name in free_names(kink) and False not in known:
                yield kink if len(known) == len(where) else Call(TABLE["if"], (*where, kink, ONE), node.span)
        elif row.value is not None:  # and, or, not, if: their comparisons have their own turn
            yield Call(TABLE["-"], sides, node.span)


def _tells_kinks(row: Function) -> bool:
    return bool(row.kinks)


def expand(
    root: Formula, also: Collection[Function] = (), kinks: bool = True, but: Callable[[Function], bool] | None = None
) -> Formula:
    """The formula with every row without partials, every row that is not smooth, unless `kinks` is false, and those
    among `also` written out by their definitions, by `if`, comparisons and `floor`, but for some."""

    def call(node: Call, args: list[Formula]) -> Formula:
        row = node.function
        if (
            isinstance(row.definition, str)
            and row.definition
            and not (but is not None and but(row))
            and ((kinks and not row.smooth and not row.condition) or not row.partials or row in also)
        ):
            params, body = row.params, _expanded(row) if kinks else read_text(row.definition)
            if not row.variadic:
                return _bounded(row, at_span(body, params, args, node.span), args, node.span)
            result = args[0]
            for arg in args[1:]:
                result = at_span(body, params, (result, arg), node.span)
            return result
        return Call(row, tuple(args), node.span)

    return rebuilt(root, call)


def with_absolute_values(root: Formula) -> Formula:
    """The formula with roots of even powers written out: `sqrt(u^2)` is `if(u >= 0, u, -u)`."""
    return rebuilt(root, lambda node, args: _root_of_even_power(node, args) or with_arguments(node, args))


def _root_of_even_power(node: Call, args: Sequence[Formula]) -> Formula | None:
    base, power = body_of(args[0]), TABLE["^"]
    if not (isinstance(base, Call) and base.function is power):
        return None
    inner, outer = exact_number(base.args[1]), None
    if node.function is power:
        outer = exact_number(args[1])
    elif isinstance(node.function.definition, str) and len(args) == 1 and node.function.definition:
        body = read_text(node.function.definition)
        if isinstance(body, Call) and body.function is power and isinstance(body.args[0], Name):
            outer = exact_number(body.args[1])
    if inner is None or outer is None or inner <= 0 or inner % 2 or outer <= 0 or outer.denominator == 1:
        return None
    u, exponent = base.args[0], inner * outer
    holds = Call(TABLE[">="], (u, ZERO), node.span)
    size = Call(TABLE["if"], (holds, u, Call(TABLE["neg"], (u,), node.span)), node.span)
    return size if exponent == 1 else Call(power, (size, number(exponent)), node.span)


def _bounded(row: Function, written_out: Formula, args: Sequence[Formula], span: Span) -> Formula:
    """A user's row written out, without a value outside its domain. Ours have none there of themselves."""
    if not row.domain or TABLE.get(row.name) is row:
        return written_out
    return Call(TABLE["+"], (written_out, Call(_inside(row), tuple(args), span)), span)


@lru_cache(1024)
def _inside(row: Function) -> Function:
    """The function that is 0 in the domain of a row, and has no value outside."""
    return Function(
        name=row.name,
        params=row.params,
        value=lambda *args: 0.0,
        ball=lambda *args: args[0] - args[0],
        partials=("0",) * len(row.params),
        domain=row.domain,
        needs=row.needs,
    )


@lru_cache(1024)
def _expanded(row: Function) -> Formula:
    return expand(read_text(str(row.definition)))


def has_kinks(root: Formula) -> bool:
    """Whether a row that is not smooth, or that may hide one in its definition, stands in the formula."""
    return any(not row.smooth or not row.partials for row in kept(root, functions_in))


def shows_kinks(formula: Formula) -> bool:
    """Whether a row that is not smooth stands in a formula as it was typed, or in a user's function that it calls."""
    bodies = (row.definition for row in users_functions(formula) if isinstance(row.definition, Formula))
    return any(not row.smooth for root in (formula, *bodies) for row in kept(root, functions_in))


# ---- derivatives as formulas, by our own chain rule


def our_derivative(formula: Formula, name: str, order: int = 1) -> Formula:
    """d^order formula / d name^order as a formula, by the table. Rows that are not smooth are
    written out, so that the derivative is right on either side of a kink.

    Raises:
        LimitError: for an order beyond `Limits.order`.
    """
    check_order(order, formula.span)
    if order > _BY_HAND and not any(row.indexed for row in users_functions(formula)):
        return taylor_derivative(expand(formula), name, order, expand)
    for _ in range(order):
        formula = _chain_rule(in_sums(formula, expand), name)
    return formula


_BY_HAND = 2  # orders that are differentiated one after the other, which leaves what people would write


def _chain_rule(root: Formula, name: str) -> Formula:
    """Forward mode, one variable. Of a sum over an index it is the sum of the derivatives."""
    within: ByIdentity[Function, Formula] = ByIdentity()  # of functions over an index, the slopes of what they join

    def rule(node: Call, derivatives: list[Formula]) -> Formula:
        if node.function.indexed:
            if any(d is not ZERO for d in derivatives):
                raise FormulaError(no_derivative_by_end(name), node.span, WHOLE)
            return of_joined(node, within[node.function])
        total = ZERO
        for i, d in enumerate(derivatives):
            if d is not ZERO:
                if not node.function.variadic and node.function.partials[i] is None:
                    message = f"{node.function.signature} has no derivative with respect to {node.function.params[i]}"
                    raise FormulaError(message, node.span)
                local = FORMULA.partial(node.function, i)(*node.args, node)
                total = plus(total, times(local, d))
        return total

    for row in (row for row in users_functions(root) if row.indexed):  # those inside others come first
        within[row] = ZERO if name in row.params else along(row.body, name, rule)
    return along(root, name, rule)


def of_joined(node: Call, inner: Formula) -> Formula:
    """The derivative of a sum over an index, and of a product the sum of those in which one factor is differentiated,
    which holds where factors are 0 as well."""
    if inner is ZERO:
        return ZERO
    row, (low, high) = node.function, node.args
    index, factor = row.params[0], row.definition
    assert isinstance(factor, Formula)
    if SPELLED[row.spelling].row is TABLE["+"]:
        return Call(row_over("sum", inner, index), node.args, node.span)
    place = Name(fresh(index, {*free_names(node), *(each.params[0] for each in users_functions(node) if each.indexed)}))
    before = Call(row, (low, Call(TABLE["-"], (place, ONE))), node.span)
    after = Call(row, (Call(TABLE["+"], (place, ONE)), high), node.span)
    here = put_in(inner, {index: place})
    return Call(row_over("sum", reduce(times, (here, before, after)), place.name), node.args, node.span)


def along(root: Formula, name: str, rule: Callable[[Call, list[Formula]], Formula]) -> Formula:
    """The derivative by a name, given that of a call from those of its arguments, of which one that does not vary is
    `ZERO` itself. An `if` is differentiated branch by branch, so that what is wrong in the branch not taken stays
    there."""

    def of_name(node: Name, definition: Formula | None) -> Formula:
        return ONE if node.name == name else ZERO if definition is None else definition

    def of_call(node: Call, derivatives: list[Formula]) -> Formula:
        if node.function.name == "if" and not all(d is ZERO for d in derivatives[1:]):
            return Call(node.function, (node.args[0], *derivatives[1:]), node.span)
        return ZERO if node.function.condition or node.function.name == "if" else rule(node, derivatives)

    return fold(root, lambda _: ZERO, of_name, of_call, kept(root, flattened))
