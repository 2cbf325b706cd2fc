"""A derivation done again with one rule broken at one place: what comes of the rows of `wrong_rules`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache, cached_property, lru_cache, partial
from itertools import groupby, product
from string import Formatter
from typing import TYPE_CHECKING, Any

from gradcalc.engine.formulas import FORMULA, MINUS_ONE, factors, over, times, total, written
from gradcalc.engine.rewrite import along, at_span, expand, our_derivative
from gradcalc.engine.tidy import tidied, without_exceptions
from gradcalc.language.errors import NOWHERE, Span
from gradcalc.language.formula import Call, Formula, Name, Number, brief, children_first, flattened, free_names
from gradcalc.language.functions import CONSTANTS, TABLE, Function
from gradcalc.language.grammar import read_text
from gradcalc.language.identity import ByIdentity
from gradcalc.language.kept import kept
from gradcalc.language.literals import ONE, ZERO, how_many
from gradcalc.language.substitution import replaced, substitute
from gradcalc.record import dataclass, replace

from .wrong_rules import CHAIN, CONSTANT, POWER, Group, WrongRule

if TYPE_CHECKING:
    from .sieve import Sieve

_PLAIN = ("+", "-", "*", "/", "neg")
_EVERYWHERE = (CHAIN, POWER, CONSTANT)  # which are made at many places at once


@dataclass(frozen=True, slots=True)
class Candidate:
    """A mistake and what it makes of the derivative. A text that takes time is made when it is wanted; one of a
    mistake that is `mended` says what is right; one that is `about` the claim has a number that was measured."""

    kind: str
    text: str | Callable[[], str]
    derivative: Formula
    span: Span = NOWHERE
    rule: Group | None = None  # alone
    mended: bool = False
    about: bool = False

    @property
    def said(self) -> str:
        return self.text if isinstance(self.text, str) else self.text()


@dataclass(frozen=True, slots=True)
class _Term:
    """One term of the chain rule at a node: the partial derivative for an argument, and the argument's derivative."""

    argument: Formula
    position: int
    local: Formula
    inner: Formula

    @property
    def whole(self) -> Formula:
        return times(self.local, self.inner)

    @property
    def is_composed(self) -> bool:
        """Whether the argument is more than the variable."""
        return not (isinstance(self.inner, Number) and self.inner.value == 1)


def located(formula: Formula) -> str:
    """A part of the formula and where it stands."""
    text = f"`{brief(formula)}`"
    return f"{text} (column {formula.span.column})" if formula.span.source else text


def as_taught(prepared: Formula, name: str) -> Formula:
    """The derivative of a formula of table rows, by the rules as people are taught them, without special cases."""

    def rule(node: Call, inner: list[Formula]) -> Formula:
        terms = _terms(node, inner)
        return total([times(without_exceptions(term.local)[0], term.inner) for term in terms])

    return tidied(along(_of_rules(prepared), name, rule))


def _of_rules(prepared: Formula) -> Formula:
    """The formula, written out where rows have no rule of their own."""
    rows = [node.function for node in kept(prepared, flattened).nodes if isinstance(node, Call)]
    written_out = any(row.variadic or not (row.partials or row.condition or row.name == "if") for row in rows)
    return expand(prepared) if written_out else prepared


class ForwardRules:
    """Forward mode over formulas, each node's rule kept so that it can be broken.

    Args:
        prepared: a formula of table rows.
        name: the variable.
    """

    def __init__(self, prepared: Formula, name: str):
        self.root = _of_rules(prepared)
        self.name = name
        self.terms: ByIdentity[Call, list[_Term]] = ByIdentity()
        self.nodes: list[Call] = []  # those with a derivative
        self.derivatives: ByIdentity[Call, Formula] = ByIdentity()
        self._views: ByIdentity[Call, list[_Seen]] = ByIdentity()
        self.truth = along(self.root, name, self._by_the_rules)
        composed = [term for node in self.nodes if _multiplies(node, self.terms[node]) for term in self.terms[node]]
        self.only_inner = sum(term.is_composed for term in composed) == 1

    def _by_the_rules(self, node: Call, inner: list[Formula]) -> Formula:
        self.terms[node] = terms = _terms(node, inner)
        self.derivatives[node] = total([term.whole for term in terms])
        if terms:
            self.nodes.append(node)
        return self.derivatives[node]

    def broken(self, *instead: tuple[Call, Formula]) -> Formula:
        """The derivative of the whole with those of some nodes replaced, which are given with what comes instead."""
        given = ByIdentity(instead)

        def rule(node: Call, inner: list[Formula]) -> Formula:
            if node in given:
                return given[node]
            return total([times(term.local, inner[term.position]) for term in self.terms[node]])

        return along(self.root, self.name, rule)

    def candidates(self, groups: Sequence[Group], sieve: Sieve | None) -> Iterator[Candidate]:
        """Every mistake of the groups at every node, the outermost first, that fits what the sieve knows."""
        for group in groups:
            for node in reversed(self.nodes):
                for wrong in self._at(node, group, sieve):
                    yield replace(wrong, derivative=self.broken((node, wrong.derivative)))

    def everywhere(self, sieve: Sieve) -> Iterator[Candidate]:
        """The same mistake at all nodes where it can be made, if there are more than one, that fits what the sieve
        knows."""
        for group in _EVERYWHERE:
            tried = [(node, list(self._at(node, group))) for node in reversed(self.nodes)]
            made = [(node, candidates) for node, candidates in tried if candidates]
            for same in zip(*(candidates for _, candidates in made), strict=False) if len(made) > 1 else ():
                instead = ByIdentity((node, one.derivative) for (node, _), one in zip(made, same, strict=True))
                if sieve.comes_of(instead):
                    broken = self.broken(*instead.items())
                    yield Candidate(same[0].kind, partial(_and_elsewhere, same), broken, same[0].span)

    def _at(self, node: Call, group: Group, sieve: Sieve | None = None) -> Iterator[Candidate]:
        """The mistakes of a group at one node that may be it; `derivative` is what comes instead of the node's own."""
        if node not in self._views:
            self._views[node] = [_Seen(self, node, term) for term in self.terms[node]]
        for seen in self._views[node]:
            for each, alike in _fitting(group, seen.shapes):
                for more, rule in product(seen.each(each, sieve), alike):
                    letters = seen.letters(rule, more)
                    if sieve is None or sieve.fits(node, rule.wrong, letters):
                        yield seen.candidate(group.kind, rule, letters, more)

    def asked(self, formula: Formula) -> str:
        """`d/dx (x^2)`."""
        return f"d/d{self.name} ({brief(formula)})"

    def solved(self, formula: Formula) -> str:
        """`d/dx (x^2) = 2*x`."""
        return f"{self.asked(formula)} = {brief(as_taught(formula, self.name))}"

    # ---- mistakes that are no row

    def constants_differentiated(self, sieve: Sieve) -> Iterator[Candidate]:
        """Functions of constants, differentiated as though the constant varied, that fit what the sieve knows."""
        for node in children_first(self.root):
            if not isinstance(node, Call) or node.function.name in _PLAIN or self.terms.get(node):
                continue
            row = node.function
            if row.condition or not row.partials or row.partials[0] is None or self.name in free_names(node):
                continue
            local = FORMULA.taught(row, 0)(*node.args, node)
            if not sieve.adds(node, local):
                continue
            held = Name("the constant")
            outer = our_derivative(replaced(self.root, node, held), held.name)
            outer = substitute(outer, {held.name: node})
            wrongly = times(outer, local)
            text = f"{located(node)} is a constant: its derivative is 0"
            yield Candidate("constant", text, wrongly, node.span)
            yield Candidate("constant", text, total([self.truth, wrongly]), node.span)


class _Seen:
    """A node seen from one of its arguments that vary, with the letters of the rows."""

    def __init__(self, derivation: ForwardRules, node: Call, term: _Term):
        self.derivation, self.node, self.term = derivation, node, term
        self.others = [other for other in derivation.terms[node] if other is not term]
        self.other = node.args[1 - term.position] if len(node.args) == 2 else None
        self.meaning = cache(self._meaning)  # so that what many rows have in them is one formula

    @cached_property
    def shapes(self) -> frozenset[str]:
        row, args, alone = self.node.function, self.node.args, not self.others
        found = {"u" if alone else "u, ..."}
        if row.symbol and len(args) == 2:
            other = "c" if alone else "v"
            found.add(_operation(row, *(("u", other) if self.term.position == 0 else (other, "u"))))
        if not row.symbol and len(args) == 1:
            found.add("f(u)")
        if row.name not in _PLAIN:
            found.add("f(u, ...)")
        if self.term.is_composed and _multiplies(self.node, [self.term, *self.others]):
            found |= {"f(g(x), ...)", "f(g(x))"} if alone else {"f(g(x), ...)"}
        return frozenset(found)

    def _meaning(self, name: str) -> Any:
        """The formula that a letter of a row means here, or the words."""
        node, term, row = self.node, self.term, self.node.function
        plain = {"u": term.argument, "du": term.inner, "f": term.local, "out": node, "node": node}
        if name in plain:
            return plain[name]
        if name in ("v", "c"):
            return self.other
        if name == "dv":
            return self.others[0].inner
        if name == "rest":
            return total([other.whole for other in self.others])
        if name == "right":
            return self.derivation.derivatives[node]
        if name == "inner":
            inner = "the inner derivative"
            return inner if self.derivation.only_inner else f"{inner} of {located(term.argument)}"
        u = written("pi/180*u", plain) if name == "f_degrees" else term.inner
        args = tuple(u if i == term.position else arg for i, arg in enumerate(node.args))
        out = Call(row, args)
        if name == "out_du":
            return out
        return FORMULA.taught(row, term.position)(*args, out)

    def each(self, kind: str, sieve: Sieve | None = None) -> Iterator[dict[str, Any]]:
        """For each of the things that a row is tried with in turn, what its letters and words mean."""
        row, u = self.node.function, self.term.argument
        if kind == "":
            yield {}
        elif kind == "constant":
            assert self.other is not None
            yield {"k": self.other}
            yield from ({"k": k} for k, below in _factors(self.other) if not below and k is not self.other)
        elif kind == "factor":
            for factor, below in _factors(self.term.local):
                k, side = (over(ONE, factor), "below") if below else (factor, "above")
                yield {"k": k, "factor": factor, "side": side}
        elif kind == "function":
            near = None if sieve is None else sieve.wanted(self.node, u, self.term.inner)
            for other in TABLE.values() if row.smooth else ():
                if other is row or other.symbol or len(other.params) != 1 or not (other.partials and other.smooth):
                    continue
                if near is None or near(other):
                    g = FORMULA.taught(other, 0)(u, Call(other, (u,)))
                    yield {"g": g, "other": other.spelling, "function": row.spelling}
        else:
            params = (row.params[0], "out")
            local = FORMULA.taught(row, 0)(*map(Name, params))
            for part in children_first(local):
                for what, instead in _slips(part) if isinstance(part, Call) else ():
                    slipped = replaced(local, part, instead)
                    yield {"s": at_span(slipped, params, (u, self.node), self.node.span), "what": what}

    def letters(self, rule: WrongRule, more: dict[str, Any]) -> dict[str, Formula]:
        """The formulas that the letters of a row mean, of which `more` are known."""
        return {name: more[name] if name in more else self.meaning(name) for name in _letters(rule.wrong)}

    def candidate(self, kind: str, rule: WrongRule, letters: dict[str, Formula], more: dict[str, Any]) -> Candidate:
        """The candidate that comes of a row, with `more` letters and words."""
        meant = {rule.at: more[rule.at] if rule.at in more else self.meaning(rule.at)} | letters
        text = partial(self._text, rule.text, meant | more)
        return Candidate(kind, text, written(rule.wrong, letters), meant[rule.at].span, Group(kind, (rule,)))

    def _text(self, pattern: str, meant: dict[str, Any]) -> str:
        names = {name for _, name, _, _ in Formatter().parse(pattern) if name}
        parts = {name: meant[name] if name in meant else self.meaning(name) for name in names}
        return pattern.format_map({name: _Part(self.derivation, part) for name, part in parts.items()})


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of a text, as its format says: where it stands, `short`, `d` or `solved`; words are as they are."""

    derivation: ForwardRules
    what: Any

    def __format__(self, spec: str) -> str:
        if isinstance(self.what, str):
            return self.what
        return {
            "": located,
            "short": lambda part: brief(tidied(part)),
            "d": self.derivation.asked,
            "solved": self.derivation.solved,
        }[spec](self.what)


def _and_elsewhere(same: Sequence[Candidate]) -> str:
    more = len(same) - 1
    return f"{same[0].said}; the same in {how_many(more, 'more place')}"


def _multiplies(node: Call, terms: Sequence[_Term]) -> bool:
    """Whether the chain rule multiplies by an inner derivative here; 1/u is u^-1."""
    return node.function.name not in _PLAIN or (node.function.name == "/" and all(t.position == 1 for t in terms))


def _terms(node: Call, inner: list[Formula]) -> list[_Term]:
    row = node.function
    return [
        _Term(arg, i, FORMULA.taught(row, i)(*node.args, node), d)
        for i, (arg, d) in enumerate(zip(node.args, inner, strict=True))
        if d is not ZERO and row.partials[i] is not None
    ]


def _factors(formula: Formula) -> list[tuple[Formula, bool]]:
    """The factors of a formula that can be forgotten, and whether each stands below the fraction bar."""
    found = factors(formula, last_branch=True)  # the special cases of a partial come before its rule
    return [
        (part, below)
        for part, below in found
        if part is not MINUS_ONE and not (isinstance(part, Number) and part.value in (0, 1))
    ]


@lru_cache(1024)
def _fitting(group: Group, shapes: frozenset[str]) -> list[tuple[str, list[WrongRule]]]:
    """The rows of a group for a node of these shapes, by the things that they are tried with in turn."""
    rules = (rule for rule in group.rules if not shapes.isdisjoint(rule.shapes.split(" | ")))
    return [(each, list(alike)) for each, alike in groupby(rules, key=lambda rule: rule.each)]


@lru_cache(1024)
def _letters(wrong: str) -> tuple[str, ...]:
    return tuple(name for name in free_names(read_text(wrong)) if name not in CONSTANTS)


@lru_cache(1024)
def _operation(row: Function, left: str, right: str) -> str:
    return str(Call(row, (Name(left), Name(right))))


def _slips(part: Call) -> Iterator[tuple[str, Formula]]:
    """Mistakes that people make of a part of a rule: the name of each, and the part that comes of it."""
    row, args = part.function, part.args
    if row.name in ("+", "-"):
        yield "a sign is wrong", Call(TABLE["-" if row.name == "+" else "+"], args)
    elif row.name == "^":
        yield "an exponent is missing", args[0]
    elif not row.symbol and len(args) == 1:
        yield f"{row.spelling} is missing", args[0]
