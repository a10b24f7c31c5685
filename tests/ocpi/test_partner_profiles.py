"""Charging profiles from a partner to the charger and back (OCPI 2.2.1 §14)."""

from datetime import timedelta
from typing import Any

import pytest

from central.models import ChargingProfile, Command, Session, Variable
from central.ocpp.ordering import order_place
from ocpi.models import Delivery, Partner, ReceivedCommand, SentCommand
from ocpi.modules.chargingprofiles.schema import RESULT
from ocpi.services.profile_orders import active_profiles_missing
from ocpi.services.received_commands import commands_overdue
from ocpi.services.sent_commands import Wish, command_send, response_url
from registry.models import Organization
from tests.ocpi import roaming
from tests.ocpi.conftest import Caller, issue, now
from tests.ocpi.plugging import Plug, plugging
from tests.ocpi.pushing import push_all
from tests.support.partner import Answer, Recorded, ScriptedPartner
from tests.support.server import LiveServer
from tests.support.wait import eventually

PROFILE = {
    "charging_rate_unit": "A",
    "duration": 3600,
    "charging_profile_period": [{"start_period": 0, "limit": 16}, {"start_period": 1800, "limit": 8.5}],
}
ACTIVE = {"start_date_time": "2026-03-01T08:00:00Z", "charging_profile": PROFILE}


@pytest.fixture
def app(server: LiveServer, cpo: Organization, scripted: ScriptedPartner) -> Caller:
    """NL-TST, a provider that also makes charging profiles."""
    scripted.offers = [("chargingprofiles", "SENDER")]
    scripted.replies["back"] = scripted.replies["chargingprofiles"] = lambda request: Answer()
    answer = Caller(server, issue(cpo))("POST", "/ocpi/2.2.1/credentials", scripted.credentials())
    return Caller(server, answer.json()["data"]["token"])


@pytest.fixture
def charger(server: LiveServer, cpo: Organization) -> Plug:
    return plugging(server, roaming.box(cpo))


def address(session_id: Any, query: str = "", version: str = "2.2.1") -> str:
    return f"/ocpi/{version}/receiver/chargingprofiles/{session_id}{query}"


def back(scripted: ScriptedPartner, number: int = 1) -> str:
    return scripted.url(f"/2.2.1/back/{number}")


def running(cpo: Organization) -> Session:
    return roaming.running(cpo, transaction_id="77")


def told(scripted: ScriptedPartner, method: str = "POST", module: str = "back") -> list[Recorded]:
    """What the partner heard by now, the outbox emptied."""
    push_all(now() + timedelta(minutes=1), Partner.objects.get())
    return scripted.sent(method, module)


COMPOSITE = {
    "1.6": {
        "status": "Accepted",
        "connectorId": 1,
        "scheduleStart": "2026-03-01T08:00:00Z",
        "chargingSchedule": {
            "chargingRateUnit": "A",
            "duration": 600,
            "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 10.0}],
        },
    },
    "2.0.1": {
        "status": "Accepted",
        "schedule": {
            "evseId": 1,
            "duration": 600,
            "scheduleStart": "2026-03-01T08:00:00Z",
            "chargingRateUnit": "A",
            "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 10.0}],
        },
    },
}


@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
def test_set_read_and_clear(
    app: Caller, charger: Plug, cpo: Organization, scripted: ScriptedPartner, version: str
) -> None:
    """§14.4.1: PUT, GET, DELETE answer at once; the charger's word follows at response_url."""
    accepted = {"status": "Accepted"}
    handlers = {"SetChargingProfile": accepted, "ClearChargingProfile": accepted}
    with charger(version, **handlers, GetCompositeSchedule=COMPOSITE[version]) as plugged:
        plugged.boot()
        session = running(cpo)
        put = app(
            "PUT", address(session.uid), {"charging_profile": PROFILE, "response_url": back(scripted, 1)}
        )
        assert put.json()["data"] == {"result": "ACCEPTED", "timeout": 60}
        eventually(lambda: len(told(scripted)) == 1)
        sent = next(frame for frame in plugged.calls if frame[0] == "SetChargingProfile")[1]
        profile = sent["csChargingProfiles" if version == "1.6" else "chargingProfile"]
        assert profile["chargingProfilePurpose"] == "TxProfile"
        assert str(profile["transactionId"]) == "77"
        app("GET", address(session.uid, f"?duration=600&response_url={back(scripted, 2)}"))
        eventually(lambda: len(told(scripted)) == 2)
        app("DELETE", address(session.uid, f"?response_url={back(scripted, 3)}"))
        eventually(lambda: len(told(scripted)) == 3)
        app("DELETE", address(session.uid, f"?response_url={back(scripted, 4)}"))
    bodies = [each.body for each in told(scripted)]
    assert [body["result"] for body in bodies] == ["ACCEPTED", "ACCEPTED", "ACCEPTED", "UNKNOWN"]
    assert bodies[1]["profile"] == {
        "start_date_time": "2026-03-01T08:00:00Z",
        "charging_profile": {
            "start_date_time": "2026-03-01T08:00:00Z",
            "charging_rate_unit": "A",
            "duration": 600,
            "charging_profile_period": [{"start_period": 0, "limit": 10}],
        },
    }
    for body in bodies:
        RESULT.parse(body, "2.2.1")
    assert ChargingProfile.objects.get().state == "cleared"


def test_what_is_refused(app: Caller, cpo: Organization, scripted: ScriptedPartner) -> None:
    """§14.5.7: unknown and ended sessions, others' drivers, too often, no smart charging."""
    session, put = running(cpo), {"charging_profile": PROFILE, "response_url": back(scripted)}

    def result(session_id: Any = session.uid, body: Any = put) -> Any:
        answer = app("PUT", address(session_id), body).json()
        return answer["data"]["result"] if "data" in answer else answer["status_code"]

    assert result("nobody") == "UNKNOWN_SESSION"
    other = roaming.card(cpo, None, "OURS")
    assert result(roaming.running(cpo, other).uid) == "UNKNOWN_SESSION"
    assert result(roaming.ended(cpo).uid) == "REJECTED"
    assert result(body={**put, "response_url": "http://10.0.0.1/"}) == 2001
    assert result(body={**put, "charging_profile": {**PROFILE, "charging_rate_unit": "kW"}}) == 2001
    assert result(body={**put, "charging_profile": {"charging_rate_unit": "A"}}) == 2001
    for query in ("", "?duration=0&response_url=x", f"?response_url={back(scripted)}"):
        assert app("GET", address(session.uid, query)).json()["status_code"] == 2001
    kinds = [result(body={**put, "response_url": back(scripted, number)}) for number in range(7)]
    assert kinds == ["ACCEPTED"] * 6 + ["TOO_OFTEN"]
    ReceivedCommand.objects.all().delete()
    Variable.objects.create(
        charge_point=session.charge_point, variable="SupportedFeatureProfiles", value="Core,Reservation"
    )
    assert result() == "NOT_SUPPORTED"
    assert app("GET", address(session.uid, version="2.1.1")).status_code == 404


def test_a_silent_charger_rejects(app: Caller, cpo: Organization, scripted: ScriptedPartner) -> None:
    """ChargingProfileResultType knows no TIMEOUT."""
    body = {"charging_profile": PROFILE, "response_url": back(scripted)}
    app("PUT", address(running(cpo).uid), body)
    commands_overdue(now=now() + timedelta(seconds=46))
    assert told(scripted)[0].body == {"result": "REJECTED"}


def test_limits_of_others_are_told(
    app: Caller, charger: Plug, cpo: Organization, scripted: ScriptedPartner
) -> None:
    """§14.4.2.2: after the partner's own profile, what somebody else sets reaches it as PUT of the plan."""
    accepted = {"status": "Accepted"}
    with charger("1.6", SetChargingProfile=accepted, GetCompositeSchedule=COMPOSITE["1.6"]) as plugged:
        plugged.boot()
        session = running(cpo)
        app("PUT", address(session.uid), {"charging_profile": PROFILE, "response_url": back(scripted)})
        eventually(lambda: told(scripted))
        limit = {"purpose": "ChargingStationMaxProfile", "limit": 10, "unit": "A"}
        order_place(charge_point=session.charge_point, order="profile_set", params=limit, now=now())
        (update,) = eventually(lambda: told(scripted, "PUT", "chargingprofiles"))
    assert update.path == f"/2.2.1/chargingprofiles/{session.uid}"
    assert update.body["charging_profile"]["charging_profile_period"] == [{"start_period": 0, "limit": 10}]
    assert Delivery.objects.filter(module="chargingprofiles", state="delivered").count() == 2
    assert Command.objects.filter(order="composite_schedule").count() == 1


def test_limits_of_other_systems_are_told(
    app: Caller, charger: Plug, cpo: Organization, scripted: ScriptedPartner
) -> None:
    """NotifyChargingLimit and its end as PUT of the plan; a bell that was missed is made up for."""
    accepted = {"status": "Accepted"}
    composite = COMPOSITE["2.0.1"]
    with charger("2.0.1", SetChargingProfile=accepted, GetCompositeSchedule=composite) as plugged:
        plugged.boot()
        session = running(cpo)
        app("PUT", address(session.uid), {"charging_profile": PROFILE, "response_url": back(scripted)})
        eventually(lambda: told(scripted))
        plugged.call("NotifyChargingLimit", {"chargingLimit": {"chargingLimitSource": "EMS"}})
        eventually(lambda: len(told(scripted, "PUT", "chargingprofiles")) == 1)
        plugged.call("ClearedChargingLimit", {"chargingLimitSource": "EMS"})
        updates = eventually(
            lambda: got if len(got := told(scripted, "PUT", "chargingprofiles")) == 2 else []
        )
        assert {update.path for update in updates} == {f"/2.2.1/chargingprofiles/{session.uid}"}
        active_profiles_missing(now=now())
        assert ReceivedCommand.objects.filter(kind="ACTIVE_PROFILE").count() == 2
        ReceivedCommand.objects.filter(kind="ACTIVE_PROFILE").delete()
        active_profiles_missing(now=now())
        assert ReceivedCommand.objects.filter(kind="ACTIVE_PROFILE").count() == 1


def test_we_set_profiles_at_an_operator(
    server: LiveServer, emsp: Organization, scripted: ScriptedPartner
) -> None:
    """§14.4.2: as smart charging provider we send, and hear results and changes."""
    emsp.ocpi_roles = ["EMSP", "SCSP"]
    emsp.save()
    scripted.country_code, scripted.party_id, scripted.role = "BE", "BEC", "CPO"
    scripted.offers = [("chargingprofiles", "RECEIVER")]
    scripted.replies["chargingprofiles"] = lambda request: Answer(data={"result": "ACCEPTED", "timeout": 30})
    answer = Caller(server, issue(emsp))("POST", "/ocpi/drivers/2.2.1/credentials", scripted.credentials())
    operator = Caller(server, answer.json()["data"]["token"])
    partner = Partner.objects.get()
    wishes = {
        "PUT": Wish("chargingprofiles", "SET_PROFILE", {"session_id": "S1", "charging_profile": PROFILE}),
        "GET": Wish("chargingprofiles", "GET_PROFILE", {"session_id": "S1", "duration": 900}),
        "DELETE": Wish("chargingprofiles", "CLEAR_PROFILE", {"session_id": "S1"}),
    }
    for method, wish in wishes.items():
        row = command_send(partner=partner, wish=wish, now=now())
        (sent,) = scripted.sent(method, "chargingprofiles")
        asked = sent.body if method == "PUT" else {name: value[0] for name, value in sent.query.items()}
        assert asked["response_url"] == response_url(row)
        result = {"result": "ACCEPTED"} | ({"profile": ACTIVE} if method == "GET" else {})
        assert operator("POST", asked["response_url"], result).json()["status_code"] == 1000
        row.refresh_from_db()
        assert (row.result, row.result_body) == ("ACCEPTED", result)
    url = "/ocpi/drivers/2.2.1/sender/chargingprofiles/S1"
    assert operator("PUT", url, ACTIVE).json()["status_code"] == 1000
    assert operator("PUT", url, {}).json()["status_code"] == 2001
    assert SentCommand.objects.filter(kind="ACTIVE_PROFILE").count() == 1
