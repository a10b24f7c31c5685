"""Charging profiles, limits, schedules, needs and signals."""

from typing import Any

from central.models import (
    ChargingLimit,
    ChargingNeeds,
    ChargingPreference,
    ChargingProfile,
    CompositeSchedule,
    EvSchedule,
    PowerSignal,
    ProfileReport,
    Session,
)
from registry.models import ChargePoint
from tests.support.world import NOW, World

SCHEDULE = {
    "id": 1,
    "startSchedule": "2026-03-02T12:00:00Z",
    "chargingRateUnit": "W",
    "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 11000}, {"startPeriod": 3600, "limit": 4000.5}],
}


def furnish(world: World, number: int) -> None:
    """One of each."""
    session = world.rows[Session][number]
    place: dict[str, Any] = {
        "organization": world.organization,
        "charge_point": world.rows[ChargePoint][number],
        "evse_number": 1,
    }
    report = world.keep(
        ProfileReport.objects.create(
            **place, number=number, criteria={"x": world.mark}, requested_at=NOW, changed_at=NOW
        )
    )
    world.keep(
        ChargingProfile.objects.create(
            **place,
            number=number + 1,
            purpose="TxProfile",
            kind="Absolute",
            transaction_id=world.mark,
            session=session,
            schedules=[SCHEDULE],
            unit="W",
            lowest=4000,
            highest=11000,
            state="installed",
            report=report,
            requested_at=NOW,
            changed_at=NOW,
        )
    )
    world.keep(ChargingLimit.objects.create(**place, source=world.mark, schedules=[SCHEDULE], at=NOW))
    world.keep(CompositeSchedule.objects.create(**place, starts_at=NOW, schedule=SCHEDULE, at=NOW))
    told = {**place, "session": session, "at": NOW, "received_at": NOW}
    world.keep(ChargingNeeds.objects.create(**told, transfer="DC", needs={"x": world.mark}))
    world.keep(ChargingPreference.objects.create(**told, profile_type="FAST", told_by=world.mark))
    world.keep(EvSchedule.objects.create(**told, time_base=NOW, schedule=SCHEDULE))
    world.keep(PowerSignal.objects.create(**told, kind="priority", transaction_id=world.mark))
