"""What the orders for logs share: how parameters become a wish, and GetLog itself."""

from datetime import datetime
from typing import Any, Final

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from central.models import Command
from central.ocpp.transfers import TransferParams, address_for, check_location, times, tries
from central.ocpp.vocabulary import parse_time
from central.services.log_uploads import log_upload_address, own_address_check
from central.services.logs import LogWish, log_request
from central.services.transfers import location_sealed
from registry.models import ChargePoint

SPAN: Final = {"oldestTimestamp": "oldest_at", "latestTimestamp": "latest_at"}


class LogParams(TransferParams):
    """Which stretch of time, and where the file goes."""

    location = forms.CharField(
        label=_("Address"),
        max_length=2000,
        required=False,
        validators=[check_location],
        help_text=_(
            "Empty: here. The charge point gets an address for this one file. Otherwise as the charge point"
            " reaches it: https://, sftp://, ftps://, ftp:// or http://."
        ),
    )
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


def log_place(
    *, charge_point: ChargePoint, params: dict[str, Any], kind: str, now: datetime, **common: Any
) -> Command:
    """Queue an order for a log with its job; without an address the file comes to us.

    Raises Invalid and Conflict where no address of ours can be given.
    """
    digest = ""
    if "location" not in params:
        own_address_check(charge_point=charge_point)
        address, digest = log_upload_address()
        params = {**params, "location": address}
    return log_request(
        charge_point=charge_point,
        wish=wish_of(params, kind),
        digest=digest,
        params=location_sealed(params),
        now=now,
        **common,
    )


def get_log(version: str, command: Command, kind: str) -> tuple[str, dict[str, Any]]:
    """GetLog; requestId is the command's number. Raises ValueError for an address that is too long."""
    log = {"remoteLocation": address_for(version, command), **times(command, SPAN)}
    return "GetLog", {"requestId": command.pk, "logType": kind, "log": log, **tries(command)}
