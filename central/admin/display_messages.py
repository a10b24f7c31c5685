"""Display messages: which text is on which charge point, and taking one off."""

from typing import Any, Final

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
from central.admin.words import command_badge
from central.models import DisplayMessage
from central.models.display_message import DisplayState
from central.ocpp.display import PRIORITIES
from central.ocpp.ordering import order_place
from central.selectors.overview import zone_of
from central.services.display_messages import CLEAR
from emobility.lib.display import NOTHING, badge, code, keep, link, moment, pretty
from registry.admin.actions import ObjectAction, Outcome, object_url
from registry.admin.filters import ChoiceFilter
from registry.admin.story import HistoryStoryAdmin
from registry.rights import Right

related(_("Display messages"), "central_displaymessage")

TONES: Final = {
    DisplayState.ORDERED: "info",
    DisplayState.INSTALLED: "good",
    DisplayState.REFUSED: "bad",
    DisplayState.REMOVED: "mute",
    DisplayState.LOST: "warn",
}
PRIORITY_WORDS: Final = {
    "NormalCycle": _("in turn"),
    "InFront": _("before those in turn"),
    "AlwaysFront": _("always in front"),
}
REASONS: Final = {
    "ordered": _("ordered from here"),
    "replaced": _("another one is always in front now"),
    "unknown": _("the charge point does not have it"),
    "not_reported": _("the charge point did not list it"),
    "time": _("its time was over"),
    "transaction": _("its session has ended"),
}


def _clear(request: HttpRequest, obj: DisplayMessage, values: dict[str, Any]) -> Outcome:
    user: Any = request.user
    order_place(
        charge_point=obj.charge_point,
        order=CLEAR,
        params={"number": obj.number},
        requested_by=user,
        source="admin",
        now=timezone.now(),
    )
    return _t("Its removal is ordered. It is gone when the charge point answers.")


class DisplayStateFilter(ChoiceFilter):
    """By whether the charge point has it."""

    title, parameter_name = _("state"), "state"
    options = DisplayState.choices


class PriorityFilter(ChoiceFilter):
    """By priority."""

    title, parameter_name = _("priority"), "priority"
    options = tuple((name, PRIORITY_WORDS[name]) for name in PRIORITIES)


@admin.register(DisplayMessage)
class DisplayMessageAdmin(HistoryStoryAdmin):
    """Display messages, newest first."""

    object_actions = (
        ObjectAction(
            slug="clear",
            label=_("Remove"),
            explain=_("Takes this text off the charge point's display."),
            right=Right.OPERATE,
            run=_clear,
            hindrance=lambda obj: _t("It is gone already.") if obj.state == DisplayState.REMOVED else "",
            ask=True,
            icon="speaker_notes_off",
        ),
    )
    change_list_template = "admin/live_list.html"
    list_live_topics = "charge_points"
    organization_column = False
    paginator = InfinitePaginator
    list_display = ("name", "charge_point", "text", "state_now", "how", "when", "session")
    list_filter = (DisplayStateFilter, PriorityFilter, CommandSiteFilter)
    list_select_related = ("charge_point__site", "charge_point__organization")
    search_fields = ("charge_point__cp_id", "contents", "transaction_id", "=number")
    ordering = ("-id",)
    empty_text = _("No text is on any display. Open a charge point and choose Show a message.")
    empty_link = reverse_lazy("admin:registry_chargepoint_changelist")

    @display(description=_("message"), ordering="number")
    def name(self, row: DisplayMessage) -> Any:
        """The number that the charge point knows."""
        return row.number

    @display(description=_("text"))
    def text(self, row: DisplayMessage) -> Any:
        """The main text."""
        return keep(row.contents[0]["content"] if row.contents else "")

    @display(description=_("state"), ordering="state")
    def state_now(self, row: DisplayMessage) -> Any:
        """The state and its age."""
        return state_badge(row)

    @display(description=_("shown"))
    def how(self, row: DisplayMessage) -> Any:
        """Its priority, and while which state."""
        words = str(PRIORITY_WORDS.get(row.priority, row.priority))
        return f"{words}, {row.shown_state}" if row.shown_state else words

    @display(description=_("from, until"))
    def when(self, row: DisplayMessage) -> Any:
        """Its time."""
        return _span(row)

    @display(description=_("transaction"))
    def session(self, row: DisplayMessage) -> Any:
        """The transaction that it belongs to."""
        return keep(row.transaction_id)

    def story(self, request: HttpRequest, obj: DisplayMessage) -> dict[str, Any]:
        """The texts, when they are shown, what became of them."""
        facts = [
            (_("Charge point"), link(object_url(obj.charge_point), obj.charge_point)),
            (_("Priority"), PRIORITY_WORDS.get(obj.priority, obj.priority)),
            (_("Only while it is"), code(obj.shown_state) if obj.shown_state else _("in any state")),
            (_("From, until"), _span(obj)),
            (_("Transaction"), code(obj.transaction_id) if obj.transaction_id else ""),
            (_("Display"), pretty(obj.display) if obj.display else _("the main one")),
        ]
        return {
            "topics": f"charge_point:{obj.charge_point_id}",
            "title": _("Message {number} · {place}").format(number=obj.number, place=obj.charge_point),
            "state_badge": state_badge(obj),
            "cards": [
                {"title": _("Shown"), "width": "em-w6", "facts": facts},
                {"title": _("What happened"), "width": "em-w6", "facts": _course(obj)},
                _texts(obj),
            ],
        }


def _course(obj: DisplayMessage) -> list[tuple[Any, Any]]:
    zone = zone_of(obj.charge_point)
    course = [
        (_("Created"), moment(obj.created_at, zone, seconds=True)),
        (_("Installed"), moment(obj.installed_at, zone, seconds=True)),
        (_("Last reported"), moment(obj.reported_at, zone, seconds=True)),
        (_("Removed"), moment(obj.removed_at, zone, seconds=True)),
        (_("Because"), REASONS.get(obj.removed_because, obj.removed_because)),
        (_("Charge point's word"), code(obj.answer) if obj.answer else ""),
        (_("Number there"), code(obj.number)),
    ]
    if obj.command:
        course.append(
            (_("Command"), link(object_url(obj.command), command_badge(obj.command, timezone.now())))
        )
    return course


def state_badge(row: DisplayMessage) -> Any:
    """The state with its age."""
    state = DisplayState(row.state)
    since = {DisplayState.INSTALLED: row.installed_at, DisplayState.REMOVED: row.removed_at}.get(state)
    return badge(state.label.capitalize(), TONES[state], since or row.created_at, timezone.now())


def _span(row: DisplayMessage) -> Any:
    if not row.starts_at and not row.ends_at:
        return _("always")
    zone = zone_of(row.charge_point)
    if not row.starts_at:
        return format_html("{} {}", _("until"), moment(row.ends_at, zone))
    if not row.ends_at:
        return format_html("{} {}", _("from"), moment(row.starts_at, zone))
    return format_html("{} {} {}", moment(row.starts_at, zone), _("until"), moment(row.ends_at, zone))


def _texts(row: DisplayMessage) -> dict[str, Any]:
    rows = [
        [
            (_("Language"), each["language"] or NOTHING),
            (_("Format"), each["format"]),
            (_("Text"), each["content"]),
        ]
        for each in row.contents
    ]
    return {"title": _("Texts"), "columns": [_("Language"), _("Format"), _("Text")], "rows": rows}
