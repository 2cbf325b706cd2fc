"""Records: they behave as the standard library's dataclasses do."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
from dataclasses import KW_ONLY, InitVar
from typing import Any, ClassVar

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


THEIRS = _classes(dataclasses)
OURS: tuple[Any, ...]
Point: Any
Counted: Any
Further: Any


@pytest.fixture(autouse=True)
def made_anew() -> None:
    """The records of a test; pickles find them as they are global."""
    global OURS, Point, Counted, Further
    OURS = Point, Counted, Further = _classes(record)
    for made in OURS:
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


def test_what_is_no_field_of_a_frozen_record_may_be_set_and_deleted() -> None:
    @record.dataclass(frozen=True)
    class Named:
        name: str

    one = Named("a")
    one.known = 1  # type: ignore[attr-defined]
    assert one.known == 1  # type: ignore[attr-defined]
    del one.known  # type: ignore[attr-defined]
    assert not hasattr(one, "known")
    with pytest.raises(dataclasses.FrozenInstanceError, match="cannot assign to field 'name'"):
        one.name = "b"  # type: ignore[misc]
    with pytest.raises(dataclasses.FrozenInstanceError, match="cannot delete field 'name'"):
        del one.name


def _further_classes(make: Any) -> tuple[type, ...]:
    @make.dataclass
    class Base:
        kinds: ClassVar[int] = 3
        a: int
        b: list[int] = make.field(default_factory=list)
        c: int = make.field(default=4, kw_only=True)

        def __repr__(self) -> str:
            return "one"

    @make.dataclass(frozen=True, eq=False, repr=False)
    class Bare:
        a: int = 1
        d: int = make.field(default=4)

    @make.dataclass(kw_only=True)
    class Keywords:
        a: int
        b: int = make.field(default=2, kw_only=False)

    @make.dataclass(slots=True)
    class Slotted:
        a: int = 1

    return Base, Bare, Keywords, Slotted


def test_options_mean_what_they_mean_in_the_standard_library() -> None:
    told = []
    for base, bare, keywords, slotted in map(_further_classes, (record, dataclasses)):
        one: Any = base(1, c=5)
        alike = bare()
        told.append(
            (
                repr(one),
                dataclasses.asdict(one),
                [(f.name, f.kw_only, f.repr, f.compare) for f in dataclasses.fields(base)],
                [f.default for f in dataclasses.fields(bare)],
                base.__match_args__,
                one == base(1, c=5),
                one == 1,
                bare() == bare(),
                hash(alike) == object.__hash__(alike),
                (bare.a, bare.d, hasattr(base, "b"), base.kinds),
                [str(inspect.signature(made)).partition(" ->")[0] for made in (bare, keywords, slotted)],
                [keywords(a=1).b, keywords(7, a=1).b, keywords.__match_args__],
                (slotted().a, hasattr(slotted(), "__dict__"), slotted.__slots__),
                "Bare object" in repr(bare()),
            )
        )
    assert told[0] == told[1]
