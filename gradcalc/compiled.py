"""Formulas compiled: value, gradient and second derivatives as functions of numbers or of NumPy columns."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import cached_property, partial
from typing import Any, TypeVar, cast

from . import gradients
from .engine.program import Program, program_of
from .engine.rewrite import as_formula, expand, our_derivative
from .engine.rules import compiled
from .engine.scalars import FLOAT
from .engine.tape import LONGEST_CODE, RUNS_BEFORE_CODE, Tape, tape_of
from .gradients import is_column
from .language.errors import FormulaError, MissingValueError, UndefinedError
from .language.formula import Formula, to_text


def compile(
    formula: str | Formula,
    wrt: Sequence[str] | None = None,
    *,
    names: Sequence[str] | None = None,
    domain: str = "nan",
    engine: str = "python",
) -> Compiled:
    """A formula made ready to be computed many times, at numbers or over columns.

    Args:
        wrt: the names that gradients are by; None for all.
        names: the order in which values are given; None for the order in which the formula has them. It may hold names
            that the formula lacks.
        domain: `nan` gives nan in rows without a value, for derivatives also where there are none, and an
            OutsideDomainWarning that counts them; `raise` makes the first such row an error.
        engine: `native` has LLVM make machine code of each method when it is first asked for, by llvmlite
            (`pip install '.[jit]'`). Results are those of `python`, each function's within 4 ulp. What cannot be
            had so is left to Python, and `Compiled.engine` says what that is and why.

    Raises:
        FormulaSyntaxError: the text is no formula.
        FormulaError: a name in `wrt` is not among the names, or one of the formula's is not.
    """
    return Compiled(formula, wrt, names=names, domain=domain, engine=engine)


F = TypeVar("F", bound=Callable[..., Any])


class _Builtin:
    """A method that is the machine code itself, where there is any, also for who keeps it before the first call."""

    def __init__(self, method: Callable[..., Any]) -> None:
        self._method = method

    def __get__(self, compiled: Compiled | None, of: type[Compiled]) -> Any:
        if compiled is None or compiled._engine == "python":
            return self._method.__get__(compiled, of)
        return compiled._quick(self._method.__name__)


def _as_builtin(method: F) -> F:
    return cast(F, _Builtin(method))


class Compiled:
    """A formula as functions of its names, which are given in the order of `names` or as keywords.

    A name's value is a number, or a NumPy array; arrays are broadcast against each other, and results have the shape
    that comes of it. Gradients are by name, for the names `wrt`. Of numbers, results are those of the float engine, and
    its errors. Over arrays, a branch that is not taken contributes nothing, kinks give the convention of the table, and
    numbers are compared as doubles: a literal 0.3 equals the double nearest to it. There special functions and their
    partial derivatives have the digits that each row of the table states, as does its help (`TABLE["erf"].digits`), by
    SciPy or in doubles, and by balls where terms cancel; those of numbers are rounded from balls.
    Arrays of PyTorch, JAX and others with the array interface are computed as NumPy's, and results are of their kind.
    A pickle holds the formula, and compiles it anew; all methods may be called by several threads.

    Attributes:
        formula: the formula.
        names: its names, in the order in which they are read.
        wrt: the names gradients are by.
        domain: `nan` or `raise`.
    """

    def __init__(
        self,
        formula: str | Formula,
        wrt: Sequence[str] | None = None,
        *,
        names: Sequence[str] | None = None,
        domain: str = "nan",
        engine: str = "python",
    ):
        if engine not in ("python", "native"):
            raise ValueError(f"engine is 'python' or 'native', not {engine!r}")
        if domain not in ("nan", "raise"):
            raise ValueError(f"domain is 'nan' or 'raise', not {domain!r}")
        self.formula = as_formula(formula)
        self._program: Program = program_of(self.formula)
        self.names: tuple[str, ...] = self._program.names if names is None else tuple(names)
        self.wrt: tuple[str, ...] = self.names if wrt is None else tuple(wrt)
        self.domain = domain
        if missing := tuple(name for name in self._program.names if name not in self.names):
            raise MissingValueError(missing, self.formula.span, f"names is {', '.join(self.names)}")
        for name in self.wrt:
            if name not in self.names:
                raise FormulaError(
                    f"{name} is not in the formula", self.formula.span, f"it has {', '.join(self.names)}"
                )
        self._engine = engine
        self._kinks: Any = None
        self._calls = 0

    def __reduce__(self) -> tuple[Callable[..., Compiled], tuple[Any, ...]]:
        return partial(compile, names=self.names, domain=self.domain, engine=self._engine), (self.formula, self.wrt)

    def __repr__(self) -> str:
        return f"<Compiled {to_text(self.formula)}: {', '.join(self.names)}>"

    @_as_builtin
    def value(self, /, *args: Any, **named: Any) -> Any:
        """The formula's value: a float, or an array. Results over columns are written into arrays that are given: here
        `out=array`, in `grad` `out={name: array}`, in `value_and_grad` both, `out=(array, {name: array})`. They are
        contiguous, of float64 and of the results' shape; None, or a name left out, makes a new one. A formula that has
        the name `out` takes none.

        Raises:
            ValueError: an array in `out` is none that can be written into.
        """
        return self._quick("value")(*args, **named)

    __call__ = value

    def beside(self, frame: Any, **named: Any) -> Any:
        """A data frame of pandas with further columns, `value` and `d_NAME` for each name of `wrt`, as `--data` writes.

        Names are columns of the frame, or given beside it. In Dask: `frames.map_partitions(compiled.beside)`.

        Raises:
            ValueError: the frame has a column of such a name already.
        """
        columns = {name: frame[name].to_numpy() for name in self.names if name not in named and name in frame}
        value, gradient = self.value_and_grad(**columns, **named)
        added = {"value": value} | {f"d_{name}": slope for name, slope in gradient.items()}
        if taken := [name for name in added if name in frame]:
            raise ValueError(f"the frame has a column {taken[0]} already: frame.drop(columns=[{taken[0]!r}])")
        return frame.assign(**added)

    def grad(self, /, *args: Any, **named: Any) -> dict[str, Any]:
        """The gradient by name: floats, or arrays."""
        if "out" in named and "out" not in self.names:
            named["out"] = (None, named["out"])
        return self.value_and_grad(*args, **named)[1]

    @_as_builtin
    def value_and_grad(self, /, *args: Any, **named: Any) -> tuple[Any, dict[str, Any]]:
        """The value, and the gradient by name."""
        return self._quick("value_and_grad")(*args, **named)  # type: ignore[no-any-return]

    @_as_builtin
    def flat(self, /, *args: Any, **named: Any) -> tuple[Any, ...]:
        """The value and then the partial derivatives, in the order of `wrt`: `value_and_grad` for loops that call it
        for one point after the other, as it makes no dictionary."""
        return self._quick("flat")(*args, **named)  # type: ignore[no-any-return]

    def _quick(self, name: str) -> Callable[..., Any]:
        """The function that a method is after a few calls: of as many floats as there are names, it computes value and
        gradient itself, and asks `_careful`, which answers before, where anything else is given or comes out."""
        if name in self.__dict__:
            return self.__dict__[name]  # type: ignore[no-any-return]
        wrt = None if name == "value" else self.wrt
        found: Callable[..., Any] = partial(self._careful, name, wrt)
        self._calls += 1
        if self._calls < RUNS_BEFORE_CODE and self._engine == "python":
            return found
        if self._engine == "native":
            from .engine import native

            with suppress(native.NotNative):  # then the formula is left to Python
                made = self.__dict__[name] = native.of_numbers(self._program, self.names, wrt, name, found, self)
                return made
        tape = self._tape(wrt or ())
        if tape is not None and self.names and len(tape.steps) <= LONGEST_CODE:
            with suppress(ArithmeticError, ValueError):  # of a constant: who needs it will be told
                source, bound = tape.of_arguments(name)
                found = compiled(source, name, {**bound, "careful": found})
        self.__dict__[name] = found
        return found

    @property
    def engine(self) -> str:
        """`python`, `native`, or what is left to Python though machine code was asked for, and why."""
        if self._engine == "python":
            return "python"
        from .engine import native

        left = native.left_to_python(self._program, self.names, self.wrt)
        if len(set(left.values())) == 1 < len(left):
            return f"python: {left['numbers']}"
        return "; ".join(f"{what} by python: {why}" for what, why in left.items()) or "native"

    def _tape(self, wrt: tuple[str, ...]) -> Tape | None:
        """The formula over floats; None where a graph has to tell, as of branches for a single point."""
        return None if wrt and self._program.compares_equal else tape_of(self._program, FLOAT, self.names, wrt)

    def _careful(self, name: str, wrt: tuple[str, ...] | None, /, *args: Any, **named: Any) -> Any:
        into: list[Any] = []
        if "out" in named and "out" not in self.names:
            out = named.pop("out")
            value, slopes = (out, {}) if wrt is None else out
            if unknown := [name for name in slopes or {} if name not in (wrt or ())]:
                raise ValueError(f"{unknown[0]} is not a name the gradient is by")
            into = [value, *((slopes or {}).get(name) for name in wrt or ())]
        value, gradient = self._computed(args, named, wrt or (), into)
        if wrt is None:
            return value
        return (value, *gradient) if name == "flat" else (value, dict(zip(wrt, gradient, strict=True)))

    def value_and_grad_array(self, x: Any) -> tuple[Any, Any]:
        """The value, and the gradient as an array, of an array whose first axis runs over `names`, as
        `scipy.optimize.minimize(f, x0, jac=True)` asks for. The gradient's first axis runs over `wrt`."""
        import numpy as np

        columns = np.asarray(x, float)
        if columns.shape[:1] != (len(self.names),):
            raise ValueError(f"the first axis runs over {', '.join(self.names)}, not over {columns.shape[:1]} numbers")
        value, *gradient = self.flat(*(columns if columns.ndim > 1 else columns.tolist()))
        return value, np.array(gradient, float)

    def hessian(self, /, *args: Any, **named: Any) -> dict[str, dict[str, Any]]:
        """The second partial derivatives, `h[x][y]` = d2f/dxdy.

        Of numbers they are those of `gradcalc.hessian`, and so are the errors. So are, over arrays, those of rows on a
        kink and of rows in which the derivatives written out have no value: of these up to 1,000 different ones are
        asked. Rows without second derivatives, or where they could not be told, are nan, of which an
        OutsideDomainWarning tells.
        """
        values = self._values(args, named)
        if any(map(is_column, values.values())):
            return self._hessian_over_columns(values)
        return gradients.hessian(self.formula, values, self.wrt)

    def _hessian_over_columns(self, values: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
        import numpy as np

        from .engine.columns import over_columns
        from .engine.outputs import flattened, tell

        flat, shape = flattened(values)
        size, count = math.prod(shape), len(self.wrt)
        given = np.array([np.broadcast_to(value, size) for value in flat])
        doubtful = self.kinks(**values).reshape(-1)
        table = np.empty((count, count, size))
        for i, slope in enumerate(self._partials):
            found = over_columns(slope, dict(zip(values, given, strict=True)), self.wrt)
            table[i] = found.gradient
            doubtful[found.missing] = True
        points, places = np.unique(given[:, doubtful], axis=1, return_inverse=True)
        asked = np.full((count, count, points.shape[1]), np.nan)
        for i, point in enumerate(points.T[:_MOST_ASKED].tolist()):
            try:
                rows = gradients.hessian(self.formula, dict(zip(values, point, strict=True)), self.wrt)
            except FormulaError:
                if self.domain == "raise":
                    raise
            else:
                asked[:, :, i] = [[row[other] for other in self.wrt] for row in rows.values()]
        table[:, :, doubtful] = asked[:, :, places.reshape(-1)]
        tell(np.flatnonzero(np.isnan(table).any(axis=(0, 1))), size, "second derivatives that are known")
        by_name = [dict(zip(self.wrt, row.reshape(count, *shape), strict=True)) for row in table]
        return dict(zip(self.wrt, by_name, strict=True))

    def hvp(self, /, *args: Any, v: Mapping[str, Any], **named: Any) -> dict[str, Any]:
        """The Hessian times a vector `v` given by names; a name left out counts as 0. See `hessian`."""
        for name in v:
            if name not in self.wrt:
                raise FormulaError(f"{name} is not a name the gradient is by", self.formula.span)
        values = self._values(args, named)
        if any(map(is_column, [*values.values(), *v.values()])):
            rows = self.hessian(**values)
            return {name: sum(row[n] * amount for n, amount in v.items()) + 0.0 for name, row in rows.items()}
        along = gradients.hvp(self.formula, values, {n: amount for n, amount in v.items() if n in self._program.names})
        return {name: along.get(name, 0.0) for name in self.wrt}

    @cached_property
    def _partials(self) -> list[Program]:
        """The partial derivatives, by our own chain rule."""
        return [program_of(our_derivative(self._program.formula, name)) for name in self.wrt]

    def kinks(self, /, *args: Any, **named: Any) -> Any:
        """Where the value stands on a kink, or on the edge of a branch: True or False, or an array of them.

        A row counts where two quantities that are compared are equal, or what is rounded down is a whole number, at a
        place that the value needs. Differentiability is not decided by it: pieces may fit together.
        """
        import numpy as np

        from .engine.columns import Columns
        from .engine.outputs import flattened

        values = self._values(args, named)
        flat, shape = flattened({name: values[name] for name in self.names})
        if self._kinks is None:
            self._kinks = Columns(Program(expand(self._program.formula)), self.names, ())
        size = math.prod(shape)
        found = self._kinks.kinks([np.broadcast_to(value, size) for value in flat], size).reshape(shape)
        return found if shape else bool(found)

    # ---- values in, results out

    def _values(self, args: Sequence[Any], named: Mapping[str, Any]) -> dict[str, Any]:
        for value in args:
            if isinstance(value, Mapping):
                raise TypeError("values are given in the order of `names` or as keywords: f(**point) for a mapping")
        if len(args) > len(self.names):
            raise TypeError(f"{len(args)} values are given for {len(self.names)} names: {', '.join(self.names)}")
        values = dict(zip(self.names, args, strict=False))
        for name, value in named.items():
            if name not in self.names:
                raise TypeError(f"{name} is not in the formula, which has {', '.join(self.names) or 'no names'}")
            if name in values:
                raise TypeError(f"{name} is given twice")
            values[name] = value
        missing = tuple(name for name in self.names if name not in values)
        if missing:
            raise MissingValueError(missing, self.formula.span)
        return values

    def _computed(
        self, args: Sequence[Any], named: Mapping[str, Any], wrt: tuple[str, ...], into: Sequence[Any] = ()
    ) -> tuple[Any, list[Any]]:
        if named or len(args) != len(self.names) or isinstance(args[0] if args else None, Mapping):
            values = self._values(args, named)
            args = [values[name] for name in self.names]
        for value in args:
            if value.__class__ is not float and is_column(value):
                return self._over_columns(args, wrt, into)
        if any(out is not None for out in into):
            raise ValueError("out is for the results of columns, and these are numbers")
        tape = self._tape(wrt)
        try:
            args = [float(value) if isinstance(value, int) else value for value in args]
            if tape is not None and all(map(math.isfinite, args)):  # what is none has no slopes either
                value, gradient = tape.value_and_grad(args)
                if math.isfinite(value) and math.isfinite(sum(gradient)):
                    return value, gradient
        except (ArithmeticError, ValueError, TypeError):
            pass
        # what is unusual is left to the float engine, whose errors say what it is
        value, by_name = gradients.value_and_grad(self.formula, dict(zip(self.names, args, strict=True)), wrt)
        return value, list(by_name.values())

    def _over_columns(
        self, args: Sequence[Any], wrt: tuple[str, ...], into: Sequence[Any] = ()
    ) -> tuple[Any, list[Any]]:
        from .engine.columns import Columns, over_columns

        make: Callable[..., Any] = Columns
        if self._engine == "native":
            from .engine.native import columns_of as make
        found = over_columns(self._program, dict(zip(self.names, args, strict=True)), wrt, into, make)
        if self.domain == "raise" and len(found.missing):
            first = int(found.missing[0])
            at = {
                name: float(value if isinstance(value, float) else value[first]) for name, value in found.given.items()
            }
            try:
                gradients.value_and_grad(self.formula, at, wrt)
            except FormulaError as error:
                raise type(error)(f"row {first}: {error.diagnostic.message}", error.diagnostic.span) from None
            raise UndefinedError(f"row {first} has no value", self.formula.span)
        found.tell()
        kinds = [] if into else [kind for kind in map(of_library, args) if kind is not None]
        results = [found.value, *found.gradient]
        value, *gradient = map(kinds[0], results) if kinds else results
        return value, gradient

    @property
    def source(self) -> str:
        """The Python text of `value_and_grad` of numbers, the formula in front; empty where there is no such text."""
        head = body = ""
        with suppress(ArithmeticError, ValueError):  # of a constant: who needs it will be told
            if (tape := self._tape(self.wrt)) is not None:
                head, body = tape.of_arguments("value_and_grad")[0].split("\n", 1)
        return head and f'{head}\n    """{to_text(self.formula)}; values: {", ".join(self.names)}"""\n{body}'


_MOST_ASKED = 1_000  # different rows whose second derivatives are asked one by one


def of_library(value: Any) -> Callable[..., Any] | None:
    """The function of an array's library for one of NumPy's; None for NumPy's own, and for what is no array."""
    library = type(value).__module__.partition(".")[0]  # that of a Parameter is torch.nn.parameter
    if library == "torch":
        return sys.modules["torch"].from_numpy  # type: ignore[no-any-return]
    space = None if library == "numpy" else getattr(value, "__array_namespace__", None)
    return space and space().asarray
