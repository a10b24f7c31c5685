"""What firmware, logs and display messages hear: orders that ended. Gathered."""

from collections.abc import Set
from typing import Any

from django.dispatch import receiver

from central.services.jobs import jobs_undelivered
from central.signals import command_finished
from emobility.lib import bell
from emobility.lib.clock import utc_now

SECONDS = 1.0


@receiver(command_finished, dispatch_uid="central.jobs_of_command")
def command_ended(command_id: int, **_: Any) -> None:
    """An order that ended without an answer ends its job."""
    _ended.add(command_id)


def _settle(command_ids: Set[int]) -> None:
    jobs_undelivered(command_ids=command_ids, now=utc_now())


_ended = bell.Gather(_settle, SECONDS)
