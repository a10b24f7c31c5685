"""Where an order applies: the whole charge point, an EVSE, a connector; as people say it and as OCPP does."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from central.models import Connector
from registry.models import ChargePoint

MOST_PLACES = 40


class PlaceForm(forms.Form):
    """EVSE and connector; in 1.6 connector N is EVSE N. Numbers that we do not know may be named too."""

    evse_number = forms.IntegerField(
        label=_("EVSE"), min_value=1, required=False, help_text=_("The whole charge point where left out.")
    )
    connector_number = forms.IntegerField(
        label=_("Connector"),
        min_value=1,
        required=False,
        help_text=_("OCPP 2.x: one connector of the EVSE. In 1.6 the EVSE's number is the connector's."),
    )

    def for_charge_point(self, charge_point: ChargePoint) -> None:
        """Tell which EVSEs are known there."""
        numbers = Connector.objects.filter(charge_point=charge_point).values_list("evse__number", flat=True)
        known = sorted({number for number in numbers if number})[:MOST_PLACES]
        field = self.fields.get("evse_number")
        if known and field is not None:
            listed = ", ".join(str(number) for number in known)
            field.help_text = f"{field.help_text} {_('Known here')}: {listed}.".strip()

    def clean(self) -> dict[str, Any]:
        """Raise ValidationError for a connector without its EVSE."""
        values = super().clean() or self.cleaned_data
        if values.get("connector_number") and not values.get("evse_number"):
            self.add_error("connector_number", _("Name the EVSE too."))
        return values


def connector_id(params: dict[str, Any]) -> int:
    """The connectorId of 1.6: 0 is the whole. Raises ValueError for a second connector of an EVSE."""
    if params.get("connector_number", 1) != 1:
        raise ValueError("In OCPP 1.6 each connector is an EVSE: name it by the EVSE's number.")
    return int(params.get("evse_number") or 0)


def evse(params: dict[str, Any]) -> dict[str, int] | None:
    """The EVSEType of 2.x; None for the whole charge point."""
    if not params.get("evse_number"):
        return None
    found = {"id": int(params["evse_number"])}
    if params.get("connector_number"):
        found["connectorId"] = int(params["connector_number"])
    return found
