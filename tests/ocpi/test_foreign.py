"""Against an implementation of others, extrawest-ocpi from PyPI: handshake, push, pull, commands, both roles.

It lower-cases ids, leaves out message ids and routing headers, answers objects in lists, publishes addresses
with a slash at the end and links to the next page on https: what real partners do.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from ocpi.models import (
    Delivery,
    Partner,
    PullState,
    ReceivedCdr,
    ReceivedLocation,
    ReceivedSession,
    ReceivedTariff,
    ReceivedToken,
)
from ocpi.models.partner import PartnerStatus
from ocpi.services.handshake import partner_register, partner_rotate
from ocpi.services.partners import partner_unregister
from ocpi.services.sent_commands import Wish, command_send
from ocpi.tasks import pull, sweep
from registry.models import Organization
from tests.ocpi import roaming
from tests.ocpi.commanding import STAMP, TOKEN
from tests.ocpi.conftest import now
from tests.ocpi.plugging import plugging
from tests.ocpi.pushing import push_all
from tests.ocpi.test_fields import example
from tests.support.foreign import Foreign, extrawest
from tests.support.server import LiveServer
from tests.support.wait import eventually

pytestmark = [pytest.mark.integration, pytest.mark.slow]
OURS = {"country_code": "BE", "party_id": "EXW"}


@pytest.fixture
def provider() -> Iterator[Foreign]:
    with extrawest("EMSP") as foreign:
        yield foreign


@pytest.fixture
def operator() -> Iterator[Foreign]:
    with extrawest("CPO") as foreign:
        yield foreign


def registered(organization: Organization, foreign: Foreign) -> Partner:
    return partner_register(
        organization=organization, versions_url=foreign.versions_url, token_a=foreign.token_a, now=now()
    )


def test_we_are_its_operator(server: LiveServer, cpo: Organization, provider: Foreign, settings: Any) -> None:
    """Credentials three ways, sessions and CDRs pushed, tokens pulled, a command to the charger."""
    partner = registered(cpo, provider)
    assert (str(partner), partner.version, partner.status) == ("BE-EXW", "2.2.1", PartnerStatus.ACTIVE)
    assert {each["identifier"] for each in provider.inside()["endpoints"]} >= {
        "locations",
        "cdrs",
        "commands",
    }
    partner_rotate(partner=partner, now=now())
    token = roaming.card(cpo, roaming.provider(cpo, "BE", "EXW"))
    cdr = roaming.billed(cpo, token)
    sweep()
    push_all(now() + timedelta(seconds=30), partner)
    assert not Delivery.objects.exclude(state="delivered").values_list("module", "last_error")
    store = provider.inside()["store"]
    assert list(store["cdrs"]) == [cdr.cdr_id.lower()]
    assert str(cdr.session.uid) in store["sessions"]
    _pulls_tokens(provider)
    _is_ordered(server, cpo, provider)
    partner_unregister(partner=partner, now=now())
    assert not provider.inside()["peer"]


def _pulls_tokens(provider: Foreign) -> None:
    for number in range(120):
        token = {**TOKEN, **OURS, "uid": f"TAG-{number:03d}", "contract_id": f"BE-EXW-C{number:08d}"}
        provider.does(f"keep/tokens/tag-{number:03d}", token)
    pull()
    state = PullState.objects.get(module="tokens")
    assert (state.last_count, ReceivedToken.objects.count()) == (120, 120), state.error
    assert state.error == "Link leads to another host"


def _is_ordered(server: LiveServer, cpo: Organization, provider: Foreign) -> None:
    box = roaming.box(cpo)
    with plugging(server, box)("1.6", RemoteStartTransaction={"status": "Accepted"}) as plugged:
        plugged.boot()
        place = {"location_id": f"site-{box.site_id}", "evse_uid": f"{box.cp_id}-1"}
        said = provider.does("start", {"token": {**TOKEN, **OURS}, **place})
        assert said["data"]["result"] == "ACCEPTED", said

        def told() -> bool:
            push_all(now() + timedelta(minutes=1), Partner.objects.get())
            return "wish-1" in provider.inside()["store"].get("commands", {})

        eventually(told)
    assert provider.inside()["store"]["commands"]["wish-1"]["result"] == "ACCEPTED"


def test_we_are_its_provider(emsp: Organization, operator: Foreign) -> None:
    """What it pushes and lists is kept; our command is carried out and told."""
    partner = registered(emsp, operator)
    # Its CDRs name no EVSE by its uid: a required field.
    Partner.objects.update(leniency={"missing_fields": True})
    stamped = {**OURS, "last_updated": STAMP}
    objects = {
        "locations": {**example("location_example"), **OURS},
        "sessions": {**example("session_example_2_short_finished"), **OURS},
        "tariffs": {**example("tariff_1_simple_2hour"), **OURS},
        "cdrs": {**example("cdr_example"), **OURS},
    }
    for module, body in objects.items():
        operator.does(f"keep/{module}/{body['id']}", {**body, **stamped})
        answer = operator.does(f"push/{module}/{body['id']}")["receiver_responses"][0]
        assert answer["status_code"] in {200, 201}, answer
        if module != "cdrs":
            assert answer["response"]["status_code"] == 1000, answer
    for model in (ReceivedLocation, ReceivedSession, ReceivedTariff, ReceivedCdr):
        (row,) = model.objects.all()
        assert (row.country_code, row.party_id, row.partner) == ("BE", "EXW", partner)
    pull()
    for state in PullState.objects.filter(partner=partner):
        assert (state.last_count, state.refused, state.error) == (1, 0, ""), state
    # It takes commands but publishes no address for them.
    commands = f"{operator.url}/ocpi/cpo/2.2.1/commands"
    partner.endpoints.create(identifier="commands", role="RECEIVER", url=commands)
    body = {"token": TOKEN, "location_id": "LOC1"}
    order = command_send(partner=partner, wish=Wish("commands", "START_SESSION", body), now=now())
    assert order.response == "ACCEPTED"
    assert operator.inside()["store"]["orders"]["START_SESSION"]["location_id"] == "loc1"

    def told() -> bool:
        order.refresh_from_db()
        return order.result == "ACCEPTED"

    eventually(told)
