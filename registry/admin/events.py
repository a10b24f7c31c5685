"""The event log: every fact, as it was written."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.paginator import InfinitePaginator

from emobility.lib.display import moment, pretty
from registry.admin.story import HistoryStoryAdmin
from registry.models import Event


@admin.register(Event)
class EventAdmin(HistoryStoryAdmin):
    """Events, newest first."""

    paginator = InfinitePaginator
    list_display = ("time", "kind", "subject", "charge_point")
    list_select_related = ("charge_point", "organization")
    search_fields = ("kind", "subject", "charge_point__cp_id")
    date_hierarchy = None

    @display(description=_("time"), ordering="id")
    def time(self, event: Event) -> Any:
        """When it happened."""
        return moment(event.at, event.organization.time_zone, seconds=True)

    def story(self, request: HttpRequest, obj: Event) -> dict[str, Any]:
        """The event and its data."""
        zone = obj.organization.time_zone
        facts = [
            (_("Time"), moment(obj.at, zone, seconds=True)),
            (_("Kind"), obj.kind),
            (_("Subject"), obj.subject),
            (_("Charge point"), obj.charge_point or ""),
        ]
        return {"cards": [{"facts": facts}, {"title": _("Data"), "body": pretty(obj.data)}]}
