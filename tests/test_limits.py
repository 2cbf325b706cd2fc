"""What one answer may cost: every limit is met, named with how to raise it, and raised."""

from __future__ import annotations

import importlib
import itertools
import json
import math
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict

import pytest

import gradcalc as gc
from gradcalc.cli import main
from gradcalc.compiled import Compiled
from gradcalc.helper import Helper, Late, OutOfTime, alarm, within
from gradcalc.judge import grades
from gradcalc.judge.claims import court, open_sums
from gradcalc.judge.claims.look import Looked
from gradcalc.judge.claims.open_sums import judged_open
from gradcalc.judge.claims.result import asserted, unfinished
from gradcalc.judge.programs import box
from gradcalc.language.errors import Limits
from gradcalc.plot import curve, curves, field, fields, picture, ranges, read_ranges
from gradcalc.symbolic.worker import WORKER
from gradcalc.work import OUT_OF_TIME


def asked(*args: str, timeout: float = 60) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "gradcalc", *args]
    return subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=False)


PIECES = "max(x, y)^max(y, z)*min(x, y)^min(y, z)"
MET = {
    "tokens": ({"tokens": 20}, lambda: gc.parse("+".join("x" * 11))),
    "text": ({"text": 5}, lambda: gc.parse("x + y + z")),
    "name": ({"name": 3}, lambda: gc.parse("name")),
    "digits": ({"digits": 4}, lambda: gc.parse("12345")),
    "exponent": ({"exponent": 100}, lambda: gc.parse("1e400")),
    "factorial": ({"factorial": 5}, lambda: gc.derivative("x*6!", "x")),
    "nodes": ({"nodes": 3}, lambda: gc.derivative("x*sin(x)*cos(x)", "x")),
    "order": ({"order": 2}, lambda: gc.derivative("x^5", "x", order=3)),
    "precision": ({"precision": 70}, lambda: certified("sin(x) - x + x^3/6 - x^5/120", {"x": "1e-40"})),
    "pieces": ({"pieces": 2}, lambda: certified(PIECES, dict.fromkeys("xyz", 1), "pieces meet")),
    "samples": ({"samples": 5}, lambda: gc.propagate("2*x", {"x": "2±0.1"}, samples=10)),
}
ELSEWHERE = {"memory", "seconds"}  # of another process, below


def certified(formula, at, why=""):
    """The certified value and gradient; what is not decided, for such a reason, is an error."""
    found = gc.certify(formula, at)
    for part in (found.value, *found.gradient.values()):
        if part.status == "undecided" and why in part.message:
            raise gc.UndecidedError(part.message)
    return found


@pytest.fixture
def limits():
    """The limits, put back afterwards."""
    before = asdict(gc.LIMITS)
    yield gc.LIMITS
    gc.LIMITS.change(before)


def test_the_table_meets_every_limit():
    assert {*MET, *ELSEWHERE} == {*Limits.__slots__}


@pytest.mark.parametrize("name", MET)
def test_a_limit_is_met_and_raised(limits, name):
    lowered, ask = MET[name]
    ask()
    limits.change(lowered)
    with pytest.raises((gc.LimitError, gc.SymbolicError, gc.UndecidedError)) as met:
        ask()
    if isinstance(met.value, gc.LimitError):
        assert met.value.limit == name
        assert met.value.diagnostic.help == f"--limits {name}=N raises it; in Python gradcalc.LIMITS.{name}"
    limits.change(asdict(Limits()))
    ask()


def test_the_process_for_long_steps_goes_by_the_limits_too(limits):
    limits.order = 23
    assert WORKER.ask(_order_there, seconds=30) == 23


def _order_there() -> int:
    return gc.LIMITS.order


def test_that_process_has_so_much_memory(limits):
    WORKER.helper.stop()
    limits.memory = 300 << 20
    try:
        with pytest.raises(gc.SymbolicError, match="memory"):
            WORKER.ask(_much_memory, seconds=30)
    finally:
        WORKER.helper.stop()


@pytest.mark.skipif(sys.platform != "linux", reason="other systems take no such limit")
@pytest.mark.parametrize(("argv", "status"), [(["x^2", "x=1"], 2), (["-i"], 0)])
def test_the_command_has_so_much_memory(argv, status):
    program = (
        "import sys; from gradcalc.session import Question; from gradcalc.cli import main; "
        "Question.answers = lambda self: [bytearray(400 << 20)]; sys.exit(main())"
    )
    command = [sys.executable, "-c", program, *argv, "--limits", "memory=300e6"]
    done = subprocess.run(command, input="x^2 at x=1\n", capture_output=True, text=True, timeout=60, check=False)
    assert "the answer needs more than 300,000,000 bytes" in done.stdout + done.stderr
    assert "--limits memory=N raises it" in done.stdout + done.stderr
    assert done.returncode == status


def _much_memory() -> int:
    return len(bytearray(400 << 20))


@pytest.mark.parametrize(("text", "message"), [
    ("foo=3", "there is no limit 'foo'; the limits are text, "),
    ("order", "'order' is not NAME=N"),
    ("order=0", "the limit order must be above 0"),
    ("order=nan", "the limit order must be above 0"),
    ("text=1e400", "the limit text must be 1e+15 at most"),
    ("memory=1e19", "the limit memory must be 1e+15 at most"),
    ("seconds=inf", "the limit seconds must be 1e+09 at most"),
])  # fmt: skip
def test_limits_that_cannot_be(limits, text, message, capsys):
    assert main(["x", "--limits", text]) == 2
    assert message in capsys.readouterr().err


def test_what_a_setting_asks_for_has_a_limit_that_can_be_raised(limits, capsys):
    for asked, limit in ((["pi", "--precision", "9000"], "precision"), (["pi", "--digits", "3000"], "precision"),
                         (["2*x", "x=2±0.1", "--samples", "100000001"], "samples")):  # fmt: skip
        assert main(asked) == 2
        assert f"--limits {limit}=N raises it" in capsys.readouterr().err
    assert main(["pi", "--precision", "9000", "--limits", "precision=9000"]) == 0
    assert capsys.readouterr().out.startswith("value = 3.14159265358979323846")


@pytest.mark.parametrize(("formula", "claim", "seconds", "why"), [
    ("x^(10^30)", "10^30*x^(10^30 - 1)", 5, "too large for exact algebra"),
    ("x^2", "2*x", 0, "the work that the time limit allows was done"),
])  # fmt: skip
def test_what_there_was_no_room_to_prove_is_not_proved(formula, claim, seconds, why):
    found = gc.check_derivative(formula, "x", claim, seconds=seconds)
    assert (found.verdict, found.reason) == ("agrees", why)


def test_a_check_ends_at_its_seconds_with_what_was_found():
    """On a busy machine the time may be up before there is anything to find."""
    product = "*".join(f"(x + {k})" for k in range(400))
    begun = list[float]()

    def without_end(x):
        begun.append(x)
        while x is not None:
            x = x + 0.0
        return x

    def found(*args, **settings):
        begun.clear()
        try:
            check = gc.check_gradient(without_end, *args, **settings, seconds=0.1)
        except gc.UndecidedError as error:
            assert not begun
            return ("undecided", str(error).replace(" after 0.1 s", ""))
        return (check.verdict, check.reason)

    with suppress(gc.UndecidedError):
        claim = gc.check_derivative(product, "x", f"1 + {product}", seconds=0.2)  # of which the work is much more
        assert (claim.verdict, claim.reason) in (("undecided", OUT_OF_TIME), ("wrong", ""), ("wrong", OUT_OF_TIME))
    assert found(lambda x: 2 * x, 1.0) == ("undecided", OUT_OF_TIME)
    assert found(lambda x: 2 * x, box=(0, 1)) == ("undecided", OUT_OF_TIME)
    with ThreadPoolExecutor(1) as pool:  # where no signal is heard
        assert pool.submit(found, abs, 1.0).result() == ("undecided", OUT_OF_TIME)


def test_a_time_that_is_up_before_it_begins_stops_nothing_else():
    """On a busy machine what stopped a check went on, and stopped what came after it."""
    threads = threading.active_count()
    for _ in range(20):
        with pytest.raises(OutOfTime), within(-1.0):
            time.sleep(30)
    while threading.active_count() > threads:
        time.sleep(0.01)
    for _ in range(20):
        with pytest.raises(OutOfTime), alarm(1e-6, 0.05):
            time.sleep(30)
        assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_reading_a_text_takes_time_too(capsys, tmp_path):
    (tmp_path / "long").write_text("+".join("x" * 50_000) + "\n2*3\n")
    assert main(["-f", str(tmp_path / "long"), "--time-limit", "0.05"]) == 3
    said = capsys.readouterr()
    assert "2*3 = 6" in said.out
    assert f"error in {tmp_path}/long, line 1: out of time after 0.05 s" in said.err
    assert main([(tmp_path / "long").read_text(), "x=1", "--time-limit", "0.05"]) == 3
    assert "out of time after 0.05 s" in capsys.readouterr().err


def test_a_time_that_no_clock_tells_is_none(capsys):
    for seconds in (math.nan, math.inf, -1, 1e10):
        for ask in (
            lambda seconds: gc.derivative("sin(x)^2*gamma(x)", "x", seconds=seconds),
            lambda seconds: gc.check_derivative("x^2", "x", "2*x", seconds=seconds),
            lambda seconds: gc.check_gradient("x^2", lambda x: 2 * x, {"x": 1}, seconds=seconds),
        ):
            with pytest.raises(ValueError, match="is no time from 0 to 1e"):
                ask(seconds)
    with pytest.raises(ValueError, match="n=-3 is no number of points"):
        gc.check_derivative("x^2", "x", "2*x", n=-3)
    with pytest.raises(ValueError, match="n=1000000000 is no number of points from 0 to 10,000"):
        gc.check_gradient("x^2", lambda x: 2 * x, box={"x": (0, 1)}, n=10**9)
    assert main(["x^2", "x=1", "--time-limit", "1e300"]) == 2
    assert "'1e300' is not a number of seconds above 0, at most 1e9" in capsys.readouterr().err


def test_a_certificate_cannot_ask_for_points_without_end(tmp_path, capsys):
    assert main(["x^3", "--check", "x=3*x^2", "--json"]) == 0
    written = json.loads(capsys.readouterr().out)
    (tmp_path / "c.json").write_text(json.dumps(written | {"n": 10**9}))
    assert main(["--verify", str(tmp_path / "c.json")]) == 2
    said = capsys.readouterr().err
    assert "the certificate cannot be read: n=1000000000 is no number of points from 0 to 10,000" in said


def test_a_sum_for_whose_ends_there_was_no_time_is_said_to_be_cut():
    """Before, its proof was told with fewer points, and a certificate with all of them did not hold."""
    question = asserted("sum(x^k/k, k=1..n)", "x", "sum(x^j, j=0..n - 1)")
    answers = iter(range(2))

    def judged(one):
        return court.judged(one) if next(answers) == 0 else unfinished(one, 3, ())

    found = judged_open(question, judged)
    assert found.verdict == "proved"  # which it is, by its terms; some ends were tried, too
    assert found.notes == ("not all was tried: out of time",)
    found = judged_open(question, lambda one: unfinished(one, 3, ()))
    assert (found.verdict, found.reason) == ("undecided", "out of time")
    assert found.notes == ("not all was tried: out of time",)


def test_the_command_raises_a_limit(limits, capsys):
    assert main(["x^2", "x=1", "--order", "30"])
    assert "--limits order=N raises it" in capsys.readouterr().err
    assert main(["x^2", "x=1", "--order", "30", "--limits", "order=40", "-n"]) == 0


# ---- time


def test_a_step_that_cannot_be_interrupted_ends():
    found = asked("zeta_derivative(1000, x)", "x=0.5", "--time-limit", "1", "--json")
    assert found.returncode in (-9, 3)  # the latter if a busy machine had not come so far
    assert found.stderr.startswith("error: out of time after 1 s")
    record = json.loads(found.stdout)
    assert record["verdict"] == "undecided"
    assert record["error"]["message"] == "out of time after 1 s"


def test_what_was_found_in_time_is_answered():
    found = asked("sin(x)^x", "x=1", "--time-limit", "0.001", "--json")
    record = json.loads(found.stdout)
    assert found.returncode == 3
    if "error" in record:  # a busy machine
        assert record["error"]["message"].startswith("out of time")
        return
    assert record["gradient"]["x"] == pytest.approx(0.39506126151355486)
    assert record["verdict"] == "undecided"
    assert record["reasons"] == {"x": "out of time"}


@pytest.fixture
def late_after(monkeypatch):
    """Let the time end at the nth call of a function."""

    def end(owner, name, nth):
        real, calls = getattr(owner, name), itertools.count(1)

        def counted(*args, **settings):
            if next(calls) >= nth:
                raise OutOfTime
            return real(*args, **settings)

        monkeypatch.setattr(owner, name, counted)

    return end


def test_a_table_has_the_rows_that_there_was_time_for(late_after, capsys):
    late_after(ranges, "_row", 3)
    assert main(["x^2", "--table", "x=1:9:1", "--time-limit", "50", "--json"]) == 3
    table, error = map(json.loads, capsys.readouterr().out.splitlines())
    assert [found["value"] for found in table["rows"]] == [1, 4]
    assert error["error"]["message"] == "out of time after 50 s"


def test_a_curve_has_the_points_that_there_was_time_for(late_after, tmp_path, capsys):
    late_after(curves._Sampler, "_computed", 101)
    found = curve("x^2", read_ranges("x=0:8")[0])
    assert found.unfinished
    xs = [piece[0][0] for piece in found.pieces]
    assert all(piece == ((x, x * x),) * 2 for x, piece in zip(xs, found.pieces, strict=True))
    assert len(xs) == 100
    assert max(b - a for a, b in itertools.pairwise([0, *xs, 8])) <= 0.161  # all over the range
    path = tmp_path / "p.svg"
    assert main(["x^2", "--plot", "x=0:8", "--time-limit", "50", "-o", str(path)]) == 3
    assert "out of time after 50 s" in capsys.readouterr().err
    assert not path.exists()  # now there was none for a single point


def test_a_curve_is_joined_as_far_as_there_was_time(late_after):
    late_after(curves._Sampler, "between", 401)
    found = curve("x^2", read_ranges("x=0:8")[0])
    assert found.unfinished
    assert len(found.pieces[0]) == 401
    assert len(found.pieces) == 1 + 802 - 401
    assert found.breaks == ()
    assert picture(found, "svg").count(b"<use") > 700  # of two curves


def test_a_field_is_coarse_where_there_was_no_time(late_after):
    late_after(fields, "over_columns", 4)
    found = field("x*y", *read_ranges("x=0:1,y=0:1"))
    assert found.unfinished
    assert found.xs == pytest.approx([i / 10 for i in range(11)])
    assert found.values[10][5] == 0.5


def test_a_claim_is_judged_as_far_as_there_was_time(late_after, capsys):
    late_after(Looked, "look", 4)
    found = gc.check_derivative("x^3", "x", "3*x^2")
    assert (found.verdict, found.reason, found.points) == ("undecided", "out of time", 3)
    assert found.notes == ("it is right at the 3 points tried", "not all was tried: out of time")
    assert main(["x^3", "--check", "x=3*x^2", "--check", "x=0", "--time-limit", "50"]) == 3
    told = capsys.readouterr()
    assert told.out.count("undecided") == 1
    assert "out of time after 50 s" in told.err


def test_a_claim_that_was_shown_wrong_in_time_is_wrong(late_after, capsys):
    late_after(court, "find_mistake", 1)
    assert main(["x^3", "--check", "x=x^2", "--time-limit", "50"]) == 1
    told = capsys.readouterr().out
    assert told.startswith("WRONG")
    assert "not all was tried: out of time" in told


def test_a_fault_seen_after_the_simple_points_is_told_where_the_time_ends(late_after):
    late_after(court, "find_mistake", 1)
    found = gc.check_derivative("x^2", "x", "2*x + if(floor(x) == 137, 1, 0)")
    assert (found.verdict, str(found.correct), found.notes) == ("wrong", "2*x", ("not all was tried: out of time",))
    assert found.counterexample is not None
    assert 137 <= found.counterexample.at["x"].value < 138


def test_a_fault_of_a_sum_is_told_where_the_time_ends(late_after):
    late_after(open_sums, "find_mistake", 1)
    found = gc.check_derivative("sum(sin(k*x), k=1..n)", "x", "sum(cos(k*x), k=1..n)")
    assert (found.verdict, found.notes) == ("wrong", ("not all was tried: out of time",))
    example = found.counterexample
    assert example is not None
    x, n = (float(example.at[name].value) for name in ("x", "n"))
    assert example.correct.number == pytest.approx(sum(k * math.cos(k * x) for k in range(1, int(n) + 1)))
    assert example.claimed.number == pytest.approx(sum(math.cos(k * x) for k in range(1, int(n) + 1)))


def test_steps_are_there_without_their_proof(late_after):
    late_after(importlib.import_module("gradcalc.explain.steps"), "_verified", 1)
    found = gc.steps("sin(x^2)", "x")
    assert (found.verdict, found.reason, str(found.answer)) == ("undecided", "out of time", "2*x*cos(x^2)")


def test_so_many_are_drawn_as_there_is_time_for(late_after, capsys):
    late_after(Compiled, "value", 3)
    arguments = ["2*x", "x=2±0.1", "--samples", "1000", "--json", "--time-limit", "50"]
    assert main(arguments) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["sampled"]["count"] == 200
    assert main(arguments) == 3  # not even a first part
    assert "out of time after 50 s" in capsys.readouterr().err
    assert gc.propagate("x", {"x": "2±0.1"}, samples=0).sampled is None


def test_a_box_has_been_looked_at_as_far_as_there_was_time(late_after):
    late_after(box, "judged", 6)
    found = gc.check_gradient(math.sin, math.cos, box={"x": (0, 1)})
    assert (found.verdict, found.points) == ("agrees", 5)
    assert found.notes == ("not all of the box was tried: out of time",)


def test_a_program_that_comes_to_no_end_is_stopped(tmp_path, capsys):
    path = tmp_path / "slow.py"
    path.write_text("import time\n\ndef f(x):\n    time.sleep(60)\n\ndef g(x):\n    return 1.0\n")
    assert main(["--check-gradient", f"{path}:f", f"{path}:g", "--at", "x=1", "--time-limit", "0.2"]) == 3
    assert capsys.readouterr().err.startswith("error: out of time after 0.2 s\n")


def test_a_class_is_graded_as_far_as_there_is_time(late_after, tmp_path, capsys):
    path = tmp_path / "class.csv"
    path.write_text("formula,name,answer\nx^2,x,2*x\nx^3,x,3*x^2\nx^4,x,4*x^3\n")
    real, calls = Helper.ask, itertools.count(1)

    def ask(*args, **settings):
        if next(calls) == 3:  # after the start of the process and a first answer
            raise Late
        return real(*args, **settings)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Helper, "ask", ask)
        assert main(["--grade", str(path), "--time-limit", "50"]) == 2
    told = capsys.readouterr()
    assert told.out.count("proved") == 2
    assert told.err == f"note: {path}, line 3: out of time\n"
    late_after(grades, "judged", 1)
    assert main(["--grade", str(path)]) == 2
    assert capsys.readouterr().err.count(": out of time\n") == 3


def test_an_alarm_goes_off_inside_and_leaves_nothing():
    with pytest.raises(OutOfTime), alarm(0.02):
        time.sleep(30)
    with alarm(60):
        pass
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


@pytest.mark.parametrize("limited", [alarm, within])
def test_no_module_is_left_half_imported(limited, tmp_path, monkeypatch):
    (tmp_path / "slowly_imported.py").write_text("import time\ntime.sleep(0.7)\nwhole = True\n")
    monkeypatch.syspath_prepend(tmp_path)
    found = []

    def load():
        found.append(importlib.import_module("slowly_imported"))
        until = time.monotonic() + 30
        while time.monotonic() < until:
            time.sleep(0.01)

    while not found:  # on a busy machine the time may be up before the import begins
        with pytest.raises(OutOfTime), limited(0.05):
            load()
    assert sys.modules.pop("slowly_imported") is found[0]
    assert found[0].whole


def test_whoever_ends_the_command_ends_all_of_it():
    """The process beside it keeps no pipe open."""
    with pytest.raises(subprocess.TimeoutExpired):
        asked("x^x^x", "x=1.5", "--order", "9", "--time-limit", "50", timeout=1.5)


def test_a_misspelled_option_is_not_passed_over():
    """Before, `ordr=2` was judged as a claim on the first derivative, and `bound=` fitted without bounds."""
    with pytest.raises(TypeError, match="there is no option ordr: the options are order, seed, n, seconds, functions"):
        gc.check_derivative("x^3", "x", "6*x", ordr=2)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="there is no option bound: the options are sigma, bounds, fixed"):
        gc.fit("a*x", {"x": [1, 2], "y": [2, 4]}, y="y", start={"a": 1}, bound={"a": (0, 1)})  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="there is no option second: "):
        gc.check_gradient("x^2", lambda x: 2 * x, {"x": 1}, second=3)  # type: ignore[call-arg]
