"""What reservations and charging profiles hear: sessions, connectors, commands. Gathered."""

from collections.abc import Set
from typing import Any

from django.dispatch import receiver

from central.services.charging_profiles import profiles_end, profiles_undelivered
from central.services.profile_reports import reports_undelivered
from central.services.reservation_ends import reservations_free, reservations_use
from central.services.reservations import reservation_undelivered
from central.signals import command_finished, connector_changed, session_ended, session_started
from emobility.lib import bell
from emobility.lib.clock import utc_now

SECONDS = 1.0


@receiver(session_started, dispatch_uid="central.reservation_of_session")
def session_began(session_id: int, **_: Any) -> None:
    """A session may use a reservation."""
    _began.add(session_id)


@receiver(session_ended, dispatch_uid="central.profiles_of_session")
def session_over(session_id: int, **_: Any) -> None:
    """The charging profiles of a session end with it."""
    _over.add(session_id)


@receiver(connector_changed, dispatch_uid="central.reservation_of_connector")
def connector_moved(connector_id: int, **_: Any) -> None:
    """A connector that is free again is reserved no more."""
    _moved.add(connector_id)


@receiver(command_finished, dispatch_uid="central.charging_of_command")
def command_ended(command_id: int, **_: Any) -> None:
    """An order that ended without an answer leaves nothing behind."""
    _ended.add(command_id)


def _use(session_ids: Set[int]) -> None:
    reservations_use(session_ids=session_ids, now=utc_now())


def _end(session_ids: Set[int]) -> None:
    profiles_end(session_ids=session_ids, now=utc_now())


def _free(connector_ids: Set[int]) -> None:
    reservations_free(connector_ids=connector_ids, now=utc_now())


def _give_up(command_ids: Set[int]) -> None:
    now = utc_now()
    reservation_undelivered(command_ids=command_ids, now=now)
    profiles_undelivered(command_ids=command_ids, now=now)
    reports_undelivered(command_ids=command_ids, now=now)


_began = bell.Gather(_use, SECONDS)
_over = bell.Gather(_end, SECONDS)
_moved = bell.Gather(_free, SECONDS)
_ended = bell.Gather(_give_up, SECONDS)
