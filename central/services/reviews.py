"""What does not add up in a session: reasons that hold its bill for a person, and remarks that stop nothing.

Pure rules on a Session that the caller saves.
"""

from datetime import UTC, datetime, timedelta
from typing import Final

from central.models import Session
from central.models.review import Remark, ReviewReason

JUDGED_AT_THE_END: Final = (
    ReviewReason.STOP_BELOW_START,
    ReviewReason.STOP_BELOW_METER_VALUES,
    ReviewReason.IMPOSSIBLE_ENERGY,
    ReviewReason.NO_REGISTER,
    ReviewReason.END_BEFORE_START,
)
PROVISIONAL_REASONS: Final = (
    ReviewReason.NO_STOP_BEFORE_BOOT,
    ReviewReason.NO_STOP_BEFORE_NEXT_START,
    ReviewReason.CLOSED_BY_HAND,
)

SKEW_LIMIT: Final = timedelta(minutes=5)
AHEAD_LIMIT: Final = timedelta(hours=12)
FIRST_PLAUSIBLE: Final = datetime(2015, 1, 1, tzinfo=UTC)
DEFAULT_MAX_POWER_W: Final = 400_000
TOLERANCE_WH: Final = 1_000
UNKNOWN_POWER_TOLERANCE_WH: Final = 100_000
"""Where nobody said what a connector can deliver, a car's battery more is curious, not impossible."""
ROUNDING_WH: Final = 100


def hold(session: Session, reason: ReviewReason) -> None:
    """Hold the session's bill for a person because of `reason`."""
    if reason not in session.review_reasons:
        session.review_reasons = [*session.review_reasons, reason.value]
    session.needs_review = True


def release(session: Session, *reasons: ReviewReason) -> None:
    """Take back reasons that no longer hold."""
    session.review_reasons = [reason for reason in session.review_reasons if reason not in reasons]
    session.needs_review = bool(session.review_reasons)


def remark(session: Session, flag: Remark) -> None:
    """Note something that stops nothing."""
    if flag not in session.flags:
        session.flags = [*session.flags, flag.value]


def judge_clock(session: Session, at: datetime, *, now: datetime, offline: bool = False) -> None:
    """Compare the charge point's time with ours; a past time may be history that was sent late."""
    if at < FIRST_PLAUSIBLE:
        hold(session, ReviewReason.CLOCK_UNSET)
    elif at - now > AHEAD_LIMIT:
        hold(session, ReviewReason.CLOCK_AHEAD)
    if offline:
        remark(session, Remark.OFFLINE)
    elif abs(now - at) > SKEW_LIMIT:
        remark(session, Remark.CLOCK_SKEW)


def energy_bound(elapsed: timedelta, max_power_w: int | None = None) -> int:
    """The energy (Wh) beyond which `elapsed` is impossibly short, with a tolerance."""
    tolerance = TOLERANCE_WH if max_power_w else UNKNOWN_POWER_TOLERANCE_WH
    return deliverable(elapsed, max_power_w) + tolerance


def deliverable(elapsed: timedelta, max_power_w: int | None) -> int:
    """The most energy (Wh) that a connector delivers in `elapsed`."""
    power = max_power_w or DEFAULT_MAX_POWER_W
    return int(power * max(elapsed.total_seconds(), 0.0) / 3600)


def settle(session: Session, stop_wh: int | None, *, max_power_w: int | None = None) -> None:
    """Work out the energy of an ended session: never negative, in doubt the last good register counts."""
    start, last = session.meter_start_wh, session.meter_last_wh
    session.meter_stop_wh = stop_wh
    release(session, *JUDGED_AT_THE_END)
    if stop_wh is None:
        stop_wh = last
    if start is None or stop_wh is None:
        session.energy_wh = 0
        hold(session, ReviewReason.NO_REGISTER)
    elif stop_wh < start:
        session.energy_wh = max(0, (start if last is None else last) - start)
        hold(session, ReviewReason.STOP_BELOW_START)
    else:
        session.energy_wh = stop_wh - start
        if last is not None and stop_wh < last - ROUNDING_WH:
            hold(session, ReviewReason.STOP_BELOW_METER_VALUES)
    _judge_duration(session, max_power_w)


def _judge_duration(session: Session, max_power_w: int | None) -> None:
    elapsed = (session.ended_at or session.started_at) - session.started_at
    if elapsed < timedelta(0):
        hold(session, ReviewReason.END_BEFORE_START)
    if session.energy_wh > energy_bound(elapsed, max_power_w):
        hold(session, ReviewReason.IMPOSSIBLE_ENERGY)
    elif session.energy_wh > deliverable(elapsed, max_power_w) + TOLERANCE_WH:
        remark(session, Remark.CURIOUS_SPEED)
