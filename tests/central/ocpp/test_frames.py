"""Frames: every kind is read and written, nothing that arrives raises."""

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from central.ocpp import frames
from central.ocpp.frames import Call, CallError, CallResult, CallResultError, Fault, Malformed, Send


@pytest.mark.parametrize(
    ("raw", "frame"),
    [
        ('[2,"1","Heartbeat",{}]', Call("1", "Heartbeat", {})),
        ('[2,"1","Heartbeat",null]', Call("1", "Heartbeat", {})),
        (b'[2,"1","Heartbeat",{}]', Call("1", "Heartbeat", {})),
        (' [ 2 , "1" , "A" , { "a" : "\\"x\\"" } ] ', Call("1", "A", {"a": '"x"'})),
        ('[2,"1","A",{"a":"\\u00e9\\ud83d\\ude00"}]', Call("1", "A", {"a": "é😀"})),
        ('[3,"1",{"a":1}]', CallResult("1", {"a": 1})),
        ('[3,"1",null]', CallResult("1", {})),
        ('[4,"1","GenericError","text",{"a":1}]', CallError("1", "GenericError", "text", {"a": 1})),
        ('[4,"1","GenericError"]', CallError("1", "GenericError", "", {})),
        ('[5,"1","FormatViolation","",{}]', CallResultError("1", "FormatViolation", "", {})),
        ('[6,"1","NotifyPeriodicEventStream",{}]', Send("1", "NotifyPeriodicEventStream", {})),
        (b"\xff\xfe", Malformed(Fault.NOT_JSON)),
        ("\ufeff[]", Malformed(Fault.NOT_JSON)),
    ],
)
def test_a_frame_is_read(raw, frame):
    assert frames.parse(raw) == frame


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        ("NaN", Fault.NUMBER),
        ("-Infinity", Fault.NUMBER),
        ("1e400", Fault.NUMBER),
        ("1" * 5000, Fault.NUMBER),
        ('{"x":1,"x":1}', Fault.DUPLICATE_KEY),
        ('"\\u0000"', Fault.TEXT),
        ('"\\udfff"', Fault.TEXT),
        ("[" * 300 + "]" * 300, Fault.NESTING),
        ("[" * 2000 + "]" * 2000, Fault.NESTING),
    ],
)
def test_what_json_lets_pass_is_told_apart(value, fault):
    frame = frames.parse(f'[2,"id","Heartbeat",{{"a":{value}}}]')
    assert isinstance(frame, Malformed)
    assert (frame.fault, frame.message_id, frame.message_type) == (fault, "id", 2)


def test_an_escaped_backslash_before_u0000_is_no_nul():
    assert frames.parse('[2,"1","A",{"a":"\\\\u0000"}]') == Call("1", "A", {"a": "\\u0000"})


def test_a_number_beyond_64_bit_is_a_double_on_both_ways():
    quick = frames.parse('[2,"1","A",{"a":36893488147419103232}]')
    patient = frames.parse('[2,"1","\\u0041",{"a":36893488147419103232}]')
    assert quick == patient == Call("1", "A", {"a": 2.0**65})


def test_frames_are_written_compactly():
    assert frames.encode_call("1", "Reset", {"type": "Hard"}) == '[2,"1","Reset",{"type":"Hard"}]'
    moment = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert frames.encode_result("1", {"at": moment, "cost": Decimal("1.5")}) == (
        '[3,"1",{"at":"2026-01-02T03:04:05Z","cost":1.5}]'
    )
    assert frames.encode_error("", "InternalError", "", {}) == '[4,"-1","InternalError","",{}]'


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)
envelopes = st.lists(json_values | st.sampled_from([2, 3, 4, 5, 6, "1", "Heartbeat", {}]), max_size=6)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(envelopes, st.data())
def test_no_frame_raises(envelope, data):
    """T11: arrays of anything, cut and mutilated anywhere, give a frame and no exception."""
    text = json.dumps(envelope)
    cut = data.draw(st.integers(0, len(text)))
    dirt = data.draw(st.text(max_size=5))
    for raw in (text, text[:cut], text[:cut] + dirt + text[cut:], text[::-1]):
        assert isinstance(frames.parse(raw), frames.Frame)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200))
def test_no_bytes_raise(raw):
    """T11: random bytes give a frame and no exception."""
    assert isinstance(frames.parse(raw), frames.Frame)


keys = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(keys, st.text(alphabet='"\\:ü{}')))
def test_whatever_has_no_duplicate_keys_is_taken(payload):
    """Escapes and quotes never look like duplicates, whoever wrote the JSON."""
    for options in ({}, {"ensure_ascii": False}, {"separators": (",", ":")}):
        frame = frames.parse(json.dumps([2, "1", "A", payload], **options))
        assert frame == Call("1", "A", payload)
