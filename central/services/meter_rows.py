"""Writing meter values and what they did to their sessions, in a constant number of statements."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from operator import attrgetter, itemgetter
from typing import Any, Final

from central.models import MeterValue, Session
from central.services.bulk import insert_absent, insert_many, update_many
from central.services.readings import Reading
from central.services.session_rows import updates_due, updates_tell
from central.services.statements import on_postgresql

MOVING: Final = (
    "evse_number",
    "connector_number",
    "state",
    "charging_state",
    "ended_at",
    "end_received_at",
    "meter_start_wh",
    "meter_last_wh",
    "meter_last_at",
    "energy_wh",
    "power_w",
    "state_of_charge",
    "last_seq_no",
    "provisional_end",
    "needs_review",
    "review_reasons",
    "flags",
    "updated_at",
)
"""What a meter value or an update may change of a session."""
NEEDED: Final = ("id", "charge_point_id", "transaction_id", "started_at", *MOVING)
"""What the rules of meter values read of a session."""

USUAL: Final = tuple(
    name
    for name in NEEDED
    if name
    not in {"charging_state", "end_received_at", "last_seq_no", "needs_review", "review_reasons", "flags"}
)
"""What a plain meter value of 1.6 needs; the rest is read where a rule asks for it."""
USUAL_2: Final = (*USUAL, "charging_state", "last_seq_no", "end_seq_no")
"""What a plain update of 2.x needs."""
Row = dict[str, Any]


def meter_row(
    *,
    charge_point_id: int,
    session_id: int | None,
    evse_number: int,
    connector_number: int,
    reading: Reading,
    now: datetime,
) -> Row:
    """The columns of a reading, not yet stored."""
    return {
        "charge_point_id": charge_point_id,
        "session_id": session_id,
        "evse_number": evse_number,
        "connector_number": connector_number,
        "sampled_at": reading.sampled_at,
        "received_at": now,
        "context": reading.context[:24],
        "register_wh": reading.register_wh,
        "power_w": reading.power_w,
        "current_ma": reading.current_ma,
        "voltage_mv": reading.voltage_mv,
        "state_of_charge": reading.state_of_charge,
        "samples": reading.samples,
        "flags": reading.flags,
    }


def session_rows(session: Session, readings: Iterable[Reading], now: datetime) -> list[Row]:
    """The columns of a session's readings, not yet stored."""
    return [
        meter_row(
            charge_point_id=session.charge_point_id,
            session_id=session.id,
            evse_number=session.evse_number,
            connector_number=session.connector_number,
            reading=reading,
            now=now,
        )
        for reading in readings
    ]


def meter_rows_store(rows: Sequence[Row]) -> None:
    """Insert rows, for messages of which a repeat is recognised before."""
    insert_many(MeterValue, rows)


def meter_rows_store_fresh(rows: Sequence[Row]) -> None:
    """Insert those rows that are neither stored nor twice among themselves (by place, time, samples)."""
    if on_postgresql():
        insert_absent(MeterValue, _unlike(rows, ()), (*_MARKS, "samples"))
    elif rows:
        same: Row = {f"{name}__in": {row[name] for row in rows} for name in ("charge_point_id", "sampled_at")}
        stored = MeterValue.objects.filter(**same).values(*_MARKS, "samples")
        insert_many(MeterValue, _unlike(rows, stored))


_MARKS: Final = ("charge_point_id", "session_id", "evse_number", "sampled_at")


def _unlike(rows: Iterable[Row], known: Iterable[Row]) -> list[Row]:
    """Those rows that are like none of `known` and none before them."""
    mark = itemgetter(*_MARKS)
    seen: dict[tuple[Any, ...], list[Any]] = {}
    for row in known:
        seen.setdefault(mark(row), []).append(row["samples"])
    fresh = []
    for row in rows:
        like = seen.setdefault(mark(row), [])
        if row["samples"] not in like:
            like.append(row["samples"])
            fresh.append(row)
    return fresh


def sessions_move(sessions: Iterable[Session], *, now: datetime) -> None:
    """Store what changed of locked sessions: one statement for all of which the same was read."""
    kinds: dict[tuple[str, ...], list[Row]] = {}
    ordered = sorted(sessions, key=_KEY)
    due = updates_due(ordered, now)
    for session in ordered:
        session.updated_at = now
        known = session.__dict__
        columns, values_of = _written(tuple(known))
        kinds.setdefault(columns, []).append(dict(zip(columns, values_of(known), strict=True)))
    for rows in kinds.values():
        update_many(Session, rows)
    updates_tell(due, now=now)


_KEY: Final = attrgetter("id")


@lru_cache(100)
def _written(known: tuple[str, ...]) -> tuple[tuple[str, ...], Callable[[Row], tuple[Any, ...]]]:
    """The columns to store of a session of which these are known, and what takes their values."""
    columns = ("id", *(name for name in MOVING if name in known))
    return columns, itemgetter(*columns)
