"""DER controls at charge points: asked for, installed, superseded, in force, ended, cleared (2.1 R04)."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import QuerySet

from central.models import Command, DerControl
from central.models.der import DerControlState
from central.services.commands import command_create
from registry.models import ChargePoint
from registry.services.events import event_append

DER_SET: Final = "der_set"
THERE: Final = frozenset({DerControlState.INSTALLED, DerControlState.ACTIVE, DerControlState.SUPERSEDED})
"""States in which a control is at its charge point."""
WAITING: Final = frozenset({DerControlState.REQUESTED, DerControlState.UNDELIVERED})


@dataclass(frozen=True, slots=True)
class Control:
    """A control as said: `settings` is OCPP's field of its type; a scheduled one starts and lasts."""

    control_id: str
    control_type: str
    is_default: bool
    settings: Mapping[str, Any] = field(default_factory=dict)
    priority: int = 0
    starts_at: datetime | None = None
    duration_s: float | None = None
    is_superseded: bool = False

    @property
    def columns(self) -> dict[str, Any]:
        """What the row says of it."""
        return {
            "control_type": self.control_type,
            "is_default": self.is_default,
            "settings": dict(self.settings),
            "priority": self.priority,
            "starts_at": self.starts_at,
            "duration_s": self.duration_s,
        }


def der_control_request(
    *, charge_point: ChargePoint, control: Control, params: dict[str, Any], now: datetime, **common: Any
) -> Command:
    """Write a control down and queue its order; `common` goes to `command_create`, which may raise."""
    with transaction.atomic():
        command = command_create(charge_point=charge_point, order=DER_SET, params=params, now=now, **common)
        known = _rows(charge_point.pk).filter(control_id=control.control_id).first()
        if known is None:
            _new(charge_point.pk, control, DerControlState.REQUESTED, command, now)
        elif known.state not in THERE:
            _renew(known, control, DerControlState.REQUESTED, command, now)
    return command


def der_control_answered(
    *, command: Command, control: Control, status: str, word: str, superseded: Collection[str], now: datetime
) -> bool:
    """What the answer to SetDERControl means; one asked for by hand gets its row now. True where installed.

    A control that was there before stays there when its change is refused.
    """
    accepted = status == "Accepted"
    state = DerControlState.INSTALLED if accepted else DerControlState.REFUSED
    with transaction.atomic():
        row = _rows(command.charge_point_id).filter(control_id=control.control_id).first()
        if row is None:
            row = _new(command.charge_point_id, control, state, command, now)
        elif accepted or row.state in WAITING:
            _renew(row, control, state, command, now)
        row.word = word
        row.save(update_fields=["word"])
        _supersede(command.charge_point_id, superseded, now)
    return accepted


def der_control_moved(
    *,
    organization_id: int,
    charge_point_id: int,
    control_id: str,
    started: bool,
    at: datetime,
    superseded: Collection[str],
    now: datetime,
) -> None:
    """A scheduled control came into force, or ended (NotifyDERStartStop, R04.FR.20-22); `at` is their time.

    A repeat changes nothing; news older than what we have moves no state; unknown controls are kept.
    """
    with transaction.atomic():
        row = _rows(charge_point_id).filter(control_id=control_id).first()
        if row is None:
            row = _new(charge_point_id, Control(control_id, "", False), DerControlState.INSTALLED, None, now)
        latest = max((each for each in (row.started_at, row.stopped_at) if each), default=None)
        known = row.started_at if started else row.stopped_at
        if known == at:
            return
        if started:
            row.started_at = at if known is None or known < at else known
        else:
            row.stopped_at = at if known is None or known < at else known
        if latest is None or latest < at:
            row.state = DerControlState.ACTIVE if started else DerControlState.ENDED
            row.changed_at = now
        row.save()
        _supersede(charge_point_id, superseded, now)
        event_append(
            organization_id=organization_id,
            charge_point_id=charge_point_id,
            kind="der.control_started" if started else "der.control_ended",
            subject=row.control_type or control_id,
            data={"control_id": control_id, "at": at.isoformat(), "superseded": list(superseded)},
            now=now,
        )


def der_controls_reported(*, charge_point_id: int, controls: Iterable[Control], now: datetime) -> None:
    """Controls that the charge point says it has: the truth, whatever we thought."""
    with transaction.atomic():
        known = {row.control_id: row for row in _rows(charge_point_id)}
        for control in controls:
            row = known.get(control.control_id)
            if row is None:
                row = _new(charge_point_id, control, DerControlState.INSTALLED, None, now)
                known[control.control_id] = row
            state = DerControlState.SUPERSEDED if control.is_superseded else DerControlState.INSTALLED
            if row.state == DerControlState.ACTIVE and not control.is_superseded:
                state = DerControlState.ACTIVE
            _renew(row, control, state, row.command, now)
            DerControl.objects.filter(pk=row.pk).update(reported_at=now)


def der_controls_gone(
    *, charge_point_id: int, scope: Mapping[str, Any], keep: Collection[str] = (), now: datetime
) -> int:
    """Controls that a whole report within `scope` did not name are not there any more; how many."""
    rows = der_scope(_rows(charge_point_id), scope).filter(state__in=THERE).exclude(control_id__in=keep)
    return rows.update(state=DerControlState.GONE, changed_at=now)


def der_controls_cleared(
    *, charge_point_id: int, scope: Mapping[str, Any], status: str, now: datetime
) -> bool:
    """What the answer to ClearDERControl means: cleared, or not there (R04.FR.41-46). True where cleared."""
    state = {"Accepted": DerControlState.CLEARED, "NotFound": DerControlState.GONE}.get(status)
    if state is not None:
        rows = der_scope(_rows(charge_point_id), scope).filter(state__in=THERE)
        rows.update(state=state, changed_at=now)
    return status == "Accepted"


def der_scope(rows: QuerySet[DerControl], scope: Mapping[str, Any]) -> QuerySet[DerControl]:
    """The controls that `is_default`, `control_type`, `control_id` mean; what is missing means any."""
    names = ("is_default", "control_type", "control_id")
    return rows.filter(**{name: scope[name] for name in names if scope.get(name) not in (None, "")})


def _rows(charge_point_id: int) -> QuerySet[DerControl]:
    return DerControl.objects.select_for_update(of=("self",)).filter(charge_point_id=charge_point_id)


def _new(
    charge_point_id: int, control: Control, state: DerControlState, command: Command | None, now: datetime
) -> DerControl:
    return DerControl.objects.create(
        charge_point_id=charge_point_id,
        control_id=control.control_id,
        state=state,
        changed_at=now,
        command=command,
        **control.columns,
    )


def _renew(
    row: DerControl, control: Control, state: DerControlState, command: Command | None, now: datetime
) -> None:
    for name, value in control.columns.items():
        setattr(row, name, value)
    if row.state != state:
        row.state, row.changed_at = state, now
    row.command = command
    row.save()


def _supersede(charge_point_id: int, control_ids: Collection[str], now: datetime) -> None:
    rows = _rows(charge_point_id).filter(control_id__in=control_ids)
    rows.exclude(state=DerControlState.SUPERSEDED).update(state=DerControlState.SUPERSEDED, changed_at=now)
