"""Wrong rules: what people write in the place of the derivative at one node, each a row beside the table.

A row holds where the node has one of its shapes, seen from an argument u that varies; v is the other of two arguments
where that varies too, and c where it does not:

- `u^c`, `c/u`, `u - v`, ...: the operator with these arguments
- `f(u)`: a function called by its name, of one argument
- `f(u, ...)`: a function or a power; `f(g(x), ...)`: also 1/u, and u is not the variable itself; `f(g(x))`: the same,
  and nothing else varies
- `u`: nothing else varies; `u, ...`: something else does

`wrong` is in our notation, over u, v, c, their derivatives du and dv, and

- `out` the node, `right` its derivative, `f` the rule's partial derivative for u, `rest` what the others add to `f*du`
- `f_du`, `out_du`: f and out at du in the place of u; `f_degrees`: f where u is in degrees
- `k`: in turn each factor of c (`each="constant"`) or of f, where one below the fraction bar is 1/k (`each="factor"`)
- `g`: in turn the partial derivative of every other function (`each="function"`)
- `s`: f with one slip in it, in turn (`each="slip"`)

`text` names a part by where it stands, `{u:short}` by its text alone; `{u:d}` is its derivative asked for and
`{u:solved}` answered. The mistake stands `at` one of the parts.
"""

from __future__ import annotations

from gradcalc.record import dataclass

__all__ = ["CHAIN", "CONSTANT", "EXPONENTIAL", "OPERATORS", "OTHERS", "POWER", "Group", "WrongRule"]


@dataclass(frozen=True, slots=True)
class WrongRule:
    """A row: its shapes, divided by ` | `, what is said, and what comes of the mistake."""

    shapes: str
    text: str
    wrong: str
    at: str = "node"
    each: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """Rows that are tried one after the other at every node before those of the next group."""

    kind: str
    rules: tuple[WrongRule, ...]


_FOR = "in the derivative of {node}"
_VARIES = "power rule: it holds for a constant exponent, that of {node} varies: {node:solved}"
_NO_LOG = "power rule: the exponent of {node} varies, the factor log({c:short}) is missing: {node:solved}"
_TERM = "{v:short} * {u:d}"
_QUOTIENT = "(u/v)' = (u'*v - u*v')/v^2 for {node}"
_KEPT, _ADDED = "the constant {c} is kept: its derivative is 0", "the derivative of the constant {c} is 0, not 1"
_AT_U = "chain rule: the outer derivative is taken at {u}, not at its derivative"
_DEGREES = "degrees for radians: the angle in {node} is in radians"

CHAIN = Group("chain", (
    WrongRule("f(g(x), ...)", "chain rule: {inner} is missing: multiply by {u:solved}", "rest + f", "u"),
    WrongRule("f(g(x), ...)", "chain rule: multiply by the inner derivative of {u}, do not divide by it",
        "rest + f/du", "u"),
    WrongRule("f(g(x))", _AT_U, "f_du", "u"),
    WrongRule("f(g(x))", _AT_U, "f_du*du", "u"),
    WrongRule("f(g(x))", "chain rule: that puts the derivative of {u} into the outer function", "out_du", "u"),
))  # fmt: skip

EXPONENTIAL = Group("power", (
    WrongRule("c^u", _VARIES, "u*c^(u - 1)"),
    WrongRule("c^u", _VARIES, "u*c^(u - 1)*du"),
    WrongRule("u^v", _VARIES, "v*u^(v - 1)"),
    WrongRule("u^v", _VARIES, "v*u^(v - 1)*du"),
    WrongRule("u^v", _VARIES, "v*u^(v - 1)*dv"),
    WrongRule("c^u", _NO_LOG, "out*du"),
))  # fmt: skip

POWER = Group("power", tuple(WrongRule("u^c", f"power rule: {what} {_FOR}", wrong) for what, wrong in (
    ("the exponent is not reduced by 1", "c*u^c*du"),
    ("the factor {c:short} is missing", "u^(c - 1)*du"),
    ("the factor must be the exponent as it was, not reduced", "(c - 1)*u^(c - 1)*du"),
    ("the exponent is reduced by 2", "c*u^(c - 2)*du"),
    ("the exponent is raised, not reduced", "c*u^(c + 1)*du"),
    ("the exponent is raised, not reduced, and the factor is missing", "u^(c + 1)*du"),
    ("factor and exponent are reduced once too often", "(c - 1)*u^(c - 2)*du"),
)))  # fmt: skip

PRODUCT = Group("product", tuple(WrongRule(shapes, f"product rule: {what}", wrong) for shapes, what, wrong in (
    ("u*v | v*u", f"the term {_TERM} is missing {_FOR}", "u*dv"),
    ("u*v | v*u", f"the factor {{v:short}} is missing in the term {_TERM}", "u*dv + du"),
    ("v*u", "the derivative of {node} is not the product of the derivatives", "du*dv"),
    ("v*u", "the derivative of {node} is not the sum of the derivatives", "du + dv"),
)))  # fmt: skip

QUOTIENT = Group("quotient", (
    *(WrongRule(shapes, f"quotient rule: {what}: {_QUOTIENT}", wrong) for shapes, what, wrong in (
        ("u/v", "wrong order", "-right"),
        ("u/v", "the square is missing", "right*v"),
        ("u/v", "the denominator is missing", "right*v*v"),
        ("u/v", "the denominator is squared once too often", "right/v"),
        ("c/u", "the square is missing", "right*u"),
        ("c/u", "the denominator is missing", "right*u*u"),
        ("c/u", "the denominator is squared once too often", "right/u"),
        ("u/v", "the two terms are subtracted", "f*du - rest"),
        ("u/v", "it is not the quotient of the derivatives", "du/dv"),
    )),
    WrongRule("u/v | v/u", "quotient rule: the term with the derivative of {u} is missing", "rest", "u"),
))  # fmt: skip

CONSTANT = Group("constant", (
    WrongRule("u + c | c + u | c - u", _KEPT, "right + c", "c"),
    WrongRule("u - c", _KEPT, "right - c", "c"),
    WrongRule("u + c | c + u | c - u", _ADDED, "right + 1", "c"),
    WrongRule("u - c", _ADDED, "right - 1", "c"),
    WrongRule("u*c | c*u", "the constant factor {k} is lost", "right/k", "k", each="constant"),
    WrongRule("u/c", "the constant factor {k} is lost", "right*k", "k", each="constant"),
    WrongRule("u*c | c*u | u/c", _ADDED, "right + u", "c"),
    WrongRule("u*c | c*u | u/c", "{u} is copied, not differentiated, and the constant {c:short} is lost", "u", "u"),
))  # fmt: skip

OPERATORS = (POWER, PRODUCT, QUOTIENT)

OTHERS = (
    Group("term", (
        WrongRule("u, ...", "the term with the derivative of {u} is missing", "rest", "u"),
        WrongRule("u + v | v + u | u - v | v - u", "{u} is copied, not differentiated", "rest + f*u", "u"),
    )),
    Group("sign", (
        WrongRule("u", "the sign of the derivative of {node} is flipped", "-(f*du)"),
        WrongRule("u, ...", "the sign of the derivative of {u} is flipped", "rest - f*du", "u"),
    )),
    CONSTANT,
    Group("factor", (WrongRule("f(u)", f"{{what}} {_FOR}: {{node:solved}}", "s*du", each="slip"),)),
    Group("function", (
        WrongRule("f(u)", "that is the derivative of {other}, not of {function}, in {node}", "g*du", each="function"),
        WrongRule("f(u)", "the outer function of {node} is not differentiated", "out*du"),
    )),
    Group("factor", (
        WrongRule("f(u, ...)", f"the factor {{k:short}} is missing {_FOR}", "rest + f*du/k", each="factor"),
        WrongRule("f(u, ...)", f"{{factor:short}} belongs {{side}} the fraction bar {_FOR}", "rest + f*du/k/k",
            each="factor"),
    )),
    Group("angle", (
        WrongRule("f(u)", _DEGREES, "pi/180*f*du"),
        WrongRule("f(u)", _DEGREES, "180/pi*f*du"),
        WrongRule("f(u)", _DEGREES, "f_degrees*du"),
        WrongRule("f(u)", _DEGREES, "pi/180*f_degrees*du"),
    )),
)  # fmt: skip
