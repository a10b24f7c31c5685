"""The outbox: what each partner must get, and whether it did."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.paginator import InfinitePaginator

from emobility.lib.display import badge, code, link, moment
from ocpi.models import Delivery
from ocpi.models.delivery import DeliveryState
from ocpi.models.partner import PartnerStatus
from ocpi.services.outbox import delivery_retry
from ocpi.tasks import poke
from registry.admin.actions import ObjectAction, object_url
from registry.admin.filters import ChoiceFilter
from registry.admin.story import HistoryStoryAdmin
from registry.rights import Right

TONES = {DeliveryState.WAITING: "info", DeliveryState.DELIVERED: "good", DeliveryState.DEAD: "bad"}


def delivery_badge(delivery: Delivery) -> SafeString:
    """State with its age."""
    state = DeliveryState(delivery.state)
    since = delivery.delivered_at or delivery.created_at
    return badge(state.label.capitalize(), TONES[state], since, timezone.now())


class DeliveryStateFilter(ChoiceFilter):
    """By what became of it."""

    title, parameter_name = _("state"), "state"
    options = DeliveryState.choices


class ModuleFilter(ChoiceFilter):
    """By OCPI module."""

    title, parameter_name = _("module"), "module"
    options = tuple(
        (name, name)
        for name in (
            "locations",
            "sessions",
            "reservations",
            "cdrs",
            "tariffs",
            "tokens",
            "commands",
            "chargingprofiles",
        )
    )


def _retry(request: HttpRequest, obj: Delivery, values: dict[str, Any]) -> str:
    delivery_retry(delivery=obj, now=timezone.now())
    poke(obj.partner_id)
    return _t("It is sent again now.")


def _retry_hindrance(obj: Delivery) -> str:
    if obj.state == DeliveryState.DELIVERED:
        return _t("The partner has it.")
    active = obj.partner.status == PartnerStatus.ACTIVE
    return "" if active else _t("The partner is not active: resume it, or register it anew.")


@admin.register(Delivery)
class DeliveryAdmin(HistoryStoryAdmin):
    """Deliveries, newest first."""

    paginator = InfinitePaginator
    list_display = ("what", "partner", "state_now", "attempts", "next_try", "last_error")
    list_filter = (DeliveryStateFilter, ModuleFilter)
    list_select_related = ("partner__organization",)
    search_fields = ("object_id", "partner__country_code", "partner__party_id", "partner__name")
    ordering = ("-id",)
    object_actions = (
        ObjectAction(
            slug="retry",
            label=_("Send now"),
            explain=_("Sends it at once, as if for the first time: same id, same content."),
            right=Right.MANAGE,
            run=_retry,
            hindrance=_retry_hindrance,
            icon="send",
        ),
    )
    empty_text = _("Sessions and CDRs of a partner's drivers appear here on their way to the partner.")

    @display(description=_("object"), ordering="id")
    def what(self, delivery: Delivery) -> str:
        """Module and id."""
        return f"{delivery.module} {delivery.object_id}"

    @display(description=_("state"), ordering="state")
    def state_now(self, delivery: Delivery) -> SafeString:
        """With its age."""
        return delivery_badge(delivery)

    @display(description=_("next attempt"), ordering="next_attempt_at")
    def next_try(self, delivery: Delivery) -> Any:
        """When it is tried again."""
        if delivery.state != DeliveryState.WAITING:
            return ""
        return moment(delivery.next_attempt_at, delivery.partner.organization.time_zone, seconds=True)

    def story(self, request: HttpRequest, obj: Delivery) -> dict[str, Any]:
        """What, to whom, how often."""
        zone = obj.partner.organization.time_zone
        facts = [
            (_("Partner"), link(object_url(obj.partner), obj.partner)),
            (_("Object"), self.what(obj)),
            (_("Revision"), obj.revision),
            (_("Changed"), moment(obj.source_at, zone, seconds=True)),
            (_("Attempts"), str(obj.attempts)),
            (_("May have arrived"), _("yes") if obj.uncertain else _("no")),
            (_("Delivered"), moment(obj.delivered_at, zone, seconds=True)),
            (_("At the partner"), code(obj.remote_url) if obj.remote_url else ""),
            (_("Last error"), obj.last_error),
        ]
        return {"state_badge": delivery_badge(obj), "cards": [{"facts": facts}]}
