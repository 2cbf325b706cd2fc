"""The words of every verdict and their order."""

from __future__ import annotations

import math
from functools import partial

import pytest

from gradcalc.judge.result import Finding, Result, digits_kept, worst_of
from gradcalc.verdict import Verdict, worst


def test_the_worst_of_several():
    assert worst([]) is Verdict.PROVED
    assert worst([Verdict.PROVED, Verdict.WRONG, Verdict.UNDECIDED]) is Verdict.WRONG
    assert worst(reversed(Verdict)) is Verdict.WRONG
    assert [verdict.rank for verdict in Verdict] == [*range(8)]


@pytest.mark.parametrize(
    ("words", "tone", "status"),
    [
        (["proved", "agrees"], "good", 0),
        (["wrong", "imprecise", "conditional"], "bad", 1),
        (["not-differentiable", "undefined", "undecided"], "unsure", 3),
    ],
)
def test_what_is_good_and_what_is_not(words, tone, status):
    for word in words:
        assert (Verdict(word).tone, Verdict(word).status, bool(Verdict(word))) == (tone, status, tone == "good")


def test_the_words_of_two_engines():
    assert Verdict("agree") is Verdict.AGREES
    assert Verdict("disagree") is Verdict.WRONG
    assert [Verdict(word).of_engines for word in ("wrong", "proved", "undecided")] == ["disagree", "agree", "undecided"]
    with pytest.raises(ValueError, match="nothing"):
        Verdict("nothing")


def test_no_digit_of_a_number_that_is_none_is_right():
    asked = partial(Finding, "x", expected=2.0)
    assert asked(Verdict.AGREES, actual=math.inf).digits == 0
    assert asked(Verdict.AGREES).digits == 0
    assert asked(Verdict.AGREES, actual=2.5).digits is None  # how far it is off is not known
    assert asked(Verdict.WRONG, actual=math.inf).digits is None


def test_relative_errors_and_the_digits_they_leave():
    def off(expected, error):
        return Finding("x", Verdict.AGREES, expected=expected, error=error)

    assert [off(0.0, 1e-3).relative, off(0.0, 0.0).relative, off(-2.0, 1.0).relative] == [math.inf, 0, 0.5]
    assert [off(0.0, 1e-3).digits, off(0.0, 0.0).digits, off(2.0, 2e-3).digits, off(2.0, 60.0).digits] == [0, 16, 3, 0]


def test_units_of_the_last_digit_are_of_what_is_known_and_finite():
    def off(expected, error):
        return Finding("x", Verdict.AGREES, expected=expected, error=error).ulps

    assert [off(None, 1.0), off(2.0, None), off(math.inf, 1.0)] == [None] * 3
    assert off(1.0, 2.0**-51) == 2


def test_a_result_is_as_bad_as_its_worst_finding():
    good, bad = Finding("x", Verdict.PROVED), Finding("y", Verdict.WRONG)
    assert [worst_of(found) for found in ((), (good,), (good, bad))] == ["agrees", "agrees", "wrong"]
    result = Result(verdict=worst_of((good, bad)), findings=(good, bad))
    assert result.wrong == (bad,)


def test_the_digits_that_an_error_leaves():
    kept = {0.0: 16, 1e-17: 16, 1e-16: 16, 2e-16: 15, 1.5e-3: 2, 1e-3: 3, 0.5: 0, 1.0: 0, 7.0: 0, math.inf: 0}
    kept[math.nan] = 0
    assert [digits_kept(relative) for relative in kept] == list(kept.values())
