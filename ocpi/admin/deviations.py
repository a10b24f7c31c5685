"""Deviations: what partners do beside the specification."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse_lazy
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from emobility.lib.display import badge, link, moment
from ocpi.models import Deviation
from ocpi.models.deviation import Sloppiness
from registry.admin.actions import object_url
from registry.admin.filters import ChoiceFilter
from registry.admin.story import HistoryStoryAdmin


class KindFilter(ChoiceFilter):
    """By kind."""

    title, parameter_name, field = _("kind"), "kind", "kind"
    options = Sloppiness.choices


@admin.register(Deviation)
class DeviationAdmin(HistoryStoryAdmin):
    """One row for each kind and partner, the latest first."""

    list_display = ("partner", "kind", "verdict", "detail", "count", "seen")
    list_filter = (KindFilter,)
    list_select_related = ("partner__organization",)
    search_fields = ("partner__name", "partner__party_id", "detail")
    ordering = ("-last_seen_at",)
    empty_text = _("Partners that keep to the specification leave nothing here.")
    empty_link = reverse_lazy("admin:ocpi_partner_changelist")

    @display(description=_("verdict"))
    def verdict(self, row: Deviation) -> SafeString:
        """Whether it was let pass."""
        return badge(_("Tolerated"), "mute") if row.tolerated else badge(_("Refused"), "bad")

    @display(description=_("last seen at"), ordering="last_seen_at")
    def seen(self, row: Deviation) -> Any:
        """When it happened last."""
        return moment(row.last_seen_at, row.partner.organization.time_zone, seconds=True)

    def story(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        """What, of whom, how often."""
        zone = obj.partner.organization.time_zone
        facts = [
            (_("Partner"), link(object_url(obj.partner), obj.partner)),
            (_("Kind"), obj.get_kind_display()),
            (_("Verdict"), self.verdict(obj)),
            (_("Last seen"), obj.detail),
            (_("Minutes in which it was seen"), str(obj.count)),
            (_("First seen"), moment(obj.first_seen_at, zone)),
            (_("Last seen at"), moment(obj.last_seen_at, zone)),
        ]
        return {"cards": [{"facts": facts}]}
