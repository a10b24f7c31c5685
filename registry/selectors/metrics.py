"""Facts of the registry for Prometheus: what of events, webhooks and exports waits, and for how long."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from django.db.models import Count, Min, QuerySet

from emobility.lib.clock import utc_now
from emobility.lib.metrics import Fact, facts
from registry.models import Event, EventReader, ExportJob, WebhookDelivery
from registry.models.event import SEQUENCE
from registry.models.export_job import OPEN
from registry.models.webhook import WebhookState
from registry.selectors.event_sinks import sinks_set

MOST: Final = 10_000
"""Counted up to here: beyond it the figure says enough."""


@facts(
    "event_log_position",
    "events_unnumbered",
    "event_numbering_age_seconds",
    "event_sink_lag",
    "event_sink_age_seconds",
)
def events() -> Iterator[Fact]:
    """How long the log is, what has no position yet, and how far the sinks are behind."""
    now = utc_now()
    positions = dict(EventReader.objects.values_list("name", "position"))
    newest = positions.get(SEQUENCE, 0)
    yield Fact("event_log_position", "Position of the newest numbered event", (), [((), newest)])
    count, oldest = _backlog(Event.objects.filter(position=None).order_by("id"), "at")
    yield Fact("events_unnumbered", f"Events without a position, up to {MOST}", (), [((), count)])
    waits = Fact("event_numbering_age_seconds", "Age of the oldest event without a position")
    waits.values.append(((), _age(oldest, now)))
    yield waits
    reached = {name: positions[name] for name in sorted(sinks_set()) if name in positions}
    nexts = Event.objects.filter(position__in=[position + 1 for position in reached.values()])
    times = dict(nexts.values_list("position", "at")) if reached else {}
    lag = Fact("event_sink_lag", "Events that a sink has yet to publish", ("sink",))
    ages = Fact("event_sink_age_seconds", "Age of the oldest event that a sink has yet to publish", ("sink",))
    for name, position in reached.items():
        lag.values.append(((name,), max(0, newest - position)))
        ages.values.append(((name,), _age(times.get(position + 1), now)))
    yield lag
    yield ages


@facts("webhook_deliveries", "webhook_delivery_age_seconds")
def webhooks() -> Iterator[Fact]:
    """What receivers have yet to get, and what was given up."""
    now = utc_now()
    counted = Fact("webhook_deliveries", f"Events that webhooks have yet to send, up to {MOST}", ("state",))
    ages = Fact("webhook_delivery_age_seconds", "Age of the oldest of them", ("state",))
    for state in (WebhookState.WAITING, WebhookState.DEAD):
        rows = WebhookDelivery.objects.filter(state=state).order_by("created_at")
        count, oldest = _backlog(rows, "created_at")
        counted.values.append(((str(state),), count))
        ages.values.append(((str(state),), _age(oldest, now)))
    yield counted
    yield ages


@facts("export_jobs", "export_job_age_seconds")
def exports() -> Iterator[Fact]:
    """Exports that wait or are under way."""
    now = utc_now()
    rows = ExportJob.objects.filter(state__in=OPEN).order_by().values_list("state")
    found = {state: each for state, *each in rows.annotate(Count("pk"), Min("created_at"))}
    counted = Fact("export_jobs", "Exports that are not ready", ("state",))
    ages = Fact("export_job_age_seconds", "Age of the oldest of them", ("state",))
    for state in OPEN:
        count, oldest = found.get(state, (0, None))
        counted.values.append(((str(state),), count))
        ages.values.append(((str(state),), _age(oldest, now)))
    yield counted
    yield ages


def _backlog(rows: QuerySet[Any], moment: str) -> tuple[int, datetime | None]:
    """How many rows, and the earliest moment of them: the first MOST of an indexed order."""
    found = rows[:MOST].aggregate(count=Count("pk"), oldest=Min(moment))
    return found["count"], found["oldest"]


def _age(oldest: datetime | None, now: datetime) -> float:
    return max(0.0, (now - oldest).total_seconds()) if oldest else 0.0
