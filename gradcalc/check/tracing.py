"""A Python function as a formula: it is run on numbers that write down what is done to them.

`trace` runs the function at one point. What came out is the formula of that run, so that everything we can say of a
formula, certified and at any precision, can be said of the function. A comparison is decided by the point and kept as
a `Guard`; where the two sides are equal the function is run both ways, and the formula gets an `if`.

The names `math`, `numpy`, ... that the function and its helpers see are replaced in copies of them; the modules of the
user stay as they are. Nobody has to believe a trace: its value is held against what the function itself answers.
"""

from __future__ import annotations

import builtins
import copy
import functools
import math
import operator
import sys
import sysconfig
import types
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, reduce
from typing import Any

from gradcalc.formula import Call, Formula, Name, number, substitute
from gradcalc.functions import RESERVED, TABLE, Function
from gradcalc.numeric import Failure, Lowering, constant_value, leaves
from gradcalc.parser import parse
from gradcalc.scalars import BALL, FLOAT, precision

MOST_NODES = 200_000
MOST_BRANCHES = 32  # of one comparison after another between equal sides
_EXACT_BITS = 32  # a number in a program with more significant bits stands for a real number near to it


class UntraceableError(TypeError):
    """The function does something with its argument that is no formula; the message says what."""


@dataclass(frozen=True, slots=True)
class Guard:
    """A comparison that the run depended on: the branch was taken because `condition` is `outcome` at the point."""

    condition: Call
    outcome: bool


@dataclass(frozen=True, slots=True)
class Trace:
    """What a function does at a point and, as far as the guards hold, near it.

    `formulas` has one formula for each number that came out. `at` has the values of the variables and of the constants
    met on the way that are doubles near to some real number, which are names of their own: `constants`.
    """

    formulas: tuple[Formula, ...]
    at: Mapping[str, Formula | float]
    constants: tuple[str, ...]
    guards: tuple[Guard, ...]


def variable(name: str) -> str:
    """The name a variable has in formulas: `pi` is taken."""
    return f"{name} " if name in RESERVED else name


def trace(
    run: Callable[[Rebinding, list[Any]], Sequence[Any]], at: Mapping[str, float], branches: bool = True
) -> Trace:
    """The function's formulas.

    Args:
        run: rebinds the function, calls it with the tracers given, one for each name of `at`, and answers with the
            numbers that came out.
        branches: whether to follow both branches where the sides of a comparison are equal.

    Raises:
        UntraceableError: the run cannot be written as formulas.
    """
    paths: dict[tuple[bool, ...], tuple[Formula, ...]] = {}
    asked: dict[tuple[bool, ...], Call] = {}
    tapes = []
    todo: list[tuple[bool, ...]] = [()]
    while todo:
        tape = Tape(at, todo.pop(), branches)
        outputs = _run(run, tape)
        taken = tuple(guard.outcome for guard in tape.ties)
        paths[taken] = outputs
        asked |= {taken[:i]: guard.condition for i, guard in enumerate(tape.ties)}
        todo += [(*taken[:i], False) for i in range(len(tape.forced), len(taken))]
        tapes.append(tape)
        if len(paths) + len(todo) > MOST_BRANCHES:
            raise UntraceableError(f"more than {MOST_BRANCHES} branches meet at the point")
    for prefix in sorted(asked, key=len, reverse=True):
        pairs = zip(paths.pop((*prefix, True)), paths.pop((*prefix, False)), strict=True)
        paths[prefix] = tuple(Call(TABLE["if"], (asked[prefix], yes, no)) for yes, no in pairs)
    known = {name: value for tape in tapes for name, value in tape.at.items()}
    constants = dict.fromkeys(name for tape in tapes for name in tape.constants)
    guards = tuple(dict.fromkeys(guard for tape in tapes for guard in tape.guards))
    return Trace(paths[()], known, tuple(constants), guards)


def _run(run: Callable[[Rebinding, list[Any]], Sequence[Any]], tape: Tape) -> tuple[Formula, ...]:
    inputs = [Tracer(tape, Name(name), value) for name, value in tape.at.items()]
    try:
        return tuple(tape.formula(result) for result in run(Rebinding(), inputs))
    except UntraceableError:
        raise
    except Exception as error:  # any line of the user's program may be the one that cannot live with a tracer
        raise UntraceableError(f"{type(error).__name__}: {error}") from error


class Tape:
    """One run: what it met, and how its comparisons came out."""

    def __init__(self, at: Mapping[str, float], forced: tuple[bool, ...], branches: bool):
        self.at: dict[str, float] = {variable(name): value for name, value in at.items()}
        self.forced = forced
        self.branches = branches
        self.constants: dict[str, None] = {}
        self.guards: list[Guard] = []
        self.ties: list[Guard] = []
        self._nodes = 0

    def apply(self, row: Function, *args: Any) -> Tracer:
        """The tracer for a row of the table at tracers and numbers."""
        self._nodes += 1
        if self._nodes > MOST_NODES:
            raise UntraceableError(f"it takes more than {MOST_NODES:,} steps")
        formula = Call(row, tuple(self.formula(arg) for arg in args))
        try:
            near = FLOAT.function(row)(*(_near(arg) for arg in args))
        except (ArithmeticError, ValueError):
            near = math.nan
        return Tracer(self, formula, near)

    def write(self, text: Formula, params: Sequence[str], args: Sequence[Any]) -> Tracer:
        """The tracer for a formula in `params` at tracers and numbers."""
        lowered = Lowering(text, FLOAT, ()).graph({p: float(_near(arg)) for p, arg in zip(params, args, strict=True)})
        near = math.nan if isinstance(lowered.root, Failure) else lowered.root
        return Tracer(self, substitute(text, dict(zip(params, map(self.formula, args), strict=True))), near)

    def formula(self, x: Any) -> Formula:
        """A tracer or a number as a formula."""
        if isinstance(x, Tracer):
            return x.formula
        x = _real(x)
        if isinstance(x, float):
            if not math.isfinite(x):
                raise UntraceableError(f"it computes with {x}")
            odd = abs(x.as_integer_ratio()[0])
            odd //= odd & -odd or 1
            if odd.bit_length() > _EXACT_BITS:
                name = repr(abs(x))
                self.constants[name] = None
                self.at[name] = abs(x)
                return Name(name) if x > 0 else Call(TABLE["neg"], (Name(name),))
        return number(Fraction(x))

    def decide(self, row: Function, left: Any, right: Any) -> bool:
        """Whether a comparison holds at the point."""
        x, y = _near(left), _near(right)
        compare: Any = row.value
        outcome = bool(compare(x, y))
        if not (math.isfinite(x) and math.isfinite(y)):
            return outcome
        condition = Call(row, (self.formula(left), self.formula(right)))
        tie = False
        if abs(x - y) <= 1e-9 * max(abs(x), abs(y)):
            sign = self._sign(Call(TABLE["-"], condition.args))
            tie = not sign
            outcome = bool(compare(x, y)) if sign is None else bool(compare(sign, 0))
        if tie and self.branches:
            asked = len(self.ties)
            outcome = self.forced[asked] if asked < len(self.forced) else True
            self.ties.append(Guard(condition, outcome))
        else:
            self.guards.append(Guard(condition, outcome))
        return outcome

    def _sign(self, difference: Formula) -> int | None:
        """The exact sign of a difference; None where it could not be told."""
        lowering = Lowering(difference, BALL, ())
        for bits in (64, 256, 1024):
            with precision(bits):
                exact = {name: constant_value(value, BALL) for name, value in leaves(difference, self.at).items()}
                found = lowering.graph(exact).root
                if isinstance(found, Failure):
                    return None
                if found > 0 or found < 0 or found.is_zero():
                    return int(found > 0) - int(found < 0)
        return None


def _real(x: Any) -> Any:
    """A number of the user's program as int, Fraction or float."""
    if isinstance(x, bool | int | float | Fraction):
        return x
    if getattr(x, "shape", None) == () and hasattr(x, "item"):
        return _real(x.item())
    raise UntraceableError(f"{type(x).__name__} is no real number")


def _near(x: Any) -> Any:
    return x.near if isinstance(x, Tracer) else _real(x)


class Tracer:
    """A number under trace: its formula, and about what it is, by which branches are chosen.

    It has the operators of a float and, as methods, the functions of the table under all their names, by which NumPy
    finds them for arrays of objects.
    """

    __slots__ = ("formula", "near", "tape")

    def __init__(self, tape: Tape, formula: Formula, near: float):
        self.tape = tape
        self.formula = formula
        self.near = near

    def __repr__(self) -> str:
        return f"<traced {self.near!r}>"

    __hash__ = object.__hash__

    def _refuse(self, *_: Any) -> Any:
        raise UntraceableError("it turns its argument into a plain number")

    __float__ = __int__ = __index__ = __complex__ = _refuse

    def __bool__(self) -> bool:
        return self.tape.decide(TABLE["!="], self, 0)

    def __pos__(self) -> Tracer:
        return self

    def __neg__(self) -> Tracer:
        return self.tape.apply(TABLE["neg"], self)

    def __abs__(self) -> Tracer:
        return self.tape.apply(TABLE["abs"], self)

    def __round__(self, digits: int | None = None) -> Tracer:
        return self.tape.apply(TABLE["round"], self) if digits is None else self._refuse()

    def __divmod__(self, other: Any) -> tuple[Tracer, Tracer]:
        return self // other, self % other

    @property
    def data(self) -> Tracer:  # of gradcalc.Value, whose place a tracer takes
        return self

    real = data
    shape = ()
    ndim = 0
    size = 1

    def conjugate(self) -> Tracer:
        return self

    def item(self) -> Tracer:
        return self

    def copy(self) -> Tracer:
        return self

    def astype(self, *_: Any, **__: Any) -> Tracer:
        return self


def _operand(x: Any) -> bool:
    return isinstance(x, Tracer | int | float | Fraction) or (
        getattr(x, "shape", None) == () and getattr(getattr(x, "dtype", None), "kind", "") in "biuf"
    )


def _operator(row: Function, swapped: bool) -> Callable[[Tracer, Any], Any]:
    def method(self: Tracer, other: Any) -> Any:
        if not _operand(other):
            return NotImplemented
        return self.tape.apply(row, other, self) if swapped else self.tape.apply(row, self, other)

    return method


def _comparison(row: Function) -> Callable[[Tracer, Any], Any]:
    def method(self: Tracer, other: Any) -> Any:
        return self.tape.decide(row, self, other) if _operand(other) else NotImplemented

    return method


def _quotient_rounded_down(swapped: bool) -> Callable[[Tracer, Any], Any]:
    def method(self: Tracer, other: Any) -> Any:
        if not _operand(other):
            return NotImplemented
        return self.tape.apply(TABLE["floor"], other / self if swapped else self / other)

    return method


_OPERATORS = {"add": "+", "sub": "-", "mul": "*", "truediv": "/", "pow": "^", "mod": "mod"}
_COMPARISONS = {"lt": "<", "le": "<=", "gt": ">", "ge": ">=", "eq": "==", "ne": "!="}
_ROUNDINGS = ("floor", "ceil", "trunc")
# what math, NumPy and SciPy have that the table has not, or has by another name, in our notation
_WRITTEN_OUT = {
    "exp2": ("x", "2^x"), "square": ("x", "x^2"), "reciprocal": ("x", "1/x"), "deg2rad": ("x", "rad(x)"),
    "rad2deg": ("x", "deg(x)"), "power": ("x y", "x^y"), "pow": ("x y", "x^y"), "float_power": ("x y", "x^y"),
    "fmod": ("x y", "x - y*trunc(x/y)"), "copysign": ("x y", "if(y >= 0, abs(x), -abs(x))"),
    "logaddexp2": ("x y", "logaddexp(x*log(2), y*log(2))/log(2)"), "exp10": ("x", "10^x"), "ndtr": ("x", "normcdf(x)"),
    "fma": ("x y z", "x*y + z"), "erfcx": ("x", "exp(x^2)*erfc(x)"), "rint": ("x", "round(x)"),
}  # fmt: skip


@cache
def _written_out(name: str) -> tuple[tuple[str, ...], Formula]:
    params, text = _WRITTEN_OUT[name]
    return tuple(params.split()), parse(text)


def _meaning(name: str) -> Callable[..., Any] | None:
    """What a function of that name does to numbers of which at least one is a tracer."""
    if name in _WRITTEN_OUT:
        return lambda *args: _tape_of(args).write(_written_out(name)[1], _written_out(name)[0], args)
    rows = _spelled().get(name)
    if rows is None:
        return None

    def call(*args: Any) -> Any:
        for row in rows:
            if len(args) == len(row.params) or (row.variadic and len(args) > 1):
                return _tape_of(args).apply(row, *args)
        raise UntraceableError(f"{name} of {len(args)} arguments")

    return call


@cache
def _spelled() -> Mapping[str, list[Function]]:
    found: dict[str, list[Function]] = {}
    for row in TABLE.values():
        if row.spelling.isidentifier() and (row.partials or row.definition or row.name == "floor"):
            for name in (row.spelling, *row.aliases):
                found.setdefault(name, []).append(row)
    return found


def _tape_of(args: Iterable[Any]) -> Tape:
    return next(arg.tape for arg in args if isinstance(arg, Tracer))


def _equip() -> None:
    for name, symbol in _OPERATORS.items():
        setattr(Tracer, f"__{name}__", _operator(TABLE[symbol], swapped=False))
        setattr(Tracer, f"__r{name}__", _operator(TABLE[symbol], swapped=True))
    for name, symbol in _COMPARISONS.items():
        setattr(Tracer, f"__{name}__", _comparison(TABLE[symbol]))
    for swapped, name in enumerate(("floordiv", "rfloordiv")):
        setattr(Tracer, f"__{name}__", _quotient_rounded_down(bool(swapped)))
    for name in _ROUNDINGS:
        setattr(Tracer, f"__{name}__", lambda self, row=TABLE[name]: self.tape.apply(row, self))
    for name in (*_spelled(), *_WRITTEN_OUT):
        meaning = _meaning(name)
        setattr(Tracer, name, lambda self, *args, _of=meaning: _of(self, *args))


_equip()


# ---- the names a function sees


class Rebinding:
    """Copies of functions, and of what they use, that see replacements for the functions of `math`, `numpy`, ...

    Followed are functions of the user: those of the same package as the first one, and those that are not installed.
    """

    def __init__(self) -> None:
        self._made: dict[int, Any] = {}
        self._kept: list[Any] = []  # an id is good for as long as the object lives
        self._root = ""

    def __call__(self, value: Any) -> Any:
        known = _replacements().get(id(value), self._made.get(id(value)))
        if known is not None:
            return known
        if isinstance(value, types.FunctionType):
            return (
                self._function(value) if self._follows(value.__globals__.get("__name__", ""), value.__code__) else value
            )
        if isinstance(value, types.MethodType):
            return types.MethodType(self(value.__func__), self(value.__self__))
        if isinstance(value, functools.partial):
            keywords = {key: self(arg) for key, arg in value.keywords.items()}
            return functools.partial(self(value.func), *map(self, value.args), **keywords)
        if isinstance(value, types.ModuleType):
            return self._keep(value, _Module(value, self))
        if isinstance(getattr(value, "__wrapped__", None), types.FunctionType):  # functools.cache
            return self(value.__wrapped__)
        if callable(value) or (self._made and hasattr(value, "__dict__")):
            return self._object(value)
        return value

    def _keep(self, value: Any, made: Any) -> Any:
        self._kept.append(value)
        self._made[id(value)] = made
        return made

    def _follows(self, module: str, code: types.CodeType) -> bool:
        top = module.partition(".")[0]
        self._root = self._root or top
        return top == self._root or not code.co_filename.startswith((*_installed(), "<frozen"))

    def _function(self, function: types.FunctionType) -> Any:
        cells = tuple(types.CellType() for _ in function.__closure__ or ())
        names = self._made.get(id(function.__globals__))
        if names is None:
            names = self._keep(function.__globals__, _Globals(function.__globals__, self))
        made = types.FunctionType(function.__code__, names, function.__name__, None, cells or None)
        self._keep(function, made)
        if function.__defaults__:
            made.__defaults__ = tuple(map(self, function.__defaults__))
        if function.__kwdefaults__:
            made.__kwdefaults__ = {key: self(value) for key, value in function.__kwdefaults__.items()}
        for cell, original in zip(cells, function.__closure__ or (), strict=True):
            try:
                cell.cell_contents = self(original.cell_contents)
            except ValueError:  # an empty cell
                continue
        return made

    def _object(self, value: Any) -> Any:
        """A copy of an object whose methods, and functions among its attributes, are rebound.

        An object without methods in Python is left alone: C has no names to rebind, and not every object of C survives
        being copied.
        """
        kind = type(value)
        module = sys.modules.get(kind.__module__)
        path = getattr(module, "__file__", None) or ""
        if kind.__module__ == "builtins" or path.startswith(_installed()) or isinstance(value, type):
            return value
        methods = {
            name: attribute
            for base in reversed(kind.__mro__[:-1])
            for name, attribute in vars(base).items()
            if isinstance(attribute, types.FunctionType)
        }
        if not methods:
            return value
        made = copy.copy(value)
        self._keep(value, made)
        own = {name: self(method) for name, method in methods.items()}
        try:
            made.__class__ = type(kind.__name__, (kind,), {**own, "__slots__": ()})
        except TypeError:
            return value
        for name, attribute in getattr(value, "__dict__", {}).items():
            if callable(attribute) or isinstance(attribute, types.ModuleType):
                object.__setattr__(made, name, self(attribute))
        return made


@cache
def _installed() -> tuple[str, ...]:
    paths = sysconfig.get_paths()
    return tuple({paths[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")})


class _Globals(dict[str, Any]):
    """The global names of a module, each rebound when it is first looked up."""

    def __init__(self, names: Mapping[str, Any], rebinding: Rebinding):
        super().__init__({"__builtins__": builtins, "__name__": names.get("__name__", "")})
        self._names = names
        self._rebinding = rebinding

    def __missing__(self, name: str) -> Any:
        if name in self._names:
            value = self._rebinding(self._names[name])
        elif name == "float":
            value = _Float
        else:
            raise KeyError(name)
        self[name] = value
        return value


class _Module(types.ModuleType):
    """A module, what is taken from it rebound."""

    def __init__(self, module: types.ModuleType, rebinding: Rebinding):
        super().__init__(module.__name__)
        self.__dict__["_of"] = module
        self.__dict__["_rebinding"] = rebinding

    def __getattr__(self, name: str) -> Any:
        return self._rebinding(getattr(self._of, name))


class _Any(type):
    def __instancecheck__(cls, x: Any) -> bool:
        return isinstance(x, float | Tracer)


class _Float(float, metaclass=_Any):
    """`float` that leaves a tracer what it is. As a type of array elements it means objects."""

    def __new__(cls, x: Any = 0.0) -> Any:
        return x if isinstance(x, Tracer) else float(x)


# ---- replacements


def _is_traced(x: Any) -> bool:
    if isinstance(x, Tracer):
        return True
    if getattr(getattr(x, "dtype", None), "kind", "") == "O":
        return any(isinstance(item, Tracer) for item in x.flat)
    return isinstance(x, list | tuple) and any(map(_is_traced, x))


def _elementwise(meaning: Callable[..., Any], original: Callable[..., Any]) -> Callable[..., Any]:
    """A function of numbers, here also of tracers and of arrays of them."""

    def one(*args: Any) -> Any:
        return meaning(*args) if any(isinstance(arg, Tracer) for arg in args) else original(*args)

    def call(*args: Any, **options: Any) -> Any:
        if not any(map(_is_traced, args)):
            return original(*args, **options)
        if options:
            raise UntraceableError(f"{original.__name__} with {', '.join(options)}")
        if not any(hasattr(arg, "__len__") for arg in args):
            return one(*args)
        import numpy

        return numpy.frompyfunc(one, len(args), 1)(*args)

    return call


def _plain(original: Callable[..., Any]) -> Callable[..., Any]:
    """A test such as `isfinite`, made of about what the tracers are."""

    def call(*args: Any) -> Any:
        if not any(map(_is_traced, args)):
            return original(*args)
        if not any(hasattr(arg, "__len__") for arg in args):
            return original(*map(_near, args))
        import numpy

        return numpy.frompyfunc(lambda *items: bool(original(*map(_near, items))), len(args), 1)(*args).astype(bool)

    return call


def _of_objects(original: Callable[..., Any], always: bool) -> Callable[..., Any]:
    """A maker of arrays whose elements can be tracers."""

    def call(*args: Any, **options: Any) -> Any:
        if always or any(map(_is_traced, args)):
            kept = [arg for i, arg in enumerate(args) if not (i and isinstance(arg, type | str))]
            return original(*kept, **{**options, "dtype": object})
        return original(*args, **options)

    return call


def _sum(items: Iterable[Any]) -> Any:
    return sum(list(items))


def _product(items: Iterable[Any], *, start: Any = 1) -> Any:
    return reduce(operator.mul, items, start)


def _length(*coordinates: Any) -> Any:
    if not any(isinstance(x, Tracer) for x in coordinates):
        return math.hypot(*coordinates)
    return _root(sum(x * x for x in coordinates))


def _root(x: Any) -> Any:
    return x.tape.apply(TABLE["sqrt"], x) if isinstance(x, Tracer) else math.sqrt(x)


def _norm(original: Callable[..., Any]) -> Callable[..., Any]:
    def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
        if not _is_traced(x):
            return original(x, ord, axis, keepdims)
        if ord not in (None, 2) or axis is not None or getattr(x, "ndim", 1) > (1 if ord == 2 else 9):
            raise UntraceableError("numpy.linalg.norm of that kind")
        import numpy

        return _root((numpy.asarray(x) ** 2).sum())

    return norm


def _distance(p: Sequence[Any], q: Sequence[Any]) -> Any:
    return _length(*(a - b for a, b in zip(p, q, strict=True)))


def _dots(p: Sequence[Any], q: Sequence[Any]) -> Any:
    return sum(a * b for a, b in zip(p, q, strict=True))


_TESTS = ("isnan", "isinf", "isfinite", "signbit")
_FOR_ARRAYS = ("array", "asarray", "asanyarray", "ascontiguousarray")
_FRESH_ARRAYS = ("zeros", "ones", "empty", "full", "zeros_like", "ones_like", "empty_like", "full_like")
_KINDS = ("float64", "double", "float_", "longdouble")


def _replacements() -> Mapping[int, Any]:
    """What stands for a function, by the function's id, for the modules that are loaded."""
    return _replacements_for(tuple(name for name in ("numpy", "scipy.special") if name in sys.modules))


@cache
def _replacements_for(modules: tuple[str, ...]) -> Mapping[int, Any]:
    found = dict(_of_math())
    for name in modules:
        found |= _of_ufuncs(sys.modules[name])
    if "numpy" in modules:
        found |= _of_numpy(sys.modules["numpy"])
    from gradcalc.value import Value

    found[id(Value)] = lambda x, *rest: x if isinstance(x, Tracer) else Value(x, *rest)
    return found


def _of_math() -> Iterator[tuple[int, Any]]:
    special: dict[str, Callable[..., Any]] = {
        "fsum": _sum,
        "prod": _product,
        "hypot": _length,
        "dist": _distance,
        "sumprod": _dots,
    }
    for name, function in vars(math).items():
        if not callable(function):
            continue
        if name in special:
            yield id(function), special[name]
        elif name in _TESTS:
            yield id(function), _plain(function)
        elif (meaning := _meaning(name)) is not None:
            yield id(function), _elementwise(meaning, function)


def _of_ufuncs(module: types.ModuleType) -> Iterator[tuple[int, Any]]:
    """NumPy's functions of numbers, and SciPy's: those of an array as a whole (`numpy.min`) are no ufuncs."""
    ufunc = sys.modules["numpy"].ufunc
    native = {"floor", "ceil", "trunc", "sign", "absolute", "power"}  # right for arrays of objects as they are
    for name, function in vars(module).items():
        if isinstance(function, ufunc) and name not in native and (meaning := _meaning(name)) is not None:
            yield id(function), _elementwise(meaning, function)


def _of_numpy(numpy: Any) -> Iterator[tuple[int, Any]]:
    for name in _TESTS:
        yield id(getattr(numpy, name)), _plain(getattr(numpy, name))
    for name in _FOR_ARRAYS + _FRESH_ARRAYS:
        yield id(getattr(numpy, name)), _of_objects(getattr(numpy, name), name in _FRESH_ARRAYS)
    for name in _KINDS:
        if hasattr(numpy, name):
            yield id(getattr(numpy, name)), _Float
    yield id(numpy.linalg.norm), _norm(numpy.linalg.norm)
    pi_times = parse("sinc(pi*x)")
    sinc = _elementwise(lambda x: x.tape.write(pi_times, ("x",), (x,)), numpy.sinc)
    yield id(numpy.sinc), sinc
