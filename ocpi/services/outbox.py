"""The outbox: what waits for which partner, who may send it now, and what happens when that fails.

A change of an object that waits only raises its revision: the latest state wins. Session deliveries are
given up after eight failures, until the session changes again; CDRs never are.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from django.db.models import F, Q, QuerySet

from central.models import Session
from central.models.session import SessionState
from central.services.prepared import Prepared
from emobility.lib.outlets import Breaker, Pauses, claim, not_paused, turn_begin, turn_end, turn_renew
from ocpi.core.errors import PeerBusy, PeerError
from ocpi.models import Delivery, Partner, SealedCdr
from ocpi.models.delivery import DeliveryState
from ocpi.models.partner import PartnerStatus
from ocpi.selectors.outbox import sessions_without_delivery
from ocpi.selectors.partners import receivers

LEASE = timedelta(seconds=40)
"""How long a worker has for one delivery: a killed one's work is taken up again within a minute."""
SESSION_INTERVAL = timedelta(seconds=30)
"""A running session is told at most this often."""
PAUSES = Pauses(timedelta(seconds=10), timedelta(minutes=15))
MOST_ATTEMPTS = 8
BREAKER = Breaker(3, Pauses(timedelta(seconds=30), timedelta(minutes=10)))
BATCH = 500
FIRST = ("commands", "chargingprofiles")
"""What a driver waits for is sent before everything else."""


def sessions_offer(*, session_ids: Collection[int], now: datetime) -> set[int]:
    """Put the latest state of sessions into the outbox; one query sorts out those of no partner.

    Answers the partners that have something due because of them.
    """
    partners: set[int] = set()
    for (session_id,) in _roaming.rows(sessions=session_ids):
        partners |= session_offer(session_id=session_id, now=now)
    return partners


_roaming: Final = Prepared(
    lambda sessions: (
        Session.objects.filter(pk__among=sessions, id_token__party__isnull=False).order_by().values_list("pk")
    )
)


def session_offer(*, session_id: int, now: datetime) -> set[int]:
    """Put a session's latest state into the outbox of its token's partner.

    Answers the partners that have something due because of it.
    """
    session = Session.objects.select_related("id_token__party").filter(pk=session_id).first()
    party = session.id_token.party if session and session.id_token else None
    if session is None or party is None:
        return set()
    wanted = Delivery(
        module="sessions",
        object_id=str(session.uid),
        source_id=session.pk,
        source_at=session.updated_at,
    )
    partners = receivers(session.organization_id, party.country_code, party.party_id, "sessions")
    urgent = session.state == SessionState.ENDED
    return {partner.pk for partner in partners if delivery_put(partner, wanted, now, urgent=urgent)}


def sessions_offer_missing(*, now: datetime) -> set[int]:
    """What a lost bell left: sessions that changed since they were put into the outbox."""
    partners: set[int] = set()
    for session_id in sessions_without_delivery(now, BATCH):
        partners |= session_offer(session_id=session_id, now=now)
    return partners


def cdr_offer(*, sealed: SealedCdr, now: datetime) -> set[int]:
    """Put a sealed CDR into the outbox of the partner whose token was used; answers the partners."""
    wanted = Delivery(
        module="cdrs",
        object_id=sealed.payload["id"],
        source_id=sealed.cdr_id,
        source_at=sealed.last_updated,
    )
    party = (sealed.token_country_code, sealed.token_party_id)
    partners = receivers(sealed.organization_id, *party, "cdrs")
    return {partner.pk for partner in partners if delivery_put(partner, wanted, now, urgent=True)}


def delivery_put(partner: Partner, wanted: Delivery, now: datetime, *, urgent: bool) -> bool:
    """Make or change the delivery of an object; True where it is due now."""
    row, created = Delivery.objects.get_or_create(
        partner=partner,
        module=wanted.module,
        object_id=wanted.object_id,
        defaults={
            "source_id": wanted.source_id,
            "source_at": wanted.source_at,
            "next_attempt_at": now,
            "created_at": now,
        },
    )
    if created:
        return True
    newer = Delivery.objects.filter(pk=row.pk, source_at__lt=wanted.source_at)
    due = now if urgent or row.delivered_at is None else max(now, row.delivered_at + SESSION_INTERVAL)
    bumped = {"revision": F("revision") + 1, "source_at": wanted.source_at}
    if not newer.filter(state=DeliveryState.WAITING).update(**bumped):
        newer.update(**bumped, state=DeliveryState.WAITING, attempts=0, uncertain=False, next_attempt_at=due)
    if urgent:
        Delivery.objects.filter(
            pk=row.pk, state=DeliveryState.WAITING, attempts=0, next_attempt_at__gt=now
        ).update(next_attempt_at=now)
    return Delivery.objects.filter(pk=row.pk, state=DeliveryState.WAITING, next_attempt_at__lte=now).exists()


def delivery_claim(*, partner_id: int, now: datetime) -> Delivery | None:
    """Take the delivery of a partner that waits longest, for LEASE; None where nothing may be sent now.

    The row answered tells whether an *earlier* attempt may have arrived; in the table this one may, too,
    from now on, in case nobody comes back to say.
    """
    if not Partner.objects.filter(not_paused(now), pk=partner_id, status=PartnerStatus.ACTIVE).exists():
        return None
    waiting = Delivery.objects.filter(
        partner_id=partner_id, state=DeliveryState.WAITING, next_attempt_at__lte=now
    )
    first = waiting.filter(module__in=FIRST)
    for row in [*_oldest(first), *_oldest(waiting)]:
        unchanged = Delivery.objects.filter(state=DeliveryState.WAITING, revision=row.revision)
        if claim(unchanged, row, LEASE, now, uncertain=True):
            row.attempts += 1
            return row
    return None


def _oldest(waiting: QuerySet[Delivery]) -> QuerySet[Delivery]:
    return waiting.select_related("partner__organization").order_by("next_attempt_at", "id")[:5]


def delivery_done(*, delivery: Delivery, remote_url: str, now: datetime) -> None:
    """The partner has it; where the object changed meanwhile, its new state is due at once."""
    mine = Delivery.objects.filter(pk=delivery.pk)
    fields = {
        "delivered_at": now,
        "told_at": delivery.source_at,
        "remote_url": remote_url,
        "last_error": "",
        "uncertain": False,
    }
    done = mine.filter(revision=delivery.revision).update(**fields, state=DeliveryState.DELIVERED)
    if not done:
        mine.update(**fields, attempts=0, next_attempt_at=now)
    partner = delivery.partner
    if partner.failures:
        Partner.objects.filter(pk=partner.pk).update(failures=0, paused_until=None, last_contact=now)
    if partner.failures >= BREAKER.after:
        Delivery.objects.filter(
            partner=partner, state=DeliveryState.WAITING, next_attempt_at__gt=now + LEASE
        ).update(next_attempt_at=now)


def delivery_failed(*, delivery: Delivery, error: PeerError, now: datetime) -> None:
    """Try again later, or give up; a partner that cannot be reached is left alone for a while.

    One that wants fewer requests gets none until it said, and what it refused is not counted against it.
    """
    if isinstance(error, PeerBusy):
        _put_off(delivery, error, now)
        return
    gives_up = delivery.module != "cdrs" and delivery.attempts >= MOST_ATTEMPTS
    still_open = error.arrived or (delivery.uncertain and error.transport)
    Delivery.objects.filter(pk=delivery.pk, state=DeliveryState.WAITING).update(
        state=DeliveryState.DEAD if gives_up else DeliveryState.WAITING,
        next_attempt_at=now + PAUSES.after(delivery.attempts),
        uncertain=still_open,
        last_error=error.message[:255],
    )
    if error.transport:
        BREAKER.failed(Partner.objects.filter(pk=delivery.partner_id), now)


def _put_off(delivery: Delivery, error: PeerBusy, now: datetime) -> None:
    partner_spare(partner_id=delivery.partner_id, error=error, now=now)
    Delivery.objects.filter(pk=delivery.pk, state=DeliveryState.WAITING).update(
        next_attempt_at=now + error.patience,
        attempts=delivery.attempts - 1,
        uncertain=delivery.uncertain,
        last_error=error.message[:255],
    )


def partner_spare(*, partner_id: int, error: PeerBusy, now: datetime) -> None:
    """Send a partner nothing, and read nothing of it, for as long as it asked."""
    until = now + error.patience
    shorter = Q(paused_until=None) | Q(paused_until__lt=until)
    Partner.objects.filter(shorter, pk=partner_id).update(paused_until=until)


def delivery_retry(*, delivery: Delivery, now: datetime) -> None:
    """A person wants another try: due now, counted anew."""
    Delivery.objects.filter(pk=delivery.pk).exclude(state=DeliveryState.DELIVERED).update(
        state=DeliveryState.WAITING, attempts=0, next_attempt_at=now
    )


def drain_begin(*, partner_id: int, now: datetime) -> bool:
    """Become the one that serves a partner's outbox; False where somebody else does."""
    return turn_begin(Partner.objects.filter(pk=partner_id), LEASE, now)


def drain_renew(*, partner_id: int, now: datetime) -> None:
    """Stay the one for another LEASE."""
    turn_renew(Partner.objects.filter(pk=partner_id), LEASE, now)


def drain_end(*, partner_id: int) -> None:
    """Let others serve the partner."""
    turn_end(Partner.objects.filter(pk=partner_id))
