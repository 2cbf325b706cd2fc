"""Formulas drawn as texts from all rows of the table, inside the domains or not, with the edges that rows have."""

from __future__ import annotations

from random import Random

from gradcalc.language.functions import TABLE

ROWS = [row for row in TABLE.values() if row.name.isidentifier() and not row.condition and row.name != "if"]
LITERALS = ["2", "3", "1/5", "1.7", "0.1", "pi", "-3", "e", "12", "1/9", "0", "1", "-1", "7/12", "1e-7", "-2.5e10"]
EXPONENTS = ["1/2", "-1/2", "3/2", "1/3", "-2/3", "2", "-1", "-3", "5/4", "-7/6", "0.3", "-1.3", "0"]
COORDINATES = ["0", "1", "-1", "2", "1/2", "-1/3", "3", "-2", "0.7", "5", "-7/3", "1/10", "10", "-0.01"]

CORNERS = [row for row in ROWS if not row.smooth and (row.partials or row.definition)]


def drawn(random: Random, depth: int, names: list[str], cornered: bool = False) -> str:
    """A formula's text; `cornered` is of rows with kinks and jumps, powers and branches, so that most have a value."""

    def part() -> str:
        return drawn(random, depth - 1, names, cornered)

    shape = random.random()
    sums, powers = (0.45, 0.6) if cornered else (0.4, 0.55)
    if depth <= 0 or shape < 0.1:
        if not cornered:
            return random.choice(names if names and random.random() < 0.6 else LITERALS)
        name = random.choice(names)
        return random.choice([name, name, f"({name} - {random.choice(LITERALS)})", random.choice(LITERALS)])
    if shape < sums:
        return f"({part()} {random.choice('+-*' if cornered else '+-*/')} {part()})"
    if shape < powers:
        return f"({part()})^({random.choice(EXPONENTS)})"
    if shape < 0.6:
        return f"({part()})^({part()})"
    if shape < 0.7:
        return f"if({part()} {random.choice(['<', '<=', '==', '>', '!='])} {part()}, {part()}, {part()})"
    row = random.choice(CORNERS if cornered and shape < 0.9 else ROWS)
    return f"{row.name}({', '.join(part() for _ in row.params)})"
