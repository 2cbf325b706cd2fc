"""Formula -> Value graph -> gradient, over any kind of scalar.

`lower` builds the graph and `gradient` reads it. Over floats that is the fast engine; over balls (`certified`) it is the
same engine with a proven error bound, at rising precision until the double nearest to the truth is known.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Any

from .errors import (
    LIMITS,
    NOWHERE,
    FormulaError,
    LimitError,
    MissingValueError,
    NotDifferentiableError,
    Span,
    UndecidedError,
    UndefinedError,
)
from .formula import Call, Formula, Name, Number, children_first, expression, fold, free_names, number, substitute
from .functions import CONSTANTS, TABLE, Function
from .parser import parse
from .scalars import BALL, FLOAT, Scalars, Undecidable, domain_message, fits, precision, rounded
from .value import Value, over

Real = float | int | Fraction | Decimal | str | Formula
Point = Mapping[str, Real]


# ---- a formula made ready: user functions written out, `diff` differentiated


def as_formula(formula: str | Formula) -> Formula:
    return parse(formula) if isinstance(formula, str) else formula


def prepare(formula: str | Formula) -> Formula:
    """The formula in rows of the table alone: users' functions are written out and every `diff` is differentiated.

    Raises:
        FormulaError: where a condition stands for a number or a number for a condition.
    """
    return _prepare(as_formula(formula), {})


def _prepare(root: Formula, known: dict[int, Formula]) -> Formula:
    # bodies of users' functions first, innermost first, so that nothing recurses however they nest
    order, seen, stack = [], set(), [root]
    while stack:
        for node in children_first(stack.pop()):
            if isinstance(node, Call) and isinstance(node.function.definition, Formula):
                if id(node.function) not in seen:
                    seen.add(id(node.function))
                    stack.append(node.function.definition)
                    order.append(node.function)
    pending = order
    while pending:
        later = [row for row in pending if any(r in pending and r is not row for r in _users_rows(row.definition))]
        if len(later) == len(pending):
            raise FormulaError(f"{pending[0].signature} is defined by itself")
        for row in pending:
            if row not in later:
                assert isinstance(row.definition, Formula)
                known[id(row)] = _written_out(row.definition, known)
        pending = later
    return _written_out(root, known)


def _users_rows(definition: str | Formula) -> Iterator[Function]:
    if isinstance(definition, Formula):
        for node in children_first(definition):
            if isinstance(node, Call) and isinstance(node.function.definition, Formula):
                yield node.function


def _written_out(root: Formula, known: Mapping[int, Formula]) -> Formula:
    def name(node: Name, definition: Formula | None) -> Formula:
        return node if definition is node.definition else Name(node.name, definition, node.span)

    def call(node: Call, args: list[Formula]) -> Formula:
        _check_kinds(node)
        if id(node.function) in known and not node.function.partials:
            return at_span(known[id(node.function)], node.function.params, args, node.span)
        if node.function.name in ("diff", "diff_n"):
            order = int(args[2].value) if len(args) == 3 and isinstance(args[2], Number) else 1
            variable = node.args[1]
            assert isinstance(variable, Name)
            return our_derivative(args[0], variable.name, order)
        if all(new is old for new, old in zip(args, node.args, strict=True)):
            return node
        return Call(node.function, tuple(args), node.span)

    return fold(root, lambda node: node, name, call)


def _check_kinds(node: Call) -> None:
    row = node.function
    for i, arg in enumerate(node.args):
        is_condition = isinstance(arg, Call) and (arg.function.condition)
        wanted = row.name in ("and", "or", "not") or row.name == "if" and i == 0
        if is_condition and not wanted:
            raise FormulaError("a condition is not a number", arg.span, "choose between two numbers with if(condition, a, b)")
        if wanted and not is_condition:
            raise FormulaError("a condition is needed here", arg.span, "compare two numbers, as in x > 0")


def at_span(body: Formula, params: Sequence[str], args: Sequence[Formula], span: Span) -> Formula:
    """A definition's body with its parameters replaced. Its own nodes get the place of the call."""
    given = dict(zip(params, args, strict=True))

    def name(node: Name, definition: Formula | None) -> Formula:
        return given.get(node.name, node) if node.definition is None else Name(node.name, definition, node.span)

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
        if isinstance(row.definition, str) and row.definition and (not row.smooth and not row.condition or not row.partials):
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
    return any(isinstance(node, Call) and not node.function.smooth for node in children_first(root))


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
        if isinstance(node, Name) and node.definition is None and node.name == name:
            depends.add(id(node))
        elif isinstance(node, Call) and any(id(arg) in depends for arg in node.args):
            depends.add(id(node))
        elif isinstance(node, Name) and node.definition is not None and id(node.definition) in depends:
            depends.add(id(node))
    adjoint: dict[int, Formula] = {id(root): one}
    result: Formula = zero
    for node in reversed(order):
        grad = adjoint.get(id(node))
        if grad is None or id(node) not in depends:
            continue
        if isinstance(node, Name) and node.definition is None:
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


# ---- points


def as_constant(value: Real, name: str = "") -> Formula:
    """A number, as the exact formula it stands for: a float is the double it is, a text is read as a formula."""
    if isinstance(value, Formula):
        return value
    if isinstance(value, str):
        return parse(value)
    if isinstance(value, bool) or not isinstance(value, int | float | Fraction | Decimal):
        if not hasattr(value, "__float__"):
            raise TypeError(f"the value of {name or 'a name'} must be a real number, not {value!r}")
        value = float(value)
    if isinstance(value, float | Decimal) and not math.isfinite(value):
        raise FormulaError(f"{name or 'a value'} = {value} is not a real number")
    exact = Fraction(value)
    if exact < 0:
        return Call(TABLE["neg"], (Number(str(-value), -exact),))
    return Number(str(value), exact)


def leaves(formula: Formula, at: Point) -> dict[str, Formula]:
    """The variables of a prepared formula and their values: the names of the point, and names defined by a number.

    Raises:
        MissingValueError: listing the names without a value, at the first of them.
    """
    free = free_names(formula)
    missing = [name for name in free if name not in at and name not in CONSTANTS]
    if missing:
        raise MissingValueError(tuple(missing), free[missing[0]].span, f"add {'=..., '.join(missing)}=...")
    found = {name: as_constant(at[name], name) for name in free if name in at and name not in ("pi", "tau")}
    for node in children_first(formula):
        if isinstance(node, Name) and node.definition is not None and node.name not in found:
            if node.name in at:
                found[node.name] = as_constant(at[node.name], node.name)
            elif not _varies(node.definition):
                found[node.name] = node.definition
    return found


def _varies(formula: Formula) -> bool:
    return any(isinstance(n, Name) and n.name not in ("pi", "tau", "e") for n in children_first(formula))


# ---- lowering


Switch = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Failure:
    """What stands for the value of a node that has none. It spreads upwards, except out of a branch not taken."""

    error: FormulaError
    switch: Switch | None = None  # a side of this comparison must be chosen first
    certain: bool = True  # the two sides are equal, not only too close to tell


@dataclass(slots=True)
class Graph:
    """A formula lowered to Values. `root` is a Failure where the formula has no value."""

    root: Any
    leaves: dict[str, Any]
    sides: Mapping[Switch, int] = field(default_factory=dict)  # how each comparison that varies came out
    nodes: dict[int, Any] = field(default_factory=dict)  # by id of the formula's node


class Lowering:
    """Builds graphs of one prepared formula over one kind of scalar.

    `sides` forces comparisons between equal quantities (-1: as if the left were smaller); without it they are decided
    by equality.
    """

    def __init__(self, formula: Formula, scalars: Scalars, wrt: Sequence[str] | None = None):
        self.formula = formula
        self.scalars = scalars
        self.kind = over(scalars)
        self.wrt = wrt

    def graph(self, values: Mapping[str, Any], sides: Mapping[Switch, int] | None = None) -> Graph:
        """The graph at a point, whose values are plain scalars."""
        wrt = values.keys() if self.wrt is None else self.wrt
        made = {name: Value(value, label=name) if name in wrt else value for name, value in values.items()}
        graph = Graph(None, made)
        switches = None if sides is None else _Switches(sides)
        results = graph.nodes
        for node in children_first(self.formula):
            if isinstance(node, Number):
                result = self.scalars.number(node.value)
            elif isinstance(node, Name):
                result = self._name(node, made, results)
            else:
                assert isinstance(node, Call)
                result = self._call(node, results, switches)
            results[id(node)] = result
        graph.root = results[id(self.formula)]
        if switches is not None:
            graph.sides = switches.seen
        return graph

    def _name(self, node: Name, made: Mapping[str, Any], results: Mapping[int, Any]) -> Any:
        if node.name in made:
            return made[node.name]
        if node.definition is None:
            return self.scalars.constant(node.name)
        result = results[id(node.definition)]
        if isinstance(result, Value) and not result.label:
            result.label = node.name
        return result

    def _call(self, node: Call, results: Mapping[int, Any], switches: _Switches | None) -> Any:
        row = node.function
        args = [results[id(arg)] for arg in node.args]
        control = _CONTROL.get(row.name)
        if control is not None and "if" in self.scalars.native:
            return control(args)
        for arg in args:
            if isinstance(arg, Failure):
                return arg
        varies = any(isinstance(arg, Value) for arg in args)
        if switches is not None and varies and not row.smooth:
            data = [arg.data if isinstance(arg, Value) else arg for arg in args]
            return switches.compare(node, *data) if row.condition else switches.floor(node, *data)
        try:
            result = (self.kind if varies else self.scalars).function(row)(*args)
        except LimitError:
            raise
        except (ArithmeticError, ValueError) as error:
            return Failure(self._error(node, args, error))
        if self.scalars is not FLOAT and self.scalars.name == "ball":
            data = result.data if isinstance(result, Value) else result
            if not row.condition and not data.is_finite():
                return Failure(self._error(node, args, None))
        return result

    def _error(self, node: Call, args: list[Any], error: Exception | None) -> FormulaError:
        """Why a row gave no value: outside its domain for certain, beyond the doubles, or not to be told."""
        row = node.function
        if isinstance(error, FormulaError):
            return error
        data = tuple(arg.data if isinstance(arg, Value) else arg for arg in args)
        while any(isinstance(x, Value) for x in data):
            data = tuple(x.data if isinstance(x, Value) else x for x in data)
        base = FLOAT if all(isinstance(x, float | int) for x in data) else BALL
        place = node.args[0].span if row.symbol == "" and len(node.args) == 1 else node.span
        try:
            if not fits(row, data, base):
                return UndefinedError(domain_message(row, tuple(shown(x) for x in data)), _name_span(node))
        except Undecidable:
            where = f"the argument of {row.spelling}" if not row.symbol else f"an argument of {row.symbol.strip()}"
            return UndecidedError(f"{where} is too near the edge of its domain to tell on which side it lies", place)
        if isinstance(error, OverflowError):
            given = ", ".join(shown(x) for x in data)
            return UndefinedError(f"{row.spelling} overflows at {given}: its value is larger than any double", _name_span(node))
        return UndecidedError(f"{row.spelling} could not be computed to any precision", _name_span(node))


def _name_span(node: Call) -> Span:
    """Where the function's name stands, or the whole of an operator's call."""
    span = node.span
    if node.function.symbol or span is NOWHERE:
        return span
    bracket = span.text.find("(")
    return Span(span.source, span.start, span.start + bracket) if bracket > 0 else span


def shown(x: Any) -> str:
    """A float or a ball in at most ten digits, for messages."""
    if isinstance(x, float | int):
        return f"{x:.10g}"
    return f"{float(x.mid()):.10g}" if x.is_finite() else "infinite"


def _if(args: list[Any]) -> Any:
    condition = args[0]
    return condition if isinstance(condition, Failure) else args[1] if condition else args[2]


def _and(args: list[Any]) -> Any:
    return args[0] if isinstance(args[0], Failure) or not args[0] else args[1]


def _or(args: list[Any]) -> Any:
    return args[0] if isinstance(args[0], Failure) or args[0] else args[1]


def _not(args: list[Any]) -> Any:
    return args[0] if isinstance(args[0], Failure) else not args[0]


_CONTROL: Mapping[str, Callable[[list[Any]], Any]] = {"if": _if, "and": _and, "or": _or, "not": _not}


# ---- comparisons under study: which side of a kink a graph is on


class _Interning:
    """Gives structurally equal formulas one number, so that the same comparison twice is one switch."""

    def __init__(self) -> None:
        self._numbers: dict[Any, int] = {}
        self._known: dict[int, int] = {}

    def __call__(self, root: Formula) -> int:
        for node in children_first(root) if id(root) not in self._known else ():
            if id(node) in self._known:
                continue
            key: Any
            if isinstance(node, Number):
                key = node.value
            elif isinstance(node, Name):
                key = node.name
            else:
                assert isinstance(node, Call)
                key = (node.function.name, *(self._known[id(arg)] for arg in node.args))
            self._known[id(node)] = self._numbers.setdefault(key, len(self._numbers))
        return self._known[id(root)]


_OUTCOME: Mapping[str, frozenset[int]] = {  # the signs of left - right for which a comparison holds
    "<": frozenset({-1}), "<=": frozenset({-1, 0}), ">": frozenset({1}), ">=": frozenset({1, 0}),
    "==": frozenset({0}), "!=": frozenset({-1, 1}),
}  # fmt: skip


class _Switches:
    """Decides the comparisons of one graph that vary, by the sides given where the two quantities are equal.

    A switch is named by what it compares. Its side is the sign of left - right, in the order of the name.
    """

    def __init__(self, given: Mapping[Switch, int]):
        self.given = given
        self.seen: dict[Switch, int] = {}
        self._intern = _Interning()

    def compare(self, node: Call, x: Any, y: Any) -> Any:
        left, right = node.args
        flip = 1
        while isinstance(left, Call) and left.function.name == "neg" and isinstance(right, Number) and right.value == 0:
            left, flip = left.args[0], -flip
        switch: Switch = (self._intern(left), self._intern(right))
        if switch[0] > switch[1]:
            switch, flip = (switch[1], switch[0]), -flip
        if x < y or x > y:
            sign = -1 if x < y else 1
            self.seen[switch] = sign * flip
        elif switch in self.given:
            sign = self.given[switch] * flip
        else:
            message = f"whether {brief(node.args[0])} equals {brief(node.args[1])} could not be decided"
            return Failure(UndecidedError(message, node.span), switch, certain=bool(x == y))
        return sign in _OUTCOME[node.function.name]

    def floor(self, node: Call, x: Any) -> Any:
        whole, nearest = x.floor(), (x + 0.5).floor().unique_fmpz()
        if nearest is None:
            return Failure(UndecidedError(f"{brief(node.args[0])} is not known well enough for floor", node.span))
        switch: Switch = ("floor", self._intern(node.args[0]), int(nearest))
        if x < nearest or x > nearest:
            self.seen[switch] = -1 if x < nearest else 1
            return whole
        if switch in self.given:
            return type(x)(nearest - (1 if self.given[switch] < 0 else 0))
        message = f"whether {brief(node.args[0])} is an integer could not be decided"
        return Failure(UndecidedError(message, node.span), switch, certain=bool(x == nearest))


def brief(formula: Formula, most: int = 60) -> str:
    """The formula's text, its middle left out where it is long."""
    text = expression(formula, most * 20)
    return text if len(text) <= most else f"{text[: most // 2]} ... {text[-(most // 3) :]}"


# ---- certified: the same engine over balls, at rising precision


@dataclass(frozen=True, slots=True)
class Component:
    """One certified number: the value, or a partial derivative.

    `number` is the nearest double. `status` is `certified`; `zero` (not told apart from 0 with the most bits: what
    rounding leaves of an exact 0); `not-differentiable`, with `number` the convention and `left`, `right` the one-sided
    derivatives where they exist; or `undecided`, with `number` the best known. `message` says why.
    """

    number: float
    status: str = "certified"
    message: str = ""
    ball: Any = None
    left: float | None = None
    right: float | None = None


@dataclass(frozen=True, slots=True)
class Certified:
    value: Component
    gradient: dict[str, Component]
    bits: int


START_BITS = 64


def certify(
    formula: str | Formula, at: Point, wrt: Sequence[str] | None = None, bits: int = START_BITS, digits_of_ball: int = 0
) -> Certified:
    """Value and gradient from balls, correctly rounded.

    Args:
        bits: the first precision to try.
        digits_of_ball: keep on until the balls are known to so many bits (0: until the nearest double is known).

    Raises:
        UndefinedError: the formula has no real value here, or one larger than any double.
        UndecidedError: its value could not be told within `Limits.precision` bits.
    """
    prepared = prepare(formula)
    return Certifier(prepared, at, wrt).run(bits, digits_of_ball)


class Certifier:
    """Computes one prepared formula at one point in balls."""

    def __init__(self, formula: Formula, at: Point, wrt: Sequence[str] | None = None):
        self.formula = formula
        self.at = leaves(formula, at)
        self.wrt = tuple(self.at) if wrt is None else tuple(name for name in wrt if name in self.at)
        self.expanded = expand(formula) if has_kinks(formula) else formula
        self.lowering = Lowering(self.expanded, BALL, self.wrt)

    def values(self) -> dict[str, Any]:
        """The point in balls at the precision in force."""
        return {name: constant_value(value, BALL) for name, value in self.at.items()}

    def run(self, bits: int = START_BITS, digits_of_ball: int = 0) -> Certified:
        while True:
            with precision(bits):
                graph = self.lowering.graph(self.values(), {})
                last = 2 * bits > LIMITS.precision
                if isinstance(graph.root, Failure):
                    if graph.root.switch is not None and (graph.root.certain or last):
                        return _Kink(self, bits).study()
                    if last or isinstance(graph.root.error, UndefinedError):
                        raise graph.root.error
                else:
                    found = self.read(graph, last, digits_of_ball)
                    if found is not None:
                        return Certified(found[0], found[1], bits)
            bits *= 2

    def read(self, graph: Graph, last: bool, digits: int = 0) -> tuple[Component, dict[str, Component]] | None:
        """The components of a graph, or None where more precision is needed and there is more."""
        root = graph.root
        value = settle(root.data if isinstance(root, Value) else root, last, digits)
        if value is None:
            return None
        if isinstance(root, Value):
            root.backward()
        gradient: dict[str, Component] = {}
        for name in self.wrt:
            grad = BALL.number(Fraction(0)) + graph.leaves[name].grad
            if grad.is_finite():
                component = settle(grad, last, digits)
            else:
                component = self._singular(graph, name, last)
            if component is None:
                return None
            gradient[name] = component
        if value.status == "overflow":
            raise UndefinedError(f"the value is {value.message}", self.formula.span)
        return value, gradient

    def _singular(self, graph: Graph, name: str, last: bool) -> Component | None:
        """Why a gradient is not finite: the first node with an unbounded partial derivative, and whether that is exact."""
        leaf = graph.leaves[name]
        for node in children_first(self.expanded):
            made = graph.nodes.get(id(node))
            if not isinstance(node, Call) or not isinstance(made, Value):
                continue
            for argument, partial in zip(made.arguments, made.partials, strict=True):
                if getattr(partial, "is_finite", lambda: True)():
                    continue
                exact = all(x.is_exact() for x in (arg.data for arg in made.arguments))
                if not exact and not last:
                    return None
                argument.zero_grad()
                argument.backward()
                inner = BALL.number(Fraction(0)) + leaf.grad
                where = f"{node.function.spelling} has no finite derivative at {self._where(node, graph)}"
                if exact and inner.is_finite() and not inner.contains(0):
                    return Component(math.nan, "not-differentiable", where)
                if not (inner.is_finite() and inner.is_zero()):
                    return Component(math.nan, "undecided", f"{where}, so the chain rule does not apply")
        return Component(math.nan, "undecided", "the derivative could not be bounded") if last else None

    def _where(self, node: Call, graph: Graph) -> str:
        parts = []
        for arg in node.args:
            made = graph.nodes[id(arg)]
            x = made.data if isinstance(made, Value) else made
            parts.append(f"{brief(arg, 30)} = {shown(x)}" if not isinstance(arg, Number) else "")
        return ", ".join(part for part in parts if part)


def constant_value(constant: Formula, scalars: Scalars) -> Any:
    """The value of a constant formula as a plain scalar."""
    if isinstance(constant, Number):
        return scalars.number(constant.value)
    root = Lowering(prepare(constant), scalars).graph({}).root
    if isinstance(root, Failure):
        raise root.error
    return root


def settle(ball: Any, last: bool, bits: int = 0) -> Component | None:
    """A ball as a component, or None if it is still too wide."""
    if bits and not (ball.is_zero() or ball.rel_accuracy_bits() >= bits) and not last:
        return None
    nearest = rounded(ball)
    if nearest is None or (nearest == 0 and not ball.is_zero() and ball.contains(0)):
        if not last:
            return None
        if ball.contains(0):
            return Component(0.0, "zero", "not told apart from 0", ball)
        return Component(float(ball.mid()), "undecided", "halfway between two doubles", ball)
    if math.isinf(nearest):
        about = ball.str(5, radius=False)
        return Component(nearest, "overflow", f"about {about}, larger than any double", ball)
    return Component(nearest, "certified", "", ball)


_MOST_PIECES = 64
_KINK_BITS = 512


class _Kink:
    """Studies a point where a comparison is between equal quantities.

    Near the point the formula is, everywhere, one of finitely many smooth pieces: those in which each such comparison
    comes out one way or the other. If all pieces have one value and one gradient there, the formula is differentiable
    with that gradient. If not, the pieces met on the way to the point from the left and from the right tell the
    one-sided derivatives.
    """

    def __init__(self, certifier: Certifier, bits: int):
        self.of = certifier
        self.bits = max(bits, _KINK_BITS)

    def study(self) -> Certified:
        with precision(self.bits):
            values = self.of.values()
            pieces, failed = self._pieces(values)
            value, convention = self._convention(values, pieces)
            gradient = {}
            for name in self.of.wrt:
                grads = [piece[1][name] for piece in pieces]
                continuous = all(piece[0].overlaps(value) for piece in pieces)
                if failed is None and continuous and all(grad.is_finite() and grad.overlaps(grads[0]) for grad in grads):
                    component = settle(grads[0], last=True)
                    assert component is not None
                    gradient[name] = component
                else:
                    gradient[name] = self._one_sided(name, values, value, convention[name], failed)
            whole = settle(value, last=True)
            assert whole is not None
            if whole.status == "overflow":
                raise UndefinedError(f"the value is {whole.message}", self.of.formula.span)
            return Certified(whole, gradient, self.bits)

    def _read(self, graph: Graph) -> tuple[Any, dict[str, Any]]:
        if isinstance(graph.root, Value):
            graph.root.backward()
        zero = BALL.number(Fraction(0))
        value = graph.root.data if isinstance(graph.root, Value) else graph.root
        return value, {name: zero + graph.leaves[name].grad for name in self.of.wrt}

    def _pieces(self, values: Mapping[str, Any]) -> tuple[list[tuple[Any, dict[str, Any]]], FormulaError | None]:
        """Value and gradient of every piece; and why one has none, if so."""
        pieces: list[tuple[Any, dict[str, Any]]] = []
        failed: FormulaError | None = None
        todo: list[dict[Switch, int]] = [{}]
        while todo:
            sides = todo.pop()
            graph = self.of.lowering.graph(values, sides)
            if not isinstance(graph.root, Failure):
                pieces.append(self._read(graph))
            elif graph.root.switch is None:
                failed = graph.root.error
            else:
                todo += [{**sides, graph.root.switch: side} for side in (-1, 1)]
            if len(pieces) + len(todo) > _MOST_PIECES:
                return pieces, UndecidedError(f"more than {_MOST_PIECES} smooth pieces meet here", self.of.formula.span)
        return pieces, failed

    def _convention(self, values: Mapping[str, Any], pieces: list[Any]) -> tuple[Any, dict[str, Any]]:
        """The value at the point itself, and the gradient by the table's conventions for kinks."""
        graph = Lowering(self.of.formula, BALL, self.of.wrt).graph(values)
        if not isinstance(graph.root, Failure):
            return self._read(graph)
        if not isinstance(graph.root.error, UndecidedError) or not pieces:
            raise graph.root.error
        if not all(piece[0].overlaps(pieces[0][0]) for piece in pieces):
            raise graph.root.error
        return pieces[0][0], pieces[0][1]

    def _one_sided(
        self, name: str, values: Mapping[str, Any], value: Any, convention: Any, failed: FormulaError | None
    ) -> Component:
        sides: list[float | None] = []
        jump = False
        for direction in (-1, 1):
            grad, continuous = self._towards(name, values, value, direction)
            sides.append(grad)
            jump = jump or not continuous
        left, right = sides
        number = float(convention.mid()) if convention.is_finite() else math.nan
        point = ", ".join(f"{n}={shown(v)}" for n, v in values.items())
        kind = "a jump" if jump else "a corner"
        if left is not None and right is not None and (left != right or jump):
            message = f"{brief(self.of.formula)} has {kind} at {point}"
            if not jump:
                message += f": left {shown(left)}, right {shown(right)}"
            return Component(number, "not-differentiable", f"{message}; {shown(number)} is the convention", None, left, right)
        if left is not None and right is not None and len(self.of.at) == 1:
            return Component(left, "certified")
        why = failed.message if failed is not None else "the pieces that meet here have different gradients"
        return Component(number, "undecided", f"{why} (at {point})", None, left, right)

    def _towards(self, name: str, values: Mapping[str, Any], value: Any, direction: int) -> tuple[float | None, bool]:
        """The derivative by `name` on one side of the point, and whether the formula is continuous from there."""
        step = BALL.number(Fraction(direction, 2 ** (self.bits // 3)))
        beside = dict(values)
        beside[name] = values[name] + step * abs(values[name]).max(BALL.number(Fraction(1)))
        near = self.of.lowering.graph(beside, {})
        if isinstance(near.root, Failure):
            return None, True
        here = self.of.lowering.graph(values, near.sides)
        if isinstance(here.root, Failure):
            return None, True
        there, grads = self._read(here)
        grad = grads[name]
        return (float(grad.mid()) if grad.is_finite() else None), bool(there.overlaps(value))
