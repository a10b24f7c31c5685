"""The rating of one session with its tariff and what put it in force, for its page."""

from django.db.models import Prefetch, prefetch_related_objects

from billing.models import SessionRating
from billing.models.tariff import NAMES
from central.models import Session


def session_rating(session: Session) -> SessionRating | None:
    """One statement, however many parts of the page ask: the answer stays with the session's object."""
    rows = SessionRating.objects.select_related(
        "tariff_version__tariff", *(f"assignment__{name}" for name in NAMES)
    )
    prefetch_related_objects([session], Prefetch("rating", queryset=rows))
    found: SessionRating | None = getattr(session, "rating", None)
    return found
