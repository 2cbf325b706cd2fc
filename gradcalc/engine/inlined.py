"""A text of the table as a Python expression over one kind of scalar."""

from __future__ import annotations

import re
from itertools import count
from typing import TYPE_CHECKING, Any, NamedTuple

from gradcalc.language.formula import ATOM, Call, Name, Number, fold
from gradcalc.language.functions import Function
from gradcalc.language.grammar import read_text

from .told import TOLD, all_hold, any_holds, both, either, none_holds

if TYPE_CHECKING:
    from .scalars import Scalars

_serial = count()
_JOINED = {"and": (both, all_hold), "or": (either, any_holds)}


class Inlined(NamedTuple):
    """An expression, how tightly it binds, and whether it depends on a parameter."""

    text: str
    binding: int = ATOM
    varies: bool = True

    def within(self, binding: int) -> str:
        return self.text if self.binding >= binding else f"({self.text})"


def inlined(scalars: Scalars, text: str, params: tuple[str, ...], smooth: bool) -> tuple[str, dict[str, Any]]:
    """A text of the table as a Python expression in `params`, and the names it needs. In a `smooth` one a choice that
    balls cannot make is the ball around both branches."""
    writer = _Writer(scalars, params, smooth and scalars.name == "ball")
    return fold(read_text(text), writer.number, writer.name, writer.call).text, writer.bound


def evaluated(source: str, bound: dict[str, Any]) -> Any:
    """The value of an expression that was made of a text of the table, where its names mean what is bound."""
    return eval(source, bound)


class _Writer:
    """Binds numbers, constants and functions of one kind of scalar to names; what does not vary is computed once."""

    def __init__(self, scalars: Scalars, params: tuple[str, ...], around_both: bool):
        self.scalars = scalars
        self.params = params
        self.around_both = around_both
        self.lazy = "if" in scalars.native
        self.bound: dict[str, Any] = {}

    def bind(self, stem: str, value: Any) -> str:
        name = f"_{re.sub(r'[^a-z0-9]', '_', stem)}{next(_serial)}"
        self.bound[name] = value
        return name

    def constant(self, stem: str, value: Any) -> Inlined:
        text = f"{value!r}" if type(value) is float and value >= 0 else self.bind(stem, value)
        return Inlined(text, varies=False)

    def number(self, node: Number) -> Inlined:
        exact = node.value
        if self.scalars.fixed or exact.denominator == 1:
            return self.constant("number", self.scalars.number(exact))
        return Inlined(f"{self.bind('number', lambda: self.scalars.number(exact))}()")

    def name(self, node: Name, _: Inlined | None) -> Inlined:
        if node.name in self.params:
            return Inlined(node.name)
        if self.scalars.fixed:
            return self.constant(node.name, self.scalars.constant(node.name))
        return Inlined(f"{self.bind(node.name, lambda: self.scalars.constant(node.name))}()")

    def call(self, node: Call, args: list[Inlined]) -> Inlined:
        piece = self.expression(node.function, args)
        if not self.scalars.fixed or any(arg.varies for arg in args):
            return piece
        return self.constant("constant", evaluated(piece.text, dict(self.bound)))

    def expression(self, row: Function, args: list[Inlined]) -> Inlined:
        name, native = row.name, self.scalars.native
        if name in TOLD and self.around_both:
            return self.called("told", TOLD[name], args)
        if name in native and len(args) == 2:
            left, right = (arg.within(row.binding + (i == (row.notation != "right"))) for i, arg in enumerate(args))
            return Inlined(f"{left} {name.replace('^', '**')} {right}", row.binding)
        if name in native and len(args) == 1:
            return Inlined(f"-{args[0].within(row.binding)}", row.binding)
        if name == "if" and self.lazy:
            return Inlined(self.chosen(*args))
        if name in _JOINED and self.lazy:
            return self.joined(row, args)
        if name == "not" and self.lazy:
            plain = Inlined(f"not {args[0].within(row.binding)}", row.binding)
            return self.called("told", none_holds, args) if self.around_both else plain
        return self.called(name, self.scalars.function(row), args)

    def called(self, stem: str, function: Any, args: list[Inlined]) -> Inlined:
        return Inlined(f"{self.bind(stem, function)}({', '.join(arg.text for arg in args)})")

    def chosen(self, condition: Inlined, a: Inlined, b: Inlined) -> str:
        """`a` or `b`; of balls, the ball around both where the condition cannot be told."""
        if not self.around_both:
            return f"({a.within(1)} if {condition.text} else {b.text})"
        decided = f"{a.within(1)} if _told else {b.text}"
        return f"({a.within(ATOM)}.union({b.text}) if (_told := {condition.text}) is None else {decided})"

    def joined(self, row: Function, args: list[Inlined]) -> Inlined:
        decided, told = _JOINED[row.name]
        if self.around_both:
            return self.called("join", told, args)
        if self.scalars.fixed:
            return Inlined(f"{args[0].within(row.binding)} {row.name} {args[1].within(row.binding)}", row.binding)
        return self.called("join", decided, [Inlined(f"lambda: {arg.text}") for arg in args])
