"""Show what a session came to: FinalCost by DataTransfer (California pricing §3.1.3)."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from central.models import Command
from central.models.session import SessionState
from central.ocpp.california import FINAL_COST, VENDOR, VERSIONS, session_price, transaction_number
from central.ocpp.costs import total
from central.ocpp.intents import command, order
from central.ocpp.offers import offer_choices
from central.ocpp.session_choice import SessionChoice, chosen_session
from central.ocpp.vendor_table import vendor_request
from central.services.commands import command_create
from emobility.lib.display import kwh, money, span
from emobility.lib.errors import Conflict
from registry.models import ChargePoint

RECENT = 20


class FinalCostParams(SessionChoice):
    """Of which session, and what is shown beside the amount."""

    text = forms.CharField(
        label=_("Text"), required=False, help_text=_("Amount, energy and time, where it is left out.")
    )
    qr_code = forms.URLField(
        label=_("QR code"),
        required=False,
        assume_scheme="https",
        help_text=_("An address that is shown as a QR code: the receipt."),
    )

    def for_charge_point(self, charge_point: ChargePoint) -> None:
        """Offer the latest sessions, running or not."""
        found = charge_point.sessions.order_by("-pk").values_list("uid", "transaction_id", "id_tag")[:RECENT]
        offer_choices(self, "session", ((str(uid), f"{number} · {tag}") for uid, number, tag in found))


def create(*, charge_point: ChargePoint, params: dict[str, Any], **common: Any) -> Command:
    """Queue the cost of an ended session. Raises Invalid, NotFound, Conflict."""
    session = chosen_session(charge_point, params)
    if session.state != SessionState.ENDED:
        raise Conflict(_t("This session still runs."))
    values = {"session_id": session.pk}
    values |= {name: params[name] for name in ("text", "qr_code") if params.get(name)}
    return command_create(charge_point=charge_point, order="final_cost", params=values, **common)


order(
    "final_cost",
    _("Show final cost"),
    explain=_("Shows what a session came to, on displays of OCPP 1.6."),
    form=FinalCostParams,
    group="prices",
    icon="receipt_long",
    create=create,
    again=True,
)


@command("final_cost", versions=VERSIONS)
def build(version: str, command: Command) -> tuple[str, dict[str, Any]]:
    """The vendor message. Raises ValueError where no tariff applied."""
    params = command.params
    session, cost, offer = session_price(params["session_id"])
    length = span((session.ended_at or session.started_at) - session.started_at)
    words = (money(cost.amount_incl, cost.currency), kwh(session.energy_wh), length, offer.text)
    data = {
        "transactionId": transaction_number(session),
        "cost": total(cost.amount_incl, cost.currency),
        "priceText": params.get("text") or " · ".join(str(word) for word in words),
    }
    if "qr_code" in params:
        data["qrCodeText"] = params["qr_code"]
    return vendor_request(version, VENDOR, FINAL_COST, data)
