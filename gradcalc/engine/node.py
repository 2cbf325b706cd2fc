"""`Value`: a number that remembers how it came about, and reverse mode on what it remembers.

A node holds its value, its arguments and, from the moment it is made, the local partial derivative for each argument.
`backward` walks the graph from the result to the leaves and adds `gradient * partial` along every edge: that is the
whole algorithm. Operators and methods are written out from the rows of the table, in `value`.

The node is karpathy/micrograd's, and takes its place: the same constructor, attributes, operators and repr.
"""

from __future__ import annotations

import numbers
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from gradcalc.shown import shows

from .copied import deep_copy, reduced


@shows("_repr_svg_")
class Value:
    """A node of a graph.

    Args:
        data: a real number, a `flint.arb` ball, a sympy expression, or another Value (for second derivatives).
            Whatever else converts to a float (NumPy scalars, Fraction, Decimal) is converted.
        _children: the Values this one was made from, when you write an operation of your own: then assign a
            function without arguments to `_backward` that adds to the children's `grad`.
        _op: a text for pictures, as `label`.
        label: the node's name.

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

        def _operator(self, other: Any) -> Value: ...

        __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _operator
        __truediv__ = __rtruediv__ = __pow__ = __rpow__ = _operator

        def __neg__(self) -> Value: ...
        def __getattr__(self, row: str) -> Callable[..., Value]: ...

    def __init__(self, data: Any, _children: Any = (), _op: str = "", label: str = ""):
        self.data = data if data.__class__ in _PLAIN else checked(data)
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

    __hash__ = object.__hash__

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


def checked(data: Any) -> Any:
    if isinstance(data, Value) or type(data).__module__.partition(".")[0] in ("flint", "sympy"):
        return data
    is_real = isinstance(data, numbers.Real) or (getattr(data, "shape", None) == () and hasattr(data, "__float__"))
    if is_real or (isinstance(data, numbers.Number) and not isinstance(data, numbers.Complex | float)):
        return float(data)
    raise TypeError(f"Value needs a real number, not {data!r}")


def data_of(made: Any) -> Any:
    """The scalar that a Value or a scalar stands for."""
    return made.data if isinstance(made, Value) else made


def innermost(made: Any) -> Any:
    """The scalar at the bottom of a Value, or a Value of Values."""
    while isinstance(made, Value):
        made = made.data
    return made


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


def operand(other: Any) -> Any:
    """A number that is no node, as an operator meets it; NotImplemented for what is no number."""
    try:
        return checked(other)
    except TypeError:
        return NotImplemented
