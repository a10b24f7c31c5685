"""Commands over OCPI: what partners ordered of us, what we ordered of partners; parties behind hubs."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.paginator import InfinitePaginator

from emobility.lib.display import badge, code, link, moment, pretty
from ocpi.admin.plans import plan_cards
from ocpi.admin.session_wishes import WORDS as SESSION_WORDS
from ocpi.models import HubClient, Partner, ReceivedCommand, SentCommand
from ocpi.services.command_wishes import MODULES, NEEDED, command_wish
from ocpi.services.sent_commands import command_send
from registry.admin.actions import ObjectAction, object_url
from registry.admin.dress import dressed
from registry.admin.filters import ChoiceFilter
from registry.admin.story import HistoryStoryAdmin
from registry.rights import Right

WORDS = {
    "START_SESSION": _("Start charging"),
    "STOP_SESSION": _("Stop charging"),
    "RESERVE_NOW": _("Reserve"),
    "CANCEL_RESERVATION": _("Cancel a reservation"),
    "UNLOCK_CONNECTOR": _("Unlock a connector"),
    **SESSION_WORDS,
}
COMMANDS = [(name, WORDS[name]) for name in NEEDED if name not in MODULES]
STATUS_TONES = {"CONNECTED": "good", "OFFLINE": "bad", "PLANNED": "info", "SUSPENDED": "mute"}


class KindFilter(ChoiceFilter):
    """By command."""

    title, parameter_name = _("command"), "kind"
    options = tuple(WORDS.items())


class PartnerCommandAdmin(HistoryStoryAdmin):
    """Both directions look alike."""

    paginator = InfinitePaginator
    list_display = ("time", "what", "partner", "answered", "ended", "message")
    list_filter = (KindFilter,)
    list_select_related: Any = ("partner", "organization")
    search_fields = ("partner__party_id", "partner__name", "=uid")
    ordering = ("-id",)

    @display(description=_("time"), ordering="id")
    def time(self, row: Any) -> Any:
        """When it was asked."""
        return moment(row.created_at, row.organization.time_zone, seconds=True)

    @display(description=_("command"))
    def what(self, row: Any) -> str:
        """In words, with OCPI's beside."""
        return f"{WORDS.get(row.kind, row.kind)} ({row.kind})"

    @display(description=_("answer"))
    def answered(self, row: Any) -> SafeString:
        """The immediate one."""
        if not row.response:
            return badge(_("none yet"), "info")
        return badge(row.response, "good" if row.response == "ACCEPTED" else "bad")

    @display(description=_("result"))
    def ended(self, row: Any) -> Any:
        """The later one, with its age."""
        if row.waits:
            return badge(_("under way"), "info", row.created_at, timezone.now())
        if not row.result:
            return ""
        tone = "good" if row.result == "ACCEPTED" else "bad"
        return badge(row.result, tone, row.finished_at or row.created_at, timezone.now())

    def facts(self, obj: Any) -> list[tuple[Any, Any]]:
        """What both directions tell."""
        zone = obj.organization.time_zone
        return [
            (_("Partner"), link(object_url(obj.partner), obj.partner)),
            (_("Command"), self.what(obj)),
            (_("Answer"), self.answered(obj)),
            (_("Result"), self.ended(obj)),
            (_("Why"), obj.message),
            (_("Asked"), moment(obj.created_at, zone, seconds=True)),
            (_("Result by"), moment(obj.deadline_at, zone, seconds=True)),
            (_("OCPI version"), obj.version),
            (_("Id"), code(str(obj.uid))),
        ]

    def story(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        """The command, its answers, its objects."""
        return {
            "title": self.what(obj),
            "state_badge": self.ended(obj) or self.answered(obj),
            "polling": obj.waits or not obj.response,
            "cards": [
                {"key": "facts", "facts": self.facts(obj)},
                *plan_cards(obj),
                {"title": _("Command"), "width": "em-w6", "body": pretty(obj.payload)},
                {"title": _("Result"), "width": "em-w6", "body": pretty(obj.result_body)},
            ],
        }


@admin.register(ReceivedCommand)
class ReceivedCommandAdmin(PartnerCommandAdmin):
    """Partners' commands to our charge points."""

    list_select_related = ("partner", "organization", "command", "session")
    empty_text = _("Providers send them when their drivers start, stop or reserve from an app.")
    empty_link = reverse_lazy("admin:ocpi_partner_changelist")

    def facts(self, obj: ReceivedCommand) -> list[tuple[Any, Any]]:
        """With the order that it became."""
        more: list[tuple[Any, Any]] = [
            (_("Order"), link(object_url(obj.command), obj.command) if obj.command else ""),
            (_("Session"), link(object_url(obj.session), obj.session) if obj.session else ""),
            (_("Reservation"), link(object_url(obj.reservation), obj.reservation) if obj.reservation else ""),
            (_("Result goes to"), code(obj.response_url)),
        ]
        return [*super().facts(obj), *more]


@admin.register(SentCommand)
class SentCommandAdmin(PartnerCommandAdmin):
    """Our commands to partners, for our drivers."""

    empty_text = _("Send one from a partner's page, or over REST from a driver's app.")
    empty_link = reverse_lazy("admin:ocpi_partner_changelist")


@admin.register(HubClient)
class HubClientAdmin(HistoryStoryAdmin):
    """Who can be reached through hubs."""

    list_display = ("party", "role", "state", "partner", "changed")
    list_filter = ("status", "role")
    list_select_related = ("partner", "organization")
    search_fields = ("country_code", "party_id")
    empty_text = _("A hub tells which parties it connects, once one is registered.")
    empty_link = reverse_lazy("admin:ocpi_partner_changelist")

    @display(description=_("party"), ordering="country_code")
    def party(self, row: HubClient) -> str:
        """Country and party."""
        return str(row)

    @display(description=_("state"), ordering="status")
    def state(self, row: HubClient) -> SafeString:
        """With its age."""
        word = row.get_status_display().capitalize()
        return badge(word, STATUS_TONES[row.status], row.last_updated, timezone.now())

    @display(description=_("changed"), ordering="last_updated")
    def changed(self, row: HubClient) -> Any:
        """By the hub's word."""
        return moment(row.last_updated, row.organization.time_zone, seconds=True)

    def story(self, request: HttpRequest, obj: HubClient) -> dict[str, Any]:
        """The party as the hub tells it."""
        facts = [
            (_("Hub"), link(object_url(obj.partner), obj.partner)),
            (_("Role"), obj.role),
            (_("Changed"), self.changed(obj)),
        ]
        cards = [{"key": "facts", "facts": facts}, {"title": _("Object"), "body": pretty(obj.payload)}]
        return {"title": f"{obj} · {obj.role}", "state_badge": self.state(obj), "cards": cards}


class SendForm(forms.Form):
    """What a partner is to do for one of our drivers; each command needs some of it."""

    command = forms.ChoiceField(label=_("Command"), choices=COMMANDS)
    token = forms.CharField(
        label=_("Driver's token"), required=False, max_length=36, help_text=_("Its uid. To start or reserve.")
    )
    location_id = forms.CharField(
        label=_("Location"), required=False, max_length=39, help_text=_("To start, reserve or unlock.")
    )
    evse_uid = forms.CharField(
        label=_("EVSE"), required=False, max_length=39, help_text=_("Its uid; any, where it is left out.")
    )
    connector_id = forms.CharField(
        label=_("Connector"), required=False, max_length=36, help_text=_("To unlock.")
    )
    session_id = forms.CharField(
        label=_("Session at the partner"), required=False, max_length=36, help_text=_("To stop.")
    )
    reservation_id = forms.CharField(
        label=_("Reservation"),
        required=False,
        max_length=36,
        help_text=_("An id of your own, to reserve; the same one to cancel."),
    )
    expiry_date = forms.DateTimeField(label=_("Reserved until"), required=False)


def _send(request: HttpRequest, obj: Partner, values: dict[str, Any]) -> Any:
    now, user = timezone.now(), request.user
    params = {name: value for name, value in values.items() if value and name != "command"}
    wish = command_wish(partner=obj, kind=values["command"], params=params, now=now)
    person: Any = user
    row = command_send(partner=obj, wish=wish, requested_by=person, now=now)
    return HttpResponseRedirect(object_url(row))


def _hindrance(obj: Partner) -> str:
    takes = obj.endpoints.filter(identifier="commands", role="RECEIVER").exists()
    return "" if takes else str(_("The partner takes no commands."))


SEND = ObjectAction(
    "command",
    _("Send a command"),
    _("Asks the operator to act for one of our drivers. The result arrives on the next page."),
    Right.OPERATE,
    _send,
    form=lambda data, request, obj: dressed(SendForm(data)),
    hindrance=_hindrance,
    icon="play_arrow",
)
"""On a partner's page."""
