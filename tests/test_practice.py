"""The teacher: the same questions for a seed, right answers are right, and of wrong ones it knows why."""

from __future__ import annotations

import pytest
import sympy

import gradcalc as gc
from gradcalc.cli import main
from gradcalc.explain import table
from gradcalc.explain.exercises import LEVELS, read_exercises
from gradcalc.explain.practice import Practice, drill
from gradcalc.helper import OutOfTime

LESSON = "(a*b + c)*f at a=2 b=-3 c=10 f=-2"


def lesson(text=LESSON):
    return Practice(exercises=read_exercises(text))


def questions(practice, count):
    found = []
    for _ in range(count):
        found.append((str(practice.task.exercise), practice.task.node))
        practice.skip()
    return found


@pytest.mark.parametrize("level", LEVELS)
def test_a_seed_asks_the_same_questions(level):
    assert questions(Practice(level, seed=3), 20) == questions(Practice(level, seed=3), 20)
    assert questions(Practice(level, seed=3), 20) != questions(Practice(level, seed=4), 20)


def test_a_hint_does_not_say_again_what_a_wrong_answer_was_told():
    practice = lesson()
    told = practice.answer("17").message
    assert told.endswith("how does it change with f?")
    hint = practice.hint()
    assert "how does it change" not in hint
    assert "(hint 2 of " in hint


@pytest.mark.parametrize("level", LEVELS)
def test_what_sympy_answers_is_right(level):
    practice = Practice(level, seed=1)
    relu = {"relu": lambda x: sympy.Max(x, 0), "sigmoid": lambda x: 1 / (1 + sympy.exp(-x))}
    asked = 0
    while asked < 12:
        task = practice.task
        if task.node not in task.exercise.at:
            practice.skip()
            continue
        *statements, body = str(task.exercise.formula).replace("^", "**").split("; ")
        names = {name: sympy.Symbol(name, real=True) for name in task.exercise.at} | relu
        for statement in statements:
            name, _, meaning = statement.partition(" = ")
            names[name] = sympy.sympify(meaning, locals=names)
        expression = sympy.sympify(body, locals=names)
        point = {names[name]: sympy.sympify(str(value)) for name, value in task.exercise.at.items()}
        truth = sympy.diff(expression, names[task.node]).subs(point).evalf(12)
        feedback = practice.answer(str(truth))
        assert feedback, (task.exercise, task.node, truth, feedback)
        asked += 1
    assert practice.score.first == 12


def test_the_lesson():
    practice = lesson()
    assert practice.task.text.splitlines()[1:] == [
        "  a = 2",
        "  b = -3",
        "  v1 = a*b = -6",
        "  c = 10",
        "  v2 = v1 + c = 4",
        "  f = -2",
        "  out = v2*f = -8",
    ]
    for node, answer in [("f", "4"), ("v2", "f"), ("c", "-2"), ("v1", "-2.0"), ("b", "a*f"), ("a", "6")]:
        assert practice.task.node == node
        feedback = practice.answer(answer)
        assert feedback.verdict == "right"
        assert feedback.message.startswith(f"right: dout/d{node} = ")
    assert practice.task is None
    assert str(practice.score) == "6 of 6 right at once"


@pytest.mark.parametrize(
    ("skips", "answer", "words"),
    [
        (4, "4", "the sign is flipped"),
        (4, "2", "that is the local derivative dv1/db alone: multiply it by dout/dv1"),
        (4, "-2", "that is dout/dv1: multiply it by the local derivative dv1/db"),
        (4, "0", "along a path the derivatives are multiplied, not added"),
        (4, "-3", "that is the value of b, not its gradient"),
        (5, "-4", "times a itself"),
        (5, "1000", "v1 = a*b (product): how does it change with a?"),
    ],
)
def test_what_went_wrong(skips, answer, words):
    practice = lesson()
    questions(practice, skips)
    feedback = practice.answer(answer)
    assert feedback.verdict == "wrong"
    assert words in feedback.message


def test_paths_add_up():
    practice = lesson("x^2 + x*y at x=3, y=-4")
    questions(practice, 3)
    assert "that is the path through v2 alone; x acts in 2 ways" in practice.answer("-4").message
    assert "how does it change with x?" in practice.hint()
    assert "dv2/dx = y" in practice.hint()
    last = "x acts on out in 2 ways, which add up: dout/dx = dout/dv2 * dv2/dx + "
    assert practice.hint().startswith(last)
    assert practice.hint().startswith(last)  # there are no more
    assert practice.answer("x = 5").verdict == practice.answer("dv2 = 4").verdict == "unread"
    assert practice.answer("dout/dx = 7").verdict == "wrong"
    assert practice.answer("2*x + y")
    assert str(practice.score) == "0 of 4 right at once, 1 after a mistake or a hint, 3 skipped"


def test_a_direct_path_is_named_by_its_local_derivative():
    """Its quotient would be called as the whole gradient is."""
    practice = lesson("x*sin(x) at x=2")
    questions(practice, 1)
    for said in ("x acts on out in 2 ways, ", "dv1/dx = cos(x)", "dout/dx = v1 + dout/dv1 * dv1/dx"):
        assert said in practice.hint()
    assert "that is the direct path alone" in practice.answer("v1").message


def test_a_neighbours_gradient_is_recognised_and_no_other_is_betrayed():
    practice = lesson("a*b + c*f at a=2 b=5 c=7 f=11")
    questions(practice, 2)
    assert practice.task.node == "c"
    assert practice.answer("7").message == "7 is not dout/dc: that is the value of c, not its gradient"
    practice = lesson("(a/b)*c at a=6 b=2 c=10")
    questions(practice, 2)
    assert practice.answer("5").message == "5 is not dout/db: that is the gradient of a"
    assert "gradient of" not in practice.answer("3").message


def test_what_is_no_answer_is_answered_kindly():
    practice = lesson("sin(x) at x=2")
    assert practice.answer("z").message == "no value for z: the names here are x, out"
    assert practice.answer("-0.42").message == "so far so good: give at least 3 digits"
    assert str(practice.score) == "nothing was answered"
    practice.answer("3")
    assert str(practice.score) == "no answer was right, of 1"


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [("-0.4161468365", "right"), ("-0.416", "right"), ("-.42", "unread"), ("-0.417", "wrong"), ("cos(2)", "right"),
     ("cos(x)", "right"), ("cos(", "unread"), ("z", "unread"), ("1/0", "unread"), ("", "unread")],
)  # fmt: skip
def test_rounded_answers(answer, verdict):
    assert lesson("sin(x)*1 at x=2").answer("1").verdict == "right"
    practice = lesson("sin(x) at x=2")
    assert practice.answer(answer).verdict == verdict
    assert practice.task is None or verdict != "right"


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [("148.4", "right"), ("148", "right"), ("148.", "right"), ("1.48e2", "right"), ("14841E-2", "right"),
     ("1.5e2", "unread"), ("150", "wrong"), ("149", "wrong"), ("1.49e2", "wrong"), ("-1.48e2", "wrong"),
     ("1e-400", "wrong")],
)  # fmt: skip
def test_rounded_answers_in_any_notation(answer, verdict):  # exp(5) = 148.4131591...
    practice = lesson("exp(x)*y at x=5 y=1")
    while practice.task.node != "x":
        practice.skip()
    assert practice.answer(answer).verdict == verdict


def test_small_whole_numbers_are_not_taken_for_rounded_ones():
    assert lesson("x^2 at x=0.3").answer("1").verdict == "wrong"  # it is 0.6


def test_the_lessons_neuron_is_answered_with_its_rounded_numbers():
    practice = lesson("tanh(x1*w1 + x2*w2 + b) at x1=2 x2=0 w1=-3 w2=1 b=6.8813735870195432")
    answers = {"w1": "1", "x1": "-1.5", "w2": "0", "x2": "0.5"}
    while practice.task is not None:
        assert practice.answer(answers.get(practice.task.node, "0.5"))


def test_a_teachers_file():
    found = read_exercises(f"# week 1\n{LESSON}   # the lesson\n\nx*y at x = 2, y = pi/2\n")
    assert [str(one) for one in found] == [LESSON, "x*y at x=2 y=pi/2"]
    for wrong, words in [
        ("x*y at x=2", "week1.txt, line 1: no value for y"),
        ("x*", "week1.txt, line 1"),
        ("\nlog(x) at x=-1", "week1.txt, line 2: log needs x > 0"),
        ("abs(x) at x=0", "has a corner"),
        ("# nothing", "there is no exercise"),
        ("x*y at x=2 y=3 z=4", "z is not in the formula"),
        ("x*y at x=2 y=3 x=4", "x has two values"),
        ("5", "there is no gradient to ask for"),
    ]:
        with pytest.raises(gc.FormulaError, match=words.replace(".", r"\.")):
            read_exercises(wrong, "week1.txt")


def test_the_loop():
    lines = iter(["4", "", "nonsense(", "hint", "f", "skip", "quit"])
    written, asked = [], []

    def read(prompt):
        asked.append(prompt)
        return next(lines)

    practice = lesson()
    drill(practice, read, written.append)
    assert asked == ["dout/df = ", *["dout/dv2 = "] * 4, "dout/dc = ", "dout/dv1 = "]
    text = "\n".join(written)
    assert text.count("out = v2*f = -8") == 1
    assert (practice.score.first, practice.score.later, practice.score.skipped) == (1, 1, 1)
    assert written[-1] == "\n1 of 3 right at once, 1 after a mistake or a hint, 1 skipped"

    def end(_):
        raise EOFError

    drill(lesson(), end, written.append)
    assert written[-1] == "\nnothing was answered"
    lines = iter([*["skip"] * 7, "quit"])
    drill(Practice(2, seed=5), lambda _: next(lines), written.append)
    assert written[-1] == "\n0 of 7 right at once, 7 skipped"


def test_levels_that_are_not():
    with pytest.raises(ValueError, match="level"):
        Practice(0)


def test_an_exercise_that_there_was_no_time_to_work_out_is_not_asked(monkeypatch, capsys):
    exercises, own = read_exercises(LESSON), table._Pass._symbolic

    def late(self, place):
        if len(self.found) == 3:
            raise OutOfTime
        return own(self, place)

    monkeypatch.setattr(table._Pass, "_symbolic", late)
    for begun in (lambda: Practice(exercises=exercises), lambda: read_exercises(LESSON)):
        with pytest.raises(OutOfTime):
            begun()
    for mode in ([], ["--sheet", "1", "-o", "sheet.tex"]):
        assert main(["--practice", "(a*b + c)*f", "a=2", "b=-3", "c=10", "f=-2", "--time-limit", "50", *mode]) == 3
        told = capsys.readouterr()
        assert (told.out, told.err.split("\n")[0]) == ("", "error: out of time after 50 s")


def test_the_last_hint_says_that_it_is_the_last():
    practice = lesson()
    given = [practice.hint() for _ in range(9)]
    assert "skip" not in "".join(given[:1])
    assert given[-1] == given[-2]
    assert given[-1].endswith("; there is no other, 'skip' tells the answer)")
