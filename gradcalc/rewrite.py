"""Formula -> formula: user functions written out, kinks written out, and derivatives by our own chain rule."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import cache

from .errors import LIMITS, FormulaError, LimitError, Span
from .formula import Call, Formula, Name, Number, children, children_first, fold, number, users_functions
from .functions import TABLE, Function
from .parser import parse
from .scalars import Scalars

# ---- a formula made ready: user functions written out, `diff` differentiated


def as_formula(formula: str | Formula) -> Formula:
    return parse(formula) if isinstance(formula, str) else formula


def prepare(formula: str | Formula) -> Formula:
    """The formula in rows of the table alone: users' functions are written out and every `diff` is differentiated.

    Raises:
        FormulaError: where a condition stands for a number or a number for a condition.
    """
    parsed = as_formula(formula)
    if _is_condition(parsed):
        raise FormulaError("a condition has no value", parsed.span, _CHOOSE)
    known: dict[int, Formula] = {}
    for row in users_functions(parsed):  # those that others call come first
        assert isinstance(row.definition, Formula)
        # parameters get names nobody can type, so that no name of a caller is taken for one
        own = [Name(private) for private in _private(row)]
        known[id(row)] = _written_out(at_span(row.definition, row.params, own, row.definition.span), known)
    return _written_out(parsed, known)


def _private(row: Function) -> tuple[str, ...]:
    return tuple(f"{param} of {id(row)}" for param in row.params)


def _written_out(root: Formula, known: Mapping[int, Formula]) -> Formula:
    def name(node: Name, definition: Formula | None) -> Formula:
        return node if definition is node.definition else Name(node.name, definition, node.span)

    def call(node: Call, args: list[Formula]) -> Formula:
        _check_kinds(node)
        if id(node.function) in known and not node.function.partials:
            return at_span(known[id(node.function)], _private(node.function), args, node.span)
        if node.function.name in ("diff", "diff_n"):
            order = _order(args[2]) if len(args) == 3 else 1
            variable = node.args[1]
            assert isinstance(variable, Name)
            return our_derivative(args[0], variable.name, order)
        if all(new is old for new, old in zip(args, node.args, strict=True)):
            return node
        return Call(node.function, tuple(args), node.span)

    return fold(root, lambda node: node, name, call)


def _order(formula: Formula) -> int:
    while isinstance(formula, Name) and formula.definition is not None:
        formula = formula.definition
    if isinstance(formula, Number) and formula.value.denominator == 1 and formula.value > 0:
        return int(formula.value)
    raise FormulaError(
        "the order of a derivative is a positive whole number", formula.span, "write it out, as in diff(x^4, x, 2)"
    )


_CHOOSE = "choose between two numbers with if(condition, a, b)"


def _is_condition(formula: Formula) -> bool:
    while isinstance(formula, Name) and formula.definition is not None:
        formula = formula.definition
    return isinstance(formula, Call) and formula.function.condition


def _check_kinds(node: Call) -> None:
    row = node.function
    for i, arg in enumerate(node.args):
        is_condition = _is_condition(arg)
        wanted = row.name in ("and", "or", "not") or (row.name == "if" and i == 0)
        if is_condition and not wanted:
            raise FormulaError("a condition is not a number", arg.span, _CHOOSE)
        if wanted and not is_condition:
            raise FormulaError("a condition is needed here", arg.span, "compare two numbers, as in x > 0")


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


def expand(root: Formula) -> Formula:
    """The formula with every row that is not smooth written out by `if`, comparisons and `floor`."""

    def call(node: Call, args: list[Formula]) -> Formula:
        row = node.function
        if (
            isinstance(row.definition, str)
            and row.definition
            and ((not row.smooth and not row.condition) or not row.partials)
        ):
            params, body = row.params, _expanded(row)
            if not row.variadic:
                return at_span(body, params, args, node.span)
            result = args[0]
            for arg in args[1:]:
                result = at_span(body, params, (result, arg), node.span)
            return result
        return Call(row, tuple(args), node.span)

    def name(node: Name, definition: Formula | None) -> Formula:
        return node if node.definition is None else Name(node.name, definition, node.span)

    return fold(root, lambda node: node, name, call)


@cache
def _expanded(row: Function) -> Formula:
    return expand(parse(str(row.definition)))


def has_kinks(root: Formula) -> bool:
    """Whether a row that is not smooth, or that may hide one in its definition, stands in the formula."""
    rows = (node.function for node in children_first(root) if isinstance(node, Call))
    return any(not row.smooth or not row.partials for row in rows)


# ---- derivatives as formulas, by our own chain rule


def _formula_function(_: Scalars, row: Function) -> Callable[..., Formula]:
    return lambda *args: simple_call(row, args)


FORMULA = Scalars("formula", number, Name, _formula_function, native=frozenset())


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


def our_derivative(formula: Formula, name: str, order: int = 1) -> Formula:
    """d^order formula / d name^order as a formula, by reverse mode over formulas. Rows that are not smooth are
    written out, so that the derivative is right on either side of a kink.

    Raises:
        LimitError: for an order beyond `Limits.order`.
    """
    if order > LIMITS.order:
        raise LimitError("order", f"a derivative of order {order} is beyond {LIMITS.order}", formula.span)
    for _ in range(order):
        formula = _chain_rule(expand(formula), name)
    return formula


def _chain_rule(root: Formula, name: str) -> Formula:
    zero, one, add, times = number(0), number(1), TABLE["+"], TABLE["*"]
    depends: set[int] = set()
    order = list(children_first(root))
    for node in order:
        if (isinstance(node, Name) and node.name == name) or any(id(below) in depends for below in children(node)):
            depends.add(id(node))
    adjoint: dict[int, Formula] = {id(root): one}
    result: Formula = zero
    for node in reversed(order):
        grad = adjoint.get(id(node))
        if grad is None or id(node) not in depends:
            continue
        if isinstance(node, Name) and node.name == name:
            result = simple_call(add, (result, grad))
            continue
        edges: list[tuple[Formula, Formula]] = []
        if isinstance(node, Name) and node.definition is not None:
            edges.append((node.definition, grad))
        elif isinstance(node, Call):
            for i, arg in enumerate(node.args):
                if id(arg) in depends and not (isinstance(arg, Call) and arg.function.condition):
                    edges.append((arg, simple_call(times, (grad, _local_formula(node, i)))))
        for arg, share in edges:
            before = adjoint.get(id(arg))
            adjoint[id(arg)] = share if before is None else simple_call(add, (before, share))
    return result


def _local_formula(node: Call, position: int) -> Formula:
    row = node.function
    if row.name == "if":
        branch = (number(1), number(0)) if position == 1 else (number(0), number(1))
        return Call(row, (node.args[0], *branch), node.span)
    local = FORMULA.partial(row, position)(*node.args, node)
    assert isinstance(local, Formula)
    return local
