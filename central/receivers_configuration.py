"""What the configuration hears: restarts and ended orders. Gathered."""

from collections.abc import Set

from central.services.command_secrets import secrets_drop
from central.services.variables import reboots_settle
from central.signals import charge_point_booted, command_finished
from emobility.lib.bell import gathers

SECONDS = 1.0


@gathers([charge_point_booted], "charge_point_id", SECONDS)
def charge_points_booted(charge_point_ids: Set[int]) -> None:
    """What waited for a restart has had one."""
    reboots_settle(charge_point_ids=charge_point_ids)


@gathers([command_finished], "command_id", SECONDS)
def commands_ended(command_ids: Set[int]) -> None:
    """An ended order needs its secrets no more."""
    secrets_drop(command_ids=command_ids)
