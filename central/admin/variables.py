"""The configuration of charge points: a table of variables, and the story of each."""

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.paginator import InfinitePaginator

from central.admin.cards import related
from central.admin.filters import CommandSiteFilter
from central.admin.place_words import breakable
from central.admin.variable_actions import ACTIONS
from central.models import Variable
from central.models.variable import Source
from central.selectors.overview import zone_of
from emobility.lib.display import NOTHING, age, badge, badges, code, keep, link, moment
from registry.admin.actions import object_url
from registry.admin.filters import ChoiceFilter
from registry.admin.story import HistoryStoryAdmin


class AttentionFilter(ChoiceFilter):
    """What a person may want to look at."""

    title, parameter_name = _("attention"), "attention"
    options = (
        ("reboot", _("waits for a restart")),
        ("refused", _("refused")),
        ("unnamed", _("not in the newest full report")),
    )

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Rows that need it."""
        if self.value() in {"reboot", "unnamed"}:
            return queryset.exclude(**{f"{self.value()}_since": None})
        return queryset.exclude(word="") if self.value() == "refused" else queryset


class MutabilityFilter(ChoiceFilter):
    """By whether people can change it."""

    title, parameter_name = _("changeable"), "mutability"
    options = (("yes", _("changeable")), ("ReadOnly", _("read only")))

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Rows of that kind; what nobody told may be changeable."""
        if self.value() == "yes":
            return queryset.exclude(mutability="ReadOnly")
        return queryset.filter(mutability="ReadOnly") if self.value() else queryset


class SourceFilter(ChoiceFilter):
    """By how we know it."""

    title, parameter_name = _("known from"), "source"
    options = Source.choices


@admin.register(Variable)
class VariableAdmin(HistoryStoryAdmin):
    """Variables of 2.x and keys of 1.6 in one table."""

    organization_column = False
    object_actions = ACTIONS
    paginator = InfinitePaginator
    list_display = ("name", "charge_point", "shown_value", "change", "marks", "changed")
    list_filter = (AttentionFilter, MutabilityFilter, SourceFilter, CommandSiteFilter)
    list_select_related = ("charge_point__site", "charge_point__organization")
    search_fields = ("charge_point__cp_id", "component", "variable", "variable_instance", "value")
    ordering = ("charge_point_id", "key")
    list_fullwidth = True
    empty_text = _("Nothing was read yet. Open a charge point and order Read configuration.")
    empty_link = reverse_lazy("admin:registry_chargepoint_changelist")

    @display(description=_("name"), ordering="key")
    def name(self, row: Variable) -> Any:
        """The place as the charge point names it."""
        return breakable(row.words)

    @display(description=_("value"), ordering="value")
    def shown_value(self, row: Variable) -> Any:
        """The actual value with its unit."""
        return keep(f"{row.value} {row.unit}".strip()) if row.value else NOTHING

    @display(description=_("changeable"))
    def change(self, row: Variable) -> Any:
        """Whether people can change it."""
        return mutability_words(row)

    @display(description=_("attention"))
    def marks(self, row: Variable) -> Any:
        """A restart that it waits for, a refusal, that it is not named any more."""
        return marks_of(row, timezone.now())

    @display(description=_("changed"), ordering="changed_at")
    def changed(self, row: Variable) -> Any:
        """How long ago the value last became another one."""
        return age(row.changed_at, timezone.now())

    def story(self, request: HttpRequest, obj: Variable) -> dict[str, Any]:
        """The value, what it may be, its attributes, its monitors."""
        zone = zone_of(obj.charge_point)
        facts = [
            (_("Charge point"), link(object_url(obj.charge_point), obj.charge_point)),
            (_("Value"), format_html("{} {}", obj.value or NOTHING, obj.unit)),
            (_("Changeable"), mutability_words(obj)),
            (_("Changed"), moment(obj.changed_at, zone, seconds=True)),
            (_("Told"), moment(obj.told_at, zone, seconds=True)),
            (_("Known from"), obj.get_source_display()),
        ]
        return {
            "topics": f"charge_point:{obj.charge_point_id}",
            "title": obj.words,
            "state_badge": marks_of(obj, timezone.now()),
            "cards": [
                {"title": _("Variable"), "width": "em-w6", "facts": facts},
                {"title": _("What it may be"), "width": "em-w6", "facts": _traits(obj)},
                _attributes(obj, zone),
                _monitors(obj),
            ],
        }


def mutability_words(row: Variable) -> Any:
    """Whether people can change it, in plain words."""
    words = {"ReadOnly": _("read only"), "WriteOnly": _("write only"), "ReadWrite": _("yes")}
    return words.get(row.mutability, _("not told"))


def refusal_badge(row: Variable, now: datetime) -> Any:
    """What the charge point refused with; that it has no such thing is no fault of it."""
    absent = row.word.startswith("Unknown")
    words = f"{_t('Not there')} ({row.word})" if absent else f"{_t('Refused')} ({row.word})"
    return badge(words, "mute" if absent else "bad", row.word_at, now)


def marks_of(row: Variable, now: datetime) -> Any:
    """What a person should know of a variable."""
    marks = []
    if row.reboot_since:
        marks.append(badge(_("Waits for a restart"), "warn", row.reboot_since, now))
    if row.unnamed_since:
        marks.append(badge(_("Not in the newest full report"), "mute", row.unnamed_since, now))
    if row.word:
        marks.append(refusal_badge(row, now))
    return badges(marks) if marks else ""


def _traits(row: Variable) -> list[tuple[Any, Any]]:
    between = " … ".join("" if limit is None else f"{limit:g}" for limit in (row.min_limit, row.max_limit))
    watched = {True: _("yes"), False: _("no"), None: ""}[row.supports_monitoring]
    return [
        (_("Type"), code(row.data_type) if row.data_type else ""),
        (_("Unit"), row.unit),
        (_("Limits"), between.strip(" …") and between),
        (_("Most elements"), "" if row.max_elements is None else str(row.max_elements)),
        (_("Allowed values"), ", ".join(row.choices)),
        (_("Can be monitored"), watched),
    ]


def _attributes(row: Variable, zone: str) -> dict[str, Any]:
    rows = [
        [
            (_("Attribute"), code(name)),
            (_("Value"), attribute.get("value", "")),
            (_("Access"), attribute.get("mutability", "")),
            (_("Persistent"), {True: _("yes"), False: _("no")}.get(attribute.get("persistent"), "")),
            (_("Changed"), _moment(attribute.get("changed_at"), zone)),
            (_("Told"), _moment(attribute.get("told_at"), zone)),
        ]
        for name, attribute in sorted(row.attributes.items())
    ]
    columns = [_("Attribute"), _("Value"), _("Access"), _("Persistent"), _("Changed"), _("Told")]
    empty = _("The charge point told no value of it.")
    return {"title": _("Attributes"), "columns": columns, "rows": rows, "empty": empty}


def _moment(text: str | None, zone: str) -> Any:
    return moment(datetime.fromisoformat(text), zone, seconds=True) if text else ""


def _monitors(row: Variable) -> dict[str, Any]:
    monitors = row.charge_point.variablemonitors.filter(key=row.key, gone_at=None)
    rows = [
        [
            (_("Monitor"), link(object_url(monitor), monitor.number)),
            (_("Type"), code(monitor.monitor_type)),
            (_("Value"), f"{monitor.value:g}"),
            (_("Severity"), str(monitor.severity)),
        ]
        for monitor in monitors
    ]
    columns = [_("Monitor"), _("Type"), _("Value"), _("Severity")]
    return {
        "title": _("Monitors"),
        "columns": columns,
        "rows": rows,
        "empty": _("Nothing watches this variable."),
    }


related(_("Configuration"), "central_variable")
related(_("Monitors"), "central_variablemonitor")
related(_("Device events"), "central_deviceevent")
related(_("Device reports"), "central_devicereport")
related(_("Event streams"), "central_eventstream")
related(_("Network profiles"), "central_networkprofile")
