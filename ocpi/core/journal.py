"""The OCPI message log: one row for each request with its answer, secrets masked, large bodies left out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final

from django.db import connection
from psycopg.types.json import Jsonb

from central.services.statements import statement_rows
from emobility.lib.logs import MASK
from ocpi.core.envelope import dump, load
from ocpi.core.errors import BodyUnreadable
from ocpi.core.figures import call_count
from ocpi.core.routing import MessageIds
from ocpi.models import Exchange, Partner
from registry.models import Organization

LARGEST_BODY = 64 * 1024


@dataclass(slots=True)
class Record:
    """What is known of one exchange; filled while it goes on."""

    organization: Organization
    outgoing: bool
    method: str
    url: str
    ids: MessageIds
    at: datetime
    partner: Partner | None = None
    module: str = ""
    request_body: Any = None
    response_body: Any = None
    http_status: int | None = None
    status_code: int | None = None
    error: str = ""
    duration_ms: int | None = None
    handshake: str = ""


def readable(content: bytes) -> Any:
    """A body for the log: parsed, or a note where it is no JSON or too large."""
    if not content:
        return None
    if len(content) > LARGEST_BODY:
        return {"left_out": f"{len(content)} bytes"}
    try:
        return load(content)
    except BodyUnreadable:
        return {"unreadable": content[:200].decode("utf-8", "replace").replace("\x00", "")}


def masked(value: Any) -> Any:
    """The same without credentials tokens: the `token` of a credentials object, alone or in an envelope."""
    if not isinstance(value, dict):
        return value
    result = dict(value)
    if isinstance(result.get("token"), str):
        result["token"] = MASK
    if isinstance(result.get("data"), dict):
        result["data"] = masked(result["data"])
    return result


def write(record: Record) -> None:
    """Store the exchange, and count it."""
    call_count(
        outgoing=record.outgoing,
        module=record.module,
        http_status=record.http_status,
        status_code=record.status_code,
    )
    _store(
        {
            "organization_id": record.organization.pk,
            "partner_id": record.partner.pk if record.partner else None,
            "outgoing": record.outgoing,
            "method": record.method[:7],
            "url": record.url[:500],
            "module": record.module[:30],
            "request_id": record.ids.request_id[:64],
            "correlation_id": record.ids.correlation_id[:64],
            "request_body": _sized(masked(record.request_body)),
            "response_body": _sized(masked(record.response_body)),
            "http_status": record.http_status,
            "status_code": record.status_code if record.status_code in range(32768) else None,
            "error": record.error[:255],
            "duration_ms": record.duration_ms,
            "at": record.at,
            "handshake": record.handshake,
        }
    )


BODIES: Final = frozenset({"request_body", "response_body"})


def _store(values: Mapping[str, Any]) -> None:
    """One row; every request writes one, so its statement is not built anew each time."""
    if connection.vendor != "postgresql":
        Exchange.objects.create(**values)
        return
    given = [
        Jsonb(value) if name in BODIES and value is not None else value for name, value in values.items()
    ]
    statement_rows(_insert(tuple(values)), given)


@cache
def _insert(columns: tuple[str, ...]) -> str:
    marks = ", ".join(["%s"] * len(columns))
    table = Exchange._meta.db_table  # noqa: SLF001 -- Django's documented name
    return f'INSERT INTO "{table}" ({", ".join(columns)}) VALUES ({marks})'  # noqa: S608 -- no value in it


def _sized(value: Any) -> Any:
    if value is None or isinstance(value, str | int | float):
        return value
    content = dump(value)
    return value if len(content) <= LARGEST_BODY else {"left_out": f"{len(content)} bytes"}
