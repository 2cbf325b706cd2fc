"""Our chain rule shown equal to sympy's derivative, for all values at which both exist.

Equality is only ever claimed from an exact zero. The cheap ways come first; what could take long runs in the worker.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import sympy

from gradcalc.engine.rewrite import prepare
from gradcalc.engine.scalars import Scalars
from gradcalc.engine.value import Value, data_of, make, over
from gradcalc.language.errors import LIMITS, FormulaError, SymbolicError
from gradcalc.language.formula import Call, Formula, Name, children_first, fold, to_text, tree_size
from gradcalc.language.functions import CONSTANTS, RESERVED, TABLE, Function
from gradcalc.language.parser import parse

from .back import border, from_sympy
from .derive import HERE, sympy_derivatives
from .differentiate import tidied
from .opaque import Expr, Selected
from .symbols import SYMBOL, variable, written_out
from .translate import MOST_NODES, TOO_LARGE, to_sympy
from .worker import OUT_OF_TIME, WORKER
from .zero import equal, is_zero, taken_apart


@dataclass(frozen=True, slots=True)
class Proof:
    """`proved`, or not proved, which is no disproof, with the `reason`."""

    proved: bool
    reason: str = ""

    def __bool__(self) -> bool:
        return self.proved


NOT_SHOWN = "the difference of the two was not shown to be zero"


def prove(
    formula: Formula, names: Sequence[str], seconds: float = LIMITS.seconds, bound: Collection[str] = ()
) -> dict[str, Proof]:
    """For each name, whether our chain rule over symbols equals sympy's derivative everywhere but at kinks, poles and
    the edges of domains. Takes no longer than `seconds` in all."""
    deadline = time.monotonic() + seconds
    bound = {*bound, *names}
    try:
        with border():
            theirs = sympy_derivatives(formula, names, 1, seconds, bound)
            prepared = prepare(formula)
            if tree_size(prepared) > HERE:
                return _prove_elsewhere(prepared, names, bound, theirs, deadline - time.monotonic())
            ours = our_derivatives(prepared, names, bound)
    except FormulaError as error:
        return {name: Proof(False, error.message) for name in names}
    return {name: proved_equal(ours[name], theirs[name], deadline - time.monotonic()) for name in names}


def proved_equal(ours: Expr, theirs: Expr, seconds: float = LIMITS.seconds) -> Proof:
    """Whether two expressions over real symbols are equal wherever both have a value."""
    try:
        with border():
            if ours == theirs:
                return Proof(True)
            if seconds <= 0:
                return Proof(False, OUT_OF_TIME)
            ours, theirs = (taken_apart(written_out(side)) for side in (ours, theirs))
            return _told(is_zero(ours - theirs) or WORKER.ask(equal, ours, theirs, seconds=seconds))
    except FormulaError as error:
        return Proof(False, error.message)


def zero_factors(formula: Formula, bound: Collection[str] = ()) -> list[Formula]:
    """Quantities of which one is zero exactly where the formula is: of a product, a power or abs, what is in it."""
    if tree_size(formula) > _GLANCE:
        return [formula]
    found: list[Formula] = []
    try:
        with border():
            stack = [to_sympy(formula, bound)]
            while stack:
                expr = stack.pop()
                if expr.is_Mul:
                    stack += expr.args[::-1]
                elif isinstance(expr, sympy.Abs | sympy.sign) or (expr.is_Pow and expr.exp.is_positive):
                    stack.append(expr.args[0])
                elif not expr.is_number:
                    found.append(from_sympy(expr, bound))
    except FormulaError:
        return [formula]
    return found


_GLANCE = 100  # nodes


def _prove_elsewhere(
    prepared: Formula, names: Sequence[str], bound: Collection[str], theirs: Mapping[str, Expr], seconds: float
) -> dict[str, Proof]:
    rows = [node.function for node in children_first(prepared) if isinstance(node, Call)]
    if any(TABLE.get(row.name) is not row for row in rows):
        raise SymbolicError("too large to prove with functions of your own")
    if tree_size(prepared) > MOST_NODES:
        raise SymbolicError(TOO_LARGE)
    shown = WORKER.ask(_prove_text, to_text(prepared), names, bound, theirs, seconds=seconds)
    return {name: _told(proved) for name, proved in shown.items()}


def _told(shown: bool) -> Proof:
    return Proof(shown, "" if shown else NOT_SHOWN)


def _prove_text(text: str, names: Sequence[str], bound: Collection[str], theirs: Mapping[str, Expr]) -> dict[str, bool]:
    """In the worker: formulas go there as text, because rows are made of functions."""
    ours = our_derivatives(prepare(parse(text)), names, bound)
    return {name: equal(written_out(ours[name]), written_out(theirs[name])) for name in names}


# ---- our own derivative, over symbols


def our_derivatives(prepared: Formula, names: Sequence[str], bound: Collection[str]) -> dict[str, Expr]:
    """Reverse mode over symbols, by the partial derivatives of the table."""
    leaves = {name: Value(variable(name)) for name in names}

    def name(node: Name, definition: Any) -> Any:
        if node.name in leaves:
            return leaves[node.name]
        if node.name in bound and node.name not in RESERVED:
            return variable(node.name)
        if node.definition is not None:
            return definition
        return SYMBOL.constant(node.name) if node.name in CONSTANTS else variable(node.name)

    def call(node: Call, args: list[Any]) -> Any:
        return _GRAPH.function(node.function)(*args)

    root = fold(prepared, lambda node: SYMBOL.number(node.value), name, call)
    if isinstance(root, Value):
        root.backward()
    return {name: tidied(sympy.S.Zero + leaf.grad) for name, leaf in leaves.items()}


def _graph_function(_: Scalars, row: Function) -> Callable[..., Any]:
    if row.condition:
        return lambda *args: SYMBOL.function(row)(*map(data_of, args))
    if row.name == "if":
        return _choose
    if row.variadic:
        return partial(_selected, row)
    if not row.partials:
        return _GRAPH.compile(str(row.definition), row.params)
    return lambda *args: (over(SYMBOL) if any(isinstance(a, Value) for a in args) else SYMBOL).function(row)(*args)


_GRAPH = Scalars("Value over symbols", SYMBOL.number, SYMBOL.constant, _graph_function, native=frozenset())


_ONE, _ZERO = sympy.S.One, sympy.S.Zero


def _selected(row: Function, *args: Any) -> Any:
    """A row whose value is one of its arguments passes everything to that one; between ties nothing is claimed."""
    values = list(dict.fromkeys(map(data_of, args)))
    result = SYMBOL.function(row)(*values) if len(values) > 1 else values[0]
    varying = [arg for arg in args if isinstance(arg, Value)]
    if not varying or not isinstance(result, Selected):
        alike = [arg for arg in varying if arg.data == result][:1]
        return make(result, row.name, tuple(alike), (_ONE,)) if alike else result
    gates = []
    for i, arg in enumerate(varying):
        if any(arg.data == other.data for other in varying[:i]):
            gates.append(_ZERO)
            continue
        rest = [value for value in values if value != arg.data]
        others = SYMBOL.function(row)(*rest) if len(rest) > 1 else rest[0]
        gates.append(SYMBOL.function(TABLE["if"])(result.selects(arg.data, others), _ONE, _ZERO))
    return make(result, row.name, tuple(varying), tuple(gates))


def _choose(condition: Expr, a: Any, b: Any) -> Any:
    choose = SYMBOL.function(TABLE["if"])
    result = choose(condition, data_of(a), data_of(b))
    gates = (a, choose(condition, _ONE, _ZERO)), (b, choose(condition, _ZERO, _ONE))
    sides = [(arg, gate) for arg, gate in gates if isinstance(arg, Value)]
    return make(result, "if", tuple(arg for arg, _ in sides), tuple(gate for _, gate in sides)) if sides else result
