"""REST: the message log, every frame in both directions, secrets masked."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django_filters import CharFilter

from central.api.records import record
from central.models import Message
from central.selectors.messages import LONGEST_TEXT, messages_with_text


def with_text(rows: QuerySet[Message], name: str, value: str) -> QuerySet[Message]:
    """The filter `text`."""
    return messages_with_text(rows, value)


viewset: Any = record(
    "messages",
    Message,
    fields=(
        "charge_point",
        "connection_id",
        "direction",
        "kind",
        "action",
        "message_id",
        "payload",
        "error_code",
        "size",
        "latency_ms",
        "at",
    ),
    filters=("direction", "kind", "action", "message_id", "error_code", "connection_id"),
    time_field="at",
    ordering=(),
)
# The last of the filters: it looks only at what the others leave.
viewset.filterset_class.base_filters["text"] = CharFilter(
    method=with_text,
    label=_("Text in the payload, among the newest messages that the other filters leave."),
    max_length=LONGEST_TEXT,
)
