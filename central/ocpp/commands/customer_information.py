"""Customer information: CustomerInformation (2.x N09, N10); the data come with NotifyCustomerInformation."""

import json
from datetime import datetime
from typing import Any, Final

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from central.models import Command, IdToken
from central.ocpp.intents import answer_of, command, order
from central.ocpp.transfers import info_of
from central.services.customer_information import (
    ORDER,
    SEALED,
    Question,
    customer_information_answered,
    customer_information_request,
)
from emobility.lib.fields import unseal
from registry.models import ChargePoint

HASH: Final = {
    "hash_algorithm": "hashAlgorithm",
    "issuer_name_hash": "issuerNameHash",
    "issuer_key_hash": "issuerKeyHash",
    "serial_number": "serialNumber",
}
ID_TOKEN_LIMIT_2_0_1: Final = 36
ALGORITHMS: Final = ("SHA256", "SHA384", "SHA512")


class CustomerParams(forms.Form):
    """What is to happen, and with whose data: exactly one way of naming the customer."""

    report = forms.BooleanField(
        label=_("Tell"), required=False, initial=True, help_text=_("The charge point tells what it keeps.")
    )
    clear = forms.BooleanField(
        label=_("Delete there"),
        required=False,
        help_text=_("The charge point deletes all that it keeps, except for its local list."),
    )
    unlist = forms.BooleanField(
        label=_("Take the tag off its local list"),
        required=False,
        help_text=_("Together with deleting. A policy that keeps the list in step brings it back."),
    )
    id_tag = forms.CharField(label=_("Tag"), max_length=255, required=False)
    id_tag_type = forms.CharField(
        label=_("Type of tag"), max_length=20, required=False, help_text=_("Of a known tag its own.")
    )
    customer_identifier = forms.CharField(
        label=_("Or the customer's name"),
        max_length=64,
        required=False,
        help_text=_("Whatever the maker of the charge point uses besides tags."),
    )
    serial_number = forms.CharField(
        label=_("Or a certificate: serial number"), max_length=40, required=False, help_text=_("Hexadecimal.")
    )
    hash_algorithm = forms.ChoiceField(
        label=_("Its hash algorithm"),
        choices=[("", "–"), *((name, name) for name in ALGORITHMS)],  # noqa: RUF001 -- an empty choice
        required=False,
        help_text=_("The one with which the certificate was installed."),
    )
    issuer_name_hash = forms.CharField(label=_("Hash of its issuer's name"), max_length=128, required=False)
    issuer_key_hash = forms.CharField(label=_("Hash of its issuer's key"), max_length=128, required=False)

    def clean(self) -> dict[str, Any]:
        """At least one thing to do, exactly one customer (N09.FR.04, N09.FR.07, N09.FR.09)."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        if not values.get("report") and not values.get("clear"):
            self.add_error("report", _t("Choose what is to happen: tell, delete, or both."))
        hashes = [name for name in HASH if values.get(name)]
        named = [bool(values.get(name)) for name in ("id_tag", "customer_identifier")]
        if sum([*named, bool(hashes)]) != 1:
            self.add_error("id_tag", _t("Name the customer in one way: tag, name or certificate."))
        elif hashes and len(hashes) < len(HASH):
            self.add_error("serial_number", _t("A certificate needs its number, algorithm and both hashes."))
        return values


def create(*, charge_point: ChargePoint, params: dict[str, Any], now: datetime, **common: Any) -> Command:
    """Queue the question and its job."""
    customer = _customer(charge_point, params)
    return customer_information_request(
        charge_point=charge_point,
        question=_question(params["report"], params["clear"], customer),
        customer=json.dumps(customer),
        unlist=bool(params.get("unlist")),
        now=now,
        **common,
    )


def _customer(charge_point: ChargePoint, params: dict[str, Any]) -> dict[str, Any]:
    """The customer as OCPP names one."""
    if "customer_identifier" in params:
        return {"customerIdentifier": params["customer_identifier"]}
    if "serial_number" in params:
        return {"customerCertificate": {theirs: params[ours] for ours, theirs in HASH.items()}}
    tokens = IdToken.objects.filter(organization=charge_point.organization_id)
    known = tokens.filter(uid_key=params["id_tag"].upper()).first()
    kind = params.get("id_tag_type") or (known.token_type if known else "Central")
    return {"idToken": {"idToken": known.uid if known else params["id_tag"], "type": kind}}


def _question(report: bool, clear: bool, customer: dict[str, Any]) -> Question:
    kinds = ("idToken", "customerIdentifier", "customerCertificate")
    kind = next((name for name in kinds if name in customer), "")
    named = customer.get(kind, "")
    if isinstance(named, dict):
        named = named.get("idToken") or f"{named['issuerNameHash']} {named['serialNumber']}"
    return Question(report=report, clear=clear, subject_kind=kind, subject=named)


order(
    ORDER,
    _("Customer information"),
    explain=_(
        "Asks the charge point for all that it keeps about a driver, or to delete that. What it tells is"
        " personal: it is shown to operators alone and deleted here after a while."
    ),
    form=CustomerParams,
    group="drivers",
    icon="badge",
    create=create,
)


@command(ORDER, versions=("2.0.1", "2.1"))
def build(version: str, command: Command) -> tuple[str, dict[str, Any]]:
    """The request; requestId is the command's number. ValueError once the customer was deleted here."""
    if SEALED not in command.params:
        raise ValueError("Whose data this was about is deleted.")
    customer = json.loads(unseal(command.params[SEALED]))
    if version == "2.0.1" and len(customer.get("idToken", {}).get("idToken", "")) > ID_TOKEN_LIMIT_2_0_1:
        raise ValueError(f"OCPP 2.0.1 knows tags of up to {ID_TOKEN_LIMIT_2_0_1} characters.")
    asked = {name: command.params[name] for name in ("report", "clear")}
    return "CustomerInformation", {"requestId": command.pk, **asked, **customer}


@answer_of("CustomerInformation", versions=("2.0.1", "2.1"))
def apply(command: Command, request: dict[str, Any], answer: dict[str, Any], now: datetime) -> bool:
    """Parts will follow, or it cannot (Rejected) or does not understand whom (Invalid)."""
    return customer_information_answered(
        command=command,
        request_id=request["requestId"],
        question=_question(request["report"], request["clear"], request),
        status=answer["status"],
        info=info_of(answer),
        now=now,
    )
