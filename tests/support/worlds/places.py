"""Where one charges: EVSEs, connectors, their states and the connection over time."""

from central.models import Connector, Evse, OfflineSpan, StatusChange
from registry.models import ChargePoint
from tests.support.world import NOW, World


def furnish(world: World, number: int) -> None:
    """Two EVSEs of one connector each, a state of one, and a moment without a connection."""
    point = world.rows[ChargePoint][number]
    for evse_number in (1, 2):
        evse = world.keep(Evse.objects.create(charge_point=point, number=evse_number))
        world.keep(
            Connector.objects.create(
                charge_point=point,
                evse=evse,
                number=1,
                status="Charging",
                status_at=NOW,
                error_code="NoError",
            )
        )
    world.keep(OfflineSpan.objects.create(charge_point=point, began_at=NOW, ended_at=NOW))
    world.keep(
        StatusChange.objects.create(
            charge_point=point,
            evse_number=1,
            connector_number=1,
            status="Charging",
            at=NOW,
            received_at=NOW,
        )
    )
