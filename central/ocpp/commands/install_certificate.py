"""InstallCertificate: a CA certificate for the charge point's trust store (M05, 1.6 security M05)."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from central.models import CertificateAuthority, Command, TrustedCertificate
from central.models.certificate_authority import CertificateUse
from central.ocpp.certificate_words import ONLY_2_1, ROOTS_1_6, type_of
from central.ocpp.intents import answer_of, answer_to, command, order
from central.ocpp.pnc import inner_answer, wrapped
from central.services.authorities import is_authority
from central.services.installed_certificates import installed_record
from emobility.lib import pki
from registry.models import ChargePoint
from registry.rights import Right

LONGEST = {"1.6": 5500, "2.0.1": 5500, "2.1": 10_000}


class InstallParams(forms.Form):
    """What for, and which: one of the organisation's by name, or PEM."""

    certificate_type = forms.ChoiceField(
        label=_("For"), choices=CertificateUse.choices, initial=CertificateUse.CSMS
    )
    source = forms.CharField(
        label=_("Certificate"),
        required=False,
        max_length=30,
        help_text=_("One that is kept here: authority:<number> or trusted:<number>. Or paste PEM below."),
    )
    certificate = forms.CharField(
        label=_("PEM"), required=False, max_length=10_000, widget=forms.Textarea({"rows": 8})
    )

    def for_charge_point(self, charge_point: ChargePoint) -> None:
        """Offer what the organisation keeps."""
        offer: list[tuple[str, Any]] = [("", _("paste PEM below"))]
        own = CertificateAuthority.objects.filter(organization_id=charge_point.organization_id)
        offer += [(f"authority:{row.pk}", row.name) for row in own.only("pk", "name")]
        foreign = TrustedCertificate.objects.filter(organization_id=charge_point.organization_id)
        offer += [(f"trusted:{row.pk}", row.name) for row in foreign.only("pk", "name")]
        field = self.fields["source"]
        self.fields["source"] = forms.ChoiceField(label=field.label, choices=offer, required=False)

    def clean_certificate(self) -> str:
        """One CA certificate, or none."""
        text = str(self.cleaned_data["certificate"]).strip()
        if not text:
            return ""
        try:
            (certificate,) = pki.certificates_read(text)
        except ValueError as error:
            raise forms.ValidationError(_("This is not one PEM certificate.")) from error
        if not is_authority(certificate):
            raise forms.ValidationError(_("This certificate is no certificate authority."))
        return pki.pem_of(certificate)

    def clean(self) -> dict[str, Any]:
        """Exactly one of the two."""
        values = super().clean() or {}
        if bool(values.get("source")) == bool(values.get("certificate")) and not self.errors:
            raise forms.ValidationError(_("Choose a certificate that is kept here, or paste one."))
        return values


order(
    "install_certificate",
    _("Install CA certificate"),
    explain=_("Puts a CA certificate into the charge point's trust store."),
    form=InstallParams,
    right=Right.ENROL,
    group="security",
    icon="add_moderator",
    newest=tuple(f"certificate_type={each}" for each in ONLY_2_1),
)


@command("install_certificate")
def build(version: str, command: Command) -> tuple[str, dict[str, Any]]:
    """The certificate under the version's own words. Raises ValueError where it cannot carry it."""
    kind = command.params["certificate_type"]
    pem = command.params.get("certificate") or _kept(command)
    if kind in ONLY_2_1 and version != "2.1":
        raise ValueError(f"OCPP {version} knows no {kind}.")
    if len(pem) > LONGEST[version]:
        raise ValueError(f"The certificate is longer than OCPP {version} allows.")
    if version != "1.6":
        return "InstallCertificate", {"certificateType": kind, "certificate": pem}
    if kind in ROOTS_1_6:
        return "InstallCertificate", {"certificateType": ROOTS_1_6[kind], "certificate": pem}
    return wrapped("InstallCertificate", {"certificateType": kind, "certificate": pem})


def _kept(command: Command) -> str:
    table, _colon, number = str(command.params.get("source", "")).partition(":")
    model: Any = {"authority": CertificateAuthority, "trusted": TrustedCertificate}.get(table)
    rows = model.objects.filter(organization_id=command.organization_id) if model else None
    found = rows.filter(pk=int(number)).first() if rows is not None and number.isdigit() else None
    if found is None:
        raise ValueError("This certificate is not kept here.")
    return str(found.certificate_pem)


@answer_of("InstallCertificate")
@answer_to("install_certificate")
def apply(command: Command, request: dict[str, Any], answer: dict[str, Any], now: datetime) -> bool:
    """Accepted: it is in the inventory."""
    asked, said = inner_answer(request, answer)
    if said.get("status") != "Accepted":
        return False
    installed_record(
        charge_point_id=command.charge_point_id,
        certificate_type=type_of(asked["certificateType"]),
        pem=asked["certificate"],
        now=now,
    )
    return True
