"""A fit that is asked: the formula and what it is to equal, its parameters, and the columns of data."""

from __future__ import annotations

import math
import os
import warnings
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from gradcalc.compiled import Compiled
from gradcalc.data import read_columns
from gradcalc.data.blocks import place_of
from gradcalc.data.reading import opened
from gradcalc.engine.lowering import as_constant
from gradcalc.engine.program import check_point
from gradcalc.engine.rewrite import as_formula, our_derivative, prepare
from gradcalc.gradients import evaluate
from gradcalc.language.errors import FormulaError, UndefinedError, check_options, needing
from gradcalc.language.formula import Call, Formula, Name, free_names
from gradcalc.language.functions import CONSTANTS, TABLE
from gradcalc.language.literals import how_many
from gradcalc.language.substitution import substitute
from gradcalc.record import dataclass

if TYPE_CHECKING:
    import numpy as np

    Numbers = np.ndarray[Any, np.dtype[np.float64]]

Parameters = Sequence[float] | Any  # or an array
Bounds = Mapping[str, tuple[float | None, float | None]]


class More(TypedDict, total=False):
    """The rest of a fit: the column of uncertainties, bounds of parameters, parameters that are fixed."""

    sigma: str | None
    bounds: Bounds | None
    fixed: Mapping[str, Any] | None


@dataclass(frozen=True)
class Problem:
    """The parameters that make the sum of squares of `residual` over the rows of `columns` least.

    Attributes:
        model: the formula that is fitted, with the fixed parameters put in.
        response: what it is to equal.
        residual: the formula less the response, by the uncertainty of each row where there are any.
        start: the parameters by name, with the numbers to begin at.
        columns: the data by name.
        low, high: the bounds of the parameters; infinite where there is none.
    """

    model: Formula
    response: Formula
    sigma: str
    residual: Formula
    start: Mapping[str, float]
    columns: Mapping[str, Numbers]
    low: tuple[float, ...]
    high: tuple[float, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.start)

    @property
    def rows(self) -> int:
        return len(next(iter(self.columns.values())))

    @cached_property
    def compiled(self) -> Compiled:
        """The residual and its derivatives by the parameters, over columns."""
        return Compiled(self.residual, self.names, names=(*self.names, *self.columns))

    @cached_property
    def derivatives(self) -> dict[str, Formula]:
        """The derivatives of the residual by the parameters, as formulas."""
        return {name: our_derivative(self.residual, name) for name in self.names}

    def residuals(self, parameters: Parameters) -> Numbers:
        """The residual of each row; nan where it has none."""
        with warnings.catch_warnings(action="ignore"):  # rows without a value are the solver's to judge
            return self._column(self.compiled.value(*map(float, parameters), *self.columns.values()))

    def jacobian(self, parameters: Parameters) -> Numbers:
        """The derivatives of the residuals, a row for each of the data and a column for each parameter."""
        import numpy as np

        with warnings.catch_warnings(action="ignore"):
            _, slopes = self.compiled.value_and_grad(*map(float, parameters), *self.columns.values())
        return np.stack([self._column(slopes[name]) for name in self.names], axis=1)

    def _column(self, found: Any) -> Numbers:
        import numpy as np

        return np.array(np.broadcast_to(found, (self.rows,)), float)

    def why_no_value(self, parameters: Parameters, row: int) -> FormulaError:
        """The error of a row that has no value."""
        at = {name: float(column[row]) for name, column in self.columns.items()}
        at |= dict(zip(self.names, map(float, parameters), strict=True))
        try:
            evaluate(self.residual, at)
        except FormulaError as error:
            what = f"at the start, row {row + 1} of the data has no value: {error.message}"
            return UndefinedError(what, error.diagnostic.span, "start at other numbers")
        return UndefinedError(f"at the start, row {row + 1} of the data has no value", help="start at other numbers")


def posed(
    formula: str | Formula, data: Any, y: str | Formula, start: Mapping[str, Any], **more: Unpack[More]
) -> Problem:
    """A problem, from names and numbers as people give them.

    Raises:
        FormulaError: a name is neither a parameter, nor fixed, nor a column; the data cannot be read; or there are
            fewer rows than parameters.
    """
    check_options(more, More)
    check_point(start)
    sigma, bounds = more.get("sigma"), more.get("bounds") or {}
    known = {name: as_constant(value, name) for name, value in (more.get("fixed") or {}).items()}
    typed = [prepare(as_formula(each)) for each in (formula, y)]
    named = {name for each in typed for name in free_names(each)}
    model, response = (prepare(substitute(each, known)) for each in typed)
    if both := [name for name in start if name in known]:
        raise FormulaError(f"{both[0]} has a value, so it needs no start", help="leave out one of them")
    begin = {name: evaluate(as_constant(value, name), certified=True) for name, value in start.items()}
    needed = free_names(model)
    if absent := [name for name in begin if name not in needed]:
        message = f"{absent[0]} has a start and is not in the formula"
        raise FormulaError(message, model.span, f"the names of the formula are {', '.join(needed)}")
    if not begin:
        raise FormulaError("nothing is to be fitted", model.span, f"give a start, as in {next(iter(needed), 'b')}=1")
    places = {**free_names(response), **needed}
    wanted = {name: place for name, place in places.items() if name not in begin and name not in CONSTANTS}
    constants = {name: place for name, place in places.items() if name in CONSTANTS}
    given = dict.fromkeys(begin, "start") | dict.fromkeys((name for name in known if name in named), "value")
    otherwise = {name: f"a parameter needs a start, or a value: {name}=..." for name in needed}
    otherwise |= {sigma: "the uncertainties are one of them"} if sigma else {}
    taken = _Taken(constants, given, otherwise)
    columns = _columns(data, {**wanted, **({sigma: Name(sigma)} if sigma else {})}, taken)
    if sigma and not (columns[sigma] > 0).all():
        row = int((columns[sigma] <= 0).argmax())
        raise FormulaError(
            f"row {row + 1} of the data: {sigma} is {columns[sigma][row]:g}, and an uncertainty is above 0"
        )
    residual: Formula = Call(TABLE["-"], (model, response), model.span)
    residual = Call(TABLE["/"], (residual, Name(sigma)), model.span) if sigma else residual
    low, high = _bounds(begin, bounds)
    found = Problem(model, response, sigma or "", residual, begin, columns, low, high)
    if found.rows < len(begin):
        rows, of = how_many(found.rows, "row"), how_many(len(begin), "parameter")
        raise FormulaError(f"{rows} {'does' if found.rows == 1 else 'do'} not determine {of}", help="fix some of them")
    return found


def _columns(data: Any, names: Mapping[str, Name], taken: _Taken) -> dict[str, Numbers]:
    """The columns of these names, each with where it first stands in a formula."""
    with needing("a fit", "data"):
        import numpy as np
        import scipy.optimize  # noqa: F401
    if isinstance(data, str | os.PathLike):
        path = os.fspath(data)
        if path != "-":
            with opened(path) as reader:
                _known(names, taken, reader.columns, path)
        return dict(read_columns(path, [*names]))
    columns = getattr(getattr(data, "dtype", None), "names", None)  # of a structured array
    if columns is None and not hasattr(data, "keys"):
        raise FormulaError("the data are neither columns by name nor a path", help='such as {"x": [1, 2], "y": [3, 4]}')
    _known(names, taken, columns or [*map(str, data.keys())], "the data")
    found = {}
    for name in names:
        try:
            column = np.asarray(data[name], float)
        except (TypeError, ValueError):
            raise FormulaError(f"the column {name} has cells that are no numbers: {_first_text(data[name])}") from None
        if column.ndim != 1:
            raise FormulaError(f"the column {name} has {column.ndim} dimensions, not one")
        if len(bad := np.flatnonzero(~np.isfinite(column))):
            raise FormulaError(f"{name}[{bad[0]}] is {column[bad[0]]:g}, no finite number")
        found[name] = column
    sizes = {name: len(column) for name, column in found.items()}
    if len({*sizes.values()}) > 1:
        told = ", ".join(f"{name} has {size}" for name, size in sizes.items())
        raise FormulaError(f"the columns have different lengths: {told}")
    return found


def _first_text(cells: Any) -> str:
    """The first cell that is no number, with its place."""
    for i, cell in enumerate(cells):
        try:
            float(cell)
        except (TypeError, ValueError):
            return f"{cell!r} at {i}"
    return "of several in one"


@dataclass(frozen=True, slots=True)
class _Taken:
    """Names that are to be no columns: constants, with their places, and those given a `start` or a `value`; and what a
    name may be if it is no column, where that is not what is fitted."""

    constants: Mapping[str, Name]
    given: Mapping[str, str]
    otherwise: Mapping[str, str]


def _known(names: Mapping[str, Name], taken: _Taken, columns: Sequence[str], where: str) -> None:
    """Refuse a name that is no column, and a column that is something else."""
    for name, place in taken.constants.items():
        if name in columns:
            raise FormulaError(f"{name} is a constant here, not the column", place.span, "rename the column")
    for name, what in taken.given.items():
        if name in columns:
            raise FormulaError(f"{name} is a column of {where} and has a {what}", help=f"leave out the {what}")
    for name, place in names.items():
        otherwise = taken.otherwise.get(name, "the formula is fitted to one of them")
        place_of(name, columns, where, otherwise, place.span)


def _bounds(start: Mapping[str, float], bounds: Bounds) -> tuple[tuple[float, ...], tuple[float, ...]]:
    if unknown := [name for name in bounds if name not in start]:
        raise FormulaError(f"{unknown[0]} has bounds and no start", help=f"the parameters are {', '.join(start)}")
    ends = [bounds.get(name, (None, None)) for name in start]
    low = tuple(-math.inf if end[0] is None else float(end[0]) for end in ends)
    high = tuple(math.inf if end[1] is None else float(end[1]) for end in ends)
    for (name, value), least, most in zip(start.items(), low, high, strict=True):
        if not least < most:
            raise FormulaError(f"the bounds of {name}, {least:g} and {most:g}, leave nothing between them")
        if not least <= value <= most:
            raise FormulaError(f"{name} starts at {value:g}, outside its bounds", help="start between them")
    return low, high
