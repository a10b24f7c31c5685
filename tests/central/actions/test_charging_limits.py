"""External limits and what a driver chooses at the charge point (2.x K11-K14; 2.1 K22, K27)."""

import pytest

from central.models import ChargingLimit, PowerSignal
from registry.models import Event
from tests.support.handlers import Bench

TWO = ["2.0.1", "2.1"]
SCHEDULE = {
    "id": 1,
    "chargingRateUnit": "A",
    "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 10.0}],
}


def limit(source="EMS", schedules=(SCHEDULE,), **more):
    told = {"chargingLimitSource": source, "isGridCritical": True}
    return {"chargingLimit": told, "chargingSchedule": list(schedules)} | more


def rows():
    return list(ChargingLimit.objects.order_by("id").values_list("source", "evse_number", "state"))


@pytest.mark.parametrize("version", TWO)
def test_a_limit_comes_repeats_changes_and_goes(charge_point, version):
    bench = Bench(charge_point, version)
    for _ in range(2):
        assert bench.call("NotifyChargingLimit", limit()) == {}
    assert rows() == [("EMS", 0, "active")]
    assert ChargingLimit.objects.get().schedules == [SCHEDULE]
    assert ChargingLimit.objects.get().is_grid_critical is True
    bench.call("NotifyChargingLimit", {"chargingLimit": {"chargingLimitSource": "EMS"}})
    assert rows() == [("EMS", 0, "replaced"), ("EMS", 0, "active")]
    for _ in range(2):
        assert bench.call("ClearedChargingLimit", {"chargingLimitSource": "EMS"}) == {}
    assert rows() == [("EMS", 0, "replaced"), ("EMS", 0, "cleared")]
    assert ChargingLimit.objects.latest("id").ended_at == bench.now


@pytest.mark.parametrize("version", TWO)
def test_limits_of_other_sources_and_evses_stay(charge_point, version):
    bench = Bench(charge_point, version)
    for source, evse in (("EMS", 1), ("EMS", 2), ("SO", 1)):
        bench.call("NotifyChargingLimit", limit(source, evseId=evse))
    bench.call("ClearedChargingLimit", {"chargingLimitSource": "EMS", "evseId": 1})
    assert rows() == [("EMS", 1, "cleared"), ("EMS", 2, "active"), ("SO", 1, "active")]
    bench.call("ClearedChargingLimit", {"chargingLimitSource": "EMS"})
    assert rows() == [("EMS", 1, "cleared"), ("EMS", 2, "cleared"), ("SO", 1, "active")]


@pytest.mark.parametrize("version", TWO)
def test_the_end_of_an_unknown_limit_is_noted(charge_point, version):
    Bench(charge_point, version).call("ClearedChargingLimit", {"chargingLimitSource": "SO", "evseId": 3})
    assert not ChargingLimit.objects.exists()
    assert Event.objects.get(kind="charging_limit.cleared").data == {"evse": 3, "limits": 0}


def test_locally_generated_power_and_foreign_sources_in_2_1(charge_point):
    """2.1: chargingLimitSource is open; isLocalGeneration (K27.FR.03)."""
    told = {"chargingLimitSource": "Cloud EMS", "isLocalGeneration": True}
    Bench(charge_point, "2.1").call("NotifyChargingLimit", {"chargingLimit": told})
    row = ChargingLimit.objects.get()
    assert (row.source, row.is_local_generation, row.is_grid_critical) == ("Cloud EMS", True, None)


def test_a_driver_chooses_priority_at_the_charge_point(charge_point, token):
    """K22: kept with the session; a repeat of the message is not a second choice."""
    bench = Bench(charge_point, "2.1")
    began = bench.begin()
    for _ in range(2):
        notice = {"transactionId": began.id, "activated": True}
        assert bench.call("NotifyPriorityCharging", notice) == {}
    row = PowerSignal.objects.get()
    assert (row.session, row.value, row.status) == (bench.session(), {"activated": True}, "")
    bench.call("NotifyPriorityCharging", {"transactionId": began.id, "activated": False})
    bench.after(minutes=2).call("NotifyPriorityCharging", {"transactionId": began.id, "activated": True})
    assert [each.value["activated"] for each in PowerSignal.objects.order_by("id")] == [True, False, True]


def test_priority_of_an_unknown_transaction_is_kept(charge_point):
    Bench(charge_point, "2.1").call("NotifyPriorityCharging", {"transactionId": "x", "activated": True})
    assert PowerSignal.objects.get().session is None
