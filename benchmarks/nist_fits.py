"""How near fits come to NIST's certified nonlinear regressions: `python benchmarks/nist_fits.py` prints it.

For each of the 27 sets and both starts: the digits in which the worst parameter and the worst standard deviation agree
with the certified ones (the parameters with the same minima to 25 digits), before and after the minimum was enclosed,
the digits that the enclosure makes certain, and the evaluations and seconds that it took.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from test_fitting import SETS, columns, digits, numbers

import gradcalc as gc


def main() -> None:
    print("set       start  solver  enclosed  deviation  certain  evaluations  seconds")
    for name, row in SETS.items():
        data = columns(name)
        for start in ("start1", "start2"):
            begun = time.perf_counter()
            fit = gc.fit(row["formula"], data, y=row["response"], start=numbers(row[start]))
            taken = time.perf_counter() - begun
            truth, known = numbers(row["refined"]), dict(zip(fit.parameters, fit.solution.parameters, strict=True))
            deviation = digits(fit.errors, numbers(row["certified_sd"]))
            figures = digits(known, truth), digits(fit.parameters, truth), deviation
            worst = "  ".join(f"{figure:{width}.1f}" for figure, width in zip(figures, (6, 8, 9), strict=True))
            certain = fit.enclosure.digits if fit.enclosure.minimum else 0
            print(f"{name:9} {start[-1]:>5}  {worst}  {certain:7}  {fit.solution.evaluations:11}  {taken:7.2f}")


if __name__ == "__main__":
    main()
