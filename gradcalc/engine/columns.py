"""NumPy columns as a kind of scalar, and a program as one function over blocks of them: `Columns`."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, reduce
from importlib import import_module
from typing import Any

import numpy as np

from gradcalc.language.formula import Function
from gradcalc.language.functions import TABLE

from .program import Program
from .scalars import CONDITIONS, CONSTANTS_AS_FLOATS, FLOAT, NATIVE, Scalars
from .tape import Tape, by_partials

Column = np.ndarray[Any, np.dtype[Any]]

_BLOCK_NUMBERS = 2**17  # numbers of one block in all places of a program together: 1 MB, what a core keeps near
_SHORTEST, _LONGEST = 256, 2**14  # points of a block


def _power(x: Any, y: Any) -> Any:
    """x^y; small whole powers by products, which is ten times faster and as accurate."""
    if isinstance(y, float) and y in (2.0, 3.0, 4.0):
        square = x * x
        return square if y == 2.0 else square * x if y == 3.0 else square * square
    return np.power(x, y)


_CONTROL: dict[str, Callable[..., Any]] = {
    "if": np.where, "and": np.logical_and, "or": np.logical_or, "not": np.logical_not, "^": _power,
}  # fmt: skip


def _column_function(scalars: Scalars, row: Function) -> Callable[..., Any]:
    """The row's value over columns: its array function; else its text; else its floats, one by one. The definition of
    a row that is rounded from balls is such a text only if the row says that it keeps its digits in doubles."""
    if TABLE.get(row.name) is row:
        if row.name in _CONTROL:
            return _CONTROL[row.name]
        if row.condition:
            return row.value  # type: ignore[return-value]  # Python's comparison
        if found := array_function(row):
            return (lambda first, *rest: reduce(found, rest, first)) if row.variadic else found
    kept = row.value is None and (not row.rounded or row.array == "definition")
    text = row.value if isinstance(row.value, str) else row.definition if kept else ""
    if isinstance(text, str) and text and "diff(" not in text:
        return scalars.compile(text, row.params)
    return _one_by_one(row)


def array_function(row: Function) -> Callable[..., Any] | None:
    """NumPy's or SciPy's function for a row: the one it names, or that of the same name as its function of `math`."""
    names = [row.array] if "." in row.array else []
    if getattr(row.value, "__module__", "") == "math":
        names += [f"{module}.{row.value.__name__}" for module in ("numpy", "scipy.special")]  # type: ignore[union-attr]
    for path in names:
        module, _, name = path.rpartition(".")
        try:
            return getattr(import_module(module), name)  # type: ignore[no-any-return]
        except (ImportError, AttributeError):  # SciPy is not there, or has no such function
            continue
    return None


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
        return np.float64(np.copysign(np.inf, 1 if exact > 0 else -1))


COLUMN = Scalars("column", _column_number, CONSTANTS_AS_FLOATS.__getitem__, _column_function, NATIVE | CONDITIONS)


_WHERE, _NOT, _FINITE, _ALL = "_where", "_not", "_finite", "_all"
_STOP = "raise FloatingPointError"


class Columns:
    """The value and the gradient of a program over columns, by two generated functions.

    `quick` has one line for each entry, and gives up where NumPy's error flags say that a number is not as usual;
    `careful` also knows, for each point, which branches are taken and where there is no value.

    Args:
        program: what is computed.
        names: the names that are given columns or numbers, in this order.
        wrt: those of them that the gradient is by; none for the value alone.
    """

    def __init__(self, program: Program, names: Sequence[str], wrt: Sequence[str]):
        self.tape = Tape(by_partials(program.formula), COLUMN, names, wrt)
        self.tape.rules.bound |= {_WHERE: np.where, _NOT: np.logical_not, _FINITE: np.isfinite, _ALL: np.all}
        self.names = tuple(names)
        entries = len(self.tape.steps) * (2 if wrt else 1) + len(names) + 1
        self.block = max(_SHORTEST, min(_LONGEST, _BLOCK_NUMBERS // entries))

    @cached_property
    def quick(self) -> Callable[..., Any]:
        return self.tape.rules.compiled(self.source(), "run")

    @cached_property
    def careful(self) -> Callable[..., Any]:
        return self.tape.rules.compiled(self.source(careful=True), "run")

    def __call__(self, values: Sequence[Any], outs: Column) -> None:
        """Fill `outs`, the value and then the partial derivatives, from the values of the names: one-dimensional
        columns of one length, or floats. Where there is no value, all are nan."""
        size = len(outs[0])
        quick, gave_up = self.quick, 0 if self._has_values else 2
        for start in range(0, size, self.block):
            part = slice(start, start + self.block)
            block = [value if isinstance(value, float) else value[part] for value in values]
            found = None
            if gave_up < 2:
                try:
                    with np.errstate(divide="raise", over="raise", invalid="raise", under="ignore"):
                        found = quick(*block)
                except FloatingPointError:
                    gave_up += 1
            if found is None or not np.isfinite(found[0]).all():
                with np.errstate(all="ignore"):
                    found = self._checked(block, len(outs[0][part]))
            # a comparison with nan is false, and would take the other branch
            unknown = [np.isnan(value) for value, used in zip(block, self._used, strict=True) if used]
            if any(each.any() for each in unknown):
                nowhere = np.logical_or.reduce(np.broadcast_arrays(*unknown))
                found = [np.where(nowhere, np.nan, column) for column in found]
            for out, column in zip(outs, found, strict=True):
                out[part] = column

    @cached_property
    def _has_values(self) -> bool:
        """Whether every constant has a value, which no flag of NumPy's would tell."""
        with np.errstate(all="ignore"):
            known = self.tape.known()
        return all(np.isfinite(known[place]) for place, _, _, _ in self.tape.constants)

    @cached_property
    def _used(self) -> list[bool]:
        """For each name, whether the formula has it."""
        return [name in self.tape.program.names for name in self.names]

    def _checked(self, block: Sequence[Any], size: int) -> list[Any]:
        *found, bad = self.careful(*block)
        bad = np.broadcast_to(bad, (size,))
        return [np.where(bad, np.nan, column) for column in found]

    def on_kinks(self, values: Sequence[Any], size: int) -> Column:
        """Where two quantities that are compared, and needed, are equal, or what is rounded down is whole."""
        run = self.tape.rules.compiled(self._source_of_kinks(), "run")
        found = np.empty(size, bool)
        with np.errstate(all="ignore"):
            for start in range(0, size, self.block):
                part = slice(start, start + self.block)
                found[part] = run(*[value if isinstance(value, float) else value[part] for value in values])
        return found

    def _source_of_kinks(self) -> str:
        where, lines = self._forward()
        masks = self._masks(where, lines)
        lines.append("    on = False")
        for place, _, args, _ in self.tape.steps:
            row = self._row(place)
            if not row.smooth and (row.condition or not row.definition) and row.name not in _CONTROL:
                at = f"({where[args[0]]} == {where[args[1] if row.condition else place]})"
                lines.append(f"    on = on | {f'({masks[place]} & {at})' if place in masks else at}")
        return "\n".join([*lines, "    return on"])

    # ---- the functions' texts

    def _forward(self, careful: bool = True) -> tuple[dict[int, str], list[str]]:
        """The atoms of all places, and the lines that compute them."""
        tape = self.tape
        where = {place: f"v{place}" for place, _, _, _ in tape.steps}
        where |= {place: f"x{which}" for place, which in tape.sources}
        with np.errstate(all="ignore"):
            known = tape.known()
        needed = {i for _, _, args, _ in tape.steps for i in args} | {tape.root}
        where |= {place: tape.rules.bind(known[place], "known") for place in needed - where.keys()}
        lines = [f"def run({', '.join(f'x{i}' for i in range(len(self.names)))}):"]
        for place, _, args, _ in tape.steps:
            lines.append(f"    v{place} = {tape.rules.value(self._row(place), [where[i] for i in args])}")
            lines += [] if careful else self._quick_checks(place, args, where)
        return where, lines

    def source(self, careful: bool = False) -> str:
        """The Python text of `quick` or `careful`."""
        tape = self.tape
        where, lines = self._forward(careful)
        masks = self._masks(where, lines) if careful else {}
        if careful:
            lines += self._bad(where, masks)
        grads = self._back(where, masks, lines)
        results = [where[tape.root], *grads, *(["bad"] if careful else [])]
        return "\n".join([*lines, f"    return ({', '.join(results)},)"])

    def _row(self, place: int) -> Function:
        row = self.tape.program.rows[place]
        assert row is not None
        return row

    def _quick_checks(self, place: int, args: Sequence[int], where: Mapping[int, str]) -> list[str]:
        """The lines that give up where no flag of NumPy's tells that a number is not as usual."""
        row = self._row(place)
        flagged = _is_flagged(row)
        lines = []
        if row.domain and not (flagged and row.smooth):
            lines.append(
                f"    if not {_ALL}({self.tape.rules.domain(row)}({', '.join(where[i] for i in args)})): {_STOP}"
            )
        if not (flagged or row.condition or row.name in _CONTROL):
            lines.append(f"    if not {_ALL}({_FINITE}(v{place})): {_STOP}")
        return lines

    def _masks(self, where: Mapping[int, str], lines: list[str]) -> dict[int, str]:
        """For each place that only branches need, the name of the column that says where it is needed; its lines are
        added. A place that is always needed has none."""
        tape = self.tape
        uses: dict[int, list[str]] = {}
        masks: dict[int, str] = {}
        for place, _, args, _ in reversed(tape.steps):
            if place != tape.root and "" not in uses.get(place, [""]):
                masks[place] = f"m{place}"
                lines.append(f"    m{place} = {' | '.join(dict.fromkeys(uses[place]))}")
            own = masks.get(place, "")
            for k, i in enumerate(args):
                if self._row(place).name == "if" and k:
                    condition = where[args[0]] if k == 1 else f"{_NOT}({where[args[0]]})"
                    uses.setdefault(i, []).append(f"({own} & {condition})" if own else condition)
                else:
                    uses.setdefault(i, []).append(own)
        with np.errstate(all="ignore"):
            known = tape.known()
        for place in uses.keys() - _varying(tape):
            if not np.isfinite(known[place]):  # a constant without a value: wherever it is needed there is none
                masks[place] = "True" if "" in uses[place] else " | ".join(f"({use})" for use in uses[place])
        return masks

    def _bad(self, where: Mapping[int, str], masks: Mapping[int, str]) -> list[str]:
        """The lines that find the points without a value: a needed number is not finite, or outside a domain."""
        lines = ["    bad = False"]
        for place, _, args, _ in self.tape.steps:
            row, mask = self._row(place), masks.get(place, "")
            missing = [] if row.condition else [f"{_NOT}({_FINITE}(v{place}))"]
            if row.domain:
                missing.append(f"{_NOT}({self.tape.rules.domain(row)}({', '.join(where[i] for i in args)}))")
            if missing:
                found = " | ".join(missing)
                lines.append(f"    bad = bad | ({mask} & ({found}))" if mask else f"    bad = bad | {found}")
        sources = {place for place, _ in self.tape.sources}
        lines += [f"    bad = bad | {_NOT}({_FINITE}({where[place]}))" for place in sorted(sources)]
        constants = masks.keys() - _varying(self.tape)
        return lines + [f"    bad = bad | {masks[place]}" for place in sorted(constants)]

    def _back(self, where: Mapping[int, str], masks: Mapping[int, str], lines: list[str]) -> list[str]:
        """The lines of the backward pass, and the expressions of the gradient."""
        tape = self.tape
        begun = {tape.root} if tape.varies else set[int]()
        if tape.varies:
            lines.append(f"    g{tape.root} = 1.0")
        for place, _, args, targets in reversed(tape.steps):
            if not targets or place not in begun:
                continue
            row, names, out = self._row(place), [where[i] for i in args], where[place]
            varying = [k for k, i in enumerate(args) if i in targets]
            if row.variadic:
                lines.append(f"    tie = {_share(names, varying, out)}")
            for k in varying:
                pulled = self._pulled(row, k, names, out, f"g{place}")
                if place in masks:
                    pulled = f"{_WHERE}({masks[place]}, {pulled}, 0.0)"
                target = args[k]
                lines.append(f"    g{target} = {f'g{target} + ' if target in begun else ''}{pulled}")
                begun.add(target)
        return [f"g{place}" if place in begun else "0.0" for place in tape.of_wrt]

    def _pulled(self, row: Function, k: int, names: Sequence[str], out: str, grad: str) -> str:
        if row.name == "if":
            return f"{_WHERE}({names[0]}, {grad}, 0.0)" if k == 1 else f"{_WHERE}({names[0]}, 0.0, {grad})"
        text = "" if row.variadic else row.partials[k]
        if text in ("1", "-1"):
            return f"{text[:-1]}{grad}"
        return f"{grad} * {self.tape.rules.partial(row, k, names, out, 'tie')}"


def _varying(tape: Tape) -> set[int]:
    """The places that depend on a leaf."""
    return {place for place, _, _, _ in tape.steps} | {place for place, _ in tape.sources}


def _is_flagged(row: Function) -> bool:
    """Whether NumPy's error flags tell where the row's value is not as usual."""
    of_numpy = row.array.startswith("numpy.") or hasattr(np, getattr(row.value, "__name__", " "))
    return row.name in NATIVE or row.condition or of_numpy


def _share(args: Sequence[str], varying: Sequence[int], out: str) -> str:
    """The share that each argument of a variadic row has where several are its value: the minimum-norm subgradient."""
    tied = "(" + " + ".join(f"1.0 * ({arg} == {out})" for arg in args) + ")"
    if len(varying) == len(args):
        return f"1.0 / {tied}"
    constant = " | ".join(f"({arg} == {out})" for i, arg in enumerate(args) if i not in varying)
    return f"{_WHERE}(({tied} > 1) & ({constant}), 0.0, 1.0 / {tied})"


class OutsideDomainWarning(RuntimeWarning):
    """Some rows have no value: `count` of `size`, the `first` at this index. Their results are nan."""

    def __init__(self, count: int, size: int, first: int):
        super().__init__(count, size, first)
        self.count, self.size, self.first = count, size, first

    def __str__(self) -> str:
        return f"{self.count:,} of {self.size:,} rows have no value; the first is row {self.first}"


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
        """Warn of the rows without a value."""
        if len(self.missing):
            told = OutsideDomainWarning(len(self.missing), self.value.size, int(self.missing[0]))
            warnings.warn(told, stacklevel=5)


def over_columns(program: Program, values: Mapping[str, Any], wrt: tuple[str, ...]) -> OverColumns:
    """A program's value and gradient by `wrt`, where names have these values: numbers or arrays, which are broadcast
    against each other."""
    names = tuple(values)
    key = ("column", *names, "", *wrt)
    columns = program.tapes.get(key)
    if columns is None:
        columns = program.tapes[key] = Columns(program, names, wrt)
    flat, shape = flattened(values)
    outs = np.empty((1 + len(wrt), math.prod(shape)))
    columns(flat, outs)
    with np.errstate(invalid="ignore"):
        missing = np.flatnonzero(np.isnan(outs.sum(axis=0)))
    missing = missing[np.isnan(outs[:, missing]).any(axis=0)]  # a sum of infinities is nan, too
    value, *gradient = outs.reshape(len(outs), *shape)
    return OverColumns(value, gradient, dict(zip(names, flat, strict=True)), missing)


def flattened(values: Mapping[str, Any]) -> tuple[list[Any], tuple[int, ...]]:
    """Columns of one length, or floats, and the shape that they have together.

    Raises:
        TypeError: a name's values are no real numbers.
        ValueError: the shapes do not go together.
    """
    arrays = [_doubles(value, name) for name, value in values.items()]
    try:
        shape = np.broadcast_shapes(*(array.shape for array in arrays))
    except ValueError:
        shapes = ", ".join(f"{name} {array.shape}" for name, array in zip(values, arrays, strict=True))
        raise ValueError(f"the shapes of the values do not go together: {shapes}") from None
    return [np.broadcast_to(array, shape).reshape(-1) if array.ndim else float(array) for array in arrays], shape


def _doubles(value: Any, name: str) -> Column:
    """A name's values as doubles, nan where they are masked."""
    try:
        array = value if isinstance(value, np.ma.MaskedArray) else np.asarray(value)
        if array.dtype.kind in "biufO":
            return np.ma.filled(array.astype(float, copy=False), np.nan)
    except (TypeError, ValueError, OverflowError):  # rows of several lengths, or objects that are no numbers
        raise TypeError(f"the values of {name} are no array of real numbers") from None
    raise TypeError(f"the values of {name} must be real numbers, not of type {array.dtype}")
