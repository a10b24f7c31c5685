"""CertificateSigned: an issued certificate on its way to the charge point (A02, A03)."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from central.models import Command, IssuedCertificate
from central.models.issued_certificate import CertificateKind
from central.ocpp.intents import answer_of, answer_to, command, order
from central.ocpp.pnc import inner_answer, wrapped
from central.services.issued_certificates import DELIVER, LIVING, certificate_answered, chain_to_send
from registry.rights import Right


class DeliverParams(forms.Form):
    """Which issued certificate."""

    certificate_id = forms.IntegerField(
        label=_("Issued certificate"),
        min_value=1,
        help_text=_("Its number under Issued certificates; it must have been signed for this charge point."),
    )


order(
    DELIVER,
    _("Deliver certificate"),
    explain=_("Sends a certificate that was signed for this charge point, again if need be."),
    form=DeliverParams,
    right=Right.ENROL,
    group="security",
    icon="verified",
)


@command(DELIVER)
def build(version: str, command: Command) -> tuple[str, dict[str, Any]]:
    """The chain; the type and the request id where the version has them (A02.FR.14, A02.FR.25)."""
    rows = IssuedCertificate.objects.select_related("authority")
    found = rows.filter(pk=command.params["certificate_id"], charge_point=command.charge_point_id).first()
    if found is None or found.state not in LIVING:
        raise ValueError("There is no such certificate for this charge point, or it has ended.")
    request: dict[str, Any] = {"certificateChain": chain_to_send(found)}
    if version == "1.6" and not found.tunnelled:
        return "CertificateSigned", request
    if not found.both_uses:
        request["certificateType"] = found.certificate_type
    if version == "1.6":
        return wrapped("CertificateSigned", request)
    if version == "2.1" and found.request_id is not None:
        request["requestId"] = found.request_id
    if version == "2.0.1" and found.certificate_type == CertificateKind.V2G_20:
        raise ValueError("OCPP 2.0.1 knows no certificates for ISO 15118-20.")
    return "CertificateSigned", request


@answer_of("CertificateSigned")
@answer_to(DELIVER)
def apply(command: Command, request: dict[str, Any], answer: dict[str, Any], now: datetime) -> bool:
    """Taken: it waits for its first use. Rejected: it is revoked (A02.FR.07)."""
    asked, said = inner_answer(request, answer)
    accepted = said.get("status") == "Accepted"
    info = said.get("statusInfo") or {}
    certificate_answered(
        charge_point_id=command.charge_point_id,
        chain_pem=str(asked.get("certificateChain", "")),
        accepted=accepted,
        reason=" ".join(str(info[key]) for key in ("reasonCode", "additionalInfo") if info.get(key)),
        now=now,
    )
    return accepted
