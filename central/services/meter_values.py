"""Meter values of many charge points at once: kept with their session, or alone, or in quarantine."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from central.models import MeterValue, Session
from central.models.session import SessionState
from central.services.ledger import METER, digest, event_keep, events_quarantine
from central.services.meter_rows import meter_row, meter_rows_fresh, sessions_move
from central.services.progress import UNKNOWN_TRANSACTION, take
from central.services.readings import Reading
from central.services.session_end import session_reopen
from central.services.session_match import NO_TRANSACTION, locked_sessions, open_sessions, session_at
from central.signals import session_updated
from emobility.lib.bell import after_commit


@dataclass(frozen=True, slots=True)
class MeterReport:
    """One MeterValues message; `transaction_id` is None where none is named.

    `of_session` says that a session at its EVSE, if there is one, may be what it means (1.6).
    """

    charge_point_id: int
    evse_number: int
    connector_number: int
    transaction_id: str | None
    readings: list[Reading]
    payload: dict[str, Any]
    now: datetime
    of_session: bool = True


def meter_values_record(reports: Sequence[MeterReport]) -> None:
    """Store the readings of `reports` and move their sessions on, in a constant number of statements."""
    sessions = _sessions([report for report in reports if report.of_session])
    rows: list[MeterValue] = []
    moved: dict[int, Session] = {}
    for report in reports:
        session = _session_of(report, sessions)
        if session is not None:
            _move(session, report)
            moved[session.pk] = session
        rows.extend(_rows(report, session))
    MeterValue.objects.bulk_create(meter_rows_fresh(rows))
    _quarantine(
        report
        for report in reports
        if report.transaction_id is not None and _session_of(report, sessions) is None
    )
    if moved:
        sessions_move(moved.values(), now=reports[-1].now)
        for session_id in moved:
            after_commit(session_updated, session_id=session_id)


def _sessions(reports: Sequence[MeterReport]) -> list[Session]:
    """The sessions that the reports may mean, locked: by number, and the open ones where no number fits."""
    if not reports:
        return []
    charge_points = {report.charge_point_id for report in reports}
    numbers = {report.transaction_id for report in reports if report.transaction_id} - NO_TRANSACTION
    known = list(
        locked_sessions(Q(charge_point_id__in=charge_points, transaction_id__in=numbers, ocpp_version="1.6"))
    )
    pairs = {(session.charge_point_id, session.transaction_id) for session in known}
    lost = {
        report.charge_point_id
        for report in reports
        if (report.charge_point_id, report.transaction_id) not in pairs
    }
    if not lost:
        return known
    seen = {session.pk for session in known}
    others = locked_sessions(open_sessions(lost) & Q(ocpp_version="1.6"))
    return known + [session for session in others if session.pk not in seen]


def _session_of(report: MeterReport, sessions: Iterable[Session]) -> Session | None:
    if not report.of_session:
        return None
    own = [session for session in sessions if session.charge_point_id == report.charge_point_id]
    for session in own:
        if session.transaction_id == report.transaction_id:
            return session
    at = report.readings[0].sampled_at if report.readings else report.now
    is_open = [session for session in own if session.state == SessionState.ACTIVE or session.provisional_end]
    return session_at(is_open, report.evse_number, at)


def _move(session: Session, report: MeterReport) -> None:
    latest = max((reading.sampled_at for reading in report.readings), default=None)
    if session.provisional_end and latest and session.ended_at and latest > session.ended_at:
        session_reopen(session)
    if session.state == SessionState.ACTIVE:
        take(session, report.readings)


def _rows(report: MeterReport, session: Session | None) -> list[MeterValue]:
    if session is None and report.transaction_id is not None:
        for reading in report.readings:
            reading.flags = sorted({*reading.flags, UNKNOWN_TRANSACTION})
    return [
        meter_row(
            charge_point_id=report.charge_point_id,
            session_id=session.pk if session else None,
            evse_number=report.evse_number,
            connector_number=report.connector_number,
            reading=reading,
            now=report.now,
        )
        for reading in report.readings
    ]


def _quarantine(reports: Iterable[MeterReport]) -> None:
    events = [
        event_keep(
            charge_point_id=report.charge_point_id,
            session=None,
            key=f"meter:{report.transaction_id}:{digest(report.payload)}",
            kind=METER,
            at=report.readings[0].sampled_at if report.readings else report.now,
            payload=report.payload,
            answer={},
            now=report.now,
            quarantine_reason=UNKNOWN_TRANSACTION,
        )
        for report in reports
    ]
    if events:
        events_quarantine(events)
