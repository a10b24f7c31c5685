"""Positions of events: one sequence without gaps, given after the commit.

Keys cannot be a cursor: a transaction that took a lower key may commit later, and a reader that went past
it would never see it. Positions are given to committed events only, by one numberer at a time, in
transactions one after the other. So whoever sees a position sees all before it.
"""

from typing import Final

from django.db import connection, transaction

from registry.models import Event, EventReader
from registry.models.event import SEQUENCE

BATCH: Final = 1000

_NUMBER = """
UPDATE registry_event SET position = %s + waiting.place FROM (
  SELECT id AS event_id, ROW_NUMBER() OVER (ORDER BY id) AS place FROM (
    SELECT id FROM registry_event WHERE position IS NULL ORDER BY id LIMIT %s) AS oldest) AS waiting
WHERE registry_event.id = waiting.event_id
"""


def events_wait() -> bool:
    """True where an event has no position yet."""
    return Event.objects.filter(position=None).order_by("id").exists()


def events_number(*, limit: int = BATCH) -> int:
    """Give positions to the oldest events without one; how many. 0 also where another process is at it."""
    if not events_wait():
        return 0
    with transaction.atomic():
        EventReader.objects.get_or_create(name=SEQUENCE)
        reader = EventReader.objects.select_for_update(skip_locked=True).filter(name=SEQUENCE).first()
        if reader is None:
            return 0
        with connection.cursor() as cursor:
            cursor.execute(_NUMBER, [reader.position, limit])
            count: int = cursor.rowcount
        EventReader.objects.filter(pk=reader.pk).update(position=reader.position + count)
    return count


def newest_position() -> int:
    """The position of the latest numbered event; 0 where there is none."""
    found = EventReader.objects.filter(name=SEQUENCE).values_list("position", flat=True).first()
    return found or 0
