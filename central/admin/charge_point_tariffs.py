"""Tariffs at charge points that calculate by themselves: the list, and the story of each."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from central.admin.der import command_fact
from central.admin.filters import CommandSiteFilter
from central.admin.history import PlacedHistoryAdmin
from central.models import ChargePointTariff
from central.models.charge_point_tariff import ChargePointTariffState, TariffKind
from central.ocpp.ordering import order_place
from central.selectors.overview import zone_of
from emobility.lib.display import NOTHING, badge, code, link, moment, pretty
from registry.admin.actions import ObjectAction, Outcome, object_url
from registry.admin.filters import ChoiceFilter, OrganizationFilter
from registry.rights import Right

TONES = {
    ChargePointTariffState.REQUESTED: "info",
    ChargePointTariffState.INSTALLED: "good",
    ChargePointTariffState.REFUSED: "bad",
    ChargePointTariffState.UNDELIVERED: "warn",
}


def _clear(request: HttpRequest, obj: ChargePointTariff, values: dict[str, Any]) -> Outcome:
    user: Any = request.user
    order_place(
        charge_point=obj.charge_point,
        order="tariffs_clear",
        params={"tariff_ids": obj.tariff_id},
        requested_by=user,
        source="admin",
        now=timezone.now(),
    )
    return _t("The removal is ordered. The tariff is gone when the charge point answers.")


def _hindrance(obj: ChargePointTariff) -> str:
    if obj.state != ChargePointTariffState.INSTALLED:
        return _t("The charge point does not have this tariff.")
    return "" if obj.kind == TariffKind.DEFAULT else _t("A driver's tariff goes with the session.")


class TariffStateFilter(ChoiceFilter):
    """By state."""

    title, parameter_name = _("state"), "state"
    options = tuple(ChargePointTariffState.choices)


class TariffKindFilter(ChoiceFilter):
    """By kind."""

    title, parameter_name = _("kind"), "kind"
    options = tuple(TariffKind.choices)


@admin.register(ChargePointTariff)
class ChargePointTariffAdmin(PlacedHistoryAdmin):
    """Tariffs, newest first."""

    object_actions = (
        ObjectAction(
            slug="clear",
            label=_("Remove tariff"),
            explain=_("Takes it from the charge point. Running sessions keep it until they end."),
            right=Right.MANAGE,
            run=_clear,
            hindrance=_hindrance,
            ask=True,
            danger=True,
            icon="delete",
        ),
    )
    list_display = ("name", "charge_point", "places", "kind_word", "state_now", "valid", "reported")
    list_filter = (TariffStateFilter, TariffKindFilter, CommandSiteFilter, OrganizationFilter)
    search_fields = ("charge_point__cp_id", "tariff_id")
    empty_text = _("No charge point has a tariff. Open one with OCPP 2.1 and choose Install tariff.")
    empty_link = reverse_lazy("admin:registry_chargepoint_changelist")

    @display(description=_("tariff"), ordering="tariff_id")
    def name(self, row: ChargePointTariff) -> Any:
        """Its id there."""
        return row.tariff_id

    @display(description=_("EVSEs"))
    def places(self, row: ChargePointTariff) -> Any:
        """Where."""
        return ", ".join(str(number) for number in row.evse_numbers if number) or _("all")

    @display(description=_("kind"), ordering="kind")
    def kind_word(self, row: ChargePointTariff) -> Any:
        """For everybody, or for one driver."""
        return TariffKind(row.kind).label if row.kind in TariffKind.values else row.kind

    @display(description=_("state"), ordering="state")
    def state_now(self, row: ChargePointTariff) -> Any:
        """The state and its age."""
        state = ChargePointTariffState(row.state)
        return badge(state.label.capitalize(), TONES.get(state, "mute"), row.changed_at, timezone.now())

    @display(description=_("valid from"), ordering="valid_from")
    def valid(self, row: ChargePointTariff) -> Any:
        """When it begins to count, at its place."""
        return moment(row.valid_from, zone_of(row.charge_point))

    @display(description=_("last reported"), ordering="reported_at")
    def reported(self, row: ChargePointTariff) -> Any:
        """When the charge point last named it."""
        return moment(row.reported_at, zone_of(row.charge_point))

    def story(self, request: HttpRequest, obj: ChargePointTariff) -> dict[str, Any]:
        """Where it is, in words, and what happened."""
        texts = (obj.tariff or {}).get("description") or [{}]
        facts = [
            (_("Charge point"), link(object_url(obj.charge_point), obj.charge_point)),
            (_("EVSEs"), self.places(obj)),
            (_("Kind"), self.kind_word(obj)),
            (_("In words"), texts[0].get("content") or NOTHING),
            (_("Valid from"), self.valid(obj)),
            (_("Tags"), ", ".join(obj.id_tags) or NOTHING),
            (_("Session"), link(object_url(obj.session), obj.session) if obj.session else NOTHING),
        ]
        course = [
            (_("State since"), moment(obj.changed_at, zone_of(obj.charge_point), seconds=True)),
            (_("Charge point's word"), code(obj.word) if obj.word else NOTHING),
            (_("Last reported"), self.reported(obj)),
            *command_fact(obj),
        ]
        cards: list[dict[str, Any]] = [
            {"title": _("Tariff"), "width": "em-w6", "facts": facts},
            {"title": _("What happened"), "width": "em-w6", "facts": course},
        ]
        if obj.tariff:
            cards.append({"title": _("As sent"), "body": pretty(obj.tariff)})
        return {"title": f"{obj} · {obj.charge_point}", "state_badge": self.state_now(obj), "cards": cards}
