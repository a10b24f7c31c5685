"""Logs: GetLog of 1.6's security extension and of 2.x (N01)."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from central.models import Command
from central.models.log_job import LogKind
from central.ocpp.intents import answer_of, command, order
from central.ocpp.logs import LogParams, get_log, log_place
from central.ocpp.transfers import info_of
from central.ocpp.vocabulary import parse_time
from central.services.logs import LOG, LogWish, log_answered
from registry.models import ChargePoint
from registry.rights import Right

KINDS = (LogKind.SECURITY_LOG, LogKind.DIAGNOSTICS_LOG, LogKind.DATA_COLLECTOR_LOG)


class GetLogParams(LogParams):
    """Which log."""

    log = forms.ChoiceField(
        label=_("Log"),
        choices=[(kind.value, kind.label) for kind in KINDS],
        help_text=_("The data collector's log is known to OCPP 2.1 alone."),
    )
    field_order = ("log", "location", "oldest_at", "latest_at")


def create(*, charge_point: ChargePoint, params: dict[str, Any], now: datetime, **common: Any) -> Command:
    """Queue it with its job."""
    kind = params["log"]
    return log_place(charge_point=charge_point, params=params, kind=kind, order=LOG, now=now, **common)


order(
    LOG,
    _("Get log"),
    explain=_(
        "The charge point uploads one of its logs, to us or to another address. An upload that is under way"
        " is given up for it."
    ),
    form=GetLogParams,
    group="logs",
    icon="lab_profile",
    create=create,
    newest=(f"log={LogKind.DATA_COLLECTOR_LOG}",),
    right=Right.SERVICE,
)


@command(LOG)
def build(version: str, command: Command) -> tuple[str, dict[str, Any]]:
    """The request. Raises ValueError for an address that is too long and a log that the version lacks."""
    kind = command.params["log"]
    if kind == LogKind.DATA_COLLECTOR_LOG and version != "2.1":
        raise ValueError(f"OCPP {version} has no log of a data collector.")
    return get_log(version, command, kind)


@answer_of("GetLog")
def apply(command: Command, request: dict[str, Any], answer: dict[str, Any], now: datetime) -> bool:
    """Taken, taken instead of another one (AcceptedCanceled), or refused; the name of the file."""
    log = request["log"]
    wish = LogWish(
        location=log["remoteLocation"],
        kind=request["logType"],
        oldest_at=parse_time(log["oldestTimestamp"]) if "oldestTimestamp" in log else None,
        latest_at=parse_time(log["latestTimestamp"]) if "latestTimestamp" in log else None,
        retries=request.get("retries"),
        retry_interval=request.get("retryInterval"),
    )
    return log_answered(
        command=command,
        wish=wish,
        request_id=request["requestId"],
        status=answer["status"],
        file_name=answer.get("filename", ""),
        info=info_of(answer),
        now=now,
    )
