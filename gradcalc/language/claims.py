"""Claims of derivatives, as they are typed on the command line."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from gradcalc.record import dataclass

from .errors import NOWHERE, FormulaSyntaxError
from .formula import Formula, Function, Name


@dataclass(frozen=True, slots=True)
class Claim:
    """A derivative that somebody claims: by `name`, or without one by the only variable; a formula, of an order where
    one is said."""

    name: str
    formula: Formula
    order: int | None = None


def read_claims(texts: Sequence[str], functions: Collection[Function] = ()) -> tuple[Claim, ...]:
    """The claims in texts such as `x=2*x`, or `2*x`; several in one with `,` or `;` between them. Behind the first `=`
    there may also be a program.

    Args:
        functions: the user's, known in the claims.

    Raises:
        FormulaSyntaxError: a text is no claim.
    """
    return tuple(claim for text in texts for claim in _claims(text, functions))


def _claims(text: str, functions: Collection[Function]) -> Iterator[Claim]:
    from . import grammar  # which is not needed where there is no claim

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
        if not isinstance(equation.left, Name):
            span = equation.left.span if equation.left else NOWHERE
            raise FormulaSyntaxError("--check needs NAME=FORMULA", span, "write for example --check x=2*x")
        yield Claim(equation.left.name, equation.right)
