"""Unpublish firmware: a local controller offers a file no more (2.x L04)."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from central.models import Command
from central.ocpp.intents import answer_of, command, order
from central.services.firmware import UNPUBLISH, firmware_unpublished
from registry.rights import Right


class UnpublishParams(forms.Form):
    """Which file, by its checksum."""

    checksum = forms.RegexField(
        "^[0-9A-Fa-f]{32}$", label=_("Checksum (MD5)"), help_text=_("The one that it was published with.")
    )


order(
    UNPUBLISH,
    _("Withdraw firmware"),
    explain=_("A local controller offers a firmware file no more, unless somebody is fetching it right now."),
    form=UnpublishParams,
    group="firmware",
    icon="cloud_off",
    right=Right.SERVICE,
)


@command(UNPUBLISH, versions=("2.0.1", "2.1"))
def build(version: str, command: Command) -> tuple[str, dict[str, Any]]:
    """The request."""
    return "UnpublishFirmware", {"checksum": command.params["checksum"]}


@answer_of("UnpublishFirmware", versions=("2.0.1", "2.1"))
def apply(command: Command, request: dict[str, Any], answer: dict[str, Any], now: datetime) -> bool:
    """Withdrawn; or never there, or just being fetched."""
    return firmware_unpublished(
        charge_point_id=command.charge_point_id,
        checksum=request["checksum"],
        status=answer["status"],
        now=now,
    )
