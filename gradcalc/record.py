"""Dataclasses whose methods are written out at their first use, as most are never used: the standard library's take
half a millisecond each when a module is imported, and 15 for themselves.

`dataclass`, `field`, `fields` and `replace` mean what they mean in `dataclasses`, as far as the package needs them, and
what is there works on these classes too.
"""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataclasses import (
        KW_ONLY as KW_ONLY,
        InitVar as InitVar,
        dataclass as dataclass,
        field as field,
        fields as fields,
        replace as replace,
    )
else:
    KW_ONLY = InitVar = None  # only their names are read
    _MISSING = object()

    class Field:
        """One field of a record, from its annotation and its default."""

        __slots__ = ("compare", "default", "factory", "init_only", "kind", "kw_only", "name", "repr")

        def __init__(self, default, factory, repr, compare, kw_only):
            self.default, self.factory, self.repr, self.compare, self.kw_only = default, factory, repr, compare, kw_only

    def field(*, default=_MISSING, default_factory=_MISSING, repr=True, compare=True, kw_only=None):
        return Field(default, default_factory, repr, compare, kw_only)

    def fields(record):
        """The fields of a record, or of its class."""
        return tuple(each for each in record.__record__.values() if not each.init_only)

    def replace(record, /, **changes):
        """A record with some fields changed."""
        for each in fields(record):
            if each.name not in changes:
                changes[each.name] = getattr(record, each.name)
        return type(record)(**changes)

    def dataclass(cls=None, /, **options):
        """Make a class of annotated fields a record; the options are those of `dataclasses.dataclass`."""
        return _made(cls, **options) if cls else lambda cls: _made(cls, **options)

    def _made(cls, *, frozen=False, slots=False, eq=True, repr=True, kw_only=False):
        own, record = _own_fields(cls, kw_only), {}
        for base in cls.__mro__[:0:-1]:
            record.update(getattr(base, "__record__", {}))
        record.update(own)
        init = _Init(frozen)
        methods = {"__record__": record, "__init__": init, "__dataclass_fields__": _Fields()}
        shown = [name for name, each in record.items() if not each.init_only]
        methods["__match_args__"] = tuple(name for name, each in record.items() if not each.kw_only)
        if repr:
            methods["__repr__"] = _repr
        if eq:
            key = attrgetter(*(name for name in shown if record[name].compare), "__class__")
            methods["__eq__"] = _equal(key)
            methods["__hash__"] = (lambda self: hash(key(self))) if frozen else None
        if frozen:
            methods.update(__setattr__=_refused, __delattr__=_refused)
        if frozen and slots:
            methods.update(__getstate__=_state, __setstate__=_restore)
        given = {name: value for name, value in cls.__dict__.items() if name not in ("__dict__", "__weakref__")}
        if slots:
            stored = [name for name, each in own.items() if not each.init_only]
            bare = {name: value for name, value in given.items() if name not in stored}
            inherited = {name for base in cls.__mro__[1:] for name in getattr(base, "__slots__", ())}
            bare["__slots__"] = tuple(name for name in stored if name not in inherited)
            made = type(cls)(cls.__name__, cls.__bases__, {**methods, **bare})
            made.__qualname__ = cls.__qualname__
            init.cls = made
            return made
        init.cls = cls
        for name, value in methods.items():
            if name not in given:
                setattr(cls, name, value)
        for name, each in own.items():
            if isinstance(given.get(name), Field):
                delattr(cls, name) if each.default is _MISSING else setattr(cls, name, each.default)
        return cls

    def _own_fields(cls, kw_only):
        own = {}
        for name, kind in vars(cls).get("__annotations__", {}).items():
            if kind == "KW_ONLY":
                kw_only = True
            elif not kind.startswith("ClassVar"):
                given = cls.__dict__.get(name, _MISSING)
                each = given if isinstance(given, Field) else Field(given, _MISSING, True, True, None)
                each.name, each.kind, each.init_only = name, kind, kind.startswith("InitVar")
                each.kw_only = kw_only if each.kw_only is None else each.kw_only
                own[name] = each
        return own

    class _Init:
        """`__init__` of a record, compiled when the first one is made."""

        def __init__(self, frozen):
            self.frozen = frozen

        def __get__(self, record, asked):
            made = _written_init(self.cls, self.frozen)
            self.cls.__init__ = made
            return made if record is None else made.__get__(record, asked)

    def _written_init(cls, frozen):
        known = {"_missing": _MISSING, "_set": object.__setattr__}
        positional, keywords, body = [], [], []
        for name, each in cls.__record__.items():
            default, factory = f"_default_{name}", f"_factory_{name}"
            known[default], known[factory] = each.default, each.factory
            has_default = each.default is not _MISSING
            text = name if not has_default and each.factory is _MISSING else f"{name}={default}"
            (keywords if each.kw_only else positional).append(text)
            value = name if each.factory is _MISSING else f"{factory}() if {name} is _missing else {name}"
            slot = getattr(cls, name, None)
            if each.init_only:
                continue
            if not frozen:
                body.append(f"self.{name} = {value}")
            elif hasattr(slot, "__set__"):
                known[f"_set_{name}"] = slot.__set__
                body.append(f"_set_{name}(self, {value})")
            else:
                body.append(f"_set(self, '{name}', {value})")
        if hasattr(cls, "__post_init__"):
            body.append(f"self.__post_init__({', '.join(n for n, e in cls.__record__.items() if e.init_only)})")
        heads = ", ".join(["self", *positional, *(["*", *keywords] if keywords else [])])
        exec(f"def __init__({heads}):\n  " + "\n  ".join(body or ["pass"]), known)
        made = known["__init__"]
        made.__qualname__, made.__module__ = f"{cls.__qualname__}.__init__", cls.__module__
        made.__annotations__ = {**{name: each.kind for name, each in cls.__record__.items()}, "return": None}
        return made

    class _Fields:
        """The fields as `dataclasses` knows them, made when it asks."""

        def __get__(self, record, cls):
            import dataclasses

            made = {}
            for each in fields(cls):
                default = {"default": each.default} if each.default is not _MISSING else {}
                if each.factory is not _MISSING:
                    default = {"default_factory": each.factory}
                one = dataclasses.field(**default, repr=each.repr, compare=each.compare, kw_only=each.kw_only)
                one.name, one.type, one._field_type = each.name, each.kind, dataclasses._FIELD
                made[each.name] = one
            return made

    def _equal(key):
        def equal(self, other):
            return key(self) == key(other) if other.__class__ is self.__class__ else NotImplemented

        return equal

    def _repr(self):
        shown = ", ".join(f"{each.name}={getattr(self, each.name)!r}" for each in fields(self) if each.repr)
        return f"{type(self).__qualname__}({shown})"

    def _refused(self, name, *value):
        if name in self.__record__:
            from dataclasses import FrozenInstanceError

            raise FrozenInstanceError(f"cannot {'assign to' if value else 'delete'} field {name!r}")
        (object.__setattr__ if value else object.__delattr__)(self, name, *value)

    def _state(self):
        return [getattr(self, each.name) for each in fields(self)]

    def _restore(self, state):
        for each, value in zip(fields(self), state, strict=True):
            object.__setattr__(self, each.name, value)
