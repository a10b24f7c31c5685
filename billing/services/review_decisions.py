"""Decisions of the review queue: each once, with a reason, by somebody; what follows of it at once.

Locks are taken in one order: the session, then the case.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from billing.models import Cdr, Review
from billing.models.cdr import CdrKind
from billing.models.review import Decision
from billing.selectors.cdrs import cdr_current
from billing.services.cdr_making import ABSURD_AMOUNT
from billing.services.cdrs import (
    Repair,
    cdr_create,
    cdr_nothing,
    cdr_replace,
    cdrs_credit,
    session_locked,
)
from billing.signals import cdr_released, review_changed
from central.models import Session, SessionEvent
from central.models.session import SessionState
from central.services.quarantine import quarantined_stop_apply, session_reviewed
from emobility.lib import bell
from emobility.lib.errors import Conflict, Invalid
from registry.models import User
from registry.services.audit import audit_record
from registry.services.events import event_append


@dataclass(frozen=True, slots=True)
class Act:
    """Who decides, why, from where."""

    by: User
    reason: str
    remote_address: str = ""


def review_accept(*, review: Review, act: Act, now: datetime) -> Review:
    """Bill as reported: the held CDR goes; before it was made, it is made now.

    Raises Invalid without a reason, Conflict where the case is decided, the session runs, or nothing can be
    billed so.
    """
    with transaction.atomic():
        session, case = _opened(review, act)
        cdr = case.cdr or cdr_create(session_id=session.pk, early=True, now=now)
        if cdr is None or cdr.pk != _current_id(session):
            raise Conflict(_("There is a newer CDR of this session."))
        if ABSURD_AMOUNT in cdr.review_reasons:
            raise Conflict(_("An absurd amount is not billed as it is: repair the energy, or bill nothing."))
        case.refresh_from_db()
        if case.is_open:
            case.cdr = cdr
            _decide(case, Decision.ACCEPTED, act, now)
        cdrs_credit(session=session, keep=cdr, now=now)
        session_reviewed(session=session, now=now)
        bell.after_commit(cdr_released, cdr_id=cdr.pk)
    return case


def review_repair(*, review: Review, repair: Repair, act: Act, now: datetime) -> Review:
    """Bill by other energy or times than were reported: a replacement is made and goes.

    Raises Invalid where the values cannot be, Conflict as `review_accept`.
    """
    with transaction.atomic():
        session, case = _opened(review, act)
        _check(repair)
        cdr = case.cdr or cdr_create(session_id=session.pk, early=True, now=now)
        if cdr is None:
            raise Conflict(_("There is nothing to bill yet."))
        case.refresh_from_db()
        case.cdr = cdr
        _decide(case, Decision.REPAIRED, act, now, repair=repair.as_json())
        _replace(session, cdr, repair, now)
    return case


def review_waive(*, review: Review, act: Act, now: datetime) -> Review:
    """Bill nothing: no CDR goes, and what had gone is credited. Raises as `review_accept`."""
    with transaction.atomic():
        session, case = _opened(review, act)
        case.cdr = case.cdr or cdr_create(session_id=session.pk, early=True, now=now)
        _decide(case, Decision.WAIVED, act, now)
        cdr_nothing(session=session, now=now)
        session_reviewed(session=session, now=now)
    return case


def review_link(*, review: Review, session: Session, act: Act, now: datetime) -> Review:
    """End a session with a stop from quarantine; its CDR is made, or corrected, by that end.

    Raises Conflict where the case is no such stop or decided, Invalid for another charge point's session.
    """
    with transaction.atomic():
        locked = session_locked(session.pk)
        case, event = _opened_event(review, act)
        quarantined_stop_apply(event=event, session=locked, now=now)
        case.session = locked
        _decide(case, Decision.LINKED, act, now)
        cdr_create(session_id=locked.pk, now=now)
    return case


def review_dismiss(*, review: Review, act: Act, now: datetime) -> Review:
    """Leave a message in quarantine as evidence; it bills nothing. Raises as `review_link`."""
    with transaction.atomic():
        case, _event = _opened_event(review, act)
        _decide(case, Decision.DISMISSED, act, now)
    return case


def cdr_correct(*, cdr: Cdr, repair: Repair | None, act: Act, now: datetime) -> Review:
    """Correct a CDR that is out: a credit, and by the repair a replacement; without one nothing is billed.

    Raises Conflict where another one counts or it waits in the review queue, Invalid without a reason.
    """
    with transaction.atomic():
        session = session_locked(cdr.session_id)
        _need_reason(act)
        if session.state != SessionState.ENDED:
            raise Conflict(_("The session runs again."))
        if cdr.pk != _current_id(session) or cdr.kind == CdrKind.CREDIT or cdr.credits.exists():
            raise Conflict(_("This CDR is corrected already; the one that counts is another."))
        if not cdr.ready_for_delivery:
            raise Conflict(_("This CDR waits in the review queue: decide there."))
        case = Review(
            organization_id=cdr.organization_id, session=session, cdr=cdr, reasons=[], opened_at=now
        )
        if repair is None:
            _decide(case, Decision.WAIVED, act, now)
            cdr_nothing(session=session, now=now)
        else:
            _check(repair)
            _decide(case, Decision.REPAIRED, act, now, repair=repair.as_json())
            _replace(session, cdr, repair, now)
    return case


def _replace(session: Session, cdr: Cdr, repair: Repair, now: datetime) -> None:
    new = cdr_replace(session, cdr, repair=repair, now=now)
    if not new.ready_for_delivery:
        raise Invalid(_("The amount would be absurd."), {"energy_wh": _("Too much.")})
    session_reviewed(session=session, now=now)


def _opened(review: Review, act: Act) -> tuple[Session, Review]:
    """The locked session and the locked open case of a bill."""
    _need_reason(act)
    if review.event_id is not None or review.session_id is None:
        raise Conflict(_("This is a message in quarantine: link it to a session, or keep it as evidence."))
    session = session_locked(review.session_id)
    case = _locked(review)
    if session.state != SessionState.ENDED:
        raise Conflict(_("The session runs: its bill is decided when it has ended."))
    return session, case


def _opened_event(review: Review, act: Act) -> tuple[Review, SessionEvent]:
    """The locked open case of a message, and the message."""
    _need_reason(act)
    if review.event_id is None:
        raise Conflict(_("This is no message in quarantine."))
    case = _locked(review)
    return case, SessionEvent.objects.select_for_update().get(pk=review.event_id)


def _locked(review: Review) -> Review:
    case = Review.objects.select_for_update(of=("self",)).select_related("cdr").get(pk=review.pk)
    if not case.is_open:
        raise Conflict(_("This was decided already."))
    return case


def _need_reason(act: Act) -> None:
    if not act.reason.strip():
        raise Invalid(_("Say why."), {"reason": _("Say why.")})


def _check(repair: Repair) -> None:
    if repair.energy_wh < 0:
        raise Invalid(_("Energy is never negative."), {"energy_wh": _("Not below 0.")})
    if repair.ended_at < repair.started_at:
        raise Invalid(_("It cannot end before it began."), {"ended_at": _("Not before the start.")})


def _current_id(session: Session) -> int | None:
    current = cdr_current(session.pk)
    return current.pk if current is not None else None


def _decide(
    case: Review, decision: Decision, act: Act, now: datetime, *, repair: Mapping[str, Any] | None = None
) -> None:
    case.decision, case.note, case.repair = decision, act.reason.strip()[:200], repair
    case.decided_by, case.decided_at = act.by, now
    case.save()
    told = {
        "review_id": case.pk,
        "session_id": case.session_id,
        "decision": str(decision),
        "reason": case.note,
    }
    audit_record(
        actor=act.by,
        action=f"review.{decision}",
        organization_id=case.organization_id,
        object_type="review",
        object_id=str(case.pk),
        before={"reasons": case.reasons},
        after=told | {"cdr": case.cdr.cdr_id if case.cdr else None, "repair": repair},
        remote_address=act.remote_address,
        now=now,
    )
    event_append(
        organization_id=case.organization_id, kind="review.decided", subject=str(case.pk), data=told, now=now
    )
    bell.after_commit(review_changed, review_id=case.pk)
