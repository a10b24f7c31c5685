"""DER controls and their reports (2.1 R04): every way from one state to the next."""

from datetime import timedelta

import pytest

from central.models import DerControl, DerReport
from central.models.command import CommandState
from central.services.der_reports import der_reports_sweep
from central.services.undelivered import undelivered_mark
from emobility.lib.errors import Invalid
from registry.models import Event
from tests.support.handlers import NOW, Bench
from tests.support.messages import stamp
from tests.support.power import answered, built, placed

CURVE = {"yUnit": "PctMaxW", "curveData": [{"x": 253, "y": 100}, {"x": 257, "y": 0}]}
DROOP = {"overFreq": 0.2, "underFreq": 0.2, "overDroop": 5, "underDroop": 5, "responseTime": 2}


@pytest.fixture
def bench(charge_point):
    return Bench(charge_point, "2.1")


def put(charge_point, control_id="c-1", status="Accepted", superseded=(), **params):
    values = {"control_type": "VoltWatt", "settings": CURVE, "control_id": control_id} | params
    command = placed(charge_point, "der_set", **values)
    answer = {"status": status} | ({"supersededIds": list(superseded)} if superseded else {})
    return answered("2.1", command, answer)


def state(control_id="c-1"):
    return DerControl.objects.get(control_id=control_id).state


@pytest.mark.parametrize(
    ("control_type", "settings", "field"),
    [
        ("VoltWatt", CURVE, "curve"),
        ("FreqDroop", DROOP, "freqDroop"),
        ("FixedVar", {"setpoint": 10, "unit": "PctMaxVar"}, "fixedVar"),
        ("FixedPFInject", {"displacement": 0.9, "excitation": True}, "fixedPFInject"),
        ("LimitMaxDischarge", {"pctMaxDischargePower": 50}, "limitMaxDischarge"),
    ],
)
def test_a_scheduled_control_stands_in_the_field_of_its_type(charge_point, control_type, settings, field):
    """R04.FR.16 (errata 2025-09)."""
    command = placed(
        charge_point, "der_set", control_type=control_type, settings=settings, starts_at=NOW, duration_s=60
    )
    action, request = built("2.1", command)
    assert action == "SetDERControl"
    assert request[field] == settings | {
        "priority": 0,
        "startTime": "2026-03-02T12:00:00.000Z",
        "duration": 60,
    }
    assert set(request) == {"isDefault", "controlId", "controlType", field}
    row = DerControl.objects.get()
    assert (row.state, row.starts_at, row.duration_s, row.command) == ("requested", NOW, 60, command)
    assert row.control_id == request["controlId"]


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"control_type": "VoltWatt", "settings": CURVE, "is_default": True, "duration_s": 5}, "starts_at"),
        ({"control_type": "Gradients", "settings": {"gradient": 1, "softGradient": 1}}, "is_default"),
        ({"control_type": "VoltWatt", "settings": {"yUnit": "PctMaxW"}}, "settings"),
        ({"control_type": "VoltWatt", "settings": [1]}, "settings"),
        ({"control_type": "Nonsense", "settings": CURVE}, "control_type"),
    ],
)
def test_what_ocpp_forbids_is_told_before_it_is_sent(charge_point, params, field):
    """R04.FR.12, FR.14, FR.16."""
    with pytest.raises(Invalid) as caught:
        placed(charge_point, "der_set", **params)
    assert field in caught.value.fields
    assert not DerControl.objects.exists()


@pytest.mark.parametrize(
    ("status", "expected"), [("Accepted", "installed"), ("NotSupported", "refused"), ("Rejected", "refused")]
)
def test_the_answer_decides(charge_point, status, expected):
    assert put(charge_point, status=status) is (status == "Accepted")
    row = DerControl.objects.get()
    assert (row.state, row.word) == (expected, status)


def test_a_better_control_supersedes_others_and_perhaps_itself(charge_point):
    """R04.FR.06, FR.08: the answer names whom."""
    put(charge_point, "c-1")
    put(charge_point, "c-2", superseded=["c-1"])
    assert (state("c-1"), state("c-2")) == ("superseded", "installed")
    put(charge_point, "c-3", priority=9, superseded=["c-3"])
    assert state("c-3") == "superseded"


def test_a_refused_change_leaves_what_is_there(charge_point):
    put(charge_point)
    put(charge_point, status="Rejected", settings=CURVE | {"responseTime": 5})
    row = DerControl.objects.get()
    assert (row.state, row.settings.get("responseTime"), row.word) == ("installed", None, "Rejected")


def test_a_control_asked_for_by_hand_gets_its_row(charge_point):
    command = placed(charge_point, "der_set", control_type="VoltWatt", settings=CURVE)
    DerControl.objects.all().delete()
    assert answered("2.1", command, {"status": "Accepted"})
    assert DerControl.objects.get().state == "installed"


def test_a_control_comes_into_force_and_ends(charge_point, bench):
    """R04.FR.20-22; repeats change nothing, and late news moves no state."""
    put(charge_point, "c-1")
    put(charge_point, "c-2")
    start = {
        "controlId": "c-1",
        "started": True,
        "timestamp": stamp(NOW),
        "supersededIds": ["c-2"],
    }
    end = {"controlId": "c-1", "started": False, "timestamp": stamp(NOW + timedelta(hours=1))}
    assert bench.call("NotifyDERStartStop", start) == {}
    assert (state("c-1"), state("c-2")) == ("active", "superseded")
    bench.call("NotifyDERStartStop", end)
    for _ in range(2):
        bench.call("NotifyDERStartStop", start)
    row = DerControl.objects.get(control_id="c-1")
    assert (row.state, row.started_at, row.stopped_at) == ("ended", NOW, NOW + timedelta(hours=1))
    assert Event.objects.filter(kind="der.control_started").count() == 1


def test_a_control_that_we_do_not_know_is_kept(bench):
    bench.call("NotifyDERStartStop", {"controlId": "theirs", "started": True, "timestamp": stamp(NOW)})
    assert (state("theirs"), DerControl.objects.get().command) == ("active", None)


def reported(control_id, **changes):
    return {
        "id": control_id,
        "curveType": "VoltWatt",
        "isDefault": True,
        "isSuperseded": False,
        "curve": CURVE | {"priority": 1},
    } | changes


def ask(charge_point, status="Accepted", **params):
    command = placed(charge_point, "der_get", **params)
    action, request = built("2.1", command)
    assert (action, request["requestId"]) == ("GetDERControl", command.pk)
    accepted = answered("2.1", command, {"status": status})
    return DerReport.objects.get(command=command), request, accepted


def test_a_report_in_parts_tells_what_is_there_and_what_not(charge_point, bench):
    """R04.FR.31-33: tbc on all messages but the last; a repeated part counts once."""
    put(charge_point, "gone", is_default=True)
    report, request, accepted = ask(charge_point)
    assert accepted
    assert request == {"requestId": report.request_id}
    droop = {"id": "b", "isDefault": False, "isSuperseded": True, "freqDroop": DROOP | {"priority": 3}}
    first = {"requestId": report.request_id, "tbc": True, "curve": [reported("a")]}
    last = {"requestId": report.request_id, "freqDroop": [droop]}
    for part in (first, first, last, last):
        assert bench.call("ReportDERControl", part) == {}
    report.refresh_from_db()
    assert (report.state, report.found, len(report.parts)) == ("complete", ["a", "b"], 2)
    assert (state("a"), state("b"), state("gone")) == ("installed", "superseded", "gone")
    b = DerControl.objects.get(control_id="b")
    assert (b.control_type, b.priority, b.is_default, b.reported_at) == ("FreqDroop", 3, False, NOW)


def test_every_kind_of_control_is_read_from_a_report(bench):
    fixed = {"displacement": 0.9, "excitation": True, "priority": 0}
    flags = {"isDefault": True, "isSuperseded": False}
    enter = {"highVoltage": 1, "lowVoltage": 1, "highFreq": 1, "lowFreq": 1, "priority": 0}
    parts = {
        "fixedPFAbsorb": [{"id": "1", "fixedPF": fixed} | flags],
        "fixedPFInject": [{"id": "2", "fixedPF": fixed} | flags],
        "fixedVar": [{"id": "3", "fixedVar": {"setpoint": 1, "unit": "PctMaxVar", "priority": 0}} | flags],
        "limitMaxDischarge": [{"id": "4", "limitMaxDischarge": {"priority": 0}} | flags],
        "enterService": [{"id": "5", "enterService": enter}],
        "gradient": [{"id": "6", "gradient": {"priority": 0, "gradient": 1, "softGradient": 1}}],
    }
    bench.call("ReportDERControl", {"requestId": 77} | parts)
    rows = DerControl.objects.order_by("control_id")
    assert [row.control_type for row in rows] == [
        "FixedPFAbsorb",
        "FixedPFInject",
        "FixedVar",
        "LimitMaxDischarge",
        "EnterService",
        "Gradients",
    ]
    assert all(row.is_default for row in rows)
    report = DerReport.objects.get()
    assert (report.state, report.command) == ("complete", None)


def test_a_report_of_one_type_says_nothing_of_others(charge_point, bench):
    put(charge_point, "other", control_type="FreqDroop", settings=DROOP, is_default=True)
    put(charge_point, "same", is_default=True)
    report, request, _ = ask(charge_point, control_type="VoltWatt", which="default")
    assert request == {"requestId": report.request_id, "controlType": "VoltWatt", "isDefault": True}
    bench.call("ReportDERControl", {"requestId": report.request_id, "curve": [reported("new")]})
    assert (state("other"), state("same"), state("new")) == ("installed", "gone", "installed")


def test_a_report_may_come_before_the_answer(charge_point, bench):
    put(charge_point, "gone")
    command = placed(charge_point, "der_get")
    bench.call("ReportDERControl", {"requestId": command.pk, "curve": [reported("a")]})
    assert answered("2.1", command, {"status": "Accepted"})
    assert DerReport.objects.get().state == "complete"
    assert state("gone") == "gone"


@pytest.mark.parametrize(
    ("status", "expected", "control"),
    [("NotFound", "nothing", "gone"), ("NotSupported", "refused", "installed")],
)
def test_there_may_be_nothing_to_report(charge_point, status, expected, control):
    """R04.FR.30, FR.36."""
    put(charge_point)
    report, _, accepted = ask(charge_point, status=status)
    assert (report.state, accepted, state()) == (expected, status == "NotFound", control)


def test_a_report_whose_rest_never_comes_is_given_up_and_what_came_is_kept(charge_point, bench):
    report, _, _ = ask(charge_point)
    part = {"requestId": report.request_id, "tbc": True, "curve": [reported("a")]}
    bench.call("ReportDERControl", part)
    assert der_reports_sweep(now=NOW + timedelta(minutes=4)) == 0
    assert der_reports_sweep(now=NOW + timedelta(minutes=6)) == 1
    report.refresh_from_db()
    assert (report.state, report.found) == ("incomplete", ["a"])
    bench.call("ReportDERControl", {"requestId": report.request_id, "curve": [reported("b")]})
    report.refresh_from_db()
    assert report.state == "complete"


@pytest.mark.parametrize(
    ("params", "request_"),
    [
        ({"which": "default"}, {"isDefault": True}),
        ({"which": "scheduled", "control_type": "VoltWatt"}, {"isDefault": False, "controlType": "VoltWatt"}),
        (
            {"which": "scheduled", "control_id": "c-1", "control_type": "VoltWatt"},
            {"isDefault": False, "controlId": "c-1"},
        ),
    ],
)
@pytest.mark.parametrize(
    ("status", "expected"), [("Accepted", "cleared"), ("NotFound", "gone"), ("NotSupported", "installed")]
)
def test_clearing(charge_point, params, request_, status, expected):
    """R04.FR.41-46."""
    default = params["which"] == "default"
    put(charge_point, "c-1", is_default=default)
    put(charge_point, "c-9", is_default=not default)
    command = placed(charge_point, "der_clear", **params)
    assert built("2.1", command) == ("ClearDERControl", request_)
    assert answered("2.1", command, {"status": status}) is (status == "Accepted")
    assert (state("c-1"), state("c-9")) == (expected, "installed")


def test_what_never_arrived_is_marked_and_a_late_answer_counts(charge_point):
    command = placed(charge_point, "der_set", control_type="VoltWatt", settings=CURVE, control_id="c-1")
    question = placed(charge_point, "der_get")
    assert undelivered_mark(now=NOW) == 0
    for each in (command, question):
        each.state = CommandState.TIMED_OUT
        each.save()
    assert undelivered_mark(now=NOW) == 2
    assert (state(), DerReport.objects.get().state) == ("undelivered", "undelivered")
    assert answered("2.1", command, {"status": "Accepted"})
    assert state() == "installed"
