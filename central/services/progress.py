"""How a reading moves a running session on; doubtful registers are taken out of the reading and flagged.

Pure rules on a Session that the caller saves. The samples of a reading always stay as received.
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from central.models import Session
from central.models.review import ReviewReason
from central.services.readings import Reading
from central.services.reviews import ROUNDING_WH, energy_bound, hold

BELOW_START: Final = "register_below_start"
BELOW_PREVIOUS: Final = "register_below_previous"
ABOVE_NEXT: Final = "register_above_next"
IMPOSSIBLE_JUMP: Final = "impossible_jump"
ROUNDED: Final = "register_rounded"
"""A value from within the session that is a little above its last register: rounded up, and nothing else."""
UNKNOWN_TRANSACTION: Final = "unknown_transaction"


def take(
    session: Session, readings: Iterable[Reading], *, opening: bool = False, closing: bool = False
) -> None:
    """Apply readings in their order; `opening`, `closing`: they came with the start, the end (2.x)."""
    for reading in readings:
        newest = session.meter_last_at is None or reading.sampled_at >= session.meter_last_at
        if reading.register_wh is not None:
            _take_register(session, reading, reading.register_wh, opening=opening, closing=closing)
        if newest and reading.power_w is not None:
            session.power_w = reading.power_w
        if newest and reading.state_of_charge is not None:
            session.state_of_charge = reading.state_of_charge
    if session.meter_start_wh is not None and session.meter_last_wh is not None:
        session.energy_wh = max(0, session.meter_last_wh - session.meter_start_wh)


def _take_register(session: Session, reading: Reading, wh: int, *, opening: bool, closing: bool) -> None:
    if wh < 0:
        reading.register_wh = None
    elif session.meter_last_at is not None and reading.sampled_at < session.meter_last_at:
        _take_older(session, reading, wh, opening=opening)
    elif closing and _is_exacter(session, wh):
        _advance(session, reading, wh)
    elif session.meter_start_wh is None:
        session.meter_start_wh = wh
        _advance(session, reading, wh)
    else:
        _take_next(session, reading, wh, session.meter_start_wh)


def _take_next(session: Session, reading: Reading, wh: int, start: int) -> None:
    first = session.meter_last_wh is None
    base = start if session.meter_last_wh is None else session.meter_last_wh
    elapsed = reading.sampled_at - (session.meter_last_at or session.started_at)
    if wh < base:
        _doubt(reading, BELOW_START if first else BELOW_PREVIOUS)
    elif wh - base <= energy_bound(elapsed):
        _advance(session, reading, wh)
    elif base == 0:
        # The register was not known when the transaction began: the first real one is the beginning.
        session.meter_start_wh = wh
        hold(session, ReviewReason.START_REGISTER_ZERO)
        _advance(session, reading, wh)
    else:
        _doubt(reading, IMPOSSIBLE_JUMP)


def _is_exacter(session: Session, wh: int) -> bool:
    """True for an end a little below the last value, which the charge point rounded up: the end counts.

    So it does in 1.6, where the end is a field of its own. One below the start is held (`reviews.settle`).
    """
    last = session.meter_last_wh
    return last is not None and wh < last <= wh + ROUNDING_WH


def _take_older(session: Session, reading: Reading, wh: int, *, opening: bool) -> None:
    """A reading from before the latest one: it only tells where the session began."""
    last, last_at = session.meter_last_wh, session.meter_last_at
    elapsed = last_at - reading.sampled_at if last_at is not None else timedelta(0)
    if last is not None and wh > last:
        _doubt(reading, ROUNDED if not opening and wh - last <= ROUNDING_WH else _above(wh - last, elapsed))
    elif wh == 0 and last is not None and last > energy_bound(elapsed):
        _doubt(reading, IMPOSSIBLE_JUMP)
        hold(session, ReviewReason.START_REGISTER_ZERO)
    elif opening:
        session.meter_start_wh = wh


def _above(more: int, elapsed: timedelta) -> str:
    """What an older register is that lies above a newer one by so many Wh."""
    return IMPOSSIBLE_JUMP if more > energy_bound(elapsed) else ABOVE_NEXT


def _advance(session: Session, reading: Reading, wh: int) -> None:
    session.meter_last_wh = wh
    session.meter_last_at = reading.sampled_at


def _doubt(reading: Reading, flag: str) -> None:
    reading.register_wh = None
    reading.flags = sorted({*reading.flags, flag})
