"""Straight-line code as LLVM's text: of one point, or of as many as a vector has lanes.

The text holds places, numbers and names of C's library; nothing in it comes from a formula's text.
"""

from __future__ import annotations

import math
import operator
import struct
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache, lru_cache, reduce
from importlib import import_module
from typing import Any

from gradcalc.language.formula import Function
from gradcalc.language.functions import TABLE

from . import vectors
from .rules import NoRule, is_ours, text_in_columns
from .scalars import CONSTANTS_AS_FLOATS, EXACT_WHERE, FLOAT, Scalars, of_its_array
from .straight import Atom, Code, Op, cancelled, emitting, function_of

_COMPARED = {"<": "olt", "<=": "ole", ">": "ogt", ">=": "oge", "==": "oeq", "!=": "une"}
_PLAIN: dict[Any, str] = {
    **{TABLE[name]: f"f{word} $d" for name, word in {"+": "add", "-": "sub", "*": "mul", "/": "div"}.items()},
    **{TABLE[name]: f"fcmp {word} $d" for name, word in _COMPARED.items()},
    TABLE["neg"]: "fneg $d",
    TABLE["and"]: "and $b",
    TABLE["or"]: "or $b",
}
_IF, _NOT, _DIVIDED = TABLE["if"], TABLE["not"], TABLE["/"]
_INSTRUCTIONS = ("llvm.fabs", "llvm.sqrt", "llvm.floor", "llvm.ceil", "llvm.trunc")


# ---- the rows that C's library has, or LLVM itself


@cache
def library() -> Any:
    """llvmlite's binding to LLVM, ready for this machine.

    Raises:
        ImportError: llvmlite is not installed.
    """
    found = import_module("llvmlite.binding")
    found.initialize_native_target()
    found.initialize_native_asmprinter()
    for name in ("libm.so.6", "libmvec.so.1"):
        with suppress(RuntimeError):  # of glibc alone
            found.load_library_permanently(name)
    return found


@lru_cache(1024)
def symbol(row: Function) -> str:
    """The function of C's library, or LLVM's instruction, that a row of the table is over doubles; empty if none."""
    if not is_ours(row):
        return ""
    if getattr(row.value, "__module__", "") == "math":
        name = row.value.__name__  # type: ignore[union-attr]
    else:
        path = row.array.partition("(")[0]
        name = path.removeprefix("numpy.").replace("arc", "a") if path.startswith("numpy.") else ""
    if f"llvm.{name}" in _INSTRUCTIONS:
        return f"llvm.{name}"
    return name if name and library().address_of_symbol(name) else ""


def _native(scalars: Scalars, row: Function) -> Callable[..., Atom]:
    """A row as operations: one where C has it, else those of its text."""
    if is_ours(row) and (row in _PLAIN or row in (_IF, _NOT)):
        return emitting(row, None if row.value is None else function_of(row))
    if row.value is operator.mod:
        return emitting(row, function_of(row))
    if row.variadic:
        one = scalars.compile(str(row.definition), row.params)
        return lambda first, *rest: reduce(one, rest, first)
    if symbol(row):
        return of_its_array(scalars, row, emitting(row, function_of(row)))
    from_balls = scalars is NUMBER and row.smooth and row.value is None
    text = "" if from_balls else text_in_columns(row)
    if not text:
        raise NoRule(f"{row.spelling} is not among C's functions")
    return scalars.compile(text, row.params)


def _if_right(row: Function, k: int, args: Sequence[Atom], slope: Callable[[], Atom]) -> Atom:
    """The partial derivative of a `rounded` row where its text is right over doubles, and elsewhere no number."""
    if (row, k) not in EXACT_WHERE:
        raise NoRule(f"the derivative of {row.spelling} is rounded from balls")
    where = NUMBER.compile(EXACT_WHERE[row, k], row.params)(*args)
    return NUMBER.function(_IF)(where, slope(), math.nan)  # type: ignore[no-any-return]


NUMBER, COLUMN = (
    Scalars("native", FLOAT.number, CONSTANTS_AS_FLOATS.__getitem__, _native, frozenset()) for _ in range(2)
)


def _unless_cancelled(row: Function, k: int, args: Sequence[Atom], text: Callable[[], Atom]) -> Atom:
    """The partial derivative of a `rounded` row by its text, and no number where its terms cancel."""
    value = text()
    lost = cancelled(COLUMN, value, args)
    return COLUMN.function(_IF)(lost, math.nan, value) if isinstance(lost, Op) else value


NUMBER.nearest, COLUMN.nearest = _if_right, _unless_cancelled


# ---- the text


class Body:
    """Instructions that compute results from inputs.

    Args:
        ops: the operations, in order; `inputs` has the text of each input's value.
        lanes: how many points a vector has; 1 for numbers.

    Attributes:
        lines: the instructions.
        declared: the declarations of the functions that they call.
        far: conditions on which lanes are wrong, as an argument was too large for our `own` vector functions.
    """

    def __init__(self, code: Code, results: Sequence[Atom], inputs: dict[str, str], lanes: int, own: bool):
        self.lanes = lanes
        self.double, self.flag = ("double", "i1") if lanes == 1 else (f"<{lanes} x double>", f"<{lanes} x i1>")
        self.lines: list[str] = []
        self.declared: dict[str, str] = {}
        self.far: list[str] = []
        self._own = own
        self._texts: dict[Op, str] = {}
        self._known: dict[str, str] = {}
        for op in code.live(results):
            self._texts[op] = inputs[op.args[0]] if op.what is None else self._written(op.what, op.args)

    def text(self, atom: Any) -> str:
        """An atom as an operand."""
        if isinstance(atom, Op):
            return self._texts[atom]
        one = str(atom).lower() if isinstance(atom, bool) else f"0x{struct.pack('>d', atom).hex().upper()}"
        kind = "i1" if isinstance(atom, bool) else "double"
        return one if self.lanes == 1 else f"<{', '.join([f'{kind} {one}'] * self.lanes)}>"

    def add(self, instruction: str) -> str:
        """The name of the result of an instruction, equal ones once; in it `$d` and `$b` stand for the types."""
        if instruction not in self._known:
            self._known[instruction] = f"%t{len(self._known)}"
            self.lines.append(f"{self._known[instruction]} = {self.typed(instruction)}")
        return self._known[instruction]

    def typed(self, text: str) -> str:
        return text.replace("$d", self.double).replace("$b", self.flag)

    def is_finite(self, value: str) -> str:
        size = self.call("llvm.fabs", [value])
        return self.add(f"fcmp olt $d {size}, {self.text(math.inf)}")

    def is_far(self) -> str:
        """The condition that some of `far` holds; empty where there is none."""
        return reduce(lambda one, other: self.add(f"or $b {one}, {other}"), self.far) if self.far else ""

    def _written(self, what: Any, args: Sequence[Atom]) -> str:
        texts = [self.text(arg) for arg in args]
        if what is math.isfinite:
            return self.is_finite(*texts)
        if what is _DIVIDED and self.lanes > 1:  # of a zero that is divided by no sign counts, as in `Columns`
            texts[1] = self.add(f"fadd $d {texts[1]}, {self.text(0.0)}")
        if what in _PLAIN:
            return self.add(f"{_PLAIN[what]} {', '.join(texts)}")
        if what is _NOT:
            return self.add(f"xor $b {texts[0]}, {self.text(True)}")
        if what is _IF:
            return self.add(f"select $b {texts[0]}, $d {texts[1]}, $d {texts[2]}")
        if what.value is operator.mod:
            return self._remainder(*texts)
        return self.call(symbol(what), texts)

    def _remainder(self, x: str, y: str) -> str:
        """The remainder with the sign of y, as Python has it: that of C, moved by y where the signs differ."""
        zero = self.text(0.0)
        rest = self.add(f"frem $d {x}, {y}")
        signs = [self.add(f"fcmp olt $d {each}, {zero}") for each in (rest, y)]
        moved = self.add(f"fadd $d {rest}, {y}")
        differ = self.add(f"xor $b {', '.join(signs)}")
        some = self.add(f"fcmp une $d {rest}, {zero}")
        differ = self.add(f"and $b {differ}, {some}")
        return self.add(f"select $b {differ}, $d {moved}, $d {rest}")

    def call(self, name: str, texts: Sequence[str]) -> str:
        """A function of C's library, over all lanes at once where there is such a form."""
        if name.startswith("llvm."):
            return self.called(f"{name}.{'' if self.lanes == 1 else f'v{self.lanes}'}f64", "$d", texts)
        if self._own and name in vectors.OWN:
            value, far = vectors.OWN[name](vectors.Steps(self), texts[0])
            self.far += [far] if far else []
            return value
        if self.lanes == 1:
            return self.called(name, "double", texts)
        vector = f"_ZGV{_CLASSES.get(self.lanes, '')}N{self.lanes}{'v' * len(texts)}_{name}"
        if name not in _COARSE and library().address_of_symbol(vector):
            return self.called(vector, "$d", texts)
        found = self.text(0.0)
        for lane in range(self.lanes):
            given = [self.add(f"extractelement $d {text}, i32 {lane}") for text in texts]
            one = self.called(name, "double", given)
            found = self.add(f"insertelement $d {found}, double {one}, i32 {lane}")
        return found

    def called(self, name: str, kind: str, texts: Sequence[str]) -> str:
        """A function by its name, all of whose arguments are of one kind."""
        pure = "" if name.startswith("llvm.") else " nounwind willreturn readnone"
        self.declared[name] = self.typed(f"declare {kind} @{name}({', '.join([kind] * len(texts))}){pure}")
        return self.add(f"call {kind} @{name}({', '.join(f'{kind} {text}' for text in texts)})")


def joined(declared: Sequence[str], functions: Sequence[tuple[Body, str]]) -> str:
    """A module of functions, each with its body, and of what they call, each declared once."""
    called = dict.fromkeys(line for body, _ in functions for line in body.declared.values())
    return "\n".join([*declared, *called, *(text for _, text in functions)])


_COARSE = frozenset(each.__name__ for each in (math.cbrt, math.erfc))  # libmvec's are 4 ulp off
_CLASSES = {2: "b", 4: "d", 8: "e"}  # of the vector functions' names: SSE, AVX2, AVX-512


def lanes() -> int:
    """How many doubles a vector of this machine has."""
    has = library().get_host_cpu_features()
    return 8 if has.get("avx512f") else 4 if has.get("avx2") else 2


def fuses() -> bool:
    """Whether this machine multiplies and adds at once."""
    return bool(library().get_host_cpu_features().get("fma"))
