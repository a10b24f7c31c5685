"""Smart charging over the wire: profiles from REST to the charge point, reports, the end of a session."""

import pytest
from django.test import Client

from central.models import ChargingProfile, CompositeSchedule
from emobility.lib import bell
from tests.support.handlers import token_create
from tests.support.wait import eventually
from tests.support.world import staff

pytestmark = pytest.mark.integration
ACCEPT = {
    "SetChargingProfile": {"status": "Accepted"},
    "ClearChargingProfile": {"status": "Accepted"},
    "GetChargingProfiles": {"status": "Accepted"},
}


@pytest.fixture
def operator(enrolled):
    token_create(enrolled.row.organization)
    client = Client()
    client.force_login(staff(enrolled.row.organization, "operator"))
    return client


def ordered(operator, order, **params):
    body = {"order": order, "charge_point": "CP-1", "params": params}
    answer = operator.post("/api/commands/", body, content_type="application/json")
    assert answer.status_code == 202, answer.content


def profile():
    return ChargingProfile.objects.latest("id")


def test_a_session_is_limited_in_1_6(enrolled, operator):
    composite = {
        "status": "Accepted",
        "connectorId": 1,
        "scheduleStart": "2026-03-02T12:00:00Z",
        "chargingSchedule": {
            "duration": 60,
            "chargingRateUnit": "W",
            "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 6000}],
        },
    }
    with enrolled.plug_in("1.6", handlers=ACCEPT | {"GetCompositeSchedule": composite}) as charger:
        charger.boot()
        began = charger.start()
        params = {"purpose": "TxProfile", "transaction_id": str(began.id), "limit": 6000, "unit": "W"}
        ordered(operator, "profile_set", **params)
        eventually(lambda: profile().state == "installed")
        sent = dict(charger.calls)["SetChargingProfile"]["csChargingProfiles"]
        assert (sent["chargingProfileId"], sent["transactionId"]) == (profile().number, began.id)
        ordered(operator, "composite_schedule", evse_number=1, duration=60)
        eventually(CompositeSchedule.objects.exists)
        charger.call(*began.stop(1000))
        assert bell.drain()
        eventually(lambda: profile().state == "cleared")
    (row,) = operator.get("/api/charging-profiles/?charge_point=CP-1").json()["results"]
    assert (row["word"], row["unit"], row["highest"]) == ("session ended", "W", "6000.000")
    page = operator.get(f"/admin/central/chargingprofile/{row['id']}/change/").content.decode()
    assert "em-curve" in page
    assert len(operator.get("/api/composite-schedules/").json()["results"]) == 1


def test_profiles_are_reported_and_cleared_in_2_1(enrolled, operator):
    with enrolled.plug_in("2.1", handlers=ACCEPT) as charger:
        charger.boot()
        ordered(operator, "profile_set", purpose="ChargingStationMaxProfile", limit=40000, unit="W")
        eventually(lambda: profile().state == "installed")
        ordered(operator, "profiles_get")
        eventually(lambda: "GetChargingProfiles" in dict(charger.calls))
        request = dict(charger.calls)["GetChargingProfiles"]
        installed = dict(charger.calls)["SetChargingProfile"]["chargingProfile"]
        foreign = installed | {"id": -1, "chargingProfilePurpose": "ChargingStationExternalConstraints"}
        report = {"requestId": request["requestId"], "evseId": 0}
        for source, each in (("CSO", installed), ("EMS", foreign)):
            part = {"chargingLimitSource": source, "chargingProfile": [each], "tbc": source == "CSO"}
            assert charger.call("ReportChargingProfiles", report | part) == {}
        page = f"/admin/central/chargingprofile/{ChargingProfile.objects.get(source='CSO').pk}/"
        assert operator.post(f"{page}do/clear/").status_code == 302
        eventually(lambda: ChargingProfile.objects.get(source="CSO").state == "cleared")
    rows = operator.get("/api/charging-profiles/").json()["results"]
    assert {each["number"]: each["state"] for each in rows}[-1] == "reported"
    assert operator.get("/api/profile-reports/").json()["results"][0]["state"] == "complete"
