"""What orders of prices share: the choice of a tariff, the choice of a session."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from central.models import Session
from central.ocpp.offers import offer_choices, offer_sessions
from central.ports import TariffOffer, ports
from emobility.lib.errors import Invalid, NotFound
from registry.models import ChargePoint


class TariffChoice(forms.Form):
    """A tariff by its OCPI id, or the one in force."""

    tariff = forms.CharField(
        label=_("Tariff"),
        max_length=36,
        required=False,
        help_text=_("By its OCPI id; the one in force there, where it is left out."),
    )

    def for_charge_point(self, charge_point: ChargePoint) -> None:
        """Offer the tariffs of its organisation."""
        offer_choices(self, "tariff", ports.tariff_choices(charge_point.organization_id))


class SessionChoice(forms.Form):
    """A session by our id or by the charge point's transaction id."""

    session = forms.UUIDField(label=_("Session"), required=False)
    transaction_id = forms.CharField(label=_("Transaction"), max_length=36, required=False)

    def for_charge_point(self, charge_point: ChargePoint) -> None:
        """Offer what runs there."""
        offer_sessions(self, charge_point)


def offered(charge_point: ChargePoint, params: dict[str, Any], at: datetime) -> TariffOffer:
    """The tariff that was chosen. Raises NotFound where none is valid then."""
    offer = ports.tariff_offer(charge_point_id=charge_point.pk, tariff_id=params.get("tariff", ""), at=at)
    if offer is None:
        raise NotFound(_t("No such tariff is valid there at that time."))
    return offer


def chosen_session(charge_point: ChargePoint, params: dict[str, Any]) -> Session:
    """The session that was chosen. Raises Invalid where none is named, NotFound."""
    sessions = Session.objects.filter(charge_point=charge_point).select_related("charge_point")
    if "session" in params:
        found = sessions.filter(uid=params["session"]).first()
    elif "transaction_id" in params:
        found = sessions.filter(transaction_id=params["transaction_id"]).first()
    else:
        raise Invalid(_t("Name the session."), {"session": _t("needs session or transaction_id")})
    if found is None:
        raise NotFound(_t("No such session."))
    return found
