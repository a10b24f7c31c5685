"""The ledger of what charge points said of transactions: found again by content, always kept."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import orjson

from central.models import SessionEvent
from central.services.bulk import insert_many
from central.services.prepared import Prepared

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
    return {
        (charge_point_id, key): Known(answer, kind, at, session_id)
        for charge_point_id, key, answer, kind, at, session_id in _found.rows(
            charge_points=list(keys), keys=wanted
        )
    }


_found: Final = Prepared(
    lambda charge_points, keys: SessionEvent.objects.filter(
        charge_point_id__among=charge_points, key__among=keys
    ).values_list("charge_point_id", "key", "answer", "kind", "at", "session_id")
)


def event_find(charge_point_id: int, key: str) -> Known | None:
    """The event of one key, if we have it."""
    return events_find({charge_point_id: [key]}).get((charge_point_id, key))


def event_row(
    *,
    charge_point_id: int,
    session_id: int | None,
    key: str,
    kind: str,
    at: datetime,
    payload: Mapping[str, Any],
    answer: Mapping[str, Any],
    now: datetime,
    seq_no: int | None = None,
    quarantine_reason: str = "",
) -> dict[str, Any]:
    """The columns of an event, not yet stored."""
    return {
        "charge_point_id": charge_point_id,
        "session_id": session_id,
        "key": key,
        "kind": kind,
        "seq_no": seq_no,
        "at": at,
        "received_at": now,
        "payload": payload,
        "answer": answer,
        "quarantine_reason": quarantine_reason,
    }


def events_store(rows: Sequence[Mapping[str, Any]]) -> None:
    """Store events. Raises IntegrityError where one is there already."""
    insert_many(SessionEvent, rows)


def events_quarantine(rows: Sequence[Mapping[str, Any]]) -> None:
    """Store events that fit nowhere; one that we have already is not stored again."""
    insert_many(SessionEvent, rows, ignore_conflicts=True)
