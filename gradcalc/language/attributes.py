"""Methods and functions that other libraries have, and what is written for them here."""

from __future__ import annotations

from typing import NoReturn

_SAID = {  # of a formula f, or of a module that has such functions
    "gradcalc.derivative(f, 'x')": "diff differentiate D derive",
    "gradcalc.grad(f, {'x': 2})": "gradient grad backward jacfwd jacrev",
    "gradcalc.check_gradient(f, gradient, at)": "gradcheck check_grad check_grads",
    "gradcalc.check_derivative(f, 'x', '2*x')": "check",
    "f(x=2)": "evalf eval n N",
    "f.names": "free_symbols variables symbols",
    "gradcalc.compile(f)": "lambdify jit vmap",
    "str(gradcalc.derivative(f, 'x')), which is in a short form": "simplify expand factor",
    "gradcalc.plot(f, 'x=0..10')": "draw curve",
    "gradcalc.compile(f).value_and_grad(x=columns)": "table",
    "f.subs(x=2)": "replace substitute xreplace",
    "gradcalc.code(f, 'c')": "to_c ccode codegen",
    "gradcalc.draw_formula(f, {'x': 2})": "graph dot plot_graph",
    "f._repr_latex_()": "latex to_latex",
}
_WORDS = {word: said for said, words in _SAID.items() for word in words.split()}


def refuse_attribute(owner: str, name: str) -> NoReturn:
    """
    Raises:
        AttributeError: always; with what is written for an attribute that other libraries have.
    """
    help = f": write {_WORDS[name]}" if name in _WORDS else ""
    raise AttributeError(f"{owner} has no attribute '{name}'{help}")
