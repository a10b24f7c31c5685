"""What the configuration hears: restarts and ended orders. Gathered."""

from collections.abc import Set

from central.ocpp.masking import is_secret_name
from central.services.command_secrets import secrets_drop
from central.services.configuration_rounds import rounds_begin_after_boot, rounds_continue
from central.services.variables import reboots_settle
from central.signals import charge_point_booted, command_finished
from emobility.lib.bell import gathers
from emobility.lib.clock import utc_now

SECONDS = 1.0


@gathers([charge_point_booted], "charge_point_id", SECONDS)
def charge_points_booted(charge_point_ids: Set[int]) -> None:
    """What waited for a restart has had one; profiles that say so are looked after."""
    reboots_settle(charge_point_ids=charge_point_ids)
    rounds_begin_after_boot(charge_point_ids=charge_point_ids, now=utc_now())


@gathers([command_finished], "command_id", SECONDS)
def commands_ended(command_ids: Set[int]) -> None:
    """An ended order needs its secrets no more; one of a profile's round is followed by the next."""
    secrets_drop(command_ids=command_ids)
    rounds_continue(command_ids=command_ids, is_secret=is_secret_name, now=utc_now())
