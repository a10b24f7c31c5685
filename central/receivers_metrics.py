"""Counts what became of commands, for Prometheus."""

from collections.abc import Set
from typing import Final

from django.db.models import Count

from central.models import Command
from central.signals import command_finished
from emobility.lib import bell
from emobility.lib.metrics import counter

FINISHED: Final = counter("commands_finished", "Commands that ended", ["state"])


@bell.gathers([command_finished], "command_id", 1.0)
def count_finished(command_ids: Set[int]) -> None:
    """Commands ended: answered, given up, taken back."""
    rows = Command.objects.filter(pk__in=command_ids).order_by()
    for state, count in rows.values_list("state").annotate(Count("pk")):
        FINISHED.labels(state).inc(count)
