"""The public names: one table, imported when they are asked for."""

import ast
import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest

import gradcalc as gc
from gradcalc.judge.result import Result
from gradcalc.show import notebook

HEAVY = ("lark", "sympy", "flint", "numpy", "gradcalc.session", "gradcalc.language.parser", "gradcalc.judge.agreement")


def loaded(code):
    """The modules that Python has after running `code`."""
    text = f"import sys\n{code}\nprint(*sys.modules)"
    return subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True).stdout.split()


def test_importing_the_package_imports_nothing_heavy():
    assert not {*HEAVY} & {*loaded("import gradcalc")}
    assert "sympy" not in loaded("import gradcalc; gradcalc.grad('x^2', {'x': 1})")


def test_every_public_name_is_listed_and_there():
    assert dir(gc) == sorted(gc.__all__)
    assert {"check_derivative", "check_gradient", "assert_gradient", "derivative", "draw_dot", "Session"} <= {*dir(gc)}
    assert not {"Any", "TYPE_CHECKING", "import_module"} & {*dir(gc)}
    assert all(getattr(gc, name) is not None for name in gc.__all__)
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        gc.nothing  # noqa: B018


def test_those_who_check_types_see_the_same_names():
    tree = ast.parse(Path(gc.__file__).read_text())
    block = next(node for node in tree.body if isinstance(node, ast.If))
    seen = {
        (alias.name, node.module) for node in block.body if isinstance(node, ast.ImportFrom) for alias in node.names
    }
    assert seen == {*gc._HOMES.items(), ("nn", None)}


def test_a_function_is_not_hidden_by_the_folder_of_its_name():
    code = "from gradcalc.explain.table import Row; import gradcalc as gc; print(callable(gc.explain))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "True\n"


def test_results_say_what_they_are_without_the_package_being_asked():
    code = "from gradcalc.judge.claims.court import check_derivative as c; print(repr(c('x^2', 'x', '2*x')))"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert shown == "correct: d/dx x^2 = 2*x, proved for all x\n"


def kinds_of(cls):
    """The classes below one that have none below themselves."""
    return [kind for sub in cls.__subclasses__() for kind in kinds_of(sub) or [sub]]


def test_every_class_that_shows_itself_is_known_to_the_writer():
    """And by the methods it has: a class that is renamed or moved is not left without."""
    found = set()
    for path in sorted(Path(gc.__file__).parent.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            for made in node.decorator_list if isinstance(node, ast.ClassDef) else ():
                if isinstance(made, ast.Call) and ast.unparse(made.func) == "shows":
                    names = [cls.__name__ for cls in kinds_of(Result)] if node.name == "Result" else [node.name]
                    found |= {(name, hook.value) for name in names for hook in made.args}
    documents = {(name, hook) for name in notebook._DOCUMENTS for hook in ("__str__", "__repr__", "_repr_html_")}
    assert found <= documents | {*notebook._PICTURES}
    assert {name for name, _ in found} == {*notebook._DOCUMENTS, *(name for name, _ in notebook._PICTURES)}


def test_reprs_of_verdicts_are_their_texts():
    wrong = gc.check_derivative("sin(x^2)", "x", "cos(x^2)")
    assert repr(wrong) == str(wrong)
    assert repr(wrong).startswith("WRONG: d/dx sin(x^2) is not cos(x^2)\n")
    for found in (gc.agreement("x^2", {"x": 3}), gc.explain("x^2", {"x": 3}), gc.steps("x^2", "x")):
        assert repr(found) == str(found)
        assert "Component(" not in repr(found)
    assert gc.trace("x*y", {"x": 1, "y": 2})._repr_svg_().count("grad") == 3


def test_the_words_of_two_engines_are_verdicts_too():
    assert [gc.Verdict(word) for word in ("agree", "disagree", "proved")] == [
        gc.Verdict.AGREES, gc.Verdict.WRONG, gc.Verdict.PROVED
    ]  # fmt: skip
    with pytest.raises(ValueError, match="nonsense"):
        gc.Verdict("nonsense")


def test_results_are_repeated_as_they_are_printed():
    from gradcalc.plot import read_ranges, table

    certified = gc.certify("abs(x)", {"x": 0})
    assert "\nd/dx   0               not-differentiable: abs(x) has a corner at x=0: left -1, right 1" in str(certified)
    for result in (gc.propagate("x*y", {"x": "2±0.1", "y": 3}), table("x^2", read_ranges("x=0:1:0.5")[0]), certified):
        assert repr(result) == str(result)
    assert "nodes" not in repr(gc.trace("x*y", {"x": 1, "y": 2}))


def test_orders_names_and_graphs_that_are_none():
    for order in (0, -1, 1.5):
        with pytest.raises(gc.FormulaError, match="positive whole number"):
            gc.derivative("x^2", "x", order=order)
    with pytest.raises(TypeError, match="by a name, which is a text such as 'x', not by 2"):
        gc.derivative("x^2", 2)
    with pytest.raises(TypeError, match="3 has none"):
        gc.draw_dot(3)
    graph = gc.trace("x*y", {"x": 1, "y": 2})
    assert gc.draw_dot(graph).text() == gc.draw_dot(graph.root).text()
    assert gc.parse("x^2").subs(x="y + 1") == gc.parse("(y + 1)^2")


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (lambda: gc.parse("x^2").diff("x"), "a formula has no attribute 'diff': write gradcalc.derivative(f, 'x')"),
        (lambda: gc.parse("x^2").evalf(), "a formula has no attribute 'evalf': write f(x=2)"),
        (lambda: gc.gradcheck, "has no attribute 'gradcheck': write gradcalc.check_gradient(f, gradient, at)"),
        (lambda: gc.parse("x").nothing, "a formula has no attribute 'nothing'"),
        (lambda: gc.atan2, "attribute 'atan2': functions stand in a formula, such as gradcalc.parse('atan2(y, x)')"),
        (lambda: gc.nothing, "module 'gradcalc' has no attribute 'nothing'"),
        (lambda: gc.parse("x").derivative, "attribute 'derivative': write gradcalc.derivative(f, ...)"),
        (lambda: gc.parse("x").hesian, "attribute 'hesian': did you mean gradcalc.hessian(f, ...)?"),
        (lambda: gc.hesian, "attribute 'hesian': did you mean gradcalc.hessian?"),
        (lambda: gc.jac, "attribute 'jac': write gradcalc.jacobian([f, g], {'x': 2})"),
        (lambda: gc.solve, "attribute 'solve': equations are not solved here; it gives values and derivatives"),
        (lambda: gc.symbols, "attribute 'symbols': names need no declaration: write the formula alone"),
        (lambda: gc._repr_htm_, "attribute '_repr_htm_'"),
    ],
)
def test_what_other_libraries_have_is_told_by_its_name_here(asked, told):
    with pytest.raises(AttributeError) as caught:
        asked()
    assert str(caught.value).endswith(told)


@pytest.mark.parametrize(
    "ask", [gc.evaluate, gc.grad, gc.hessian, gc.jacobian, gc.vjp, lambda f, at: gc.jvp(f, at, {})]
)
def test_a_python_function_is_no_formula(ask):
    with pytest.raises(TypeError, match=r"not a function in Python: write gradcalc\.check_gradient"):
        ask(lambda x: x**2, {"x": 3})


def test_what_is_told_can_be_asked():
    """Every name of the package and of a formula in the table is one."""
    from gradcalc.language.attributes import _SAID, OF_FORMULAS

    for name in OF_FORMULAS:
        assert next(iter(inspect.signature(getattr(gc, name)).parameters)) in ("formula", "formulas"), name
    said = " ".join(_SAID)
    assert {*re.findall(r"gradcalc\.(\w+)", said)} <= {*gc.__all__}
    assert all(hasattr(gc.Formula, name) for name in re.findall(r"\bf\.(\w+)", said))
