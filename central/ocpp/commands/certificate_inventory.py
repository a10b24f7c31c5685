"""GetInstalledCertificateIds: what is inside the charge point's trust store (M03, 1.6 security M03)."""

from datetime import datetime
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from central.models import Command
from central.models.certificate_authority import CertificateUse
from central.ocpp.certificate_words import CHAIN, ONLY_2_1, ROOTS_1_6, hash_data_of, type_of
from central.ocpp.intents import answer_of, answer_to, command, order
from central.ocpp.pnc import inner_answer, wrapped
from central.services.installed_certificates import Reported, inventory_apply
from registry.rights import Right

TYPES: Final = [*CertificateUse.choices, (CHAIN, _("the charge point's own for cars (V2GCertificateChain)"))]


class InventoryParams(forms.Form):
    """Which type; all of them where it is left out (1.6: those of this platform)."""

    certificate_type = forms.ChoiceField(label=_("Type"), choices=[("", _("all")), *TYPES], required=False)


order(
    "certificate_inventory",
    _("List certificates"),
    explain=_("Asks which CA certificates are inside the charge point."),
    form=InventoryParams,
    right=Right.ENROL,
    group="security",
    icon="inventory",
    later=("certificate_type=",),
    newest=tuple(f"certificate_type={each}" for each in ONLY_2_1),
)


@command("certificate_inventory")
def build(version: str, command: Command) -> tuple[str, dict[str, Any]]:
    """One type, or in 2.x all. Raises ValueError where the version does not know the type."""
    kind = command.params.get("certificate_type") or ""
    if kind in ONLY_2_1 and version != "2.1":
        raise ValueError(f"OCPP {version} knows no {kind}.")
    if version != "1.6":
        return "GetInstalledCertificateIds", {"certificateType": [kind]} if kind else {}
    if not kind or kind in ROOTS_1_6:
        return "GetInstalledCertificateIds", {
            "certificateType": ROOTS_1_6.get(kind, "CentralSystemRootCertificate")
        }
    return wrapped("GetInstalledCertificateIds", {"certificateType": [kind]})


@answer_of("GetInstalledCertificateIds")
@answer_to("certificate_inventory")
def apply(command: Command, request: dict[str, Any], answer: dict[str, Any], now: datetime) -> bool:
    """Accepted: the list is the inventory. NotFound: nothing of these types is inside (M03.FR.02)."""
    asked, said = inner_answer(request, answer)
    if said.get("status") not in {"Accepted", "NotFound"}:
        return False
    types = asked.get("certificateType") or []
    types = [types] if isinstance(types, str) else types
    inventory_apply(
        charge_point_id=command.charge_point_id,
        asked_types=[type_of(word) for word in types],
        reported=_reported(said, types),
        now=now,
    )
    return True


def _reported(said: dict[str, Any], types: list[str]) -> list[Reported]:
    """1.6 lists hash data of the one type asked for; 2.x says the type with each."""
    plain = [
        Reported(type_of(types[0]), hash_data_of(each)) for each in said.get("certificateHashData") or []
    ]
    return plain + [
        Reported(
            each["certificateType"],
            hash_data_of(each["certificateHashData"]),
            each.get("childCertificateHashData") or (),
        )
        for each in said.get("certificateHashDataChain") or []
    ]
