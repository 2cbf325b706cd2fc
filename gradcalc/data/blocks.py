"""Blocks of rows: the numbers of the columns that a formula needs, and the rows as they are in the file."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from gradcalc.language.errors import NOWHERE, FormulaError, Span, needing
from gradcalc.language.matching import near
from gradcalc.language.reading import PLAIN_NAME, short
from gradcalc.record import dataclass, field

if TYPE_CHECKING:
    import numpy as np

    from .delimited import Delimited, TextRows
    from .parquet import Parquet, TableRows

    Reader: TypeAlias = Delimited | Parquet
    Rows: TypeAlias = TextRows | TableRows
    Numbers = np.ndarray[Any, np.dtype[np.float64]]

BLOCK_BYTES = 2**22  # of text that are one block, which a processor keeps near
FIRST_BYTES = 2**14
BLOCK_ROWS = 2**18  # of Parquet that are one block, as far as its row groups allow


@cache
def arrow(module: str = "") -> Any:
    """pyarrow, or a module of it.

    Raises:
        MissingLibraryError: it is not installed.
    """
    with needing("reading columns from a file", "data"):
        import pyarrow
        import pyarrow.compute
        import pyarrow.csv
        import pyarrow.parquet
    return getattr(pyarrow, module) if module else pyarrow


class Fault(NamedTuple):
    """Why a row has no results: in a column, or in the row as a whole where `column` is empty."""

    column: str
    reason: str


class Place(NamedTuple):
    """Where a block begins: what a reader needs to go on from there, and the line or row there, from 1."""

    at: tuple[int, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Stretch:
    """Rows of a file, not yet taken apart; `after` is where the next begin, `read` how far the file is read by then.
    `last` where the file ends with them."""

    begin: Place
    after: Place
    read: int
    held: Any
    last: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """Rows, and the numbers of columns by name; nan where a cell is no finite number."""

    size: int
    numbers: Mapping[str, Numbers]
    rows: Rows
    blank: Mapping[str, int] = field(default_factory=dict)  # empty cells by column


_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?", re.I | re.ASCII)
_NOT_FINITE = re.compile(r"[+-]?(?:nan|inf|infinity)|n/?a|null|none", re.I)


def fault(column: str, cell: str | None) -> Fault:
    """Why the text of a cell is no finite number."""
    text = (cell or "").strip()
    if not text:
        return Fault(column, f"{column} is empty")
    if _NOT_FINITE.fullmatch(text):
        return Fault(column, f"{column} is {text}, no finite number")
    if _NUMBER.fullmatch(text):
        beyond = "more than a double can hold" if float(text) else "too small for a double, and not 0"
        return Fault(column, f"{column} is {text}, {beyond}")
    shown = text if len(text) <= 40 else f"{text[:37]}..."
    comma = ": a decimal comma is not read" if _NUMBER.fullmatch(text.replace(",", ".", 1)) else ""
    return Fault(column, f"{column} is '{shown}', no number{comma}")


def texts_as_numbers(texts: Any) -> Numbers:
    """The numbers of an arrow array of texts; nan where one is none, or would become 0 and is not. Blanks around a
    number are no part of it."""
    import numpy as np

    pa, pc = arrow(), arrow("compute")
    trimmed = pc.utf8_trim_whitespace(texts)
    is_number = pc.match_substring_regex(trimmed, f"^(?:{_NUMBER.pattern})$", ignore_case=True)
    found = pc.cast(pc.if_else(is_number, trimmed, pa.scalar(None, texts.type)), pa.float64())
    lost = pc.and_(pc.equal(found, 0), pc.match_substring_regex(trimmed, "^[+-]?[0.]*[1-9]"))
    found = pc.if_else(lost, pa.scalar(None, pa.float64()), found)
    return only_finite(np.asarray(found.to_numpy(zero_copy_only=False), float))


def only_finite(numbers: Numbers) -> Numbers:
    """The numbers, with nan for infinities."""
    import numpy as np

    finite = np.isfinite(numbers)
    return numbers if finite.all() else np.where(finite, numbers, np.nan)


def place_of(name: str, columns: Sequence[str], where: str, otherwise: str = "", span: Span = NOWHERE) -> int:
    """Which of the columns has a name, which stands at `span`; `otherwise` says what a name can be besides a column.

    Raises:
        FormulaError: none has, or several have.
    """
    found = [i for i, column in enumerate(columns) if column == name]
    if len(found) == 1:
        return found[0]
    if found:
        places = " and ".join(str(i + 1) for i in found)
        raise FormulaError(f"{where} has several columns {name}: {places}", help="give each column its own name")
    listed = ", ".join(columns[:20]) + (", ..." if len(columns) > 20 else "")
    better = next((column for column in columns if column.lower() == name.lower()), "") or near(name, columns)
    meant = f"did you mean {better}? " if better else ""
    has = f"its columns are {listed}"
    if columns and all(_NUMBER.fullmatch(column) for column in columns):
        has = f"its first line has numbers, {listed}, where the names of the columns are to stand"
    elif len(columns) == 1 and " " in columns[0]:
        has = f"its one column is '{listed}': commas, semicolons or tabs stand between columns"
    elif strange := [column for column in columns if name in column and not PLAIN_NAME.fullmatch(column)]:
        has += f"; rename '{short(strange[0])}', as a name has letters, digits and _ alone"
    otherwise = otherwise or f"or give it a value, as in {name}=2"
    raise FormulaError(f"{where} has no column {name}", span, f"{meant}{has}; {otherwise}")
