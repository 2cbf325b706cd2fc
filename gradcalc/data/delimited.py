"""Delimited text, CSV: rows between line ends, names in the first line, cells between commas, tabs or semicolons.

The grammar is that of RFC 4180: a cell that begins with a quotation mark goes to the next one that is not doubled, over
line ends too; a mark elsewhere is a character as any other. Line ends are LF or CR LF; empty lines are no rows. Rows
are kept as they are, byte by byte.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from gradcalc.language.errors import FormulaError
from gradcalc.record import dataclass, field

from .blocks import (
    BLOCK_BYTES,
    FIRST_BYTES,
    Block,
    Fault,
    Place,
    Stretch,
    arrow,
    fault,
    only_finite,
    place_of,
    texts_as_numbers,
)

if TYPE_CHECKING:
    from .blocks import Numbers

_LONGEST = 2**26  # bytes of one row
_LINE_END, _RETURN, _QUOTE = b'\n\r"'


class Delimited:
    """A delimited text.

    Args:
        file: where it is read, from its beginning.
        name: for messages.
        size: its bytes; 0 where that is not known.

    Attributes:
        columns: their names.
        header: the line with the names as it is, without its end.
        block_bytes: how many are one block.
        first_bytes: how many are the first; those behind it are each as large as all before.
    """

    unit = "line"  # of places

    def __init__(self, file: BinaryIO, name: str, size: int):
        """
        Raises:
            FormulaError: it is empty, or its first line cannot be read.
        """
        self.name, self.size, self._file, self.block_bytes = name, size, file, BLOCK_BYTES
        self.first_bytes = min(FIRST_BYTES, BLOCK_BYTES)
        self._begun = _filled(io.BytesIO(), file, BLOCK_BYTES)
        if not self._begun.strip(b"\xef\xbb\xbf\r\n\t "):
            first = "a Parquet file begins with PAR1" if name.endswith(".parquet") else ""
            raise FormulaError(f"{name} is empty", help=first or "its first line has the names of the columns")
        start = len(self._begun) - len(self._begun.lstrip(b"\r\n"))
        end = _first_end(self._begun, start)
        self._offset = min(end + 1, len(self._begun))
        self.header = self._begun[:end].removesuffix(b"\r")
        self.line_end = b"\r\n" if self._begun[end - 1 : end] == b"\r" else b"\n"
        text = self._decoded(self.header[start:]).removeprefix("\ufeff")
        if "\r" in text and '"' not in text:
            raise FormulaError(f"{name} ends its lines with a carriage return alone", help="save it with LF or CR LF")
        self.delimiter = next((mark for mark in ",\t;" if mark in text), ",")
        self.columns = tuple(cell.strip() for cell in _cells(text, self.delimiter))

    def _decoded(self, header: bytes) -> str:
        if header[:2] in (b"\xff\xfe", b"\xfe\xff"):
            raise FormulaError(f"{self.name} is UTF-16, which is not read", help="save it as UTF-8")
        try:
            return header.decode("utf-8")
        except UnicodeDecodeError as error:
            raise FormulaError(f"{self.name}, line 1, byte {error.start + 1}: no UTF-8 text") from None

    def pieces(self, begin: Place | None = None) -> Iterator[Stretch]:
        """Its rows, piece by piece, small ones first, so that something is there soon where rows take long; where a
        piece ends depends on the file alone."""
        lines = self._begun.count(b"\n", 0, self._offset)
        place = begin or Place((self._offset, self._offset + self.first_bytes), lines + 1)
        offset, target = place.at
        ahead = io.BytesIO(b"" if begin else self._begun[offset:])
        if begin:
            self._file.seek(offset)
        rest = _filled(ahead, self._file, target - offset)
        last = len(rest) < target - offset
        while rest or not last:
            step = min(target, self.block_bytes)
            cut = len(rest) if last else _last_end(rest, self.delimiter.encode())
            if cut:
                data = rest[:cut]
                after = Place((offset + cut, target + step), place.line + data.count(b"\n"))
                yield Stretch(place, after, offset + cut, data, last)
                place, offset, rest = after, offset + cut, rest[cut:]
            elif len(rest) > _LONGEST:
                raise FormulaError(
                    f"{self.name}, line {place.line}: this row has more than {len(rest):,} bytes",
                    help='a " that is never closed?',
                )
            target += step
            more = b"" if last else _filled(ahead, self._file, step)
            last = len(more) < step
            rest += more

    def remark(self, piece: Stretch) -> str:
        """That the last line has no end, which may be in the middle of a number."""
        if not piece.last or piece.held.endswith(b"\n"):
            return ""
        line = piece.after.line
        return f"{self.name}, line {line}, has no line end; if the file was cut off, its last number may be, too"

    def block(self, piece: Stretch, names: Sequence[str]) -> Block:
        """A piece taken apart: the numbers of the columns of these names."""
        rows = TextRows(piece, self.columns, self.delimiter)
        used = {name: str(place_of(name, self.columns, self.name)) for name in names}
        pa = arrow()
        try:
            table = rows.read({column: pa.float64() for column in used.values()})
            numbers = {name: table.column(column).to_numpy() for name, column in used.items()}
            if any((column == 0).any() for column in numbers.values()) and _has_tiny(piece.held):
                raise pa.ArrowInvalid  # texts tell which of the zeros are none
        except pa.ArrowInvalid:
            table = rows.read({column: pa.binary() for column in used.values()})
            numbers = {name: texts_as_numbers(_as_texts(table.column(column))) for name, column in used.items()}
        blank = {name: table.column(column).null_count for name, column in used.items()}
        found = {name: only_finite(rows.among_all(column)) for name, column in numbers.items()}
        return Block(len(rows.starts), found, rows, blank)


def _has_tiny(data: bytes) -> bool:
    """Whether there may be a number that is too small for a double; one pattern for both letters would be slow."""
    return any(re.search(each, data) for each in (rb"e-0*[1-9]\d{2}", rb"E-0*[1-9]\d{2}")) or b"0" * 300 in data


def _as_texts(column: Any) -> Any:
    """Bytes as texts; where they are none, they are not numbers either."""
    pa = arrow()
    try:
        return column.combine_chunks().cast(pa.string())
    except pa.ArrowInvalid:
        return pa.array([cell and cell.decode("utf-8", "replace") for cell in column.to_pylist()], pa.string())


@dataclass
class TextRows:
    """Rows of a text, from `starts` to `ends`, without their line ends. `wrong` has the rows with more or fewer cells
    than there are columns, and how many; they are known after `read`."""

    piece: Stretch
    columns: Sequence[str]
    delimiter: str
    wrong: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        data = np.frombuffer(self.piece.held, np.uint8)
        self.quoted = b'"' in self.piece.held
        marks = self.delimiter.encode()
        cuts = _row_ends(self.piece.held, marks) if self.quoted else np.flatnonzero(data == _LINE_END)
        if not len(cuts) or cuts[-1] != len(data) - 1:
            cuts = np.append(cuts, len(data))
        starts: Any = np.append(0, cuts[:-1] + 1)
        ends = cuts - ((data[np.maximum(cuts - 1, 0)] == _RETURN) & (cuts > starts))
        full = ends > starts
        self.starts, self.ends = (starts, ends) if full.all() else (starts[full], ends[full])
        self.whole = bool(full.all())

    def read(self, types: Mapping[str, Any]) -> Any:
        """The columns of these numbers, by pyarrow, as these types; rows with too few or many cells are left out."""
        pa, pa_csv = arrow(), arrow("csv")
        wrong: dict[int, int] = {}

        def leave_out(row: Any) -> str:
            wrong[row.number - 1] = row.actual_columns
            return "skip"

        data = self.piece.held
        table = pa_csv.read_csv(
            pa.BufferReader(data),
            pa_csv.ReadOptions(
                use_threads=False, block_size=len(data) + 1, column_names=[str(i) for i in range(len(self.columns))]
            ),
            pa_csv.ParseOptions(
                delimiter=self.delimiter, newlines_in_values=self.quoted, invalid_row_handler=leave_out
            ),
            pa_csv.ConvertOptions(
                include_columns=list(types), column_types=dict(types), null_values=["", " "], strings_can_be_null=True,
                check_utf8=False,
            ),
        )  # fmt: skip
        self.wrong = wrong
        assert table.num_rows + len(wrong) == len(self.starts), "pyarrow sees other rows"
        return table

    def among_all(self, column: Numbers) -> Numbers:
        """The numbers of the rows that were read, with nan for those left out and one that never ends."""
        if not self.wrong and not self._is_open:
            return np.asarray(column, float)
        found = np.full(len(self.starts), np.nan)
        found[np.delete(np.arange(len(found)), list(self.wrong))] = column
        if self._is_open:
            found[-1] = np.nan
        return found

    # ---- rows as they are

    @cached_property
    def _lines(self) -> Any:
        """The places of all line ends."""
        return np.flatnonzero(np.frombuffer(self.piece.held, np.uint8) == _LINE_END)

    def line(self, row: int) -> int:
        """The line of a row in the file, from 1."""
        return int(self.piece.begin.line + np.searchsorted(self._lines, self.starts[row]))

    def text(self, row: int) -> bytes:
        return bytes(self.piece.held[self.starts[row] : self.ends[row]])

    def faults(self, row: int, names: Sequence[str]) -> list[Fault]:
        """Why columns of these names give no numbers in a row."""
        if self._is_open and row == len(self.starts) - 1:
            return [Fault("", "a quotation mark in this row is never closed")]
        if row in self.wrong:
            return [Fault("", self._why_wrong(row))]
        cells = _cells(self.text(row).decode("utf-8", "backslashreplace"), self.delimiter) if names else []
        return [fault(name, cells[self.columns.index(name)]) for name in names]

    def _why_wrong(self, row: int) -> str:
        count, width = self.wrong[row], len(self.columns)
        at_end = self.piece.last and row == len(self.starts) - 1 and int(self.ends[row]) == len(self.piece.held)
        if at_end and count < width:
            return f"the file ends in the middle of this row, in column {self.columns[count - 1]}"
        return f"{count} cells for {width} columns: {self.text(row).decode('utf-8', 'backslashreplace')}"

    @cached_property
    def _is_open(self) -> bool:
        """Whether the file ends within quotation marks."""
        return self.piece.last and self.quoted and _is_open(self.text(len(self.starts) - 1), self.delimiter.encode())

    def table(self, numbers: Mapping[str, Numbers]) -> Any:
        """A pyarrow Table: the columns in `numbers` are those, and all others are texts."""
        pa = arrow()
        texts = [str(i) for i, name in enumerate(self.columns) if name not in numbers]
        read: Any = self.read(dict.fromkeys(texts, pa.binary())) if texts else None
        left_out = {row: _cells(self.text(row).decode("utf-8", "replace"), self.delimiter) for row in self.wrong}
        found = {}
        for i, name in enumerate(self.columns):
            if name in numbers:
                found[name] = pa.array(numbers[name], from_pandas=True)
                continue
            column = read.column(str(i)).combine_chunks().cast(pa.string())
            if left_out:
                own = pa.array([(*cells, *[None] * len(self.columns))[i] for cells in left_out.values()], pa.string())
                order = np.argsort([*np.delete(np.arange(len(self.starts)), list(left_out)), *left_out])
                column = pa.concat_arrays([column, own]).take(pa.array(order))
            found[name] = column
        return pa.table(found)

    def lines(self, results: Mapping[str, Numbers]) -> Any:
        """The rows with the results behind them; every row but the first follows a line end as in the file."""
        pa, pc = arrow(), arrow("compute")
        mark = self.delimiter.encode()
        columns = [pa.array(column, from_pandas=True) for column in results.values()]
        added = [pc.cast(column, pa.string()).cast(pa.binary()) for column in columns]
        kept = self._slices()
        if self.wrong or self._is_open:
            kept = pa.array([self._mended(row, text) for row, text in enumerate(kept.to_pylist())], pa.binary())
        joined = pc.binary_join_element_wise(kept, *added, pa.scalar(mark), null_handling="replace")
        return joined.buffers()[2] if len(self.starts) else b""

    def _slices(self) -> Any:
        """The rows, each with the line end before it, as an arrow array without a copy where there are no others."""
        pa, n = arrow(), len(self.starts)
        if not n:
            return pa.array([], pa.binary())
        if not self.whole:
            data, starts = self.piece.held, self.starts.tolist()
            before = [0, *(2 if data[start - 2 : start] == b"\r\n" else 1 for start in starts[1:])]
            pieces = [data[a - n : b] for a, n, b in zip(starts, before, self.ends.tolist(), strict=True)]
            return pa.array(pieces, pa.binary())
        offsets = np.empty(n + 1, np.int32)
        offsets[0], offsets[1:] = 0, self.ends
        return pa.Array.from_buffers(pa.binary(), n, [None, pa.py_buffer(offsets), pa.py_buffer(self.piece.held)])

    def _mended(self, row: int, text: bytes) -> bytes:
        """A row with its quotation mark closed and as many cells as there are columns, if it had fewer."""
        if row == len(self.starts) - 1 and self._is_open:
            text += b'"'
        return text + self.delimiter.encode() * max(0, len(self.columns) - self.wrong.get(row, len(self.columns)))


# ---- where rows end


def _row_ends(data: bytes, delimiter: bytes) -> Any:
    """The places of the line ends that end a row: those with an even number of quotation marks before them, if all
    marks open or close a cell; else cell by cell."""
    marks = np.frombuffer(data, np.uint8)
    quotes, ends = np.flatnonzero(marks == _QUOTE), np.flatnonzero(marks == _LINE_END)
    opening, closing = quotes[::2], quotes[1::2]
    around = np.concatenate(([_LINE_END], marks, [_LINE_END]))
    before, behind = around[opening], around[closing + 2]
    doubled = np.isin(opening - 1, closing)
    good = (before == delimiter[0]) | (before == _LINE_END) | doubled
    closed = (behind == delimiter[0]) | (behind == _LINE_END) | (behind == _RETURN) | (behind == _QUOTE)
    if good.all() and closed.all():
        return ends[np.searchsorted(quotes, ends) % 2 == 0]
    return np.array(_ends_one_by_one(data, delimiter), np.int64)


def _ends_one_by_one(data: bytes, delimiter: bytes) -> list[int]:
    cell = re.compile(rb'(?:"(?:[^"]|"")*(?:"|\Z))?[^%b\n]*' % re.escape(delimiter))
    place, found = 0, []
    while place < len(data):
        place = cell.match(data, place).end()  # type: ignore[union-attr]  # which takes nothing, too
        if data[place : place + 1] == b"\n":
            found.append(place)
        place += 1
    return found


def _is_open(row: bytes, delimiter: bytes) -> bool:
    cells = rb'(?:(?:"(?:[^"]|"")*")?[^%b\n]*%b)*"(?:[^"]|"")*' % (re.escape(delimiter), re.escape(delimiter))
    return re.fullmatch(cells, row) is not None


def _last_end(data: bytes, delimiter: bytes) -> int:
    """Behind the last line end that ends a row; 0 where none does."""
    if b'"' not in data:
        return data.rfind(b"\n") + 1
    ends = _row_ends(data, delimiter)
    return int(ends[-1]) + 1 if len(ends) else 0


def _first_end(data: bytes, start: int) -> int:
    line = data.find(b"\n", start)
    line = len(data) if line < 0 else line
    if b'"' not in data[start:line]:
        return line
    ends = [end for mark in (b",", b"\t", b";") for end in _ends_one_by_one(data[start : start + 2**16], mark)[:1]]
    return start + max(ends) if ends else line


def _cells(row: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader(io.StringIO(row, newline=""), delimiter=delimiter), [""])
    except csv.Error:  # a cell of more than 131,072 characters
        return row.split(delimiter)


def _filled(ahead: BinaryIO, file: BinaryIO, size: int) -> bytes:
    """So many bytes of what was read `ahead`, then of the file, or all; a pipe gives them little by little."""
    found = [ahead.read(size)]
    size -= len(found[0])
    while size > 0 and (more := file.read(size)):
        found.append(more)
        size -= len(more)
    return b"".join(found)
