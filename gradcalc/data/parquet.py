"""Parquet files: row groups, in blocks of rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcalc.language.errors import FormulaError
from gradcalc.record import dataclass

from .blocks import BLOCK_ROWS, Block, Fault, Place, Stretch, arrow, fault, only_finite, place_of, texts_as_numbers

if TYPE_CHECKING:
    from .blocks import Numbers


class Parquet:
    """A Parquet file, with what `Delimited` has. A place is a list of row groups, by number, and a block in it."""

    unit, delimiter, block_bytes, first_bytes, header, line_end = "row", ",", 0, 0, b"", b"\n"

    def __init__(self, path: str, size: int):
        """
        Raises:
            FormulaError: it is no whole Parquet file.
        """
        pa = arrow()
        self.name, self.size = path, size
        try:
            self._file = arrow("parquet").ParquetFile(path)  # closed with this object
        except (pa.ArrowException, OSError) as error:
            raise self._broken(error) from None
        self.columns = tuple(self._file.schema_arrow.names)
        self.schema = self._file.schema_arrow

    def _broken(self, error: Exception) -> FormulaError:
        reason = str(error).splitlines()[0]
        return FormulaError(f"{self.name} is no whole Parquet file: {reason}", help="it may have been cut off")

    def _lists(self) -> list[list[int]]:
        """Row groups that are read together: as many as give a block, or one."""
        metadata, found, rows = self._file.metadata, [[]], 0  # type: ignore[var-annotated]
        for i in range(metadata.num_row_groups):
            if found[-1] and rows + metadata.row_group(i).num_rows > BLOCK_ROWS:
                found.append([])
                rows = 0
            found[-1].append(i)
            rows += metadata.row_group(i).num_rows
        return found

    def pieces(self, begin: Place | None = None) -> Iterator[Stretch]:
        """Its rows, piece by piece."""
        pa = arrow()
        place = begin or Place((0, 0), 1)
        lists, skipped = self._lists(), place.at[1]
        total = max(1, self._file.metadata.num_rows)
        for number in range(place.at[0], len(lists)):
            batches = self._file.iter_batches(BLOCK_ROWS, row_groups=lists[number], use_threads=False)
            try:
                for k, batch in enumerate(batches):
                    if k < skipped:
                        continue
                    after = Place((number, k + 1), place.line + batch.num_rows)
                    read = self.size * (after.line - 1) // total
                    yield Stretch(place, after, read, batch)
                    place = after
            except (pa.ArrowException, OSError) as error:
                raise self._broken(error) from None
            skipped = 0

    def remark(self, piece: Stretch) -> str:
        """Nothing: a Parquet file that is cut off cannot be read."""
        return ""

    def block(self, piece: Stretch, names: Sequence[str]) -> Block:
        """A piece taken apart: the numbers of the columns of these names."""
        table = arrow().Table.from_batches([piece.held])
        numbers, blank = {}, {}
        for name in names:
            column = table.column(place_of(name, self.columns, self.name)).combine_chunks()
            numbers[name] = self._numbers(name, column)
            blank[name] = column.null_count
        return Block(table.num_rows, numbers, TableRows(piece.begin.line, table), blank)

    def _numbers(self, name: str, column: Any) -> Numbers:
        pa = arrow()
        kind = column.type
        if pa.types.is_dictionary(kind):
            column, kind = column.dictionary_decode(), kind.value_type
        if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
            return texts_as_numbers(column)
        numeric = (pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal, pa.types.is_null)  # null: all empty
        if not any(is_kind(kind) for is_kind in numeric):
            raise FormulaError(f"{self.name}: column {name} holds {kind}, no numbers")
        doubles = column.cast(pa.float64(), safe=False)  # a whole number beyond 2^53 becomes the nearest double
        return only_finite(np.asarray(doubles.to_numpy(zero_copy_only=False), float))


@dataclass(frozen=True, slots=True)
class TableRows:
    """Rows of a table; `first` is the number of its first row in the file, from 1."""

    first: int
    whole: Any

    def line(self, row: int) -> int:
        return self.first + row

    def faults(self, row: int, names: Sequence[str]) -> list[Fault]:
        cells = {name: self.whole.column(name)[row].as_py() for name in names}
        return [fault(name, None if cell is None else str(cell)) for name, cell in cells.items()]

    def table(self, numbers: Mapping[str, Numbers]) -> Any:
        return self.whole

    def lines(self, results: Mapping[str, Numbers]) -> bytes:
        pa, pa_csv = arrow(), arrow("csv")
        out = BytesIO()
        found = self.whole
        for name, column in results.items():
            found = found.append_column(name, pa.array(column, from_pandas=True))
        try:
            pa_csv.write_csv(found, out, pa_csv.WriteOptions(include_header=False))
        except pa.ArrowException as error:
            raise FormulaError(f"a column cannot be written as CSV: {error}", help="write to a .parquet file") from None
        return out.getvalue().removesuffix(b"\n")
