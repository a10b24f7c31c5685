"""Rows of orders: groups of charge points."""

from registry.models import ChargePoint, ChargePointGroup
from tests.support.world import World


def furnish(world: World, number: int) -> None:
    """A group with one member by hand."""
    group = ChargePointGroup.objects.create(
        organization=world.organization,
        name=f"{world.mark}-{number}",
        description=world.mark,
        rule_vendor=world.mark,
    )
    group.members.add(world.rows[ChargePoint][number])
    world.keep(group)
