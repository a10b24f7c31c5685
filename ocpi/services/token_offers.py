"""Puts our drivers' tokens into the outbox of every partner that takes tokens, whenever one changed."""

from datetime import datetime

from ocpi.models import Delivery, Partner
from ocpi.selectors.own_tokens import tokens_without_delivery
from ocpi.services.outbox import delivery_put

BATCH = 500


def tokens_offer(*, now: datetime) -> set[int]:
    """Put what is missing into the outboxes; answers the partners that have something due because of it."""
    missing = tokens_without_delivery(now, BATCH)
    partners = Partner.objects.in_bulk({partner_id for partner_id, _, _ in missing})
    due = set()
    for partner_id, token_id, changed in missing:
        wanted = Delivery(module="tokens", object_id=str(token_id), source_id=token_id, source_at=changed)
        if delivery_put(partners[partner_id], wanted, now, urgent=True):
            due.add(partner_id)
    return due
