"""Webhook deliveries: what was sent, what came back, each attempt; sent again by hand."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.paginator import InfinitePaginator

from emobility.lib.display import badge, code, keep, link, moment, pretty
from registry.admin.actions import ObjectAction, object_url
from registry.admin.filters import ChoiceFilter
from registry.admin.story import HistoryStoryAdmin
from registry.models import WebhookDelivery
from registry.models.webhook import WebhookState
from registry.rights import Right
from registry.services.webhook_deliveries import delivery_resend
from registry.services.webhook_requests import event_body

TONES = {WebhookState.WAITING: "info", WebhookState.DELIVERED: "good", WebhookState.DEAD: "bad"}


def delivery_badge(delivery: WebhookDelivery) -> SafeString:
    """State with its age; one that was tried in vain says so."""
    state = WebhookState(delivery.state)
    since = delivery.delivered_at or delivery.created_at
    in_vain = state == WebhookState.WAITING and delivery.attempts and delivery.last_error
    word = _("Tried in vain") if in_vain else state.label.capitalize()
    return badge(word, "warn" if in_vain else TONES[state], since, timezone.now())


class StateFilter(ChoiceFilter):
    """By what became of it."""

    title, parameter_name = _("state"), "state"
    options = WebhookState.choices


def _resend(request: HttpRequest, obj: WebhookDelivery, values: dict[str, Any]) -> str:
    user: Any = request.user
    delivery_resend(delivery=obj, actor=user, now=timezone.now())
    return _t("It is on its way.")


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(HistoryStoryAdmin):
    """Deliveries, newest first."""

    paginator = InfinitePaginator
    list_display = ("what", "charge_point", "endpoint", "state_now", "attempts", "answer", "next_try")
    list_filter = (StateFilter,)
    list_select_related = ("endpoint__organization", "event__charge_point")
    search_fields = ("event__kind", "event__subject", "event__charge_point__cp_id", "endpoint__name")
    ordering = ("-id",)
    empty_text = _("What webhooks sent, or are to send, appears here.")
    object_actions = (
        ObjectAction(
            slug="resend",
            label=_("Send again"),
            explain=_("Sends the event once more, with the same id."),
            right=Right.MANAGE,
            run=_resend,
            icon="replay",
        ),
    )

    @display(description=_("event"), ordering="id")
    def what(self, delivery: WebhookDelivery) -> Any:
        """Kind and subject."""
        return keep(f"{delivery.event.kind} {delivery.event.subject}")

    @display(description=_("charge point"))
    def charge_point(self, delivery: WebhookDelivery) -> str:
        """Its id."""
        return delivery.event.charge_point.cp_id if delivery.event.charge_point else ""

    @display(description=_("state"), ordering="state")
    def state_now(self, delivery: WebhookDelivery) -> SafeString:
        """With its age."""
        return delivery_badge(delivery)

    @display(description=_("answer"))
    def answer(self, delivery: WebhookDelivery) -> Any:
        """The status, or what went wrong."""
        return keep(delivery.last_error or delivery.last_status or "")

    @display(description=_("next attempt"), ordering="next_attempt_at")
    def next_try(self, delivery: WebhookDelivery) -> Any:
        """When it is tried again."""
        if delivery.state != WebhookState.WAITING:
            return ""
        return moment(delivery.next_attempt_at, delivery.endpoint.organization.time_zone, seconds=True)

    def story(self, request: HttpRequest, obj: WebhookDelivery) -> dict[str, Any]:
        """To whom, what was sent, what came back."""
        zone = obj.endpoint.organization.time_zone
        facts = [
            (_("Webhook"), link(object_url(obj.endpoint), obj.endpoint)),
            (_("Event"), link(object_url(obj.event), self.what(obj))),
            (_("webhook-id"), code(obj.event.uid)),
            (_("Attempts"), str(obj.attempts)),
            (_("Next attempt"), self.next_try(obj)),
            (_("Delivered"), moment(obj.delivered_at, zone, seconds=True)),
            (_("Last error"), obj.last_error),
        ]
        body = {"title": _("Request"), "width": "em-w6", "body": pretty(event_body(obj.event))}
        head = {"title": _("Delivery"), "width": "em-w6", "facts": facts}
        return {
            "title": f"{obj.event.kind} {obj.event.subject}",
            "state_badge": delivery_badge(obj),
            "cards": [head, body, _log(obj)],
        }


def _log(obj: WebhookDelivery) -> dict[str, Any]:
    zone = obj.endpoint.organization.time_zone
    rows = [
        [
            (_("Time"), moment(row.at, zone, seconds=True)),
            (_("Status"), row.status or ""),
            (_("Took"), f"{row.duration_ms} ms"),
            (_("Error"), row.error),
            (_("Answer"), keep(row.excerpt[:200])),
        ]
        for row in obj.log.all()[:30]
    ]
    return {
        "title": _("Attempts"),
        "columns": [_("Time"), _("Status"), _("Took"), _("Error"), _("Answer")],
        "rows": rows,
        "empty": _("Not tried yet."),
    }
