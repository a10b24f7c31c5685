"""DER controls, reports and alarms."""

from central.models import DerAlarm, DerControl, DerReport
from registry.models import ChargePoint
from tests.support.world import NOW, World


def furnish(world: World, number: int) -> None:
    """A control in force, a whole report, an alarm that is on."""
    point = world.rows[ChargePoint][number]
    world.keep(
        DerControl.objects.create(
            charge_point=point,
            control_id=f"{world.mark}-{number}",
            control_type="VoltWatt",
            settings={"priority": 0, "note": world.mark},
            state="active",
            changed_at=NOW,
            started_at=NOW,
        )
    )
    world.keep(
        DerReport.objects.create(
            charge_point=point,
            request_id=number,
            scope={"control_id": world.mark},
            found=[f"{world.mark}-{number}"],
            state="complete",
            asked_at=NOW,
            changed_at=NOW,
        )
    )
    world.keep(
        DerAlarm.objects.create(
            charge_point=point,
            control_type="VoltWatt",
            fault="OverVoltage",
            started_at=NOW,
            info=world.mark,
            received_at=NOW,
        )
    )
