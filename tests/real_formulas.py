"""Formulas of practice with the source of each: the table `data/real_formulas.toml` as records."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class RealFormula:
    """One formula in our language, the point it is taken at and, to 40 digits, its value and gradient there."""

    name: str
    source: str
    formula: str
    at: dict[str, str]
    value: str
    gradient: dict[str, str]
    condition: str = ""
    """Why plain floats lose digits at this point; empty where they do not."""


def _read(path: Path) -> tuple[RealFormula, ...]:
    found = []
    for name, row in tomllib.loads(path.read_text(encoding="utf-8")).items():
        at = {name: number for name, number, _ in row["at"]}
        gradient = {name: partial for name, _, partial in row["at"]}
        formula = " ".join(row["formula"].split("\n")).strip()
        found.append(RealFormula(name, row["source"], formula, at, row["value"], gradient, row.get("condition", "")))
    return tuple(found)


FORMULAS = _read(Path(__file__).parent / "data" / "real_formulas.toml")
"""Every formula of the table, in its order."""
