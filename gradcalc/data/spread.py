"""A job done for many files, here or by the workers of a Dask scheduler, each file whole by one of them.

A file that was written is not written again: it appears whole, under its own name, or not at all, and an attempt that
was cut off leaves nothing under it.
"""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

from gradcalc.files import write_whole
from gradcalc.language.errors import FormulaError, needing
from gradcalc.record import dataclass

from .job import Counts, Job
from .runs import Progress, Run, described

_JOURNAL = ".journal"
_SECONDS = 20  # to reach a scheduler and a worker of it


@dataclass(frozen=True, slots=True)
class Many:
    """A job for many files, `sources`, each to be written under its name into `folder`.

    `bad`, `resume` and `threads` are as those of a `Run`; `scheduler` is the address of a Dask scheduler, whose workers
    see the same files; empty to do it here.
    """

    job: Job
    sources: Sequence[str]
    folder: str
    bad: str = ""
    resume: bool = False
    scheduler: str = ""

    def do(self, told: Progress | None = None) -> Counts:
        """Do it, and tell of the progress.

        Raises:
            FormulaError: as `Run.do`; or the folder has other files, two of the files the same name, or there is no
                scheduler.
        """
        names = [Path(source).name for source in self.sources]
        if twice := next((name for name in names if names.count(name) > 1), ""):
            raise FormulaError(f"several files are called {twice}", help="compute each folder on its own")
        folder = Path(self.folder)
        folder.mkdir(parents=True, exist_ok=True)
        journal = folder / _JOURNAL
        done = self._done(journal)
        if not self.resume and any(folder.iterdir()):
            raise FormulaError(
                f"{self.folder} is not empty",
                help="add --resume to go on with an interrupted run, or take another folder",
            )
        if not done:
            journal.write_text(json.dumps(self.job.described() | {"--bad": self.bad}) + "\n", "utf-8")
        todo = [source for source, name in zip(self.sources, names, strict=True) if name not in done]
        sizes = {source: os.stat(source).st_size for source in self.sources}
        read, total = sum(sizes.values()) - sum(sizes[source] for source in todo), sum(sizes.values())
        with open(journal, "a", encoding="utf-8") as log, self._workers() as each:
            for source, counts in each(partial(_one, self.job, str(folder.absolute()), bool(self.bad)), todo):
                done[Path(source).name] = counts
                log.write(json.dumps({"name": Path(source).name, **described(source), "counts": asdict(counts)}) + "\n")
                log.flush()
                read += sizes[source]
                if told:
                    told(read, total)
        counts = Counts()
        for name in names:
            counts.add(done[name])
        self._finish(folder, names)
        return counts

    def _done(self, journal: Path) -> dict[str, Counts]:
        """The files that an interrupted run has written, of inputs that are as they were."""
        if not self.resume or not journal.exists():
            return {}
        first, *lines = [json.loads(line) for line in journal.read_text("utf-8").split("\n")[:-1]] or [{}]
        if first and first != json.loads(json.dumps(self.job.described() | {"--bad": self.bad})):
            raise FormulaError("the interrupted run was another", help="take another folder, to begin anew")
        now = {Path(source).name: described(source) for source in self.sources}
        found = {}
        for line in lines:
            name, counts = line.pop("name"), Counts(**line.pop("counts"))
            if line == now.get(name) and (journal.parent / name).exists():
                found[name] = counts
        return found

    @contextmanager
    def _workers(self) -> Iterator[Any]:
        """How a function is called for many sources; results come as they are ready, each with its source."""
        if not self.scheduler:
            yield lambda work, sources: ((source, work(0, source)) for source in sources)
            return
        with needing("--dask", "dask"):
            from distributed import Client, as_completed
        try:
            client = Client(self.scheduler, timeout=_SECONDS)
            client.wait_for_workers(1, timeout=_SECONDS)
        except (OSError, TimeoutError, ValueError) as error:
            raise FormulaError(f"no Dask scheduler with a worker answers at {self.scheduler}: {error}") from None

        def each(work: Any, sources: Sequence[str]) -> Iterator[tuple[str, Counts]]:
            futures = {client.submit(work, 1, os.path.abspath(source), pure=False): source for source in sources}
            for future in as_completed(futures):
                yield futures[future], future.result()

        with client:
            yield each

    def _finish(self, folder: Path, names: Sequence[str]) -> None:
        """Put the rows without a value of all files into one, and remove what is not wanted any more."""
        if self.bad:
            lines = io.StringIO()
            rows = csv.writer(lines, lineterminator="\n")
            rows.writerow(["file", "line", "column", "reason"])
            for name in names:
                _, *found = csv.reader(io.StringIO(_bad_of(folder, name).read_text("utf-8"), newline=""))
                rows.writerows([name, *row] for row in found)
            write_whole(Path(self.bad), lines.getvalue().encode())
        for path in [*folder.glob(".*.bad"), *folder.glob("*.part"), *folder.glob(".*.part"), folder / _JOURNAL]:
            path.unlink(missing_ok=True)


def _bad_of(folder: Path, name: str) -> Path:
    return folder / f".{name}.bad"


def _one(job: Job, folder: str, told: bool, threads: int, source: str) -> Counts:
    """Compute one file; several attempts at once, of which some are given up, do not meet."""
    name = Path(source).name
    bad = str(_bad_of(Path(folder), name)) if told else ""
    return Run(job, source, str(Path(folder) / name), bad, mark=f".{uuid4().hex}", threads=threads).do()
