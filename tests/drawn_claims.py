"""Claims drawn from the table, right ones in other shapes and wrong ones where that is hard to see, and their referee.

The referee is mpmath: the formula's difference quotient at 120 digits against the claim's value, at the places where a
fault was put in, at random ones and, for a claim that is said to be wrong, at the point that was shown.
"""

from __future__ import annotations

import ast
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from mpmath import mp
from referee import FUNCTIONS, OPERATORS, value_in_mpmath

from gradcalc.engine.rewrite import our_derivative, prepare
from gradcalc.helper import OutOfTime, alarm
from gradcalc.judge.claims.court import Check, check_derivative
from gradcalc.language.formula import Call, Formula, Name, Number, children_first, expression, fold
from gradcalc.language.functions import TABLE
from gradcalc.language.parser import parse

_SAME = (  # as u, wherever both have a value
    "u*1", "u*(sin(x)^2 + cos(x)^2)", "u + x - x", "2*u/2", "u/(1/2)/2", "exp(log(u))", "if(x > 0.3, u, u)",
    "u*exp(x)*exp(-x)", "sqrt(u)^2", "if(x == 0.3, u, u)", "-(-u)", "(u^2 - 1)/(u + 1) + 1",
)  # fmt: skip
_EDGES = (
    "0.3", "137", "-0.7", "2.5", "-12345.678", "sqrt(2)", "1/3", "log(3)", "-3", "0.123456789", "pi/3", "1e-5", "7",
)  # fmt: skip
_AT_ONE_POINT = (
    "if(x == {c}, 5 + {d}, {d})", "({d}) + 1 - sign(x - {c})^2", "if(x^2 == ({c})^2, 2 + {d}, {d})",
    "if(x < {c}, {d}, if(x > {c}, {d}, 1 + {d}))", "if(exp(x) == exp({c}), 7, {d})",
)  # fmt: skip
DIGITS = 120
SECONDS = 5.0
_LARGEST, _SMALLEST = 5000, -250  # powers of 2 of an argument, of a value
_PATIENCE = 2.0  # seconds for a value of the referee
_WITH_LIMITS = re.compile(r"(expm1|erfc?|tanh|coth|normcdf|sigmoid|softplus|elu|mish|zeta)\(")
_NEAR = 90  # digits to which quantities that are compared are equal
_STRANGE = (
    "factorial",
    "gamma",
    "lgamma",
    "digamma",
    "polygamma",
    "sinc_derivative",
    "root",
    "diff",
    "diff_n",
    "logit",
)
_ROWS = [
    row
    for row in TABLE.values()
    if row.partials
    and all(row.partials)
    and not row.condition
    and not row.variadic
    and len(row.params) <= 2
    and row.name not in _STRANGE
]
_NUMBERS = ("1", "2", "3", "1/2", "0.3", "-1", "-2", "1.7", "pi/4", "sqrt(2)", "10")


@dataclass(frozen=True)
class Drawn:
    """A claim and how it was made. `places` are texts of points at which to look; `right`: it is right by making."""

    formula: str
    claim: str
    kind: str
    places: tuple[str, ...] = ()
    right: bool = False


class Drawing:
    def __init__(self, seed: int):
        self.rng = random.Random(seed)

    def formula(self, depth: int) -> Formula:
        rng = self.rng
        if depth == 0 or rng.random() < 0.12:
            return Name("x") if rng.random() < 0.75 else parse(rng.choice(_NUMBERS))
        if rng.random() < 0.12:
            return Call(TABLE["if"], (self.condition(depth - 1), self.formula(depth - 1), self.formula(depth - 1)))
        row = rng.choice(_ROWS) if rng.random() < 0.6 else TABLE[rng.choice(("+", "-", "*", "/", "^", "*"))]
        if row.name == "^":
            return Call(row, (self.formula(depth - 1), parse(rng.choice(("2", "3", "1/2", "-1", "1.5", "2/3", "-2")))))
        return Call(
            row, tuple(self.formula(depth - 1 if i == 0 else rng.randint(0, depth - 1)) for i in range(len(row.params)))
        )

    def condition(self, depth: int) -> Formula:
        row = TABLE[self.rng.choice(("<", "<=", ">", ">=", "==", "!="))]
        return Call(row, (self.formula(depth), parse(self.rng.choice(_NUMBERS))))

    def claim(self) -> Drawn:
        while True:
            formula = self.formula(self.rng.randint(1, 3))
            if any(isinstance(node, Name) and node.name == "x" for node in children_first(formula)):
                break
        text = expression(formula)
        derivative = our_derivative(prepare(text), "x")
        size = sum(1 for _ in children_first(derivative))
        if size > 150:
            return self.claim()
        kinds: dict[str, Callable[[str, str, Formula], Drawn]] = {
            "right": self._right, "same shape": self._inverse, "one point": self._point, "narrow": self._narrow,
            "far": self._far, "one integer": self._integer, "one branch": self._branch, "bump": self._bump,
            "inverse": self._inverse,
        }  # fmt: skip
        kind = self.rng.choice(list(kinds))
        return kinds[kind](text, expression(derivative), derivative)

    def _right(self, text: str, claim: str, derivative: Formula) -> Drawn:
        shaped = derivative
        for _ in range(self.rng.randint(1, 4)):
            shaped = self._reshaped(shaped)
        return Drawn(text, expression(shaped), "right", right=True)

    def _reshaped(self, formula: Formula) -> Formula:
        """One node written in another way that has the same value wherever both have one."""
        nodes = [n for n in children_first(formula) if not (isinstance(n, Call) and n.function.condition)]
        chosen = self.rng.choice(nodes)

        def instead(node: Formula) -> Formula:
            if node is not chosen:
                return node
            u = expression(node)
            return parse(self.rng.choice(_SAME).replace("u", f"({u})"))

        return fold(
            formula,
            lambda n: instead(n),
            lambda n, _: instead(n),
            lambda n, args: instead(n) if n is chosen else Call(n.function, tuple(args)),
        )

    def _inverse(self, text: str, claim: str, derivative: Formula) -> Drawn:
        """A part of the claim within an inverse pair, which is right on one branch alone."""
        nodes = [n for n in children_first(derivative) if not isinstance(n, Number)
                 and not (isinstance(n, Call) and n.function.condition)]  # fmt: skip
        chosen = self.rng.choice(nodes or [derivative])
        u = expression(chosen)
        pair = self.rng.choice(("asin(sin({}))", "atan(tan({}))", "acos(cos({}))", "sqrt(({})^2)", "log(exp({}))",
                                "cbrt(({})^3)", "abs({})", "tan(atan({}))", "sin(asin({}))", "(({})^2)^(1/2)",
                                "acosh(cosh({}))", "exp(log({}))", "({})^2/({})"))  # fmt: skip
        within = parse(pair.format(*[u] * pair.count("{}")))
        shaped = fold(
            derivative,
            lambda n: within if n is chosen else n,
            lambda n, _: within if n is chosen else n,
            lambda n, args: within if n is chosen else Call(n.function, tuple(args)),
        )
        return Drawn(text, expression(shaped), "inverse")

    def _number(self) -> str:
        return self.rng.choice(_EDGES)

    def _point(self, text: str, claim: str, _: Formula) -> Drawn:
        c = self._number()
        how = self.rng.choice(_AT_ONE_POINT)
        return Drawn(text, how.format(c=c, d=f"({claim})"), "one point", (c,))

    def _narrow(self, text: str, claim: str, _: Formula) -> Drawn:
        c = self._number()
        how = f"if(x > {c} and x < {c} + 1e-3, 1 + ({claim}), {claim})"
        return Drawn(text, how, "narrow", (f"{c} + 5e-4",))

    def _far(self, text: str, claim: str, _: Formula) -> Drawn:
        edge = self.rng.choice(("1e6", "1e15", "1e60", "1e290"))
        side = self.rng.choice((">", "<"))
        place = f"3*{edge}" if side == ">" else f"-3*{edge}"
        bound = edge if side == ">" else f"-{edge}"
        return Drawn(text, f"if(x {side} {bound}, 1 + ({claim}), {claim})", "far", (place,))

    def _integer(self, text: str, claim: str, _: Formula) -> Drawn:
        n = self.rng.choice((3, 137, -5, 88, 1000, 12345))
        how, place = self.rng.choice((
            ("if(floor(x) == {n}, 5 + {d}, {d})", "{n} + 1/3"), ("{d} + 1 - sign(floor(x) - {n})^2", "{n} + 1/3"),
            ("if(round(10*x) == {n}, 5 + {d}, {d})", "{n}/10"), ("if(ceil(x/7) == {n}, 2, {d})", "7*{n} - 1/2"),
            ("{d} + if(trunc(x) == {n}, 1, 0)", "{n}"), ("{d} + if(atan(floor(x) - {n}) == 0, 1, 0)", "{n} + 1/3"),
        ))  # fmt: skip
        return Drawn(text, how.format(n=n, d=f"({claim})"), "one integer", (place.format(n=n),))

    def _branch(self, text: str, claim: str, _: Formula) -> Drawn:
        c, slip = self._number(), self.rng.choice(("1e-9", "1e-30", "1e-60"))
        side = self.rng.choice(("<", ">"))
        place = f"({c}) {'-' if side == '<' else '+'} 1"
        return Drawn(text, f"if(x {side} {c}, ({claim})*(1 + {slip}), {claim})", "one branch", (place,))

    def _bump(self, text: str, claim: str, _: Formula) -> Drawn:
        c = self._number()
        how = self.rng.choice(
            ("{d} + sech(50*(x - ({c})))", "{d} + exp(-1e4*(x - ({c}))^2)", "({d})*(1 + 1e-6/(1 + 1e6*(x - ({c}))^2))")
        )
        return Drawn(text, how.format(c=c, d=f"({claim})"), "bump", (c,))


# ---- the referee


def _near(compare: Callable[[Any, Any], bool], equal: bool, digits: int) -> Callable[[Any, Any], bool]:
    def condition(a: Any, b: Any) -> bool:
        if abs(a - b) <= mp.mpf(10) ** -digits * max(1, abs(a), abs(b)):
            return equal
        return bool(compare(a, b))

    return condition


def _real(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function without a value where mpmath goes through complex numbers, or would take more digits than there is
    memory, or gives what no sum with an ordinary number holds."""

    def call(*args: Any) -> Any:
        if any(mp.isfinite(x) and mp.mag(x) > _LARGEST for x in args if x != 0):
            raise ValueError
        found = function(*args)
        if isinstance(found, mp.mpc) or (found != 0 and mp.isfinite(found) and mp.mag(found) < _SMALLEST):
            raise ValueError
        return found

    return call


def _stair(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function without a value where its steps are too small beside it for a difference quotient to see. What is
    next to a whole number by rounding alone, is that."""

    def call(x: Any, *others: Any) -> Any:
        if max(map(abs, (x, *others))) > mp.mpf(10) ** 40:
            raise ValueError
        unit = others[0] if others else mp.mpf(1)
        whole = unit * mp.nint(x / unit)
        return function(whole if abs(x - whole) < abs(x) * mp.mpf(10) ** (20 - mp.dps) else x, *others)

    return call


_STAIRS = ("floor", "ceil", "round", "trunc", "frac", "mod")


def _log(x: Any, *base: Any) -> Any:
    if x == 0:
        raise ZeroDivisionError  # where mpmath has an infinity
    return mp.log(x, *base)


def value(text: str, x: Any, near: int = _NEAR) -> Any:
    """The real value of a formula, with what is equal to so many digits taken for equal; None where there is none."""
    kept = dict(OPERATORS)
    ties = {ast.Lt: False, ast.LtE: True, ast.Gt: False, ast.GtE: True, ast.Eq: True, ast.NotEq: False}
    for how, equal in ties.items():
        OPERATORS[how] = _near(kept[how], equal, near)
    functions = dict(FUNCTIONS)
    FUNCTIONS.update({name: _real(function) for name, function in functions.items()})
    FUNCTIONS.update({name: _stair(FUNCTIONS[name]) for name in _STAIRS})
    FUNCTIONS["log"] = _real(_log)
    OPERATORS[ast.Pow] = _real(kept[ast.Pow])
    try:
        with alarm(_PATIENCE):
            found = value_in_mpmath(text, {"x": x})
    except OutOfTime:  # mpmath takes all digits of arguments of any size
        return None
    except (ArithmeticError, MemoryError, AttributeError, ValueError, TypeError, KeyError):
        return None
    finally:
        OPERATORS.update(kept)
        FUNCTIONS.update(functions)
    if isinstance(found, mp.mpc):
        return None
    found = mp.mpf(found)
    return found if mp.isfinite(found) else None


def slope(text: str, x: Any) -> Any:
    """The derivative by difference quotients, to 70 digits, where those from both sides agree; None elsewhere."""
    with mp.workdps(2 * DIGITS):
        found = []
        for exponent in (50, 60):
            h = mp.mpf(10) ** -exponent * max(mp.mpf(10) ** -5, abs(x))
            # beside the point only what is the same is equal: sec(h) is 1 to twice as many digits as h is 0
            at = [value(text, x + k * h, mp.dps - 40 if k else _NEAR) for k in (-2, -1, 0, 1, 2)]
            if any(v is None for v in at):
                return None
            left, right = (at[2] * 3 - at[1] * 4 + at[0]) / (2 * h), (at[1 + 2] * 4 - at[2] * 3 - at[4]) / (2 * h)
            found += [left, right]
        size = max(1e-30, *map(abs, found))
        if max(found) - min(found) > size * mp.mpf(10) ** -52:  # of the smaller step, 20 digits more are right
            return None
        return found[-1]


def _is_known(text: str, x: Any) -> bool:
    """Whether the digits that `slope` carries are enough for the formula's value."""
    found = []
    for digits in (2 * DIGITS - 20, 4 * DIGITS):
        with mp.workdps(digits):
            found.append(value(text, x))
    return None not in found and abs(found[0] - found[1]) <= abs(found[1]) * mp.mpf(10) ** -150


def located(place: Any) -> Any:
    """The number that a point is said to be at; None where it is not found."""
    root = re.fullmatch("root of (.+) = (.+) near (.+)", place) if isinstance(place, str) else None
    if root is None:
        return value(place, mp.mpf(0)) if isinstance(place, str) else mp.mpf(place)

    def height(x: Any) -> Any:
        left, right = (value(side, x) for side in root.groups()[:2])
        return mp.nan if left is None or right is None else left - right

    near = mp.mpf(root[3])
    try:
        return mp.findroot(height, (near, near * (1 + mp.mpf(10) ** -9)))
    except (ValueError, ZeroDivisionError, SyntaxError):
        return None


def _is_beside_a_limit(drawn: Drawn, x: Any) -> bool:
    """Whether something may be compared that is so near to a limit that no digits tell it from that."""
    both = f"{drawn.formula} {drawn.claim}"
    return abs(x) > 100 and bool(_WITH_LIMITS.search(both) and re.search("[<>]|[!=]=", both))


def differs(drawn: Drawn, place: Any) -> bool | None:
    """Whether claim and derivative differ at a point; None where one has no value, or too few digits tell."""
    with mp.workdps(DIGITS):
        x = located(place)
        if x is None or abs(x) > mp.mpf(10) ** 70 or _is_beside_a_limit(drawn, x):
            return None
        claimed, correct = value(drawn.claim, x), slope(drawn.formula, x)
        with mp.workdps(3 * DIGITS):
            closer = value(drawn.claim, located(place))
        if claimed is None or closer is None or abs(claimed - closer) > abs(closer) * mp.mpf(10) ** -80:
            return None
        if correct is None or not _is_known(drawn.formula, x):
            return None
        noise = max(1, abs(value(drawn.formula, x))) * mp.mpf(10) ** -90
        size = max(abs(claimed), abs(correct))
        if size > mp.mpf(10) ** 70:  # what stands inside a sine may have lost all digits
            return None
        if abs(claimed - correct) > size * mp.mpf(10) ** -70 + noise:
            return True
        return None if noise > size * mp.mpf(10) ** -20 and claimed != correct else False


def faults(drawn: Drawn, check: Check, seed: int) -> Iterator[str]:
    """What a verdict says that is not so."""
    rng = random.Random(seed)
    places: list[Any] = [*drawn.places, *(repr(rng.uniform(-4, 4)) for _ in range(12)), "0", "1", "-1", "0.3"]
    places += [repr(rng.choice((1, -1)) * 10 ** rng.uniform(-6, 6)) for _ in range(6)]
    if check.verdict == "proved":
        bad = next((place for place in places if differs(drawn, place)), None)
        if bad is not None:
            yield f"false proved: differs at x={bad}"
    example = check.counterexample
    if check.verdict == "wrong" and example is not None:
        at = expression(example.at["x"])
        if example.claimed is None:
            with mp.workdps(DIGITS):
                if value(drawn.claim, value(at, mp.mpf(0))) is not None:
                    yield f"false word: the claim has a value at x={at}"
        elif example.relative > 1e-20 and abs(example.correct.number) > 1e-20 and differs(drawn, at) is False:
            yield f"false wrong: equal at x={at}"
    if check.verdict == "conditional":
        yield from _conditional(drawn, check, places)
    accused = drawn.right and example is not None and example.claimed is not None
    if accused and not differs(
        drawn, expression(example.at["x"])
    ):  # where comparisons are equal the rules may not hold
        yield "false wrong: it is right by making"


def _is_met(condition: str) -> str:
    """What is 1 where a condition is met, and 0 elsewhere: one of a branch is met beyond it, and one of a branch that
    is not told is not looked at."""
    told, _, where = condition.partition(", where ")
    met = f"if({told.partition(', from ')[0]}, 1, 0)"
    return "1" if where == "it is asked for" else f"if({where}, {met}, 1)" if where else met


def _conditional(drawn: Drawn, check: Check, places: list[Any]) -> Iterator[str]:
    if not check.conditions:
        if any(differs(drawn, place) for place in places):
            yield "false conditional: differs where it has a value"
        return
    conditions = "*".join(map(_is_met, check.conditions))
    for place in places:
        with mp.workdps(DIGITS):
            inside = value(conditions, value(place, mp.mpf(0)))
        found = differs(drawn, place)
        if inside == 1 and found:
            yield f"false conditional: differs there, at x={place}"
            return
        if inside == 0 and found is False and check.reason == "proved there":
            yield f"false conditional: equal elsewhere, at x={place}"
            return


def judged(seed: int, seconds: float = SECONDS) -> tuple[Drawn, Check, list[str]]:
    """One claim, its verdict, and what is false in that."""
    drawn = Drawing(seed).claim()
    check = check_derivative(drawn.formula, "x", drawn.claim, seconds=seconds, seed=seed)
    return drawn, check, list(faults(drawn, check, seed))
