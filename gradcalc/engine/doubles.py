"""Formulas in doubles at many points: what `lowering` computes where nothing varies and nobody asks why there is no
value. Equal subformulas are computed once, and what no point moves before there is a point."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from gradcalc.language.formula import Call, Formula, Name, Number
from gradcalc.language.functions import RESERVED, Function
from gradcalc.language.kept import kept

from .constants import decided
from .program import Program
from .scalars import CONSTANTS_AS_FLOATS, FLOAT, Scalars
from .straight import function_of

Double = float | bool | None
"""A value or a truth value; None where there is none."""

_Step = tuple[int, Callable[..., Any] | str, tuple[int, ...], bool]
"""A place, its function or its name, what it is of, and whether that is a row, of what has values alone."""
_TOGETHER = Function(name="together", variadic=True, value=lambda *_: 0.0)  # only its arguments are asked for


class Doubles:
    """Prepared formulas, which have their values at points.

    Args:
        scalars: of the kind of floats.

    Attributes:
        formula: all of them as one.
    """

    def __init__(self, formulas: Sequence[Formula], scalars: Scalars = FLOAT):
        self.formula = Call(_TOGETHER, tuple(formulas))
        program = kept(self.formula, Program)
        self._asked = program.args[program.root]
        self._start: list[Double] = [None] * program.root
        self._names: list[tuple[int, str]] = []
        self._steps: list[_Step] = []
        exact = kept(self.formula, decided)
        moves = bytearray(program.root)
        for place, node in enumerate(program.nodes[: program.root]):
            below = program.args[place]
            moves[place] = any(moves[i] for i in below) or (isinstance(node, Name) and node.name not in RESERVED)
            if isinstance(node, Number):
                self._start[place] = _or_none(FLOAT.number, [node.value])
            elif isinstance(node, Name) and not below:
                self._start[place] = CONSTANTS_AS_FLOATS.get(node.name)
                if moves[place]:
                    self._names.append((place, node.name))
            elif isinstance(node, Name):
                self._steps.append((place, node.name, below, False))
            else:
                step = place, _function(node.function, scalars), below, node.function.name not in _BRANCHES
                if moves[place]:
                    self._steps.append(step)
                    continue
                _run(self._start, [step], {})
                known = exact.get(node)
                if known is not None and (node.function.condition or self._start[place] is not None):
                    self._start[place] = known if isinstance(known, bool) else FLOAT.number(known)

    def at(self, point: Mapping[str, float]) -> list[Double]:
        """The values of the formulas at a point."""
        results = self._start.copy()
        for place, name in self._names:
            if name in point:
                results[place] = point[name]
        _run(results, self._steps, point)
        return [results[place] for place in self._asked]


def _run(results: list[Double], steps: Iterable[_Step], point: Mapping[str, float]) -> None:
    """Compute the steps, whose results are None before."""
    for place, function, below, is_row in steps:
        if is_row:
            args = [results[i] for i in below]
            if None not in args:
                try:
                    results[place] = function(*args)  # type: ignore[operator]
                except (ArithmeticError, ValueError):
                    continue
        elif isinstance(function, str):  # of a name that is defined, unless the point gives it a value
            results[place] = point.get(function, results[below[0]])
        else:
            results[place] = function(*[results[i] for i in below])


def _or_none(function: Callable[..., Any], args: Sequence[Any]) -> Any:
    try:
        return function(*args)
    except (ArithmeticError, ValueError):
        return None


def _function(row: Function, scalars: Scalars) -> Callable[..., Any]:
    return _BRANCHES.get(row.name) or _or_none(function_of, [row, scalars]) or (lambda *_: None)


# of what has no value on the way that is taken; the other way is free to have none
_BRANCHES: Mapping[str, Callable[..., Double]] = {
    "if": lambda condition, a, b: None if condition is None else a if condition else b,
    "and": lambda a, b: b if a else a,
    "or": lambda a, b: a if a is None or a else b,
    "not": lambda a: None if a is None else not a,
}
