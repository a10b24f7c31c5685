"""What lies behind the endpoints of one of our roles, so that each of them has something to say."""

from dataclasses import dataclass
from datetime import timedelta

from billing.services.tariffs import tariff_assign
from ocpi.models import HubClient, Partner, SentCommand
from ocpi.modules.cdrs.sealing import cdrs_seal_missing
from ocpi.selectors.places import evse_uid_of, location_id_of
from registry.models import Organization, Site
from tests.billing import builders
from tests.ocpi import roaming, rows
from tests.ocpi.conftest import now
from tests.ocpi.test_hub_clients import info
from tests.ocpi.test_places import box as place

OBJECTS = 3
"""So many stand in each list at least."""
ROLES = {"CPO": ["CPO"], "EMSP": ["EMSP", "SCSP"]}


@dataclass(frozen=True)
class World:
    """The partner and the names that addresses may hold."""

    partner: Partner
    known: dict[str, str]


def world(role: str, version: str) -> World:
    """We in one role, NL-TST opposite, registered in one version."""
    ours = rows.organization(role, ocpi_roles=ROLES[role])
    other = rows.partner(ours, {"CPO": "EMSP", "EMSP": "CPO"}[role], version, requests_per_minute=100_000)
    common = {"country_code": "NL", "party_id": "TST", "token_uid": "CARD-1"}
    HubClient.objects.create(
        organization=ours,
        partner=other,
        country_code="NL",
        party_id="TST",
        role="CPO",
        status="PLANNED",
        payload=info(country_code="NL", party_id="TST"),
        version=version,
        received_at=now(),
        last_updated=now(),
    )
    return World(other, common | (_operator(ours) if role == "CPO" else _provider(ours, other)))


def _operator(ours: Organization) -> dict[str, str]:
    """Three places, tariffs, CDRs of the partner's driver, and a session under way."""
    box, *_ = [place(ours, _site(ours, number), f"BOX-{number}") for number in range(1, OBJECTS + 1)]
    builders.default_tariff(ours)
    for number in range(1, OBJECTS):
        made = builders.tariff(ours, tariff_id=f"T{number + 1}", tariff_type=TYPES[number - 1])
        tariff_assign(organization=ours, tariff=made, valid_from=builders.LONG_AGO, now=builders.START)
    for _ in range(OBJECTS):
        roaming.billed(ours)
    cdrs_seal_missing(now=now())
    session = roaming.running(ours)
    return {
        "location_id": location_id_of(box),
        "evse_uid": evse_uid_of(box, 1),
        "connector_id": "1",
        "session_id": str(session.uid),
        "command": "STOP_SESSION",
    }


TYPES = ("PROFILE_CHEAP", "PROFILE_FAST")
"""Of one type only the latest tariff is in force at a place."""


def _site(ours: Organization, number: int) -> Site:
    return Site.objects.create(
        organization=ours,
        name=f"Hof {number}",
        address="Weg 1",
        city="Bonn",
        latitude="50.737430",
        longitude="7.098207",
    )


def _provider(ours: Organization, other: Partner) -> dict[str, str]:
    """Three drivers, and a command of each module to the partner; its objects are told by the rows."""
    for number in range(1, OBJECTS + 1):
        roaming.card(ours, None, f"CARD-{number}")
    for module, handle in (("commands", "handle-1"), ("chargingprofiles", "handle-2")):
        SentCommand.objects.create(
            organization=ours,
            partner=other,
            module=module,
            kind="STOP_SESSION",
            version=other.version,
            handle=handle,
            created_at=now(),
            deadline_at=now() + timedelta(minutes=5),
        )
    return {
        "location_id": "LOC1",
        "evse_uid": "E1",
        "connector_id": "1",
        "session_id": "S1",
        "cdr_id": "C1",
        "tariff_id": "T1",
        "command": "STOP_SESSION",
        "handle": "handle-1",
    }
