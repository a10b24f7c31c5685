"""Our drivers' tokens, as partners may know them: which they are, when each changed, who has to hear."""

from datetime import datetime
from typing import Any

from django.db.models import Case, CharField, Exists, F, OuterRef, Q, QuerySet, When
from django.db.models.functions import Cast, Coalesce, Greatest, Length

from central.models import IdToken
from ocpi.models import Delivery
from ocpi.selectors.outbox import partners_taking

NOT_TOLD = ("eMAID", "NoAuthorization")
"""Types that are not for partners: an EMAID names its provider itself (OCPI 2.3.0 §12.4.4)."""
LONGEST = 36
ASCII = r"^[!-~]+( [!-~]+)*$"


def own_tokens(organization_id: int, now: datetime) -> QuerySet[Any]:
    """Tokens that the organisation issued, each with `changed`: when what partners see of it changed last."""
    ours = Q(party__isnull=True) | Q(party__is_own=True)
    rows = IdToken.objects.filter(ours, organization_id=organization_id, uid__regex=ASCII)
    moments = [_passed(name, now) for name in ("expires_at", "valid_from")]
    group = Coalesce(F("group__updated_at"), F("updated_at"))
    fits = rows.alias(uid_length=Length("uid")).filter(uid_length__lte=LONGEST)
    fits = fits.exclude(token_type__in=NOT_TOLD)
    return fits.annotate(changed=Greatest("updated_at", group, *moments)).select_related("group")


def _passed(name: str, now: datetime) -> Case:
    """The moment in a column once it has passed, else that of the latest change."""
    return Case(When(**{f"{name}__lte": now}, then=F(name)), default=F("updated_at"))


def changed_at(token: IdToken, now: datetime) -> datetime:
    """When what partners see of a token changed last."""
    moments = [token.expires_at, token.valid_from, token.group.updated_at if token.group else None]
    passed = [moment for moment in moments if moment is not None and moment <= now]
    return max([token.updated_at, *passed])


def tokens_without_delivery(now: datetime, limit: int) -> list[tuple[int, int, datetime]]:
    """(partner, token, when it changed) of tokens whose latest state is in no outbox of a partner."""
    missing: list[tuple[int, int, datetime]] = []
    for partner in partners_taking("tokens"):
        put = Delivery.objects.filter(
            partner=partner,
            module="tokens",
            object_id=Cast(OuterRef("pk"), CharField()),
            source_at__gte=OuterRef("changed"),
        )
        rows = own_tokens(partner.organization_id, now).filter(~Exists(put)).order_by("pk")
        missing += [(partner.pk, pk, changed) for pk, changed in rows.values_list("pk", "changed")[:limit]]
    return missing
