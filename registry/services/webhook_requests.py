"""One request to an endpoint: its body, its headers, and what came of it. No database is touched here."""

import json
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from emobility.lib.egress import Answer, EgressError, request
from registry.models import Event, WebhookEndpoint
from registry.services.webhook_secrets import headers_of, signature

EXCERPT: Final = 1000
LONGEST_WISH: Final = timedelta(hours=1)
GONE: Final = 410


@dataclass(frozen=True, slots=True)
class Letter:
    """What is about to leave."""

    url: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a request; `wish` is how long the receiver asked us to wait."""

    status: int | None
    error: str
    excerpt: str
    duration_ms: int
    wish: timedelta | None = None

    @property
    def arrived(self) -> bool:
        """True where the receiver took it."""
        return self.status is not None and 200 <= self.status < 300


def event_body(event: Event) -> dict[str, Any]:
    """An event as others read it, the same wherever it goes. The charge point and organisation are loaded."""
    return {
        "id": event.uid,
        "type": event.kind,
        "timestamp": event.at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "position": event.position,
        "organization": event.organization.slug,
        "charge_point": event.charge_point.cp_id if event.charge_point else None,
        "subject": event.subject,
        "data": event.data,
    }


def event_text(event: Event) -> str:
    """The same as JSON in plain ASCII: whatever a charge point wrote is data, escaped."""
    return json.dumps(event_body(event), separators=(",", ":"))


def letter_write(*, endpoint: WebhookEndpoint, event: Event, now: datetime) -> Letter:
    """The request for an event: the same id and body in each attempt, signed anew."""
    body = event_text(event).encode()
    return Letter(
        endpoint.url,
        {
            "User-Agent": "E-Mobility-Platform",
            **headers_of(endpoint),
            "Content-Type": "application/json",
            "webhook-id": event.uid,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": signature(endpoint, event.uid, body, now),
        },
        body,
    )


def letter_send(letter: Letter) -> Outcome:
    """Send it under the rules of emobility.lib.egress; never raises for what the network does."""
    begun = time.monotonic()
    try:
        answer = request("POST", letter.url, headers=letter.headers, content=letter.body)
    except (EgressError, OSError, ValueError) as error:
        return Outcome(None, str(error)[:255], "", _since(begun))
    return _outcome(answer, _since(begun))


def _outcome(answer: Answer, duration_ms: int) -> Outcome:
    excerpt = answer.content[: 4 * EXCERPT].decode("utf-8", "replace").replace("\0", "")[:EXCERPT]
    error = "" if 200 <= answer.status < 300 else f"HTTP {answer.status}"
    return Outcome(answer.status, error, excerpt, duration_ms, _wish(answer.headers.get("retry-after", "")))


def _wish(value: str) -> timedelta | None:
    """Retry-After in seconds, within reason; its other form, a date, is not followed."""
    return min(timedelta(seconds=int(value)), LONGEST_WISH) if value.isdecimal() and len(value) < 8 else None


def _since(begun: float) -> int:
    return int((time.monotonic() - begun) * 1000)
