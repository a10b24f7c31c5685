"""Our drivers' tokens, as partners may know them: which they are, when each changed, who has to hear."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Case, CharField, Exists, F, OuterRef, Q, QuerySet, When
from django.db.models.functions import Cast, Coalesce, Greatest, Length

from central.models import IdToken, IdTokenGroup
from central.services.prepared import Prepared
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


@dataclass(frozen=True, slots=True)
class OwnToken:
    """One of our tokens with its group; `limited`: good at certain places of ours only."""

    row: IdToken
    limited: bool


def own_token_find(organization_id: int, uid: str) -> OwnToken | None:
    """The token that a partner asks about, by one statement: a driver waits for the answer."""
    found = _by_uid.rows(organization_id=organization_id, uid_key=uid.upper())
    if not found:
        return None
    values = dict(zip(_COLUMNS, found[0], strict=True))
    limited = values.pop("limited")
    group_id, group_uid, blocked, changed = (values.pop(name) for name in _GROUP)
    row = IdToken(**values, organization_id=organization_id)
    if group_id is not None:
        row.group = IdTokenGroup(pk=group_id, uid=group_uid, blocked=blocked, updated_at=changed)
    return OwnToken(row, limited)


_GROUP: Final = ("group_id", "group__uid", "group__blocked", "group__updated_at")
_COLUMNS: Final = (
    "id",
    "uid",
    "token_type",
    "contract_id",
    "visual_number",
    "language",
    "whitelist",
    "out_of_credit",
    "blocked",
    "expires_at",
    "valid_from",
    "updated_at",
    *_GROUP,
    "limited",
)
_PLACES: Final = (
    IdToken.sites.through.objects,
    IdToken.charge_points.through.objects,
    IdToken.evses.through.objects,
)


def _limited() -> Any:
    """True where the token is tied to places."""
    sites, points, evses = (Exists(rows.filter(idtoken_id=OuterRef("pk"))) for rows in _PLACES)
    return sites | points | evses


_by_uid: Final = Prepared(
    lambda organization_id, uid_key: (
        IdToken.objects.filter(
            Q(party__isnull=True) | Q(party__is_own=True), organization_id=organization_id, uid_key=uid_key
        )
        .exclude(token_type__in=NOT_TOLD)
        .annotate(limited=_limited())
        .order_by("pk")
        .values_list(*_COLUMNS)
    )
)
