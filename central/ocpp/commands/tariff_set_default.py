"""Install a default tariff at a charge point that calculates by itself: SetDefaultTariff (2.1 I07)."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from central.models import Command
from central.ocpp.answers import held, word_of
from central.ocpp.intents import answer_of, command, order
from central.ocpp.tariff_forms import TariffChoice, offered
from central.ocpp.tariffs import tariff_2_1
from central.ocpp.vocabulary import parse_time
from central.services.charge_point_tariffs import SET_DEFAULT, Installed, tariff_answered, tariff_request
from emobility.lib.errors import Invalid
from registry.models import ChargePoint
from registry.rights import Right

VERSIONS = ("2.1",)


class TariffSetDefaultParams(TariffChoice):
    """Which tariff, where, from when."""

    evse_number = forms.IntegerField(
        label=_("EVSE"), min_value=0, required=False, help_text=_("All, where it is left out.")
    )
    valid_from = forms.DateTimeField(
        label=_("From"), required=False, help_text=_("At once, where it is left out.")
    )


def create(*, charge_point: ChargePoint, params: dict[str, Any], now: datetime, **common: Any) -> Command:
    """Write the tariff down for its place, as it will be sent, and queue it."""
    valid_from = parse_time(params["valid_from"]) if "valid_from" in params else None
    offer = offered(charge_point, params, valid_from or now)
    evse_number = params.get("evse_number", 0)
    try:
        tariff = tariff_2_1(offer, place=f".e{evse_number}" if evse_number else "", valid_from=valid_from)
    except ValueError as error:
        raise Invalid(_t("OCPP cannot say this tariff."), {"tariff": str(error)}) from error
    return tariff_request(
        charge_point=charge_point,
        order=SET_DEFAULT,
        installed=Installed(tariff, evse_number, valid_from=valid_from),
        params={"evse_number": evse_number, "tariff": tariff},
        now=now,
        **common,
    )


order(
    SET_DEFAULT,
    _("Install tariff"),
    explain=_(
        "Gives the charge point a tariff to calculate and show by itself. Running sessions keep theirs. "
        "Billing goes on by our own price."
    ),
    form=TariffSetDefaultParams,
    right=Right.MANAGE,
    group="prices",
    icon="sell",
    create=create,
)


@command(SET_DEFAULT, versions=VERSIONS)
def build(version: str, command: Command) -> tuple[str, dict[str, Any]]:
    """The request."""
    return "SetDefaultTariff", {"evseId": command.params["evse_number"], "tariff": command.params["tariff"]}


@answer_of("SetDefaultTariff", versions=VERSIONS)
def apply(command: Command, request: dict[str, Any], answer: dict[str, Any], now: datetime) -> bool:
    """Installed, there already, or why not."""
    tariff = request["tariff"]
    installed = Installed(
        tariff,
        max(0, held(request["evseId"], 31)),
        valid_from=parse_time(tariff["validFrom"]) if "validFrom" in tariff else None,
    )
    return tariff_answered(
        command=command, installed=installed, status=answer["status"], word=word_of(answer), now=now
    )
