"""Remove default tariffs from a charge point: ClearTariffs (2.1 I10)."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from central.models import Command
from central.ocpp.answers import held
from central.ocpp.intents import answer_of, command, order
from central.services.charge_point_tariffs import CLEAR, tariffs_cleared
from registry.rights import Right

VERSIONS = ("2.1",)
ID_LIMIT = 60


class TariffsClearParams(forms.Form):
    """Which, and where; all where nothing is said."""

    tariff_ids = forms.CharField(
        label=_("Tariffs"),
        required=False,
        help_text=_("Ids at the charge point, with commas; all, where nothing is said."),
    )
    evse_number = forms.IntegerField(
        label=_("EVSE"), min_value=1, required=False, help_text=_("All, where it is left out.")
    )

    def clean_tariff_ids(self) -> str:
        """Ids of at most 60 characters."""
        ids = [part.strip() for part in self.cleaned_data["tariff_ids"].split(",") if part.strip()]
        if any(len(each) > ID_LIMIT for each in ids):
            raise forms.ValidationError(_("An id has up to 60 characters."))
        return ",".join(ids)


order(
    CLEAR,
    _("Remove tariffs"),
    explain=_("Removes default tariffs. Running sessions keep theirs until they end."),
    form=TariffsClearParams,
    right=Right.MANAGE,
    group="prices",
    icon="sell",
    danger=True,
)


@command(CLEAR, versions=VERSIONS)
def build(version: str, command: Command) -> tuple[str, dict[str, Any]]:
    """The request."""
    request: dict[str, Any] = {}
    if command.params.get("tariff_ids"):
        request["tariffIds"] = command.params["tariff_ids"].split(",")
    if command.params.get("evse_number"):
        request["evseId"] = command.params["evse_number"]
    return "ClearTariffs", request


@answer_of("ClearTariffs", versions=VERSIONS)
def apply(command: Command, request: dict[str, Any], answer: dict[str, Any], now: datetime) -> bool:
    """What each result says; accepted where something was cleared."""
    return tariffs_cleared(
        charge_point_id=command.charge_point_id,
        tariff_ids=request.get("tariffIds", ()),
        evse_number=max(0, held(request.get("evseId", 0), 31)),
        results=[(each.get("tariffId", ""), each["status"]) for each in answer["clearTariffsResult"]],
        now=now,
    )
