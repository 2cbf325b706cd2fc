"""Records: they behave as the standard library's dataclasses do."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
from dataclasses import KW_ONLY, InitVar
from typing import Any

import pytest

from gradcalc import record


def _classes(make: Any) -> tuple[type, ...]:
    """The same classes, made by `dataclasses` or by `record`."""

    @make.dataclass(frozen=True, slots=True)
    class Point:
        x: float
        y: float = 2.0
        notes: tuple[str, ...] = make.field(default=(), compare=False, repr=False)

    @make.dataclass
    class Counted:
        start: InitVar[int]
        seen: list[int] = make.field(default_factory=list)
        _: KW_ONLY
        name: str = ""

        def __post_init__(self, start: int) -> None:
            self.seen.append(start)

    @make.dataclass(frozen=True, slots=True, kw_only=True)
    class Further(Point):
        z: float

    return Point, Counted, Further


OURS, THEIRS = _classes(record), _classes(dataclasses)
Point, Counted, Further = OURS
for made in OURS:  # so that pickles find them
    made.__qualname__ = made.__name__


def test_the_same_signatures_fields_and_texts() -> None:
    for ours, theirs in zip(OURS, THEIRS, strict=True):
        assert list(inspect.signature(ours).parameters) == list(inspect.signature(theirs).parameters)
        assert [f.name for f in dataclasses.fields(ours)] == [f.name for f in dataclasses.fields(theirs)]
        assert ours.__match_args__ == theirs.__match_args__  # type: ignore[attr-defined]
    assert repr(Point(1.0, notes=("a",))) == "Point(x=1.0, y=2.0)"
    assert repr(Further(1.0, 3.0, z=2.0)) == "Further(x=1.0, y=3.0, z=2.0)"
    assert dataclasses.asdict(Counted(3, name="n")) == {"seen": [3], "name": "n"}


def test_records_are_equal_by_what_is_compared_and_change_only_by_replacing() -> None:
    one = Point(1.0, notes=("a",))
    assert one == Point(1.0)
    assert hash(one) == hash(Point(1.0))
    assert one != Further(1.0, z=0.0)
    assert Counted(1) == Counted(1) != Counted(2)
    assert Counted.__hash__ is None
    assert record.replace(one, y=5.0) == dataclasses.replace(one, y=5.0) == Point(1.0, 5.0)
    assert Counted(1).seen is not Counted(1).seen
    with pytest.raises(dataclasses.FrozenInstanceError):
        one.x = 2.0
    with pytest.raises(dataclasses.FrozenInstanceError):
        del one.x
    for wrong in ((), (1.0, 2.0, (), 3.0)):
        with pytest.raises(TypeError):
            Point(*wrong)


def test_records_survive_copies_and_pickles() -> None:
    for one in (Point(1.0, notes=("a",)), Further(1.0, z=3.0)):
        for again in (copy.copy(one), copy.deepcopy(one), pickle.loads(pickle.dumps(one))):
            assert again == one
            assert again.notes == one.notes
