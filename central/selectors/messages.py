"""Searching the message log: by what its columns say, and by text in the payloads, within bounds."""

from collections.abc import Collection
from datetime import datetime
from typing import Final

from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast

from central.models import Message
from central.models.message import Direction

SEARCHED: Final = 20_000
"""Payloads that a search for text looks through: the newest of those that fulfil everything else."""
LONGEST_TEXT: Final = 200


def messages_with_text(messages: QuerySet[Message], text: str) -> QuerySet[Message]:
    """Those of the newest SEARCHED rows whose payload contains `text`, whatever its case."""
    text = text.strip().replace("\x00", "")[:LONGEST_TEXT]
    if not text:
        return messages
    oldest = messages.order_by("-id").values_list("id", flat=True)[SEARCHED - 1 : SEARCHED].first()
    near = messages if oldest is None else messages.filter(id__gte=oldest)
    return near.annotate(payload_text=Cast("payload", TextField())).filter(payload_text__icontains=text)


def frames_received(charge_point_id: int, times: Collection[datetime]) -> dict[datetime, int]:
    """The message log's rows of what a charge point sent at these times, as far as they are kept."""
    rows = Message.objects.filter(charge_point_id=charge_point_id, direction=Direction.IN, at__in=times)
    return dict(rows.values_list("at", "pk"))
