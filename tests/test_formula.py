"""The tree: printing, folding, naming, replacing; and that size never matters."""

from __future__ import annotations

import re
from fractions import Fraction

import pytest
from hypothesis import given, strategies as st

from gradcalc.language.algebra import same
from gradcalc.language.errors import FormulaError
from gradcalc.language.formula import (
    Call,
    Formula,
    Name,
    Number,
    brief,
    children_first,
    expression,
    fold,
    free_names,
    to_text,
    users_functions,
)
from gradcalc.language.functions import TABLE
from gradcalc.language.literals import exact_number, how_many, in_digits, number, short, shortened, signed
from gradcalc.language.parser import parse
from gradcalc.language.substitution import link, substitute

# ---- printing


@pytest.mark.parametrize(
    "text",
    [
        "a + b*c",
        "(a + b)*c",
        "a - (b - c)",
        "a/(b*c)",
        "a*(b/c)",
        "(-2)^3",
        "-2^3",
        "2^(-x)",
        "(a^b)^c",
        "a^b^c",
        "-(a + b)",
        "--a",
        "a - (-b)",
        "n!^2",
        "(-n)!",
        "(n!)!",
        "not (a < b and b < c)",
        "(a < b) == (c < d)",
        "if(x > 0, sqrt(x), 0)",
        "log(8, 2) + log(8)",
        "max(a, b, c)",
        "diff(x^3, x, 2)",
        "0.10 + 1e-3",
    ],
)
def test_printing_adds_no_parenthesis_and_loses_none(text: str) -> None:
    assert str(parse(text)) == text
    assert repr(parse(text)) == f"<Formula {text}>"


def test_a_long_formula_is_cut_between_its_words() -> None:
    words = [f"{letter}lpha{number}.5" for letter, number in zip("abcdefghij", range(100, 200, 7), strict=False)]
    text = " + ".join(f"{word[:-2]}*{word[-5:]}" for word in words)
    first, last = brief(parse(text)).split(" ... ")
    assert text.startswith(first)
    assert text.endswith(last)
    assert {*re.findall(r"[\w.]+", f"{first} {last}")} <= {*re.findall(r"[\w.]+", text)}
    assert len(first) <= 30
    assert len(last) <= 20
    assert brief(Name("x" * 100)) == f"{'x' * 30} ... {'x' * 20}"


def test_expression_leaves_definitions_out() -> None:
    formula = parse("a = 2*x; b = a + 1; b*a")
    assert expression(formula) == "b*a"
    assert to_text(formula) == "a = 2*x; b = a + 1; b*a"


def test_a_function_is_printed_where_it_is_needed() -> None:
    text = "k = 3; g(x) = k*x; h(y) = g(y) + 1; a = h(2); a + g'(1)"
    formula = parse(text)
    assert str(formula) == text
    assert list(dict.fromkeys(row.name for row in users_functions(formula))) == ["g", "h", "g'"]
    assert str(parse(str(formula))) == text


@given(st.fractions())
def test_number_writes_exactly(value: Fraction) -> None:
    assert fold(
        parse(str(number(value))),
        lambda node: node.value,
        lambda node, definition: Fraction(0),
        lambda node, args: -args[0] if node.function.name == "neg" else args[0] / args[1],
    ) == value  # fmt: skip


# ---- folding


@pytest.mark.parametrize(
    "text",
    ["0", "3", "1/3", "-(1/3)", "1.25", "-1.25", "1e9", "999999999", "-1e9", "1.2e9", "1234567890", "0.0001", "1e-5",
     "9.5367431640625e-7", "3/1152921504606846976", "10000000000000.1", "1000000000000001"],
)  # fmt: skip
def test_a_number_is_written_shortly_where_that_is_exact(text: str) -> None:
    sign, quotient = (-1, text[1:].strip("()")) if text.startswith("-") else (1, text)
    above, *below = map(Fraction, quotient.split("/"))
    value = sign * (above / below[0] if below else above)
    written = short(value)
    assert expression(written) == text
    assert exact_number(written) == value


@pytest.mark.parametrize("text", ["x", "1/0", "x/3", "3/x", "2*3", "-(-3)"])
def test_what_is_no_literal_and_no_quotient_of_two_has_no_exact_number(text: str) -> None:
    assert exact_number(parse(text)) is None


@pytest.mark.parametrize(
    ("x", "digits", "text"),
    [(-8.0, 10, "-8"), (1 / 3, 10, "0.3333333333"), (1e20, 10, "1e20"), (-0.0, 10, "0"), (1e-7, 3, "1e-7"),
     (0.1, 20, "0.10000000000000001")],
)  # fmt: skip
def test_a_double_in_digits_as_it_can_be_typed(x: float, digits: int, text: str) -> None:
    assert in_digits(x, digits) == text


def test_short_texts() -> None:
    assert [expression(signed("0.50", Fraction(k, 2))) for k in (1, -1)] == ["0.50", "-0.50"]
    assert expression(signed("0.0", Fraction(0))) == "0.0"
    assert [shortened(text, 5) for text in ("a  b\nc", "abcdef")] == ["a b c", "ab..."]
    assert [how_many(count, "row") for count in (0, 1, 2)] == ["0 rows", "1 row", "2 rows"]


def test_children_come_first_and_once() -> None:
    shared = parse("x + 1")
    formula = Call(TABLE["*"], (shared, Call(TABLE["sin"], (shared,))))
    nodes = list(children_first(formula))
    place = {id(node): i for i, node in enumerate(nodes)}
    assert len(place) == len(nodes) == 5
    for node in nodes:
        if isinstance(node, Call):
            assert all(place[id(arg)] < place[id(node)] for arg in node.args)


def test_fold_sees_a_definition() -> None:
    formula = parse("a = x*x; a + a")
    counts: list[str] = []

    def name(node: Name, definition: int | None) -> int:
        counts.append(node.name)
        return 1 if definition is None else definition

    assert fold(formula, lambda node: 1, name, lambda node, args: sum(args)) == 4
    assert counts.count("a") == 1


# ---- names


def test_free_names_in_reading_order() -> None:
    assert list(free_names(parse("b*a + sin(c) - a"))) == ["b", "a", "c"]
    assert list(free_names(parse("p = z*y; p + x"))) == ["z", "y", "x"]


def test_free_names_of_a_function_without_its_parameters() -> None:
    assert set(free_names(parse("g(x) = k*x; g(y)"))) == {"k", "y"}


def test_a_parameter_is_not_the_variable_of_its_name() -> None:
    formula = parse("a = x + 1; g(x) = a*x; g(y)")
    assert set(free_names(formula)) == {"x", "y"}
    assert str(substitute(formula, {"x": number(3)})) == "a = 3 + 1; g(x) = a*x; g(y)"


def test_substitute() -> None:
    formula = parse("a*b + sin(c)")
    changed = substitute(formula, {"a": parse("x + 1")})
    assert str(changed) == "(x + 1)*b + sin(c)"
    assert isinstance(formula, Call)
    assert isinstance(changed, Call)
    assert changed.args[1] is formula.args[1]
    assert substitute(formula, {}) is formula
    assert substitute(formula, {"zz": number(1)}) is formula


def test_substitute_inside_definitions_and_functions() -> None:
    assert str(substitute(parse("p = a*x; p + a"), {"a": number(2)})) == "p = 2*x; p + 2"
    changed = substitute(parse("g(x) = a*x; g(x)"), {"a": number(2), "x": number(3)})
    assert str(changed) == "g(x) = 2*x; g(3)"


def test_link_shares_one_node_for_a_name() -> None:
    linked = link(parse("a*a + b"), {"a": parse("x + 1"), "b": parse("a^2")})
    assert str(linked) == "a = x + 1; b = a^2; a*a + b"
    assert len({id(n) for n in children_first(linked) if isinstance(n, Name) and n.name == "a"}) == 1


@pytest.mark.parametrize(
    ("definitions", "chain"),
    [
        ({"a": "a + 1"}, "a -> a"),
        ({"a": "b", "b": "c + 1", "c": "2*b"}, "b -> c -> b"),
        ({"a": "b*b", "b": "a"}, "a -> b -> a"),
    ],
)
def test_a_circle_is_an_error_that_shows_it(definitions: dict[str, str], chain: str) -> None:
    with pytest.raises(FormulaError, match=chain):
        link(parse("a"), {name: parse(text) for name, text in definitions.items()})


def test_same() -> None:
    assert same(parse("2.0*x"), parse("(2*x)"))
    for left, right in [
        ("x", "y"),
        ("x", "1"),
        ("1", "2"),
        ("sin(x)", "cos(x)"),
        ("max(a, b)", "max(a, b, c)"),
        ("a", "a = 1; a"),
    ]:
        assert not same(parse(left), parse(right))


# ---- size


N = 20_000


def deep(function: str) -> Formula:
    formula: Formula = Name("x")
    for _ in range(N):
        formula = Call(TABLE[function], (formula,))
    return formula


def test_deep() -> None:
    formula = deep("sin")
    assert str(formula) == "sin(" * N + "x" + ")" * N
    assert same(formula, deep("sin"))
    assert not same(formula, deep("cos"))
    assert list(free_names(formula)) == ["x"]
    assert len(repr(formula)) > N
    changed = substitute(formula, {"x": Number("1", Fraction(1))})
    assert fold(changed, lambda node: 1, lambda node, d: 0, lambda node, args: args[0] + 1) == N + 1


def test_shared_by_doubling() -> None:
    formula: Formula = Name("x")
    for _ in range(200):
        formula = Call(TABLE["+"], (formula, formula))
    assert len(list(children_first(formula))) == 201
    assert fold(formula, lambda node: 0, lambda node, d: 1, lambda node, args: sum(args)) == 2**200
    assert list(free_names(formula)) == ["x"]
    assert same(formula, substitute(formula, {"x": Name("x")}))


def test_doubling_by_definitions() -> None:
    text = "; ".join(f"x{i + 1} = x{i} + x{i}" for i in range(1000))
    formula = parse(text)
    assert str(formula) == text
    assert list(free_names(formula)) == ["x0"]


def test_many_definitions_in_a_chain() -> None:
    definitions = {f"x{i + 1}": parse(f"x{i} + 1") for i in range(5000)}
    linked = link(parse("x5000"), definitions)
    assert list(free_names(linked)) == ["x0"]


def test_many_functions_in_a_chain() -> None:
    text = "g0(x) = x; " + "; ".join(f"g{i + 1}(x) = g{i}(x) + g{i}(x)" for i in range(300)) + "; g300(y)"
    formula = parse(text)
    assert str(formula) == text
    assert list(free_names(formula)) == ["y"]
