"""Our sessions and CDRs as partners pull them (OCPI 2.2.1 §9.2.1, §10.2.1)."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from billing.models import Cdr
from billing.services.cdrs import cdr_create
from central.models import MeterValue, Session
from ocpi.models import SealedCdr
from ocpi.modules.cdrs import sealing
from ocpi.modules.cdrs.schema import CDR
from ocpi.modules.cdrs.sealing import cdrs_seal_missing
from ocpi.modules.sessions.schema import SESSION
from registry.models import Organization
from tests.billing import builders
from tests.ocpi import roaming
from tests.ocpi.conftest import Caller, now

CDRS = "/ocpi/2.2.1/sender/cdrs"
SESSIONS = "/ocpi/2.2.1/sender/sessions?date_from=2020-01-01T00:00:00Z"


def crawl(call: Caller, url: str) -> list[dict[str, Any]]:
    """All objects of a list, by its Link headers."""
    found: list[dict[str, Any]] = []
    following: str | None = url
    while following:
        answer = call("GET", following)
        assert answer.status_code == 200
        found.extend(answer.json()["data"])
        link = answer.headers.get("Link")
        following = link.split(">")[0].removeprefix("<") if link else None
    return found


def test_a_cdr_says_it_all(registered: Caller, cpo: Organization) -> None:
    """§10.3.1: 10 kWh at 0.50 plus 1.00, 20 % VAT."""
    cdr = roaming.billed(cpo)
    cdrs_seal_missing(now=now())
    (told,) = crawl(registered, CDRS)
    CDR.parse(told, "2.2.1")
    assert told["id"] == cdr.cdr_id
    assert told["session_id"] == str(cdr.session.uid)
    assert (told["country_code"], told["party_id"]) == ("DE", "EMP")
    assert told["total_cost"] == {"excl_vat": 6, "incl_vat": 7.2}
    assert told["total_energy_cost"] == {"excl_vat": 5, "incl_vat": 6}
    assert told["total_fixed_cost"] == {"excl_vat": 1, "incl_vat": 1.2}
    assert (told["total_energy"], told["total_time"], told["currency"]) == (10, 1, "EUR")
    assert told["cdr_token"] == {
        "country_code": "NL",
        "party_id": "TST",
        "uid": "04A1B2C3",
        "type": "RFID",
        "contract_id": "NL-TST-C12345678-S",
    }
    assert told["tariffs"][0]["id"] == "T1"
    assert told["tariffs"][0]["party_id"] == "EMP"
    assert told["start_date_time"] == "2026-03-01T08:00:00Z"


def test_the_place_of_a_cdr(registered: Caller, cpo: Organization) -> None:
    """§10.4.3: site, EVSE, connector."""
    cdr = roaming.billed(cpo)
    cdrs_seal_missing(now=now())
    place = crawl(registered, CDRS)[0]["cdr_location"]
    assert place == {
        "id": f"site-{cdr.session.site_id}",
        "name": "Hof",
        "address": "Weg 1",
        "city": "Bonn",
        "postal_code": "53111",
        "country": "DEU",
        "coordinates": {"latitude": "50.737430", "longitude": "7.098207"},
        "evse_uid": "BOX-1-1",
        "evse_id": "DE*EMP*EBOX*1*1",
        "connector_id": "1",
        "connector_standard": "IEC_62196_T2",
        "connector_format": "SOCKET",
        "connector_power_type": "AC_3_PHASE",
    }


def test_periods_add_up_to_the_total(registered: Caller, cpo: Organization) -> None:
    """§10.3.1: ENERGY in kWh, TIME in hours."""
    roaming.billed(cpo)
    cdrs_seal_missing(now=now())
    told = crawl(registered, CDRS)[0]
    sums: dict[str, Decimal] = {}
    for period in told["charging_periods"]:
        for part in period["dimensions"]:
            sums[part["type"]] = sums.get(part["type"], Decimal(0)) + Decimal(str(part["volume"]))
    assert sums["ENERGY"] == Decimal(str(told["total_energy"]))
    assert sums["TIME"] + sums.get("PARKING_TIME", 0) == Decimal(str(told["total_time"]))


def test_what_is_not_known_is_na(registered: Caller, cpo: Organization) -> None:
    """§4.1.10: a charge point at no site."""
    builders.default_tariff(cpo)
    box = builders.charge_point(cpo, "LONELY" + "X" * 40)
    token = roaming.card(cpo, roaming.provider(cpo))
    token.contract_id = ""
    token.save()
    session = builders.ended_session(box, id_token=token, id_tag=token.uid)
    told = seal(session)
    place = told["cdr_location"]
    assert place["address"] == place["city"] == place["country"] == "#NA"
    assert place["coordinates"] == {"latitude": "#NA", "longitude": "#NA"}
    assert place["evse_uid"] == f"cp-{box.pk}-1"
    assert told["cdr_token"]["contract_id"] == "#NA"
    assert told["charging_periods"]


def seal(session: Session) -> dict[str, Any]:
    """The sealed CDR of a session."""
    cdr = cdr_create(session_id=session.pk, now=now())
    assert cdr is not None
    cdrs_seal_missing(now=now())
    payload: dict[str, Any] = SealedCdr.objects.get(cdr=cdr).payload
    return payload


def test_a_sealed_cdr_does_not_change(registered: Caller, cpo: Organization) -> None:
    """§10.3.1: told as it was, whatever is renamed later."""
    roaming.billed(cpo)
    cdrs_seal_missing(now=now())
    before = crawl(registered, CDRS)
    site = cpo.sites.get()
    site.name = "Anders"
    site.save()
    cdrs_seal_missing(now=now())
    assert crawl(registered, CDRS) == before


def test_signed_values_are_passed_on(registered: Caller, cpo: Organization) -> None:
    """§10.4.9: as the charge point sent them."""
    session = roaming.ended(cpo)
    signed = {"signedMeterData": "QUJD", "signingMethod": "", "encodingMethod": "OCMF", "publicKey": "a2V5"}
    for context, minute in (("Transaction.Begin", 0), ("Transaction.End", 60)):
        MeterValue.objects.create(
            charge_point=session.charge_point,
            session=session,
            sampled_at=builders.at(minute),
            received_at=builders.at(minute),
            context=context,
            samples=[{"value": 1, "signedMeterValue": signed}],
        )
    told = seal(session)["signed_data"]
    assert (told["encoding_method"], told["public_key"]) == ("OCMF", "a2V5")
    assert [(item["nature"], item["signed_data"]) for item in told["signed_values"]] == [
        ("Start", "QUJD"),
        ("End", "QUJD"),
    ]


def test_a_credit_cdr_negates_the_total_only(registered: Caller, cpo: Organization) -> None:
    """§10.1.1."""
    original = roaming.billed(cpo)
    values = {
        field.name: getattr(original, field.name)
        for field in Cdr._meta.concrete_fields
        if field.name not in {"id", "cdr_id", "kind", "credit_of"}
    }
    Cdr.objects.create(cdr_id=f"{original.cdr_id[:33]}-C", kind="credit", credit_of=original, **values)
    cdrs_seal_missing(now=now())
    first, credit = crawl(registered, CDRS)
    assert (credit["credit"], credit["credit_reference_id"]) == (True, original.cdr_id)
    assert credit["total_cost"] == {"excl_vat": -6, "incl_vat": -7.2}
    assert credit["total_energy_cost"] == first["total_energy_cost"]
    assert "credit" not in first


def test_a_list_is_crawled_page_by_page(registered: Caller, cpo: Organization) -> None:
    """§4.1.4.2: oldest first, each once, Link keeps the filters, the last page has none."""
    wanted = [roaming.billed(cpo).cdr_id for _ in range(5)]
    cdrs_seal_missing(now=now())
    answer = registered("GET", f"{CDRS}?limit=2&date_from=2020-01-01T00:00:00Z")
    assert answer.headers["X-Total-Count"] == "5"
    assert answer.headers["Link"].endswith('>; rel="next"')
    assert "date_from=2020-01-01" in answer.headers["Link"]
    assert answer.headers["Link"].startswith(f"<{registered.server.http(CDRS)}?")
    assert [item["id"] for item in crawl(registered, f"{CDRS}?limit=2")] == wanted
    assert crawl(registered, f"{CDRS}?offset=5") == []


def test_dates_are_inclusive_and_exclusive(registered: Caller, cpo: Organization) -> None:
    """§4.1.4.2: date_from is in, date_to is out; the deep sweep finds old ones, too."""
    moment, stamp = datetime(2026, 5, 1, tzinfo=UTC), "2026-05-01T00:00:00Z"
    for days in (-1, 0, 1):
        cdr = roaming.billed(cpo)
        Cdr.objects.filter(pk=cdr.pk).update(created_at=moment + timedelta(days=days))
    SealedCdr.objects.all().delete()
    cdrs_seal_missing(now=now(), deep=True)
    assert len(crawl(registered, f"{CDRS}?date_from={stamp}")) == 2
    assert len(crawl(registered, f"{CDRS}?date_to={stamp}")) == 1


def test_a_partner_sees_only_what_its_tokens_did(
    registered: Caller, cpo: Organization, emsp: Organization
) -> None:
    """Neither another provider's, nor our own drivers', nor another organisation's."""
    mine = roaming.billed(cpo)
    roaming.billed(cpo, roaming.card(cpo, roaming.provider(cpo, "NL", "OTH"), "OTHER"))
    roaming.billed(cpo, roaming.card(cpo, None, "OWN"))
    roaming.billed(emsp, roaming.card(emsp, roaming.provider(emsp), "FOREIGN"))
    cdrs_seal_missing(now=now())
    for path, mine_id in ((CDRS, mine.cdr_id), (SESSIONS, str(mine.session.uid))):
        answer = registered("GET", path)
        assert [item["id"] for item in answer.json()["data"]] == [mine_id]
        assert answer.headers["X-Total-Count"] == "1"


def test_a_cdr_under_review_is_not_told(registered: Caller, cpo: Organization) -> None:
    """Until a person has looked."""
    cdr = roaming.billed(cpo, needs_review=True, review_reasons=["meter_stop_below_start"])
    assert cdr.needs_review
    cdrs_seal_missing(now=now())
    assert crawl(registered, CDRS) == []
    Cdr.objects.filter(pk=cdr.pk).update(needs_review=False)
    cdrs_seal_missing(now=now())
    assert len(crawl(registered, CDRS)) == 1


def test_sessions_tell_what_goes_on(registered: Caller, cpo: Organization) -> None:
    """§9.3.1: one under way with its running cost, one that was billed."""
    active = roaming.running(cpo, energy_wh=2500, remote_start_id=7)
    builders.meter(active, (10, 3500))
    finished = roaming.billed(cpo).session
    first, second = crawl(registered, SESSIONS)
    for told in (first, second):
        SESSION.parse(told, "2.2.1")
    assert (first["id"], first["status"], first["kwh"]) == (str(active.uid), "ACTIVE", 2.5)
    assert (first["auth_method"], first["total_cost"]) == ("COMMAND", {"excl_vat": 2.25, "incl_vat": 2.7})
    assert "end_date_time" not in first
    assert (second["id"], second["status"]) == (str(finished.uid), "COMPLETED")
    assert second["end_date_time"] == "2026-03-01T09:00:00Z"
    assert second["total_cost"] == {"excl_vat": 6, "incl_vat": 7.2}
    assert (second["auth_method"], second["location_id"]) == ("WHITELIST", f"site-{finished.site_id}")


def test_a_provisional_end_is_not_told_as_one(registered: Caller, cpo: Organization) -> None:
    """The real one may still come, and a COMPLETED session must not change any more."""
    roaming.ended(cpo, provisional_end=True)
    assert [item["status"] for item in crawl(registered, SESSIONS)] == ["ACTIVE"]


def test_an_organisation_without_a_party_holds_up_nobody(
    registered: Caller, cpo: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its CDRs wait until it has one."""
    monkeypatch.setattr(sealing, "BATCH", 1)
    nameless = Organization.objects.create(name="No party", slug="nameless")
    roaming.billed(nameless, roaming.card(nameless, None, "OWN"))
    roaming.billed(cpo)
    SealedCdr.objects.all().delete()
    cdrs_seal_missing(now=now())
    assert len(crawl(registered, CDRS)) == 1
    Organization.objects.filter(pk=nameless.pk).update(country_code="FR", party_id="NON")
    cdrs_seal_missing(now=now())
    assert SealedCdr.objects.count() == 2


def test_a_cdr_is_sealed_once_by_many(registered: Caller, cpo: Organization) -> None:
    """Bell and sweep may come together."""
    roaming.billed(cpo)
    for _ in range(3):
        cdrs_seal_missing(now=now())
    assert SealedCdr.objects.count() == 1
