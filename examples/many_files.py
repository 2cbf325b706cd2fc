"""A formula over many files by the workers of a Dask scheduler, and over Dask's own collections.

    python examples/many_files.py [ROWS [WORKERS]]        ROWS of each of eight files; 20000 2 without numbers

The scheduler and its workers run here; for other machines give `--dask` their scheduler's address, and paths that all
of them see. It needs the extra `dask`.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import dask
import dask.dataframe
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from distributed import LocalCluster

import gradcalc as gc
from gradcalc.cli import main as gradcalc

FORMULA = "exp(-x^2/2)*sin(x*y) + log(z)*sqrt(y^2 + z^2)"
FILES = 8


def main(rows: int = 20_000, workers: int = 2) -> None:
    random = np.random.default_rng(1)
    with tempfile.TemporaryDirectory() as folder:
        parts = Path(folder) / "parts"
        parts.mkdir()
        for k in range(FILES):
            columns = {name: random.uniform(0.5, 2, size=rows) for name in "xyz"}
            pq.write_table(pa.table(columns), parts / f"{k}.parquet")
        with LocalCluster(
            n_workers=workers, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=60
        ) as cluster:
            start = time.perf_counter()
            line = [FORMULA, "--data", f"{parts}/*.parquet", "-o", f"{folder}/out/"]
            assert gradcalc([*line, "--dask", cluster.scheduler_address]) == 0
            speed = FILES * rows / (time.perf_counter() - start) / 1e6
        print(
            f"{workers} worker{'s' * (workers != 1)}, {FILES} files, {speed:.3g} million rows a second", file=sys.stderr
        )
        written = dask.dataframe.read_parquet(f"{folder}/out")
        beside = dask.dataframe.read_parquet(parts).map_partitions(gc.compile(FORMULA).beside)
        with dask.config.set(scheduler="threads"):
            means = written.mean().compute()
            assert means.equals(beside.mean().compute())
        print("means:", means[["value", "d_x", "d_y", "d_z"]].round(2).tolist())


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
