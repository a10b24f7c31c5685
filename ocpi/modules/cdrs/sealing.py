"""Seals our CDRs: each is rendered once, then offered to the partner whose token was used."""

from datetime import datetime

import structlog
from django.db import IntegrityError, transaction

from billing.models import Cdr
from central.services.reservation_sessions import is_reservation_alone
from emobility.lib.errors import DomainError
from ocpi.core import facts
from ocpi.core.versions import V230
from ocpi.models import SealedCdr
from ocpi.modules.cdrs.mapping import RELATED, cdr_render
from ocpi.selectors.identity import identity_of
from ocpi.selectors.outbox import RECENT, cdrs_without_delivery, cdrs_without_seal
from ocpi.services.outbox import cdr_offer
from ocpi.services.reserved_sessions import expired_tie

log = structlog.get_logger(__name__)
BATCH = 200


def cdr_seal(*, cdr_id: int, now: datetime) -> set[int]:
    """Seal a CDR and put it into the outbox; answers the partners that now have something waiting.

    A CDR that waits for review, or that cannot be told by the rules, stays where it is.
    """
    rows = Cdr.objects.ready_for_delivery().select_related("organization", *RELATED)
    rows = rows.prefetch_related("reviews").filter(pk=cdr_id)
    cdr = rows.first()
    if cdr is not None and is_reservation_alone(cdr.session.flags):
        expired_tie(session_ids=[cdr.session_id], now=now)
        cdr = rows.first()
    if cdr is None:
        return set()
    try:
        own = identity_of(cdr.organization)
        sealed = SealedCdr(
            organization=cdr.organization,
            cdr=cdr,
            payload=cdr_render(cdr, own),
            version=V230,
            place=facts.connector_of(cdr.session),
            last_updated=cdr.released_at or cdr.created_at,
        )
        sealed.token_country_code, sealed.token_party_id = facts.token_party(cdr.session, own)
    except DomainError as error:
        log.warning("ocpi.cdr_not_sealed", cdr_id=cdr.cdr_id, reason=error.message, fields=error.fields)
        return set()
    try:
        with transaction.atomic():
            sealed.save(force_insert=True)
    except IntegrityError:
        sealed = SealedCdr.objects.get(cdr=cdr)
    return cdr_offer(sealed=sealed, now=now)


def cdrs_seal_missing(*, now: datetime, deep: bool = False) -> set[int]:
    """What a lost bell left: CDRs without a seal, sealed ones that a partner should have and has not.

    Unless `deep`, only those of the last day: older ones come free by a review or a new partner.
    """
    partners: set[int] = set()
    since = None if deep else now - RECENT
    for cdr_id in cdrs_without_seal(since, BATCH):
        partners |= cdr_seal(cdr_id=cdr_id, now=now)
    for sealed in cdrs_without_delivery(since, BATCH):
        partners |= cdr_offer(sealed=sealed, now=now)
    return partners
