"""Commands: durable orders and what became of each."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.paginator import InfinitePaginator

from central.admin.charge_point_story import answer_words
from central.admin.command_actions import ACTIONS
from central.admin.filters import CommandSiteFilter, CommandStateFilter, OrderFilter, PeriodFilter
from central.admin.words import command_badge
from central.models import BulkTarget, Command
from central.models.command import order_words
from central.selectors.overview import zone_of
from central.services.whole_orders import commands_of
from emobility.lib.display import code, link, moment, pretty, span
from registry.admin.actions import object_url
from registry.admin.filters import OrganizationFilter
from registry.admin.story import HistoryStoryAdmin

MOST_PARTS = 50


@admin.register(Command)
class CommandAdmin(HistoryStoryAdmin):
    """Orders, newest first, with their answers as they arrive."""

    object_actions = ACTIONS
    change_list_template = "admin/live_list.html"
    list_live_topics = "commands"
    paginator = InfinitePaginator
    list_display = ("asked_at", "charge_point", "words", "by", "state_now", "answered", "took")
    list_filter = (CommandStateFilter, OrderFilter, PeriodFilter, CommandSiteFilter, OrganizationFilter)
    list_select_related = (
        "charge_point__site",
        "charge_point__organization",
        "organization",
        "requested_by",
    )
    search_fields = ("charge_point__cp_id", "requested_by__username", "message_id")
    ordering = ("-id",)
    empty_text = _("Orders appear here when somebody starts or stops a session from a charge point's page.")
    empty_link = reverse_lazy("admin:registry_chargepoint_changelist")

    @display(description=_("asked"), ordering="id")
    def asked_at(self, command: Command) -> Any:
        """When it was asked for."""
        return moment(command.created_at, zone_of(command.charge_point), seconds=True)

    @display(description=_("order"), ordering="order")
    def words(self, command: Command) -> Any:
        """What it does."""
        return order_words(command.order)

    @display(description=_("by"))
    def by(self, command: Command) -> Any:
        """The person, or the room that asked."""
        return command.requested_by or command.source

    @display(description=_("state"), ordering="state")
    def state_now(self, command: Command) -> SafeString:
        """Its state with its age."""
        return command_badge(command, timezone.now())

    @display(description=_("answer"))
    def answered(self, command: Command) -> Any:
        """What the charge point said."""
        return answer_words(command)

    @display(description=_("took"))
    def took(self, command: Command) -> str:
        """From asking to the answer."""
        return span(command.finished_at - command.created_at) if command.finished_at else ""

    def story(self, request: HttpRequest, obj: Command) -> dict[str, Any]:
        """The order, the frames, the answer."""
        now, zone = timezone.now(), zone_of(obj.charge_point)
        facts = [
            (_("Charge point"), link(object_url(obj.charge_point), obj.charge_point)),
            (_("Order"), order_words(obj.order)),
            (_("Asked by"), obj.requested_by or obj.source),
            (_("Why"), obj.reason),
            (_("Asked"), moment(obj.created_at, zone, seconds=True)),
            (_("Sent"), moment(obj.sent_at, zone, seconds=True)),
            (_("Finished"), moment(obj.finished_at, zone, seconds=True)),
            (_("Valid until"), moment(obj.expires_at, zone, seconds=True)),
            (_("Attempts"), attempts_words(obj)),
            (_("Next attempt"), moment(obj.not_before, zone, seconds=True) if obj.not_before else ""),
            (_("Part of"), _bulk(obj) or _first(obj)),
            (_("Repeats"), link(object_url(obj.retry_of), obj.retry_of.uid) if obj.retry_of else ""),
            (_("Message"), code(f"{obj.action} {obj.message_id}".strip()) if obj.message_id else ""),
            (_("Trouble"), obj.error),
        ]
        parts = [_part_card(obj)] if obj.whole else []
        return {
            "topics": f"command:{obj.pk}",
            "title": f"{order_words(obj.order)} · {obj.charge_point}",
            "state_badge": command_badge(obj, now),
            "cards": [
                {"key": "facts", "title": _("Order"), "width": "em-w6", "facts": facts},
                *parts,
                {"key": "params", "title": _("Parameters"), "width": "em-w6", "body": pretty(obj.params)},
                {"key": "request", "title": _("Request"), "width": "em-w6", "body": pretty(obj.request)},
                {"key": "answer", "title": _("Answer"), "width": "em-w6", "body": pretty(obj.answer)},
            ],
        }


def attempts_words(command: Command) -> str:
    """How often it was sent, of how many times it may be."""
    if command.max_attempts <= 1:
        return str(command.attempts)
    return _t("{done} of {most}").format(done=command.attempts, most=command.max_attempts)


def _bulk(command: Command) -> Any:
    target = BulkTarget.objects.filter(command=command).select_related("bulk").first()
    return link(object_url(target.bulk), _t("a bulk command")) if target else ""


def _first(command: Command) -> Any:
    """The order of several messages that it belongs to."""
    first = command.part_of
    return link(object_url(first), first) if first else ""


def _part_card(command: Command) -> dict[str, Any]:
    """The messages of an order that takes several, each with its own state."""
    columns = [_("Message"), _("State"), _("Trouble")]
    rows = [
        [
            (columns[0], link(object_url(each), f"{number} · {each}")),
            (columns[1], each.get_state_display()),
            (columns[2], each.error),
        ]
        for number, each in enumerate(commands_of(command)[:MOST_PARTS], start=1)
    ]
    title = _("Sent in several messages")
    return {"key": "parts", "title": title, "width": "em-w6", "columns": columns, "rows": rows, "empty": ""}
