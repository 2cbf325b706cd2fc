"""The command over files of columns."""

from __future__ import annotations

import argparse
import glob
import math
import sys
from contextlib import closing, nullcontext
from io import BytesIO
from pathlib import Path
from typing import Any

from gradcalc.data.job import Counts, Job
from gradcalc.data.runs import Run
from gradcalc.data.spread import Many
from gradcalc.files import check_writable, is_device
from gradcalc.helper import OutOfTime, within
from gradcalc.language.errors import UndecidedError, harmless
from gradcalc.language.literals import how_many
from gradcalc.session import Question
from gradcalc.studies import STUDIES

from . import output, status
from .asked import one_question
from .clock import MORE_TIME
from .options import UsageError

_SUFFIXES = (".csv", ".parquet")


def compute(args: argparse.Namespace) -> int:
    """Compute a formula for every row of files; the exit status."""
    if study := next((study.name for study in STUDIES if study.optional and getattr(args, study.name)), ""):
        raise UsageError(f"--data does not go with --{study}", help="give one of them")
    if args.order != 1:
        raise UsageError("--data does not go with --order", help="write diff(formula, x) for a second derivative")
    complain = output.Complaints(sys.stderr, output.colored(args.color, sys.stderr))
    run = _run(args, _job(one_question(args), args))
    try:
        limit = within(args.time_limit, again=math.inf) if args.time_limit else nullcontext()  # it closes files
        with closing(output.Ticker(output.bar)) as ticker, limit:
            apart = args.output not in (None, "-") or not output.is_terminal(sys.stdout)  # from the results
            counts = run.do(ticker if apart else None)
    except OutOfTime as late:
        done = how_many(next(iter(late.args), 0), "row")
        more = f"--resume goes on; {MORE_TIME}" if args.output else MORE_TIME
        raise UndecidedError(f"out of time after {args.time_limit:g} s, with {done} computed", help=more) from None
    except KeyboardInterrupt:
        if args.output:
            complain.note("stopped; --resume goes on")
        raise
    except OSError as error:
        if isinstance(error, BrokenPipeError):
            raise
        raise UsageError(f"cannot write {error.filename or args.output or 'the answer'}: {error.strerror}") from None
    _tell(counts, args, complain)
    return status.BAD_INPUT if counts.faulty else status.UNDEFINED if counts.missing else status.FINE


def _job(question: Question, args: argparse.Namespace) -> Job:
    columns = question.missing
    wrt = () if args.quiet else columns if args.wrt is None else question.names
    values = {name: value for name, value in question.values.items() if name in question.free}
    return Job(question.formula, columns, values, wrt, args.prefix)


def _run(args: argparse.Namespace, job: Job) -> Run | Many:
    several = glob.has_magic(args.data) and not Path(args.data).exists()
    sources = sorted(glob.glob(args.data)) if several else [args.data]
    if not sources:
        raise UsageError(f"no file is called {args.data}")
    path = args.output if args.output != "-" else None
    if args.dask and args.time_limit:
        raise UsageError("--dask does not go with --time-limit", help="give one of them")
    if several or args.dask:
        if path is None or (Path(path).exists() and not Path(path).is_dir()):
            what = "several files need" if several else "--dask needs"
            raise UsageError(f"{what} a folder to be written to", help="add -o out/")
        output.check_spared(sources, (args.bad, *(str(Path(path, Path(source).name)) for source in sources)))
        return Many(job, sources, path, args.bad, args.resume, args.dask)
    if path and (path.endswith("/") or Path(path).is_dir()):
        Path(path).mkdir(parents=True, exist_ok=True)
        path = str(Path(path) / Path(args.data).name)
    for file in filter(None, (path, args.bad)):
        try:
            check_writable(Path(file))
        except (OSError, ValueError) as error:
            raise UsageError(f"cannot write {file}: {getattr(error, 'strerror', error)}") from None
    output.check_spared(sources, (path, args.bad))
    if path and args.bad and Path(path).absolute() == Path(args.bad).absolute():
        raise UsageError(f"-o and --bad are both {path}", help="give two files")
    known = (*_SUFFIXES, Path(args.data).suffix.lower())
    if path and not is_device(Path(path)) and Path(path).suffix.lower() not in known:
        raise UsageError(
            f"no columns are written as {Path(path).suffix}", help=f"the formats are {' '.join(_SUFFIXES)}"
        )
    if args.resume and (not path or args.data == "-"):
        raise UsageError("--resume needs a file to be read and one to be written", help="add --data FILE and -o FILE")
    shown = _Shown() if output.is_terminal(sys.stdout) else sys.stdout.buffer
    return Run(job, args.data, path or shown, args.bad, args.resume)


class _Shown(BytesIO):
    """A terminal, which nothing that stands in a file may steer."""

    def write(self, data: Any) -> int:
        text = bytes(data).decode("utf-8", "backslashreplace").replace("\r\n", "\n")
        return sys.stdout.write(harmless(text))


def _tell(counts: Counts, args: argparse.Namespace, complain: output.Complaints) -> None:
    """Say on stderr how it has gone."""
    rows = f"{counts.rows:,} row{'s' if counts.rows != 1 else ''}"
    if args.output and args.output != "-":
        complain.write(f"wrote {args.output}: {rows}\n")
    for note in counts.notes:
        complain.note(note)
    for name in counts.all_blank:
        complain.note(f"column {name} is empty in every row")
    if counts.missing:
        suffix = Path(args.output or "").suffix.lower()
        listed = f"{args.bad} lists them" if args.bad else "--bad FILE lists them"
        if counts.faulty and suffix == ".parquet":
            listed += "; a cell of numbers that is none is empty in Parquet"
        complain.note(f"{counts.missing:,} of {rows} without results, the first: {counts.first}; {listed}")
    if counts.kinks:
        complain.note(f"{counts.kinks:,} of {rows} at a kink or a branch's edge, where derivatives are a convention")
