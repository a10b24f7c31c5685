"""Show a driver what a session costs so far: CostUpdated (2.x I02)."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from central.models import Command, Session
from central.ocpp.costs import total
from central.ocpp.intents import command, order
from central.ocpp.session_choice import SessionChoice, chosen_session
from central.ports import ports
from central.services.commands import command_create
from registry.models import ChargePoint

VERSIONS = ("2.0.1", "2.1")


class CostParams(SessionChoice):
    """Of which session; what it costs is known when it is sent."""

    cost = forms.DecimalField(
        label=_("Cost"),
        min_value=0,
        max_digits=14,
        decimal_places=4,
        required=False,
        help_text=_("Incl. tax; our own running cost, where it is left out."),
    )


def create(*, charge_point: ChargePoint, params: dict[str, Any], **common: Any) -> Command:
    """Queue the cost of a session. Raises Invalid, NotFound."""
    session = chosen_session(charge_point, params)
    values = {"session_id": session.pk, "transaction_id": session.transaction_id}
    if "cost" in params:
        values["cost"] = params["cost"]
    return command_create(charge_point=charge_point, order="cost_update", params=values, **common)


order(
    "cost_update",
    _("Show cost"),
    explain=_("Shows the driver on the display what the session costs so far, incl. tax."),
    form=CostParams,
    group="prices",
    icon="payments",
    create=create,
    again=True,
)


@command("cost_update", versions=VERSIONS)
def build(version: str, command: Command) -> tuple[str, dict[str, Any]]:
    """The request with the cost of this moment. Raises ValueError where no tariff applies."""
    params = command.params
    if "cost" in params:
        cost = float(params["cost"])
    else:
        session_id = Session.objects.get(pk=params["session_id"]).pk
        known = ports.running_cost([session_id]).get(session_id)
        if known is None:
            raise ValueError("No tariff applies to this session.")
        cost = total(known.amount_incl, known.currency)
    return "CostUpdated", {"totalCost": cost, "transactionId": params["transaction_id"]}
