"""Rows of orders: groups of charge points, and what orders left behind."""

from central.models import BulkCommand, BulkTarget, Command, Session, TransactionCheck, WantedAvailability
from registry.models import ChargePoint, ChargePointGroup, User
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
    bulk = BulkCommand.objects.create(
        organization=world.organization,
        order="reset",
        params={"kind": "gentle"},
        selection={"site": point.site_id, "group": group.pk},
        reason=world.mark,
        requested_by=world.rows[User][number],
        created_at=NOW,
    )
    world.keep(bulk)
    command = world.rows[Command][number]
    BulkTarget.objects.create(bulk=bulk, charge_point=point, state="ordered", command=command)
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
