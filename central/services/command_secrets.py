"""Secrets of orders: kept apart and encrypted until the order has ended, then gone."""

import json
from collections.abc import Set
from typing import Any

from central.models import Command, CommandSecret
from central.services.variables import HIDDEN
from central.services.whole_orders import FINAL


def command_secret_keep(*, command: Command, content: dict[str, Any]) -> None:
    """Keep what an order needs and its parameters do not show."""
    if content:
        CommandSecret.objects.create(command=command, content=json.dumps(content))


def command_secret(command: Command) -> dict[str, Any]:
    """What was kept; nothing where nothing was, or it is gone."""
    kept = CommandSecret.objects.filter(command=command).first()
    return dict(json.loads(kept.content)) if kept else {}


def with_secrets(command: Command, params: dict[str, Any]) -> dict[str, Any]:
    """The parameters with their secrets filled in. Raises ValueError where they are gone."""
    secrets = command_secret(command)
    filled = {name: secrets.get(name, value) for name, value in params.items()}
    if HIDDEN in filled.values():
        raise ValueError("The secrets of this order are gone: order it anew.")
    return filled


def secrets_drop(*, command_ids: Set[int] | None = None) -> int:
    """Delete the secrets of orders that have ended (of all of them where no ids are given); how many."""
    ended = CommandSecret.objects.filter(command__state__in=FINAL)
    if command_ids is not None:
        ended = ended.filter(command_id__in=command_ids)
    return ended.delete()[0]
