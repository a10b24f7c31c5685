"""Which sessions should have a CDR and have none, and which running ones need a tariff version."""

from datetime import datetime, timedelta

from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from billing.models import Cdr
from billing.models.cdr import CdrKind
from central.models import Session
from central.models.session import SessionState
from registry.models import Organization

PROVISIONAL_WAIT = timedelta(hours=72)
"""How long the real end of a session may still come before its provisional one gets a (held) CDR."""
RECENT = PROVISIONAL_WAIT + timedelta(hours=24)


def sessions_without_cdr(now: datetime, *, deep: bool, limit: int) -> list[int]:
    """Ids of ended sessions that are due for a CDR and have none, oldest first.

    Unless `deep` only sessions changed in the last days are looked at, which an index finds at once.
    """
    billed = Cdr.objects.filter(session_id=OuterRef("pk"), kind=CdrKind.ORIGINAL)
    ended = Coalesce("end_received_at", "ended_at", "updated_at")
    sessions = Session.objects.filter(~Exists(billed), state=SessionState.ENDED).alias(ended=ended)
    sessions = sessions.filter(Q(provisional_end=False) | Q(ended__lte=now - PROVISIONAL_WAIT))
    if not deep:
        organizations = list(Organization.objects.values_list("pk", flat=True))
        sessions = sessions.filter(organization_id__in=organizations, updated_at__gte=now - RECENT)
    return list(sessions.order_by("pk").values_list("pk", flat=True)[:limit])


def sessions_corrected(now: datetime, limit: int) -> list[Session]:
    """Ended sessions that changed lately, after their latest CDR was made; it may say something else now."""
    latest = Cdr.objects.filter(session_id=OuterRef("pk")).exclude(kind=CdrKind.CREDIT).order_by("-pk")
    organizations = list(Organization.objects.values_list("pk", flat=True))
    rows = Session.objects.filter(
        organization_id__in=organizations, updated_at__gte=now - RECENT, state=SessionState.ENDED
    ).alias(billed_at=Subquery(latest.values("created_at")[:1]))
    rows = rows.filter(updated_at__gt=F("billed_at")).annotate(billed_by=Subquery(latest.values("basis")[:1]))
    return list(rows.order_by("-updated_at")[:limit])


def cdr_current(session_id: int) -> Cdr | None:
    """The CDR that counts for a session: the original or its latest replacement."""
    rows = Cdr.objects.filter(session_id=session_id).exclude(kind=CdrKind.CREDIT)
    return rows.order_by("-pk").first()


def sessions_without_rating(limit: int) -> list[Session]:
    """Running sessions whose tariff version is not written down yet."""
    return list(Session.objects.filter(state=SessionState.ACTIVE, rating__isnull=True).order_by("pk")[:limit])


def sessions_rated_for_another(limit: int) -> list[Session]:
    """Running sessions of which a tag was shown after their tariff version was written down."""
    rows = Session.objects.filter(
        state=SessionState.ACTIVE, id_token__isnull=False, rating__settled=False
    ).exclude(id_token=F("rating__id_token"), rating__id_token__isnull=False)
    return list(rows.order_by("pk")[:limit])


def is_due(session: Session, now: datetime) -> bool:
    """True where a session has ended for good: a provisional end waits for the real one."""
    if session.state != SessionState.ENDED:
        return False
    if not session.provisional_end:
        return True
    ended = session.end_received_at or session.ended_at or session.updated_at
    return ended <= now - PROVISIONAL_WAIT
