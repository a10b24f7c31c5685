"""What cars need and how they mean to charge (2.x K15-K20), kept with their session and answered by rule."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings

from central.models import ChargingNeeds, ChargingProfile, Command, EvSchedule, Session
from central.models.charging_profile import Kind, ProfileState, Purpose
from central.models.session import SessionState
from central.services.charging_plans import plan, wanted_of
from central.services.charging_profiles import profile_request
from central.services.charging_rules import Profile
from central.services.schedules import limit_at, start_of, steps
from emobility.lib.errors import DomainError
from registry.models import ChargePoint
from registry.services.events import event_append

REPEAT: Final = timedelta(minutes=1)
"""Within this time the same words are a repeat of the message; a schedule is due by then (K15.FR.08)."""
PLAN: Final = "PLAN"
EXTERNAL: Final = "EXTERNAL"
TOLERANCE: Final = 1.001


@dataclass(frozen=True, slots=True)
class Told:
    """A message about the car at an EVSE; `at` is the charge point's time."""

    organization_id: int
    charge_point_id: int
    evse_number: int
    at: datetime


def needs_record(
    *,
    told: Told,
    needs: Mapping[str, Any],
    departure_at: datetime | None,
    most_periods: int | None,
    start_text: str,
    refusal: str,
    now: datetime,
) -> str:
    """Keep what a car needs and return the answer's status; `refusal` is the version's word for no profile.

    OCPP_CHARGING_NEEDS decides: a plan of ours is ordered at once (Accepted, K15.FR.03), another system will
    set a profile through the API (Processing, K15.FR.05), or there is none (K15.FR.04).
    """
    known = _same_needs(told, needs, now)
    if known is not None:
        return known.status
    session = _session(told)
    status, command = _decide(told, session, needs, departure_at, start_text, refusal, now)
    wanted = wanted_of(needs)
    direct = needs.get("dcChargingParameters") or {}
    row = ChargingNeeds.objects.create(
        organization_id=told.organization_id,
        charge_point_id=told.charge_point_id,
        session=session,
        evse_number=told.evse_number,
        status=status,
        at=told.at,
        received_at=now,
        transfer=needs["requestedEnergyTransfer"],
        departure_at=departure_at,
        energy_wh=_whole(wanted.energy_wh),
        max_power_w=_whole(wanted.max_power_w),
        state_of_charge=_percent(direct.get("stateOfCharge")),
        control_mode=needs.get("controlMode", ""),
        max_schedule_tuples=most_periods if most_periods is not None and 0 <= most_periods < 2**31 else None,
        needs=dict(needs),
        command=command,
    )
    _tell(told, "charging_needs.told", {"needs": row.pk, "status": status}, now)
    return status


def ev_schedule_record(
    *,
    told: Told,
    time_base: datetime,
    schedule: Mapping[str, Any],
    selected: int | None = None,
    tolerance_accepted: bool | None = None,
    now: datetime,
) -> str:
    """Keep how a car means to charge; Rejected where it exceeds its profile (K15.FR.11, K15.FR.12)."""
    known = EvSchedule.objects.filter(
        charge_point_id=told.charge_point_id, evse_number=told.evse_number, time_base=time_base
    ).first()
    if known is not None and known.schedule == schedule:
        return known.status
    session = _session(told)
    profile = _installed(session)
    status = "Accepted" if _fits(profile, schedule, selected, time_base) else "Rejected"
    if status == "Rejected" and profile is not None and settings.OCPP_CHARGING_NEEDS == PLAN:
        _negotiate_anew(profile, now)
    row = EvSchedule.objects.create(
        organization_id=told.organization_id,
        charge_point_id=told.charge_point_id,
        session=session,
        evse_number=told.evse_number,
        status=status,
        at=told.at,
        received_at=now,
        time_base=time_base,
        schedule=dict(schedule),
        selected=selected,
        tolerance_accepted=tolerance_accepted,
    )
    _tell(told, "ev_schedule.told", {"ev_schedule": row.pk, "status": status}, now)
    return status


def _decide(
    told: Told,
    session: Session | None,
    needs: Mapping[str, Any],
    departure_at: datetime | None,
    start_text: str,
    refusal: str,
    now: datetime,
) -> tuple[str, Command | None]:
    if settings.OCPP_CHARGING_NEEDS == EXTERNAL:
        return "Processing", None
    schedule = plan(wanted_of(needs), departure_at, now) if settings.OCPP_CHARGING_NEEDS == PLAN else None
    if schedule is None or session is None:
        return refusal, None
    profile = Profile(
        purpose=Purpose.TX,
        kind=Kind.ABSOLUTE,
        evse_number=told.evse_number,
        transaction_id=session.transaction_id,
        schedules=[{**schedule, "startSchedule": start_text}],
    )
    point = ChargePoint.objects.get(pk=told.charge_point_id)
    try:
        command = profile_request(
            charge_point=point, profile=profile, reason="charging needs", ttl=REPEAT, now=now
        )
    except DomainError:
        return refusal, None
    return "Accepted", command


def _same_needs(told: Told, needs: Mapping[str, Any], now: datetime) -> ChargingNeeds | None:
    latest = ChargingNeeds.objects.filter(
        charge_point_id=told.charge_point_id, evse_number=told.evse_number
    ).first()
    if latest is None or latest.needs != needs or now - latest.received_at >= REPEAT:
        return None
    return latest


def _session(told: Told) -> Session | None:
    """The session that runs at the EVSE."""
    rows = Session.objects.filter(
        charge_point_id=told.charge_point_id, evse_number=told.evse_number, state=SessionState.ACTIVE
    )
    return rows.order_by("-started_at").first()


def _installed(session: Session | None) -> ChargingProfile | None:
    """The profile of the session that counts."""
    rows = ChargingProfile.objects.filter(session=session, purpose=Purpose.TX, state=ProfileState.INSTALLED)
    return rows.order_by("-stack_level", "-id").first() if session is not None else None


def _negotiate_anew(row: ChargingProfile, now: datetime) -> None:
    """Send the profile once more, so that the charge point negotiates with the car (K15.FR.13, K16)."""
    profile = Profile(
        purpose=row.purpose,
        kind=row.kind,
        evse_number=row.evse_number,
        stack_level=row.stack_level,
        transaction_id=row.transaction_id,
        schedules=row.schedules,
        options=row.options,
    )
    orders = ChargingProfile.objects.filter(session=row.session_id, requested_at__gt=now - REPEAT)
    if orders.exclude(pk=row.pk).exists():
        return
    with suppress(DomainError):
        profile_request(
            charge_point=row.charge_point,
            profile=profile,
            number=row.number,
            reason="negotiate anew",
            now=now,
        )


def _fits(
    row: ChargingProfile | None, schedule: Mapping[str, Any], selected: int | None, time_base: datetime
) -> bool:
    """Within the installed profile of the session; true where there is none to compare with."""
    if row is None:
        return True
    ours = next((each for each in row.schedules if each.get("id") == selected), row.schedules[0])
    start = start_of(ours)
    if start is None or ours.get("chargingRateUnit") != schedule.get("chargingRateUnit"):
        return True
    ahead = (time_base - start).total_seconds()
    moments = {step.start for step in steps(schedule)} | {step.start - ahead for step in steps(ours)}
    return all(_below(limit_at(schedule, each), limit_at(ours, each + ahead)) for each in moments)


def _below(theirs: float | None, ours: float | None) -> bool:
    return theirs is None or ours is None or theirs <= ours * TOLERANCE


def _whole(value: float | None) -> int | None:
    return round(value) if value is not None and abs(value) < 2**62 else None


def _percent(value: int | None) -> int | None:
    return value if value is not None and 0 <= value <= 100 else None


def _tell(told: Told, kind: str, data: dict[str, Any], now: datetime) -> None:
    event_append(
        organization_id=told.organization_id,
        charge_point_id=told.charge_point_id,
        kind=kind,
        subject=str(told.evse_number),
        data=data,
        now=now,
    )
