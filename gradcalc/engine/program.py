"""A formula as a flat list: `Program`. What computes a formula runs over it by place and walks no formula."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any

from gradcalc.language.errors import FormulaError, MissingValueError, Span
from gradcalc.language.formula import Call, Formula, Function, Name, Node, Number, flattened, free_names
from gradcalc.language.functions import CONSTANTS, RESERVED, YIELDING
from gradcalc.language.grammar import is_name
from gradcalc.language.kept import functions_in, kept, uncollected

from .rewrite import as_formula, prepare

_BITS = {name: 2 << i for i, name in enumerate(YIELDING)}
_OTHERS = 1
_EQUALITIES = ("==", "!=")


def check_point(at: Any, *formulas: Any) -> None:
    """
    Raises:
        TypeError: it is nothing that has a value for each name, of these formulas, or one of these is no formula.
    """
    if isinstance(at, dict):
        return
    if not hasattr(at, "keys"):  # a data frame has them, too
        names = dict.fromkeys(name for one in formulas for name in free_names(as_formula(one)) if name not in CONSTANTS)
        values = list(at) if isinstance(at, list | tuple) else [at]
        plain = len(values) == len(names) and all(isinstance(value, int | float) for value in values)
        point = dict(zip(names, values, strict=True)) if plain else dict.fromkeys(names or "x", 2)
        raise TypeError(f"a point has a value for each name, such as {point}; {at!r} has no names")
    if getattr(at, "ndim", 0) == 1:  # a row of a data frame goes through its values
        raise TypeError("a point has a value for each name: write dict(row) for a row of a data frame")


def check_names(at: Mapping[str, Any], known: Collection[str] = ()) -> None:
    """
    Raises:
        FormulaError: it has a value for what is no name, nor `known` in a formula, which may have been made from code.
            Of the columns of a data frame no name is wrong.
    """
    strange = [name for name in at if name not in known and not is_name(name)] if isinstance(at, Mapping) else []
    if strange:
        one = strange[0]
        help = "leave it out" if isinstance(one, str) else f"names are texts, such as {str(one)!r}"
        raise FormulaError(f"{one!r} is no name, and cannot have a value", help=help)


class Program:
    """A prepared formula as entries in children-first order; equal subformulas are one entry, if they are `merged`.

    Entry number i is `nodes[i]`, the first node with this value (its span, name or number); `rows[i]`, the row of a
    call and None for a number or a name; and `args[i]`, the places of the arguments (of a named intermediate, the place
    of its definition). Nothing in it changes once it is made.

    Attributes:
        formula: the prepared formula.
        root: the place of the whole formula.
        places: of each node of the formula, as `Flat` has them, the entry.
        names: the free names, in the order they are read; constants are not among them.
        compares_equal: whether `==` or `!=` compares what depends on a name.
        smooth: whether there is no row that is not smooth, or may hide one in its definition.
    """

    def __init__(self, formula: Formula, merged: bool = True):
        self.formula = formula
        self._merged = merged
        self.nodes: list[Node] = []
        self.rows: list[Function | None] = []
        self.args: list[tuple[int, ...]] = []
        self.places: list[int] = []
        self.tapes: dict[Any, Any] = {}  # the ways through this program that were used before
        with uncollected():
            self._number_entries(formula)
        self.root = self.places[-1]
        rows = kept(formula, functions_in)
        self.smooth = all(row.smooth and bool(row.partials) for row in rows)
        self.compares_equal = False
        self._carriers: list[tuple[str, Formula | None, int]] = []  # names, their definitions and what these need
        self._first: dict[str, Span] = {}
        self._leaves: dict[tuple[str, ...], dict[str, Formula | None]] = {}
        self._find_names(any(row.name in _EQUALITIES for row in rows))
        self.names = tuple(name for name in self._first if name not in CONSTANTS)

    def __len__(self) -> int:
        return len(self.nodes)

    def place(self, node: Formula) -> int:
        """The entry of a node of the formula."""
        return self.places[kept(self.formula, flattened).place(node)]

    def _number_entries(self, formula: Formula) -> None:
        known = defaultdict[Any, dict[Any, int]](dict)  # of each row, of names and of numbers
        places, nodes, rows, args = self.places, self.nodes, self.rows, self.args
        for node, parts in kept(formula, flattened):
            row: Function | None = None
            below = (places[parts[0]], places[parts[1]]) if len(parts) == 2 else tuple([places[i] for i in parts])
            key: Any
            if isinstance(node, Call):
                row = node.function
                alike, key = known[row], below if self._merged else len(places)
            elif isinstance(node, Name):
                alike, key = known[Name], (node.name, below)
            else:
                alike, key = known[Number], node.value.as_integer_ratio()
            place = alike.get(key)
            if place is None:
                place = alike[key] = len(nodes)
                nodes.append(node)
                rows.append(row)
                args.append(below)
            places.append(place)
        self._named = list(known[Name].values())

    def _find_names(self, equalities: bool) -> None:
        """Read off which names there are, and which definitions depend on no name: those are points, too."""
        needs = [0] * len(self)  # a bit for each constant that a point may give a value, and one for any other name
        asked = equalities or any(self.args[place] for place in self._named)
        for place in range(len(self)) if asked else self._named:
            node, row, below = self.nodes[place], self.rows[place], self.args[place]
            if row is not None:
                union = 0
                for each in below:
                    union |= needs[each]
                needs[place] = union
                if union and row.name in _EQUALITIES:
                    self.compares_equal = True
            elif isinstance(node, Name) and node.name not in RESERVED:
                needs[place] = _OTHERS if below else _BITS.get(node.name, _OTHERS)
                self._carriers.append((node.name, node.definition, needs[below[0]] if below else 0))
                if not below:
                    self._first.setdefault(node.name, node.span)

    def defines(self, names: Collection[str]) -> bool:
        """Whether some of these names have definitions."""
        return any(definition is not None and name in names for name, definition, _ in self._carriers)

    def leaves(self, at: Mapping[str, Any]) -> dict[str, Formula | None]:
        """The names that are variables at a point, each with its definition where it has its value from that, else with
        None: the names of the point, and names defined by a number.

        Raises:
            TypeError: the point is no mapping.
            MissingValueError: listing the names without a value, at the first of them.
            FormulaError: where the point has a value for a constant that takes none.
        """
        check_point(at, self.formula)
        names = tuple(at)
        found = self._leaves.get(names)
        if found is None:
            if self.formula.span.source:  # what was made from code or by sympy has any names
                check_names(at, {name for name, *_ in self._carriers})
            found = self._leaves_of(names)
            self._leaves = {names: found}  # of the last names alone
        return found

    def _leaves_of(self, at: tuple[str, ...]) -> dict[str, Formula | None]:
        given = _OTHERS
        for name in at:
            if name in RESERVED:
                raise FormulaError(
                    f"{name} is a constant and keeps its value", help="leave it out, or choose another name"
                )
            given |= _BITS.get(name, 0)
        found: dict[str, Formula | None] = {}
        missing: dict[str, Span] = {}
        known = frozenset(at)
        for name, definition, needs in self._carriers:
            if name in known:
                found[name] = None
            elif definition is None:
                if name not in CONSTANTS:
                    missing.setdefault(name, self._first[name])
            elif not needs & given:
                found[name] = definition
        if missing:
            raise MissingValueError(tuple(missing), next(iter(missing.values())))
        return found


def lacking(program: Program, name: str) -> str:
    """A sentence on the row without a derivative on the way from a name to the value; empty if there is none."""
    if not any(None in row.partials for row in kept(program.formula, functions_in)):
        return ""
    moves = bytearray(len(program))
    for place, (node, row, args) in enumerate(zip(program.nodes, program.rows, program.args, strict=True)):
        moves[place] = any(moves[i] for i in args) or (row is None and isinstance(node, Name) and node.name == name)
        if row is not None and None in row.partials:
            for param, i, partial in zip(row.params, args, row.partials, strict=True):
                if partial is None and moves[i]:
                    return f"{row.signature} has no derivative with respect to {param}"
    return ""


def program_of(formula: str | Formula) -> Program:
    """The program of a formula, made once and kept on the formula.

    Raises:
        FormulaError: as `prepare`.
    """
    return kept(prepare(formula), Program)
