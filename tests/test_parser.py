"""The language: what is read, how it groups, where it stands in the text, and that nothing else ever escapes."""

from __future__ import annotations

import io
import logging
import sys
import threading
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import cache
from pathlib import Path

import lark
import pytest
from hypothesis import HealthCheck, example, given, settings, strategies as st
from hypothesis.extra.lark import from_lark
from lark import Lark
from strategies import formulas
from work import calls

from gradcalc.language import grammar, lalr
from gradcalc.language.algebra import same
from gradcalc.language.builder import Builder
from gradcalc.language.errors import LIMITS, FormulaError, FormulaSyntaxError, LimitError
from gradcalc.language.formula import Call, Formula, Name, Number, children_first
from gradcalc.language.functions import TABLE, Function
from gradcalc.language.grammar import read_program
from gradcalc.language.parser import parse
from gradcalc.language.reading import juxtaposed
from gradcalc.language.rows import validated

GRAMMAR = Path(__file__).parent.parent / "grammar"
sys.path.insert(0, str(GRAMMAR))
import tables  # noqa: E402
from tables import ENTRANCES  # noqa: E402

README = (GRAMMAR / "README.md").read_text(encoding="utf-8")


@cache
def by_lark() -> Lark:
    """Made where it is asked for: every process that runs some of the tests imports this module."""
    return Lark((GRAMMAR / "formula.lark").read_text(encoding="utf-8"), start="program", parser="lalr", lexer="basic")


def rows_of(header: str) -> Iterator[tuple[str, str]]:
    """The rows of the README's tables with this header, without the back quotes around code."""
    inside = False
    for line in README.splitlines():
        inside = line == header or (inside and line.startswith("|"))
        if inside and line != header and not line.startswith("|---"):
            left, right = (cell.strip() for cell in line.strip("|").split("|"))
            yield left.split("`")[1], right.split("`")[1] if right.startswith("`") else right


READS_AS = list(rows_of("| text | reads as |"))
REFUSED = list(rows_of("| text | is refused with |"))


# ---- the README of the grammar


def test_the_readme_has_its_tables() -> None:
    assert len(READS_AS) > 30
    assert len(REFUSED) > 10


@pytest.mark.parametrize(("text", "meaning"), READS_AS)
def test_reads_as(text: str, meaning: str) -> None:
    assert same(parse(text), parse(meaning))


@pytest.mark.parametrize(("text", "message"), REFUSED)
def test_refused(text: str, message: str) -> None:
    with pytest.raises(FormulaSyntaxError) as caught:
        parse(text)
    assert caught.value.message == message
    assert caught.value.help


# ---- the table


@pytest.mark.parametrize("row", TABLE.values(), ids=lambda row: row.name)
def test_what_the_table_says_is_in_the_language(row: Function) -> None:
    for text in (row.definition, row.domain, *row.partials, row.example[0]):
        if text:
            assert same(parse(str(parse(str(text)))), parse(str(text)))


@pytest.mark.parametrize("row", TABLE.values(), ids=lambda row: row.name)
def test_a_row_is_called_by_its_spelling_and_aliases(row: Function) -> None:
    if row.symbol and row.notation != "postfix":
        return
    for name in (row.spelling, *row.aliases):
        formula = parse(f"{name}({', '.join(row.params if row.name != 'diff_n' else ('x', 'x', '2'))})")
        assert isinstance(formula, Call)
        assert formula.function is row


@pytest.mark.parametrize("row", [row for row in TABLE.values() if row.symbol], ids=lambda row: row.name)
def test_an_operator_binds_as_the_table_says(row: Function) -> None:
    """What the grammar reads and what printing leaves out must agree, for each pair of operators."""
    a, b, c = Name("a"), Name("b"), Name("c")
    for other in TABLE.values():
        if other.symbol:
            inner = Call(other, (a, b)[: len(other.params)])
            for args in ((inner, c), (c, inner)):
                formula = Call(row, args[: len(row.params)])
                assert same(parse(str(formula)), formula), str(formula)


# ---- trees


def shape(formula: Formula) -> str:
    """The tree fully bracketed."""
    parts: dict[int, str] = {}
    for node in children_first(formula):
        if isinstance(node, Call):
            parts[id(node)] = f"{node.function.name}[{' '.join(parts[id(arg)] for arg in node.args)}]"
        else:
            parts[id(node)] = node.text if isinstance(node, Number) else getattr(node, "name", "")
    return parts[id(formula)]


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("1 + 2*3", "+[1 *[2 3]]"),
        ("(1 + 2)*3", "*[+[1 2] 3]"),
        ("2^3^4", "^[2 ^[3 4]]"),
        ("-2^2", "neg[^[2 2]]"),
        ("(-2)^2", "^[neg[2] 2]"),
        ("2^-3^2", "^[2 neg[^[3 2]]]"),
        ("--x", "neg[neg[x]]"),
        ("-+-x", "neg[neg[x]]"),
        ("a - -b", "-[a neg[b]]"),
        ("-x!", "neg[factorial[x]]"),
        ("(n!)!", "factorial[factorial[n]]"),
        ("a!^b!", "^[factorial[a] factorial[b]]"),
        ("2x^2y", ""),
        ("-2x", "*[neg[2] x]"),
        ("a/2*3x", "*[*[/[a 2] 3] x]"),
        ("2(x)(y)z", "*[*[*[2 x] y] z]"),
        ("(a)^2", "^[a 2]"),
        ("(a)(b)^2", "*[a ^[b 2]]"),
        ("2a(b)", ""),
        ("2 x", "*[2 x]"),
        ("2√3", "*[2 sqrt[3]]"),
        ("√√x!", "factorial[sqrt[sqrt[x]]]"),
        ("√-x", ""),
        ("x²³", "^[x 23]"),
        ("2x²", "*[2 ^[x 2]]"),
        ("2^x²", "^[2 ^[x 2]]"),
        ("n! != 6", "!=[factorial[n] 6]"),
        ("not not a < b", "not[not[<[a b]]]"),
        ("not (a or b)", "not[or[a b]]"),
        ("(a < b) == c", "==[<[a b] c]"),
        ("a and b or c and d", "or[and[a b] and[c d]]"),
        ("ln(x) + log(x, 2)", "+[log[x] log_base[x 2]]"),
        ("max(a, b, c)", "max[a b c]"),
        ("factorial(n)", "factorial[n]"),
        ("sin (x)", "sin[x]"),
        ("2e3x", "*[2e3 x]"),
        ("2ex", "*[2 ex]"),
        ("1.e2", "1.e2"),
        ("orange + notes", "+[orange notes]"),
        ("(a\n+\nb)", "+[a b]"),
        ("sin(x, # one\n)", ""),
        ("\ufeffx\u00a0+\u2009y", "+[x y]"),
    ],
)
def test_tree(text: str, tree: str) -> None:
    if tree:
        assert shape(parse(text)) == tree
    else:
        with pytest.raises(FormulaSyntaxError):
            parse(text)


WORDS = [
    "S", "N", "I", "E", "Q", "O", "lambda", "beta", "gamma", "zeta", "class", "import", "if", "sin", "diff", "True",
]  # fmt: skip


@pytest.mark.parametrize("word", WORDS)
def test_any_word_is_a_variable(word: str) -> None:
    assert shape(parse(f"{word}^2 + 2{word}")) == f"+[^[{word} 2] *[2 {word}]]"
    assert shape(parse(f"{word} = 3; {word}")) == word


def test_functions_and_variables_live_apart() -> None:
    assert shape(parse("gamma*gamma(x)")) == "*[gamma gamma[x]]"
    assert shape(parse("g(x) = x; g = 2; g(g)")) == "g[g]"


# ---- numbers


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1),
        ("0.1", Fraction(1, 10)),
        (".5", Fraction(1, 2)),
        ("2.", 2),
        ("1e-3", Fraction(1, 1000)),
        ("1E+3", 1000),
        ("1e400", 10**400),
    ],
)
def test_number_is_exact_and_keeps_its_text(text: str, value: Fraction) -> None:
    number = parse(text)
    assert isinstance(number, Number)
    assert (number.text, number.value) == (text, value)


def test_typeset_minus_in_an_exponent() -> None:
    number = parse("1e−3")
    assert isinstance(number, Number)
    assert (number.text, number.value) == ("1e-3", Fraction(1, 1000))


@pytest.mark.parametrize(
    ("limit", "text"),
    [
        ("digits", "9" * (LIMITS.digits + 1)),
        ("digits", "x" + "²" * (LIMITS.digits + 1)),
        ("exponent", f"1e{LIMITS.exponent}"),
        ("exponent", f"1e-{'9' * 5000}"),
        ("name", "x" * (LIMITS.name + 1)),
        ("name", "é" * (LIMITS.name + 1) + "(2)"),
        ("order", f"diff(x, x, {LIMITS.order + 1})"),
        ("order", f"sin{chr(39) * (LIMITS.order + 1)}(x)"),
        ("text", "x" * (LIMITS.text + 1)),
    ],
    ids=lambda value: value[:8],
)
def test_limit(limit: str, text: str) -> None:
    with pytest.raises(LimitError) as caught:
        parse(text)
    assert caught.value.limit == limit
    assert len(str(caught.value)) < 1000


def test_just_inside_the_limits() -> None:
    assert parse("9" * LIMITS.digits).value == 10**LIMITS.digits - 1  # type: ignore[attr-defined]
    assert parse("1e" + "0" * 5000 + "2").value == 100  # type: ignore[attr-defined]
    assert str(parse("x" * LIMITS.name)) == "x" * LIMITS.name


# ---- statements


def test_program() -> None:
    statements = read_program("a = 2; g(x, y) = a*x*y  # one\n\n;; g(a, 3) + (1 +\n 2)\n")
    assert [(s.name, s.function and s.function.name, str(s.formula)) for s in statements] == [
        ("a", None, "2"),
        ("", "g", "a*x*y"),
        ("", None, "g(x, y) = a*x*y; g(a, 3) + (1 + 2)"),
    ]
    assert [s.span.text for s in statements] == ["a = 2", "g(x, y) = a*x*y", "g(a, 3) + (1 +\n 2)"]
    assert statements[1].function is not None
    assert statements[1].function.params == ("x", "y")


def test_no_statement() -> None:
    assert read_program(" # nothing\n;\n") == []


def test_named_intermediates_are_shared() -> None:
    formula = parse("e = a*b; d = e + c; L = d*f*e")
    assert str(formula) == "e = a*b; d = e + c; L = d*f*e"
    assert isinstance(formula, Name)
    assert formula.name == "L"
    assert len({id(n) for n in children_first(formula) if isinstance(n, Name) and n.name == "e"}) == 1


def test_the_last_definition_holds_and_order_does_not_matter() -> None:
    assert str(parse("y = x + 1; x = 2; x = 3; y*x")) == "x = 3; y = x + 1; y*x"


def test_functions_of_the_caller() -> None:
    (statement,) = read_program("g(x) = x^2")
    assert statement.function is not None
    formula = parse("g(3)", functions=[statement.function])
    assert isinstance(formula, Call)
    assert formula.function is statement.function
    own = Function(name="twice", definition="2*x", partials=("2",))
    assert shape(parse("twice(t)", functions=[own])) == "twice[t]"


def test_functions_are_told_apart_by_their_number_of_arguments() -> None:
    assert shape(parse("g(x) = x; g(x, y) = y; g(1) + g(1, 2)")) == "+[g[1] g[1 2]]"
    with pytest.raises(FormulaSyntaxError, match=r"write g\(x, y\) or g\(x\)|write g\(x\) or g\(x, y\)"):
        parse("g(x) = x; g(x, y) = y; g(1, 2, 3)")


def test_derivative_of_a_function() -> None:
    formula = parse("g(u) = u^2; g'(2) + g'(3)*g''(4) + sin'(x)")
    rows = [node.function for node in children_first(formula) if isinstance(node, Call) and "'" in node.function.name]
    assert [row.name for row in rows] == ["g'", "g'", "g''", "sin'"]
    assert rows[0] is rows[1]
    assert rows[0].params == ("u",)
    bodies = [shape(row.definition) for row in rows[1:] if isinstance(row.definition, Formula)]
    assert bodies == ["diff[g[u] u]", "diff_n[g[u] u 2]", "diff[sin[x] x]"]


def test_unicode_names() -> None:
    assert str(parse("µ + μ + 𝑥 + x₁ + x̂")) == "μ + μ + x + x1 + x̂"
    assert str(parse("π + 𝜋 + τ")) == "pi + pi + tau"


# ---- places in the text


@pytest.mark.parametrize(
    "text",
    ["(a + b)*c", "f = 2", "√x!", "max(a,  b)", "x²", "((x))", "- 2 x", "3 (x + 1) y", "a < b", "not a < b", "g (2)"],
)
def test_the_span_of_a_formula_is_its_text(text: str) -> None:
    (statement,) = read_program(f"  {text} ", [validated(Function(name="g", definition="x"))])
    assert statement.span.text == text


def test_spans_of_the_parts() -> None:
    texts = {node.span.text for node in children_first(parse("2*(a + b)^2 - sin( x )"))}
    assert texts == {"2", "a", "b", "(a + b)", "(a + b)^2", "2*(a + b)^2", "x", "sin( x )", "2*(a + b)^2 - sin( x )"}


# ---- whatever is typed


@given(formulas(max_leaves=20))
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_printing_reads_back(drawn: tuple[Formula, dict[str, float]]) -> None:
    formula, _ = drawn
    again = parse(str(formula))
    assert same(again, formula)
    assert str(again) == str(formula)


def outcome(text: str) -> Formula | FormulaError:
    """What comes of a text; nothing else may come of it."""
    try:
        return parse(text)
    except FormulaError as error:
        return error


def check(text: str) -> None:
    result = outcome(text)
    if isinstance(result, FormulaError):
        assert 0 <= result.start <= result.end <= len(text)
    else:
        assert same(parse(str(result)), result), str(result)


# drawing names from all of Unicode takes a second each; `test_any_text` does that
NAMES = st.sampled_from(["x", "y", "f", "θ", "sin", "max", "if", "diff", "gamma", "pi", "e", "x_1", "½", "ａｎｄ"])


@given(
    st.deferred(lambda: from_lark(by_lark(), explicit={"NAME": NAMES, "SPACE": st.just(" "), "COMMENT": st.just("#")}))
)
@settings(suppress_health_check=list(HealthCheck), deadline=None, max_examples=12)  # most draws overrun
def test_texts_of_the_grammar_are_read_or_refused(text: str) -> None:
    check(text)


@given(st.text())
@settings(max_examples=200, deadline=None)  # `tests/fuzz.py` draws more
@example("1__")
@example("ﷺ")
@example("①(2)")
@example("ａｎｄ")
@example("x\u0302'")
def test_any_text_is_read_or_refused(text: str) -> None:
    check(text)


LONGER = ["sin", "if", "diff", "and", "or", "not", "==", "**", "1e", "max("]
PIECES = st.sampled_from([*"xyfg23.,;:!'()^*/+-=<>√²πe_#\n \"|&%[", *LONGER])


@given(st.lists(PIECES, max_size=12).map("".join))
@settings(max_examples=200, deadline=None)  # `tests/fuzz.py` draws more
def test_any_pieces_are_read_or_refused(text: str) -> None:
    check(text)


# ---- large texts


N = 20_000

LARGE: dict[str, Callable[[int], str]] = {
    "parentheses": lambda n: "(" * n + "x" + ")" * n,
    "calls": lambda n: "sin(" * n + "x" + ")" * n,
    "sum": lambda n: "+".join(["x"] * n),
    "tower of powers": lambda n: "^".join(["x"] * n),
    "minuses": lambda n: "-" * n + "x",
    "juxtaposed": lambda n: "(x)" * n,
    "arguments": lambda n: "max(" + ",".join(["x"] * n) + ")",
    "definitions": lambda n: ";".join(f"x{i + 1} = x{i} + x{i}" for i in range(n // 5)),
    "nots": lambda n: "not " * n + "x",
    "opened": lambda n: "(" * n,
    "closed": lambda n: ")" * n,
    "names": lambda n: "x " * n,
    "fraction": lambda n: "1/" + "2(" * n,
    "primes": lambda n: "x'" * n,
    "no character": lambda n: "«" * n,
    "lines": lambda n: "\n" * n,
    "parameters": lambda n: "g(" + ",".join(["x"] * n) + ") = x",
    "unknown function": lambda n: "sn(" * n + "x" + ")" * n,
    "factorials": lambda n: "(" * n + "n" + "!)" * n,
    "exponent": lambda n: "x" + "²" * (9 * n // 20),
}
large = pytest.mark.parametrize("text", LARGE.values(), ids=LARGE)


@large
def test_large_texts_are_answered(text: Callable[[int], str]) -> None:
    result = outcome(text(N))
    if isinstance(result, FormulaError):
        assert len(str(result)) < 2000


@large
def test_twice_the_text_is_twice_the_work(text: Callable[[int], str]) -> None:
    outcome(text(10))  # what is made once
    once, twice = (calls(lambda n=n: outcome(text(n))) for n in (400, 800))  # type: ignore[misc]
    assert twice < 2.5 * once + 1000


def test_threads_do_not_meet() -> None:
    wrong: list[str] = []

    def work(name: str) -> None:
        for i in range(100):
            text = f"{name}{i} + sin({name})*{name}"
            if str(parse(text)) != text:
                wrong.append(text)

    threads = [threading.Thread(target=work, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


# ---- the parser's tables: what is read by them is what Lark reads


class Steps:
    """Lark's tokens through ours and back, as its `postlex`: newlines and the words between values."""

    always_accept = ()
    entrance = ""

    def process(self, stream: Iterator[lark.Token]) -> Iterator[lark.Token]:
        reading = grammar._OWN.built[0]
        reading.begin("", (), self.entrance)
        yield from map(theirs, grammar._laid_out(reading, ours(stream)))


def ours(stream: Iterator[lark.Token]) -> Iterator[lalr.Token]:
    try:
        for token in stream:
            made = lalr.Token(token)
            made.type, made.start_pos, made.end_pos = token.type, token.start_pos or 0, token.end_pos or 0
            yield made
    except lark.UnexpectedCharacters as error:
        raise lalr.Stopped(error.pos_in_stream) from None


def theirs(token: lalr.Token) -> lark.Token:
    return lark.Token(token.type, str(token), start_pos=token.start_pos, end_pos=token.end_pos)


STEPS = Steps()


@cache
def peer() -> Lark:
    return Lark(by_lark().source_grammar, start=ENTRANCES, parser="lalr", lexer="basic", postlex=STEPS)


def read_by_lark(text: str, entrance: str) -> object:
    """The tree as tuples of a rule's name and its parts, tokens with their places; or where the text cannot go on."""
    STEPS.entrance = entrance
    try:
        tree = peer().parse(text, start=entrance)
    except lalr.Stopped as stopped:
        return stopped.position
    except lark.UnexpectedToken as error:
        return None if error.token.type == "$END" else error.token.start_pos
    return tuples(tree)


def tuples(tree: lark.Tree[lark.Token] | lark.Token) -> object:
    done: dict[int, object] = {}
    if isinstance(tree, lark.Token):
        return tree.type, str(tree), tree.start_pos, tree.end_pos
    for part in tree.iter_subtrees():
        done[id(part)] = (str(part.data), *(done.get(id(each)) or tuples(each) for each in part.children))
    return done[id(tree)]


def read_by_us(text: str, entrance: str) -> object:
    (known, pattern), (reading, _) = lalr.tables(), grammar._OWN.built
    reading.begin(text, (), entrance)
    build = [(lambda *parts, name=name: (name, *map(as_tuple, parts))) if name else None for _, _, name in known.rules]
    try:
        return as_tuple(
            lalr.parsed(known, build, entrance, grammar._laid_out(reading, lalr.lexed(known, pattern, text)))
        )
    except lalr.Stopped as stopped:
        return stopped.position


def as_tuple(part: object) -> object:
    return (part.type, str(part), part.start_pos, part.end_pos) if isinstance(part, lalr.Token) else part


CORPUS = sorted(
    {
        *(text for pair in READS_AS for text in pair),
        *(text for text, _ in REFUSED),
        *(
            path.read_text("utf-8").partition("\n----\n")[0]
            for path in (GRAMMAR.parent / "tests/diagnostics").iterdir()
        ),
        *(row.example[0] for row in TABLE.values()),
        *(path.read_text("utf-8") for path in (GRAMMAR.parent / "examples").rglob("*.grad")),
        *("x=2 y=-4, z = pi/4", "x=2±0.1; y", "x*y at x=2, y=3; z := 2 at y=1 z=2", "x := 2; x += at", "at at at=2"),
        *(
            "k*x*y at k=2 x=-3..3 y=0:1",
            "x=-3..3, y=0:1:0.1",
            "diff(x*y, x) = y at x=2",
            "x = 2*y; y = 2*x",
            "dL/dx = 2",
            "b=0:, c=:1, d=1..2",
            "x,y=0.3; x,z=-1/2;",
            "x=[1, [2,\n 3]] y=2",
        ),
        *(
            "(x\n+ y)\n(",
            "x # y\n",
            "",
            " ",
            "\n;\n",
            "2 3",
            "(x)2",
            "g(x) = x; g'(2); g''(x)",
            "a\u200bb",
            "x and y or not",
        ),
    }
)


@pytest.mark.parametrize("entrance", ENTRANCES)
def test_texts_are_read_as_lark_reads_them(entrance: str) -> None:
    assert len(CORPUS) > 350
    for text in CORPUS:
        assert read_by_us(text, entrance) == read_by_lark(text, entrance), text


@given(st.sampled_from(ENTRANCES), st.lists(st.sampled_from([*LONGER, *" at x=2,y:.≤±\n;(+1)"]), max_size=10))
@settings(max_examples=300, deadline=None)
def test_drawn_texts_are_read_as_lark_reads_them(entrance: str, pieces: list[str]) -> None:
    text = "".join(pieces)
    assert read_by_us(text, entrance) == read_by_lark(text, entrance)


def conflicts(text: str) -> str:
    told, level = io.StringIO(), lark.logger.level
    handler = logging.StreamHandler(told)
    lark.logger.addHandler(handler)
    lark.logger.setLevel(logging.DEBUG)
    try:
        Lark(text, start="program", parser="lalr", lexer="basic", debug=True)
    finally:
        lark.logger.setLevel(level)
        lark.logger.removeHandler(handler)
    return "\n".join(line for line in told.getvalue().splitlines() if "conflict" in line.lower())


def test_the_grammar_has_no_conflict() -> None:
    assert conflicts('program: "a" | program program')
    assert not conflicts(by_lark().source_grammar)


def test_every_rule_is_built() -> None:
    names = {str(rule.alias or rule.origin.name) for rule in by_lark().rules if rule.alias or not rule.options.expand1}
    assert names <= set(dir(Builder)), names - set(dir(Builder))


def test_the_tables_are_those_of_the_grammar() -> None:
    assert Path(lalr.TABLES).read_text("utf-8") == tables.text(), "python grammar/tables.py writes them"


# ---- names in ASCII, and names that may be something else


@pytest.mark.parametrize("text", ["α^2 + β", "été*x̄", "g(𐌰) = 𐌰^2; g(\u00b5)"])
def test_names_can_be_typed_in_ascii(text: str) -> None:
    escaped = text.encode("ascii", "backslashreplace").decode("ascii")
    assert escaped.isascii()
    assert same(parse(escaped), parse(text))


def test_escapes_make_no_new_words() -> None:
    assert same(parse(r"2*\x70i"), parse("2*pi"))
    for text in (r"\x61nd", r"\x31", r"\ud800", r"\U00110000", r"\x2b", r"x\x20"):
        with pytest.raises(FormulaSyntaxError):
            parse(text)


@pytest.mark.parametrize(
    ("name", "known", "meant"),
    [("xy", "xy", "x*y"), ("lnx", "", "ln(x)"), ("sint", "t", "sin(t)"), ("sint", "x", ""),
     ("mgh", "mgh", "m*g*h"), ("xx", "x", "x*x"), ("maxx", "", ""), ("abc", "ab", ""),
     ("kTx", ("k", "T", "kT", "x"), "kT*x")],
)  # fmt: skip
def test_names_that_may_be_products_or_calls(name: str, known: str, meant: str) -> None:
    assert juxtaposed(name, set(known)) == meant
