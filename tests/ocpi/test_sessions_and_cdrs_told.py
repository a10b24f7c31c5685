"""Our sessions and CDRs in each version, and what partners of each version tell (2.1.1, 2.2.1, 2.3.0)."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings

from billing.models import Cdr
from billing.services.cdrs import cdr_create
from central.models import MeterValue
from ocpi.models import ReceivedCdr, ReceivedSession, SealedCdr
from ocpi.modules.cdrs.schema import CDR
from ocpi.modules.cdrs.sealing import cdrs_seal_missing
from ocpi.modules.sessions.schema import SESSION
from registry.models import Organization
from tests.billing.builders import at
from tests.ocpi import roaming
from tests.ocpi.conftest import now
from tests.ocpi.pushing import push_all
from tests.ocpi.rows import VERSIONS, Asker, organization, partner
from tests.support.partner import ScriptedPartner

pytestmark = pytest.mark.django_db
SESSIONS = "sender/sessions?date_from=2020-01-01T00:00:00Z"


@pytest.fixture
def cpo() -> Organization:
    return organization("CPO")


TOTALS = {
    "2.1.1": 6,
    "2.2.1": {"excl_vat": 6, "incl_vat": 7.2},
    "2.3.0": {"before_taxes": 6, "taxes": [{"name": "VAT", "amount": 1.2}]},
}


@pytest.mark.parametrize("version", VERSIONS)
def test_a_cdr_is_told_in_each_version(settings: LazySettings, cpo: Organization, version: str) -> None:
    """Right by the tables of that version, nothing of another one, and the same total."""
    cdr = roaming.billed(cpo)
    cdrs_seal_missing(now=now())
    (told,) = Asker(partner(cpo, "EMSP", version), settings).data("GET", "sender/cdrs")
    CDR.parse(told, version)
    assert CDR.cut(told, version) == told
    assert (told["id"], told["total_cost"], told["total_energy"]) == (cdr.cdr_id, TOTALS[version], 10)
    if version == "2.1.1":
        assert (told["auth_id"], told["stop_date_time"]) == ("NL-TST-C12345678-S", "2026-03-01T09:00:00Z")
        place = told["location"]
        assert (place["address"], place["type"], place["evses"][0]["uid"]) == ("Weg 1", "UNKNOWN", "BOX-1-1")
        assert place["evses"][0]["connectors"][0]["voltage"] == 230
    else:
        assert told["cdr_location"]["evse_uid"] == "BOX-1-1"
        assert told["tariffs"][0]["party_id"] == "EMP"


@pytest.mark.parametrize("version", VERSIONS)
def test_a_credit_negates_the_total_alone(settings: LazySettings, cpo: Organization, version: str) -> None:
    """2.2.1 §10.1.1: another id, credit, the original's id; 2.1.1 has no such fields and says it in words."""
    original = roaming.billed(cpo)
    skipped = {"id", "cdr_id", "kind", "credit_of"}
    fields = [field.name for field in Cdr._meta.concrete_fields if field.name not in skipped]
    values = {name: getattr(original, name) for name in fields}
    Cdr.objects.create(cdr_id=f"{original.cdr_id[:33]}-C", kind="credit", credit_of=original, **values)
    cdrs_seal_missing(now=now())
    first, credit = Asker(partner(cpo, "EMSP", version), settings).data("GET", "sender/cdrs")
    CDR.parse(credit, version)
    negative = {
        "2.1.1": -6,
        "2.2.1": {"excl_vat": -6, "incl_vat": -7.2},
        "2.3.0": {"before_taxes": -6, "taxes": [{"name": "VAT", "amount": -1.2}]},
    }
    assert credit["total_cost"] == negative[version]
    if version == "2.1.1":
        assert credit["remark"] == f"Credit of {original.cdr_id}"
    else:
        assert (credit["credit"], credit["credit_reference_id"]) == (True, original.cdr_id)
        assert credit["total_energy_cost"] == first["total_energy_cost"]


def test_a_cdr_that_was_sealed_in_2_2_1_is_told_in_others(settings: LazySettings, cpo: Organization) -> None:
    """Rows of before: the same amounts, never another body for the same version."""
    roaming.billed(cpo)
    cdrs_seal_missing(now=now())
    asked = {
        version: Asker(partner(cpo, "EMSP", version, country_code=country), settings)
        for version, country in zip(VERSIONS, ("NL", "BE", "FR"), strict=True)
    }
    rich = SealedCdr.objects.get()
    asked["2.2.1"].row.parties.set(asked["2.1.1"].row.parties.all())
    asked["2.3.0"].row.parties.set(asked["2.1.1"].row.parties.all())
    before = {version: ask.data("GET", "sender/cdrs") for version, ask in asked.items()}
    SealedCdr.objects.filter(pk=rich.pk).update(version="2.2.1", payload=before["2.2.1"][0])
    assert {version: ask.data("GET", "sender/cdrs") for version, ask in asked.items()} == before


@pytest.mark.parametrize("version", VERSIONS)
def test_a_session_is_told_in_each_version(settings: LazySettings, cpo: Organization, version: str) -> None:
    """While it runs and when it has ended."""
    roaming.billed(cpo)
    roaming.running(cpo)
    told = Asker(partner(cpo, "EMSP", version), settings).data("GET", SESSIONS)
    for item in told:
        SESSION.parse(item, version)
        assert SESSION.cut(item, version) == item
    ended, running = told
    assert (ended["status"], running["status"]) == ("COMPLETED", "ACTIVE")
    assert ended["total_cost"] == TOTALS[version]
    if version == "2.1.1":
        assert (ended["end_datetime"], ended["location"]["city"]) == ("2026-03-01T09:00:00Z", "Bonn")
    else:
        assert (ended["evse_uid"], running["cdr_token"]["uid"]) == ("BOX-1-1", "04A1B2C3")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("version", VERSIONS)
def test_a_cdr_is_pushed_in_the_version_of_the_partner(
    cpo: Organization, scripted: ScriptedPartner, version: str
) -> None:
    """POST once, right by the tables of that version."""
    scripted.version = version
    who = partner(cpo, "EMSP", version, scripted.url())
    roaming.billed(cpo)
    cdrs_seal_missing(now=now())
    push_all(now(), who)
    (post,) = scripted.sent("POST", "cdrs")
    assert CDR.parse(post.body, version)
    assert post.body["total_cost"] == TOTALS[version]


@pytest.mark.parametrize("version", VERSIONS)
def test_what_we_tell_is_what_we_take(settings: LazySettings, cpo: Organization, version: str) -> None:
    """Our own objects, taken by a provider of the same version: kept word for word, idempotent by content."""
    roaming.billed(cpo)
    cdrs_seal_missing(now=now())
    ask = Asker(partner(cpo, "EMSP", version), settings)
    (session,), (cdr,) = ask.data("GET", SESSIONS), ask.data("GET", "sender/cdrs")
    drivers = organization("EMSP", slug="msp", is_default=False, country_code="NL", party_id="MSP")
    owner = partner(drivers, "CPO", version, country_code="DE", party_id="EMP")
    tell = Asker(owner, settings)
    tell.base = tell.base.replace("/ocpi/", "/ocpi/msp/")
    path = f"receiver/sessions/DE/EMP/{session['id']}"
    assert [tell("PUT", path, session).status_code for _ in range(2)] == [201, 200]
    assert tell.data("GET", path) == ReceivedSession.objects.get().payload == session
    answers = [tell("POST", "receiver/cdrs", cdr) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 200]
    assert answers[0]["Location"] == answers[1]["Location"]
    assert tell.data("GET", answers[0]["Location"]) == cdr
    assert _code(tell("POST", "receiver/cdrs", {**cdr, "total_energy": 1})) == (200, 2001)
    row = ReceivedCdr.objects.get()
    assert (row.country_code, row.party_id, row.version) == ("DE", "EMP", version)


def _code(answer: Any) -> tuple[int, int]:
    return answer.status_code, json.loads(answer.content)["status_code"]


@pytest.mark.parametrize("version", VERSIONS)
def test_periods_tell_what_was_measured(settings: LazySettings, cpo: Organization, version: str) -> None:
    """CdrDimensionType: power, current, state of charge where they were told, as the version knows."""
    session = roaming.ended(cpo)
    MeterValue.objects.filter(session=session).update(power_w=11_000, current_ma=48_000)
    assert cdr_create(session_id=session.pk, now=now() - timedelta(seconds=1)) is not None
    cdrs_seal_missing(now=now())
    roaming.running(cpo, energy_wh=2500, meter_last_at=at(30), state_of_charge=61)
    ask = Asker(partner(cpo, "EMSP", version), settings)
    (cdr,), (_ended, running) = ask.data("GET", "sender/cdrs"), ask.data("GET", SESSIONS)
    found = [{each["type"]: each["volume"] for each in one["dimensions"]} for one in cdr["charging_periods"]]
    (so_far,) = running["charging_periods"]
    so_far = {each["type"]: each["volume"] for each in so_far["dimensions"]}
    current = {"MIN_CURRENT": 48, "MAX_CURRENT": 48}
    power = {} if version == "2.1.1" else {"MIN_POWER": 11, "MAX_POWER": 11}
    assert sum(each["ENERGY"] for each in found) == 10
    assert found[-1] == {"ENERGY": found[-1]["ENERGY"], "TIME": found[-1]["TIME"]} | current | power
    measured = {} if version == "2.1.1" else {"POWER": 5, "STATE_OF_CHARGE": 61}
    assert so_far == {"ENERGY": 2.5} | measured
