"""Which session a stop or meter value means: by its number, else by connector and time (1.6 errata 3.18)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Q, QuerySet

from central.models import Session
from central.models.session import SessionState
from central.services.authorization import same_holder
from central.services.reviews import SKEW_LIMIT

NO_TRANSACTION: Final = frozenset({"", "-1", "0"})
"""What charge points write that never learned the number of their transaction."""


@dataclass(frozen=True, slots=True)
class Stop:
    """What a charge point says of a transaction's end; `at` is its own time, energy in Wh."""

    charge_point_id: int
    transaction_id: str
    at: datetime
    meter_wh: int
    id_tag: str = ""
    reason: str = ""

    @property
    def names_unknown_transaction(self) -> bool:
        """True where it names a number that is not the session's: another system may have given it."""
        return self.transaction_id not in NO_TRANSACTION


def open_sessions(charge_point_ids: Iterable[int]) -> Q:
    """Sessions without a real end."""
    not_ended = Q(state=SessionState.ACTIVE) | Q(provisional_end=True)
    return Q(charge_point_id__in=list(charge_point_ids)) & not_ended


def locked_sessions(condition: Q) -> QuerySet[Session]:
    """Sessions locked in the order of their keys, so that two writers never wait for each other."""
    return Session.objects.select_for_update().filter(condition).order_by("pk")


def session_of_stop(stop: Stop) -> Session | None:
    """The locked session that a 1.6 stop ends: by number within the charge point, else the one that fits."""
    by_number = Q(charge_point_id=stop.charge_point_id, transaction_id=stop.transaction_id)
    found = locked_sessions(by_number & Q(ocpp_version="1.6")).first()
    if found is not None:
        return found
    possible = [
        session
        for session in locked_sessions(open_sessions([stop.charge_point_id]) & Q(ocpp_version="1.6"))
        if _fits(session, stop)
    ]
    return possible[0] if len(possible) == 1 else None


def _fits(session: Session, stop: Stop) -> bool:
    if session.started_at > stop.at + SKEW_LIMIT:
        return False
    if session.meter_start_wh is not None and stop.meter_wh < session.meter_start_wh:
        return False
    if stop.names_unknown_transaction and not stop.id_tag:
        return False
    return same_holder(session, stop.id_tag)


def session_at(sessions: Iterable[Session], evse_number: int, at: datetime) -> Session | None:
    """Of these open sessions the one that charged at an EVSE at a time: the latest that had begun."""
    here = [
        session
        for session in sessions
        if session.evse_number == evse_number and session.started_at <= at + SKEW_LIMIT
    ]
    return max(here, key=lambda session: session.started_at, default=None)
