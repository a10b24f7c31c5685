"""Writing meter values and what they did to their sessions, in a constant number of statements."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from django.db import connection
from django.db.models import Model

from central.models import MeterValue, Session
from central.services.readings import Reading

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


def meter_row(
    *,
    charge_point_id: int,
    session_id: int | None,
    evse_number: int,
    connector_number: int,
    reading: Reading,
    now: datetime,
) -> MeterValue:
    """The row of a reading, not yet stored."""
    return MeterValue(
        charge_point_id=charge_point_id,
        session_id=session_id,
        evse_number=evse_number,
        connector_number=connector_number,
        sampled_at=reading.sampled_at,
        received_at=now,
        context=reading.context[:24],
        register_wh=reading.register_wh,
        power_w=reading.power_w,
        current_ma=reading.current_ma,
        voltage_mv=reading.voltage_mv,
        state_of_charge=reading.state_of_charge,
        samples=reading.samples,
        flags=reading.flags,
    )


def meter_rows_fresh(rows: Sequence[MeterValue]) -> list[MeterValue]:
    """Those of `rows` that are not stored already nor twice among themselves (by place, time, samples)."""
    if not rows:
        return []
    stored = MeterValue.objects.filter(
        charge_point_id__in={row.charge_point_id for row in rows},
        sampled_at__in={row.sampled_at for row in rows},
    )
    seen = {_print(*values) for values in stored.values_list(*_PRINTED)}
    fresh = []
    for row in rows:
        mark = _print(*(getattr(row, name) for name in _PRINTED))
        if mark not in seen:
            seen.add(mark)
            fresh.append(row)
    return fresh


_PRINTED: Final = ("charge_point_id", "session_id", "evse_number", "sampled_at", "samples")


def _print(charge_point_id: Any, session_id: Any, evse: Any, at: Any, samples: Any) -> tuple[Any, ...]:
    return charge_point_id, session_id, evse, at, repr([sorted(sample.items()) for sample in samples])


def sessions_move(sessions: Iterable[Session], *, now: datetime) -> None:
    """Store what changed of locked sessions, by one statement prepared once, in order of their keys."""
    ordered = sorted(sessions, key=lambda session: session.pk)
    if not ordered:
        return
    for session in ordered:
        session.updated_at = now
    write_many(ordered, MOVING)


def write_many(rows: Sequence[Model], names: Sequence[str]) -> None:
    """`UPDATE` the named fields of rows of one model with a single `executemany`."""
    meta = type(rows[0])._meta  # noqa: SLF001 -- Django's public name for it has the underscore
    fields = [field for field in meta.concrete_fields if field.name in names]
    quote = connection.ops.quote_name
    places = ", ".join(f"{quote(str(field.column))} = %s" for field in fields)
    sql = f"UPDATE {quote(meta.db_table)} SET {places} WHERE id = %s"  # noqa: S608 -- names of our own model
    values = [
        [*(field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields), row.pk]
        for row in rows
    ]
    with connection.cursor() as cursor:
        cursor.executemany(sql, values)
