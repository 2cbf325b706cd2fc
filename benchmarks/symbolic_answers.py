"""How often symbolic answers are wrong: random formulas of the table, each derivative held against balls.

    python benchmarks/symbolic_answers.py 1000 [--seed 7] [--seconds 3]

A form is false where it and our chain rule have disjoint balls at a point of this script's own drawing, which is apart
from that of the program. What is called proved and is false must be 0.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections import Counter
from fractions import Fraction

import gradcalc as gc
from gradcalc.engine.lowering import Failure, Lowering
from gradcalc.engine.rewrite import prepare
from gradcalc.engine.scalars import BALL, ball, precision
from gradcalc.judge.agreement import everywhere
from gradcalc.language.errors import FormulaError
from gradcalc.language.formula import Call, Formula, Function, Name, Number, free_names
from gradcalc.language.functions import TABLE

NAMES = ("x", "y")
CONSTANTS = ("0", "1", "2", "3", "1/2", "0.1", "100", "1e-3", "1e5", "1e22", "1 + 1e-30", "1e-300", "pi", "20000")
TRIES = 40


def main() -> int:
    options = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    options.add_argument("count", type=int)
    options.add_argument("--seed", type=int, default=7)
    options.add_argument("--seconds", type=float, default=3)
    given = options.parse_args()
    found: Counter[str] = Counter()
    for i in range(given.count):
        draw = random.Random(f"{given.seed} {i}")
        found[judged(formula(draw, 3), draw, given.seconds)] += 1
        if sys.stderr.isatty():
            print(f"\r{i + 1}/{given.count} {dict(found)}", end="", file=sys.stderr)
    for what, count in sorted(found.items()):
        print(f"{what:<16} {count:>7}   {100 * count / given.count:.1f} %")
    return 1 if found["false proof"] or found["false form"] else 0


def formula(draw: random.Random, depth: int) -> Formula:
    """A formula of any rows, about as deep as asked."""
    if depth == 0 or draw.random() < 0.15:
        return Name(draw.choice(NAMES)) if draw.random() < 0.65 else gc.parse(draw.choice(CONSTANTS))
    row = draw.choice(_ROWS)
    args: list[Formula] = [formula(draw, depth - 1) for _ in row.params]
    if row.name == "if":
        sides = formula(draw, depth - 2 if depth > 1 else 0), formula(draw, 0)
        args[0] = Call(TABLE[draw.choice(("<", ">=", "=="))], sides)
    for i, partial in enumerate(row.partials):
        if partial is None:
            args[i] = Number("1", Fraction(1))
    return Call(row, tuple(args))


_ROWS: list[Function] = [row for row in TABLE.values() if not row.condition and row.name not in ("diff", "diff_n")]


def judged(of: Formula, draw: random.Random, seconds: float) -> str:
    names = [name for name in NAMES if name in free_names(of)]
    try:
        answer = everywhere(of, names, seconds)
    except FormulaError as error:
        return f"error: {type(error).__name__}"
    differs = False
    for row in answer.findings:
        if row.symbolic is not None and false_at(of, row.what, row.symbolic, draw):
            differs = True
            if row.proved:
                print(f"false proof: d/d{row.what} {of} is not {row.symbolic}")
                return "false proof"
    if answer.verdict == "proved":
        return "proved"
    if differs and answer.verdict != "wrong":
        print(f"false form: {of}")
        return "false form"
    return str(answer.verdict)


def false_at(of: Formula, name: str, form: Formula, draw: random.Random) -> str:
    """The first drawn point at which the two are certainly different, or nothing."""
    ours, theirs = Lowering(prepare(of), BALL, (name,)), Lowering(prepare(form), BALL, ())
    for _ in range(TRIES):
        point = {n: Fraction(draw.randint(-(10**7), 10**7), 10 ** draw.randint(3, 9)) for n in NAMES}
        with precision(200):
            values = {n: ball(value) for n, value in point.items()}
            try:
                graph, other = ours.graph(values), theirs.graph(values).root
                if isinstance(graph.root, Failure) or isinstance(other, Failure):
                    continue
                if hasattr(graph.root, "backward"):
                    graph.root.backward()
                slope = ball(Fraction(0)) + graph.leaves[name].grad
            except (ArithmeticError, ValueError, FormulaError):
                continue
            if slope.is_finite() and other.is_finite() and not slope.overlaps(other):
                return str(point)
    return ""


if __name__ == "__main__":
    sys.exit(main())
