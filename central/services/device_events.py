"""Device events: kept once each, their values taken over, the grave ones told on (2.x N07, N08, G01)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction

from central.models import DeviceEvent, VariableMonitor
from central.models.variable import Source
from central.services.device_places import ACTUAL, Place
from central.services.reviews import FIRST_PLAUSIBLE
from central.services.statuses import StatusReport, statuses_record
from central.services.variables import HIDDEN, Told, charge_point_lock, variables_record
from registry.services.events import event_append

GRAVE: Final = 3
"""Severities up to this one (0 danger, 1 hardware, 2 system, 3 critical) are facts for others."""
STATES: Final = frozenset({"Available", "Occupied", "Reserved", "Unavailable", "Faulted"})
_BATCH: Final = 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event; `columns` are those of DeviceEvent besides its place, value and time."""

    place: Place
    at: datetime
    value: str
    digest: str
    secret: bool = False
    columns: dict[str, Any] = field(default_factory=dict)

    @property
    def state(self) -> str:
        """The state that it tells of a connector or the whole: 2.1 reports it so (B01.FR.05, G01)."""
        place = self.place
        told = place.variable.lower() == "availabilitystate" and self.value in STATES
        whole = place.component.lower() == "chargingstation"
        return self.value if told and (whole or _is_connector(place)) else ""


def device_events_record(
    *, charge_point_id: int, organization_id: int, events: Sequence[Event], now: datetime
) -> int:
    """Keep events that were not told before, and what they mean; how many are new."""
    with transaction.atomic():
        charge_point_lock(charge_point_id)
        fresh = _fresh(charge_point_id, events)
        severities = _severities(charge_point_id, fresh)
        rows = [_row(charge_point_id, event, severities, now) for event in fresh]
        DeviceEvent.objects.bulk_create(rows)
        _take_values(charge_point_id, fresh, now)
        statuses_record(
            [_status(charge_point_id, organization_id, event, now) for event in fresh if event.state]
        )
        for row in rows:
            _tell(organization_id, row, now)
    return len(rows)


def device_events_drop_old(*, now: datetime, keep_days: int) -> int:
    """Drop events of more than `keep_days` (0: none), some thousands at once; how many."""
    if not keep_days:
        return 0
    old = DeviceEvent.objects.filter(received_at__lt=now - timedelta(days=keep_days))
    return DeviceEvent.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:_BATCH])).delete()[0]


def _fresh(charge_point_id: int, events: Sequence[Event]) -> list[Event]:
    by_digest = {event.digest: event for event in events}
    known = DeviceEvent.objects.filter(charge_point_id=charge_point_id, digest__in=by_digest)
    for digest in known.values_list("digest", flat=True):
        del by_digest[digest]
    return list(by_digest.values())


def _severities(charge_point_id: int, events: Sequence[Event]) -> dict[int, int]:
    """The severity of monitors by number, for events of 2.0.1 that bring none of their own."""
    numbers = {int(event.columns["monitor_number"]) for event in events if event.columns["monitor_number"]}
    if not numbers:
        return {}
    monitors = VariableMonitor.objects.filter(charge_point_id=charge_point_id, number__in=numbers)
    return dict(monitors.values_list("number", "severity"))


def _row(charge_point_id: int, event: Event, severities: dict[int, int], now: datetime) -> DeviceEvent:
    columns = event.place.columns | event.columns
    if columns.get("severity") is None:
        columns["severity"] = severities.get(columns.get("monitor_number") or 0)
    return DeviceEvent(
        charge_point_id=charge_point_id,
        at=event.at,
        received_at=now,
        actual_value=HIDDEN if event.secret else event.value,
        digest=event.digest,
        **columns,
    )


def _take_values(charge_point_id: int, events: Sequence[Event], now: datetime) -> None:
    """The latest value of each variable is its actual one, unless we were told later."""
    told = [
        Told(place=event.place, value=event.value, secret=event.secret, at=_plausible(event.at, now))
        for event in sorted(events, key=lambda event: event.at)
        if event.place.attribute == ACTUAL
    ]
    variables_record(charge_point_id=charge_point_id, told=told, source=Source.EVENT, now=now)


def _plausible(at: datetime, now: datetime) -> datetime:
    """The charge point's time, unless its clock is nonsense."""
    return at if FIRST_PLAUSIBLE <= at <= now else now


def _status(charge_point_id: int, organization_id: int, event: Event, now: datetime) -> StatusReport:
    return StatusReport(
        charge_point_id=charge_point_id,
        organization_id=organization_id,
        evse_number=event.place.evse,
        connector_number=event.place.connector,
        status=event.state,
        at=event.at,
        now=now,
    )


def _is_connector(place: Place) -> bool:
    return place.component.lower() == "connector" and place.evse > 0 and place.connector > 0


def _tell(organization_id: int, row: DeviceEvent, now: datetime) -> None:
    if row.severity is None or row.severity > GRAVE:
        return
    event_append(
        organization_id=organization_id,
        charge_point_id=row.charge_point_id,
        kind="device.alert_cleared" if row.cleared else "device.alert",
        subject=row.words,
        data={"device_event_id": row.pk, "severity": row.severity, "value": row.actual_value[:200]},
        now=now,
    )
