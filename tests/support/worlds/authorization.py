"""Policies and local lists."""

from central.models import AuthorizationPolicy, LocalList, LocalListEntry
from registry.models import ChargePoint
from tests.support.world import NOW, World


def furnish(world: World, number: int) -> None:
    """A policy that says nothing and a list of one tag, for a charge point."""
    point = world.rows[ChargePoint][number]
    world.keep(AuthorizationPolicy.objects.create(organization=world.organization, charge_point=point))
    row = world.keep(LocalList.objects.create(charge_point=point, version=1, state="in_step", state_at=NOW))
    world.keep(
        LocalListEntry.objects.create(
            local_list=row, uid=world.mark, uid_key=world.mark, info={"status": "Accepted"}
        )
    )
