"""A job done: blocks are read, computed by several threads, and written in their order; what stopped goes on."""

from __future__ import annotations

import json
import os
import zlib
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from io import BytesIO
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TypeGuard

from gradcalc.files import is_device, put_in_place
from gradcalc.helper import OutOfTime, in_time
from gradcalc.language.errors import FormulaError
from gradcalc.record import dataclass, field

from .blocks import Place, Stretch
from .job import ComputedBlock, Counts, Job, computed
from .reading import opened
from .writing import ParquetWriter, Summed, TextWriter

if TYPE_CHECKING:
    from .blocks import Reader
    from .writing import Writer

Progress = Callable[[int, int], None]  # bytes that were read, of how many; 0 where that is not known
_MOST_THREADS = 8


@dataclass(frozen=True, slots=True)
class Run:
    """A job to be done for every row of a file.

    Attributes:
        source: the file, or `-` for stdin.
        output: the file to be written, Parquet where its name ends so; it is written under a temporary name, and moved
            into place when it is whole. Or a stream, which is written to at once.
        bad: a file for the rows without a value, with their lines and reasons.
        resume: whether it goes on where an interrupted run has stopped, if there is one.
        mark: a text for the temporary name that no other run has; such a run cannot go on.
        threads: that compute; 0 for as many as there are processors.
    """

    job: Job
    source: str
    output: str | BinaryIO
    bad: str = ""
    resume: bool = False
    mark: str = ""
    threads: int = 0

    def do(self, told: Progress | None = None) -> Counts:
        """Do it, and tell of the progress.

        Raises:
            FormulaError: the file cannot be read, its columns are not as needed, or the run to go
                on with was another's.
            OSError: what is written cannot be.
            OutOfTime: its time is up, with the number of rows that are written by then.
        """
        with ExitStack() as stack:
            reader = stack.enter_context(opened(self.source))
            notes = self.job.notes(reader)
            counts = self._written(reader, told)
        counts.notes = [*notes, *counts.notes]
        for path in filter(self._moves, (self.bad, self.output)):
            put_in_place(self._part(path), Path(os.path.realpath(path)))
        self._remove(self._journal)
        return counts

    def _moves(self, output: str | BinaryIO) -> TypeGuard[str]:
        """Whether it is a file that is written under another name first."""
        return isinstance(output, str) and output != "" and not is_device(Path(output))

    def _part(self, path: str) -> Path:
        return Path(f"{os.path.realpath(path)}{self.mark}.part")

    @property
    def _journal(self) -> Path | None:
        return Path(f"{self._part(self.output)}.journal") if self._moves(self.output) and not self.mark else None

    def _remove(self, *paths: Path | None) -> None:
        for path in filter(None, paths):
            path.unlink(missing_ok=True)

    def _written(self, reader: Reader, told: Progress | None) -> Counts:
        parquet = isinstance(self.output, str) and Path(self.output).suffix.lower() == ".parquet"
        writer = (ParquetWriter if parquet else TextWriter)(reader, self.job.added)
        parts = {"out": self._part(self.output)} if self._moves(self.output) else {}
        if self._moves(self.bad):
            parts["bad"] = self._part(self.bad)
        all_of_it = {**self.job.described(), **described(self.source), "--bad": self.bad}
        journal = Journal(self._journal, all_of_it, parts) if self._journal else None
        at = journal.last() if journal and self.resume else Checkpoint()
        with ExitStack() as stack:
            out, bad = (
                stack.enter_context(_opened(parts.get(key, path), at.sizes.get(key, 0)))
                for key, path in (("out", self.output), ("bad", self.bad or BytesIO()))
            )
            if journal:
                stack.enter_context(journal.opened(at))
            counts = at.counts
            try:
                pieces = self._in_order(reader, writer, at.place)
                first = [*islice(pieces, 1)]  # a mistake that all have is met before anything is written
                if at.place is None:
                    writer.begin(out)
                    bad.write(f"{reader.unit},column,reason\n".encode())
                else:
                    writer.go_on(at.known)
                for piece, done in chain(first, pieces):
                    known = writer.write(done.encoded, out)
                    bad.write(done.bad)
                    counts.add(done.counts)
                    out.flush()
                    if journal:
                        journal.write(piece.after, {"out": out, "bad": bad}, counts, known)
                    if told:
                        told(piece.read, reader.size)
                writer.finish(out)
            except FormulaError:  # which would come again
                self._remove(*parts.values(), self._journal)
                raise
            except OutOfTime:
                raise OutOfTime(counts.rows) from None
        return counts

    def _in_order(self, reader: Reader, writer: Writer, begin: Place | None) -> Iterator[tuple[Stretch, ComputedBlock]]:
        """The pieces of a file computed, in their order; a few are at work at once."""
        count = self.threads or min(_MOST_THREADS, os.cpu_count() or 1)
        pending: deque[tuple[Stretch, Future[ComputedBlock]]] = deque()
        compute = in_time(computed)
        pool = ThreadPoolExecutor(count)
        try:
            for piece in reader.pieces(begin):
                pending.append((piece, pool.submit(compute, self.job, reader, writer, piece, bool(self.bad))))
                if len(pending) > count:
                    first, done = pending.popleft()
                    yield first, done.result()
            while pending:
                first, done = pending.popleft()
                yield first, done.result()
        finally:
            pool.shutdown(cancel_futures=True)


def described(source: str) -> dict[str, Any]:
    """A file, as far as can be told that it is the same."""
    if source == "-":
        return {"file": "-"}
    status = os.stat(source)
    return {
        "file": os.path.realpath(source),
        "size of the file": status.st_size,
        "time of the file": status.st_mtime_ns,
    }


# ---- files under way


@contextmanager
def _opened(output: Path | str | BinaryIO, size: int) -> Iterator[Summed]:
    """A file, of which so many bytes stay, and which is on the disk in the end; a device, by its name; or a stream."""
    if not isinstance(output, str | Path):
        yield Summed(output, 0, 0)
        output.flush()
        return
    if isinstance(output, str):  # a device
        with open(output, "wb") as out:
            yield Summed(out, 0, 0)
        return
    with open(os.open(output, os.O_RDWR | os.O_CREAT, 0o666), "r+b") as out:
        out.truncate(size)
        yield Summed(out, _sums(out, [size])[0], size)
        out.flush()
        os.fsync(out.fileno())


def _sums(file: BinaryIO, sizes: list[int]) -> list[int]:
    """The sums of the first bytes of a file, for several numbers of bytes in rising order; up to where it ends."""
    found: list[int] = []
    file.seek(0)
    sum = done = 0
    for size in sizes:
        while done < size and (data := file.read(min(2**20, size - done))):
            sum = zlib.crc32(data, sum)
            done += len(data)
        if done < size:
            break
        found.append(sum)
    return found


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """How far a run has come: where it goes on reading, what was written, and `known`, what its writer must know."""

    place: Place | None = None
    sizes: Mapping[str, int] = field(default_factory=dict)
    counts: Counts = field(default_factory=Counts)
    known: tuple[str, ...] = ()


class Journal:
    """A record of what a run has written, in a file beside it: a line for what is computed, then one for each block,
    with the sizes and sums of the `parts`, the files that are written."""

    def __init__(self, path: Path, described: Mapping[str, Any], parts: Mapping[str, Path]):
        self._path, self._described, self._parts = path, dict(described), parts

    @contextmanager
    def opened(self, at: Checkpoint) -> Iterator[None]:
        """Written anew, or from a checkpoint on."""
        kept = self._path.read_text("utf-8").split("\n")[: 1 + len(at.known)] if at.place else []
        with open(self._path, "w", encoding="utf-8") as self._file:
            self._file.write("\n".join([*(kept or [json.dumps(self._described)]), ""]))
            yield

    def write(self, after: Place, files: Mapping[str, Summed], counts: Counts, known: str) -> None:
        """Note that a block was written."""
        sums = {}
        for key in self._parts:
            files[key].flush()
            sums[key] = [files[key].size, files[key].sum]
        self._file.write(json.dumps({"after": after, "sums": sums, "counts": asdict(counts), "known": known}) + "\n")
        self._file.flush()

    def last(self) -> Checkpoint:
        """The last checkpoint up to which everything that was written is there as it was written; a machine that
        stopped may have lost the rest.

        Raises:
            FormulaError: it is the journal of another run.
        """
        try:
            first, *lines = [json.loads(line) for line in self._path.read_text("utf-8").split("\n")[:-1]]
            sums = {key: self._sums(key, lines) for key in self._parts}
        except (OSError, ValueError):  # there is nothing, or not even a first line
            return Checkpoint()
        if other := next((key for key, value in self._described.items() if first.get(key) != value), ""):
            raise FormulaError(
                f"the interrupted run was another: its {other} differs", help="leave out --resume to begin anew"
            )
        same = [all(line["sums"][key][1] == sums[key][i] for key in sums) for i, line in enumerate(lines)]
        good = same.index(False) if False in same else len(same)
        if not good:
            return Checkpoint()
        line = lines[good - 1]
        known = tuple(each["known"] for each in lines[:good])
        sizes = {key: size for key, (size, _) in line["sums"].items()}
        return Checkpoint(Place(tuple(line["after"][0]), line["after"][1]), sizes, Counts(**line["counts"]), known)

    def _sums(self, key: str, lines: list[Any]) -> list[int]:
        """The sums of the bytes of a part at each line; -1 where there are not so many."""
        with open(self._parts[key], "rb") as file:
            found = _sums(file, [line["sums"][key][0] for line in lines])
        return found + [-1] * (len(lines) - len(found))
