"""Blocks written with their results: as delimited text, or as Parquet. A run that was interrupted can go on."""

from __future__ import annotations

import csv
import io
import mmap
import zlib
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, BinaryIO, TypeAlias

from .blocks import Block, arrow

if TYPE_CHECKING:
    from .blocks import Numbers, Reader

    Writer: TypeAlias = "TextWriter | ParquetWriter"


class Summed:
    """A file that is written from a place on, with the sum of all its bytes (CRC 32)."""

    def __init__(self, file: BinaryIO, sum: int, size: int):
        self._file, self.sum, self.size = file, sum, size

    def write(self, data: bytes) -> int:
        self._file.write(data)
        self.sum = zlib.crc32(data, self.sum)
        self.size += len(data)
        return len(data)

    def flush(self) -> None:
        self._file.flush()


class TextWriter:
    """Delimited text: the lines of a text as they are, with further cells; those of a table as pyarrow writes them.

    `encoded` may run in several threads, the other methods in one.
    """

    def __init__(self, reader: Reader, names: Sequence[str]):
        self._reader, self._names = reader, names

    def begin(self, out: Summed) -> None:
        """Write what stands before all rows."""
        reader = self._reader
        head = [] if reader.header else [*reader.columns]
        line = io.StringIO()
        csv.writer(line, delimiter=reader.delimiter, lineterminator="").writerow([*head, *self._names])
        added = line.getvalue().encode()
        out.write(reader.delimiter.encode().join([reader.header, added]) if reader.header else added)

    def encoded(self, block: Block, results: Mapping[str, Numbers]) -> Any:
        """A block with results by the names of their columns, ready for `write`."""
        return block.rows.lines(results)

    def write(self, encoded: Any, out: Summed) -> str:
        """Write it; what must be known besides the file to go on behind it."""
        if len(encoded):
            out.write(self._reader.line_end)
            out.write(encoded)
        return ""

    def go_on(self, known: Sequence[str]) -> None:
        """Take up a file again that holds blocks for which `write` said this."""

    def finish(self, out: Summed) -> None:
        """Write what stands behind all rows."""
        out.write(self._reader.line_end)


class ParquetWriter:
    """Parquet, as `TextWriter`: each block is a row group. The list of the row groups, which stands at the end of a
    Parquet file, is put together of those that pyarrow makes for each block."""

    def __init__(self, reader: Reader, names: Sequence[str]):
        self._groups: list[Any] = []
        reader.block_bytes *= 4  # a row group is not to be small
        reader.first_bytes = reader.block_bytes
        self._schema = getattr(reader, "schema", None)
        self._reader, self._names = reader, names

    def begin(self, out: Summed) -> None:
        out.write(b"PAR1")

    def encoded(self, block: Block, results: Mapping[str, Numbers]) -> Any:
        pa = arrow()
        table = block.rows.table(block.numbers)
        for name, column in results.items():
            table = table.append_column(name, pa.array(column, from_pandas=True))
        return table

    def write(self, encoded: Any, out: Summed) -> str:
        self._schema = encoded.schema
        if not encoded.num_rows:
            return ""
        placed = _Placed(out)
        self._add(encoded, placed)
        return b64encode(placed.footer).decode()

    def _add(self, table: Any, placed: _Placed) -> None:
        pa, found = arrow(), list[Any]()
        floats, schema = pa.types.is_floating, table.schema
        kinds = [name for name, kind in zip(schema.names, schema.types, strict=True) if not floats(kind)]
        sink = pa.PythonFile(placed, mode="w")
        writer = arrow("parquet").ParquetWriter(
            sink, table.schema, use_dictionary=kinds or False, metadata_collector=found
        )
        placed.skip(sink)
        try:
            writer.write_table(table, row_group_size=max(1, table.num_rows))
            placed.rows_end()
            writer.close()
        except BaseException:
            writer.is_open = False  # or it would be closed once more where it is forgotten, and fail aloud
            raise
        self._groups += found

    def go_on(self, known: Sequence[str]) -> None:
        pa, pq = arrow(), arrow("parquet")
        self._groups = [pq.read_metadata(pa.BufferReader(b"PAR1" + b64decode(each))) for each in known if each]

    def finish(self, out: Summed) -> None:
        whole = io.BytesIO()
        if self._groups:
            first, *rest = self._groups
            for each in rest:
                first.append_row_groups(each)
            first.write_metadata_file(whole)
        else:
            pa = arrow()
            schema = self._schema
            if schema is None:
                schema = pa.schema([(name, pa.string()) for name in self._reader.columns])
            for name in self._names:
                if name not in schema.names:
                    schema = schema.append(pa.field(name, pa.float64()))
            arrow("parquet").ParquetWriter(whole, schema).close()
        out.write(whole.getvalue()[4:])


class _Placed(io.RawIOBase):
    """A file for pyarrow's writer, which believes that its file is empty and counts from there: what comes before the
    place where ours ends is skipped, and the footer is kept."""

    def __init__(self, out: Summed):
        self._out, self._state, self.footer = out, "skip", b""

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        if self._state == "rows":
            self._out.write(data)
        elif self._state == "footer":
            self.footer += bytes(data)
        return len(data)

    def skip(self, sink: Any) -> None:
        """Let pyarrow count to where the file ends."""
        left = self._out.size - sink.tell()
        with mmap.mmap(-1, 2**28) as nothing, memoryview(nothing) as view:  # pages that nobody touches
            while left > 0:
                left -= sink.write(view[: min(left, len(view))])
        self._state = "rows"

    def rows_end(self) -> None:
        self._state = "footer"
