"""Straight-line code over blocks of NumPy columns: `Blocks`. Every operation writes into a row that is free again."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cached_property, reduce
from typing import Any

import numpy as np

from gradcalc.language.functions import TABLE

from .rules import compiled
from .straight import Atom, Code, Op

_IF = TABLE["if"]
_NUMBERS = 2**18  # of the rows of a block together: 2 MB, what a core keeps near
_SHORTEST, _LONGEST = 256, 2**14  # points of a block
UFUNCS: dict[Any, Any] = {
    TABLE[name]: ufunc
    for name, ufunc in {
        "+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide, "neg": np.negative,
        "<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal, "==": np.equal, "!=": np.not_equal,
        "and": np.logical_and, "or": np.logical_or, "not": np.logical_not,
    }.items()
}  # fmt: skip


class Blocks:
    """Results and checks of straight-line code, over blocks.

    Args:
        results: atoms, each with an output of its own.
        checks: conditions; where one does not hold in all of a block, FloatingPointError is raised.
        columns: the names of the inputs that are columns; the others are numbers, and what they alone decide is
            computed once for all blocks.
        function: the function over arrays of what an operation does.
        bound: what inputs stand for that are constants.

    Attributes:
        rows: how many rows of numbers a block needs beside inputs and outputs.
        flags: how many rows of booleans.
    """

    def __init__(
        self,
        code: Code,
        results: Sequence[Atom],
        checks: Collection[Atom],
        columns: Collection[str],
        function: Callable[[Any], Callable[..., Any]],
        bound: Mapping[str, Any],
    ):
        self._function = function
        self._bound: dict[str, Any] = {"copyto": np.copyto, "inf": np.inf, "nan": np.nan, **bound}
        self._names: dict[Any, str] = {}
        self._texts: dict[Op, str] = {}
        self._checks = {check for check in checks if isinstance(check, Op)}
        self._before: list[str] = []
        self._lines: list[str] = []
        self._free: dict[str, list[str]] = {"s": [], "b": []}
        self._made = {"s": 0, "b": 0}
        ops = code.live([*results, *checks])
        self.columns = [op.args[0] for op in ops if op.what is None and op.args[0] in columns]
        self.numbers = [op.args[0] for op in ops if op.what is None and op.args[0] not in (*columns, *bound)]
        self._moving = self._depending(ops)
        self._outputs: dict[Op, str] = {}
        for k, result in enumerate(results):
            if isinstance(result, Op) and result.what is not None and result in self._moving:
                self._outputs.setdefault(result, f"o{k}")
        self._last = {arg: op for op in ops if op in self._moving for arg in op.args if isinstance(arg, Op)}
        for op in ops:
            self._write(op)
        for k, result in enumerate(results):
            if not isinstance(result, Op) or self._outputs.get(result) != f"o{k}":
                self._lines.append(f"o{k}[...] = {self._text(result)}")
        wanted = dict.fromkeys([*self._last, *(result for result in results if isinstance(result, Op))])
        self._kept = [op for op in wanted if op not in self._moving and op.what is not None]
        if any(check is False for check in checks):
            self._before.append("raise FloatingPointError")
        self.rows, self.flags = self._made["s"], self._made["b"]
        self._results = len(results)

    def _depending(self, ops: Sequence[Op]) -> set[Op]:
        """The operations that are not the same for all blocks."""
        moving = set[Op]()
        columns = set(self.columns)
        for op in ops:
            if op.args[0] in columns if op.what is None else any(arg in moving for arg in op.args):
                moving.add(op)
        return moving

    def _text(self, atom: Atom) -> str:
        return self._texts[atom] if isinstance(atom, Op) else f"({atom!r})"

    def _write(self, op: Op) -> None:
        if op.what is None:
            self._texts[op] = str(op.args[0])
            return
        args = [self._text(arg) for arg in op.args]
        if op not in self._moving:
            name = self._texts[op] = f"v{op.place}"
            if op.what is _IF:
                self._before.append(f"{name} = {args[1]} if {args[0]} else {args[2]}")
            else:
                self._before.append(f"{name} = {self._call(op, args)}")
            if op in self._checks:
                self._before.append(f"if not {name}: raise FloatingPointError")
            return
        done = {arg for arg in op.args if isinstance(arg, Op) and self._last[arg] is op}
        function = None if op.what is _IF else self._function(op.what)
        if op.what is _IF:
            self._choose(op, args, done)
        elif isinstance(function, np.ufunc) and function.nin == min(2, len(args)):
            pairwise = len(args) > 2
            if not pairwise:
                self._release(done)
            row = self._row(op)
            name = self._name(op.what, function)
            into = f"out={row}" if getattr(op.what, "variadic", False) else row  # a third column would be taken for one
            self._lines.append(f"{name}({', '.join(args[:2])}, {into})")
            self._lines += [f"{name}({row}, {arg}, {into})" for arg in args[2:]]
            if pairwise:
                self._release(done)
        else:
            self._texts[op] = f"v{op.place}"
            self._lines.append(f"v{op.place} = {self._call(op, args)}")
            self._release(done)
            if op in self._outputs:
                self._lines.append(f"{self._outputs[op]}[...] = v{op.place}")
        if op in self._checks:
            self._lines.append(f"if not {self._texts[op]}.all(): raise FloatingPointError")
        if op not in self._last:
            self._release({op})

    def _choose(self, op: Op, args: Sequence[str], done: set[Op]) -> None:
        """The lines of a choice. It may be made in the row of what is chosen else, not in one that is read after."""
        other = op.args[2]
        if isinstance(other, Op) and other in done and args[2][0] == "s" and op not in self._outputs:
            row = self._texts[op] = args[2]
            done = done - {other}
        else:
            row = self._row(op)
            self._lines.append(f"copyto({row}, {args[2]})")
        self._lines.append(f"copyto({row}, {args[1]}, where={args[0]})")
        self._release(done)

    def _row(self, op: Op) -> str:
        if op in self._outputs:
            row = self._outputs[op]
        else:
            function = UFUNCS.get(op.what, op.what)
            answers = isinstance(function, np.ufunc) and {"d->?", "dd->?"} & set(function.types)
            kind = "b" if answers else "s"
            free = self._free[kind]
            if not free:
                free.append(f"{kind}{self._made[kind]}")
                self._made[kind] += 1
            row = free.pop()
        self._texts[op] = row
        return row

    def _release(self, ops: Collection[Op]) -> None:
        for op in sorted(ops, key=lambda op: op.place):
            if (row := self._texts[op])[0] in "sb":
                self._free[row[0]].append(row)

    def _call(self, op: Op, args: Sequence[str]) -> str:
        function = self._function(op.what)
        if isinstance(function, np.ufunc) and function.nin == 2 and len(args) > 2:
            return f"{self._name(op.what, lambda *given: reduce(function, given))}({', '.join(args)})"
        return f"{self._name(op.what, function)}({', '.join(args)})"

    def _name(self, what: Any, function: Callable[..., Any]) -> str:
        if what not in self._names:
            name = function.__name__ if isinstance(function, np.ufunc) else ""
            self._names[what] = f"f{len(self._names)}" if not name or name in self._bound else name
            self._bound[self._names[what]] = function
        return self._names[what]

    @property
    def length(self) -> int:
        """How many points a block has."""
        return max(_SHORTEST, min(_LONGEST, _NUMBERS // (self.rows + 1)))

    @property
    def source(self) -> str:
        """The text of `once` and of `run`."""
        kept = ", ".join(f"v{op.place}" for op in self._kept)
        before = [f"{', '.join(self.numbers)}, = numbers"] if self.numbers else []
        inside = [
            f"{', '.join(names)}, = {given}"
            for names, given in (
                (self.columns, "columns"),
                (self.numbers, "numbers"),
                ([f"v{op.place}" for op in self._kept], "kept"),
                ([f"s{i}" for i in range(self.rows)], "rows"),
                ([f"b{i}" for i in range(self.flags)], "flags"),
                ([f"o{i}" for i in range(self._results)], "outputs"),
            )
            if names
        ]
        once = ["def once(numbers):", *(f"    {line}" for line in [*before, *self._before]), f"    return [{kept}]"]
        run = ["def run(columns, numbers, kept, rows, flags, outputs):"]
        return "\n".join([*once, *run, *(f"    {line}" for line in [*inside, *self._lines])])

    @cached_property
    def functions(self) -> tuple[Callable[..., Any], Callable[..., Any]]:
        """`once(numbers)` returns what is the same for all blocks; `run(columns, numbers, kept, rows, flags, outputs)`
        fills the outputs of a block."""
        both = f"def both():\n{chr(10).join('    ' + line for line in self.source.splitlines())}\n    return once, run"
        return compiled(both, "both", self._bound)()  # type: ignore[no-any-return]
