"""Background work: bring the outbox to the partners, find what a lost bell missed, clean up."""

import time
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

import structlog
from celery import shared_task
from django.utils import timezone
from kombu.exceptions import OperationalError

from central.services.provider_answers import provider_answers_clean
from ocpi.core.fields import Schema
from ocpi.core.money_objects import TARIFF
from ocpi.core.place_objects import LOCATION
from ocpi.core.tokens import TOKEN
from ocpi.models import Exchange
from ocpi.modules.cdrs.schema import CDR
from ocpi.modules.cdrs.sealing import cdrs_seal_missing
from ocpi.modules.sessions.schema import SESSION
from ocpi.selectors.outbox import partners_due
from ocpi.services.bootstrap_tokens import bootstrap_tokens_clean
from ocpi.services.cdr_checks import cdr_checks_missing
from ocpi.services.outbox import sessions_offer_missing
from ocpi.services.outbox_published import published_offer, published_offer_missing
from ocpi.services.partners import partner_tokens_clean
from ocpi.services.probes import probe_run, probes_waiting
from ocpi.services.profile_orders import active_profiles_missing
from ocpi.services.published import all_publish, places_publish
from ocpi.services.pull_rounds import PullRound
from ocpi.services.pull_states import pull_states_ensure
from ocpi.services.push_rounds import PushRound
from ocpi.services.received_commands import commands_overdue
from ocpi.services.reserved_sessions import reserved_missing
from ocpi.services.rotations import rotation_run, rotations_due
from ocpi.services.sent_commands import commands_give_up
from ocpi.services.token_offers import tokens_offer

log = structlog.get_logger(__name__)
TURN_SECONDS = 30.0
"""A partner with much to get, or to tell, makes room for others after this."""
WAIT_SECONDS = 0.2
MESSAGES_KEPT = timedelta(days=30)

SCHEMAS: Mapping[str, Schema] = {
    "locations": LOCATION,
    "sessions": SESSION,
    "cdrs": CDR,
    "tariffs": TARIFF,
    "tokens": TOKEN,
}
"""The objects of partners' lists."""

SCHEDULE = {
    "ocpi-sweep": {"task": "ocpi.tasks.sweep", "schedule": 10.0, "options": {"expires": 10}},
    "ocpi-deep-sweep": {"task": "ocpi.tasks.sweep", "schedule": 1800.0, "kwargs": {"deep": True}},
    "ocpi-pull": {"task": "ocpi.tasks.pull", "schedule": 30.0, "options": {"expires": 30}},
    "ocpi-rotate": {"task": "ocpi.tasks.rotate", "schedule": 3600.0},
    "ocpi-check": {"task": "ocpi.tasks.check", "schedule": 60.0, "options": {"expires": 60}},
    "ocpi-clean": {"task": "ocpi.tasks.clean", "schedule": 3600.0},
}


@shared_task
def deliver(partner_id: int | None = None) -> int:
    """Serve everybody who has something due, for a turn; answers how many requests were made.

    `partner_id` is who it was asked for; the others are served as well, at the same time.
    """
    work = PushRound(timezone.now, TURN_SECONDS)
    _go_round(work)
    return work.sent


@shared_task
def pull() -> None:
    """Read the lists of partners that are due."""
    pull_states_ensure(now=timezone.now())
    _go_round(PullRound(timezone.now, TURN_SECONDS))


@shared_task
def check() -> None:
    """Run the checks of partners that people asked for."""
    for probe_id in probes_waiting(now=timezone.now()):
        probe_run(probe_id=probe_id, schemas=SCHEMAS, now=timezone.now())


def _go_round(work: PushRound | PullRound) -> None:
    """Begin what is due until the turn is over, then finish what is under way."""
    end = time.monotonic() + TURN_SECONDS
    try:
        while time.monotonic() < end:
            if not work.step() and not work.is_busy:
                break
            work.collect(WAIT_SECONDS)
    finally:
        work.close()


@shared_task
def publish(charge_point_ids: list[int]) -> None:
    """Look at the places of charge points again and tell partners what changed."""
    now = timezone.now()
    due = published_offer(rows=places_publish(charge_point_ids=charge_point_ids, now=now), now=now)
    if due:
        poke(min(due))


@shared_task
def sweep(deep: bool = False) -> None:
    """Put into the outbox what should be there, and have served whoever has something due."""
    now = timezone.now()
    cdrs_seal_missing(now=now, deep=deep)
    reserved_missing(now=now)
    sessions_offer_missing(now=now)
    cdr_checks_missing(now=now)
    tokens_offer(now=now)
    active_profiles_missing(now=now)
    commands_overdue(now=now)
    commands_give_up(now=now)
    published_offer(rows=all_publish(now=now, deep=deep), now=now)
    published_offer_missing(now=now)
    if due := partners_due(now):
        poke(due[0])


@shared_task
def rotate() -> None:
    """Give new tokens to the partners whose turn it is."""
    now = timezone.now()
    for partner_id in rotations_due(now):
        rotation_run(partner_id=partner_id, now=now)


@shared_task
def clean() -> None:
    """Forget ended tokens and old messages."""
    now = timezone.now()
    bootstrap_tokens_clean(now=now)
    partner_tokens_clean(now=now)
    provider_answers_clean(now=now)
    Exchange.objects.filter(at__lt=now - MESSAGES_KEPT).delete()


def poke(partner_id: int) -> None:
    """Have a partner served soon; without a broker the sweep does it later."""
    try:
        deliver.apply_async((partner_id,), expires=60)
    except (OperationalError, OSError):
        log.warning("ocpi.poke_failed", partner_id=partner_id)


def poke_pull() -> None:
    """Have lists that are due read soon; without a broker the schedule does it later."""
    _poke(pull)


def poke_check() -> None:
    """Have checks that wait run soon."""
    _poke(check)


def _poke(task: Any) -> None:
    try:
        task.apply_async(expires=60)
    except (OperationalError, OSError):
        log.warning("ocpi.poke_failed", task=task.name)


def poke_places(charge_point_ids: Iterable[int]) -> None:
    """Have places looked at soon; without a broker the sweep does it later."""
    try:
        publish.apply_async((sorted(charge_point_ids),), expires=60)
    except (OperationalError, OSError):
        log.warning("ocpi.poke_failed", places=True)
