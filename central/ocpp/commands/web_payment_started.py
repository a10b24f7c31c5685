"""Tell that a driver pays on the web: NotifyWebPaymentStarted (2.1 C25.FR.21)."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from central.models import Command
from central.ocpp.answers import held
from central.ocpp.intents import answer_of, command, order
from central.services.web_payments import WEB_PAYMENT, web_payment_request, web_payment_told
from registry.models import ChargePoint

VERSIONS = ("2.1",)


class WebPaymentParams(forms.Form):
    """At which EVSE, and how long it is kept."""

    evse_number = forms.IntegerField(label=_("EVSE"), min_value=1)
    timeout_s = forms.IntegerField(
        label=_("Kept for (s)"),
        min_value=1,
        max_value=86_400,
        initial=300,
        help_text=_("Nobody can start there by a card until then, or until the payment starts the session."),
    )


def create(*, charge_point: ChargePoint, params: dict[str, Any], now: datetime, **common: Any) -> Command:
    """Queue the notice with its row."""
    return web_payment_request(charge_point=charge_point, now=now, **params, **common)


order(
    WEB_PAYMENT,
    _("Payment on the web begins"),
    explain=_("Keeps an EVSE for a driver who pays on a web page, and shows that the code was read."),
    form=WebPaymentParams,
    icon="qr_code_scanner",
    create=create,
)


@command(WEB_PAYMENT, versions=VERSIONS)
def build(version: str, command: Command) -> tuple[str, dict[str, Any]]:
    """The request."""
    params = command.params
    return "NotifyWebPaymentStarted", {"evseId": params["evse_number"], "timeout": params["timeout_s"]}


@answer_of("NotifyWebPaymentStarted", versions=VERSIONS)
def apply(command: Command, request: dict[str, Any], answer: dict[str, Any], now: datetime) -> bool:
    """Any answer means that it knows."""
    return web_payment_told(
        command=command,
        evse_number=max(0, held(request["evseId"], 31)),
        timeout_s=max(0, held(request["timeout"], 31)),
        now=now,
    )
