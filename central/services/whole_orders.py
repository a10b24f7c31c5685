"""Orders of several commands: one to people, so their states are seen together on the first command."""

from collections.abc import Iterable
from typing import Final

from django.db.models import Q, QuerySet

from central.models import Command
from central.models.command import CommandState
from central.signals import command_finished
from emobility.lib.bell import after_commit

FINAL: Final = frozenset(CommandState.values) - {CommandState.QUEUED, CommandState.SENT}
_WORST_FIRST: Final = (
    CommandState.SENT,
    CommandState.QUEUED,
    CommandState.FAILED,
    CommandState.TIMED_OUT,
    CommandState.UNKNOWN,
    CommandState.REJECTED,
    CommandState.EXPIRED,
    CommandState.CANCELLED,
    CommandState.ACCEPTED,
)


def first_of(command: Command) -> Command:
    """The command by which people know the order."""
    return command.part_of or command


def commands_of(command: Command) -> QuerySet[Command]:
    """All commands of the order that `command` belongs to, in the order of sending."""
    number = command.part_of_id or command.pk
    return Command.objects.filter(Q(pk=number) | Q(part_of=number)).order_by("pk")


def part_add(*, first: Command, part: Command) -> None:
    """Let `part` belong to the order of `first`; only the first one's attempts are asked for by people."""
    part.part_of, part.max_attempts = first, first.max_attempts
    part.save(update_fields=["part_of", "max_attempts"])
    whole_note(part)


def whole_note(command: Command) -> None:
    """Note the state of the whole order after `command` changed; costs nothing where it is alone."""
    if not command.part_of_id and not command.whole:
        return
    first = Command.objects.select_for_update(no_key=True).get(pk=command.part_of_id or command.pk)
    whole = together(commands_of(first).values_list("state", flat=True))
    if whole != first.whole:
        Command.objects.filter(pk=first.pk).update(whole=whole)
        if whole in FINAL and command.pk != first.pk:
            after_commit(command_finished, command_id=first.pk)


def together(states: Iterable[str]) -> str:
    """One state for several: under way while one is, else the worst."""
    found = set(states)
    return next((state.value for state in _WORST_FIRST if state in found), "")
