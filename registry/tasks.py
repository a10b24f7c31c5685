"""Background work of the registry: carry events, make exports, forget what is old, signs of life."""

import time
from functools import cache
from typing import Any

import structlog
from celery import shared_task
from celery.signals import before_task_publish, worker_shutting_down
from django.conf import settings
from django.db import DatabaseError, connection

from emobility.lib.clock import utc_now
from emobility.lib.errors import DomainError
from registry.api.export_tables import export_source
from registry.services.event_rounds import (
    Round,
    round_begin,
    round_end,
    round_needed,
    round_renew,
    rounds_end,
    rounds_ending,
)
from registry.services.events import events_drop_old
from registry.services.export_jobs import export_files_drop_old, export_jobs_run, export_jobs_sweep
from registry.services.heartbeats import SCHEDULER, WORKER, heartbeat_note
from registry.services.laravel import laravel_webhook_ensure
from registry.services.webhook_deliveries import deliveries_drop_old

log = structlog.get_logger(__name__)

ROUND_SECONDS = 40.0
"""A round gives its worker back after this; the next one begins within a second."""
QUICK_SECONDS = 12.0
"""So long before its end a round takes nothing more for slow receivers."""
RENEW_SECONDS = 4.0
WAIT_SECONDS = 0.2

HEARTBEAT = "registry.heartbeat"
SCHEDULE = {
    "signs of life": {"task": HEARTBEAT, "schedule": 15.0, "options": {"expires": 15}},
    "events to their receivers": {
        "task": "registry.carry_events",
        "schedule": 1.0,
        "options": {"expires": 5},
    },
    "events and deliveries that are too old": {"task": "registry.drop_old_events", "schedule": 3600.0},
    "exports that wait": {"task": "registry.run_exports", "schedule": 3.0, "options": {"expires": 3}},
    "files of exports that are too old": {"task": "registry.drop_old_files", "schedule": 600.0},
}
LONGEST_EXPORTS = 6 * 3600
"""Seconds that one worker may spend on exports; one that is killed then starts anew."""


@shared_task(name="registry.carry_events")
def carry_events(seconds: float = ROUND_SECONDS) -> None:
    """Go round as long as there is something to do, for at most so many seconds."""
    _settings_followed()
    if not round_needed(now=utc_now()) or not round_begin(now=utc_now()):
        return
    work = Round()
    try:
        _go_round(work, seconds)
    finally:
        work.close()
        round_end()


def _go_round(work: Round, seconds: float) -> None:
    begun = renewed = time.monotonic()
    while not rounds_ending():
        age = time.monotonic() - begun
        found = work.step(utc_now(), slow=age < seconds - QUICK_SECONDS) if age < seconds else 0
        if not found and not work.is_busy:
            return
        work.collect(utc_now(), 0 if found and not work.is_busy else WAIT_SECONDS)
        if time.monotonic() - renewed > RENEW_SECONDS:
            renewed = time.monotonic()
            round_renew(now=utc_now())


@cache
def _settings_followed() -> None:
    """Once a process: the webhook that settings name is there."""
    try:
        laravel_webhook_ensure(url=settings.LARAVEL_API_URL, key=settings.LARAVEL_API_KEY, now=utc_now())
    except DomainError as error:
        log.error("LARAVEL_API_URL makes no webhook: %s", error.message)


@shared_task(name="registry.drop_old_events")
def drop_old_events() -> int:
    """Forget deliveries and events that are older than they are to be kept."""
    now = utc_now()
    return deliveries_drop_old(now=now) + events_drop_old(now=now)


@shared_task(name="registry.run_exports", time_limit=LONGEST_EXPORTS)
def run_exports() -> int:
    """Take up exports whose worker is gone, then work on those that wait."""
    export_jobs_sweep(now=utc_now())
    return export_jobs_run(source_of=export_source, clock=utc_now)


@shared_task(name="registry.drop_old_files")
def drop_old_files() -> int:
    """Remove the files of exports whose time is over."""
    return export_files_drop_old(now=utc_now())


@worker_shutting_down.connect
def end_rounds(**_: Any) -> None:
    """A worker that ends takes nothing more."""
    rounds_end()


@shared_task(name=HEARTBEAT)
def heartbeat() -> None:
    """The worker lives."""
    heartbeat_note(name=WORKER, now=utc_now())


@before_task_publish.connect(sender=HEARTBEAT)
def scheduler_lives(**_: Any) -> None:
    """In the scheduler's own process, before the broker is asked: it lives, whatever becomes of the task."""
    try:
        heartbeat_note(name=SCHEDULER, now=utc_now())
    except DatabaseError as error:
        log.warning("heartbeat.not_written", error=repr(error)[:200])
    finally:
        if not connection.in_atomic_block:
            connection.close()
