"""Values, gradients and higher derivatives of formulas at a point. The names and return orders are JAX's.

Formulas are text or parsed. A point `at` is a mapping of names to numbers: a float is the double it is; int, Fraction,
Decimal and decimal texts are exact. Gradients are mappings of names to floats; `wrt` has their names, one by one or in
one text, as in `"x, y"`.

`evaluate`, `grad` and `value_and_grad` also take columns: arrays of any shape and kind of number, lists, or the columns
of a data frame, which may be the whole `at`. They are computed in doubles and broadcast against each other and the
numbers beside them, as by `compile`; results are arrays of the shape that comes of it, nan where there is no value, and
derivatives also where there are none, of which an OutsideDomainWarning tells. Of a data frame the order of rows counts,
not its index.

The default is the float engine: fast, and as accurate as double arithmetic is. With `certified=True` the numbers come
from balls and are the doubles nearest to the truth.

All functions raise FormulaSyntaxError for a text that is no formula, MissingValueError listing the names that `at`
lacks, and UndefinedError where the formula has no real value or one larger than any double.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any, TypeVar, overload

from .certified import Certified, Component, Higher, certify, diffs_there, in_doubles
from .certified.higher import SecondPartials, derivative_below, without_conventions
from .certified.posed import wanted
from .engine.lowering import Failure, Graph, Lowering, Point, as_constant, constant_value, leaves, with_ends
from .engine.program import Program, check_point, lacking, program_of
from .engine.rewrite import as_formula, has_points_apart, prepare
from .engine.scalars import FLOAT, Scalars
from .engine.tape import tape_of
from .engine.value import Value, data_of, innermost, over
from .language.errors import FormulaError, NotDifferentiableError, UndecidedError, UndefinedError, needing
from .language.formula import Formula
from .language.functions import TABLE
from .language.rows import with_exponentials

Gradient = dict[str, float]
T = TypeVar("T")


def trace(formula: str | Formula, at: Point, wrt: Sequence[str] | None = None) -> Graph:
    """The formula's graph of float Values at a point, its gradient computed: `.root.data`, `.leaves["x"].grad`."""
    graph = _graph(prepare(with_ends(formula, at, wrt)), at, wrt, FLOAT)
    if isinstance(graph.root, Value):
        graph.root.backward()
    return graph


@overload
def evaluate(formula: str | Formula, at: Point | None = None, *, certified: bool = False) -> float: ...
@overload
def evaluate(formula: str | Formula, at: Mapping[str, Any]) -> Any: ...
def evaluate(formula: str | Formula, at: Mapping[str, Any] | None = None, *, certified: bool = False) -> Any:
    """The formula's value: a float, or an array where the point has arrays."""
    at = {} if at is None else at
    if _has_columns(formula, at) and not certified:
        return over_columns(with_ends(formula, at), at, ())[0]
    return _beside_kinks_of_diff(lambda one: _value(one, at, certified), formula, at)


def _value(formula: str | Formula, at: Point, certified: bool) -> float:
    if certified:
        return certify(formula, at, ()).value.number
    found = _by_tape(program_of(formula), at, ())
    return primal(_graph(with_exponentials(prepare(formula), at), at, (), FLOAT).root) if found is None else found[0]


def _beside_kinks_of_diff(
    find: Callable[[str | Formula], T], formula: str | Formula, at: Point, wrt: Sequence[str] | None = None
) -> T:
    """The result for a formula, or for it with each `diff` at a kink, or the ends of its sums, filled in."""
    try:
        return find(formula)
    except FormulaError as error:
        by_rule = isinstance(error, UndecidedError | UndefinedError)  # which has no value, though diff may have one
        filled = diffs_there(formula, at) if by_rule else with_ends(formula, at, wrt)
        if filled is formula or filled is as_formula(formula):
            raise
        return find(filled)


@overload
def grad(
    formula: str | Formula, at: Point, wrt: Sequence[str] | None = None, *, certified: bool = False
) -> Gradient: ...
@overload
def grad(formula: str | Formula, at: Mapping[str, Any], wrt: Sequence[str] | None = None) -> dict[str, Any]: ...
def grad(
    formula: str | Formula, at: Mapping[str, Any], wrt: Sequence[str] | None = None, *, certified: bool = False
) -> dict[str, Any]:
    """The gradient, for the names `wrt` or for all variables: floats, or arrays where the point has arrays.

    At a kink the float engine gives the minimum-norm subgradient, and where a slope is infinite from one side, as that
    of `sqrt(x)` at 0, infinity. Where `==` or `!=` compares equal numbers that vary, the branch for that one point says
    nothing of the derivative: there, and where the chain rule in floats gives nan, it gives what `certified` gives.

    Raises:
        NotDifferentiableError: with `certified`, where a partial derivative does not exist.
        UndecidedError: with `certified`, where it could not be told.
    """
    return value_and_grad(formula, at, wrt, certified=certified)[1]


@overload
def value_and_grad(
    formula: str | Formula, at: Point, wrt: Sequence[str] | None = None, *, certified: bool = False
) -> tuple[float, Gradient]: ...
@overload
def value_and_grad(
    formula: str | Formula, at: Mapping[str, Any], wrt: Sequence[str] | None = None
) -> tuple[Any, dict[str, Any]]: ...
def value_and_grad(
    formula: str | Formula, at: Mapping[str, Any], wrt: Sequence[str] | None = None, *, certified: bool = False
) -> tuple[Any, dict[str, Any]]:
    """The value and the gradient, as `evaluate` and `grad` give them."""
    if _has_columns(formula, at) and not certified:
        return over_columns(with_ends(formula, at, wrt), at, wrt)
    return _beside_kinks_of_diff(lambda one: _value_and_grad(one, at, wrt, certified), formula, at, wrt)


def _value_and_grad(
    formula: str | Formula, at: Point, wrt: Sequence[str] | None, certified: bool
) -> tuple[float, Gradient]:
    if not certified:
        found = _by_tape(program_of(formula), at, wrt)
        if found is not None:
            return found
    prepared = prepare(formula)
    if certified:
        result = certify(prepared, at, wrt)
        names = wanted(result.gradient, at, wrt, prepared)
        return result.value.number, {name: _number(f"d/d{name}", result.gradient.get(name), prepared) for name in names}
    prepared = with_exponentials(prepared, at)
    graph = trace(prepared, at, wrt)
    if _at_equality(program_of(prepared), graph):
        return value_and_grad(prepared, at, wrt, certified=True)
    gradient = {name: leaf_grad(graph, name) for name in wanted(graph.leaves, at, wrt, prepared)}
    missing = [name for name, partial in gradient.items() if math.isnan(partial)]
    if without := next(filter(None, (lacking(program_of(prepared), name) for name in missing)), ""):
        raise NotDifferentiableError(without, prepared.span)
    if missing:
        return value_and_grad(prepared, at, wrt, certified=True)
    return primal(graph.root), gradient


def hessian(formula: str | Formula, at: Point, wrt: Sequence[str] | None = None) -> dict[str, Gradient]:
    """The second partial derivatives, `h[x][y]` = d2f/dxdy: of the float engine, and where it cannot tell, of balls.

    Raises:
        NotDifferentiableError: one of them does not exist.
        UndecidedError: one could not be told.
    """
    prepared = prepare(with_ends(formula, at, wrt))
    names = _names(prepared, at, wrt)
    point = {name: as_constant(at[name], name) for name in names if name in at} | leaves(prepared, at)
    return {
        name: {other: _number(f"d2/d{name}d{other}", part, prepared) for other, part in row.items()}
        for name, row in second_partials(prepared, point, names).items()
    }


def hvp(formula: str | Formula, at: Point, vector: Mapping[str, float]) -> Gradient:
    """The Hessian times a vector given by names; a name left out counts as 0. The errors are those of `hessian`."""
    prepared = prepare(with_ends(formula, at, vector))
    names = _names(prepared, at, None)
    _known(vector, names)
    rows = second_partials(prepared, leaves(prepared, at), names)
    found = dict.fromkeys(names, 0.0)
    for name, amount in vector.items():
        for other, part in rows[name].items() if amount else ():
            found[other] += _number(f"d2/d{name}d{other}", part, prepared) * amount
    return found


def second_partials(prepared: Formula, at: Mapping[str, Formula], names: Sequence[str]) -> SecondPartials:
    """The second partial derivatives of a prepared formula, as `hessian` finds them."""
    first = _first(prepared, at, names)
    if (first is None or first.is_plain) and not has_points_apart(prepared):
        # of quotients of zeros doubles make nothing; where balls do not tell, what doubles say is the answer
        with suppress(*([] if first is None else [UndefinedError, NotDifferentiableError])):
            rows = _by_graphs(prepared, at, names)
            if all(math.isfinite(number) for row in rows.values() for number in row.values()):
                return {name: {other: Component(x) for other, x in row.items()} for name, row in rows.items()}
    return Higher(prepared, at).second_partials(names, certify(prepared, at, names) if first is None else first)


def of_order(prepared: Formula, at: Mapping[str, Formula], name: str, order: int) -> Component:
    """The derivative of an order, 2 or more, by a name: found as `hessian` finds those of order 2."""
    first = _first(prepared, at, (name,))
    if first is None or first.is_plain:
        with suppress(UndefinedError, NotDifferentiableError):
            number = grad(derivative_below(prepared, name, order), at, (name,))[name]
            if math.isfinite(number):
                return Component(number)
    higher = Higher(prepared, at)
    below = higher.missing((name,), order - 1)
    return below[name] if below else without_conventions(higher.of_order(name, order)[1]).gradient[name]


def _first(prepared: Formula, at: Mapping[str, Formula], names: Sequence[str]) -> Certified | None:
    """The gradient by balls; None where they do not tell, as of functions that are computed in doubles alone."""
    _doubles(at)  # which raises beyond them
    try:
        return certify(prepared, at, names)
    except UndecidedError:
        return None


def jacobian(
    formulas: str | Formula | Sequence[str | Formula], at: Point, wrt: Sequence[str] | None = None
) -> list[Gradient]:
    """One gradient for each formula, over the variables of all of them; of one formula, a list of one."""
    prepared = [prepare(with_ends(formula, at, wrt)) for formula in _each(formulas)]
    if wrt is None:
        wrt = tuple(dict.fromkeys(name for formula in prepared for name in _names(formula, at, None)))
    return [value_and_grad(formula, at, wrt)[1] for formula in prepared]


def _each(formulas: str | Formula | Sequence[str | Formula]) -> Sequence[str | Formula]:
    return formulas if isinstance(formulas, Iterable) and not isinstance(formulas, str) else [formulas]


def jvp(formula: str | Formula | Sequence[str | Formula], at: Point, tangents: Mapping[str, float]) -> tuple[Any, Any]:
    """The value, and the derivative along `tangents` (names left out count as 0): the Jacobian times a vector.

    For a list of formulas, a list of values and a list of derivatives.
    """
    if isinstance(formula, str | Formula):
        prepared = prepare(with_ends(formula, at, tangents))
        _known(tangents, _names(prepared, at, None))
        value, gradient = value_and_grad(prepared, at, tuple(tangents))
        return value, math.fsum(gradient[name] * amount for name, amount in tangents.items())
    each = [prepare(with_ends(one, at, tangents)) for one in _each(formula)]
    names = [_names(one, at, None) for one in each]
    _known(tangents, [name for own in names for name in own])
    pairs = [jvp(one, at, {n: tangents[n] for n in own if n in tangents}) for one, own in zip(each, names, strict=True)]
    return [value for value, _ in pairs], [along for _, along in pairs]


def vjp(formula: str | Formula | Sequence[str | Formula], at: Point) -> tuple[Any, Callable[[Any], Gradient]]:
    """The value, and the function that takes a cotangent (a number; for a list of formulas, one for each) to the
    gradient it pulls back: a vector times the Jacobian."""
    single = isinstance(formula, str | Formula)
    prepared = [prepare(with_ends(one, at)) for one in _each(formula)]
    names = tuple(dict.fromkeys(name for one in prepared for name in _names(one, at, None)))
    pairs = [value_and_grad(one, at, names) for one in prepared]

    def pull_back(cotangent: Any) -> Gradient:
        weights = [cotangent] if single else list(cotangent) if isinstance(cotangent, Iterable) else []
        if len(weights) != len(pairs):
            raise ValueError(f"{len(pairs)} formulas need a list of {len(pairs)} cotangents, not {cotangent!r}")
        return {x: math.fsum(w * g[x] for w, (_, g) in zip(weights, pairs, strict=True)) for x in names}

    values = [value for value, _ in pairs]
    return (values[0] if single else values), pull_back


def _by_tape(program: Program, at: Point, wrt: Sequence[str] | None) -> tuple[float, Gradient] | None:
    """The value and the gradient in floats, or None where a graph must say what there is to say."""
    leaves = program.leaves(at)
    names = tuple(leaves) if wrt is None else tuple([name for name in wrt if name in leaves])
    tape = tape_of(program, FLOAT, tuple(leaves), names)
    if tape is None or (names and program.compares_equal):
        return None
    values = [_double(at[name] if known is None else known, name) for name, known in leaves.items()]
    try:
        value, grads = tape.value_and_grad(values)
    except (ArithmeticError, ValueError):
        return None
    if not math.isfinite(value + sum(grads)) and not (math.isfinite(value) and all(map(math.isfinite, grads))):
        return None
    gradient = dict(zip(names, grads, strict=True))
    if wrt is not None and len(names) < len(wrt):
        gradient = {name: gradient.get(name, 0.0) for name in wanted(leaves, at, wrt, program.formula)}
    return value, gradient


def _has_columns(formula: str | Formula, at: Mapping[str, Any]) -> bool:
    check_point(at, formula)
    values = at.values() if isinstance(at, dict) else [at[name] for name in at]  # a data frame has others
    return any(value.__class__ is not float and is_column(value) for value in values)


def is_column(value: Any) -> bool:
    """Whether it is several numbers and not one."""
    return isinstance(value, list | tuple | range) or bool(getattr(value, "ndim", 0))


def over_columns(
    formula: str | Formula, at: Mapping[str, Any], wrt: Sequence[str] | None, *, told: bool = True
) -> tuple[Any, dict[str, Any]]:
    """The value and the gradient over columns, `told` with a warning where rows have none."""
    with needing("a computation over columns", "data"):
        from .engine import columns

    program = program_of(formula)
    given = {name: at[name] if known is None else known for name, known in program.leaves(at).items()}
    values = {n: value if is_column(value) else _double(value, n) for n, value in given.items()}
    names = tuple(values) if wrt is None else tuple(wanted(values, at, wrt, program.formula))
    known = tuple(name for name in names if name in values)
    found = columns.over_columns(program, values, known)
    if told:
        found.tell()
    by_name = dict(zip(known, found.gradient, strict=True))
    return found.value, {name: by_name[name] if name in by_name else 0.0 * found.value for name in names}


def _at_equality(program: Program, graph: Graph) -> bool:
    """Whether `==` or `!=` compares equal numbers of which one varies."""
    for row, node in zip(program.rows, program.nodes, strict=True):
        if row in _EQUALITIES:
            args = graph.args(node)
            if any(isinstance(arg, Value) for arg in args) and data_of(args[0]) == data_of(args[1]):
                return True
    return False


_EQUALITIES = (TABLE["=="], TABLE["!="])


def _double(value: Any, name: str) -> float:
    if value.__class__ is float and math.isfinite(value):
        return value
    return float(constant_value(as_constant(value, name), FLOAT, name))


def _doubles(point: Mapping[str, Formula]) -> dict[str, float]:
    return {name: constant_value(value, FLOAT, name) for name, value in point.items()}


def _graph(prepared: Formula, at: Point, wrt: Sequence[str] | None, scalars: Scalars, wrap: Any = None) -> Graph:
    values = _doubles(leaves(prepared, at))
    graph = Lowering(prepared, scalars, wrt).graph(values if wrap is None else {n: wrap(v) for n, v in values.items()})
    if isinstance(graph.root, Failure) or not math.isfinite(primal(graph.root)):
        larger = UndefinedError("the value is larger than any double can hold", prepared.span)
        raise in_doubles(graph.root.error if isinstance(graph.root, Failure) else larger, prepared, at)
    return graph


def _by_graphs(prepared: Formula, at: Point, names: Sequence[str]) -> dict[str, Gradient]:
    """The second partial derivatives by the graph over Values over floats: backward through what backward made."""
    graph = _graph(with_exponentials(prepared, at), at, names, over(FLOAT), Value)
    inner = {name: graph.leaves[name].data for name in names if name in graph.leaves}
    if isinstance(graph.root, Value):
        graph.root.backward()
    rows: dict[str, Gradient] = {}
    for name in names:
        for leaf in inner.values():
            leaf.zero_grad()
        first = leaf_grad(graph, name)
        if isinstance(first, Value):
            first.backward()
        rows[name] = {other: float(inner[other].grad) if other in inner else 0.0 for other in names}
    return rows


def _names(prepared: Formula, at: Point, wrt: Sequence[str] | None) -> tuple[str, ...]:
    return wanted(leaves(prepared, at), at, wrt, prepared)


def _known(vector: Mapping[str, float], names: Sequence[str]) -> None:
    if not isinstance(vector, Mapping):
        raise TypeError(f"a direction has a number for each name, such as {dict.fromkeys(names, 1.0)}, not {vector!r}")
    for name, part in vector.items():
        if name not in names:
            raise FormulaError(f"{name} is no variable of the formula")
        if isinstance(part, str):
            raise TypeError(f"a direction has a number for each name, not {part!r} for {name}")


def leaf_grad(graph: Graph, name: str) -> Any:
    """The gradient of a graph's root by a variable; 0 where it does not depend on it."""
    leaf = graph.leaves.get(name)
    if not isinstance(leaf, Value):
        return 0.0
    return float(leaf.grad) if isinstance(leaf.data, float) else leaf.grad


def primal(root: Any) -> float:
    """The number at the bottom of a Value, or a Value of Values."""
    return float(innermost(root))


def _number(what: str, component: Component | None, formula: Formula) -> float:
    if component is None:
        return 0.0
    if component.status == "not-differentiable":
        raise NotDifferentiableError(f"not differentiable: {component.message}", formula.span)
    if component.status == "overflow":
        raise UndefinedError(f"{what} is {component.message}", formula.span)
    if component.status == "undecided":
        raise UndecidedError(f"{what}: {component.message}", formula.span)
    return component.number
