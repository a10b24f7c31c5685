"""Schemas: every example of the specification survives parsing and rendering; faults are named."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ocpi.core.configuration import CREDENTIALS, VERSION, VERSION_DETAILS
from ocpi.core.envelope import dump, load, stamp, unwrap
from ocpi.core.errors import BodyUnreadable, ParametersInvalid
from ocpi.core.fields import NUMBER, Field, Schema, ci_string, one_of, parse_moment
from ocpi.core.versions import highest_common
from ocpi.modules.cdrs.schema import CDR
from ocpi.modules.sessions.schema import SESSION

EXAMPLES = Path(__file__).resolve().parents[3] / "shared" / "ocpi-examples" / "2.2.1"
WHOLE = {
    "credentials_example": CREDENTIALS,
    "credentials_example2": CREDENTIALS,
    "credentials_example3": CREDENTIALS,
    "credentials_example4": CREDENTIALS,
    "version_details_example": VERSION_DETAILS,
    "version_details_example2": VERSION_DETAILS,
}
ENVELOPES = {
    "transport_and_format_version_info_example": VERSION,
    "transport_and_format_version_details_example": VERSION_DETAILS,
}


def example(name: str) -> Any:
    """An example object of the specification; skips where the files are not beside the project."""
    path = EXAMPLES / f"{name}.json"
    if not path.is_file():
        pytest.skip("needs the examples of the specification in ../shared/ocpi-examples")
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", WHOLE)
def test_an_example_makes_the_round_trip(name: str) -> None:
    raw = example(name)
    rendered = WHOLE[name].render(WHOLE[name].parse(raw, "2.2.1"), "2.2.1")
    assert load(dump(rendered)) == raw


def test_the_example_of_versions_makes_the_round_trip() -> None:
    raw = example("versions_info_example")
    assert [VERSION.render(VERSION.parse(item, "2.2.1"), "2.2.1") for item in raw] == raw


@pytest.mark.parametrize("name", ENVELOPES)
def test_an_example_of_an_answer_is_unwrapped(name: str) -> None:
    envelope = unwrap(json.dumps(example(name)).encode())
    assert envelope.status_code == 1000
    items = envelope.data if isinstance(envelope.data, list) else [envelope.data]
    for item in items:
        ENVELOPES[name].parse(item, "2.2.1")


def test_unknown_fields_are_kept() -> None:
    raw = example("cdr_example") | {"nltnm_extra": {"a": [1, None]}}
    raw["cdr_location"]["floor"] = "-1"
    assert load(dump(CDR.render(CDR.parse(raw, "2.2.1"), "2.2.1"))) == raw


def test_values_are_typed() -> None:
    parsed = SESSION.parse(example("session_example_2_short_finished"), "2.2.1")
    assert parsed["kwh"] == Decimal("41.12")
    assert parsed["start_date_time"] == datetime(2015, 6, 29, 22, 39, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("path", "value", "fault"),
    [
        ("id", None, "is missing"),
        ("id", "x" * 37, "is longer than 36 characters"),
        ("id", "caf\u00e9", "holds characters that are not allowed"),
        ("id", "a\nb", "holds characters that are not allowed"),
        ("id", 12, "is no text"),
        ("kwh", "12", "is no number"),
        ("kwh", True, "is no number"),
        ("status", "active", "is not one of the allowed values"),
        ("last_updated", "yesterday", "is no date and time"),
        ("last_updated", "2026-13-01T00:00:00Z", "is no date and time"),
        ("cdr_token", [], "is no object"),
        ("charging_periods", {}, "is no list"),
        ("total_cost", {"incl_vat": 1}, "is missing"),
    ],
)
def test_each_fault_is_named(path: str, value: Any, fault: str) -> None:
    raw = example("session_example_1_simple_start") | {path: value}
    with pytest.raises(ParametersInvalid) as caught:
        SESSION.parse(raw, "2.2.1")
    assert list(caught.value.fields.values()) == [fault]
    assert next(iter(caught.value.fields)).startswith(path)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2015-06-29T20:39:09Z", "2015-06-29T20:39:09Z"),
        ("2015-06-29T20:39:09", "2015-06-29T20:39:09Z"),
        ("2016-12-29T17:45:09.2Z", "2016-12-29T17:45:09.2Z"),
        ("2018-01-01T01:08:01.123", "2018-01-01T01:08:01.123Z"),
        ("2018-01-01T01:08:01.123456Z", "2018-01-01T01:08:01.123Z"),
        ("2018-01-01T02:08:01+01:00", "2018-01-01T01:08:01Z"),
    ],
)
def test_times_are_read_with_and_without_zone_and_written_with_z(text: str, seconds: str) -> None:
    """OCPI 2.2.1 §16.2."""
    moment = parse_moment(text)
    assert moment is not None
    assert stamp(moment) == seconds


@pytest.mark.parametrize(
    "text", ["", "2015-06-29", "2015-06-29T25:00:00Z", "0001-01-01T00:00:00+14:00", "x" * 99]
)
def test_what_is_no_time_is_refused(text: str) -> None:
    assert parse_moment(text) is None


def test_a_field_exists_only_in_its_versions() -> None:
    schema = Schema(
        "Thing",
        (
            Field("old", NUMBER, until="2.3.0"),
            Field("new", ci_string(3), since="2.3.0"),
            Field("kind", one_of("A", open_since="2.3.0")),
        ),
    )
    assert schema.parse({"old": 1, "kind": "A"}, "2.2.1")["old"] == Decimal(1)
    assert schema.parse({"new": "abc", "kind": "B"}, "2.3.0") == {"new": "abc", "kind": "B"}
    with pytest.raises(ParametersInvalid):
        schema.parse({"old": 1, "kind": "B"}, "2.2.1")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff",
        b'{"a": NaN}',
        b'{"a": "\\u0000"}',
        b'{"a": "\\ud800"}',
        b"[" * 5000,
        b"[" * 65 + b"]" * 65,
    ],
)
def test_what_no_database_keeps_is_no_body(content: bytes) -> None:
    with pytest.raises(BodyUnreadable):
        load(content)


def test_the_newest_common_version_is_chosen() -> None:
    assert highest_common(["2.1.1", "2.2", "2.2.1", "9.9", "x"]) == "2.2.1"
    assert highest_common(["2.1.1"]) == "2.1.1"
    assert highest_common(["2.0", "2.2"]) is None
