"""How answers are written."""

import json
import math
import pickle
import re
from dataclasses import replace
from decimal import ROUND_HALF_EVEN, Context, Decimal
from html import unescape
from random import Random

import pytest

from gradcalc import show as render
from gradcalc.certified import Certifier, Component, certify
from gradcalc.certified.digits import to_digits
from gradcalc.engine.scalars import exact_ball, precision
from gradcalc.files import unguarded
from gradcalc.judge.agreement import Agreement, Sides
from gradcalc.judge.grades import grades, read_entries
from gradcalc.judge.result import Finding
from gradcalc.language.errors import Diagnostic, FormulaSyntaxError, Span
from gradcalc.language.literals import in_digits
from gradcalc.language.parser import parse
from gradcalc.session import Answer, Options, Session
from gradcalc.show import Style, answer_records, answers, graded, markdown, tex, text
from gradcalc.show.document import Document, Equations, Lines, Piece, Role, Table, cell, labelled, line, prose
from gradcalc.show.numbers import csv_lines
from gradcalc.verdict import Verdict, worst

STYLE = Style()


@pytest.mark.parametrize(
    ("x", "text"),
    [(-8.0, "-8"), (27.0, "27"), (-0.0, "0"), (1 / 3, "0.3333333333"), (1e20, "1e20"), (1.5e-7, "1.5e-7"),
     (1e-5, "1e-5"), (123456789.0, "123456789"), (12345678901.0, "1.23456789e10"),
     (5e-324, "4.940656458e-324"), (0.1, "0.1")],
)  # fmt: skip
def test_numbers_are_short_and_can_be_typed_back(x, text):
    assert in_digits(x) == text
    assert float(parse(text.removeprefix("-")).value) == pytest.approx(abs(x), rel=1e-9, abs=0)


def test_components():
    show = render.component
    assert show(Component(0.0, "zero"), STYLE) == "~0"
    assert show(Component(math.nan, "not-differentiable"), STYLE) == "undefined"
    assert show(Component(math.inf), STYLE) == "infinite"
    assert show(Component(2 / 3), Style(digits=3)) == "0.667"


@pytest.mark.parametrize(
    ("formula", "bits", "text"),
    [
        ("1/3", 100, "0.333333333333333333333333333333"),
        ("2", 100, "2"),
        ("1/4", 100, "0.25"),
        ("2^200", 64, "1.606938044258990276e60"),
        ("pi", 64, "3.141592653589793238"),
        ("-1e-20", 64, "-1.000000000000000000e-20"),
        ("sqrt(2)*sqrt(2)", 64, "2.000000000000000000"),
        ("10^16/3", 64, "3333333333333333.333"),
    ],
)
def test_digits_of_balls_are_certain(formula, bits, text):
    """So many digits as the bits are worth, correctly rounded; of an exact number, no zeros at the end."""
    ball = certify(formula, {}, (), bits + 32, bits).value.ball
    assert render.component(Component(0.5, "certified", "", ball), Style(bits=bits)) == text


def test_wide_ball_shows_only_what_it_knows():
    with precision(128):
        ball = certify("pi", {}, (), 64, 10).value.ball + exact_ball(1e-6).union(exact_ball(-1e-6))
    assert render.component(Component(math.pi, "certified", "", ball), Style(digits=30, bits=100)) == "3.14159"


# ---- verdicts


def answer(*rows, at=True, **options):
    names = tuple(row.what for row in rows)
    formula = parse("*".join(names))
    return Answer(
        formula, Options(**options), names, dict.fromkeys(names, 1.0) if at else None,
        Component(1.0) if at else None, {name: Component(1.0) for name in names} if at else {},
        agreement=Agreement(
            question=Sides(formula, names), verdict=worst(row.verdict for row in rows), findings=rows
        ),
    )  # fmt: skip


def row(name, verdict="agree", reason="", digits=16, proved=False):
    word = Verdict.PROVED if proved else Verdict(verdict)
    error = 10.0**-digits * 0.5 if digits < 16 else 0.0
    return Finding(name, word, reason, actual=1.0, expected=1.0, error=error, symbolic=parse("1"))


VERDICTS = [
    ([row("x", proved=True), row("y", proved=True)], ["agree: 2 of 2 gradients, proved for all values"]),
    ([row("x"), row("y")], ["agree: 2 of 2 gradients at this point"]),
    ([row("x", proved=True), row("y")], ["agree: 2 of 2 gradients at this point, 1 of them proved for all values"]),
    (
        [row("x", digits=9), row("y", digits=15)],
        ["agree: 2 of 2 gradients at this point; the float result keeps 9 of 16 digits (badly conditioned)"],
    ),
    (
        [row("x"), row("y", "disagree", "chain rule 6, sympy -6")],
        ["DISAGREE: 1 of 2 gradients differ from sympy", "  y: chain rule 6, sympy -6"],
    ),
    ([row("x", "undecided", "out of time"), row("y", "undecided", "out of time")], ["undecided: out of time"]),
    ([row("x", "undecided", "one"), row("y", "undecided", "two")], ["undecided: d/dx: one", "undecided: d/dy: two"]),
    ([row("x"), row("y", "not-differentiable", "a corner")], ["not differentiable: a corner"]),
]


@pytest.mark.parametrize(("rows", "lines"), VERDICTS)
def test_verdict_says_what_was_shown(rows, lines):
    assert answers.verdict_lines(answer(*rows)) == lines


def test_verdict_of_higher_orders_and_of_symbols():
    proved = row("x", proved=True)
    of_order_2 = ["agree: 1 of 1 derivatives of order 2, proved for all values"]
    assert answers.verdict_lines(answer(proved, order=2)) == of_order_2
    assert answers.verdict_lines(answer(proved, at=False)) == ["agree: 1 of 1 derivatives, proved for all values"]


def test_zero_is_not_called_badly_conditioned():
    rows = replace(row("x"), expected=0.0, error=1.0)
    assert answers.verdict_lines(answer(rows)) == ["agree: 1 of 1 gradients at this point"]


# ---- views


def test_columns():
    assert render.columns([["name", "at", "x"], ["a", "10", "long"]], right=(1,)) == ["name  at  x", "a     10  long"]


def table(answer, style):
    return text(answers.table(answer, style))


def one_line(answer, style):
    return text(answers.one_line(answer, style))


@pytest.mark.parametrize("view", [table, one_line, answer_records.plain])
def test_what_stands_before_a_pending_text_never_changes(view):
    whole = answer(row("x", proved=True), row("y", proved=True))
    pending = replace(whole, agreement=None)
    before, gap, _ = view(pending, STYLE).partition(render.PENDING)
    assert gap
    assert view(whole, STYLE).startswith(before)
    assert render.PENDING not in view(whole, STYLE)


def test_line():
    assert text(answers.one_line(answer(row("x"), row("y")), STYLE)) == "x*y = 1   dx 1  dy 1   agree\n"
    assert text(answers.one_line(answer(row("x", "disagree", "no")), STYLE)) == "x = 1   dx 1   DISAGREE\n"
    assert text(answers.one_line(answer(row("x"), order=2), STYLE)) == "x = 1   d2x 1   agree\n"


def test_formula_that_sympy_cannot_give():
    missing = replace(row("x", "undecided", "too deep for the symbolic side"), symbolic=None)
    assert "x      1         1  ?\n" in text(answers.table(answer(missing), STYLE))
    assert json.loads(answer_records.as_json(answer(missing), STYLE))["symbolic"] == {"x": None}


def test_json_error():
    error = FormulaSyntaxError("what", Span("x^", 1, 2), "do")
    found = json.loads(answer_records.error_as_json("x^", error))
    about = {"message": "what", "start": 1, "end": 2, "help": "do", "line": 1}
    assert (found["verdict"], found["error"]) == ("error", about)
    below = FormulaSyntaxError("", Span("x +\n$", 4, 5))
    assert json.loads(answer_records.error_as_json("x +\n$", below))["error"]["line"] == 2
    assert json.loads(answer_records.error_as_json("x +\n$", below, 7))["error"]["line"] == 7  # in a script


def test_reasons_that_do_not_fit_beside_a_formula_stand_below_it():
    rows = [(Piece("a + b"), Piece("short")), (Piece("aaaaaaaaa + bbbbbbbbb + ccccccc"), Piece("a rule of many words"))]
    document = Document((Equations(Piece("d/dx x"), tuple(rows)),))
    assert text(document, Style()).splitlines()[2].endswith("ccccccc   a rule of many words")
    assert text(document, Style(width=24)).splitlines() == [
        "d/dx x",
        "  = a + b", "    short",
        "  = aaaaaaaaa + bbbbbbbbb + ccccccc", "    a rule of many words",
    ]  # fmt: skip


def test_an_empty_last_cell_leaves_no_line_where_the_others_stand_below():
    rows = ((cell("a"), cell("proved"), cell("")), (cell("b"), cell("wrong"), cell("the sign is flipped here")))
    table = Table((), rows, folds=True)
    shown = text(Document((table,)), Style(width=20)).splitlines()
    assert shown == ["a  proved", "b  wrong", "    the sign is flipped here"]


def test_diagnostic_is_indented():
    about = Diagnostic("bad", Span("x + $", 4, 5), "write more", ("it is so",))
    assert render.diagnostic(about) == "error: bad\n  x + $\n      ^\nnote: it is so\nhelp: write more\n"


def test_diagnostic_of_a_script_says_where():
    assert render.diagnostic(Diagnostic("bad"), " in line 3") == "error in line 3: bad\n"
    painted = render.diagnostic(Diagnostic("bad: x"), " in a.grad, line 3").painted
    assert painted == "\x1b[1;31merror in a.grad, line 3\x1b[0m: bad: x\n"


def test_tiny_numbers_have_no_zeros_at_the_end():
    tiny = certify("1e-400", {}, ()).value
    assert render.component(tiny, STYLE) == "1e-400"
    assert render.component(certify("exp(-1000)", {}, ()).value, STYLE) == "5.075958898e-435"
    assert render.component(certify("1e-400", {}, (), 96, 64).value, Style(bits=64)) == "1.000000000000000000e-400"


def test_verdict_tells_why_others_are_undecided():
    rows = [row("x", "not-differentiable", "a corner"), row("y", "undecided", "out of time")]
    assert answers.verdict_lines(answer(*rows)) == ["not differentiable: a corner", "undecided: out of time"]


def test_plain_has_all_digits():
    third = replace(answer(row("x")), gradient={"x": Component(1 / 3)})
    assert "grad\tx\t0.3333333333333333\t1\n" in answer_records.plain(third, STYLE)
    assert "grad\tx\t0.333\t1\n" in answer_records.plain(third, Style(digits=3))


# ---- digits are rounded once

TIES = [
    ("0.12345678905", "0.123456789"),  # to the even digit
    ("0.12345678915", "0.1234567892"),
    ("-2.5000000005", "-2.5"),
    ("2.50000000050000000000000000000001", "2.500000001"),
    ("2.50000000049999999999999999999999", "2.5"),
    ("1/8 + 1/10^30 + 12345678.505 - 1/8", "12345678.51"),
    ("12345678.505", "12345678.5"),
    ("2.0000000015e-400", "2.000000002e-400"),
]


@pytest.mark.parametrize(("text", "digits"), TIES)
def test_digits_are_those_of_the_number_and_not_of_its_double(text, digits):
    (found,) = Session().ask(parse(text)).answers()
    assert render.component(found.value, STYLE) == digits


def test_every_tie_and_its_neighbours_are_rounded_as_decimals_are():
    random, exact = Random(5), Context(prec=60)
    for _ in range(150):
        tie = Decimal(random.randrange(10**9, 10**10) * 10 + 5).scaleb(random.choice((-15, -3, 4)))
        near = exact.add(tie, Decimal(random.choice((-1, 0, 1))).scaleb(random.randrange(-40, -25)))
        found = to_digits(Certifier(parse(f"{near:f}"), {}, ()), 10).value
        assert Decimal(render.component(found, STYLE)) == Context(prec=10, rounding=ROUND_HALF_EVEN).plus(near)


def test_the_point_is_shown_in_digits_of_its_own():
    x = parse("0.12345678915")
    (found,) = (a for a in Session(Options(), {"x": x}).ask(parse("x")).answers() if a.complete)
    assert "x     0.1234567892" in text(answers.table(found, Style(point={"x": x})))


# ---- documents

WHOLE = Document(
    (
        Lines((line(Piece("value = 2", Role.TITLE)),)),
        Table(("name", "x"), ((cell("a|b"), cell(Piece("<1>", tex="1"))),), frozenset((1,)), Role.HEADING),
        Equations(Piece("d/dx x", tex="d"), ((Piece("1", tex="1"), Piece("rule", tex=r"\text{rule}")),)),
        *prose([labelled("agree", "1 of 1", Role.GOOD)]),
    )
)


def read_as_markdown(text):
    """The words of a text in Markdown as a reader sees them, by another program's rules: cells, then paragraphs."""
    from markdown_it import MarkdownIt

    html = MarkdownIt("commonmark").enable("table").render(text)
    assert not re.search("<(em|strong|a|y)\\b", html)
    return [unescape(re.sub("<.*?>", "", each)) for each in re.findall(r"(?s)<(?:td|p)\b[^>]*>(.*?)</(?:td|p)>", html)]


@pytest.mark.parametrize("role", [Role.PLAIN, Role.FORMULA])
@pytest.mark.parametrize(
    "words",
    [
        "2*x*cos(x^2)",
        "x_1*_y_*y_1",
        "x<y and y>z",
        r"\\cos x\\*y",
        "a*b | c*d",
        "~0",
        "w[0]*w[1]*(3)",
        "1*(2)*3",
        "__a__",
    ],
)
def test_markdown_shows_formulas_as_they_are(role, words):
    table = Table(("formula",), ((cell(Piece(words, role)),),))
    assert read_as_markdown(markdown(Document((table, *prose([f"not differentiable: {words} has a corner"]))))) == [
        words,
        f"not differentiable: {words} has a corner",
    ]
    (hint,) = read_as_markdown(markdown(Document(prose([f"the outer function of `{words}` and {words}"]))))
    assert hint == f"the outer function of {words} and {words}"


@pytest.mark.parametrize("role", [Role.PLAIN, Role.FORMULA])
@pytest.mark.parametrize(
    "words",
    ["- x", "+ 1", "1. x", "2) y", "# x", "> x", "---", "= = =", "    x", "&lt; &#60;", "[a](b)", "[a]: b", "~~a~~",
     "2*x`", "``", "```x", "_ _ _"],
)  # fmt: skip
def test_markdown_shows_what_people_typed_as_it_is(role, words):
    for code in (False, True):
        table = Table(("a",), ((cell(Piece(words, role)),),), code=code)
        assert [*map(str.strip, read_as_markdown(markdown(Document((table,)))))] == [words.strip()]
    assert read_as_markdown(markdown(Document(prose([words])))) == [words.strip()]


def test_cells_of_several_lines_stay_cells():
    table = Table(("a", "b"), ((cell("x\ny"), cell("z")),))
    assert "| x<br>y | z |" in markdown(Document((table,)))
    found = [*grades(read_entries('student,question,answer\n"A\nB",x^2,2*x\n'))]
    assert "| A B | `x^2` | `2*x` | proved |" in markdown(graded.document(found, STYLE))


def test_words_in_latex_are_no_mathematics():
    document = Document((Table(("d/dx_1", "a<b"), ((cell("x_1 > {2}"), cell("|~^")),)), *prose(["100 %\nx_1"])))
    assert tex.latex(document) == (
        "\\begin{array}{ll}\n\\text{d/dx\\_1} & \\text{a\\textless{}b} \\\\ \\hline\n"
        "\\text{x\\_1 \\textgreater{} \\{2\\}} & \\text{\\textbar{}\\textasciitilde{}\\^{}} \\\\[1ex]\n"
        "\\end{array}\n% 100 %\n% x_1\n"
    )


def test_a_document_in_four_notations():
    assert text(WHOLE) == "value = 2\n\nname    x\na|b   <1>\n\nd/dx x\n  = 1   rule\n\nagree: 1 of 1\n"
    assert text(WHOLE).painted.startswith("\x1b[1mvalue = 2\x1b[0m\n\n\x1b[2mname    x\x1b[0m\n")
    assert text(WHOLE).painted.endswith("\x1b[32magree\x1b[0m: 1 of 1\n")
    assert markdown(WHOLE) == (
        "```\nvalue = 2\n```\n\n| name | x |\n| --- | ---: |\n| a\\|b | <1> |\n\n"
        "| Derivative | Rule |\n| --- | --- |\n| `d/dx x` |  |\n| `= 1` | `rule` |\n\nagree: 1 of 1\n"
    )
    sides = '<td style="text-align: left">a|b</td><td style="text-align: right">&lt;1&gt;</td>'
    assert sides in render.html(WHOLE)
    assert '<span style="color: #1f8f4a; font-weight: bold">agree</span>: 1 of 1' in render.html(WHOLE)
    assert render.latex(WHOLE).splitlines()[:3] == [
        "% value = 2", "", r"\begin{array}{lr}",
    ]  # fmt: skip
    assert render.latex(WHOLE).endswith("d &= 1 && \\text{rule}\n\\end{align*}\n% agree: 1 of 1\n")


@pytest.mark.parametrize("width", range(8, 40, 5))
def test_folding_keeps_every_word_in_its_role(width):
    long = text(
        Document((Lines((line(Piece("agree", Role.GOOD), ": some words that go on, ", Piece("here", Role.HINT)),)),))
    )
    shown = render.folded(long, width)
    assert str(shown).split() == str(long).split()
    assert "\x1b[32magree\x1b[0m" in shown.painted
    assert "\x1b[36mhere\x1b[0m" in shown.painted


def test_empty_cells_before_a_cell_take_no_line_of_a_narrow_screen():
    cells = f"{' ' * 31}dv1/dx = 2*x = 6  0.1411200081 * 6 = 0.8467200484"
    assert render.folded(cells, 40) == "  dv1/dx = 2*x = 6\n  0.1411200081 * 6 = 0.8467200484"
    assert render.folded(f"{' ' * 10}dv1/dx = 6", 40) == f"{' ' * 10}dv1/dx = 6"


def test_a_part_of_a_text_keeps_its_roles():
    whole = text(WHOLE)
    for cut in range(0, len(whole), 7):
        assert whole.part(0, cut) + whole.part(cut, len(whole)) == whole
    assert whole.part(whole.index("agree") + 2, len(whole)).painted == "\x1b[32mree\x1b[0m: 1 of 1\n"
    assert pickle.loads(pickle.dumps(whole)).painted == whole.painted


def test_what_steers_a_terminal_is_shown_as_text():
    shown = text(Document(prose([labelled("WRONG", "s\x1b[31m", Role.BAD)])))
    assert shown.painted == "\x1b[1;31mWRONG\x1b[0m: s\\x1b[31m\n"


def test_formulas_have_the_colours_of_what_is_typed():
    piece = Piece("2*sin(x1) - a3", Role.FORMULA)
    painted = render.Marked((piece,)).painted
    assert painted == "\x1b[36m2\x1b[0m*\x1b[35msin\x1b[0m(x1) - a3"


def test_a_long_derivative_is_cut_on_a_screen_and_that_is_said():
    (*_, answer) = Session().question("*".join(f"sin({c}*x + {c})" for c in "abcdfgh")).answers()
    screen = str(text(answers.table(answer, Style(width=60))))
    assert max(map(len, screen.splitlines())) <= 250
    assert "cut: the derivative by x has up to" in " ".join(screen.split())
    assert "-o FILE has all of it" in " ".join(screen.split())
    assert "cut" not in text(answers.table(answer, Style()))


def test_what_a_folded_line_goes_on_with_stands_deeper_than_it():
    line = "  = (2*x + sin(x)*cos(x)*exp(x) + 3) + 3*x   power rule: d(u^2) = 2*u*du"
    assert render.folded(line, 30) == (
        "  = (2*x +\n    sin(x)*cos(x)*exp(x) + 3)\n    + 3*x\n    power rule: d(u^2) =\n    2*u*du"
    )
    assert render.folded("    derivatives in formulas, too", 32) == "    derivatives in formulas, too"
    assert render.folded("    derivatives in formulas, too", 30) == "  derivatives in formulas, too"
    assert (
        render.folded("    derivatives in formulas, of course", 32) == "    derivatives in formulas, of\n      course"
    )


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("-2*x", "'-2*x"), ("=1+1", "'=1+1"), ("@x", "'@x"), ("+x", "'+x"), ("\tx", "'\tx"), ("--4", "'--4"),
        ("-4", "-4"), ("+0.5", "+0.5"), ("-1.5e-07", "-1.5e-07"), ("x - 1", "x - 1"), ("", ""), (-4.0, "-4.0"),
    ],
)  # fmt: skip
def test_no_cell_of_csv_is_one_that_a_spreadsheet_runs(cell, written):
    assert csv_lines([["name", cell]]) == f"name,{written}\n"
    assert csv_lines([["name", cell]], "\t").strip('"\n').replace('"', "") == f"name\t{cell}"
    assert unguarded(written) == str(cell)
