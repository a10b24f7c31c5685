"""How reservations end by themselves: a connector is free again (1.6 §5.13), time passes, bells get lost."""

import pytest

from central.models import ChargePointStatus, Connector, Evse, Reservation
from central.services.reservation_ends import reservations_free, reservations_sweep
from tests.central.services.test_reservations import LATER, UNTIL, held, reserve, state
from tests.support.power import answered


def said(bench, *statuses, connector=1):
    for status in statuses:
        bench.call("StatusNotification", {"connectorId": connector, "errorCode": "NoError", "status": status})
    places = Connector.objects.filter(charge_point=bench.charge_point).values_list("pk", flat=True)
    reservations_free(connector_ids=list(places), now=bench.now)


@pytest.fixture
def live(charge_point):
    return ChargePointStatus.objects.create(charge_point=charge_point, ocpp_version="1.6")


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        (["Reserved"], "active"),
        (["Available"], "active"),
        (["Reserved", "Preparing"], "active"),
        (["Reserved", "Available"], "removed"),
        (["Reserved", "Faulted"], "removed"),
        (["Unavailable"], "removed"),
    ],
)
def test_what_the_connector_says_in_1_6(charge_point, bench, live, statuses, expected):
    """1.6 §5.13: Reserved, then Available without a session; Faulted and Unavailable end it."""
    row = held(charge_point)
    said(bench, *statuses)
    assert state(row) == expected


def test_a_connector_that_is_free_when_time_is_up(charge_point, bench, live):
    row = held(charge_point)
    said(bench, "Reserved")
    said(bench.at(UNTIL), "Available")
    assert state(row) == "expired"


def test_other_connectors_and_versions_end_nothing(charge_point, bench, live):
    """2.x shows Available also when the tag is held to it (H03.FR.10)."""
    row = held(charge_point)
    said(bench, "Reserved", "Available", connector=2)
    assert state(row) == "active"
    live.ocpp_version = "2.0.1"
    live.save()
    said(bench, "Reserved", "Available")
    assert state(row) == "active"


def test_a_state_of_reserved_invents_nothing(charge_point, bench, live):
    said(bench, "Reserved", "Available")
    assert not Reservation.objects.exists()
    assert Evse.objects.exists()


@pytest.mark.parametrize("before", ["requested", "active", "unknown"])
def test_time_ends_it(charge_point, before):
    row = held(charge_point)
    Reservation.objects.update(state=before)
    assert reservations_sweep(now=UNTIL) == 0
    assert reservations_sweep(now=LATER) == 1
    assert reservations_sweep(now=LATER) == 0
    assert state(row) == "expired"


def test_the_sweep_finds_what_no_bell_told(charge_point, bench, token):
    row = held(charge_point)
    bench.begin(reservationId=row.number)
    reservations_sweep(now=LATER)
    assert state(row) == "used"


def test_an_answer_after_its_time(charge_point):
    command = reserve(charge_point)
    assert answered("1.6", command, {"status": "Accepted"}, LATER)
    assert Reservation.objects.get().state == "expired"
