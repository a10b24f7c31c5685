"""What orders of prices share: the choice of a tariff."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from central.ocpp.offers import offer_choices
from central.ports import TariffOffer, ports
from emobility.lib.errors import NotFound
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


def offered(charge_point: ChargePoint, params: dict[str, Any], at: datetime) -> TariffOffer:
    """The tariff that was chosen. Raises NotFound where none is valid then."""
    offer = ports.tariff_offer(charge_point_id=charge_point.pk, tariff_id=params.get("tariff", ""), at=at)
    if offer is None:
        raise NotFound(_t("No such tariff is valid there at that time."))
    return offer
