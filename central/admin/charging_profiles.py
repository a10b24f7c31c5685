"""Charging profiles and reports of them: lists, stories with drawn schedules, taking one back."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from central.admin.filters import CommandSiteFilter
from central.admin.schedules import limits_words, schedule_cards
from central.admin.words import command_badge
from central.models import ChargingProfile, ProfileReport
from central.models.charging_profile import Kind, ProfileState, Purpose, ReportState
from central.ocpp.ordering import order_place
from central.selectors.overview import zone_of
from central.services.charging_profiles import NEVER_CLEARED, THERE
from emobility.lib.display import NOTHING, badge, code, link, moment, pretty
from registry.admin.actions import ObjectAction, Outcome, object_url
from registry.admin.filters import ChoiceFilter, OrganizationFilter
from registry.admin.story import HistoryStoryAdmin
from registry.rights import Right

ROWS = 50
TONES = {
    ProfileState.WANTED: "info",
    ProfileState.SENT: "busy",
    ProfileState.INSTALLED: "good",
    ProfileState.REJECTED: "bad",
    ProfileState.REPORTED: "info",
}
REPORT_TONES = {
    ReportState.REQUESTED: "info",
    ReportState.RECEIVING: "busy",
    ReportState.COMPLETE: "good",
    ReportState.EMPTY: "good",
    ReportState.INCOMPLETE: "warn",
    ReportState.FAILED: "bad",
}


def _clear(request: HttpRequest, obj: ChargingProfile, values: dict[str, Any]) -> Outcome:
    user: Any = request.user
    order_place(
        charge_point=obj.charge_point,
        order="profile_clear",
        params={"profile_id": obj.number},
        requested_by=user,
        source="admin",
        now=timezone.now(),
    )
    return _t("The end of the profile is ordered. It ends when the charge point answers.")


def _not_there(obj: ChargingProfile) -> str:
    if obj.purpose in NEVER_CLEARED:
        return _t("Only the system that set this limit can take it back.")
    return "" if obj.state in THERE else _t("The charge point does not have this profile.")


class ProfileStateFilter(ChoiceFilter):
    """By state."""

    title, parameter_name = _("state"), "state"
    options = ProfileState.choices


class PurposeFilter(ChoiceFilter):
    """By what is limited."""

    title, parameter_name = _("what it limits"), "purpose"
    options = Purpose.choices


@admin.register(ChargingProfile)
class ChargingProfileAdmin(HistoryStoryAdmin):
    """Charging profiles, newest first."""

    object_actions = (
        ObjectAction(
            slug="clear",
            label=_("Clear profile"),
            explain=_("Takes this limit back. Cars that it holds down charge faster then."),
            right=Right.OPERATE,
            run=_clear,
            hindrance=_not_there,
            ask=True,
            danger=True,
            icon="layers_clear",
        ),
    )
    list_display = ("name", "charge_point", "place", "limits_what", "limit", "level", "state_now")
    list_filter = (ProfileStateFilter, PurposeFilter, CommandSiteFilter, OrganizationFilter)
    list_select_related = ("charge_point__site", "charge_point__organization", "session")
    search_fields = ("charge_point__cp_id", "=number", "=transaction_id")
    ordering = ("-id",)
    empty_text = _("No charging profile was set or reported. Open a charge point to set one.")
    empty_link = reverse_lazy("admin:registry_chargepoint_changelist")

    @display(description=_("profile"), ordering="number")
    def name(self, row: ChargingProfile) -> Any:
        """The number that the charge point knows."""
        return row.number

    @display(description=_("EVSE"), ordering="evse_number")
    def place(self, row: ChargingProfile) -> Any:
        """Which EVSE, or the whole."""
        return row.evse_number or _("all")

    @display(description=_("what it limits"), ordering="purpose")
    def limits_what(self, row: ChargingProfile) -> Any:
        """The purpose in words."""
        return dict(Purpose.choices).get(row.purpose, row.purpose)

    @display(description=_("limit"))
    def limit(self, row: ChargingProfile) -> str:
        """From the lowest to the highest limit."""
        return limits_words(row.unit, row.lowest, row.highest)

    @display(description=_("stack level"), ordering="stack_level")
    def level(self, row: ChargingProfile) -> int:
        """Higher ones overrule lower ones."""
        return row.stack_level

    @display(description=_("state"), ordering="state")
    def state_now(self, row: ChargingProfile) -> Any:
        """The state and its age."""
        return profile_badge(row)

    def story(self, request: HttpRequest, obj: ChargingProfile) -> dict[str, Any]:
        """What it limits, since when, and its schedules."""
        zone = zone_of(obj.charge_point)
        start = obj.session.started_at if obj.session else None
        cards = [
            {"title": _("Profile"), "width": "em-w6", "facts": self._facts(obj)},
            {"title": _("What happened"), "width": "em-w6", "facts": _course(obj, zone)},
            *schedule_cards(obj.schedules, zone, start if obj.kind == Kind.RELATIVE else None),
        ]
        return {
            "title": _("Charging profile {number}").format(number=obj.number),
            "state_badge": profile_badge(obj),
            "cards": cards,
        }

    def _facts(self, obj: ChargingProfile) -> list[tuple[Any, Any]]:
        zone = zone_of(obj.charge_point)
        kind = [dict(Kind.choices).get(obj.kind, obj.kind), obj.recurrency]
        facts = [
            (_("Charge point"), link(object_url(obj.charge_point), obj.charge_point)),
            (_("EVSE"), self.place(obj)),
            (_("Limits"), self.limits_what(obj)),
            (_("Limit"), self.limit(obj)),
            (_("Kind"), " · ".join(str(each) for each in kind if each)),
            (_("Stack level"), str(obj.stack_level)),
            (_("Valid from"), moment(obj.valid_from, zone)),
            (_("Valid until"), moment(obj.valid_to, zone)),
            (_("Set by"), _("us") if obj.source == "CSO" else code(obj.source)),
        ]
        if obj.options:
            facts.append((_("Further fields"), pretty(obj.options)))
        return facts


def _course(obj: ChargingProfile, zone: str) -> list[tuple[Any, Any]]:
    command, report = obj.command, obj.report
    facts = [
        (_("Asked"), moment(obj.requested_at, zone, seconds=True)),
        (_("State since"), moment(obj.changed_at, zone, seconds=True)),
        (_("Answer or reason"), code(obj.word) if obj.word else NOTHING),
        (_("Session"), link(object_url(obj.session), obj.session) if obj.session else NOTHING),
        (_("Reported"), moment(obj.reported_at, zone, seconds=True)),
        (_("Number there"), code(obj.number)),
    ]
    if command:
        facts.append((_("Command"), link(object_url(command), command_badge(command, timezone.now()))))
    if report:
        facts.append((_("Report"), link(object_url(report), report)))
    return facts


@admin.register(ProfileReport)
class ProfileReportAdmin(HistoryStoryAdmin):
    """Reports of installed profiles, newest first."""

    list_display = ("name", "charge_point", "state_now", "asked")
    list_filter = (CommandSiteFilter, OrganizationFilter)
    list_select_related = ("charge_point__site", "charge_point__organization")
    search_fields = ("charge_point__cp_id", "=number")
    empty_text = _("Nothing was read. Open a charge point and choose Get charging profiles.")
    empty_link = reverse_lazy("admin:registry_chargepoint_changelist")
    ordering = ("-id",)

    @display(description=_("report"), ordering="number")
    def name(self, row: ProfileReport) -> Any:
        """The number of the request."""
        return row.number

    @display(description=_("state"), ordering="state")
    def state_now(self, row: ProfileReport) -> Any:
        """The state and its age."""
        return report_badge(row)

    @display(description=_("asked"), ordering="requested_at")
    def asked(self, row: ProfileReport) -> Any:
        """When, at its place."""
        return moment(row.requested_at, zone_of(row.charge_point), seconds=True)

    def story(self, request: HttpRequest, obj: ProfileReport) -> dict[str, Any]:
        """What was asked for, and what came."""
        facts = [
            (_("Charge point"), link(object_url(obj.charge_point), obj.charge_point)),
            (_("Asked"), self.asked(obj)),
            (_("EVSE"), NOTHING if obj.evse_number is None else str(obj.evse_number)),
            (_("Criteria"), pretty(obj.criteria)),
        ]
        rows = [
            [
                (_("Profile"), link(object_url(row), row)),
                (_("EVSE"), row.evse_number),
                (_("Limit"), limits_words(row.unit, row.lowest, row.highest)),
                (_("Set by"), row.source),
                (_("State"), profile_badge(row)),
            ]
            for row in obj.profiles.order_by("-id")[:ROWS]
        ]
        columns = [_("Profile"), _("EVSE"), _("Limit"), _("Set by"), _("State")]
        return {
            "title": _("Report of profiles {number}").format(number=obj.number),
            "state_badge": report_badge(obj),
            "cards": [
                {"title": _("Report"), "facts": facts},
                {"title": _("Profiles"), "columns": columns, "rows": rows, "empty": _("Nothing came.")},
            ],
        }


def profile_badge(row: ChargingProfile) -> Any:
    """The state of a profile with its age."""
    state, now = ProfileState(row.state), timezone.now()
    if state in THERE and row.valid_to is not None and row.valid_to <= now:
        return badge(_("Valid no more"), "mute", row.valid_to, now)
    return badge(state.label.capitalize(), TONES.get(state, "mute"), row.changed_at, now)


def report_badge(row: ProfileReport) -> Any:
    """The state of a report with its age."""
    state = ReportState(row.state)
    return badge(state.label.capitalize(), REPORT_TONES.get(state, "mute"), row.changed_at, timezone.now())
