"""Money in: what partners bill is worked out again by their tariff (OCPI 2.2.1 §10, §11)."""

from datetime import UTC, datetime
from typing import Any

import pytest

from ocpi.models import CdrCheck, Partner, ReceivedCdr, ReceivedTariff, ReceivedTariffVersion
from ocpi.services.cdr_checks import cdr_check, cdr_checks_missing
from ocpi.tasks import sweep
from registry.models import Event, Organization
from tests.ocpi import roaming
from tests.ocpi.conftest import now
from tests.support.wait import eventually

pytestmark = [pytest.mark.django_db]
TARIFF = {
    "id": "T1",
    "currency": "EUR",
    "elements": [
        {
            "price_components": [
                {"type": "ENERGY", "price": 0.25, "vat": 20, "step_size": 1},
                {"type": "FLAT", "price": 1, "vat": 20, "step_size": 1},
            ]
        }
    ],
    "last_updated": "2026-01-01T00:00:00Z",
}
START, END = "2026-03-01T10:00:00Z", "2026-03-01T11:00:00Z"


@pytest.fixture
def partner() -> Partner:
    own = Organization.objects.create(name="Drivers", slug="drivers", country_code="NL", party_id="MSP")
    return Partner.objects.create(organization=own, country_code="BE", party_id="BEC")


def payload(**changes: Any) -> dict[str, Any]:
    period = {"start_date_time": START, "dimensions": [{"type": "ENERGY", "volume": 10}], "tariff_id": "T1"}
    return {
        "start_date_time": START,
        "end_date_time": END,
        "cdr_location": {"id": "L1"},
        "currency": "EUR",
        "tariffs": [TARIFF],
        "charging_periods": [period],
        "total_cost": {"excl_vat": 3.5, "incl_vat": 4.2},
        "total_energy": 10,
        "total_time": 1,
        **changes,
    }


def received(
    partner: Partner, body: dict[str, Any], cdr_id: str = "C1", version: str = "2.2.1"
) -> ReceivedCdr:
    return ReceivedCdr.objects.create(
        organization=partner.organization,
        partner=partner,
        country_code="BE",
        party_id="BEC",
        object_id=cdr_id,
        object_key=cdr_id,
        payload=body,
        version=version,
        received_at=now(),
        last_updated=now(),
    )


def checked(partner: Partner, body: dict[str, Any], **where: Any) -> CdrCheck:
    return cdr_check(cdr=received(partner, body, **where), now=now())


@pytest.mark.parametrize(
    "body",
    [
        payload(),
        payload(total_cost=3.5, stop_date_time=END, end_date_time=None),
        payload(total_cost={"before_taxes": 3.5, "taxes": [{"name": "VAT", "amount": 0.7}]}),
        payload(total_cost={"excl_vat": 3.504}),
        payload(total_cost={"excl_vat": 3.5}, total_energy=10.009),
    ],
    ids=["2.2.1", "2.1.1", "2.3.0", "within a cent", "rounded energy"],
)
def test_what_is_right_is_right_in_every_version(partner: Partner, body: dict[str, Any]) -> None:
    """A total is a number, two prices, or a price with taxes."""
    row = checked(partner, body)
    assert (row.state, row.faults, str(row.own_excl), str(row.own_incl)) == ("right", [], "3.5000", "4.2000")
    assert {line["dimension"] for line in row.lines} == {"ENERGY", "FLAT"}


@pytest.mark.parametrize(
    ("changes", "words", "difference"),
    [
        ({"total_cost": {"excl_vat": 4, "incl_vat": 4.8}}, "asks 4 EUR without VAT", "0.5000"),
        ({"total_cost": {"excl_vat": 3, "incl_vat": 3.6}}, "asks 3 EUR without VAT", "-0.5000"),
        ({"total_cost": {"excl_vat": 3.5, "incl_vat": 4.25}}, "with VAT", "0.0000"),
        ({"total_energy": 11}, "total_energy is 11.0000 kWh", "0.0000"),
    ],
)
def test_what_differs_is_named_with_its_amount(
    partner: Partner, changes: dict[str, Any], words: str, difference: str
) -> None:
    """Too much, too little, wrong tax, wrong sum: kept, and told in the event log."""
    row = checked(partner, payload(**changes))
    row.refresh_from_db()
    assert (row.state, str(row.difference)) == ("differs", difference)
    assert words in " ".join(row.faults)
    assert Event.objects.get(kind="partner_cdr.differs").data["difference"] == difference


def test_without_a_tariff_of_its_own_the_one_that_held_then_is_taken(partner: Partner) -> None:
    """A later version of the operator's tariff changes nothing of an earlier session."""
    held = ReceivedTariff.objects.create(
        organization=partner.organization, partner=partner, country_code="BE", party_id="BEC",
        object_id="T1", object_key="T1", payload=TARIFF, received_at=now(), last_updated=now(),
    )  # fmt: skip
    dearer = {**TARIFF, "elements": [{"price_components": [{"type": "ENERGY", "price": 9, "step_size": 1}]}]}
    for text, body in (("2026-01-01T00:00:00Z", TARIFF), ("2026-03-02T00:00:00Z", dearer)):
        ReceivedTariffVersion.objects.create(
            tariff=held,
            payload=body,
            version="2.2.1",
            received_at=now(),
            last_updated=datetime.fromisoformat(text),
        )
    row = checked(partner, payload(tariffs=[]))
    assert (row.state, row.tariff_from) == ("right", "T1, 2026-01-01 00:00")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"tariffs": []}, "embeds no tariff"),
        ({"tariffs": [TARIFF, {**TARIFF, "id": "T2"}], "charging_periods": []}, "Several tariffs"),
        ({"currency": "SEK"}, "The tariff is in EUR"),
        ({"tariffs": [{**TARIFF, "elements": []}]}, "tariff.elements"),
        ({"end_date_time": "2020-01-01T00:00:00Z"}, "cdr.end_date_time"),
    ],
)
def test_what_cannot_be_worked_out_says_why(partner: Partner, changes: dict[str, Any], words: str) -> None:
    """Nothing is guessed."""
    row = checked(partner, payload(**changes))
    assert row.state == "unknown"
    assert words in " ".join(row.faults)


def test_a_credit_takes_back_what_it_names(partner: Partner) -> None:
    """§10.1.1: only the total, negated."""
    received(partner, payload(), "C1")
    back = {"credit": True, "credit_reference_id": "c1", "total_cost": {"excl_vat": -3.5, "incl_vat": -4.2}}
    assert checked(partner, payload(**back), cdr_id="C1-CR").state == "right"
    half = back | {"total_cost": {"excl_vat": -1, "incl_vat": -1.2}}
    assert checked(partner, payload(**half), cdr_id="C1-CR2").state == "differs"
    assert checked(partner, payload(**back | {"credit_reference_id": "X"}), cdr_id="X-CR").state == "unknown"


def test_the_zone_of_the_place_decides_about_the_hour(partner: Partner) -> None:
    """Where the CDR tells no zone, and neither do we know the place, UTC is taken and said."""
    element: Any = TARIFF["elements"][0]
    night = {**element, "restrictions": {"start_time": "11:00", "end_time": "13:00"}}
    row = checked(partner, payload(tariffs=[{**TARIFF, "elements": [night]}]))
    assert row.state == "differs"
    assert "UTC was taken" in row.faults[-1]
    there = {"cdr_location": {"id": "L1", "time_zone": "Europe/Brussels"}}
    assert (
        checked(partner, payload(tariffs=[{**TARIFF, "elements": [night]}], **there), cdr_id="C2").state
        == "right"
    )


def test_each_cdr_is_checked_once_and_found_by_its_result(partner: Partner, admin_client: Any) -> None:
    """The list's filter, the card, the button."""
    received(partner, payload(), "GOOD-1")
    bad = received(partner, payload(total_cost={"excl_vat": 99}), "BAD-1")
    assert (cdr_checks_missing(now=now()), cdr_checks_missing(now=now())) == (2, 0)
    told = admin_client.get("/admin/ocpi/receivedcdr/?check=differs").content.decode()
    assert ("BAD-1" in told, "GOOD-1" in told, "95.50" in told) == (True, False, True)
    (row,) = admin_client.get("/api/received-cdr-checks/?state=differs").json()["results"]
    assert (row["cdr"], row["told_excl"], row["difference"]) == (bad.pk, "99.0000", "95.5000")
    page = f"/admin/ocpi/receivedcdr/{bad.pk}/"
    assert "asks 99 EUR" in admin_client.get(f"{page}change/").content.decode()
    CdrCheck.objects.update(checked_at=datetime(2026, 1, 1, tzinfo=UTC))
    admin_client.post(f"{page}do/check/")
    assert CdrCheck.objects.get(cdr=bad).checked_at.year > 2025
    assert CdrCheck.objects.get(cdr=bad).checked_at.month != 1 or now().month == 1


@pytest.mark.integration
@pytest.mark.django_db(transaction=True)
def test_our_own_cdrs_pass(celery_eager: None, linked: tuple[Partner, Partner], cpo: Organization) -> None:
    """What we bill as an operator is what we come to as a provider."""
    token = roaming.card(cpo, roaming.provider(cpo, "NL", "MSP"))
    roaming.billed(cpo, token)
    eventually(ReceivedCdr.objects.exists)
    sweep()
    assert CdrCheck.objects.get().state == "right", CdrCheck.objects.get().faults
