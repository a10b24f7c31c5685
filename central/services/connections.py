"""Connections: which one owns a charge point, who replaced whom, when we last heard."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, cast
from uuid import UUID

from django.db import connection, transaction
from django.db.models import QuerySet

from central.models import ChargePointStatus, OfflineSpan
from central.models.charge_point_status import BootStatus
from central.services.bulk import insert_many, update_many
from central.services.prepared import Prepared
from central.services.statements import statement_rows
from central.signals import charge_point_changed
from emobility.lib import bell
from registry.models import Event

CONNECTED, DISCONNECTED = "charge_point.connected", "charge_point.disconnected"
REPLACED = "charge_point.connection_replaced"
ALARM = "charge_point.connection_alarm"
ALARM_WINDOW = timedelta(minutes=10)
ALARM_REPLACEMENTS = 5

_TOUCH_POSTGRES = """
UPDATE central_chargepointstatus SET last_seen = %s WHERE charge_point_id IN (
  SELECT charge_point_id FROM central_chargepointstatus
  WHERE charge_point_id = ANY(%s) ORDER BY charge_point_id FOR NO KEY UPDATE SKIP LOCKED)
"""


@dataclass(frozen=True, slots=True)
class Opening:
    """A new connection, and the charge point that proved itself on it."""

    charge_point_id: int
    connection_id: UUID
    version: str
    remote_address: str
    now: datetime


@dataclass(frozen=True, slots=True)
class Closing:
    """The end of a connection."""

    charge_point_id: int
    connection_id: UUID
    now: datetime


@dataclass(frozen=True, slots=True)
class Opened:
    """What a new connection finds: whether the boot was accepted before, and whether it replaced another."""

    booted: bool
    replaced: bool


@dataclass(frozen=True, slots=True)
class _Live:
    """The live row of a charge point as it was found, locked."""

    charge_point_id: int
    connection_id: UUID | None
    connected_at: datetime | None
    boot_status: str
    organization_id: int
    cp_id: str


def connection_open(opening: Opening) -> Opened:
    """Make the connection the owner of its charge point; waits where somebody holds its row."""
    (opened,) = connections_open([opening], waits=True)
    return cast("Opened", opened)


def connections_open(openings: Sequence[Opening], *, waits: bool) -> list[Opened | None]:
    """Make each connection the owner of its charge point; an older one is replaced, which is an event.

    Without `waits` there is None for whoever's row is held by somebody else, and for the second of two
    connections of one charge point: nothing changed there.
    """
    with transaction.atomic():
        found = _live([opening.charge_point_id for opening in openings], waits=waits, makes=True)
        firsts = {opening.charge_point_id: opening for opening in reversed(openings)}
        taken = [(firsts[live.charge_point_id], live) for live in found]
        update_many(ChargePointStatus, [_owned(opening) for opening, _ in taken], key="charge_point_id")
        new = [(opening, live) for opening, live in taken if live.connection_id is None]
        _end_offline(opening for opening, _ in new)
        _tell(_connected(opening, live) for opening, live in new)
        for opening, live in taken:
            if _replaces(opening, live):
                _note_replacement(live, opening)
        bell.after_commit_each(
            charge_point_changed, "charge_point_id", [live.charge_point_id for _, live in taken]
        )
    opened = {
        opening.connection_id: Opened(live.boot_status == BootStatus.ACCEPTED, _replaces(opening, live))
        for opening, live in taken
    }
    return [opened.get(opening.connection_id) for opening in openings]


def connection_close(closing: Closing) -> bool:
    """Give the charge point up; False (and no change) where another connection owns it by now."""
    (closed,) = connections_close([closing], waits=True)
    return bool(closed)


def connections_close(closings: Sequence[Closing], *, waits: bool) -> list[bool | None]:
    """Give the charge points up; False (and no change) where another connection owns it by now.

    Without `waits` there is None for whoever's row is held by somebody else.
    """
    with transaction.atomic():
        numbers = {closing.charge_point_id for closing in closings}
        found = {live.charge_point_id: live for live in _live(numbers, waits=waits)}
        owners = [closing for closing in closings if _owns(closing, found)]
        owners.sort(key=lambda closing: closing.charge_point_id)
        update_many(ChargePointStatus, [_given_up(closing) for closing in owners], key="charge_point_id")
        insert_many(
            OfflineSpan,
            [
                {"charge_point_id": closing.charge_point_id, "began_at": closing.now, "ended_at": None}
                for closing in owners
            ],
        )
        _tell(_disconnected(closing, found[closing.charge_point_id]) for closing in owners)
        bell.after_commit_each(
            charge_point_changed, "charge_point_id", [closing.charge_point_id for closing in owners]
        )
    return [
        _owns(closing, found) if waits or closing.charge_point_id in found else None for closing in closings
    ]


def _live(numbers: Collection[int], *, waits: bool, makes: bool = False) -> list[_Live]:
    """The live rows, locked in the order of their keys; without `waits` those that nobody else holds."""
    ask = _locked if waits else _free
    found = ask.rows(numbers=sorted(set(numbers)))
    missing = set(numbers) - {row[0] for row in found}
    if missing and makes:
        rows = [ChargePointStatus(charge_point_id=number) for number in sorted(missing)]
        if ChargePointStatus.objects.bulk_create(rows, ignore_conflicts=True):
            found = ask.rows(numbers=sorted(set(numbers)))
    return [_Live(*row) for row in found]


def _rows_of(numbers: Collection[int]) -> QuerySet[ChargePointStatus, Any]:
    rows = ChargePointStatus.objects.filter(charge_point_id__among=numbers).order_by("charge_point_id")
    return rows.values_list(
        "charge_point_id",
        "connection_id",
        "connected_at",
        "boot_status",
        "charge_point__organization_id",
        "charge_point__cp_id",
    )


_locked: Final = Prepared(lambda numbers: _rows_of(numbers).select_for_update(of=("self",)))
_free: Final = Prepared(lambda numbers: _rows_of(numbers).select_for_update(of=("self",), skip_locked=True))


def _replaces(opening: Opening, live: _Live) -> bool:
    """A connection that is asked for twice (its commit was unsure) does not replace itself."""
    return live.connection_id is not None and live.connection_id != opening.connection_id


def _owns(closing: Closing, found: Mapping[int, _Live]) -> bool:
    live = found.get(closing.charge_point_id)
    return live is not None and live.connection_id == closing.connection_id


def _owned(opening: Opening) -> dict[str, Any]:
    return {
        "charge_point_id": opening.charge_point_id,
        "connection_id": opening.connection_id,
        "connected_at": opening.now,
        "disconnected_at": None,
        "last_seen": opening.now,
        "remote_address": _address(opening),
        "ocpp_version": opening.version,
    }


def _address(opening: Opening) -> str:
    return opening.remote_address[:64]


def _given_up(closing: Closing) -> dict[str, Any]:
    return {
        "charge_point_id": closing.charge_point_id,
        "connection_id": None,
        "disconnected_at": closing.now,
        "last_seen": closing.now,
    }


def _end_offline(openings: Iterable[Opening]) -> None:
    """All of one round came at the same moment, to some milliseconds."""
    came = {opening.charge_point_id: opening.now for opening in openings}
    if came:
        spans = OfflineSpan.objects.filter(charge_point_id__among=sorted(came), ended_at=None)
        spans.update(ended_at=max(came.values()))


def _connected(opening: Opening, live: _Live) -> dict[str, Any]:
    told = {"ocpp_version": opening.version, "remote_address": _address(opening)}
    return _event(CONNECTED, live, opening.now, **told)


def _disconnected(closing: Closing, live: _Live) -> dict[str, Any]:
    since = live.connected_at
    return _event(DISCONNECTED, live, closing.now, connected_at=since.isoformat() if since else None)


def connections_touch(*, charge_point_ids: Sequence[int], now: datetime) -> None:
    """Note that frames of these charge points arrived; rows that somebody else holds are skipped."""
    if connection.vendor == "postgresql":
        statement_rows(_TOUCH_POSTGRES, [now, list(charge_point_ids)])
    else:
        ChargePointStatus.objects.filter(charge_point_id__in=charge_point_ids).update(last_seen=now)


def _event(kind: str, live: _Live, now: datetime, **data: Any) -> dict[str, Any]:
    return {
        "organization_id": live.organization_id,
        "charge_point_id": live.charge_point_id,
        "kind": kind,
        "subject": live.cp_id,
        "data": data,
        "at": now,
    }


def _tell(events: Iterable[dict[str, Any]]) -> None:
    """All by one plain statement: a storm of connections passes here."""
    insert_many(Event, list(events))


def _note_replacement(live: _Live, opening: Opening) -> None:
    """RELIABILITY T2: each replacement is a fact, more than five in ten minutes an alarm (once a window)."""
    recent = Event.objects.filter(charge_point_id=live.charge_point_id, at__gt=opening.now - ALARM_WINDOW)
    _tell([_event(REPLACED, live, opening.now, remote_address=opening.remote_address)])
    count = recent.filter(kind=REPLACED).count()
    if count > ALARM_REPLACEMENTS and not recent.filter(kind=ALARM).exists():
        _tell([_event(ALARM, live, opening.now, replacements=count, minutes=10)])
