"""The same question has the same answer to the byte on an idle machine and on a busy one, as work is counted, and
whatever the order of Python's sets."""

from __future__ import annotations

import cProfile
import math
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from fractions import Fraction
from functools import partial

import pytest

import gradcalc as gc
from gradcalc import check_gradient
from gradcalc.judge.programs.effort import effort, ended
from gradcalc.verdict import Verdict
from gradcalc.work import A_SECOND, DONE, LONGEST, MOST_POINTS, OUT_OF_TIME, Work, points_of, time_of

QUESTIONS = """
import math, sys
import gradcalc as gc
import gradcalc.work
from gradcalc.cli import main
gradcalc.work.NET = 1e3  # seconds of the clock, which ends nothing here
f = "if(x > 1, sin(x*y)^3, x^2*y)"
at = {"a": 2, "b": -3, "c": 10, "x": 0.5}
for formula in ("(a*b + c)*x", "tanh(a*x + b) + max(a, b, c)", "x^2*sin(x)/(1 + exp(-c*x))"):
    print(gc.agreement(formula, at), gc.explain(formula, at), gc.grad(formula, at))
    print([str(gc.derivative(formula, name)) for name in "abcx"])
print(gc.check_gradient("x^2*a", lambda at: {"x": 2*at["x"]*at["a"], "a": at["x"]}, box={"x": (0, 1), "a": (1, 2)}))
print(gc.check_derivative("sin(x^2)*exp(-y)", "x", "cos(x^2)*exp(-y)", seed=3))
print(gc.certificate(gc.check_derivative("x/(x + a)", "x", "a/(x + a)^2", seed=3)))
def loss(p): return math.sin(p["x"]*p["y"])**3 if p["x"] > 1 else p["x"]**2*p["y"]
def slope(p):
    x, y = p["x"], p["y"]
    part = 3*math.sin(x*y)**2*math.cos(x*y)
    return {"x": y*part, "y": x*part} if x > 1 else {"x": 2*x*y, "y": x*(x + (0.1 if y > 0.95 else 0))}
box = {"x": (0, 2), "y": (-1, 1)}
found = gc.check_gradient(loss, slope, box=box, n=12)
print(found, [one.data() for one in found.findings], found.drawn, found.failing)
print(gc.check_gradient(lambda x: float(str(x*x)), lambda x: 2*x, box=(0, 1), n=4))
print(gc.agreement(f, {"x": 2, "y": 3}), gc.agreement(f))
for words in (["x^2*sin(y)", "x=1", "y=2", "--json"], ["tanh(x)^2", "--check", "x=2*tanh(x)", "--json"],
              ["--practice", "--sheet", "3", "--seed", "5"]):
    main(words)
    sys.stdout.flush()
"""


def started(hash_seed: int) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "PYTHONHASHSEED": str(hash_seed)}
    return subprocess.Popen(
        [sys.executable, "-c", QUESTIONS], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment
    )


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="no process can be made to wait here")
def test_a_busy_machine_and_the_order_of_sets_change_no_byte() -> None:
    """Busy is a machine that gives a process its processor for a moment, and then for another moment does not."""
    idle, _ = started(hash_seed=1).communicate(timeout=300)
    with started(hash_seed=2) as process:
        while True:
            try:
                busy, _ = process.communicate(timeout=0.01)
                break
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGSTOP)
                time.sleep(0.01)
                process.send_signal(signal.SIGCONT)
    assert b"Traceback" not in idle
    assert busy == idle


@pytest.mark.parametrize(
    ("formula", "claims"),
    [
        ("abs(sin(x))*x", ["sign(sin(x))*cos(x)*x + abs(sin(x))", "cos(x)", "if(x > 3, 1, 0)"]),
        ("x*floor(y) + besselj(2, x)", ["floor(y) + besselj(1, x)", "floor(y)", "floor(y) + 2"]),
        ("sum(x^k/k, k=1..n)", ["sum(x^(k - 1), k=1..n)", "n", "sum(x^k, k=1..n)"]),
    ],
)
@pytest.mark.parametrize("share", [1 / 200, 1])
def test_the_next_claim_on_a_formula_has_the_answer_and_the_work_of_a_first(
    formula: str, claims: list[str], share: float, allow: Callable[[float], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    def asked(of: str | gc.Formula, claim: str) -> tuple[str, list[float]]:
        spent: list[float] = []
        with monkeypatch.context() as patch:
            spend = Work.spend
            patch.setattr(Work, "spend", lambda self, units: (spent.append(units), spend(self, units))[1])
            found = gc.check_derivative(of, "x", claim)
        return str((found, found.points, found.findings and found.findings[0].data(), found.reason)), spent

    allow(share)
    first = [asked(gc.parse(formula), claim) for claim in claims]  # for each a formula of its own
    assert [asked(formula, claim) for claim in claims] == first  # all on one, which is read once
    assert [asked(formula, claim) for claim in claims] == first


def test_a_box_ends_by_the_work_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the clock never ends anything."""
    monkeypatch.setattr("gradcalc.work.NET", 1e9)
    monkeypatch.setattr("gradcalc.work.A_SECOND", A_SECOND / 1000)
    first, again = (
        gc.check_gradient("x^3*y", lambda x, y: (3 * x**2 * y, x**3), box={"x": (0, 1), "y": (0, 1)}) for _ in range(2)
    )
    assert first
    assert 1 < first.points < 64
    assert (first, first.notes) == (
        again,
        ("not all of the box was tried: the work that the time limit allows was done",),
    )
    assert str(first).endswith("was done")


def test_a_claim_ends_by_the_work_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gradcalc.work.NET", 1e9)
    monkeypatch.setattr("gradcalc.work.A_SECOND", A_SECOND / 500)
    first, again = (gc.check_derivative("sin(x)*exp(y)", "x", "cos(x)*exp(y)") for _ in range(2))
    assert first == again
    assert first.notes == ("not all was tried: the work that the time limit allows was done",)


def test_a_proof_does_not_speak_of_points_that_were_not_tried() -> None:
    found = gc.check_derivative("sqrt(x^2 + y^2) - hypot(x, y)", "x", "0")
    assert (found.verdict, found.notes) == ("proved", ())


def test_work_is_counted_and_shared() -> None:
    work = Work(2)
    work.spend(A_SECOND)
    half = work.share(1 / 2)
    assert not half.over()
    assert work.over(1 / 2)
    half.spend(A_SECOND / 2)
    assert half.over()
    assert not work.over()
    assert work.done == 1.5 * A_SECOND
    assert [work.over(0.75), work.over(0.76), work.over()] == [True, False, False]
    part = work.share(1 / 4)
    assert (part.seconds, part.done, part.over()) == (0.125, 0.0, False)
    part.spend(A_SECOND)
    assert (part.done, work.done, work.share(1).seconds) == (A_SECOND, 2.5 * A_SECOND, 0.0)
    assert Work(0).over()


def test_times_and_numbers_of_points_are_refused_beyond_what_there_is() -> None:
    assert [time_of(seconds) for seconds in (0, 2.5, LONGEST)] == [0, 2.5, LONGEST]
    assert [points_of(n) for n in (0, 7, MOST_POINTS)] == [0, 7, MOST_POINTS]
    for seconds in (-1e-9, LONGEST * 1.1, math.nan):
        with pytest.raises(ValueError, match="no time from 0"):
            time_of(seconds)
    for n in (-1, MOST_POINTS + 1):
        with pytest.raises(ValueError, match="no number of points"):
            points_of(n)


def times(n: int) -> int:
    total = 0
    for i in range(n):
        total += i
    return total


def test_a_call_that_runs_far_longer_than_another_is_ended() -> None:
    # two lines a turn; 10,000 lines are free, and 30 for each line of the other call, of which 250 are a unit
    for cost, enough, too_many in ((0, 4_900, 5_100), (4, 19_900, 20_100)):
        assert ended(partial(times, enough), cost) == enough * (enough - 1) // 2
        with pytest.raises(ValueError, match="no end"):
            ended(partial(times, too_many), cost)
    with pytest.raises(ValueError, match="by zero"):
        ended(lambda: 1 // 0, 1)
    third = Fraction(1, 3)  # the lines of what is installed do not count
    assert ended(lambda: sum([third] * 5_000, Fraction(0)), 0) == Fraction(5_000, 3)


def _same(x: int) -> int:
    return x


def test_effort_counts_what_a_call_does() -> None:
    before = sys.gettrace(), sys.getprofile()
    few, many = effort(lambda: times(100)), effort(lambda: times(10_000))
    assert (few[0], many[0]) == (4950, 49_995_000)
    assert 50 < many[1] / few[1] < 150
    assert 200 / 250 < few[1] < 220 / 250  # two lines a turn, and the calls
    plain, calling = (effort(lambda each=each: [each(i) for i in range(4000)])[1] for each in (_same, abs))
    assert calling > 4000 / 250 * 1.5  # a line, a call of C and its end
    assert plain > 4000 / 250 * 1.5
    assert effort(lambda: [abs(i) for i in range(100_000)])[1] == pytest.approx(200_000 / 250, abs=1)
    assert effort(int) == (0, 0.1)
    profiler = sys.getprofile()
    sys.setprofile(lambda *_: None)  # one of the user's sees what it would, and lines alone are counted
    try:
        assert effort(lambda: [*map(_same, range(250_000))])[1] == pytest.approx(200_000 / 250, abs=1)
        assert sys.getprofile() is not None
    finally:
        sys.setprofile(profiler)
    assert effort(lambda: times(100))[1] == few[1]
    assert (sys.gettrace(), sys.getprofile()) == before


def test_questions_about_signs_are_part_of_the_work_of_a_proof():
    formula = "((x/x*(7/12)^(-1.3))^(-1/2))^(1/2)*gelu(((x*y)^x)^(-3))"
    found = gc.agreement(formula, {"x": 2, "y": -1.2}, seconds=0.3)
    (by_y,) = [row for row in found.findings if row.what == "y"]
    assert (by_y.verdict, by_y.reason) == (Verdict.AGREES, DONE)


def test_limits_on_the_way_to_a_kink_are_part_of_the_work():
    formula = "fresnels(if(floor(binomial(y, y)) == 2^(-7/6) - y*y, normcdfinv(y^y), gammaincc((7/12)^(-1/2), y)))"
    (found,) = gc.agreement(formula, {"y": 0.4}, seconds=0.3).findings
    assert (found.verdict, found.reason) == (Verdict.UNDECIDED, DONE)
    assert abs(found.expected - -0.4711984115) < 1e-10


def test_an_agreement_that_is_cut_says_so() -> None:
    proofs = gc.agreement("sin(x)*exp(y)", seconds=0)
    assert not proofs
    assert proofs.reason in (DONE, OUT_OF_TIME)
    found = gc.agreement("if(x > 0, sin(x)^3*tanh(x*y), x*y)", {"x": 1, "y": 2}, seconds=1e-9)
    assert found.verdict in ("agrees", "undecided")
    assert {one.reason for one in found.findings} <= {DONE, OUT_OF_TIME}


def test_a_check_may_be_profiled() -> None:
    assert cProfile.Profile().runcall(check_gradient, lambda x: x**3, lambda x: 3 * x**2, 0.7)


FIRST = """
import numpy as np

import gradcalc as gc

at = np.array([0.5, -1.0, 2.0])
for _ in range(2):
    print(gc.check_gradient(lambda w: np.sum(np.tanh(w) ** 2), lambda w: 2 * np.tanh(w) / np.cosh(w), at))
"""


def test_the_first_question_has_the_hint_that_the_second_has() -> None:
    """The modules that it imports are no work."""
    out = subprocess.run([sys.executable, "-c", FIRST], capture_output=True, text=True, check=True).stdout
    first, second = out.split("WRONG")[1:]
    assert first == second
    assert first.endswith("\nhint: w[2]: the square of cosh(w[2]) is missing: 2*tanh(w[2])/cosh(w[2])^2 is right\n")


def test_what_ended_the_work_is_told() -> None:
    by_count = Work(60)
    by_count.spend(60 * A_SECOND)
    assert by_count.over()
    assert by_count.ended == DONE
    by_clock = Work(1)
    by_clock._net = 0.0
    by_clock.spend(1)
    assert by_clock.over()
    assert by_clock.ended == OUT_OF_TIME
    by_clock.spend(A_SECOND)
    assert by_clock.ended == DONE


def test_the_clock_ends_no_small_part_of_an_allowance() -> None:
    part = Work(1e-12, Work(60))
    assert not part.over()
    part.spend(1)
    assert part.over()
    assert part.ended == DONE
