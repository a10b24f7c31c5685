"""StatusNotification (1.6 §4.9, 2.x G01): connectors made on first contact, states with their history."""

from datetime import UTC, datetime, timedelta

import pytest

from central.models import ChargePointStatus, Connector, Evse, StatusChange
from central.services import statuses
from central.signals import charge_point_changed, connector_changed
from emobility.lib import bell
from registry.models import Event
from tests.support.handlers import Bench, call_together, charge_point_create
from tests.support.messages import status
from tests.support.registry import rung


@pytest.fixture(params=["1.6", "2.0.1", "2.1"])
def bench(request, charge_point):
    """The charge point in each version."""
    return Bench(charge_point, request.param)


def test_an_unknown_connector_is_made(bench):
    assert bench.call(*status(bench.version, 2, "Available", bench.now)) == {}
    connector = Connector.objects.select_related("evse").get()
    assert (connector.evse.number, connector.number) == (2, 1)
    assert (connector.status, connector.status_at) == ("Available", bench.now)


def test_each_change_is_kept_and_a_repeat_changes_nothing(bench):
    busy = "Charging" if bench.version == "1.6" else "Occupied"
    bench.call(*status(bench.version, 1, "Available", bench.now))
    later = bench.after(minutes=5)
    later.call(*status(bench.version, 1, "Available", later.now))
    bench.call_all([status(bench.version, 1, word, later.now) for word in (busy, busy, "Faulted")])
    assert list(StatusChange.objects.order_by("pk").values_list("status", flat=True)) == [
        "Available",
        busy,
        "Faulted",
    ]
    assert Event.objects.filter(kind="connector.status").count() == 3


def test_since_when_stays_while_the_state_is_the_same(bench):
    bench.call(*status(bench.version, 1, "Available", bench.now))
    later = bench.after(minutes=5)
    later.call(*status(bench.version, 1, "Available", later.now))
    assert Connector.objects.get().status_at == bench.now


def test_a_state_from_a_wrong_clock_is_as_old_as_its_arrival(bench):
    bench.call(*status(bench.version, 1, "Available", datetime(1970, 1, 1, tzinfo=UTC)))
    bench.call(*status(bench.version, 2, "Available", bench.now + timedelta(days=300)))
    assert set(Connector.objects.values_list("status_at", flat=True)) == {bench.now}


def test_the_whole_charge_point_is_no_connector(charge_point):
    bench = Bench(charge_point, "1.6")
    request = {"connectorId": 0, "errorCode": "InternalError", "status": "Faulted", "info": "door open"}
    bench.call("StatusNotification", request)
    live = ChargePointStatus.objects.get()
    assert (live.status, live.error_code, live.error_info) == ("Faulted", "InternalError", "door open")
    assert (live.status_at, Connector.objects.count()) == (bench.now, 0)
    assert StatusChange.objects.get().evse_number == 0


def test_what_the_vendor_adds_is_kept(charge_point):
    request = {
        "connectorId": 1,
        "errorCode": "OtherError",
        "status": "Faulted",
        "info": "relay",
        "vendorId": "acme",
        "vendorErrorCode": "E17",
    }
    Bench(charge_point, "1.6").call("StatusNotification", request)
    row = Connector.objects.get()
    assert (row.error_code, row.error_info, row.vendor_id, row.vendor_error_code) == (
        "OtherError",
        "relay",
        "acme",
        "E17",
    )


@pytest.mark.parametrize("number", [-1, 2**40])
def test_a_number_that_cannot_exist_is_answered(number, charge_point):
    bench = Bench(charge_point, "1.6")
    assert bench.call(*status("1.6", number)) == {}
    assert not Connector.objects.exists()


def test_first_contacts_of_many_are_served_together(bench, organization):
    benches = [bench, *(Bench(charge_point_create(organization), bench.version) for _ in range(9))]
    call_together(
        (each, status(each.version, connector, "Available", each.now))
        for connector in (2, 1, 2)
        for each in reversed(benches)
    )
    assert (Evse.objects.count(), Connector.objects.count(), StatusChange.objects.count()) == (20, 20, 20)


def test_the_number_of_statements_does_not_grow(bench, organization, django_assert_max_num_queries):
    benches = [Bench(charge_point_create(organization), bench.version) for _ in range(20)]
    with django_assert_max_num_queries(11):
        call_together((each, status(each.version, 1, "Available", each.now)) for each in benches)
    with django_assert_max_num_queries(6):
        call_together((each, status(each.version, 1, "Unavailable", each.now)) for each in benches)


def test_a_change_rings_once_it_is_committed(transactional_db, charge_point):
    bench = Bench(charge_point, "1.6")
    connectors, _keep = rung(connector_changed)
    wholes, _keep_too = rung(charge_point_changed)
    bench.call(*status("1.6", 1))
    bench.call(*status("1.6", 0))
    assert bell.drain()
    assert connectors == [{"charge_point_id": charge_point.pk, "connector_id": Connector.objects.get().pk}]
    assert wholes == [{"charge_point_id": charge_point.pk}]


def test_whoever_invents_connectors_without_end_gets_some(bench, monkeypatch):
    """It is answered as ever, its real connectors go on, and nobody else loses one."""
    monkeypatch.setattr(statuses, "MOST_CONNECTORS", 3)
    words = [status(bench.version, number, "Available", bench.now) for number in range(1, 6)]
    assert bench.call_all(words) == [{}] * 5
    assert sorted(Connector.objects.values_list("evse__number", flat=True)) == [1, 2, 3]
    bench.call(*status(bench.version, 2, "Faulted", bench.now))
    assert Connector.objects.get(evse__number=2).status == "Faulted"
    assert StatusChange.objects.count() == 4
