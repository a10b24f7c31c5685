"""Stops of many 1.6 transactions at once, in a constant number of statements."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Q

from central.models import Session
from central.models.session import SessionState
from central.services.ledger import ENDED, digest, event_row, events_find, events_store
from central.services.meter_rows import Row, meter_rows_store_fresh, session_rows
from central.services.prepared import Prepared
from central.services.progress import take
from central.services.readings import Reading
from central.services.session_end import Ending, sessions_end
from central.services.session_match import Stop, locked_sessions
from central.services.session_stop import session_stop


@dataclass(frozen=True, slots=True)
class Stopped:
    """A reported stop as it came, and the answer that a first report of it gets."""

    stop: Stop
    readings: list[Reading]
    payload: dict[str, Any]
    answer: dict[str, Any]
    now: datetime

    @property
    def key(self) -> str:
        """The key of the one stop of a transaction."""
        return f"stop:{self.stop.transaction_id}"


def session_stops(reports: Sequence[Stopped]) -> list[dict[str, Any]]:
    """Record stops and return their answers, in their order.

    What is not plain (an unknown or ended transaction, a repeat, another tag) goes the way of single stops,
    after the plain ones.
    """
    plain = _plain(reports)
    _end(list(plain.values()))
    return [
        one.answer
        if place in plain
        else session_stop(
            stop=one.stop, readings=one.readings, payload=one.payload, answer=one.answer, now=one.now
        )
        for place, one in enumerate(reports)
    ]


_named: Final = Prepared(
    lambda charge_points, numbers: locked_sessions(
        Q(charge_point_id__among=charge_points, transaction_id__among=numbers, ocpp_version="1.6")
    )
)


def _plain(reports: Sequence[Stopped]) -> dict[int, tuple[Stopped, Session]]:
    """The plain ones with their locked sessions, by place."""
    mine = _named.rows(
        charge_points={report.stop.charge_point_id for report in reports},
        numbers={report.stop.transaction_id for report in reports},
    )
    sessions = {(row.charge_point_id, row.transaction_id): row for row in mine}
    known = events_find(_keys(reports))
    special = {charge_point_id for charge_point_id, _ in known}
    plain = {}
    for place, report in enumerate(reports):
        stop = report.stop
        session = sessions.get((stop.charge_point_id, stop.transaction_id))
        if session is None or stop.charge_point_id in special or not _is_plain(session, stop):
            continue
        special.add(stop.charge_point_id)
        plain[place] = report, session
    return plain


def _keys(reports: Sequence[Stopped]) -> dict[int, list[str]]:
    keys: dict[int, list[str]] = {}
    for report in reports:
        found = keys.setdefault(report.stop.charge_point_id, [])
        found += [report.key, f"{report.key}:{digest(report.payload)}"]
    return keys


def _is_plain(session: Session, stop: Stop) -> bool:
    own_tag = not stop.id_tag or stop.id_tag.upper() == session.id_tag.upper()
    return own_tag and session.state == SessionState.ACTIVE


def _end(plain: Sequence[tuple[Stopped, Session]]) -> None:
    if not plain:
        return
    rows: list[Row] = []
    for report, session in plain:
        take(session, report.readings)
        rows += session_rows(session, report.readings, report.now)
        session.stop_id_tag = report.stop.id_tag
    meter_rows_store_fresh(rows)
    sessions_end(
        [(session, _ending(report)) for report, session in plain], now=max(one.now for one, _ in plain)
    )
    events_store([_event(report, session) for report, session in plain])


def _ending(report: Stopped) -> Ending:
    stop = report.stop
    return Ending(stop.at, stop.meter_wh, stop.reason, report.now)


def _event(report: Stopped, session: Session) -> dict[str, Any]:
    return event_row(
        charge_point_id=session.charge_point_id,
        session_id=session.pk,
        key=report.key,
        kind=ENDED,
        at=report.stop.at,
        payload=report.payload,
        answer=report.answer,
        now=report.now,
    )
