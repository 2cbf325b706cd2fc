"""Calls of functions that are not known, and what to write instead.

A proposal is made only where it is near, and only after it was read: it must be a formula here, and mean the same.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from .elsewhere import WORDS, readings, usage
from .errors import SEE_FUNCTIONS, ArgumentCountError, FormulaSyntaxError, NearMissError, Span
from .formula import Call, Formula, Name, expression, free_names
from .functions import CONSTANTS, TABLE
from .literals import how_many
from .matching import nearest
from .reading import Reading, UnknownCall, either, in_one_line, quoted, short, told

DERIVATIVES = (
    *("grad", "gradient", "derivative", "derive", "deriv", "differentiate", "Derivative"),
    *("D", "d", "der", "dx", "partial"),
)
# functions of mathematics that look like a slip of the fingers for another
NO_SLIPS = frozenset({"expint", "sincos", "cis", "det"})


def why_unknown(now: Reading, call: UnknownCall) -> FormulaSyntaxError:
    """The error for a call that no row answers."""
    from .foreign import leibniz  # with all its patterns

    if operator := leibniz(now, call.head.end):
        return operator
    by = re.compile(r"\s*/\s*d([^\W\d]\w*)").match(now.source, call.whole.end) if call.name == "d" else None
    if by:
        argument = in_one_line(Span(now.source, call.head.end, call.whole.end))
        whole = Span(now.source, call.whole.start, by.end())
        help = _proposed(now, f"diff({argument[1:-1]}, {by[1]})") or "write diff(formula, x)"
        return FormulaSyntaxError("a derivative is written diff(formula, x)", whole, help)
    if rows := now.functions.get(call.name):
        count = len(call.args)
        mixed = nested(call.args[0], call.args[1:]) if call.name == "diff" and count > 3 else ""
        found = [mixed, *readings(call.name, [expression(arg, 500) for arg in call.args], "numpy")]
        help = next(filter(None, (_proposed(now, text) for text in found)), "") or f"write {told(rows)}"
        return ArgumentCountError(f"{call.name} does not take {how_many(count, 'argument')}", call.whole, help)
    if call.name in CONSTANTS:
        return FormulaSyntaxError(f"{call.name} is a number, not a function", call.head, _product(now, call))
    if meant := now.defined.get(call.name) or now.meant.get(call.name):
        return _no_function(now, call, meant)
    message, help = f"unknown function {quoted(call.name)}", _elsewhere(now, call)
    if not help and (near := _near(now, call)):
        return NearMissError(message, call.head, f"did you mean {near}?")
    return FormulaSyntaxError(message, call.head, help or _as_it_stands(now, call))


def _no_function(now: Reading, call: UnknownCall, meant: Formula) -> FormulaSyntaxError:
    """The error for `f(3)` where f is a formula, or a number."""
    names, product = free_names(meant), _product(now, call)
    if not names:
        return FormulaSyntaxError(f"{short(call.name)} is a number, not a function", call.head, product)
    if call.primes:
        by = [name for arg in call.args for name in free_names(arg) if name in names] or names
        order = f", {call.primes}" if call.primes > 1 else ""
        help = f"write {' or '.join(f'diff({short(call.name)}, {x}{order})' for x in (*by,)[:3])}"
        return FormulaSyntaxError(f"{short(call.name)} is a formula, not a function", call.head, help)
    others = filter(None, (now.defined.get(name) or now.meant.get(name) for name in names))
    of_formulas = any(map(free_names, others))
    params, body = ("x", "formula") if of_formulas else (", ".join(names), short(expression(meant, 500)))
    definition = f"define it as {short(call.name)}({params}) = {body}"
    help = definition if len(call.args) > 1 else f"{definition}; {product}"
    return FormulaSyntaxError(f"{short(call.name)} is a formula, not a function", call.head, help)


def _elsewhere(now: Reading, call: UnknownCall) -> str:
    """The advice for a function that means something elsewhere; empty where it means nothing."""
    count, texts = len(call.args), [expression(arg, 500) for arg in call.args]
    if call.primes:
        x = next(iter(free_names(call.args[0])), "x") if count == 1 else "x"
        whole = f"{short(call.name)}({x}) = ..., or write diff(formula, {x}"
        return f"define it first: {whole}, {call.primes})" if call.primes > 1 else f"define it first: {whole})"
    if call.name in DERIVATIVES:
        return _derivative(now, call)
    offered, said = readings(call.name, texts), WORDS.get(call.name, "")
    if offered and all(map(now.proposal, offered)):  # one of two readings would be taken for the only one
        return "; ".join(filter(None, (_proposed(now, *offered), said)))
    if said := said or WORDS.get(call.name.lower(), ""):
        return said
    if now.find(call.name.lower(), count):
        return ""  # it is that one
    if meant := usage(call.name):
        return f"write {meant}"
    if base := re.fullmatch(r"log_?([2-9]|[1-9]\d+)", call.name):
        return _proposed(now, f"log({', '.join(texts)}, {base[1]})") or f"write log(x, {base[1]})"
    return _by_its_letter(now, call.name, texts)


def _near(now: Reading, call: UnknownCall) -> str:
    """The functions whose names are near; empty where there are none."""
    if call.name in NO_SLIPS:
        return ""
    known = {name for name in now.functions if now.find(name, len(call.args))}
    if near := nearest(call.name, known):
        return " or ".join(map(repr, near))
    return either(row for name in nearest(call.name, now.functions) for row in now.functions[name])


def _as_it_stands(now: Reading, call: UnknownCall) -> str:
    """The advice for a function that is near to none: a product, or a definition of it."""
    count, texts = len(call.args), [expression(arg, 500) for arg in call.args]
    if meant := _proposed(now, *_joined(now, call.name, texts)):
        return meant
    if count == 1:
        return f"{_product(now, call)}; {SEE_FUNCTIONS}"
    params = ", ".join("xyzuvw"[:count]) if count <= 6 else "x, y, ..."
    return f"define it first: {short(call.name)}({params}) = ...; {SEE_FUNCTIONS}"


def _by_its_letter(now: Reading, name: str, args: Sequence[str]) -> str:
    """`f_x(x, y)`, where f is a function of the user's with a parameter x."""
    for of in now.users:
        row = now.find(of, len(args))
        if row is not None and name.startswith(of) and (by := name[len(of) :].lstrip("_")) in row.params:
            place, meant = row.params.index(by), f"diff({row.signature}, {by})"
            if args[place] == by:
                return _proposed(now, f"diff({of}({', '.join(args)}), {by})")
            return f"write {meant} at {', '.join(f'{x}={value}' for x, value in zip(row.params, args, strict=True))}"
    return ""


def _joined(now: Reading, name: str, args: Sequence[str]) -> list[str]:
    """`xsin(x)` as `x*sin(x)`, and `sin2(x)` as `sin(x)^2` or `sin(2*x)`."""
    if name[1:] in now.functions:
        return [f"{name[0]}*{name[1:]}({', '.join(args)})"]
    called = re.fullmatch(r"(\w*[^\W\d])(\d+)", name)
    if called and len(args) == 1 and now.find(called[1], 1):
        return [f"{called[1]}({args[0]})^{called[2]}", f"{called[1]}({called[2]}*({args[0]}))"]
    return []


def _proposed(now: Reading, *texts: str) -> str:
    """The advice to write one of some texts, of those that are formulas here."""
    found = [proposed for text in texts if (proposed := now.proposal(text))]
    return f"write  {'  or  '.join(found)}" if len(found) > 1 else f"write {found[0]}" if found else ""


def _product(now: Reading, call: UnknownCall) -> str:
    """`pi(2)` as a product."""
    if len(call.args) > 1:
        return "a name takes no arguments"
    proposal = now.proposal(expression(Call(TABLE["*"], (Name(call.name), call.args[0])), 500))
    return f"for a product write {proposal or chr(39) + '*' + chr(39) + ' between the name and its parenthesis'}"


def _derivative(now: Reading, call: UnknownCall) -> str:
    """`grad(x^2)` as `diff(x^2, x)`."""
    formula, *by = call.args
    if isinstance(formula, Name) and not by:
        return f"the derivatives come with the answer: write {formula.name}"
    names = by if by and all(isinstance(arg, Name) for arg in by) else [Name(n) for n in formula.names]
    if by and names is not by:
        return "write diff(formula, x)"
    written = [now.proposal(f"diff({expression(formula, 500)}, {expression(name)})") for name in names[:3]]
    if len(names) == 1 and written[0]:
        return f"write {written[0]}"
    if not by and 1 < len(names) <= 3 and all(written):
        return f"write {' or '.join(written)}"
    return "write diff(formula, x)"


def nested(formula: Formula, by: Sequence[Formula]) -> str:
    """The text of a mixed derivative: by each name in turn, a number behind a name being the order."""
    text = expression(formula, 500)
    for i, name in enumerate(by):
        if isinstance(name, Name):
            order = next((f", {expression(n)}" for n in by[i + 1 : i + 2] if not isinstance(n, Name)), "")
            text = f"diff({text}, {name.name}{order})"
    return text
