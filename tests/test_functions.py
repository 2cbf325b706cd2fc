"""Every promise a row of the table makes, tested for every row. The cases come from `TABLE`; nothing here lists rows.

The referees are not the table's rules: values are held against balls of high precision, balls against mpmath, and
partials against differences of balls and against sympy's own derivatives.
"""

from __future__ import annotations

import math
import operator
import random
import re
from collections import Counter
from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import product
from typing import Any

import mpmath
import pytest
import sympy
from flint import arb

import gradcalc as gc
from gradcalc.engine.scalars import BALL, FLOAT, NATIVE, Scalars, exact_ball, fits, parameters, precision
from gradcalc.engine.value import Value, over
from gradcalc.gradients import evaluate
from gradcalc.language import values
from gradcalc.language.functions import TABLE, Function
from gradcalc.symbolic.opaque import sympy_function

# Conditions have no number; `if`, `diff` are the language's own. All of them have tests of their own.
ROWS = [row for row in TABLE.values() if not row.condition and (row.value or row.ball or row.definition)]
KINKED = [row for row in ROWS if not row.smooth]

ULPS = 4.0
POINTS = 80

# Partials that miss the bound: for which arguments, and why. There they have no bound.
EXCUSED: dict[tuple[str, int], tuple[Callable[..., bool], str]] = {
    ("sinpi", 0): (lambda x: x % 1 == 0.5, "0 exactly, where differences of balls leave a remainder"),
    ("cospi", 0): (lambda x: x % 1 == 0, "0 exactly, where differences of balls leave a remainder"),
    ("fresnels", 0): (lambda x: Fraction(x) ** 2 % 2 == 0, "0 exactly, where differences of balls leave a remainder"),
    ("fresnelc", 0): (lambda x: Fraction(x) ** 2 % 2 == 1, "0 exactly, where differences of balls leave a remainder"),
    ("/", 1): (
        lambda x, y: 0 < abs(x / y) < SMALLEST_FULL and abs(y) < 1,
        "-out/y has the rounding of out, and a subnormal quotient has fewer digits; balls would cost every division",
    ),
}

SMALLEST_FULL = 2.0**-1022  # smaller doubles are subnormal: they have fewer digits
LARGEST = math.nextafter(math.inf, 0)


def each(rows: Sequence[Function]) -> Any:
    return pytest.mark.parametrize("row", rows, ids=lambda row: row.name)


# ---- points: the whole range of doubles

_ROUND = (0.0, 0.25, 0.5, 0.75, 1.0, 2.0, 3.0, 10.0)
_HARD = (1e22, 1e300, 5e-324, SMALLEST_FULL, LARGEST)


def any_double(rng: random.Random, lower: float, upper: float) -> float:
    """A double, often one where functions go wrong: huge, subnormal, an edge, a neighbour of a zero of sin or gamma."""
    sign = rng.choice((-1, 1))
    anywhere = math.ldexp(rng.uniform(1, 2), rng.randint(-1074, 1023))
    near_one = math.ldexp(rng.uniform(1, 2), rng.randint(-4, 10))
    below_one = math.ldexp(rng.uniform(1, 2), rng.randint(-60, 0))
    whole = rng.randint(0, 200) / rng.choice((1, 2))
    edge = rng.choice(_ROUND)
    for _ in range(rng.randint(0, 3)):
        edge = math.nextafter(edge, rng.choice((-1, 1)) * math.inf)
    turn = rng.randint(1, 40) * math.pi / rng.choice((1, 2, 4)) * (1 + rng.choice((0, 0, 1, -1)) * below_one * 2.0**-20)
    beside = rng.choice(_ROUND) + rng.choice((-1, 1)) * below_one
    hard, own = rng.choice(_HARD), rng.uniform(lower, upper)
    return sign * rng.choice((anywhere, near_one, below_one, whole, edge, turn, beside, hard, own))


def any_point(row: Function, rng: random.Random) -> list[float]:
    """Arguments from the whole range, inside the domain or not."""
    args = [any_double(rng, *interval) for interval in row.sample]
    if len(args) == 2 and rng.random() < 0.3:  # equal, opposite, and near to each other
        args[1] = args[0] * rng.choice((1, -1, 1 + rng.uniform(-1, 1) * 2.0 ** -rng.randint(1, 52)))
    for i, partial in enumerate(row.partials):
        if partial is None:  # an order
            args[i] = float(rng.choice((0, 1, 2, 3, 7, -1, 0.5)))
    return args if all(map(math.isfinite, args)) else any_point(row, rng)


def points(row: Function, count: int, seed: str) -> list[list[float]]:
    """Points inside the domain."""
    rng = random.Random(f"{row.name} {seed}")
    found: list[list[float]] = []
    while len(found) < count:
        args = any_point(row, rng)
        if inside(row, args):
            found.append(args)
    return found


def inside(row: Function, args: Sequence[float]) -> bool:
    return fits(row, tuple(args), FLOAT)


def sample(row: Function, count: int, seed: str) -> list[list[float]]:
    """Points in the row's own box."""
    rng = random.Random(f"{row.name} {seed}")
    return [[rng.uniform(*interval) for interval in row.sample] for _ in range(count)]


def variables(row: Function) -> list[int]:
    """The parameters that have a derivative."""
    if row.partials and not row.variadic:
        return [i for i, partial in enumerate(row.partials) if partial is not None]
    return list(range(len(row.params)))


# ---- referees

_FEW_BITS, _MANY_BITS = 128, 20_000
_NOTHING = arb(2) ** -1150  # far below half the smallest double


def exactly(function: Callable[..., Any], args: Sequence[float], bits: int = _FEW_BITS) -> Any:
    """The function of balls at doubles, to 80 bits or until it is known to be next to nothing."""
    while True:
        with precision(bits):
            result = function(*map(arb, args))
            known = result.is_finite() and (result.rel_accuracy_bits() >= 80 or abs(result).upper() < _NOTHING)
        if known or bits > _MANY_BITS:
            return result
        bits *= 2


def _exponent(x: float) -> int:
    return abs(math.frexp(x)[1]) if x else 1074


def slope(row: Function, args: Sequence[float], i: int) -> Any:
    """The partial derivative from differences of balls to more than 80 bits, or None where there is none."""
    function = BALL.function(row)
    # small beside every argument and, for x/y at huge x and tiny y, beside their quotient
    others = [abs(math.frexp(x)[1]) for x in args]
    step = -110 - (_exponent(args[i]) if len(args) == 1 else _exponent(args[i]) + 2 * sum(others))

    def quotient(down: float, up: float) -> Any:
        def difference(*xs: Any) -> Any:
            h = arb(2) ** step
            above, below = list(xs), list(xs)
            above[i], below[i] = xs[i] + up * h, xs[i] - down * h
            return (function(*above) - function(*below)) / ((down + up) * h)

        return exactly(difference, args, 200 - step + others[i])

    central, right = quotient(1, 1), quotient(0, 0.5)
    if not (central.is_finite() and right.is_finite()):
        return None
    if abs(central).upper() < _NOTHING and abs(right).upper() < _NOTHING:
        return central
    with precision(_MANY_BITS):
        return central if abs(central - right) < abs(central) * arb(2) ** -40 else None


def ulps(got: float, truth: Any) -> float:
    """How far a double is from the truth, in units of its last digit. Infinity is right for what rounds to it."""
    with precision(300):
        if abs(truth) >= arb(LARGEST) + arb(2) ** 970:
            return 0.0 if math.isinf(got) and (got > 0) == bool(truth > 0) else math.inf
        if not math.isfinite(got):
            return math.inf
        return float(abs(arb(got) - truth.mid()) / arb(math.ulp(min(abs(float(truth.mid())), LARGEST))))


def computed(row: Function, args: Sequence[float]) -> tuple[float, dict[int, float]]:
    """Value and partials by Value over floats: infinite where it overflows."""
    values: list[Any] = [Value(x) if i in variables(row) else x for i, x in enumerate(args)]
    try:
        out = over(FLOAT).function(row)(*values)
    except OverflowError:
        return math.inf, {}
    if not isinstance(out, Value):
        return float(out), {}
    out.backward()
    return float(out.data), {i: float(values[i].grad) for i in variables(row)}


# ---- the laws written above the table


@each(list(TABLE.values()))
def test_row_is_complete(row: Function) -> None:
    assert row.doc
    assert row.doc[-1] != "."
    assert all(param.isidentifier() for param in row.params)
    assert len(set(row.params)) == len(row.params)
    assert len(row.partials) in ({0, 1} if row.variadic else {0, len(row.params)})
    assert not (set(row.params) & {"out", "tie"}), "these have a meaning in rules"
    if row in ROWS:
        assert row.example[0]
        assert row.ball or row.definition, "no value over balls"
        assert row.sympy or row.definition, "nothing for sympy"
        assert row.value or row.ball or row.definition
        assert row.partials or row.definition
        assert row.smooth or row.definition or row.name == "floor", "floor alone is what definitions are made of"
        assert bool(row.domain) or not row.needs


def test_spellings_and_aliases_are_unambiguous() -> None:
    spelled = Counter((row.spelling, count) for row in TABLE.values() for count in [len(row.params)] if not row.symbol)
    assert max(spelled.values()) == 1
    names = Counter([*{row.spelling for row in TABLE.values()}, *(a for row in TABLE.values() for a in row.aliases)])
    assert max(names.values()) == 1


@each(ROWS)
def test_sample_lies_inside_the_domain(row: Function) -> None:
    assert len(row.sample) == len(row.params)
    assert all(lower <= upper for lower, upper in row.sample)
    for args in [*map(list, product(*row.sample)), *sample(row, 50, "inside")]:
        assert inside(row, args), args
        assert math.isfinite(computed(row, args)[0])


@each([row for row in TABLE.values() if row.example[0]])
def test_example(row: Function) -> None:
    formula, number = row.example
    assert f"{evaluate(formula):.10g}" == f"{float(number):.10g}"
    assert f"{evaluate(formula, certified=True):.10g}" == f"{float(number):.10g}"


# ---- values


@each(ROWS)
def test_value_over_floats(row: Function) -> None:
    for args in points(row, POINTS, "value"):
        truth = exactly(BALL.function(row), args)
        assert truth.is_finite(), (args, truth)
        got, _ = computed(row, args)
        if math.isinf(got):
            got = math.copysign(got, truth.mid())  # an OverflowError has no sign
        assert ulps(got, truth) <= ULPS, (args, got, truth.str(20))


_PYTHONS: dict[str, Callable[..., Any]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv,
    "neg": operator.neg, "^": operator.pow,
}  # fmt: skip
_MPMATHS: dict[str, Callable[..., Any]] = {  # what mpmath has by another name, or in another order
    "airyaiprime": lambda x: mpmath.airyai(x, derivative=1),
    "airybiprime": lambda x: mpmath.airybi(x, derivative=1),
    "betainc": lambda a, b, x: mpmath.betainc(a, b, 0, x, regularized=True),
    "lambertw_k": lambda x, k: mpmath.lambertw(x, int(k)).real,
    "erfcinv": lambda x: mpmath.erfinv(1 - x),
    "normcdfinv": lambda x: mpmath.sqrt(2) * mpmath.erfinv(2 * x - 1),
    "gammalower": lambda a, x: mpmath.gammainc(a, 0, x),
    "gammaupper": mpmath.gammainc,
    "gammainc": lambda a, x: mpmath.gammainc(a, 0, x, regularized=True),
    "gammaincc": lambda a, x: mpmath.gammainc(a, x, regularized=True),
    "zeta_derivative": lambda n, x: mpmath.zeta(x, derivative=int(n)),
}
_NOT_MPMATHS = {"root": "takes integers only", "cbrt": "complex for x < 0", "min": "none", "max": "none"}


def _mpmath_function(scalars: Scalars, row: Function) -> Callable[..., Any]:
    """mpmath's own function of that name, where it has one; else the definition over mpmath's numbers."""
    if own := {**_PYTHONS, **_MPMATHS}.get(row.name):
        return own
    for name in (row.sympy.lower(), row.name, *row.aliases):
        if name and hasattr(mpmath, name) and row.name not in _NOT_MPMATHS:
            function = getattr(mpmath, name)
            return lambda *args: mpmath.re(function(*args))
    if row.name == "polygamma":
        return lambda n, x: mpmath.psi(int(n), x)
    if row.name == "diff_n":
        raise NotImplementedError
    if row.name == "abs":
        return abs
    return scalars.compile(str(row.definition), row.params)


_MPMATH_CONSTANTS = {"pi": lambda: +mpmath.pi, "tau": lambda: 2 * mpmath.pi, "e": lambda: +mpmath.e}
MPMATH = Scalars(
    "mpmath",
    lambda exact: mpmath.mpf(exact.numerator) / exact.denominator,
    lambda name: _MPMATH_CONSTANTS[name](),
    _mpmath_function,
    NATIVE | {"if", "^", "<", "<=", ">", ">=", "==", "!="},
    fixed=False,
)


def _sinc_derivative(n: float, x: float) -> Any:
    return mpmath.diff(mpmath.sinc, x, int(n))


@each(ROWS)
def test_balls_agree_with_mpmath(row: Function) -> None:
    own = _sinc_derivative if row.name == "sinc_derivative" else MPMATH.function(row)
    slow = row.name.startswith(("bessel", "zeta"))  # for mpmath, at whole orders and large arguments
    wide = [args for args in points(row, 40, "mpmath") if not slow and all(1e-30 < abs(x) < 300 for x in args)]
    for args in [*sample(row, 20, "mpmath"), *wide]:
        ours = exactly(BALL.function(row), args, 192)
        with mpmath.workdps(160 if wide else 60):  # definitions such as log(1 + x) cancel
            theirs = own(*map(mpmath.mpf, args))
            mpmath_digits = mpmath.nstr(theirs, 60)
        with precision(256):
            difference = abs(ours - arb(mpmath_digits))
            assert difference <= abs(ours) * arb(10) ** -22, (args, ours, mpmath_digits)


@each([row for row in ROWS if row.definition and (row.value or row.ball) and "diff(" not in str(row.definition)])
def test_definition_is_the_function(row: Function) -> None:
    over_balls = BALL.compile(str(row.definition), row.params)
    over_floats = FLOAT.compile(str(row.definition), row.params)
    for args in sample(row, 50, "definition"):
        value = exactly(BALL.function(row), args)
        assert exactly(over_balls, args).overlaps(value), args
        scale = max(1.0, *map(abs, args))
        assert over_floats(*args) == pytest.approx(float(value.mid()), rel=1e-12, abs=1e-14 * scale), args


def test_derivatives_of_every_order_are_what_they_are_defined_to_be() -> None:
    for row in (row for row in ROWS if "diff(" in str(row.definition)):
        for n in range(1, 4):
            defined = gc.parse(re.sub(r"\bn\b", str(n), str(row.definition)))
            assert gc.evaluate(defined, {"x": 1.7}) == pytest.approx(gc.evaluate(f"{row.name}({n}, x)", {"x": 1.7}))


# ---- partial derivatives


@each([row for row in ROWS if row.taught])
def test_what_is_taught_is_the_partial_derivative(row: Function) -> None:
    assert len(row.taught) == len(row.params)
    for i, text in enumerate(row.taught):
        taught = BALL.compile(text, (*row.params, "out"))
        drawn = list(sample(row, 50, "taught"))
        mirrored = [args for args in ([-x for x in args] for args in drawn) if len(args) == 1 and inside(row, args)]
        for args in [*drawn, *mirrored]:
            with precision(256):
                exact = [*map(exact_ball, args)]
                exact.append(BALL.function(row)(*exact))
                difference = taught(*exact) - BALL.partial(row, i)(*exact)
                assert difference.contains(0), args
                assert difference.rad() < 1e-40, args


@each(ROWS)
def test_partials_over_floats(row: Function) -> None:
    judged = dict.fromkeys(variables(row), 0)
    for args in points(row, POINTS, "partials"):
        for i, got in computed(row, args)[1].items():
            excused = EXCUSED.get((row.name, i))
            if excused is not None and excused[0](*args):
                continue
            truth = slope(row, args, i)
            if truth is None:
                assert not row.smooth or not math.isfinite(got) or beside_the_edge(row, args, i), (args, i, got)
                continue
            judged[i] += 1
            assert ulps(got, truth) <= ULPS, (args, row.params[i], got, truth.str(20))
    assert all(count > POINTS / 5 for count in judged.values()), judged


def beside_the_edge(row: Function, args: Sequence[float], i: int) -> bool:
    """Whether a smallest step leaves the domain."""
    beside = [[*args[:i], math.nextafter(args[i], away), *args[i + 1 :]] for away in (-math.inf, math.inf)]
    return not all(inside(row, there) for there in beside)


def _sympy_function(scalars: Scalars, row: Function) -> Callable[..., Any]:
    if row.name == "if":
        return lambda condition, a, b: sympy.Piecewise((a, condition), (b, True))
    if row.name in ("and", "or"):
        return {"and": sympy.And, "or": sympy.Or}[row.name]
    if row.name == "diff_n":
        return sympy.diff
    return sympy_function(row) if row.sympy else scalars.compile(str(row.definition), row.params)


_SYMPY_CONSTANTS = {"pi": sympy.pi, "tau": 2 * sympy.pi, "e": sympy.E}
SYMPY = Scalars(
    "sympy",
    lambda exact: sympy.Rational(exact.numerator, exact.denominator),
    _SYMPY_CONSTANTS.__getitem__,
    _sympy_function,
    NATIVE | {"^", "<", "<=", ">", ">="},
)


@each([row for row in ROWS if not row.name.startswith("zeta")])  # whose derivatives sympy does not know
def test_partials_agree_with_sympy(row: Function) -> None:
    """sympy differentiates its own function, or the definition; never our rule."""
    symbols = sympy.symbols(row.params, real=True)
    numbers = dict(enumerate(sample(row, 1, "orders")[0]))
    args = [s if i in variables(row) else sympy.Integer(int(numbers[i])) for i, s in enumerate(symbols)]
    if row.name == "sinc_derivative":
        expr = sympy.sinc(symbols[1]).diff(symbols[1], args[0])
    else:
        expr = SYMPY.function(row)(*args)
    for i in variables(row):
        derivative = expr.diff(symbols[i])
        flat = [d for d in derivative.atoms(sympy.Derivative, sympy.Subs) if d.has(sympy.floor)]
        derivative = derivative.xreplace(dict.fromkeys(flat, sympy.Integer(0)))  # floor is constant between jumps
        for point in sample(row, 8, f"sympy {i}"):
            theirs = sympy.N(derivative.subs({s: sympy.Float(x, 50) for s, x in zip(symbols, point, strict=True)}), 40)
            with precision(160):
                ours = _one_step(row, [arb(x) for x in point], i)
                difference = abs(ours - arb(str(theirs)))
                assert difference <= (1 + abs(ours)) * arb(10) ** -30, (point, row.params[i], ours, theirs)


def _one_step(row: Function, point: list[Any], i: int) -> Any:
    """A partial by reverse mode over balls."""
    values = [Value(x) if j == i else x for j, x in enumerate(point)]
    out = over(BALL).function(row)(*values)
    if not isinstance(out, Value):
        return arb(0)
    out.backward()
    return arb(0) + values[i].grad


@each(ROWS)
def test_second_derivatives(row: Function) -> None:
    """Reverse mode over reverse mode, against second differences of balls with a step of 2^-100."""
    function = BALL.function(row)

    def second(args: list[float], i: int, j: int) -> Any:
        with precision(500):
            h = arb(2) ** -100
            total = arb(0)
            for up, across in product((1, -1), repeat=2):
                xs = [arb(x) for x in args]
                xs[i] += up * h
                xs[j] += across * h
                total += up * across * function(*xs)
            return total / (4 * h * h)

    for args in sample(row, 12, "second"):
        values = [Value(Value(x)) if i in variables(row) else x for i, x in enumerate(args)]
        out = over(over(FLOAT)).function(row)(*values)
        out.backward()
        size = abs(float(exactly(function, args).mid()))
        for i, j in product(variables(row), repeat=2):
            for k in variables(row):
                values[k].data.zero_grad()
            if isinstance(values[i].grad, Value):
                values[i].grad.backward()
            size_here = max(size, abs(float(slope(row, args, i).mid())), 1e-3)
            expected = float(second(args, i, j).mid())
            got = float(values[j].data.grad)
            assert got == pytest.approx(expected, rel=1e-12, abs=1e-13 * size_here), (args, i, j)


# ---- domains


_NEVER_OUTSIDE = {"tan": "no double is a zero of cos", "sec": "no double is a zero of cos"}


@each([row for row in ROWS if row.domain])
def test_outside_the_domain_is_an_error_in_words(row: Function) -> None:
    """Inside there is a value, which `test_value_over_floats` sees to; its points hold the neighbours of the edges."""
    rng = random.Random(row.name)
    outside = [args for args in (any_point(row, rng) for _ in range(2000)) if not inside(row, args)][:60]
    assert bool(outside) != (row.name in _NEVER_OUTSIDE)
    operators = {"/": operator.truediv, "^": operator.pow}
    method = operators.get(row.name) or getattr(Value, row.spelling)
    for args in outside:
        for constant in ([], [1]) if len(args) == 2 and row.partials[0] is not None else ([],):
            values = [x if i in constant or i not in variables(row) else Value(x) for i, x in enumerate(args)]
            with pytest.raises((ValueError, ZeroDivisionError)) as error:
                method(*values)
            if row.name == "/":
                assert "division by zero" in str(error.value)
            else:
                assert (row.needs or f"{row.spelling} needs {row.domain}") in str(error.value), args


# ---- kinks


def _beside(row: Function, x: float, direction: int) -> tuple[Any, Any]:
    """The value next to x on one side, and the slope there, for a row of one argument."""
    function = BALL.function(row)
    with precision(600):
        near, far = (function(arb(x) + direction * k * arb(2) ** -300) for k in (1, 2))
        return near, (far - near) / (direction * arb(2) ** -300)


@each([row for row in KINKED if len(row.params) == 1])
def test_minimum_norm_subgradient(row: Function) -> None:
    """Of the numbers between the slopes on the two sides, the one nearest to 0. At a jump the slopes are equal."""
    for x in [k / 2 for k in range(-8, 9)]:
        (_, left), (_, right) = _beside(row, x, -1), _beside(row, x, 1)
        left, right = float(left.mid()), float(right.mid())
        expected = 0.0 if left * right <= 0 else min(left, right, key=abs)
        got = computed(row, [x])[1][0]
        assert got == pytest.approx(expected, rel=1e-15), x


SEAMS = [Fraction(k, 2) for k in range(-3, 4)] + [Fraction("0.618"), Fraction("-0.618")]


@each([row for row in KINKED if len(row.params) < 3])
def test_a_derivative_is_missing_at_kinks_alone(row: Function) -> None:
    """Where definitions change their branch, held against quotients of differences of values."""
    call, h = f"{row.spelling}({', '.join(row.params)})", 1e-7
    for args in product(SEAMS, repeat=len(row.params)):
        at = dict(zip(row.params, args, strict=True))
        for name in row.params:
            try:
                left, here, right = (gc.evaluate(call, {**at, name: float(at[name]) + step}) for step in (-h, 0, h))
            except gc.UndefinedError:
                continue
            slopes = (here - left) / h, (right - here) / h
            is_smooth = abs(right - left) < 1e-3 and slopes[0] == pytest.approx(slopes[1], abs=1e-4)
            if row.kinks:
                there, *where = (evaluate(f"if({text}, 0, 1)", at) for text in (f"{row.kinks[0]} == 0", *row.kinks[1:]))
                moves = re.search(rf"\b{name}\b", row.kinks[0])
                assert is_smooth == (not moves or there + sum(where) > 0), at
            if is_smooth:
                assert gc.evaluate(f"diff({call}, {name})", at) == pytest.approx(slopes[0], abs=1e-4), at
            else:
                with pytest.raises(gc.NotDifferentiableError):
                    gc.evaluate(f"diff({call}, {name})", at)


def _gradient(function: Callable[..., Any], *args: float) -> list[float]:
    values = [Value(x) for x in args]
    function(*values).backward()
    return [float(value.grad) for value in values]


@pytest.mark.parametrize(
    ("function", "args", "expected"),
    [
        (lambda x: x.relu(), [0.0], [0]),
        (lambda x: x.leaky_relu(), [0.0], [0.01]),
        (lambda x: x.abs(), [0.0], [0]),
        (lambda x: x.sign(), [0.0], [0]),
        (lambda x: x.step(), [0.0], [0]),
        (lambda x: x.floor(), [3.0], [0]),
        (lambda x: x.frac(), [3.0], [1]),
        (lambda x: x.max(0), [0.0], [0]),
        (lambda x: x.min(0.0), [0.0], [0]),
        (lambda x: x.max(0), [1.0], [1]),
        (lambda x: x.max(0), [-1.0], [0]),
        (lambda x, y: x.max(y), [2.0, 2.0], [0.5, 0.5]),
        (lambda x, y: x.min(y), [2.0, 2.0], [0.5, 0.5]),
        (lambda x, y: x.max(y, 2), [2.0, 2.0], [0, 0]),
        (lambda x, y: x.max(y, 1), [2.0, 2.0], [0.5, 0.5]),
        (lambda x, y, z: x.max(y, z), [2.0, 2.0, 2.0], [1 / 3] * 3),
        (lambda x, y, z: x.min(y, z), [2.0, 2.0, 3.0], [0.5, 0.5, 0]),
        (lambda x: x.sqrt(), [0.0], [math.inf]),
        (lambda x: x.cbrt(), [0.0], [math.inf]),
        (lambda x: x**0.5, [0.0], [math.inf]),
        (lambda x: x**0.3, [0.0], [math.inf]),
        (lambda x: x**0, [0.0], [0]),
        (lambda x: x**0, [-2.0], [0]),
        (lambda x: x**1, [0.0], [1]),
        (lambda x: x**2, [0.0], [0]),
        (lambda x: x**1.5, [0.0], [0]),
        (lambda x, y: x**y, [0.0, 2.0], [0, 0]),
        (lambda x: x.mod(2), [4.0], [1]),
        (lambda x: x.clamp(-1, 1), [3.0], [0]),
        (lambda x: x.clamp(-1, 1), [0.5], [1]),
        (lambda x: x.clamp(-1, 1), [1.0], [0]),
        (lambda x: x.root(3), [0.0], [math.inf]),
        (lambda x: x.root(1), [0.0], [1]),
        (lambda x: x.root(0.5), [0.0], [0]),
        (lambda x, y: x**y, [0.0, 0.0], [0, -math.inf]),
        (lambda x, n: x.root(n), [0.0, 3.0], [math.inf, 0]),
    ],
)
def test_conventions(function: Callable[..., Any], args: list[float], expected: list[float]) -> None:
    assert _gradient(function, *args) == expected


@each([row for row in ROWS if row.value])
def test_there_is_one_zero(row: Function) -> None:
    """-0.0 is the number 0: it does not choose the other side of a cut or a kink."""
    boxes = [(0.0, -1.0) if lower <= 0 <= upper else (lower, upper, -upper) for lower, upper in row.sample]
    for args in map(list, product(*boxes)):
        if inside(row, args):
            (value, partials), (again, others) = (computed(row, xs) for xs in ([x or -0.0 for x in args], args))
            assert value == again, args
            assert partials == pytest.approx(others, rel=0, abs=0, nan_ok=True), args


@pytest.mark.parametrize("x", [-8.0, -0.5])
def test_roots_of_negative_numbers_have_no_derivative_by_the_order(x: float) -> None:
    with pytest.raises(ValueError, match="domain"):
        FLOAT.partial(TABLE["root"], 1)(x, 3.0, -(abs(x) ** (1 / 3)))


def test_zero_to_the_zero_is_one() -> None:
    assert (Value(0.0) ** 0).data == 1
    assert (Value(0.0) ** Value(0.0)).data == 1
    assert (0 ** Value(0.0)).data == 1


@each([row for row in ROWS if row.variadic])
def test_variadic_rows_take_any_number(row: Function) -> None:
    values = [Value(x) for x in (3.0, -1.0, 7.0, 2.0)]
    out = over(FLOAT).function(row)(*values)
    out.backward()
    chosen = [value for value in values if value.grad]
    assert [value.data for value in chosen] == [out.data]
    assert parameters(row, 4) == ("x0", "x1", "x2", "x3")


# ---- the referee itself


def test_the_bounds_can_fail() -> None:
    """A rule that is good for most arguments, and the shortcuts people take, are told from right ones."""
    shortcut = Function(name="shortcut", value=math.tanh, ball=lambda x: x.tanh(), partials=("1 - out^2",))
    errors = [ulps(computed(shortcut, p)[1][0], slope(shortcut, p, 0)) for p in points(TABLE["tanh"], POINTS, "self")]
    assert sum(error > ULPS for error in errors) > 5
    assert ulps(math.inf, arb(1)) == math.inf
    assert ulps(1.0, arb(1)) == 0
    assert slope(TABLE["abs"], [0.0], 0) is None
    assert slope(TABLE["sign"], [0.0], 0) is None


def test_zeta_and_its_derivatives_against_mpmath():
    for x in (-20.5, -2.0, 0.0, 0.5, 1.0000001, 2.0, 30.0):
        for n in (1, 3):
            truth = float(mpmath.zeta(mpmath.mpf(x), derivative=n))
            found = gc.evaluate(f"zeta_derivative({n}, x)", {"x": x}, certified=True)
            assert math.isclose(found, truth, rel_tol=1e-6 if x == 1.0000001 else 1e-12)
    f = "zeta(x^2)*exp(-x)"
    assert gc.agreement(f, {"x": 1.5}).verdict == "proved"
    assert str(gc.derivative("zeta(2*x)", "x", 2)) == "4*zeta_derivative(2, 2*x)"


def test_an_order_without_a_derivative_takes_none_from_the_others():
    found = gc.agreement("besselj(n, x)*y", {"n": 1, "x": 2, "y": 3})
    said = {finding.what: (str(finding.verdict), finding.reason) for finding in found.findings}
    assert said["n"] == ("undecided", "besselj(n, x) has no derivative with respect to n")
    assert (said["x"][0], said["y"][0]) == ("proved", "proved")
    for ask in (gc.hessian, gc.grad):
        with pytest.raises(gc.FormulaError, match="no derivative with respect to n"):
            ask("besselj(n, x)", {"n": 1, "x": 2})


def test_the_whole_number_in_a_ball():
    with precision(1200):
        near = (-(arb(10) ** 300)).exp()  # which flint's own search ends the process at
        wide = [arb(near.mid(), 1.5), arb(7.5, 0.7), arb(7.2, 0.4), arb(7.5, 0.4)]
        balls = [near, -near, near + 1, near + arb(0, 0.25), arb(1), arb(2), *wide]
        assert [values.unique_whole(ball) for ball in balls] == [None, None, 1, 0, 1, 2, None, None, 7, None]
        beside = 1 + arb(2) ** -300
    assert values.unique_whole(beside) is None  # with fewer bits, too, its ends round to 1


_ROOTS = "(cbrt(x), odd root(x, n) take x < 0)"


@pytest.mark.parametrize(
    ("text", "needs"),
    [
        ("0^(-1)", f"x > 0, x < 0 and an integer y, or x = 0 and y >= 0 {_ROOTS}"),  # an integer is not enough at 0
        ("(-8)^(1/3)", f"x > 0, x < 0 and an integer y, or x = 0 and y >= 0 {_ROOTS}"),
        ("root(3, 0)", "x > 0 and n != 0, x < 0 and an odd n, or x = 0 and n > 0"),
        ("root(0, -3)", "x > 0 and n != 0, x < 0 and an odd n, or x = 0 and n > 0"),
    ],
)
def test_what_a_domain_needs_is_not_met_where_it_is_said_to_be_missing(text: str, needs: str) -> None:
    with pytest.raises(gc.UndefinedError, match=re.escape(f"needs {needs}, but")):
        gc.evaluate(text, {}, certified=True)


@pytest.mark.parametrize("order", [-1, 0, 3])
@pytest.mark.parametrize("beside", ["0", "1e-150", "-1e-40"])
@pytest.mark.parametrize("x", ["1e-3", "9.06"])
def test_the_second_bessel_function_beside_a_whole_order(order, beside, x):
    with mpmath.workdps(150):
        digits = mpmath.nstr(mpmath.besselk(order + mpmath.mpf(beside), mpmath.mpf(x)), 130)
    with precision(800):
        expected = arb(digits)
    for bits in (96, 192, 384):
        with precision(bits):
            for n in (order + arb(beside), order + arb(beside) + arb(0, arb(2) ** -bits)):
                assert values.ball_besselk(n, arb(x)).contains(expected)


@pytest.mark.parametrize(("low", "high"), [(-2.9, -2.1), (-7.99, -7.01), (0.01, 40), (-0.6, -0.4), (3, 3.001)])
def test_digamma_of_a_wide_ball_is_known_between_poles(low: float, high: float) -> None:
    """It grows from pole to pole, so that mpmath tells both ends."""
    ball = TABLE["digamma"].ball(arb(low).union(arb(high)))
    for x in (low, high, (low + high) / 2):
        assert ball.contains(arb(str(mpmath.digamma(x)), 1e-12)) or ball.overlaps(arb(str(mpmath.digamma(x)), 1e-12))
    spread = mpmath.digamma(high) - mpmath.digamma(low)
    assert float(ball.rad()) < 4 * spread
    assert not TABLE["digamma"].ball(arb(low - 1).union(arb(min(high, 0)))).is_finite()  # a pole is in it


@pytest.mark.parametrize(
    ("a", "b", "x", "bits"),
    [
        ("7.42", "0.314", "1e-30", 115),
        ("742", "0.314", "1e-30", 115),
        ("0.7", "300", "0.9", 170),
        ("2", "3", "0.75", 180),
    ],
)
def test_betainc_is_known_beside_1(a: str, b: str, x: str, bits: int) -> None:
    with precision(192):
        ball = TABLE["betainc"].ball(arb(a), arb(b), 1 - arb(x))
    assert ball.rel_accuracy_bits() >= bits
    with mpmath.workdps(120):
        theirs = mpmath.betainc(mpmath.mpf(a), mpmath.mpf(b), 0, 1 - mpmath.mpf(x), regularized=True)
        digits = mpmath.nstr(theirs, 80)
    with precision(400):
        assert ball.overlaps(arb(digits, 1e-60))
