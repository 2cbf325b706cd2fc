"""Beyond one machine: a compiled formula in Dask's collections, and files computed by workers, one of them killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import gradcalc as gc
from gradcalc.cli import main


@pytest.fixture(autouse=True, scope="module")
def distributed() -> Any:
    """Imported where these tests run, and in no other worker."""
    pytest.importorskip("dask", reason="the extra `dask` is not installed")
    return pytest.importorskip("distributed", reason="the extra `dask` is not installed")


def test_a_compiled_formula_runs_over_chunks_and_partitions() -> None:
    import dask.array
    import dask.dataframe
    import pandas

    f = gc.compile("sin(x)*y + c", ("x", "y"), names=("x", "y", "c"))
    x, y = np.linspace(0, 1, 10), np.arange(10.0)
    chunked = [dask.array.from_array(column, chunks=4) for column in (x, y)]
    frame = pandas.DataFrame({"x": x, "y": y, "name": [*"abcdefghij"]}, index=np.arange(0, 100, 10))
    frames = dask.dataframe.from_pandas(frame, npartitions=3)
    with dask.config.set(scheduler="synchronous"):
        assert (dask.array.map_blocks(f, *chunked, c=2.0).compute() == f(x, y, 2)).all()
        assert (frames.x.map_partitions(f.value, frames.y, 2.0).compute() == f(x, y, 2)).all()
        found = frames.map_partitions(f.beside, c=2.0).compute()
    assert found.drop(columns=["value", "d_x", "d_y"]).equals(frames.compute())
    assert (found["d_x"] == f.grad(x, y, 2)["x"]).all()
    assert found["value"].tolist() == f(x, y, 2).tolist()
    with pytest.raises(ValueError, match="a column value already"):
        f.beside(found, c=2.0)


@pytest.fixture
def cluster(distributed: Any) -> Iterator[Any]:
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=60
    ) as found:
        yield found


def test_a_killed_worker_leaves_the_bytes_of_one_machine(
    cluster: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "parts").mkdir()
    random = np.random.default_rng(1)
    names = [f"{k}.parquet" for k in range(8)]
    for name in names:
        columns = {"x": random.normal(size=40_000), "y": random.normal(size=40_000)}
        pq.write_table(pa.table(columns), tmp_path / "parts" / name)
    line = ["log(x + 3.5)*sin(y)", "--data", "parts/*.parquet"]
    assert main([*line, "-o", "alone/", "--bad", "alone.csv"]) == 3

    def kill() -> None:
        while not list(tmp_path.glob("spread/*.part")):
            time.sleep(0.001)
        attempt = next(tmp_path.glob("spread/*.part"), None)
        holders = [worker.pid for worker in cluster.workers.values()]
        killed.append(next((pid for pid in holders if attempt and holds(pid, attempt)), holders[0]))
        os.kill(killed[0], signal.SIGKILL)

    killed: list[int] = []
    thread = threading.Thread(target=kill, daemon=True)
    thread.start()
    assert main([*line, "-o", "spread/", "--bad", "spread.csv", "--dask", cluster.scheduler_address]) == 3
    thread.join()
    assert killed
    assert "wrote spread/: 320,000 rows" in capfd.readouterr().err
    assert sorted(path.name for path in (tmp_path / "spread").iterdir()) == names
    for name in names:
        assert (tmp_path / "spread" / name).read_bytes() == (tmp_path / "alone" / name).read_bytes()
    assert (tmp_path / "spread.csv").read_text() == (tmp_path / "alone.csv").read_text()


def holds(pid: int, path: Path) -> bool:
    """Whether a process has a file open."""
    links = Path(f"/proc/{pid}/fd")
    return links.is_dir() and any(os.path.realpath(link) == str(path) for link in links.iterdir())


def test_the_example_runs() -> None:
    example = Path(__file__).parent.parent / "examples" / "many_files.py"
    found = subprocess.run([sys.executable, example, "1000", "1"], capture_output=True, text=True, check=True)
    assert found.stdout == "means: [0.75, -0.3, 0.12, 1.73]\n"


def test_a_scheduler_that_is_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("gradcalc.data.spread._SECONDS", 0.2)
    (tmp_path / "points.csv").write_text("x\n1\n")
    assert main(["x", "--data", "*.csv", "-o", "out/", "--dask", "tcp://127.0.0.1:9"]) == 2
    assert "error: no Dask scheduler with a worker answers at tcp://127.0.0.1:9" in capfd.readouterr().err
