"""NumPy columns as a kind of scalar, and a program as one function over blocks of them: `Columns`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from fractions import Fraction
from functools import cache, cached_property, reduce
from importlib import import_module
from typing import Any, Literal

import numpy as np

from gradcalc.language.errors import NotDifferentiableError
from gradcalc.language.formula import Function
from gradcalc.language.functions import TABLE
from gradcalc.record import dataclass

from .applied import extreme
from .beside import with_rows_beside
from .blocks import UFUNCS, Blocks
from .needed import masks, told_by_value, without_value
from .outputs import Column, check, flattened, rows, tell
from .program import Program, lacking
from .rewrite import expand
from .rules import is_ours, text_in_columns
from .scalars import CONDITIONS, CONSTANTS_AS_FLOATS, FLOAT, NATIVE, Scalars, of_its_array
from .straight import Atom, Op, Straight, cancelled, emitting, function_of
from .tape import Tape, by_partials

_CONTROL: dict[str, Callable[..., Any]] = {
    "if": np.where, "and": np.logical_and, "or": np.logical_or, "not": np.logical_not, "^": np.power,
}  # fmt: skip


def _column_function(scalars: Scalars, row: Function) -> Callable[..., Any]:
    """The row's value over columns: its array function; else its text; else its floats, one by one."""
    if TABLE.get(row.name) is row:
        if row.name in _CONTROL:
            return _CONTROL[row.name]
        if row.condition:
            return row.value  # type: ignore[return-value]  # Python's comparison
        if found := array_function(row):
            if row.variadic:
                return lambda first, *rest: reduce(found, rest, first)
            return of_its_array(scalars, row, found)
    text = text_in_columns(row)
    return scalars.compile(text, row.params) if text else _one_by_one(row)


def array_function(row: Function) -> Callable[..., Any] | None:
    """NumPy's or SciPy's function for a row: the one it names, or that of the same name as its function of `math`."""
    path, _, where = row.array.partition(" where ")
    names = [path.partition("(")[0]] if "." in path else []
    if getattr(row.value, "__module__", "") == "math":
        names += [f"{module}.{row.value.__name__}" for module in ("numpy", "scipy.special")]  # type: ignore[union-attr]
    for path in names:
        module, _, name = path.rpartition(".")
        with suppress(ImportError, AttributeError):  # SciPy is not there, or has no such function
            found = getattr(import_module(module), name)
            return _within(row, where, found) if where else found
    return None


def _within(row: Function, where: str, found: Callable[..., Any]) -> Callable[..., Any]:
    """An array function where a condition on the parameters holds; elsewhere floats, one by one."""
    holds, other = COLUMN.compile(where, row.params), _one_by_one(row)

    def chosen(*args: Any) -> Any:
        columns = np.broadcast_arrays(*args)
        out = np.empty(np.broadcast_shapes(*map(np.shape, args)))
        inside = np.broadcast_to(holds(*columns), out.shape)
        for part, function in ((inside, found), (~inside, other)):
            out[part] = function(*(column[part] for column in columns))
        return out[()]

    return chosen


def _one_by_one(row: Function) -> Callable[..., Any]:
    function = FLOAT.function(row)

    def one(*args: float) -> float:
        try:
            return float(function(*map(float, args)))
        except (ArithmeticError, ValueError):
            return np.nan

    return np.vectorize(one, otypes=[np.float64])


def _column_number(exact: Fraction | float) -> np.float64:
    """The double nearest to a number, which divides as NumPy does; one beyond doubles is infinite, and no value."""
    try:
        return np.float64(float(exact))
    except OverflowError:
        return np.float64(np.inf)


COLUMN = Scalars("column", _column_number, CONSTANTS_AS_FLOATS.__getitem__, _column_function, NATIVE | CONDITIONS)


def _over_columns(scalars: Scalars, row: Function) -> Callable[..., Any]:
    """A row over the operations of columns: one operation where there is an array function, else its text's."""
    if row in UFUNCS or row.name in _CONTROL:
        return emitting(row, None if row.value is None else function_of(row))
    text = "" if is_ours(row) and array_function(row) else text_in_columns(row)
    return scalars.compile(text, row.params) if text else of_its_array(scalars, row, emitting(row, function_of(row)))


STRAIGHT_COLUMN = Scalars(
    "straight column",
    lambda exact: float(_column_number(exact)),
    CONSTANTS_AS_FLOATS.__getitem__,
    _over_columns,
    native=frozenset(),
)


def _without_signs_of_zeros(what: Any) -> Callable[..., Any]:
    """As `_of_arrays`, but that of no zero that is divided by the sign counts: a slope at the end of a domain, such as
    that of sqrt(-x) at 0, is infinite as it is from inside."""
    return (lambda x, y: np.divide(x, y + 0.0)) if what is TABLE["/"] else _of_arrays(what)


class _Balls:
    """A partial derivative over columns by balls, correctly rounded; with `terms`, the text's value and where its
    terms cancel stand before the arguments, and balls are for there and for what is not finite."""

    def __init__(self, row: Function, position: int, terms: bool):
        self.row, self.position, self.terms = row, position, terms

    def __call__(self, *given: Any) -> Any:
        if not self.terms:
            return np.vectorize(self._one, otypes=[np.float64])(*given)
        value, lost, *args = given
        asked = np.flatnonzero(lost | ~np.isfinite(value))
        value = value.copy()  # the row of the text's value is used again for what comes after
        if asked.size:
            at = [arg[asked].tolist() if np.ndim(arg) else [float(arg)] * asked.size for arg in args]
            value[asked] = [self._one(*numbers) for numbers in zip(*at, strict=True)]
        return value

    def _one(self, *args: float) -> float:
        given = tuple(map(float, args))
        try:
            return extreme(self.row, self.position, given, FLOAT.function(self.row)(*given))
        except (ArithmeticError, ValueError):
            return float(np.nan)


_balls = cache(_Balls)


def _nearest(row: Function, k: int, args: Sequence[Atom], text: Callable[[], Atom]) -> Atom:
    """The partial derivative of a `rounded` row: by balls as its value is, or its text, where no terms cancel."""
    if not (row.name in _CONTROL or text_in_columns(row) or array_function(row)):
        exact = _balls(row, k, False)
        return emitting(exact, exact._one)(*args)
    value = text()
    lost = cancelled(STRAIGHT_COLUMN, value, args)
    return emitting(_balls(row, k, True), None)(value, lost, *args) if isinstance(lost, Op) else value


STRAIGHT_COLUMN.nearest = _nearest
_GRADIENT_COLUMN = with_rows_beside(STRAIGHT_COLUMN)


def _of_arrays(what: Any) -> Callable[..., Any]:
    """The function over arrays of what an operation does."""
    if isinstance(what, np.ufunc | _Balls):
        return what
    return UFUNCS.get(what) or (array_function(what) if is_ours(what) else None) or COLUMN.function(what)


class Columns:
    """The value and the gradient of a program over columns, by generated functions.

    `quick` gives up where NumPy's error flags or a check say that a number is not as usual; `careful` also knows, for
    each point, which branches are taken and where there is no value.

    Args:
        program: what is computed.
        names: the names that are given columns or numbers, in this order.
        wrt: those of them that the gradient is by; none for the value alone.
        numbers: those of them that are given numbers.
    """

    def __init__(self, program: Program, names: Sequence[str], wrt: Sequence[str], numbers: Collection[str] = ()):
        self.tape = Tape(by_partials(program.formula, names), COLUMN, names, wrt)
        self.names = tuple(names)
        self._columns = [f"x{i}" for i, name in enumerate(names) if name not in numbers]
        self._used = [place for place, _ in self.tape.sources]

    @cached_property
    def quick(self) -> Blocks:
        made = self._straight()
        told = told_by_value(self.tape)
        unsure = [made.value, *(made.where[i] for i in self._used if i not in told)]
        checks = [made.call(np.isfinite, each) for each in unsure]
        for place, _, args, _ in self.tape.steps:
            checks += self._unflagged(made, place, [made.where[i] for i in args])
        return self._blocks(made, [made.value, *made.gradient({})], checks)

    @cached_property
    def careful(self) -> Blocks:
        made = self._straight()
        needs = self._masks(made)
        results = [made.value, *made.gradient(needs), without_value(made, needs, np.isfinite)]
        return Blocks(made.code, results, (), self._columns, _without_signs_of_zeros, made.bound)

    @cached_property
    def on_kinks(self) -> Blocks:
        """Where two quantities that are compared, and needed, are equal, or what is rounded down is whole."""
        made = self._straight()
        needs = self._masks(made)
        on: Atom = False
        for place, _, args, _ in self.tape.steps:
            row = self.tape.rows[place]
            if not row.smooth and (row.condition or not row.definition) and row.name not in _CONTROL:
                other = made.where[args[1] if row.condition else place]
                on = made.either(on, made.both(needs.get(place, True), made.of("==", made.where[args[0]], other)))
        return self._blocks(made, [on])

    @cached_property
    def _has_values(self) -> bool:
        """Whether every constant has a value, which no flag of NumPy's would tell."""
        with np.errstate(all="ignore"):
            known = self.tape.known()
        return all(np.isfinite(known[place]) for place, _, _, _ in self.tape.constants)

    def _straight(self) -> Straight:
        with np.errstate(all="ignore"):
            return Straight(self.tape, _GRADIENT_COLUMN if self.tape.wrt else STRAIGHT_COLUMN)

    def _blocks(self, made: Straight, results: Sequence[Atom], checks: Sequence[Atom] = ()) -> Blocks:
        return Blocks(made.code, results, checks, self._columns, _of_arrays, made.bound)

    def _unflagged(self, made: Straight, place: int, args: Sequence[Atom]) -> list[Atom]:
        """The conditions that hold where a number is as usual, if no flag of NumPy's tells."""
        row = self.tape.rows[place]
        flagged = _is_flagged(row)
        checks = []
        if row.domain and not (flagged and row.smooth):
            checks.append(made.scalars.domain(row)(*args))
        if not (flagged or row.condition or row.name in _CONTROL):
            checks.append(made.call(np.isfinite, made.where[place]))
        return checks

    def _masks(self, made: Straight) -> dict[int, Atom]:
        with np.errstate(all="ignore"):
            return masks(made)

    # ---- running it

    def __call__(self, values: Sequence[Any], outs: Sequence[Column]) -> Column:
        """Fill `outs`, the value and then the partial derivatives, from the values of the names: one-dimensional
        columns of one length, or floats. Where there is no value, all are nan; where a partial derivative is none, all
        of them are. The places of both are returned."""
        missing: list[Column] = []
        quick = _Run(self.quick, values, strict=True)
        careful: _Run | None = None
        block, size, gave_up = quick.block, len(outs[0]), 0 if self._has_values else 2
        for start in range(0, size, block):
            part = slice(start, min(start + block, size))
            out = [column[part] for column in outs]
            if gave_up < 2:
                if quick(part, out):
                    continue
                gave_up += 1
            careful = careful or _Run(self.careful, values, block)
            careful(part, [*out, bad := np.empty(part.stop - start, bool)])
            for column in out:
                column[bad] = np.nan
                bad |= np.isnan(column)
            for column in out[1:]:
                column[bad] = np.nan
            missing.append(start + np.flatnonzero(bad))
        return np.concatenate(missing) if missing else np.empty(0, int)

    def kinks(self, values: Sequence[Any], size: int) -> Column:
        """Which rows stand on a kink."""
        found = np.empty(size, bool)
        run = _Run(self.on_kinks, values)
        for start in range(0, size, run.block):
            part = slice(start, min(start + run.block, size))
            run(part, [found[part]])
        return found


class _Run:
    """Blocks with the values of one call; `strict` ones tell by False where they gave up."""

    def __init__(self, blocks: Blocks, values: Sequence[Any], block: int = 0, strict: bool = False):
        self.block = block or blocks.length
        self._columns = [values[int(name[1:])] for name in blocks.columns]
        self._numbers = [np.float64(values[int(name[1:])]) for name in blocks.numbers]
        self._rows = list(np.empty((blocks.rows, self.block)))
        self._flags = list(np.empty((blocks.flags, self.block), bool))
        self._otherwise: Literal["raise", "ignore"] = "raise" if strict else "ignore"
        self._once, self._run = blocks.functions
        self._kept: list[Any] | None = None

    def __call__(self, part: slice, outputs: list[Column]) -> bool:
        size = part.stop - part.start
        rows, flags = ([row[:size] for row in kept] for kept in (self._rows, self._flags))
        try:
            with np.errstate(all=self._otherwise, under="ignore"):
                if self._kept is None:
                    self._kept = self._once(self._numbers)
                self._run([column[part] for column in self._columns], self._numbers, self._kept, rows, flags, outputs)
        except FloatingPointError:
            return False
        return True


def _is_flagged(row: Function) -> bool:
    """Whether NumPy's error flags tell where the row's value is not as usual."""
    of_numpy = row.array.startswith("numpy.") or hasattr(np, getattr(row.value, "__name__", " "))
    return row in UFUNCS or of_numpy or (is_ours(row) and row.name not in TABLE)


@dataclass(frozen=True, slots=True)
class OverColumns:
    """The value and the partial derivatives over columns, in the columns' common shape.

    `given` has each name's value, flat; `missing` the rows, by flat index, in which a result is nan.
    """

    value: Column
    gradient: list[Column]
    given: dict[str, Any]
    missing: Column

    def tell(self) -> None:
        """Warn of the rows without a value, or without derivatives."""
        tell(self.missing, self.value.size, "value, or no derivatives" if self.gradient else "value")


def over_columns(
    program: Program,
    values: Mapping[str, Any],
    wrt: tuple[str, ...],
    into: Sequence[Column | None] = (),
    make: Callable[..., Any] = Columns,
) -> OverColumns:
    """A program's value and gradient by `wrt`, where names have these values: numbers or arrays, which are broadcast
    against each other.

    Args:
        into: for the value, and for each of `wrt`, the array that it is written into, or None for a new one.
        make: what computes it, of the program, the names, `wrt` and the names that have numbers.

    Raises:
        NotDifferentiableError: a row on the way has no derivative, as by the order of a Bessel function.
        ValueError: an array in `into` has another shape, is of no doubles, or shares memory with a value or another.
    """
    names = tuple(values)
    flat, shape = flattened(values)
    numbers = tuple(name for name, value in zip(names, flat, strict=True) if isinstance(value, float))
    key = (make, *names, "", *wrt, "", *numbers)
    columns = program.tapes.get(key)
    if columns is None:
        if without := next(filter(None, (lacking(program, name) for name in wrt)), ""):
            raise NotDifferentiableError(without, program.formula.span)
        columns = program.tapes[key] = make(program, names, wrt, numbers)
    given = list(into) or [None] * (1 + len(wrt))
    check(given, shape, flat)
    fresh = rows(sum(out is None for out in given), shape)
    results = [next(fresh) if out is None else out for out in given]
    missing = columns(flat, [out.reshape(-1) for out in results])
    if wrt and missing.size and not program.smooth:
        missing = _off_kinks(program, names, wrt, flat, [out.reshape(-1) for out in results], missing)
    value, *gradient = results
    return OverColumns(value, gradient, dict(zip(names, flat, strict=True)), missing)


def _off_kinks(
    program: Program,
    names: tuple[str, ...],
    wrt: tuple[str, ...],
    values: Sequence[Any],
    outs: Sequence[Column],
    missing: Column,
) -> Column:
    """Fill the missing rows that are on no kink, such as those of sqrt(relu(x)) for x < 0, where the chain rule is inf
    times 0: there kinks are written out as branches, of which those not taken contribute nothing. Returns the rest."""
    key = (Columns, *names, "", *wrt, "", "off kinks")
    columns = program.tapes.get(key)
    if columns is None:
        columns = program.tapes[key] = Columns(Program(expand(program.formula)), names, wrt)
    given = [np.broadcast_to(value, next(iter(outs)).shape)[missing] for value in values]
    found = list(np.empty((len(outs), missing.size)))
    right = np.ones(missing.size, bool)
    right[columns(given, found)] = False
    right &= ~columns.kinks(given, missing.size)
    for out, column in zip(outs, found, strict=True):
        out[missing[right]] = column[right]
    return missing[~right]
