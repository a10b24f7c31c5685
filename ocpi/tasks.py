"""Background work: bring the outbox to the partners, find what a lost bell missed, clean up."""

import time
from datetime import timedelta

import structlog
from celery import shared_task
from django.utils import timezone
from kombu.exceptions import OperationalError

from ocpi.models import Exchange
from ocpi.modules.cdrs.sealing import cdrs_seal_missing
from ocpi.selectors.outbox import partners_due
from ocpi.services.bootstrap_tokens import bootstrap_tokens_clean
from ocpi.services.outbox import drain_begin, drain_end, drain_renew, sessions_offer_missing
from ocpi.services.partners import partner_tokens_clean
from ocpi.services.push import delivery_push_next

log = structlog.get_logger(__name__)
TURN_SECONDS = 30.0
"""A partner with much to get makes room for others after this."""
MESSAGES_KEPT = timedelta(days=30)

SCHEDULE = {
    "ocpi-sweep": {"task": "ocpi.tasks.sweep", "schedule": 10.0, "options": {"expires": 10}},
    "ocpi-deep-sweep": {"task": "ocpi.tasks.sweep", "schedule": 1800.0, "kwargs": {"deep": True}},
    "ocpi-clean": {"task": "ocpi.tasks.clean", "schedule": 3600.0},
}


@shared_task
def deliver(partner_id: int) -> int:
    """Serve one partner's outbox for a turn; answers how many requests were made."""
    if not drain_begin(partner_id=partner_id, now=timezone.now()):
        return 0
    count, end = 0, time.monotonic() + TURN_SECONDS
    try:
        while time.monotonic() < end and delivery_push_next(partner_id=partner_id, now=timezone.now()):
            count += 1
            drain_renew(partner_id=partner_id, now=timezone.now())
    finally:
        drain_end(partner_id=partner_id)
    return count


@shared_task
def sweep(deep: bool = False) -> None:
    """Put into the outbox what should be there, and have served whoever has something due."""
    now = timezone.now()
    cdrs_seal_missing(now=now, deep=deep)
    sessions_offer_missing(now=now)
    for partner_id in partners_due(now):
        poke(partner_id)


@shared_task
def clean() -> None:
    """Forget ended tokens and old messages."""
    now = timezone.now()
    bootstrap_tokens_clean(now=now)
    partner_tokens_clean(now=now)
    Exchange.objects.filter(at__lt=now - MESSAGES_KEPT).delete()


def poke(partner_id: int) -> None:
    """Have a partner served soon; without a broker the sweep does it later."""
    try:
        deliver.apply_async((partner_id,), expires=60)
    except (OperationalError, OSError):
        log.warning("ocpi.poke_failed", partner_id=partner_id)
