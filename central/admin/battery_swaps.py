"""Battery swaps: the list, and the story of each."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from central.admin.der import command_fact
from central.admin.filters import CommandSiteFilter
from central.admin.history import PlacedHistoryAdmin
from central.models import BatterySwap
from central.models.battery_swap import BatterySwapState
from central.selectors.overview import zone_of
from emobility.lib.display import NOTHING, badge, code, keep, link, moment
from registry.admin.actions import object_url
from registry.admin.filters import ChoiceFilter, OrganizationFilter

TONES = {
    BatterySwapState.REQUESTED: "info",
    BatterySwapState.ACCEPTED: "info",
    BatterySwapState.REFUSED: "bad",
    BatterySwapState.UNDELIVERED: "warn",
    BatterySwapState.HALF: "busy",
    BatterySwapState.DONE: "good",
    BatterySwapState.NOT_TAKEN: "warn",
}


class BatterySwapStateFilter(ChoiceFilter):
    """By state."""

    title, parameter_name = _("state"), "state"
    options = tuple(BatterySwapState.choices)


@admin.register(BatterySwap)
class BatterySwapAdmin(PlacedHistoryAdmin):
    """Swaps, newest first."""

    list_display = ("began", "charge_point", "tag", "state_now", "brought", "taken")
    list_filter = (BatterySwapStateFilter, CommandSiteFilter, OrganizationFilter)
    search_fields = ("charge_point__cp_id", "id_tag", "=request_id")
    empty_text = _("No batteries were swapped yet.")

    @display(description=_("time"), ordering="id")
    def began(self, row: BatterySwap) -> Any:
        """When, at its place."""
        return moment(row.created_at, zone_of(row.charge_point), seconds=True)

    @display(description=_("tag"), ordering="id_tag")
    def tag(self, row: BatterySwap) -> Any:
        """For whom."""
        return keep(row.id_tag)

    @display(description=_("state"), ordering="state")
    def state_now(self, row: BatterySwap) -> Any:
        """The state and its age."""
        state = BatterySwapState(row.state)
        return badge(state.label.capitalize(), TONES.get(state, "mute"), row.changed_at, timezone.now())

    @display(description=_("brought"))
    def brought(self, row: BatterySwap) -> Any:
        """How many, how full."""
        return _words(row.batteries_in)

    @display(description=_("taken"))
    def taken(self, row: BatterySwap) -> Any:
        """How many, how full."""
        return _words(row.batteries_out)

    def story(self, request: HttpRequest, obj: BatterySwap) -> dict[str, Any]:
        """For whom, what went in and out."""
        zone = zone_of(obj.charge_point)
        tag = link(object_url(obj.id_token), obj.id_tag) if obj.id_token else obj.id_tag
        facts = [
            (_("Charge point"), link(object_url(obj.charge_point), obj.charge_point)),
            (_("Tag"), tag or NOTHING),
            (_("Brought"), moment(obj.in_at, zone, seconds=True)),
            (_("Taken"), moment(obj.out_at, zone, seconds=True)),
            (_("Not taken in time"), moment(obj.not_taken_at, zone, seconds=True)),
            (_("Charge point's word"), obj.word or NOTHING),
            (_("Number there"), code(obj.request_id)),
            *command_fact(obj),
        ]
        return {
            "title": _("Battery swap {number}").format(number=obj.request_id),
            "state_badge": self.state_now(obj),
            "cards": [
                {"title": _("Swap"), "facts": facts},
                _batteries(_("Brought"), obj.batteries_in, _("Nothing was brought yet.")),
                _batteries(_("Taken"), obj.batteries_out, _("Nothing was taken yet.")),
            ],
        }


def _words(batteries: list[dict[str, Any]]) -> Any:
    return ", ".join(f"{battery['soC']:g} %" for battery in batteries) or NOTHING


def _batteries(title: Any, batteries: list[dict[str, Any]], empty: Any) -> dict[str, Any]:
    columns = [_("Slot"), _("Serial number"), _("Charged"), _("Health")]
    rows = [
        [
            (columns[0], battery["evseId"]),
            (columns[1], code(battery["serialNumber"])),
            (columns[2], f"{battery['soC']:g} %"),
            (columns[3], f"{battery['soH']:g} %"),
        ]
        for battery in batteries
    ]
    return {"title": title, "width": "em-w6", "columns": columns, "rows": rows, "empty": empty}
