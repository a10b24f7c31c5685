"""Wanted availability: what a place agreed to be."""

from datetime import datetime

from central.models import WantedAvailability
from central.services.statuses import LARGEST_CONNECTOR
from central.signals import charge_point_changed
from emobility.lib.bell import after_commit
from registry.services.events import event_append


def availability_wanted(
    *,
    charge_point_id: int,
    organization_id: int,
    evse_number: int,
    connector_number: int,
    wanted: str,
    scheduled: bool,
    command_id: int | None,
    now: datetime,
) -> WantedAvailability | None:
    """Keep the wish of a place (EVSE 0: the charge point; connector 0: the whole EVSE); the latest counts.

    None for numbers that cannot exist.
    """
    if not (0 <= evse_number <= LARGEST_CONNECTOR and 0 <= connector_number <= LARGEST_CONNECTOR):
        return None
    row, _made = WantedAvailability.objects.update_or_create(
        charge_point_id=charge_point_id,
        evse_number=evse_number,
        connector_number=connector_number,
        defaults={"wanted": wanted, "scheduled": scheduled, "command_id": command_id, "at": now},
    )
    event_append(
        organization_id=organization_id,
        charge_point_id=charge_point_id,
        kind="availability.wanted",
        subject=wanted,
        data={
            "evse": evse_number,
            "connector": connector_number,
            "wanted": wanted,
            "scheduled": scheduled,
        },
        now=now,
    )
    after_commit(charge_point_changed, charge_point_id=charge_point_id)
    return row
