"""What the log is made of: frames, acts of people, and what the platform found odd; one form for all.

Each source is a table that only grows at its end, so its key is the order in which its rows came. Warnings
are sessions that wait for a person, events of transactions that fit none, faults that were reported,
security events, refused connections, orders that failed, and alarms of connections and of monitors.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Case, CharField, F, Q, QuerySet, Value, When
from django.db.models.functions import Concat

from central.models import Command, Message, Refusal, SecurityEvent, Session, SessionEvent, StatusChange
from central.models.message import MessageKind
from central.models.security_event import Severity
from central.selectors.figures import FAILED
from central.selectors.messages import messages_with_text
from registry.models import AuditEntry, Event
from registry.rights import Right

MESSAGES, AUDIT, WARNINGS = "messages", "audit", "warnings"
INFO, WARNING, ERROR = "info", "warning", "error"
ALARMS: Final = ("monitor.fault", "charge_point.connection_alarm")
BAD: Final = (MessageKind.ERROR, MessageKind.RESULT_ERROR, MessageKind.MALFORMED)
Rows = QuerySet[Any]


def _contains(*columns: str) -> Callable[[Rows, str], Rows]:
    """Rows of which one of the columns contains the text, whatever its case."""

    def search(rows: Rows, text: str) -> Rows:
        found = Q()
        for column in columns:
            found |= Q(**{f"{column}__icontains": text})
        return rows.filter(found)

    return search


@dataclass(frozen=True, slots=True)
class Source:
    """A table as a part of the log: its time, level, action, sentence and data by columns or expressions."""

    name: str
    type: str
    rows: Callable[[], Rows]
    at: str
    level: Any
    action: Any
    text: Any
    data: Sequence[str]
    search: Callable[[Rows, str], Rows]
    charge_point: str = "charge_point__cp_id"
    right: Right = Right.INSPECT

    def told(self, rows: Rows) -> "QuerySet[Any, dict[str, Any]]":
        """The rows in the form of the log."""
        return rows.values(
            "id",
            *self.data,
            log_at=F(self.at),
            log_level=self.level,
            log_action=self.action,
            log_text=self.text,
            log_charge_point=F(self.charge_point) if self.charge_point else Value(None, CharField()),
        )


def entry_of(source: Source, row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of `Source.told` as the log shows it."""
    return {
        "id": f"{source.name}-{row['id']}",
        "type": source.type,
        "source": source.name,
        "level": row["log_level"],
        "at": row["log_at"],
        "charge_point": row["log_charge_point"],
        "action": row["log_action"],
        "text": row["log_text"],
        "data": {name.rpartition("__")[2] if "__" in name else name: row[name] for name in source.data},
    }


def _level(**levels: Q) -> Any:
    return Case(*(When(where, Value(level)) for level, where in levels.items()), default=Value(INFO))


def _words(*parts: Any) -> Any:
    """A sentence of columns and words."""
    return Concat(
        *(F(part[1:]) if part.startswith("$") else Value(part) for part in parts), output_field=CharField()
    )


SOURCES: Final = (
    Source(
        name="message",
        type=MESSAGES,
        rows=Message.objects.all,
        at="at",
        level=_level(error=Q(kind__in=BAD)),
        action=F("action"),
        text=_words("$direction", " ", "$action", " ", "$error_code"),
        data=("direction", "kind", "message_id", "payload", "error_code", "latency_ms"),
        search=messages_with_text,
    ),
    Source(
        name="audit",
        type=AUDIT,
        rows=AuditEntry.objects.all,
        at="at",
        level=Value(INFO),
        action=F("action"),
        text=_words("$actor", ": ", "$action", " ", "$object_id"),
        data=("actor", "object_type", "object_id", "before", "after", "remote_address"),
        search=_contains("actor", "action", "object_id"),
        charge_point="",
        right=Right.AUDIT,
    ),
    Source(
        name="review",
        type=WARNINGS,
        rows=lambda: Session.objects.filter(needs_review=True),
        at="updated_at",
        level=Value(WARNING),
        action=Value("session.needs_review"),
        text=_words("Session ", "$transaction_id", " waits for a person"),
        data=("uid", "transaction_id", "review_reasons"),
        search=_contains("transaction_id", "review_reasons"),
    ),
    Source(
        name="quarantine",
        type=WARNINGS,
        rows=lambda: SessionEvent.objects.exclude(quarantine_reason=""),
        at="received_at",
        level=Value(WARNING),
        action=Value("session_event.quarantined"),
        text=_words("An event fits no session: ", "$quarantine_reason"),
        data=("kind", "quarantine_reason"),
        search=_contains("kind", "quarantine_reason"),
    ),
    Source(
        name="fault",
        type=WARNINGS,
        rows=lambda: StatusChange.objects.filter(status="Faulted"),
        at="received_at",
        level=Value(ERROR),
        action=Value("connector.faulted"),
        text=_words("Faulted: ", "$error_code"),
        data=("evse_number", "connector_number", "error_code"),
        search=_contains("error_code"),
    ),
    Source(
        name="security_event",
        type=WARNINGS,
        rows=SecurityEvent.objects.all,
        at="received_at",
        level=_level(error=Q(severity=Severity.CRITICAL), warning=Q(severity=Severity.ORDINARY)),
        action=F("kind"),
        text=_words("$kind", " ", "$tech_info"),
        data=("severity", "tech_info", "is_open", "note"),
        search=_contains("kind", "tech_info"),
    ),
    Source(
        name="refusal",
        type=WARNINGS,
        rows=Refusal.objects.all,
        at="last_seen",
        level=Value(WARNING),
        action=Value("connection.refused"),
        text=_words("A connection was refused: ", "$reason"),
        data=("reason", "address", "total"),
        search=_contains("reason", "address"),
    ),
    Source(
        name="failed_command",
        type=WARNINGS,
        rows=lambda: Command.objects.filter(state__in=FAILED),
        at="created_at",
        level=Value(WARNING),
        action=Value("command.failed"),
        text=_words("$order", " ", "$state", " ", "$error"),
        data=("uid", "order", "state", "error"),
        search=_contains("order", "state", "error"),
    ),
    Source(
        name="alarm",
        type=WARNINGS,
        rows=lambda: Event.objects.filter(kind__in=ALARMS),
        at="at",
        level=Value(ERROR),
        action=F("kind"),
        text=_words("$kind", " ", "$subject"),
        data=("subject", "data"),
        search=_contains("kind", "subject"),
    ),
)
