"""Configuration profiles: written as lines of text, compared with charge points, set where told to."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.text import format_lazy
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextareaWidget

from central.admin.place_words import breakable
from central.models import ConfigurationProfile
from central.ocpp.order_lists import values_field
from central.ocpp.profile_values import values_text, wanted_values
from central.selectors.configuration import MOST_SHOWN, versions_of
from central.services.configuration_profiles import Difference, differences_many, scope_of, wanted_of
from central.services.configuration_rounds import round_begin
from emobility.lib.display import badge, code, link
from emobility.lib.errors import Invalid
from registry.admin.actions import ObjectAction, Outcome, object_url
from registry.admin.filters import ChoiceFilter, OrganizationFilter
from registry.admin.story import StoryAdmin
from registry.rights import Right

MOST_NAMED = 3
MOST_AT_ONCE = 500


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg]
    """A profile; its values are lines of text."""

    values = values_field(
        label=_("Wanted values"),
        widget=UnfoldAdminTextareaWidget,
        help_text=_(
            "One a line: HeartbeatInterval = 300, or for OCPP 2 Component.Variable = value. What a charge"
            " point's version does not know is left out; what OCPP 1.6 and 2 know under different names is"
            " translated."
        ),
    )

    class Meta:
        model = ConfigurationProfile
        fields = (
            "organization",
            "name",
            "description",
            "values",
            "site",
            "group",
            "vendor",
            "model",
            "priority",
            "is_active",
            "apply_after_boot",
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["values"] = values_text(self.instance.values)

    def clean_values(self) -> list[dict[str, Any]]:
        """Raise ValidationError for values that no profile may have."""
        try:
            return wanted_values(self.cleaned_data["values"])
        except Invalid as error:
            raise forms.ValidationError(error.message) from error


def _apply(request: HttpRequest, obj: ConfigurationProfile, values: dict[str, Any]) -> Outcome:
    now = timezone.now()
    points = scope_of(obj)[:MOST_AT_ONCE]
    begun = sum(round_begin(charge_point=point, profiles=[obj], now=now) for point in points)
    return _t("{count} charge point(s) are asked for their values; what differs is set then.").format(
        count=begun
    )


class AutomaticFilter(ChoiceFilter):
    """By whether values are set by themselves."""

    title, parameter_name, field = _("set after each start"), "automatic", "apply_after_boot"
    options = (("1", _("yes")), ("0", _("no")))


@admin.register(ConfigurationProfile)
class ConfigurationProfileAdmin(StoryAdmin):
    """The organisation's profiles."""

    form = ProfileForm
    object_actions = (
        ObjectAction(
            slug="apply",
            label=_("Set now"),
            explain=_(
                "Reads these values from every charge point that the profile speaks of, and sets those that"
                " differ. Charge points that are offline are asked if they come back within five minutes."
            ),
            right=Right.OPERATE,
            run=_apply,
            hindrance=lambda obj: "" if obj.is_active else _t("This profile is not in use."),
            ask=True,
            icon="published_with_changes",
        ),
    )
    list_display = ("name", "description", "speaks_of", "count", "priority", "used")
    list_filter = (AutomaticFilter, OrganizationFilter)
    list_select_related = ("organization", "site", "group")
    search_fields = ("name", "description", "vendor", "model")
    ordering = ("name",)
    empty_text = _("A profile says which values charge points shall have, and shows where they differ.")
    fieldsets = (
        (None, {"fields": ("organization", "name", "description", "values")}),
        (_("For"), {"fields": ("site", "group", "vendor", "model")}),
        (_("Use"), {"fields": ("is_active", "priority", "apply_after_boot")}),
    )

    @display(description=_("for"))
    def speaks_of(self, row: ConfigurationProfile) -> Any:
        """Which charge points."""
        return scope_words(row)

    @display(description=_("values"))
    def count(self, row: ConfigurationProfile) -> str:
        """How many."""
        return str(len(row.values))

    @display(description=_("use"))
    def used(self, row: ConfigurationProfile) -> Any:
        """Whether it is in use, and sets by itself."""
        if not row.is_active:
            return badge(_("Not in use"), "mute")
        if row.apply_after_boot:
            return badge(_("Set after each start"), "busy")
        return badge(_("Compared only"), "info")

    def story(self, request: HttpRequest, obj: ConfigurationProfile) -> dict[str, Any]:
        """What is wanted, and where it is not so."""
        facts = [
            (_("For"), scope_words(obj)),
            (_("Priority"), str(obj.priority)),
            (_("Use"), self.used(obj)),
        ]
        values = [[(_("Value"), code(line))] for line in values_text(obj.values).splitlines()]
        return {
            "summary": obj.description,
            "state_badge": self.used(obj),
            "cards": [
                {"title": _("Profile"), "width": "em-w6", "facts": facts},
                {
                    "title": _("Wanted values"),
                    "width": "em-w6",
                    "columns": [_("Value")],
                    "rows": values,
                },
                _compared(obj),
            ],
        }


def scope_words(row: ConfigurationProfile) -> str:
    """The charge points that a profile speaks of, as a sentence."""
    parts = (
        (_("site {value}"), row.site if row.site_id else ""),
        (_("group {value}"), row.group if row.group_id else ""),
        (_("vendor {value}"), row.vendor),
        (_("model {value}"), row.model),
    )
    return ", ".join(str(format_lazy(words, value=value)) for words, value in parts if value) or _t("all")


def _compared(obj: ConfigurationProfile) -> dict[str, Any]:
    points = list(scope_of(obj)[:MOST_SHOWN])
    versions = versions_of(points)
    by_version = {version: list(wanted_of([obj], version).values()) for version in set(versions.values())}
    wanted = {point.pk: by_version.get(versions.get(point.pk, ""), []) for point in points}
    found = differences_many([point.pk for point in points], wanted)
    rows = [
        [
            (_("Charge point"), link(object_url(point), point)),
            (_("As wanted"), _verdict(len(wanted[point.pk]), found.get(point.pk, []))),
            (_("Differences"), _named(found.get(point.pk, []))),
        ]
        for point in points
    ]
    return {
        "title": _("Charge points"),
        "columns": [_("Charge point"), _("As wanted"), _("Differences")],
        "rows": rows,
        "empty": _("The profile speaks of no charge point that is registered."),
    }


def _verdict(wanted: int, differences: list[Difference]) -> Any:
    if not wanted:
        return badge(_("Nothing here is meant for it"), "mute")
    if not differences:
        return badge(_("As wanted"), "good")
    return badge(_("{count} of {all} differ").format(count=len(differences), all=wanted), "warn")


def _named(differences: list[Difference]) -> Any:
    parts = [
        format_html(
            _t("{}: {} instead of {}"),
            breakable(each.wanted.place.name),
            _t("not read") if each.actual is None else each.actual or _t("nothing"),
            each.wanted.value,
        )
        for each in differences[:MOST_NAMED]
    ]
    if len(differences) > MOST_NAMED:
        parts.append(format_html("… (+{})", len(differences) - MOST_NAMED))
    return format_html_join("; ", "{}", ((part,) for part in parts))
