"""Tokens of partners' drivers, and the id token by which charge points know each."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse_lazy
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.paginator import InfinitePaginator

from emobility.lib.display import badge, link, masked, moment, pretty
from ocpi.models import ReceivedToken
from registry.admin.actions import object_url
from registry.admin.story import HistoryStoryAdmin
from registry.rights import Right, may

WHY = {
    "uid_taken": _("Another token has this uid already: no charge point takes it."),
    "gone": _("Its provider's list does not show it any more."),
}


@admin.register(ReceivedToken)
class ReceivedTokenAdmin(HistoryStoryAdmin):
    """Partners' tokens, newest first."""

    paginator = InfinitePaginator
    list_display = ("shown_uid", "owner", "partner", "token_type", "state", "received")
    list_filter = ("token_type",)
    list_select_related = ("partner", "organization")
    search_fields = ("=object_key", "party_id", "partner__name")
    ordering = ("-id",)
    empty_text = _("Providers send the tokens of their drivers once they are registered.")
    empty_link = reverse_lazy("admin:ocpi_partner_changelist")

    @display(description=_("uid"))
    def shown_uid(self, row: ReceivedToken) -> str:
        """The end of the uid."""
        return masked(row.object_id)

    @display(description=_("owner"))
    def owner(self, row: ReceivedToken) -> str:
        """Its provider."""
        return f"{row.country_code}-{row.party_id}"

    @display(description=_("state"))
    def state(self, row: ReceivedToken) -> SafeString:
        """Whether charge points take it."""
        if row.problem:
            return badge(_("Not usable"), "bad")
        return badge(_("Valid"), "good") if row.payload.get("valid") else badge(_("Not valid"), "mute")

    @display(description=_("received"), ordering="received_at")
    def received(self, row: ReceivedToken) -> Any:
        """When it came."""
        return moment(row.received_at, row.organization.time_zone, seconds=True)

    def story(self, request: HttpRequest, obj: ReceivedToken) -> dict[str, Any]:
        """The token, what became of it here, its object."""
        whole = may(request.user, Right.OPERATE)
        uid = obj.object_id if whole else masked(obj.object_id)
        facts = [
            (_("Partner"), link(object_url(obj.partner), obj.partner)),
            (_("Owner"), self.owner(obj)),
            (_("Uid"), uid),
            (_("Type"), obj.token_type),
            (_("At charge points"), link(object_url(obj.id_token), uid) if obj.id_token else ""),
            (_("Not usable because"), WHY.get(obj.problem, "")),
            (_("Whitelist"), obj.payload.get("whitelist", "")),
            (_("Received"), self.received(obj)),
        ]
        body = pretty(obj.payload if whole else {**obj.payload, "uid": uid})
        return {
            "title": uid,
            "state_badge": self.state(obj),
            "cards": [{"key": "facts", "facts": facts}, {"title": _("Object"), "body": body}],
        }
