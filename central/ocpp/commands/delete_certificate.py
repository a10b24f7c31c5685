"""DeleteCertificate: a certificate leaves the charge point's trust store (M04, 1.6 security M04)."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from central.models import Command, InstalledCertificate
from central.ocpp.certificate_words import ROOTS_1_6, hash_data_as, hash_data_of
from central.ocpp.intents import answer_of, answer_to, command, order
from central.ocpp.pnc import inner_answer, wrapped
from central.services.installed_certificates import hash_of, installed_removed
from emobility.lib.pki import ALGORITHMS, HashData
from registry.models import ChargePoint
from registry.rights import Right

HASH = r"\A[0-9A-Fa-f]{1,128}\Z"
_FIELDS = ("hash_algorithm", "issuer_name_hash", "issuer_key_hash", "serial_number")


class DeleteParams(forms.Form):
    """Which: one of the inventory by number, or by its hash data."""

    certificate_id = forms.IntegerField(
        label=_("Installed certificate"),
        required=False,
        min_value=1,
        help_text=_("Its number under Installed certificates. Ask for the inventory first."),
    )
    hash_algorithm = forms.ChoiceField(
        label=_("Hash"), required=False, choices=[("", "")] + [(name, name) for name in ALGORITHMS]
    )
    issuer_name_hash = forms.RegexField(HASH, label=_("Issuer's name (hash)"), required=False)
    issuer_key_hash = forms.RegexField(HASH, label=_("Issuer's key (hash)"), required=False)
    serial_number = forms.RegexField(
        r"\A[0-9A-Fa-f]{1,40}\Z", label=_("Serial number (hexadecimal)"), required=False
    )

    def for_charge_point(self, charge_point: ChargePoint) -> None:
        """Offer what is inside."""
        rows = InstalledCertificate.objects.filter(charge_point=charge_point, removed_at=None)
        self.fields["certificate_id"] = forms.TypedChoiceField(
            label=_("Installed certificate"),
            coerce=int,
            empty_value=None,
            required=False,
            choices=[("", "")] + [(row.pk, f"{row} ({row.certificate_type})") for row in rows],
        )

    def clean(self) -> dict[str, Any]:
        """The number, or all four parts of the hash data."""
        values = super().clean() or {}
        parts = [values.get(name) for name in _FIELDS]
        if not self.errors and not values.get("certificate_id") and not all(parts):
            raise forms.ValidationError(_("Choose an installed certificate, or give all of its hash data."))
        return values


order(
    "delete_certificate",
    _("Delete certificate"),
    explain=_("Takes a certificate out of the charge point's trust store."),
    form=DeleteParams,
    right=Right.ENROL,
    group="security",
    icon="remove_moderator",
    danger=True,
)


@command("delete_certificate")
def build(version: str, command: Command) -> tuple[str, dict[str, Any]]:
    """The hash data as the charge point reported it (M04.FR.07)."""
    number, kind = command.params.get("certificate_id"), ""
    if number:
        row = InstalledCertificate.objects.filter(pk=number, charge_point=command.charge_point_id).first()
        if row is None:
            raise ValueError("This certificate is not known for this charge point.")
        named, kind = hash_of(row), row.certificate_type
    else:
        named = HashData(*(str(command.params[name]) for name in _FIELDS))
    request = {"certificateHashData": hash_data_as(named)}
    if version == "1.6" and kind and kind not in ROOTS_1_6:
        return wrapped("DeleteCertificate", request)
    return "DeleteCertificate", request


@answer_of("DeleteCertificate")
@answer_to("delete_certificate")
def apply(command: Command, request: dict[str, Any], answer: dict[str, Any], now: datetime) -> bool:
    """Accepted or NotFound: it is not inside any more."""
    asked, said = inner_answer(request, answer)
    if said.get("status") in {"Accepted", "NotFound"}:
        named = hash_data_of(asked["certificateHashData"])
        installed_removed(charge_point_id=command.charge_point_id, named=named, now=now)
    return said.get("status") == "Accepted"
