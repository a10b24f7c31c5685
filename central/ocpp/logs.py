"""What the orders for logs share: how parameters become a wish, and GetLog itself."""

from typing import Any, Final

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from central.models import Command
from central.ocpp.transfers import TransferParams, address_for, times, tries
from central.ocpp.vocabulary import parse_time
from central.services.logs import LogWish

SPAN: Final = {"oldestTimestamp": "oldest_at", "latestTimestamp": "latest_at"}


class LogParams(TransferParams):
    """Which stretch of time, and where the file goes."""

    oldest_at = forms.DateTimeField(
        label=_("From"), required=False, help_text=_("All that it has, where this is left out.")
    )
    latest_at = forms.DateTimeField(label=_("Until"), required=False)

    def clean(self) -> dict[str, Any]:
        """The end is not before the beginning."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        oldest, latest = values.get("oldest_at"), values.get("latest_at")
        if oldest and latest and latest < oldest:
            self.add_error("latest_at", _t("This is before the beginning."))
        return values


def wish_of(params: dict[str, Any], kind: str) -> LogWish:
    """An order's parameters as the job keeps them."""
    return LogWish(
        location=params["location"],
        kind=kind,
        oldest_at=parse_time(params["oldest_at"]) if "oldest_at" in params else None,
        latest_at=parse_time(params["latest_at"]) if "latest_at" in params else None,
        retries=params.get("retries"),
        retry_interval=params.get("retry_interval"),
    )


def get_log(version: str, command: Command, kind: str) -> tuple[str, dict[str, Any]]:
    """GetLog; requestId is the command's number. Raises ValueError for an address that is too long."""
    log = {"remoteLocation": address_for(version, command), **times(command, SPAN)}
    return "GetLog", {"requestId": command.pk, "logType": kind, "log": log, **tries(command)}
