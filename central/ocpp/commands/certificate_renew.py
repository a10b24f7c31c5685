"""Renewal of a charge point's certificate: it is asked for a signing request (A02, F06)."""

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from central.models import Command
from central.models.issued_certificate import CertificateKind
from central.ocpp.intents import command, order
from central.ocpp.pnc import wrapped
from central.services.issued_certificates import RENEW
from registry.rights import Right

BOTH: Final = "both"
_TRIGGERS: Final = {
    CertificateKind.CHARGING_STATION: "SignChargingStationCertificate",
    CertificateKind.V2G: "SignV2GCertificate",
    CertificateKind.V2G_20: "SignV2G20Certificate",
    BOTH: "SignCombinedCertificate",
}


class RenewParams(forms.Form):
    """Which certificate; at which EVSE where each has a controller of its own for cars."""

    certificate_type = forms.ChoiceField(
        label=_("Certificate"),
        choices=[*CertificateKind.choices, (BOTH, _("one for us and for cars"))],
        initial=CertificateKind.CHARGING_STATION,
        help_text=_("The charge point makes a new key and asks us to sign it."),
    )
    evse_number = forms.IntegerField(label=_("EVSE"), min_value=1, required=False)


order(
    RENEW,
    _("Renew certificate"),
    explain=_("Asks the charge point to make a new key and have its certificate signed."),
    form=RenewParams,
    right=Right.ENROL,
    group="security",
    icon="autorenew",
    later=("evse_number",),
    newest=(f"certificate_type={CertificateKind.V2G_20}",),
)


@command(RENEW)
def build(version: str, command: Command) -> tuple[str, dict[str, Any]]:
    """TriggerMessage, in 1.6 ExtendedTriggerMessage. Raises ValueError where the version has no such type."""
    kind = str(command.params.get("certificate_type") or CertificateKind.CHARGING_STATION)
    if version == "1.6" and kind == CertificateKind.CHARGING_STATION:
        return "ExtendedTriggerMessage", {"requestedMessage": "SignChargePointCertificate"}
    if version != "2.1" and kind == CertificateKind.V2G_20:
        raise ValueError("Only OCPP 2.1 knows certificates for ISO 15118-20.")
    request: dict[str, Any] = {"requestedMessage": _TRIGGERS[kind]}
    if version == "1.6":
        return wrapped("TriggerMessage", request)
    if command.params.get("evse_number"):
        request["evse"] = {"id": command.params["evse_number"]}
    return "TriggerMessage", request
