"""What central does when it hears a bell."""

from typing import Any

from django.dispatch import receiver

from central.signals import charge_point_disconnected, command_finished, command_queued
from emobility.lib import bell
from registry.signals import charge_point_revoked

GROUP = "charge_points"
FINISHED = "finished_commands"


@receiver(command_queued, dispatch_uid="central.wake_for_command")
def wake_for_command(charge_point_id: int, **_: Any) -> None:
    """Tell whoever holds the charge point's socket that an order waits."""
    bell.publish(GROUP, {"type": "charge_point.order", "charge_point_id": charge_point_id})


@receiver(command_finished, dispatch_uid="central.wake_for_end")
def wake_for_end(command_id: int, **_: Any) -> None:
    """Tell whoever waits for the end of an order, in any process."""
    bell.publish(FINISHED, {"type": "command.finished", "command_id": command_id})


@receiver(charge_point_disconnected, dispatch_uid="central.wake_for_disconnection")
@receiver(charge_point_revoked, dispatch_uid="central.wake_for_revocation")
def wake_for_revocation(charge_point_id: int, **_: Any) -> None:
    """Tell whoever holds the charge point's socket that it may have to end."""
    bell.publish(GROUP, {"type": "charge_point.wake", "charge_point_id": charge_point_id})
