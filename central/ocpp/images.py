"""What orders share that name an image kept here instead of an address."""

from typing import Any, Final

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from central.models import ChargePointStatus, FirmwareImage
from central.ocpp.offers import offer_choices
from central.ocpp.transfers import TransferParams, check_location
from emobility.lib.errors import Invalid
from registry.models import ChargePoint

MOST: Final = 50


class ImageParams(TransferParams):
    """An image that is kept here, or the address of a file elsewhere."""

    image = forms.IntegerField(
        label=_("Image"),
        min_value=1,
        required=False,
        help_text=_("Kept here, with its signature: the charge point gets an address of ours that expires."),
    )
    location = forms.CharField(
        label=_("Address"),
        max_length=2000,
        required=False,
        validators=[check_location],
        help_text=_(
            "Instead of an image, as the charge point reaches it: https://, sftp://, ftps://, ftp:// or http://."
        ),
    )

    def for_charge_point(self, charge_point: ChargePoint) -> None:
        """Let the image be chosen: those for this vendor first."""
        vendor = (
            ChargePointStatus.objects.filter(charge_point=charge_point)
            .values_list("vendor", flat=True)
            .first()
        )
        rows = FirmwareImage.objects.filter(organization_id=charge_point.organization_id, removed_at=None)
        known = sorted(rows[: 4 * MOST], key=lambda row: row.vendor.lower() != (vendor or "").lower())
        offer_choices(self, "image", ((str(row.pk), f"{row} · {row.name}") for row in known[:MOST]))

    def clean(self) -> dict[str, Any]:
        """One of both."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        if bool(values.get("image")) == bool(values.get("location")) and not {"image", "location"} & set(
            self.errors
        ):
            self.add_error("location", _t("Choose an image or type an address, one of both."))
        return values


def image_of(charge_point: ChargePoint, params: dict[str, Any]) -> FirmwareImage | None:
    """The image that an order names, None where it names an address. Raises Invalid for an unknown one."""
    if "image" not in params:
        return None
    rows = FirmwareImage.objects.filter(organization_id=charge_point.organization_id)
    image = rows.filter(pk=params["image"]).first()
    if image is None:
        fault = _t("There is no such image.")
        raise Invalid(fault, {"image": fault})
    return image
