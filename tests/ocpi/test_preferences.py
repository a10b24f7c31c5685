"""Drivers' charging preferences, from a partner to the charger and the price (OCPI 2.2.1 §9.2.1.2)."""

from datetime import timedelta
from typing import Any

import httpx2
import pytest
from django.test import Client

from central.models import ChargingPreference, ChargingProfile, Command, Session, Variable
from central.ports import ports
from ocpi.core.places import location_make
from ocpi.models import Partner, ReceivedSession
from ocpi.selectors.identity import identity_of
from ocpi.selectors.own_places import place_of
from ocpi.selectors.places import location_id_of
from ocpi.services.outbox import session_offer
from registry.models import ChargePoint, Organization
from tests.billing import builders
from tests.ocpi import roaming
from tests.ocpi.conftest import Caller, now
from tests.ocpi.plugging import plugging
from tests.ocpi.pushing import push_all
from tests.support.charge_point import SyncChargePoint
from tests.support.server import LiveServer
from tests.support.wait import eventually
from tests.support.world import staff

ACCEPTED = {"status": "Accepted"}


@pytest.fixture
def box(cpo: Organization) -> ChargePoint:
    """One that takes charging profiles, on one phase of 7.4 kW, with a tariff for the patient."""
    box = roaming.box(cpo)
    box.metadata = {"connector_power_type": "AC_1_PHASE", "max_electric_power": 7400}
    box.save()
    cheap = {**builders.ENERGY, "price": 0.25}
    builders.default_tariff(cpo, cheap, tariff_id="PATIENT", tariff_type="PROFILE_CHEAP")
    says(box, "Core,SmartCharging")
    return box


def says(box: ChargePoint, features: str) -> None:
    Variable.objects.update_or_create(
        charge_point=box, variable="SupportedFeatureProfiles", key="k", defaults={"value": features}
    )


def put(caller: Caller, session: Session | str, version: str = "2.2.1", **wish: Any) -> httpx2.Response:
    key = session if isinstance(session, str) else session.uid
    return caller("PUT", f"/ocpi/{version}/sender/sessions/{key}/charging_preferences", wish)


def later(hours: float) -> str:
    return (now() + timedelta(hours=hours)).isoformat().replace("+00:00", "Z")


def test_answers(registered: Caller, cpo: Organization, box: ChargePoint) -> None:
    """§9.4.1: each word where it is true, for the own drivers' running sessions alone."""
    session = roaming.running(cpo)

    def said(**wish: Any) -> Any:
        return put(registered, session, **wish).json()["data"]

    assert said(profile_type="REGULAR") == "ACCEPTED"
    assert said(profile_type="FAST") == "PROFILE_TYPE_NOT_SUPPORTED"
    assert said(profile_type="CHEAP") == "DEPARTURE_REQUIRED"
    assert said(profile_type="CHEAP", departure_time=later(2)) == "ENERGY_NEED_REQUIRED"
    assert said(profile_type="REGULAR", departure_time=later(-1)) == "NOT_POSSIBLE"
    assert said(profile_type="CHEAP", departure_time=later(2), energy_need=20) == "NOT_POSSIBLE"
    assert put(registered, session, profile_type="SOLAR").json()["status_code"] == 2001
    wrong = put(registered, session, profile_type="REGULAR", energy_need=-1)
    assert wrong.json()["status_code"] == 2001
    assert put(registered, "nobody", profile_type="FAST").status_code == 404
    other = roaming.running(cpo, roaming.card(cpo, None, "OURS"))
    assert put(registered, other, profile_type="FAST").status_code == 404
    assert put(registered, session, "2.1.1", profile_type="FAST").status_code == 404
    ended = put(registered, roaming.ended(cpo), profile_type="REGULAR")
    assert ended.json()["data"] == "NOT_POSSIBLE"
    assert ChargingPreference.objects.filter(session=session).count() == 6


def test_only_where_the_evse_says_so(registered: Caller, cpo: Organization, box: ChargePoint) -> None:
    """404 with 2001 without the capability; what is announced is what is taken."""
    session = roaming.running(cpo)
    Session.objects.filter(pk=session.pk).update(evse_number=1)
    box.evses.create(number=1).connectors.create(charge_point=box, number=1)

    def told() -> Any:
        place = place_of(cpo, location_id_of(box))
        assert place is not None
        return location_make(place, identity_of(cpo), {}, now())["evses"][0]["capabilities"]

    both = {"CHARGING_PREFERENCES_CAPABLE", "CHARGING_PROFILE_CAPABLE"}
    assert both < set(told())
    says(box, "Core,Reservation")
    answer = put(registered, session, profile_type="REGULAR")
    assert (answer.status_code, answer.json()["status_code"]) == (404, 2001)
    assert not both & set(told())


@pytest.mark.parametrize("version", ["1.6", "2.1"])
def test_cheap_becomes_a_profile_and_a_price(
    server: LiveServer, registered: Caller, cpo: Organization, box: ChargePoint, version: str
) -> None:
    """Energy spread until departure, the tariff for it; without the wish both end."""
    handlers = {"SetChargingProfile": ACCEPTED, "ClearChargingProfile": ACCEPTED}
    with plugging(server, box)(version, **handlers) as plugged:
        plugged.boot()
        session = roaming.running(cpo, transaction_id="77", energy_wh=10_000, meter_last_wh=11_000)
        builders.meter(session, (30, 11_000))
        assert ports.running_cost([session.pk])[session.pk].amount_excl == 6
        wish: dict[str, Any] = {"profile_type": "CHEAP", "departure_time": later(4), "energy_need": 10}
        told = [put(registered, session, **wish).json()["data"] for _ in range(2)]
        assert told == ["ACCEPTED", "ACCEPTED"]
        assert Command.objects.filter(charge_point=box).count() == ChargingPreference.objects.count() == 1
        (profile,) = eventually(lambda: ChargingProfile.objects.filter(state="installed"))
        limit = profile.schedules[0]["chargingSchedulePeriod"][0]["limit"]
        assert (profile.unit, profile.purpose) == ("A", "TxProfile")
        assert 11.9 <= limit <= 12.1  # 10 kWh in 4 h, and a tenth more, at 230 V
        assert ports.running_cost([session.pk])[session.pk].amount_excl == 2.5
        assert put(registered, session, profile_type="REGULAR").json()["data"] == "ACCEPTED"
        eventually(lambda: ChargingProfile.objects.get().state == "cleared")
    assert ports.running_cost([session.pk])[session.pk].amount_excl == 6


def test_fast_gets_priority_where_there_is_a_profile_for_it(
    server: LiveServer, registered: Caller, cpo: Organization, box: ChargePoint
) -> None:
    """OCPP 2.1 K21; and its end with the next wish."""
    builders.default_tariff(cpo, builders.ENERGY, tariff_id="HURRY", tariff_type="PROFILE_FAST")
    with plugging(server, box)("2.1", UsePriorityCharging=ACCEPTED) as plugged:
        plugged.boot()
        session = roaming.running(cpo, transaction_id="77")
        ChargingProfile.objects.create(
            organization=cpo, charge_point=box, number=9, purpose="PriorityCharging", state="installed",
            kind="Absolute", requested_at=now(), changed_at=now(),
        )  # fmt: skip
        for wish in ("FAST", "FAST", "REGULAR"):
            assert put(registered, session, profile_type=wish).json()["data"] == "ACCEPTED"
        calls = eventually(lambda: found if len(found := asked(plugged)) == 2 else None)
    assert calls == [{"transactionId": "77", "activate": activate} for activate in (True, False)]


def asked(plugged: SyncChargePoint) -> list[Any]:
    return [frame[1] for frame in plugged.calls if frame[0] == "UsePriorityCharging"]


def test_ours_go_to_the_operator(
    linked: tuple[Partner, Partner], cpo: Organization, emsp: Organization, box: ChargePoint
) -> None:
    """From REST and from the page of the driver's session; the operator's word is the result."""
    provider, operator = linked
    session = roaming.running(cpo, roaming.card(cpo, roaming.provider(cpo, "NL", "MSP")))
    delivered = session_offer(session_id=session.pk, now=now())
    assert delivered == {provider.pk}
    push_all(now(), provider)
    person = Client()
    person.force_login(staff(emsp, "operator"))
    body = {
        "partner": operator.pk, "command": "CHARGING_PREFERENCES", "session_id": str(session.uid),
        "profile_type": "CHEAP",
    }  # fmt: skip

    def told(**more: Any) -> Any:
        return person.post("/api/commands-to-partners/", body | more, content_type="application/json")

    answer = told().json()
    assert (answer["module"], answer["response"], answer["result"]) == ("sessions", "DEPARTURE_REQUIRED", "")
    answer = told(departure_time=later(3), energy_need="8.5", discharge_allowed=True).json()
    assert (answer["response"], answer["result"]) == ("ACCEPTED", "ACCEPTED")
    kept = ChargingPreference.objects.get(status="ACCEPTED")
    assert (kept.energy_wh, kept.discharge_allowed, kept.session) == (8500, True, session)
    assert told(profile_type="SOLAR").status_code == 400
    row = ReceivedSession.objects.get()
    page = f"/admin/ocpi/receivedsession/{row.pk}/"
    shown = person.post(f"{page}do/preferences/", {"profile_type": "FAST"}, follow=True).content.decode()
    assert "PROFILE_TYPE_NOT_SUPPORTED" in shown
    assert "Asked of the operator" in person.get(f"{page}change/").content.decode()
