"""Promises about the source itself."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MODULES = sorted((ROOT / "gradcalc").rglob("*.py"))

# texts of our own table, never of a user's, become code in these places
COMPILES_THE_TABLE = {
    "scalars.py": {"eval", "compile"},
    "value.py": {"exec", "compile"},
    "rules.py": {"exec", "compile"},
}
NEVER = {"eval", "exec", "compile", "sympify", "S", "parse_expr", "lambdify", "parse_latex", "__import__"}


def called(tree: ast.AST) -> set[str]:
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            function = node.func
            if isinstance(function, ast.Name):
                names.add(function.id)
            elif isinstance(function, ast.Attribute) and ast.unparse(function.value) in ("sympy", "builtins"):
                names.add(function.attr)
    return names


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_nothing_a_user_types_is_run(path):
    found = called(ast.parse(path.read_text())) & NEVER
    assert found == COMPILES_THE_TABLE.get(path.name, set())


def test_the_check_above_can_fail():
    assert called(ast.parse("import sympy\nsympy.sympify(text)\neval(text)")) & NEVER == {"sympify", "eval"}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_no_recursion_limit_and_no_blanket_handlers(path):
    tree = ast.parse(path.read_text())
    assert "setrecursionlimit" not in {n.attr for n in ast.walk(tree) if isinstance(n, ast.Attribute)}
    bare = [n.lineno for n in ast.walk(tree) if isinstance(n, ast.ExceptHandler) and n.type is None]
    assert not bare


@pytest.mark.parametrize(
    ("code", "absent"),
    [
        ("import gradcalc", {"sympy", "flint", "numpy", "prompt_toolkit"}),
        ("import gradcalc.cli", {"sympy", "flint", "numpy", "prompt_toolkit"}),
        ("import gradcalc as g; g.grad('x^2*sin(x)', {'x': 1})", {"sympy", "flint", "numpy", "prompt_toolkit"}),
        ("import gradcalc as g; g.grad('x^2', {'x': 1}, certified=True)", {"sympy", "numpy", "prompt_toolkit"}),
    ],
)
def test_what_is_not_imported(code, absent):
    script = f"import sys\n{code}\nprint(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()
    assert not absent & set(loaded)
