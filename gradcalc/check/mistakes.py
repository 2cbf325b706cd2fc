"""Which mistake gives exactly this claim? The derivation is done again with one rule broken at one place.

Every candidate is a formula, compared with the claim in balls at several points. What can be broken is read off the
formula and off the rows' partial derivatives; only the operators, whose rules have names of their own, are named here.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from gradcalc.errors import NOWHERE, FormulaError, Span
from gradcalc.formula import Call, Formula, Name, Number, brief, children_first, fold, free_names, number
from gradcalc.functions import CONSTANTS, TABLE
from gradcalc.numeric import Failure, Lowering, constant_value
from gradcalc.parser import parse
from gradcalc.rewrite import FORMULA, expand, our_derivative, prepare, simple_call
from gradcalc.scalars import BALL, precision

from .points import Place

_BITS = 256
_SAME_BITS = 96  # to which a candidate and the claim must agree
_PLACES, _FEWEST = 6, 3
_MOST_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Mistake:
    """A mistake that gives the claim: its kind, a line that says it, and the place in the formula, if it has one.

    `kind` is chain, sign, product, quotient, power, factor, constant, function, angle, coefficient, term, variable,
    integral or order.
    """

    kind: str
    text: str
    span: Span = NOWHERE

    @property
    def column(self) -> int | None:
        """Where in the text of the formula, from 1."""
        return self.span.column if self.span.source else None


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A mistake and what it makes of the derivative. A text that takes time is made when it is wanted."""

    kind: str
    text: str | Callable[[], str]
    derivative: Formula
    span: Span = NOWHERE

    def mistake(self) -> Mistake:
        return Mistake(self.kind, self.text if isinstance(self.text, str) else self.text(), self.span)


def find_mistake(
    formula: Formula, name: str, claim: Formula, places: Sequence[Place], order: int = 1, seconds: float = _MOST_SECONDS
) -> Mistake | None:
    """The mistake that turns the derivative into the claim, or None.

    Args:
        places: points at which the claim and the derivative have values, those first where they differ.
    """
    deadline = time.monotonic() + min(seconds, _MOST_SECONDS)
    try:
        trial = _Trial(prepare(claim), places)
        if not trial.enough:
            return None
        for candidate in _candidates(formula, name, order, trial):
            if trial.matches(candidate.derivative):
                return candidate.mistake()
            if time.monotonic() > deadline:
                return None
    except FormulaError:  # a derivation that cannot be written down has no mistakes to offer
        return None
    return None


class _Trial:
    """The claim's values, which a candidate must have too."""

    def __init__(self, claim: Formula, places: Sequence[Place]):
        self.lowering = Lowering(claim, BALL, ())
        self.places: list[Place] = []
        self.claimed: list[Any] = []
        for place in places:
            value = _value(self.lowering, place)
            if value is not None and len(self.places) < _PLACES:
                self.places.append(place)
                self.claimed.append(value)

    @property
    def enough(self) -> bool:
        return len(self.places) >= _FEWEST

    def matches(self, candidate: Formula) -> bool:
        """Whether the candidate has the claim's values wherever it has one, and that at enough places."""
        lowering = Lowering(candidate, BALL, ())
        seen = 0
        for place, claimed in zip(self.places, self.claimed, strict=True):
            value = _value(lowering, place)
            if value is not None:
                if not _same(value, claimed):
                    return False
                seen += 1
        return seen >= _FEWEST

    def factor(self, whole: Formula, part: Formula) -> Any:
        """The number c for which `whole - part + c*part` is the claim at all places, or None."""
        found = None
        rest, of_part = Lowering(simple_call(_MINUS, (whole, part)), BALL, ()), Lowering(part, BALL, ())
        for place, claimed in zip(self.places, self.claimed, strict=True):
            others, value = _value(rest, place), _value(of_part, place)
            if others is None or value is None or value.contains(0):
                return None
            with precision(_BITS):
                ratio = (claimed - others) / value
            if not (_accurate(ratio) and (found is None or _same(ratio, found))):
                return None
            found = ratio
        return found


def _value(lowering: Lowering, place: Place) -> Any:
    with precision(_BITS):
        root = lowering.graph({name: constant_value(value, BALL) for name, value in place.items()}).root
        return None if isinstance(root, Failure) or not root.is_finite() else root


def _same(x: Any, y: Any) -> bool:
    with precision(_BITS):
        if not x.overlaps(y):
            return False
        return bool((_accurate(x) and _accurate(y)) or (abs(x) + abs(y)).upper() < 2.0**-_SAME_BITS)


def _accurate(x: Any) -> bool:
    return bool(x.is_zero() or x.rel_accuracy_bits() >= _SAME_BITS)


# ---- what may have gone wrong, the likeliest first

_PLUS, _MINUS, _TIMES, _OVER, _POWER, _NEG = (TABLE[name] for name in ("+", "-", "*", "/", "^", "neg"))
_PLAIN = ("+", "-", "*", "/", "neg")
_ZERO, _ONE = number(0), number(1)


def _candidates(formula: Formula, name: str, order: int, trial: _Trial) -> Iterator[_Candidate]:
    prepared = prepare(formula)
    truth = our_derivative(prepared, name, order)
    derivation = _Derivation(prepared, name) if order == 1 else None
    if derivation is not None:
        yield from derivation.at_every_node(derivation.chain)
    for other in free_names(formula):
        if other != name and other not in CONSTANTS:
            text = f"that is the derivative with respect to {other}"
            yield _Candidate("variable", text, our_derivative(prepared, other, order))
    if derivation is not None:
        yield from derivation.candidates()
    else:
        yield _Candidate("sign", "the sign is flipped", _negative(truth))
    yield _Candidate("order", "that is the formula itself, not its derivative", prepared)
    for other_order in (order - 1, order + 1):
        if other_order > 0:
            text = f"that is the derivative of order {other_order}, not {order}"
            yield _Candidate("order", text, our_derivative(prepared, name, other_order))
    yield from _integral(formula, name, order, trial)
    yield from _multiple(truth, trial)
    if derivation is not None:
        yield from derivation.coefficients(trial)


def _multiple(truth: Formula, trial: _Trial) -> Iterator[_Candidate]:
    factor = trial.factor(truth, truth)
    if factor is not None:
        yield _Candidate("coefficient", f"that is {_factor_text(factor)} times the derivative", _scaled(truth, factor))


def _integral(formula: Formula, name: str, order: int, trial: _Trial) -> Iterator[_Candidate]:
    if order != 1:
        return
    back = _Trial(prepare(formula), trial.places)
    if back.enough and back.matches(our_derivative(trial.lowering.formula, name)):
        yield _Candidate(
            "integral", f"that is an integral: its own derivative is {brief(formula)}", trial.lowering.formula
        )


def _negative(formula: Formula) -> Formula:
    return Call(_NEG, (formula,))


def _sum(terms: Iterable[Formula]) -> Formula:
    total = number(0)
    for term in terms:
        total = simple_call(_PLUS, (total, term))
    return total


def _product(*factors: Formula) -> Formula:
    result = number(1)
    for factor in factors:
        result = simple_call(_TIMES, (result, factor))
    return result


def _factor_text(factor: Any) -> str:
    """A constant found at points: exactly, if it is a short fraction."""
    with precision(_BITS):
        slip = factor - 1
        if not slip.is_zero() and abs(slip) < _SLIP:
            return f"1 {'+' if slip > 0 else '-'} {float(abs(slip)):.3g}"
    exact = _fraction(factor)
    if exact is None:
        return str(factor.mid().str(10, radius=False))
    text = f"{float(exact):.12g}"
    return text if "e" not in text and Fraction(text) == exact else str(exact)


_SLIP = 1e-9  # what is closer to 1 is written 1 + 3e-12


def _fraction(factor: Any) -> Fraction | None:
    man, exp = (int(part) for part in factor.mid().man_exp())
    if abs(exp) > 4 * _BITS:
        return None
    short = (Fraction(man) * Fraction(2) ** exp).limit_denominator(10**30)
    with precision(_BITS):
        return short if factor.overlaps(BALL.number(short)) else None


def _scaled(formula: Formula, factor: Any) -> Formula:
    exact = _fraction(factor)
    if exact is None:
        man, exp = (int(part) for part in factor.mid().man_exp())
        exact = Fraction(man) * Fraction(2) ** exp
    return simple_call(_TIMES, (number(exact), formula))


@dataclass(frozen=True, slots=True)
class _Term:
    """One term of the chain rule at a node: the partial derivative for an argument, and the argument's derivative."""

    argument: Formula
    position: int
    local: Formula
    inner: Formula

    @property
    def whole(self) -> Formula:
        return simple_call(_TIMES, (self.local, self.inner))


class _Derivation:
    """Forward mode over formulas, each node's rule kept so that it can be broken."""

    def __init__(self, prepared: Formula, name: str):
        rows = [node.function for node in children_first(prepared) if isinstance(node, Call)]
        written_out = any(row.variadic or not (row.partials or row.condition or row.name == "if") for row in rows)
        self.root = expand(prepared) if written_out else prepared
        self.name = name
        self.terms: dict[int, list[_Term]] = {}
        self.nodes: list[Call] = []  # those with a derivative
        self.derivatives: dict[int, Formula] = {}
        self.truth = self._derive(self._by_the_rules)
        self.only_inner = self._inner_derivatives() == 1

    def _derive(self, rule: Callable[[Call, list[Formula]], Formula]) -> Formula:
        def of_name(node: Name, definition: Formula | None) -> Formula:
            return _ONE if node.name == self.name else _ZERO if definition is None else definition

        def of_call(node: Call, inner: list[Formula]) -> Formula:
            if node.function.name != "if":
                return rule(node, inner)
            varies = any(d is not _ZERO for d in inner[1:])
            return Call(node.function, (node.args[0], *inner[1:]), node.span) if varies else _ZERO

        return fold(self.root, lambda _: _ZERO, of_name, of_call)

    def _by_the_rules(self, node: Call, inner: list[Formula]) -> Formula:
        terms = _terms(node, inner)
        if not terms:
            return _ZERO
        self.terms[id(node)] = terms
        self.nodes.append(node)
        self.derivatives[id(node)] = _sum(term.whole for term in terms)
        return self.derivatives[id(node)]

    def broken(self, at: Call, derivative: Formula) -> Formula:
        """The derivative of the whole with that of one node replaced."""

        def rule(node: Call, inner: list[Formula]) -> Formula:
            if node is at:
                return derivative
            terms = self.terms.get(id(node), ())
            return _sum(simple_call(_TIMES, (term.local, inner[term.position])) for term in terms) if terms else _ZERO

        return self._derive(rule)

    # -- the mistakes at one node

    def candidates(self) -> Iterator[_Candidate]:
        for rule in (self._power, self._product, self._quotient, self._constant):
            yield from self.at_every_node(rule)
        yield _Candidate("sign", "the sign is flipped", _negative(self.truth))
        for rule in (self._missing, self._sign, self._function, self._factor, self._angle):
            yield from self.at_every_node(rule)

    def at_every_node(self, rule: Callable[[Call], Iterator[_Candidate]]) -> Iterator[_Candidate]:
        for node in reversed(self.nodes):  # the outermost first
            for candidate in rule(node):
                yield replace(candidate, derivative=self.broken(node, candidate.derivative))

    def _d(self, formula: Formula) -> str:
        """`d/dx (x^2) = 2*x`, by sympy if it can."""
        from gradcalc.symbolic import derivative

        try:
            found = derivative(formula, self.name, seconds=1.0)
        except FormulaError:
            found = our_derivative(formula, self.name)
        return f"d/d{self.name} ({brief(formula)}) = {brief(found)}"

    def chain(self, node: Call) -> Iterator[_Candidate]:
        if node.function.name in _PLAIN:
            return
        terms = self.terms[id(node)]
        for term in terms:
            if _is_one(term.inner):
                continue
            others = [other.whole for other in terms if other is not term]
            where = "the inner derivative" if self.only_inner else f"the inner derivative of {_place(term.argument)}"
            yield _Candidate("chain", self._chain_text(where, term), _sum([*others, term.local]), term.argument.span)
            text = f"chain rule: multiply by the inner derivative of {_place(term.argument)}, do not divide by it"
            yield _Candidate("chain", text, _sum([*others, Call(_OVER, (term.local, term.inner))]), term.argument.span)
            if len(node.args) == 1:
                outer = FORMULA.partial(node.function, 0)(term.inner, Call(node.function, (term.inner,)))
                text = f"chain rule: the outer derivative is taken at {_place(term.argument)}, not at its derivative"
                yield _Candidate("chain", text, outer, term.argument.span)
                yield _Candidate("chain", text, _product(outer, term.inner), term.argument.span)

    def _chain_text(self, where: str, term: _Term) -> Callable[[], str]:
        return lambda: f"chain rule: {where} is missing: multiply by {self._d(term.argument)}"

    def _inner_derivatives(self) -> int:
        """In how many places the chain rule multiplies by something."""
        terms = (t for node in self.nodes if node.function.name not in _PLAIN for t in self.terms[id(node)])
        return sum(not _is_one(term.inner) for term in terms)

    def _power(self, node: Call) -> Iterator[_Candidate]:
        terms = self.terms[id(node)]
        if node.function.name != "^" or len(terms) != 1:
            return
        base, n = node.args
        inner = terms[0].inner
        one, two = number(1), number(2)
        less, more = (simple_call(row, (n, one)) for row in (_MINUS, _PLUS))
        where, span = _place(node), node.span
        if terms[0].position == 1:
            power = Call(_POWER, (base, less))
            for derivative in (_product(n, power, inner), _product(node, inner), _product(n, power)):
                yield _Candidate("power", self._exponential_text(node), derivative, span)
            return
        shapes = (
            ("the exponent is not reduced by 1", n, n),
            (f"the factor {brief(n)} is missing", one, less),
            ("the factor must be the exponent as it was, not reduced", less, less),
            ("the exponent is reduced by 2", n, simple_call(_MINUS, (n, two))),
            ("the exponent is raised, not reduced", n, more),
            ("factor and exponent are reduced once too often", less, simple_call(_MINUS, (n, two))),
        )
        for what, factor, exponent in shapes:
            text = f"power rule: {what} in the derivative of {where}"
            yield _Candidate("power", text, _product(factor, Call(_POWER, (base, exponent)), inner), span)

    def _exponential_text(self, node: Call) -> Callable[[], str]:
        return lambda: f"power rule: the exponent of {_place(node)} varies, the factor log is missing: {self._d(node)}"

    def _product(self, node: Call) -> Iterator[_Candidate]:
        terms = self.terms[id(node)]
        if node.function.name != "*" or len(terms) != 2:
            return
        for term, other in (terms, terms[::-1]):
            text = f"product rule: the term {brief(other.argument)} * {self._lazy(term.argument)} is missing"
            yield _Candidate("product", text, other.whole, node.span)
        text = f"product rule: the derivative of {_place(node)} is not the product of the derivatives"
        yield _Candidate("product", text, _product(*(term.inner for term in terms)), node.span)

    def _lazy(self, formula: Formula) -> str:
        return f"d/d{self.name} ({brief(formula)})"

    def _quotient(self, node: Call) -> Iterator[_Candidate]:
        terms = self.terms[id(node)]
        if node.function.name != "/" or terms[-1].position != 1:
            return
        whole, below, where = self.derivatives[id(node)], node.args[1], _place(node)
        top = f"(u/v)' = (u'*v - u*v')/v^2 for {where}"
        if len(terms) == 2:
            yield _Candidate("quotient", f"quotient rule: wrong order: {top}", _negative(whole), node.span)
        yield _Candidate("quotient", f"quotient rule: the square is missing: {top}", _product(whole, below), node.span)
        yield _Candidate(
            "quotient", f"quotient rule: the denominator is missing: {top}", _product(whole, below, below), node.span
        )
        yield _Candidate(
            "quotient",
            f"quotient rule: the denominator is squared once too often: {top}",
            Call(_OVER, (whole, below)),
            node.span,
        )
        if len(terms) == 2:
            added = Call(_MINUS, (terms[0].whole, terms[1].whole))
            yield _Candidate("quotient", f"quotient rule: the two terms are subtracted: {top}", added, node.span)
            yield _Candidate(
                "quotient",
                f"quotient rule: it is not the quotient of the derivatives: {top}",
                Call(_OVER, (terms[0].inner, terms[1].inner)),
                node.span,
            )

    def _constant(self, node: Call) -> Iterator[_Candidate]:
        terms = self.terms[id(node)]
        if len(node.args) != 2 or len(terms) != 1:
            return
        (term,) = terms
        constant = node.args[1 - term.position]
        kept = f"the constant {_place(constant)} is kept: its derivative is 0"
        whole = self.derivatives[id(node)]
        if node.function.name in ("+", "-"):
            for extra in (constant, number(1)):
                row = node.function if term.position == 0 else _PLUS
                yield _Candidate("constant", kept, Call(row, (whole, extra)), constant.span)
        elif node.function.name in ("*", "/") and not (node.function.name == "/" and term.position == 1):
            for factor in _factors(constant):
                lost = f"the constant factor {_place(factor)} is lost"
                dropped = _OVER if node.function.name == "*" else _TIMES
                yield _Candidate("constant", lost, Call(dropped, (whole, factor)), factor.span)
            added = f"the derivative of the constant {_place(constant)} is 0, not 1"
            yield _Candidate("constant", added, _sum([whole, term.argument]), constant.span)
            yield _Candidate("constant", added, term.argument, constant.span)

    def _missing(self, node: Call) -> Iterator[_Candidate]:
        terms = self.terms[id(node)]
        for term in terms if len(terms) > 1 else ():
            rule = "quotient rule: " if node.function.name == "/" else ""
            text = f"{rule}the term with the derivative of {_place(term.argument)} is missing"
            kind = "quotient" if rule else "term"
            yield _Candidate(kind, text, _sum(t.whole for t in terms if t is not term), term.argument.span)

    def _sign(self, node: Call) -> Iterator[_Candidate]:
        terms = self.terms[id(node)]
        for term in terms:
            wrong = [_negative(t.whole) if t is term else t.whole for t in terms]
            about = node if len(terms) == 1 else term.argument
            text = f"the sign of the derivative of {_place(about)} is flipped"
            yield _Candidate("sign", text, _sum(wrong), about.span)

    def _function(self, node: Call) -> Iterator[_Candidate]:
        """Another function's derivative, or none at all."""
        row = node.function
        if row.symbol or len(node.args) != 1:
            return
        (term,) = self.terms[id(node)]
        for other in TABLE.values():
            if other is row or other.symbol or len(other.params) != 1 or not other.partials or not other.smooth:
                continue
            text = f"that is the derivative of {other.spelling}, not of {row.spelling}, in {_place(node)}"
            local = FORMULA.partial(other, 0)(term.argument, Call(other, (term.argument,)))
            yield _Candidate("function", text, _product(local, term.inner), node.span)
        text = f"the outer function of {_place(node)} is not differentiated"
        yield _Candidate("function", text, _product(node, term.inner), node.span)

    def _factor(self, node: Call) -> Iterator[_Candidate]:
        """A factor of the row's partial derivative lost, or on the wrong side of the fraction bar."""
        if node.function.name in _PLAIN:
            return
        terms = self.terms[id(node)]
        for term in terms:
            others = [other.whole for other in terms if other is not term]
            for factor, below in _factors_of_quotient(term.local):
                undone = _TIMES if below else _OVER
                without = Call(undone, (term.whole, factor))
                shown = brief(Call(_OVER, (_ONE, factor)) if below else factor)
                text = f"the factor {shown} is missing in the derivative of {_place(node)}"
                yield _Candidate("factor", text, _sum([*others, without]), node.span)
                side = "below" if below else "above"
                text = f"{brief(factor)} belongs {side} the fraction bar in the derivative of {_place(node)}"
                yield _Candidate("factor", text, _sum([*others, Call(undone, (without, factor))]), node.span)

    def _angle(self, node: Call) -> Iterator[_Candidate]:
        row = node.function
        if row.symbol or len(node.args) != 1:
            return
        (term,) = self.terms[id(node)]
        radians = _product(parse("pi/180"), term.argument)
        local = FORMULA.partial(row, 0)(radians, Call(row, (radians,)))
        text = f"degrees for radians: the angle in {_place(node)} is in radians"
        for factor in (parse("pi/180"), parse("180/pi")):
            yield _Candidate("angle", text, _product(factor, term.whole), node.span)
        yield _Candidate("angle", text, _product(local, term.inner), node.span)
        yield _Candidate("angle", text, _product(parse("pi/180"), local, term.inner), node.span)

    def coefficients(self, trial: _Trial) -> Iterator[_Candidate]:
        """The terms of sums, each off by a constant factor."""
        for node in self.nodes:
            if node.function.name not in ("+", "-"):
                continue
            for term in self.terms[id(node)]:
                rest = _sum(t.whole for t in self.terms[id(node)] if t is not term)
                part = simple_call(_MINUS, (self.truth, self.broken(node, rest)))
                factor = trial.factor(self.truth, part)
                if factor is not None:
                    text = f"the derivative of {_place(term.argument)} is off by a factor {_factor_text(factor)}"
                    claimed = _sum([simple_call(_MINUS, (self.truth, part)), _scaled(part, factor)])
                    yield _Candidate("coefficient", text, claimed, term.argument.span)


def _is_one(formula: Formula) -> bool:
    return isinstance(formula, Number) and formula.value == 1


def _terms(node: Call, inner: list[Formula]) -> list[_Term]:
    row = node.function
    if row.condition:
        return []
    return [
        _Term(arg, i, FORMULA.partial(row, i)(*node.args, node), d)
        for i, (arg, d) in enumerate(zip(node.args, inner, strict=True))
        if d is not _ZERO and row.partials[i] is not None
    ]


def _place(formula: Formula) -> str:
    """A part of the formula and where it stands."""
    text = f"`{brief(formula)}`"
    return f"{text} (column {formula.span.column})" if formula.span.source else text


def _factors(formula: Formula) -> list[Formula]:
    return [
        formula,
        *(factor for factor, below in _factors_of_quotient(formula) if not below and factor is not formula),
    ]


def _factors_of_quotient(formula: Formula) -> Iterator[tuple[Formula, bool]]:
    """The factors of a formula, and whether each stands below the fraction bar."""
    stack = [(formula, False)]
    while stack:
        part, below = stack.pop()
        name = part.function.name if isinstance(part, Call) else ""
        if isinstance(part, Call) and name in ("*", "/"):
            stack += [(part.args[1], below != (name == "/")), (part.args[0], below)]
        elif isinstance(part, Call) and name == "neg":
            stack.append((part.args[0], below))
        elif isinstance(part, Call) and name == "if":  # the special cases of a partial come before its rule
            stack.append((part.args[2], below))
        elif not (isinstance(part, Number) and part.value in (0, 1)):
            yield part, below
