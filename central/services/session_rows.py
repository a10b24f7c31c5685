"""Sessions and the facts about them as rows: many of them by one statement."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, Final

from django.conf import settings

from central.models import Session
from central.models.session import SessionState
from central.services.bulk import insert_many, insert_numbered, update_many
from registry.models import Event

Fact = dict[str, Any]


@cache
def _columns() -> tuple[tuple[str, str], ...]:
    """(column, attribute) of everything but the key."""
    fields = Session._meta.concrete_fields  # noqa: SLF001 -- Django's public name for it has the underscore
    return tuple((str(field.column), field.attname) for field in fields if not field.primary_key)


def _row(session: Session) -> dict[str, Any]:
    known = session.__dict__
    return {column: known[attribute] for column, attribute in _columns()}


def sessions_insert(sessions: Sequence[Session], *, now: datetime) -> None:
    """Store new sessions and give them their keys; one that is there already gets none."""
    for session in sessions:
        session.updated_at = now
    ids = insert_numbered(Session, [_row(session) for session in sessions], ignore_conflicts=True)
    for session in sessions:
        session.pk = ids.get(session.uid)


def sessions_store(sessions: Sequence[Session], *, now: datetime) -> None:
    """Store locked sessions with all that changed."""
    ordered = sorted(sessions, key=lambda session: session.pk)
    for session in ordered:
        session.updated_at = now
    update_many(Session, [{"id": session.pk} | _row(session) for session in ordered])


def fact_started(session: Session, now: datetime) -> Fact:
    """The event log's row of a session that began."""
    data = {
        "session_id": session.pk,
        "transaction_id": session.transaction_id,
        "evse": session.evse_number,
        "connector": session.connector_number,
        "authorization": session.authorization_status,
        "started_at": session.started_at.isoformat(),
    }
    return _fact(session, "session.started", data, now)


def fact_ended(session: Session, now: datetime) -> Fact:
    """The event log's row of a session that ended, also provisionally."""
    data = {
        "session_id": session.pk,
        "transaction_id": session.transaction_id,
        "evse": session.evse_number,
        "energy_wh": session.energy_wh,
        "reason": session.stop_reason,
        "ended_at": session.ended_at.isoformat() if session.ended_at else None,
        "provisional": session.provisional_end,
        "review": session.review_reasons,
    }
    return _fact(session, "session.ended", data, now)


def updates_due(sessions: Iterable[Session], now: datetime) -> list[int]:
    """Keys of running sessions of which nothing was told in this stretch of SESSION_EVENT_SECONDS.

    Ask before `updated_at` is set. Time is cut into stretches, for each session at another moment, so that no
    row has to keep when it was told last, and many sessions do not tell all at once.
    """
    length: int = settings.SESSION_EVENT_SECONDS
    if not length:
        return []
    moment = int(now.timestamp())
    running = [session for session in sessions if session.state == SessionState.ACTIVE]
    return [
        key
        for session in running
        if (moment + 7 * (key := session.id)) // length
        != (int(session.updated_at.timestamp()) + 7 * key) // length
    ]


def updates_tell(session_ids: Sequence[int], *, now: datetime) -> None:
    """Write what running sessions have come to, as it stands in their rows."""
    if not session_ids:
        return
    sessions = Session.objects.filter(pk__in=session_ids, state=SessionState.ACTIVE).only(*_TOLD)
    facts_append([_fact_updated(session, now) for session in sessions.order_by("pk")])


_TOLD: Final = (
    "uid",
    "organization_id",
    "charge_point_id",
    "transaction_id",
    "evse_number",
    "energy_wh",
    "power_w",
    "state_of_charge",
    "charging_state",
    "meter_last_at",
)


def _fact_updated(session: Session, now: datetime) -> Fact:
    data = {
        "session_id": session.pk,
        "transaction_id": session.transaction_id,
        "evse": session.evse_number,
        "energy_wh": session.energy_wh,
        "power_w": session.power_w,
        "state_of_charge": session.state_of_charge,
        "charging_state": session.charging_state,
        "meter_at": session.meter_last_at.isoformat() if session.meter_last_at else None,
    }
    return _fact(session, "session.updated", data, now)


def _fact(session: Session, kind: str, data: Mapping[str, Any], now: datetime) -> Fact:
    return {
        "organization_id": session.organization_id,
        "charge_point_id": session.charge_point_id,
        "kind": kind,
        "subject": str(session.uid),
        "data": data,
        "at": now,
    }


def facts_append(facts: Sequence[Fact]) -> None:
    """Write facts to the event log."""
    insert_many(Event, facts)
