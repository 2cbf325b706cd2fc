"""Promises about the source itself: the invariants of ARCHITECTURE.md, read off the syntax trees.

What is not yet as it should be stands in `data/source_ratchets.toml`, file by file with a count that may only fall;
`python tests/test_source.py` writes the counts of today.
"""

from __future__ import annotations

import ast
import graphlib
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import grimp
import pytest

from gradcalc.language.functions import TABLE

ROOT = Path(__file__).parent.parent
RATCHETS = Path(__file__).parent / "data" / "source_ratchets.toml"
SOURCES = {str(path.relative_to(ROOT)): path.read_text("utf-8") for path in sorted((ROOT / "gradcalc").rglob("*.py"))}


@cache
def all_trees() -> dict[str, ast.Module]:
    return {path: ast.parse(text) for path, text in SOURCES.items()}


@cache
def all_nodes() -> dict[str, list[ast.AST]]:
    return {path: [*ast.walk(tree)] for path, tree in all_trees().items()}


# ---- what could run a text

RUNS = {
    *("eval", "exec", "compile", "__import__", "sympify", "S", "parse_expr", "parse_latex", "lambdify"),
    *("pickle.loads", "pickle.load", "Unpickler", "yaml", "marshal.loads", "shelve.open", "os.system", "os.popen"),
    *("subprocess.run", "subprocess.Popen", "import_module", "code.interact", "binding.parse_assembly"),
}
OUR_ROWS = "a text of the table's rows, read by our own parser first; never a user's text or name"
OUR_PIPE = "bytes that a process started by us wrote into a pipe that nobody else holds"
OUR_NAMES = "a module named in our source"
SAFE = {
    "gradcalc/__init__.py": {"import_module": OUR_NAMES},
    "gradcalc/cli/modes.py": {"import_module": OUR_NAMES},
    "gradcalc/language/algebra.py": {"import_module": "the package itself, for its public functions"},
    "gradcalc/plot/terminal.py": {"import_module": OUR_NAMES},
    "gradcalc/record.py": {"exec": "the names and defaults of the fields of our own classes"},
    "gradcalc/shown.py": {"import_module": OUR_NAMES},
    "gradcalc/draw/drawing.py": {
        "subprocess.run": "Graphviz, with a list of words and no shell; the drawing goes in by a pipe"
    },
    "gradcalc/engine/inlined.py": {"eval": OUR_ROWS},
    "gradcalc/engine/columns.py": {"import_module": OUR_NAMES},
    "gradcalc/engine/llvm.py": {"import_module": OUR_NAMES},
    "gradcalc/engine/native.py": {"binding.parse_assembly": "places, numbers and names of C's library; no user's text"},
    "gradcalc/engine/rules.py": {"exec": OUR_ROWS, "compile": OUR_ROWS},
    "gradcalc/engine/value.py": {"exec": OUR_ROWS, "compile": OUR_ROWS},
    "gradcalc/helper.py": {
        "pickle.loads": OUR_PIPE,
        "subprocess.Popen": "this Python again, with a list of words and no shell",
    },
    "gradcalc/symbolic/opaque.py": {"sympify": "a truth value of Python, never a text"},
    "gradcalc/judge/programs/tracing.py": {
        "__import__": "what the user's function imports when it runs, as Python does"
    },
    "gradcalc/prompt/live.py": {"pickle.loads": OUR_PIPE},
    "gradcalc/symbolic/worker.py": {"pickle.loads": OUR_PIPE},
}


def dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def running(tree: ast.AST) -> set[str]:
    """The names of `RUNS` that are called, and `shell` where a call hands that on; `re.compile` is another's."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = dotted(node.func)
            bare = called.removeprefix("builtins.").removeprefix("sympy.").removeprefix("importlib.")
            found |= {bare, bare.partition(".")[0] if bare.startswith("yaml.") else bare} & RUNS
            found |= {"shell" for keyword in node.keywords if keyword.arg == "shell"}
            found |= {called.rpartition(".")[2]} & {"sympify", "parse_expr", "lambdify", "parse_latex"}
    return found


def test_who_runs_a_text_is_listed_with_the_reason() -> None:
    assert {path: found for path, tree in all_trees().items() if (found := running(tree))} == {
        path: {*calls} for path, calls in SAFE.items()
    }


def test_what_runs_a_text_is_known_by_its_name() -> None:
    found = running(
        ast.parse("import sympy\nsympy.sympify(t)\neval(t)\nyaml.load(f)\nrun(c, shell=True)\nre.compile(t)")
    )
    assert found == {"sympify", "eval", "yaml", "shell"}


def test_no_recursion_limit_and_no_blanket_handlers() -> None:
    for path, nodes in all_nodes().items():
        assert "setrecursionlimit" not in SOURCES[path], path
        assert not any(isinstance(node, ast.ExceptHandler) and node.type is None for node in nodes), path


# ---- what may call itself: never over a formula or a graph

ITSELF = {
    "certified/orders.py _with_values": "once: into the body of a user's function, and no deeper",
    "engine/rationals.py rational_values": "once: a constant of the formula has no definitions of its own",
    "explain/steps.py by_hand": "as deep as sums stand in sums",
    "gradients.py jvp": "once for each formula of a list",
    "engine/scalars.py judged": "a text of the table, as deep as the parser of Python's own takes",
    "judge/certificates.py _same": "as deep as the answer that is found, which is ours",
    "judge/claims/cases.py by_cases": "once for each of at most 4 quantities, whose signs are known from there on",
    "judge/claims/conditions.py _read": "as deep as powers stand in powers whose exponents are shown to be positive",
    "judge/claims/entered.py _solved": "once for each variable of a formula that is solved for",
    "judge/claims/repairs.py _towards_left": "once for each operation on the edge of a claim of at most 40 nodes",
    "judge/claims/repairs.py _towards_right": "once for each operation on the edge of a claim of at most 40 nodes",
    "judge/programs/forms.py _grown": "a user's own nested point, as deep as the user's lists",
    "judge/programs/forms.py _is_leaf": "a user's own nested point, as deep as the user's lists",
    "judge/programs/forms.py flat": "a user's own nested answer, as deep as the user's lists",
    "judge/programs/tracer.py _real": "once: an array of one number is opened",
    "language/values.py ball_polygamma": "once: reflected to a positive argument",
    "language/literals.py number": "once: the minus is taken off",
    "proofs/special.py _polygamma": "once: at the whole number that an argument is",
    "proofs/special.py _polygamma_of_rest": "once: at the parts of its argument, which have none",
    "proofs/thin.py is_point": "as deep as a polynomial has generators: each coefficient has one less",
    "proofs/thin.py is_thin": "as deep as derivatives are taken of derivatives, which is counted down",
    "symbolic/back.py number": "once: sign, then numerator and denominator",
    "symbolic/derive.py frozen": "sympy's own depth, where a deep expression is refused",
    "symbolic/derive.py shortened": "sympy's own depth, where a deep expression is refused",
    "symbolic/opaque.py rebuild": "sympy's own depth, where a deep expression is refused",
    "symbolic/translate.py _apply": "once: a row is handed on by its definition",
    "symbolic/translate.py translate": "as deep as sums stand in sums, where a deep formula is refused",
    "symbolic/derive.py _weights": "sympy's own depth, where a deep expression is refused",
}


def calls_of_itself(tree: ast.Module) -> Iterator[str]:
    """The names of functions that call themselves by name; not those that import another of that name."""

    def of_itself(function: ast.FunctionDef, is_method: bool) -> bool:
        inside = list(ast.walk(function))
        imported = {alias.name for node in inside if isinstance(node, ast.ImportFrom) for alias in node.names}
        called = {ast.unparse(node.func) for node in inside if isinstance(node, ast.Call)}
        return (f"self.{function.name}" if is_method else function.name) in called and function.name not in imported

    for node in ast.walk(tree):
        for inner in ast.iter_child_nodes(node):
            if isinstance(inner, ast.FunctionDef) and of_itself(inner, isinstance(node, ast.ClassDef)):
                yield inner.name


def test_who_calls_itself_is_listed_with_what_bounds_it() -> None:
    found = {
        f"{path.removeprefix('gradcalc/')} {name}"
        for path, tree in all_trees().items()
        for name in calls_of_itself(tree)
    }
    assert found <= set(ITSELF)
    assert list(calls_of_itself(ast.parse("def f(x):\n  return f(x.left)\ndef g(x):\n  return f(x)"))) == ["f"]


# ---- what is stored by identity

BY_ID = {  # who calls `id`, and for what; all others have a list by place or a `ByIdentity`
    "gradcalc/engine/copied.py": "graphs of Values, as the memory of `copy.deepcopy` is by id",
    "gradcalc/engine/native.py": "the address of a number",
    "gradcalc/language/identity.py": "the mapping and the walks",
}


def test_who_calls_id_is_listed_with_the_reason() -> None:
    def calls(nodes: list[ast.AST]) -> bool:
        return any(isinstance(node, ast.Name) and node.id == "id" for node in nodes)

    assert {path for path, nodes in all_nodes().items() if calls(nodes)} == set(BY_ID)


# ---- who speaks, and who knows whom


def test_only_the_command_and_the_prompt_print() -> None:
    printing = {"print", "sys.stdout.write", "sys.stderr.write", "input"}
    for path, nodes in all_nodes().items():
        if not path.startswith(("gradcalc/cli/", "gradcalc/prompt/")):
            assert not {ast.unparse(node.func) for node in nodes if isinstance(node, ast.Call)} & printing, path


def test_no_module_imports_itself_around_a_circle() -> None:
    graph = grimp.build_graph("gradcalc", exclude_type_checking_imports=True)
    imports = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    graphlib.TopologicalSorter(imports).prepare()  # names the circle, where there is one


@pytest.mark.parametrize(
    ("code", "absent"),
    [
        ("import gradcalc", {"sympy", "flint", "numpy", "prompt_toolkit"}),
        ("import gradcalc.cli", {"sympy", "flint", "numpy", "prompt_toolkit"}),
        ("import gradcalc as g; g.grad('x^2*sin(x)', {'x': 1})", {"sympy", "flint", "numpy", "prompt_toolkit"}),
        ("import gradcalc as g; g.grad('x^2', {'x': 1}, certified=True)", {"sympy", "numpy", "prompt_toolkit"}),
        (
            "from gradcalc.cli import main; main(['x^2', '--check', 'x=2*x'])",
            {"gradcalc.judge.programs", "numpy", "prompt_toolkit"},
        ),
    ],
)
def test_what_is_not_imported(code: str, absent: set[str]) -> None:
    script = f"import sys\n{code}\nprint(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()
    assert not absent & set(loaded)


# ---- one loop that raises the precision, one way of a point into balls

IN_BALLS = {
    "gradcalc/certified/posed.py": 1,  # in_balls
    "gradcalc/plot/curves.py": 1,  # the coordinate that is plotted
    "gradcalc/plot/ranges.py": 1,  # an end of a range
}


def risings(tree: ast.AST) -> list[int]:
    """The lines of loops in which a precision is set that the loop has changed."""

    def names(node: ast.AST) -> set[str]:
        return {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}

    found = []
    for loop in ast.walk(tree):
        if isinstance(loop, ast.While | ast.For):
            inside = list(ast.walk(loop))
            stored = {node.id for node in inside if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
            calls = [node for node in inside if isinstance(node, ast.Call) and ast.unparse(node.func) == "precision"]
            sets = [node for node in inside if isinstance(node, ast.Assign) and "ctx.prec" in ast.unparse(node)]
            if any(names(node) & stored for node in (*calls, *sets)):
                found.append(loop.lineno)
    return found


def test_one_loop_raises_the_precision() -> None:
    for path, nodes in all_nodes().items():
        assert len(risings(all_trees()[path])) == (path == "gradcalc/engine/scalars.py"), path
        named = [node for node in nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
        calls = [ast.unparse(node) for node in named if node.func.id == "constant_value"]
        assert sum("BALL" in call for call in calls) == IN_BALLS.get(path, 0), path


# ---- what people type is read by the grammar

OUR_TEXT = "a text that we wrote ourselves"
REFUSED = "a text that the grammar has refused: what to say of it"
OPTION = "words and options of a command, and names of files; no formula"
KINDS = "the kinds of the grammar's tokens, not the text"
PATTERNS = {  # who has regular expressions, and what they read
    "gradcalc/cli/arguments.py": OPTION,
    "gradcalc/cli/runs.py": OPTION,
    "gradcalc/cli/words.py": KINDS,
    "gradcalc/data/blocks.py": "cells of files, as pyarrow reads them",
    "gradcalc/data/delimited.py": "where the cells of a file end",
    "gradcalc/draw/languages.py": OUR_TEXT,
    "gradcalc/engine/inlined.py": OUR_ROWS,
    "gradcalc/engine/tidy.py": OUR_TEXT,
    "gradcalc/language/builder.py": "what the grammar has read, where two readings are told apart",
    "gradcalc/language/claims.py": "the derivative before an equals sign as on paper, which is no formula",
    "gradcalc/language/elsewhere.py": REFUSED,
    "gradcalc/language/foreign.py": REFUSED,
    "gradcalc/language/statements.py": REFUSED,
    "gradcalc/language/from_latex.py": REFUSED,
    "gradcalc/language/formula.py": OUR_ROWS,
    "gradcalc/language/latex.py": OUR_ROWS,
    "gradcalc/language/lalr.py": "the grammar's own terminals",
    "gradcalc/language/mistakes.py": REFUSED,
    "gradcalc/language/proposals.py": REFUSED,
    "gradcalc/language/reading.py": "a single name, and literals that the grammar has refused",
    "gradcalc/language/uncertain.py": "the digits of a number that the grammar has read, as in 2.00(10)",
    "gradcalc/language/unknown.py": REFUSED,
    "gradcalc/printed/printer.py": OUR_TEXT,
    "gradcalc/prompt/completing.py": "the end of a text that is not finished",
    "gradcalc/prompt/entering.py": "prompts that were pasted, and `name ?`; no formula",
    "gradcalc/prompt/help.py": "a topic, and signatures of rows",
    "gradcalc/prompt/options.py": OPTION,
    "gradcalc/prompt/remarks.py": KINDS,
    "gradcalc/prompt/study_commands.py": OPTION,
    "gradcalc/session/sheet.py": "the commands :delete and :reset",
    "gradcalc/show/drawn.py": "LaTeX that we wrote ourselves",
    "gradcalc/show/md.py": "signs of Markdown in what is shown",
    "gradcalc/show/writers.py": OUR_TEXT,
    "gradcalc/symbolic/opaque.py": OUR_TEXT,
}


def test_who_reads_by_patterns_is_listed_with_the_reason() -> None:
    """A formula, a value, a range, a bound, a correlation and an array are read by the grammar, which has a caret."""
    imported = {
        path
        for path, tree in all_trees().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Import) and any(alias.name == "re" for alias in node.names)
    }
    assert imported == set(PATTERNS)


def test_a_loop_of_ones_own_is_seen() -> None:
    assert risings(ast.parse("while True:\n  with precision(bits):\n    f()\n  bits *= 2")) == [1]
    assert risings(ast.parse("for x in xs:\n  with precision(bits):\n    f(x)")) == []


# ---- who holds what ARCHITECTURE.md promises

HELD = {  # each invariant by its beginning, with the test that holds it
    "No recursion over a formula": "test_source.py test_who_calls_itself_is_listed_with_what_bounds_it",
    "No function is named outside its row": "test_source.py test_what_may_only_become_less",
    "Nothing a user typed reaches `eval`": "test_source.py test_who_runs_a_text_is_listed_with_the_reason",
    "sympy's side is built from sympy's own": "test_symbolic.py test_a_wrong_partial_is_not_proved",
    "The kind of scalar is resolved once": "test_scalars.py test_functions_and_partials_are_found_once",
    "Only `scalars.rising` raises a precision": "test_source.py test_one_loop_raises_the_precision",
    "Only `cli` and `prompt` print": "test_source.py test_only_the_command_and_the_prompt_print",
    "Nobody believes a trace": "test_check_gradient.py test_a_trace_that_is_not_the_function_is_not_believed",
    "A value that does not exist is a `Failure`": "test_gradients.py test_the_branch_not_taken_contributes_nothing",
}


def test_every_invariant_of_the_architecture_has_a_test_that_holds_it() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text("utf-8").partition("## Invariants\n")[2].partition("\n## ")[0]
    invariants = [line.removeprefix("- ") for line in text.splitlines() if line.startswith("- ")]
    for invariant, (beginning, held) in zip(invariants, HELD.items(), strict=True):
        file, name = held.split()
        assert invariant.startswith(beginning)
        assert f"def {name}(" in (ROOT / "tests" / file).read_text("utf-8")


# ---- what may only become less


def long_files(path: str) -> int:
    """Lines beyond 400; the table may grow."""
    return 0 if path.endswith("language/functions.py") else max(0, len(SOURCES[path].splitlines()) - 400)


def vague_docstrings(path: str) -> int:
    """Docstrings that begin with "What": the argument and the result are to be named."""
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef)
    nodes = [node for node in all_nodes()[path] if isinstance(node, documented)]
    return sum((ast.get_docstring(node) or "").startswith("What") for node in nodes)


def functions(path: str) -> list[ast.FunctionDef]:
    return [node for node in all_nodes()[path] if isinstance(node, ast.FunctionDef)]


def many_parameters(path: str) -> int:
    """Functions of more than 6 parameters, `self` not counted."""

    def count(given: ast.arguments) -> int:
        names = [parameter.arg for parameter in (*given.posonlyargs, *given.args, *given.kwonlyargs)]
        return len(names) - (names[:1] in (["self"], ["cls"]))

    return sum(count(function.args) > 6 for function in functions(path))


def nameless_answers(path: str) -> int:
    """Public functions that return a tuple of three and more, which is to be a record."""

    def size(returned: ast.expr | None) -> int:
        match returned:
            case ast.Subscript(value=ast.Name("tuple"), slice=ast.Tuple(elts)):
                return 0 if isinstance(elts[-1], ast.Constant) else len(elts)  # tuple[X, ...]
        return 0

    return sum(size(f.returns) > 2 for f in functions(path) if not f.name.startswith("_"))


def functions_by_name(path: str) -> int:
    """Functions of the table that are named outside their row: texts that are the name of one."""
    control = {"if", "and", "or", "not", "diff", "diff_n", "neg"}
    names = {name for name in TABLE if name.isidentifier()} - control
    texts = [node.value for node in all_nodes()[path] if isinstance(node, ast.Constant)]
    return 0 if path.endswith("language/functions.py") else sum(isinstance(t, str) and t in names for t in texts)


COUNTED: tuple[Callable[[str], int], ...] = (
    long_files,
    vague_docstrings,
    many_parameters,
    nameless_answers,
    functions_by_name,
)


def counts(count: Callable[[str], int]) -> Counter[str]:
    return +Counter({path.removeprefix("gradcalc/"): count(path) for path in all_trees()})


@pytest.mark.parametrize("count", COUNTED, ids=lambda count: count.__name__)
def test_what_may_only_become_less(count: Callable[[str], int]) -> None:
    allowed = Counter(tomllib.loads(RATCHETS.read_text("utf-8")).get(count.__name__, {}))
    assert not dict(counts(count) - allowed), count.__doc__


def write_ratchets() -> None:
    lines = ["# Counts by file that may only fall; `python tests/test_source.py` writes what is left."]
    for count in COUNTED:
        lines += ["", f"# {count.__doc__}", f"[{count.__name__}]"]
        lines += [f'"{path}" = {number}' for path, number in counts(count).items()]
    RATCHETS.write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    write_ratchets()
