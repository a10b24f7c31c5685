"""The device model: variables, monitors, events, streams, reports, profiles."""

from central.models import (
    ConfigurationProfile,
    DeviceEvent,
    DeviceReport,
    EventStream,
    EventStreamValue,
    NetworkProfile,
    Variable,
    VariableMonitor,
)
from central.services.device_places import Place
from registry.models import ChargePoint
from tests.support.world import NOW, World


def furnish(world: World, number: int) -> None:
    """One of each."""
    point, mark = world.rows[ChargePoint][number], world.mark
    place = Place("TxUpdatedInterval", "SampledDataCtrlr", component_instance=mark).columns
    own = {"charge_point": point}
    attributes = {"Actual": {"value": mark, "mutability": "ReadWrite", "changed_at": NOW.isoformat()}}
    world.keep(
        Variable.objects.create(
            **own, **place, value=mark, unit="s", attributes=attributes, source="read", changed_at=NOW
        )
    )
    world.keep(
        VariableMonitor.objects.create(
            **own, **place, number=7, monitor_type="Delta", value=1.5, severity=3, told_at=NOW
        )
    )
    world.keep(
        DeviceEvent.objects.create(
            **own,
            **place,
            event_id=number,
            at=NOW,
            received_at=NOW,
            trigger="Delta",
            event_notification_type="CustomMonitor",
            actual_value=mark,
            severity=3,
            cause=number,
            monitor_number=7,
            transaction_id=mark,
            digest=f"{mark}-{number}",
        )
    )
    stream = world.keep(EventStream.objects.create(**own, number=4, monitor_number=7, opened_at=NOW))
    world.keep(
        EventStreamValue.objects.create(**own, stream=stream, at=NOW, value=mark, digest="d", received_at=NOW)
    )
    world.keep(
        DeviceReport.objects.create(
            **own,
            number=9,
            kind="variables",
            base=mark,
            state="incomplete",
            parts={"0": "a", "2": "c"},
            last_part=3,
            opened_at=NOW,
            heard_at=NOW,
        )
    )
    world.keep(
        NetworkProfile.objects.create(
            **own,
            slot=1,
            csms_url=f"wss://{mark}.example",
            security_profile=2,
            interface="Wired0",
            word="Accepted",
            told_at=NOW,
        )
    )
    world.keep(
        ConfigurationProfile.objects.create(
            organization=world.organization,
            name=f"{mark}-{number}",
            description=mark,
            values=[{"name": "HeartbeatInterval", "value": "300"}],
        )
    )
