"""Formulas as objects: arithmetic, substitution, calls, and what other processes are sent.

The operators of `Formula` are written out from the rows of the table, as those of `Value` are. What asks for more than
the language knows (numbers, sympy) asks the public functions of the package.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import partial
from importlib import import_module
from typing import Any, NoReturn

from gradcalc.record import fields, replace

from .attributes import OF_FORMULAS, refuse_attribute
from .errors import FormulaError
from .formula import (
    Call,
    Formula,
    Function,
    Name,
    Number,
    children_first,
    children_of_all,
    fold,
    free_names,
    users_functions,
)
from .functions import CONSTANTS, RESERVED, TABLE
from .identity import ByIdentity, Flat
from .kept import kept
from .literals import number, signed
from .reading import short
from .substitution import differentiated_by, with_values, written_out

_PACKAGE = __name__.partition(".")[0]


def _public(name: str) -> Any:
    """A public function of the package; it stands above the language."""
    return getattr(import_module(_PACKAGE), name)


# ---- numbers and texts beside formulas


def formula_of(value: object) -> Formula:
    """A number as the formula that writes it: a float as its shortest decimal, so that 0.1 is one tenth as when typed.

    Raises:
        TypeError: for what is neither a formula nor a real number.
        FormulaError: for nan and infinities.
    """
    if isinstance(value, Formula):
        return value
    if isinstance(value, int | Fraction) and not isinstance(value, bool):
        return number(value)
    if (not isinstance(value, float | Decimal) and not hasattr(value, "__float__")) or isinstance(value, bool):
        raise TypeError(f"{value!r} is neither a formula nor a real number")
    try:
        decimal = value if isinstance(value, Decimal) else Decimal(repr(float(value)))
    except TypeError:  # of an array, or of what is no number yet
        raise TypeError(f"{short(repr(value))} is neither a formula nor a real number") from None
    if not decimal.is_finite():
        raise FormulaError(f"{value} is not a real number")
    if decimal == decimal.to_integral_value() and abs(decimal) < 10**15:
        return number(int(decimal))
    return signed(str(abs(decimal)).lower(), Fraction(decimal))


# ---- names with one meaning


def _definitions(formula: Formula) -> dict[str, Formula]:
    nodes = children_first(formula, children_of_all)
    return {node.name: node.definition for node in nodes if isinstance(node, Name) and node.definition is not None}


def together(formulas: Sequence[Formula]) -> tuple[Formula, ...]:
    """The formulas, fit to stand in one: a name that is defined in one and means something else in another is replaced
    by its definition.

    Raises:
        FormulaError: two functions have one name.
    """
    defined = [_definitions(formula) for formula in formulas]
    free = [free_names(formula) for formula in formulas]
    clashing = {
        name
        for i, names in enumerate(defined)
        for name, meant in names.items()
        for j in range(len(formulas))
        if i != j and (name in free[j] or (name in defined[j] and not same(meant, defined[j][name])))
    }
    rows: dict[tuple[str, int], Function] = {}
    for row in (row for formula in formulas for row in users_functions(formula)):
        known = rows.setdefault((row.spelling, len(row.params)), row)
        if not same(Call(known, ()), Call(row, ())):
            raise FormulaError(f"two functions are called {row.spelling}", help="give one of them another name")
    return tuple(written_out(formula, clashing) for formula in formulas)


# ---- operators


_OPERATORS = {"add": "+", "sub": "-", "mul": "*", "truediv": "/", "pow": "^"}


def _binary(row: Function, swapped: bool) -> Callable[[Formula, object], Any]:
    def method(self: Formula, other: object) -> Any:
        if isinstance(other, str):
            read = f"{_PACKAGE}.parse({short(other)!r})"
            raise TypeError(f"a text is no formula until it is read: write {read} in the place of {short(other)!r}")
        ours = type(other).__module__.startswith(f"{_PACKAGE}.") and not isinstance(other, Formula)
        if other is None or ours or isinstance(other, bool | complex | list | tuple | dict | set):
            raise TypeError(f"beside a formula stands a formula or a real number, not {short(repr(other))}")
        if not hasattr(other, "__float__") and not isinstance(other, Formula):
            return NotImplemented
        left, right = together((formula_of(other), self) if swapped else (self, formula_of(other)))
        return Call(row, (left, right))

    method.__doc__ = f"`{row.signature}` as a formula; `other` is a formula or a real number."
    return method


# ---- names, values, substitution


def _names(self: Formula) -> tuple[str, ...]:
    """The names that need a value, in the order in which they are read; `pi`, `e` and `tau` are not among them."""
    return tuple(name for name in free_names(self) if name not in CONSTANTS)


def _call(self: Formula, *args: Any, **values: Any) -> float:
    """The value, a float. `values` are given by name, or in the order of `names`.

    Raises:
        MissingValueError: a name has no value.
        TypeError: more values than names, or a name twice.
    """
    names = self.names
    if len(args) > len(names):
        raise TypeError(f"{len(args)} values are given for {len(names)} names")
    given = dict(zip(names, args, strict=False))
    if twice := given.keys() & values.keys():
        raise TypeError(f"{min(twice)} is given twice")
    return float(_public("evaluate")(self, {**given, **values}))


def _no_number(self: Formula) -> NoReturn:
    """Refuses to be a float, which `math.sin(f)` asks for."""
    of = short(str(self))
    at = ", ".join(f"{name}=2" for name in self.names[:3])
    help = f"functions are written into it, as in {_PACKAGE}.parse('sin({of})'), and f({at}) is its value"
    raise TypeError(f"{of} is a formula, not a number: {help}")


def _read(value: object) -> Formula:
    return _public("parse")(value) if isinstance(value, str) else formula_of(value)


def _subs(self: Formula, *args: Any, **replacements: Any) -> Formula:
    """The formula with free names replaced by formulas, their texts or numbers, all at once: `f.subs(x=2)`,
    `f.subs("x", g)`, `f.subs({"x": g, "y": 1})`.

    In a formula that differentiates by a replaced name, the name stays and is defined: `diff(x^2, x)` with `x=3` is 6.

    Raises:
        TypeError: for what is neither a formula nor a real number.
        FormulaError: for `pi`; for a name that the formula differentiates by and the new formula needs.
    """
    given: dict[str, Any] = dict(replacements)
    if len(args) == 2 and isinstance(args[0], str):
        args = ({args[0]: args[1]},)
    for mapping in args:
        if not isinstance(mapping, Mapping):
            raise TypeError('replacements are given as x=2, as "x", 2 or as {"x": 2}')
        given |= mapping
    for name in given:
        if name in RESERVED:
            raise FormulaError(f"{name} is a constant and keeps its value", help="choose another name")
    names = [name for name in given if name in free_names(self)]
    root, *new = together((self, *(_read(given[name]) for name in names)))
    meant = dict(zip(names, new, strict=True))
    by = differentiated_by(root)
    for name in by & meant.keys():
        if any(other in free_names(formula) for other in by for formula in meant.values()):
            help = "write the derivative out first, with gradcalc.derivative"
            raise FormulaError(f"the formula differentiates by {name}, which the new one needs", help=help)
    return with_values(root, meant)


def _to_sympy(self: Formula) -> Any:
    """The formula as an expression of sympy's own functions, over real symbols."""
    return _public("to_sympy")(self)


def _from_sympy(expression: Any) -> Formula:
    """A formula from an expression of sympy's; see `gradcalc.from_sympy`."""
    formula: Formula = _public("from_sympy")(expression)
    return formula


# ---- equality


def same(left: Formula, right: Formula) -> bool:
    """Whether two formulas are the same tree, wherever they stand in their texts."""
    if left is right or hash(left) != hash(right):
        return left is right
    numbers: dict[Any, int] = {}
    found: list[int] = []
    for root in (left, right):
        own: list[int] = []
        for node, below in Flat(root, children_of_all):
            key = _key(node, tuple([own[i] for i in below]))
            own.append(numbers.setdefault(key, len(numbers)))
        found.append(own[-1])
    return found[0] == found[1]


def _key(node: Formula, below: tuple[int, ...]) -> Any:
    """A value that two nodes have in common where they are the same, given the numbers of what is below them."""
    if isinstance(node, Number):
        return node.value
    if isinstance(node, Name):
        return node.name, below
    assert isinstance(node, Call)
    row = node.function
    if TABLE.get(row.name) is row:
        return row, below
    text = None if isinstance(row.definition, Formula) else row.definition
    return *(getattr(row, part) for part in _MEANT), text, below


_MEANT = [part.name for part in fields(Function) if part.name not in ("doc", "sample", "example", "definition")]


def _equal(self: Formula, other: object) -> Any:
    return same(self, other) if isinstance(other, Formula) else NotImplemented


def _hashed(root: Formula) -> int:
    return fold(
        root,
        lambda node: hash(node.value),
        lambda node, definition: hash((node.name, definition)),
        lambda node, args: hash((node.function, *args)),
    )


# ---- what is sent to other processes: flat, because pickle recurses


_Entry = tuple[Any, ...]


def _flat(root: Formula) -> list[_Entry]:
    """The nodes and the user's functions below a formula, what is needed before what needs it, by position."""
    entries: list[_Entry] = []
    places: list[int] = []  # of the nodes among the entries
    rows: ByIdentity[Function, int] = ByIdentity()
    for node, parts in Flat(root, children_of_all):
        below = tuple([places[i] for i in parts])
        entry: _Entry
        if isinstance(node, Number):
            entry = "number", node.text, node.value, node.span
        elif isinstance(node, Name):
            entry = "name", node.name, below[0] if below else None, node.span
        else:
            assert isinstance(node, Call)
            row, count = node.function, len(node.args)
            if row not in rows:
                rows[row] = len(entries)
                entries.append(("function", replace(row, definition="") if below[count:] else row, *below[count:]))
            entry = "call", rows[row], below[:count], node.span
        places.append(len(entries))
        entries.append(entry)
    return entries


def _unflat(entries: Sequence[_Entry]) -> Any:
    """The formula whose list of entries `_flat` made."""
    made: list[Any] = []
    for kind, first, *rest in entries:
        if kind == "number":
            made.append(Number(first, *rest))
        elif kind == "name":
            definition, span = rest
            made.append(Name(first, None if definition is None else made[definition], span))
        elif kind == "function":
            made.append(replace(first, definition=made[rest[0]]) if rest else first)
        else:
            args, span = rest
            made.append(Call(made[first], tuple([made[place] for place in args]), span))
    return made[-1]


def _row(name: str) -> Function:
    return TABLE[name]


def _reduced_row(self: Function) -> Any:
    if TABLE.get(self.name) is self:
        return _row, (self.name,)
    return partial(Function, **{part.name: getattr(self, part.name) for part in fields(self)}), ()


# ---- installed


def _equip() -> None:
    for name, symbol in _OPERATORS.items():
        setattr(Formula, f"__{name}__", _binary(TABLE[symbol], swapped=False))
        setattr(Formula, f"__r{name}__", _binary(TABLE[symbol], swapped=True))
    methods = {
        "__neg__": lambda self: Call(TABLE["neg"], (self,)), "__pos__": lambda self: self, "__call__": _call,
        "__float__": _no_number,
        "__eq__": _equal, "__hash__": lambda self: kept(self, _hashed),
        "__reduce__": lambda self: (_unflat, (_flat(self),)), "names": property(_names), "subs": _subs,
        "__getattr__": lambda self, name: refuse_attribute("a formula", name, OF_FORMULAS, "gradcalc.{}(f, ...)"),
        "to_sympy": _to_sympy, "from_sympy": staticmethod(_from_sympy),
    }  # fmt: skip
    for name, method in methods.items():
        setattr(Formula, name, method)
    Function.__reduce__ = _reduced_row  # type: ignore[method-assign,assignment]


_equip()
