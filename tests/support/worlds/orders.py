"""Rows of orders: groups of charge points, and what orders left behind."""

from central.models import Session, TransactionCheck, WantedAvailability
from registry.models import ChargePoint, ChargePointGroup
from tests.support.world import NOW, World


def furnish(world: World, number: int) -> None:
    """A group with one member by hand, a wish of its availability, a check of its transaction."""
    point, session = world.rows[ChargePoint][number], world.rows[Session][number]
    group = ChargePointGroup.objects.create(
        organization=world.organization,
        name=f"{world.mark}-{number}",
        description=world.mark,
        rule_vendor=world.mark,
    )
    group.members.add(point)
    world.keep(group)
    world.keep(
        WantedAvailability.objects.create(charge_point=point, evse_number=1, wanted="Inoperative", at=NOW)
    )
    world.keep(
        TransactionCheck.objects.create(
            charge_point=point,
            session=session,
            transaction_id=session.transaction_id,
            ongoing=True,
            messages_in_queue=False,
            at=NOW,
        )
    )
