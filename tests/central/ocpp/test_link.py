"""The protocol state of a connection: the fault table, order, repeats, the boot gate, our own calls."""

import json
from datetime import UTC, datetime

import pytest

from central.ocpp import link as link_module
from central.ocpp.catalog import VERSIONS
from central.ocpp.errors import OcppError
from central.ocpp.frames import Malformed
from central.ocpp.link import CallOpen, Link, Outcome, Overflow, Request
from central.ocpp.router import ACTIONS, ActionEntry
from tests.central.ocpp.faults import FAULTS, STATUS_1_6, STATUS_2

NOW = datetime(2026, 1, 1, tzinfo=UTC)
HEARTBEAT = '[2,"h","Heartbeat",{}]'


@pytest.fixture(autouse=True)
def _handlers(monkeypatch):
    for version in VERSIONS:
        for action in ("Heartbeat", "BootNotification", "StatusNotification", "NotifyPeriodicEventStream"):
            if (version, action) not in ACTIONS:
                monkeypatch.setitem(ACTIONS, (version, action), ActionEntry(handle=lambda ctx, request: {}))


def served(link, raw):
    """What the link sends for `raw` at once, or for a request to serve `"serve"`."""
    request = link.receive(raw, NOW)
    if request is None or isinstance(request, Outcome):
        return None
    reply = request.reply if request.entry is None else "serve"
    link.advance()
    return reply


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("row", FAULTS, ids=lambda row: row.name)
def test_fault_table(version, row):
    """Each row is answered by the code of its version, and the link serves the next message."""
    link = Link(version, booted=True)
    raw = row.frame(version)
    reply = served(link, raw)
    if row.codes[version] is None:
        assert reply is None
    else:
        kind, message_id, code, description, details = json.loads(reply)
        assert (kind, message_id, code) == (4, row.message_id, row.codes[version])
        assert len(description) <= 255
        assert set(details) <= {"field"}
    assert served(link, HEARTBEAT) == "serve"


@pytest.mark.parametrize("version", VERSIONS)
def test_null_is_an_empty_payload(version):
    assert served(Link(version, booted=True), '[2,"h","Heartbeat",null]') == "serve"


def test_an_error_never_repeats_the_payload():
    reply = served(Link("1.6", booted=True), '[2,"1","Heartbeat",{"topsecret":"topsecret"}]')
    assert "topsecret" not in reply


def test_a_time_without_offset_is_taken_in_1_6_only():
    """1.6 §3.15 asks for ISO 8601, 2.x for RFC 3339."""
    old = f'[2,"1","StatusNotification",{{{STATUS_1_6},"timestamp":"2026-01-01T00:00:00"}}]'
    new = f'[2,"1","StatusNotification",{{{STATUS_2}}}]'.replace("00Z", "00")
    assert served(Link("1.6", booted=True), old) == "serve"
    assert "PropertyConstraintViolation" in served(Link("2.0.1", booted=True), new)


@pytest.mark.parametrize("version", VERSIONS)
def test_before_the_boot_is_accepted_only_booting_is_served(version):
    """1.6 §4.2, 2.x B01-B03: anything else is a SecurityError."""
    link = Link(version, booted=False)
    assert json.loads(served(link, HEARTBEAT))[2] == "SecurityError"
    payload = {"1.6": {"chargePointVendor": "V", "chargePointModel": "M"}}.get(
        version, {"reason": "PowerUp", "chargingStation": {"vendorName": "V", "model": "M"}}
    )
    for status, expected in (
        ("Pending", "SecurityError"),
        ("Accepted", "serve"),
        ("Rejected", "SecurityError"),
    ):
        request = link.receive(json.dumps([2, f"b{status}", "BootNotification", payload]), NOW)
        assert isinstance(request, Request)
        link.answer(request, {"status": status})
        link.advance()
        assert expected in served(link, f'[2,"h{status}","Heartbeat",{{}}]')


def test_while_pending_the_charge_point_may_send_what_we_asked_for():
    """2.x B02.FR.09."""
    link = Link("2.0.1", booted=False)
    link.call("1", "TriggerMessage", {"requestedMessage": "Heartbeat"}, reference=1, clock=0.0)
    assert served(link, HEARTBEAT) == "serve"


def test_calls_are_served_in_the_order_of_arrival():
    link = Link("1.6", booted=True)
    first = link.receive('[2,"1","Heartbeat",{}]', NOW)
    assert link.receive('[2,"2","Heartbeat",{}]', NOW) is None
    assert link.receive("nonsense", NOW) is None
    assert isinstance(first, Request)
    second = link.advance()
    assert second is not None
    assert second.frame.message_id == "2"
    third = link.advance()
    assert third is not None
    assert isinstance(third.frame, Malformed)
    assert link.advance() is None


def test_the_same_message_again_gets_the_stored_answer():
    link = Link("1.6", booted=True)
    request = link.receive(HEARTBEAT, NOW)
    assert isinstance(request, Request)
    answer = link.answer(request, {"currentTime": "2026-01-01T00:00:00Z"})
    link.advance()
    assert served(link, HEARTBEAT) == answer
    assert served(link, '[2,"h","Heartbeat",null]') == "serve"


def test_a_repeat_that_came_early_gets_the_answer_of_the_first():
    link = Link("1.6", booted=True)
    request = link.receive(HEARTBEAT, NOW)
    assert link.receive(HEARTBEAT, NOW) is None
    assert isinstance(request, Request)
    answer = link.answer(request, {"currentTime": "x"})
    again = link.advance()
    assert again is not None
    assert again.reply == answer


def test_stored_answers_are_bounded():
    link = Link("1.6", booted=True)
    for number in range(200):
        request = link.receive(f'[2,"{number}","Heartbeat",{{}}]', NOW)
        assert isinstance(request, Request)
        link.answer(request, {"currentTime": "x" * (70_000 if number % 2 else 1)})
        link.advance()
    assert len(link._answers) == link_module.ANSWERS_KEPT


def test_an_unbounded_sender_is_cut():
    """T12: at most 100 frames and 8 MiB wait."""
    link = Link("1.6", booted=True)
    link.receive(HEARTBEAT, NOW)
    for number in range(100):
        assert link.receive(f'[2,"{number}","Heartbeat",{{}}]', NOW) is None
    with pytest.raises(Overflow):
        link.receive(HEARTBEAT, NOW)


def test_large_frames_fill_the_queue_by_size():
    link = Link("1.6", booted=True)
    link.receive(HEARTBEAT, NOW)
    large = '[2,"1","DataTransfer",{"vendorId":"v","data":"%s"}]' % ("x" * 3_000_000)
    link.receive(large, NOW)
    link.receive(large, NOW)
    with pytest.raises(Overflow):
        link.receive(large, NOW)


class TestOurCalls:
    """One open CALL of ours, its answer, its time limit."""

    def test_an_answer_finds_its_call(self):
        link = Link("1.6", booted=True)
        text = link.call("c1", "Reset", {"type": "Hard"}, reference="order", clock=0.0)
        assert text == '[2,"c1","Reset",{"type":"Hard"}]'
        with pytest.raises(CallOpen):
            link.call("c2", "Reset", {"type": "Hard"}, reference=None, clock=0.0)
        outcome = link.receive('[3,"c1",{"status":"Accepted"}]', NOW)
        assert isinstance(outcome, Outcome)
        assert (outcome.pending.reference, outcome.payload, outcome.code) == (
            "order",
            {"status": "Accepted"},
            "",
        )
        link.call("c2", "Reset", {"type": "Hard"}, reference=None, clock=0.0)

    def test_theirs_is_served_while_ours_is_open(self):
        link = Link("1.6", booted=True)
        link.call("c1", "Reset", {"type": "Hard"}, reference=None, clock=0.0)
        assert served(link, HEARTBEAT) == "serve"

    def test_an_answer_is_taken_while_theirs_is_served(self):
        link = Link("1.6", booted=True)
        link.receive(HEARTBEAT, NOW)
        link.call("c1", "Reset", {"type": "Hard"}, reference=None, clock=0.0)
        assert isinstance(link.receive('[3,"c1",{"status":"Accepted"}]', NOW), Outcome)

    @pytest.mark.parametrize("code", ["FormationViolation", "FormatViolation"])
    def test_both_spellings_of_an_error_are_understood(self, code):
        link = Link("1.6", booted=True)
        link.call("c1", "Reset", {"type": "Hard"}, reference=None, clock=0.0)
        outcome = link.receive(f'[4,"c1","{code}","",{{}}]', NOW)
        assert isinstance(outcome, Outcome)
        assert outcome.code == "FormatViolation"

    def test_time_runs_out_and_a_late_answer_is_recognised_once(self):
        link = Link("1.6", booted=True)
        link.call("c1", "Reset", {"type": "Hard"}, reference="order", clock=0.0)
        assert link.expire(29.9) is None
        expired = link.expire(30.0)
        assert expired is not None
        assert expired.reference == "order"
        outcome = link.receive('[3,"c1",{"status":"Accepted"}]', NOW)
        assert isinstance(outcome, Outcome)
        assert outcome.late
        assert link.receive('[3,"c1",{"status":"Accepted"}]', NOW) is None

    def test_strays_and_late_answers_take_no_memory(self):
        """F 9: a hundred thousand unsolicited results leave nothing behind."""
        link = Link("1.6", booted=True)
        for number in range(5000):
            link.receive(f'[3,"stray{number}",{{}}]', NOW)
        for number in range(50):
            link.call(f"c{number}", "Reset", {"type": "Hard"}, reference=None, clock=0.0)
            link.expire(100.0)
        assert link.strays == 5000
        assert len(link._late) == link_module.LATE_KEPT

    def test_an_answer_that_cannot_be_understood_is_an_error(self):
        link = Link("2.1", booted=True)
        link.call("c1", "Reset", {"type": "Immediate"}, reference=None, clock=0.0)
        outcome = link.receive('[3,"c1",{"status":"Perhaps"}]', NOW)
        assert isinstance(outcome, Outcome)
        assert outcome.code == "PropertyConstraintViolation"
        assert json.loads(outcome.reply or "")[:3] == [5, "c1", "PropertyConstraintViolation"]

    def test_an_extra_field_in_an_answer_is_forgiven(self):
        link = Link("1.6", booted=True)
        link.call("c1", "Reset", {"type": "Hard"}, reference=None, clock=0.0)
        outcome = link.receive('[3,"c1",{"status":"Accepted","extra":1}]', NOW)
        assert isinstance(outcome, Outcome)
        assert outcome.code == ""

    @pytest.mark.parametrize(
        "raw", ['[3,"c1",[]]', '[3,"c1"]', '[3,"c1",{"a":NaN}]', '[4,"c1"]', '[3,"c1",7]']
    )
    def test_a_malformed_answer_ends_the_call(self, raw):
        link = Link("1.6", booted=True)
        link.call("c1", "Reset", {"type": "Hard"}, reference=None, clock=0.0)
        outcome = link.receive(raw, NOW)
        assert isinstance(outcome, Outcome)
        assert outcome.code == "FormatViolation"
        assert link.pending is None


class TestTypesOf21:
    """CALLRESULTERROR and SEND exist in 2.1 only (2.1 part 4 §4.2.4, §4.2.5)."""

    STREAM = (
        '[6,"s","NotifyPeriodicEventStream",'
        '{"id":1,"pending":0,"basetime":"2026-01-01T00:00:00Z","data":[{"t":0,"v":"1"}]}]'
    )

    def test_send_is_served_and_never_answered(self):
        link = Link("2.1", booted=True)
        request = link.receive(self.STREAM, NOW)
        assert isinstance(request, Request)
        assert request.entry is not None
        assert not request.answered
        assert link.answer(request, {}) is None
        assert link.refuse(request, OcppError("InternalError")) is None

    @pytest.mark.parametrize(
        "raw", ['[6,"s","Heartbeat",{}]', '[6,"s","NotifyPeriodicEventStream",{}]', '[6,"s"]']
    )
    def test_a_bad_send_is_not_answered(self, raw):
        assert served(Link("2.1", booted=True), raw) is None

    def test_a_stream_does_not_travel_as_call(self):
        reply = served(Link("2.1", booted=True), self.STREAM.replace("[6", "[2"))
        assert json.loads(reply)[2] == "NotSupported"

    def test_a_refused_answer_is_not_answered(self):
        assert served(Link("2.1", booted=True), '[5,"x","FormatViolation","",{}]') is None

    @pytest.mark.parametrize("kind", [5, 6])
    def test_earlier_versions_do_not_know_them(self, kind):
        raw = f'[{kind},"x","FormatViolation",{{}}]' if kind == 6 else '[5,"x","FormatViolation","",{}]'
        assert served(Link("1.6", booted=True), raw) is None
        assert json.loads(served(Link("2.0.1", booted=True), raw))[2] == "MessageTypeNotSupported"
