"""Connections that nobody holds any more: of silent charge points, and of processes that died.

A socket that is closed gives its charge point up by itself. What is left are rows of a killed process:
they end when the charge point connects again, at the latest when it has been silent for too long. A server
that is the only one of its database forgets them all when it starts.
"""

from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from central.models import ChargePointStatus
from central.services.command_delivery import command_unknown
from central.services.connections import Closing, connection_close

LEAST_SILENCE: Final = timedelta(minutes=2)
INTERVALS: Final = 3
BATCH: Final = 10_000


def silence_limit() -> timedelta:
    """How long a connected charge point may be silent: three heartbeat intervals, at least two minutes."""
    return max(timedelta(seconds=INTERVALS * settings.OCPP_HEARTBEAT_INTERVAL), LEAST_SILENCE)


def connections_end_silent(*, now: datetime) -> int:
    """Give up connections that were silent for too long; orders under way there become unknown. How many."""
    return _end(ChargePointStatus.objects.filter(last_seen__lt=now - silence_limit()), now)


def connections_forget(*, before: datetime, now: datetime) -> int:
    """Give up every connection from `before`: for the start of a database's only server. How many."""
    return _end(ChargePointStatus.objects.filter(connected_at__lt=before), now)


def _end(rows: QuerySet[ChargePointStatus], now: datetime) -> int:
    owned = rows.filter(connection_id__isnull=False).values_list("charge_point_id", "connection_id")
    ended = 0
    for charge_point_id, connection_id in owned.order_by("pk")[:BATCH]:
        if connection_id is None:
            continue
        with transaction.atomic():
            if connection_close(Closing(charge_point_id, connection_id, now)):
                command_unknown(charge_point_id=charge_point_id, keep_connection_id=None, now=now)
                ended += 1
    return ended
