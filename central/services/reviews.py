"""What does not add up in a session: reasons that hold its bill for a person, and remarks that stop nothing.

Pure rules on a Session that the caller saves.
"""

from datetime import UTC, datetime, timedelta
from typing import Final

from central.models import Session

# Reasons for review.
NOT_AUTHORIZED: Final = "not_authorized"
CLOCK_UNSET: Final = "clock_unset"
CLOCK_AHEAD: Final = "clock_ahead"
END_BEFORE_START: Final = "end_before_start"
STOP_BELOW_START: Final = "stop_below_start"
STOP_BELOW_METER_VALUES: Final = "stop_below_meter_values"
START_REGISTER_ZERO: Final = "start_register_zero"
START_REGISTER_NEGATIVE: Final = "start_register_negative"
IMPOSSIBLE_ENERGY: Final = "impossible_energy"
NO_REGISTER: Final = "no_register"
NO_STOP_BEFORE_BOOT: Final = "no_stop_before_boot"
NO_STOP_BEFORE_NEXT_START: Final = "no_stop_before_next_start"
MISSING_EVENTS: Final = "missing_events"
UNKNOWN_TRANSACTION: Final = "unknown_transaction"
JUDGED_AT_THE_END: Final = (
    STOP_BELOW_START,
    STOP_BELOW_METER_VALUES,
    IMPOSSIBLE_ENERGY,
    NO_REGISTER,
    END_BEFORE_START,
)
PROVISIONAL_REASONS: Final = (NO_STOP_BEFORE_BOOT, NO_STOP_BEFORE_NEXT_START)

# Remarks.
CLOCK_SKEW: Final = "clock_skew"
OFFLINE: Final = "offline"
MATCHED_BY_TIME: Final = "matched_by_time"
OTHER_TAG_AT_END: Final = "other_tag_at_end"
SEQ_NO_REUSED: Final = "seq_no_reused"
EVENT_AFTER_END: Final = "event_after_end"
CONNECTOR_OUT_OF_RANGE: Final = "connector_out_of_range"

SKEW_LIMIT: Final = timedelta(minutes=5)
AHEAD_LIMIT: Final = timedelta(hours=12)
FIRST_PLAUSIBLE: Final = datetime(2015, 1, 1, tzinfo=UTC)
DEFAULT_MAX_POWER_W: Final = 400_000
TOLERANCE_WH: Final = 1_000
ROUNDING_WH: Final = 100


def hold(session: Session, reason: str) -> None:
    """Hold the session's bill for a person because of `reason`."""
    if reason not in session.review_reasons:
        session.review_reasons = [*session.review_reasons, reason]
    session.needs_review = True


def release(session: Session, *reasons: str) -> None:
    """Take back reasons that no longer hold."""
    session.review_reasons = [reason for reason in session.review_reasons if reason not in reasons]
    session.needs_review = bool(session.review_reasons)


def remark(session: Session, flag: str) -> None:
    """Note something that stops nothing."""
    if flag not in session.flags:
        session.flags = [*session.flags, flag]


def judge_clock(session: Session, at: datetime, *, now: datetime, offline: bool = False) -> None:
    """Compare the charge point's time with ours; a past time may be history that was sent late."""
    if at < FIRST_PLAUSIBLE:
        hold(session, CLOCK_UNSET)
    elif at - now > AHEAD_LIMIT:
        hold(session, CLOCK_AHEAD)
    if offline:
        remark(session, OFFLINE)
    elif abs(now - at) > SKEW_LIMIT:
        remark(session, CLOCK_SKEW)


def energy_bound(elapsed: timedelta, max_power_w: int | None = None) -> int:
    """The most energy (Wh) that `max_power_w` can deliver in `elapsed`, with a tolerance."""
    power = max_power_w or DEFAULT_MAX_POWER_W
    return int(power * max(elapsed.total_seconds(), 0.0) / 3600) + TOLERANCE_WH


def settle(session: Session, stop_wh: int | None, *, max_power_w: int | None = None) -> None:
    """Work out the energy of an ended session: never negative, in doubt the last good register counts."""
    start, last = session.meter_start_wh, session.meter_last_wh
    session.meter_stop_wh = stop_wh
    release(session, *JUDGED_AT_THE_END)
    if stop_wh is None:
        stop_wh = last
    if start is None or stop_wh is None:
        session.energy_wh = 0
        hold(session, NO_REGISTER)
    elif stop_wh < start:
        session.energy_wh = max(0, (start if last is None else last) - start)
        hold(session, STOP_BELOW_START)
    else:
        session.energy_wh = stop_wh - start
        if last is not None and stop_wh < last - ROUNDING_WH:
            hold(session, STOP_BELOW_METER_VALUES)
    _judge_duration(session, max_power_w)


def _judge_duration(session: Session, max_power_w: int | None) -> None:
    elapsed = (session.ended_at or session.started_at) - session.started_at
    if elapsed < timedelta(0):
        hold(session, END_BEFORE_START)
    if session.energy_wh > energy_bound(elapsed, max_power_w):
        hold(session, IMPOSSIBLE_ENERGY)
