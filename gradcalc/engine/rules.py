"""The rows of the table as Python text over floats or balls: what interpreted and generated code are both made of."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from gradcalc.language.formula import Function
from gradcalc.language.functions import TABLE


class NoRule(Exception):
    """A row has no text of the kind that is asked for: a formula with it is computed as a graph of Values."""


def compiled(source: str, name: str, bound: dict[str, Any]) -> Callable[..., Any]:
    """The function of this name that a text defines, made of the table's texts and our own names, the `bound` ones."""
    made: dict[str, Any] = {}
    exec(compile(source, f"<{name}>", "exec"), bound, made)
    return made[name]  # type: ignore[no-any-return]


def _small(value: str, partial: str, domain: str = "") -> Function:
    return Function("small_power(x)", name=f"small power {value}", value=value, partials=(partial,), domain=domain)


def _defined(text: str, partial: str) -> Function:
    return Function("small_power(x)", name=f"small power {text} by balls", definition=text, partials=(partial,))


_SQUARE = _small("x*x", "2*x")
_INVERSE = _small("1/x", "-(out*out)", "x != 0")
_ROOT = _small("sqrt(x)", "1/(2*out)", "x >= 0")
# powers with a literal exponent that cost a few products. Over floats, none that rounds more often than `pow`
SMALL_POWERS: dict[str, dict[Any, Function]] = {
    "ball": {2: _defined("x*x", "2*x"), 3: _defined("x*x*x", "3*(x*x)"), 4: _defined("(x*x)*(x*x)", "4*(x*x*x)")},
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


def text_in_columns(row: Function) -> str:
    """The text that a row's value is over columns of doubles, or none. The definition of a row that is rounded from
    balls is one only if the row says that it keeps its digits in doubles."""
    kept = row.value is None and (not row.rounded or row.array == "definition")
    text = row.value if isinstance(row.value, str) else row.definition if kept else ""
    return text if isinstance(text, str) and "diff(" not in text else ""
