"""The same question has the same answer to the byte, whatever the order of Python's sets."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache

import pytest

QUESTIONS = """
import gradcalc as gc
at = {"a": 2, "b": -3, "c": 10, "x": 0.5}
for formula in ("(a*b + c)*x", "tanh(a*x + b) + max(a, b, c)", "x^2*sin(x)/(1 + exp(-c*x))"):
    print(gc.agreement(formula, at), gc.explain(formula, at), gc.grad(formula, at))
    print([str(gc.derivative(formula, name)) for name in "abcx"])
print(gc.check_derivative("sin(x^2)*a", "x", "a*cos(x^2)", seed=3))
print(gc.check_derivative("x/(x + a)", "x", "a/(x + a)^2", seed=3))
print(gc.check_gradient("x^2*a", lambda at: {"x": 2*at["x"]*at["a"], "a": at["x"]}, box={"x": (0, 1), "a": (1, 2)}))
"""


@cache
def answers(seed: int) -> bytes:
    environment = {**os.environ, "PYTHONHASHSEED": str(seed)}
    done = subprocess.run([sys.executable, "-c", QUESTIONS], capture_output=True, env=environment, timeout=120)
    assert not done.returncode, done.stderr.decode()
    return done.stdout


@pytest.mark.parametrize("seed", [1, 2])
def test_hash_seeds_change_no_byte(seed: int) -> None:
    assert answers(seed) == answers(0) != b""
