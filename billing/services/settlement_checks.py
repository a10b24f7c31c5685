"""What payment terminals settled (2.1 C21), compared with what we bill: a difference is for a person."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from django.db import transaction
from django.db.models import Exists, OuterRef, Subquery, Sum

from billing.models import Cdr, Review
from billing.models.cdr import CdrKind
from billing.selectors.cdrs import cdr_current
from billing.services.cdr_making import SETTLEMENT_DIFFERS, settled_otherwise
from billing.services.cdrs import session_locked
from billing.services.review_cases import review_open
from central.models import Settlement

RECENT: Final = timedelta(hours=96)
CLOSE: Final = Decimal("0.005")
"""What rounding to the currency may make of an amount with four decimals."""
SETTLED: Final = "Settled"


def settlements_compare(*, now: datetime, limit: int) -> int:
    """Open cases for settlements that came after their session's CDR and are of another amount; how many.

    Those that came before it are compared when it is made. One statement where all is as it should be.
    """
    opened = 0
    for session_id in _settled_later(now, limit):
        with transaction.atomic():
            session = session_locked(session_id)
            cdr = cdr_current(session.pk)
            if cdr is None or not settled_otherwise(session, cdr.total_cost_incl, cdr.currency):
                continue
            review_open(session=session, cdr=cdr, also=SETTLEMENT_DIFFERS, now=now)
            opened += 1
    return opened


def _settled_later(now: datetime, limit: int) -> Sequence[int]:
    """Sessions with a settlement younger than their CDR and not of its amount, and no case since."""
    seen = Review.objects.filter(
        session=OuterRef("session"), event=None, opened_at__gte=OuterRef("received_at")
    )
    billed = Cdr.objects.filter(session=OuterRef("session"), created_at__lte=OuterRef("received_at"))
    current = Cdr.objects.filter(session=OuterRef("session")).exclude(kind=CdrKind.CREDIT).order_by("-pk")
    settled = Settlement.objects.filter(session=OuterRef("session"), status=SETTLED).order_by()
    total = settled.values("session").annotate(total=Sum("amount")).values("total")
    rows = Settlement.objects.filter(
        ~Exists(seen), Exists(billed), status=SETTLED, received_at__gte=now - RECENT
    ).annotate(differs=Subquery(total) - Subquery(current.values("total_cost_incl")[:1]))
    rows = rows.exclude(differs__gt=-CLOSE, differs__lt=CLOSE)
    return list(rows.order_by("session").values_list("session", flat=True).distinct()[:limit])
