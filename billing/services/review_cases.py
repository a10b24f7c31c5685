"""Cases of the review queue: opened with what is held, settled where the charge point made good."""

from collections.abc import Sequence
from datetime import datetime

from billing.models import Cdr, Review
from billing.models.review import Decision
from billing.selectors.reviews import (
    cdrs_unreviewed,
    events_unreviewed,
    sessions_charging_on,
    sessions_unreviewed,
)
from billing.signals import review_changed
from central.models import Session, SessionEvent
from emobility.lib import bell
from registry.services.events import event_append


def review_open(*, session: Session, cdr: Cdr | None = None, also: str = "", now: datetime) -> Review:
    """The open case of a locked session; a CDR that is held, or doubted (`also`), becomes part of it."""
    reasons = [*(cdr.review_reasons if cdr is not None else session.review_reasons)]
    if also and also not in reasons:
        reasons.append(also)
    row = Review.objects.filter(session=session, event=None, decision=Decision.OPEN).first()
    if row is not None:
        row.cdr, row.reasons = cdr or row.cdr, reasons
        row.save(update_fields=["cdr", "reasons"])
        return row
    row = Review.objects.create(
        organization_id=session.organization_id, session=session, cdr=cdr, reasons=reasons, opened_at=now
    )
    _tell(row, session.charge_point_id, str(session.uid), now)
    return row


def reviews_settle(*, session: Session, now: datetime) -> None:
    """Close the open case of a locked session that its charge point or a newer CDR made good."""
    Review.objects.filter(session=session, event=None, decision=Decision.OPEN).update(
        decision=Decision.SETTLED, decided_at=now
    )


def reviews_open_missing(*, now: datetime, limit: int) -> int:
    """Open what is not in the queue yet: held CDRs, sessions in doubt, messages in quarantine; how many."""
    cdrs = cdrs_unreviewed(limit)
    for cdr in cdrs:
        review_open(session=cdr.session, cdr=cdr, now=now)
    sessions = sessions_unreviewed(now, limit) + sessions_charging_on(now, limit)
    for session in sessions:
        review_open(session=session, now=now)
    return len(cdrs) + len(sessions) + _open_events(events_unreviewed(limit), now)


def _open_events(events: Sequence[SessionEvent], now: datetime) -> int:
    for event in events:
        row, made = Review.objects.get_or_create(
            event=event,
            defaults={
                "organization_id": event.charge_point.organization_id,
                "session_id": event.session_id,
                "reasons": [event.quarantine_reason],
                "opened_at": now,
            },
        )
        if made:
            _tell(row, event.charge_point_id, event.key, now)
    return len(events)


def _tell(row: Review, charge_point_id: int, subject: str, now: datetime) -> None:
    event_append(
        organization_id=row.organization_id,
        kind="review.opened",
        charge_point_id=charge_point_id,
        subject=subject,
        data={"review_id": row.pk, "session_id": row.session_id, "reasons": row.reasons},
        now=now,
    )
    bell.after_commit(review_changed, review_id=row.pk)
