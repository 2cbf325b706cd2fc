"""--data beside pyarrow: a file of 8 names read, computed and written, against the file read and written by pyarrow
alone plus the compiled columns alone.

    python benchmarks/file_speed.py [ROWS]        1,000,000 rows without a number

Each is the best of three in turn; `share` is the speed of --data as a share of the two parts together, on the clock and
in processor time.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import csv, parquet as pq

import gradcalc as gc
from gradcalc.data.job import Job
from gradcalc.data.runs import Run

FORMULA = "exp(-x0^2/2)*sin(x1*x2) + log(x3)*sqrt(x4^2 + x5^2) + tanh(x6/x7)"
NAMES = tuple(f"x{i}" for i in range(8))


def timed(work: Callable[[], object]) -> np.ndarray:
    """Seconds on the clock, and of the processors."""
    clock, cpu = time.perf_counter(), time.process_time()
    work()
    return np.array([time.perf_counter() - clock, time.process_time() - cpu])


def main(rows: int) -> None:
    random = np.random.default_rng(1)
    table = pa.table({name: random.uniform(0.5, 2, size=rows) for name in NAMES})
    compiled = gc.compile(FORMULA, names=NAMES)
    columns = [table.column(name).to_numpy() for name in NAMES]
    job = Job(gc.parse(FORMULA), NAMES, {}, NAMES)
    print(f"{rows:,} rows of {len(NAMES)} names; {os.cpu_count()} processors; seconds on the clock (of the processors)")
    print(f"{'file':8}{'pyarrow':>16}{'columns':>16}{'--data':>16}{'share':>14}")
    with tempfile.TemporaryDirectory() as folder:
        for kind in ("csv", "parquet"):
            source, copy, out = (str(Path(folder) / f"{name}.{kind}") for name in ("in", "copy", "out"))
            if kind == "csv":
                csv.write_csv(table, source)
                alone = lambda: csv.write_csv(csv.read_csv(source), copy)  # noqa: E731, B023
            else:
                pq.write_table(table, source)
                alone = lambda: pq.write_table(pq.read_table(source), copy)  # noqa: E731, B023
            parts: list[Callable[[], object]] = [
                alone,
                lambda: compiled.value_and_grad(*columns),
                lambda: Run(job, source, out).do(),  # noqa: B023
            ]
            best = np.array([[timed(part) for part in parts] for _ in range(3)]).min(axis=0)
            share = (best[0] + best[1]) / best[2]
            cells = [f"{clock:.2f} ({cpu:.2f})" for clock, cpu in best] + [f"{share[0]:.0%} ({share[1]:.0%})"]
            print(f"{kind:8}{cells[0]:>16}{cells[1]:>16}{cells[2]:>16}{cells[3]:>14}", flush=True)
            for path in (source, copy, out):
                Path(path).unlink(missing_ok=True)


if __name__ == "__main__":
    main(int(sys.argv[1].replace(",", "")) if len(sys.argv) > 1 else 1_000_000)
