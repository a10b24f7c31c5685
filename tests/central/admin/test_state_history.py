"""Pages of the states that connectors reported, and of times without a connection."""

from datetime import timedelta

import pytest

from central.models import OfflineSpan, StatusChange
from tests.support.handlers import NOW, Bench
from tests.support.world import staff

STATES, SPANS = "/admin/central/statuschange/", "/admin/central/offlinespan/"


@pytest.fixture
def operator(client, organization):
    client.force_login(staff(organization, "operator"))
    return client


def text(answer):
    assert answer.status_code == 200
    return answer.content.decode().replace("\xa0", " ")


def test_what_a_connector_said_is_read_with_its_error_and_its_frame(operator, charge_point):
    status = {"connectorId": 1, "timestamp": NOW.isoformat()}
    faulted = status | {
        "status": "Faulted",
        "errorCode": "GroundFailure",
        "vendorErrorCode": "E-17",
        "info": "Relay",
    }
    bench = Bench(charge_point, "1.6")
    bench.call("StatusNotification", status | {"status": "Available", "errorCode": "NoError"})
    bench.after(minutes=1).call("StatusNotification", faulted)
    listed = text(operator.get(STATES))
    assert [word in listed for word in ("Available", "Faulted", "GroundFailure", "NoError")] == [True] * 3 + [
        False
    ]
    assert "GroundFailure" not in text(operator.get(f"{STATES}?status=Available"))
    row = StatusChange.objects.get(status="Faulted")
    assert "GroundFailure" in text(operator.get(f"{STATES}{row.pk}/change/"))
    own = text(operator.get(f"/admin/registry/chargepoint/{charge_point.pk}/change/"))
    assert "GroundFailure E-17 Relay" in own
    assert f"{STATES}?charge_point__id__exact={charge_point.pk}" in own


def test_times_without_connection_say_how_long_and_whether_they_go_on(operator, charge_point):
    ended = OfflineSpan.objects.create(
        charge_point=charge_point, began_at=NOW, ended_at=NOW + timedelta(minutes=14)
    )
    open_one = OfflineSpan.objects.create(charge_point=charge_point, began_at=NOW)
    listed = text(operator.get(f"{SPANS}?now=0"))
    assert "14 min" in listed
    assert f"/{open_one.pk}/" not in listed
    listed = text(operator.get(f"{SPANS}?now=1"))
    assert f"/{ended.pk}/" not in listed
    assert "Offline" in listed
    assert "14 min" in text(operator.get(f"{SPANS}{ended.pk}/change/"))


def test_the_whole_charge_point_is_called_so(operator, charge_point):
    StatusChange.objects.create(
        charge_point=charge_point,
        evse_number=0,
        connector_number=0,
        status="Unavailable",
        at=NOW,
        received_at=NOW,
    )
    listed = text(operator.get(STATES))
    assert "Whole charge point" in listed
    assert "Out of service" in listed
