"""What belongs into the review queue and is not there yet; which session a stray stop may be of."""

from datetime import datetime

from django.db.models import Exists, OuterRef

from billing.models import Cdr, Review
from billing.models.review import Decision
from billing.selectors.cdrs import RECENT
from central.models import Session, SessionEvent
from central.models.review import ReviewReason
from central.models.session import SessionState
from registry.models import Organization


def cdrs_unreviewed(limit: int) -> list[Cdr]:
    """Held CDRs that nobody decided and that are not in the queue, oldest first."""
    rows = Cdr.objects.filter(needs_review=True, reviews__isnull=True, replacements__isnull=True)
    return list(rows.select_related("session").order_by("pk")[:limit])


def sessions_unreviewed(now: datetime, limit: int) -> list[Session]:
    """Sessions that ended lately in doubt, before their CDR is due: a person may settle them at once."""
    known = Review.objects.filter(session_id=OuterRef("pk"), event__isnull=True)
    billed = Cdr.objects.filter(session_id=OuterRef("pk"))
    organizations = list(Organization.objects.values_list("pk", flat=True))
    rows = Session.objects.filter(
        ~Exists(known),
        ~Exists(billed),
        organization_id__in=organizations,
        updated_at__gte=now - RECENT,
        state=SessionState.ENDED,
        needs_review=True,
    )
    return list(rows.order_by("pk")[:limit])


def sessions_charging_on(now: datetime, limit: int) -> list[Session]:
    """Running sessions that did not stop at their group's budget: for a person while they charge."""
    known = Review.objects.filter(session_id=OuterRef("pk"), event__isnull=True, decision=Decision.OPEN)
    rows = Session.objects.filter(
        ~Exists(known),
        state=SessionState.ACTIVE,
        needs_review=True,
        token_group__isnull=False,
        updated_at__gte=now - RECENT,
    )
    found = rows.order_by("-pk")[:limit]
    return [session for session in found if ReviewReason.CHARGED_ON in session.review_reasons]


def events_unreviewed(limit: int) -> list[SessionEvent]:
    """Messages in quarantine that are not in the queue, oldest first."""
    rows = SessionEvent.objects.exclude(quarantine_reason="").filter(review__isnull=True)
    return list(rows.select_related("charge_point").order_by("pk")[:limit])
