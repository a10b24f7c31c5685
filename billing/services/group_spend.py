"""What a group of tags spent: its bills, and the cost so far of the rest. Central asks by port."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from django.db.models import Exists, OuterRef, Sum

from billing.models import Cdr, Review, SessionRating
from billing.models.review import Decision
from billing.services.running_cost import running_costs
from central.models import Session


def group_spend(group_id: int, start: datetime, end: datetime) -> Mapping[str, Decimal]:
    """Incl. VAT by currency, for sessions that began in [start, end): of each what it came to in the end.

    A CDR that was held and then replaced, or waived, counts as little as one that was credited.

    Two statements, and what the costs of the sessions without a CDR need.
    """
    sessions = Session.objects.filter(token_group=group_id, started_at__gte=start, started_at__lt=end)
    settled = SessionRating.objects.filter(
        Exists(Cdr.objects.filter(session=OuterRef("session"))), session__in=sessions, settled=True
    )
    billed = settled.order_by().values("currency")
    spent: dict[str, Decimal] = {
        row["currency"]: row["total"] for row in billed.annotate(total=Sum("amount_incl"))
    }
    unbilled = sessions.filter(~Exists(Cdr.objects.filter(session_id=OuterRef("pk"))))
    costs = running_costs(list(unbilled.order_by("pk").values_list("pk", flat=True)))
    for cost in costs.values():
        spent[cost.currency] = spent.get(cost.currency, Decimal(0)) + cost.amount_incl
    return spent


def group_corrected(group_id: int, start: datetime, end: datetime) -> int:
    """Wh that people took off the bills of sessions that began in [start, end): meter nonsense."""
    decided = Review.objects.filter(
        session__token_group=group_id,
        session__started_at__gte=start,
        session__started_at__lt=end,
        decision__in=(Decision.REPAIRED, Decision.WAIVED),
    )
    latest: dict[int | None, int] = {}
    for session_id, reported, repair in decided.order_by("decided_at", "pk").values_list(
        "session_id", "session__energy_wh", "repair"
    ):
        latest[session_id] = reported - (repair or {}).get("energy_wh", 0)
    return sum(latest.values())
