"""A program compiled to machine code by LLVM: `of_numbers`, a builtin of CPython, and `NativeColumns`.

Both give what the Python engine gives, each function within 4 ulp: those that formulas have most are ours (`vectors`)
where the machine multiplies and adds at once. The others, and far arguments of these, are those of C's library that
Python's own `math` has; over columns those of glibc's libmvec where there are such, whose error is below 4 ulp.
"""

from __future__ import annotations

import ctypes
import math
from collections.abc import Callable, Collection, Sequence
from functools import partial
from types import CodeType
from typing import TYPE_CHECKING, Any

from . import llvm
from .needed import masks, without_value
from .program import Program
from .rules import NoRule
from .scalars import CONSTANTS_AS_FLOATS, FLOAT, Scalars
from .straight import Atom, Op, Straight
from .tape import Tape, by_partials

if TYPE_CHECKING:
    from .columns import Columns
    from .outputs import Column

_UNOPTIMIZED = 500  # operations; beyond, the optimizer takes seconds, and gains a tenth over most columns
MOST_STEPS = 20_000  # beyond, even that takes many seconds
_ROWS_AT_ONCE = 2**20
_FLOATS = Scalars(
    "native", FLOAT.number, CONSTANTS_AS_FLOATS.__getitem__, lambda _, row: FLOAT.function(row), FLOAT.native
)


class NotNative(Exception):
    """Why a formula is left to Python."""


class _Made:
    """The results of a program as atoms: value, gradient, and whether there is no value."""

    def __init__(self, program: Program, names: Sequence[str], wrt: Sequence[str], scalars: Scalars):
        try:
            llvm.library()
            tape = Tape(by_partials(program.formula, names), _FLOATS, names, wrt)
            if len(tape.steps) > MOST_STEPS:
                raise NotNative(f"the formula has more than {MOST_STEPS:,} operations")
            made = Straight(tape, scalars)
            needs = masks(made)
            self.results: list[Atom] = [made.value, *made.gradient(needs)]
            self.bad = without_value(made, needs, math.isfinite)
        except ImportError:
            raise NotNative("llvmlite is not installed: pip install '.[jit]'") from None
        except NoRule as reason:
            raise NotNative(str(reason) or "a row has no derivative") from None
        except (ArithmeticError, ValueError):
            raise NotNative("a constant in it has no value") from None
        if made.bound:
            raise NotNative("a constant in it has no value")
        self.code, self.inputs = made.code, [f"x{which}" for _, which in tape.sources]

    @property
    def is_quick(self) -> bool:
        """Whether functions of our own are worth their instructions."""
        return llvm.fuses() and len(self.code.ops) <= _UNOPTIMIZED

    def body(self, inputs: dict[str, str], lanes: int, own: bool) -> llvm.Body:
        return llvm.Body(self.code, [*self.results, self.bad], inputs, lanes, own)


class _Machine:
    """The machine code of a module: the address of each function in it. It is freed with this object.

    Loops are `optimized`; of straight-line code LLVM's optimizer has nothing to gain, and llvmlite loses 50 kB a run.
    """

    def __init__(self, text: str, size: int, optimized: bool):
        binding = llvm.library()
        level = 0 if size > _UNOPTIMIZED else 2
        machine = binding.Target.from_default_triple().create_target_machine(
            cpu=binding.get_host_cpu_name(), features=binding.get_host_cpu_features().flatten(), opt=level
        )
        module = binding.parse_assembly(text)
        module.verify()
        if level and optimized:
            builder = binding.create_pass_builder(machine, binding.create_pipeline_tuning_options(speed_level=level))
            builder.getModulePassManager().run(module, builder)
        self._engine = binding.create_mcjit_compiler(module, machine)
        self._engine.finalize_object()

    def address(self, name: str) -> int:
        return int(self._engine.get_function_address(name))


def _unseen(*things: object) -> CodeType:
    """A thing that keeps `things` alive unseen by the collector of cycles, which does not look into code.

    What the collector sees it takes to pieces in any order, while finalizers may still call the code of a machine.
    """
    return _unseen.__code__.replace(co_consts=things)


# ---- numbers

_FASTCALL_WITH_KEYWORDS = 0x0080 | 0x0002
_TYPE_AT = object.__basicsize__ - ctypes.sizeof(ctypes.c_void_p)  # in any object; the double follows in a float
_DOUBLE_AT = object.__basicsize__
_API = {
    "PyFloat_FromDouble": "declare ptr @PyFloat_FromDouble(double)",
    "PyDict_Copy": "declare ptr @PyDict_Copy(ptr)",
    "PyDict_SetItem": "declare i32 @PyDict_SetItem(ptr, ptr, ptr)",
    "PyTuple_New": "declare ptr @PyTuple_New(i64)",
    "PyObject_Vectorcall": "declare ptr @PyObject_Vectorcall(ptr, ptr, i64, ptr)",
    "Py_DecRef": "declare void @Py_DecRef(ptr)",
}


class _MethodDef(ctypes.Structure):
    _fields_ = (
        ("name", ctypes.c_char_p), ("function", ctypes.c_void_p), ("flags", ctypes.c_int), ("doc", ctypes.c_char_p),
    )  # fmt: skip


class _Needed(tuple[object, ...]):
    """Things that a builtin needs while it is there; a pickle has the first, whose method it is."""

    def __reduce__(self) -> tuple[object, ...]:
        return next, (iter((self[0],)),)


def of_numbers(
    program: Program, names: Sequence[str], wrt: Sequence[str] | None, name: str, careful: Callable[..., Any], of: Any
) -> Callable[..., Any]:
    """A builtin of as many floats as there are names, which stands for the method `name` of an object. It returns the
    `value`, the `value_and_grad` by name or both in one tuple, which is `flat`; where anything else is given, or a
    number is not as usual, what `careful` does of it.

    Raises:
        NotNative: saying why the formula is left to Python.
    """
    made = _made_of_numbers(program, names, wrt or ())
    for each in _API:
        function = getattr(ctypes.pythonapi, each, None)
        if function is None:
            raise NotNative("this Python hides the functions that make its objects")
        llvm.library().add_symbol(each, ctypes.cast(function, ctypes.c_void_p).value)
    pattern = dict.fromkeys(wrt or ())
    machine = _Machine(_builtin(made, len(names), careful, pattern, name), len(made.code.ops), False)
    text = str(getattr(type(of), name).__doc__).encode()
    method = _MethodDef(name.encode(), machine.address("number"), _FASTCALL_WITH_KEYWORDS, text)
    new = ctypes.pythonapi.PyCFunction_NewEx
    new.restype, new.argtypes = ctypes.py_object, [ctypes.c_void_p, ctypes.py_object, ctypes.c_void_p]
    needed = _Needed((of, careful, pattern, _unseen(machine, method)))  # a builtin reads its method as it goes
    return new(ctypes.addressof(method), needed, None)  # type: ignore[no-any-return]


def _made_of_numbers(program: Program, names: Sequence[str], wrt: Sequence[str]) -> _Made:
    if program.compares_equal and wrt:
        raise NotNative("it compares by ==, and the slope of a branch for a single point is told by a graph")
    return _Made(program, names, wrt, llvm.NUMBER)


def left_to_python(program: Program, names: Sequence[str], wrt: Sequence[str]) -> dict[str, str]:
    """Of numbers and columns, those that no machine code is made for, each with the reason."""
    left = {}
    for what, make in (("numbers", _made_of_numbers), ("columns", partial(_Made, scalars=llvm.COLUMN))):
        try:
            make(program, names, wrt)
        except NotNative as reason:
            left[what] = str(reason)
    return left


def _object(one: object) -> str:
    return f"inttoptr (i64 {id(one)} to ptr)"


def _builtin(made: _Made, count: int, careful: object, pattern: dict[str, None], name: str) -> str:
    """The builtin; where it has our own functions, beside one without, which does their far arguments anew."""
    given = made, count, careful, pattern, name
    functions = [_function(*given, made.is_quick)]
    functions += [_function(*given, False)] if functions[0][0].far else []
    return llvm.joined([*_API.values()], functions)


def _function(
    made: _Made, count: int, careful: object, pattern: dict[str, None], name: str, own: bool
) -> tuple[llvm.Body, str]:
    body = made.body({each: f"%{each}" for each in made.inputs}, 1, own)
    used = sorted({int(each[1:]) for each in made.inputs})
    load = ["%right0 = icmp eq i64 %count, " + str(count), "%right1 = icmp eq ptr %keywords, null"]
    kinds, reads = [], []
    for i in range(count):
        kinds += [
            f"%a{i} = getelementptr ptr, ptr %args, i64 {i}", f"%p{i} = load ptr, ptr %a{i}",
            f"%k{i} = getelementptr i8, ptr %p{i}, i64 {_TYPE_AT}", f"%c{i} = load ptr, ptr %k{i}",
            f"%f{i} = icmp eq ptr %c{i}, {_object(float)}",
        ]  # fmt: skip
    for i in used:
        reads += [f"%d{i} = getelementptr i8, ptr %p{i}, i64 {_DOUBLE_AT}", f"%x{i} = load double, ptr %d{i}"]
    values = [body.text(result) for result in made.results]
    finite = [body.is_finite(value) for value in values]
    good = body.add(f"xor i1 {body.text(made.bad)}, true")
    for each in finite:
        good = body.add(f"and i1 {good}, {each}")
    again = []
    if far := body.is_far():
        again = [
            f"br i1 {far}, label %anew, label %near", "anew:",
            "%again = call ptr @far(ptr %self, ptr %args, i64 %count, ptr %keywords)", "ret ptr %again", "near:",
        ]  # fmt: skip
    return body, "\n".join([
        f"define ptr @{'number' if own is made.is_quick else 'far'}"
        "(ptr %self, ptr %args, i64 %count, ptr %keywords) {",
        *load, "%fits = and i1 %right0, %right1", "br i1 %fits, label %look, label %careful",
        "look:", *kinds, *_all([f"%f{i}" for i in range(count)], "%floats"),
        "br i1 %floats, label %compute, label %careful",
        "compute:", *reads, *body.lines, *again, f"br i1 {good}, label %box, label %careful",
        "box:", *_boxed(values, pattern, name),
        "careful:",
        f"%other = call ptr @PyObject_Vectorcall(ptr {_object(careful)}, ptr %args, i64 %count, ptr %keywords)",
        "ret ptr %other", "}",
    ])  # fmt: skip


def _all(flags: Sequence[str], name: str) -> list[str]:
    lines, found = [], "true"
    for i, flag in enumerate(flags):
        lines.append(f"{name}{i} = and i1 {found}, {flag}")
        found = f"{name}{i}"
    return [*lines, f"{name} = and i1 {found}, true"]


def _boxed(values: Sequence[str], pattern: dict[str, None], name: str) -> list[str]:
    """The value as an object; it and the gradient as a tuple, or the gradient in a dictionary."""
    if name == "value":
        return [f"%value = call ptr @PyFloat_FromDouble(double {values[0]})", "ret ptr %value"]
    lines, made = [], []
    for k, value in enumerate(values):
        lines.append(f"%plain{k} = fadd double {0.0 if k else -0.0}, {value}")  # no slope is -0
        lines.append(f"%o{k} = call ptr @PyFloat_FromDouble(double %plain{k})")
        made.append(f"%o{k}")
    flat = name == "flat"
    parts = made if flat else [made[0], "%named"]
    lines.append(f"%answer = call ptr @PyTuple_New(i64 {len(parts)})")
    if not flat:
        lines.append(f"%named = call ptr @PyDict_Copy(ptr {_object(pattern)})")
    there = [*made, "%answer", *([] if flat else ["%named"])]
    lines += [f"%there{i} = icmp ne ptr {one}, null" for i, one in enumerate(there)]
    lines += [*_all([f"%there{i}" for i in range(len(there))], "%made"), "br i1 %made, label %fill, label %failed"]
    lines.append("fill:")
    if not flat:
        for of, slope in zip(pattern, made[1:], strict=True):
            lines.append(f"call i32 @PyDict_SetItem(ptr %named, ptr {_object(of)}, ptr {slope})")
            lines.append(f"call void @Py_DecRef(ptr {slope})")
    for i, part in enumerate(parts):
        lines.append(f"%item{i} = getelementptr i8, ptr %answer, i64 {tuple.__basicsize__ + i * tuple.__itemsize__}")
        lines.append(f"store ptr {part}, ptr %item{i}")
    return [*lines, "ret ptr %answer", "failed:", "ret ptr null"]  # no memory, which is told by who could not have it


# ---- columns


def columns_of(
    program: Program, names: Sequence[str], wrt: Sequence[str], numbers: Collection[str] = ()
) -> NativeColumns | Columns:
    """A program over columns, by machine code if it can be."""
    from .columns import Columns

    try:
        return NativeColumns(program, names, wrt, numbers)
    except NotNative:
        return Columns(program, names, wrt, numbers)


class NativeColumns:
    """As `Columns`, for the value and the gradient of a program over columns."""

    def __init__(self, program: Program, names: Sequence[str], wrt: Sequence[str], numbers: Collection[str] = ()):
        made = _Made(program, names, wrt, llvm.COLUMN)
        self._program, self._given = program, (names, wrt, numbers)
        self._python: Columns | None = None
        self._rounded = any(_may_be_left(op) for op in made.code.ops)
        self._columns = [each for each in made.inputs if names[int(each[1:])] not in numbers]
        self._numbers = [each for each in made.inputs if each not in self._columns]
        self.lanes = llvm.lanes()
        machine = _Machine(self._text(made), len(made.code.ops), True)
        self._machine = _unseen(machine)
        kind = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * 4, *[ctypes.c_int64] * 2)
        self._run = kind(machine.address("columns"))

    def _text(self, made: _Made) -> str:
        """The loop; where it has our own functions, beside one without, which does their far arguments anew."""
        loops = [self._loop(made, "columns", made.is_quick)]
        loops += [self._loop(made, "far", False)] if loops[0][0].far else []
        return llvm.joined([], loops)

    def _loop(self, made: _Made, name: str, own: bool) -> tuple[llvm.Body, str]:
        lanes = self.lanes
        body = made.body({each: f"%{each}" for each in made.inputs}, lanes, own)
        reads, before = [], []
        for i, each in enumerate(self._columns):
            before += [f"%pc{i} = getelementptr ptr, ptr %columns, i64 {i}", f"%c{i} = load ptr, ptr %pc{i}"]
            reads += [
                f"%ac{i} = getelementptr double, ptr %c{i}, i64 %row",
                body.typed(f"%{each} = load $d, ptr %ac{i}, align 8"),
            ]
        for i, each in enumerate(self._numbers):
            before += [f"%pn{i} = getelementptr double, ptr %numbers, i64 {i}", f"%n{i} = load double, ptr %pn{i}"]
            before += _spread(body, f"%n{i}", f"%{each}")
        values = [body.text(result) for result in made.results]
        none = bad = body.text(made.bad)
        for value in values:
            bad = body.add(f"or $b {bad}, {body.add(f'fcmp uno $d {value}, {body.text(0.0)}')}")
        writes = []
        for i, value in enumerate(values):
            before += [f"%po{i} = getelementptr ptr, ptr %outputs, i64 {i}", f"%o{i} = load ptr, ptr %po{i}"]
            told = body.add(f"select $b {bad if i else none}, $d {body.text(math.nan)}, $d {value}")
            writes += [
                f"%ao{i} = getelementptr double, ptr %o{i}, i64 %row",
                body.typed(f"store $d {told}, ptr %ao{i}, align 8"),
            ]
        again = ["br label %on"]
        if far := body.is_far():
            test = f"@llvm.vector.reduce.or.v{lanes}i1({body.flag}"
            body.declared["or"] = f'declare i1 {test})\n!0 = !{{!"branch_weights", i32 1, i32 10000}}'
            again = [
                f"%some = call i1 {test} {far})", "br i1 %some, label %anew, label %on, !prof !0", "anew:",
                "call void @far(ptr %columns, ptr %numbers, ptr %outputs, ptr %bad, i64 %row, i64 %next)",
                "br label %on",
            ]  # fmt: skip
        return body, "\n".join([
            f"define void @{name}(ptr %columns, ptr %numbers, ptr %outputs, ptr %bad, i64 %first, i64 %end) "
            '"min-legal-vector-width"="512" noinline {',
            "enter:", *before, "br label %block",
            "block:", "%row = phi i64 [%first, %enter], [%next, %on]", *reads, *body.lines, *writes,
            f"%flags = zext {body.flag} {bad} to <{lanes} x i8>", "%abad = getelementptr i8, ptr %bad, i64 %row",
            f"store <{lanes} x i8> %flags, ptr %abad, align 1", f"%next = add i64 %row, {lanes}", *again,
            "on:", "%more = icmp slt i64 %next, %end", "br i1 %more, label %block, label %done",
            "done:", "ret void", "}",
        ])  # fmt: skip

    def __call__(self, values: Sequence[Any], outs: Sequence[Column]) -> Column:
        """Fill `outs` as `Columns` does, and return the places that it returns."""
        import numpy as np

        size = len(outs[0])
        bad = np.empty(size, bool)
        numbers = np.array([values[int(each[1:])] for each in self._numbers], float)
        columns = [values[int(each[1:])] for each in self._columns]
        whole = size - size % self.lanes
        for start in range(0, whole, _ROWS_AT_ONCE):
            part = slice(start, min(start + _ROWS_AT_ONCE, whole))
            given = [np.ascontiguousarray(column[part]) for column in columns]
            self._fill(given, numbers, [out[part] for out in outs], bad[part])
        if whole < size:  # the last vector's other lanes hold numbers that nobody sees
            given = [np.resize(column[whole:], self.lanes) for column in columns]
            last, flags = np.empty((len(outs), self.lanes)), np.empty(self.lanes, bool)
            self._fill(given, numbers, list(last), flags)
            for out, rest in zip([*outs, bad], [*last, flags], strict=True):
                out[whole:] = rest[: size - whole]
        missing = np.flatnonzero(bad)
        return self._anew(values, outs, missing) if self._rounded and missing.size else missing

    def _anew(self, values: Sequence[Any], outs: Sequence[Column], rows: Column) -> Column:
        """Rows in which terms of a partial derivative may have cancelled are left to Python."""
        import numpy as np

        from .columns import Columns

        if self._python is None:
            self._python = Columns(self._program, *self._given)
        found = [np.empty(len(rows)) for _ in outs]
        missing = self._python([value if isinstance(value, float) else value[rows] for value in values], found)
        for out, part in zip(outs, found, strict=True):
            out[rows] = part
        return rows[missing]

    def _fill(self, columns: Sequence[Column], numbers: Column, outs: Sequence[Column], bad: Column) -> None:
        """One call; the outputs are contiguous."""
        given, made = ((ctypes.c_void_p * len(arrays))(*[a.ctypes.data for a in arrays]) for arrays in (columns, outs))
        self._run(given, numbers.ctypes.data, made, bad.ctypes.data, 0, len(bad))


def _may_be_left(op: Op) -> bool:
    """Whether an operation is a choice between no number and one, as `llvm.COLUMN` makes where terms may cancel."""
    return len(op.args) == 3 and isinstance(op.args[1], float) and math.isnan(op.args[1])


def _spread(body: llvm.Body, one: str, name: str) -> list[str]:
    return [
        body.typed(f"{name}_ = insertelement $d poison, double {one}, i32 0"),
        body.typed(f"{name} = shufflevector $d {name}_, $d poison, <{body.lanes} x i32> zeroinitializer"),
    ]
