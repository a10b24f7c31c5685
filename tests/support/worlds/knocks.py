"""Who knocked and was refused."""

from central.models import Knock, Refusal
from registry.models import ChargePoint
from tests.support.world import NOW, World


def furnish(world: World, number: int) -> None:
    """An unknown id, and a refusal of a known one."""
    name = f"{world.mark}-K{number}"
    world.keep(Knock.objects.create(cp_id=name, address=world.mark, first_seen=NOW, last_seen=NOW))
    point = world.rows[ChargePoint][number]
    world.keep(
        Refusal.objects.create(
            charge_point=point, reason="wrong_password", address=world.mark, hour_at=NOW, last_seen=NOW
        )
    )
