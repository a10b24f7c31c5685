"""Whose a charge point is: taken over by a connection, given up at its end; rounds of one transaction each.

What the connection before had under way, nobody will learn.
"""

from collections.abc import Sequence
from typing import Final

from django.db import transaction

from central.consumers.switchboard import GROUP
from central.ocpp.crossing import Crossing
from central.services.command_delivery import command_unknown, commands_under_way
from central.services.connections import Closing, Opened, Opening, connections_close, connections_open
from central.services.statements import wait_briefly
from emobility.lib import bell


def _take_over(openings: Sequence[Opening], alone: bool) -> Sequence[Opened | None]:
    with transaction.atomic():
        if not alone:
            wait_briefly()
        found = connections_open(openings, waits=alone)
        for opening, opened in zip(openings, found, strict=True):
            if opened is not None and opened.replaced:
                _replaced(opening)
    return found


def _replaced(opening: Opening) -> None:
    number = opening.charge_point_id
    command_unknown(charge_point_id=number, keep_connection_id=opening.connection_id, now=opening.now)
    bell.publish_after_commit(GROUP, {"type": "charge_point.wake", "charge_point_id": number})


def _give_up(closings: Sequence[Closing], alone: bool) -> Sequence[bool | None]:
    with transaction.atomic():
        if not alone:
            wait_briefly()
        closed = connections_close(closings, waits=alone)
        ended = {one.charge_point_id: one for one, done in zip(closings, closed, strict=True) if done}
        for number in commands_under_way(ended):
            command_unknown(charge_point_id=number, keep_connection_id=None, now=ended[number].now)
    return closed


take_over: Final = Crossing(_take_over)
"""Own the charge point."""
give_up: Final = Crossing(_give_up)
"""Give the charge point up, unless a newer connection owns it."""
