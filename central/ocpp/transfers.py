"""What orders share that send a file to or from an address: form fields, parts of requests."""

from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from central.models import Command
from central.ocpp.vocabulary import format_time, parse_time
from central.services.transfers import location_is_usable, location_of

LOCATION_LIMITS: Final = {"1.6": 512, "2.0.1": 512, "2.1": 2000}
"""Characters of an address (the security extension's limit is taken for all of 1.6)."""


def check_location(location: str) -> None:
    """Any host will do, but the scheme must be one that charge points know. Raises ValidationError."""
    if not location_is_usable(location):
        raise ValidationError(_("An address that begins with ftp, ftps, sftp, http or https is needed."))


class TransferParams(forms.Form):
    """Where the file is or goes, and how often it is tried."""

    location = forms.CharField(
        label=_("Address"),
        max_length=2000,
        validators=[check_location],
        help_text=_("As the charge point reaches it: https://, sftp://, ftps://, ftp:// or http://."),
    )
    retries = forms.IntegerField(
        label=_("Tries"),
        min_value=0,
        max_value=1000,
        required=False,
        help_text=_("How often it tries; its own choice where this is left out."),
    )
    retry_interval = forms.IntegerField(
        label=_("Seconds between tries"), min_value=0, max_value=7 * 24 * 3600, required=False
    )


def address_for(version: str, command: Command) -> str:
    """The address of the order. Raises ValueError where the version cannot carry one so long."""
    location = location_of(command.params)
    if len(location) > LOCATION_LIMITS[version]:
        raise ValueError(f"OCPP {version} takes addresses of up to {LOCATION_LIMITS[version]} characters.")
    return location


def tries(command: Command) -> dict[str, Any]:
    """`retries` and `retryInterval` where they were given."""
    named = {"retries": "retries", "retryInterval": "retry_interval"}
    return {theirs: command.params[ours] for theirs, ours in named.items() if ours in command.params}


def times(command: Command, names: dict[str, str]) -> dict[str, str]:
    """The moments that were given, by their names in the request: `{theirs: ours}`."""
    params = command.params
    return {theirs: format_time(parse_time(params[ours])) for theirs, ours in names.items() if ours in params}


def info_of(message: dict[str, Any]) -> str:
    """`statusInfo` of 2.x in one line."""
    info = message.get("statusInfo") or {}
    return " ".join(str(info[key]) for key in ("reasonCode", "additionalInfo") if info.get(key))
