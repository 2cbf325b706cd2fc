"""Methods and functions that other libraries have, calls that do not fit, and how each is written here."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from functools import wraps
from types import FunctionType
from typing import Any, NoReturn

from .errors import MissingValueError

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
CALLS = """
agreement('x^2', {'x': 3})
assert_derivative('x^2', 'x', '2*x')
assert_gradient(lambda x: x**2, lambda x: 2*x, 3.0)
assert_hessian(lambda x: x**3, lambda x: 6*x, 2.0)
assert_hvp(lambda x: x**3, lambda x, v: 6*x*v, 2.0, 1.0)
assert_jacobian(lambda w: [w[0]*w[1]], lambda w: [[w[1], w[0]]], [2.0, 3.0])
assert_jvp(lambda x: x**2, lambda x, v: 2*x*v, 3.0, 1.0)
assert_vjp(lambda x: x**2, lambda x, v: 2*x*v, 3.0, 1.0)
blame('x^2', {'x': 3})
certificate(gradcalc.check_derivative('x^2', 'x', '2*x'))
certify('x^2', {'x': 3})
check_derivative('x^2', 'x', '2*x')
check_function(gradcalc.TABLE['sin'])
check_gradient(lambda x: x**2, lambda x: 2*x, 3.0)
check_hessian(lambda x: x**3, lambda x: 6*x, 2.0)
check_hvp(lambda x: x**3, lambda x, v: 6*x*v, 2.0, 1.0)
check_jacobian(lambda w: [w[0]*w[1]], lambda w: [[w[1], w[0]]], [2.0, 3.0])
check_jvp(lambda x: x**2, lambda x, v: 2*x*v, 3.0, 1.0)
check_vjp(lambda x: x**2, lambda x, v: 2*x*v, 3.0, 1.0)
code('x^2', 'c')
compile('x^2')
derivative('x^2', 'x')
draw_dot(gradcalc.Value(2.0)**2)
draw_formula('x^2', {'x': 3})
evaluate('x^2', {'x': 3})
explain('x^2', {'x': 3})
fit('a*x', {'x': [1, 2], 'y': [2, 4.1]}, y='y', start={'a': 1})
from_sympy(sympy.Symbol('x')**2)
grad('x^2', {'x': 3})
hessian('x*y', {'x': 2, 'y': 3})
hvp('x^3', {'x': 2}, {'x': 1.0})
jacobian(['x*y', 'x'], {'x': 2, 'y': 3})
jvp('x*y', {'x': 2, 'y': 3}, {'x': 1.0})
parse('x^2')
plot('x^2', 'x=0..10')
propagate('x^2', {'x': gradcalc.uncertain(2, 0.1)})
steps('x^2', 'x')
to_sympy(gradcalc.parse('x^2'))
trace('x^2', {'x': 3})
uncertain(2, 0.1)
value_and_grad('x^2', {'x': 3})
verify(gradcalc.certificate(gradcalc.check_derivative('x^2', 'x', '2*x')))
vjp(['x*y', 'x'], {'x': 2, 'y': 3})
"""  # how each function of the package is called
_CALLED = {line.partition("(")[0]: line for line in CALLS.split("\n")}


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
        from .functions import TABLE
        from .matching import meant

        here = f"write {called.format(name)}" if name in public else meant(name, public, called or "gradcalc.{}")
        help = here or WORDS.get(name, "")
        if not help and name in TABLE:
            help = f"functions stand in a formula, such as gradcalc.parse('{name}({', '.join(TABLE[name].params)})')"
    raise AttributeError(f"{owner} has no attribute '{name}'{help and f': {help}'}")


def called(function: FunctionType) -> Callable[..., Any]:
    """The function of the package, which answers arguments that it does not take with how it is called. Names that it
    takes several of may be one text, as `wrt="x, y"`."""
    name, code = function.__name__, function.__code__
    places = [(code.co_varnames.index(word), word) for word in _NAMES if word in code.co_varnames[: code.co_argcount]]

    @wraps(function)
    def answering(*args: Any, **named: Any) -> Any:
        __tracebackhide__ = True
        for word in _NAMES:
            if named.get(word) is not None:
                named[word] = _several(word, named[word])
        for place, word in places:
            if place < len(args) and args[place] is not None:
                args = (*args[:place], _several(word, args[place]), *args[place + 1 :])
        try:
            return function(*args, **named)
        except MissingValueError as error:
            error.helped_in_python()
            raise
        except TypeError:
            if unfit := _unfit(function, args, named):
                raise TypeError(f"gradcalc.{name}: {unfit}: write gradcalc.{_CALLED[name]}") from None
            raise

    answering.__module__ = "gradcalc"  # where pickles find it
    return answering


_NAMES = ("wrt", "names")  # arguments that are several names


def _several(word: str, given: Any) -> tuple[Any, ...]:
    """The names that one text has, or that are given one by one."""
    if isinstance(given, str):
        return tuple(name.strip() for name in given.split(","))
    if not isinstance(given, Iterable):
        raise TypeError(f"{word} is a name or several, such as {word}='x' or {word}=['x', 'y'], not {given!r}")
    return tuple(given)


def _unfit(function: Callable[..., Any], args: tuple[Any, ...], named: dict[str, Any]) -> str:
    """Why a function does not take these arguments; an empty text where it does."""
    from inspect import signature

    from .matching import meant

    takes = signature(function)
    try:
        takes.bind_partial(**named)
    except TypeError as error:  # it has no argument of some name, without which others may seem to be missing
        better = meant(next(name for name in named if name not in takes.parameters), takes.parameters)
        return f"{error}{better and f', {better}'}"
    try:
        takes.bind(*args, **named)
    except TypeError as error:
        return str(error)
    return ""


def refuse_formula(given: Any) -> NoReturn:
    """
    Raises:
        TypeError: always; with what makes a formula of something that is neither a text nor one that was read.
    """
    if type(given).__module__.partition(".")[0] == "sympy":
        told = f"{given}: write gradcalc.from_sympy({given})"
    elif callable(given):
        told = "a function in Python: write gradcalc.check_gradient(f, gradient, at), which judges its gradient"
    elif isinstance(given, int | float):
        told = f"{given!r}: write {str(given)!r}"
    else:
        told = f"{given!r}: write for example 'x^2'"
    raise TypeError(f"a formula is a text, or what gradcalc.parse gives, not {told}")
