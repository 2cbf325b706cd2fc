"""`Value`: a number that remembers how it came about, and reverse mode on what it remembers.

A node holds its value, its arguments and, from the moment it is made, the local partial derivative for each argument.
`backward` walks the graph from the result to the leaves and adds `gradient * partial` along every edge: that is the
whole algorithm. Operators and methods are written out from the rows of the table.

The node is karpathy/micrograd's, and takes its place: the same constructor, attributes, operators and repr.
"""

from __future__ import annotations

import math
import numbers
from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING, Any

from gradcalc.language.functions import TABLE, Function
from gradcalc.shown import shows

from .copied import deep_copy, reduced
from .scalars import (
    BALL,
    CONDITIONS,
    FLOAT,
    NATIVE,
    Scalars,
    domain_message,
    fits,
    in_balls,
    nearest_double,
)
from .told import Undecidable


@shows("_repr_svg_")
class Value:
    """A node of a graph.

    Args:
        data: a real number, a `flint.arb` ball, a sympy expression, or another Value (for second derivatives).
            Whatever else converts to a float (NumPy scalars, Fraction, Decimal) is converted.
        _children: the Values this one was made from, when you write an operation of your own: then assign a
            function without arguments to `_backward` that adds to the children's `grad`.
        _op, label: texts for pictures.

    Raises:
        TypeError: for data that is no real number.

    `grad` is filled by `backward()` and adds up at leaves until `zero_grad()`. A number met by an operator stays a
    number: it becomes no node and gets no derivative.

    Unlike micrograd's, a node keeps its partial derivatives from the moment it is made: assigning to `data` changes
    what is computed from the node afterwards, and neither the values nor the gradients of what was computed before.
    So `backward` gives the gradient of the value that it is called on. Nan goes through every method as nan.
    """

    # An inner node has `_left`, or for three arguments and more, `_rest`: a tuple of arguments, whose partials (or a
    # function that does the step) are in `_partials`. `_uses` counts pending uses during a backward pass, and is None
    # in a leaf. What a node does not need is left unset: a million nodes are made where a few are looked at.
    __slots__ = (
        "_dleft",
        "_dright",
        "_label",
        "_left",
        "_made_by",
        "_partials",
        "_rest",
        "_right",
        "_uses",
        "data",
        "grad",
    )

    data: Any
    grad: Any
    _dleft: Any
    _dright: Any
    _label: str
    _left: Value | None
    _made_by: Any
    _partials: Any
    _rest: tuple[Value, ...]
    _right: Value | None
    _uses: int | None

    if TYPE_CHECKING:  # what the table adds

        def __add__(self, other: Any) -> Value: ...
        def __radd__(self, other: Any) -> Value: ...
        def __sub__(self, other: Any) -> Value: ...
        def __rsub__(self, other: Any) -> Value: ...
        def __mul__(self, other: Any) -> Value: ...
        def __rmul__(self, other: Any) -> Value: ...
        def __truediv__(self, other: Any) -> Value: ...
        def __rtruediv__(self, other: Any) -> Value: ...
        def __pow__(self, other: Any) -> Value: ...
        def __rpow__(self, other: Any) -> Value: ...
        def __neg__(self) -> Value: ...
        def __getattr__(self, row: str) -> Callable[..., Value]: ...

    def __init__(self, data: Any, _children: Any = (), _op: str = "", label: str = ""):
        self.data = data if data.__class__ in _PLAIN else _checked(data)
        self.grad = 0
        self._made_by = _op
        self._uses = None
        if label:
            self._label = label
        if _children:
            self._uses, self._left, self._rest, self._partials = 0, None, tuple(_children), ()

    def __repr__(self) -> str:
        return f"Value(data={self.data}, grad={self.grad})"

    def __format__(self, spec: str) -> str:
        return format(self.data, spec) if spec else repr(self)

    def __deepcopy__(self, memo: dict[int, Any]) -> Value:
        return deep_copy(self, memo)  # type: ignore[no-any-return]

    def __reduce_ex__(self, _: Any) -> tuple[Any, ...]:
        return reduced(self)

    @property
    def label(self) -> str:
        return getattr(self, "_label", "")

    @label.setter
    def label(self, text: str) -> None:
        self._label = text

    @property
    def _op(self) -> str:
        made_by = self._made_by
        return made_by if isinstance(made_by, str) else f"**{made_by}"

    @_op.setter
    def _op(self, op: str) -> None:
        self._made_by = op

    @property
    def arguments(self) -> tuple[Value, ...]:
        """The Values this one was computed from, in order, one used twice standing twice."""
        if self._uses is None:
            return ()
        if self._left is None:
            return self._rest
        return (self._left,) if self._right is None else (self._left, self._right)

    @property
    def partials(self) -> tuple[Any, ...]:
        """The local partial derivative for each of `arguments`; empty where `_backward` was assigned."""
        if self._uses is None:
            return ()
        if self._left is None:
            return self._partials if isinstance(self._partials, tuple) else ()
        return (self._dleft,) if self._right is None else (self._dleft, self._dright)

    @property
    def _prev(self) -> set[Value]:
        return set(self.arguments)

    @property
    def _backward(self) -> Callable[[], None]:
        if self._uses is not None and self._left is None and callable(self._partials):
            return self._partials  # type: ignore[no-any-return]
        return lambda: _step(self)

    @_backward.setter
    def _backward(self, step: Callable[[], None]) -> None:
        self._rest, self._left, self._partials, self._uses = self.arguments, None, step, 0

    def backward(self) -> None:
        """Set `grad` of every inner node below to d(self)/d(node), and add d(self)/d(leaf) to `grad` of every leaf.

        Visits each node once, without recursion, after the last node that uses it.
        """
        one, zero = (1.0, 0.0) if self.data.__class__ is float else (1, 0)
        if self._uses is None:
            self.grad = self.grad + one
            return
        nodes = [self]
        try:
            _count_uses(nodes, zero)
            self.grad = one
            _propagate([self])
        except BaseException:
            for node in nodes:
                node._uses = 0
            raise

    def zero_grad(self) -> None:
        """Forget the gradients of this Value and of everything below it."""
        nodes, seen = [self], {self}
        for node in nodes:
            node.grad = 0
            fresh = [child for child in node.arguments if child not in seen]
            seen.update(fresh)
            nodes += dict.fromkeys(fresh)

    def __hash__(self) -> int:
        return id(self)

    def __pos__(self) -> Value:
        return self

    def __abs__(self) -> Value:
        return self.abs()


def _count_uses(nodes: list[Value], zero: float) -> None:
    """Add to `nodes` every inner node below its first, with the number of its uses; their gradients start at `zero`."""
    add = nodes.append
    for node in nodes:
        child = node._left
        if child is None:
            for child in node._rest:
                uses = child._uses
                if uses:
                    child._uses = uses + 1
                elif uses is not None:
                    child._uses = 1
                    child.grad = zero
                    add(child)
            continue
        uses = child._uses
        if uses:
            child._uses = uses + 1
        elif uses is not None:
            child._uses = 1
            child.grad = zero
            add(child)
        child = node._right
        if child is not None:
            uses = child._uses
            if uses:
                child._uses = uses + 1
            elif uses is not None:
                child._uses = 1
                child.grad = zero
                add(child)


def _propagate(ready: list[Value]) -> None:
    """Take the step of every node that is ready; a node becomes ready when its last use has taken its own."""
    add = ready.append
    for node in ready:
        child = node._left
        if child is None:
            _step(node)
            for child in node._rest:
                uses = child._uses
                if uses is not None:
                    child._uses = uses - 1
                    if uses == 1:
                        add(child)
            continue
        grad = node.grad
        child.grad += grad * node._dleft
        uses = child._uses
        if uses is not None:
            child._uses = uses - 1
            if uses == 1:
                add(child)
        child = node._right
        if child is not None:
            child.grad += grad * node._dright
            uses = child._uses
            if uses is not None:
                child._uses = uses - 1
                if uses == 1:
                    add(child)


def _step(node: Value) -> None:
    if node._left is None and callable(node._partials):
        node._partials()
        return
    grad = node.grad
    for child, partial in zip(node.arguments, node.partials, strict=False):
        child.grad += grad * partial


_PLAIN = frozenset({float, int, Value})
_new = object.__new__


def _checked(data: Any) -> Any:
    if isinstance(data, Value) or type(data).__module__.partition(".")[0] in ("flint", "sympy"):
        return data
    if (isinstance(data, numbers.Number) and not isinstance(data, numbers.Complex | float)) or _is_real(data):
        return float(data)
    raise TypeError(f"Value needs a real number, not {data!r}")


def _is_real(data: Any) -> bool:
    return isinstance(data, numbers.Real) or (getattr(data, "shape", None) == () and hasattr(data, "__float__"))


def data_of(made: Any) -> Any:
    """The scalar that a Value or a scalar stands for."""
    return made.data if isinstance(made, Value) else made


def make(data: Any, op: str, arguments: tuple[Value, ...], partials: tuple[Any, ...]) -> Value:
    """An inner node."""
    node: Value = _new(Value)
    node.data, node.grad, node._made_by, node._uses = data, 0, op, 0
    if len(arguments) > 2:
        node._left, node._rest, node._partials = None, arguments, partials
    else:
        node._left, node._dleft = arguments[0], partials[0]
        node._right, node._dright = (arguments[1], partials[1]) if len(arguments) == 2 else (None, None)
    return node


# ---- a row applied to Values over any scalars


def apply(scalars: Scalars, row: Function, *args: Any) -> Any:
    """The node for a row at arguments of which some are Values over `scalars` and the others plain scalars.

    A partial derivative that does not exist is a scalar that is not finite.
    """
    if not row.partials:
        return _definition(scalars, row)(*args)
    data = [arg.data if isinstance(arg, Value) else arg for arg in args]
    where = [i for i, arg in enumerate(args) if isinstance(arg, Value)]
    if not row.smooth and any(map(_is_nan, data)):  # which comparisons would make a number of
        return _unknown(row, args, where, data)
    try:
        out = scalars.function(row)(*data)
    except ValueError:  # some functions refuse nan
        if not any(map(_is_nan, data)):
            raise
        return _unknown(row, args, where, data)
    if not where:
        return out
    share = _share(scalars, args, data, out) if row.variadic else None
    partials = tuple(_local(scalars, row, i, data, out, share) for i in where)
    return make(out, row.symbol or row.name, tuple(args[i] for i in where), partials)


def _unknown(row: Function, args: Sequence[Any], where: Sequence[int], data: Sequence[Any]) -> Any:
    """The node for a row at arguments of which one is nan: the value and all slopes are nan."""
    return make(sum(data), row.symbol or row.name, tuple(args[i] for i in where), (math.nan,) * len(where))


def _is_nan(data: Any) -> bool:
    while isinstance(data, Value):
        data = data.data
    return data.__class__ is float and data != data


@cache
def _definition(scalars: Scalars, row: Function) -> Callable[..., Any]:
    return over(scalars).compile(str(row.definition), row.params)


def _local(scalars: Scalars, row: Function, position: int, data: list[Any], out: Any, share: Any) -> Any:
    if not row.variadic and row.partials[position] is None:
        return data[position] * math.nan
    rule = scalars.partial(row, position)
    try:
        if row.variadic:
            return rule(data[position], out, share)
        if row.rounded and scalars is FLOAT:
            return _extreme(row, position, tuple(data), out)
        return rule(*data, out)
    except Undecidable:
        return data[position] * math.nan
    except (ArithmeticError, ValueError):
        if scalars is not FLOAT:
            raise
        return _extreme(row, position, tuple(data), out)


def _share(scalars: Scalars, args: tuple[Any, ...], data: list[Any], out: Any) -> Any:
    """The partial of each argument of a tie: the minimum-norm subgradient, 0 if a number is among the tied."""
    equal = over(scalars).function(TABLE["=="])
    try:
        tied = [arg for arg, x in zip(args, data, strict=True) if equal(x, out)]
    except Undecidable:
        return out * math.nan
    constant = len(tied) > 1 and not all(isinstance(arg, Value) for arg in tied)
    return 0.0 if constant else 1.0 / max(1, len(tied))


def _extreme(row: Function, position: int, data: tuple[float, ...], out: float) -> float:
    """A partial derivative where double arithmetic will not do: the nearest double; where there is none, nan or inf."""
    try:
        return nearest_double(row, data, position)
    except ValueError:
        return float(_IEEE.partial(row, position)(*data, out))


def _ieee(scalars: Scalars, row: Function) -> Callable[..., float]:
    function = FLOAT.function(row)

    def total(*args: float) -> float:
        try:
            return float(function(*args))
        except ZeroDivisionError:
            return math.copysign(math.inf, args[0]) if args[0] else math.nan
        except OverflowError:
            return math.inf
        except ValueError:
            return row.pole if row.pole is not None and args[0] == 0 else math.nan

    return total


_IEEE = Scalars("ieee", FLOAT.number, FLOAT.constant, _ieee, FLOAT.native - {"/"})  # x/0 is infinite


# ---- Values as scalars themselves


@cache
def over(scalars: Scalars) -> Scalars:
    """The kind of scalar whose numbers are Values over `scalars`. `over(over(FLOAT))` gives second derivatives."""
    native = NATIVE | ({"if"} & scalars.native)
    name = f"Value over {scalars.name}"
    return Scalars(name, scalars.number, scalars.constant, _resolve_over(scalars), native, scalars.fixed)


def _resolve_over(scalars: Scalars) -> Callable[[Scalars, Function], Callable[..., Any]]:
    def resolve(_: Scalars, row: Function) -> Callable[..., Any]:
        if row.name in CONDITIONS:
            condition = scalars.function(row)
            return lambda *args: condition(*(arg.data if isinstance(arg, Value) else arg for arg in args))
        if scalars is FLOAT and row.value is not None and row.name in NATIVE:
            return FLOAT.function(row)
        if scalars is FLOAT and row.name == "^":
            return _raised
        return lambda *args: apply(scalars, row, *args)

    return resolve


def _raised(x: Any, y: Any) -> Any:
    """A power; of two numbers that of the table, where Python's own is complex for a negative base."""
    return x**y if isinstance(x, Value) or isinstance(y, Value) else FLOAT.function(TABLE["^"])(x, y)


def _kind_of(data: Any) -> Scalars:
    """The kind of scalar of a Value's data, when a method is called rather than a formula lowered."""
    depth = 0
    while isinstance(data, Value):
        data, depth = data.data, depth + 1
    scalars = BALL if type(data).__module__.startswith("flint") else FLOAT
    for _ in range(depth):
        scalars = over(scalars)
    return scalars


def _call(row: Function, *args: Any) -> Any:
    """A row applied by a method: finds the kind of scalar, and reports what is outside the domain in words."""
    deepest = max((arg for arg in args if isinstance(arg, Value)), key=lambda arg: len(_kind_of(arg.data).name))
    scalars = _kind_of(deepest.data)
    args = tuple(_as_float(arg) if scalars is FLOAT else _as_scalar(scalars, arg) for arg in args)
    try:
        return apply(scalars, row, *args)
    except (ArithmeticError, ValueError):
        data = tuple(arg.data if isinstance(arg, Value) else arg for arg in args)
        if scalars is FLOAT and not fits(row, data, FLOAT):
            raise ValueError(domain_message(row, tuple(f"{x:.10g}" for x in data))) from None
        raise


def _as_float(arg: Any) -> Any:
    if isinstance(arg, Value):
        if not isinstance(arg.data, float):
            arg.data = float(arg.data)
        return arg
    return float(_checked(arg))


def _as_scalar(scalars: Scalars, arg: Any) -> Any:
    arg = _checked(arg)
    return scalars.number(Fraction(arg)) if isinstance(arg, float | int) and math.isfinite(arg) else arg


# ---- operators and methods, written out from the table


def _operand(other: Any) -> Any:
    """A number that is no node, as an operator meets it; NotImplemented for what is no number."""
    try:
        return _checked(other)
    except TypeError:
        return NotImplemented


_NUMBER = """\
    if other.__class__ is not float and other.__class__ is not int:
        other = _operand(other)
        if other is NotImplemented:
            return NotImplemented
"""

_NODE = """\
{indent}node = _new(Value)
{indent}node.data = out; node.grad = 0; node._made_by = {op}; node._uses = 0
{indent}node._left = {left}; node._dleft = {dleft}; node._right = {right}; node._dright = {dright}
{indent}return node
"""


def _node(op: str, left: str, dleft: str, right: str = "None", dright: str = "None", indent: int = 4) -> str:
    return _NODE.format(indent=" " * indent, op=op, left=left, dleft=dleft, right=right, dright=dright)


# Sum, difference, product and quotient are the same text over every kind of scalar
_ANY_SCALAR = Scalars("any", int, FLOAT.constant, lambda _, row: FLOAT.function(row) if row.value else in_balls)


def _arithmetic(row: Function, name: str) -> tuple[str, dict[str, Any]]:
    """The source of `__add__` and `__radd__`, and the names it needs."""
    bound: dict[str, Any] = {}
    rules = []
    for text in row.partials:
        source, names = _ANY_SCALAR.inline(str(text), ("x", "y", "out"))
        rules.append(source)
        bound |= names
    op, value = repr(row.symbol), f"x {row.symbol} y"
    return (
        f"def __{name}__(self, other):\n"
        f"    if other.__class__ is Value or isinstance(other, Value):\n"
        f"        x = self.data; y = other.data; out = {value}\n"
        f"{_node(op, 'self', rules[0], 'other', rules[1], indent=8)}"
        f"{_NUMBER}    x = self.data; y = other; out = {value}\n{_node(op, 'self', rules[0])}"
        f"def __r{name}__(self, other):\n"
        f"{_NUMBER}    x = other; y = self.data; out = {value}\n{_node(op, 'self', rules[1])}"
    ), bound


def _unary(row: Function, name: str) -> tuple[str, dict[str, Any]]:
    """The source of a method without arguments: the row's texts over floats, anything else by `_call`."""
    param = row.params[0]
    partial, bound = FLOAT.inline(str(row.partials[0]), (param, "out"))
    if row.rounded:
        partial, bound = f"_in_balls(_row, ({param},), 0)", {"_in_balls": in_balls}
    if row.value is None and not row.smooth:
        value, names = FLOAT.inline(str(row.definition), (param,))
    else:
        value, names = f"_value({param})", {"_value": FLOAT.function(row)}
    if not row.smooth:  # comparisons would make a number of nan
        value, partial = (f"{param} if {param} != {param} else {text}" for text in (value, partial))
    return (
        f"def {name}(self):\n"
        f"    {param} = self.data\n"
        f"    if {param}.__class__ is not float:\n"
        f"        return _call(_row, self)\n"
        f"    try:\n"
        f"        out = {value}; local = {partial}\n"
        f"    except (ArithmeticError, ValueError):\n"
        f"        return _call(_row, self)\n"
        f"{_node(repr(row.name), 'self', 'local')}"
    ), {**bound, **names, "_row": row}


# by row and position: where the text of a partial is right over doubles, though it is `rounded`; here y - 1 is exact
EXACT_WHERE = {(TABLE["^"], 0): "(0.5 <= y < 4e15 or -4e15 < y < 0.5 and y - 1 + 1 == y)"}


def _power(row: Function) -> tuple[str, dict[str, Any]]:
    partial, bound = FLOAT.inline(str(row.partials[0]), ("x", "y", "out"))
    return (
        f"def __pow__(self, other):\n"
        f"    x = self.data\n"
        f"    if x.__class__ is not float or isinstance(other, Value):\n"
        f"        known = isinstance(other, Value) or _operand(other) is not NotImplemented\n"
        f"        return _call(_row, self, other) if known else NotImplemented\n"
        f"{_NUMBER}    y = other\n"
        f"    try:\n"
        f"        out = _value(x, y); local = {partial} if {EXACT_WHERE[row, 0]} else _in_balls(_row, (x, y), 0)\n"
        f"    except (ArithmeticError, ValueError):\n"
        f"        return _call(_row, self, other)\n"
        f"{_node('y', 'self', 'local')}"
        f"def __rpow__(self, other):\n"
        f"    return NotImplemented if _operand(other) is NotImplemented else _call(_row, _operand(other), self)\n"
    ), {**bound, "_row": row, "_value": row.value, "_in_balls": in_balls}


def _install(source: str, bound: dict[str, Any]) -> None:
    made: dict[str, Any] = {}
    names = {"Value": Value, "_new": _new, "_call": _call, "_operand": _operand, **bound}
    exec(compile(source, "<the table>", "exec"), names, made)
    for name, method in made.items():
        method.__qualname__ = f"Value.{name}"
        setattr(Value, name, method)


def _method(rows: list[Function]) -> Callable[..., Any]:
    """A method for rows of one spelling that take more than the Value itself: the number of arguments tells which."""

    def method(self: Value, *args: Any) -> Any:
        for row in rows:
            if len(args) + 1 == len(row.params) or (row.variadic and args):
                return _call(row, self, *args)
        raise TypeError(f"{' or '.join(row.signature for row in rows)}: not for {len(args) + 1} arguments")

    return method


def _write_methods() -> None:
    for symbol, name in (("+", "add"), ("-", "sub"), ("*", "mul"), ("/", "truediv")):
        _install(*_arithmetic(TABLE[symbol], name))
    _install(*_power(TABLE["^"]))
    _install("def __neg__(self):\n    out = -self.data\n" + _node("'neg'", "self", "-1"), {})
    spelled: dict[str, list[Function]] = {}
    for row in TABLE.values():
        if row.spelling.isidentifier() and (row.partials or row.definition):
            spelled.setdefault(row.spelling, []).append(row)
    for spelling, rows in spelled.items():
        if len(rows) == 1 and len(rows[0].params) == 1:
            _install(*_unary(rows[0], spelling))
        else:
            setattr(Value, spelling, _method(rows))
        for alias in rows[0].aliases:
            setattr(Value, alias, getattr(Value, spelling))


_write_methods()
