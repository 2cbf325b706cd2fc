"""The derivation of a derivative as formulas, one rule a line.

Every line is a formula of our own language in which `diff` stands for what is still to be done, and the rules are the
rows of the table, from which the chain rule of `rewrite` takes them too. Each line is computed in balls and held
against the gradient that reverse mode finds, so that the steps and the answer cannot disagree.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import islice
from random import Random
from typing import Any

from gradcalc.certified import Certifier, certify
from gradcalc.engine.drawn import in_cubes
from gradcalc.engine.formulas import with_letters
from gradcalc.engine.lowering import Point, as_constant, constant_value, shown
from gradcalc.engine.rewrite import as_formula, expand, of_joined, our_derivative, prepare, prepare_open
from gradcalc.engine.scalars import FLOAT
from gradcalc.engine.tidy import TIDY, exact_value, plain, tidy, without_exceptions
from gradcalc.helper import OutOfTime
from gradcalc.judge.agreement import AGREE_BITS, symbolic_gradient
from gradcalc.language.algebra import same
from gradcalc.language.ends import names_in_ends
from gradcalc.language.errors import LIMITS, FormulaError, SymbolicError, UndecidedError, UndefinedError
from gradcalc.language.formula import (
    ATOM,
    Call,
    Formula,
    Name,
    Number,
    arguments,
    body_of,
    brief,
    children_first,
    children_of_all,
    expression,
    free_names,
    rebuilt,
)
from gradcalc.language.functions import CONSTANTS, TABLE, Function, is_diff
from gradcalc.language.kept import calls_in, tree_size
from gradcalc.language.literals import ONE, ZERO, place_text
from gradcalc.language.substitution import substitute
from gradcalc.record import dataclass, replace
from gradcalc.shown import shows
from gradcalc.work import OUT_OF_TIME


@dataclass(frozen=True, slots=True)
class Step:
    """One line: what the derivative equals, the `rule` that made it from the line before, the rule as formulas
    (`law`), and where it does not hold (`exception`): `where x == 0`, `at a kink of abs`."""

    formula: Formula
    rule: str
    law: str = ""
    exception: str = ""


@shows("__str__", "__repr__", "_repr_html_")
@dataclass(frozen=True, slots=True)
class Derivation:
    """The steps from `d formula / d name` to the derivative.

    `verdict` is `agrees` where every line was computed at all `points` and equals the derivative there, `wrong` where
    one does not, and else `undecided`, with the `reason`.
    """

    formula: Formula
    name: str
    steps: tuple[Step, ...]
    verdict: str
    points: tuple[dict[str, float], ...] = ()
    reason: str = ""

    def __bool__(self) -> bool:
        return self.verdict == "agrees"

    @property
    def answer(self) -> Formula:
        return self.steps[-1].formula


LONGEST = 200  # nodes of a formula whose derivation somebody would read, and lines of it


def steps(formula: str | Formula, name: str, at: Point | None = None, seconds: float = LIMITS.seconds) -> Derivation:
    """The derivative with respect to `name`, worked out one rule a line; the last line is sympy's, where it is other.

    Args:
        at: a point at which the lines are computed too, besides those that are drawn. With values for `e` and `tau`
            alone these are names.
        seconds: for sympy.

    Raises:
        SymbolicError: the derivation would be too long to read.
        FormulaError: a function has no derivative with respect to one of its arguments, or a sum has an open end.
    """
    parsed = as_formula(formula)
    for end, where in names_in_ends(parsed).items():
        help = f"give it one, as in {end}=10; the derivative without its steps needs none"
        raise FormulaError(f"{end} ends a sum or a product, whose steps need a whole number", where.span, help)
    prepared, lines = _by_rules(parsed, name, at or ())
    try:
        theirs = symbolic_gradient(parsed, (name,), seconds, bound=tuple(at or ()))[0].get(name)
        if theirs is not None and expression(theirs) != expression(lines[-1].formula):
            lines.append(Step(theirs, "sympy writes it so"))
        return Derivation(parsed, name, tuple(lines), *_verified(prepared, name, lines, at))
    except OutOfTime:
        return Derivation(parsed, name, tuple(lines), "undecided", reason=OUT_OF_TIME)


def by_hand(formula: str | Formula, name: str) -> Formula:
    """The derivative with respect to `name` as our own rules write it: the last line of `steps` that is not sympy's.

    Raises:
        SymbolicError: the derivation would be too long to read.
        FormulaError: a function has no derivative with respect to one of its arguments.
    """
    whole = prepare_open(formula) if names_in_ends(as_formula(formula)) else None
    if isinstance(whole, Call) and whole.function.indexed and name not in whole.function.params:
        assert isinstance(whole.function.definition, Formula)
        return of_joined(whole, by_hand(whole.function.definition, name))
    return _by_rules(as_formula(formula), name)[1][-1].formula


def _by_rules(parsed: Formula, name: str, own: Collection[str] = ()) -> tuple[Formula, list[Step]]:
    """The prepared formula, and the lines of its derivative by our rules, where the letters in `own` are names."""
    prepared = prepare(parsed)
    if tree_size(prepared) > LONGEST:
        raise SymbolicError("the formula is too long to work its derivative out step by step", parsed.span)
    our_derivative(prepared, name)  # which raises where there is none
    return prepared, list(_lines(parsed, prepared, name, own))


# ---- the lines


def _lines(parsed: Formula, prepared: Formula, name: str, own: Collection[str]) -> Iterator[Step]:
    if expression(body_of(prepared)) != expression(body_of(parsed)):
        typed = any(node.function is TABLE["if"] for node in calls_in(parsed, children_of_all))
        prepared, excepted = plain(prepared, exceptions=typed)
        if name in free_names(prepared):
            where = f"where {brief(excepted)}" if excepted else ""
            yield Step(_diff(prepared, name), "functions written out", exception=where)
    current = _diff(prepared, name)
    if not is_diff(current):
        yield Step(current, "the variable itself" if current is ONE else f"constant rule: {name} does not stand in it")
    constants = [each for each in CONSTANTS if each not in (*own, name)]
    near = {each: Number(text, Fraction(text)) for each in constants for text in [repr(FLOAT.constant(each))]}
    for _ in range(LONGEST):
        todo = next((node for node in children_first(current, arguments) if is_diff(node)), None)
        if todo is None:
            return
        step = _differentiated(todo.args[0], name, near)
        current = _replaced(current, todo, step.formula)
        if tree_size(current) > 10 * LONGEST:
            break
        yield replace(step, formula=current)
    raise SymbolicError("the derivation is too long to read", parsed.span)


def _diff(formula: Formula, name: str) -> Formula:
    """`diff(formula, name)`, but 1 for the name itself and 0 where it does not stand."""
    body = body_of(formula)
    if isinstance(body, Name) and body.name == name:
        return ONE
    return Call(TABLE["diff"], (formula, Name(name))) if name in free_names(formula) else ZERO


def _replaced(root: Formula, todo: Call, found: Formula) -> Formula:
    """The line with a `diff`, wherever it stands in it, replaced."""

    def call(node: Call, args: list[Formula]) -> Formula:
        if is_diff(node) and same(node.args[0], todo.args[0]):
            return found
        if all(new is old for new, old in zip(args, node.args, strict=True)):
            return node
        return tidy(node.function, args)  # type: ignore[no-any-return]

    return rebuilt(root, call, lambda node, _: node)


def _differentiated(formula: Formula, name: str, near: Mapping[str, Number]) -> Step:
    """The derivative of a formula by one rule, with the numbers near letters that are constants."""
    of = body_of(formula)
    assert isinstance(of, Call)
    what = f" for {formula.name} = {brief(of)}" if isinstance(formula, Name) else ""
    if of.function.name == "if":
        condition, a, b = of.args
        assert isinstance(condition, Call)
        if (beside := _beside_points(condition, a, b, name, near)) is not None:
            pair = f"d if(u {condition.function.symbol} k, v, w) = {'dw' if beside is b else 'dv'}"
            where = f"where {brief(Call(TABLE['=='], condition.args))}"
            return Step(_diff(beside, name), f"the branch at single points tells no derivative{what}", pair, where)
        result = tidy(of.function, (condition, _diff(a, name), _diff(b, name)))
        return Step(result, f"branch by branch{what}", "d if(p, u, v) = if(p, du, dv)", "where the branches meet")
    if of.function.variadic or not of.function.partials:
        letters = _letters(of, name)
        whole = Call(of.function, tuple(letters))
        written = expand(whole)
        meaning = _diff(_with(written, _meanings(letters, of)), name)
        return Step(meaning, f"definition of {of.function.spelling}", f"{expression(whole)} = {expression(written)}")
    law = _law(of, name)
    result = law.applied(formula, of, name)
    rules, laws = {law.rule + what: None}, {str(law): None}
    while law.linear:  # a sum of many terms is one rule
        inner = next((n for n in children_first(result, arguments) if is_diff(n) and _is_linear(n, name)), None)
        if inner is None:
            break
        term = inner.args[0]
        assert isinstance(term, Call)
        law = _law(term, name)
        result = _replaced(result, inner, law.applied(term, term, name))
        rules[law.rule], laws[str(law)] = None, None
    return Step(result, ", ".join(rules), "; ".join(laws), law.exception_at(of, near))


def _beside_points(condition: Call, a: Formula, b: Formula, name: str, near: Mapping[str, Number]) -> Formula | None:
    """The branch that is met everywhere but where two things are equal that are so at single values of a name alone."""
    from gradcalc.symbolic import is_zero_at_points

    if condition.function.name in ("==", "!="):
        difference = Call(TABLE["-"], condition.args)
        if name in free_names(difference) and is_zero_at_points(
            difference, name, free_names(difference).keys() - near.keys()
        ):
            return b if condition.function.name == "==" else a
    return None


def _is_linear(diff: Formula, name: str) -> bool:
    of = arguments(diff)[0]
    has_law = isinstance(of, Call) and of.function.partials and not of.function.variadic
    return isinstance(of, Call) and bool(has_law) and _law(of, name).linear


# ---- laws: a row of the table as a rule for differentials

_D = Function(name="d", symbol="d", notation="prefix", binding=ATOM, doc="the differential of a letter")


@dataclass(frozen=True, slots=True)
class _Law:
    """`d(u*v) = v*du + u*dv`: a call on letters, and its differential, in which `out` is the call itself. `exception`
    is a condition on the letters."""

    call: Call
    differential: Formula
    exception: Formula | None
    rule: str
    linear: bool

    def __str__(self) -> str:
        whole = expression(self.call)
        right = expression(_with(self.differential, {"out": self.call}))
        return f"d({whole}) = {right}" if self.call.function.symbol else f"d {whole} = {right}"

    def applied(self, formula: Formula, of: Call, name: str) -> Formula:
        """The law for a call, which stands in the text as `formula`."""
        meanings = _meanings(self.call.args, of) | {"out": formula}

        def make(row: Function, args: tuple[Formula, ...]) -> Formula:
            return _diff(args[0], name) if row is _D else tidy(row, args)

        return with_letters(self.differential, meanings, make)

    def exception_at(self, of: Call, near: Mapping[str, Number]) -> str:
        """Where the rule does not hold, in words; nothing where the numbers of the call show that it always does."""
        if self.exception is not None:
            meanings = _meanings(self.call.args, of)
            where = _with(self.exception, {each: substitute(meaning, near) for each, meaning in meanings.items()})
            if any(node in near.values() for node in children_first(where)):  # which is read as it was typed
                where = _with(self.exception, meanings)
            return f"where {brief(where)}" if isinstance(where, Call) else ""
        return "" if of.function.smooth else f"at a corner or jump of {of.function.spelling}"


def _letters(of: Call, name: str) -> list[Formula]:
    """A letter for each argument: u, v, ... where it varies, k, c, ... where not, but none that stands for something
    else in the call; numbers stand for themselves."""
    moving, fixed = ([*few, *(f"{few[0]}{i}" for i in range(2, 2 + len(of.args)))] for few in ("uvw", "kc"))
    taken, letters = {*free_names(of)}, list[Formula]()
    for arg in of.args:
        if name in free_names(arg) or not (isinstance(arg, Number) or exact_value(arg) is not None):
            few = moving if name in free_names(arg) else fixed
            letters.append(Name(next(each for each in few if each not in taken or each == getattr(arg, "name", ""))))
            taken.add(str(letters[-1]))
        else:
            letters.append(arg)
    return letters


def _meanings(letters: Sequence[Formula], of: Call) -> dict[str, Formula]:
    return {letter.name: arg for letter, arg in zip(letters, of.args, strict=True) if isinstance(letter, Name)}


def _law(of: Call, name: str) -> _Law:
    row = of.function
    letters = _letters(of, name)
    total: Formula = ZERO
    exception: Formula | None = None
    coefficients: list[Formula] = []
    for i, arg in enumerate(of.args):
        if name in free_names(arg):
            coefficient = TIDY.taught(row, i)(*letters, Name("out"))
            coefficient, excepted = without_exceptions(coefficient)
            for condition in excepted:
                exception = condition if exception is None else tidy(TABLE["or"], (exception, condition))
            coefficients.append(coefficient)
            total = tidy(TABLE["+"], (total, tidy(TABLE["*"], (coefficient, Call(_D, (letters[i],))))))
    linear = all(name in CONSTANTS for coefficient in coefficients for name in free_names(coefficient))
    return _Law(Call(row, tuple(letters)), total, exception, _rule(of, name, coefficients), linear)


# what schools call the rule of an operator, by which of its operands vary
_BOTH, _FIRST, _SECOND = (True, True), (True, False), (False, True)
_TITLES: Mapping[tuple[str, tuple[bool, ...]], str] = {
    ("*", _FIRST): "constant multiple rule",
    ("*", _SECOND): "constant multiple rule",
    ("/", _FIRST): "constant multiple rule",
    ("/", _SECOND): "reciprocal rule",
    ("^", _SECOND): "exponential rule",
    ("^", _BOTH): "generalized power rule",
}


def _rule(of: Call, name: str, coefficients: Sequence[Formula]) -> str:
    """The rule's name: after the row, and after the chain rule where an inner derivative comes in."""
    row = of.function
    varies = tuple(name in free_names(arg) for arg in of.args)
    title = row.doc.split(",")[0] + " rule" if row.symbol else f"derivative of {row.spelling}"
    title = _TITLES.get((row.name, varies), title)
    moving = [arg for arg, moves in zip(of.args, varies, strict=True) if moves]
    inner = any(not isinstance(arg, Name) or arg.name != name for arg in moving)
    if len(moving) == 1 and inner and {"u", "out"} & free_names(coefficients[0]).keys():
        return f"chain rule, {title}"
    return title


def _with(formula: Formula, meanings: Mapping[str, Formula]) -> Formula:
    """A law with its letters replaced."""
    return with_letters(formula, meanings, tidy)


# ---- the lines in numbers

_POINTS, _TRIES = 3, 60
_CUBES = ((0.1, 2.0), (-2.0, 2.0), (0.5, 20.0))  # for each variable; tried in turn until the formula has values


def _verified(
    prepared: Formula, name: str, lines: Sequence[Step], at: Point | None
) -> tuple[str, tuple[dict[str, float], ...], str]:
    points: list[dict[str, float]] = []
    why = "no point was found at which the derivative exists"
    for point in _points(prepared, name, at):
        truth = _truth(prepared, point, name)
        if truth is None:
            continue
        try:
            values = [certify(line.formula, point, (), digits_of_ball=AGREE_BITS).value.ball for line in lines]
        except (UndefinedError, UndecidedError) as error:
            why = f"at every point tried some line has no value: {error.message}"
            continue
        for line, value in zip(lines, values, strict=True):
            if not value.overlaps(truth):
                where = place_text(_floats(point), ", ", shown)
                return "wrong", (*points, _floats(point)), f"{brief(line.formula)} is not the derivative at {where}"
        points.append(_floats(point))
        if len(points) == _POINTS + bool(at):
            break
    if not points:
        return "undecided", (), why
    return "agrees", tuple(points), ""


def _points(prepared: Formula, name: str, at: Point | None) -> Iterator[dict[str, Any]]:
    names = [n for n in free_names(prepared) if n not in CONSTANTS or n == name or n in (at or ())]
    if at and not (at.keys() <= {*CONSTANTS} and {*names} - at.keys()):
        yield dict(at)
    yield from islice(in_cubes(Random(0), _CUBES, [*dict.fromkeys([*names, name])]), _TRIES)


def _floats(point: Point) -> dict[str, float]:
    return {name: float(constant_value(as_constant(value, name), FLOAT)) for name, value in point.items()}


def _truth(prepared: Formula, point: Mapping[str, Any], name: str) -> Any:
    """The derivative by reverse mode, as a ball, or None where there is none."""
    try:
        component = Certifier(prepared, point, (name,)).run(digits_of_ball=AGREE_BITS).gradient[name]
    except ArithmeticError:  # outside the domain, or not to be told
        return None
    return component.ball if component.status in ("certified", "zero") else None
