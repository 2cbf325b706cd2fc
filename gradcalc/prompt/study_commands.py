"""The commands that ask something of a formula: one for each `Study`, and the formats and variants of the answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from gradcalc.files import write_whole
from gradcalc.language.claims import Claim, OnPaper, on_paper
from gradcalc.language.errors import FormulaError, MissingValueError, Span
from gradcalc.language.formula import Formula, Function, Name, expression, free_names
from gradcalc.language.functions import CONSTANTS
from gradcalc.language.grammar import kinds, read_claims, read_intervals, read_ranged
from gradcalc.language.reading import Interval
from gradcalc.record import replace
from gradcalc.session import Question, Session
from gradcalc.show import Marked, folded
from gradcalc.show.framed import whole
from gradcalc.studies import FORMATS, STUDIES, Study, Takes, named, ranges_of

from .changes_told import derivative_asked, some
from .console import Console, Texts
from .options import VALUES, of_answers, without_options
from .records import COMMANDS, FORMULA, Command, Run

_RANGE_IF_NONE = "-10:10"
_TO_FILE = re.compile(r"(.*?)(?:(?<=\s)|^)-o\s+(\S+\.[A-Za-z]\w*)", re.S)
_TO_NO_FILE = re.compile(r"(?:.*\s)?(-o(?:\s+\w+)?)\s*", re.S)


def _study(study: Study, format: str = "text", **wanted: object) -> Run:
    """The command that asks a study and shows it in a format, or writes it to the file after `-o`."""

    def run(console: Console, argument: str) -> Texts:
        formula, path = _to_file(argument)
        unfit = _TO_NO_FILE.fullmatch(argument)
        if path is None and unfit and "o" not in console.session.names:
            help = f"as in -o {study.name}.html: its ending says how it is written"
            raise FormulaError("-o needs the name of a file", Span(argument, *unfit.span(1)), help)
        formula, given = without_options(study.name, formula, _options_of(study), strict=False)
        question, asked = _READERS[study.takes](console, formula, study)
        options = {**wanted, **of_answers(given)}
        question = replace(question, options=replace(question.options, **options))
        if question.missing and not study.optional:  # which has an answer in symbols
            question = replace(question, values={}, options=replace(question.options, numeric=False))
        ranged = {each.name for each in asked} if study.takes is Takes.RANGES else set()
        if study.optional and study.takes is not Takes.LANGUAGES:
            for name in question.uncertainties.keys() & {*question.free} - ranged:
                told = f":{study.name} goes by the values alone, without the uncertainty of {name}"
                yield console.note(told)
        procedure = study.procedure()
        try:
            *_, result = procedure.compute(question, asked)
        except MissingValueError as error:
            lacking = some([f"{name}=..." for name in error.missing], ", ")
            begun = f"{formula}, " if " at " in formula else f"{formula or 'ans'} at "
            help = f"give values behind the formula, as in :{study.name} {begun}{lacking}"
            raise MissingValueError(error.missing, error.diagnostic.span, help) from None
        if path is not None and study.takes is Takes.LANGUAGES:
            from gradcalc.printed import check_suffix

            check_suffix(asked[0], path.suffix)
        if path is not None:
            content = procedure.writers[procedure.format_of(path.suffix).name](result, console.style)
            yield _wrote(path, content, procedure.summary(result), part=format == "latex")
            return
        shown = procedure.writers[format](result, console.style)
        if isinstance(shown, str):  # and no picture
            yield folded(shown, console.width()) if isinstance(shown, Marked) else shown

    return run


def _options_of(study: Study) -> dict[str, str]:
    return {name: value for name, value in VALUES.items() if name in study.heeds}


def _usages(study: Study) -> tuple[str, ...]:
    """The options of a study's command, as they are typed."""
    return *(f"--{name} {value}".rstrip() for name, value in _options_of(study).items()), "-o FILE"


def _to_file(argument: str) -> tuple[str, Path | None]:
    """An argument without `-o FILE` at its end, and the file."""
    found = _TO_FILE.fullmatch(argument)
    return (found[1].rstrip(), Path(found[2])) if found else (argument, None)


def _wrote(path: Path, content: str | bytes, what: str, part: bool) -> str:
    if isinstance(content, str) and not part:
        content = whole(content, path.suffix.lower(), path.stem)
    try:
        write_whole(path.expanduser(), content.encode() if isinstance(content, str) else content)
    except (OSError, RuntimeError) as error:
        raise FormulaError(f"cannot write {path}: {getattr(error, 'strerror', error)}") from None
    return f"wrote {path}{what and f': {what}'}\n"


# ---- what a study takes, read from the argument


def _formula_and_name(console: Console, argument: str, study: Study) -> tuple[Question, tuple[()]]:
    """`FORMULA, NAME`: only the derivative by that name."""
    question, name = console.asked(argument)
    return (question if not name else replace(question, options=replace(question.options, wrt=(name,)))), ()


def _formula_and_ranges(console: Console, argument: str, study: Study) -> tuple[Question, Any]:
    session = console.session
    read = read_ranged(argument or "ans", session.functions.values(), session.names)
    intervals = read.intervals
    if read.formula is None:
        _refuse_formula_behind(session, intervals[-1], study)
        question = session.question("ans")
    else:
        question = session.question_of(read.formula, read.at)
    if not intervals:
        names = question.missing or question.free
        if len(names) != 1:
            whole = Span(argument, 0, len(argument))
            raise FormulaError("a range is needed at the end", whole, f"as in {study.example}")
        intervals = read_intervals(f"{names[0]}={_RANGE_IF_NONE}")
    return question, ranges_of(study, intervals, session.names)


def _refuse_formula_behind(session: Session, last: Interval, study: Study) -> None:
    """Raises FormulaError for `x=0..6 sin(x)`, where the formula was read as a bound of the range before it."""
    end = last.bounds[-1]
    if any(name not in session.names and name not in CONSTANTS for name in free_names(end)):
        raise FormulaError("the formula stands before its range", end.span, f"as in {study.example}")


def _on_paper_of(row: Function, paper: OnPaper, argument: str) -> tuple[str, str]:
    """The text that a claim about a user's function is of, and the name: f'(x) is of f(x), whatever its parameter is.

    Raises:
        FormulaError: x stands in f itself, so that the derivative of f(x) is another.
    """
    if len(row.params) != 1 or not (paper.name or paper.primed):
        return row.signature, paper.name
    (parameter,) = row.params
    name = paper.name or parameter
    if name == parameter or not (isinstance(row.definition, Formula) and name in free_names(row.definition)):
        return f"{row.name}({name})", name
    if not paper.primed:
        return row.signature, name
    of = row.name + "'" * paper.order
    raise FormulaError(
        f"{name} stands in {row.signature} itself: {of}({name}) is {of}({parameter}) at {parameter} = {name}",
        Span(argument, 0, len(argument.partition("=")[0].rstrip())),
        f"claim it as {of}({parameter}) = ...",
    )


def _formula_and_claim(console: Console, argument: str, study: Study) -> tuple[Question, tuple[Claim, ...]]:
    """`diff(FORMULA, NAME) = CLAIM`, or `FORMULA NAME = CLAIM, ...`, or the latter without the formula of `ans`, or a
    claim alone."""
    session = console.session
    if paper := on_paper(argument):
        row = session.functions.get(paper.of)
        named = paper.of if paper.of in session.names or not re.fullmatch(r"\w*", paper.of) else "ans"
        name = paper.name
        if row is not None:
            named, name = _on_paper_of(row, paper, argument)
        about = session.question(named)
        return about, (Claim(name, session.question(paper.right).formula, paper.order),)
    if "=" not in argument and argument.strip() and session.results:  # a derivative of `ans`
        said = session.question(argument)
        if derivative_asked(said.formula) is None:
            return session.question("ans"), (Claim("", said.formula),)
    formula, claimed = _claims_apart(session, argument)
    equations = read_claims(claimed, session.functions.values(), session.names)
    at = [binding for equation in equations for binding in equation.at]
    if formula or all(isinstance(equation.left, Name) for equation in equations):
        (statement,) = session.read(formula or "ans")
        asked = session.question_of(statement.formula, (*statement.at, *at))
        claims = ((each.left.name, each.right) for each in equations if isinstance(each.left, Name))
        return asked, tuple(Claim(name, session.question_of(right).formula) for name, right in claims)
    if len(equations) > 1:
        raise FormulaError("one such claim is asked at a time", equations[1].right.span, f"as in {study.example}")
    (equation,) = equations
    assert equation.left is not None
    question = session.question_of(equation.left, at)
    asked_for = derivative_asked(question.formula)
    if asked_for is None:
        names, left = free_names(equation.left), expression(equation.left, 60)
        by = next(iter(names)) if len(names) == 1 else "NAME"
        message, help = "on the left of = a derivative is needed", f"write diff({left}, {by}) = ..."
        if not names:  # as f'(3) has none
            help = f"ask {left} alone for its number; a claim is about all values: write diff(formula, x) = ..."
        raise FormulaError(message, equation.left.span, help)
    body, name, order = asked_for
    return replace(question, formula=body), (Claim(name, session.question_of(equation.right).formula, order),)


def _claims_apart(session: Session, text: str) -> tuple[str, str]:
    """The formula before the first `NAME = ...` of a text, if one stands there, and the rest."""
    for space in re.finditer(r"\s+(?!at\s)", text):
        before = text[: space.start()].removesuffix("--check")
        if kinds(text[space.end() :]).startswith("NAME EQUAL ") and not before.endswith((" at", ",", ";")):
            with suppress(FormulaError):
                session.read(before)
                return before, text[space.end() :]
    return "", text


def _formula_and_data(console: Console, argument: str, study: Study) -> tuple[Question, Any]:
    """`FORMULA --y Y --data FILE --start ...`, and what else the command line has for a fit."""
    from gradcalc.fitting.fits import Wanted, read_bounds, read_start

    formula, *rest = re.split(r"(?:^|\s)--(y|fit|data|start|sigma|bounds|plot)\b", argument)
    given = {name: text.strip() for name, text in zip(rest[::2], rest[1::2], strict=True)}
    given.setdefault("y", given.get("fit", ""))  # as the command has it
    if lacking := [name for name in ("y", "data", "start") if not given.get(name)]:
        message = f"a fit needs --{lacking[0]}"
        raise FormulaError(message, Span(argument, 0, len(argument)), f"as in {study.example}")
    start, bounds = read_start([given["start"]]), read_bounds([given["bounds"]] if "bounds" in given else [])
    wanted = Wanted(given["y"], given["data"], start, given.get("sigma", ""), bounds, "plot" in given)
    question = console.session.question(formula.strip() or "ans")
    values = {name: value for name, value in question.values.items() if name not in start}
    return replace(question, values=values), wanted


def _formula_and_language(console: Console, argument: str, study: Study) -> tuple[Question, tuple[tuple[str], int]]:
    """`LANGUAGE FORMULA`, or the other way round."""
    from gradcalc.printed import LANGUAGES, language_named

    if not argument.strip():
        raise FormulaError(":code needs a language", help=f"one of {', '.join(LANGUAGES)}, as in {study.example}")
    language, _, formula = argument.partition(" ")
    last = argument.rpartition(" ")
    if language not in LANGUAGES and last[2] in LANGUAGES:
        formula, _, language = last
    language_named(language)  # which says which there are
    return console.session.question(formula.strip() or "ans"), ((language,), 1)


_READERS: Mapping[Takes, Callable[[Console, str, Study], tuple[Question, Any]]] = {
    Takes.NAMES: _formula_and_name,
    Takes.RANGES: _formula_and_ranges,
    Takes.CLAIMS: _formula_and_claim,
    Takes.DATA: _formula_and_data,
    Takes.LANGUAGES: _formula_and_language,
}

_ANSWER = named("gradient")
_COMMANDS: tuple[tuple[Study, str, str, str, str, dict[str, Any]], ...] = (
    *((each, each.name, each.usage, each.doc, each.example, {}) for each in STUDIES),
    (_ANSWER, "hessian", FORMULA, "the second derivatives", ":hessian x*y^3 at x=2, y=3", {"hessian": True}),
    *((_ANSWER, each.name, FORMULA, each.doc, f":{each.name} sqrt(x)/2", {"format": each.name})
      for each in FORMATS if each.name in ("latex", "pretty")),
)  # fmt: skip
for _each, _name, _args, _doc, _example, _wanted in _COMMANDS:
    _run = _study(_each, **_wanted)
    COMMANDS[_name] = Command(_name, _args, _doc, _example, _run, "formula", options=_usages(_each))
