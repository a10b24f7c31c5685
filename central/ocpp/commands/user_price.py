"""Show a driver's price before the session: SetUserPrice by DataTransfer (California pricing §3.1.2)."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from central.models import Command
from central.ocpp.california import USER_PRICE, VENDOR, VERSIONS
from central.ocpp.intents import command, order
from central.ocpp.tariff_forms import TariffChoice, offered
from central.ocpp.vendor_table import vendor_request
from central.services.commands import command_create
from registry.models import ChargePoint

ID_TAG_LIMIT = 20


class UserPriceParams(TariffChoice):
    """For whom, and what is shown."""

    id_tag = forms.CharField(label=_("Tag"), max_length=ID_TAG_LIMIT)
    text = forms.CharField(
        label=_("Text"), required=False, help_text=_("The tariff in words, where it is left out.")
    )


def create(*, charge_point: ChargePoint, params: dict[str, Any], now: datetime, **common: Any) -> Command:
    """Queue the price in words."""
    text = params.get("text") or offered(charge_point, params, now).text
    values = {"id_tag": params["id_tag"], "text": text}
    return command_create(charge_point=charge_point, order="user_price", params=values, now=now, **common)


order(
    "user_price",
    _("Show a driver's price"),
    explain=_("Shows what charging will cost a driver who has just shown a tag, on displays of OCPP 1.6."),
    form=UserPriceParams,
    group="prices",
    icon="sell",
    create=create,
    again=True,
)


@command("user_price", versions=VERSIONS)
def build(version: str, command: Command) -> tuple[str, dict[str, Any]]:
    """The vendor message."""
    data = {"idToken": command.params["id_tag"], "priceText": command.params["text"]}
    return vendor_request(version, VENDOR, USER_PRICE, data)
