"""What orders left behind: wanted availabilities and checks of transactions."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from central.admin.history import PlacedHistoryAdmin
from central.admin.words import wanted_badge
from central.models import TransactionCheck, WantedAvailability
from central.models.wanted_availability import Wanted
from central.selectors.overview import zone_of
from emobility.lib.display import NOTHING, badge, code, link, moment
from registry.admin.actions import object_url
from registry.admin.filters import ChoiceFilter


class WantedFilter(ChoiceFilter):
    """In or out of service."""

    title, parameter_name = _("wanted"), "wanted"
    options = tuple(Wanted.choices)


class OngoingFilter(ChoiceFilter):
    """By what was said of the transaction."""

    title, parameter_name = _("goes on"), "ongoing"
    options = (("1", _("yes")), ("0", _("no")))


@admin.register(WantedAvailability)
class WantedAvailabilityAdmin(PlacedHistoryAdmin):
    """What charge points, EVSEs and connectors agreed to be."""

    list_display = ("time", "charge_point", "place", "state", "command")
    list_filter = (WantedFilter,)
    list_select_related = ("charge_point__site", "charge_point__organization", "command")
    search_fields = ("charge_point__cp_id",)
    empty_text = _("Nothing was set. Open a charge point and choose In or out of service.")
    empty_link = reverse_lazy("admin:registry_chargepoint_changelist")

    @display(description=_("place"))
    def place(self, row: WantedAvailability) -> str:
        """EVSE and connector, or the whole."""
        return place_words(row)

    @display(description=_("wanted"))
    def state(self, row: WantedAvailability) -> Any:
        """In or out of service, with its age."""
        return wanted_badge(row, timezone.now())

    def story(self, request: HttpRequest, obj: WantedAvailability) -> dict[str, Any]:
        """The wish and the order that brought it."""
        facts = [
            (_("Charge point"), link(object_url(obj.charge_point), obj.charge_point)),
            (_("Place"), place_words(obj)),
            (_("Since"), self.time(obj)),
            (_("Command"), link(object_url(obj.command), obj.command.order) if obj.command else ""),
        ]
        return {
            "title": f"{place_words(obj)} · {obj.charge_point}",
            "state_badge": wanted_badge(obj, timezone.now()),
            "cards": [{"title": _("Wanted availability"), "facts": facts}],
        }


@admin.register(TransactionCheck)
class TransactionCheckAdmin(PlacedHistoryAdmin):
    """What charge points said when asked about transactions."""

    list_display = ("time", "charge_point", "transaction_id", "session", "goes_on", "waits")
    list_filter = (OngoingFilter,)
    list_select_related = ("charge_point__site", "charge_point__organization", "session")
    search_fields = ("charge_point__cp_id", "=transaction_id")
    empty_text = _("No charge point was asked. Open one of OCPP 2 and choose Ask about a transaction.")
    empty_link = reverse_lazy("admin:registry_chargepoint_changelist")

    @display(description=_("goes on"))
    def goes_on(self, check: TransactionCheck) -> Any:
        """Yes, no, or nothing where no transaction was named."""
        return ongoing_words(check)

    @display(description=_("messages"))
    def waits(self, check: TransactionCheck) -> Any:
        """Whether messages wait at the charge point."""
        return waiting_words(check)

    def story(self, request: HttpRequest, obj: TransactionCheck) -> dict[str, Any]:
        """The answer and its order."""
        facts = [
            (_("Charge point"), link(object_url(obj.charge_point), obj.charge_point)),
            (_("Asked"), moment(obj.at, zone_of(obj.charge_point), seconds=True)),
            (_("Transaction"), code(obj.transaction_id) if obj.transaction_id else ""),
            (_("Session"), link(object_url(obj.session), obj.session) if obj.session else ""),
            (_("Goes on"), ongoing_words(obj)),
            (_("Messages"), waiting_words(obj)),
            (_("Command"), link(object_url(obj.command), obj.command.order) if obj.command else ""),
        ]
        return {"cards": [{"title": _("Transaction check"), "facts": facts}]}


def place_words(row: WantedAvailability) -> str:
    """The place as people say it."""
    if not row.evse_number:
        return str(_("Whole charge point"))
    words = f"{_('EVSE')} {row.evse_number}"
    return f"{words}, {_('connector')} {row.connector_number}" if row.connector_number else words


def ongoing_words(check: TransactionCheck) -> Any:
    """Whether the charge point says that the transaction goes on."""
    if check.ongoing is None:
        return NOTHING
    return badge(_("goes on"), "busy") if check.ongoing else badge(_("ended there"), "mute")


def waiting_words(check: TransactionCheck) -> Any:
    """Whether messages wait at the charge point."""
    return badge(_("messages wait"), "warn") if check.messages_in_queue else badge(_("none wait"), "good")
