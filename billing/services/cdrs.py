"""CDRs: one for each ended session, never changed; what is corrected gets a credit and a replacement.

Everything happens under the lock of the session. A held CDR is a case of the review queue from its first
moment; only one that is free to go is ever credited, for nobody saw the others.
"""

import copy
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

from django.db import transaction
from django.utils.translation import gettext as _

from billing.models import Cdr, Review, SessionRating
from billing.models.cdr import CdrKind
from billing.models.review import Decision
from billing.selectors.cdrs import cdr_current, is_due, sessions_corrected
from billing.services.cdr_making import (
    CHANGED_AFTER_DECISION,
    Making,
    cdr_basis,
    cdr_make,
    rating_settle,
)
from billing.services.review_cases import review_open, reviews_settle
from billing.signals import cdr_created
from central.models import Session
from emobility.lib import bell
from emobility.lib.errors import NotFound
from registry.services.events import event_append

CREDIT_SUFFIX = "-C"
"""OCPI 2.2.1 §10.1.1: the id of the original with something appended, three letters at most."""


@dataclass(frozen=True, slots=True)
class Repair:
    """What counts instead of what was reported: energy in Wh, times of start and end."""

    energy_wh: int
    started_at: datetime
    ended_at: datetime

    def as_json(self) -> dict[str, Any]:
        """As it is kept with the review."""
        return {
            "energy_wh": self.energy_wh,
            "started_at": self.started_at.isoformat(),
            "ended_at": self.ended_at.isoformat(),
        }


def cdr_create(*, session_id: int, early: bool = False, now: datetime) -> Cdr | None:
    """The CDR of an ended session: made once, however often and by however many this is called.

    None while the session runs, or while the real end may still replace a provisional one (`early`: do not
    wait for it). Where the session was corrected since its CDR was made, a replacement is made, and a credit
    for what had gone out. The event row is written with it; `cdr_created` rings after the commit.
    Raises NotFound for an unknown session.
    """
    with transaction.atomic():
        session = session_locked(session_id)
        current = cdr_current(session.pk)
        if not (is_due(session, now) or (early and session.ended_at is not None)):
            return current
        if current is None:
            basis = cdr_basis(session)
            making = Making(str(uuid5(session.uid, "cdr")), basis=basis)
            return _told(cdr_make(session, making, now), session, now)
        if current.basis in {"", cdr_basis(session)}:
            return current
        doubts = (CHANGED_AFTER_DECISION,) if _was_decided(session) else ()
        return cdr_replace(session, current, doubts=doubts, now=now)


def sessions_to_correct(now: datetime, limit: int) -> list[int]:
    """Keys of sessions whose CDR says something else than they do, in case no bell told of it."""
    found: list[Any] = list(sessions_corrected(now, limit))
    return [each.pk for each in found if each.billed_by not in {"", cdr_basis(each)}]


def session_locked(session_id: int) -> Session:
    """The session, locked, with its places. Raises NotFound."""
    rows = Session.objects.select_for_update(of=("self",)).select_related("organization", "site")
    session = rows.filter(pk=session_id).first()
    if session is None:
        raise NotFound(_("There is no such session."))
    return session


def cdr_replace(
    session: Session, old: Cdr, *, repair: Repair | None = None, doubts: tuple[str, ...] = (), now: datetime
) -> Cdr:
    """A CDR instead of `old` for a locked session, by a repair or by what the session says now."""
    reviews_settle(session=session, now=now)
    number = Cdr.objects.filter(session=session, kind=CdrKind.REPLACEMENT).count() + 1
    making = Making(
        str(_replacement_id(session.uid, number)),
        CdrKind.REPLACEMENT,
        old,
        cdr_basis(session),
        seen=repair is not None,
        doubts=doubts,
    )
    new = _told(cdr_make(_repaired(session, repair), making, now), session, now)
    if new.ready_for_delivery:
        cdrs_credit(session=session, keep=new, now=now)
    return new


def cdrs_credit(*, session: Session, keep: Cdr | None, now: datetime) -> list[Cdr]:
    """Take back what went out for a locked session besides `keep`: a credit CDR for each, once."""
    sent = Cdr.objects.ready_for_delivery().filter(session=session, credits__isnull=True)
    sent = sent.exclude(kind=CdrKind.CREDIT).exclude(pk=keep.pk if keep else 0).prefetch_related("reviews")
    return [_told(_credit(cdr, now), session, now) for cdr in sent.order_by("pk")]


def cdr_nothing(*, session: Session, now: datetime) -> None:
    """Bill nothing for a locked session: what went out is credited, and its price is nought."""
    cdrs_credit(session=session, keep=None, now=now)
    row = SessionRating.objects.filter(session=session).first()
    if row is not None:
        rating_settle(row, row.currency, Decimal(0), Decimal(0), session.ended_at or session.started_at)


def _credit(original: Cdr, now: datetime) -> Cdr:
    """A copy of the original of which only the totals are negative (OCPI 2.2.1 §10.1.1)."""
    credit = copy.copy(original)
    credit._state = copy.copy(original._state)  # noqa: SLF001 -- a copy that is not in the database yet
    credit._state.adding = True  # noqa: SLF001 -- as above
    credit.pk = None
    credit.cdr_id, credit.kind = f"{original.cdr_id}{CREDIT_SUFFIX}", CdrKind.CREDIT
    credit.credit_of, credit.replaces = original, None
    credit.total_cost_excl, credit.total_cost_incl = -original.total_cost_excl, -original.total_cost_incl
    credit.needs_review, credit.review_reasons, credit.created_at = False, [], now
    credit.save(force_insert=True)
    return credit


def _repaired(session: Session, repair: Repair | None) -> Session:
    """What counts for the CDR; the session itself stays as it was reported."""
    if repair is None:
        return session
    meant = copy.copy(session)
    meant.energy_wh, meant.started_at, meant.ended_at = repair.energy_wh, repair.started_at, repair.ended_at
    return meant


def _replacement_id(session_uid: UUID, number: int) -> UUID:
    """Always the same for a session and its nth correction, as the original's is."""
    return uuid5(session_uid, f"cdr-{number + 1}")


def _was_decided(session: Session) -> bool:
    """True where a person said what is billed: what comes later is for a person, too."""
    said = Review.objects.filter(session=session, decision__in=(Decision.REPAIRED, Decision.WAIVED))
    return said.exists()


def _told(cdr: Cdr, session: Session, now: datetime) -> Cdr:
    """Open its review where it is held, and tell of it."""
    if cdr.needs_review:
        review_open(session=session, cdr=cdr, now=now)
    elif cdr.kind == CdrKind.ORIGINAL:
        reviews_settle(session=session, now=now)
    event_append(
        organization_id=cdr.organization_id,
        kind="cdr.created",
        charge_point_id=session.charge_point_id,
        subject=cdr.cdr_id,
        data={
            "cdr_id": cdr.pk,
            "session_id": session.pk,
            "kind": cdr.kind,
            "energy_wh": cdr.energy_wh,
            "total_incl_vat": str(cdr.total_cost_incl),
            "currency": cdr.currency,
            "needs_review": cdr.needs_review,
        },
        now=now,
    )
    bell.after_commit(cdr_created, cdr_id=cdr.pk)
    return cdr
