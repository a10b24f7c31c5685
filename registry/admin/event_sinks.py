"""Sinks of the event log (Redis stream, MQTT): how far each is, for those who run the platform."""

from typing import Any

from django.contrib import admin
from django.db.models import F, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Greatest
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from emobility.lib.display import age, badge, moment
from registry.admin.story import HistoryStoryAdmin
from registry.models import Event, EventReader
from registry.models.event import ROUND, SEQUENCE
from registry.selectors.event_sinks import sinks_set

NAMES = {"redis": _("Redis stream"), "mqtt": _("MQTT")}


@admin.register(EventReader)
class EventSinkAdmin(HistoryStoryAdmin):
    """One row for each sink that was ever set."""

    list_display = ("sink", "state", "events_behind", "oldest", "success", "last_error")
    ordering = ("name",)
    empty_text = _("EVENTS_REDIS_STREAM or MQTT_URL sets a sink; webhooks have a page of their own.")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """With how many events each is behind, and since when."""
        newest = EventReader.objects.filter(name=SEQUENCE).values("position")
        following = Event.objects.filter(position__gt=OuterRef("position")).order_by("position")
        rows: QuerySet[Any] = super().get_queryset(request).exclude(name__in=(SEQUENCE, ROUND))
        return rows.annotate(
            behind=Greatest(Coalesce(Subquery(newest), Value(0)) - F("position"), Value(0)),
            oldest_at=Subquery(following.values("at")[:1]),
        )

    @display(description=_("sink"), ordering="name")
    def sink(self, reader: EventReader) -> Any:
        """What it is."""
        return NAMES.get(reader.name, reader.name)

    @display(description=_("state"))
    def state(self, reader: Any) -> SafeString:
        """Off, failing since its last success, behind, well."""
        now = timezone.now()
        if reader.name not in sinks_set():
            return badge(_("Off"), "mute")
        if reader.failures:
            return badge(_("Failing"), "bad", reader.last_success_at, now)
        if reader.behind:
            return badge(_("Behind"), "info", reader.oldest_at, now)
        return badge(_("Well"), "good")

    @display(description=_("events behind"))
    def events_behind(self, reader: Any) -> str:
        """How many events it has yet to publish."""
        return f"{reader.behind:,}"

    @display(description=_("oldest of them"))
    def oldest(self, reader: Any) -> Any:
        """How old the next one is."""
        return age(reader.oldest_at, timezone.now())

    @display(description=_("last success"), ordering="last_success_at")
    def success(self, reader: EventReader) -> Any:
        """How long ago."""
        return age(reader.last_success_at, timezone.now())

    def story(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        """How far it is, and what went wrong."""
        facts = [
            (_("Published up to"), str(obj.position)),
            (_("Events behind"), self.events_behind(obj)),
            (_("Oldest of them"), self.oldest(obj)),
            (_("Last success"), self.success(obj)),
            (_("Failures in a row"), str(obj.failures)),
            (_("Left alone until"), moment(obj.paused_until, seconds=True)),
            (_("Last error"), obj.last_error),
        ]
        return {
            "title": self.sink(obj),
            "state_badge": self.state(obj),
            "cards": [{"title": _("Sink"), "facts": facts}],
        }
