"""Reservations."""

from datetime import timedelta

from central.models import Reservation
from registry.models import ChargePoint
from tests.support.world import NOW, World


def furnish(world: World, number: int) -> None:
    """One that is held."""
    world.keep(
        Reservation.objects.create(
            organization=world.organization,
            charge_point=world.rows[ChargePoint][number],
            number=number + 1,
            evse_number=1,
            id_tag=world.mark,
            group=world.mark,
            expires_at=NOW + timedelta(hours=1),
            state="active",
            requested_at=NOW,
            changed_at=NOW,
        )
    )
