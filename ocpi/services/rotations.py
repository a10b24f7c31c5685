"""Scheduled rotation: partners whose tokens are old get new ones; who refuses is asked again later."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Max, Q

from ocpi.core.errors import OcpiError
from ocpi.models import Partner
from ocpi.models.partner import PartnerStatus
from ocpi.services.handshake import partner_rotate
from ocpi.services.partner_rows import partner_tell

TRIED_EVERY = timedelta(days=1)


def rotations_due(now: datetime) -> list[int]:
    """Active partners whose token is older than their limit (OCPI 2.2.1 §7.1.4: monthly).

    Of a rotation that failed a newer token is left, which ends soon: the lasting one counts.
    """
    tried = Q(rotation_tried_at=None) | Q(rotation_tried_at__lt=now - TRIED_EVERY)
    found = Partner.objects.filter(tried, status=PartnerStatus.ACTIVE, registered_at__isnull=False)
    lasting = Max("tokens__created_at", filter=Q(tokens__expires_at=None))
    rows = found.annotate(made=lasting).values_list("pk", "rotation_days", "made")
    return [key for key, own, made in rows if (days := _days(own)) and made and now - made > timedelta(days)]


def _days(own: int | None) -> int:
    return settings.OCPI_TOKEN_ROTATION_DAYS if own is None else own


def rotation_run(*, partner_id: int, now: datetime) -> bool:
    """Exchange new tokens with one partner; False where it refused: the tokens in use stay good.

    At most one worker does it within a day. No transaction may be open.
    """
    free = Q(rotation_tried_at=None) | Q(rotation_tried_at__lt=now - TRIED_EVERY)
    if not Partner.objects.filter(free, pk=partner_id, status=PartnerStatus.ACTIVE).update(
        rotation_tried_at=now
    ):
        return False
    partner = Partner.objects.select_related("organization").get(pk=partner_id)
    try:
        partner_rotate(partner=partner, now=now)
    except OcpiError as error:
        partner_tell(
            partner=partner,
            what="rotation_failed",
            actor="platform",
            now=now,
            data={"reason": error.message[:200]},
        )
        return False
    return True
