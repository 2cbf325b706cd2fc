"""A formula over the columns of a file: a `Job`, and how a piece of the file is computed."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from functools import cached_property
from math import isnan
from typing import TYPE_CHECKING, Any

from gradcalc import gradients
from gradcalc.compiled import Compiled
from gradcalc.engine.lowering import as_constant
from gradcalc.engine.program import program_of
from gradcalc.engine.rewrite import prepare
from gradcalc.language.errors import FormulaError
from gradcalc.language.formula import Formula, free_names, to_text
from gradcalc.language.functions import CONSTANTS, YIELDING
from gradcalc.record import dataclass, field
from gradcalc.version import __version__

from .blocks import Block, Fault, Stretch, place_of

if TYPE_CHECKING:
    from .blocks import Numbers, Reader
    from .writing import Writer


@dataclass(frozen=True)
class Job:
    """A formula to be computed for every row of a file.

    Attributes:
        formula: with its definitions linked.
        columns: its names that are columns of the file.
        values: its other names, which are constants, with their values.
        wrt: the names that derivatives are wanted by.
        prefix: what stands before the names of the columns that are added, `value` and `d_NAME`.
    """

    formula: Formula
    columns: tuple[str, ...]
    values: Mapping[str, Any]
    wrt: tuple[str, ...]
    prefix: str = ""

    @property
    def added(self) -> tuple[str, ...]:
        """The names of the columns that are added."""
        return tuple(f"{self.prefix}{name}" for name in ("value", *(f"d_{name}" for name in self.wrt)))

    def described(self) -> dict[str, Any]:
        """All that decides on what is written, as texts."""
        values = {name: str(value) for name, value in self.values.items()}
        names = {"columns": self.columns, "derivatives": self.wrt, "names": self.added}
        texts = {key: ", ".join(each) for key, each in names.items()}
        return {"formula": to_text(self.formula), "values": values, **texts, "version of gradcalc": __version__}

    def notes(self, reader: Reader) -> list[str]:
        """Remarks on the columns of a file.

        Raises:
            FormulaError: it lacks a column, has one of a name that is to be added, or of a constant's.
        """
        for name in self.columns:
            place_of(name, reader.columns, reader.name)
        for name in self.added:
            if name in reader.columns:
                raise FormulaError(
                    f"{reader.name} has a column {name} already",
                    help=f"add --prefix f_ to write f_{name} instead, or rename the column",
                )

        rename = "rename the column"
        for name in CONSTANTS:
            if name in reader.columns and name not in self.values and name in free_names(prepare(self.formula)):
                raise FormulaError(
                    f"{name} is {YIELDING.get(name, 'a constant')} in the formula and a column of {reader.name}",
                    help=f"give it a value, such as {name}=1, or {rename}" if name in YIELDING else rename,
                )
        given = [name for name in self.values if name in reader.columns]
        return [f"{name} has the value that was given, not those of the column" for name in given]

    def results(self, block: Block) -> dict[str, Numbers]:
        """The columns that are added to a block; nan where there is no value."""
        import numpy as np

        if not block.size:
            return {name: np.empty(0) for name in self.added}
        if not self.columns:
            value, by_name = gradients.value_and_grad(self.formula, self.values, self.wrt)
            return {n: np.full(block.size, v) for n, v in zip(self.added, (value, *by_name.values()), strict=True)}
        value, by_name = gradients.over_columns(self.formula, {**self.values, **block.numbers}, self.wrt, told=False)
        return dict(zip(self.added, (value, *by_name.values()), strict=True))

    def faults(self, block: Block, row: int) -> list[Fault]:
        """Why a row has no value, or not all derivatives."""
        if found := block.rows.faults(row, [name for name in self.columns if isnan(block.numbers[name][row])]):
            return found
        at = {**self.values, **{name: float(block.numbers[name][row]) for name in self.columns}}
        try:
            gradients.value_and_grad(self.formula, at, self.wrt)
        except FormulaError as error:
            return [Fault("", error.message)]
        return [Fault("", "no value in the arithmetic of columns")]

    @cached_property
    def _kinks(self) -> Compiled | None:
        smooth = program_of(self.formula).smooth
        names = [*self.columns, *self.values]  # e may be among them
        return None if smooth or not self.wrt or not self.columns else Compiled(self.formula, names=names)

    def on_kinks(self, block: Block) -> int:
        """How many rows stand on a kink, or on the edge of a branch."""
        import numpy as np

        if self._kinks is None:
            return 0
        known = {name: gradients.evaluate(as_constant(value, name), {}) for name, value in self.values.items()}
        given = {**known, **block.numbers}
        return int(np.count_nonzero(self._kinks.kinks(**{name: given[name] for name in self._kinks.names})))


@dataclass
class Counts:
    """How a file has gone: its rows, those without a value or a derivative, of them those with a cell that is no
    number, and the first; the rows on kinks; and the empty cells by column."""

    rows: int = 0
    missing: int = 0
    faulty: int = 0
    kinks: int = 0
    first: str = ""
    blank: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def add(self, other: Counts) -> None:
        self.rows += other.rows
        self.missing += other.missing
        self.faulty += other.faulty
        self.kinks += other.kinks
        self.first = self.first or other.first
        self.notes += [note for note in other.notes if note not in self.notes]
        for name, count in other.blank.items():
            self.blank[name] = self.blank.get(name, 0) + count

    @property
    def all_blank(self) -> list[str]:
        """The columns that are empty in every row."""
        return [name for name, count in self.blank.items() if self.rows and count == self.rows]


@dataclass(frozen=True, slots=True)
class ComputedBlock:
    """A block computed: ready to be written, counted, and the lines of the file of bad rows."""

    encoded: Any
    counts: Counts
    bad: bytes


def computed(job: Job, reader: Reader, writer: Writer, piece: Stretch, told: bool) -> ComputedBlock:
    """A piece of a file computed; `told` tells whether every row without a value is told with its reason."""
    import numpy as np

    block = reader.block(piece, job.columns)
    results = job.results(block)
    missing = (
        np.flatnonzero(np.isnan(np.stack(list(results.values()))).any(axis=0)) if block.size else np.array([], int)
    )
    faulty = np.zeros(len(missing), bool)
    for column in block.numbers.values():
        faulty |= np.isnan(column[missing])
    notes = [reader.remark(piece)] if piece.last and reader.remark(piece) else []
    counts = Counts(
        block.size, len(missing), int(faulty.sum()), job.on_kinks(block), blank=dict(block.blank), notes=notes
    )
    lines = io.StringIO()
    rows = csv.writer(lines, lineterminator="\n")
    for row in missing if told else missing[:1]:
        for fault in job.faults(block, int(row)):
            line = block.rows.line(int(row))
            counts.first = counts.first or f"{reader.name}, {reader.unit} {line}: {fault.reason}"
            rows.writerow([line, fault.column, fault.reason])
    return ComputedBlock(writer.encoded(block, results), counts, lines.getvalue().encode() if told else b"")
