"""Texts of polynomials, by which equal ones are found. They are kept: for each that it makes, flint takes memory that
it never gives back."""

from __future__ import annotations

from typing import Any

from gradcalc.language.identity import ByIdentity

_MOST = 10_000
_KEPT = ByIdentity[Any, str]()


def text_of(p: Any) -> str:
    """The text of a polynomial, which is that of all equal ones."""
    if (known := _KEPT.get(p)) is not None:
        return known
    if len(_KEPT) >= _MOST:
        _KEPT.clear()
    text = _KEPT[p] = str(p)
    return text
