"""Drivers' preferences: kept with the session, answered by what can be done, ordered where something can.

CHEAP and GREEN: the energy asked for, spread evenly until departure, as a profile of the session. FAST and
REGULAR: that profile goes; FAST gets priority where the charge point has a profile for it (2.1 K21).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import transaction

from central.models import ChargingPreference, ChargingProfile, Command, Session
from central.models.charging_preference import Preference
from central.models.charging_profile import Kind, ProfileState, Purpose
from central.models.command import CommandState
from central.services.charging_plans import VOLTS, Wanted, plan
from central.services.charging_profiles import THERE, profile_request
from central.services.charging_rules import Profile
from central.services.commands import command_create
from registry.services.events import event_append

ACCEPTED: Final = "ACCEPTED"
DEPARTURE_REQUIRED: Final = "DEPARTURE_REQUIRED"
ENERGY_NEED_REQUIRED: Final = "ENERGY_NEED_REQUIRED"
NOT_POSSIBLE: Final = "NOT_POSSIBLE"
NOT_SUPPORTED: Final = "PROFILE_TYPE_NOT_SUPPORTED"
SPREAD: Final = frozenset({Preference.CHEAP, Preference.GREEN})
ON_ITS_WAY: Final = (CommandState.QUEUED, CommandState.SENT, CommandState.ACCEPTED)
REASON: Final = "charging preferences"
LEAST_CURRENT: Final = 6.0
"""A: with less an AC car stops charging (IEC 61851-1)."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a driver wants: energy in Wh from now on, `departure_at` as expected."""

    profile_type: str
    departure_at: datetime | None = None
    energy_wh: int | None = None
    discharge_allowed: bool = False


@dataclass(frozen=True, slots=True)
class Outlet:
    """Where the car stands: power in W where it is known, phases (0: DC), and whether the price fits.

    `has_tariff`: a tariff of the wish's type holds here; without one the type is not supported.
    """

    max_power_w: int | None
    phases: int
    has_tariff: bool
    ocpp_version: str = ""


def preference_answer(wish: Wish, outlet: Outlet, now: datetime) -> str:
    """ChargingPreferencesResponse (OCPI 2.2.1 §9.4.1): the first thing that stands against it."""
    spread = wish.profile_type in SPREAD
    faults = {
        NOT_SUPPORTED: wish.profile_type != Preference.REGULAR and not outlet.has_tariff,
        DEPARTURE_REQUIRED: spread and wish.departure_at is None,
        ENERGY_NEED_REQUIRED: spread and not wish.energy_wh,
        NOT_POSSIBLE: _is_too_much(wish, outlet, now),
    }
    return next((fault for fault, holds in faults.items() if holds), ACCEPTED)


def _is_too_much(wish: Wish, outlet: Outlet, now: datetime) -> bool:
    """True for a departure that has passed, and for more energy than the EVSE can give until then."""
    if wish.departure_at is None:
        return False
    hours = (wish.departure_at - now).total_seconds() / 3600
    most = outlet.max_power_w
    return hours <= 0 or bool(wish.energy_wh and most and wish.energy_wh > most * hours)


def preference_set(
    *, session: Session, wish: Wish, outlet: Outlet, told_by: str, now: datetime
) -> ChargingPreference:
    """Keep a wish with its answer; what is accepted is ordered, and holds until the next one is.

    Raises what ordering raises (Invalid, Conflict). Sending the same again changes nothing at the charger.
    """
    status = preference_answer(wish, outlet, now)
    with transaction.atomic():
        session = Session.objects.select_for_update(of=("self",)).get(pk=session.pk)
        command = None
        if status == ACCEPTED:
            held = _held(session, wish)
            if held is not None:
                return held
            command = _ordered(session, wish, outlet, now)
            session.charging_preference = "" if wish.profile_type == Preference.REGULAR else wish.profile_type
            session.save(update_fields=["charging_preference", "updated_at"])
        row = ChargingPreference.objects.create(
            organization_id=session.organization_id,
            charge_point_id=session.charge_point_id,
            session=session,
            evse_number=session.evse_number,
            status=status,
            at=now,
            received_at=now,
            profile_type=wish.profile_type,
            departure_at=wish.departure_at,
            energy_wh=wish.energy_wh,
            discharge_allowed=wish.discharge_allowed,
            told_by=told_by[:100],
            command=command,
        )
        _tell(row, now)
    return row


def _held(session: Session, wish: Wish) -> ChargingPreference | None:
    """The latest wish where it is this one and its order has not failed: it was only sent again."""
    latest = ChargingPreference.objects.filter(session=session, status=ACCEPTED).order_by("-pk").first()
    if latest is None or (latest.command is not None and latest.command.state not in ON_ITS_WAY):
        return None
    said = (latest.profile_type, latest.departure_at, latest.energy_wh, latest.discharge_allowed)
    asked = (wish.profile_type, wish.departure_at, wish.energy_wh, wish.discharge_allowed)
    return latest if said == asked else None


def _ordered(session: Session, wish: Wish, outlet: Outlet, now: datetime) -> Command | None:
    """What the charge point has to do for it; None where nothing has to change there."""
    if wish.profile_type in SPREAD:
        return _spread(session, wish, outlet, now)
    command = _lifted(session, now)
    priority = _priority(session, wish, outlet, now)
    return priority or command


def _spread(session: Session, wish: Wish, outlet: Outlet, now: datetime) -> Command | None:
    wanted = Wanted(wish.energy_wh, outlet.max_power_w, outlet.phases, VOLTS, LEAST_CURRENT)
    schedule = plan(wanted, wish.departure_at, now)
    if schedule is None:
        return None
    start = now.isoformat(timespec="seconds").replace("+00:00", "Z")
    profile = Profile(
        purpose=Purpose.TX,
        kind=Kind.ABSOLUTE,
        evse_number=session.evse_number,
        transaction_id=session.transaction_id,
        schedules=[{**schedule, "startSchedule": start}],
    )
    return profile_request(charge_point=session.charge_point, profile=profile, reason=REASON, now=now)


def _lifted(session: Session, now: datetime) -> Command | None:
    """Take back what an earlier wish limits; limits of others stay."""
    rows = ChargingProfile.objects.filter(
        session=session,
        purpose=Purpose.TX,
        state__in=(*THERE, ProfileState.WANTED),
        command__reason=REASON,
    )
    number = rows.order_by("-id").values_list("number", flat=True).first()
    if number is None:
        return None
    return _order(session, "profile_clear", {"profile_id": number}, now)


def _priority(session: Session, wish: Wish, outlet: Outlet, now: datetime) -> Command | None:
    """Priority for FAST; its end where an earlier wish had it."""
    fast = wish.profile_type == Preference.FAST
    if outlet.ocpp_version != "2.1" or fast == (session.charging_preference == Preference.FAST):
        return None
    profiles = ChargingProfile.objects.filter(
        charge_point=session.charge_point_id,
        purpose=Purpose.PRIORITY,
        state__in=THERE,
        evse_number__in=(0, session.evse_number),
    )
    if not profiles.exists():
        return None
    params = {"transaction_id": session.transaction_id, "activate": fast}
    return _order(session, "priority_charging", params, now)


def _order(session: Session, order: str, params: Mapping[str, Any], now: datetime) -> Command:
    return command_create(
        charge_point=session.charge_point, order=order, params=params, reason=REASON, now=now
    )


def _tell(row: ChargingPreference, now: datetime) -> None:
    event_append(
        organization_id=row.organization_id,
        charge_point_id=row.charge_point_id,
        kind="charging_preference.told",
        subject=str(row.session.uid) if row.session else "",
        data={"preference": row.pk, "profile_type": row.profile_type, "status": row.status},
        now=now,
    )
