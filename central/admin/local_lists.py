"""Local lists: what charge points may decide by themselves, and how it stands to what they should."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminIntegerFieldWidget

from central.admin.charge_point_orders import ONE
from central.admin.policy_words import list_badge, list_facts, list_zone
from central.models import LocalList, LocalListEntry
from central.models.local_list import LocalListState
from central.ocpp.intents import ORDERS
from central.ocpp.vocabulary import parse_time
from central.services.local_lists import ASK, LARGEST, SEND, local_list_version_set
from emobility.lib.display import age, code, keep, link, masked, moment
from registry.admin.actions import ObjectAction, Outcome, object_url
from registry.admin.filters import ChoiceFilter, OrganizationFilter
from registry.admin.story import HistoryStoryAdmin
from registry.rights import Right, may

ROWS = 50


class ListStateFilter(ChoiceFilter):
    """By how the list stands."""

    title, parameter_name, field = _("state"), "state", "state"
    options = tuple((value, label) for value, label in LocalListState.choices)


class VersionForm(forms.Form):
    """Which version."""

    version = forms.IntegerField(
        label=_("Version"),
        min_value=0,
        max_value=LARGEST,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text=_("0: it has no list."),
    )


def _set_version(request: HttpRequest, obj: LocalList, values: dict[str, Any]) -> Outcome:
    user: Any = request.user
    local_list_version_set(
        charge_point=obj.charge_point, version=values["version"], requested_by=user, now=timezone.now()
    )
    return _t("The version is set. The next list that it gets is a full one.")


ACTIONS = (
    ObjectAction(
        slug="version",
        label=_("Set the version"),
        explain=_(
            "Corrects which list the charge point is taken to have, where we know better. Its content counts"
            " as unknown from then on: the next list is sent in full."
        ),
        right=Right.OPERATE,
        run=_set_version,
        form=lambda data, request, obj: VersionForm(data),
        hindrance=lambda obj: (
            _t("A list is on its way to it.") if obj.state == LocalListState.SENDING else ""
        ),
        icon="edit",
    ),
)


@admin.register(LocalList)
class LocalListAdmin(HistoryStoryAdmin):
    """A row for each charge point that was ever sent or asked for a list."""

    object_actions = ACTIONS
    organization_column = False
    list_display = ("charge_point", "how", "version", "reported_version", "entries_count", "synced")
    list_filter = (ListStateFilter, OrganizationFilter)
    list_select_related = ("charge_point__site", "charge_point__organization")
    search_fields = ("charge_point__cp_id",)
    ordering = ("-pk",)
    empty_text = _(
        "No charge point has a local list yet. Let an authorisation policy keep them in step, or send one"
        " from a charge point's page."
    )

    @display(description=_("state"))
    def how(self, row: LocalList) -> Any:
        """How it stands."""
        return list_badge(row, timezone.now())

    @display(description=_("last in step"), ordering="synced_at")
    def synced(self, row: LocalList) -> Any:
        """How long ago it was as it should be."""
        return age(row.synced_at, timezone.now())

    def story(self, request: HttpRequest, obj: LocalList) -> dict[str, Any]:
        """How it stands, and what it holds."""
        whole = may(request.user, Right.OPERATE)
        facts = [(_("Charge point"), link(object_url(obj.charge_point), obj.charge_point))]
        facts += list_facts(obj, list_zone(obj), timezone.now())
        if obj.command is not None:
            facts.append((_("Last order"), link(object_url(obj.command), obj.command.get_state_display())))
        if whole:
            facts.append((_("Order"), _orders(obj)))
        return {
            "topics": f"charge_point:{obj.charge_point_id}",
            "cards": [
                {"key": "list", "title": _("Local list"), "width": "em-w5", "facts": facts},
                _entries(obj, list_zone(obj), whole=whole),
            ],
        }


def _orders(obj: LocalList) -> Any:
    """What can be asked of it from here."""
    orders = (ORDERS[SEND], ORDERS[ASK])
    return format_html_join(
        " · ",
        "{}",
        (
            (link(reverse(f"admin:{ONE}", args=[obj.charge_point_id, each.name]), each.label),)
            for each in orders
        ),
    )


def _entries(obj: LocalList, zone: str, *, whole: bool) -> dict[str, Any]:
    rows = [
        [
            (_("Tag"), keep(entry.uid) if whole else masked(entry.uid)),
            (_("Type"), entry.token_type),
            (_("It answers"), code(entry.info.get("status", ""))),
            (_("Until"), _until(entry, zone)),
            (_("Group"), entry.info.get("group", "")),
        ]
        for entry in obj.entries.order_by("uid_key")[:ROWS]
    ]
    return {
        "key": "entries",
        "title": _("As last accepted"),
        "width": "em-w7",
        "columns": [_("Tag"), _("Type"), _("It answers"), _("Until"), _("Group")],
        "rows": rows,
        "empty": _("No tags: it asks us for each one while it is online."),
    }


def _until(entry: LocalListEntry, zone: str) -> Any:
    text = str(entry.info.get("expires_at", ""))
    try:
        return moment(parse_time(text), zone) if text else ""
    except ValueError:
        return text
