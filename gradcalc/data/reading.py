"""Files of columns opened, and small ones read whole."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from gradcalc.language.errors import FormulaError, needing

if TYPE_CHECKING:
    from .blocks import Numbers, Reader

FIRST_BYTES = {b"PAR1": "Parquet", b"\x1f\x8b": "gzip", b"PK\x03\x04": "zip", b"\x28\xb5\x2f\xfd": "zstd"}


@contextmanager
def opened(path: str) -> Iterator[Reader]:
    """The file, or with `-` what comes on stdin: Parquet where it says so by its first bytes, else delimited text.

    Raises:
        FormulaError: it cannot be read, is empty, or is neither.
    """
    with needing("reading columns from a file", "data"):
        from .delimited import Delimited
        from .parquet import Parquet

    with ExitStack() as stack:
        try:
            file: BinaryIO = sys.stdin.buffer if path == "-" else stack.enter_context(open(path, "rb", buffering=0))
            regular = path != "-" and Path(path).is_file()
            size = os.stat(path).st_size if regular else 0
            first = os.pread(file.fileno(), 4, 0) if regular else b""
        except (OSError, ValueError) as error:  # ValueError: of a NUL
            raise FormulaError(f"cannot read {path}: {getattr(error, 'strerror', error)}") from None
        kind = next((kind for mark, kind in FIRST_BYTES.items() if first.startswith(mark)), "")
        if kind not in ("", "Parquet"):
            spreadsheet = "; of a spreadsheet, save the table as CSV" if kind == "zip" else ""
            help = f"unpack it, or hand it over by a pipe and --data -{spreadsheet}"
            raise FormulaError(f"{path} is a {kind} file", help=help)
        yield Parquet(path, size) if kind else Delimited(file, "the input" if path == "-" else path, size)


def read_columns(path: str, names: Sequence[str]) -> dict[str, Numbers]:
    """The numbers of the columns of these names, of a CSV or Parquet file that fits into memory; `-` is stdin.

    Each is an array of doubles, one number a row.

    Raises:
        FormulaError: there is no such file or column, there are no rows, or a cell has no finite number; the message
            says which, with its line and column.
        MissingLibraryError: pyarrow is not installed.
    """
    import numpy as np

    blocks = []
    with opened(path) as reader:
        for piece in reader.pieces():
            block = reader.block(piece, names)
            for name in names:
                missing = np.flatnonzero(np.isnan(block.numbers[name]))
                if len(missing):
                    row = int(missing[0])
                    reason = block.rows.faults(row, [name])[0].reason
                    where = f"{reader.name}, {reader.unit} {block.rows.line(row)}"
                    raise FormulaError(f"{where}: {reason}", help="every row needs a number there, or is left out")
            blocks.append(block)
    if not any(block.size for block in blocks):
        raise FormulaError(f"{reader.name} has no rows")
    return {name: np.concatenate([block.numbers[name] for block in blocks]) for name in names}
