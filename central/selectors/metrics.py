"""Facts of central for Prometheus: charge points, sessions, waiting commands, by few, bounded queries."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from django.db.models import Count, Min, Sum

from central.models import BulkTarget, Command, Connector, LogUpload, Session
from central.models.bulk_command import BulkState, TargetState
from central.models.command import CommandState
from central.models.session import SessionState
from emobility.lib.clock import utc_now
from emobility.lib.metrics import Fact, Labels, facts
from registry.models import ChargePoint
from registry.models.charge_point import RegistrationStatus

MOST: Final = 10_000
"""Counted up to here: beyond it the figure says enough."""


@facts("charge_points", "connectors")
def charge_points() -> Iterator[Fact]:
    """Charge points in use by version and connection; connectors by what they say."""
    rows = ChargePoint.objects.filter(status=RegistrationStatus.REGISTERED).order_by()
    counts = rows.values_list("live__ocpp_version").annotate(
        known=Count("pk"), connected=Count("live__connection_id")
    )
    points = Fact("charge_points", "Registered charge points", ("version", "state"))
    for version, known, connected in counts:
        points.values += [
            ((version or "none", "connected"), connected),
            ((version or "none", "disconnected"), known - connected),
        ]
    yield points
    plugs = Connector.objects.order_by().values_list("status").annotate(Count("pk"))
    told: list[tuple[Labels, float]] = [((status or "unknown",), count) for status, count in plugs]
    yield Fact("connectors", "Connectors by the state that they last reported", ("status",), told)


@facts("sessions_active", "charging_power_watts")
def sessions() -> Iterator[Fact]:
    """What charges now."""
    running = Session.objects.filter(state=SessionState.ACTIVE).order_by()
    sums = running.aggregate(count=Count("pk"), power=Sum("power_w"))
    yield Fact("sessions_active", "Sessions that run", (), [((), sums["count"])])
    yield Fact("charging_power_watts", "Power of running sessions", (), [((), sums["power"] or 0)])


@facts("commands_waiting", "command_queue_age_seconds", "bulk_targets_waiting")
def commands() -> Iterator[Fact]:
    """What waits for charge points, and for how long."""
    now = utc_now()
    states = (CommandState.QUEUED, CommandState.SENT)
    rows = Command.objects.filter(state__in=states).order_by()
    counts = {
        state: (count, oldest)
        for state, count, oldest in rows.values_list("state").annotate(Count("pk"), Min("created_at"))
    }
    waiting = Fact("commands_waiting", "Commands under way", ("state",))
    ages = Fact("command_queue_age_seconds", "Age of the oldest command under way", ("state",))
    for state in states:
        count, oldest = counts.get(state, (0, None))
        waiting.values.append(((str(state),), count))
        ages.values.append(((str(state),), age(oldest, now)))
    yield waiting
    yield ages
    left = BulkTarget.objects.filter(state=TargetState.WAITING, bulk__state=BulkState.RUNNING)
    yield Fact(
        "bulk_targets_waiting", "Charge points that bulk commands have yet to reach", (), [((), left.count())]
    )


@facts("uploads_waiting", "upload_wait_age_seconds")
def uploads() -> Iterator[Fact]:
    """Addresses of ours to which a charge point has yet to bring its log."""
    now = utc_now()
    rows = LogUpload.objects.filter(brought_at=None, expires_at__gt=now).order_by("-expires_at")[:MOST]
    found = rows.aggregate(count=Count("pk"), oldest=Min("job__created_at"))
    yield Fact(
        "uploads_waiting", f"Logs that are yet to be brought, up to {MOST}", (), [((), found["count"])]
    )
    oldest = age(found["oldest"], now)
    yield Fact("upload_wait_age_seconds", "Age of the oldest of them", (), [((), oldest)])


def age(oldest: datetime | None, now: datetime) -> float:
    """Seconds since a moment; 0 where there is none."""
    return max(0.0, (now.astimezone(UTC) - oldest).total_seconds()) if oldest else 0.0
