"""Webhooks: made here, secret shown once; how each is doing, what waits, what was given up."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse, reverse_lazy
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from emobility.lib.display import age, keep, link, moment
from registry.admin.actions import ObjectAction, Secret, object_url
from registry.admin.filters import OrganizationFilter
from registry.admin.making import Making, MakingAdmin
from registry.admin.story import HistoryStoryAdmin
from registry.admin.webhook_deliveries import delivery_badge
from registry.admin.webhook_forms import ReplayForm, WebhookChangeForm, WebhookForm
from registry.admin.webhook_health import health_badge, with_health
from registry.models import WebhookDelivery, WebhookEndpoint
from registry.rights import Right
from registry.services.webhook_endpoints import (
    Made,
    webhook_change,
    webhook_create,
    webhook_delete,
    webhook_replay,
    webhook_resume,
    webhook_rotate,
    webhook_test,
)

ROWS = 12
USAGE = _("The receiver checks each request with it (Standard Webhooks); docs/events.md shows how.")


def _secret(made: Made) -> Secret:
    return Secret(_t("Secret of the webhook"), made.secret, {_t("For"): made.endpoint.name}, str(USAGE))


def _create(request: HttpRequest, form: Any) -> Secret:
    user: Any = request.user
    organization = form.cleaned_data.get("organization") or user.organization
    return _secret(
        webhook_create(organization=organization, wish=form.wish(), actor=user, now=timezone.now())
    )


def _test(request: HttpRequest, obj: WebhookEndpoint, values: dict[str, Any]) -> HttpResponse:
    user: Any = request.user
    event = webhook_test(endpoint=obj, actor=user, now=timezone.now())
    return HttpResponseRedirect(object_url(WebhookDelivery.objects.get(endpoint=obj, event=event)))


def _change(request: HttpRequest, obj: WebhookEndpoint, values: dict[str, Any]) -> str:
    user: Any = request.user
    webhook_change(endpoint=obj, wish=values["wish"], actor=user, now=timezone.now())
    return _t("The webhook is changed.")


class _Change(WebhookChangeForm):
    """The change as one value."""

    def __init__(self, data: Any, request: Any, obj: Any) -> None:
        super().__init__(data, request.user, obj)

    def clean(self) -> dict[str, Any]:
        """With what was written as a whole."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        return given if self.errors else {**given, "wish": self.wish()}


def _untestable(obj: WebhookEndpoint) -> str:
    return _t("It is switched off or paused.") if obj.paused_at or not obj.is_active else ""


def _rotate(request: HttpRequest, obj: WebhookEndpoint, values: dict[str, Any]) -> Secret:
    user: Any = request.user
    return _secret(webhook_rotate(endpoint=obj, actor=user, now=timezone.now()))


def _replay(request: HttpRequest, obj: WebhookEndpoint, values: dict[str, Any]) -> str:
    user: Any = request.user
    webhook_replay(endpoint=obj, since=values["since"], actor=user, now=timezone.now())
    return _t("The events are on their way.")


def _resume(request: HttpRequest, obj: WebhookEndpoint, values: dict[str, Any]) -> str:
    user: Any = request.user
    webhook_resume(endpoint=obj, actor=user, now=timezone.now())
    return _t("The webhook goes on where the pause began.")


def _delete(request: HttpRequest, obj: WebhookEndpoint, values: dict[str, Any]) -> HttpResponse:
    user: Any = request.user
    webhook_delete(endpoint=obj, actor=user, now=timezone.now())
    return HttpResponseRedirect(reverse("admin:registry_webhookendpoint_changelist"))


ACTIONS = (
    ObjectAction(
        slug="test",
        label=_("Send a test event"),
        explain=_("Sends an event of the kind webhook.test to this address alone."),
        right=Right.MANAGE,
        run=_test,
        hindrance=_untestable,
        icon="send",
    ),
    ObjectAction(
        slug="change",
        label=_("Change"),
        explain=_("Changes where it is sent and what is wanted."),
        right=Right.MANAGE,
        run=_change,
        form=_Change,
        icon="edit",
    ),
    ObjectAction(
        slug="rotate",
        label=_("New secret"),
        explain=_("Makes a new secret and shows it once. For a day requests carry both signatures."),
        right=Right.MANAGE,
        run=_rotate,
        ask=True,
        icon="autorenew",
    ),
    ObjectAction(
        slug="replay",
        label=_("Replay"),
        explain=_("Sends all events that fit again, from a point in time on."),
        right=Right.MANAGE,
        run=_replay,
        form=ReplayForm,
        ask=True,
        icon="replay",
    ),
    ObjectAction(
        slug="resume",
        label=_("Resume"),
        explain=_("Ends the pause; what waits is sent."),
        right=Right.MANAGE,
        run=_resume,
        hindrance=lambda obj: "" if obj.paused_at or obj.paused_until else _t("It is not paused."),
        icon="play_arrow",
    ),
    ObjectAction(
        slug="delete",
        label=_("Delete"),
        explain=_("Deletes the webhook and its deliveries. The event log stays."),
        right=Right.MANAGE,
        run=_delete,
        ask=True,
        danger=True,
        icon="delete",
    ),
)


@admin.register(WebhookEndpoint)
class WebhookEndpointAdmin(MakingAdmin, HistoryStoryAdmin):
    """Endpoints with their health."""

    object_actions = ACTIONS
    list_display = ("name", "address", "wanted", "health", "success", "waiting_now", "dead_now")
    list_filter = (OrganizationFilter,)
    list_select_related = ("organization",)
    search_fields = ("name", "url")
    empty_text = _("A webhook tells another system of sessions, states, alarms and more as they happen.")
    empty_link = reverse_lazy("admin:registry_webhookendpoint_add")
    making = Making(
        label=_("Add a webhook"),
        explain=_("Sends signed events to an address of yours, from now on."),
        right=Right.MANAGE,
        refusal=_("Your role may not manage webhooks."),
        form=WebhookForm,
        run=_create,
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """With what waits and what was given up."""
        return with_health(super().get_queryset(request))

    @display(description=_("address"))
    def address(self, endpoint: WebhookEndpoint) -> Any:
        """Without its query: a key may stand there."""
        return keep(endpoint.url.partition("?")[0])

    @display(description=_("kinds"))
    def wanted(self, endpoint: WebhookEndpoint) -> Any:
        """The patterns."""
        return keep(", ".join(endpoint.kinds))

    @display(description=_("state"))
    def health(self, endpoint: WebhookEndpoint) -> SafeString:
        """Well, or what is wrong with it, with its age."""
        return health_badge(endpoint, timezone.now())

    @display(description=_("last success"), ordering="last_success_at")
    def success(self, endpoint: WebhookEndpoint) -> Any:
        """How long ago."""
        return age(endpoint.last_success_at, timezone.now())

    @display(description=_("waiting"))
    def waiting_now(self, endpoint: Any) -> Any:
        """How many, and which."""
        return link(_deliveries(endpoint, "waiting"), endpoint.waiting) if endpoint.waiting else "0"

    @display(description=_("given up"))
    def dead_now(self, endpoint: Any) -> Any:
        """How many, and which."""
        return link(_deliveries(endpoint, "dead"), endpoint.dead) if endpoint.dead else "0"

    def story(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        """What it is, how it does, what was sent."""
        return {"state_badge": self.health(obj), "cards": [_facts(obj, self), _places(obj), _sent(obj)]}


def _deliveries(endpoint: WebhookEndpoint, state: str = "") -> str:
    address = f"{reverse('admin:registry_webhookdelivery_changelist')}?endpoint__id__exact={endpoint.pk}"
    return f"{address}&state={state}" if state else address


def _facts(obj: Any, page: WebhookEndpointAdmin) -> dict[str, Any]:
    zone = obj.organization.time_zone
    facts = [
        (_("Address"), page.address(obj)),
        (_("Kinds"), ", ".join(obj.kinds)),
        (_("Own headers"), _("yes") if obj.headers else _("no")),
        (_("Last success"), age(obj.last_success_at, timezone.now())),
        (_("Last error"), obj.last_error),
        (_("Failures in a row"), str(obj.failures)),
        (_("Left alone until"), moment(obj.paused_until, zone, seconds=True)),
        (_("Reason of the pause"), obj.pause_reason),
        (_("Old secret good until"), moment(obj.previous_until, zone)),
        (_("Waiting"), page.waiting_now(obj)),
        (_("Given up"), page.dead_now(obj)),
    ]
    return {"title": _("Webhook"), "width": "em-w6", "facts": facts}


def _places(obj: WebhookEndpoint) -> dict[str, Any]:
    rows = [
        [(_("Kind"), words), (_("Name"), link(object_url(row), row))]
        for words, found in (
            (_("Site"), obj.sites.all()[:ROWS]),
            (_("Group"), obj.groups.all()[:ROWS]),
            (_("Charge point"), obj.charge_points.all()[:ROWS]),
        )
        for row in found
    ]
    return {
        "title": _("Only of"),
        "width": "em-w6",
        "columns": [_("Kind"), _("Name")],
        "rows": rows,
        "empty": _("No limit: events of all charge points, and of the organisation itself."),
    }


def _sent(obj: WebhookEndpoint) -> dict[str, Any]:
    found = WebhookDelivery.objects.filter(endpoint=obj).select_related("event__charge_point")[:ROWS]
    rows = [
        [
            (_("Event"), link(object_url(row), keep(f"{row.event.kind} {row.event.subject}"))),
            (_("Charge point"), row.event.charge_point or ""),
            (_("State"), delivery_badge(row)),
            (_("Answer"), row.last_status or row.last_error),
        ]
        for row in found
    ]
    return {
        "title": _("Sent"),
        "columns": [_("Event"), _("Charge point"), _("State"), _("Answer")],
        "rows": rows,
        "more": _deliveries(obj),
        "empty": _("Nothing yet. Send a test event."),
    }
