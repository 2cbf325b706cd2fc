"""The questions to a formula, one `Study` a row, and the formats it can be written in, one `Format` a row.

The option `--name`, the command `:name`, the help of both, completion, and the choice of a format by a file's suffix
all come from here. A study's `procedure` is imported when it is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import Enum
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from gradcalc.helper import OutOfTime
from gradcalc.language.errors import FormulaError, MissingValueError
from gradcalc.record import dataclass
from gradcalc.verdict import Verdict

if TYPE_CHECKING:
    from gradcalc.language.claims import Claim
    from gradcalc.language.formula import Formula
    from gradcalc.language.reading import Interval
    from gradcalc.plot import Range
    from gradcalc.session import Answer, Question
    from gradcalc.show import Document, Style


@dataclass(frozen=True, slots=True)
class Format:
    """A way to write results. One without a `doc` has no option: it is chosen by what is asked, or by a suffix."""

    name: str
    doc: str = ""
    suffixes: tuple[str, ...] = ()  # of the files written so
    whole: bool = False  # never begun before it is complete
    spaced: bool = False  # an empty line between two results
    single: bool = False  # holds one result alone


FORMATS = (
    Format("text", suffixes=(".txt",), spaced=True),
    Format("line"),
    Format("value"),
    Format("json", "one JSON object a line, with all digits; fields below", (".json",), True),
    Format("plain", "tab-separated: value, grad NAME NUMBER FORMULA, verdict; in scripts formula", spaced=True),
    Format("latex", "LaTeX", (".tex",), whole=True, spaced=True),
    Format("pretty", "formulas drawn over several lines", whole=True, spaced=True),
    Format("code", "", (".py", ".c", ".cpp", ".js", ".mjs", ".jl", ".f90", ".rs", ".tex"), whole=True, spaced=True),
    Format("csv", suffixes=(".csv",), whole=True),
    Format("markdown", suffixes=(".md",), whole=True, spaced=True),
    Format("html", suffixes=(".html",), whole=True, spaced=True),
    Format("svg", suffixes=(".svg",), whole=True, single=True),
    Format("png", suffixes=(".png",), whole=True, single=True),
    Format("pdf", suffixes=(".pdf",), whole=True, single=True),
    Format("dot", suffixes=(".dot", ".gv"), whole=True, single=True),
    Format("mermaid", suffixes=(".mmd", ".mermaid"), whole=True, single=True),
)


# ---- what is asked


class Takes(Enum):
    """The kinds of things a study needs besides the formula and its values."""

    NAMES = "names"  # that the derivatives are by; without any, all
    RANGES = "ranges"
    CLAIMS = "claims"
    DATA = "data"
    LANGUAGES = "languages"


Writer = Callable[[Any, "Style"], "str | bytes"]


@dataclass(frozen=True, slots=True)
class Procedure:
    """How a study is done.

    `compute` makes results of a question and of what the study takes, in ever more complete versions, of which the
    last is whole. `writers` maps the names of formats to functions of a result and a `Style`; `verdicts` are those in
    a whole result, from which the exit status follows; `summary` is what is said of it when it has gone to a file.
    `ready` loads, for a format, what takes long to write a result, for which its limit leaves no time.
    A result that may be long comes in `pieces`, too, which formats that are written `piecewise` put behind each other.
    """

    compute: Callable[[Question, Any], Iterator[Any]]
    writers: Mapping[str, Writer]
    verdicts: Callable[[Any], Iterable[Verdict]] = lambda _: ()
    complete: Callable[[Any], bool] = lambda _: True
    summary: Callable[[Any], str] = lambda _: ""
    ready: Callable[[str], object] = lambda _: None
    pieces: Callable[[Question, Any], Iterator[Any]] | None = None
    piecewise: tuple[str, ...] = ()

    @property
    def formats(self) -> dict[str, Format]:
        """The formats of files, by their suffixes."""
        return {each: format for format in FORMATS if format.name in self.writers for each in format.suffixes}

    def format_of(self, suffix: str) -> Format:
        """The format of a file. Raises FormulaError where the study is not written in such files."""
        known, wanted = self.formats, suffix.lower()
        if wanted not in known:
            others = [study.name for study in STUDIES if study.optional and wanted in study.procedure().formats]
            more = f"; for {suffix} ask for {', '.join(others)}" if others else ""
            raise FormulaError(f"this view is not written as {suffix}", help=f"the formats are {' '.join(known)}{more}")
        return known[wanted]


@dataclass(frozen=True, slots=True)
class Study:
    """Something to know of a formula.

    `doc` is its line of help; `heeds` are the options about what is computed that it goes by. `metavar` stands for the
    option's value, `usage` and `example` are those of the command. The study that is not `optional` is shown where
    none is asked for.
    """

    name: str
    doc: str
    takes: Takes
    procedure: Callable[[], Procedure]
    heeds: tuple[str, ...]
    example: str
    usage: str
    metavar: str = ""
    optional: bool = True


def named(name: str) -> Study:
    """The study of a name."""
    return next(study for study in STUDIES if study.name == name)


# ---- reading what a study takes


def ranges_of(study: Study, typed: Sequence[Interval], names: Mapping[str, Formula]) -> tuple[Range, ...]:
    """The ranges that were typed, as many as the study takes; bounds may have `names`, each for a formula.

    Raises:
        FormulaError: there is no such range, or there are too many.
    """
    from gradcalc.plot import ranges_of as read

    found = tuple(read(typed, names))
    if len(found) > (most := 2 if study.name == "plot" else 1):
        what = "a plot has one range or two" if most == 2 else f"a {study.name} has one range"
        raise FormulaError(what, help="give the others a value, as in z=1")
    return found


SHELL = ("grade", "data", "sheet", "verify", "check-gradient")  # which answer no formula, and the prompt has not

# ---- the studies


def documents(
    told: Callable[[Any, Style], Document], pages: Callable[[Any, Style], Document] | None = None
) -> dict[str, Writer]:
    """The writers of a document, as a text and, perhaps another, on pages."""
    from gradcalc.show import html, latex, markdown, text

    page = pages or told
    return {
        "text": lambda found, style: text(told(found, style), style),
        "markdown": lambda found, style: markdown(page(found, style)),
        "html": lambda found, style: html(page(found, style)),
        "latex": lambda found, style: latex(page(found, style)),
    }


def _text(told: Callable[[Any, Style], Document]) -> Writer:
    return documents(told)["text"]


def _only(found: Any) -> Iterator[Any]:
    yield found


def _all_named(question: Question) -> Mapping[str, Formula]:
    """The values of the question.

    Raises:
        MissingValueError: a name has none.
    """
    from gradcalc.engine.rewrite import prepare
    from gradcalc.language.formula import free_names

    if missing := question.missing:
        place = free_names(prepare(question.formula))[missing[0]].span
        raise MissingValueError(missing, place)
    return question.values


@cache
def _derivatives() -> Procedure:
    from gradcalc.show import answer_records, answers, latex, typeset

    return Procedure(
        lambda question, _: question.answers(),
        {
            **documents(answers.table, answers.page),
            "line": _text(answers.one_line),
            "value": _text(answers.value),
            "json": answer_records.as_json,
            "plain": answer_records.plain,
            "latex": lambda answer, style: latex(typeset.equations(answer, style)),
            "pretty": _text(typeset.drawn),
            "csv": answer_records.as_csv,
        },
        _verdicts_of_answer,
        complete=lambda answer: bool(answer.complete),
    )


def _verdicts_of_answer(answer: Answer) -> Iterator[Verdict]:
    if answer.verdict not in ("value", "unchecked"):
        yield Verdict(answer.verdict)
    if answer.missing_seconds:
        yield Verdict.UNDEFINED


@cache
def _check() -> Procedure:
    from gradcalc.judge.claims.court import judged
    from gradcalc.judge.claims.result import asserted
    from gradcalc.judge.result import all_in_time
    from gradcalc.language.formula import users_functions
    from gradcalc.show import verdicts

    def compute(question: Question, claims: tuple[Claim, ...]) -> Iterator[Any]:
        options, functions = question.options, users_functions(question.formula)
        checks = (
            judged(asserted(
                question.as_claimed(question.formula, claim.formula, name), name,
                question.as_claimed(claim.formula, claim.formula, name), question.place(claim.formula),
                order=claim.order or options.order, seed=options.seed, seconds=options.seconds, functions=functions,
            ))
            for claim in claims for name in [claim.name_in(question.formula, question.free)]
        )  # fmt: skip
        return all_in_time(checks, len(claims))

    writers = {**documents(verdicts.claims), "json": verdicts.claims_as_json}
    return Procedure(compute, writers, lambda checks: [check.verdict for check in checks])


@cache
def _explain() -> Procedure:
    from gradcalc.explain import explain
    from gradcalc.show import explained

    return Procedure(
        lambda question, _: _only(explain(question.formula, _all_named(question), question.names)),
        {
            **documents(explained.explanation, explained.on_page(explained.explanation_at_length)),
            "html": explained.page_of_explanation,
            "json": explained.explanation_as_json,
            "pretty": _text(explained.explanation_by_hand),
        },
        lambda found: [Verdict.NOT_DIFFERENTIABLE] if found.notes else [],
    )


@cache
def _steps() -> Procedure:
    from gradcalc.explain import steps
    from gradcalc.judge.result import all_in_time
    from gradcalc.show import explained

    def compute(question: Question, _: Any) -> Iterator[Any]:
        at, seconds, names = question.place(question.formula), question.options.seconds, question.names
        asked = ((question.as_claimed(question.formula, question.formula, name), name) for name in names)
        return all_in_time((steps(*each, at, seconds) for each in asked), len(names))

    writers = {**documents(explained.derivations), "json": explained.derivations_as_json}
    return Procedure(compute, writers, lambda found: [Verdict(each.verdict) for each in found])


@cache
def _graph() -> Procedure:
    from gradcalc.draw import draw_formula

    return Procedure(
        lambda question, _: _only(draw_formula(question.formula, _all_named(question), question.names)),
        {
            "text": lambda drawing, style: str(drawing.text(style.ascii, style.width)),
            "dot": lambda drawing, style: str(drawing.source),
            "mermaid": lambda drawing, style: str(drawing.mermaid()),
            "svg": lambda drawing, style: bytes(drawing.pipe("svg")),
            "png": lambda drawing, style: bytes(drawing.pipe("png")),
        },
        summary=lambda drawing: str(drawing.summary),
    )


@cache
def _plot() -> Procedure:
    from gradcalc.plot import curve, field, picture, terminal
    from gradcalc.plot.pictures import FORMATS as PICTURES, figure
    from gradcalc.show import painted

    def drawn(format: str, plot: Any, _: Style) -> bytes:
        return picture(plot, format)

    def compute(question: Question, ranges: tuple[Range, ...]) -> Iterator[Any]:
        plot: Any = field if len(ranges) > 1 else curve
        yield (found := plot(question.formula, *ranges, question.values))
        if found.unfinished:
            raise OutOfTime

    return Procedure(
        compute,
        {
            "text": lambda plot, style: painted(
                terminal(plot, style.width or 80, 22, style.color, style.ascii), style.width
            ),
            **{name: partial(drawn, name) for name in PICTURES},
        },
        ready=lambda format: format not in PICTURES or figure(),
    )


@cache
def _table() -> Procedure:
    from gradcalc.plot import pieces
    from gradcalc.plot.ranges import one_piece
    from gradcalc.show import explained as told

    return Procedure(
        lambda question, ranges: _only(one_piece(question.formula, ranges[0], question.values)),
        {**documents(told.values, told.on_page(told.values)), "csv": told.values_as_csv, "json": told.values_as_json},
        pieces=lambda question, ranges: pieces(question.formula, ranges[0], question.values),
        piecewise=("text", "csv", "json"),
    )


@cache
def _fit() -> Procedure:
    from gradcalc.show import fitted

    return Procedure(
        lambda question, wanted: _only(wanted.of(question.formula, question.values)),
        {
            **documents(fitted.fitted),
            "text": fitted.with_plot,
            "json": fitted.fit_as_json,
            "plain": fitted.plain,
            "csv": fitted.fit_as_csv,
            **{name: partial(fitted.drawn, name) for name in ("svg", "png", "pdf")},
        },
        lambda fit: [] if fit.ended else [Verdict.UNDECIDED],
    )


@cache
def _code() -> Procedure:
    from gradcalc.printed import code
    from gradcalc.show.numbers import json_line

    def compute(question: Question, asked: tuple[tuple[str, ...], int]) -> Iterator[Any]:
        languages, number = asked
        name = "value_and_gradient" + f"_{number}" * (number > 1)
        yield {each: code(question.formula, each, question.names, names=question.free, name=name) for each in languages}

    writers = dict.fromkeys(("text", "code"), lambda found, style: "\n".join(found.values()))
    return Procedure(compute, {**writers, "json": lambda found, style: json_line(found)})


# the options about what is computed
COMPUTED = ("wrt", "numeric", "quiet", "order", "hessian", "precision", "correlation")

_FORMULA = "[FORMULA]"  # without one, the last result
_BY = f"{_FORMULA}[, NAME]"

STUDIES = (
    Study("gradient", "value, gradient, derivatives, verdict as a table", Takes.NAMES, _derivatives, COMPUTED,
          ":gradient x^2*y at x=3, y=2", _BY, optional=False),
    Study("check", "judge a claimed derivative, with proof or counterexample",
          Takes.CLAIMS, _check, ("order",), ":check diff(sin(x^2), x) = cos(x^2) at x=1.5",
          "diff(FORMULA, NAME) = CLAIM", "NAME=FORMULA"),
    Study("explain", "the backward pass node by node, as it is worked by hand", Takes.NAMES, _explain,
          ("wrt", "numeric"), ":explain x^2 + x*y at x=3, y=-4", _BY),
    Study("steps", "the symbolic derivation rule by rule, every line verified", Takes.NAMES, _steps, ("wrt",),
          ":steps x^2*sin(x), x", _BY),
    Study("graph", "the graph, data and grad of every node; -o g.svg draws it (.png .dot .mmd)", Takes.NAMES, _graph,
          ("wrt", "numeric"), ":graph (a*b + c)*2 at a=2, b=-3, c=10", _BY),
    Study("plot", "the curve and its derivative over a range; contours over two; -o p.svg",
          Takes.RANGES, _plot, ("numeric",), ":plot sin(x)/x x=-10:10", "FORMULA NAME=LOW:HIGH [NAME=LOW:HIGH]",
          "x=LO..HI"),
    Study("table", "value and derivative at every STEP of a range", Takes.RANGES, _table, ("numeric",),
          ":table x^2 x=0:1:0.25", "FORMULA NAME=LOW:HIGH:STEP", "x=LO:HI:STEP"),
    Study("fit", "least squares on the column Y of --data, from --start; --plot, -o fit.svg",
          Takes.DATA, _fit, (), ":fit b1*x^b2 --y y --data points.csv --start b1=1,b2=2",
          "FORMULA --y Y --data FILE --start NAME=VALUE,...", "Y"),
    Study("code", "a gradient function in python numpy c javascript julia fortran rust latex",
          Takes.LANGUAGES, _code, ("wrt", "numeric"), ":code c x^2*sin(y)", f"LANGUAGE {_FORMULA}", "LANGUAGE"),
)  # fmt: skip
