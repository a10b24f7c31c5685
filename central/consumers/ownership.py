"""Whose a charge point is: taken over by a connection, given up at its end; one transaction each."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from central.consumers.switchboard import GROUP
from central.services.command_delivery import command_unknown
from central.services.connections import Opened, connection_close, connection_open
from emobility.lib import bell


def take_over(**facts: Any) -> Opened:
    """Own the charge point; what the connection before had under way, nobody will learn."""
    with transaction.atomic():
        opened = connection_open(**facts)
        if opened.replaced:
            number, connection_id = facts["charge_point_id"], facts["connection_id"]
            command_unknown(charge_point_id=number, keep_connection_id=connection_id, now=facts["now"])
            bell.publish_after_commit(GROUP, {"type": "charge_point.wake", "charge_point_id": number})
    return opened


def give_up(charge_point_id: int, connection_id: UUID, now: datetime) -> None:
    """Give the charge point up, unless a newer connection owns it; what was under way, nobody will learn."""
    with transaction.atomic():
        if connection_close(charge_point_id=charge_point_id, connection_id=connection_id, now=now):
            command_unknown(charge_point_id=charge_point_id, keep_connection_id=None, now=now)
