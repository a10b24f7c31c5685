"""Diagnostics: 1.6 GetDiagnostics (§5.9), 2.x GetLog of the diagnostics log (N01)."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from central.models import Command
from central.models.log_job import LogKind
from central.ocpp.intents import answer_of, command, order
from central.ocpp.logs import LogParams, get_log, log_place
from central.ocpp.transfers import address_for, times, tries
from central.ocpp.vocabulary import parse_time
from central.services.logs import DIAGNOSTICS, LogWish, log_answered
from registry.models import ChargePoint
from registry.rights import Right


def create(*, charge_point: ChargePoint, params: dict[str, Any], now: datetime, **common: Any) -> Command:
    """Queue it with its job."""
    kind = LogKind.DIAGNOSTICS
    return log_place(
        charge_point=charge_point, params=params, kind=kind, order=DIAGNOSTICS, now=now, **common
    )


order(
    DIAGNOSTICS,
    _("Get diagnostics"),
    explain=_(
        "The charge point uploads its diagnostics, to us or to another address. An upload that is under way"
        " may be given up for it."
    ),
    form=LogParams,
    group="logs",
    icon="troubleshoot",
    create=create,
    right=Right.SERVICE,
)


@command(DIAGNOSTICS)
def build(version: str, command: Command) -> tuple[str, dict[str, Any]]:
    """The request. Raises ValueError for an address that is too long."""
    if version != "1.6":
        return get_log(version, command, LogKind.DIAGNOSTICS_LOG)
    span = times(command, {"startTime": "oldest_at", "stopTime": "latest_at"})
    return "GetDiagnostics", {"location": address_for(version, command), **span, **tries(command)}


@answer_of("GetDiagnostics", versions=("1.6",))
def apply(command: Command, request: dict[str, Any], answer: dict[str, Any], now: datetime) -> bool:
    """The name of the file; without one there are no diagnostics."""
    wish = LogWish(
        location=request["location"],
        kind=LogKind.DIAGNOSTICS,
        oldest_at=parse_time(request["startTime"]) if "startTime" in request else None,
        latest_at=parse_time(request["stopTime"]) if "stopTime" in request else None,
        retries=request.get("retries"),
        retry_interval=request.get("retryInterval"),
    )
    name = answer.get("fileName", "")
    return log_answered(command=command, wish=wish, request_id=None, status="", file_name=name, now=now)
