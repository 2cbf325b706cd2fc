"""Methods and functions that other libraries have, and what is written for them here."""

from __future__ import annotations

from collections.abc import Collection
from typing import NoReturn

_SAID = {  # of a formula f, or of a module that has such functions
    "gradcalc.derivative(f, 'x')": "diff differentiate D derive partial",
    "gradcalc.grad(f, {'x': 2})": "gradient grad backward",
    "gradcalc.value_and_grad(f, {'x': 2})": "value_and_gradient",
    "gradcalc.jacobian([f, g], {'x': 2})": "jac jacfwd jacrev",
    "gradcalc.check_gradient(f, gradient, at)": "gradcheck check_grad check_grads",
    "gradcalc.check_derivative(f, 'x', '2*x')": "check",
    "f(x=2)": "evalf eval n N",
    "f.names": "free_symbols variables",
    "gradcalc.compile(f)": "lambdify jit vmap",
    "str(gradcalc.derivative(f, 'x')), which is in a short form": "simplify expand factor",
    "gradcalc.plot(f, 'x=0..10')": "draw curve fplot",
    "gradcalc.compile(f).value_and_grad(x=columns)": "table",
    "f.subs(x=2)": "replace substitute xreplace",
    "gradcalc.code(f, 'c')": "to_c ccode codegen",
    "gradcalc.draw_formula(f, {'x': 2})": "graph dot plot_graph",
    "f._repr_latex_()": "latex to_latex",
}
OF_FORMULAS = (  # functions of the package that take a formula first, which may be looked for as its methods
    "agreement", "certify", "check_derivative", "code", "compile", "derivative", "draw_formula",
    "evaluate", "explain", "grad", "hessian", "hvp", "jacobian", "jvp", "plot", "propagate", "steps", "trace",
    "value_and_grad", "vjp",
)  # fmt: skip
_WORDS = {word: said for said, words in _SAID.items() for word in words.split()}


def refuse_attribute(owner: str, name: str, public: Collection[str], called: str = "") -> NoReturn:
    """
    Args:
        public: the names that may have been meant; they are functions of the package, of which `called` says how one
            of them is written instead.

    Raises:
        AttributeError: always; with what is written for an attribute that other libraries have, or for one near to it.
    """
    help = f"write {_WORDS[name]}" if name in _WORDS else ""
    if not help and not name.startswith("_"):  # which Python and notebooks ask for by themselves
        from .elsewhere import WORDS
        from .matching import meant

        here = f"write {called.format(name)}" if name in public else meant(name, public, called or "gradcalc.{}")
        help = here or WORDS.get(name, "")
    raise AttributeError(f"{owner} has no attribute '{name}'{help and f': {help}'}")
