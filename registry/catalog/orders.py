"""Kinds about orders to charge points, and about the lists kept there."""

from typing import Final

from registry.catalog.charge_points import CHARGE_POINT
from registry.catalog.kinds import Kind, kinds, kinds_alike

_COMMAND: Final = {
    "command_id": "integer: our command",
    "uid": "text: its uid, as in the address of /api/commands/<uid>/",
}

kinds_alike(
    __name__,
    {
        "command.queued": "An order was placed.",
        "command.accepted": "The charge point accepted an order.",
        "command.rejected": "The charge point refused an order.",
        "command.failed": "An order failed: the charge point answered with an error.",
        "command.timed_out": "A charge point did not answer an order in time.",
        "command.unknown": "Whether an order arrived, nobody knows: its connection was lost under way.",
        "command.expired": "An order was not sent in time.",
        "command.cancelled": "An order was withdrawn.",
    },
    subject="name of the order",
    data=_COMMAND,
)
kinds(
    __name__,
    Kind(
        "command.tried_again",
        "An order that came to nothing waits for its next attempt.",
        "name of the order",
        {**_COMMAND, "attempts": "integer: attempts so far"},
    ),
)
kinds_alike(
    __name__,
    {
        "bulk_command.confirmed": "An order to many charge points was confirmed.",
        "bulk_command.cancelled": "The rest of an order to many charge points was withdrawn.",
    },
    subject="name of the order",
    data={"uid": "text: uid of the bulk command"},
)
kinds(
    __name__,
    Kind(
        "local_list.synced",
        "A charge point's list of tags is what it should be.",
        CHARGE_POINT,
        {"version": "integer: version of the list", "entries": "integer: tags on it"},
    ),
    Kind(
        "local_list.failed",
        "A charge point did not take its list of tags.",
        CHARGE_POINT,
        {"status": "text: its answer"},
    ),
)
