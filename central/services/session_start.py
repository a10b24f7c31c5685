"""The beginning of a session: one row for each start that a charge point reports, whatever its tag says."""

import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models import FilteredRelation, Q

from central.models import Command, IdToken, Session
from central.models.command import CommandState
from central.models.review import Remark, ReviewReason
from central.models.session import SessionState
from central.services import reviews
from central.services.authorization import FREE, UNKNOWN_OFFLINE, Authorization, authorize
from central.services.ledger import STARTED, event_find, event_row, events_store
from central.services.prepared import Prepared
from central.services.session_end import sessions_supersede
from central.services.session_rows import fact_started, facts_append
from central.signals import session_started
from emobility.lib.bell import after_commit
from emobility.lib.errors import Conflict
from registry.models import ChargePoint

REMOTE_START: Final = "remote_start"
REMOTE_START_WINDOW: Final = timedelta(minutes=15)
LARGEST_NUMBER: Final = 2**31 - 1
_ATTEMPTS: Final = 5
UNANSWERED: Final = (CommandState.QUEUED, CommandState.EXPIRED, CommandState.CANCELLED)


@dataclass(frozen=True, slots=True)
class Start:
    """What a charge point says of a transaction's beginning; `at` is its own time, energy in Wh.

    `start_key` is the content by which a repeat is recognised; without `transaction_id` we give a number.
    """

    charge_point_id: int
    version: str
    start_key: str
    evse_number: int
    connector_number: int
    at: datetime
    transaction_id: str = ""
    id_tag: str = ""
    id_tag_type: str = ""
    meter_wh: int | None = None
    reservation_id: int | None = None
    remote_start_id: int | None = None
    offline: bool = False
    out_of_range: bool = False

    @property
    def shown_with(self) -> dict[str, Any]:
        """What the answer about its tag depends on beside the tag (see authorization.Shown)."""
        return {
            "version": self.version,
            "evse_number": self.evse_number,
            "at": self.at,
            "offline": self.offline,
        }


REMARKS: Final = {FREE: Remark.FREE_CHARGING, UNKNOWN_OFFLINE: Remark.UNKNOWN_OFFLINE}
Reply = Callable[[Session, Authorization], dict[str, Any]]
Owner = tuple[int, int | None]
"""Organisation and site."""


def session_start(*, start: Start, payload: dict[str, Any], reply: Reply, now: datetime) -> dict[str, Any]:
    """Record a 1.6 start and return its answer, made by `reply`; a repeat gets the stored one (1.6 §4.8)."""
    for _ in range(_ATTEMPTS):
        known = event_find(start.charge_point_id, start.start_key)
        if known is not None:
            return known.answer
        attempt = replace(start, transaction_id=transaction_number())
        try:
            with transaction.atomic():
                return _record(attempt, payload, reply, now)
        except IntegrityError:
            # The same start came in parallel, or the number is taken.
            continue
    raise Conflict("The start could not be recorded.")


def transaction_number() -> str:
    """A transaction id of 1.6: random, so that nobody guesses the next one."""
    return str(secrets.randbelow(LARGEST_NUMBER) + 1)


def _record(start: Start, payload: dict[str, Any], reply: Reply, now: datetime) -> dict[str, Any]:
    authorization = authorize(
        charge_point_id=start.charge_point_id,
        uid=start.id_tag,
        token_type=start.id_tag_type,
        now=now,
        starting=True,
        **start.shown_with,
    )
    start = replace(start, remote_start_id=_ordered_by(start))
    session = session_new(start, now=now)
    session_authorize(session, start.id_tag, start.id_tag_type, authorization, now=now)
    session_open(session, now=now)
    answer = reply(session, authorization)
    event = event_row(
        charge_point_id=start.charge_point_id,
        session_id=session.pk,
        key=start.start_key,
        kind=STARTED,
        at=start.at,
        payload=payload,
        answer=answer,
        now=now,
    )
    events_store([event])
    return answer


def session_new(start: Start, *, now: datetime) -> Session:
    """A session from its start, without a tag and not yet stored."""
    owners, _ = places_of({start.charge_point_id})
    return session_made(start, owners[start.charge_point_id], now=now)


def places_of(charge_point_ids: Collection[int]) -> tuple[dict[int, Owner], set[tuple[int, int]]]:
    """Organisation and site of charge points, and the EVSEs with an open session: a start there ends it."""
    rows = _places.rows(charge_points=charge_point_ids)
    owners = {pk: (owner, site) for pk, owner, site, _ in rows}
    return owners, {(pk, evse) for pk, _, _, evse in rows if evse is not None}


_OPEN: Final = Q(sessions__state=SessionState.ACTIVE, sessions__evse_number__gt=0)
_places: Final = Prepared(
    lambda charge_points: (
        ChargePoint.objects.filter(pk__among=charge_points)
        .annotate(open=FilteredRelation("sessions", condition=_OPEN))
        .order_by()
        .values_list("pk", "organization_id", "site_id", "open__evse_number")
    )
)


def session_made(start: Start, owner: Owner, *, now: datetime) -> Session:
    """A session from its start at a charge point of `owner`, without a tag and not yet stored."""
    session = Session(
        organization_id=owner[0],
        charge_point_id=start.charge_point_id,
        site_id=owner[1],
        evse_number=start.evse_number,
        connector_number=start.connector_number,
        ocpp_version=start.version,
        transaction_id=start.transaction_id,
        start_key=start.start_key,
        start_received_at=now,
        started_at=start.at,
        meter_start_wh=start.meter_wh,
        remote_start_id=start.remote_start_id,
        reservation_id=start.reservation_id,
    )
    if start.meter_wh is not None and start.meter_wh < 0:
        session.meter_start_wh = None
        reviews.hold(session, ReviewReason.START_REGISTER_NEGATIVE)
    if start.out_of_range:
        reviews.remark(session, Remark.CONNECTOR_OUT_OF_RANGE)
    reviews.judge_clock(session, start.at, now=now, offline=start.offline)
    return session


def session_open(session: Session, *, now: datetime) -> None:
    """Store a new session and end what it supersedes. Raises IntegrityError where it is there already."""
    session.save(force_insert=True)
    sessions_supersede(session, now=now)
    facts_append([fact_started(session, now)])
    after_commit(session_started, session_id=session.pk)


def session_authorize(
    session: Session, id_tag: str, id_tag_type: str, authorization: Authorization, *, now: datetime
) -> None:
    """Put the tag and its answer on the session, which the caller saves; the token was used."""
    session_tag(session, id_tag, id_tag_type, authorization)
    if authorization.id_token_id is not None:
        IdToken.objects.filter(pk=authorization.id_token_id).update(last_used=now)


def session_tag(session: Session, id_tag: str, id_tag_type: str, authorization: Authorization) -> None:
    """Put the tag and its answer on the session, which the caller saves."""
    session.id_tag, session.id_tag_type = id_tag, id_tag_type
    session.id_token_id, session.token_group_id = authorization.id_token_id, authorization.group_id
    session.authorization_status = authorization.status.value
    session.authorization_reference = authorization.reference
    if authorization.reason in REMARKS:
        reviews.remark(session, REMARKS[authorization.reason])
    if authorization.accepted:
        reviews.release(session, ReviewReason.NOT_AUTHORIZED)
    else:
        reviews.hold(session, ReviewReason.NOT_AUTHORIZED)


def _ordered_by(start: Start) -> int | None:
    """The remote start that this start obeys: same tag, same EVSE if one was named, not long ago, unused."""
    orders = (
        Command.objects.filter(
            charge_point_id=start.charge_point_id,
            order=REMOTE_START,
            created_at__gte=start.at - REMOTE_START_WINDOW,
            created_at__lte=start.at + reviews.SKEW_LIMIT,
        )
        .exclude(state__in=UNANSWERED)
        .order_by("-id")
        .values_list("id", "params")
    )
    for command_id, params in orders[:20]:
        same_tag = str(params.get("id_tag", "")).upper() == start.id_tag.upper()
        if (
            same_tag
            and params.get("evse_number") in {None, start.evse_number}
            and _is_unused(start, command_id)
        ):
            return command_id
    return None


def session_link_order(*, command: Command, transaction_id: str) -> None:
    """Tie a session that had begun before its remote start arrived to that order."""
    Session.objects.filter(charge_point_id=command.charge_point_id, transaction_id=transaction_id).update(
        remote_start_id=command.pk
    )


def _is_unused(start: Start, command_id: int) -> bool:
    used = Session.objects.filter(charge_point_id=start.charge_point_id, remote_start_id=command_id)
    return not used.exists()
