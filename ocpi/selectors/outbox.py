"""What should be in the outbox and is not, and who has something due."""

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from billing.models import Cdr
from central.models import Session
from ocpi.models import Delivery, Partner, PartnerEndpoint, SealedCdr
from ocpi.models.delivery import DeliveryState
from ocpi.models.partner import PartnerStatus
from ocpi.selectors.identity import has_identity
from ocpi.selectors.partners import known_parties, party_names
from registry.models import Organization

RECENT = timedelta(hours=24)
"""How far back the frequent sweep looks; the hourly one looks at everything."""


def partners_taking(identifier: str) -> QuerySet[Partner]:
    """Registered partners that published the receiver of a module."""
    endpoints = PartnerEndpoint.objects.filter(partner=OuterRef("pk"), identifier=identifier, role="RECEIVER")
    return Partner.objects.filter(Exists(endpoints), status=PartnerStatus.ACTIVE)


def cdrs_without_seal(since: datetime | None, limit: int) -> list[int]:
    """CDRs made since then that are free to go and were not rendered yet, oldest first.

    Those of organisations that have no party in OCPI wait until they have one.
    """
    owners = [organization.pk for organization in Organization.objects.all() if has_identity(organization)]
    found = Cdr.objects.ready_for_delivery().filter(organization_id__in=owners, sealed__isnull=True)
    if since is not None:
        found = found.filter(Q(created_at__gte=since) | Q(reviews__decided_at__gte=since))
    return list(found.order_by("pk").values_list("pk", flat=True).distinct()[:limit])


def cdrs_without_delivery(since: datetime | None, limit: int) -> list[SealedCdr]:
    """CDRs made since then that a partner should have and that are not in its outbox."""
    missing: list[SealedCdr] = []
    for partner in partners_taking("cdrs"):
        names = Q(pk__in=[])
        for country_code, party_id in party_names(partner):
            names |= Q(token_country_code=country_code, token_party_id=party_id)
        put = Delivery.objects.filter(partner=partner, module="cdrs", source_id=OuterRef("cdr_id"))
        rows = SealedCdr.objects.filter(names, ~Exists(put), organization_id=partner.organization_id)
        if since is not None:
            rows = rows.filter(last_updated__gte=since)
        missing.extend(rows.order_by("pk")[:limit])
    return missing


def sessions_without_delivery(now: datetime, limit: int) -> list[int]:
    """Sessions of the last day whose latest change is not in a partner's outbox."""
    missing: set[int] = set()
    for partner in partners_taking("sessions"):
        since = max(partner.registered_at or now, now - RECENT)
        put = Delivery.objects.filter(
            partner=partner,
            module="sessions",
            source_id=OuterRef("pk"),
            source_at__gte=OuterRef("updated_at"),
        )
        rows = Session.objects.filter(
            ~Exists(put),
            organization_id=partner.organization_id,
            id_token__party__in=known_parties(partner),
            updated_at__gte=since,
        )
        missing.update(rows.order_by("pk").values_list("pk", flat=True)[:limit])
    return sorted(missing)


def partners_due(now: datetime) -> list[int]:
    """Partners with something to send now, not paused and not being served."""
    free = Q(partner__paused_until=None) | Q(partner__paused_until__lte=now)
    idle = Q(partner__draining_until=None) | Q(partner__draining_until__lte=now)
    found = Delivery.objects.filter(
        free,
        idle,
        state=DeliveryState.WAITING,
        next_attempt_at__lte=now,
        partner__status=PartnerStatus.ACTIVE,
    )
    return sorted(found.order_by().values_list("partner_id", flat=True).distinct())
