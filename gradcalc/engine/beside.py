"""Rows over columns by another row that is needed with them, where vector instructions make that the shorter way."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from gradcalc.language.formula import Function
from gradcalc.language.grammar import read_text
from gradcalc.language.kept import functions_in

from .scalars import Scalars


def with_rows_beside(alone: Scalars) -> Scalars:
    """Scalars of columns over which a row is what its `beside` says, for code in which both rows are needed."""

    def resolve(scalars: Scalars, row: Function) -> Callable[..., Any]:
        text = _shorter(row)
        return scalars.compile(text, row.params) if text else alone.resolve(scalars, row)

    together = Scalars(f"{alone.name}, gradient", alone.number, alone.constant, resolve, alone.native)
    together.nearest = alone.nearest
    return together


@lru_cache(1024)
def _shorter(row: Function) -> str:
    """The text of a row beside another, if all that is not that other is made by vector instructions; else empty."""
    if not row.beside or not row.beside[2]:
        return ""
    other, _, text = row.beside
    rows = functions_in(read_text(text))
    return text if all(row.symbol or row.name == other or _is_vectors(row) for row in rows) else ""


def _is_vectors(row: Function) -> bool:
    try:
        from numpy.lib import introspect
    except ImportError:  # before NumPy 2.2
        return False
    name = getattr(row.value, "__name__", "")
    found = introspect.opt_func_info(func_name=f"^{name}$", signature="float64").get(name, {})
    return any(not each["current"].startswith("baseline") for each in found.values())
