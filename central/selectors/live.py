"""Which connection owns a charge point now, may it stay, and does an order wait for it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from central.models import ChargePointStatus, Command
from central.models.command import CommandState
from registry.models.charge_point import RegistrationStatus

CHUNK = 1000


@dataclass(frozen=True, slots=True)
class Ownership:
    """The owner's connection and what an open socket was admitted by."""

    connection_id: UUID | None
    registered: bool
    token_version: int


def ownerships(charge_point_ids: Collection[int]) -> dict[int, Ownership]:
    """Ownership by charge point; those without a live row are missing."""
    found: dict[int, Ownership] = {}
    for chunk in _chunks(charge_point_ids):
        rows = ChargePointStatus.objects.filter(charge_point_id__in=chunk).values_list(
            "charge_point_id", "connection_id", "charge_point__status", "charge_point__token_version"
        )
        for charge_point_id, connection_id, status, token_version in rows:
            registered = status == RegistrationStatus.REGISTERED
            found[charge_point_id] = Ownership(connection_id, registered, token_version)
    return found


def waiting_for_orders(charge_point_ids: Collection[int], now: datetime) -> set[int]:
    """The charge points for which a queued command is still valid, and due."""
    queued = Command.objects.filter(state=CommandState.QUEUED, expires_at__gt=now).exclude(not_before__gt=now)
    found: set[int] = set()
    for chunk in _chunks(charge_point_ids):
        found.update(queued.filter(charge_point_id__in=chunk).values_list("charge_point_id", flat=True))
    return found


def orders_under_way(command_ids: Collection[int]) -> set[int]:
    """Which of these orders still have a command, or a part, without an end."""
    found: set[int] = set()
    open_states = (CommandState.QUEUED, CommandState.SENT)
    for chunk in _chunks(command_ids):
        rows = Command.objects.filter(pk__in=chunk)
        under_way = Q(whole__in=open_states) | Q(whole="", state__in=open_states)
        found.update(rows.filter(under_way).values_list("pk", flat=True))
    return found


def _chunks(ids: Collection[int]) -> list[list[int]]:
    """SQLite takes a limited number of parameters in one statement."""
    ordered = sorted(ids)
    return [ordered[start : start + CHUNK] for start in range(0, len(ordered), CHUNK)]
