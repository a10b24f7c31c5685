"""What drivers want of their sessions, and what they were answered."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from central.admin.power import PowerAdmin
from central.models import ChargingPreference
from central.models.charging_preference import Preference
from central.selectors.overview import zone_of
from central.services.charging_preferences import ACCEPTED
from emobility.lib.display import NOTHING, badge, kwh, moment

ANSWERS = {
    "ACCEPTED": _("accepted"),
    "DEPARTURE_REQUIRED": _("needs a departure"),
    "ENERGY_NEED_REQUIRED": _("needs the energy"),
    "NOT_POSSIBLE": _("not possible"),
    "PROFILE_TYPE_NOT_SUPPORTED": _("no such tariff here"),
}


@admin.register(ChargingPreference)
class ChargingPreferenceAdmin(PowerAdmin):
    """Drivers' preferences, newest first."""

    list_display = ("time", "charge_point", "place", "session", "wish", "energy", "leaves", "said")
    list_select_related = ("charge_point__site", "charge_point__organization", "session")
    empty_text = _("No driver asked for fast, cheap or green charging yet.")

    @display(description=_("preference"), ordering="profile_type")
    def wish(self, row: ChargingPreference) -> str:
        """In words, with OCPI's beside."""
        return f"{Preference(row.profile_type).label} ({row.profile_type})"

    @display(description=_("energy"))
    def energy(self, row: ChargingPreference) -> str:
        """What is wanted until departure."""
        return kwh(row.energy_wh) if row.energy_wh is not None else NOTHING

    @display(description=_("departure"))
    def leaves(self, row: ChargingPreference) -> Any:
        """When the driver means to leave."""
        return moment(row.departure_at, zone_of(row.charge_point)) if row.departure_at else NOTHING

    @display(description=_("answered"))
    def said(self, row: ChargingPreference) -> Any:
        """In words."""
        tone = "good" if row.status == ACCEPTED else "warn"
        return badge(ANSWERS.get(row.status, row.status), tone)

    def story(self, request: HttpRequest, obj: ChargingPreference) -> dict[str, Any]:
        """The wish, its answer, and the order that it became."""
        discharge = _("yes") if obj.discharge_allowed else _("no")
        facts = [
            *self.where(obj),
            (_("Preference"), self.wish(obj)),
            (_("Energy"), self.energy(obj)),
            (_("Departure"), self.leaves(obj)),
            (_("May be discharged"), discharge),
            (_("Told by"), obj.told_by or NOTHING),
            (_("Answered"), obj.status),
        ]
        title = _("Preference at {name}").format(name=obj.charge_point)
        return {"title": title, "state_badge": self.said(obj), "cards": [{"key": "facts", "facts": facts}]}
