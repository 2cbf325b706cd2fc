"""The rows of the table as Python text over floats or balls: what interpreted and generated code are both made of."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import cache
from typing import Any

from gradcalc.language.formula import Function
from gradcalc.language.functions import TABLE

from .scalars import (
    BALL,
    CONDITIONS,
    EXACT_WHERE,
    FLOAT,
    NATIVE,
    Scalars,
    anything,
    around_zero,
    fits,
    in_balls,
    nearest_double,
    parameters,
)


class NoRule(Exception):
    """A row has no text of the kind that is asked for: a formula with it is computed as a graph of Values."""


class Rules:
    """For one kind of scalar, the value and the partial derivatives of rows as Python expressions.

    A text uses names that are bound in `bound`, which is shared by all texts of this kind of scalar.
    """

    def __init__(self, scalars: Scalars):
        self.scalars = scalars
        self.bound: dict[str, Any] = {
            "_in_balls": in_balls,
            "_nearest_double": nearest_double,
            "_fits": fits,
            "_outside": _outside,
            "_around_zero": around_zero,
            "_anything": anything() if scalars is BALL else None,
            "_zero": scalars.number(Fraction(0)),
            "_one": scalars.number(Fraction(1)),
        }
        self._domains: dict[Function, str] = {}
        self._texts: dict[tuple[Function, int, int], tuple[str, re.Pattern[str] | None]] = {}
        self._steps: dict[tuple[Function, int, tuple[int, ...]], Callable[..., Any]] = {}

    def value(self, row: Function, args: Sequence[str]) -> str:
        """The row's value as an expression in its arguments, which are atoms: names or literals."""
        return self._filled(row, -1, args, {})

    def partial(self, row: Function, position: int, args: Sequence[str], out: str, tie: str = "") -> str:
        """The partial derivative for one argument, in the arguments, the row's value `out` and the share of a tie."""
        return self._filled(row, position, args, {"out": out, "tie": tie})

    def share(self, args: Sequence[str], varying: Sequence[int], out: str) -> str:
        """The share of each argument of a variadic row where several are its value: the minimum-norm subgradient."""
        tied = " + ".join(f"({arg} == {out})" for arg in args)
        if len(varying) == len(args):
            return f"1.0 / ({tied} or 1)"
        constant = " or ".join(f"{arg} == {out}" for i, arg in enumerate(args) if i not in varying)
        return f"0.0 if {tied} > 1 and ({constant}) else 1.0 / ({tied} or 1)"

    def domain(self, row: Function) -> str:
        """The name of the function that tells whether arguments lie in the row's domain."""
        if row not in self._domains:
            self._domains[row] = self.bind(self.scalars.domain(row), "domain")
        return self._domains[row]

    def step(self, row: Function, count: int, varying: tuple[int, ...]) -> Callable[..., Any]:
        """A function of the row's arguments that returns its value alone, if nothing varies, or else a tuple: the value
        and the partial derivatives for the arguments that vary."""
        key = (row, count, varying)
        found = self._steps.get(key)
        if found is None:
            found = self._compiled_step(row, count, varying)
            if is_ours(row):
                self._steps[key] = found
        return found

    def _compiled_step(self, row: Function, count: int, varying: tuple[int, ...]) -> Callable[..., Any]:
        args = [f"x{i}" for i in range(count)]
        lines = [f"def forward({', '.join(args)}):", f"    out = {self.value(row, args)}"]
        if not varying:
            lines.append("    return out")
        else:
            if row.variadic:
                lines.append(f"    tie = {self.share(args, varying, 'out')}")
            lines.append(f"    return out, {', '.join(self.partial(row, i, args, 'out', 'tie') for i in varying)}")
        return self.compiled("\n".join(lines), "forward")

    def compiled(self, source: str, name: str) -> Callable[..., Any]:
        """The function of this name that a text defines."""
        return compiled(source, name, self.bound)

    def _filled(self, row: Function, position: int, args: Sequence[str], others: dict[str, str]) -> str:
        key = (row, position, len(args))
        found = self._texts.get(key)
        if found is None:
            text = self._value_text(row, len(args)) if position < 0 else self._partial_text(row, position, len(args))
            params = parameters(row, len(args))
            found = text, re.compile(rf"\b({'|'.join([*params, 'out', 'tie'])})\b")
            if is_ours(row):
                self._texts[key] = found
        text, names = found
        given = {**dict(zip(parameters(row, len(args)), args, strict=True)), **others}
        return names.sub(lambda match: given.get(match[0], match[0]), text) if names else text

    def bind(self, value: Any, stem: str) -> str:
        name = f"_{stem}{len(self.bound)}"
        self.bound[name] = value
        return name

    def _inlined(self, text: str, params: tuple[str, ...], smooth: bool) -> str:
        source, names = self.scalars.inline(text, params, smooth)
        self.bound.update(names)
        return f"({source})"

    def _value_text(self, row: Function, count: int) -> str:
        params = parameters(row, count)
        ours = is_ours(row)
        if ours and row.name in NATIVE:
            return f"-{params[0]}" if count == 1 else f"{params[0]} {row.symbol} {params[1]}"
        if row.name in _CONTROL and "if" in self.scalars.native:
            return _CONTROL[row.name]
        if self.scalars is FLOAT:
            if ours and row.name in CONDITIONS:
                return f"{params[0]} {row.name} {params[1]}"
            if ours and row.value is None and not row.smooth and not row.variadic:
                return self._inlined(str(row.definition), params, False)
        function = self.bind(self.scalars.function(row), "value")
        called = f"{function}({', '.join(params)})"
        if ours or not row.domain:
            return called
        known = self.bind(row, "row"), self.bind(self.scalars, "scalars")
        return f"({called} if _fits({known[0]}, ({', '.join(params)},), {known[1]}) else _outside())"

    def _partial_text(self, row: Function, position: int, count: int) -> str:
        params = parameters(row, count)
        if row.name == "if":
            return f"(1.0 if {params[0]} else 0.0)" if position == 1 else f"(0.0 if {params[0]} else 1.0)"
        if not row.partials or (not row.variadic and row.partials[position] is None):
            raise NoRule
        if row.variadic:
            text = self._inlined(str(row.partials[0]), ("x", "out", "tie"), row.smooth)
            return re.sub(r"\bx\b", params[position], text)
        text = self._inlined(str(row.partials[position]), (*params, "out"), row.smooth)
        if self.scalars is FLOAT and row.rounded:
            name = self.bind(row, "row")
            exact = f"_nearest_double({name}, ({', '.join(params)},), {position})"
            where = EXACT_WHERE.get((row, position))
            return f"({text} if ({where}) else {exact})" if where else exact
        return text


def compiled(source: str, name: str, bound: dict[str, Any]) -> Callable[..., Any]:
    """The function of this name that a text defines. The text is made of the table's texts and our own names, which
    are `bound`."""
    made: dict[str, Any] = {}
    exec(compile(source, f"<{name}>", "exec"), bound, made)
    return made[name]  # type: ignore[no-any-return]


def _outside() -> Any:
    raise ValueError("outside the domain")


def _small(value: str, partial: str, domain: str = "") -> Function:
    return Function("small_power(x)", name=f"small power {value}", value=value, partials=(partial,), domain=domain)


def _defined(text: str, partial: str) -> Function:
    return Function("small_power(x)", name=f"small power {text} by balls", definition=text, partials=(partial,))


_SQUARE = _small("x*x", "2*x")
_INVERSE = _small("1/x", "-(out*out)", "x != 0")
_ROOT = _small("sqrt(x)", "1/(2*out)", "x >= 0")
# powers with a literal exponent that cost a few products. Over floats, none that rounds more often than `pow`
SMALL_POWERS: dict[str, dict[Any, Function]] = {
    "ball": {2: _defined("x^2", "2*x"), 3: _defined("x^3", "3*x^2"), 4: _defined("x^4", "4*x^3")},
    "float": {2: _SQUARE, 3: _small("x^3", "3*(x*x)"), -1: _INVERSE, Fraction(1, 2): _ROOT},
    "column": {
        2: _SQUARE, 3: _small("x*x*x", "3*(x*x)"), 4: _small("(x*x)*(x*x)", "4*(x*x*x)"), -1: _INVERSE,
        -2: _small("1/x/x", "-2*out/x", "x != 0"), Fraction(1, 2): _ROOT,
        Fraction(3, 2): _small("x*sqrt(x)", "1.5*sqrt(x)", "x >= 0"),
    },
}  # fmt: skip
SMALL_POWERS["native"] = SMALL_POWERS["column"]
SMALL = frozenset(row for rows in SMALL_POWERS.values() for row in rows.values())


def is_ours(row: Function) -> bool:
    """Whether a row is the table's, or a small power."""
    return TABLE.get(row.name) is row or row in SMALL


_CONTROL = {"if": "(a if condition else b)", "and": "(x and y)", "or": "(x or y)", "not": "(not x)"}


@cache
def rules_for(scalars: Scalars) -> Rules:
    """The texts of the table's own rows over a kind of scalar, shared by all that use them."""
    return Rules(scalars)
