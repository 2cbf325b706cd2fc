"""Which mistake gives exactly this claim? The derivation is done again with one rule broken at one place.

Every candidate is a formula, compared with the claim in balls at several points. What can be broken is read off the
formula and off the rows' partial derivatives; only the operators, whose rules have names of their own, are named here.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from gradcalc.certified import known_to
from gradcalc.engine.formulas import FORMULA, simple_call
from gradcalc.engine.lowering import Failure, Lowering, constant_value
from gradcalc.engine.rewrite import at_span, expand, our_derivative, prepare
from gradcalc.engine.scalars import BALL, precision
from gradcalc.language.errors import NOWHERE, FormulaError, Span
from gradcalc.language.formula import Call, Formula, Name, Number, brief, children_first, fold, free_names, substitute
from gradcalc.language.functions import CONSTANTS, TABLE
from gradcalc.language.literals import number
from gradcalc.language.parser import parse

from .points import Place

_BITS = 256
_SAME_BITS = 96  # to which a candidate and the claim must agree
_FEWEST = 3  # places at which something other than 0 must agree
_MOST_SECONDS = 1.0
_LARGEST, _SMALLEST = 2**30, Fraction(1, 2**2000)  # factors to name
_LIKE_INTEGRALS = ("sign", "chain")  # mistakes that may give the same: sin(x) for cos(x)


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
        places: points at which the claim and the derivative have values; also such where they do not differ, because a
            mistake gives the claim everywhere.
    """
    deadline = time.monotonic() + min(seconds, _MOST_SECONDS)
    try:
        trial = _Trial(prepare(claim), places, deadline)
        if not trial.enough or not trial.faults(our_derivative(prepare(formula), name, order)):
            return None
        for candidate in _candidates(formula, name, order, trial):
            if trial.matches(candidate.derivative):
                mistake = candidate.mistake()
                if mistake.kind in _LIKE_INTEGRALS and any(_integral(formula, name, order, trial)):
                    return replace(mistake, text=f"{mistake.text}; it is also an integral of {brief(formula)}")
                return mistake
            if time.monotonic() > deadline:
                return None
    except FormulaError:  # a derivation that cannot be written down has no mistakes to offer
        return None
    return None


class _Trial:
    """The claim's values, which a candidate must have too."""

    def __init__(self, claim: Formula, places: Iterable[Place], deadline: float = math.inf):
        self.lowering = Lowering(claim, BALL, ())
        self.places: list[Place] = []
        self.claimed: list[Any] = []
        self.faulty: set[int] = set()
        for place in places:
            if self.enough and time.monotonic() > deadline - _MOST_SECONDS / 2:
                break
            value = _value(self.lowering, place)
            if value is not None:
                self.places.append(place)
                self.claimed.append(value)

    @property
    def enough(self) -> bool:
        """Whether something can be told: where the claim is 0, much else is."""
        return sum(not value.contains(0) for value in self.claimed) >= _FEWEST

    def matches(self, candidate: Formula) -> bool:
        """Whether the candidate has the claim's values wherever it has one, and that at enough places, one of which
        shows the claim's fault."""
        lowering = Lowering(candidate, BALL, ())
        seen, telling = 0, False
        for i, (place, claimed) in enumerate(zip(self.places, self.claimed, strict=True)):
            value = _value(lowering, place)
            if value is not None:
                if _differ(value, claimed):
                    return False
                seen += _same(value, claimed) and not claimed.contains(0)
                telling = telling or not self.faulty or i in self.faulty
        return seen >= _FEWEST and telling

    def faults(self, truth: Formula) -> set[int]:
        """The places at which the claim is not the truth, by number; a mistake shows itself at one of them."""
        lowering = Lowering(truth, BALL, ())
        values = [_value(lowering, place) for place in self.places]
        pairs = enumerate(zip(values, self.claimed, strict=True))
        self.faulty = {i for i, (value, claimed) in pairs if value is not None and _differ(value, claimed)}
        return self.faulty

    def factor(self, whole: Formula, part: Formula) -> Any:
        """The number c for which `whole - part + c*part` is the claim at all places, or None."""
        rest, of_part = Lowering(simple_call(_MINUS, (whole, part)), BALL, ()), Lowering(part, BALL, ())
        found = None
        for place, claimed in zip(self.places, self.claimed, strict=True):
            others, value = _value(rest, place), _value(of_part, place)
            if others is None or value is None:
                return None
            with precision(_BITS):
                if value.contains(0) and others.overlaps(claimed):  # any factor would do
                    continue
                ratio = (claimed - others) / value
            if not (_nameable(ratio) and (found is None or _same(ratio, found))):
                return None
            found = ratio
        return found

    def excess(self, truth: Formula) -> Any:
        """The number by which the claim is larger than the truth at all places, or None."""
        lowering = Lowering(truth, BALL, ())
        found = None
        for place, claimed in zip(self.places, self.claimed, strict=True):
            value = _value(lowering, place)
            if value is not None:
                with precision(_BITS):
                    excess = claimed - value
                if excess.contains(0) or not (found is None or excess.overlaps(found)):
                    return None
                found = excess if found is None or excess.rad() < found.rad() else found
        return found if found is not None and _nameable(found) else None


def _value(lowering: Lowering, place: Place) -> Any:
    with precision(_BITS):
        root = lowering.graph({name: constant_value(value, BALL) for name, value in place.items()}).root
        return None if isinstance(root, Failure) or not root.is_finite() else root


def _differ(x: Any, y: Any) -> bool:
    with precision(_BITS):
        return not x.overlaps(y)


def _same(x: Any, y: Any) -> bool:
    return not _differ(x, y) and known_to(x, _SAME_BITS) and known_to(y, _SAME_BITS)


def _nameable(x: Any) -> bool:
    """Whether a factor is known so well, and of such a size, that it can be written down."""
    with precision(_BITS):
        return known_to(x, _SAME_BITS) and bool(x.is_zero() or BALL.number(_SMALLEST) < abs(x) < _LARGEST)


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
        yield from derivation.at_every_node(derivation.exponential)
    with_respect_to: dict[str, Formula] = {}
    for other in free_names(formula):
        if other != name and other not in CONSTANTS:
            text = f"that is the derivative with respect to {other}"
            with_respect_to[other] = our_derivative(prepared, other, order)
            yield _Candidate("variable", text, with_respect_to[other])
    if derivation is not None:
        yield from derivation.candidates()
    else:
        yield _Candidate("sign", "the sign is flipped", _negative(truth))
    for other, added in with_respect_to.items():
        text = f"the derivative with respect to {other} is added: {other} is a constant here"
        yield _Candidate("variable", text, _sum([truth, added]))
    yield _Candidate("order", "that is the formula itself, not its derivative", prepared)
    for other_order in (order - 1, order + 1):
        if other_order > 0:
            text = f"that is the derivative of order {other_order}, not {order}"
            yield _Candidate("order", text, our_derivative(prepared, name, other_order))
    yield from _integral(formula, name, order, trial)
    yield from _multiple(truth, trial)
    if derivation is not None:
        yield from derivation.coefficients(trial)
    excess = trial.excess(truth)
    if excess is not None:
        text = f"that is the derivative {'plus' if excess > 0 else 'minus'} {_number_text(abs(excess))}"
        yield _Candidate("constant", text, _sum([truth, _exactly(excess)]))


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
    with precision(_BITS):
        slip = factor - 1
        if not slip.is_zero() and abs(slip) < _SLIP:
            return f"(1 {'+' if slip > 0 else '-'} {float(abs(slip)):.3g})"
    return _number_text(factor)


_SLIP = 1e-5  # what is closer to 1 is written 1 + 3e-12
_SHORT = 1000  # the denominator of a fraction that people read


def _number_text(found: Any) -> str:
    """A number found at points: exactly, if it is a short decimal or fraction."""
    exact = _fraction(found)
    if exact is not None:
        text = f"{float(exact):.12g}"
        if Fraction(text) == exact:
            return text
        if exact.denominator < _SHORT:
            return str(exact)
    return f"{float(found):.10g}"


def _fraction(found: Any) -> Fraction | None:
    man, exp = (int(part) for part in found.mid().man_exp())
    if abs(exp) > 4 * _BITS:
        return None
    short = (Fraction(man) * Fraction(2) ** exp).limit_denominator(10**30)
    with precision(_BITS):
        return short if found.overlaps(BALL.number(short)) else None


def _exactly(found: Any) -> Formula:
    exact = _fraction(found)
    if exact is None:
        man, exp = (int(part) for part in found.mid().man_exp())
        exact = Fraction(man) * Fraction(2) ** exp
    return number(exact)


def _scaled(formula: Formula, factor: Any) -> Formula:
    return simple_call(_TIMES, (_exactly(factor), formula))


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

    def broken(self, instead: Mapping[int, Formula]) -> Formula:
        """The derivative of the whole with those of some nodes replaced, which are given by id."""

        def rule(node: Call, inner: list[Formula]) -> Formula:
            if id(node) in instead:
                return instead[id(node)]
            terms = self.terms.get(id(node), ())
            return _sum(simple_call(_TIMES, (term.local, inner[term.position])) for term in terms) if terms else _ZERO

        return self._derive(rule)

    # -- the mistakes at one node

    def candidates(self) -> Iterator[_Candidate]:
        for rule in (self._power, self._product, self._quotient, self._constant):
            yield from self.at_every_node(rule)
        yield _Candidate("sign", "the sign is flipped", _negative(self.truth))
        for rule in (self._missing, self._sign, self._misremembered, self._function, self._factor, self._angle):
            yield from self.at_every_node(rule)
        for rule in (self.chain, self._power, self._constant):
            yield from self._everywhere(rule)
        yield from self._constants_differentiated()

    def at_every_node(self, rule: Callable[[Call], Iterator[_Candidate]]) -> Iterator[_Candidate]:
        for node in reversed(self.nodes):  # the outermost first
            for candidate in rule(node):
                yield replace(candidate, derivative=self.broken({id(node): candidate.derivative}))

    def _everywhere(self, rule: Callable[[Call], Iterator[_Candidate]]) -> Iterator[_Candidate]:
        """The same mistake at all nodes where it can be made."""
        made = {id(node): list(rule(node)) for node in reversed(self.nodes)}
        made = {node: candidates for node, candidates in made.items() if candidates}
        if len(made) > 1:
            for same in zip(*made.values(), strict=False):
                broken = self.broken({node: candidate.derivative for node, candidate in zip(made, same, strict=True)})
                yield replace(same[0], text=_and_elsewhere(same), derivative=broken)

    def _d(self, formula: Formula) -> str:
        """`d/dx (x^2) = 2*x`, by sympy if it can."""
        from gradcalc.symbolic import derivative

        try:
            found = derivative(formula, self.name, seconds=1.0)
        except FormulaError:
            found = our_derivative(formula, self.name)
        return f"d/d{self.name} ({brief(formula)}) = {brief(found)}"

    def chain(self, node: Call) -> Iterator[_Candidate]:
        if not self._is_composed(node):
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
            if len(terms) > 1:
                continue
            args = tuple(term.inner if i == term.position else arg for i, arg in enumerate(node.args))
            at_inner = Call(node.function, args)
            outer = FORMULA.taught(node.function, term.position)(*args, at_inner)
            text = f"chain rule: the outer derivative is taken at {_place(term.argument)}, not at its derivative"
            yield _Candidate("chain", text, outer, term.argument.span)
            yield _Candidate("chain", text, _product(outer, term.inner), term.argument.span)
            text = f"chain rule: that puts the derivative of {_place(term.argument)} into the outer function"
            yield _Candidate("chain", text, at_inner, term.argument.span)

    def _is_composed(self, node: Call) -> bool:
        """Whether a function is applied to something; 1/u is u^-1."""
        terms = self.terms[id(node)]
        return node.function.name not in _PLAIN or (node.function.name == "/" and terms[0].position == 1)

    def _chain_text(self, where: str, term: _Term) -> Callable[[], str]:
        return lambda: f"chain rule: {where} is missing: multiply by {self._d(term.argument)}"

    def _inner_derivatives(self) -> int:
        """In how many places the chain rule multiplies by something."""
        terms = (term for node in self.nodes if self._is_composed(node) for term in self.terms[id(node)])
        return sum(not _is_one(term.inner) for term in terms)

    def exponential(self, node: Call) -> Iterator[_Candidate]:
        terms = self.terms[id(node)]
        if node.function.name != "^" or terms[-1].position != 1:
            return
        base, n = node.args
        power = _product(n, Call(_POWER, (base, simple_call(_MINUS, (n, _ONE)))))
        for inner in (_ONE, *(term.inner for term in terms)):
            text = self._exponential_text(node, "it holds for a constant exponent, that of {} varies")
            yield _Candidate("power", text, _product(power, inner), node.span)
        if len(terms) == 1:
            text = self._exponential_text(
                node, f"the exponent of {{}} varies, the factor log({brief(base)}) is missing"
            )
            yield _Candidate("power", text, _product(node, terms[0].inner), node.span)

    def _exponential_text(self, node: Call, what: str) -> Callable[[], str]:
        return lambda: f"power rule: {what.format(_place(node))}: {self._d(node)}"

    def _power(self, node: Call) -> Iterator[_Candidate]:
        terms = self.terms[id(node)]
        if node.function.name != "^" or terms[-1].position == 1:
            return
        base, n = node.args
        inner = terms[0].inner
        two = number(2)
        less, more = (simple_call(row, (n, _ONE)) for row in (_MINUS, _PLUS))
        shapes = (
            ("the exponent is not reduced by 1", n, n),
            (f"the factor {brief(n)} is missing", _ONE, less),
            ("the factor must be the exponent as it was, not reduced", less, less),
            ("the exponent is reduced by 2", n, simple_call(_MINUS, (n, two))),
            ("the exponent is raised, not reduced", n, more),
            ("the exponent is raised, not reduced, and the factor is missing", _ONE, more),
            ("factor and exponent are reduced once too often", less, simple_call(_MINUS, (n, two))),
        )
        for what, factor, exponent in shapes:
            text = f"power rule: {what} in the derivative of {_place(node)}"
            yield _Candidate("power", text, _product(factor, Call(_POWER, (base, exponent)), inner), node.span)

    def _product(self, node: Call) -> Iterator[_Candidate]:
        terms = self.terms[id(node)]
        if node.function.name != "*" or len(terms) != 2:
            return
        for term, other in (terms, terms[::-1]):
            missing = f"{brief(other.argument)} * {self._lazy(term.argument)}"
            text = f"product rule: the term {missing} is missing in the derivative of {_place(node)}"
            yield _Candidate("product", text, other.whole, node.span)
            text = f"product rule: the factor {brief(other.argument)} is missing in the term {missing}"
            yield _Candidate("product", text, _sum([other.whole, term.inner]), node.span)
        for operation, of_derivatives in (("product", _product), ("sum", lambda *inner: _sum(inner))):
            text = f"product rule: the derivative of {_place(node)} is not the {operation} of the derivatives"
            yield _Candidate("product", text, of_derivatives(*(term.inner for term in terms)), node.span)

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
            for term, other in (terms, terms[::-1]):
                text = f"quotient rule: the term with the derivative of {_place(term.argument)} is missing"
                yield _Candidate("quotient", text, other.whole, term.argument.span)

    def _constant(self, node: Call) -> Iterator[_Candidate]:
        terms = self.terms[id(node)]
        if len(node.args) != 2 or len(terms) != 1:
            return
        (term,) = terms
        constant = node.args[1 - term.position]
        kept = f"the constant {_place(constant)} is kept: its derivative is 0"
        added = f"the derivative of the constant {_place(constant)} is 0, not 1"
        whole = self.derivatives[id(node)]
        if node.function.name in ("+", "-"):
            for text, extra in ((kept, constant), (added, _ONE)):
                row = node.function if term.position == 0 else _PLUS
                yield _Candidate("constant", text, Call(row, (whole, extra)), constant.span)
        elif node.function.name in ("*", "/") and not (node.function.name == "/" and term.position == 1):
            for factor in _factors(constant):
                lost = f"the constant factor {_place(factor)} is lost"
                dropped = _OVER if node.function.name == "*" else _TIMES
                yield _Candidate("constant", lost, Call(dropped, (whole, factor)), factor.span)
            yield _Candidate("constant", added, _sum([whole, term.argument]), constant.span)
            yield _Candidate("constant", added, term.argument, constant.span)

    def _missing(self, node: Call) -> Iterator[_Candidate]:
        terms = self.terms[id(node)]
        for term in terms if len(terms) > 1 else ():
            others = [t.whole for t in terms if t is not term]
            text = f"the term with the derivative of {_place(term.argument)} is missing"
            yield _Candidate("term", text, _sum(others), term.argument.span)
            if node.function.name in ("+", "-"):
                text = f"{_place(term.argument)} is copied, not differentiated"
                copied = _product(term.local, term.argument)
                yield _Candidate("term", text, _sum([*others, copied]), term.argument.span)

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
            local = FORMULA.taught(other, 0)(term.argument, Call(other, (term.argument,)))
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

    def _misremembered(self, node: Call) -> Iterator[_Candidate]:
        """The row's partial derivative with a sign, a square or a function in it wrong."""
        row = node.function
        if row.symbol or len(node.args) != 1:
            return
        (term,) = self.terms[id(node)]
        params = (row.params[0], "out")
        local = FORMULA.taught(row, 0)(*map(Name, params))
        for part in children_first(local):
            if isinstance(part, Call):
                for what, instead in _slips(part):
                    text = self._misremembered_text(what, node)
                    slipped = at_span(_replaced(local, part, instead), params, (term.argument, node), node.span)
                    yield _Candidate("factor", text, _product(slipped, term.inner), node.span)

    def _misremembered_text(self, what: str, node: Call) -> Callable[[], str]:
        return lambda: f"{what} in the derivative of {_place(node)}: {self._d(node)}"

    def _constants_differentiated(self) -> Iterator[_Candidate]:
        """Functions of constants, differentiated as though the constant varied."""
        for node in children_first(self.root):
            if not isinstance(node, Call) or node.function.name in _PLAIN or id(node) in self.terms:
                continue
            row = node.function
            if row.condition or not row.partials or row.partials[0] is None or self.name in free_names(node):
                continue
            wrongly = _product(self._with_respect_to(node), FORMULA.taught(row, 0)(*node.args, node))
            text = f"{_place(node)} is a constant: its derivative is 0"
            yield _Candidate("constant", text, wrongly, node.span)
            yield _Candidate("constant", text, _sum([self.truth, wrongly]), node.span)

    def _with_respect_to(self, at: Call) -> Formula:
        held = Name("the constant")
        return substitute(our_derivative(_replaced(self.root, at, held), held.name), {held.name: at})

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
                part = simple_call(_MINUS, (self.truth, self.broken({id(node): rest})))
                factor = trial.factor(self.truth, part)
                if factor is not None:
                    text = f"the derivative of {_place(term.argument)} is off by a factor {_factor_text(factor)}"
                    claimed = _sum([simple_call(_MINUS, (self.truth, part)), _scaled(part, factor)])
                    yield _Candidate("coefficient", text, claimed, term.argument.span)


def _and_elsewhere(same: Sequence[_Candidate]) -> Callable[[], str]:
    more = len(same) - 1
    return lambda: f"{same[0].mistake().text}; the same in {more} more place{'s' if more > 1 else ''}"


def _slips(part: Call) -> Iterator[tuple[str, Formula]]:
    """Mistakes that people make of a part of a rule: the name of each, and the part that comes of it."""
    row, args = part.function, part.args
    if row.name in ("+", "-"):
        yield "a sign is wrong", Call(_MINUS if row.name == "+" else _PLUS, args)
    elif row.name == "^":
        yield "an exponent is missing", args[0]
    elif not row.symbol and len(args) == 1:
        yield f"{row.spelling} is missing", args[0]


def _replaced(root: Formula, part: Formula, instead: Formula) -> Formula:
    """The formula with one node replaced."""
    return fold(
        root,
        lambda node: instead if node is part else node,
        lambda node, _: instead if node is part else node,
        lambda node, args: instead if node is part else Call(node.function, tuple(args), node.span),
    )


def _is_one(formula: Formula) -> bool:
    return isinstance(formula, Number) and formula.value == 1


def _terms(node: Call, inner: list[Formula]) -> list[_Term]:
    row = node.function
    if row.condition:
        return []
    return [
        _Term(arg, i, FORMULA.taught(row, i)(*node.args, node), d)
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
