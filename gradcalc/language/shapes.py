"""Patterns of pieces of formulas, for messages about texts that cannot be read."""

from __future__ import annotations

OPERAND = "(NUMBER|NAME|FUNCTION|RPAR|BANG|SUPERSCRIPT)"  # tokens that may end one
WORD = r"√?(\.?\d[\w.]*|\w+)"
SUPER = r"[⁺⁻]?[⁰¹²³⁴-⁹]+"
POWERS = rf"(?:\s*(?:\^|\*\*)\s*-?[\w.]+|{SUPER})"
GROUP = r"\((?:[^()]|\([^()]*\))*\)"
