"""Publish firmware: a local controller fetches a file and offers it to its charge points (2.x L03)."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from central.models import Command
from central.models.firmware_job import FirmwareKind
from central.ocpp.images import ImageParams, image_of
from central.ocpp.intents import answer_of, command, order
from central.ocpp.transfers import address_for, info_of, tries
from central.services.firmware import PUBLISH, FirmwareWish, firmware_answered, firmware_request
from central.services.firmware_images import firmware_link_create
from central.services.transfers import location_sealed
from registry.models import ChargePoint
from registry.rights import Right


class PublishParams(ImageParams):
    """Which file."""

    checksum = forms.RegexField(
        "^[0-9A-Fa-f]{32}$",
        label=_("Checksum (MD5)"),
        required=False,
        help_text=_("Of the whole file, 32 hexadecimal digits. The file is withdrawn by it."),
    )

    def clean(self) -> dict[str, Any]:
        """An image knows its checksum, a file elsewhere does not."""
        values = super().clean()
        if not values.get("image") and not values.get("checksum") and "checksum" not in self.errors:
            self.add_error("checksum", _("This is needed for a file that is elsewhere."))
        return values


def create(*, charge_point: ChargePoint, params: dict[str, Any], now: datetime, **common: Any) -> Command:
    """Queue the publication and its job."""
    image = image_of(charge_point, params)
    if image is not None:
        address = firmware_link_create(image=image, retrieve_at=None, now=now)
        params = params | {"location": address, "checksum": image.md5}
    wish = FirmwareWish(
        location=params["location"],
        kind=FirmwareKind.PUBLISH,
        checksum=params["checksum"],
        retries=params.get("retries"),
        retry_interval=params.get("retry_interval"),
        image_id=image.pk if image else None,
    )
    return firmware_request(
        charge_point=charge_point,
        wish=wish,
        replace=True,
        order=PUBLISH,
        params=location_sealed(params),
        now=now,
        **common,
    )


order(
    PUBLISH,
    _("Publish firmware"),
    explain=_("A local controller fetches a firmware file and offers it to the charge points behind it."),
    form=PublishParams,
    group="firmware",
    icon="cloud_download",
    create=create,
    right=Right.SERVICE,
)


@command(PUBLISH, versions=("2.0.1", "2.1"))
def build(version: str, command: Command) -> tuple[str, dict[str, Any]]:
    """The request; requestId is the command's number. Raises ValueError for an address that is too long."""
    request = {
        "location": address_for(version, command),
        "checksum": command.params["checksum"],
        "requestId": command.pk,
    }
    return "PublishFirmware", request | tries(command)


@answer_of("PublishFirmware", versions=("2.0.1", "2.1"))
def apply(command: Command, request: dict[str, Any], answer: dict[str, Any], now: datetime) -> bool:
    """Taken or refused."""
    wish = FirmwareWish(
        location=request["location"],
        kind=FirmwareKind.PUBLISH,
        checksum=request["checksum"],
        retries=request.get("retries"),
        retry_interval=request.get("retryInterval"),
    )
    return firmware_answered(
        command=command,
        wish=wish,
        request_id=request["requestId"],
        status=answer["status"],
        info=info_of(answer),
        now=now,
    )
