"""The table of vendor messages (DataTransfer, 1.6 §4.3 and §5.5, 2.x P01, P02): who understands which one.

A vendor is one file in central/ocpp/vendors:

    @vendor("org.example", message="Hello")
    def hello(ctx: Context, data: dict[str, Any]) -> tuple[str, Any]:
        return ACCEPTED, {"welcome": data["name"]}
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeVar

import orjson
from django.db import transaction

from central.models import Command
from central.ocpp.context import Context
from central.ocpp.errors import OcppError
from central.ocpp.intents import answer_of
from central.ocpp.masking import masked
from central.ocpp.router import DoubleRegistration
from central.services.data_transfers import data_transfer_record
from emobility.lib.errors import DomainError

ACCEPTED: Final = "Accepted"
REJECTED: Final = "Rejected"
UNKNOWN_MESSAGE: Final = "UnknownMessageId"
UNKNOWN_VENDOR: Final = "UnknownVendorId"

_NUL: Final = "\\u0000"
"""What no database keeps inside JSON; such a text stays a text."""

Answer = tuple[str, Any]
"""(status, data): data goes out as it is in 2.x, as JSON text in 1.6, not at all where it is None."""
Handle = Callable[[Context, Any], Answer]
Apply = Callable[[Command, Any, dict[str, Any], datetime], bool]
F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class VendorEntry:
    """Who handles a vendor's message; `raw` handlers take any data, the others objects only."""

    vendor: str
    message: str | None
    handle: Handle
    raw: bool = False


INCOMING: Final[dict[str, dict[str | None, VendorEntry]]] = {}
"""vendor -> message (None: any) -> who handles it. Both are compared without regard to case (CiString)."""
OUTGOING: Final[dict[tuple[str, str | None], Apply]] = {}
"""(vendor, message) -> what the answer to our vendor message means."""


def vendor(vendor_id: str, *, message: str | None = None, raw: bool = False) -> Callable[[F], F]:
    """Register `handle(ctx, data) -> (status, data)` for a vendor's message, or all that no other handles.

    Data that is JSON in a text arrives parsed, no data as {}. A DomainError or OcppError of the handler
    means that the data cannot be used: Rejected, and nothing that it wrote stays. With `raw` anything is
    handed over, text and None too. Raises DoubleRegistration.
    """

    def register(function: F) -> F:
        of_vendor = INCOMING.setdefault(vendor_id.casefold(), {})
        _put(of_vendor, _key(message), VendorEntry(vendor_id, message, function, raw))
        return function

    return register


def vendor_answer(vendor_id: str, *, message: str | None = None) -> Callable[[F], F]:
    """Register `apply(command, data, answer, now) -> accepted?` for the answer to our own vendor message.

    `data` is what was sent, `answer` is `{"status", "data"}`; both data parsed. Raises DoubleRegistration.
    """

    def register(function: F) -> F:
        _put(OUTGOING, (vendor_id.casefold(), _key(message)), function)
        return function

    return register


def vendor_serve(ctx: Context, vendor_id: str, message: str, data: Any) -> Answer:
    """What a vendor message is answered with; a fault of the handler itself is raised as it is."""
    of_vendor = INCOMING.get(vendor_id.casefold())
    if of_vendor is None:
        return UNKNOWN_VENDOR, None
    entry = of_vendor.get(_key(message)) or of_vendor.get(None)
    if entry is None:
        return UNKNOWN_MESSAGE, None
    if not entry.raw:
        data = {} if data is None else data
        if not isinstance(data, dict):
            return REJECTED, None
    try:
        with transaction.atomic():
            return entry.handle(ctx, data)
    except (DomainError, OcppError):
        return REJECTED, None


def vendor_request(version: str, vendor_id: str, message: str, data: Any) -> tuple[str, dict[str, Any]]:
    """Our vendor message as (action, payload): what `@command` functions of vendor orders return."""
    payload = {"vendorId": vendor_id, "messageId": message, "data": written(version, data)}
    return "DataTransfer", {name: value for name, value in payload.items() if value not in (None, "")}


def written(version: str, data: Any) -> Any:
    """Data as the version carries it: text in 1.6 (JSON where it is none), anything in 2.x."""
    if version != "1.6" or data is None or isinstance(data, str):
        return data
    return orjson.dumps(data).decode()


def parsed(data: Any) -> Any:
    """Data that is a JSON object or list inside a text, as such; everything else as it is."""
    if not isinstance(data, str) or not data.lstrip().startswith(("{", "[")) or _NUL in data:
        return data
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        return data


@answer_of("DataTransfer")
def apply_answer(command: Command, request: dict[str, Any], answer: dict[str, Any], now: datetime) -> bool:
    """Keep message and answer, then hand them to the vendor's file; without one its status decides."""
    vendor_id, message = request["vendorId"].casefold(), _key(request.get("messageId"))
    apply = OUTGOING.get((vendor_id, message)) or OUTGOING.get((vendor_id, None))
    read = {"status": answer["status"], "data": parsed(answer.get("data"))}
    data_transfer_record(
        charge_point_id=command.charge_point_id,
        vendor_id=request["vendorId"],
        vendor_message_id=request.get("messageId", ""),
        data=masked("DataTransfer", parsed(request.get("data"))),
        status=answer["status"],
        answer=masked("DataTransfer", read["data"]),
        command_id=command.pk,
        now=now,
    )
    if apply is None:
        return bool(read["status"] == ACCEPTED)
    return apply(command, parsed(request.get("data")), read, now)


def _key(message: str | None) -> str | None:
    return message.casefold() if message else None


def _put(table: dict[Any, Any], key: Any, value: Any) -> None:
    if key in table:
        raise DoubleRegistration(f"{key} is registered twice.")
    table[key] = value
