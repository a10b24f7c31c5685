"""The message log: every frame, with its answer beside it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RangeDateTimeFilter, TextFilter
from unfold.decorators import display
from unfold.paginator import InfinitePaginator

from central.admin.filters import CommandSiteFilter, DirectionFilter, MessageErrorFilter, MessageTimeFilter
from central.models import Message
from central.models.message import Direction, MessageKind
from central.ocpp.catalog import VERSIONS, known_actions
from central.selectors.messages import messages_with_text
from central.selectors.overview import zone_of
from emobility.lib.display import badge, code, link, moment, pretty
from registry.admin.actions import object_url
from registry.admin.exporting import ExportingAdmin
from registry.admin.filters import ChoiceFilter
from registry.admin.story import HistoryStoryAdmin

MOST_TWINS = 5


class ActionFilter(ChoiceFilter):
    """By action."""

    title, parameter_name = _("action"), "action"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterator[tuple[str, str]]:
        """Every action that OCPP knows."""
        yield from ((name, name) for name in sorted(set().union(*map(known_actions, VERSIONS))))


class MomentFilter(RangeDateTimeFilter):
    """By time (UTC), from a moment up to another one."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.title = _("time (UTC)")

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Rows between; what is no time limits nothing."""
        for edge, comparison in (("from", "gte"), ("to", "lt")):
            day, clock = (str(self.used_parameters.get(f"at_{edge}_{part}") or "") for part in (0, 1))
            moment = _moment(day, clock or "00:00")
            if moment is not None:
                queryset = queryset.filter(**{f"at__{comparison}": moment})
        return queryset


class PayloadFilter(TextFilter):
    """By text in the payload, among the newest messages that the other filters leave."""

    title, parameter_name = _("text in the newest payloads"), "text"

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Rows with the text."""
        return messages_with_text(queryset, str(self.value() or ""))


@admin.register(Message)
class MessageAdmin(ExportingAdmin, HistoryStoryAdmin):
    """Frames, newest first, secrets masked."""

    export_name = "messages"
    organization_column = False
    change_list_template = "admin/live_list.html"
    list_live_topics = "messages"
    paginator = InfinitePaginator
    list_display = ("time", "charge_point", "who", "what", "kind_word", "error", "bytes", "latency")
    list_filter = (
        DirectionFilter,
        ActionFilter,
        MessageErrorFilter,
        MessageTimeFilter,
        ("at", MomentFilter),
        CommandSiteFilter,
        PayloadFilter,
    )
    list_select_related = ("charge_point__site", "charge_point__organization")
    search_fields = ("=message_id", "charge_point__cp_id", "=action")
    search_help_text = _("Charge point, action or message id")
    ordering = ("-id",)
    empty_text = _("Everything that charge points and we say to each other appears here.")

    @display(description=_("time"), ordering="id")
    def time(self, message: Message) -> Any:
        """When it was received or sent."""
        return moment(message.at, zone_of(message.charge_point), seconds=True)

    @display(description=_("from"))
    def who(self, message: Message) -> Any:
        """Who spoke."""
        return (
            badge(_("Charge point"), "info") if message.direction == Direction.IN else badge(_("Us"), "mute")
        )

    @display(description=_("action"), ordering="action")
    def what(self, message: Message) -> SafeString:
        """The action, or the id where an answer names none."""
        return code(message.action or message.message_id)

    @display(description=_("kind"))
    def kind_word(self, message: Message) -> Any:
        """Request, answer or error."""
        return MessageKind(message.kind).label

    @display(description=_("error"))
    def error(self, message: Message) -> Any:
        """The error code, if it is one."""
        return badge(message.error_code, "bad") if message.error_code else ""

    @display(description=_("size"))
    def bytes(self, message: Message) -> str:
        """Its length."""
        return f"{message.size} B"

    @display(description=_("answered after"))
    def latency(self, message: Message) -> str:
        """How long the answer took."""
        return "" if message.latency_ms is None else f"{message.latency_ms} ms"

    def story(self, request: HttpRequest, obj: Message) -> dict[str, Any]:
        """The frame and what belongs to it."""
        zone = zone_of(obj.charge_point)
        facts = [
            (_("Charge point"), link(object_url(obj.charge_point), obj.charge_point)),
            (_("Time"), moment(obj.at, zone, seconds=True)),
            (_("From"), self.who(obj)),
            (_("Kind"), MessageKind(obj.kind).label),
            (_("Action"), code(obj.action)),
            (_("Message id"), code(obj.message_id)),
            (_("Size"), self.bytes(obj)),
            (_("Answered after"), self.latency(obj)),
            (_("Error"), self.error(obj)),
        ]
        frames = [{"key": "frame", "title": _("Payload"), "width": "em-w6", "body": pretty(obj.payload)}]
        twins = self._twins(obj)
        frames += [_twin(twin, zone) for twin in twins]
        return {
            "title": f"{obj.action or obj.message_id} · {obj.charge_point}",
            "cards": [{"key": "facts", "title": _("Message"), "facts": facts}, *frames],
        }

    def _twins(self, obj: Message) -> list[Message]:
        """The answer of a request, the request of an answer."""
        if not obj.message_id:
            return []
        others = Message.objects.filter(charge_point_id=obj.charge_point_id, message_id=obj.message_id)
        same = others.filter(connection_id=obj.connection_id).exclude(pk=obj.pk)
        return list(same.order_by("id")[:MOST_TWINS])


def _moment(day: str, clock: str) -> datetime | None:
    try:
        return datetime.fromisoformat(f"{day} {clock}").replace(tzinfo=UTC)
    except ValueError:
        return None


def _twin(twin: Message, zone: str) -> dict[str, Any]:
    return {
        "key": f"twin-{twin.pk}",
        "title": MessageKind(twin.kind).label.capitalize(),
        "width": "em-w6",
        "state": moment(twin.at, zone, seconds=True),
        "more": object_url(twin),
        "more_text": _("Open"),
        "body": pretty(twin.payload),
    }
