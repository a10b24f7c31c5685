"""Figures of an organisation's operation: what runs now, what is wrong, what a day brought."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q, Sum

from central.models import ChargePointStatus, Command, SecurityEvent, Session
from central.models.charge_point_status import MonitorState
from central.models.command import CommandState
from central.models.session import SessionState
from central.selectors.overview import FAULTED, OFFLINE, STATES, for_display, with_state
from registry.models import ChargePoint
from registry.models.charge_point import RegistrationStatus

DAY = timedelta(days=1)
FAILED = (CommandState.REJECTED, CommandState.FAILED, CommandState.TIMED_OUT, CommandState.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Now:
    """Running sessions, their power in W and energy in Wh."""

    sessions: int
    power_w: int
    energy_wh: int


@dataclass(frozen=True, slots=True)
class Problems:
    """How many things wait for a person."""

    engine_faults: int
    failed_commands: int
    security: int


def by_state(actor: Any) -> dict[str, int]:
    """Charge points in use by state, worst first; states without any are 0."""
    rows = ChargePoint.objects.visible_to(actor).exclude(status=RegistrationStatus.DEREGISTERED)
    counts = dict(with_state(rows).order_by().values_list("state").annotate(Count("pk")))
    return {state: counts.get(state, 0) for state in STATES if state != "deregistered"}


def running_now(actor: Any) -> Now:
    """What flows at this moment."""
    running = Session.objects.visible_to(actor).filter(state=SessionState.ACTIVE)
    sums = running.aggregate(count=Count("pk"), power=Sum("power_w"), energy=Sum("energy_wh"))
    return Now(sums["count"], sums["power"] or 0, sums["energy"] or 0)


def running_sessions(actor: Any, limit: int) -> list[Session]:
    """The newest running sessions."""
    running = Session.objects.visible_to(actor).filter(state=SessionState.ACTIVE)
    return list(running.select_related("charge_point", "site", "organization")[:limit])


def recent_sessions(actor: Any, limit: int) -> list[Session]:
    """The sessions that ended last."""
    ended = Session.objects.visible_to(actor).filter(state=SessionState.ENDED)
    return list(ended.select_related("charge_point", "site", "organization")[:limit])


def in_trouble(actor: Any, limit: int) -> list[Any]:
    """Charge points that are faulted or silent, faulted ones first."""
    rows = ChargePoint.objects.visible_to(actor).exclude(status=RegistrationStatus.DEREGISTERED)
    troubled = with_state(rows).filter(
        Q(state__in=(FAULTED, OFFLINE)) | Q(live__monitor_state=MonitorState.FAULT)
    )
    return list(for_display(troubled).order_by("state", "-live__status_at")[:limit])


def problems(actor: Any, now: datetime) -> Problems:
    """What waits for a person; failed commands of the last day."""
    engines = ChargePointStatus.objects.visible_to(actor).filter(
        monitor_state=MonitorState.FAULT, charge_point__status=RegistrationStatus.REGISTERED
    )
    commands = Command.objects.visible_to(actor).whole_in(FAILED).filter(created_at__gte=now - DAY)
    return Problems(
        engine_faults=engines.count(),
        failed_commands=commands.count(),
        security=SecurityEvent.objects.visible_to(actor).filter(is_open=True).count(),
    )


def energy_between(actor: Any, spans: Iterable[tuple[datetime, datetime]]) -> list[tuple[int, int]]:
    """(Wh, sessions) of the sessions that began within each span."""
    sums: dict[str, Any] = {}
    for number, (start, end) in enumerate(spans):
        within = Q(started_at__gte=start, started_at__lt=end)
        sums[f"wh{number}"] = Sum("energy_wh", filter=within)
        sums[f"n{number}"] = Count("pk", filter=within)
    found = Session.objects.visible_to(actor).aggregate(**sums)
    return [(found[f"wh{number}"] or 0, found[f"n{number}"]) for number in range(len(sums) // 2)]
