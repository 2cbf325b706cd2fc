"""Memory of value and gradient over columns, beyond inputs and outputs: `python benchmarks/columns_memory.py`.

Each figure is the growth of a process's greatest resident memory by one call, in MB, for a million points and a formula
of 5,000 operations and 4 names; each engine has a process of its own.
"""

from __future__ import annotations

import resource
import subprocess
import sys

import numpy as np

import gradcalc

NAMES = ("a", "b", "c", "d")


def formula(operations: int) -> str:
    """A sum of terms of 10 operations, no two alike."""
    return " + ".join(f"sin(a*{k} + b)*exp(-c/{k + 1})*(d - {k})^2" for k in range(1, operations // 10 + 1))


def peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measured(engine: str, count: int = 1_000_000, operations: int = 5_000) -> float:
    compiled = gradcalc.compile(formula(operations), names=NAMES, engine=engine)
    compiled.value_and_grad(*[np.ones(10) for _ in NAMES])
    columns = [np.random.default_rng(1).uniform(0.5, 1.5, count) for _ in NAMES]
    outs = [np.zeros(count) for _ in range(1 + len(NAMES))]
    before = peak()
    compiled.value_and_grad(*columns, out=(outs[0], dict(zip(NAMES, outs[1:], strict=True))))
    return peak() - before


def main() -> None:
    for engine in ("python", "native"):
        asked = f"import columns_memory; print(round(columns_memory.measured({engine!r})))"
        found = subprocess.run(
            [sys.executable, "-c", asked], capture_output=True, text=True, check=True, cwd=sys.path[0]
        )
        print(f"{engine:<8} {found.stdout.strip():>5} MB")


if __name__ == "__main__":
    main()
