"""Pushing by hand: what waits for the scripted partner, and time that passes ten seconds a step."""

from datetime import datetime, timedelta

from ocpi.models import Delivery, Partner
from ocpi.modules.cdrs.sealing import cdrs_seal_missing
from ocpi.services.push import delivery_push_next
from registry.models import Organization
from tests.ocpi import roaming
from tests.ocpi.conftest import now


def partner() -> Partner:
    return Partner.objects.get(party_id="TST")


def push_all(at: datetime, who: Partner | None = None) -> int:
    """Send what may be sent at a moment; answers how many tries that were."""
    count = 0
    while delivery_push_next(partner_id=(who or partner()).pk, now=at):
        count += 1
    return count


def backlog(cpo: Organization, count: int) -> list[str]:
    """CDRs in the outbox."""
    ids = [roaming.billed(cpo).cdr_id for _ in range(count)]
    cdrs_seal_missing(now=now())
    return ids


def settle(at: datetime, hours: float = 2) -> datetime:
    """Let time pass, ten seconds a step, until nothing waits."""
    end = at + timedelta(hours=hours)
    while at < end and Delivery.objects.filter(state="waiting").exists():
        push_all(at)
        at += timedelta(seconds=10)
    return at
