"""NotifyDERAlarm (2.1 R05): alarms from start to end, one that takes over, late ones."""

from datetime import timedelta

import pytest

from central.models import DerAlarm
from registry.models import Event
from tests.support.handlers import NOW, Bench, charge_point_create
from tests.support.messages import stamp


@pytest.fixture
def bench(charge_point):
    return Bench(charge_point, "2.1")


def alarm(bench, at=NOW, ended=None, control="VoltWatt", **more):
    request = {"controlType": control, "timestamp": stamp(at), "gridEventFault": "OverVoltage"} | more
    assert bench.call("NotifyDERAlarm", request | ({} if ended is None else {"alarmEnded": ended})) == {}


def alarms():
    return list(
        DerAlarm.objects.order_by("pk").values_list("control_type", "started_at", "ended_at", "taken_over")
    )


def test_an_alarm_from_start_to_end(bench):
    """R05.FR.01, FR.02; repeats change nothing."""
    later = NOW + timedelta(minutes=3)
    for _ in range(2):
        alarm(bench, extraInfo="hot")
    for _ in range(2):
        alarm(bench, later, ended=True)
    assert alarms() == [("VoltWatt", NOW, later, False)]
    assert DerAlarm.objects.get().info == "hot"
    assert list(Event.objects.order_by("pk").values_list("kind", flat=True)) == [
        "der.alarm",
        "der.alarm_ended",
    ]


def test_another_control_takes_over(bench, charge_point, organization):
    """R05.FR.03, FR.04: there is one level of alarm, and the first one's end is not told."""
    elsewhere = Bench(charge_point_create(organization), "2.1")
    later = NOW + timedelta(minutes=3)
    alarm(elsewhere)
    alarm(bench)
    alarm(bench, later, control="HFMustTrip", ended=False)
    assert alarms() == [
        ("VoltWatt", NOW, None, False),
        ("VoltWatt", NOW, later, True),
        ("HFMustTrip", later, None, False),
    ]


def test_alarms_that_come_late_find_their_place(bench):
    later, end = NOW + timedelta(minutes=8), NOW + timedelta(minutes=5)
    alarm(bench, end, ended=True)
    assert alarms() == [("VoltWatt", None, end, False)]
    alarm(bench)
    assert alarms() == [("VoltWatt", NOW, end, False)]
    alarm(bench, later, control="LFMustTrip")
    alarm(bench, end + timedelta(minutes=1), control="HFMustTrip")
    assert alarms()[-1] == ("HFMustTrip", end + timedelta(minutes=1), later, True)
