"""A job done: blocks are read, computed by several threads, and written in their order; what stopped goes on."""

from __future__ import annotations

import json
import os
import zlib
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from gradcalc.files import check_writable, is_device, put_in_place
from gradcalc.language.errors import FormulaError

from .blocks import Place, Reader
from .job import Counts, Done, Job, computed
from .reading import opened
from .writing import ParquetWriter, TextWriter, Writer

Progress = Callable[[int, int], None]  # bytes that were read, of how many; 0 where that is not known
_MOST_THREADS = 8


def run(
    job: Job, source: str, output: str | BinaryIO, *, bad: str = "", resume: bool = False, told: Progress | None = None,
    threads: int = 0,
) -> Counts:  # fmt: skip
    """Compute a job for every row of a file.

    Args:
        source: the file, or `-` for stdin.
        output: the file to be written, Parquet where its name ends so; it is written under a temporary name, and moved
            into place when it is whole. Or a stream, which is written to at once.
        bad: a file for the rows without a value, with their lines and reasons.
        resume: go on where an interrupted run has stopped, if there is one.
        told: is told of the progress.
        threads: that compute; 0 for as many as there are processors.

    Raises:
        FormulaError: the file cannot be read, its columns are not as needed, or the run to go on with was another's.
        OSError: what is written cannot be.
    """
    with ExitStack() as stack:
        reader = stack.enter_context(opened(source))
        job.check(reader)
        parquet = isinstance(output, str) and Path(output).suffix.lower() == ".parquet"
        writer: Writer = (ParquetWriter if parquet else TextWriter)(reader, job.added)
        journal = None
        if isinstance(output, str):
            check_writable(Path(output))
            journal = _Journal(output, {**job.described(), **_described(source), "--bad": bad})
        at = journal.last(bad) if journal and resume else _Checkpoint()
        out = stack.enter_context(_opened(output, at.size))
        faults = stack.enter_context(_opened(bad or BytesIO(), at.bad))
        if journal:
            stack.enter_context(journal.opened(at))
        if at.place is None:
            writer.begin(out)
            faults.write(f"{reader.unit},column,reason\n".encode())
        else:
            writer.go_on(at.known)
        counts = at.counts
        try:
            for after, read, done in _in_order(job, reader, writer, at.place, bool(bad), threads):
                known = writer.write(done.encoded, out)
                faults.write(done.bad)
                counts.add(done.counts)
                if journal:
                    journal.write(after, out, faults, counts, known)
                if told:
                    told(read, reader.size)
            writer.finish(out)
        except FormulaError:
            if journal:
                journal.discard(bad)
            raise
    for path in (bad, output):
        if isinstance(path, str) and path and not is_device(Path(path)):
            put_in_place(_part(path), Path(os.path.realpath(path)))
    if journal:
        journal.path.unlink()
    return counts


def _in_order(
    job: Job, reader: Reader, writer: Writer, begin: Place | None, told: bool, threads: int
) -> Iterator[tuple[Place, int, Done]]:
    """The pieces of a file computed, in their order; a few are at work at once."""
    count = threads or min(_MOST_THREADS, os.cpu_count() or 1)
    pending: deque[tuple[Place, int, Future[Done]]] = deque()
    pool = ThreadPoolExecutor(count)
    try:
        for piece in reader.pieces(begin):
            pending.append((piece.after, piece.read, pool.submit(computed, job, reader, writer, piece, told)))
            if len(pending) > count:
                after, read, done = pending.popleft()
                yield after, read, done.result()
        while pending:
            after, read, done = pending.popleft()
            yield after, read, done.result()
    finally:
        pool.shutdown(cancel_futures=True)


def _described(source: str) -> dict[str, Any]:
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


def _part(path: str) -> Path:
    """The temporary name of a file, beside it."""
    return Path(f"{os.path.realpath(path)}.part")


class _Summed:
    """A file that is written from a place on, with the sum of all its bytes (CRC 32)."""

    def __init__(self, file: BinaryIO, sum: int, size: int):
        self._file, self.sum, self.size = file, sum, size

    def write(self, data: bytes) -> int:
        self._file.write(data)
        self.sum = zlib.crc32(data, self.sum)
        self.size += len(data)
        return len(data)

    def tell(self) -> int:
        return self.size

    def flush(self) -> None:
        self._file.flush()


@contextmanager
def _opened(output: str | BinaryIO, size: int) -> Iterator[_Summed]:
    """A file, of which so many bytes stay, under its temporary name; in the end it is on the disk. Or a stream."""
    if not isinstance(output, str):
        yield _Summed(output, 0, 0)
        output.flush()
        return
    if is_device(Path(output)):
        with open(output, "wb") as out:
            yield _Summed(out, 0, 0)
        return
    with open(os.open(_part(output), os.O_RDWR | os.O_CREAT, 0o666), "r+b") as out:
        out.truncate(size)
        yield _Summed(out, _sums(out, [size])[0], size)
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
class _Checkpoint:
    """How far a run has come: where it goes on in the file it reads, what was written by then, and `known`, what its
    writer must know of that."""

    place: Place | None = None
    size: int = 0
    bad: int = 0
    counts: Counts = field(default_factory=Counts)
    known: tuple[str, ...] = ()


class _Journal:
    """What a run has written, line by line in a file beside it: first what is computed, then each block."""

    def __init__(self, output: str, described: Mapping[str, Any]):
        self.path = Path(f"{_part(output)}.journal")
        self._output, self._described = output, dict(described)

    @contextmanager
    def opened(self, at: _Checkpoint) -> Iterator[None]:
        """Written anew, or from a checkpoint on."""
        with open(self.path, "r+" if at.place else "w", encoding="utf-8") as self._file:
            if at.place is None:
                self._file.write(json.dumps(self._described) + "\n")
            else:
                for _ in range(1 + len(at.known)):
                    self._file.readline()
                self._file.seek(self._file.tell())
                self._file.truncate()
            yield

    def write(self, after: Place, out: _Summed, bad: _Summed, counts: Counts, known: str) -> None:
        """Note that a block was written."""
        out.flush()
        bad.flush()
        sizes = {"out": [out.size, out.sum], "bad": [bad.size, bad.sum]}
        self._file.write(json.dumps({"after": after, **sizes, "counts": asdict(counts), "known": known}) + "\n")
        self._file.flush()

    def last(self, bad: str) -> _Checkpoint:
        """The last checkpoint up to which everything that was written is there as it was written.

        Raises:
            FormulaError: it is the journal of another run.
        """
        try:
            first, *rest = [json.loads(line) for line in self.path.read_text("utf-8").split("\n")[:-1]]
            sums = {"out": self._sums(self._output, rest, "out"), "bad": self._sums(bad, rest, "bad")}
        except (OSError, ValueError):  # nothing, or not even the first line was written
            return _Checkpoint()
        if other := next((key for key, value in self._described.items() if first.get(key) != value), ""):
            raise FormulaError(
                f"the interrupted run was another: its {other} differs", help="leave out --resume to begin anew"
            )
        good = next(  # a machine that stopped may have lost the last of what was written
            (i for i, line in enumerate(rest) if any(sums[key][i : i + 1] != [line[key][1]] for key in sums)), len(rest)
        )
        if not good:
            return _Checkpoint()
        line = rest[good - 1]
        known = tuple(each["known"] for each in rest[:good])
        place = Place(tuple(line["after"][0]), line["after"][1])
        return _Checkpoint(place, line["out"][0], line["bad"][0], Counts(**line["counts"]), known)

    def _sums(self, path: str, lines: list[Any], key: str) -> list[int]:
        """The sums of the bytes of a file at each line, as far as there are that many."""
        if not path:
            return [line[key][1] for line in lines]
        with open(_part(path), "rb") as file:
            return _sums(file, [line[key][0] for line in lines])

    def discard(self, bad: str) -> None:
        """Remove what was written."""
        for path in (_part(self._output), self.path, *([_part(bad)] if bad else [])):
            with suppress(OSError):
                path.unlink()
