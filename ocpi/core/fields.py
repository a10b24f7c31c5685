"""Schemas of OCPI objects: typed parsing and rendering for each version, unknown fields kept.

A version is a parameter: a field says `since` and `until`, an object is described once. Parsing turns times
into aware UTC datetimes and numbers into Decimals and collects all faults; rendering does the reverse and is
strict about what we send: a field of another version is left out, one that no version knows is kept.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from ocpi.core.envelope import number, stamp
from ocpi.core.errors import ParametersInvalid
from ocpi.core.versions import covers

MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})?\Z", re.ASCII)
NOT_AVAILABLE = "#NA"
"""Stands in a required string that cannot be filled (OCPI 2.2.1 §4.1.10)."""


class Fault(Exception):
    """One value is wrong; the text follows the name of its field."""


def parse_moment(text: str) -> datetime | None:
    """A time as aware UTC; without a designator it is UTC. None where it is no time."""
    if not MOMENT.match(text):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    try:
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError:
        return None


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of value: `read` makes it ours, `write` makes it JSON; both raise Fault."""

    read: Callable[[Any, str], Any]
    write: Callable[[Any, str], Any]


def _text(limit: int, *, ascii_only: bool) -> Kind:
    def check(value: Any, _: str) -> str:
        if not isinstance(value, str):
            raise Fault("is no text")
        if len(value) > limit:
            raise Fault(f"is longer than {limit} characters")
        if not value.isprintable() or (ascii_only and not value.isascii()):
            raise Fault("holds characters that are not allowed")
        return value

    return Kind(check, check)


def ci_string(limit: int) -> Kind:
    """CiString(n): compared without case, kept as received."""
    return _text(limit, ascii_only=True)


def string(limit: int) -> Kind:
    """string(n)."""
    return _text(limit, ascii_only=False)


def url() -> Kind:
    """URL: string(255)."""
    return _text(255, ascii_only=True)


def matching(pattern: str, limit: int) -> Kind:
    """string(n) of one form, or `#NA`."""
    plain, form = string(limit), re.compile(pattern)

    def check(value: Any, version: str) -> str:
        text: str = plain.read(value, version)
        if text != NOT_AVAILABLE and not form.fullmatch(text):
            raise Fault("has not the right form")
        return text

    return Kind(plain.read, check)


def one_of(
    *values: str,
    open_since: str | None = None,
    since: Mapping[str, str] | None = None,
    until: Mapping[str, str] | None = None,
) -> Kind:
    """An enumeration; from version `open_since` on unknown values are kept (OpenEnum).

    `since` and `until` name the values that came or went with a version; those need not be in `values`.
    """
    come, gone = since or {}, until or {}
    known = frozenset({*values, *come, *gone})

    def check(value: Any, version: str) -> str:
        if not isinstance(value, str):
            raise Fault("is no text")
        if open_since is not None and covers(version, open_since, None):
            return value
        if value not in known or not covers(version, come.get(value), gone.get(value)):
            raise Fault("is not one of the allowed values")
        return value

    return Kind(check, check)


def _read_number(value: Any, _: str) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise Fault("is no number")
    return Decimal(str(value))


def _read_integer(value: Any, version: str) -> int:
    whole = _read_number(value, version)
    if whole != whole.to_integral_value():
        raise Fault("is no whole number")
    return int(whole)


def _read_boolean(value: Any, _: str) -> bool:
    if not isinstance(value, bool):
        raise Fault("is neither true nor false")
    return value


def _read_moment(value: Any, _: str) -> datetime:
    moment = parse_moment(value) if isinstance(value, str) else None
    if moment is None:
        raise Fault("is no date and time")
    return moment


def _write_moment(value: Any, _: str) -> str:
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise Fault("is no time with a zone")
    return stamp(value)


NUMBER = Kind(_read_number, lambda value, version: number(_read_number(value, version)))
INTEGER = Kind(_read_integer, _read_integer)
BOOLEAN = Kind(_read_boolean, _read_boolean)
MOMENT_KIND = Kind(_read_moment, _write_moment)


@dataclass(frozen=True, slots=True)
class Field:
    """A field of an object: `card` is OCPI's cardinality 1, ?, + or *."""

    name: str
    kind: "Kind | Schema"
    card: str = "1"
    since: str | None = None
    until: str | None = None

    @property
    def required(self) -> bool:
        """True for 1 and +."""
        return self.card in "1+"

    @property
    def many(self) -> bool:
        """True for + and *."""
        return self.card in "+*"


@dataclass(frozen=True, slots=True)
class Schema:
    """An object of the specification."""

    name: str
    fields: tuple[Field, ...] = field(default=())
    _cuts: dict[str, "CutPlan"] = field(default_factory=dict, init=False, repr=False, compare=False)

    def parse(self, value: Any, version: str) -> dict[str, Any]:
        """The object with typed values; raises ParametersInvalid naming all faults."""
        return self._whole(value, version, reading=True)

    def parse_partial(self, value: Any, version: str) -> dict[str, Any]:
        """Like `parse`, for a PATCH: fields may be missing, those present must be right."""
        return self._whole(value, version, reading=True, partial=True)

    def render(self, value: Mapping[str, Any], version: str) -> dict[str, Any]:
        """The object as JSON without empty fields; raises ParametersInvalid where a rule is broken."""
        return self._whole(value, version, reading=False)

    def cut(self, value: Mapping[str, Any], version: str) -> dict[str, Any]:
        """The object without the fields of other versions, at any depth; fields of nobody are kept."""
        inner, other = self._cuts.get(version) or self._cut_plan(version)
        return {
            name: _cut(inner[name], part, version) if name in inner else part
            for name, part in value.items()
            if name not in other
        }

    def _cut_plan(self, version: str) -> "CutPlan":
        """Made once: lists of partners cut thousands of objects."""
        here = {item.name: item.kind for item in self.fields if covers(version, item.since, item.until)}
        inner = {name: kind for name, kind in here.items() if isinstance(kind, Schema)}
        other = frozenset(item.name for item in self.fields) - here.keys()
        return self._cuts.setdefault(version, (inner, other))

    def examine(
        self, value: Any, version: str, *, partial: bool = False
    ) -> tuple[dict[str, Any], dict[str, str]]:
        """Like `parse`, with the faults by path instead of an exception: for readers who let some pass."""
        pass_ = _Pass(version, reading=True)
        return pass_.object(self, value, "", partial=partial), pass_.faults

    def unknown(self, value: Any, version: str, path: str = "") -> list[str]:
        """Paths of the fields that this object has and no version knows."""
        if not isinstance(value, Mapping):
            return []
        here = {item.name: item.kind for item in self.fields if covers(version, item.since, item.until)}
        found = [f"{path}{name}" for name in value if name not in {item.name for item in self.fields}]
        for name, kind in here.items():
            inner = value.get(name)
            if isinstance(kind, Schema) and inner:
                parts = inner if isinstance(inner, list) else [inner]
                found += [each for part in parts for each in kind.unknown(part, version, f"{path}{name}.")]
        return list(dict.fromkeys(found))

    def fault(self, faults: Mapping[str, str]) -> ParametersInvalid:
        """The exception that names these faults."""
        name, words = next(iter(faults.items()))
        return ParametersInvalid(f"{self.name}: {name or 'the object'} {words}.", faults)

    def _whole(self, value: Any, version: str, *, reading: bool, partial: bool = False) -> dict[str, Any]:
        pass_ = _Pass(version, reading)
        result = pass_.object(self, value, "", partial=partial)
        if pass_.faults:
            raise self.fault(pass_.faults)
        return result


CutPlan = tuple[Mapping[str, Schema], frozenset[str]]
"""The fields that are objects themselves, and those of other versions."""


def _cut(kind: Schema, value: Any, version: str) -> Any:
    if isinstance(value, list | tuple):
        return [_cut(kind, part, version) for part in value]
    return kind.cut(value, version) if isinstance(value, Mapping) else value


class _Pass:
    """One walk over an object; collects all faults by their path."""

    def __init__(self, version: str, reading: bool) -> None:
        self.version, self.reading = version, reading
        self.faults: dict[str, str] = {}

    def object(self, schema: Schema, value: Any, path: str, *, partial: bool = False) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            self.faults[path] = "is no object"
            return {}
        result = dict(value)
        here = [item for item in schema.fields if covers(self.version, item.since, item.until)]
        if not self.reading:
            for name in {item.name for item in schema.fields} - {item.name for item in here}:
                result.pop(name, None)
        for item in here:
            self._field(item, result, f"{path}.{item.name}" if path else item.name, partial)
        return result

    def _field(self, item: Field, result: dict[str, Any], path: str, partial: bool) -> None:
        value = result.get(item.name)
        if value is None or (value == [] and item.many):
            if item.required and (not partial or item.name in result):
                self.faults[path] = "is missing"
            elif not self.reading:
                result.pop(item.name, None)
            return
        result[item.name] = self._many(item, value, path) if item.many else self._one(item, value, path)

    def _many(self, item: Field, value: Any, path: str) -> list[Any]:
        if not isinstance(value, list | tuple):
            self.faults[path] = "is no list"
            return []
        return [self._one(item, part, f"{path}[{place}]") for place, part in enumerate(value)]

    def _one(self, item: Field, value: Any, path: str) -> Any:
        if isinstance(item.kind, Schema):
            return self.object(item.kind, value, path)
        try:
            return (item.kind.read if self.reading else item.kind.write)(value, self.version)
        except Fault as fault:
            self.faults[path] = str(fault)
            return None
