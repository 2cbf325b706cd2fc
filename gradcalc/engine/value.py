"""The operators and methods of `Value`, written out from the rows of the table when they are first used."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from gradcalc.language.functions import TABLE, Function

from .applied import call, over
from .node import Value, data_of, innermost, operand
from .scalars import EXACT_WHERE, FLOAT, finite_double

__all__ = ["Value", "data_of", "innermost", "over"]

_NUMBER = """\
    if other.__class__ is not float and other.__class__ is not int:
        other = operand(other)
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


def _arithmetic(row: Function, name: str) -> str:
    """The source of `__add__` and `__radd__`. The partials of sums and products are Python as they stand."""
    op, value, (of_x, of_y) = repr(row.symbol), f"x {row.symbol} y", map(str, row.partials)
    return (
        f"def __{name}__(self, other):\n"
        f"    if other.__class__ is Value or isinstance(other, Value):\n"
        f"        x = self.data; y = other.data; out = {value}\n"
        f"{_node(op, 'self', of_x, 'other', of_y, indent=8)}"
        f"{_NUMBER}    x = self.data; y = other; out = {value}\n{_node(op, 'self', of_x)}"
        f"def __r{name}__(self, other):\n"
        f"{_NUMBER}    x = other; y = self.data; out = {value}\n{_node(op, 'self', of_y)}"
    )


def _unary(row: Function, name: str) -> tuple[str, dict[str, Any]]:
    """The source of a method without arguments: the row's texts over floats, anything else by `call`."""
    param = row.params[0]
    local, bound = FLOAT.inline(str(row.partials[0]), (param, "out"))
    if row.rounded:
        local, bound = f"_finite_double(_row, ({param},), 0)", {"_finite_double": finite_double}
    if row.value is None and not row.smooth:
        value, names = FLOAT.inline(str(row.definition), (param,))
    else:
        value, names = f"_value({param})", {"_value": FLOAT.function(row)}
    if not row.smooth:  # comparisons would make a number of nan
        value, local = (f"{param} if {param} != {param} else {text}" for text in (value, local))
    return (
        f"def {name}(self):\n"
        f"    {param} = self.data\n"
        f"    if {param}.__class__ is not float:\n"
        f"        return call(_row, self)\n"
        f"    try:\n"
        f"        out = {value}; local = {local}\n"
        f"    except (ArithmeticError, ValueError):\n"
        f"        return call(_row, self)\n"
        f"{_node(repr(row.name), 'self', 'local')}"
    ), {**bound, **names, "_row": row}


def _power(row: Function) -> tuple[str, dict[str, Any]]:
    local, bound = FLOAT.inline(str(row.partials[0]), ("x", "y", "out"))
    return (
        f"def __pow__(self, other):\n"
        f"    x = self.data\n"
        f"    if x.__class__ is not float or isinstance(other, Value):\n"
        f"        known = isinstance(other, Value) or operand(other) is not NotImplemented\n"
        f"        return call(_row, self, other) if known else NotImplemented\n"
        f"{_NUMBER}    y = other\n"
        f"    try:\n"
        f"        out = _value(x, y); local = {local} if ({EXACT_WHERE[row, 0]}) else _finite_double(_row, (x, y), 0)\n"
        f"    except (ArithmeticError, ValueError):\n"
        f"        return call(_row, self, other)\n"
        f"{_node('y', 'self', 'local')}"
        f"def __rpow__(self, other):\n"
        f"    return NotImplemented if operand(other) is NotImplemented else call(_row, operand(other), self)\n"
    ), {**bound, "_row": row, "_value": row.value, "_finite_double": finite_double}


def _install(source: str, bound: dict[str, Any]) -> None:
    made: dict[str, Any] = {}
    names = {"Value": Value, "_new": object.__new__, "call": call, "operand": operand, **bound}
    exec(compile(source, "<the table>", "exec"), names, made)
    for name, method in made.items():
        method.__qualname__ = f"Value.{name}"
        setattr(Value, name, method)


def _method(rows: list[Function]) -> Callable[..., Any]:
    """A method for rows of one spelling that take more than the Value itself: the number of arguments tells which."""

    def method(self: Value, *args: Any) -> Any:
        for row in rows:
            if len(args) + 1 == len(row.params) or (row.variadic and args):
                return call(row, self, *args)
        raise TypeError(f"{' or '.join(row.signature for row in rows)}: not for {len(args) + 1} arguments")

    return method


class _Written:
    """A method that is written out when it is first looked for."""

    def __init__(self, name: str, write: Callable[[], object]):
        self.name, self.write = name, write

    def __get__(self, node: Value | None, owner: type[Value]) -> Any:
        self.write()
        return Value.__dict__[self.name].__get__(node, owner)


def _announce(names: Iterable[str], write: Callable[[], object]) -> None:
    for name in names:
        setattr(Value, name, _Written(name, write))


def _write_unary(row: Function) -> None:
    _install(*_unary(row, row.spelling))
    for alias in row.aliases:
        setattr(Value, alias, Value.__dict__[row.spelling])


def _announce_all() -> None:
    for symbol, name in (("+", "add"), ("-", "sub"), ("*", "mul"), ("/", "truediv")):
        _announce((f"__{name}__", f"__r{name}__"), partial(_install, _arithmetic(TABLE[symbol], name), {}))
    _announce(("__pow__", "__rpow__"), lambda: _install(*_power(TABLE["^"])))
    _announce(
        ("__neg__",), lambda: _install("def __neg__(self):\n    out = -self.data\n" + _node("'neg'", "self", "-1"), {})
    )
    spelled: dict[str, list[Function]] = {}
    for row in TABLE.values():
        if row.spelling.isidentifier() and (row.partials or row.definition):
            spelled.setdefault(row.spelling, []).append(row)
    for spelling, rows in spelled.items():
        names = (spelling, *rows[0].aliases)
        if len(rows) == 1 and len(rows[0].params) == 1:
            _announce(names, partial(_write_unary, rows[0]))
        else:
            for name in names:
                setattr(Value, name, _method(rows))


Value.__module__ = __name__  # where it has its methods: copies in other processes come here for it
_announce_all()
