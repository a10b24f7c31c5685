"""What tests of endurance do inside the server's own environment (through `manage.py shell`)."""

import sys
from datetime import timedelta
from decimal import Decimal

from django.utils.timezone import now

from billing.models import Cdr
from billing.selectors.cdrs import sessions_without_cdr
from billing.services.cdrs import cdr_create
from billing.services.tariffs import tariff_assign, tariff_create
from central.models import IdToken, MeterValue, Session
from central.services.commands import remote_start
from registry.models import ChargePoint, Organization
from tests.support.messages import stamp

FLAT, PER_KWH = Decimal("0.50"), Decimal("0.45")


def seed(tags: int) -> None:
    """A company with a simple tariff, and tags that may be used any number of times at once."""
    organization = Organization.objects.create(name="Amber", slug="amber", is_default=True)
    parts = [
        {"type": "FLAT", "price": str(FLAT), "step_size": 1},
        {"type": "ENERGY", "price": str(PER_KWH), "step_size": 1},
    ]
    start = now() - timedelta(days=2)
    tariff = tariff_create(
        organization=organization,
        tariff_id="T",
        name="T",
        currency="EUR",
        elements=[{"price_components": parts}],
        valid_from=start,
        now=now(),
    )
    tariff_assign(organization=organization, tariff=tariff, valid_from=start, now=now())
    for number in range(tags):
        IdToken.objects.create(organization=organization, uid=f"TAG-{number}", concurrent_sessions=0)


def make_cdrs() -> None:
    """What billing's sweep asks for, twice: a repeat changes nothing."""
    for _ in range(2):
        moment = now() + timedelta(seconds=1)
        for session_id in sessions_without_cdr(moment, deep=True, limit=100_000):
            cdr_create(session_id=session_id, now=moment)
            cdr_create(session_id=session_id, now=moment)


def order(cp_id: str, seconds: int = 60) -> None:
    """Place an order for a charge point, as REST and the admin do; writes its number."""
    charge_point = ChargePoint.objects.get(cp_id=cp_id)
    made = remote_start(
        charge_point=charge_point, id_tag="TAG-0", evse_number=1, ttl=timedelta(seconds=seconds), now=now()
    )
    sys.stdout.write(f"{made.pk}\n")


def bill(cp_id: str) -> None:
    """Write what a charge point's one session costs, by its one CDR."""
    session = Session.objects.get(charge_point__cp_id=cp_id)
    cdr = Cdr.objects.get(session=session)
    readings = MeterValue.objects.filter(session_id=session.pk).count()
    sys.stdout.write(f"{cdr.energy_wh} Wh, {cdr.total_cost_excl:.2f}, {readings} readings\n")


def times(cp_id: str) -> None:
    """Write when a charge point's one session was, and what was remarked of its clock."""
    session = Session.objects.get(charge_point__cp_id=cp_id)
    assert session.ended_at is not None
    sys.stdout.write(f"{stamp(session.started_at)} {stamp(session.ended_at)} {' '.join(session.flags)}\n")
