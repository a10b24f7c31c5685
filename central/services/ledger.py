"""The ledger of what charge points said of transactions: found again by content, always kept."""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import orjson

from central.models import Session, SessionEvent

STARTED: Final = "start"
UPDATED: Final = "update"
ENDED: Final = "stop"
METER: Final = "meter"


@dataclass(frozen=True, slots=True)
class Known:
    """An event that we have already: its answer, and when it happened by the charge point's clock."""

    answer: dict[str, Any]
    kind: str
    at: datetime
    session_id: int | None


def digest(payload: Mapping[str, Any]) -> str:
    """A short print of a payload's content, the same whatever the order of its keys."""
    text = orjson.dumps(payload, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)
    return hashlib.sha256(text).hexdigest()[:32]


def events_find(keys: Mapping[int, Collection[str]]) -> dict[tuple[int, str], Known]:
    """The events we have of `{charge point: keys}`, in one query."""
    wanted = {key for of_charge_point in keys.values() for key in of_charge_point}
    rows = SessionEvent.objects.filter(charge_point_id__in=keys, key__in=wanted)
    return {
        (charge_point_id, key): Known(answer, kind, at, session_id)
        for charge_point_id, key, answer, kind, at, session_id in rows.values_list(
            "charge_point_id", "key", "answer", "kind", "at", "session_id"
        )
    }


def event_find(charge_point_id: int, key: str) -> Known | None:
    """The event of one key, if we have it."""
    return events_find({charge_point_id: [key]}).get((charge_point_id, key))


def event_keep(
    *,
    charge_point_id: int,
    session: Session | None,
    key: str,
    kind: str,
    at: datetime,
    payload: Mapping[str, Any],
    answer: dict[str, Any],
    now: datetime,
    seq_no: int | None = None,
    quarantine_reason: str = "",
) -> SessionEvent:
    """An event for `events_write`, not yet stored."""
    return SessionEvent(
        charge_point_id=charge_point_id,
        session=session,
        key=key,
        kind=kind,
        seq_no=seq_no,
        at=at,
        received_at=now,
        payload=dict(payload),
        answer=answer,
        quarantine_reason=quarantine_reason,
    )


def events_quarantine(events: Iterable[SessionEvent]) -> None:
    """Store events that fit nowhere; one that we have already is not stored again."""
    SessionEvent.objects.bulk_create(events, ignore_conflicts=True)
