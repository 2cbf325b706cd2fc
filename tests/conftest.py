"""How properties draw: the same on every run and on a busy machine, anew with `HYPOTHESIS_PROFILE=new`."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Iterator

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("same", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("new", deadline=None, derandomize=False, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))

# what a test starts reads compiled modules, which a shell may have been told not to write
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


gc.disable()  # until all tests are collected, which makes hardly any


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One more than there are processors: many tests wait for a process that they started."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_finish() -> None:
    """What was collected stays: garbage is not looked for in it each time, nor after every 700 new objects."""
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    gc.enable()


@pytest.fixture(autouse=True, scope="session")
def _by_work_alone() -> Iterator[None]:
    """What is counted ends what is asked: the clock's net hangs where no busy machine falls into it, and the command's
    watcher ends no test in whose process the command runs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("gradcalc.work.NET", 1e3)
        patch.setattr("gradcalc.cli.clock._KILL", 60.0)
        yield


@pytest.fixture
def allow(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Sets the share of the usual work that a question may take."""
    from gradcalc.work import A_SECOND

    return lambda share: monkeypatch.setattr("gradcalc.work.A_SECOND", A_SECOND * share)


@pytest.fixture
def few_points(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few points of a box are looked at beside those judged: for tests not of faults in small parts of it."""
    monkeypatch.setattr("gradcalc.judge.programs.box.LOOKED_AT", 64)
    monkeypatch.setattr("gradcalc.judge.programs.box.LOOKED_AT_FIRST", 64)
