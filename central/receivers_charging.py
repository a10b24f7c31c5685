"""What reservations and charging profiles hear: sessions, connectors, commands. Gathered."""

from collections.abc import Set

from central.services.charging_profiles import profiles_end, profiles_undelivered
from central.services.profile_reports import reports_undelivered
from central.services.reservation_ends import reservations_free, reservations_use
from central.services.reservations import reservation_undelivered
from central.services.start_profiles import profiles_begin
from central.signals import command_finished, connector_changed, session_ended, session_started
from emobility.lib.bell import gathers
from emobility.lib.clock import utc_now

SECONDS = 1.0


@gathers([session_started], "session_id", SECONDS)
def sessions_began(session_ids: Set[int]) -> None:
    """A session may use a reservation, and is limited by the profile that its remote start brought."""
    now = utc_now()
    reservations_use(session_ids=session_ids, now=now)
    profiles_begin(session_ids=session_ids, now=now)


@gathers([session_ended], "session_id", SECONDS)
def sessions_over(session_ids: Set[int]) -> None:
    """The charging profiles of a session end with it."""
    profiles_end(session_ids=session_ids, now=utc_now())


@gathers([connector_changed], "connector_id", SECONDS)
def connectors_moved(connector_ids: Set[int]) -> None:
    """A connector that is free again is reserved no more."""
    reservations_free(connector_ids=connector_ids, now=utc_now())


@gathers([command_finished], "command_id", SECONDS)
def commands_ended(command_ids: Set[int]) -> None:
    """An order that ended without an answer leaves nothing behind."""
    now = utc_now()
    reservation_undelivered(command_ids=command_ids, now=now)
    profiles_undelivered(command_ids=command_ids, now=now)
    reports_undelivered(command_ids=command_ids, now=now)
