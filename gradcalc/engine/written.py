"""Straight-line code as a Python function of floats: its text, and the function."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from gradcalc.language.formula import Function
from gradcalc.language.functions import TABLE

from .rules import compiled
from .straight import STRAIGHT, Atom, Code, Op, function_of, share, slope

_IF, _NEG = TABLE["if"], TABLE["neg"]
_JOINS = {TABLE["and"]: "and", TABLE["or"]: "or"}
_LONGEST = 90  # characters of an expression that is written where it is used
_DEEPEST = 12  # choices inside choices; what is needed deeper is computed before


class Written:
    """Lines that compute results from inputs, in which what only one branch of a choice needs stands in that branch.
    They raise ArithmeticError or ValueError where an operation does, and where one of `unsure` is not finite.

    Attributes:
        lines: the lines.
        results: the expressions of the results.
        bound: what the names in the lines stand for.
        sizes: those of `unsure` that the last two lines look at.
    """

    def __init__(self, code: Code, results: Sequence[Atom], unsure: Sequence[Atom] = ()):
        self.bound: dict[str, Any] = {"inf": math.inf, "nan": math.nan}
        self._names: dict[Any, str] = {}
        self._texts: dict[Op, str] = {}
        self._uses: dict[Op, int] = {}
        ops = code.live(results)
        for op in ops:
            for arg in op.args:
                if isinstance(arg, Op):
                    self._uses[arg] = self._uses.get(arg, 0) + 1
        for result in results:
            if isinstance(result, Op):
                self._uses[result] = self._uses.get(result, 0) + 2  # results are said more than once
        self._unsure = {op for op in unsure if isinstance(op, Op) and op in self._uses}
        self._uses |= dict.fromkeys(self._unsure, 2)
        self.sizes: list[str] = []
        self._branches: dict[Op, tuple[int, int]] = {}
        self._regions = self._placed(ops, results)
        self._blocks: list[list[str]] = [[] for _ in self._parents]
        for op in ops:
            self._write(op)
        self.lines = self._blocks[0]
        self.lines += self._check(self.sizes)
        self.results = [self.text(result) for result in results]

    def _placed(self, ops: Sequence[Op], results: Sequence[Atom]) -> dict[Op, int]:
        """The region of each operation: 0, or a branch of a condition that alone needs it."""
        self._parents, self._depths = [0], [0]
        of_condition: dict[tuple[int, Atom], tuple[int, int]] = {}
        regions: dict[Op, int] = {result: 0 for result in results if isinstance(result, Op)}
        for op in reversed(ops):
            here = regions[op]
            into = [here] * len(op.args)
            if op.what is _IF and self._depths[here] < _DEEPEST:
                if (here, op.args[0]) not in of_condition:
                    of_condition[here, op.args[0]] = len(self._parents), len(self._parents) + 1
                    self._parents += [here, here]
                    self._depths += [self._depths[here] + 1] * 2
                into[1:] = self._branches[op] = of_condition[here, op.args[0]]
            for arg, region in zip(op.args, into, strict=True):
                if isinstance(arg, Op):
                    regions[arg] = self._common(regions[arg], region) if arg in regions else region
        return regions

    def _common(self, one: int, other: int) -> int:
        while one != other:
            if self._depths[one] < self._depths[other]:
                one, other = other, one
            one = self._parents[one]
        return one

    def text(self, atom: Atom) -> str:
        """An atom as an expression."""
        if isinstance(atom, Op):
            return self._texts[atom]
        return repr(atom) if atom >= 0 else f"({atom!r})"

    def _write(self, op: Op) -> None:
        if op.what is None:
            self._texts[op] = op.args[0]
            self.sizes += [op.args[0]] if op in self._unsure else []
            return
        block = self._blocks[self._regions[op]]
        branches = [self._blocks[region] for region in self._branches.get(op, ())]
        if any(branches):
            condition, a, b = map(self.text, op.args)
            name = self._texts[op] = f"v{op.place}"
            for head, branch, result in ((f"if {condition}:", branches[0], a), ("else:", branches[1], b)):
                block += [head, *(f"    {line}" for line in branch), f"    {name} = {result}"]
                branch.clear()  # the next choice by this condition finds them computed
            return
        text = self._expression(op)
        if self._uses[op] == 1 and len(text) <= _LONGEST:
            self._texts[op] = text
        else:
            self._texts[op] = f"v{op.place}"
            block.append(f"v{op.place} = {text}")
        if op in self._unsure:
            if block is self._blocks[0]:
                self.sizes.append(self._texts[op])
            else:
                block += self._check([self._texts[op]])

    def _expression(self, op: Op) -> str:
        args = [self.text(arg) for arg in op.args]
        row: Any = op.what
        if row is _IF:
            return f"({args[1]} if {args[0]} else {args[2]})"
        if row in _JOINS:
            return f"({args[0]} {_JOINS[row]} {args[1]})"
        if isinstance(row, Function) and TABLE.get(row.name) is row:
            if row is _NEG or row is TABLE["not"]:
                return f"({row.symbol}{args[0]})" if row is _NEG else f"(not {args[0]})"
            if row.condition or row.name in ("+", "-", "*", "/"):
                return f"({args[0]} {row.symbol or row.name} {args[1]})"
        return f"{self._name(row)}({', '.join(args)})"

    def _name(self, what: Any) -> str:
        """The name of a function in the text."""
        if what not in self._names:
            ours = isinstance(what, Function) and TABLE.get(what.name) is what and what.name.isidentifier()
            name = self._names[what] = f"{what.name}_" if ours else f"f{len(self._names)}"
            self.bound[name] = self._function(what) if isinstance(what, Function) else what
        return self._names[what]

    def _function(self, row: Function) -> Callable[..., Any]:
        return function_of(row)

    def _check(self, sizes: Sequence[str]) -> list[str]:
        """The lines that raise where a size is not finite."""
        return [f"size = {' + '.join(sizes)}", "if size - size != 0.0: raise OverflowError"] if sizes else []


@lru_cache(1024)
def step(row: Function, count: int, varying: tuple[int, ...]) -> Callable[..., Any]:
    """A function of a row's arguments, floats, that returns its value alone, if nothing varies, or else a tuple: the
    value and the partial derivatives for the arguments that vary.

    Raises:
        NoRule: where the row has no partial derivative.
    """
    code = Code()
    args = [code.input(f"x{i}") for i in range(count)]
    out = STRAIGHT.function(row)(*args)
    tie = share(STRAIGHT, args, varying, out) if row.variadic else 0.0
    written = Written(code, [out, *(slope(STRAIGHT, row, k, args, out, tie) for k in varying)])
    lines = [f"def forward({', '.join(f'x{i}' for i in range(count))}):"]
    lines += [f"    {line}" for line in written.lines]
    return compiled("\n".join([*lines, f"    return {', '.join(written.results)}"]), "forward", written.bound)
