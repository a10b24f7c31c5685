"""What requests about charging profiles become: orders to the charge point of a session (OCPI 2.2.1 §14)."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Max, Q, QuerySet

from central.models import ChargingLimit, ChargingProfile, Command, Session
from central.models.charging_profile import Purpose
from central.models.session import SessionState
from ocpi.core.facts import session_id
from ocpi.models import ReceivedCommand
from ocpi.models.command import ACCEPTED
from ocpi.selectors.partners import endpoint_url
from ocpi.selectors.smart_charging import can_limit
from ocpi.services.command_orders import session_of
from ocpi.services.received_commands import SOURCE, Asked, Ordered, Refused, command_keep, place_order

MODULE: Final = "chargingprofiles"
SET, CLEAR, GET, ACTIVE = "SET_PROFILE", "CLEAR_PROFILE", "GET_PROFILE", "ACTIVE_PROFILE"
MOST: Final = 6
"""Requests about one session in a minute."""
MINUTE: Final = timedelta(minutes=1)
ACTIVE_SECONDS: Final = 3600
"""How far ahead a change is told: 5 to 60 minutes (§14.4.2.2)."""
LIMITS: Final = ("profile_set", "profile_clear", "dynamic_schedule_update", "priority_charging")
LOST_BELLS: Final = timedelta(minutes=2)


def profile_set(asked: Asked) -> Ordered:
    """A TxProfile for the session; it replaces the one that is there (§14.4.1.2)."""
    session = _session(asked)
    params = {
        "purpose": Purpose.TX.value,
        "session": str(session.uid),
        "kind": "Absolute" if asked.body["charging_profile"].get("start_date_time") else "Relative",
        "schedules": [_schedule(asked.body["charging_profile"])],
    }
    return Ordered(place_order(asked, session.charge_point, "profile_set", params), session=session)


def profile_clear(asked: Asked) -> Ordered:
    """The session's profile goes; UNKNOWN where there is none (§14.4.1.3)."""
    session = _session(asked)
    number = (
        ChargingProfile.objects.filter(session=session, purpose=Purpose.TX, state__in=("sent", "installed"))
        .order_by("-id")
        .values_list("number", flat=True)
        .first()
    )
    if number is None:
        return Ordered(session=session, result="UNKNOWN")
    command = place_order(asked, session.charge_point, "profile_clear", {"profile_id": number})
    return Ordered(command, session=session)


def profile_get(asked: Asked) -> Ordered:
    """The composite schedule of the session's EVSE (§14.4.1.1)."""
    session = _session(asked)
    params = {"duration": asked.body["duration"], "evse_number": session.evse_number}
    return Ordered(place_order(asked, session.charge_point, "composite_schedule", params), session=session)


def _session(asked: Asked) -> Session:
    session = session_of(asked.partner, asked.body["session_id"])
    recent = ReceivedCommand.objects.filter(
        partner=asked.partner, module=MODULE, session=session, created_at__gt=asked.now - MINUTE
    )
    if asked.kind != ACTIVE and recent.exclude(kind=ACTIVE).count() >= MOST:
        raise Refused("TOO_OFTEN", f"More than {MOST} requests in a minute.")
    if can_limit(session.charge_point_id) is False:
        raise Refused("NOT_SUPPORTED", "The charge point takes no charging profiles.")
    return session


def _schedule(profile: Mapping[str, Any]) -> dict[str, Any]:
    """A ChargingProfile of OCPI as ChargingScheduleType of OCPP 2.1."""
    start, duration = profile.get("start_date_time"), profile.get("duration")
    lowest = profile.get("min_charging_rate")
    schedule: dict[str, Any] = {
        "chargingRateUnit": profile["charging_rate_unit"],
        "chargingSchedulePeriod": [
            {"startPeriod": each["start_period"], "limit": float(each["limit"])}
            for each in profile.get("charging_profile_period") or ()
        ],
    }
    if start is not None:
        schedule["startSchedule"] = start.isoformat().replace("+00:00", "Z")
    if duration is not None:
        schedule["duration"] = duration
    if lowest is not None:
        schedule["minChargingRate"] = float(lowest)
    return schedule


def active_profiles_ask(*, command_ids: Collection[int], now: datetime) -> None:
    """Have plans looked at where orders that were not the partner's own changed limits."""
    orders = Command.objects.filter(pk__in=command_ids, order__in=LIMITS, state="accepted")
    places = set(orders.exclude(source=SOURCE).values_list("charge_point_id", flat=True))
    if places:
        active_profiles_at(charge_point_ids=places, now=now)


def active_profiles_at(*, charge_point_ids: Collection[int], now: datetime) -> None:
    """Ask what becomes of sessions there whose partner set a profile.

    The answer goes to the partner by itself (§14.4.2.2).
    """
    latest: dict[tuple[int, int | None], ReceivedCommand] = {}
    rows = _followed().filter(session__charge_point_id__in=charge_point_ids)
    related = ("partner__organization", "session__charge_point", "session__reserved")
    for row in rows.select_related(*related).order_by("pk"):
        latest[row.partner_id, row.session_id] = row
    for row in latest.values():
        _ask(row, now)


def active_profiles_missing(*, now: datetime) -> None:
    """What a lost bell left: a limit of another system that changed since a partner was last told."""
    since = now - LOST_BELLS
    changed = ChargingLimit.objects.filter(Q(at__gte=since) | Q(ended_at__gte=since))
    moments: dict[int, datetime] = {}
    for place, at, ended_at in changed.values_list("charge_point_id", "at", "ended_at"):
        moments[place] = max(moments.get(place, since), at, ended_at or at)
    if not moments:
        return
    asked = dict(
        ReceivedCommand.objects.filter(kind=ACTIVE, session__charge_point__in=moments)
        .values_list("session__charge_point_id")
        .annotate(Max("created_at"))
    )
    late = {place for place, moment in moments.items() if asked.get(place, since) < moment}
    active_profiles_at(charge_point_ids=late, now=now)


def _followed() -> QuerySet[ReceivedCommand]:
    """Profiles that partners set for sessions that still run."""
    return ReceivedCommand.objects.filter(
        module=MODULE, kind=SET, result=ACCEPTED, session__state=SessionState.ACTIVE
    )


def _ask(row: ReceivedCommand, now: datetime) -> None:
    endpoint = endpoint_url(row.partner, MODULE, "SENDER")
    if endpoint is None or row.session is None:
        return
    uid = session_id(row.session)
    body = {"session_id": uid, "duration": ACTIVE_SECONDS, "response_url": f"{endpoint}/{uid}"}
    if ReceivedCommand.objects.filter(
        kind=ACTIVE, session=row.session, partner=row.partner, result="", deadline_at__gt=now
    ).exists():
        return
    asked = Asked(row.partner, MODULE, ACTIVE, row.version, body, body, now)
    command_keep(asked=asked, act=profile_get)
