"""What a node costs in formulas of growing size: `python benchmarks/large_formulas.py [MOST]` prints one table.

Microseconds of processor time for each node, from 10 nodes to 1,000,000 (or MOST), of every step from the text to the
gradient: `parse` reads it, `lay out` makes a program and a tape, `value` and `gradient` run over these, `print` writes
it again, `certify` gives value and gradient from balls. What takes more than a minute is left out in the larger sizes.
"""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable

import gradcalc
from gradcalc.certified import certify
from gradcalc.engine.program import program_of
from gradcalc.engine.scalars import FLOAT
from gradcalc.engine.tape import tape_of

POINT = {"x": 0.5, "y": 0.25}
SHAPES: dict[str, Callable[[int], str]] = {
    "a sum of products": lambda n: "+".join(["x*y"] * max(1, n // 4)),
    "different products": lambda n: "+".join(f"x*{i}" for i in range(1, max(2, n // 4))),
    "nested parentheses": lambda n: "(" * n + "x" + ")" * n,
    "unary minuses": lambda n: "-" * n + "x",
    "a sum of ones": lambda n: "+".join(["1"] * max(1, n // 2)),
    "chained definitions": lambda n: "; ".join(
        ["v0 = x*y", *(f"v{i} = v{i - 1} + x*{i}" for i in range(1, max(2, n // 6)))]
    ),
}
STEPS: dict[str, Callable[[gradcalc.Formula], object]] = {
    "lay out": lambda f: tape_of(program_of(f), FLOAT, program_of(f).names, program_of(f).names),
    "value": lambda f: gradcalc.evaluate(f, POINT),
    "gradient": lambda f: gradcalc.grad(f, POINT),
    "print": str,
    "certify": lambda f: certify(f, POINT),
}


def spent(step: Callable[[], object]) -> float:
    gc.collect()
    start = time.process_time()
    step()
    return time.process_time() - start


def main(most: int = 1_000_000) -> None:
    gradcalc.LIMITS.change({"tokens": 10 * most, "text": 50 * most})
    print(f"{'us a node':<22}{'nodes':>10}{'parse':>10}" + "".join(f"{name:>10}" for name in STEPS))
    for name, shape in SHAPES.items():
        slow = set[str]()
        size = 10
        while size <= most and "parse" not in slow:
            text, kept = shape(size), list[gradcalc.Formula]()
            times = {"parse": spent(lambda text=text, kept=kept: kept.append(gradcalc.parse(text)))}  # type: ignore[misc]
            for step, run in STEPS.items():
                if step not in slow:
                    times[step] = spent(lambda run=run, kept=kept: run(kept[0]))  # type: ignore[misc]
            slow |= {step for step, seconds in times.items() if seconds > 6}
            cells = (
                f"{times[step] / size * 1e6:10.2f}" if step in times else f"{'':>10}" for step in ("parse", *STEPS)
            )
            print(f"{name:<22}{size:>10}{''.join(cells)}", flush=True)
            size *= 10
    print(
        "The steps of a node stay as many; large formulas no longer fit a cache: docs/decisions.md, What a node costs"
    )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
