"""The state of charge points in one word, computed by the database: one definition for lists and figures.

Offline (we do not hear it) and faulted (it says so) are never mixed; what a charge point said before it went
silent does not count.
"""

from datetime import datetime
from typing import Any, Final

from django.db.models import Case, CharField, Exists, OuterRef, Prefetch, Q, QuerySet, Value, When
from django.utils.translation import gettext_lazy as _

from central.models import Connector, Session
from central.models.session import SessionState
from registry.models import ChargePoint
from registry.models.charge_point import RegistrationStatus

DEREGISTERED: Final = "deregistered"
NEW: Final = "new"
PENDING: Final = "pending"
OFFLINE: Final = "offline"
FAULTED: Final = "faulted"
CHARGING: Final = "charging"
OCCUPIED: Final = "occupied"
UNAVAILABLE: Final = "unavailable"
AVAILABLE: Final = "available"
UNTOLD: Final = "untold"
STATES: Final = {
    FAULTED: (_("Faulted"), "bad"),
    OFFLINE: (_("Offline"), "mute"),
    PENDING: (_("Waits to be accepted"), "warn"),
    UNAVAILABLE: (_("Out of service"), "warn"),
    CHARGING: (_("Charging"), "busy"),
    OCCUPIED: (_("Occupied"), "info"),
    AVAILABLE: (_("Available"), "good"),
    UNTOLD: (_("No state yet"), "mute"),
    NEW: (_("Never connected"), "mute"),
    DEREGISTERED: (_("Deregistered"), "mute"),
}
CONNECTOR_WORDS: Final = {
    "Available": (_("Available"), "good"),
    "Preparing": (_("Preparing"), "info"),
    "Occupied": (_("Occupied"), "info"),
    "Charging": (_("Charging"), "busy"),
    "SuspendedEV": (_("Paused by the car"), "info"),
    "SuspendedEVSE": (_("Paused by the charge point"), "info"),
    "Finishing": (_("Finishing"), "info"),
    "Reserved": (_("Reserved"), "info"),
    "Unavailable": (_("Out of service"), "warn"),
    "Faulted": (_("Faulted"), "bad"),
}
IN_USE: Final = ("Preparing", "Occupied", "Charging", "SuspendedEV", "SuspendedEVSE", "Finishing", "Reserved")


def with_state(rows: QuerySet[ChargePoint]) -> QuerySet[Any]:
    """Charge points with `state`: one key of STATES."""
    plugs = Connector.objects.filter(charge_point_id=OuterRef("pk"))
    sessions = Session.objects.filter(
        charge_point_id=OuterRef("pk"), state=SessionState.ACTIVE, end_seq_no=None
    )
    faulted = Q(live__status="Faulted") | Q(Exists(plugs.filter(status="Faulted")))
    out = Q(live__status="Unavailable") | (
        Q(Exists(plugs.filter(status="Unavailable"))) & ~Q(Exists(plugs.exclude(status="Unavailable")))
    )
    untold = (Q(live__status="") | Q(live=None)) & ~Q(Exists(plugs.exclude(status="")))
    return rows.annotate(
        state=Case(
            When(status=RegistrationStatus.DEREGISTERED, then=Value(DEREGISTERED)),
            When(live__connected_at=None, then=Value(NEW)),
            When(live__connection_id=None, then=Value(OFFLINE)),
            When(live__boot_status="Pending", then=Value(PENDING)),
            When(faulted, then=Value(FAULTED)),
            When(Exists(sessions), then=Value(CHARGING)),
            When(out, then=Value(UNAVAILABLE)),
            When(Exists(plugs.filter(status__in=IN_USE)), then=Value(OCCUPIED)),
            When(untold, then=Value(UNTOLD)),
            default=Value(AVAILABLE),
            output_field=CharField(),
        )
    )


def for_display(rows: QuerySet[Any]) -> QuerySet[Any]:
    """With what a list row shows, in a constant number of statements."""
    running = Session.objects.filter(state=SessionState.ACTIVE, end_seq_no=None).order_by("started_at")
    return rows.select_related("live", "site", "organization").prefetch_related(
        Prefetch("connectors", Connector.objects.select_related("evse").order_by("evse__number", "number")),
        Prefetch("sessions", running, to_attr="running"),
    )


def state_since(charge_point: Any) -> datetime | None:
    """When the state of a row of `for_display(with_state(...))` began, as far as we know."""
    live = getattr(charge_point, "live", None)
    if charge_point.state == DEREGISTERED:
        return _moment(charge_point.deregistered_at)
    if charge_point.state == NEW or live is None:
        return _moment(charge_point.registered_at)
    if charge_point.state == OFFLINE:
        return _moment(live.disconnected_at or live.last_seen)
    if charge_point.state == CHARGING and charge_point.running:
        return _moment(charge_point.running[0].started_at)
    return _status_since(charge_point, live)


def power_now(charge_point: Any) -> int | None:
    """The power of all running sessions in W; None where nothing runs or no power is reported."""
    powers = [session.power_w for session in charge_point.running if session.power_w is not None]
    return sum(powers) if powers else None


def zone_of(charge_point: Any) -> str:
    """The time zone of the place."""
    place = charge_point.site or charge_point.organization
    return str(place.time_zone)


def _status_since(charge_point: Any, live: Any) -> datetime | None:
    word = {FAULTED: "Faulted", UNAVAILABLE: "Unavailable"}.get(charge_point.state)
    times = [plug.status_at for plug in charge_point.connectors.all() if word is None or plug.status == word]
    if word is not None and live.status == word:
        times.append(live.status_at)
    known: list[datetime] = [time for time in times if time is not None]
    if not known:
        return _moment(live.connected_at)
    return min(known) if word else max(known)


def _moment(value: Any) -> datetime | None:
    return value if isinstance(value, datetime) else None
