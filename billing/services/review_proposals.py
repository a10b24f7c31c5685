"""What to do with a case: a repair worked out from what is believable, in plain words; a person decides."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.utils.translation import gettext as _

from billing.models import Review
from billing.services.cdr_making import ABSURD_AMOUNT
from billing.services.cdrs import Repair
from central.models import Session, SessionEvent
from central.models.review import ReviewReason
from central.models.session import SessionState
from central.services.quarantine import is_linkable
from central.services.reviews import FIRST_PLAUSIBLE, SKEW_LIMIT, deliverable
from central.services.session_end import session_max_power

CLOCK: Final = {
    ReviewReason.CLOCK_UNSET,
    ReviewReason.CLOCK_AHEAD,
    ReviewReason.CLOCK_JUMPED,
    ReviewReason.END_BEFORE_START,
}
ENERGY: Final = {
    ReviewReason.STOP_BELOW_START,
    ReviewReason.STOP_BELOW_METER_VALUES,
    ReviewReason.IMPOSSIBLE_ENERGY,
    ABSURD_AMOUNT,
}


@dataclass(frozen=True, slots=True)
class Proposal:
    """A repair, what it differs in from the report, and why."""

    repair: Repair
    changes: bool
    why: list[str]


def repair_proposed(session: Session, reasons: list[str]) -> Proposal:
    """What is believable of an ended session; the same as reported where nothing better is known."""
    started, ended = session.started_at, session.ended_at or session.started_at
    energy, why = session.energy_wh, []
    if CLOCK & set(reasons):
        started, ended = _times_by_our_clock(session, jumped=ReviewReason.CLOCK_JUMPED in reasons)
        why.append(_("The charge point's clock was wrong: the times are those at which its messages came."))
    if ENERGY & set(reasons):
        energy, words = _energy_believed(session, ended - started)
        why.append(words)
    reported = (session.energy_wh, session.started_at, session.ended_at)
    return Proposal(Repair(energy, started, ended), reported != (energy, started, ended), why)


def _times_by_our_clock(session: Session, *, jumped: bool) -> tuple[datetime, datetime]:
    """The charge point's own duration where it is one, ending when the end came."""
    ended = session.end_received_at or session.start_received_at
    length = (session.ended_at or session.started_at) - session.started_at
    plausible = session.started_at >= FIRST_PLAUSIBLE or (session.ended_at or ended) < FIRST_PLAUSIBLE
    if plausible and not jumped and timedelta(0) < length < timedelta(days=7):
        return ended - length, ended
    return min(session.start_received_at, ended), ended


def _energy_believed(session: Session, elapsed: timedelta) -> tuple[int, str]:
    """The last register that the connector could have reached, else nothing."""
    bound = deliverable(elapsed, session_max_power(session))
    start, last = session.meter_start_wh, session.meter_last_wh
    if start is not None and last is not None and 0 <= last - start <= bound:
        return last - start, _("The register at the end is not believable: the last good meter value counts.")
    if 0 <= session.energy_wh <= bound:
        return session.energy_wh, _("The energy is what the believable registers give.")
    return 0, _("No register is believable: nothing is billed for energy.")


def session_proposed(event: SessionEvent) -> Session | None:
    """The session that a stop in quarantine most likely ended: open, or else the latest that had begun."""
    if not is_linkable(event):
        return None
    if event.session_id is not None:
        return event.session
    rows = Session.objects.filter(
        charge_point_id=event.charge_point_id, started_at__lte=event.at + SKEW_LIMIT, ocpp_version="1.6"
    )
    rows = rows.exclude(meter_start_wh__gt=event.payload["meterStop"])
    tag = str(event.payload.get("idTag") or "")
    found = sorted(rows.order_by("-started_at")[:20], key=lambda each: _likeness(each, tag), reverse=True)
    return found[0] if found else None


def _likeness(session: Session, tag: str) -> tuple[bool, bool, datetime]:
    is_open = session.state == SessionState.ACTIVE or session.provisional_end
    return is_open, bool(tag) and session.id_tag.upper() == tag.upper(), session.started_at


def sessions_linkable(review: Review) -> list[Session]:
    """The sessions that a stop in quarantine may be linked to, latest first."""
    event = review.event
    if event is None or not is_linkable(event):
        return []
    rows = Session.objects.filter(charge_point_id=event.charge_point_id, ocpp_version="1.6")
    return list(rows.filter(started_at__lte=event.at + SKEW_LIMIT).order_by("-started_at")[:20])
