"""Claims of derivatives, as they are typed on the command line."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from gradcalc.record import dataclass

from .errors import NOWHERE, FormulaError, FormulaSyntaxError
from .formula import Call, Formula, Function, Name
from .functions import TABLE

# ---- derivatives as they are named on paper

_NAME = r"[^\W\d]\w*"
_CALLED = rf"{_NAME}\((?:[^=()]|\([^=()]*\))*\)"  # one call alone: of a product d/dx may be of the first factor
_POWER = r"(?:\^(\d+))?"
_QUOTIENT = re.compile(
    rf"[d∂]{_POWER}\s*({_NAME})?\s*(?:\([^()=]*\))?\s*/\s*[d∂]\s*({_NAME}?){_POWER}(?:\s*\(([^=]+)\)|\s+([^=(]+|{_CALLED}))?\s*"
)
_PRIMED = re.compile(rf"({_NAME})\s*(['′’]+)\s*(?:\(\s*({_NAME})\s*\))?\s*")
_FRACTION = re.compile(r"\\[dt]?frac\s*\{([^{}]*)\}\s*\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class OnPaper:
    """`dy/dx = 2x`, `f'(x) = 2x` or `d/dx (x^2) = 2x`: the derivative of `of` by `name`, where they are said, of an
    order, and the text `right` of the equals sign; `primed` where it is of a function by what that is a function of."""

    of: str
    name: str
    order: int
    right: str
    primed: bool = False


def on_paper(text: str) -> OnPaper | None:
    """A text read so; None where it does not begin as those do."""
    left, equals, right = text.partition("=")
    if not equals or right.startswith("="):
        return None
    left = _FRACTION.sub(r"\1/\2 ", left).replace(r"\partial", "∂").replace("²", "^2").replace("³", "^3").strip()
    if found := _QUOTIENT.fullmatch(left):
        above, function, name, below, bracketed, behind = found.groups()
        if above == below and not (function and (bracketed or behind)):
            return OnPaper(function or bracketed or behind or "", name, int(above or 1), right)
    if found := _PRIMED.fullmatch(left):
        return OnPaper(found[1], found[3] or "", len(found[2]), right, primed=True)
    return None


# ---- claims


@dataclass(frozen=True, slots=True)
class Claim:
    """A derivative that somebody claims: by `name`, or without one by the only variable; a formula, of an order where
    one is said; `of` is the formula that it is of, where that is."""

    name: str
    formula: Formula
    order: int | None = None
    of: Formula | None = None

    def name_in(self, formula: Formula, names: Sequence[str]) -> str:
        """The name that it is by, of a formula with such names: where there is x, and no dx, `dx` is said for x.

        Raises:
            FormulaError: the claim is about another formula, or by no name where there are several or none.
        """
        if self.of is not None and self.of != formula:
            raise FormulaError(f"the claim is about {self.of}, and not about {formula}", self.of.span)
        if not self.name and len(names) != 1:
            known = f"the formula's names are {', '.join(names)}" if names else "the formula has no names"
            raise FormulaError(f"by which name is not said: {known}", help="write NAME=FORMULA, for example x=2*x")
        said = self.name.removeprefix("d")
        return said if self.name not in names and said in names else self.name or names[0]


def read_claims(texts: Sequence[str], functions: Collection[Function] = ()) -> tuple[Claim, ...]:
    """The claims in texts such as `x=2*x`, or `2*x`; several in one with `,` or `;` between them. Behind the first `=`
    there may also be a program.

    Args:
        functions: the user's, known in the claims.

    Raises:
        FormulaSyntaxError: a text is no claim.
    """
    return tuple(claim for text in texts for part in _apart(text) for claim in _claims(part, functions))


def _apart(text: str) -> Iterator[str]:
    """The claims on paper that a comma or a semicolon separates."""
    begin = 0
    for between in re.finditer("[,;]", text):
        if on_paper(text[between.end() :]) and on_paper(text[begin : between.start()]):
            yield text[begin : between.start()]
            begin = between.end()
    yield text[begin:]


def _claims(text: str, functions: Collection[Function]) -> Iterator[Claim]:
    from . import grammar  # which is not needed where there is no claim

    if paper := on_paper(text):
        of = None if re.fullmatch(_NAME, paper.of) or not paper.of else grammar.read_formula(paper.of, functions)
        yield Claim(paper.name, grammar.read_formula(paper.right, functions), paper.order, of)
        return
    name, _, program = text.partition("=")
    try:
        equations = grammar.read_claims(text, functions)
    except FormulaSyntaxError:
        if text.strip() and not grammar.kinds(text).startswith(("NAME EQUAL ", "EQUAL ")):
            yield Claim("", grammar.read_formula(text, functions))
            return
        if "=" not in program:
            raise
        yield Claim(name.strip(), grammar.read_formula(program, functions))
        return
    for equation in equations:
        if isinstance(equation.left, Call) and equation.left.function is TABLE["diff"]:
            of, by = equation.left.args
            assert isinstance(by, Name)
            yield Claim(by.name, equation.right, 1, of)
            continue
        if not isinstance(equation.left, Name):
            span = equation.left.span if equation.left else NOWHERE
            raise FormulaSyntaxError("--check needs NAME=FORMULA", span, "write for example --check x=2*x")
        yield Claim(equation.left.name, equation.right)
