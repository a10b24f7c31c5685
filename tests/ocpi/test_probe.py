"""The check of a partner: what it finds in good partners and in bad ones, without changing anything there."""

from collections.abc import Iterator
from typing import Any

import pytest

from ocpi.models import Exchange, Partner, Probe
from ocpi.services.handshake import partner_register
from ocpi.services.probes import KEPT, probe_ask
from ocpi.tasks import check
from registry.models import Organization
from tests.ocpi.conftest import now
from tests.ocpi.test_receiver import cdr, session
from tests.support import partner as faults
from tests.support.listing_partner import ListingPartner

pytestmark = pytest.mark.integration


@pytest.fixture
def operator(egress_open: None) -> Iterator[ListingPartner]:
    """BE-BEC with three CDRs and a session."""
    with ListingPartner() as partner:
        partner.lists["cdrs"] = [cdr(id=f"C{number}") for number in range(3)]
        partner.lists["sessions"] = [session(last_updated=now().strftime("%Y-%m-%dT%H:%M:%SZ"))]
        yield partner


@pytest.fixture
def partner(emsp: Organization, operator: ListingPartner) -> Partner:
    """The operator, registered with the provider."""
    return partner_register(
        organization=emsp, versions_url=operator.url("/versions"), token_a="their-token-a", now=now()
    )


def checked(partner: Partner) -> dict[tuple[str, str], list[str]]:
    """What a check says, by subject and outcome."""
    probe = probe_ask(partner=partner, made_by=None, now=now())
    check()
    probe.refresh_from_db()
    assert (probe.state, probe.good + probe.odd + probe.bad) == ("done", len(probe.findings))
    found: dict[tuple[str, str], list[str]] = {}
    for each in probe.findings:
        found.setdefault((each["about"], each["outcome"]), []).append(each["says"])
    return found


def test_one_of_us_passes(linked: tuple[Partner, Partner]) -> None:
    """The platform against itself, in both directions: nothing bad, nothing odd."""
    for partner in linked:
        found = checked(partner)
        assert {key: says for key, says in found.items() if key[1] != "good" and "role" not in key[0]} == {}


def test_a_partner_is_only_read(operator: ListingPartner, partner: Partner) -> None:
    """GET and nothing else; all messages have one correlation id."""
    before = len(operator.requests)
    checked(partner)
    assert {request.method for request in operator.requests[before:]} == {"GET"}
    ids = Exchange.objects.filter(correlation_id=Probe.objects.get().correlation_id)
    assert ids.count() == len(operator.requests) - before


def test_what_a_partner_gets_wrong_is_named(operator: ListingPartner, partner: Partner) -> None:
    """Schema, paging, parties, tokens, endpoints: each fault in words."""
    operator.lists["cdrs"][0] = cdr(total_energy="much")
    operator.style = "other host"
    operator.misbehave("GET", "sessions", faults.error_500)
    operator.party_id = "EVL"
    operator.sides["tokens"] = "RECEIVER"
    found = checked(partner)
    assert found["cdrs", "bad"] == ["Breaks the rules: total_energy is no number"]
    assert found["cdrs", "odd"][-1] == "Link leads to another host."
    assert found["sessions", "bad"] == ["HTTP 500 without a readable answer"]
    assert found["sessions", "odd"] == ["Answers without date_from, which is required."]
    assert found["credentials", "bad"] == ["Names other parties than those that we agreed on."]
    assert found["token", "bad"] == ["Answers whoever asks: an unknown token is not refused."]
    assert "tokens" in found["endpoints", "odd"][-1]
    assert "commands receiver" in found["role CPO", "odd"][0]


def test_a_partner_that_is_down_is_told_as_such(operator: ListingPartner, partner: Partner) -> None:
    """Each subject says that nothing came back; the check ends."""
    operator.down = True
    found = checked(partner)
    assert ("versions", "bad") in found
    assert ("cdrs", "bad") in found


def test_one_check_at_a_time_and_only_the_last_are_kept(partner: Partner) -> None:
    """Asking twice is asking once."""
    first = probe_ask(partner=partner, made_by=None, now=now())
    assert probe_ask(partner=partner, made_by=None, now=now()) == first
    Probe.objects.bulk_create(
        Probe(partner=partner, state="done", created_at=now(), done_at=now()) for _ in range(KEPT)
    )
    check()
    assert Probe.objects.count() == KEPT


def test_the_admin_asks_and_shows(
    celery_eager: None, operator: ListingPartner, partner: Partner, admin_client: Any
) -> None:
    """The button on the partner's page, the result below it."""
    page = f"/admin/ocpi/partner/{partner.pk}/"
    answer = admin_client.post(f"{page}do/check/", follow=True)
    told = answer.content.decode()
    assert "an unknown token is not refused" in told
    assert admin_client.get(f"/admin/ocpi/probe/{Probe.objects.get().pk}/change/").status_code == 200
