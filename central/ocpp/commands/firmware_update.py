"""Firmware update: 1.6 UpdateFirmware (§5.19) and SignedUpdateFirmware (extension L01), 2.x L01 and L02."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from central.models import Command
from central.ocpp.images import ImageParams, image_of
from central.ocpp.intents import answer_of, command, order
from central.ocpp.transfers import address_for, info_of, times, tries
from central.ocpp.vocabulary import parse_time
from central.services.firmware import UPDATE, FirmwareWish, firmware_answered, firmware_request
from central.services.firmware_images import firmware_link_create
from central.services.transfers import location_sealed
from registry.models import ChargePoint
from registry.rights import Right

PROOFS = ("signature", "signing_certificate")


class UpdateParams(ImageParams):
    """What to install, when, how it proves to be genuine."""

    retrieve_at = forms.DateTimeField(
        label=_("Fetch from"), required=False, help_text=_("When the download may begin; now if left out.")
    )
    install_at = forms.DateTimeField(
        label=_("Install from"),
        required=False,
        help_text=_("When it may be installed; as soon as possible if left out. Not for unsigned 1.6."),
    )
    version = forms.CharField(
        label=_("Version"),
        max_length=50,
        required=False,
        help_text=_("The version that this firmware will tell; its next boot is compared with it."),
    )
    signing_certificate = forms.CharField(
        label=_("Signing certificate"),
        max_length=5500,
        required=False,
        widget=forms.Textarea({"rows": 4}),
        help_text=_("PEM. With the signature it makes this a signed update (1.6: SignedUpdateFirmware)."),
    )
    signature = forms.CharField(
        label=_("Signature"),
        max_length=800,
        required=False,
        widget=forms.Textarea({"rows": 4}),
        help_text=_("The manufacturer's signature of the file, base64."),
    )
    replace = forms.BooleanField(
        label=_("Give up the update under way"),
        required=False,
        help_text=_("A charge point does one update at a time: a new order makes it give up the one before."),
    )

    field_order = ("image", "location", "version", "retrieve_at", "install_at", "retries", "retry_interval")

    def clean(self) -> dict[str, Any]:
        """A signature needs its certificate, and the other way round."""
        values = super().clean()
        one, two = bool(values.get("signing_certificate")), bool(values.get("signature"))
        if one != two:
            missing = "signature" if one else "signing_certificate"
            self.add_error(missing, _t("A signed update needs the certificate and the signature."))
        return values


def create(*, charge_point: ChargePoint, params: dict[str, Any], now: datetime, **common: Any) -> Command:
    """Queue the update and its job. Raises Conflict where one is under way that may not be given up."""
    params = {"retrieve_at": now.isoformat()} | params
    image = image_of(charge_point, params)
    if image is not None:
        proofs = {name: getattr(image, name) for name in PROOFS if getattr(image, name)}
        address = firmware_link_create(image=image, retrieve_at=parse_time(params["retrieve_at"]), now=now)
        params = {"version": image.version} | proofs | params | {"location": address}
    wish = FirmwareWish(
        location=params["location"],
        signed="signature" in params,
        retrieve_at=parse_time(params["retrieve_at"]),
        install_at=parse_time(params["install_at"]) if "install_at" in params else None,
        retries=params.get("retries"),
        retry_interval=params.get("retry_interval"),
        version_expected=params.get("version", ""),
        image_id=image.pk if image else None,
    )
    return firmware_request(
        charge_point=charge_point,
        wish=wish,
        replace=bool(params.get("replace")),
        order=UPDATE,
        params=location_sealed(params),
        now=now,
        **common,
    )


order(
    UPDATE,
    _("Update firmware"),
    explain=_(
        "The charge point fetches firmware from an address and installs it. Connectors may be out of service"
        " meanwhile, and it may reboot. An update that is under way is given up for a new one."
    ),
    form=UpdateParams,
    group="firmware",
    icon="system_update_alt",
    danger=True,
    create=create,
    right=Right.SERVICE,
)


@command(UPDATE)
def build(version: str, command: Command) -> tuple[str, dict[str, Any]]:
    """The request; requestId is the command's number. Raises ValueError for what a version cannot say."""
    params = command.params
    location = address_for(version, command)
    if version == "1.6" and "signature" not in params:
        if "install_at" in params:
            raise ValueError("OCPP 1.6 cannot say when unsigned firmware is installed.")
        retrieve = times(command, {"retrieveDate": "retrieve_at"})
        return "UpdateFirmware", {"location": location, **retrieve, **tries(command)}
    firmware: dict[str, Any] = {"location": location}
    firmware |= times(command, {"retrieveDateTime": "retrieve_at", "installDateTime": "install_at"})
    if "signature" in params:
        firmware |= {"signingCertificate": params["signing_certificate"], "signature": params["signature"]}
    action = "SignedUpdateFirmware" if version == "1.6" else "UpdateFirmware"
    return action, {"requestId": command.pk, "firmware": firmware, **tries(command)}


@answer_of("UpdateFirmware", versions=("1.6",))
def apply_unsigned(command: Command, request: dict[str, Any], answer: dict[str, Any], now: datetime) -> bool:
    """The answer of 1.6 is empty: the update is taken, and only the newest order counts."""
    wish = FirmwareWish(
        location=request["location"],
        retrieve_at=parse_time(request["retrieveDate"]),
        retries=request.get("retries"),
        retry_interval=request.get("retryInterval"),
    )
    return firmware_answered(command=command, wish=wish, request_id=None, status="", info="", now=now)


@answer_of("SignedUpdateFirmware", versions=("1.6",))
@answer_of("UpdateFirmware", versions=("2.0.1", "2.1"))
def apply(command: Command, request: dict[str, Any], answer: dict[str, Any], now: datetime) -> bool:
    """Taken, taken instead of another one (AcceptedCanceled), or refused with its reason."""
    firmware = request["firmware"]
    wish = FirmwareWish(
        location=firmware["location"],
        signed="signature" in firmware,
        retrieve_at=parse_time(firmware["retrieveDateTime"]),
        install_at=parse_time(firmware["installDateTime"]) if "installDateTime" in firmware else None,
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
