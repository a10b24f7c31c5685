"""What providers of partners' tokens said when they were asked, or by an order."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from central.admin.history import PlacedHistoryAdmin
from central.models import ProviderAnswer
from central.selectors.overview import zone_of
from emobility.lib.display import badge, code, link, masked, moment
from registry.admin.actions import object_url
from registry.rights import Right, may


@admin.register(ProviderAnswer)
class ProviderAnswerAdmin(PlacedHistoryAdmin):
    """The latest answer for each token and place."""

    list_display = ("time", "charge_point", "said", "reference", "how")
    list_select_related = ("charge_point__site", "charge_point__organization", "id_token")
    search_fields = ("charge_point__cp_id", "=reference", "=id_token__uid_key")
    empty_text = _("Providers are asked about tokens of roaming partners, where they want to be.")

    @display(description=_("answer"))
    def said(self, row: ProviderAnswer) -> Any:
        """OCPP's word with its age."""
        return badge(row.status, "good" if row.status == "Accepted" else "bad", row.at, timezone.now())

    @display(description=_("how"))
    def how(self, row: ProviderAnswer) -> Any:
        """By a question of ours or an order of theirs."""
        return _("by an order") if row.by_order else _("asked")

    def story(self, request: HttpRequest, obj: ProviderAnswer) -> dict[str, Any]:
        """Who said what of which token, and how long it counts."""
        zone = zone_of(obj.charge_point)
        uid = obj.id_token.uid if may(request.user, Right.OPERATE) else masked(obj.id_token.uid)
        facts = [
            (_("Token"), link(object_url(obj.id_token), uid)),
            (_("Charge point"), link(object_url(obj.charge_point), obj.charge_point)),
            (_("Provider's word"), code(obj.word)),
            (_("How"), self.how(obj)),
            (_("Reference"), obj.reference),
            (_("Message to the driver"), obj.message),
            (_("Told"), moment(obj.at, zone, seconds=True)),
            (_("Good until"), moment(obj.good_until, zone, seconds=True)),
        ]
        title = f"{uid} · {obj.charge_point}"
        return {"title": title, "state_badge": self.said(obj), "cards": [{"facts": facts}]}
