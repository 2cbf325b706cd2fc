"""Whether a formula of several variables is differentiable at a point where the chain rule has nothing to multiply.

Every entry of a program is written as value + slopes * h + O(|h|^order), for all small steps h at once. A power of what
is 0 there has no slope, but an order: sqrt(x^2 + y^2) is O(|h|), and its square O(|h|^2). It may also be known to be no
smaller than a power of |h|, so that 1/(x^2 + y^2) is O(|h|^-2). An order above 1 shows that the formula is
differentiable, with the slopes for its gradient; anything else shows nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from itertools import islice
from typing import Any

from gradcalc.engine.formulas import minus
from gradcalc.engine.program import Program
from gradcalc.engine.scalars import BALL, anything, around_zero, fits
from gradcalc.engine.switches import OUTCOME
from gradcalc.engine.told import all_hold, any_holds, none_holds
from gradcalc.language.formula import Call, Formula, Function, Name, Number, free_names
from gradcalc.language.functions import TABLE
from gradcalc.language.kept import tree_size
from gradcalc.language.literals import number
from gradcalc.record import dataclass, field, replace

from .branches import branches
from .funnels import funnels, moving, onward
from .rows import program_of_text
from .terms import Coefficient, Unknown, added, as_ball, below, is_equal, is_zero, scaled, value_of

_ZERO = Fraction(0)
_NEVER = Fraction(2**32)  # the order of a remainder that is not there
_FURTHEST = 4  # of the entries looked at through which another moves


@dataclass(frozen=True, slots=True)
class Local:
    """A quantity near the point, but perhaps not at it: value + slopes * h + O(|h|^order).

    `positive` where it is nowhere negative. By name, `least` are powers of |h| for that name of which it is no less
    than a multiple. `names` are those that it moves with, and h has their steps alone: this makes a difference where
    the order is negative, as the quantity may then be large, or have no value, where others move.
    """

    value: Coefficient
    slopes: Mapping[str, Coefficient] = field(default_factory=dict)
    order: Fraction = _NEVER
    positive: bool = False
    least: Mapping[str, Fraction] = field(default_factory=dict)
    names: frozenset[str] = frozenset()

    @property
    def moves(self) -> Fraction:
        """The order by which it leaves its value."""
        return min(Fraction(1), self.order) if self.slopes else self.order


def first_order(
    program: Program, at: Mapping[str, Coefficient], names: Sequence[str], vanishes: Callable[[Formula], bool]
) -> dict[str, Any] | None:
    """The gradient by `names`, in balls, of a program whose kinks are written out, where it is differentiable in all of
    them together for certain; else None.

    Args:
        at: the values of all variables, as rational numbers or balls.
        vanishes: whether a quantity is certainly 0 at the point.
    """
    one = Fraction(1)
    leaves = {
        name: Local(value, {name: one}, least={name: one} if value == 0 else {}, names=frozenset({name}))
        if name in names
        else Local(value)
        for name, value in at.items()
    }
    try:
        found = _run(program, leaves, vanishes)
    except (Unknown, ArithmeticError, ValueError):
        return None
    if not isinstance(found, Local) or found.order <= 1:
        return None
    return {name: as_ball(found.slopes.get(name, Fraction(0))) for name in names}


def _run(
    program: Program,
    leaves: Mapping[str, Local],
    vanishes: Callable[[Formula], bool] = lambda _: False,
    shorter: bool = True,
) -> Any:
    """`shorter`: whether entries may be written as shorter formulas, which are then looked at as they are."""
    found: list[Any] = []
    fixed = {name: leaf.value for name, leaf in leaves.items() if leaf.moves == _NEVER}
    moves = moving(program, leaves.keys() - fixed.keys())
    for node, row, args in zip(program.nodes, program.rows, program.args, strict=True):
        try:
            if row is not None:
                given = [found[i] for i in args]
                if isinstance(node, Call) and row.name == "if":
                    given = _with_one_value(node, given, vanishes)
                    given = _with_pinned(_pinned(node.args[0]), given, leaves)
                made = _call(row, given, len(set(args)) < len(args))
                if isinstance(node, Call) and isinstance(made, Local):
                    may_vanish = not isinstance(made.value, Fraction) and made.value.contains(0)
                    made = _plainly(node, made, given, leaves, shorter) if made.order <= 1 or may_vanish else made
            elif isinstance(node, Name) and node.name in leaves:
                made = leaves[node.name]
            elif args:
                made = found[args[0]]
            else:
                value = node.value if isinstance(node, Number) else BALL.constant(getattr(node, "name", ""))
                made = Local(value, positive=bool(value >= 0))
        except (Unknown, ArithmeticError, ValueError) as failed:
            made = Unknown(failed)
        if row is not None and not row.condition and (not isinstance(made, Local) or made.order <= 1):
            made = _through(program, found, moves, fixed, made)
        found.append(_with_names(made, [found[i] for i in args]) if row is not None else made)
    if isinstance(found[program.root], Exception):
        raise found[program.root]
    return found[program.root]


def _with_names(made: Any, args: Sequence[Any]) -> Any:
    if not isinstance(made, Local):
        return made
    locals_ = [arg for arg in args if isinstance(arg, Local)]
    names = frozenset(name for arg in locals_ for name in arg.names)
    grows = made.order < 0 and any(arg.order < 0 and arg.names != names for arg in locals_)
    return Unknown() if grows else replace(made, names=names)


def _through(
    program: Program, found: Sequence[Any], moves: Sequence[bool], fixed: Mapping[str, Coefficient], made: Any
) -> Any:
    """The next entry by its first terms where another, through which alone it moves, leaves its value: if that tells
    more than what was made of it."""
    place = len(found)
    for through in islice(funnels(program, place, moves), _FURTHEST):
        inner = found[through]
        if not isinstance(inner, Local) or not isinstance(inner.value, Fraction) or inner.order <= 0:
            continue
        gain = onward(program, place, through, fixed, inner.value)
        if gain is None:
            continue
        slopes = {} if is_zero(gain.slope) else {name: scaled(gain.slope, s) for name, s in inner.slopes.items()}
        orders = [_NEVER] if gain.order is None else [gain.order * inner.moves]
        orders += [] if is_zero(gain.slope) else [inner.order]
        least = {} if inner.value or gain.least is None else {n: p * gain.least for n, p in inner.least.items()}
        local = Local(gain.limit, slopes, min(*orders, _NEVER), gain.positive, least)
        if not isinstance(made, Local) or local.order > made.order:
            made = local
        if made.order > 1:
            break
    return made


def _with_one_value(node: Call, args: list[Any], vanishes: Callable[[Formula], bool]) -> list[Any]:
    """The arguments of a choice, the branches with the same ball for a value where they have the same value."""
    condition, a, b = args
    if condition is not None or not isinstance(a, Local) or not isinstance(b, Local) or is_equal(a.value, b.value):
        return args
    one = as_ball(a.value).overlaps(as_ball(b.value)) and vanishes(Call(TABLE["-"], node.args[1:]))
    return [None, a, replace(b, value=a.value)] if one else args


def _with_pinned(pinned: set[str], args: list[Any], leaves: Mapping[str, Local]) -> list[Any]:
    """The arguments of a choice of which the first branch stands where some names have the values of the point: the
    branch is as steep along them as one likes, and if all that moves is pinned, stands at the point alone."""
    condition, a, b = args
    if condition is not None or not pinned:
        return args
    if {name for name, leaf in leaves.items() if leaf.moves < _NEVER} <= pinned:
        return [False, a, b]
    if not isinstance(a, Local) or not isinstance(b, Local):
        return args
    own = {name: slope for name, slope in a.slopes.items() if name not in pinned}
    return [None, replace(a, slopes=own | {name: s for name, s in b.slopes.items() if name in pinned}), b]


def _pinned(condition: Formula) -> set[str]:
    """The names that a condition compares with numbers."""
    pinned, todo = set[str](), [condition]
    while todo:
        part = todo.pop()
        if isinstance(part, Call) and part.function.name == "and":
            todo += part.args
        elif isinstance(part, Call) and part.function.name == "==":
            for x, other in (part.args, part.args[::-1]):
                pinned |= {x.name} if isinstance(x, Name) and not free_names(other) else set()
    return pinned


def _plainly(node: Call, made: Local, args: Sequence[Any], leaves: Mapping[str, Local], shorter: bool) -> Local:
    """A call of an operator or a choice near the point, where it is the same as a number, as a shorter formula or as
    one of its branches, everywhere where it has a value, which it has around the point."""
    candidates: list[tuple[Formula, Local]] = []
    if node.function.name in ("+", "-"):
        value = Fraction(0) if as_ball(made.value).contains(0) else made.value
        candidates += [(number(value), Local(value))] if isinstance(value, Fraction) else []
    elif node.function.name == "if":
        candidates += [(node.args[i], args[i]) for i in (1, 2) if isinstance(args[i], Local) and args[i].order > 1]
    elif node.function.name not in ("*", "/"):
        return made
    from gradcalc.proofs.exact import MOST_NODES, possible_signs, simplified

    for formula, local in candidates:
        if possible_signs(minus(node, formula), leaves) == {0}:
            return local
    if node.function.name == "if" or not shorter or tree_size(node) > MOST_NODES:
        return made
    line = simplified(node, leaves.keys())
    for shorter_one in branches(node) if line is None else [line]:
        if tree_size(shorter_one) < tree_size(node):
            found = _run(Program(shorter_one), leaves, shorter=False)
            if isinstance(found, Local) and found.order > 1:
                return found
    return made


def _call(row: Function, args: list[Any], repeated: bool) -> Any:
    """A row; a condition is true or false all around the point, or None."""
    if row.name == "if":
        return _either(*args)
    for arg in args:
        if isinstance(arg, Exception):
            raise arg
    if row.condition:
        return _condition(row, args, repeated)
    if row.name in ("+", "-"):
        if repeated and row.name == "-":
            return Local(Fraction(0), positive=True)
        return _sum(args[0], args[1] if row.name == "+" else _times(Fraction(-1), args[1]))
    if row.name == "*":
        product = _product(args[0], args[1])
        return replace(product, positive=repeated or (args[0].positive and args[1].positive))
    if row.name == "/" and is_zero(args[1].value):
        return _product(args[0], _power_of_zero(args[1], Fraction(-1)))
    if row.name == "^" and not args[1].slopes and args[1].order == _NEVER:
        power = _power(args[0], args[1].value)
        if power is not None:
            return power
    if not row.smooth and args[0].order <= 0:  # a floor is less than 1 away
        return replace(args[0], order=min(args[0].order, _ZERO), positive=False, least={})
    if not row.smooth:
        value = value_of(row, [args[0].value])
        if min(abs(as_ball(args[0].value) - as_ball(value)), abs(as_ball(args[0].value) - as_ball(value) - 1)) > 0:
            return Local(value)
        return Local(value, order=_ZERO)
    if row.pole == -math.inf and is_zero(args[0].value):  # log(c*|h|^p) is less than any power of 1/|h|
        return Local(Fraction(0), order=_power_of_zero(args[0], Fraction(-1, 2**10)).order)
    try:
        return _smooth(row, args)
    except (Unknown, ArithmeticError, ValueError):
        if not isinstance(row.definition, str) or not row.definition or row.variadic:
            return _bounded(row, args)
    return _run(program_of_text(row.definition), dict(zip(row.params, args, strict=True)), shorter=False)


def _bounded(row: Function, args: Sequence[Local]) -> Local:
    """A function whose arguments have no limits, as far as balls tell that it stays in one."""
    balls = [as_ball(arg.value) if arg.moves == _NEVER else anything() for arg in args]
    if row.domain or not BALL.function(row)(*balls).is_finite():
        raise Unknown
    return Local(_ZERO, order=_ZERO)


def _either(condition: Any, a: Any, b: Any) -> Any:
    if isinstance(condition, Exception):
        raise condition
    if condition is None:
        if isinstance(a, Exception) or isinstance(b, Exception) or not is_equal(a.value, b.value):
            raise Unknown
        names = {*a.slopes, *b.slopes}
        positive = a.positive and b.positive
        if all(is_equal(a.slopes.get(name, _ZERO), b.slopes.get(name, _ZERO)) for name in names):
            return Local(a.value, a.slopes, min(a.order, b.order), positive)
        return Local(a.value, {}, min(a.moves, b.moves), positive)
    chosen = a if condition else b
    if isinstance(chosen, Exception):
        raise chosen
    return chosen


def _condition(row: Function, args: list[Any], repeated: bool) -> bool | None:
    if row.value is None:  # and, or, not
        return _JOINED[row.name](*args)
    if repeated:
        return 0 in OUTCOME[row.name]
    difference = added(args[0].value, scaled(Fraction(-1), args[1].value))
    if min(args[0].order, args[1].order) > 0 and as_ball(difference) != 0:
        return (1 if difference > 0 else -1) in OUTCOME[row.name]
    return None


_JOINED: Mapping[str, Callable[..., bool | None]] = {"and": all_hold, "or": any_holds, "not": none_holds}


def _sum(x: Local, y: Local) -> Local:
    slopes = dict(x.slopes)
    for name, slope in y.slopes.items():
        slopes[name] = added(slopes[name], slope) if name in slopes else slope
    slopes = {name: slope for name, slope in slopes.items() if not is_zero(slope)}
    least: dict[str, Fraction] = {}
    if x.positive and y.positive:
        least = {n: min(one.least[n] for one in (x, y) if n in one.least) for n in {*x.least, *y.least}}
    return Local(added(x.value, y.value), slopes, min(x.order, y.order), x.positive and y.positive, least)


def _times(factor: Coefficient, x: Local) -> Local:
    return Local(scaled(factor, x.value), {n: scaled(factor, s) for n, s in x.slopes.items()}, x.order)


def _product(x: Local, y: Local) -> Local:
    if any(one.order < 0 and not other.names <= one.names for one, other in ((x, y), (y, x))):
        raise Unknown
    linear = _sum(_times(x.value, Local(y.value, y.slopes)), _times(y.value, Local(Fraction(0), x.slopes)))
    orders = [x.moves + y.moves]
    orders += [y.order] if not is_zero(x.value) else []
    orders += [x.order] if not is_zero(y.value) else []
    least = {name: x.least[name] + y.least[name] for name in x.least if name in y.least}
    for one, other in ((x, y), (y, x)):
        if one.order > 0 and as_ball(one.value) != 0:  # which stays away from 0
            least = dict(other.least)
    return Local(scaled(x.value, y.value), linear.slopes, min(*orders, _NEVER), least=least)


def _power(x: Local, exponent: Coefficient) -> Local | None:
    """A power of what is 0 at the point, or of what is not, to a whole exponent; None for any other."""
    if not isinstance(exponent, Fraction):
        return None if not is_zero(x.value) else replace(_power_of_zero(x, below(exponent)), positive=True, least={})
    even = exponent.denominator == 1 and exponent.numerator % 2 == 0
    if not is_zero(x.value):
        found = _smooth(TABLE["^"], [x, Local(exponent)])
        return Local(found.value, found.slopes, found.order, even or x.positive)
    if exponent == 1:
        return x
    return replace(_power_of_zero(x, exponent), positive=even or x.positive)


def _power_of_zero(x: Local, exponent: Fraction) -> Local:
    """A power of what is 0 at the point, or has no limit there: a negative one, if it is 0 nowhere else."""
    if exponent.denominator > 1 and not x.positive:
        raise Unknown
    if exponent > 0:
        least = {name: power * exponent for name, power in x.least.items()}
        return Local(Fraction(0), {}, min(x.moves * exponent, _NEVER), least=least)
    if not exponent or not x.names <= x.least.keys():
        raise Unknown
    return Local(Fraction(0), {}, max(x.least.values()) * exponent, names=x.names)


def _smooth(row: Function, args: Sequence[Local]) -> Local:
    values = [as_ball(arg.value) for arg in args]
    moving = [i for i, arg in enumerate(args) if arg.slopes or arg.order < _NEVER]
    if row.domain and moving:
        around = [value + around_zero() if i in moving else value for i, value in enumerate(values)]
        if not fits(row, tuple(around), BALL):
            raise Unknown
    out = value_of(row, [arg.value for arg in args])
    total, told = Local(out), []
    for i in moving:
        if not row.variadic and row.partials[i] is None:  # an order, by which there is no derivative
            raise Unknown
        partial = BALL.partial(row, i)(*values, as_ball(out))
        if not partial.is_finite() or args[i].order <= 0:
            raise Unknown
        total = _sum(total, _times(partial, Local(Fraction(0), args[i].slopes)))
        if not is_zero(partial):  # else what is left out there counts from the second order on
            told.append(i)
    orders = [args[i].order for i in told] + [2 * min((args[i].moves for i in moving), default=_NEVER)]
    return Local(out, total.slopes, min(*orders, _NEVER))
