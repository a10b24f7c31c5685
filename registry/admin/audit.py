"""The audit trail: who did what, before and after, from where."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.paginator import InfinitePaginator

from emobility.lib.display import moment, pretty
from registry.admin.exporting import ExportingAdmin
from registry.admin.story import HistoryStoryAdmin
from registry.models import AuditEntry


@admin.register(AuditEntry)
class AuditEntryAdmin(ExportingAdmin, HistoryStoryAdmin):
    """Acts, newest first; nobody changes them."""

    export_name = "audit"
    paginator = InfinitePaginator
    list_display = ("time", "actor", "action", "object_type", "object_id", "remote_address")
    list_select_related = ("organization",)
    search_fields = ("actor", "action", "object_id")

    @display(description=_("time"), ordering="id")
    def time(self, entry: AuditEntry) -> Any:
        """When it was done."""
        return moment(entry.at, _zone(entry), seconds=True)

    def story(self, request: HttpRequest, obj: AuditEntry) -> dict[str, Any]:
        """The act, with what was there before and after."""
        facts = [
            (_("Time"), moment(obj.at, _zone(obj), seconds=True)),
            (_("Who"), obj.actor),
            (_("What"), obj.action),
            (_("Object"), f"{obj.object_type} {obj.object_id}"),
            (_("From"), obj.remote_address),
        ]
        return {
            "cards": [
                {"facts": facts},
                {"title": _("Before"), "body": pretty(obj.before)},
                {"title": _("After"), "body": pretty(obj.after)},
            ]
        }


def _zone(entry: AuditEntry) -> str:
    return entry.organization.time_zone if entry.organization else "UTC"
