"""What speaks for and against: what was reported and what is known, side by side, with the frames."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Q

from billing.models import Review
from central.models import SessionEvent
from central.selectors.messages import frames_received
from central.services.reviews import deliverable
from central.services.session_end import session_max_power

FRAMES: Final = 30


@dataclass(frozen=True, slots=True)
class Evidence:
    """Registers in Wh, times by both clocks, the most energy that could flow, the frames.

    `messages` are the message log's rows of the frames, by the time when they came.
    """

    registers: dict[str, int | None]
    times: dict[str, datetime | None]
    energy_wh: int | None
    possible_wh: int | None
    max_power_w: int | None
    frames: list[SessionEvent]
    messages: dict[datetime, int]


def review_evidence(review: Review) -> Evidence:
    """The evidence of a case that was read with its session and event; four queries."""
    session, event = review.session, review.event
    frames = _frames(review)
    place = session or event
    times = [frame.received_at for frame in frames]
    messages = frames_received(place.charge_point_id, times) if place and times else {}
    told: dict[str, datetime | None] = (
        {"message_at": event.at, "message_received_at": event.received_at} if event is not None else {}
    )
    if session is None:
        return Evidence({}, told, None, None, None, frames, messages)
    registers = {
        "start": session.meter_start_wh,
        "last": session.meter_last_wh,
        "stop": session.meter_stop_wh,
    }
    moments = told | {
        "started_at": session.started_at,
        "start_received_at": session.start_received_at,
        "last_value_at": session.meter_last_at,
        "ended_at": session.ended_at,
        "end_received_at": session.end_received_at,
    }
    power = session_max_power(session)
    until = session.ended_at or session.meter_last_at or session.started_at
    elapsed = max(until - session.started_at, timedelta(0))
    return Evidence(
        registers, moments, session.energy_wh, deliverable(elapsed, power), power, frames, messages
    )


def _frames(review: Review) -> list[SessionEvent]:
    """The frames of the session and the one in quarantine: the first and, more telling, the last."""
    found = Q(pk=review.event_id)
    if review.session_id is not None:
        found |= Q(session_id=review.session_id)
    rows: Any = SessionEvent.objects.filter(found).order_by("-id")[:FRAMES]
    return sorted(rows, key=lambda row: row.pk)
